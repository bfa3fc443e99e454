//! Who passed whom: pairs of like orders of different groups that were received close together, and how many of them
//! left in the other order.
//!
//! A pair (i, j) is *like-for-like* when both stand in one line (same scope, same order kind, same day and phase) and j was received
//! after i by no more than the window. It is an *opportunity* for j, and an *overtake* when j was sent before i.
//! Stamps that are equal at the effective clock resolution are unordered: never an opportunity, never an overtake.
//! Counts are exact: a direct scan where few orders share a window, one Fenwick tree per group and gap bin where many do.

use std::ops::Range;

use rayon::prelude::*;

use crate::measure::{Block, Timetable};
use crate::record::{MatchedOrders, TimeSpan, Weight};
use crate::statistics::Fenwick;

/// Gap bins on log2 nanoseconds: bin b holds gaps in `[2^b, 2^(b+1))`; 26 reach the longest window.
pub const GAP_BINS: usize = 26;
/// The longest window, 50 ms: beyond it the question is no longer one of sequence.
pub const LONGEST_WINDOW: TimeSpan = TimeSpan(50_000_000);
/// Pairs in the window per order beyond which trees are cheaper than a scan.
const DENSE: usize = 200;

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
    /// Count as if this client's orders in this group did not exist: (group, client).
    pub without: Option<(u16, u32)>,
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
}

impl OvertakingCounts {
    fn new(blocks: usize, groups: usize) -> Self {
        Self { groups, counts: vec![Passing::default(); blocks * groups * groups * GAP_BINS] }
    }

    /// Gap bins of the pairs of `block` in which an order of `later` follows one of `earlier`.
    #[must_use]
    pub fn by_gap(&self, block: usize, later: u16, earlier: u16) -> &[Passing] {
        let start = self.offset(block, later, earlier);
        &self.counts[start..start + GAP_BINS]
    }

    fn offset(&self, block: usize, later: u16, earlier: u16) -> usize {
        ((block * self.groups + usize::from(later)) * self.groups + usize::from(earlier)) * GAP_BINS
    }

    fn add(&mut self, other: &Self) {
        for (sum, part) in self.counts.iter_mut().zip(&other.counts) {
            *sum += *part;
        }
    }
}

/// Counts every like-for-like pair of different groups in the phases where receipt order decides priority, at least in part.
///
/// `groups` is the number of group codes. Cost O(n log n) where lines are sparse in the window, O(26 n log n) where they are dense.
#[must_use]
pub fn count_overtaking(orders: &MatchedOrders, timetable: &Timetable, groups: usize, rules: OvertakingRules) -> OvertakingCounts {
    let blocks = &timetable.blocks;
    let phases: Vec<&[Block]> = blocks.chunk_by(|left, right| (left.day, left.phase) == (right.day, right.phase)).collect();
    let parts: Vec<OvertakingCounts> = phases.into_par_iter().map(|phase| count_phase(orders, phase, groups, rules)).collect();
    OvertakingCounts { groups, counts: parts.into_iter().flat_map(|part| part.counts).collect() }
}

/// An order standing in a line.
#[derive(Clone, Copy)]
struct Standing {
    received: i64,
    sent: i64,
    group: u16,
    block: u32,
}

fn count_phase(orders: &MatchedOrders, phase: &[Block], groups: usize, rules: OvertakingRules) -> OvertakingCounts {
    let none = OvertakingCounts::new(phase.len(), groups);
    let Some(first) = phase.first().filter(|block| block.receipt_order_decides != Weight::No) else {
        return none;
    };
    let rows = first.rows.start..phase.last().map_or(first.rows.end, |block| block.rows.end);
    let mut lines: Vec<(u64, u32)> =
        rows.filter(|row| !left_out(orders, *row, rules)).map(|row| (line_of(orders, row, rules.line), row as u32)).collect();
    lines.sort_unstable();
    pieces(&lines, 64)
        .into_par_iter()
        .map(|piece| {
            let mut counts = OvertakingCounts::new(phase.len(), groups);
            let mut standing = Vec::new();
            for line in lines[piece].chunk_by(|left, right| left.0 == right.0).filter(|line| line.len() > 1) {
                stand(orders, phase, line, rules, &mut standing);
                count_line(&standing, rules, &mut counts);
            }
            counts
        })
        .reduce(
            || none.clone(),
            |mut sum, part| {
                sum.add(&part);
                sum
            },
        )
}

fn left_out(orders: &MatchedOrders, row: usize, rules: OvertakingRules) -> bool {
    rules.without == Some((orders.group[row], orders.client[row]))
}

fn line_of(orders: &MatchedOrders, row: usize, line: Line) -> u64 {
    let scope = match line {
        Line::Instrument => orders.instrument[row],
        Line::Shard => u32::from(orders.shard[row]),
        Line::All => 0,
    };
    u64::from(scope) << 16 | u64::from(orders.kind[row])
}

/// Cuts sorted lines into at most about `wanted` ranges, never inside a line.
fn pieces(lines: &[(u64, u32)], wanted: usize) -> Vec<Range<usize>> {
    let size = (lines.len() / wanted).max(4_096);
    let mut pieces = Vec::new();
    let mut start = 0;
    while start < lines.len() {
        let nominal = (start + size).min(lines.len());
        let end = nominal + lines[nominal..].iter().take_while(|order| order.0 == lines[nominal - 1].0).count();
        pieces.push(start..end);
        start = end;
    }
    pieces
}

