//! What names mean for one root: the components that its documents define.

use std::collections::{BTreeMap, BTreeSet};

use crate::diagnostic::{At, Cause, Report};
use crate::document::closure::Closure;
use crate::document::library::Library;
use crate::document::table::{Table, unprefixed};
use crate::document::wsdl::model::{Binding, Message, PortType};
use crate::document::wsdl::policy::Policy;
use crate::document::xml::{WSDL, XS};
use crate::document::xsd::model::{
    Attribute, AttributeGroup, ComplexType, Derivation, Element, Group, Schema, SimpleType,
};
use crate::name::QName;

/// What names mean for one root.
#[derive(Debug)]
pub(crate) struct Scope<'l> {
    library: &'l Library<'l>,
    /// Namespaces whose documents could not be read.
    unread: &'l BTreeSet<String>,
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
            unread: &closure.unread,
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
        let of_wsdl = library.definitions_of(closure).flat_map(|(_, definitions)| &definitions.unprefixed);
        let of_schemas = library.schemas_of(closure).flat_map(|(schema, _)| &schema.unprefixed);
        // In a namespace of which nothing is at hand, a name may well be there.
        let mut known = BTreeSet::from(["", XS, WSDL]);
        known.extend(library.definitions_of(closure).map(|(_, definitions)| definitions.target_namespace.as_str()));
        known.extend(library.schemas_of(closure).map(|(schema, _)| schema.target_namespace.as_str()));
        known.retain(|namespace| !scope.unresolved.contains_key(namespace) && !scope.is_unread(namespace));
        for (name, at) in of_wsdl.chain(of_schemas).filter(|(name, _)| known.contains(name.namespace.as_str())) {
            scope.let_mean(name, *at);
        }
        scope.derive_from_meant();
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

    /// Types that are derived from one whose namespace they do not say.
    fn derive_from_meant(&mut self) {
        for (base, mut derived) in std::mem::take(&mut self.derived) {
            let declared = self.complex_types.peek(base).and_then(|ty| ty.name.as_ref());
            let meant = declared.unwrap_or(base);
            self.derived.entry(meant).or_default().append(&mut derived);
        }
    }

    /// Lets references that do not say their namespace mean the only component of their local name.
    fn let_mean(&mut self, name: &'l QName, at: At) {
        macro_rules! each {
            ($($table:ident),*) => {$(
                if let Some(namespace) = only(self.$table.namespaces(unprefixed(name))) {
                    self.$table.let_mean(name, at, namespace);
                }
            )*};
        }
        each!(bindings, port_types, messages, elements, attributes, groups, attribute_groups);
        let (complex, simple) = (&self.complex_types, &self.simple_types);
        let is_type = complex.contains(name) || simple.contains(name);
        let local = unprefixed(name);
        if let Some(namespace) = only(complex.namespaces(local).chain(simple.namespaces(local))).filter(|_| !is_type) {
            self.complex_types.let_mean(name, at, namespace);
            self.simple_types.let_mean(name, at, namespace);
        }
    }

    /// Reports what is defined twice and differently, an error for what has been used so far; and what was found without
    /// its namespace.
    pub(crate) fn report_names(&self, report: &mut Report<'_>) {
        self.bindings.report_meant(report);
        self.port_types.report_meant(report);
        self.messages.report_meant(report);
        self.elements.report_meant(report);
        self.attributes.report_meant(report);
        self.complex_types.report_meant(report);
        self.simple_types.report_meant(report);
        self.groups.report_meant(report);
        self.attribute_groups.report_meant(report);
        self.bindings.report(report);
        self.port_types.report(report);
        self.messages.report(report);
        self.elements.report(report);
        self.attributes.report(report);
        self.complex_types.report(report);
        self.simple_types.report(report);
        self.groups.report(report);
        self.attribute_groups.report(report);
        for (local, is_used, at, twin) in self.complex_types.shared(&self.simple_types) {
            let message = format!("type `{local}` is defined again, and differently, at {}", report.position(twin));
            if is_used {
                report.error(at, message, "leave out one of the two files, or rename one of the types");
            } else {
                report.warning(at, format!("{message}; no operation needs it"), "");
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

    /// Whether a document of a namespace could not be read, so that what it defines is not known.
    fn is_unread(&self, namespace: &str) -> bool {
        self.unread.contains(namespace) || self.library.is_broken(namespace)
    }

    /// Reports a name that is not defined, and why it may be.
    pub(crate) fn unknown(&self, kind: &str, name: &QName, at: At, report: &mut Report<'_>) {
        let namespace = name.namespace.as_str();
        let message = format!(
            "{kind} `{}` is not defined{}",
            name.local,
            match namespace {
                "" => " (it has no namespace, or its prefix is not declared)".to_owned(),
                namespace => format!(" in namespace {namespace}"),
            }
        );
        let elsewhere = self.elsewhere(kind, unprefixed(name));
        let help = match (self.unresolved.get(namespace), elsewhere.is_empty()) {
            (Some(import), _) => {
                format!("the import at {} leads to none of the given files: add that file", report.position(*import))
            }
            (None, false) => format!(
                "there is one in namespace {}: if it is meant, write {} with a prefix of that namespace, in a copy of the file",
                elsewhere.into_iter().collect::<Vec<_>>().join(" and in "),
                unprefixed(name)
            ),
            (None, true) => "add the file that defines it".to_owned(),
        };
        let cause = match self.is_unread(namespace) {
            true => Cause::UnreadFile,
            false => Cause::Namespace { namespace: namespace.to_owned(), label: format!("{kind} `{}`", name.local) },
        };
        report.missing(at, cause, message, help);
    }

    /// A few namespaces that have a component of this kind and local name.
    pub(crate) fn elsewhere(&self, kind: &str, local: &str) -> BTreeSet<&'l str> {
        let mut found = BTreeSet::new();
        macro_rules! each {
            ($($table:ident),*) => {$(
                if self.$table.kind() == kind {
                    found.extend(self.$table.namespaces(local).take(NAMED));
                }
            )*};
        }
        each!(bindings, port_types, messages, elements, attributes);
        each!(complex_types, simple_types, groups, attribute_groups);
        found
    }
}

/// How many namespaces of a kind and name a message names.
const NAMED: usize = 3;

/// The only item, if there is no other.
fn only<'l>(mut items: impl Iterator<Item = &'l str>) -> Option<&'l str> {
    items.next().filter(|_| items.next().is_none())
}
