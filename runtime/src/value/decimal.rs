//! Decimal and unbounded integer numbers.

use std::cmp::Reverse;
use std::fmt;
use std::str::FromStr;

pub use rust_decimal::Decimal;

use crate::value::date_time::InvalidValue;
use crate::value::text_value;

text_value!(Decimal, parse |text| {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let plain = digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') && digits.bytes().any(|byte| byte.is_ascii_digit());
    plain.then(|| Decimal::from_str_exact(text).or_else(|error| shortened(text).map_or(Err(error), Decimal::from_str_exact)).ok()).flatten()
}, what "not an xs:decimal of at most 28 digits", text |value| value.to_string(),
    limited order |value, bound| Some(value.cmp(bound)));

/// Without zeros at its end that say nothing, which databases write by the scale of a column.
fn shortened(text: &str) -> Option<&str> {
    text.contains('.').then(|| text.trim_end_matches('0'))
}

/// `xs:integer` and its relatives without bounds: kept as digits, of any length. `0` by default.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Integer(String);

impl Integer {
    /// The digits, with a sign if it is negative.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What its size is compared by.
    fn magnitude(&self) -> Magnitude<'_> {
        let digits = self.0.trim_start_matches(['-', '0']);
        let is_negative = self.0.starts_with('-');
        match is_negative {
            _ if digits.is_empty() => Magnitude::Zero,
            true => Magnitude::Negative(Reverse((digits.len(), digits))),
            false => Magnitude::Positive((digits.len(), digits)),
        }
    }

    fn parse(text: &str) -> Option<Self> {
        let text = text.strip_prefix('+').unwrap_or(text);
        let digits = text.strip_prefix('-').unwrap_or(text);
        (!digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())).then(|| Self(text.to_owned()))
    }
}

/// A number by its significant digits: those of more digits are larger.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Magnitude<'a> {
    Negative(Reverse<(usize, &'a str)>),
    Zero,
    Positive((usize, &'a str)),
}

impl Default for Integer {
    fn default() -> Self {
        Self("0".to_owned())
    }
}

impl From<i64> for Integer {
    fn from(value: i64) -> Self {
        Self(value.to_string())
    }
}

impl fmt::Display for Integer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Integer {
    type Err = InvalidValue;

    fn from_str(text: &str) -> Result<Self, InvalidValue> {
        Self::parse(text).ok_or(InvalidValue("not an xs:integer"))
    }
}

text_value!(Integer, parse Integer::parse, what "not an xs:integer", text |value| value.0,
    order |value, bound| Some(value.magnitude().cmp(&bound.magnitude())));

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::tests::{read, written};

    #[test]
    fn texts() {
        for (text, canonical) in [
            (" 1.50 ", "1.50"),
            ("+1.5", "1.5"),
            (".5", "0.5"),
            ("5.", "5"),
            ("100.00", "100.00"),
            ("1.5000000000000000000000000000000000000", "1.5"),
            ("0.00000000000000000000000000000000000000", "0"),
        ] {
            assert_eq!(read::<Decimal>(text).map(|value| written(&value)).as_deref(), Some(canonical), "{text}");
        }
        for wrong in [
            "",
            ".",
            "1,5",
            "1E3",
            "1 5",
            "--1",
            "99999999999999999999999999999999",
            "10000000000000000000000000000000",
            "0.00000000000000000000000000000000000001",
        ] {
            assert_eq!(read::<Decimal>(wrong), None, "{wrong}");
        }
        assert_eq!(
            read::<Integer>("-123456789012345678901234567890").unwrap().as_str(),
            "-123456789012345678901234567890"
        );
        assert_eq!(read::<Integer>("1.0"), None);
    }
}
