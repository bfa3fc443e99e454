//! The client league: which clients carry an effect, and which of them stand out. Exploratory: it names where to look, never whom to blame.

use rayon::prelude::*;

use crate::fairness::Assessment;
use crate::fairness::assess::assess_with;
use crate::fairness::beside::{Case, name_of};
use crate::fairness::comparable::Side;
use crate::fairness::contrast::{BlockScores, GAPS, SUPERIORITY};
use crate::fairness::pair::Study;
use crate::measure::CellKeys;
use crate::record::MatchedOrders;
use crate::statistics::{benjamini_hochberg, student_t_sf};

/// Blocks a client's p-value needs: with fewer, its error is a guess.
const LEAST_BLOCKS: usize = 5;

/// One client of one group, against the comparable orders of another group.
#[derive(Clone, Debug, PartialEq)]
pub struct ClientStanding {
    /// The client's group.
    pub group: String,
    /// The group it is compared with.
    pub against: String,
    /// The client; empty where orders name none.
    pub client: String,
    /// All its matched orders in the group.
    pub n: u64,
    /// Their share of the group's matched orders.
    pub share: f64,
    /// Median of their latencies, nearest rank, nanoseconds, unadjusted.
    pub median: i64,
    /// P(an order of the client is slower than a comparable order of the other group), ties half; 1/2 is no difference.
    pub slower: f64,
    /// Its part of the group's `P(slower) - 1/2`: the parts of a group's clients add up to it.
    pub part: f64,
    /// Its pull on D50, nanoseconds (the sum of its orders' psi): positive makes its group look slower. About 0 over a group.
    pub pull: f64,
    /// Days on which it has comparable orders.
    pub days: u64,
    /// Of those, days on which `slower - 1/2` has the sign it has over all.
    pub days_alike: u64,
    /// Two-sided p of "its orders are as fast as comparable ones", by blocks; `None` with fewer than five blocks or no spread.
    pub p_value: Option<f64>,
    /// The same after Benjamini-Hochberg over every tested client of every pair.
    pub p_adjusted: Option<f64>,
}

/// The verdicts, and every client with comparable orders, of every wanted pair: by pair, then group, the strongest pull on D50 first.
///
/// `load` holds the load bins of these orders ([`crate::measure::load_bins`], days of the case's zone), where they are known already.
///
/// What the clients did falls off from the scores of the verdict; the league adds a pass over the orders for the clients' medians.
#[must_use]
pub fn assess_with_clients(case: Case<'_>, load: Option<&[u8]>) -> (Assessment, Vec<ClientStanding>) {
    let (medians, (assessment, by_pair)) =
        rayon::join(|| client_medians(case.orders), || assess_with(case, load, CellKeys::default(), pair_league));
    let named = |((group, client), standing): (GroupClient, ClientStanding)| ClientStanding {
        median: medians.get(&(group, client)).copied().unwrap_or_default(),
        ..standing
    };
    let mut league: Vec<ClientStanding> = by_pair.into_iter().flatten().map(named).collect();
    let tested: Vec<usize> = (0..league.len()).filter(|at| league[*at].p_value.is_some()).collect();
    let raw: Vec<f64> = tested.iter().filter_map(|at| league[*at].p_value).collect();
    for (at, adjusted) in tested.into_iter().zip(benjamini_hochberg(&raw)) {
        league[at].p_adjusted = Some(adjusted);
    }
    (assessment, league)
}

/// Group and client code.
type GroupClient = (u16, u32);

/// Median latencies.
type Medians = hashbrown::HashMap<GroupClient, i64, foldhash::fast::FixedState>;

fn client_medians(orders: &MatchedOrders) -> Medians {
    let n_clients = orders.client.iter().max().map_or(0, |most| *most as usize + 1);
    let mut next = vec![0_usize; n_clients + 1];
    orders.client.iter().for_each(|client| next[*client as usize + 1] += 1);
    (0..n_clients).for_each(|client| next[client + 1] += next[client]);
    let starts = next.clone();
    let mut rows = vec![(0_u16, 0_i64); orders.len()];
    for ((client, group), latency) in orders.client.iter().zip(&orders.group).zip(&orders.latency) {
        let at = &mut next[*client as usize];
        rows[*at] = (*group, latency.0);
        *at += 1;
    }
    let of_client = |client: usize| {
        let mut own = rows[starts[client]..starts[client + 1]].to_vec();
        // Most clients are of one group.
        if own.iter().any(|order| order.0 != own[0].0) {
            own.sort_unstable_by_key(|order| order.0);
        }
        let median = |same: &mut [(u16, i64)]| {
            let middle = same.len().div_ceil(2) - 1;
            ((same[0].0, client as u32), same.select_nth_unstable_by_key(middle, |order| order.1).1.1)
        };
        own.chunk_by_mut(|left, right| left.0 == right.0).map(median).collect::<Vec<_>>()
    };
    let medians: Vec<Vec<_>> = (0..n_clients).into_par_iter().map(of_client).collect();
    medians.into_iter().flatten().collect()
}

