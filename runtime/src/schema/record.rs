//! Records: structs that are read and written by the descriptors of their fields. The one place that knows order,
//! occurrence and namespaces.

use std::borrow::Cow;
use std::fmt;
use std::hash::Hasher;

use crate::error::{Error, MISSING};
use crate::schema::children::{self, Parent};
use crate::schema::decode::Decoder;
use crate::schema::encode::Encoder;
use crate::schema::field::{Field, FilledBy, Kind, Shape};
use crate::schema::group::read_sequence;
use crate::schema::partial::{Member, Partials, ReadInto, Target};
use crate::schema::slot::{Slot, write_none};
use crate::schema::slots::Role;
use crate::schema::value::Value;
use crate::secret::Secret;
use crate::value::{Binary, QName};
use crate::xml::Reader;

/// A struct whose members are described by a [`Shape`]. Implemented by generated code with [`record!`](crate::record).
pub trait Record: Sized {
    /// The fields, in wire order.
    const SHAPE: &'static Shape;

    /// Reads the members one by one and creates the record when all of them are there.
    ///
    /// # Errors
    /// An error of the reader, or a required member that is missing.
    fn assemble(read: &mut dyn FnMut(Partials<'_, '_>) -> Result<(), Error>) -> Result<Self, Error>;

    /// Rust name and value of the member of the field with this index.
    fn named_member(&self, field: usize) -> Option<(&'static str, &dyn Slot)>;
}

/// A record of any type.
pub trait Members {
    /// The fields, in wire order.
    fn fields(&self) -> &'static [Field];

    /// The member of the field with this index.
    fn member(&self, field: usize) -> Option<&dyn Slot>;
}

/// How a record is read and written, as its type.
#[expect(missing_debug_implementations, reason = "functions")]
pub struct RecordType<T> {
    pub(super) shape: &'static Shape,
    pub(super) read: fn(&mut Decoder<'_>) -> Result<T, Error>,
    pub(super) read_message: fn(&mut ReadInto<'_>) -> Result<T, Error>,
    pub(super) write: fn(&T, &mut Encoder<'_>) -> Result<(), Error>,
    pub(super) members: fn(&T) -> &dyn Members,
    #[cfg(feature = "test-util")]
    pub(super) sample: fn(&mut crate::schema::sample::Sampler) -> T,
}

impl<T: Record> RecordType<T> {
    /// Of a record that is the content of an element.
    pub const fn record() -> Self {
        Self {
            shape: T::SHAPE,
            read: read_record,
            read_message: read_record_message,
            write: write_record,
            members: |record| record,
            #[cfg(feature = "test-util")]
            sample: sample_record,
        }
    }

    /// Of a record whose members stand among the children of an element.
    pub const fn sequence() -> Self {
        Self { read: read_sequence, ..Self::record() }
    }
}

impl<T: Record> Members for T {
    fn fields(&self) -> &'static [Field] {
        T::SHAPE.fields
    }

    fn member(&self, field: usize) -> Option<&dyn Slot> {
        self.named_member(field).map(|(_, member)| member)
    }
}

/// A member with its Rust name.
pub fn named<'m, T: Slot>(name: &'static str, member: &'m T) -> Option<(&'static str, &'m dyn Slot)> {
    Some((name, member))
}

/// Which fields have been read.
#[derive(Default)]
pub(super) struct ReadFields {
    first: u128,
    more: Vec<usize>,
}

impl ReadFields {
    /// `false` if it had been read already.
    pub(super) fn insert(&mut self, field: usize) -> bool {
        let new = !self.contains(field);
        match 1u128.checked_shl(u32::try_from(field).unwrap_or(u32::MAX)) {
            Some(bit) => self.first |= bit,
            None if new => self.more.push(field),
            None => {}
        }
        new
    }

    pub(super) fn contains(&self, field: usize) -> bool {
        match 1u128.checked_shl(u32::try_from(field).unwrap_or(u32::MAX)) {
            Some(bit) => self.first & bit != 0,
            None => self.more.contains(&field),
        }
    }

