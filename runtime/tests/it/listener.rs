//! A listener: what it serves where, in TLS and without, and how it bounds and ends connections.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use crate::support;
use crate::support::contract::{GREET, Greet, PORT};
use crate::support::server::Identity;
use crate::support::{AMPLE, credentials};
use soap_runtime::generated::v1;
use soap_runtime::server::{Context, Listener, Service, ServiceFault};
use soap_runtime::{Connection, Delivery, Error, TlsCertificate};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::Notify;
use tokio::task::JoinHandle;

static MUTUAL: v1::PortDescriptor =
    v1::PortDescriptor::new("Port", "Greeter", "https://published.example/mutual", v1::SoapVersion::Soap11)
        .security(v1::Security::none().client_certificate())
        .transport_binding()
        .operations(&[&GREET]);

/// Greets with the length of the certificate that the caller has shown.
fn greeter(port: &'static v1::PortDescriptor) -> Service {
    let greet = |_: Arc<()>, request: Greet, context: Context| async move {
        let shown = context.certificate().map_or(0, <[u8]>::len);
        Ok::<_, ServiceFault>(format!("{} {shown}", request.name))
    };
    Service::new(port, ()).operation(&GREET, greet).service()
}

/// One whose handler says when it begins, and waits to be told to answer.
fn slow(began: &Arc<Notify>, answers: &Arc<Notify>) -> Service {
    let (began, answers) = (Arc::clone(began), Arc::clone(answers));
    let greet = move |_: Arc<()>, request: Greet, _: Context| {
        let (began, answers) = (Arc::clone(&began), Arc::clone(&answers));
        async move {
            began.notify_one();
            answers.notified().await;
            Ok::<_, ServiceFault>(request.name)
        }
    };
    Service::new(&PORT, ()).operation(&GREET, greet).service()
}

async fn loopback() -> Listener {
    Listener::bind("127.0.0.1:0").await.unwrap()
}

async fn greet(port: &'static v1::PortDescriptor, connection: Connection) -> Result<String, Error> {
    let port = v1::Port::new(&connection, port).credentials(credentials());
    port.request(&GREET, &Greet { name: "Kari".into() }).call().await
}

/// A listener that serves until it is told to end.
struct Serving {
    address: SocketAddr,
    end: Arc<Notify>,
    task: JoinHandle<Result<(), Error>>,
}

impl Serving {
    fn start(listener: Listener) -> Self {
        let (address, end) = (listener.local_addr(), Arc::new(Notify::new()));
        let told = Arc::clone(&end);
        let task = tokio::spawn(listener.serve_until(async move { told.notified().await }));
        Self { address, end, task }
    }

    async fn end(self) {
        self.end.notify_one();
        tokio::time::timeout(AMPLE, self.task).await.unwrap().unwrap().unwrap();
    }

    fn plain(&self) -> Connection {
        Connection::builder(format!("http://{}", self.address)).allow_http_to_loopback(true).build().unwrap()
    }

    /// What it sends on a connection of its own after these octets, until it closes.
    async fn answer(&self, octets: &str) -> String {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        stream.write_all(octets.as_bytes()).await.unwrap();
        let mut answer = String::new();
        tokio::time::timeout(AMPLE, stream.read_to_string(&mut answer)).await.unwrap().unwrap();
        answer
    }
}

fn get(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n")
}

#[tokio::test]
async fn services_are_found_by_their_paths() {
    let listener = loopback().await.mount(greeter(&PORT)).mount_at("elsewhere", greeter(&PORT));
    let address = listener.local_addr();
    let urls: Vec<_> = listener.urls().collect();
    assert_eq!(urls, [format!("http://{address}/Greeter/Greeter.svc"), format!("http://{address}/elsewhere")]);
    let serving = Serving::start(listener);
    assert_eq!(greet(&PORT, serving.plain()).await.unwrap(), "Kari 0");
    assert!(serving.answer(&get("/GREETER/greeter.SVC")).await.contains("This is a SOAP endpoint"));
    assert!(serving.answer(&get("/ELSEWHERE")).await.contains("This is a SOAP endpoint"));
    assert!(serving.answer(&get("/nowhere")).await.starts_with("HTTP/1.1 404"));
    serving.end().await;
}

