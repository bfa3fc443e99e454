//! Does a column hold times, in which form, how fine, and written in which zone?
//!
//! Every form that a study can read is tried with the study's own parser. What is counted here adds up over parts of a column in any
//! order.

use crate::ingest::{TimeFormat, TimeParser};
use crate::inspect::names::Part;
use crate::record::Zone;

const SECOND: i64 = 1_000_000_000;
const DAY: i64 = 86_400 * SECOND;
/// Instants between 1990 and 2100: a number outside of them is no time stamp of an order.
const PLAUSIBLE: std::ops::Range<i64> = 631_152_000 * SECOND..4_102_444_800 * SECOND;
/// The first values of a part that settle whether a form is worth trying on the rest.
const FIRST: usize = 20;

/// What came of reading a column's values in one form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    /// How the values were read.
    pub format: TimeFormat,
    /// What of a time they are.
    pub part: Part,
    /// Values tried.
    pub n_tried: u64,
    /// Values that are such a time.
    pub n_read: u64,
    /// Values that say their own zone.
    pub n_zoned: u64,
    /// Of these, values eight hours east of Greenwich.
    pub n_taipei: u64,
    /// The largest number of nanoseconds of which every stamp is a multiple (0 while there is none): the step of the stamps.
    pub step: i64,
    /// The most decimals written.
    pub decimals: u32,
    /// Earliest and latest instant; naive ones as if they were UTC. Not filled for a time of day.
    pub range: Option<(i64, i64)>,
    /// Values by half hour of the day as read (naive ones as written, others in UTC). Not filled for a date.
    pub half_hours: [u64; 48],
}

impl Reading {
    fn new(format: TimeFormat, part: Part) -> Self {
        Self { format, part, n_tried: 0, n_read: 0, n_zoned: 0, n_taipei: 0, step: 0, decimals: 0, range: None, half_hours: [0; 48] }
    }

    /// Share of the values tried that were read.
    #[must_use]
    pub fn share(&self) -> f64 {
        if self.n_tried == 0 { 0.0 } else { self.n_read as f64 / self.n_tried as f64 }
    }

    /// True where the values name an instant by themselves.
    #[must_use]
    pub fn is_zoned(&self) -> bool {
        self.n_read > 0 && self.n_zoned == self.n_read
    }

    /// True where some values say their zone and others do not.
    #[must_use]
    pub fn is_mixed(&self) -> bool {
        self.n_zoned > 0 && self.n_zoned < self.n_read
    }

    /// Share of the values whose time of day, moved by `shift` half hours, lies in `[from, to)` half hours.
    #[must_use]
    pub fn share_within(&self, from: usize, to: usize, shift: usize) -> f64 {
        let total: u64 = self.half_hours.iter().sum();
        let inside: u64 = (0..48).filter(|at| (from..to).contains(&((at + shift) % 48))).map(|at| self.half_hours[at]).sum();
        if total == 0 { 0.0 } else { inside as f64 / total as f64 }
    }

    fn take(&mut self, nanos: i64, zoned: bool, decimals: u32) {
        self.n_read += 1;
        self.n_zoned += u64::from(zoned);
        self.step = gcd(self.step, nanos.rem_euclid(SECOND));
        self.decimals = self.decimals.max(decimals);
        if self.part != Part::TimeOfDay {
            self.range = Some(self.range.map_or((nanos, nanos), |(first, last)| (first.min(nanos), last.max(nanos))));
        }
        if self.part != Part::Date {
            self.half_hours[(nanos.rem_euclid(DAY) / (1_800 * SECOND)) as usize] += 1;
        }
    }

    fn merge(&mut self, other: &Self) {
        self.n_tried += other.n_tried;
        self.n_read += other.n_read;
        self.n_zoned += other.n_zoned;
        self.n_taipei += other.n_taipei;
        self.step = gcd(self.step, other.step);
        self.decimals = self.decimals.max(other.decimals);
        self.range = match (self.range, other.range) {
            (Some((a, b)), Some((c, d))) => Some((a.min(c), b.max(d))),
            (own, given) => own.or(given),
        };
        self.half_hours.iter_mut().zip(other.half_hours).for_each(|(sum, n)| *sum += n);
    }

    /// A second, where every stamp is a whole one.
    #[must_use]
    pub fn resolution(&self) -> i64 {
        if self.step == 0 { SECOND } else { self.step }
    }
}

fn gcd(a: i64, b: i64) -> i64 {
    if b == 0 { a } else { gcd(b, a % b) }
}

/// The readings of a column in every form.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Readings(Vec<Reading>);

