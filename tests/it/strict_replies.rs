//! Replies of the secured ports of Altinn have to say when they were made: `replies = "strict"` in `codegen.toml`.

use altinn_soap::receipt::types::ReceiptSearch;
use altinn_soap::testing::{Answer, RecordedRequest, ScriptedTransport};
use altinn_soap::{Connection, Credentials, Error, ErrorKind, receipt};

const SECEXT: &str = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd";
const UTILITY: &str = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd";

fn between<'t>(text: &'t str, start: &str, end: &str) -> &'t str {
    let (_, rest) = text.split_once(start).unwrap_or_else(|| panic!("no {start} in {text}"));
    rest.split_once(end).unwrap().0
}

/// An empty reply that relates to the request, with this header besides. `TIMESTAMP` in it is that of the request.
fn network(operation: &'static str, security: &'static str) -> ScriptedTransport {
    ScriptedTransport::new().answer(move |request: &RecordedRequest| {
        let text = request.text();
        let id = between(&text, "<a:MessageID>", "</a:MessageID>");
        let times = between(&text, "<u:Timestamp u:Id=\"_0\">", "</u:Timestamp>");
        let timestamp = format!("<u:Timestamp xmlns:u=\"{UTILITY}\">{times}</u:Timestamp>");
        let security = security.replace("TIMESTAMP", &timestamp).replace("SECEXT", SECEXT);
        let body = format!(
            "<s:Envelope xmlns:s=\"http://www.w3.org/2003/05/soap-envelope\"><s:Header><a:RelatesTo xmlns:a=\"http://www.w3.org/2005/08/addressing\">{id}</a:RelatesTo>{security}</s:Header>\
             <s:Body><{operation}Response xmlns=\"http://www.altinn.no/services/Intermediary/Receipt/2009/10\"/></s:Body></s:Envelope>"
        );
        let headers = [(http::header::CONTENT_TYPE, http::HeaderValue::from_static("application/soap+xml; charset=utf-8"))];
        Answer { status: http::StatusCode::OK, headers: headers.into_iter().collect(), body: body.into() }
    })
}

async fn ws(security: &'static str) -> Result<(), Error> {
    let connection =
        Connection::builder("https://localhost").transport(network("GetReceiptV2", security)).build().unwrap();
    let client = receipt::ws::Client::new(&connection, Credentials::new("1001", "password"));
    client.get_receipt_v2(ReceiptSearch::default()).await.map(|receipt| assert!(receipt.is_none()))
}

async fn ec2(security: &'static str) -> Result<(), Error> {
    let connection =
        Connection::builder("https://localhost").transport(network("GetReceiptECV2", security)).build().unwrap();
    let client =
        receipt::ec2::Client::new(&connection, crate::interop::certificate(), Credentials::new("1001", "password"));
    client.get_receipt_ec_v2(ReceiptSearch::default()).await.map(|receipt| assert!(receipt.is_none()))
}

#[tokio::test]
async fn a_reply_without_a_timestamp_is_refused() {
    const FRESH: &str = "<o:Security xmlns:o=\"SECEXT\">TIMESTAMP</o:Security>";
    ws(FRESH).await.unwrap();
    ec2(FRESH).await.unwrap();
    for without in ["", "<o:Security xmlns:o=\"SECEXT\"/>"] {
        for error in [ws(without).await.unwrap_err(), ec2(without).await.unwrap_err()] {
            assert_eq!(error.kind(), ErrorKind::Security, "{error}");
            assert!(error.fault().is_none());
            let says =
                if without.is_empty() { "it has no Security header" } else { "its Security header has no Timestamp" };
            assert!(error.to_string().contains(says), "{error}");
        }
    }
}
