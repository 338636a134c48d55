//! Which documents belong together.
//!
//! Imports are resolved among the given texts only: by location, by the `?wsdl=`/`?xsd=` sibling a
//! published contract points to, by target namespace, and from the bundled schemas.

use std::collections::{BTreeMap, BTreeSet};

use roxmltree::NodeId;

use crate::diagnostic::Report;
use crate::document::closure::{Closure, Found, Linked};
use crate::document::nearest::Nearest;
use crate::document::source::{file_name, folder, normalize, percent_decode};
use crate::document::wsdl::{
    self,
    model::{Definitions, Import},
    policy::{self, Named, Policy},
};
use crate::document::xml::{self, Document, WSDL, XS};
use crate::document::xsd::{
    self,
    model::{Link, Schema},
    redefine::Changes,
};

/// All documents of a run, and the schemas read from them so far.
#[derive(Debug)]
pub(crate) struct Library<'t> {
    /// By document id; `None` for a text that is not well-formed or not a contract.
    documents: Vec<Option<Document<'t>>>,
    /// From this document id on they are bundled.
    given: usize,
    /// Those with services that are to be generated are among these.
    roots: BTreeSet<usize>,
    /// The WSDL documents. Those that are bundled or only included are read when something leads there.
    wsdl: BTreeSet<usize>,
    definitions: BTreeMap<usize, Definitions>,
    /// Policies of WSDL documents, and of documents that are a policy.
    policies: BTreeMap<usize, Named>,
    /// Target namespaces of the documents that are not well-formed, as far as can be told.
    broken: BTreeSet<String>,
    /// `Name` of a policy → the first document with one of that name.
    policies_by_name: BTreeMap<String, usize>,
    schemas: Vec<Schema>,
    /// A schema document included by two namespaces is read once for each.
    known: BTreeMap<Target, usize>,
    /// Schema elements by document and byte.
    nodes: BTreeMap<(usize, usize), NodeId>,
    /// Schemas by target namespace.
    by_namespace: BTreeMap<String, Namespace<'t>>,
    /// WSDL documents by target namespace.
    wsdl_by_namespace: BTreeMap<String, Nearest<'t>>,
    /// Ids of the given documents by name.
    by_name: BTreeMap<&'t str, usize>,
    /// Likewise by name in lower case: copies often differ in case from what refers to them.
    by_lower_name: BTreeMap<String, Vec<usize>>,
    /// Likewise by the last part of their names, in lower case.
    by_file_name: BTreeMap<String, Vec<usize>>,
}

/// The schemas of a namespace.
#[derive(Debug, Default)]
struct Namespace<'t> {
    /// Document → where its schemas of this namespace begin.
    schemas: BTreeMap<usize, Vec<usize>>,
    /// The given schema documents.
    files: Nearest<'t>,
    /// The given WSDL documents with such schemas.
    inside: Nearest<'t>,
    /// The bundled documents.
    bundled: Vec<usize>,
}

/// What a closure has taken of each namespace so far, so that many imports of one namespace are as quick as one.
#[derive(Default)]
struct Taken {
    /// Namespace → WSDL documents of the closure with schemas of it.
    visible: BTreeMap<String, Vec<usize>>,
    /// Namespace and folder → how much of it.
    whole: BTreeMap<(String, String), Extent>,
}

/// How much was taken.
#[derive(Clone, Copy, PartialEq)]
enum Extent {
    /// All but the document that asked.
    Without(usize),
    All,
}

/// A schema element to be read, and how.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Target {
    document: usize,
    /// Where the element begins, in bytes.
    offset: usize,
    /// The namespace that it adopts, if it states none.
    adopted: Option<String>,
    /// What documents that redefine or override it change.
    changes: Changes,
}

impl Target {
    /// As it is written.
    fn new(document: usize, offset: usize) -> Self {
        Self { document, offset, adopted: None, changes: Changes::default() }
    }
}

