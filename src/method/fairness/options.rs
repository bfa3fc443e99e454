//! What counts as comparable and as material: every threshold with its unit, default and source.

use crate::record::{Latency, TimeSpan};

/// Settings of the pairwise verdict. Defaults are the shipped ones of `docs/methodology.md`.
#[derive(Clone, Debug, PartialEq)]
pub struct FairnessOptions {
    /// Level of the family of tests; 0.05.
    pub alpha: f64,
    /// Longest time slot of a comparison cell; 30 min, shortened to 5 min where a day holds more than 1e6 orders
    /// unless the user set it.
    pub slot: Option<TimeSpan>,
    /// Length of an error block; 30 min.
    pub block: TimeSpan,
    /// What counts as material.
    pub margins: Margins,
    /// Overtaking window: pairs received at most this far apart; 2 ms, at most 50 ms.
    pub overtaking_window: TimeSpan,
    /// Within what overtaking is counted.
    pub overtaking_scope: OvertakingScope,
    /// All ordered pairs, or every group against one.
    pub reference: Reference,
    /// Half-width of the receipt clock and of the order clock, and whether they are one clock.
    pub clocks: ClockUncertainty,
    /// Seed of placebo groupings only; never of a verdict.
    pub seed: u64,
}

/// Margins and who set them.
#[derive(Clone, Debug, PartialEq)]
pub struct Margins {
    /// Absolute part of the median margin; 10 us.
    pub median: Latency,
    /// Relative part: the margin is the larger of `median` and this share of the favoured group's median; 0.10.
    pub median_share: f64,
    /// Tail excess, share; 0.005.
    pub tail: f64,
    /// Overtaking asymmetry, share; 0.02.
    pub overtaking: f64,
    /// The clause they come from; printed with every verdict.
    pub source: String,
}

/// Within what two orders count as standing in one line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OvertakingScope {
    /// Same instrument.
    Instrument,
    /// Same instrument class (the same as `Instrument` until the rules file gives classes).
    Class,
    /// Same shard column.
    Shard,
    /// All orders.
    All,
}

/// Which pairs are judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reference {
    /// Every ordered pair.
    AllPairs,
    /// Every group against this one, both directions.
    Group(String),
}

/// Documented clock half-widths.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ClockUncertainty {
    /// Receipts clock.
    pub receipts: TimeSpan,
    /// Orders clock.
    pub orders: TimeSpan,
    /// True where both stamps come from one clock: the half-widths then cancel.
    pub one_clock: bool,
}

impl ClockUncertainty {
    /// How far every latency may be off by an offset between the clocks of receipts and orders, nanoseconds: nothing by one clock, and what
    /// nobody documented may be anything.
    #[must_use]
    pub fn offset(&self) -> Option<i64> {
        let documented = self.receipts.0.saturating_add(self.orders.0);
        if self.one_clock { Some(0) } else { (documented > 0).then_some(documented) }
    }
}

impl Default for Margins {
    fn default() -> Self {
        Self { median: Latency(10_000), median_share: 0.10, tail: 0.005, overtaking: 0.02, source: "colofair default".into() }
    }
}

impl Default for FairnessOptions {
    fn default() -> Self {
        Self {
            alpha: 0.05,
            slot: None,
            block: TimeSpan(1_800_000_000_000),
            margins: Margins::default(),
            overtaking_window: TimeSpan(2_000_000),
            overtaking_scope: OvertakingScope::Instrument,
            reference: Reference::AllPairs,
            clocks: ClockUncertainty::default(),
            seed: 1,
        }
    }
}
