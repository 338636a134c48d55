//! Values in stores, by serde: as their text, which is checked on reading as it is in a message.

use std::fmt;

use ::serde::de::{Deserialize, Deserializer, Error, MapAccess, Visitor};
use ::serde::ser::{Error as _, Serialize, Serializer};

use crate::limits::XmlLimits;
use crate::value::{
    AnyAttributes, Binary, Date, DateTime, Document, Duration, Fragment, Guid, HexBinary, Integer, Lexical, QName,
    Time, base64_bytes, base64_text,
};
use crate::xml::Reader;

/// Reads a text. The error for one that is no value says `mismatch`, and nothing of the text.
///
/// # Errors
/// What is stored is no text, or `parse` gives nothing.
pub fn stored_text<'de, D: Deserializer<'de>, T>(
    deserializer: D,
    mismatch: &'static str,
    parse: impl FnOnce(&str) -> Option<T>,
) -> Result<T, D::Error> {
    struct Text<P>(&'static str, P);

    impl<T, P: FnOnce(&str) -> Option<T>> Visitor<'_> for Text<P> {
        type Value = T;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a text")
        }

        fn visit_str<E: Error>(self, text: &str) -> Result<T, E> {
            self.1(text).ok_or_else(|| E::custom(self.0))
        }
    }

    deserializer.deserialize_str(Text(mismatch, parse))
}

macro_rules! lexical {
    ($($type:ty),*) => { $(
        impl Serialize for $type {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                self.with_text(|text| match std::str::from_utf8(text) {
                    Ok(text) => serializer.serialize_str(text),
                    Err(error) => Err(S::Error::custom(error)),
                })
            }
        }

        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                stored_text(deserializer, Self::MISMATCH, |text| Self::parse_text(text.trim_ascii()))
            }
        }
    )* };
}

lexical!(Date, DateTime, Duration, Guid, HexBinary, Integer, Time);

/// Base64. Content on disk is read for it, which blocks the thread.
impl Serialize for Binary {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&base64_text(&self.bytes().map_err(S::Error::custom)?))
    }
}

impl<'de> Deserialize<'de> for Binary {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        stored_text(deserializer, "not an xs:base64Binary", |text| Some(base64_bytes(text)?.into()))
    }
}

/// `{namespace}local`: a prefix would mean nothing in a store.
impl Serialize for QName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for QName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        stored_text(deserializer, "not a name as {namespace}local", |text| {
            let (namespace, local) = text.strip_prefix('{')?.rsplit_once('}')?;
            Some(Self { namespace: namespace.to_owned(), local: local.to_owned() })
        })
    }
}

impl Serialize for Fragment {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_xml())
    }
}

/// Checked as by [`Fragment::from_xml`].
impl<'de> Deserialize<'de> for Fragment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        stored_text(deserializer, "not an element as XML", |text| Self::from_xml(text).ok())
    }
}

impl Serialize for Document {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_xml())
    }
}

/// As it was received, which may be anything.
impl<'de> Deserialize<'de> for Document {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        stored_text(deserializer, "not a document as XML", |text| Some(text.into()))
    }
}

/// A map from `{namespace}local` to the value.
impl Serialize for AnyAttributes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}

impl<'de> Deserialize<'de> for AnyAttributes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Attributes;

        impl<'de> Visitor<'de> for Attributes {
            type Value = AnyAttributes;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a map of attributes")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<AnyAttributes, A::Error> {
                let mut attributes = AnyAttributes::default();
                while let Some((name, value)) = map.next_entry()? {
                    if !is_attribute(&name) {
                        return Err(A::Error::custom("not the name of an attribute"));
                    }
                    attributes.push(name, value);
                }
                Ok(attributes)
            }
        }

        deserializer.deserialize_map(Attributes)
    }
}

/// Whether it can be written as an attribute, and declares no namespace.
fn is_attribute(name: &QName) -> bool {
    let element = format!("<{}/>", name.local);
    let mut reader = Reader::new(element.as_bytes(), &XmlLimits::default());
    let is_name = reader.next().is_ok() && reader.name() == ("", name.local.as_str());
    is_name && name.local != "xmlns" && name.namespace != "http://www.w3.org/2000/xmlns/"
}