    /// The first required field of these kinds that has not been read.
    pub(super) fn missing(&self, fields: &'static [Field], header: bool) -> Option<&'static Field> {
        let wanted = |field: &Field| field.required && (field.kind == Kind::Header) == header && !is_elsewhere(field);
        fields.iter().enumerate().find_map(|(at, field)| (wanted(field) && !self.contains(at)).then_some(field))
    }
}

/// The text of an element is there even if it is empty, and attachments are beside the envelope.
fn is_elsewhere(field: &Field) -> bool {
    matches!(field.kind, Kind::Text | Kind::Attachment)
}

/// What stands in an element.
#[derive(Clone, Copy)]
pub(crate) struct Content {
    pub(crate) fields: &'static [Field],
    pub(crate) in_order: bool,
}

impl Content {
    pub(crate) fn of(shape: &'static Shape) -> Self {
        Self { fields: shape.fields, in_order: shape.in_order }
    }
}

/// Reads the content of the current element into the members of these fields.
///
/// Elements may come in any order, and unknown ones are skipped. An element of the contract in another namespace, a
/// repeated single element, and a missing required one are errors.
pub(crate) fn read_content(
    Content { fields, in_order }: Content,
    members: Partials<'_, '_>,
    decoder: &mut Decoder<'_>,
) -> Result<(), Error> {
    let mut seen = ReadFields::default();
    if fields.iter().any(is_attribute) {
        read_attributes(fields, members, &mut seen, decoder)?;
    }
    if let Some(at) = fields.iter().position(|field| matches!(field.kind, Kind::Text | Kind::Mixed)) {
        seen.insert(at);
        read_field(&fields[at], at, members, decoder)?;
    } else {
        children::read(Content { fields, in_order }, Parent::Element, members, &mut seen, decoder)?;
    }
    match seen.missing(fields, false) {
        Some(field) => Err(decoder.error(MISSING).in_element(field.name.local)),
        None => Ok(()),
    }
}

fn read_attributes(
    fields: &'static [Field],
    members: Partials<'_, '_>,
    seen: &mut ReadFields,
    decoder: &mut Decoder<'_>,
) -> Result<(), Error> {
    // Attributes that no field names are only copied where a field takes them.
    let takes_any = fields.iter().any(|field| field.kind == Kind::AnyAttribute);
    let attributes = if decoder.has_attributes() { decoder.attributes()? } else { Vec::new() };
    let (mut named, mut others) = (Vec::new(), Vec::new());
    for (namespace, local, value) in attributes {
        let same = |field: &Field| {
            field.kind == Kind::Attribute && field.name.local == local && field.name.namespace == namespace
        };
        match fields.iter().position(same) {
            Some(at) => named.push((at, value)),
            None if takes_any => {
                others.push((QName { namespace: namespace.to_owned(), local: local.to_owned() }, value.into_owned()));
            }
            None => {}
        }
    }
    for (name, value) in &others {
        decoder.charge(size_of::<(QName, String)>() + name.namespace.len() + name.local.len() + value.len())?;
    }
    *decoder.unclaimed() = others;
    for (at, value) in named {
        seen.insert(at);
        decoder.at_attribute(value);
        read_field(&fields[at], at, members, decoder)?;
    }
    for (at, field) in fields.iter().enumerate() {
        let absent = field.kind == Kind::Attribute && !seen.contains(at);
        match field.default.filter(|_| absent) {
            Some(default) => {
                decoder.at_attribute(Cow::Borrowed(default));
                read_field(field, at, members, decoder)?;
            }
            None if field.kind == Kind::AnyAttribute => read_field(field, at, members, decoder)?,
            None => {}
        }
    }
    decoder.unclaimed().clear();
    Ok(())
}

pub(super) fn read_field(
    field: &'static Field,
    at: usize,
    members: Partials<'_, '_>,
    decoder: &mut Decoder<'_>,
) -> Result<(), Error> {
    decoder.expect_text(field.default, field.white_space);
    let around = decoder.enter(field);
    let result = match field.filled_by {
        FilledBy::Member => match members.get_mut(at) {
            Some(Some(member)) => member.read(field, decoder),
            _ => decoder.skip(),
        },
        FilledBy::Slot(role) => read_beside::<String>(field, decoder).map(|text| {
            decoder.slots().set(role, text.map(Secret::from));
        }),
        FilledBy::Stream => {
            decoder.expect_stream(true);
            let content = read_beside::<Binary>(field, decoder);
            decoder.expect_stream(false);
            content.map(|content| *decoder.stream() = content)
        }
    };
    decoder.leave(around);
    result.map_err(|error| error.in_element(field.name.local))
}

/// Reads a value that is no member.
fn read_beside<T: Value>(field: &Field, decoder: &mut Decoder<'_>) -> Result<Option<T>, Error> {
    if field.required { <T as Slot>::read(field, decoder).map(Some) } else { <Option<T> as Slot>::read(field, decoder) }
}

/// Reads a SOAP header block, or a child of a body without an element around its parts, into the member it belongs to.
/// `false` if it belongs to none.
pub(crate) fn read_block(
    fields: &'static [Field],
    members: Partials<'_, '_>,
    seen: &mut BlocksSeen,
    decoder: &mut Decoder<'_>,
) -> Result<bool, Error> {
    let kind = if seen.header { Kind::Header } else { Kind::Element };
    let wanted = |field: &Field, reader: &mut Reader<'_>| field.kind == kind && reader.is(field.name);
    let Some(at) = fields.iter().position(|field| wanted(field, decoder)) else { return Ok(false) };
    let field = &fields[at];
    if !seen.fields.insert(at) {
        return Err(decoder.error("a part of a message that may occur once occurs twice").in_element(field.name.local));
    }
    read_field(field, at, members, decoder)?;
    Ok(true)
}

/// Which parts of a message have been read.
pub(crate) struct BlocksSeen {
    fields: ReadFields,
    /// Those of the header, not of the body.
    header: bool,
}

impl BlocksSeen {
    /// None of the parts in the header.
    pub(crate) fn header() -> Self {
        Self { fields: ReadFields::default(), header: true }
    }

