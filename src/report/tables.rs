//! The Parquet tables of a study.

use std::cmp::Ordering;
use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use arrow::array::{
    ArrayRef, Int64Array, Int64Builder, StringBuilder, StringDictionaryBuilder, TimestampNanosecondArray, TimestampNanosecondBuilder,
};
use arrow::datatypes::Int32Type;
use arrow::record_batch::RecordBatch;
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;

use crate::measure::latency::TrendPoint;
use crate::reconcile::{Attribution, Links, OrderClass, ReceiptClass, Records};
use crate::record::{Column, Diagnostic, Names};
use crate::report::model::Words;

/// Rows written at a time.
const BATCH: usize = 64 << 10;

/// A table on its way to a file: batches of one schema.
pub(crate) struct TableWriter {
    path: std::path::PathBuf,
    writer: Option<ArrowWriter<File>>,
    n_rows: u64,
}

impl TableWriter {
    pub(crate) fn new(path: &Path) -> Self {
        Self { path: path.to_path_buf(), writer: None, n_rows: 0 }
    }

    pub(crate) fn write(&mut self, columns: Vec<(&str, ArrayRef)>) -> Result<(), Diagnostic> {
        let failed = |error: &dyn std::fmt::Display| not_written(&self.path, error);
        let batch = RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(name, array)| (name, array, true)));
        let batch = batch.map_err(|error| failed(&error))?;
        let writer = match &mut self.writer {
            Some(writer) => writer,
            None => {
                let level = ZstdLevel::try_new(1).map_err(|error| failed(&error))?;
                // No "created by" with a version of a library: the same study gives the same bytes.
                let properties =
                    WriterProperties::builder().set_compression(Compression::ZSTD(level)).set_created_by("colofair".to_owned());
                let file = File::create(&self.path).map_err(|error| failed(&error))?;
                let writer = ArrowWriter::try_new(file, batch.schema(), Some(properties.build()));
                self.writer.insert(writer.map_err(|error| failed(&error))?)
            }
        };
        writer.write(&batch).map_err(|error| failed(&error))?;
        self.n_rows += batch.num_rows() as u64;
        Ok(())
    }

    pub(crate) fn finish(self) -> Result<u64, Diagnostic> {
        if let Some(writer) = self.writer {
            let closed = writer.close();
            closed.map_err(|error| not_written(&self.path, &error))?;
        }
        Ok(self.n_rows)
    }
}

fn not_written(path: &Path, error: &dyn std::fmt::Display) -> Diagnostic {
    let problem = (format!("無法寫出資料表：{error}"), format!("cannot write the table: {error}"));
    Diagnostic::new("E0300", problem).in_file(path)
}

/// Writes tables/trend.parquet: group, minute, n, p50.
///
/// # Errors
/// When the file cannot be written.
pub fn write_trend(path: &Path, trend: &[TrendPoint], groups: &Names) -> Result<u64, Diagnostic> {
    let mut table = TableWriter::new(path);
    let batches = trend.chunks(BATCH.max(1)).chain(trend.is_empty().then_some(trend));
    for points in batches {
        let mut names = StringBuilder::new();
        points.iter().for_each(|point| names.append_value(&groups[usize::from(point.group)]));
        let minutes = TimestampNanosecondArray::from_iter_values(points.iter().map(|point| point.minute.0)).with_timezone("UTC");
        let counts = Int64Array::from_iter_values(points.iter().map(|point| point.n as i64));
        let medians = Int64Array::from_iter_values(points.iter().map(|point| point.p50));
        table.write(vec![
            ("group", Arc::new(names.finish())),
            ("minute", Arc::new(minutes)),
            ("n", Arc::new(counts)),
            ("p50", Arc::new(medians)),
        ])?;
    }
    table.finish()
}

/// A reconciliation, whole: what the row tables are written from.
#[derive(Clone, Copy, Debug)]
pub struct Reconciled<'a> {
    /// Orders.
    pub orders: &'a Records,
    /// Receipts.
    pub receipts: &'a Records,
    /// Links.
    pub links: &'a Links,
    /// Groups and clients.
    pub attribution: &'a Attribution,
    /// File names of the orders, by index.
    pub order_files: &'a [String],
    /// File names of the receipts.
    pub receipt_files: &'a [String],
    /// Rows of orders and of receipts that could not be read.
    pub unread: [u64; 2],
}

/// Which rows a table holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowSelection {
    /// Every row of both sides.
    All,
    /// Rows that are not matched, and matched orders with negative latency.
    Exceptions,
}

/// One row of a table: an order with its receipt, or a receipt alone.
#[derive(Clone, Copy, Debug)]
struct TableRow {
    order: Option<usize>,
    receipt: Option<usize>,
    class: &'static str,
    /// The surviving copy, for a losing one.
    kept: Option<u32>,
}