#[tokio::test]
async fn a_port_that_asks_for_a_certificate_is_called_over_tls() {
    let (server, known, other) = (Identity::new(&["127.0.0.1"]), Identity::new(&["a"]), Identity::new(&["b"]));
    let identity = |of: &Identity| {
        let (chain, key) = of.pem();
        TlsCertificate::from_pem(chain, key).unwrap()
    };
    let accepted = known.certificate();
    let mutual = || {
        let accepted = accepted.clone();
        greeter(&MUTUAL).certificates(move |der| der == accepted)
    };
    let open = Serving::start(loopback().await.tls(identity(&server)).mount(mutual()).mount(greeter(&PORT)));
    let listener = loopback().await.tls(identity(&server)).mount(mutual());
    let closed = Serving::start(listener.client_authorities_pem(&known.root_pem).unwrap());
    for serving in [&open, &closed] {
        let to = || {
            let url = format!("https://{}", serving.address);
            Connection::builder(url).root_certificates_pem(&server.root_pem).connect_timeout(AMPLE)
        };
        let with = |of: &Identity| to().client_certificate(identity(of)).build().unwrap();
        let greeting = greet(&MUTUAL, with(&known)).await.unwrap();
        assert_eq!(greeting, format!("Kari {}", accepted.len()));
        let error = greet(&MUTUAL, with(&other)).await.unwrap_err();
        if std::ptr::eq(serving, &open) {
            // The port refuses it, and another port asks for none.
            assert!(error.fault().unwrap().code().to_string().contains("FailedAuthentication"), "{error:?}");
            assert_eq!(greet(&PORT, to().build().unwrap()).await.unwrap(), "Kari 0");
        } else {
            // TLS refuses it.
            assert!(error.fault().is_none(), "{error:?}");
        }
    }
    open.end().await;
    closed.end().await;
}

/// A call that has reached its handler.
async fn begun(serving: &Serving, began: &Notify) -> JoinHandle<Result<String, Error>> {
    let connection = serving.plain();
    let call = tokio::spawn(async move { greet(&PORT, connection).await });
    began.notified().await;
    call
}

#[tokio::test]
async fn requests_are_finished_before_the_end() {
    let (began, answers) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let serving = Serving::start(loopback().await.mount(slow(&began, &answers)));
    let mut idle = TcpStream::connect(serving.address).await.unwrap();
    let call = begun(&serving, &began).await;
    let address = serving.address;
    let end = tokio::spawn(serving.end());
    // An idle connection ends at once, and no other begins.
    assert_eq!(idle.read(&mut [0]).await.unwrap(), 0);
    assert!(TcpStream::connect(address).await.is_err());
    assert!(!call.is_finished() && !end.is_finished());
    answers.notify_one();
    assert_eq!(call.await.unwrap().unwrap(), "Kari");
    end.await.unwrap();
}

#[tokio::test]
async fn what_is_not_finished_in_time_is_broken_off() {
    let (began, answers) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let serving = Serving::start(loopback().await.grace(Duration::from_millis(50)).mount(slow(&began, &answers)));
    let call = begun(&serving, &began).await;
    serving.end().await;
    assert_eq!(call.await.unwrap().unwrap_err().delivery(), Delivery::Unknown);
    // The handler is dropped with its connection.
    assert_eq!(Arc::strong_count(&began), 1);
}

#[tokio::test]
async fn a_handler_may_be_given_a_limit() {
    let (began, answers) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let service = slow(&began, &answers).handler_timeout(Duration::from_millis(50));
    let serving = Serving::start(loopback().await.mount(service));
    let error = greet(&PORT, serving.plain()).await.unwrap_err();
    assert!(error.fault().is_some_and(|fault| fault.code().to_string().contains("InternalServiceFault")), "{error:?}");
    serving.end().await;
}

#[tokio::test]
async fn callers_who_say_nothing_or_take_nothing_are_left() {
    let short = Duration::from_millis(100);
    let long = || {
        let greet = |_: Arc<()>, _: Greet, _: Context| async { Ok::<_, ServiceFault>("x".repeat(32 << 20)) };
        Service::new(&PORT, ()).operation(&GREET, greet).service()
    };
    let serving = Serving::start(loopback().await.head_timeout(short).write_timeout(short).mount(long()));
    assert_eq!(serving.answer("POST /Greeter/Greeter.svc HTTP/1.1\r\nHost: he").await, "");

    let envelope = support::contract::envelope(&format!(
        "<Greet xmlns='{}'><userName>u</userName><password>p</password><name>K</name></Greet>",
        support::contract::NS
    ));
    let head = format!(
        "POST /Greeter/Greeter.svc HTTP/1.1\r\nHost: here\r\nContent-Type: text/xml\r\nContent-Length: {}\r\n\r\n",
        envelope.len()
    );
    let mut stream = TcpStream::connect(serving.address).await.unwrap();
    stream.write_all(format!("{head}{envelope}").as_bytes()).await.unwrap();
    tokio::time::sleep(10 * short).await;
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    assert!(answer.starts_with(b"HTTP/1.1 200") && answer.len() < 32 << 20, "{} octets", answer.len());
    serving.end().await;
}

#[tokio::test]
async fn connections_beyond_the_limit_wait() {
    let serving = Serving::start(loopback().await.connections(1).mount(greeter(&PORT)));
    let first = TcpStream::connect(serving.address).await.unwrap();
    let call = greet(&PORT, serving.plain());
    let mut call = std::pin::pin!(call);
    assert!(tokio::time::timeout(Duration::from_millis(100), &mut call).await.is_err());
    drop(first);
    assert_eq!(call.await.unwrap(), "Kari 0");
    serving.end().await;
}
