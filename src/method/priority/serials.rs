//! Ticket serials against the order of receipt: does a lower number go to an order that came later?
//!
//! A *series* is one line's numbers of a day behind one prefix (a terminal); how they are written is the form of the records' serials.
//! Within a series the numbers should rise with the receipts.
//! An order is out of order where one of a lower number was received provably later. Not seen here: numbers handed out in blocks, and a
//! series that starts again within a day.

use crate::measure::Timetable;
use crate::priority::{Precision, PriorityOrders};
use crate::record::shift::DAY;

/// A serial as it counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Serial {
    /// Which series of a day: line and terminal.
    pub series: u32,
    /// Number in it.
    pub value: u64,
}

/// An order whose number is higher than that of one received later.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OutOfOrder {
    /// Row of the order with the lower number, received later: the latest of them.
    pub row: u32,
    /// Row of the order that came first and has the higher number.
    pub over: u32,
    /// Receipt of `row` minus receipt of `over`, nanoseconds at the effective resolution.
    pub time: i64,
}

/// What the serials show.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SerialOrder {
    /// Series with an order, day by day.
    pub series: u64,
    /// Orders with a serial that could be read.
    pub orders: u64,
    /// Orders whose serial could not be read.
    pub unread: u64,
    /// Orders out of order by the stamps as they stand, the provable ones among them.
    pub nominal: u64,
    /// Provably out of order, ascending by `over`.
    pub out: Vec<OutOfOrder>,
}

/// Holds serials (one a row, `None` where there is none that can be read) against receipts; an order sent a day or more after its
/// receipt is left out. O(n log n).
#[must_use]
pub fn serial_order(orders: &PriorityOrders<'_>, serials: &[Option<Serial>], timetable: &Timetable, precision: Precision) -> SerialOrder {
    let mut found = SerialOrder { unread: serials.iter().filter(|serial| serial.is_none()).count() as u64, ..SerialOrder::default() };
    for day in &timetable.days {
        // One sent days after its receipt has an id used again, perhaps: its number is of another day than the receipt.
        let of_the_day = |row: &usize| orders.matched.latency[*row].0 < DAY;
        let numbered = |row: usize| Some((serials.get(row).copied().flatten()?, row));
        let mut rows: Vec<(Serial, usize)> = day.rows.clone().filter(of_the_day).filter_map(numbered).collect();
        rows.sort_unstable();
        found.orders += rows.len() as u64;
        for series in rows.chunk_by(|one, other| one.0.series == other.0.series) {
            found.series += 1;
            of_series(orders, series, precision, &mut found);
        }
    }
    found.out.sort_unstable_by_key(|one| one.over);
    found
}

fn of_series(orders: &PriorityOrders<'_>, series: &[(Serial, usize)], precision: Precision, found: &mut SerialOrder) {
    let stamp = |row: usize| orders.matched.received_at[row].0;
    // The latest receipt among lower numbers, and of which row.
    let mut latest: Option<(i64, usize)> = None;
    // Equal numbers are one number given twice: neither is lower.
    for same in series.chunk_by(|one, other| one.0.value == other.0.value) {
        if let Some((last, by)) = latest {
            for (_, row) in same {
                found.nominal += u64::from(last > stamp(*row));
                let time = precision.received(last).saturating_sub(precision.received(stamp(*row)));
                if time > precision.received_gap.max(0) {
                    found.out.push(OutOfOrder { row: by as u32, over: *row as u32, time });
                }
            }
        }
        latest = same.iter().map(|(_, row)| (stamp(*row), *row)).chain(latest).max();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::priority::tests::counts::{orders_of, table};
    use proptest::prelude::*;

    proptest! {
        /// Against the definition: an order is out of order where any lower number of its series came later.
        #[test]
        fn out_of_order_equals_the_quadratic_count(rows in prop::collection::vec((0_i64..40, 0_u64..12, 0_u32..2), 1..40), gap in 0_i64..4) {
            let mut rows = rows;
            rows.sort_unstable_by_key(|row| row.0);
            let gaps = rows.iter().scan(0, |last, row| Some(row.0 - std::mem::replace(last, row.0)));
            let orders = orders_of(&gaps.map(|gap| (gap, 1, 0, 0, 0, 0, 1, 1, 1)).collect::<Vec<_>>());
            let timetable = table(&orders);
            let serials: Vec<Option<Serial>> = rows.iter().map(|(_, value, series)| Some(Serial { series: *series, value: *value })).collect();
            let precision = Precision { received_gap: gap, ..Precision::default() };
            let found = serial_order(&orders, &serials, &timetable, precision);
            let plain: Vec<(u32, i64)> = (0..rows.len()).filter_map(|over| {
                let later = |row: &usize| rows[*row].2 == rows[over].2 && rows[*row].1 < rows[over].1;
                let time = (0..rows.len()).filter(later).map(|row| rows[row].0 - rows[over].0).max()?;
                (time > gap).then_some((over as u32, time))
            }).collect();
            prop_assert_eq!(found.out.iter().map(|one| (one.over, one.time)).collect::<Vec<_>>(), plain);
        }
    }
}
