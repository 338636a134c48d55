//! A small call: beside bare reqwest that posts the same bytes, and with each kind of security beside none.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use altinn_soap_generated::receipt::{basic, ec2, types, ws};
use bytes::Bytes;
use soap_runtime::generated::v1;
use soap_runtime::testing::ScriptedTransport;
use soap_runtime::transport::{BoxFuture, Request, Response, Transport, TransportError};
use soap_runtime::{Certificate, Connection, Credentials};

use crate::measure::timed;
use crate::ratio::median;
use crate::server::{Peer, write};

const ROUNDS: usize = 9;
const CALLS: usize = 2000;
const SOAP_ACTION: &str =
    "\"http://www.altinn.no/services/Intermediary/Receipt/2009/10/IReceiptExternalBasic/GetReceiptBasicV2\"";
const SOAP_11: &str = "http://schemas.xmlsoap.org/soap/envelope/";
const SOAP_12: &str = "http://www.w3.org/2003/05/soap-envelope";
const WRAPPERS: &str = "http://www.altinn.no/services/Intermediary/Receipt/2009/10";
const RECEIPTS: &str = "http://schemas.altinn.no/services/Intermediary/Receipt/2015/06";

pub(crate) fn run() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    println!("over loopback, {CALLS} calls in each of {ROUNDS} rounds; CPU is that of the client's thread");
    for tls in [false, true] {
        for callers in [1, 8] {
            runtime.block_on(beside_reqwest(callers, tls));
        }
    }
    println!("in memory: time of a call, the network's double included");
    runtime.block_on(security());
    runtime.block_on(session());
    println!("a session started by all callers at once");
    for callers in [1, 8, 100] {
        runtime.block_on(start(callers));
    }
}

/// A receipt with what most of them have, as the reply of an operation.
fn reply(soap: &str, headers: &str, operation: &str) -> String {
    let reference = r"<b:Reference><b:ReferenceType>EndUserSystemReference</b:ReferenceType><b:ReferenceValue>AR1234567</b:ReferenceValue></b:Reference>";
    format!(
        r#"<s:Envelope xmlns:s="{soap}">{headers}<s:Body><{operation}Response xmlns="{WRAPPERS}"><{operation}Result xmlns:b="{RECEIPTS}"><b:LastChanged>2013-06-01T12:30:00</b:LastChanged><b:ParentReceiptId>0</b:ParentReceiptId><b:ReceiptHistory>Jun  1 2013 12:30PM - OK - Form set received.</b:ReceiptHistory><b:ReceiptId>42</b:ReceiptId><b:ReceiptStatus>OK</b:ReceiptStatus><b:ReceiptText>Form set received.</b:ReceiptText><b:ReceiptType>FormTask</b:ReceiptType><b:References>{}</b:References></{operation}Result></{operation}Response></s:Body></s:Envelope>"#,
        reference.repeat(3)
    )
}

fn search(padding: usize) -> types::ReceiptSearch {
    let reference = |value: String| types::Reference {
        reference_type: types::ReferenceType::EndUserSystemReference,
        reference_value: Some(value),
    };
    types::ReceiptSearch { receipt_id: Some(42), references: vec![reference("x".repeat(padding + 1))] }
}

fn credentials() -> Credentials {
    Credentials::new("1001", "sys<tem")
}

fn is_read(receipt: Option<types::Receipt>) {
    assert_eq!(receipt.expect("a receipt").references.len(), 3);
}

async fn beside_reqwest(callers: usize, tls: bool) {
    let answer = reply(SOAP_11, "", "GetReceiptBasicV2");
    let peer = Peer::start(tls, Arc::new(move |_, stream| write(stream, "text/xml; charset=utf-8", &answer, 0, "")));
    let client = basic::Client::new(&peer.connection(), credentials());
    let (url, bare, message) = (&peer.url, peer.bare_client(), message().await);

    let mut seconds = [const { Vec::new() }; 2];
    let mut cpu = [const { Vec::new() }; 2];
    for round in 0..=ROUNDS {
        let bare = callers_of(callers, {
            let (bare, url, message) = (bare.clone(), url.clone(), message.clone());
            move || {
                let (bare, url, message) =
                    (bare.clone(), format!("{url}/IntermediaryExternal/ReceiptExternalBasic.svc"), message.clone());
                async move {
                    let request = bare.post(url).header("content-type", "text/xml; charset=utf-8");
                    let request = request.header("soapaction", SOAP_ACTION).body(message);
                    request.send().await.expect("an answer").bytes().await.expect("all of it");
                }
            }
        });
        let bare = timed(bare).await;
        let ours = timed(callers_of(callers, {
            let client = client.clone();
            move || {
                let client = client.clone();
                async move { is_read(client.get_receipt_basic_v2(search(0)).await.expect("a reply")) }
            }
        }));
        for (at, (wall, processor)) in [bare, ours.await].into_iter().enumerate() {
            if round > 0 {
                seconds[at].push(wall / CALLS as f64 * 1e6);
                cpu[at].push(processor / CALLS as f64 * 1e6);
            }
        }
    }
    let (seconds, cpu) = (seconds.map(|mut all| median(&mut all)), cpu.map(|mut all| median(&mut all)));
    for (at, name) in ["reqwest, the same bytes", "typed call"].iter().enumerate() {
        println!(
            "  {}, {callers} at once: {name:24} {:>6.1} us   CPU {:>6.1} us   CPU of the first: {:.2}",
            if tls { "TLS  " } else { "plain" },
            seconds[at],
            cpu[at],
            cpu[at] / cpu[0]
        );
    }
}

