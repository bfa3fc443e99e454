//! Who sits on the quiet line.
//!
//! A line with few orders of others is a shorter queue. Whose line is quiet may be chance, size or choice; who could choose it is what
//! the broker is asked.

use std::collections::BTreeMap;

use crate::measure::{Scope, Timetable, line_scope};
use crate::priority::PriorityOrders;
use crate::priority::rules::{FEWEST_DAYS, FEWEST_ORDERS, QUIET, STEADY};

/// How busy the lines are that a client's orders take, on the days with several lines and clients.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LineLoad<Day> {
    /// Its orders.
    pub n: u64,
    /// Lines it used, by the day on which they were the most.
    pub lines: u64,
    /// Other clients' orders on its lines against those on an average line of the day, order by order: 1 is as busy as the others'.
    pub load: f64,
    /// Its days.
    pub days: u64,
    /// Of them, days on which the load was at most [`QUIET`].
    pub quiet_days: u64,
    /// First and last of the days.
    pub between: (Day, Day),
}

impl<Day> LineLoad<Day> {
    /// Whether there are days and orders enough to speak of.
    pub fn is_enough(&self) -> bool {
        self.days >= FEWEST_DAYS && self.n >= FEWEST_ORDERS
    }

    /// The pre-stated rule: a quiet line, and steadily.
    pub fn is_steadily_quiet(&self) -> bool {
        self.is_enough() && self.load <= QUIET && self.quiet_days as f64 >= STEADY * self.days as f64
    }

    /// Share of its days on a quiet line.
    pub fn quiet_share(&self) -> f64 {
        self.quiet_days as f64 / self.days as f64
    }
}

/// Every client on its lines, from the orders of each day, client and line, in any order. O(n log n).
///
/// A day of one line, or of one client, has nothing to compare and is passed over.
pub fn line_loads<Day: Ord + Copy, Client: Ord + Copy, Line: Ord + Copy>(
    counts: impl IntoIterator<Item = ((Day, Client, Line), u64)>,
) -> BTreeMap<Client, LineLoad<Day>> {
    let mut days: BTreeMap<Day, BTreeMap<(Client, Line), u64>> = BTreeMap::new();
    for ((day, client, line), n) in counts {
        *days.entry(day).or_default().entry((client, line)).or_default() += n;
    }
    let mut loads = BTreeMap::new();
    for (day, counts) in days {
        let (mut of_line, mut of_client) = (BTreeMap::new(), BTreeMap::new());
        for ((client, line), n) in &counts {
            *of_line.entry(*line).or_insert(0_u64) += n;
            *of_client.entry(*client).or_insert(0_u64) += n;
        }
        let all: u64 = of_line.values().sum();
        if of_line.len() < 2 || of_client.len() < 2 {
            continue;
        }
        let mut of_day: BTreeMap<Client, (f64, u64)> = BTreeMap::new();
        for ((client, line), n) in &counts {
            let average = (all - of_client[client]) as f64 / of_line.len() as f64;
            let own = of_day.entry(*client).or_default();
            own.0 += *n as f64 * (of_line[line] - n) as f64 / average;
            own.1 += 1;
        }
        for (client, (load, lines)) in of_day {
            let n = of_client[&client];
            let sum = loads.entry(client).or_insert(LineLoad { n: 0, lines: 0, load: 0.0, days: 0, quiet_days: 0, between: (day, day) });
            sum.n += n;
            sum.lines = sum.lines.max(lines);
            sum.load += load;
            sum.days += 1;
            sum.quiet_days += u64::from(load <= QUIET * n as f64);
            sum.between.1 = day;
        }
    }
    loads.values_mut().for_each(|sum| sum.load /= sum.n as f64);
    loads
}

/// The orders of each day (its number), client code and line code; nothing with a single line. O(n).
#[must_use]
pub fn orders_by_line(orders: &PriorityOrders<'_>, timetable: &Timetable) -> Vec<((u32, u32, u16), u64)> {
    let matched = &*orders.matched;
    let column = match line_scope(matched) {
        Scope::Shard => &matched.shard,
        Scope::Gateway => &matched.gateway,
        Scope::All => return Vec::new(),
    };
    let mut counts: hashbrown::HashMap<(u32, u32, u16), u64, foldhash::fast::FixedState> = hashbrown::HashMap::default();
    for (number, day) in (0..).zip(&timetable.days) {
        day.rows.clone().for_each(|row| *counts.entry((number, matched.client[row], column[row])).or_default() += 1);
    }
    counts.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Twelve days: A alone with two orders of B on line 3, the others' sixty on each of lines 1 and 2.
    #[test]
    fn a_line_left_to_one_client_is_quiet_and_a_day_of_one_line_counts_for_nothing() {
        let day = |day: u32| [((day, 'A', 3), 10), ((day, 'B', 3), 2), ((day, 'B', 1), 60), ((day, 'C', 2), 60)];
        let alone = ((99, 'A', 3), 1_000);
        let found = line_loads((0..12).flat_map(day).chain([alone]));
        let a = found[&'A'];
        assert_eq!((a.n, a.lines, a.days, a.quiet_days, a.between), (120, 1, 12, 12, (0, 11)));
        // Others' orders on its line: 2; on the average line: 122 / 3.
        assert!((a.load - 2.0 / (122.0 / 3.0)).abs() < 1e-12 && a.is_steadily_quiet());
        // B waits beside ten on one line, and alone on the other: (2 x 10 + 60 x 0) / 62 against 70 / 3.
        assert!((found[&'B'].load - 20.0 / 62.0 / (70.0 / 3.0)).abs() < 1e-12);
        assert_eq!((found[&'B'].lines, found[&'C'].quiet_days), (2, 12));
        assert!(!line_loads((0..9).flat_map(day))[&'A'].is_steadily_quiet());
    }
}
