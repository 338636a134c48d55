//! What generated code says about a contract, as constants.
//!
//! Descriptors hold the facts of the contract and nothing of a call: order, namespaces, occurrence.
//! Everything that is written or read follows them, so a caller cannot get order or namespace wrong.

use crate::name::Name;
use crate::schema::rule::TextRule;
use crate::schema::slots::Role;
use crate::soap::SoapVersion;

/// The fields of a record, in wire order.
#[derive(Debug)]
pub struct Shape {
    /// The name of the type, or of the element around an anonymous type.
    pub name: Name,
    /// Base type's fields first.
    pub fields: &'static [Field],
}

/// An element, attribute or text of a record.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// Wire name.
    pub name: Name,
    /// Where it stands.
    pub kind: Kind,
    /// At least one occurrence.
    pub required: bool,
    /// Any number of occurrences.
    pub many: bool,
    /// May be `xsi:nil`.
    pub nillable: bool,
    /// Prints as `[redacted]`.
    pub sensitive: bool,
    /// The items of a list that has an element of its own around them.
    pub items: Option<Name>,
    /// What fills it, if not the record.
    pub source: Source,
    /// What the documentation says of its text.
    pub rule: Option<&'static TextRule>,
}

/// Where the value of a field stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A child element.
    Element,
    /// A SOAP header block.
    Header,
    /// An attribute.
    Attribute,
    /// The character content.
    Text,
    /// Any elements the other fields don't name.
    AnyElement,
    /// Any attributes the other fields don't name.
    AnyAttribute,
}

/// What fills a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// A member of the record.
    Member,
    /// The caller's credentials.
    Slot(Role),
    /// A stream beside the record.
    Stream,
}

impl Field {
    const fn new(namespace: &'static str, local: &'static str, required: bool, many: bool) -> Self {
        Self {
            name: Name::new(namespace, local),
            kind: Kind::Element,
            required,
            many,
            nillable: false,
            sensitive: false,
            items: None,
            source: Source::Member,
            rule: None,
        }
    }

    /// An element that occurs once.
    pub const fn required(namespace: &'static str, local: &'static str) -> Self {
        Self::new(namespace, local, true, false)
    }

    /// An element that may be absent.
    pub const fn optional(namespace: &'static str, local: &'static str) -> Self {
        Self::new(namespace, local, false, false)
    }

    /// An element that occurs any number of times.
    pub const fn many(namespace: &'static str, local: &'static str) -> Self {
        Self::new(namespace, local, false, true)
    }

    /// An element that occurs at least once.
    pub const fn many1(namespace: &'static str, local: &'static str) -> Self {
        Self::new(namespace, local, true, true)
    }

    /// May be `xsi:nil`.
    #[must_use]
    pub const fn nillable(mut self) -> Self {
        self.nillable = true;
        self
    }

    /// The element holds a list of elements of this name.
    #[must_use]
    pub const fn items(mut self, namespace: &'static str, local: &'static str) -> Self {
        self.items = Some(Name::new(namespace, local));
        self
    }

    /// Must not be printed.
    #[must_use]
    pub const fn sensitive(mut self) -> Self {
        self.sensitive = true;
        self
    }

    /// Stands in the SOAP header.
    #[must_use]
    pub const fn header(mut self) -> Self {
        self.kind = Kind::Header;
        self
    }

    /// Is an attribute.
    #[must_use]
    pub const fn attribute(mut self) -> Self {
        self.kind = Kind::Attribute;
        self
    }

    /// Is the character content.
    #[must_use]
    pub const fn text(mut self) -> Self {
        self.kind = Kind::Text;
        self
    }

    /// Is the element wildcard.
    #[must_use]
    pub const fn any(mut self) -> Self {
        self.kind = Kind::AnyElement;
        self
    }

    /// Is the attribute wildcard.
    #[must_use]
    pub const fn any_attribute(mut self) -> Self {
        self.kind = Kind::AnyAttribute;
        self
    }

    /// Is filled with a credential of the caller.
    #[must_use]
    pub const fn slot(mut self, role: Role) -> Self {
        self.source = Source::Slot(role);
        self.sensitive = true;
        self
    }

    /// Holds a text of which the documentation says more than the schema.
    #[must_use]
    pub const fn rule(mut self, rule: &'static TextRule) -> Self {
        self.rule = Some(rule);
        self
    }

    /// Travels as a stream beside the record.
    #[must_use]
    pub const fn stream(mut self) -> Self {
        self.source = Source::Stream;
        self
    }
}

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
