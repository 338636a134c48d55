//! XML that no schema describes.

use std::fmt;

use crate::error::Error;
use crate::limits::XmlLimits;
use crate::xml::{INCLUDE, Reader};

/// A whole element that the contract leaves open (`xs:any`, `xs:anyType`), as a document of its own.
///
/// It carries all namespace declarations that were in scope. A field of type `xs:anyType` uses only its attributes and
/// content: it is written under the name of the field. `Debug` prints the length only.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Fragment(String);

impl Fragment {
    /// Takes an element as XML text.
    ///
    /// # Errors
    /// Text that is not one well-formed element with all its prefixes declared, or that refers to an MTOM part
    /// (`xop:Include`), which only the runtime may do.
    pub fn from_xml(xml: impl Into<String>) -> Result<Self, Error> {
        let xml = xml.into();
        let mut reader = Reader::new(xml.as_bytes(), &XmlLimits::default());
        reader.next()?;
        // Without what may stand before and after the element.
        let element = reader.fragment()?;
        reader.finish()?;
        check(&element)?;
        Ok(Self(element))
    }

    /// Takes an element that a reader has cut out of a message.
    pub(crate) fn received(element: String) -> Self {
        Self(element)
    }

    /// The element as XML text.
    pub fn as_xml(&self) -> &str {
        &self.0
    }
}

/// Checks every element and attribute of a document.
fn check(xml: &str) -> Result<(), Error> {
    let mut reader = Reader::new(xml.as_bytes(), &XmlLimits::default());
    while reader.next_element()?.is_some() {
        if reader.is(INCLUDE) {
            return Err(Error::malformed("XML with an xop:Include"));
        }
        // Its prefixes are looked up.
        reader.attributes()?;
    }
    Ok(())
}

impl fmt::Debug for Fragment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[{} characters]", self.0.chars().count())
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
        write!(f, "[{} attributes]", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fragment_is_one_element_with_its_prefixes_declared() {
        for right in ["<a/>", " <!-- x --><a b='1' xml:lang='nb'>x<c/></a>\n", "<p:a xmlns:p='urn:p' p:b=''/>"] {
            assert!(Fragment::from_xml(right).is_ok(), "{right}");
        }
        let include = "<a><x:Include href='cid:1' xmlns:x='http://www.w3.org/2004/08/xop/include'/></a>";
        for wrong in
            ["", " ", "x", "<a", "<a/><b/>", "<p:a/>", "<a p:b='1'/>", "<a><b p:c=''/></a>", "<a><p:b/></a>", include]
        {
            assert!(Fragment::from_xml(wrong).is_err(), "{wrong}");
        }
    }
}
