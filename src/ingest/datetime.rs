//! Times as they are written, to nanoseconds since the epoch.
//!
//! Exact: a fraction has at most nine significant decimals or the row is refused; nothing is rounded. A naive time is read in the
//! zone given; one that the zone skips or repeats is refused rather than guessed.

use std::num::{IntErrorKind, ParseIntError};

use crate::ingest::TimeFormat;
use crate::record::{TradeDate, Zone};

/// Why a text is not a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimeFault {
    /// Nothing there.
    Empty,
    /// Not of the format.
    Malformed,
    /// A time of day without a date.
    NoDate,
    /// A date that does not start with a four-digit year: which number is the month is not told.
    YearNotFirst,
    /// No such day or time of day.
    NoSuchTime,
    /// More than nine significant decimals.
    TooFine,
    /// Outside the years 1678 to 2261.
    OutOfRange,
    /// Skipped or repeated by a change of offset in the zone.
    Ambiguous,
    /// A leap second, which the time scale of the rest cannot hold.
    LeapSecond,
}

impl TimeFault {
    /// The fault in words.
    #[must_use]
    pub const fn reason(self) -> &'static str {
        match self {
            Self::Empty => "the time is empty",
            Self::Malformed => "not a time in the expected format",
            Self::NoDate => "a time of day without a date",
            Self::YearNotFirst => "the date must start with its four-digit year",
            Self::NoSuchTime => "no such date or time of day",
            Self::TooFine => "more than nine decimals",
            Self::OutOfRange => "outside the years 1678 to 2261",
            Self::Ambiguous => "skipped or repeated where the zone changes its offset",
            Self::LeapSecond => "a leap second",
        }
    }
}

const SECOND: i64 = 1_000_000_000;
const DAY_SECONDS: i64 = 86_400;
/// 1678-01-01 and 2262-01-01, in nanoseconds: whole years that a 64-bit count holds, with room to add any zone's offset.
const YEARS: std::ops::Range<i64> = -9_214_560_000 * SECOND..9_214_646_400 * SECOND;

/// Reads times of one column, remembering the last date, hour, minute and second: in a log they repeat from row to row,
/// so that most rows cost a comparison and the digits of the fraction.
#[derive(Clone, Debug)]
pub struct TimeParser {
    format: TimeFormat,
    zone: Zone,
    seen: Prefix,
    joined: Vec<u8>,
}

/// The last text up to its seconds, and what it meant.
#[derive(Clone, Debug, Default)]
struct Prefix {
    text: Vec<u8>,
    /// Local nanoseconds since 1970-01-01T00:00 local.
    local: i64,
    /// What to subtract for a naive time; `None` where the reading is ambiguous.
    naive_offset: Option<i64>,
    /// It says 24:00:00, which no fraction may follow.
    ends_day: bool,
}

impl TimeParser {
    /// A parser of one column.
    #[must_use]
    pub fn new(format: TimeFormat, zone: Zone) -> Self {
        Self { format, zone, seen: Prefix::default(), joined: Vec::new() }
    }

    /// Nanoseconds since the epoch.
    ///
    /// # Errors
    /// The [`TimeFault`] that keeps the text from naming one instant.
    pub fn parse(&mut self, text: &[u8]) -> Result<i64, TimeFault> {
        let text = text.trim_ascii();
        let instant = match self.format {
            TimeFormat::Iso => self.parse_iso(text),
            TimeFormat::Epoch(unit) => parse_epoch(text, unit),
        };
        instant.and_then(within_years)
    }

    /// Nanoseconds since the epoch of a date in one text and a time of day in another.
    ///
    /// # Errors
    /// As [`TimeParser::parse`].
    pub fn parse_pair(&mut self, date: &[u8], time: &[u8]) -> Result<i64, TimeFault> {
        if date.trim_ascii().is_empty() {
            return Err(if time.trim_ascii().is_empty() { TimeFault::Empty } else { TimeFault::NoDate });
        }
        let mut joined = std::mem::take(&mut self.joined);
        joined.clear();
        joined.extend_from_slice(date.trim_ascii());
        joined.push(b'T');
        joined.extend_from_slice(time.trim_ascii());
        let instant = self.parse(&joined);
        self.joined = joined;
        instant
    }

