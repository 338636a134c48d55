//! Messages of the styles that are not a wrapper element around elements: written and read as peers write and read them.

use altinn_soap::testing::ScriptedTransport;
use altinn_soap::{Connection, ErrorKind};

use crate::golden::{no_service, overloaded, rpc, several_parts, typed_parts};

use no_service::camera;
use overloaded::words::words;
use rpc::ferry;
use several_parts::office;
use typed_parts::museum::museum;

fn connection(network: &ScriptedTransport) -> Connection {
    Connection::builder("https://localhost").transport(network.clone()).build().unwrap()
}

/// The envelope of SOAP 1.1 around what a message holds.
fn envelope(content: &str) -> String {
    format!(
        "<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\" \
         xmlns:i=\"http://www.w3.org/2001/XMLSchema-instance\">{content}</s:Envelope>"
    )
}

fn sent(network: &ScriptedTransport) -> Vec<String> {
    network.requests().iter().map(|request| request.text()).collect()
}

fn book() -> ferry::ferry::Book {
    ferry::ferry::Book {
        token: Some("t".to_owned()),
        crossing: ferry::types::Crossing { from: "Bodø".to_owned(), to: "Værøy".to_owned(), cars: Some(1) },
        class: ferry::types::Class::Cabin,
        passenger: ferry::types::Passenger { name: "Ada".to_owned() },
    }
}

