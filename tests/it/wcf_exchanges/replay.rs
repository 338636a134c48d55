//! Our client does what the .NET client did, at the same time and with the same identifiers.

use std::collections::{BTreeMap, VecDeque};
use std::fs;
use std::sync::{Arc, Mutex};
use std::time::SystemTime;

use altinn_soap::generated::v1::{self, Role};
use altinn_soap::testing::{Answer, RecordedRequest, ScriptedTransport};
use altinn_soap::{Connection, Credentials, EndUser, Error, Guid, XmlLimits, registry};
use altinn_soap_codegen::ir::model::{Contract, Field, Operation, Port};
use altinn_soap_runtime::{Clock, Random, SecurityOptions, verify};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use roxmltree::Document;
use serde_json::Value;

use super::header::differences;
use super::recording::{Exchange, Folder, Keys, Message, between, element, time};
use crate::support::infoset::{Comparison, Equality, child, elements};

/// Requests that are read and verified, but never written by us: we start a session anew instead of renewing it.
const NOT_WRITTEN: [&str; 4] = ["ec-renew/003", "ec-renew/004", "ec-renew/005", "ec-renew-derived/003"];

#[derive(Debug, Default)]
pub(super) struct Outcome {
    pub(super) requests: usize,
    pub(super) replies: usize,
    pub(super) faults: usize,
    pub(super) used: BTreeMap<Equality, usize>,
    pub(super) failures: Vec<String>,
}

/// The time, identifiers and octets of the request that is about to be made.
#[derive(Clone, Debug)]
struct Script(Arc<Mutex<Given>>);

#[derive(Debug)]
struct Given {
    now: SystemTime,
    guids: VecDeque<Guid>,
    octets: VecDeque<Vec<u8>>,
}

impl Clock for Script {
    fn now(&self) -> SystemTime {
        self.0.lock().unwrap().now
    }
}

impl Random for Script {
    fn fill(&self, octets: &mut [u8]) -> std::io::Result<()> {
        match self.0.lock().unwrap().octets.pop_front() {
            Some(given) => octets.copy_from_slice(&given),
            // What blinds a signature: it leaves no trace.
            None => octets.fill(5),
        }
        Ok(())
    }

    fn guid(&self) -> std::io::Result<Guid> {
        Ok(self.0.lock().unwrap().guids.pop_front().expect("an identifier that the .NET client did not draw"))
    }
}

impl Script {
    fn load(&self, request: &str) {
        let mut given = self.0.lock().unwrap();
        given.now = time(element(request, "Created").unwrap());
        let guid = |text: &str| text.parse::<Guid>().unwrap();
        given.guids = [guid(element(request, "MessageID").unwrap().strip_prefix("urn:uuid:").unwrap())].into();
        for token in ["<o:BinarySecurityToken", "<o:UsernameToken", "<t:BinarySecret", "<c:DerivedKeyToken"] {
            if let Some(id) = between(request, &format!("{token} u:Id=\""), "\"") {
                // Only a DerivedKeyToken is called by a number alone.
                given.guids.push_back(id.strip_prefix("uuid-").map_or_else(Guid::default, |id| guid(&id[..36])));
            }
        }
        let octets = element(request, "BinarySecret").or_else(|| element(request, "Nonce"));
        given.octets = octets.map(|octets| STANDARD.decode(octets).unwrap()).into_iter().collect();
    }
}

/// Plays one folder.
pub(super) async fn run(contract: &Contract, folder: &Folder, outcome: &mut Outcome) {
    let written: Vec<&Exchange> =
        folder.exchanges.iter().filter(|exchange| !NOT_WRITTEN.contains(&exchange.name.as_str())).collect();
    let Some(first) = written.first() else { return };
    let script = Script(Arc::new(Mutex::new(Given {
        now: SystemTime::UNIX_EPOCH,
        guids: VecDeque::new(),
        octets: VecDeque::new(),
    })));
    script.load(&first.request.text());
    let network = network(&written, &script);
    let results: Vec<Value> = fs::read_to_string(folder.path.join("result.jsonl"))
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();

    let to = element(&first.request.text(), "To").unwrap().to_owned();
    let variant = folder.name.split('-').next().unwrap();
    let port = port(variant, &to);
    let mut options = SecurityOptions::default();
    options.derived_keys = folder.name == "ec2-derived";
    let connection = Connection::builder("https://localhost")
        .port_address(port, &to)
        .transport(network.clone())
        .clock(script.clone())
        .random(script.clone())
        .security(options)
        .build()
        .unwrap();

    let calls = written.iter().filter(|exchange| !is_trust(&exchange.request)).map(|exchange| Some(*exchange));
    let mut calls: Vec<_> = calls.collect();
    if calls.is_empty() {
        // The token was refused: the call itself never went out.
        calls.push(None);
    }
    for (call, result) in calls.into_iter().zip(&results) {
        let name = format!("{}, call {}", folder.name, result["call"]);
        if let Err(failure) = play(contract, &connection, port, variant, call, result, outcome).await {
            outcome.failures.push(format!("{name}: {failure}"));
        }
    }
    if written.last().is_some_and(|last| element(&last.request.text(), "Action").unwrap().ends_with("/Cancel")) {
        connection.close().await;
    }

    let ours = network.requests();
    if ours.len() != written.len() {
        outcome.failures.push(format!("{}: {} requests, not {}", folder.name, ours.len(), written.len()));
    }
    let keys = Keys::of(&folder.exchanges);
    for (ours, exchange) in ours.iter().zip(written) {
        outcome.requests += 1;
        for failure in same(contract, port, ours, exchange, &keys, &mut outcome.used) {
            outcome.failures.push(format!("{}: {failure}", exchange.name));
        }
    }
}

