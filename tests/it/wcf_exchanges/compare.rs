//! Our requests against the recorded ones, and what we read against what .NET read.

use std::collections::BTreeMap;

use altinn_soap::generated::v1;
use altinn_soap::receipt::types::AltinnFault;
use altinn_soap::{Error, XmlLimits};
use roxmltree::{Document, Node};
use serde_json::Value;
use soap_runtime::verify;
use wsdl_codegen::contract::model::{Contract, Operation, Port};

use super::header::differences;
use super::recording::{Keys, Message};
use crate::support::infoset::{Comparison, Equality, Field, child, elements};

pub(super) fn of_contract<'c>(contract: &'c Contract, port: &v1::PortDescriptor, operation: &str) -> &'c Operation {
    let ports: Vec<&Port> = contract.services.iter().flat_map(|service| &service.ports).collect();
    let port = ports.into_iter().find(|candidate| candidate.name == port.name).unwrap();
    port.operations.iter().find(|candidate| candidate.name == operation).unwrap()
}

/// A reply as a service would write it.
pub(super) fn rewritten(
    port: &v1::PortDescriptor,
    operation: &'static v1::Operation,
    reply: &dyn v1::Slot,
) -> Result<String, String> {
    let content = v1::Direction::Reply(operation);
    let written = v1::write_message(port.soap, content, reply, v1::Style::Server, &v1::Slots::default(), None);
    Ok(String::from_utf8(written.map_err(|error| error.to_string())?).unwrap())
}

/// The reply against what the .NET client understood.
pub(super) fn values(
    contract: &Contract,
    port: &v1::PortDescriptor,
    operation: &'static v1::Operation,
    reply: &dyn v1::Slot,
    expected: &Value,
) -> Result<(), String> {
    let written = rewritten(port, operation, reply)?;
    let document = Document::parse(&written).unwrap();
    let mut comparison = Comparison::new(contract);
    let message = of_contract(contract, port, operation.name).output.as_ref();
    let value = match (message.and_then(|message| message.body.as_ref()), operation.reply) {
        // .NET makes a class of the message itself here, without a name for its element.
        (Some(_), v1::Reply::Element(_)) if !message_is_named(expected) => Some(expected),
        (Some(field), _) => expected.get(&field.name.local),
        (None, _) => None,
    };
    if let (Some(field), Some(value)) = (message.and_then(|message| message.body.as_ref()), value) {
        comparison.json("Body", Field::once(field), body(&document), Some(value));
    } else if expected.as_object().is_some_and(|expected| !expected.is_empty()) {
        return Err("a result that the contract does not have".to_owned());
    }
    said(comparison)
}

/// One object, which is the content of the element that its name names.
fn message_is_named(expected: &Value) -> bool {
    expected.as_object().is_some_and(|members| members.len() == 1 && members.values().all(Value::is_object))
}

/// The content of a stream against what the .NET client received.
pub(super) fn stream(content: &[u8], expected: &Value) -> Result<(), String> {
    let expected = expected.as_object().and_then(|members| members.values().next()).ok_or("no result")?;
    let digest = hex(content);
    if expected["bytes"] == content.len() && expected["sha256"] == digest.as_str() {
        return Ok(());
    }
    Err(format!("{} bytes with the digest {digest}, not {expected}", content.len()))
}

fn hex(content: &[u8]) -> String {
    ring::digest::digest(&ring::digest::SHA256, content).as_ref().iter().map(|octet| format!("{octet:02x}")).collect()
}

/// The reply against the message that it was read from.
pub(super) fn same_reply(
    contract: &Contract,
    port: &v1::PortDescriptor,
    operation: &'static v1::Operation,
    reply: &dyn v1::Slot,
    recorded: &str,
) -> Result<(), String> {
    let written = rewritten(port, operation, reply)?;
    let (one, other) = (Document::parse(recorded).unwrap(), Document::parse(&written).unwrap());
    let mut comparison = Comparison::new(contract);
    if let Some(field) =
        of_contract(contract, port, operation.name).output.as_ref().and_then(|message| message.body.as_ref())
    {
        comparison.element("Body", Field::once(field), body(&one), body(&other));
    }
    said(comparison)
}

/// A fault to its code, reason and detail.
pub(super) fn fault(error: &Error, expected: &Value) -> Result<(), String> {
    let fault = error.fault().ok_or_else(|| format!("no fault but {error:?}"))?;
    let names: Vec<String> = fault.code().names().map(|(namespace, local)| format!("{{{namespace}}}{local}")).collect();
    let codes: Vec<&str> = std::iter::once(&expected["code"])
        .chain(expected["subcodes"].as_array().into_iter().flatten())
        .filter_map(Value::as_str)
        .collect();
    if names != codes {
        return Err(format!("{names:?}, not {codes:?}"));
    }
    if expected["reason"] != fault.reason() {
        return Err(format!("{:?}, not {}", fault.reason(), expected["reason"]));
    }
    match (fault.detail::<AltinnFault>(), expected.get("altinnFault")) {
        (None, None) => Ok(()),
        (Some(ours), Some(theirs)) if json(&ours) == *theirs => Ok(()),
        (ours, theirs) => Err(format!("an AltinnFault {ours:?}, not {theirs:?}")),
    }
}

