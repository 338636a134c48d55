//! Types of one root: each is built when something reachable refers to it.
//!
//! Complex types wait in a queue, so that neither recursive types nor long chains of types recurse
//! here. Only what is nested in one document recurses, and documents have a depth limit.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::contract::{
    docs,
    model::{Builtin, Documentation, Enumeration, Field, FieldKind, Record, Type, TypeDef, TypeId, TypeKind},
    simple,
};
use crate::diagnostic::{At, Report};
use crate::document::library::Scope;
use crate::document::xml;
use crate::document::xsd::{
    builtin,
    model::{ComplexType, Element, ElementType, Occurs},
};
use crate::name::QName;

/// SOAP's encoding rules, which belong to the rpc style.
pub(super) const ENCODING: &[&str] =
    &["http://schemas.xmlsoap.org/soap/encoding/", "http://www.w3.org/2003/05/soap-encoding"];

/// Uses of groups and unions in one root; the largest public schemas stay below a thousand.
const MAX_EXPANSIONS: usize = 100_000;

/// Where an anonymous type stands.
#[derive(Clone, Debug)]
pub(super) struct Place {
    /// Of the global component.
    pub(super) namespace: String,
    /// Local names from the global component to the element.
    pub(super) path: Vec<String>,
}

impl Place {
    pub(super) fn global(name: &QName) -> Self {
        Self { namespace: name.namespace.clone(), path: vec![name.local.clone()] }
    }

    pub(super) fn inside(&self, local: &str) -> Self {
        let mut inner = self.clone();
        inner.path.push(local.to_owned());
        inner
    }
}

/// A type as one use sees it.
#[derive(Clone, Debug)]
pub(super) struct Value {
    pub(super) ty: Type,
    pub(super) stream: bool,
    /// Facets in words.
    pub(super) notes: Vec<String>,
    /// Of a simple type that becomes no Rust type of its own.
    pub(super) documentation: Documentation,
}

impl Value {
    pub(super) fn of(builtin: Builtin) -> Self {
        Self { ty: Type::Builtin(builtin), stream: false, notes: Vec::new(), documentation: Documentation::default() }
    }

    fn named(id: TypeId) -> Self {
        Self { ty: Type::Named(id), ..Self::of(Builtin::Any) }
    }
}

/// What identifies a type within a scope.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    Named(QName),
    /// Address of the declaration; it is only ever compared for equality, so it can't show in the output.
    Anonymous(usize),
}

struct Job<'s> {
    id: TypeId,
    ty: &'s ComplexType,
    place: Place,
}

/// Builder of the types of one root.
pub(super) struct Types<'r, 's, 't> {
    pub(super) scope: &'s Scope<'s>,
    pub(super) report: &'r mut Report<'t>,
    pub(super) defs: Vec<TypeDef>,
    pub(super) union_depth: usize,
    /// Uses of groups and unions so far.
    expansions: usize,
    known: BTreeMap<Key, TypeId>,
    queue: VecDeque<Job<'s>>,
    /// Record types that something is declared as, with their declarations' names.
    as_value: BTreeMap<TypeId, QName>,
    declared_at: BTreeMap<TypeId, At>,
}

impl<'r, 's, 't> Types<'r, 's, 't> {
    pub(super) fn new(scope: &'s Scope<'s>, report: &'r mut Report<'t>) -> Self {
        Self {
            scope,
            report,
            defs: Vec::new(),
            union_depth: 0,
            expansions: 0,
            known: BTreeMap::new(),
            queue: VecDeque::new(),
            as_value: BTreeMap::new(),
            declared_at: BTreeMap::new(),
        }
    }

    /// A reference to a global element, as a field.
    pub(super) fn reference(&mut self, name: &QName, at: At, occurs: Occurs) -> Option<Field> {
        let Some(element) = self.scope.elements.get(name).copied() else {
            self.scope.unknown("element", name, at, self.report);
            return None;
        };
        if element.is_abstract || self.scope.heads.contains(name) {
            self.report.error(
                at,
                format!("substitution groups are not supported (element `{}` is the head of one)", name.local),
                "refer to the concrete elements, or use a type with extensions",
            );
        }
        Some(self.element(element, occurs, &Place::global(name)))
    }