    fn parse_iso(&mut self, text: &[u8]) -> Result<i64, TimeFault> {
        let n_prefix = self.seen.text.len();
        let known = n_prefix > 0
            && text.len() >= n_prefix
            && text[..n_prefix] == self.seen.text[..]
            && matches!(text.get(n_prefix), None | Some(b'.' | b',' | b'Z' | b'z' | b'+' | b'-'));
        if !known {
            self.seen = self.read_prefix(text)?;
        }
        let rest = &text[self.seen.text.len()..];
        if self.seen.ends_day && has_fraction(rest) {
            return Err(TimeFault::NoSuchTime);
        }
        let (fraction, rest) = read_fraction(rest)?;
        let offset = match rest {
            [] => self.seen.naive_offset.ok_or(TimeFault::Ambiguous)?,
            [b'Z' | b'z'] => 0,
            [sign @ (b'+' | b'-'), digits @ ..] => read_offset(*sign, digits)?,
            _ => return Err(TimeFault::Malformed),
        };
        let utc = self.seen.local.checked_add(fraction).and_then(|local| local.checked_sub(offset));
        utc.ok_or(TimeFault::OutOfRange)
    }

    /// Reads date, separator and time of day down to the seconds.
    fn read_prefix(&self, text: &[u8]) -> Result<Prefix, TimeFault> {
        if text.is_empty() {
            return Err(TimeFault::Empty);
        }
        let (date, n_date) = read_date(text)?;
        let rest = match text.get(n_date) {
            Some(b'T' | b't' | b' ' | b'-') => &text[n_date + 1..],
            _ => return Err(TimeFault::Malformed),
        };
        let (seconds, n_time) = read_time_of_day(rest)?;
        let local = i64::from(date.0).checked_mul(DAY_SECONDS).and_then(|day| (day + seconds).checked_mul(SECOND));
        let local = local.ok_or(TimeFault::OutOfRange)?;
        let naive_offset = self.zone.offset_of_local(local);
        Ok(Prefix { text: text[..n_date + 1 + n_time].to_vec(), local, naive_offset, ends_day: seconds == DAY_SECONDS })
    }
}

/// `YYYY-MM-DD`, `YYYY/MM/DD` or `YYYYMMDD`; returns the date and its length.
fn read_date(text: &[u8]) -> Result<(TradeDate, usize), TimeFault> {
    let n_digits = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (year, month, day, length) = match (n_digits, text) {
        (8, _) => (number(&text[..4]), number(&text[4..6]), number(&text[6..8]), 8),
        (4, [_, _, _, _, a @ (b'-' | b'/'), m1, m2, b, d1, d2, ..]) if a == b => {
            (number(&text[..4]), number(&[*m1, *m2]), number(&[*d1, *d2]), 10)
        }
        (1, [_, b':', ..]) | (2, [_, _, b':', ..]) => return Err(TimeFault::NoDate),
        (1 | 2, [_, b'/' | b'-' | b'.', ..] | [_, _, b'/' | b'-' | b'.', ..]) => return Err(TimeFault::YearNotFirst),
        _ => return Err(TimeFault::Malformed),
    };
    let (Some(year), Some(month), Some(day)) = (year, month, day) else { return Err(TimeFault::Malformed) };
    let date = TradeDate::from_ymd(year as i32, month as u32, day as u32).ok_or(TimeFault::NoSuchTime)?;
    Ok((date, length))
}

