//! Bytes in text.

use std::fmt;

use base64::Engine as _;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use bytes::Bytes;

use crate::error::Error;
use crate::value::{Value, text_value};
use crate::xml::{Reader, Writer};

/// `xs:base64Binary`: bytes, cheap to clone. `Debug` prints the length only. Empty by default.
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub struct Binary(Bytes);

/// `xs:hexBinary`: bytes, cheap to clone. `Debug` prints the length only. Empty by default.
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub struct HexBinary(Bytes);

/// Padding is required, as XML Schema and .NET have it.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::RequireCanonical),
);

/// Bytes as base64.
pub(crate) fn base64_text(bytes: &[u8]) -> String {
    BASE64.encode(bytes)
}

/// Base64 as bytes; white space counts for nothing.
pub(crate) fn base64_bytes(text: &str) -> Option<Vec<u8>> {
    if text.bytes().any(|byte| byte.is_ascii_whitespace()) {
        return BASE64.decode(text.split_ascii_whitespace().collect::<String>()).ok();
    }
    BASE64.decode(text).ok()
}

macro_rules! bytes {
    ($($type:ident),*) => { $(
        impl $type {
            /// The bytes.
            pub fn as_bytes(&self) -> &[u8] {
                &self.0
            }

            /// The bytes, without copying them.
            pub fn into_bytes(self) -> Bytes {
                self.0
            }

            /// Number of bytes.
            pub fn len(&self) -> usize {
                self.0.len()
            }

            /// No bytes.
            pub fn is_empty(&self) -> bool {
                self.0.is_empty()
            }
        }

        impl<T: Into<Bytes>> From<T> for $type {
            fn from(bytes: T) -> Self {
                Self(bytes.into())
            }
        }

        impl fmt::Debug for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "[{} bytes]", self.len())
            }
        }
    )* };
}

bytes!(Binary, HexBinary);

impl Value for Binary {
    fn blank() -> Self {
        Self::default()
    }

    fn read_value(reader: &mut Reader<'_>) -> Result<Self, Error> {
        reader.bytes().map(Self)
    }

    fn write_value(&self, writer: &mut Writer<'_>) -> Result<(), Error> {
        writer.bytes(&self.0);
        Ok(())
    }

    #[cfg(feature = "test-util")]
    fn sample(sampler: &mut crate::sample::Sampler) -> Self {
        sampler.text().into_bytes().into()
    }
}

text_value!(HexBinary, blank Self::default(), parse |text| {
    let digit = |byte: u8| char::from(byte).to_digit(16);
    let pair = |pair: &[u8]| u8::try_from(digit(pair[0])? * 16 + digit(pair[1])?).ok();
    let bytes: Option<Vec<u8>> = text.as_bytes().chunks_exact(2).map(pair).collect();
    (text.len() % 2 == 0).then_some(HexBinary(bytes?.into()))
}, what "not an xs:hexBinary", write |value, writer| {
    let text: String = value.0.iter().map(|byte| format!("{byte:02X}")).collect();
    writer.plain(text.as_bytes());
    Ok(())
}, sample |sampler| sampler.text().into_bytes().into());

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::slot::tests::{read, written};

    #[test]
    fn base64() {
        assert_eq!(read::<Binary>(" AP8Q\n PCY= ").unwrap().as_bytes(), [0, 0xFF, 0x10, 0x3C, 0x26]);
        assert_eq!(read::<Binary>("").unwrap().len(), 0);
        assert_eq!(written(&Binary::from(vec![0, 0xFF, 0x10, 0x3C, 0x26])), "AP8QPCY=");
        for wrong in ["AP8QPCY", "_P8=", "A", "===="] {
            assert_eq!(read::<Binary>(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn hexadecimal() {
        assert_eq!(read::<HexBinary>("00fF").map(|value| written(&value)).as_deref(), Some("00FF"));
        assert_eq!(read::<HexBinary>("0"), None);
        assert_eq!(read::<HexBinary>("0g"), None);
    }

    #[test]
    fn prints_no_content() {
        assert_eq!(format!("{:?}", Binary::from(&b"secret"[..])), "[6 bytes]");
    }
}
