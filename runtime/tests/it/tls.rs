//! Which servers are trusted, and the way through a proxy.

use std::time::{Duration, SystemTime};

use crate::support::contract::{Client, GREET, Greet};
use crate::support::secured::file;
use crate::support::server::{Act, Identity, Proxy, Server, xml};
use crate::support::{credentials, greeting};
use soap_runtime::generated::v1;
use soap_runtime::{Clock, Connection, Delivery, Error, ErrorKind, Secret, TlsCertificate};

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
async fn this_machine_is_not_looked_for_behind_a_proxy() {
    let server = Server::start([xml("200 OK", greeting("Hei"))]).await;
    let proxy = Proxy::to(Err("502 Bad Gateway")).await;
    let connection = Connection::builder(server.url()).allow_http_to_loopback(true).proxy(proxy.url()).build();
    assert_eq!(greet(connection).await.unwrap(), "Hei");
    assert_eq!(proxy.heads().len(), 0);
}

#[tokio::test]
async fn the_address_may_be_another_than_that_of_the_name() {
    let identity = Identity::new(&["service.example"]);
    let server = Server::start_tls([xml("200 OK", greeting("Hei")), xml("200 OK", greeting("Hei"))], &identity).await;
    let trusting = |url: &str| Connection::builder(url).root_certificates_pem(&identity.root_pem);
    let to = server.address.to_string();
    assert_eq!(greet(trusting("https://service.example").connect_to(&to).build()).await.unwrap(), "Hei");
    assert_eq!(server.received()[0].header("host"), Some("service.example"));
    assert_not_sent(greet(trusting("https://other.example").connect_to(&to).build()).await, "another host name");

    // The other way round: the URL has the address, and the certificate a name.
    let by_address = || trusting(&server.url());
    assert_not_sent(greet(by_address().build()).await, "another host name");
    assert_not_sent(greet(by_address().server_name("other.example").build()).await, "another host name");
    assert_eq!(greet(by_address().server_name("service.example").build()).await.unwrap(), "Hei");
    assert_eq!(server.received()[1].header("host"), Some(to.as_str()));
}

#[test]
fn mistakes_in_names_and_addresses_are_told() {
    let builder = || Connection::builder("https://service.example");
    for (builder, says) in [
        (builder().server_name("no name"), "neither a host name nor an address"),
        (builder().connect_to("https://10.0.0.5"), "without https://"),
        (builder().connect_to("10.0.0.5").proxy("http://proxy.example"), "no effect"),
        (builder().server_name("a.example").proxy("https://proxy.example"), "https proxy"),
        (builder().client_certificate(client().1).proxy("https://proxy.example"), "https proxy"),
    ] {
        let error = builder.build().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Configuration);
        assert!(error.to_string().contains(says), "{error}");
    }
    let by_address = Connection::builder("https://127.0.0.1").connect_to("10.0.0.5").build().unwrap_err();
    assert!(by_address.to_string().contains("must name a host"), "{by_address}");
}

/// A certificate from an authority of its own.
fn client() -> (Identity, TlsCertificate) {
    let identity = Identity::new(&["client.example"]);
    let (certificate, key) = identity.pem();
    let certificate = TlsCertificate::from_pem(certificate, key).unwrap();
    (identity, certificate)
}

#[tokio::test]
async fn a_program_proves_itself_in_tls() {
    let (identity, certificate) = client();
    let service = Identity::new(&["127.0.0.1"]);
    let server = Server::start_mutual([xml("200 OK", greeting("Hei"))], &service, &identity.root_der).await;
    let to = || Connection::builder(server.url()).root_certificates_pem(&service.root_pem);
    assert_eq!(greet(to().client_certificate(certificate).build()).await.unwrap(), "Hei");
    assert_eq!(server.client_certificates(), [identity.certificate()]);

    let (_, other) = client();
    for connection in [to().build(), to().client_certificate(other).build()] {
        // Whether the alert arrives before the connection is gone is a matter of luck.
        let error = greet(connection).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Transport, "{error:?}");
        if error.delivery() == Delivery::NotSent {
            assert!(error.to_string().contains("client certificate"), "{error}");
        }
    }
    assert_eq!(server.received().len(), 1);
}

#[test]
fn client_certificates_come_from_pem_and_pkcs12() {
    let both = [file("certificates/ec-key.pem"), file("certificates/ec-cert.pem")].concat();
    let certificate = TlsCertificate::from_pem(&both, &both).unwrap();
    assert_eq!(format!("{certificate:?}"), r#"TlsCertificate { key: "[redacted]", .. }"#);
    for name in ["modern.p12", "legacy-rc2.p12", "java.p12", "nss.p12"] {
        let file = file(&format!("certificates/{name}"));
        TlsCertificate::from_pkcs12(&file, &Secret::from("passord")).unwrap();
    }
    let pem = |certificate: &str, key: &str| {
        let (certificate, key) = (file(&format!("certificates/{certificate}")), file(&format!("certificates/{key}")));
        TlsCertificate::from_pem(certificate, key)
    };
    let pkcs12 = |name: &str, password: &str| {
        TlsCertificate::from_pkcs12(&file(&format!("certificates/{name}")), &Secret::from(password))
    };
    for (outcome, says) in [
        (pem("rsa-1024.pem", "rsa-1024.pem"), "an RSA key of 1024 bits; TLS takes RSA of 2048 to 8192 bits"),
        (pem("p521.pem", "p521.pem"), "an ECDSA key on the curve P-521; TLS takes"),
        (pem("ec-cert.pem", "pkcs1.pem"), "does not belong to the certificate"),
        (pem("ec-key.pem", "ec-key.pem"), "holds no certificate"),
        (pem("ec-cert.pem", "ec-cert.pem"), "holds no private key"),
        (pem("ec-cert.pem", "encrypted.pem"), "is encrypted"),
        (pkcs12("modern.p12", "feil"), "password of the PKCS#12 file is wrong"),
        (pkcs12("no-key.p12", "passord"), "holds no private key"),
    ] {
        let error = outcome.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Configuration);
        assert!(error.to_string().contains(says), "{error}");
    }
}

static MUTUAL: v1::PortDescriptor =
    v1::PortDescriptor::new("Port", "Greeter", "https://published.example/g", v1::SoapVersion::Soap11)
        .security(v1::Security::none().client_certificate())
        .transport_binding()
        .operations(&[&GREET]);

#[tokio::test]
async fn a_contract_that_asks_for_a_client_certificate_gets_one_or_nothing() {
    let (identity, certificate) = client();
    let service = Identity::new(&["127.0.0.1"]);
    let server = Server::start_mutual([xml("200 OK", greeting("Hei"))], &service, &identity.root_der).await;
    let to = || Connection::builder(server.url()).root_certificates_pem(&service.root_pem);
    let call = async |connection: Result<Connection, Error>| {
        let port = v1::Port::new(&connection.unwrap(), &MUTUAL).credentials(credentials());
        port.request(&GREET, &Greet { name: "Kari".into() }).call::<String>().await
    };
    let error = call(to().build()).await.unwrap_err();
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::Configuration, Delivery::NotSent));
    assert!(error.to_string().contains("`ConnectionBuilder::client_certificate`"), "{error}");
    assert_eq!(server.connections(), 0);
    assert_eq!(call(to().client_certificate(certificate).build()).await.unwrap(), "Hei");
}
