//! Groups: content that stands among the children of an element, without an element of its own. A sequence is a record; a
//! choice is an enum over its alternatives.

use std::fmt;

use crate::error::{Error, MISSING};
use crate::schema::children::{self, Parent, alternative};
use crate::schema::decode::Decoder;
use crate::schema::encode::Encoder;
use crate::schema::field::Shape;
use crate::schema::partial::Member;
use crate::schema::record::{Content, ReadFields, Record, check_type, read_field, write_slot};
use crate::schema::slot::Slot;
use crate::xml::Node;

/// An enum over the fields of a [`Shape`]. Implemented by generated code with [`choice!`](crate::choice).
pub trait Choice: Sized {
    /// The alternatives, in the order of the contract.
    const SHAPE: &'static Shape;

    /// Reads the alternative with this index.
    ///
    /// # Errors
    /// An error of the reader, or nothing that was read.
    fn read_alternative(
        at: usize,
        read: &mut dyn FnMut(&mut (dyn Member + '_)) -> Result<(), Error>,
    ) -> Result<Self, Error>;

    /// The alternative that the value is: its index, the name of the variant, and what it holds.
    fn alternative(&self) -> (usize, &'static str, &dyn Slot);
}

const NONE: &str = "none of the alternatives of a choice";

/// Reads a sequence that begins with the current element.
///
/// # Errors
/// Content that the descriptor does not allow.
pub(super) fn read_sequence<T: Record>(decoder: &mut Decoder<'_>) -> Result<T, Error> {
    T::assemble(&mut |members| {
        let mut seen = ReadFields::default();
        children::read(Content::of(T::SHAPE), Parent::Group, members, &mut seen, decoder)?;
        match seen.missing(T::SHAPE.fields, false) {
            Some(field) => Err(decoder.error(MISSING).in_element(field.name.local)),
            None => Ok(()),
        }
    })
}

/// Reads the alternative that begins with the current element.
///
/// # Errors
/// Content that the descriptor does not allow.
pub fn read_choice<T: Choice>(decoder: &mut Decoder<'_>) -> Result<T, Error> {
    let fields = T::SHAPE.fields;
    let at = alternative(fields, decoder).ok_or_else(|| decoder.error(NONE))?;
    let field = &fields[at];
    T::read_alternative(at, &mut |member| {
        loop {
            read_field(field, 0, &mut [Some(member)], decoder)?;
            if !field.many {
                return Ok(());
            }
            let node = decoder.next()?;
            if node == Node::End || alternative(fields, decoder) != Some(at) {
                decoder.hold(node);
                return Ok(());
            }
        }
    })
}

/// Reads an element whose whole content is one alternative.
///
/// # Errors
/// As [`read_choice`], or none or two of the alternatives.
pub fn read_choice_content<T: Choice>(decoder: &mut Decoder<'_>) -> Result<T, Error> {
    check_type(T::SHAPE, decoder)?;
    let outside = std::mem::replace(decoder.groups(), vec![T::SHAPE.fields]);
    let mut value = None;
    while decoder.next()? == Node::Start {
        match alternative(T::SHAPE.fields, decoder) {
            None => {
                let local = decoder.local();
                if let Some(field) = T::SHAPE.fields.iter().find(|field| field.name.local.as_bytes() == local) {
                    return Err(children::elsewhere(decoder, field.name));
                }
                decoder.skip()?;
            }
            Some(_) if value.is_some() => return Err(decoder.error("two alternatives of a choice")),
            Some(_) => value = Some(read_choice(decoder)?),
        }
    }
    *decoder.groups() = outside;
    value.ok_or_else(|| decoder.error(NONE))
}

/// Writes the alternative that the value is.
///
/// # Errors
/// As [`Slot::write`].
pub fn write_choice<T: Choice>(choice: &T, encoder: &mut Encoder<'_>) -> Result<(), Error> {
    let (at, _, value) = choice.alternative();
    T::SHAPE.fields.get(at).map_or(Ok(()), |field| write_slot(field, value, encoder))
}

/// `Debug` for choices: sensitive alternatives print as `[redacted]`.
pub fn debug_choice<T: Choice>(choice: &T, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let (at, name, value) = choice.alternative();
    let mut out = f.debug_tuple(name);
    match T::SHAPE.fields.get(at).is_some_and(|field| field.sensitive) {
        true => out.field(&format_args!("[redacted]")),
        false => out.field(&value),
    };
    out.finish()
}

/// A random alternative; where values have to end, the one with the index `finite`.
#[cfg(feature = "test-util")]
pub fn sample_choice<T: Choice>(
    sampler: &mut crate::schema::sample::Sampler,
    finite: usize,
    alternatives: &[fn(&crate::schema::field::Field, &mut crate::schema::sample::Sampler) -> T],
) -> T {
    // A member that the contract does not know is valid for nobody.
    let known = alternatives.len() - usize::from(T::SHAPE.is_substitution);
    let at = if sampler.is_deep() { finite } else { (sampler.number() % known as u64) as usize };
    let field = &T::SHAPE.fields[at];
    sampler.inside(|sampler| sampler.within(field, |sampler| alternatives[at](field, sampler)))
}
