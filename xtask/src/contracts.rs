//! The cache against the facts of the published contracts.
//!
//! Every operation of a contract is walked from its messages down: what the contract says must be in the cache, in the same order. What the
//! cache has beyond that must be in the manifest as a difference; a listed difference that is none is a problem too.

use std::collections::BTreeSet;
use std::fmt;
use std::fs;
use std::path::Path;

use serde_json::Value;
use wsdl_codegen::contract::content::Leaf;
use wsdl_codegen::contract::model::{
    Builtin, Contract, Element, Message, Operation, Port, Requirements, Token, Type, TypeKind,
};
use wsdl_codegen::name::{QName, SoapVersion};

use crate::Result;
use crate::manifest::{DifferenceKind, Manifest, Provenance};

/// What the comparison covered and found.
pub(crate) struct Report {
    contracts: usize,
    operations: usize,
    types: usize,
    fields: usize,
    differences: usize,
    pub(crate) problems: Vec<String>,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} published contracts: {} operations, {} types, {} fields and values compared; {} listed differences",
            self.contracts, self.operations, self.types, self.fields, self.differences
        )
    }
}

/// Places where a difference has no effect on the resolved contract: it is about packaging.
const PACKAGING: [&str; 2] = ["wsdl:", "TransportBinding/"];

pub(crate) fn compare(folder: &Path, cache: &Contract, manifest: &Manifest) -> Result<Report> {
    let mut report = Report {
        contracts: 0,
        operations: 0,
        types: 0,
        fields: 0,
        differences: manifest.difference.len(),
        problems: Vec::new(),
    };
    let mut used = BTreeSet::new();
    for path in contract_files(folder)? {
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let json: Value = serde_json::from_str(&fs::read_to_string(&path)?)?;
        let port = port_of(&name, cache, manifest)?;
        let mut walk = Walk { json: &json, cache, report: &mut report, found: Vec::new(), visited: BTreeSet::new() };
        walk.port(port);
        for (kind, place) in walk.found {
            let listed = manifest
                .difference
                .iter()
                .position(|difference| difference.contract == name && difference.place == place);
            match listed {
                Some(at) if kind == DifferenceKind::Variant || manifest.difference[at].kind == kind => {
                    used.insert(at);
                }
                _ => report.problems.push(format!("{name}: {place} differs ({kind:?})")),
            }
        }
        report.contracts += 1;
    }
    for (at, difference) in manifest.difference.iter().enumerate() {
        let packaging = PACKAGING.iter().any(|prefix| difference.place.starts_with(prefix));
        let about_schemas = difference.kind == DifferenceKind::Variant;
        if !used.contains(&at) && !packaging && !about_schemas {
            report.problems.push(format!(
                "{}: {} is listed, but no difference ({})",
                difference.contract, difference.place, difference.what
            ));
        }
    }
    Ok(report)
}

fn contract_files(folder: &Path) -> Result<Vec<std::path::PathBuf>> {
    let mut files =
        fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.path())).collect::<std::io::Result<Vec<_>>>()?;
    files.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
    files.sort();
    Ok(files)
}

/// The port whose verified operations come from the contract.
fn port_of<'a>(contract: &str, cache: &'a Contract, manifest: &Manifest) -> Result<&'a Port> {
    let from_it = |operation: &&crate::manifest::Operation| {
        operation.provenance == Provenance::Verified && operation.source.as_deref() == Some(contract)
    };
    let name =
        &manifest.operation.iter().find(from_it).ok_or_else(|| format!("{contract}: no operation comes from it"))?.port;
    let document = format!("wsdl/{name}.wsdl");
    let service = cache.services.iter().find(|service| service.document == document);
    Ok(service.and_then(|service| service.ports.first()).ok_or_else(|| format!("{document} has no port"))?)
}

struct Walk<'a> {
    json: &'a Value,
    cache: &'a Contract,
    report: &'a mut Report,
    found: Vec<(DifferenceKind, String)>,
    visited: BTreeSet<String>,
}

impl<'a> Walk<'a> {
    fn differs(&mut self, place: impl Into<String>) {
        self.found.push((DifferenceKind::Variant, place.into()));
    }

    fn equal<T: PartialEq + fmt::Debug>(&mut self, place: &str, ours: T, theirs: T) {
        if ours != theirs {
            self.differs(format!("{place}: {ours:?} is {theirs:?} in the contract"));
        }
    }

