//! The later rounds: what one day adds to each, and how the parts of days are merged.
//!
//! Whole numbers are added up; whatever is a float is kept by day and summed in date order at the end. So the tree of merges changes
//! no byte.

use std::collections::BTreeMap;

use rayon::prelude::*;

use crate::fairness::comparable::{Comparable, Side};
use crate::fairness::contrast::{self, BlockScores, LEVELS, Located};
use crate::fairness::deletions::Deletion;
use crate::fairness::finer::{Cut, FinerSums, SecondLook};
use crate::fairness::pair::Metric;
use crate::fairness::parts::{Part, worst_of_day};
use crate::fairness::state::StudyDay;
use crate::fairness::state::histogram::{Histogram, Inside, Wanted};
use crate::fairness::state::plan::{Layout, Plan};
use crate::measure::{
    Block, Cells, ClientPassing, LeftOut, OvertakingCounts, PairValues, bursts, count_overtaking, count_overtaking_in_bursts,
    count_overtaking_without, overtaking_by_client,
};
use crate::record::TradeDate;
use crate::statistics::CompensatedSum;

/// Series of a pair whose quantiles are wanted: each side, each side within a route, and every coarse stratum pooled.
pub(crate) const SIDES: usize = 0;
/// The first series within a route.
pub(crate) const ROUTES: usize = 2;
/// The first stratum.
pub(crate) const STRATA: usize = 4;

/// Every value of every series of a pair, with its weight.
fn each_value(layout: &Layout, pair: &Comparable, visit: &mut dyn FnMut(usize, i64, u64)) {
    each_of_sides(pair, &mut |side, latency, weight| visit(SIDES + side, latency, weight));
    for cell in &pair.cells {
        for side in Side::BOTH {
            pair.each_within_route(cell, side, &mut |latency, weight| visit(ROUTES + side as usize, latency, weight));
        }
    }
    for cell in &layout.cells.cells {
        for segment in layout.cells.segments_of(cell).iter().filter(|segment| pair.groups.contains(&segment.group)) {
            let latencies = &layout.cells.latency[segment.rows()];
            latencies.iter().for_each(|latency| visit(STRATA + cell.stratum as usize, *latency, 1));
        }
    }
}

/// Sums of one pair over the two-group cells of one day.
#[derive(Clone, Debug)]
pub(crate) struct DaySums {
    /// Orders of A and B inside.
    pub(crate) inside: [u64; 2],
    /// Sum of cell weights, by block.
    pub(crate) weight: Vec<CompensatedSum>,
    /// Sum of squared order weights, by side and block.
    pub(crate) squares: [Vec<CompensatedSum>; 2],
    /// Weight of the whole day by stratum.
    pub(crate) by_stratum: Vec<CompensatedSum>,
}

/// What one day knows of itself.
#[derive(Clone, Debug)]
pub(crate) struct DayFacts {
    pub(crate) blocks: Vec<Block>,
    pub(crate) overtaking: OvertakingCounts,
    /// By wanted pair.
    pub(crate) sums: Vec<DaySums>,
}

/// The second round: overlap, weights, overtaking, and a histogram of every series.
#[derive(Clone, Debug, Default)]
pub(crate) struct Histograms {
    pub(crate) days: BTreeMap<TradeDate, DayFacts>,
    /// By wanted pair and series; behind the pairs, one series for each group: all its orders.
    pub(crate) series: Vec<Vec<Histogram>>,
}

impl Histograms {
    pub(crate) fn of(plan: &Plan, day: &StudyDay) -> Self {
        let layout = plan.lay_out(day);
        let overtaking = count_overtaking(&layout.orders, &layout.timetable, plan.totals.len(), plan.rules, &[]);
        let (sums, mut series): (Vec<DaySums>, Vec<Vec<Histogram>>) =
            plan.wanted.par_iter().map(|groups| pair_histograms(&layout, *groups)).unzip();
        let mut of_groups = vec![Histogram::default(); plan.totals.len()];
        each_of_groups(&layout, &mut |group, latency| of_groups[group].add(latency, 1));
        series.push(of_groups);
        let blocks = layout.timetable.blocks.into_iter().map(|block| Block { rows: 0..0, ..block }).collect();
        Self { days: [(day.date(), DayFacts { blocks, overtaking, sums })].into(), series }
    }

