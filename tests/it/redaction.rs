//! Planted secrets and personal numbers appear in nothing that prints.

use altinn_soap::generated::v1;
use altinn_soap::testing::ScriptedTransport;
use altinn_soap::{Connection, Credentials, EndUser, receipt, registry, system_authentication};

/// What is planted.
const PLANTED: &str = "01017012345";

#[test]
fn no_type_prints_what_is_sensitive() {
    let messages = registry::exchanges().into_iter().flat_map(|exchange| [exchange.request(), exchange.reply()]);
    let field = v1::Field::required("urn:test", "value");
    let mut checked = 0;
    for of in messages.chain(registry::types()) {
        for seed in 0..8 {
            let value = of.sample(&field, &mut v1::Sampler::new(seed).planting(PLANTED));
            let printed = format!("{value:?}");
            assert!(!printed.contains(PLANTED), "{printed}");
            checked += usize::from(printed.contains("[redacted]"));
        }
    }
    assert!(checked > 50, "{checked}");
}

#[tokio::test]
async fn neither_clients_nor_errors_print_credentials_or_content() {
    let network = ScriptedTransport::new()
        .fault("Client", PLANTED, format!("<AltinnFault xmlns='urn:x'>{PLANTED}</AltinnFault>"))
        .reply(format!("<GetReceiptBasicV2Response xmlns='http://www.altinn.no/services/Intermediary/Receipt/2009/10'>{PLANTED}</GetReceiptBasicV2Response>"))
        .respond(200, "text/html", PLANTED);
    let connection = Connection::builder("https://localhost").transport(network.clone()).build().unwrap();
    let client = receipt::basic::Client::new(&connection, Credentials::new(PLANTED, PLANTED));
    let mut printed =
        format!("{client:?}{connection:?}{:?}", EndUser::new(PLANTED, PLANTED).pin_code(PLANTED, PLANTED));
    for _ in 0..3 {
        let error = client.get_receipt_basic_v2(receipt::types::ReceiptSearch::default()).await.unwrap_err();
        printed.push_str(&format!("{error}{error:?}{:?}", error.fault()));
    }
    assert!(network.requests().iter().all(|request| request.text().contains(PLANTED)), "the credentials are sent");
    let client = system_authentication::basic::Client::new(&connection, Credentials::new(PLANTED, PLANTED));
    printed.push_str(&format!("{client:?}"));
    assert!(!printed.contains(PLANTED), "{printed}");
}