    fn port(&mut self, port: &Port) {
        let documents = items(&self.json["wsdl"]);
        let bindings: Vec<_> = documents.iter().flat_map(|document| items(&document["bindings"])).collect();
        let port_types: Vec<_> = documents.iter().flat_map(|document| items(&document["portTypes"])).collect();
        let ports: Vec<_> =
            documents.iter().flat_map(|d| items(&d["services"])).flat_map(|service| items(&service["ports"])).collect();
        let (Some(binding), Some(port_type), Some(theirs)) = (bindings.first(), port_types.first(), ports.first())
        else {
            return self.differs("no port");
        };
        self.equal("port", &*port.name, text(theirs, "name"));
        self.equal("binding", &*port.binding.local, text(binding, "name"));
        self.equal("portType", &*port.port_type.local, text(port_type, "name"));
        let soap = if text(binding, "soap") == "1.1" { SoapVersion::Soap11 } else { SoapVersion::Soap12 };
        self.equal("SOAP version", port.soap, soap);
        self.equal("policy", Facts::from(&port.requirements), Facts::of(&documents));
        let operations = items(&port_type["operations"]);
        for theirs in &operations {
            let name = text(theirs, "name");
            match port.operations.iter().find(|operation| operation.name == name) {
                None => self.differs(format!("{name} is missing")),
                Some(ours) => {
                    let bound = items(&binding["operations"]).into_iter().find(|bound| text(bound, "name") == name);
                    self.operation(ours, theirs, bound.unwrap_or(&Value::Null));
                }
            }
        }
        let order = |names: Vec<&str>| -> Vec<String> { names.into_iter().map(str::to_owned).collect() };
        let theirs = order(operations.iter().map(|operation| text(operation, "name")).collect());
        let ours = order(port.operations.iter().map(|operation| &*operation.name).collect());
        self.equal(
            "order of operations",
            ours.iter().filter(|name| theirs.contains(name)).collect(),
            theirs.iter().collect::<Vec<_>>(),
        );
        for added in ours.iter().filter(|name| !theirs.contains(name)) {
            self.found.push((DifferenceKind::Addition, added.clone()));
        }
    }

    fn operation(&mut self, ours: &Operation, theirs: &Value, bound: &Value) {
        self.report.operations += 1;
        let name = &ours.name;
        self.equal(&format!("{name} action"), &*ours.action, text(bound, "soapAction"));
        self.equal(&format!("{name} addressing action"), &*ours.action, text(&theirs["input"], "wsaAction"));
        self.equal(&format!("{name} reply action"), &*ours.reply_action, text(&theirs["output"], "wsaAction"));
        self.message(name, &ours.input, text(&theirs["input"], "message"), &bound["input"]);
        match &ours.output {
            Some(output) => self.message(name, output, text(&theirs["output"], "message"), &bound["output"]),
            None => self.differs(format!("{name} is one-way")),
        }
        let faults = items(&theirs["faults"]);
        self.equal(&format!("{name} faults"), ours.faults.len(), faults.len());
        for (ours, theirs) in ours.faults.iter().zip(faults) {
            self.equal(
                &format!("{name} fault"),
                (&*ours.name, &*ours.action),
                (text(theirs, "name"), text(theirs, "wsaAction")),
            );
            let elements = self.parts(text(theirs, "message"));
            self.equal(
                &format!("{name} fault element"),
                vec![element_name(&ours.detail)],
                elements.into_iter().map(|part| part.1).collect(),
            );
            self.element(&ours.detail);
        }
    }

    /// Part name and element of a message.
    fn parts(&self, message: &str) -> Vec<(String, String)> {
        let documents = items(&self.json["wsdl"]);
        let parts = documents.iter().find_map(|document| document["messages"].get(message));
        parts
            .map(items)
            .unwrap_or_default()
            .iter()
            .map(|part| (text(part, "part").to_owned(), text(part, "element").to_owned()))
            .collect()
    }

