//! Secrets planted wherever a call carries any, and looked for in all that a call prints.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod support;

use std::fmt::Write as _;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use soap_runtime::generated::v1;
use soap_runtime::testing::ScriptedTransport;
use soap_runtime::transport::{Phase, TransportError};
use soap_runtime::{BearerTokens, Connection, ConnectionBuilder, Credentials, Random, Secret};
use support::capture::{self, print_error};
use support::contract::{self, Client};
use support::server::{Act, Identity, Proxy, Server, answer, xml};
use support::socks::Socks;
use support::{greeting, limits};

/// What must not be seen. The number is that of a person.
const PLANTED: [&str; 8] = [
    "planted",
    "13097248022",
    "aHVudGVyM",
    "hunter2",
    "c3lzdGVtOmh1bnRlcjI",
    "Ola Nordmann",
    "104, 117, 110",
    "68756e74",
];

fn builder(url: String) -> ConnectionBuilder {
    Connection::builder(url)
        .allow_http_to_loopback(true)
        .proxy_credentials("system", "hunter2")
        .idle_timeout(Duration::from_secs(1))
        .reply_timeout(Duration::from_secs(1))
        .limits(limits())
}

/// Calls, and gives all that can be printed of it.
async fn printed(builder: ConnectionBuilder) -> String {
    let mut text = format!("{builder:?}\n");
    let connection = builder.build().unwrap();
    let client = Client::new(&connection, Credentials::new("planted-user", "hunter2"));
    let request = contract::Greet { name: "13097248022 Ola Nordmann".to_owned() };
    let _ = writeln!(text, "{connection:?}\n{client:?}\n{request:?}");
    match client.greet(request.name).await {
        Ok(_) => text.push_str("ok"),
        Err(error) => print_error(&error, &mut text),
    }
    text
}

/// Octets that are known again in any writing.
#[derive(Debug)]
struct Hunter;

impl Random for Hunter {
    fn fill(&self, octets: &mut [u8]) -> std::io::Result<()> {
        octets.iter_mut().zip(b"hunter2".iter().cycle()).for_each(|(octet, byte)| *octet = *byte);
        Ok(())
    }
}

/// Calls of a session that goes well, is lost, and is refused; of a user who is. Gives all that can be printed of
/// them, and the key of the session in the writings that a debugger would use.
async fn secured() -> (String, Vec<String>) {
    use support::secured::{self, Client, DNSE, EC, EC2, Rstr, SC, START, Time, WSSE};
    let planted = Rstr {
        token: Rstr::default()
            .token
            .replace("uuid-s-1", "planted-id")
            .replace("urn:uuid:session", "urn:uuid:planted")
            .replace("BwcHBwcH", "aHVudGVyMg"),
        ..Rstr::default()
    };
    let with_cookie = {
        let rstr = planted.answer();
        move |request: &_| secured::with_header(rstr(request), "set-cookie", "BIGip=hunter2")
    };
    let network = ScriptedTransport::new()
        .scripted_sessions()
        .answer(with_cookie)
        .answer(secured::ok)
        .answer(secured::fault(SC, "BadContextToken"))
        .answer(planted.answer())
        .answer(secured::fault(DNSE, "SecuritySessionAborted"))
        .answer(secured::fault(WSSE, "FailedAuthentication"))
        .answer(secured::fault(WSSE, "FailedAuthentication"))
        .error(TransportError::new(Phase::Connect));
    let time = Time::default();
    let builder = secured::builder(&network, &time).random(Hunter);
    let mut text = format!("{builder:?}\n");
    let connection = builder.build().unwrap();
    let certificate = secured::certificate();
    let _ = writeln!(text, "{certificate:?}\n{certificate:#?}");
    let credentials = || Credentials::new("planted-user", "hunter2");
    let ec2 = Client::of(v1::Port::new(&connection, &EC2).certificate(certificate.clone()).credentials(credentials()));
    let ec = Client::of(v1::Port::new(&connection, &EC).certificate(certificate).credentials(credentials()));
    let ws = Client::of(v1::Port::new(&connection, &secured::WS).credentials(credentials()));
    for client in [&ec2, &ec2, &ws, &ws, &ec, &ec] {
        match client.greet("13097248022").await {
            Ok(_) => text.push_str("ok"),
            Err(error) => print_error(&error, &mut text),
        }
        let _ = writeln!(text, "{client:#?}\n{connection:#?}\n{network:#?}\n{:#?}", network.requests());
    }
    time.pass(START);
    connection.close().await;
    let key = secured::session_key(&network.requests()[0]);
    let hex: String = key.iter().map(|octet| format!("{octet:02x}")).collect();
    (text, vec![format!("{key:?}"), format!("{:?}", &key[..8]).replace(']', ""), hex, STANDARD.encode(key)])
}

