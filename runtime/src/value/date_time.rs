//! Points in time as they were written: an absent offset stays absent, and no fraction digit is lost.

use std::fmt;
use std::str::FromStr;

use crate::value::text_value;

/// `xs:dateTime`: a day, a time of day and, if it was written, an offset from UTC.
///
/// `Z` and `+00:00` are one value, written `Z`. A value without offset is in the local time of its author. The unset
/// value of .NET, `0001-01-01T00:00:00`, is a value like any other.
///
/// A .NET service shifts a value with another offset than `Z` to its own zone and forgets the offset. Send `Z` or none.
///
/// `24:00:00` is read as the midnight at which the next day begins. Years have four digits (0001 to 9999, negative ones
/// too), and the fraction of a second at most 18: any other text is refused.
///
/// Values are equal if they are written alike, so one instant at two offsets is two values. They have no order: that of
/// XML Schema is partial (`12:00:00` without an offset is neither before nor after `12:00:00Z`), and one that looked at
/// the digits alone would put `12:00:00+02:00` after `11:00:00Z`. The same goes for [`Date`] and [`Time`].
///
/// ```
/// use soap_runtime::DateTime;
///
/// let sent: DateTime = "2013-06-01T12:30:00.5+02:00".parse()?;
/// assert_eq!(sent.time().fraction(), 500_000_000_000_000_000);
/// assert_eq!(sent.offset().map(|offset| offset.minutes()), Some(120));
/// assert_eq!(sent.to_string(), "2013-06-01T12:30:00.5+02:00");
/// # Ok::<(), soap_runtime::InvalidValue>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct DateTime {
    date: Date,
    time: Time,
}

/// `xs:date`: a day, and an offset if it was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Date {
    year: i32,
    month: u8,
    day: u8,
    offset: Option<Offset>,
}

/// `xs:time`: a time of day, and an offset if it was written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Time {
    hour: u8,
    minute: u8,
    second: u8,
    /// In 10⁻¹⁸ s.
    fraction: u64,
    offset: Option<Offset>,
}

/// Minutes ahead of UTC, at most 14 hours either way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Offset(i16);

/// A text or numbers that are not a value of the type. The error does not contain them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidValue(pub(crate) &'static str);

impl fmt::Display for InvalidValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for InvalidValue {}

/// What points in time are compared by: minutes, a second and its fraction; and whether the offset is known.
type Instant = ((i64, u8, u64), bool);

/// Digits of a second's fraction that are kept; more are refused.
const FRACTION_DIGITS: usize = 18;

impl DateTime {
    /// Combines a day and a time of day. The offset is that of the time; one of the day is dropped.
    pub fn new(date: Date, time: Time) -> Self {
        Self { date: Date { offset: None, ..date }, time }
    }

    /// The day.
    pub fn date(&self) -> Date {
        self.date
    }

    /// The time of day, with the offset.
    pub fn time(&self) -> Time {
        self.time
    }

    /// The offset from UTC, if there is one.
    pub fn offset(&self) -> Option<Offset> {
        self.time.offset
    }

    /// `0001-01-01T00:00:00`, which .NET writes if no time is set.
    pub fn is_unset(&self) -> bool {
        *self == Self::default()
    }

    fn instant(&self) -> Instant {
        let ((day, ..), _) = self.date.instant();
        let ((minute, second, fraction), has_offset) = self.time.instant();
        ((day + minute, second, fraction), has_offset)
    }

    /// `None` if the text is not an `xs:dateTime`. A date alone is midnight, as .NET reads it.
    fn parse(text: &str) -> Option<Self> {
        let Some((date, time)) = text.split_once('T') else {
            let date = Date::parse(text)?;
            return Some(Self::new(date, Time { offset: date.offset, ..Time::default() }));
        };
        let date = Date::parse(date)?;
        let (time, next_day) = Time::parse_to_midnight(time)?;
        let date = if next_day { date.next()? } else { date };
        date.offset.is_none().then_some(Self { date, time })
    }
}

impl Default for Date {
    /// 0001-01-01.
    fn default() -> Self {
        Self { year: 1, month: 1, day: 1, offset: None }
    }
}

