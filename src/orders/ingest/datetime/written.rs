//! Dates and times of day as people and systems write them: years of our era and of the Republic, with and without separators, in 24
//! hours or twelve.

use crate::ingest::TimeFault;
use crate::ingest::datetime::{DAY_SECONDS, SECOND};
use crate::record::TradeDate;

/// What digits may mean beyond what they mean to everybody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rules {
    /// Only what has one meaning.
    Usual,
    /// Years are the Republic's, of two digits too.
    Roc,
    /// A time of 8 digits ends in hundredths.
    Compact,
    /// A time is `HHMMSS` and so many digits of a fraction, its leading zeros lost.
    ZeroLost(usize),
}

/// A time taken apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Written {
    pub(crate) date: TradeDate,
    /// 0 to 24.
    pub(crate) hour: i64,
    pub(crate) minute: i64,
    /// 0 to 60.
    pub(crate) second: i64,
    /// Nanoseconds.
    pub(crate) fraction: i64,
    /// Nanoseconds east of UTC, where it says so.
    pub(crate) offset: Option<i64>,
    /// Digits of a fraction written without a point.
    pub(crate) n_digits: usize,
    /// Nothing is said of the seconds, so that no fraction may follow.
    pub(crate) to_minute: bool,
}

impl Written {
    /// Nanoseconds since 1970-01-01T00:00 local, to the whole second; a leap second counts as the 59th.
    pub(crate) fn local(&self) -> Result<i64, TimeFault> {
        let second = match (self.hour, self.minute, self.second) {
            (0..24, 0..60, second @ 0..60) => second,
            (0..24, 59, 60) => 59,
            (24, 0, 0) => 0,
            _ => return Err(TimeFault::NoSuchTime),
        };
        let of_day = self.hour * 3_600 + self.minute * 60 + second;
        let local = i64::from(self.date.0).checked_mul(DAY_SECONDS).and_then(|day| (day + of_day).checked_mul(SECOND));
        local.ok_or(TimeFault::OutOfRange)
    }
}

/// Takes a written time apart. The second value is the length of the text down to the seconds, where what follows (a fraction, an
/// offset) can be read by itself; 0 where it cannot: then the whole was read.
pub(crate) fn read_written(text: &[u8], rules: Rules) -> Result<(Written, usize), TimeFault> {
    if text.is_empty() {
        return Err(TimeFault::Empty);
    }
    if !text.is_ascii() {
        let (written, _) = read_ascii(plain(text)?.trim_ascii(), rules)?;
        return Ok((written, 0));
    }
    read_ascii(text, rules)
}

/// Full-width forms and Chinese words as what they mean.
fn plain(text: &[u8]) -> Result<Vec<u8>, TimeFault> {
    const WORDS: [(&str, &str); 7] =
        [("民國", "R"), ("上午", " AM "), ("下午", " PM "), ("年", "/"), ("月", "/"), ("日", " "), ("\u{3000}", " ")];
    let mut rest = std::str::from_utf8(text).map_err(|_| TimeFault::Malformed)?;
    let mut plain = Vec::with_capacity(text.len());
    while let Some(first) = rest.chars().next() {
        let word = WORDS.iter().find(|(word, _)| rest.starts_with(word));
        let length = match (word, first) {
            (Some((word, meaning)), _) => {
                plain.extend_from_slice(meaning.as_bytes());
                word.len()
            }
            (None, '\u{ff01}'..='\u{ff5e}') => {
                plain.push((first as u32 - 0xFEE0) as u8);
                first.len_utf8()
            }
            (None, ' '..='~') => {
                plain.push(first as u8);
                1
            }
            _ => return Err(TimeFault::Malformed),
        };
        rest = &rest[length..];
    }
    Ok(plain)
}

fn read_ascii(text: &[u8], rules: Rules) -> Result<(Written, usize), TimeFault> {
    let (date, n_date) = read_date(text, rules)?;
    let rest = match (&text[n_date..], n_digits(text)) {
        // A date and `上午 09:00:00` of two columns are joined by a T, behind which the word's blank comes.
        ([b'T' | b't', b' ', rest @ ..], _) if rest.starts_with(b"AM") || rest.starts_with(b"PM") => rest,
        ([b'T' | b't' | b'-', rest @ ..], _) => rest,
        // A date that ends in 日, joined with a time of another column.
        ([b' ', b'T', rest @ ..], _) => rest,
        ([b' ', rest @ ..], _) => rest.trim_ascii_start(),
        // YYYYMMDDHHMMSS in one: no count since the epoch in use has 14, 17 or 20 digits.
        (rest, 14 | 17 | 20) => rest,
        _ => return Err(TimeFault::Malformed),
    };
    if let Some(written) = in_twelve_hours(rest, rules)? {
        return Ok((Written { date, ..written }, 0));
    }
    let (mut written, n_time) = read_time_of_day(rest, rules)?;
    written.date = date;
    let behind = &rest[n_time.min(rest.len())..];
    if let Rules::ZeroLost(_) = rules
        && written.n_digits > 0
    {
        return Ok((written, 0));
    }
    let (fraction, zone) = if written.n_digits > 0 { (decimals(&behind[..written.n_digits])?, &[][..]) } else { read_fraction(behind)? };
    written.fraction = fraction;
    written.offset = match zone {
        [] => None,
        [b'Z' | b'z'] => Some(0),
        [sign @ (b'+' | b'-'), digits @ ..] => Some(read_offset(*sign, digits)?),
        _ => return Err(TimeFault::Malformed),
    };
    Ok((written, text.len() - behind.len()))
}

