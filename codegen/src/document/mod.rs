//! What was written: XML, WSDL, XML Schema and WS-Policy, with positions. Only imports are resolved here; no other name
//! is.

pub(crate) mod attributes;
pub(crate) mod closure;
mod dtd;
pub(crate) mod library;
mod limits;
pub(crate) mod nearest;
pub(crate) mod published;
pub(crate) mod scope;
pub mod source;
pub(crate) mod table;
pub(crate) mod wsdl;
pub(crate) mod xml;
pub(crate) mod xsd;

/// The schemas that come with the generator, as names for diagnostics and texts. They count where a contract imports their
/// namespaces and the given documents define none of them.
pub fn bundled_schemas() -> impl Iterator<Item = (&'static str, &'static str)> {
    xsd::wellknown::BUNDLED.iter().copied()
}
