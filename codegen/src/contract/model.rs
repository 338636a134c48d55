//! The contract once every name is resolved: services, ports, operations and types, with no trace
//! of how the documents were split and no decision yet about Rust.

use crate::name::{QName, SoapVersion};

/// Everything a set of documents says.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Contract {
    /// In the order of the documents.
    pub services: Vec<Service>,
    /// Every type a port reaches, each shape once. A [`TypeId`] indexes it.
    ///
    /// Two entries may have one name: then their shapes differ, because documents differ.
    pub types: Vec<TypeDef>,
}

impl Contract {
    /// The definition behind an id.
    pub fn type_def(&self, id: TypeId) -> &TypeDef {
        &self.types[id.0]
    }
}

/// Index into [`Contract::types`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TypeId(pub usize);

/// A `wsdl:service`.
#[derive(Clone, Debug, PartialEq)]
pub struct Service {
    /// Its name in the target namespace of the document.
    pub name: QName,
    /// The document it stands in.
    pub document: String,
    /// What the author says of it.
    pub documentation: Documentation,
    /// In document order.
    pub ports: Vec<Port>,
}

/// A `wsdl:port`, its binding and its portType together.
#[derive(Clone, Debug, PartialEq)]
pub struct Port {
    /// The port's name.
    pub name: String,
    /// The binding's name.
    pub binding: QName,
    /// The portType's name.
    pub port_type: QName,
    /// `soap:address`, as published.
    pub address: String,
    /// From the namespace of `soap:binding`.
    pub soap: SoapVersion,
    /// What its policy asks of the runtime.
    pub requirements: Requirements,
    /// In document order.
    pub operations: Vec<Operation>,
}

/// What WS-Policy, or the configuration in its place, demands of a port.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Requirements {
    /// WS-Addressing headers.
    pub addressing: bool,
    /// Messages travel as MTOM.
    pub mtom: bool,
    /// A transport binding: TLS, and a timestamp if `timestamp`.
    pub transport_security: bool,
    /// `sp:IncludeTimestamp`.
    pub timestamp: bool,
    /// How the caller proves who he is.
    pub token: Token,
    /// Assertions that are accepted and change nothing on the wire, by name.
    pub without_effect: Vec<String>,
}

/// The token a port asks for.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Token {
    /// None: credentials, if any, stand in the message.
    #[default]
    None,
    /// WS-Security UsernameToken.
    UserName {
        /// The password travels as a digest (`sp:HashPassword`).
        digest: bool,
    },
    /// WS-SecureConversation, started with an X.509 certificate.
    SecureConversation(SecureConversation),
}

/// The facts of a `sp:SecureConversationToken`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SecureConversation {
    /// `sp:MustNotSendCancel`: the session is never closed by the client.
    pub must_not_cancel: bool,
    /// `sp:RequireDerivedKeys`; without effect under a transport binding.
    pub derived_keys: bool,
    /// The 2005/12 edition of WS-Trust and WS-SecureConversation instead of February 2005.
    pub version_1_3: bool,
    /// The bootstrap certificate is referred to by thumbprint.
    pub thumbprint: bool,
}

/// An operation of a port.
#[derive(Clone, Debug, PartialEq)]
pub struct Operation {
    /// The name in the portType.
    pub name: String,
    /// What the author says of it.
    pub documentation: Documentation,
    /// `soapAction` of the binding, or else the addressing action of the input.
    pub action: String,
    /// The addressing action of the reply.
    pub reply_action: String,
    /// The request.
    pub input: Message,
    /// The reply.
    pub output: Message,
    /// Declared faults, in order.
    pub faults: Vec<Fault>,
}

/// What one direction of an operation carries.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Message {
    /// Header parts, in the order of the binding. Each is an element.
    pub headers: Vec<Field>,
    /// The element in the body; none for an empty body.
    ///
    /// Its type is an anonymous record for the usual document/literal wrapper.
    pub body: Option<Field>,
}

/// A declared fault.
#[derive(Clone, Debug, PartialEq)]
pub struct Fault {
    /// `wsdl:fault name`.
    pub name: String,
    /// Its addressing action.
    pub action: String,
    /// The element in the fault's detail.
    pub detail: Field,
}