impl Readings {
    /// Tries every form on the values of a part of a column, none of them empty.
    pub(crate) fn of_texts(values: &[&str]) -> Self {
        let forms =
            TimeFormat::NAMED.into_iter().flat_map(|(_, format)| [Part::Whole, Part::Date, Part::TimeOfDay].map(|part| (format, part)));
        Self(forms.filter_map(|(format, part)| read_as(values, format, part)).collect())
    }

    /// Instants that were already read: `zone` is what the column says of them.
    pub(crate) fn of_instants(values: impl Iterator<Item = i64>, zone: Option<&str>) -> Self {
        let mut reading = Reading::new(TimeFormat::Iso, Part::Whole);
        values.for_each(|nanos| {
            reading.n_tried += 1;
            reading.n_taipei += u64::from(matches!(zone, Some("Asia/Taipei" | "+08:00")));
            reading.take(nanos, zone.is_some(), 9);
        });
        Self(vec![reading])
    }

    /// Adds the readings of another part, in which `n_tried` values were tried in every form.
    pub(crate) fn merge(&mut self, other: &Self, own_tried: u64, other_tried: u64) {
        for reading in &mut self.0 {
            if !other.0.iter().any(|found| (found.format, found.part) == (reading.format, reading.part)) {
                reading.n_tried += other_tried;
            }
        }
        for found in &other.0 {
            match self.0.iter_mut().find(|reading| (reading.format, reading.part) == (found.format, found.part)) {
                Some(reading) => reading.merge(found),
                None => {
                    let mut reading = found.clone();
                    reading.n_tried += own_tried;
                    self.0.push(reading);
                }
            }
        }
    }

    /// The reading in one form.
    #[must_use]
    pub fn of(&self, format: TimeFormat, part: Part) -> Option<&Reading> {
        self.0.iter().find(|reading| (reading.format, reading.part) == (format, part) && reading.n_read > 0)
    }

    /// The form of `part` in which most values are read; in a tie, the first of [`TimeFormat::NAMED`].
    #[must_use]
    pub fn best(&self, part: Part) -> Option<&Reading> {
        let fitting = self.0.iter().filter(|reading| reading.part == part && reading.n_read > 0);
        fitting.min_by_key(|reading| (std::cmp::Reverse(reading.n_read), rank(reading.format)))
    }
}

/// Where a form stands among those that are tried: the earlier, the less it takes for granted.
pub(crate) fn rank(format: TimeFormat) -> Option<usize> {
    TimeFormat::NAMED.into_iter().position(|(_, known)| known == format)
}

/// Digits that are a time only if leading zeros were lost must be as many as a time after one o'clock has: a `6` is no time of day.
fn is_too_short(text: &str, format: TimeFormat) -> bool {
    matches!(format, TimeFormat::Excel(n_digits) if text.len() < 5 + usize::from(n_digits))
}

/// Reads the values in one form; `None` where the first ones are not of it.
fn read_as(values: &[&str], format: TimeFormat, part: Part) -> Option<Reading> {
    let mut as_utc = TimeParser::new(format, Zone::UTC);
    // Eight hours off: what both read alike says its own zone.
    let mut elsewhere = TimeParser::new(format, Zone::named("Asia/Taipei").ok()?);
    let mut reading = Reading::new(format, part);
    for (at, text) in values.iter().enumerate() {
        if at == FIRST && reading.n_read < FIRST as u64 / 2 {
            return None;
        }
        reading.n_tried += 1;
        if part != Part::Date && is_too_short(text, format) {
            continue;
        }
        let read = |parser: &mut TimeParser| match part {
            Part::Whole => parser.parse(text.as_bytes()),
            Part::Date => parser.parse_pair(text.as_bytes(), b"00:00:00"),
            Part::TimeOfDay => parser.parse_pair(b"2026-01-05", text.as_bytes()),
        };
        let Ok(nanos) = read(&mut as_utc) else { continue };
        if PLAUSIBLE.contains(&nanos) {
            let zoned = read(&mut elsewhere) == Ok(nanos);
            reading.n_taipei += u64::from(zoned && ["+08:00", "+0800", "+08"].iter().any(|offset| text.ends_with(offset)));
            reading.take(nanos, zoned, decimals(text));
        }
    }
    (reading.n_read > 0).then_some(reading)
}

/// Digits behind the last point or comma.
fn decimals(text: &str) -> u32 {
    let behind = text.rsplit_once(['.', ',']).map_or("", |(_, behind)| behind);
    behind.bytes().take_while(u8::is_ascii_digit).count() as u32
}
