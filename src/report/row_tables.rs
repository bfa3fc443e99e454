//! The tables of rows that workbook and CSV files show, and which of their rows come first where a sheet cannot hold them all.
//!
//! A sheet of hundreds of thousands of rows is not read, and takes minutes to write and to open: a sheet holds `report.workbook_rows` rows and
//! says how many there are, by what order these were taken, and in which CSV all of them stand.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BinaryHeap};
use std::path::Path;

use serde_json::Value;

use crate::record::Diagnostic;
use crate::report::i18n::{Label, SHEETS};
use crate::report::model::StudyResult;
use crate::report::table_names;
use crate::report::table_rows::{Cell, Part, Table};

/// The setting of the most rows of a sheet.
pub const WORKBOOK_ROWS_KEY: &str = "report.workbook_rows";

/// A table of rows.
pub(crate) struct RowTable {
    /// Path below the output folder.
    pub(crate) path: &'static str,
    /// All of its rows as CSV for Excel.
    pub(crate) csv: &'static str,
    ranking: Ranking,
}

/// Which rows come first.
struct Ranking {
    /// The column of the kinds of rows that share a sheet alike, so that a common fault does not hide a rare one.
    kinds: Option<&'static str>,
    /// The columns that rank rows inside a kind, absent values last; then the order of the table.
    by: &'static [(&'static str, First)],
    /// The same in words.
    said: Label,
}

#[derive(Clone, Copy)]
enum First {
    Largest,
    Smallest,
}

const IN_ORDER: Ranking = Ranking { kinds: None, by: &[], said: SHEETS.rows_in_order };
const BY_CODE: Ranking = Ranking { kinds: Some("code"), by: &[], said: SHEETS.rows_by_code };

const fn table(path: &'static str, csv: &'static str, ranking: Ranking) -> RowTable {
    RowTable { path, csv, ranking }
}

/// Every table that has a sheet.
pub(crate) const ROW_TABLES: [RowTable; 12] = [
    table(
        table_names::EXCEPTIONS,
        "csv/exceptions.csv",
        Ranking { kinds: Some("class"), by: &[("latency", First::Smallest)], said: SHEETS.rows_by_class },
    ),
    table(table_names::RECORDS, "csv/records.csv", BY_CODE),
    table(
        table_names::OVERTAKES,
        "csv/priority_overtakes.csv",
        Ranking { kinds: None, by: &[("time", First::Largest), ("places", First::Largest)], said: SHEETS.rows_by_jump },
    ),
    table(
        table_names::AHEAD,
        "csv/priority_ahead.csv",
        Ranking { kinds: Some("kind"), by: &[("harm", First::Largest), ("ahead_by", First::Largest)], said: SHEETS.rows_by_harm },
    ),
    table(
        table_names::SERIALS,
        "csv/priority_serials.csv",
        Ranking { kinds: None, by: &[("time", First::Largest)], said: SHEETS.rows_by_time },
    ),
    table(
        table_names::MATRIX,
        "csv/priority_matrix.csv",
        Ranking { kinds: None, by: &[("provable", First::Largest)], said: SHEETS.rows_by_provable },
    ),
    table(
        table_names::CLIENT_MATRIX,
        "csv/priority_clients.csv",
        Ranking { kinds: None, by: &[("n", First::Largest)], said: SHEETS.rows_by_n },
    ),
    table(
        table_names::SESSIONS,
        "csv/priority_sessions.csv",
        Ranking { kinds: None, by: &[("log10_first", First::Smallest)], said: SHEETS.rows_by_chance },
    ),
    table(table_names::ACCESS_ROWS, "csv/findings_access.csv", BY_CODE),
    table(table_names::CONTROLS_ROWS, "csv/findings_controls.csv", BY_CODE),
    table(table_names::CROSS_ROWS, "csv/findings_cross.csv", BY_CODE),
    table(table_names::SAMPLE, "csv/sample.csv", IN_ORDER),
];

/// The most rows of a sheet of this study; a result that does not say is shown whole.
pub(crate) fn workbook_rows(result: &StudyResult) -> u64 {
    let set = result.options.get(WORKBOOK_ROWS_KEY).and_then(|option| option.get("value"));
    set.and_then(Value::as_str).and_then(|value| value.parse().ok()).unwrap_or(u64::MAX)
}

