//! A mark in every place of an answer that a peer writes as it likes, looked for in all that is printed and logged; and how
//! long that may be.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod support;

use std::fmt::Write as _;
use std::time::Duration;

use soap_runtime::generated::v1;
use soap_runtime::testing::ScriptedTransport;
use soap_runtime::transport::{Body, Request, Response};
use soap_runtime::{Certificate, Connection, ConnectionBuilder, Credentials, Error, Limits};
use support::capture::{self, print_error};
use support::contract::{self, envelope};
use support::files::{self, Echo, Files, include};
use support::secured::{self, Rstr, SC, SOAP, WSSE};
use support::server::{Act, Identity, Proxy, Server};
use support::{credentials, greeting};

/// In lower case, as some places are read so.
const MARK: &str = "planted13097248022";

/// Longest line of what an error prints: its `Debug` on one line, which holds those of its sources.
const LONGEST: usize = 4000;

const XSI: &str = "http://www.w3.org/2001/XMLSchema-instance";

/// An answer as octets: the status line, more lines of its head, and the body.
fn http(status: &str, head: &str, body: &str) -> Act {
    let framing = if head.to_ascii_lowercase().contains("content-length:") || head.contains("chunked") {
        String::new()
    } else {
        format!("Content-Length: {}\r\n", body.len())
    };
    Act::Close(format!("HTTP/1.1 {status}\r\n{head}\r\n{framing}\r\n{body}").into_bytes())
}

/// Answers with the mark in their HTTP heads.
fn heads(mark: &str) -> Vec<Act> {
    let xml = "Content-Type: text/xml";
    let (reply, page) = (greeting("Hei"), format!("<html>{mark}</html>"));
    let with = |line: &str, body: &str| http("200 OK", line, body);
    vec![
        http(&format!("200 {mark}"), "Content-Type: text/html", &page),
        http(&format!("599 {mark}"), xml, &page),
        Act::Close(format!("HTTP/1.1 {mark}\r\n\r\n").into_bytes()),
        Act::Close(format!("{mark}\r\n\r\n").into_bytes()),
        with(&format!("{mark}: {mark}"), &reply),
        with(&format!("{xml}\r\n{mark} no colon"), &reply),
        with(&format!("Content-Type: {mark}/{mark}"), &reply),
        with(&format!("Content-Type: text/{mark}"), &reply),
        with(&format!("Content-Type: application/{mark}+json"), &reply),
        with(&format!("{xml}; charset={mark}"), &reply),
        with(&format!("{xml}; charset=utf-8; {mark}={mark}"), &envelope(mark)),
        with(&format!("Content-Type: multipart/related; boundary={mark}"), &page),
        with(&format!("Content-Type: multipart/related; boundary=b; type={mark}"), &page),
        with(&format!("Content-Type: multipart/{mark}; boundary=b"), &page),
        with(&format!("{xml}\r\nContent-Encoding: {mark}"), &reply),
        with(&format!("{xml}\r\nContent-Encoding: gzip"), &page),
        with(&format!("{xml}\r\nTransfer-Encoding: {mark}"), &reply),
        with(&format!("{xml}\r\nContent-Length: {mark}"), &reply),
        with(&format!("{xml}\r\nTransfer-Encoding: chunked"), &format!("{mark}\r\n")),
        with(&format!("{xml}\r\nTransfer-Encoding: chunked"), &format!("1;{mark}\r\n<\r\n{mark}")),
        with(&format!("{xml}\r\nTransfer-Encoding: chunked"), &format!("1\r\n<\r\n0\r\n{mark}: {mark}\r\n{mark}")),
        with(&format!("{xml}\r\nSet-Cookie: {mark}={mark}; Path={mark}"), &envelope(mark)),
        http("401 Unauthorized", &format!("WWW-Authenticate: {mark} realm=\"{mark}\""), &page),
        http("503 Busy", &format!("Retry-After: {mark}\r\nDate: {mark}\r\nServer: {mark}"), &page),
        http("302 Found", &format!("Location: https://{mark}.example/{mark}?{mark}"), ""),
        http("307 Found", &format!("Location: https://{mark}:{mark}@{mark}"), ""),
        http("301 Moved", &format!("Location: {mark}:{mark}"), ""),
        http("399 Moved", &format!("Location: /{mark}"), ""),
    ]
}

