//! The orders of a pair that have a counterpart: its two-group cells, their overlap weights and weighted quantiles.
//!
//! A cell with nA and nB orders weighs `w = nA nB / (nA + nB)` (overlap weights: Li, Morgan & Zaslavsky 2018), an order of group g
//! in it `w / n_g`. Cells of one group weigh nothing.

use rayon::prelude::*;

use crate::fairness::quantile::{self, Histogram, UNIT};
use crate::measure::{Cell, Cells, LOAD_BINS, Segment, Timetable};
use crate::record::MatchedOrders;
use crate::statistics::CompensatedSum;

/// Orders that are sorted sooner than a histogram is cleared for them.
const FEW: usize = 1 << 14;

/// Cells handed to one thread at a time.
const CHUNK: usize = 2_048;

/// Which of the two groups.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    /// A, the first.
    A,
    /// B, the second.
    B,
}

impl Side {
    pub(crate) const BOTH: [Self; 2] = [Self::A, Self::B];
}

/// One client of one side, whose orders are left out, or looked at alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Without {
    pub(crate) side: Side,
    pub(crate) client: u32,
}

/// A cell that holds both groups.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PairCell {
    segments: [Segment; 2],
    /// Orders of A and of B, those left out not counted; both at least 1.
    pub(crate) n: [u32; 2],
    /// Its block.
    pub(crate) block: u32,
    /// Its coarse stratum.
    pub(crate) stratum: u32,
    /// Its instrument code.
    pub(crate) instrument: u32,
}

impl PairCell {
    /// Overlap weight.
    pub(crate) fn weight(&self) -> f64 {
        let [a, b] = self.n.map(f64::from);
        a * b / (a + b)
    }

    /// Overlap weight of one order of a side.
    pub(crate) fn order_weight(&self, side: Side) -> f64 {
        let other = self.n[1 - side as usize];
        f64::from(other) / (f64::from(self.n[0]) + f64::from(self.n[1]))
    }

    /// The same in units of 2^-32.
    pub(crate) fn integer_weight(&self, side: Side) -> u64 {
        let total = u64::from(self.n[0]) + u64::from(self.n[1]);
        (u64::from(self.n[1 - side as usize]) * UNIT + total / 2) / total
    }
}

/// The two-group cells of a pair, in canonical order.
#[derive(Clone, Debug)]
pub(crate) struct Comparable<'a> {
    columns: &'a Cells,
    /// Group codes of A and B.
    pub(crate) groups: [u16; 2],
    pub(crate) cells: Vec<PairCell>,
    /// Orders of A and B inside these cells.
    pub(crate) inside: [u64; 2],
    without: Option<Without>,
    /// Of one side, the orders of one client alone.
    only: Option<Without>,
}

impl<'a> Comparable<'a> {
    /// The cells that hold both groups, those of `without` left out.
    pub(crate) fn of(columns: &'a Cells, groups: [u16; 2], without: Option<Without>) -> Self {
        let pair_cell = |cell: &Cell| {
            let segments = columns.segments_of(cell);
            let segment = |group: u16| segments.iter().find(|s| s.group == group).copied();
            let segments = [segment(groups[0])?, segment(groups[1])?];
            Some(PairCell {
                segments,
                n: segments.map(|s| s.len() as u32),
                block: cell.block,
                stratum: cell.stratum,
                instrument: cell.instrument,
            })
        };
        let mut pair = Self { columns, groups, cells: Vec::new(), inside: [0; 2], without, only: None };
        let left = |cell: PairCell| without.map_or(Some(cell), |gone| pair.less(cell, gone));
        pair.cells = columns.cells.par_iter().filter_map(|cell| left(pair_cell(cell)?)).collect();
        let total = |side: usize| pair.cells.iter().map(|cell| u64::from(cell.n[side])).sum();
        pair.inside = [total(0), total(1)];
        pair
    }

    /// The same comparison in some of its cells.
    pub(crate) fn within(&self, cells: Vec<PairCell>) -> Self {
        Self { cells, inside: [0; 2], ..*self }
    }

    /// W, the sum of the cell weights.
    pub(crate) fn total_weight(&self) -> f64 {
        in_time_order(&self.by_block(PairCell::weight))
    }

    /// Effective number of orders of a side: `(sum of order weights)^2 / sum of their squares`.
    pub(crate) fn effective(&self, side: Side) -> f64 {
        let squares = in_time_order(&self.squares_by_block(side));
        let total = self.total_weight();
        if squares > 0.0 { total * total / squares } else { 0.0 }
    }