impl Date {
    /// A day of the proleptic Gregorian calendar.
    ///
    /// # Errors
    /// A day that does not exist, or a year beyond 9999 either way, or the year 0.
    pub fn new(year: i32, month: u8, day: u8) -> Result<Self, InvalidValue> {
        Self::checked(year, month, day).ok_or(InvalidValue("not a day of the years 1 to 9999 (or -1 to -9999)"))
    }

    fn checked(year: i32, month: u8, day: u8) -> Option<Self> {
        let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        let days = match month {
            2 if leap => 29,
            2 => 28,
            4 | 6 | 9 | 11 => 30,
            1..=12 => 31,
            _ => return None,
        };
        ((-9999..=9999).contains(&year) && year != 0 && (1..=days).contains(&day)).then_some(Self {
            year,
            month,
            day,
            offset: None,
        })
    }

    /// The midnight with which it begins.
    fn instant(&self) -> Instant {
        // Counted from March on, so that the day that leap years have more is the last.
        let year = i64::from(if self.year < 0 { self.year + 1 } else { self.year }) - i64::from(self.month < 3);
        let month = (i64::from(self.month) + 9) % 12;
        let days = year * 365 + year.div_euclid(4) - year.div_euclid(100)
            + year.div_euclid(400)
            + (153 * month + 2) / 5
            + i64::from(self.day);
        ((days * 24 * 60 - Offset::known(self.offset), 0, 0), self.offset.is_some())
    }

    /// The day after; `None` after the last.
    fn next(self) -> Option<Self> {
        // There is no year 0.
        let next_year = if self.year == -1 { 1 } else { self.year + 1 };
        let next = Self::checked(self.year, self.month, self.day + 1)
            .or_else(|| Self::checked(self.year, self.month + 1, 1))
            .or_else(|| Self::checked(next_year, 1, 1))?;
        Some(Self { offset: self.offset, ..next })
    }

    /// Year; negative before the first.
    pub fn year(&self) -> i32 {
        self.year
    }

    /// Month, 1 to 12.
    pub fn month(&self) -> u8 {
        self.month
    }

    /// Day of the month, from 1.
    pub fn day(&self) -> u8 {
        self.day
    }

    /// The offset from UTC, if there is one.
    pub fn offset(&self) -> Option<Offset> {
        self.offset
    }

    fn parse(text: &str) -> Option<Self> {
        let (negative, digits) = match text.strip_prefix('-') {
            Some(digits) => (true, digits),
            None => (false, text),
        };
        let bytes = digits.as_bytes();
        if bytes.len() < 10 || bytes[4] != b'-' || bytes[7] != b'-' {
            return None;
        }
        let year = i32::from(two(bytes, 0)?) * 100 + i32::from(two(bytes, 2)?);
        let date = Self::checked(if negative { -year } else { year }, two(bytes, 5)?, two(bytes, 8)?)?;
        Some(Self { offset: Offset::parse(digits.get(10..)?)?, ..date })
    }
}

impl Time {
    /// A time of day without an offset. The fraction is in 10⁻¹⁸ s.
    ///
    /// # Errors
    /// Hour above 23, minute or second above 59, or a fraction of a whole second or more.
    pub fn new(hour: u8, minute: u8, second: u8, fraction: u64) -> Result<Self, InvalidValue> {
        let valid = hour < 24 && minute < 60 && second < 60 && fraction < 10u64.pow(FRACTION_DIGITS as u32);
        if valid {
            Ok(Self { hour, minute, second, fraction, offset: None })
        } else {
            Err(InvalidValue("not a time of day"))
        }
    }

    /// The same time of day at an offset from UTC.
    #[must_use]
    pub fn at(self, offset: Offset) -> Self {
        Self { offset: Some(offset), ..self }
    }

    /// Hour, 0 to 23.
    pub fn hour(&self) -> u8 {
        self.hour
    }

    /// Minute, 0 to 59.
    pub fn minute(&self) -> u8 {
        self.minute
    }

    /// Second, 0 to 59.
    pub fn second(&self) -> u8 {
        self.second
    }

    /// Fraction of the second, in 10⁻¹⁸ s.
    pub fn fraction(&self) -> u64 {
        self.fraction
    }

