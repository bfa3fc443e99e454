//! Overtaking asymmetry `OV`: does A pass B more often than B passes A, like for like?

use crate::fairness::contrast::Estimate;
use crate::measure::{GAP_BINS, OvertakingCounts, Passing, Timetable};
use crate::record::Weight;
use crate::statistics::CompensatedSum;

/// The asymmetry of a pair, and the pairs of orders it rests on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Asymmetry {
    /// `None` where one direction had no opportunity in any shared gap bin, or there is only one block.
    pub(crate) estimate: Option<Estimate>,
    /// Opportunities of A to pass B, and of B to pass A.
    pub(crate) pairs: [u64; 2],
    /// The same in phases where receipt order decides only in part.
    pub(crate) medium: [u64; 2],
}

/// By gap bin: A passing B, and B passing A.
pub(crate) type ByGap = [[Passing; GAP_BINS]; 2];

/// `OV = sum_g h_g (r_AB,g - r_BA,g) / sum_g h_g`, `h_g = P_AB P_BA / (P_AB + P_BA)`; error by deleting one block at a time,
/// floored at `1 / sum h_g` because a strict queue has no inversion at all.
pub(crate) fn asymmetry(counts: &OvertakingCounts, timetable: &Timetable, number: impl Fn(u32) -> u32, groups: [u16; 2]) -> Asymmetry {
    let mut blocks: Vec<(u32, ByGap)> = Vec::new();
    let mut medium = [0; 2];
    for (at, block) in timetable.blocks.iter().enumerate() {
        let directions = [counts.by_gap(at, groups[0], groups[1]), counts.by_gap(at, groups[1], groups[0])];
        let opportunities = directions.map(|gaps| gaps.iter().map(|gap| gap.opportunities).sum::<u64>());
        match block.receipt_order_decides {
            Weight::No => {}
            Weight::Medium => medium = [medium[0] + opportunities[0], medium[1] + opportunities[1]],
            Weight::Yes if opportunities == [0, 0] => {}
            Weight::Yes => {
                let number = number(at as u32);
                if blocks.last().is_none_or(|(last, _)| *last != number) {
                    blocks.push((number, [[Passing::default(); GAP_BINS]; 2]));
                }
                if let Some((_, sums)) = blocks.last_mut() {
                    add(sums, directions);
                }
            }
        }
    }
    let mut total: ByGap = [[Passing::default(); GAP_BINS]; 2];
    blocks.iter().for_each(|(_, sums)| add(&mut total, [&sums[0], &sums[1]]));
    let pairs = [0, 1].map(|direction| total[direction].iter().map(|gap| gap.opportunities).sum());
    Asymmetry { estimate: jackknife(&blocks, &total), pairs, medium }
}

fn add(sums: &mut ByGap, parts: [&[Passing]; 2]) {
    for (sum, part) in sums.iter_mut().zip(parts) {
        for (sum, part) in sum.iter_mut().zip(part) {
            *sum += *part;
        }
    }
}

/// The asymmetry of what `total` holds, its error by deleting one block at a time; `None` where that cannot be done.
pub(crate) fn jackknife(blocks: &[(u32, ByGap)], total: &ByGap) -> Option<Estimate> {
    let (value, weight) = asymmetry_without(total, None)?;
    let n = blocks.len() as f64;
    // A block that holds all opportunities of one direction cannot be deleted: no error, no estimate.
    let deleted: Vec<f64> = blocks.iter().map(|(_, block)| Some(asymmetry_without(total, Some(block))?.0)).collect::<Option<_>>()?;
    let mean = deleted.iter().copied().collect::<CompensatedSum>().value() / n;
    let squares = deleted.iter().map(|value| (value - mean) * (value - mean)).collect::<CompensatedSum>().value();
    let se = ((n - 1.0) / n * squares).sqrt().max(1.0 / weight);
    (n > 1.0).then_some(Estimate { value, se, df: n - 1.0 })
}

/// OV and the sum of `h_g`, with one block taken off; `None` where no gap bin has opportunities both ways.
fn asymmetry_without(total: &ByGap, without: Option<&ByGap>) -> Option<(f64, f64)> {
    let (mut sum, mut weight) = (CompensatedSum::new(), CompensatedSum::new());
    for gap in 0..GAP_BINS {
        let [(ab, passed_ab), (ba, passed_ba)] = [0, 1].map(|direction| {
            let gone = without.map_or(Passing::default(), |block| block[direction][gap]);
            let left = total[direction][gap];
            ((left.opportunities - gone.opportunities) as f64, (left.overtakes - gone.overtakes) as f64)
        });
        if ab > 0.0 && ba > 0.0 {
            let h = ab * ba / (ab + ba);
            sum.add(h * (passed_ab / ab - passed_ba / ba));
            weight.add(h);
        }
    }
    let weight = weight.value();
    (weight > 0.0).then(|| (sum.value() / weight, weight))
}
