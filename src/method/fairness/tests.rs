//! The method against other people's libraries, against its own definition, and against its promises.

use proptest::prelude::*;

use crate::fairness::comparable::{Comparable, Side, Without, tail_thresholds};
use crate::fairness::contrast::{self, GAPS, SUPERIORITY, TAIL};
use crate::fairness::deletions::{Deletion, without_clients};
use crate::fairness::errors::{Blocks, Errors};
use crate::fairness::pair::Metric;
use crate::fairness::*;
use crate::measure::{CellKeys, Cells, Timetable, count_overtaking, load_bins, overtaking_by_client};
use crate::record::{Calendar, Latency, MatchedOrders, TimeSpan, Timestamp, UNKNOWN_GROUP, Zone};

pub(super) const SECOND: i64 = 1_000_000_000;
/// 2026-01-05T09:00Z.
pub(super) const START: i64 = 1_767_603_600 * SECOND;

/// (received, latency, group, client, instrument, kind, gateway)
pub(super) type Row = (i64, i64, u16, u32, u32, u16, u16);

pub(super) fn orders_of(rows: &[Row]) -> MatchedOrders {
    let mut rows = rows.to_vec();
    rows.sort_unstable();
    let mut orders = MatchedOrders::default();
    for (received, latency, group, client, instrument, kind, gateway) in rows {
        orders.received_at.push(Timestamp(received));
        orders.latency.push(Latency(latency));
        orders.group.push(group);
        orders.client.push(client);
        orders.instrument.push(instrument);
        orders.kind.push(kind);
        orders.gateway.push(gateway);
        orders.shard.push(0);
        orders.access_class.push(0);
    }
    let named = |prefix: &str, n: usize| (0..n).map(|i| format!("{prefix}{i:03}")).collect::<Vec<_>>();
    let count = |column: Vec<u32>| column.into_iter().max().map_or(0, |max| max as usize + 1);
    orders.names.groups = named("g", count(orders.group.iter().map(|code| u32::from(*code)).collect()));
    orders.names.clients = named("c", count(orders.client.clone()));
    orders.names.instruments = named("i", count(orders.instrument.clone()));
    orders.names.kinds = named("k", count(orders.kind.iter().map(|code| u32::from(*code)).collect()));
    orders.names.gateways = named("w", count(orders.gateway.iter().map(|code| u32::from(*code)).collect()));
    orders
}

pub(super) fn splitmix(state: u64) -> u64 {
    let z = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// The sample of `tests/reference/method.py`, with `extra` nanoseconds more for group 1 and clients spread over `clients` a group.
pub(super) fn sample(n: i64, extra: i64, clients: u64) -> Vec<Row> {
    let rows = (0..n).map(|i| {
        let u: Vec<u64> = (0..8).map(|k| splitmix(8 * i as u64 + k)).collect();
        let (day, step) = (i / 4 / 1_000, i / 4 % 1_000);
        let received = START + day * 86_400 * SECOND + step * 23 * SECOND + i % 4 * 15_000 + (u[0] % 1_000) as i64;
        let group = (u[1] % 2) as i64;
        let block = step * 23 / 1_800 + 13 * day;
        let latency = 20_000 + (u[2] % 4_096 * (u[3] % 4_096) / 256) as i64 + block * 7_919 % 13 * 1_500 + group * (3_000 + extra);
        let client = group as u64 * clients + u[4] % clients;
        (received, latency, group as u16, client as u32, (u[5] % 3) as u32, (u[6] % 2) as u16, (u[7] % 2) as u16)
    });
    rows.collect()
}

pub(super) fn judge(orders: &MatchedOrders, evidence: &Evidence, options: &FairnessOptions) -> Assessment {
    assess(orders, evidence, &Calendar::none(), Zone::UTC, options)
}

pub(super) fn judged(rows: &[Row]) -> Assessment {
    judge(&orders_of(rows), &Evidence::default(), &FairnessOptions::default())
}

pub(super) fn pair<'a>(assessment: &'a Assessment, favoured: &str, disadvantaged: &str) -> &'a PairAssessment {
    let found = assessment.pairs.iter().find(|pair| pair.favoured == favoured && pair.disadvantaged == disadvantaged);
    found.expect("the pair was wanted")
}

pub(super) fn codes(pair: &PairAssessment) -> Vec<&'static str> {
    pair.reasons.iter().map(|reason| reason.code).collect()
}

fn cells_of(orders: &MatchedOrders) -> (Timetable, Cells) {
    let timetable = Timetable::of(orders, &Calendar::none(), Zone::UTC, None, TimeSpan(1_800 * SECOND));
    let load = load_bins(orders, &timetable.days);
    let cells = Cells::of(orders, &timetable.slots, &load, CellKeys::default());
    (timetable, cells)
}