    /// The offset from UTC, if there is one.
    pub fn offset(&self) -> Option<Offset> {
        self.offset
    }

    fn instant(&self) -> Instant {
        let minutes = i64::from(self.hour) * 60 + i64::from(self.minute) - Offset::known(self.offset);
        ((minutes, self.second, self.fraction), self.offset.is_some())
    }

    fn parse(text: &str) -> Option<Self> {
        Self::parse_to_midnight(text).map(|(time, _)| time)
    }

    /// The time of day, and whether it is the midnight that ends the day: `24:00:00`.
    fn parse_to_midnight(text: &str) -> Option<(Self, bool)> {
        let bytes = text.as_bytes();
        if bytes.len() < 8 || bytes[2] != b':' || bytes[5] != b':' {
            return None;
        }
        let mut rest = text.get(8..)?;
        let mut fraction = 0;
        if let Some(tail) = rest.strip_prefix('.') {
            let digits = tail.len() - tail.trim_start_matches(|c: char| c.is_ascii_digit()).len();
            // Trailing zeros are ignored.
            let significant = tail[..digits].trim_end_matches('0');
            if digits == 0 || significant.len() > FRACTION_DIGITS {
                return None;
            }
            if !significant.is_empty() {
                fraction = significant.parse::<u64>().ok()? * 10u64.pow((FRACTION_DIGITS - significant.len()) as u32);
            }
            rest = &tail[digits..];
        }
        let (hour, minute, second) = (two(bytes, 0)?, two(bytes, 3)?, two(bytes, 6)?);
        let ends_day = (hour, minute, second, fraction) == (24, 0, 0, 0);
        let time = Self::new(if ends_day { 0 } else { hour }, minute, second, fraction).ok()?;
        Some((Self { offset: Offset::parse(rest)?, ..time }, ends_day))
    }
}

impl Offset {
    /// UTC itself.
    pub const UTC: Self = Self(0);

    /// Minutes ahead of UTC.
    ///
    /// # Errors
    /// More than 14 hours either way.
    pub fn from_minutes(minutes: i16) -> Result<Self, InvalidValue> {
        if minutes.abs() <= 14 * 60 { Ok(Self(minutes)) } else { Err(InvalidValue("not an offset from UTC")) }
    }

    /// Minutes ahead of UTC.
    pub fn minutes(self) -> i16 {
        self.0
    }

    fn known(offset: Option<Self>) -> i64 {
        offset.map_or(0, |offset| i64::from(offset.0))
    }

    /// The offset at the end of a date or time: none, `Z`, or hours and minutes.
    #[expect(clippy::option_option, reason = "no offset is a right answer")]
    fn parse(text: &str) -> Option<Option<Self>> {
        let sign = match text.as_bytes() {
            [] => return Some(None),
            b"Z" => return Some(Some(Self::UTC)),
            [b'+', _, _, b':', _, _] => 1,
            [b'-', _, _, b':', _, _] => -1,
            _ => return None,
        };
        let (hours, minutes) = (two(text.as_bytes(), 1)?, two(text.as_bytes(), 4)?);
        if minutes > 59 {
            return None;
        }
        Some(Some(Self::from_minutes(sign * (i16::from(hours) * 60 + i16::from(minutes))).ok()?))
    }
}

fn two(bytes: &[u8], at: usize) -> Option<u8> {
    match bytes.get(at..at + 2)? {
        [tens @ b'0'..=b'9', ones @ b'0'..=b'9'] => Some((tens - b'0') * 10 + (ones - b'0')),
        _ => None,
    }
}

/// Of a number below 100.
fn digits(value: u8) -> [u8; 2] {
    [b'0' + value / 10, b'0' + value % 10]
}

/// The text of a date or time while it is put together. Formatting each number by itself would take most of the time
/// that writing a message takes.
struct Text {
    bytes: [u8; 48],
    len: usize,
}

impl Text {
    fn new() -> Self {
        Self { bytes: [0; 48], len: 0 }
    }

    fn push(&mut self, byte: u8) {
        self.bytes[self.len] = byte;
        self.len += 1;
    }

