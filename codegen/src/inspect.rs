//! What a contract says, for people ([`text`]) and for programs ([`json`]).
//!
//! # The JSON format
//!
//! `format` is 1; fields may be added, and are never renamed or removed within a format.
//! A qualified name is a string `{namespace}local`, or `local` without namespace.
//!
//! ```json
//! { "format": 1,
//!   "services": [ { "name", "document", "documentation": ["paragraph"], "ports": [ {
//!       "name", "binding", "portType", "address", "soap": "1.1" | "1.2",
//!       "requirements": ["TLS", "timestamp", "…"],
//!       "security": { "transport", "timestamp",
//!                     "token": "none" | "username" | "secure-conversation",
//!                     "passwordDigest", "mustNotCancel", "derivedKeys", "version13", "thumbprint" },
//!       "addressing", "mtom", "withoutEffect": ["SignedParts"],
//!       "operations": [ { "name", "action", "replyAction", "documentation", "parameters": {"name": "text"},
//!           "request": { "headers": [FIELD], "body": FIELD | null }, "reply": { … },
//!           "faults": [ { "name", "action", "detail": FIELD } ] } ] } ] } ],
//!   "types": [ { "id", "name", "anonymousIn": ["Order", "Line"], "documentation",
//!       "kind": "record" | "enumeration",
//!       "base": id | null, "derived": [id], "abstract", "fields": [FIELD],   // of a record
//!       "values": [ { "value", "documentation" } ] } ] }                     // of an enumeration
//! ```
//!
//! FIELD is `{ "kind": "element" | "attribute" | "text" | "any" | "anyAttribute", "name", "type",
//! "typeId", "min", "max", "nillable", "slot", "stream", "documentation" }`. `type` is `xs:…` for a
//! simple value (`guid` for one), else the qualified name of the type; `typeId` then is the number in
//! `types`, where several types may have one name. `max` is `null` for unbounded. Fields of a record
//! do not repeat those of its base.

use std::{collections::BTreeMap, fmt::Write};

use serde::Serialize;

use crate::contract::{
    model::{self, Builtin, Contract, FieldKind, Token, Type, TypeId, TypeKind},
    print,
};
use crate::document::xsd::builtin;
use crate::name::{QName, SoapVersion};

/// The contract as JSON, in the format above.
pub fn json(contract: &Contract) -> String {
    let report = report(contract);
    // Strings, numbers and lists can always be written.
    serde_json::to_string_pretty(&report).map(|text| text + "\n").unwrap_or_default()
}

/// The contract in a page: ports with what they ask for, their operations, and how many types there are.
pub fn text(contract: &Contract) -> String {
    let report = report(contract);
    let mut out = String::new();
    for service in &report.services {
        // Writing to a String cannot fail.
        let _ = writeln!(out, "{} ({})", service.name, service.document);
        for port in &service.ports {
            let _ = writeln!(out, "  {}: SOAP {}", port.name, port.soap);
            let _ = writeln!(out, "    address:  {}", port.address);
            let _ = writeln!(out, "    asks for: {}", port.requirements.join("; "));
            if !port.without_effect.is_empty() {
                let _ = writeln!(out, "    stated in the policy, without effect: {}", port.without_effect.join(", "));
            }
            for operation in &port.operations {
                let request = part(contract, &operation.request);
                let _ = writeln!(out, "    {}: {request} -> {}", operation.name, part(contract, &operation.reply));
            }
        }
    }
    let records = report.types.iter().filter(|one| one.kind == "record").count();
    let _ = writeln!(out, "{records} record types, {} enumerations", report.types.len() - records);
    out
}

