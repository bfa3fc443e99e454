//! Evidence in Excel workbooks, written by openpyxl (`tests/reference/workbook.py`): the same answers as from the same rows in CSV.

use std::fs;
use std::path::Path;

use colofair::evidence_tables::SPECS;
use serde_json::Value;

use crate::support::{colofair, exit_code, repository, stderr, stdout};

/// A study of the evidence of `tests/reference/evidence`, its tables where `place` says.
fn study(folder: &Path, place: impl Fn(&str) -> String) {
    fs::write(folder.join("o.csv"), "id,t,account,line\n1,2025-03-04T10:00:00,0012345,A\n2,2025-03-04T10:00:01,1234567,B\n").unwrap();
    let side = |time: &str, more: &str| {
        format!(
            "paths = [\"o.csv\"]\ncolumns = {{ receipt_id = \"id\", {time} = \"t\", account = \"account\", gateway = \"line\"{more} }}\n"
        )
    };
    let list = |section: &str| {
        let of = SPECS.iter().filter(|spec| spec.section.name() == section);
        of.map(|spec| format!("{} = \"{}\"\n", spec.name, place(spec.name))).collect::<String>()
    };
    let text = format!(
        "[orders]\n{}[receipts]\n{}[calendar]\npreset = \"twse\"\n[rules]\nfrom = \"2025-01-01\"\nto = \"2025-11-28\"\n\
         eligibility = \"volume >= 1000000\"\ndecision_days = 30\n[access]\n{}[controls]\n{}",
        side("sent_at", ""),
        side("received_at", ", group = \"line\""),
        list("access"),
        list("controls")
    );
    fs::write(folder.join("study.toml"), text).unwrap();
}

/// Every check of both commands, with the names of the files made one.
fn checks(folder: &Path) -> Vec<Value> {
    let mut all = Vec::new();
    for command in ["access", "controls"] {
        let run = colofair(folder, &[command, "study.toml", "--format", "json"]);
        let document: Value = serde_json::from_str(&stdout(&run)).unwrap_or_else(|_| panic!("{}", stderr(&run)));
        // Longer names first: `reviews.csv` stands in others.
        let mut names: Vec<String> = SPECS.iter().map(|spec| format!("{}.csv", spec.name)).collect();
        names.sort_by_key(|name| std::cmp::Reverse(name.len()));
        let text = names.iter().fold(document["checks"].to_string(), |text, name| text.replace(name, "FILE"));
        let sheets = SPECS.iter().map(|spec| spec.name);
        let checks: Value =
            serde_json::from_str(&sheets.fold(text, |text, sheet| text.replace(&format!("filled.xlsx[{sheet}]"), "FILE"))).unwrap();
        all.extend(checks.as_array().unwrap().clone());
    }
    all
}

#[test]
fn a_template_filled_by_another_program_gives_the_answers_of_its_rows_in_csv() {
    let (csv, xlsx) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    for spec in SPECS {
        let name = format!("{}.csv", spec.name);
        fs::copy(repository("tests/reference/evidence").join(&name), csv.path().join(&name)).unwrap();
    }
    fs::copy(repository("tests/reference/evidence/filled.xlsx"), xlsx.path().join("filled.xlsx")).unwrap();
    study(csv.path(), |name| format!("{name}.csv"));
    study(xlsx.path(), |_| "filled.xlsx".to_owned());
    let (expected, found) = (checks(csv.path()), checks(xlsx.path()));
    assert_eq!(found.len(), expected.len());
    for (one, other) in found.iter().zip(&expected) {
        assert_eq!(one, other);
    }
    // Both would agree on nothing as well.
    let finding = |code: &str| expected.iter().any(|check| check["code"] == code && check["state"] == "finding");
    for code in [
        "A01", "A03", "A05", "A06", "C201", "C203", "C204", "C207", "C301", "C302", "C303", "C401", "C402", "C403", "C501", "C602", "C801",
        "C804", "C805",
    ] {
        assert!(finding(code), "{code}: {:#?}", expected.iter().find(|check| check["code"] == code));
    }
    // The account 0012345 is a number in the workbook, shown with its zeros: it is on the list.
    let listed = found.iter().find(|check| check["code"] == "A08").unwrap();
    assert_eq!((listed["state"].as_str(), listed["population"].as_u64()), (Some("none"), Some(2)), "{listed}");
}

#[test]
fn what_a_cell_cannot_have_kept_is_refused_by_row_and_the_rest_is_read() {
    let work = tempfile::tempdir().unwrap();
    for spec in SPECS {
        let name = format!("{}.csv", spec.name);
        fs::copy(repository("tests/reference/evidence").join(&name), work.path().join(&name)).unwrap();
    }
    fs::copy(repository("tests/reference/evidence/lone.xlsx"), work.path().join("lone.xlsx")).unwrap();
    study(work.path(), |name| if name == "passwords" { "lone.xlsx".to_owned() } else { format!("{name}.csv") });
    let run = colofair(work.path(), &["controls", "study.toml", "-o", "out", "-q", "--lang", "en"]);
    assert_eq!(exit_code(&run), 1, "{}", stderr(&run));
    let rejects = fs::read_to_string(work.path().join("out/rejects.csv")).unwrap();
    let of: Vec<(&str, &str)> = rejects.lines().skip(1).map(|line| line.split(',').collect::<Vec<_>>()).map(|f| (f[1], f[4])).collect();
    assert_eq!(of, [("5", "bad_value"), ("6", "bad_value"), ("7", "bad_value"), ("8", "field_count")], "{rejects}");
    for why in ["fifteen digits", "never computed", "without a date", "beyond"] {
        assert!(rejects.contains(why), "{why}: {rejects}");
    }
}

