//! Answers of every kind over a real socket: what each becomes, and what is said about delivery.

use std::sync::Arc;
use std::time::Duration;

use crate::support::contract::{self, Client};
use crate::support::server::{Act, Server, answer, xml};
use crate::support::{AMPLE, call, client, credentials, greeting};
use soap_runtime::transport::{Body, BoxFuture, Request, Response, Transport, TransportError};
use soap_runtime::{BaseUrl, Connection, Delivery, Error, ErrorKind, Limits};

#[track_caller]
fn assert_error(result: Result<String, Error>, kind: ErrorKind, delivery: Delivery, says: &str) {
    let error = result.expect_err(says);
    let text = error.to_string();
    assert_eq!((error.kind(), error.delivery()), (kind, delivery), "{error:?}");
    assert!(text.contains(says), "{error:?} does not say {says:?}");
    assert_eq!(error.operation(), Some("Greet"), "{text}");
}

#[tokio::test]
async fn a_call_posts_the_envelope_with_its_action_and_reads_the_reply() {
    let server = Server::start([xml("200 OK", greeting("Hei")), xml("200 OK", greeting("Hallo"))]).await;
    let client = client(&server);
    assert_eq!(client.greet("Kari").await.unwrap(), "Hei");
    assert_eq!(client.greet("Ola").await.unwrap(), "Hallo");
    assert_eq!(server.connections(), 1, "the connection is kept");

    let request = &server.received()[0];
    assert!(request.head.starts_with("POST /Greeter/Greeter.svc HTTP/1.1\r\n"), "{}", request.head);
    assert_eq!(request.header("content-type"), Some("text/xml; charset=utf-8"));
    assert_eq!(request.header("soapaction"), Some(r#""urn:example:greeter/IGreeter/Greet""#));
    assert_eq!(request.header("content-length"), Some(request.body.len().to_string().as_str()));
    assert!(request.header("user-agent").unwrap().starts_with("soap-runtime/"));
    assert_eq!(request.header("accept-encoding"), Some("gzip"));
    for absent in ["cookie", "transfer-encoding", "expect"] {
        assert_eq!(request.header(absent), None);
    }
    assert!(request.text().contains("planted-password") && request.text().contains("Kari"));
}

#[tokio::test]
async fn soap_12_says_the_action_in_the_content_type() {
    let reply =
        greeting("Hei").replace("http://schemas.xmlsoap.org/soap/envelope/", "http://www.w3.org/2003/05/soap-envelope");
    let server = Server::start([answer("200 OK", "application/soap+xml; charset=utf-8", reply)]).await;
    let connection = Connection::builder(server.url()).allow_http_to_loopback(true).build().unwrap();
    assert_eq!(Client::soap_12(&connection, credentials()).greet("Kari").await.unwrap(), "Hei");
    let request = &server.received()[0];
    let content_type = r#"application/soap+xml; charset=utf-8; action="urn:example:greeter/IGreeter/Greet""#;
    assert_eq!(request.header("content-type"), Some(content_type));
    assert_eq!(request.header("soapaction"), None);
}

#[tokio::test]
async fn content_types_that_mean_xml_are_read() {
    for content_type in [
        "text/xml",
        "TEXT/XML; Charset=\"UTF-8\"",
        "application/soap+xml;charset=utf8",
        "application/xml; charset=us-ascii",
    ] {
        assert_eq!(call(answer("200 OK", content_type, greeting("Hei"))).await.unwrap(), "Hei", "{content_type}");
    }
    assert_eq!(call(xml("200 OK", format!("\u{FEFF}{}", greeting("Hei")))).await.unwrap(), "Hei", "a byte order mark");
}

#[tokio::test]
async fn a_fault_is_a_fault_whatever_the_status() {
    for status in ["500 Internal Server Error", "200 OK", "400 Bad Request"] {
        let error = call(xml(status, contract::fault("Server", "planted-reason"))).await.unwrap_err();
        assert_eq!((error.kind(), error.delivery()), (ErrorKind::Fault, Delivery::Answered));
        assert_eq!(error.fault().unwrap().reason(), "planted-reason");
        assert_eq!(error.http_status(), Some(status[..3].parse().unwrap()));
        assert!(!error.to_string().contains("planted-reason"));
    }
}

#[tokio::test]
async fn pages_are_named_with_their_type_and_status() {
    let page = "<html><body>planted content</body></html>";
    for (status, kind, delivery, says) in [
        ("200 OK", ErrorKind::Http, Delivery::Answered, "proxy"),
        ("401 Unauthorized", ErrorKind::Http, Delivery::Answered, "HTTP authentication"),
        ("403 Forbidden", ErrorKind::Http, Delivery::Answered, "firewall"),
        ("404 Not Found", ErrorKind::Http, Delivery::Answered, "no endpoint"),
        ("413 Payload Too Large", ErrorKind::Http, Delivery::Answered, "larger than"),
        ("415 Unsupported Media Type", ErrorKind::Http, Delivery::Answered, "version of SOAP"),
        ("429 Too Many Requests", ErrorKind::Busy, Delivery::Answered, "limits the calls"),
        ("500 Internal Server Error", ErrorKind::Http, Delivery::Answered, "another server"),
        ("502 Bad Gateway", ErrorKind::Http, Delivery::Unknown, "gateway got no answer"),
        ("503 Service Unavailable", ErrorKind::Busy, Delivery::Answered, "overloaded"),
        ("504 Gateway Timeout", ErrorKind::Http, Delivery::Unknown, "gateway got no answer"),
    ] {
        let server = Server::start([answer(status, "text/html; charset=iso-8859-1", page)]).await;
        let error = client(&server).greet("Kari").await.unwrap_err();
        let text = error.to_string();
        assert_eq!((error.kind(), error.delivery()), (kind, delivery), "{text}");
        assert!(text.contains("text/html") && text.contains(says), "{text}");
        assert!(text.ends_with(&format!("(HTTP {})", &status[..3])), "{text}");
        assert_eq!(server.received().len(), 1, "nothing is tried again");
    }
}

#[tokio::test]
async fn other_content_is_named() {
    let http = |answer, says| async move {
        assert_error(call(answer).await, ErrorKind::Http, Delivery::Answered, says);
    };
    http(answer("200 OK", "application/json", "{}"), "application/json").await;
    http(answer("200 OK", "", greeting("Hei")), "no stated type").await;
    http(answer("200 OK", "te xt/!", greeting("Hei")), "content of another type").await;
    http(answer("200 OK", "multipart/mixed; boundary=b", "--b--"), "multipart/mixed").await;
    let packed = "HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Encoding: br\r\nContent-Length: 2\r\n\r\nxx";
    http(Act::Answer(packed.into()), "compressed").await;
    http(xml("500 Internal Server Error", "<error>planted</error>"), "no SOAP fault").await;
    http(xml("500 Internal Server Error", greeting("Hei")), "error status").await;
}

#[tokio::test]
async fn replies_in_other_encodings_are_read() {
    let utf16 = |text: &str, bytes: fn(u16) -> [u8; 2]| -> Vec<u8> { text.encode_utf16().flat_map(bytes).collect() };
    let text = greeting("Blåbærsyltetøy €");
    let marked = format!("\u{FEFF}{text}");
    let declared = |name: &str| format!("<?xml version=\"1.0\" encoding=\"{name}\"?>{text}");
    // One byte for each character, with the euro sign where the encoding has it.
    let single = |text: &str, euro: u8| -> Vec<u8> {
        text.chars().map(|c| if c == '€' { euro } else { u8::try_from(c).unwrap() }).collect()
    };
    for (content_type, body) in [
        // A declaration against the header counts for nothing; .NET writes this one.
        ("text/xml; charset=utf-8", declared("utf-16").into_bytes()),
        ("text/xml; charset=utf-8", declared("iso-8859-1").into_bytes()),
        ("text/xml", declared("utf-16").into_bytes()),
        // By the header.
        ("text/xml; charset=utf-16", utf16(&text, u16::to_le_bytes)),
        ("text/xml; charset=\"UTF-16BE\"", utf16(&text, u16::to_be_bytes)),
        ("text/xml; charset=iso-8859-15", single(&text, 0xA4)),
        ("text/xml; charset=windows-1252", single(&declared("utf-8"), 0x80)),
        ("text/xml; charset=ISO-8859-1", single(&text, 0x80)),
        // By the byte order mark, against the header.
        ("text/xml", utf16(&marked, u16::to_le_bytes)),
        ("text/xml; charset=utf-8", utf16(&marked, u16::to_be_bytes)),
        ("text/xml; charset=iso-8859-1", marked.clone().into_bytes()),
        // By the declaration.
        ("application/xml", single(&declared("ISO-8859-15"), 0xA4)),
        ("text/xml", single(&declared("windows-1252"), 0x80)),
        ("text/xml", utf16(&declared("utf-16"), u16::to_le_bytes)),
    ] {
        let read = call(answer("200 OK", content_type, body)).await;
        assert_eq!(
            read.unwrap_or_else(|error| panic!("{content_type}: {error}")),
            "Blåbærsyltetøy €",
            "{content_type}"
        );
    }
    for (content_type, body, says) in [
        ("text/xml; charset=utf-7", text.clone().into_bytes(), "encoding that is not known"),
        ("text/xml; charset=utf-16", text.clone().into_bytes(), "content is not"),
        ("text/xml; charset=utf-8", single(&text, 0x80), "not UTF-8"),
    ] {
        let outcome = call(answer("200 OK", content_type, body)).await;
        assert_error(outcome, ErrorKind::Malformed, Delivery::Answered, says);
    }
    let page = answer("503 Service Unavailable", "text/xml; charset=utf-7", text);
    assert_error(call(page).await, ErrorKind::Busy, Delivery::Answered, "overloaded");
    // What is within the limit of 64 KiB on the wire is not so as UTF-8.
    let grows = single(&greeting(&"æ".repeat(40_000)), 0x80);
    let outcome = call(answer("200 OK", "text/xml; charset=iso-8859-1", grows)).await;
    assert_error(outcome, ErrorKind::Http, Delivery::Answered, "limit of 65536 bytes");
}

#[tokio::test]
async fn header_lines_may_be_folded() {
    let body = greeting("Hei");
    let head = format!(
        "HTTP/1.1 200 OK\r\nServer: one\r\n two\r\nContent-Type: text/xml;\r\n\tcharset=utf-8\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    assert_eq!(call(Act::Answer(format!("{head}{body}").into())).await.unwrap(), "Hei");
}

fn gzipped(status: &str, content_type: &str, body: impl AsRef<[u8]>) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    std::io::Write::write_all(&mut encoder, body.as_ref()).unwrap();
    let body = encoder.finish().unwrap();
    let length = body.len();
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: {content_type}\r\nContent-Encoding: gzip\r\nContent-Length: {length}\r\n\r\n"
    );
    [head.into_bytes(), body].concat()
}

#[tokio::test]
async fn answers_may_come_by_gzip() {
    let server = Server::start([Act::Answer(gzipped("200 OK", "text/xml; charset=utf-8", greeting("Hei")))]).await;
    assert_eq!(client(&server).greet("Kari").await.unwrap(), "Hei");

    let error =
        call(Act::Answer(gzipped("500 Internal Server Error", "text/xml", contract::fault("Server", "no")))).await;
    assert_eq!(error.unwrap_err().kind(), ErrorKind::Fault);
    for coding in ["GZIP", "x-gzip", "identity, gzip"] {
        let mut answer = gzipped("200 OK", "text/xml", greeting("Hei"));
        let at = answer.windows(6).position(|window| window == b": gzip").unwrap() + 2;
        answer.splice(at..at + 4, coding.bytes());
        assert_eq!(call(Act::Answer(answer)).await.unwrap(), "Hei", "{coding}");
    }
    for coding in ["", "identity", "Identity"] {
        let (body, length) = (greeting("Hei"), greeting("Hei").len());
        let head = "HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Encoding:";
        let answer = format!("{head} {coding}\r\nContent-Length: {length}\r\n\r\n{body}");
        assert_eq!(call(Act::Answer(answer.into())).await.unwrap(), "Hei", "{coding}");
    }
    // Nothing, packed or not, is nothing.
    let nothing = "HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Encoding: gzip\r\nContent-Length: 0\r\n\r\n";
    assert_error(call(Act::Answer(nothing.into())).await, ErrorKind::Http, Delivery::Answered, "an empty body");

    let page = Act::Answer(gzipped("503 Service Unavailable", "text/html", "<html/>"));
    assert_error(call(page).await, ErrorKind::Busy, Delivery::Answered, "text/html");
}

/// Limits count what comes out.
#[tokio::test]
async fn little_that_unpacks_to_much_is_too_large() {
    let much = greeting(&"x".repeat(20 << 20));
    let answer = gzipped("200 OK", "text/xml", much);
    assert!(answer.len() < 60_000, "less than the limit itself");
    assert_error(call(Act::Answer(answer)).await, ErrorKind::Http, Delivery::Answered, "larger than the limit");

    // What is cut off is no answer, wherever HTTP says it ends; nor is what is not gzip.
    let mut body = gzipped("200 OK", "text/xml", greeting("Hei"));
    let at = body.windows(4).position(|window| window == b"\r\n\r\n").unwrap() + 4;
    let packed = body.split_off(at);
    for broken in [&packed[..packed.len() - 9], &b"xxxxxxxxxxxxxxxxxxxx"[..]] {
        let head = format!(
            "HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Encoding: gzip\r\nContent-Length: {}\r\n\r\n",
            broken.len()
        );
        let error = call(Act::Answer([head.as_bytes(), broken].concat())).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Transport, "{error}");
    }
}

