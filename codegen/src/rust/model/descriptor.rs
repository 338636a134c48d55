//! What the runtime reads of a message, an operation and a port.

use std::fmt;

use crate::name::{QName, SoapVersion};
use crate::rust::model::types::Path;

/// A name of XML. Where it is written, its namespace is the constant of the module, if there is one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Name<'a> {
    /// The namespace; empty for none.
    pub namespace: &'a str,
    /// The local name.
    pub local: &'a str,
}

impl<'a> From<&'a QName> for Name<'a> {
    fn from(name: &'a QName) -> Self {
        Self { namespace: &name.namespace, local: &name.local }
    }
}

impl fmt::Display for Name<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{{{}}}{}", self.namespace, self.local)
    }
}

/// `v1::Field`.
#[derive(Clone, Debug, PartialEq)]
pub struct FieldDescriptor<'a> {
    /// Its name on the wire.
    pub name: Name<'a>,
    /// How often it occurs.
    pub occurrence: Occurrence,
    /// Everything that differs from the defaults, in the order in which it is written.
    pub settings: Vec<FieldSetting<'a>>,
}

/// How often a field occurs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Occurrence {
    /// Once.
    Required,
    /// Once or not at all.
    Optional,
    /// Any number of times.
    Many,
    /// Once or more.
    Many1,
}

