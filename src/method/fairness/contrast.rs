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
///
/// And, from the same two passes over a side, its quantiles at the levels `further`.
pub(crate) fn locate(pair: &Comparable, further: [&[f64]; 2]) -> ([Located; LEVELS.len()], [Vec<i64>; 2]) {
    let mut located = LEVELS.map(|q| Located { q, at: [0; 2], inverse_density: [0.0; 2] });
    let found = Side::BOTH.map(|side| {
        let effective = pair.effective(side);
        let wanted = wanted_levels(effective);
        let mut found = pair.quantiles(side, &[&wanted[..], further[side as usize]].concat());
        let further = found.split_off(wanted.len());
        put(&mut located, side, effective, &found);
        further
    });
    (located, found)
}

/// Half the density window around a level.
pub(crate) fn half_window(effective: f64, q: f64) -> f64 {
    (0.5 / libm::cbrt(effective)).min(0.2).min(q.min(1.0 - q) / 2.0)
}

/// For each of [`LEVELS`], the level and the ends of its density window, given the effective number of orders.
fn wanted_levels(effective: f64) -> Vec<f64> {
    LEVELS.iter().flat_map(|q| [*q, *q - half_window(effective, *q), *q + half_window(effective, *q)]).collect()
}

/// Takes over the quantiles of a side at [`wanted_levels`].
fn put(located: &mut [Located; LEVELS.len()], side: Side, effective: f64, found: &[i64]) {
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

/// Sums of one client in one block: as long as two cache lines, and on them.
#[derive(Clone, Debug)]
#[repr(align(64))]
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
    let steps = Side::BOTH.map(|side| Steps::of(located, side));
    let n_clients = pair.client_codes();
    let tables = || Side::BOTH.map(|side| ClientTable { side, places: vec![NO_PLACE; n_clients], sums: Vec::new() });
    blocks.into_par_iter().map_init(tables, |tables, cells| block_scores(pair, cells, &steps, tail, tables)).collect()
}

fn block_scores(pair: &Comparable, cells: &[PairCell], steps: &[Steps; 2], tail: &[i64], by_client: &mut [ClientTable; 2]) -> BlockScores {
    let mut sums = BlockScores { block: cells[0].block, weight: 0.0, contrast: [0.0; MEASURES], clients: Vec::new() };
    for cell in cells {
        let contrast = cell_scores(pair, cell, steps, tail[cell.stratum as usize], by_client);
        sums.weight += cell.weight();
        for (sum, part) in sums.contrast.iter_mut().zip(&contrast) {
            *sum += cell.weight() * part;
        }
    }
    sums.clients.reserve_exact(by_client.iter().map(|table| table.sums.len()).sum());
    by_client.iter_mut().for_each(|table| table.move_to(&mut sums.clients));
    sums
}

/// Sums by client of one side within one block.
struct ClientTable {
    side: Side,
    /// By client code, its place in `sums`.
    places: Vec<u32>,
    sums: Vec<ClientScores>,
}

const NO_PLACE: u32 = u32::MAX;

impl ClientTable {
    /// The sums of a client.
    fn of(&mut self, client: u32) -> &mut ClientScores {
        let place = &mut self.places[client as usize];
        if *place == NO_PLACE {
            *place = self.sums.len() as u32;
            self.sums.push(ClientScores { side: self.side, client, weight: 0.0, score: [0.0; MEASURES] });
        }
        &mut self.sums[*place as usize]
    }

    /// Moves the sums, ascending by client; the table is empty again and keeps its room.
    fn move_to(&mut self, clients: &mut Vec<ClientScores>) {
        let mut order: Vec<(u32, u32)> = self.sums.iter().zip(0..).map(|(sums, place)| (sums.client, place)).collect();
        order.sort_unstable();
        for (client, place) in order {
            self.places[client as usize] = NO_PLACE;
            clients.push(self.sums[place as usize].clone());
        }
        self.sums.clear();
    }
}

/// What the quantiles of one side add to an order's scores, as a function of its latency: it steps where a quantile is passed.
struct Steps {
    side: Side,
    /// (latency, level number), ascending: beyond it the order no longer counts as having reached the level.
    passed: [(i64, usize); LEVELS.len()],
    /// By level: the quantile, `(1 - q) / f`, `-q / f`, q and `1 / f`.
    at: [i64; LEVELS.len()],
    reached: [f64; LEVELS.len()],
    beyond: [f64; LEVELS.len()],
    q: [f64; LEVELS.len()],
    inverse_density: [f64; LEVELS.len()],
}

impl Steps {
    fn of(located: &[Located; LEVELS.len()], side: Side) -> Self {
        let own = side as usize;
        let mut passed = std::array::from_fn(|level| (located[level].at[own], level));
        passed.sort_unstable();
        Self {
            side,
            passed,
            at: located.map(|place| place.at[own]),
            reached: located.map(|place| (1.0 - place.q) * place.inverse_density[own]),
            beyond: located.map(|place| (0.0 - place.q) * place.inverse_density[own]),
            q: located.map(|place| place.q),
            inverse_density: located.map(|place| place.inverse_density[own]),
        }
    }

    /// By level, `(F_gc(q_g) - q) / f_g` of the side's orders in a cell.
    fn leans(&self, latencies: &[i64]) -> [f64; LEVELS.len()] {
        std::array::from_fn(|level| (share_to(latencies, self.at[level]) - self.q[level]) * self.inverse_density[level])
    }
}

