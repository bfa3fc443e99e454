//! Before FAIR: who passed whom by more than is material, among pairs received about as far apart.
//!
//! The overtaking of a verdict counts every pair in the window. Most of them are too far apart to pass, so that holding orders back for those
//! of the other group close behind, or a priority while some wait, comes to little in all of them.

use std::collections::BTreeMap;

use crate::fairness::contrast::SIMPLE_ERRORS;
use crate::fairness::finer::SecondLook;
use crate::fairness::gates::LEAST_PAIRS;
use crate::fairness::pair::{PairMeasures, Study};
use crate::fairness::parts::SEVERAL;
use crate::fairness::verdict::known_median_margin;
use crate::measure::{GAP_BINS, OvertakingRules, Passing, count_overtaking};
use crate::record::TimeSpan;

/// Pairs received so far apart, of which one group passed the other more than several margins of overtaking more often than the reverse.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct ClosePairs {
    /// Gaps from this to its double.
    pub(crate) gap: TimeSpan,
    /// Passed by more than this.
    pub(crate) by: TimeSpan,
    /// Share of B's orders that A's passed, and of A's that B's did.
    pub(crate) shares: [f64; 2],
}

/// Of each pair that would be FAIR and has such pairs, those that differ most.
pub(crate) fn close_pairs(study: &Study, measures: &[PairMeasures], looks: &[SecondLook]) -> BTreeMap<[u16; 2], ClosePairs> {
    let mut by_margin: BTreeMap<i64, Vec<&PairMeasures>> = BTreeMap::new();
    for pair in looks.iter().filter(|look| look.fair).map(|look| &measures[look.pair]) {
        if let Some(like) = &pair.like {
            by_margin.entry(passed_by(study, known_median_margin(study.options, like.medians))).or_default().push(pair);
        }
    }
    by_margin.into_iter().flat_map(|(by, pairs)| of_margin(study, &pairs, by)).collect()
}

/// What passes by less than the margin may be a difference of medians within it. Margins are rounded up to a doubling of the least, so that few
/// counts serve all pairs.
fn passed_by(study: &Study, margin: f64) -> i64 {
    let least = study.options.margins.median.0.max(1);
    let widened = std::iter::successors(Some(least), |by| by.checked_mul(2)).find(|by| *by as f64 >= margin).unwrap_or(i64::MAX);
    study.rules.sent_gap.max(widened)
}

fn of_margin(study: &Study, pairs: &[&PairMeasures], by: i64) -> Vec<([u16; 2], ClosePairs)> {
    let rules = OvertakingRules { sent_gap: by, ..study.rules };
    let counts = count_overtaking(study.orders, &study.timetable, study.totals.len(), rules, &[]);
    let of_pair = |pair: &&PairMeasures| {
        let [a, b] = pair.groups;
        let total = |later: u16, earlier: u16, bin: usize| {
            (0..study.timetable.blocks.len()).fold(Passing::default(), |mut sum, block| {
                sum += counts.by_gap(block, later, earlier)[bin];
                sum
            })
        };
        let of_bin = |bin: usize| {
            let found = [total(a, b, bin), total(b, a, bin)];
            if found.iter().any(|pairs| pairs.opportunities < LEAST_PAIRS) {
                return None;
            }
            let [n, passed] = [found.map(|pairs| pairs.opportunities as f64), found.map(|pairs| pairs.overtakes as f64)];
            let shares = [passed[0] / n[0], passed[1] / n[1]];
            let share = (passed[0] + passed[1]) / (n[0] + n[1]);
            let error = (share * (1.0 - share) * (1.0 / n[0] + 1.0 / n[1])).sqrt();
            let beyond = (shares[0] - shares[1]).abs() - SIMPLE_ERRORS * error - SEVERAL * study.options.margins.overtaking;
            (beyond > 0.0).then_some((beyond, ClosePairs { gap: TimeSpan(1 << bin), by: TimeSpan(by), shares }))
        };
        let worst = (0..GAP_BINS).filter_map(of_bin).max_by(|one, other| one.0.total_cmp(&other.0))?;
        Some((pair.groups, worst.1))
    };
    pairs.iter().filter_map(of_pair).collect()
}
