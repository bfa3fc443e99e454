//! Small cases by hand, sums that must add up, and worlds whose truth is known.

use proptest::prelude::*;

use crate::fairness::beside::placebo::{drawn, home_groups};
use crate::fairness::beside::*;
use crate::fairness::{Evidence, FairnessOptions, GroupEvidence, OvertakingScope, assess};
use crate::record::{Calendar, Latency, MatchedOrders, TimeSpan, Timestamp, Zone};
use crate::simulate::{Options, World, WorldSettings, matched};

const SECOND: i64 = 1_000_000_000;
const HOUR: i64 = 3_600 * SECOND;
/// 2026-01-05T09:00Z.
const START: i64 = 1_767_603_600 * SECOND;

/// (received after START, latency, group, client, instrument)
type Row = (i64, i64, u16, u32, u32);

fn orders_of(rows: &[Row]) -> MatchedOrders {
    let mut rows = rows.to_vec();
    rows.sort_unstable();
    let n = rows.len();
    let named = |prefix: &str| (0..9).map(|i| format!("{prefix}{i}")).collect::<Vec<_>>();
    let mut orders = MatchedOrders {
        received_at: rows.iter().map(|row| Timestamp(START + row.0)).collect(),
        latency: rows.iter().map(|row| Latency(row.1)).collect(),
        group: rows.iter().map(|row| row.2).collect(),
        client: rows.iter().map(|row| row.3).collect(),
        instrument: rows.iter().map(|row| row.4).collect(),
        kind: vec![0; n],
        gateway: vec![0; n],
        shard: vec![0; n],
        access_class: vec![0; n],
        ..MatchedOrders::default()
    };
    (orders.names.groups, orders.names.clients, orders.names.instruments) = (named("g"), named("c"), named("i"));
    orders
}

/// A case with everything but the orders at its default.
struct Setting {
    orders: MatchedOrders,
    evidence: Evidence,
    calendar: Calendar,
    options: FairnessOptions,
}

impl Setting {
    fn of(orders: MatchedOrders) -> Self {
        Self { orders, evidence: Evidence::default(), calendar: Calendar::none(), options: FairnessOptions::default() }
    }

    fn case(&self) -> Case<'_> {
        let Self { orders, evidence, calendar, options } = self;
        Case { orders, evidence, calendar, zone: Zone::UTC, options }
    }

    fn assessed(&self) -> crate::fairness::Assessment {
        assess(&self.orders, &self.evidence, &self.calendar, Zone::UTC, &self.options)
    }
}

fn world(name: &str, delay_us: i64, orders: u64) -> Setting {
    let settings = WorldSettings { delay: TimeSpan(delay_us * 1_000), ..WorldSettings::default() };
    let world = World::named(name, &settings).expect("a known world");
    let orders = matched(&world, &Options { orders, days: 4, ..Options::calibration(3) }).expect("options in range");
    let mut setting = Setting::of(orders);
    setting.options.overtaking_scope = OvertakingScope::Shard;
    setting
}

#[track_caller]
fn close(found: f64, expected: f64) {
    assert!((found - expected).abs() <= 1e-12 * expected.abs().max(1.0), "{found} is not {expected}");
}

/// Cell 1: A 10 (c0), 20 (c1); B 15 (c2), 25 (c3). Cell 2: A 30 (c0); B 40 (c2), 50 (c3). W = 1 + 2/3.
fn two_cells() -> Setting {
    let at = |i: i64| i * SECOND;
    Setting::of(orders_of(&[
        (at(0), 10, 0, 0, 0),
        (at(1), 20, 0, 1, 0),
        (at(2), 15, 1, 2, 0),
        (at(3), 25, 1, 3, 0),
        (at(4), 30, 0, 0, 1),
        (at(5), 40, 1, 2, 1),
        (at(6), 50, 1, 3, 1),
    ]))
}

