//! Secrets planted wherever a request carries any, and looked for in all that a service prints, logs and answers.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod support;

use std::error::Error as StdError;
use std::fmt::{self, Write as _};
use std::panic;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::HeaderMap;
use soap_runtime::generated::v1;
use soap_runtime::server::{Context, Listing, PeerCertificate, Service, ServiceFault, Sessions};
use soap_runtime::transport::{Body, BoxFuture, Request, Response, Transport, TransportError};
use soap_runtime::{Connection, Credentials, Download, Fragment, Upload};
use support::capture::{self, print_error};
use support::contract::{self, GREET, Greet};
use support::files::{self, DOWNLOAD, DownloadFile, Echo, LIST, Receipt, UPLOAD, UploadFile};
use support::secured::{self, Time, certificate};
use support::served::Served;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// What must not be seen, in several writings. The number is that of a person.
const PLANTED: [&str; 5] = ["planted", "13097248022", "hunter2", "aHVudGVyM", "104, 117, 110"];

/// What is put into every place of a request.
const SECRET: &str = "planted13097248022";

/// All that handlers and callbacks have printed of what they were given.
static PRINTED: Mutex<String> = Mutex::new(String::new());

fn print(text: fmt::Arguments<'_>) {
    let _ = writeln!(PRINTED.lock().unwrap_or_else(PoisonError::into_inner), "{text}");
}

/// An error that quotes what it is about.
#[derive(Debug)]
struct Quoting(String);

impl fmt::Display for Quoting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "wrong: {}", self.0)
    }
}

impl StdError for Quoting {}

/// Prints what it can, and ends as the request says.
async fn handle(text: &str, context: &Context) -> Result<(), ServiceFault> {
    print(format_args!("{context:?} {context:#?} {:?}", context.credentials()));
    let outcome = match text {
        _ if text.contains("to panic later") => {
            tokio::task::yield_now().await;
            panic::panic_any(text.to_owned())
        }
        _ if text.contains("to panic") => panic!("{text}"),
        _ if text.contains("to parse") => text.parse::<u32>().map(drop).map_err(ServiceFault::from),
        _ if text.contains("to fail") => Err(Quoting(text.to_owned()).into()),
        _ if text.contains("to refuse") => Err(ServiceFault::sender("refused, and nothing else")),
        _ => Ok(()),
    };
    print(format_args!("{outcome:?}"));
    outcome
}

const ENDS: [&str; 6] = ["to panic", "to panic later", "to parse", "to fail", "to refuse", "to answer"];

/// A service of a port, all of whose operations take what is planted and give none of it.
fn service(port: &'static v1::PortDescriptor, sessions: &Sessions) -> Service {
    let service = Service::new(port, ())
        .operation(&GREET, |_, request: Greet, context| async move {
            handle(&request.name, &context).await?;
            Ok("Hei".to_owned())
        })
        .upload(&UPLOAD, |_, request: UploadFile, mut content: Download, context| async move {
            handle(&request.reference, &context).await?;
            loop {
                match content.chunk().await {
                    Ok(Some(_)) => print(format_args!("{content:?}")),
                    Ok(None) => return Ok(Receipt::default()),
                    Err(error) => {
                        print_error(&error, &mut PRINTED.lock().unwrap_or_else(PoisonError::into_inner));
                        return Err(error.into());
                    }
                }
            }
        })
        .download(&DOWNLOAD, |_, request: DownloadFile, context| async move {
            handle(&request.reportee, &context).await?;
            Ok(((), Upload::from("content")))
        })
        .list(&LIST, |_, request: Echo, context| async move {
            handle(request.text.as_deref().unwrap_or_default(), &context).await?;
            let items = Listing::from(vec!["one".to_owned()]);
            print(format_args!("{items:?}"));
            Ok(items)
        })
        .service()
        .sessions(sessions.clone())
        .clock(Arc::new(Time::default()))
        .certificates(|_| true)
        .users(|_, proof| async move {
            print(format_args!("{proof:?} {proof:#?}"));
            proof.is("hunter2")
        });
    print(format_args!("{service:?} {service:#?} {sessions:?}"));
    service
}

/// A request of ours, before anything was planted in the places where we put nothing.
#[derive(Clone)]
struct Sent {
    target: String,
    headers: HeaderMap,
    body: Bytes,
}

#[derive(Clone)]
struct Noting {
    service: Service,
    sent: Arc<Mutex<Vec<Sent>>>,
}

impl fmt::Debug for Noting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Noting")
    }
}