/// Answers as recorded, and sets the scene for the request that follows.
fn network(exchanges: &[&Exchange], script: &Script) -> ScriptedTransport {
    let mut network = ScriptedTransport::new().scripted_sessions();
    for (at, exchange) in exchanges.iter().enumerate() {
        let next = exchanges.get(at + 1).map(|next| next.request.text());
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

fn is_trust(request: &Message) -> bool {
    element(&request.text(), "Action").unwrap().contains("/trust/RST/SCT")
}

/// The port that listens there. The old EC services are no part of the cache; their contracts are those of EC2.
pub(super) fn port(variant: &str, to: &str) -> &'static v1::PortDescriptor {
    let path = to.split_once("://").unwrap().1.split_once('/').unwrap().1;
    let path = if variant == "ec" { path.replace("EC.svc", "EC2.svc") } else { path.to_owned() };
    let exchange =
        registry::exchanges().into_iter().find(|exchange| exchange.port.address.ends_with(&format!("/{path}")));
    let port = exchange.unwrap_or_else(|| panic!("no port at {path}")).port;
    if variant != "ec" {
        return port;
    }
    let security = v1::Security::SecureConversation {
        must_not_cancel: false,
        derived_keys: true,
        version_1_3: false,
        thumbprint: true,
    };
    Box::leak(Box::new(v1::PortDescriptor { security, ..*port }))
}

/// One call: sends what was sent, and compares what comes of it.
async fn play(
    contract: &Contract,
    connection: &Connection,
    port: &'static v1::PortDescriptor,
    variant: &str,
    call: Option<&Exchange>,
    result: &Value,
    outcome: &mut Outcome,
) -> Result<(), String> {
    let operation = result["op"].as_str().unwrap();
    let exchange = exchange(port, operation);
    let mut request = (exchange.request)();
    let mut slots = v1::Slots::default();
    let mut user = None;
    if let Some(call) = call {
        let mut reader = v1::Reader::new(&call.request.body, &XmlLimits::default());
        v1::read_message(port.soap, v1::Content::Request(exchange.operation), &mut *request, &mut reader)
            .map_err(|error| error.to_string())?;
        slots = reader.slots().clone();
        let text = call.request.text();
        user = element(&text, "Username").map(|name| (unescaped(name), unescaped(element(&text, "Password").unwrap())));
    }
    let text = |role| slots.get(role).map(|secret| secret.expose().to_owned());
    let either = |one, other| text(one).or_else(|| text(other)).unwrap_or_default();
    let (name, password) = user.unwrap_or_else(|| {
        (either(Role::SystemUserName, Role::EnterpriseUserName), either(Role::SystemPassword, Role::EnterprisePassword))
    });
    let person = text(Role::EndUserSsn).map(|ssn| {
        let person = EndUser::new(ssn, text(Role::EndUserPassword).unwrap_or_default());
        match text(Role::EndUserPinCode) {
            Some(pin) => person.pin_code(text(Role::EndUserAuthMethod).unwrap_or_default(), pin),
            None => person,
        }
    });
    let credentials = Credentials::new(name, password);
    let client = match variant {
        "ws" => v1::Port::new(connection, port, credentials),
        _ => v1::Port::with_certificate(connection, port, super::certificate(), credentials),
    };
    let mut reply = (exchange.reply)();
    let answered = client.call_into(exchange.operation, &*request, person.as_ref(), &mut *reply).await;
    match (answered, result["ok"].as_bool().unwrap()) {
        (Ok(()), true) => {
            outcome.replies += 1;
            values(contract, port, exchange, &*reply, &result["result"])
        }
        (Err(error), false) => {
            outcome.faults += 1;
            fault(&error, &result["fault"])
        }
        (Ok(()), false) => Err("a reply where .NET had a fault".to_owned()),
        (Err(error), true) => Err(format!("{error:?}")),
    }
}

fn unescaped(text: &str) -> String {
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}

fn exchange(port: &v1::PortDescriptor, operation: &str) -> &'static v1::Exchange {
    crate::support::exchange(port.name, operation).unwrap_or_else(|| panic!("{}: no {operation}", port.name))
}

