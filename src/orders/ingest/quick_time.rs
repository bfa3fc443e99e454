//! Times of one shape, read without the general parser.
//!
//! A log writes every time alike: `2026-01-05T09:00:00.123456789+08:00`. Once the general parser has read one, the others of the same
//! date, shape and zone differ from it only in their digits. Nothing is assumed that the general parser did not confirm: a shape is
//! taken up only where its answers follow the clock over the whole local day, which leaves out days on which the zone changes its
//! offset, 24:00:00, and the ends of the range of years.

use crate::ingest::TimeParser;

const SECOND: i64 = 1_000_000_000;
/// Length of `HH:MM:SS`.
const CLOCK: usize = 8;
/// The longest zone (`+08:00`) fits in the load of eight bytes it is compared by.
const LONGEST_TAIL: usize = 8;
/// Nanoseconds of a unit at each number of decimals.
const SCALE: [i64; 10] = [SECOND, 100_000_000, 10_000_000, 1_000_000, 100_000, 10_000, 1_000, 100, 10, 1];

/// Shapes kept: some logs leave out trailing zeros, so that lengths change from row to row.
const MOST_SHAPES: usize = 4;
/// Texts learnt from before giving up: a confirmation costs a hundred readings, which a column of many dates would never earn back.
const MOST_LESSONS: usize = 32;

/// The shapes confirmed so far.
#[derive(Clone, Debug, Default)]
pub(crate) struct QuickTime {
    shapes: Vec<Shape>,
    /// Which of them was used last.
    last: usize,
    n_lessons: usize,
}

/// A date, a clock, a fraction of fixed length and a zone.
#[derive(Clone, Debug)]
struct Shape {
    /// Bytes of the whole text, of the date with its separator, and of the fraction's digits.
    length: usize,
    n_date: usize,
    n_digits: usize,
    /// The first and the last eight bytes of the date with its separator.
    date: (u64, u64),
    /// The byte between seconds and fraction.
    point: u8,
    /// The last eight bytes of the text, as far as they are zone.
    tail: u64,
    tail_mask: u64,
    /// The instant at which the date starts.
    midnight: i64,
    /// `HH:MM:SS` as last seen, and the instant it names.
    clock: u64,
    second: i64,
}

impl QuickTime {
    /// The instant of `text`, where it is of a confirmed date and shape.
    #[inline]
    pub(crate) fn read(&mut self, text: &[u8]) -> Option<i64> {
        let known = self.shapes.get_mut(self.last).and_then(|shape| shape.read(text));
        known.or_else(|| self.read_otherwise(text))
    }

    fn read_otherwise(&mut self, text: &[u8]) -> Option<i64> {
        let (at, instant) = self.shapes.iter_mut().enumerate().find_map(|(at, shape)| Some((at, shape.read(text)?)))?;
        self.last = at;
        Some(instant)
    }

    /// Takes up the shape of a text that `parser` has read, if its answers follow the clock over that day.
    pub(crate) fn learn(&mut self, text: &[u8], parser: &mut TimeParser) {
        if self.n_lessons == MOST_LESSONS {
            return;
        }
        let Some(shape) = Shape::of(text) else { return };
        self.n_lessons += 1;
        let Some(shape) = shape.confirmed(text, parser) else { return };
        // A new day takes the place of the same shape's last one.
        let place = self.shapes.iter().position(|known| known.length == shape.length && known.tail == shape.tail);
        self.last = match place {
            Some(place) => place,
            None if self.shapes.len() < MOST_SHAPES => self.shapes.len(),
            None => (self.last + 1) % MOST_SHAPES,
        };
        match self.shapes.get_mut(self.last) {
            Some(known) => *known = shape,
            None => self.shapes.push(shape),
        }
    }
}