impl<'t> Library<'t> {
    /// Adds the given documents, then the bundled ones. Of the given ones, some may be only included: nothing is said
    /// of them, and nothing is generated from them, unless another one leads there.
    pub(crate) fn new(
        documents: Vec<Option<Document<'t>>>,
        given: usize,
        is_included: impl Fn(&str) -> bool,
        report: &mut Report<'t>,
    ) -> Self {
        let mut definitions = BTreeMap::new();
        let mut policies = BTreeMap::new();
        let (mut roots, mut wsdl) = (BTreeSet::new(), BTreeSet::new());
        let mut nodes = BTreeMap::new();
        let mut by_namespace: BTreeMap<String, Namespace<'t>> = BTreeMap::new();
        let mut wsdl_by_namespace: BTreeMap<String, Nearest<'t>> = BTreeMap::new();
        let mut by_name = BTreeMap::new();
        let mut by_lower_name: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        let mut by_file_name: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for id in 0..given {
            let name = report.file(id);
            by_name.insert(name, id);
            by_lower_name.entry(name.to_lowercase()).or_default().push(id);
            by_file_name.entry(file_name(name).to_lowercase()).or_default().push(id);
            roots.extend((!is_included(name)).then_some(id));
        }
        for document in documents.iter().flatten() {
            let root = document.tree.root_element();
            let mut add = |node: roxmltree::Node<'_, '_>| {
                let namespace = xml::attribute(node, "targetNamespace").unwrap_or("").to_owned();
                let offset = node.range().start;
                nodes.insert((document.id, offset), node.id());
                by_namespace.entry(namespace).or_default().schemas.entry(document.id).or_default().push(offset);
            };
            if xml::is(root, WSDL, "definitions") {
                for (_, types) in xml::children_in(root, WSDL).filter(|(name, _)| *name == "types") {
                    xml::children_in(types, XS).filter(|(name, _)| *name == "schema").for_each(|(_, node)| add(node));
                }
                let namespace = xml::attribute(root, "targetNamespace").unwrap_or("").to_owned();
                wsdl_by_namespace.entry(namespace).or_default().add(document.name, document.id);
                wsdl.insert(document.id);
                policies.insert(document.id, policy::named(document));
                if roots.contains(&document.id) {
                    definitions.insert(document.id, wsdl::parse::definitions(document, report));
                }
            } else if xml::is(root, XS, "schema") {
                add(root);
            } else if policy::is_document(root) {
                policies.insert(document.id, policy::named(document));
            } else if roots.contains(&document.id) {
                let help = match root.tag_name().namespace() {
                    Some("http://www.w3.org/ns/wsdl") => {
                        "WSDL 2.0 is not supported; most services that publish it have a WSDL 1.1 contract too: give that"
                    }
                    _ => "leave this file out",
                };
                let found = format!("expected wsdl:definitions or xs:schema, found `{}`", xml::written(root));
                report.error(document.at(root), found, help);
            }
        }
        for namespace in by_namespace.values_mut() {
            for id in namespace.schemas.keys().copied() {
                let name = documents[id].as_ref().map_or("", |document| document.name);
                match (id < given, wsdl.contains(&id)) {
                    (false, _) => namespace.bundled.push(id),
                    (true, true) => namespace.inside.add(name, id),
                    (true, false) => namespace.files.add(name, id),
                }
            }
        }
        let mut broken = BTreeSet::new();
        for (id, _) in documents.iter().enumerate().take(given).filter(|(_, document)| document.is_none()) {
            for stated in report.text(id).split("targetNamespace=").skip(1) {
                let value = stated.chars().next().and_then(|quote| stated[quote.len_utf8()..].split(quote).next());
                broken.extend(value.map(str::to_owned));
            }
        }
        let mut policies_by_name = BTreeMap::new();
        for (document, named) in &policies {
            for name in named.by_name.keys() {
                policies_by_name.entry(name.clone()).or_insert(*document);
            }
        }
        Self {
            documents,
            given,
            roots,
            wsdl,
            definitions,
            policies,
            broken,
            policies_by_name,
            schemas: Vec::new(),
            known: BTreeMap::new(),
            nodes,
            by_namespace,
            wsdl_by_namespace,
            by_name,
            by_lower_name,
            by_file_name,
        }
    }

