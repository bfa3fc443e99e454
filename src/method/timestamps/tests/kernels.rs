//! Each sign on small series against its definition or an oracle.

use proptest::prelude::*;
use serde::Deserialize;

use crate::record::{Latency, MatchedOrders, Timestamp};
use crate::timestamps::digits::DigitCounts;
use crate::timestamps::envelope::{EnvelopePoint, hull_slope};
use crate::timestamps::queue_traces::{load_dependence, memory, memory_of_neighbour, variation};
use crate::timestamps::spikes::{Ranked, Spike, identical_gaps, most_frequent};
use crate::timestamps::tests::Dice;
use crate::timestamps::{StampOptions, examine};

fn ranked(latency: &[i64], load: &[i64]) -> Vec<Ranked> {
    let mut sorted: Vec<Ranked> =
        latency.iter().zip(load).map(|(latency, load)| Ranked { latency: *latency, load: *load as u8, stretch: 0, first: true }).collect();
    sorted.sort_by_key(|order| order.latency);
    sorted
}

/// One case of `tests/reference/stamps.json`; real numbers are strings.
#[derive(Deserialize)]
struct Case {
    received: Vec<i64>,
    latency: Vec<i64>,
    load: Vec<i64>,
    spearman: String,
    memory: String,
    variation: String,
    cramers_v: String,
}

#[derive(Deserialize)]
struct Reference {
    cases: Vec<Case>,
}

#[track_caller]
fn assert_close(actual: Option<f64>, expected: &str, what: &str) {
    let (actual, expected): (f64, f64) = (actual.expect("the series varies"), expected.parse().expect("a real number"));
    assert!((actual - expected).abs() <= 1e-12 * expected.abs().max(1e-3), "{what}: {actual:e}, expected {expected:e}");
}

#[test]
fn traces_of_a_queue_equal_scipys_and_numpys() {
    let text = include_str!("../../../../tests/reference/stamps.json");
    let reference: Reference = serde_json::from_str(text).expect("the reference file is JSON");
    for case in reference.cases {
        let sorted = ranked(&case.latency, &case.load);
        assert_close(load_dependence(&sorted).map(|trace| trace.value), &case.spearman, "Spearman");
        assert_close(memory(&case.received, &case.latency).map(|trace| trace.value), &case.memory, "memory");
        assert_close(variation(&sorted), &case.variation, "variation");
        // Far apart in time, the digits stay and all of them count.
        let apart: Vec<i64> = case.received.iter().enumerate().map(|(i, stamp)| stamp + 1_000_000 * i as i64).collect();
        assert_close(DigitCounts::of(&apart, 0).cramers_v(), &case.cramers_v, "Cramer's V");
    }
}

#[test]
fn what_does_not_vary_has_no_trace() {
    assert_eq!(load_dependence(&ranked(&[5, 5, 5], &[0, 1, 2])), None);
    assert_eq!(load_dependence(&ranked(&[1, 2, 3], &[4, 4, 4])), None);
    assert_eq!(memory(&[1, 2, 3, 4], &[7, 7, 7, 7]), None);
    assert_eq!(memory(&[], &[]), None);
    assert_eq!(variation(&ranked(&[-1, 1], &[0, 0])), None);
    assert_eq!(DigitCounts::of(&[], 0).cramers_v(), None);
}

#[test]
fn digits_tell_even_from_heaped_from_constant() {
    let v = |step: i64| DigitCounts::of(&(0..1_000).map(|i| i * step).collect::<Vec<_>>(), 1).cramers_v().expect("not empty");
    assert_eq!(v(1_010), 0.0);
    assert!((v(1_050) - 2.0 / 3.0).abs() < 1e-12);
    assert_eq!(v(1_100), 1.0);
}

#[test]
fn stamps_of_one_cascade_count_once() {
    let digits = DigitCounts::of(&[1_003, 1_004, 1_012, 1_013, 1_014], 0);
    assert_eq!(digits.n(), 2);
}

#[test]
fn the_hull_takes_the_edge_under_the_middle() {
    let points =
        |values: &[(i64, f64)]| values.iter().map(|&(at, latency)| EnvelopePoint { day: 0, at, latency, spread: 0.0 }).collect::<Vec<_>>();
    assert_eq!(hull_slope(&points(&[(0, 5.0), (10, 9.0), (20, 7.0), (30, 20.0), (40, 9.0)])), Some(0.1));
    assert_eq!(hull_slope(&points(&[(0, 0.0), (10, -5.0), (40, 10.0)])), Some(0.5));
    assert_eq!(hull_slope(&points(&[(3, 1.0)])), None);
    assert_eq!(hull_slope(&[]), None);
}

/// (receipt gap, latency)
fn rows() -> impl Strategy<Value = Vec<(i64, i64)>> {
    prop::collection::vec((0..4_i64, -2..40_i64), 0..80)
}

fn series(rows: &[(i64, i64)], tick: i64) -> (Vec<i64>, Vec<i64>) {
    let mut now = 0;
    rows.iter()
        .map(|(gap, latency)| {
            now += gap * tick;
            (now, latency * tick)
        })
        .unzip()
}

