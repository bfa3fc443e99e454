//! Who passed whom: pairs of like orders of different groups that were received close together, and how many of them
//! left in the other order.
//!
//! A pair (i, j) is *like-for-like* when both stand in one line (same scope, same order kind, same day and phase) and j was received
//! after i by no more than the window. It is an *opportunity* for j, and an *overtake* when j was sent before i, by more than their
//! clocks may differ.
//! Stamps that are equal at the effective clock resolution are unordered: never an opportunity, never an overtake.
//! Counts are exact, whatever way a line is counted ([`line`]).

mod by_client;
pub(super) mod left_out;
mod line;
#[cfg(test)]
mod tests;

use std::ops::Range;

use rayon::prelude::*;

pub use crate::measure::overtaking::by_client::{ClientPassing, PairValue, PairValues, overtaking_by_client};
use crate::measure::overtaking::left_out::OwnPairs;
pub use crate::measure::overtaking::left_out::{LeftOut, count_overtaking_without};
use crate::measure::overtaking::line::{Gaps, LineOrders};
use crate::measure::{Block, Timetable};
use crate::record::{MatchedOrders, TimeSpan, Weight};

/// Gap bins on log2 nanoseconds: bin b holds gaps in `[2^b, 2^(b+1))`; 26 reach the longest window.
pub const GAP_BINS: usize = 26;
/// The longest window, 50 ms: beyond it the question is no longer one of sequence.
pub const LONGEST_WINDOW: TimeSpan = TimeSpan(50_000_000);
/// Most counts kept of clients told apart, 64 MiB of them: beyond it they are counted when they are asked for.
const OWN_PAIRS: usize = 1 << 22;
/// Orders counted at a time: enough for every core, few enough for its cache.
const PIECE: usize = 1 << 17;
/// The same where something is kept of every order.
const PIECE_BY_ORDER: usize = 1 << 14;

/// Within what two orders stand in one line; the order kind is always shared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Line {
    /// Same instrument.
    Instrument,
    /// Same shard column.
    Shard,
    /// Any.
    All,
}

/// How overtaking is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OvertakingRules {
    /// Pairs received at most this far apart; cut to [`LONGEST_WINDOW`].
    pub window: TimeSpan,
    /// Within what.
    pub line: Line,
    /// Effective resolution of receipt stamps, nanoseconds.
    pub received_resolution: i64,
    /// Effective resolution of sending stamps, nanoseconds.
    pub sent_resolution: i64,
    /// Receipts no further apart than this are unordered too (uncertainty between two receipt clocks), nanoseconds.
    pub unordered_gap: i64,
    /// The later is known to have passed only where it was sent earlier by more than this (uncertainty between two sending clocks),
    /// nanoseconds.
    pub sent_gap: i64,
}

/// Pairs in which the later order could pass the earlier, and did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Passing {
    /// Like-for-like pairs.
    pub opportunities: u64,
    /// Pairs of them that left in the other order.
    pub overtakes: u64,
}

impl std::ops::AddAssign for Passing {
    fn add_assign(&mut self, other: Self) {
        self.opportunities += other.opportunities;
        self.overtakes += other.overtakes;
    }
}

/// Counts by block, ordered pair of groups and gap bin. The block is the later order's.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OvertakingCounts {
    groups: usize,
    counts: Vec<Passing>,
    /// Those of clients told apart.
    own: OwnPairs,
}

impl OvertakingCounts {
    /// Gap bins of the pairs of `block` in which an order of `later` follows one of `earlier`.
    #[must_use]
    pub fn by_gap(&self, block: usize, later: u16, earlier: u16) -> &[Passing] {
        let start = self.offset(block, later, earlier);
        &self.counts[start..start + GAP_BINS]
    }

    fn offset(&self, block: usize, later: u16, earlier: u16) -> usize {
        ((block * self.groups + usize::from(later)) * self.groups + usize::from(earlier)) * GAP_BINS
    }
}

