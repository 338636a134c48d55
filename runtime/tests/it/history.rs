//! What an error says is true of all tries of a call, and only a fault that is beyond doubt causes another.

use crate::support::secured::*;
use http::StatusCode;
use soap_runtime::testing::{Answer, RecordedRequest, ScriptedTransport};
use soap_runtime::transport::{Phase, TransportError};
use soap_runtime::{Delivery, Error, ErrorKind};

fn session() -> ScriptedTransport {
    ScriptedTransport::new().scripted_sessions().answer(Rstr::default().answer())
}

async fn failed_ec2(network: &ScriptedTransport) -> Error {
    Client::with_certificate(&connect(network, &Time::default()), &EC2).greet("Kari").await.unwrap_err()
}

async fn failed_ws(network: &ScriptedTransport) -> Error {
    Client::ws(&connect(network, &Time::default())).greet("Kari").await.unwrap_err()
}

/// The innermost code of the fault.
fn code(error: &Error) -> Option<&str> {
    error.fault()?.code().names().last().map(|(_, local)| local)
}

#[tokio::test(start_paused = true)]
async fn a_second_try_that_fails_does_not_hide_the_first() {
    for (phase, delivery) in [
        (Phase::Connect, Delivery::Answered),
        (Phase::Tls, Delivery::Answered),
        (Phase::Send, Delivery::Unknown),
        (Phase::Reply, Delivery::Unknown),
        (Phase::Body, Delivery::Unknown),
    ] {
        for (namespace, local) in [(WSA, "EndpointUnavailable"), (DNSE, "ServerTooBusy")] {
            let ws = ScriptedTransport::new().answer(fault(namespace, local)).error(TransportError::new(phase));
            let ec2 = session().answer(fault(namespace, local)).error(TransportError::new(phase));
            for (error, network) in [(failed_ws(&ws).await, ws), (failed_ec2(&ec2).await, ec2)] {
                assert_eq!((error.kind(), error.delivery()), (ErrorKind::Transport, delivery), "{phase:?}: {error}");
                assert_eq!(code(&error), Some(local));
                assert!(error.to_string().contains(local), "{error}");
                network.assert_done();
            }
        }
    }
    // Of three tries, the last fault counts.
    let network = ScriptedTransport::new()
        .answer(fault(DNSE, "ServerTooBusy"))
        .answer(fault(WSA, "EndpointUnavailable"))
        .error(TransportError::new(Phase::Connect));
    let error = failed_ws(&network).await;
    assert_eq!((error.delivery(), code(&error)), (Delivery::Answered, Some("EndpointUnavailable")));
    // A fault of the last try is its own.
    let network = ScriptedTransport::new().answer(fault(DNSE, "ServerTooBusy")).answer(fault(WSSE, "InvalidSecurity"));
    let error = failed_ws(&network).await;
    assert_eq!((error.kind(), code(&error)), (ErrorKind::Security, Some("InvalidSecurity")));
    assert!(!error.to_string().contains("ServerTooBusy"), "{error}");
}

#[tokio::test]
async fn a_lost_session_that_cannot_be_started_again_was_answered() {
    for phase in [Phase::Resolve, Phase::Connect, Phase::Send, Phase::Reply, Phase::Body] {
        let network = session().answer(fault(SC, "BadContextToken")).error(TransportError::new(phase));
        let error = failed_ec2(&network).await;
        // Whatever became of the exchange with the token service: it is another message.
        assert_eq!((error.kind(), error.delivery()), (ErrorKind::Transport, Delivery::Answered), "{phase:?}");
        assert_eq!(code(&error), Some("BadContextToken"));
        assert_eq!(kinds(&network), ["RST", "Greet", "RST"]);
    }
    let network = session().answer(fault(SC, "BadContextToken")).answer(fault(WSSE, "FailedAuthentication"));
    let error = failed_ec2(&network).await;
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::Authentication, Delivery::Answered));
    assert_eq!(code(&error), Some("FailedAuthentication"));
    // The second try of the call itself counts as any other.
    for (phase, delivery) in [(Phase::Connect, Delivery::Answered), (Phase::Reply, Delivery::Unknown)] {
        let network = session()
            .answer(fault(SC, "BadContextToken"))
            .answer(Rstr::default().answer())
            .error(TransportError::new(phase));
        let error = failed_ec2(&network).await;
        assert_eq!((error.kind(), error.delivery()), (ErrorKind::Transport, delivery));
        assert_eq!(code(&error), Some("BadContextToken"));
    }
}

#[tokio::test(start_paused = true)]
async fn the_exchanges_with_a_token_service_are_not_sends_of_the_call() {
    let network = ScriptedTransport::new()
        .scripted_sessions()
        .answer(fault(DNSE, "ServerTooBusy"))
        .error(TransportError::new(Phase::Reply));
    let error = failed_ec2(&network).await;
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::Transport, Delivery::NotSent));
    assert_eq!(code(&error), Some("ServerTooBusy"));
    let network = ScriptedTransport::new().scripted_sessions().answer(fault(TRUST, "InvalidRequest"));
    let error = failed_ec2(&network).await;
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::Security, Delivery::NotSent));
    assert_eq!(code(&error), Some("InvalidRequest"));
}