    /// Documents with services, each with everything it sees. A document with bindings that none of them sees is one
    /// too: many standards are published so, for others to offer.
    ///
    /// Schemas are roots of their own where there is no WSDL, and no other schema leads to them; else those that are `wanted`
    /// by name.
    pub(crate) fn closures(&mut self, wanted: impl Fn(&str) -> bool, report: &mut Report<'t>) -> Vec<Closure> {
        let documents: Vec<usize> = self.definitions.keys().copied().filter(|id| self.roots.contains(id)).collect();
        let (roots, others): (Vec<usize>, Vec<usize>) =
            documents.into_iter().partition(|id| !self.definitions[id].services.is_empty());
        let mut closures: Vec<Closure> = roots.into_iter().map(|root| self.closure(root, report)).collect();
        let seen: BTreeSet<usize> = closures.iter().flat_map(|closure| &closure.visible).copied().collect();
        for document in others.into_iter().filter(|document| !seen.contains(document)) {
            let Some(definitions) = self.definitions.get_mut(&document) else { continue };
            if let Some(service) = wsdl::parse::service_of_bindings(definitions) {
                definitions.services.push(service);
                closures.push(self.closure(document, report));
            }
        }
        let schemas: Vec<usize> = self.roots.iter().copied().filter(|id| self.is_schema(*id)).collect();
        let (stated, others): (Vec<usize>, Vec<usize>) = schemas.into_iter().partition(|id| wanted(self.name(*id)));
        closures.extend(stated.iter().map(|root| self.closure(*root, report)).collect::<Vec<_>>());
        if self.definitions.is_empty() && stated.is_empty() {
            let mut found: Vec<Closure> = others.into_iter().map(|root| self.closure(root, report)).collect();
            let led_to = |one: usize| found.iter().any(|other| other.root != one && other.documents.contains(&one));
            let tops: Vec<bool> = found.iter().map(|closure| !led_to(closure.root)).collect();
            // Where they lead to one another in a circle, each may be the first.
            if tops.contains(&true) {
                let mut tops = tops.into_iter();
                found.retain(|_| tops.next().unwrap_or_default());
            }
            closures.extend(found);
        }
        closures.sort_by_key(|closure| closure.root);
        closures
    }

    /// The schema that a closure begins with.
    pub(crate) fn root_schema(&self, closure: &Closure) -> Option<&Schema> {
        let target = Target::new(closure.root, self.root_offset(closure.root)?);
        self.schemas.get(*self.known.get(&target)?)
    }

    /// A WSDL document as written.
    pub(crate) fn definitions(&self, document: usize) -> Option<&Definitions> {
        self.definitions.get(&document)
    }

    /// Whether a document of this namespace is not well-formed, so that what it defines is not known.
    pub(crate) fn is_broken(&self, namespace: &str) -> bool {
        self.broken.contains(namespace)
    }

    /// The policies of a document.
    pub(crate) fn policies(&self, document: usize) -> Option<&Named> {
        self.policies.get(&document)
    }

    /// The policy that a reference in another document means by its `Name`, or by the address of its document.
    pub(crate) fn policy(&self, from: usize, uri: &str) -> Option<&Policy> {
        if let Some(document) = self.policies_by_name.get(uri) {
            return self.policies.get(document)?.by_name.get(uri);
        }
        let named = self.policies.get(&self.located(from, uri, "")?)?;
        match uri.split_once('#') {
            Some((_, id)) => named.by_id.get(id),
            None => named.root.as_ref(),
        }
    }

