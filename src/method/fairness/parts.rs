//! FAIR speaks of every day, and on it of every block, kind of order, instrument and client, and of each kind, instrument and client over all
//! days: the median gap of each part that holds enough of both groups, against what is material at the part's own medians. A slow kind that
//! most orders are of would else lend its margin to the others.

use std::collections::BTreeMap;

use rayon::prelude::*;

use crate::fairness::FairnessOptions;
use crate::fairness::comparable::{Comparable, PairCell, Side, Without};
use crate::fairness::contrast::{SIMPLE_ERRORS, medians_and_error};
use crate::fairness::finer::SecondLook;
use crate::fairness::gates::LEAST_ORDERS;
use crate::fairness::pair::{PairMeasures, Study};
use crate::fairness::verdict::known_median_margin;
use crate::measure::{LOAD_BINS, Timetable};
use crate::record::{TradeDate, Zone};

/// Times the median margin beyond which a part of the orders was treated otherwise.
pub(crate) const SEVERAL: f64 = 3.0;

/// Which orders of a day, or of all days.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Of {
    All,
    Kind(u16),
    Instrument(u32),
    /// Those of a client of one side.
    Client(u32),
    /// Those of a block, by the local time of day at which it starts, nanoseconds.
    Block(i64),
}

/// The median gap of a part of a day, or of all days.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Part {
    /// `None` for all days.
    pub(crate) date: Option<TradeDate>,
    pub(crate) of: Of,
    /// B minus A, nanoseconds.
    pub(crate) gap: f64,
    /// What is material here: the smaller of the pair's and that of the part's own medians.
    pub(crate) margin: f64,
    /// How far the gap is at least beyond what several margins are, nanoseconds.
    pub(crate) beyond: f64,
}

/// What parts are judged by.
#[derive(Clone, Copy)]
struct Bar<'a> {
    options: &'a FairnessOptions,
    /// The median margin of the pair.
    margin: f64,
}

/// The worst part of each pair that has one.
pub(crate) type Parts = BTreeMap<[u16; 2], Part>;

impl Part {
    fn of(pair: &Comparable, date: Option<TradeDate>, of: Of, bar: Bar) -> Option<Self> {
        // No more effective orders than orders.
        let too_few = |side: Side| pair.cells.iter().map(|cell| f64::from(cell.n[side as usize])).sum::<f64>() < LEAST_ORDERS;
        if Side::BOTH.into_iter().any(too_few) {
            return None;
        }
        let effective = Side::BOTH.map(|side| pair.effective(side));
        if effective.iter().any(|effective| *effective < LEAST_ORDERS) {
            return None;
        }
        let (medians, error) = medians_and_error(effective, |side, levels| pair.quantiles(side, levels));
        let gap = (medians[1] - medians[0]) as f64;
        let margin = bar.margin.min(known_median_margin(bar.options, medians));
        Some(Self { date, of, gap, margin, beyond: gap.abs() - SIMPLE_ERRORS * error - SEVERAL * margin })
    }

    /// The worse of two, the earlier where they are alike.
    fn worse(one: Option<Self>, other: Option<Self>) -> Option<Self> {
        match (one, other) {
            (Some(one), Some(other)) if other.beyond > one.beyond => Some(other),
            (Some(one), _) => Some(one),
            (None, other) => other,
        }
    }
}

/// The worst part of one day, whose blocks are those of `timetable`: all of it, then its blocks, kinds, instruments and
/// clients, each in their order.
fn worst_of_day(day: &Comparable, date: TradeDate, timetable: &Timetable, zone: Zone, bar: Bar) -> Option<Part> {
    let time_of_day = |block: u32| zone.local_reader().read(timetable.blocks[block as usize].start).1;
    let blocks = by(&day.cells, |cell| cell.block).into_iter().filter(|(_, cells)| cells.len() < day.cells.len());
    let of_block = |(block, cells)| Part::of(&day.within(cells), Some(date), Of::Block(time_of_day(block)), bar);
    let whole = Part::of(day, Some(date), Of::All, bar);
    Part::worse(blocks.map(of_block).fold(whole, Part::worse), worst_of_names(day, Some(date), bar))
}

/// The worst kind, instrument or client of some days.
fn worst_of_names(days: &Comparable, date: Option<TradeDate>, bar: Bar) -> Option<Part> {
    let kind_of = |stratum: u32| (stratum / u32::from(LOAD_BINS)) as u16;
    let kinds = by(&days.cells, |cell| kind_of(cell.stratum)).into_iter().map(|(kind, cells)| (Of::Kind(kind), cells));
    let instruments = by(&days.cells, |cell| cell.instrument).into_iter().map(|(code, cells)| (Of::Instrument(code), cells));
    let parts: Vec<(Of, Vec<PairCell>)> = kinds.chain(instruments).filter(|(_, cells)| cells.len() < days.cells.len()).collect();
    let of_cells: Vec<Option<Part>> = parts.into_par_iter().map(|(of, cells)| Part::of(&days.within(cells), date, of, bar)).collect();
    let clients = Side::BOTH.into_iter().flat_map(|side| {
        let cells = days.cells_by_client(side);
        let large = cells.chunk_by(|left, right| left.0 == right.0).filter(|own| own.len() as f64 >= LEAST_ORDERS);
        let of_client = |own: &[(u32, u32)]| {
            let (client, cells) = (own[0].0, own.iter().map(|(_, cell)| *cell).collect::<Vec<u32>>());
            Part::of(&days.of_client(&cells, Without { side, client }), date, Of::Client(client), bar)
        };
        large.collect::<Vec<_>>().into_par_iter().map(of_client).collect::<Vec<_>>()
    });
    of_cells.into_iter().chain(clients).fold(None, Part::worse)
}

/// Cells by what `key` tells them apart, ascending; in each as they stood.
fn by<K: Ord + Copy>(cells: &[PairCell], key: impl Fn(&PairCell) -> K) -> Vec<(K, Vec<PairCell>)> {
    let mut sorted = cells.to_vec();
    sorted.sort_by_key(|cell| key(cell));
    sorted.chunk_by(|one, other| key(one) == key(other)).map(|same| (key(&same[0]), same.to_vec())).collect()
}

/// The worst part of each pair that would be FAIR without it.
pub(crate) fn worst_parts(study: &Study, measures: &[PairMeasures], looks: &[SecondLook], zone: Zone) -> Parts {
    let day_of = |block: u32| study.timetable.blocks[block as usize].day;
    let of_pair = |look: &SecondLook| {
        let (groups, like) = (measures[look.pair].groups, measures[look.pair].like.as_ref()?);
        let bar = Bar { options: study.options, margin: known_median_margin(study.options, like.medians) };
        let all = Comparable::of(&study.cells, groups, None);
        let days: Vec<&[PairCell]> = all.cells.chunk_by(|one, other| day_of(one.block) == day_of(other.block)).collect();
        let of_day = |cells: &&[PairCell]| {
            let date = study.timetable.days[day_of(cells[0].block) as usize].date;
            worst_of_day(&all.within(cells.to_vec()), date, &study.timetable, zone, bar)
        };
        let of_days: Vec<Option<Part>> = days.par_iter().map(of_day).collect();
        let of_all = (days.len() > 1).then(|| worst_of_names(&all, None, bar)).flatten();
        Some((groups, of_days.into_iter().fold(of_all, Part::worse)?))
    };
    looks.par_iter().filter(|look| look.fair).filter_map(of_pair).collect()
}
