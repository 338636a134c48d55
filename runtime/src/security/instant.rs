//! Points in time as messages write them.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::value::{Date, DateTime, Time};

const DAY: u64 = 86_400;

/// UTC in milliseconds: `2024-01-15T10:00:00.000Z`. WCF writes three digits and reads seven.
pub(crate) fn text(time: SystemTime) -> String {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    let (seconds, milliseconds) = (since.as_secs(), since.subsec_millis());
    let (year, month, day) = civil(seconds / DAY);
    let (hour, minute, second) = (seconds % DAY / 3600, seconds % 3600 / 60, seconds % 60);
    // Written without a formatter, because this runs twice for each message.
    let mut text = String::with_capacity(24);
    let mut digits = |value: u64, width: u32, after: char| {
        for place in (0..width).rev() {
            text.push(char::from(b'0' + (value / 10u64.pow(place) % 10) as u8));
        }
        text.push(after);
    };
    digits(year, 4, '-');
    digits(month, 2, '-');
    digits(day, 2, 'T');
    digits(hour, 2, ':');
    digits(minute, 2, ':');
    digits(second, 2, '.');
    digits(u64::from(milliseconds), 3, 'Z');
    text
}

/// An `xs:dateTime` with an offset. Without one it is not a point in time.
pub(crate) fn parse(text: &str) -> Option<SystemTime> {
    let value: DateTime = text.trim_matches([' ', '\t', '\r', '\n']).parse().ok()?;
    let offset = i64::from(value.offset()?.minutes()) * 60;
    let (date, time) = (value.date(), value.time());
    let seconds = since_epoch(date, time).checked_sub(offset)?;
    let nanoseconds = u32::try_from(time.fraction() / 1_000_000_000).ok()?;
    UNIX_EPOCH.checked_add(Duration::new(u64::try_from(seconds).ok()?, nanoseconds))
}

fn since_epoch(date: Date, time: Time) -> i64 {
    let of_day = i64::from(time.hour()) * 3600 + i64::from(time.minute()) * 60 + i64::from(time.second());
    days(date) * DAY as i64 + of_day
}

/// Year, month and day of the days since 1970, in the proleptic Gregorian calendar: years begin in March, so that a
/// leap day is the last day, and the pattern repeats every 400 years.
fn civil(days: u64) -> (u64, u64, u64) {
    let days = days + 719_468;
    let (era, of_era) = (days / 146_097, days % 146_097);
    let of_era_years = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * of_era_years + of_era_years / 4 - of_era_years / 100);
    let shifted = (5 * of_year + 2) / 153;
    let (day, month) = (of_year - (153 * shifted + 2) / 5 + 1, if shifted < 10 { shifted + 3 } else { shifted - 9 });
    (era * 400 + of_era_years + u64::from(month <= 2), month, day)
}

/// The reverse of [`civil`].
fn days(date: Date) -> i64 {
    let (month, day) = (i64::from(date.month()), i64::from(date.day()));
    let year = i64::from(date.year()) - i64::from(month <= 2);
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let of_year = (153 * (month + if month > 2 { -3 } else { 9 }) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64, milliseconds: u64) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(seconds) + Duration::from_millis(milliseconds)
    }

    #[test]
    fn texts_of_milliseconds() {
        for (time, expected) in [
            (at(0, 0), "1970-01-01T00:00:00.000Z"),
            (at(951_782_399, 999), "2000-02-28T23:59:59.999Z"),
            (at(951_782_400, 0), "2000-02-29T00:00:00.000Z"),
            (at(1_283_271_385, 892), "2010-08-31T16:16:25.892Z"),
            (at(4_107_542_400, 1), "2100-03-01T00:00:00.001Z"),
        ] {
            assert_eq!(text(time), expected);
            assert_eq!(parse(expected), Some(time));
        }
    }

    #[test]
    fn every_day_of_four_centuries_comes_back() {
        for day in 0..146_097 {
            let time = at(day * DAY, 0);
            assert_eq!(parse(&text(time)), Some(time));
        }
    }

    #[test]
    fn fractions_and_offsets() {
        let time = at(1_705_312_800, 0);
        assert_eq!(parse("2024-01-15T10:00:00Z"), Some(time));
        assert_eq!(parse(" 2024-01-15T11:00:00+01:00\n"), Some(time));
        assert_eq!(parse("2024-01-15T10:00:00.1234567Z"), Some(time + Duration::from_nanos(123_456_700)));
        for wrong in ["2024-01-15T10:00:00", "2024-01-15T25:00:00Z", "2024-01-15", "now", "1969-12-31T23:59:59Z"] {
            assert_eq!(parse(wrong), None, "{wrong}");
        }
    }
}
