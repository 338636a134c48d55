//! Documents as values, alone and inside messages; and what the configuration says of single fields.

use altinn_soap::generated::v1::Decimal;
use altinn_soap::testing::ScriptedTransport;
use altinn_soap::{
    AltinnFaultKind, Connection, Credentials, Document, EndUser, ErrorKind, intermediary_inbound, receipt,
};

use crate::golden::documents::dog::types::Dog;
use crate::golden::documents::tax_form::types::{Correction, Income, Return};
use crate::golden::fields::kinds::RefusedKind;
use crate::golden::fields::toll::{toll, types};

fn form() -> Return {
    let income = Income { from: Some("<a> & ]]> b\r\n".into()), ..Income::new(Decimal::new(1050, 1)) };
    Return { income: vec![income], ..Return::new(2025, "1") }
}

#[test]
fn a_value_is_a_document_and_a_document_a_value() {
    let form = form();
    let xml = form.to_xml().unwrap();
    assert_eq!(
        xml,
        "<a:return xmlns:a=\"urn:form\" version=\"1\"><a:year>2025</a:year><a:income><a:amount>105.0</a:amount>\
         <a:from>&lt;a&gt; &amp; ]]&gt; b&#xD;\n</a:from></a:income></a:return>"
    );
    assert_eq!(Return::from_xml(&xml).unwrap(), form);
    let declared = format!("\u{feff}<?xml version=\"1.0\" encoding=\"UTF-16\"?>\n<!-- x -->{xml}\n");
    assert_eq!(Return::from_xml(&declared).unwrap(), form);
    assert_eq!(Document::of(&form).unwrap().read::<Return>().unwrap(), form);

    // Two elements of one type: both are read, and the first is written.
    let correction = Correction::from_xml("<addition xmlns='urn:form'><of><amount>1</amount></of></addition>").unwrap();
    assert!(correction.to_xml().unwrap().starts_with("<a:correction "));
    let dog = Dog { chip: Some(7), ..Dog::new("Å") };
    assert_eq!(dog.to_xml().unwrap(), "<dog><name>Å</name><chip>7</chip></dog>");
    assert_eq!(Dog::from_xml("<dog><chip> 7 </chip><name>Å</name></dog>").unwrap(), dog);
}

#[test]
fn other_documents_are_refused_by_place() {
    for (xml, said) in [
        ("", "inside an element"),
        ("<return/>", "another root element"),
        ("<correction xmlns='urn:form'/>", "another root element"),
        ("<return xmlns='urn:form' version='1'>\n<year>x</year></return>", "line 2"),
        ("<return xmlns='urn:form' version='1'/>", "year"),
        ("<return xmlns='urn:form'><year>1</year></return>", "version"),
        ("<return xmlns='urn:form' version='1'><year>1</year></return><x/>", "after the end"),
        ("<!DOCTYPE return><return xmlns='urn:form'/>", "document type"),
    ] {
        let error = Return::from_xml(xml).unwrap_err();
        assert!(error.to_string().contains(said), "{xml}: {error}");
    }
    let error = Return::new(1900, "1").to_xml().unwrap_err().to_string();
    assert!(error.contains("year") && error.contains("1990"), "{error}");
    assert!(Return::new(2000, "\u{1}").to_xml().unwrap_err().to_string().contains("forbids"));
}

/// The request that a call sends, or why it sends none.
async fn sent(declaration: types::Declaration) -> Result<String, altinn_soap::Error> {
    let network = ScriptedTransport::new().fault("Server", "enough", "");
    let connection = Connection::builder("https://localhost").transport(network.clone()).build().unwrap();
    let error = toll::Client::new(&connection).declare(declaration).await.unwrap_err();
    match network.requests().first() {
        Some(request) => Ok(request.text().to_owned()),
        None => Err(error),
    }
}

#[tokio::test]
async fn members_take_documents() {
    let declaration = |form: Document| types::Declaration::new("7", false, form);
    let written = sent(declaration(Document::of(&form()).unwrap())).await.unwrap();
    assert!(written.contains("<a:form><![CDATA[<a:return xmlns:a=\"urn:form\""), "{written}");
    let with_end = sent(declaration("<?xml version='1.0'?>\n<a><![CDATA[1]]></a>".into())).await.unwrap();
    assert!(with_end.contains("<a:form><![CDATA[<a><![CDATA[1]]]]><![CDATA[></a>]]></a:form>"), "{with_end}");
    let attachment = vec![Document::from("<b/>"), Document::from("<c/>")];
    let written = sent(types::Declaration { attachment, ..declaration("<a/>".into()) }).await.unwrap();
    assert!(written.contains("<a:attachment>&lt;b/&gt;</a:attachment><a:attachment>&lt;c/&gt;</a:attachment>"));

    for wrong in ["", "x", "<a>", "<a/><b/>", "<p:a/>", "<a>\u{1}</a>"] {
        let error = sent(declaration(wrong.into())).await.unwrap_err();
        assert_eq!(error.delivery(), altinn_soap::Delivery::NotSent, "{wrong}");
        assert!(error.to_string().contains("form"), "{wrong}: {error}");
    }
    // A received one may be anything; what is read from it may not.
    let received = Document::from("no XML");
    assert_eq!(received.as_xml(), "no XML");
    assert!(received.read::<Return>().is_err());
}

