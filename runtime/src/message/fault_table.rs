//! The fault codes of SOAP and WS-* by their full names: the kind of error that each is, and its remedy.
//!
//! A code counts in its own namespace only. A code with the same local name in another namespace is a fault of the
//! application, which may have acted on the message.

use std::fmt;

use crate::error::{Error, ErrorKind};
use crate::fault::{Fault, FaultCode};
use crate::security::names::{
    ADDRESSING, ADDRESSING_2004, CONVERSATION_1_3, CONVERSATION_2005, DISPATCHER, MICROSOFT, SECEXT, TRUST_1_3,
    TRUST_2005, UTILITY,
};
use crate::soap::SoapVersion;

/// What the caller can do about a fault by which the service says that it did not process the message.
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
    /// Report the fault.
    None,
}

struct KnownCode {
    namespaces: &'static [&'static str],
    local: &'static str,
    kind: ErrorKind,
    remedy: Remedy,
}

const fn known(namespaces: &'static [&'static str], local: &'static str, kind: ErrorKind, remedy: Remedy) -> KnownCode {
    KnownCode { namespaces, local, kind, remedy }
}

const SOAP: &[&str] = &[SoapVersion::Soap11.namespace(), SoapVersion::Soap12.namespace()];
const SOAP_11: &[&str] = &[SoapVersion::Soap11.namespace()];
const SOAP_12: &[&str] = &[SoapVersion::Soap12.namespace()];
const TRUST: &[&str] = &[TRUST_2005, TRUST_1_3];
const CONVERSATION: &[&str] = &[CONVERSATION_2005, CONVERSATION_1_3];
/// The namespaces in which a token service and the service itself refuse a request for a token.
const SECEXT_AND_TRUST: &[&str] = &[SECEXT, TRUST_2005, TRUST_1_3];

/// The codes of SOAP 1.1 and 1.2, WS-Security 1.0 and 1.1, WS-Trust and WS-SecureConversation of both editions,
/// WS-Addressing 1.0, and WCF.
static TABLE: &[KnownCode] = {
    use ErrorKind::{Authentication, Busy, Configuration, Fault, Security, Session};
    use Remedy::{NewSession, NewSessionIfHeld, NewSessionIfProven, None, Wait};
    &[
        known(SOAP_11, "Client", Fault, None),
        known(SOAP_11, "Server", Fault, None),
        known(SOAP_12, "Sender", Fault, None),
        known(SOAP_12, "Receiver", Fault, None),
        known(SOAP_12, "DataEncodingUnknown", Fault, None),
        known(SOAP, "MustUnderstand", Configuration, None),
        known(SOAP, "VersionMismatch", Configuration, None),
        known(SECEXT_AND_TRUST, "FailedAuthentication", Authentication, None),
        known(&[SECEXT], "InvalidSecurity", Security, NewSessionIfProven),
        known(SECEXT_AND_TRUST, "InvalidSecurityToken", Security, None),
        known(&[SECEXT, UTILITY], "MessageExpired", Security, None),
        known(&[SECEXT], "FailedCheck", Security, None),
        known(&[SECEXT], "SecurityTokenUnavailable", Security, None),
        known(&[SECEXT], "UnsupportedSecurityToken", Security, None),
        known(&[SECEXT], "UnsupportedAlgorithm", Security, None),
        known(TRUST, "InvalidRequest", Security, None),
        known(TRUST, "RequestFailed", Security, None),
        known(TRUST, "BadRequest", Security, None),
        known(TRUST, "AuthenticationBadElements", Security, None),
        known(TRUST, "ExpiredData", Security, None),
        known(TRUST, "InvalidTimeRange", Security, None),
        known(TRUST, "InvalidScope", Security, None),
        known(CONVERSATION, "BadContextToken", Session, NewSession),
        known(CONVERSATION, "RenewNeeded", Session, NewSessionIfHeld),
        known(&[CONVERSATION_2005, CONVERSATION_1_3, TRUST_2005, TRUST_1_3], "UnableToRenew", Session, None),
        known(TRUST, "RenewNeeded", Session, None),
        known(CONVERSATION, "UnsupportedContextToken", Security, None),
        known(CONVERSATION, "UnknownDerivationSource", Security, None),
        known(&[MICROSOFT], "SecuritySessionAborted", Session, NewSessionIfHeld),
        known(&[MICROSOFT], "ExpiredSecurityContextTokenKey", Session, None),
        known(&[MICROSOFT], "SecureConversationCancellationNotAllowed", Configuration, None),
        known(&[MICROSOFT], "ServerTooBusy", Busy, Wait),
        known(&[ADDRESSING, ADDRESSING_2004], "EndpointUnavailable", Busy, Wait),
        known(&[ADDRESSING, ADDRESSING_2004], "ActionNotSupported", Configuration, None),
        known(&[ADDRESSING, ADDRESSING_2004], "DestinationUnreachable", Configuration, None),
        known(&[ADDRESSING, ADDRESSING_2004], "InvalidAddressingHeader", Fault, None),
        known(&[ADDRESSING, ADDRESSING_2004], "MessageAddressingHeaderRequired", Fault, None),
        known(&[DISPATCHER], "InternalServiceFault", Fault, None),
        known(&[DISPATCHER], "DeserializationFailed", Fault, None),
    ]
};

