//! Planted offsets, drifts and steps are found; honest days show none.

use rayon::prelude::*;

use crate::record::MatchedOrders;
use crate::simulate::Options;
use crate::timestamps::tests::{examined, restamped, simulated};
use crate::timestamps::{ClockEstimate, ClockProblem, StampOptions, examine};

const DAY: i64 = 86_400_000_000_000;
/// 09:00 in Taipei, as nanoseconds after midnight UTC.
const OPEN: i64 = 3_600_000_000_000;

/// Ten days of 32,000 orders in all, five of 200,000, and one of 100,000.
fn sizes(seed: u64) -> [Options; 3] {
    let calibration = Options::calibration(seed);
    [calibration.clone(), Options { orders: 200_000, days: 5, ..calibration.clone() }, Options { orders: 100_000, days: 1, ..calibration }]
}

fn clock(orders: &MatchedOrders) -> ClockEstimate {
    examined(orders).clocks.remove(0)
}

/// The receipts clock gains `rate` nanoseconds a nanosecond from the open, and `step` nanoseconds from `at` on.
fn mistimed(orders: &MatchedOrders, rate: f64, step: i64, at: i64) -> MatchedOrders {
    restamped(orders, |_, received, sent| {
        let since_open = (received.rem_euclid(DAY) - OPEN) as f64;
        (received + (rate * since_open) as i64 + if received >= at { step } else { 0 }, sent)
    })
}

/// The receipt of an order in the middle of the study's middle day.
fn mid_study(orders: &MatchedOrders) -> i64 {
    let days = (orders.received_at[orders.len() - 1].0 - orders.received_at[0].0) / DAY + 1;
    let share = if days == 1 { 0.5 } else { 0.45 };
    orders.received_at[(orders.len() as f64 * share) as usize].0
}

#[test]
fn honest_days_show_no_step_and_no_drift() {
    ["fair", "fair-open", "fair-burst", "fair-workers", "routing"].par_iter().for_each(|world| {
        for options in sizes(3) {
            let estimate = clock(&simulated(world, &options));
            assert!(estimate.steps.is_empty(), "{world} {options:?}: {estimate:?}");
            assert!(estimate.drift.is_some_and(|drift| drift.abs() < 5e-4), "{world} {options:?}: {estimate:?}");
            assert_eq!((estimate.offset_at_least, estimate.problem), (None, None));
        }
    });
}

#[test]
fn a_step_of_25_us_is_found_within_2_us() {
    for seed in 1..=2 {
        for (options, step) in sizes(seed).into_iter().zip([-25_000, 25_000, -25_000]) {
            let orders = simulated("fair", &options);
            let at = mid_study(&orders);
            let estimate = clock(&mistimed(&orders, 0.0, step, at));
            let [found] = estimate.steps[..] else { panic!("{options:?}: {estimate:?}") };
            assert!((found.size - step as f64).abs() <= 2_000.0, "{options:?}: {estimate:?}");
            assert!((found.at.0 - at).abs() < 2 * 3_600_000_000_000, "{options:?}: at {at}, {estimate:?}");
        }
    }
}

#[test]
fn a_step_of_5_us_is_found_within_2_us() {
    for seed in 1..=3 {
        for options in sizes(seed) {
            let orders = simulated("fair", &options);
            let estimate = clock(&mistimed(&orders, 0.0, -5_000, mid_study(&orders)));
            let [found] = estimate.steps[..] else { panic!("{options:?}: {estimate:?}") };
            assert!((found.size + 5_000.0).abs() <= 2_000.0, "{options:?}: {estimate:?}");
        }
    }
}

#[test]
fn two_steps_are_told_apart_and_a_slow_change_is_none() {
    let orders = simulated("fair-workers", &sizes(9)[1]);
    let third = |of: usize| orders.received_at[orders.len() * of / 3].0;
    let stepped = restamped(&orders, |_, received, sent| {
        (received - if received >= third(1) { 10_000 } else { 0 } + if received >= third(2) { 25_000 } else { 0 }, sent)
    });
    let estimate = clock(&stepped);
    let [first, second] = estimate.steps[..] else { panic!("{estimate:?}") };
    assert!((first.size + 10_000.0).abs() <= 2_000.0 && (second.size - 25_000.0).abs() <= 2_000.0, "{estimate:?}");
    // The system grows slower by 2 us a day, as no clock that is set right every morning does.
    let day = |received: i64| (received - orders.received_at[0].0) / DAY;
    let slower = restamped(&orders, |_, received, sent| (received, sent + 2_000 * day(received)));
    assert!(clock(&slower).steps.is_empty(), "{:?}", clock(&slower));
}

#[test]
fn drifts_of_a_hundredth_and_of_one_ppm_are_found_within_5_percent() {
    for options in sizes(2) {
        let orders = simulated("fair", &options);
        for drift in [0.01, -0.01, 1.0, -1.0] {
            let estimate = clock(&mistimed(&orders, drift * 1e-6, 0, i64::MAX));
            assert!(estimate.drift.is_some_and(|found| (found / drift - 1.0).abs() < 0.05), "{drift} {options:?}: {estimate:?}");
            assert!(estimate.steps.is_empty(), "{drift} {options:?}: {estimate:?}");
        }
    }
}

#[test]
fn a_clock_that_runs_on_overnight_has_drift_and_no_steps() {
    let orders = simulated("fair", &sizes(4)[0]);
    let origin = orders.received_at[0].0;
    let running = restamped(&orders, |_, received, sent| (received + (0.05e-6 * (received - origin) as f64) as i64, sent));
    let estimate = clock(&running);
    assert!(estimate.drift.is_some_and(|found| (found / 0.05 - 1.0).abs() < 0.05) && estimate.steps.is_empty(), "{estimate:?}");
}

