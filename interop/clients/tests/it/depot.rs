//! Apache CXF behind what Jetty has against strangers: HTTP Basic, HTTP Digest, and client certificates in TLS. Its replies are
//! what it saw of a request.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use altinn_soap_interop::depot::depot::types::Seen;
use altinn_soap_interop::depot::depot::{basic_port, certificate_port, digest_port};
use sha2::{Digest, Sha256};
use soap_runtime::transport::{BoxFuture, Request, Response, Transport, TransportError};
use soap_runtime::{
    Connection, ConnectionBuilder, Credentials, Delivery, Error, ErrorKind, Fragment, Hook, HookError, IncomingMessage,
    OutgoingMessage, Secret, TlsCertificate, Upload,
};

use crate::echo::builder;

/// Longer than a nonce of the server lives.
const NONCE_AGE: Duration = Duration::from_millis(2500);

fn credentials() -> Credentials {
    Credentials::new("1001", "sys<tem")
}

fn wrong() -> Credentials {
    Credentials::new("1001", "system")
}

/// Counts the requests of a connection.
#[derive(Debug)]
struct Counted {
    inner: Arc<dyn Transport>,
    requests: Arc<AtomicUsize>,
}

impl Transport for Counted {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, TransportError>> {
        self.requests.fetch_add(1, Ordering::Relaxed);
        self.inner.send(request)
    }
}

/// A connection, and how many requests it has made since that was last asked.
fn counted(builder: ConnectionBuilder) -> (Connection, impl Fn() -> usize) {
    let requests = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&requests);
    let connection = builder.layer(move |inner| Arc::new(Counted { inner, requests: counter }));
    (connection.build().unwrap(), move || requests.swap(0, Ordering::Relaxed))
}

#[track_caller]
fn assert_seen(seen: &Seen, expected: &str) {
    assert!(seen.line.iter().any(|line| line == expected), "{expected}: {seen:#?}");
}

#[track_caller]
fn assert_refused(outcome: Result<Seen, Error>, delivery: Delivery) {
    let error = outcome.unwrap_err();
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::Authentication, delivery), "{error:?}");
}

#[tokio::test]
#[ignore = "cargo xtask interop"]
async fn http_basic_lets_in_and_a_wrong_password_is_sent_once() {
    let (connection, requests) = counted(builder(&basic_port::PORT));
    let depot = basic_port::Client::new(&connection, credentials());
    assert_seen(&depot.look("æ".to_owned()).await.unwrap(), "user 1001");
    assert_eq!(requests(), 1);

    let stranger = basic_port::Client::new(&connection, wrong());
    assert_refused(stranger.look("x".to_owned()).await, Delivery::Answered);
    assert_refused(stranger.look("x".to_owned()).await, Delivery::NotSent);
    assert_eq!(requests(), 1);
    // Who has the right one is not shut out with him.
    assert_seen(&depot.look("<&>".to_owned()).await.unwrap(), "word <&>");
}

#[tokio::test]
#[ignore = "cargo xtask interop"]
async fn http_digest_answers_a_challenge_once_and_keeps_its_nonce() {
    let (connection, requests) = counted(builder(&digest_port::PORT));
    let depot = digest_port::Client::new(&connection, credentials());
    assert_seen(&depot.look("æ".to_owned()).await.unwrap(), "user 1001");
    assert_eq!(requests(), 2, "the challenge, and its answer");
    assert_seen(&depot.look("again".to_owned()).await.unwrap(), "word again");
    assert_eq!(requests(), 1, "with the same nonce");
    tokio::time::sleep(NONCE_AGE).await;
    assert_seen(&depot.look("later".to_owned()).await.unwrap(), "word later");
    assert_eq!(requests(), 2, "the nonce is stale");

    let stranger = digest_port::Client::new(&connection, wrong());
    assert_refused(stranger.look("x".to_owned()).await, Delivery::Answered);
    assert_eq!(requests(), 2);
    assert_refused(stranger.look("x".to_owned()).await, Delivery::NotSent);
    assert_eq!(requests(), 0);
}

#[tokio::test]
#[ignore = "cargo xtask interop"]
async fn a_stream_that_can_be_read_once_passes_http_digest() {
    let (connection, requests) = counted(builder(&digest_port::PORT));
    let depot = digest_port::Client::new(&connection, credentials());
    let content: Vec<u8> = (0..3_000_000_u32).map(|position| (position % 251) as u8).collect();
    let digest: String = Sha256::digest(&content).iter().map(|octet| format!("{octet:02x}")).collect();
    let arrived = format!("content {} {digest}", content.len());
    for _ in 0..2 {
        let stream = Upload::from_reader(std::io::Cursor::new(content.clone()));
        assert_seen(&depot.store(stream).await.unwrap(), &arrived);
        assert_eq!(requests(), 2, "an empty one fetches a challenge that cannot have become stale");
    }
}

