//! The contract once every name is resolved: services, ports, operations and types, with no trace
//! of how the documents were split and no decision yet about Rust.

use crate::config::{Replies, SoapAction};
use crate::contract::published::Published;
use crate::diagnostic::{Diagnostic, Position};
pub use crate::document::xsd::builtin::{Builtin, WhiteSpace};
use crate::name::{QName, SoapVersion};

/// The contract of a set of documents.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Contract {
    /// In the order of the documents.
    pub services: Vec<Service>,
    /// Every type that a port or a root element reaches, each shape once. A [`TypeId`] indexes it.
    ///
    /// Two entries may have one name: then their shapes differ, because documents differ.
    pub types: Vec<TypeDef>,
    /// What servers publish of it; nothing, unless the configuration asks for server halves.
    pub published: Published,
}

impl Contract {
    /// The elements that documents may begin with.
    pub fn roots(&self) -> impl Iterator<Item = &Element> {
        self.services.iter().flat_map(|service| &service.roots)
    }

    /// The definition behind an id.
    pub fn type_def(&self, id: TypeId) -> &TypeDef {
        &self.types[id.0]
    }
}

/// Index into [`Contract::types`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TypeId(pub usize);

/// A `wsdl:service`, or a schema whose root elements are documents of their own.
#[derive(Clone, Debug, PartialEq)]
pub struct Service {
    /// Its name in the target namespace of the document.
    pub name: QName,
    /// The document that declares it.
    pub document: String,
    /// Its documentation in the contract.
    pub documentation: Documentation,
    /// In document order.
    pub ports: Vec<Port>,
    /// Of a schema without a service, which stands here as one: the elements that documents may begin with.
    pub roots: Vec<Element>,
    /// Its other ports.
    pub left_out: Vec<LeftOut>,
}

/// A port of a service, or an operation of a port, that is not generated.
#[derive(Clone, Debug, PartialEq)]
pub struct LeftOut {
    /// Its name.
    pub name: String,
    /// Why, in a few words.
    pub reason: String,
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
    /// What its policy requires of a client.
    pub requirements: Requirements,
    /// In document order.
    pub operations: Vec<Operation>,
    /// Its other operations, but for those that the configuration skips.
    pub left_out: Vec<LeftOut>,
}

/// What WS-Policy, or the configuration in its place, requires of a client.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Requirements {
    /// WS-Addressing headers.
    pub addressing: bool,
    /// Those of August 2004, else of 1.0.
    pub addressing_2004: bool,
    /// How the operation stands in the HTTP head, if the configuration says so.
    pub soap_action: Option<SoapAction>,
    /// What is asked of the headers of replies, if the configuration says so.
    pub replies: Option<Replies>,
    /// Messages travel as MTOM.
    pub mtom: bool,
    /// A transport binding: TLS, and a timestamp if `timestamp`.
    pub transport_security: bool,
    /// A client certificate in TLS.
    pub client_certificate: bool,
    /// `sp:IncludeTimestamp`.
    pub timestamp: bool,
    /// How the caller authenticates.
    pub token: Token,
    /// Assertions that are accepted and change nothing on the wire, by name.
    pub without_effect: Vec<String>,
}

/// How a port requires callers to prove who they are.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Token {
    /// None: credentials, if any, are part of the message.
    #[default]
    None,
    /// A user name and password in the HTTP header.
    HttpBasic,
    /// A user name and a proof of the password in the HTTP header.
    HttpDigest,
    /// A bearer token in the HTTP header.
    Bearer,
    /// WS-Security UsernameToken.
    UserName {
        /// The password travels as a digest (`sp:HashPassword`).
        digest: bool,
    },
    /// WS-SecureConversation, started with an X.509 certificate.
    SecureConversation(SecureConversation),
    /// What the runtime cannot do, by the names of the assertions: no call is sent until the configuration states the
    /// security to use instead.
    Unsupported(String),
}

/// The facts of a `sp:SecureConversationToken`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SecureConversation {
    /// `sp:MustNotSendCancel`: the session is never closed by the client.
    pub must_not_cancel: bool,
    /// The 2005/12 edition of WS-Trust and WS-SecureConversation instead of February 2005.
    pub version_1_3: bool,
}

