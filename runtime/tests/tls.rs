//! Which servers are trusted, and the way through a proxy.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod support;

use std::time::{Duration, SystemTime};

use soap_runtime::{Clock, Connection, Delivery, Error, ErrorKind};
use support::contract::Client;
use support::server::{Act, Identity, Proxy, Server, xml};
use support::{credentials, greeting};

async fn greet(connection: Result<Connection, Error>) -> Result<String, Error> {
    Client::new(&connection.unwrap(), credentials()).greet("Kari").await
}

#[track_caller]
fn assert_not_sent(result: Result<String, Error>, says: &str) {
    let error = result.unwrap_err();
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::Transport, Delivery::NotSent), "{error:?}");
    assert!(error.to_string().contains(says), "{error:?}");
}

#[tokio::test]
async fn a_given_root_is_trusted_in_pem_and_in_der_beside_the_systems_or_alone() {
    let identity = Identity::new(&["127.0.0.1"]);
    let server = Server::start_tls(vec![xml("200 OK", greeting("Hei")); 3], &identity).await;
    let to = || Connection::builder(server.url());
    for connection in [
        to().root_certificates_pem(&identity.root_pem).build(),
        to().root_certificate_der(identity.root_der.clone()).build(),
        to().root_certificate_der(identity.root_der.clone()).only_given_roots().build(),
    ] {
        assert_eq!(greet(connection).await.unwrap(), "Hei");
    }
}

#[tokio::test]
async fn other_certificates_are_not() {
    let (identity, other) = (Identity::new(&["127.0.0.1"]), Identity::new(&["elsewhere.example"]));
    let server = Server::start_tls([], &identity).await;
    let untrusted = Connection::builder(server.url()).root_certificates_pem(&other.root_pem).build();
    assert_not_sent(greet(untrusted).await, "an authority that is not trusted");
    assert_eq!(server.received().len(), 0);

    let server = Server::start_tls([], &other).await;
    let misnamed = Connection::builder(server.url()).root_certificates_pem(&other.root_pem).build();
    assert_not_sent(greet(misnamed).await, "another host name");

    let server = Server::start([Act::Blurt(b"HTTP/1.1 400 Bad Request\r\n\r\n")]).await;
    let plain =
        Connection::builder(format!("https://{}", server.address)).root_certificates_pem(&other.root_pem).build();
    assert_not_sent(greet(plain).await, "does not speak TLS");
}

#[tokio::test]
async fn the_injected_clock_says_whether_a_certificate_has_expired() {
    #[derive(Debug)]
    struct Year(u64);

    impl Clock for Year {
        fn now(&self) -> SystemTime {
            SystemTime::UNIX_EPOCH + Duration::from_secs((self.0 - 1970) * 31_556_952)
        }
    }

    let identity = Identity::new(&["127.0.0.1"]);
    let server = Server::start_tls([xml("200 OK", greeting("Hei"))], &identity).await;
    let to =
        |year| Connection::builder(server.url()).root_certificates_pem(&identity.root_pem).clock(Year(year)).build();
    assert_not_sent(greet(to(2150)).await, "has expired");
    assert_not_sent(greet(to(1990)).await, "not valid yet");
    assert_eq!(greet(to(2050)).await.unwrap(), "Hei");
}

#[test]
fn roots_that_are_none_are_told_at_once() {
    let builder = || Connection::builder("https://service.example");
    for connection in [
        builder().root_certificates_pem("no pem").build(),
        builder().root_certificates_pem("-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----").build(),
        builder().root_certificate_der(b"no der".to_vec()).build(),
        builder().only_given_roots().build(),
    ] {
        let error = connection.unwrap_err();
        assert_eq!((error.kind(), error.delivery()), (ErrorKind::Configuration, Delivery::NotSent), "{error}");
    }
}

#[tokio::test]
async fn a_proxy_leads_to_a_host_that_only_it_knows() {
    let identity = Identity::new(&["service.example"]);
    let server = Server::start_tls([xml("200 OK", greeting("Hei"))], &identity).await;
    let proxy = Proxy::to(Ok(server.address)).await;
    let connection = Connection::builder("https://service.example")
        .root_certificates_pem(&identity.root_pem)
        .proxy(proxy.url())
        .proxy_credentials("department", "planted-proxy-password")
        .build();
    assert_eq!(greet(connection).await.unwrap(), "Hei");
    let head = &proxy.heads()[0];
    assert!(head.starts_with("CONNECT service.example:443 HTTP/1.1\r\n"), "{head}");
    // Base64 of the two, joined by a colon.
    assert!(head.to_ascii_lowercase().contains("proxy-authorization: basic "), "{head}");
    // What belongs to the proxy does not go further, nor the other way.
    assert_eq!(server.received()[0].header("proxy-authorization"), None);
    assert!(!head.contains("planted-password"));
}

#[tokio::test]
async fn a_proxy_that_refuses_means_not_sent() {
    let proxy = Proxy::to(Err("407 Proxy Authentication Required")).await;
    let connection = Connection::builder("https://service.example").proxy(proxy.url()).build();
    assert_not_sent(greet(connection).await, "through the proxy");
    for url in ["http://user:planted@proxy.example", "proxy.example", "http://proxy.example/path"] {
        let error = Connection::builder("https://service.example").proxy(url).build().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Configuration);
        assert!(!format!("{error} {error:?}").contains("planted"));
    }
}

#[tokio::test]
async fn this_machine_is_not_looked_for_behind_a_proxy() {
    let server = Server::start([xml("200 OK", greeting("Hei"))]).await;
    let proxy = Proxy::to(Err("502 Bad Gateway")).await;
    let connection = Connection::builder(server.url()).allow_http_to_loopback(true).proxy(proxy.url()).build();
    assert_eq!(greet(connection).await.unwrap(), "Hei");
    assert_eq!(proxy.heads().len(), 0);
}
