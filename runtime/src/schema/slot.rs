//! What a member of a record can be: one value, an optional one, or a list.
//!
//! What is here is compiled once for each type of a contract, in its own crate. So it is matches where `?` and the methods of
//! `Option` and `Result` would each be another function to compile.

use std::any::Any;
use std::fmt::Debug;
use std::hash::{Hash, Hasher};

use crate::error::{Error, NIL};
use crate::name::Name;
use crate::schema::children::elsewhere;
use crate::schema::decode::Decoder;
use crate::schema::encode::{Encoder, Style};
use crate::schema::facet;
use crate::schema::field::{Field, Items, Kind, Shape};
use crate::schema::partial::{Partial, ReadInto, Target};
use crate::schema::record::Members;
use crate::schema::value::{Value, hash_items};
use crate::value::{AnyAttributes, Mixed, MixedNode, Nillable};
use crate::xml::Node;

/// A type that holds the occurrences of one field: a value, an option or a list. The field states how often it occurs
/// and whether it is nillable.
pub trait Slot: Any + Debug + Send + Sync {
    /// The fields of the type, if it is a record.
    fn shape() -> Option<&'static Shape>
    where
        Self: Sized,
    {
        None
    }

    /// The value for no occurrence, if there is one.
    fn absent() -> Option<Self>
    where
        Self: Sized;

