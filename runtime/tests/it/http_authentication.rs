//! HTTP authentication beyond Basic: Digest with its challenges, bearer tokens, and what is said about other schemes.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::support;
use crate::support::contract::{GREET, Greet};
use crate::support::files::{Receipt, UPLOAD, UploadFile};
use crate::support::server::{Act, Received, Server, xml};
use crate::support::{credentials, greeting};
use md5::Md5;
use sha2::{Digest, Sha256};
use soap_runtime::generated::v1;
use soap_runtime::{BearerTokens, Connection, Delivery, Error, ErrorKind, Secret, Upload};

const fn port(security: v1::Security) -> v1::PortDescriptor {
    v1::PortDescriptor::new("Port", "Greeter", "https://published.example/g?a=1", v1::SoapVersion::Soap11)
        .security(security)
        .operations(OPERATIONS)
}

static OPERATIONS: &[&v1::Operation] = &[&GREET, &UPLOAD];
static DIGEST: v1::PortDescriptor = port(v1::Security::http_digest());
static STREAM: v1::PortDescriptor = port(v1::Security::http_digest()).mtom();
static BEARER: v1::PortDescriptor = port(v1::Security::bearer());
static BASIC: v1::PortDescriptor = port(v1::Security::http_basic());
static NONE: v1::PortDescriptor = port(v1::Security::none());

fn connect(server: &Server) -> Connection {
    Connection::builder(server.url()).allow_http_to_loopback(true).build().unwrap()
}

fn client(connection: &Connection, port: &'static v1::PortDescriptor) -> v1::Port {
    v1::Port::new(connection, port).credentials(credentials())
}

async fn greet(port: &v1::Port) -> Result<String, Error> {
    port.request(&GREET, &Greet { name: "Kari".into() }).call().await
}

/// HTTP 401 that asks for this.
fn unauthorized(challenges: &[&str]) -> Act {
    let mut answer = "HTTP/1.1 401 Unauthorized\r\nContent-Type: text/html\r\nContent-Length: 2\r\n".to_owned();
    for challenge in challenges {
        answer.push_str(&format!("WWW-Authenticate: {challenge}\r\n"));
    }
    Act::Answer(format!("{answer}\r\nno").into_bytes())
}

