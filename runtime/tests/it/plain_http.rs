//! Plain http: to this machine for every port, elsewhere only where the program allows it and the contract does not forbid
//! it.

use crate::support;
use crate::support::contract::{GREET, Greet};
use crate::support::server::{Server, xml};
use crate::support::{credentials, greeting};
use soap_runtime::generated::v1;
use soap_runtime::{BearerTokens, Connection, ConnectionBuilder, Delivery, Error, ErrorKind, Secret};

const fn port(security: v1::Security) -> v1::PortDescriptor {
    v1::PortDescriptor::new("Port", "Greeter", "http://published.example/g?tenant=5", v1::SoapVersion::Soap11)
        .security(security)
        .operations(OPERATIONS)
}

static OPERATIONS: &[&v1::Operation] = &[&GREET, &PING];

/// An operation without credentials in its request.
static PING: v1::Operation =
    v1::Operation::new("Ping", "urn:ping").request(v1::Field::required("urn:p", "Ping")).reply(v1::Reply::unwrapped(
        v1::Field::required(support::contract::NS, "GreetResponse"),
        v1::Field::required(support::contract::NS, "GreetResult"),
    ));

#[derive(Clone, Default, PartialEq)]
struct Ping {}

v1::record!(Ping: v1::Shape::new("urn:p", "Ping", &[]), {});

static NONE: v1::PortDescriptor = port(v1::Security::none());
static BASIC: v1::PortDescriptor = port(v1::Security::http_basic());
static BEARER: v1::PortDescriptor = port(v1::Security::bearer());
static TOKEN: v1::PortDescriptor = port(v1::Security::user_name());
static DIGEST: v1::PortDescriptor = port(v1::Security::user_name().digest());
static SESSION: v1::PortDescriptor = port(v1::Security::secure_conversation());
static OVER_TLS: v1::PortDescriptor = port(v1::Security::user_name().digest()).transport_binding();

/// Calls a host that is not this machine by its name, and this machine in fact.
fn elsewhere(server: &Server) -> ConnectionBuilder {
    Connection::builder("http://camera.example").connect_to(server.address.to_string())
}

async fn ping(connection: &Connection, port: &'static v1::PortDescriptor) -> Result<String, Error> {
    let tokens = BearerTokens::from(Secret::from("0a1b2c"));
    let port = v1::Port::new(connection, port).credentials(credentials()).bearer_tokens(tokens);
    port.request(&PING, &Ping {}).call().await
}

async fn greet(connection: &Connection) -> Result<String, Error> {
    let port = v1::Port::new(connection, &NONE).credentials(credentials());
    port.request(&GREET, &Greet { name: "Kari".into() }).call().await
}

#[track_caller]
fn assert_refused<T: std::fmt::Debug>(result: Result<T, Error>, says: &str) {
    let error = result.unwrap_err();
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::Configuration, Delivery::NotSent), "{error:?}");
    assert!(error.to_string().contains(says), "{error}");
}

#[tokio::test]
async fn elsewhere_it_has_to_be_allowed_and_credentials_too() {
    let server = Server::start(vec![xml("200 OK", greeting("Hei")); 6]).await;
    assert_refused(elsewhere(&server).build(), "allow_plain_http(true)");
    assert_refused(elsewhere(&server).allow_http_to_loopback(true).build(), "allow_plain_http(true)");

    let plain = elsewhere(&server).allow_plain_http(true).build().unwrap();
    assert_eq!(ping(&plain, &NONE).await.unwrap(), "Hei");
    assert_eq!(server.received()[0].header("host"), Some("camera.example"));
    assert!(server.received()[0].head.starts_with("POST /g?tenant=5 HTTP/1.1"), "{}", server.received()[0].head);
    // A digest can be read by everybody, and used by nobody.
    assert_eq!(ping(&plain, &DIGEST).await.unwrap(), "Hei");
    for port in [&BASIC, &BEARER, &TOKEN] {
        assert_refused(ping(&plain, port).await, "allow_clear_credentials(true)");
    }
    assert_refused(greet(&plain).await, "allow_clear_credentials(true)");
    assert_eq!(server.received().len(), 2);

    let clear = elsewhere(&server).allow_plain_http(true).allow_clear_credentials(true).build().unwrap();
    for port in [&BASIC, &BEARER, &TOKEN] {
        assert_eq!(ping(&clear, port).await.unwrap(), "Hei");
    }
    assert_eq!(greet(&clear).await.unwrap(), "Hei");
    let sent: Vec<_> =
        server.received().iter().filter_map(|one| one.header("authorization").map(str::to_owned)).collect();
    assert!(
        matches!(&sent[..], [basic, bearer] if basic.starts_with("Basic ") && bearer == "Bearer 0a1b2c"),
        "{sent:?}"
    );
}

#[tokio::test]
async fn what_the_contract_puts_under_tls_is_not_sent_without() {
    let server = Server::start([]).await;
    let clear = elsewhere(&server).allow_plain_http(true).allow_clear_credentials(true).build().unwrap();
    for port in [&OVER_TLS, &SESSION] {
        assert_refused(ping(&clear, port).await, "must start with https://");
    }
    assert_eq!(server.received().len(), 0);
}

#[tokio::test]
async fn this_machine_is_reached_by_every_port() {
    let server = Server::start(vec![xml("200 OK", greeting("Hei")); 5]).await;
    let connection = Connection::builder(server.url()).allow_http_to_loopback(true).build().unwrap();
    for port in [&BASIC, &BEARER, &TOKEN, &OVER_TLS] {
        assert_eq!(ping(&connection, port).await.unwrap(), "Hei");
    }
    assert_eq!(greet(&connection).await.unwrap(), "Hei");
}

#[tokio::test]
async fn what_seems_to_be_this_machine_and_is_not_is_elsewhere() {
    let builder = || Connection::builder("http://localhost").connect_to("192.0.2.1").allow_http_to_loopback(true);
    assert_refused(builder().build(), "allow_plain_http(true)");
    let connection = builder().allow_plain_http(true).build().unwrap();
    assert_refused(ping(&connection, &OVER_TLS).await, "must start with https://");
    assert_refused(greet(&connection).await, "allow_clear_credentials(true)");
}
