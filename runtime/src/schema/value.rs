//! How a value is read from the current element or attribute, and how it is written.

use std::borrow::Cow;
use std::fmt::Debug;
use std::hash::{Hash, Hasher};

use crate::error::Error;
use crate::name::Name;
use crate::schema::decode::Decoder;
use crate::schema::encode::Encoder;
use crate::schema::facet::Facet;
use crate::schema::field::{Field, Shape};
use crate::schema::partial::{Partial, ReadInto, Target};
use crate::schema::record::{Members, RecordType};
use crate::value::{
    Binary, Date, DateTime, Decimal, Document, Duration, Fragment, Guid, HexBinary, Integer, Lexical, List, QName, Time,
};

/// The value of one occurrence of a field.
pub trait Value: Sized + Clone + PartialEq + Debug + Send + Sync + 'static {
    /// The value is a whole element: with its own name, attributes and end.
    const IS_ELEMENT: bool = false;

    /// How a record is read and written. Types that are none read and write themselves.
    const RECORD: Option<RecordType<Self>> = None;

    /// The fields of the type, if it is a record.
    fn shape() -> Option<&'static Shape> {
        Self::RECORD.map(|record| record.shape)
    }

    /// Reads the current content.
    ///
    /// # Errors
    /// Content that is not a value of this type.
    fn read_value(decoder: &mut Decoder<'_>) -> Result<Self, Error> {
        match Self::RECORD {
            Some(record) => (record.read)(decoder),
            None => Err(decoder.error(NO_CODEC)),
        }
    }

    /// Reads a message of this type: a reader of a record is given its members.
    ///
    /// # Errors
    /// An error of the reader, or a required value that is missing.
    fn read_message(read: &mut ReadInto<'_>) -> Result<Self, Error> {
        if let Some(record) = Self::RECORD {
            return (record.read_message)(read);
        }
        let mut value = Partial::default();
        read(Target::Value(&mut value))?;
        value.take()
    }

    /// Writes the content.
    ///
    /// # Errors
    /// A value that can't be written.
    fn write_value(&self, encoder: &mut Encoder<'_>) -> Result<(), Error> {
        match Self::RECORD {
            Some(record) => (record.write)(self, encoder),
            None => Err(Error::malformed(NO_CODEC)),
        }
    }

    /// Writes an element around the content. A value that is one text writes it in one step.
    ///
    /// # Errors
    /// As [`write_value`](Self::write_value).
    fn write_element(&self, name: &Name, encoder: &mut Encoder<'_>) -> Result<(), Error> {
        let open = encoder.open(name);
        if let Some(name) = self.xsi_type() {
            encoder.xsi_type(name);
        }
        self.write_value(encoder)?;
        encoder.close(open);
        Ok(())
    }

    /// Writes a value that is a whole element under the name of its field.
    ///
    /// # Errors
    /// A value that can't be written.
    fn write_named(&self, _: Name, encoder: &mut Encoder<'_>) -> Result<(), Error> {
        self.write_value(encoder)
    }

    /// The type to state as `xsi:type`, for a value whose type is not the declared one.
    fn xsi_type(&self) -> Option<Name> {
        None
    }

    /// Whether it is written as a text without any character.
    fn is_empty_text(&self) -> bool {
        false
    }

    /// Whether its text can be an item of a list: it has a character, and no white space.
    fn is_token(&self) -> bool {
        !self.is_empty_text()
    }

    /// Checks a facet of the field. What a facet does not apply to is right.
    ///
    /// # Errors
    /// The facet that is broken: this one, or one of the items of a list.
    fn check(&self, _: &Facet, _: &Field) -> Result<(), Facet> {
        Ok(())
    }

    /// The value as a record, if it is one.
    fn members(&self) -> Option<&dyn Members> {
        Self::RECORD.map(|record| (record.members)(self))
    }

    /// Adds it to a hash. Only called where the type has [`Hash`].
    fn hash_value(&self, _: &mut dyn Hasher) {}

    /// A value made from random numbers, for tests.
    #[cfg(feature = "test-util")]
    #[doc(hidden)]
    fn sample(sampler: &mut crate::schema::sample::Sampler) -> Self {
        let record = Self::RECORD.expect(NO_CODEC);
        (record.sample)(sampler)
    }
}

/// A mistake in the implementation of [`Value`].
const NO_CODEC: &str = "a type without a way to read and write it";

