//! Simulated worlds: what is planted is found, and what is honest is not accused.

use std::borrow::Cow;
use std::collections::BTreeSet;

use rayon::prelude::*;

use crate::measure::Timetable;
use crate::priority::{
    Ahead, CaseKind, Excess, LineScope, Matrices, Matrix, Party, Precision, PriorityOptions, PriorityOrders, excess, jumps,
    passing_matrices, races, trading_ahead,
};
use crate::record::{Calendar, TimeSpan, Weight, Zone};
use crate::simulate::{Options, Ticket, World, WorldSettings, matched_with_tickets};

struct Simulated {
    orders: PriorityOrders<'static>,
    tickets: Vec<Ticket>,
    timetable: Timetable,
}

fn world(name: &str, options: &Options) -> Simulated {
    let world = World::named(name, &WorldSettings::default()).expect("a known world");
    let (matched, tickets) = matched_with_tickets(&world, options).expect("options in range");
    let kinds = &matched.names.kinds;
    let house = matched.names.groups.iter().position(|group| group == "house");
    let channel: Vec<u16> = tickets.iter().map(|ticket| u16::from(ticket.channel)).collect();
    let orders = PriorityOrders {
        side: tickets.iter().map(|ticket| if ticket.buys { 1 } else { 2 }).collect(),
        price: tickets.iter().map(|ticket| i64::from(ticket.price) * 100).collect(),
        quantity: tickets.iter().map(|ticket| ticket.quantity).collect(),
        is_new: matched.kind.iter().map(|kind| !matches!(kinds[usize::from(*kind)].as_str(), "amend" | "cancel")).collect(),
        is_house: matched.group.iter().map(|group| Some(usize::from(*group)) == house).collect(),
        channel,
        channels: (0..7).map(|code| code.to_string()).collect(),
        matched: Cow::Owned(matched),
        ..Default::default()
    };
    let timetable = Timetable::of(&orders.matched, &Calendar::none(), Zone::UTC, None, TimeSpan(1_800_000_000_000));
    Simulated { orders, tickets, timetable }
}

fn small(seed: u64) -> Options {
    Options { orders: 12_000, days: 4, ..Options::calibration(seed) }
}

impl Simulated {
    fn matrices(&self) -> Matrices {
        let options = PriorityOptions::default();
        passing_matrices(&self.orders, &self.timetable, (&Calendar::none(), Zone::UTC), Precision::default(), &options)
    }

    fn ahead(&self) -> Ahead {
        trading_ahead(&self.orders, &self.timetable, Precision::default(), &PriorityOptions::default(), None)
    }

    fn house_excess(&self, found: &Ahead) -> Excess {
        let blocks = self.timetable.blocks.iter().filter(|block| block.receipt_order_decides != Weight::No).count() as u64;
        let by_block: Vec<(u64, u64)> = found.house_by_block.values().copied().collect();
        excess(&by_block, found.house_exposure, blocks)
    }
}

fn groups(found: &Matrices, scope: LineScope) -> &Matrix {
    found.matrices.iter().find(|matrix| matrix.by == Party::Group && matrix.scope == scope).expect("made")
}

#[test]
fn a_strict_queue_has_no_passing_in_any_scope_within_its_lines() {
    let fair = world("fair-house", &small(5));
    let found = fair.matrices();
    for matrix in found.matrices.iter().filter(|matrix| matrix.scope != LineScope::All) {
        let passed: u64 = matrix.cells.iter().map(|cell| cell.passing.overtakes + cell.nominal).sum();
        assert_eq!(passed, 0, "{:?} {:?}", matrix.by, matrix.scope);
        assert!(!matrix.cells.is_empty());
    }
    assert!(jumps(&fair.orders, &fair.timetable, Precision::default(), LineScope::Line).jumps.is_empty());
    assert!(fair.ahead().cases.is_empty());
    let raced = races(&fair.orders, &fair.timetable, Precision::default(), &PriorityOptions::default());
    assert!(raced.races > 50 && raced.upset == 0 && raced.pairs == raced.pairs_in_order, "{raced:?}");
}

#[test]
fn queue_priority_shows_with_its_sign_and_honest_workers_pass_both_ways_alike() {
    let of = |name: &str| {
        let found = world(name, &small(5)).matrices();
        let cells = groups(&found, LineScope::Line).cells.clone();
        (cells[0], cells[1])
    };
    let (a_over_b, b_over_a) = of("priority");
    assert_eq!((a_over_b.later, a_over_b.earlier), (0, 1));
    let asymmetry = a_over_b.asymmetry.expect("both ways have pairs");
    assert!(asymmetry.lower > 0.02 && a_over_b.passing.overtakes > 100 && b_over_a.passing.overtakes == 0, "{a_over_b:?}");
    assert!(a_over_b.expected < 0.7 * a_over_b.passing.overtakes as f64);
    let (a_over_b, b_over_a) = of("fair-workers");
    let asymmetry = a_over_b.asymmetry.expect("both ways have pairs");
    assert!(a_over_b.passing.overtakes > 50 && b_over_a.passing.overtakes > 50, "{a_over_b:?}");
    assert!(asymmetry.lower < 0.0 && asymmetry.upper > 0.0, "{asymmetry:?}");
}

