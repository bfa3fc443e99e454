//! Stage blame: which stage of the way from receipt to acknowledgement the difference between two groups comes from.
//!
//! Medians of stages do not add up to the median of the whole. Means do: every stage gets the overlap-weighted difference of *means*
//! in the verdict's own cells, and the stages add up to the total to the nanosecond. The total is therefore not D50.

use std::collections::BTreeMap;

use rayon::prelude::*;

use crate::fairness::assess::prepare;
use crate::fairness::beside::{Case, name_of};
use crate::measure::load_bins;

/// Scale of an integer weight.
const UNIT: i128 = 1 << 32;

/// Stamps of the matched orders beyond receipt and sending; a column is as long as the orders, or empty where it was not given.
/// [`StageStamps::ABSENT`] stands for a stamp that is missing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StageStamps {
    /// When the broker's system decided, nanoseconds since the epoch.
    pub decided_at: Vec<i64>,
    /// When the exchange acknowledged.
    pub acknowledged_at: Vec<i64>,
}

impl StageStamps {
    /// No stamp.
    pub const ABSENT: i64 = i64::MIN;
}

/// One stage's part of a difference.
#[derive(Clone, Debug, PartialEq)]
pub struct StagePart {
    /// Stamp it starts at: "received_at", "decided_at" or "sent_at".
    pub from: &'static str,
    /// Stamp it ends at.
    pub to: &'static str,
    /// Overlap-weighted mean of B minus that of A, nanoseconds; positive: B is slower here.
    pub difference: i64,
    /// Standard error over blocks, nanoseconds; `None` with fewer than two blocks.
    pub se: Option<f64>,
}

/// The stages of the pair (A, B).
#[derive(Clone, Debug, PartialEq)]
pub struct StageBlame {
    /// Group A.
    pub favoured: String,
    /// Group B.
    pub disadvantaged: String,
    /// Stages in the order of an order's way; their differences add up to `total`.
    pub parts: Vec<StagePart>,
    /// First stamp to last, nanoseconds.
    pub total: i64,
    /// Comparable orders of both groups that carry every stamp.
    pub n: u64,
}

/// Stage blame of every wanted pair; empty where no stamp between or beyond receipt and sending was given.
///
/// Orders that lack a stamp of any stage are left out of all stages. Cost O(n log n).
#[must_use]
pub fn stage_blame(case: Case<'_>, stamps: &StageStamps) -> Vec<StageBlame> {
    let way = Way::of(case, stamps);
    if way.names.len() < 3 {
        return Vec::new();
    }
    let (study, wanted) = prepare(case.orders, case.evidence, case.calendar, case.zone, case.options);
    let load = load_bins(case.orders, &study.timetable.days);
    let slots = &study.timetable.slots;
    let by_slot: Vec<Vec<Cell>> = slots
        .par_iter()
        .map(|slot| {
            let mut cells: BTreeMap<_, Groups> = BTreeMap::new();
            for row in slot.rows.clone() {
                let orders = case.orders;
                let key = (orders.kind[row], orders.instrument[row], load[row]);
                if let Some(stages) = way.stages(case, row) {
                    cells.entry(key).or_default().entry(orders.group[row]).or_default().add(stages);
                }
            }
            cells.into_values().map(|groups| Cell { block: slot.block, groups }).collect()
        })
        .collect();
    let cells = by_slot.concat();
    wanted.iter().filter_map(|groups| blame(case, &way, &cells, *groups)).collect()
}

/// The stamps that were given, in the order of an order's way.
struct Way<'a> {
    names: Vec<&'static str>,
    decided_at: Option<&'a [i64]>,
    acknowledged_at: Option<&'a [i64]>,
}

/// Durations of at most three stages.
type Durations = [i64; 3];

impl<'a> Way<'a> {
    fn of(case: Case<'_>, stamps: &'a StageStamps) -> Self {
        let given = |column: &'a Vec<i64>| (!column.is_empty() && column.len() == case.orders.len()).then_some(column.as_slice());
        let (decided_at, acknowledged_at) = (given(&stamps.decided_at), given(&stamps.acknowledged_at));
        let names = [Some("received_at"), decided_at.map(|_| "decided_at"), Some("sent_at"), acknowledged_at.map(|_| "acknowledged_at")];
        Self { names: names.into_iter().flatten().collect(), decided_at, acknowledged_at }
    }