/// Counts every like-for-like pair of different groups in the phases where receipt order decides priority in full.
///
/// `groups` is the number of group codes. Cost: one step a pair where lines are sparse in the window; where they are dense, some 50
/// an order and one a pair that was overtaken, or O(26 n log n) where nearly all were.
///
/// Clients in `apart`, (group, client), are told apart from their groups, so that [`count_overtaking_without`] need not count again, as
/// long as what is kept of them stays within 64 MiB.
#[must_use]
pub fn count_overtaking(
    orders: &MatchedOrders,
    timetable: &Timetable,
    groups: usize,
    rules: OvertakingRules,
    apart: &[(u16, u32)],
) -> OvertakingCounts {
    let mut apart = apart.to_vec();
    apart.sort_unstable();
    apart.dedup();
    if timetable.blocks.len() * OwnPairs::of_block(apart.len(), groups) > OWN_PAIRS {
        apart.clear();
    }
    let parties = Parties::new(groups, &apart);
    let take = |counts: &PartyCounts| [parties.by_group(counts, groups), OwnPairs::taken(&parties, counts, groups)].concat();
    let both = count_parties(orders, timetable, rules, (&parties, &[]), take);
    let of_groups = groups * groups * GAP_BINS;
    let blocks = || both.chunks_exact((of_groups + OwnPairs::of_block(apart.len(), groups)).max(1));
    let counts = blocks().flat_map(|block| &block[..of_groups]).copied().collect();
    let own = blocks().flat_map(|block| &block[of_groups..]).copied().collect();
    OvertakingCounts { groups, counts, own: OwnPairs::new(apart, own) }
}

/// [`count_overtaking`] between orders alone of bursts alike: `bursts` has that of each order ([`crate::measure::bursts`]).
#[must_use]
pub fn count_overtaking_in_bursts(
    orders: &MatchedOrders,
    timetable: &Timetable,
    groups: usize,
    rules: OvertakingRules,
    bursts: &[u16],
) -> OvertakingCounts {
    let parties = Parties::new(groups, &[]);
    let counts = count_parties(orders, timetable, rules, (&parties, bursts), |counts| parties.by_group(counts, groups));
    OvertakingCounts { groups, counts, own: OwnPairs::default() }
}

/// What `take` makes of the counts of each block, block after block.
fn count_parties(
    orders: &MatchedOrders,
    timetable: &Timetable,
    rules: OvertakingRules,
    (parties, bursts): (&Parties, &[u16]),
    take: impl Fn(&PartyCounts) -> Vec<Passing> + Sync,
) -> Vec<Passing> {
    let nothing = || take(&PartyCounts::new(parties.count()));
    let add = |mut sums: Vec<Passing>, part: Vec<Passing>| {
        sums.iter_mut().zip(part).for_each(|(sum, part)| *sum += part);
        sums
    };
    let of_block = |at: usize| {
        let pieces = Piece::of_block(orders, timetable, at, rules, PIECE);
        pieces.into_par_iter().map(|piece| take(&piece.count(orders, rules, parties, bursts))).reduce(nothing, add)
    };
    let blocks: Vec<Vec<Passing>> = (0..timetable.blocks.len()).into_par_iter().map(of_block).collect();
    blocks.concat()
}

/// Who stands in the lines: the groups, and clients told apart from their group so that they can be left out of it.
struct Parties {
    /// Party by (group, client) of the clients told apart.
    apart: hashbrown::HashMap<(u16, u32), u16, foldhash::fast::FixedState>,
    /// By client code, whether it is told apart in any group: most are not, and need no lookup.
    is_apart: Vec<bool>,
    /// Group by party.
    group: Vec<u16>,
}

impl Parties {
    fn new(groups: usize, apart: &[(u16, u32)]) -> Self {
        let group = (0..groups as u16).chain(apart.iter().map(|(group, _)| *group)).collect();
        let mut is_apart = vec![false; apart.iter().map(|(_, client)| *client as usize + 1).max().unwrap_or(0)];
        apart.iter().for_each(|(_, client)| is_apart[*client as usize] = true);
        let apart = apart.iter().zip(groups as u16..).map(|(client, party)| (*client, party)).collect();
        Self { apart, is_apart, group }
    }

    fn count(&self) -> usize {
        self.group.len()
    }

    fn of(&self, group: u16, client: u32) -> u16 {
        if self.is_apart.get(client as usize) == Some(&true) { self.apart.get(&(group, client)).copied().unwrap_or(group) } else { group }
    }

