//! The server half of a port, and the documents that it publishes.

use crate::rust::model::{Docs, Path, RustType};

/// The trait of handlers of a port, and its service.
#[derive(Clone, Debug)]
pub struct Server {
    /// Documentation of the trait.
    pub docs: Docs,
    /// One for each operation.
    pub methods: Vec<HandlerMethod>,
    /// The contract as it is published: the document with the port, then all that it leads to.
    pub contract: Vec<Path>,
}

/// A method that answers calls of an operation.
#[derive(Clone, Debug)]
pub struct HandlerMethod {
    /// Its name.
    pub name: String,
    /// Its documentation.
    pub docs: Docs,
    /// The static of the operation.
    pub operation: String,
    /// The request.
    pub request: RustType,
    /// The request has a stream.
    pub takes_stream: bool,
    /// What it answers with.
    pub answer: Answer,
}

/// What a handler answers a call with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// A value.
    Value(RustType),
    /// The items of a list, which may still have to be found when the reply begins.
    List(RustType),
    /// A stream.
    Stream,
    /// A value and a stream.
    Beside(RustType),
}

/// A document of a contract to be published, with open places for the address.
#[derive(Clone, Debug)]
pub struct ContractDocument<'a> {
    /// The static.
    pub constant: String,
    /// The name that it is asked for by.
    pub name: &'a str,
    /// The address stands between each two of them.
    pub pieces: &'a [String],
}
