//! SOAP faults, the same type for both versions of SOAP.

use std::fmt;

/// A SOAP fault that a service returned instead of a reply.
///
/// Its reason and detail may quote the request, personal numbers included: `Debug` leaves them out.
#[derive(Clone, PartialEq, Eq)]
pub struct Fault {
    code: FaultCode,
    reason: String,
    detail: Option<String>,
    nonconformant: bool,
}

/// The code of a fault with its subcodes, outermost first. SOAP 1.1 has no subcodes.
///
/// `Display` and `Debug` print only codes that SOAP and WS-* define, because the peer chooses the others;
/// [`names`](Self::names) gives all of them.
#[derive(Clone, PartialEq, Eq)]
pub struct FaultCode(Vec<(String, String)>);

impl Fault {
    /// The code and its subcodes.
    pub fn code(&self) -> &FaultCode {
        &self.code
    }

    /// The reason text of the service, in a language of its choice. May quote the request.
    pub fn reason(&self) -> &str {
        &self.reason
    }

    /// The whole `detail` element as XML. May quote the request.
    pub fn detail_xml(&self) -> Option<&str> {
        self.detail.as_deref()
    }

    pub(crate) fn new(code: Vec<(String, String)>, reason: String, detail: Option<String>) -> Self {
        Self { code: FaultCode(code), reason, detail, nonconformant: false }
    }

    /// Marks it as one that does not follow its version of SOAP: it is reported, but never causes a second try.
    pub(crate) fn nonconformant(mut self) -> Self {
        self.nonconformant = true;
        self
    }

    /// Whether it does not follow its version of SOAP.
    pub(crate) fn is_nonconformant(&self) -> bool {
        self.nonconformant
    }
}

impl FaultCode {
    #[cfg(test)]
    pub(crate) fn new(names: Vec<(String, String)>) -> Self {
        Self(names)
    }

    /// Namespace and local name of each code, outermost first.
    pub fn names(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(namespace, local)| (&**namespace, &**local))
    }
}

impl fmt::Debug for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fault")
            .field("code", &format_args!("{}", self.code))
            .field("reason", &format_args!("[{} bytes]", self.reason.len()))
            .field("detail", &format_args!("[{} bytes]", self.detail.as_ref().map_or(0, String::len)))
            .finish()
    }
}
