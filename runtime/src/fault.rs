//! SOAP faults of both versions, as one.

use std::fmt;

/// What a service answered instead of a reply.
///
/// Its reason and detail may quote the request, personal numbers included: `Debug` leaves them out.
#[derive(Clone, PartialEq, Eq)]
pub struct Fault {
    code: FaultCode,
    reason: String,
    detail: Option<String>,
    blemished: bool,
}

/// The code of a fault, outermost first: `Sender`, then subcodes. SOAP 1.1 has one.
///
/// `Display` and `Debug` print the names of codes of SOAP and WS-* only; all others are read by [`names`](Self::names).
#[derive(Clone, PartialEq, Eq)]
pub struct FaultCode(Vec<(String, String)>);

impl Fault {
    /// The code and its subcodes.
    pub fn code(&self) -> &FaultCode {
        &self.code
    }

    /// The service's own words, in a language of its choice. May quote the request.
    pub fn reason(&self) -> &str {
        &self.reason
    }

    /// The whole `detail` element. May quote the request.
    pub fn detail_xml(&self) -> Option<&str> {
        self.detail.as_deref()
    }

    /// Puts what was read together. A fault with a blemish did not come as SOAP has it: what it says may be right, and
    /// nothing is sent again for it.
    pub(crate) fn new(code: Vec<(String, String)>, reason: String, detail: Option<String>, blemished: bool) -> Self {
        Self { code: FaultCode(code), reason, detail, blemished }
    }

    /// Whether it did not come as its version of SOAP has it.
    pub(crate) fn is_blemished(&self) -> bool {
        self.blemished
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
