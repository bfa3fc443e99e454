//! Instants and durations as whole nanoseconds, and the words they are written in.

use std::fmt;

use chrono::{DateTime, Datelike, NaiveDate, SecondsFormat, Utc};

/// Nanoseconds in one second.
const SECOND: i64 = 1_000_000_000;

/// An instant: nanoseconds since 1970-01-01T00:00:00Z, years 1678 to 2261.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(transparent)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// Signed time from `earlier` to `self`; negative where the clocks disagree with the order of events.
    ///
    /// Saturates at the ends of `i64` (292 years), which no trading record reaches.
    #[must_use]
    pub fn since(self, earlier: Self) -> Latency {
        Latency(self.0.saturating_sub(earlier.0))
    }

    /// The start of the UTC minute that holds this instant.
    #[must_use]
    pub fn minute(self) -> Self {
        const MINUTE: i64 = 60 * SECOND;
        Self(self.0.div_euclid(MINUTE) * MINUTE)
    }
}

impl std::ops::Add<Latency> for Timestamp {
    type Output = Self;
    fn add(self, latency: Latency) -> Self {
        Self(self.0.saturating_add(latency.0))
    }
}

impl fmt::Display for Timestamp {
    /// ISO 8601 in UTC with nine decimals: `2026-01-05T01:00:00.000000000Z`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let instant = DateTime::<Utc>::from_timestamp_nanos(self.0);
        f.write_str(&instant.to_rfc3339_opts(SecondsFormat::Nanos, true))
    }
}

/// A signed duration in nanoseconds between two stamps. Never clipped: a negative latency is evidence.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(transparent)]
pub struct Latency(pub i64);

impl fmt::Display for Latency {
    /// The shortest unit that keeps three significant digits: `44.1 us`, `-2.00 ms`, `950 ns`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let magnitude = self.0.unsigned_abs() as f64;
        let (scale, unit) = match self.0.unsigned_abs() {
            0..1_000 => return write!(f, "{} ns", self.0),
            1_000..1_000_000 => (1e3, "us"),
            1_000_000..1_000_000_000 => (1e6, "ms"),
            _ => (1e9, "s"),
        };
        let value = magnitude / scale;
        let decimals = if value < 10.0 { 2 } else { usize::from(value < 100.0) };
        let sign = if self.0 < 0 { "-" } else { "" };
        write!(f, "{sign}{value:.decimals$} {unit}")
    }
}

/// A non-negative length of time from a configuration: `"10us"`, `"30m"`, `"2 ms"`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(transparent)]
pub struct TimeSpan(pub i64);

impl fmt::Display for TimeSpan {
    /// The largest whole unit: `30m`, `10us`, `1500us`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let found = UNITS.iter().rev().find(|(_, nanos)| self.0 % nanos == 0 && self.0 >= *nanos);
        let (unit, nanos) = found.unwrap_or(&("ns", 1));
        write!(f, "{}{unit}", self.0 / nanos)
    }
}

/// Units a time span may carry, smallest first.
const UNITS: [(&str, i64); 7] =
    [("ns", 1), ("us", 1_000), ("ms", 1_000_000), ("s", SECOND), ("m", 60 * SECOND), ("h", 3_600 * SECOND), ("d", 86_400 * SECOND)];

/// Reads `"10us"`, `"0.5 ms"`, `"30m"`; units ns, us (or µs), ms, s, m, h, d.
///
/// # Errors
/// A sentence that says what was expected, when the number or the unit is missing or unknown.
pub fn parse_span(text: &str) -> Result<TimeSpan, String> {
    let text = text.trim();
    let expected = || format!("\"{text}\" is not a time span; write for example \"10us\", \"2ms\" or \"30m\"");
    let split = text.find(|c: char| !c.is_ascii_digit() && c != '.').ok_or_else(expected)?;
    let (number, unit) = text.split_at(split);
    let unit = unit.trim().replace(['\u{b5}', '\u{3bc}'], "u");
    let (_, nanos) = UNITS.iter().find(|(name, _)| *name == unit).ok_or_else(expected)?;
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let whole: i64 = whole.parse().map_err(|_| expected())?;
    let fraction = match fraction {
        "" => 0.0,
        digits => format!("0.{digits}").parse::<f64>().map_err(|_| expected())?,
    };
    let part = (fraction * *nanos as f64).round() as i64;
    let total = whole.checked_mul(*nanos).and_then(|n| n.checked_add(part));
    total.map(TimeSpan).ok_or_else(expected)
}

/// A local calendar date as days since 1970-01-01: the trading-day key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(transparent)]
pub struct TradeDate(pub i32);

