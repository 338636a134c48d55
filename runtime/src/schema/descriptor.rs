//! Descriptors: constants in generated code that describe a contract.
//!
//! Descriptors hold the facts of the contract and nothing of a call: order, namespaces, occurrence.
//! Everything that is written or read follows them, so a caller cannot get order or namespace wrong.

use std::fmt;

use crate::name::Name;
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
    /// The elements in the details of its faults, and `wsa:Action` of each.
    pub faults: &'static [(Name, &'static str)],
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
            faults: &[],
        }
    }

    /// The elements in the details of its faults, and `wsa:Action` of each.
    #[must_use]
    pub const fn faults(mut self, faults: &'static [(Name, &'static str)]) -> Self {
        self.faults = faults;
        self
    }

    /// Its messages are in SOAP encoding: they state the encoding of their version, and replies may hold references.
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
    /// Those of the edition of August 2004, else of 1.0.
    pub addressing_2004: bool,
    /// How the operation stands in the HTTP head, if not as usual: quoted with SOAP 1.1, and with SOAP 1.2 in the
    /// content type where no WS-Addressing header says it.
    pub soap_action: Option<SoapAction>,
    /// What is asked of replies beside what their contract says, if not as usual: see [`Replies`].
    pub replies: Option<Replies>,
    /// Requests travel as MTOM. Replies are read by their content type, on every port.
    pub mtom: bool,
    /// The contract asks for TLS, by a transport binding.
    pub transport_binding: bool,
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

/// How an operation stands in the HTTP head: in the header `SOAPAction` with SOAP 1.1, and in the parameter `action` of
/// the content type with SOAP 1.2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SoapAction {
    /// The action in quotes.
    Quoted,
    /// Quotes with nothing in between.
    Empty,
    /// Not at all.
    Absent,
}

/// What is asked of the headers of replies beside what their contract says.
///
/// In every case a reply is refused that relates to another message, whose Timestamp is too old or from the future, or that
/// has a header that must be understood and is not; a fault is a fault whatever its headers. Where messages have no
/// WS-Security, nothing is asked of the Security header, and where they have no WS-Addressing, nothing of RelatesTo.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Replies {
    /// A Security header with a Timestamp, where requests have one, and RelatesTo.
    Strict,
    /// A Security header, as clients of WCF ask for it. Its Timestamp and RelatesTo may be missing. Usual for sessions.
    Wcf,
    /// None of them. Usual without sessions.
    Lenient,
}

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
            addressing_2004: false,
            soap_action: None,
            replies: None,
            mtom: false,
            transport_binding: false,
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

    /// Messages have the headers of WS-Addressing as of August 2004.
    #[must_use]
    pub const fn addressing_2004(mut self) -> Self {
        (self.addressing, self.addressing_2004) = (true, true);
        self
    }

    /// How the operation stands in the HTTP head.
    #[must_use]
    pub const fn soap_action(mut self, how: SoapAction) -> Self {
        self.soap_action = Some(how);
        self
    }

    /// What is asked of replies beside what their contract says.
    #[must_use]
    pub const fn replies(mut self, replies: Replies) -> Self {
        self.replies = Some(replies);
        self
    }

    /// The same, or as usual.
    pub(crate) fn reply_checks(&self) -> Replies {
        self.replies.unwrap_or(match self.security.scheme {
            SecurityScheme::SecureConversation => Replies::Wcf,
            _ => Replies::Lenient,
        })
    }

    /// Requests travel as MTOM.
    #[must_use]
    pub const fn mtom(mut self) -> Self {
        self.mtom = true;
        self
    }

    /// The contract asks for TLS, by a transport binding of WS-SecurityPolicy.
    #[must_use]
    pub const fn transport_binding(mut self) -> Self {
        self.transport_binding = true;
        self
    }

    /// Whether messages may travel over TLS only.
    pub(crate) fn needs_tls(&self) -> bool {
        self.transport_binding || self.security.scheme == SecurityScheme::SecureConversation
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
    /// The service asks for a client certificate in TLS, beside the scheme.
    pub client_certificate: bool,
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
    /// A user name and a proof of the password in that header (RFC 7616), with SHA-256 or MD5.
    HttpDigest,
    /// A bearer token in that header (RFC 6750).
    Bearer,
    /// A WS-Security UsernameToken over TLS.
    UserName,
    /// A WS-SecureConversation session, started with an X.509 certificate over TLS.
    SecureConversation,
    /// One that this runtime does not have: nothing is sent.
    Unsupported,
}

impl Security {
    const fn new(scheme: SecurityScheme) -> Self {
        Self {
            scheme,
            digest: false,
            timestamp: false,
            must_not_cancel: false,
            version_1_3: false,
            client_certificate: false,
            unsupported: "",
        }
    }

    /// No authentication outside of the message's own fields.
    pub const fn none() -> Self {
        Self::new(SecurityScheme::None)
    }

    /// A user name and password in the HTTP header `Authorization`.
    pub const fn http_basic() -> Self {
        Self::new(SecurityScheme::HttpBasic)
    }

    /// A user name and a proof of the password in that header.
    pub const fn http_digest() -> Self {
        Self::new(SecurityScheme::HttpDigest)
    }

    /// A bearer token in that header.
    pub const fn bearer() -> Self {
        Self::new(SecurityScheme::Bearer)
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

    /// Whether messages hold a credential of the scheme that can be read and used again.
    pub(crate) fn shows_credentials(&self) -> bool {
        match self.scheme {
            SecurityScheme::HttpBasic | SecurityScheme::Bearer => true,
            SecurityScheme::UserName => !self.digest,
            SecurityScheme::HttpDigest
            | SecurityScheme::None
            | SecurityScheme::SecureConversation
            | SecurityScheme::Unsupported => false,
        }
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

    /// The service asks for a client certificate in TLS.
    #[must_use]
    pub const fn client_certificate(mut self) -> Self {
        self.client_certificate = true;
        self
    }

    /// Sessions: WS-Trust and WS-SecureConversation 1.3.
    #[must_use]
    pub const fn version_1_3(mut self) -> Self {
        self.version_1_3 = true;
        self
    }
}