/// Documents with the mark in every place of them.
fn documents(mark: &str) -> Vec<String> {
    let soap_12 = |body: &str| format!("<s:Envelope xmlns:s=\"{SOAP}\"><s:Body>{body}</s:Body></s:Envelope>");
    let in_body =
        |content: &str| envelope(&format!("<GreetResponse xmlns=\"{}\">{content}</GreetResponse>", contract::NS));
    let list = |item: &str| {
        envelope(&format!("<ListResponse xmlns=\"{}\"><ListResult>{item}</ListResult></ListResponse>", files::NS))
    };
    let fault = |code: &str| {
        envelope(&format!(
            "<s:Fault xmlns:p=\"urn:{mark}\"><faultcode>{code}</faultcode><faultstring>{mark}</faultstring>\
             <faultactor>{mark}</faultactor><detail><p:{mark} {mark}=\"{mark}\">{mark}</p:{mark}></detail></s:Fault>"
        ))
    };
    let fault_12 = |code: &str| {
        soap_12(&format!(
            "<s:Fault xmlns:p=\"urn:{mark}\"><s:Code>{code}</s:Code><s:Reason><s:Text xml:lang=\"{mark}\">{mark}</s:Text>\
             </s:Reason><s:Node>{mark}</s:Node><s:Role>{mark}</s:Role><s:Detail><p:{mark}>{mark}</p:{mark}></s:Detail></s:Fault>"
        ))
    };
    let nested = |depth: usize| {
        let one = format!("<s:Subcode><s:Value>p:{mark}</s:Value>");
        fault_12(&format!("<s:Value>s:Sender</s:Value>{}{}", one.repeat(depth), "</s:Subcode>".repeat(depth)))
    };
    let mut documents = vec![
        // Faults.
        fault(mark),
        fault(&format!("p:{mark}")),
        fault(&format!("s:{mark}")),
        fault(&format!("{mark}:{mark}")),
        fault("s:Server"),
        fault_12(&format!("<s:Value>p:{mark}</s:Value>")),
        nested(1),
        nested(100),
        envelope(&format!("<s:Fault>{}</s:Fault>", format!("<faultcode>{mark}</faultcode>").repeat(200))),
        envelope(&format!("<s:Fault><{mark}/></s:Fault>")),
        // Markup around the message.
        format!("<?xml version=\"{mark}\"?>{}", greeting("Hei")),
        format!("<?xml version=\"1.0\" encoding=\"{mark}\"?>{}", greeting("Hei")),
        format!("<?{mark} {mark}?>{}", envelope(&format!("<{mark}/>"))),
        format!("<!DOCTYPE {mark} [<!ENTITY {mark} \"{mark}\">]>{}", greeting(&format!("&{mark};"))),
        greeting(&format!("&{mark};")),
        greeting(&format!("&#{mark};")),
        format!("{}<{mark}/>", greeting("Hei")),
        format!("{}{mark}", greeting("Hei")),
        mark.to_owned(),
        format!("<{mark} {mark}=\"{mark}"),
        format!("<{mark} xmlns=\"urn:{mark}\">{mark}</{mark}>"),
        format!("<{mark}:{mark}/>"),
        // Names, attributes and types in it.
        envelope(&format!("<{mark}>{mark}</{mark}>")),
        envelope(&format!("<x:GreetResponse xmlns:x=\"urn:{mark}\"/>")),
        envelope(&format!("<GreetResponse xmlns=\"{}\" {mark}={mark}/>", contract::NS)),
        in_body(mark),
        in_body(&format!("<GreetResult><{mark}/></GreetResult>")),
        in_body(&format!("<GreetResult>{mark}</{mark}>")),
        in_body(&format!("<GreetResult {mark}:a=\"{mark}\">{mark}</GreetResult><GreetResult/>")),
        in_body(&format!("<GreetResult xmlns:i=\"{XSI}\" i:nil=\"{mark}\"/>")),
        in_body(&format!("<x:GreetResult xmlns:x=\"{mark}\"/>")),
        in_body(&format!("<{mark}>{mark}</{mark}>")),
        list(&format!("<Name><{mark}/></Name>")),
        list(&format!("<Name>{mark}</{mark}>")),
        list(&format!("<x:Name xmlns:x=\"{mark}\"/>{mark}")),
    ];
    // Values that are none of their type.
    for member in ["One", "Many", "Any"] {
        let echo =
            |content: &str| envelope(&format!("<Echo xmlns=\"{}\"><{member}>{content}</{member}></Echo>", files::NS));
        documents.extend([echo(&format!("{mark}!")), echo(&include(mark)), echo(&format!("<{mark}>{mark}</x>"))]);
    }
    documents.push(envelope(&format!(
        "<ReceiptExternalStreamedBE xmlns=\"{}\"><ReceiptId>{mark}</ReceiptId></ReceiptExternalStreamedBE>",
        files::NS
    )));
    // Headers.
    for header in [
        format!("<{mark} s:mustUnderstand=\"1\"/>"),
        format!("<x:{mark} xmlns:x=\"urn:{mark}\" s:mustUnderstand=\"{mark}\" s:actor=\"{mark}\"/>"),
        format!("<a:RelatesTo xmlns:a=\"{}\">{mark}</a:RelatesTo>", secured::WSA),
    ] {
        documents.push(greeting("Hei").replace("<s:Body>", &format!("<s:Header>{header}</s:Header><s:Body>")));
    }
    documents
}

