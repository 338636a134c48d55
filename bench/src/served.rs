//! A served port beside a bare hyper server that answers the same octets, and beside Apache CXF: calls a second, time on the
//! processor, many connections, and uploads whose size the memory does not follow.
//!
//! Each server is a thread or a process of its own, whose time on the processor is what is printed as CPU; the clients are
//! another thread, the same for all.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, mpsc};
use std::thread;
use std::time::Instant;

use altinn_soap_generated::broker_streamed::basic as broker;
use altinn_soap_generated::receipt::{basic, ec2, types, ws};
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use soap_runtime::server::{Context, PasswordProof, Service, ServiceFault};
use soap_runtime::transport::{self, BoxFuture, Transport, TransportError};
use soap_runtime::{Connection, Credentials, Download, Upload};
use tokio::net::TcpListener;

use crate::calls::certificate;
use crate::cxf::Cxf;
use crate::measure::{on_processor, peak};
use crate::ratio::median;

const ROUNDS: usize = 9;
const CALLS: usize = 2000;
const CALLERS: usize = 8;
const CONNECTIONS: usize = 1000;

/// Answers every call with one receipt.
struct Receipts;

impl basic::Handler for Receipts {
    async fn get_receipt_basic_v2(
        &self,
        request: basic::GetReceiptBasicV2,
        _: Context,
    ) -> Result<Option<types::Receipt>, ServiceFault> {
        Ok(Some(receipt(&request.receipt)))
    }
}

impl ws::Handler for Receipts {
    async fn get_receipt_v2(
        &self,
        request: ws::GetReceiptV2,
        _: Context,
    ) -> Result<Option<types::Receipt>, ServiceFault> {
        Ok(Some(receipt(&request.receipt)))
    }
}

impl ec2::Handler for Receipts {
    async fn get_receipt_ec_v2(
        &self,
        request: ec2::GetReceiptECV2,
        _: Context,
    ) -> Result<Option<types::Receipt>, ServiceFault> {
        Ok(Some(receipt(&request.receipt)))
    }
}

fn receipt(search: &types::ReceiptSearch) -> types::Receipt {
    let text = Some("Form set received.".to_owned());
    types::Receipt { receipt_id: search.receipt_id, receipt_text: text, ..types::Receipt::default() }
}

/// Counts what is uploaded.
struct Files;

impl broker::Handler for Files {
    async fn upload_file_streamed_basic(
        &self,
        _: broker::UploadFileStreamedBasic,
        mut content: Download,
        _: Context,
    ) -> Result<broker::ReceiptExternalStreamedBE, ServiceFault> {
        let mut bytes = 0_u64;
        while let Some(piece) = content.chunk().await? {
            bytes += piece.len() as u64;
        }
        assert!(bytes > 0);
        Ok(broker::ReceiptExternalStreamedBE::default())
    }
}

pub(crate) fn run() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let (message, reply) = exchange().await;
        println!("{CALLS} calls by {CALLERS} callers in each of {ROUNDS} rounds");
        let bare = Server::start(move || Kind::Bare(reply.clone()));
        let ours = Server::start(|| Kind::Served(basic::service(Receipts)));
        let cxf = Cxf::start("wsdl-cache/wsdl/receipt.basic.wsdl");
        let mut servers: Vec<Measured<'_>> = vec![
            ("hyper, the same octets", bare.address, Box::new(|| bare.on_processor())),
            ("a served port", ours.address, Box::new(|| ours.on_processor())),
        ];
        match &cxf {
            Some(cxf) => {
                // What runs often is compiled only after a while.
                calls(cxf.address, message.clone(), CALLERS, 5 * CALLS / CALLERS).await;
                servers.push(("Apache CXF", cxf.address, Box::new(|| cxf.on_processor())));
            }
            None => println!("  Apache CXF is not here: `cargo xtask interop --only 'Apache CXF'` builds it"),
        }
        let mut figures = vec![(Vec::new(), Vec::new()); servers.len()];
        for round in 0..=ROUNDS {
            for ((_, address, on_processor), (seconds, cpu)) in servers.iter().zip(&mut figures) {
                let before = on_processor();
                let start = Instant::now();
                calls(*address, message.clone(), CALLERS, CALLS / CALLERS).await;
                if round > 0 {
                    seconds.push(start.elapsed().as_secs_f64() / CALLS as f64 * 1e6);
                    cpu.push((on_processor() - before) / CALLS as f64 * 1e6);
                }
            }
        }
        let cpu_of_first = median(&mut figures[0].1);
        for ((name, ..), (seconds, cpu)) in servers.iter().zip(&mut figures) {
            let (seconds, cpu) = (median(seconds), median(cpu));
            let ratio = cpu / cpu_of_first;
            println!("  {name:<24} {seconds:>7.1} us a call   CPU {cpu:>7.1} us   CPU of the first: {ratio:.2}");
        }
        drop(servers);
        variants().await;

        let start = Instant::now();
        calls(ours.address, message, CONNECTIONS, 2).await;
        println!("{CONNECTIONS} connections, 2 calls each: {:.2} s", start.elapsed().as_secs_f64());

        let mebibytes = std::env::args().nth(2).and_then(|text| text.parse::<u64>().ok()).unwrap_or(1024);
        let files = Server::start(|| Kind::Served(broker::service(Files)));
        upload(files.address, 1).await;
        let idle = peak();
        let start = Instant::now();
        upload(files.address, mebibytes).await;
        let seconds = start.elapsed().as_secs_f64();
        println!(
            "an upload of {mebibytes} MiB (MTOM): {:.0} MiB/s, {} KiB over idle, client and server together",
            mebibytes as f64 / seconds,
            peak() - idle
        );
    });
}

