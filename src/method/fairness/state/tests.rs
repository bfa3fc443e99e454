//! Days apart and merged in any tree against one run over all orders.

use proptest::prelude::*;

use crate::fairness::state::{Merged, Origin, StateError, StudyDay, by_day, merge};
use crate::fairness::{Assessment, Evidence, FairnessOptions, GroupEvidence, OvertakingScope, assess};
use crate::record::{Calendar, MatchedOrders, TradeDate, Zone};
use crate::simulate::{Options, World, WorldSettings, matched};

fn zone() -> Zone {
    Zone::named("Asia/Taipei").expect("known")
}

fn world(name: &str, orders: u64, days: u32) -> MatchedOrders {
    let world = World::named(name, &WorldSettings::default()).expect("known");
    matched(&world, &Options { orders, days, groups: 3, ..Options::calibration(7) }).expect("in range")
}

/// Missing receipts and resolutions that differ by group and, for the counts, by day.
fn evidence(day: u64) -> Evidence {
    let group = |code: u64| GroupEvidence {
        missing_receipt: code + day % 2,
        ambiguous: code,
        orphan_receipt: code,
        later_copies: code,
        receipt_copies: code + 1,
        refused: code + 3,
        ..GroupEvidence::default()
    };
    Evidence { groups: (0..3).map(group).collect(), unread: [day, 1] }
}

fn days_of(orders: &MatchedOrders) -> Vec<StudyDay> {
    let origin = Origin::new("broker", "rules");
    let days = by_day(orders, zone()).into_iter().enumerate();
    days.map(|(at, (date, orders))| StudyDay::of(origin.clone(), date, zone(), &orders, &evidence(at as u64)).expect("one date")).collect()
}

fn whole(orders: &MatchedOrders, days: u64, options: &FairnessOptions) -> Assessment {
    let mut all = Evidence { groups: vec![GroupEvidence::default(); 3], unread: [(0..days).sum(), days] };
    for day in 0..days {
        for (sum, part) in all.groups.iter_mut().zip(evidence(day).groups) {
            sum.missing_receipt += part.missing_receipt;
            sum.orphan_receipt += part.orphan_receipt;
            sum.ambiguous += part.ambiguous;
            sum.later_copies += part.later_copies;
            sum.receipt_copies += part.receipt_copies;
            sum.refused += part.refused;
        }
    }
    assess(orders, &all, &Calendar::none(), zone(), options)
}

fn on_threads<T: Send>(threads: usize, work: impl FnOnce() -> T + Send) -> T {
    rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads").install(work)
}

fn all_bytes(merged: &Merged) -> Vec<Vec<u8>> {
    merged.days().map(StudyDay::to_bytes).collect()
}

/// Merges in a random tree: `picks` says which two parts are joined next.
fn in_a_tree<T: Default>(mut parts: Vec<T>, picks: &[usize], join: impl Fn(T, T) -> T) -> T {
    let mut picks = picks.iter().cycle();
    let mut pick = |n: usize| picks.next().map_or(0, |pick| pick % n);
    while parts.len() > 1 {
        let left = parts.swap_remove(pick(parts.len()));
        let right = parts.swap_remove(pick(parts.len()));
        parts.push(join(left, right));
    }
    parts.pop().unwrap_or_default()
}

#[test]
fn a_day_comes_back_from_its_bytes_exactly_and_takes_few_of_them() {
    let orders = world("fair", 32_000, 2);
    for day in days_of(&orders) {
        let bytes = day.to_bytes();
        let back = StudyDay::from_bytes(&bytes).expect("just written");
        assert_eq!(format!("{day:?}"), format!("{back:?}"));
        assert_eq!(bytes, back.to_bytes());
        let each = bytes.len() as f64 / day.orders().len() as f64;
        assert!(each < 14.0, "{each} bytes an order");
    }
}

#[test]
fn a_day_does_not_depend_on_the_study_it_was_cut_from() {
    let orders = world("fair", 8_000, 4);
    let cut = days_of(&orders).swap_remove(2);
    let (date, mut alone) = by_day(&orders, zone()).swap_remove(2);
    alone.names.clients.push("zz never there".into());
    alone.names.instruments.push("zz never there".into());
    let alone = StudyDay::of(cut.origin().clone(), date, zone(), &alone, &evidence(2)).expect("one date");
    assert_eq!(cut.to_bytes(), alone.to_bytes());
}

#[test]
fn an_empty_day_is_a_day() {
    let orders = MatchedOrders::default();
    let day = StudyDay::of(Origin::new("broker", "rules"), TradeDate(20_000), zone(), &orders, &Evidence::default()).expect("no order");
    let back = StudyDay::from_bytes(&day.to_bytes()).expect("just written");
    assert_eq!((back.date(), back.orders().len()), (TradeDate(20_000), 0));
    assert!(merge([back]).expect("one day").assess(&Calendar::none(), &FairnessOptions::default()).pairs.is_empty());
}

