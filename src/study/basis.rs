//! What every job counts: groups, classes, latencies, and every two groups as they are.

use crate::measure::latency::{GroupedLatencies, group_latencies};
use crate::order_records::{Lawful, never_sent};
use crate::reconcile::{LinkedLatencies, Links, OrderClass, ReceiptClass, Records, Waterfall};
use crate::record::{Column, Lookalikes, Names, Progress};
use crate::report::tables::Reconciled;
use crate::statistics::PairComparison;

/// The figures of a first look; a study has them too.
pub(crate) struct Basis {
    /// Group names, ascending: codes are places in it.
    pub(crate) groups: Names,
    pub(crate) waterfall: Waterfall,
    pub(crate) grouped: GroupedLatencies,
    pub(crate) comparisons: Vec<PairComparison>,
    /// Orders without a receipt and receipts without an order, by group.
    pub(crate) missing: Vec<u64>,
    pub(crate) orphan: Vec<u64>,
    /// Accounts, clients and groups that an eye would take for others.
    pub(crate) alike: Lookalikes,
}

impl Basis {
    /// From rows held whole.
    pub(crate) fn of_rows(reconciled: &Reconciled<'_>, progress: &Progress) -> Self {
        let Reconciled { orders, receipts, links, attribution, .. } = *reconciled;
        progress.stage("measure");
        let n_groups = attribution.groups.len();
        let nameless = attribution.clients.binary_search(&String::new()).map_or(u32::MAX, |code| code as u32);
        let latencies = LinkedLatencies::of(orders, receipts, links, attribution);
        let grouped = group_latencies(&latencies, n_groups, attribution.clients.len(), nameless);
        progress.stage("compare");
        let (missing, orphan) = counts_without_partner(reconciled);
        Self {
            comparisons: grouped.compare_all(),
            groups: attribution.groups.clone(),
            waterfall: links.waterfall(),
            grouped,
            missing,
            orphan,
            alike: among_names(&attribution.groups, &attribution.clients, [orders, receipts].map(|side| account_names(side))),
        }
    }
}

/// The accounts that a side names.
pub(crate) fn account_names(side: &Records) -> Option<&Names> {
    side.names(Column::Account).map(|accounts| &accounts.names)
}

/// `accounts` are those of either side.
pub(crate) fn among_names(groups: &Names, clients: &Names, accounts: [Option<&Names>; 2]) -> Lookalikes {
    let accounts = accounts.into_iter().flatten().flatten();
    Lookalikes::among(groups.iter().chain(clients).chain(accounts).map(String::as_str))
}

/// Orders without a receipt and receipts without an order, by group.
pub(crate) fn counts_without_partner(reconciled: &Reconciled<'_>) -> (Vec<u64>, Vec<u64>) {
    let Reconciled { links, attribution, .. } = *reconciled;
    let orphan = receipts_by_group(links, &attribution.receipt_group, attribution.groups.len(), ReceiptClass::Orphan);
    (orders_by_group(reconciled, OrderClass::MissingReceipt), orphan)
}

/// Orders whose receipt has copies that disagree on the group, by group.
pub(crate) fn ambiguous_orders(reconciled: &Reconciled<'_>) -> Vec<u64> {
    orders_by_group(reconciled, OrderClass::Ambiguous)
}

fn orders_by_group(reconciled: &Reconciled<'_>, class: OrderClass) -> Vec<u64> {
    let Reconciled { orders, links, attribution, .. } = *reconciled;
    let mut counts = vec![0; attribution.groups.len()];
    for order in (0..orders.len()).filter(|order| links.order_class(*order) == class) {
        counts[usize::from(attribution.order_group[order])] += 1;
    }
    counts
}

/// Receipts without an order that the broker refused, as their outcome says: no order was to follow, by group. One that lapsed, waited or was
/// taken back may have waited too long.
pub(crate) fn refused_receipts(reconciled: &Reconciled<'_>) -> Vec<u64> {
    let Reconciled { receipts, links, attribution, .. } = *reconciled;
    let mut counts = vec![0; attribution.groups.len()];
    for (receipt, _) in never_sent(receipts, links).into_iter().filter(|(_, class)| *class == Lawful::Refused) {
        counts[usize::from(attribution.receipt_group[receipt])] += 1;
    }
    counts
}

/// Copies of orders with a later sending time than the one that counts, by group.
pub(crate) fn later_copies(reconciled: &Reconciled<'_>) -> Vec<u64> {
    let Reconciled { orders, links, attribution, .. } = *reconciled;
    let sent = orders.times(Column::SentAt).unwrap_or(&[]);
    let mut later = vec![0; attribution.groups.len()];
    for (lost, kept) in &links.order_copies {
        later[usize::from(attribution.order_group[*kept as usize])] += u64::from(sent[*lost as usize] > sent[*kept as usize]);
    }
    later
}

/// Receipts with a copy of another time than the one that counts, by group.
pub(crate) fn contradicted_receipts(reconciled: &Reconciled<'_>) -> Vec<u64> {
    let Reconciled { receipts, links, attribution, .. } = *reconciled;
    let received = receipts.times(Column::ReceivedAt).unwrap_or(&[]);
    let differs = |(lost, kept): &&(u32, u32)| received[*lost as usize] != received[*kept as usize];
    let mut kept: Vec<u32> = links.receipt_copies.iter().filter(differs).map(|(_, kept)| *kept).collect();
    kept.sort_unstable();
    kept.dedup();
    let mut counts = vec![0; attribution.groups.len()];
    kept.into_iter().for_each(|receipt| counts[usize::from(attribution.receipt_group[receipt as usize])] += 1);
    counts
}

/// Receipts of one class by group code.
pub(crate) fn receipts_by_group(links: &Links, receipt_group: &[u16], n_groups: usize, class: ReceiptClass) -> Vec<u64> {
    let mut counts = vec![0; n_groups];
    for (receipt, group) in receipt_group.iter().enumerate() {
        counts[usize::from(*group)] += u64::from(links.receipt_class(receipt) == class);
    }
    counts
}