fn digest(nonce: &str, more: &str) -> Act {
    unauthorized(&[&format!(r#"Digest realm="The \"realm\"", qop="auth,auth-int", nonce="{nonce}"{more}"#)])
}

fn ok() -> Act {
    xml("200 OK", greeting("Hei"))
}

/// Checks the proof of a request as a service would, by itself.
#[track_caller]
fn assert_proven(request: &Received, nonce: &str, count: &str) {
    let header = request.header("authorization").expect("a proof");
    let challenge = http_auth::parse_challenges(header).unwrap().remove(0);
    assert_eq!(challenge.scheme, "Digest");
    let parameter = |name: &str| {
        let found = challenge.params.iter().find(|(known, _)| *known == name);
        found.map(|(_, value)| value.to_unescaped()).unwrap_or_else(|| panic!("{name}: {header}"))
    };
    let hash = |text: String| -> String {
        let octets = match challenge
            .params
            .iter()
            .any(|(name, value)| *name == "algorithm" && value.as_escaped() == "SHA-256")
        {
            true => Sha256::digest(text).to_vec(),
            false => Md5::digest(text).to_vec(),
        };
        octets.iter().map(|octet| format!("{octet:02x}")).collect()
    };
    let (a1, a2) = (hash(r#"system-id:The "realm":planted-password"#.to_owned()), hash("POST:/g?a=1".to_owned()));
    let client_nonce = parameter("cnonce");
    assert_eq!(client_nonce.len(), 32);
    assert_eq!(parameter("response"), hash(format!("{a1}:{nonce}:{count}:{client_nonce}:auth:{a2}")), "{header}");
    assert_eq!((parameter("nc"), parameter("uri")), (count.to_owned(), "/g?a=1".to_owned()));
    assert!(!header.contains("planted-password"));
}

#[tokio::test]
async fn the_first_challenge_is_no_failure() {
    for (more, same) in
        [("", ""), (", algorithm=MD5, opaque=abc", "opaque=\"abc\""), (", algorithm=SHA-256", "algorithm=SHA-256")]
    {
        let server = Server::start([digest("planted", more), ok(), ok()]).await;
        let port = client(&connect(&server), &DIGEST);
        assert_eq!(greet(&port).await.unwrap(), "Hei");
        assert_eq!(greet(&port).await.unwrap(), "Hei");
        let received = server.received();
        assert_eq!(received[0].header("authorization"), None);
        assert!(received[0].text().contains("Kari"));
        assert_proven(&received[1], "planted", "00000001");
        assert_proven(&received[2], "planted", "00000002");
        assert!(received[1].head.contains(same));
        assert!(!format!("{port:?}").contains("planted"), "{port:?}");
    }
}

#[tokio::test]
async fn a_nonce_that_has_become_too_old_is_no_failure_either() {
    let server = Server::start([digest("one", ""), ok(), digest("two", ", stale=true"), ok()]).await;
    let port = client(&connect(&server), &DIGEST);
    greet(&port).await.unwrap();
    greet(&port).await.unwrap();
    assert_proven(&server.received()[3], "two", "00000001");

    // Not for ever.
    let stale = || digest("again", ", stale=true");
    let server = Server::start([digest("one", ""), stale(), stale(), ok()]).await;
    let error = greet(&client(&connect(&server), &DIGEST)).await.unwrap_err();
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::Http, Delivery::Answered), "{error:?}");
    assert_eq!(server.received().len(), 3);
}

#[tokio::test]
async fn calls_that_wait_for_the_first_one_need_no_challenge_of_their_own() {
    let server = Server::start([digest("one", ""), ok(), ok(), ok()]).await;
    let port = client(&connect(&server), &DIGEST);
    let (first, second, third) = tokio::join!(greet(&port), greet(&port), greet(&port));
    assert!(first.is_ok() && second.is_ok() && third.is_ok());
    let unproven = server.received().iter().filter(|request| request.header("authorization").is_none()).count();
    assert_eq!((server.received().len(), unproven), (4, 1));
}

#[tokio::test]
async fn a_refused_proof_is_not_sent_again() {
    let server = Server::start([digest("one", ""), digest("two", ""), ok()]).await;
    let connection = connect(&server);
    let port = client(&connection, &DIGEST);
    for delivery in [Delivery::Answered, Delivery::NotSent] {
        let error = greet(&port).await.unwrap_err();
        assert_eq!((error.kind(), error.delivery()), (ErrorKind::Authentication, delivery), "{error:?}");
    }
    assert_eq!(server.received().len(), 2);
    connection.reset_authentication();
    assert_eq!(greet(&port).await.unwrap(), "Hei");
}

#[tokio::test]
async fn a_stream_that_can_be_read_once_is_not_spent_on_a_challenge() {
    let receipt = support::contract::envelope(&format!(
        r#"<ReceiptExternalStreamedBE xmlns="{}"><ReceiptId>7</ReceiptId></ReceiptExternalStreamedBE>"#,
        support::files::NS
    ));
    let server = Server::start([digest("one", ""), xml("200 OK", &receipt)]).await;
    let port = client(&connect(&server), &STREAM);
    let request = UploadFile { file_name: "a".into(), reference: "b".into(), reportee: "c".into() };
    let upload = Upload::from_reader(&b"content of the stream"[..]);
    let receipt: Receipt = port.request(&UPLOAD, &request).upload(upload).call().await.unwrap();
    assert_eq!(receipt.receipt_id, Some(7));
    let received = server.received();
    assert_eq!((received[0].header("authorization"), received[0].body.len()), (None, 0));
    assert_eq!(received[0].header("content-length"), Some("0"));
    assert_proven(&received[1], "one", "00000001");
    assert!(String::from_utf8_lossy(&received[1].body).contains("content of the stream"));
}

#[tokio::test]
async fn a_bearer_token_is_asked_for_with_each_message() {
    let server = Server::start([ok(), ok(), unauthorized(&["Bearer"]), ok()]).await;
    let calls = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&calls);
    let tokens = BearerTokens::new(move || {
        let call = counter.fetch_add(1, Ordering::SeqCst);
        async move {
            tokio::task::yield_now().await;
            match call {
                0 => Ok(Secret::from("planted.one")),
                1..=3 => Ok(Secret::from("planted.two")),
                4 => Ok(Secret::from("planted.three")),
                5 => Ok(Secret::from("planted\r\nX: y")),
                _ => Err("no token today"),
            }
        }
    });
    let connection = connect(&server);
    let port = v1::Port::new(&connection, &BEARER).credentials(credentials()).bearer_tokens(tokens);
    greet(&port).await.unwrap();
    greet(&port).await.unwrap();
    // Refused, and then not sent again; another one is.
    for delivery in [Delivery::Answered, Delivery::NotSent] {
        let error = greet(&port).await.unwrap_err();
        assert_eq!((error.kind(), error.delivery()), (ErrorKind::Authentication, delivery), "{error:?}");
    }
    greet(&port).await.unwrap();
    let sent: Vec<_> = server.received().iter().map(|one| one.header("authorization").unwrap().to_owned()).collect();
    let expected = ["one", "two", "two", "three"].map(|token| format!("Bearer planted.{token}"));
    assert_eq!(sent, expected);

    let error = greet(&port).await.unwrap_err();
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::Configuration, Delivery::NotSent));
    let error = greet(&port).await.unwrap_err();
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::Authentication, Delivery::NotSent));
    assert_eq!(std::error::Error::source(&error).unwrap().to_string(), "no token today");
    assert!(!format!("{error:?} {port:?}").contains("planted"));
}

#[tokio::test]
async fn a_port_says_what_it_lacks() {
    let server = Server::start([]).await;
    let error = greet(&client(&connect(&server), &BEARER)).await.unwrap_err();
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::Configuration, Delivery::NotSent));
    assert!(error.to_string().contains("bearer tokens"), "{error}");
}

#[tokio::test]
async fn what_another_service_asks_for_is_said() {
    for (port, challenges, says) in [
        (&NONE, &["Basic realm=\"planted\""][..], "security = \"http-basic\""),
        (&BASIC, &["Digest realm=\"planted\", nonce=\"n\""], "security = \"http-digest\""),
        (&BASIC, &["Negotiate planted==", "NTLM"], "NTLM proves who made a network connection"),
        (&NONE, &["Negotiate"], "Negotiate, which is not supported: Kerberos"),
        (&DIGEST, &["NTLM"], "NTLM, which is not supported"),
        (&DIGEST, &["Digest realm=\"planted\", nonce=\"n\", algorithm=SHA-512-256"], "with SHA-256 or MD5"),
    ] {
        let server = Server::start([unauthorized(challenges)]).await;
        let error = greet(&client(&connect(&server), port)).await.unwrap_err();
        assert_eq!(error.delivery(), Delivery::Answered);
        let text = error.to_string();
        assert!(text.contains(says) && !text.contains("planted"), "{challenges:?}: {text}");
    }
    let server = Server::start([unauthorized(&["Basic realm=\"a\""])]).await;
    let text = greet(&client(&connect(&server), &BASIC)).await.unwrap_err().to_string();
    assert!(text.contains("refused the user name and password") && !text.contains("codegen.toml"), "{text}");
}
