//! Memory that a call takes beside what is on the wire: of this thread, in which all of it is read and written.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod support;

use std::pin::Pin;
use std::task::{Context, Poll};

use allocation_counter::measure;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use futures_core::Stream;
use soap_runtime::testing::ScriptedTransport;
use soap_runtime::testing::hostile::HostileShape;
use soap_runtime::transport::{Body, BoxFuture, Request, Response, Transport, TransportError};
use soap_runtime::{Binary, Connection, Error};
use support::contract::envelope;
use support::files::{Echo, Files, NS, PACKAGE, download_request, include, package};

/// Answers with pieces that are memory of their own, as those of a network are.
#[derive(Debug)]
struct Network {
    content_type: &'static str,
    body: Bytes,
    /// Whether the answer says how long it is.
    says_length: bool,
}

struct Pieces(Bytes);

impl Stream for Pieces {
    type Item = Result<Bytes, TransportError>;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let len = self.0.len().min(16 << 10);
        Poll::Ready((len > 0).then(|| Ok(Bytes::copy_from_slice(&self.0.split_to(len)))))
    }
}

impl Transport for Network {
    fn send(&self, _: Request) -> BoxFuture<'_, Result<Response, TransportError>> {
        let mut headers = http::HeaderMap::new();
        headers.insert("content-type", http::HeaderValue::from_static(self.content_type));
        let length = self.says_length.then_some(self.body.len() as u64);
        let body = Body::stream(Pieces(self.body.clone()), length);
        Box::pin(async move { Ok(Response { status: http::StatusCode::OK, headers, body }) })
    }
}

/// Bytes whose base64 has this length.
fn content(base64: usize) -> Vec<u8> {
    (0..base64 / 4 * 3).map(|at| (at ^ (at >> 8)) as u8).collect()
}

/// Lines of 76 characters with this between them.
fn lines(text: &str, between: &str) -> String {
    let lines: Vec<&str> = text.as_bytes().chunks(76).map(|line| std::str::from_utf8(line).unwrap()).collect();
    lines.join(between)
}

fn echo(one: &str) -> String {
    envelope(&format!("<Echo xmlns=\"{NS}\"><One>{one}</One><Text>x</Text></Echo>"))
}

/// The result of a call, and the most memory that it took at one time, result included.
fn peak<T>(call: impl Future<Output = Result<T, Error>>) -> (T, usize) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let mut result = None;
    let counted = measure(|| result = Some(runtime.block_on(call)));
    (result.unwrap().unwrap(), usize::try_from(counted.bytes_max).unwrap())
}

#[track_caller]
fn assert_at_most(times: f64, peak: usize, wire: usize, what: &str) {
    let taken = peak as f64 / wire as f64;
    println!("{what}: {taken:.2} times the {wire} bytes on the wire");
    assert!(taken <= times, "{what}: {taken:.2} times the {wire} bytes on the wire");
}

/// A little more than a power of two, at which a vector that doubles is at its worst.
const SIZE: usize = (2 << 20) + (64 << 10);

/// Every way in which a service may write base64 into a reply, in every kind of answer.
fn answers(base64: usize) -> Vec<(String, &'static str, Vec<u8>, Vec<u8>)> {
    let content = content(base64);
    let text = STANDARD.encode(&content);
    let mut answers = Vec::new();
    let ways = [
        ("in one line", text.clone()),
        ("in lines", lines(&text, "\n")),
        ("in lines that end with CR LF", lines(&text, "\r\n")),
        ("in lines that end with a reference", lines(&text, "&#13;\n")),
        ("in CDATA", format!("<![CDATA[{text}]]>")),
        ("in two pieces", format!("{}<!-- -->{}", &text[..base64 / 2], &text[base64 / 2..])),
    ];
    for (way, text) in ways {
        let answer = echo(&text).into_bytes();
        answers.push((format!("a text {way}"), "text/xml; charset=utf-8", answer.clone(), content.clone()));
        answers.push((format!("a package {way}"), PACKAGE, package(&[("0", &answer)]), content.clone()));
    }
    let utf_16: Vec<u8> = echo(&text).encode_utf16().flat_map(u16::to_le_bytes).collect();
    answers.push(("UTF-16".into(), "text/xml; charset=utf-16", utf_16, content.clone()));
    let part = package(&[("0", echo(&include("1")).as_bytes()), ("1", &content)]);
    answers.push(("a part".into(), PACKAGE, part, content));
    answers
}