impl<T: Value> Value for Box<T> {
    fn shape() -> Option<&'static Shape> {
        T::shape()
    }

    fn read_value(decoder: &mut Decoder<'_>) -> Result<Self, Error> {
        T::read_value(decoder).map(Self::new)
    }

    fn write_value(&self, encoder: &mut Encoder<'_>) -> Result<(), Error> {
        (**self).write_value(encoder)
    }

    fn xsi_type(&self) -> Option<Name> {
        (**self).xsi_type()
    }

    fn is_empty_text(&self) -> bool {
        (**self).is_empty_text()
    }

    fn check(&self, facet: &Facet, field: &Field) -> Result<(), Facet> {
        (**self).check(facet, field)
    }

    fn members(&self) -> Option<&dyn Members> {
        (**self).members()
    }

    fn hash_value(&self, state: &mut dyn Hasher) {
        (**self).hash_value(state);
    }

    #[cfg(feature = "test-util")]
    fn sample(sampler: &mut crate::schema::sample::Sampler) -> Self {
        Self::new(T::sample(sampler))
    }
}

/// The error for a text that is no value of a type, or none that it holds.
fn mismatch<T: Lexical>(decoder: &Decoder<'_>) -> Error {
    let error = decoder.error(T::MISMATCH);
    match T::IS_LIMITED {
        true => error.with_hint("for a field with larger values, state `as = \"text\"` in codegen.toml".to_owned()),
        false => error,
    }
}

macro_rules! hash {
    () => {
        fn hash_value(&self, mut state: &mut dyn Hasher) {
            self.hash(&mut state);
        }
    };
}

/// Values that are one text with nothing to escape in it; with `hash` unless they are floating-point numbers.
macro_rules! lexical {
    ($($type:ty $(, $hash:ident)?: |$sampler:ident| $sample:expr;)*) => { $(
        impl Value for $type {
            fn read_value(decoder: &mut Decoder<'_>) -> Result<Self, Error> {
                let text = decoder.text()?;
                let value = <$type>::parse_text(text.trim_ascii()).ok_or_else(|| mismatch::<$type>(decoder))?;
                if value.octets().is_some() {
                    decoder.hide();
                }
                Ok(value)
            }

            fn write_value(&self, encoder: &mut Encoder<'_>) -> Result<(), Error> {
                if self.octets().is_some() {
                    encoder.hide();
                }
                self.with_text(|text| encoder.plain(text));
                Ok(())
            }

            fn write_element(&self, name: &Name, encoder: &mut Encoder<'_>) -> Result<(), Error> {
                if self.octets().is_some() {
                    encoder.hide();
                }
                self.with_text(|text| encoder.plain_element(name, text));
                Ok(())
            }

            fn is_empty_text(&self) -> bool {
                self.with_text(<[u8]>::is_empty)
            }

            fn check(&self, facet: &Facet, _: &Field) -> Result<(), Facet> {
                facet.unless(facet.allows(self))
            }

            $($hash!();)?

            #[cfg(feature = "test-util")]
            fn sample($sampler: &mut crate::schema::sample::Sampler) -> Self {
                $sample
            }
        }
    )* };
}

lexical!(
    bool, hash: |sampler| sampler.number().is_multiple_of(2);
    i8, hash: |sampler| sampler.number() as i8;
    i16, hash: |sampler| sampler.number() as i16;
    i32, hash: |sampler| sampler.number() as i32;
    i64, hash: |sampler| sampler.number() as i64;
    u8, hash: |sampler| sampler.number() as u8;
    u16, hash: |sampler| sampler.number() as u16;
    u32, hash: |sampler| sampler.number() as u32;
    u64, hash: |sampler| sampler.number();
    f32: |sampler| (sampler.number() as i32) as f32 / 8.0;
    f64: |sampler| f64::from(sampler.number() as i32) / 8.0;
    Integer, hash: |sampler| Integer::from(sampler.integer());
    Decimal, hash: |sampler| Decimal::new(sampler.number() as i64, sampler.number() as u32 % 20);
    DateTime, hash: |sampler| sampler.date_time();
    Date, hash: |sampler| sampler.date_time().date();
    Time, hash: |sampler| sampler.date_time().time();
    Duration, hash: |sampler| sampler.duration();
    Guid, hash: |sampler| Guid::from_bytes((u128::from(sampler.number()) << 64 | u128::from(sampler.number())).to_be_bytes());
    HexBinary, hash: |sampler| sampler.text().into_bytes().into();
);