#[track_caller]
fn close(found: f64, expected: f64, relative: f64) {
    assert!((found - expected).abs() <= relative * expected.abs(), "{found} is not {expected}");
}

#[test]
fn theta_tail_and_their_block_errors_equal_statsmodels_and_the_median_scipy() {
    let reference: serde_json::Value = serde_json::from_str(include_str!("../../../tests/reference/method.json")).expect("valid JSON");
    let number = |name: &str| reference[name].as_f64().expect(name);
    let orders = orders_of(&sample(12_000, 0, 5));
    let (_, cells) = cells_of(&orders);
    let pair = Comparable::of(&cells, [0, 1], None);
    let tail = tail_thresholds(&cells, [0, 1]);
    let located = contrast::locate(&pair, [&[], &[]]).0;
    let scores = contrast::scores(&pair, &located, &tail);
    let blocks = Blocks::of(&scores, |block| block);
    let errors = Errors::of(blocks.clone());
    assert_eq!((pair.cells.len() as f64, errors.blocks() as f64), (number("cells"), number("blocks")));
    close(pair.total_weight(), number("weight"), 1e-14);
    let block_se = |measure| {
        let influence = blocks.influence(measure);
        let n = influence.len() as f64;
        (n / (n - 1.0) * influence.iter().map(|part| part * part).sum::<f64>()).sqrt()
    };
    close(0.5 + errors.mean(SUPERIORITY), number("theta"), 1e-12);
    close(block_se(SUPERIORITY), number("theta_block_se"), 1e-12);
    close(errors.mean(TAIL), number("tail"), 1e-12);
    close(block_se(TAIL), number("tail_block_se"), 1e-12);
    assert_eq!(located[0].at.map(|at| at as f64), [0, 1].map(|side| reference["medians"][side].as_f64().expect("a number")));
    close(block_se(GAPS), number("gap_bootstrap_se"), 0.10);
    close(contrast::tail_sum(&pair, &tail).value() / pair.total_weight(), number("tail"), 1e-12);
}

/// Clients differ, so the error of overtaking is mostly theirs: six times that of the blocks.
#[test]
fn overtaking_and_its_block_and_client_errors_equal_the_definition_in_numpy() {
    let reference: serde_json::Value = serde_json::from_str(include_str!("../../../tests/reference/method.json")).expect("valid JSON");
    let number = |name: &str| reference[name].as_f64().expect(name);
    let mut rows = sample(12_000, 0, 5);
    rows.iter_mut().for_each(|row| row.1 += i64::from(row.3 % 5) * 4_000);
    let orders = orders_of(&rows);
    let options = FairnessOptions { overtaking_scope: OvertakingScope::All, ..FairnessOptions::default() };
    let evidence = Evidence::default();
    let (study, _) = assess::prepare(&orders, &evidence, &Calendar::none(), Zone::UTC, &options);
    let counts = count_overtaking(&orders, &study.timetable, 2, study.rules, &[]);
    let values = sequence::values(&counts, &study.timetable, [0, 1]).expect("both pass");
    let clients = &overtaking_by_client(&orders, &study.timetable, 2, study.rules, &[values])[0];
    assert_eq!(clients.iter().map(|one| one.side).collect::<std::collections::BTreeSet<_>>(), [0, 1].into());
    let of = |clients| sequence::asymmetry(&counts, clients, &study.timetable, |block| block, [0, 1]);
    let (blocks, both) = (of(&[]).estimate.expect("both pass"), of(clients).estimate.expect("both pass"));
    assert_eq!(of(clients).pairs.map(|n| n as f64), [0, 1].map(|side| reference["overtaking_pairs"][side].as_f64().expect("a number")));
    close(both.value, number("overtaking"), 1e-12);
    close(blocks.se, number("overtaking_block_se"), 1e-12);
    // The oracle's derivatives are differences over a step of 10^-4, ours are rounded to 2^-26 a pair.
    close(both.se, number("overtaking_se"), 1e-6);
    close(both.df, number("overtaking_df"), 1e-6);
    // All pairs count once for A's clients and once for B's, and their scores are nothing together.
    let sums = |side| clients.iter().filter(|one| one.side == side).fold((0, 0), |sum, one| (sum.0 + one.weight, sum.1 + one.score));
    assert_eq!(sums(0), sums(1));
    assert!(sums(0).1.abs() < 4_479, "{}", sums(0).1);
}

