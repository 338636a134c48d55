//! What the macros for enumerations and polymorphic types call.

use std::borrow::Cow;

use crate::error::Error;
use crate::name::Name;
use crate::xml::Reader;

/// The text of an enumeration. White space around it does not count.
///
/// # Errors
/// Content that is no text.
pub fn read_enumeration<'x>(reader: &mut Reader<'x>) -> Result<Cow<'x, str>, Error> {
    Ok(match reader.text()? {
        Cow::Borrowed(text) => Cow::Borrowed(text.trim_ascii()),
        Cow::Owned(text) => Cow::Owned(text.trim_ascii().to_owned()),
    })
}

/// The type of the element at hand: `xsi:type`, or else the declared one.
///
/// # Errors
/// An `xsi:type` that does not resolve.
pub fn type_at_hand(reader: &mut Reader<'_>, declared: Name) -> Result<(String, String), Error> {
    Ok(reader.xsi_type()?.unwrap_or_else(|| (declared.namespace.to_owned(), declared.local.to_owned())))
}

/// The complaint about an `xsi:type` that is none of the known ones.
pub fn unknown_type(reader: &Reader<'_>) -> Error {
    reader.error("xsi:type names a type that this version does not know, or none is given for an abstract type")
}

/// One of the known texts, or another.
#[cfg(feature = "test-util")]
pub fn sample_enumeration(sampler: &mut crate::schema::sample::Sampler, known: &[&str]) -> String {
    sampler.enumeration(known)
}
