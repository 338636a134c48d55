//! The faults of a service: what a handler answers instead of a reply, and what the layers below it refuse with.

use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt;

use crate::error::Error;
use crate::message::fault::{DetailWriter, FaultDetail};
use crate::security::names::{ADDRESSING, DISPATCHER};
use crate::value::{Fragment, QName};

/// What a handler returns instead of a reply.
///
/// `?` makes one of any error: the caller is told that the service failed and nothing else, while the error itself goes to
/// the service's own `tracing` subscriber by its type's name only, as its text may quote the request.
///
/// ```
/// use soap_runtime::server::ServiceFault;
///
/// fn parsed(number: &str) -> Result<u32, ServiceFault> {
///     if number.is_empty() {
///         return Err(ServiceFault::sender("the number is missing"));
///     }
///     Ok(number.parse()?)
/// }
/// assert!(parsed("one").is_err());
/// ```
pub struct ServiceFault(pub(super) Box<Content>);

/// What a fault says.
pub(super) struct Content {
    pub(super) code: Code,
    /// A more exact code, by its full name.
    pub(super) subcode: Option<(Cow<'static, str>, Cow<'static, str>)>,
    /// A code of the same namespace inside of the subcode.
    pub(super) innermost: Option<&'static str>,
    pub(super) reason: Cow<'static, str>,
    /// The language of the reason, as `xml:lang` has it.
    pub(super) language: Cow<'static, str>,
    /// An element by its name, which says the action of the fault, and its XML.
    pub(super) detail: Option<(QName, String)>,
    /// `wsa:Action`, if it is not the one of a fault of the application.
    pub(super) action: Option<&'static str>,
    /// It comes from below the application and is written without a Security header.
    pub(super) unsecured: bool,
    /// The headers that were not understood.
    pub(super) not_understood: Vec<(String, String)>,
}

/// Whose fault it is: `Client` and `Server` in SOAP 1.1, `Sender` and `Receiver` in 1.2, and the others of both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Code {
    Sender,
    Receiver,
    MustUnderstand,
    VersionMismatch,
}

const INTERNAL: &str = "The server was unable to process the request due to an internal error.";

/// The action of faults that SOAP defines.
pub(super) const SOAP_FAULT: &str = "http://www.w3.org/2005/08/addressing/soap/fault";
/// Of those that WS-Addressing defines.
const ADDRESSING_FAULT: &str = "http://www.w3.org/2005/08/addressing/fault";
/// Of those that only WCF defines.
const DISPATCHER_FAULT: &str =
    "http://schemas.microsoft.com/net/2005/12/windowscommunicationfoundation/dispatcher/fault";

impl ServiceFault {
    fn new(code: Code, reason: impl Into<Cow<'static, str>>) -> Self {
        Self(Box::new(Content {
            code,
            subcode: None,
            innermost: None,
            reason: reason.into(),
            language: "en".into(),
            detail: None,
            action: None,
            unsecured: false,
            not_understood: Vec::new(),
        }))
    }

    /// The request is wrong: sent again as it is, it would fail again. The reason is sent to the caller.
    pub fn sender(reason: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Code::Sender, reason)
    }

    /// The service failed. The reason is sent to the caller.
    pub fn receiver(reason: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Code::Receiver, reason)
    }

    /// The service failed, and the caller is not told why.
    pub fn internal() -> Self {
        let mut fault = Self::receiver(INTERNAL).subcode(DISPATCHER, "InternalServiceFault");
        fault.0.action = Some(DISPATCHER_FAULT);
        fault
    }

    /// A more exact code of the service's own: namespace and local name. In SOAP 1.1 it stands in the place of the code.
    #[must_use]
    pub fn subcode(mut self, namespace: impl Into<Cow<'static, str>>, local: impl Into<Cow<'static, str>>) -> Self {
        self.0.subcode = Some((namespace.into(), local.into()));
        self
    }

    /// The language of the reason, as `xml:lang` has it. `en` unless it is set.
    #[must_use]
    pub fn language(mut self, language: impl Into<Cow<'static, str>>) -> Self {
        self.0.language = language.into();
        self
    }

    /// A detail that the contract declares for the operation.
    #[must_use]
    pub fn detail<T: FaultDetail>(mut self, detail: &T) -> Self {
        let mut writer = DetailWriter::default();
        detail.write_detail(&mut writer);
        let written = writer.finish();
        self.0.detail = written.map(|(name, xml)| (QName::from(name), xml));
        if self.0.detail.is_none() {
            tracing::warn!("the detail of a fault cannot be written; the fault is sent without it");
        }
        self
    }

    /// A detail that no type was generated for: an element.
    #[must_use]
    pub fn detail_xml(mut self, detail: &Fragment) -> Self {
        self.0.detail = Some((detail.name(), detail.as_xml().to_owned()));
        self
    }

    pub(super) fn action(mut self, action: &'static str) -> Self {
        self.0.action = Some(action);
        self
    }

    pub(super) fn unsecured(mut self) -> Self {
        self.0.unsecured = true;
        self
    }

    /// No operation has this action.
    pub(super) fn action_not_supported() -> Self {
        Self::sender(
            "The message cannot be processed: no operation of this endpoint has its action and the element in its body.",
        )
        .subcode(ADDRESSING, "ActionNotSupported")
        .action(ADDRESSING_FAULT)
    }

    /// `wsa:To` is another endpoint.
    pub(super) fn destination_unreachable() -> Self {
        Self::sender("The message cannot be processed: its To header names another endpoint.")
            .subcode(ADDRESSING, "DestinationUnreachable")
            .action(SOAP_FAULT)
    }

    /// A header of WS-Addressing is wrong in this way, which is a code of that standard.
    pub(super) fn invalid_addressing(detail: &'static str) -> Self {
        Self::sender("A header of WS-Addressing is invalid.").subcode(ADDRESSING, detail).action(ADDRESSING_FAULT)
    }

    /// The action in the header is another one than HTTP states.
    pub(super) fn action_mismatch() -> Self {
        let mut fault = Self::invalid_addressing("InvalidAddressingHeader");
        fault.0.innermost = Some("ActionMismatch");
        fault
    }

    /// These headers have to be understood, and are not.
    pub(super) fn not_understood(headers: Vec<(String, String)>) -> Self {
        let mut fault = Self::new(Code::MustUnderstand, "A header that has to be understood was not understood.");
        fault.0.not_understood = headers;
        fault.action(SOAP_FAULT)
    }

    /// The envelope is of another version of SOAP.
    pub(super) fn version_mismatch() -> Self {
        Self::new(Code::VersionMismatch, "The envelope is of another version of SOAP.").action(SOAP_FAULT)
    }

    /// A request that could not be read. The error names the place, and quotes nothing.
    pub(super) fn unreadable(error: &Error) -> Self {
        Self::sender(format!("The request could not be read: {error}."))
            .subcode(DISPATCHER, "DeserializationFailed")
            .action(DISPATCHER_FAULT)
    }
}

/// An error of the service itself.
impl<E: StdError + 'static> From<E> for ServiceFault {
    fn from(_: E) -> Self {
        tracing::error!(error = std::any::type_name::<E>(), "a handler failed");
        Self::internal()
    }
}

/// The reason may quote the request.
impl fmt::Debug for ServiceFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServiceFault").field("code", &self.0.code).finish_non_exhaustive()
    }
}
