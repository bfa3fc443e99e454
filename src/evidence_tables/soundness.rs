//! Which rows of a table can be relied on: what contradicts itself or another row, and the template's sample, are set aside and named.
//!
//! A row that is set aside neither accuses nor clears anybody. Copies of one row are one row.

use std::collections::{BTreeMap, BTreeSet};

use crate::evidence_tables::read::CellReader;
use crate::evidence_tables::{Cell, EvidenceRow, RowPlace, Table};
use crate::ingest::Reject;
use crate::record::{TradeDate, Zone};
use crate::rules::Sentence;

/// What a sample row of a template starts with.
pub(crate) const SAMPLE_MARK: &str = "#範例 SAMPLE";

/// Columns that templates of an earlier version do not have.
const LATER_COLUMNS: [(&str, &str); 1] = [("links", "link_since")];

/// Cells of the key of a row.
pub(crate) type Key = Vec<String>;

/// Whether a cell marks its row as the sample of a template.
pub(crate) fn is_marked(first: &str) -> bool {
    first.starts_with('#') && (first.contains("範例") || first.to_ascii_uppercase().contains("SAMPLE"))
}

/// The key that cells give, or `None` where the table names none.
pub(crate) fn key_of(table: &Table, cells: &[Cell]) -> Option<Key> {
    let at = |column: &&str| table.spec.column(column).map_or_else(String::new, |at| cells[at].written().into_owned());
    (!table.spec.key.is_empty()).then(|| table.spec.key.iter().map(at).collect())
}

/// Leaves the sound rows in the table and says why it is not whole; `refused` are the keys of rows that could not be read otherwise.
pub(crate) fn set_aside(table: &mut Table, refused: &BTreeSet<Key>, zone: Zone) {
    let mut doubts: Vec<Sentence> = unread(table).into_iter().collect();
    doubts.extend(take_sample(table, zone));
    doubts.extend(take_belied(table));
    doubts.extend(take_reversed(table));
    doubts.extend(take_contradictions(table, refused));
    doubts.extend(take_overlaps(table));
    table.doubts.extend(doubts);
}

fn unread(table: &Table) -> Option<Sentence> {
    let (n, name) = (table.rejects.len(), table.spec.name);
    let Reject { file, line, message, .. } = table.rejects.first_ones().first()?;
    let (zh, en) = (&message.zh, &message.en);
    Some(Sentence::new(
        format!("證據表 {name} 有 {n} 列無法讀取，請更正（首列：{file} 第 {line} 行，{zh}）"),
        format!("{} of `{name}` could not be read: correct them (the first: {file}, line {line}: {en})", rows(n as usize)),
    ))
}

fn rows(n: usize) -> String {
    if n == 1 { "1 row".to_owned() } else { format!("{n} rows") }
}

/// Takes the rows out at which `taken` is true, in order.
fn take(table: &mut Table, taken: &[bool]) -> Vec<EvidenceRow> {
    let (out, kept): (Vec<_>, Vec<_>) = std::mem::take(&mut table.rows).into_iter().zip(taken).partition(|(_, taken)| **taken);
    table.rows = kept.into_iter().map(|(row, _)| row).collect();
    out.into_iter().map(|(row, _)| row).collect()
}

/// A template's own sample, left as its first row without a mark, as earlier templates had it.
fn take_sample(table: &mut Table, zone: Zone) -> Option<Sentence> {
    let spec = table.spec;
    let is_later = |column: &str| LATER_COLUMNS.contains(&(spec.name, column));
    // A file that lacks a column of the template, or has one more, is no copy of it.
    let whole = spec.columns.iter().all(|column| table.has(column.name) || is_later(column.name));
    if !whole || table.has_others && !spec.open {
        return None;
    }
    let mut reader = CellReader::new(zone);
    let taken: Vec<bool> = table.rows.iter().map(|row| row.place.line == 2 && is_sample(row, table, &mut reader)).collect();
    let place = take(table, &taken).first()?.place.clone();
    let (name, RowPlace { file, .. }) = (spec.name, &place);
    Some(Sentence::new(
        format!(
            "證據表 {name} 首列（{file} 第 2 行）與範本之示例列完全相同，暫不採計：若為示例，請刪除；若為真實紀錄，請移至他列之後，或於標題加一欄「備註」"
        ),
        format!(
            "the first row of `{name}` ({file}, line 2) is the sample row of the template to the letter and is left out: delete it if it is the sample; if it is a record of yours, put it below another row or add a column `remark` to the header"
        ),
    ))
}

fn is_sample(row: &EvidenceRow, table: &Table, reader: &mut CellReader) -> bool {
    let mut columns = table.spec.columns.iter().zip(table.spec.example).zip(&row.cells).filter(|((column, _), _)| table.has(column.name));
    columns.all(|((column, written), cell)| match *written {
        "" => *cell == Cell::Absent,
        written => reader.read(column.kind, written).is_ok_and(|sample| sample == *cell),
    })
}

/// Rows of which one cell says another thing than the next.
fn take_belied(table: &mut Table) -> Option<Sentence> {
    let belied = |row: &EvidenceRow| {
        let mut pairs = table.spec.belied.iter();
        pairs.find(|(column, words, other)| words.contains(&row.text(column)) && !row.is_absent(other)).copied()
    };
    let (column, _, other) = table.rows.iter().find_map(belied)?;
    let taken: Vec<bool> = table.rows.iter().map(|row| belied(row).is_some()).collect();
    let out = take(table, &taken);
    let (n, name, first) = (out.len(), table.spec.name, out.first()?);
    let (place, word, what) = (&first.place, first.text(column), first.text(other));
    Some(Sentence::new(
        format!(
            "證據表 {name} 有 {n} 列自相矛盾（如 {} 第 {} 行：{column} 為 {word}，{other} 卻為 {what}），請更正其一",
            place.file, place.line
        ),
        format!(
            "`{name}` contradicts itself in {} (such as {}, line {}: `{column}` is {word}, yet `{other}` is {what}): correct one of the two",
            rows(n),
            place.file,
            place.line
        ),
    ))
}