#[tokio::test]
async fn an_empty_answer_is_named() {
    for answer in [xml("200 OK", ""), answer("200 OK", "", ""), answer("500 Internal Server Error", "text/html", "")] {
        assert_error(call(answer).await, ErrorKind::Http, Delivery::Answered, "an empty body");
    }
    assert_error(call(xml("503 Service Unavailable", "")).await, ErrorKind::Busy, Delivery::Answered, "an empty body");
    assert_error(
        call(Act::Answer(b"HTTP/1.1 204 No Content\r\n\r\n".into())).await,
        ErrorKind::Http,
        Delivery::Answered,
        "an empty body",
    );
}

#[tokio::test]
async fn an_operation_without_reply_is_answered_by_nothing() {
    let server = Server::start([
        answer("202 Accepted", "", ""),
        answer("200 OK", "multipart/related; boundary=b", ""),
        xml("500 Internal Server Error", ""),
    ])
    .await;
    let client = client(&server);
    client.notify("Kari").await.unwrap();
    client.notify("Kari").await.unwrap();
    assert_eq!(client.notify("Kari").await.unwrap_err().kind(), ErrorKind::Http);
}

/// It has been taken, whatever the service says in the body of its answer; but a fault is a fault, and a page may come
/// from another server, unless the status says that the message is taken.
#[tokio::test]
async fn an_operation_without_reply_may_be_answered_by_any_message() {
    let server = Server::start([
        xml("200 OK", contract::envelope("")),
        xml("202 Accepted", greeting("Hei")),
        xml("200 OK", contract::envelope("<a xmlns='urn:a'><b/></a><c/>")),
        answer("202 Accepted", "text/plain", "Accepted"),
        xml("202 Accepted", "\r\n"),
        xml("202 Accepted", contract::fault("Server", "no")),
        xml("200 OK", contract::fault("Server", "no")),
        xml("500 Internal Server Error", contract::fault("Server", "no")),
        xml("500 Internal Server Error", greeting("Hei")),
        answer("200 OK", "text/html", "<html/>"),
    ])
    .await;
    let client = client(&server);
    for _ in 0..5 {
        client.notify("Kari").await.unwrap();
    }
    for kind in [ErrorKind::Fault, ErrorKind::Fault, ErrorKind::Fault, ErrorKind::Http, ErrorKind::Http] {
        let error = client.notify("Kari").await.unwrap_err();
        assert_eq!((error.kind(), error.delivery()), (kind, Delivery::Answered), "{error}");
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let moved = "HTTP/1.1 302 Found\r\nLocation: https://elsewhere.example/planted?x=1\r\nContent-Length: 0\r\n\r\n";
    let server = Server::start([Act::Answer(moved.into())]).await;
    let error = client(&server).greet("Kari").await.unwrap_err();
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::Http, Delivery::Answered));
    let text = error.to_string();
    assert!(text.contains("redirects to another address (Found)") && !text.contains("elsewhere"), "{text}");
    assert_eq!(server.received().len(), 1);
}

