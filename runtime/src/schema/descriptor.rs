//! Descriptors: constants in generated code that describe a contract.
//!
//! Descriptors hold the facts of the contract and nothing of a call: order, namespaces, occurrence.
//! Everything that is written or read follows them, so a caller cannot get order or namespace wrong.

use std::fmt;

use crate::schema::account::Accounts;
use crate::schema::field::Field;
use crate::soap::SoapVersion;

/// An operation of a port. Made by [`new`](Self::new) and the setters after it; the fields are for reading.
#[non_exhaustive]
#[derive(Clone, Copy, Debug)]
pub struct Operation {
    /// Wire name.
    pub name: &'static str,
    /// `SOAPAction`, or `wsa:Action`.
    pub action: &'static str,
    /// `wsa:Action` of the reply; empty if the contract names none.
    pub reply_action: &'static str,
    /// The element in the request's body.
    pub request: Option<Field>,
    /// The fields of the request stand in its body themselves.
    pub bare: bool,
    /// What the reply's body holds.
    pub reply: Reply,
    /// The contract has no reply: the service only accepts the request.
    pub one_way: bool,
    /// Seconds to wait for the reply.
    pub reply_timeout: u32,
    /// Most bytes of binary content that the service takes in one request, by its documentation.
    pub binary_limit: Option<u64>,
    /// The names of the [accounts](Accounts) whose passwords are fields of the request.
    pub accounts: &'static [&'static str],
    /// Its messages are in SOAP encoding (rpc/encoded).
    pub encoded: bool,
}

/// Seconds to wait for a reply unless the operation sets another time.
pub const REPLY_TIMEOUT: u32 = 100;

impl Operation {
    /// An operation by its wire name and its `SOAPAction` or `wsa:Action`.
    ///
    /// Unless said otherwise its messages have empty bodies and hold no passwords, its reply is waited for
    /// [`REPLY_TIMEOUT`] seconds, and binary content has no limit.
    pub const fn new(name: &'static str, action: &'static str) -> Self {
        Self {
            name,
            action,
            reply_action: "",
            request: None,
            bare: false,
            reply: Reply::empty(),
            one_way: false,
            reply_timeout: REPLY_TIMEOUT,
            binary_limit: None,
            accounts: &[],
            encoded: false,
        }
    }

    /// Its messages are in SOAP 1.1 encoding: they state the encoding, and replies may hold references.
    #[must_use]
    pub const fn encoded(mut self) -> Self {
        self.encoded = true;
        self
    }

    /// `wsa:Action` of the reply.
    #[must_use]
    pub const fn reply_action(mut self, action: &'static str) -> Self {
        self.reply_action = action;
        self
    }

    /// The element in the request's body.
    #[must_use]
    pub const fn request(mut self, element: Field) -> Self {
        self.request = Some(element);
        self
    }

    /// The fields of the request stand in its body themselves, without an element around them.
    #[must_use]
    pub const fn bare(mut self) -> Self {
        self.bare = true;
        self
    }

    /// What the reply's body holds.
    #[must_use]
    pub const fn reply(mut self, reply: Reply) -> Self {
        self.reply = reply;
        self
    }

    /// The contract has no reply.
    #[must_use]
    pub const fn one_way(mut self) -> Self {
        self.one_way = true;
        self
    }

    /// Seconds to wait for the reply.
    #[must_use]
    pub const fn reply_timeout(mut self, seconds: u32) -> Self {
        self.reply_timeout = seconds;
        self
    }

    /// Most bytes of binary content that the service takes in one request, by its documentation.
    #[must_use]
    pub const fn binary_limit(mut self, bytes: u64) -> Self {
        self.binary_limit = Some(bytes);
        self
    }

    /// The names of the [accounts](Accounts) whose passwords are fields of the request.
    #[must_use]
    pub const fn accounts(mut self, names: &'static [&'static str]) -> Self {
        self.accounts = names;
        self
    }
}

/// How the reply's body becomes a value.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::large_enum_variant, reason = "a constant of the contract, one for each operation")]
pub enum Reply {
    /// Nothing in the body.
    Empty,
    /// An element without content.
    Void(Field),
    /// An element with one child; the child is the value.
    Unwrapped(Field, Field),
    /// The element itself is the value.
    Element(Field),
    /// The fields of the value stand in the body themselves.
    Bare,
}

impl Reply {
    /// Nothing in the body.
    pub const fn empty() -> Self {
        Self::Empty
    }

    /// An element without content.
    pub const fn void(element: Field) -> Self {
        Self::Void(element)
    }

    /// An element with one child, which is the value.
    pub const fn unwrapped(element: Field, child: Field) -> Self {
        Self::Unwrapped(element, child)
    }

    /// An element that is the value.
    pub const fn element(element: Field) -> Self {
        Self::Element(element)
    }

    /// Several elements, which are the fields of the value.
    pub const fn bare() -> Self {
        Self::Bare
    }
}

/// A port: its address and its requirements. Made by [`new`](Self::new) and the setters after it; the fields are for
/// reading.
#[non_exhaustive]
#[derive(Clone, Copy)]
pub struct PortDescriptor {
    /// `wsdl:port` name.
    pub name: &'static str,
    /// `wsdl:service` name.
    pub service: &'static str,
    /// Address in the contract.
    pub address: &'static str,
    /// SOAP version.
    pub soap: SoapVersion,
    /// Messages have WS-Addressing headers.
    pub addressing: bool,
    /// Requests travel as MTOM. Replies are read by their content type, on every port.
    pub mtom: bool,
    /// How a caller authenticates.
    pub security: Security,
    /// Seconds for which a credential is not sent again after the service has refused it.
    pub authentication_pause: u32,
    /// Where such a refusal counts.
    pub authentication_scope: AuthenticationScope,
    /// The accounts of the service, and how it says that it refused one.
    pub accounts: Option<&'static Accounts>,
    /// In contract order.
    pub operations: &'static [&'static Operation],
}

