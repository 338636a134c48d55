//! The scripted transport, and layers around any transport.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::support;
use crate::support::contract::{Client, NS};
use crate::support::credentials;
use http::HeaderValue;
use soap_runtime::testing::ScriptedTransport;
use soap_runtime::transport::{BoxFuture, Phase, Request, Response, Transport, TransportError};
use soap_runtime::{Connection, Delivery, ErrorKind};

fn body(text: &str) -> String {
    format!(r#"<GreetResponse xmlns="{NS}"><GreetResult>{text}</GreetResult></GreetResponse>"#)
}

fn connect(network: &ScriptedTransport) -> Connection {
    Connection::builder("https://service.example").transport(network.clone()).build().unwrap()
}

#[tokio::test]
async fn the_script_is_played_in_order_and_requests_are_kept() {
    let network = ScriptedTransport::new()
        .reply(body("Hei"))
        .fault("Server", "a < b", "")
        .respond(503, "text/html", "<html/>")
        .error(TransportError::timed_out(Phase::Reply))
        .error(TransportError::new(Phase::Resolve));
    let client = Client::new(&connect(&network), credentials());
    assert_eq!(client.greet("Kari").await.unwrap(), "Hei");
    let error = client.greet("Kari").await.unwrap_err();
    assert_eq!(error.fault().unwrap().reason(), "a < b");
    assert_eq!(client.greet("Kari").await.unwrap_err().kind(), ErrorKind::Busy);
    assert_eq!(client.greet("Kari").await.unwrap_err().delivery(), Delivery::Unknown);
    assert_eq!(network.left(), 1);
    assert_eq!(client.greet("Kari").await.unwrap_err().delivery(), Delivery::NotSent);
    network.assert_done();

    let requests = network.requests();
    assert_eq!(requests.len(), 5);
    // http in the contract means https.
    assert_eq!(requests[0].url, "https://service.example/Greeter/Greeter.svc");
    assert_eq!(requests[0].header("content-type"), Some("text/xml; charset=utf-8"));
    assert!(requests[0].text().contains("Kari"));
    assert!(!format!("{:?} {network:?}", requests[0]).contains("Kari"));
}

#[tokio::test]
async fn the_double_speaks_the_version_of_the_request() {
    let network = ScriptedTransport::new().reply(body("Hei")).fault("Client", "no", "<why/>");
    let client = Client::soap_12(&connect(&network), credentials());
    assert_eq!(client.greet("Kari").await.unwrap(), "Hei");
    let error = client.greet("Kari").await.unwrap_err();
    assert!(error.to_string().contains("Sender"), "{error}");
    assert!(error.fault().unwrap().detail_xml().unwrap().contains("why"));
}

#[tokio::test]
async fn a_credential_that_is_missing_is_told_before_anything_is_sent() {
    use soap_runtime::generated::v1;
    use support::contract::{GREET, Greet, PORT};

    let network = ScriptedTransport::new();
    let port = v1::Port::new(&connect(&network), &PORT);
    let error = port.request(&GREET, &Greet::default()).call::<String>().await.unwrap_err();
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::Configuration, Delivery::NotSent));
    assert_eq!(error.operation(), Some("Greet"));
}

#[derive(Debug)]
struct Mark {
    inner: Arc<dyn Transport>,
    name: &'static str,
    calls: Arc<AtomicUsize>,
}

impl Transport for Mark {
    fn send(&self, mut request: Request) -> BoxFuture<'_, Result<Response, TransportError>> {
        Box::pin(async move {
            self.calls.fetch_add(1, Ordering::SeqCst);
            request.headers.append("x-mark", HeaderValue::from_static(self.name));
            let mut response = self.inner.send(request).await?;
            response.headers.remove("x-secret");
            Ok(response)
        })
    }
}

#[tokio::test]
async fn layers_see_every_request_the_last_one_first() {
    let network = ScriptedTransport::new().reply(body("Hei")).reply(body("Hei"));
    let calls = Arc::new(AtomicUsize::new(0));
    let layer = |name| {
        let calls = Arc::clone(&calls);
        move |inner| Arc::new(Mark { inner, name, calls }) as Arc<dyn Transport>
    };
    let connection = Connection::builder("https://service.example")
        .transport(network.clone())
        .layer(layer("inner"))
        .layer(layer("outer"))
        .build()
        .unwrap();
    let client = Client::new(&connection, credentials());
    client.greet("Kari").await.unwrap();
    client.clone().greet("Kari").await.unwrap();
    assert_eq!(calls.load(Ordering::SeqCst), 4);
    let marks: Vec<_> = network.requests()[0].headers.get_all("x-mark").iter().cloned().collect();
    assert_eq!(marks, ["outer", "inner"]);
}

#[tokio::test]
async fn a_silent_network_is_given_up_by_dropping_the_call() {
    let network = ScriptedTransport::new().silence();
    let client = Client::new(&connect(&network), credentials());
    let call = tokio::spawn(async move { client.greet("Kari").await });
    while network.requests().is_empty() {
        tokio::task::yield_now().await;
    }
    call.abort();
    assert!(call.await.unwrap_err().is_cancelled());
}

#[test]
fn everything_can_cross_threads() {
    fn assert<T: Send + Sync + Clone>() {}
    assert::<Connection>();
    assert::<Client>();
    assert::<ScriptedTransport>();
}