#[test]
fn a_reply_takes_at_most_two_and_a_half_times_what_is_on_the_wire() {
    for (what, content_type, body, content) in answers(SIZE) {
        let wire = body.len();
        let network = Network { content_type, body: body.into(), says_length: false };
        let connection = Connection::builder("https://localhost").transport(network).build().unwrap();
        let (reply, peak) = peak(Files::text(&connection).echo(Echo::default()));
        assert_at_most(2.5, peak, wire, &what);
        assert!(reply.one.unwrap().bytes().unwrap() == content);
    }
}

#[test]
fn an_answer_that_says_how_long_it_is_is_in_memory_once() {
    let body = echo(&STANDARD.encode(content(SIZE)));
    let wire = body.len();
    let network = Network { content_type: "text/xml", body: body.into(), says_length: true };
    let connection = Connection::builder("https://localhost").transport(network).build().unwrap();
    let (_, peak) = peak(Files::new(&connection).echo(Echo::default()));
    assert_at_most(1.9, peak, wire, "a text of known length");
}

/// It is decoded while it is read. What another thread has written to disk is freed there, so it counts as if it were still
/// in memory; the envelope beside it would make 1.75.
#[test]
fn what_is_spilled_is_never_in_memory() {
    let folder = tempfile::tempdir().unwrap();
    for (what, content_type, body, content) in answers(SIZE + (1 << 20)) {
        // The first two are no text that goes on to its end tag.
        if what.contains("CDATA") || what.contains("two pieces") || what == "a part" {
            continue;
        }
        let wire = body.len();
        let network = Network { content_type, body: body.into(), says_length: true };
        let connection = Connection::builder("https://localhost").transport(network);
        let connection = connection.spill_parts(100_000, folder.path()).build().unwrap();
        let (reply, peak) = peak(Files::text(&connection).echo(Echo::default()));
        assert_at_most(0.9, peak, wire, &what);
        let one = reply.one.unwrap();
        assert_eq!(format!("{one:?}"), format!("[{} bytes on disk]", content.len()), "{what}");
        assert!(one.bytes().unwrap() == content, "{what}");
    }
}

#[test]
fn a_stream_that_comes_inline_takes_no_more() {
    let content = content(SIZE);
    let body = envelope(&format!(
        "<DownloadFileStreamedBasicResponse xmlns=\"{NS}\"><DownloadFileStreamedBasicResult>{}</DownloadFileStreamedBasicResult></DownloadFileStreamedBasicResponse>",
        STANDARD.encode(&content)
    ));
    let wire = body.len();
    let network = Network { content_type: "text/xml", body: body.into(), says_length: false };
    let connection = Connection::builder("https://localhost").transport(network).build().unwrap();
    let (download, peak) = peak(async { Files::new(&connection).download(download_request()).await });
    assert_eq!(download.expected_len(), Some(content.len() as u64));
    assert_at_most(2.5, peak, wire, "a stream");
}

/// The content is the caller's; what is counted is what comes on top of it.
#[test]
fn a_request_takes_at_most_two_and_a_half_times_what_is_on_the_wire() {
    let reply = envelope(&format!("<Echo xmlns=\"{NS}\"/>"));
    let network = ScriptedTransport::new().respond(200, "text/xml", reply.clone()).respond(200, "text/xml", reply);
    let connection = Connection::builder("https://localhost").transport(network.clone()).build().unwrap();
    let content = Binary::from(content(SIZE));
    for (what, files) in [("a text", Files::text(&connection)), ("a package", Files::new(&connection))] {
        let request = Echo { one: Some(content.clone()), text: Some("x".repeat(1000)), ..Echo::default() };
        let (_, peak) = peak(files.echo(request));
        let wire = network.requests().last().unwrap().body.len();
        assert_at_most(2.5, peak, wire, &format!("{what} that is sent"));
    }
}

/// Hostile answers of twice the length take twice the memory, and no more is copied on the way.
#[test]
fn memory_grows_with_what_is_read() {
    let mut offences = Vec::new();
    for shape in HostileShape::all() {
        let largest = shape.most.min(64 << 10);
        let counted = [largest / 4, largest / 2, largest].map(|bytes| {
            let answer = shape.of(bytes);
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            measure(|| {
                let _ = runtime.block_on(answer.read());
            })
        });
        let growth = |of: [u64; 3]| (of[1] as f64 / of[0] as f64).max(of[2] as f64 / of[1] as f64);
        let total = growth(counted.map(|counted| counted.bytes_total));
        let most = growth(counted.map(|counted| counted.bytes_max));
        let line = format!("{}: {total:.2} times in all, {most:.2} times at once", shape.name);
        println!("{line}");
        if total > 2.8 || most > 2.8 {
            offences.push(line);
        }
    }
    assert!(offences.is_empty(), "{}", offences.join("\n"));
}
