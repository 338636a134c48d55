//! Faults as WCF sends them: what they are taken for, and what a call does about them.

use altinn_soap::generated::v1;
use altinn_soap::testing::ScriptedTransport;
use altinn_soap::{Connection, Credentials, Delivery, ErrorKind};

use super::recording::{Exchange, element};
use super::replay::{answer, port};

/// Innermost code, kind, and the exchanges that one call makes when it meets nothing else: with a session, the one that
/// starts it counts. Only a lost session is worth another try, once.
const KNOWN: [(&str, ErrorKind, usize); 12] = [
    ("FailedAuthentication", ErrorKind::Authentication, 1),
    ("InvalidSecurity", ErrorKind::Security, 1),
    ("InvalidSecurityToken", ErrorKind::Security, 1),
    ("InvalidRequest", ErrorKind::Security, 1),
    ("BadContextToken", ErrorKind::Session, 2),
    ("ActionNotSupported", ErrorKind::Configuration, 1),
    ("DestinationUnreachable", ErrorKind::Configuration, 1),
    ("MustUnderstand", ErrorKind::Configuration, 1),
    ("SecureConversationCancellationNotAllowed", ErrorKind::Configuration, 1),
    ("InternalServiceFault", ErrorKind::Fault, 1),
    ("Sender", ErrorKind::Fault, 1),
    ("Client", ErrorKind::Fault, 1),
];

/// Answers a call, or the start of its session, with the recorded fault.
pub(super) async fn check(exchange: &Exchange) {
    let (name, text) = (&exchange.name, exchange.response.text());
    let variant = name.rsplit_once('/').map(|(folder, file)| if folder == "server" { file } else { folder }).unwrap();
    let variant = variant.split('-').next().unwrap();
    let code = code(&text);
    let (_, kind, tries) = KNOWN.iter().find(|(known, ..)| *known == code).unwrap_or_else(|| panic!("{name}: {code}"));

    let path = match variant {
        "basic" => "https://localhost/IntermediaryExternal/ReceiptExternalBasic.svc",
        "ws" => "https://localhost/IntermediaryExternal/ReceiptExternal.svc",
        _ => "https://localhost/IntermediaryExternal/ReceiptExternalEC2.svc",
    };
    let port = port(if variant == "ec" { "ec2" } else { variant }, path);
    let refused_token = exchange.request.text().contains("/RST/SCT</");
    let mut network = ScriptedTransport::new();
    for _ in 0..*tries {
        let answer = answer(&exchange.response);
        network = network.answer(move |_| answer.clone());
    }
    let mut sessions = if matches!(variant, "ec" | "ec2") { *tries } else { 0 };
    if refused_token {
        network = network.scripted_sessions();
        sessions = 0;
    }
    let connection = Connection::builder("https://localhost").transport(network.clone()).build().unwrap();
    let credentials = Credentials::new("user", "password");
    let client = match variant {
        "basic" | "ws" => v1::Port::new(&connection, port, credentials),
        _ => v1::Port::with_certificate(&connection, port, super::certificate(), credentials),
    };
    let test = crate::support::exchange(port.name, "Test").unwrap();
    let error = client.call_into(test.operation, &*(test.request)(), None, &mut *(test.reply)()).await.unwrap_err();
    assert_eq!((error.kind(), error.delivery()), (*kind, Delivery::Answered), "{name}");
    assert_eq!(error.http_status(), Some(exchange.response.status), "{name}");
    network.assert_done();
    assert_eq!(network.requests().len(), tries + sessions, "{name}");
}

/// The local name of the innermost code.
fn code(fault: &str) -> String {
    let code = element(fault, "Code").map_or_else(
        || element(fault, "faultcode"),
        |code| {
            element(code, "Subcode").and_then(|subcode| element(subcode, "Value")).or_else(|| element(code, "Value"))
        },
    );
    let code = code.unwrap();
    code.rsplit(':').next().unwrap().to_owned()
}
