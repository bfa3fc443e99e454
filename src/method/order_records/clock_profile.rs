//! What a clock may do by a named profile: how far from true time, and how coarse.
//!
//! No tolerance of Taiwan's is known, so none is assumed: a study names a profile or its own figures.

use crate::record::TimeSpan;

/// Largest divergence from UTC, and coarsest stamp.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClockProfile {
    /// Its name, shown in the report.
    pub name: String,
    /// Largest divergence.
    pub divergence: TimeSpan,
    /// Coarsest granularity; `None` where the profile says nothing of it.
    pub granularity: Option<TimeSpan>,
}

impl ClockProfile {
    /// The profiles known by name. RTS 25 is Delegated Regulation (EU) 2017/574: by the trading activity; CAT is Rule 613's 50 ms.
    pub const NAMED: [(&str, i64, Option<i64>); 4] = [
        ("rts25-hft", 100_000, Some(1_000)),
        ("rts25", 1_000_000, Some(1_000_000)),
        ("rts25-voice", 1_000_000_000, Some(1_000_000_000)),
        ("cat", 50_000_000, None),
    ];

    /// The profile of a name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let (name, divergence, granularity) = Self::NAMED.into_iter().find(|(known, ..)| *known == name)?;
        Some(Self { name: name.to_owned(), divergence: TimeSpan(divergence), granularity: granularity.map(TimeSpan) })
    }
}

/// What is known of a clock, nanoseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct ObservedClock {
    /// Documented half-width; 0 where there is none.
    pub uncertainty: i64,
    /// Effective resolution of its stamps.
    pub resolution: i64,
    /// At least so far from the other side's clock.
    pub offset_at_least: i64,
    /// Largest sudden change.
    pub largest_step: f64,
    /// Change over a day of trading by its drift.
    pub drift_a_day: f64,
}

/// A way in which a clock goes beyond its profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ProfileBreach {
    /// Its documented half-width is wider.
    Documented,
    /// Its stamps are coarser.
    Coarse,
    /// It differs from the other side's clock by more than both may.
    Offset,
    /// It was set by more than both may differ.
    Step,
    /// It drifts by more than both may differ within a day.
    Drift,
}

/// Every way in which `clock` goes beyond `profile`.
///
/// Offset, step and drift are seen between two clocks, each of which may diverge: they count beyond twice the divergence.
#[must_use]
pub fn breaches(clock: &ObservedClock, profile: &ClockProfile) -> Vec<ProfileBreach> {
    let both = 2 * profile.divergence.0;
    let coarse = profile.granularity.is_some_and(|granularity| clock.resolution > granularity.0);
    let found = [
        (clock.uncertainty > profile.divergence.0, ProfileBreach::Documented),
        (coarse, ProfileBreach::Coarse),
        (clock.offset_at_least > both, ProfileBreach::Offset),
        (clock.largest_step.abs() > both as f64, ProfileBreach::Step),
        (clock.drift_a_day.abs() > both as f64, ProfileBreach::Drift),
    ];
    found.into_iter().filter(|(breached, _)| *breached).map(|(_, breach)| breach).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_is_held_against_its_own_limit_and_a_difference_against_two() {
        let profile = ClockProfile::named("rts25-hft").expect("known");
        let sound = ObservedClock { uncertainty: 100_000, resolution: 1_000, offset_at_least: 200_000, ..ObservedClock::default() };
        assert_eq!(breaches(&sound, &profile), []);
        let beyond =
            ObservedClock { uncertainty: 100_001, resolution: 1_001, offset_at_least: 200_001, largest_step: -250_000.0, drift_a_day: 1e6 };
        assert_eq!(breaches(&beyond, &profile).len(), 5);
        let cat = ClockProfile::named("cat").expect("known");
        assert_eq!(breaches(&ObservedClock { resolution: 1_000_000_000, ..ObservedClock::default() }, &cat), []);
        assert_eq!(ClockProfile::named("own"), None);
    }
}
