//! Names of clients and accounts replaced by pseudonyms: in the result, and in every table, before anything is rendered from them.
//!
//! This is the one place where it happens: page, workbook, text, CSV, charts and terminal show what is left here.
//! Covered: accounts, clients and subjects wherever they stand alone, and known names of them within sentences. Groups, ids (the
//! subjects of families R and T are some), symbols, channels and names of files stay. Of rejected rows only place, column and code stay: a
//! raw line may hold anything, and so may a refused cell of the evidence that a sentence quotes.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, StringArray};
use arrow::datatypes::DataType;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use serde_json::Value;

use crate::evidence::{KnownNames, PseudonymKey, Pseudonyms};
use crate::ingest::quoted;
use crate::record::{Diagnostic, in_chinese};
use crate::report::model::StudyResult;
use crate::report::table_rows::{bare, inert, records, unreadable};
use crate::report::tables::TableWriter;
use crate::report::view_checks::own_subject;

/// Keys of result.json whose text is a name.
const NAMES: [&str; 4] = ["account", "client", "party", "subject"];
/// The same below a check of records or stamps, whose subjects are orders, receipts and rows.
const NAMES_OF_RECORDS: [&str; 3] = ["account", "client", "party"];
/// Keys whose texts are sentences.
const SENTENCES: [&str; 2] = ["zh-TW", "en"];
/// Columns of rejects.csv that show what a row held.
const RAW: [&str; 3] = ["message", "raw", "message_zh"];

/// Whether a column of a table holds names.
fn is_name(column: &str) -> bool {
    NAMES.iter().any(|name| column == *name || column.strip_suffix(name).is_some_and(|front| front.ends_with('_')))
}

/// Whether a subject is a word of the checks' own, such as "audit log", or the party is the house as a whole.
fn is_own(key: &str, name: &str) -> bool {
    key == "subject" && own_subject(name).is_some() || key == "party" && name == "house"
}

/// Replaces the names in `result` and in its tables below `folder`. `known` are further names, for sentences.
///
/// # Errors
/// When a table cannot be read or written.
pub fn replace_names(
    key: &PseudonymKey,
    mut known: BTreeSet<String>,
    result: &StudyResult,
    folder: &Path,
) -> Result<StudyResult, Diagnostic> {
    let mut whole = serde_json::to_value(result).expect("plain structs with finite numbers serialize");
    leave_out(&mut whole, &result.study.shown_cells);
    collect(&whole, &NAMES, &mut known);
    for table in &result.tables {
        names_of_table(&folder.join(&table.path), &mut known)?;
    }
    let pseudonyms = Pseudonyms::new(key, &known);
    for table in &result.tables {
        rewrite(&folder.join(&table.path), &pseudonyms)?;
    }
    let rejects = folder.join("rejects.csv");
    if rejects.is_file() {
        rewrite(&rejects, &pseudonyms)?;
    }
    replace(&mut whole, &NAMES, &pseudonyms);
    let mut result: StudyResult = serde_json::from_value(whole).expect("only texts were replaced by texts");
    result.study.pseudonyms = Some(pseudonyms.check().to_owned());
    result.study.named_in_text.clear();
    result.study.shown_cells.clear();
    Ok(result)
}

/// Leaves out of every sentence what it quotes of refused cells.
fn leave_out(value: &mut Value, shown: &[String]) {
    match value {
        _ if shown.is_empty() => (),
        Value::Array(items) => items.iter_mut().for_each(|item| leave_out(item, shown)),
        Value::Object(fields) => {
            for (key, value) in fields {
                match value {
                    Value::String(text) if SENTENCES.contains(&key.as_str()) => {
                        for cell in shown {
                            *text = text.replace(&format!("\"{cell}\""), "\"…\"").replace(&format!("「{cell}」"), "「…」");
                        }
                    }
                    other => leave_out(other, shown),
                }
            }
        }
        _ => (),
    }
}

