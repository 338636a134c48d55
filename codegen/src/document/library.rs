//! Which documents belong together, and what a name means in them.
//!
//! Imports are resolved among the given texts only: by location, by the `?wsdl=`/`?xsd=` sibling a
//! published contract points to, by target namespace, and from the bundled schemas.

use std::collections::{BTreeMap, BTreeSet};

use crate::diagnostic::{At, Report};
use crate::document::source::{file_name, folder, normalize};
use crate::document::wsdl::{self, model::*, policy::Policy};
use crate::document::xml::{self, Document, WSDL, XS};
use crate::document::xsd::{
    self,
    model::{Attribute, AttributeGroup, ComplexType, Derivation, Element, Group, Link, Schema, SimpleType},
};
use crate::name::QName;

/// All documents of a run, and the schemas read from them so far.
#[derive(Debug)]
pub(crate) struct Library<'t> {
    /// By document id; `None` for a text that is not well-formed or no contract.
    documents: Vec<Option<Document<'t>>>,
    /// From this document id on they are bundled.
    given: usize,
    definitions: BTreeMap<usize, Definitions>,
    schemas: Vec<Schema>,
    /// A schema document included by two namespaces is read once for each.
    known: BTreeMap<(usize, usize, Option<String>), usize>,
    /// Target namespace → schema elements in given and bundled documents, as document and byte.
    by_namespace: BTreeMap<String, Vec<(usize, usize)>>,
}

/// The documents one root sees, in the order they are searched.
#[derive(Debug, Default)]
pub(crate) struct Closure {
    /// The document with the services.
    pub(crate) root: usize,
    definitions: Vec<usize>,
    schemas: Vec<usize>,
    /// Imports that nothing given answers. They matter only if a name is missing in the end.
    unresolved: Vec<(At, String)>,
}

impl<'t> Library<'t> {
    /// Takes in the given documents, then the bundled ones.
    pub(crate) fn new(documents: Vec<Option<Document<'t>>>, given: usize, report: &mut Report<'t>) -> Self {
        let mut definitions = BTreeMap::new();
        let mut by_namespace: BTreeMap<String, Vec<(usize, usize)>> = BTreeMap::new();
        for document in documents.iter().flatten() {
            let root = document.tree.root_element();
            let mut add = |node: roxmltree::Node<'_, '_>| {
                let namespace = xml::attribute(node, "targetNamespace").unwrap_or("").to_owned();
                by_namespace.entry(namespace).or_default().push((document.id, node.range().start));
            };
            if xml::is(root, WSDL, "definitions") {
                for (_, types) in xml::children_in(root, WSDL).filter(|(name, _)| *name == "types") {
                    xml::children_in(types, XS).filter(|(name, _)| *name == "schema").for_each(|(_, node)| add(node));
                }
                definitions.insert(document.id, wsdl::parse::definitions(document, report));
            } else if xml::is(root, XS, "schema") {
                add(root);
            } else {
                let help = match root.tag_name().namespace() {
                    Some("http://www.w3.org/ns/wsdl") => "WSDL 2.0 is not supported; publish the contract as WSDL 1.1",
                    _ => "leave this file out",
                };
                let found = format!("expected wsdl:definitions or xs:schema, found `{}`", xml::written(root));
                report.error(document.at(root), found, help);
            }
        }
        Self { documents, given, definitions, schemas: Vec::new(), known: BTreeMap::new(), by_namespace }
    }

    /// Documents with services, each with everything it sees.
    pub(crate) fn closures(&mut self, report: &mut Report<'t>) -> Vec<Closure> {
        let roots: Vec<usize> = self
            .definitions
            .iter()
            .filter(|(_, definitions)| !definitions.services.is_empty())
            .map(|(document, _)| *document)
            .collect();
        roots.into_iter().map(|root| self.closure(root, report)).collect()
    }

    /// A WSDL document as written.
    pub(crate) fn definitions(&self, document: usize) -> Option<&Definitions> {
        self.definitions.get(&document)
    }