#[test]
fn of_what_sounds_secret_truth_values_and_dates_are_printed() {
    let declaration = types::Declaration {
        password_changed: Some("2025-01-31".parse().unwrap()),
        password_tries: Some(4711),
        session_id: Some("planted".into()),
        access_token: Some("planted".into()),
        token_kind: Some("bearer".into()),
        cargo: Some("planted".into()),
        ..types::Declaration::new("7", true, "<planted/>")
    };
    let printed = format!("{declaration:?}");
    for seen in [
        "customer: \"7\"",
        "password_expired: true",
        "password_changed: Some(",
        "2025",
        "password_tries: [redacted]",
        "session_id: [redacted]",
        "access_token: [redacted]",
        "token_kind: Some(\"bearer\")",
        "cargo: [redacted]",
        "form: [10 characters]",
    ] {
        assert!(printed.contains(seen), "no {seen} in {printed}");
    }
    assert!(!printed.contains("planted") && !printed.contains("4711"), "{printed}");
}

#[test]
fn the_configuration_adds_methods() {
    let receipt = |kind| types::Receipt::new(kind, "13");
    assert_eq!(receipt(types::Kind::Archive).archive_number(), Some("13"));
    assert_eq!(receipt(types::Kind::Person).archive_number(), None);
    let refused = |code, text: &str| types::Refused { code, text: Some(text.to_owned()) };
    assert_eq!(refused(Some(0), "You are LOCKED out").kind(), RefusedKind::Locked);
    assert_eq!(refused(Some(23), "").kind(), RefusedKind::Wrong);
    assert_eq!(refused(None, "").kind(), RefusedKind::Other);
}

#[test]
fn faults_of_altinn_have_kinds() {
    use AltinnFaultKind::*;
    for (code, text, kind) in [
        (0, "Pin session time has time out for user. Request new.", PinExpired),
        (989, "Pin session time has time out for user. Request new.", PinExpired),
        (5, "The EndUserSystem System with ID: 7 is locked out", Locked),
        (989, "User is locked", Locked),
        (0, "Incorrect username/password/pin given for user", Authentication),
        (5, "System authentication failed", Authentication),
        (989, "", Authentication),
        (5, "The request cannot be authorized from its parameters", NotAuthorised),
        (0, "System is not authorized for the reportee", NotAuthorised),
        (0, "Higher level of authentication is needed; use the portal: security level", LevelTooLow),
        (17, "", LevelTooLow),
        (40_216, "", LevelTooLow),
        (14, "", NotAuthorised),
        (40_211, "", NotAuthorised),
        (30_008, "", NotFound),
        (40_207, "", NotFound),
        (40_206, "", Broker),
        (40_012, "", Validation),
        (30_302, "", Notification),
        (50_007, "", Delegation),
        (60_036, "", State),
        (0, "Object reference not set", Other),
        (10_000, "", Other),
    ] {
        let fault = receipt::types::AltinnFault {
            error_id: Some(code),
            altinn_error_message: Some(text.to_owned()),
            ..Default::default()
        };
        assert_eq!(fault.kind(), kind, "{code} {text}");
    }
    let localized = receipt::types::AltinnFault {
        error_id: Some(0),
        altinn_localized_error_message: Some("the user is locked".into()),
        ..Default::default()
    };
    assert_eq!(localized.kind(), Locked);
}

#[test]
fn an_archive_reference_may_be_shown() {
    use receipt::types::{Reference, ReferenceType};
    let of = |kind| Reference { reference_value: Some("AR1234567".to_owned()), ..Reference::new(kind) };
    assert_eq!(of(ReferenceType::ArchiveReference).archive_reference(), Some("AR1234567"));
    assert_eq!(of(ReferenceType::ExternalShipmentReference).archive_reference(), None);
    assert!(!format!("{:?}", of(ReferenceType::ArchiveReference)).contains("AR1234567"));
}

/// With and without `Some`, whether the service can do without or not.
#[tokio::test]
async fn a_person_is_given_in_one_way_everywhere() {
    use intermediary_inbound::basic::Client;
    use intermediary_inbound::types::{FormTaskShipmentBE, FormTaskUpdate};
    let network = ScriptedTransport::new().fault("Server", "1", "").fault("Server", "2", "").fault("Server", "3", "");
    let connection = Connection::builder("https://localhost").transport(network.clone()).build().unwrap();
    let client = Client::new(&connection, Credentials::new("1", "2"));
    let person = EndUser::new("01017012345", "secret");
    let shipment = FormTaskShipmentBE::default;
    assert!(client.submit_form_task_basic(shipment(), &person).await.is_err());
    assert!(client.submit_form_task_basic(shipment(), Some(&person)).await.is_err());
    assert!(client.submit_form_task_basic(shipment(), None).await.is_err());
    assert_eq!(network.requests().len(), 3);
    // This one needs the person.
    let error = client.update_form_data_basic(FormTaskUpdate::default(), None).await.unwrap_err();
    assert_eq!((error.kind(), network.requests().len()), (ErrorKind::Configuration, 3), "{error}");
}