fn of_contract<'c>(contract: &'c Contract, port: &v1::PortDescriptor, operation: &str) -> &'c Operation {
    let ports: Vec<&Port> = contract.services.iter().flat_map(|service| &service.ports).collect();
    let port = ports.into_iter().find(|candidate| candidate.name == port.name).unwrap();
    port.operations.iter().find(|candidate| candidate.name == operation).unwrap()
}

/// The reply against what the .NET client understood.
fn values(
    contract: &Contract,
    port: &v1::PortDescriptor,
    exchange: &v1::Exchange,
    reply: &dyn v1::Slot,
    expected: &Value,
) -> Result<(), String> {
    let content = v1::Content::Reply(exchange.operation);
    let written = v1::write_message(port.soap, content, reply, v1::Style::Server, &v1::Slots::default(), None)
        .map_err(|error| error.to_string())?;
    let written = String::from_utf8(written).unwrap();
    let document = Document::parse(&written).unwrap();
    let mut comparison = Comparison::new(contract);
    let message = &of_contract(contract, port, exchange.operation.name).output;
    if let Some(field) = &message.body
        && let Some(value) = expected.get(&field.name.local)
    {
        let body = child(document.root_element(), "Body").unwrap();
        comparison.json("Body", field, elements(body).first().copied(), Some(value));
    } else if expected.as_object().is_some_and(|expected| !expected.is_empty()) {
        return Err("a result that the contract does not have".to_owned());
    }
    if comparison.differences.is_empty() { Ok(()) } else { Err(comparison.differences.join("; ")) }
}

fn fault(error: &Error, expected: &Value) -> Result<(), String> {
    let fault = error.fault().ok_or_else(|| format!("no fault but {error:?}"))?;
    let names: Vec<String> = fault.code().names().map(|(namespace, local)| format!("{{{namespace}}}{local}")).collect();
    let expected: Vec<&str> = std::iter::once(&expected["code"])
        .chain(expected["subcodes"].as_array().into_iter().flatten())
        .filter_map(Value::as_str)
        .collect();
    if names == expected { Ok(()) } else { Err(format!("{names:?}, not {expected:?}")) }
}

/// Our request against the recorded one.
fn same(
    contract: &Contract,
    port: &v1::PortDescriptor,
    ours: &RecordedRequest,
    exchange: &Exchange,
    keys: &Keys,
    used: &mut BTreeMap<Equality, usize>,
) -> Vec<String> {
    let (theirs, text) = (exchange.request.text(), ours.text());
    let (one, other) = (Document::parse(&theirs).unwrap(), Document::parse(&text).unwrap());
    let mut failures = differences(&one, &other, &["Header"]);
    if ours.header("content-type") != exchange.request.header("content-type") {
        failures.push("another Content-Type".to_owned());
    }
    if let Err(error) = verify::signatures(&ours.body, keys, &XmlLimits::default()) {
        failures.push(format!("our signature: {error}"));
    }
    if is_trust(&exchange.request) {
        failures.extend(differences(&one, &other, &["Body"]));
        return failures;
    }
    let body = |document: &Document<'_>| child(document.root_element(), "Body").map(|body| elements(body).len());
    if body(&one) != Some(1) || body(&other) != Some(1) {
        failures.push("another number of elements in the body".to_owned());
        return failures;
    }
    let element = |document: &'_ Document<'_>| {
        elements(child(document.root_element(), "Body").unwrap())[0].tag_name().name().to_owned()
    };
    let message = &of_contract(contract, port, &element(&one)).input;
    let mut comparison = Comparison::new(contract);
    let field: Option<&Field> = message.body.as_ref();
    let first = |document: &'_ Document<'_>| elements(child(document.root_element(), "Body").unwrap())[0].id();
    if let Some(field) = field {
        comparison.element("Body", field, one.get_node(first(&one)), other.get_node(first(&other)));
    }
    for (equality, times) in comparison.used {
        *used.entry(equality).or_default() += times;
    }
    failures.extend(comparison.differences);
    failures
}
