//! The table of every row that a record check names: tables/records.parquet.

use std::sync::Arc;

use arrow::array::{ArrayRef, Int64Array, StringArray, TimestampNanosecondArray};

use crate::ingest::Reject;
use crate::order_records::{FoundRow, Item, Reason, Side};
use crate::reconcile::Records;
use crate::record::{Column, Diagnostic};
use crate::report::model::TableRef;
use crate::report::output::Output;
use crate::report::table_names;
use crate::report::tables::TableWriter;
use crate::rules::{Standing, Text, kind};
use crate::study::records::{Examined, Given, is_blank, words};

/// Rows written at a time: no text is held for all rows.
const BATCH: usize = 1 << 15;

/// Where a row stands: file and line, or file and data row where lines are not known.
pub(crate) fn place_of(given: Given<'_>, side: Side, row: u32) -> String {
    let (records, files) = of_side(given, side);
    let (file, at) = records.place(row as usize);
    let name = files.get(file as usize).map_or("", String::as_str);
    records.line(row as usize).map_or_else(|| format!("{name}#row:{at}"), |line| format!("{name}:{line}"))
}

pub(crate) fn of_side<'a>(given: Given<'a>, side: Side) -> (&'a Records, &'a [String]) {
    match side {
        Side::Orders => (given.reconciled.orders, given.reconciled.order_files),
        Side::Receipts => (given.reconciled.receipts, given.reconciled.receipt_files),
        Side::Reports => given.reports.map_or((given.reconciled.orders, &[]), |reports| (reports.records, reports.files)),
    }
}

/// Writes the table where there is a row to write.
pub(crate) fn write(given: Given<'_>, examined: &Examined<'_>, output: &Output) -> Result<Vec<TableRef>, Diagnostic> {
    if examined.timeless.is_empty() && examined.checks.iter().all(|check| check.rows.is_empty()) {
        return Ok(Vec::new());
    }
    let mut table = TableWriter::new(&output.path(table_names::RECORDS));
    for check in &examined.checks {
        let breach = kind(check.code).is_some_and(|kind| kind.standing == Standing::Breach);
        for rows in check.rows.chunks(BATCH) {
            table.write(columns(given, check.code, breach, rows))?;
        }
        if check.code == "R02" && !examined.timeless.is_empty() {
            table.write(unread(&examined.timeless))?;
        }
    }
    Ok(vec![TableRef { path: table_names::RECORDS.to_owned(), rows: table.finish()? }])
}

pub(crate) fn text<'a>(values: impl Iterator<Item = Option<&'a str>>) -> ArrayRef {
    Arc::new(values.map(|text| text.filter(|text| !text.is_empty())).collect::<StringArray>())
}

fn owned(values: impl Iterator<Item = Option<String>>) -> ArrayRef {
    Arc::new(values.map(|text| text.filter(|text| !text.is_empty())).collect::<StringArray>())
}

fn whole(values: impl Iterator<Item = Option<i64>>) -> ArrayRef {
    Arc::new(values.collect::<Int64Array>())
}

fn instants(values: impl Iterator<Item = Option<i64>>) -> ArrayRef {
    Arc::new(values.collect::<TimestampNanosecondArray>().with_timezone("UTC"))
}

pub(crate) const fn side_name(side: Side) -> &'static str {
    match side {
        Side::Orders => "orders",
        Side::Receipts => "receipts",
        Side::Reports => "reports",
    }
}