#[test]
fn several_sheets_without_the_tables_name_and_damaged_workbooks_are_named_with_the_reason() {
    let work = tempfile::tempdir().unwrap();
    let whole = fs::read(repository("tests/reference/evidence/filled.xlsx")).unwrap();
    let refused = |bytes: &[u8]| {
        fs::write(work.path().join("e.xlsx"), bytes).unwrap();
        let run = colofair(work.path(), &["controls", "study.toml", "--lang", "en", "--format", "json"]);
        assert_eq!(exit_code(&run), 3, "{} bytes", bytes.len());
        stdout(&run)
    };
    fs::write(work.path().join("o.csv"), "id,t\n").unwrap();
    fs::write(
        work.path().join("study.toml"),
        "[orders]\npaths = [\"o.csv\"]\ncolumns = { receipt_id = \"id\", sent_at = \"t\" }\n[receipts]\npaths = [\"o.csv\"]\n\
         columns = { receipt_id = \"id\", received_at = \"t\", group = \"t\" }\n[rules]\nfrom = \"2025-01-01\"\nto = \"2025-11-28\"\n[controls]\nscans = \"e.xlsx\"\n",
    )
    .unwrap();
    for length in [4, 30, 1_000, whole.len() / 2, whole.len() - 1, whole.len() - 30] {
        let said = refused(&whole[..length]);
        assert!(said.contains("E0242"), "{length}: {said}");
    }
    let said = refused(&fs::read(repository("tests/reference/evidence/two.xlsx")).unwrap());
    assert!(said.contains("E0243") && said.contains("January, February"), "{said}");
    assert!(refused(&[0xd0, 0xcf, 0x11, 0xe0, 0, 0, 0, 0]).contains("password"));
}

/// A study whose only evidence is the table of scans in `e.xlsx`.
fn scans_of(folder: &Path, workbook: &[u8]) {
    fs::write(folder.join("e.xlsx"), workbook).unwrap();
    fs::write(folder.join("o.csv"), "id,t\n").unwrap();
    fs::write(
        folder.join("study.toml"),
        "[orders]\npaths = [\"o.csv\"]\ncolumns = { receipt_id = \"id\", sent_at = \"t\" }\n[receipts]\npaths = [\"o.csv\"]\n\
         columns = { receipt_id = \"id\", received_at = \"t\", group = \"t\" }\n[rules]\nfrom = \"2025-01-01\"\nto = \"2025-11-28\"\n[controls]\nscans = \"e.xlsx\"\n",
    )
    .unwrap();
}

#[test]
fn rows_merged_with_the_one_above_are_refused_by_name() {
    let work = tempfile::tempdir().unwrap();
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    for (row, cells) in
        [["system", "scanned_on"], ["gateway", "2025-01-06"], ["", "2025-06-20"], ["gateway", "2025-11-03"]].iter().enumerate()
    {
        for (column, cell) in cells.iter().enumerate() {
            sheet.write_string(row as u32, column as u16, *cell).unwrap();
        }
    }
    sheet.merge_range(1, 0, 2, 0, "gateway", &rust_xlsxwriter::Format::new()).unwrap();
    scans_of(work.path(), &book.save_to_buffer().unwrap());
    let run = colofair(work.path(), &["controls", "study.toml", "-o", "out", "-q", "--lang", "en"]);
    assert_eq!(exit_code(&run), 3, "{}", stderr(&run));
    let rejects = fs::read_to_string(work.path().join("out/rejects.csv")).unwrap();
    let rows: Vec<&str> = rejects.lines().skip(1).collect();
    assert_eq!(rows.len(), 1, "{rejects}");
    for said in ["e.xlsx[Sheet1],3,", "system", "merged with the cell above", "與上列合併儲存格"] {
        assert!(rows[0].contains(said), "{said}: {rejects}");
    }
}

/// A hundred kilobytes that unpack to more than any workbook of evidence holds: refused before anything is held.
#[test]
fn a_workbook_that_unpacks_without_end_is_refused() {
    let work = tempfile::tempdir().unwrap();
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let fast = zip::write::SimpleFileOptions::default().compression_level(Some(1));
    archive.start_file("xl/worksheets/sheet1.xml", fast).unwrap();
    let block = b"<row><c t=\"str\"><v>x</v></c></row>".repeat(1 << 15);
    (0..80).for_each(|_| std::io::Write::write_all(&mut archive, &block).unwrap());
    let bomb = archive.finish().unwrap().into_inner();
    assert!(bomb.len() < 2 << 20, "{}", bomb.len());
    scans_of(work.path(), &bomb);
    let run = colofair(work.path(), &["controls", "study.toml", "--lang", "en", "--format", "json"]);
    assert_eq!(exit_code(&run), 3);
    for said in ["E0244", "e.xlsx", "sheet1.xml", "at most 32 a part", "CSV"] {
        assert!(stdout(&run).contains(said), "{said}: {}", stdout(&run));
    }
}
