//! The items of generated modules.

use crate::rust::model::{Docs, Equality, FieldDescriptor, Name, Path, RustType, TypeMethod};

/// A struct and its descriptor.
#[derive(Clone, Debug)]
pub struct Struct<'a> {
    /// Its name.
    pub name: String,
    /// Its documentation.
    pub docs: Docs,
    /// The name on the wire, where the struct has another.
    pub alias: Option<&'a str>,
    /// What it is compared by.
    pub equality: Equality,
    /// It derives `Default`.
    pub has_default: bool,
    /// The name of its type or element.
    pub shape: Name<'a>,
    /// It stands among the children of an element.
    pub is_group: bool,
    /// The position of an element decides which field it belongs to.
    pub in_order: bool,
    /// Descriptors in wire order.
    pub fields: Vec<FieldDescriptor<'a>>,
    /// The members, in the order of their fields.
    pub members: Vec<Member<'a>>,
    /// It is made of its only member by `From`.
    pub from_member: bool,
    /// Elements that hold it in a fault.
    pub fault_elements: Vec<Name<'a>>,
    /// Elements that documents of it begin with.
    pub root_elements: Vec<Name<'a>>,
    /// Methods that the configuration states.
    pub methods: Vec<TypeMethod<'a>>,
}

/// A member of a struct.
#[derive(Clone, Debug)]
pub struct Member<'a> {
    /// Index of its field.
    pub field: usize,
    /// Its name.
    pub name: String,
    /// Its type.
    pub ty: RustType,
    /// How `new` comes to its value.
    pub initial: Initial,
    /// Its documentation.
    pub docs: Docs,
    /// The name on the wire, where the member has another.
    pub alias: Option<&'a str>,
}

/// How `new` of a struct comes to the value of a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Initial {
    /// It is empty.
    Empty,
    /// An argument.
    Given,
    /// An argument that is converted.
    Into,
}

/// An enum over the alternatives of a choice.
#[derive(Clone, Debug)]
pub struct Choice<'a> {
    /// Its name.
    pub name: String,
    /// Its documentation.
    pub docs: Docs,
    /// The name on the wire, where the enum has another.
    pub alias: Option<&'a str>,
    /// The name of its type.
    pub shape: Name<'a>,
    /// What it is compared by.
    pub equality: Equality,
    /// It stands among the children of an element; otherwise it is all that an element holds.
    pub is_group: bool,
    /// The last alternative is for what the contract does not know.
    pub is_substitution: bool,
    /// Index of an alternative that has a value without a value of this enum in it.
    pub finite: usize,
    /// Descriptors, in the order of the contract.
    pub fields: Vec<FieldDescriptor<'a>>,
    /// A variant for each field.
    pub variants: Vec<ChoiceVariant<'a>>,
    /// Elements that hold it in a fault.
    pub fault_elements: Vec<Name<'a>>,
    /// Elements that documents of it begin with.
    pub root_elements: Vec<Name<'a>>,
}

/// One of the alternatives of a choice.
#[derive(Clone, Debug)]
pub struct ChoiceVariant<'a> {
    /// The variant.
    pub name: String,
    /// Its documentation.
    pub docs: Docs,
    /// The name on the wire, where the variant has another.
    pub alias: Option<&'a str>,
    /// What it holds.
    pub ty: RustType,
}

/// A name for several values in one text.
#[derive(Clone, Debug)]
pub struct List<'a> {
    /// Its name.
    pub name: String,
    /// Its documentation.
    pub docs: Docs,
    /// The name on the wire, where the list has another.
    pub alias: Option<&'a str>,
    /// The type of an item.
    pub item: RustType,
}

/// A struct around the items of an array of SOAP encoding.
#[derive(Clone, Debug)]
pub struct Array<'a> {
    /// Its name.
    pub name: String,
    /// Its documentation.
    pub docs: Docs,
    /// The name on the wire, where the array has another.
    pub alias: Option<&'a str>,
    /// What it is compared by.
    pub equality: Equality,
    /// The type of an item.
    pub item: RustType,
    /// Its name in the schema.
    pub item_name: Name<'a>,
}

/// An enumeration of texts.
#[derive(Clone, Debug)]
pub struct Enumeration<'a> {
    /// Its name.
    pub name: String,
    /// Its documentation.
    pub docs: Docs,
    /// The name on the wire, where the enum has another.
    pub alias: Option<&'a str>,
    /// In schema order.
    pub variants: Vec<Variant<'a>>,
}

/// A variant of an enumeration.
#[derive(Clone, Debug)]
pub struct Variant<'a> {
    /// Its name.
    pub name: String,
    /// Its documentation.
    pub docs: Docs,
    /// The text, where the variant has another name.
    pub alias: Option<&'a str>,
    /// The text on the wire.
    pub value: &'a str,
}

/// An enum over the members of a union.
#[derive(Clone, Debug)]
pub struct Union<'a> {
    /// Its name.
    pub name: String,
    /// Its documentation.
    pub docs: Docs,
    /// The name on the wire, where the enum has another.
    pub alias: Option<&'a str>,
    /// What it is compared by.
    pub equality: Equality,
    /// In the order in which a text is tried.
    pub variants: Vec<UnionVariant<'a>>,
    /// The variant for all other texts.
    pub rest: &'static str,
    /// The contract allows any other text.
    pub is_open: bool,
}

/// One of the members of a union.
#[derive(Clone, Debug)]
pub struct UnionVariant<'a> {
    /// The variant.
    pub name: String,
    /// Its documentation.
    pub docs: Docs,
    /// The name of the type, or the text, where the variant has another name.
    pub alias: Option<&'a str>,
    /// What it stands for.
    pub member: UnionMember<'a>,
}