/// Calls that authenticate over HTTP, with headers of the program, through a SOCKS proxy. Gives all that can be printed of
/// them.
async fn over_http() -> String {
    const fn port(security: v1::Security) -> v1::PortDescriptor {
        v1::PortDescriptor::new("port", "Greeter", "https://published.example/a?planted", v1::SoapVersion::Soap11)
            .security(security)
            .operations(OPERATIONS)
    }
    static OPERATIONS: &[&v1::Operation] = &[&contract::GREET];
    static DIGEST: v1::PortDescriptor = port(v1::Security::http_digest());
    static BEARER: v1::PortDescriptor = port(v1::Security::bearer());
    let challenge = || {
        Act::Answer(
            b"HTTP/1.1 401 planted\r\nWWW-Authenticate: Digest realm=\"planted\", nonce=\"hunter2\"\r\n\
              WWW-Authenticate: planted\r\nContent-Length: 0\r\n\r\n"
                .to_vec(),
        )
    };
    let server = Server::start([challenge(), xml("200 OK", greeting("hunter2")), challenge(), challenge()]).await;
    let socks = Socks::to(server.address, Some(("planted-user", "hunter2"))).await;
    let builder = Connection::builder("http://192.0.2.1")
        .allow_plain_http(true)
        .allow_clear_credentials(true)
        .proxy(format!("socks5://{}", socks.address))
        .proxy_credentials("planted-user", "hunter2")
        .http_header("x-api-key", "planted hunter2")
        .limits(limits());
    let mut text = format!("{builder:?}\n");
    let connection = builder.build().unwrap();
    let tokens = BearerTokens::from(Secret::from("planted-hunter2"));
    let digest = v1::Port::new(&connection, &DIGEST).credentials(Credentials::new("planted-user", "hunter2"));
    let bearer = v1::Port::new(&connection, &BEARER).credentials(Credentials::new("planted-user", "hunter2"));
    for port in [&digest, &digest, &bearer.bearer_tokens(tokens)] {
        let request = contract::Greet { name: "13097248022".to_owned() };
        let call = port.request(&contract::GREET, &request).http_header("x-other", "planted hunter2");
        match call.call::<String>().await {
            Ok(_) => text.push_str("ok"),
            Err(error) => print_error(&error, &mut text),
        }
        let _ = writeln!(text, "{port:#?}");
    }
    let received = server.received();
    assert_eq!((received.len(), socks.wanted().len()), (4, 1));
    assert!(received[1].header("authorization").unwrap().contains("username=\"planted-user\""));
    assert_eq!(received[3].header("authorization"), Some("Bearer planted-hunter2"));
    assert!(received.iter().all(|request| request.header("x-other").is_some()));
    text
}