impl Transport for Noting {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, TransportError>> {
        Box::pin(async move {
            let Request { url, headers, body, .. } = request;
            let sent = Sent { target: url.path().to_owned(), headers, body: body.collect(usize::MAX).await? };
            self.sent.lock().unwrap().push(sent.clone());
            let (head, body) = self.service.handle(sent.request()).await.into_parts();
            Ok(Response { status: head.status, headers: head.headers, body })
        })
    }
}

impl Sent {
    fn request(self) -> http::Request<Body> {
        let mut request = http::Request::post(self.target);
        *request.headers_mut().unwrap() = self.headers;
        let mut request = request.body(self.body.into()).unwrap();
        request.extensions_mut().insert(PeerCertificate(b"planted"[..].into()));
        request
    }
}

/// Calls of a port that end in every way, with secrets wherever the contract takes them. Gives the requests.
async fn calls(port: &'static v1::PortDescriptor, service: &Service) -> Vec<Sent> {
    let noting = Noting { service: service.clone(), sent: Arc::default() };
    let connection = Connection::builder("https://localhost")
        .transport(noting.clone())
        .clock(Time::default())
        .soap_header(Fragment::from_xml("<x:Free xmlns:x='urn:x'>planted hunter2</x:Free>").unwrap());
    let connection = connection.build().unwrap();
    let mut client = v1::Port::new(&connection, port).credentials(Credentials::new("planted-user", "hunter2"));
    if port.security.scheme == v1::SecurityScheme::SecureConversation {
        client = client.certificate(certificate());
    }
    for end in ENDS {
        let text = || format!("planted 13097248022 {end}");
        let operation = port.operations[0].name;
        match operation {
            "Greet" => drop(client.request(&GREET, &Greet { name: text() }).call::<String>().await),
            _ => {
                let (file_name, reportee) = ("planted".to_owned(), text());
                let upload = UploadFile { file_name, reference: text(), reportee: reportee.clone() };
                let content = Upload::from("planted hunter2 ".repeat(100));
                drop(client.request(&UPLOAD, &upload).upload(content).call::<Receipt>().await);
                let download = DownloadFile { file_reference: "planted".to_owned(), reportee };
                drop(client.request(&DOWNLOAD, &download).download().await);
                let list = Echo { text: Some(text()), ..Echo::default() };
                drop(client.request(&LIST, &list).call::<Vec<String>>().await);
            }
        }
    }
    std::mem::take(&mut *noting.sent.lock().unwrap())
}

/// The request with a secret in every kind of place, one at a time.
fn planted(sent: &Sent) -> Vec<Sent> {
    let with = |body: Vec<u8>| Sent { body: body.into(), ..sent.clone() };
    // Where a token of XML or of a package begins or ends.
    let is_edge = |at: usize| at == 0 || b"<>\"'/:= \n".contains(&sent.body[at - 1]);
    let places: Vec<_> = (0..sent.body.len().min(6_000)).filter(|at| is_edge(*at)).collect();
    let mut all = Vec::new();
    for at in places {
        for secret in [SECRET.as_bytes(), b" planted='hunter2'", b"<planted/>", b"&planted;", b"planted\xFF"] {
            // All of them only at some places, as there are many.
            if secret == SECRET.as_bytes() || at % 23 == 0 {
                all.push(with([&sent.body[..at], secret, &sent.body[at..]].concat()));
            }
        }
    }
    for (name, value) in &sent.headers {
        for value in
            [format!("{}{SECRET}", value.to_str().unwrap()), SECRET.to_owned(), format!("text/xml; a={SECRET}")]
        {
            let mut changed = sent.clone();
            changed.headers.insert(name, value.parse().unwrap());
            all.push(changed);
        }
    }
    for (name, value) in [
        ("authorization", format!("Basic {}", STANDARD.encode(format!("planted:{SECRET}")))),
        ("authorization", format!("Bearer {SECRET}")),
        ("content-encoding", "gzip".to_owned()),
        ("content-encoding", SECRET.to_owned()),
        ("content-type", format!("multipart/related; boundary={SECRET}; type=\"{SECRET}\"")),
        ("content-type", format!("text/xml; charset={SECRET}")),
        ("cookie", SECRET.to_owned()),
        ("host", SECRET.to_owned()),
    ] {
        let mut changed = sent.clone();
        changed.headers.insert(name, value.parse().unwrap());
        all.push(changed);
    }
    all.push(Sent { target: format!("/{SECRET}?{SECRET}=hunter2"), ..sent.clone() });
    all.extend(
        [&b"planted hunter2"[..], b"<planted hunter2", b"\x1f\x8b planted hunter2"].map(|body| with(body.to_vec())),
    );
    all
}