impl Value for String {
    fn read_value(decoder: &mut Decoder<'_>) -> Result<Self, Error> {
        let text = decoder.normalized_text()?.into_owned();
        decoder.charge(text.len())?;
        Ok(text)
    }

    fn write_value(&self, encoder: &mut Encoder<'_>) -> Result<(), Error> {
        encoder.text(self)
    }

    fn write_element(&self, name: &Name, encoder: &mut Encoder<'_>) -> Result<(), Error> {
        encoder.text_element(name, self)
    }

    hash!();

    fn is_empty_text(&self) -> bool {
        self.is_empty()
    }

    fn check(&self, facet: &Facet, field: &Field) -> Result<(), Facet> {
        let text = field.white_space.apply(self.as_str().into());
        facet.unless(facet.allows_text(&text))
    }

    fn is_token(&self) -> bool {
        !self.is_empty() && !self.contains([' ', '\t', '\r', '\n'])
    }

    #[cfg(feature = "test-util")]
    fn sample(sampler: &mut crate::schema::sample::Sampler) -> Self {
        sampler.text()
    }
}

impl Value for Document {
    fn read_value(decoder: &mut Decoder<'_>) -> Result<Self, Error> {
        let text = decoder.normalized_text()?;
        decoder.charge(text.len())?;
        decoder.hide();
        Ok(text.into_owned().into())
    }

    fn write_value(&self, encoder: &mut Encoder<'_>) -> Result<(), Error> {
        encoder.document(self)
    }

    hash!();

    fn is_empty_text(&self) -> bool {
        self.as_xml().is_empty()
    }

    #[cfg(feature = "test-util")]
    fn sample(sampler: &mut crate::schema::sample::Sampler) -> Self {
        let mut writer = crate::xml::Writer::default();
        // Sampled text holds nothing that the writer would refuse.
        let _ = writer.text_element(&Name::new("urn:example:document", "document"), &sampler.hidden_text());
        String::from_utf8(writer.finish()).unwrap_or_default().into()
    }
}

impl Value for Binary {
    fn read_value(decoder: &mut Decoder<'_>) -> Result<Self, Error> {
        decoder.binary()
    }

    /// Content on disk is read into memory.
    fn write_value(&self, encoder: &mut Encoder<'_>) -> Result<(), Error> {
        encoder.bytes(&self.bytes()?);
        Ok(())
    }

    fn is_empty_text(&self) -> bool {
        self.is_empty()
    }

    fn check(&self, facet: &Facet, _: &Field) -> Result<(), Facet> {
        facet.unless(facet.allows_length(self.len()))
    }

    #[cfg(feature = "test-util")]
    fn sample(sampler: &mut crate::schema::sample::Sampler) -> Self {
        sampler.text().into_bytes().into()
    }
}

impl Value for QName {
    fn read_value(decoder: &mut Decoder<'_>) -> Result<Self, Error> {
        let (namespace, local) = decoder.qname_content()?;
        let namespace = namespace.ok_or_else(|| decoder.error("a prefix that is not declared"))?;
        decoder.charge(namespace.len() + local.len())?;
        Ok(Self { namespace, local })
    }

    fn write_value(&self, encoder: &mut Encoder<'_>) -> Result<(), Error> {
        encoder.qname(&self.namespace, &self.local)
    }

    hash!();

    #[cfg(feature = "test-util")]
    fn sample(sampler: &mut crate::schema::sample::Sampler) -> Self {
        Self { namespace: format!("urn:{}", sampler.number()), local: format!("n{}", sampler.number()) }
    }
}

impl Value for Fragment {
    const IS_ELEMENT: bool = true;

    fn read_value(decoder: &mut Decoder<'_>) -> Result<Self, Error> {
        decoder.fragment().map(Self::received)
    }

    fn write_value(&self, encoder: &mut Encoder<'_>) -> Result<(), Error> {
        encoder.raw(self.as_xml());
        Ok(())
    }

    hash!();

    fn write_named(&self, name: Name, encoder: &mut Encoder<'_>) -> Result<(), Error> {
        let xml = self.as_xml();
        let name_len = xml.find([' ', '\t', '\r', '\n', '/', '>']).unwrap_or(xml.len());
        let end = if xml.ends_with("/>") { None } else { xml.rfind("</") };
        encoder.raw_named(name, &xml[name_len..end.unwrap_or(xml.len())], end.is_some())
    }