/// Cell 1: A 10, 20; B 15, 25 (w = 1). Cell 2: A 30; B 40, 50 (w = 2/3). theta - 1/2 = (1 x 1/4 + 2/3 x 1/2) / (5/3) = 0.35.
/// A's weights 1/2, 1/2, 2/3: the median is 20; B's 1/2, 1/2, 1/3, 1/3: 25.
#[test]
fn two_cells_by_hand() {
    let at = |i: i64| START + i * SECOND;
    let rows = [(at(0), 10, 0, 0, 0, 0, 0), (at(1), 20, 0, 1, 0, 0, 0), (at(2), 15, 1, 2, 0, 0, 0), (at(3), 25, 1, 3, 0, 0, 0)];
    let rows =
        [&rows[..], &[(at(4), 30, 0, 0, 1, 0, 0), (at(5), 40, 1, 2, 1, 0, 0), (at(6), 50, 1, 3, 1, 0, 0), (at(7), 60, 1, 3, 2, 0, 0)]]
            .concat();
    let assessment = judged(&rows);
    let pair = pair(&assessment, "g000", "g001");
    close(pair.superiority.expect("estimated").estimate, 0.85, 1e-15);
    close(pair.median_gap.expect("estimated").estimate, 5.0, 1e-15);
    close(pair.overlap.expect("orders").to_owned(), 7.0 / 8.0, 1e-15);
    assert_eq!((pair.n_favoured, pair.n_disadvantaged, pair.blocks, pair.days, assessment.tests), (3, 5, 1, 1, 6));
    assert_eq!(pair.verdict, Verdict::Inconclusive);
    for code in ["few_blocks", "few_days", "few_orders", "few_clients", "few_overtaking_pairs"] {
        assert!(codes(pair).contains(&code), "{code} in {:?}", codes(pair));
    }
}

#[test]
fn swapping_the_groups_flips_every_sign_and_changes_nothing_else() {
    let rows = sample(12_000, 2_000, 5);
    let swapped: Vec<Row> = rows.iter().map(|row| (row.0, row.1, 1 - row.2, row.3, row.4, row.5, row.6)).collect();
    let (one, other) = (judged(&rows), judged(&swapped));
    for (favoured, disadvantaged) in [("g000", "g001"), ("g001", "g000")] {
        let left = pair(&one, favoured, disadvantaged);
        // The same two sets of orders in the same roles, under the other name.
        let right = pair(&other, disadvantaged, favoured);
        let named = PairAssessment { favoured: favoured.into(), disadvantaged: disadvantaged.into(), ..right.clone() };
        assert_eq!(figures(left), figures(&named));
        // And the roles themselves exchanged.
        let mirror = pair(&one, disadvantaged, favoured);
        for (a, b) in [(left.median_gap, mirror.median_gap), (left.tail_excess, mirror.tail_excess), (left.overtaking, mirror.overtaking)] {
            let (a, b) = (a.expect("estimated"), b.expect("estimated"));
            assert_eq!(
                (a.estimate, a.se, a.df, a.lower, a.upper, a.p_fair),
                (0.0 - b.estimate, b.se, b.df, 0.0 - b.upper, 0.0 - b.lower, b.p_fair)
            );
        }
    }
}

/// Everything but the sentences, which name the groups, and the groups of the clients.
fn figures(pair: &PairAssessment) -> String {
    let pair = PairAssessment { reasons: Vec::new(), ..pair.clone() };
    format!("{pair:?}")
}

#[test]
fn neither_the_order_of_rows_nor_the_number_of_threads_changes_a_byte() {
    let orders = orders_of(&sample(4_000, 2_000, 5));
    let mut shuffled = orders.clone();
    let n = orders.len();
    for (to, from) in (0..n).map(|to| (to, to * 1_237 % n)) {
        shuffled.received_at[to] = orders.received_at[from];
        shuffled.latency[to] = orders.latency[from];
        shuffled.group[to] = orders.group[from];
        shuffled.client[to] = orders.client[from];
        shuffled.instrument[to] = orders.instrument[from];
        shuffled.kind[to] = orders.kind[from];
        shuffled.gateway[to] = orders.gateway[from];
    }
    let on = |threads: usize, orders: &MatchedOrders| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
        format!("{:?}", pool.install(|| judge(orders, &Evidence::default(), &FairnessOptions::default())))
    };
    let one = on(1, &orders);
    assert_eq!(one, on(4, &orders));
    assert_eq!(one, on(2, &shuffled));
}

#[test]
fn a_large_delay_is_unfair_and_its_reverse_says_so() {
    let assessment = judged(&sample(12_000, 30_000, 5));
    let unfair = pair(&assessment, "g000", "g001");
    assert_eq!((unfair.verdict, pair(&assessment, "g001", "g000").verdict), (Verdict::Unfair, Verdict::Reversed), "{unfair:#?}");
    assert!(!unfair.client_specific);
}

