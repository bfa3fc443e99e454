//! What a first look holds of each order: who sent it, its receipt, and how long it took.
//!
//! A first look shows no order, so it need not hold any: eighteen bytes each are enough for every figure it gives, and where they are too
//! many, it goes by shares of the keys ([`crate::reconcile::Shares`]). The rows of a study
//! are held whole ([`Records`]); both go through the same link and give the same figures.

use std::ops::Range;

use crate::reconcile::index::{Linked, ReceiptIndex};
use crate::reconcile::link::losing_copies;
use crate::reconcile::make_room;
use crate::reconcile::partitions::rows_by_shared_key;
use crate::reconcile::records::join_names;
use crate::reconcile::{LinkOptions, Links, MatchedLatencies, MatchedLatency, NO_RECEIPT, OrderClass, Owners, Records};
use crate::record::{Chunk, Codes, Column, NameBooks, NameColumn, Print, Secret};

/// Sent minus received, four bytes each where it is less than two seconds.
#[derive(Clone, Debug, Default)]
struct Latencies {
    narrow: Vec<i32>,
    /// (row, latency) of those that [`WIDE`] stands for, ascending by row.
    wide: Vec<(u32, i64)>,
}

/// In the place of a latency that needs more than four bytes.
const WIDE: i32 = i32::MIN;

impl Latencies {
    fn push(&mut self, latency: i64) {
        let narrow = i32::try_from(latency).unwrap_or(WIDE);
        if narrow == WIDE {
            self.wide.push((self.narrow.len() as u32, latency));
        }
        self.narrow.push(narrow);
    }

    fn append(&mut self, other: &Self) {
        let first = self.narrow.len() as u32;
        self.wide.extend(other.wide.iter().map(|(row, latency)| (first + row, *latency)));
        self.narrow.extend_from_slice(&other.narrow);
    }

    /// Fills in latencies of rows that had none so far.
    fn fill(&mut self, late: impl Iterator<Item = (u32, i64)>) {
        let n_wide = self.wide.len();
        for (row, latency) in late {
            let narrow = i32::try_from(latency).unwrap_or(WIDE);
            if narrow == WIDE {
                self.wide.push((row, latency));
            }
            self.narrow[row as usize] = narrow;
        }
        if self.wide.len() > n_wide {
            self.wide.sort_unstable();
        }
    }

    #[inline]
    fn get(&self, row: usize) -> i64 {
        match self.narrow[row] {
            WIDE => self.wide.binary_search_by_key(&(row as u32), |(row, _)| *row).map_or(0, |at| self.wide[at].1),
            narrow => i64::from(narrow),
        }
    }
}

/// A chunk's orders, linked.
#[derive(Debug)]
pub struct FirstLookPart {
    linked: Linked,
    latencies: Latencies,
    /// When the orders were sent that are still to be looked for.
    sent: Vec<i64>,
    worker: usize,
    accounts: Option<Codes>,
}

/// The orders of a first look while they come in.
#[derive(Debug, Default)]
pub struct FirstLookBuilder {
    linked: Linked,
    latencies: Latencies,
    sent: Vec<i64>,
    accounts: Vec<(usize, Codes)>,
}

/// The prints of orders' own ids while they come in: which of the orders may be copies of one another.
#[derive(Debug, Default)]
pub struct OrderPrints {
    prints: Vec<Print>,
    /// Their rows, where they are not all rows.
    rows: Option<Vec<u32>>,
}

impl OrderPrints {
    /// Appends the prints of all orders of the next chunk; `rows_expected` is how many are likely to come, that chunk included.
    pub fn append(&mut self, part: &[Print], rows_expected: usize) {
        make_room(&mut self.prints, part.len(), rows_expected);
        self.prints.extend_from_slice(part);
    }

    /// Appends the prints of some orders of the next chunk, whose first row is `first`.
    pub fn append_rows(&mut self, first: u32, (rows, prints): (&[u32], &[Print])) {
        self.prints.extend_from_slice(prints);
        self.rows.get_or_insert_default().extend(rows.iter().map(|row| first + row));
    }

    /// The rows, ascending, that may be copies of one another: all copies are among them, and hardly ever another row.
    #[must_use]
    pub fn possible_copies(&self) -> Vec<u32> {
        let mut rows = rows_by_shared_key(self.prints.len(), Secret::draw(), |row| self.prints[row]).concat();
        if let Some(of) = &self.rows {
            rows.iter_mut().for_each(|row| *row = of[*row as usize]);
        }
        rows.sort_unstable();
        rows
    }
}

impl FirstLookPart {
    /// How many orders it has.
    #[must_use]
    pub fn n_orders(&self) -> usize {
        self.latencies.narrow.len()
    }

    /// Links a chunk of orders and keeps what a first look needs of them.
    #[must_use]
    pub fn of(chunk: &mut Chunk<'_>, index: &ReceiptIndex<'_>) -> Self {
        let linked = index.link(chunk);
        let times = chunk.times(Column::SentAt).unwrap_or(&[]);
        let mut latencies = Latencies { narrow: Vec::with_capacity(chunk.n_rows), wide: Vec::new() };
        for (sent, receipt) in times.iter().zip(&linked.receipt_of) {
            latencies.push(if *receipt == NO_RECEIPT { 0 } else { index.latency(*sent, *receipt) });
        }
        let sent = linked.pending.rows.iter().map(|row| times[*row as usize]).collect();
        let accounts = chunk.take_names(Column::Account);
        Self { linked, latencies, sent, worker: chunk.worker, accounts }
    }
}

