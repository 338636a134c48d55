//! The way through proxies of all kinds, given by hand or by the environment.

use std::process::Command;

use crate::support::contract::Client;
use crate::support::server::{Identity, Proxy, Server, xml};
use crate::support::socks::Socks;
use crate::support::{credentials, greeting};
use soap_runtime::{Connection, ConnectionBuilder, Delivery, Error, ErrorKind};

async fn greet(builder: ConnectionBuilder) -> Result<String, Error> {
    Client::new(&builder.build()?, credentials()).greet("Kari").await
}

#[track_caller]
fn assert_not_sent(result: Result<String, Error>, says: &str) {
    let error = result.unwrap_err();
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::Transport, Delivery::NotSent), "{error:?}");
    assert!(error.to_string().contains(says), "{error:?}");
    assert!(!format!("{error} {error:?}").contains("planted"), "{error:?}");
}

/// A server that only a proxy knows.
async fn hidden() -> (Identity, Server) {
    let identity = Identity::new(&["service.example"]);
    let server = Server::start_tls(vec![xml("200 OK", greeting("Hei")); 4], &identity).await;
    (identity, server)
}

fn to(identity: &Identity) -> ConnectionBuilder {
    Connection::builder("https://service.example").root_certificates_pem(&identity.root_pem)
}

#[tokio::test]
async fn a_socks_proxy_looks_the_host_up() {
    let (identity, server) = hidden().await;
    let open = Socks::to(server.address, None).await;
    let address = format!("socks5h://{}", open.address);
    assert_eq!(greet(to(&identity).proxy(&address)).await.unwrap(), "Hei");
    assert_eq!(open.wanted(), ["service.example:443"]);

    let closed = Socks::to(server.address, Some(("department", "planted-password"))).await;
    let address = format!("socks5h://{}", closed.address);
    let with = |password: &str| to(&identity).proxy(&address).proxy_credentials("department", password);
    assert_eq!(greet(with("planted-password")).await.unwrap(), "Hei");
    assert_not_sent(greet(with("planted-wrong")).await, "proxy_credentials");
    assert_not_sent(greet(to(&identity).proxy(&address)).await, "through the proxy");
}

#[tokio::test]
async fn a_socks_proxy_is_given_an_address() {
    let server = Server::start([xml("200 OK", greeting("Hei"))]).await;
    let socks = Socks::to(server.address, None).await;
    // An address for documentation, which nobody has.
    let builder = Connection::builder("http://192.0.2.1:8080").allow_plain_http(true).allow_clear_credentials(true);
    assert_eq!(greet(builder.proxy(format!("socks5://{}", socks.address))).await.unwrap(), "Hei");
    assert_eq!(socks.wanted(), ["192.0.2.1:8080"]);
}

#[tokio::test]
async fn an_https_proxy_is_reached_by_tls() {
    let (identity, server) = hidden().await;
    let own = Identity::new(&["127.0.0.1"]);
    let proxy = Proxy::tls_to(server.address, &own).await;
    let builder = to(&identity).root_certificates_pem(&own.root_pem).proxy(format!("https://{}", proxy.address));
    assert_eq!(greet(builder).await.unwrap(), "Hei");
    assert!(proxy.heads()[0].starts_with("CONNECT service.example:443 HTTP/1.1\r\n"));
}

#[tokio::test]
async fn a_proxy_that_asks_for_credentials_is_told_apart() {
    let proxy = Proxy::to(Err("407 Proxy Authentication Required")).await;
    assert_not_sent(
        greet(Connection::builder("https://service.example").proxy(proxy.url())).await,
        "proxy_credentials",
    );
    let proxy = Proxy::to(Err("403 Forbidden")).await;
    assert_not_sent(
        greet(Connection::builder("https://service.example").proxy(proxy.url())).await,
        "through the proxy",
    );
}

#[tokio::test]
async fn plain_http_is_told_to_the_proxy_itself() {
    let proxy = Server::start([xml("200 OK", greeting("Hei"))]).await;
    let builder = Connection::builder("http://service.example").allow_plain_http(true).allow_clear_credentials(true);
    assert_eq!(greet(builder.proxy(proxy.url()).proxy_credentials("department", "secret")).await.unwrap(), "Hei");
    let request = &proxy.received()[0];
    assert!(request.head.starts_with("POST http://service.example/Greeter/Greeter.svc HTTP/1.1"), "{}", request.head);
    // printf 'department:secret' | base64
    assert_eq!(request.header("proxy-authorization"), Some("Basic ZGVwYXJ0bWVudDpzZWNyZXQ="));
}

