//! The generator's reading: the part of `inspect --format json` that a schema can confirm.

use std::collections::BTreeSet;

use serde::Deserialize;

use crate::facts::Facts;

#[derive(Debug, Deserialize)]
pub(crate) struct Report {
    pub(crate) format: u32,
    pub(crate) services: Vec<Service>,
    types: Vec<TypeDef>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Service {
    /// The WSDL, as a path below the folder of contracts.
    pub(crate) document: String,
    ports: Vec<Port>,
}

#[derive(Debug, Deserialize)]
struct Port {
    operations: Vec<Operation>,
}

#[derive(Debug, Deserialize)]
struct Operation {
    request: Message,
    reply: Message,
    faults: Vec<Fault>,
}

#[derive(Debug, Deserialize)]
struct Message {
    headers: Vec<Field>,
    body: Option<Field>,
}

#[derive(Debug, Deserialize)]
struct Fault {
    detail: Field,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct TypeDef {
    /// `{namespace}local`.
    name: String,
    anonymous_in: Vec<String>,
    #[serde(flatten)]
    content: Content,
}

#[derive(Debug, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase")]
enum Content {
    Record { base: Option<usize>, derived: Vec<usize>, fields: Vec<Field> },
    Enumeration { values: Vec<Value> },
}

#[derive(Debug, Deserialize)]
struct Value {
    value: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Field {
    kind: String,
    name: String,
    #[serde(rename = "type")]
    ty: String,
    type_id: Option<usize>,
    min: usize,
    max: Option<usize>,
    nillable: bool,
}

impl Report {
    /// Everything the messages of a contract reach.
    pub(crate) fn facts(&self, document: &str) -> Facts {
        let mut facts = Facts::default();
        let services = self.services.iter().filter(|service| service.document == document);
        for operation in services.flat_map(|service| &service.ports).flat_map(|port| &port.operations) {
            let messages = [&operation.request, &operation.reply].into_iter();
            let parts = messages.flat_map(|message| message.headers.iter().chain(&message.body));
            for part in parts.chain(operation.faults.iter().map(|fault| &fault.detail)) {
                let place = format!("element {}", part.name);
                facts.say(&place, "nillable", part.nillable);
                self.value(&place, part, &mut facts);
            }
        }
        facts
    }

    fn value(&self, place: &str, field: &Field, facts: &mut Facts) {
        match field.type_id {
            None => facts.say(place, "type", &field.ty),
            Some(id) if self.types[id].anonymous_in.is_empty() => {
                facts.say(place, "type", &self.types[id].name);
                self.named(id, facts);
            }
            Some(id) => {
                facts.say(place, "type", "anonymous");
                self.definition(place, id, facts);
            }
        }
    }

    fn named(&self, id: usize, facts: &mut Facts) {
        self.definition(&format!("type {}", self.types[id].name), id, facts);
    }

    fn definition(&self, place: &str, id: usize, facts: &mut Facts) {
        if !facts.enter(place, id) {
            return;
        }
        let (base, derived) = match &self.types[id].content {
            Content::Record { base, derived, .. } => (base, derived),
            Content::Enumeration { values } => {
                return facts.say_list(place, "values", values.iter().map(|one| one.value.clone()));
            }
        };
        facts.say(place, "base", base.map_or("none", |id| &self.types[id].name));
        let names: BTreeSet<&String> = derived.iter().map(|id| &self.types[*id].name).collect();
        facts.say_list(place, "derived", names.into_iter().cloned());
        derived.iter().for_each(|id| self.named(*id, facts));

        let fields = self.fields(id);
        facts.say_list(place, "fields", fields.iter().map(|field| format!("{} {}", field.kind, field.name)));
        for field in fields {
            let place = format!("{place}/{}", field.name);
            facts.say_field(&place, field.min, field.max, field.nillable);
            self.value(&place, field, facts);
        }
    }

    /// In wire order, those of the base first.
    fn fields(&self, id: usize) -> Vec<&Field> {
        let Content::Record { base, fields, .. } = &self.types[id].content else { return Vec::new() };
        let inherited = base.map(|id| self.fields(id)).unwrap_or_default();
        inherited.into_iter().chain(fields).collect()
    }
}
