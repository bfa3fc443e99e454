//! Every count against a quadratic count of the definition, on small crowded samples.

use std::collections::BTreeMap;

use proptest::prelude::*;

use crate::measure::overtaking::left_out::count_once_more;
use crate::measure::*;
use crate::record::{Calendar, Latency, MatchedOrders, TimeSpan, Timestamp, Weight, Zone};

/// (gap to the previous receipt, latency, group, client, instrument, kind, gateway)
type Row = (i64, i64, u16, u32, u32, u16, u16);

fn row() -> impl Strategy<Value = Row> {
    (0..6_i64, -3..20_i64, 0..3_u16, 0..4_u32, 0..2_u32, 0..2_u16, 0..2_u16)
}

/// Orders from 2026-01-05T09:00Z on.
pub(crate) fn orders_of(rows: &[Row]) -> MatchedOrders {
    let mut orders = MatchedOrders::default();
    let mut now = 1_767_603_600_000_000_000;
    for (gap, latency, group, client, instrument, kind, gateway) in rows {
        now += gap;
        orders.received_at.push(Timestamp(now));
        orders.latency.push(Latency(*latency));
        orders.group.push(*group);
        orders.client.push(*client);
        orders.instrument.push(*instrument);
        orders.kind.push(*kind);
        orders.gateway.push(*gateway);
        orders.shard.push(0);
        orders.access_class.push(0);
    }
    let numbered = |n: usize| (0..n).map(|i| i.to_string()).collect::<Vec<_>>();
    orders.names.groups = numbered(3);
    orders.names.clients = numbered(4);
    orders.names.kinds = numbered(2);
    orders
}

pub(crate) fn table(orders: &MatchedOrders, slot: i64) -> Timetable {
    Timetable::of(orders, &Calendar::none(), Zone::UTC, Some(TimeSpan(slot)), TimeSpan(2 * slot))
}

pub(crate) fn rules(window: i64, received_resolution: i64, sent_resolution: i64, unordered_gap: i64) -> OvertakingRules {
    OvertakingRules { window: TimeSpan(window), line: Line::Instrument, received_resolution, sent_resolution, unordered_gap, sent_gap: 0 }
}