    fn closure(&mut self, root: usize, report: &mut Report<'t>) -> Closure {
        let mut closure = Closure { root, ..Closure::default() };
        let mut schemas = Vec::new();
        let mut documents = vec![root];
        closure.visible.insert(root);
        if self.is_schema(root) {
            schemas.extend(self.root_offset(root).map(|offset| Target::new(root, offset)));
        }
        let mut next = 0;
        while let Some(&document) = documents.get(next) {
            next += 1;
            self.read_definitions(document, report);
            let Some(definitions) = self.definitions.get(&document) else { continue };
            closure.definitions.push(document);
            schemas.extend(definitions.schemas.iter().map(|offset| Target::new(document, *offset)));
            for import in &definitions.imports {
                if self.leads_to_unread(document, import.location.as_deref(), &import.namespace) {
                    closure.unread.insert(import.namespace.clone());
                }
                let found = self.imported_document(document, import);
                if let Some(document) = found {
                    closure.link(import.at, [Linked { document, farther: false }]);
                }
                match found {
                    Some(found) if self.wsdl.contains(&found) => {
                        if closure.visible.insert(found) {
                            documents.push(found);
                        }
                    }
                    // Some documents import a schema this way.
                    Some(found) => schemas.extend(self.root_offset(found).map(|offset| Target::new(found, offset))),
                    None => closure.unresolved.push((import.at, import.namespace.clone())),
                }
            }
        }
        self.schema_closure(schemas, &mut closure, report);
        closure
    }

    /// Reads a WSDL document that was only included until now.
    fn read_definitions(&mut self, document: usize, report: &mut Report<'t>) {
        if self.wsdl.contains(&document)
            && !self.definitions.contains_key(&document)
            && let Some(Some(found)) = self.documents.get(document)
        {
            self.definitions.insert(document, wsdl::parse::definitions(found, report));
        }
    }

    fn schema_closure(&mut self, start: Vec<Target>, closure: &mut Closure, report: &mut Report<'t>) {
        let mut queue = start;
        // Whether each is farther than another of its namespace from all documents that refer to it.
        let mut farther: BTreeMap<Target, bool> = queue.iter().map(|target| (target.clone(), false)).collect();
        let mut next = 0;
        let mut read = Vec::new();
        let mut taken = Taken::default();
        while let Some(target) = queue.get(next).cloned() {
            next += 1;
            let document = target.document;
            let Some(index) = self.schema(&target, report) else { continue };
            read.push((target, index));
            let Some(schema) = self.schemas.get(index) else { continue };
            for link in &schema.links {
                if self.leads_to_unread(
                    document,
                    link.location.as_deref(),
                    link.namespace.as_deref().unwrap_or(&schema.target_namespace),
                ) {
                    closure.unread.insert(link.namespace.as_ref().unwrap_or(&schema.target_namespace).clone());
                }
                let targets = self.linked(document, link, &schema.target_namespace, &closure.visible, &mut taken);
                let Some(targets) = targets else {
                    let namespace = link.namespace.clone().unwrap_or_else(|| schema.target_namespace.clone());
                    closure.unresolved.push((link.at, namespace));
                    continue;
                };
                closure.link(
                    link.at,
                    targets.iter().map(|(target, farther)| Linked { document: target.document, farther: *farther }),
                );
                for (target, is_farther) in targets {
                    let known = farther.entry(target.clone()).or_insert_with(|| {
                        queue.push(target);
                        is_farther
                    });
                    *known &= is_farther;
                }
            }
        }
        let near: BTreeSet<usize> =
            farther.iter().filter(|(_, far)| !**far).map(|(target, _)| target.document).collect();
        closure.links.values_mut().flatten().for_each(|link| link.farther &= !near.contains(&link.document));
        closure.documents = read.iter().map(|(target, _)| target.document).collect();
        closure.schemas = read
            .into_iter()
            .map(|(target, schema)| Found { schema, farther: farther.get(&target).copied().unwrap_or(false) })
            .collect();
    }