/// The orders of one line in order of receipt, stamps cut to the effective resolution.
fn stand(orders: &MatchedOrders, phase: &[Block], line: &[(u64, u32)], rules: OvertakingRules, standing: &mut Vec<Standing>) {
    let cut = |stamp: i64, resolution: i64| if resolution > 1 { stamp.div_euclid(resolution) * resolution } else { stamp };
    let mut block = 0;
    standing.clear();
    standing.extend(line.iter().map(|(_, row)| {
        let row = *row as usize;
        while phase[block].rows.end <= row {
            block += 1;
        }
        Standing {
            received: cut(orders.received_at[row].0, rules.received_resolution),
            sent: cut(orders.sent_at(row).0, rules.sent_resolution),
            group: orders.group[row],
            block: block as u32,
        }
    }));
}

/// Gaps that count: more than the unordered gap, at most the window, both ends included here.
fn gaps(rules: OvertakingRules) -> (i64, i64) {
    (rules.unordered_gap.max(0) + 1, rules.window.0.min(LONGEST_WINDOW.0))
}

fn gap_bin(gap: i64) -> usize {
    (gap.ilog2() as usize).min(GAP_BINS - 1)
}

fn count_line(line: &[Standing], rules: OvertakingRules, counts: &mut OvertakingCounts) {
    let (_, longest) = gaps(rules);
    let mut pairs = 0;
    let mut first = 0;
    for (at, order) in line.iter().enumerate() {
        while order.received - line[first].received > longest {
            first += 1;
        }
        pairs += at - first;
    }
    if pairs > DENSE * line.len() { count_by_trees(line, rules, counts) } else { count_by_scan(line, rules, counts) }
}

fn count_by_scan(line: &[Standing], rules: OvertakingRules, counts: &mut OvertakingCounts) {
    let (shortest, longest) = gaps(rules);
    let mut first = 0;
    for (at, later) in line.iter().enumerate() {
        while later.received - line[first].received > longest {
            first += 1;
        }
        for earlier in line[first..at].iter().filter(|earlier| earlier.group != later.group) {
            let gap = later.received - earlier.received;
            if gap >= shortest {
                let cell = counts.offset(later.block as usize, later.group, earlier.group) + gap_bin(gap);
                counts.counts[cell] += Passing { opportunities: 1, overtakes: u64::from(later.sent < earlier.sent) };
            }
        }
    }
}

/// One pass per gap bin: the earlier orders whose gap to the present one lies in the bin stand in the tree of their group,
/// by rank of their sending time.
fn count_by_trees(line: &[Standing], rules: OvertakingRules, counts: &mut OvertakingCounts) {
    let (shortest, longest) = gaps(rules);
    let mut sent: Vec<i64> = line.iter().map(|order| order.sent).collect();
    sent.sort_unstable();
    sent.dedup();
    let ranks: Vec<usize> = line.iter().map(|order| sent.partition_point(|at| *at < order.sent)).collect();
    let mut groups: Vec<u16> = line.iter().map(|order| order.group).collect();
    groups.sort_unstable();
    groups.dedup();
    let index_of = |group: u16| groups.partition_point(|at| *at < group);

    for bin in 0..GAP_BINS {
        let (low, high) = ((1_i64 << bin).max(shortest), ((2_i64 << bin) - 1).min(longest));
        if low > high {
            continue;
        }
        let mut trees: Vec<(u64, Fenwick)> = groups.iter().map(|_| (0, Fenwick::new(sent.len()))).collect();
        let (mut enter, mut leave) = (0, 0);
        for (at, later) in line.iter().enumerate() {
            while later.received - line[enter].received >= low {
                let (standing, tree) = &mut trees[index_of(line[enter].group)];
                *standing += 1;
                tree.add(ranks[enter], 1);
                enter += 1;
            }
            while later.received - line[leave].received > high {
                let (standing, tree) = &mut trees[index_of(line[leave].group)];
                *standing -= 1;
                tree.remove(ranks[leave], 1);
                leave += 1;
            }
            for (earlier, (standing, tree)) in groups.iter().zip(&trees).filter(|(group, tree)| **group != later.group && tree.0 > 0) {
                let overtakes = standing - tree.prefix(ranks[at] + 1);
                let cell = counts.offset(later.block as usize, later.group, *earlier) + bin;
                counts.counts[cell] += Passing { opportunities: *standing, overtakes };
            }
        }
    }
}

#[cfg(test)]
pub(crate) fn both_ways(orders: &MatchedOrders, timetable: &Timetable, groups: usize, rules: OvertakingRules) -> [OvertakingCounts; 2] {
    let mut both = [OvertakingCounts::new(1, groups), OvertakingCounts::new(1, groups)];
    let phase = &timetable.blocks[..1];
    let rows = phase[0].rows.clone();
    let mut lines: Vec<(u64, u32)> = rows.map(|row| (line_of(orders, row, rules.line), row as u32)).collect();
    lines.sort_unstable();
    let mut standing = Vec::new();
    for line in lines.chunk_by(|left, right| left.0 == right.0) {
        stand(orders, phase, line, rules, &mut standing);
        count_by_scan(&standing, rules, &mut both[0]);
        count_by_trees(&standing, rules, &mut both[1]);
    }
    both
}
