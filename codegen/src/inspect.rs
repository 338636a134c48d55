//! The contents of a contract, for people ([`text`]) and for programs ([`json`]).
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
//!                     "token": "none" | "http-basic" | "http-digest" | "bearer" | "username" | "secure-conversation" | "unsupported",
//!                     "passwordDigest", "mustNotCancel", "derivedKeys", "version13", "thumbprint" },
//!       "addressing", "mtom", "withoutEffect": ["SignedParts"],
//!       "operations": [ { "name", "action", "replyAction", "documentation", "parameters": {"name": "text"},
//!           "request": { "headers": [FIELD], "body": FIELD | null, "bare", "attachments" }, "reply": { … }, "oneWay",
//!           "faults": [ { "name", "action", "detail": FIELD } ] } ],
//!       "leftOut": [LEFT] } ], "leftOut": [LEFT] } ],                                         // operations; ports
//!   "types": [ { "id", "name", "anonymousIn": ["Order", "Line"], "documentation",
//!       "kind": "record" | "choice" | "list" | "array" | "enumeration" | "union",
//!       "base": id | null, "restricts": id | null, "derived": [id], "abstract", "finite",   // of a record
//!       "fields": [FIELD], "content": PARTICLE | null,
//!       "alternatives": [FIELD], "item": FIELD,                            // of a choice; of a list or array
//!       "values": [ { "value", "documentation" } ],                        // of an enumeration or union
//!       "members": [FIELD], "open" } ] }                                   // of a union: its types; whether any text is allowed
//! ```
//!
//! FIELD is `{ "kind": "element" | "attribute" | "text" | "any" | "anyAttribute" | "item" | "member", "name", "type",
//! "typeId", "min", "max", "nillable", "whiteSpace": "preserve" | "replace" | "collapse", "default", "fixed", "slot",
//! "stream", "documentation" }`. `type` is `xs:…` for a simple value (`guid` for one), else the qualified name of the
//! type; `typeId` then is the number in `types`, where several types may have one name. `max` is `null` for unbounded.
//! Fields of a record do not repeat those of its `base`, which it extends; a type that it `restricts` contributes none.
//!
//! `bare`: the element is not written, and what it holds stands in the body.
//!
//! `attachments`: `{ "part", "mediaTypes", "required" }` each, which travel beside the envelope.
//!
//! A schema without a service stands among `services`, by the name of its file, with its root elements as `documents`, a
//! list of FIELD.
//!
//! LEFT is `{ "name", "reason" }`, of an operation or a port that is not generated.
//!
//! PARTICLE is `{ "kind": "sequence" | "all" | "choice" | "element" | "any", "name", "min", "max", "members":
//! [PARTICLE] }`: how the elements among `fields` are arranged, `name` being that of an element.

use std::{collections::BTreeMap, fmt::Write};

use serde::Serialize;

use crate::contract::{
    model::{
        self, Builtin, Complex, Contract, Derivation, DerivationMethod, Documentation, Preset, Term, Token, Type,
        TypeId, TypeKind, UnionMember, WhiteSpace,
    },
    print,
    tokens::{DERIVED_KEYS, THUMBPRINT},
};
use crate::name::{QName, SoapVersion};
use crate::plain::one_line;

/// The contract as JSON, in the format above.
pub fn json(contract: &Contract) -> String {
    let report = report(contract);
    // Strings, numbers and lists can always be written.
    serde_json::to_string_pretty(&report).map(|text| text + "\n").unwrap_or_default()
}

