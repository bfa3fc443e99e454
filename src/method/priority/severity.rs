//! How far an order jumped: places and shares it passed, and by how much time; and by how many an order was passed.
//!
//! Within the chosen scope, day and phase, without a window: an order that stood still for a second was passed however late the others
//! came. Only provable passing of another client's order counts. `out_of_sequence` also counts the client's own orders, as the
//! inbound unfairness ratio of CloudEx does (Ghalayini et al., HotOS 2021): orders handled out of the sequence of their receipt.

use rayon::prelude::*;

use crate::measure::{Passing, Timetable};
use crate::priority::options::deciding_rows;
use crate::priority::{LineScope, Precision, PriorityOrders};
use crate::statistics::Fenwick;

/// One order that passed at least one of another client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Jump {
    /// Row of the order.
    pub row: u32,
    /// Row of the order it passed that had been received first.
    pub over: u32,
    /// Orders passed.
    pub places: u64,
    /// Shares of the orders passed.
    pub shares: i64,
    /// Receipt minus the receipt of `over`, nanoseconds at the effective resolution.
    pub time: i64,
}

/// Every jump, ascending by row.
#[derive(Clone, Debug, Default)]
pub struct Jumps {
    /// Orders that passed somebody.
    pub jumps: Vec<Jump>,
    /// Orders looked at, and those of them handled out of sequence, own orders included.
    pub sequence: Passing,
}

/// Finds every jump in phases in which receipt order decides, at least in part. O(n log n), phases in parallel.
#[must_use]
pub fn jumps(orders: &PriorityOrders<'_>, timetable: &Timetable, precision: Precision, scope: LineScope) -> Jumps {
    let line = orders.lines(scope);
    let of_phase = |rows: std::ops::Range<usize>| {
        let mut sorted: Vec<(u64, usize)> = rows.map(|row| (line[row], row)).collect();
        sorted.sort_unstable();
        let mut found = Jumps::default();
        for line in sorted.chunk_by(|left, right| left.0 == right.0) {
            let rows: Vec<usize> = line.iter().map(|(_, row)| *row).collect();
            of_line(orders, &precision, &rows, &mut found);
        }
        found
    };
    let parts: Vec<Jumps> = deciding_rows(timetable).into_par_iter().map(of_phase).collect();
    let mut all = Jumps::default();
    for part in parts {
        all.jumps.extend(part.jumps);
        all.sequence += part.sequence;
    }
    all.jumps.sort_unstable_by_key(|jump| jump.row);
    all
}

/// The largest two sending times so far that belong to different clients.
#[derive(Clone, Copy)]
struct Latest {
    sent: i64,
    client: u32,
    /// The largest of any other client.
    other: i64,
}

impl Latest {
    const NONE: Self = Self { sent: i64::MIN, client: u32::MAX, other: i64::MIN };

    fn with(self, sent: i64, client: u32) -> Self {
        match self {
            _ if client == self.client => Self { sent: self.sent.max(sent), ..self },
            _ if sent > self.sent => Self { sent, client, other: self.sent },
            _ => Self { other: self.other.max(sent), ..self },
        }
    }

    fn of_others_than(self, client: u32) -> i64 {
        if client == self.client { self.other } else { self.sent }
    }
}

/// One line, its rows in order of receipt.
fn of_line(orders: &PriorityOrders<'_>, precision: &Precision, rows: &[usize], found: &mut Jumps) {
    found.sequence.opportunities += rows.len() as u64;
    if rows.len() < 2 {
        return;
    }
    let matched = &*orders.matched;
    let stamps: Vec<(i64, i64)> =
        rows.iter().map(|row| (precision.received(matched.received_at[*row].0), precision.sent(matched.sent_at(*row).0))).collect();
    let passed = passed_by_all(orders, precision, rows, &stamps);
    if passed.iter().all(|passed| passed.places == 0) {
        return;
    }
    found.sequence.overtakes += passed.iter().filter(|passed| passed.places > 0).count() as u64;
    let own = passed_of_own(orders, precision, rows, &stamps);
    let mut latest = Vec::with_capacity(rows.len() + 1);
    latest.push(Latest::NONE);
    for (row, (_, sent)) in rows.iter().zip(&stamps) {
        latest.push(latest[latest.len() - 1].with(*sent, matched.client[*row]));
    }
    for at in (0..rows.len()).filter(|at| passed[*at].places > own[*at].places) {
        let (received, sent) = stamps[at];
        let beyond = sent.saturating_add(precision.sent_gap.max(0));
        let client = matched.client[rows[at]];
        // The first order whose addition lifts the largest sending time of the others above this one: it was passed.
        let first = latest.partition_point(|latest| latest.of_others_than(client) <= beyond).saturating_sub(1);
        found.jumps.push(Jump {
            row: rows[at] as u32,
            over: rows[first] as u32,
            places: passed[at].places - own[at].places,
            shares: (passed[at].shares - own[at].shares) as i64,
            time: received - stamps[first].0,
        });
    }
}