/// For an enumeration that is generated: its text.
#[doc(hidden)]
#[macro_export]
macro_rules! enumeration_serde {
    ($type:ident) => {
        impl $crate::generated::v1::serde::Serialize for $type {
            fn serialize<S: $crate::generated::v1::serde::Serializer>(
                &self,
                serializer: S,
            ) -> ::core::result::Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> $crate::generated::v1::serde::Deserialize<'de> for $type {
            fn deserialize<D: $crate::generated::v1::serde::Deserializer<'de>>(
                deserializer: D,
            ) -> ::core::result::Result<Self, D::Error> {
                $crate::generated::v1::stored_text(deserializer, "not a text", |text| {
                    ::core::option::Option::Some(::core::convert::From::from(text))
                })
            }
        }
    };
}

#[cfg(test)]
mod tests {
    use ::serde::de::DeserializeOwned;
    use serde_json::{from_value, json, to_value};

    use super::*;
    use crate::value::{Attachment, Decimal, List, Mixed, MixedNode, Nillable};

    #[track_caller]
    fn stored<T: Serialize + DeserializeOwned + PartialEq + fmt::Debug>(value: T, expected: serde_json::Value) {
        let json = to_value(&value).unwrap();
        assert_eq!(json, expected);
        assert_eq!(from_value::<T>(json).unwrap(), value);
    }

    fn attributes(json: serde_json::Value) -> Result<AnyAttributes, serde_json::Error> {
        from_value(json)
    }

    #[test]
    fn values_are_their_texts() {
        let element = Fragment::from_xml("<a xmlns='urn:a'>x<b/></a>").unwrap();
        let name = |namespace: &str| QName { namespace: namespace.to_owned(), local: "n".to_owned() };
        for text in ["2024-02-29T00:00:00.000007-03:30", "0001-01-01T00:00:00"] {
            stored(text.parse::<DateTime>().unwrap(), json!(text));
        }
        stored("2024-02-29Z".parse::<Date>().unwrap(), json!("2024-02-29Z"));
        stored("23:59:59.5".parse::<Time>().unwrap(), json!("23:59:59.5"));
        stored("-P1Y2M3DT4H5M6.5S".parse::<Duration>().unwrap(), json!("-P1Y2M3DT4H5M6.5S"));
        stored("1.50".parse::<Decimal>().unwrap(), json!("1.50"));
        stored("123456789012345678901234567890".parse::<Integer>().unwrap(), json!("123456789012345678901234567890"));
        let guid = "0f8fad5b-d9cb-469f-a165-70867728950e";
        stored(guid.parse::<Guid>().unwrap(), json!(guid));
        stored(name("urn:}"), json!("{urn:}}n"));
        stored(name(""), json!("{}n"));
        stored(Binary::from(&b"\x00\xFF\x10\x3C\x26"[..]), json!("AP8QPCY="));
        stored(HexBinary::from(&b"\x00\xFF"[..]), json!("00FF"));
        stored(element.clone(), json!("<a xmlns='urn:a'>x<b/></a>"));
        stored(List::from([1, 2]), json!([1, 2]));
        let mixed = Mixed(vec![MixedNode::Text("t".to_owned()), element.into()]);
        stored(mixed, json!([{"Text": "t"}, {"Element": "<a xmlns='urn:a'>x<b/></a>"}]));
        stored(vec![Nillable::Absent, Nillable::Nil, Nillable::Value(1)], json!(["Absent", "Nil", {"Value": 1}]));
        let attachment = Attachment::new(&b"a"[..]).of_type("text/plain");
        stored(attachment, json!({"content": "YQ==", "media_type": "text/plain"}));
        let json = json!({"{}a": "1", "{http://www.w3.org/XML/1998/namespace}lang": "nb"});
        stored(attributes(json.clone()).unwrap(), json);
    }

    #[test]
    fn what_no_message_could_hold_is_refused_without_a_word_of_it() {
        let errors = [
            from_value::<DateTime>(json!("secret")).map(drop),
            from_value::<Integer>(json!("secret")).map(drop),
            from_value::<Binary>(json!("secret")).map(drop),
            from_value::<HexBinary>(json!("secret")).map(drop),
            from_value::<QName>(json!("secret")).map(drop),
            from_value::<Fragment>(json!("<secret>")).map(drop),
            from_value::<Mixed>(json!([{"Element": "<a/><secret/>"}])).map(drop),
            attributes(json!({"{}secret='' b": ""})).map(drop),
            attributes(json!({"{}secret:a": ""})).map(drop),
            attributes(json!({"{}xmlns": "urn:secret"})).map(drop),
            attributes(json!({"{http://www.w3.org/2000/xmlns/}secret": ""})).map(drop),
        ];
        for (at, error) in errors.into_iter().enumerate() {
            let text = error.expect_err(&format!("number {at}")).to_string();
            assert!(text.starts_with("not ") && !text.contains("secret"), "{text}");
        }
    }
}
