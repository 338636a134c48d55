//! WSDL 1.1 and WS-Policy as written: no name is looked up and nothing is judged yet.

pub(crate) mod model;
pub(crate) mod parse;
pub(crate) mod policy;
