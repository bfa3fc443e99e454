//! The examination against definitions, against oracles, and against simulated days that are genuine, forged, or badly timed.

#![allow(clippy::disallowed_methods)] // The arithmetic of a test reaches no verdict.

mod clock;
mod forgery;
mod kernels;

use crate::measure::{Timetable, load_bins};
use crate::record::{Calendar, Latency, MatchedOrders, TimeSpan, Timestamp, Zone};
use crate::simulate::{Options, World, WorldSettings, matched};
use crate::timestamps::{StampOptions, StampReport, examine};

/// The orders of a world at a size.
fn simulated(world: &str, options: &Options) -> MatchedOrders {
    let world = World::named(world, &WorldSettings::default()).expect("the test names a world");
    matched(&world, options).expect("the options are within range")
}

/// Examines with the load that these stamps give, and the default options.
fn examined(orders: &MatchedOrders) -> StampReport {
    let table = Timetable::of(orders, &Calendar::none(), Zone::UTC, None, TimeSpan(1_800_000_000_000));
    examine(orders, &load_bins(orders, &table.days), &StampOptions::default())
}

/// The orders with other stamps, in canonical order again; `stamp` gets the row, the true receipt and sending time, and gives the new ones.
fn restamped(orders: &MatchedOrders, mut stamp: impl FnMut(usize, i64, i64) -> (i64, i64)) -> MatchedOrders {
    let stamps: Vec<(i64, i64)> = (0..orders.len()).map(|row| stamp(row, orders.received_at[row].0, orders.sent_at(row).0)).collect();
    let mut rows: Vec<usize> = (0..orders.len()).collect();
    rows.sort_by_key(|row| (stamps[*row].0, stamps[*row].1 - stamps[*row].0, orders.group[*row], *row));
    MatchedOrders {
        received_at: rows.iter().map(|row| Timestamp(stamps[*row].0)).collect(),
        latency: rows.iter().map(|row| Latency(stamps[*row].1 - stamps[*row].0)).collect(),
        group: rows.iter().map(|row| orders.group[*row]).collect(),
        ..orders.clone()
    }
}

/// A small generator for forgers: splitmix64.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn uniform(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Standard normal, nearly: twelve uniforms less six.
    fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.uniform()).sum::<f64>() - 6.0
    }
}