#[test]
fn a_delay_of_the_largest_client_alone_is_laid_at_its_door() {
    let mut rows = sample(12_000, -3_000, 5);
    for row in &mut rows {
        // Client 7 takes over half of its neighbours' orders and is delayed.
        if row.2 == 1 && (row.3 == 7 || row.3 < 7 && row.0 / 1_000 % 2 == 0) {
            row.3 = 7;
            row.1 += 200_000;
        }
    }
    let assessment = judged(&rows);
    let found = pair(&assessment, "g000", "g001");
    assert_eq!(
        (found.verdict, found.client_specific, &found.clients_named),
        (Verdict::Inconclusive, true, &vec!["c007".to_owned()]),
        "{found:#?}"
    );
    assert_eq!(codes(found)[0], "client_specific");
    // One order in the other group does not hide it.
    if let Some(row) = rows.iter_mut().find(|row| row.2 == 0) {
        row.3 = 7;
    }
    assert_eq!(pair(&judged(&rows), "g000", "g001").clients_named, ["c007"]);
}

#[test]
fn one_client_in_both_groups_is_not_named_of_their_difference() {
    let mut rows = sample(12_000, 200_000, 5);
    let name_all = |rows: &mut Vec<Row>, of: fn(u16) -> u32| rows.iter_mut().for_each(|row| row.3 = of(row.2));
    name_all(&mut rows, |_| 3);
    let alone = judged(&rows);
    assert_eq!((pair(&alone, "g000", "g001").client_specific, &pair(&alone, "g000", "g001").clients_named), (false, &Vec::new()));
    name_all(&mut rows, u32::from);
    let two = judged(&rows);
    assert!(pair(&two, "g000", "g001").client_specific, "{:?}", codes(pair(&two, "g000", "g001")));
}

#[test]
fn equal_treatment_is_fair_once_the_margins_are_wide_enough() {
    let orders = orders_of(&sample(12_000, -3_000, 5));
    let margins = Margins { median: Latency(20_000), tail: 0.05, overtaking: 0.2, ..Margins::default() };
    let options = FairnessOptions { margins, overtaking_scope: OvertakingScope::All, ..FairnessOptions::default() };
    let assessment = judge(&orders, &Evidence::default(), &options);
    assert_eq!(pair(&assessment, "g000", "g001").verdict, Verdict::Fair, "{:#?}", pair(&assessment, "g000", "g001"));
    assert_eq!(pair(&assessment, "g001", "g000").verdict, Verdict::Fair);

    // The same records with one thing wrong at a time are never fair, and the reason is named.
    let bad = |change: fn(&mut GroupEvidence)| {
        let mut group = GroupEvidence::default();
        change(&mut group);
        Evidence { groups: vec![GroupEvidence::default(), group], ..Evidence::default() }
    };
    let cases: [(&str, Evidence); 10] = [
        ("unmatched_orders", bad(|g| g.missing_receipt = 500)),
        ("unmatched_orders", bad(|g| g.ambiguous = 500)),
        ("unmatched_receipts", bad(|g| g.orphan_receipt = 500)),
        ("unmatched_differ", bad(|g| g.missing_receipt = 40)),
        ("copies_differ", bad(|g| g.later_copies = 40)),
        ("copies_differ", bad(|g| g.receipt_copies = 40)),
        ("suspect_stamps", bad(|g| g.suspect = vec!["receipts".into()])),
        ("coarse_median", bad(|g| g.received_resolution = 1_000_000)),
        ("coarse_tail", bad(|g| g.received_resolution = 1_000_000)),
        ("coarse_overtaking", bad(|g| g.received_resolution = 60_000)),
    ];
    for (code, evidence) in cases {
        let assessment = judge(&orders, &evidence, &options);
        let found = pair(&assessment, "g000", "g001");
        assert_eq!(found.verdict, Verdict::Inconclusive, "{code}");
        assert!(codes(found).contains(&code), "{code} in {:?}", codes(found));
    }
}

/// Refusals are in no comparison: they are told, and change no verdict.
#[test]
fn refusals_that_differ_are_told_beside_a_verdict_that_stands() {
    let margins = Margins { median: Latency(20_000), tail: 0.05, overtaking: 0.2, ..Margins::default() };
    let options = FairnessOptions { margins, overtaking_scope: OvertakingScope::All, ..FairnessOptions::default() };
    let refused = |numbers: [u64; 2]| {
        let groups = numbers.map(|refused| GroupEvidence { refused, ..GroupEvidence::default() }).to_vec();
        let found = judge(&orders_of(&sample(12_000, -3_000, 5)), &Evidence { groups, ..Evidence::default() }, &options);
        pair(&found, "g000", "g001").clone()
    };
    let [alike, apart] = [[300, 300], [0, 300]].map(refused);
    assert_eq!([alike.verdict, apart.verdict], [Verdict::Fair; 2]);
    assert!(!codes(&alike).contains(&"refusals_differ"), "{:?}", alike.reasons);
    let told = apart.reasons.iter().find(|reason| reason.code == "refusals_differ").expect("told");
    assert!(told.en.starts_with("of g000's receipts 0.00 % were refused by the broker, of g001's 4."), "{}", told.en);
}

