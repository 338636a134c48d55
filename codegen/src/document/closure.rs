//! The documents that one root sees, and where their imports lead.

use std::collections::{BTreeMap, BTreeSet};

use crate::diagnostic::At;

/// The documents one root sees, in the order they are searched.
#[derive(Debug, Default)]
pub(crate) struct Closure {
    /// The document with the services.
    pub(crate) root: usize,
    pub(super) definitions: Vec<usize>,
    /// The same, to be looked up.
    pub(super) visible: BTreeSet<usize>,
    pub(super) schemas: Vec<Found>,
    /// The documents that these are in.
    pub(super) documents: BTreeSet<usize>,
    /// Imports that could not be resolved. They matter only if a name is missing in the end.
    pub(crate) unresolved: Vec<(At, String)>,
    /// Namespaces that are imported from documents that are not well-formed, or no contracts.
    pub(crate) unread: BTreeSet<String>,
    /// Where the imports and includes lead that could be resolved, by their document and offset.
    pub(super) links: BTreeMap<(usize, usize), Vec<Linked>>,
}

/// A document that an import or include leads to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Linked {
    pub(crate) document: usize,
    /// Wherever it was found, it was by its namespace alone, and another file of that namespace is nearer.
    pub(crate) farther: bool,
}

/// A schema of a closure.
#[derive(Debug)]
pub(super) struct Found {
    /// Into the schemas of the library.
    pub(super) schema: usize,
    /// It was found by its namespace alone, and another file of that namespace is nearer: where both define a name,
    /// the nearer one counts.
    pub(super) farther: bool,
}

impl Closure {
    /// A document that several namespaces include has its links read once for each.
    pub(super) fn link(&mut self, at: At, to: impl IntoIterator<Item = Linked>) {
        let known = self.links.entry((at.document, at.offset)).or_default();
        for one in to {
            if known.iter().all(|known| known.document != one.document) {
                known.push(one);
            }
        }
    }

    /// Where an import or include leads; nowhere beside it, if what it imports is inside of a WSDL document of these.
    /// `None`, if it could not be resolved.
    pub(crate) fn linked(&self, document: usize, offset: usize) -> Option<&[Linked]> {
        self.links.get(&(document, offset)).map(Vec::as_slice)
    }
}
