//! The generator's reading: the part of `inspect --format json` that a schema can confirm.

use std::collections::BTreeSet;

use serde::Deserialize;

use crate::content::{Kind, Particle, Term};
use crate::facts::Facts;

/// Said of an element that members of its group may stand for.
pub(crate) const SUBSTITUTION: &str = "substitution group";

/// What messages consist of.
#[derive(Debug, Default)]
pub(crate) struct Roots {
    pub(crate) elements: BTreeSet<String>,
    pub(crate) types: BTreeSet<String>,
}

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
    Record {
        base: Option<usize>,
        derived: Vec<usize>,
        fields: Vec<Field>,
        content: Option<Tree>,
    },
    /// Of elements, or of the members of a substitution group.
    Choice {
        alternatives: Vec<Field>,
    },
    Enumeration {
        values: Vec<Value>,
    },
    List {
        item: Box<Field>,
    },
    /// Of SOAP encoding, which a schema does not know.
    Array {},
}

/// How the fields that are no attributes are arranged, in their order.
#[derive(Debug, Deserialize)]
struct Tree {
    kind: String,
    min: usize,
    max: Option<usize>,
    #[serde(default)]
    members: Vec<Tree>,
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
        self.reached(|service| service.document == document, |_| true).0
    }

    /// Everything the messages of all contracts reach, and from which elements and types. An element that is none of the
    /// schema's is the wrapper of a call, and only the types of its parts count.
    pub(crate) fn all_facts(&self, is_element: impl Fn(&str) -> bool) -> (Facts, Roots) {
        self.reached(|_| true, is_element)
    }

    fn reached(&self, wanted: impl Fn(&Service) -> bool, is_element: impl Fn(&str) -> bool) -> (Facts, Roots) {
        let (mut facts, mut roots) = (Facts::default(), Roots::default());
        let services = self.services.iter().filter(|service| wanted(service));
        for operation in services.flat_map(|service| &service.ports).flat_map(|port| &port.operations) {
            let messages = [&operation.request, &operation.reply].into_iter();
            let parts = messages.flat_map(|message| message.headers.iter().chain(&message.body));
            for part in parts.chain(operation.faults.iter().map(|fault| &fault.detail)) {
                if is_element(&part.name) {
                    let place = format!("element {}", part.name);
                    facts.say(&place, "nillable", part.nillable);
                    self.value(&place, part, &mut facts);
                    roots.elements.insert(part.name.clone());
                    continue;
                }
                let mut fields = Vec::new();
                part.type_id.into_iter().for_each(|id| drop(self.content(id, &mut fields)));
                for id in fields.iter().filter_map(|field| field.type_id) {
                    let def = &self.types[id];
                    if def.anonymous_in.is_empty() && !matches!(def.content, Content::List { .. } | Content::Array {}) {
                        self.named(id, &mut facts);
                        roots.types.insert(def.name.clone());
                    }
                }
            }
        }
        (facts, roots)
    }

    fn value(&self, place: &str, field: &Field, facts: &mut Facts) {
        let Some(id) = field.type_id else { return facts.say(place, "type", &field.ty) };
        let def = &self.types[id];
        match &def.content {
            _ if self.is_substitution(id) => facts.say(place, "type", SUBSTITUTION),
            Content::List { item } => match item.type_id {
                None => facts.say(place, "type", format!("list of {}", item.ty)),
                Some(_) => facts.say(place, "type", "list"),
            },
            _ if def.anonymous_in.is_empty() => {
                facts.say(place, "type", &def.name);
                self.named(id, facts);
            }
            _ => {
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
            // A type that has nothing but a choice.
            Content::Choice { .. } => (&None, &Vec::new()),
            Content::List { .. } | Content::Array {} => return,
        };
        facts.say(place, "base", base.map_or("none", |id| &self.types[id].name));
        let names: BTreeSet<&String> = derived.iter().map(|id| &self.types[*id].name).collect();
        if !names.is_empty() {
            facts.say_list(place, "derived", names.into_iter().cloned());
        }
        derived.iter().for_each(|id| self.named(*id, facts));

        let mut fields = Vec::new();
        let content = self.content(id, &mut fields).simple();
        let attributes = fields.iter().filter(|field| field.kind == "attribute");
        let attributes: BTreeSet<String> = attributes.map(|field| format!("{} {}", field.name, field.min)).collect();
        facts.say_list(place, "attributes", attributes.into_iter());
        facts.say_content(place, &content);
        for field in fields {
            let place = match &*field.kind {
                "element" => format!("{place}/{}", field.name),
                "attribute" => format!("{place}/@{}", field.name),
                "group" if field.type_id.is_some_and(|id| self.is_substitution(id)) => format!("{place}/{}", field.ty),
                "text" => format!("{place}/text"),
                // Wildcards have no type.
                _ => continue,
            };
            facts.say(&place, "nillable", field.nillable);
            self.value(&place, field, facts);
        }
    }

    /// The members of a substitution group, which stand for its head.
    fn is_substitution(&self, id: usize) -> bool {
        self.types[id].anonymous_in.last().is_some_and(|last| last == "Substitution")
    }

    /// In wire order, that of the base first. Gives the fields inside too.
    fn content<'r>(&'r self, id: usize, found: &mut Vec<&'r Field>) -> Particle {
        let mut members = Vec::new();
        match &self.types[id].content {
            Content::Record { base, fields, content, .. } => {
                members.extend(base.map(|base| self.content(base, found)));
                let mut fields = fields.iter();
                members.extend(content.iter().map(|tree| self.arranged(tree, &mut fields, found)));
                // Text, attributes, and what a tree does not hold.
                found.extend(fields);
                Particle::group(Kind::Sequence, members)
            }
            Content::Choice { alternatives } => {
                members.extend(alternatives.iter().map(|field| self.leaf(field, found)));
                Particle::group(Kind::Choice, members)
            }
            _ => Particle::group(Kind::Sequence, members),
        }
    }

    fn arranged<'r>(
        &'r self,
        tree: &Tree,
        fields: &mut std::slice::Iter<'r, Field>,
        found: &mut Vec<&'r Field>,
    ) -> Particle {
        let kind = match &*tree.kind {
            "sequence" => Kind::Sequence,
            "all" => Kind::All,
            "choice" => Kind::Choice,
            _ => return fields.next().map_or_else(|| Particle::once(Term::Any), |field| self.leaf(field, found)),
        };
        let members = tree.members.iter().map(|member| self.arranged(member, fields, found)).collect();
        Particle { min: tree.min, max: tree.max, term: Term::Group(kind, members) }
    }

    /// A field is an element, a wildcard or a group.
    fn leaf<'r>(&'r self, field: &'r Field, found: &mut Vec<&'r Field>) -> Particle {
        let term = match field.type_id {
            Some(id) if field.kind == "group" && self.is_substitution(id) => {
                found.push(field);
                Term::Element(field.ty.clone())
            }
            Some(id) if field.kind == "group" => self.content(id, found).term,
            _ if field.kind == "any" => Term::Any,
            _ => {
                found.push(field);
                Term::Element(field.name.clone())
            }
        };
        Particle { min: field.min, max: field.max, term }
    }
}
