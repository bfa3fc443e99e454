//! Times as they are written, to nanoseconds since the epoch.
//!
//! Exact: a fraction has at most nine significant decimals or the row is refused; nothing is rounded. A naive time is read in the
//! zone given; one that the zone skips or repeats is refused rather than guessed, and so is a text that could be two different times.

mod epoch;
mod pattern;
mod written;

pub use pattern::Pattern;

use crate::ingest::TimeFormat;
use crate::ingest::datetime::written::{Rules, Written, read_fraction, read_offset, read_written};
use crate::record::Zone;

/// Why a text is not a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimeFault {
    /// Nothing there.
    Empty,
    /// Not of the format.
    Malformed,
    /// A time of day without a date.
    NoDate,
    /// A date alone, where its time of day stands in another column.
    NoTimeOfDay,
    /// A date that starts with one or two digits: which number is the month is not told, and neither is the century.
    YearNotFirst,
    /// Minutes and seconds without the hour, as a spreadsheet shows them; or an hour and decimals of its minute.
    NoHour,
    /// Digits that can be read in more than one way.
    NeedsFormat,
    /// No such day or time of day.
    NoSuchTime,
    /// Finer than a nanosecond.
    TooFine,
    /// Outside the years 1678 to 2261.
    OutOfRange,
    /// Skipped or repeated by a change of offset in the zone.
    Ambiguous,
    /// A second 60 that was no leap second.
    LeapSecond,
}

impl TimeFault {
    /// The fault in words: Traditional Chinese and English.
    #[must_use]
    pub const fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Empty => ("時間是空的", "the time is empty"),
            Self::Malformed => ("不是預期格式的時間", "not a time in the expected format"),
            Self::NoDate => ("只有時刻，沒有日期", "a time of day without a date"),
            Self::NoTimeOfDay => ("只有日期，沒有時刻", "a date without a time of day"),
            Self::YearNotFirst => {
                ("日期必須以年開頭：西元四位，民國三位", "the date must start with its year, of four digits or of three for the Republic's")
            }
            Self::NoHour => (
                "像是「分:秒.小數」，缺小時：請以 hh:mm:ss.000 格式重新匯出",
                "minutes and seconds it seems, without the hour: export it again as hh:mm:ss.000",
            ),
            Self::NeedsFormat => (
                "這樣多位的數字不只一種讀法：請以 `format` 寫明",
                "so many digits can be read in more than one way: say which with `format`",
            ),
            Self::NoSuchTime => ("沒有這個日期或時刻", "no such date or time of day"),
            Self::TooFine => ("比奈秒更細", "finer than a nanosecond"),
            Self::OutOfRange => ("在 1678 至 2261 年之外", "outside the years 1678 to 2261"),
            Self::Ambiguous => ("時區調整時被跳過或重複的時間", "skipped or repeated where the zone changes its offset"),
            Self::LeapSecond => ("第 60 秒，但當時沒有閏秒", "second 60 where there was no leap second"),
        }
    }
}

impl TimeFault {
    /// What to write in study.toml so that such a time can be read, where that is known: Traditional Chinese and English.
    #[must_use]
    pub const fn remedy(self) -> Option<(&'static str, &'static str)> {
        match self {
            Self::NoDate => Some((
                "請指明日期欄：{ date = \"日期欄\", time = \"時間欄\" }",
                "name the date column: { date = \"the date\", time = \"the time\" }",
            )),
            Self::NeedsFormat => Some((
                "請寫明格式：{ column = \"時間欄\", format = \"compact\" } 表示末兩位是百分之一秒，\"excel_ms\" 表示試算表去掉了開頭的零",
                "say the format: { column = \"the time\", format = \"compact\" } where the last two are hundredths, \"excel_ms\" where a \
                 spreadsheet dropped leading zeros",
            )),
            Self::YearNotFirst => Some((
                "請寫明格式：日在前者 format = \"%-d/%-m/%Y %-H:%M:%S\"，月在前者 \"%-m/%-d/%Y %-H:%M:%S\"；有小數秒者於 %S 之後加 .%f；\
                 兩位數的民國年寫 format = \"roc\"",
                "say the format: \"%-d/%-m/%Y %-H:%M:%S\" where the day stands first, \"%-m/%-d/%Y %-H:%M:%S\" where the month does, \
                 with .%f behind %S for parts of a second; \"roc\" for years of the Republic of two digits",
            )),
            _ => None,
        }
    }

