//! The authentication schemes: what each sends, what it asks of replies, and where a refused credential stops.

use crate::support::contract::{GREET, Greet, NOTIFY, envelope};
use crate::support::credentials;
use crate::support::secured::*;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use soap_runtime::generated::v1;
use soap_runtime::testing::ScriptedTransport;
use soap_runtime::{Connection, Credentials, Delivery, Error, ErrorKind};

static OPERATIONS: &[&v1::Operation] = &[&GREET, &NOTIFY];

const fn port(address: &'static str, security: v1::Security) -> v1::PortDescriptor {
    v1::PortDescriptor::new("port", "Greeter", address, v1::SoapVersion::Soap11)
        .security(security)
        .operations(OPERATIONS)
}

const ONE: &str = "https://published.example/one";
const TWO: &str = "https://published.example/two";

static BASIC: v1::PortDescriptor = port(ONE, v1::Security::http_basic());

async fn greet(port: &v1::Port) -> Result<String, Error> {
    port.request(&GREET, &Greet { name: "Kari".into() }).call().await
}

fn basic(connection: &Connection) -> v1::Port {
    v1::Port::new(connection, &BASIC).credentials(credentials())
}

#[tokio::test]
async fn http_basic_goes_with_every_request() {
    let network = ScriptedTransport::new().reply(greeting()).reply(greeting());
    let port = basic(&connect(&network, &Time::default()));
    assert_eq!(greet(&port).await.unwrap(), "Hei");
    greet(&port).await.unwrap();
    for request in network.requests() {
        // printf 'system-id:planted-password' | base64
        assert_eq!(request.header("authorization"), Some("Basic c3lzdGVtLWlkOnBsYW50ZWQtcGFzc3dvcmQ="));
        assert!(request.headers["authorization"].is_sensitive());
        assert!(!request.text().contains("Security"));
    }
    assert!(!format!("{port:?}").contains("planted"));
}

