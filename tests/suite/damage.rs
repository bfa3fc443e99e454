//! Damaged files of every kind: a clear error, or exact rejects with rows = accepted + rejected; never a panic.

use std::fs;
use std::io::Write;
use std::path::Path;

use colofair::config;
use colofair::ingest::{ColumnSource, Encoding, EncodingChoice, Mapping, Source, TextOptions, discover, read};
use colofair::record::{Chunk, Column, Diagnostic, NameBooks, Progress, Zone};

use crate::support::{assert_balances, colofair, exit_code, files, result, stderr};

/// Rows read and rejected with their codes; what was accepted is checked to be the rest.
fn counts(path: &Path, text: TextOptions) -> Result<(u64, Vec<&'static str>), Diagnostic> {
    let mut mapping = Mapping::default();
    for (column, name) in [(Column::ReceiptId, "id"), (Column::Account, "account"), (Column::SentAt, "sent")] {
        mapping.insert(column, ColumnSource::Named(name.to_owned()));
    }
    let (folder, name) = (path.parent().unwrap(), path.file_name().unwrap().to_string_lossy().into_owned());
    let source = Source { files: discover(folder, &[name], None)?, mapping, zone: Zone::UTC, text, options: Default::default() };
    let wanted = [Column::ReceiptId, Column::Account, Column::SentAt];
    let mut accepted = 0;
    let intake = read(&source, &wanted, &NameBooks::default(), &Progress::default(), |chunk| chunk.n_rows as u64, |_, n| accepted += n)?;
    assert_eq!(intake.n_rows(), accepted + intake.n_rejected());
    assert_eq!(intake.n_rejected(), intake.rejects.len());
    Ok((intake.n_rows(), intake.rejects.first_ones().iter().map(|reject| reject.code.name()).collect()))
}

fn of_bytes(bytes: &[u8]) -> Result<(u64, Vec<&'static str>), Diagnostic> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.csv");
    fs::write(&path, bytes).unwrap();
    counts(&path, TextOptions::default())
}

fn table(rows: usize) -> Vec<u8> {
    let row = |row: usize| format!("K{row:05},帳{},2026-01-05T09:{:02}:{:02}.000001+08:00\n", row % 9, row / 60 % 60, row % 60);
    [String::from("id,account,sent\n")].into_iter().chain((0..rows).map(row)).collect::<String>().into_bytes()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(bytes).unwrap();
    packed.finish().unwrap()
}

#[test]
fn a_table_cut_anywhere_keeps_its_whole_rows_and_loses_one_at_most() {
    let whole = table(1_000);
    let utf16: Vec<u8> = String::from_utf8(whole.clone()).unwrap().encode_utf16().flat_map(u16::to_le_bytes).collect();
    for part in 1..16 {
        let cut = &whole[..whole.len() * part / 16 + part % 5];
        let line_ends = cut.iter().filter(|byte| **byte == b'\n').count() as u64;
        let (rows, rejected) = of_bytes(cut).unwrap();
        assert_eq!(rows, line_ends - 1 + u64::from(!cut.ends_with(b"\n")), "part {part}");
        assert!(rejected.len() <= 1, "part {part}: {rejected:?}");
        // Half a unit too: an odd number of bytes.
        let (rows, rejected) = of_bytes(&utf16[..(utf16.len() * part / 16) | 1]).unwrap();
        assert!(rows >= 1_000 * part as u64 / 16 - 1 && rejected.len() <= 1, "part {part}: {rows} {rejected:?}");
        for packed in [gzip(&whole), zstd::encode_all(&whole[..], 1).unwrap()] {
            assert_eq!(of_bytes(&packed[..packed.len() * part / 16]).unwrap_err().code, "E0220", "part {part}");
        }
    }
}

