//! What an operation takes and gives, once wrappers are looked through.

use crate::config::Config;
use crate::contract::model::{Contract, Field, FieldKind, Message, Operation, Role, Type, TypeId};
use crate::name::QName;
use crate::rust::view::{self, Place, Wrap};

/// A request or the value of a reply.
#[derive(Clone, Debug, PartialEq)]
pub enum Carrier {
    /// Nothing at all.
    Nothing,
    /// A type of the contract or a simple value.
    Type(Type),
    /// A struct beside the client.
    Struct(Wrapper),
}

/// A message that is a struct beside the client: a wrapper element, or header parts with a body.
#[derive(Clone, Debug, PartialEq)]
pub struct Wrapper {
    /// Name of the element in the body.
    pub element: QName,
    /// What the struct is named after: the element, or for header parts the operation.
    pub name: QName,
    /// The type of the body, its fields part of the struct.
    pub body: Option<TypeId>,
    /// Header parts, then text for a body without fields.
    pub own: Vec<(Field, bool)>,
}

/// What a reply comes to.
#[derive(Clone, Debug, PartialEq)]
pub enum Reply<'a> {
    /// No body.
    Empty,
    /// An element that says nothing.
    Void(&'a Field),
    /// The only child of the element.
    Unwrapped(&'a Field, Place<'a>),
    /// The element.
    Element(&'a Field, Carrier),
}

/// Whether and how the person acting is an argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndUser {
    /// The message has no place for one.
    No,
    /// The schema lets it be absent.
    Optional,
    /// It is needed.
    Required,
}

/// Whether a reply has a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stream {
    /// It has none.
    None,
    /// It is nothing else.
    Alone,
    /// It has one beside values.
    Beside,
}

impl Carrier {
    /// Whether a stream goes beside the message.
    pub fn has_stream(&self, contract: &Contract) -> bool {
        match self {
            Self::Nothing | Self::Type(_) => false,
            Self::Struct(wrapper) => wrapper.places(contract).iter().any(|place| place.field.stream),
        }
    }
}

impl Reply<'_> {
    /// Whether a stream comes beside the message.
    pub fn stream(&self, contract: &Contract) -> Stream {
        match self {
            Self::Unwrapped(_, child) if child.field.stream => Stream::Alone,
            Self::Element(_, carrier) if carrier.has_stream(contract) => Stream::Beside,
            _ => Stream::None,
        }
    }

    /// What the reply is a list of, if it is a list that keeps nothing but items.
    pub fn item(&self, contract: &Contract, config: &Config) -> Option<Type> {
        let Self::Unwrapped(_, child) = self else { return None };
        let holding = view::hold(contract, config, *child);
        let is_list = view::is_member(child.field) && child.field.kind == FieldKind::Element;
        (is_list && holding.wrap == Wrap::Vec).then_some(holding.value)
    }
}

impl Wrapper {
    /// The fields of the struct in wire order.
    pub fn places<'a>(&'a self, contract: &'a Contract) -> Vec<Place<'a>> {
        let own = self.own.iter().map(|(field, header)| Place { owner: &self.element, field, header: *header });
        own.chain(self.body.into_iter().flat_map(|body| view::places(contract, body))).collect()
    }
}

/// What the caller passes.
pub fn request(contract: &Contract, operation: &Operation) -> Carrier {
    carrier(contract, &operation.input, &operation.name)
}

/// What the caller gets.
pub fn reply<'a>(contract: &'a Contract, operation: &'a Operation) -> Reply<'a> {
    let message = &operation.output;
    let Some(body) = &message.body else { return Reply::Empty };
    if let (true, Type::Named(id)) = (message.headers.is_empty(), body.ty) {
        let places = view::places(contract, id);
        let is_record = view::record(contract, id).is_some();
        let wrapper = !contract.type_def(id).anonymous_in.is_empty()
            || body.name.local.strip_suffix("Response") == Some(&operation.name);
        match places.as_slice() {
            [] if wrapper && is_record => return Reply::Void(body),
            [place] if wrapper && place.field.kind == FieldKind::Element => return Reply::Unwrapped(body, *place),
            _ => {}
        }
    }
    Reply::Element(body, carrier(contract, message, &format!("{}Response", operation.name)))
}

