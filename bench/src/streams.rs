//! Uploads and downloads beside bare reqwest moving the same number of bytes, over loopback.
//!
//! The peer is a thread that reads or writes a socket as fast as it can. All clients run on one other thread, whose
//! time on the processor is what is printed as CPU.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Instant;

use altinn_soap_generated::broker_streamed::basic;
use altinn_soap_runtime::generated::v1;
use altinn_soap_runtime::{Connection, Credentials, Upload};
use bytes::Bytes;
use futures_core::Stream;
use http_body::{Frame, SizeHint};
use rustls::pki_types::PrivateKeyDer;

use crate::ratio::median;

const PIECE: usize = 64 << 10;
const BROKER: &str = "http://www.altinn.no/services/ServiceEngine/Broker/2015/06";
const ROUNDS: usize = 5;

pub(crate) fn run() {
    let bytes = std::env::args().nth(2).and_then(|mebibytes| mebibytes.parse::<u64>().ok()).unwrap_or(1024) << 20;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    println!("{} MiB, {ROUNDS} rounds; idle: {} KiB resident at most", bytes >> 20, peak());
    for tls in [false, true] {
        runtime.block_on(compare(bytes, tls));
    }
}

async fn compare(bytes: u64, tls: bool) {
    let identity = tls.then(Identity::new);
    let address = serve(bytes, identity.as_ref().map(|identity| Arc::clone(&identity.server)));
    let url = format!("{}://localhost:{}", if tls { "https" } else { "http" }, address);
    let bare = bare_client(identity.as_ref());
    let mut builder = Connection::builder(&*url).allow_http_to_loopback(true).only_given_roots();
    if let Some(identity) = &identity {
        builder = builder.root_certificate_der(identity.root.clone());
    }
    let port =
        v1::Port::new(&builder.build().expect("a connection"), &basic::PORT, Credentials::new("user", "password"));
    println!("{}", if tls { "TLS" } else { "plain" });
    let mut figures = [const { Vec::new() }; 4];
    for round in 0..=ROUNDS {
        let timed = [
            timed(bare_upload(&bare, &url, bytes)).await,
            timed(upload(&port, bytes)).await,
            timed(bare_download(&bare, &url, bytes)).await,
            timed(download(&port, bytes)).await,
        ];
        if round > 0 {
            figures.iter_mut().zip(timed).for_each(|(figures, timed)| figures.push(timed));
        }
    }
    let names = ["reqwest, upload", "MTOM upload", "reqwest, download", "MTOM download"];
    let medians = figures.map(|figures| {
        let mut seconds: Vec<f64> = figures.iter().map(|figure| figure.0).collect();
        let mut cpu: Vec<f64> = figures.iter().map(|figure| figure.1).collect();
        (median(&mut seconds), median(&mut cpu))
    });
    for (at, (name, (seconds, cpu))) in names.iter().zip(medians).enumerate() {
        let of = medians[at / 2 * 2].0 / seconds;
        let (rate, cost) = (bytes as f64 / seconds / 1e6, cpu * 1e9 / bytes as f64);
        println!("  {name:20} {rate:>6.0} MB/s   CPU {cost:.3} ns/byte   ratio {of:.2}");
    }
    println!("  resident at most: {} KiB", peak());
}

/// Seconds by the clock, and on the processor.
async fn timed(work: impl Future<Output = ()>) -> (f64, f64) {
    let (start, cpu) = (Instant::now(), on_processor());
    work.await;
    (start.elapsed().as_secs_f64(), on_processor() - cpu)
}

/// Seconds that this thread has run; zero where Linux does not say.
fn on_processor() -> f64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    text.split(' ').next().and_then(|first| first.parse::<f64>().ok()).unwrap_or_default() / 1e9
}

/// Most memory that was ever resident, in KiB.
fn peak() -> u64 {
    let text = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().strip_suffix(" kB")?.trim().parse().ok()).unwrap_or_default()
}

/// The same piece, again and again.
struct Pieces {
    piece: Bytes,
    left: u64,
}

fn pieces(bytes: u64) -> Pieces {
    Pieces { piece: Bytes::from(vec![0xA5; PIECE]), left: bytes }
}

impl Stream for Pieces {
    type Item = Result<Bytes, std::io::Error>;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let more = self.left > 0;
        self.left = self.left.saturating_sub(PIECE as u64);
        Poll::Ready(more.then(|| Ok(self.piece.clone())))
    }
}

impl http_body::Body for Pieces {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, std::io::Error>>> {
        self.poll_next(cx).map(|next| next.map(|piece| piece.map(Frame::data)))
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}

async fn bare_upload(client: &reqwest::Client, url: &str, bytes: u64) {
    let request = client.post(format!("{url}/up")).body(reqwest::Body::wrap(pieces(bytes)));
    let answer = request.send().await.expect("an answer");
    answer.bytes().await.expect("all of it");
}

async fn bare_download(client: &reqwest::Client, url: &str, bytes: u64) {
    let mut answer = client.post(format!("{url}/down")).send().await.expect("an answer");
    let mut read = 0;
    while let Some(piece) = answer.chunk().await.expect("all of it") {
        read += piece.len() as u64;
    }
    assert_eq!(read, bytes);
}

fn operation(name: &str) -> &'static v1::Operation {
    basic::PORT.operations.iter().find(|operation| operation.name == name).expect("an operation")
}

async fn upload(port: &v1::Port, bytes: u64) {
    let request =
        basic::UploadFileStreamedBasic { file_name: "a.zip".into(), reference: "r".into(), reportee: "1".into() };
    let content = Upload::from_stream(pieces(bytes)).length(bytes);
    let reply: basic::ReceiptExternalStreamedBE =
        port.upload(operation("UploadFileStreamedBasic"), &request, None, content).await.expect("a receipt");
    assert_eq!(reply.receipt_id, Some(1));
}