#[tokio::test]
async fn nothing_planted_is_printed_or_logged() {
    capture::start();

    let page = "<html>planted hunter2 13097248022</html>";
    let location =
        "HTTP/1.1 307 x\r\nLocation: https://u:hunter2@host.example/13097248022\r\nContent-Length: 0\r\n\r\n";
    let header = "HTTP/1.1 200 OK\r\nX-Planted: hunter2\r\nContent-Type: text/xml\r\nSet-Cookie: s=hunter2\r\n";
    let paths: Vec<Act> = vec![
        xml("200 OK", greeting("planted 13097248022")),
        xml("500 Internal Server Error", contract::fault("Client", "planted: hunter2 is wrong for 13097248022")),
        xml("200 OK", contract::envelope("<planted>13097248022</planted>")),
        xml("200 OK", "<planted hunter2='13097248022'"),
        xml("200 OK", format!("<!DOCTYPE planted>{}", greeting("hunter2"))),
        xml("200 OK", greeting("hunter2 <planted a='13097248022'/>")),
        xml("200 OK", greeting(&"hunter2 ".repeat(10_000))),
        xml("200 OK", ""),
        answer("200 OK", "text/html", page),
        answer("503 planted", "text/html", page),
        answer("200 OK", "text/xml; charset=planted hunter2", greeting("hunter2")),
        answer("200 OK", "planted 13097248022", greeting("hunter2")),
        answer("200 OK", "multipart/related; boundary=planted", page),
        Act::Answer(location.into()),
        Act::Close(format!("{header}Content-Length: 100\r\n\r\nplanted hunter2").into()),
        Act::Close(format!("{header}planted no header line\r\n\r\n").into()),
        Act::Close(b"planted hunter2\r\n\r\n".into()),
        Act::Close(vec![]),
        Act::Stall(vec![]),
        Act::Stall(format!("{header}Content-Length: 100\r\n\r\nplanted hunter2").into()),
    ];
    let mut all = String::new();
    for act in paths {
        let server = Server::start([act]).await;
        all.push_str(&printed(builder(server.url())).await);
        // The secrets did travel.
        assert!(server.received()[0].text().contains("hunter2"));
    }

    let identity = Identity::new(&["127.0.0.1", "service.example"]);
    let server = Server::start_tls([xml("200 OK", greeting("hunter2"))], &identity).await;
    all.push_str(&printed(builder(server.url())).await);
    let proxy = Proxy::to(Ok(server.address)).await;
    let proxied = builder("https://service.example".to_owned()).root_certificates_pem(&identity.root_pem);
    all.push_str(&printed(proxied.proxy(proxy.url())).await);
    assert!(proxy.heads()[0].contains("c3lzdGVtOmh1bnRlcjI"));
    let proxy = Proxy::to(Err("407 planted")).await;
    all.push_str(&printed(builder("https://service.example".to_owned()).proxy(proxy.url())).await);

    for wrong in ["https://u:hunter2@planted.example", "https://a.example/hunter2?13097248022", "planted"] {
        print_error(&Connection::to(wrong).unwrap_err(), &mut all);
        print_error(&Connection::builder("https://a.example").proxy(wrong).build().unwrap_err(), &mut all);
        let builder = Connection::builder("https://a.example").port_address(&contract::PORT, wrong);
        if let Err(error) = builder.build() {
            print_error(&error, &mut all);
        }
    }

    all.push_str(&over_http().await);
    let (text, keys) = secured().await;
    all.push_str(&text);

    let logged = capture::logged();
    for (what, text) in [("printed", &all), ("logged", &logged)] {
        for planted in PLANTED.iter().copied().chain(keys.iter().map(String::as_str)) {
            if let Some(line) = text.lines().find(|line| line.contains(planted)) {
                panic!("{what}: {planted:?} in {line:?}");
            }
        }
    }
    // The test sees what it looks at: spans with what is allowed, and the lines of the layers below.
    for seen in [
        "rpc.system=\"soap\" rpc.service=\"Greeter\" rpc.method=\"Greet\" server.address=\"127.0.0.1\"",
        "http.response.status_code=503",
        "error.type=\"Busy\"",
        "soap.delivery=\"Unknown\"",
        "outcome=\"ok\" http.response.status_code=200 duration_ms=",
        "a session was issued",
        "a session was dropped",
        "\nlog reqwest",
    ] {
        assert!(logged.contains(seen), "no {seen} in {logged}");
    }
    assert!(all.contains("[redacted]"));
}