/// A row of one side, as far as it can be told.
type At = Option<(Side, u32)>;
type NamedColumn = (&'static str, ArrayRef);

fn columns(given: Given<'_>, code: &'static str, breach: bool, rows: &[FoundRow]) -> Vec<NamedColumn> {
    let items = |row: &FoundRow| {
        (row.reason == Reason::ItemsMissing).then(|| Item::of_set(row.value).map(Item::name).collect::<Vec<_>>().join(" "))
    };
    let verdict = |row: &FoundRow| Some(if breach && row.confirmed { "confirmed" } else { "insufficient" });
    let at: Vec<(Side, u32, At)> = rows.iter().map(|row| (row.side, row.row, row.other)).collect();
    let (own, other) = places_of(given, &at);
    let mut columns = vec![
        ("code", text(rows.iter().map(|_| Some(code)))),
        ("verdict", text(rows.iter().map(verdict))),
        ("reason", text(rows.iter().map(|row| Some(row.reason.name())))),
        ("reason_zh", text(rows.iter().map(|row| Some(words::reason(row.reason).zh)))),
        ("reason_en", text(rows.iter().map(|row| Some(words::reason(row.reason).en)))),
    ];
    columns.extend(own);
    columns.push(("value", whole(rows.iter().map(|row| (row.reason != Reason::ItemsMissing).then_some(row.value)))));
    columns.push(("items", owned(rows.iter().map(items))));
    columns.push(("items_zh", owned(rows.iter().map(|row| item_words(row, |text| text.zh, "、")))));
    columns.push(("items_en", owned(rows.iter().map(|row| item_words(row, |text| text.en, ", ")))));
    columns.extend(other);
    columns
}

/// The items a row lacks, in words.
fn item_words(row: &FoundRow, pick: fn(Text) -> &'static str, mark: &str) -> Option<String> {
    let items = || Item::of_set(row.value).map(|item| pick(words::item(item))).collect::<Vec<_>>().join(mark);
    (row.reason == Reason::ItemsMissing).then(items)
}

/// Where rows stand and whose they are, and the same of the rows beside them.
pub(crate) fn places_of(given: Given<'_>, rows: &[(Side, u32, At)]) -> (Vec<NamedColumn>, Vec<NamedColumn>) {
    let this = || rows.iter().map(|(side, row, _)| Some((*side, *row)));
    let other = || rows.iter().map(|(.., other)| *other);
    let file = |at: At| {
        let (side, row) = at?;
        let (records, files) = of_side(given, side);
        files.get(records.place(row as usize).0 as usize).map(String::as_str)
    };
    let data_row = |at: At| at.map(|(side, row)| of_side(given, side).0.place(row as usize).1 as i64);
    let line = |at: At| at.and_then(|(side, row)| of_side(given, side).0.line(row as usize)).map(|line| line as i64);
    let id = |at: At| {
        let (side, row) = at?;
        of_side(given, side).0.id(id_column(side), row as usize)
    };
    let serial = |at: At| at.and_then(|(side, row)| of_side(given, side).0.id(Column::Serial, row as usize));
    let name = |column: Column| move |at: At| at.map(|(side, row)| of_side(given, side).0.name(column, row as usize));
    let group = |at: At| {
        let attribution = given.reconciled.attribution;
        let code = match at? {
            (Side::Orders, row) => attribution.order_group[row as usize],
            (Side::Receipts, row) => attribution.receipt_group[row as usize],
            (Side::Reports, _) => return None,
        };
        attribution.groups.get(usize::from(code)).map(String::as_str)
    };
    let stamp = |at: At| {
        let (side, row) = at?;
        of_side(given, side).0.times(time_column(side)).map(|times| times[row as usize])
    };
    let side = |at: At| at.map(|(side, _)| side_name(side));
    let own = vec![
        ("side", text(this().map(side))),
        ("file", text(this().map(file))),
        ("row", whole(this().map(data_row))),
        ("line", whole(this().map(line))),
        ("id", owned(this().map(id))),
        ("account", text(this().map(name(Column::Account)))),
        ("group", text(this().map(group))),
        ("channel", text(this().map(name(Column::Channel)))),
        ("serial", owned(this().map(serial))),
        ("stamp", instants(this().map(stamp))),
    ];
    let beside = vec![
        ("other_side", text(other().map(side))),
        ("other_file", text(other().map(file))),
        ("other_row", whole(other().map(data_row))),
        ("other_line", whole(other().map(line))),
        ("other_id", owned(other().map(id))),
        ("other_serial", owned(other().map(serial))),
        ("other_stamp", instants(other().map(stamp))),
    ];
    (own, beside)
}

/// What names a row of a side.
pub(crate) const fn id_column(side: Side) -> Column {
    match side {
        Side::Orders | Side::Reports => Column::OrderId,
        Side::Receipts => Column::ReceiptId,
    }
}

/// When a row of a side was.
pub(crate) const fn time_column(side: Side) -> Column {
    match side {
        Side::Orders => Column::SentAt,
        Side::Receipts => Column::ReceivedAt,
        Side::Reports => Column::AcknowledgedAt,
    }
}

/// Receipt rows that were rejected for their time: only file and line are known.
fn unread(rejects: &[&Reject]) -> Vec<(&'static str, ArrayRef)> {
    let same = |value: &'static str| text(rejects.iter().map(move |_| Some(value)));
    let no_text = || text(rejects.iter().map(|_| None));
    let no_number = || whole(rejects.iter().map(|_| None));
    let no_time = || instants(rejects.iter().map(|_| None));
    let verdict = |reject: &&Reject| if is_blank(reject.code) { "confirmed" } else { "insufficient" };
    vec![
        ("code", same("R02")),
        ("verdict", text(rejects.iter().map(|reject| Some(verdict(reject))))),
        ("reason", same(Reason::NoTime.name())),
        ("reason_zh", same(words::reason(Reason::NoTime).zh)),
        ("reason_en", same(words::reason(Reason::NoTime).en)),
        ("side", same("receipts")),
        ("file", text(rejects.iter().map(|reject| Some(reject.file.as_str())))),
        ("row", no_number()),
        ("line", whole(rejects.iter().map(|reject| Some(reject.line as i64)))),
        ("id", no_text()),
        ("account", no_text()),
        ("group", no_text()),
        ("channel", no_text()),
        ("serial", no_text()),
        ("stamp", no_time()),
        ("value", no_number()),
        ("items", no_text()),
        ("items_zh", no_text()),
        ("items_en", no_text()),
        ("other_side", no_text()),
        ("other_file", no_text()),
        ("other_row", no_number()),
        ("other_line", no_number()),
        ("other_id", no_text()),
        ("other_serial", no_text()),
        ("other_stamp", no_time()),
    ]
}
