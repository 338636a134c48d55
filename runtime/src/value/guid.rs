//! `guid` of the Microsoft serialization namespace.

use std::fmt;
use std::str::FromStr;

use crate::value::date_time::InvalidValue;
use crate::value::text_value;

/// A 128-bit identifier, written in lower case with dashes. All zeros by default.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Guid([u8; 16]);

impl Guid {
    /// From its bytes, in the order in which they are written.
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// Its bytes, in the order in which they are written.
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }

    /// With dashes, without, or in braces, as .NET reads it.
    fn parse(text: &str) -> Option<Self> {
        let text = text.strip_prefix('{').map_or(Some(text), |inner| inner.strip_suffix('}'))?;
        let digits: Vec<u8> = match text.len() {
            32 => text.bytes().collect(),
            36 if [8, 13, 18, 23].iter().all(|at| text.as_bytes()[*at] == b'-') => {
                text.bytes().filter(|byte| *byte != b'-').collect()
            }
            _ => return None,
        };
        let mut bytes = [0; 16];
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
            let digit = |byte: u8| char::from(byte).to_digit(16);
            *byte = u8::try_from(digit(pair[0])? * 16 + digit(pair[1])?).ok()?;
        }
        (digits.len() == 32).then_some(Self(bytes))
    }
}

impl fmt::Display for Guid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, byte) in self.0.iter().enumerate() {
            if [4, 6, 8, 10].contains(&at) {
                f.write_str("-")?;
            }
            write!(f, "{byte:02x}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Guid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Guid {
    type Err = InvalidValue;

    fn from_str(text: &str) -> Result<Self, InvalidValue> {
        Self::parse(text).ok_or(InvalidValue("not a guid"))
    }
}

text_value!(Guid, parse Guid::parse, what "not a guid", text |value| value.to_string());

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts() {
        let guid: Guid = "0f8fad5b-d9cb-469f-a165-70867728950e".parse().unwrap();
        assert_eq!("{0F8FAD5B-D9CB-469F-A165-70867728950E}".parse(), Ok(guid));
        assert_eq!("0f8fad5bd9cb469fa16570867728950e".parse(), Ok(guid));
        assert_eq!(guid.to_string(), "0f8fad5b-d9cb-469f-a165-70867728950e");
        for wrong in [
            "",
            "urn:uuid:0f8fad5b-d9cb-469f-a165-70867728950e",
            "0f8fad5b-d9cb-469f-a165-70867728950",
            "0f8fad5b-d9cb-469f-a165-7086772895-0",
            "{0f8fad5bd9cb469fa16570867728950e",
        ] {
            assert!(wrong.parse::<Guid>().is_err(), "{wrong}");
        }
    }
}