fn json(fault: &AltinnFault) -> Value {
    serde_json::json!({
        "AltinnErrorMessage": fault.altinn_error_message,
        "AltinnExtendedErrorMessage": fault.altinn_extended_error_message,
        "AltinnLocalizedErrorMessage": fault.altinn_localized_error_message,
        "ErrorGuid": fault.error_guid,
        "ErrorID": fault.error_id,
        "UserGuid": fault.user_guid,
        "UserId": fault.user_id,
    })
}

/// Our request against the recorded one.
pub(super) fn same(
    contract: &Contract,
    port: &v1::PortDescriptor,
    ours: &Message,
    theirs: &Message,
    keys: &Keys,
    used: &mut BTreeMap<Equality, usize>,
) -> Vec<String> {
    let mut failures = Vec::new();
    if let Err(error) = verify::signatures(ours.envelope().as_bytes(), keys, &XmlLimits::default()) {
        failures.push(format!("our signature: {error}"));
    }
    if ours.url() != theirs.url() {
        failures.push(format!("sent to {}, not {}", ours.url(), theirs.url()));
    }
    if theirs.is_trust() {
        trust(ours, theirs, &mut failures);
        return failures;
    }
    packaging(ours, theirs, &mut failures);
    let (theirs, text) = (theirs.outline(), ours.outline());
    let (one, other) = (Document::parse(&theirs).unwrap(), Document::parse(&text).unwrap());
    failures.extend(differences(&one, &other, &["Header"]));
    let (Some(theirs), Some(ours)) = (body(&one), body(&other)) else {
        failures.push("another number of elements in the body".to_owned());
        return failures;
    };
    let name = theirs.tag_name().name();
    let operation =
        port.operations.iter().find(|operation| operation.request.is_some_and(|field| field.name().local == name));
    let message = &of_contract(contract, port, operation.expect("an operation with this request").name).input;
    let mut comparison = Comparison::new(contract);
    comparison.element("Body", Field::once(message.body.as_ref().unwrap()), Some(theirs), Some(ours));
    for (equality, times) in comparison.used {
        *used.entry(equality).or_default() += times;
    }
    failures.extend(comparison.differences);
    failures
}

/// A message to the token service. .NET packs it for a port with MTOM; we never do.
fn trust(ours: &Message, theirs: &Message, failures: &mut Vec<String>) {
    let content_type = match theirs.package {
        Some(_) => Some("application/soap+xml; charset=utf-8"),
        None => theirs.header("content-type"),
    };
    if ours.header("content-type") != content_type {
        failures.push("another Content-Type".to_owned());
    }
    let (theirs, text) = (theirs.envelope(), ours.envelope());
    let (one, other) = (Document::parse(&theirs).unwrap(), Document::parse(&text).unwrap());
    failures.extend(differences(&one, &other, &["Header"]));
    failures.extend(differences(&one, &other, &["Body"]));
}

/// What HTTP says of the message, and all parts of a package but its envelope.
fn packaging(ours: &Message, theirs: &Message, failures: &mut Vec<String>) {
    for header in ["soapaction", "mime-version"] {
        if ours.header(header) != theirs.header(header) {
            failures.push(format!("another {header}: {:?}", ours.header(header)));
        }
    }
    let (one, other) = match (&theirs.package, &ours.package) {
        (Some(one), Some(other)) => (one, other),
        (None, None) if ours.header("content-type") == theirs.header("content-type") => return,
        _ => return failures.push(format!("another Content-Type: {:?}", ours.header("content-type"))),
    };
    if one.form() != other.form() {
        failures.push(format!("a package of another form:\n{}and\n{}", one.form(), other.form()));
    }
    let contents = one.parts.iter().zip(&other.parts).skip(1);
    failures.extend(
        contents
            .enumerate()
            .filter(|(_, (one, other))| one.content != other.content)
            .map(|(at, _)| format!("part {} holds something else", at + 1)),
    );
}

/// The only element of the body.
fn body<'n, 'x>(document: &'n Document<'x>) -> Option<Node<'n, 'x>> {
    match elements(child(document.root_element(), "Body")?)[..] {
        [element] => Some(element),
        _ => None,
    }
}

fn said(comparison: Comparison<'_>) -> Result<(), String> {
    if comparison.differences.is_empty() { Ok(()) } else { Err(comparison.differences.join("; ")) }
}
