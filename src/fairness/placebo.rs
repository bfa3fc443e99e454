//! Placebo groupings: would groups put together at random have been accused as well?

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use rayon::prelude::*;

use crate::fairness::{Evidence, FairnessOptions, GroupEvidence, Verdict, assess};
use crate::record::{Calendar, MatchedOrders, Zone};

/// The share of placebo groupings that would have been accused.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Placebo {
    /// Groupings tried.
    pub groupings: u32,
    /// Groupings in which some pair came out UNFAIR.
    pub accused: u32,
    /// Seed of the first grouping.
    pub seed: u64,
}

/// Judges `groupings` studies that differ from this one only in that clients are dealt to the groups at random, as many to each group
/// as it has. `None` where fewer than two clients are known. Each grouping costs one assessment; they run in parallel.
#[must_use]
pub fn placebo(
    orders: &MatchedOrders,
    evidence: &Evidence,
    calendar: &Calendar,
    zone: Zone,
    options: &FairnessOptions,
    groupings: u32,
) -> Option<Placebo> {
    let groups = groups_of_clients(orders);
    if groups.iter().flatten().count() < 2 {
        return None;
    }
    // Random groups have no stamps of their own: all get the coarsest.
    let coarsest = |of: fn(&GroupEvidence) -> i64| evidence.groups.iter().map(of).max().unwrap_or(1);
    let group = GroupEvidence {
        received_resolution: coarsest(|group| group.received_resolution),
        sent_resolution: coarsest(|group| group.sent_resolution),
        ..GroupEvidence::default()
    };
    let evidence = Evidence { groups: vec![group; orders.names.groups.len()] };
    let accused = (0..groupings).into_par_iter().filter(|number| {
        let dealt = deal(&groups, options.seed.wrapping_add(u64::from(*number)));
        let group = orders.client.iter().zip(&orders.group).map(|(client, own)| dealt[*client as usize].unwrap_or(*own)).collect();
        let assessment = assess(&MatchedOrders { group, ..orders.clone() }, &evidence, calendar, zone, options);
        assessment.pairs.iter().any(|pair| pair.verdict == Verdict::Unfair)
    });
    Some(Placebo { groupings, accused: accused.count() as u32, seed: options.seed })
}

/// The group of each client's first order, by client code.
fn groups_of_clients(orders: &MatchedOrders) -> Vec<Option<u16>> {
    let clients = orders.client.iter().copied().max().map_or(0, |client| client as usize + 1);
    let mut groups = vec![None; clients];
    for (client, group) in orders.client.iter().zip(&orders.group) {
        groups[*client as usize].get_or_insert(*group);
    }
    groups
}

/// The same labels in random order (Fisher and Yates, seeded).
fn deal(groups: &[Option<u16>], seed: u64) -> Vec<Option<u16>> {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut dealt = groups.to_vec();
    for last in (1..dealt.len()).rev() {
        // The remainder's bias is below 2^-40 for any number of clients.
        dealt.swap(last, (random.next_u64() % (last as u64 + 1)) as usize);
    }
    dealt
}