#[test]
fn bytes_that_do_not_belong_are_rejected_row_by_row() {
    let good = "a,b,2026-01-05T09:00:00Z\n";
    for (body, rows, rejected) in [
        // Line ends of every kind in one file: a lone carriage return is part of a value where lines end otherwise.
        (format!("{good}a,b,2026-01-05T09:00:00Z\r\n\r\n\na\rb,c,2026-01-05T09:00:00Z\n").into_bytes(), 3, vec![]),
        (b"a\0,b\0\0,2026-01-05T09:00:00Z\n\0\0\0\n".to_vec(), 2, vec!["field_count"]),
        (b"a,b,2026-01-05T09:00:00Z\0\n".to_vec(), 1, vec!["bad_time"]),
        (b"a,\xFF\xFE,2026-01-05T09:00:00Z\na,b,\xC0\x80\n".to_vec(), 2, vec!["invalid_utf8", "invalid_utf8"]),
        (format!("{good}{good}").repeat(2_000).replace('Z', "").into_bytes(), 4_000, vec![]),
        (vec![b'\n'; 5_000], 0, vec![]),
        (b"".to_vec(), 0, vec![]),
        (b"a,b\na,b,2026-01-05T09:00:00Z,\n,,\n".to_vec(), 3, vec!["field_count", "field_count", "missing_time"]),
    ] {
        let bytes = [b"id,account,sent\n", &body[..]].concat();
        assert_eq!(
            of_bytes(&bytes).unwrap_or_else(|problem| panic!("{problem}")),
            (rows, rejected),
            "{}",
            String::from_utf8_lossy(&body[..body.len().min(90)])
        );
    }
}

#[test]
fn what_is_no_table_is_an_error_that_says_so() {
    let long = [b"id,account,sent\na,".to_vec(), vec![b'x'; 64 << 20], b",2026-01-05T09:00:00Z\n".to_vec()].concat();
    let quoted = [b"id,account,sent\na,\"".to_vec(), b"x,\n".repeat(21 << 20)].concat();
    let wide = format!("{}id,account,sent\n", "c,".repeat(100_000));
    for (what, bytes, code) in [
        ("empty", Vec::new(), "E0204"),
        ("one byte", vec![0xFF], "E0205"),
        ("zeros", vec![0; 100_000], "E0205"),
        ("a field of 64 MiB", long.clone(), "E0207"),
        ("a field of 64 MiB, packed", gzip(&long), "E0207"),
        ("an open quote", quoted, "E0207"),
        ("100,000 columns", wide.into_bytes(), "E0205"),
        ("a mapped column twice", b"id,account,id,sent\n1,2,3,4\n".to_vec(), "E0206"),
        ("no such column", b"id,account,time\n1,2,3\n".to_vec(), "E0206"),
        ("nothing in gzip", gzip(b""), "E0204"),
        ("gzip in gzip", gzip(&gzip(b"id,account,sent\na,b,2026-01-05T09:00:00Z\n")), "E0204"),
        ("Parquet in gzip", gzip(b"PAR1\x15\x04"), "E0204"),
        ("a workbook in gzip", gzip(b"PK\x03\x04rest"), "E0204"),
        ("a workbook", b"PK\x03\x04rest".to_vec(), "E0204"),
        ("cut Parquet", b"PAR1\x15\x04".to_vec(), "E0209"),
        ("gzip in name only", b"\x1f\x8b\x08\x00garbage".to_vec(), "E0220"),
    ] {
        let problem = of_bytes(&bytes).expect_err(what);
        assert_eq!(problem.code, code, "{what}: {problem}");
        assert!(problem.place.is_some() && problem.help.is_some(), "{what}: {problem}");
    }
}

/// Rows accepted and rejected of the orders of a simulated study, `bytes` in place of their file.
fn order_counts(study: &Path, bytes: &[u8]) -> Result<(u64, u64), Diagnostic> {
    let config = config::load(study).unwrap();
    let side = &config.orders;
    fs::write(config.base().join(&side.paths[0]), bytes).unwrap();
    let files = discover(config.base(), &side.paths, side.format)?;
    let source = Source { files, mapping: side.mapping.clone(), zone: config.zone, text: side.text.clone(), options: side.options.clone() };
    let mut accepted = 0;
    let count = |chunk: Chunk<'_>| chunk.n_rows as u64;
    let intake = read(&source, &Column::ALL, &NameBooks::default(), &Progress::default(), count, |_, n| accepted += n)?;
    assert_eq!(intake.n_rows(), accepted + intake.n_rejected());
    assert_eq!(intake.n_rejected(), intake.rejects.len());
    Ok((accepted, intake.n_rejected()))
}