/// c0 holds 1/2 + 2/3 of A's weight and is faster than every counterpart: its part is -(1/2 + 2/3)/2 / (5/3) = -0.35; c1 is in between.
#[test]
fn a_client_that_is_faster_than_every_counterpart_carries_the_whole_effect() {
    let setting = two_cells();
    let league = assess_with_clients(setting.case(), None).1;
    let of = |client: &str| league.iter().find(|standing| standing.client == client).expect("a client of the case");
    close(of("c0").part, -0.35);
    close(of("c0").slower, 0.0);
    close(of("c1").part, 0.0);
    close(of("c2").part + of("c3").part, 0.35);
    assert_eq!((of("c0").n, of("c0").median, of("c0").days, of("c0").days_alike), (2, 10, 1, 1));
    close(of("c0").share, 2.0 / 3.0);
    assert_eq!((of("c0").p_value, of("c0").p_adjusted), (None, None));
    assert_eq!((of("c0").group.as_str(), of("c0").against.as_str()), ("g0", "g1"));
}

#[test]
fn parts_of_the_clients_add_up_and_the_delayed_client_leads_the_league() {
    let setting = world("whale-delay", 0, 8_000);
    let (league, assessment) = (assess_with_clients(setting.case(), None).1, setting.assessed());
    let theta = assessment.pairs[0].superiority.expect("comparable orders").estimate;
    for (group, sign) in [("A", -1.0), ("B", 1.0)] {
        let sum: f64 = league.iter().filter(|standing| standing.group == group).map(|standing| standing.part).sum();
        assert!((sum - sign * (theta - 0.5)).abs() < 1e-9, "{group}: {sum} against {theta}");
    }
    let first_of_b = league.iter().find(|standing| standing.group == "B").expect("B has clients");
    assert!(first_of_b.share > 0.5 && first_of_b.slower > 0.8 && first_of_b.pull > 0.0, "{first_of_b:?}");
    assert!(first_of_b.p_adjusted.expect("many blocks") < 0.001 && first_of_b.days_alike == first_of_b.days, "{first_of_b:?}");
    let wrongly = league.iter().filter(|standing| standing.group == "B" && standing.client != first_of_b.client);
    assert!(wrongly.clone().filter(|standing| standing.p_adjusted.is_some_and(|p| p < 0.05)).count() <= 2);
}

/// Pooled effects from a comparison of all orders.
fn pooled(case: Case<'_>, assessment: &Assessment) -> Vec<PooledEffect> {
    let sorted = |code: usize| {
        let orders = case.orders.group.iter().zip(&case.orders.latency);
        let mut own: Vec<i64> = orders.filter(|(group, _)| usize::from(**group) == code).map(|(_, latency)| latency.0).collect();
        own.sort_unstable();
        own
    };
    pooled_effects(&case.orders.names.groups, assessment, |a, b| {
        let (a, b) = (sorted(a), sorted(b));
        let medians = [&a, &b].map(|own| own[own.len().div_ceil(2) - 1]);
        Some(Pooled { medians, superiority: crate::statistics::rank_test(&a, &b)?.superiority })
    })
}

/// Inside either instrument B is 10 us slower; but A trades the slow one, so over all orders B looks 40 us faster.
#[test]
fn opposite_signs_of_pooled_and_stratified_are_said_in_words() {
    let row = |i: i64| {
        let group = (i % 2) as u16;
        let instrument = u32::from((i / 2 % 10 < 8) == (group == 0));
        (i * SECOND, 20_000 + i % 7 + 50_000 * i64::from(instrument) + 10_000 * i64::from(group), group, (i % 4) as u32, instrument)
    };
    let setting = Setting::of(orders_of(&(0..4_000).map(row).collect::<Vec<_>>()));
    let found = pooled(setting.case(), &setting.assessed());
    assert_eq!(found.len(), 1);
    let effect = &found[0];
    assert!((-40_100..-39_900).contains(&effect.pooled_gap) && effect.pooled_superiority < 0.5, "{effect:?}");
    assert!(effect.stratified_superiority.expect("comparable orders") > 0.5, "{effect:?}");
    let alarm = effect.alarm.as_ref().expect("the signs differ");
    assert!(alarm.en.contains("opposite") && alarm.zh.contains("辛普森"));
    let fair = world("fair", 0, 4_000);
    assert!(pooled(fair.case(), &fair.assessed()).iter().all(|effect| effect.alarm.is_none()));
}