/// An answer without what the standards have repeated in it: the id of the request, and the names of headers that have to be
/// understood.
fn without_echoes(mut answer: String) -> String {
    for (start, end) in [("<a:RelatesTo>", "</a:RelatesTo>"), ("<s:NotUnderstood ", "/>")] {
        while let Some(at) = answer.find(start) {
            let length = answer[at..].find(end).unwrap_or_default() + end.len();
            answer.replace_range(at..at + length, "");
        }
    }
    answer
}

#[track_caller]
fn assert_clean(what: &str, text: &str) {
    for planted in PLANTED {
        if let Some(line) = text.lines().find(|line| line.contains(planted)) {
            panic!("{what}: {planted:?} in {line:?}");
        }
    }
}

#[tokio::test]
async fn nothing_planted_is_printed_logged_or_answered() {
    capture::start();
    // What a panic says is for the program's own hook.
    panic::set_hook(Box::new(|_| ()));
    let sessions = Sessions::default();
    static HTTP_BASIC: v1::PortDescriptor =
        v1::PortDescriptor::new("basic", "Greeter", "http://published.example/greeter", v1::SoapVersion::Soap11)
            .security(v1::Security::http_basic())
            .operations(&[&GREET]);
    let mut answered = String::new();
    let (mut requests, mut taken) = (0, 0);
    for port in [
        &contract::PORT,
        &HTTP_BASIC,
        &secured::WS,
        &secured::WS_DIGEST,
        &secured::EC2,
        &secured::EC,
        &files::PORT,
        &files::WS_PORT,
        &files::TEXT_PORT,
    ] {
        let service = service(port, &sessions);
        let sent = calls(port, &service).await;
        // One of each kind: what begins a session, and the last of each operation.
        let kinds = match sent.len() == 3 * ENDS.len() {
            true => &sent[sent.len() - 3..],
            false => &[sent[0].clone(), sent.last().unwrap().clone()],
        };
        for request in kinds.iter().flat_map(planted) {
            let response = service.handle(request.request()).await;
            requests += 1;
            taken += usize::from(response.status().is_success());
            let _ = writeln!(answered, "{} {:?}", response.status(), response.headers());
            let body = response.into_body().collect(usize::MAX).await.unwrap();
            let _ = writeln!(answered, "{}", without_echoes(String::from_utf8_lossy(&body).into_owned()));
        }
        assert_clean("answered", &answered);
        answered.clear();
    }
    println!("{requests} requests, {taken} of them taken");
    assert!(taken > 100 && requests - taken > 1000, "{taken} of {requests} requests taken");

    // The layers below: a connection that is cut, and what is no HTTP.
    let served = Served::start(service(&contract::PORT, &sessions)).await;
    for octets in [
        "POST /planted?hunter2 HTTP/1.1\r\nHost: planted\r\nContent-Type: text/xml\r\nContent-Length: 99\r\n\r\n<planted",
        "POST / HTTP/1.1\r\nHost: planted\r\nContent-Type: text/xml\r\nTransfer-Encoding: chunked\r\n\r\nplanted\r\n",
        "planted hunter2\r\n\r\n",
        "GET /planted?hunter2 HTTP/1.1\r\nHost: planted\r\n\r\n",
        "PUT /planted?hunter2 HTTP/1.1\r\nHost: planted\r\n\r\n",
    ] {
        let mut stream = tokio::net::TcpStream::connect(served.address).await.unwrap();
        stream.write_all(octets.as_bytes()).await.unwrap();
        stream.shutdown().await.unwrap();
        let mut answer = Vec::new();
        let _ = tokio::time::timeout(Duration::from_secs(10), stream.read_to_end(&mut answer)).await.unwrap();
        assert_clean("answered", &String::from_utf8_lossy(&answer));
    }

    let printed = PRINTED.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let logged = capture::logged();
    // Our own clients have logged too; that is another test's, and nothing is in it either.
    assert_clean("logged", &logged);
    assert_clean("printed", &printed);
    // The test sees what it looks at.
    for seen in ["a handler panicked", "a handler failed error=", "ParseIntError", "Quoting"] {
        assert!(logged.contains(seen), "no {seen} in {logged}");
    }
    for seen in ["Context { operation: \"Greet\"", "Err(ServiceFault {", "Service {", "[redacted]", "Download {"] {
        assert!(printed.contains(seen), "no {seen} in {printed}");
    }
}
