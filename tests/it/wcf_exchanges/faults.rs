//! Faults as WCF sends them: what they are taken for, and what a call does about them.

use altinn_soap::generated::v1;
use altinn_soap::testing::{Answer, RecordedRequest, ScriptedTransport};
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
    let (name, text, variant) = (&exchange.name, exchange.response.envelope(), exchange.variant());
    let code = code(&text);
    let (_, kind, tries) = KNOWN.iter().find(|(known, ..)| *known == code).unwrap_or_else(|| panic!("{name}: {code}"));

    let port = port(variant, &exchange.request.url());
    let refused_token = exchange.request.envelope().contains("/RST/SCT</");
    let mut network = ScriptedTransport::new();
    for _ in 0..*tries {
        let (answer, recorded) = (answer(&exchange.response), exchange.request.envelope());
        network = network.answer(move |request| relate(answer.clone(), &recorded, request));
    }
    let mut sessions = if matches!(variant, "ec" | "ec2") { *tries } else { 0 };
    if refused_token {
        network = network.scripted_sessions();
        sessions = 0;
    }
    let connection = Connection::builder("https://localhost").transport(network.clone()).build().unwrap();
    let credentials = Credentials::new("user", "password");
    let client = match variant {
        "basic" | "ws" => v1::Port::new(&connection, port).credentials(credentials),
        _ => v1::Port::new(&connection, port).certificate(super::certificate()).credentials(credentials),
    };
    let test = crate::support::exchange(port.name, "Test").unwrap();
    let direction = v1::Direction::Request(test.operation());
    let request = direction.sample(test.request(), &mut v1::Sampler::new(1));
    let error = client.request(test.operation(), &*request).call_any(test.reply()).await.unwrap_err();
    // Where a token was refused, the call itself was not sent.
    let delivery = if refused_token { Delivery::NotSent } else { Delivery::Answered };
    assert_eq!((error.kind(), error.delivery(), error.fault().is_some()), (*kind, delivery, true), "{name}");
    assert_eq!(error.http_status(), Some(exchange.response.status), "{name}");
    network.assert_done();
    assert_eq!(network.requests().len(), tries + sessions, "{name}");
}

/// Makes the answer to the recorded request one to this request: their identifiers are of one length.
fn relate(mut answer: Answer, recorded: &str, request: &RecordedRequest) -> Answer {
    let text = request.text();
    if let (Some(recorded), Some(id)) = (element(recorded, "MessageID"), element(&text, "MessageID"))
        && recorded != id
    {
        let mut body = answer.body.to_vec();
        while let Some(at) = body.windows(recorded.len()).position(|window| window == recorded.as_bytes()) {
            body[at..at + id.len()].copy_from_slice(id.as_bytes());
        }
        answer.body = body.into();
    }
    answer
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
