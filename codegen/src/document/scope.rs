//! What names mean for one root: the components that its documents define.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};

use crate::diagnostic::{At, Report};
use crate::document::library::{Closure, Library};
use crate::document::wsdl::model::{Binding, Message, PortType};
use crate::document::wsdl::policy::Policy;
use crate::document::xsd::model::{
    Attribute, AttributeGroup, ComplexType, Derivation, Element, Group, Schema, SimpleType,
};
use crate::name::QName;

/// Components of one kind, by namespace and local name.
#[derive(Debug)]
pub(crate) struct Table<'l, T> {
    kind: &'static str,
    entries: BTreeMap<(&'l str, &'l str), Entry<'l, T>>,
}

#[derive(Debug)]
struct Entry<'l, T> {
    component: &'l T,
    at: At,
    /// Where it is defined again, and differently.
    twin: Option<At>,
    /// Whether it was used.
    used: Cell<bool>,
}

impl<'l, T: PartialEq> Table<'l, T> {
    fn new(kind: &'static str) -> Self {
        Self { kind, entries: BTreeMap::new() }
    }

    /// The component of a name.
    pub(crate) fn get(&self, name: &QName) -> Option<&'l T> {
        let entry = self.entries.get(&(name.namespace.as_str(), name.local.as_str()))?;
        entry.used.set(true);
        Some(entry.component)
    }

    pub(crate) fn contains(&self, name: &QName) -> bool {
        self.entries.contains_key(&(name.namespace.as_str(), name.local.as_str()))
    }

    /// Adds a component, unless its name is taken: documents nearer to the root come first. Whether it was new.
    fn add(&mut self, namespace: &'l str, local: &'l str, component: &'l T, at: At, by_namespace: bool) -> bool {
        match self.entries.get_mut(&(namespace, local)) {
            Some(entry) => {
                if !by_namespace && *entry.component != *component {
                    entry.twin.get_or_insert(at);
                }
                false
            }
            None => {
                let entry = Entry { component, at, twin: None, used: Cell::new(false) };
                self.entries.insert((namespace, local), entry);
                true
            }
        }
    }

    /// Components that are defined twice and differently, so that their name is ambiguous.
    fn report(&self, report: &mut Report<'_>) {
        for ((_, local), entry) in &self.entries {
            let Some(twin) = entry.twin else { continue };
            let message =
                format!("{} `{local}` is defined again, and differently, at {}", self.kind, report.position(twin));
            if entry.used.get() {
                report.error(entry.at, message, "leave out one of the two files, or make the definitions equal");
            } else {
                report.warning(entry.at, format!("{message}; no operation needs it"), "");
            }
        }
    }
}

/// What names mean for one root.
#[derive(Debug)]
pub(crate) struct Scope<'l> {
    library: &'l Library<'l>,
    /// Id → the policy of that id in the first document that has one.
    policies: BTreeMap<&'l str, &'l Policy>,
    pub(crate) bindings: Table<'l, Binding>,
    pub(crate) port_types: Table<'l, PortType>,
    pub(crate) messages: Table<'l, Message>,
    pub(crate) elements: Table<'l, Element>,
    pub(crate) attributes: Table<'l, Attribute>,
    pub(crate) complex_types: Table<'l, ComplexType>,
    pub(crate) simple_types: Table<'l, SimpleType>,
    pub(crate) groups: Table<'l, Group>,
    pub(crate) attribute_groups: Table<'l, AttributeGroup>,
    /// Base type → types derived from it, directly.
    pub(crate) derived: BTreeMap<&'l QName, Vec<&'l QName>>,
    /// Head of a substitution group → elements that name it.
    substitutes: BTreeMap<&'l QName, Vec<&'l Element>>,
    /// Namespace → the first import of it that could not be resolved.
    unresolved: BTreeMap<&'l str, At>,
}

impl<'l> Scope<'l> {
    pub(crate) fn new(library: &'l Library<'_>, closure: &'l Closure) -> Self {
        let mut scope = Self {
            library,
            policies: BTreeMap::new(),
            bindings: Table::new("binding"),
            port_types: Table::new("portType"),
            messages: Table::new("message"),
            elements: Table::new("element"),
            attributes: Table::new("attribute"),
            complex_types: Table::new("type"),
            simple_types: Table::new("type"),
            groups: Table::new("group"),
            attribute_groups: Table::new("attribute group"),
            derived: BTreeMap::new(),
            substitutes: BTreeMap::new(),
            unresolved: BTreeMap::new(),
        };
        for (at, namespace) in &closure.unresolved {
            scope.unresolved.entry(namespace).or_insert(*at);
        }
        for (id, definitions) in library.definitions_of(closure) {
            let namespace = definitions.target_namespace.as_str();
            for (name, policy) in library.policies(id).into_iter().flat_map(|named| &named.by_id) {
                scope.policies.entry(name).or_insert(policy);
            }
            for one in &definitions.bindings {
                scope.bindings.add(namespace, &one.name, one, one.at, false);
            }
            for one in &definitions.port_types {
                scope.port_types.add(namespace, &one.name, one, one.at, false);
            }
            for one in &definitions.messages {
                scope.messages.add(namespace, &one.name, one, one.at, false);
            }
        }
        for (schema, by_namespace) in library.schemas_of(closure) {
            scope.add(schema, by_namespace);
        }
        scope
    }

