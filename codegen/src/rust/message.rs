//! The arguments and results of operations, without wrapper elements.

use crate::contract::model::{Contract, Element, Message, Operation, Type, TypeId};
use crate::rust::layout::{Around, Field, Kind, Layouts};
use crate::rust::model::Name;

/// An operation with its argument and result.
#[derive(Clone, Debug)]
pub(super) struct Messages<'a> {
    /// The operation.
    pub(super) operation: &'a Operation,
    /// What the caller passes.
    pub(super) request: Carrier<'a>,
    /// What the caller gets.
    pub(super) reply: Reply<'a>,
}

/// A request or the value of a reply.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Carrier<'a> {
    /// Nothing at all.
    Nothing,
    /// A type of the contract or a simple value.
    Type(Type),
    /// A struct beside the client.
    Struct(Wrapper<'a>),
}

/// A message that is a struct beside the client: a wrapper element, or header parts with a body.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Wrapper<'a> {
    /// Name of the element in the body.
    pub(super) shape: Name<'a>,
    /// What the struct is named after: the element, or for header parts the operation.
    pub(super) name: String,
    /// In wire order.
    pub(super) fields: Vec<Field<'a>>,
}

/// The result of a reply.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Reply<'a> {
    /// The operation has no reply.
    OneWay,
    /// No body.
    Empty,
    /// An element without content.
    Void(&'a Element),
    /// The only child of the element.
    Unwrapped(&'a Element, Field<'a>),
    /// The element.
    Element(&'a Element, Carrier<'a>),
}

/// Whether a message has a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stream {
    /// It has none.
    None,
    /// The stream is the whole message.
    Alone,
    /// It has one beside values.
    Beside,
}

impl Carrier<'_> {
    /// Whether a stream goes beside the message.
    pub(super) fn has_stream(&self) -> bool {
        match self {
            Self::Nothing | Self::Type(_) => false,
            Self::Struct(wrapper) => wrapper.fields.iter().any(|field| field.stream),
        }
    }

    /// The types that it writes.
    pub(super) fn needs(&self) -> Vec<Type> {
        match self {
            Self::Nothing => Vec::new(),
            Self::Type(ty) => vec![*ty],
            Self::Struct(wrapper) => wrapper.fields.iter().filter_map(|field| Some(field.member?.value)).collect(),
        }
    }
}

impl Reply<'_> {
    /// Whether a stream comes beside the message.
    pub(super) fn stream(&self) -> Stream {
        match self {
            Self::Unwrapped(_, child) if child.stream => Stream::Alone,
            Self::Element(_, carrier) if carrier.has_stream() => Stream::Beside,
            _ => Stream::None,
        }
    }

    /// What the reply is a list of, if it is a list that keeps nothing but items.
    pub(super) fn item(&self) -> Option<Type> {
        let Self::Unwrapped(_, child) = self else { return None };
        let member = child.member?;
        (member.around == Around::Vec).then_some(member.value)
    }

    /// The types that it writes.
    pub(super) fn needs(&self) -> Vec<Type> {
        match self {
            Self::OneWay | Self::Empty | Self::Void(_) => Vec::new(),
            Self::Unwrapped(_, child) => child.member.into_iter().map(|member| member.value).collect(),
            Self::Element(_, carrier) => carrier.needs(),
        }
    }
}

impl<'a> Messages<'a> {
    /// The messages of an operation.
    pub(super) fn new(contract: &'a Contract, layouts: &Layouts<'a>, operation: &'a Operation) -> Self {
        let request = carrier(contract, layouts, &operation.input, &operation.name, &operation.name);
        Self { operation, request, reply: reply(contract, layouts, operation) }
    }

    /// Whether the request is this struct.
    pub(super) fn requests(&self, wrapper: &Wrapper<'_>) -> bool {
        matches!(&self.request, Carrier::Struct(request) if request == wrapper)
    }

    /// The structs beside the client that it needs.
    pub(super) fn wrappers(&self) -> impl Iterator<Item = &Wrapper<'a>> {
        let reply = match &self.reply {
            Reply::Element(_, carrier) => Some(carrier),
            _ => None,
        };
        [Some(&self.request), reply].into_iter().flatten().filter_map(|carrier| match carrier {
            Carrier::Struct(wrapper) => Some(wrapper),
            Carrier::Nothing | Carrier::Type(_) => None,
        })
    }
}

/// What the caller gets.
fn reply<'a>(contract: &'a Contract, layouts: &Layouts<'a>, operation: &'a Operation) -> Reply<'a> {
    let Some(message) = &operation.output else { return Reply::OneWay };
    let Some(body) = &message.body else { return Reply::Empty };
    if let (true, Type::Named(id)) = (message.headers.is_empty(), body.ty)
        && contract.complex(id).is_some()
    {
        let is_wrapper = !contract.type_def(id).anonymous_in.is_empty()
            || body.name.local.strip_suffix("Response") == Some(&operation.name);
        match layouts.fields(id) {
            [] if is_wrapper => return Reply::Void(body),
            [field] if is_wrapper && field.kind == Kind::Element => return Reply::Unwrapped(body, *field),
            _ => {}
        }
    }
    let name = format!("{}Response", operation.name);
    Reply::Element(body, carrier(contract, layouts, message, &name, &operation.name))
}

/// A message; a struct of header parts is called `name`.
fn carrier<'a>(
    contract: &'a Contract,
    layouts: &Layouts<'a>,
    message: &'a Message,
    name: &str,
    operation: &'a str,
) -> Carrier<'a> {
    let shape = message.body.as_ref().map_or(Name { namespace: "", local: operation }, |body| Name::from(&body.name));
    if message.headers.is_empty() {
        let Some(body) = &message.body else { return Carrier::Nothing };
        let fields = match body.ty {
            Type::Named(id) if is_wrapper(contract, id) => layouts.fields(id).to_vec(),
            _ if body.stream => vec![layouts.text(body)],
            ty => return Carrier::Type(ty),
        };
        return Carrier::Struct(Wrapper { shape, name: body.name.local.clone(), fields });
    }
    let mut fields = layouts.headers(shape, &message.headers);
    match &message.body {
        None => {}
        Some(Element { ty: Type::Named(id), .. }) if contract.complex(*id).is_some() => {
            fields.extend_from_slice(layouts.fields(*id));
        }
        Some(body) => fields.push(layouts.text(body)),
    }
    Carrier::Struct(Wrapper { shape, name: name.to_owned(), fields })
}

/// An anonymous type without relations lives beside the client.
fn is_wrapper(contract: &Contract, id: TypeId) -> bool {
    contract.type_def(id).anonymous_in.len() == 1
        && contract.complex(id).is_some_and(|complex| complex.derived.is_empty() && !complex.is_abstract)
}