    fn message(&mut self, operation: &str, ours: &Message, message: &str, bound: &Value) {
        let theirs: Vec<String> = items(&bound["headers"])
            .iter()
            .flat_map(|header| {
                let parts = self.parts(text(header, "message"));
                parts
                    .into_iter()
                    .filter(|(part, _)| part == text(header, "part"))
                    .map(|(_, element)| element)
                    .collect::<Vec<_>>()
            })
            .collect();
        self.equal(
            &format!("{operation} header parts"),
            ours.headers.iter().map(|header| element_name(&header.element)).collect(),
            theirs.clone(),
        );
        let body: Vec<String> = self
            .parts(message)
            .into_iter()
            .map(|(_, element)| element)
            .filter(|element| !theirs.contains(element))
            .collect();
        self.equal(&format!("{operation} body"), ours.body.iter().map(element_name).collect(), body);
        for element in ours.elements() {
            self.element(element);
        }
    }

    /// A global element: its type, or its anonymous type, is compared.
    fn element(&mut self, ours: &Element) {
        let name = element_name(ours);
        let Some(theirs) = self.component("element", &ours.name) else {
            return self.differs(format!("element {name} is missing"));
        };
        if !self.visited.insert(format!("element {name}")) {
            return;
        }
        self.equal(&format!("{name} nillable"), ours.nillable, text(theirs, "nillable") == "true");
        match items(&theirs["of"]).first() {
            Some(anonymous) => self.content(&name, ours.ty, anonymous),
            None => self.type_of(&name, ours, text(theirs, "type")),
        }
    }

    fn component(&self, kind: &str, name: &QName) -> Option<&'a Value> {
        let json = self.json;
        items(&json["schemas"])
            .into_iter()
            .filter(|schema| text(schema, "targetNamespace") == name.namespace)
            .flat_map(|schema| items(&schema["components"]))
            .find(|component| {
                (kind == "element") == (text(component, "kind") == "element") && text(component, "name") == name.local
            })
    }

    fn type_of(&mut self, place: &str, ours: &Element, theirs: &str) {
        match ours.ty {
            Type::Builtin(builtin) => self.equal(&format!("{place} type"), spelling(builtin, ours.stream), theirs),
            Type::Named(id) => {
                let name = self.cache.type_def(id).name.clone();
                self.equal(&format!("{place} type"), name.to_string(), theirs.to_owned());
                if self.visited.insert(format!("type {name}")) {
                    match self.component("type", &name) {
                        Some(theirs) => self.content(&name.to_string(), ours.ty, theirs),
                        None => self.differs(format!("type {name} is missing")),
                    }
                }
            }
        }
    }

    /// A complex or simple type.
    fn content(&mut self, name: &str, ours: Type, theirs: &Value) {
        self.report.types += 1;
        let Type::Named(id) = ours else { return self.differs(format!("{name} is no type of its own")) };
        let inner: Vec<_> = items(&theirs["of"]).into_iter().flat_map(|group| items(&group["of"])).collect();
        match &self.cache.type_def(id).kind {
            TypeKind::Complex(_) => {
                let name_of =
                    |leaf: &Leaf<'_>| leaf.element().map_or("any", |element| element.name.local.as_str()).to_owned();
                let own = self.cache.leaves(id).into_iter().filter(|leaf| leaf.owner == id);
                let members: Vec<_> = own.map(|leaf| (name_of(&leaf), Some(leaf))).collect();
                self.members(name, &members, &inner, "name");
            }
            TypeKind::Enumeration(enumeration) => {
                let values: Vec<_> = enumeration.values.iter().map(|value| (value.value.clone(), None)).collect();
                self.members(name, &values, &inner, "value");
            }
            _ => self.differs(format!("{name} is neither a record nor an enumeration")),
        }
    }

    /// Elements of a complex type or values of an enumeration: theirs must be there in their order; ours beyond them are additions.
    fn members(&mut self, name: &str, ours: &[(String, Option<Leaf<'_>>)], theirs: &[&Value], key: &str) {
        let known: Vec<_> = theirs.iter().map(|member| text(member, key).to_owned()).collect();
        let common: Vec<_> =
            ours.iter().map(|member| member.0.clone()).filter(|member| known.contains(member)).collect();
        self.equal(&format!("{name} members"), common, known.clone());
        for (member, field) in ours {
            self.report.fields += 1;
            let place = format!("{name}/{member}");
            match (known.iter().position(|known| known == member), field) {
                (None, _) => self.found.push((DifferenceKind::Addition, place)),
                (Some(at), Some(field)) => self.field(&place, field, theirs[at]),
                (Some(_), None) => {}
            }
        }
    }

    fn field(&mut self, place: &str, ours: &Leaf<'_>, theirs: &Value) {
        let Some(element) = ours.element() else { return self.differs(format!("{place} is a wildcard")) };
        let min = text(theirs, "minOccurs").parse().unwrap_or(1);
        let max = match text(theirs, "maxOccurs") {
            "unbounded" => None,
            "" => Some(1),
            number => number.parse().ok(),
        };
        let nillable = text(theirs, "nillable") == "true";
        let occurrence = (ours.particle.min, ours.particle.max, element.nillable);
        self.equal(&format!("{place} occurrence"), occurrence, (min, max, nillable));
        self.type_of(place, element, text(theirs, "type"));
    }
}

/// What a policy demands, in the words of both sides.
#[derive(Debug, PartialEq)]
struct Facts {
    addressing: bool,
    mtom: bool,
    tls: bool,
    timestamp: bool,
    user_name: bool,
    secure_conversation: bool,
    must_not_cancel: bool,
    thumbprint: bool,
}

impl Facts {
    fn from(requirements: &Requirements) -> Self {
        let session = match &requirements.token {
            Token::SecureConversation(session) => Some(session),
            _ => None,
        };
        Self {
            addressing: requirements.addressing,
            mtom: requirements.mtom,
            tls: requirements.transport_security,
            timestamp: requirements.timestamp,
            user_name: matches!(requirements.token, Token::UserName { digest: false }),
            secure_conversation: session.is_some(),
            must_not_cancel: session.is_some_and(|session| session.must_not_cancel),
            thumbprint: requirements.without_effect.iter().any(|one| one == "RequireThumbprintReference"),
        }
    }

    fn of(documents: &[&Value]) -> Self {
        let policies: String = documents.iter().map(|document| document["policies"].to_string()).collect();
        let has = |assertion: &str| policies.contains(&format!("\"{assertion}"));
        Self {
            addressing: has("UsingAddressing"),
            mtom: has("OptimizedMimeSerialization"),
            tls: has("TransportBinding"),
            timestamp: has("IncludeTimestamp"),
            user_name: has("UsernameToken"),
            secure_conversation: has("SecureConversationToken"),
            must_not_cancel: has("MustNotSendCancel"),
            thumbprint: has("RequireThumbprintReference"),
        }
    }
}

fn items(value: &Value) -> Vec<&Value> {
    value.as_array().map(|items| items.iter().collect()).unwrap_or_default()
}

fn text<'v>(value: &'v Value, key: &str) -> &'v str {
    value[key].as_str().unwrap_or_default()
}

