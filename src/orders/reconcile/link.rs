//! The join: equal keys, duplicates on either side, and one class for every row.
//!
//! Exact for any order of the input, linear in its size, whatever the identifiers look like.

use std::sync::Arc;

use rayon::prelude::*;

use crate::reconcile::Records;
use crate::reconcile::keys::composite;
use crate::reconcile::partitions::rows_by_shared_key;
use crate::record::{Column, Key, Secret, Zone};

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
    /// The receipt each order refers to (the surviving copy), copies of orders included; [`NO_RECEIPT`] where there is none.
    pub(crate) receipt_of: Arc<Vec<u32>>,
    /// For each losing copy of an order, the copy that won.
    pub order_copies: Vec<(u32, u32)>,
    /// For each losing copy of a receipt, the copy that won.
    pub receipt_copies: Vec<(u32, u32)>,
    pub(crate) order_class: Vec<u8>,
    pub(crate) receipt_class: Vec<u8>,
}

/// Rows by class; it balances on both sides.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs)] // The names are the contract's: see colofair's `report::model::Reconciliation`.
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

impl Waterfall {
    /// Adds another share's rows.
    pub fn add(&mut self, share: &Self) {
        self.matched += share.matched;
        self.missing_receipt += share.missing_receipt;
        self.ambiguous += share.ambiguous;
        self.duplicate_order += share.duplicate_order;
        self.receipts_matched += share.receipts_matched;
        self.receipts_ambiguous += share.receipts_ambiguous;
        self.orphan_receipt += share.orphan_receipt;
        self.duplicate_receipt += share.duplicate_receipt;
    }
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

    /// The receipt of a matched or ambiguous order.
    #[must_use]
    pub fn receipt_of(&self, order: usize) -> Option<usize> {
        let linked = self.order_class[order] == OrderClass::Matched as u8 || self.order_class[order] == OrderClass::Ambiguous as u8;
        linked.then(|| self.receipt_of[order] as usize)
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

/// Rows that share a key, and the one of them that survives.
pub(crate) struct Copies {
    pub(crate) rows: Vec<u32>,
    pub(crate) survivor: u32,
}

impl Copies {
    /// (losing copy, surviving copy).
    pub(crate) fn losers(&self) -> impl Iterator<Item = (u32, u32)> {
        self.rows.iter().filter(|copy| **copy != self.survivor).map(|copy| (*copy, self.survivor))
    }
}

/// Every set of copies among `records`, whose keys are `keys`.
pub(crate) fn copies(records: &Records, time: Column, keys: &[Key], secret: Secret) -> impl Iterator<Item = Copies> {
    let resolved = move |rows: Vec<u32>| Copies { survivor: survivor(records, time, &rows), rows };
    rows_by_shared_key(keys.len(), secret, |row| keys[row]).into_iter().map(resolved)
}

/// (losing copy, surviving copy) among the orders, ascending.
pub(crate) fn losing_copies(orders: &Records, options: &LinkOptions, secret: Secret) -> Vec<(u32, u32)> {
    let identity = composite(orders, Column::OrderId, Column::SentAt, options);
    let sets: Vec<Copies> = copies(orders, Column::SentAt, identity.as_ref(), secret).collect();
    let mut losers: Vec<(u32, u32)> = sets.iter().flat_map(Copies::losers).collect();
    losers.par_sort_unstable();
    losers
}

/// The earliest of rows with one key, then the smallest by value.
fn survivor(records: &Records, time: Column, same: &[u32]) -> u32 {
    let first = same.iter().copied().min_by(|a, b| records.precedence(time, *a as usize, *b as usize));
    first.unwrap_or(NO_RECEIPT)
}