    fn closure(&mut self, root: usize, report: &mut Report<'t>) -> Closure {
        let mut closure = Closure { root, ..Closure::default() };
        let mut schemas = Vec::new();
        let mut documents = vec![root];
        let mut next = 0;
        while let Some(&document) = documents.get(next) {
            next += 1;
            let Some(definitions) = self.definitions.get(&document) else { continue };
            closure.definitions.push(document);
            schemas.extend(definitions.schemas.iter().map(|offset| (document, *offset, None)));
            for import in &definitions.imports {
                match self.imported_document(document, import) {
                    Some(found) if self.definitions.contains_key(&found) => {
                        if !documents.contains(&found) {
                            documents.push(found);
                        }
                    }
                    // Some documents import a schema this way.
                    Some(found) => schemas.extend(self.root_offset(found).map(|offset| (found, offset, None))),
                    None => closure.unresolved.push((import.at, import.namespace.clone())),
                }
            }
        }
        self.schema_closure(schemas, &mut closure, report);
        closure
    }

    fn schema_closure(
        &mut self,
        start: Vec<(usize, usize, Option<String>)>,
        closure: &mut Closure,
        report: &mut Report<'t>,
    ) {
        let mut queue = start;
        let mut seen: BTreeSet<(usize, usize, Option<String>)> = queue.iter().cloned().collect();
        let mut next = 0;
        while let Some((document, offset, adopted)) = queue.get(next).cloned() {
            next += 1;
            let Some(schema) = self.schema(document, offset, adopted, report) else { continue };
            closure.schemas.push(schema);
            let Some(schema) = self.schemas.get(schema) else { continue };
            let mut found = Vec::new();
            for link in &schema.links {
                let targets = self.linked(document, link, &schema.target_namespace, &closure.definitions);
                if targets.is_empty() {
                    let namespace = link.namespace.clone().unwrap_or_else(|| schema.target_namespace.clone());
                    closure.unresolved.push((link.at, namespace));
                }
                found.extend(targets);
            }
            for target in found {
                if seen.insert(target.clone()) {
                    queue.push(target);
                }
            }
        }
    }

    fn schema(
        &mut self,
        document: usize,
        offset: usize,
        adopted: Option<String>,
        report: &mut Report<'t>,
    ) -> Option<usize> {
        let key = (document, offset, adopted);
        if let Some(known) = self.known.get(&key) {
            return Some(*known);
        }
        let document = self.documents.get(document)?.as_ref()?;
        let node = document.tree.root().descendants().find(|node| node.is_element() && node.range().start == offset)?;
        let schema = xsd::parse::schema(document, node, key.2.as_deref(), report);
        self.schemas.push(schema);
        self.known.insert(key, self.schemas.len() - 1);
        Some(self.schemas.len() - 1)
    }

