//! The sampling plan: which orders to check by hand, drawn by seed within strata of class and group.

use std::collections::BinaryHeap;

use crate::reconcile::OrderClass;
use crate::record::Column;
use crate::report::table_rows::inert;
use crate::report::tables::Reconciled;

/// A sample of so many shows an error rate of 5 % at least once with 95 % probability: the least n with 0.95^n <= 0.05.
const DISCOVERY: u64 = 59;
/// At least so many of each stratum.
const LEAST: u64 = 5;

/// The classes by name, ascending.
const CLASSES: [(&str, OrderClass); 4] = [
    ("ambiguous", OrderClass::Ambiguous),
    ("duplicate_order", OrderClass::Duplicate),
    ("matched", OrderClass::Matched),
    ("missing_receipt", OrderClass::MissingReceipt),
];

/// The plan as a table: stratum, its orders, how many are drawn, and each drawn order with the receipt to lay beside it.
///
/// The same files, order of rows and seed draw the same sample. Memory holds the sample alone.
pub(crate) fn sampling_plan(reconciled: &Reconciled<'_>, seed: u64) -> (String, u64) {
    let (n_orders, n_groups) = (reconciled.orders.len(), reconciled.attribution.groups.len());
    // By class and group code.
    let stratum = |order: usize| {
        let class = reconciled.links.order_class(order);
        let class = CLASSES.iter().position(|(_, known)| *known == class).unwrap_or_default();
        class * n_groups + usize::from(reconciled.attribution.order_group[order])
    };
    let mut sizes = vec![0_u64; CLASSES.len() * n_groups];
    (0..n_orders).for_each(|order| sizes[stratum(order)] += 1);
    let wanted = |size: &u64| (DISCOVERY * size).div_ceil(n_orders.max(1) as u64).max(LEAST).min(*size);
    let wanted: Vec<u64> = sizes.iter().map(wanted).collect();
    let mut drawn: Vec<BinaryHeap<(u64, usize)>> = vec![BinaryHeap::new(); sizes.len()];
    for order in 0..n_orders {
        let stratum = stratum(order);
        let heap = &mut drawn[stratum];
        let ticket = (mix(seed, order as u64), order);
        if (heap.len() as u64) < wanted[stratum] {
            heap.push(ticket);
        } else if heap.peek().is_some_and(|worst| ticket < *worst) {
            heap.pop();
            heap.push(ticket);
        }
    }
    let mut text = String::from(
        "class,group,stratum_orders,stratum_sample,order_file,order_row,order_line,order_id,receipt_id,receipt_file,receipt_row,receipt_line,checked_by,checked_on,agrees,remark\n",
    );
    let mut n_rows = 0;
    for (stratum, heap) in drawn.into_iter().enumerate() {
        let mut orders: Vec<usize> = heap.iter().map(|(_, order)| *order).collect();
        orders.sort_unstable();
        let (class, group) = (CLASSES[stratum / n_groups].0, stratum % n_groups);
        for order in &orders {
            text.push_str(&line(reconciled, (class, group), sizes[stratum], orders.len(), *order));
            n_rows += 1;
        }
    }
    (text, n_rows)
}

fn line(reconciled: &Reconciled<'_>, (class, group): (&str, usize), size: u64, sample: usize, order: usize) -> String {
    let (file, row) = reconciled.orders.place(order);
    let id = |column: Column| reconciled.orders.id(column, order).unwrap_or_default();
    let receipt_of = reconciled.links.receipt_of(order);
    let receipt = receipt_of.map(|receipt| reconciled.receipts.place(receipt));
    let written = |line: Option<u64>| line.map(|line| line.to_string()).unwrap_or_default();
    let fields = [
        class.to_owned(),
        reconciled.attribution.groups[group].clone(),
        size.to_string(),
        sample.to_string(),
        reconciled.order_files[file as usize].clone(),
        row.to_string(),
        written(reconciled.orders.line(order)),
        id(Column::OrderId),
        id(Column::ReceiptId),
        receipt.map(|(file, _)| reconciled.receipt_files[file as usize].clone()).unwrap_or_default(),
        written(receipt.map(|(_, row)| row)),
        written(receipt_of.and_then(|receipt| reconciled.receipts.line(receipt))),
    ];
    format!("{},,,,\n", fields.map(|field| inert(&field)).join(","))
}

/// A well mixed number of a seed and a row (the finaliser of SplitMix64).
fn mix(seed: u64, row: u64) -> u64 {
    let mut value = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ row.wrapping_add(0x9e37_79b9_7f4a_7c15);
    for factor in [0xbf58_476d_1ce4_e5b9, 0x94d0_49bb_1331_11eb] {
        value = (value ^ (value >> 30)).wrapping_mul(factor);
    }
    value ^ (value >> 31)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::disallowed_methods)] // The arithmetic of a test reaches no verdict.

    use super::*;

    #[test]
    fn the_sample_size_is_the_discovery_sample() {
        assert!(0.95_f64.powi(DISCOVERY as i32) <= 0.05 && 0.95_f64.powi(DISCOVERY as i32 - 1) > 0.05);
    }

    #[test]
    fn tickets_do_not_follow_the_rows() {
        let first_half = (0..10_000).filter(|row| mix(1, *row) < u64::MAX / 2).count();
        assert!((4_700..5_300).contains(&first_half), "{first_half}");
        assert!((0..100).all(|row| mix(1, row) != mix(2, row)));
    }
}
