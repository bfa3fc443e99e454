//! Single clients left out: does a significant measure hang on one of them?

use std::collections::BTreeMap;

use crate::fairness::comparable::{Side, Without};
use crate::fairness::pair::{Metric, PairMeasures, Study};
use crate::fairness::sequence;
use crate::fairness::verdict::{Levels, Ordered};
use crate::measure::{LeftOut, OvertakingCounts, Timetable, count_overtaking_without};
use crate::statistics::holm;

/// A client holding at least this share of its group's orders is deleted in turn.
pub(crate) const DELETION_SHARE: f64 = 0.05;
/// At most this many clients of a group are deleted.
pub(crate) const MOST_DELETIONS: usize = 5;

/// One client left out of one measure of one unordered pair.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Deletion {
    /// Number of the wanted pair.
    pub(crate) pair: usize,
    pub(crate) groups: [u16; 2],
    pub(crate) metric: Metric,
    pub(crate) gone: Without,
}

/// The answers of [`Study::without`] by pair, measure (as a number), side (as a number) and client.
pub(crate) type Deletions = BTreeMap<([u16; 2], usize, usize, u32), (f64, [i64; 2])>;

impl Deletion {
    pub(crate) fn key(self) -> ([u16; 2], usize, usize, u32) {
        (self.groups, self.metric as usize, self.gone.side as usize, self.gone.client)
    }

    pub(crate) fn left_out(self) -> LeftOut {
        LeftOut { groups: self.groups, gone: (self.groups[self.gone.side as usize], self.gone.client) }
    }
}

/// The clients of a group that are deleted in turn: those with at least 5 % of its orders, the largest in any case, at most five.
pub(crate) fn candidates(study: &Study, group: u16, side: Side) -> Vec<Without> {
    let total = &study.totals[usize::from(group)];
    let large = |(rank, (orders, _)): &(usize, &(u64, u32))| *rank == 0 || *orders as f64 >= DELETION_SHARE * total.orders as f64;
    let largest = total.clients.iter().enumerate().take(MOST_DELETIONS).take_while(large);
    largest.map(|(_, (_, client))| Without { side, client: *client }).collect()
}

/// The deletions a verdict may ask for: every candidate of both sides, where a measure is significant in either direction.
pub(crate) fn asked(study: &Study, measures: &[PairMeasures], levels: Levels) -> Vec<Deletion> {
    let ordered: Vec<Ordered> = measures.iter().flat_map(|pair| Side::BOTH.map(|favoured| Ordered { pair, favoured })).collect();
    let raw: Vec<f64> = ordered.iter().flat_map(|pair| Metric::ALL.map(|metric| pair.p_unfair(study, metric))).collect();
    let adjusted = holm(&raw);
    let mut asked = Vec::new();
    for (pair, (measures, both)) in measures.iter().zip(adjusted.chunks_exact(6)).enumerate() {
        let groups = measures.groups;
        for metric in Metric::ALL {
            let either = [0, 3].iter().any(|direction| both[direction + metric as usize] < levels.alpha);
            let candidates = Side::BOTH.into_iter().flat_map(|side| candidates(study, groups[side as usize], side));
            asked.extend(candidates.filter(|_| either).map(|gone| Deletion { pair, groups, metric, gone }));
        }
    }
    asked
}

/// What the overtaking deletions among `asked` leave, counted in one pass over the orders.
pub(crate) fn overtaking_without(study: &Study, asked: &[Deletion]) -> Deletions {
    let asked: Vec<Deletion> = asked.iter().copied().filter(|deletion| deletion.metric == Metric::Overtaking).collect();
    let left_out: Vec<LeftOut> = asked.iter().map(|deletion| deletion.left_out()).collect();
    let counts = count_overtaking_without(study.orders, &study.timetable, study.totals.len(), study.rules, &left_out);
    let value =
        |(deletion, counts): (&Deletion, &OvertakingCounts)| Some((deletion.key(), (asymmetry_left(counts, &study.timetable)?, [0, 0])));
    asked.iter().zip(&counts).filter_map(value).collect()
}

/// The asymmetry of a pair from counts that know only its two groups.
pub(crate) fn asymmetry_left(counts: &OvertakingCounts, timetable: &Timetable) -> Option<f64> {
    Some(sequence::asymmetry(counts, timetable, |block| block, [0, 1]).estimate?.value)
}