    pub(crate) fn merge(&mut self, other: Self) {
        self.days.extend(other.days);
        if self.series.is_empty() {
            self.series = other.series;
            return;
        }
        for (sum, part) in self.series.iter_mut().flatten().zip(other.series.iter().flatten()) {
            sum.merge(part);
        }
    }
}

fn pair_histograms(layout: &Layout, groups: [u16; 2]) -> (DaySums, Vec<Histogram>) {
    let pair = Comparable::of(&layout.cells, groups, None);
    let mut by_stratum = vec![CompensatedSum::new(); layout.cells.strata];
    pair.cells.iter().for_each(|cell| by_stratum[cell.stratum as usize].add(cell.weight()));
    let weight = pair.by_block(|cell| cell.weight());
    let squares = Side::BOTH.map(|side| pair.squares_by_block(side));
    let sums = DaySums { inside: pair.inside, weight, squares, by_stratum };
    let mut series = vec![Histogram::default(); STRATA + layout.cells.strata];
    each_value(layout, &pair, &mut |at, value, weight| series[at].add(value, weight));
    (sums, series)
}

fn each_of_groups(layout: &Layout, visit: &mut dyn FnMut(usize, i64)) {
    let orders = &layout.orders;
    orders.group.iter().zip(&orders.latency).for_each(|(group, latency)| visit(usize::from(*group), latency.0));
}

/// The third round: the values inside the bins that hold a wanted quantile. By wanted pair and series, groups last.
pub(crate) type Gathered = Vec<Vec<Inside>>;

/// The empty start of a third round, given what is wanted of each series.
pub(crate) fn nothing_gathered(wanted: &[Vec<Vec<Option<Wanted>>>]) -> Gathered {
    wanted.iter().map(|series| series.iter().map(|wanted| Inside::of(wanted)).collect()).collect()
}

pub(crate) fn gather(plan: &Plan, day: &StudyDay, nothing: &Gathered) -> Gathered {
    let layout = plan.lay_out(day);
    let of_pair = |(groups, nothing): (&[u16; 2], &Vec<Inside>)| {
        let mut series = nothing.clone();
        let pair = Comparable::of(&layout.cells, *groups, None);
        each_value(&layout, &pair, &mut |at, value, weight| series[at].add(value, weight));
        series
    };
    let mut gathered: Gathered = plan.wanted.par_iter().zip(nothing).map(of_pair).collect();
    if let Some(nothing) = nothing.last() {
        let mut of_groups = nothing.clone();
        each_of_groups(&layout, &mut |group, latency| of_groups[group].add(latency, 1));
        gathered.push(of_groups);
    }
    gathered
}

/// Adds the parts of another day.
pub(crate) fn merge_gathered(sum: &mut Gathered, part: Gathered) {
    sum.iter_mut().flatten().zip(part.into_iter().flatten()).for_each(|(sum, part)| sum.merge(part));
}

/// Quantiles with densities, and tail thresholds by stratum, of one pair.
#[derive(Clone, Debug)]
pub(crate) struct Fixed {
    pub(crate) located: [Located; LEVELS.len()],
    pub(crate) tail: Vec<i64>,
}

/// The fourth round: scores by day; blocks are numbered inside the day.
pub(crate) type Scores = BTreeMap<TradeDate, DayScores>;

/// Scores of one day.
#[derive(Clone, Debug, Default)]
pub(crate) struct DayScores {
    /// By wanted pair, block and client.
    pub(crate) cells: Vec<Vec<BlockScores>>,
    /// By pair that has an asymmetry, block and client.
    pub(crate) passing: Vec<Vec<ClientPassing>>,
}

pub(crate) fn scores(plan: &Plan, day: &StudyDay, fixed: &[Fixed], values: &[PairValues]) -> Scores {
    let layout = plan.lay_out(day);
    let of_pair =
        |(groups, fixed): (&[u16; 2], &Fixed)| contrast::scores(&Comparable::of(&layout.cells, *groups, None), &fixed.located, &fixed.tail);
    let cells = plan.wanted.par_iter().zip(fixed).map(of_pair).collect();
    let passing = overtaking_by_client(&layout.orders, &layout.timetable, plan.totals.len(), plan.rules, values);
    [(day.date(), DayScores { cells, passing })].into()
}

