//! The same comparison with orders counted as they are in one of the groups.
//!
//! Overlap weights count an order by how many counterparts it has: most orders of a group may lie where the other sends few, and weigh next to
//! nothing. Before FAIR is said, each group's own orders count one by one, those of the other group in their cells as many.

use std::collections::BTreeMap;

use rayon::prelude::*;

use crate::fairness::comparable::{Comparable, PairCell, Side};
use crate::fairness::contrast::{SIMPLE_ERRORS, medians_and_error, shares_beyond};
use crate::fairness::finer::{Finer, SecondLook};
use crate::fairness::pair::{Metric, PairMeasures, Study};

/// Median gap and tail excess by the orders of one group.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Mix {
    pub(crate) finer: Finer,
    /// How far either may be off by chance.
    doubts: [f64; 2],
}

/// By pair of groups: by the orders of A, by those of B.
pub(crate) type Mixes = BTreeMap<[u16; 2], [Mix; 2]>;

impl Mix {
    /// How far a measure may be off by chance.
    pub(crate) fn doubt(&self, metric: Metric) -> f64 {
        self.doubts[usize::from(metric == Metric::Tail)]
    }

    /// `tail`: thresholds by stratum.
    fn of(pair: &Comparable, mix: Side, tail: &[i64]) -> Self {
        let effective = Side::BOTH.map(|side| pair.effective_by(side, mix));
        let (medians, error) = medians_and_error(effective, |side, levels| pair.quantiles_by(side, mix, levels));
        let own = |cell: &PairCell| f64::from(cell.n[mix as usize]);
        let orders: f64 = pair.cells.iter().map(own).sum();
        let mut beyond = [0.0; 2];
        let mut spread = 0.0;
        for cell in &pair.cells {
            for (side, share) in shares_beyond(pair, cell, tail).into_iter().enumerate() {
                beyond[side] += own(cell) * share;
                spread += own(cell) * own(cell) / f64::from(cell.n[side]);
            }
        }
        let [a, b] = beyond.map(|share| share / orders);
        let share = f64::midpoint(a, b);
        let doubts = [error, (share * (1.0 - share) * spread).sqrt() / orders].map(|error| SIMPLE_ERRORS * error);
        Self { finer: Finer { medians, tail: b - a }, doubts }
    }
}

/// Of each pair that would be FAIR.
pub(crate) fn mixes(study: &Study, measures: &[PairMeasures], looks: &[SecondLook]) -> Mixes {
    let of_pair = |look: &SecondLook| {
        let measured = &measures[look.pair];
        let pair = Comparable::of(&study.cells, measured.groups, None);
        let tail = &measured.like.as_ref()?.tail;
        Some((measured.groups, Side::BOTH.map(|mix| Mix::of(&pair, mix, tail))))
    };
    looks.par_iter().filter(|look| look.fair).filter_map(of_pair).collect()
}
