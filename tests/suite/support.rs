//! Running the program, reading what it wrote, and comparing with golden files.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use arrow::array::{Array, AsArray};
use arrow::datatypes::{DataType, Float64Type, Int64Type, TimeUnit, TimestampNanosecondType};
use colofair::record::Timestamp;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use serde_json::Value;

/// A path in the repository.
pub fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// Runs the program with nothing of the user's environment that could change its answer.
pub fn colofair(folder: &Path, arguments: &[&str]) -> Output {
    program(folder, arguments).output().unwrap()
}

/// The program, ready to run in `folder`.
pub fn program(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_colofair"));
    command.current_dir(folder).args(arguments);
    command.env_remove("COLOFAIR_LANG").env_remove("COLOFAIR_THREADS").env_remove("COLOFAIR_MEMORY").env_remove("NO_COLOR");
    command
}

/// Its exit code.
#[track_caller]
pub fn exit_code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

/// What it said on stdout.
pub fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// What it said on stderr.
pub fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// result.json of an output folder.
#[track_caller]
pub fn result(out: &Path) -> Value {
    serde_json::from_slice(&fs::read(out.join("result.json")).unwrap()).unwrap()
}

/// Every file below a folder with its bytes, by path relative to it.
pub fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let (mut found, mut folders) = (BTreeMap::new(), vec![folder.to_path_buf()]);
    while let Some(open) = folders.pop() {
        for entry in fs::read_dir(open).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                found.insert(path.strip_prefix(folder).unwrap().to_string_lossy().into_owned(), fs::read(&path).unwrap());
            }
        }
    }
    found
}

/// A row of a Parquet table: column name to value as text; an absent value has no entry, an instant is a whole number.
pub type Row = BTreeMap<String, String>;

/// Every row of a Parquet table.
#[track_caller]
pub fn table(path: &Path) -> Vec<Row> {
    let reader = ParquetRecordBatchReaderBuilder::try_new(File::open(path).unwrap()).unwrap().build().unwrap();
    let mut rows = Vec::new();
    for batch in reader {
        let batch = batch.unwrap();
        let first = rows.len();
        rows.resize_with(first + batch.num_rows(), Row::new);
        for (field, array) in batch.schema().fields().iter().zip(batch.columns()) {
            for (at, row) in rows[first..].iter_mut().enumerate().filter(|(at, _)| array.is_valid(*at)) {
                let value = match array.data_type() {
                    DataType::Utf8 => array.as_string::<i32>().value(at).to_owned(),
                    DataType::Float64 => array.as_primitive::<Float64Type>().value(at).to_string(),
                    DataType::Int64 => array.as_primitive::<Int64Type>().value(at).to_string(),
                    DataType::Timestamp(TimeUnit::Nanosecond, Some(zone)) if &**zone == "UTC" => {
                        array.as_primitive::<TimestampNanosecondType>().value(at).to_string()
                    }
                    other => panic!("the contract has no column of type {other}"),
                };
                row.insert(field.name().clone(), value);
            }
        }
    }
    rows
}

/// A table as text: one line a row, instants as ISO 8601 in UTC, absent values as `-`.
#[track_caller]
pub fn table_text(path: &Path) -> String {
    let reader = ParquetRecordBatchReaderBuilder::try_new(File::open(path).unwrap()).unwrap();
    let names: Vec<String> = reader.schema().fields().iter().map(|field| field.name().clone()).collect();
    let cell = |row: &Row, name: &String| match row.get(name) {
        None => "-".to_owned(),
        Some(value) if ["received_at", "sent_at", "minute"].contains(&name.as_str()) => Timestamp(value.parse().unwrap()).to_string(),
        Some(value) => value.replace('\n', "\\n"),
    };
    let line = |row: &Row| format!("{}\n", names.iter().map(|name| cell(row, name)).collect::<Vec<_>>().join(" | "));
    std::iter::once(format!("{}\n", names.join(" | "))).chain(table(path).iter().map(line)).collect()
}

/// Compares `actual` with `tests/golden/<name>`; `UPDATE_GOLDEN=1` rewrites it.
#[track_caller]
pub fn check_golden(name: &str, actual: &str) {
    let path = repository("tests/golden").join(name);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, actual).unwrap();
    }
    let expected = fs::read_to_string(&path).unwrap_or_default();
    assert!(expected == actual, "{} differs (UPDATE_GOLDEN=1 accepts it)\n--- expected\n{expected}\n--- actual\n{actual}", path.display(),);
}

/// The figures of a result: all but what names files, their hashes and the settings that name them.
pub fn figures(mut result: Value) -> Value {
    for side in ["orders", "receipts"] {
        result["input"][side]["files"] = Value::Null;
    }
    result["input"]["others"] = Value::Null;
    result["study"]["config_sha256"] = Value::Null;
    result["study"]["title"] = Value::Null;
    result["options"] = Value::Null;
    let records = result.get_mut("records").into_iter();
    for check in records.flat_map(|records| records["checks"].as_array_mut().into_iter().flatten()) {
        // The first rows found, by file and line.
        check["samples"] = Value::Null;
    }
    result
}

/// The waterfall of a result balances to the row on both sides.
#[track_caller]
pub fn assert_balances(result: &Value) {
    let count = |place: &str| result.pointer(place).and_then(Value::as_u64).unwrap_or_else(|| panic!("no count at {place}"));
    let sum = |names: &[&str]| names.iter().map(|name| count(&format!("/reconciliation/{name}"))).sum::<u64>();
    for side in ["orders", "receipts"] {
        let of = |name: &str| count(&format!("/input/{side}/{name}"));
        assert_eq!(of("rows"), of("accepted") + of("rejected"), "{side}");
    }
    assert_eq!(sum(&["matched", "missing_receipt", "ambiguous", "duplicate_order"]), count("/input/orders/accepted"));
    assert_eq!(sum(&["receipts_matched", "receipts_ambiguous", "orphan_receipt", "duplicate_receipt"]), count("/input/receipts/accepted"));
    assert!(sum(&["negative", "zero"]) <= sum(&["matched"]));
}

/// Says past the harness, which keeps what a passing test prints, that this one checked nothing here.
pub fn not_run(why: &str) {
    let _ = writeln!(std::io::stderr(), "not run: {why}");
}

/// The folder of real orders that stays outside the repository.
pub fn real_lanes() -> Option<PathBuf> {
    let data = Some(repository("../shared/data/kucoin-lanes")).filter(|data| data.is_dir());
    if data.is_none() {
        not_run("the real orders of two lanes are not at hand");
    }
    data
}
