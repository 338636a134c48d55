//! The published contracts against independent notes on them: `contracts/*.json` were extracted by
//! another program, and `inspect` has to say the same.

use std::{collections::BTreeMap, fs};

use serde_json::Value;
use wsdl_codegen::{Config, inspect, read};

use crate::environment::shared;
use crate::{folders, sources};

const NO_ITEMS: &Vec<Value> = &Vec::new();

fn items<'v>(value: &'v Value, key: &str) -> &'v Vec<Value> {
    value[key].as_array().unwrap_or(NO_ITEMS)
}

fn text<'v>(value: &'v Value, key: &str) -> &'v str {
    value[key].as_str().unwrap_or("")
}

fn find<'v>(list: impl IntoIterator<Item = &'v Value>, name: &str) -> &'v Value {
    list.into_iter().find(|one| text(one, "name") == name).unwrap_or_else(|| panic!("no {name}"))
}

#[test]
fn inspect_agrees_with_the_notes() {
    let (Some(published), Some(notes)) = (shared("altinn-wsdl"), shared("contracts")) else { return };
    let (mut operations, mut fields) = (0, 0);
    for folder in folders(&published) {
        let name = folder.file_name().unwrap().to_string_lossy().into_owned();
        let note: Value =
            serde_json::from_str(&fs::read_to_string(notes.join(format!("{name}.json"))).unwrap()).unwrap();
        let contract = read(&sources(&folder), &Config::default()).unwrap();
        let ours: Value = serde_json::from_str(&inspect::json(&contract)).unwrap();
        let case = Case { name, note: &note, ours: &ours };
        operations += case.ports();
        fields += case.types();
    }
    println!("{operations} operations and {fields} fields agree");
    assert!(operations > 80 && fields > 1000, "{operations} operations, {fields} fields");
}

struct Case<'v> {
    name: String,
    note: &'v Value,
    ours: &'v Value,
}

