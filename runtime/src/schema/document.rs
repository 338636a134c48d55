//! Documents as values of the types of their root elements: a schema without a service.

use crate::error::{Error, MISSING};
use crate::limits::XmlLimits;
use crate::name::Name;
use crate::schema::decode::Decoder;
use crate::schema::encode::{Encoder, Style};
use crate::schema::slots::Slots;
use crate::schema::value::Value;
use crate::value::Document;
use crate::xml::Node;

/// A type of root elements, whose values are whole documents. Implemented by generated code.
pub trait RootElement: Value {
    /// The elements of this type. A value is written as the first of them, and read from each.
    const ELEMENTS: &'static [Name];
}

impl Document {
    /// The document that a value is.
    ///
    /// # Errors
    /// A value that its schema does not allow, with its path.
    pub fn of<T: RootElement>(value: &T) -> Result<Self, Error> {
        write_document(value).map(Self::from)
    }

    /// Reads it as a value.
    ///
    /// # Errors
    /// Another root element, or content that its schema does not allow, with path, line and column.
    pub fn read<T: RootElement>(&self) -> Result<T, Error> {
        read_document(self.as_xml())
    }
}

/// Reads a document, with or without an XML declaration. What the text is encoded in is past.
///
/// # Errors
/// As [`Document::read`].
pub fn read_document<T: RootElement>(xml: &str) -> Result<T, Error> {
    let mut decoder = Decoder::new(xml.as_bytes(), &XmlLimits::default());
    let mut read = || {
        if decoder.next()? != Node::Start {
            return Err(decoder.error(MISSING));
        }
        if !T::ELEMENTS.iter().any(|name| decoder.is(*name)) {
            return Err(decoder.unexpected("another root element"));
        }
        let value = T::read_value(&mut decoder)?;
        decoder.finish().map(|()| value)
    };
    read().map_err(|error| error.in_document(xml.as_bytes()))
}

/// Writes a document without an XML declaration, and checks the value against the facets of its schema.
///
/// # Errors
/// As [`Document::of`].
pub fn write_document<T: RootElement>(value: &T) -> Result<String, Error> {
    let slots = Slots::default();
    let mut encoder = Encoder::new(Style::Client, &slots).checking_facets();
    for name in T::ELEMENTS.iter().take(1) {
        value.write_element(name, &mut encoder)?;
    }
    String::from_utf8(encoder.finish()).map_err(|_| Error::malformed("XML that is not UTF-8"))
}

/// For a type of root elements: reading and writing documents.
#[doc(hidden)]
#[macro_export]
macro_rules! root_element {
    ($type:ident, [$($name:expr),+ $(,)?]) => {
        impl $crate::generated::v1::RootElement for $type {
            const ELEMENTS: &'static [$crate::generated::v1::Name] = &[$($name),+];
        }

        impl $type {
            /// Reads a document, with or without an XML declaration.
            ///
            /// # Errors
            /// Another root element, or content that the schema does not allow, with path, line and column.
            pub fn from_xml(xml: &str) -> ::core::result::Result<Self, $crate::Error> {
                $crate::generated::v1::read_document(xml)
            }

            /// Writes a document without an XML declaration.
            ///
            /// # Errors
            /// A value that the schema does not allow, with its path.
            pub fn to_xml(
                &self,
            ) -> ::core::result::Result<::std::string::String, $crate::Error> {
                $crate::generated::v1::write_document(self)
            }
        }
    };
}
