//! Where security and MTOM meet: secured calls with a stream, sessions at a service that packs all it says, and what of
//! a stream can be sent a second time.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::support::files::{EC2_PORT, EC2_TEXT_PORT, Files, NS, download_request, include, upload_request};
use crate::support::secured::{
    DNSE, Parts, Rstr, SC, SERVER_ENTROPY, TRUST, Time, assert_signed, between, builder, connect, fault, kinds,
    session_key, soap,
};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::HeaderValue;
use http::header::CONTENT_TYPE;
use soap_runtime::testing::{Answer, RecordedRequest, ScriptedTransport};
use soap_runtime::transport::{BoxFuture, Request, Response, Transport, TransportError};
use soap_runtime::{Connection, Delivery, Error, ErrorKind, Upload};

/// As long as cookies are: from 768 octets on, WCF puts them into a part.
const COOKIE: [u8; 900] = [0xC7; 900];

const CONTENT: &[u8] = b"PK\x03\x04 content \r\n--boundary of no package";

/// A request's envelope, and the parts beside it: id and content.
fn unpacked(request: &RecordedRequest) -> (RecordedRequest, Vec<(String, Vec<u8>)>) {
    let content_type = request.header("content-type").unwrap();
    let boundary = format!("\r\n--{}", between(content_type, "boundary=\"", "\""));
    let mut parts = Vec::new();
    let mut rest = &request.body[..];
    while let Some(start) = memchr::memmem::find(rest, boundary.as_bytes()) {
        rest = &rest[start + boundary.len()..];
        let Some(part) = rest.strip_prefix(b"\r\n") else { break };
        let head = memchr::memmem::find(part, b"\r\n\r\n").unwrap();
        let end = memchr::memmem::find(part, boundary.as_bytes()).unwrap();
        let id = between(std::str::from_utf8(&part[..head]).unwrap(), "Content-ID: <", ">");
        parts.push((id, part[head + 4..end].to_vec()));
    }
    assert_eq!(rest, b"--\r\n");
    let (_, envelope) = parts.remove(0);
    (RecordedRequest { url: request.url.clone(), headers: request.headers.clone(), body: envelope.into() }, parts)
}

/// The parts that an envelope refers to, in document order.
fn references(envelope: &RecordedRequest) -> Vec<String> {
    envelope.text().split("<xop:Include href=\"cid:").skip(1).map(|rest| between(rest, "", "\"")).collect()
}

/// An answer as a service with MTOM sends it: its envelope in a package, with these parts beside.
fn packed(answer: Answer, parts: &[(&str, &[u8])]) -> Answer {
    let mut headers = answer.headers;
    headers.insert(
        CONTENT_TYPE,
        HeaderValue::from_static(
            r#"multipart/related; type="application/xop+xml";start="<0>";boundary="uuid:1+id=1";start-info="application/soap+xml""#,
        ),
    );
    let root = (
        "0",
        &answer.body[..],
        r#"Content-Transfer-Encoding: 8bit
Content-Type: application/xop+xml;charset=utf-8;type="application/soap+xml""#,
    );
    let others = parts.iter().map(|(id, content)| {
        (*id, *content, "Content-Transfer-Encoding: binary\nContent-Type: application/octet-stream")
    });
    let mut body = Vec::new();
    for (id, content, head) in std::iter::once(root).chain(others) {
        let head = head.replace('\n', "\r\n");
        body.extend_from_slice(format!("\r\n--uuid:1+id=1\r\nContent-ID: <{id}>\r\n{head}\r\n\r\n").as_bytes());
        body.extend_from_slice(content);
    }
    body.extend_from_slice(b"\r\n--uuid:1+id=1--\r\n");
    Answer { status: answer.status, headers, body: body.into() }
}

/// A response to a request for a token, whose cookie stands in a part.
fn packed_session(request: &RecordedRequest) -> Answer {
    let rstr = Rstr {
        token: format!(
            r#"<t:RequestedSecurityToken><c:SecurityContextToken u:Id="uuid-s-1" xmlns:c="{SC}"><c:Identifier>urn:uuid:session</c:Identifier><dnse:Cookie xmlns:dnse="{DNSE}">{}</dnse:Cookie></c:SecurityContextToken></t:RequestedSecurityToken>"#,
            include("1")
        ),
        ..Rstr::default()
    };
    packed(rstr.answer()(request), &[("1", &COOKIE)])
}

