//! Facets: the limits that a schema sets to simple values. They are checked before a request is sent, never on reading.

use std::cmp::Ordering;
use std::fmt;

use crate::error::Error;
use crate::schema::field::Field;
use crate::schema::value::Value;
use crate::value::Lexical;

/// A limit to the values of a field.
#[derive(Clone, Copy, Debug)]
pub struct Facet(Limit);

#[derive(Clone, Copy, Debug)]
enum Limit {
    /// In characters, octets or items.
    Length(u64),
    MinLength(u64),
    MaxLength(u64),
    TotalDigits(u64),
    FractionDigits(u64),
    MinInclusive(&'static str),
    MaxInclusive(&'static str),
    MinExclusive(&'static str),
    MaxExclusive(&'static str),
    /// A regular expression, with anchors.
    Pattern(&'static str),
    /// Each item of the list keeps to these.
    Items(&'static [Facet]),
}

macro_rules! facets {
    ($($(#[$docs:meta])* $name:ident $limit:ident($of:ty)),* $(,)?) => { $(
        $(#[$docs])*
        pub const fn $name(limit: $of) -> Self {
            Self(Limit::$limit(limit))
        }
    )* };
}

impl Facet {
    facets!(
        /// So many characters, octets or items.
        length Length(u64),
        /// At least so many characters, octets or items.
        min_length MinLength(u64),
        /// At most so many characters, octets or items.
        max_length MaxLength(u64),
        /// At most so many digits, without zeros in front of a number and behind its fraction.
        total_digits TotalDigits(u64),
        /// At most so many digits behind the point, without zeros at the end.
        fraction_digits FractionDigits(u64),
        /// This value or more.
        min_inclusive MinInclusive(&'static str),
        /// This value or less.
        max_inclusive MaxInclusive(&'static str),
        /// More than this value.
        min_exclusive MinExclusive(&'static str),
        /// Less than this value.
        max_exclusive MaxExclusive(&'static str),
        /// The text matches this regular expression, which has anchors. Checked with the feature `patterns` only, and if it
        /// can be compiled.
        pattern Pattern(&'static str),
        /// Limits to each item of a list.
        items Items(&'static [Self]),
    );

    /// Whether a text is allowed.
    pub(crate) fn allows_text(&self, text: &str) -> bool {
        match self.0 {
            Limit::Pattern(pattern) => matches(pattern, text),
            _ => self.allows_length(text.chars().count() as u64),
        }
    }

    /// Whether so many characters, octets or items are allowed.
    pub(crate) fn allows_length(&self, length: u64) -> bool {
        match self.0 {
            Limit::Length(limit) => length == limit,
            Limit::MinLength(limit) => length >= limit,
            Limit::MaxLength(limit) => length <= limit,
            _ => true,
        }
    }

    /// Whether a value is allowed that has a text and perhaps an order. A bound that is no value of the type is none.
    pub(crate) fn allows<T: Lexical>(&self, value: &T) -> bool {
        let bounded = |bound: &str, wanted: fn(Ordering) -> bool| {
            T::parse_text(bound.trim_ascii()).is_none_or(|bound| value.is_ordered(&bound, wanted))
        };
        let digits = |all: bool| {
            value.with_text(|text| {
                let number = text.strip_prefix(b"-").unwrap_or(text);
                let mut parts = number.splitn(2, |byte| *byte == b'.');
                let (whole, fraction) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
                let fraction = fraction.iter().rposition(|digit| *digit != b'0').map_or(0, |last| last + 1);
                let whole = whole.iter().position(|digit| *digit != b'0').map_or(0, |first| whole.len() - first);
                (fraction + if all { whole } else { 0 }) as u64
            })
        };
        match self.0 {
            Limit::MinInclusive(bound) => bounded(bound, Ordering::is_ge),
            Limit::MaxInclusive(bound) => bounded(bound, Ordering::is_le),
            Limit::MinExclusive(bound) => bounded(bound, Ordering::is_gt),
            Limit::MaxExclusive(bound) => bounded(bound, Ordering::is_lt),
            Limit::TotalDigits(limit) => digits(true) <= limit,
            Limit::FractionDigits(limit) => digits(false) <= limit,
            Limit::Pattern(pattern) => {
                value.with_text(|text| str::from_utf8(text).is_ok_and(|text| matches(pattern, text)))
            }
            _ => value.octets().is_none_or(|octets| self.allows_length(octets)),
        }
    }

    /// Checks the items of a list, if it is about them.
    ///
    /// # Errors
    /// The facet of an item that is broken.
    pub fn check_items<T: Value>(&self, items: &[T], field: &Field) -> Result<(), Self> {
        match self.0 {
            Limit::Items(facets) => {
                items.iter().try_for_each(|item| facets.iter().try_for_each(|facet| item.check(facet, field)))
            }
            _ => Ok(()),
        }
    }

    /// `Ok`, or the facet that is broken.
    pub(crate) fn unless(self, keeps: bool) -> Result<(), Self> {
        if keeps { Ok(()) } else { Err(self) }
    }
}

/// Each expression is compiled once, when it is first needed.
#[cfg(feature = "patterns")]
fn matches(pattern: &'static str, text: &str) -> bool {
    use std::collections::HashMap;
    use std::sync::{LazyLock, PoisonError, RwLock};

    use regex::Regex;

    static COMPILED: LazyLock<RwLock<HashMap<&'static str, Option<Regex>>>> = LazyLock::new(RwLock::default);
    if let Some(known) = COMPILED.read().unwrap_or_else(PoisonError::into_inner).get(pattern) {
        return known.as_ref().is_none_or(|regex| regex.is_match(text));
    }
    let compiled = Regex::new(pattern).ok();
    if compiled.is_none() {
        tracing::warn!(pattern, "a pattern of the schema is not checked: it cannot be compiled");
    }
    let keeps = compiled.as_ref().is_none_or(|regex| regex.is_match(text));
    COMPILED.write().unwrap_or_else(PoisonError::into_inner).insert(pattern, compiled);
    keeps
}

#[cfg(not(feature = "patterns"))]
fn matches(_: &'static str, _: &str) -> bool {
    true
}

/// As the schema writes it.
impl fmt::Display for Facet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Limit::Length(limit) => write!(f, "length {limit}"),
            Limit::MinLength(limit) => write!(f, "minLength {limit}"),
            Limit::MaxLength(limit) => write!(f, "maxLength {limit}"),
            Limit::TotalDigits(limit) => write!(f, "totalDigits {limit}"),
            Limit::FractionDigits(limit) => write!(f, "fractionDigits {limit}"),
            Limit::MinInclusive(bound) => write!(f, "minInclusive {bound}"),
            Limit::MaxInclusive(bound) => write!(f, "maxInclusive {bound}"),
            Limit::MinExclusive(bound) => write!(f, "minExclusive {bound}"),
            Limit::MaxExclusive(bound) => write!(f, "maxExclusive {bound}"),
            Limit::Pattern(pattern) => write!(f, "pattern {pattern}"),
            Limit::Items(_) => f.write_str("of the items"),
        }
    }
}

/// Checks a value against the facets of its field.
///
/// # Errors
/// The facet that is broken. The value is not quoted.
#[cold]
pub(super) fn check<T: Value>(field: &Field, value: &T) -> Result<(), Error> {
    field.facets.iter().try_for_each(|facet| value.check(facet, field)).map_err(|facet| {
        Error::malformed(format!("a value that the schema does not allow ({facet}; check-facets in codegen.toml)"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::{Binary, Date, DateTime, Decimal, Duration, HexBinary, Integer, List, Time};

    const FIELD: Field = Field::required("", "x");

    fn keeps<T: Value>(value: &T, facet: Facet) -> bool {
        value.check(&facet, &FIELD).is_ok()
    }

    fn parsed<T: std::str::FromStr<Err: fmt::Debug>>(text: &str) -> T {
        text.parse().unwrap()
    }

    #[test]
    fn lengths_are_in_characters_octets_and_items() {
        for (facet, good, bad) in
            [(Facet::length(2), "Å𝄞", "abc"), (Facet::min_length(2), "ab", "Å"), (Facet::max_length(2), "Å𝄞", "a b")]
        {
            assert!(keeps(&good.to_owned(), facet) && !keeps(&bad.to_owned(), facet), "{facet}");
        }
        let collapsed = Field::required("", "x").collapse();
        assert!("  a \n b ".to_owned().check(&Facet::length(3), &collapsed).is_ok());
        assert!(keeps(&Binary::from(vec![1, 2, 3]), Facet::max_length(3)));
        assert!(!keeps(&Binary::from(vec![1, 2, 3]), Facet::max_length(2)));
        assert!(!keeps(&HexBinary::from(vec![1, 2, 3]), Facet::length(6)));
        assert!(keeps(&HexBinary::from(vec![1, 2, 3]), Facet::length(3)));
        let list = List(vec![100, 200, 300]);
        assert!(keeps(&list, Facet::length(3)) && !keeps(&list, Facet::max_length(2)));
        const TOO_LOW: Facet = Facet::items(&[Facet::max_inclusive("299")]);
        const ENOUGH: Facet = Facet::items(&[Facet::max_inclusive("300")]);
        assert!(!keeps(&list, TOO_LOW) && keeps(&list, ENOUGH));
    }

    #[test]
    fn digits_are_counted_in_the_value() {
        for (text, total, fraction) in
            [("0", 0, 0), ("-12.50", 3, 1), ("100", 3, 0), ("0.001", 3, 3), ("7.00", 1, 0), ("-0.5", 1, 1)]
        {
            let value: Decimal = parsed(text);
            assert!(
                keeps(&value, Facet::total_digits(total)) && keeps(&value, Facet::fraction_digits(fraction)),
                "{text}"
            );
            assert!(total == 0 || !keeps(&value, Facet::total_digits(total - 1)), "{text}");
            assert!(fraction == 0 || !keeps(&value, Facet::fraction_digits(fraction - 1)), "{text}");
        }
        assert!(!keeps(&parsed::<Integer>("-0012345678901234567890"), Facet::total_digits(19)));
        assert!(keeps(&parsed::<Integer>("-0012345678901234567890"), Facet::total_digits(20)));
        assert!(!keeps(&1000_i64, Facet::total_digits(3)));
    }

    #[cfg(feature = "patterns")]
    #[test]
    fn patterns_are_held_against_the_text() {
        const PATTERN: Facet = Facet::pattern(r"\A(?:[^\n\r]*\.[\p{Nd}]{2})\z");
        for (text, kept) in [("a.12", true), ("a.1", false), ("a\n.12", false), ("a.123", false)] {
            assert_eq!(keeps(&text.to_owned(), PATTERN), kept, "{text}");
        }
        assert!(keeps(&parsed::<Decimal>("1.50"), PATTERN) && !keeps(&parsed::<Decimal>("1.5"), PATTERN));
        assert!("a.12 \n".to_owned().check(&PATTERN, &FIELD.collapse()).is_ok());
        assert!(keeps(&"x".to_owned(), Facet::pattern("(")), "what cannot be compiled is not checked");
    }

    #[test]
    fn bounds_hold_where_values_are_ordered() {
        fn check<T: Value + std::str::FromStr<Err: fmt::Debug>>(below: &str, bound: &'static str, above: &str) {
            let (below, same, above): (T, T, T) = (parsed(below), parsed(bound), parsed(above));
            for (facet, kept) in [
                (Facet::min_inclusive(bound), [false, true, true]),
                (Facet::min_exclusive(bound), [false, false, true]),
                (Facet::max_inclusive(bound), [true, true, false]),
                (Facet::max_exclusive(bound), [true, false, false]),
            ] {
                assert_eq!([&below, &same, &above].map(|value| keeps(value, facet)), kept, "{facet}");
            }
        }
        check::<i32>("-6", "-5", "5");
        check::<u64>("9", "18446744073709551614", "18446744073709551615");
        check::<f64>("-1e300", "0.5", "1e3");
        check::<Decimal>("1.49", "1.5", "1.51");
        check::<Integer>("-123456789012345678901234567890", "-00123456789012345678901234567889", "-1");
        check::<Integer>("-0", "1", "+10");
        check::<Integer>("99", "0100", "123456789012345678901234567890");
        check::<Date>("-0001-12-31", "0001-01-01", "2024-02-29");
        check::<Date>("2024-02-29+01:00", "2024-02-29Z", "2024-02-29-01:00");
        check::<DateTime>("2024-02-29T23:59:59", "2024-03-01T00:00:00", "2024-03-01T00:00:00.000001");
        check::<DateTime>("2024-02-29T12:30:00+02:00", "2024-02-29T11:00:00Z", "2024-02-29T10:30:00-01:00");
        check::<Time>("12:30:00+02:00", "11:00:00Z", "10:30:00-01:00");
        check::<Duration>("-P1M", "P1Y", "P13M");
        check::<Duration>("PT59S", "PT1M", "PT60.5S");
        // These are neither more nor less, so nothing can be said against them.
        for (value, bound) in [("P1M", "P30D"), ("P30D", "P1M")] {
            assert!(keeps(&parsed::<Duration>(value), Facet::max_inclusive(bound)), "{value}");
        }
        assert!(keeps(&parsed::<Time>("12:00:00"), Facet::max_inclusive("11:00:00Z")));
        assert!(!keeps(&f64::NAN, Facet::min_inclusive("0")), "no number is in no range");
        assert!(keeps(&5_u8, Facet::max_inclusive("300")), "a bound beyond the type is none");
    }
}