impl Reconciled<'_> {
    /// Writes the rows of `selection`: orders in file order, then the receipts no order row shows.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn write(&self, path: &Path, selection: RowSelection) -> Result<u64, Diagnostic> {
        let mut table = TableWriter::new(path);
        let mut rows = Vec::with_capacity(BATCH);
        for row in self.rows(selection) {
            rows.push(row);
            if rows.len() == BATCH {
                self.write_batch(&mut table, &rows)?;
                rows.clear();
            }
        }
        if !rows.is_empty() || table.writer.is_none() {
            self.write_batch(&mut table, &rows)?;
        }
        table.finish()
    }

    fn rows(&self, selection: RowSelection) -> impl Iterator<Item = TableRow> {
        let orders = (0..self.orders.len()).map(|order| self.order_row(order));
        let receipts = (0..self.receipts.len()).filter_map(|receipt| self.receipt_row(receipt));
        orders
            .chain(receipts)
            .filter(move |row| selection == RowSelection::All || row.class != "matched" || self.latency(*row).is_some_and(|ns| ns < 0))
    }

    fn order_row(&self, order: usize) -> TableRow {
        let receipt = self.links.receipt_of(order);
        let (class, kept) = match self.links.order_class(order) {
            OrderClass::Matched => ("matched", None),
            OrderClass::MissingReceipt => ("missing_receipt", None),
            OrderClass::Ambiguous => ("ambiguous", None),
            OrderClass::Duplicate => ("duplicate_order", winner(&self.links.order_copies, order)),
        };
        TableRow { order: Some(order), receipt, class, kept }
    }

    fn receipt_row(&self, receipt: usize) -> Option<TableRow> {
        let (class, kept) = match self.links.receipt_class(receipt) {
            ReceiptClass::Matched | ReceiptClass::Ambiguous => return None,
            ReceiptClass::Orphan => ("orphan_receipt", None),
            ReceiptClass::Duplicate => ("duplicate_receipt", winner(&self.links.receipt_copies, receipt)),
        };
        Some(TableRow { order: None, receipt: Some(receipt), class, kept })
    }

    fn latency(&self, row: TableRow) -> Option<i64> {
        let sent = self.orders.times(Column::SentAt)?[row.order?];
        Some(sent.saturating_sub(self.receipts.times(Column::ReceivedAt)?[row.receipt?]))
    }

    fn write_batch(&self, table: &mut TableWriter, rows: &[TableRow]) -> Result<(), Diagnostic> {
        let order_place = |row: &TableRow| row.order.map(|order| self.orders.place(order));
        let receipt_place = |row: &TableRow| row.receipt.map(|receipt| self.receipts.place(receipt));
        // A receipt without an order shows its own columns.
        let of_order = |column: Column| {
            names(rows, |row| match (row.order, row.receipt) {
                (Some(order), _) => Some(self.orders.name(column, order)),
                (None, receipt) => receipt.map(|receipt| self.receipts.name(column, receipt)),
            })
        };
        let account = |row: &TableRow| {
            let ours = row.order.map(|order| self.orders.name(Column::Account, order)).filter(|account| !account.is_empty());
            ours.or_else(|| row.receipt.map(|receipt| self.receipts.name(Column::Account, receipt)))
        };
        let client =
            |row: &TableRow| row.order.map(|order| self.attribution.clients[self.attribution.order_client[order] as usize].as_str());
        let group = |row: &TableRow| {
            let code = row.order.map(|order| self.attribution.order_group[order]);
            let code = code.or_else(|| row.receipt.map(|receipt| self.attribution.receipt_group[receipt]))?;
            Some(self.attribution.groups[usize::from(code)].as_str())
        };
        let receipt_id = |row: &TableRow| match row.receipt {
            Some(receipt) => id(self.receipts, Column::ReceiptId, receipt),
            None => row.order.and_then(|order| id(self.orders, Column::ReceiptId, order)),
        };
        let received = |row: &TableRow| Some(self.receipts.times(Column::ReceivedAt)?[row.receipt?]);
        let sent = |row: &TableRow| Some(self.orders.times(Column::SentAt)?[row.order?]);
        table.write(vec![
            ("order_file", names(rows, |row| order_place(row).map(|place| self.order_files[place.0 as usize].as_str()))),
            ("order_row", integers(rows, |row| order_place(row).map(|place| place.1 as i64))),
            ("order_line", integers(rows, |row| row.order.and_then(|order| self.orders.line(order)).map(|line| line as i64))),
            ("receipt_file", names(rows, |row| receipt_place(row).map(|place| self.receipt_files[place.0 as usize].as_str()))),
            ("receipt_row", integers(rows, |row| receipt_place(row).map(|place| place.1 as i64))),
            ("receipt_line", integers(rows, |row| row.receipt.and_then(|receipt| self.receipts.line(receipt)).map(|line| line as i64))),
            ("class", names(rows, |row| Some(row.class))),
            ("order_id", texts(rows, |row| row.order.and_then(|order| id(self.orders, Column::OrderId, order)))),
            ("receipt_id", texts(rows, receipt_id)),
            ("account", names(rows, account)),
            ("client", names(rows, client)),
            ("group", names(rows, group)),
            ("symbol", of_order(Column::Symbol)),
            ("kind", of_order(Column::Kind)),
            ("channel", of_order(Column::Channel)),
            ("gateway", of_order(Column::Gateway)),
            ("received_at", instants(rows, received)),
            ("sent_at", instants(rows, sent)),
            ("latency", integers(rows, |row| self.latency(*row))),
            ("note", texts(rows, |row| self.note(row).map(|note| note.en))),
            ("note_zh", texts(rows, |row| self.note(row).map(|note| note.zh))),
        ])
    }

    /// Why a row is here, where its class alone does not say.
    fn note(&self, row: &TableRow) -> Option<Words> {
        let kept = row.kept.map(|kept| kept as usize);
        match (row.class, kept) {
            ("duplicate_order", Some(kept)) => {
                let (file, at) = self.orders.place(kept);
                Some(self.copy_note(&self.order_files[file as usize], at, self.orders, Column::SentAt, row.order?, kept))
            }
            ("duplicate_receipt", Some(kept)) => {
                let (file, at) = self.receipts.place(kept);
                Some(self.copy_note(&self.receipt_files[file as usize], at, self.receipts, Column::ReceivedAt, row.receipt?, kept))
            }
            ("ambiguous", _) => Some(note("收單複本之群組不一", "copies of the receipt disagree on the group")),
            ("matched", _) if self.latency(*row)? < 0 => Some(note("送出早於收單", "sent before it was received")),
            _ => None,
        }
    }

    fn copy_note(&self, file: &str, at: u64, side: &Records, time: Column, lost: usize, kept: usize) -> Words {
        let times = side.times(time).unwrap_or(&[]);
        let why = match side.compare(time, kept, lost) {
            Ordering::Equal => ("各值相同，其位於前", "equal in every value, it stands first"),
            _ if times.get(kept) < times.get(lost) => ("其時間較早", "it is earlier"),
            _ => ("時間相同，其值較小", "equal time, smaller values"),
        };
        note(&format!("保留 {file} 第 {at} 列（自 0 起）：{}", why.0), &format!("kept {file} row {at} (from 0): {}", why.1))
    }
}

