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

/// Quantile levels of the shift function; the median, first, is also the verdict's.
pub(crate) const LEVELS: [f64; 12] = [0.5, 0.1, 0.2, 0.3, 0.4, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 0.999];

/// Quantiles of both groups at [`LEVELS`] with the densities around them.
///
/// `h = min(.2, ESS^(-1/3) / 2)`; in the tails at most half the distance to the nearer end, so that the window stays inside (0, 1).
pub(crate) fn locate(pair: &Comparable) -> [Located; LEVELS.len()] {
    let mut located = LEVELS.map(|q| Located { q, at: [0; 2], inverse_density: [0.0; 2] });
    for side in Side::BOTH {
        let effective = pair.effective(side);
        put(&mut located, side, effective, &pair.quantiles(side, &wanted_levels(effective)));
    }
    located
}

/// Half the density window around a level.
fn half_window(effective: f64, q: f64) -> f64 {
    (0.5 / libm::cbrt(effective)).min(0.2).min(q.min(1.0 - q) / 2.0)
}

/// For each of [`LEVELS`], the level and the ends of its density window, given the effective number of orders.
pub(crate) fn wanted_levels(effective: f64) -> Vec<f64> {
    LEVELS.iter().flat_map(|q| [*q, *q - half_window(effective, *q), *q + half_window(effective, *q)]).collect()
}

/// Takes over the quantiles of a side at [`wanted_levels`].
pub(crate) fn put(located: &mut [Located; LEVELS.len()], side: Side, effective: f64, found: &[i64]) {
    for (place, three) in located.iter_mut().zip(found.chunks_exact(3)) {
        place.at[side as usize] = three[0];
        place.inverse_density[side as usize] = (three[2] - three[1]) as f64 / (2.0 * half_window(effective, place.q));
    }
}

/// The tail excess among the [`MEASURES`].
pub(crate) const TAIL: usize = 0;
/// theta - 1/2.
pub(crate) const SUPERIORITY: usize = 1;
/// The first quantile gap: the median's.
pub(crate) const GAPS: usize = 2;
/// Measures with scores: tail, superiority and the quantile gaps.
pub(crate) const MEASURES: usize = GAPS + LEVELS.len();

/// One number by measure.
pub(crate) type ByMeasure = [f64; MEASURES];

/// Sums of one block: for each measure, the cells' weighted contrasts, and by client the orders' weighted scores.
#[derive(Clone, Debug)]
pub(crate) struct BlockScores {
    pub(crate) block: u32,
    /// Sum of cell weights.
    pub(crate) weight: f64,
    /// Sum of weight x contrast.
    pub(crate) contrast: ByMeasure,
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
    /// Sum of order weight x score.
    pub(crate) score: ByMeasure,
}

/// Scores of every block, in time order; blocks in parallel, orders inside a block in canonical order.
pub(crate) fn scores(pair: &Comparable, located: &[Located; LEVELS.len()], tail: &[i64]) -> Vec<BlockScores> {
    let blocks: Vec<&[PairCell]> = pair.cells.chunk_by(|left, right| left.block == right.block).collect();
    blocks.into_par_iter().map(|cells| block_scores(pair, cells, located, tail)).collect()
}

fn block_scores(pair: &Comparable, cells: &[PairCell], located: &[Located; LEVELS.len()], tail: &[i64]) -> BlockScores {
    let mut sums = BlockScores { block: cells[0].block, weight: 0.0, contrast: [0.0; MEASURES], clients: Vec::new() };
    let mut by_client = Side::BOTH.map(|side| ClientTable { side, places: hashbrown::HashMap::default(), sums: Vec::new() });
    for cell in cells {
        let contrast = cell_scores(pair, cell, located, tail[cell.stratum as usize], &mut by_client);
        sums.weight += cell.weight();
        add_weighted(&mut sums.contrast, cell.weight(), &contrast);
    }
    for mut table in by_client {
        table.sums.sort_unstable_by_key(|client| client.client);
        sums.clients.extend(table.sums);
    }
    sums
}

fn add_weighted(sums: &mut ByMeasure, weight: f64, parts: &ByMeasure) {
    for (sum, part) in sums.iter_mut().zip(parts) {
        *sum += weight * part;
    }
}

/// Sums by client of one side within one block.
struct ClientTable {
    side: Side,
    places: hashbrown::HashMap<u32, usize, foldhash::fast::FixedState>,
    sums: Vec<ClientScores>,
}