#[test]
fn drift_and_step_together_are_told_apart() {
    for options in sizes(5) {
        let orders = simulated("fair", &options);
        let estimate = clock(&mistimed(&orders, 0.05e-6, -25_000, mid_study(&orders)));
        assert!(estimate.drift.is_some_and(|found| (found / 0.05 - 1.0).abs() < 0.05), "{options:?}: {estimate:?}");
        let [found] = estimate.steps[..] else { panic!("{options:?}: {estimate:?}") };
        assert!((found.size + 25_000.0).abs() <= 3_000.0, "{options:?}: {estimate:?}");
    }
}

#[test]
fn latencies_that_are_all_negative_are_a_clock_problem() {
    let orders = simulated("fair", &sizes(6)[0]);
    let ahead = restamped(&orders, |_, received, sent| (received + 10_000_000_000, sent));
    let report = examined(&ahead);
    let estimate = &report.clocks[0];
    assert!(matches!(estimate.problem, Some(ClockProblem::AllNegative { share }) if share > 0.999), "{estimate:?}");
    assert!(estimate.offset_at_least.is_some_and(|offset| (9_999_000_000..10_000_000_000).contains(&offset)), "{estimate:?}");
    assert!(report.stamps.iter().all(|verdict| !verdict.suspect));
}

#[test]
fn a_pure_shift_is_named_only_between_clock_domains() {
    let orders = simulated("fair", &sizes(7)[0]);
    let shifted = restamped(&orders, |row, received, sent| (received, sent + if orders.group[row] == 1 { 300_000 } else { 0 }));
    let options = StampOptions { clock_of_group: vec![0, 1], ..StampOptions::default() };
    let apart = examine(&shifted, &[], &options);
    let Some(ClockProblem::PureShift { against: 0, shift }) = apart.clocks[1].problem else { panic!("{apart:?}") };
    assert!((shift - 300_000).abs() < 5_000, "{shift}");
    assert_eq!(apart.clocks.iter().map(|clock| clock.groups.clone()).collect::<Vec<_>>(), [[0], [1]]);
    assert_eq!(examine(&shifted, &[], &StampOptions::default()).clocks.iter().find_map(|clock| clock.problem), None);
    assert!(examine(&orders, &[], &options).clocks.iter().all(|clock| clock.problem.is_none()));
}

#[test]
fn small_studies_have_no_clock_figures_and_no_orders_no_clock() {
    let estimate = clock(&simulated("fair", &Options { orders: 300, days: 1, ..Options::default() }));
    assert_eq!((estimate.drift, estimate.steps.len()), (None, 0));
    assert!(examined(&MatchedOrders::default()).clocks.is_empty());
}

#[test]
fn the_same_report_at_any_thread_count() {
    let orders = simulated("fair", &sizes(8)[0]);
    let with = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool of threads");
        format!("{:?}", pool.install(|| examined(&orders)))
    };
    assert_eq!(with(1), with(3));
}

/// Rates over `STAMP_SEEDS` seeds (default one) from `STAMP_FIRST` (default 1), by size: honest worlds with a step, steps and drifts found; written to `STAMP_TABLE`.
#[test]
fn clock_table() {
    let number = |name: &str| std::env::var(name).ok().and_then(|number| number.parse().ok()).unwrap_or(1_u64);
    let (seeds, first) = (number("STAMP_SEEDS"), number("STAMP_FIRST"));
    let (mut table, mut failures) = (String::new(), Vec::new());
    for size in 0..3 {
        for world in ["fair", "fair-open", "fair-workers", "routing"] {
            let rows: Vec<[bool; 6]> = (first..first + seeds).into_par_iter().map(|seed| found(world, &sizes(seed)[size])).collect();
            let wrong = rows.iter().zip(first..).filter(|(row, _)| !row[0] || !row[1]);
            wrong.for_each(|(row, seed)| failures.push(format!("size {size} {world} seed {seed}: honest {}, 25 us {}", row[0], row[1])));
            let counts: Vec<usize> = (0..6).map(|what| rows.iter().filter(|row| row[what]).count()).collect();
            let [honest, step25, within2, step5, slow, fast] = counts[..] else { panic!("six counts") };
            table += &format!(
                "size {size} {world}: of {seeds}: honest without a step {honest}; \
                 25 us found {step25}, within 2 us {within2}; 5 us found {step5}; \
                 drift .01 ppm {slow}, 1 ppm {fast}\n"
            );
        }
    }
    if let Ok(path) = std::env::var("STAMP_TABLE") {
        std::fs::write(path, table).expect("the table can be written");
    }
    assert!(failures.is_empty(), "a step where none is, or 25 us not found once: {failures:#?}");
}

/// No step in the honest days; one step where 25 us are planted, within 2 us; one where 5 us are; drifts within 5 %.
fn found(world: &str, options: &Options) -> [bool; 6] {
    let orders = simulated(world, options);
    let step = |size: i64| clock(&mistimed(&orders, 0.0, size, mid_study(&orders))).steps;
    let drift = |ppm: f64| clock(&mistimed(&orders, ppm * 1e-6, 0, i64::MAX)).drift;
    let (large, small) = (step(-25_000), step(-5_000));
    let close = |ppm: f64| drift(ppm).is_some_and(|found| (found / ppm - 1.0).abs() < 0.05);
    let within = large.len() == 1 && (large[0].size + 25_000.0).abs() <= 2_000.0;
    [step(0).is_empty(), large.len() == 1, within, small.len() == 1, close(0.01), close(1.0)]
}