/// An operation of a port.
#[derive(Clone, Debug, PartialEq)]
pub struct Operation {
    /// The name in the portType.
    pub name: String,
    /// Where the portType declares it.
    pub position: Position,
    /// Its documentation in the contract.
    pub documentation: Documentation,
    /// `soapAction` of the binding, or else the addressing action of the input.
    pub action: String,
    /// The addressing action of the reply; empty for a one-way operation.
    pub reply_action: String,
    /// The request.
    pub input: Message,
    /// The reply; `None` for a one-way operation.
    pub output: Option<Message>,
    /// Its messages are in SOAP encoding (rpc/encoded).
    pub encoded: bool,
    /// Declared faults, in order.
    pub faults: Vec<Fault>,
    /// Errors that concern this operation only; none once the contract has been read.
    pub(crate) problems: Vec<Diagnostic>,
}

impl Operation {
    /// The messages: the request, and the reply if there is one.
    pub fn messages(&self) -> impl Iterator<Item = &Message> {
        std::iter::once(&self.input).chain(&self.output)
    }

    /// Every element of its messages and faults.
    pub fn elements(&self) -> impl Iterator<Item = &Element> {
        let details = self.faults.iter().map(|fault| &fault.detail);
        self.messages().flat_map(Message::elements).chain(details)
    }
}

/// What one direction of an operation carries.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Message {
    /// Header parts, in the order of the binding.
    pub headers: Vec<Header>,
    /// The element in the body; none for an empty body.
    ///
    /// Its type is anonymous for the usual document/literal wrapper.
    pub body: Option<Element>,
    /// That element is not written: what it holds stands in the body itself, one after the other. So it is where the
    /// document style has several parts in a body, or has attachments and nothing else.
    pub bare: bool,
    /// What travels beside the envelope (SOAP with Attachments), in the order of the binding.
    pub attachments: Vec<Attachment>,
}

impl Message {
    /// Whether it is its body and nothing else.
    pub fn is_body_alone(&self) -> bool {
        self.headers.is_empty() && self.attachments.is_empty()
    }

    /// The elements of the header parts, then the one in the body.
    pub fn elements(&self) -> impl Iterator<Item = &Element> {
        self.headers.iter().map(|header| &header.element).chain(&self.body)
    }
}

/// A header part.
#[derive(Clone, Debug, PartialEq)]
pub struct Header {
    /// Name of the part in the message.
    pub part: String,
    /// Whether it is required. Services leave out header parts that their contract lists, so only those that the
    /// configuration requires, and those that credentials fill, are.
    pub required: bool,
    /// The element of the part.
    pub element: Element,
}

/// A part that travels beside the envelope, as octets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attachment {
    /// Name of the part in the message.
    pub part: String,
    /// The media types that the binding allows, in its order; some may be patterns (`image/*`).
    pub media_types: Vec<String>,
    /// Whether it is required: all are but those that the configuration makes optional.
    pub required: bool,
}

impl Attachment {
    /// The first of its media types that is none of the patterns.
    pub fn media_type(&self) -> Option<&str> {
        self.media_types.iter().map(String::as_str).find(|media_type| !media_type.contains('*'))
    }
}

/// A declared fault.
#[derive(Clone, Debug, PartialEq)]
pub struct Fault {
    /// `wsdl:fault name`.
    pub name: String,
    /// Its addressing action.
    pub action: String,
    /// The element in the fault's detail.
    pub detail: Element,
}

/// A type: named in a schema, or anonymous inside an element.
#[derive(Clone, Debug, PartialEq)]
pub struct TypeDef {
    /// The type's name, or the name of the element around an anonymous type.
    pub name: QName,
    /// For an anonymous type the local names from the global component to its element
    /// (`["Order", "Line"]`); empty for a named type.
    pub anonymous_in: Vec<String>,
    /// Where it is declared; of several equal declarations the first.
    pub position: Position,
    /// Its documentation in the contract.
    pub documentation: Documentation,
    /// A value of exactly this type can be complete: it does not require a value of itself, directly or through
    /// other types. See [`Contract::has_value`] for a use of the type.
    pub finite: bool,
    /// Its content.
    pub kind: TypeKind,
    /// Errors that concern what refers to this type only; none once the contract has been read.
    pub(crate) problems: Vec<Diagnostic>,
}

/// The kinds of type that have definitions; every other simple type is a [`Builtin`].
#[derive(Clone, Debug, PartialEq)]
#[expect(clippy::large_enum_variant, reason = "most types are complex")]
pub enum TypeKind {
    /// Elements, attributes, or text with attributes.
    Complex(Complex),
    /// One of several elements or groups.
    Choice(Choice),
    /// A closed list of texts.
    Enumeration(Enumeration),
    /// Several values of this simple type in one text (`xs:list`).
    List(List),
    /// One of several simple values in one text (`xs:union`).
    Union(Union),
    /// An array of SOAP encoding.
    Array(Array),
}

