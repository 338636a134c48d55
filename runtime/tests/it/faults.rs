//! Faults as they come: their details typed, and their blemishes no reason to lose them.

#![allow(clippy::unwrap_used, reason = "a test that fails may panic")]
#![allow(unreachable_pub, reason = "written as the generator writes it")]

use crate::support::contract::{Client, NS};
use soap_runtime::generated::v1;
use soap_runtime::testing::ScriptedTransport;
use soap_runtime::{Connection, Credentials, Delivery, Error, ErrorKind};

const SOAP_11: &str = "http://schemas.xmlsoap.org/soap/envelope/";
const SOAP_12: &str = "http://www.w3.org/2003/05/soap-envelope";
const SECEXT: &str = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd";

/// The error of a call that is answered so, by a port of SOAP 1.1 or 1.2.
async fn answered(is_12: bool, status: u16, document: impl Into<Vec<u8>>) -> Error {
    let media_type = if is_12 { "application/soap+xml; charset=utf-8" } else { "text/xml; charset=utf-8" };
    let network = ScriptedTransport::new().respond(status, media_type, document.into());
    let connection = Connection::builder("https://localhost").transport(network.clone()).build().unwrap();
    let credentials = Credentials::new("user", "password");
    let client = if is_12 { Client::soap_12(&connection, credentials) } else { Client::new(&connection, credentials) };
    let error = client.greet("Ada").await.unwrap_err();
    assert_eq!(network.requests().len(), 1, "a blemished fault is no reason to send anything again");
    error
}

fn fault_11(inside: &str) -> String {
    format!(
        "<s:Envelope xmlns:s='{SOAP_11}' xmlns:o='{SECEXT}'><s:Body><s:Fault>{inside}</s:Fault></s:Body></s:Envelope>"
    )
}

fn fault_12(inside: &str) -> String {
    format!(
        "<s:Envelope xmlns:s='{SOAP_12}' xmlns:o='{SECEXT}'><s:Body><s:Fault>{inside}</s:Fault></s:Body></s:Envelope>"
    )
}

const CODE_11: &str = "<faultcode>o:FailedAuthentication</faultcode><faultstring>no</faultstring>";
const CODE_12: &str = "<s:Code><s:Value>s:Sender</s:Value><s:Subcode><s:Value>o:FailedAuthentication</s:Value></s:Subcode>\
                       </s:Code><s:Reason><s:Text xml:lang='en'>no</s:Text></s:Reason>";

#[tokio::test]
async fn a_fault_with_a_blemish_is_still_a_fault() {
    let cases = [
        ("as it should be", false, fault_11(CODE_11)),
        ("as it should be, 1.2", true, fault_12(CODE_12)),
        ("of the other version, as the specification has it for VersionMismatch", true, fault_11(CODE_11)),
        ("of the other version, the reverse", false, fault_12(CODE_12)),
        ("with children of the other version", false, fault_11(CODE_12)),
        ("with children of the other version, the reverse", true, fault_12(CODE_11)),
        ("with text between the children", false, fault_11(&format!("text{CODE_11}more"))),
        ("with text between the children, 1.2", true, fault_12(&format!("text{CODE_12}"))),
        ("with markup in the reason", false, fault_11(&CODE_11.replace(">no<", "><b>n</b>o<"))),
        ("with markup in the reason, 1.2", true, fault_12(&CODE_12.replace(">no<", "><b>n</b>o<"))),
        ("with content behind it", false, format!("{}<!-- --> x", fault_11(CODE_11))),
    ];
    for (what, is_12, document) in cases {
        for status in [500, 400, 200] {
            let error = answered(is_12, status, document.clone()).await;
            let fault = error.fault().unwrap_or_else(|| panic!("{what}, {status}: {error}"));
            assert_eq!(fault.reason(), "no", "{what}");
            assert_eq!(error.kind(), ErrorKind::Authentication, "{what}");
            assert_eq!(error.delivery(), Delivery::Answered, "{what}");
        }
    }
}

