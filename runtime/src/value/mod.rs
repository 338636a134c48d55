//! Values: what an element, an attribute or a text holds.

mod binary;
mod date_time;
mod decimal;
mod duration;
mod fragment;
mod guid;
mod nillable;
mod primitive;
mod qname;
pub(crate) mod spill;

use std::fmt::Debug;

pub(crate) use binary::Content;
pub use binary::{Binary, HexBinary};
pub(crate) use binary::{base64_bytes, base64_text};
pub use date_time::{Date, DateTime, InvalidValue, Offset, Time};
pub use decimal::{Decimal, Integer};
pub use duration::Duration;
pub use fragment::{AnyAttributes, Fragment};
pub use guid::Guid;
pub use nillable::Nillable;
pub use qname::QName;

use crate::error::Error;
use crate::name::Name;
use crate::xml::{Reader, Writer};

/// The value of one occurrence, whatever stands around it.
pub trait Value: Sized + Clone + PartialEq + Debug + Send + Sync + 'static {
    /// A stand-in until the value has been read.
    fn blank() -> Self;

    /// Reads the content at hand.
    ///
    /// # Errors
    /// Content that is no value of this type.
    fn read_value(reader: &mut Reader<'_>) -> Result<Self, Error>;

    /// Reads the content at hand in place, which spares large values from being moved.
    ///
    /// # Errors
    /// As [`read_value`](Self::read_value).
    fn read_into(&mut self, reader: &mut Reader<'_>) -> Result<(), Error> {
        *self = Self::read_value(reader)?;
        Ok(())
    }

    /// Writes the content.
    ///
    /// # Errors
    /// A value that can't be written.
    fn write_value(&self, writer: &mut Writer<'_>) -> Result<(), Error>;

    /// Writes an element around the content. A value that is one text does it in one go.
    ///
    /// # Errors
    /// As [`write_value`](Self::write_value).
    fn write_element(&self, name: &Name, writer: &mut Writer<'_>) -> Result<(), Error> {
        let open = writer.open(name);
        if let Some(name) = self.xsi_type() {
            writer.xsi_type(name);
        }
        self.write_value(writer)?;
        writer.close(open);
        Ok(())
    }

    /// The type to state as `xsi:type`, for a value whose type is not the declared one.
    fn xsi_type(&self) -> Option<Name> {
        None
    }

    /// The value as a record with members, if it is one.
    fn members(&self) -> Option<&dyn crate::schema::record::Members> {
        None
    }

    /// The value as a record with members, if it is one.
    fn members_mut(&mut self) -> Option<&mut dyn crate::schema::record::Members> {
        None
    }

    /// The value as a whole element, if it is one: with its own name, attributes and end.
    const IS_ELEMENT: bool = false;

    /// Writes a value that is a whole element under the name of its field.
    ///
    /// # Errors
    /// A value that can't be written.
    fn write_named(&self, _: Name, writer: &mut Writer<'_>) -> Result<(), Error> {
        self.write_value(writer)
    }

    /// A value made from random numbers, for tests.
    #[cfg(feature = "test-util")]
    #[doc(hidden)]
    fn sample(sampler: &mut crate::schema::sample::Sampler) -> Self;
}

impl<T: Value> Value for Box<T> {
    fn blank() -> Self {
        Self::new(T::blank())
    }

    fn read_value(reader: &mut Reader<'_>) -> Result<Self, Error> {
        T::read_value(reader).map(Self::new)
    }

    fn read_into(&mut self, reader: &mut Reader<'_>) -> Result<(), Error> {
        (**self).read_into(reader)
    }

    fn write_value(&self, writer: &mut Writer<'_>) -> Result<(), Error> {
        (**self).write_value(writer)
    }

    fn xsi_type(&self) -> Option<Name> {
        (**self).xsi_type()
    }

    fn members(&self) -> Option<&dyn crate::schema::record::Members> {
        (**self).members()
    }

    fn members_mut(&mut self) -> Option<&mut dyn crate::schema::record::Members> {
        (**self).members_mut()
    }

    #[cfg(feature = "test-util")]
    fn sample(sampler: &mut crate::schema::sample::Sampler) -> Self {
        Self::new(T::sample(sampler))
    }
}

/// A value that is one text with nothing to escape: implements [`Value`] by its lexical rules.
macro_rules! text_value {
    ($type:ty, blank $blank:expr, parse $parse:expr, what $what:literal, text |$value:ident| $text:expr, sample $sample:expr) => {
        impl $crate::value::Value for $type {
            fn blank() -> Self {
                $blank
            }

            fn read_value(reader: &mut $crate::xml::Reader<'_>) -> Result<Self, $crate::error::Error> {
                let text = reader.text()?;
                let parse: fn(&str) -> Option<Self> = $parse;
                parse(text.trim_ascii()).ok_or_else(|| reader.error($what))
            }

            fn write_value(&self, writer: &mut $crate::xml::Writer<'_>) -> Result<(), $crate::error::Error> {
                let $value = self;
                writer.plain($text.as_ref());
                Ok(())
            }

            fn write_element(
                &self,
                name: &$crate::name::Name,
                writer: &mut $crate::xml::Writer<'_>,
            ) -> Result<(), $crate::error::Error> {
                let $value = self;
                writer.plain_element(name, $text.as_ref());
                Ok(())
            }

            #[cfg(feature = "test-util")]
            fn sample(sampler: &mut $crate::schema::sample::Sampler) -> Self {
                let sample: fn(&mut $crate::schema::sample::Sampler) -> Self = $sample;
                sample(sampler)
            }
        }
    };
}
pub(crate) use text_value;