/// Share of ascending latencies up to x.
fn share_to(latencies: &[i64], x: i64) -> f64 {
    latencies.partition_point(|latency| *latency <= x) as f64 / latencies.len() as f64
}

/// The contrasts of one cell; adds the scores of its orders to their clients.
///
/// An order's score compares it with the other group's orders of its cell; the mean of the scores of either side is the contrast.
fn cell_scores(pair: &Comparable, cell: &PairCell, steps: &[Steps; 2], tail: i64, by_client: &mut [ClientTable; 2]) -> ByMeasure {
    let latencies = Side::BOTH.map(|side| pair.latencies(cell, side));
    let beyond = latencies.each_ref().map(|latencies| 1.0 - share_to(latencies, tail));
    let leans = [0, 1].map(|side| steps[side].leans(&latencies[side]));
    for side in Side::BOTH {
        let (own, other) = (side as usize, 1 - side as usize);
        let orders = latencies[own].iter().copied().zip(pair.clients(cell, side).iter().copied());
        add_orders(
            orders,
            cell.order_weight(side),
            &steps[own],
            (&latencies[other], &leans[other], beyond[other], tail),
            &mut by_client[own],
        );
    }
    let n = cell.n.map(f64::from);
    let mut contrast = [0.0; MEASURES];
    contrast[TAIL] = beyond[1] - beyond[0];
    contrast[SUPERIORITY] = rank_difference(&latencies[0], &latencies[1]) as f64 / (2.0 * n[0] * n[1]);
    for (level, contrast) in contrast[GAPS..].iter_mut().enumerate() {
        *contrast = leans[0][level] - leans[1][level];
    }
    contrast
}

/// Adds the scores of one side's orders of a cell, ascending by latency, to their clients.
///
/// A score is kept multiplied by the orders' common weight and changes only where a latency passes a quantile. Scores say "the other
/// group is slower": for B that is the opposite of what is measured.
fn add_orders(
    orders: impl Iterator<Item = (i64, u32)>,
    weight: f64,
    steps: &Steps,
    (others, leans, beyond, tail): (&[i64], &[f64; LEVELS.len()], f64, i64),
    table: &mut ClientTable,
) {
    let mut place = Place::default();
    let signed = if steps.side == Side::A { weight } else { -weight };
    let mut gaps: [f64; LEVELS.len()] = std::array::from_fn(|level| signed * (steps.reached[level] - leans[level]));
    let tails = [signed * beyond, signed * (beyond - 1.0)];
    let pairs = 2.0 * others.len() as f64;
    let mut passed = steps.passed.iter().peekable();
    for (latency, client) in orders {
        while let Some((_, level)) = passed.next_if(|(at, _)| latency > *at) {
            gaps[*level] = signed * (steps.beyond[*level] - leans[*level]);
        }
        let sums = table.of(client);
        sums.weight += weight;
        sums.score[TAIL] += tails[usize::from(latency > tail)];
        sums.score[SUPERIORITY] += signed * (place.above_minus_below(latency, others) as f64 / pairs);
        for (sum, part) in sums.score[GAPS..].iter_mut().zip(&gaps) {
            *sum += part;
        }
    }
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

/// `sum_c w_c (e_Bc - e_Ac)`.
pub(crate) fn tail_sum(pair: &Comparable, tail: &[i64]) -> CompensatedSum {
    pair.cells.iter().map(|cell| tail_contrast(pair, cell, tail)).collect()
}

/// `w_c (e_Bc - e_Ac)`.
pub(crate) fn tail_contrast(pair: &Comparable, cell: &PairCell, tail: &[i64]) -> f64 {
    let [a, b] = shares_beyond(pair, cell, tail);
    cell.weight() * (b - a)
}

/// `e_Ac`, `e_Bc`: by side, the share of a cell's orders beyond its tail threshold.
pub(crate) fn shares_beyond(pair: &Comparable, cell: &PairCell, tail: &[i64]) -> [f64; 2] {
    Side::BOTH.map(|side| {
        let latencies = pair.latencies(cell, side);
        let at_most = latencies.partition_point(|latency| *latency <= tail[cell.stratum as usize]);
        (latencies.len() - at_most) as f64 / latencies.len() as f64
    })
}

/// Simple standard errors that a guard of FAIR has to be clear of: there are many, and their errors know of no blocks or clients.
pub(crate) const SIMPLE_ERRORS: f64 = 5.0;

/// The medians of either side and the simple error of their difference: that of a median is `1 / (2 f sqrt(n))`, n the effective orders.
pub(crate) fn medians_and_error(effective: [f64; 2], quantiles: impl Fn(Side, &[f64]) -> Vec<i64>) -> ([i64; 2], f64) {
    let (mut medians, mut variance) = ([0; 2], 0.0);
    for side in Side::BOTH {
        let effective = effective[side as usize];
        let half = half_window(effective, 0.5);
        let found = quantiles(side, &[0.5, 0.5 - half, 0.5 + half]);
        let inverse_density = (found[2] - found[1]) as f64 / (2.0 * half);
        medians[side as usize] = found[0];
        variance += 0.25 * inverse_density * inverse_density / effective;
    }
    (medians, variance.sqrt())
}