    /// A document of a closure.
    pub(crate) fn document(&self, id: usize) -> Option<&Document<'t>> {
        self.documents.get(id)?.as_ref()
    }

    /// The WSDL documents of a closure, with their ids.
    pub(crate) fn definitions_of(&self, closure: &Closure) -> impl Iterator<Item = (usize, &Definitions)> {
        closure.definitions.iter().filter_map(|id| Some((*id, self.definitions.get(id)?)))
    }

    /// The schemas of a closure, and whether each only adds names to another of its namespace.
    pub(crate) fn schemas_of(&self, closure: &Closure) -> impl Iterator<Item = (&Schema, bool)> {
        closure.schemas.iter().filter_map(|found| Some((self.schemas.get(found.schema)?, found.farther)))
    }

    fn schema(&mut self, target: &Target, report: &mut Report<'t>) -> Option<usize> {
        if let Some(known) = self.known.get(target) {
            return Some(*known);
        }
        let document = self.documents.get(target.document)?.as_ref()?;
        let node = document.tree.get_node(*self.nodes.get(&(target.document, target.offset))?)?;
        let schema = xsd::parse::schema(document, node, target.adopted.as_deref(), &target.changes, report);
        self.schemas.push(schema);
        self.known.insert(target.clone(), self.schemas.len() - 1);
        Some(self.schemas.len() - 1)
    }

    fn name(&self, document: usize) -> &'t str {
        self.documents.get(document).and_then(Option::as_ref).map_or("", |document| document.name)
    }

    /// Whether a document is a schema.
    fn is_schema(&self, document: usize) -> bool {
        self.root_offset(document).is_some_and(|offset| self.nodes.contains_key(&(document, offset)))
    }

    fn root_offset(&self, document: usize) -> Option<usize> {
        Some(self.documents.get(document)?.as_ref()?.tree.root_element().range().start)
    }

    /// The given document at a location written in another one; `namespace` is what is expected there.
    fn located(&self, from: usize, location: &str, namespace: &str) -> Option<usize> {
        let location = location.split('#').next().unwrap_or("").trim();
        let (path, query) = location.split_once('?').map_or((location, None), |(path, query)| (path, Some(query)));
        let absolute = location.contains("://") || path.starts_with('/');
        let here = folder(self.name(from));
        let named = |name: &str| self.named(&normalize(&format!("{here}/{name}")));
        if !absolute && let Some(found) = [location, path].iter().find_map(|name| named(name)) {
            return Some(found);
        }
        if let Some(query) = query {
            // The content depends on the query, so a file named after the path may be another one. Copies are often named
            // after its value.
            let value = query.split('&').find_map(|pair| pair.split_once('='))?.1;
            let value = percent_decode(file_name(value));
            let tries = [value.clone(), format!("{value}.xsd"), format!("{value}.wsdl")];
            return tries.iter().filter_map(|name| named(name)).find(|id| self.defines(*id, namespace));
        }
        // Published addresses survive in copies; the file then lies beside the one that refers to it.
        absolute
            .then(|| {
                named(file_name(path))
                    .or_else(|| only(self.by_file_name.get(&percent_decode(file_name(path)).to_lowercase())))
            })
            .flatten()
    }

    /// The given document of a name: as it is written, with its percent-encoded octets decoded, or else the only one that
    /// differs just in case.
    fn named(&self, name: &str) -> Option<usize> {
        let decoded = percent_decode(name);
        let same = self.by_name.get(name).or_else(|| self.by_name.get(decoded.as_str())).copied();
        same.or_else(|| only(self.by_lower_name.get(&decoded.to_lowercase())))
    }

    /// Whether the target namespace of a document is this one, or becomes it, because the document has none.
    fn defines(&self, document: usize, namespace: &str) -> bool {
        let document = self.documents.get(document).and_then(Option::as_ref);
        document.is_some_and(|document| {
            xml::attribute(document.tree.root_element(), "targetNamespace").is_none_or(|stated| stated == namespace)
        })
    }

    /// Whether a location leads to a document that could not be read.
    fn leads_to_unread(&self, from: usize, location: Option<&str>, namespace: &str) -> bool {
        location.and_then(|location| self.located(from, location, namespace)).is_some_and(|found| self.is_unread(found))
    }

    fn is_unread(&self, document: usize) -> bool {
        !self.is_schema(document) && !self.wsdl.contains(&document)
    }

    fn imported_document(&self, from: usize, import: &Import) -> Option<usize> {
        let located = import.location.as_deref().and_then(|location| self.located(from, location, &import.namespace));
        located
            .filter(|found| *found != from && !self.is_unread(*found))
            .or_else(|| self.wsdl_by_namespace.get(&import.namespace)?.first(self.name(from), Some(from)))
    }

    /// Where an import or include leads, and which of that is farther than another file of its namespace; `None` if it
    /// leads nowhere. What is taken already may be left out.
    fn linked(
        &self,
        from: usize,
        link: &Link,
        target: &str,
        visible: &BTreeSet<usize>,
        taken: &mut Taken,
    ) -> Option<Vec<(Target, bool)>> {
        let expected = link.namespace.as_deref().unwrap_or(target);
        let located = link.location.as_deref().and_then(|location| self.located(from, location, expected));
        let located = located.filter(|id| *id != from && !self.is_unread(*id));
        if let Some(found) = located.filter(|found| !self.wsdl.contains(found)) {
            let adopted = link.namespace.is_none().then(|| target.to_owned()).filter(|_| !target.is_empty());
            let changes = link.changes.clone();
            return self
                .root_offset(found)
                .map(|offset| vec![(Target { document: found, offset, adopted, changes }, false)]);
        }
        let Some(namespace) = &link.namespace else {
            // An include by `?xsd=`: any other document of this namespace.
            return self.with_namespace(from, target, Extent::Without(from), visible, taken);
        };
        self.with_namespace(from, namespace, Extent::All, visible, taken)
    }

    /// Schemas of a namespace: those of the WSDL documents of the closure, else those of the nearest file and of the others
    /// in its folder, else bundled.
    fn with_namespace(
        &self,
        from: usize,
        name: &str,
        extent: Extent,
        visible: &BTreeSet<usize>,
        taken: &mut Taken,
    ) -> Option<Vec<(Target, bool)>> {
        let namespace = self.by_namespace.get(name)?;
        let wanted = |id: &usize| extent != Extent::Without(*id);
        let inline = taken.visible.entry(name.to_owned()).or_insert_with(|| {
            // Two are enough to know whether there is another one than the document that asks.
            namespace.schemas.keys().filter(|id| visible.contains(*id)).take(2).copied().collect()
        });
        if !inline.is_empty() {
            // They are read in any case, because their documents are.
            return inline.iter().any(wanted).then(Vec::new);
        }
        let here = self.name(from);
        let files = if namespace.files.folder(here).is_some() { &namespace.files } else { &namespace.inside };
        let (folder, first) = match files.folder(here).zip(files.first(here, None)) {
            Some(found) => found,
            None => ("", *namespace.bundled.first()?),
        };
        let known = taken.whole.get(&(name.to_owned(), folder.to_owned())).copied();
        let count = if first < self.given { files.count(folder) } else { namespace.bundled.len() };
        if count < 2 && !wanted(&first) {
            return None;
        }
        let mut chosen = vec![first];
        if known != Some(Extent::All) && known != Some(extent) {
            chosen = if first < self.given { files.inside(folder, here) } else { namespace.bundled.clone() };
            let now = if known.is_some() { Extent::All } else { extent };
            taken.whole.insert((name.to_owned(), folder.to_owned()), now);
        }
        let offsets = |id: usize| namespace.schemas.get(&id).into_iter().flatten();
        let target = |id: usize| offsets(id).map(move |offset| (Target::new(id, *offset), id != first));
        Some(chosen.into_iter().filter(wanted).flat_map(target).collect())
    }
}

/// The namespaces that a document imports, by WSDL and by its schemas.
pub(crate) fn imported_namespaces(document: &Document<'_>) -> Vec<String> {
    let root = document.tree.root_element();
    let types = xml::children_in(root, WSDL).filter(|(name, _)| *name == "types");
    let inside = types.flat_map(|(_, types)| xml::children_in(types, XS)).map(|(_, schema)| schema);
    let imports =
        inside.chain([root]).flat_map(|parent| xml::children_in(parent, XS).chain(xml::children_in(parent, WSDL)));
    let imports = imports.filter(|(name, _)| *name == "import");
    imports.filter_map(|(_, import)| xml::attribute(import, "namespace").map(str::to_owned)).collect()
}

/// The one document of a list of one.
fn only(found: Option<&Vec<usize>>) -> Option<usize> {
    match found?[..] {
        [only] => Some(only),
        _ => None,
    }
}