/// A list of simple values.
#[derive(Clone, Debug, PartialEq)]
pub struct List {
    /// The type of an item.
    pub item: Type,
    /// The limits to an item.
    pub facets: Vec<Facet>,
}

/// A limit to the values of a simple type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Facet {
    /// `length`, `minLength`, `maxLength`, `totalDigits` or `fractionDigits`, and the number.
    Count(&'static str, u64),
    /// `minInclusive`, `maxInclusive`, `minExclusive` or `maxExclusive`, and the value as the schema writes it.
    Bound(&'static str, String),
    /// One of these patterns, which one step of restriction states.
    Patterns(Vec<String>),
}

/// An array of SOAP encoding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Array {
    /// The limits to an item.
    pub facets: Vec<Facet>,
    /// The type of an item.
    pub item: Type,
    /// Its name in the schema.
    pub item_name: QName,
}

/// One of several elements, groups or wildcards.
#[derive(Clone, Debug, PartialEq)]
pub struct Choice {
    /// Two or more, in the order of the schema. Each occurs at least once: where one need not, the choice is optional.
    pub alternatives: Vec<Particle>,
    /// Where it stands.
    pub place: ChoicePlace,
}

/// Where a choice stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChoicePlace {
    /// It is all that an element holds.
    Content,
    /// Among the children of an element ([`Term::Group`]).
    Group,
    /// Likewise, in place of an element, the head of a substitution group. The last alternative is a wildcard, for a member
    /// that the contract does not know: it takes an element only where one is required and no other is there.
    Substitution,
}

/// A complex type.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Complex {
    /// The type it is derived from.
    pub derivation: Option<Derivation>,
    /// What it adds to the content of its base (by extension), or its whole content (by restriction or without
    /// base).
    pub content: ContentModel,
    /// What it adds to the attributes of its base (by extension), or all of them (by restriction or without base).
    pub attributes: Vec<Attribute>,
    /// It takes further attributes (`xs:anyAttribute`); if derived by extension, its base may take them too.
    pub any_attribute: bool,
    /// Types derived from it, by extension or restriction, directly or not, if a value is declared to be of this
    /// type. Not empty: the value may be of any of them (`xsi:type`).
    pub derived: Vec<TypeId>,
    /// It is abstract: it has no instances of its own.
    pub is_abstract: bool,
    /// Text may stand between its elements, which are not looked at: they are kept as XML.
    pub mixed: bool,
    /// It stands among the children of an element ([`Term::Group`]), in this way.
    pub group: Option<GroupUse>,
}

/// How a sequence that is a group of its own is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GroupUse {
    /// It occurs once at most.
    Once,
    /// It may occur again, so that the position of an element decides to which occurrence it belongs.
    Repeated,
}

/// How a complex type comes from another.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Derivation {
    /// The type it is derived from.
    pub base: TypeId,
    /// In which way.
    pub by: DerivationMethod,
}

/// The two ways to derive a type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DerivationMethod {
    /// The content of the base comes first, and is not repeated in the derived type.
    Extension,
    /// The content of the derived type is complete by itself.
    Restriction,
}

/// The content model of a type.
#[derive(Clone, Debug, Default, PartialEq)]
#[expect(clippy::large_enum_variant, reason = "most types have elements")]
pub enum ContentModel {
    /// Nothing, or nothing beyond the base.
    #[default]
    Empty,
    /// Text (simple content).
    Text(Text),
    /// Elements.
    Elements(Particle),
}

/// The text of a type with simple content.
#[derive(Clone, Debug, PartialEq)]
pub struct Text {
    /// A [`Builtin`] or an enumeration.
    pub ty: Type,
    /// How white space in it is read.
    pub white_space: WhiteSpace,
    /// It travels as a stream (`StreamBody`).
    pub stream: bool,
    /// The limits to it.
    pub facets: Vec<Facet>,
    /// Its documentation, with facets in words.
    pub documentation: Documentation,
}

/// A part of a content model, and how often it may occur.
#[derive(Clone, Debug, PartialEq)]
pub struct Particle {
    /// Least number of occurrences.
    pub min: u32,
    /// Most occurrences, never 0; `None` is unbounded.
    pub max: Option<u32>,
    /// Where it is declared.
    pub position: Position,
    /// What the schema calls a group: the name of the `xs:group`, or of the head of a substitution group.
    pub name: Option<String>,
    /// What occurs.
    pub term: Term,
}