/// `AM 09:00:01`, `09:00:01 PM`; `None` where the text says neither.
fn in_twelve_hours(text: &[u8], rules: Rules) -> Result<Option<Written>, TimeFault> {
    let half = |word: &[u8]| match word.to_ascii_uppercase().as_slice() {
        b"AM" => Some(0),
        b"PM" => Some(12),
        _ => None,
    };
    let (first, last) = (text.get(..2).and_then(half), text.len().checked_sub(2).and_then(|at| half(&text[at..])));
    let (half, time) = match (first, last) {
        (Some(half), None) => (half, &text[2..]),
        (None, Some(half)) => (half, &text[..text.len() - 2]),
        (None, None) => return Ok(None),
        (Some(_), Some(_)) => return Err(TimeFault::Malformed),
    };
    let time = time.trim_ascii();
    let (mut written, length) = read_time_of_day(time, rules)?;
    let (fraction, rest) = read_fraction(&time[length..])?;
    if !rest.is_empty() || written.n_digits > 0 {
        return Err(TimeFault::Malformed);
    }
    if !(1..=12).contains(&written.hour) {
        return Err(TimeFault::NoSuchTime);
    }
    written.hour = written.hour % 12 + half;
    written.fraction = fraction;
    Ok(Some(written))
}

fn n_digits(text: &[u8]) -> usize {
    text.iter().take_while(|byte| byte.is_ascii_digit()).count()
}

/// The date at the start, and its length.
fn read_date(text: &[u8], rules: Rules) -> Result<(TradeDate, usize), TimeFault> {
    let (republic, mark) = match text {
        [b'R', b' ', ..] => (true, 2),
        [b'R', ..] => (true, 1),
        _ => (rules == Rules::Roc, 0),
    };
    let digits = &text[mark..];
    let n = n_digits(digits);
    let separated = matches!(digits.get(n), Some(b'/' | b'-' | b'.'));
    let republic = republic || n == 3 && separated || n == 7 && digits[0] <= b'1';
    let (year, month, day, length) = match n {
        14 | 17 | 20 if !republic => (number(&digits[..4]), number(&digits[4..6]), number(&digits[6..8]), 8),
        8 if !republic => (number(&digits[..4]), number(&digits[4..6]), number(&digits[6..8]), 8),
        6 | 7 if republic => (number(&digits[..n - 4]), number(&digits[n - 4..n - 2]), number(&digits[n - 2..n]), n),
        4 if separated && !republic => separated_date(digits, n)?,
        2 | 3 if separated && republic => separated_date(digits, n)?,
        1 | 2 if separated => return Err(TimeFault::YearNotFirst),
        1 | 2 if digits.get(n) == Some(&b':') => return Err(TimeFault::NoDate),
        6 | 9 | 12 if n == digits.len() || digits.get(n) == Some(&b'.') => return Err(TimeFault::NoDate),
        9.. => return Err(TimeFault::NeedsFormat),
        _ => return Err(TimeFault::Malformed),
    };
    let (Some(year), Some(month), Some(day)) = (year, month, day) else { return Err(TimeFault::Malformed) };
    let year = if republic { year + 1_911 } else { year };
    let date = TradeDate::from_ymd(year as i32, month as u32, day as u32).filter(|_| !republic || year > 1_911);
    Ok((date.ok_or(TimeFault::NoSuchTime)?, mark + length))
}

type Numbers = (Option<i64>, Option<i64>, Option<i64>, usize);

/// Year of `n_year` digits, month and day of one or two, between equal separators.
fn separated_date(text: &[u8], n_year: usize) -> Result<Numbers, TimeFault> {
    let behind_year = &text[n_year + 1..];
    let n_month = n_digits(behind_year);
    let behind_month = behind_year.get(n_month + 1..).ok_or(TimeFault::Malformed)?;
    let n_day = n_digits(behind_month);
    if !(1..=2).contains(&n_month) || !(1..=2).contains(&n_day) || text[n_year] != behind_year[n_month] {
        return Err(TimeFault::Malformed);
    }
    let length = n_year + 1 + n_month + 1 + n_day;
    Ok((number(&text[..n_year]), number(&behind_year[..n_month]), number(&behind_month[..n_day]), length))
}

