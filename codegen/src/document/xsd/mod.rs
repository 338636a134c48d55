//! XML Schema as written: no name is looked up and nothing is judged yet.

pub(crate) mod builtin;
pub(crate) mod model;
pub(crate) mod parse;
pub(crate) mod wellknown;