#[tokio::test]
async fn xml_that_protects_no_one_is_refused() {
    let dtd = format!("<!DOCTYPE s [<!ENTITY e 'planted'>]>{}", greeting("&e;"));
    assert_error(call(xml("200 OK", dtd)).await, ErrorKind::Malformed, Delivery::Answered, "document type declaration");
    let cut = &greeting("Hei")[..100];
    assert_error(call(xml("200 OK", cut)).await, ErrorKind::Malformed, Delivery::Answered, "");
    let deep = contract::envelope(&"<a>".repeat(1000));
    assert_error(call(xml("200 OK", deep)).await, ErrorKind::Malformed, Delivery::Answered, "");
}

#[tokio::test]
async fn a_truncated_answer_is_never_a_reply() {
    let body = greeting("Hei");
    let head = |length: usize| format!("HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: {length}\r\n\r\n");
    let chunked = |end: &str| {
        let head = "HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nTransfer-Encoding: chunked\r\n\r\n";
        Act::Close(format!("{head}{:x}\r\n{body}\r\n{end}", body.len()).into())
    };
    // A package with an error status, which may have held a fault.
    let package = "HTTP/1.1 500 Internal Server Error\r\nContent-Type: multipart/related; boundary=b; \
                   type=\"application/xop+xml\"\r\nContent-Length: 9999\r\n\r\n--b\r\n\r\n<s:Env";
    assert_error(call(Act::Close(package.into())).await, ErrorKind::Transport, Delivery::Unknown, "cut off");
    for cut in [
        // The whole message, but more was promised.
        Act::Close(format!("{}{body}", head(body.len() + 1)).into()),
        Act::Close(format!("{}{}", head(body.len()), &body[..40]).into()),
        Act::Close(head(body.len()).into()),
        chunked(""),
        chunked("0\r\n"),
    ] {
        assert_error(call(cut).await, ErrorKind::Transport, Delivery::Unknown, "cut off");
    }
    assert_eq!(call(chunked("0\r\n\r\n")).await.unwrap(), "Hei");
}

