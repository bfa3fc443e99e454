//! What the top crate does with files that somebody wrote by hand, or that came back from elsewhere: study.toml, evidence, state, results.

use std::io::{Cursor, Write};
use std::path::Path;

use colofair::access::Expression;
use colofair::evidence::Manifest;
use colofair::evidence_tables::{SPECS, csv_template, read_table};
use colofair::fairness::state::{StudyDay, merge};
use colofair::ingest::discover_evidence;
use colofair::record::Zone;
use colofair::report::stored::read_study;

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a folder for temporary files")
}

fn put(folder: &Path, name: &str, bytes: &[u8]) {
    std::fs::write(folder.join(name), bytes).expect("space for temporary files");
}

/// study.toml.
pub fn study_toml(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Err(problem) = colofair::config::parse(Path::new("study.toml"), text.to_owned()) {
        assert!(!problem.shown(true).contains('\u{1b}') && !problem.shown(false).contains('\u{1b}'));
    }
}

/// The layout of fixed-width records, as a file beside study.toml.
pub fn layout(bytes: &[u8]) {
    let folder = folder();
    put(folder.path(), "l.toml", bytes);
    let text = "[orders]\npaths = [\"o\"]\nformat = \"fixed:l.toml\"\ncolumns = { receipt_id = \"id\", sent_at = \"t\" }\n\
                [receipts]\npaths = [\"r\"]\ncolumns = { receipt_id = \"id\", received_at = \"t\", group = \"g\" }\n";
    let _ = colofair::config::parse(&folder.path().join("study.toml"), text.to_owned());
}

/// An evidence table as separated text, under its own header or any.
pub fn evidence(bytes: &[u8]) {
    let [choice, own, body @ ..] = bytes else { return };
    let spec = &SPECS[usize::from(*choice) % SPECS.len()];
    let template = csv_template(spec, own & 1 != 0);
    let header = template.lines().next().unwrap_or_default().as_bytes();
    let text = if own & 2 != 0 { body.to_vec() } else { [header, b"\n", body].concat() };
    let folder = folder();
    put(folder.path(), "e.csv", &text);
    let Ok(files) = discover_evidence(folder.path(), &["e.csv".to_owned()]) else { return };
    if let Ok(table) = read_table(spec, &files, Zone::named("Asia/Taipei").expect("of the table")) {
        assert!(table.rows.iter().all(|row| row.place.line > 0));
    }
}

/// A workbook: any bytes, or any XML as its one sheet, its styles or its texts.
pub fn workbook(bytes: &[u8]) {
    let Some((choice, body)) = bytes.split_first() else { return };
    let folder = folder();
    let whole = match choice % 4 {
        0 => body.to_vec(),
        part => workbook_with(usize::from(part), body),
    };
    put(folder.path(), "e.xlsx", &whole);
    let Ok(files) = discover_evidence(folder.path(), &["e.xlsx".to_owned()]) else { return };
    let spec = &SPECS[usize::from(choice / 4) % SPECS.len()];
    let _ = read_table(spec, &files, Zone::UTC);
}

/// A minimal workbook of which one part is `body`: 1 its sheet, 2 its styles, 3 its texts; any other number and it is sound.
pub fn workbook_with(part: usize, body: &[u8]) -> Vec<u8> {
    const SHEET: &str = r#"<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c></row><row r="2"><c r="A2" s="1"><v>46027</v></c></row></sheetData></worksheet>"#;
    const STYLES: &str = r#"<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><numFmts count="1"><numFmt numFmtId="164" formatCode="0000000"/></numFmts><cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="164"/></cellXfs></styleSheet>"#;
    const TEXTS: &str = r#"<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" count="2" uniqueCount="2"><si><t>client</t></si><si><t>account</t></si></sst>"#;
    let of = |at: usize, usual: &'static str| if at == part { body.to_vec() } else { usual.as_bytes().to_vec() };
    let parts = [
        (
            "[Content_Types].xml",
            br#"<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" ContentType="application/xml"/></Types>"#.to_vec(),
        ),
        (
            "_rels/.rels",
            br#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#.to_vec(),
        ),
        (
            "xl/_rels/workbook.xml.rels",
            br#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>"#.to_vec(),
        ),
        (
            "xl/workbook.xml",
            br#"<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="s" sheetId="1" r:id="rId1"/></sheets></workbook>"#.to_vec(),
        ),
        ("xl/worksheets/sheet1.xml", of(1, SHEET)),
        ("xl/styles.xml", of(2, STYLES)),
        ("xl/sharedStrings.xml", of(3, TEXTS)),
    ];
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let stored = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    for (name, contents) in parts {
        archive.start_file(name, stored).expect("to memory");
        archive.write_all(&contents).expect("to memory");
    }
    archive.finish().expect("to memory").into_inner()
}

/// A rule of eligibility: as it is written back, it reads as the same.
pub fn expression(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Ok(rule) = Expression::parse(text) {
        let written = rule.to_string();
        let again = Expression::parse(&written).unwrap_or_else(|problem| panic!("{text:?} is written {written:?}: {}", problem.en));
        assert_eq!(again.to_string(), written, "{text:?}");
        let _ = rule.conditions();
    }
}

/// A study-day as bytes: what reads is written back the same. The digest is made right for half of the inputs, or nothing behind it would be
/// reached.
pub fn study_day(bytes: &[u8]) {
    let Some((choice, body)) = bytes.split_first() else { return };
    let whole = if choice & 1 == 0 { body.to_vec() } else { [body, &digest(body)].concat() };
    if let Ok(day) = StudyDay::from_bytes(&whole) {
        let again = StudyDay::from_bytes(&day.to_bytes()).expect("what was just written");
        assert_eq!(again.to_bytes(), day.to_bytes());
        let _ = merge([day]);
    }
}

fn digest(bytes: &[u8]) -> Vec<u8> {
    let hex = colofair::evidence::sha256_of(bytes);
    (0..hex.len() / 2).filter_map(|at| u8::from_str_radix(&hex[2 * at..2 * at + 2], 16).ok()).collect()
}

/// result.json and manifest.json of an output folder, as `report`, `compare` and `verify` read them back.
pub fn stored(bytes: &[u8]) {
    let folder = folder();
    put(folder.path(), "result.json", bytes);
    put(folder.path(), "manifest.json", bytes);
    let _ = read_study(folder.path());
    let _ = Manifest::read(folder.path());
}