/// A fault for which the message would be sent once more.
#[derive(Clone, Copy, Debug)]
enum Asking {
    LostSession,
    BusyEc2,
    BusyWs,
}

impl Asking {
    const ALL: [Self; 3] = [Self::LostSession, Self::BusyEc2, Self::BusyWs];

    /// Calls a service that answers with this fault, changed, and then well.
    async fn call(self, change: impl Fn(&mut Answer, &RecordedRequest) + Send + 'static) -> Outcome {
        let (namespace, local) = match self {
            Self::LostSession => (SC, "BadContextToken"),
            Self::BusyEc2 | Self::BusyWs => (DNSE, "ServerTooBusy"),
        };
        let make = fault(namespace, local);
        let answer = move |request: &RecordedRequest| {
            let mut answer = make(request);
            change(&mut answer, request);
            answer
        };
        let again = match self {
            Self::LostSession => session().answer(answer).answer(Rstr::default().answer()).answer(ok),
            Self::BusyEc2 => session().answer(answer).answer(ok),
            Self::BusyWs => ScriptedTransport::new().answer(answer).answer(ok),
        };
        let connection = connect(&again, &Time::default());
        let client = match self {
            Self::BusyWs => Client::ws(&connection),
            _ => Client::with_certificate(&connection, &EC2),
        };
        let outcome = client.greet("Kari").await;
        Outcome { outcome, sends: kinds(&again).iter().filter(|kind| *kind == "Greet").count() }
    }
}

struct Outcome {
    outcome: Result<String, Error>,
    sends: usize,
}

fn replace(answer: &mut Answer, from: &str, to: &str) {
    let text = String::from_utf8(answer.body.to_vec()).unwrap();
    assert!(text.contains(from), "{from} in {text}");
    answer.body = text.replace(from, to).into();
}