/// A type: named in a schema, or anonymous inside an element.
#[derive(Clone, Debug, PartialEq)]
pub struct TypeDef {
    /// The type's name, or the name of the element around an anonymous type.
    pub name: QName,
    /// For an anonymous type the local names from the global component to its element
    /// (`["Order", "Line"]`); empty for a named type.
    pub anonymous_in: Vec<String>,
    /// What the author says of it.
    pub documentation: Documentation,
    /// Its content.
    pub kind: TypeKind,
}

/// The two kinds of type that become Rust types; every other simple type is a [`Builtin`].
#[derive(Clone, Debug, PartialEq)]
pub enum TypeKind {
    /// Elements, attributes, or text with attributes.
    Record(Record),
    /// A closed list of texts.
    Enumeration(Enumeration),
}

/// A complex type.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Record {
    /// The type it extends. Its fields come first on the wire and are not repeated in `fields`.
    pub base: Option<TypeId>,
    /// Its own fields in wire order.
    pub fields: Vec<Field>,
    /// Types that extend it, directly or not. Not empty: a value may be any of them (`xsi:type`).
    pub derived: Vec<TypeId>,
    /// It has no instances of its own.
    pub is_abstract: bool,
}

/// A simple type restricted to enumerated values.
#[derive(Clone, Debug, PartialEq)]
pub struct Enumeration {
    /// In schema order.
    pub values: Vec<EnumerationValue>,
}

/// One value of an enumeration.
#[derive(Clone, Debug, PartialEq)]
pub struct EnumerationValue {
    /// The text on the wire.
    pub value: String,
    /// What the author says of it.
    pub documentation: Documentation,
}

/// An element, an attribute, the text, or the wildcard of a record; or a header or body part.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    /// Where its value stands.
    pub kind: FieldKind,
    /// Wire name; for text and wildcard a name made up (`Value`, `Any`). Namespace empty if unqualified.
    pub name: QName,
    /// Type of one occurrence.
    pub ty: Type,
    /// Least number of occurrences; an attribute has 0 or 1.
    pub min: u32,
    /// Most occurrences; `None` is unbounded.
    pub max: Option<u32>,
    /// May be `xsi:nil`.
    pub nillable: bool,
    /// What the author says of it, facets and defaults included.
    pub documentation: Documentation,
    /// Filled by the runtime from the caller's credentials.
    pub slot: Option<Role>,
    /// The content travels as a stream (`StreamBody`).
    pub stream: bool,
}

/// Where a field's value stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldKind {
    /// A child element.
    Element,
    /// An attribute.
    Attribute,
    /// The character content of a type with simple content.
    Text,
    /// `xs:any`: elements not known beforehand.
    AnyElement,
    /// `xs:anyAttribute`.
    AnyAttribute,
}

/// The type of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Type {
    /// A simple value.
    Builtin(Builtin),
    /// A type of the contract.
    Named(TypeId),
}

/// Simple values the runtime knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "each is named after its XML Schema type")]
pub enum Builtin {
    String,
    Boolean,
    Byte,
    Short,
    Int,
    Long,
    UnsignedByte,
    UnsignedShort,
    UnsignedInt,
    UnsignedLong,
    /// `xs:integer` and its unbounded relatives, kept as text.
    Integer,
    Decimal,
    Float,
    Double,
    DateTime,
    Date,
    Time,
    Duration,
    Base64Binary,
    HexBinary,
    QName,
    Guid,
    /// `xs:anyType` and wildcards.
    Any,
}

/// Which credential fills a slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// User name of the calling system.
    SystemUserName,
    /// Password of the calling system.
    SystemPassword,
    /// User name of the enterprise that owns the certificate.
    EnterpriseUserName,
    /// Password of the enterprise that owns the certificate.
    EnterprisePassword,
    /// National identity number of the person acting.
    EndUserSsn,
    /// Password of the person acting.
    EndUserPassword,
    /// One-time code of the person acting.
    EndUserPinCode,
    /// Which kind of one-time code that is.
    EndUserAuthMethod,
}

/// Author's text, cleaned of markup: paragraphs of plain words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Documentation {
    /// Paragraphs; the first is the summary.
    pub paragraphs: Vec<String>,
    /// Text on parameters (`<param name=…>`), by parameter name.
    pub parameters: Vec<(String, String)>,
}