/// Packages with the mark in the heads of their parts.
fn packages(mark: &str) -> Vec<Act> {
    let reply = files::download_reply(mark);
    let package = |head: &str, root: &str, rest: &str| {
        let body = format!("--b\r\n{head}\r\n\r\n{root}\r\n--b\r\n{rest}\r\n--b--\r\n");
        http("200 OK", "Content-Type: multipart/related; type=\"application/xop+xml\"; boundary=b", &body)
    };
    let root = "Content-Type: application/xop+xml; charset=utf-8";
    let part = format!("Content-ID: <{mark}>\r\n\r\n{mark}");
    vec![
        package(&format!("{root}\r\n{mark}: {mark}"), &reply, &format!("{mark}: {mark}\r\n\r\n{mark}")),
        package(root, &reply, "Content-ID: <1>\r\n\r\nx"),
        package(root, &reply.replace("cid:", "cid:x"), &part),
        package(root, &reply.replace("cid:", ""), &part),
        package(root, &reply, &format!("Content-Transfer-Encoding: {mark}\r\n\r\n{mark}")),
        package(&format!("Content-Type: {mark}/{mark}"), &reply, &part),
        package(&format!("{root}{mark}"), &reply, &part),
        package(root, &format!("<{mark}"), &part),
        package(root, &greeting(mark).replace("Greet", mark), &part),
        package(root, &contract::fault(mark, mark), &part),
        http(
            "200 OK",
            &format!("Content-Type: multipart/related; boundary=b; start=\"<{mark}>\""),
            &format!("--b\r\n\r\n{reply}\r\n--b--"),
        ),
        http(
            "500 x",
            "Content-Type: multipart/related; boundary=b",
            &format!("--b\r\n{root}\r\n\r\n<{mark}/>\r\n--b--"),
        ),
        http("200 OK", "Content-Type: multipart/related; boundary=b", &format!("--b\r\n{mark}: {mark}")),
    ]
}

fn builder(url: String) -> ConnectionBuilder {
    let mut limits = Limits::default();
    limits.error_page_bytes = 1 << 10;
    Connection::builder(url)
        .allow_http_to_loopback(true)
        .idle_timeout(Duration::from_secs(20))
        .reply_timeout(Duration::from_secs(20))
        .limits(limits)
}

fn print<T>(outcome: Result<T, Error>, text: &mut String) {
    match outcome {
        // The content of a value is its caller's.
        Ok(_) => text.push_str("ok\n"),
        Err(error) => print_error(&error, text),
    }
}

/// Every kind of call that reads an answer.
async fn printed(act: &Act, text: &mut String) {
    let server = Server::start(vec![act.clone(); 7]).await;
    let connection = builder(server.url()).build().unwrap();
    print(contract::Client::new(&connection, credentials()).greet("Kari").await, text);
    print(contract::Client::new(&connection, credentials()).notify("Kari").await, text);
    print(contract::Client::soap_12(&connection, credentials()).greet("Kari").await, text);
    let files = Files::new(&connection);
    print(files.echo(Echo::default()).await, text);
    print(files.upload(files::upload_request(), "content").await, text);
    match files.download(files::download_request()).await {
        Ok(download) => {
            let _ = writeln!(text, "{download:?}");
            print(download.collect(1 << 20).await, text);
        }
        Err(error) => print_error(&error, text),
    }
    match files.list().await {
        Ok(mut items) => {
            let _ = writeln!(text, "{items:?}");
            while let Some(item) = items.next().await.transpose() {
                let failed = item.is_err();
                print(item, text);
                if failed {
                    break;
                }
            }
        }
        Err(error) => print_error(&error, text),
    }
}

