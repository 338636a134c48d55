//! Messages: what header and body of one direction of an operation carry.

use std::collections::BTreeSet;

use crate::contract::{
    attachments,
    model::{Attachment, Complex, ContentModel, Element, Header, Message, Particle, Term, Type, WhiteSpace},
    simple,
    types::Types,
};
use crate::diagnostic::At;
use crate::document::wsdl::model::{self as wsdl, BindingMessage, Body, Direction, Part};
use crate::name::QName;

/// The element around the parts of a message: in the rpc style it is written.
pub(super) struct Around<'n> {
    pub(super) rpc: bool,
    /// Its namespace, if the binding states none.
    pub(super) namespace: &'n str,
    pub(super) local: String,
    /// What its type is called: unlike the element, this is the operation's own also where that is overloaded.
    pub(super) of: String,
}

/// Reads a message. What is wrong with it is reported, and the operation has to be left out for it.
pub(super) fn read(
    direction: &Direction,
    bound: &BindingMessage,
    around: Around<'_>,
    operation: &str,
    types: &mut Types<'_, '_, '_>,
) -> Message {
    let mut found = Message::default();
    if let Some((what, at)) = &bound.foreign {
        types.report.error(*at, format!("{what} is not supported (operation `{operation}`)"), "");
        return found;
    }
    let body = bound.body.as_ref();
    if let Some(body) = body.filter(|body| body.encoded && !around.rpc) {
        let what = "SOAP encoding is supported in the rpc style only";
        types.report.error(body.at, format!("{what} (operation `{operation}`)"), "");
        return found;
    }
    let Some(message) = types.scope.messages.get_at(&direction.message, direction.at) else {
        types.scope.unknown("message", &direction.message, direction.at, types.report);
        return found;
    };
    for one in &bound.headers {
        if let Some(element) = header(one, types) {
            found.headers.push(Header { part: one.part.clone(), required: false, element });
        }
    }
    found.attachments = attachments::read(message, bound, types);
    let parts = in_body(message, direction, bound, &found.attachments, types);
    found.bare = !around.rpc && (parts.len() > 1 || parts.is_empty() && !found.attachments.is_empty());
    found.body = match parts.as_slice() {
        [] if !around.rpc && !found.bare => None,
        [one] if !around.rpc => part(one, types),
        parts => Some(joined(around, body, bound.at, parts, types)),
    };
    found
}

/// The parts of a message that its body holds, in the order of the message.
fn in_body<'s>(
    message: &'s wsdl::Message,
    direction: &Direction,
    bound: &BindingMessage,
    attachments: &[Attachment],
    types: &mut Types<'_, '_, '_>,
) -> Vec<&'s Part> {
    // Some bindings list parts of messages that have none: their body is empty.
    if let Some(Body { at, parts: Some(listed), .. }) = bound.body.as_ref().filter(|_| !message.parts.is_empty()) {
        if let Some(missing) = listed.iter().find(|name| message.part(name).is_none()) {
            types.report.error(*at, format!("message `{}` has no part `{missing}`", message.name), "");
        }
        let listed: BTreeSet<&String> = listed.iter().collect();
        if let Some(both) = attachments.iter().find(|attachment| listed.contains(&attachment.part)) {
            types.report.error(*at, format!("part `{}` is in the body and an attachment", both.part), "");
        }
        return message.parts.iter().filter(|part| listed.contains(&part.name)).collect();
    }
    // Headers and attachments may take parts out of the same message; the rest is the body.
    let headers = bound.headers.iter().filter(|header| header.message == direction.message);
    let attached = attachments.iter().map(|attachment| &attachment.part);
    let taken: BTreeSet<&String> = headers.map(|header| &header.part).chain(attached).collect();
    message.parts.iter().filter(|part| !taken.contains(&part.name)).collect()
}

/// A part as it is written on its own: the element that it names or, where it names a type, an element of its own.
pub(super) fn part(part: &Part, types: &mut Types<'_, '_, '_>) -> Option<Element> {
    match &part.element {
        Some(element) => types.reference(element, part.at),
        None => accessor(part, types),
    }
}

/// The element that holds a part of the rpc style, or a part with a type anywhere: it is named after the part, and has
/// no namespace. Of a part with an element it has the type of that element.
fn accessor(part: &Part, types: &mut Types<'_, '_, '_>) -> Option<Element> {
    let name = QName { namespace: String::new(), local: part.name.clone() };
    if let Some(element) = &part.element {
        return types.reference(element, part.at).map(|element| Element { name, ..element });
    }
    let Some(ty) = &part.ty else {
        types.report.error(part.at, format!("part `{}` has neither an element nor a type", part.name), "");
        return None;
    };
    let value = types.named_value(ty, part.at);
    Some(Element {
        name,
        ty: value.ty,
        white_space: value.white_space,
        preset: None,
        nillable: false,
        documentation: simple::documented(&[], &value, None),
        facets: value.facets,
        slot: None,
        stream: value.stream,
        xsi_type: Some(ty.clone()),
    })
}

/// The element with the parts in it. All of them are there: of the rpc style an absent or nil part is not allowed.
fn joined(around: Around<'_>, body: Option<&Body>, at: At, parts: &[&Part], types: &mut Types<'_, '_, '_>) -> Element {
    let stated = body.and_then(|body| body.namespace.clone());
    let name = QName { namespace: stated.unwrap_or_else(|| around.namespace.to_owned()), local: around.local };
    let mut particles = Vec::new();
    let mut names = BTreeSet::new();
    for one in parts {
        if let Some(element) = if around.rpc { accessor(one, types) } else { part(one, types) } {
            if !names.insert(element.name.clone()) {
                let text = format!("part `{}` is the second that is written as `{}`", one.name, element.name.local);
                types.report.error(one.at, text, "");
                continue;
            }
            let position = types.report.position(one.at);
            particles.push(Particle { min: 1, max: Some(1), position, name: None, term: Term::Element(element) });
        }
    }
    let content = match particles.is_empty() {
        true => ContentModel::Empty,
        false => ContentModel::Elements(Particle {
            name: None,
            min: 1,
            max: Some(1),
            position: types.report.position(at),
            term: Term::Sequence(particles),
        }),
    };
    let id = types.synthesize(&name, around.of, at, Complex { content, ..Complex::default() });
    Element {
        name,
        ty: Type::Named(id),
        white_space: WhiteSpace::Preserve,
        facets: Vec::new(),
        preset: None,
        nillable: false,
        documentation: Default::default(),
        slot: None,
        stream: false,
        xsi_type: None,
    }
}

fn header(header: &wsdl::Header, types: &mut Types<'_, '_, '_>) -> Option<Element> {
    let name = &header.part;
    if header.encoded {
        types.report.error(header.at, format!("use=\"encoded\" is not supported (header part `{name}`)"), "");
        return None;
    }
    if let Some(at) = header.fault {
        let text = format!("the headerfault of header part `{name}` gets no type");
        types.report.warning(at, text, "a fault for which it is sent is read as any other");
    }
    let Some(message) = types.scope.messages.get_at(&header.message, header.at) else {
        types.scope.unknown("message", &header.message, header.at, types.report);
        return None;
    };
    match message.part(name) {
        Some(found) => part(found, types),
        None => {
            types.report.error(header.at, format!("message `{}` has no part `{name}`", message.name), "");
            None
        }
    }
}
