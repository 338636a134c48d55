//! The disagreements that are meant to be.

use crate::facts::Disagreement;

/// A disagreement, wherever it occurs, and why it is right. `*` in a text is anything, and `<ours>` what the generator says.
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
        self.fact == *fact && fits(self.ours, ours) && fits(&self.theirs.replace("<ours>", ours), theirs)
    }
}

/// Whether a text is as a pattern has it.
fn fits(pattern: &str, text: &str) -> bool {
    let Some((begin, rest)) = pattern.split_once('*') else { return pattern == text };
    let Some(text) = text.strip_prefix(begin) else { return false };
    rest.is_empty() || text.char_indices().any(|(at, _)| fits(rest, &text[at..]))
}

const GUID: Expected = Expected {
    fact: "type",
    ours: "guid",
    theirs: "xs:string as {http://schemas.microsoft.com/2003/10/Serialization/}guid",
    reason: "the runtime has a type for what the serialization schema calls a string of a certain pattern",
};

/// An entry that explains nothing any more is a failure too.
pub(crate) const EXPECTED: &[Expected] = &[
    GUID,
    Expected {
        fact: "type",
        ours: "xs:base64Binary",
        theirs: "xs:base64Binary as {http://schemas.microsoft.com/Message}StreamBody",
        reason: "a name without facets for the same values; that they travel as a stream is a mark on the field",
    },
];

/// The same for contracts of strangers.
pub(crate) const STRANGERS: &[Expected] = &[
    Expected {
        fact: "type",
        ours: "xs:*",
        theirs: "<ours> as *",
        reason: "a named simple type that is no enumeration is the value that it restricts; its facets are documentation",
    },
    Expected { fact: "type", ours: "xs:string", theirs: "union", reason: "a union is a text" },
    Expected {
        fact: "content",
        ours: "sequence(*",
        theirs: "all(*",
        reason: "what may stand in any order is written in that of the schema, and read in any",
    },
    GUID,
    Expected {
        fact: "type",
        ours: "list",
        theirs: "{*",
        reason: "a named list of enumerations, which has a name there",
    },
    Expected { fact: "type", ours: "xs:integer", theirs: "anonymous", reason: "an enumeration of numbers is a number" },
    Expected { fact: "values", ours: "-", theirs: "0, 1, 2", reason: "the same enumeration of numbers" },
    Expected {
        fact: "type",
        ours: "{*",
        theirs: "anonymous",
        reason: "an anonymous restriction of an enumeration that leaves all values is that enumeration",
    },
    Expected { fact: "values", ours: "-", theirs: "", reason: "the same restriction, which lists no values" },
    Expected {
        fact: "values",
        ours: "*",
        theirs: "-",
        reason: "the enumeration that is restricted so, and used nowhere else",
    },
];