fn element_name(element: &Element) -> String {
    element.name.to_string()
}

/// How the contracts spell a simple type.
fn spelling(builtin: Builtin, stream: bool) -> &'static str {
    match builtin {
        Builtin::Base64Binary if stream => "{http://schemas.microsoft.com/Message}StreamBody",
        Builtin::Base64Binary => "xs:base64Binary",
        Builtin::Boolean => "xs:boolean",
        Builtin::DateTime => "xs:dateTime",
        Builtin::Double => "xs:double",
        Builtin::Guid => "{http://schemas.microsoft.com/2003/10/Serialization/}guid",
        Builtin::Int => "xs:int",
        Builtin::Long => "xs:long",
        Builtin::String => "xs:string",
        Builtin::UnsignedInt => "xs:unsignedInt",
        _ => "a type that no contract uses",
    }
}

#[cfg(test)]
mod tests {
    use crate::{manifest, shared, wsdl};

    #[test]
    fn the_cache_is_the_published_contracts_and_what_the_manifest_lists() {
        let Some(folder) = shared("contracts") else {
            println!("the published contracts are not at hand: nothing compared");
            return;
        };
        let report = super::compare(&folder, &wsdl::read_cache().unwrap(), &manifest::read().unwrap()).unwrap();
        println!("{report}");
        assert_eq!(report.problems, Vec::<String>::new());
        assert_eq!(report.contracts, 26);
    }

    #[test]
    fn an_unlisted_difference_is_noticed() {
        let Some(folder) = shared("contracts") else { return };
        let mut manifest = manifest::read().unwrap();
        manifest.difference.remove(0);
        let report = super::compare(&folder, &wsdl::read_cache().unwrap(), &manifest).unwrap();
        assert_eq!(report.problems.len(), 1, "{:?}", report.problems);
    }
}