/// Prints its names. An address can have a query, and there can be hundreds of operations.
impl fmt::Debug for PortDescriptor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PortDescriptor")
            .field("service", &self.service)
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

/// Seconds for which a credential is not sent again after a service has refused it, unless the port says otherwise.
pub(crate) const AUTHENTICATION_PAUSE: u32 = 300;

/// Where a refused credential is not sent again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuthenticationScope {
    /// To the URL that has refused it.
    Endpoint,
    /// To all endpoints of the same scheme, host and port, because they share their users.
    Host,
}

impl PortDescriptor {
    /// A port by its names and the address in the contract.
    ///
    /// Unless said otherwise it has no WS-Addressing, no MTOM, no security and no operations; a refused credential is
    /// not sent again to the same URL for [`AUTHENTICATION_PAUSE`] seconds.
    pub const fn new(name: &'static str, service: &'static str, address: &'static str, soap: SoapVersion) -> Self {
        Self {
            name,
            service,
            address,
            soap,
            addressing: false,
            mtom: false,
            security: Security::none(),
            authentication_pause: AUTHENTICATION_PAUSE,
            authentication_scope: AuthenticationScope::Endpoint,
            accounts: None,
            operations: &[],
        }
    }

    /// Messages have WS-Addressing headers.
    #[must_use]
    pub const fn addressing(mut self) -> Self {
        self.addressing = true;
        self
    }

    /// Requests travel as MTOM.
    #[must_use]
    pub const fn mtom(mut self) -> Self {
        self.mtom = true;
        self
    }

    /// How a caller authenticates.
    #[must_use]
    pub const fn security(mut self, security: Security) -> Self {
        self.security = security;
        self
    }

    /// Seconds for which a credential is not sent again after the service has refused it. With 0 there is no pause, and
    /// no call waits for the outcome of another one.
    #[must_use]
    pub const fn authentication_pause(mut self, seconds: u32) -> Self {
        self.authentication_pause = seconds;
        self
    }

    /// A refused credential is not sent to any endpoint of the same scheme, host and port.
    #[must_use]
    pub const fn authentication_scope_host(mut self) -> Self {
        self.authentication_scope = AuthenticationScope::Host;
        self
    }

    /// The accounts of the service, and how it says that it refused one.
    #[must_use]
    pub const fn accounts(mut self, accounts: &'static Accounts) -> Self {
        self.accounts = Some(accounts);
        self
    }

    /// The operations in contract order.
    #[must_use]
    pub const fn operations(mut self, operations: &'static [&'static Operation]) -> Self {
        self.operations = operations;
        self
    }
}

/// How a caller of a port authenticates, by the contract's policy. Made by one of the constructors and the setters after
/// them, each of which concerns the schemes that it names; the fields are for reading.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Security {
    /// The scheme.
    pub scheme: SecurityScheme,
    /// UsernameToken: the password travels as a digest.
    pub digest: bool,
    /// Messages have a Timestamp, and a reply without one is refused.
    pub timestamp: bool,
    /// Sessions: the service keeps the session in a cookie, and refuses to cancel it.
    pub must_not_cancel: bool,
    /// Sessions: the edition of December 2005 of WS-Trust and WS-SecureConversation, else the one of February 2005.
    pub version_1_3: bool,
    /// What the contract requires and the runtime cannot do, by name. Empty for what it can.
    pub unsupported: &'static str,
}

/// An authentication scheme.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SecurityScheme {
    /// None.
    None,
    /// A user name and password in the HTTP header `Authorization` (RFC 7617).
    HttpBasic,
    /// A WS-Security UsernameToken over TLS.
    UserName,
    /// A WS-SecureConversation session, started with an X.509 certificate over TLS.
    SecureConversation,
    /// One that this runtime does not have: nothing is sent.
    Unsupported,
}

impl Security {
    const fn new(scheme: SecurityScheme) -> Self {
        Self { scheme, digest: false, timestamp: false, must_not_cancel: false, version_1_3: false, unsupported: "" }
    }

    /// No authentication outside of the message's own fields.
    pub const fn none() -> Self {
        Self::new(SecurityScheme::None)
    }

    /// A user name and password in the HTTP header `Authorization`.
    pub const fn http_basic() -> Self {
        Self::new(SecurityScheme::HttpBasic)
    }

    /// A WS-Security UsernameToken.
    pub const fn user_name() -> Self {
        Self::new(SecurityScheme::UserName)
    }

    /// A WS-SecureConversation session.
    pub const fn secure_conversation() -> Self {
        Self::new(SecurityScheme::SecureConversation)
    }

    /// What the runtime cannot do, as the contract names it: every call is refused before it is sent.
    pub const fn unsupported(what: &'static str) -> Self {
        let mut security = Self::new(SecurityScheme::Unsupported);
        security.unsupported = what;
        security
    }

    /// UsernameToken: the password travels as a digest.
    #[must_use]
    pub const fn digest(mut self) -> Self {
        self.digest = true;
        self
    }

    /// Messages have a Timestamp, and so must replies. Sessions: replies must have one; requests always do, as it is what
    /// the session's key signs.
    #[must_use]
    pub const fn timestamp(mut self) -> Self {
        self.timestamp = true;
        self
    }

    /// Sessions: the client never sends Cancel.
    #[must_use]
    pub const fn must_not_cancel(mut self) -> Self {
        self.must_not_cancel = true;
        self
    }

    /// Sessions: WS-Trust and WS-SecureConversation 1.3.
    #[must_use]
    pub const fn version_1_3(mut self) -> Self {
        self.version_1_3 = true;
        self
    }
}