    fn add(&mut self, schema: &'l Schema, by_namespace: bool) {
        for element in &schema.elements {
            let QName { namespace, local } = &element.name;
            if self.elements.add(namespace, local, element, element.at, by_namespace)
                && let Some(head) = &element.substitutes
            {
                self.substitutes.entry(head).or_default().push(element);
            }
        }
        for one in &schema.attributes {
            self.attributes.add(&one.name.namespace, &one.name.local, one, one.at, by_namespace);
        }
        for ty in &schema.complex_types {
            let Some(name) = &ty.name else { continue };
            if self.complex_types.add(&name.namespace, &name.local, ty, ty.at, by_namespace)
                && let Derivation::Extension(base)
                | Derivation::SimpleExtension(base)
                | Derivation::Restriction(base)
                | Derivation::SimpleRestriction { base, .. } = &ty.derivation
            {
                self.derived.entry(base).or_default().push(name);
            }
        }
        for ty in &schema.simple_types {
            if let Some(name) = &ty.name {
                self.simple_types.add(&name.namespace, &name.local, ty, ty.at, by_namespace);
            }
        }
        for one in &schema.groups {
            self.groups.add(&one.name.namespace, &one.name.local, one, one.at, by_namespace);
        }
        for one in &schema.attribute_groups {
            self.attribute_groups.add(&one.name.namespace, &one.name.local, one, one.at, by_namespace);
        }
    }

    /// The elements that may stand in place of another, directly or because they may stand in place of one that may.
    pub(crate) fn substitutes(&self, head: &QName) -> Vec<&'l Element> {
        let mut found = Vec::new();
        let mut seen = BTreeSet::from([head]);
        let mut open = vec![head];
        while let Some(head) = open.pop() {
            for element in self.substitutes.get(head).into_iter().flatten() {
                if seen.insert(&element.name) {
                    found.push(*element);
                    open.push(&element.name);
                }
            }
        }
        found
    }

    /// Reports what is defined twice and differently: an error for what has been used so far.
    pub(crate) fn report_twins(&self, report: &mut Report<'_>) {
        self.bindings.report(report);
        self.port_types.report(report);
        self.messages.report(report);
        self.elements.report(report);
        self.attributes.report(report);
        self.complex_types.report(report);
        self.simple_types.report(report);
        self.groups.report(report);
        self.attribute_groups.report(report);
        for ((namespace, local), complex) in &self.complex_types.entries {
            let Some(simple) = self.simple_types.entries.get(&(*namespace, *local)) else { continue };
            let message =
                format!("type `{local}` is defined again, and differently, at {}", report.position(simple.at));
            if complex.used.get() || simple.used.get() {
                report.error(complex.at, message, "leave out one of the two files, or rename one of the types");
            } else {
                report.warning(complex.at, format!("{message}; no operation needs it"), "");
            }
        }
    }

    /// The policy that a reference in a document means. `#id` is of that document, or else of any of the closure.
    pub(crate) fn policy(&self, uri: &str, document: usize) -> Option<&'l Policy> {
        match uri.strip_prefix('#') {
            Some(id) => {
                let here = self.library.policies(document).and_then(|named| named.by_id.get(id));
                here.or_else(|| self.policies.get(id).copied())
            }
            None => self.library.policy(document, uri),
        }
    }

    /// Reports a name that is not defined, and the import that failed.
    pub(crate) fn unknown(&self, kind: &str, name: &QName, at: At, report: &mut Report<'_>) {
        let message = format!(
            "{kind} `{}` is not defined{}",
            name.local,
            match name.namespace.as_str() {
                "" => " (it has no namespace, or its prefix is not declared)".to_owned(),
                namespace => format!(" in namespace {namespace}"),
            }
        );
        let help = match self.unresolved.get(name.namespace.as_str()) {
            Some(import) => {
                format!("the import at {} leads to none of the given files: add that file", report.position(*import))
            }
            None => "add the file that defines it".to_owned(),
        };
        report.error(at, message, help);
    }
}
