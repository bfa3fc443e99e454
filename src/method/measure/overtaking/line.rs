//! The pairs of one line: its orders in order of receipt, three ways to count them, and which is the cheapest.
//!
//! * [`walk`]: every order walks back through the window. One step a pair: for sparse lines.
//! * [`sweep`]: opportunities by one pointer a gap bin, overtakes as the inversions of an insertion sort by sending time.
//!   No step a pair, one a pair that was overtaken: for dense lines that mostly keep their order.
//! * [`trees`]: one Fenwick tree a party and gap bin, O(n log n) whatever the order: for dense lines without any.

use crate::measure::overtaking::{GAP_BINS, PartyCounts, Passing};
use crate::statistics::Fenwick;

/// Inversions an order beyond which trees are cheaper than sorting by insertion.
const DISORDER: usize = 500;

/// Orders of one line, ascending in receipt.
#[derive(Clone, Copy)]
pub(super) struct LineOrders<'a> {
    /// At the effective resolution, nanoseconds.
    pub(super) received: &'a [i64],
    /// At the effective resolution, nanoseconds.
    pub(super) sent: &'a [i64],
    pub(super) party: &'a [u16],
    /// The first order whose own passing counts; those before it can only be passed.
    pub(super) first_counted: usize,
}

/// Gaps of receipts that count, nanoseconds, both ends included, and by more than how much the later has to be sent earlier to have passed.
#[derive(Clone, Copy)]
pub(super) struct Gaps {
    pub(super) shortest: i64,
    pub(super) longest: i64,
    pub(super) sent: i64,
}

impl Gaps {
    fn contain(self, gap: i64) -> bool {
        (self.shortest..=self.longest).contains(&gap)
    }

    /// The part of a gap bin that counts.
    fn of_bin(self, bin: usize) -> Option<Self> {
        let (shortest, longest) = ((1_i64 << bin).max(self.shortest), ((2_i64 << bin) - 1).min(self.longest));
        (shortest <= longest).then_some(Self { shortest, longest, sent: self.sent })
    }

    /// The gap bins that count, each with its part; they adjoin.
    pub(super) fn bins(self) -> Vec<(usize, Self)> {
        (0..GAP_BINS).filter_map(|bin| Some((bin, self.of_bin(bin)?))).collect()
    }

    /// Least gap of each of [`Self::bins`], and the one beyond the window.
    pub(super) fn steps(self) -> Vec<i64> {
        self.bins().iter().map(|(_, gaps)| gaps.shortest).chain([self.longest.saturating_add(1)]).collect()
    }
}

/// Counts a line by the cheapest route.
pub(super) fn count(line: LineOrders, gaps: Gaps, counts: &mut PartyCounts) {
    let n_parties = parties_of(line.party).len();
    if n_parties < 2 {
        return;
    }
    if is_sparse(line, n_parties, gaps) { walk(line, gaps, counts) } else { sweep(line, gaps, counts) }
}

/// Whether a walk through all pairs is cheaper than a sweep.
pub(super) fn is_sparse(line: LineOrders, n_parties: usize, gaps: Gaps) -> bool {
    // A step of the walk costs about as much as one pointer looked at, or four counters added.
    pairs_at_most(line, gaps, GAP_BINS * (2 + n_parties / 4) * line.party.len())
}

/// Whether at most `most` pairs stand within the longest gap.
fn pairs_at_most(line: LineOrders, gaps: Gaps, most: usize) -> bool {
    let (mut pairs, mut leave) = (0, 0);
    for (at, received) in line.received.iter().enumerate().skip(line.first_counted) {
        while received - line.received[leave] > gaps.longest {
            leave += 1;
        }
        pairs += at - leave;
        if pairs > most {
            return false;
        }
    }
    true
}

pub(super) fn walk(line: LineOrders, gaps: Gaps, counts: &mut PartyCounts) {
    for at in line.first_counted..line.received.len() {
        let later = line.party[at];
        each_earlier(line, gaps, at, |earlier, bin, overtakes| {
            // No branch on the parties: nobody could predict it.
            let differ = later != line.party[earlier];
            *counts.at(later, line.party[earlier], bin) +=
                Passing { opportunities: u64::from(differ), overtakes: u64::from(differ & overtakes) };
        });
    }
}

