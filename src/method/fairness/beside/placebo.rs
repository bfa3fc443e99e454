//! Placebo: the same verdict with the groups assigned at random, client by client. In how many such groupings would we have accused?

use std::collections::BTreeMap;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use rayon::prelude::*;

use crate::fairness::beside::Case;
use crate::fairness::{Evidence, GroupEvidence, Verdict};
use crate::measure::CellKeys;
use crate::record::{MatchedOrders, UNKNOWN_GROUP};

/// Groupings are judged together only as far as their copies of the orders stay below this many, whatever the number of threads.
const MOST_ORDERS_TOGETHER: usize = 10_000_000;

/// How often random groupings were accused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Placebo {
    /// Groupings judged.
    pub groupings: u32,
    /// Of those, groupings in which some pair was UNFAIR.
    pub accused: u32,
    /// Of the others, groupings with a finding on single clients.
    pub client_specific: u32,
    /// Groupings in which every pair was FAIR.
    pub fair: u32,
}

impl Placebo {
    /// Share of the groupings that would have been accused; 0 without any.
    #[must_use]
    pub fn accused_share(&self) -> f64 {
        if self.groupings == 0 { 0.0 } else { f64::from(self.accused) / f64::from(self.groupings) }
    }
}

/// Judges `groupings` random groupings: each group keeps its number of clients, each client moves with all its orders, and those of
/// no known group stay where they are.
///
/// Where treatment really differs between clients, random groups differ too: the share then says how far the verdict leans on who is
/// in a group, and may lie well above the level of the tests. What is known about the records of a real group says nothing of a random
/// one: only the coarsest resolution of the stamps is kept. Grouping i depends on the seed and i alone. Cost: one verdict a grouping.
#[must_use]
pub fn placebo(case: Case<'_>, groupings: u32) -> Placebo {
    let home = home_groups(case.orders);
    let evidence = anonymous(case.evidence, case.orders.names.groups.len());
    let judge = |number: u32| {
        let orders = MatchedOrders { group: drawn(case.orders, &home, case.options.seed, number), ..case.orders.clone() };
        let judged = Case { orders: &orders, evidence: &evidence, ..case }.judged(CellKeys::default());
        let any_unfair = judged.pairs.iter().any(|pair| pair.verdict == Verdict::Unfair);
        let any_client = judged.pairs.iter().any(|pair| pair.client_specific);
        let all_fair = !judged.pairs.is_empty() && judged.pairs.iter().all(|pair| pair.verdict == Verdict::Fair);
        [any_unfair, !any_unfair && any_client, all_fair].map(u32::from)
    };
    let together = (MOST_ORDERS_TOGETHER / case.orders.len().max(1)).clamp(1, groupings.max(1) as usize);
    let sum = |left: [u32; 3], right: [u32; 3]| [0, 1, 2].map(|at| left[at] + right[at]);
    let [accused, client_specific, fair] = (0..groupings)
        .step_by(together)
        .map(|first| (first..groupings.min(first + together as u32)).into_par_iter().map(judge).reduce(|| [0; 3], sum))
        .fold([0; 3], sum);
    Placebo { groupings, accused, client_specific, fair }
}

/// Each client, ascending, with the group that holds most of its orders (the smaller code where two hold as many).
pub(crate) fn home_groups(orders: &MatchedOrders) -> Vec<(u32, u16)> {
    let mut counts: BTreeMap<u32, BTreeMap<u16, u64>> = BTreeMap::new();
    for (client, group) in orders.client.iter().zip(&orders.group) {
        *counts.entry(*client).or_default().entry(*group).or_default() += 1;
    }
    let most =
        |groups: BTreeMap<u16, u64>| groups.into_iter().max_by_key(|(group, n)| (*n, std::cmp::Reverse(*group))).map_or(0, |found| found.0);
    counts.into_iter().map(|(client, groups)| (client, most(groups))).collect()
}

/// The group of every order after the clients' groups were shuffled (Fisher-Yates).
pub(crate) fn drawn(orders: &MatchedOrders, home: &[(u32, u16)], seed: u64, number: u32) -> Vec<u16> {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    random.set_stream(u64::from(number));
    let unknown = orders.names.groups.iter().position(|name| name == UNKNOWN_GROUP);
    let (stay, home): (Vec<_>, Vec<_>) = home.iter().partition(|(_, group)| Some(usize::from(*group)) == unknown);
    let mut groups: Vec<u16> = home.iter().map(|(_, group)| *group).collect();
    for last in (1..groups.len()).rev() {
        groups.swap(last, below(&mut random, last as u64 + 1));
    }
    let mut of_client = vec![0; home.iter().chain(&stay).map(|(client, _)| *client as usize + 1).max().unwrap_or(0)];
    let dealt = home.iter().zip(groups).map(|((client, _), group)| (*client, group));
    for (client, group) in dealt.chain(stay.iter().copied()) {
        of_client[client as usize] = group;
    }
    orders.client.iter().map(|client| of_client[*client as usize]).collect()
}

/// A whole number in `0..n`, by the high part of a product; its bias is below n / 2^64.
fn below(random: &mut ChaCha8Rng, n: u64) -> usize {
    ((u128::from(random.next_u64()) * u128::from(n)) >> 64) as usize
}

fn anonymous(evidence: &Evidence, groups: usize) -> Evidence {
    let coarsest = |of: fn(&GroupEvidence) -> i64| evidence.groups.iter().map(of).max().unwrap_or(1);
    let group = GroupEvidence {
        received_resolution: coarsest(|group| group.received_resolution),
        sent_resolution: coarsest(|group| group.sent_resolution),
        ..GroupEvidence::default()
    };
    Evidence { groups: vec![group; groups], ..Evidence::default() }
}
