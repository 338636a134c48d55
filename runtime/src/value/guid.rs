//! `guid` of the Microsoft serialization namespace: the texts of a [`Guid`].

use std::str::FromStr;

use crate::guid::Guid;
use crate::value::date_time::InvalidValue;
use crate::value::text_value;

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
