//! Our client does what the .NET client did, at the same time and with the same identifiers.

use std::collections::BTreeMap;
use std::fs;

use altinn_soap::generated::v1::{self, Role};
use altinn_soap::testing::{Answer, ScriptedTransport};
use altinn_soap::{Connection, Credentials, EndUser, Error, XmlLimits, registry};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use serde_json::Value;
use soap_runtime::SecurityOptions;
use wsdl_codegen::contract::model::Contract;

use super::compare::{fault, same, stream, values};
use super::recording::{Exchange, Folder, Keys, Message, element};
use super::script::Script;
use super::served::ask;
use super::typed::{Call, Reply};
use crate::support::infoset::Equality;

/// More than any stream of these exchanges holds.
pub(super) const ENOUGH: usize = 1 << 20;

#[derive(Debug, Default)]
pub(super) struct Outcome {
    pub(super) requests: usize,
    /// Requests that are packages with us, too.
    pub(super) packages: usize,
    /// Their parts, without envelopes.
    pub(super) parts: usize,
    pub(super) replies: usize,
    /// Replies that are streams.
    pub(super) streams: usize,
    pub(super) faults: usize,
    pub(super) used: BTreeMap<Equality, usize>,
    pub(super) failures: Vec<String>,
}

/// Plays one folder.
pub(super) async fn run(contract: &Contract, folder: &Folder, outcome: &mut Outcome) {
    let written: Vec<&Exchange> = folder.exchanges.iter().filter(|exchange| is_written(exchange)).collect();
    let Some(first) = written.first() else {
        outcome.failures.push(format!("{}: no request of .NET's client", folder.name));
        return;
    };
    let script = Script::new(&first.request);
    let network = network(&written, &script);
    let results: Vec<Value> = fs::read_to_string(folder.path.join("result.jsonl"))
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();

    let url = first.request.url();
    let variant = first.variant();
    let port = port(variant, &url);
    let derived_keys = written.iter().any(|exchange| exchange.request.envelope().contains("<c:DerivedKeyToken"));
    let connection = connection(port, &url, &network, &script, derived_keys);

    // A call went out, or it did not since the token was refused.
    let calls = folder.exchanges.iter().filter(|exchange| !exchange.request.is_trust() || exchange.response.is_fault());
    let calls: Vec<&Exchange> = calls.collect();
    if calls.len() != results.len() {
        outcome.failures.push(format!("{}: {} calls, not {}", folder.name, calls.len(), results.len()));
    }
    for (call, result) in calls.into_iter().zip(&results) {
        let (exchange, answered) = match is_written(call) {
            true => make(&connection, port, call, result).await,
            false if call.request.is_trust() => continue, // A Renew that was refused: its fault is looked at as such.
            false => ask(call).await,
        };
        if let Err(failure) = check(contract, exchange, answered, result, outcome).await {
            outcome.failures.push(format!("{}, call {}: {failure}", folder.name, result["call"]));
        }
    }
    if written.last().is_some_and(|last| last.request.envelope().contains("/RST/SCT/Cancel</")) {
        connection.close().await;
    }

    let ours = network.requests();
    if ours.len() != written.len() {
        outcome.failures.push(format!("{}: {} requests, not {}", folder.name, ours.len(), written.len()));
    }
    let keys = Keys::of(&folder.exchanges);
    for (ours, exchange) in ours.iter().map(Message::sent).zip(written) {
        outcome.requests += 1;
        if let Some(package) = &ours.package {
            outcome.packages += 1;
            outcome.parts += package.parts.len() - 1;
        }
        for failure in same(contract, port, &ours, &exchange.request, &keys, &mut outcome.used) {
            outcome.failures.push(format!("{}: {failure}", exchange.name));
        }
    }
}

pub(super) fn connection(
    port: &'static v1::PortDescriptor,
    url: &str,
    network: &ScriptedTransport,
    script: &Script,
    derived_keys: bool,
) -> Connection {
    let mut options = SecurityOptions::default();
    options.derived_keys = derived_keys;
    Connection::builder("https://localhost")
        .port_address(port, url)
        .transport(network.clone())
        .clock(script.clone())
        .random(script.clone())
        .security(options)
        .build()
        .unwrap()
}

/// Answers as recorded, and sets the scene for the request that follows.
fn network(exchanges: &[&Exchange], script: &Script) -> ScriptedTransport {
    let mut network = ScriptedTransport::new().scripted_sessions();
    let requests: Vec<_> = exchanges.iter().map(|exchange| std::sync::Arc::clone(&exchange.request)).collect();
    for (at, exchange) in exchanges.iter().enumerate() {
        let next = requests.get(at + 1).cloned();
        let (script, answer) = (script.clone(), answer(&exchange.response));
        network = network.answer(move |_| {
            if let Some(next) = &next {
                script.load(next);
            }
            answer.clone()
        });
    }
    network
}

pub(super) fn answer(response: &Message) -> Answer {
    let mut headers = HeaderMap::new();
    for (name, value) in &response.headers {
        if name != "transfer-encoding" {
            headers.append(HeaderName::try_from(name).unwrap(), HeaderValue::from_str(value).unwrap());
        }
    }
    Answer { status: StatusCode::from_u16(response.status).unwrap(), headers, body: response.body.clone().into() }
}

