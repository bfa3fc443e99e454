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
    /// One block's counts, all zero.
    fn new(groups: usize) -> Self {
        Self { groups, counts: vec![Passing::default(); groups * groups * GAP_BINS] }
    }

    /// Counts of several periods, one after the other; all over the same group codes.
    pub(crate) fn concat(groups: usize, parts: impl IntoIterator<Item = Self>) -> Self {
        let counts = parts.into_iter().flat_map(|part| part.counts).collect();
        Self { groups, counts }
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
}

/// Counts every like-for-like pair of different groups in the phases where receipt order decides priority, at least in part.
///
/// `groups` is the number of group codes. Cost O(n log n) where lines are sparse in the window, O(26 n log n) where they are dense.
#[must_use]
pub fn count_overtaking(orders: &MatchedOrders, timetable: &Timetable, groups: usize, rules: OvertakingRules) -> OvertakingCounts {
    let count = |at: usize| {
        let decides = timetable.blocks[at].receipt_order_decides != Weight::No;
        if decides { Rows::of_block(orders, timetable, at, rules).count(groups) } else { OvertakingCounts::new(groups) }
    };
    let parts: Vec<OvertakingCounts> = (0..timetable.blocks.len()).into_par_iter().map(count).collect();
    OvertakingCounts { groups, counts: parts.into_iter().flat_map(|part| part.counts).collect() }
}

/// The first of `rows`, all before a block, that can still be within the window of the block's first order.
fn before(orders: &MatchedOrders, rules: OvertakingRules, rows: Range<usize>) -> usize {
    let Some(block_start) = orders.received_at.get(rows.end) else { return rows.end };
    let (_, longest) = gaps(rules);
    let reach = cut(block_start.0, rules.received_resolution).saturating_sub(longest);
    rows.start + orders.received_at[rows].partition_point(|at| at.0 < reach)
}

/// A stamp at the effective resolution.
fn cut(stamp: i64, resolution: i64) -> i64 {
    if resolution > 1 { stamp.div_euclid(resolution) * resolution } else { stamp }
}

/// The orders of one block, and those before it that some of them may still pass.
struct Rows<'a> {
    orders: &'a MatchedOrders,
    rules: OvertakingRules,
    first: usize,
    counted: Range<usize>,
}

/// An order standing in a line.
#[derive(Clone, Copy)]
struct Standing {
    received: i64,
    sent: i64,
    group: u16,
    /// False for an order before the block: it can be passed, but its own passing belongs to its own block.
    counted: bool,
}

/// No earlier order in the line.
const NOBODY: u32 = u32::MAX;

impl<'a> Rows<'a> {
    fn of_block(orders: &'a MatchedOrders, timetable: &Timetable, at: usize, rules: OvertakingRules) -> Self {
        let block = &timetable.blocks[at];
        let same_phase = |other: &&Block| (other.day, other.phase) == (block.day, block.phase);
        let earliest = timetable.blocks[..at].iter().rev().take_while(same_phase).last().unwrap_or(block);
        let first = before(orders, rules, earliest.rows.start..block.rows.start);
        Self { orders, rules, first, counted: block.rows.clone() }
    }

    fn count(&self, groups: usize) -> OvertakingCounts {
        self.by_walking(groups).unwrap_or_else(|| self.by_trees(groups))
    }

    fn standing(&self, row: usize) -> Standing {
        Standing {
            received: cut(self.orders.received_at[row].0, self.rules.received_resolution),
            sent: cut(self.orders.sent_at(row).0, self.rules.sent_resolution),
            group: self.orders.group[row],
            counted: self.counted.contains(&row),
        }
    }

    fn line_of(&self, row: usize) -> u64 {
        let scope = match self.rules.line {
            Line::Instrument => self.orders.instrument[row],
            Line::Shard => u32::from(self.orders.shard[row]),
            Line::All => 0,
        };
        u64::from(scope) << 16 | u64::from(self.orders.kind[row])
    }

    /// The rows that take part, in order of receipt.
    fn rows(&self) -> impl Iterator<Item = usize> {
        let (orders, without) = (self.orders, self.rules.without);
        (self.first..self.counted.end).filter(move |row| without != Some((orders.group[*row], orders.client[*row])))
    }

    /// In order of receipt, each order walks back through the earlier ones of its line until the window ends.
    ///
    /// `None` where lines are so dense that trees are cheaper.
    fn by_walking(&self, groups: usize) -> Option<OvertakingCounts> {
        let (shortest, longest) = gaps(self.rules);
        let mut counts = OvertakingCounts::new(groups);
        let mut budget = DENSE * (self.counted.end - self.first);
        // The latest order of each line with its receipt, and for every order the one before it in its line.
        let mut latest: hashbrown::HashMap<u64, (i64, u32), foldhash::fast::FixedState> = hashbrown::HashMap::default();
        let mut previous = vec![NOBODY; self.counted.end - self.first];
        for row in self.rows() {
            let later = self.standing(row);
            let at = (row - self.first) as u32;
            let (received, mut walk) = latest.insert(self.line_of(row), (later.received, at)).unwrap_or((i64::MIN, NOBODY));
            if later.received.saturating_sub(received) > longest {
                continue;
            }
            previous[at as usize] = walk;
            while later.counted && walk != NOBODY {
                let earlier = self.standing(self.first + walk as usize);
                let gap = later.received - earlier.received;
                if gap > longest {
                    break;
                }
                if gap >= shortest && earlier.group != later.group {
                    let overtakes = u64::from(later.sent < earlier.sent);
                    let cell = counts.offset(0, later.group, earlier.group) + gap_bin(gap);
                    counts.counts[cell] += Passing { opportunities: 1, overtakes };
                }
                budget = budget.checked_sub(1)?;
                walk = previous[walk as usize];
            }
        }
        Some(counts)
    }

    fn by_trees(&self, groups: usize) -> OvertakingCounts {
        let mut counts = OvertakingCounts::new(groups);
        let mut lines: Vec<(u64, usize)> = self.rows().map(|row| (self.line_of(row), row)).collect();
        lines.sort_unstable();
        for line in lines.chunk_by(|left, right| left.0 == right.0) {
            let standing: Vec<Standing> = line.iter().map(|(_, row)| self.standing(*row)).collect();
            count_by_trees(&standing, self.rules, &mut counts);
        }
        counts
    }
}

/// Gaps that count: more than the unordered gap, at most the window, both ends included here.
fn gaps(rules: OvertakingRules) -> (i64, i64) {
    (rules.unordered_gap.max(0) + 1, rules.window.0.min(LONGEST_WINDOW.0))
}

fn gap_bin(gap: i64) -> usize {
    (gap.ilog2() as usize).min(GAP_BINS - 1)
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
            if !later.counted {
                continue;
            }
            for (earlier, (standing, tree)) in groups.iter().zip(&trees).filter(|(group, tree)| **group != later.group && tree.0 > 0) {
                let overtakes = standing - tree.prefix(ranks[at] + 1);
                let cell = counts.offset(0, later.group, *earlier) + bin;
                counts.counts[cell] += Passing { opportunities: *standing, overtakes };
            }
        }
    }
}

/// One block counted by walking and by trees.
#[cfg(test)]
pub(crate) fn both_ways(
    orders: &MatchedOrders,
    timetable: &Timetable,
    at: usize,
    groups: usize,
    rules: OvertakingRules,
) -> [OvertakingCounts; 2] {
    let rows = Rows::of_block(orders, timetable, at, rules);
    [rows.by_walking(groups).expect("few orders"), rows.by_trees(groups)]
}
