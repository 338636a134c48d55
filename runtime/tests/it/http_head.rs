//! What the HTTP head of a request says: how the operation stands there, and headers of the program; and the editions of
//! WS-Addressing.

use crate::support;
use crate::support::contract::{Client, GREET, Greet};
use crate::support::server::{Act, Received, Server, answer, xml};
use crate::support::{credentials, greeting};
use soap_runtime::generated::v1;
use soap_runtime::{Connection, Delivery, Error, ErrorKind};

fn ok() -> Act {
    xml("200 OK", greeting("Hei"))
}

fn ok_12() -> Act {
    let envelope = "http://www.w3.org/2003/05/soap-envelope";
    let reply = greeting("Hei").replace("http://schemas.xmlsoap.org/soap/envelope/", envelope);
    answer("200 OK", "application/soap+xml", reply)
}

async fn call(server: &Server, port: &'static v1::PortDescriptor) -> Result<String, Error> {
    let connection = Connection::builder(server.url()).allow_http_to_loopback(true).build().unwrap();
    let port = v1::Port::new(&connection, port).credentials(credentials());
    port.request(&GREET, &Greet { name: "Kari".into() }).call().await
}

const fn port(soap: v1::SoapVersion) -> v1::PortDescriptor {
    v1::PortDescriptor::new("Port", "Greeter", "https://published.example/g", soap).operations(OPERATIONS)
}

static OPERATIONS: &[&v1::Operation] = &[&GREET];