/// What a variant of a union stands for.
#[derive(Clone, Debug)]
pub enum UnionMember<'a> {
    /// A text.
    Text(&'a str),
    /// A value of this type.
    Value(RustType),
}

/// An enum over a type and those derived from it.
#[derive(Clone, Debug)]
pub struct Polymorphic<'a> {
    /// Its name.
    pub name: String,
    /// Its documentation.
    pub docs: Docs,
    /// What it is compared by.
    pub equality: Equality,
    /// The name of the type that its elements are declared with.
    pub declared: Name<'a>,
    /// In the order of the contract.
    pub alternatives: Vec<Alternative>,
    /// Index of an alternative that has a value without a value of this enum in it.
    pub finite: usize,
    /// Elements that hold it in a fault.
    pub fault_elements: Vec<Name<'a>>,
    /// Elements that documents of it begin with.
    pub root_elements: Vec<Name<'a>>,
}

/// One of the types that a value may have.
#[derive(Clone, Debug)]
pub struct Alternative {
    /// The variant.
    pub variant: String,
    /// The type.
    pub ty: Path,
}

/// An enum over the faults of an operation.
#[derive(Clone, Debug)]
pub struct FaultEnum<'a> {
    /// Its name.
    pub name: String,
    /// Its documentation.
    pub docs: Docs,
    /// What it is compared by.
    pub equality: Equality,
    /// In the order of the contract.
    pub variants: Vec<FaultVariant<'a>>,
}

/// One of the faults of an operation.
#[derive(Clone, Debug)]
pub struct FaultVariant<'a> {
    /// The variant.
    pub name: String,
    /// Its documentation.
    pub docs: Docs,
    /// The type of the detail.
    pub ty: RustType,
    /// The element in the detail.
    pub element: Name<'a>,
}

/// The client of a port.
#[derive(Clone, Debug)]
pub struct Client<'a> {
    /// Its documentation.
    pub docs: Docs,
    /// The constructor.
    pub constructor: Constructor,
    /// One or two for each operation.
    pub methods: Vec<Method<'a>>,
}

/// The constructor of a client.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Constructor {
    /// Its documentation.
    pub docs: Docs,
    /// It takes a certificate.
    pub certificate: bool,
    /// It takes bearer tokens.
    pub bearer: bool,
    /// It takes a user name and a password.
    pub credentials: bool,
}

/// A method that makes a call.
#[derive(Clone, Debug)]
pub struct Method<'a> {
    /// Its name.
    pub name: String,
    /// Its documentation.
    pub docs: Docs,
    /// Other names to find it by.
    pub aliases: Vec<&'a str>,
    /// The static of the operation.
    pub operation: String,
    /// The request.
    pub request: RequestArgument,
    /// Credentials of persons.
    pub principals: Vec<Argument<'a>>,
    /// Whether a stream goes with the request.
    pub has_upload: bool,
    /// How the call ends.
    pub call: Call,
    /// The type of the header parts of the reply, if they are given apart.
    pub headers: Option<RustType>,
    /// The type of a successful result.
    pub returns: RustType,
}

/// The request of a method.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RequestArgument {
    /// The message has no body and no members.
    Nothing,
    /// No argument: the message has no members.
    Blank(RustType),
    /// `impl Into` the message.
    Into(RustType),
    /// The message.
    Value(RustType),
}

/// An argument for the credentials of a person.
#[derive(Clone, Debug)]
pub struct Argument<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its type.
    pub ty: Path,
    /// The message may be sent without them.
    pub is_optional: bool,
}

/// How a call ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Call {
    /// The reply is a value.
    Plain,
    /// The reply is a stream.
    Download,
    /// The reply is a value and a stream.
    DownloadWith,
    /// The reply is a list, given item by item.
    Items,
}

/// An operation with the types of its messages.
#[derive(Clone, Debug)]
pub struct Exchange {
    /// The static of the operation.
    pub operation: String,
    /// The request.
    pub request: RustType,
    /// The reply.
    pub reply: RustType,
}

/// The environments of a platform.
#[derive(Clone, Debug)]
pub struct Environment<'a> {
    /// Sorted by name.
    pub hosts: Vec<EnvironmentHost<'a>>,
}

/// One environment.
#[derive(Clone, Debug)]
pub struct EnvironmentHost<'a> {
    /// The variant.
    pub variant: &'a str,
    /// Its documentation.
    pub docs: Docs,
    /// The base address.
    pub address: &'a str,
}

/// The credentials of a person on whose behalf a call is made.
#[derive(Clone, Debug)]
pub struct Principal<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its documentation.
    pub docs: Docs,
    /// Sorted by name.
    pub members: Vec<PrincipalMember<'a>>,
    /// The constructor; `name` is `new`.
    pub constructor: PrincipalMethod<'a>,
    /// Methods that add optional members.
    pub setters: Vec<PrincipalMethod<'a>>,
}

/// A member of a person's credentials.
#[derive(Clone, Debug)]
pub struct PrincipalMember<'a> {
    /// Its name.
    pub name: &'a str,
    /// The role it fills.
    pub role: &'a str,
    /// The constructor does not take it.
    pub is_optional: bool,
}

/// A method of a person's credentials.
#[derive(Clone, Debug)]
pub struct PrincipalMethod<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its documentation.
    pub docs: Docs,
    /// Members, in the order of the arguments.
    pub arguments: Vec<&'a str>,
}

/// Everything that was generated, as lists: paths of statics, each with the feature of its service.
#[derive(Clone, Debug, Default)]
pub struct Registry {
    /// Of `v1::Exchange`.
    pub exchanges: Vec<(String, Path)>,
    /// Of `v1::MessageType`.
    pub types: Vec<(String, Path)>,
}
