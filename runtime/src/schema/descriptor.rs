//! What generated code says about a contract, as constants.
//!
//! Descriptors hold the facts of the contract and nothing of a call: order, namespaces, occurrence.
//! Everything that is written or read follows them, so a caller cannot get order or namespace wrong.

use crate::schema::field::Field;
use crate::soap::SoapVersion;

/// An operation of a port.
#[derive(Debug)]
pub struct Operation {
    /// Wire name.
    pub name: &'static str,
    /// `SOAPAction`, or `wsa:Action`.
    pub action: &'static str,
    /// `wsa:Action` of the reply.
    pub reply_action: &'static str,
    /// The element in the request's body.
    pub request: Option<Field>,
    /// What the reply's body holds.
    pub reply: Reply,
    /// Seconds to wait for the reply.
    pub reply_timeout: u32,
    /// Most bytes of binary content that the service takes in one request, by its documentation.
    pub binary_limit: Option<u64>,
}

/// Seconds to wait for a reply where the contract's documentation says nothing.
pub const REPLY_TIMEOUT: u32 = 100;

/// How the reply's body becomes a value.
#[derive(Clone, Copy, Debug)]
pub enum Reply {
    /// Nothing in the body.
    Empty,
    /// An element without content.
    Void(Field),
    /// An element with one child; the child is the value.
    Unwrapped(Field, Field),
    /// The element itself is the value.
    Element(Field),
}

/// A port: where it listens and what it asks for.
#[derive(Debug)]
pub struct PortDescriptor {
    /// `wsdl:port` name.
    pub name: &'static str,
    /// `wsdl:service` name.
    pub service: &'static str,
    /// Address in the contract.
    pub address: &'static str,
    /// SOAP version.
    pub soap: SoapVersion,
    /// WS-Addressing headers.
    pub addressing: bool,
    /// Messages travel as MTOM.
    pub mtom: bool,
    /// WS-Security.
    pub security: Security,
    /// In contract order.
    pub operations: &'static [&'static Operation],
}

/// What WS-Security a port asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Security {
    /// None.
    None,
    /// A UsernameToken over TLS.
    UserName {
        /// The password travels as a digest.
        digest: bool,
        /// With a Timestamp.
        timestamp: bool,
    },
    /// A WS-SecureConversation session, started with an X.509 certificate over TLS.
    SecureConversation {
        /// The session is never closed by the client.
        must_not_cancel: bool,
        /// Keys are derived for each message.
        derived_keys: bool,
        /// The 2005/12 edition of WS-Trust and WS-SecureConversation.
        version_1_3: bool,
        /// The certificate is referred to by thumbprint.
        thumbprint: bool,
    },
}