/// Every order that stands before `at` within the gaps, of its own party too: the order, the gap bin, and whether `at` passed it.
pub(super) fn each_earlier(line: LineOrders, gaps: Gaps, at: usize, mut visit: impl FnMut(usize, usize, bool)) {
    let (received, beyond) = (line.received[at], line.sent[at].saturating_add(gaps.sent));
    for (earlier, (other, sent)) in line.received[..at].iter().zip(&line.sent[..at]).enumerate().rev() {
        let gap = received - other;
        if gap > gaps.longest {
            break;
        }
        if gap >= gaps.shortest {
            visit(earlier, gap_bin(gap), beyond < *sent);
        }
    }
}

pub(super) fn sweep(line: LineOrders, gaps: Gaps, counts: &mut PartyCounts) {
    let mut of_line = PartyCounts::new(counts.parties);
    let overtake = |at: usize, earlier: usize, bin: usize| of_line.at(line.party[at], line.party[earlier], bin).overtakes += 1;
    if each_overtake(line, gaps, overtake).is_none() {
        return trees(line, gaps, counts);
    }
    opportunities(line, gaps, &mut of_line);
    counts.add(&of_line);
}

/// The earlier orders in each gap bin are a range of rows; one pointer a bin moves each order on from the bin below.
fn opportunities(line: LineOrders, gaps: Gaps, counts: &mut PartyCounts) {
    let parties = parties_of(line.party);
    let numbers: Vec<usize> = line.party.iter().map(|party| parties.partition_point(|known| known < party)).collect();
    let bins = gaps.bins();
    let n = parties.len();
    // Orders inside each bin by party, and their sums by the later order's party.
    let mut inside = vec![0_u64; bins.len() * n];
    let mut sums = vec![0_u64; n * bins.len() * n];
    // reached[b]: the orders before it are so far back as the bin asks.
    let least = gaps.steps();
    let mut reached = vec![0_usize; least.len()];
    for (at, received) in line.received.iter().enumerate() {
        for (bin, (reached, least)) in reached.iter_mut().zip(&least).enumerate() {
            while received - line.received[*reached] >= *least {
                let party = numbers[*reached];
                if bin < bins.len() {
                    inside[bin * n + party] += 1;
                }
                if bin > 0 {
                    inside[(bin - 1) * n + party] -= 1;
                }
                *reached += 1;
            }
        }
        if at < line.first_counted {
            continue;
        }
        let of_later = &mut sums[numbers[at] * inside.len()..][..inside.len()];
        for bin in (0..bins.len()).filter(|bin| reached[*bin] > reached[bin + 1]) {
            let (sums, inside) = (&mut of_later[bin * n..][..n], &inside[bin * n..][..n]);
            sums.iter_mut().zip(inside).for_each(|(sum, inside)| *sum += inside);
        }
    }
    for (later, of_later) in parties.iter().zip(sums.chunks_exact(inside.len().max(1))) {
        for ((bin, _), of_bin) in bins.iter().zip(of_later.chunks_exact(n)) {
            for (earlier, sum) in parties.iter().zip(of_bin).filter(|(earlier, _)| *earlier != later) {
                counts.at(*later, *earlier, *bin).opportunities += sum;
            }
        }
    }
}