/// A summary of the contract: ports with their requirements and operations, and the number of types. What is quoted stays
/// on its line.
pub fn text(contract: &Contract) -> String {
    let report = report(contract);
    let mut out = String::new();
    for service in &report.services {
        // Writing to a String cannot fail.
        let _ = writeln!(out, "{} ({})", one_line(&service.name), one_line(service.document));
        for port in &service.ports {
            let _ = writeln!(out, "  {}: SOAP {}", port.name, port.soap);
            let _ = writeln!(out, "    address:  {}", one_line(port.address));
            let _ = writeln!(out, "    asks for: {}", port.requirements.join("; "));
            if !port.without_effect.is_empty() {
                let _ = writeln!(out, "    stated in the policy, without effect: {}", port.without_effect.join(", "));
            }
            for operation in &port.operations {
                let request = part(contract, &operation.request);
                let _ = writeln!(out, "    {}: {request} -> {}", operation.name, part(contract, &operation.reply));
            }
            for LeftOut { name, reason } in &port.left_out {
                let _ = writeln!(out, "    without {}: {}", one_line(name), one_line(reason));
            }
        }
        for document in &service.documents {
            let _ = writeln!(out, "  document {}: {}", one_line(&document.name), one_line(&document.ty));
        }
        for LeftOut { name, reason } in &service.left_out {
            let _ = writeln!(out, "  without port {}: {}", one_line(name), one_line(reason));
        }
    }
    let count = |kind: &str| report.types.iter().filter(|one| one.kind == kind).count();
    let (records, enumerations) = (count("record"), count("enumeration"));
    let others = report.types.len() - records - enumerations;
    let others = if others == 0 { String::new() } else { format!(", {others} choices, lists and arrays") };
    let _ = writeln!(out, "{records} record types, {enumerations} enumerations{others}");
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
            Some((def, TypeKind::Complex(complex))) if !def.anonymous_in.is_empty() && complex.derivation.is_none() => {
                fields(contract, complex).iter().map(one).collect()
            }
            _ => vec![one(body)],
        },
    };
    let attachments = message.attachments.iter().map(|one| {
        let mark = if one.required { "" } else { "?" };
        format!("attachment {}{mark}: {}", one.part, one.media_types.join("|"))
    });
    let parts: Vec<String> = headers.chain(fields).chain(attachments).collect();
    if parts.is_empty() { "nothing".to_owned() } else { parts.join(", ") }
}

#[derive(Serialize)]
struct Report<'c> {
    format: u32,
    services: Vec<Service<'c>>,
    types: Vec<TypeDef<'c>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Service<'c> {
    name: String,
    document: &'c str,
    documentation: &'c [String],
    ports: Vec<Port<'c>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    documents: Vec<Field<'c>>,
    left_out: Vec<LeftOut<'c>>,
}

#[derive(Serialize)]
struct LeftOut<'c> {
    name: &'c str,
    reason: &'c str,
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
    left_out: Vec<LeftOut<'c>>,
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
    one_way: bool,
    faults: Vec<Fault<'c>>,
}

#[derive(Default, Serialize)]
struct Message<'c> {
    headers: Vec<Field<'c>>,
    body: Option<Field<'c>>,
    bare: bool,
    attachments: Vec<Attachment<'c>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Attachment<'c> {
    part: &'c str,
    media_types: &'c [String],
    required: bool,
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
    content: TypeContent<'c>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum TypeContent<'c> {
    Record {
        base: Option<usize>,
        restricts: Option<usize>,
        derived: Vec<usize>,
        r#abstract: bool,
        finite: bool,
        fields: Vec<Field<'c>>,
        content: Option<Particle>,
    },
    Choice {
        alternatives: Vec<Field<'c>>,
    },
    List {
        item: Box<Field<'c>>,
    },
    Enumeration {
        values: Vec<Value<'c>>,
    },
    Union {
        open: bool,
        values: Vec<Value<'c>>,
        members: Vec<Field<'c>>,
    },
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
    white_space: &'static str,
    default: Option<&'c str>,
    fixed: Option<&'c str>,
    slot: Option<&'c str>,
    stream: bool,
    documentation: &'c [String],
}

#[derive(Serialize)]
struct Particle {
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    min: u32,
    max: Option<u32>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    members: Vec<Self>,
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
                documents: service.roots.iter().map(|one| element(contract, one, (1, Some(1)))).collect(),
                left_out: left_out(&service.left_out),
            })
            .collect(),
        types: contract.types.iter().enumerate().map(|(id, def)| type_def(contract, id, def)).collect(),
    }
}

fn port<'c>(contract: &'c Contract, port: &'c model::Port) -> Port<'c> {
    let asked = &port.requirements;
    let (token, conversation) = match &asked.token {
        Token::None => ("none", None),
        Token::HttpBasic => ("http-basic", None),
        Token::HttpDigest => ("http-digest", None),
        Token::Bearer => ("bearer", None),
        Token::UserName { .. } => ("username", None),
        Token::SecureConversation(conversation) => ("secure-conversation", Some(conversation)),
        Token::Unsupported(_) => ("unsupported", None),
    };
    let stated = |name: &str| conversation.is_some() && asked.without_effect.iter().any(|one| one == name);
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
            derived_keys: stated(DERIVED_KEYS),
            version13: conversation.is_some_and(|one| one.version_1_3),
            thumbprint: stated(THUMBPRINT),
        },
        addressing: asked.addressing,
        mtom: asked.mtom,
        without_effect: &asked.without_effect,
        operations: port.operations.iter().map(|one| operation(contract, one)).collect(),
        left_out: left_out(&port.left_out),
    }
}

