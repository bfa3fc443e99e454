//! Every way of counting a line gives the counts of the definition.

use proptest::prelude::*;

use crate::measure::GAP_BINS;
use crate::measure::overtaking::by_client::{self, OrderSums, PairValue, PairValues, ValueTable, overtaking_by_client};
use crate::measure::overtaking::line::{Gaps, LineOrders, sweep, trees, walk};
use crate::measure::overtaking::{PIECE, PIECE_BY_ORDER, PartyCounts, Passing, Piece, count_overtaking};
use crate::measure::tests::{orders_of, rules, table};

/// (gap to the previous receipt, latency, party); a few orders are stuck for longer than any window.
fn row() -> impl Strategy<Value = (i64, i64, u16)> {
    (0..5_i64, prop_oneof![8 => -9..30_i64, 1 => Just(500)], 0..3_u16)
}

/// Receipts and sendings.
fn stamps(rows: &[(i64, i64, u16)]) -> [Vec<i64>; 2] {
    let mut now = 0;
    let both = rows.iter().map(|(gap, latency, _)| {
        now += gap;
        (now, now + latency)
    });
    both.unzip::<i64, i64, Vec<i64>, Vec<i64>>().into()
}

proptest! {
    #[test]
    fn all_ways_count_the_same(
        rows in prop::collection::vec(row(), 1..120), shortest in 1..4_i64, longest in 1..80_i64, apart in 0..20_i64, first_counted in 0..9_usize,
    ) {
        let [received, sent] = stamps(&rows);
        let party: Vec<u16> = rows.iter().map(|row| row.2).collect();
        let first_counted = first_counted.min(rows.len());
        let mut expected = PartyCounts::new(3);
        for (i, j) in (0..rows.len()).flat_map(|i| (first_counted..rows.len()).map(move |j| (i, j))) {
            let gap = received[j] - received[i];
            if (shortest..=longest).contains(&gap) && party[i] != party[j] {
                let passing = Passing { opportunities: 1, overtakes: u64::from(sent[i] - sent[j] > apart) };
                *expected.at(party[j], party[i], gap.ilog2() as usize) += passing;
            }
        }
        let line = LineOrders { received: &received, sent: &sent, party: &party, first_counted };
        for (name, count) in [("walk", walk as fn(LineOrders, Gaps, &mut PartyCounts)), ("sweep", sweep), ("trees", trees)] {
            let mut counts = PartyCounts::new(3);
            count(line, Gaps { shortest, longest, sent: apart }, &mut counts);
            prop_assert_eq!(&counts.passing, &expected.passing, "{}", name);
        }
    }
}

proptest! {
    #[test]
    fn all_ways_give_each_order_the_sum_of_its_pairs(
        rows in prop::collection::vec(row(), 1..120), shortest in 1..4_i64, longest in 1..80_i64, apart in 0..20_i64, first_counted in 0..9_usize,
        known in prop::collection::vec((-9..9_i64, -9..9_i64, -9..9_i64), 3 * 2 * GAP_BINS),
    ) {
        let [received, sent] = stamps(&rows);
        let party: Vec<u16> = rows.iter().map(|row| row.2).collect();
        let first_counted = first_counted.min(rows.len());
        let line = LineOrders { received: &received, sent: &sent, party: &party, first_counted };
        let known: Vec<PairValue> =
            known.into_iter().map(|(weight, opportunity, overtake)| PairValue { weight, opportunity, overtake }).collect();
        let of = |pair: usize| std::array::from_fn(|direction| std::array::from_fn(|bin| known[(pair * 2 + direction) * GAP_BINS + bin]));
        let wanted = [[0, 1], [0, 2], [1, 2]].into_iter().enumerate().map(|(pair, groups)| PairValues { groups, values: of(pair) }).collect::<Vec<_>>();
        let table = ValueTable::of(3, &wanted);
        let mut expected = vec![[0_i64; 2]; rows.len() * 3];
        for (i, j) in (0..rows.len()).flat_map(|i| (first_counted..rows.len()).map(move |j| (i, j))) {
            let gap = received[j] - received[i];
            if (shortest..=longest).contains(&gap) && party[i] != party[j] {
                let pair = wanted.iter().find(|pair| pair.groups.contains(&party[i]) && pair.groups.contains(&party[j])).expect("three pairs");
                let value = pair.values[usize::from(party[j] != pair.groups[0])][gap.ilog2() as usize];
                let score = value.opportunity + if sent[i] - sent[j] > apart { value.overtake } else { 0 };
                for (own, other) in [(i, j), (j, i)] {
                    let sum = &mut expected[own * 3 + usize::from(party[other])];
                    *sum = [sum[0] + value.weight, sum[1] + score];
                }
            }
        }
        let gaps = Gaps { shortest, longest, sent: apart };
        for (name, add) in [("walk", by_client::walk as fn(LineOrders, Gaps, &ValueTable, &mut OrderSums)), ("sweep", |line, gaps, table, sums| {
            by_client::sweep(line, gaps, table, sums).expect("little disorder");
        }), ("trees", by_client::trees)] {
            let mut own = vec![[0; 2]; rows.len() * 3];
            add(line, gaps, &table, &mut OrderSums::of(line, &[0, 1, 2], &mut own));
            prop_assert_eq!(&own, &expected, "{}", name);
        }
    }
}