/// The wrapper is in the namespace of the binding, and of the reply's in the reply; parts are in none; what is inside them
/// is as its schema says.
#[tokio::test]
async fn rpc_literal() {
    let network = ScriptedTransport::new()
        .reply(r#"<r:bookResponse xmlns:r="urn:ferry:replies"><ticket>17</ticket></r:bookResponse>"#)
        .reply(r#"<bookReturnResponse xmlns="urn:ferry:calls"><there xmlns="">1</there><back xmlns="">2</back></bookReturnResponse>"#)
        .reply(r#"<m:pingResponse xmlns:m="urn:ferry"/>"#)
        .respond(202, "text/xml", "");
    let client = ferry::ferry::Client::new(&connection(&network));
    assert_eq!(client.book(book()).await.unwrap(), 17);
    let request = ferry::ferry::BookReturn { crossing: book().crossing, class: ferry::types::Class::Deck };
    let tickets = client.book_return(request).await.unwrap();
    assert_eq!((tickets.there, tickets.back), (1, 2));
    client.ping().await.unwrap();
    client.cancel(17).await.unwrap();
    network.assert_done();
    let crossing = "<crossing xmlns:b=\"urn:ferry:data\">\
         <b:from>Bodø</b:from><b:to>Værøy</b:to><b:cars>1</b:cars></crossing>";
    let expected = [
        &format!(
            "<s:Header><a:Token xmlns:a=\"urn:ferry:data\">t</a:Token></s:Header><s:Body>\
             <a:book xmlns:a=\"urn:ferry:calls\">{crossing}<class>cabin</class>\
             <passenger xmlns:b=\"urn:ferry:data\"><b:name>Ada</b:name></passenger></a:book></s:Body>"
        ),
        &format!(
            "<s:Body><a:bookReturn xmlns:a=\"urn:ferry:calls\">{crossing}<class>deck</class></a:bookReturn></s:Body>"
        ),
        "<s:Body><a:ping xmlns:a=\"urn:ferry\"/></s:Body>",
        "<s:Body><a:cancel xmlns:a=\"urn:ferry:calls\"><ticket>17</ticket></a:cancel></s:Body>",
    ];
    assert_eq!(sent(&network), expected.map(envelope));
}

/// A reply without a part, or with one in the namespace of the wrapper, is none that the contract allows.
#[tokio::test]
async fn parts_of_rpc_literal_are_there_and_in_no_namespace() {
    for body in [
        r#"<bookResponse xmlns="urn:ferry:replies"/>"#,
        r#"<bookResponse xmlns="urn:ferry:replies"><ticket>17</ticket></bookResponse>"#,
        r#"<bookResponse xmlns="urn:ferry:calls"><ticket xmlns="">17</ticket></bookResponse>"#,
    ] {
        let network = ScriptedTransport::new().reply(body);
        let error = ferry::ferry::Client::new(&connection(&network)).book(book()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Malformed, "{body}: {error}");
    }
}

/// The element of a fault is one of the schema, or is named after the part.
#[tokio::test]
async fn faults_of_elements_and_of_types() {
    let detail = |detail: &'static str| async move {
        let network = ScriptedTransport::new().fault("Server", "no", detail);
        let error = ferry::ferry::Client::new(&connection(&network)).book(book()).await.unwrap_err();
        error.fault().unwrap().detail::<ferry::ferry::BookFault>().unwrap()
    };
    let full = detail(r#"<Full xmlns="urn:ferry:data"><next>2026-01-01T10:00:00Z</next></Full>"#).await;
    assert!(matches!(full, ferry::ferry::BookFault::Full(full) if full.next.to_string() == "2026-01-01T10:00:00Z"));
    assert!(matches!(detail("<code>5</code>").await, ferry::ferry::BookFault::Code(5)));
}

/// A part with a type is an element that is named after it, in no namespace.
#[tokio::test]
async fn parts_with_a_type() {
    let network = ScriptedTransport::new()
        .reply(r#"<Item xmlns="urn:museum"><title xmlns="">Skrik</title></Item>"#)
        .reply("<count>3</count>");
    let client = museum::Client::new(&connection(&network));
    let query = museum::Find { language: Some("nb".to_owned()), room: 24 };
    assert_eq!(client.find(query).await.unwrap(), "Skrik");
    assert_eq!(client.count(24).await.unwrap(), 3);
    let expected = [
        "<s:Header><language>nb</language></s:Header><s:Body><query><room>24</room></query></s:Body>",
        "<s:Body><room>24</room></s:Body>",
    ];
    assert_eq!(sent(&network), expected.map(envelope));
}

/// Several parts stand in the body one after the other. A reply may have them in any order, and has all of them.
#[tokio::test]
async fn several_parts_in_a_body() {
    let both = |first: &str, second: &str| format!(r#"<o:Stamp xmlns:o="urn:office">{first}</o:Stamp>{second}"#);
    let note = "<note><o:text xmlns:o=\"urn:office\">b</o:text></note>";
    let network = ScriptedTransport::new()
        .reply(both("3", note))
        .reply(format!("{note}{}", both("4", "")))
        .reply(both("5", ""))
        .reply(both("6", &format!("{note}{note}")))
        .reply(both("7", &format!("{note}<other/>")))
        .fault("Server", "closed", "");
    let client = office::office::Client::new(&connection(&network));
    let request =
        || office::office::File { desk: Some(9), letter: office::types::Letter { to: "Ada".to_owned() }, copies: 2 };
    for stamp in [3, 4] {
        let reply = client.file(request()).await.unwrap();
        assert_eq!((reply.stamp, reply.note.text.as_str()), (stamp, "b"));
    }
    for kind in [ErrorKind::Malformed, ErrorKind::Malformed, ErrorKind::Malformed, ErrorKind::Fault] {
        assert_eq!(client.file(request()).await.unwrap_err().kind(), kind);
    }
    let expected = "<s:Header><a:Desk xmlns:a=\"urn:office\">9</a:Desk></s:Header><s:Body>\
         <a:Letter xmlns:a=\"urn:office\"><a:to>Ada</a:to></a:Letter><copies>2</copies></s:Body>";
    assert_eq!(sent(&network), vec![envelope(expected); 6]);
}

/// Overloads have one element and one name on the wire; the action tells them apart.
#[tokio::test]
async fn overloads() {
    let reply = r#"<findResponse xmlns="urn:words"><found xmlns="">true</found></findResponse>"#;
    let network = ScriptedTransport::new().reply(reply).reply(reply);
    let client = words::Client::new(&connection(&network));
    assert!(client.find_word("ord".to_owned()).await.unwrap());
    assert!(client.find_word_at(words::FindWordAt { word: "ord".to_owned(), page: 2 }).await.unwrap());
    let actions: Vec<String> =
        network.requests().iter().map(|request| request.header("soapaction").unwrap().to_owned()).collect();
    assert_eq!(actions, ["\"urn:words/find\"", "\"urn:words/at\""]);
    let find = |parts: &str| envelope(&format!("<s:Body><a:find xmlns:a=\"urn:words\">{parts}</a:find></s:Body>"));
    assert_eq!(sent(&network), [find("<word>ord</word>"), find("<word>ord</word><page>2</page>")]);
}

/// A contract without a service has no address: the connection gives it.
#[tokio::test]
async fn an_address_that_only_the_caller_knows() {
    let network = ScriptedTransport::new()
        .reply(r#"<MoveResponse xmlns="urn:camera"/>"#)
        .reply(r#"<MoveResponse xmlns="urn:camera"/>"#);
    camera::head_binding::Client::new(&connection(&network)).r#move(1.5).await.unwrap();
    let elsewhere = Connection::builder("https://localhost")
        .port_address(&camera::head_binding::PORT, "https://localhost/device_service")
        .transport(network.clone())
        .build()
        .unwrap();
    camera::head_binding::Client::new(&elsewhere).r#move(1.5).await.unwrap();
    let urls: Vec<String> = network.requests().iter().map(|request| request.url.to_string()).collect();
    assert_eq!(urls, ["https://localhost/", "https://localhost/device_service"]);

    let published = Connection::as_published().unwrap();
    let error = camera::head_binding::Client::new(&published).r#move(1.5).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Configuration);
    assert!(error.to_string().contains("the contract has no address for this port"), "{error}");
}
