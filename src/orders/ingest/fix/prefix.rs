//! What a recorder writes before a message: its time, in which zone that is, and which way the message went.
//!
//! | shape | zone |
//! |---|---|
//! | `20220317-18:00:31.734226000 : ` and other FIX stamps with a blank behind them | UTC |
//! | `20111107-10:52:22.133: `, a FIX stamp with a colon behind it | not known: the study has to say |
//! | `S 20190828053306.492035 `, fourteen digits | UTC |
//! | `(2016-01-18 21:15:54,015)`, a comma before the fraction | local |
//! | `2025-09-18 09:41:30.187_326`, an underscore in the fraction | local |
//! | other ISO 8601 | as its offset says, else not known |

use std::ops::Range;

/// A time in a prefix.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Stamp {
    /// Where it stands.
    pub(crate) range: Range<usize>,
    pub(crate) shape: Shape,
}

/// How a recorder writes its times.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// `20220317-18:00:31.734226000`
    Fix,
    /// As before, with a colon right behind it.
    FixColon,
    /// `20190828053306.492035`
    Digits,
    /// `2016-01-18 21:15:54,015`
    Comma,
    /// `2025-09-18 09:41:30.187_326`
    Underscore,
    /// `2026-01-05T09:00:00.5Z`
    IsoOffset,
    /// `2026-01-05 09:00:00.5`
    Iso,
}

/// Zone of a prefix time, by its shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StampZone {
    Utc,
    Local,
    Unknown,
}

impl Shape {
    pub(crate) fn zone(self) -> StampZone {
        match self {
            Self::Fix | Self::Digits | Self::IsoOffset => StampZone::Utc,
            Self::Comma | Self::Underscore => StampZone::Local,
            Self::FixColon | Self::Iso => StampZone::Unknown,
        }
    }
}

/// Which way a message went, seen from whoever wrote the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// Received.
    In,
    /// Sent.
    Out,
}

impl Direction {
    /// Its name in study.toml.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::In => "in",
            Self::Out => "out",
        }
    }

    /// `in` or `out`.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "in" => Some(Self::In),
            "out" => Some(Self::Out),
            _ => None,
        }
    }
}

/// What a prefix tells.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Told {
    /// Where the message's own words start: the tail of an earlier message is not among them.
    pub(crate) own: usize,
    /// The first time in them, from there.
    pub(crate) stamp: Option<Stamp>,
    pub(crate) direction: Option<Direction>,
}

impl Told {
    fn of(prefix: &[u8]) -> Self {
        let words = own_words(prefix);
        Self { own: prefix.len() - words.len(), stamp: find_stamp(words), direction: direction(words) }
    }
}

/// Reads prefixes. A recorder writes the same words before every message and only the digits change: then what the last prefix told
/// still holds.
#[derive(Debug, Default)]
pub(crate) struct PrefixReader {
    /// The last prefix, a zero in place of each digit.
    pattern: Vec<u8>,
    told: Told,
}

impl PrefixReader {
    pub(crate) fn read(&mut self, prefix: &[u8]) -> &Told {
        // Where the tail of an earlier message stands (`10=123`), its digits matter: such a prefix is no pattern for others.
        if self.pattern.is_empty() || prefix.len() != self.pattern.len() || !is_like(prefix, &self.pattern) {
            self.told = Told::of(prefix);
            self.pattern.clear();
            if !prefix.contains(&b'=') {
                self.pattern.extend(prefix.iter().map(|byte| if byte.is_ascii_digit() { b'0' } else { *byte }));
            }
        }
        &self.told
    }
}

/// What stands before a message itself: the tail of an earlier one is not its words.
pub(crate) fn own_words(prefix: &[u8]) -> &[u8] {
    let behind = memchr::memmem::rfind(prefix, b"10=").filter(|at| {
        prefix.get(at + 3..at + 6).is_some_and(|digits| digits.iter().all(u8::is_ascii_digit))
            && !prefix.get(at + 6).is_some_and(u8::is_ascii_alphanumeric)
    });
    behind.map_or(prefix, |at| &prefix[at + 6..])
}

/// The first time in `prefix`.
pub(crate) fn find_stamp(prefix: &[u8]) -> Option<Stamp> {
    let mut at = 0;
    while at < prefix.len() {
        let n_digits = run_of_digits(&prefix[at..]);
        if n_digits == 0 {
            at += 1;
            continue;
        }
        let (rest, digits) = (&prefix[at + n_digits..], &prefix[at..]);
        let stamp = match n_digits {
            8 if is_like(rest, b"-00:00:00") => Some(fix_stamp(digits)),
            14 => Some((14 + fraction(rest), Shape::Digits)),
            4 if is_like(rest, b"-00-00 00:00:00") || is_like(rest, b"-00-00T00:00:00") => Some(iso_stamp(digits)),
            _ => None,
        };
        if let Some((length, shape)) = stamp {
            return Some(Stamp { range: at..at + length, shape });
        }
        at += n_digits;
    }
    None
}

/// `[out]`, `>>>`, `S `, `Sending`, `:O:` and their counterparts; `None` where the prefix does not tell.
pub(crate) fn direction(prefix: &[u8]) -> Option<Direction> {
    const OUT: [&[u8]; 5] = [b">>>", b"[out]", b"Sending", b":O:", b"outgoing"];
    const IN: [&[u8]; 5] = [b"<<<", b"[in]", b"Receiving", b":I:", b"incoming"];
    let holds = |marks: &[&[u8]]| marks.iter().any(|mark| memchr::memmem::find(prefix, mark).is_some());
    match prefix {
        [b'S', b' ', ..] => Some(Direction::Out),
        [b'R', b' ', ..] => Some(Direction::In),
        _ => match (holds(&OUT), holds(&IN)) {
            (true, false) => Some(Direction::Out),
            (false, true) => Some(Direction::In),
            _ => None,
        },
    }
}