/// The fifth round, where something is significant: the same measures without single clients. By deletion.
#[derive(Clone, Debug, Default)]
pub(crate) struct Deleted {
    /// By day: the sum of weights and of tail contrasts, and overtaking counts of the pair's two groups.
    pub(crate) days: BTreeMap<TradeDate, Vec<DayDeleted>>,
    /// Latencies of either side; empty unless the median is asked for.
    pub(crate) sides: Vec<[Histogram; 2]>,
}

/// One deletion on one day.
#[derive(Clone, Debug, Default)]
pub(crate) struct DayDeleted {
    pub(crate) weight: CompensatedSum,
    pub(crate) tail: CompensatedSum,
    pub(crate) overtaking: OvertakingCounts,
}

impl Deleted {
    pub(crate) fn of(plan: &Plan, day: &StudyDay, fixed: &[Fixed], deletions: &[Deletion]) -> Self {
        let layout = plan.lay_out(day);
        let (mut of_day, sides): (Vec<DayDeleted>, Vec<_>) =
            deletions.par_iter().map(|deletion| deleted(&layout, fixed, *deletion)).unzip();
        let overtaking = || (0..deletions.len()).filter(|at| deletions[*at].metric == Metric::Overtaking);
        let left_out: Vec<LeftOut> = overtaking().map(|at| deletions[at].left_out()).collect();
        let (orders, timetable) = (&layout.orders, &layout.timetable);
        if !left_out.is_empty() {
            let gone: Vec<(u16, u32)> = left_out.iter().map(|left_out| left_out.gone).collect();
            let whole = count_overtaking(orders, timetable, plan.totals.len(), plan.rules, &gone);
            let counts = count_overtaking_without(orders, timetable, plan.rules, &whole, &left_out);
            overtaking().zip(counts).for_each(|(at, counts)| of_day[at].overtaking = counts);
        }
        Self { days: [(day.date(), of_day)].into(), sides }
    }

    pub(crate) fn merge(&mut self, other: Self) {
        self.days.extend(other.days);
        if self.sides.is_empty() {
            self.sides = other.sides;
            return;
        }
        self.sides.iter_mut().flatten().zip(other.sides.iter().flatten()).for_each(|(sum, part)| sum.merge(part));
    }
}

fn deleted(layout: &Layout, fixed: &[Fixed], deletion: Deletion) -> (DayDeleted, [Histogram; 2]) {
    let groups = deletion.groups;
    let (mut of_day, mut sides) = (DayDeleted::default(), [Histogram::default(), Histogram::default()]);
    match deletion.metric {
        // Counted for all deletions at once.
        Metric::Overtaking => {}
        Metric::Tail => {
            let pair = Comparable::of(&layout.cells, groups, Some(deletion.gone));
            pair.cells.iter().for_each(|cell| of_day.weight.add(cell.weight()));
            of_day.tail = contrast::tail_sum(&pair, &fixed[deletion.pair].tail);
        }
        Metric::Median => {
            let pair = Comparable::of(&layout.cells, groups, Some(deletion.gone));
            each_of_sides(&pair, &mut |side, value, weight| sides[side].add(value, weight));
        }
    }
    (of_day, sides)
}

/// The latencies of either side with their weights.
fn each_of_sides(pair: &Comparable, visit: &mut dyn FnMut(usize, i64, u64)) {
    for cell in &pair.cells {
        for side in Side::BOTH {
            let weight = cell.integer_weight(side);
            pair.latencies(cell, side).iter().for_each(|latency| visit(side as usize, *latency, weight));
        }
    }
}

/// The sixth round: the medians of the fifth, made exact.
pub(crate) fn gather_left(plan: &Plan, day: &StudyDay, deletions: &[Deletion], nothing: &Gathered) -> Gathered {
    let layout = plan.lay_out(day);
    let of_deletion = |(deletion, nothing): (&Deletion, &Vec<Inside>)| {
        let mut sides = nothing.clone();
        if deletion.metric == Metric::Median {
            let pair = Comparable::of(&layout.cells, deletion.groups, Some(deletion.gone));
            each_of_sides(&pair, &mut |side, value, weight| sides[side].add(value, weight));
        }
        sides
    };
    deletions.par_iter().zip(nothing).map(of_deletion).collect()
}