/// Which of the names stand in sentences of the result, or of its tables below `folder`, and nowhere else in the result: who has only
/// the result could not tell them from words. None is listed that is not there to be read anyway.
///
/// # Errors
/// When a table cannot be read.
pub fn named_in_text(names: BTreeSet<String>, result: &mut StudyResult, folder: &Path) -> Result<Vec<String>, Diagnostic> {
    // A row for each client and pair of groups, and no sentence in it: gone through as text they would take longer than all the rest.
    let league = result.beside.as_mut().map(|beside| std::mem::take(&mut beside.clients)).unwrap_or_default();
    let whole = serde_json::to_value(&*result).expect("plain structs with finite numbers serialize");
    let in_league: BTreeSet<&str> = league.iter().map(|row| row.client.as_str()).collect();
    let found = named_within(names, &whole, &in_league, result, folder);
    if let Some(beside) = &mut result.beside {
        beside.clients = league;
    }
    found
}

/// The same for a result as text, `whole`; `alone` are names that stand alone beside it.
fn named_within(
    names: BTreeSet<String>,
    whole: &Value,
    alone: &BTreeSet<&str>,
    result: &StudyResult,
    folder: &Path,
) -> Result<Vec<String>, Diagnostic> {
    let mut texts = Vec::new();
    sentences(whole, &mut texts);
    for table in result.tables.iter().filter(|table| table.path.ends_with(".csv")) {
        let (head, rows) = records_of(&folder.join(&table.path))?;
        let details = |row: Vec<String>| {
            head.iter().zip(row).filter(|(column, _)| column.starts_with("detail_")).map(|(_, text)| text).collect::<Vec<_>>()
        };
        texts.extend(rows.into_iter().flat_map(details));
    }
    let known = KnownNames::new(names);
    let mut found: BTreeSet<String> = texts.iter().flat_map(|text| known.within(text)).map(str::to_owned).collect();
    let mut in_whole = BTreeSet::new();
    collect(whole, &NAMES, &mut in_whole);
    found.retain(|name| !in_whole.contains(name) && !alone.contains(name.as_str()));
    Ok(found.into_iter().collect())
}

/// Every text that [`replace`] takes for a sentence.
fn sentences(value: &Value, texts: &mut Vec<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| sentences(item, texts)),
        Value::Object(fields) => {
            for (key, value) in fields {
                match value {
                    Value::String(text) if SENTENCES.contains(&key.as_str()) => texts.push(text.clone()),
                    Value::Object(settings) if key == "options" => {
                        for (key, setting) in settings {
                            // As behind a colon: a setting that names accounts names nothing else.
                            let before = if key.ends_with("_accounts") { ": " } else { "" };
                            texts.extend(setting.get("value").and_then(Value::as_str).map(|text| format!("{before}{text}")));
                        }
                    }
                    other => sentences(other, texts),
                }
            }
        }
        _ => (),
    }
}

