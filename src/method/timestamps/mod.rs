//! Can the stamps be believed? Their resolution, whether they look genuine, and what the clocks behind them did.
//!
//! Nothing here alters a stamp: the verdict of fairness is told what was found, and decides.

mod authenticity;
mod clock;
mod digits;
mod envelope;
mod options;
mod queue_traces;
mod resolution;
mod round_trips;
mod sign;
mod spikes;
mod steps;

#[cfg(test)]
mod tests;

use crate::record::MatchedOrders;

pub use authenticity::{ORDERS, RECEIPTS, StampVerdict};
pub use clock::{ClockEstimate, ClockProblem, ClockStep};
pub use options::{ClockLimits, SignLimits, StampOptions};
pub use resolution::{ResolutionCounts, effective_resolution};
pub use round_trips::{BlockOffset, RoundTrip, round_trip_offsets};
pub use sign::{Sign, SignState, WhyNot, code, sign_words};

/// Stamps and clocks of a study.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StampReport {
    /// Receipts by group, then orders by group.
    pub stamps: Vec<StampVerdict>,
    /// The receipts clock against the orders clock, one for each clock domain.
    pub clocks: Vec<ClockEstimate>,
}

/// Examines the stamps of matched orders, in their canonical order.
///
/// `load` is the load at receipt of every order in row order, as bins (`measure::load_bins`) or as counts: only ranks and zero or
/// not are used;
/// a row without one counts as 0. Total, deterministic at any thread count, O(n log n): a group's latencies are sorted once.
#[must_use]
pub fn examine(orders: &MatchedOrders, load: &[u8], options: &StampOptions) -> StampReport {
    let (stamps, clocks) = rayon::join(|| authenticity::verdicts(orders, load, options), || clock::clocks(orders, options));
    StampReport { stamps, clocks }
}