proptest! {
    #[test]
    fn load_is_the_number_of_orders_in_flight(rows in prop::collection::vec(row(), 0..60), piece in 1..9_usize) {
        let orders = orders_of(&rows);
        let bins = load_bins(&orders, &table(&orders, 1_000_000_000).days);
        prop_assert_eq!(&bins, &load::day_bins(&orders, 0..orders.len(), piece));
        for (i, bin) in bins.into_iter().enumerate() {
            let in_flight = |j: &usize| orders.received_at[*j] < orders.received_at[i] && orders.sent_at(*j) > orders.received_at[i];
            prop_assert_eq!(bin, load_bin((0..orders.len()).filter(in_flight).count()));
        }
    }

    #[test]
    fn a_burst_counts_the_other_orders_of_a_named_client_just_before(rows in prop::collection::vec(row(), 0..60), many in 0..40_usize) {
        let mut rows = rows;
        // Milliseconds apart instead of nanoseconds; and more of one client at one instant than are counted.
        rows.iter_mut().for_each(|row| row.0 *= 700_000);
        rows.extend(rows.first().copied().map_or(vec![], |row| vec![row; many]));
        let mut orders = orders_of(&rows);
        orders.names.clients = vec!["a".to_owned(), String::new(), "b".to_owned()];
        let bursts = bursts(&orders, &table(&orders, 1_000_000_000).days);
        prop_assert_eq!(bursts.len(), orders.len());
        for (i, burst) in bursts.into_iter().enumerate() {
            let now = orders.received_at[i].0;
            let count = |window: TimeSpan| {
                let counts = |j: &usize| *j != i && orders.client[*j] == orders.client[i] && (now - window.0..=now).contains(&orders.received_at[*j].0);
                (0..orders.len()).filter(counts).count().min(31) as u16
            };
            let [short, middle, long] = BURST_WINDOWS.map(count);
            let named = short * 1_024 + middle * 32 + long;
            prop_assert_eq!(burst, if orders.client[i] == 1 { 32_768 + orders.group[i] } else { named });
        }
    }

    #[test]
    fn orders_of_others_are_those_in_flight_but_the_clients_own(rows in prop::collection::vec(row(), 0..60), shards in any::<bool>()) {
        let mut orders = orders_of(&rows);
        orders.names.clients = vec!["a".to_owned(), String::new(), "b".to_owned(), "c".to_owned()];
        orders.shard = (0..orders.len()).map(|row| (row % 3) as u16).collect();
        if shards {
            orders.names.shards = vec![String::new(), "x".to_owned(), "y".to_owned()];
        }
        let line = |row: usize| if shards { u32::from(orders.shard[row]) } else { orders.instrument[row] };
        let table = table(&orders, 1_000_000_000);
        for within in [Within::All, Within::Line] {
            let same = |i: usize, j: usize| within == Within::All || line(i) == line(j);
            let nameless = |i: usize| orders.client[i] == 1;
            let held = |i: usize| (0..orders.len()).filter(|j| {
                let in_flight = orders.received_at[*j] < orders.received_at[i] && orders.sent_at(*j) > orders.received_at[i];
                in_flight && same(i, *j) && (nameless(i) || orders.client[*j] != orders.client[i])
            }).count();
            let burst = |i: usize| {
                // Nanoseconds apart: all three windows hold every order before.
                let before = (0..orders.len()).filter(|j| *j != i && orders.client[*j] == orders.client[i] && same(i, *j) && orders.received_at[*j] <= orders.received_at[i]).count();
                if within == Within::Line && !nameless(i) { before.min(31) as u32 * (1_024 + 32 + 1) } else { 0 }
            };
            let found = orders_of_others(&orders, &table.days, within);
            // Fewer than 60 are held: below 8 a bin is a count, below 64 no bin is wider than four.
            let bin = |held: usize| match held { 0..16 => held, 16..32 => 16 + (held - 16) / 2, _ => 24 + (held - 32) / 4 } as u32;
            let expected: Vec<u32> = (0..orders.len()).map(|i| burst(i) << 16 | bin(held(i))).collect();
            prop_assert_eq!(found, expected);
        }
    }

    #[test]
    fn in_bursts_orders_pass_those_alone_whose_burst_is_alike(rows in prop::collection::vec(row(), 0..60), window in 1..40_i64) {
        let orders = orders_of(&rows);
        let timetable = table(&orders, 32);
        // As if the burst were a part of an order's kind.
        let bursts: Vec<u16> = (0..orders.len()).map(|row| (row * 7 % 3 * 31_000) as u16).collect();
        let kind = orders.kind.iter().zip(&bursts).map(|(kind, burst)| kind + burst).collect();
        let apart = MatchedOrders { kind, ..orders.clone() };
        let expected = count_overtaking(&apart, &timetable, 3, rules(window, 1, 1, 0), &[]);
        prop_assert_eq!(count_overtaking_in_bursts(&orders, &timetable, 3, rules(window, 1, 1, 0), &bursts), expected);
    }

    #[test]
    fn overtaking_equals_the_quadratic_count(
        rows in prop::collection::vec(row(), 1..60), window in 1..40_i64, received in 1..4_i64, sent in 1..4_i64, unordered in 0..3_i64, apart in 0..9_i64,
        without in prop::option::of((0..3_u16, 0..4_u32)),
    ) {
        let orders = orders_of(&rows);
        let timetable = table(&orders, 32);
        let rules = OvertakingRules { sent_gap: apart, ..rules(window, received, sent, unordered) };
        let mut expected = vec![[[[Passing::default(); GAP_BINS]; 3]; 3]; timetable.blocks.len()];
        let stays = |i: &usize| without != Some((orders.group[*i], orders.client[*i]));
        for j in (0..orders.len()).filter(stays) {
            for i in (0..orders.len()).filter(stays) {
                let like = orders.kind[i] == orders.kind[j] && orders.instrument[i] == orders.instrument[j] && orders.group[i] != orders.group[j];
                let tick = |at: i64, resolution: i64| at.div_euclid(resolution) * resolution;
                let gap = tick(orders.received_at[j].0, received) - tick(orders.received_at[i].0, received);
                if like && gap > unordered && gap <= window {
                    let block = timetable.blocks.iter().position(|b| b.rows.contains(&j)).expect("every row has a block");
                    let cell = &mut expected[block][usize::from(orders.group[j])][usize::from(orders.group[i])][gap.ilog2() as usize];
                    cell.opportunities += 1;
                    cell.overtakes += u64::from(tick(orders.sent_at(i).0, sent) - tick(orders.sent_at(j).0, sent) > apart);
                }
            }
        }
        // Without a client: every pair of groups that holds its group.
        let asked: Vec<LeftOut> = without.into_iter().flat_map(|gone| {
            (0..3).filter(move |other| *other != gone.0).map(move |other| LeftOut { groups: [gone.0, other], gone })
        }).collect();
        let all = count_overtaking(&orders, &timetable, 3, rules, &without.into_iter().collect::<Vec<_>>());
        let left = count_overtaking_without(&orders, &timetable, rules, &all, &asked);
        prop_assert_eq!(left.len(), asked.len());
        prop_assert_eq!(&left, &count_once_more(&orders, &timetable, 3, rules, &asked));
        let plain = count_overtaking(&orders, &timetable, 3, rules, &[]);
        prop_assert!((0..timetable.blocks.len()).all(|block| (0..9).all(|of| plain.by_gap(block, of / 3, of % 3) == all.by_gap(block, of / 3, of % 3))));
        for (block, expected) in expected.iter().enumerate() {
            let of = |later: u16, earlier: u16| &expected[usize::from(later)][usize::from(earlier)][..];
            for (counts, LeftOut { groups: [a, b], .. }) in left.iter().zip(&asked) {
                prop_assert_eq!(counts.by_gap(block, 0, 1), of(*a, *b));
                prop_assert_eq!(counts.by_gap(block, 1, 0), of(*b, *a));
            }
            for (later, earlier) in (0..3).flat_map(|later| (0..3).map(move |earlier| (later, earlier))).filter(|_| without.is_none()) {
                prop_assert_eq!(all.by_gap(block, later, earlier), of(later, earlier));
            }
        }
    }

    #[test]
    fn sums_by_client_equal_the_quadratic_ones(rows in prop::collection::vec(row(), 1..60), window in 1..40_i64) {
        let orders = orders_of(&rows);
        let timetable = table(&orders, 32);
        let rules = rules(window, 1, 1, 0);
        let value = |direction: i64, bin: i64| PairValue { weight: 1 + bin, opportunity: 2 - 7 * direction, overtake: 10 + bin * direction };
        let values = std::array::from_fn(|direction| std::array::from_fn(|bin| value(direction as i64, bin as i64)));
        let wanted = [[0, 1], [0, 2], [1, 2]].map(|groups| PairValues { groups, values });
        let mut expected: [BTreeMap<(u32, u8, u32), [i128; 2]>; 3] = Default::default();
        for (i, j) in (0..orders.len()).flat_map(|i| (0..orders.len()).map(move |j| (i, j))) {
            let like = orders.kind[i] == orders.kind[j] && orders.instrument[i] == orders.instrument[j] && orders.group[i] != orders.group[j];
            let gap = orders.received_at[j].0 - orders.received_at[i].0;
            if like && gap > 0 && gap <= window {
                let pair = wanted.iter().position(|pair| [i, j].iter().all(|row| pair.groups.contains(&orders.group[*row]))).expect("three pairs");
                let value = values[usize::from(orders.group[j] != wanted[pair].groups[0])][gap.ilog2() as usize];
                let passed = i64::from(orders.sent_at(j) < orders.sent_at(i));
                let block = timetable.blocks.iter().position(|block| block.rows.contains(&j)).expect("every row has a block") as u32;
                for row in [i, j] {
                    let side = u8::from(orders.group[row] != wanted[pair].groups[0]);
                    let sum = expected[pair].entry((block, side, orders.client[row])).or_default();
                    *sum = [sum[0] + i128::from(value.weight), sum[1] + i128::from(value.opportunity + passed * value.overtake)];
                }
            }
        }
        let found = overtaking_by_client(&orders, &timetable, 3, rules, &wanted);
        let found = found.into_iter().map(|pair| pair.into_iter().map(|one| ((one.block, one.side, one.client), [one.weight, one.score])).collect());
        prop_assert_eq!(found.collect::<Vec<Vec<_>>>(), expected.map(|pair| pair.into_iter().collect::<Vec<_>>()).to_vec());
    }

    #[test]
    fn cells_partition_the_orders_by_their_key(rows in prop::collection::vec(row(), 1..60), by_burst in any::<bool>()) {
        let orders = orders_of(&rows);
        let timetable = table(&orders, 16);
        let load = load_bins(&orders, &timetable.days);
        let bursts = if by_burst { (0..orders.len()).map(|row| (row % 3 * 32_000) as u16).collect() } else { vec![0; orders.len()] };
        let cells = if by_burst {
            Cells::cut_by(&orders, &timetable.slots, &load, &bursts, CellKeys::default())
        } else {
            Cells::of(&orders, &timetable.slots, &load, CellKeys::default())
        };
        let mut expected: Vec<_> = (0..orders.len()).map(|i| {
            let slot = timetable.slots.iter().position(|s| s.rows.contains(&i)).expect("every row has a slot");
            (slot, orders.kind[i], orders.instrument[i], load[i], bursts[i], orders.group[i], orders.latency[i].0)
        }).collect();
        expected.sort_unstable();
        let cut = expected.chunk_by(|l, r| (l.0, l.1, l.2, l.3, l.4) == (r.0, r.1, r.2, r.3, r.4)).count();
        prop_assert_eq!(cells.cells.len(), cut);
        let latencies: Vec<i64> = expected.iter().map(|e| e.6).collect();
        prop_assert_eq!(&cells.latency, &latencies);
        for cell in &cells.cells {
            for segment in cells.segments_of(cell) {
                for row in segment.rows() {
                    prop_assert_eq!(expected[row].5, segment.group);
                    prop_assert_eq!(cell.stratum, u32::from(expected[row].1) * u32::from(LOAD_BINS) + u32::from(expected[row].3));
                    prop_assert_eq!(cell.block, timetable.slots[expected[row].0].block);
                }
            }
        }
    }
}