fn left_out(left_out: &[model::LeftOut]) -> Vec<LeftOut<'_>> {
    left_out.iter().map(|one| LeftOut { name: &one.name, reason: &one.reason }).collect()
}

fn operation<'c>(contract: &'c Contract, operation: &'c model::Operation) -> Operation<'c> {
    let message = |message: &'c model::Message| Message {
        headers: message
            .headers
            .iter()
            .map(|header| element(contract, &header.element, (u32::from(header.required), Some(1))))
            .collect(),
        body: message.body.as_ref().map(|body| element(contract, body, ONCE)),
        bare: message.bare,
        attachments: message
            .attachments
            .iter()
            .map(|one| Attachment { part: &one.part, media_types: &one.media_types, required: one.required })
            .collect(),
    };
    let parameters = &operation.documentation.parameters;
    Operation {
        name: &operation.name,
        action: &operation.action,
        reply_action: &operation.reply_action,
        documentation: &operation.documentation.paragraphs,
        parameters: parameters.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect(),
        request: message(&operation.input),
        reply: operation.output.as_ref().map(message).unwrap_or_default(),
        one_way: operation.output.is_none(),
        faults: operation
            .faults
            .iter()
            .map(|fault| Fault {
                name: &fault.name,
                action: &fault.action,
                detail: element(contract, &fault.detail, ONCE),
            })
            .collect(),
    }
}

