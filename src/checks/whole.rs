//! Whether a table can be relied on for the audited period: for passing, and for accusing by what it does not hold.

use crate::checks::Audit;
use crate::evidence_tables::{Covers, EvidenceRow, Table, add_months};
use crate::record::TradeDate;
use crate::rules::Sentence;

/// Why a check on the table cannot pass, whatever its rows say: it is not whole, or it has to hold something of the period and does not.
pub(crate) fn bars_passing(audit: &Audit<'_>, table: &Table) -> Vec<Sentence> {
    let must = matches!(table.spec.covers, Covers::Days(_) | Covers::Register(..));
    let other_time = other_time(audit, table).filter(|_| must);
    table.doubts.iter().cloned().chain(other_time).collect()
}

/// Why what the table does not hold accuses nobody, beside its own doubts: it has no rows, or none of the period.
pub(crate) fn bars_absence(audit: &Audit<'_>, table: &Table) -> Option<Sentence> {
    bare(table).or_else(|| other_time(audit, table))
}

/// A table that should hold rows, has none, and says no other reason: rows that were refused or set aside have been named.
pub(crate) fn bare(table: &Table) -> Option<Sentence> {
    let name = table.spec.name;
    (table.rows.is_empty() && !table.spec.events && table.doubts.is_empty()).then(|| {
        Sentence::new(
            format!("證據表 {name} 只有標題列，請提供內容"),
            format!("`{name}` has a header and no rows: name a file that holds them"),
        )
    })
}

/// A table with rows of which none speaks for the audited period, with the row nearest to it.
fn other_time(audit: &Audit<'_>, table: &Table) -> Option<Sentence> {
    let (from, to) = audit.period;
    let local = |row: &EvidenceRow, column: &str| row.date(column).or_else(|| row.time(column).map(|at| audit.zone.date_of(at)));
    // The days a row speaks for; `None` where it has no date, and may be of any time.
    let span = |row: &EvidenceRow| -> Option<Vec<(TradeDate, TradeDate)>> {
        Some(match table.spec.covers {
            Covers::Any => return None,
            Covers::Days(columns) => columns.iter().filter_map(|column| local(row, column)).map(|date| (date, date)).collect(),
            Covers::Since(column, months) => vec![local(row, column).map(|date| (date, add_months(date, months)))?],
            Covers::Register(first, last) | Covers::Grants(first, last) => {
                vec![(local(row, first).unwrap_or(TradeDate(i32::MIN)), local(row, last).unwrap_or(TradeDate(i32::MAX)))]
            }
        })
    };
    let mut nearest: Option<(i32, TradeDate, &EvidenceRow)> = None;
    for row in &table.rows {
        let spans = span(row).filter(|spans| !spans.is_empty())?;
        for (first, last) in spans {
            if first <= to && from <= last {
                return None;
            }
            let (distance, date) = if last < from { (from.0 - last.0, last) } else { (first.0 - to.0, first) };
            // Of what lasts beyond its day, the day.
            let date = if matches!(table.spec.covers, Covers::Since(..)) { first } else { date };
            if nearest.is_none_or(|(least, ..)| distance < least) {
                nearest = Some((distance, date, row));
            }
        }
    }
    let (_, date, row) = nearest?;
    let (n, name, place) = (table.rows.len(), table.spec.name, &row.place);
    let all = if n == 1 { format!("the only row of `{name}` lies") } else { format!("the {n} rows of `{name}` all lie") };
    Some(Sentence::new(
        format!(
            "證據表 {name} 之 {n} 列皆不在查核期間 {from} 至 {to}（最近者：{} 第 {} 行，{date}），請提供該期間之 {name}",
            place.file, place.line
        ),
        format!(
            "{all} outside the audited period, {from} to {to} (the nearest: {}, line {}: {date}): name the `{name}` of that period",
            place.file, place.line
        ),
    ))
}