    /// The fault that a refused row's message starts with.
    #[must_use]
    pub fn of_message(message: &str) -> Option<Self> {
        let known = [Self::NoDate, Self::NeedsFormat, Self::YearNotFirst];
        known.into_iter().find(|fault| message.starts_with(fault.words().1))
    }
}

pub(crate) const SECOND: i64 = 1_000_000_000;
pub(crate) const DAY_SECONDS: i64 = 86_400;
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
    /// It ends in the minute: behind 09:31 a row 09:31.7 may be minutes and seconds.
    to_minute: bool,
    /// So many digits of a fraction follow without a point.
    n_digits: usize,
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
            TimeFormat::Iso => self.parse_written(text, Rules::Usual),
            TimeFormat::Roc => self.parse_written(text, Rules::Roc),
            TimeFormat::Compact => self.parse_written(text, Rules::Compact),
            TimeFormat::Excel(n_digits) => self.parse_written(text, Rules::ZeroLost(usize::from(n_digits))),
            TimeFormat::Epoch(unit) => epoch::parse(text, unit),
            TimeFormat::Pattern(pattern) => pattern.read(text).and_then(|written| self.instant(&written)),
        };
        instant.and_then(within_years)
    }

    /// Nanoseconds since the epoch of a date in one text and a time of day in another.
    ///
    /// # Errors
    /// As [`TimeParser::parse`].
    pub fn parse_pair(&mut self, date: &[u8], time: &[u8]) -> Result<i64, TimeFault> {
        let (date, time) = (date.trim_ascii(), time.trim_ascii());
        match (date, time) {
            ([], []) => return Err(TimeFault::Empty),
            ([], _) => return Err(TimeFault::NoDate),
            (_, []) => return Err(TimeFault::NoTimeOfDay),
            _ => (),
        }
        let mut joined = std::mem::take(&mut self.joined);
        joined.clear();
        joined.extend_from_slice(date);
        joined.push(if matches!(self.format, TimeFormat::Pattern(_)) { b' ' } else { b'T' });
        joined.extend_from_slice(time);
        let instant = self.parse(&joined);
        self.joined = joined;
        instant
    }

    fn parse_written(&mut self, text: &[u8], rules: Rules) -> Result<i64, TimeFault> {
        // What the remembered prefix does not explain may still be a time of another shape: 10:59:59 behind one row, 10:59:59.5 PM in the next.
        if let Some(Ok(instant)) = self.rest_of_known(text).map(|rest| self.finish_known(rest)) {
            return Ok(instant);
        }
        let (written, n_prefix) = read_written(text, rules)?;
        if written.second == 60 || n_prefix == 0 {
            return self.instant(&written);
        }
        let local = written.local()?;
        let naive_offset = self.zone.offset_of_local(local);
        let (ends_day, to_minute, n_digits) = (written.hour == 24, written.to_minute, written.n_digits);
        self.seen = Prefix { text: text[..n_prefix].to_vec(), local, naive_offset, ends_day, to_minute, n_digits };
        self.finish_known(&text[n_prefix..])
    }

    /// What follows the remembered prefix, where `text` starts with it and goes on as a time can.
    fn rest_of_known<'t>(&self, text: &'t [u8]) -> Option<&'t [u8]> {
        let n_prefix = self.seen.text.len();
        if n_prefix == 0 || text.len() < n_prefix || text[..n_prefix] != self.seen.text[..] {
            return None;
        }
        let rest = &text[n_prefix..];
        let goes_on = match self.seen.n_digits {
            // Where digits may have lost their zeros or be decimals without a point, what follows them says how they are read.
            0 if matches!(self.format, TimeFormat::Excel(_) | TimeFormat::Compact) => false,
            0 if self.seen.to_minute => matches!(rest.first(), None | Some(b'Z' | b'z' | b'+' | b'-')),
            0 => matches!(rest.first(), None | Some(b'.' | b',' | b'Z' | b'z' | b'+' | b'-')),
            n_digits => rest.len() == n_digits && rest.iter().all(u8::is_ascii_digit),
        };
        goes_on.then_some(rest)
    }

    /// The instant of the remembered prefix and what follows it.
    fn finish_known(&self, rest: &[u8]) -> Result<i64, TimeFault> {
        let (fraction, rest) = match self.seen.n_digits {
            0 => read_fraction(rest)?,
            n_digits => (written::decimals(&rest[..n_digits])?, &rest[n_digits..]),
        };
        if self.seen.ends_day && fraction != 0 {
            return Err(TimeFault::NoSuchTime);
        }
        let offset = match rest {
            [] => self.seen.naive_offset.ok_or(TimeFault::Ambiguous)?,
            [b'Z' | b'z'] => 0,
            [sign @ (b'+' | b'-'), digits @ ..] => read_offset(*sign, digits)?,
            _ => return Err(TimeFault::Malformed),
        };
        let utc = self.seen.local.checked_add(fraction).and_then(|local| local.checked_sub(offset));
        utc.ok_or(TimeFault::OutOfRange)
    }

    /// The instant of a time that was taken apart.
    fn instant(&self, written: &Written) -> Result<i64, TimeFault> {
        let local = written.local()?;
        let offset = match written.offset {
            Some(offset) => offset,
            None => self.zone.offset_of_local(local).ok_or(TimeFault::Ambiguous)?,
        };
        if written.hour == 24 && written.fraction != 0 {
            return Err(TimeFault::NoSuchTime);
        }
        let utc = local.checked_sub(offset).ok_or(TimeFault::OutOfRange)?;
        if written.second == 60 {
            return leap_second(utc);
        }
        utc.checked_add(written.fraction).ok_or(TimeFault::OutOfRange)
    }
}