/// Answers of a token service, and to a call with a session.
async fn secured(mark: &str, text: &mut String) {
    let rstr = |change: &dyn Fn(&mut Rstr)| {
        let mut rstr = Rstr::default();
        change(&mut rstr);
        rstr.answer()
    };
    let token = Rstr::default().token;
    let time = Rstr::default().lifetime;
    let tokens = [
        rstr(&|rstr| rstr.token = token.replace("uuid-s-1", mark).replace("urn:uuid:session", mark)),
        rstr(&|rstr| rstr.token = token.replace("SecurityContextToken", mark)),
        rstr(&|rstr| rstr.token = format!("<{mark}>{mark}</{mark}>")),
        rstr(&|rstr| rstr.lifetime = time.replace("2024", mark)),
        rstr(&|rstr| rstr.lifetime = format!("<{mark}>{mark}</{mark}>")),
    ];
    for token in tokens {
        let network = ScriptedTransport::new()
            .scripted_sessions()
            .answer(token)
            .answer(secured::fault(SC, "BadContextToken"))
            .answer(secured::fault(WSSE, "FailedAuthentication"));
        let connection = secured::connect(&network, &secured::Time::default());
        let client = secured::Client::with_certificate(&connection, &secured::EC2);
        print(client.greet("Kari").await, text);
        let _ = writeln!(text, "{client:?}\n{connection:?}\n{network:?}");
    }
    let mark_of = |answer: &str, with: String| {
        let answer = answer.to_owned();
        move |request: &_| {
            secured::soap(200, secured::Parts::of(request, secured::greeting()).envelope().replace(&answer, &with))
        }
    };
    for (place, with) in [
        ("</a:RelatesTo>", format!("{mark}</a:RelatesTo>")),
        ("</u:Created>", format!("{mark}</u:Created>")),
        ("</a:Action>", format!("{mark}</a:Action>")),
        ("<u:Timestamp", format!("<{mark}>{mark}</{mark}><u:Timestamp")),
        ("<u:Created>", format!("<u:{mark}/><u:Created>")),
    ] {
        let network = ScriptedTransport::new().answer(mark_of(place, with));
        let client = secured::Client::ws(&secured::connect(&network, &secured::Time::default()));
        print(client.greet("Kari").await, text);
    }
}

/// Connections that fail, to peers whose names and certificates are marked.
async fn unreachable(mark: &str, text: &mut String) {
    let identity = Identity::new(&[&format!("{mark}.example"), &format!("{mark}.{mark}.example")]);
    let server = Server::start_tls([], &identity).await;
    let trusting = builder(server.url()).root_certificates_pem(&identity.root_pem).only_given_roots();
    print(contract::Client::new(&trusting.build().unwrap(), credentials()).greet("Kari").await, text);
    assert!(text.contains("another host name"), "{text}");
    let proxy = Proxy::to(Err(Box::leak(format!("407 {mark}").into_boxed_str()))).await;
    let proxied = builder("https://service.example".to_owned()).proxy(proxy.url());
    print(contract::Client::new(&proxied.build().unwrap(), credentials()).greet("Kari").await, text);
}