    /// The counts of groups, clients told apart among them.
    fn by_group(&self, counts: &PartyCounts, groups: usize) -> Vec<Passing> {
        let mut sums = vec![Passing::default(); groups * groups * GAP_BINS];
        for (later, of_later) in self.group.iter().enumerate() {
            for (earlier, of_earlier) in self.group.iter().enumerate().filter(|(_, group)| *group != of_later) {
                let sums = &mut sums[(usize::from(*of_later) * groups + usize::from(*of_earlier)) * GAP_BINS..][..GAP_BINS];
                sums.iter_mut().zip(counts.by_gap(later as u16, earlier as u16)).for_each(|(sum, part)| *sum += *part);
            }
        }
        sums
    }

    /// The counts of a pair of groups without one client, as [`OvertakingCounts`] of two groups hold them.
    fn without(&self, counts: &PartyCounts, asked: LeftOut) -> Vec<Passing> {
        let gone = self.apart.get(&asked.gone).copied();
        let of = |side: usize| {
            let group = asked.groups[side];
            (0..self.group.len() as u16).filter(move |party| self.group[usize::from(*party)] == group && Some(*party) != gone)
        };
        let mut sums = vec![Passing::default(); 4 * GAP_BINS];
        for (later, earlier) in [(0, 1), (1, 0)] {
            let sums = &mut sums[(later * 2 + earlier) * GAP_BINS..][..GAP_BINS];
            for later in of(later) {
                for earlier in of(earlier) {
                    sums.iter_mut().zip(counts.by_gap(later, earlier)).for_each(|(sum, part)| *sum += *part);
                }
            }
        }
        sums
    }
}

/// Counts by ordered pair of parties, later first, and gap bin.
struct PartyCounts {
    parties: usize,
    passing: Vec<Passing>,
}

impl PartyCounts {
    fn new(parties: usize) -> Self {
        Self { parties, passing: vec![Passing::default(); parties * parties * GAP_BINS] }
    }

    fn offset(&self, later: u16, earlier: u16) -> usize {
        (usize::from(later) * self.parties + usize::from(earlier)) * GAP_BINS
    }

    fn by_gap(&self, later: u16, earlier: u16) -> &[Passing] {
        &self.passing[self.offset(later, earlier)..][..GAP_BINS]
    }

    fn at(&mut self, later: u16, earlier: u16, bin: usize) -> &mut Passing {
        let cell = self.offset(later, earlier) + bin;
        &mut self.passing[cell]
    }

    fn add(&mut self, other: &Self) {
        self.passing.iter_mut().zip(&other.passing).for_each(|(sum, part)| *sum += *part);
    }
}

/// A part of one block, and the orders before it that some of its orders may still pass.
struct Piece {
    first: usize,
    counted: Range<usize>,
}

impl Piece {
    /// The pieces of a block, of some `length`.
    fn of_block(orders: &MatchedOrders, timetable: &Timetable, at: usize, rules: OvertakingRules, length: usize) -> Vec<Self> {
        let block = &timetable.blocks[at];
        if block.receipt_order_decides != Weight::Yes {
            return Vec::new();
        }
        let same_phase = |other: &&Block| (other.day, other.phase) == (block.day, block.phase);
        let earliest = timetable.blocks[..at].iter().rev().take_while(same_phase).last().unwrap_or(block);
        let mut pieces = Vec::new();
        let mut start = block.rows.start;
        while start < block.rows.end {
            let first = before(orders, rules, earliest.rows.start..start);
            // No shorter than what stands before it: coarse stamps put ever more orders there, and each piece goes over them again.
            let end = block.rows.end.min(start + length.max(start - first));
            pieces.push(Self { first, counted: start..end });
            start = end;
        }
        pieces
    }

    fn count(&self, orders: &MatchedOrders, rules: OvertakingRules, parties: &Parties, bursts: &[u16]) -> PartyCounts {
        let mut counts = PartyCounts::new(parties.count());
        let gaps = gaps(rules);
        self.lines(orders, rules, parties, bursts).each(|line, _| line::count(line, gaps, &mut counts));
        counts
    }