proptest! {
    #[test]
    fn the_most_frequent_latency_is_counted_by_definition(rows in rows(), tick in 1..4_i64) {
        let (received, latency) = series(&rows, tick);
        let first = |i: usize| i == 0 || (received[i], latency[i]) != (received[i - 1], latency[i - 1]);
        let mut sorted: Vec<Ranked> = (0..latency.len()).map(|i| Ranked { latency: latency[i], load: 0, stretch: 0, first: first(i) }).collect();
        sorted.sort_by_key(|order| order.latency);
        let times = |value: i64| (0..latency.len()).filter(|i| first(*i) && latency[*i] == value).count() as u64;
        let top = latency.iter().copied().max_by_key(|value| (times(*value), -value)).unwrap_or(0);
        let near = latency.iter().filter(|value| **value != top && (**value - top).abs() <= 16 * tick).map(|value| times(*value)).max();
        let n = (0..latency.len()).filter(|i| first(*i)).count() as u64;
        let expected = Spike { value: top, count: times(top), neighbour: near.unwrap_or(0), n };
        prop_assert_eq!(most_frequent(&sorted, tick), expected);
    }

    #[test]
    fn identical_gaps_are_counted_by_definition(rows in rows()) {
        let (received, latency) = series(&rows, 1);
        let sent: Vec<i64> = received.iter().zip(&latency).map(|(at, latency)| at + latency).collect();
        let spikes = [0, 1].map(|lag| {
            let differences: Vec<i64> = (1 + lag..sent.len()).filter(|&i| received[i] != received[i - 1])
                .map(|i| (sent[i - lag] - sent[i - 1 - lag]) - (received[i] - received[i - 1])).collect();
            let times = |value: i64| differences.iter().filter(|difference| **difference == value).count() as u64;
            let neighbour = (1..=16).flat_map(|k| [times(k), times(-k)]).max().unwrap_or(0);
            Spike { value: 0, count: times(0), neighbour, n: differences.len() as u64 }
        });
        let excess = |spike: &Spike| spike.count.saturating_sub(spike.neighbour);
        let expected = if excess(&spikes[1]) > excess(&spikes[0]) { spikes[1] } else { spikes[0] };
        prop_assert_eq!(identical_gaps(&received, &latency, 1), expected);
    }
}

/// Independent latencies: their autocorrelation has an error of 1 over the root of n (Bartlett 1946), with or without stretches.
#[test]
fn the_error_of_a_trace_is_that_of_independent_latencies() {
    let mut dice = Dice(11);
    for n in [1_000, 16_000] {
        let errors: Vec<f64> = (0..20)
            .map(|_| {
                let latency: Vec<i64> = (0..n).map(|_| (dice.uniform() * 1e6) as i64).collect();
                let received: Vec<i64> = (0..n as i64).map(|i| i * 10_000_000).collect();
                memory(&received, &latency).expect("they vary").error
            })
            .collect();
        let mean = errors.iter().sum::<f64>() / 20.0;
        assert!((mean * f64::from(n).sqrt() - 1.0).abs() < 0.15, "{n}: {mean}");
    }
}

proptest! {
    #[test]
    fn the_memory_of_neighbours_is_the_correlation_of_pairs_in_order_of_sending(
        rows in prop::collection::vec((0..50_i64, 1..40_i64, 0..2_u16), 3..60)
    ) {
        let mut rows = rows;
        rows.sort_unstable();
        let orders = MatchedOrders {
            received_at: rows.iter().map(|row| Timestamp(row.0)).collect(),
            latency: rows.iter().map(|row| Latency(row.1)).collect(),
            group: rows.iter().map(|row| row.2).collect(),
            ..MatchedOrders::default()
        };
        let mut sent: Vec<(i64, i64, u16)> = rows.iter().map(|row| (row.0 + row.1, row.1, row.2)).collect();
        sent.sort_unstable();
        for (group, found) in memory_of_neighbour(&orders).into_iter().enumerate() {
            let log = |latency: i64| (latency as f64).ln();
            let pairs: Vec<(f64, f64)> =
                sent.windows(2).filter(|w| usize::from(w[1].2) == group).map(|w| (log(w[0].1), log(w[1].1))).collect();
            // Pearson by raw sums.
            let n = pairs.len() as f64;
            let sum = |of: fn(&(f64, f64)) -> f64| pairs.iter().map(of).sum::<f64>();
            let (x, y) = (sum(|p| p.0), sum(|p| p.1));
            let covariance = n * sum(|p| p.0 * p.1) - x * y;
            let spread = (n * sum(|p| p.0 * p.0) - x * x) * (n * sum(|p| p.1 * p.1) - y * y);
            if let Some(found) = found.filter(|_| spread > 1e-6) {
                prop_assert!((found.value - covariance / spread.sqrt()).abs() < 1e-6, "{found:?}");
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn any_stamps_at_all_are_examined(
        mut stamps in prop::collection::vec((any::<i64>(), any::<i64>(), 0..3_u16), 0..200),
        near in any::<bool>(),
    ) {
        if near {
            stamps.iter_mut().for_each(|(received, latency, _)| (*received, *latency) = (*received % 1_000, *latency % 1_000));
        }
        stamps.sort_unstable();
        let orders = MatchedOrders {
            received_at: stamps.iter().map(|(received, ..)| Timestamp(*received)).collect(),
            latency: stamps.iter().map(|(_, latency, _)| Latency(*latency)).collect(),
            group: stamps.iter().map(|(.., group)| *group).collect(),
            ..MatchedOrders::default()
        };
        let mut options = StampOptions { clock_of_group: vec![0, 1, 1], ..StampOptions::default() };
        (options.limits.least_orders, options.limits.least_stamps, options.limits.least_digits) = (0, 0, 0);
        (options.clock.least_block, options.clock.least_blocks) = (1, 100);
        let report = examine(&orders, &[], &options);
        prop_assert!(report.stamps.iter().all(|verdict| verdict.signs.iter().all(|sign| sign.value.is_none_or(f64::is_finite))));
    }
}