/// `HH:MM:SS`, `HH:MM` or `HHMMSS`; returns seconds since midnight and the length.
fn read_time_of_day(text: &[u8]) -> Result<(i64, usize), TimeFault> {
    let (hour, minute, second, length) = match text {
        [h1, h2, b':', m1, m2, b':', s1, s2, ..] => ([*h1, *h2], [*m1, *m2], [*s1, *s2], 8),
        [h1, h2, b':', m1, m2, ..] => ([*h1, *h2], [*m1, *m2], [b'0', b'0'], 5),
        [h1, h2, m1, m2, s1, s2, ..] => ([*h1, *h2], [*m1, *m2], [*s1, *s2], 6),
        _ => return Err(TimeFault::Malformed),
    };
    let (Some(hour), Some(minute), Some(second)) = (number(&hour), number(&minute), number(&second)) else {
        return Err(TimeFault::Malformed);
    };
    match (hour, minute, second) {
        (0..24, 0..60, 0..60) => Ok((hour * 3_600 + minute * 60 + second, length)),
        (24, 0, 0) => Ok((DAY_SECONDS, length)),
        (0..24, 0..60, 60) => Err(TimeFault::LeapSecond),
        _ => Err(TimeFault::NoSuchTime),
    }
}

/// The instant, where it lies in the years 1678 to 2261.
pub(crate) fn within_years(nanos: i64) -> Result<i64, TimeFault> {
    if YEARS.contains(&nanos) { Ok(nanos) } else { Err(TimeFault::OutOfRange) }
}

fn has_fraction(rest: &[u8]) -> bool {
    matches!(rest, [b'.' | b',', digits @ ..] if digits.iter().take_while(|b| b.is_ascii_digit()).any(|b| *b != b'0'))
}

/// Nanoseconds of `.123456789` (or none), and what follows it.
fn read_fraction(text: &[u8]) -> Result<(i64, &[u8]), TimeFault> {
    let Some((b'.' | b',', digits)) = text.split_first() else { return Ok((0, text)) };
    let n_digits = digits.iter().take_while(|byte| byte.is_ascii_digit()).count();
    if n_digits == 0 {
        return Err(TimeFault::Malformed);
    }
    if digits[n_digits.min(9)..n_digits].iter().any(|digit| *digit != b'0') {
        return Err(TimeFault::TooFine);
    }
    let mut nanos = 0;
    for digit in &digits[..n_digits.min(9)] {
        nanos = nanos * 10 + i64::from(digit - b'0');
    }
    const SCALE: [i64; 10] = [SECOND, 100_000_000, 10_000_000, 1_000_000, 100_000, 10_000, 1_000, 100, 10, 1];
    Ok((nanos * SCALE[n_digits.min(9)], &digits[n_digits..]))
}

/// Nanoseconds of `08:00`, `0800` or `08` behind a sign.
fn read_offset(sign: u8, digits: &[u8]) -> Result<i64, TimeFault> {
    let (hours, minutes) = match digits {
        [h1, h2, b':', m1, m2] | [h1, h2, m1, m2] => (number(&[*h1, *h2]), number(&[*m1, *m2])),
        [h1, h2] => (number(&[*h1, *h2]), Some(0)),
        _ => return Err(TimeFault::Malformed),
    };
    let (Some(hours @ 0..=23), Some(minutes @ 0..=59)) = (hours, minutes) else { return Err(TimeFault::Malformed) };
    let nanos = (hours * 3_600 + minutes * 60) * SECOND;
    Ok(if sign == b'-' { -nanos } else { nanos })
}

fn parse_epoch(text: &[u8], unit: i64) -> Result<i64, TimeFault> {
    if text.is_empty() {
        return Err(TimeFault::Empty);
    }
    let text = std::str::from_utf8(text).map_err(|_| TimeFault::Malformed)?;
    let count: i64 = text.parse().map_err(|error: ParseIntError| match error.kind() {
        IntErrorKind::PosOverflow | IntErrorKind::NegOverflow => TimeFault::OutOfRange,
        _ => TimeFault::Malformed,
    })?;
    count.checked_mul(unit).ok_or(TimeFault::OutOfRange)
}