    /// An element declaration as a field. `place` ends with the element itself.
    pub(super) fn element(&mut self, element: &'s Element, occurs: Occurs, place: &Place) -> Field {
        let value = self.value(&element.content, element.at, place);
        Field {
            kind: FieldKind::Element,
            name: element.name.clone(),
            ty: value.ty,
            min: occurs.min,
            max: occurs.max,
            nillable: element.nillable,
            documentation: simple::documented(&element.annotation.texts, &value, &element.preset),
            slot: None,
            stream: value.stream,
        }
    }

    pub(super) fn value(&mut self, content: &'s ElementType, at: At, place: &Place) -> Value {
        match content {
            ElementType::Any => Value::of(Builtin::Any),
            ElementType::Named(name) => self.named_value(name, at),
            ElementType::Simple(ty) => self.simple(ty, place),
            ElementType::Complex(ty) => Value::named(self.complex(ty, place)),
        }
    }

    /// The value of a type referred to by name.
    pub(super) fn named_value(&mut self, name: &QName, at: At) -> Value {
        if let Some(known) = builtin::known(name) {
            return self.known(known, at);
        }
        if let Some(ty) = self.scope.simple_types.get(name).copied() {
            return self.simple(ty, &Place::global(name));
        }
        let Some(id) = self.named_record(name) else {
            self.unknown_type(name, at);
            return Value::of(Builtin::Any);
        };
        self.note_value(id, name);
        Value::named(id)
    }

    /// The record of a named complex type.
    pub(super) fn named_record(&mut self, name: &QName) -> Option<TypeId> {
        let ty = self.scope.complex_types.get(name).copied()?;
        Some(self.complex(ty, &Place::global(name)))
    }

    pub(super) fn unknown_type(&mut self, name: &QName, at: At) {
        if ENCODING.contains(&name.namespace.as_str()) {
            self.report.error(
                at,
                format!("SOAP encoding is not supported (type `{}`)", name.local),
                "publish the service as document/literal",
            );
        } else if name.namespace == xml::XS {
            self.report.error(at, format!("XML Schema has no type `{}`", name.local), "correct the name");
        } else {
            self.scope.unknown("type", name, at, self.report);
        }
    }

    fn complex(&mut self, ty: &'s ComplexType, place: &Place) -> TypeId {
        let (id, new) = self.identify(ty.name.as_ref(), std::ptr::from_ref(ty).addr(), place);
        if new {
            self.declared_at.insert(id, ty.at);
            self.queue.push_back(Job { id, ty, place: place.clone() });
        }
        id
    }

    /// The id of a declaration, and whether it is met for the first time.
    pub(super) fn identify(&mut self, name: Option<&QName>, address: usize, place: &Place) -> (TypeId, bool) {
        let key = name.map_or(Key::Anonymous(address), |name| Key::Named(name.clone()));
        if let Some(id) = self.known.get(&key) {
            return (*id, false);
        }
        let id = TypeId(self.defs.len());
        let (name, anonymous_in) = match name {
            Some(name) => (name.clone(), Vec::new()),
            None => {
                let local = place.path.last().cloned().unwrap_or_default();
                (QName { namespace: place.namespace.clone(), local }, place.path.clone())
            }
        };
        let kind = TypeKind::Enumeration(Enumeration { values: Vec::new() });
        self.defs.push(TypeDef { name, anonymous_in, documentation: Documentation::default(), kind });
        self.known.insert(key, id);
        (id, true)
    }

    /// Whether one more group or union may be written out. Each may hold several others, so a short
    /// schema can ask for more than any machine holds.
    pub(super) fn may_expand(&mut self, at: At) -> bool {
        self.expansions += 1;
        if self.expansions == MAX_EXPANSIONS {
            let message = "groups and unions, written out, become too many";
            self.report.error(at, message, "check whether they refer to one another more often than meant");
        }
        self.expansions < MAX_EXPANSIONS
    }

    pub(super) fn define(&mut self, id: TypeId, documentation: Documentation, kind: TypeKind) {
        if let Some(def) = self.defs.get_mut(id.0) {
            def.documentation = documentation;
            def.kind = kind;
        }
    }

    /// Builds everything that has been referred to. To be called after the last reference.
    pub(super) fn finish(&mut self) {
        while let Some(job) = self.queue.pop_front() {
            let record = self.record(job.ty, &job.place);
            let documentation = docs::clean(job.ty.annotation.texts.iter().map(String::as_str));
            self.define(job.id, documentation, TypeKind::Record(record));
        }
        self.check_bases();
        self.check_fields();
        self.fill_derived();
    }