#[tokio::test]
async fn a_connection_that_breaks_before_the_answer_leaves_delivery_unknown() {
    assert_error(call(Act::Close(vec![])).await, ErrorKind::Transport, Delivery::Unknown, "before an answer");
    assert_error(
        call(Act::Close(b"HTTP/1.1 200 O".into())).await,
        ErrorKind::Transport,
        Delivery::Unknown,
        "before an answer",
    );
    assert_error(
        call(Act::Close(b"no http at all\r\n\r\n".into())).await,
        ErrorKind::Transport,
        Delivery::Unknown,
        "not HTTP",
    );
}

#[tokio::test]
async fn no_listener_means_not_sent() {
    let server = Server::start([]).await;
    let client = client(&server);
    let address = server.address;
    drop(server);
    // Until the port is free.
    while tokio::net::TcpStream::connect(address).await.is_ok() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert_error(client.greet("Kari").await, ErrorKind::Transport, Delivery::NotSent, "no connection");
}

#[tokio::test]
async fn a_name_that_cannot_be_looked_up_means_not_sent() {
    // Too long for a name server, so nobody is asked. As the proxy's name, or TLS would refuse it first.
    let proxy = format!("http://{}.example", "x".repeat(64));
    let connection = Connection::builder("https://service.example").proxy(proxy).build().unwrap();
    let result = Client::new(&connection, credentials()).greet("Kari").await;
    assert_error(result, ErrorKind::Transport, Delivery::NotSent, "looked up");
}