fn receipt(request: &RecordedRequest) -> Answer {
    let body =
        format!(r#"<ReceiptExternalStreamedBE xmlns="{NS}"><ReceiptId>7</ReceiptId></ReceiptExternalStreamedBE>"#);
    packed(soap(200, Parts::of(request, body).envelope()), &[])
}

fn lost(request: &RecordedRequest) -> Answer {
    packed(fault(SC, "BadContextToken")(request), &[])
}

fn download_body() -> String {
    format!(
        r#"<DownloadFileStreamedBasicResponse xmlns="{NS}"><DownloadFileStreamedBasicResult>{}</DownloadFileStreamedBasicResult></DownloadFileStreamedBasicResponse>"#,
        include("2")
    )
}

fn content(request: &RecordedRequest) -> Answer {
    packed(soap(200, Parts::of(request, download_body()).envelope()), &[("2", CONTENT)])
}

fn network() -> ScriptedTransport {
    ScriptedTransport::new().scripted_sessions().answer(packed_session)
}

fn ec2(connection: &Connection) -> Files {
    Files::ec2(connection, &EC2_PORT)
}

/// The service answers when it has the envelope, and never asks for the content.
#[derive(Debug)]
struct AnswersEarly(Arc<dyn Transport>);

impl Transport for AnswersEarly {
    fn send(&self, mut request: Request) -> BoxFuture<'_, Result<Response, TransportError>> {
        Box::pin(async move {
            let envelope = request.body.chunk().await?.unwrap_or_default();
            self.0.send(Request { body: envelope.into(), ..request }).await
        })
    }
}

