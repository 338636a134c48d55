//! XML that the contract leaves open, as a value of a type that it may be, and the other way round.

use crate::error::Error;
use crate::limits::XmlLimits;
use crate::name::Name;
use crate::schema::decode::Decoder;
use crate::schema::encode::{Encoder, Style};
use crate::schema::slots::Slots;
use crate::schema::value::Value;
use crate::value::{Fragment, QName};

impl Fragment {
    /// The name of the element.
    ///
    /// Of the content of a field of type `xs:anyType` that is the name of the field.
    pub fn name(&self) -> QName {
        let mut decoder = self.decoder();
        // It is well-formed, so there is one.
        let _ = decoder.next();
        let (namespace, local) = decoder.name();
        QName { namespace: namespace.to_owned(), local: local.to_owned() }
    }

    /// Whether that is the name of the element.
    pub(crate) fn is_named(&self, name: Name) -> bool {
        let mut decoder = self.decoder();
        decoder.next().is_ok() && decoder.is(name)
    }

    /// The type that the element states (`xsi:type`), if it does: a field of type `xs:anyType` or a wildcard may hold a value
    /// of any type, and this says of which.
    pub fn xsi_type(&self) -> Option<QName> {
        let mut decoder = self.decoder();
        decoder.next().ok()?;
        let (namespace, local) = decoder.xsi_type().ok()??;
        Some(QName { namespace, local })
    }

    /// Reads the content as a value of a type that was generated, or of a simple type. What the element is called does not
    /// matter.
    ///
    /// ```
    /// # use soap_runtime::Fragment;
    /// let fragment = Fragment::from_xml("<count xmlns='urn:shop'>3</count>")?;
    /// assert_eq!((fragment.name().local.as_str(), fragment.read::<i32>()?), ("count", 3));
    /// # Ok::<(), soap_runtime::Error>(())
    /// ```
    ///
    /// # Errors
    /// Content that is not a value of this type. An `xsi:type` is one too, if it is neither this type nor derived from it.
    pub fn read<T: Value>(&self) -> Result<T, Error> {
        let mut decoder = self.decoder();
        decoder.next()?;
        T::read_value(&mut decoder)
    }

    /// An element of this name with a value as its content: of a type that was generated, or of a simple type.
    ///
    /// ```
    /// # use soap_runtime::{Fragment, Name};
    /// let fragment = Fragment::of(Name::new("urn:shop", "count"), &3)?;
    /// assert_eq!(fragment.read::<i32>()?, 3);
    /// # Ok::<(), soap_runtime::Error>(())
    /// ```
    ///
    /// # Errors
    /// A value that cannot be written, as it could not be in a request.
    pub fn of<T: Value>(name: Name, value: &T) -> Result<Self, Error> {
        Self::from_xml(written(Style::Client, name, value.xsi_type(), value)?)
    }

    /// The same, with the type stated (`xsi:type`), for a field of type `xs:anyType`: the name of the element is then that of
    /// the field.
    ///
    /// ```
    /// # use soap_runtime::{Fragment, Name};
    /// let fragment = Fragment::of_type(Name::new("http://www.w3.org/2001/XMLSchema", "int"), &3)?;
    /// assert_eq!(fragment.xsi_type().map(|name| name.local).as_deref(), Some("int"));
    /// # Ok::<(), soap_runtime::Error>(())
    /// ```
    ///
    /// # Errors
    /// A value that cannot be written, as it could not be in a request.
    pub fn of_type<T: Value>(type_name: Name, value: &T) -> Result<Self, Error> {
        Self::from_xml(written(Style::Client, Name::new("", "value"), Some(type_name), value)?)
    }

    /// An element with a value as its content, as a service writes it.
    ///
    /// # Errors
    /// A value that cannot be written.
    pub(crate) fn by_service<T: Value>(name: Name, value: &T) -> Result<String, Error> {
        written(Style::Server, name, value.xsi_type(), value)
    }

    fn decoder(&self) -> Decoder<'_> {
        Decoder::new(self.as_xml().as_bytes(), &XmlLimits::default())
    }
}

fn written<T: Value>(style: Style, name: Name, type_name: Option<Name>, value: &T) -> Result<String, Error> {
    let slots = Slots::default();
    let mut encoder = Encoder::new(style, &slots);
    let open = encoder.open(&name);
    encoder.declare_xsi();
    if let Some(name) = type_name {
        encoder.xsi_type(name);
    }
    value.write_value(&mut encoder)?;
    encoder.close(open);
    String::from_utf8(encoder.finish()).map_err(|_| Error::malformed("XML that is not UTF-8"))
}