/// One cell: A takes 10 + 20, B 15 + 40 and 17 + 50: means 10, 20 against 16, 45.
#[test]
fn stages_of_one_cell_by_hand() {
    let setting = Setting::of(orders_of(&[(0, 30, 0, 0, 0), (SECOND, 55, 1, 1, 0), (2 * SECOND, 67, 1, 2, 0)]));
    let decided_at = [10, 15, 17].iter().zip(&setting.orders.received_at).map(|(after, at)| at.0 + after).collect();
    let stamps = StageStamps { decided_at, acknowledged_at: Vec::new() };
    let found = stage_blame(setting.case(), &stamps);
    assert_eq!((found.len(), found[0].n, found[0].total), (1, 3, 31));
    let parts: Vec<_> = found[0].parts.iter().map(|part| (part.from, part.to, part.difference, part.se)).collect();
    assert_eq!(parts, [("received_at", "decided_at", 6, None), ("decided_at", "sent_at", 25, None)]);
    assert!(stage_blame(setting.case(), &StageStamps::default()).is_empty());
    let none = StageStamps { decided_at: vec![StageStamps::ABSENT; 3], acknowledged_at: Vec::new() };
    assert!(stage_blame(setting.case(), &none).is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]
    #[test]
    fn stages_add_up_to_the_mean_contrast_of_the_whole(
        rows in prop::collection::vec((0_i64..200, 0_i64..90_000, 0_u16..2, 0_u32..4, 0_u32..3), 2..80), splits in prop::collection::vec(-5_000_i64..50_000, 80)
    ) {
        let rows: Vec<Row> = rows.into_iter().map(|row| (row.0 * 60 * SECOND, row.1, row.2, row.3, row.4)).collect();
        let setting = Setting::of(orders_of(&rows));
        let n = setting.orders.len();
        let decided_at = (0..n).map(|row| setting.orders.received_at[row].0 + splits[row]).collect();
        let acknowledged_at: Vec<i64> = (0..n).map(|row| setting.orders.sent_at(row).0 + 2 * splits[row]).collect();
        let stamps = StageStamps { decided_at, acknowledged_at: acknowledged_at.clone() };
        for found in stage_blame(setting.case(), &stamps) {
            prop_assert_eq!(found.parts.iter().map(|part| part.difference).sum::<i64>(), found.total);
            let whole = mean_contrast(&setting, |row| acknowledged_at[row] - setting.orders.received_at[row].0);
            prop_assert!((found.total as f64 - whole).abs() < 1.01, "{} against {}", found.total, whole);
        }
    }
}

/// `sum w_c (mean_B - mean_A) / W`, the slow way.
fn mean_contrast(setting: &Setting, value: impl Fn(usize) -> i64) -> f64 {
    let (study, _) = setting.case().prepared();
    let load = crate::measure::load_bins(&setting.orders, &study.timetable.days);
    let mut cells = std::collections::BTreeMap::<(usize, u32, u8), [Vec<f64>; 2]>::new();
    for (at, slot) in study.timetable.slots.iter().enumerate() {
        for row in slot.rows.clone() {
            let cell = cells.entry((at, setting.orders.instrument[row], load[row])).or_default();
            cell[usize::from(setting.orders.group[row])].push(value(row) as f64);
        }
    }
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let both: Vec<_> = cells.into_values().filter(|[a, b]| !a.is_empty() && !b.is_empty()).collect();
    let weight = |[a, b]: &[Vec<f64>; 2]| a.len() as f64 * b.len() as f64 / (a.len() + b.len()) as f64;
    both.iter().map(|cell| weight(cell) * (mean(&cell[1]) - mean(&cell[0]))).sum::<f64>() / both.iter().map(weight).sum::<f64>()
}