/// The port that listens there. The old EC services are no part of the cache; their contracts are those of EC2.
pub(super) fn port(variant: &str, url: &str) -> &'static v1::PortDescriptor {
    let path = url.split_once("://").unwrap().1.split_once('/').unwrap().1;
    let path = path.split('?').next().unwrap();
    let path = if variant == "ec" {
        path.replace("EC.svc", "EC2.svc").replace("ECStreamed.svc", "EC2Streamed.svc")
    } else {
        path.to_owned()
    };
    let exchange =
        registry::exchanges().into_iter().find(|exchange| exchange.port().address.ends_with(&format!("/{path}")));
    let port = exchange.unwrap_or_else(|| panic!("no port at {path}")).port();
    if variant != "ec" {
        return port;
    }
    Box::leak(Box::new((*port).security(v1::Security::secure_conversation().timestamp())))
}

/// We start a session anew instead of renewing it, so that a Renew and what bears a renewed token (which has an
/// Instance) are read and verified only.
fn is_written(exchange: &Exchange) -> bool {
    let request = exchange.request.envelope();
    let renewed = element(&request, "SecurityContextToken").is_some_and(|token| element(token, "Instance").is_some());
    !renewed && !request.contains("/RST/SCT/Renew</")
}

/// One call: sends what was sent, if it was.
async fn make(
    connection: &Connection,
    port: &'static v1::PortDescriptor,
    call: &Exchange,
    result: &Value,
) -> (&'static v1::Exchange, Result<Reply, Error>) {
    let exchange = exchange(port, result["op"].as_str().unwrap());
    let request = (!call.request.is_trust()).then_some(&*call.request);
    let call = prepare(connection, port, exchange, request).unwrap_or_else(|error| panic!("{}: {error}", call.name));
    (exchange, call.make().await)
}

/// What came of a call, against what .NET had.
async fn check(
    contract: &Contract,
    exchange: &'static v1::Exchange,
    answered: Result<Reply, Error>,
    result: &Value,
    outcome: &mut Outcome,
) -> Result<(), String> {
    match (answered, result["ok"].as_bool().unwrap()) {
        (Ok(Reply::Value(reply)), true) => {
            outcome.replies += 1;
            values(contract, exchange.port(), exchange.operation(), &*reply, &result["result"])
        }
        (Ok(Reply::Stream(download)), true) => {
            outcome.replies += 1;
            outcome.streams += 1;
            let content = download.collect(ENOUGH).await.map_err(|error| format!("{error:?}"))?;
            stream(&content, &result["result"])
        }
        (Err(error), false) => {
            outcome.faults += 1;
            fault(&error, &result["fault"])
        }
        (Ok(_), false) => Err("a reply where .NET had a fault".to_owned()),
        (Err(error), true) => Err(format!("{error:?}")),
    }
}

/// A call with the values and the credentials of a recorded request.
pub(super) fn prepare<'a>(
    connection: &'a Connection,
    port: &'static v1::PortDescriptor,
    exchange: &'static v1::Exchange,
    request: Option<&Message>,
) -> Result<Call<'a>, String> {
    let envelope = request.map(Message::envelope);
    let mut slots = v1::Slots::default();
    let mut stream = None;
    let mut user = None;
    if let Some(text) = &envelope {
        let mut decoder = v1::Decoder::new(text.as_bytes(), &XmlLimits::default());
        let direction = v1::Direction::Request(exchange.operation());
        v1::read_any_message(port.soap, direction, exchange.request(), &mut decoder)
            .map_err(|error| error.to_string())?;
        slots = decoder.slots().clone();
        stream = decoder.stream().take().map(|content| content.bytes().unwrap().to_vec());
        user = element(text, "Username").map(|name| (unescaped(name), unescaped(element(text, "Password").unwrap())));
    }
    let text = |role| slots.get(role).map(|secret| secret.expose().to_owned());
    let either = |one, other| {
        let user_name = text(Role::user_name(one)).or_else(|| text(Role::user_name(other)));
        user_name.unwrap_or_default()
    };
    let (name, password) = user.unwrap_or_else(|| {
        (either("system-user-name", "enterprise-user-name"), either("system-password", "enterprise-password"))
    });
    let person = text(Role::principal("end-user-ssn")).map(|ssn| {
        let person = EndUser::new(ssn, text(Role::principal("end-user-password")).unwrap_or_default());
        match text(Role::principal("end-user-pin-code")) {
            Some(pin) => person.pin_code(text(Role::principal("end-user-auth-method")).unwrap_or_default(), pin),
            None => person,
        }
    });
    Ok(Call {
        connection,
        port,
        exchange,
        credentials: Credentials::new(name, password),
        person,
        request: envelope,
        stream,
        length_known: request.is_some_and(|request| request.header("content-length").is_some()),
    })
}

fn unescaped(text: &str) -> String {
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}

fn exchange(port: &v1::PortDescriptor, operation: &str) -> &'static v1::Exchange {
    crate::support::exchange(port.name, operation).unwrap_or_else(|| panic!("{}: no {operation}", port.name))
}