/// The clients of a pair; their medians are left empty.
fn pair_league(study: &Study, groups: [u16; 2], scores: &[BlockScores]) -> Vec<(GroupClient, ClientStanding)> {
    let weight: f64 = scores.iter().map(|block| block.weight).sum();
    let mut league = Vec::new();
    for side in Side::BOTH {
        let group = groups[side as usize];
        let total = &study.totals[usize::from(group)];
        let n_of: hashbrown::HashMap<u32, u64, foldhash::fast::FixedState> =
            total.clients.iter().map(|(n, client)| (*client, *n)).collect();
        let mut of_side: Vec<(GroupClient, ClientStanding)> = by_client(study, scores, side)
            .into_iter()
            .map(|(client, blocks)| {
                let n = n_of.get(&client).copied().unwrap_or_default();
                let standing = ClientStanding {
                    n,
                    group: name_of(&study.orders.names.groups, group.into()),
                    against: name_of(&study.orders.names.groups, groups[1 - side as usize].into()),
                    client: name_of(&study.orders.names.clients, client),
                    share: n as f64 / total.orders as f64,
                    ..standing(&blocks, weight)
                };
                ((group, client), standing)
            })
            .collect();
        let stronger = |one: &ClientStanding, other: &ClientStanding| other.pull.abs().total_cmp(&one.pull.abs());
        of_side.sort_by(|(_, one), (_, other)| stronger(one, other).then_with(|| one.client.cmp(&other.client)));
        league.extend(of_side);
    }
    league
}

/// What one client did in one block.
#[derive(Clone, Copy, Debug)]
struct InBlock {
    day: u32,
    weight: f64,
    /// Sum of order weight x (share of the other group's comparable orders that are faster, ties half, - 1/2).
    slower: f64,
    /// Sum of order weight x D50 score, the client slower positive.
    pull: f64,
}

fn by_client(study: &Study, scores: &[BlockScores], side: Side) -> Vec<(u32, Vec<InBlock>)> {
    // Scores say "B slower than A": for a client of A that is the opposite of being slow.
    let sign = if side == Side::A { -1.0 } else { 1.0 };
    let mut places: hashbrown::HashMap<u32, usize, foldhash::fast::FixedState> = hashbrown::HashMap::default();
    let mut clients: Vec<(u32, Vec<InBlock>)> = Vec::new();
    for block in scores {
        let day = study.timetable.blocks[block.block as usize].day;
        for sums in block.clients.iter().filter(|client| client.side == side) {
            let (slower, pull) = (sign * sums.score[SUPERIORITY], sign * sums.score[GAPS]);
            let place = *places.entry(sums.client).or_insert(clients.len());
            if place == clients.len() {
                clients.push((sums.client, Vec::new()));
            }
            clients[place].1.push(InBlock { day, weight: sums.weight, slower, pull });
        }
    }
    clients
}

/// The figures of one client from its blocks, in time order; names and counts are left empty.
fn standing(blocks: &[InBlock], pair_weight: f64) -> ClientStanding {
    let weight: f64 = blocks.iter().map(|block| block.weight).sum();
    let sum: f64 = blocks.iter().map(|block| block.slower).sum();
    let mean = sum / weight;
    let days: Vec<f64> =
        blocks.chunk_by(|left, right| left.day == right.day).map(|day| day.iter().map(|block| block.slower).sum()).collect();
    let n = blocks.len() as f64;
    let squares: f64 = blocks.iter().map(|block| (block.slower - mean * block.weight) * (block.slower - mean * block.weight)).sum();
    let error = (n / (n - 1.0) * squares).sqrt();
    let tested = blocks.len() >= LEAST_BLOCKS && error > 0.0;
    ClientStanding {
        group: String::new(),
        against: String::new(),
        client: String::new(),
        n: 0,
        share: 0.0,
        median: 0,
        slower: 0.5 + mean,
        part: sum / pair_weight,
        pull: blocks.iter().map(|block| block.pull).sum::<f64>() / pair_weight,
        days: days.len() as u64,
        days_alike: days.iter().filter(|day| **day * sum > 0.0).count() as u64,
        p_value: tested.then(|| (2.0 * student_t_sf((sum / error).abs(), n - 1.0)).min(1.0)),
        p_adjusted: None,
    }
}
