//! Overtaking asymmetry `OV`: does A pass B more often than B passes A, like for like?

use crate::fairness::contrast::Estimate;
use crate::fairness::errors::{ClientSum, client_variance, effective, united};
use crate::measure::{ClientPassing, GAP_BINS, OvertakingCounts, PairValue, PairValues, Passing, Timetable};
use crate::record::Weight;
use crate::statistics::{CompensatedSum, rank_sum_p};

/// The asymmetry of a pair, and the pairs of orders it rests on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Asymmetry {
    /// `None` where one direction had no opportunity in any shared gap bin, or there is only one block.
    pub(crate) estimate: Option<Estimate>,
    /// The same with the block part of its error alone: what is known of these clients, whatever others would do.
    pub(crate) clients_fixed: Option<Estimate>,
    /// Exact p that clients dealt to the two groups at random would stand ahead of the others as A's do, and as B's do.
    pub(crate) ahead: [f64; 2],
    /// Opportunities of A to pass B, and of B to pass A.
    pub(crate) pairs: [u64; 2],
    /// How often A passed B, and B passed A.
    pub(crate) passed: [u64; 2],
}

/// By gap bin: A passing B, and B passing A.
pub(crate) type ByGap = [[Passing; GAP_BINS]; 2];

/// `OV = sum_g h_g (r_AB,g - r_BA,g) / sum_g h_g`, `h_g = P_AB P_BA / (P_AB + P_BA)`.
///
/// Its error has the block part, by deleting one block at a time, floored at `1 / sum h_g` because a strict queue has no inversion at
/// all, and the client part of either group from `clients` ([`values`]), as the other measures have.
pub(crate) fn asymmetry(
    counts: &OvertakingCounts,
    clients: &[ClientPassing],
    timetable: &Timetable,
    number: impl Fn(u32) -> u32,
    groups: [u16; 2],
) -> Asymmetry {
    let sums = Sums::of(counts, timetable, &number, groups);
    let all = sums.total.each_ref().map(|gaps| {
        let mut all = Passing::default();
        gaps.iter().for_each(|gap| all += *gap);
        all
    });
    let (pairs, passed) = (all.map(|all| all.opportunities), all.map(|all| all.overtakes));
    let clients_fixed = jackknife(&sums.blocks, &sums.total);
    let by_client = clients_fixed.map(|blocks| with_clients(blocks, &sums.total, clients, number));
    let (estimate, ahead) = by_client.map_or((None, [1.0; 2]), |(estimate, ahead)| (Some(estimate), ahead));
    Asymmetry { estimate, clients_fixed, ahead, pairs, passed }
}

/// What a pair of orders is worth to the asymmetry of two groups, in units of `2^-26 / sum_g h_g`: its weight, and the derivative of OV
/// by the number of opportunities and of overtakes. All scores together are nothing. `None` where there is no asymmetry.
pub(crate) fn values(counts: &OvertakingCounts, timetable: &Timetable, groups: [u16; 2]) -> Option<PairValues> {
    let total = Sums::of(counts, timetable, |block| block, groups).total;
    let (value, _) = asymmetry_without(&total, None)?;
    let mut values = [[PairValue::default(); GAP_BINS]; 2];
    for gap in 0..GAP_BINS {
        let [(ab, passed_ab), (ba, passed_ba)] = [0, 1].map(|direction| {
            let Passing { opportunities, overtakes } = total[direction][gap];
            (opportunities as f64, overtakes as f64)
        });
        if ab > 0.0 && ba > 0.0 {
            let rates = [passed_ab / ab, passed_ba / ba];
            // h / P_AB and h / P_BA; the derivatives of h are their squares.
            for (direction, (part, sign)) in [(ba / (ab + ba), 1.0), (ab / (ab + ba), -1.0)].into_iter().enumerate() {
                let opportunity = part * part * (rates[0] - rates[1] - value) - sign * part * rates[direction];
                let [weight, opportunity, overtake] = [part, opportunity, sign * part].map(|part| libm::round(part * UNIT) as i64);
                values[direction][gap] = PairValue { weight, opportunity, overtake };
            }
        }
    }
    Some(PairValues { groups, values })
}