/// A server: its name and address, and what tells the seconds that it has been on the processor.
type Measured<'a> = (&'static str, SocketAddr, Box<dyn Fn() -> f64 + 'a>);

/// The same call in each variant, without a network: how long the service takes, from the octets of a request to those of the
/// reply.
async fn variants() {
    let credentials = Credentials::new("user", "password");
    let accepts = |_: String, _: PasswordProof| async { true };
    let services = [
        ("Basic", basic::service(Receipts)),
        ("WS", ws::service(Receipts).users(accepts)),
        ("EC2", ec2::service(Receipts).certificates(|_| true)),
    ];
    println!("one call without a network, over {CALLS} calls in each of {ROUNDS} rounds");
    let mut requests = Vec::new();
    for (name, service) in services {
        let recorder = Recorder { service: service.clone(), last: Arc::default() };
        let connection = Connection::builder("https://localhost").transport(recorder.clone()).build();
        let connection = connection.expect("a connection");
        let search = types::ReceiptSearch { receipt_id: Some(42), ..types::ReceiptSearch::default() };
        match name {
            "Basic" => drop(basic::Client::new(&connection, credentials.clone()).get_receipt_basic_v2(search).await),
            "WS" => drop(ws::Client::new(&connection, credentials.clone()).get_receipt_v2(search).await),
            _ => {
                let (certificate, system) = (certificate(), credentials.clone());
                drop(ec2::Client::new(&connection, certificate, system).get_receipt_ec_v2(search).await);
            }
        }
        let last = recorder.last.lock().expect("a request").take();
        requests.push((name, service, last.expect("a request")));
    }
    let mut figures = vec![Vec::new(); requests.len()];
    for round in 0..=ROUNDS {
        for ((name, service, (head, body)), seconds) in requests.iter().zip(&mut figures) {
            let start = Instant::now();
            for _ in 0..CALLS {
                let request = Request::from_parts(head.clone(), transport::Body::from(body.clone()));
                let reply = service.handle(request).await;
                assert!(reply.status().is_success(), "{name}");
            }
            if round > 0 {
                seconds.push(start.elapsed().as_secs_f64() / CALLS as f64 * 1e6);
            }
        }
    }
    for ((name, ..), seconds) in requests.iter().zip(&mut figures) {
        println!("  {name:<24} {:>7.1} us", median(seconds));
    }
}

/// A service that keeps the last request.
#[derive(Clone, Debug)]
struct Recorder {
    service: Service,
    last: Arc<Mutex<Option<(http::request::Parts, Bytes)>>>,
}

impl Transport for Recorder {
    fn send(&self, request: transport::Request) -> BoxFuture<'_, Result<transport::Response, TransportError>> {
        Box::pin(async move {
            let body = request.body.collect(1 << 20).await?;
            let mut kept = Request::post(&request.url).body(()).expect("a request");
            kept.headers_mut().clone_from(&request.headers);
            *self.last.lock().expect("a request") = Some((kept.into_parts().0, body.clone()));
            self.service.send(transport::Request { body: body.into(), ..request }).await
        })
    }
}

/// The octets of a request and of its reply.
async fn exchange() -> (Bytes, Bytes) {
    let network = soap_runtime::testing::ScriptedTransport::new().respond(503, "text/plain", "");
    let connection = Connection::builder("https://localhost").transport(network.clone()).build().expect("a connection");
    let client = basic::Client::new(&connection, Credentials::new("user", "password"));
    let search = types::ReceiptSearch { receipt_id: Some(42), ..types::ReceiptSearch::default() };
    client.get_receipt_basic_v2(search).await.expect_err("no reply");
    let message = network.requests()[0].body.clone();
    let request = request(message.clone()).map(transport::Body::from);
    let reply = basic::service(Receipts).handle(request).await;
    assert!(reply.status().is_success());
    (message, reply.into_body().collect(1 << 20).await.expect("a reply"))
}

