//! The CSV reader against a plain one: sequential, a state at a time, written from RFC 4180 and the rules in the reader's head.

use std::fs;

use crate::support::{colofair, exit_code, result, stderr};
use colofair::ingest::{ColumnSource, Encoding, EncodingChoice, Mapping, Source, TextOptions, discover, read};
use colofair::record::{Chunk, Column, NameBooks, Progress, Zone};
use proptest::prelude::*;

/// A row that was accepted: its data row and its values; or one that was refused: line, byte, code, raw text.
#[derive(Debug, PartialEq, Eq)]
enum Row {
    Accepted(u64, Vec<String>),
    Refused(u64, u64, &'static str, String),
}

/// The rows of a file with this header, or the byte at which a quote opens that is never closed.
fn plain(header: &str, body: &[u8]) -> Result<Vec<Row>, u64> {
    let (mut rows, mut at, mut line, mut row) = (Vec::new(), 0, 2, 0);
    while at < body.len() {
        let record = plain_record(&body[at..]);
        let Some((fields, length)) = record else { return Err((header.len() + at) as u64) };
        let text = &body[at..at + length];
        let text = text.strip_suffix(b"\n").unwrap_or(text);
        let text = text.strip_suffix(b"\r").unwrap_or(text);
        if swallows_rows(text, fields.len()) {
            return Err((header.len() + at) as u64);
        }
        if !text.is_empty() {
            let (byte, raw) = ((header.len() + at) as u64, escaped(text));
            rows.push(match (fields.len(), std::str::from_utf8(text)) {
                (3, Ok(_)) => {
                    Row::Accepted(row, fields.iter().map(|field| String::from_utf8_lossy(field.trim_ascii()).into_owned()).collect())
                }
                (3, Err(_)) => Row::Refused(line, byte, "invalid_utf8", raw),
                _ => Row::Refused(line, byte, "field_count", raw),
            });
            row += 1;
        }
        line += body[at..at + length].iter().filter(|byte| **byte == b'\n').count() as u64;
        at += length;
    }
    Ok(rows)
}

/// Three lines or more of a record, behind its first, that each look like a row of three fields, all their commas within its quotes.
fn swallows_rows(text: &[u8], n_fields: usize) -> bool {
    let commas = |text: &[u8]| text.iter().filter(|byte| **byte == b',').count();
    let like_rows = text.split(|byte| *byte == b'\n').skip(1).filter(|line| commas(line) == 2).count();
    like_rows >= 3 && commas(text) + 1 >= n_fields + 2
}

/// The fields of the first record and its length, line end included; `None` where the bytes end inside quotes.
fn plain_record(bytes: &[u8]) -> Option<(Vec<Vec<u8>>, usize)> {
    enum State {
        FieldStart,
        Bare,
        Quoted,
        QuoteInQuoted,
    }
    let (mut state, mut fields, mut field) = (State::FieldStart, Vec::new(), Vec::new());
    for (at, byte) in bytes.iter().copied().enumerate() {
        match (&state, byte) {
            (State::Quoted, b'"') => state = State::QuoteInQuoted,
            (State::Quoted, _) => field.push(byte),
            (State::QuoteInQuoted, b'"') => {
                field.push(byte);
                state = State::Quoted;
            }
            (State::FieldStart, b'"') => state = State::Quoted,
            (_, b',') => {
                fields.push(std::mem::take(&mut field));
                state = State::FieldStart;
            }
            (_, b'\n') => {
                fields.push(field);
                return Some((fields, at + 1));
            }
            _ => {
                field.push(byte);
                state = State::Bare;
            }
        }
    }
    fields.push(field);
    (!matches!(state, State::Quoted)).then_some((fields, bytes.len()))
}

fn escaped(bytes: &[u8]) -> String {
    let escape = |chunk: std::str::Utf8Chunk<'_>| {
        let invalid: String = chunk.invalid().iter().map(|byte| format!("\\x{byte:02X}")).collect();
        format!("{}{invalid}", chunk.valid())
    };
    bytes.utf8_chunks().map(escape).collect()
}

/// The accepted rows of a chunk: their rows counted from the chunk's first, and their values.
fn values(chunk: Chunk<'_>) -> Vec<(u64, Vec<String>)> {
    let rows = chunk.rows.clone().unwrap_or_else(|| (0..chunk.n_rows as u32).collect());
    let of_row = |row: usize| {
        let names = [Column::Account, Column::Symbol].map(|column| chunk.name(column, row).to_owned());
        std::iter::once(chunk.ids(Column::ReceiptId).unwrap().text(row)).chain(names).collect()
    };
    (0..chunk.n_rows).map(|row| (u64::from(rows[row]), of_row(row))).collect()
}