/// A fact of a field.
#[derive(Clone, Debug, PartialEq)]
pub enum FieldSetting<'a> {
    /// May be `xsi:nil`.
    Nillable,
    /// A list in an element of its own: the name of an item.
    Items(Name<'a>),
    /// The schema demands an item.
    ItemsRequired,
    /// Items may be `xsi:nil`.
    ItemsNillable,
    /// A header part.
    Header,
    /// An attribute.
    Attribute,
    /// The text of the element.
    Text,
    /// Elements that the contract does not name.
    Any,
    /// Attributes that the contract does not name.
    AnyAttribute,
    /// All text and elements.
    Mixed,
    /// A part beside the envelope: the media type where the caller names none; empty for none.
    Attachment(&'a str),
    /// One of the fields of this type.
    Choice(Path),
    /// All fields of this type.
    Sequence(Path),
    /// Runs of white space are one space, and none is at either end.
    Collapse,
    /// Tabs and line breaks are spaces.
    Replace,
    /// The value of an empty element or an absent attribute.
    Default(&'a str),
    /// The only value.
    Fixed(&'a str),
    /// Limits that are checked before a request is sent.
    Facets(Vec<Facet<'a>>),
    /// A credential fills it.
    Slot(Role<'a>),
    /// Never printed.
    Sensitive,
    /// The content is a stream.
    Stream,
    /// The type that messages state.
    XsiType(Name<'a>),
    /// A rule beyond the schema.
    TextRule {
        /// Characters that must not occur.
        without: &'a str,
        /// The text is a file name with an extension.
        extension: bool,
        /// The text is written as CDATA.
        cdata: bool,
    },
}

/// `v1::Facet`, by its constructor.
#[derive(Clone, Debug, PartialEq)]
pub enum Facet<'a> {
    /// A number of characters, octets, items or digits.
    Count(&'static str, u64),
    /// A value that bounds others.
    Bound(&'static str, &'a str),
    /// A regular expression.
    Pattern(String),
    /// Limits to each item of a list.
    Items(Vec<Self>),
}

/// What fills a credential slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role<'a> {
    /// The client's user name.
    UserName(&'a str),
    /// The client's password.
    Password(&'a str),
    /// A member of a person's credentials.
    Principal(&'a str),
}

/// `v1::Operation`.
#[derive(Clone, Debug)]
pub struct OperationDescriptor<'a> {
    /// The static that holds it.
    pub constant: String,
    /// The operation's name.
    pub name: &'a str,
    /// Its action.
    pub action: &'a str,
    /// The addressing action of the reply; empty if there is none.
    pub reply_action: &'a str,
    /// The element in the body of the request.
    pub request: Option<FieldDescriptor<'a>>,
    /// The fields of the request stand in its body themselves.
    pub bare: bool,
    /// The reply; `None` for a one-way operation.
    pub reply: Option<Reply<'a>>,
    /// Seconds to wait for the reply.
    pub reply_timeout: Option<u64>,
    /// Most bytes of binary content in a request.
    pub binary_limit: Option<u64>,
    /// The accounts whose passwords are in the request.
    pub accounts: Vec<&'a str>,
    /// The elements of its faults with their actions, for servers of ports with addressing.
    pub faults: Vec<(Name<'a>, &'a str)>,
    /// Its messages are in SOAP encoding.
    pub encoded: bool,
}

/// The result of a reply.
#[derive(Clone, Debug, PartialEq)]
pub enum Reply<'a> {
    /// No body.
    Empty,
    /// An element without content.
    Void(FieldDescriptor<'a>),
    /// The only child of an element.
    Unwrapped(FieldDescriptor<'a>, FieldDescriptor<'a>),
    /// An element.
    Element(FieldDescriptor<'a>),
    /// The body itself is the value.
    Bare,
}

/// `v1::PortDescriptor`.
#[derive(Clone, Debug)]
pub struct PortDescriptor<'a> {
    /// `wsdl:port` name.
    pub name: &'a str,
    /// `wsdl:service` name.
    pub service: &'a str,
    /// Address, as published.
    pub address: &'a str,
    /// Version of SOAP.
    pub soap: SoapVersion,
    /// WS-Addressing headers.
    pub addressing: bool,
    /// Those of August 2004.
    pub addressing_2004: bool,
    /// How the operation stands in the HTTP head, if not as usual.
    pub soap_action: Option<&'static str>,
    /// What is asked of replies, if not as usual.
    pub replies: Option<&'static str>,
    /// TLS by a transport binding, if nothing else says so.
    pub transport_binding: bool,
    /// A client certificate in TLS.
    pub client_certificate: bool,
    /// MTOM.
    pub mtom: bool,
    /// How the caller proves who they are, if the port asks for it.
    pub security: Option<Security<'a>>,
    /// The pause after a refused credential.
    pub authentication: Authentication,
    /// The static of the accounts, if messages of the port name any.
    pub accounts: Option<Path>,
    /// Statics of its operations.
    pub operations: Vec<String>,
}

/// `v1::Security`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Security<'a> {
    /// None but a timestamp.
    Timestamp,
    /// What the runtime cannot do, by name.
    Unsupported(&'a str),
    /// HTTP Basic.
    HttpBasic {
        /// With a timestamp.
        timestamp: bool,
    },
    /// HTTP Digest.
    HttpDigest {
        /// With a timestamp.
        timestamp: bool,
    },
    /// A bearer token.
    Bearer {
        /// With a timestamp.
        timestamp: bool,
    },
    /// WS-Security UsernameToken.
    UserName {
        /// The password travels as a digest.
        digest: bool,
        /// With a timestamp.
        timestamp: bool,
    },
    /// WS-SecureConversation.
    SecureConversation {
        /// The session is never closed by the client.
        must_not_cancel: bool,
        /// The edition of 2005/12.
        version_1_3: bool,
        /// With a timestamp.
        timestamp: bool,
    },
}

/// The pause after a refused credential, where it is not the runtime's own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Authentication {
    /// Seconds.
    pub pause: Option<u64>,
    /// It holds for all endpoints of the host.
    pub of_host: bool,
}

/// `v1::Accounts`.
#[derive(Clone, Debug)]
pub struct Accounts<'a> {
    /// Sorted by name.
    pub all: Vec<Account<'a>>,
    /// The account that HTTP Basic or a UsernameToken names.
    pub header: Option<&'a str>,
    /// How faults say that one was refused.
    pub refusals: Option<(RefusalDetail<'a>, Vec<Refusal<'a>>)>,
}

/// `v1::Account`.
#[derive(Clone, Debug)]
pub struct Account<'a> {
    /// Its name.
    pub name: &'a str,
    /// The role of its user name.
    pub user_name: Role<'a>,
    /// The role of its password.
    pub password: Role<'a>,
}

/// `v1::RefusalDetail`.
#[derive(Clone, Debug)]
pub struct RefusalDetail<'a> {
    /// The element in the detail of a fault.
    pub element: Name<'a>,
    /// Its child with the code.
    pub code: Name<'a>,
    /// Its children with texts.
    pub texts: Vec<Name<'a>>,
}

/// `v1::Refusal`.
#[derive(Clone, Debug)]
pub struct Refusal<'a> {
    /// Codes.
    pub codes: Vec<&'a str>,
    /// Patterns over texts.
    pub texts: Vec<&'a str>,
    /// The accounts that it may mean.
    pub accounts: Vec<&'a str>,
}
