//! The same comparison in slots six times shorter: a difference that the time of day inside a slot makes goes when the slot is cut.

use std::collections::BTreeMap;

use rayon::prelude::*;

use crate::fairness::comparable::{Comparable, Side, in_time_order};
use crate::fairness::contrast;
use crate::fairness::gates::LEAST_OVERLAP;
use crate::fairness::pair::{PairMeasures, Study};
use crate::fairness::verdict::{Levels, ordered_and_adjusted, speaks_of_latency};
use crate::measure::Cells;
use crate::record::TimeSpan;
use crate::statistics::CompensatedSum;

/// Into how many a slot is cut: half an hour into five minutes, the length the design found as good as half an hour.
const PARTS: i64 = 6;

/// Median gap and tail excess of a pair in finer slots.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Finer {
    pub(crate) medians: [i64; 2],
    pub(crate) tail: f64,
}

/// By pair of groups; no entry where it was not asked or too few orders have a counterpart.
pub(crate) type InFinerSlots = BTreeMap<[u16; 2], Finer>;

/// The length of a finer slot.
pub(crate) fn finer_slot(slot: TimeSpan) -> TimeSpan {
    TimeSpan((slot.0 / PARTS).max(1))
}

/// A pair whose verdict is looked at a second time.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SecondLook {
    /// Number of the wanted pair.
    pub(crate) pair: usize,
    /// Whether it would be FAIR: its parts are looked at too.
    pub(crate) fair: bool,
}

/// The pairs of which something would be said that rests on a median or a tail: a difference, or that there is none.
pub(crate) fn second_looks(study: &Study, measures: &[PairMeasures], levels: Levels) -> Vec<SecondLook> {
    let (ordered, adjusted) = ordered_and_adjusted(study, measures);
    let look = |pair: usize| {
        let fair = ordered[2 * pair].would_be_fair(study, levels);
        let differs = || (2 * pair..2 * pair + 2).any(|at| speaks_of_latency(study, ordered[at], levels, adjusted[at]));
        (measures[pair].like.is_some() && (fair || differs())).then_some(SecondLook { pair, fair })
    };
    (0..measures.len()).into_par_iter().filter_map(look).collect()
}

/// What the cells of finer slots say of the pairs asked for.
pub(crate) fn in_finer_slots(study: &Study, measures: &[PairMeasures], looks: &[SecondLook], cells: &Cells) -> InFinerSlots {
    let of_pair = |look: &SecondLook| {
        let pair = &measures[look.pair];
        let groups = pair.groups;
        let comparable = Comparable::of(cells, groups, None);
        let sums = FinerSums::of(&comparable, &pair.like.as_ref()?.tail);
        let tail = sums.tail_excess(study, groups)?;
        Some((groups, Finer { medians: Side::BOTH.map(|side| comparable.quantiles(side, &[0.5])[0]), tail }))
    };
    looks.par_iter().filter_map(of_pair).collect()
}

/// Sums over the cells of finer slots; by block, so that they are the same whether days are measured together or apart.
#[derive(Clone, Debug, Default)]
pub(crate) struct FinerSums {
    inside: [u64; 2],
    weight: Vec<CompensatedSum>,
    tail: Vec<CompensatedSum>,
}

impl FinerSums {
    pub(crate) fn of(pair: &Comparable, tail: &[i64]) -> Self {
        let tail = pair.by_block(|cell| contrast::tail_contrast(pair, cell, tail));
        Self { inside: pair.inside, weight: pair.by_block(|cell| cell.weight()), tail }
    }

    /// Adds a later day.
    pub(crate) fn append(&mut self, day: Self) {
        self.inside = [0, 1].map(|side| self.inside[side] + day.inside[side]);
        self.weight.extend(day.weight);
        self.tail.extend(day.tail);
    }

    /// The tail excess; `None` without common support.
    pub(crate) fn tail_excess(&self, study: &Study, groups: [u16; 2]) -> Option<f64> {
        let orders: u64 = groups.iter().map(|group| study.totals[usize::from(*group)].orders).sum();
        let enough = (self.inside[0] + self.inside[1]) as f64 >= LEAST_OVERLAP * orders as f64;
        let weight = in_time_order(&self.weight);
        (enough && weight > 0.0).then(|| in_time_order(&self.tail) / weight)
    }
}