/// Every overtake that counts: the later order, the earlier, the gap bin.
///
/// The orders so far stand sorted by sending time; of those a new one is inserted before, those sent late enough after it are overtaken.
/// `None` where there are so many inversions that trees are cheaper; some have been visited then.
pub(super) fn each_overtake(line: LineOrders, gaps: Gaps, mut visit: impl FnMut(usize, usize, usize)) -> Option<()> {
    let mut budget = DISORDER * line.received.len();
    let mut standing: Vec<(i64, u32)> = Vec::with_capacity(line.received.len());
    for at in 0..line.received.len() {
        let (received, sent, party) = (line.received[at], line.sent[at], line.party[at]);
        let kept = standing.iter().rposition(|(other, _)| *other <= sent.saturating_add(gaps.sent)).map_or(0, |last| last + 1);
        let place = standing[..kept].iter().rposition(|(other, _)| *other <= sent).map_or(0, |last| last + 1);
        budget = budget.checked_sub(standing.len() - place)?;
        let mut expired = false;
        for (_, earlier) in &standing[kept..] {
            let gap = received - line.received[*earlier as usize];
            expired |= gap > gaps.longest;
            if at >= line.first_counted && gaps.contain(gap) && line.party[*earlier as usize] != party {
                visit(at, *earlier as usize, gap_bin(gap));
            }
        }
        // An order stuck for long is passed by all that follow: out of the window, it is not looked at again.
        if expired {
            let left = standing.split_off(kept);
            standing.extend(left.into_iter().filter(|(_, earlier)| received - line.received[*earlier as usize] <= gaps.longest));
        }
        standing.insert(place, (sent, at as u32));
    }
    Some(())
}

pub(super) fn trees(line: LineOrders, gaps: Gaps, counts: &mut PartyCounts) {
    each_bin(line, line.received.len(), gaps, |at, earlier, bin, passing| *counts.at(line.party[at], earlier, bin) += passing);
}

/// For every later order, party of earlier ones and gap bin: how many there are and how many it passed.
///
/// One pass per gap bin: the earlier orders whose gap to the present one lies in the bin stand in the tree of their party, by rank of
/// their sending time. Only the first `passable` orders of the line can be passed.
pub(super) fn each_bin(line: LineOrders, passable: usize, gaps: Gaps, mut visit: impl FnMut(usize, u16, usize, Passing)) {
    let mut sent = line.sent.to_vec();
    sent.sort_unstable();
    sent.dedup();
    let ranks: Vec<usize> = line.sent.iter().map(|at| sent.partition_point(|other| other < at)).collect();
    // Orders of a lower rank than this were not sent late enough to be overtaken.
    let beyond: Vec<usize> = line.sent.iter().map(|at| sent.partition_point(|other| *other <= at.saturating_add(gaps.sent))).collect();
    let parties = parties_of(line.party);
    let index_of = |party: u16| parties.partition_point(|known| *known < party);
    for (bin, gaps) in gaps.bins() {
        let mut trees: Vec<(u64, Fenwick)> = parties.iter().map(|_| (0, Fenwick::new(sent.len()))).collect();
        let (mut enter, mut leave) = (0, 0);
        for (at, received) in line.received.iter().enumerate() {
            while enter < passable && received - line.received[enter] >= gaps.shortest {
                let (standing, tree) = &mut trees[index_of(line.party[enter])];
                *standing += 1;
                tree.add(ranks[enter], 1);
                enter += 1;
            }
            while leave < enter && received - line.received[leave] > gaps.longest {
                let (standing, tree) = &mut trees[index_of(line.party[leave])];
                *standing -= 1;
                tree.remove(ranks[leave], 1);
                leave += 1;
            }
            if at < line.first_counted {
                continue;
            }
            let others = parties.iter().zip(&trees).filter(|(party, tree)| **party != line.party[at] && tree.0 > 0);
            for (earlier, (standing, tree)) in others {
                let overtakes = standing - tree.prefix(beyond[at]);
                visit(at, *earlier, bin, Passing { opportunities: *standing, overtakes });
            }
        }
    }
}

/// The parties of a line, ascending.
pub(super) fn parties_of(party: &[u16]) -> Vec<u16> {
    let mut is_met = vec![false; party.iter().max().map_or(0, |most| usize::from(*most) + 1)];
    party.iter().for_each(|party| is_met[usize::from(*party)] = true);
    (0_u16..).zip(is_met).filter(|(_, met)| *met).map(|(party, _)| party).collect()
}

fn gap_bin(gap: i64) -> usize {
    (gap.ilog2() as usize).min(GAP_BINS - 1)
}