/// The kinds of particles.
///
/// A finished contract has [`Element`](Self::Element), [`Wildcard`](Self::Wildcard) and [`Group`](Self::Group) in one
/// sequence: whatever was nested is a group, which is a type of its own.
#[derive(Clone, Debug, PartialEq)]
#[expect(clippy::large_enum_variant, reason = "most terms are elements")]
pub enum Term {
    /// One element.
    Element(Element),
    /// A sequence: all of them in this order.
    Sequence(Vec<Particle>),
    /// `xs:all`: all of them in any order.
    All(Vec<Particle>),
    /// A choice: one of two or more.
    Choice(Vec<Particle>),
    /// `xs:any`: one element that is not known beforehand.
    Wildcard,
    /// The content of this type, without an element around it.
    Group(TypeId),
}

/// An element.
#[derive(Clone, Debug, PartialEq)]
pub struct Element {
    /// Its name; without namespace if unqualified.
    pub name: QName,
    /// The type of its value.
    pub ty: Type,
    /// How white space in its text is read; `Preserve` where the value is no text.
    pub white_space: WhiteSpace,
    /// The limits to its text.
    pub facets: Vec<Facet>,
    /// The value of an element without content; only for a simple value or simple content.
    pub preset: Option<Preset>,
    /// May be `xsi:nil`.
    pub nillable: bool,
    /// Its documentation, with facets and preset in words.
    pub documentation: Documentation,
    /// The role of the credential that fills it, in place of the caller.
    pub slot: Option<String>,
    /// The content travels as a stream (`StreamBody`).
    pub stream: bool,
    /// The name of its type, if messages state it (SOAP encoding).
    pub xsi_type: Option<QName>,
}

/// An attribute.
#[derive(Clone, Debug, PartialEq)]
pub struct Attribute {
    /// Its name; without namespace if unqualified.
    pub name: QName,
    /// A [`Builtin`] or an enumeration.
    pub ty: Type,
    /// How white space in it is read; `Preserve` where the value is no text.
    pub white_space: WhiteSpace,
    /// The limits to it.
    pub facets: Vec<Facet>,
    /// The value of an attribute that is absent.
    pub preset: Option<Preset>,
    /// `use="required"`.
    pub required: bool,
    /// Its documentation, with facets and preset in words.
    pub documentation: Documentation,
}

/// A value that the schema gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Preset {
    /// `default`: the value where none is written.
    Default(String),
    /// `fixed`: the only value there is.
    Fixed(String),
}

impl Preset {
    /// The value, as the schema writes it.
    pub fn text(&self) -> &str {
        match self {
            Self::Default(text) | Self::Fixed(text) => text,
        }
    }
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
    /// Its documentation in the contract.
    pub documentation: Documentation,
}

impl TypeDef {
    /// The types of the items of a list or an array, or of the members of a union.
    pub(crate) fn inner(&self) -> Vec<Type> {
        match &self.kind {
            TypeKind::List(List { item, .. }) | TypeKind::Array(Array { item, .. }) => vec![*item],
            TypeKind::Union(union) => union.types().collect(),
            TypeKind::Complex(_) | TypeKind::Choice(_) | TypeKind::Enumeration(_) => Vec::new(),
        }
    }
}

/// A union. One of texts alone is an [`Enumeration`], or a plain string if it lists none.
#[derive(Clone, Debug, PartialEq)]
pub struct Union {
    /// In the order in which a text is tried. Members of unions among them stand in their place.
    pub members: Vec<UnionMember>,
    /// A member is text without a list of values.
    pub is_open: bool,
}

/// A member of a union.
#[derive(Clone, Debug, PartialEq)]
pub enum UnionMember {
    /// A text that an enumeration lists.
    Text(EnumerationValue),
    /// A value of a type, and what the schema calls it.
    Value(String, Type),
}

impl Union {
    /// The types among its members.
    pub fn types(&self) -> impl Iterator<Item = Type> {
        self.members.iter().filter_map(|member| match member {
            UnionMember::Value(_, ty) => Some(*ty),
            UnionMember::Text(_) => None,
        })
    }
}

/// The type of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Type {
    /// A simple value.
    Builtin(Builtin),
    /// A type of the contract.
    Named(TypeId),
}

impl Type {
    /// The type of the contract, if it is one.
    pub fn named(self) -> Option<TypeId> {
        match self {
            Self::Named(id) => Some(id),
            Self::Builtin(_) => None,
        }
    }
}

/// Author's text, cleaned of markup: paragraphs of plain words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Documentation {
    /// Paragraphs; the first is the summary.
    pub paragraphs: Vec<String>,
    /// Text on parameters (`<param name=…>`), by parameter name.
    pub parameters: Vec<(String, String)>,
}