/// The same through the program's reader.
fn ours(file: &[u8]) -> Result<Vec<Row>, u64> {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a.csv"), file).unwrap();
    let mut mapping = Mapping::default();
    let columns = [Column::ReceiptId, Column::Account, Column::Symbol];
    for (column, name) in columns.into_iter().zip(["id", "account", "symbol"]) {
        mapping.insert(column, ColumnSource::Named(name.to_owned()));
    }
    let text = TextOptions { encoding: EncodingChoice::Is(Encoding::Utf8), ..TextOptions::default() };
    let source = Source {
        files: discover(folder.path(), &["a.csv".to_owned()], None).unwrap(),
        mapping,
        zone: Zone::UTC,
        text,
        options: Default::default(),
    };
    let mut chunks = Vec::new();
    let intake = read(&source, &columns, &NameBooks::default(), &Progress::default(), values, |place, values| chunks.push((place, values)))
        .map_err(|problem| {
            assert_eq!(problem.code, "E0207", "{problem}");
            problem.place.unwrap().byte.unwrap()
        })?;
    let mut rows: Vec<(u64, Row)> = Vec::new();
    for (place, chunk) in chunks {
        rows.extend(chunk.into_iter().map(|(row, values)| (place.first_row + row, Row::Accepted(place.first_row + row, values))));
    }
    assert_eq!(intake.n_rows() as usize, rows.len() + intake.rejects.len() as usize);
    // Refused rows stand between the accepted ones, in the gaps of the row numbers.
    let taken: Vec<u64> = rows.iter().map(|(row, _)| *row).collect();
    let gaps = (0..intake.n_rows()).filter(|row| taken.binary_search(row).is_err());
    let refused = intake
        .rejects
        .first_ones()
        .iter()
        .map(|reject| Row::Refused(reject.line, reject.byte_offset.unwrap(), reject.code.name(), reject.raw.clone()));
    rows.extend(gaps.collect::<Vec<_>>().into_iter().zip(refused));
    rows.sort_by_key(|(row, _)| *row);
    Ok(rows.into_iter().map(|(_, row)| row).collect())
}