impl Case<'_> {
    fn same<T: PartialEq + std::fmt::Debug>(&self, what: &str, ours: T, noted: T) {
        assert!(ours == noted, "{}: {what}: {ours:?} instead of {noted:?}", self.name);
    }

    /// Everything of one kind in all WSDL documents of the contract.
    fn all(&self, key: &'static str) -> impl Iterator<Item = &Value> {
        items(self.note, "wsdl").iter().flat_map(move |document| items(document, key))
    }

    fn ports(&self) -> usize {
        let mut count = 0;
        let services: Vec<&Value> = self.all("services").collect();
        self.same("services", items(self.ours, "services").len(), services.len());
        for (ours, noted) in items(self.ours, "services").iter().zip(services) {
            self.same("service", local(text(ours, "name")), text(noted, "name"));
            self.same("ports", items(ours, "ports").len(), items(noted, "ports").len());
            for (ours, noted) in items(ours, "ports").iter().zip(items(noted, "ports")) {
                self.same("port", text(ours, "name"), text(noted, "name"));
                self.same("address", text(ours, "address"), text(noted, "address"));
                self.same("binding", local(text(ours, "binding")), text(noted, "binding"));
                count += self.port(ours, find(self.all("bindings"), text(noted, "binding")));
            }
        }
        count
    }

    fn port(&self, ours: &Value, binding: &Value) -> usize {
        let port_type = find(self.all("portTypes"), text(binding, "portType"));
        self.same("portType", local(text(ours, "portType")), text(binding, "portType"));
        self.same("SOAP version", text(ours, "soap"), text(binding, "soap"));
        self.policy(ours, binding);
        let noted = items(port_type, "operations");
        self.same("operations", items(ours, "operations").len(), noted.len());
        for (ours, noted) in items(ours, "operations").iter().zip(noted) {
            let name = text(noted, "name");
            let bound = find(items(binding, "operations"), name);
            self.same("operation", text(ours, "name"), name);
            self.same(name, text(ours, "action"), text(bound, "soapAction"));
            for (direction, key) in [("request", "input"), ("reply", "output")] {
                let headers: Vec<&str> =
                    items(&ours[direction], "headers").iter().map(|header| text(header, "name")).collect();
                let parts = items(&bound[key], "headers").iter();
                let noted_headers: Vec<&str> =
                    parts.map(|header| self.part(text(header, "message"), Some(text(header, "part")))).collect();
                self.same(name, headers, noted_headers);
                self.same(name, text(&ours[direction]["body"], "name"), self.part(text(&noted[key], "message"), None));
            }
            // Contracts without addressing state it all the same; we then keep the stated one.
            if let Some(action) = noted["output"]["wsaAction"].as_str() {
                self.same(name, text(ours, "replyAction"), action);
            }
            self.same(name, items(ours, "faults").len(), items(noted, "faults").len());
            for (ours, noted) in items(ours, "faults").iter().zip(items(noted, "faults")) {
                self.same(name, text(ours, "name"), text(noted, "name"));
                self.same(name, text(&ours["detail"], "name"), self.part(text(noted, "message"), None));
                if let Some(action) = noted["wsaAction"].as_str() {
                    self.same(name, text(ours, "action"), action);
                }
            }
        }
        noted.len()
    }

    /// The element of a message part; of the only one, if none is named.
    fn part(&self, message: &str, part: Option<&str>) -> &str {
        let parts = items(self.note, "wsdl").iter().find_map(|document| document["messages"][message].as_array());
        let parts = parts.unwrap_or_else(|| panic!("{}: no message {message}", self.name));
        let found = match part {
            Some(name) => parts.iter().find(|one| text(one, "part") == name),
            None => parts.first(),
        };
        found.map_or("", |part| text(part, "element"))
    }

    fn policy(&self, ours: &Value, binding: &Value) {
        let mut names = Vec::new();
        for reference in items(binding, "policyRefs") {
            let id = reference.as_str().unwrap().trim_start_matches('#');
            let documents = items(self.note, "wsdl").iter();
            documents.for_each(|document| assertions(&document["policies"][id], &mut names));
        }
        let has = |name: &str| names.iter().any(|one| one == name);
        let security = &ours["security"];
        self.same("MTOM", ours["mtom"] == true, has("OptimizedMimeSerialization"));
        self.same("addressing", ours["addressing"] == true, has("UsingAddressing"));
        self.same("transport", security["transport"] == true, has("TransportBinding"));
        self.same("timestamp", security["timestamp"] == true, has("IncludeTimestamp"));
        let token = match (has("SecureConversationToken"), has("UsernameToken")) {
            (true, _) => "secure-conversation",
            (false, true) => "username",
            (false, false) => "none",
        };
        self.same("token", text(security, "token"), token);
        self.same("cancel", security["mustNotCancel"] == true, has("MustNotSendCancel"));
        self.same("derived keys", security["derivedKeys"] == true, has("RequireDerivedKeys"));
        self.same("thumbprint", security["thumbprint"] == true, has("RequireThumbprintReference"));
        for moot in ["EncryptedParts", "RequireDerivedKeys"] {
            self.same(moot, items(ours, "withoutEffect").iter().any(|one| one == moot), has(moot));
        }
    }

    /// Every type of ours against its component, and how many fields that were.
    fn types(&self) -> usize {
        let mut components: BTreeMap<String, &Value> = BTreeMap::new();
        let mut elements: BTreeMap<String, &Value> = BTreeMap::new();
        for schema in items(self.note, "schemas") {
            for component in items(schema, "components") {
                let name = format!("{{{}}}{}", text(schema, "targetNamespace"), text(component, "name"));
                let map = if text(component, "kind") == "element" { &mut elements } else { &mut components };
                map.insert(name, component);
            }
        }
        let mut count = 0;
        for ours in items(self.ours, "types") {
            let name = text(ours, "name");
            let component = match items(ours, "anonymousIn").len() {
                0 => components.get(name).copied(),
                // An element with a type inside.
                _ => elements.get(name).and_then(|element| items(element, "of").first()),
            };
            let component = component.unwrap_or_else(|| panic!("{}: no component {name}", self.name));
            let inner = items(component, "of").first().unwrap();
            if text(ours, "kind") == "enumeration" {
                let values: Vec<&str> = items(ours, "values").iter().map(|value| text(value, "value")).collect();
                let noted: Vec<&str> = items(inner, "of").iter().map(|value| text(value, "value")).collect();
                self.same(name, values, noted);
                continue;
            }
            self.same(name, text(inner, "kind"), "sequence");
            self.same(name, items(ours, "fields").len(), items(inner, "of").len());
            for (ours, noted) in items(ours, "fields").iter().zip(items(inner, "of")) {
                self.field(name, ours, noted);
                count += 1;
            }
        }
        count
    }

    fn field(&self, of: &str, ours: &Value, noted: &Value) {
        let namespace = of.split('}').next().unwrap();
        self.same(of, text(ours, "name"), &format!("{namespace}}}{}", text(noted, "name")));
        let number = |key: &str| noted[key].as_str().map_or(Some(1), |number| number.parse::<u64>().ok());
        self.same(of, ours["min"].as_u64(), number("minOccurs"));
        self.same(of, ours["max"].as_u64(), number("maxOccurs"));
        self.same(of, ours["nillable"] == true, text(noted, "nillable") == "true");
        let (ty, stream) = match text(noted, "type") {
            "{http://schemas.microsoft.com/Message}StreamBody" => ("xs:base64Binary", true),
            "{http://schemas.microsoft.com/2003/10/Serialization/}guid" => ("guid", false),
            other => (other, false),
        };
        self.same(of, text(ours, "type"), ty);
        self.same(of, ours["stream"] == true, stream);
    }
}

fn local(name: &str) -> &str {
    name.rsplit('}').next().unwrap_or(name)
}

/// Names of all assertions in a nested list, without what stands in brackets behind them.
fn assertions(policy: &Value, names: &mut Vec<String>) {
    let plain = |name: &str| name.split('(').next().unwrap_or("").to_owned();
    match policy {
        Value::String(name) => names.push(plain(name)),
        Value::Array(list) => list.iter().for_each(|one| assertions(one, names)),
        Value::Object(map) => {
            for (name, nested) in map {
                names.push(plain(name));
                assertions(nested, names);
            }
        }
        _ => {}
    }
}