/// The keys of names below a value, given those above it.
fn keys_below<'k>(value: &Value, above: &'k [&'k str]) -> &'k [&'k str] {
    let family = value.get("family").and_then(Value::as_str);
    if matches!(family, Some("R" | "T")) { &NAMES_OF_RECORDS } else { above }
}

/// The names that stand alone in the result.
fn collect(value: &Value, above: &[&str], known: &mut BTreeSet<String>) {
    let keys = keys_below(value, above);
    match value {
        Value::Array(items) => items.iter().for_each(|item| collect(item, keys, known)),
        Value::Object(fields) => {
            for (key, value) in fields {
                match value {
                    Value::String(name) if keys.contains(&key.as_str()) => {
                        if !is_own(key, name) {
                            known.insert(name.clone());
                        }
                    }
                    Value::Array(names) if key == "clients_named" => {
                        known.extend(names.iter().filter_map(Value::as_str).map(str::to_owned));
                    }
                    other => collect(other, keys, known),
                }
            }
            if by_client(value) {
                let cells = fields.get("cells").and_then(Value::as_array).into_iter().flatten();
                let ends = cells.flat_map(|cell| [cell.get("later"), cell.get("earlier")]);
                known.extend(ends.flatten().filter_map(Value::as_str).map(str::to_owned));
            }
        }
        _ => (),
    }
}

/// A passing matrix whose rows and columns are clients.
fn by_client(value: &Value) -> bool {
    value.get("by").and_then(Value::as_str) == Some("client")
}

fn replace(value: &mut Value, above: &[&str], names: &Pseudonyms) {
    let keys = keys_below(value, above);
    if by_client(value)
        && let Some(Value::Array(cells)) = value.get_mut("cells")
    {
        for end in cells.iter_mut().filter_map(Value::as_object_mut).flat_map(|cell| cell.iter_mut()) {
            if let (true, Value::String(name)) = (["later", "earlier"].contains(&end.0.as_str()), end.1) {
                *name = names.name(name);
            }
        }
    }
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| replace(item, keys, names)),
        Value::Object(fields) => {
            for (key, value) in fields {
                match value {
                    Value::String(name) if keys.contains(&key.as_str()) => {
                        if !is_own(key, name) {
                            *name = names.name(name);
                        }
                    }
                    Value::String(text) if SENTENCES.contains(&key.as_str()) => *text = names.sentence(text),
                    Value::Array(listed) if key == "clients_named" => {
                        for name in listed.iter_mut() {
                            *name = Value::String(names.name(name.as_str().unwrap_or_default()));
                        }
                    }
                    // A setting may list accounts, such as those of the house.
                    Value::Object(settings) if key == "options" => {
                        for (key, setting) in settings.iter_mut() {
                            if let Some(Value::String(text)) = setting.get_mut("value") {
                                *text = if key.ends_with("_accounts") { names.list(text) } else { names.sentence(text) };
                            }
                        }
                    }
                    other => replace(other, keys, names),
                }
            }
        }
        _ => (),
    }
}

fn names_of_table(path: &Path, known: &mut BTreeSet<String>) -> Result<(), Diagnostic> {
    if path.extension().is_some_and(|ending| ending == "csv") {
        let (head, rows) = records_of(path)?;
        for row in rows {
            let names = head.iter().zip(row).filter(|(column, value)| is_name(column) && !is_own(column, value));
            known.extend(names.map(|(_, value)| value));
        }
        return Ok(());
    }
    for_each_batch(path, |columns| {
        let by_client = client_rows(&columns);
        for (name, array) in &columns {
            let Some(texts) = array.as_string_opt::<i32>() else { continue };
            let named = |at: usize| is_name(name) || matches!(*name, "later" | "earlier") && by_client.get(at) == Some(&true);
            known.extend((0..texts.len()).filter(|at| texts.is_valid(*at) && named(*at)).map(|at| texts.value(at).to_owned()));
        }
        Ok(())
    })
}

/// Which rows of a passing matrix are about clients; empty where the table is none.
fn client_rows(columns: &[(&str, ArrayRef)]) -> Vec<bool> {
    let by = columns.iter().find(|(name, _)| *name == "by").and_then(|(_, array)| array.as_string_opt::<i32>());
    by.map_or_else(Vec::new, |by| by.iter().map(|value| value == Some("client")).collect())
}

type Columns<'b> = Vec<(&'b str, ArrayRef)>;

