//! The documents of a contract as a server publishes them: as they were written, but that each import leads to the server.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use roxmltree::Node;

use crate::document::closure::{Closure, Linked};
use crate::document::library::Library;
use crate::document::source::{declared_encoding, file_name};
use crate::document::wsdl;
use crate::document::xml::{self, Document, WSDL, XS};

/// Documents of several closures, each text once.
#[derive(Debug, Default)]
pub(crate) struct Publication {
    pub(crate) texts: Vec<PublishedText>,
    /// Document → what it is asked for by.
    names: BTreeMap<usize, String>,
    taken: BTreeSet<String>,
    /// Document → its texts: another closure may see it lead elsewhere.
    by_document: BTreeMap<usize, Vec<usize>>,
}

/// A document with open places for the address at which it is published.
#[derive(Debug, PartialEq)]
pub(crate) struct PublishedText {
    pub(crate) name: String,
    /// The address stands between each two of them.
    pub(crate) pieces: Vec<String>,
}

impl Publication {
    /// Adds the documents of a closure; returns the indices of their texts, that of the root first. `is_served` says of
    /// which ports, by the names of service and port, the address is that of the server.
    pub(crate) fn add(
        &mut self,
        library: &Library<'_>,
        closure: &Closure,
        is_served: impl Fn(&str, &str) -> bool,
    ) -> Vec<usize> {
        let mut documents = vec![closure.root];
        let mut known = BTreeSet::from([closure.root]);
        let mut left_out: BTreeMap<usize, Vec<Range<usize>>> = BTreeMap::new();
        let mut next = 0;
        let mut indices = Vec::new();
        while let Some(id) = documents.get(next).copied() {
            next += 1;
            let Some(document) = library.document(id) else { continue };
            let superfluous = left_out.remove(&id).unwrap_or_default().into_iter();
            let mut edits: Vec<Edit> = superfluous.map(|range| Edit { range, with: Vec::new() }).collect();
            for link in links(document) {
                let offset = link.node.range().start;
                let Some(to) = closure.linked(id, offset).map(|to| useful(library, to)) else { continue };
                let targets = to.into_iter().map(|(to, superfluous)| {
                    if known.insert(to) {
                        documents.push(to);
                        left_out.insert(to, superfluous);
                    }
                    let is_wsdl = library.document(to).is_some_and(is_wsdl);
                    format!("?{}={}", if is_wsdl { "wsdl" } else { "xsd" }, self.name(library, to))
                });
                let targets: Vec<String> = targets.collect();
                edits.extend(link.leading_to(document, &targets));
            }
            if id == closure.root {
                let addresses = wsdl::parse::addresses(document.tree.root_element());
                let served = addresses.filter(|(service, port, _)| is_served(service, port));
                edits.extend(served.map(|(_, _, node)| Edit {
                    range: node.range(),
                    with: element(document, node, "location", Some("")),
                }));
            }
            let text = PublishedText { name: self.name(library, id), pieces: edited(document, edits) };
            indices.push(self.text(id, text));
        }
        indices
    }

    /// The file name of a document: the last part of its name in plain letters, and a number where two are alike.
    fn name(&mut self, library: &Library<'_>, id: usize) -> String {
        if let Some(known) = self.names.get(&id) {
            return known.clone();
        }
        let written = file_name(library.document(id).map_or("", |document| document.name));
        let plain = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_') { c } else { '_' };
        let wanted: String = written.chars().map(plain).collect();
        let (stem, extension) = wanted.rsplit_once('.').map_or((&*wanted, None), |(stem, rest)| (stem, Some(rest)));
        let numbered = |number| match extension {
            Some(extension) => format!("{stem}-{number}.{extension}"),
            None => format!("{stem}-{number}"),
        };
        let mut wishes = std::iter::once(wanted.clone()).chain((2_usize..).map(numbered));
        let name = wishes.find(|name| self.taken.insert(name.clone())).unwrap_or_default();
        self.names.insert(id, name.clone());
        name
    }

    fn text(&mut self, id: usize, text: PublishedText) -> usize {
        let known = self.by_document.entry(id).or_default();
        if let Some(same) = known.iter().find(|at| self.texts.get(**at) == Some(&text)) {
            return *same;
        }
        known.push(self.texts.len());
        self.texts.push(text);
        self.texts.len() - 1
    }
}

/// An import, include, redefinition or override.
struct Link<'a, 'i> {
    node: Node<'a, 'i>,
    /// The attribute that says where it leads.
    attribute: &'static str,
}

