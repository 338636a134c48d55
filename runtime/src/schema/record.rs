//! Reading and writing records by their descriptors: the one place that knows order, occurrence and namespaces.

use std::fmt;

use crate::error::{Error, MISSING};
use crate::schema::descriptor::{Field, Kind, Shape, Source};
use crate::schema::slot::Slot;
use crate::schema::slots::Role;
use crate::secret::Secret;
use crate::value::{Binary, QName, Value};
use crate::xml::{Node, Reader, Writer};

/// A struct whose members are described by a [`Shape`]. Implemented by generated code with [`members!`](crate::members).
pub trait Record: Sized {
    /// The fields, in wire order.
    const SHAPE: &'static Shape;

    /// All members blank.
    fn blank_record() -> Self;

    /// The member of the field with this index.
    fn member(&self, field: usize) -> Option<&dyn Slot>;

    /// The member of the field with this index.
    fn member_mut(&mut self, field: usize) -> Option<&mut dyn Slot>;

    /// Writes all members in order.
    ///
    /// # Errors
    /// As [`Slot::write`].
    fn write_members(&self, writer: &mut Writer<'_>) -> Result<(), Error>;

    /// Rust name of the member of the field with this index.
    fn member_name(field: usize) -> Option<&'static str>;
}

/// A record whose type is not known.
pub trait Members {
    /// The fields, in wire order.
    fn fields(&self) -> &'static [Field];

    /// The member of the field with this index.
    fn member(&self, field: usize) -> Option<&dyn Slot>;

    /// The member of the field with this index.
    fn member_mut(&mut self, field: usize) -> Option<&mut dyn Slot>;
}

/// Which fields have been read.
#[derive(Default)]
struct Seen {
    first: u128,
    more: Vec<usize>,
}

impl Seen {
    /// `false` if it was there already.
    fn insert(&mut self, field: usize) -> bool {
        let new = !self.contains(field);
        match 1u128.checked_shl(u32::try_from(field).unwrap_or(u32::MAX)) {
            Some(bit) => self.first |= bit,
            None if new => self.more.push(field),
            None => {}
        }
        new
    }

    fn contains(&self, field: usize) -> bool {
        match 1u128.checked_shl(u32::try_from(field).unwrap_or(u32::MAX)) {
            Some(bit) => self.first & bit != 0,
            None => self.more.contains(&field),
        }
    }

