//! A folder of raw firewall logs as the index that the checks read: dates and sizes of files, nothing of their contents but dates.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::evidence_tables::{Cell, EvidenceRow, FIREWALL_LOGS, RowPlace, TableSpec, spec};
use crate::ingest::not_plain;
use crate::record::{Diagnostic, TradeDate, in_chinese};

/// Rows of `firewall_logs` for every file below `folder`: the date in its name, else every date that one of its lines starts with or
/// holds within its first 64 bytes. A file of which neither tells a date is left out and returned by name.
///
/// # Errors
/// When the folder or a file cannot be read.
pub fn index_log_folder(firewall: &str, folder: &Path, shown: &str) -> Result<(Vec<EvidenceRow>, Vec<String>), Diagnostic> {
    let table = spec(FIREWALL_LOGS).expect("a table of the schema");
    let (mut rows, mut undated) = (Vec::new(), Vec::new());
    for path in files_below(folder)? {
        let below = path.strip_prefix(folder).unwrap_or(&path).to_string_lossy().replace('\\', "/");
        let name = format!("{shown}/{below}");
        let bytes = path.metadata().map_err(|error| unreadable(&path, &error))?.len();
        let dated = match date_in(&below) {
            Some(date) => BTreeMap::from([(date, 0)]),
            None => dates_of_lines(&path)?,
        };
        if dated.is_empty() {
            undated.push(name.clone());
        }
        let file: Arc<str> = name.as_str().into();
        rows.extend(dated.into_iter().map(|(date, line)| row(table, firewall, date, bytes, RowPlace { file: file.clone(), line })));
    }
    Ok((rows, undated))
}

fn row(spec: &'static TableSpec, firewall: &str, date: TradeDate, bytes: u64, place: RowPlace) -> EvidenceRow {
    let cell = |name: &str| match name {
        "firewall" => Cell::Text(firewall.to_owned()),
        "date" => Cell::Date(date),
        "file" => Cell::Text(place.file.to_string()),
        "bytes" => Cell::Number(bytes as f64),
        _ => Cell::Absent,
    };
    EvidenceRow { spec, cells: spec.columns.iter().map(|column| cell(column.name)).collect(), place, free: Vec::new() }
}

fn files_below(folder: &Path) -> Result<Vec<PathBuf>, Diagnostic> {
    let (mut files, mut open) = (Vec::new(), vec![folder.to_path_buf()]);
    while let Some(next) = open.pop() {
        for entry in std::fs::read_dir(&next).map_err(|error| unreadable(&next, &error))? {
            let entry = entry.map_err(|error| unreadable(&next, &error))?;
            // A link to a folder is not gone into: it may lead back here.
            let is_folder = entry.file_type().map_err(|error| unreadable(&next, &error))?.is_dir();
            if is_folder {
                open.push(entry.path())
            } else if !entry.path().is_dir() {
                let path = entry.path();
                let found = path.metadata().map_err(|error| unreadable(&path, &error))?;
                if !found.is_file() {
                    return Err(not_plain(&path));
                }
                files.push(path)
            }
        }
    }
    files.sort_unstable();
    Ok(files)
}

/// The first line of each date that lines of a file carry. Of each line its head alone is held, however long it is.
fn dates_of_lines(path: &Path) -> Result<BTreeMap<TradeDate, u64>, Diagnostic> {
    let failed = |error: std::io::Error| unreadable(path, &error);
    let mut reader = BufReader::new(File::open(path).map_err(failed)?);
    let (mut dates, mut head, mut number) = (BTreeMap::new(), Vec::with_capacity(HEAD), 1);
    loop {
        let read = reader.fill_buf().map_err(failed)?;
        let end = read.iter().position(|byte| *byte == b'\n');
        let of_line = &read[..end.unwrap_or(read.len())];
        head.extend_from_slice(&of_line[..of_line.len().min(HEAD - head.len())]);
        let (n_read, is_last) = (end.map_or(read.len(), |end| end + 1), read.is_empty());
        reader.consume(n_read);
        if end.is_some() || is_last {
            if let Some(date) = date_in(&String::from_utf8_lossy(&head)) {
                dates.entry(date).or_insert(number);
            }
            head.clear();
            number += 1;
        }
        if is_last {
            return Ok(dates);
        }
    }
}

