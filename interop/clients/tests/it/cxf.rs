//! Apache CXF, with the schema checked in both directions.

use altinn_soap_interop::parcels::parcels::{parcels_port, types};
use altinn_soap_interop::timetable::timetable::timetable_port;
use soap_runtime::{ErrorKind, Fragment, Mixed, MixedNode};

use crate::echo::{connection, infoset_of, values_come_back};

#[tokio::test]
#[ignore = "cargo xtask interop"]
async fn choices_come_back() {
    values_come_back(parcels_port::EXCHANGES, &["pay", "plan"], false).await;
}

#[tokio::test]
#[ignore = "cargo xtask interop"]
async fn substitution_groups_come_back() {
    values_come_back(parcels_port::EXCHANGES, &["add"], false).await;
}

#[tokio::test]
#[ignore = "cargo xtask interop"]
async fn mixed_content_comes_back() {
    let parcels = parcels_port::Client::new(&connection(&parcels_port::PORT));
    let element = |xml: &str| MixedNode::from(Fragment::from_xml(xml).unwrap());
    let text = |text: &str| MixedNode::Text(text.to_owned());
    let nested = r#"<i xmlns="urn:parcels" lang="nn">a &lt; <b>æ</b> <i/>&#13; c</i>"#;
    let content =
        vec![text(" This "), element(r#"<p:b xmlns:p="urn:parcels">side</p:b>"#), text("\nup & "), element(nested)];
    let label = types::Text { content: content.into(), lang: Some("en-GB".to_owned()) };
    let reply = parcels.label(label.clone()).await.unwrap();
    assert_eq!(reply.lang, label.lang);
    assert_eq!(described(&reply.content), described(&label.content));
    println!("ParcelsPort: mixed content came back in its order");
}

/// The nodes of mixed content, without the choice of prefixes.
fn described(content: &Mixed) -> Vec<String> {
    let node = |node: &MixedNode| match node {
        MixedNode::Text(text) => text.clone(),
        MixedNode::Element(element) => infoset_of(element.as_xml()),
    };
    content.iter().map(node).collect()
}

#[tokio::test]
#[ignore = "cargo xtask interop"]
async fn derived_types_come_back() {
    values_come_back(parcels_port::EXCHANGES, &["register"], false).await;
}

#[tokio::test]
#[ignore = "cargo xtask interop"]
async fn headers_come_back() {
    values_come_back(parcels_port::EXCHANGES, &["track"], false).await;
}

#[tokio::test]
#[ignore = "cargo xtask interop"]
async fn rpc_literal_comes_back() {
    values_come_back(timetable_port::EXCHANGES, &["book", "say", "ping"], false).await;
}

/// As a caller writes it.
#[tokio::test]
#[ignore = "cargo xtask interop"]
async fn typed_calls() {
    let parcels = parcels_port::Client::new(&connection(&parcels_port::PORT));
    let route = types::Route {
        stop_or_ferry_or_wait: vec![
            types::RouteStopOrFerryOrWait::Stop("Bodø".to_owned()),
            types::RouteStopOrFerryOrWait::Ferry(types::Ferry {
                from: "Bodø".to_owned(),
                to: "Værøy".to_owned(),
                night: Some(true),
            }),
            types::RouteStopOrFerryOrWait::Wait(20),
            types::RouteStopOrFerryOrWait::Stop("Sørland".to_owned()),
        ],
    };
    assert_eq!(parcels.plan(route.clone()).await.unwrap(), route);
    let ticket = types::Ticket { number: 7, issuer: None };
    let track =
        parcels_port::Track { ticket: Some(ticket.clone()), from: "a".to_owned(), to: "b".to_owned(), night: None };
    let reply = parcels.track(track).await.unwrap();
    assert_eq!((reply.ticket, reply.from, reply.to), (Some(ticket), "a".to_owned(), "b".to_owned()));
}

/// What the schema does not allow is refused, and a declared fault brings its detail.
#[tokio::test]
#[ignore = "cargo xtask interop"]
async fn faults_are_typed() {
    let parcels = parcels_port::Client::new(&connection(&parcels_port::PORT));
    let ferry = types::Ferry { from: "<&> æ".to_owned(), to: String::new(), night: Some(false) };
    let error = parcels.complain(ferry.clone()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Fault, "{error}");
    assert_eq!(error.fault().unwrap().detail::<types::Ferry>(), Some(ferry));
    let payment = types::Payment {
        amount: 1.into(),
        choice: types::PaymentChoice::Card("c".to_owned()),
        paid_at: None,
        currency: types::Currency::Unrecognized("unheard-of".to_owned()),
    };
    let error = parcels.pay(payment).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Fault, "{error}");
    assert!(error.fault().unwrap().detail::<types::Ferry>().is_none());
}
