//! The join: equal keys, duplicates on either side, and one class for every row.
//!
//! General and exact for any order of the input: both sides are split by key bits into partitions that stay in cache, and each
//! partition is sorted by key and merged. Cost O(n log n) at worst, whatever the identifiers look like.

use std::sync::atomic::{AtomicU8, AtomicU32, Ordering};

use rayon::prelude::*;

use crate::reconcile::{Key, Records};
use crate::record::{Column, LocalReader, Timestamp, Zone};

/// The receipt of an order that has none.
pub const NO_RECEIPT: u32 = u32::MAX;

/// How orders refer to receipts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkOptions {
    /// What has to agree beside the receipt id, where ids repeat.
    pub also: Vec<AlsoEqual>,
    /// Zone of the trading date.
    pub zone: Zone,
}

/// A further part of the key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AlsoEqual {
    /// Local date of sending and of receipt.
    TradeDate,
    /// A column that both sides have.
    Name(Column),
}

/// Where an order ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum OrderClass {
    /// Joined to one receipt.
    Matched,
    /// No receipt has its key.
    MissingReceipt,
    /// Its receipt's copies disagree on the group.
    Ambiguous,
    /// A losing copy of another order.
    Duplicate,
}

/// Where a receipt ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum ReceiptClass {
    /// At least one order came from it.
    Matched,
    /// No order has its key.
    Orphan,
    /// Its copies disagree on the group, and an order refers to it.
    Ambiguous,
    /// A losing copy of another receipt.
    Duplicate,
}

/// Who came from whom.
#[derive(Debug)]
pub struct Links {
    /// The receipt each order refers to (the surviving copy), matched or ambiguous; [`NO_RECEIPT`] otherwise.
    pub receipt_of: Vec<u32>,
    /// For each losing copy of an order, the copy that won.
    pub order_copies: Vec<(u32, u32)>,
    /// For each losing copy of a receipt, the copy that won.
    pub receipt_copies: Vec<(u32, u32)>,
    order_class: Vec<u8>,
    receipt_class: Vec<u8>,
}

/// Rows by class; it balances on both sides.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs)] // The names are the contract's: see crate::report::model::Reconciliation.
pub struct Waterfall {
    pub matched: u64,
    pub missing_receipt: u64,
    pub ambiguous: u64,
    pub duplicate_order: u64,
    pub receipts_matched: u64,
    pub receipts_ambiguous: u64,
    pub orphan_receipt: u64,
    pub duplicate_receipt: u64,
}

impl Links {
    /// The class of an order.
    #[must_use]
    pub fn order_class(&self, order: usize) -> OrderClass {
        match self.order_class[order] {
            0 => OrderClass::Matched,
            1 => OrderClass::MissingReceipt,
            2 => OrderClass::Ambiguous,
            _ => OrderClass::Duplicate,
        }
    }

    /// The class of a receipt.
    #[must_use]
    pub fn receipt_class(&self, receipt: usize) -> ReceiptClass {
        match self.receipt_class[receipt] {
            0 => ReceiptClass::Matched,
            1 => ReceiptClass::Orphan,
            2 => ReceiptClass::Ambiguous,
            _ => ReceiptClass::Duplicate,
        }
    }

    /// The receipt of a matched order.
    #[must_use]
    pub fn matched_receipt(&self, order: usize) -> Option<usize> {
        (self.order_class[order] == OrderClass::Matched as u8).then(|| self.receipt_of[order] as usize)
    }

    /// Rows by class.
    #[must_use]
    pub fn waterfall(&self) -> Waterfall {
        let count = |classes: &[u8], class: u8| classes.iter().filter(|found| **found == class).count() as u64;
        Waterfall {
            matched: count(&self.order_class, OrderClass::Matched as u8),
            missing_receipt: count(&self.order_class, OrderClass::MissingReceipt as u8),
            ambiguous: count(&self.order_class, OrderClass::Ambiguous as u8),
            duplicate_order: count(&self.order_class, OrderClass::Duplicate as u8),
            receipts_matched: count(&self.receipt_class, ReceiptClass::Matched as u8),
            receipts_ambiguous: count(&self.receipt_class, ReceiptClass::Ambiguous as u8),
            orphan_receipt: count(&self.receipt_class, ReceiptClass::Orphan as u8),
            duplicate_receipt: count(&self.receipt_class, ReceiptClass::Duplicate as u8),
        }
    }
}