/// A further round, where something would be said: the same in finer cells. By cut and pair asked for.
#[derive(Clone, Debug, Default)]
pub(crate) struct FinerRound {
    pub(crate) days: BTreeMap<TradeDate, Vec<FinerSums>>,
    /// Latencies of either side.
    pub(crate) sides: Vec<[Histogram; 2]>,
    /// The worst part of each day, in slots as they are; of those that would be FAIR.
    pub(crate) parts: BTreeMap<TradeDate, Vec<Option<Part>>>,
    /// Counted among orders of bursts alike.
    pub(crate) overtaking: BTreeMap<TradeDate, OvertakingCounts>,
}

impl FinerRound {
    pub(crate) fn of(plan: &Plan, day: &StudyDay, fixed: &[Fixed], looks: &[SecondLook]) -> Self {
        let whole = plan.lay_out(day);
        let worst = |look: &SecondLook| {
            let comparable = || Comparable::of(&whole.cells, plan.wanted[look.pair], None);
            look.fair.then(|| worst_of_day(&comparable(), day.date(), &whole.timetable, plan.zone)).flatten()
        };
        let parts = [(day.date(), looks.par_iter().map(worst).collect())].into();
        let of_pair = |at: usize, comparable: &Comparable| {
            let mut sides = [Histogram::default(), Histogram::default()];
            each_of_sides(comparable, &mut |side, value, weight| sides[side].add(value, weight));
            (FinerSums::of(comparable, &fixed[looks[at % looks.len()].pair].tail), sides)
        };
        let (sums, sides) = in_finer_cells(plan, day, looks, of_pair).into_iter().unzip();
        let bursts = bursts(&whole.orders, &whole.timetable.days);
        let counts = count_overtaking_in_bursts(&whole.orders, &whole.timetable, plan.totals.len(), plan.rules, &bursts);
        Self { days: [(day.date(), sums)].into(), sides, parts, overtaking: [(day.date(), counts)].into() }
    }

    pub(crate) fn merge(&mut self, other: Self) {
        self.days.extend(other.days);
        self.parts.extend(other.parts);
        self.overtaking.extend(other.overtaking);
        if self.sides.is_empty() {
            self.sides = other.sides;
            return;
        }
        self.sides.iter_mut().flatten().zip(other.sides.iter().flatten()).for_each(|(sum, part)| sum.merge(part));
    }
}

/// What is made of each pair in the finer cells of each cut, and of no cells where it is not asked for; pairs are numbered through the cuts.
fn in_finer_cells<T: Send>(plan: &Plan, day: &StudyDay, looks: &[SecondLook], make: impl Fn(usize, &Comparable) -> T + Sync) -> Vec<T> {
    let of_cut = |(number, cut): (usize, Cut)| {
        let cells = if looks.iter().any(|look| look.asks(cut)) { plan.lay_out_finer(day, cut).cells } else { Cells::default() };
        let nothing = Cells::default();
        let of_pair = |(at, look): (usize, &SecondLook)| {
            let cells = if look.asks(cut) { &cells } else { &nothing };
            make(number * looks.len() + at, &Comparable::of(cells, plan.wanted[look.pair], None))
        };
        looks.par_iter().enumerate().map(of_pair).collect::<Vec<T>>()
    };
    Cut::ALL.into_iter().enumerate().flat_map(of_cut).collect()
}

/// The round after it: its medians, exactly.
pub(crate) fn gather_finer(plan: &Plan, day: &StudyDay, looks: &[SecondLook], nothing: &Gathered) -> Gathered {
    let of_pair = |at: usize, comparable: &Comparable| {
        let mut sides = nothing[at].clone();
        each_of_sides(comparable, &mut |side, value, weight| sides[side].add(value, weight));
        sides
    };
    in_finer_cells(plan, day, looks, of_pair)
}