    /// Sum of squared order weights of a side, by block.
    fn squares_by_block(&self, side: Side) -> Vec<CompensatedSum> {
        self.by_block(|cell| cell.weight() * cell.order_weight(side))
    }

    /// A sum over the cells of each block, in time order: the same whether days are measured together or apart.
    pub(crate) fn by_block(&self, term: impl Fn(&PairCell) -> f64) -> Vec<CompensatedSum> {
        self.cells.chunk_by(|left, right| left.block == right.block).map(|block| block.iter().map(&term).collect()).collect()
    }

    /// Latencies of a side in a cell, ascending.
    pub(crate) fn latencies(&self, cell: &PairCell, side: Side) -> std::borrow::Cow<'a, [i64]> {
        let rows = cell.segments[side as usize].rows();
        if self.without.or(self.only).is_some_and(|one| one.side == side) {
            rows.filter(|row| self.kept(side, *row)).map(|row| self.columns.latency[row]).collect::<Vec<_>>().into()
        } else {
            self.columns.latency[rows].into()
        }
    }

    /// Clients of a side in a cell, in the order of [`Self::latencies`]; only where nobody is left out.
    pub(crate) fn clients(&self, cell: &PairCell, side: Side) -> &'a [u32] {
        &self.columns.client[cell.segments[side as usize].rows()]
    }

    /// Number of client codes there may be.
    pub(crate) fn client_codes(&self) -> usize {
        self.columns.client_codes
    }

    /// Latencies of the client left out in the cells of its side, ascending in each, and where each cell's end.
    pub(crate) fn left_out(&self) -> (Vec<i64>, Vec<usize>) {
        let (mut latencies, mut ends) = (Vec::new(), Vec::with_capacity(self.cells.len()));
        for cell in &self.cells {
            if let Some(gone) = self.without {
                let rows = cell.segments[gone.side as usize].rows();
                let own = self.columns.client[rows.clone()].iter().zip(&self.columns.latency[rows]);
                latencies.extend(own.filter(|(client, _)| **client == gone.client).map(|(_, latency)| *latency));
            }
            ends.push(latencies.len());
        }
        (latencies, ends)
    }

    /// All latencies of a side in a cell, those of the client left out too; ascending.
    pub(crate) fn all_latencies(&self, cell: &PairCell, side: Side) -> &'a [i64] {
        &self.columns.latency[cell.segments[side as usize].rows()]
    }

    /// These cells alone, as they are and without the orders of a client.
    pub(crate) fn with_and_without(&self, cells: &[usize], gone: Without) -> [Self; 2] {
        let of = |cells: Vec<PairCell>, without: Option<Without>| Self { cells, inside: [0; 2], without, ..*self };
        let with: Vec<PairCell> = cells.iter().map(|cell| self.cells[*cell]).collect();
        let left: Vec<PairCell> = with.iter().filter_map(|cell| self.less(*cell, gone)).collect();
        [of(with, None), of(left, Some(gone))]
    }

    /// In these cells, the orders of a client of one side with all of the other; a cell once for each of its orders.
    pub(crate) fn of_client(&self, cells: &[u32], one: Without) -> Self {
        let once = cells.chunk_by(|left, right| left == right);
        let cell = |same: &[u32]| {
            let mut cell = self.cells[same[0] as usize];
            cell.n[one.side as usize] = same.len() as u32;
            cell
        };
        Self { cells: once.map(cell).collect(), inside: [0; 2], only: Some(one), ..*self }
    }

    /// By client of a side, ascending: the numbers of its orders' cells, ascending, a cell once for each order.
    pub(crate) fn cells_by_client(&self, side: Side) -> Vec<(u32, u32)> {
        let of_cell = |(at, cell): (u32, &PairCell)| self.clients(cell, side).iter().map(move |client| (*client, at)).collect::<Vec<_>>();
        let mut cells: Vec<(u32, u32)> = (0..).zip(&self.cells).flat_map(of_cell).collect();
        cells.sort_unstable();
        cells
    }

    /// A cell without the orders of a client; `None` where it then no longer holds both groups.
    fn less(&self, cell: PairCell, gone: Without) -> Option<PairCell> {
        let side = gone.side as usize;
        let own = &self.columns.client[cell.segments[side].rows()];
        let n_gone = own.iter().filter(|client| **client == gone.client).count() as u32;
        let mut n = cell.n;
        n[side] -= n_gone;
        (n[side] > 0).then_some(PairCell { n, ..cell })
    }

    fn kept(&self, side: Side, row: usize) -> bool {
        let client = self.columns.client[row];
        self.without.is_none_or(|gone| gone.side != side || client != gone.client)
            && self.only.is_none_or(|one| one.side != side || client == one.client)
    }

    /// Weighted quantiles `Q_g*` of a side: the smallest latency x with `F_g*(x) >= level`, exact.
    pub(crate) fn quantiles(&self, side: Side, levels: &[f64]) -> Vec<i64> {
        self.quantiles_of(side, levels, |cell| self.weighted(cell, side))
    }

    /// The same of what `orders` gives of each cell.
    fn quantiles_of<I>(&self, side: Side, levels: &[f64], orders: impl Fn(&PairCell) -> I + Sync) -> Vec<i64>
    where
        I: Iterator<Item = (i64, u64)>,
    {
        let n: usize = self.cells.iter().map(|cell| cell.n[side as usize] as usize).sum();
        if n <= FEW {
            return quantile::of_few(self.cells.iter().flat_map(orders).collect(), levels);
        }
        exact_quantiles(&self.cells, levels, orders)
    }

    /// As [`Self::quantiles`] with an order of the side `mix` counted as one, and those of the other side in its cell as many together.
    pub(crate) fn quantiles_by(&self, side: Side, mix: Side, levels: &[f64]) -> Vec<i64> {
        let weight = |cell: &PairCell| UNIT * u64::from(cell.n[mix as usize]) / u64::from(cell.n[side as usize]);
        self.quantiles_of(side, levels, |cell| self.weighing(cell, side, weight(cell)))
    }

    /// As [`Self::effective`] by the same weights.
    pub(crate) fn effective_by(&self, side: Side, mix: Side) -> f64 {
        let own = |cell: &PairCell| f64::from(cell.n[mix as usize]);
        let squares: f64 = self.cells.iter().map(|cell| own(cell) * own(cell) / f64::from(cell.n[side as usize])).sum();
        let total: f64 = self.cells.iter().map(own).sum();
        if squares > 0.0 { total * total / squares } else { 0.0 }
    }

    /// Latencies of a side in a cell with their integer weights, ascending.
    fn weighted(&self, cell: &PairCell, side: Side) -> impl Iterator<Item = (i64, u64)> + use<'_, 'a> {
        self.weighing(cell, side, cell.integer_weight(side))
    }

    /// The same with a weight of one's own.
    fn weighing(&self, cell: &PairCell, side: Side, weight: u64) -> impl Iterator<Item = (i64, u64)> + use<'_, 'a> {
        let kept = cell.segments[side as usize].rows().filter(move |row| self.kept(side, *row));
        kept.map(move |row| (self.columns.latency[row], weight))
    }

    /// Those of [`Self::weighted`] in one bin.
    pub(crate) fn weighted_in(&self, cell: &PairCell, side: Side, bin: usize) -> impl Iterator<Item = (i64, u64)> + use<'_, 'a> {
        let (rows, weight) = (cell.segments[side as usize].rows(), cell.integer_weight(side));
        let below = self.columns.latency[rows.clone()].partition_point(|latency| quantile::bin(*latency) < bin);
        let latency = |row: &usize| self.columns.latency[*row];
        let inside = (rows.start + below..rows.end).take_while(move |row| quantile::bin(latency(row)) == bin);
        inside.filter(move |row| self.kept(side, *row)).map(move |row| (self.columns.latency[row], weight))
    }

    /// The weights of a side's latencies.
    pub(crate) fn histogram(&self, side: Side) -> Histogram {
        histogram(&self.cells, |cell| self.weighted(cell, side))
    }

    /// The cell in which a client's orders of one side stand, given the first row of its segment.
    pub(crate) fn cell_at(&self, side: Side, start: u32) -> Option<usize> {
        self.cells.binary_search_by_key(&start, |cell| cell.segments[side as usize].start).ok()
    }

    /// The weighted median of a side with the gateway among the strata; `None` where no cell shares a gateway.
    pub(crate) fn median_within_route(&self, side: Side) -> Option<i64> {
        let orders = |cell: &PairCell| {
            let mut orders = Vec::new();
            self.each_within_route(cell, side, &mut |latency, weight| orders.push((latency, weight)));
            orders.into_iter()
        };
        let any = self.cells.iter().any(|cell| orders(cell).next().is_some());
        any.then(|| exact_quantiles(&self.cells, &[0.5], orders)[0])
    }
}