    /// None of the parts that stand in the body.
    pub(crate) fn body() -> Self {
        Self { fields: ReadFields::default(), header: false }
    }

    /// # Errors
    /// A required part is missing.
    pub(crate) fn check(&self, fields: &'static [Field], reader: &Reader<'_>) -> Result<(), Error> {
        let what = if self.header { "a required header part is missing" } else { MISSING };
        match self.fields.missing(fields, self.header) {
            Some(field) => Err(reader.error(what).in_element(field.name.local)),
            None => Ok(()),
        }
    }
}

/// Writes attributes and content of the element begun last, in the order of the fields.
pub(crate) fn write_content(
    fields: &'static [Field],
    source: &dyn Members,
    encoder: &mut Encoder<'_>,
) -> Result<(), Error> {
    if let Some(field) = fields.iter().find(|field| matches!(field.kind, Kind::Element | Kind::Group)) {
        encoder.declare(field.name.namespace);
    }
    // Attributes have to be written first, whatever their position.
    if fields.iter().any(is_attribute) {
        write_fields(fields, source, encoder, is_attribute)?;
    }
    write_fields(fields, source, encoder, |field| {
        !is_attribute(field) && !matches!(field.kind, Kind::Header | Kind::Attachment)
    })
}

fn is_attribute(field: &Field) -> bool {
    matches!(field.kind, Kind::Attribute | Kind::AnyAttribute)
}

/// Writes those header parts of a message that are wanted.
pub(crate) fn write_headers(
    source: &dyn Members,
    encoder: &mut Encoder<'_>,
    wanted: impl Fn(&Field) -> bool,
) -> Result<(), Error> {
    write_fields(source.fields(), source, encoder, |field| field.kind == Kind::Header && wanted(field))
}

/// Writes the parts of a message that stand in its body.
pub(crate) fn write_parts(source: &dyn Members, encoder: &mut Encoder<'_>) -> Result<(), Error> {
    write_fields(source.fields(), source, encoder, |field| field.kind == Kind::Element)
}

fn write_fields(
    fields: &'static [Field],
    source: &dyn Members,
    encoder: &mut Encoder<'_>,
    wanted: impl Fn(&Field) -> bool,
) -> Result<(), Error> {
    for (at, field) in fields.iter().enumerate() {
        if !wanted(field) {
            continue;
        }
        let result = encoder.within(field, |encoder| match field.filled_by {
            FilledBy::Member => source.member(at).map_or(Ok(()), |member| {
                check(field, member, encoder)?;
                member.write(field, encoder)
            }),
            FilledBy::Slot(role) => write_credential(field, role, encoder),
            FilledBy::Stream if encoder.stream_reference((field.kind == Kind::Element).then_some(field.name)) => Ok(()),
            FilledBy::Stream => match encoder.stream() {
                Some(content) => content.write(field, encoder),
                None => None::<Binary>.write(field, encoder),
            },
        });
        result.map_err(|error| error.in_element(field.name.local))?;
    }
    Ok(())
}

/// A header block with a credential is never left out, even if the contract makes it optional.
fn write_credential(field: &Field, role: Role, encoder: &mut Encoder<'_>) -> Result<(), Error> {
    match (encoder.slots().get(role), encoder.credentials_refused()) {
        (Some(_), Some(why)) => Err(Error::configuration(why)),
        (Some(secret), None) => {
            encoder.start(field.name);
            encoder.secret_text(secret.expose())?;
            encoder.end();
            Ok(())
        }
        (None, _) if field.required || field.kind == Kind::Header => {
            Err(Error::configuration("the call needs a credential that was not given"))
        }
        (None, _) => write_none(field, encoder),
    }
}

/// `Debug` for records: sensitive fields print as `[redacted]`.
pub fn debug<T: Record>(record: &T, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    debug_members(T::SHAPE, &|field| record.named_member(field), f)
}

fn debug_members<'m>(
    shape: &Shape,
    named: &dyn Fn(usize) -> Option<(&'static str, &'m dyn Slot)>,
    f: &mut fmt::Formatter<'_>,
) -> fmt::Result {
    let mut out = f.debug_struct(shape.name.local);
    for (at, field) in shape.fields.iter().enumerate() {
        if let Some((name, member)) = named(at) {
            if field.sensitive {
                out.field(name, &format_args!("[redacted]"));
            } else {
                out.field(name, &member);
            }
        }
    }
    out.finish()
}

/// Reads a record from the current element.
///
/// # Errors
/// Content that the descriptor does not allow, or an `xsi:type` that names another type, whose fields would be lost.
fn read_record<T: Record>(decoder: &mut Decoder<'_>) -> Result<T, Error> {
    check_type(T::SHAPE, decoder)?;
    T::assemble(&mut |members| read_content(Content::of(T::SHAPE), members, decoder))
}

/// An `xsi:type` must name the type of the shape.
pub(super) fn check_type(shape: &Shape, decoder: &mut Decoder<'_>) -> Result<(), Error> {
    match decoder.xsi_type()? {
        Some((namespace, local)) if namespace != shape.name.namespace || local != shape.name.local => {
            Err(decoder.error("xsi:type names a type that this version does not know"))
        }
        _ => Ok(()),
    }
}

/// Reads a message that is a record.
///
/// # Errors
/// An error of the reader, or a required member that is missing.
fn read_record_message<T: Record>(read: &mut ReadInto<'_>) -> Result<T, Error> {
    T::assemble(&mut |members| read(Target::Record(T::SHAPE, members)))
}

/// Reads the child of a wrapper element, whose only member it is.
pub(crate) fn read_only_child(
    child: &'static Field,
    value: &mut dyn Member,
    decoder: &mut Decoder<'_>,
) -> Result<(), Error> {
    let content = Content { fields: std::slice::from_ref(child), in_order: false };
    read_content(content, &mut [Some(value)], decoder)
}

/// Writes the content of a record.
///
/// # Errors
/// A value that can't be written, or a required value that is missing.
fn write_record<T: Record>(record: &T, encoder: &mut Encoder<'_>) -> Result<(), Error> {
    if const { !are_elements(T::SHAPE.fields) } {
        return write_content(T::SHAPE.fields, record, encoder);
    }
    write_elements(record, encoder)
}

/// Whether all fields are child elements and members of the record, as for nearly all records. These are written in a
/// simpler way.
const fn are_elements(fields: &[Field]) -> bool {
    let mut at = 0;
    while at < fields.len() {
        if !matches!(fields[at], Field { kind: Kind::Element | Kind::Group, filled_by: FilledBy::Member, .. }) {
            return false;
        }
        at += 1;
    }
    true
}

/// Compiled for each type, as most of the time in which a message is written is spent here.
fn write_elements<T: Record>(record: &T, encoder: &mut Encoder<'_>) -> Result<(), Error> {
    if let Some(field) = T::SHAPE.fields.first() {
        encoder.declare(field.name.namespace);
    }
    for (at, field) in T::SHAPE.fields.iter().enumerate() {
        let Some((_, member)) = record.named_member(at) else { continue };
        if encoder.is_marking() {
            write_slot(field, member, encoder)?;
            continue;
        }
        check(field, member, encoder)
            .and_then(|()| member.write(field, encoder))
            .map_err(|error| error.in_element(field.name.local))?;
    }
    Ok(())
}

/// Whether two records hold the same.
pub fn same_members<T: Members>(one: &T, other: &T) -> bool {
    same(one, other)
}

fn same(one: &dyn Members, other: &dyn Members) -> bool {
    (0..one.fields().len()).all(|field| match (one.member(field), other.member(field)) {
        (Some(one), Some(other)) => one.same(other),
        (one, other) => one.is_none() && other.is_none(),
    })
}

/// Adds the members of a record to a hash.
pub fn hash_members<T: Members, H: Hasher>(record: &T, state: &mut H) {
    hash(record, state);
}

fn hash(record: &dyn Members, state: &mut dyn Hasher) {
    (0..record.fields().len()).filter_map(|field| record.member(field)).for_each(|member| member.hash_slot(state));
}

/// Writes a member.
pub(super) fn write_slot(field: &'static Field, member: &dyn Slot, encoder: &mut Encoder<'_>) -> Result<(), Error> {
    check(field, member, encoder)
        .and_then(|()| encoder.within(field, |encoder| member.write(field, encoder)))
        .map_err(|error| error.in_element(field.name.local))
}

#[inline]
fn check(field: &Field, member: &dyn Slot, encoder: &mut Encoder<'_>) -> Result<(), Error> {
    match field.rule {
        Some(rule) => rule.apply(member, encoder),
        None => Ok(()),
    }
}

/// A record of random values, for tests.
#[cfg(feature = "test-util")]
fn sample_record<T: Record>(sampler: &mut crate::schema::sample::Sampler) -> T {
    let sampled = T::assemble(&mut |members| {
        sampler.inside(|sampler| {
            for (field, member) in T::SHAPE.fields.iter().zip(&mut *members) {
                if let Some(member) = member
                    && !sampler.leaves_out(T::SHAPE.name, field.name)
                {
                    sampler.within(field, |sampler| member.sample(field, sampler));
                }
            }
        });
        Ok(())
    });
    sampled.expect("only optional members are left out")
}