    /// No fewer pairs than it counts.
    fn most_pairs(&self) -> u64 {
        self.counted.len() as u64 * (self.counted.end - self.first) as u64
    }

    /// The orders, line by line.
    fn lines(&self, orders: &MatchedOrders, rules: OvertakingRules, parties: &Parties, bursts: &[u16]) -> Lines {
        let rows = self.first..self.counted.end;
        let mut numbers: hashbrown::HashMap<u64, u32, foldhash::fast::FixedState> = hashbrown::HashMap::default();
        let mut ends: Vec<usize> = Vec::new();
        let mut counted: Vec<usize> = Vec::new();
        let mut number_of_row = Vec::with_capacity(rows.len());
        for row in rows.clone() {
            let number = *numbers.entry(line_of(orders, rules.line, bursts, row)).or_insert(ends.len() as u32);
            if number as usize == ends.len() {
                ends.push(0);
                counted.push(0);
            }
            ends[number as usize] += 1;
            counted[number as usize] += usize::from(row >= self.counted.start);
            number_of_row.push(number);
        }
        let mut end = 0;
        let mut next: Vec<usize> = Vec::with_capacity(ends.len());
        for line in &mut ends {
            next.push(end);
            end += *line;
            *line = end;
        }
        let n = rows.len();
        let mut lines = Lines { ends, counted, received: vec![0; n], sent: vec![0; n], party: vec![0; n], row: vec![0; n] };
        for (row, number) in rows.zip(number_of_row) {
            let at = &mut next[number as usize];
            lines.received[*at] = cut(orders.received_at[row].0, rules.received_resolution);
            lines.sent[*at] = cut(orders.sent_at(row).0, rules.sent_resolution);
            lines.party[*at] = parties.of(orders.group[row], orders.client[row]);
            lines.row[*at] = (row - self.first) as u32;
            *at += 1;
        }
        lines
    }
}

/// Orders sorted by line, each line in order of receipt.
struct Lines {
    /// Where each line ends.
    ends: Vec<usize>,
    /// How many of its orders, the last ones, are counted.
    counted: Vec<usize>,
    received: Vec<i64>,
    sent: Vec<i64>,
    party: Vec<u16>,
    /// Rows, the piece's first being 0.
    row: Vec<u32>,
}

impl Lines {
    /// Every line with the rows of its orders.
    fn each(&self, mut visit: impl FnMut(LineOrders, &[u32])) {
        let mut start = 0;
        for (end, counted) in self.ends.iter().zip(&self.counted) {
            let rows = start..*end;
            let first_counted = rows.len() - counted;
            let [received, sent] = [&self.received, &self.sent].map(|column| &column[rows.clone()]);
            visit(LineOrders { received, sent, party: &self.party[rows.clone()], first_counted }, &self.row[rows]);
            start = *end;
        }
    }
}

fn line_of(orders: &MatchedOrders, line: Line, bursts: &[u16], row: usize) -> u64 {
    let scope = match line {
        Line::Instrument => orders.instrument[row],
        Line::Shard => u32::from(orders.shard[row]),
        Line::All => 0,
    };
    let burst = bursts.get(row).copied().unwrap_or(0);
    u64::from(burst) << 48 | u64::from(scope) << 16 | u64::from(orders.kind[row])
}

/// The first of `rows`, all before a piece, that can still be within the window of the piece's first order.
fn before(orders: &MatchedOrders, rules: OvertakingRules, rows: Range<usize>) -> usize {
    let Some(start) = orders.received_at.get(rows.end) else { return rows.end };
    let reach = cut(start.0, rules.received_resolution).saturating_sub(gaps(rules).longest);
    rows.start + orders.received_at[rows].partition_point(|at| at.0 < reach)
}

/// A stamp at the effective resolution.
fn cut(stamp: i64, resolution: i64) -> i64 {
    if resolution > 1 { stamp.div_euclid(resolution) * resolution } else { stamp }
}

/// Gaps that count: more than the unordered gap, at most the window.
fn gaps(rules: OvertakingRules) -> Gaps {
    Gaps { shortest: rules.unordered_gap.max(0) + 1, longest: rules.window.0.min(LONGEST_WINDOW.0), sent: rules.sent_gap.max(0) }
}
