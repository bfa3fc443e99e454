//! Single clients left out: does a significant measure hang on one of them?

use std::collections::BTreeMap;

use rayon::prelude::*;

use crate::fairness::comparable::{Comparable, PairCell, Side, Without};
use crate::fairness::contrast;
use crate::fairness::pair::{Metric, PairMeasures, Study};
use crate::fairness::quantile::{Wanted, finish, last_value};
use crate::fairness::sequence;
use crate::fairness::verdict::{Levels, ordered_and_adjusted};
use crate::measure::{Cells, LeftOut, OvertakingCounts, Segment, count_overtaking_without};
use crate::statistics::CompensatedSum;

/// A client holding at least this share of its group's orders is deleted in turn.
pub(crate) const DELETION_SHARE: f64 = 0.05;
/// At most this many clients of a group are deleted.
pub(crate) const MOST_DELETIONS: usize = 5;

/// Segments handed to one thread at a time.
const SEGMENTS: usize = 4_096;

/// One client left out of one measure of one unordered pair.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Deletion {
    /// Number of the wanted pair.
    pub(crate) pair: usize,
    pub(crate) groups: [u16; 2],
    pub(crate) metric: Metric,
    pub(crate) gone: Without,
}

/// What a measure and the medians of the pair are as if a client's orders did not exist; load, thresholds and margins' rules stay as they
/// were, only the orders go. No entry where nothing comparable is left.
pub(crate) type Deletions = BTreeMap<Key, (f64, [i64; 2])>;

/// Pair, measure (as a number), side (as a number) and client.
pub(crate) type Key = ([u16; 2], usize, usize, u32);

pub(crate) fn key(groups: [u16; 2], metric: Metric, gone: Without) -> Key {
    (groups, metric as usize, gone.side as usize, gone.client)
}

impl Deletion {
    pub(crate) fn key(self) -> Key {
        key(self.groups, self.metric, self.gone)
    }

    pub(crate) fn left_out(self) -> LeftOut {
        LeftOut { groups: self.groups, gone: (self.groups[self.gone.side as usize], self.gone.client) }
    }
}

/// The clients of a group that are deleted in turn: those with at least 5 % of its orders, the largest in any case, at most five.
pub(crate) fn candidates(study: &Study, group: u16, side: Side) -> Vec<Without> {
    let total = &study.totals[usize::from(group)];
    let large = |(rank, (orders, _)): &(usize, &(u64, u32))| *rank == 0 || *orders as f64 >= DELETION_SHARE * total.orders as f64;
    let largest = total.clients.iter().enumerate().take(MOST_DELETIONS).take_while(large);
    largest.map(|(_, (_, client))| Without { side, client: *client }).collect()
}

/// (group, client) of every client that may be deleted.
pub(crate) fn candidates_of(study: &Study, wanted: &[[u16; 2]]) -> Vec<(u16, u32)> {
    let mut groups = wanted.concat();
    groups.sort_unstable();
    groups.dedup();
    let of_group = |group: u16| candidates(study, group, Side::A).into_iter().map(move |gone| (group, gone.client));
    groups.into_iter().flat_map(of_group).collect()
}

/// The deletions a verdict may ask for: every candidate of both sides, where a measure is significant in either direction.
pub(crate) fn asked(study: &Study, measures: &[PairMeasures], levels: Levels) -> Vec<Deletion> {
    let adjusted = ordered_and_adjusted(study, measures).1;
    let mut asked = Vec::new();
    for (pair, (measures, both)) in measures.iter().zip(adjusted.chunks_exact(2)).enumerate() {
        let groups = measures.groups;
        for metric in Metric::ALL {
            let either = both.iter().any(|one| one.clients_fixed[metric as usize].min(one.groups[metric as usize]) < levels.alpha);
            let candidates = Side::BOTH.into_iter().flat_map(|side| candidates(study, groups[side as usize], side));
            asked.extend(candidates.filter(|_| either).map(|gone| Deletion { pair, groups, metric, gone }));
        }
    }
    asked
}