    /// The stages' durations of an order; `None` where a stamp is missing.
    fn stages(&self, case: Case<'_>, row: usize) -> Option<Durations> {
        let decided_at = self.decided_at.map(|column| column[row]);
        let acknowledged_at = self.acknowledged_at.map(|column| column[row]);
        if [decided_at, acknowledged_at].contains(&Some(StageStamps::ABSENT)) {
            return None;
        }
        let all = [Some(case.orders.received_at[row].0), decided_at, Some(case.orders.sent_at(row).0), acknowledged_at];
        let mut stages = [0; 3];
        let mut last = None;
        for (at, stamp) in all.into_iter().flatten().enumerate() {
            if let Some(last) = last {
                stages[at - 1] = stamp.saturating_sub(last);
            }
            last = Some(stamp);
        }
        Some(stages)
    }
}

/// Orders of one group in one cell.
#[derive(Clone, Copy, Debug, Default)]
struct Sums {
    n: i128,
    stages: [i128; 3],
}

impl Sums {
    fn add(&mut self, stages: Durations) {
        self.n += 1;
        self.stages.iter_mut().zip(stages).for_each(|(sum, stage)| *sum += i128::from(stage));
    }
}

type Groups = BTreeMap<u16, Sums>;

#[derive(Clone, Debug)]
struct Cell {
    block: u32,
    groups: Groups,
}

fn blame(case: Case<'_>, way: &Way<'_>, cells: &[Cell], groups: [u16; 2]) -> Option<StageBlame> {
    // Block, weight and weighted differences, all whole numbers: a cell of A and B weighs nA nB / (nA + nB), in units of 2^-32.
    let mut blocks: Vec<(u32, i128, [i128; 3])> = Vec::new();
    let mut n = 0;
    for cell in cells {
        let (Some(a), Some(b)) = (cell.groups.get(&groups[0]), cell.groups.get(&groups[1])) else { continue };
        if blocks.last().is_none_or(|last| last.0 != cell.block) {
            blocks.push((cell.block, 0, [0; 3]));
        }
        let Some((_, weight, differences)) = blocks.last_mut() else { continue };
        *weight += UNIT * a.n * b.n / (a.n + b.n);
        let [of_a, of_b] = [UNIT * b.n / (a.n + b.n), UNIT * a.n / (a.n + b.n)];
        for (stage, sum) in differences.iter_mut().enumerate() {
            *sum += of_b * b.stages[stage] - of_a * a.stages[stage];
        }
        n += a.n + b.n;
    }
    let weight: i128 = blocks.iter().map(|block| block.1).sum();
    if weight == 0 {
        return None;
    }
    let stages = way.names.len() - 1;
    let sums: Vec<i128> = (0..stages).map(|stage| blocks.iter().map(|block| block.2[stage]).sum()).collect();
    let differences = rounded_together(&sums, weight);
    let parts = (0..stages).map(|stage| StagePart {
        from: way.names[stage],
        to: way.names[stage + 1],
        difference: differences[stage],
        se: error(&blocks, stage, sums[stage] as f64 / weight as f64, weight as f64),
    });
    Some(StageBlame {
        favoured: name_of(&case.orders.names.groups, groups[0].into()),
        disadvantaged: name_of(&case.orders.names.groups, groups[1].into()),
        total: differences.iter().sum(),
        n: n as u64,
        parts: parts.collect(),
    })
}

/// Quotients as whole numbers whose sum is the sum's own quotient, rounded down: largest remainders go up.
fn rounded_together(sums: &[i128], weight: i128) -> Vec<i64> {
    let total = sums.iter().sum::<i128>().div_euclid(weight);
    let mut parts: Vec<i128> = sums.iter().map(|sum| sum.div_euclid(weight)).collect();
    let mut order: Vec<usize> = (0..sums.len()).collect();
    order.sort_by_key(|at| (std::cmp::Reverse(sums[*at].rem_euclid(weight)), *at));
    let missing = total - parts.iter().sum::<i128>();
    order.iter().take(missing as usize).for_each(|at| parts[*at] += 1);
    parts.into_iter().map(|part| part as i64).collect()
}

fn error(blocks: &[(u32, i128, [i128; 3])], stage: usize, mean: f64, weight: f64) -> Option<f64> {
    let n = blocks.len() as f64;
    let influence = |block: &(u32, i128, [i128; 3])| (block.2[stage] as f64 - mean * block.1 as f64) / weight;
    let squares: f64 = blocks.iter().map(influence).map(|part| part * part).sum();
    (blocks.len() > 1).then(|| (n / (n - 1.0) * squares).sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn rounded_parts_add_up_and_stay_within_one(sums in prop::collection::vec(-1_000_000_i128..1_000_000, 1..4), weight in 1_i128..10_000) {
            let parts = rounded_together(&sums, weight);
            prop_assert_eq!(i128::from(parts.iter().sum::<i64>()), sums.iter().sum::<i128>().div_euclid(weight));
            for (part, sum) in parts.iter().zip(&sums) {
                prop_assert!((*part as f64 - *sum as f64 / weight as f64).abs() < 1.0 + 1e-9);
            }
        }
    }
}
