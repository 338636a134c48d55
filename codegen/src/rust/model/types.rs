//! Types of Rust as generated code writes them.

use std::fmt;

/// A path from the module it is written in.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Path(Vec<String>);

impl Path {
    /// The path of a name in the module `to`, written in the module `from`; both from the root.
    pub fn between(from: &[String], to: &[String], name: &str) -> Self {
        let mut path = Self::to_module(from, to);
        path.0.push(name.to_owned());
        path
    }

    /// The path of the module `to`, written in the module `from`.
    pub fn to_module(from: &[String], to: &[String]) -> Self {
        let common = from.iter().zip(to).take_while(|(here, there)| here == there).count();
        let up = from[common..].iter().map(|_| "super".to_owned());
        Self(up.chain(to[common..].iter().cloned()).collect())
    }

    /// The names it is made of.
    pub fn segments(&self) -> &[String] {
        &self.0
    }

    /// A path as the configuration has it.
    pub(crate) fn written(path: &str) -> Self {
        Self(path.split("::").map(str::to_owned).collect())
    }

    /// A name of the module it is written in.
    pub fn here(name: &str) -> Self {
        Self(vec![name.to_owned()])
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join("::"))
    }
}

/// What two values of a type are compared by, from the least to the most.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Equality {
    /// `PartialEq`: there is a floating-point number in it.
    Partial,
    /// `Eq` too.
    Total,
    /// `Eq` and `Hash` too.
    Hash,
}

/// A type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RustType {
    /// `()`
    Unit,
    /// A type of the language, the prelude or the runtime.
    Known(&'static str),
    /// A generated type.
    Generated(Path),
    /// Something around a type.
    Wrapped(Wrap, Box<RustType>),
}

/// The container of a type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wrap {
    /// `Option`.
    Option,
    /// `Vec`.
    Vec,
    /// `Box`.
    Box,
    /// `Nillable`: absent and nil are two things.
    Nillable,
}

impl RustType {
    /// This type in something.
    #[must_use]
    pub fn within(self, wrap: Wrap) -> Self {
        Self::Wrapped(wrap, Box::new(self))
    }
}

impl fmt::Display for RustType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (wrap, inner) = match self {
            Self::Unit => return f.write_str("()"),
            Self::Known(name) => return f.write_str(name),
            Self::Generated(path) => return path.fmt(f),
            Self::Wrapped(wrap, inner) => (wrap, inner),
        };
        let name = match wrap {
            Wrap::Option => "Option",
            Wrap::Vec => "Vec",
            Wrap::Box => "Box",
            Wrap::Nillable => "v1::Nillable",
        };
        write!(f, "{name}<{inner}>")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_go_up_to_what_is_common() {
        let module =
            |text: &str| text.split('/').filter(|part| !part.is_empty()).map(str::to_owned).collect::<Vec<_>>();
        for (from, to, expected) in [
            ("a/b", "a/types", "super::types::X"),
            ("a/types", "a/types", "X"),
            ("a/types/ns", "shared/common", "super::super::super::shared::common::X"),
            ("a", "a/types", "types::X"),
        ] {
            assert_eq!(Path::between(&module(from), &module(to), "X").to_string(), expected);
        }
    }
}
