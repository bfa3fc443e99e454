//! Lawful classes of orders, receipts and reports, in words, in the result and in their table.

use crate::order_records::{ClassedRow, Lawful};
use crate::record::Diagnostic;
use crate::report::model::{self, TableRef};
use crate::report::output::Output;
use crate::report::table_names;
use crate::report::tables::TableWriter;
use crate::rules::Text;
use crate::study::records::table::{place_of, places_of, side_name, text};
use crate::study::records::{Examined, Given};

/// Rows written at a time.
const BATCH: usize = 1 << 15;
/// Places of each class shown in the result; the table has every row.
const MOST_PLACES: usize = 5;

/// A class in words.
const fn title(class: Lawful) -> Text {
    let (zh, en) = match class {
        Lawful::OmnibusAccount => ("綜合帳戶之委託", "orders of omnibus accounts"),
        Lawful::ErrorAccount => ("錯帳專戶之委託，無客戶收單", "orders of error accounts, without a client's receipt"),
        Lawful::Waited => ("收單後等待，未送出", "received and waiting, not sent"),
        Lawful::Refused => ("收單後由券商拒絕", "received and refused by the broker"),
        Lawful::Expired => ("收單後逾時失效", "received and expired"),
        Lawful::Withdrawn => ("收單後客戶取消", "received and withdrawn by the client"),
        Lawful::OtherOutcome => ("收單後另有結果，未送出", "received, not sent, with another outcome"),
        Lawful::ExchangeRejected => ("交易所退單", "rejected by the exchange"),
        Lawful::ExchangeCut => ("交易所刪減數量（非客戶改量）", "quantity cut by the exchange (no amend of the client's)"),
        Lawful::ReportTwice => ("回報重複", "reports that came twice"),
        Lawful::ReportOutOfOrder => ("回報順序顛倒", "reports that came out of order"),
        Lawful::ReportLate => ("回報遲到", "reports that came late"),
        Lawful::ReportWithoutOrder => ("回報查無委託", "reports of orders that are not in the files"),
    };
    Text { zh, en }
}

/// Classes with a row, in their own order.
pub(crate) fn class_rows(given: Given<'_>, examined: &Examined<'_>) -> Vec<model::ClassRow> {
    let row = |rows: &[ClassedRow]| {
        let title = title(rows[0].class);
        model::ClassRow {
            name: rows[0].class.name().to_owned(),
            title: title.into(),
            side: side_name(rows[0].side).to_owned(),
            count: rows.len() as u64,
            places: rows.iter().take(MOST_PLACES).map(|row| place_of(given, row.side, row.row)).collect(),
        }
    };
    examined.outcomes.rows.chunk_by(|a, b| a.class == b.class).map(row).collect()
}

/// Writes every row of a class where there is one.
pub(crate) fn write(given: Given<'_>, examined: &Examined<'_>, output: &Output) -> Result<Option<TableRef>, Diagnostic> {
    if examined.outcomes.rows.is_empty() {
        return Ok(None);
    }
    let mut table = TableWriter::new(&output.path(table_names::ORDER_CLASSES));
    for rows in examined.outcomes.rows.chunks(BATCH) {
        let mut columns = vec![("class", text(rows.iter().map(|row| Some(row.class.name()))))];
        let at: Vec<_> = rows.iter().map(|row| (row.side, row.row, row.other)).collect();
        let (own, other) = places_of(given, &at);
        columns.extend(own.into_iter().chain(other));
        table.write(columns)?;
    }
    Ok(Some(TableRef { path: table_names::ORDER_CLASSES.to_owned(), rows: table.finish()? }))
}
