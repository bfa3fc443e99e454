//! Overtaking as if a client's orders did not exist: the pairs that client takes part in are taken off the counts of all.

use crate::measure::Timetable;
use crate::measure::overtaking::{GAP_BINS, OvertakingCounts, OvertakingRules, Parties, PartyCounts, Passing, count_parties};
use crate::record::MatchedOrders;

/// A pair of groups from one of which a client is left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LeftOut {
    /// The pair.
    pub groups: [u16; 2],
    /// The client's group, one of the pair, and the client.
    pub gone: (u16, u32),
}

/// The same as if a client's orders in one group did not exist, for each pair in `asked` by itself.
///
/// `whole` are the counts with them. Where they tell every client asked for apart, nothing is counted; else all pairs once more, in one
/// pass. The counts of each know two groups: code 0 is the first of its pair, code 1 the second.
#[must_use]
pub fn count_overtaking_without(
    orders: &MatchedOrders,
    timetable: &Timetable,
    rules: OvertakingRules,
    whole: &OvertakingCounts,
    asked: &[LeftOut],
) -> Vec<OvertakingCounts> {
    let known: Option<Vec<OvertakingCounts>> = asked.iter().map(|asked| whole.without(*asked)).collect();
    known.unwrap_or_else(|| count_once_more(orders, timetable, whole.groups, rules, asked))
}

/// Every pair counted again, those asked for told apart from their groups.
pub(in crate::measure) fn count_once_more(
    orders: &MatchedOrders,
    timetable: &Timetable,
    groups: usize,
    rules: OvertakingRules,
    asked: &[LeftOut],
) -> Vec<OvertakingCounts> {
    let mut gone: Vec<(u16, u32)> = asked.iter().map(|asked| asked.gone).collect();
    gone.sort_unstable();
    gone.dedup();
    let parties = Parties::new(groups, &gone);
    let take = |counts: &PartyCounts| asked.iter().flat_map(|asked| parties.without(counts, *asked)).collect();
    let counts = count_parties(orders, timetable, rules, (&parties, &[]), take);
    let of_block = asked.len() * PAIR;
    let of = |at: usize| counts.chunks_exact(of_block).flat_map(move |block| block[at * PAIR..][..PAIR].iter().copied());
    (0..asked.len()).map(|at| OvertakingCounts::of_pair(of(at).collect())).collect()
}

/// Counts of a block between two groups.
const PAIR: usize = 4 * GAP_BINS;

/// The pairs of single clients with orders of other groups than their own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct OwnPairs {
    /// (group, client), ascending.
    clients: Vec<(u16, u32)>,
    /// By block, client and other group: as the later one, then as the earlier one, by gap bin.
    counts: Vec<Passing>,
}

impl OwnPairs {
    /// Counts of a block for each client and group.
    const OF_GROUP: usize = 2 * GAP_BINS;

    pub(super) fn new(clients: Vec<(u16, u32)>, counts: Vec<Passing>) -> Self {
        Self { clients, counts }
    }

    /// How many counts there are of a block.
    pub(super) fn of_block(clients: usize, groups: usize) -> usize {
        clients * groups * Self::OF_GROUP
    }

    /// What the counts of a block by party say of each client.
    pub(super) fn taken(parties: &Parties, counts: &PartyCounts, groups: usize) -> Vec<Passing> {
        let mut own = vec![Passing::default(); Self::of_block(parties.count() - groups, groups)];
        for (client, own) in (groups..parties.count()).zip(own.chunks_exact_mut(groups * Self::OF_GROUP)) {
            for other in (0..parties.count()).filter(|other| parties.group[*other] != parties.group[client]) {
                let own = &mut own[usize::from(parties.group[other]) * Self::OF_GROUP..][..Self::OF_GROUP];
                let both = [counts.by_gap(client as u16, other as u16), counts.by_gap(other as u16, client as u16)];
                own.iter_mut().zip(both.into_iter().flatten()).for_each(|(sum, part)| *sum += *part);
            }
        }
        own
    }
}

impl OvertakingCounts {
    /// Counts of two groups alone.
    fn of_pair(counts: Vec<Passing>) -> Self {
        Self { groups: 2, counts, own: OwnPairs::default() }
    }

    /// The counts of a pair of groups less those of one client; `None` where it was not told apart.
    fn without(&self, asked: LeftOut) -> Option<Self> {
        let [a, b] = asked.groups;
        let client = self.own.clients.binary_search(&asked.gone).ok()?;
        let side = usize::from(asked.gone.0 != a);
        let other = usize::from(asked.groups[1 - side]);
        let of_block = OwnPairs::of_block(self.own.clients.len(), self.groups);
        let blocks = self.own.counts.len() / of_block.max(1);
        let mut left = Self::of_pair(vec![Passing::default(); blocks * PAIR]);
        for block in 0..blocks {
            let own = &self.own.counts[block * of_block + (client * self.groups + other) * OwnPairs::OF_GROUP..][..OwnPairs::OF_GROUP];
            let (as_later, as_earlier) = own.split_at(GAP_BINS);
            for (later, earlier, whole) in [(0_u16, 1_u16, self.by_gap(block, a, b)), (1, 0, self.by_gap(block, b, a))] {
                let gone = if usize::from(later) == side { as_later } else { as_earlier };
                let start = left.offset(block, later, earlier);
                for ((left, whole), gone) in left.counts[start..start + GAP_BINS].iter_mut().zip(whole).zip(gone) {
                    left.opportunities = whole.opportunities - gone.opportunities;
                    left.overtakes = whole.overtakes - gone.overtakes;
                }
            }
        }
        Some(left)
    }
}
