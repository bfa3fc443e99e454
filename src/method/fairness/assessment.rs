//! What the method hands over: one verdict per ordered pair with everything that stands behind it.

use crate::fairness::Reason;
use crate::record::{TimeSpan, Timestamp};

/// The verdict on an ordered pair (A, B): is B worse off than A?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// B is worse off by more than the margin, and it does not hang on one client.
    Unfair,
    /// Equal within the margins on all three measures.
    Fair,
    /// Neither could be shown.
    Inconclusive,
    /// The pair (B, A) is unfair.
    Reversed,
}

impl Verdict {
    /// "unfair", "fair", "inconclusive" or "reversed".
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Unfair => "unfair",
            Self::Fair => "fair",
            Self::Inconclusive => "inconclusive",
            Self::Reversed => "reversed",
        }
    }
}

/// An estimate with its error, interval and margin. Positive: B is worse off than A.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Effect {
    /// B minus A, in nanoseconds (median) or as a share (tail, overtaking).
    pub estimate: f64,
    /// Standard error; 0 where the stamps are tied and no error could be estimated (its test then never rejects).
    pub se: f64,
    /// Satterthwaite degrees of freedom.
    pub df: f64,
    /// Lower end of the interval FAIR is judged by, level 1 - 2 alpha/(k-1).
    pub lower: f64,
    /// Upper end.
    pub upper: f64,
    /// What counts as material, before clock uncertainty.
    pub margin: f64,
    /// Holm-adjusted one-sided p of H0: effect <= margin (+ clock uncertainty).
    pub p_unfair_holm: f64,
    /// Larger of the two one-sided p of H0: |effect| >= margin (- clock uncertainty).
    pub p_fair: f64,
}

/// An estimate with a two-sided interval of the same level as [`Effect`]'s.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// Estimate.
    pub estimate: f64,
    /// Standard error.
    pub se: f64,
    /// Lower end.
    pub lower: f64,
    /// Upper end.
    pub upper: f64,
}

/// D50 with and without the gateway among the strata, nanoseconds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Routing {
    /// As judged.
    pub total: f64,
    /// Among orders of one gateway.
    pub within_route: f64,
    /// total - within_route: what the broker's choice of gateway explains.
    pub routing_part: f64,
}

/// One point of the shift function.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ShiftPoint {
    /// Quantile level.
    pub q: f64,
    /// Q_B*(q) - Q_A*(q), nanoseconds.
    pub difference: f64,
    /// Pointwise 95 % interval (block and client errors); `None` where the density could not be estimated.
    pub interval: Option<(f64, f64)>,
}

/// What the study could have detected.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Power {
    /// Smallest median gap found with 80 % probability, nanoseconds.
    pub minimum_detectable_gap: f64,
    /// Orders of the pair that would settle FAIR at the present effects; `None` where no number would.
    pub orders_needed: Option<u64>,
}

/// A change of the median gap over time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ChangePoint {
    /// Start of the first block after the change.
    pub at: Timestamp,
    /// max |S|.
    pub statistic: f64,
}

/// Everything about one ordered pair (A, B).
#[derive(Clone, Debug, PartialEq)]
pub struct PairAssessment {
    /// Group A.
    pub favoured: String,
    /// Group B.
    pub disadvantaged: String,
    /// The verdict.
    pub verdict: Verdict,
    /// True where the effect hangs on single clients: a finding of its own.
    pub client_specific: bool,
    /// Those clients, ascending.
    pub clients_named: Vec<String>,
    /// Why the verdict is not fair or unfair, and what limits it.
    pub reasons: Vec<Reason>,
    /// Share of the pair's orders in cells that hold both groups; `None` where a group has no order.
    pub overlap: Option<f64>,
    /// Orders of A.
    pub n_favoured: u64,
    /// Orders of B.
    pub n_disadvantaged: u64,
    /// Error blocks (after doubling, if any) that hold a two-group cell.
    pub blocks: u64,
    /// True where errors of neighbouring blocks were correlated and the block length was doubled.
    pub block_doubled: bool,
    /// Distinct days among those blocks.
    pub days: u64,
    /// Median gap D50, nanoseconds.
    pub median_gap: Option<Effect>,
    /// Tail excess TEX, share.
    pub tail_excess: Option<Effect>,
    /// Overtaking asymmetry OV, share.
    pub overtaking: Option<Effect>,
    /// theta = P(B slower than A), ties half, stratified.
    pub superiority: Option<Interval>,
    /// What the broker's choice of gateway explains; `None` with a single gateway.
    pub routing: Option<Routing>,
    /// Shift function.
    pub shift: Vec<ShiftPoint>,
    /// What this study could have seen.
    pub power: Option<Power>,
    /// Since when, where a change was claimed (Holm over pairs).
    pub change_point: Option<ChangePoint>,
    /// Difference of the raw medians of all orders, unmatched by cell, nanoseconds; never deciding.
    pub raw_median_gap: Option<f64>,
    /// Bounds of D50 had the orders without a receipt all been the fastest, or the slowest, of their group, nanoseconds;
    /// `None` where half of a group is missing.
    pub missing_bounds: Option<(f64, f64)>,
    /// Clock uncertainty between the two groups, nanoseconds: added to the median margin to accuse, taken off to clear.
    pub clock_uncertainty: i64,
}

/// Every wanted ordered pair once, ascending by (favoured, disadvantaged), with the settings that were used.
#[derive(Clone, Debug, PartialEq)]
pub struct Assessment {
    /// The pairs.
    pub pairs: Vec<PairAssessment>,
    /// Slot length used.
    pub slot: TimeSpan,
    /// Block length before any doubling.
    pub block: TimeSpan,
    /// Groups with at least one matched order.
    pub groups: u64,
    /// One-sided tests in the Holm family.
    pub tests: u64,
}