type Pairs = BTreeSet<(u32, u32)>;

/// (held, ahead): planted and in fact sent first by more than tau; and found.
fn truth_and_cases(planted: &Simulated, found: &Ahead) -> (Pairs, Pairs) {
    let by_number: std::collections::BTreeMap<u64, usize> = planted.tickets.iter().enumerate().map(|(row, t)| (t.number, row)).collect();
    let truth: Pairs = (0..planted.tickets.len())
        .filter_map(|row| {
            let held = by_number[&planted.tickets[row].ahead_of?];
            let by = planted.orders.matched.sent_at(held).0 - planted.orders.matched.sent_at(row).0;
            (by > 10_000).then_some((held as u32, row as u32))
        })
        .collect();
    let cases: Pairs = found.cases.iter().filter(|case| case.kind == CaseKind::House).map(|case| (case.held, case.ahead)).collect();
    (truth, cases)
}

#[test]
fn planted_front_running_is_found_order_by_order_and_an_honest_house_is_not_accused() {
    let planted = world("front-run", &small(5));
    let found = planted.ahead();
    let (truth, cases) = truth_and_cases(&planted, &found);
    assert!(truth.len() > 60 && truth.is_subset(&cases), "{} of {}", truth.intersection(&cases).count(), truth.len());
    assert!(planted.house_excess(&found).holds(1), "{:?}", planted.house_excess(&found));
    for honest in ["fair-house", "fair-house+fair-workers"] {
        let honest = world(honest, &small(5));
        assert!(!honest.house_excess(&honest.ahead()).holds(1));
    }
    let first = world("house-first", &Options::calibration(5));
    assert!(first.house_excess(&first.ahead()).holds(1), "{:?}", first.house_excess(&first.ahead()));
}

/// Everything the rules accuse in a world: the house, clients, and channels before any large client is left out.
fn accused(simulated: &Simulated) -> Vec<String> {
    let found = simulated.ahead();
    let mut accused = Vec::new();
    if simulated.house_excess(&found).holds(1) {
        accused.push("house".to_owned());
    }
    let blocks = simulated.timetable.blocks.len() as u64;
    for (client, exposure) in &found.client_exposure {
        let by_block: Vec<(u64, u64)> =
            found.client_by_block.iter().filter(|((of, _), _)| of == client).map(|(_, counts)| *counts).collect();
        if excess(&by_block, *exposure, blocks).holds(found.client_exposure.len()) {
            accused.push(format!("client {client}"));
        }
    }
    let matrices = simulated.matrices();
    let channels = matrices.matrices.iter().find(|matrix| matrix.by == Party::Channel).expect("channels are given");
    let p = |cell: &crate::priority::MatrixCell| {
        let found = cell.asymmetry.filter(|_| cell.passing.opportunities >= crate::priority::rules::LEAST_PAIRS);
        found.map_or(f64::NAN, |found| crate::statistics::student_t_sf((found.estimate - 0.02) / found.se, found.df))
    };
    let adjusted = crate::statistics::holm(&channels.cells.iter().map(p).collect::<Vec<f64>>());
    accused.extend(channels.cells.iter().zip(adjusted).filter(|(_, p)| *p < 0.05).map(|(cell, _)| format!("channel {}", cell.later)));
    accused
}

/// `PRIORITY_SEEDS=200` takes as many seeds; two are enough for every run.
#[test]
fn honest_worlds_accuse_nobody() {
    let seeds = std::env::var("PRIORITY_SEEDS").ok().and_then(|seeds| seeds.parse().ok()).unwrap_or(2);
    let worlds =
        ["fair-house", "fair-house+fair-workers", "fair-house+fair-burst+fair-mix+fair-workers", "fair-house+fair-clients+fair-whale"];
    let runs: Vec<(u64, &'static str)> = (1..=seeds).flat_map(|seed| worlds.map(|world| (seed, world))).collect();
    let run = |(seed, name): (u64, &'static str)| (seed, name, accused(&world(name, &small(seed))));
    let wrong: Vec<_> = runs.into_par_iter().map(run).filter(|(_, _, accused)| !accused.is_empty()).collect();
    assert!(wrong.is_empty(), "{wrong:?}");
}

/// Recall over seeds, order by order, and the rule.
#[test]
fn front_running_is_confirmed_on_every_seed() {
    let seeds = std::env::var("PRIORITY_SEEDS").ok().and_then(|seeds| seeds.parse().ok()).unwrap_or(2);
    let (mut planted, mut missed) = (0, 0);
    for seed in 1..=seeds {
        let simulated = world("front-run+fair-workers", &small(seed));
        let found = simulated.ahead();
        let (truth, cases) = truth_and_cases(&simulated, &found);
        (planted, missed) = (planted + truth.len(), missed + truth.difference(&cases).count());
        assert!(simulated.house_excess(&found).holds(1), "{seed}: {:?}", simulated.house_excess(&found));
    }
    assert!(planted > 100 && missed * 100 <= planted, "{missed} of {planted} missed");
}