/// A misses 1 of 5 orders, B none: with A's unseen order fastest its median is the seen 3/8 quantile 20, slowest the 5/8 quantile 30.
#[test]
fn shares_and_bounds_by_hand() {
    let rows = [10, 20, 30, 40].map(|latency| (latency * SECOND, latency, 0, 0, 0));
    let others = [(5 * SECOND, 50, 1, 1, 0), (50 * SECOND, 50, 1, 1, 0), (90 * SECOND, 50, 1, 1, 0)];
    let setting = Setting::of(orders_of(&[&rows[..], &others].concat()));
    let missing = MissingOrders { sent_at: vec![Timestamp(START + HOUR)], group: vec![0], client: vec![0] };
    let found = &missingness(setting.case(), &missing)[0];
    assert_eq!((found.favoured.missing, found.favoured.matched, found.disadvantaged.missing), (1, 4, 0));
    close(found.difference, -0.2);
    assert_eq!(found.gap_bounds, Some((20, 30)));
    // Block 1: -(0 - 0.2 x 4)/5 = 0.16; block 2: -(1 - 0.2)/5 = -0.16. V = 2 x 2 x 0.16^2, one client a side adds nothing.
    close(found.se.expect("two blocks"), 0.32);
}

#[test]
fn nothing_missing_differs_in_nothing() {
    let setting = world("fair", 0, 2_000);
    let found = &missingness(setting.case(), &MissingOrders::default())[0];
    let gap = setting.assessed().pairs[0].median_gap.expect("comparable orders").estimate as i64;
    assert_eq!((found.difference, found.p_value, found.gap_bounds), (0.0, None, Some((gap, gap))));
}

#[test]
fn orders_never_sent_stand_behind_every_other() {
    let setting = two_cells();
    let never = orders_of(&[(3 * SECOND, 0, 0, 0, 0)]);
    let with = with_never_sent(&setting.orders, &never);
    assert_eq!((with.len(), with.latency.last()), (8, Some(&Latency(51))));
}

#[test]
fn a_drawn_grouping_keeps_clients_whole_and_the_number_of_clients_of_each_group() {
    let setting = world("fair-whale", 0, 1_000);
    let home = home_groups(&setting.orders);
    let mut differ = false;
    for number in 0..20 {
        let group = drawn(&setting.orders, &home, 7, number);
        assert_eq!(group, drawn(&setting.orders, &home, 7, number));
        let mut orders = setting.orders.clone();
        orders.group = group;
        let after = home_groups(&orders);
        let size = |home: &[(u32, u16)]| home.iter().filter(|(_, group)| *group == 0).count();
        assert_eq!(size(&home), size(&after));
        differ |= after != home;
    }
    assert!(differ);
}

#[test]
fn clients_of_no_known_group_are_not_dealt() {
    let mut orders = orders_of(&[(0, 10, 0, 0, 0), (1, 10, 0, 1, 0), (2, 10, 1, 2, 0), (3, 10, 1, 3, 0), (4, 10, 2, 4, 0)]);
    orders.names.groups[2] = crate::record::UNKNOWN_GROUP.to_owned();
    let home = home_groups(&orders);
    assert!((0..30).all(|number| drawn(&orders, &home, 1, number)[4] == 2));
    assert!((0..30).any(|number| drawn(&orders, &home, 1, number)[0] == 1));
}

#[test]
fn a_fair_world_is_hardly_ever_accused_in_a_random_grouping() {
    let setting = world("fair", 0, 8_000);
    let found = placebo(setting.case(), 12);
    assert!(found.groupings == 12 && found.accused == 0 && found.fair + found.client_specific <= 12, "{found:?}");
    close(found.accused_share(), 0.0);
    assert_eq!(placebo(setting.case(), 0), Placebo { groupings: 0, accused: 0, client_specific: 0, fair: 0 });
}