fn type_def<'c>(contract: &'c Contract, id: usize, def: &'c model::TypeDef) -> TypeDef<'c> {
    let (kind, content) = match &def.kind {
        TypeKind::Choice(choice) => {
            let alternatives = choice.alternatives.iter().map(|one| leaf(contract, one)).collect();
            ("choice", TypeContent::Choice { alternatives })
        }
        TypeKind::List(list) => {
            let item = field(contract, "item", String::new(), list.item, NO_DOCUMENTATION);
            ("list", TypeContent::List { item: Box::new(item) })
        }
        TypeKind::Array(array) => {
            let item = field(contract, "item", String::new(), array.item, NO_DOCUMENTATION);
            ("array", TypeContent::List { item: Box::new(item) })
        }
        TypeKind::Complex(complex) => ("record", record(contract, def, complex)),
        TypeKind::Enumeration(enumeration) => {
            ("enumeration", TypeContent::Enumeration { values: enumeration.values.iter().map(value).collect() })
        }
        TypeKind::Union(union) => {
            let (mut values, mut members) = (Vec::new(), Vec::new());
            for member in &union.members {
                match member {
                    UnionMember::Text(text) => values.push(value(text)),
                    UnionMember::Value(name, ty) => {
                        members.push(field(contract, "member", name.clone(), *ty, NO_DOCUMENTATION));
                    }
                }
            }
            ("union", TypeContent::Union { open: union.is_open, values, members })
        }
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

fn value(value: &model::EnumerationValue) -> Value<'_> {
    Value { value: &value.value, documentation: &value.documentation.paragraphs }
}

fn record<'c>(contract: &'c Contract, def: &model::TypeDef, complex: &'c Complex) -> TypeContent<'c> {
    let base = |by| complex.derivation.filter(|derivation: &Derivation| derivation.by == by).map(|one| one.base.0);
    TypeContent::Record {
        base: base(DerivationMethod::Extension),
        restricts: base(DerivationMethod::Restriction),
        derived: complex.derived.iter().map(|id| id.0).collect(),
        r#abstract: complex.is_abstract,
        finite: def.finite,
        fields: fields(contract, complex),
        content: match &complex.content {
            model::ContentModel::Elements(particle) => Some(tree(particle)),
            model::ContentModel::Empty | model::ContentModel::Text(_) => None,
        },
    }
}

fn tree(particle: &model::Particle) -> Particle {
    let (kind, name, members) = match &particle.term {
        Term::Element(element) => ("element", Some(qualified(&element.name)), &[][..]),
        Term::Wildcard => ("any", None, &[][..]),
        Term::Group(_) => ("group", None, &[][..]),
        Term::Sequence(members) => ("sequence", None, members.as_slice()),
        Term::All(members) => ("all", None, members.as_slice()),
        Term::Choice(members) => ("choice", None, members.as_slice()),
    };
    Particle { kind, name, min: particle.min, max: particle.max, members: members.iter().map(tree).collect() }
}

const ONCE: (u32, Option<u32>) = (1, Some(1));

/// What a type itself declares, in wire order: text or elements, then attributes.
fn fields<'c>(contract: &'c Contract, complex: &'c Complex) -> Vec<Field<'c>> {
    let mut found = match &complex.content {
        model::ContentModel::Empty => Vec::new(),
        model::ContentModel::Text(text) => vec![Field {
            stream: text.stream,
            white_space: white_space(text.white_space),
            ..field(contract, "text", "Value".to_owned(), text.ty, &text.documentation)
        }],
        model::ContentModel::Elements(particle) => particle.leaves().iter().map(|one| leaf(contract, one)).collect(),
    };
    found.extend(complex.attributes.iter().map(|attribute| Field {
        min: u32::from(attribute.required),
        white_space: white_space(attribute.white_space),
        default: default(attribute.preset.as_ref()),
        fixed: fixed(attribute.preset.as_ref()),
        ..field(contract, "attribute", qualified(&attribute.name), attribute.ty, &attribute.documentation)
    }));
    if complex.any_attribute {
        found.push(Field { min: 0, max: None, ..wildcard(contract, "anyAttribute", "AnyAttribute") });
    }
    found
}

fn element<'c>(contract: &'c Contract, element: &'c model::Element, (min, max): (u32, Option<u32>)) -> Field<'c> {
    Field {
        min,
        max,
        nillable: element.nillable,
        white_space: white_space(element.white_space),
        default: default(element.preset.as_ref()),
        fixed: fixed(element.preset.as_ref()),
        slot: element.slot.as_deref(),
        stream: element.stream,
        ..field(contract, "element", qualified(&element.name), element.ty, &element.documentation)
    }
}

/// An element, wildcard or group.
fn leaf<'c>(contract: &'c Contract, particle: &'c model::Particle) -> Field<'c> {
    let (min, max) = (particle.min, particle.max);
    match &particle.term {
        Term::Element(one) => element(contract, one, (min, max)),
        Term::Group(id) => {
            let name = contract.type_def(*id).name.local.clone();
            Field { min, max, ..field(contract, "group", name, Type::Named(*id), NO_DOCUMENTATION) }
        }
        _ => Field { min, max, ..wildcard(contract, "any", "Any") },
    }
}

const NO_DOCUMENTATION: &Documentation = &Documentation { paragraphs: Vec::new(), parameters: Vec::new() };

fn wildcard<'c>(contract: &'c Contract, kind: &'static str, name: &str) -> Field<'c> {
    field(contract, kind, name.to_owned(), Type::Builtin(Builtin::Any), NO_DOCUMENTATION)
}

/// A field that occurs once, with nothing special.
fn field<'c>(
    contract: &'c Contract,
    kind: &'static str,
    name: String,
    ty: Type,
    documentation: &'c Documentation,
) -> Field<'c> {
    let (ty, type_id) = match ty {
        Type::Builtin(Builtin::Guid) => ("guid".to_owned(), None),
        Type::Builtin(value) => (format!("xs:{}", value.name()), None),
        Type::Named(TypeId(id)) => (contract.types.get(id).map_or(String::new(), |def| qualified(&def.name)), Some(id)),
    };
    Field {
        kind,
        name,
        ty,
        type_id,
        min: 1,
        max: Some(1),
        nillable: false,
        white_space: white_space(WhiteSpace::Preserve),
        default: None,
        fixed: None,
        slot: None,
        stream: false,
        documentation: &documentation.paragraphs,
    }
}

fn white_space(rule: WhiteSpace) -> &'static str {
    match rule {
        WhiteSpace::Preserve => "preserve",
        WhiteSpace::Replace => "replace",
        WhiteSpace::Collapse => "collapse",
    }
}

fn default(preset: Option<&Preset>) -> Option<&str> {
    match preset {
        Some(Preset::Default(text)) => Some(text),
        _ => None,
    }
}

fn fixed(preset: Option<&Preset>) -> Option<&str> {
    match preset {
        Some(Preset::Fixed(text)) => Some(text),
        _ => None,
    }
}

fn qualified(name: &QName) -> String {
    if name.namespace.is_empty() { name.local.clone() } else { name.to_string() }
}