#[derive(Clone, Copy, Debug, Default)]
struct Passed {
    places: u64,
    shares: u64,
}

/// For each order of a line, the earlier ones that it provably passed.
fn passed_by_all(orders: &PriorityOrders<'_>, precision: &Precision, rows: &[usize], stamps: &[(i64, i64)]) -> Vec<Passed> {
    let mut ranks: Vec<i64> = stamps.iter().map(|(_, sent)| *sent).collect();
    // A line in order has nothing to count, which is what most lines are.
    if ranks.is_sorted() {
        return vec![Passed::default(); rows.len()];
    }
    ranks.sort_unstable();
    ranks.dedup();
    let (mut places, mut shares) = (Fenwick::new(ranks.len()), Sums::new(ranks.len()));
    let (mut enter, mut standing, mut total) = (0, 0_u64, 0_u64);
    let one = |at: usize, places: &mut Fenwick, shares: &mut Sums| {
        let (rank, n) = (ranks.partition_point(|sent| *sent < stamps[at].1), orders.quantity(rows[at]).max(0) as u64);
        places.add(rank, 1);
        shares.add(rank, n);
        n
    };
    let mut found = Vec::with_capacity(rows.len());
    for (at, (received, sent)) in stamps.iter().enumerate() {
        while enter < at && received - stamps[enter].0 > precision.received_gap.max(0) {
            total += one(enter, &mut places, &mut shares);
            standing += 1;
            enter += 1;
        }
        let end = ranks.partition_point(|other| *other <= sent.saturating_add(precision.sent_gap.max(0)));
        found.push(Passed { places: standing - places.prefix(end), shares: total - shares.prefix(end) });
    }
    found
}

/// The same among the orders of each client.
fn passed_of_own(orders: &PriorityOrders<'_>, precision: &Precision, rows: &[usize], stamps: &[(i64, i64)]) -> Vec<Passed> {
    let mut by_client: Vec<(u32, usize)> = rows.iter().enumerate().map(|(at, row)| (orders.matched.client[*row], at)).collect();
    by_client.sort_unstable();
    let mut found = vec![Passed::default(); rows.len()];
    for own in by_client.chunk_by(|left, right| left.0 == right.0).filter(|own| own.len() > 1) {
        let own_rows: Vec<usize> = own.iter().map(|(_, at)| rows[*at]).collect();
        let own_stamps: Vec<(i64, i64)> = own.iter().map(|(_, at)| stamps[*at]).collect();
        for ((_, at), passed) in own.iter().zip(passed_by_all(orders, precision, &own_rows, &own_stamps)) {
            found[*at] = passed;
        }
    }
    found
}

/// Sums by rank with prefix sums, both in O(log n): [`Fenwick`] for shares, which exceed 32 bits.
struct Sums(Vec<u64>);

impl Sums {
    fn new(n_ranks: usize) -> Self {
        Self(vec![0; n_ranks + 1])
    }

    fn add(&mut self, rank: usize, value: u64) {
        let mut node = rank + 1;
        while let Some(cell) = self.0.get_mut(node) {
            *cell = cell.wrapping_add(value);
            node += node & node.wrapping_neg();
        }
    }

    fn prefix(&self, end: usize) -> u64 {
        let (mut node, mut total) = (end, 0_u64);
        while node > 0 {
            total = total.wrapping_add(self.0[node]);
            node &= node - 1;
        }
        total
    }
}