impl Shape {
    #[inline]
    fn read(&mut self, text: &[u8]) -> Option<i64> {
        if self.length != text.len() {
            return None;
        }
        let date = (eight(text, 0)?, eight(text, self.n_date - 8)?);
        let tail = eight(text, self.length - 8)? & self.tail_mask;
        if date != self.date || tail != self.tail {
            return None;
        }
        let clock = eight(text, self.n_date)?;
        if clock != self.clock {
            let seconds = read_clock(clock)?;
            (self.clock, self.second) = (clock, self.midnight + seconds * SECOND);
        }
        if self.n_digits == 0 {
            return Some(self.second);
        }
        let start = self.n_date + CLOCK + 1;
        if text[start - 1] != self.point {
            return None;
        }
        Some(self.second + read_digits(&text[start..start + self.n_digits])? * SCALE[self.n_digits])
    }

    /// The shape of a text, with the midnight still open.
    fn of(text: &[u8]) -> Option<Self> {
        let n_date = match text {
            [_, _, _, _, b'-' | b'/', _, _, b'-' | b'/', _, _, ..] => 11,
            _ if text.iter().take(8).all(u8::is_ascii_digit) => 9,
            _ => return None,
        };
        let rest = text.get(n_date + CLOCK..)?;
        if (text[n_date + 2], text[n_date + 5]) != (b':', b':') {
            return None;
        }
        let (point, digits) = match rest {
            [point @ (b'.' | b','), digits @ ..] => (*point, digits),
            rest => (0, rest),
        };
        let n_digits = if point == 0 { 0 } else { digits.iter().take_while(|byte| byte.is_ascii_digit()).count() };
        let n_tail = digits.len() - n_digits;
        if (point != 0 && n_digits == 0) || n_digits > 9 || n_tail > LONGEST_TAIL {
            return None;
        }
        let tail_mask = if n_tail == 0 { 0 } else { u64::MAX << (8 * (8 - n_tail)) };
        Some(Self {
            length: text.len(),
            n_date,
            n_digits,
            date: (eight(text, 0)?, eight(text, n_date - 8)?),
            point,
            tail: eight(text, text.len() - 8)? & tail_mask,
            tail_mask,
            midnight: 0,
            clock: 0,
            second: 0,
        })
    }

    /// The shape with its midnight, where `parser` answers along the clock at every quarter of an hour and at both ends of the day.
    fn confirmed(self, text: &[u8], parser: &mut TimeParser) -> Option<Self> {
        let mut probe = text.to_vec();
        let mut at = |clock: &[u8], digit: u8| {
            probe[self.n_date..self.n_date + CLOCK].copy_from_slice(clock);
            let fraction = self.n_date + CLOCK + 1;
            if self.n_digits > 0 {
                probe[fraction..fraction + self.n_digits].fill(digit);
            }
            parser.parse(&probe).ok()
        };
        let midnight = at(b"00:00:00", b'0')?;
        for quarter in 0..96_i64 {
            let clock = format!("{:02}:{:02}:00", quarter / 4, quarter % 4 * 15);
            if at(clock.as_bytes(), b'0')? != midnight + quarter * 900 * SECOND {
                return None;
            }
        }
        let last = midnight + 86_399 * SECOND + (SECOND / SCALE[self.n_digits] - 1) * SCALE[self.n_digits];
        (at(b"23:59:59", b'9')? == last).then_some(Self { midnight, clock: u64::from_le_bytes(*b"00:00:00"), second: midnight, ..self })
    }
}

/// Eight bytes of `text` in one load.
fn eight(text: &[u8], at: usize) -> Option<u64> {
    text.get(at..at + 8)?.try_into().ok().map(u64::from_le_bytes)
}

/// Seconds since midnight of `HH:MM:SS`; `None` where it is none.
fn read_clock(clock: u64) -> Option<i64> {
    let [h1, h2, c1, m1, m2, c2, s1, s2] = clock.to_le_bytes();
    let two =
        |tens: u8, ones: u8| (tens.is_ascii_digit() && ones.is_ascii_digit()).then(|| i64::from(tens - b'0') * 10 + i64::from(ones - b'0'));
    let (hour, minute, second) = (two(h1, h2)?, two(m1, m2)?, two(s1, s2)?);
    (c1 == b':' && c2 == b':' && hour < 24 && minute < 60 && second < 60).then_some(hour * 3_600 + minute * 60 + second)
}