fn note(zh: &str, en: &str) -> Words {
    Words { zh: zh.to_owned(), en: en.to_owned() }
}

fn winner(copies: &[(u32, u32)], loser: usize) -> Option<u32> {
    copies.binary_search_by_key(&(loser as u32), |(loser, _)| *loser).ok().map(|at| copies[at].1)
}

fn id(records: &Records, column: Column, row: usize) -> Option<String> {
    records.id(column, row).filter(|id| !id.is_empty())
}

/// A column of few distinct names, dictionary-encoded; empty is null.
fn names<'a>(rows: &[TableRow], name: impl Fn(&TableRow) -> Option<&'a str>) -> ArrayRef {
    let mut builder = StringDictionaryBuilder::<Int32Type>::new();
    rows.iter().for_each(|row| builder.append_option(name(row).filter(|name| !name.is_empty())));
    // Plain text in the file's schema: every reader gives strings, and Parquet keeps its own dictionary.
    let plain = arrow::compute::cast(&builder.finish(), &arrow::datatypes::DataType::Utf8);
    plain.expect("a dictionary of text casts to text")
}

fn texts(rows: &[TableRow], text: impl Fn(&TableRow) -> Option<String>) -> ArrayRef {
    let mut builder = StringBuilder::new();
    rows.iter().for_each(|row| builder.append_option(text(row)));
    Arc::new(builder.finish())
}

fn integers(rows: &[TableRow], value: impl Fn(&TableRow) -> Option<i64>) -> ArrayRef {
    let mut builder = Int64Builder::with_capacity(rows.len());
    rows.iter().for_each(|row| builder.append_option(value(row)));
    Arc::new(builder.finish())
}

fn instants(rows: &[TableRow], value: impl Fn(&TableRow) -> Option<i64>) -> ArrayRef {
    let mut builder = TimestampNanosecondBuilder::with_capacity(rows.len());
    rows.iter().for_each(|row| builder.append_option(value(row)));
    Arc::new(builder.finish().with_timezone("UTC"))
}