#[test]
fn split_days_and_mixed_studies_are_refused_with_a_remedy() {
    let orders = world("fair", 3_000, 3);
    let days = days_of(&orders);
    let twice = merge([days[0].clone(), days[1].clone(), days[0].clone()]).expect_err("a split day");
    assert_eq!(twice, StateError::SplitDay { date: days[0].date() });
    assert!(twice.to_string().contains("write one state"), "{twice}");

    let again = |change: &dyn Fn(&mut Origin, &mut Evidence), zone: Zone| {
        let (mut origin, mut known) = (days[1].origin().clone(), days[1].evidence().clone());
        change(&mut origin, &mut known);
        StudyDay::of(origin, days[1].date(), zone, days[1].orders(), &known).expect("one date")
    };
    let cases: [(&str, StudyDay); 5] = [
        ("the subject", again(&|origin, _| origin.subject = "another".into(), zone())),
        ("the fingerprint of the rules", again(&|origin, _| origin.rules = "another".into(), zone())),
        ("the program", again(&|origin, _| origin.tool = "colofair 0.0.9".into(), zone())),
        ("the time zone", again(&|_, _| {}, Zone::named("Asia/Singapore").expect("known"))),
        ("the clocks of group B", again(&|_, known| known.groups[1].received_clock = 3, zone())),
    ];
    for (expected, other) in cases {
        let [one, two] =
            [[&days[0], &other, &days[2]], [&days[2], &other, &days[0]]].map(|days| merge(days.into_iter().cloned()).expect_err("mixed"));
        assert_eq!(one, two);
        assert!(matches!(&one, StateError::Mixed { what, .. } if what == expected), "{one}");
    }
    let three_dates = StudyDay::of(Origin::new("broker", "rules"), days[0].date(), zone(), &orders, &Evidence::default());
    assert_eq!(three_dates.map(|_| ()), Err(StateError::OtherDate { date: days[0].date(), found: days[1].date() }));
}

#[test]
fn other_versions_and_damaged_bytes_are_refused() {
    let day = days_of(&world("fair", 600, 1)).remove(0);
    let bytes = day.to_bytes();
    let at = bytes.windows(19).position(|window| window == b"\"schema_version\":1,").expect("in the header");
    let mut newer = bytes.clone();
    newer[at + 17] = b'9';
    let error = StudyDay::from_bytes(&newer).expect_err("version 9");
    assert_eq!(error, StateError::SchemaVersion { found: 9, known: 1 });
    assert!(matches!(StudyDay::from_bytes(b"order_id,sent_ts\n1,2\n"), Err(StateError::Damaged { .. })));
    assert!(matches!(StudyDay::from_bytes(&[]), Err(StateError::Damaged { .. })));
    for end in (0..bytes.len()).step_by(61) {
        assert!(StudyDay::from_bytes(&bytes[..end]).is_err(), "cut at {end}");
    }
}

/// Lengths and offsets are among the bytes, so a day is refused before anything is believed.
#[test]
fn a_changed_byte_is_always_found() {
    let bytes = days_of(&world("fair", 600, 1)).remove(0).to_bytes();
    for at in (0..bytes.len()).step_by(5) {
        let mut changed = bytes.clone();
        changed[at] ^= 1 << (at % 8);
        assert!(StudyDay::from_bytes(&changed).is_err(), "byte {at}");
    }
}

#[test]
fn merged_days_are_judged_as_one_run_at_any_thread_count() {
    let scopes = [OvertakingScope::Shard, OvertakingScope::Instrument];
    for (name, scope) in ["delay", "fair-whale"].into_iter().zip(scopes) {
        let orders = world(name, 12_000, 5);
        let options = FairnessOptions { overtaking_scope: scope, ..FairnessOptions::default() };
        let expected = format!("{:?}", whole(&orders, 5, &options));
        for threads in [1, 2, 8] {
            let found = on_threads(threads, || {
                let days = days_of(&orders).into_iter().rev();
                let days = days.map(|day| StudyDay::from_bytes(&day.to_bytes()).expect("just written"));
                merge(days).expect("one study").assess(&Calendar::none(), &options)
            });
            assert_eq!(expected, format!("{found:?}"), "{name} on {threads} threads");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    /// Orders dealt to dates at random, so that days differ in their names; trees at random, with days that went through bytes.
    #[test]
    fn any_tree_gives_the_same_bytes_and_the_verdict_of_one_run(
        n_days in 1..7_u32, seed in 0..50_u64, picks in prop::collection::vec(0..1_000_usize, 1..12), threads in prop::sample::select(vec![1, 2, 8]),
    ) {
        let world = World::named("priority", &WorldSettings::default()).expect("known");
        let size = Options { orders: 150 * u64::from(n_days), days: n_days, groups: 3, ..Options::calibration(seed) };
        let orders = matched(&world, &size).expect("in range");
        let days = days_of(&orders);
        let n_days = days.len() as u64;
        let flat = merge(days.clone()).expect("one study");
        let mixed = days.into_iter().enumerate().map(|(at, day)| {
            if picks[at % picks.len()] % 2 == 0 { StudyDay::from_bytes(&day.to_bytes()).expect("just written") } else { day }
        });
        let tree = in_a_tree(mixed.map(Merged::from).collect(), &picks, |left, right| merge([left, right]).expect("one study"));
        prop_assert_eq!(all_bytes(&flat), all_bytes(&tree));
        prop_assert_eq!(format!("{:?}", flat.orders()), format!("{:?}", tree.orders()));
        let options = FairnessOptions { overtaking_scope: OvertakingScope::Shard, ..FairnessOptions::default() };
        let found = on_threads(threads, || tree.assess(&Calendar::none(), &options));
        prop_assert_eq!(format!("{found:?}"), format!("{:?}", whole(&orders, n_days, &options)));
    }
}
