//! Hand-sized studies, one oddity each: what goes in stands in `tests/fixtures`, what must come out and why in the head of each
//! study.toml, and all of what came out in `tests/golden`.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::{ArrayRef, StringArray, TimestampNanosecondArray};
use arrow::ipc::writer::FileWriter;
use arrow::record_batch::RecordBatch;
use colofair::ingest::{TimeFormat, TimeParser};
use colofair::record::Zone;
use parquet::arrow::ArrowWriter;
use serde_json::Value;

use crate::support::{assert_balances, check_golden, colofair, exit_code, figures, repository, result, stderr, stdout, table_text};

/// Runs the study of a folder with every row's table, into `out` below `work`.
#[track_caller]
fn run(study: &Path, work: &Path) -> (PathBuf, String) {
    let out = work.join("out");
    let output = colofair(work, &["study", &study.to_string_lossy(), "-o", &out.to_string_lossy(), "--tables", "full"]);
    assert!([0, 1, 3].contains(&exit_code(&output)), "{}: {}", study.display(), stderr(&output));
    assert_eq!(stderr(&output), "", "{}", study.display());
    (out.clone(), stdout(&output).replace(&*out.to_string_lossy(), "OUT"))
}

/// The figures that the head of a study.toml promises: `#= matched 3, missing_receipt 1`; what it does not name is 0.
fn assert_as_promised(name: &str, study: &Path, result: &Value) {
    let text = fs::read_to_string(study).unwrap();
    let promise = text.lines().find_map(|line| line.strip_prefix("#= ")).unwrap_or_else(|| panic!("{name} promises nothing"));
    let promised = |count: &str| promise.split(", ").filter_map(|part| part.split_once(' ')).find(|(found, _)| *found == count);
    let counts = result["reconciliation"].as_object().unwrap();
    for (count, found) in counts {
        let expected = promised(count).map_or(0, |(_, n)| n.parse().unwrap());
        assert_eq!(found.as_u64(), Some(expected), "{name}: {count}");
    }
    assert!(promise.split(", ").all(|part| counts.contains_key(part.split(' ').next().unwrap())), "{name}: {promise}");
}

#[track_caller]
fn check(name: &str) {
    let (study, work) = (repository("tests/fixtures").join(name).join("study.toml"), tempfile::tempdir().unwrap());
    let (out, summary) = run(&study, work.path());
    let found = result(&out);
    assert_balances(&found);
    assert_as_promised(name, &study, &found);
    let version = format!("\"version\": \"{}\",\n    \"command\"", env!("CARGO_PKG_VERSION"));
    let document = fs::read_to_string(out.join("result.json")).unwrap().replace(&version, "\"version\": \"VERSION\",\n    \"command\"");
    check_golden(&format!("{name}/result.json"), &document);
    check_golden(&format!("{name}/summary.txt"), &summary);
    check_golden(&format!("{name}/rejects.csv"), &fs::read_to_string(out.join("rejects.csv")).unwrap());
    for table in ["reconciled", "exceptions", "trend"] {
        check_golden(&format!("{name}/{table}.txt"), &table_text(&out.join(format!("tables/{table}.parquet"))));
    }
}