fn fix_stamp(text: &[u8]) -> (usize, Shape) {
    let length = 17 + fraction(&text[17..]);
    let shape = if text.get(length) == Some(&b':') { Shape::FixColon } else { Shape::Fix };
    (length, shape)
}

fn iso_stamp(text: &[u8]) -> (usize, Shape) {
    let mut length = 19;
    let mut shape = Shape::Iso;
    if let Some(mark @ (b'.' | b',')) = text.get(19) {
        let n_digits = run_of_digits(&text[20..]);
        if n_digits > 0 {
            length += 1 + n_digits;
            shape = if *mark == b',' { Shape::Comma } else { Shape::Iso };
            let more = text.get(length).filter(|byte| **byte == b'_').map_or(0, |_| run_of_digits(&text[length + 1..]));
            if more > 0 {
                return (length + 1 + more, Shape::Underscore);
            }
        }
    }
    let rest = &text[length..];
    let n_offset = match rest {
        [b'Z', ..] => 1,
        _ if is_like(rest, b"+00:00") || is_like(rest, b"-00:00") => 6,
        _ if is_like(rest, b"+0000") || is_like(rest, b"-0000") => 5,
        _ => return (length, shape),
    };
    (length + n_offset, Shape::IsoOffset)
}

/// Length of `.123456`, zero where that is not what stands there.
fn fraction(text: &[u8]) -> usize {
    match text {
        [b'.', digits @ ..] if run_of_digits(digits) > 0 => 1 + run_of_digits(digits),
        _ => 0,
    }
}

fn run_of_digits(text: &[u8]) -> usize {
    text.iter().take_while(|byte| byte.is_ascii_digit()).count()
}

/// Whether the text starts like `pattern`, in which a zero stands for any digit.
fn is_like(text: &[u8], pattern: &[u8]) -> bool {
    text.len() >= pattern.len()
        && pattern.iter().zip(text).all(|(want, byte)| if *want == b'0' { byte.is_ascii_digit() } else { want == byte })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(prefix: &str, stamp: &str, zone: StampZone, way: Option<Direction>) {
        let found = find_stamp(prefix.as_bytes()).expect(prefix);
        assert_eq!(&prefix[found.range], stamp, "{prefix}");
        assert_eq!((found.shape.zone(), direction(prefix.as_bytes())), (zone, way), "{prefix}");
    }

    #[test]
    fn every_prefix_tells_its_time_its_zone_and_the_way() {
        use Direction::{In, Out};
        check("20220317-18:00:31.734226000 : ", "20220317-18:00:31.734226000", StampZone::Utc, None);
        check("20220317-18:00:31 : ", "20220317-18:00:31", StampZone::Utc, None);
        let log4j = "DEBUG (2016-01-18 21:15:54,015) [thread: FIX.4.4:A->B] (app) - <<< ";
        check(log4j, "2016-01-18 21:15:54,015", StampZone::Local, Some(In));
        check("20111107-10:52:22.133: ", "20111107-10:52:22.133", StampZone::Unknown, None);
        check("2:O:N 20150303-22:10:32.880 : ", "20150303-22:10:32.880", StampZone::Utc, Some(Out));
        check("S 20190828053306.492035 ", "20190828053306.492035", StampZone::Utc, Some(Out));
        check("R 20190828053306.492035 ", "20190828053306.492035", StampZone::Utc, Some(In));
        check("2025-09-18 09:41:30.187_326 [a] [b] (INFO) Receiving : ", "2025-09-18 09:41:30.187_326", StampZone::Local, Some(In));
        check("20260626-11:04:41.915585000 [out] : ", "20260626-11:04:41.915585000", StampZone::Utc, Some(Out));
        check("2026-01-05T09:00:00.5+08:00 ", "2026-01-05T09:00:00.5+08:00", StampZone::Utc, None);
        check("2026-01-05 09:00:00.5 ", "2026-01-05 09:00:00.5", StampZone::Unknown, None);
        assert_eq!(find_stamp(b"12:00:01.5 session 20220317: "), None);
    }

    #[test]
    fn a_prefix_read_behind_another_tells_the_same_as_by_itself() {
        let mut reader = PrefixReader::default();
        let prefixes = [
            "20260105-01:00:00.5 : ",
            "20260105-01:00:01.7 : ",
            "20260105-01:00:01.7 [out] : ",
            "20260105-01:00:01.7 [in]: ",
            "",
            "|10=121|20260105-01:00:01.7 : ",
            "|10=1x1|20260105-01:00:01.7 : ",
            "|20=121|20260105-01:00:01.7 : ",
            "S 20190828053306.492035 ",
            "R 20190828053306.492035 ",
        ];
        for prefix in prefixes.iter().chain(prefixes.iter().rev()) {
            assert_eq!(*reader.read(prefix.as_bytes()), Told::of(prefix.as_bytes()), "{prefix}");
        }
    }

    #[test]
    fn the_tail_of_another_message_is_not_a_message_s_own_words() {
        assert_eq!(own_words(b"52=20150303-22:10:32|10=121|20150303-22:10:33 : "), b"|20150303-22:10:33 : ");
        assert_eq!(own_words(b"20150303-22:10:33 : "), b"20150303-22:10:33 : ");
    }
}