/// `HH:MM:SS`, `HH:MM` (hours of one digit too) or `HHMMSS` with digits of a fraction behind it; and the length down to the seconds. Where
/// leading zeros are lost the fraction is read too.
fn read_time_of_day(text: &[u8], rules: Rules) -> Result<(Written, usize), TimeFault> {
    let n = n_digits(text);
    if text.get(n) == Some(&b':') && (1..=2).contains(&n) {
        let (minute, second, length, to_minute) = match &text[n + 1..] {
            [m1, m2, b':', s1, s2, ..] => ([*m1, *m2], [*s1, *s2], n + 6, false),
            // 09:31.7 may be nine hours, or nine minutes as a spreadsheet shows them.
            [_, _, b'.' | b',', ..] => return Err(TimeFault::NoHour),
            [m1, m2, ..] => ([*m1, *m2], [b'0', b'0'], n + 3, true),
            _ => return Err(TimeFault::Malformed),
        };
        return Ok((Written { to_minute, ..of_numbers(&text[..n], &minute, &second)? }, length));
    }
    if let Rules::ZeroLost(n_fraction) = rules
        && n == text.len()
        && (1..=6 + n_fraction).contains(&n)
    {
        let padded = [&b"000000000000000"[..6 + n_fraction - n], text].concat();
        let written = of_numbers(&padded[..2], &padded[2..4], &padded[4..6])?;
        let fraction = decimals(&padded[6..])?;
        return Ok((Written { fraction, n_digits: n_fraction, ..written }, n));
    }
    let n_fraction = match (n, rules) {
        (6, _) => 0,
        (9 | 12, _) if n == text.len() => n - 6,
        (8, Rules::Compact) if n == text.len() => 2,
        (5 | 7 | 8 | 10 | 11, _) => return Err(TimeFault::NeedsFormat),
        _ => return Err(TimeFault::Malformed),
    };
    let written = of_numbers(&text[..2], &text[2..4], &text[4..6])?;
    Ok((Written { n_digits: n_fraction, ..written }, 6))
}

fn of_numbers(hour: &[u8], minute: &[u8], second: &[u8]) -> Result<Written, TimeFault> {
    let (Some(hour), Some(minute), Some(second)) = (number(hour), number(minute), number(second)) else {
        return Err(TimeFault::Malformed);
    };
    Ok(Written { hour, minute, second, ..Written::default() })
}

/// Nanoseconds of `.123456789`, `,123` or `.123_456` (or none), and what follows it.
pub(crate) fn read_fraction(text: &[u8]) -> Result<(i64, &[u8]), TimeFault> {
    let Some((b'.' | b',', digits)) = text.split_first() else { return Ok((0, text)) };
    let n = n_digits(digits);
    if let Some(grouped) = grouped_fraction(digits) {
        return grouped;
    }
    if n == 0 {
        return Err(TimeFault::Malformed);
    }
    Ok((decimals(&digits[..n])?, &digits[n..]))
}

/// Decimals in groups of three: `187_326`.
fn grouped_fraction(digits: &[u8]) -> Option<Result<(i64, &[u8]), TimeFault>> {
    if digits.get(3) != Some(&b'_') {
        return None;
    }
    let length = digits.iter().take_while(|byte| byte.is_ascii_digit() || **byte == b'_').count();
    let groups: Vec<&[u8]> = digits[..length].split(|byte| *byte == b'_').collect();
    let joined = groups.concat();
    let sound = groups.iter().all(|group| group.len() == 3);
    Some(if sound { decimals(&joined).map(|nanos| (nanos, &digits[length..])) } else { Err(TimeFault::Malformed) })
}

/// Nanoseconds of decimals.
pub(crate) fn decimals(digits: &[u8]) -> Result<i64, TimeFault> {
    let n = digits.len().min(9);
    if digits[n..].iter().any(|digit| *digit != b'0') {
        return Err(TimeFault::TooFine);
    }
    let mut nanos = 0;
    for digit in &digits[..n] {
        nanos = nanos * 10 + i64::from(digit - b'0');
    }
    const SCALE: [i64; 10] = [SECOND, 100_000_000, 10_000_000, 1_000_000, 100_000, 10_000, 1_000, 100, 10, 1];
    Ok(nanos * SCALE[n])
}

/// Nanoseconds of `08:00`, `0800` or `08` behind a sign.
pub(crate) fn read_offset(sign: u8, digits: &[u8]) -> Result<i64, TimeFault> {
    let (hours, minutes) = match digits {
        [h1, h2, b':', m1, m2] | [h1, h2, m1, m2] => (number(&[*h1, *h2]), number(&[*m1, *m2])),
        [h1, h2] => (number(&[*h1, *h2]), Some(0)),
        _ => return Err(TimeFault::Malformed),
    };
    let (Some(hours @ 0..=23), Some(minutes @ 0..=59)) = (hours, minutes) else { return Err(TimeFault::Malformed) };
    let nanos = (hours * 3_600 + minutes * 60) * SECOND;
    Ok(if sign == b'-' { -nanos } else { nanos })
}

/// The number of some digits; `None` where one is no digit.
pub(crate) fn number(digits: &[u8]) -> Option<i64> {
    digits.iter().try_fold(0, |value, byte| byte.is_ascii_digit().then(|| value * 10 + i64::from(byte - b'0')))
}
