//! Civil time: the offset of a zone at an instant, and of a local reading.

use std::str::FromStr;

use chrono::{DateTime, LocalResult, NaiveDateTime, Offset, TimeZone, Utc};
use chrono_tz::{OffsetComponents, Tz};

use crate::record::{Timestamp, TradeDate};

/// A time zone by IANA name, or `UTC`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Zone {
    zone: Tz,
}

impl Zone {
    /// Coordinated universal time.
    pub const UTC: Self = Self { zone: Tz::UTC };

    /// The zone of an IANA name such as `Asia/Taipei`.
    ///
    /// # Errors
    /// A sentence that names the unknown zone.
    pub fn named(name: &str) -> Result<Self, String> {
        let zone = Tz::from_str(name)
            .map_err(|_| format!("unknown time zone \"{name}\"; write an IANA name such as \"Asia/Taipei\" or \"UTC\""))?;
        Ok(Self { zone })
    }

    /// The IANA name.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.zone.name()
    }

    /// Nanoseconds to add to UTC to read local time at `instant`.
    #[must_use]
    pub fn offset_at(self, instant: Timestamp) -> i64 {
        let utc = DateTime::<Utc>::from_timestamp_nanos(instant.0);
        let offset = self.zone.offset_from_utc_datetime(&utc.naive_utc());
        let total = offset.base_utc_offset() + offset.dst_offset();
        total.num_seconds() * 1_000_000_000
    }

    /// Nanoseconds to add to UTC to read the local time `local_nanos` (nanoseconds since 1970-01-01T00:00 local).
    ///
    /// `None` where the reading is skipped or repeated by a change of offset: such a time names no single instant.
    #[must_use]
    pub fn offset_of_local(self, local_nanos: i64) -> Option<i64> {
        let naive: NaiveDateTime = DateTime::<Utc>::from_timestamp_nanos(local_nanos).naive_utc();
        match self.zone.offset_from_local_datetime(&naive) {
            LocalResult::Single(offset) => Some(i64::from(offset.fix().local_minus_utc()) * 1_000_000_000),
            LocalResult::None | LocalResult::Ambiguous(..) => None,
        }
    }

    /// The local calendar date of an instant.
    #[must_use]
    pub fn date_of(self, instant: Timestamp) -> TradeDate {
        local_date(instant, self.offset_at(instant))
    }

    /// A reader of the offsets of many local times, which looks them up once a minute.
    #[must_use]
    pub fn naive_reader(self) -> NaiveReader {
        NaiveReader { zone: self, valid: 0..0, offset: None }
    }

    /// A reader of local dates and times of day for many instants, which looks the offset up once a UTC day part.
    #[must_use]
    pub fn local_reader(self) -> LocalReader {
        LocalReader { zone: self, valid: 0..0, offset: 0 }
    }
}

fn local_date(instant: Timestamp, offset: i64) -> TradeDate {
    const DAY: i64 = 86_400_000_000_000;
    TradeDate((instant.0.saturating_add(offset)).div_euclid(DAY) as i32)
}

/// Offsets of local times, cached per minute: since 1980 no zone has changed its offset within one. Earlier times are looked up each.
#[derive(Clone, Debug)]
pub struct NaiveReader {
    zone: Zone,
    valid: std::ops::Range<i64>,
    offset: Option<i64>,
}

impl NaiveReader {
    /// As [`Zone::offset_of_local`].
    pub fn offset_of(&mut self, local_nanos: i64) -> Option<i64> {
        const MINUTE: i64 = 60_000_000_000;
        const YEAR_1980: i64 = 315_532_800_000_000_000;
        if local_nanos < YEAR_1980 {
            return self.zone.offset_of_local(local_nanos);
        }
        if !self.valid.contains(&local_nanos) {
            let start = local_nanos.div_euclid(MINUTE) * MINUTE;
            self.valid = start..start.saturating_add(MINUTE);
            self.offset = self.zone.offset_of_local(local_nanos);
        }
        self.offset
    }
}

/// Local date and time of day of instants, cached per UTC hour (offsets change on whole quarter hours at most,
/// and every zone in use since 1970 changes at a whole UTC half hour or hour; the cache holds a quarter hour).
#[derive(Clone, Debug)]
pub struct LocalReader {
    zone: Zone,
    valid: std::ops::Range<i64>,
    offset: i64,
}

impl LocalReader {
    /// The local date, and nanoseconds since local midnight.
    pub fn read(&mut self, instant: Timestamp) -> (TradeDate, i64) {
        const QUARTER: i64 = 900_000_000_000;
        if !self.valid.contains(&instant.0) {
            let start = instant.0.div_euclid(QUARTER).saturating_mul(QUARTER);
            self.valid = start..start.saturating_add(QUARTER);
            self.offset = self.zone.offset_at(instant);
        }
        let date = local_date(instant, self.offset);
        (date, instant.0 + self.offset - i64::from(date.0) * 86_400_000_000_000)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn taipei_morning_belongs_to_the_local_date_not_to_yesterdays_utc_date() {
        let zone = Zone::named("Asia/Taipei").expect("known zone");
        // 2026-01-05T07:59:59+08:00 = 2026-01-04T23:59:59Z
        let early = Timestamp(1_767_571_199_000_000_000);
        assert_eq!(zone.date_of(early).to_string(), "2026-01-05");
        assert_eq!(zone.local_reader().read(early).1, 28_799_000_000_000);
    }

    #[test]
    fn offsets_looked_up_once_a_minute_are_those_of_every_second() {
        for (name, around) in [("America/New_York", 1_772_935_200), ("Australia/Lord_Howe", 1_775_354_400), ("Asia/Kathmandu", 504_921_600)]
        {
            let zone = Zone::named(name).expect("known zone");
            let mut reader = zone.naive_reader();
            for second in around - 7_200..around + 10_800 {
                let local = second * 1_000_000_000 + 999;
                assert_eq!(reader.offset_of(local), zone.offset_of_local(local), "{name} {second}");
            }
        }
    }

    #[test]
    fn skipped_and_repeated_local_times_name_no_instant() {
        let zone = Zone::named("America/New_York").expect("known zone");
        let local = |text: &str| {
            let naive = text.parse::<NaiveDateTime>().expect("a literal");
            zone.offset_of_local(naive.and_utc().timestamp_nanos_opt().expect("in range"))
        };
        assert_eq!(local("2026-03-08T02:30:00"), None);
        assert_eq!(local("2026-11-01T01:30:00"), None);
        assert_eq!(local("2026-07-01T09:30:00"), Some(-4 * 3_600_000_000_000));
    }
}
