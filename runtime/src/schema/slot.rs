//! What a member of a record can be: a value, perhaps absent, perhaps many.

use std::any::Any;
use std::fmt::Debug;

use crate::error::{Error, NIL};
use crate::name::Name;
use crate::schema::descriptor::{Field, Kind};
use crate::schema::record::Members;
use crate::value::{AnyAttributes, Nillable, Value};
use crate::xml::{Node, Reader, Style, Writer};

/// A place for the occurrences of one field. The field says how often it occurs and what it may lack.
pub trait Slot: Any + Debug + Send + Sync {
    /// A stand-in until the field has been read.
    fn blank() -> Self
    where
        Self: Sized;

    /// Takes in the occurrence at hand.
    ///
    /// # Errors
    /// Content that is no value of the type, or `xsi:nil` where a value is required.
    fn read(&mut self, field: &Field, reader: &mut Reader<'_>) -> Result<(), Error>;

    /// Writes all occurrences.
    ///
    /// # Errors
    /// A value that can't be written, or none where one is required.
    fn write(&self, field: &Field, writer: &mut Writer<'_>) -> Result<(), Error>;

    /// Whether the other is of the same type and equal.
    fn same(&self, other: &dyn Slot) -> bool;

    /// The value as a record with members, if it is one.
    fn members(&self) -> Option<&dyn Members> {
        None
    }

    /// The value as a record with members, if it is one.
    fn members_mut(&mut self) -> Option<&mut dyn Members> {
        None
    }

    /// Takes a value made from random numbers, for tests.
    #[cfg(feature = "test-util")]
    #[doc(hidden)]
    fn sample(&mut self, field: &Field, sampler: &mut crate::schema::sample::Sampler);
}

/// See [`Slot::blank`].
pub fn blank<T: Slot>() -> T {
    T::blank()
}

macro_rules! same {
    () => {
        fn same(&self, other: &dyn Slot) -> bool {
            (other as &dyn Any).downcast_ref::<Self>().is_some_and(|other| self == other)
        }
    };
}

impl<T: Value> Slot for T {
    same!();

    fn blank() -> Self {
        T::blank()
    }

    fn read(&mut self, _: &Field, reader: &mut Reader<'_>) -> Result<(), Error> {
        if reader.is_nil() && !T::IS_ELEMENT {
            return Err(reader.error(NIL));
        }
        self.read_into(reader)
    }

    #[inline]
    fn write(&self, field: &Field, writer: &mut Writer<'_>) -> Result<(), Error> {
        write_one(field.kind, &field.name, self, writer)
    }

    fn members(&self) -> Option<&dyn Members> {
        Value::members(self)
    }

    fn members_mut(&mut self) -> Option<&mut dyn Members> {
        Value::members_mut(self)
    }

    #[cfg(feature = "test-util")]
    fn sample(&mut self, _: &Field, sampler: &mut crate::schema::sample::Sampler) {
        *self = T::sample(sampler);
    }
}

/// Absent and nil are one on reading. Of nothing, a client writes nothing and a service `xsi:nil`, where both are allowed.
impl<T: Value> Slot for Option<T> {
    same!();

    fn blank() -> Self {
        None
    }

    fn read(&mut self, field: &Field, reader: &mut Reader<'_>) -> Result<(), Error> {
        if reader.is_nil() {
            *self = None;
            return reader.skip();
        }
        self.insert(T::blank()).read(field, reader)
    }

    #[inline]
    fn write(&self, field: &Field, writer: &mut Writer<'_>) -> Result<(), Error> {
        match self {
            Some(value) => write_one(field.kind, &field.name, value, writer),
            // Most members of most messages.
            None if !field.required && writer.style() == Style::Client => Ok(()),
            None => write_none(field, writer),
        }
    }

    #[cfg(feature = "test-util")]
    fn sample(&mut self, _: &Field, sampler: &mut crate::schema::sample::Sampler) {
        *self = sampler.some(T::sample);
    }
}

impl<T: Value> Slot for Nillable<T> {
    same!();

    fn blank() -> Self {
        Self::Absent
    }

    fn read(&mut self, field: &Field, reader: &mut Reader<'_>) -> Result<(), Error> {
        if reader.is_nil() {
            *self = Self::Nil;
            return reader.skip();
        }
        let mut value = T::blank();
        Slot::read(&mut value, field, reader)?;
        *self = Self::Value(value);
        Ok(())
    }

    fn write(&self, field: &Field, writer: &mut Writer<'_>) -> Result<(), Error> {
        match self {
            Self::Value(value) => write_one(field.kind, &field.name, value, writer),
            Self::Nil => {
                write_nil(field.name, writer);
                Ok(())
            }
            Self::Absent if field.required => Err(Error::malformed("a required element is absent")),
            Self::Absent => Ok(()),
        }
    }

    #[cfg(feature = "test-util")]
    fn sample(&mut self, _: &Field, sampler: &mut crate::schema::sample::Sampler) {
        *self = match sampler.number() % 3 {
            0 => Self::Absent,
            1 => Self::Nil,
            _ => Self::Value(T::sample(sampler)),
        };
    }
}

/// A nil item is no item.
impl<T: Value> Slot for Vec<T> {
    same!();

    fn blank() -> Self {
        Self::new()
    }

    fn read(&mut self, field: &Field, reader: &mut Reader<'_>) -> Result<(), Error> {
        read_items(field, reader, |reader| {
            if reader.is_nil() {
                return reader.skip();
            }
            reader.charge(size_of::<T>())?;
            self.push(T::blank());
            self.last_mut().map_or(Ok(()), |item| item.read_into(reader))
        })
    }

    fn write(&self, field: &Field, writer: &mut Writer<'_>) -> Result<(), Error> {
        write_items(field, writer, self.is_empty(), |name, writer| {
            self.iter().try_for_each(|item| write_one(field.kind, &name, item, writer))
        })
    }

    #[cfg(feature = "test-util")]
    fn sample(&mut self, field: &Field, sampler: &mut crate::schema::sample::Sampler) {
        let least = usize::from(field.required && field.items.is_none());
        *self = (0..sampler.count().max(least)).map(|_| T::sample(sampler)).collect();
    }
}

impl<T: Value> Slot for Vec<Option<T>> {
    same!();

    fn blank() -> Self {
        Self::new()
    }

    fn read(&mut self, field: &Field, reader: &mut Reader<'_>) -> Result<(), Error> {
        read_items(field, reader, |reader| {
            reader.charge(size_of::<Option<T>>())?;
            let mut item = None;
            item.read(field, reader)?;
            self.push(item);
            Ok(())
        })
    }

    fn write(&self, field: &Field, writer: &mut Writer<'_>) -> Result<(), Error> {
        write_items(field, writer, self.is_empty(), |name, writer| {
            self.iter().try_for_each(|item| match item {
                Some(item) => write_one(field.kind, &name, item, writer),
                None => {
                    write_nil(name, writer);
                    Ok(())
                }
            })
        })
    }

    #[cfg(feature = "test-util")]
    fn sample(&mut self, field: &Field, sampler: &mut crate::schema::sample::Sampler) {
        let least = usize::from(field.required && field.items.is_none());
        *self = (0..sampler.count().max(least)).map(|_| sampler.some(T::sample)).collect();
    }
}

/// Nothing: the content of an element that holds nothing.
impl Slot for () {
    same!();

    fn blank() -> Self {}

    fn read(&mut self, _: &Field, reader: &mut Reader<'_>) -> Result<(), Error> {
        reader.skip()
    }

    fn write(&self, field: &Field, writer: &mut Writer<'_>) -> Result<(), Error> {
        writer.start(field.name);
        writer.end();
        Ok(())
    }

    #[cfg(feature = "test-util")]
    fn sample(&mut self, _: &Field, _: &mut crate::schema::sample::Sampler) {}
}

impl Slot for AnyAttributes {
    same!();

    fn blank() -> Self {
        Self::default()
    }

    fn read(&mut self, _: &Field, reader: &mut Reader<'_>) -> Result<(), Error> {
        for (name, value) in reader.unclaimed().drain(..) {
            self.push(name, value);
        }
        Ok(())
    }

    fn write(&self, _: &Field, writer: &mut Writer<'_>) -> Result<(), Error> {
        self.iter().try_for_each(|(name, value)| writer.any_attribute(name, value))
    }

    #[cfg(feature = "test-util")]
    fn sample(&mut self, _: &Field, _: &mut crate::schema::sample::Sampler) {}
}

/// The occurrence at hand is the item, or holds the items.
fn read_items(
    field: &Field,
    reader: &mut Reader<'_>,
    mut item: impl FnMut(&mut Reader<'_>) -> Result<(), Error>,
) -> Result<(), Error> {
    let Some(name) = field.items else { return item(reader) };
    if reader.is_nil() {
        return reader.skip();
    }
    while reader.next()? == Node::Start {
        if !reader.is_local(name.local) {
            reader.skip()?;
        } else if reader.is_in(name.namespace) {
            item(reader).map_err(|error| error.in_element(name.local))?;
        } else {
            return Err(reader.error("an element of the contract in another namespace").in_element(name.local));
        }
    }
    Ok(())
}

fn write_items(
    field: &Field,
    writer: &mut Writer<'_>,
    is_empty: bool,
    items: impl FnOnce(Name, &mut Writer<'_>) -> Result<(), Error>,
) -> Result<(), Error> {
    match field.items {
        None if is_empty && field.required => {
            Err(Error::malformed("an empty list where at least one item is required"))
        }
        None => items(field.name, writer),
        Some(_) if is_empty && (field.nillable || !field.required) => write_none(field, writer),
        Some(item) => {
            writer.start(field.name);
            writer.declare(item.namespace);
            items(item, writer).map_err(|error| error.in_element(item.local))?;
            writer.end();
            Ok(())
        }
    }
}

#[inline]
fn write_one<T: Value>(kind: Kind, name: &Name, value: &T, writer: &mut Writer<'_>) -> Result<(), Error> {
    match kind {
        Kind::Element | Kind::Header if !T::IS_ELEMENT => value.write_element(name, writer),
        Kind::Element | Kind::Header => value.write_named(*name, writer),
        Kind::Attribute => {
            writer.start_attribute(*name);
            value.write_value(writer)?;
            writer.end_attribute();
            Ok(())
        }
        _ => value.write_value(writer),
    }
}

/// Writes what stands for no value.
pub(crate) fn write_none(field: &Field, writer: &mut Writer<'_>) -> Result<(), Error> {
    let server = writer.style() == Style::Server;
    match field.kind {
        Kind::Element | Kind::Header if field.nillable && (field.required || server) => write_nil(field.name, writer),
        _ if field.required => return Err(Error::malformed("a required value is absent")),
        _ => {}
    }
    Ok(())
}

fn write_nil(name: Name, writer: &mut Writer<'_>) {
    writer.start(name);
    writer.nil();
    writer.end();
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::limits::XmlLimits;
    use crate::schema::slots::Slots;

    /// The value of an element with this content, written as XML.
    pub(crate) fn read<T: Value>(content: &str) -> Option<T> {
        let xml = format!("<x>{content}</x>");
        let mut reader = Reader::new(xml.as_bytes(), &XmlLimits::default());
        assert_eq!(reader.next().unwrap(), Node::Start);
        T::read_value(&mut reader).ok()
    }

    /// The content that a value writes.
    pub(crate) fn written<T: Value>(value: &T) -> String {
        let slots = Slots::default();
        let mut writer = Writer::new(Style::Client, &slots);
        value.write_value(&mut writer).unwrap();
        String::from_utf8(writer.finish()).unwrap()
    }
}