#[test]
fn mistakes_in_an_address_are_told_in_words() {
    for (address, says) in [
        ("proxy.example:3128", "must begin with how the proxy is reached: http://"),
        ("", "must begin with how the proxy is reached"),
        ("socks4://proxy.example", "other proxies are not supported"),
        ("http://user:planted@proxy.example", "`proxy_credentials`"),
        ("http://proxy.example/path", "must end after host and port"),
        ("http://proxy.example?planted", "must end after host and port"),
        ("http://", "names no host"),
        ("http://:3128", "names no host"),
        ("http://proxy example", "names no host"),
        ("http://proxy.example:0", "a port that is not a number from 1 to 65535"),
        ("http://proxy.example:70000", "a port that is not a number"),
    ] {
        let error = Connection::builder("https://service.example").proxy(address).build().unwrap_err();
        assert_eq!((error.kind(), error.delivery()), (ErrorKind::Configuration, Delivery::NotSent));
        let text = error.to_string();
        assert!(text.contains("the proxy's address") && text.contains(says), "{address}: {text}");
        assert!(!format!("{text} {error:?}").contains("planted"), "{error:?}");
    }
}

/// What a program with these variables does: the test below, in a process of its own.
fn program(variables: &[(&str, &str)], url: &str, root: &str) -> String {
    let mut command = Command::new(std::env::current_exe().unwrap());
    for name in ["http_proxy", "https_proxy", "all_proxy", "no_proxy"] {
        command.env_remove(name).env_remove(name.to_uppercase());
    }
    command
        .args(["--exact", "proxies::in_a_process_of_its_own", "--nocapture"])
        .env("TEST_URL", url)
        .env("TEST_ROOT", root);
    let output = command.envs(variables.iter().copied()).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

#[tokio::test]
async fn in_a_process_of_its_own() {
    let (Ok(url), Ok(root)) = (std::env::var("TEST_URL"), std::env::var("TEST_ROOT")) else { return };
    let builder = || Connection::builder(&*url).root_certificates_pem(&root).allow_plain_http(true);
    for (name, builder) in [("ignored", builder()), ("used", builder().proxy_from_environment())] {
        let said = greet(builder.allow_clear_credentials(true)).await.unwrap_or_else(|error| error.to_string());
        println!("{name}: {said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_environment_is_asked_only_if_the_program_says_so() {
    let (identity, server) = hidden().await;
    let proxy = Proxy::to(Ok(server.address)).await;
    let (with, plain) = (format!("http://planted:pass%40word@{}", proxy.address), proxy.address.to_string());
    let run = |variables: &[(&str, &str)], url: &str| program(variables, url, &identity.root_pem);
    const URL: &str = "https://service.example";

    let said = run(&[("HTTPS_PROXY", &with)], URL);
    assert!(said.contains("used: Hei") && said.contains("ignored: ") && !said.contains("ignored: Hei"), "{said}");
    // printf 'planted:pass@word' | base64
    assert!(proxy.heads()[0].contains("Basic cGxhbnRlZDpwYXNzQHdvcmQ="), "{}", proxy.heads()[0]);
    for variable in ["https_proxy", "all_proxy", "ALL_PROXY"] {
        assert!(run(&[(variable, &plain)], URL).contains("used: Hei"), "{variable}");
    }
    assert_eq!(proxy.heads().len(), 4);
    for variables in [
        &[("HTTPS_PROXY", &*with), ("NO_PROXY", "other.example,.example")][..],
        &[("HTTP_PROXY", &with)],
        &[("HTTPS_PROXY", "")],
    ] {
        assert!(!run(variables, URL).contains("used: Hei"), "{variables:?}");
    }
    assert_eq!(proxy.heads().len(), 4);
    let said = run(&[("HTTPS_PROXY", "http://planted@proxy.example/path")], URL);
    assert!(said.contains("the proxy in the environment variable HTTPS_PROXY must end after"), "{said}");
    assert!(!said.contains("planted"), "{said}");

    let plain = Server::start([xml("200 OK", greeting("Hei"))]).await;
    let variables = [("HTTP_PROXY", &*plain.url()), ("REQUEST_METHOD", "POST")];
    assert!(!run(&variables, "http://service.example").contains("used: Hei"), "a CGI program is called by strangers");
    assert!(run(&variables[..1], "http://service.example").contains("used: Hei"));
}
