//! The same comparison in finer cells: a difference that something made which is alike for all in a cell goes when the cell is cut by it.
//!
//! By time, a slot in six: what the minute does. By burst, as many orders of the same client just before: what a limit or a queue for each
//! client does to clients who send in bursts. By the orders of others in the way, in all and in the order's own line: what a queue does to
//! those who come when it is long. By how long the client had paused: what a limit by the second, or an idle connection, does. By how long
//! anybody had: what an idle gateway does. By the kinds of the orders ahead: what costly ones do. By the second: what lasts for seconds does.
//!
//! And, where FAIR would be said, without the load: an order that is held is itself a load, and whoever is held may find no counterpart.

use std::collections::BTreeMap;

use rayon::prelude::*;

use crate::fairness::comparable::{Comparable, Side, in_time_order, tail_threshold_of_all};
use crate::fairness::contrast;
use crate::fairness::gates::{LEAST_OVERLAP, LEAST_PAIRS};
use crate::fairness::pair::{Metric, PairMeasures, Study};
use crate::fairness::sequence;
use crate::fairness::verdict::{Levels, ordered_and_adjusted, spoken_of};
use crate::measure::{
    CellKeys, Cells, OvertakingCounts, Timetable, Within, bursts, count_overtaking_in_bursts, kinds_ahead, orders_of_others, pauses, quiet,
    seconds,
};
use crate::record::{Calendar, MatchedOrders, TimeSpan, Zone};

/// Into how many a slot is cut: half an hour into five minutes, the length the design found as good as half an hour.
const PARTS: i64 = 6;

/// Orders of either group that have to be comparable in the cells of a cut other than slots: as many as overtaking asks for pairs.
const LEAST_IN_CUT: u64 = LEAST_PAIRS;

/// Share of either group's orders that have to be comparable within a second, or with the same work ahead: where fewer are, they are those that
/// met, or that met nobody, and not like the others.
const LEAST_ALIKE: f64 = 0.05;

/// Share of a difference that has to be left in the cells of a cut other than slots: what queues and limits remember is not told apart to
/// the last, and where they make four fifths of a difference they may make all of it.
pub(crate) const LEAST_LEFT: f64 = 0.2;

/// What cells are cut by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Cut {
    Slot,
    Burst,
    Load,
    Line,
    Pause,
    Quiet,
    Work,
    Second,
}

impl Cut {
    pub(crate) const ALL: [Self; 8] = [Self::Slot, Self::Burst, Self::Load, Self::Line, Self::Pause, Self::Quiet, Self::Work, Self::Second];
    /// Those that need nothing of another: taken one after the other, where a difference would be said.
    const OF_ONE_NUMBER: [Self; 6] = [Self::Load, Self::Line, Self::Pause, Self::Quiet, Self::Work, Self::Second];

    /// Whether a measure can be taken in these cells: overtaking compares orders a few milliseconds apart, whatever the slot and the load.
    pub(crate) fn bears_on(self, metric: Metric) -> bool {
        self == Self::Burst || metric != Metric::Overtaking
    }
}

/// Cells of slots six times shorter.
fn cells_of_finer_slots(
    orders: &MatchedOrders,
    timetable: &Timetable,
    load: &[u8],
    keys: CellKeys,
    (calendar, zone): (&Calendar, Zone),
) -> Cells {
    let finer = Timetable::of(orders, calendar, zone, Some(finer_slot(timetable.slot)), timetable.block);
    Cells::of(orders, &finer.slots, load, keys)
}

/// Median gap and tail excess of a pair in finer cells.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Finer {
    pub(crate) medians: [i64; 2],
    pub(crate) tail: f64,
}

impl Finer {
    /// The median gap or the tail excess.
    pub(crate) fn value(&self, metric: Metric) -> f64 {
        if metric == Metric::Median { (self.medians[1] - self.medians[0]) as f64 } else { self.tail }
    }
}

/// What is left of differences in finer cells; no entry where it was not asked or too few orders have a counterpart.
#[derive(Clone, Debug, Default)]
pub(crate) struct InFinerCells {
    /// By pair of groups and cut.
    pub(crate) latencies: BTreeMap<([u16; 2], Cut), Finer>,
    /// By pair of groups, among orders of bursts alike.
    pub(crate) overtaking: BTreeMap<[u16; 2], f64>,
    /// By pair of groups without the load, and with bursts and the orders of others in its place: the tail is the slowest hundredth of all
    /// orders of the two, whatever their kind and load.
    pub(crate) without_load: BTreeMap<[u16; 2], Vec<Option<Finer>>>,
}