fn file(name: &str) -> Vec<u8> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/security");
    fs::read(folder.join(name)).unwrap()
}

#[tokio::test]
#[ignore = "cargo xtask interop"]
async fn a_client_certificate_lets_in_from_either_form_of_file() {
    let pem = TlsCertificate::from_pem(file("vectors/test-cert.pem"), file("vectors/test-key.pem")).unwrap();
    let pkcs12 = TlsCertificate::from_pkcs12(&file("certificates/modern.p12"), &Secret::from("passord")).unwrap();
    for certificate in [pem, pkcs12] {
        let connection = builder(&certificate_port::PORT).client_certificate(certificate).build().unwrap();
        let depot = certificate_port::Client::new(&connection);
        let seen = depot.look("æ".to_owned()).await.unwrap();
        assert_seen(&seen, "certificate CN=TEST ONLY client, C=NO");
        assert_seen(&seen, "word æ");
    }
}

/// What is said, and that nothing was sent, where no certificate is given or another one.
#[tokio::test]
#[ignore = "cargo xtask interop"]
async fn nobody_is_let_in_without_a_client_certificate() {
    let other = TlsCertificate::from_pem(file("certificates/other-cert.pem"), file("certificates/other-key.pem"));
    let with = |builder: ConnectionBuilder, says| (builder.build().unwrap(), says);
    for (connection, says) in [
        with(builder(&certificate_port::PORT), "asks for a client certificate"),
        with(
            builder(&certificate_port::PORT).client_certificate(other.unwrap()),
            "does not accept the client certificate",
        ),
    ] {
        // Whether the alert arrives before the connection is gone is a matter of luck, which does not last.
        let mut said = 0;
        for _ in 0..10 {
            let error = certificate_port::Client::new(&connection).look("x".to_owned()).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Transport, "{error:?}");
            if error.delivery() == Delivery::NotSent {
                assert!(error.to_string().contains(says), "{error}");
                said += 1;
            }
        }
        println!("{says}: in {said} of 10 calls");
        assert!(said > 0, "{says}");
    }
}

/// Changes a request, and what is seen of it.
#[derive(Debug)]
struct Stamp;

impl Hook for Stamp {
    fn outgoing(&self, message: &mut OutgoingMessage) -> Result<(), HookError> {
        let changed = message.envelope().replace(">unstamped<", ">stamped<");
        message.replace_envelope(changed);
        Ok(message.set_http_header("x-department", "tax")?)
    }

    fn incoming(&self, message: &mut IncomingMessage) -> Result<(), HookError> {
        let changed = message.envelope().replace(">user 1001<", ">user Ola<");
        message.replace_envelope(changed);
        Ok(())
    }
}

#[tokio::test]
#[ignore = "cargo xtask interop"]
async fn headers_and_hooks_reach_the_server() {
    let block = |text: &str| Fragment::from_xml(format!("<t:Trace xmlns:t='urn:trace'>{text}</t:Trace>")).unwrap();
    let connection = builder(&basic_port::PORT)
        .hook(Stamp)
        .user_agent("depot/1")
        .http_header("x-api-key", "0a1b2c")
        .soap_header(block("of the connection"))
        .build()
        .unwrap();
    let depot = basic_port::Client::new(&connection, credentials());
    let seen = depot.look("unstamped".to_owned()).await.unwrap();
    for line in [
        "user Ola",
        "word stamped",
        "http user-agent: depot/1",
        "http x-api-key: 0a1b2c",
        "http x-department: tax",
        "soap {urn:trace}Trace: of the connection",
    ] {
        assert_seen(&seen, line);
    }
    let of_one_call = depot.with_http_header("x-correlation-id", "order-4711").unwrap();
    let seen = of_one_call.with_soap_header(block("æ &lt;&amp;>")).look("x".to_owned()).await.unwrap();
    assert_seen(&seen, "http x-correlation-id: order-4711");
    assert_seen(&seen, "soap {urn:trace}Trace: æ <&>");
    let seen = depot.look("x".to_owned()).await.unwrap();
    assert!(!seen.line.iter().any(|line| line.contains("x-correlation-id")), "{seen:#?}");
}