#[tokio::test]
async fn a_ws_upload_is_a_package_with_a_user_name() {
    let network = ScriptedTransport::new().answer(receipt);
    let connection = connect(&network, &Time::default());
    let answer = Files::ws(&connection).upload(upload_request(), CONTENT).await.unwrap();
    assert_eq!(answer.receipt_id, Some(7));

    let request = &network.requests()[0];
    let content_type = request.header("content-type").unwrap();
    assert!(content_type.starts_with(r#"multipart/related; type="application/xop+xml"; start="<"#), "{content_type}");
    assert!(content_type.ends_with(r#"; start-info="application/soap+xml""#), "{content_type}");
    // The action stands in the message alone: WCF compares it wherever else it is said.
    assert!(!content_type.contains("action"), "{content_type}");
    assert_eq!(request.header("soapaction"), None);
    assert_eq!(request.header("mime-version"), Some("1.0"));
    let (envelope, parts) = unpacked(request);
    assert_eq!(parts, [(references(&envelope)[0].clone(), CONTENT.to_vec())]);
    let text = envelope.text();
    let order = [
        "<a:Action",
        ">a.zip<",
        "<a:MessageID>",
        "<a:To",
        "<o:Security",
        "<u:Timestamp",
        "<o:UsernameToken",
        "<s:Body>",
    ];
    let places: Vec<_> = order.iter().map(|what| text.find(what).unwrap_or_else(|| panic!("no {what}"))).collect();
    assert!(places.is_sorted(), "{places:?}");
    assert!(text.contains("<u:Created>2024-01-15T10:00:00.000Z</u:Created>"), "the time of sending");
}

#[tokio::test]
async fn an_ec2_upload_carries_its_cookie_as_a_part() {
    let network = network().answer(receipt).answer(receipt);
    let connection = connect(&network, &Time::default());
    let files = ec2(&connection);
    for _ in 0..2 {
        assert_eq!(files.upload(upload_request(), CONTENT).await.unwrap().receipt_id, Some(7));
    }

    let requests = network.requests();
    assert_eq!(kinds(&network), ["RST", "UploadFileStreamedBasic", "UploadFileStreamedBasic"]);
    // Text, which WCF takes on a port with MTOM too.
    assert_eq!(requests[0].header("content-type"), Some("application/soap+xml; charset=utf-8"));
    let key = session_key(&requests[0]);
    for request in &requests[1..] {
        let (envelope, parts) = unpacked(request);
        assert_signed(&envelope, &key);
        let ids = references(&envelope);
        assert_eq!(parts, [(ids[0].clone(), COOKIE.to_vec()), (ids[1].clone(), CONTENT.to_vec())]);
        let text = envelope.text();
        assert!(text.contains(r#"<c:SecurityContextToken u:Id="uuid-s-1""#), "{text}");
        let cookie = between(&text, "<Cookie xmlns=\"http://schemas.microsoft.com/ws/2006/05/security\">", "</Cookie>");
        assert!(cookie.starts_with("<xop:Include ") && cookie.ends_with("/>"), "{cookie}");
    }
}

#[tokio::test]
async fn a_session_that_comes_as_a_package_is_as_one_that_comes_as_text() {
    // Whatever the service likes to put into a part: here also its half of the key.
    let session = |request: &RecordedRequest| {
        let mut rstr = Rstr::default();
        rstr.entropy = format!(
            r#"<t:Entropy><t:BinarySecret u:Id="uuid-e-1" Type="{TRUST}/Nonce">{}</t:BinarySecret></t:Entropy>"#,
            include("entropy")
        );
        rstr.token = rstr.token.replacen(&STANDARD.encode([7; 40]), &include("cookie"), 1);
        packed(rstr.answer()(request), &[("entropy", &SERVER_ENTROPY), ("cookie", &COOKIE)])
    };
    let network = ScriptedTransport::new().scripted_sessions().answer(session).answer(receipt);
    let connection = connect(&network, &Time::default());
    Files::ec2(&connection, &EC2_TEXT_PORT).upload(upload_request(), CONTENT).await.unwrap();

    let requests = network.requests();
    assert_signed(&requests[1], &session_key(&requests[0]));
    let text = requests[1].text();
    // No MTOM on this port: everything stands in the envelope.
    assert!(!text.contains("Include"), "{text}");
    assert!(text.contains(&format!(">{}</Cookie>", STANDARD.encode(COOKIE))), "{text}");
    assert!(text.contains(&STANDARD.encode(CONTENT)), "{text}");
}

#[tokio::test]
async fn a_session_whose_part_is_missing_is_none() {
    let session = |request: &RecordedRequest| {
        let Answer { status, headers, body } = packed_session(request);
        let start = memchr::memmem::find(&body, b"\r\n--uuid:1+id=1\r\nContent-ID: <1>").unwrap();
        Answer { status, headers, body: Bytes::from([&body[..start], b"\r\n--uuid:1+id=1--\r\n"].concat()) }
    };
    let network = ScriptedTransport::new().scripted_sessions().answer(session);
    let connection = connect(&network, &Time::default());
    let error = ec2(&connection).upload(upload_request(), CONTENT).await.unwrap_err();
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::Malformed, Delivery::NotSent), "{error}");
    network.assert_done();
}

#[tokio::test]
async fn a_lost_session_is_started_anew_and_what_can_be_made_again_is_sent_again() {
    let path = std::env::temp_dir().join(format!("altinn-soap-again-{}", std::process::id()));
    std::fs::write(&path, CONTENT).unwrap();
    for upload in [Upload::from_path(&path).await.unwrap(), Upload::from(CONTENT)] {
        let (time, told) = (Time::default(), Arc::new(AtomicU64::new(0)));
        let (later, seen) = (time.clone(), Arc::clone(&told));
        let network = network()
            .answer(move |request| {
                // Longer than a Timestamp lives: the repetition needs one of its own.
                later.pass(600);
                lost(request)
            })
            .answer(packed_session)
            .answer(receipt);
        let connection = connect(&network, &time);
        let upload = upload.on_progress(move |bytes, _| _ = seen.fetch_add(bytes, Ordering::Relaxed));
        assert_eq!(ec2(&connection).upload(upload_request(), upload).await.unwrap().receipt_id, Some(7));

        assert_eq!(kinds(&network), ["RST", "UploadFileStreamedBasic", "RST", "UploadFileStreamedBasic"]);
        let requests = network.requests();
        for (request, key) in [(&requests[1], &requests[0]), (&requests[3], &requests[2])] {
            let (envelope, parts) = unpacked(request);
            assert_eq!(parts[1].1, CONTENT);
            assert_signed(&envelope, &session_key(key));
        }
        assert!(requests[3].text().contains("<u:Created>2024-01-15T10:10:00.000Z</u:Created>"));
        assert_eq!(told.load(Ordering::Relaxed), 2 * CONTENT.len() as u64);
    }
    std::fs::remove_file(path).unwrap();
}

#[tokio::test]
async fn a_source_that_was_taken_is_not_sent_again_and_the_fault_stands() {
    for (answer, kind) in
        [(fault(SC, "BadContextToken"), ErrorKind::Session), (fault(DNSE, "ServerTooBusy"), ErrorKind::Busy)]
    {
        let network = network().answer(answer);
        let connection = connect(&network, &Time::default());
        let error = ec2(&connection).upload(upload_request(), Upload::from_reader(CONTENT)).await.unwrap_err();
        assert_eq!((error.kind(), error.delivery(), error.http_status()), (kind, Delivery::Answered, Some(500)));
        assert_eq!(kinds(&network), ["RST", "UploadFileStreamedBasic"]);

        // What was learned is kept: the next call starts where a repetition would have.
        let network = match kind {
            ErrorKind::Session => network.answer(packed_session).answer(receipt),
            _ => network.answer(receipt),
        };
        ec2(&connection).upload(upload_request(), CONTENT).await.unwrap();
        network.assert_done();
    }
}

#[tokio::test]
async fn a_source_that_nobody_took_from_is_sent_again() {
    let network = network().answer(lost).answer(packed_session).answer(receipt);
    let connection = builder(&network, &Time::default()).layer(|inner| Arc::new(AnswersEarly(inner))).build().unwrap();
    let upload = Upload::from_reader(CONTENT);
    ec2(&connection).upload(upload_request(), upload.clone()).await.unwrap();
    assert_eq!(network.requests().len(), 4);
    assert!(upload.can_restart(), "nobody took from it");
}

#[tokio::test]
async fn without_mtom_a_source_is_in_memory_and_can_be_sent_again() {
    let network = ScriptedTransport::new()
        .scripted_sessions()
        .answer(Rstr::default().answer())
        .answer(fault(SC, "BadContextToken"))
        .answer(Rstr::default().answer())
        .answer(receipt);
    let connection = connect(&network, &Time::default());
    let files = Files::ec2(&connection, &EC2_TEXT_PORT);
    files.upload(upload_request(), Upload::from_reader(CONTENT)).await.unwrap();
    let requests = network.requests();
    for request in [&requests[1], &requests[3]] {
        assert!(request.text().contains(&STANDARD.encode(CONTENT)));
    }
    network.assert_done();
}

#[tokio::test]
async fn an_ec2_download_is_handed_out_when_its_headers_are_right() {
    let network = network().answer(lost).answer(packed_session).answer(content);
    let connection = connect(&network, &Time::default());
    let download = ec2(&connection).download(download_request()).await.unwrap();
    assert_eq!(download.collect(1 << 20).await.unwrap(), CONTENT);
    assert_eq!(kinds(&network), ["RST", "DownloadFileStreamedBasic", "RST", "DownloadFileStreamedBasic"]);
    // A request without a stream is a package too, for its cookie.
    let (envelope, parts) = unpacked(&network.requests()[3]);
    assert_eq!(parts, [(references(&envelope)[0].clone(), COOKIE.to_vec())]);
}

/// Spoils what a reply's headers say.
type Spoil = fn(&mut Parts);

const SPOILT: [(Spoil, ErrorKind, Delivery, &str); 4] = [
    (|parts| parts.security.clear(), ErrorKind::Security, Delivery::Answered, "no Security header"),
    (
        |parts| parts.security = parts.security.replace("2024-01-15T10:", "2024-01-15T08:"),
        ErrorKind::Security,
        Delivery::Answered,
        "not taken",
    ),
    (
        |parts| parts.relates_to = Some("urn:uuid:another".to_owned()),
        ErrorKind::Malformed,
        Delivery::Unknown,
        "another message",
    ),
    (
        |parts| parts.others = r#"<x:Strange s:mustUnderstand="1" xmlns:x="urn:x"/>"#.to_owned(),
        ErrorKind::Malformed,
        Delivery::Answered,
        "must be understood",
    ),
];

fn assert_refused<T>(outcome: Result<T, Error>, (_, kind, delivery, what): (Spoil, ErrorKind, Delivery, &str)) {
    let error = outcome.err().unwrap_or_else(|| panic!("taken, though: {what}"));
    assert_eq!((error.kind(), error.delivery()), (kind, delivery), "{error}");
    assert!(error.to_string().contains(what), "{error}");
}

#[tokio::test]
async fn no_stream_is_handed_out_of_a_reply_that_is_not_taken() {
    for case in SPOILT {
        let spoilt = move |request: &RecordedRequest| {
            let mut parts = Parts::of(request, download_body());
            case.0(&mut parts);
            packed(soap(200, parts.envelope()), &[("2", CONTENT)])
        };
        let network = network().answer(spoilt);
        let connection = connect(&network, &Time::default());
        assert_refused(ec2(&connection).download(download_request()).await, case);
    }
}

#[tokio::test]
async fn no_item_is_handed_out_of_a_reply_that_is_not_taken() {
    let body = format!(
        r#"<ListResponse xmlns="{NS}"><ListResult><Name>one</Name><Name>two</Name></ListResult></ListResponse>"#
    );
    let network_of = |spoil: Option<Spoil>| {
        let body = body.clone();
        network().answer(move |request| {
            let mut parts = Parts::of(request, body.clone());
            if let Some(spoil) = spoil {
                spoil(&mut parts);
            }
            packed(soap(200, parts.envelope()), &[])
        })
    };
    let connection = connect(&network_of(None), &Time::default());
    let mut items = ec2(&connection).list().await.unwrap();
    assert_eq!(items.next().await.unwrap().as_deref(), Some("one"));
    assert_eq!(items.next().await.unwrap().as_deref(), Some("two"));
    assert_eq!(items.next().await.unwrap(), None);
    for case in SPOILT {
        let connection = connect(&network_of(Some(case.0)), &Time::default());
        assert_refused(ec2(&connection).list().await, case);
    }
}