/// Joins the two sides. `receipt_group[r]` is the group of receipt r, by which its copies agree or disagree.
///
/// Copies of an order share the order id (and the further parts of the key); without an order id column there are none. Of copies,
/// the earliest survives, then the one with the smallest values, whatever order they stand in. A row without a receipt id joins nothing.
#[must_use]
pub fn link(orders: &Records, receipts: &Records, receipt_group: &[u16], options: &LinkOptions) -> Links {
    let order_class: Vec<AtomicU8> = atomics(orders.len(), OrderClass::MissingReceipt as u8);
    let receipt_class: Vec<AtomicU8> = atomics(receipts.len(), ReceiptClass::Orphan as u8);
    let receipt_of: Vec<AtomicU32> = (0..orders.len()).into_par_iter().map(|_| AtomicU32::new(NO_RECEIPT)).collect();

    let identity = composite(orders, Column::OrderId, Column::SentAt, options);
    let order_copies = losing_copies(orders, Column::SentAt, &identity);
    order_copies.par_iter().for_each(|(loser, _)| order_class[*loser as usize].store(OrderClass::Duplicate as u8, Ordering::Relaxed));
    drop(identity);

    let order_keys = composite(orders, Column::ReceiptId, Column::SentAt, options);
    let receipt_keys = composite(receipts, Column::ReceiptId, Column::ReceivedAt, options);
    let partitions = Partitions::of(&[order_keys.as_ref(), receipt_keys.as_ref()]);
    let join = |partition: usize| {
        let theirs = partitions.sorted(1, receipt_keys.as_ref(), partition);
        let ours = partitions.sorted(0, order_keys.as_ref(), partition);
        let (mut copies, mut next) = (Vec::new(), 0);
        for same in theirs.chunk_by(|a, b| a.0 == b.0) {
            let key = same[0].0;
            let survivor = survivor(receipts, Column::ReceivedAt, same);
            for (_, copy) in same.iter().filter(|(_, copy)| *copy != survivor) {
                receipt_class[*copy as usize].store(ReceiptClass::Duplicate as u8, Ordering::Relaxed);
                copies.push((*copy, survivor));
            }
            let agree = same.iter().all(|(_, copy)| receipt_group[*copy as usize] == receipt_group[survivor as usize]);
            let (of_order, of_receipt) =
                if agree { (OrderClass::Matched, ReceiptClass::Matched) } else { (OrderClass::Ambiguous, ReceiptClass::Ambiguous) };
            next += ours[next..].partition_point(|(order_key, _)| *order_key < key);
            for (_, order) in ours[next..].iter().take_while(|(order_key, _)| *order_key == key) {
                next += 1;
                let class = &order_class[*order as usize];
                if class.load(Ordering::Relaxed) != OrderClass::Duplicate as u8 {
                    class.store(of_order as u8, Ordering::Relaxed);
                    receipt_class[survivor as usize].store(of_receipt as u8, Ordering::Relaxed);
                    receipt_of[*order as usize].store(survivor, Ordering::Relaxed);
                }
            }
        }
        copies
    };
    let mut receipt_copies: Vec<(u32, u32)> = (0..partitions.len()).into_par_iter().flat_map_iter(join).collect();
    receipt_copies.par_sort_unstable();
    Links {
        receipt_of: receipt_of.into_iter().map(AtomicU32::into_inner).collect(),
        order_copies,
        receipt_copies,
        order_class: order_class.into_iter().map(AtomicU8::into_inner).collect(),
        receipt_class: receipt_class.into_iter().map(AtomicU8::into_inner).collect(),
    }
}

fn atomics(n: usize, value: u8) -> Vec<AtomicU8> {
    (0..n).into_par_iter().map(|_| AtomicU8::new(value)).collect()
}

/// (losing copy, surviving copy), ascending.
fn losing_copies(records: &Records, time: Column, identity: &Keys<'_>) -> Vec<(u32, u32)> {
    let partitions = Partitions::of(&[identity.as_ref()]);
    let copies = |partition: usize| {
        let sorted = partitions.sorted(0, identity.as_ref(), partition);
        let mut copies = Vec::new();
        for same in sorted.chunk_by(|a, b| a.0 == b.0).filter(|same| same.len() > 1) {
            let survivor = survivor(records, time, same);
            copies.extend(same.iter().map(|(_, copy)| *copy).filter(|copy| *copy != survivor).map(|copy| (copy, survivor)));
        }
        copies
    };
    let mut copies: Vec<(u32, u32)> = (0..partitions.len()).into_par_iter().flat_map_iter(copies).collect();
    copies.par_sort_unstable();
    copies
}