#[test]
fn a_log_or_text_of_any_format_cut_anywhere_loses_no_whole_row_and_lists_the_cut_one() {
    use colofair::simulate::{self, Format, Options, World, WorldSettings, Writing};
    let world = World::named("fair", &WorldSettings::default()).unwrap();
    for format in [Format::Jsonl, Format::Fix, Format::Fixed, Format::Oms, Format::Cat, Format::CatJson] {
        let folder = tempfile::tempdir().unwrap();
        let options = Options { orders: 300, days: 1, seed: 5, ..Options::default() };
        simulate::write(&world, &options, Writing::from(format), folder.path(), &mut |_| ()).unwrap();
        let study = folder.path().join("study.toml");
        let config = config::load(&study).unwrap();
        let whole = fs::read(config.base().join(&config.orders.paths[0])).unwrap();
        let (n_orders, rejected) = order_counts(&study, &whole).unwrap();
        assert!(n_orders > 150 && rejected == 0, "{format:?}: {n_orders} {rejected}");
        for part in 1..16 {
            let cut = &whole[..whole.len() * part / 16 + part % 5];
            let lines = &cut[..cut.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1)];
            let (accepted, rejected) = order_counts(&study, cut).unwrap();
            let (sound, refused) = order_counts(&study, lines).unwrap();
            let what = format!("{format:?}, part {part}: {accepted} + {rejected}, of whole lines {sound} + {refused}");
            assert!(refused == 0 && sound <= accepted && accepted + rejected <= sound + 1, "{what}");
            assert!((sound as i64 - (n_orders * part as u64 / 16) as i64).abs() <= 12, "{what}");
            // A cut within a row that ends in an identifier or a time may leave one that reads; the row is then one of those sent.
            let mut damaged = cut.to_vec();
            damaged[cut.len() / 2] = 0xFF;
            damaged[cut.len() / 3] = 0;
            let (accepted, rejected) = order_counts(&study, &damaged).unwrap();
            assert!(accepted + 3 >= sound && accepted + rejected <= sound + 1, "{what}, damaged: {accepted} + {rejected}");
        }
    }
}

#[test]
fn a_folder_and_a_file_without_permission_are_named() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("a.csv")).unwrap();
    assert_eq!(counts(&folder.path().join("a.csv"), TextOptions::default()).unwrap_err().code, "E0202");
    assert_eq!(counts(&folder.path().join("b.csv"), TextOptions::default()).unwrap_err().code, "E0200");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let path = folder.path().join("c.csv");
        fs::write(&path, table(1)).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o000)).unwrap();
        // The superuser may read anything.
        if fs::read(&path).is_err() {
            assert_eq!(counts(&path, TextOptions::default()).unwrap_err().code, "E0200");
        }
    }
}

#[test]
fn any_bytes_in_any_declared_encoding_balance_or_are_refused() {
    let whole = table(300);
    let mut seed = 1_u64;
    let mut random = || {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) as usize
    };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.csv");
    for _ in 0..60 {
        let mut bytes = whole.clone();
        for _ in 0..1 + random() % 40 {
            let at = 20 + random() % (bytes.len() - 20);
            bytes[at] = random() as u8;
        }
        fs::write(&path, &bytes).unwrap();
        let said = [Encoding::Utf8, Encoding::Cp950, Encoding::Utf16Le].map(EncodingChoice::Is).into_iter().chain([EncodingChoice::Auto]);
        for encoding in said {
            // `counts` holds rows against accepted and rejected.
            if let Err(problem) = counts(&path, TextOptions { encoding, ..TextOptions::default() }) {
                assert!(["E0205", "E0206", "E0207", "E0221"].contains(&problem.code), "{problem}");
            }
        }
    }
}