/// What every deletion of `asked` leaves.
pub(crate) fn without_clients(study: &Study, measures: &[PairMeasures], asked: &[Deletion]) -> Deletions {
    let (mut all, of_cells) = rayon::join(|| overtaking_without(study, asked), || cells_without(study, measures, asked));
    all.extend(of_cells);
    all
}

/// Those of overtaking.
fn overtaking_without(study: &Study, asked: &[Deletion]) -> Deletions {
    let asked: Vec<Deletion> = asked.iter().copied().filter(|deletion| deletion.metric == Metric::Overtaking).collect();
    let left_out: Vec<LeftOut> = asked.iter().map(|deletion| deletion.left_out()).collect();
    let counts = count_overtaking_without(study.orders, &study.timetable, study.rules, &study.overtaking, &left_out);
    // The counts know only the two groups of the pair.
    let asymmetry = |counts: &OvertakingCounts| sequence::asymmetry(counts, &[], &study.timetable, |block| block, [0, 1]).estimate;
    let value = |(deletion, counts): (&Deletion, &OvertakingCounts)| Some((deletion.key(), (asymmetry(counts)?.value, [0, 0])));
    asked.iter().zip(&counts).filter_map(value).collect()
}

/// Those of medians and tails: what the cells of all orders give, less the cells in which the client has an order, and those cells again
/// without it. A client of a few orders stands in few cells.
fn cells_without(study: &Study, measures: &[PairMeasures], asked: &[Deletion]) -> Deletions {
    let asked: Vec<Deletion> = asked.iter().copied().filter(|deletion| deletion.metric != Metric::Overtaking).collect();
    let places = ClientPlaces::of(&study.cells, &asked);
    let of_pair = |asked: &[Deletion]| {
        let Some(like) = &measures[asked[0].pair].like else { return Vec::new() };
        let pair = Comparable::of(&study.cells, asked[0].groups, None);
        let wants = |metric: Metric| asked.iter().any(|deletion| deletion.metric == metric);
        let medians = wants(Metric::Median).then(|| Medians::of(&pair));
        let tail = wants(Metric::Tail).then(|| tail_sums(&pair, &like.tail));
        let of_deletion = |deletion: &Deletion| {
            let cells = places.cells(&pair, deletion.gone);
            let changed = pair.with_and_without(&cells, deletion.gone);
            let any_left = pair.cells.len() > changed[0].cells.len() - changed[1].cells.len();
            let value = match deletion.metric {
                _ if !any_left => None,
                Metric::Median => medians.as_ref().map(|medians| medians.without(&cells, &changed, deletion.gone)),
                Metric::Tail => tail.map(|whole| (tail_without(whole, &changed, &like.tail), [0, 0])),
                Metric::Overtaking => None,
            };
            Some((deletion.key(), value?))
        };
        asked.iter().filter_map(of_deletion).collect()
    };
    let pairs: Vec<&[Deletion]> = asked.chunk_by(|left, right| left.pair == right.pair).collect();
    let by_pair: Vec<Vec<_>> = pairs.into_par_iter().map(of_pair).collect();
    by_pair.into_iter().flatten().collect()
}

/// Where the orders of the clients asked for stand.
struct ClientPlaces {
    /// By group and client, the first row of each segment that holds an order of theirs, ascending.
    segments: BTreeMap<(u16, u32), Vec<u32>>,
}

impl ClientPlaces {
    fn of(cells: &Cells, asked: &[Deletion]) -> Self {
        let gone: Vec<(u16, u32)> = asked.iter().map(|deletion| deletion.left_out().gone).collect();
        let mut is_asked = vec![false; cells.client_codes];
        gone.iter().for_each(|(_, client)| is_asked[*client as usize] = true);
        let of_segment = |segment: &Segment| {
            let own = &cells.client[segment.rows()];
            let mut found: Vec<u32> = own.iter().copied().filter(|client| is_asked[*client as usize]).collect();
            found.sort_unstable();
            found.dedup();
            found.into_iter().map(|client| ((segment.group, client), segment.start)).collect::<Vec<_>>()
        };
        let mut segments: BTreeMap<(u16, u32), Vec<u32>> = gone.into_iter().map(|client| (client, Vec::new())).collect();
        let found: Vec<Vec<_>> =
            cells.segments.par_chunks(SEGMENTS).map(|segments| segments.iter().flat_map(of_segment).collect()).collect();
        for (client, start) in found.into_iter().flatten() {
            if let Some(starts) = segments.get_mut(&client) {
                starts.push(start);
            }
        }
        Self { segments }
    }

