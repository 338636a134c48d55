//! Operations with a stream in the request and one in the reply, served over a socket: both at once, one after the other,
//! and everything that ends one of them early.

use std::io;
use std::pin::Pin;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, ready};

use crate::support::AMPLE;
use crate::support::contract::{NS, envelope};
use crate::support::files::{PACKAGE, include, package};
use crate::support::peer::Made;
use crate::support::served::Served;
use bytes::Bytes;
use futures_core::Stream;
use soap_runtime::generated::v1;
use soap_runtime::server::{Service, ServiceFault};
use soap_runtime::{Connection, Download, Error, ErrorKind, Upload};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

static CONVERT: v1::Operation = v1::Operation::new("Convert", "urn:convert")
    .request(v1::Field::required(NS, "Convert"))
    .reply(v1::Reply::unwrapped(
        v1::Field::required(NS, "ConvertResponse"),
        v1::Field::required(NS, "ConvertResult").stream(),
    ));
static PORT: v1::PortDescriptor =
    v1::PortDescriptor::new("Converter", "Converter", "http://published.example/converter", v1::SoapVersion::Soap11)
        .mtom()
        .operations(&[&CONVERT]);

/// A stream, and what the handler is to do with it.
#[derive(Clone, Default, PartialEq)]
struct Convert {
    conduct: String,
}
v1::record!(Convert: v1::Shape::new(NS, "Convert", &[
    v1::Field::required(NS, "Conduct"),
    v1::Field::required(NS, "Content").stream(),
]), { 0 => conduct });

/// How the streams of requests have ended for the handler: with so many octets, or an error.
type Ends = Arc<Mutex<Vec<Result<u64, ErrorKind>>>>;

/// Every octet changed, as it comes. Fails where it is told to.
struct Flipped {
    content: Download,
    ends: Ends,
    fails_at: u64,
}

fn flip(octets: &[u8]) -> Vec<u8> {
    octets.iter().map(|octet| !octet).collect()
}

impl Stream for Flipped {
    type Item = io::Result<Vec<u8>>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.content.received() >= self.fails_at {
            return Poll::Ready(Some(Err(io::Error::other("planted"))));
        }
        let piece = ready!(Pin::new(&mut self.content).poll_next(cx));
        match &piece {
            Some(Ok(_)) => {}
            Some(Err(error)) => self.ends.lock().unwrap().push(Err(error.kind())),
            None => self.ends.lock().unwrap().push(Ok(self.content.received())),
        }
        Poll::Ready(piece.map(|piece| piece.map(|piece| flip(&piece)).map_err(io::Error::other)))
    }
}

/// Octets after which the handlers that fail do so.
const FAILS_AT: u64 = 300_000;

async fn convert(ends: Arc<Ends>, request: Convert, content: Download) -> Result<((), Upload), ServiceFault> {
    let through = |fails_at, content| Flipped { content, ends: Arc::clone(&ends), fails_at };
    let upload = match &*request.conduct {
        "at once" => Upload::from_stream(through(u64::MAX, content)),
        "fails" => Upload::from_stream(through(FAILS_AT, content)),
        "fails in a known length" => Upload::from_stream(through(FAILS_AT, content)).length(1_000_000),
        _ => match content.collect(usize::MAX).await {
            Ok(octets) => {
                ends.lock().unwrap().push(Ok(octets.len() as u64));
                Upload::from(flip(&octets))
            }
            Err(error) => {
                ends.lock().unwrap().push(Err(error.kind()));
                return Err(error.into());
            }
        },
    };
    Ok(((), upload))
}

async fn serve() -> (Served, Ends) {
    let ends = Ends::default();
    let service = Service::new(&PORT, Arc::clone(&ends));
    let service = service.exchange(&CONVERT, |ends, request, content, _| convert(ends, request, content)).service();
    (Served::start(service).await, ends)
}

async fn call(served: &Served, conduct: &str, upload: impl Into<Upload>) -> Result<Download, Error> {
    let connection = Connection::builder(served.url()).allow_http_to_loopback(true).reply_timeout(AMPLE).build();
    let port = v1::Port::new(&connection.unwrap(), &PORT);
    port.request(&CONVERT, &Convert { conduct: conduct.to_owned() }).upload(upload).download().await
}

