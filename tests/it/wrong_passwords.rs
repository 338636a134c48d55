//! Which faults of Altinn shut out which credentials, by the texts that Altinn sent.

use altinn_soap::intermediary_inbound::types::FormTaskShipmentBE;
use altinn_soap::receipt::types::ReceiptSearch;
use altinn_soap::testing::ScriptedTransport;
use altinn_soap::{
    Advice, Connection, Credentials, Delivery, EndUser, Error, ErrorKind, intermediary_inbound, receipt,
};

/// A service that gives this fault every time.
fn network(code: u32, says: &str) -> ScriptedTransport {
    let detail = format!(
        r#"<AltinnFault xmlns="http://www.altinn.no/services/common/fault/2009/10"><AltinnErrorMessage>{says}</AltinnErrorMessage><AltinnExtendedErrorMessage>No information available</AltinnExtendedErrorMessage><AltinnLocalizedErrorMessage>{says}</AltinnLocalizedErrorMessage><ErrorGuid>ed4c23c0-7de6-4343-a442-89bd3a6f38d8</ErrorGuid><ErrorID>{code}</ErrorID><UserGuid>-no value-</UserGuid><UserId/></AltinnFault>"#
    );
    (0..4).fold(ScriptedTransport::new(), |network, _| network.fault("Client", "An error occurred", detail.clone()))
}

async fn submit(connection: &Connection, ssn: &str) -> Error {
    let client = intermediary_inbound::basic::Client::new(connection, Credentials::new("1001", "password"));
    let person = EndUser::new(ssn, "password").pin_code("AltinnPin", "12345");
    client.submit_form_task_basic(FormTaskShipmentBE::default(), Some(&person)).await.unwrap_err()
}

async fn search(connection: &Connection) -> Error {
    let client = receipt::basic::Client::new(connection, Credentials::new("1001", "password"));
    client.get_receipt_basic_v2(ReceiptSearch::default()).await.unwrap_err()
}

/// What is to be done about a submission that was answered with this fault.
async fn advice(code: u32, says: &str) -> Advice {
    let connection = Connection::builder("https://localhost").transport(network(code, says)).build().unwrap();
    submit(&connection, "01017012345").await.advice()
}

/// Whether calls are sent after a submission was answered with this fault: for the same person, for another one, and for none.
async fn sent_after(code: u32, says: &str) -> (ErrorKind, [bool; 3]) {
    let connection = Connection::builder("https://localhost").transport(network(code, says)).build().unwrap();
    let first = submit(&connection, "01017012345").await;
    assert_eq!(first.delivery(), Delivery::Answered);
    let next =
        [submit(&connection, "01017012345").await, submit(&connection, "02017012345").await, search(&connection).await];
    (first.kind(), next.map(|error| error.delivery() == Delivery::Answered))
}

#[tokio::test]
async fn the_system_is_refused() {
    for (code, says) in [
        (0, "Incorrect username/password given for system"),
        (5, "Incorrect username/password given for system"),
        (989, "Incorrect username/password given for system"),
        (5, "The EndUserSystem System with ID: 1001 is locked out"),
    ] {
        assert_eq!(sent_after(code, says).await, (ErrorKind::Authentication, [false; 3]), "{code} {says}");
    }
}

#[tokio::test]
async fn the_person_is_refused() {
    for code in [0, 989] {
        let refused = sent_after(code, "Incorrect username/password/pin given for user").await;
        assert_eq!(refused, (ErrorKind::Authentication, [false, true, true]), "{code}");
    }
}

#[tokio::test]
async fn nobody_is_refused() {
    for (code, says) in [
        // The code is used up; the password is good.
        (0, "Pin session time has time out for user. Request new."),
        (989, "Pin session time has time out for user. Request new."),
        (989, "in words that nobody knows"),
        (0, "Input string was not in a correct format."),
        (5, "Invalid SystemName/ID. Must be a number or valid username"),
        (14, "User is not authorized for submittal of reporting service on behalf of reportee"),
        // A text that leaves open which of the two is meant.
        (0, "Wrong user name/password"),
        (40201, "Incorrect username/password given for system"),
    ] {
        assert_eq!(sent_after(code, says).await, (ErrorKind::Fault, [true; 3]), "{code} {says}");
    }
}

/// Also where no password was refused: a code that is used up or too old arrives as a fault that blames the caller, and so
/// does a text that leaves open which of two passwords is meant.
#[tokio::test]
async fn another_code_is_asked_for() {
    for (code, says) in [
        (0, "Pin session time has time out for user. Request new."),
        (5, "Pin session time has time out for user. Request new."),
        (989, "The PIN is used up"),
        (989, "in words that nobody knows"),
        (0, "Wrong user name/password"),
        (0, "Incorrect username/password/pin given for user"),
        (5, "The EndUserSystem System with ID: 1001 is locked out"),
    ] {
        assert_eq!(advice(code, says).await, Advice::NewCode, "{code} {says}");
    }
    for (code, says) in [(14, "User is not authorized"), (0, "Input string was not in a correct format.")] {
        assert_eq!(advice(code, says).await, Advice::FixRequest, "{code} {says}");
    }
}

/// In the WS variant the system stands in the header, and its pause is that of the body in the other one.
#[tokio::test]
async fn variants_share_the_system() {
    let network = network(5, "The EndUserSystem System with ID: 1001 is locked out");
    let connection = Connection::builder("https://localhost").transport(network.clone()).build().unwrap();
    assert_eq!(search(&connection).await.kind(), ErrorKind::Authentication);
    let ws = receipt::ws::Client::new(&connection, Credentials::new("1001", "password"));
    let error = ws.get_receipt_v2(ReceiptSearch::default()).await.unwrap_err();
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::Authentication, Delivery::NotSent));
    connection.reset_authentication_of("1001");
    assert_eq!(search(&connection).await.delivery(), Delivery::Answered);
    assert_eq!(network.requests().len(), 2);
}