    /// Remembers that values of this type occur: then any type that extends it may stand there.
    fn note_value(&mut self, id: TypeId, name: &QName) {
        if self.as_value.insert(id, name.clone()).is_some() {
            return;
        }
        for derived in self.extensions(name) {
            self.named_record(&derived);
        }
    }

    /// Names of the types that extend a type, directly or not, in schema order.
    fn extensions(&self, name: &QName) -> Vec<QName> {
        let mut found: Vec<QName> = Vec::new();
        let mut seen = BTreeSet::from([name.clone()]);
        let mut open = vec![name.clone()];
        while let Some(base) = open.pop() {
            let direct = self.scope.extensions.get(&base).map(Vec::as_slice).unwrap_or_default();
            for one in direct {
                if seen.insert((*one).clone()) {
                    found.push((*one).clone());
                    open.push((*one).clone());
                }
            }
        }
        found
    }

    fn fill_derived(&mut self) {
        for (id, name) in std::mem::take(&mut self.as_value) {
            let derived: Vec<TypeId> = self
                .extensions(&name)
                .into_iter()
                .filter_map(|name| self.known.get(&Key::Named(name)).copied())
                .filter(|derived| *derived != id)
                .collect();
            if let Some(TypeDef { kind: TypeKind::Record(record), .. }) = self.defs.get_mut(id.0) {
                record.derived = derived;
            }
        }
    }

    /// A type that extends itself through others would have no end.
    fn check_bases(&mut self) {
        let base_of = |defs: &[TypeDef], id: TypeId| match defs.get(id.0).map(|def| &def.kind) {
            Some(TypeKind::Record(record)) => record.base,
            _ => None,
        };
        for index in 0..self.defs.len() {
            let mut current = base_of(&self.defs, TypeId(index));
            let mut steps = 0;
            while let Some(id) = current {
                steps += 1;
                if id.0 == index || steps > self.defs.len() {
                    let at = self.declared_at.get(&TypeId(index)).copied().unwrap_or_default();
                    let message = format!("type `{}` extends itself", self.defs[index].name.local);
                    self.report.error(at, message, "remove the circle");
                    if let TypeKind::Record(record) = &mut self.defs[index].kind {
                        record.base = None;
                    }
                    break;
                }
                current = base_of(&self.defs, id);
            }
        }
    }

    /// A reader tells fields apart by their names alone, and attributes and text hold no elements.
    fn check_fields(&mut self) {
        for index in 0..self.defs.len() {
            let mut seen = BTreeSet::new();
            let mut wrong = Vec::new();
            for field in all_fields(&self.defs, TypeId(index)) {
                let name = &field.name.local;
                let of_record = matches!(field.ty, Type::Named(id) if self.is_record(id));
                match field.kind {
                    FieldKind::Attribute if of_record => {
                        wrong.push((format!("attribute `{name}` has a complex type"), "give it a simple type"));
                    }
                    FieldKind::Text if of_record => {
                        wrong.push((
                            "simple content extends a type without simple content".to_owned(),
                            "use xs:complexContent",
                        ));
                    }
                    FieldKind::Text | FieldKind::AnyAttribute => continue,
                    _ => {}
                }
                if !seen.insert((field.kind == FieldKind::Attribute, field.kind == FieldKind::AnyElement, &field.name))
                {
                    let message = match field.kind {
                        FieldKind::AnyElement => "there are two wildcards".to_owned(),
                        _ => format!("`{name}` stands at two places"),
                    };
                    wrong.push((message, "give the elements different names, or repeat one element"));
                }
            }
            let at = self.declared_at.get(&TypeId(index)).copied().unwrap_or_default();
            for (message, help) in wrong {
                self.report.error(at, format!("{message} (type `{}`)", self.defs[index].name.local), help);
            }
        }
    }

    fn is_record(&self, id: TypeId) -> bool {
        matches!(self.defs.get(id.0), Some(TypeDef { kind: TypeKind::Record(_), .. }))
    }
}

/// Fields of a record, those of its bases first. Bases must not be circular.
pub(super) fn all_fields(defs: &[TypeDef], id: TypeId) -> Vec<&Field> {
    let mut levels: Vec<&Record> = Vec::new();
    let mut current = Some(id);
    while let Some(id) = current {
        let Some(TypeDef { kind: TypeKind::Record(record), .. }) = defs.get(id.0) else { break };
        levels.push(record);
        current = record.base;
    }
    levels.iter().rev().flat_map(|record| &record.fields).collect()
}