#[tokio::test]
async fn a_kept_connection_that_the_server_has_closed_is_replaced() {
    let reply = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: {}\r\n\r\n{}",
        greeting("a").len(),
        greeting("a")
    );
    let server = Server::start([Act::Close(reply.into()), xml("200 OK", greeting("b"))]).await;
    let client = client(&server);
    assert_eq!(client.greet("Kari").await.unwrap(), "a");
    server.closed().await;
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(client.greet("Kari").await.unwrap(), "b");
    assert_eq!(server.connections(), 2);
}

#[tokio::test]
async fn a_reply_beyond_the_limit_is_refused_announced_or_not() {
    let body = greeting(&"x".repeat(64 << 10));
    assert_error(call(xml("200 OK", &body)).await, ErrorKind::Http, Delivery::Answered, "limit of 65536 bytes");
    let chunk = format!("{:x}\r\n{body}\r\n0\r\n\r\n", body.len());
    let chunked = format!("HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nTransfer-Encoding: chunked\r\n\r\n{chunk}");
    assert_error(call(Act::Answer(chunked.into())).await, ErrorKind::Http, Delivery::Answered, "limit of 65536 bytes");
    // A page is not read to its end, and is no less a page for that.
    let page = answer("500 Internal Server Error", "text/html", "x".repeat(1 << 20));
    assert_error(call(page).await, ErrorKind::Http, Delivery::Answered, "text/html");
}

