//! XML that no schema describes.

use std::fmt;

use crate::error::Error;
use crate::name::Name;
use crate::value::Value;
use crate::xml::{Reader, Writer, inclusions};

/// A whole element that the contract leaves open (`xs:any`, `xs:anyType`), as a document of its own.
///
/// All namespace declarations that were in force stand on it. For a field of type `xs:anyType` attributes and content
/// count: it is written under the name of the field, whatever the element here is called. `Debug` prints the length
/// only.
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub struct Fragment(String);

impl Fragment {
    /// Takes an element as XML text.
    ///
    /// # Errors
    /// Text that is not one well-formed element with all its prefixes declared, or that includes content from elsewhere
    /// (`xop:Include`): what a message includes is for the runtime to say.
    pub fn from_xml(xml: impl Into<String>) -> Result<Self, Error> {
        let xml = xml.into();
        if !inclusions(xml.as_bytes(), &crate::limits::XmlLimits::default())?.is_empty() {
            return Err(Error::malformed("XML with an xop:Include"));
        }
        let mut reader = Reader::new(xml.as_bytes(), &crate::limits::XmlLimits::default());
        reader.next()?;
        // Without what may stand before and after the element.
        let element = Self::at_hand(&mut reader)?;
        reader.finish()?;
        Ok(element)
    }

    /// The element at hand.
    pub(crate) fn at_hand(reader: &mut Reader<'_>) -> Result<Self, Error> {
        reader.fragment().map(Self)
    }

    /// The element as XML text.
    pub fn as_xml(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Fragment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[{} bytes of XML]", self.0.len())
    }
}

impl Value for Fragment {
    const IS_ELEMENT: bool = true;

    fn blank() -> Self {
        Self::default()
    }

    fn read_value(reader: &mut Reader<'_>) -> Result<Self, Error> {
        Self::at_hand(reader)
    }

    fn write_value(&self, writer: &mut Writer<'_>) -> Result<(), Error> {
        writer.raw(&self.0);
        Ok(())
    }

    fn write_named(&self, name: Name, writer: &mut Writer<'_>) -> Result<(), Error> {
        let name_len = self.0.find([' ', '\t', '\r', '\n', '/', '>']).unwrap_or(self.0.len());
        let end = if self.0.ends_with("/>") { None } else { self.0.rfind("</") };
        writer.raw_named(name, &self.0[name_len..end.unwrap_or(self.0.len())], end.is_some())
    }

    #[cfg(feature = "test-util")]
    fn sample(sampler: &mut crate::schema::sample::Sampler) -> Self {
        let slots = crate::schema::slots::Slots::default();
        let mut writer = Writer::new(crate::xml::Style::Client, &slots);
        let name = Name::new("urn:example:any", "any");
        writer.start(name);
        // What the writer writes is an element, and sampled text holds nothing that it would refuse.
        let _ = writer.text(&sampler.text());
        writer.end();
        Self(String::from_utf8(writer.finish()).unwrap_or_default())
    }
}

/// Attributes that the contract leaves open (`xs:anyAttribute`), in document order.
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub struct AnyAttributes(Vec<(crate::value::QName, String)>);

impl AnyAttributes {
    /// Names and values.
    pub fn iter(&self) -> impl Iterator<Item = (&crate::value::QName, &str)> {
        self.0.iter().map(|(name, value)| (name, &**value))
    }

    pub(crate) fn push(&mut self, name: crate::value::QName, value: String) {
        self.0.push((name, value));
    }
}

impl fmt::Debug for AnyAttributes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.iter().map(|(name, _)| name)).finish()
    }
}
