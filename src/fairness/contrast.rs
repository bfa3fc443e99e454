//! The estimates of a pair and their errors, in closed form: median gap `D50`, tail excess `TEX`, superiority `theta`.
//!
//! Errors have a block part (orders of one half hour share a machine's mood) and a client part for each group (orders of one client
//! share that client's habits); `docs/methodology.md` derives both. Everything is antisymmetric: swapping the groups flips
//! every sign and changes no bit of a magnitude.

use rayon::prelude::*;

use crate::fairness::comparable::{Comparable, PairCell, Side};
use crate::statistics::CompensatedSum;

/// An estimate, its standard error and degrees of freedom.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Estimate {
    pub(crate) value: f64,
    pub(crate) se: f64,
    pub(crate) df: f64,
}

impl Estimate {
    /// The same seen from the other group.
    pub(crate) fn mirrored(self) -> Self {
        Self { value: 0.0 - self.value, ..self }
    }
}

/// A weighted quantile of both groups with the width of its density window, `Q(q + h) - Q(q - h)` over `2h`, which is `1/f`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Located {
    pub(crate) q: f64,
    pub(crate) at: [i64; 2],
    pub(crate) inverse_density: [f64; 2],
}

/// Quantiles of both groups with the densities around them.
///
/// `h = min(.2, ESS^(-1/3) / 2)`; in the tails at most half the distance to the nearer end, so that the window stays inside (0, 1).
pub(crate) fn locate(pair: &Comparable, levels: &[f64]) -> Vec<Located> {
    let mut located: Vec<Located> = levels.iter().map(|q| Located { q: *q, at: [0; 2], inverse_density: [0.0; 2] }).collect();
    for side in Side::BOTH {
        let window = (0.5 / libm::cbrt(pair.effective(side))).min(0.2);
        let half = |q: f64| window.min(q.min(1.0 - q) / 2.0);
        let wanted: Vec<f64> = levels.iter().flat_map(|q| [*q, *q - half(*q), *q + half(*q)]).collect();
        let found = pair.quantiles(side, &wanted);
        for (place, three) in located.iter_mut().zip(found.chunks_exact(3)) {
            place.at[side as usize] = three[0];
            place.inverse_density[side as usize] = (three[2] - three[1]) as f64 / (2.0 * half(place.q));
        }
    }
    located
}

/// Sums of one block: for each measure, the cells' weighted contrasts, and by client the orders' weighted scores.
#[derive(Clone, Debug)]
pub(crate) struct BlockScores {
    pub(crate) block: u32,
    /// Sum of cell weights.
    pub(crate) weight: f64,
    /// Sum of weight x contrast, by measure.
    pub(crate) contrast: Vec<f64>,
    /// By side and client, ascending.
    pub(crate) clients: Vec<ClientScores>,
}

/// Sums of one client in one block.
#[derive(Clone, Debug)]
pub(crate) struct ClientScores {
    pub(crate) side: Side,
    pub(crate) client: u32,
    /// Sum of order weights.
    pub(crate) weight: f64,
    /// Sum of order weight x score, by measure.
    pub(crate) score: Vec<f64>,
}

/// Where each measure stands in the score vectors: the tail excess.
pub(crate) const TAIL: usize = 0;
/// theta - 1/2.
pub(crate) const SUPERIORITY: usize = 1;
/// The first quantile gap.
pub(crate) const GAPS: usize = 2;

/// Scores of every block, in time order; blocks in parallel, orders inside a block in canonical order.
pub(crate) fn scores(pair: &Comparable, located: &[Located], tail: &[i64]) -> Vec<BlockScores> {
    let blocks: Vec<&[PairCell]> = pair.cells.chunk_by(|left, right| left.block == right.block).collect();
    blocks.into_par_iter().map(|cells| block_scores(pair, cells, located, tail)).collect()
}

fn block_scores(pair: &Comparable, cells: &[PairCell], located: &[Located], tail: &[i64]) -> BlockScores {
    let measures = GAPS + located.len();
    let mut sums = BlockScores { block: cells[0].block, weight: 0.0, contrast: vec![0.0; measures], clients: Vec::new() };
    let mut by_client = [ClientTable::default(), ClientTable::default()];
    let mut scores = [Vec::new(), Vec::new()];
    for cell in cells {
        let weight = cell.weight();
        let contrast = cell_scores(pair, cell, located, tail[cell.stratum as usize], &mut scores);
        sums.weight += weight;
        for (sum, part) in sums.contrast.iter_mut().zip(contrast) {
            *sum += weight * part;
        }
        for side in Side::BOTH {
            let order_weight = cell.order_weight(side);
            for (client, score) in pair.clients(cell, side).iter().zip(scores[side as usize].chunks_exact(measures)) {
                by_client[side as usize].add(*client, order_weight, score);
            }
        }
    }
    for (side, table) in Side::BOTH.into_iter().zip(by_client) {
        sums.clients.extend(table.into_scores(side, measures));
    }
    sums
}

