//! Functions that the macros for enumerations and polymorphic types call.

use crate::error::Error;
use crate::name::Name;
use crate::schema::decode::Decoder;
use crate::schema::record::Record;

/// Reads the text of an enumeration. White space around it does not count.
///
/// # Errors
/// Content that is not text.
pub fn read_enumeration<T>(decoder: &mut Decoder<'_>, value: fn(&str) -> T) -> Result<T, Error> {
    Ok(value(decoder.normalized_text()?.trim_ascii()))
}

/// Reads the text of an enumeration. White space around a text that it lists does not count; another text is kept as it
/// is.
///
/// # Errors
/// Content that is not text.
pub fn read_known<T>(decoder: &mut Decoder<'_>, value: fn(&str) -> T, is_unknown: fn(&T) -> bool) -> Result<T, Error> {
    let text = decoder.normalized_text()?;
    let known = value(text.trim_ascii());
    Ok(if is_unknown(&known) { value(&text) } else { known })
}

/// The type of the current element: `xsi:type`, or else the declared one.
///
/// # Errors
/// An `xsi:type` that does not resolve.
pub fn type_at_hand(decoder: &mut Decoder<'_>, declared: Name) -> Result<(String, String), Error> {
    Ok(decoder.xsi_type()?.unwrap_or_else(|| (declared.namespace.to_owned(), declared.local.to_owned())))
}

/// Whether a record's type has this name.
pub fn is_named<T: Record>((namespace, local): &(String, String)) -> bool {
    is(T::SHAPE.name, namespace, local)
}

fn is(name: Name, namespace: &str, local: &str) -> bool {
    name.namespace == namespace && name.local == local
}

/// The type to state as `xsi:type`: none for the declared one.
pub fn unless_declared(name: Name, declared: Name) -> Option<Name> {
    (name != declared).then_some(name)
}

/// The error for an unknown `xsi:type`.
pub fn unknown_type(decoder: &Decoder<'_>) -> Error {
    decoder.error("xsi:type names a type that this version does not know, or none is given for an abstract type")
}

/// A random value: one of the known texts, or another.
#[cfg(feature = "test-util")]
pub fn sample_enumeration(sampler: &mut crate::schema::sample::Sampler, known: &[&str]) -> String {
    sampler.enumeration(known)
}

/// A value of one of several types; of the first where values have to end.
#[cfg(feature = "test-util")]
pub fn sample_one_of<T>(
    sampler: &mut crate::schema::sample::Sampler,
    types: &[fn(&mut crate::schema::sample::Sampler) -> T],
) -> T {
    let at = if sampler.is_deep() { 0 } else { (sampler.number() % types.len() as u64) as usize };
    types[at](sampler)
}