/// FAIR speaks of all orders: those that nobody saw whole, or whose group nobody knows, may have been the slow ones.
#[test]
fn orders_that_were_not_compared_can_forbid_fair_and_never_accuse() {
    let mut rows = sample(12_000, -3_000, 5);
    let margins = Margins { median: Latency(20_000), tail: 0.05, overtaking: 0.2, ..Margins::default() };
    let options = FairnessOptions { margins, overtaking_scope: OvertakingScope::All, ..FairnessOptions::default() };
    let without = |change: fn(&mut Evidence, u64), n: u64| {
        let mut evidence = Evidence { groups: vec![GroupEvidence::default(); 2], ..Evidence::default() };
        change(&mut evidence, n);
        pair(&judge(&orders_of(&rows), &evidence, &options), "g000", "g001").clone()
    };
    let changes: [fn(&mut Evidence, u64); 7] = [
        |e, n| e.groups.iter_mut().for_each(|g| g.missing_receipt = n),
        |e, n| e.groups.iter_mut().for_each(|g| g.ambiguous = n),
        |e, n| e.groups.iter_mut().for_each(|g| g.orphan_receipt = n),
        |e, n| e.groups.iter_mut().for_each(|g| g.later_copies = n),
        |e, n| e.groups.iter_mut().for_each(|g| g.receipt_copies = n),
        |e, n| e.unread = [n, n],
        // Receipts alone: their orders are counted as orders without one.
        |e, n| e.unread = [0, n],
    ];
    for change in changes {
        assert_eq!(without(change, 5).verdict, Verdict::Fair);
    }
    // Copies and unread rows are no gate of the records: 300 of 6,000 may all have been slow, a tail margin of 5 points.
    for change in &changes[3..6] {
        let found = without(*change, 300);
        assert_eq!((found.verdict, codes(&found)[0]), (Verdict::Inconclusive, "unseen_tail"), "{:?}", codes(&found));
    }
    assert_eq!(without(changes[6], 300).verdict, Verdict::Fair);

    // One order in fifty is of no known group.
    rows.iter_mut().step_by(50).for_each(|row| row.2 = 2);
    let mut orders = orders_of(&rows);
    orders.names.groups = vec!["A".into(), "B".into(), UNKNOWN_GROUP.into()];
    let found = judge(&orders, &Evidence::default(), &options);
    let found = pair(&found, "A", "B");
    assert_eq!((found.verdict, codes(found)[0]), (Verdict::Inconclusive, "unknown_orders"), "{:?}", codes(found));
    orders.names.groups[2] = "C".into();
    assert_eq!(pair(&judge(&orders, &Evidence::default(), &options), "A", "B").verdict, Verdict::Fair);
}

#[test]
fn one_order_in_ten_held_is_not_fair_though_median_tail_and_overtaking_are_within_their_margins() {
    let mut rows = sample(12_000, -3_000, 5);
    let mut n_held = 0;
    for (at, row) in rows.iter_mut().enumerate().filter(|(_, row)| row.2 == 1) {
        if splitmix(900_000 + at as u64).is_multiple_of(10) {
            (row.1, n_held) = (row.1 + 300_000, n_held + 1);
        }
    }
    assert!(n_held > 400);
    let margins = Margins { median: Latency(20_000), tail: 0.05, overtaking: 0.2, ..Margins::default() };
    let options = FairnessOptions { margins, overtaking_scope: OvertakingScope::All, ..FairnessOptions::default() };
    let assessment = judge(&orders_of(&rows), &Evidence::default(), &options);
    for (favoured, disadvantaged) in [("g000", "g001"), ("g001", "g000")] {
        let found = pair(&assessment, favoured, disadvantaged);
        assert_eq!((found.verdict, codes(found).contains(&"shift_beyond")), (Verdict::Inconclusive, true), "{:?}", codes(found));
    }
}

#[test]
fn clocks_that_may_differ_leave_no_tail_and_a_whole_shift_between_them_no_verdict() {
    let orders = orders_of(&sample(12_000, 400_000, 5));
    let group = |received_clock: u32, clock_shift: Option<i64>| GroupEvidence { received_clock, clock_shift, ..GroupEvidence::default() };
    let of = |uncertainty: i64, shift: Option<i64>, clock: u32| {
        let clocks = ClockUncertainty { receipts: TimeSpan(uncertainty), ..ClockUncertainty::default() };
        let evidence = Evidence { groups: vec![group(0, None), group(clock, shift)], ..Evidence::default() };
        let options = FairnessOptions { clocks, ..FairnessOptions::default() };
        pair(&judge(&orders, &evidence, &options), "g000", "g001").clone()
    };
    assert_eq!(of(0, None, 1).verdict, Verdict::Unfair);
    let wide = of(500_000, None, 1);
    assert!(codes(&wide).contains(&"clock_tail") && wide.verdict == Verdict::Inconclusive, "{:?}", codes(&wide));
    assert!(codes(&of(0, Some(400_000), 1)).contains(&"shifted_clock"));
    // On one clock the same shift is a delay.
    assert_eq!(of(0, Some(400_000), 0).verdict, Verdict::Unfair);
}