/// Pieces of CSV text, sound ones more often than broken ones.
fn piece() -> impl Strategy<Value = Vec<u8>> {
    let sound = prop::sample::select(vec![
        "a,b,c\n",
        "1,\"x,y\",\n",
        "\"k\"\"1\",b,\"c\nd\"\r\n",
        "\n",
        "\r\n",
        "é,ü,桃\r\n",
        " a , \"b\" ,c\n",
        ",,\n",
        "\u{feff}a,b,c\n",
    ]);
    let broken = prop::sample::select(vec!["a", ",", "\"", "\"\"", "\n", "\r", "\r\n", " ", "\"a\"b,", "a\"b,", "\"a,\n\","]);
    prop_oneof![
        4 => sound.prop_map(|text| text.as_bytes().to_vec()),
        3 => broken.prop_map(|text| text.as_bytes().to_vec()),
        1 => Just(vec![b'\xff', b',']),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_read_as_by_a_plain_sequential_reader(
        pieces in prop::collection::vec(piece(), 0..40),
        mark in any::<bool>(),
        header in prop::sample::select(vec!["id,account,symbol\n", "id,account,symbol\r\n", "\"id\",account,\"symbol\"\n"]),
    ) {
        let mark = if mark { "\u{feff}" } else { "" };
        let header = format!("{mark}{header}");
        let body = pieces.concat();
        prop_assert_eq!(ours(&[header.as_bytes(), &body].concat()), plain(&header, &body));
    }
}

#[test]
fn a_quote_that_is_never_closed_is_an_error_and_swallows_no_row() {
    let header = "id,account,symbol\n";
    for (body, opens) in [("a,b,c\n1,2,\"x\n3,4,5\n6,7,8\n", 24), ("a,b,\"c", 18), ("\"", 18), ("a,b,c\n\"\"\"", 24)] {
        assert_eq!(ours(format!("{header}{body}").as_bytes()), Err(opens), "{body:?}");
    }
    assert_eq!(ours(b"id,account,symbol\na,b,\"c\""), Ok(vec![Row::Accepted(0, vec!["a".into(), "b".into(), "c".into()])]));
}

#[test]
fn records_across_megabytes_and_chunks_keep_their_rows_lines_and_bytes() {
    // Over three chunks of 4 MiB; a quoted field with line ends every 1,000 rows, a refused row every 7,777.
    let (mut body, mut expected_refused, mut line) = (String::new(), Vec::new(), 2_u64);
    let header = "id,account,symbol\n";
    for row in 0..400_000_u64 {
        if row % 7_777 == 5 {
            expected_refused.push((row, line, (header.len() + body.len()) as u64));
            body.push_str("short,row\n");
        } else if row % 1_000 == 3 {
            body.push_str(&format!("{row},\"a,\n{row}\n\"\"b\"\"\",\"{}\"\n", "x\n".repeat((row % 97) as usize)));
            line += 2 + row % 97;
        } else {
            body.push_str(&format!("K{row:012},account-{},TXF\n", row % 50));
        }
        line += 1;
    }
    let rows = ours(format!("{header}{body}").as_bytes()).unwrap();
    assert_eq!(rows.len(), 400_000);
    let refused: Vec<(u64, u64, u64)> = rows
        .iter()
        .enumerate()
        .filter_map(|(row, found)| match found {
            Row::Refused(line, byte, "field_count", _) => Some((row as u64, *line, *byte)),
            _ => None,
        })
        .collect();
    assert_eq!(refused, expected_refused);
    assert_eq!(rows[399_999], Row::Accepted(399_999, vec!["K000000399999".into(), "account-49".into(), "TXF".into()]));
    assert_eq!(rows[1_003], Row::Accepted(1_003, vec!["1003".into(), "a,\n1003\n\"b\"".into(), "x\n".repeat(33).trim_end().into()]));
}

/// Ten rows whose last column is a remark; these two rows' remarks are replaced.
fn with_remarks(remarks: [(usize, &str); 2]) -> tempfile::TempDir {
    let work = tempfile::tempdir().unwrap();
    let row = |at: usize| {
        let remark = remarks.iter().find(|(row, _)| *row == at).map_or("plain", |(_, remark)| remark);
        format!("A{at},2026-01-05T09:00:{at:02},X,2330,{remark}\n")
    };
    let rows: String = (0..10).map(row).collect();
    fs::write(work.path().join("orders.csv"), format!("id,sent,group,symbol,remark\n{rows}")).unwrap();
    fs::write(work.path().join("receipts.csv"), format!("id,got,group,symbol,remark\n{}", rows.replace("plain", "-"))).unwrap();
    let study = "[study]\ntimezone = \"UTC\"\n[orders]\npaths = [\"orders.csv\"]\n[orders.columns]\nreceipt_id = \"id\"\nsent_at = \"sent\"\n[receipts]\npaths = [\"receipts.csv\"]\n[receipts.columns]\nreceipt_id = \"id\"\nreceived_at = \"got\"\ngroup = \"group\"\n[calendar]\npreset = \"none\"\n";
    fs::write(work.path().join("study.toml"), study).unwrap();
    work
}

#[test]
fn two_stray_quotes_with_rows_between_them_stop_the_run_and_a_remark_of_several_lines_does_not() {
    for stray in [[(2, "\"VIP"), (5, "VIP\"")], [(2, "\"VIP"), (3, "5\" rack")], [(0, "\"VIP"), (9, "\"")]] {
        let work = with_remarks(stray);
        let output = colofair(work.path(), &["check", "study.toml", "--lang", "en", "-q"]);
        assert_eq!(exit_code(&output), 2, "{stray:?}");
        assert!(stderr(&output).contains("E0207") && stderr(&output).contains("two stray quotes"), "{}", stderr(&output));
    }
    let work = with_remarks([(2, "\"one, two\nthree, four, five\nsix\""), (5, "\"a\n\nb\"")]);
    let output = colofair(work.path(), &["check", "study.toml", "-q"]);
    assert_eq!(exit_code(&output), 0, "{}", stderr(&output));
    assert_eq!(result(&work.path().join("out"))["reconciliation"]["matched"], 10);
    let work = with_remarks([(2, "\"VIP"), (5, "VIP\"")]);
    let study = fs::read_to_string(work.path().join("study.toml")).unwrap().replace("paths = [", "quote = \"\"\npaths = [");
    fs::write(work.path().join("study.toml"), study).unwrap();
    let output = colofair(work.path(), &["check", "study.toml", "-q"]);
    assert_eq!(exit_code(&output), 0, "{}", stderr(&output));
    assert_eq!(result(&work.path().join("out"))["reconciliation"]["matched"], 10);
}

#[test]
fn blanks_of_a_chinese_keyboard_are_blanks() {
    let work = with_remarks([(2, "a"), (5, "b")]);
    let text = fs::read_to_string(work.path().join("receipts.csv")).unwrap();
    let blanks = text.replace("A3,", "\u{3000}A3\u{3000} ,").replace("A4,", "A4\u{a0},").replace(",X,", ",X\u{3000},");
    fs::write(work.path().join("receipts.csv"), blanks).unwrap();
    assert_eq!(exit_code(&colofair(work.path(), &["check", "study.toml", "-q"])), 0);
    let found = result(&work.path().join("out"));
    assert_eq!((&found["reconciliation"]["matched"], &found["groups"][0]["group"]), (&10.into(), &"X".into()));
}
