//! The Rust to be written, as data: every name, path, type, descriptor and documentation line is decided here.
//!
//! Rendering prints it and decides nothing but the layout of the text.

mod descriptor;
mod item;
mod methods;
mod server;
mod types;

pub use descriptor::{
    Account, Accounts, Authentication, Facet, FieldDescriptor, FieldSetting, Name, Occurrence, OperationDescriptor,
    PortDescriptor, Refusal, RefusalDetail, Reply, Role, Security,
};
pub use item::{
    Alternative, Argument, Array, Call, Choice, ChoiceVariant, Client, Constructor, Enumeration, Environment,
    EnvironmentHost, Exchange, FaultEnum, FaultVariant, Initial, List, Member, Method, Polymorphic, Principal,
    PrincipalMember, PrincipalMethod, Registry, RequestArgument, Struct, Union, UnionMember, UnionVariant, Variant,
};
pub use methods::{KindRule, Kinds, MemberText, TypeMethod};
pub use server::{Answer, ContractDocument, HandlerMethod, Server};
pub use types::{Equality, Path, RustType, Wrap};

pub use crate::rust::docs::Docs;

use crate::rust::summary::Summary;

/// Everything that is generated from one set of contracts.
#[derive(Clone, Debug)]
pub struct Crate<'a> {
    /// The path of the runtime crate.
    pub runtime: Path,
    /// Whether types derive the traits of serde.
    pub serde: Serde,
    /// The root module; it has no name.
    pub root: Module<'a>,
    /// Counts, without those of lines.
    pub summary: Summary,
}

/// Whether types derive the traits of serde.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Serde {
    /// They do not.
    Never,
    /// With the feature `serde` of the crate.
    Feature,
    /// They do: the crate around them has features of its own.
    Always,
}

/// A module. Its parts are written in the order of the fields.
#[derive(Clone, Debug, Default)]
pub struct Module<'a> {
    /// Its name; the root has none.
    pub name: String,
    /// Documents that it comes from; empty where that would be most of them.
    pub sources: Vec<&'a str>,
    /// Features with any of which it is compiled; empty: always.
    pub features: Features,
    /// Lints that are switched off in it.
    pub allowed: Vec<&'static str>,
    /// Not part of the documentation.
    pub hidden: bool,
    /// Who may name it.
    pub visibility: Visibility,
    /// Its documentation.
    pub docs: Docs,
    /// Modules inside.
    pub children: Vec<Module<'a>>,
    /// Types of other modules that are found here too.
    pub exports: Vec<Export>,
    /// Constants for the namespaces that the items write.
    pub namespaces: Vec<NamespaceConst<'a>>,
    /// What is defined here.
    pub items: Vec<Item<'a>>,
}

/// Names of features, any of which is enough; none: no condition.
pub type Features = Vec<String>;

/// Who may name a module.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Visibility {
    /// Everyone.
    #[default]
    Public,
    /// The parent of the module it stands in, and everything below that.
    Super,
    /// The module it stands in.
    Private,
}

/// `pub use module::{name, …};`
#[derive(Clone, Debug)]
pub struct Export {
    /// Path of the module.
    pub module: Path,
    /// Names there, with the names here where those differ.
    pub names: Vec<(String, Option<String>)>,
}

/// `const NAME: &str = "namespace";`
#[derive(Clone, Debug)]
pub struct NamespaceConst<'a> {
    /// Its name.
    pub name: String,
    /// The namespace.
    pub namespace: &'a str,
    /// Features with any of which it is needed; empty: always.
    pub features: Features,
}

/// What a module defines.
#[derive(Clone, Debug)]
pub struct Item<'a> {
    /// Features with any of which it is compiled; empty: always.
    pub features: Features,
    /// What it is.
    pub kind: ItemKind<'a>,
}

/// The kinds of items. Most are several items of Rust that belong together.
#[derive(Clone, Debug)]
pub enum ItemKind<'a> {
    /// A record: a complex type, or a message.
    Struct(Struct<'a>),
    /// One of several elements or groups.
    Choice(Choice<'a>),
    /// Several values in one text.
    List(List<'a>),
    /// An array of SOAP encoding.
    Array(Array<'a>),
    /// A closed list of texts.
    Enumeration(Enumeration<'a>),
    /// One of several simple values.
    Union(Union<'a>),
    /// A type with those derived from it.
    Polymorphic(Polymorphic<'a>),
    /// The faults of an operation.
    FaultEnum(FaultEnum<'a>),
    /// The client of a port.
    Client(Client<'a>),
    /// The server half of a port.
    Server(Server),
    /// A document of a contract to be published.
    ContractDocument(ContractDocument<'a>),
    /// The descriptor of an operation.
    Operation(OperationDescriptor<'a>),
    /// The descriptor of a port.
    Port(PortDescriptor<'a>),
    /// The operations of a port with the types of their messages.
    Exchanges(Vec<Exchange>),
    /// The types that a module has.
    Types(Vec<String>),
    /// Where services are.
    Environment(Environment<'a>),
    /// Credentials of a person.
    Principal(Principal<'a>),
    /// The accounts of the services.
    Accounts(Accounts<'a>),
    /// The kinds of something.
    Kinds(Kinds<'a>),
    /// All operations and types of all services.
    Registry(Registry),
}

impl<'a> Item<'a> {
    /// An item that is always compiled.
    pub fn always(kind: ItemKind<'a>) -> Self {
        Self { features: Features::new(), kind }
    }
}