/// The earliest of rows with one key, then the smallest by value.
fn survivor(records: &Records, time: Column, same: &[(Key, u32)]) -> u32 {
    let first = same.iter().map(|(_, row)| *row).min_by(|a, b| records.precedence(time, *a as usize, *b as usize));
    first.unwrap_or(NO_RECEIPT)
}

/// The keys of a side: its id column's own, or the id joined with what else has to agree.
enum Keys<'a> {
    Own(&'a [Key]),
    Joined(Vec<Key>),
}

impl Keys<'_> {
    fn as_ref(&self) -> &[Key] {
        match self {
            Self::Own(keys) => keys,
            Self::Joined(keys) => keys,
        }
    }
}

fn composite<'a>(records: &'a Records, id: Column, time: Column, options: &LinkOptions) -> Keys<'a> {
    let Some(ids) = records.ids(id) else { return Keys::Own(&[]) };
    if options.also.is_empty() {
        return Keys::Own(&ids.keys);
    }
    let times = records.times(time).unwrap_or(&[]);
    let joined = (0..records.len()).into_par_iter().map_init(
        || (options.zone.local_reader(), Vec::new()),
        |(local, text), row| {
            if ids.keys[row].is_absent() {
                return Key::ABSENT;
            }
            text.clear();
            text.extend_from_slice(ids.text(row).as_bytes());
            for part in &options.also {
                append_part(text, records, *part, row, times, local);
            }
            Key::of(text)
        },
    );
    Keys::Joined(joined.collect())
}

/// Appends the part with its length, so that "A" + "BC" is not "AB" + "C".
fn append_part(text: &mut Vec<u8>, records: &Records, part: AlsoEqual, row: usize, times: &[i64], local: &mut LocalReader) {
    match part {
        AlsoEqual::TradeDate => {
            let date = times.get(row).map_or(0, |time| local.read(Timestamp(*time)).0.0);
            text.extend_from_slice(&date.to_le_bytes());
        }
        AlsoEqual::Name(column) => {
            let name = records.name(column, row).as_bytes();
            text.extend_from_slice(name);
            text.extend_from_slice(&(name.len() as u32).to_le_bytes());
        }
    }
}

/// Rows split by key bits so that a partition of every side fits the cache; rows without a key are in none.
struct Partitions {
    /// side -> stretch of rows -> partition -> rows.
    sides: Vec<Vec<Vec<Vec<u32>>>>,
    n_partitions: usize,
}

/// Rows a partition aims at.
const PARTITION: usize = 4_096;

impl Partitions {
    fn of(sides: &[&[Key]]) -> Self {
        let n_rows = sides.iter().map(|keys| keys.len()).max().unwrap_or(0);
        let n_partitions = n_rows.div_ceil(PARTITION).next_power_of_two().min(1 << 13);
        let stretch = n_rows.div_ceil(4 * rayon::current_num_threads()).max(1);
        let split = |keys: &[Key]| {
            let stretches = keys.par_chunks(stretch).enumerate();
            stretches.map(|(index, keys)| split_stretch(keys, index * stretch, n_partitions)).collect()
        };
        Self { sides: sides.iter().map(|keys| split(keys)).collect(), n_partitions }
    }

    fn len(&self) -> usize {
        self.n_partitions
    }

    /// The partition's (key, row), ascending.
    fn sorted(&self, side: usize, keys: &[Key], partition: usize) -> Vec<(Key, u32)> {
        let rows = self.sides[side].iter().flat_map(|stretch| &stretch[partition]);
        let mut sorted: Vec<(Key, u32)> = rows.map(|row| (keys[*row as usize], *row)).collect();
        sorted.sort_unstable();
        sorted
    }
}

fn split_stretch(keys: &[Key], first: usize, n_partitions: usize) -> Vec<Vec<u32>> {
    let mut split: Vec<Vec<u32>> = vec![Vec::new(); n_partitions];
    let expected = keys.len() / n_partitions;
    split.iter_mut().for_each(|rows| rows.reserve(expected + expected / 8));
    for (at, key) in keys.iter().enumerate().filter(|(_, key)| !key.is_absent()) {
        split[key.mixed() as usize & (n_partitions - 1)].push((first + at) as u32);
    }
    split
}