    /// The cells of a pair in which a client of one side stands, ascending.
    fn cells(&self, pair: &Comparable, gone: Without) -> Vec<usize> {
        let starts = self.segments.get(&(pair.groups[gone.side as usize], gone.client)).into_iter().flatten();
        starts.filter_map(|start| pair.cell_at(gone.side, *start)).collect()
    }
}

/// The weights of all latencies of a pair up to every bin, by side.
struct Medians<'a> {
    pair: &'a Comparable<'a>,
    running_sums: [Vec<u64>; 2],
}

impl<'a> Medians<'a> {
    fn of(pair: &'a Comparable<'a>) -> Self {
        Self { pair, running_sums: Side::BOTH.map(|side| pair.histogram(side).running_sums()) }
    }

    /// The median gap and both medians after the cells at `changed_at` have changed, from the first to the second of `changed`, which is
    /// without `gone`.
    fn without(&self, changed_at: &[usize], changed: &[Comparable; 2], gone: Without) -> (f64, [i64; 2]) {
        let medians = Side::BOTH.map(|side| {
            let wanted = self.wanted(changed, gone, side);
            let mut inside = Vec::new();
            let mut take = |pair: &Comparable, cell: &PairCell| inside.extend(pair.weighted_in(cell, side, wanted.bin));
            let mut gone_from = changed_at.iter().copied().peekable();
            let stays = |(at, _): &(usize, &PairCell)| gone_from.next_if_eq(at).is_none();
            self.pair.cells.iter().enumerate().filter(stays).for_each(|(_, cell)| take(self.pair, cell));
            changed[1].cells.iter().for_each(|cell| take(&changed[1], cell));
            finish(&[wanted], inside)[0]
        });
        ((medians[1] - medians[0]) as f64, medians)
    }

    /// Where a side's median lies after the change. It is near the old one: few running sums are asked for, each a search in every
    /// changed cell.
    fn wanted(&self, changed: &[Comparable; 2], gone: Without, side: Side) -> Wanted {
        let [with, left] = changed;
        let whole = &self.running_sums[side as usize];
        let (gone_latencies, ends) = if gone.side == side { left.left_out() } else { (Vec::new(), vec![0; left.cells.len()]) };
        let running_sum = |bin: usize| {
            let last = last_value(bin);
            let up_to = |latencies: &[i64]| latencies.partition_point(|latency| *latency <= last) as u64;
            let before: u64 = with.cells.iter().map(|cell| cell.integer_weight(side) * up_to(with.all_latencies(cell, side))).sum();
            let mut start = 0;
            let after = left.cells.iter().zip(&ends).map(|(cell, end)| {
                let kept = up_to(left.all_latencies(cell, side)) - up_to(&gone_latencies[start..*end]);
                start = *end;
                cell.integer_weight(side) * kept
            });
            whole[bin] + after.sum::<u64>() - before
        };
        let old = whole.partition_point(|sum| *sum < whole[whole.len() - 1] / 2);
        Wanted::near(old, 0.5, running_sum)
    }
}

/// Sum of the cell weights, and of the weighted tail contrasts.
type TailSums = [CompensatedSum; 2];

fn tail_sums(pair: &Comparable, tail: &[i64]) -> TailSums {
    [pair.cells.iter().map(PairCell::weight).collect(), contrast::tail_sum(pair, tail)]
}

fn tail_without(whole: TailSums, changed: &[Comparable; 2], tail: &[i64]) -> f64 {
    let [with, left] = changed.each_ref().map(|cells| tail_sums(cells, tail));
    let [weight, contrast] = [0, 1].map(|part| {
        let mut sum = whole[part];
        sum.add(0.0 - with[part].value());
        sum.merge(left[part]);
        sum.value()
    });
    contrast / weight
}