/// All that lead from a document to others.
fn links<'a, 'i>(document: &'a Document<'i>) -> Vec<Link<'a, 'i>> {
    let root = document.tree.root_element();
    let imports = xml::children_in(root, WSDL).filter(|(name, _)| *name == "import");
    let mut found: Vec<Link<'_, '_>> = imports.map(|(_, node)| Link { node, attribute: "location" }).collect();
    let types = xml::children_in(root, WSDL).filter(|(name, _)| *name == "types");
    let inside = types.flat_map(|(_, types)| xml::children_in(types, XS)).map(|(_, schema)| schema);
    for (name, node) in inside.chain([root]).flat_map(|schema| xml::children_in(schema, XS)) {
        if matches!(name, "import" | "include" | "redefine" | "override") {
            found.push(Link { node, attribute: "schemaLocation" });
        }
    }
    found
}

impl Link<'_, '_> {
    /// It once for each target. An import without any leads to what stands beside it, for which it needs no location.
    fn leading_to(&self, document: &Document<'_>, targets: &[String]) -> Option<Edit> {
        let once = |target: Option<&str>| element(document, self.node, self.attribute, target);
        let with = match targets {
            [] if self.node.tag_name().name() == "import" => once(None),
            [] => return None,
            targets => targets.iter().flat_map(|target| once(Some(target))).collect(),
        };
        Some(Edit { range: self.node.range(), with })
    }
}

/// Of the documents that an import leads to, the nearest and those that define more than the ones before; with the places of
/// what these define already.
fn useful(library: &Library<'_>, found: &[Linked]) -> Vec<(usize, Vec<Range<usize>>)> {
    let mut near: Vec<&Linked> = found.iter().collect();
    near.sort_by_key(|one| one.farther);
    let mut useful = Vec::new();
    let mut defined = BTreeSet::new();
    for one in near {
        // What is found alone is not compared with anything.
        let document = library.document(one.document).filter(|_| found.len() > 1);
        let components = document.into_iter().flat_map(|document| xml::children_in(document.tree.root_element(), XS));
        let named = components.filter_map(|(kind, node)| Some((kind, xml::attribute(node, "name")?, node.range())));
        let (new, known): (Vec<_>, Vec<_>) = named.partition(|(kind, name, _)| defined.insert((*kind, *name)));
        match one.farther {
            true if new.is_empty() => {}
            true => useful.push((one.document, known.into_iter().map(|(_, _, place)| place).collect())),
            false => useful.push((one.document, Vec::new())),
        }
    }
    useful
}

fn is_wsdl(document: &Document<'_>) -> bool {
    xml::is(document.tree.root_element(), WSDL, "definitions")
}

/// A part of a text that is written differently.
struct Edit {
    range: Range<usize>,
    with: Vec<Piece>,
}

/// A piece of a text.
enum Piece {
    Text(String),
    /// The address of the server.
    Address,
}

/// An element as written, but for an attribute: the address with this behind it, or nothing.
fn element(document: &Document<'_>, node: Node<'_, '_>, attribute: &'static str, value: Option<&str>) -> Vec<Piece> {
    let text = |range: Range<usize>| document.tree.input_text().get(range).unwrap_or("").to_owned();
    let whole = node.range();
    let written = node.attribute_node(attribute).map(|written| written.range());
    let name_end = whole.start + 1 + xml::written(node).len();
    let place = written.clone().unwrap_or(name_end..name_end);
    let Some(value) = value else {
        return vec![Piece::Text(text(whole.start..place.start) + &text(place.end..whole.end))];
    };
    let space = if written.is_some() { "" } else { " " };
    vec![
        Piece::Text(format!("{}{space}{attribute}=\"", text(whole.start..place.start))),
        Piece::Address,
        Piece::Text(format!("{value}\"{}", text(place.end..whole.end))),
    ]
}

/// The text of a document between the places of the address.
fn edited(document: &Document<'_>, mut edits: Vec<Edit>) -> Vec<String> {
    let text = document.tree.input_text();
    // It is published in UTF-8, whatever it was read from.
    edits.extend(
        declared_encoding(text.as_bytes()).map(|range| Edit { range, with: vec![Piece::Text("utf-8".to_owned())] }),
    );
    edits.sort_by_key(|edit| edit.range.start);
    let mut pieces = Vec::new();
    let mut piece = String::new();
    let mut end = 0;
    for edit in edits {
        piece.push_str(text.get(end..edit.range.start).unwrap_or(""));
        end = edit.range.end;
        for part in edit.with {
            match part {
                Piece::Text(text) => piece.push_str(&text),
                Piece::Address => pieces.push(std::mem::take(&mut piece)),
            }
        }
    }
    piece.push_str(text.get(end..).unwrap_or(""));
    pieces.push(piece);
    pieces
}
