//! Messages that Microsoft's serializers wrote: read into the generated types, written again, and nothing is lost.
//!
//! A dozen of them are fixtures of this project. All of them are read where they are at hand, or those in the folder that
//! `DOTNET_MESSAGES` names. Where .NET left out what the contract requires, that very error is expected.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use altinn_soap::generated::v1;
use roxmltree::{Document, Node};
use serde_json::Value;
use soap_runtime::server::{AnyMessage, ServiceFault};
use soap_runtime::transport::Body;
use wsdl_codegen::contract::model::{Contract, Element, Header, Message, Operation, Port, Type};

use crate::support::environment::shared;
use crate::support::infoset::{Comparison, Equality, Field, child, elements, fields};
use crate::support::{contract, exchange, root};

#[derive(Default, Debug)]
struct Outcome {
    equal: usize,
    expected_errors: usize,
    /// Requests that a service of ours took as they were read, or refused as they were.
    served: usize,
    /// Replies that a service of ours wrote as .NET did.
    replied: usize,
    faults: usize,
    used: BTreeMap<Equality, usize>,
    failures: Vec<String>,
}

#[test]
fn dotnet_messages_of_the_project() {
    let outcome = run(&root().join("tests/fixtures/dotnet"));
    assert!(
        outcome.equal >= 9
            && outcome.expected_errors >= 2
            && outcome.faults >= 1
            && outcome.served >= 6
            && outcome.replied >= 4,
        "{outcome:?}"
    );
}

#[test]
fn dotnet_messages_all() {
    let folder = std::env::var_os("DOTNET_MESSAGES").map(PathBuf::from).or_else(|| shared("spec/fixtures/dotnet"));
    if let Some(folder) = folder {
        let outcome = run(&folder);
        assert!(outcome.equal + outcome.expected_errors > 0, "no message in {}", folder.display());
    }
}

/// Reads every message of a folder of folders; fails on the first lines of what went wrong.
fn run(folder: &Path) -> Outcome {
    let contract = contract();
    let ports = ports();
    let mut outcome = Outcome::default();
    let mut folders: Vec<_> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()).collect();
    folders.sort();
    for folder in folders {
        let name = folder.file_name().unwrap().to_string_lossy().into_owned();
        let document = format!("wsdl/{}.wsdl", ports[&name]);
        let service = contract.services.iter().find(|service| service.document == document).unwrap();
        let mut files: Vec<_> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        files.retain(|path| path.extension().is_some_and(|extension| extension == "xml"));
        files.sort();
        for file in files {
            message(&contract, &service.ports[0], &file, &mut outcome);
        }
    }
    println!(
        "{} messages equal, {} expected errors, {} of them faults; {} requests to a service of ours, {} replies of it",
        outcome.equal, outcome.expected_errors, outcome.faults, outcome.served, outcome.replied
    );
    println!("equalities used: {:?}", outcome.used);
    assert!(
        outcome.failures.is_empty(),
        "{} failures:\n{}",
        outcome.failures.len(),
        outcome.failures[..20.min(outcome.failures.len())].join("\n")
    );
    outcome
}

/// Published contract → `module.variant` of the port that its operations come from.
fn ports() -> BTreeMap<String, String> {
    let manifest: toml::Table = fs::read_to_string(root().join("wsdl-cache/MANIFEST.toml")).unwrap().parse().unwrap();
    let text = |operation: &toml::Value, key: &str| operation.get(key).and_then(toml::Value::as_str).map(str::to_owned);
    let operations = manifest["operation"].as_array().unwrap();
    operations.iter().filter_map(|operation| Some((text(operation, "source")?, text(operation, "port")?))).collect()
}

