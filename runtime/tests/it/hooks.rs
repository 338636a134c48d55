//! What hooks of a connection see, when, and what becomes of what they change.

use std::error::Error as _;
use std::sync::{Arc, Mutex};

use crate::support;
use crate::support::contract;
use crate::support::files::{self, Files};
use crate::support::secured::{self, Client, EC2, Parts, Rstr, SC, Time};
use soap_runtime::testing::ScriptedTransport;
use soap_runtime::{
    Connection, ConnectionBuilder, Delivery, Error, ErrorKind, Hook, HookError, IncomingMessage, OutgoingMessage,
};

type Seen = Arc<Mutex<Vec<String>>>;

/// Notes what it sees, and changes texts: what, into what.
#[derive(Clone, Debug, Default)]
struct Spy {
    name: &'static str,
    seen: Seen,
    out: Option<(&'static str, &'static str)>,
    back: Option<(&'static str, &'static str)>,
}

impl Hook for Spy {
    fn outgoing(&self, message: &mut OutgoingMessage) -> Result<(), HookError> {
        let headers = message.http_headers().len();
        self.note(format!("{} out {} {headers} {}", self.name, message.operation(), message.envelope()));
        if let Some((what, with)) = self.out {
            message.replace_envelope(message.envelope().replace(what, with));
        }
        message.set_http_header("x-seen-by", self.name)?;
        Ok(())
    }

    fn incoming(&self, message: &mut IncomingMessage) -> Result<(), HookError> {
        let (status, headers) = (message.http_status(), message.http_headers().len());
        self.note(format!("{} in {} {status} {headers} {}", self.name, message.operation(), message.envelope()));
        if let Some((what, with)) = self.back {
            message.replace_envelope(message.envelope().replace(what, with));
        }
        Ok(())
    }
}

impl Spy {
    fn note(&self, line: String) {
        self.seen.lock().unwrap().push(line);
    }

    fn seen(&self) -> Vec<String> {
        std::mem::take(&mut *self.seen.lock().unwrap())
    }
}

/// A hook that refuses.
#[derive(Debug)]
struct Refusing {
    outgoing: bool,
}

impl Hook for Refusing {
    fn outgoing(&self, _: &mut OutgoingMessage) -> Result<(), HookError> {
        if self.outgoing { Err("planted why".into()) } else { Ok(()) }
    }

    fn incoming(&self, _: &mut IncomingMessage) -> Result<(), HookError> {
        Err("planted why".into())
    }
}

fn plain(network: &ScriptedTransport) -> ConnectionBuilder {
    Connection::builder("https://service.example").transport(network.clone())
}

async fn greet(builder: ConnectionBuilder) -> Result<String, Error> {
    contract::Client::new(&builder.build().unwrap(), support::credentials()).greet("Kari").await
}

#[tokio::test]
async fn hooks_see_and_change_both_messages_in_turn() {
    let network = ScriptedTransport::new().respond(200, "text/xml", support::greeting("Hei"));
    let first = Spy { name: "first", out: Some(("Kari", "Ola")), back: Some(("Hallo", "Hallo du")), ..Spy::default() };
    let second = Spy { name: "second", seen: Arc::clone(&first.seen), back: Some(("Hei", "Hallo")), ..Spy::default() };
    let reply = greet(plain(&network).hook(first.clone()).hook(second).http_header("x-own", "1")).await.unwrap();
    assert_eq!(reply, "Hallo du");
    let seen = first.seen();
    // Content-Type, SOAPAction and that of the program; then the one that the first hook has set.
    assert!(seen[0].starts_with("first out Greet 3 <s:Envelope") && seen[0].contains("Kari"), "{}", seen[0]);
    assert!(seen[1].starts_with("second out Greet 4 <s:Envelope") && seen[1].contains("Ola"), "{}", seen[1]);
    assert!(seen[2].starts_with("second in Greet 200 1 <s:Envelope") && seen[2].contains("Hei"), "{}", seen[2]);
    assert!(seen[3].starts_with("first in Greet 200 1 <s:Envelope") && seen[3].contains("Hallo<"), "{}", seen[3]);
    assert_eq!(seen.len(), 4);
    let sent = &network.requests()[0];
    assert!(sent.text().contains("Ola") && !sent.text().contains("Kari"));
    assert_eq!((sent.header("x-seen-by"), sent.header("x-own")), (Some("second"), Some("1")));
}

