//! Counts since 1970-01-01T00:00:00Z.

use crate::ingest::TimeFault;

/// A count of `unit` nanoseconds, with decimals where they come to whole nanoseconds, and with commas between thousands.
pub(crate) fn parse(text: &[u8], unit: i64) -> Result<i64, TimeFault> {
    if text.is_empty() {
        return Err(TimeFault::Empty);
    }
    let (negative, digits) = match text {
        [b'-', digits @ ..] => (true, digits),
        [b'+', digits @ ..] => (false, digits),
        digits => (false, digits),
    };
    let (whole, decimals) = match memchr::memchr(b'.', digits) {
        Some(at) if at + 1 < digits.len() => (&digits[..at], &digits[at + 1..]),
        Some(_) => return Err(TimeFault::Malformed),
        None => (digits, &[][..]),
    };
    let nanos = i128::from(unit).checked_mul(count(whole)?).ok_or(TimeFault::OutOfRange)? + part(decimals, unit)?;
    i64::try_from(if negative { -nanos } else { nanos }).map_err(|_| TimeFault::OutOfRange)
}

/// A whole number; commas, if any, stand between groups of three.
fn count(text: &[u8]) -> Result<i128, TimeFault> {
    let grouped = text.contains(&b',');
    let (mut value, mut n_digits) = (0_i128, 0);
    for (at, group) in text.split(|byte| *byte == b',').enumerate() {
        let sound = !group.is_empty() && (!grouped || group.len() == 3 || at == 0 && group.len() < 3);
        if !sound || !group.iter().all(u8::is_ascii_digit) {
            return Err(TimeFault::Malformed);
        }
        n_digits += group.len();
        if n_digits > 30 {
            return Err(TimeFault::OutOfRange);
        }
        value = group.iter().fold(value, |value, digit| value * 10 + i128::from(digit - b'0'));
    }
    Ok(value)
}

/// The decimals of a count, in nanoseconds.
fn part(decimals: &[u8], unit: i64) -> Result<i128, TimeFault> {
    let (mut nanos, mut step) = (0, i128::from(unit));
    for digit in decimals {
        if !digit.is_ascii_digit() {
            return Err(TimeFault::Malformed);
        }
        if step % 10 != 0 {
            if *digit != b'0' {
                return Err(TimeFault::TooFine);
            }
            continue;
        }
        step /= 10;
        nanos += step * i128::from(digit - b'0');
    }
    Ok(nanos)
}
