//! Thresholds of the stamp examination, each with its unit, default and source.

use crate::record::{Latency, TimeSpan};

/// Settings of [`crate::timestamps::examine`]. Defaults are those of `docs/methodology.md`, "Are the receipt stamps genuine?".
#[derive(Clone, Debug, PartialEq)]
pub struct StampOptions {
    /// Median margin of the verdict; 10 us. Stamps coarser than a fifth of it cannot settle it.
    pub margin: Latency,
    /// Clock domain of each group code: groups stamped by one clock share a number. Empty (default): one clock for all.
    pub clock_of_group: Vec<u16>,
    /// When a sign is raised.
    pub limits: SignLimits,
    /// How clocks are looked at.
    pub clock: ClockLimits,
}

/// Limits of the signs. They are sizes of effects: at a million orders every difference is significant.
#[derive(Clone, Debug, PartialEq)]
pub struct SignLimits {
    /// Fewest orders of a group for a sign on latencies; 1,000. A share of .1 % means nothing on fewer.
    pub least_orders: usize,
    /// Fewest stamps for a resolution; 100.
    pub least_stamps: usize,
    /// Fewest stamps, ten places apart, for last digits; 2,000: Cramer's V of honest digits is then below .05 but once in a million.
    pub least_digits: u64,
    /// Share of the most frequent exact latency above its neighbours'; .005.
    pub frequent_share: f64,
    /// Share of consecutive gaps identical in receipt and sent, above the almost identical; .001.
    pub identical_gaps: f64,
    /// Rank correlation of load and latency below which load leaves no trace; .1.
    pub load_dependence: f64,
    /// Peers' rank correlation above which a trace must be expected; .2.
    pub load_dependence_peers: f64,
    /// Lag-1 autocorrelation of log latency below which there is no memory; .1.
    pub memory: f64,
    /// Peers' autocorrelation above which memory must be expected; .3.
    pub memory_peers: f64,
    /// Share of orders that met another in flight above which a queue must leave a trace, peers or not; .1.
    pub overlap: f64,
    /// Rank correlation below which, without memory, overlapping orders show no queue; .2.
    pub no_queue: f64,
    /// p99.9 / p50 below which latencies have no tail; 3.
    pub tail_ratio: f64,
    /// Coefficient of variation below which latencies hardly vary; .3.
    pub variation: f64,
    /// Cramer's V of last digits against uniform; .05.
    pub last_digits: f64,
    /// Share of stamps at a whole second; .001.
    pub whole_seconds: f64,
    /// Share of stamps at a whole millisecond beyond that of the most frequent other place; .003, below the tail margin of half a per cent.
    pub whole_milliseconds: f64,
    /// Share of negative latencies; .001.
    pub negative_share: f64,
}

/// How the lower envelope of latency is read as a clock.
#[derive(Clone, Debug, PartialEq)]
pub struct ClockLimits {
    /// Fewest orders of an envelope block; 50.
    pub least_block: usize,
    /// Envelope blocks of a day where the orders allow; 16, so that a window of 13 spans the habits of most of a day.
    pub blocks_a_day: usize,
    /// Envelope blocks of a whole study where the orders allow; 40.
    pub least_blocks: usize,
    /// A pause between receipts that ends a day; 2 h.
    pub pause: TimeSpan,
    /// A step counts beyond this many of its standard errors; 6. The likeliest of some hundred places is looked at: 240 honest worlds of ten
    /// days and 168 of one reach 4.8.
    pub step_errors: f64,
    /// The least step that is claimed; 2.5 us, a quarter of the margin: a smaller one may be the rest of a drift or a habit of the system.
    pub least_step: Latency,
    /// Share of negative latencies from which all are called negative: a clock problem; .99.
    pub all_negative: f64,
}

impl Default for StampOptions {
    fn default() -> Self {
        Self { margin: Latency(10_000), clock_of_group: Vec::new(), limits: SignLimits::default(), clock: ClockLimits::default() }
    }
}

impl Default for SignLimits {
    fn default() -> Self {
        Self {
            least_orders: 1_000,
            least_stamps: 100,
            least_digits: 2_000,
            frequent_share: 0.005,
            identical_gaps: 0.001,
            load_dependence: 0.1,
            load_dependence_peers: 0.2,
            memory: 0.1,
            memory_peers: 0.3,
            overlap: 0.1,
            no_queue: 0.2,
            tail_ratio: 3.0,
            variation: 0.3,
            last_digits: 0.05,
            whole_seconds: 0.001,
            whole_milliseconds: 0.003,
            negative_share: 0.001,
        }
    }
}

impl Default for ClockLimits {
    fn default() -> Self {
        Self {
            least_block: 50,
            blocks_a_day: 16,
            least_blocks: 40,
            pause: TimeSpan(7_200_000_000_000),
            step_errors: 6.0,
            least_step: Latency(2_500),
            all_negative: 0.99,
        }
    }
}