/// The sum of block sums.
pub(crate) fn in_time_order<'a>(blocks: impl IntoIterator<Item = &'a CompensatedSum>) -> f64 {
    let mut all = CompensatedSum::new();
    blocks.into_iter().for_each(|block| all.merge(*block));
    all.value()
}

impl Comparable<'_> {
    /// Latencies and integer weights of a side in a cell, with the gateway among the strata; orders that weigh nothing are passed over.
    fn each_within_route(&self, cell: &PairCell, side: Side, visit: &mut dyn FnMut(i64, u64)) {
        let gateways = |side: Side| &self.columns.gateway[cell.segments[side as usize].rows()];
        let mut counts: Vec<(u16, [u64; 2])> = Vec::new();
        for counted in Side::BOTH {
            for gateway in gateways(counted) {
                let at = counts.iter().position(|(seen, _)| seen == gateway).unwrap_or_else(|| {
                    counts.push((*gateway, [0, 0]));
                    counts.len() - 1
                });
                counts[at].1[counted as usize] += 1;
            }
        }
        for (gateway, latency) in gateways(side).iter().zip(&self.columns.latency[cell.segments[side as usize].rows()]) {
            let n = counts.iter().find(|(seen, _)| seen == gateway).map_or([1, 0], |(_, n)| *n);
            let weight = (n[1 - side as usize] * UNIT + (n[0] + n[1]) / 2) / (n[0] + n[1]);
            if weight > 0 {
                visit(*latency, weight);
            }
        }
    }
}