impl TradeDate {
    /// The date of year, month (1-12) and day (1-31); `None` where no such day exists.
    #[must_use]
    pub fn from_ymd(year: i32, month: u32, day: u32) -> Option<Self> {
        let date = NaiveDate::from_ymd_opt(year, month, day)?;
        Some(Self(date.signed_duration_since(NaiveDate::default()).num_days() as i32))
    }

    /// Reads `2026-01-05`, `2026/1/5`, `2026.1.5`, `20260105`, `民國115年1月5日`, or one of these with a midnight behind it; a year of three digits
    /// is one of the Republic: `115-01-05`, `1150105`.
    ///
    /// Taken for a year of our Lord, such a date would lie nineteen centuries back, and what ends with it would never have been.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        // A spreadsheet's date cell is a midnight.
        let text = ["T00:00:00", " 00:00:00", " 00:00", " 0:00"].iter().find_map(|midnight| text.strip_suffix(midnight)).unwrap_or(text);
        let plain;
        let text = match text.strip_prefix("民國").unwrap_or(text).strip_suffix('日') {
            Some(words) => {
                plain = words.replace(['年', '月'], "-");
                plain.as_str()
            }
            None => text,
        };
        let separator = ['/', '.'].into_iter().find(|separator| text.contains(*separator)).unwrap_or('-');
        let parts: Vec<&str> = match text.len() {
            7 | 8 if text.bytes().all(|byte| byte.is_ascii_digit()) => {
                let (year, rest) = text.split_at(text.len() - 4);
                let (month, day) = rest.split_at(2);
                vec![year, month, day]
            }
            _ => text.split(separator).collect(),
        };
        let [year, month, day] = parts[..] else { return None };
        let number = |digits: &str, lengths: &[usize]| {
            let is_one = lengths.contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
            if is_one { digits.parse::<u32>().ok() } else { None }
        };
        let republic = if year.len() == 3 { 1_911 } else { 0 };
        Self::from_ymd(number(year, &[3, 4])? as i32 + republic, number(month, &[1, 2])?, number(day, &[1, 2])?)
    }

    /// Year, month (1-12) and day (1-31).
    #[must_use]
    pub fn ymd(self) -> (i32, u32, u32) {
        let date = self.naive();
        (date.year(), date.month(), date.day())
    }

    /// True on Saturday and Sunday.
    #[must_use]
    pub fn is_weekend(self) -> bool {
        self.naive().weekday().num_days_from_monday() >= 5
    }

    fn naive(self) -> NaiveDate {
        NaiveDate::default() + chrono::Duration::days(i64::from(self.0))
    }
}

impl fmt::Display for TradeDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.naive().format("%Y-%m-%d"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_in_the_years_they_are_written_in_and_never_guessed() {
        let expected = TradeDate::from_ymd(2026, 1, 5);
        for text in [
            "2026-01-05",
            " 2026-1-5 ",
            "2026/01/05",
            "115-01-05",
            "115/1/5",
            "20260105",
            "1150105",
            "2026.1.5",
            "115.01.05",
            "民國115年1月5日",
            "2026年1月5日",
            "2026/1/5 00:00",
            "2026-01-05 00:00:00",
        ] {
            assert_eq!(TradeDate::parse(text), expected, "{text}");
        }
        for text in [
            "",
            "26-01-05",
            "15/01/05",
            "+115-01-05",
            "2026-+1-05",
            "2026-01",
            "2026-01-05-06",
            "2026-001-05",
            "260105",
            "2026-01-05 09:00",
            "2026-1.5",
            "民國15年1月5日",
            "2026-02-30",
        ] {
            assert_eq!(TradeDate::parse(text), None, "{text}");
        }
    }

    #[test]
    fn spans_read_and_print_in_the_largest_whole_unit() {
        for (text, nanos, printed) in
            [("10us", 10_000, "10us"), ("0.5 ms", 500_000, "500us"), ("30m", 1_800 * SECOND, "30m"), ("1\u{b5}s", 1_000, "1us")]
        {
            let span = parse_span(text).expect(text);
            assert_eq!((span.0, span.to_string().as_str()), (nanos, printed));
        }
        for wrong in ["", "10", "us", "10 parsecs", "-1us", "1..2us", "99999999999d"] {
            assert!(parse_span(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn latencies_print_three_significant_digits_and_keep_their_sign() {
        for (nanos, text) in [(950, "950 ns"), (-2_000_000, "-2.00 ms"), (44_123, "44.1 us"), (0, "0 ns"), (1_234_567_890, "1.23 s")] {
            assert_eq!(Latency(nanos).to_string(), text);
        }
    }

    #[test]
    fn minutes_before_the_epoch_start_below() {
        assert_eq!(Timestamp(-1).minute(), Timestamp(-60 * SECOND));
    }
}