#[test]
fn load_bins_double() {
    assert_eq!([0, 1, 2, 3, 4, 7, 8, 15, 16, 1_000, 8_191, 8_192, 1 << 40].map(load_bin), [0, 1, 2, 2, 3, 3, 4, 4, 5, 10, 13, 14, 14]);
}

#[test]
fn a_slot_crosses_neither_phase_nor_day_and_a_session_has_nine_blocks() {
    let zone = Zone::named("Asia/Taipei").expect("known");
    // One order every ten seconds from 08:00 to 15:00 local on 2026-01-05 and 06.
    let mut orders = orders_of(&[]);
    for day in 0..2 {
        for step in 0..2_520 {
            orders.received_at.push(Timestamp(1_767_571_200_000_000_000 + day * 86_400_000_000_000 + step * 10_000_000_000));
        }
    }
    let calendar = Calendar::twse(Default::default());
    let table = Timetable::of(&orders, &calendar, zone, None, TimeSpan(1_800_000_000_000));
    assert_eq!(table.days.len(), 2);
    let deciding: Vec<_> = table.blocks.iter().filter(|b| b.receipt_order_decides == Weight::Yes && b.day == 0).collect();
    assert_eq!(deciding.len(), 9);
    assert_eq!(deciding[8].rows.len(), 25 * 6);
    assert_eq!(deciding[0].start, Timestamp(1_767_574_800_000_000_000));
    let mut reader = zone.local_reader();
    for slot in &table.slots {
        let of = |row: usize| {
            let (date, time) = zone.local_reader().read(orders.received_at[row]);
            (date, calendar.phase_at(date, time).kind)
        };
        assert_eq!(of(slot.rows.start), of(slot.rows.end - 1));
        let (start, end) = (reader.read(orders.received_at[slot.rows.start]).1, reader.read(orders.received_at[slot.rows.end - 1]).1);
        assert!(end - start < 1_800_000_000_000);
    }
    assert_eq!(table.slots.iter().map(|s| s.rows.len()).sum::<usize>(), orders.received_at.len());
    assert_eq!(*table.doubled().last().expect("not empty") + 1, 2 * (1 + 1 + 5 + 1 + 1 + 1));
}