    fn extend<const N: usize>(&mut self, bytes: [u8; N]) {
        self.bytes[self.len..self.len + N].copy_from_slice(&bytes);
        self.len += N;
    }

    fn date(&mut self, date: &Date) {
        if date.year < 0 {
            self.push(b'-');
        }
        let year = date.year.unsigned_abs();
        // At most 9999.
        let [[a, b], [c, d]] = [digits((year / 100) as u8), digits((year % 100) as u8)];
        let [[e, f], [g, h]] = [digits(date.month), digits(date.day)];
        self.extend([a, b, c, d, b'-', e, f, b'-', g, h]);
    }

    fn time(&mut self, time: &Time) {
        let [[a, b], [c, d], [e, f]] = [time.hour, time.minute, time.second].map(digits);
        self.extend([a, b, b':', c, d, b':', e, f]);
        let mut rest = time.fraction;
        if rest > 0 {
            self.push(b'.');
        }
        while rest > 0 {
            // Dividing by a constant is cheap.
            const FIRST_DIGIT: u64 = 10u64.pow(FRACTION_DIGITS as u32 - 1);
            self.push(b'0' + (rest / FIRST_DIGIT) as u8);
            rest = rest % FIRST_DIGIT * 10;
        }
    }

    fn offset(&mut self, offset: Option<Offset>) {
        match offset {
            None => {}
            Some(Offset::UTC) => self.push(b'Z'),
            Some(Offset(minutes)) => {
                // At most 14 hours.
                let [[a, b], [c, d]] =
                    [minutes.unsigned_abs() / 60, minutes.unsigned_abs() % 60].map(|part| digits(part as u8));
                self.extend([if minutes < 0 { b'-' } else { b'+' }, a, b, b':', c, d]);
            }
        }
    }

    fn as_bytes(&self) -> &[u8] {
        &self.bytes[..self.len]
    }
}

impl Offset {
    fn text(&self) -> Text {
        let mut text = Text::new();
        text.offset(Some(*self));
        text
    }
}

impl Date {
    fn text(&self) -> Text {
        let mut text = Text::new();
        text.date(self);
        text.offset(self.offset);
        text
    }
}

impl Time {
    fn text(&self) -> Text {
        let mut text = Text::new();
        text.time(self);
        text.offset(self.offset);
        text
    }
}

impl DateTime {
    fn text(&self) -> Text {
        let mut text = Text::new();
        text.date(&self.date);
        text.push(b'T');
        text.time(&self.time);
        text.offset(self.time.offset);
        text
    }
}

macro_rules! display {
    ($($type:ident),*) => { $(
        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(std::str::from_utf8(self.text().as_bytes()).unwrap_or_default())
            }
        }
    )* };
}

display!(Offset, Date, Time, DateTime);

macro_rules! date_value {
    ($($type:ident $what:literal),*) => { $(
        impl FromStr for $type {
            type Err = InvalidValue;

            fn from_str(text: &str) -> Result<Self, InvalidValue> {
                Self::parse(text).ok_or(InvalidValue($what))
            }
        }

        text_value!($type, parse $type::parse, what $what, text |value| value.text().as_bytes(),
            limited order |value, bound| {
                let ((value, offset), (bound, other)) = (value.instant(), bound.instant());
                (offset == other).then(|| value.cmp(&bound))
            });
    )* };
}

