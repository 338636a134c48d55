//! A crate that the generator wrote when `generated::v1` was cut must go on compiling and calling, as it is.

use altinn_soap::testing::ScriptedTransport;
use altinn_soap::{Connection, Credentials, Delivery, ErrorKind};
use door::credentials::Deputy;
use door::warehouse::types::{AnyProduct, Book, Bundle, Missing, Order, Priority, Stock};
use door::warehouse::{basic, files, ws};
use proptest::prelude::*;

use crate::round_trip;

fn connection(network: &ScriptedTransport) -> Connection {
    Connection::builder("https://localhost").transport(network.clone()).build().unwrap()
}

fn credentials() -> Credentials {
    Credentials::new("user", "pass&word")
}

fn order() -> Order {
    let book = Book { number: "1".into(), title: "A<B".into() };
    let bundle = Bundle { number: "2".into(), part: vec![book.clone().into()] };
    Order {
        id: 7,
        customer: Some("customer".into()),
        priority: Priority::High,
        item: vec![AnyProduct::Book(book), AnyProduct::Bundle(bundle)],
        tags: vec!["t".into()],
        total: None,
        placed: "2024-01-02T03:04:05Z".parse().unwrap(),
        picture: Some(b"picture"[..].into()),
        any: Vec::new(),
        revision: Some(3),
        any_attribute: Default::default(),
    }
}

fn place_order(trace: Option<&str>) -> basic::PlaceOrder {
    basic::PlaceOrder { tenant: "tenant".into(), trace: trace.map(str::to_owned), order: order() }
}

const NS: &str = r#"xmlns="urn:example:warehouse""#;

#[tokio::test]
async fn headers_and_credentials() {
    let reply = format!("<PlaceOrderResponse {NS}><PlaceOrderResult>5</PlaceOrderResult></PlaceOrderResponse>");
    let network = ScriptedTransport::new().reply(&*reply).reply(reply);
    let client = basic::Client::new(&connection(&network), credentials());
    assert_eq!(client.place_order(place_order(Some("trace")), &Deputy::new("deputy")).await.unwrap(), 5);
    assert_eq!(client.place_order(place_order(None), &Deputy::new("deputy")).await.unwrap(), 5);
    let sent = network.requests();
    for text in
        [">tenant<", ">trace<", ">pass&amp;word<", ">deputy<", ">customer<", ">high<", "A&lt;B", r#"revision="3""#]
    {
        assert!(sent[0].text().contains(text), "{text}: {}", sent[0].text());
    }
    assert!(!sent[1].text().contains("Trace"), "an absent header is left out");
    let debug = format!("{:?}", place_order(None));
    assert!(debug.contains("tenant") && !debug.contains("\"customer\""), "{debug}");
}

#[tokio::test]
async fn faults() {
    let network = ScriptedTransport::new()
        .fault("Client", "no", format!("<OutOfStock {NS}><Left>1</Left></OutOfStock>"))
        .fault("Client", "no", format!("<LowStock {NS}><Left>2</Left></LowStock>"))
        .fault("Client", "no", format!("<Rejected {NS}>why</Rejected>"))
        .fault("Client", "no", format!("<NotFound {NS}><Id>9</Id></NotFound>"));
    let client = basic::Client::new(&connection(&network), credentials());
    for expected in [
        basic::PlaceOrderFault::OutOfStock(Stock { left: 1 }),
        basic::PlaceOrderFault::LowStock(Stock { left: 2 }),
        basic::PlaceOrderFault::Rejected("why".into()),
    ] {
        let error = client.place_order(place_order(None), &Deputy::new("deputy")).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Fault);
        assert_eq!(error.fault().and_then(|fault| fault.detail()), Some(expected));
    }
    let error = client.get_order(9).await.unwrap_err();
    assert_eq!(error.fault().and_then(|fault| fault.detail()), Some(Missing { id: 9 }));
}

/// An order as a service writes it, but for a part and an attribute that the client does not know.
fn order_xml(element: &str) -> String {
    format!(
        r#"<{element} revision="3" x:more="1" xmlns:x="urn:x" xmlns:i="http://www.w3.org/2001/XMLSchema-instance">
        <Id>7</Id><Customer i:nil="true"/><Priority/><Item i:type="Bundle"><Number> 2 </Number>
        <Part i:type="Book"><Number>1</Number><Title>t</Title></Part></Item><Tags><Tag>a</Tag><Tag i:nil="true"/></Tags>
        <Total>1.50</Total><Placed>2024-01-02T03:04:05Z</Placed><x:y>z</x:y></{element}>"#
    )
}