/// What the program gives: queries, user names in URLs, and keys that do not read.
async fn given(mark: &str, text: &mut String) {
    let network = ScriptedTransport::new().respond(500, "text/html", "x");
    let url = format!("https://service.example/path?{mark}={mark}");
    let builder =
        Connection::builder("https://service.example").transport(network.clone()).port_address(&contract::PORT, &*url);
    let _ = writeln!(text, "{builder:?}");
    let connection = builder.build().unwrap();
    let client = contract::Client::new(&connection, Credentials::new(mark, mark));
    print(client.greet(mark).await, text);
    let port = v1::Port::new(&connection, &contract::PORT);
    let _ = writeln!(text, "{connection:?}\n{client:?}\n{client:#?}\n{port:?}\n{network:?}\n{:?}", network.requests());
    let request = Request {
        url: url.parse().unwrap(),
        headers: http::HeaderMap::new(),
        body: Body::from(mark.to_owned()),
        reply_timeout: Duration::ZERO,
        idle_timeout: Duration::ZERO,
        minimum_rate: 0,
    };
    let mut headers = http::HeaderMap::new();
    headers.insert(
        http::HeaderName::from_bytes(&mark.as_bytes()[..MARK.len()]).unwrap(),
        http::HeaderValue::from_str(mark).unwrap(),
    );
    let response = Response { status: http::StatusCode::OK, headers, body: Body::from(mark.to_owned()) };
    let _ = writeln!(text, "{request:?}\n{response:?}");

    for wrong in
        [format!("https://{mark}:{mark}@service.example"), format!("https://{mark} /"), format!("{mark}://service")]
    {
        print(Connection::to(&*wrong), text);
        print(Connection::builder("https://service.example").port_address(&contract::PORT, &*wrong).build(), text);
    }
    // The line breaks of the files have been lost.
    let pem = |label: &str| format!("-----BEGIN {label}-----{mark}-----END {label}-----");
    let broken = |label: &str| format!("-----BEGIN {label}-----\n{mark}\n-----END {mark}-----\n");
    let certificate = secured::file("vectors/test-cert.pem");
    for text_of in [&pem as &dyn Fn(&str) -> String, &broken] {
        print(Certificate::from_pem(text_of("CERTIFICATE"), secured::file("vectors/test-key.pem")), text);
        print(Certificate::from_pem(&certificate, text_of("PRIVATE KEY")), text);
        print(Certificate::from_pem(&certificate, text_of("RSA PRIVATE KEY")), text);
        print(Connection::builder("https://localhost").root_certificates_pem(text_of("CERTIFICATE")).build(), text);
    }
    print(Certificate::from_pkcs12(mark.as_bytes(), &mark.into()), text);

    let slots = v1::Slots::default();
    let mut encoder = v1::Encoder::new(v1::Style::Client, &slots);
    encoder.start(v1::Name::new("urn:x", "x"));
    encoder.text(mark).unwrap();
    let document = format!("<{mark}>{mark}</{mark}>");
    let decoder = v1::Decoder::new(document.as_bytes(), &soap_runtime::XmlLimits::default());
    let _ = writeln!(text, "{encoder:?}\n{decoder:?}\n{:?}", contract::PORT);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_place_of_an_answer_is_printed_and_no_text_is_long() {
    capture::start();
    // Short enough to be taken for a name, and longer than any text may be.
    let long = MARK.repeat(100);
    let mut all = String::new();
    for mark in [MARK, &long] {
        let as_soap_11 = |document: &String| {
            [http("200 OK", "Content-Type: text/xml", document), http("500 x", "Content-Type: text/xml", document)]
        };
        let as_soap_12 = |document: &String| http("500 x", "Content-Type: application/soap+xml", document);
        let documents = documents(mark);
        let mut acts = heads(mark);
        acts.extend(documents.iter().flat_map(as_soap_11));
        acts.extend(documents.iter().map(as_soap_12));
        acts.extend(packages(mark));
        for act in &acts {
            printed(act, &mut all).await;
        }
        secured(mark, &mut all).await;
        given(mark, &mut all).await;
    }
    unreachable(MARK, &mut all).await;

    let logged = capture::logged();
    let mut offences = Vec::new();
    for (what, text) in [("printed", &all), ("logged", &logged)] {
        for line in text.lines() {
            let is_marked = line.to_ascii_lowercase().contains(&MARK[..12]);
            if is_marked || line.len() > LONGEST {
                let start: String = line.chars().take(300).collect();
                offences.push(format!("{what}, {} bytes: {start}", line.len()));
            }
        }
    }
    offences.sort();
    offences.dedup();
    assert!(offences.is_empty(), "{} lines:\n{}", offences.len(), offences.join("\n"));
    // The test sees what it looks at.
    for seen in ["[other]", "another host name", "HTTP 500", "HTTP 302", "is not known", "[redacted]"] {
        assert!(all.contains(seen), "{seen}");
    }
    assert!(logged.contains("rpc.method=\"Greet\""));
}