/// 900 us that every receipt stamp is behind leave each difference as it is, and widen a margin that is a share of the median tenfold.
#[test]
fn an_offset_of_all_receipts_clears_nobody_unless_the_clocks_are_documented() {
    let mut rows = sample(12_000, 14_000, 5);
    rows.iter_mut().for_each(|row| row.1 += 900_000);
    let orders = orders_of(&rows);
    // The median alone is to decide.
    let margins = Margins { tail: 0.5, overtaking: 0.5, ..Margins::default() };
    let of = |clocks: ClockUncertainty| {
        let options = FairnessOptions { clocks, margins: margins.clone(), ..FairnessOptions::default() };
        pair(&judge(&orders, &Evidence::default(), &options), "g000", "g001").clone()
    };
    let clocks =
        |receipts: i64, one_clock: bool| ClockUncertainty { receipts: TimeSpan(receipts), one_clock, ..ClockUncertainty::default() };
    for open in [of(clocks(0, false)), of(clocks(1_000_000, false))] {
        assert_eq!(open.verdict, Verdict::Inconclusive, "{:?}", codes(&open));
        assert!(codes(&open).contains(&"level_unknown") && open.median_gap.expect("a gap").p_fair > 0.9);
    }
    // By one clock, or by clocks that are known well enough, the medians are what they seem.
    for known in [of(clocks(0, true)), of(clocks(50_000, false))] {
        assert!(!codes(&known).contains(&"level_unknown") && known.median_gap.expect("a gap").p_fair < 0.001, "{:?}", codes(&known));
    }
    // Accused is nobody whom the wider margin spares.
    assert_eq!(of(clocks(0, false)).median_gap.expect("a gap").margin, of(clocks(0, true)).median_gap.expect("a gap").margin);
}

#[test]
fn orders_sent_days_after_their_receipt_are_compared_with_nobody() {
    let mut rows = sample(12_000, 0, 5);
    for row in rows.iter_mut().filter(|row| row.2 == 1).step_by(400) {
        row.1 += 7 * 86_400 * SECOND + 3_150_608_326;
    }
    let found = judged(&rows);
    assert!(codes(pair(&found, "g000", "g001")).contains(&"days_late"), "{:?}", codes(pair(&found, "g000", "g001")));
}

#[test]
fn a_sending_stamp_cut_to_its_resolution_is_no_wrong_clock() {
    // Latencies of 20 us on average, sent stamps cut by up to 100 us: many orders look sent before they were received.
    let mut rows = sample(12_000, 0, 5);
    rows.iter_mut().for_each(|row| row.1 -= (row.0 + row.1).rem_euclid(100_000));
    let orders = orders_of(&rows);
    let evidence = |sent_resolution: i64| Evidence {
        groups: vec![
            GroupEvidence { sent_resolution, ..GroupEvidence::default() },
            GroupEvidence { sent_resolution, ..GroupEvidence::default() },
        ],
        ..Evidence::default()
    };
    let negative = orders.latency.iter().filter(|latency| latency.0 < 0).count();
    assert!(negative > orders.len() / 100, "{negative}");
    let says = |resolution: i64| {
        let assessment = judge(&orders, &evidence(resolution), &FairnessOptions::default());
        codes(pair(&assessment, "g000", "g001")).contains(&"negative_latencies")
    };
    assert_eq!([1, 20_000, 100_000].map(says), [true, true, false]);
}

#[test]
fn different_clocks_widen_the_margin_both_ways_and_one_clock_does_not() {
    let orders = orders_of(&sample(12_000, 30_000, 5));
    let evidence = Evidence {
        groups: vec![GroupEvidence::default(), GroupEvidence { received_clock: 1, ..GroupEvidence::default() }],
        ..Evidence::default()
    };
    let with = |one_clock: bool| {
        let clocks = ClockUncertainty { receipts: TimeSpan(15_000), orders: TimeSpan(1_000), one_clock };
        let options = FairnessOptions { clocks, ..FairnessOptions::default() };
        judge(&orders, &evidence, &options).pairs[0].clone()
    };
    assert_eq!((with(true).clock_uncertainty, with(false).clock_uncertainty), (0, 30_000));
    let [p_one, p_two] = [true, false].map(|one_clock| with(one_clock).median_gap.expect("estimated").p_unfair_holm);
    assert!(p_one < 0.05 && p_two > 0.5, "{p_one} {p_two}");
}