/// A study of a thousand orders, one in fifty of them unreadable.
fn study(folder: &Path) {
    let order =
        |row: usize| format!("K{row:05},帳{},2026-01-05T09:{:02}:{:02}.000{:03}\n", row % 9, row / 60 % 60, row % 60, row % 900 + 50);
    let receipt = |row: usize| format!("K{row:05},帳{},G{},2026-01-05T09:{:02}:{:02}.000000\n", row % 9, row % 2, row / 60 % 60, row % 60);
    let damaged = |row: usize| if row.is_multiple_of(50) { format!("K{row:05},a,9:00\n") } else { order(row) };
    fs::write(folder.join("orders.csv"), format!("id,account,sent\n{}", (0..1_000).map(damaged).collect::<String>())).unwrap();
    fs::write(folder.join("receipts.csv"), format!("id,account,group,at\n{}", (0..1_000).map(receipt).collect::<String>())).unwrap();
    let text = "[study]\nlanguage = \"en\"\n[orders]\npaths = [\"orders.csv\"]\ncolumns = { receipt_id = \"id\", account = \"account\", sent_at = \"sent\" }\n\
                [receipts]\npaths = [\"receipts.csv\"]\ncolumns = { receipt_id = \"id\", account = \"account\", group = \"group\", received_at = \"at\" }\n";
    fs::write(folder.join("study.toml"), text).unwrap();
}

#[test]
fn a_gate_on_rejects_ends_with_3_and_says_so_first() {
    let folder = tempfile::tempdir().unwrap();
    study(folder.path());
    for (limit, code, alert) in [
        (None, 0, "read why in rejects.csv"),
        (Some("20"), 0, "read why"),
        (Some("19"), 3, "--max-rejects 19"),
        (Some("1%"), 3, "--max-rejects 1%"),
        (Some("2%"), 0, "read why"),
    ] {
        let limit: Vec<String> = limit.map(|limit| format!("--max-rejects={limit}")).into_iter().collect();
        let arguments: Vec<&str> = ["check", "study.toml"].into_iter().chain(limit.iter().map(String::as_str)).collect();
        let output = colofair(folder.path(), &arguments);
        assert_eq!(exit_code(&output), code, "{limit:?}: {}", stderr(&output));
        let summary = String::from_utf8(output.stdout).unwrap();
        let head: String = summary.lines().take(6).collect();
        assert!(head.contains("! 20 of 1000 rows of orders (2.00%)"), "{summary}");
        assert!(head.replace(' ', "").contains(&alert.replace(' ', "")), "{summary}");
        let found = result(&folder.path().join("out"));
        assert_balances(&found);
        assert_eq!(found["input"]["orders"]["rejected"], 20);
    }
    assert_eq!(exit_code(&colofair(folder.path(), &["check", "study.toml", "--max-rejects", "half"])), 2);
}

#[test]
fn standard_input_is_a_file_like_any_other() {
    let folder = tempfile::tempdir().unwrap();
    study(folder.path());
    let plain = colofair(folder.path(), &["check", "study.toml", "--hash"]);
    assert_eq!(exit_code(&plain), 0, "{}", stderr(&plain));
    let by_file = result(&folder.path().join("out"));
    let text = fs::read_to_string(folder.path().join("study.toml")).unwrap();
    fs::write(folder.path().join("piped.toml"), text.replace("\"orders.csv\"", "\"-\"")).unwrap();
    let before = files(folder.path());
    for bytes in [fs::read(folder.path().join("orders.csv")).unwrap(), gzip(&fs::read(folder.path().join("orders.csv")).unwrap())] {
        let mut child = crate::support::program(folder.path(), &["check", "piped.toml", "--hash", "-o", "piped"]);
        child.stdin(std::process::Stdio::piped()).stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
        let mut child = child.spawn().unwrap();
        child.stdin.take().unwrap().write_all(&bytes).unwrap();
        let output = child.wait_with_output().unwrap();
        assert_eq!(exit_code(&output), 0, "{}", stderr(&output));
        let piped = result(&folder.path().join("piped"));
        for figure in ["reconciliation", "groups", "pairs"] {
            assert_eq!(piped[figure], by_file[figure], "{figure}");
        }
        assert_eq!(piped["input"]["orders"]["files"][0]["path"], "-");
    }
    assert!(before.keys().all(|name| folder.path().join(name).exists()));
}