/// The code of which a code of SOAP 1.1 is a kind: `Client` of `Client.Authentication` (section 4.4.1).
pub(super) fn general<'c>(namespace: &str, local: &'c str) -> &'c str {
    match local.split_once('.') {
        Some((general, _)) if namespace == SoapVersion::Soap11.namespace() => general,
        _ => local,
    }
}

fn find(namespace: &str, local: &str) -> Option<&'static KnownCode> {
    let local = general(namespace, local);
    TABLE.iter().find(|known| known.local == local && known.namespaces.contains(&namespace))
}

impl FaultCode {
    /// The innermost code that means more than "a fault occurred".
    fn meaning(&self) -> Option<&'static KnownCode> {
        let known = self.names().filter_map(|(namespace, local)| find(namespace, local));
        known.filter(|known| known.kind != ErrorKind::Fault).last()
    }
}

impl Fault {
    /// What the fault means for the caller.
    pub(crate) fn kind(&self) -> ErrorKind {
        self.code().meaning().map_or(ErrorKind::Fault, |known| known.kind)
    }

    /// The remedy. A nonconformant fault has none: nothing is sent again for it.
    pub(crate) fn remedy(&self) -> Remedy {
        match self.code().meaning() {
            Some(known) if !self.is_nonconformant() => known.remedy,
            _ => Remedy::None,
        }
    }
}

impl Error {
    /// Whether it is a fault by which the service itself answers. A nonconformant fault is not taken for one about a session
    /// or the moment, but does not say either that the message was looked at.
    pub(crate) fn is_application_fault(&self) -> bool {
        self.kind() == ErrorKind::Fault && self.fault().is_none_or(|fault| fault.kind() == ErrorKind::Fault)
    }
}

/// Most codes of one fault that are printed; SOAP 1.2 allows any number.
const PRINTED_CODES: usize = 4;

/// The local names of known codes, outermost first, joined by `/`. An unknown code prints as `[other]`, because the
/// service chooses its name.
impl fmt::Display for FaultCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, (namespace, local)) in self.names().enumerate() {
            if at == PRINTED_CODES {
                return f.write_str("/…");
            }
            let name = find(namespace, local).map_or("[other]", |known| known.local);
            write!(f, "{}{name}", if at == 0 { "" } else { "/" })?;
        }
        Ok(())
    }
}

impl fmt::Debug for FaultCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FaultCode({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(names: &[(&str, &str)]) -> FaultCode {
        FaultCode::new(names.iter().map(|(namespace, local)| ((*namespace).to_owned(), (*local).to_owned())).collect())
    }

    fn means(names: &[(&str, &str)]) -> (ErrorKind, Remedy) {
        code(names).meaning().map_or((ErrorKind::Fault, Remedy::None), |known| (known.kind, known.remedy))
    }

    #[test]
    fn no_code_is_listed_twice() {
        for (at, known) in TABLE.iter().enumerate() {
            for namespace in known.namespaces {
                let found = find(namespace, known.local).unwrap();
                assert!(std::ptr::eq(found, &TABLE[at]), "{} in {namespace}", known.local);
            }
        }
    }

    #[test]
    fn a_code_counts_in_its_own_namespace_only() {
        let sender = (SoapVersion::Soap12.namespace(), "Sender");
        assert_eq!(means(&[sender, (SECEXT, "FailedAuthentication")]), (ErrorKind::Authentication, Remedy::None));
        for local in TABLE.iter().map(|known| known.local) {
            for foreign in ["urn:their:own", ""] {
                assert_eq!(means(&[sender, (foreign, local)]), (ErrorKind::Fault, Remedy::None), "{local}");
                assert_eq!(means(&[(foreign, local)]), (ErrorKind::Fault, Remedy::None), "{local}");
            }
        }
        // Nor in that of another specification.
        assert_eq!(means(&[(SECEXT, "ServerTooBusy")]), (ErrorKind::Fault, Remedy::None));
        assert_eq!(means(&[(TRUST_2005, "RenewNeeded")]), (ErrorKind::Session, Remedy::None));
    }

    #[test]
    fn the_innermost_code_that_means_something_decides() {
        let sender = (SoapVersion::Soap12.namespace(), "Sender");
        assert_eq!(
            means(&[sender, (SECEXT, "InvalidSecurity"), (CONVERSATION_1_3, "BadContextToken")]),
            (ErrorKind::Session, Remedy::NewSession)
        );
        assert_eq!(
            means(&[sender, (MICROSOFT, "ServerTooBusy"), ("urn:their:own", "Detail")]),
            (ErrorKind::Busy, Remedy::Wait)
        );
        assert_eq!(means(&[(SECEXT, "FailedAuthentication")]), (ErrorKind::Authentication, Remedy::None));
        assert_eq!(means(&[]), (ErrorKind::Fault, Remedy::None));
    }

    #[test]
    fn only_names_of_the_table_are_printed() {
        let sender = (SoapVersion::Soap12.namespace(), "Sender");
        let printed = |names: &[(&str, &str)]| {
            let code = code(names);
            assert_eq!(format!("{code:?}"), format!("FaultCode({code})"));
            code.to_string()
        };
        assert_eq!(printed(&[sender, (SECEXT, "FailedAuthentication")]), "Sender/FailedAuthentication");
        assert_eq!(printed(&[sender, ("urn:own", "Planted01017012345")]), "Sender/[other]");
        assert_eq!(printed(&[("urn:planted", "Sender")]), "[other]");
        assert_eq!(printed(&[sender; 50]), "Sender/Sender/Sender/Sender/…");
    }
}