fn message(contract: &Contract, port: &Port, file: &Path, outcome: &mut Outcome) {
    let label = format!("{}/{}", port.name, file.file_name().unwrap().to_string_lossy());
    let xml = fs::read_to_string(file).unwrap();
    let json: Value = serde_json::from_str(&fs::read_to_string(file.with_extension("json")).unwrap()).unwrap();
    let soap = if json["soap"] == "1.1" { v1::SoapVersion::Soap11 } else { v1::SoapVersion::Soap12 };
    let name = file.file_name().unwrap().to_string_lossy().into_owned();
    let mut parts = name.split('.');
    let (operation, direction) = (parts.next().unwrap(), parts.next().unwrap());
    if direction.starts_with("fault") {
        match fault(contract, port, soap, &xml, &json) {
            Ok(used) => count(outcome, used, |outcome| {
                outcome.equal += 1;
                outcome.faults += 1;
            }),
            Err(error) => outcome.failures.push(format!("{label}: {error}")),
        }
        return;
    }
    let exchange = exchange(&port.name, operation).unwrap_or_else(|| panic!("{label}: no such operation"));
    let operation = port.operations.iter().find(|candidate| candidate.name == operation).unwrap();
    let (way, of, message) = match direction {
        "request" => (v1::Direction::Request(exchange.operation()), exchange.request(), Some(&operation.input)),
        _ => (v1::Direction::Reply(exchange.operation()), exchange.reply(), operation.output.as_ref()),
    };
    let message = message.unwrap_or_else(|| panic!("{label}: the operation has no such message"));
    let mut decoder = v1::Decoder::new(xml.as_bytes(), &v1::XmlLimits::default());
    let read = v1::read_any_message(soap, way, of, &mut decoder);
    let expected = missing(contract, message, &json);
    if direction == "request" {
        let stream = decoder.stream().clone();
        match served(exchange, &xml, &read, stream) {
            Ok(()) => outcome.served += 1,
            Err(failure) => outcome.failures.push(format!("{label}: {failure}")),
        }
    }
    match (read, expected) {
        (Ok(value), None) => {
            let style = if direction == "request" { v1::Style::Client } else { v1::Style::Server };
            let (slots, stream) = (decoder.slots().clone(), decoder.stream().clone());
            let written = v1::write_message(soap, way, &*value, style, &slots, stream.as_ref()).unwrap();
            let written = String::from_utf8(written).unwrap();
            match compare(contract, message, &xml, &written, &json) {
                Ok(used) => count(outcome, used, |outcome| outcome.equal += 1),
                Err(error) => outcome.failures.push(format!("{label}: {error}")),
            }
            if direction != "request" {
                let request = fs::read_to_string(file.with_file_name(format!("{}.request.full.xml", operation.name)));
                let answer = AnyMessage { message: value, stream };
                let written = written_by_service(exchange, request.ok(), answer);
                match written.and_then(|written| compare(contract, message, &xml, &written, &json)) {
                    Ok(_) => outcome.replied += 1,
                    Err(error) => outcome.failures.push(format!("{label} as a reply: {error}")),
                }
            }
        }
        (Err(error), Some(expected)) if error.element().unwrap_or_default().ends_with(&expected) => {
            outcome.expected_errors += 1
        }
        (read, expected) => outcome.failures.push(format!("{label}: read {read:?}, expected absence of {expected:?}")),
    }
}

/// The request reaches the handler of a service of ours with the same values, or is refused where it does not read.
fn served(
    exchange: &'static v1::Exchange,
    xml: &str,
    read: &Result<Box<dyn v1::Slot>, altinn_soap::Error>,
    stream: Option<altinn_soap::Binary>,
) -> Result<(), String> {
    let (asked, _) = asked_and_answered(exchange, xml, None);
    let octets = |stream: Option<altinn_soap::Binary>| stream.map(|stream| stream.bytes().unwrap());
    match (asked, read) {
        (Some(asked), Ok(read)) if asked.message.same(&**read) && octets(asked.stream.clone()) == octets(stream) => {
            Ok(())
        }
        (None, Err(_)) => Ok(()),
        (asked, read) => Err(format!("a handler was given {}, not {}", asked.is_some(), read.is_ok())),
    }
}