/// Bytes of a line that may tell its date.
const HEAD: usize = 64;

/// The first `2026-01-05`, `2026/01/05`, `2026_01_05` or `20260105` of a text, of the years 2000 to 2099.
fn date_in(text: &str) -> Option<TradeDate> {
    let bytes = text.as_bytes();
    (0..bytes.len()).find_map(|at| {
        if at > 0 && bytes[at - 1].is_ascii_digit() || !bytes[at..].starts_with(b"20") {
            return None;
        }
        let marked = bytes.get(at + 4).is_some_and(|mark| b"-/_.".contains(mark));
        let step = usize::from(marked);
        let part = |from: usize, length: usize| text.get(from..from + length)?.parse::<u32>().ok();
        let (month, day) = (at + 4 + step, at + 6 + 2 * step);
        let ends = bytes.get(day + 2).is_none_or(|after| !after.is_ascii_digit());
        let alike = !marked || bytes.get(at + 7) == bytes.get(at + 4);
        if !ends || !alike {
            return None;
        }
        TradeDate::from_ymd(part(at, 4)? as i32, part(month, 2)?, part(day, 2)?)
    })
}

fn unreadable(path: &Path, error: &std::io::Error) -> Diagnostic {
    let problem = (format!("無法讀取紀錄檔：{}", in_chinese(error)), format!("cannot read the logs: {error}"));
    Diagnostic::new("E0200", problem).in_file(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_found_in_names_and_nowhere_else() {
        let date = TradeDate::parse("2026-01-05");
        for text in ["fw-20260105.log", "2026-01-05/fw.log", "a_2026_01_05", "x.2026.01.05.gz", "2026/01/05 09:00"] {
            assert_eq!(date_in(text), date, "{text}");
        }
        for text in ["fw-20261305.log", "120260105", "202601051", "2026-01/05", "fw.log", "20-01-05", "\u{6a94}"] {
            assert_eq!(date_in(text), None, "{text}");
        }
    }

    #[test]
    fn a_line_of_any_length_counts_once_and_the_last_needs_no_end() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("fw.log");
        let long = "x".repeat(100_000);
        std::fs::write(&path, format!("{long} 2026-01-04\n2026-01-05 {long}\n\n\n2026-01-06")).expect("written");
        let found: Vec<(String, u64)> =
            dates_of_lines(&path).expect("read").into_iter().map(|(date, line)| (date.to_string(), line)).collect();
        assert_eq!(found, [("2026-01-05".to_owned(), 2), ("2026-01-06".to_owned(), 5)]);
    }

    #[test]
    fn a_file_without_a_date_in_its_name_is_dated_by_its_lines() {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("fw.log"), "2026-01-05 08:00 deny\n2026-01-05 09:00 allow\n<1> 2026-01-06T00:00 allow\n")
            .expect("written");
        std::fs::write(folder.path().join("fw-20260107.log"), "").expect("written");
        std::fs::write(folder.path().join("readme"), "no dates\n").expect("written");
        let (rows, undated) = index_log_folder("FW-1", folder.path(), "logs").expect("indexed");
        let seen: Vec<(String, u64, f64)> = rows
            .iter()
            .map(|row| (row.date("date").expect("dated").to_string(), row.place.line, row.number("bytes").expect("sized")))
            .collect();
        let expected = [("2026-01-07", 0, 0.0), ("2026-01-05", 1, 72.0), ("2026-01-06", 3, 72.0)];
        assert_eq!(seen, expected.map(|(date, line, bytes)| (date.to_owned(), line, bytes)));
        assert_eq!(undated, ["logs/readme"]);
    }
}
