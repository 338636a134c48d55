//! Replies of the server to requests that .NET's client did not write: only the replies are known answers.

use altinn_soap::generated::v1;
use altinn_soap::testing::ScriptedTransport;
use altinn_soap::{Error, XmlLimits};
use soap_runtime::verify;
use wsdl_codegen::contract::model::Contract;

use super::compare::same_reply;
use super::recording::{Exchange, Keys, Message, element};
use super::replay::{ENOUGH, answer, connection, port, prepare};
use super::script::Script;
use super::typed::Reply;

#[derive(Debug, Default)]
pub(super) struct Outcome {
    pub(super) replies: usize,
    pub(super) streams: usize,
    pub(super) tokens: usize,
    /// Replies and tokens that came as packages.
    pub(super) packages: usize,
}

/// Gives the reply to a call of ours that bears the identifier of the recorded request.
pub(super) async fn check(contract: &Contract, exchange: &Exchange, outcome: &mut Outcome) {
    let envelope = exchange.request.envelope();
    if exchange.request.is_trust() {
        // Of what a client of ours asks a token service, only this has an answer that it reads values from.
        if envelope.contains("/RST/SCT</") {
            token(exchange).await;
            outcome.tokens += 1;
            outcome.packages += usize::from(exchange.response.package.is_some());
        }
        return;
    }
    let name = &exchange.name;
    let (asked, reply) = ask(exchange).await;
    match reply.unwrap_or_else(|error| panic!("{name}: {error:?}")) {
        Reply::Value(reply) => {
            same_reply(contract, asked.port(), asked.operation(), &*reply, &exchange.response.envelope())
                .unwrap_or_else(|failure| panic!("{name}: {failure}"));
        }
        Reply::Stream(download) => {
            let content = download.collect(ENOUGH).await.unwrap();
            let package = exchange.response.package.as_ref().unwrap();
            assert!(package.parts.len() == 2 && package.parts[1].content == content, "{name}");
            outcome.streams += 1;
        }
    }
    outcome.replies += 1;
    outcome.packages += usize::from(exchange.response.package.is_some());
}

/// Gives a recorded reply to a call of ours, in a session of ours.
pub(super) async fn ask(exchange: &Exchange) -> (&'static v1::Exchange, Result<Reply, Error>) {
    let (request, url) = (&exchange.request, exchange.request.url());
    let port = port(exchange.variant(), &url);
    let action = match request.header("soapaction") {
        Some(action) => action.trim_matches('"').to_owned(),
        None => element(&request.envelope(), "Action").unwrap().to_owned(),
    };
    let operation = port.operations.iter().find(|operation| operation.action == action).expect("an operation");
    let asked = crate::support::exchange(port.name, operation.name).unwrap();

    let script = Script::new(request);
    // One of the requests has no time.
    script.at_time_of(&exchange.response);
    if matches!(exchange.variant(), "ec" | "ec2") {
        script.session_first();
    }
    let answer = answer(&exchange.response);
    let network = ScriptedTransport::new().answer(move |_| answer.clone());
    let connection = connection(port, &url, &network, &script, false);
    let reply = prepare(&connection, port, asked, Some(request)).unwrap().make().await;
    network.assert_done();
    (asked, reply)
}

/// The answer to a request for a token: the call that follows bears the token, and is signed with the key that follows
/// from the entropies of both sides.
async fn token(exchange: &Exchange) {
    let (name, url) = (&exchange.name, exchange.request.url());
    let port = port(exchange.variant(), &url);
    let script = Script::new(&exchange.request);
    let (token, next) = (answer(&exchange.response), script.clone());
    let network = ScriptedTransport::new().scripted_sessions().answer(move |_| {
        next.any_identifier();
        token.clone()
    });
    // What comes of the call is of no interest.
    let network = network.respond(503, "text/plain", "");
    let connection = connection(port, &url, &network, &script, false);
    let test = crate::support::exchange(port.name, "Test").unwrap();
    let call = prepare(&connection, port, test, None).unwrap();
    assert!(call.make().await.is_err(), "{name}");
    network.assert_done();

    let sent = Message::sent(&network.requests()[1]).envelope();
    let issued = exchange.response.envelope();
    let issued = element(&issued, "SecurityContextToken").unwrap();
    let ours = element(&sent, "SecurityContextToken").unwrap_or_else(|| panic!("{name}: a call without the token"));
    for part in ["Identifier", "Cookie"] {
        assert_eq!(element(ours, part), element(issued, part), "{name}: {part}");
    }
    let keys = Keys::of(std::slice::from_ref(exchange));
    let signed = verify::signatures(sent.as_bytes(), &keys, &XmlLimits::default());
    assert_eq!(signed.unwrap_or_else(|error| panic!("{name}: {error}")).len(), 1, "{name}");
}