/// Units of [`values`] to one: each pair is off by half of one, a hundred millionth of its part.
const UNIT: f64 = (1 << 26) as f64;

/// The estimate of the blocks with the client parts added to its error, and how likely it is that the clients of either side stand ahead
/// by chance.
///
/// A client's standing is its own asymmetry against the other group, OV + psi / share; on one scale for both groups where passing is a
/// difference of two standings. However unevenly clients are favoured, their order tells it: the error does not, since it takes the
/// unevenness for how clients differ.
fn with_clients(blocks: Estimate, total: &ByGap, clients: &[ClientPassing], number: impl Fn(u32) -> u32) -> (Estimate, [f64; 2]) {
    let Some((value, weight)) = asymmetry_without(total, None) else { return (blocks, [1.0; 2]) };
    let mut standings = [Vec::new(), Vec::new()];
    let parts = [0_u8, 1].map(|side| {
        let mut own: Vec<&ClientPassing> = clients.iter().filter(|one| one.side == side).collect();
        own.sort_by_key(|one| (one.client, one.block));
        let all: i128 = own.iter().map(|one| one.weight).sum();
        let (mut sums, mut shares) = (Vec::new(), Vec::new());
        for same_client in own.chunk_by(|left, right| left.client == right.client) {
            let mut sum = ClientSum::default();
            for same_block in same_client.chunk_by(|left, right| number(left.block) == number(right.block)) {
                let in_block = same_block.iter().map(|one| one.score).sum::<i128>() as f64 / UNIT / weight;
                sum.total += in_block;
                sum.squares += in_block * in_block;
            }
            let share = same_client.iter().map(|one| one.weight).sum::<i128>() as f64 / all.max(1) as f64;
            if share > 0.0 {
                // How far the client is ahead of B's clients at large.
                let own = sum.total / share;
                standings[usize::from(side)].push(if side == 0 { value + own } else { 0.0 - own });
            }
            sums.push(sum);
            shares.push(share);
        }
        (client_variance(sums.iter().copied()), effective(&shares))
    });
    let [a, b] = &standings;
    (united(value, blocks.se * blocks.se, blocks.df + 1.0, parts), [rank_sum_p(a, b), rank_sum_p(b, a)])
}

/// Passing by block, where receipt order decides priority in full.
struct Sums {
    /// Blocks of one number together.
    blocks: Vec<(u32, ByGap)>,
    total: ByGap,
}

impl Sums {
    fn of(counts: &OvertakingCounts, timetable: &Timetable, number: impl Fn(u32) -> u32, groups: [u16; 2]) -> Self {
        let mut blocks: Vec<(u32, ByGap)> = Vec::new();
        for (at, block) in timetable.blocks.iter().enumerate() {
            let directions = [counts.by_gap(at, groups[0], groups[1]), counts.by_gap(at, groups[1], groups[0])];
            let opportunities = directions.map(|gaps| gaps.iter().map(|gap| gap.opportunities).sum::<u64>());
            if block.receipt_order_decides != Weight::Yes || opportunities == [0, 0] {
                continue;
            }
            let number = number(at as u32);
            if blocks.last().is_none_or(|(last, _)| *last != number) {
                blocks.push((number, [[Passing::default(); GAP_BINS]; 2]));
            }
            if let Some((_, sums)) = blocks.last_mut() {
                add(sums, directions);
            }
        }
        let mut total: ByGap = [[Passing::default(); GAP_BINS]; 2];
        blocks.iter().for_each(|(_, sums)| add(&mut total, [&sums[0], &sums[1]]));
        Self { blocks, total }
    }
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