/// The parameters of a message: header parts, then the children of the element in its body.
fn part(contract: &Contract, message: &Message<'_>) -> String {
    let one = |field: &Field<'_>| {
        let mark = match (field.min, field.max) {
            (_, None) => "*",
            (0, _) => "?",
            _ => "",
        };
        let local = |name: &str| name.rsplit('}').next().unwrap_or(name).to_owned();
        format!("{}{mark}: {}", local(&field.name), local(&field.ty))
    };
    let headers = message.headers.iter().map(|field| format!("header {}", one(field)));
    let fields = match &message.body {
        None => Vec::new(),
        Some(body) => match body.type_id.and_then(|id| contract.types.get(id)).map(|def| (def, &def.kind)) {
            Some((def, TypeKind::Record(record))) if !def.anonymous_in.is_empty() && record.base.is_none() => {
                record.fields.iter().map(|inner| one(&field(contract, inner))).collect()
            }
            _ => vec![one(body)],
        },
    };
    let parts: Vec<String> = headers.chain(fields).collect();
    if parts.is_empty() { "nothing".to_owned() } else { parts.join(", ") }
}

#[derive(Serialize)]
struct Report<'c> {
    format: u32,
    services: Vec<Service<'c>>,
    types: Vec<TypeDef<'c>>,
}

#[derive(Serialize)]
struct Service<'c> {
    name: String,
    document: &'c str,
    documentation: &'c [String],
    ports: Vec<Port<'c>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Port<'c> {
    name: &'c str,
    binding: String,
    port_type: String,
    address: &'c str,
    soap: &'static str,
    requirements: Vec<String>,
    security: Security,
    addressing: bool,
    mtom: bool,
    without_effect: &'c [String],
    operations: Vec<Operation<'c>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Security {
    transport: bool,
    timestamp: bool,
    token: &'static str,
    password_digest: bool,
    must_not_cancel: bool,
    derived_keys: bool,
    version13: bool,
    thumbprint: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Operation<'c> {
    name: &'c str,
    action: &'c str,
    reply_action: &'c str,
    documentation: &'c [String],
    parameters: BTreeMap<&'c str, &'c str>,
    request: Message<'c>,
    reply: Message<'c>,
    faults: Vec<Fault<'c>>,
}

#[derive(Serialize)]
struct Message<'c> {
    headers: Vec<Field<'c>>,
    body: Option<Field<'c>>,
}

