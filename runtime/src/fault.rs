//! SOAP faults of both versions, as one.

use std::fmt;

use crate::error::ErrorKind;
use crate::security::names::{ADDRESSING, CONVERSATION_1_3, CONVERSATION_2005, MICROSOFT, SECEXT};

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
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FaultCode(Vec<(String, String)>);

/// What a caller can do about a fault, the message not having been processed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Remedy {
    /// Start another session.
    NewSession,
    /// The same, at a server that holds sessions in memory.
    NewSessionIfHeld,
    /// The same, if the session was good before.
    NewSessionIfProven,
    /// Try later.
    Wait,
    /// Tell the caller.
    None,
}

/// Characters of a code that are printed; it comes from outside.
const PRINTED_CODE: usize = 64;

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

    /// What the code means for the caller.
    pub(crate) fn kind(&self) -> ErrorKind {
        let means = |code: &str| {
            Some(match code {
                "FailedAuthentication" => ErrorKind::Authentication,
                "InvalidSecurity" | "InvalidSecurityToken" | "InvalidRequest" | "MessageExpired" => ErrorKind::Security,
                "BadContextToken" | "RenewNeeded" | "SecuritySessionAborted" => ErrorKind::Session,
                "ServerTooBusy" | "EndpointUnavailable" => ErrorKind::Busy,
                "ActionNotSupported"
                | "DestinationUnreachable"
                | "MustUnderstand"
                | "SecureConversationCancellationNotAllowed" => ErrorKind::Configuration,
                _ => return None,
            })
        };
        self.code.0.iter().rev().find_map(|(_, local)| means(local)).unwrap_or(ErrorKind::Fault)
    }

    /// What helps against it. Names count in their namespaces only: whatever else a service calls `BadContextToken` is
    /// its own affair, and may have done something.
    pub(crate) fn remedy(&self) -> Remedy {
        let remedy = |namespace: &str, local: &str| match (namespace, local) {
            (CONVERSATION_2005 | CONVERSATION_1_3, "BadContextToken") => Some(Remedy::NewSession),
            (CONVERSATION_2005 | CONVERSATION_1_3, "RenewNeeded") | (MICROSOFT, "SecuritySessionAborted") => {
                Some(Remedy::NewSessionIfHeld)
            }
            (SECEXT, "InvalidSecurity") => Some(Remedy::NewSessionIfProven),
            (MICROSOFT, "ServerTooBusy") | (ADDRESSING, "EndpointUnavailable") => Some(Remedy::Wait),
            _ => None,
        };
        if self.blemished {
            return Remedy::None;
        }
        self.code.names().find_map(|(namespace, local)| remedy(namespace, local)).unwrap_or(Remedy::None)
    }

    /// Puts what was read together. A fault with a blemish did not come as SOAP has it: what it says may be right, and
    /// nothing is sent again for it.
    pub(crate) fn new(code: Vec<(String, String)>, reason: String, detail: Option<String>, blemished: bool) -> Self {
        Self { code: FaultCode(code), reason, detail, blemished }
    }
}

impl FaultCode {
    /// Namespace and local name of each code, outermost first.
    pub fn names(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(namespace, local)| (&**namespace, &**local))
    }
}

impl fmt::Display for FaultCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, (_, local)) in self.0.iter().enumerate() {
            let name: String =
                local.chars().filter(|c| c.is_ascii_alphanumeric() || "._-".contains(*c)).take(PRINTED_CODE).collect();
            write!(f, "{}{name}", if at == 0 { "" } else { "/" })?;
        }
        Ok(())
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