#[tokio::test]
async fn what_is_not_supported_is_not_sent() {
    const SEALED: v1::Security = v1::Security::unsupported("`sp:SymmetricBinding`");
    static PORT: v1::PortDescriptor = port(ONE, SEALED);
    let network = ScriptedTransport::new();
    let plain = v1::Port::new(&connect(&network, &Time::default()), &PORT);
    for port in [plain.clone(), plain.credentials(credentials())] {
        let error = greet(&port).await.unwrap_err();
        assert_eq!((error.kind(), error.delivery()), (ErrorKind::Configuration, Delivery::NotSent));
        let text = error.to_string();
        assert!(text.contains("requires `sp:SymmetricBinding`"), "{text}");
        assert!(text.contains(r#"[port."Greeter/port"]"#) && text.contains("security = "), "{text}");
        let notified: Result<(), Error> = port.request(&NOTIFY, &Greet { name: "Kari".into() }).call().await;
        let error = notified.unwrap_err();
        assert_eq!((error.kind(), error.delivery()), (ErrorKind::Configuration, Delivery::NotSent));
    }
    assert!(network.requests().is_empty());
}

/// Where nothing is asked of it, it may have any form that WS-Security allows.
#[tokio::test]
async fn a_timestamp_that_nobody_asked_for_is_not_read() {
    static PLAIN: v1::PortDescriptor = port(ONE, v1::Security::none());
    let stamp = "<u:Timestamp><u:Created>2024-01-15T10:00:00+01:00</u:Created></u:Timestamp>";
    let header = format!("<o:Security xmlns:o='{WSSE}' xmlns:u='{WSU}'>{stamp}</o:Security>");
    let reply = envelope(&greeting()).replace("<s:Body>", &format!("<s:Header>{header}</s:Header><s:Body>"));
    let network = ScriptedTransport::new().respond(200, "text/xml", reply);
    let plain = v1::Port::new(&connect(&network, &Time::default()), &PLAIN).credentials(credentials());
    assert_eq!(greet(&plain).await.unwrap(), "Hei");
}

#[tokio::test]
async fn a_timestamp_may_be_all_that_is_asked_for() {
    static PLAIN: v1::PortDescriptor = port(ONE, v1::Security::none().timestamp()).replies(v1::Replies::Strict);
    static BASIC: v1::PortDescriptor = port(TWO, v1::Security::http_basic().timestamp()).replies(v1::Replies::Strict);
    let header = timestamp("2024-01-15T10:00:00Z", "2024-01-15T10:05:00Z");
    let header = header.replace("<o:Security", &format!("<o:Security xmlns:u=\"{WSU}\""));
    let reply = envelope(&greeting()).replace("<s:Body>", &format!("<s:Header>{header}</s:Header><s:Body>"));
    for (port, is_basic) in [(&PLAIN, false), (&BASIC, true)] {
        let network = ScriptedTransport::new().respond(200, "text/xml", reply.clone());
        let network = network.respond(200, "text/xml", envelope(&greeting()));
        let client = v1::Port::new(&connect(&network, &Time::default()), port).credentials(credentials());
        assert_eq!(greet(&client).await.unwrap(), "Hei");
        let requests = network.requests();
        let sent = requests[0].text();
        assert!(sent.contains("<o:Security s:mustUnderstand=\"1\"") && sent.contains("<u:Timestamp"), "{sent}");
        assert!(!sent.contains("UsernameToken"));
        assert_eq!(requests[0].header("authorization").is_some(), is_basic);
        assert_eq!(greet(&client).await.unwrap_err().kind(), ErrorKind::Security, "a reply without one");
    }
}

#[tokio::test]
async fn http_basic_knows_utf_8() {
    let network = ScriptedTransport::new().reply(greeting());
    let connection = connect(&network, &Time::default());
    greet(&v1::Port::new(&connection, &BASIC).credentials(Credentials::new("bjørn", "æ:ø"))).await.unwrap();
    let requests = network.requests();
    let sent = requests[0].header("authorization").unwrap().strip_prefix("Basic ").unwrap();
    assert_eq!(STANDARD.decode(sent).unwrap(), "bjørn:æ:ø".as_bytes());
}

#[tokio::test]
async fn a_401_is_a_refused_credential_and_is_not_sent_again() {
    for (content_type, page) in [("text/html", "<html/>"), ("text/plain", ""), ("text/xml", "<other/>")] {
        let network = ScriptedTransport::new().respond(401, content_type, page).reply(greeting());
        let time = Time::default();
        let connection = connect(&network, &time);
        let error = greet(&basic(&connection)).await.unwrap_err();
        assert_eq!((error.kind(), error.delivery()), (ErrorKind::Authentication, Delivery::Answered), "{error}");
        assert_eq!(error.http_status(), Some(401));
        assert!(error.to_string().contains("refused the user name and password"), "{error}");
        time.pass(299);
        let error = greet(&basic(&connection)).await.unwrap_err();
        assert_eq!((error.kind(), error.delivery()), (ErrorKind::Authentication, Delivery::NotSent));
        assert_eq!(network.requests().len(), 1);
        time.pass(1);
        greet(&basic(&connection)).await.unwrap();
        network.assert_done();
    }
}

#[tokio::test]
async fn other_pages_say_nothing_about_the_credential() {
    let network = ScriptedTransport::new().respond(403, "text/html", "<html/>").reply(greeting());
    let port = basic(&connect(&network, &Time::default()));
    assert_eq!(greet(&port).await.unwrap_err().kind(), ErrorKind::Http);
    greet(&port).await.unwrap();
}

#[tokio::test]
async fn a_401_on_a_port_without_http_authentication_is_a_page() {
    static PLAIN: v1::PortDescriptor = port(ONE, v1::Security::none());
    let network = ScriptedTransport::new().respond(401, "text/html", "<html/>").reply(greeting());
    let port = v1::Port::new(&connect(&network, &Time::default()), &PLAIN).credentials(credentials());
    assert_eq!(greet(&port).await.unwrap_err().kind(), ErrorKind::Http);
    greet(&port).await.unwrap();
}

#[tokio::test]
async fn what_http_basic_cannot_say_is_not_sent() {
    let network = ScriptedTransport::new();
    let connection = connect(&network, &Time::default());
    let port = || v1::Port::new(&connection, &BASIC);
    for port in [
        port(),
        port().credentials(Credentials::new("a:b", "password")),
        port().credentials(Credentials::new("user", "pass\nword")),
    ] {
        let error = greet(&port).await.unwrap_err();
        assert_eq!((error.kind(), error.delivery()), (ErrorKind::Configuration, Delivery::NotSent));
    }
    assert!(network.requests().is_empty());
}

/// A policy without `IncludeTimestamp`.
#[tokio::test]
async fn a_username_token_without_timestamp_asks_for_none_in_the_reply() {
    let network = ScriptedTransport::new()
        .answer(|request| soap(200, reply(request, "")))
        .answer(|request| soap(200, reply(request, &timestamp("2024-01-15T10:00:00Z", "2024-01-15T10:05:00Z"))))
        .answer(|request| soap(200, reply(request, &timestamp("2024-01-14T10:00:00Z", "2024-01-14T10:05:00Z"))));
    let connection = connect(&network, &Time::default());
    let client = Client::of(v1::Port::new(&connection, &WS_WITHOUT_TIMESTAMP).credentials(credentials()));
    client.greet("Kari").await.unwrap();
    let text = network.requests()[0].text();
    assert!(text.contains("<o:UsernameToken") && !text.contains("Timestamp"), "{text}");
    // One that is there is checked all the same.
    client.greet("Kari").await.unwrap();
    let error = client.greet("Kari").await.unwrap_err();
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::Security, Delivery::Answered));
    assert!(error.to_string().contains("expired"), "{error}");
}

