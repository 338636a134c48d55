//! Which field each child of an element belongs to: by its name, and by its position where a name alone does not say.

use crate::error::{Error, MISSING};
use crate::name::Name;
use crate::schema::decode::Decoder;
use crate::schema::field::{Field, Kind};
use crate::schema::partial::Partials;
use crate::schema::record::{Content, ReadFields, read_field};
use crate::xml::{Node, Reader};

/// Whose children are read.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Parent {
    /// Those of an element, up to its end.
    Element,
    /// Those of a group: from the element at hand up to the first that belongs elsewhere, which is left for the reader of
    /// what is around the group.
    Group,
}

/// Where an element belongs.
enum Place {
    /// To the field with this index.
    Field(usize),
    /// To a field before the one that was read last, although the order counts.
    Behind,
    /// Nowhere: a field has its local name in another namespace.
    Elsewhere(Name),
    /// Nowhere.
    Unknown,
}

/// Reads child elements into members.
///
/// Elements may come in any order, unless their position decides. Unknown ones are skipped. An element of the contract in
/// another namespace and a repeated single element are errors.
pub(super) fn read(
    content: Content,
    parent: Parent,
    members: Partials<'_, '_>,
    seen: &mut ReadFields,
    decoder: &mut Decoder<'_>,
) -> Result<(), Error> {
    let fields = content.fields;
    // Siblings of the parent are out of reach until its end.
    let outside = if parent == Parent::Element { std::mem::take(decoder.groups()) } else { Vec::new() };
    let mut next = 0;
    let mut at_hand = parent == Parent::Group;
    while std::mem::take(&mut at_hand) || decoder.next()? == Node::Start {
        let at = match place(content, next, decoder) {
            Place::Field(at) => at,
            Place::Behind | Place::Unknown | Place::Elsewhere(_)
                if parent == Parent::Group && is_wanted_around(decoder) =>
            {
                decoder.hold(Node::Start);
                return Ok(());
            }
            Place::Behind => return Err(decoder.unexpected("an element out of the order of the contract")),
            Place::Elsewhere(name) => return Err(elsewhere(decoder, name)),
            Place::Unknown => match wanted_substitution(fields, seen) {
                Some(at) => at,
                None => {
                    decoder.skip()?;
                    continue;
                }
            },
        };
        let field = &fields[at];
        if !seen.insert(at) && !field.many {
            let what = match field.kind {
                Kind::Group => {
                    "a group of elements that may occur once occurs twice, or two alternatives of a choice do"
                }
                _ => "an element that may occur once occurs twice",
            };
            return Err(decoder.error(what).in_element(field.name.local));
        }
        let result = match field.kind {
            Kind::Group => {
                decoder.groups().push(fields);
                let result = read_field(field, at, members, decoder);
                decoder.groups().pop();
                result
            }
            _ => read_field(field, at, members, decoder),
        };
        if let Err(error) = result {
            // If several are missing, the error names the first in contract order that should have come before this
            // element.
            return match seen.missing(&fields[..at], false).filter(|_| error.is_absence()) {
                Some(field) => Err(decoder.error(MISSING).in_element(field.name.local)),
                None => Err(error),
            };
        }
        next = if field.many { at } else { at + 1 };
    }
    match parent {
        Parent::Element => *decoder.groups() = outside,
        Parent::Group => decoder.hold(Node::End),
    }
    Ok(())
}

/// The place of the current element, after the field `next` was reached.
fn place(Content { fields, in_order }: Content, next: usize, reader: &mut Reader<'_>) -> Place {
    let local = reader.local();
    let mut by_local_name = None;
    // Documents usually follow the order of the contract, so the field is the next one or a later one.
    let behind = if in_order { 0..0 } else { 0..next.min(fields.len()) };
    for at in (next..fields.len()).chain(behind) {
        let field = &fields[at];
        match field.kind {
            Kind::Element if field.name.local.as_bytes() == local => {
                if reader.is_in(field.name.namespace) {
                    return Place::Field(at);
                }
                by_local_name.get_or_insert(field.name);
            }
            // Where the order counts, a group has to begin at its beginning.
            Kind::Group if if in_order { begins(field, reader) } else { takes(field, reader) } => {
                return Place::Field(at);
            }
            _ => {}
        }
    }
    if in_order && fields.iter().take(next).any(|field| takes(field, reader)) {
        return Place::Behind;
    }
    let ahead = if in_order { next } else { 0 };
    if let Some(at) = (ahead..fields.len()).find(|at| is_open(&fields[*at])) {
        return Place::Field(at);
    }
    by_local_name.map_or(Place::Unknown, Place::Elsewhere)
}

/// Whether the current element can stand in a value of this field.
fn takes(field: &Field, reader: &mut Reader<'_>) -> bool {
    match (field.kind, field.group) {
        (Kind::Element, _) => reader.is(field.name),
        (Kind::Group, Some(group)) => group.shape.fields.iter().any(|field| takes(field, reader)),
        _ => false,
    }
}

/// Whether a value of this field can begin with the current element.
fn begins(field: &Field, reader: &mut Reader<'_>) -> bool {
    match field.group.filter(|_| field.kind == Kind::Group) {
        None => takes(field, reader),
        Some(group) if group.is_choice => group.shape.fields.iter().any(|field| begins(field, reader)),
        Some(group) => {
            for field in group.shape.fields {
                if begins(field, reader) {
                    return true;
                }
                if field.required {
                    return false;
                }
            }
            false
        }
    }
}

/// Whether any element can stand in a value of this field.
fn is_open(field: &Field) -> bool {
    match field.group.filter(|_| field.kind == Kind::Group) {
        None => field.kind == Kind::AnyElement,
        Some(group) => !group.shape.is_substitution && group.shape.fields.iter().any(is_open),
    }
}

/// The first field that requires a member of a substitution group and has none: an element that the contract does not know
/// may be that.
fn wanted_substitution(fields: &[Field], seen: &ReadFields) -> Option<usize> {
    let is_substitution = |field: &Field| field.group.is_some_and(|group| group.shape.is_substitution);
    let mut wanted = fields.iter().enumerate().filter(|(_, field)| field.required && is_substitution(field));
    wanted.find(|(at, _)| !seen.contains(*at)).map(|(at, _)| at)
}

/// Whether the current element belongs to something around the group that is read.
fn is_wanted_around(decoder: &mut Decoder<'_>) -> bool {
    let mut around = std::mem::take(decoder.groups());
    let wanted = around.iter().flat_map(|fields| fields.iter()).any(|field| is_open(field) || takes(field, decoder));
    std::mem::swap(decoder.groups(), &mut around);
    wanted
}

/// The alternative that the current element belongs to: the first that can begin with it, or else the first in which it
/// can stand, or else one for any element.
pub(super) fn alternative(fields: &'static [Field], reader: &mut Reader<'_>) -> Option<usize> {
    let begun = fields.iter().position(|field| begins(field, reader));
    let taken = begun.or_else(|| fields.iter().position(|field| takes(field, reader)));
    taken.or_else(|| fields.iter().position(is_open))
}

/// The error for an element that has the right local name in the wrong namespace.
pub(crate) fn elsewhere(reader: &Reader<'_>, name: Name) -> Error {
    reader.unexpected("an element of the contract in another namespace").in_element(name.local)
}