date_value!(
    DateTime "not an xs:dateTime of the years 1 to 9999 (or -1 to -9999) with at most 18 digits of a second's fraction",
    Date "not an xs:date of the years 1 to 9999 (or -1 to -9999)",
    Time "not an xs:time with at most 18 digits of a second's fraction"
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kept_as_written() {
        for text in [
            "2013-06-01T12:30:00",
            "2013-06-01T12:30:00.5",
            "2013-06-01T12:30:00.000007Z",
            "0001-01-01T00:00:00",
            "9999-12-31T23:59:59.9999999",
            "2024-02-29T00:00:00-03:30",
            "-0044-03-15T12:00:00",
            "2020-01-01T00:00:00.123456789012345678",
        ] {
            assert_eq!(text.parse::<DateTime>().unwrap().to_string(), text);
        }
        assert_eq!("2020-01-01T00:00:00.500+00:00".parse::<DateTime>().unwrap().to_string(), "2020-01-01T00:00:00.5Z");
        assert_eq!("2020-01-01".parse::<DateTime>().unwrap().to_string(), "2020-01-01T00:00:00");
        assert!("0001-01-01T00:00:00".parse::<DateTime>().unwrap().is_unset());
    }

    #[test]
    fn refused() {
        for text in [
            "",
            "2013-06-01 12:30:00",
            "2013-06-01T12:30",
            "2013-06-01T24:00:01",
            "2013-06-01T24:01:00",
            "2013-06-01T24:00:00.1",
            "2013-06-01T25:00:00",
            "2013-06-01T12:30:60",
            "2013-02-29T00:00:00",
            "2013-13-01T00:00:00",
            "2013-06-01t12:30:00",
            "2013-06-01T12:30:00z",
            "2013-06-01T12:30:00+15:00",
            "2013-06-01T12:30:00.",
            "2013-06-01ZT12:30:00",
            "20130601",
            "0000-01-01T00:00:00",
            "2013-06-01T12:30:00+2",
            "２０13-06-01",
            "2013-06-01T12:30:00Å",
        ] {
            assert!(text.parse::<DateTime>().is_err(), "{text}");
        }
    }

    #[test]
    fn hour_24_is_the_next_midnight() {
        for (text, midnight) in [
            ("2013-06-01T24:00:00", "2013-06-02T00:00:00"),
            ("2013-06-30T24:00:00Z", "2013-07-01T00:00:00Z"),
            ("2013-12-31T24:00:00+02:00", "2014-01-01T00:00:00+02:00"),
            ("2024-02-28T24:00:00.000-03:30", "2024-02-29T00:00:00-03:30"),
            ("2023-02-28T24:00:00", "2023-03-01T00:00:00"),
            ("-0001-12-31T24:00:00", "0001-01-01T00:00:00"),
            ("-0044-12-31T24:00:00", "-0043-01-01T00:00:00"),
        ] {
            assert_eq!(text.parse::<DateTime>().unwrap().to_string(), midnight);
        }
        for (text, midnight) in
            [("24:00:00", "00:00:00"), ("24:00:00.0Z", "00:00:00Z"), ("24:00:00-05:00", "00:00:00-05:00")]
        {
            assert_eq!(text.parse::<Time>().unwrap().to_string(), midnight);
        }
        assert!("9999-12-31T24:00:00".parse::<DateTime>().is_err(), "year 10000");
        assert!(Time::new(24, 0, 0, 0).is_err());
    }

    /// They may be right by XML Schema; what is said of them is true all the same.
    #[test]
    fn what_is_beyond_the_bounds_is_refused_by_naming_them() {
        use crate::value::tests::read;
        let fraction = "0.123456789012345678";
        let said = [
            "12345-06-01T12:30:00".parse::<DateTime>().unwrap_err(),
            format!("2013-06-01T12:30:0{fraction}1").parse::<DateTime>().unwrap_err(),
            format!("12:30:0{fraction}1Z").parse::<Time>().unwrap_err(),
            "-12345-06-01".parse::<Date>().unwrap_err(),
            "PT0.1234567891S".parse::<crate::Duration>().unwrap_err(),
            "P400000000Y".parse::<crate::Duration>().unwrap_err(),
        ]
        .map(|error| error.to_string());
        for (said, bound) in said.iter().zip(["1 to 9999", "18 digits", "18 digits", "1 to 9999", "9 digits", "years"])
        {
            assert!(said.contains(bound), "{said}");
        }
        assert_eq!(read::<DateTime>("12345-06-01T12:30:00"), None);
        // More digits that are zeros are no more digits.
        let zeros = format!("12:30:0{fraction}000");
        assert_eq!(zeros.parse::<Time>().unwrap().to_string(), format!("12:30:0{fraction}"));
        assert_eq!("12:30:00.0000000000000000000Z".parse::<Time>().unwrap().to_string(), "12:30:00Z");
        assert_eq!("PT1.5000000000000S".parse::<crate::Duration>().unwrap().to_string(), "PT1.5S");
    }
}
