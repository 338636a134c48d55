//! `xs:QName`.

use std::fmt;

#[cfg(feature = "server")]
use crate::name::Name;

/// A name in a namespace; the prefix it was written with is not part of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct QName {
    /// The namespace name; empty for none.
    pub namespace: String,
    /// The local name.
    pub local: String,
}

impl fmt::Display for QName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{{{}}}{}", self.namespace, self.local)
    }
}

#[cfg(feature = "server")]
impl From<Name> for QName {
    fn from(name: Name) -> Self {
        Self { namespace: name.namespace.to_owned(), local: name.local.to_owned() }
    }
}