fn carrier(contract: &Contract, message: &Message, name: &str) -> Carrier {
    let Some(body) = &message.body else {
        return if message.headers.is_empty() { Carrier::Nothing } else { headers(contract, message, name) };
    };
    if !message.headers.is_empty() {
        return headers(contract, message, name);
    }
    match body.ty {
        Type::Named(id) if is_wrapper(contract, id) => Carrier::Struct(Wrapper {
            element: body.name.clone(),
            name: body.name.clone(),
            body: Some(id),
            own: Vec::new(),
        }),
        _ if body.stream => Carrier::Struct(Wrapper {
            element: body.name.clone(),
            name: body.name.clone(),
            body: None,
            own: vec![(text(body), false)],
        }),
        ty => Carrier::Type(ty),
    }
}

/// An anonymous record without relations lives beside the client.
fn is_wrapper(contract: &Contract, id: TypeId) -> bool {
    contract.type_def(id).anonymous_in.len() == 1
        && view::record(contract, id).is_some_and(|record| record.derived.is_empty() && !record.is_abstract)
}

fn headers(contract: &Contract, message: &Message, name: &str) -> Carrier {
    let mut own: Vec<(Field, bool)> = message.headers.iter().map(|field| (field.clone(), true)).collect();
    let mut element = QName { namespace: String::new(), local: name.to_owned() };
    let mut body_type = None;
    if let Some(body) = &message.body {
        element = body.name.clone();
        match body.ty {
            Type::Named(id) if view::record(contract, id).is_some() => body_type = Some(id),
            _ => own.push((text(body), false)),
        }
    }
    let name = QName { namespace: element.namespace.clone(), local: name.to_owned() };
    Carrier::Struct(Wrapper { element, name, body: body_type, own })
}

/// The content of an element that has nothing but text.
fn text(body: &Field) -> Field {
    Field { kind: FieldKind::Text, name: QName { namespace: String::new(), local: "Value".to_owned() }, ..body.clone() }
}

/// The places in a message that a credential fills, headers and nested records included.
pub fn slots(contract: &Contract, message: &Message) -> Vec<(Role, bool)> {
    let mut found = Vec::new();
    let mut seen = Vec::new();
    let mut open: Vec<&Field> = message.headers.iter().chain(&message.body).collect();
    while let Some(field) = open.pop() {
        if let Some(role) = field.slot {
            found.push((role, field.min > 0 && (!field.nillable || is_header(message, field))));
        } else if let Type::Named(id) = field.ty
            && !seen.contains(&id)
        {
            seen.push(id);
            open.extend(view::places(contract, id).into_iter().map(|place| place.field));
        }
    }
    found
}

/// A header part is written whether or not it might be nil.
fn is_header(message: &Message, field: &Field) -> bool {
    message.headers.iter().any(|header| std::ptr::eq(header, field))
}

/// Whether a method takes the person acting.
pub fn end_user(slots: &[(Role, bool)]) -> EndUser {
    let person = |role: Role| {
        matches!(role, Role::EndUserSsn | Role::EndUserPassword | Role::EndUserPinCode | Role::EndUserAuthMethod)
    };
    let mut places = slots.iter().filter(|(role, _)| person(*role)).peekable();
    match (places.peek().is_some(), places.any(|(_, required)| *required)) {
        (false, _) => EndUser::No,
        (true, false) => EndUser::Optional,
        (true, true) => EndUser::Required,
    }
}

/// Whether a message names the calling system or enterprise.
pub fn caller(slots: &[(Role, bool)]) -> bool {
    slots.iter().any(|(role, _)| {
        matches!(
            role,
            Role::SystemUserName | Role::SystemPassword | Role::EnterpriseUserName | Role::EnterprisePassword
        )
    })
}