#[tokio::test]
async fn a_fault_without_a_code_or_in_another_encoding_keeps_its_reason() {
    for (is_12, inside) in
        [(false, "<faultstring>no</faultstring>"), (true, "<s:Reason><s:Text xml:lang='en'>no</s:Text></s:Reason>")]
    {
        let document = if is_12 { fault_12(inside) } else { fault_11(inside) };
        let error = answered(is_12, 500, document).await;
        assert_eq!((error.kind(), error.fault().unwrap().reason()), (ErrorKind::Fault, "no"));
        assert_eq!(error.fault().unwrap().code().names().count(), 0);
    }
    // One octet of Latin-1 in a document that says it is UTF-8.
    let mut document = fault_11(&CODE_11.replace(">no<", ">n@<")).into_bytes();
    *document.iter_mut().find(|byte| **byte == b'@').unwrap() = 0xE5;
    let error = answered(false, 500, document).await;
    assert_eq!((error.kind(), error.fault().unwrap().reason()), (ErrorKind::Authentication, "n\u{FFFD}"));
}

#[tokio::test]
async fn what_only_looks_like_a_fault_is_none() {
    let behind = format!(
        "<s:Envelope xmlns:s='{SOAP_11}' xmlns:o='{SECEXT}'><s:Body><GreetResponse xmlns='{NS}'><x/></GreetResponse>\
         <s:Fault>{CODE_11}</s:Fault></s:Body></s:Envelope>"
    );
    for document in [behind, "<html><body><Fault/></body></html>".to_owned(), "Fault".to_owned()] {
        let error = answered(false, 500, document.clone()).await;
        assert!(error.fault().is_none(), "{document}: {error}");
    }
    let two_headers = format!(
        "<s:Envelope xmlns:s='{SOAP_11}'><s:Header/><s:Header/><s:Body><GreetResponse xmlns='{NS}'>\
         <GreetResult>hello</GreetResult></GreetResponse></s:Body></s:Envelope>"
    );
    let error = answered(false, 200, two_headers).await;
    assert!(error.to_string().contains("something else than one Header and one Body"), "{error}");
}

#[derive(Clone, Default, PartialEq)]
struct Stock {
    left: Option<i32>,
}
v1::record!(Stock: v1::Shape::new(NS, "Stock", &[v1::Field::optional(NS, "Left")]), { 0 => left });
v1::fault_detail!(Stock, [v1::Name::new(NS, "OutOfStock"), v1::Name::new(NS, "LowStock")]);

#[derive(Clone, Debug, PartialEq)]
enum OrderFault {
    OutOfStock(Stock),
    LowStock(Stock),
    Rejected(String),
}
v1::fault_enum!(OrderFault {
    OutOfStock(Stock) = v1::Name::new(NS, "OutOfStock"),
    LowStock(Stock) = v1::Name::new(NS, "LowStock"),
    Rejected(String) = v1::Name::new(NS, "Rejected"),
});

#[tokio::test]
async fn each_fault_element_has_a_typed_form() {
    let detail = |detail: &str| {
        fault_11(&format!("<faultcode>s:Server</faultcode><faultstring>x</faultstring><detail>{detail}</detail>"))
    };
    let typed =
        async |content: &str| answered(false, 500, detail(content)).await.fault().unwrap().detail::<OrderFault>();
    let record = async |content: &str| answered(false, 500, detail(content)).await.fault().unwrap().detail::<Stock>();

    let stock = Stock { left: Some(3) };
    let out = format!("<OutOfStock xmlns='{NS}'><Left>3</Left></OutOfStock>");
    let low = format!("<LowStock xmlns='{NS}'><Left>3</Left></LowStock>");
    assert_eq!(typed(&out).await, Some(OrderFault::OutOfStock(stock.clone())));
    assert_eq!(typed(&low).await, Some(OrderFault::LowStock(stock.clone())), "a second element of the same type");
    assert_eq!(record(&low).await, Some(stock.clone()));
    let rejected = format!("<other/><Rejected xmlns='{NS}'>because</Rejected>");
    assert_eq!(typed(&rejected).await, Some(OrderFault::Rejected("because".into())), "a fault that is a text");
    for name in ["Stock", "Unknown"] {
        let with_type = format!(
            "<q:LowStock xmlns:q='{NS}' xmlns:i='http://www.w3.org/2001/XMLSchema-instance' i:type='q:{name}'>\
             <q:Left>3</q:Left><q:More/></q:LowStock>"
        );
        assert_eq!(record(&with_type).await, Some(stock.clone()), "xsi:type {name}");
    }
    assert_eq!(typed("<LowStock xmlns='urn:other'/>").await, None);
    assert_eq!(typed(&format!("<LowStock xmlns='{NS}'><Left>x</Left></LowStock>")).await, None);
}
