//! A reply that is not as its contract has it: the error names what stands there, where, and in which line.

use altinn_soap::testing::ScriptedTransport;
use altinn_soap::{Connection, Credentials, Delivery, Error, ErrorKind, receipt};

const SERVICE: &str = "http://www.altinn.no/services/Intermediary/Receipt/2009/10";
const SCHEMA: &str = "http://schemas.altinn.no/services/Intermediary/Receipt/2015/06";

/// What the client makes of an envelope whose body begins in its third line.
async fn error(body: &str) -> Error {
    let envelope = format!(
        "<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\">\n  <s:Body>\n{body}\n  </s:Body>\n</s:Envelope>"
    );
    let network = ScriptedTransport::new().respond(200, "text/xml; charset=utf-8", envelope);
    let connection = Connection::builder("https://localhost").transport(network.clone()).build().unwrap();
    let client = receipt::basic::Client::new(&connection, Credentials::new("1001", "password"));
    let error = client.get_receipt_basic_v2(receipt::types::ReceiptSearch::default()).await.unwrap_err();
    network.assert_done();
    assert_eq!(
        (error.kind(), error.delivery(), error.fault().is_some()),
        (ErrorKind::Malformed, Delivery::Answered, false)
    );
    error
}

/// The content of a reply, in lines of its own.
fn reply(result: &str) -> String {
    format!(
        "<GetReceiptBasicV2Response xmlns=\"{SERVICE}\">\n<GetReceiptBasicV2Result xmlns:r=\"{SCHEMA}\" xmlns:x=\"urn:x\">\n{result}\n</GetReceiptBasicV2Result>\n</GetReceiptBasicV2Response>"
    )
}

#[track_caller]
fn assert_names(error: &Error, found: &str, element: &str, (line, column): (usize, usize)) {
    assert_eq!((error.found(), error.element().as_deref()), (Some(found), Some(element)), "{error}");
    let text = error.to_string();
    assert!(text.starts_with("GetReceiptBasicV2: malformed message: "), "{text}");
    assert!(text.contains(&format!(", in {element}, at line {line}, column {column} ")), "{text}");
    // The service chose the name, so it is no part of what is printed.
    assert!(!format!("{error:#?}").contains(found), "{text}");
}

#[tokio::test]
async fn another_element_in_the_body() {
    let line = format!("  <Stranger xmlns=\"{SERVICE}\"/>");
    let error = error(&line).await;
    assert_names(&error, &format!("{{{SERVICE}}}Stranger"), "GetReceiptBasicV2Response", (3, line.len() + 1));
}

#[tokio::test]
async fn the_reply_of_another_version() {
    let line = format!("<GetReceiptBasicV2Response xmlns=\"{SCHEMA}\"/>");
    let error = error(&line).await;
    let found = format!("{{{SCHEMA}}}GetReceiptBasicV2Response");
    assert_names(&error, &found, "GetReceiptBasicV2Response", (3, line.len() + 1));
}

#[tokio::test]
async fn an_element_of_another_namespace_far_inside() {
    let inner = "<r:SubReceipts>\n<r:Receipt>\n<r:ReceiptId>1</r:ReceiptId>\n  <x:ReceiptText>private</x:ReceiptText></r:Receipt></r:SubReceipts>";
    let error = error(&reply(&format!("<r:ReceiptId>1</r:ReceiptId>{inner}"))).await;
    let path = "GetReceiptBasicV2Response/GetReceiptBasicV2Result/SubReceipts/Receipt/ReceiptText";
    assert_names(&error, "{urn:x}ReceiptText", path, (8, "  <x:ReceiptText>".len() + 1));
    assert!(!format!("{error:?}").contains("private"));
}