    /// Reads the first occurrence, which is the current element or attribute.
    ///
    /// # Errors
    /// Content that the field does not allow.
    fn read(field: &Field, decoder: &mut Decoder<'_>) -> Result<Self, Error>
    where
        Self: Sized;

    /// Reads a further occurrence, which is the current element. Only lists have any.
    ///
    /// # Errors
    /// As [`read`](Self::read).
    fn read_further(&mut self, field: &Field, decoder: &mut Decoder<'_>) -> Result<(), Error>
    where
        Self: Sized,
    {
        match Self::read(field, decoder) {
            Ok(value) => {
                *self = value;
                Ok(())
            }
            Err(error) => Err(error),
        }
    }

    /// Reads a message of this type: a reader of a record is given its members.
    ///
    /// # Errors
    /// An error of the reader, or a required value that is missing.
    fn read_message(read: &mut ReadInto<'_>) -> Result<Self, Error>
    where
        Self: Sized,
    {
        let mut value = Partial::default();
        read(Target::Value(&mut value))?;
        value.take()
    }

    /// Writes all occurrences.
    ///
    /// # Errors
    /// A value that can't be written, or a required value that is missing.
    fn write(&self, field: &Field, encoder: &mut Encoder<'_>) -> Result<(), Error>;

    /// Whether the other holds the same.
    fn same(&self, other: &dyn Slot) -> bool;

    /// Adds all occurrences to a hash. Only called where the type has [`Hash`].
    fn hash_slot(&self, _: &mut dyn Hasher) {}

    /// The value as a record, if it is one.
    fn members(&self) -> Option<&dyn Members> {
        None
    }

    /// Occurrences made from random numbers, for tests.
    #[cfg(feature = "test-util")]
    #[doc(hidden)]
    fn sample(field: &Field, sampler: &mut crate::schema::sample::Sampler) -> Self
    where
        Self: Sized;
}

macro_rules! same {
    () => {
        fn same(&self, other: &dyn Slot) -> bool {
            match (other as &dyn Any).downcast_ref::<Self>() {
                Some(other) => self == other,
                None => false,
            }
        }
    };
}

impl<T: Value> Slot for T {
    same!();

    fn hash_slot(&self, state: &mut dyn Hasher) {
        self.hash_value(state);
    }

    fn shape() -> Option<&'static Shape> {
        T::shape()
    }

    fn absent() -> Option<Self> {
        None
    }

    fn read(field: &Field, decoder: &mut Decoder<'_>) -> Result<Self, Error> {
        if says_nil(field, decoder) && !T::IS_ELEMENT {
            return Err(decoder.error(NIL));
        }
        T::read_value(decoder)
    }

    fn read_message(read: &mut ReadInto<'_>) -> Result<Self, Error> {
        Value::read_message(read)
    }

    #[inline]
    fn write(&self, field: &Field, encoder: &mut Encoder<'_>) -> Result<(), Error> {
        write_one(field, &field.name, self, encoder)
    }

    fn members(&self) -> Option<&dyn Members> {
        Value::members(self)
    }

    #[cfg(feature = "test-util")]
    fn sample(_: &Field, sampler: &mut crate::schema::sample::Sampler) -> Self {
        T::sample(sampler)
    }
}

/// Absent and nil are both read as `None`. `None` is written as no element by a client and as `xsi:nil` by a service,
/// where both are allowed.
impl<T: Value> Slot for Option<T> {
    same!();

    fn hash_slot(&self, state: &mut dyn Hasher) {
        state.write_u8(u8::from(self.is_some()));
        self.iter().for_each(|value| value.hash_value(state));
    }

    fn absent() -> Option<Self> {
        Some(None)
    }

    fn read(field: &Field, decoder: &mut Decoder<'_>) -> Result<Self, Error> {
        if says_nil(field, decoder) {
            return decoder.skip().map(|()| None);
        }
        <T as Slot>::read(field, decoder).map(Some)
    }

    #[inline]
    fn write(&self, field: &Field, encoder: &mut Encoder<'_>) -> Result<(), Error> {
        match self {
            Some(value) => write_one(field, &field.name, value, encoder),
            // Most members of most messages.
            None if !field.required && encoder.style() == Style::Client => Ok(()),
            None => write_none(field, encoder),
        }
    }

    /// What is nil states no type, and is not valid where the declared one is abstract: there is a value then.
    #[cfg(feature = "test-util")]
    fn sample(field: &Field, sampler: &mut crate::schema::sample::Sampler) -> Self {
        let value = sampler.some(T::sample);
        if value.is_some() || !field.required || sampler.is_deep() {
            return value;
        }
        Some(T::sample(sampler)).filter(|value| value.xsi_type().is_some())
    }
}

impl<T: Value> Slot for Nillable<T> {
    same!();

    fn hash_slot(&self, mut state: &mut dyn Hasher) {
        std::mem::discriminant(self).hash(&mut state);
        if let Self::Value(value) = self {
            value.hash_value(state);
        }
    }

    fn absent() -> Option<Self> {
        Some(Self::Absent)
    }

    fn read(field: &Field, decoder: &mut Decoder<'_>) -> Result<Self, Error> {
        if decoder.is_nil() {
            return decoder.skip().map(|()| Self::Nil);
        }
        <T as Slot>::read(field, decoder).map(Self::Value)
    }

    fn write(&self, field: &Field, encoder: &mut Encoder<'_>) -> Result<(), Error> {
        match self {
            Self::Value(value) => write_one(field, &field.name, value, encoder),
            Self::Nil => {
                write_nil(field.name, encoder);
                Ok(())
            }
            Self::Absent if field.required => Err(Error::malformed("a required element is absent")),
            Self::Absent => Ok(()),
        }
    }

    #[cfg(feature = "test-util")]
    fn sample(_: &Field, sampler: &mut crate::schema::sample::Sampler) -> Self {
        match sampler.number() % 3 {
            0 => Self::Absent,
            1 => Self::Nil,
            _ => Self::Value(T::sample(sampler)),
        }
    }
}

/// A nil item is skipped.
impl<T: Value> Slot for Vec<T> {
    same!();

    fn hash_slot(&self, state: &mut dyn Hasher) {
        hash_items(self.iter(), T::hash_value, state);
    }

    fn absent() -> Option<Self> {
        Some(Self::new())
    }

    fn read(field: &Field, decoder: &mut Decoder<'_>) -> Result<Self, Error> {
        let mut items = Self::new();
        items.read_further(field, decoder)?;
        Ok(items)
    }

    fn read_further(&mut self, field: &Field, decoder: &mut Decoder<'_>) -> Result<(), Error> {
        read_items(field, decoder, |decoder| {
            if says_nil(field, decoder) {
                return decoder.skip();
            }
            decoder.charge(size_of::<T>())?;
            self.push(T::read_value(decoder)?);
            Ok(())
        })
    }

    fn write(&self, field: &Field, encoder: &mut Encoder<'_>) -> Result<(), Error> {
        write_items(field, encoder, self.is_empty(), |name, encoder| {
            self.iter().try_for_each(|item| write_one(field, &name, item, encoder))
        })
    }

    #[cfg(feature = "test-util")]
    fn sample(field: &Field, sampler: &mut crate::schema::sample::Sampler) -> Self {
        (0..sampled(field, sampler)).map(|_| T::sample(sampler)).collect()
    }
}

impl<T: Value> Slot for Vec<Option<T>> {
    same!();

    fn hash_slot(&self, state: &mut dyn Hasher) {
        hash_items(self.iter(), Slot::hash_slot, state);
    }

    fn absent() -> Option<Self> {
        Some(Self::new())
    }

    fn read(field: &Field, decoder: &mut Decoder<'_>) -> Result<Self, Error> {
        let mut items = Self::new();
        items.read_further(field, decoder)?;
        Ok(items)
    }

    fn read_further(&mut self, field: &Field, decoder: &mut Decoder<'_>) -> Result<(), Error> {
        read_items(field, decoder, |decoder| {
            decoder.charge(size_of::<Option<T>>())?;
            self.push(<Option<T> as Slot>::read(field, decoder)?);
            Ok(())
        })
    }

    fn write(&self, field: &Field, encoder: &mut Encoder<'_>) -> Result<(), Error> {
        let may_be_nil = field.items.map_or(field.nillable, |items| items.nillable);
        write_items(field, encoder, self.is_empty(), |name, encoder| {
            self.iter().try_for_each(|item| match item {
                Some(item) => write_one(field, &name, item, encoder),
                None if may_be_nil => {
                    write_nil(name, encoder);
                    Ok(())
                }
                None => Err(Error::malformed("a nil item in a list whose items can't be nil")),
            })
        })
    }

    #[cfg(feature = "test-util")]
    fn sample(field: &Field, sampler: &mut crate::schema::sample::Sampler) -> Self {
        let may_be_nil = field.items.map_or(field.nillable, |items| items.nillable);
        let item = |sampler: &mut crate::schema::sample::Sampler| match may_be_nil {
            true => sampler.some(T::sample),
            false => Some(T::sample(sampler)),
        };
        (0..sampled(field, sampler)).map(|_| item(sampler)).collect()
    }
}

/// The content of an empty element.
impl Slot for () {
    same!();

    fn absent() -> Option<Self> {
        Some(())
    }

    fn read(_: &Field, decoder: &mut Decoder<'_>) -> Result<Self, Error> {
        decoder.skip()
    }

    fn write(&self, field: &Field, encoder: &mut Encoder<'_>) -> Result<(), Error> {
        encoder.start(field.name);
        encoder.end();
        Ok(())
    }

    #[cfg(feature = "test-util")]
    fn sample(_: &Field, _: &mut crate::schema::sample::Sampler) -> Self {}
}

impl Slot for AnyAttributes {
    same!();

    fn hash_slot(&self, mut state: &mut dyn Hasher) {
        self.hash(&mut state);
    }

    fn absent() -> Option<Self> {
        Some(Self::default())
    }

    fn read(_: &Field, decoder: &mut Decoder<'_>) -> Result<Self, Error> {
        let mut attributes = Self::default();
        for (name, value) in decoder.unclaimed().drain(..) {
            attributes.push(name, value);
        }
        Ok(attributes)
    }

    fn write(&self, _: &Field, encoder: &mut Encoder<'_>) -> Result<(), Error> {
        self.iter().try_for_each(|(name, value)| encoder.any_attribute(&name.namespace, &name.local, value))
    }

    #[cfg(feature = "test-util")]
    fn sample(_: &Field, _: &mut crate::schema::sample::Sampler) -> Self {
        Self::default()
    }
}

impl Slot for Mixed {
    same!();

    fn hash_slot(&self, mut state: &mut dyn Hasher) {
        self.hash(&mut state);
    }

    fn absent() -> Option<Self> {
        Some(Self::default())
    }

    fn read(_: &Field, decoder: &mut Decoder<'_>) -> Result<Self, Error> {
        decoder.mixed()
    }

    fn write(&self, _: &Field, encoder: &mut Encoder<'_>) -> Result<(), Error> {
        self.iter().try_for_each(|node| match node {
            MixedNode::Text(text) => encoder.text(text),
            MixedNode::Element(element) => element.write_value(encoder),
        })
    }

    #[cfg(feature = "test-util")]
    fn sample(_: &Field, sampler: &mut crate::schema::sample::Sampler) -> Self {
        let mut content = Self::default();
        content.add(MixedNode::Text(sampler.text()));
        content.add(MixedNode::Element(Value::sample(sampler)));
        content
    }
}

/// Whether the occurrence at hand is nil. What stands among the children of an element is not: its first element may be.
fn says_nil(field: &Field, decoder: &Decoder<'_>) -> bool {
    field.kind != Kind::Group && decoder.is_nil()
}

/// How many items a sample of a list has: if one is required, two, which the schema may require too.
#[cfg(feature = "test-util")]
fn sampled(field: &Field, sampler: &mut crate::schema::sample::Sampler) -> usize {
    let required = field.items.map_or(field.required, |items| items.required);
    sampler.count().max(if required { 2 } else { 0 })
}

/// The current occurrence is the item, or holds the items.
fn read_items(
    field: &Field,
    decoder: &mut Decoder<'_>,
    mut item: impl FnMut(&mut Decoder<'_>) -> Result<(), Error>,
) -> Result<(), Error> {
    let Some(Items { name, .. }) = field.items else { return item(decoder) };
    if decoder.is_nil() {
        return decoder.skip();
    }
    while decoder.next()? == Node::Start {
        if !decoder.is_local(name.local) {
            decoder.skip()?;
        } else if decoder.is_in(name.namespace) {
            item(decoder).map_err(|error| error.in_element(name.local))?;
        } else {
            return Err(elsewhere(decoder, name));
        }
    }
    Ok(())
}

fn write_items(
    field: &Field,
    encoder: &mut Encoder<'_>,
    is_empty: bool,
    items: impl FnOnce(Name, &mut Encoder<'_>) -> Result<(), Error>,
) -> Result<(), Error> {
    const TOO_FEW: &str = "an empty list where at least one item is required";
    match field.items {
        None if is_empty && field.required => Err(Error::malformed(TOO_FEW)),
        None => items(field.name, encoder),
        Some(_) if is_empty && (field.nillable || !field.required) => write_none(field, encoder),
        Some(Items { required: true, .. }) if is_empty => Err(Error::malformed(TOO_FEW)),
        Some(Items { name, .. }) => {
            encoder.start(field.name);
            encoder.declare(name.namespace);
            items(name, encoder).map_err(|error| error.in_element(name.local))?;
            encoder.end();
            Ok(())
        }
    }
}

#[inline]
fn write_one<T: Value>(field: &Field, name: &Name, value: &T, encoder: &mut Encoder<'_>) -> Result<(), Error> {
    if let Some(default) = field.default
        && !default.is_empty()
        && value.is_empty_text()
    {
        return Err(Error::malformed("an empty text, which the receiver would read as the default of the schema"));
    }
    if !field.facets.is_empty() && encoder.checks_facets() {
        facet::check(field, value)?;
    }
    match field.kind {
        Kind::Element | Kind::Header if !T::IS_ELEMENT && field.xsi_type.is_some() => {
            write_typed(field, name, value, encoder)
        }
        Kind::Element | Kind::Header if !T::IS_ELEMENT => value.write_element(name, encoder),
        Kind::Element | Kind::Header => value.write_named(*name, encoder),
        Kind::Attribute => {
            encoder.start_attribute(*name);
            value.write_value(encoder)?;
            encoder.end_attribute();
            Ok(())
        }
        _ => value.write_value(encoder),
    }
}

/// Writes a value with its declared type, unless it states another.
#[cold]
fn write_typed<T: Value>(field: &Field, name: &Name, value: &T, encoder: &mut Encoder<'_>) -> Result<(), Error> {
    let open = encoder.open(name);
    if let Some(ty) = value.xsi_type().or(field.xsi_type) {
        encoder.xsi_type(ty);
    }
    value.write_value(encoder)?;
    encoder.close(open);
    Ok(())
}

/// Writes the form of a missing value.
pub(crate) fn write_none(field: &Field, encoder: &mut Encoder<'_>) -> Result<(), Error> {
    let server = encoder.style() == Style::Server;
    match field.kind {
        Kind::Element | Kind::Header if field.nillable && (field.required || server) => write_nil(field.name, encoder),
        _ if field.required => return Err(Error::malformed("a required value is absent")),
        _ => {}
    }
    Ok(())
}

fn write_nil(name: Name, encoder: &mut Encoder<'_>) {
    encoder.start(name);
    encoder.nil();
    encoder.end();
}
