//! Arrays of SOAP encoding (section 5.4.2 of SOAP 1.1, 3.1.6 of part 2 of SOAP 1.2).

use crate::error::Error;
use crate::name::Name;
use crate::schema::decode::Decoder;
use crate::schema::encode::Encoder;
use crate::schema::value::Value;
use crate::xml::{ENCODING, Node};

/// What an array states as its type.
pub const ARRAY: Name = Name::new(ENCODING, "Array");

/// Reads the items of an array, whatever their elements are called. A nil item is skipped.
///
/// # Errors
/// Content that is not a value of the type of an item, or an array that gives only some of its items.
pub fn read_array<T: Value>(decoder: &mut Decoder<'_>) -> Result<Vec<T>, Error> {
    let mut items = Vec::new();
    if decoder.has_attributes()
        && decoder.attributes()?.iter().any(|(namespace, local, _)| *namespace == ENCODING && *local == "offset")
    {
        return Err(decoder.error("an array that gives only some of its items (offset)"));
    }
    while decoder.next()? == Node::Start {
        if decoder.is_nil() {
            decoder.skip()?;
            continue;
        }
        decoder.charge(size_of::<T>())?;
        items.push(T::read_value(decoder)?);
    }
    Ok(items)
}

/// Writes the items of an array, whose type is `item`, and how many there are.
///
/// # Errors
/// An item that can't be written.
pub fn write_array<T: Value>(items: &[T], item: Name, encoder: &mut Encoder<'_>) -> Result<(), Error> {
    const ITEM: Name = Name::new("", "item");
    encoder.array_type(item, items.len());
    items.iter().try_for_each(|item| match T::IS_ELEMENT {
        true => item.write_named(ITEM, encoder),
        false => item.write_element(&ITEM, encoder),
    })
}

/// Random items.
#[cfg(feature = "test-util")]
pub fn sample_array<T: Value>(sampler: &mut crate::schema::sample::Sampler) -> Vec<T> {
    sampler.inside(|sampler| (0..sampler.count()).map(|_| T::sample(sampler)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::XmlLimits;
    use crate::schema::encode::Style;
    use crate::schema::slots::Slots;
    use crate::value::Fragment;

    /// An item of no known type is an element already: it gets the name of an item, and no element around it.
    #[test]
    fn items_of_any_type_stay_as_they_are() {
        let read = |xml: &[u8]| {
            let mut decoder = Decoder::new(xml, &XmlLimits::default());
            assert_eq!(decoder.next().unwrap(), Node::Start);
            read_array::<Fragment>(&mut decoder).unwrap()
        };
        let items = read(b"<a><item x='1'><b/></item><other>2</other></a>");
        let slots = Slots::default();
        let mut encoder = Encoder::new(Style::Client, &slots);
        encoder.start(Name::new("", "a"));
        write_array(&items, Name::new("urn:t", "any"), &mut encoder).unwrap();
        encoder.end();
        let written = String::from_utf8(encoder.finish()).unwrap();
        assert!(written.ends_with("><item x='1'><b/></item><item>2</item></a>"), "{written}");
        assert_eq!(read(written.as_bytes()).len(), 2);
    }
}