/// A reply as a service of ours writes it, in one envelope.
fn written_by_service(
    exchange: &'static v1::Exchange,
    request: Option<String>,
    answer: AnyMessage,
) -> Result<String, String> {
    let operation = exchange.operation();
    let request = request.unwrap_or_else(|| {
        let direction = v1::Direction::Request(operation);
        let sample = direction.sample(exchange.request(), &mut v1::Sampler::new(1));
        let slots = v1::Slots::of_client("user".into(), "password".into());
        let soap = exchange.port().soap;
        let written = v1::write_message(soap, direction, &*sample, v1::Style::Client, &slots, None);
        String::from_utf8(written.unwrap()).unwrap()
    });
    match asked_and_answered(exchange, &request, Some(answer)) {
        (Some(_), (http::StatusCode::OK, reply)) => Ok(reply),
        (asked, (status, _)) => Err(format!("{status}, asked {}", asked.is_some())),
    }
}

/// What the handler of a service was given with a request, and what the service answered. Without an answer it is a fault.
fn asked_and_answered(
    exchange: &'static v1::Exchange,
    request: &str,
    answer: Option<AnyMessage>,
) -> (Option<AnyMessage>, (http::StatusCode, String)) {
    // These messages have no Security header, and streams stand in the envelope.
    let mut port = (*exchange.port()).security(v1::Security::none());
    port.mtom = false;
    port.addressing &= request.contains("<a:Action");
    let port: &'static v1::PortDescriptor = Box::leak(Box::new(port));
    let scene = Arc::new(Mutex::new((None, answer)));
    let serving = v1::Service::new(port, Arc::clone(&scene));
    let service = serving.any(exchange.operation(), exchange.request(), |scene, request, _| {
        let mut scene = scene.lock().unwrap();
        scene.0 = Some(request);
        let answer = scene.1.take();
        async { answer.ok_or_else(|| ServiceFault::sender("asked")) }
    });
    let action = exchange.operation().action;
    let call = http::Request::post("/").header("content-type", port.soap.media_type());
    let call = call.header("soapaction", format!("\"{action}\"")).body(Body::from(request.to_owned())).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let answered = runtime.block_on(async {
        let response = service.service().any_destination().handle(call).await;
        let status = response.status();
        let body = response.into_body().collect(1 << 24).await.unwrap();
        (status, String::from_utf8(body.to_vec()).unwrap())
    });
    let asked = scene.lock().unwrap().0.take();
    (asked, answered)
}

fn count(outcome: &mut Outcome, used: BTreeMap<Equality, usize>, add: impl FnOnce(&mut Outcome)) {
    for (equality, times) in used {
        *outcome.used.entry(equality).or_default() += times;
    }
    add(outcome);
}

/// The first element in contract order that the contract requires and the message lacks.
fn missing(contract: &Contract, message: &Message, json: &Value) -> Option<String> {
    let headers = message.headers.iter();
    let header = headers
        .filter(|header| header.required)
        .find(|header| json["headers"].get(&header.element.name.local).is_none_or(Value::is_null));
    if let Some(header) = header {
        return Some(header.element.name.local.clone());
    }
    let body = message.body.as_ref()?;
    missing_in(contract, body.ty, json["body"].get(&body.name.local)?).map(|path| format!("{}/{path}", body.name.local))
}

fn missing_in(contract: &Contract, ty: Type, value: &Value) -> Option<String> {
    let Type::Named(id) = ty else { return None };
    contract.complex(id)?;
    let fields = fields(contract, id);
    if let Some(items) = value.as_array() {
        let item = fields.first()?.element;
        let real = items.iter().filter(|value| !value.is_null());
        return real
            .into_iter()
            .find_map(|value| missing_in(contract, item.ty, value))
            .map(|path| format!("{}/{path}", item.name.local));
    }
    fields.iter().find_map(|Field { element, min, .. }| {
        let name = &element.name.local;
        match value.get(name) {
            None if *min > 0 => Some(name.clone()),
            Some(Value::Null) if *min > 0 && (!element.nillable || element.slot.is_some()) => Some(name.clone()),
            Some(Value::Null) | None => None,
            Some(value) => missing_in(contract, element.ty, value).map(|path| format!("{name}/{path}")),
        }
    })
}

fn of_header(header: &Header) -> Field<'_> {
    Field { min: u32::from(header.required), ..Field::once(&header.element) }
}