/// Six clients, the three of B delayed: a draw that deals them as they were, or the groups exchanged, must be accused as the truth is.
#[test]
fn a_random_grouping_that_repeats_the_planted_one_is_accused() {
    let settings = WorldSettings { delay: TimeSpan(100_000), ..WorldSettings::default() };
    let world = World::named("delay", &settings).expect("a known world");
    let options = Options { orders: 6_000, days: 4, clients: 6, ..Options::calibration(3) };
    let setting = Setting::of(matched(&world, &options).expect("options in range"));
    let home = home_groups(&setting.orders);
    let dealt = |number: u32| {
        let drawn = MatchedOrders { group: drawn(&setting.orders, &home, setting.options.seed, number), ..setting.orders.clone() };
        home.iter().zip(home_groups(&drawn)).filter(|(was, is)| was.1 == is.1).count()
    };
    let repeated = (0..40).filter(|number| [0, 6].contains(&dealt(*number))).count() as u32;
    let found = placebo(setting.case(), 40);
    assert!(repeated > 0 && found.accused >= repeated && found.fair == 0, "{repeated} repeated: {found:?}");
}

/// B is 100 us slower: no margin's worth of clock offset, slot or client changes that; days as blocks are too few for any verdict.
#[test]
fn a_clear_verdict_stands_under_every_alternative_but_too_few_blocks() {
    let setting = world("delay", 100, 12_000);
    let given = setting.assessed();
    assert_eq!(given.pairs[0].verdict, crate::fairness::Verdict::Unfair, "{:#?}", given.pairs[0]);
    let found = sensitivity(setting.case(), &given, Alternatives::default());
    let codes: Vec<&str> = found.iter().map(|alternative| alternative.what.code).collect();
    assert_eq!(
        &codes[..9],
        ["clock_offset", "clock_offset", "clock_offset", "clock_offset", "slot", "slot", "day_blocks", "no_load", "all_instruments"]
    );
    assert!(codes[9..].iter().all(|code| *code == "drop_client") && codes.len() > 10, "{codes:?}");
    for alternative in &found {
        let expected = if alternative.what.code == "day_blocks" { 2 } else { 0 };
        assert_eq!(alternative.changed.len(), expected, "{alternative:#?}");
    }
    let days = &found[6].changed[0];
    assert_eq!((days.from, days.to), ("unfair", "inconclusive"));
    assert!(days.reasons.contains(&"few_blocks"), "{days:?}");
}

#[test]
fn an_offset_of_the_size_of_the_effect_changes_the_verdict_and_bad_records_have_lines_of_their_own() {
    let mut setting = world("delay", 25, 12_000);
    setting.orders.latency[0] = Latency(-5);
    setting.orders.access_class[1] = 1;
    setting.evidence = Evidence { groups: vec![GroupEvidence::default(); 2], ..Evidence::default() };
    let given = setting.assessed();
    let never = setting.orders.taken(&[5, 6, 7]);
    let also = Alternatives { first_children: Some(&setting.orders), never_sent: Some(&never) };
    let found = sensitivity(setting.case(), &given, also);
    let line = |code: &str| found.iter().find(|alternative| alternative.what.code == code).expect(code);
    assert!(line("no_negative").what.en.ends_with("dropped: 1"));
    assert!(line("never_sent").what.en.starts_with("3 orders"));
    assert!(line("first_child").changed.is_empty() && line("by_access_class").what.zh.contains("存取等級"));
    // B stamped 20 us later at receipt looks 20 us faster: 5 us remain, below the margin.
    let moved = found.iter().find(|alternative| alternative.what.en.contains("B moved by +20")).expect("twice the margin of 10 us");
    assert_eq!((moved.changed[0].from, moved.changed[0].to != "unfair"), ("unfair", true), "{moved:?}");
}

#[test]
fn one_thread_gives_the_same_as_many() {
    let setting = world("fair-whale", 0, 4_000);
    let given = setting.assessed();
    let all = || {
        let case = setting.case();
        let found = (assess_with_clients(case, None).1, placebo(case, 6), sensitivity(case, &given, Alternatives::default()));
        (found, pooled(case, &given), missingness(case, &MissingOrders::default()), crate::measure::replay(case.orders))
    };
    let alone = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("one thread").install(all);
    assert_eq!(alone, rayon::ThreadPoolBuilder::new().num_threads(5).build().expect("five threads").install(all));
}