impl ClientTable {
    /// Adds an order's score, given as "the other group is slower": for B that is the opposite of what is measured.
    fn add(&mut self, client: u32, weight: f64, score: &ByMeasure) {
        let place = *self.places.entry(client).or_insert(self.sums.len());
        if place == self.sums.len() {
            self.sums.push(ClientScores { side: self.side, client, weight: 0.0, score: [0.0; MEASURES] });
        }
        let sums = &mut self.sums[place];
        sums.weight += weight;
        add_weighted(&mut sums.score, if self.side == Side::A { weight } else { -weight }, score);
    }
}

/// The contrasts of one cell; adds the scores of its orders to their clients.
///
/// An order's score compares it with the other group's orders of its cell; the mean of the scores of either side is the contrast.
fn cell_scores(
    pair: &Comparable,
    cell: &PairCell,
    located: &[Located; LEVELS.len()],
    tail: i64,
    by_client: &mut [ClientTable; 2],
) -> ByMeasure {
    let latencies = Side::BOTH.map(|side| pair.latencies(cell, side));
    let n = cell.n.map(f64::from);
    let share_to = |side: usize, x: i64| latencies[side].partition_point(|latency| *latency <= x) as f64 / n[side];
    let beyond = [1.0 - share_to(0, tail), 1.0 - share_to(1, tail)];
    // (F_gc(q_g) - q) / f_g of either side.
    let leans = located.map(|place| [0, 1].map(|side| (share_to(side, place.at[side]) - place.q) * place.inverse_density[side]));

    for side in Side::BOTH {
        let (own, other) = (side as usize, 1 - side as usize);
        let weight = cell.order_weight(side);
        let mut place = Place::default();
        for (latency, client) in latencies[own].iter().zip(pair.clients(cell, side)) {
            let mut score = [0.0; MEASURES];
            score[TAIL] = beyond[other] - f64::from(u8::from(*latency > tail));
            score[SUPERIORITY] = place.above_minus_below(*latency, &latencies[other]) as f64 / (2.0 * n[other]);
            for ((score, at), lean) in score[GAPS..].iter_mut().zip(located).zip(&leans) {
                let reached = f64::from(u8::from(*latency <= at.at[own]));
                *score = (reached - at.q) * at.inverse_density[own] - lean[other];
            }
            by_client[own].add(*client, weight, &score);
        }
    }
    let mut contrast = [0.0; MEASURES];
    contrast[TAIL] = beyond[1] - beyond[0];
    contrast[SUPERIORITY] = rank_difference(&latencies[0], &latencies[1]) as f64 / (2.0 * n[0] * n[1]);
    for (contrast, lean) in contrast[GAPS..].iter_mut().zip(&leans) {
        *contrast = lean[0] - lean[1];
    }
    contrast
}

/// Where an ascending series of latencies has come to among another ascending one.
#[derive(Default)]
struct Place {
    below: usize,
    not_above: usize,
}

impl Place {
    fn above_minus_below(&mut self, latency: i64, others: &[i64]) -> i64 {
        self.below += others[self.below..].iter().take_while(|value| **value < latency).count();
        self.not_above = self.not_above.max(self.below);
        self.not_above += others[self.not_above..].iter().take_while(|value| **value <= latency).count();
        (others.len() - self.not_above) as i64 - self.below as i64
    }
}

/// Pairs in which B is slower minus pairs in which A is slower, both sorted.
fn rank_difference(a: &[i64], b: &[i64]) -> i64 {
    let mut place = Place::default();
    a.iter().map(|latency| place.above_minus_below(*latency, b)).sum()
}

/// TEX alone, for a pair with a client left out; `None` without a two-group cell.
pub(crate) fn tail_excess(pair: &Comparable, tail: &[i64]) -> Option<f64> {
    (!pair.cells.is_empty()).then(|| tail_sum(pair, tail).value() / pair.total_weight())
}

/// `sum_c w_c (e_Bc - e_Ac)`.
pub(crate) fn tail_sum(pair: &Comparable, tail: &[i64]) -> CompensatedSum {
    let contrast = |cell: &PairCell| {
        let beyond = Side::BOTH.map(|side| {
            let latencies = pair.latencies(cell, side);
            let at_most = latencies.partition_point(|latency| *latency <= tail[cell.stratum as usize]);
            (latencies.len() - at_most) as f64 / latencies.len() as f64
        });
        cell.weight() * (beyond[1] - beyond[0])
    };
    pair.cells.iter().map(contrast).collect()
}