/// What was read against what was written, and both against the objects that .NET wrote from.
fn compare(
    contract: &Contract,
    message: &Message,
    read: &str,
    written: &str,
    json: &Value,
) -> Result<BTreeMap<Equality, usize>, String> {
    let (read, written) = (
        Document::parse(read).map_err(|error| error.to_string())?,
        Document::parse(written).map_err(|error| error.to_string())?,
    );
    let mut comparison = Comparison::new(contract);
    let block = |document: &'_ Document<'_>, part: &str, field: &Element| -> Option<usize> {
        let part = child(document.root_element(), part)?;
        elements(part).iter().position(|element| {
            element.tag_name().name() == field.name.local
                && element.tag_name().namespace().unwrap_or_default() == field.name.namespace
        })
    };
    let headers: Vec<Field<'_>> = message.headers.iter().map(of_header).collect();
    let body: Vec<Field<'_>> = message.body.iter().map(Field::once).collect();
    for (part, key, fields) in [("Header", "headers", headers), ("Body", "body", body)] {
        for field in fields {
            let element = field.element;
            let node = |document, at: Option<usize>| at.and_then(|at| nth(document, part, at));
            let (one, other) =
                (node(&read, block(&read, part, element)), node(&written, block(&written, part, element)));
            comparison.element(part, field, one, other);
            comparison.json(part, field, other, json[key].get(&element.name.local));
        }
    }
    let body = child(written.root_element(), "Body").map(|body| elements(body).len()).unwrap_or_default();
    if body != usize::from(message.body.is_some()) {
        comparison.differences.push("another number of elements in the body".to_owned());
    }
    if comparison.differences.is_empty() { Ok(comparison.used) } else { Err(comparison.differences.join("; ")) }
}

fn nth<'n, 'x>(document: &'n Document<'x>, part: &str, at: usize) -> Option<Node<'n, 'x>> {
    elements(child(document.root_element(), part)?).get(at).copied()
}

/// A fault is read to its code, reason and typed detail, and the detail is written again.
fn fault(
    contract: &Contract,
    port: &Port,
    soap: v1::SoapVersion,
    xml: &str,
    json: &Value,
) -> Result<BTreeMap<Equality, usize>, String> {
    use altinn_soap::receipt::types::AltinnFault;

    let operation: &Operation = &port.operations[0];
    let exchange = exchange(&port.name, &operation.name).ok_or("no operation")?;
    let mut decoder = v1::Decoder::new(xml.as_bytes(), &v1::XmlLimits::default());
    let direction = v1::Direction::Reply(exchange.operation());
    let error = v1::read_any_message(soap, direction, exchange.reply(), &mut decoder).err().ok_or("no error")?;
    let fault = error.fault().ok_or("no fault")?;
    let expected = &json["fault"];
    let code = fault.code().names().next().map(|(_, local)| local.to_owned()).unwrap_or_default();
    if code != expected["code"] || fault.reason() != expected["reason"] {
        return Err("another code or reason".to_owned());
    }
    let detail: AltinnFault = fault.detail().ok_or("no detail")?;
    let field = Field::once(&operation.faults[0].detail);
    let slots = v1::Slots::default();
    let mut encoder = v1::Encoder::new(v1::Style::Server, &slots);
    let element = v1::Field::required("http://www.altinn.no/services/common/fault/2009/10", "AltinnFault");
    v1::Slot::write(&detail, &element, &mut encoder).map_err(|error| error.to_string())?;
    let written = String::from_utf8(encoder.finish()).unwrap().replacen(
        "<a:AltinnFault",
        "<a:AltinnFault xmlns:i=\"http://www.w3.org/2001/XMLSchema-instance\"",
        1,
    );
    let (read, written) = (Document::parse(xml).unwrap(), Document::parse(&written).unwrap());
    let original = read.descendants().find(|node| node.tag_name().name() == "AltinnFault").ok_or("no element")?;
    let mut comparison = Comparison::new(contract);
    comparison.element("detail", field, Some(original), Some(written.root_element()));
    comparison.json("detail", field, Some(written.root_element()), expected["detail"].get("AltinnFault"));
    if comparison.differences.is_empty() { Ok(comparison.used) } else { Err(comparison.differences.join("; ")) }
}