impl RowTable {
    /// The order of its rows in words.
    pub(crate) const fn order(&self) -> Label {
        self.ranking.said
    }
}

/// The rows of a table that a sheet shows.
pub(crate) struct Extract {
    /// How many there are.
    pub(crate) total: u64,
    /// The first of them by rank, as places in the table; `None` where all fit, in the order of the table.
    pub(crate) chosen: Option<Vec<u64>>,
}

/// A row by its rank: the lesser comes first.
struct Ranked {
    keys: [f64; 2],
    place: u64,
}

impl Ord for Ranked {
    fn cmp(&self, other: &Self) -> Ordering {
        let [first, second] = [0, 1].map(|at| self.keys[at].total_cmp(&other.keys[at]));
        first.then(second).then(self.place.cmp(&other.place))
    }
}

impl PartialOrd for Ranked {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Ranked {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Ranked {}

/// At most `most` rows of a table, of one `family` of codes where it holds several; only the ranking columns are read.
///
/// # Errors
/// When the table cannot be read.
pub(crate) fn extract(folder: &Path, table: &RowTable, family: Option<&str>, most: u64) -> Result<Extract, Diagnostic> {
    let ranking = &table.ranking;
    let columns: Vec<&str> = ranking.kinds.into_iter().chain(ranking.by.iter().map(|(name, _)| *name)).collect();
    let rows = Table::open(folder, table.path, Part::Columns(&columns))?;
    let kind_at = ranking.kinds.and_then(|name| rows.place(name));
    let by: Vec<(Option<usize>, First)> = ranking.by.iter().map(|(name, first)| (rows.place(name), *first)).collect();
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    let mut kinds: BTreeMap<String, (usize, BinaryHeap<Ranked>)> = BTreeMap::new();
    for (place, row) in (0..).zip(rows) {
        let row = row?;
        let kind = match kind_at.map(|at| &row[at]) {
            Some(Cell::Text(kind)) => kind.as_str(),
            _ => "",
        };
        if family.is_some_and(|family| !kind.starts_with(family)) {
            continue;
        }
        let mut keys = [0.0; 2];
        for (key, (at, first)) in keys.iter_mut().zip(&by) {
            *key = at.map_or(f64::INFINITY, |at| key_of(&row[at], *first));
        }
        if !kinds.contains_key(kind) {
            kinds.insert(kind.to_owned(), Default::default());
        }
        let Some((count, best)) = kinds.get_mut(kind) else { continue };
        *count += 1;
        best.push(Ranked { keys, place });
        if best.len() > most {
            best.pop();
        }
    }
    let total: usize = kinds.values().map(|(count, _)| count).sum();
    if total <= most {
        return Ok(Extract { total: total as u64, chosen: None });
    }
    let parts = shares(&kinds.values().map(|(count, _)| *count).collect::<Vec<_>>(), most);
    let chosen = kinds.into_values().zip(parts).flat_map(|((_, best), part)| best.into_sorted_vec().into_iter().take(part));
    Ok(Extract { total: total as u64, chosen: Some(chosen.map(|ranked| ranked.place).collect()) })
}

fn key_of(cell: &Cell, first: First) -> f64 {
    let value = match cell {
        Cell::Whole(value) => *value as f64,
        Cell::Real(value) if !value.is_nan() => *value,
        _ => return f64::INFINITY,
    };
    match first {
        First::Largest => -value,
        First::Smallest => value,
    }
}

/// `most` places shared alike: what a kind does not need goes to the others.
fn shares(counts: &[usize], most: usize) -> Vec<usize> {
    let mut order: Vec<usize> = (0..counts.len()).collect();
    order.sort_by_key(|kind| counts[*kind]);
    let (mut left, mut parts) = (most, vec![0; counts.len()]);
    for (done, kind) in order.iter().enumerate() {
        // The last ones, which have more rows than room, take what the division leaves over.
        let part = counts[*kind].min(left.div_ceil(counts.len() - done));
        parts[*kind] = part;
        left -= part;
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_common_kind_leaves_room_for_a_rare_one_and_takes_what_that_does_not_need() {
        assert_eq!(shares(&[1_000_000, 3, 500], 100), [48, 3, 49]);
        assert_eq!(shares(&[10], 4), [4]);
        assert_eq!(shares(&[5, 5], 100), [5, 5]);
        assert_eq!(shares(&[], 100), Vec::<usize>::new());
    }
}