#[derive(Serialize)]
struct Fault<'c> {
    name: &'c str,
    action: &'c str,
    detail: Field<'c>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct TypeDef<'c> {
    id: usize,
    name: String,
    anonymous_in: &'c [String],
    documentation: &'c [String],
    kind: &'static str,
    #[serde(flatten)]
    content: Content<'c>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Content<'c> {
    Record { base: Option<usize>, derived: Vec<usize>, r#abstract: bool, fields: Vec<Field<'c>> },
    Enumeration { values: Vec<Value<'c>> },
}

#[derive(Serialize)]
struct Value<'c> {
    value: &'c str,
    documentation: &'c [String],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Field<'c> {
    kind: &'static str,
    name: String,
    #[serde(rename = "type")]
    ty: String,
    type_id: Option<usize>,
    min: u32,
    max: Option<u32>,
    nillable: bool,
    slot: Option<&'static str>,
    stream: bool,
    documentation: &'c [String],
}

fn report(contract: &Contract) -> Report<'_> {
    Report {
        format: 1,
        services: contract
            .services
            .iter()
            .map(|service| Service {
                name: qualified(&service.name),
                document: &service.document,
                documentation: &service.documentation.paragraphs,
                ports: service.ports.iter().map(|one| port(contract, one)).collect(),
            })
            .collect(),
        types: contract.types.iter().enumerate().map(|(id, def)| type_def(contract, id, def)).collect(),
    }
}

fn port<'c>(contract: &'c Contract, port: &'c model::Port) -> Port<'c> {
    let asked = &port.requirements;
    let (token, conversation) = match &asked.token {
        Token::None => ("none", None),
        Token::UserName { .. } => ("username", None),
        Token::SecureConversation(conversation) => ("secure-conversation", Some(conversation)),
    };
    Port {
        name: &port.name,
        binding: qualified(&port.binding),
        port_type: qualified(&port.port_type),
        address: &port.address,
        soap: match port.soap {
            SoapVersion::Soap11 => "1.1",
            SoapVersion::Soap12 => "1.2",
        },
        requirements: print::requirements(asked),
        security: Security {
            transport: asked.transport_security,
            timestamp: asked.timestamp,
            token,
            password_digest: asked.token == Token::UserName { digest: true },
            must_not_cancel: conversation.is_some_and(|one| one.must_not_cancel),
            derived_keys: conversation.is_some_and(|one| one.derived_keys),
            version13: conversation.is_some_and(|one| one.version_1_3),
            thumbprint: conversation.is_some_and(|one| one.thumbprint),
        },
        addressing: asked.addressing,
        mtom: asked.mtom,
        without_effect: &asked.without_effect,
        operations: port.operations.iter().map(|one| operation(contract, one)).collect(),
    }
}

fn operation<'c>(contract: &'c Contract, operation: &'c model::Operation) -> Operation<'c> {
    let message = |message: &'c model::Message| Message {
        headers: message.headers.iter().map(|header| field(contract, header)).collect(),
        body: message.body.as_ref().map(|body| field(contract, body)),
    };
    let parameters = &operation.documentation.parameters;
    Operation {
        name: &operation.name,
        action: &operation.action,
        reply_action: &operation.reply_action,
        documentation: &operation.documentation.paragraphs,
        parameters: parameters.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect(),
        request: message(&operation.input),
        reply: message(&operation.output),
        faults: operation
            .faults
            .iter()
            .map(|fault| Fault { name: &fault.name, action: &fault.action, detail: field(contract, &fault.detail) })
            .collect(),
    }
}

fn type_def<'c>(contract: &'c Contract, id: usize, def: &'c model::TypeDef) -> TypeDef<'c> {
    let (kind, content) = match &def.kind {
        TypeKind::Record(record) => (
            "record",
            Content::Record {
                base: record.base.map(|id| id.0),
                derived: record.derived.iter().map(|id| id.0).collect(),
                r#abstract: record.is_abstract,
                fields: record.fields.iter().map(|one| field(contract, one)).collect(),
            },
        ),
        TypeKind::Enumeration(enumeration) => (
            "enumeration",
            Content::Enumeration {
                values: enumeration
                    .values
                    .iter()
                    .map(|one| Value { value: &one.value, documentation: &one.documentation.paragraphs })
                    .collect(),
            },
        ),
    };
    TypeDef {
        id,
        name: qualified(&def.name),
        anonymous_in: &def.anonymous_in,
        documentation: &def.documentation.paragraphs,
        kind,
        content,
    }
}

fn field<'c>(contract: &'c Contract, field: &'c model::Field) -> Field<'c> {
    let (ty, type_id) = match field.ty {
        Type::Builtin(Builtin::Guid) => ("guid".to_owned(), None),
        Type::Builtin(value) => (format!("xs:{}", builtin::name(value)), None),
        Type::Named(TypeId(id)) => (contract.types.get(id).map_or(String::new(), |def| qualified(&def.name)), Some(id)),
    };
    Field {
        kind: match field.kind {
            FieldKind::Element => "element",
            FieldKind::Attribute => "attribute",
            FieldKind::Text => "text",
            FieldKind::AnyElement => "any",
            FieldKind::AnyAttribute => "anyAttribute",
        },
        name: qualified(&field.name),
        ty,
        type_id,
        min: field.min,
        max: field.max,
        nillable: field.nillable,
        slot: field.slot.map(print::role),
        stream: field.stream,
        documentation: &field.documentation.paragraphs,
    }
}

fn qualified(name: &QName) -> String {
    if name.namespace.is_empty() { name.local.clone() } else { name.to_string() }
}