/// Rows whose dates stand in the wrong order.
fn take_reversed(table: &mut Table) -> Option<Sentence> {
    let reversed = |row: &EvidenceRow| {
        let mut pairs = table.spec.in_order.iter();
        pairs.find_map(|(first, last)| {
            let dates = row.date(first).zip(row.date(last)).filter(|(one, other)| one > other)?;
            Some(((*first, dates.0), (*last, dates.1)))
        })
    };
    let ((first, from), (last, to)) = table.rows.iter().find_map(reversed)?;
    let taken: Vec<bool> = table.rows.iter().map(|row| reversed(row).is_some()).collect();
    let out = take(table, &taken);
    let (n, name, place) = (out.len(), table.spec.name, &out.first()?.place);
    Some(Sentence::new(
        format!("證據表 {name} 有 {n} 列日期先後顛倒（如 {} 第 {} 行：{first} {from} 晚於 {last} {to}），請更正", place.file, place.line),
        format!(
            "the dates of {} in `{name}` stand in the wrong order (such as {}, line {}: `{first}` {from} is later than `{last}` {to}): correct them",
            rows(n),
            place.file,
            place.line
        ),
    ))
}

/// Rows of one key that say different things, or of which one could not be read.
fn take_contradictions(table: &mut Table, refused: &BTreeSet<Key>) -> Option<Sentence> {
    let mut by_key: BTreeMap<Key, Vec<usize>> = BTreeMap::new();
    for (at, row) in table.rows.iter().enumerate() {
        by_key.entry(key_of(table, &row.cells)?).or_default().push(at);
    }
    let alike = |one: usize, other: usize| {
        let (one, other) = (&table.rows[one], &table.rows[other]);
        one.cells == other.cells && one.free == other.free
    };
    let (mut aside, mut copies, mut pairs) = (BTreeSet::new(), BTreeSet::new(), Vec::new());
    for rows in by_key.values() {
        match rows.iter().find(|at| !alike(rows[0], **at)) {
            Some(other) => {
                aside.extend(rows.iter().copied());
                pairs.push((rows[0], *other));
            }
            None => copies.extend(rows[1..].iter().copied()),
        }
    }
    let unread = refused.iter().filter_map(|key| by_key.get(key));
    aside.extend(unread.flatten().copied());
    pairs.sort_unstable();
    let said = pairs.first().map(|(one, other)| contradict(table, pairs.len(), &table.rows[*one].place, &table.rows[*other].place));
    let taken: Vec<bool> = (0..table.rows.len()).map(|at| aside.contains(&at) || copies.contains(&at)).collect();
    take(table, &taken);
    said
}

/// Rows of one key but its start that hold at one time and differ in more than their start. A day on which one ends and the next starts
/// is nobody's contradiction.
fn take_overlaps(table: &mut Table) -> Option<Sentence> {
    let spec = table.spec;
    if !spec.apart {
        return None;
    }
    let mut by_key: BTreeMap<Key, Vec<usize>> = BTreeMap::new();
    for (at, row) in table.rows.iter().enumerate() {
        let mut key = key_of(table, &row.cells)?;
        key.pop();
        by_key.entry(key).or_default().push(at);
    }
    let span = |at: usize| {
        let row = &table.rows[at];
        (row.date("from").unwrap_or(TradeDate(i32::MIN)), row.date("to").unwrap_or(TradeDate(i32::MAX)))
    };
    let start = spec.column("from");
    let differ = |one: usize, other: usize| {
        let mut cells = table.rows[one].cells.iter().zip(&table.rows[other].cells).enumerate();
        cells.any(|(at, (one, other))| Some(at) != start && one != other)
    };
    let meet = |one: usize, other: usize| span(one).0 < span(other).1 && span(other).0 < span(one).1 && differ(one, other);
    let (mut n, mut first, mut taken) = (0_usize, None, vec![false; table.rows.len()]);
    for rows in by_key.values() {
        let of = |at: usize| rows[at + 1..].iter().map(move |other| (rows[at], *other));
        for pair in (0..rows.len()).flat_map(of).filter(|(one, other)| meet(*one, *other)) {
            n += 1;
            first = Some(first.map_or(pair, |known: (usize, usize)| known.min(pair)));
            (taken[pair.0], taken[pair.1]) = (true, true);
        }
    }
    let (one, other) = first?;
    let said = contradict(table, n, &table.rows[one].place, &table.rows[other].place);
    take(table, &taken);
    Some(said)
}

fn contradict(table: &Table, n: usize, one: &RowPlace, other: &RowPlace) -> Sentence {
    let name = table.spec.name;
    let key = |mark: &str| table.spec.key.join(mark);
    let (zh, en) = if one.file == other.file {
        (format!("第 {} 行與第 {} 行", one.line, other.line), format!("{}, lines {} and {}", one.file, one.line, other.line))
    } else {
        let zh = format!("第 {} 行與 {} 第 {} 行", one.line, other.file, other.line);
        (zh, format!("{}, line {} and {}, line {}", one.file, one.line, other.file, other.line))
    };
    let times = if n == 1 { "once".to_owned() } else { format!("{n} times") };
    Sentence::new(
        format!("證據表 {name} 有 {n} 處互相矛盾（如 {} {zh}，{} 指同一項而內容不同），請更正", one.file, key("、")),
        format!("`{name}` contradicts itself {times} (such as {en}: the same by {} and different otherwise): correct it", key(", ")),
    )
}
