//! The type of a message as a value, for code that iterates over all messages of a contract.

use std::fmt;

use crate::error::Error;
use crate::schema::decode::Decoder;
use crate::schema::field::{Field, Shape};
use crate::schema::partial::{Partial, ReadInto, Target};
use crate::schema::slot::Slot;

#[cfg(feature = "test-util")]
use crate::schema::sample::Sampler;

/// The type of a message.
#[derive(Clone, Copy)]
pub struct MessageType {
    shape: fn() -> Option<&'static Shape>,
    read: ReadBoxed,
    #[cfg(feature = "test-util")]
    sample: fn(&Field, &mut Sampler) -> Box<dyn Slot>,
}

/// Reads a message of one type; `true` if it is the only child of an element.
type ReadBoxed = fn(bool, &mut ReadInto<'_>) -> Result<Box<dyn Slot>, Error>;

/// The type as a value.
pub const fn message_type<T: Slot>() -> MessageType {
    MessageType {
        shape: T::shape,
        read: |is_child, read| match read_message::<T>(is_child, read) {
            Ok(message) => Ok(Box::new(message)),
            Err(error) => Err(error),
        },
        #[cfg(feature = "test-util")]
        sample: |field, sampler| Box::new(T::sample(field, sampler)),
    }
}

impl MessageType {
    /// Its fields, if it is a record.
    pub fn shape(&self) -> Option<&'static Shape> {
        (self.shape)()
    }

    /// Reads a message of this type. `is_child`: it is the only child of an element, and never the element itself.
    ///
    /// # Errors
    /// An error of the reader.
    pub(crate) fn read(&self, is_child: bool, read: &mut ReadInto<'_>) -> Result<Box<dyn Slot>, Error> {
        (self.read)(is_child, read)
    }

    /// Reads the current element as a value of this type.
    ///
    /// # Errors
    /// Content that is not a value of this type.
    pub fn read_element(&self, field: &Field, decoder: &mut Decoder<'_>) -> Result<Box<dyn Slot>, Error> {
        self.read(true, &mut |target| match target {
            Target::Value(value) => value.read(field, decoder),
            Target::Record(..) => Err(decoder.error("a value that is a message of its own")),
        })
    }

    /// A message of random values.
    #[cfg(feature = "test-util")]
    pub fn sample(&self, field: &Field, sampler: &mut Sampler) -> Box<dyn Slot> {
        sampler.within(field, |sampler| (self.sample)(field, sampler))
    }
}

/// Reads a message.
///
/// # Errors
/// An error of the reader.
pub(crate) fn read_message<T: Slot>(is_child: bool, read: &mut ReadInto<'_>) -> Result<T, Error> {
    if !is_child {
        return T::read_message(read);
    }
    let mut value = Partial::default();
    read(Target::Value(&mut value))?;
    value.take()
}

impl fmt::Debug for MessageType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MessageType")
    }
}
