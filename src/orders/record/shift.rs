//! Latencies of whole hours or days: a zone or a date is wrong, which no queue and no clock brings about.

use crate::record::Latency;

const SECOND: i64 = 1_000_000_000;
/// An hour, nanoseconds.
pub const HOUR: i64 = 3_600 * SECOND;
/// A day, nanoseconds.
pub const DAY: i64 = 24 * HOUR;
/// Latencies up to this, before and behind zero, are ordinary: no zone differs by less.
pub const ORDINARY: i64 = 15 * 60 * SECOND;
/// A wrong zone leaves a latency within this of whole hours.
pub const ZONE_SLACK: i64 = SECOND;
/// Hours a zone may be off.
pub const MOST_HOURS: i64 = 14;

/// By how many whole hours a latency is off, to within a second: up to 14 (a zone), or whole days (a date).
///
/// An order that waited for exactly an hour looks the same: a single one says nothing, a share of a group's orders does.
#[must_use]
pub fn hours_off(latency: Latency) -> Option<i64> {
    if (-ORDINARY..=ORDINARY).contains(&latency.0) {
        return None;
    }
    whole(latency.0, HOUR, ZONE_SLACK, ZONE_SLACK).filter(|hours| hours.abs() <= MOST_HOURS || hours % 24 == 0)
}

/// How many whole units `by` is, where between `-before` and `behind` is left of it.
#[must_use]
pub fn whole(by: i64, unit: i64, behind: i64, before: i64) -> Option<i64> {
    let units = by.saturating_add(before).div_euclid(unit);
    let left = i128::from(by) - i128::from(units) * i128::from(unit);
    (units != 0 && left <= i128::from(behind)).then_some(units)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_and_days_are_told_from_waiting() {
        let off = |nanoseconds| hours_off(Latency(nanoseconds));
        for (latency, expected) in [
            (0, None),
            (ORDINARY, None),
            (8 * HOUR, Some(8)),
            (8 * HOUR + 900_000, Some(8)),
            (8 * HOUR - SECOND, Some(8)),
            (8 * HOUR + SECOND + 1, None),
            (-9 * HOUR + 50_000, Some(-9)),
            (14 * HOUR, Some(14)),
            (15 * HOUR, None),
            (-2 * DAY + 70_000, Some(-48)),
            (HOUR / 2, None),
            (i64::MAX, None),
            (i64::MIN, None),
        ] {
            assert_eq!(off(latency), expected, "{latency}");
        }
    }
}