fn number(digits: &[u8]) -> Option<i64> {
    digits.iter().try_fold(0, |value, byte| byte.is_ascii_digit().then(|| value * 10 + i64::from(byte - b'0')))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taipei(text: &str) -> Result<i64, TimeFault> {
        TimeParser::new(TimeFormat::Iso, Zone::named("Asia/Taipei").expect("known")).parse(text.as_bytes())
    }

    #[test]
    fn every_iso_form_of_one_instant_is_the_same_number() {
        // 2026-01-05T09:00:00.123456789+08:00, by Python: datetime(...).timestamp()
        let expected = 1_767_574_800_123_456_789;
        for text in [
            "2026-01-05T09:00:00.123456789+08:00",
            "2026-01-05T01:00:00.123456789Z",
            "2026-01-05 09:00:00.123456789",
            "2026-01-05T09:00:00,123456789",
            "20260105T090000.123456789",
            "20260105-09:00:00.123456789",
            "2026/01/05 09:00:00.123456789000",
            " 2026-01-05t06:30:00.123456789+0530 ",
            "2026-01-04T20:00:00.123456789-05",
        ] {
            assert_eq!(taipei(text), Ok(expected), "{text}");
        }
        assert_eq!(taipei("2026-01-05T24:00:00"), taipei("2026-01-06T00:00:00"));
    }

    #[test]
    fn what_is_not_one_instant_is_refused_with_its_reason() {
        for (text, fault) in [
            ("", TimeFault::Empty),
            ("9:00:01", TimeFault::NoDate),
            ("09:00:01", TimeFault::NoDate),
            ("2026-02-29T09:00:00", TimeFault::NoSuchTime),
            ("2026-01-05T24:00:01", TimeFault::NoSuchTime),
            ("2026-01-05T24:00:00.5", TimeFault::NoSuchTime),
            ("2026-01-05T23:59:60", TimeFault::LeapSecond),
            ("2026-01-05T09:00:00.1234567891", TimeFault::TooFine),
            ("2026-01-05T09:00:00.", TimeFault::Malformed),
            ("2026-01-05T09:00:00+8", TimeFault::Malformed),
            ("2026-01-05T09:00:00 UTC", TimeFault::Malformed),
            ("2026-01-05", TimeFault::Malformed),
            ("1570-01-05T09:00:00", TimeFault::OutOfRange),
            ("24:61", TimeFault::NoDate),
            ("01/05/2026 09:00:00", TimeFault::YearNotFirst),
        ] {
            assert_eq!(taipei(text), Err(fault), "{text}");
        }
    }

    #[test]
    fn a_remembered_prefix_never_answers_for_a_longer_one() {
        let mut parser = TimeParser::new(TimeFormat::Iso, Zone::UTC);
        assert_eq!(parser.parse(b"1970-01-01T00:01"), Ok(60 * SECOND));
        assert_eq!(parser.parse(b"1970-01-01T00:01:30"), Ok(90 * SECOND));
        assert_eq!(parser.parse(b"1970-01-01T00:01:30.5"), Ok(90 * SECOND + SECOND / 2));
        assert_eq!(parser.parse(b"1970-01-01T00:01:301"), Err(TimeFault::Malformed));
        assert_eq!(parser.parse(b"1970-01-01T24:00:00"), Ok(DAY_SECONDS * SECOND));
        assert_eq!(parser.parse(b"1970-01-01T24:00:00.000"), Ok(DAY_SECONDS * SECOND));
        assert_eq!(parser.parse(b"1970-01-01T24:00:00.5"), Err(TimeFault::NoSuchTime));
    }

    #[test]
    fn epochs_are_exact_and_bounded() {
        let mut parser = TimeParser::new(TimeFormat::Epoch(1_000_000), Zone::UTC);
        assert_eq!(parser.parse(b"1767574800123"), Ok(1_767_574_800_123_000_000));
        assert_eq!(parser.parse(b"9223372036854775807"), Err(TimeFault::OutOfRange));
        assert_eq!(parser.parse(b"1767574800.5"), Err(TimeFault::Malformed));
        let mut parser = TimeParser::new(TimeFormat::Epoch(1), Zone::UTC);
        for (text, instant) in [
            ("-9214560000000000000", Ok(YEARS.start)),
            ("-9214560000000000001", Err(TimeFault::OutOfRange)),
            ("9214646399999999999", Ok(YEARS.end - 1)),
            ("9223372036854775807", Err(TimeFault::OutOfRange)),
        ] {
            assert_eq!(parser.parse(text.as_bytes()), instant, "{text}");
        }
    }
}
