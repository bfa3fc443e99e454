//! Where each table of an output folder stands, as a path below it: written by the study, found again by report, workbook and comparison.

/// Evidence rows behind the findings of access.
pub(crate) const ACCESS_ROWS: &str = "tables/findings_access.csv";
/// House orders ahead of client orders.
pub(crate) const AHEAD: &str = "tables/priority_ahead.parquet";
/// Who passed whom, by client.
pub(crate) const CLIENT_MATRIX: &str = "tables/priority_clients.parquet";
/// Where the receipts clock stood to the orders clock, block by block.
pub(crate) const CLOCK_OFFSETS: &str = "tables/clock_offsets.parquet";
/// Evidence rows behind the findings of the controls.
pub(crate) const CONTROLS_ROWS: &str = "tables/findings_controls.csv";
/// Evidence rows behind the findings of orders held against evidence.
pub(crate) const CROSS_ROWS: &str = "tables/findings_cross.csv";
/// Every row that is not matched, and matched orders of negative latency.
pub(crate) const EXCEPTIONS: &str = "tables/exceptions.parquet";
/// Who passed whom, by group.
pub(crate) const MATRIX: &str = "tables/priority_matrix.parquet";
/// Lawful classes of orders, receipts and reports.
pub(crate) const ORDER_CLASSES: &str = "tables/order_classes.parquet";
/// Order passing order, one a row.
pub(crate) const OVERTAKES: &str = "tables/priority_overtakes.parquet";
/// Every row of both sides with its class.
pub(crate) const RECONCILED: &str = "tables/reconciled.parquet";
/// Rows that a check of the records names.
pub(crate) const RECORDS: &str = "tables/records.parquet";
/// The plan of a sample for checks by hand.
pub(crate) const SAMPLE: &str = "tables/sample.csv";
/// Serial numbers against the order of receipt.
pub(crate) const SERIALS: &str = "tables/priority_serials.parquet";
/// Sessions and who connected first.
pub(crate) const SESSIONS: &str = "tables/priority_sessions.parquet";
/// Median latency by group and minute.
pub(crate) const TREND: &str = "tables/trend.parquet";
