//! The receipts as orders look them up: at first near in time, then among all.

use std::cell::Cell;
use std::sync::Arc;

use rayon::prelude::*;

use crate::reconcile::keys::{Keys, Rows, composite};
use crate::reconcile::link::{copies, losing_copies};
use crate::reconcile::make_room;
use crate::reconcile::partitions::{Partitions, Table, n_partitions};
use crate::reconcile::records::LinkedIds;
use crate::reconcile::shares::prints;
use crate::reconcile::{LinkOptions, Links, NO_RECEIPT, OrderClass, ReceiptClass, Records};
use crate::record::{Column, IdColumn, Key, Print, Secret, Timestamp};

/// The receipts, ready to be found by the orders that came from them.
///
/// Both logs run nearly in time, so the receipts of a chunk of orders stand close together: [`ReceiptIndex::link`] looks a chunk up in
/// a small table of the receipts about its time, which stays in the cache. What it does not find there is looked up among all receipts
/// afterwards, so that the answer is exact whatever the order of the rows; in files without any order that is every row.
#[derive(Debug)]
pub struct ReceiptIndex<'a> {
    ids: Option<Arc<IdColumn>>,
    options: &'a LinkOptions,
    keys: Keys<'a>,
    /// For each losing copy of a receipt, the copy that won; ascending.
    copies: Vec<(u32, u32)>,
    standing: Vec<Standing>,
    /// When each receipt was written, and the earliest and latest of each stretch.
    received: &'a [i64],
    spans: Vec<(i64, i64)>,
    secret: Secret,
}

/// What is known of a receipt before any order is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
enum Standing {
    /// The only one of its key, or the copy that won.
    Sound,
    /// The copy that won, though the copies disagree on the group.
    Contradicted,
    /// A losing copy.
    Lost,
}

/// Orders as far as they are linked: a chunk's, or all that came in so far.
#[derive(Debug, Default)]
pub struct Linked {
    /// The receipt of each order, [`NO_RECEIPT`] where it was not found or not looked for.
    pub(crate) receipt_of: Vec<u32>,
    pub(crate) pending: Pending,
}

/// Orders still to be looked for among all receipts.
#[derive(Debug, Default)]
pub(crate) struct Pending {
    pub(crate) rows: Vec<u32>,
    /// Their receipt ids.
    ids: IdColumn,
    /// What they are joined by, where that is more than the receipt id.
    joined: Option<Vec<Key>>,
}

impl Pending {
    fn keys(&self) -> &[Key] {
        self.joined.as_ref().unwrap_or(&self.ids.keys)
    }
}

impl Linked {
    /// Appends the orders of the next chunk; `rows_expected` is how many are likely to come, that chunk included.
    pub fn append(&mut self, part: &Self, rows_expected: usize) {
        make_room(&mut self.receipt_of, part.receipt_of.len(), rows_expected);
        let first = self.receipt_of.len() as u32;
        self.receipt_of.extend_from_slice(&part.receipt_of);
        self.pending.rows.extend(part.pending.rows.iter().map(|row| first + row));
        self.pending.ids.append(&part.pending.ids);
        if let Some(joined) = &part.pending.joined {
            self.pending.joined.get_or_insert_default().extend_from_slice(joined);
        }
    }
}

/// How long before an order its receipt is looked for at first, and how long after (a clock may run ahead).
const BEFORE: i64 = 2_000_000_000;
const AFTER: i64 = 200_000_000;
/// Receipts in a stretch.
const STRETCH: usize = 1_024;
/// A chunk is not looked up at first among more receipts than this many for each of its orders: it would not stay in the cache.
const MOST_RECEIPTS_PER_ORDER: usize = 8;

impl<'a> ReceiptIndex<'a> {
    /// Finds the copies among the receipts. `receipt_group[r]` is the group of receipt r, by which its copies agree or disagree.
    ///
    /// Of copies the earliest survives, then the one with the smallest values, whatever order they stand in.
    #[must_use]
    pub fn of(receipts: &'a Records, receipt_group: &[u16], options: &'a LinkOptions) -> Self {
        let secret = Secret::draw();
        let keys = composite(receipts, Column::ReceiptId, Column::ReceivedAt, options);
        let mut standing = vec![Standing::Sound; receipts.len()];
        let mut losers = Vec::new();
        for set in copies(receipts, Column::ReceivedAt, keys.as_ref(), secret) {
            set.losers().for_each(|(loser, _)| standing[loser as usize] = Standing::Lost);
            losers.extend(set.losers());
            if set.rows.iter().any(|copy| receipt_group[*copy as usize] != receipt_group[set.survivor as usize]) {
                standing[set.survivor as usize] = Standing::Contradicted;
            }
        }
        losers.par_sort_unstable();
        let received = receipts.times(Column::ReceivedAt).unwrap_or(&[]);
        let span = |times: &[i64]| times.iter().fold((i64::MAX, i64::MIN), |span, time| (span.0.min(*time), span.1.max(*time)));
        let spans = received.par_chunks(STRETCH).map(span).collect();
        Self { ids: receipts.ids(Column::ReceiptId).cloned(), options, keys, copies: losers, standing, received, spans, secret }
    }

