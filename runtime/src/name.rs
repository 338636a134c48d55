//! Names that are known when a program is compiled.

/// A namespace name and a local name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Name {
    /// The namespace name; empty for none.
    pub namespace: &'static str,
    /// The local name.
    pub local: &'static str,
}

impl Name {
    /// Creates a name from both.
    pub const fn new(namespace: &'static str, local: &'static str) -> Self {
        Self { namespace, local }
    }
}