async fn download(port: &v1::Port, bytes: u64) {
    let request = basic::DownloadFileStreamedBasic { file_reference: "r".into(), reportee: "1".into() };
    let mut download = port.download(operation("DownloadFileStreamedBasic"), &request, None).await.expect("a download");
    while download.chunk().await.expect("all of it").is_some() {}
    assert_eq!(download.received(), bytes);
}

struct Identity {
    root: Vec<u8>,
    server: Arc<rustls::ServerConfig>,
}

impl Identity {
    fn new() -> Self {
        let certified = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
        let key = PrivateKeyDer::try_from(certified.signing_key.serialize_der()).expect("a key");
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let server = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("TLS")
            .with_no_client_auth()
            .with_single_cert(vec![certified.cert.der().clone()], key)
            .expect("TLS");
        Self { root: certified.cert.der().to_vec(), server: Arc::new(server) }
    }
}

fn bare_client(identity: Option<&Identity>) -> reqwest::Client {
    let mut roots = rustls::RootCertStore::empty();
    if let Some(identity) = identity {
        roots.add(identity.root.clone().into()).expect("a root");
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("TLS")
        .with_root_certificates(roots)
        .with_no_client_auth();
    let builder =
        reqwest::Client::builder().tls_backend_preconfigured(config).http1_only().tcp_nodelay(true).no_proxy();
    builder.build().expect("a client")
}

/// Answers every request until the process ends: `/up` and uploads with a receipt, `/down` with bytes, downloads with a
/// package. Returns the port.
fn serve(bytes: u64, tls: Option<Arc<rustls::ServerConfig>>) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("a port").port();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let (Ok(stream), tls) = (stream, tls.clone()) else { return };
            std::thread::spawn(move || {
                let _ = stream.set_nodelay(true);
                match tls {
                    None => answer_all(stream, bytes),
                    Some(config) => {
                        let connection = rustls::ServerConnection::new(config).expect("TLS");
                        answer_all::<rustls::StreamOwned<_, TcpStream>>(
                            rustls::StreamOwned::new(connection, stream),
                            bytes,
                        );
                    }
                }
            });
        }
    });
    port
}

fn answer_all<S: Read + Write>(mut stream: S, bytes: u64) {
    let mut buffer = vec![0; 256 << 10];
    while let Some(head) = read_request(&mut stream, &mut buffer) {
        let envelope = |body: &str| {
            format!(
                r#"<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>{body}</s:Body></s:Envelope>"#
            )
        };
        let answered = if head.contains("/down ") {
            write_content(&mut stream, "application/octet-stream", "", "", bytes)
        } else if head.contains("DownloadFile") {
            let root = envelope(&format!(
                r#"<DownloadFileStreamedBasicResponse xmlns="{BROKER}"><DownloadFileStreamedBasicResult><xop:Include href="cid:1" xmlns:xop="http://www.w3.org/2004/08/xop/include"/></DownloadFileStreamedBasicResult></DownloadFileStreamedBasicResponse>"#
            ));
            let before = format!(
                "\r\n--uuid:1+id=1\r\nContent-ID: <0>\r\nContent-Type: application/xop+xml;charset=utf-8;type=\"text/xml\"\r\n\r\n{root}\r\n--uuid:1+id=1\r\nContent-ID: <1>\r\nContent-Transfer-Encoding: binary\r\n\r\n"
            );
            let media_type = r#"multipart/related; type="application/xop+xml"; start="<0>"; boundary="uuid:1+id=1"; start-info="text/xml""#;
            write_content(&mut stream, media_type, &before, "\r\n--uuid:1+id=1--\r\n", bytes)
        } else {
            let receipt = envelope(&format!(
                r#"<ReceiptExternalStreamedBE xmlns="{BROKER}"><ReceiptId>1</ReceiptId></ReceiptExternalStreamedBE>"#
            ));
            write_content(&mut stream, "text/xml", &receipt, "", 0)
        };
        if answered.is_err() {
            return;
        }
    }
}

/// Reads a request with a length, and returns its head.
fn read_request(stream: &mut impl Read, buffer: &mut [u8]) -> Option<String> {
    let mut head = Vec::new();
    let end = loop {
        if let Some(end) = head.windows(4).position(|window| window == b"\r\n\r\n") {
            break end;
        }
        let read = stream.read(buffer).ok().filter(|read| *read > 0)?;
        head.extend_from_slice(&buffer[..read]);
    };
    let mut read = head.len() - end - 4;
    let text = String::from_utf8_lossy(&head[..end]).into_owned();
    let length = text
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "))
        .map_or(0, |value| value.parse().unwrap_or(0));
    while read < length {
        read += stream.read(buffer).ok().filter(|read| *read > 0)?;
    }
    Some(text)
}

fn write_content(
    stream: &mut impl Write,
    media_type: &str,
    before: &str,
    after: &str,
    bytes: u64,
) -> std::io::Result<()> {
    let length = before.len() as u64 + bytes + after.len() as u64;
    stream.write_all(
        format!("HTTP/1.1 200 OK\r\nContent-Type: {media_type}\r\nContent-Length: {length}\r\n\r\n{before}").as_bytes(),
    )?;
    let piece = vec![0xA5; 256 << 10];
    let mut left = bytes;
    while left > 0 {
        let now = left.min(piece.len() as u64);
        stream.write_all(&piece[..now as usize])?;
        left -= now;
    }
    stream.write_all(after.as_bytes())?;
    stream.flush()
}