#[tokio::test]
async fn security_is_applied_after_the_hooks_and_token_exchanges_are_not_seen() {
    let network = ScriptedTransport::new()
        .scripted_sessions()
        .answer(Rstr::default().answer())
        .answer(secured::fault(SC, "BadContextToken"))
        .answer(Rstr::default().answer())
        .answer(secured::ok);
    let spy = Spy { name: "spy", out: Some(("Kari", "Ola")), back: Some(("Hei", "Hallo")), ..Spy::default() };
    let connection = secured::builder(&network, &Time::default()).hook(spy.clone()).build().unwrap();
    assert_eq!(Client::with_certificate(&connection, &EC2).greet("Kari").await.unwrap(), "Hallo");
    let seen = spy.seen();
    // Once for each time that the message was sent; the fault between them too.
    let kinds: Vec<_> = seen.iter().map(|line| line.split(" <").next().unwrap()).collect();
    assert_eq!(kinds, ["spy out Greet 1", "spy in Greet 500 1", "spy out Greet 1", "spy in Greet 200 1"]);
    assert!(seen.iter().step_by(2).all(|line| line.contains("Action") && !line.contains("Security")), "{seen:#?}");
    let requests = network.requests();
    for (at, exchange) in [(1, 0), (3, 2)] {
        assert!(requests[at].text().contains("Ola"));
        secured::assert_signed(&requests[at], &secured::session_key(&requests[exchange]));
    }

    let network = ScriptedTransport::new().answer(secured::ok);
    let connection = secured::builder(&network, &Time::default()).hook(spy.clone()).build().unwrap();
    assert_eq!(Client::ws(&connection).greet("Kari").await.unwrap(), "Hallo");
    assert!(!spy.seen()[0].contains("UsernameToken"));
    assert!(network.requests()[0].text().contains("planted-password</o:Password>"));
}

#[tokio::test]
async fn an_answer_is_seen_after_it_was_checked() {
    let stale = |request: &_| {
        let mut parts = Parts::of(request, secured::greeting());
        parts.security = secured::security(
            "<u:Timestamp><u:Created>2023-01-15T10:00:00Z</u:Created><u:Expires>2023-01-15T10:05:00Z</u:Expires></u:Timestamp>",
        );
        secured::soap(200, parts.envelope())
    };
    let network = ScriptedTransport::new().answer(stale).answer(secured::ok);
    // What was checked need not be there any more.
    let spy = Spy { back: Some(("RelatesTo", "Unrelated")), ..Spy::default() };
    let connection = secured::builder(&network, &Time::default()).hook(spy.clone()).build().unwrap();
    let client = Client::ws(&connection);
    assert_eq!(client.greet("Kari").await.unwrap_err().kind(), ErrorKind::Security);
    assert_eq!(spy.seen().len(), 1, "the request alone");
    assert_eq!(client.greet("Kari").await.unwrap(), "Hei");
}

#[tokio::test]
async fn an_error_of_a_hook_ends_the_call() {
    let network = ScriptedTransport::new().respond(200, "text/xml", support::greeting("Hei"));
    for (outgoing, delivery, left) in [(true, Delivery::NotSent, 1), (false, Delivery::Answered, 0)] {
        let error = greet(plain(&network).hook(Refusing { outgoing })).await.unwrap_err();
        assert_eq!((error.kind(), error.delivery(), network.left()), (ErrorKind::Configuration, delivery, left));
        assert!(!error.to_string().contains("planted"));
        assert_eq!(error.source().unwrap().to_string(), "planted why");
    }

    let network = ScriptedTransport::new();
    let spy = Spy { out: Some(("Envelope", "Letter")), ..Spy::default() };
    let connection = secured::builder(&network, &Time::default()).hook(spy).build().unwrap();
    let error = Client::ws(&connection).greet("Kari").await.unwrap_err();
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::Configuration, Delivery::NotSent));
    assert!(network.requests().is_empty());
}

#[derive(Debug)]
struct Header(&'static str);

impl Hook for Header {
    fn outgoing(&self, message: &mut OutgoingMessage) -> Result<(), HookError> {
        Ok(message.set_http_header(self.0, "x")?)
    }
}

#[tokio::test]
async fn a_hook_is_bound_by_the_rules_for_headers() {
    let network = ScriptedTransport::new();
    assert_eq!(greet(plain(&network).hook(Header("content-type"))).await.unwrap_err().delivery(), Delivery::NotSent);
    let clear = Connection::builder("http://192.0.2.1").allow_plain_http(true).transport(network.clone());
    let connection = clear.hook(Header("authorization")).build().unwrap();
    let port = soap_runtime::generated::v1::Port::new(&connection, &contract::PORT);
    let error = port.request(&contract::NOTIFY, &()).call::<()>().await.unwrap_err();
    assert!(error.to_string().contains("allow_clear_credentials"), "{error}");
    assert!(network.requests().is_empty());
}

#[tokio::test]
async fn of_a_package_only_the_root_part_is_seen() {
    let body = files::package(&[("0", files::download_reply("1").as_bytes()), ("1", b"planted content")]);
    let network =
        ScriptedTransport::new().respond(200, "text/xml", files::receipt(7)).respond(200, files::PACKAGE, body);
    let spy = Spy { name: "spy", out: Some(("a.zip", "b.zip")), ..Spy::default() };
    let files = Files::new(&plain(&network).hook(spy.clone()).build().unwrap());
    let mut request = files::upload_request();
    request.file_name = "a.zip".to_owned();
    files.upload(request, "planted content".as_bytes().to_vec()).await.unwrap();
    assert!(files.download(files::download_request()).await.is_ok());
    let seen = spy.seen().concat();
    assert!(seen.contains("Include") && !seen.contains("planted content"));
    let sent = &network.requests()[0];
    assert!(sent.text().contains("planted content") && sent.text().contains("b.zip"));
    assert!(sent.header("content-type").unwrap().starts_with("multipart/related"));
}