    fn name(&self, document: usize) -> &'t str {
        self.documents.get(document).and_then(Option::as_ref).map_or("", |document| document.name)
    }

    fn root_offset(&self, document: usize) -> Option<usize> {
        Some(self.documents.get(document)?.as_ref()?.tree.root_element().range().start)
    }

    fn given_documents(&self) -> impl Iterator<Item = &Document<'t>> {
        self.documents.iter().take(self.given).flatten()
    }

    /// The given document at a location written in another one.
    fn located(&self, from: usize, location: &str) -> Option<usize> {
        let location = location.split('#').next().unwrap_or("").trim();
        let path = location.split('?').next().unwrap_or("");
        let absolute = location.contains("://") || path.starts_with('/');
        let here = folder(self.name(from));
        let by_name = |name: &str| self.given_documents().find(|document| document.name == name).map(|found| found.id);
        if !absolute {
            return [location, path].iter().find_map(|name| by_name(&normalize(&format!("{here}/{name}"))));
        }
        if location.contains('?') {
            // The answer depends on the query, so a file named after the path proves nothing.
            return None;
        }
        // Published addresses survive in copies; the file then lies beside the one that refers to it.
        let file = file_name(path);
        by_name(&normalize(&format!("{here}/{file}"))).or_else(|| {
            let mut found = self.given_documents().filter(|document| file_name(document.name) == file);
            found.next().filter(|_| found.next().is_none()).map(|document| document.id)
        })
    }

    fn imported_document(&self, from: usize, import: &Import) -> Option<usize> {
        let located = import.location.as_deref().and_then(|location| self.located(from, location));
        located.filter(|found| *found != from).or_else(|| {
            let candidates = self
                .definitions
                .iter()
                .filter(|(id, other)| **id != from && other.target_namespace == import.namespace)
                .map(|(id, _)| *id);
            self.nearest(from, candidates.collect()).first().copied()
        })
    }

    /// Where an import or include leads: schema elements, and the namespace they adopt.
    fn linked(&self, from: usize, link: &Link, target: &str, visible: &[usize]) -> Vec<(usize, usize, Option<String>)> {
        let located =
            link.location.as_deref().and_then(|location| self.located(from, location)).filter(|id| *id != from);
        if let Some(found) = located.filter(|found| !self.definitions.contains_key(found)) {
            let adopted = link.namespace.is_none().then(|| target.to_owned()).filter(|_| !target.is_empty());
            return self.root_offset(found).map(|offset| (found, offset, adopted)).into_iter().collect();
        }
        let Some(namespace) = &link.namespace else {
            // An include by `?xsd=`: any other document of this namespace.
            return self.with_namespace(from, target, visible).into_iter().filter(|(id, _, _)| *id != from).collect();
        };
        self.with_namespace(from, namespace, visible)
    }

    /// Schemas of a namespace: those of the WSDL documents at hand, else those of the nearest
    /// folder, else bundled.
    fn with_namespace(&self, from: usize, namespace: &str, visible: &[usize]) -> Vec<(usize, usize, Option<String>)> {
        let all = self.by_namespace.get(namespace).map(Vec::as_slice).unwrap_or_default();
        let inline: Vec<_> =
            all.iter().filter(|(id, _)| visible.contains(id)).map(|(id, at)| (*id, *at, None)).collect();
        if !inline.is_empty() {
            return inline;
        }
        let files = |inline: bool| -> Vec<usize> {
            let ids: BTreeSet<usize> = all
                .iter()
                .map(|(id, _)| *id)
                .filter(|id| *id < self.given && self.definitions.contains_key(id) == inline)
                .collect();
            self.nearest(from, ids.into_iter().collect())
        };
        let mut chosen = files(false);
        if chosen.is_empty() {
            chosen = files(true);
        }
        if chosen.is_empty() {
            chosen = all.iter().map(|(id, _)| *id).filter(|id| *id >= self.given).collect();
        }
        let offsets =
            |id: usize| all.iter().filter(move |(document, _)| *document == id).map(move |(_, at)| (id, *at, None));
        chosen.into_iter().flat_map(offsets).collect()
    }

    /// Candidates in the folder of a document, or else all; most similar file name first, because
    /// tools name the parts of one contract alike.
    fn nearest(&self, from: usize, mut candidates: Vec<usize>) -> Vec<usize> {
        let here = self.name(from);
        if candidates.iter().any(|id| folder(self.name(*id)) == folder(here)) {
            candidates.retain(|id| folder(self.name(*id)) == folder(here));
        }
        let alike = |id: &usize| self.name(*id).bytes().zip(here.bytes()).take_while(|(a, b)| a == b).count();
        candidates.sort_by_key(|id| std::cmp::Reverse(alike(id)));
        candidates
    }
}

/// What names mean for one root.
#[derive(Debug)]
pub(crate) struct Scope<'l> {
    definitions: Vec<&'l Definitions>,
    policies: BTreeMap<(usize, &'l str), &'l Policy>,
    pub(crate) elements: BTreeMap<&'l QName, &'l Element>,
    pub(crate) attributes: BTreeMap<&'l QName, &'l Attribute>,
    pub(crate) complex_types: BTreeMap<&'l QName, &'l ComplexType>,
    pub(crate) simple_types: BTreeMap<&'l QName, &'l SimpleType>,
    pub(crate) groups: BTreeMap<&'l QName, &'l Group>,
    pub(crate) attribute_groups: BTreeMap<&'l QName, &'l AttributeGroup>,
    /// Base type → types that extend it, directly.
    pub(crate) extensions: BTreeMap<&'l QName, Vec<&'l QName>>,
    /// Heads of substitution groups.
    pub(crate) heads: BTreeSet<&'l QName>,
    unresolved: &'l [(At, String)],
}