impl FirstLookBuilder {
    /// Appends the orders of the next chunk; `rows_expected` is how many are likely to come, that chunk included.
    pub fn append(&mut self, part: FirstLookPart, rows_expected: usize) {
        make_room(&mut self.latencies.narrow, part.latencies.narrow.len(), rows_expected);
        self.linked.append(&part.linked, rows_expected);
        self.latencies.append(&part.latencies);
        self.sent.extend_from_slice(&part.sent);
        if let Some(codes) = part.accounts {
            self.accounts.push((part.worker, codes));
        }
    }

    /// The whole answer. `order_copies` is what [`copies_among`] found.
    #[must_use]
    pub fn finish(self, index: ReceiptIndex<'_>, mut books: NameBooks, order_copies: Vec<(u32, u32)>) -> FirstLook {
        let Self { mut linked, mut latencies, sent, accounts } = self;
        let n_rows = latencies.narrow.len();
        for (order, receipt) in index.find_among_all(&linked.pending) {
            linked.receipt_of[order as usize] = receipt;
        }
        let late = linked.pending.rows.iter().zip(&sent).filter_map(|(row, sent)| {
            let receipt = linked.receipt_of[*row as usize];
            (receipt != NO_RECEIPT).then(|| (*row, index.latency(*sent, receipt)))
        });
        latencies.fill(late);
        let unlinked = linked.pending.rows.iter().zip(&sent).filter(|(row, _)| linked.receipt_of[**row as usize] == NO_RECEIPT);
        let unlinked = unlinked.map(|(row, sent)| (*row, *sent)).collect();
        let accounts = (!accounts.is_empty()).then(|| join_names(accounts, n_rows, &books.dictionaries(Column::Account)));
        FirstLook { links: index.classes(linked.receipt_of.into(), order_copies), latencies, unlinked, accounts }
    }
}

/// The orders of a first look, each in its class.
#[derive(Debug)]
pub struct FirstLook {
    /// Who came from whom.
    pub links: Links,
    /// The accounts that the orders name.
    pub accounts: Option<NameColumn>,
    latencies: Latencies,
    /// (row, when it was sent) of the orders that no receipt was found for, ascending by row.
    unlinked: Vec<(u32, i64)>,
}

impl FirstLook {
    /// Orders without a receipt by group code.
    #[must_use]
    pub fn missing_by_group(&self, owners: &Owners<'_>) -> Vec<u64> {
        let (mut missing, mut dates) = (vec![0; owners.groups.len()], owners.dates());
        for (row, sent) in self.unlinked.iter().filter(|(row, _)| self.links.order_class(*row as usize) == OrderClass::MissingReceipt) {
            missing[usize::from(owners.of_order(&mut dates, *row as usize, None, || *sent).0)] += 1;
        }
        missing
    }
}

/// The latencies of a first look.
#[derive(Debug)]
pub struct FirstLookLatencies<'a> {
    /// The orders.
    pub orders: &'a FirstLook,
    /// When each receipt was written.
    pub received: &'a [i64],
    /// Whose the orders are.
    pub owners: &'a Owners<'a>,
}

impl MatchedLatencies for FirstLookLatencies<'_> {
    fn n_orders(&self) -> usize {
        self.orders.latencies.narrow.len()
    }

    fn each(&self, orders: Range<usize>, mut take: impl FnMut(MatchedLatency)) {
        let mut dates = self.owners.dates();
        for order in orders {
            let Some(receipt) = self.orders.links.matched_receipt(order) else { continue };
            let (received_at, latency) = (self.received[receipt], self.orders.latencies.get(order));
            let (group, client) = self.owners.of_order(&mut dates, order, Some(receipt), || received_at.saturating_add(latency));
            take(MatchedLatency { received_at, latency, group, client });
        }
    }
}

/// (losing copy, surviving copy) of orders, ascending; `candidates` are the whole rows that [`OrderPrints::possible_copies`] named.
#[must_use]
pub fn copies_among(candidates: &Records, rows: &[u32], options: &LinkOptions) -> Vec<(u32, u32)> {
    let copies = losing_copies(candidates, options, Secret::draw());
    copies.into_iter().map(|(loser, winner)| (rows[loser as usize], rows[winner as usize])).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_latency_comes_back(
            parts in prop::collection::vec(prop::collection::vec(prop_oneof![any::<i64>(), -3_000_000_000_i64..3_000_000_000], 0..20), 0..6),
            late in any::<i64>(),
        ) {
            let (mut whole, mut expected) = (Latencies::default(), Vec::new());
            for part in &parts {
                let mut added = Latencies::default();
                part.iter().for_each(|latency| added.push(*latency));
                whole.append(&added);
                expected.extend_from_slice(part);
            }
            if let Some(at) = expected.iter().position(|latency| i32::try_from(*latency).is_ok_and(|narrow| narrow != WIDE)) {
                whole.fill(std::iter::once((at as u32, late)));
                expected[at] = late;
            }
            prop_assert_eq!((0..expected.len()).map(|row| whole.get(row)).collect::<Vec<_>>(), expected);
        }
    }
}