fn content(length: usize) -> Vec<u8> {
    (0..length).map(|at| if at % 7 == 0 { b'\r' } else { (at % 251) as u8 }).collect()
}

#[tokio::test]
async fn a_reply_begins_before_its_request_is_at_its_end() {
    let (served, ends) = serve().await;
    let (mut source, reader) = tokio::io::duplex(64 << 10);
    let content = content(3 << 20);
    source.write_all(&content[..1000]).await.unwrap();
    let mut download = call(&served, "at once", Upload::from_reader(reader)).await.unwrap();
    let mut received = Vec::new();
    while received.len() < 1000 {
        received.extend_from_slice(&download.chunk().await.unwrap().unwrap());
    }
    assert!(received == flip(&content[..1000]) && ends.lock().unwrap().is_empty());
    let sent = content.clone();
    let rest = tokio::spawn(async move { source.write_all(&sent[1000..]).await });
    received.extend_from_slice(&download.collect(usize::MAX).await.unwrap());
    rest.await.unwrap().unwrap();
    assert!(received == flip(&content));
    assert_eq!(*ends.lock().unwrap(), [Ok(content.len() as u64)]);
}

#[tokio::test]
async fn a_reply_begins_after_the_end_of_its_request() {
    let (served, ends) = serve().await;
    for length in [0, 1, 3 << 20] {
        let content = content(length);
        let download = call(&served, "afterwards", content.clone()).await.unwrap();
        assert_eq!(*ends.lock().unwrap().last().unwrap(), Ok(length as u64));
        assert!(download.collect(usize::MAX).await.unwrap() == flip(&content));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn memory_is_flat() {
    const BYTES: u64 = 64 << 20;
    // The pieces in hand, and the buffers of both sockets in both directions.
    const ON_THE_WAY: u64 = 16 << 20;
    let (served, ends) = serve().await;
    let source = Made::new(BYTES);
    let made = Arc::clone(&source.made);
    let mut download = call(&served, "at once", Upload::from_stream(source)).await.unwrap();
    let mut most = 0;
    while let Some(piece) = download.chunk().await.unwrap() {
        assert!(piece.iter().all(|octet| *octet == !b'\r'));
        most = most.max(made.load(Ordering::SeqCst).saturating_sub(download.received()));
    }
    assert_eq!(*ends.lock().unwrap(), [Ok(BYTES)]);
    assert!(most < ON_THE_WAY, "{most} bytes were held at once");
}

/// A request as its octets, with the body framed by its length or in one chunk.
fn request(conduct: &str, content: &[u8], is_chunked: bool) -> Vec<u8> {
    let include = include("1");
    let body = format!(r#"<Convert xmlns="{NS}"><Conduct>{conduct}</Conduct><Content>{include}</Content></Convert>"#);
    let body = package(&[("0", envelope(&body).as_bytes()), ("1", content)]);
    let head =
        format!("POST /converter HTTP/1.1\r\nHost: x\r\nSOAPAction: \"urn:convert\"\r\nContent-Type: {PACKAGE}\r\n");
    match is_chunked {
        true => {
            let head = format!("{head}Transfer-Encoding: chunked\r\n\r\n{:x}\r\n", body.len());
            [head.as_bytes(), &body, b"\r\n0\r\n\r\n"].concat()
        }
        false => [format!("{head}Content-Length: {}\r\n\r\n", body.len()).as_bytes(), &body].concat(),
    }
}

/// What is answered to octets, up to the end of the connection. The caller has nothing more to say.
async fn answered(served: &Served, octets: &[u8]) -> String {
    let (mut reader, mut writer) = TcpStream::connect(served.address).await.unwrap().into_split();
    let mut answer = Vec::new();
    let write = async {
        writer.write_all(octets).await.unwrap();
        writer.shutdown().await.unwrap();
    };
    let (_, read) = tokio::join!(write, reader.read_to_end(&mut answer));
    // A connection that is reset has ended too.
    let _ = read;
    answer.iter().map(|octet| char::from(*octet)).collect()
}

/// Whether an answer ends as a complete one: by its last chunk.
fn is_complete(answer: &str) -> bool {
    answer.ends_with("--\r\n\r\n0\r\n\r\n")
}

#[tokio::test]
async fn octets_written_by_hand_are_answered() {
    let (served, _) = serve().await;
    let content = content(10_000);
    for is_chunked in [false, true] {
        let mut stream = TcpStream::connect(served.address).await.unwrap();
        stream.write_all(&request("at once", &content, is_chunked)).await.unwrap();
        let mut answer = Vec::new();
        while !answer.ends_with(b"--\r\n\r\n0\r\n\r\n") {
            assert_ne!(stream.read_buf(&mut answer).await.unwrap(), 0);
        }
        let (head, body) = answer.split_at(memchr::memmem::find(&answer, b"\r\n\r\n").unwrap() + 4);
        assert!(head.starts_with(b"HTTP/1.1 200"));
        assert!(memchr::memmem::find(&crate::support::files::unchunked(body), &flip(&content)).is_some());
    }
}

#[tokio::test]
async fn a_request_that_is_broken_off_is_an_error_for_its_handler_and_never_a_complete_reply() {
    let (served, ends) = serve().await;
    for is_chunked in [false, true] {
        for conduct in ["at once", "afterwards"] {
            let whole = request(conduct, &content(1_000_000), is_chunked);
            let end = whole.len() - if is_chunked { 7 } else { 0 };
            // In the content, and within the closing boundary.
            for cut in [end / 2, end - 14, end - 5] {
                ends.lock().unwrap().clear();
                let answer = answered(&served, &whole[..cut]).await;
                served.quiet().await;
                let ends: Vec<_> = std::mem::take(&mut *ends.lock().unwrap());
                assert!(matches!(*ends, [Err(_)]), "{conduct} {cut}: {ends:?}");
                let is_success = answer.starts_with("HTTP/1.1 200");
                assert!(!is_complete(&answer) && (conduct == "at once" || !is_success), "{conduct} {cut}");
            }
        }
    }
}

#[tokio::test]
async fn a_reply_that_fails_in_the_middle_is_no_reply() {
    let (served, _) = serve().await;
    for conduct in ["fails", "fails in a known length"] {
        let mut stream = TcpStream::connect(served.address).await.unwrap();
        let (mut answer, octets) = (Vec::new(), request(conduct, &content(1_000_000), false));
        let (mut reader, mut writer) = stream.split();
        let (_, read) = tokio::join!(writer.write_all(&octets), reader.read_to_end(&mut answer));
        let _ = read;
        let answer: String = answer.iter().map(|octet| char::from(*octet)).collect();
        assert!(answer.starts_with("HTTP/1.1 200") && answer.len() as u64 > FAILS_AT - (64 << 10), "{}", answer.len());
        assert!(!is_complete(&answer) && !answer.contains("planted"));
        let (_, length) = answer.split_once("content-length: ").unwrap_or(("", "99999999\r\n"));
        assert!(answer.len() < length.split('\r').next().unwrap().parse().unwrap());

        let download = call(&served, conduct, content(1_000_000)).await.unwrap();
        let error = download.collect(usize::MAX).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Transport, "{error:?}");
    }
}

#[tokio::test]
async fn a_source_that_fails_ends_both_streams() {
    let (served, ends) = serve().await;
    struct Failing(u32);
    impl Stream for Failing {
        type Item = io::Result<Bytes>;
        fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
            self.0 += 1;
            Poll::Ready(Some(if self.0 < 10 { Ok(vec![0; 50_000].into()) } else { Err(io::Error::other("gone")) }))
        }
    }
    let outcome = async { call(&served, "at once", Upload::from_stream(Failing(0))).await?.collect(usize::MAX).await };
    let error = outcome.await.unwrap_err();
    // The source's own error before the reply has begun, else that of the connection.
    assert!([ErrorKind::Malformed, ErrorKind::Transport].contains(&error.kind()), "{error:?}");
    served.quiet().await;
    // The handler may have been dropped before.
    assert!(ends.lock().unwrap().iter().all(Result::is_err), "{ends:?}");
}
