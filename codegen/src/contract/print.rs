//! Prints a contract as text, for people and golden files.

use std::{collections::BTreeMap, fmt::Write};

use crate::contract::model::{
    Attribute, ChoicePlace, Complex, ContentModel, Contract, DerivationMethod, Documentation, Element,
    EnumerationValue, GroupUse, LeftOut, Message, Operation, Particle, Port, Preset, Requirements, Term, Token, Type,
    TypeDef, TypeId, TypeKind, UnionMember, WhiteSpace,
};
use crate::name::{QName, SoapVersion};

/// The whole contract as text. Namespaces are numbered in order of their names.
pub fn print(contract: &Contract) -> String {
    let mut printer =
        Printer { contract, namespaces: namespaces(contract), ordinals: ordinals(contract), out: String::new() };
    printer.contract();
    printer.out
}

/// The local name of a type; with the path for an anonymous one.
pub(crate) fn local_name(def: &TypeDef) -> String {
    if def.anonymous_in.is_empty() { def.name.local.clone() } else { def.anonymous_in.join("/") }
}

/// A number from 1 for each type whose name others of another shape share.
pub(crate) fn ordinals(contract: &Contract) -> Vec<Option<usize>> {
    let key = |def: &TypeDef| (def.name.clone(), def.anonymous_in.clone());
    let mut totals: BTreeMap<_, usize> = BTreeMap::new();
    contract.types.iter().for_each(|def| *totals.entry(key(def)).or_default() += 1);
    let mut seen: BTreeMap<_, usize> = BTreeMap::new();
    let number = |def: &TypeDef| {
        let ordinal = seen.entry(key(def)).or_default();
        *ordinal += 1;
        (totals.get(&key(def)) > Some(&1)).then_some(*ordinal)
    };
    contract.types.iter().map(number).collect()
}

/// The requirements of a port, in words.
pub(crate) fn requirements(requirements: &Requirements) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    if requirements.transport_security {
        words.push("TLS".to_owned());
    }
    if requirements.client_certificate {
        words.push("a client certificate in TLS".to_owned());
    }
    match &requirements.token {
        Token::None => {}
        Token::HttpBasic => words.push("HTTP Basic authentication".to_owned()),
        Token::HttpDigest => words.push("HTTP Digest authentication".to_owned()),
        Token::Bearer => words.push("a bearer token".to_owned()),
        Token::Unsupported(what) => words.push(format!("what is not supported: {what}")),
        Token::UserName { digest: false } => words.push("UsernameToken with a plain password".to_owned()),
        Token::UserName { digest: true } => words.push("UsernameToken with a password digest".to_owned()),
        Token::SecureConversation(conversation) => {
            let edition = if conversation.version_1_3 { "1.3" } else { "of February 2005" };
            words.push(format!("WS-SecureConversation {edition}, started with an X.509 certificate"));
            if conversation.must_not_cancel {
                words.push("the session is never cancelled".to_owned());
            }
        }
    }
    if requirements.timestamp {
        words.push("timestamp".to_owned());
    }
    if requirements.addressing {
        words.push(
            if requirements.addressing_2004 { "WS-Addressing of August 2004" } else { "WS-Addressing" }.to_owned(),
        );
    }
    if requirements.mtom {
        words.push("MTOM".to_owned());
    }
    if words.is_empty() {
        words.push("nothing".to_owned());
    }
    words
}

fn namespaces(contract: &Contract) -> BTreeMap<String, String> {
    let mut all: BTreeMap<String, String> = BTreeMap::new();
    let mut add = |name: &QName| {
        if !name.namespace.is_empty() {
            all.entry(name.namespace.clone()).or_default();
        }
    };
    for service in &contract.services {
        add(&service.name);
        service.roots.iter().for_each(|element| add(&element.name));
        for port in &service.ports {
            add(&port.binding);
            add(&port.port_type);
            for operation in &port.operations {
                operation.elements().for_each(|element| add(&element.name));
            }
        }
    }
    for def in &contract.types {
        add(&def.name);
        if let TypeKind::Complex(complex) = &def.kind {
            complex.elements().into_iter().for_each(|element| add(&element.name));
            complex.attributes.iter().for_each(|attribute| add(&attribute.name));
        }
    }
    for (index, prefix) in all.values_mut().enumerate() {
        *prefix = format!("n{}", index + 1);
    }
    all
}