fn request(message: Bytes) -> Request<Bytes> {
    let action =
        "\"http://www.altinn.no/services/Intermediary/Receipt/2009/10/IReceiptExternalBasic/GetReceiptBasicV2\"";
    let request = Request::post("/IntermediaryExternal/ReceiptExternalBasic.svc");
    let request = request.header("content-type", "text/xml; charset=utf-8").header("soapaction", action);
    request.body(message).expect("a request")
}

/// So many callers, each with a connection of its own.
async fn calls(address: SocketAddr, message: Bytes, callers: usize, each: usize) {
    let callers: Vec<_> = (0..callers)
        .map(|_| {
            let message = message.clone();
            tokio::spawn(async move {
                let stream = tokio::net::TcpStream::connect(address).await.expect("a connection");
                stream.set_nodelay(true).expect("a socket");
                let (mut sender, connection) =
                    hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.expect("HTTP");
                let connection = tokio::spawn(connection);
                for _ in 0..each {
                    let mut request = request(message.clone()).map(Full::new);
                    request.headers_mut().insert("host", http::HeaderValue::from_static("localhost"));
                    let response = sender.send_request(request).await.expect("an answer");
                    assert!(response.status().is_success());
                    response.into_body().collect().await.expect("all of it");
                }
                drop(sender);
                connection.await.expect("the connection").expect("its end");
            })
        })
        .collect();
    for caller in callers {
        caller.await.expect("a caller");
    }
}

async fn upload(address: SocketAddr, mebibytes: u64) {
    let connection =
        Connection::builder(format!("http://{address}")).allow_plain_http(true).allow_clear_credentials(true);
    let connection = connection.build().expect("a connection");
    let client = broker::Client::new(&connection, Credentials::new("user", "password"));
    let content = std::io::Read::take(std::io::repeat(7), mebibytes << 20);
    let upload = Upload::from_read(content).length(mebibytes << 20).limit(u64::MAX);
    let request = broker::UploadFileStreamedBasic::default();
    client.upload_file_streamed_basic(request, upload).await.expect("a reply");
}

/// A server that listens in a thread of its own.
struct Server {
    address: SocketAddr,
    asked: mpsc::Sender<mpsc::Sender<f64>>,
}

enum Kind {
    Served(Service),
    /// Reads a request to its end, and answers with this.
    Bare(Bytes),
}

impl Server {
    fn start(kind: impl FnOnce() -> Kind + Send + 'static) -> Self {
        let (told, addresses) = mpsc::channel();
        let (asked, questions) = mpsc::channel::<mpsc::Sender<f64>>();
        thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            runtime.block_on(async move {
                let listener = TcpListener::bind("127.0.0.1:0").await.expect("a socket");
                told.send(listener.local_addr().expect("an address")).expect("a listener");
                let kind = Arc::new(kind());
                tokio::spawn(async move {
                    loop {
                        while let Ok(answer) = questions.try_recv() {
                            let _ = answer.send(on_processor());
                        }
                        tokio::time::sleep(std::time::Duration::from_millis(2)).await;
                    }
                });
                loop {
                    let (stream, _) = listener.accept().await.expect("a connection");
                    stream.set_nodelay(true).expect("a socket");
                    let kind = Arc::clone(&kind);
                    tokio::spawn(async move {
                        let io = TokioIo::new(stream);
                        let _ = match &*kind {
                            Kind::Served(service) => {
                                http1::Builder::new()
                                    .serve_connection(io, TowerToHyperService::new(service.clone()))
                                    .await
                            }
                            Kind::Bare(reply) => {
                                let answer = service_fn(move |request: Request<Incoming>| async move {
                                    request.into_body().collect().await.expect("all of it");
                                    let mut response = Response::new(Full::new(reply.clone()));
                                    let text = http::HeaderValue::from_static("text/xml; charset=utf-8");
                                    response.headers_mut().insert("content-type", text);
                                    Ok::<_, Infallible>(response)
                                });
                                http1::Builder::new().serve_connection(io, answer).await
                            }
                        };
                    });
                }
            });
        });
        Self { address: addresses.recv().expect("a server"), asked }
    }

    /// Seconds that its thread has run.
    fn on_processor(&self) -> f64 {
        let (answer, told) = mpsc::channel();
        self.asked.send(answer).expect("a server");
        told.recv().expect("a server")
    }
}