#[tokio::test]
async fn header_lines_are_limited() {
    let many = |count: usize| {
        let lines: String = (0..count).map(|at| format!("X-{at}: x\r\n")).collect();
        let body = greeting("Hei");
        Act::Answer(
            format!("HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\n{lines}Content-Length: {}\r\n\r\n{body}", body.len())
                .into(),
        )
    };
    assert_eq!(call(many(90)).await.unwrap(), "Hei");
    assert_error(call(many(110)).await, ErrorKind::Transport, Delivery::Unknown, "not HTTP");
    let server = Server::start([many(110)]).await;
    let mut limits = Limits::default();
    limits.reply_headers = 200;
    let connection = Connection::builder(server.url()).allow_http_to_loopback(true).limits(limits).build().unwrap();
    assert_eq!(Client::new(&connection, credentials()).greet("Kari").await.unwrap(), "Hei");
}

/// Sends the body as a stream that says how long it is, or not.
#[derive(Debug)]
struct Streamed(Arc<dyn Transport>, bool);

impl Transport for Streamed {
    fn send(&self, mut request: Request) -> BoxFuture<'_, Result<Response, TransportError>> {
        let length = request.body.remaining().filter(|_| self.1);
        request.body = Body::stream(request.body, length);
        self.0.send(request)
    }
}

#[tokio::test]
async fn a_body_may_be_streamed() {
    let server = Server::start(vec![xml("200 OK", greeting("Hei")); 2]).await;
    for known in [true, false] {
        let connection = Connection::builder(server.url())
            .allow_http_to_loopback(true)
            .layer(move |inner| Arc::new(Streamed(inner, known)))
            .build()
            .unwrap();
        let name = "x".repeat(200_000);
        assert_eq!(Client::new(&connection, credentials()).greet(name).await.unwrap(), "Hei");
    }
    let received = server.received();
    assert_eq!(received[0].header("content-length"), Some(received[0].body.len().to_string().as_str()));
    assert_eq!(received[1].header("transfer-encoding"), Some("chunked"));
    assert!(received[1].body.len() > received[0].body.len());
}

#[tokio::test]
async fn a_dropped_call_closes_its_connection() {
    let server = Server::start([Act::Stall(vec![])]).await;
    let client = client(&server);
    let call = tokio::spawn(async move { client.greet("Kari").await });
    server.has_received(1).await;
    call.abort();
    tokio::time::timeout(AMPLE, server.closed()).await.unwrap();
}

#[test]
fn what_goes_in_the_clear_needs_a_switch_and_never_leaves_the_machine() {
    let refused = |url: &str, allow: bool| {
        let error = Connection::builder(url).allow_http_to_loopback(allow).build().unwrap_err();
        assert_eq!((error.kind(), error.delivery()), (ErrorKind::Configuration, Delivery::NotSent));
        error.to_string()
    };
    assert!(refused("http://127.0.0.1:1", false).contains("allow_http_to_loopback"));
    assert!(refused("http://service.example", true).contains("https"));
    assert!(refused("https://user:planted@service.example", true).contains("password"));
    let error = Connection::to("https://service.example/path").unwrap_err();
    assert!(error.to_string().contains("path comes from its contract"), "{error}");
    Connection::to(BaseUrl::try_from("https://service.example").unwrap()).unwrap();
}

#[tokio::test]
async fn a_port_can_have_an_address_of_its_own() {
    let server = Server::start([xml("200 OK", greeting("Hei"))]).await;
    let connection = Connection::builder("https://service.example")
        .allow_http_to_loopback(true)
        .port_address(&contract::PORT, format!("{}/moved/here.svc", server.url()))
        .build()
        .unwrap();
    assert_eq!(Client::new(&connection, credentials()).greet("Kari").await.unwrap(), "Hei");
    assert!(server.received()[0].head.starts_with("POST /moved/here.svc "));
    let error =
        Connection::builder("https://service.example").port_address(&contract::PORT, "nowhere").build().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Configuration);
}
