//! The arguments and results of operations, without wrapper elements.

use std::collections::BTreeSet;
use std::rc::Rc;

use crate::contract::model::{Contract, Element, Header, Message, Operation, Type, TypeId};
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
    /// What the caller gets of a reply with header parts, if they are asked for apart: the body, and the parts.
    pub(super) apart: Option<(Carrier<'a>, Wrapper<'a>)>,
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

/// A message that is a struct beside the client: a wrapper element, or what stands beside the body with it.
#[derive(Clone, Debug)]
pub(super) struct Wrapper<'a> {
    /// Name of the element in the body.
    pub(super) shape: Name<'a>,
    /// What the struct is named after: the element or, with header parts or attachments, the operation.
    pub(super) name: String,
    /// In wire order. Operations that use one wrapper element share them.
    pub(super) fields: Rc<[Field<'a>]>,
    /// One of them is a stream.
    has_stream: bool,
}

impl PartialEq for Wrapper<'_> {
    fn eq(&self, other: &Self) -> bool {
        (self.shape, &self.name) == (other.shape, &other.name)
            && (Rc::ptr_eq(&self.fields, &other.fields) || self.fields == other.fields)
    }
}

impl<'a> Wrapper<'a> {
    fn new(shape: Name<'a>, name: &str, fields: Rc<[Field<'a>]>, has_stream: bool) -> Self {
        Self { shape, name: name.to_owned(), fields, has_stream }
    }
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

impl<'a> Carrier<'a> {
    /// Whether a stream goes beside the message.
    pub(super) fn has_stream(&self) -> bool {
        match self {
            Self::Nothing | Self::Type(_) => false,
            Self::Struct(wrapper) => wrapper.has_stream,
        }
    }

    /// The types that it writes; none of the fields in `seen`, to which it adds its own.
    fn needs(&self, seen: &mut BTreeSet<*const Field<'a>>) -> Vec<Type> {
        match self {
            Self::Nothing => Vec::new(),
            Self::Type(ty) => vec![*ty],
            Self::Struct(wrapper) if !seen.insert(wrapper.fields.as_ptr()) => Vec::new(),
            Self::Struct(wrapper) => wrapper.fields.iter().filter_map(|field| Some(field.member?.value)).collect(),
        }
    }
}

impl<'a> Reply<'a> {
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

    /// The types that it writes, like [`Carrier::needs`].
    fn needs(&self, seen: &mut BTreeSet<*const Field<'a>>) -> Vec<Type> {
        match self {
            Self::OneWay | Self::Empty | Self::Void(_) => Vec::new(),
            Self::Unwrapped(_, child) => child.member.into_iter().map(|member| member.value).collect(),
            Self::Element(_, carrier) => carrier.needs(seen),
        }
    }
}

impl<'a> Messages<'a> {
    /// The messages of an operation.
    pub(super) fn new(contract: &'a Contract, layouts: &Layouts<'a>, operation: &'a Operation) -> Self {
        let input = &operation.input;
        let request = carrier(contract, layouts, (input, &input.headers), &operation.name, &operation.name);
        let reply = reply(contract, layouts, operation);
        let apart = match reply.stream() {
            Stream::None => apart(contract, layouts, operation),
            Stream::Alone | Stream::Beside => None,
        };
        Self { operation, request, reply, apart }
    }

    /// The types that several operations write in their messages, those of a shared wrapper once.
    pub(super) fn needs<'m>(all: impl IntoIterator<Item = &'m Self>) -> Vec<Type>
    where
        'a: 'm,
    {
        let mut seen = BTreeSet::new();
        let of = |one: &Self| {
            let body = one.apart.as_ref().map(|(body, _)| body.needs(&mut seen));
            [body.unwrap_or_default(), one.request.needs(&mut seen), one.reply.needs(&mut seen)].concat()
        };
        all.into_iter().flat_map(of).collect()
    }

    /// Whether the request is this struct.
    pub(super) fn requests(&self, wrapper: &Wrapper<'_>) -> bool {
        matches!(&self.request, Carrier::Struct(request) if request == wrapper)
    }

    /// The structs beside the client for a reply whose header parts are apart.
    pub(super) fn wrappers_apart(&self) -> impl Iterator<Item = &Wrapper<'a>> {
        self.apart
            .iter()
            .flat_map(|(body, headers)| match body {
                Carrier::Struct(body) => [Some(body), Some(headers)],
                Carrier::Nothing | Carrier::Type(_) => [None, Some(headers)],
            })
            .flatten()
    }

    /// The structs beside the client that it needs otherwise.
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
    if let (true, Type::Named(id)) = (message.is_body_alone(), body.ty)
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
    Reply::Element(body, carrier(contract, layouts, (message, &message.headers), &name, &operation.name))
}

/// The body and the header parts of a reply that has both.
fn apart<'a>(
    contract: &'a Contract,
    layouts: &Layouts<'a>,
    operation: &'a Operation,
) -> Option<(Carrier<'a>, Wrapper<'a>)> {
    let message = operation.output.as_ref().filter(|message| message.body.is_some() && !message.headers.is_empty())?;
    let mut body = carrier(contract, layouts, (message, &[]), "", &operation.name);
    if let Carrier::Struct(wrapper) = &mut body {
        wrapper.name = format!("{}ReplyBody", operation.name);
    }
    let shape = Name { namespace: "", local: &operation.name };
    let fields = layouts.headers(shape, &message.headers);
    Some((body, Wrapper::new(shape, &format!("{}ReplyHeaders", operation.name), fields.into(), false)))
}

/// A message with these header parts; a struct that is more than the body is called `name`.
fn carrier<'a>(
    contract: &'a Contract,
    layouts: &Layouts<'a>,
    (message, headers): (&'a Message, &'a [Header]),
    name: &str,
    operation: &'a str,
) -> Carrier<'a> {
    let shape = message.body.as_ref().map_or(Name { namespace: "", local: operation }, |body| Name::from(&body.name));
    if headers.is_empty() && message.attachments.is_empty() {
        let Some(body) = &message.body else { return Carrier::Nothing };
        let (name, fields, has_stream): (&str, Rc<[Field<'a>]>, bool) = match body.ty {
            Type::Named(id) if is_wrapper(contract, id) => {
                (&contract.type_def(id).anonymous_in[0], layouts.shared_fields(id), layouts.has_stream(id))
            }
            _ if body.stream => (&body.name.local, Rc::new([layouts.text(body)]), true),
            ty => return Carrier::Type(ty),
        };
        return Carrier::Struct(Wrapper::new(shape, name, fields, has_stream));
    }
    let mut fields = layouts.headers(shape, headers);
    match &message.body {
        None => {}
        Some(Element { ty: Type::Named(id), .. }) if contract.complex(*id).is_some() => {
            fields.extend_from_slice(layouts.fields(*id));
        }
        Some(body) => fields.push(layouts.text(body)),
    }
    fields.extend(layouts.attachments(shape, &message.attachments));
    let has_stream = fields.iter().any(|field| field.stream);
    Carrier::Struct(Wrapper::new(shape, name, fields.into(), has_stream))
}

/// An anonymous type without relations lives beside the client.
fn is_wrapper(contract: &Contract, id: TypeId) -> bool {
    contract.type_def(id).anonymous_in.len() == 1
        && contract.complex(id).is_some_and(|complex| complex.derived.is_empty() && !complex.is_abstract)
}
