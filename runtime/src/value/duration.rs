//! `xs:duration`.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use crate::value::date_time::InvalidValue;
use crate::value::text_value;

/// `xs:duration`: months and seconds, which are never converted into each other. Zero by default.
///
/// Up to 2³² - 1 months, 2⁶⁴ - 1 seconds and 9 digits of a second's fraction are read; more is refused. It has no order:
/// a month is neither longer nor shorter than 30 days.
///
/// ```
/// use soap_runtime::Duration;
///
/// let span: Duration = "-P1Y2M3DT4H5M6.5S".parse()?;
/// assert_eq!((span.is_negative(), span.months(), span.seconds()), (true, 14, 273_906));
/// assert_eq!(span.to_string(), "-P1Y2M3DT4H5M6.5S");
/// # Ok::<(), soap_runtime::InvalidValue>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Duration {
    negative: bool,
    months: u32,
    seconds: u64,
    nanoseconds: u32,
}

impl Duration {
    /// A span of months and seconds; the sign counts for both.
    pub fn new(negative: bool, months: u32, time: std::time::Duration) -> Self {
        let zero = months == 0 && time.is_zero();
        Self { negative: negative && !zero, months, seconds: time.as_secs(), nanoseconds: time.subsec_nanos() }
    }

    /// Whether it is negative.
    pub fn is_negative(&self) -> bool {
        self.negative
    }

    /// Years and months, in months.
    pub fn months(&self) -> u32 {
        self.months
    }

    /// Days to whole seconds, in seconds.
    pub fn seconds(&self) -> u64 {
        self.seconds
    }

    /// Fraction of the last second, in nanoseconds.
    pub fn subsec_nanos(&self) -> u32 {
        self.nanoseconds
    }

    /// The order, where months and seconds do not say different things.
    fn compared(&self, other: &Self) -> Option<Ordering> {
        let parts = |one: &Self| {
            let nanoseconds = i128::from(one.seconds) * 1_000_000_000 + i128::from(one.nanoseconds);
            let sign = if one.negative { -1 } else { 1 };
            (sign * i64::from(one.months), i128::from(sign) * nanoseconds)
        };
        let ((months, time), (other_months, other_time)) = (parts(self), parts(other));
        match (months.cmp(&other_months), time.cmp(&other_time)) {
            (Ordering::Equal, order) | (order, Ordering::Equal) => Some(order),
            (order, other) => (order == other).then_some(order),
        }
    }

    fn parse(text: &str) -> Option<Self> {
        let (negative, text) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (date, time) = match text.strip_prefix('P')?.split_once('T') {
            Some((_, "")) => return None,
            Some((date, time)) => (date, time),
            None => (text.strip_prefix('P')?, ""),
        };
        let ([years, months, days], _) = parts(date, *b"YMD", false)?;
        let ([hours, minutes, seconds], nanoseconds) = parts(time, *b"HMS", true)?;
        if date.is_empty() && time.is_empty() {
            return None;
        }
        let months = u32::try_from(years.checked_mul(12)?.checked_add(months)?).ok()?;
        let seconds = days
            .checked_mul(86_400)?
            .checked_add(hours.checked_mul(3_600)?)?
            .checked_add(minutes.checked_mul(60)?)?
            .checked_add(seconds)?;
        Some(Self::new(negative, months, std::time::Duration::new(seconds, nanoseconds)))
    }
}

/// Numbers before their unit letters, in order, each at most once; the last may have a fraction (in nanoseconds).
fn parts(mut text: &str, units: [u8; 3], fraction: bool) -> Option<([u64; 3], u32)> {
    let (mut values, mut nanoseconds, mut next) = ([0; 3], 0, 0);
    while !text.is_empty() {
        let end = text.find(|c: char| !c.is_ascii_digit()).filter(|end| *end > 0)?;
        let value = text[..end].parse().ok()?;
        let mut rest = &text[end..];
        let mut has_fraction = false;
        if let Some(tail) = rest.strip_prefix('.') {
            let digits = tail.find(|c: char| !c.is_ascii_digit()).filter(|digits| *digits > 0)?;
            // Trailing zeros are ignored.
            let significant = tail[..digits].trim_end_matches('0');
            if significant.len() > 9 {
                return None;
            }
            nanoseconds = format!("{significant:0<9}").parse().ok()?;
            rest = &tail[digits..];
            has_fraction = true;
        }
        let unit = units.iter().position(|unit| rest.as_bytes().first() == Some(unit)).filter(|unit| *unit >= next)?;
        if has_fraction && !(fraction && unit == 2) {
            return None;
        }
        values[unit] = value;
        next = unit + 1;
        text = &rest[1..];
    }
    Some((values, nanoseconds))
}

impl fmt::Display for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.negative { "-P" } else { "P" })?;
        let date =
            [(u64::from(self.months / 12), 'Y'), (u64::from(self.months % 12), 'M'), (self.seconds / 86_400, 'D')];
        for (value, unit) in date.into_iter().filter(|(value, _)| *value > 0) {
            write!(f, "{value}{unit}")?;
        }
        let rest = self.seconds % 86_400;
        let nothing_yet = self.months == 0 && self.seconds < 86_400;
        if rest == 0 && self.nanoseconds == 0 && !nothing_yet {
            return Ok(());
        }
        f.write_str("T")?;
        for (value, unit) in [(rest / 3_600, 'H'), (rest / 60 % 60, 'M')].into_iter().filter(|(value, _)| *value > 0) {
            write!(f, "{value}{unit}")?;
        }
        match (rest % 60, self.nanoseconds) {
            (0, 0) if rest > 0 => Ok(()),
            (seconds, 0) => write!(f, "{seconds}S"),
            (seconds, nanoseconds) => write!(f, "{seconds}.{}S", format!("{nanoseconds:09}").trim_end_matches('0')),
        }
    }
}

impl FromStr for Duration {
    type Err = InvalidValue;

    fn from_str(text: &str) -> Result<Self, InvalidValue> {
        Self::parse(text).ok_or(InvalidValue(
            "not an xs:duration of less than 300 million years, with at most 9 digits of a second's fraction",
        ))
    }
}

text_value!(Duration, parse Duration::parse, what "not an xs:duration of less than 300 million years, with at most 9 digits of a second's fraction", text |value| value.to_string(),
    limited order |value, bound| value.compared(bound));

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts() {
        for text in ["PT1H30M", "-PT21H56M55.995S", "P1Y2M3DT4H5M6.5S", "P1D", "PT0S", "P14M", "PT3600S"] {
            let canonical = text.parse::<Duration>().unwrap().to_string();
            assert_eq!(canonical.parse::<Duration>().unwrap(), text.parse().unwrap(), "{text} {canonical}");
        }
        assert_eq!("-PT0S".parse::<Duration>().unwrap().to_string(), "PT0S");
        for text in [
            "",
            "P",
            "PT",
            "1Y",
            "P1",
            "P1S",
            "PT1Y",
            "PT1.S",
            "PT1.5H",
            "P1M1Y",
            "P-1Y",
            "PT1M1M",
            "P99999999999999999999Y",
        ] {
            assert!(text.parse::<Duration>().is_err(), "{text}");
        }
    }
}