/// Two passes over the cells in parallel; every sum is of integers, so the split does not matter.
///
/// `orders` gives latencies and integer weights of a cell.
fn exact_quantiles<I>(cells: &[PairCell], levels: &[f64], orders: impl Fn(&PairCell) -> I + Sync) -> Vec<i64>
where
    I: Iterator<Item = (i64, u64)>,
{
    let wanted = histogram(cells, &orders).locate(levels);
    let mut is_wanted = vec![false; quantile::BINS];
    wanted.iter().for_each(|place| is_wanted[place.bin] = true);
    let inside: Vec<Vec<(i64, u64)>> = cells
        .par_chunks(CHUNK)
        .map(|chunk| chunk.iter().flat_map(&orders).filter(|(latency, _)| is_wanted[quantile::bin(*latency)]).collect())
        .collect();
    quantile::finish(&wanted, inside.concat())
}

fn histogram<I>(cells: &[PairCell], orders: impl Fn(&PairCell) -> I + Sync) -> Histogram
where
    I: Iterator<Item = (i64, u64)>,
{
    let add = |mut histogram: Histogram, chunk: &[PairCell]| {
        chunk.iter().flat_map(&orders).for_each(|(latency, weight)| histogram.add(latency, weight));
        histogram
    };
    cells.par_chunks(CHUNK).fold(Histogram::new, add).reduce(Histogram::new, |left, right| left.merge(&right))
}

/// `t_s`: the pooled 99 % quantile (nearest rank) of all orders of both groups in each coarse stratum; `i64::MAX` where there is none.
pub(crate) fn tail_thresholds(columns: &Cells, groups: [u16; 2]) -> Vec<i64> {
    let own = |cell: &Cell| columns.segments_of(cell).iter().filter(|segment| groups.contains(&segment.group));
    let mut orders = vec![0; columns.strata.max(usize::from(LOAD_BINS))];
    columns.cells.iter().for_each(|cell| orders[cell.stratum as usize] += own(cell).map(|segment| segment.len()).sum::<usize>());
    let mut pooled: Vec<Vec<i64>> = orders.into_iter().map(Vec::with_capacity).collect();
    for cell in &columns.cells {
        own(cell).for_each(|segment| pooled[cell.stratum as usize].extend_from_slice(&columns.latency[segment.rows()]));
    }
    pooled.par_iter_mut().map(|latencies| slowest_hundredth(latencies)).collect()
}

/// The same of all orders of the two groups, whatever their stratum.
pub(crate) fn tail_threshold_of_all(orders: &MatchedOrders, groups: [u16; 2]) -> i64 {
    let own = orders.group.iter().zip(&orders.latency).filter(|(group, _)| groups.contains(group));
    let mut pooled: Vec<i64> = own.map(|(_, latency)| latency.0).collect();
    slowest_hundredth(&mut pooled)
}

/// Nearest rank ceil(0.99 n), in integers.
fn slowest_hundredth(latencies: &mut [i64]) -> i64 {
    let n = latencies.len();
    let rank = (99 * n).div_ceil(100);
    if n == 0 { i64::MAX } else { *latencies.select_nth_unstable(rank - 1).1 }
}

/// Distinct days among the blocks of the cells.
pub(crate) fn days_of(cells: &[PairCell], timetable: &Timetable) -> u64 {
    let mut days: Vec<u32> = cells.iter().map(|cell| timetable.blocks[cell.block as usize].day).collect();
    days.dedup();
    days.len() as u64
}
