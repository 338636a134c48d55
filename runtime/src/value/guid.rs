//! `guid` of the Microsoft serialization namespace.

use std::fmt;
use std::str::FromStr;

use uuid::Uuid;

use crate::value::date_time::InvalidValue;
use crate::value::text_value;

/// A 128-bit identifier, written in lower case with dashes. All zeros by default.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Guid(Uuid);

impl Guid {
    /// From its bytes, in the order in which they are written.
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(Uuid::from_bytes(bytes))
    }

    /// Its bytes, in the order in which they are written.
    pub const fn as_bytes(&self) -> &[u8; 16] {
        self.0.as_bytes()
    }

    /// With dashes, without, or with both dashes and braces, as .NET reads it; not as a URN, which `uuid` reads too.
    fn parse(text: &str) -> Option<Self> {
        matches!(text.len(), 32 | 36 | 38).then(|| Uuid::try_parse(text).ok().map(Self)).flatten()
    }
}

impl fmt::Display for Guid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
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
            "{0f8fad5bd9cb469fa16570867728950e}",
            "(0f8fad5b-d9cb-469f-a165-70867728950e)",
            "0f8fad5b-d9cb-469f-a165-70867728950e  ",
        ] {
            assert!(wrong.parse::<Guid>().is_err(), "{wrong}");
        }
    }
}
