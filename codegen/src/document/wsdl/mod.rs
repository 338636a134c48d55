//! WSDL 1.1 and WS-Policy as written: no name is resolved and nothing is checked yet.

pub(crate) mod model;
pub(crate) mod parse;
pub(crate) mod policy;
