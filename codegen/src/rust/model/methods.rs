//! Methods of types, and the enums that they give.

use crate::rust::model::{Docs, Path};

/// An enum of the kinds of something, of which `Other` is the last.
#[derive(Clone, Debug)]
pub struct Kinds<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its documentation.
    pub docs: Docs,
    /// Variants with their documentation.
    pub variants: Vec<(&'a str, Docs)>,
    /// How each is known, in the order in which they are tried.
    pub rules: Vec<KindRule<'a>>,
}

/// How a kind is known.
#[derive(Clone, Debug)]
pub struct KindRule<'a> {
    /// The variant.
    pub variant: &'a str,
    /// Codes and ranges of numbers; empty for any.
    pub codes: Vec<&'a str>,
    /// Patterns over texts; empty for any.
    pub texts: Vec<&'a str>,
}

/// A method of a struct beside those that every struct has.
#[derive(Clone, Debug)]
pub enum TypeMethod<'a> {
    /// The kind of a value.
    Kind {
        /// Its name.
        name: &'a str,
        /// The enum.
        kinds: Path,
        /// The member with the code.
        code: MemberText,
        /// Members with texts.
        texts: Vec<MemberText>,
    },
    /// The text of a member, where another has a certain value.
    Accessor {
        /// Its name.
        name: &'a str,
        /// Its documentation.
        docs: Docs,
        /// The member that it gives.
        gives: MemberText,
        /// The member that decides.
        decides: MemberText,
        /// What it has to be.
        is: &'a str,
    },
}

/// A member that is asked for its text.
#[derive(Clone, Debug)]
pub struct MemberText {
    /// Its name.
    pub name: String,
    /// It is an `Option`.
    pub is_optional: bool,
}