#[tokio::test]
async fn soap_action_is_quoted_empty_or_absent() {
    use v1::SoapAction::{Absent, Empty, Quoted};
    use v1::SoapVersion::{Soap11, Soap12};
    static ALL: [(v1::PortDescriptor, Option<&str>, &str); 8] = [
        (port(Soap11), Some(r#""urn:example:greeter/IGreeter/Greet""#), ""),
        (port(Soap11).soap_action(Quoted), Some(r#""urn:example:greeter/IGreeter/Greet""#), ""),
        (port(Soap11).soap_action(Empty), Some(r#""""#), ""),
        (port(Soap11).soap_action(Absent), None, ""),
        (port(Soap12), None, r#"; action="urn:example:greeter/IGreeter/Greet""#),
        (port(Soap12).soap_action(Empty), None, r#"; action="""#),
        (port(Soap12).soap_action(Absent), None, ""),
        (port(Soap12).addressing().soap_action(Quoted), None, r#"; action="urn:example:greeter/IGreeter/Greet""#),
    ];
    for (port, header, parameter) in &ALL {
        let (act, media_type) = match port.soap {
            Soap11 => (ok(), "text/xml"),
            Soap12 => (ok_12(), "application/soap+xml"),
        };
        let server = Server::start([act]).await;
        call(&server, port).await.unwrap();
        let request = &server.received()[0];
        assert_eq!(request.header("soapaction"), *header);
        assert_eq!(request.header("content-type"), Some(&*format!("{media_type}; charset=utf-8{parameter}")));
    }
}

#[tokio::test]
async fn headers_of_connection_client_and_call() {
    let server = Server::start(vec![ok(); 4]).await;
    let connection = Connection::builder(server.url())
        .allow_http_to_loopback(true)
        .user_agent("accounts/1.0")
        .http_header("X-Api-Key", "planted-key")
        .http_header("X-Department", "tax")
        .build()
        .unwrap();
    let other = connection.with_http_header("x-department", "customs").unwrap();
    Client::new(&connection, credentials()).greet("Kari").await.unwrap();
    Client::new(&other, credentials()).greet("Kari").await.unwrap();
    let port = v1::Port::new(&other, &support::contract::PORT).credentials(credentials());
    let request = Greet { name: "Kari".into() };
    let call = port.request(&GREET, &request).http_header("x-trace", "1").http_header("user-agent", "batch");
    let _: String = call.call().await.unwrap();
    Client::new(&other, credentials()).greet("Kari").await.unwrap();
    let names = ["x-api-key", "x-department", "x-trace", "user-agent"];
    let seen = |request: &Received| names.map(|name| request.header(name).unwrap_or("").to_owned());
    let seen: Vec<_> = server.received().iter().map(seen).collect();
    assert_eq!(seen[0], ["planted-key", "tax", "", "accounts/1.0"]);
    assert_eq!(seen[1], ["planted-key", "customs", "", "accounts/1.0"]);
    assert_eq!(seen[2], ["planted-key", "customs", "1", "batch"]);
    assert_eq!(seen[3], seen[1]);
    assert!(!format!("{connection:?} {port:?}").contains("planted"));
}

#[tokio::test]
async fn headers_that_are_wrong_or_not_the_programs() {
    let server = Server::start([]).await;
    let builder = || Connection::builder(server.url()).allow_http_to_loopback(true);
    for (name, value, says) in [
        ("Content-Type", "text/plain", "`content-type` belongs to the protocol"),
        ("SOAPAction", "x", "`soapaction` belongs to the protocol"),
        ("Host", "x", "belongs to the protocol"),
        ("x y", "planted", "name of an HTTP header"),
        ("x-a", "planted\r\nx-b: c", "`x-a` holds more than"),
    ] {
        let connection = builder().build().unwrap();
        let request = Greet { name: "Kari".into() };
        let port = v1::Port::new(&connection, &support::contract::PORT).credentials(credentials());
        let of_call = port.request(&GREET, &request).http_header(name, value).call::<String>().await;
        for error in [
            builder().http_header(name, value).build().unwrap_err(),
            connection.with_http_header(name, value).unwrap_err(),
            of_call.unwrap_err(),
        ] {
            assert_eq!((error.kind(), error.delivery()), (ErrorKind::Configuration, Delivery::NotSent));
            assert!(error.to_string().contains(says), "{error}");
            assert!(!format!("{error:?}").contains("planted"), "{error:?}");
        }
    }
    let error = builder().user_agent("a\nb").build().unwrap_err();
    assert!(error.to_string().contains("`User-Agent`"), "{error}");
    let elsewhere =
        Connection::builder("http://camera.example").allow_plain_http(true).http_header("Authorization", "planted");
    let port = v1::Port::new(&elsewhere.build().unwrap(), &support::contract::PORT);
    let error = port.request(&GREET, &Greet { name: "Kari".into() }).call::<String>().await.unwrap_err();
    assert!(error.to_string().contains("allow_clear_credentials"), "{error}");
    assert_eq!(server.connections(), 0);
}

const ADDRESSING_2004: &str = "http://schemas.xmlsoap.org/ws/2004/08/addressing";

/// A reply in that edition that says which message it answers.
fn relating(to: &str, more: &str) -> Act {
    let header = format!(
        "<s:Header><w:RelatesTo xmlns:w='{ADDRESSING_2004}' RelationshipType='w:Reply'>{to}</w:RelatesTo>\
         <w:Action xmlns:w='{ADDRESSING_2004}' s:mustUnderstand='1'>urn:reply</w:Action>{more}</s:Header><s:Body>"
    );
    xml("200 OK", greeting("Hei").replace("<s:Body>", &header))
}

#[tokio::test]
async fn the_addressing_of_2004_is_written_and_read() {
    static PORT: v1::PortDescriptor = port(v1::SoapVersion::Soap11).addressing_2004();
    let server = Server::start([ok(), relating("urn:uuid:other", "")]).await;
    assert_eq!(call(&server, &PORT).await.unwrap(), "Hei");
    let error = call(&server, &PORT).await.unwrap_err();
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::Malformed, Delivery::Unknown));
    assert!(error.to_string().contains("relates to another message"), "{error}");
    let text = server.received()[0].text().to_owned();
    assert!(text.contains(&format!("xmlns:a=\"{ADDRESSING_2004}\"")), "{text}");
    assert!(text.contains(&format!("<a:ReplyTo><a:Address>{ADDRESSING_2004}/role/anonymous</a:Address>")), "{text}");
    assert!(!text.contains("2005/08/addressing"), "{text}");
}

#[tokio::test]
async fn a_reply_in_that_edition_relates_to_its_request() {
    static PORT: v1::PortDescriptor = port(v1::SoapVersion::Soap11).addressing_2004().replies(v1::Replies::Strict);
    let service = support::service::Service::start(|request| {
        let text = request.text();
        let (_, rest) = text.split_once("<a:MessageID>").unwrap();
        let (id, _) = rest.split_once('<').unwrap();
        let Act::Answer(octets) = relating(id, "") else { unreachable!() };
        let body = octets.windows(4).position(|window| window == b"\r\n\r\n").unwrap() + 4;
        let headers = [(http::header::CONTENT_TYPE, http::HeaderValue::from_static("text/xml"))];
        let (headers, body) = (headers.into_iter().collect(), octets[body..].to_vec().into());
        soap_runtime::testing::Answer { status: http::StatusCode::OK, headers, body }
    })
    .await;
    let connection = Connection::builder(service.url()).allow_http_to_loopback(true).build().unwrap();
    let port = v1::Port::new(&connection, &PORT).credentials(credentials());
    let reply: String = port.request(&GREET, &Greet { name: "Kari".into() }).call().await.unwrap();
    assert_eq!(reply, "Hei");
}