    /// Looks up a chunk of orders among the receipts about its time.
    #[must_use]
    pub fn link(&self, orders: &impl Rows) -> Linked {
        let mut linked = Linked { receipt_of: vec![NO_RECEIPT; orders.n_rows()], pending: Pending::default() };
        let Some(ids) = orders.ids(Column::ReceiptId) else { return linked };
        let keys = composite(orders, Column::ReceiptId, Column::SentAt, self.options);
        let about = self.receipts_about(orders.times(Column::SentAt).unwrap_or(&[]));
        // Among too many receipts it would not stay in the cache.
        let near = about.len() * STRETCH <= MOST_RECEIPTS_PER_ORDER * orders.n_rows().max(STRETCH);
        let table = near.then(|| WindowTable::of(self, &about));
        for (row, key) in keys.as_ref().iter().enumerate() {
            let near = table.as_ref().filter(|_| !key.is_absent());
            match near.map_or(NO_RECEIPT, |table| table.find(self, *key)) {
                NO_RECEIPT => {
                    linked.pending.rows.push(row as u32);
                    linked.pending.ids.push_from(ids, row);
                    if let Keys::Joined(_) = keys {
                        linked.pending.joined.get_or_insert_default().push(*key);
                    }
                }
                receipt => linked.receipt_of[row] = receipt,
            }
        }
        linked
    }

    /// The stretches of receipts about the times at which most of a chunk's orders were sent.
    fn receipts_about(&self, sent: &[i64]) -> Vec<usize> {
        // A few stray times must not widen the window to the whole day: they are looked up later.
        let mut sample: Vec<i64> = sent.iter().step_by((sent.len() / 256).max(1)).copied().collect();
        sample.sort_unstable();
        let stray = sample.len() / 64;
        let (Some(first), Some(last)) = (sample.get(stray), sample.get(sample.len().saturating_sub(1 + stray))) else { return Vec::new() };
        let spread = last.saturating_sub(*first) / 16;
        let (earliest, latest) = (first.saturating_sub(spread + BEFORE), last.saturating_add(spread + AFTER));
        let about = |(_, span): &(usize, &(i64, i64))| span.0 <= latest && span.1 >= earliest;
        self.spans.iter().enumerate().filter(about).map(|(stretch, _)| stretch).collect()
    }

    /// The whole answer, from all of `orders` in row order; their receipt ids are henceforth held by reference to the receipts.
    ///
    /// Copies of an order share the order id (and the further parts of the key); without an order id column there are none. Of copies,
    /// the earliest survives, then the one with the smallest values. A row without a receipt id joins nothing.
    #[must_use]
    pub fn finish(self, orders: &mut Records, linked: Linked) -> Links {
        let Linked { mut receipt_of, pending } = linked;
        for (order, receipt) in self.find_among_all(&pending) {
            receipt_of[order as usize] = receipt;
        }
        let receipt_of = Arc::new(receipt_of);
        if let Some(receipts) = &self.ids {
            let (mut own_rows, mut own) = (Vec::new(), IdColumn::default());
            for (at, row) in pending.rows.iter().enumerate().filter(|(_, row)| receipt_of[**row as usize] == NO_RECEIPT) {
                own_rows.push(*row);
                own.push_from(&pending.ids, at);
            }
            let ids = LinkedIds { receipt_of: receipt_of.clone(), receipts: receipts.clone(), own_rows, own };
            orders.set_linked(Column::ReceiptId, ids);
        }
        drop(pending);
        let order_copies = losing_copies(orders, self.options, self.secret);
        self.classes(receipt_of, order_copies)
    }

    /// Puts every row into its class, given the receipt of each order and the losing copies of orders.
    pub(crate) fn classes(self, receipt_of: Arc<Vec<u32>>, order_copies: Vec<(u32, u32)>) -> Links {
        let mut order_class = vec![OrderClass::MissingReceipt as u8; receipt_of.len()];
        order_copies.iter().for_each(|(loser, _)| order_class[*loser as usize] = OrderClass::Duplicate as u8);
        let mut receipt_class: Vec<u8> = self.standing.iter().map(|standing| standing.without_orders() as u8).collect();
        for (class, receipt) in order_class.iter_mut().zip(&*receipt_of).filter(|(_, receipt)| **receipt != NO_RECEIPT) {
            if *class == OrderClass::Duplicate as u8 {
                continue;
            }
            let (of_order, of_receipt) = match self.standing[*receipt as usize] {
                Standing::Contradicted => (OrderClass::Ambiguous, ReceiptClass::Ambiguous),
                Standing::Sound | Standing::Lost => (OrderClass::Matched, ReceiptClass::Matched),
            };
            (*class, receipt_class[*receipt as usize]) = (of_order as u8, of_receipt as u8);
        }
        Links { receipt_of, order_copies, receipt_copies: self.copies, order_class, receipt_class }
    }

