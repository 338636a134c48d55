//! Which documents belong together.
//!
//! Imports are resolved among the given texts only: by location, by the `?wsdl=`/`?xsd=` sibling a
//! published contract points to, by target namespace, and from the bundled schemas.

use std::collections::{BTreeMap, BTreeSet};

use crate::diagnostic::{At, Report};
use crate::document::source::{file_name, folder, normalize, percent_decode};
use crate::document::wsdl::{
    self,
    model::{Definitions, Import},
};
use crate::document::xml::{self, Document, WSDL, XS};
use crate::document::xsd::{
    self,
    model::{Link, Schema},
};

/// All documents of a run, and the schemas read from them so far.
#[derive(Debug)]
pub(crate) struct Library<'t> {
    /// By document id; `None` for a text that is not well-formed or not a contract.
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
    schemas: Vec<Found>,
    /// Imports that could not be resolved. They matter only if a name is missing in the end.
    pub(crate) unresolved: Vec<(At, String)>,
}

/// A schema of a closure.
#[derive(Debug)]
struct Found {
    /// Into [`Library::schemas`].
    schema: usize,
    /// It was found by its namespace alone, and another file of that namespace is nearer: where both define a name,
    /// the nearer one counts.
    farther: bool,
}

/// A schema element to be read, and the namespace it adopts.
type Target = (usize, usize, Option<String>);

impl<'t> Library<'t> {
    /// Adds the given documents, then the bundled ones.
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

    fn schema_closure(&mut self, start: Vec<Target>, closure: &mut Closure, report: &mut Report<'t>) {
        let mut queue = start;
        // Whether each is farther than another of its namespace from all documents that refer to it.
        let mut farther: BTreeMap<Target, bool> = queue.iter().map(|target| (target.clone(), false)).collect();
        let mut next = 0;
        let mut read = Vec::new();
        while let Some(target) = queue.get(next).cloned() {
            next += 1;
            let document = target.0;
            let Some(index) = self.schema(target.0, target.1, target.2.clone(), report) else { continue };
            read.push((target, index));
            let Some(schema) = self.schemas.get(index) else { continue };
            for link in &schema.links {
                let targets = self.linked(document, link, &schema.target_namespace, &closure.definitions);
                if targets.is_empty() {
                    let namespace = link.namespace.clone().unwrap_or_else(|| schema.target_namespace.clone());
                    closure.unresolved.push((link.at, namespace));
                }
                for (target, is_farther) in targets {
                    let known = farther.entry(target.clone()).or_insert_with(|| {
                        queue.push(target);
                        is_farther
                    });
                    *known &= is_farther;
                }
            }
        }
        closure.schemas = read
            .into_iter()
            .map(|(target, schema)| Found { schema, farther: farther.get(&target).copied().unwrap_or(false) })
            .collect();
    }

    /// The WSDL documents of a closure, with their ids.
    pub(crate) fn definitions_of(&self, closure: &Closure) -> impl Iterator<Item = (usize, &Definitions)> {
        closure.definitions.iter().filter_map(|id| Some((*id, self.definitions.get(id)?)))
    }

    /// The schemas of a closure, and whether each only adds names to another of its namespace.
    pub(crate) fn schemas_of(&self, closure: &Closure) -> impl Iterator<Item = (&Schema, bool)> {
        closure.schemas.iter().filter_map(|found| Some((self.schemas.get(found.schema)?, found.farther)))
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
            let decoded = percent_decode(path);
            return [location, path, &decoded].iter().find_map(|name| by_name(&normalize(&format!("{here}/{name}"))));
        }
        if location.contains('?') {
            // The content depends on the query, so a file named after the path may be another one.
            return None;
        }
        // Published addresses survive in copies; the file then lies beside the one that refers to it.
        let file = &percent_decode(file_name(path));
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

    /// Where an import or include leads, and which of that is farther than another file of its namespace.
    fn linked(&self, from: usize, link: &Link, target: &str, visible: &[usize]) -> Vec<(Target, bool)> {
        let located =
            link.location.as_deref().and_then(|location| self.located(from, location)).filter(|id| *id != from);
        if let Some(found) = located.filter(|found| !self.definitions.contains_key(found)) {
            let adopted = link.namespace.is_none().then(|| target.to_owned()).filter(|_| !target.is_empty());
            return self.root_offset(found).map(|offset| ((found, offset, adopted), false)).into_iter().collect();
        }
        let Some(namespace) = &link.namespace else {
            // An include by `?xsd=`: any other document of this namespace.
            let others = self.with_namespace(from, target, visible).into_iter();
            return others.filter(|((id, _, _), _)| *id != from).collect();
        };
        self.with_namespace(from, namespace, visible)
    }

    /// Schemas of a namespace: those of the WSDL documents of the closure, else those of the nearest file and of the others
    /// in its folder, else bundled.
    fn with_namespace(&self, from: usize, namespace: &str, visible: &[usize]) -> Vec<(Target, bool)> {
        let all = self.by_namespace.get(namespace).map(Vec::as_slice).unwrap_or_default();
        let inline: Vec<_> = all.iter().filter(|(id, _)| visible.contains(id)).collect();
        if !inline.is_empty() {
            return inline.into_iter().map(|(id, at)| ((*id, *at, None), false)).collect();
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
        let targets = |(rank, id): (usize, usize)| {
            let offsets = all.iter().filter(move |(document, _)| *document == id);
            offsets.map(move |(_, at)| ((id, *at, None), rank > 0))
        };
        chosen.into_iter().enumerate().flat_map(targets).collect()
    }

    /// The candidates in the nearest folder, the one with the most similar file name first, because tools name the
    /// parts of one contract alike.
    fn nearest(&self, from: usize, mut candidates: Vec<usize>) -> Vec<usize> {
        let here = self.name(from);
        let alike = |id: &usize| self.name(*id).bytes().zip(here.bytes()).take_while(|(a, b)| a == b).count();
        candidates.sort_by_key(|id| (steps(folder(here), folder(self.name(*id))), std::cmp::Reverse(alike(id))));
        let chosen = candidates.first().map(|id| folder(self.name(*id)));
        candidates.retain(|id| Some(folder(self.name(*id))) == chosen);
        candidates
    }
}

/// Steps from one folder to another, up and down.
fn steps(from: &str, to: &str) -> usize {
    let parts = |folder: &str| folder.split('/').filter(|part| !part.is_empty()).count();
    let common = from.split('/').zip(to.split('/')).take_while(|(a, b)| a == b && !a.is_empty()).count();
    parts(from) + parts(to) - 2 * common
}
