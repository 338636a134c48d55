//! The disagreements that are meant to be.

use crate::facts::Disagreement;

/// A disagreement, wherever it occurs, and why it is right.
#[derive(Debug)]
pub(crate) struct Expected {
    pub(crate) fact: &'static str,
    pub(crate) ours: &'static str,
    pub(crate) theirs: &'static str,
    pub(crate) reason: &'static str,
}

impl Expected {
    pub(crate) fn explains(&self, disagreement: &Disagreement) -> bool {
        let Disagreement { fact, ours, theirs, .. } = disagreement;
        (self.fact, self.ours, self.theirs) == (*fact, ours.as_str(), theirs.as_str())
    }
}

/// An entry that explains nothing any more is a failure too.
pub(crate) const EXPECTED: &[Expected] = &[
    Expected {
        fact: "type",
        ours: "guid",
        theirs: "xs:string as {http://schemas.microsoft.com/2003/10/Serialization/}guid",
        reason: "the runtime has a type for what the serialization schema calls a string of a certain pattern",
    },
    Expected {
        fact: "type",
        ours: "xs:base64Binary",
        theirs: "xs:base64Binary as {http://schemas.microsoft.com/Message}StreamBody",
        reason: "a name without facets for the same values; that they travel as a stream is a mark on the field",
    },
];