    /// Sent minus received.
    #[inline]
    pub(crate) fn latency(&self, sent: i64, receipt: u32) -> i64 {
        Timestamp(sent).since(Timestamp(self.received[receipt as usize])).0
    }

    /// The prints of the keys by which orders are copies of one another; of none where no order id is read.
    #[must_use]
    pub fn prints(&self, orders: &impl Rows) -> Vec<Print> {
        prints(orders, self.options, self.secret)
    }

    /// (order, receipt) of every pending order that has one.
    pub(crate) fn find_among_all(&self, pending: &Pending) -> Vec<(u32, u32)> {
        let (receipt_keys, rows, pending) = (self.keys.as_ref(), &pending.rows, pending.keys());
        let candidates = self.candidates(pending);
        let n_partitions = n_partitions(candidates.len().min(pending.len()));
        let theirs = Partitions::of(candidates.len(), n_partitions, self.secret, |at| receipt_keys[candidates[at] as usize]);
        let ours = Partitions::of(pending.len(), n_partitions, self.secret, |at| pending[at]);
        let join = |partition: usize| {
            let mut table = Table::for_partition(&theirs, partition);
            let key_of = |at: u32| receipt_keys[candidates[at as usize] as usize];
            theirs.entries(partition).for_each(|entry| {
                table.find_or(entry, true, |_| false);
            });
            let found = ours.entries(partition).filter_map(|entry| {
                let key = pending[entry.row() as usize];
                let receipt = table.find_or(entry, false, |at| key_of(at) == key)?;
                Some((rows[entry.row() as usize], candidates[receipt.row() as usize]))
            });
            found.collect::<Vec<_>>()
        };
        (0..n_partitions).into_par_iter().flat_map_iter(join).collect()
    }

    /// The receipts among which pending orders are looked for: where those are few, only receipts whose keys may be theirs.
    fn candidates(&self, pending: &[Key]) -> Vec<u32> {
        let keys = self.keys.as_ref();
        let sound = |receipt: &u32| self.standing[*receipt as usize] != Standing::Lost;
        if pending.len() > keys.len() / 8 {
            return (0..keys.len() as u32).filter(sound).collect();
        }
        let n_bits = (pending.len() * 32).next_power_of_two().max(64);
        let mut bits = vec![0_u64; n_bits / 64];
        let place = |key: Key| {
            let bit = key.mixed(self.secret) as usize & (n_bits - 1);
            (bit / 64, 1_u64 << (bit % 64))
        };
        for key in pending {
            let (word, bit) = place(*key);
            bits[word] |= bit;
        }
        let may_be = |receipt: &u32| {
            let (word, bit) = place(keys[*receipt as usize]);
            bits[word] & bit != 0 && sound(receipt)
        };
        (0..keys.len() as u32).into_par_iter().filter(may_be).collect()
    }
}

impl Standing {
    fn without_orders(self) -> ReceiptClass {
        match self {
            Self::Sound | Self::Contradicted => ReceiptClass::Orphan,
            Self::Lost => ReceiptClass::Duplicate,
        }
    }
}

/// The receipts of some stretches by key.
struct WindowTable {
    /// Receipts, [`NO_RECEIPT`] where a slot is empty.
    slots: Vec<u32>,
}

thread_local! {
    /// One table's memory a thread, used again from chunk to chunk.
    static SLOTS: Cell<Vec<u32>> = const { Cell::new(Vec::new()) };
}

impl WindowTable {
    fn of(index: &ReceiptIndex<'_>, stretches: &[usize]) -> Self {
        let mut slots = SLOTS.take();
        slots.clear();
        slots.resize((2 * stretches.len() * STRETCH).next_power_of_two().max(16), NO_RECEIPT);
        let mask = slots.len() - 1;
        let keys = index.keys.as_ref();
        for stretch in stretches {
            let receipts = stretch * STRETCH..((stretch + 1) * STRETCH).min(keys.len());
            for receipt in receipts.filter(|receipt| index.standing[*receipt] != Standing::Lost && !keys[*receipt].is_absent()) {
                let mut slot = keys[receipt].mixed(index.secret) as usize & mask;
                while slots[slot] != NO_RECEIPT {
                    slot = (slot + 1) & mask;
                }
                slots[slot] = receipt as u32;
            }
        }
        Self { slots }
    }

    /// The receipt of `key`, or [`NO_RECEIPT`].
    #[inline]
    fn find(&self, index: &ReceiptIndex<'_>, key: Key) -> u32 {
        let (mask, keys) = (self.slots.len() - 1, index.keys.as_ref());
        let mut slot = key.mixed(index.secret) as usize & mask;
        loop {
            let receipt = self.slots[slot];
            if receipt == NO_RECEIPT || keys[receipt as usize] == key {
                return receipt;
            }
            slot = (slot + 1) & mask;
        }
    }
}

impl Drop for WindowTable {
    fn drop(&mut self) {
        SLOTS.set(std::mem::take(&mut self.slots));
    }
}