/// A leap second has no number of its own in the count of seconds since the epoch. All of it is read as the last nanosecond before it,
/// so that what follows it stays behind it. `utc` is its 59th second.
fn leap_second(utc: i64) -> Result<i64, TimeFault> {
    let next_day = (utc / SECOND + 1) / DAY_SECONDS;
    let ends_day = (utc / SECOND + 1) % DAY_SECONDS == 0;
    let next = i32::try_from(next_day).map(crate::record::TradeDate).map_err(|_| TimeFault::OutOfRange)?.to_string();
    // They have been inserted at the end of June and December only.
    if ends_day && (next.ends_with("-01-01") || next.ends_with("-07-01")) {
        return Ok(utc + SECOND - 1);
    }
    Err(TimeFault::LeapSecond)
}

/// The instant, where it lies in the years 1678 to 2261.
pub(crate) fn within_years(nanos: i64) -> Result<i64, TimeFault> {
    if YEARS.contains(&nanos) { Ok(nanos) } else { Err(TimeFault::OutOfRange) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::record::TradeDate;

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
            "115/01/05 09:00:00.123456789",
            "115.1.5 9:00:00.123456789",
            "1150105 090000.123456789",
            "民國115年01月05日 09:00:00.123456789",
            "民國 115 年 1 月 5 日 上午 9:00:00.123456789".replace(" 年 ", "年").replace(" 月 ", "月").replace(" 日 ", "日").as_str(),
            "２０２６／０１／０５　０９：００：００．１２３４５６７８９",
            "2026-01-05 09:00:00.123_456_789",
            "20260105090000.123456789",
            "2026/1/5 上午 09:00:00.123456789",
            "2026/1/5 09:00:00.123456789 AM",
        ] {
            assert_eq!(taipei(text), Ok(expected), "{text}");
        }
        assert_eq!(taipei("2026-01-05T24:00:00"), taipei("2026-01-06T00:00:00"));
    }

    /// Found by fuzzing: a row of a clock of twelve hours was refused where the row before had the same second on one of twenty-four.
    #[test]
    fn the_row_before_changes_nothing() {
        let mut parser = TimeParser::new(TimeFormat::Iso, Zone::named("Asia/Taipei").expect("known"));
        for text in ["2026-03-08T10:59:59.000010", "2026-03-08T10:59:59.000010 AM", "2026-03-08T10:59:59.000010 PM", "2026-03-08T10:59:59"]
        {
            assert_eq!(parser.parse(text.as_bytes()), taipei(text), "{text}");
            assert!(taipei(text).is_ok());
        }
    }

    /// Found by fuzzing: minutes and tenths of seconds, as a spreadsheet shows them, were hours and minutes behind a row of the same digits.
    #[test]
    fn the_row_before_makes_no_hours_of_minutes() {
        for zone in ["", "Z", "+08:00"] {
            let mut parser = TimeParser::new(TimeFormat::Iso, Zone::UTC);
            for (text, named) in
                [("2026-01-05 09:31", true), ("2026-01-05 09:31.7", false), ("2026-01-05 09:31,7", false), ("2026-01-05 09:31", true)]
            {
                let text = format!("{text}{zone}");
                let instant = parser.parse(text.as_bytes());
                assert_eq!(instant, TimeParser::new(TimeFormat::Iso, Zone::UTC).parse(text.as_bytes()), "{text}");
                assert_eq!(instant.is_ok(), named, "{text}");
            }
        }
    }

    /// Found by fuzzing: digits with their offset behind them, and the same digits without, which have lost their zeros.
    #[test]
    fn the_row_before_says_nothing_of_digits_that_lost_their_zeros() {
        for format in [TimeFormat::Excel(2), TimeFormat::Excel(3), TimeFormat::Excel(0), TimeFormat::Compact] {
            let texts = ["1150105 090000z", "1150105 090000", "1150105 090000.5", "1150105 09000000", "1150105 090000"];
            let alone = |text: &str| TimeParser::new(format, Zone::UTC).parse(text.as_bytes());
            for (first, then) in texts.iter().flat_map(|first| texts.iter().map(move |then| (first, then))) {
                let mut parser = TimeParser::new(format, Zone::UTC);
                let _ = parser.parse(first.as_bytes());
                assert_eq!(parser.parse(then.as_bytes()), alone(then), "{format:?}: {then} behind {first}");
            }
        }
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
            ("2026-01-05T09:00:00.18_326", TimeFault::Malformed),
            ("2026-01-05T09:00:00+8", TimeFault::Malformed),
            ("2026-01-05T09:00:00 UTC", TimeFault::Malformed),
            ("2026-01-05", TimeFault::Malformed),
            ("1570-01-05T09:00:00", TimeFault::OutOfRange),
            ("24:61", TimeFault::NoDate),
            ("01/05/2026 09:00:00", TimeFault::YearNotFirst),
            ("15/01/05 09:00:00", TimeFault::YearNotFirst),
            ("99/01/05 09:00:00", TimeFault::YearNotFirst),
            ("000/01/05 09:00:00", TimeFault::NoSuchTime),
            ("2026/1-5 09:00:00", TimeFault::Malformed),
            ("20260105 09000012", TimeFault::NeedsFormat),
            ("20260105 90001", TimeFault::NeedsFormat),
            ("20260105 90001123", TimeFault::NeedsFormat),
            ("2026-01-05 09:31.7", TimeFault::NoHour),
            ("2026/1/5 上午 09:31,7", TimeFault::NoHour),
            ("1767574800", TimeFault::NeedsFormat),
            ("1767574800123", TimeFault::NeedsFormat),
            ("1150105090000", TimeFault::NeedsFormat),
            ("2026010509000012", TimeFault::NeedsFormat),
            ("090000123", TimeFault::NoDate),
            ("1150105", TimeFault::Malformed),
            ("2026-01-05 下午 13:00:00", TimeFault::NoSuchTime),
            ("2026-01-05 AM 09:00:00 PM", TimeFault::Malformed),
            ("民國115年13月05日 09:00:00", TimeFault::NoSuchTime),
            ("令和8年1月5日 09:00:00", TimeFault::Malformed),
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
    fn a_leap_second_is_the_last_nanosecond_before_it_and_only_where_there_was_one() {
        // 2017-01-01T00:00:00Z = 1483228800; the leap second before it is 07:59:60 in Taipei.
        let last = Ok(1_483_228_800 * SECOND - 1);
        assert_eq!(taipei("2017-01-01T07:59:60"), last);
        assert_eq!(taipei("2017-01-01T07:59:60.75"), last);
        assert_eq!(taipei("2016-12-31T23:59:60Z"), last);
        assert_eq!(taipei("2017-01-01T08:00:00"), Ok(1_483_228_800 * SECOND));
        for text in ["2017-01-01T23:59:60", "2017-01-02T07:59:60", "2017-01-01T06:59:60", "2016-12-31T23:58:60Z"] {
            assert!(matches!(taipei(text), Err(TimeFault::LeapSecond | TimeFault::NoSuchTime)), "{text}");
        }
    }

    #[test]
    fn a_remembered_prefix_with_digits_behind_it_never_answers_for_fewer_or_more() {
        let mut parser = TimeParser::new(TimeFormat::Iso, Zone::UTC);
        let second = 90 * SECOND;
        for (text, instant) in [
            ("19700101 000130123", Ok(second + 123_000_000)),
            ("19700101 000130123456", Ok(second + 123_456_000)),
            ("19700101 000130", Ok(second)),
            ("19700101 00013012", Err(TimeFault::NeedsFormat)),
            ("19700101 000130123", Ok(second + 123_000_000)),
            ("19700101 000130.123", Ok(second + 123_000_000)),
            ("19700101 0001301234", Err(TimeFault::NeedsFormat)),
            ("19700101 240000000", Ok(DAY_SECONDS * SECOND)),
            ("19700101 240000001", Err(TimeFault::NoSuchTime)),
        ] {
            assert_eq!(parser.parse(text.as_bytes()), instant, "{text}");
        }
    }

    #[test]
    fn patterns_say_what_they_need() {
        for (text, wanted) in [
            ("%Y%m%d", "one hour"),
            ("%y%m%d %H%M", "two digits"),
            ("%Y-%m-%d %I:%M", "%I and %p"),
            ("%Y-%m-%d %H:%M:%S.%q", "not known"),
            ("%Y-%m-%d %H:%M %Y", "one year"),
            ("%Y-%m-%d %H:%M:%S %S", "twice"),
            ("iso8601", "not known"),
        ] {
            let problem = TimeFormat::parse(text).expect_err(text);
            assert!(problem.contains(wanted), "{problem}");
        }
    }

    /// An instant as its parts, in Taipei: year, month, day, hour, minute, second, nanosecond.
    fn instants() -> impl Strategy<Value = (i32, u32, u32, i64, i64, i64, i64)> {
        (1990_i32..2090, 1_u32..=12, 1_u32..=28, 0_i64..24, 0_i64..60, 0_i64..60, 0_i64..SECOND)
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn every_shape_of_an_instant_reads_back(at in prop::collection::vec(instants(), 3)) {
            let zone = Zone::named("Asia/Taipei").expect("known");
            let excel = |n| TimeFormat::Excel(n);
            let pattern = |text| TimeFormat::parse(text).expect("a pattern");
            // One parser a shape reads all instants, so that what it remembers is tried too.
            let shapes: Vec<(TimeFormat, i64)> = vec![
                (TimeFormat::Iso, 1), (TimeFormat::Iso, 1_000), (TimeFormat::Iso, 1_000_000), (TimeFormat::Iso, SECOND),
                (TimeFormat::Iso, 1_000), (TimeFormat::Iso, 1), (TimeFormat::Iso, 1_000_000), (TimeFormat::Iso, SECOND),
                (TimeFormat::Roc, 1_000_000), (TimeFormat::Compact, 10_000_000),
                (excel(0), SECOND), (excel(2), 10_000_000), (excel(3), 1_000_000), (excel(6), 1_000),
                (pattern("%R年%-m月%-d日 %p%I時%M分%S.%f秒"), 1), (pattern("%d.%m.%Y %-H:%M:%S,%3f%z"), 1_000_000),
                (TimeFormat::Epoch(SECOND), 1), (TimeFormat::Epoch(1_000_000), 1), (TimeFormat::Epoch(1_000), 1), (TimeFormat::Epoch(1), 1),
                (TimeFormat::Iso, 1),
            ];
            for (shape, (format, resolution)) in shapes.into_iter().enumerate() {
                let mut parser = TimeParser::new(format, zone);
                for (y, mo, d, h, mi, s, nanos) in at.iter().copied() {
                    let date = TradeDate::from_ymd(y, mo, d).expect("a day").0;
                    let utc = i64::from(date) * DAY_SECONDS + h * 3_600 + mi * 60 + s - 8 * 3_600;
                    let (roc, us, ms, cs) = (y - 1911, nanos / 1_000, nanos / 1_000_000, nanos / 10_000_000);
                    let (half, h12) = (if h < 12 { "上午" } else { "下午" }, if h % 12 == 0 { 12 } else { h % 12 });
                    let zeros_lost = |text: String| Some(text.trim_start_matches('0').to_owned()).filter(|text| !text.is_empty()).unwrap_or("0".to_owned());
                    let decimal = |unit: i64| {
                        let (whole, part) = ((utc * SECOND + nanos) / unit, (utc * SECOND + nanos) % unit);
                        let width = unit.ilog10() as usize;
                        if width == 0 { format!("{whole}") } else { format!("{whole}.{part:0width$}") }
                    };
                    let (first, second) = match shape {
                        0 => (format!("{y}-{mo:02}-{d:02}T{h:02}:{mi:02}:{s:02}.{nanos:09}+08:00"), None),
                        1 => (format!("{y}{mo:02}{d:02}"), Some(format!("{h:02}{mi:02}{s:02}{us:06}"))),
                        2 => (format!("{roc:03}{mo:02}{d:02}"), Some(format!("{h:02}{mi:02}{s:02}{ms:03}"))),
                        3 => (format!("{roc:03}.{mo:02}.{d:02}"), Some(format!("{h:02}{mi:02}{s:02}"))),
                        4 => (format!("{y}-{mo}-{d} {h}:{mi:02}:{s:02}.{:03}_{:03}", us / 1_000, us % 1_000), None),
                        5 => (format!("民國{roc}年{mo:02}月{d:02}日{half}{h12:02}:{mi:02}:{s:02}.{nanos:09}").replace("民國7", "民國07").replace("民國8", "民國08").replace("民國9", "民國09"), None),
                        6 => (format!("{y}{mo:02}{d:02}{h:02}{mi:02}{s:02}{ms:03}"), None),
                        7 => (format!("{y}/{mo}/{d} {half} {h12:02}:{mi:02}:{s:02}"), None),
                        8 => (format!("{roc}/{mo:02}/{d:02}"), Some(format!("{h:02}:{mi:02}:{s:02},{ms:03}"))),
                        9 => (format!("{roc:03}/{mo:02}/{d:02}"), Some(format!("{h:02}{mi:02}{s:02}{cs:02}"))),
                        10 => (format!("{y}{mo:02}{d:02}"), Some(zeros_lost(format!("{h:02}{mi:02}{s:02}")))),
                        11 => (format!("{y}{mo:02}{d:02}"), Some(zeros_lost(format!("{h:02}{mi:02}{s:02}{cs:02}")))),
                        12 => (format!("{y}{mo:02}{d:02}"), Some(zeros_lost(format!("{h:02}{mi:02}{s:02}{ms:03}")))),
                        13 => (format!("{y}{mo:02}{d:02}"), Some(zeros_lost(format!("{h:02}{mi:02}{s:02}{us:06}")))),
                        14 => (format!("{roc}年{mo}月{d}日 {half}{h12:02}時{mi:02}分{s:02}.{nanos:09}秒"), None),
                        15 => (format!("{d:02}.{mo:02}.{y} {h}:{mi:02}:{s:02},{ms:03}+0800"), None),
                        16 => (decimal(SECOND), None),
                        17 => (decimal(1_000_000), None),
                        18 => (decimal(1_000), None),
                        19 => (decimal(1), None),
                        _ => (format!("{y}{mo:02}{d:02}-{h:02}:{mi:02}:{s:02}.{nanos:09}"), None),
                    };
                    let read = match &second {
                        Some(second) => parser.parse_pair(first.as_bytes(), second.as_bytes()),
                        None => parser.parse(first.as_bytes()),
                    };
                    prop_assert_eq!(read, Ok(utc * SECOND + nanos / resolution * resolution), "{} {:?}", first, second);
                }
            }
        }

        #[test]
        fn no_text_brings_the_reader_down(text in "[0-9 :/.TRZ+_,民國年月日上午-]{0,30}", other in "\\PC{0,20}") {
            for (_, format) in TimeFormat::NAMED {
                let mut parser = TimeParser::new(format, Zone::UTC);
                for text in [&text, &other] {
                    let first = parser.parse(text.as_bytes());
                    prop_assert_eq!(parser.parse(text.as_bytes()), first, "{}", text);
                    let _ = parser.parse_pair(text.as_bytes(), other.as_bytes());
                }
            }
        }
    }

    #[test]
    fn epochs_are_exact_and_bounded() {
        let mut parser = TimeParser::new(TimeFormat::Epoch(1_000_000), Zone::UTC);
        assert_eq!(parser.parse(b"1767574800123"), Ok(1_767_574_800_123_000_000));
        assert_eq!(parser.parse(b"9223372036854775807"), Err(TimeFault::OutOfRange));
        assert_eq!(parser.parse(b"1767574800.5"), Ok(1_767_574_800_500_000));
        assert_eq!(parser.parse(b"1,767,574,800,123"), Ok(1_767_574_800_123_000_000));
        assert_eq!(parser.parse(b"0.0000001"), Err(TimeFault::TooFine));
        for wrong in ["1.", ".", "", "1e9", "1,76", "1,7675", ",176", "0x5", "1 2"] {
            assert!(matches!(parser.parse(wrong.as_bytes()), Err(TimeFault::Malformed | TimeFault::Empty)), "{wrong}");
        }
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