    /// The first required field of these kinds that has not been read.
    fn missing(&self, fields: &'static [Field], header: bool) -> Option<&'static Field> {
        let wanted =
            |field: &Field| field.required && (field.kind == Kind::Header) == header && field.kind != Kind::Text;
        fields.iter().enumerate().find_map(|(at, field)| (wanted(field) && !self.contains(at)).then_some(field))
    }
}

/// Reads the content of the element at hand into the members of these fields.
///
/// The order of elements does not count, unknown ones are passed over. An element of the contract in another
/// namespace, a second occurrence of a single one, and a missing required one are errors.
pub(crate) fn read_content(
    fields: &'static [Field],
    target: &mut dyn Members,
    reader: &mut Reader<'_>,
) -> Result<(), Error> {
    let mut seen = Seen::default();
    if reader.has_attributes() {
        read_attributes(fields, target, &mut seen, reader)?;
    }
    if let Some(at) = fields.iter().position(|field| field.kind == Kind::Text) {
        seen.insert(at);
        read_field(&fields[at], at, target, reader)?;
    } else {
        read_elements(fields, target, &mut seen, reader)?;
    }
    match seen.missing(fields, false) {
        Some(field) => Err(reader.error(MISSING).in_element(field.name.local)),
        None => Ok(()),
    }
}

fn read_elements(
    fields: &'static [Field],
    target: &mut dyn Members,
    seen: &mut Seen,
    reader: &mut Reader<'_>,
) -> Result<(), Error> {
    let wildcard = fields.iter().position(|field| field.kind == Kind::AnyElement);
    let mut next = 0;
    while reader.next()? == Node::Start {
        let Some(at) = find(fields, next, Kind::Element, reader) else {
            match wildcard {
                Some(at) => {
                    seen.insert(at);
                    read_field(&fields[at], at, target, reader)?;
                }
                None => reader.skip()?,
            }
            continue;
        };
        let field = &fields[at];
        if !reader.is_in(field.name.namespace) {
            return Err(reader.error("an element of the contract in another namespace").in_element(field.name.local));
        }
        if !seen.insert(at) && !field.many {
            return Err(reader.error("an element that may occur once occurs twice").in_element(field.name.local));
        }
        if let Err(error) = read_field(field, at, target, reader) {
            // Of several absences the first in the contract is named, and that should have stood before this element.
            return match seen.missing(&fields[..at], false).filter(|_| error.is_absence()) {
                Some(field) => Err(reader.error(MISSING).in_element(field.name.local)),
                None => Err(error),
            };
        }
        next = if field.many { at } else { at + 1 };
    }
    Ok(())
}

/// The field of the element at hand, looked for from where the last one was found: by name in the right namespace, or
/// else by local name alone, which is an error to the caller unless a wildcard takes it.
fn find(fields: &'static [Field], next: usize, kind: Kind, reader: &mut Reader<'_>) -> Option<usize> {
    let local = reader.local();
    let same = |field: &Field| field.kind == kind && field.name.local.as_bytes() == local;
    let mut by_local_name = None;
    // Documents follow the contract as a rule: the wanted field is the next one, or a later one.
    for at in (next..fields.len()).chain(0..next.min(fields.len())) {
        let field = &fields[at];
        if same(field) {
            if reader.is_in(field.name.namespace) {
                return Some(at);
            }
            by_local_name.get_or_insert(at);
        }
    }
    by_local_name.filter(|_| !fields.iter().any(|field| field.kind == Kind::AnyElement))
}

fn read_attributes(
    fields: &'static [Field],
    target: &mut dyn Members,
    seen: &mut Seen,
    reader: &mut Reader<'_>,
) -> Result<(), Error> {
    if !fields.iter().any(|field| matches!(field.kind, Kind::Attribute | Kind::AnyAttribute)) {
        return Ok(());
    }
    for (namespace, local, value) in reader.attributes()? {
        let same = |field: &Field| {
            field.kind == Kind::Attribute && field.name.local == local && field.name.namespace == namespace
        };
        match fields.iter().position(same) {
            Some(at) => {
                seen.insert(at);
                reader.at_attribute(value);
                read_field(&fields[at], at, target, reader)?;
            }
            None => reader.unclaimed().push((QName { namespace, local: local.to_owned() }, value.into_owned())),
        }
    }
    if let Some(at) = fields.iter().position(|field| field.kind == Kind::AnyAttribute) {
        read_field(&fields[at], at, target, reader)?;
    }
    reader.unclaimed().clear();
    Ok(())
}

fn read_field(
    field: &'static Field,
    at: usize,
    target: &mut dyn Members,
    reader: &mut Reader<'_>,
) -> Result<(), Error> {
    let result = match field.source {
        Source::Member => match target.member_mut(at) {
            Some(member) => member.read(field, reader),
            None => reader.skip(),
        },
        Source::Slot(role) => {
            let mut text = None;
            let result = read_beside::<String>(field, &mut text, reader);
            reader.slots().set(role, text.map(Secret::from));
            result
        }
        Source::Stream => {
            let mut content = None;
            reader.expect_stream(true);
            let result = read_beside::<Binary>(field, &mut content, reader);
            reader.expect_stream(false);
            *reader.stream() = content;
            result
        }
    };
    result.map_err(|error| error.in_element(field.name.local))
}

/// Reads a value that is no member.
fn read_beside<T: Value>(field: &Field, value: &mut Option<T>, reader: &mut Reader<'_>) -> Result<(), Error> {
    if field.required { value.insert(T::blank()).read(field, reader) } else { value.read(field, reader) }
}

/// Reads a SOAP header block into the member it belongs to. `false` if it belongs to none.
pub(crate) fn read_header(
    target: &mut dyn Members,
    seen: &mut HeadersSeen,
    reader: &mut Reader<'_>,
) -> Result<bool, Error> {
    let fields = target.fields();
    let Some(at) = find(fields, 0, Kind::Header, reader) else { return Ok(false) };
    let field = &fields[at];
    if !reader.is_in(field.name.namespace) {
        return Ok(false);
    }
    if !seen.0.insert(at) {
        return Err(reader.error("a header block that may occur once occurs twice").in_element(field.name.local));
    }
    read_field(field, at, target, reader)?;
    Ok(true)
}

/// Which header parts of a message have been read.
#[derive(Default)]
pub(crate) struct HeadersSeen(Seen);

impl HeadersSeen {
    /// # Errors
    /// A required header part is missing.
    pub(crate) fn check(&self, target: &dyn Members, reader: &Reader<'_>) -> Result<(), Error> {
        match self.0.missing(target.fields(), true) {
            Some(field) => Err(reader.error("a required header part is missing").in_element(field.name.local)),
            None => Ok(()),
        }
    }
}

/// Writes attributes and content of the element begun last, in the order of the fields.
pub(crate) fn write_content(
    fields: &'static [Field],
    source: &dyn Members,
    writer: &mut Writer<'_>,
) -> Result<(), Error> {
    if let Some(field) = fields.iter().find(|field| field.kind == Kind::Element) {
        writer.declare(field.name.namespace);
    }
    // They have to be written before the others, wherever they stand.
    if fields.iter().any(is_attribute) {
        write_fields(fields, source, writer, is_attribute)?;
    }
    write_fields(fields, source, writer, |field| !is_attribute(field) && field.kind != Kind::Header)
}

fn is_attribute(field: &Field) -> bool {
    matches!(field.kind, Kind::Attribute | Kind::AnyAttribute)
}

/// Writes the header parts of a message.
pub(crate) fn write_headers(source: &dyn Members, writer: &mut Writer<'_>) -> Result<(), Error> {
    write_fields(source.fields(), source, writer, |field| field.kind == Kind::Header)
}

fn write_fields(
    fields: &'static [Field],
    source: &dyn Members,
    writer: &mut Writer<'_>,
    wanted: impl Fn(&Field) -> bool,
) -> Result<(), Error> {
    for (at, field) in fields.iter().enumerate() {
        if !wanted(field) {
            continue;
        }
        let result = match field.source {
            Source::Member => source.member(at).map_or(Ok(()), |member| {
                check(field, member, writer)?;
                member.write(field, writer)
            }),
            Source::Slot(role) => write_slot(field, role, writer),
            Source::Stream if writer.stream_reference((field.kind == Kind::Element).then_some(field.name)) => Ok(()),
            Source::Stream => match writer.stream() {
                Some(content) => content.write(field, writer),
                None => None::<Binary>.write(field, writer),
            },
        };
        result.map_err(|error| error.in_element(field.name.local))?;
    }
    Ok(())
}

fn write_slot(field: &Field, role: Role, writer: &mut Writer<'_>) -> Result<(), Error> {
    match writer.slots().get(role) {
        Some(secret) => {
            writer.start(field.name);
            writer.text(secret.expose())?;
            writer.end();
            Ok(())
        }
        None if field.required => Err(Error::configuration("the call needs a credential that was not given")),
        None => crate::schema::slot::write_none(field, writer),
    }
}

/// `Debug` for records: sensitive fields print as `[redacted]`.
pub fn debug<T: Record>(record: &T, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let mut out = f.debug_struct(T::SHAPE.name.local);
    for (at, field) in T::SHAPE.fields.iter().enumerate() {
        if let (Some(name), Some(member)) = (T::member_name(at), record.member(at)) {
            if field.sensitive {
                out.field(name, &format_args!("[redacted]"));
            } else {
                out.field(name, &member);
            }
        }
    }
    out.finish()
}

/// Reads a record from the element at hand.
///
/// # Errors
/// Content that the descriptor does not allow, or an `xsi:type` that names another type, whose fields would be lost.
pub fn read_record<T: Record + Members>(reader: &mut Reader<'_>) -> Result<T, Error> {
    let mut record = T::blank_record();
    read_record_into(&mut record, reader)?;
    Ok(record)
}

/// Reads a record from the element at hand into a blank one.
///
/// # Errors
/// As [`read_record`].
pub fn read_record_into<T: Record + Members>(record: &mut T, reader: &mut Reader<'_>) -> Result<(), Error> {
    if let Some((namespace, local)) = reader.xsi_type()? {
        let name = T::SHAPE.name;
        if namespace != name.namespace || local != name.local {
            return Err(reader.error("xsi:type names a type that this version does not know"));
        }
    }
    read_content(T::SHAPE.fields, record, reader)
}

/// Writes the content of a record.
///
/// # Errors
/// A value that can't be written, or none where one is required.
pub fn write_record<T: Record + Members>(record: &T, writer: &mut Writer<'_>) -> Result<(), Error> {
    if const { !are_elements(T::SHAPE.fields) } {
        return write_content(T::SHAPE.fields, record, writer);
    }
    if let Some(field) = T::SHAPE.fields.first() {
        writer.declare(field.name.namespace);
    }
    record.write_members(writer)
}

/// Whether all fields are child elements and members of the record, as in nearly all of them: they need no second look.
const fn are_elements(fields: &[Field]) -> bool {
    let mut at = 0;
    while at < fields.len() {
        if !matches!(fields[at], Field { kind: Kind::Element, source: Source::Member, .. }) {
            return false;
        }
        at += 1;
    }
    true
}

/// Writes a member of a record whose fields are all child elements.
///
/// # Errors
/// As [`Slot::write`].
#[inline]
pub fn write_member<T: Slot>(field: &'static Field, member: &T, writer: &mut Writer<'_>) -> Result<(), Error> {
    check(field, member, writer)
        .and_then(|()| member.write(field, writer))
        .map_err(|error| error.in_element(field.name.local))
}

#[inline]
fn check(field: &Field, member: &dyn Slot, writer: &Writer<'_>) -> Result<(), Error> {
    match field.rule {
        Some(rule) if writer.checks_rules() => rule.check(member),
        _ => Ok(()),
    }
}

/// A record of random values, for tests.
#[cfg(feature = "test-util")]
#[doc(hidden)]
pub fn sample_record<T: Record>(sampler: &mut crate::schema::sample::Sampler) -> T {
    let mut record = T::blank_record();
    sampler.inside(|sampler| {
        for (at, field) in T::SHAPE.fields.iter().enumerate() {
            if sampler.leaves_out(T::SHAPE.name, field.name) {
                continue;
            }
            if let Some(member) = record.member_mut(at) {
                member.sample(field, sampler);
            }
        }
    });
    record
}
