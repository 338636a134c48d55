//! The documents of a contract as servers publish them.

use std::collections::BTreeMap;

use crate::document::published::PublishedText;

/// The documents of a contract as servers publish them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Published {
    /// Each text once.
    pub documents: Vec<PublishedDocument>,
    /// [`Service::document`](super::model::Service::document) → indices of it and of all that it leads to, itself first.
    pub roots: BTreeMap<String, Vec<usize>>,
}

/// A document with open places for the address at which it is published.
#[derive(Clone, Debug, PartialEq)]
pub struct PublishedDocument {
    /// The file name that it is asked for by (`?xsd=`), of ASCII letters, digits and `.`, `-`, `_`.
    pub name: String,
    /// Its text as it was written; the address stands between each two of the pieces.
    pub pieces: Vec<String>,
}

impl From<PublishedText> for PublishedDocument {
    fn from(text: PublishedText) -> Self {
        Self { name: text.name, pieces: text.pieces }
    }
}