impl<'l> Scope<'l> {
    pub(crate) fn new(library: &'l Library<'_>, closure: &'l Closure) -> Self {
        let mut scope = Self {
            definitions: Vec::new(),
            policies: BTreeMap::new(),
            elements: BTreeMap::new(),
            attributes: BTreeMap::new(),
            complex_types: BTreeMap::new(),
            simple_types: BTreeMap::new(),
            groups: BTreeMap::new(),
            attribute_groups: BTreeMap::new(),
            extensions: BTreeMap::new(),
            heads: BTreeSet::new(),
            unresolved: &closure.unresolved,
        };
        for id in &closure.definitions {
            let Some(definitions) = library.definitions.get(id) else { continue };
            scope.definitions.push(definitions);
            for (name, policy) in &definitions.policies {
                scope.policies.entry((*id, name)).or_insert(policy);
            }
        }
        for schema in closure.schemas.iter().filter_map(|index| library.schemas.get(*index)) {
            scope.add(schema);
        }
        scope
    }

    /// The first definition of a name holds: documents nearer to the root come first.
    fn add(&mut self, schema: &'l Schema) {
        for element in &schema.elements {
            self.elements.entry(&element.name).or_insert(element);
            self.heads.extend(&element.substitutes);
        }
        for attribute in &schema.attributes {
            self.attributes.entry(&attribute.name).or_insert(attribute);
        }
        for ty in &schema.complex_types {
            let Some(name) = &ty.name else { continue };
            if self.complex_types.contains_key(name) {
                continue;
            }
            self.complex_types.insert(name, ty);
            if let Derivation::Extension(base) | Derivation::SimpleExtension(base) = &ty.derivation {
                self.extensions.entry(base).or_default().push(name);
            }
        }
        for ty in &schema.simple_types {
            if let Some(name) = &ty.name {
                self.simple_types.entry(name).or_insert(ty);
            }
        }
        for group in &schema.groups {
            self.groups.entry(&group.name).or_insert(group);
        }
        for group in &schema.attribute_groups {
            self.attribute_groups.entry(&group.name).or_insert(group);
        }
    }

    fn in_namespace(&self, name: &QName) -> impl Iterator<Item = &'l Definitions> {
        self.definitions.iter().copied().filter(|one| one.target_namespace == name.namespace)
    }

    pub(crate) fn binding(&self, name: &QName) -> Option<&'l Binding> {
        self.in_namespace(name).flat_map(|one| &one.bindings).find(|one| one.name == name.local)
    }

    pub(crate) fn port_type(&self, name: &QName) -> Option<&'l PortType> {
        self.in_namespace(name).flat_map(|one| &one.port_types).find(|one| one.name == name.local)
    }

    pub(crate) fn message(&self, name: &QName) -> Option<&'l Message> {
        self.in_namespace(name).flat_map(|one| &one.messages).find(|one| one.name == name.local)
    }

    /// The policy an `#id` means in a document, or else in any document at hand.
    pub(crate) fn policy(&self, uri: &str, document: usize) -> Option<&'l Policy> {
        let id = uri.strip_prefix('#')?;
        let here = self.policies.get(&(document, id));
        here.or_else(|| self.policies.iter().find(|((_, name), _)| *name == id).map(|(_, policy)| policy)).copied()
    }

    /// Says that a name means nothing, and which import failed.
    pub(crate) fn unknown(&self, kind: &str, name: &QName, at: At, report: &mut Report<'_>) {
        let message = format!(
            "{kind} `{}` is not defined{}",
            name.local,
            match name.namespace.as_str() {
                "" => " (it has no namespace, or its prefix is not declared)".to_owned(),
                namespace => format!(" in namespace {namespace}"),
            }
        );
        let help = match self.unresolved.iter().find(|(_, namespace)| *namespace == name.namespace) {
            Some((import, _)) => {
                format!("the import at {} leads to none of the given files: add that file", report.place(*import))
            }
            None => "add the file that defines it".to_owned(),
        };
        report.error(at, message, help);
    }
}
