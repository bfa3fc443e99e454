//! What the priority measures may be told, with units and defaults.

use crate::measure::Timetable;
use crate::record::{TimeSpan, Weight};

/// Within what two orders stand in one line; the order kind is always shared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LineScope {
    /// Same instrument.
    Instrument,
    /// Same instrument and side.
    InstrumentSide,
    /// Same instrument, side and price.
    SamePrice,
    /// Same line of the gateway: the shard, else the gateway.
    Line,
    /// All orders.
    All,
}

impl LineScope {
    /// Every scope, narrow to wide.
    pub const ALL: [Self; 5] = [Self::SamePrice, Self::InstrumentSide, Self::Instrument, Self::Line, Self::All];

    /// Its name in study.toml, in tables and in result.json.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Instrument => "instrument",
            Self::InstrumentSide => "instrument_side",
            Self::SamePrice => "same_price",
            Self::Line => "line",
            Self::All => "all",
        }
    }
}

/// How finely stamps tell orders apart, nanoseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Precision {
    /// Effective resolution of receipt stamps; 1 or more.
    pub received_resolution: i64,
    /// Effective resolution of sending stamps; 1 or more.
    pub sent_resolution: i64,
    /// Receipts no further apart than this are undecidable: uncertainty between receipt clocks.
    pub received_gap: i64,
    /// Sendings no further apart than this are undecidable: uncertainty between sending clocks.
    pub sent_gap: i64,
}

impl Default for Precision {
    fn default() -> Self {
        Self { received_resolution: 1, sent_resolution: 1, received_gap: 0, sent_gap: 0 }
    }
}

impl Precision {
    /// A receipt stamp at its effective resolution.
    #[must_use]
    pub fn received(&self, stamp: i64) -> i64 {
        cut(stamp, self.received_resolution)
    }

    /// A sending stamp at its effective resolution.
    #[must_use]
    pub fn sent(&self, stamp: i64) -> i64 {
        cut(stamp, self.sent_resolution)
    }
}

fn cut(stamp: i64, resolution: i64) -> i64 {
    if resolution > 1 { stamp.div_euclid(resolution).saturating_mul(resolution) } else { stamp }
}

/// Settings of the priority measures; the defaults are those of `docs/priority.md`.
#[derive(Clone, Debug, PartialEq)]
pub struct PriorityOptions {
    /// Pairs received at most this far apart count in the matrices; `None` counts all pairs of a day's phase.
    pub window: Option<TimeSpan>,
    /// The scope of severity, worst cases, channels and clients; group matrices are made in every scope.
    pub scope: LineScope,
    /// An order sent this soon after the one that passed it was not traded ahead of.
    pub tau: TimeSpan,
    /// A fill of the client this soon after the house's own, at the same or a better price, heals it.
    pub tau_executions: TimeSpan,
    /// Client orders of more shares than this are flagged as large.
    pub size_cap: Option<i64>,
    /// Orders on one instrument and side that follow the first within this time race, where no event is named.
    pub horizon: TimeSpan,
    /// Overtaking asymmetry that counts as material, a share.
    pub margin: f64,
    /// Level of the family of channel tests.
    pub alpha: f64,
}

impl Default for PriorityOptions {
    fn default() -> Self {
        Self {
            window: Some(TimeSpan(2_000_000)),
            scope: LineScope::Instrument,
            tau: TimeSpan(10_000),
            tau_executions: TimeSpan(1_000_000_000),
            size_cap: None,
            horizon: TimeSpan(500_000),
            margin: 0.02,
            alpha: 0.05,
        }
    }
}

/// Stretches of one day and phase, ascending: (day, first block, one past the last block).
pub(crate) fn phases(timetable: &Timetable) -> Vec<(u32, usize, usize)> {
    let mut found: Vec<(u32, usize, usize)> = Vec::new();
    for (at, block) in timetable.blocks.iter().enumerate() {
        let same = at > 0 && (timetable.blocks[at - 1].day, timetable.blocks[at - 1].phase) == (block.day, block.phase);
        match found.last_mut() {
            Some(last) if same => last.2 = at + 1,
            _ => found.push((block.day, at, at + 1)),
        }
    }
    found
}

/// Rows of the day's phases in which receipt order decides, at least in part.
pub(crate) fn deciding_rows(timetable: &Timetable) -> Vec<std::ops::Range<usize>> {
    let rows = |(_, first, end): (u32, usize, usize)| {
        let decides = timetable.blocks[first].receipt_order_decides != Weight::No;
        decides.then(|| timetable.blocks[first].rows.start..timetable.blocks[end - 1].rows.end)
    };
    phases(timetable).into_iter().filter_map(rows).collect()
}
