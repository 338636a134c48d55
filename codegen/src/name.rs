//! The names of XML and the versions of SOAP, which every module uses.

use std::fmt;

/// A namespace and a local name.
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

/// The SOAP version of a binding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SoapVersion {
    /// SOAP 1.1, `text/xml`.
    Soap11,
    /// SOAP 1.2, `application/soap+xml`.
    Soap12,
}