/// Sums by client within one block: clients in order of appearance, looked up by hash.
#[derive(Default)]
struct ClientTable {
    places: hashbrown::HashMap<u32, usize, foldhash::fast::FixedState>,
    clients: Vec<u32>,
    sums: Vec<f64>,
}

impl ClientTable {
    fn add(&mut self, client: u32, weight: f64, score: &[f64]) {
        let width = score.len() + 1;
        let next = self.clients.len();
        let place = *self.places.entry(client).or_insert(next);
        if place == next {
            self.clients.push(client);
            self.sums.resize(self.sums.len() + width, 0.0);
        }
        let sums = &mut self.sums[place * width..(place + 1) * width];
        sums[0] += weight;
        for (sum, part) in sums[1..].iter_mut().zip(score) {
            *sum += weight * part;
        }
    }

    fn into_scores(self, side: Side, measures: usize) -> Vec<ClientScores> {
        let of = |(client, sums): (&u32, &[f64])| ClientScores { side, client: *client, weight: sums[0], score: sums[1..].to_vec() };
        let mut scores: Vec<ClientScores> = self.clients.iter().zip(self.sums.chunks_exact(measures + 1)).map(of).collect();
        scores.sort_unstable_by_key(|score| score.client);
        scores
    }
}

/// The contrasts of one cell by measure; fills the scores of its orders, measure by measure within an order.
///
/// An order's score compares it with the other group's orders of its cell; the mean of the scores of either side is the contrast.
fn cell_scores(pair: &Comparable, cell: &PairCell, located: &[Located], tail: i64, scores: &mut [Vec<f64>; 2]) -> Vec<f64> {
    let latencies = Side::BOTH.map(|side| pair.latencies(cell, side));
    let n = cell.n.map(f64::from);
    let measures = GAPS + located.len();
    let share_to = |side: usize, x: i64| latencies[side].partition_point(|latency| *latency <= x) as f64 / n[side];
    let beyond = [1.0 - share_to(0, tail), 1.0 - share_to(1, tail)];
    let shares: Vec<[f64; 2]> = located.iter().map(|place| [0, 1].map(|side| share_to(side, place.at[side]) - place.q)).collect();

    for side in [0, 1] {
        let other = &latencies[1 - side];
        let sign = if side == 0 { 1.0 } else { -1.0 };
        scores[side].clear();
        scores[side].reserve(latencies[side].len() * measures);
        let (mut below, mut not_above) = (0, 0);
        for latency in latencies[side].iter() {
            below += other[below..].iter().take_while(|value| *value < latency).count();
            not_above = not_above.max(below);
            not_above += other[not_above..].iter().take_while(|value| *value <= latency).count();
            let above = other.len() - not_above;
            let exceeds = f64::from(u8::from(*latency > tail));
            scores[side].push(sign * (beyond[1 - side] - exceeds));
            scores[side].push(sign * (above as f64 - below as f64) / (2.0 * other.len() as f64));
            for (place, share) in located.iter().zip(&shares) {
                let own = f64::from(u8::from(*latency <= place.at[side])) - place.q;
                scores[side].push(sign * (own * place.inverse_density[side] - share[1 - side] * place.inverse_density[1 - side]));
            }
        }
    }
    let greater_minus_less = rank_difference(&latencies[0], &latencies[1]);
    let mut contrast = vec![beyond[1] - beyond[0], greater_minus_less as f64 / (2.0 * n[0] * n[1])];
    let gap = |(place, share): (&Located, &[f64; 2])| share[0] * place.inverse_density[0] - share[1] * place.inverse_density[1];
    contrast.extend(located.iter().zip(&shares).map(gap));
    contrast
}

/// Pairs in which B is slower minus pairs in which A is slower, both sorted.
fn rank_difference(a: &[i64], b: &[i64]) -> i64 {
    let (mut below, mut not_above) = (0, 0);
    let mut sum = 0;
    for latency in b {
        below += a[below..].iter().take_while(|value| *value < latency).count();
        not_above = not_above.max(below);
        not_above += a[not_above..].iter().take_while(|value| *value <= latency).count();
        sum += below as i64 - (a.len() - not_above) as i64;
    }
    sum
}

/// TEX alone, for a pair with a client left out; `None` without a two-group cell.
pub(crate) fn tail_excess(pair: &Comparable, tail: &[i64]) -> Option<f64> {
    let contrast = |cell: &PairCell| {
        let beyond = Side::BOTH.map(|side| {
            let latencies = pair.latencies(cell, side);
            let at_most = latencies.partition_point(|latency| *latency <= tail[cell.stratum as usize]);
            (latencies.len() - at_most) as f64 / latencies.len() as f64
        });
        cell.weight() * (beyond[1] - beyond[0])
    };
    let total = pair.cells.iter().map(contrast).collect::<CompensatedSum>().value();
    (!pair.cells.is_empty()).then(|| total / pair.total_weight())
}