/// A line in which every order is passed by all that follow it: sorting by insertion gives up, and the counts are those of the definition.
#[test]
fn a_reversed_line_is_counted_by_trees() {
    let n = 3_000;
    let received: Vec<i64> = (0..n).collect();
    let sent: Vec<i64> = (0..n).map(|at| 10 * n - at).collect();
    let party: Vec<u16> = (0..n).map(|at| (at % 2) as u16).collect();
    let line = LineOrders { received: &received, sent: &sent, party: &party, first_counted: 0 };
    let mut counts = PartyCounts::new(2);
    sweep(line, Gaps { shortest: 1, longest: 50_000_000, sent: 0 }, &mut counts);
    let sum = counts.passing.iter().fold(Passing::default(), |mut sum, part| {
        sum += *part;
        sum
    });
    // Pairs of unlike parity.
    let pairs = (n * n / 4) as u64;
    assert_eq!(sum, Passing { opportunities: pairs, overtakes: pairs });
}

/// A block longer than a piece, with pairs that reach across the cut between two.
#[test]
fn pieces_of_a_block_lose_no_pair_and_count_none_twice() {
    let n = PIECE + 1_000;
    let rows: Vec<_> = (0..n).map(|at| (1, i64::from(at % 7 == 0) * 5, (at % 2) as u16, 0, 0, 0, 0)).collect();
    let orders = orders_of(&rows);
    let timetable = table(&orders, 3_600_000_000_000);
    assert_eq!(timetable.blocks.len(), 1);
    let window = 20;
    let counts = count_overtaking(&orders, &timetable, 2, rules(window, 1, 1, 0), &[]);
    let mut expected = [[[Passing::default(); GAP_BINS]; 2]; 2];
    for j in 0..n {
        for i in j.saturating_sub(window as usize)..j {
            if i % 2 != j % 2 {
                let overtakes = u64::from(orders.sent_at(j) < orders.sent_at(i));
                expected[j % 2][i % 2][(j - i).ilog2() as usize] += Passing { opportunities: 1, overtakes };
            }
        }
    }
    assert_eq!([counts.by_gap(0, 0, 1), counts.by_gap(0, 1, 0)], [&expected[0][1][..], &expected[1][0][..]]);
}

/// Orders of one receipt stamp are all within reach of one another: pieces grow, so that few of them go over the same orders.
#[test]
fn pieces_of_one_stamp_grow() {
    let rows: Vec<_> = (0..100).map(|at| (0, 1, (at % 2) as u16, 0, 0, 0, 0)).collect();
    let orders = orders_of(&rows);
    let pieces = Piece::of_block(&orders, &table(&orders, 3_600_000_000_000), 0, rules(20, 1, 1, 0), 10);
    let ranges: Vec<_> = pieces.into_iter().map(|piece| (piece.first, piece.counted)).collect();
    assert_eq!(ranges, [(0, 0..10), (0, 10..20), (0, 20..40), (0, 40..80), (0, 80..100)]);
}

/// Several runs of pieces, and values so large that sums are put aside within a run.
#[test]
fn pieces_lose_no_pair_of_a_client() {
    let n = 20 * PIECE_BY_ORDER + 1_000;
    let client_of = |at: usize| (at % 5) as u32;
    let rows: Vec<_> = (0..n).map(|at| (1, i64::from(at % 7 == 0) * 5, (at % 2) as u16, client_of(at), 0, 0, 0)).collect();
    let orders = orders_of(&rows);
    let timetable = table(&orders, 3_600_000_000_000);
    let value = |direction: i64, bin: usize| PairValue { weight: 1 << 34, opportunity: direction - bin as i64, overtake: 3 };
    let wanted = PairValues { groups: [0, 1], values: [0, 1].map(|direction| std::array::from_fn(|bin| value(direction, bin))) };
    let found = overtaking_by_client(&orders, &timetable, 2, rules(20, 1, 1, 0), std::slice::from_ref(&wanted));
    let mut expected = std::collections::BTreeMap::new();
    for later in 0..n {
        for earlier in (later.saturating_sub(20)..later).filter(|earlier| earlier % 2 != later % 2) {
            let value = wanted.values[later % 2][(later - earlier).ilog2() as usize];
            let score = value.opportunity + i64::from(orders.sent_at(later) < orders.sent_at(earlier)) * value.overtake;
            for own in [later, earlier] {
                let sum = expected.entry((0, (own % 2) as u8, client_of(own))).or_insert([0_i128; 2]);
                *sum = [sum[0] + i128::from(value.weight), sum[1] + i128::from(score)];
            }
        }
    }
    let found = found[0].iter().map(|one| ((one.block, one.side, one.client), [one.weight, one.score]));
    assert_eq!(found.collect::<Vec<_>>(), expected.into_iter().collect::<Vec<_>>());
}
