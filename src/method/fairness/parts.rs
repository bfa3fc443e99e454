//! FAIR speaks of every day and every kind of order: the median gap of each part that holds enough of both groups.

use std::collections::BTreeMap;

use rayon::prelude::*;

use crate::fairness::comparable::{Comparable, PairCell, Side};
use crate::fairness::contrast::half_window;
use crate::fairness::finer::SecondLook;
use crate::fairness::gates::LEAST_ORDERS;
use crate::fairness::pair::{PairMeasures, Study};
use crate::measure::LOAD_BINS;
use crate::record::TradeDate;

/// Standard errors that a part must lie beyond to count: there are many parts, and their errors know of no blocks or clients.
const ERRORS: f64 = 5.0;

/// The median gap of a day, or of one kind of orders on a day.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Part {
    pub(crate) date: TradeDate,
    /// `None`: all of them.
    pub(crate) kind: Option<u16>,
    /// B minus A, nanoseconds.
    pub(crate) gap: f64,
    /// How far the gap is from nothing at least, nanoseconds.
    pub(crate) at_least: f64,
}

/// The worst part of each pair that has one.
pub(crate) type Parts = BTreeMap<[u16; 2], Part>;

impl Part {
    /// The error of either median is `1 / (2 f sqrt(n))`, n the effective orders.
    fn of(pair: &Comparable, date: TradeDate, kind: Option<u16>) -> Option<Self> {
        let (mut medians, mut variance) = ([0; 2], 0.0);
        for side in Side::BOTH {
            let effective = pair.effective(side);
            if effective < LEAST_ORDERS {
                return None;
            }
            let half = half_window(effective, 0.5);
            let found = pair.quantiles(side, &[0.5, 0.5 - half, 0.5 + half]);
            let inverse_density = (found[2] - found[1]) as f64 / (2.0 * half);
            medians[side as usize] = found[0];
            variance += 0.25 * inverse_density * inverse_density / effective;
        }
        let gap = (medians[1] - medians[0]) as f64;
        Some(Self { date, kind, gap, at_least: gap.abs() - ERRORS * variance.sqrt() })
    }

    /// The worse of two, the earlier where they are alike.
    pub(crate) fn worse(one: Option<Self>, other: Option<Self>) -> Option<Self> {
        match (one, other) {
            (Some(one), Some(other)) if other.at_least > one.at_least => Some(other),
            (Some(one), _) => Some(one),
            (None, other) => other,
        }
    }
}

/// The worst part of one day: the day, and its kinds of orders in order of code.
pub(crate) fn worst_of_day(day: &Comparable, date: TradeDate) -> Option<Part> {
    let kind_of = |stratum: u32| (stratum / u32::from(LOAD_BINS)) as u16;
    let mut kinds: Vec<u16> = day.cells.iter().map(|cell| kind_of(cell.stratum)).collect();
    kinds.sort_unstable();
    kinds.dedup();
    let whole = Part::of(day, date, None);
    if kinds.len() < 2 {
        return whole;
    }
    let of_kind = |kind: u16| {
        let cells = day.cells.iter().filter(|cell| kind_of(cell.stratum) == kind).copied().collect();
        Part::of(&day.within(cells), date, Some(kind))
    };
    kinds.into_iter().map(of_kind).fold(whole, Part::worse)
}

/// The worst part of each pair that would be FAIR without it.
pub(crate) fn worst_parts(study: &Study, measures: &[PairMeasures], looks: &[SecondLook]) -> Parts {
    let day_of = |block: u32| study.timetable.blocks[block as usize].day;
    let of_pair = |look: &SecondLook| {
        let groups = measures[look.pair].groups;
        let all = Comparable::of(&study.cells, groups, None);
        let days = all.cells.chunk_by(|one, other| day_of(one.block) == day_of(other.block));
        let of_day = |cells: &[PairCell]| {
            let date = study.timetable.days[day_of(cells[0].block) as usize].date;
            worst_of_day(&all.within(cells.to_vec()), date)
        };
        Some((groups, days.map(of_day).fold(None, Part::worse)?))
    };
    looks.par_iter().filter(|look| look.fair).filter_map(of_pair).collect()
}