macro_rules! fixtures {
    ($($name:ident)*) => {
        $(#[test] fn $name() { check(stringify!($name)); })*

        #[test]
        fn every_fixture_is_tested() {
            let entries = fs::read_dir(repository("tests/fixtures")).unwrap().map(|entry| entry.unwrap().file_name());
            let mut found: Vec<String> = entries.map(|name| name.to_string_lossy().into_owned()).collect();
            found.sort_unstable();
            assert_eq!(found, [$(stringify!($name)),*]);
        }
    };
}

fixtures! {
    ambiguous_receipt
    children_each
    children_first
    chinese
    daily_ids
    date_and_time
    dated_clients
    delimiters
    duplicate_order
    duplicate_receipt
    epochs
    kind_keys
    long_ids
    missing_receipt
    naive_times
    negative_and_zero
    only_group
    orphan_receipt
    quoted_fields
    rejected_rows
}

#[test]
fn first_children_alone_are_compared_and_all_are_counted() {
    let golden = |name: &str| -> Value {
        serde_json::from_str(&fs::read_to_string(repository("tests/golden").join(name).join("result.json")).unwrap()).unwrap()
    };
    let (each, first) = (golden("children_each"), golden("children_first"));
    assert_eq!(each["groups"], first["groups"]);
    let n = |result: &Value| [&result["pairs"][0]["n_favoured"], &result["pairs"][0]["n_disadvantaged"]].map(|n| n.as_u64().unwrap());
    assert_eq!((n(&each), n(&first)), ([3, 3], [1, 2]));
}

/// Header and rows of a CSV file, read by the plainest means.
fn read_csv(path: &Path) -> (Vec<String>, Vec<Vec<String>>) {
    let text = fs::read_to_string(path).unwrap();
    let delimiter = [b'\t', b';', b','].into_iter().find(|byte| text.lines().next().unwrap().as_bytes().contains(byte)).unwrap();
    let (mut reader, mut records) = (csv_core::ReaderBuilder::new().delimiter(delimiter).build(), Vec::new());
    let (mut rest, mut field, mut record) = (text.trim_start_matches('\u{feff}').as_bytes(), Vec::new(), Vec::new());
    loop {
        let mut buffer = [0; 64];
        let (found, read, wrote) = reader.read_field(rest, &mut buffer);
        field.extend_from_slice(&buffer[..wrote]);
        rest = &rest[read..];
        match found {
            csv_core::ReadFieldResult::Field { record_end } => {
                record.push(String::from_utf8(std::mem::take(&mut field)).unwrap());
                if record_end {
                    records.push(std::mem::take(&mut record));
                }
            }
            csv_core::ReadFieldResult::End => break,
            csv_core::ReadFieldResult::InputEmpty | csv_core::ReadFieldResult::OutputFull => (),
        }
    }
    let header = records.remove(0);
    (header.iter().map(|name| name.trim().to_owned()).collect(), records)
}

/// The rows as an Arrow batch of text columns; the columns named in `times` become instants of type timestamp[ns, UTC].
fn as_batch((header, rows): &(Vec<String>, Vec<Vec<String>>), times: &[&str]) -> RecordBatch {
    let column = |at: usize| -> ArrayRef {
        let cells = rows.iter().map(|row| row[at].as_str());
        if !times.contains(&header[at].as_str()) {
            return Arc::new(StringArray::from_iter_values(cells));
        }
        let mut parser = TimeParser::new(TimeFormat::Iso, Zone::UTC);
        let instants = cells.map(|cell| Some(parser.parse(cell.as_bytes()).unwrap())).collect::<Vec<_>>();
        Arc::new(TimestampNanosecondArray::from(instants).with_timezone("UTC"))
    };
    RecordBatch::try_from_iter(header.iter().enumerate().map(|(at, name)| (name.as_str(), column(at)))).unwrap()
}

/// Writes a batch in two parts, so that rows are counted across row groups and record batches.
fn write_columnar(batch: &RecordBatch, path: &Path) {
    let file = File::create(path).unwrap();
    let halves = [batch.slice(0, batch.num_rows() / 2), batch.slice(batch.num_rows() / 2, batch.num_rows().div_ceil(2))];
    if path.extension().is_some_and(|ending| ending == "parquet") {
        let mut writer = ArrowWriter::try_new(file, batch.schema(), None).unwrap();
        halves.iter().for_each(|half| {
            writer.write(half).unwrap();
            writer.flush().unwrap();
        });
        writer.close().unwrap();
    } else {
        let mut writer = FileWriter::try_new(file, &batch.schema()).unwrap();
        halves.iter().for_each(|half| writer.write(half).unwrap());
        writer.finish().unwrap();
    }
}

/// The fixture with its CSV files rewritten as `ending`.
fn rewritten(name: &str, ending: &str, times: &[&str]) -> (PathBuf, tempfile::TempDir) {
    let (from, work) = (repository("tests/fixtures").join(name), tempfile::tempdir().unwrap());
    let study = fs::read_to_string(from.join("study.toml")).unwrap().replace(".csv\"", &format!(".{ending}\""));
    fs::write(work.path().join("study.toml"), study).unwrap();
    for entry in fs::read_dir(&from).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|found| found == "csv") {
            let target = work.path().join(path.file_name().unwrap()).with_extension(ending);
            write_columnar(&as_batch(&read_csv(&path), times), &target);
        }
    }
    (work.path().join("study.toml"), work)
}

#[test]
fn parquet_and_arrow_give_the_figures_of_csv() {
    for name in [
        "ambiguous_receipt",
        "dated_clients",
        "daily_ids",
        "date_and_time",
        "duplicate_order",
        "epochs",
        "kind_keys",
        "naive_times",
        "quoted_fields",
    ] {
        for ending in ["parquet", "arrow"] {
            assert_columnar_equals_csv(name, ending, &[]);
        }
    }
    for name in ["ambiguous_receipt", "children_each", "negative_and_zero"] {
        for ending in ["parquet", "arrow"] {
            assert_columnar_equals_csv(name, ending, &["sent_ts", "received_ts"]);
        }
    }
}

fn assert_columnar_equals_csv(name: &str, ending: &str, times: &[&str]) {
    let csv = tempfile::tempdir().unwrap();
    let (csv_out, _) = run(&repository("tests/fixtures").join(name).join("study.toml"), csv.path());
    let (study, work) = rewritten(name, ending, times);
    let (out, _) = run(&study, work.path());
    assert_eq!(figures(result(&out)), figures(result(&csv_out)), "{name} as {ending}");
    // A columnar file has no lines.
    let without_lines = |line: &str| {
        let cells = line.split(" | ").enumerate().filter(|(at, _)| ![2, 5].contains(at));
        cells.map(|(_, cell)| cell).collect::<Vec<_>>().join(" | ")
    };
    let table = |out: &Path| {
        let text = table_text(&out.join("tables/reconciled.parquet"));
        assert!(text.starts_with("order_file | order_row | order_line | receipt_file | receipt_row | receipt_line | "));
        let text = text.lines().map(without_lines).collect::<Vec<_>>().join("\n");
        text.replace(&format!(".{ending} |"), ".csv |")
            .replace(&format!(".{ending} row"), ".csv row")
            .replace(&format!(".{ending} \u{7b2c}"), ".csv \u{7b2c}")
    };
    assert_eq!(table(&out), table(&csv_out), "{name} as {ending}");
}