#[test]
fn orders_that_name_no_client_carry_no_verdict_and_name_nobody() {
    let mut rows = sample(12_000, 200_000, 5);
    rows.iter_mut().for_each(|row| row.3 = 0);
    let mut orders = orders_of(&rows);
    orders.names.clients = vec![String::new()];
    let assessment = judge(&orders, &Evidence::default(), &FairnessOptions::default());
    let found = pair(&assessment, "g000", "g001");
    assert_eq!((found.verdict, found.client_specific), (Verdict::Inconclusive, false));
    assert!(codes(found).contains(&"clients_unknown") && codes(found).contains(&"few_clients"), "{:?}", codes(found));
}

#[test]
fn nothing_to_compare_is_an_answer() {
    assert!(judged(&[]).pairs.is_empty());
    assert!(judged(&[(START, 5, 0, 0, 0, 0, 0)]).pairs.is_empty());
    let apart = judged(&[(START, 5, 0, 0, 0, 0, 0), (START, 5, 1, 0, 1, 0, 0)]);
    assert_eq!((apart.pairs.len(), apart.pairs[0].verdict, apart.pairs[0].overlap), (2, Verdict::Inconclusive, Some(0.0)));
    assert!(codes(&apart.pairs[0]).contains(&"no_common_support"));
    let constant: Vec<Row> = sample(2_000, 0, 5).into_iter().map(|row| (row.0, 7, row.2, row.3, row.4, row.5, row.6)).collect();
    assert!(codes(&judged(&constant).pairs[0]).contains(&"tied_stamps"));
}

#[test]
fn against_a_reference_only_its_pairs_are_judged() {
    let rows: Vec<Row> =
        sample(2_000, 0, 6).into_iter().map(|row| (row.0, row.1, (row.3 % 4) as u16, row.3, row.4, row.5, row.6)).collect();
    let options = FairnessOptions { reference: Reference::Group("g002".into()), ..FairnessOptions::default() };
    let assessment = judge(&orders_of(&rows), &Evidence::default(), &options);
    assert_eq!((assessment.groups, assessment.tests, assessment.pairs.len()), (4, 18, 6));
    assert!(assessment.pairs.iter().all(|pair| pair.favoured == "g002" || pair.disadvantaged == "g002"));
    let all = judge(&orders_of(&rows), &Evidence::default(), &FairnessOptions::default());
    assert_eq!((all.tests, all.pairs.len()), (36, 12));
}

/// A sample small enough for quadratic definitions: (group, client, instrument, latency) within two slots.
fn small_rows() -> impl Strategy<Value = Vec<Row>> {
    let row = (0..40_i64, 1..12_i64, 0..2_u16, 0..3_u32, 0..2_u32, 0..1_u16, 0..2_u16);
    let spread =
        |rows: Vec<Row>| rows.into_iter().map(|r| (START + r.0 * 90 * SECOND, r.1, r.2, r.3 + 3 * u32::from(r.2), r.4, r.5, r.6)).collect();
    prop::collection::vec(row, 2..60).prop_map(spread)
}

