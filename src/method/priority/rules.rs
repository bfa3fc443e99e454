//! When figures become a finding: rules that were fixed before any data was seen, with their thresholds.
//!
//! Cases of one order traded ahead of another also happen by honest chance where a line has several workers. So cases of a party are
//! held against the *mirror*: how often it suffered the same. With exposure `P` (pairs that could have become a case) the mirror gives
//! `expected = cases against it x P_ahead / P_behind`. The test is of `cases - expected` by block:
//! `t = sum_b d_b / se`, `d_b = ahead_b - (P_ahead / P_behind) behind_b`, with the block error, but never less than that of
//! independent counts, `sqrt(ahead + (P_ahead / P_behind)^2 behind)`.

use crate::fairness::{deletions, gates};
use crate::statistics::student_t_sf;

/// A finding of trading ahead needs at least so many cases.
pub const LEAST_CASES: u64 = 10;
/// And at least so many times what the mirror gives.
pub const LEAST_RATIO: f64 = 2.0;
/// At this level, divided by the number of parties tested: a case accuses persons, so it is stricter than the pair verdict's.
pub const CASE_LEVEL: f64 = 0.001;
/// Blocks below which nothing is concluded, as for the pair verdict.
pub const LEAST_BLOCKS: u64 = gates::LEAST_BLOCKS as u64;
/// Days below which nothing is concluded, as for the pair verdict.
pub const LEAST_DAYS: u64 = gates::LEAST_DAYS;
/// Pairs each way below which an asymmetry is not concluded from, as for the pair verdict.
pub const LEAST_PAIRS: u64 = gates::LEAST_PAIRS;
/// A client with this share of its channel's orders is left out in turn before a channel is accused, as of a group.
pub const LARGE_CLIENT: f64 = deletions::DELETION_SHARE;
/// At most so many clients of a channel are left out in turn, as of a group.
pub const MOST_DELETIONS: usize = deletions::MOST_DELETIONS;
/// A connect profile is pointed out where a client is first on at least this share of its sessions.
pub const FIRST_SHARE: f64 = 0.5;
/// A table of fewer days with a choice, of who connects first or of lines, clears nobody; nor is a client on a line for fewer called steady.
pub const FEWEST_DAYS: u64 = 10;
/// Nor do fewer orders, of lines.
pub const FEWEST_ORDERS: u64 = 100;
/// A line is quiet with so much of the others' orders on an average line, or less...
pub const QUIET: f64 = 0.5;
/// ...and a client steadily on it on so many of its days.
pub const STEADY: f64 = 0.9;

/// Cases of a party against the mirror.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Excess {
    /// Cases: it went ahead.
    pub ahead: u64,
    /// The mirror: others went ahead of it.
    pub behind: u64,
    /// Pairs that could have become a case, each way.
    pub exposure: [u64; 2],
    /// What the mirror gives for `ahead`; `None` without exposure of the mirror.
    pub expected: Option<f64>,
    /// One-sided p of "no more than the mirror"; `None` where it cannot be tested.
    pub p_value: Option<f64>,
    /// Blocks in which receipt order decides.
    pub blocks: u64,
}

impl Excess {
    /// The pre-stated rule, but for the gates: enough cases, well above the mirror, beyond chance among `tested` parties.
    #[must_use]
    pub fn holds(&self, tested: usize) -> bool {
        let beyond = self.p_value.is_some_and(|p| p * (tested.max(1) as f64) < CASE_LEVEL);
        let above = self.expected.is_some_and(|expected| self.ahead as f64 >= LEAST_RATIO * expected);
        self.ahead >= LEAST_CASES && above && beyond
    }
}

/// Tests cases by block, (ahead, behind), only blocks with any; `blocks` of them there are in all.
#[must_use]
pub fn excess(by_block: &[(u64, u64)], exposure: [u64; 2], blocks: u64) -> Excess {
    let (ahead, behind) = by_block.iter().fold((0, 0), |(ahead, behind), block| (ahead + block.0, behind + block.1));
    let ratio = (exposure[1] > 0).then(|| exposure[0] as f64 / exposure[1] as f64);
    let p_value = ratio.filter(|_| blocks > 1 && ahead > 0).map(|ratio| {
        let n = blocks as f64;
        let differences = || by_block.iter().map(|block| block.0 as f64 - ratio * block.1 as f64);
        let total: f64 = differences().sum();
        let mean = total / n;
        let empty = n - by_block.len() as f64;
        let squares = differences().map(|d| (d - mean) * (d - mean)).sum::<f64>() + empty * mean * mean;
        let variance = (n / (n - 1.0) * squares).max(ahead as f64 + ratio * ratio * behind as f64);
        student_t_sf(total / variance.sqrt(), n - 1.0)
    });
    Excess { ahead, behind, exposure, expected: ratio.map(|ratio| ratio * behind as f64), p_value, blocks }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forty_cases_without_a_mirror_hold_and_as_many_both_ways_do_not() {
        let one_way: Vec<(u64, u64)> = vec![(1, 0); 40];
        assert!(excess(&one_way, [900, 1_000], 45).holds(1));
        let both: Vec<(u64, u64)> = vec![(1, 1); 40];
        assert!(!excess(&both, [1_000, 1_000], 45).holds(1));
        // The same forty cases in one block, as when one order stands still: no two blocks agree.
        assert!(!excess(&[(40, 0)], [900, 1_000], 45).holds(1));
        assert!(!excess(&[(1, 0); 9], [900, 1_000], 45).holds(1));
        assert!(!excess(&one_way, [900, 0], 45).holds(1));
    }

    /// `(40 - 10) / sqrt(40 + 10)`, where the error of independent counts is the larger.
    #[test]
    fn the_error_is_never_below_that_of_independent_counts() {
        let found = excess(&[(4, 1); 10], [100, 100], 10);
        let p = student_t_sf(30.0 / 50.0_f64.sqrt(), 9.0);
        assert_eq!((found.p_value, found.expected), (Some(p), Some(10.0)));
    }
}
