//! In which zone are times without one, and is this the session of the Taiwan Stock Exchange?

use crate::inspect::times::Reading;
use crate::record::Zone;

/// How a column's times name their zone.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Written {
    /// Each says its own.
    Zoned,
    /// Some do.
    Mixed,
    /// None does, and this share lies in the exchange's hours if they are local times of Taipei.
    Local(f64),
    /// None does, and this share lies in the exchange's hours if they are UTC.
    Utc(f64),
    /// None does, and the hours fit neither.
    Unclear,
}

/// So many must lie within the hours; the rest may be orders that clients gave before the opening.
const MOST: f64 = 0.8;
/// 08:30 and 14:30 in half hours: from entry before the opening to the end of the after-hours session.
const HOURS: (usize, usize) = (17, 29);
/// Eight hours.
const TAIPEI: usize = 16;

/// The zone of the exchange.
pub(crate) fn taipei() -> Zone {
    Zone::named("Asia/Taipei").expect("a zone every time zone database holds")
}

/// What the times of day say.
#[must_use]
pub(crate) fn written(reading: &Reading) -> Written {
    let within = |shift: usize| reading.share_within(HOURS.0, HOURS.1, shift);
    match (within(0), within(TAIPEI)) {
        _ if reading.is_zoned() => Written::Zoned,
        _ if reading.is_mixed() => Written::Mixed,
        (local, _) if local >= MOST => Written::Local(local),
        (_, utc) if utc >= MOST => Written::Utc(utc),
        _ => Written::Unclear,
    }
}

/// Share of the times that lie in the exchange's hours, if naive ones are in `naive`.
#[must_use]
pub(crate) fn share_in_session(reading: &Reading, naive: Zone) -> f64 {
    let local = !reading.is_zoned() && naive == taipei();
    reading.share_within(HOURS.0, HOURS.1, if local { 0 } else { TAIPEI })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inspect::names::Part;
    use crate::inspect::times::Readings;

    #[test]
    fn trading_hours_tell_local_time_from_utc_and_say_when_they_do_not() {
        let written = |texts: &[&str]| written(Readings::of_texts(texts).best(Part::Whole).expect("a time"));
        assert_eq!(written(&["2026-01-05T09:00:00", "2026-01-05T13:29:59"]), Written::Local(1.0));
        assert_eq!(written(&["2026-01-05T01:00:00", "2026-01-05T05:29:59"]), Written::Utc(1.0));
        assert_eq!(written(&["2026-01-05T01:00:00", "2026-01-05T13:29:59"]), Written::Unclear);
        assert_eq!(written(&["2026-01-05T01:00:00Z", "2026-01-05T13:29:59+08:00"]), Written::Zoned);
        assert_eq!(written(&["2026-01-05T01:00:00Z", "2026-01-05T05:29:59"]), Written::Mixed);
    }
}