proptest! {
    #[test]
    fn cell_means_of_client_scores_and_deletions_follow_the_definitions(rows in small_rows(), gone in 0..6_u32) {
        let orders = orders_of(&rows);
        let (_, cells) = cells_of(&orders);
        let pair = Comparable::of(&cells, [0, 1], None);
        prop_assume!(!pair.cells.is_empty());
        let tail = tail_thresholds(&cells, [0, 1]);
        let located = contrast::locate(&pair, [&[], &[]]).0;
        let scores = contrast::scores(&pair, &located, &tail);
        let errors = Errors::of(Blocks::of(&scores, |block| block));
        // theta by all pairs of each cell.
        let (mut sum, mut weight) = (0.0, 0.0);
        for cell in &pair.cells {
            let [a, b] = Side::BOTH.map(|side| pair.latencies(cell, side));
            let half_wins: i64 = a.iter().flat_map(|x| b.iter().map(move |y| y.cmp(x) as i64)).sum();
            sum += cell.weight() * half_wins as f64 / (2.0 * a.len() as f64 * b.len() as f64);
            weight += cell.weight();
        }
        prop_assert!((errors.mean(SUPERIORITY) - sum / weight).abs() < 1e-14);
        // The scores of either group add up to nothing, block by block they make the block's influence.
        for measure in [TAIL, SUPERIORITY] {
            for side in Side::BOTH {
                let total: f64 = errors.by_client(side, measure).map(|client| client.total).sum();
                prop_assert!(total.abs() < 1e-12, "{total}");
            }
        }
        // A deletion is what a study without that client's orders finds.
        let side = if gone < 3 { Side::A } else { Side::B };
        let without = Comparable::of(&cells, [0, 1], Some(Without { side, client: gone }));
        let left: Vec<Row> = rows.iter().copied().filter(|row| row.3 != gone).collect();
        let left = orders_of(&left);
        let (_, left_cells) = cells_of(&left);
        let left_pair = Comparable::of(&left_cells, [0, 1], None);
        prop_assert_eq!(without.cells.len(), left_pair.cells.len());
        if !left_pair.cells.is_empty() {
            prop_assert_eq!(Side::BOTH.map(|side| without.quantiles(side, &[0.1, 0.5, 0.9])), Side::BOTH.map(|side| left_pair.quantiles(side, &[0.1, 0.5, 0.9])));
            prop_assert_eq!(without.total_weight(), left_pair.total_weight());
        }
    }

    #[test]
    fn what_a_deletion_leaves_is_the_pair_computed_without_the_client(rows in small_rows()) {
        let orders = orders_of(&rows);
        let (evidence, options) = (Evidence::default(), FairnessOptions::default());
        let (mut study, wanted) = assess::prepare(&orders, &evidence, &Calendar::none(), Zone::UTC, &options);
        prop_assume!(wanted.len() == 1);
        study.overtaking = count_overtaking(&orders, &study.timetable, 2, study.rules, &[]);
        study.cells = assess::cells_of(&orders, &study.timetable, CellKeys::default());
        let measures = [study.measure([0, 1], |_, _, _| ()).0];
        let tail = tail_thresholds(&study.cells, [0, 1]);
        let asked = |metric| (0..7).map(move |client| {
            let side = if client < 3 { Side::A } else { Side::B };
            Deletion { pair: 0, groups: [0, 1], metric, gone: Without { side, client: client.min(5) } }
        });
        let asked: Vec<Deletion> = asked(Metric::Median).chain(asked(Metric::Tail)).filter(|one| study.cells.client_codes > one.gone.client as usize).collect();
        let found = without_clients(&study, &measures, &asked);
        for deletion in asked {
            let left = Comparable::of(&study.cells, [0, 1], Some(deletion.gone));
            let of_deletion = found.get(&deletion.key());
            prop_assert_eq!(of_deletion.is_some(), measures[0].like.is_some() && !left.cells.is_empty());
            match (of_deletion, deletion.metric) {
                (Some((gap, medians)), Metric::Median) => {
                    let [a, b] = Side::BOTH.map(|side| left.quantiles(side, &[0.5])[0]);
                    prop_assert_eq!((*gap, *medians), ((b - a) as f64, [a, b]));
                }
                (Some((excess, _)), _) => {
                    let expected = contrast::tail_sum(&left, &tail).value() / left.total_weight();
                    prop_assert!((excess - expected).abs() < 1e-12, "{excess} is not {expected}");
                }
                (None, _) => {}
            }
        }
    }

    #[test]
    fn any_small_sample_has_an_answer(rows in small_rows()) {
        let assessment = judged(&rows);
        for pair in &assessment.pairs {
            prop_assert_eq!(pair.verdict, Verdict::Inconclusive);
            prop_assert!(!pair.reasons.is_empty());
            for share in [&pair.tail_excess, &pair.overtaking].into_iter().flatten() {
                prop_assert!(-1.0 <= share.lower && share.upper <= 1.0, "{share:?}");
            }
        }
    }
}

#[test]
fn missing_orders_widen_the_median_gap_to_bounds_that_hold_it() {
    let orders = orders_of(&sample(4_000, 0, 5));
    let with = |missing: u64| {
        let evidence =
            Evidence { groups: vec![GroupEvidence { missing_receipt: missing, ..GroupEvidence::default() }; 2], ..Evidence::default() };
        let assessment = judge(&orders, &evidence, &FairnessOptions::default());
        let found = pair(&assessment, "g000", "g001");
        (found.missing_bounds, found.median_gap.expect("estimated").estimate)
    };
    let (bounds, gap) = with(0);
    assert_eq!(bounds, Some((gap, gap)));
    let (low, high) = with(200).0.expect("a tenth is missing");
    assert!(low < gap && gap < high);
    assert_eq!(with(4_000).0, None);
}

#[test]
fn raw_and_stratified_effects_of_opposite_sign_are_said_so() {
    // Group 0 trades instrument 0 (fast) nine times in ten, group 1 instrument 2 (slow); inside an instrument group 0 is the slower.
    let rows: Vec<Row> = sample(8_000, 0, 5)
        .into_iter()
        .map(|row| {
            let slow = (row.0 % 10 == 0) == (row.2 == 0);
            let latency = row.1 % 10_000 + if slow { 100_000 } else { 0 } + if row.2 == 0 { 15_000 } else { 0 };
            (row.0, latency, row.2, row.3, if slow { 2 } else { 0 }, row.5, row.6)
        })
        .collect();
    let assessment = judged(&rows);
    let found = pair(&assessment, "g000", "g001");
    assert!(found.raw_median_gap.expect("orders") > 50_000.0 && found.median_gap.expect("estimated").estimate < -10_000.0);
    assert!(codes(found).contains(&"opposite_signs"));
}
