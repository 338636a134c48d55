//! XML Schema as written: no name is resolved and nothing is checked yet.

pub(crate) mod builtin;
pub(crate) mod model;
pub(crate) mod parse;
pub(crate) mod redefine;
pub(crate) mod wellknown;
