//! What every job counts: groups, classes, latencies, and every two groups as they are.

use crate::config::StudyConfig;
use crate::ingest::{self, Intake};
use crate::measure::latency::{GroupedLatencies, group_latencies};
use crate::reconcile::{
    FirstLookBuilder, FirstLookLatencies, FirstLookPart, LinkOptions, LinkedLatencies, Links, OrderClass, Owners, ReceiptClass,
    ReceiptIndex, Records, RecordsBuilder, RecordsPart, Waterfall, copies_among,
};
use crate::record::{Chunk, Column, Diagnostic, Lookalikes, NameBooks, NameColumn, Names, Progress};
use crate::report::tables::Reconciled;
use crate::statistics::PairComparison;
use crate::study::{Inputs, Receipts, RunOptions, order_columns, refuse_empty};

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
            alike: among_names(&attribution.groups, &attribution.clients, [orders.names(Column::Account), receipts.names(Column::Account)]),
        }
    }

    /// From orders of which no more is held than this needs.
    pub(crate) fn of_first_look(
        config: &StudyConfig,
        inputs: &Inputs,
        options: &RunOptions,
        receipts: &mut Receipts,
        progress: &Progress,
    ) -> Result<(Self, Intake), Diagnostic> {
        progress.stage("index receipts");
        let link_options = LinkOptions { also: config.also_equal.clone(), zone: config.zone };
        let index = ReceiptIndex::of(&receipts.records, &receipts.of.receipt_group, &link_options);
        progress.stage("read orders");
        let (books, mut orders) = (NameBooks::default(), FirstLookBuilder::default());
        let wanted = order_columns(config, options);
        let transform = |mut chunk: Chunk<'_>| FirstLookPart::of(&mut chunk, &index);
        let intake = ingest::read(&inputs.orders, &wanted, &books, progress, transform, |place, part| {
            orders.append(part, place.rows_expected);
        })?;
        refuse_empty(&inputs.orders, &intake, "orders")?;
        progress.stage("link");
        let candidates = orders.possible_copies(&index);
        let copies = if candidates.is_empty() {
            Vec::new()
        } else {
            copies_among(&read_again(inputs, &wanted, &candidates, &intake, progress)?, &candidates, &index)
        };
        let orders = orders.finish(index, books, copies);
        receipts.records.forget(Column::ReceiptId);

        progress.stage("measure");
        let Receipts { records, of, book, .. } = &*receipts;
        let owners = Owners::of(of, orders.accounts.as_ref(), records, book, config.zone);
        let received = records.times(Column::ReceivedAt).unwrap_or(&[]);
        let latencies = FirstLookLatencies { orders: &orders, received, owners: &owners };
        let grouped = group_latencies(&latencies, of.groups.len(), owners.clients.len(), owners.nameless());
        progress.stage("compare");
        let basis = Self {
            comparisons: grouped.compare_all(),
            groups: of.groups.clone(),
            waterfall: orders.links.waterfall(),
            grouped,
            missing: orders.missing_by_group(&owners),
            orphan: receipts_by_group(&orders.links, &of.receipt_group, of.groups.len(), ReceiptClass::Orphan),
            alike: among_names(&of.groups, &owners.clients, [orders.accounts.as_ref(), records.names(Column::Account)]),
        };
        Ok((basis, intake))
    }
}

fn among_names(groups: &Names, clients: &Names, accounts: [Option<&NameColumn>; 2]) -> Lookalikes {
    let accounts = accounts.into_iter().flatten().flat_map(|column| column.names.iter());
    Lookalikes::among(groups.iter().chain(clients).chain(accounts).map(String::as_str))
}

/// The rows `candidates` of the orders, whole: the files are read once more for them.
fn read_again(inputs: &Inputs, wanted: &[Column], candidates: &[u32], before: &Intake, progress: &Progress) -> Result<Records, Diagnostic> {
    let (books, mut records, mut n_rows) = (NameBooks::default(), RecordsBuilder::default(), 0);
    let transform = |chunk: Chunk<'_>| RecordsPart::of(chunk, |_| true);
    let intake = ingest::read(&inputs.orders, wanted, &books, progress, transform, |place, part: RecordsPart| {
        let behind = n_rows + part.len() as u32;
        let rows = &candidates[candidates.partition_point(|row| *row < n_rows)..candidates.partition_point(|row| *row < behind)];
        let within: Vec<u32> = rows.iter().map(|row| row - n_rows).collect();
        records.append(place, part.select(&within));
        n_rows = behind;
    })?;
    if intake.files != before.files {
        let problem = ("委託檔在讀取時被改動", "the orders changed while they were read");
        let help = ("請複製一份不會再被寫入的檔案來查核", "check a copy that nothing writes to");
        return Err(Diagnostic::new("E0208", problem).help(help));
    }
    Ok(records.finish(books))
}

/// Orders without a receipt and receipts without an order, by group.
pub(crate) fn counts_without_partner(reconciled: &Reconciled<'_>) -> (Vec<u64>, Vec<u64>) {
    let Reconciled { orders, links, attribution, .. } = *reconciled;
    let n_groups = attribution.groups.len();
    let mut missing = vec![0; n_groups];
    for order in (0..orders.len()).filter(|order| links.order_class(*order) == OrderClass::MissingReceipt) {
        missing[usize::from(attribution.order_group[order])] += 1;
    }
    (missing, receipts_by_group(links, &attribution.receipt_group, n_groups, ReceiptClass::Orphan))
}

/// Receipts of one class by group code.
pub(crate) fn receipts_by_group(links: &Links, receipt_group: &[u16], n_groups: usize, class: ReceiptClass) -> Vec<u64> {
    let mut counts = vec![0; n_groups];
    for (receipt, group) in receipt_group.iter().enumerate() {
        counts[usize::from(*group)] += u64::from(links.receipt_class(receipt) == class);
    }
    counts
}