impl InFinerCells {
    /// Every second look that is asked for; `load` and `keys` are those of the cells of the verdict.
    pub(crate) fn of_looks(
        study: &Study,
        measures: &[PairMeasures],
        looks: &[SecondLook],
        load: &[u8],
        keys: CellKeys,
        (calendar, zone): (&Calendar, Zone),
    ) -> Self {
        let (orders, days, slots) = (study.orders, &study.timetable.days, &study.timetable.slots);
        let mut found = Self::default();
        // Cells are as large as the orders: one after the other.
        if looks.iter().any(|look| look.asks(Cut::Slot)) {
            let cells = cells_of_finer_slots(orders, &study.timetable, load, keys, (calendar, zone));
            found.add_latencies(study, measures, looks, Cut::Slot, &cells);
        }
        for cut in Cut::OF_ONE_NUMBER.into_iter().filter(|cut| looks.iter().any(|look| look.asks(*cut))) {
            let further = match cut {
                Cut::Load => orders_of_others(orders, days, Within::All),
                Cut::Line => orders_of_others(orders, days, Within::Line),
                Cut::Quiet => quiet(orders, days),
                Cut::Work => kinds_ahead(orders, days),
                Cut::Second => seconds(orders),
                _ => pauses(orders, days),
            };
            found.add_latencies(study, measures, looks, cut, &Cells::cut_by(orders, slots, load, &further, keys));
        }
        let bursts = bursts(orders, days);
        found.add_latencies(study, measures, looks, Cut::Burst, &Cells::cut_by(orders, slots, load, &bursts, keys));
        if looks.iter().any(|look| look.fair) {
            let keys = CellKeys { load: false, ..keys };
            found.add_without_load(study, measures, looks, Cut::Slot, &Cells::of(orders, slots, load, keys));
            let mut instead = orders_of_others(orders, days, Within::All);
            instead.iter_mut().zip(&bursts).for_each(|(others, burst)| *others |= u32::from(*burst) << u16::BITS);
            found.add_without_load(study, measures, looks, Cut::Burst, &Cells::cut_by(orders, slots, load, &instead, keys));
        }
        let counts = count_overtaking_in_bursts(orders, &study.timetable, study.totals.len(), study.rules, &bursts);
        found.add_overtaking(study, measures, looks, &counts);
        found
    }

    /// A measure in finer cells, and the medians there.
    pub(crate) fn of(&self, groups: [u16; 2], metric: Metric, cut: Cut) -> Option<(f64, [i64; 2])> {
        if metric == Metric::Overtaking {
            return self.overtaking.get(&groups).filter(|_| cut.bears_on(metric)).map(|value| (*value, [0, 0]));
        }
        let finer = self.latencies.get(&(groups, cut))?;
        Some((finer.value(metric), finer.medians))
    }

    /// Takes over what the finer `cells` of a cut say of the pairs asked for.
    fn add_latencies(&mut self, study: &Study, measures: &[PairMeasures], looks: &[SecondLook], cut: Cut, cells: &Cells) {
        let of_pair = |look: &SecondLook| {
            let pair = &measures[look.pair];
            let comparable = Comparable::of(cells, pair.groups, None);
            let tail = tail_excess(study, &comparable, &pair.like.as_ref()?.tail, cut)?;
            Some(((pair.groups, cut), finer(&comparable, tail)))
        };
        self.latencies.par_extend(looks.par_iter().filter(|look| look.asks(cut)).filter_map(of_pair));
    }

    /// Takes over what cells without the load say of the pairs that would be FAIR, in order of the calls: as they are, then cut by bursts and
    /// orders of others.
    fn add_without_load(&mut self, study: &Study, measures: &[PairMeasures], looks: &[SecondLook], cut: Cut, cells: &Cells) {
        let of_pair = |look: &SecondLook| {
            let groups = measures[look.pair].groups;
            let comparable = Comparable::of(cells, groups, None);
            // A kind that is held whole is slow by its own measure to a hundredth of itself alone.
            let tail = vec![tail_threshold_of_all(study.orders, groups); cells.strata];
            (groups, tail_excess(study, &comparable, &tail, cut).map(|tail| finer(&comparable, tail)))
        };
        let found: Vec<_> = looks.par_iter().filter(|look| look.fair).map(of_pair).collect();
        found.into_iter().for_each(|(groups, found)| self.without_load.entry(groups).or_default().push(found));
    }