#[tokio::test(start_paused = true)]
async fn only_status_400_and_500_let_a_fault_cause_a_second_try() {
    for asking in Asking::ALL {
        for status in [200, 202, 299, 401, 403, 404, 408, 413, 429, 499, 501, 502, 503, 504, 599] {
            let answered = move |answer: &mut Answer, _: &_| answer.status = StatusCode::from_u16(status).unwrap();
            let Outcome { outcome, sends } = asking.call(answered).await;
            let error = outcome.unwrap_err();
            assert_eq!(sends, 1, "{asking:?}, {status}");
            assert_eq!((error.delivery(), error.fault().is_some()), (Delivery::Answered, true), "{asking:?}, {status}");
        }
        for status in [400, 500] {
            let answered = move |answer: &mut Answer, _: &_| answer.status = StatusCode::from_u16(status).unwrap();
            let Outcome { outcome, sends } = asking.call(answered).await;
            assert_eq!((outcome.is_ok(), sends), (true, 2), "{asking:?}, {status}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_fault_that_is_not_alone_in_its_body_causes_no_second_try() {
    let other_fault =
        "<s:Fault><s:Code><s:Value>s:Sender</s:Value></s:Code><s:Reason><s:Text>no</s:Text></s:Reason></s:Fault>";
    let before = |what: &str| format!("<s:Body>{what}<s:Fault>");
    let behind = |what: &str| format!("</s:Fault>{what}</s:Body>");
    for asking in Asking::ALL {
        // The reply comes first: the message may have been processed.
        for what in [greeting(), "<a/>".to_owned()] {
            for status in [200, 500] {
                let to = before(&what);
                let Outcome { outcome, sends } = asking
                    .call(move |answer, request| {
                        let security = Parts::of(request, "").security;
                        replace(answer, "</s:Header>", &format!("{security}</s:Header>"));
                        replace(answer, "<s:Body><s:Fault>", &to);
                        answer.status = StatusCode::from_u16(status).unwrap();
                    })
                    .await;
                let error = outcome.unwrap_err();
                let kind = if status == 200 { ErrorKind::Malformed } else { ErrorKind::Http };
                assert_eq!((error.kind(), error.delivery()), (kind, Delivery::Answered), "{asking:?}: {error}");
                assert_eq!((sends, error.fault().is_none()), (1, true), "{asking:?}: {what}");
            }
        }
        // The fault comes first: it is told, and that is all.
        for what in
            [greeting(), "<a/>".to_owned(), "text".to_owned(), other_fault.to_owned(), "<![CDATA[x]]>".to_owned()]
        {
            let to = behind(&what);
            let Outcome { outcome, sends } =
                asking.call(move |answer, _| replace(answer, "</s:Fault></s:Body>", &to)).await;
            let error = outcome.unwrap_err();
            assert_eq!((error.kind(), error.delivery()), (ErrorKind::Fault, Delivery::Answered), "{asking:?}: {error}");
            assert_eq!((sends, error.fault().is_some()), (1, true), "{asking:?}: {what}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_fault_in_an_envelope_with_a_blemish_causes_no_second_try() {
    for asking in Asking::ALL {
        for (from, to) in [
            ("</s:Envelope>", "<s:Body/></s:Envelope>"),
            ("</s:Envelope>", "<a/></s:Envelope>"),
            ("</s:Envelope>", "</s:Envelope><a/>"),
            ("</s:Envelope>", "</s:Envelope>text"),
            ("</s:Envelope>", ""),
            ("</s:Body></s:Envelope>", "</s:Envelope></s:Body>"),
            ("<s:Code>", "text<s:Code>"),
            ("<s:Code>", "<s:Code><s:Value>s:Sender</s:Value></s:Code><s:Code>"),
            ("</s:Code>", "</s:Code><faultcode xmlns='' xmlns:a='urn:x'>a:x</faultcode>"),
            ("</s:Code>", "</s:Code><detail/>"),
            ("</s:Reason>", "</s:Reason><s:Reason><s:Text xml:lang='en'>no</s:Text></s:Reason>"),
            ("</s:Reason>", "</s:Reason><s:Detail/><s:Detail/>"),
            ("</s:Reason>", "</s:Reason><Detail xmlns='urn:x'/>"),
            ("<s:Value>s:Sender</s:Value>", "<s:Value>s:Sender</s:Value><s:Value>s:Sender</s:Value>"),
            ("<s:Value>s:Sender</s:Value>", "<s:Value>s:Sender</s:Value><a/>"),
            ("<s:Subcode>", "<s:Subcode><s:Value>s:Sender</s:Value></s:Subcode><s:Subcode>"),
            ("<s:Value>s:Sender</s:Value>", ""),
            ("<s:Value>s:Sender</s:Value>", "<Value xmlns='urn:x' xmlns:s='urn:x'>s:Sender</Value>"),
            (SOAP, "http://schemas.xmlsoap.org/soap/envelope/"),
        ] {
            let Outcome { outcome, sends } = asking.call(move |answer, _| replace(answer, from, to)).await;
            let error = outcome.unwrap_err();
            assert_eq!((error.kind(), error.delivery()), (ErrorKind::Fault, Delivery::Answered), "{to}: {error}");
            assert_eq!((sends, error.fault().is_some()), (1, true), "{asking:?}: {to}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_to_several_messages_is_none() {
    const OTHER: &str = "<a:RelatesTo RelationshipType='urn:other'>urn:uuid:other</a:RelatesTo>";
    const REPLY: &str = "http://www.w3.org/2005/08/addressing/reply";
    fn add(answer: &mut Answer, request: &RecordedRequest, relationship: &str, is_same: bool, is_first: bool) {
        let id = if is_same { message_id(request) } else { "urn:uuid:other".to_owned() };
        let block = format!("<a:RelatesTo{relationship}>{id}</a:RelatesTo>");
        let (from, to) = match is_first {
            true => ("<s:Header>", format!("<s:Header>{block}")),
            false => ("</s:Header>", format!("{block}</s:Header>")),
        };
        replace(answer, from, &to);
    }
    for is_same in [true, false] {
        for is_first in [true, false] {
            for relationship in [String::new(), format!(" RelationshipType='{REPLY}'")] {
                for asking in Asking::ALL {
                    let relationship = relationship.clone();
                    let Outcome { outcome, sends } = asking
                        .call(move |answer, request| add(answer, request, &relationship, is_same, is_first))
                        .await;
                    let error = outcome.unwrap_err();
                    assert_eq!((error.kind(), error.delivery()), (ErrorKind::Malformed, Delivery::Unknown), "{error}");
                    assert_eq!((sends, error.fault().is_none()), (1, true), "{asking:?}");
                }
                let relationship = relationship.clone();
                let network = ScriptedTransport::new().answer(move |request: &RecordedRequest| {
                    let mut answer = ok(request);
                    add(&mut answer, request, &relationship, is_same, is_first);
                    answer
                });
                let error = failed_ws(&network).await;
                assert_eq!((error.kind(), error.delivery()), (ErrorKind::Malformed, Delivery::Unknown), "{error}");
            }
        }
    }
    // Other relationships are none of ours.
    let network = ScriptedTransport::new().answer(|request: &RecordedRequest| {
        let mut answer = ok(request);
        replace(&mut answer, "<s:Header>", &format!("<s:Header>{OTHER}"));
        replace(&mut answer, "</s:Header>", &format!("{OTHER}</s:Header>"));
        replace(&mut answer, "<a:RelatesTo>", &format!("<a:RelatesTo RelationshipType=' {REPLY} '>"));
        answer
    });
    Client::ws(&connect(&network, &Time::default())).greet("Kari").await.unwrap();
}
