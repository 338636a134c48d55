//! The members of a record while it is read: each is there once an occurrence of its field has been read.
//!
//! As in `slot`, what is here is compiled once for each type of a contract, so it is short.

use crate::error::{Error, MISSING};
use crate::schema::decode::Decoder;
use crate::schema::field::{Field, Shape};
use crate::schema::slot::Slot;

/// A member while its record is read: nothing until an occurrence has been read.
#[derive(Debug)]
pub struct Partial<S>(Option<S>);

impl<S> Default for Partial<S> {
    fn default() -> Self {
        Self(None)
    }
}

impl<S: Slot> Partial<S> {
    /// The value that has been read, or the value for no occurrence.
    ///
    /// # Errors
    /// A required value has not been read.
    pub fn take(mut self) -> Result<S, Error> {
        self.0.finish();
        match self.0 {
            Some(value) => Ok(value),
            None => incomplete(),
        }
    }
}

/// Reads the members of a record. Those without an occurrence then have the value for none, if there is one.
///
/// # Errors
/// An error of the reader.
pub fn read_members(
    read: &mut dyn FnMut(Partials<'_, '_>) -> Result<(), Error>,
    members: Partials<'_, '_>,
) -> Result<(), Error> {
    read(members)?;
    members.iter_mut().flatten().for_each(|member| member.finish());
    Ok(())
}

/// The error for a record of which a required member has not been read.
///
/// # Errors
/// Always.
pub fn incomplete<T>() -> Result<T, Error> {
    Err(Error::malformed(MISSING))
}

/// A member of any type, while its record is read.
pub fn partial<'m, S: Slot>(member: &'m mut Option<S>) -> Option<&'m mut (dyn Member + 'm)> {
    Some(member)
}

/// A member of any type, while its record is read.
pub trait Member {
    /// Reads the current occurrence.
    ///
    /// # Errors
    /// Content that the field does not allow.
    fn read(&mut self, field: &Field, decoder: &mut Decoder<'_>) -> Result<(), Error>;

    /// Takes the value for no occurrence, if there is one and none has been read.
    fn finish(&mut self) {}

    /// Takes occurrences made from random numbers, for tests.
    #[cfg(feature = "test-util")]
    #[doc(hidden)]
    fn sample(&mut self, field: &Field, sampler: &mut crate::schema::sample::Sampler);
}

impl<S: Slot> Member for Option<S> {
    fn read(&mut self, field: &Field, decoder: &mut Decoder<'_>) -> Result<(), Error> {
        match self {
            Some(value) => value.read_further(field, decoder),
            None => match S::read(field, decoder) {
                Ok(value) => {
                    *self = Some(value);
                    Ok(())
                }
                Err(error) => Err(error),
            },
        }
    }

    fn finish(&mut self) {
        if self.is_none() {
            *self = S::absent();
        }
    }

    #[cfg(feature = "test-util")]
    fn sample(&mut self, field: &Field, sampler: &mut crate::schema::sample::Sampler) {
        *self = Some(S::sample(field, sampler));
    }
}

impl<S: Slot> Member for Partial<S> {
    fn read(&mut self, field: &Field, decoder: &mut Decoder<'_>) -> Result<(), Error> {
        self.0.read(field, decoder)
    }

    fn finish(&mut self) {
        self.0.finish();
    }

    #[cfg(feature = "test-util")]
    fn sample(&mut self, field: &Field, sampler: &mut crate::schema::sample::Sampler) {
        self.0.sample(field, sampler);
    }
}

/// The members of a record that is being read, by the index of their field. A field without a member is `None`.
pub type Partials<'p, 'm> = &'p mut [Option<&'m mut (dyn Member + 'm)>];

/// What a message is read into.
#[expect(missing_debug_implementations, reason = "what is in it is not whole yet")]
pub enum Target<'p, 'm> {
    /// The members of a record, by field.
    Record(&'static Shape, Partials<'p, 'm>),
    /// One value.
    Value(&'p mut (dyn Member + 'm)),
}

/// Reads something into a target. Called once.
pub type ReadInto<'r> = dyn for<'p, 'm> FnMut(Target<'p, 'm>) -> Result<(), Error> + 'r;