    #[cfg(feature = "test-util")]
    fn sample(sampler: &mut crate::schema::sample::Sampler) -> Self {
        let mut writer = crate::xml::Writer::default();
        // Sampled text holds nothing that the writer would refuse.
        let _ = writer.text_element(&Name::new("urn:example:any", "any"), &sampler.hidden_text());
        Self::received(String::from_utf8(writer.finish()).unwrap_or_default())
    }
}

/// An item that is written without any character, or with a space in its text, would not be read as one item.
impl<T: Value> Value for List<T> {
    fn read_value(decoder: &mut Decoder<'_>) -> Result<Self, Error> {
        let text = decoder.text()?;
        let mut items = Vec::new();
        for item in text.split_ascii_whitespace() {
            decoder.charge(size_of::<T>())?;
            decoder.at_attribute(Cow::Owned(item.to_owned()));
            items.push(T::read_value(decoder)?);
        }
        Ok(Self(items))
    }

    fn write_value(&self, encoder: &mut Encoder<'_>) -> Result<(), Error> {
        for (at, item) in self.iter().enumerate() {
            if at > 0 {
                encoder.plain(b" ");
            }
            if !item.is_token() {
                return Err(Error::malformed("an item of a list that is empty or has a space in it"));
            }
            item.write_value(encoder)?;
        }
        Ok(())
    }

    fn hash_value(&self, state: &mut dyn Hasher) {
        hash_items(self.iter(), T::hash_value, state);
    }

    fn is_empty_text(&self) -> bool {
        self.is_empty()
    }

    fn check(&self, facet: &Facet, field: &Field) -> Result<(), Facet> {
        facet.unless(facet.allows_length(self.len() as u64))?;
        facet.check_items(self, field)
    }

    #[cfg(feature = "test-util")]
    fn sample(sampler: &mut crate::schema::sample::Sampler) -> Self {
        let items = (0..sampler.count()).map(|_| T::sample(sampler));
        Self(items.filter(T::is_token).collect())
    }
}

/// Adds the items of a list to a hash, and how many there are.
pub(super) fn hash_items<'a, T: 'a>(
    items: impl ExactSizeIterator<Item = &'a T>,
    hash: fn(&T, &mut dyn Hasher),
    state: &mut dyn Hasher,
) {
    state.write_usize(items.len());
    items.for_each(|item| hash(item, state));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::XmlLimits;
    use crate::schema::encode::Style;
    use crate::schema::slots::Slots;
    use crate::value::WhiteSpace;
    use crate::xml::Node;

    fn read<T: Value>(content: &str, default: Option<&'static str>, white_space: WhiteSpace) -> Option<T> {
        let xml = format!("<x>{content}</x>");
        let mut decoder = Decoder::new(xml.as_bytes(), &XmlLimits::default());
        assert_eq!(decoder.next().unwrap(), Node::Start);
        decoder.expect_text(default, white_space);
        T::read_value(&mut decoder).ok()
    }

    #[test]
    fn texts_are_kept_unless_the_type_says_otherwise() {
        let text = " a\tb&#xD;\r\n<![CDATA[<]]>&amp; ";
        let read = |white_space| read::<String>(text, None, white_space);
        assert_eq!(read(WhiteSpace::Preserve).as_deref(), Some(" a\tb\r\n<& "));
        assert_eq!(read(WhiteSpace::Replace).as_deref(), Some(" a b  <& "));
        assert_eq!(read(WhiteSpace::Collapse).as_deref(), Some("a b <&"));
    }

    #[test]
    fn an_empty_element_has_the_value_of_the_schema() {
        assert_eq!(read::<i32>("", Some("5"), WhiteSpace::Preserve), Some(5));
        assert_eq!(read::<i32>("<!-- no character -->", Some("5"), WhiteSpace::Preserve), Some(5));
        assert_eq!(read::<i32>(" ", Some("5"), WhiteSpace::Preserve), None);
        assert_eq!(read::<i32>("6", Some("5"), WhiteSpace::Preserve), Some(6));
        assert_eq!(read::<String>("", Some("x"), WhiteSpace::Preserve).as_deref(), Some("x"));
        assert_eq!(read::<Binary>("", Some("AP8="), WhiteSpace::Preserve), Some(vec![0, 0xFF].into()));
        assert_eq!(read::<i32>("", None, WhiteSpace::Preserve), None);
    }

    #[test]
    fn text_is_escaped() {
        let slots = Slots::default();
        let mut encoder = Encoder::new(Style::Client, &slots);
        "a\r<".to_owned().write_value(&mut encoder).unwrap();
        assert_eq!(encoder.finish(), b"a&#xD;&lt;");
    }
}