struct Printer<'c> {
    contract: &'c Contract,
    namespaces: BTreeMap<String, String>,
    ordinals: Vec<Option<usize>>,
    out: String,
}

impl Printer<'_> {
    fn line(&mut self, depth: usize, text: impl AsRef<str>) {
        // Writing to a String cannot fail.
        let _ = writeln!(self.out, "{:indent$}{}", "", text.as_ref(), indent = depth * 2);
    }

    fn contract(&mut self) {
        for (namespace, prefix) in self.namespaces.clone() {
            self.line(0, format!("namespace {prefix} {namespace}"));
        }
        for service in &self.contract.services {
            self.line(0, "");
            let name = self.name(&service.name);
            self.line(0, format!("service {name} in {}", service.document));
            self.documentation(1, &service.documentation);
            for port in &service.ports {
                self.port(port);
            }
            for element in &service.roots {
                self.line(1, format!("document {}: {}", self.name(&element.name), self.type_text(element.ty)));
            }
            self.left_out(1, "port", &service.left_out);
        }
        for (index, def) in self.contract.types.iter().enumerate() {
            self.line(0, "");
            self.type_def(TypeId(index), def);
        }
    }

    fn port(&mut self, port: &Port) {
        let soap = match port.soap {
            SoapVersion::Soap11 => "1.1",
            SoapVersion::Soap12 => "1.2",
        };
        self.line(1, format!("port {} soap {soap} {}", port.name, port.address));
        let (binding, port_type) = (self.name(&port.binding), self.name(&port.port_type));
        self.line(2, format!("binding {binding} portType {port_type}"));
        self.line(2, format!("requires {}", requirements(&port.requirements).join("; ")));
        if !port.requirements.without_effect.is_empty() {
            self.line(2, format!("without effect {}", port.requirements.without_effect.join(" ")));
        }
        for operation in &port.operations {
            self.operation(operation);
        }
        self.left_out(2, "operation", &port.left_out);
    }

    fn left_out(&mut self, depth: usize, what: &str, left_out: &[LeftOut]) {
        for LeftOut { name, reason } in left_out {
            self.line(depth, format!("without {what} {name}: {reason}"));
        }
    }

    fn operation(&mut self, operation: &Operation) {
        self.line(2, format!("operation {}", operation.name));
        self.documentation(3, &operation.documentation);
        if operation.encoded {
            self.line(3, "SOAP encoding");
        }
        self.line(3, format!("action {}", operation.action));
        if operation.output.is_some() {
            self.line(3, format!("reply action {}", operation.reply_action));
        }
        self.message("request", &operation.input);
        match &operation.output {
            Some(output) => self.message("reply", output),
            None => self.line(3, "one-way"),
        }
        for fault in &operation.faults {
            let detail = self.element(&fault.detail, "");
            self.line(3, format!("fault {} action {} detail {detail}", fault.name, fault.action));
        }
    }

    fn message(&mut self, direction: &str, message: &Message) {
        for header in &message.headers {
            let element = self.element(&header.element, if header.required { "" } else { "?" });
            let part =
                if header.part == header.element.name.local { String::new() } else { format!(" {}", header.part) };
            self.line(3, format!("{direction} header{part} {element}"));
        }
        let body = message.body.as_ref().map_or("nothing".to_owned(), |body| self.element(body, ""));
        let bare = if message.bare { "of " } else { "" };
        self.line(3, format!("{direction} body {bare}{body}"));
        for attachment in &message.attachments {
            let mark = if attachment.required { "" } else { "?" };
            let types = attachment.media_types.join(", ");
            self.line(3, format!("{direction} attachment {}{mark} {types}", attachment.part));
        }
    }

    fn type_def(&mut self, id: TypeId, def: &TypeDef) {
        let name = self.type_name(id);
        let anonymous = if def.anonymous_in.is_empty() { "" } else { " anonymous" };
        match &def.kind {
            TypeKind::Complex(complex) => {
                let mut head = format!("complex {name}{anonymous}");
                if complex.is_abstract {
                    head.push_str(" abstract");
                }
                if complex.mixed {
                    head.push_str(" mixed");
                }
                head.push_str(match complex.group {
                    None => "",
                    Some(GroupUse::Once) => " group",
                    Some(GroupUse::Repeated) => " group repeated",
                });
                if let Some(derivation) = complex.derivation {
                    let how = match derivation.by {
                        DerivationMethod::Extension => "extends",
                        DerivationMethod::Restriction => "restricts",
                    };
                    head.push_str(&format!(" {how} {}", self.type_name(derivation.base)));
                }
                if !def.finite {
                    head.push_str(" without value");
                }
                self.line(0, head);
                self.documentation(1, &def.documentation);
                self.complex(complex);
            }
            TypeKind::Choice(choice) => {
                let group = match choice.place {
                    ChoicePlace::Content => "",
                    ChoicePlace::Group => " group",
                    ChoicePlace::Substitution => " in place of an element",
                };
                let without = if def.finite { "" } else { " without value" };
                self.line(0, format!("choice {name}{anonymous}{group}{without}"));
                self.documentation(1, &def.documentation);
                choice.alternatives.iter().for_each(|one| self.particle(1, one));
            }
            TypeKind::List(list) => {
                self.line(0, format!("list {name}{anonymous} of {}", self.type_text(list.item)));
                self.documentation(1, &def.documentation);
            }
            TypeKind::Union(union) => {
                let open = if union.is_open { " open" } else { "" };
                self.line(0, format!("union {name}{anonymous}{open}"));
                self.documentation(1, &def.documentation);
                for member in &union.members {
                    match member {
                        UnionMember::Text(value) => self.value(value),
                        UnionMember::Value(name, ty) => self.line(1, format!("{name}: {}", self.type_text(*ty))),
                    }
                }
            }
            TypeKind::Array(array) => {
                self.line(0, format!("array {name}{anonymous} of {}", self.type_text(array.item)));
                self.documentation(1, &def.documentation);
            }
            TypeKind::Enumeration(enumeration) => {
                self.line(0, format!("enumeration {name}{anonymous}"));
                self.documentation(1, &def.documentation);
                enumeration.values.iter().for_each(|value| self.value(value));
            }
        }
    }

    fn value(&mut self, value: &EnumerationValue) {
        self.line(1, format!("value {:?}", value.value));
        self.documentation(2, &value.documentation);
    }

    fn complex(&mut self, complex: &Complex) {
        if !complex.derived.is_empty() {
            let derived: Vec<String> = complex.derived.iter().map(|id| self.type_name(*id)).collect();
            self.line(1, format!("may be {}", derived.join(" ")));
        }
        match &complex.content {
            ContentModel::Empty => {}
            ContentModel::Text(text) => {
                let value = format!("{}{}", self.type_text(text.ty), white_space(text.white_space));
                self.line(1, format!("text {value}{}", if text.stream { " stream" } else { "" }));
                self.documentation(2, &text.documentation);
            }
            // A plain sequence is not printed.
            ContentModel::Elements(Particle { min: 1, max: Some(1), term: Term::Sequence(members), .. }) => {
                members.iter().for_each(|member| self.particle(1, member));
            }
            ContentModel::Elements(particle) => self.particle(1, particle),
        }
        for attribute in &complex.attributes {
            let text = self.attribute(attribute);
            self.line(1, format!("attribute {text}"));
            self.documentation(2, &attribute.documentation);
        }
        if complex.any_attribute {
            self.line(1, "attribute wildcard");
        }
    }

    fn particle(&mut self, depth: usize, particle: &Particle) {
        let often = occurrence(particle.min, particle.max);
        let (group, members) = match &particle.term {
            Term::Element(element) => {
                let text = self.element(element, &often);
                self.line(depth, format!("element {text}"));
                return self.documentation(depth + 1, &element.documentation);
            }
            Term::Wildcard => return self.line(depth, format!("wildcard{often}")),
            Term::Group(id) => return self.line(depth, format!("group {}{often}", self.type_name(*id))),
            Term::Sequence(members) => ("sequence", members),
            Term::All(members) => ("all", members),
            Term::Choice(members) => ("choice", members),
        };
        self.line(depth, format!("{group}{often}"));
        members.iter().for_each(|member| self.particle(depth + 1, member));
    }

    fn documentation(&mut self, depth: usize, documentation: &Documentation) {
        for paragraph in &documentation.paragraphs {
            self.line(depth, format!("/// {paragraph}"));
        }
        for (name, text) in &documentation.parameters {
            self.line(depth, format!("/// {name}: {text}"));
        }
    }

    fn element(&self, element: &Element, often: &str) -> String {
        let mut text = format!("{}: {}{often}", self.name(&element.name), self.type_text(element.ty));
        text.push_str(white_space(element.white_space));
        text.push_str(&preset(element.preset.as_ref()));
        if element.nillable {
            text.push_str(" nillable");
        }
        if element.stream {
            text.push_str(" stream");
        }
        if let Some(slot) = &element.slot {
            text.push_str(" slot ");
            text.push_str(slot);
        }
        text
    }

    fn attribute(&self, attribute: &Attribute) -> String {
        let often = if attribute.required { "" } else { "?" };
        let (white_space, preset) = (white_space(attribute.white_space), preset(attribute.preset.as_ref()));
        format!("{}: {}{often}{white_space}{preset}", self.name(&attribute.name), self.type_text(attribute.ty))
    }

    fn name(&self, name: &QName) -> String {
        match self.namespaces.get(&name.namespace) {
            Some(prefix) => format!("{prefix}:{}", name.local),
            None => name.local.clone(),
        }
    }

    fn type_text(&self, ty: Type) -> String {
        match ty {
            Type::Builtin(value) => value.name().to_owned(),
            Type::Named(id) => self.type_name(id),
        }
    }

    fn type_name(&self, id: TypeId) -> String {
        let Some(def) = self.contract.types.get(id.0) else { return format!("#{}", id.0) };
        let name = self.name(&QName { namespace: def.name.namespace.clone(), local: local_name(def) });
        match self.ordinals.get(id.0) {
            Some(Some(ordinal)) => format!("{name}#{ordinal}"),
            _ => name,
        }
    }
}

/// How often something may occur: `?`, `*`, `+`, ` 2..3`, or nothing for once.
fn occurrence(min: u32, max: Option<u32>) -> String {
    match (min, max) {
        (1, Some(1)) => String::new(),
        (0, Some(1)) => "?".to_owned(),
        (0, None) => "*".to_owned(),
        (1, None) => "+".to_owned(),
        (min, max) => format!(" {min}..{}", max.map_or("*".to_owned(), |max| max.to_string())),
    }
}

fn white_space(rule: WhiteSpace) -> &'static str {
    match rule {
        WhiteSpace::Preserve => "",
        WhiteSpace::Replace => " replace",
        WhiteSpace::Collapse => " collapse",
    }
}

fn preset(preset: Option<&Preset>) -> String {
    match preset {
        None => String::new(),
        Some(Preset::Default(text)) => format!(" default {text:?}"),
        Some(Preset::Fixed(text)) => format!(" fixed {text:?}"),
    }
}
