//! What was written: XML, WSDL, XML Schema and WS-Policy, with positions. Nothing is looked up or judged here but where
//! an import leads.

pub(crate) mod library;
pub(crate) mod scope;
pub mod source;
pub(crate) mod wsdl;
pub(crate) mod xml;
pub(crate) mod xsd;