#[tokio::test]
async fn a_session_without_timestamp_in_its_policy_asks_for_none_in_replies() {
    static EC2_WITHOUT_TIMESTAMP: v1::PortDescriptor =
        v1::PortDescriptor::new("ec2", "Greeter", ONE, v1::SoapVersion::Soap12)
            .addressing()
            .security(v1::Security::secure_conversation().must_not_cancel());
    let network = ScriptedTransport::new().answer(|request| soap(200, reply(request, "")));
    let connection = connect(&network, &Time::default());
    Client::with_certificate(&connection, &EC2_WITHOUT_TIMESTAMP).greet("Kari").await.unwrap();
    let network = ScriptedTransport::new().answer(|request| soap(200, reply(request, "")));
    let connection = connect(&network, &Time::default());
    let error = Client::with_certificate(&connection, &EC2).greet("Kari").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Security);
}

fn reply(request: &soap_runtime::testing::RecordedRequest, security: &str) -> String {
    let parts = Parts {
        relates_to: Some(message_id(request)),
        action: None,
        security: security.to_owned(),
        others: String::new(),
        body: greeting(),
    };
    parts.envelope()
}

fn timestamp(created: &str, expires: &str) -> String {
    security(&format!("<u:Timestamp><u:Created>{created}</u:Created><u:Expires>{expires}</u:Expires></u:Timestamp>"))
}

/// Pause and scope are facts of the port.
#[tokio::test]
async fn a_refusal_counts_where_the_port_says_and_as_long() {
    const BASIC: v1::Security = v1::Security::http_basic();
    static HOST_ONE: v1::PortDescriptor = port(ONE, BASIC).authentication_scope_host().authentication_pause(3600);
    static HOST_TWO: v1::PortDescriptor = port(TWO, BASIC).authentication_scope_host().authentication_pause(3600);
    static ENDPOINT_TWO: v1::PortDescriptor = port(TWO, BASIC);
    let network = ScriptedTransport::new().respond(401, "text/html", "").reply(greeting()).reply(greeting());
    let time = Time::default();
    let connection = connect(&network, &time);
    let port = |descriptor| v1::Port::new(&connection, descriptor).credentials(credentials());
    greet(&port(&HOST_ONE)).await.unwrap_err();
    time.pass(3599);
    assert_eq!(greet(&port(&HOST_TWO)).await.unwrap_err().delivery(), Delivery::NotSent);
    // Another scope, and another user.
    greet(&port(&ENDPOINT_TWO)).await.unwrap();
    greet(&v1::Port::new(&connection, &HOST_TWO).credentials(other_credentials())).await.unwrap();
    network.assert_done();
    time.pass(1);
    let network_after = network.reply(greeting());
    greet(&port(&HOST_TWO)).await.unwrap();
    network_after.assert_done();
}

#[tokio::test]
async fn another_password_of_a_refused_user_waits_too() {
    let network = ScriptedTransport::new().respond(401, "text/html", "").reply(greeting());
    let connection = connect(&network, &Time::default());
    let port = |password: &str| v1::Port::new(&connection, &BASIC).credentials(Credentials::new("user", password));
    greet(&port("one")).await.unwrap_err();
    assert_eq!(greet(&port("two")).await.unwrap_err().delivery(), Delivery::NotSent);
    connection.reset_authentication();
    greet(&port("two")).await.unwrap();
}

#[tokio::test]
async fn a_pause_of_zero_lets_every_call_through() {
    static NO_PAUSE: v1::PortDescriptor = port(ONE, v1::Security::http_basic()).authentication_pause(0);
    let network = ScriptedTransport::new().respond(401, "text/html", "").reply(greeting());
    let port = v1::Port::new(&connect(&network, &Time::default()), &NO_PAUSE).credentials(credentials());
    greet(&port).await.unwrap_err();
    greet(&port).await.unwrap();
}

/// A name counts in its namespace only: what another service calls `FailedAuthentication` is its own affair.
#[tokio::test]
async fn a_foreign_failed_authentication_is_a_fault_like_any_other() {
    let network = ScriptedTransport::new().answer(fault("urn:their:own", "FailedAuthentication")).answer(ok);
    let connection = connect(&network, &Time::default());
    let error = Client::ws(&connection).greet("Kari").await.unwrap_err();
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::Fault, Delivery::Answered));
    // Its name comes from outside, so it is not printed.
    assert!(error.to_string().contains("Sender/[other]"), "{error}");
    assert!(!format!("{error:?} {:?}", error.fault().unwrap().code()).contains("FailedAuthentication"));
    let names: Vec<_> = error.fault().unwrap().code().names().collect();
    assert_eq!(names[1], ("urn:their:own", "FailedAuthentication"));
    Client::ws(&connection).greet("Kari").await.unwrap();
}