/// The number that up to nine decimal digits write; `None` where one of them is not a digit.
fn read_digits(digits: &[u8]) -> Option<i64> {
    let (number, rest) = match eight(digits, 0) {
        Some(eight) => (read_eight_digits(eight)?, &digits[8..]),
        None => (0, digits),
    };
    rest.iter().try_fold(number, |number, digit| digit.is_ascii_digit().then(|| number * 10 + i64::from(digit - b'0')))
}

/// Eight decimal digits at once: pairs, then fours, then eight.
fn read_eight_digits(text: u64) -> Option<i64> {
    const ZEROS: u64 = u64::from_le_bytes(*b"00000000");
    // A byte from '0' to '9' has the high nibble 3, and still has it six further on.
    let high = 0xF0F0_F0F0_F0F0_F0F0;
    if text & high != ZEROS || text.wrapping_add(0x0606_0606_0606_0606) & high != ZEROS {
        return None;
    }
    let digits = text - ZEROS;
    let pairs = digits.wrapping_mul(10).wrapping_add(digits >> 8);
    let low = (pairs & 0x0000_00FF_0000_00FF).wrapping_mul(0x000F_4240_0000_0064);
    let high = (pairs >> 16 & 0x0000_00FF_0000_00FF).wrapping_mul(0x0000_2710_0000_0001);
    Some((low.wrapping_add(high) >> 32) as i64)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::ingest::{TimeFormat, TimeParser};
    use crate::record::Zone;

    proptest! {
        /// Whatever is asked after whatever was learnt: an answer is the general parser's.
        #[test]
        fn a_quick_answer_is_the_general_one(
            texts in prop::collection::vec(
                "(2026-03-2[89]|2026-10-2[45]|20260328|1678-01-01|2261-12-31)[T -]([01][0-9]|2[0-4]):[0-6][0-9]:[0-6][0-9]([.,][0-9]{1,10})?(Z|\\+08:00|-0530|)",
                1..30,
            ),
            zone in prop::sample::select(vec!["UTC", "Asia/Taipei", "Europe/Berlin"]),
            damage in prop::option::of((0_usize..30, any::<u8>())),
        ) {
            let zone = Zone::named(zone).expect("a known zone");
            let (mut quick, mut parser) = (QuickTime::default(), TimeParser::new(TimeFormat::Iso, zone));
            for text in texts {
                let mut text = text.into_bytes();
                if let Some((at, byte)) = damage.filter(|(at, _)| *at < text.len()) {
                    text[at] = byte;
                }
                let general = TimeParser::new(TimeFormat::Iso, zone).parse(&text);
                if let Some(instant) = quick.read(&text) {
                    prop_assert_eq!(Ok(instant), general, "{}", String::from_utf8_lossy(&text));
                } else if general.is_ok() {
                    quick.learn(&text, &mut parser);
                }
            }
        }
    }

    #[test]
    fn a_log_of_one_day_is_read_quickly_after_its_first_time() {
        let mut parser = TimeParser::new(TimeFormat::Iso, Zone::named("Asia/Taipei").expect("a known zone"));
        for (first, second) in [
            ("2026-01-05T09:00:00.123456789+08:00", "2026-01-05T13:29:59.000000001+08:00"),
            ("2026-01-05 09:00:00.123456", "2026-01-05 00:00:00.999999"),
            ("20260105-09:00:00.123", "20260105-23:59:59.999"),
            ("2026/01/05 09:00:00", "2026/01/05 10:11:12"),
        ] {
            let mut quick = QuickTime::default();
            assert_eq!(quick.read(first.as_bytes()), None);
            quick.learn(first.as_bytes(), &mut parser);
            assert_eq!(quick.read(second.as_bytes()), parser.parse(second.as_bytes()).ok(), "{second}");
        }
    }
}