fn for_each_batch(path: &Path, mut each: impl FnMut(Columns<'_>) -> Result<(), Diagnostic>) -> Result<(), Diagnostic> {
    let file = fs::File::open(path).map_err(|error| unreadable(path, &error))?;
    let reader = ParquetRecordBatchReaderBuilder::try_new(file).and_then(|builder| builder.with_batch_size(64 << 10).build());
    let mut any = false;
    let reader = reader.map_err(|error| unreadable(path, &error))?;
    let schema = arrow::record_batch::RecordBatchReader::schema(&reader);
    for batch in reader {
        let batch = batch.map_err(|error| unreadable(path, &error))?;
        any = true;
        each(schema.fields().iter().map(|field| field.name().as_str()).zip(batch.columns().iter().cloned()).collect())?;
    }
    if !any {
        let empty = |kind: &DataType| arrow::array::new_empty_array(kind);
        each(schema.fields().iter().map(|field| (field.name().as_str(), empty(field.data_type()))).collect())?;
    }
    Ok(())
}

fn rewrite(path: &Path, names: &Pseudonyms) -> Result<(), Diagnostic> {
    if path.extension().is_some_and(|ending| ending == "csv") {
        return rewrite_text(path, names);
    }
    let beside = path.with_extension("pseudonyms");
    let mut table = TableWriter::new(&beside);
    for_each_batch(path, |columns| {
        let by_client = client_rows(&columns);
        let replaced = columns.into_iter().map(|(name, array)| {
            let array = replaced(name, &array, &by_client, names).unwrap_or(array);
            (name, array)
        });
        table.write(replaced.collect())
    })?;
    table.finish()?;
    fs::rename(&beside, path).map_err(|error| not_written(path, &error))
}

/// The column with its names replaced; `None` where it holds none.
fn replaced(column: &str, array: &ArrayRef, by_client: &[bool], names: &Pseudonyms) -> Option<ArrayRef> {
    let texts = array.as_string_opt::<i32>()?;
    let is_end = matches!(column, "later" | "earlier") && !by_client.is_empty();
    if !is_name(column) && !is_end {
        return None;
    }
    let new = |(at, text): (usize, Option<&str>)| {
        text.map(|text| if is_name(column) || by_client[at] { names.name(text) } else { text.to_owned() })
    };
    let array: StringArray = texts.iter().enumerate().map(new).collect();
    Some(Arc::new(array))
}

fn rewrite_text(path: &Path, names: &Pseudonyms) -> Result<(), Diagnostic> {
    let (head, rows) = records_of(path)?;
    let mut text = head.iter().map(|name| quoted(name)).collect::<Vec<_>>().join(",") + "\n";
    let is_rejects = is_rejects(path);
    for row in rows {
        let field = |(column, value): (&String, String)| match (column.as_str(), value) {
            (name, _) if is_rejects && RAW.contains(&name) => String::new(),
            (name, value) if is_name(name) && !is_own(name, &value) => names.name(&value),
            (name, value) if name.starts_with("detail_") => names.sentence(&value),
            (_, value) => value,
        };
        let written = |value: String| if is_rejects { quoted(&value).into_owned() } else { inert(&value) };
        let fields: Vec<String> = head.iter().zip(row).map(|pair| written(field(pair))).collect();
        text.push_str(&fields.join(","));
        text.push('\n');
    }
    fs::write(path, text).map_err(|error| not_written(path, &error))
}

/// Of all CSV files this one has the bytes of the input: nothing is put before a formula.
fn is_rejects(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name == "rejects.csv")
}

/// Head and records of a CSV file as they were before they were written.
fn records_of(path: &Path) -> Result<(Vec<String>, Vec<Vec<String>>), Diagnostic> {
    let text = fs::read_to_string(path).map_err(|error| unreadable(path, &error))?;
    let mut rows = records(&text).into_iter();
    let head = rows.next().unwrap_or_default();
    let plain = |row: Vec<String>| if is_rejects(path) { row } else { row.into_iter().map(bare).collect() };
    Ok((head, rows.map(plain).collect()))
}

fn not_written(path: &Path, error: &std::io::Error) -> Diagnostic {
    let problem = (format!("無法寫出資料表：{}", in_chinese(error)), format!("cannot write the table: {error}"));
    Diagnostic::new("E0300", problem).in_file(path)
}