    /// Takes over the overtaking counted among orders of bursts alike, of pairs whose latencies can be compared there and whose error leaves
    /// no doubt whether it stands.
    fn add_overtaking(&mut self, study: &Study, measures: &[PairMeasures], looks: &[SecondLook], counts: &OvertakingCounts) {
        let of_pair = |look: &SecondLook| {
            let groups = measures[look.pair].groups;
            let asymmetry = sequence::asymmetry(counts, &[], &study.timetable, |block| block, groups);
            let estimate = asymmetry.clients_fixed?;
            let enough = asymmetry.pairs.iter().all(|pairs| *pairs >= LEAST_PAIRS);
            let whole = measures[look.pair].overtaking.estimate.map_or(0.0, |whole| whole.value.abs());
            let threshold = study.options.margins.overtaking.max(LEAST_LEFT * whole);
            let clear = (estimate.value.abs() - threshold).abs() >= 2.0 * estimate.se;
            (enough && clear && self.latencies.contains_key(&(groups, Cut::Burst))).then_some((groups, estimate.value))
        };
        self.overtaking = looks.iter().filter_map(of_pair).collect();
    }
}

/// The length of a finer slot.
pub(crate) fn finer_slot(slot: TimeSpan) -> TimeSpan {
    TimeSpan((slot.0 / PARTS).max(1))
}

/// A pair whose verdict is looked at a second time.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SecondLook {
    /// Number of the wanted pair.
    pub(crate) pair: usize,
    /// Whether it would be FAIR: its parts are looked at too.
    pub(crate) fair: bool,
    /// Whether a difference of medians or tails would be said.
    pub(crate) latency: bool,
}

impl SecondLook {
    /// Whether its latencies are compared in the cells of a cut: those of bursts bear on overtaking too.
    fn asks(&self, cut: Cut) -> bool {
        match cut {
            Cut::Slot => self.fair || self.latency,
            Cut::Burst => true,
            _ => self.latency,
        }
    }
}

/// The pairs of which something would be said: a difference, or that there is none.
pub(crate) fn second_looks(study: &Study, measures: &[PairMeasures], levels: Levels) -> Vec<SecondLook> {
    let (ordered, adjusted) = ordered_and_adjusted(study, measures);
    let look = |pair: usize| {
        let fair = ordered[2 * pair].would_be_fair(study, levels);
        let said: Vec<Metric> = (2 * pair..2 * pair + 2).flat_map(|at| spoken_of(study, ordered[at], levels, adjusted[at])).collect();
        let latency = said.iter().any(|metric| *metric != Metric::Overtaking);
        (measures[pair].like.is_some() && (fair || !said.is_empty())).then_some(SecondLook { pair, fair, latency })
    };
    (0..measures.len()).into_par_iter().filter_map(look).collect()
}

fn finer(comparable: &Comparable, tail: f64) -> Finer {
    Finer { medians: Side::BOTH.map(|side| comparable.quantiles(side, &[0.5])[0]), tail }
}

/// The tail excess in finer cells; `None` without common support. In slots it is asked for as the verdict asks; else for enough orders of
/// either group: where one sends in bursts that the other never sends, nobody can tell what a limit would do to those of the other.
fn tail_excess(study: &Study, pair: &Comparable, tail: &[i64], cut: Cut) -> Option<f64> {
    let orders: u64 = pair.groups.iter().map(|group| study.totals[usize::from(*group)].orders).sum();
    let enough = match cut {
        Cut::Slot => (pair.inside[0] + pair.inside[1]) as f64 >= LEAST_OVERLAP * orders as f64,
        Cut::Second | Cut::Work => pair.groups.iter().zip(pair.inside).all(|(group, inside)| {
            inside >= LEAST_IN_CUT && inside as f64 >= LEAST_ALIKE * study.totals[usize::from(*group)].orders as f64
        }),
        _ => pair.inside.iter().all(|inside| *inside >= LEAST_IN_CUT),
    };
    let weight = pair.total_weight();
    let excess = || in_time_order(&pair.by_block(|cell| contrast::tail_contrast(pair, cell, tail))) / weight;
    (enough && weight > 0.0).then(excess)
}