fn assert_read(order: &Order) {
    assert_eq!((order.id, &order.customer, order.revision), (7, &None, Some(3)));
    assert_eq!(order.priority, Priority::Low, "the default");
    let part = vec![Book { number: "1".into(), title: "t".into() }.into()];
    assert_eq!(order.item, [AnyProduct::Bundle(Bundle { number: "2".into(), part })]);
    assert_eq!(order.tags, ["a"]);
    assert_eq!(order.total.as_ref().unwrap().currency.as_deref(), Some("NOK"), "the default of an absent attribute");
    assert_eq!((order.any.len(), order.any_attribute.iter().count()), (1, 1));
}

#[tokio::test]
async fn replies_lists_and_headers() {
    let one = format!("<GetOrderResponse {NS}>{}</GetOrderResponse>", order_xml("GetOrderResult"));
    let list = format!("<ListOrdersResponse {NS}>{0}{0}</ListOrdersResponse>", order_xml("Order"));
    let header = format!(
        r#"<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Header><Trace {NS}>t</Trace></s:Header><s:Body>{one}</s:Body></s:Envelope>"#
    );
    let network = ScriptedTransport::new().respond(200, "text/xml", header).reply(one).reply(&*list).reply(list);
    let client = basic::Client::new(&connection(&network), credentials());
    let reply = client.get_order(7).await.unwrap();
    assert_eq!(reply.trace.as_deref(), Some("t"));
    assert_read(&reply.get_order_result.unwrap());
    let reply = client.get_order(7).await.unwrap();
    assert_eq!(reply.trace, None, "a header that the reply leaves out");
    assert_read(&reply.get_order_result.unwrap());
    client.list_orders().await.unwrap().iter().for_each(assert_read);
    let mut items = client.list_orders_items().await.unwrap();
    let mut count = 0;
    while let Some(item) = items.next().await.unwrap() {
        assert_read(&item);
        count += 1;
    }
    assert_eq!(count, 2);
}

#[tokio::test]
async fn one_way() {
    let network = ScriptedTransport::new().respond(202, "text/xml", "");
    basic::Client::new(&connection(&network), credentials()).notify("hello".to_owned()).await.unwrap();
    assert!(network.requests()[0].text().contains(">hello<"));
}

#[tokio::test]
async fn a_user_name_over_soap_12() {
    let reply = format!("<PlaceOrderResponse {NS}><PlaceOrderResult>5</PlaceOrderResult></PlaceOrderResponse>");
    let network = ScriptedTransport::new().reply(reply);
    let client = ws::Client::new(&connection(&network), credentials());
    assert_eq!(client.place_order(ws::PlaceOrder { order: order() }).await.unwrap(), 5);
    let sent = network.requests()[0].text();
    for text in ["http://www.w3.org/2003/05/soap-envelope", "UsernameToken", ">user<", "Timestamp", "MessageID"] {
        assert!(sent.contains(text), "{text}: {sent}");
    }
}

#[tokio::test]
async fn streams() {
    let reply = format!("<UploadResponse {NS}><UploadResult>7</UploadResult></UploadResponse>");
    let download = format!("<DownloadResponse {NS}><DownloadResult>Y29udGVudA==</DownloadResult></DownloadResponse>");
    let network = ScriptedTransport::new().reply(reply).reply(download);
    let client = files::Client::new(&connection(&network));
    assert_eq!(client.upload("content").await.unwrap(), 7);
    assert!(network.requests()[0].text().contains("content"));
    assert_eq!(client.download(1).await.unwrap().collect(100).await.unwrap(), "content");
    let error = client.upload("x".repeat(1001)).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.delivery()),
        (ErrorKind::Malformed, Delivery::NotSent),
        "the limit of the contract"
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn its_types_are_read_as_they_were_written(seed: u64) {
        door::registry::types().into_iter().for_each(|of| round_trip::value(of, seed));
    }
}