/// What the typed call sends.
async fn message() -> Bytes {
    let network = ScriptedTransport::new().respond(200, "text/xml", reply(SOAP_11, "", "GetReceiptBasicV2"));
    let connection = Connection::builder("https://localhost").transport(network.clone()).build();
    let client = basic::Client::new(&connection.expect("a connection"), credentials());
    is_read(client.get_receipt_basic_v2(search(0)).await.expect("a reply"));
    network.requests()[0].body.clone()
}

/// So many callers, each with its share of the calls.
async fn callers_of<F: Future<Output = ()> + Send>(callers: usize, call: impl Fn() -> F + Clone + Send + 'static) {
    let tasks: Vec<_> = (0..callers)
        .map(|_| {
            let call = call.clone();
            tokio::spawn(async move {
                for _ in 0..CALLS / callers {
                    call().await;
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.expect("a caller");
    }
}

/// Answers in memory, as a service would. Sessions are the double's.
#[derive(Debug, Default)]
struct Service {
    sessions: ScriptedTransport,
    /// How long an answer takes.
    delay: Duration,
    tokens: AtomicUsize,
    bytes: AtomicUsize,
}

impl Service {
    async fn answer(&self, mut request: Request) -> Result<Response, TransportError> {
        if !self.delay.is_zero() {
            tokio::time::sleep(self.delay).await;
        }
        let body = request.body.collect(1 << 20).await?;
        let text = std::str::from_utf8(&body).expect("a text");
        if text.contains("/RST/SCT</a:Action>") {
            self.tokens.fetch_add(1, Ordering::Relaxed);
            request.body = body.into();
            return self.sessions.send(request).await;
        }
        self.bytes.store(body.len(), Ordering::Relaxed);
        let between = |start: &str, end: &str| {
            text.split_once(start).and_then(|(_, rest)| rest.split_once(end)).map(|(found, _)| found)
        };
        let message_id = between("<a:MessageID>", "</a:MessageID>").expect("a message id");
        let timestamp = match between("<u:Created>", "</u:Timestamp>") {
            Some(times) => format!(
                r#"<o:Security s:mustUnderstand="1" xmlns:o="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd" xmlns:u="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd"><u:Timestamp u:Id="_0"><u:Created>{times}</u:Timestamp></o:Security>"#
            ),
            None => String::new(),
        };
        let headers = format!(
            r#"<s:Header><a:RelatesTo xmlns:a="http://www.w3.org/2005/08/addressing">{message_id}</a:RelatesTo>{timestamp}</s:Header>"#
        );
        let operation = if text.contains("GetReceiptECV2") { "GetReceiptECV2" } else { "GetReceiptV2" };
        let mut response = Response {
            status: http::StatusCode::OK,
            headers: http::HeaderMap::new(),
            body: reply(SOAP_12, &headers, operation).into(),
        };
        response.headers.insert("content-type", http::HeaderValue::from_static("application/soap+xml; charset=utf-8"));
        Ok(response)
    }
}

#[derive(Debug)]
struct To(Arc<Service>);

impl Transport for To {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, TransportError>> {
        Box::pin(self.0.answer(request))
    }
}

fn connect(service: &Arc<Service>) -> Connection {
    Connection::builder("https://localhost").transport(To(Arc::clone(service))).build().expect("a connection")
}

pub(crate) fn certificate() -> Certificate {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/fixtures/security/vectors");
    let file = |name| fs::read(folder.join(name)).expect("a key");
    Certificate::from_pem(file("test-cert.pem"), file("test-key.pem")).expect("a certificate")
}

/// A port, and the operation and request of a small call.
struct Call {
    port: v1::Port,
    operation: &'static v1::Operation,
    request: Box<dyn v1::Slot>,
}

impl Call {
    async fn make(&self) {
        let reply: Option<types::Receipt> =
            self.port.request(self.operation, &*self.request).call().await.expect("a reply");
        is_read(reply);
    }
}

/// The same port without its security.
fn without_security(port: &v1::PortDescriptor) -> &'static v1::PortDescriptor {
    Box::leak(Box::new((*port).security(v1::Security::none())))
}

fn operation(port: &v1::PortDescriptor, name: &str) -> &'static v1::Operation {
    port.operations.iter().find(|operation| operation.name == name).expect("an operation")
}

async fn security() {
    let service = Arc::new(Service::default());
    let connection = connect(&service);
    let ws = |port, padding| Call {
        port: v1::Port::new(&connection, port).credentials(credentials()),
        operation: operation(&ws::PORT, "GetReceiptV2"),
        request: Box::new(ws::GetReceiptV2 { receipt: search(padding) }),
    };
    let ec2 = |port, padding| Call {
        port,
        operation: operation(&ec2::PORT, "GetReceiptECV2"),
        request: Box::new(ec2::GetReceiptECV2 { receipt: search(padding) }),
    };
    let open = |port| v1::Port::new(&connection, without_security(port)).credentials(credentials());
    let secured = v1::Port::new(&connection, &ec2::PORT).certificate(certificate()).credentials(credentials());

    // With padding the unsecured message is as long as the other.
    let mut lengths = Vec::new();
    for call in
        [ws(&ws::PORT, 0), ws(without_security(&ws::PORT), 0), ec2(secured.clone(), 0), ec2(open(&ec2::PORT), 0)]
    {
        call.make().await;
        lengths.push(service.bytes.load(Ordering::Relaxed));
    }
    let (for_ws, for_ec2) = (lengths[0] - lengths[1], lengths[2] - lengths[3]);
    let pairs = [
        ("UsernameToken", ws(&ws::PORT, 0), ws(without_security(&ws::PORT), for_ws)),
        ("SecureConversation", ec2(secured, 0), ec2(open(&ec2::PORT), for_ec2)),
    ];
    for (name, with, without) in pairs {
        let mut micros = [const { Vec::new() }; 2];
        for round in 0..=ROUNDS {
            for (call, micros) in [&with, &without].into_iter().zip(&mut micros) {
                let start = Instant::now();
                for _ in 0..CALLS {
                    call.make().await;
                }
                if round > 0 {
                    micros.push(start.elapsed().as_secs_f64() / CALLS as f64 * 1e6);
                }
            }
        }
        let [with, without] = micros.map(|mut micros| median(&mut micros));
        println!("  {name:20} {with:>6.1} us   without, padded: {without:>6.1} us   more: {:.1} us", with - without);
    }
}

/// The first call of a connection beside the second.
async fn session() {
    let (certificate, mut micros) = (certificate(), [const { Vec::new() }; 2]);
    for _ in 0..100 {
        let client = ec2::Client::new(&connect(&Arc::default()), certificate.clone(), credentials());
        for micros in &mut micros {
            let start = Instant::now();
            is_read(client.get_receipt_ec_v2(search(0)).await.expect("a reply"));
            micros.push(start.elapsed().as_secs_f64() * 1e6);
        }
    }
    let [first, second] = micros.map(|mut micros| median(&mut micros));
    println!("  {:20} {:>6.0} us, the certificate's signature included", "a session costs", first - second);
}

/// Callers that all find no session.
async fn start(callers: usize) {
    const DELAY: Duration = Duration::from_millis(2);
    let certificate = certificate();
    let mut millis = Vec::new();
    for _ in 0..ROUNDS {
        let service = Arc::new(Service { delay: DELAY, ..Service::default() });
        let client = ec2::Client::new(&connect(&service), certificate.clone(), credentials());
        let start = Instant::now();
        let calls: Vec<_> = (0..callers)
            .map(|_| {
                let client = client.clone();
                tokio::spawn(async move { is_read(client.get_receipt_ec_v2(search(0)).await.expect("a reply")) })
            })
            .collect();
        for call in calls {
            call.await.expect("a caller");
        }
        millis.push(start.elapsed().as_secs_f64() * 1e3);
        assert_eq!(service.tokens.load(Ordering::Relaxed), 1, "one exchange for all");
    }
    println!(
        "  {callers:>3} callers: {:>5.1} ms for one exchange and all calls, of which each takes 2 ms to be answered",
        median(&mut millis)
    );
}
