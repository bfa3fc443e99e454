//! Documents written again from the result: the bytes of the study, nothing else read, and every figure the result's.

use std::fs;
use std::path::{Path, PathBuf};

use calamine::{Data, Reader, Xlsx, open_workbook};
use serde_json::Value;

use crate::messages::assert_said;
use crate::support::{colofair, exit_code, files, not_run, program, repository, result, stderr, stdout, table};

/// A study of the committed sample, with its output in `out`.
fn studied(more: &[&str]) -> tempfile::TempDir {
    let work = tempfile::tempdir().unwrap();
    for name in ["study.toml", "orders.csv", "receipts.csv", "clients.csv"] {
        fs::copy(repository("data/sample").join(name), work.path().join(name)).unwrap();
    }
    let output = colofair(work.path(), &[&["study", "study.toml", "-q", "--exit-zero"], more].concat());
    assert_eq!((exit_code(&output), stderr(&output).as_str()), (0, ""));
    work
}

/// Every document a study writes.
fn is_document(name: &str) -> bool {
    ["report.html", "report.md", "workpapers.xlsx"].contains(&name) || name.starts_with("charts/")
}

#[test]
fn report_writes_the_bytes_that_study_wrote_without_the_raw_data() {
    let folders = fs::read_dir(repository("tests/fixtures")).unwrap().map(|entry| entry.unwrap().path());
    let mut studied = 0;
    for from in folders.chain([repository("data/sample")]) {
        let work = tempfile::tempdir().unwrap();
        let study = from.join("study.toml");
        let done = colofair(work.path(), &["study", study.to_str().unwrap(), "-q", "--exit-zero"]);
        assert_eq!(exit_code(&done), 0, "{}: {}", from.display(), stderr(&done));
        let out = work.path().join("out");
        let before = files(&out);
        assert!(before.keys().filter(|name| is_document(name)).count() >= 5, "{:?}", before.keys());
        for name in before.keys().filter(|name| is_document(name)) {
            fs::remove_file(out.join(name)).unwrap();
        }
        let again = colofair(work.path(), &["report", "out", "-q"]);
        assert_eq!((exit_code(&again), stderr(&again).as_str()), (0, ""), "{}", from.display());
        let after = files(&out);
        assert_eq!(before.keys().collect::<Vec<_>>(), after.keys().collect::<Vec<_>>());
        for (name, bytes) in &before {
            assert!(after[name] == *bytes, "{}: {name} differs", from.display());
        }
        studied += 1;
    }
    assert!(studied > 15, "{studied} fixtures");
}

#[test]
fn a_broker_with_evidence_and_priority_is_rendered_again_too() {
    let work = tempfile::tempdir().unwrap();
    let made = colofair(work.path(), &["simulate", "broker-findings", "--orders", "4000", "--days", "2", "-q", "-o", "."]);
    assert_eq!(exit_code(&made), 0, "{}", stderr(&made));
    let study = fs::read_to_string(work.path().join("study.toml")).unwrap();
    fs::write(work.path().join("study.toml"), study + "\n[priority]\n").unwrap();
    let done = colofair(work.path(), &["study", "study.toml", "-q", "--exit-zero"]);
    assert_eq!(exit_code(&done), 0, "{}", stderr(&done));
    let before = files(&work.path().join("out"));
    assert_eq!(exit_code(&colofair(work.path(), &["report", "out", "-q"])), 0);
    assert!(files(&work.path().join("out")) == before);
    let sheets = sheets(&work.path().join("out/workpapers.xlsx"));
    for name in ["A 使用資格", "C 控管", "P 越過", "R 委託紀錄", "例外委託與收單"] {
        assert!(sheets.iter().any(|(sheet, rows)| sheet == name && rows.len() > 1), "{name}");
    }
}

#[test]
fn the_other_language_is_that_of_a_study_in_it_and_the_manifest_says_so() {
    let (chinese, english) = (studied(&[]), studied(&["--lang", "en"]));
    let output = colofair(chinese.path(), &["report", "out", "--lang", "en"]);
    assert_eq!((exit_code(&output), stderr(&output).as_str()), (0, ""));
    assert!(stdout(&output).lines().any(|line| line.ends_with("workpapers.xlsx")));
    let (one, other) = (files(&chinese.path().join("out")), files(&english.path().join("out")));
    // The options are those of the study, whose language came from its file here and from the flag there.
    let text = |files: &std::collections::BTreeMap<String, Vec<u8>>, name: &str| String::from_utf8(files[name].clone()).unwrap();
    let origin = |zh: &str, en: &str| {
        format!("</bdi> <span class=\"muted\">(<span class=\"zh\" lang=\"zh-TW\">{zh}</span><span class=\"en\" lang=\"en\">{en}</span>)")
    };
    let (was, is) = (format!("<bdi>zh-TW{}", origin("study.toml", "study.toml")), format!("<bdi>en{}", origin("命令列", "flag")));
    let page = text(&one, "report.html");
    assert!(page.contains(&was));
    assert!(page.replace(&was, &is) == text(&other, "report.html"), "the pages differ in more than the origin of the language");
    for name in one.keys().filter(|name| is_document(name) && name.ends_with(".md") | name.ends_with(".svg")) {
        assert_eq!(text(&one, name), text(&other, name), "{name}");
    }
    let book = |work: &tempfile::TempDir| sheets(&work.path().join("out/workpapers.xlsx"));
    let but_options = |work: &tempfile::TempDir| book(work).into_iter().filter(|(name, _)| name != "Options").collect::<Vec<_>>();
    assert_eq!(but_options(&chinese), but_options(&english));
    let manifest: Value = serde_json::from_slice(&one["manifest.json"]).unwrap();
    assert_eq!(manifest["rendered"][0]["command"], serde_json::json!(["report", "--lang=en"]));
    let page = manifest["outputs"].as_array().unwrap().iter().find(|file| file["path"] == "report.html").unwrap();
    assert_eq!(page["sha256"], colofair::evidence::sha256_of(&one["report.html"]));
    // And back again: the study's own bytes, by the same way.
    assert_eq!(exit_code(&colofair(chinese.path(), &["report", "out", "--lang", "zh-TW", "-q"])), 0);
    assert!(String::from_utf8_lossy(&fs::read(chinese.path().join("out/report.md")).unwrap()).contains("有發現：客戶未受到相同對待"));
}

#[test]
fn a_format_writes_its_files_alone_and_another_folder_leaves_the_study_alone() {
    let work = studied(&[]);
    let before = files(&work.path().join("out"));
    for (format, expected) in [
        ("html", vec!["report.html"]),
        ("md", vec!["report.md"]),
        ("xlsx", vec!["workpapers.xlsx"]),
        ("csv", vec!["csv/exceptions.csv", "csv/findings.csv", "csv/groups.csv", "csv/pairs.csv", "csv/records.csv", "csv/sample.csv"]),
    ] {
        let output = colofair(work.path(), &["report", "out", "--format", format, "-o", format]);
        assert_eq!((exit_code(&output), stderr(&output).as_str()), (0, ""), "{format}");
        assert_eq!(files(&work.path().join(format)).keys().collect::<Vec<_>>(), expected);
    }
    assert_eq!(exit_code(&colofair(work.path(), &["report", "out", "--format", "svg", "-o", "svg", "-q"])), 0);
    let charts = files(&work.path().join("svg"));
    assert!(charts.len() >= 3 && charts.iter().all(|(name, bytes)| name.starts_with("charts/") && before[name] == *bytes));
    let listed = colofair(work.path(), &["report", "out", "--format", "json", "-o", "all"]);
    let document: Value = serde_json::from_str(&stdout(&listed)).unwrap();
    assert_eq!(document["files"].as_array().unwrap().len(), 3 + charts.len());
    assert!(files(&work.path().join("out")) == before);
    fs::write(work.path().join("all/mine.txt"), "mine").unwrap();
    assert_said("a stranger's file", work.path(), &["report", "out", "-o", "all"], "E0302", "all");
}

#[test]
fn what_is_no_result_of_a_study_is_refused_with_place_and_fix() {
    let work = studied(&[]);
    let out = work.path().join("out");
    let sound = fs::read_to_string(out.join("result.json")).unwrap();
    assert_said("no folder", work.path(), &["report", "nowhere"], "E0404", "nowhere");
    assert_said("a file", work.path(), &["report", "study.toml"], "E0404", "study.toml");
    fs::create_dir(work.path().join("empty")).unwrap();
    assert_said("an empty folder", work.path(), &["report", "empty"], "E0404", "empty");
    assert_said("a format of simulate", work.path(), &["report", "out", "--format", "parquet"], "E0002", "");

    let written = |text: &str| fs::write(out.join("result.json"), text).unwrap();
    written(&sound[..sound.len() / 2]);
    assert_said("half a result", work.path(), &["report", "out"], "E0405", "result.json");
    written("[1, 2]");
    assert_said("another document", work.path(), &["report", "out"], "E0405", "result.json");
    written(&sound.replacen("\"schema_version\": 1", "\"schema_version\": 7", 1));
    assert_said("another schema", work.path(), &["report", "out"], "E0406", "result.json");
    written(&sound.replacen("\"median_gap\": {", "\"median_gap\": {\"x\": 1, ", 1).replacen("\"exit_code\": 1", "\"exit_code\": \"1\"", 1));
    assert_said("a changed shape", work.path(), &["report", "out"], "E0405", "result.json");
    // A result must not lead to files elsewhere, which pseudonyms would rewrite.
    fs::write(work.path().join("victim.csv"), "account\nsecret\n").unwrap();
    for place in ["../victim.csv", work.path().join("victim.csv").to_str().unwrap(), "tables/../../victim.csv"] {
        written(&sound.replacen("\"path\": \"tables/exceptions.parquet\"", &format!("\"path\": {place:?}"), 1));
        assert_said("a table elsewhere", work.path(), &["report", "out", "-o", "x"], "E0405", "result.json");
    }
    assert_eq!(fs::read_to_string(work.path().join("victim.csv")).unwrap(), "account\nsecret\n");
    written(&sound.replacen("\"verdict\": \"finding\"", "\"verdict\": \"no_finding\"", 1));
    assert_said("an altered verdict", work.path(), &["report", "out"], "E0409", "result.json");
    written(&sound);

    let exceptions = out.join("tables/exceptions.parquet");
    let mut bytes = fs::read(&exceptions).unwrap();
    bytes[200] ^= 1;
    fs::write(&exceptions, &bytes).unwrap();
    assert_said("an altered table", work.path(), &["report", "out"], "E0409", "exceptions.parquet");
    fs::remove_file(&exceptions).unwrap();
    assert_said("a missing table", work.path(), &["report", "out", "--format", "xlsx"], "E0408", "exceptions.parquet");
    assert_eq!(exit_code(&colofair(work.path(), &["report", "out", "--format", "html", "-q"])), 0, "the page needs no table");
    fs::remove_file(out.join("manifest.json")).unwrap();
    assert_said("no manifest", work.path(), &["report", "out", "--format", "html"], "E0404", "out");

    colofair(work.path(), &["check", "study.toml", "-o", "first", "-q"]);
    assert_said("a first look", work.path(), &["report", "first"], "E0407", "result.json");
}

/// What stands above the verdict on the terminal stands in its box on the page, in both languages, and not below what it is about.
#[test]
fn what_is_said_before_anything_else_stands_beside_the_verdict() {
    let work = studied(&[]);
    let receipts = fs::read_to_string(work.path().join("study.toml")).unwrap();
    fs::write(work.path().join("study.toml"), receipts.replace("clock = ", "# clock = ")).unwrap();
    assert_eq!(exit_code(&colofair(work.path(), &["study", "study.toml", "-q", "--exit-zero"])), 0);
    let found = result(&work.path().join("out"));
    let page = fs::read_to_string(work.path().join("out/report.html")).unwrap();
    let (head, rest) = page.split_once("id=\"summary\"").unwrap().1.split_once("</section>").unwrap();
    let alerts = found["alerts"].as_array().unwrap();
    assert!(!alerts.is_empty(), "the sample without its clocks has nothing to say first");
    for said in alerts.iter().flat_map(|alert| [&alert["en"], &alert["zh-TW"]]).map(|said| said.as_str().unwrap()) {
        let said = said.replace('\'', "&#x27;").replace('"', "&quot;");
        assert!(head.contains(&said) && !rest.contains(&said), "{said}");
    }
}

#[test]
fn a_browser_prints_the_page_and_without_one_the_message_says_what_to_do() {
    let work = studied(&[]);
    let mut without = program(work.path(), &["report", "out", "--format", "pdf", "-o", "pdf", "--lang", "en"]);
    let output = without.env("PATH", "").env_remove("COLOFAIR_BROWSER").output().unwrap();
    let said = stderr(&output);
    assert!(exit_code(&output) == 2 && said.starts_with("error[E0410]") && said.contains("--browser"), "{said}");
    assert_said("no browser", work.path(), &["report", "out", "--format", "pdf", "--browser", "study.toml"], "E0410", "study.toml");

    let output = colofair(work.path(), &["report", "out", "--format", "pdf", "-o", "pdf", "--lang", "en"]);
    if exit_code(&output) == 2 && stderr(&output).contains("no browser that prints to PDF and draws PNG") {
        not_run("no Chromium, Chrome or Edge is on PATH");
        return;
    }
    assert_eq!((exit_code(&output), stderr(&output).as_str()), (0, ""));
    let pdf = fs::read(work.path().join("pdf/report.pdf")).unwrap();
    assert!(pdf.starts_with(b"%PDF-") && pdf.len() > 50_000, "{}", pdf.len());
}

#[test]
fn a_browser_draws_every_chart_twice_as_large_as_it_stands_on_the_page() {
    let work = studied(&[]);
    let output = colofair(work.path(), &["report", "out", "--format", "png", "-o", "png"]);
    if exit_code(&output) == 2 && stderr(&output).contains("找不到可列印 PDF、繪製 PNG 的瀏覽器") {
        not_run("no Chromium, Chrome or Edge is on PATH");
        return;
    }
    assert_eq!((exit_code(&output), stderr(&output).as_str()), (0, ""));
    let names = |folder: &str| -> Vec<String> {
        let of = fs::read_dir(work.path().join(folder)).unwrap().map(|entry| entry.unwrap().path());
        let mut names: Vec<String> = of.map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned()).collect();
        names.sort();
        names
    };
    assert_eq!(names("png/charts"), names("out/charts"));
    for name in names("png/charts") {
        let svg = fs::read_to_string(work.path().join(format!("out/charts/{name}.svg"))).unwrap();
        let side = |side: &str| -> u32 { svg.split(&format!(" {side}=\"")).nth(1).unwrap().split('"').next().unwrap().parse().unwrap() };
        let png = fs::read(work.path().join(format!("png/charts/{name}.png"))).unwrap();
        // IHDR: width and height, big-endian, from byte 16.
        let drawn = [16, 20].map(|at| u32::from_be_bytes(png[at..at + 4].try_into().unwrap()));
        // Browsers leave the lower part of a window of less than 150 pixels white.
        assert_eq!(drawn, [side("width") * 2, side("height").max(150) * 2], "{name}");
        assert!(png.len() > 8_000, "{name}: {} bytes are hardly a chart", png.len());
    }
}

// The workbook.

/// The sheets of a workbook, row by row.
fn sheets(path: &Path) -> Vec<(String, Vec<Vec<Data>>)> {
    let mut book: Xlsx<_> = open_workbook(path).unwrap();
    let names = book.sheet_names();
    names.into_iter().map(|name| (name.clone(), book.worksheet_range(&name).unwrap().rows().map(<[Data]>::to_vec).collect())).collect()
}

#[track_caller]
fn sheet<'a>(sheets: &'a [(String, Vec<Vec<Data>>)], name: &str) -> &'a [Vec<Data>] {
    &sheets.iter().find(|(known, _)| known == name).unwrap_or_else(|| panic!("no sheet {name}")).1
}

#[track_caller]
fn column(rows: &[Vec<Data>], title: &str) -> Vec<Data> {
    let at = rows[0].iter().position(|head| *head == Data::String(title.into())).unwrap_or_else(|| panic!("no {title} in {:?}", rows[0]));
    rows[1..].iter().map(|row| row[at].clone()).collect()
}

/// A value of result.json as a cell holds it.
fn cell(value: &Value) -> Data {
    match value {
        Value::Null => Data::Empty,
        Value::Number(number) => Data::Float(number.as_f64().unwrap()),
        Value::String(text) => Data::String(text.clone()),
        other => panic!("{other}"),
    }
}

fn cells(rows: &Value, field: &str) -> Vec<Data> {
    rows.as_array().unwrap().iter().map(|row| cell(row.pointer(field).unwrap_or(&Value::Null))).collect()
}

#[test]
fn every_figure_of_the_workbook_is_that_of_the_result() {
    let work = studied(&["--lang", "en"]);
    let out = work.path().join("out");
    let (found, book) = (result(&out), sheets(&out.join("workpapers.xlsx")));

    let groups = sheet(&book, "Groups");
    for (title, field) in [
        ("Group", "/group"),
        ("n", "/n"),
        ("Clients", "/clients"),
        ("Min (ns)", "/min"),
        ("p50 (ns)", "/p50"),
        ("Mean (ns)", "/mean"),
        ("p90 (ns)", "/p90"),
        ("p99 (ns)", "/p99"),
        ("p99.9 (ns)", "/p999"),
        ("Max (ns)", "/max"),
        ("No receipt", "/missing_receipt"),
        ("negative", "/negative"),
        ("zero", "/zero"),
        ("No order", "/orphan_receipt"),
    ] {
        assert_eq!(column(groups, title), cells(&found["groups"], field), "{title}");
    }
    let micros = |value: &Data| {
        Data::Float(match value {
            Data::Float(ns) => ns / 1e3,
            other => panic!("{other}"),
        })
    };
    assert_eq!(column(groups, "p50 (\u{b5}s)"), column(groups, "p50 (ns)").iter().map(micros).collect::<Vec<_>>());

    let pairs = sheet(&book, "Pairs");
    for (name, field, unit) in [("Median gap", "median_gap", " (ns)"), ("Tail excess", "tail_excess", ""), ("Overtaking", "overtaking", "")]
    {
        for (part, key, has_unit) in [
            ("estimate", "estimate", true),
            ("standard error", "se", true),
            ("df", "df", false),
            ("lower", "lower", true),
            ("upper", "upper", true),
            ("margin", "margin", true),
            ("p unfair (Holm)", "p_unfair_holm", false),
            ("p fair", "p_fair", false),
        ] {
            let title = format!("{name} {part}{}", if has_unit { unit } else { "" });
            assert_eq!(column(pairs, &title), cells(&found["pairs"], &format!("/{field}/{key}")), "{title}");
        }
    }
    for (title, field) in [
        ("n first", "/n_favoured"),
        ("n second", "/n_disadvantaged"),
        ("Comparable", "/overlap"),
        ("Blocks", "/blocks"),
        ("P(slower)", "/superiority/estimate"),
        ("Mann-Whitney U", "/comparison/mann_whitney_u"),
        ("Mann-Whitney p", "/comparison/mann_whitney_p"),
        ("KS distance", "/comparison/ks_statistic"),
        ("KS p", "/comparison/ks_p"),
    ] {
        assert_eq!(column(pairs, title), cells(&found["pairs"], field), "{title}");
    }

    let findings = sheet(&book, "Findings");
    assert_eq!(column(findings, "Finding"), cells(&found["findings"], "/code"));
    assert_eq!(column(findings, "Count"), cells(&found["findings"], "/count"));
    assert_eq!(column(findings, "Share"), cells(&found["findings"], "/share"));
    assert_eq!(column(findings, "What is wrong"), cells(&found["findings"], "/summary/en"));
    assert!(column(findings, "Reply of the audited unit").iter().all(|reply| *reply == Data::Empty));
    let checks = sheet(&book, "Checks");
    assert_eq!(column(checks, "Found"), cells(&found["records"]["checks"], "/count"));
    assert_eq!(column(checks, "Population"), cells(&found["records"]["checks"], "/population"));
    let stages = sheet(&book, "Stages");
    for (title, field) in [("n", "/n"), ("Min (ns)", "/min"), ("p50 (ns)", "/p50"), ("p99 (ns)", "/p99"), ("Max (ns)", "/max")] {
        assert_eq!(column(stages, title), cells(&found["stages"], field), "{title}");
    }
    assert_eq!(column(sheet(&book, "Stamps"), "Resolution (ns)"), cells(&found["stamps"], "/resolution"));
    assert_eq!(column(sheet(&book, "Clocks"), "Drift (ppm)"), cells(&found["clocks"], "/drift"));
    assert_eq!(found["input"]["others"][0]["path"], "clients.csv");
    let files = |field: &str| {
        let of = |place: &&str| cells(found.pointer(place).unwrap(), field);
        ["/input/orders/files", "/input/receipts/files", "/input/others"].iter().flat_map(of).collect::<Vec<_>>()
    };
    assert_eq!(column(sheet(&book, "Inputs"), "SHA-256"), files("/sha256"));
    assert_eq!(column(sheet(&book, "Inputs"), "Bytes"), files("/bytes"));

    // The waterfall, by its labels.
    let steps = sheet(&book, "Reconciliation");
    for (side, step, place) in [
        ("Orders", "read", "/input/orders/rows"),
        ("Orders", "no receipt", "/reconciliation/missing_receipt"),
        ("Orders", "matched", "/reconciliation/matched"),
        ("Receipts", "no order", "/reconciliation/orphan_receipt"),
        ("Receipts", "matched", "/reconciliation/receipts_matched"),
    ] {
        let is = |row: &&Vec<Data>| row[0] == Data::String(side.into()) && row[1] == Data::String(step.into());
        assert_eq!(steps.iter().find(is).unwrap()[2], cell(found.pointer(place).unwrap()), "{side}: {step}");
    }
}

#[test]
fn every_row_of_the_tables_stands_in_the_workbook() {
    let work = studied(&["--lang", "en"]);
    let out = work.path().join("out");
    let book = sheets(&out.join("workpapers.xlsx"));
    let same = |sheet: &[Vec<Data>], table: &[crate::support::Row], title: &str, name: &str| {
        let shown: Vec<String> = column(sheet, title).iter().map(ToString::to_string).collect();
        let rows: Vec<String> = table.iter().map(|row| row.get(name).cloned().unwrap_or_default()).collect();
        assert_eq!(shown, rows, "{title}");
    };
    let rows = table(&out.join("tables/exceptions.parquet"));
    let shown = sheet(&book, "Exceptions");
    assert!(rows.len() > 10);
    for (title, name) in [
        ("Order file", "order_file"),
        ("Order row (from 0)", "order_row"),
        ("Order line", "order_line"),
        ("Order id", "order_id"),
        ("Account", "account"),
        ("Client", "client"),
        ("Latency (ns)", "latency"),
        ("Note", "note"),
    ] {
        same(shown, &rows, title, name);
    }
    let classes: Vec<String> = column(shown, "Class").iter().map(ToString::to_string).collect();
    assert_eq!(classes, rows.iter().map(|row| class_in_words(&row["class"])).collect::<Vec<_>>());
    // An instant in UTC, as text that Excel cannot round.
    let sent = column(shown, "Sent (UTC)");
    let instants = rows
        .iter()
        .map(|row| row.get("sent_at").map_or(Data::Empty, |ns| Data::String(colofair::record::Timestamp(ns.parse().unwrap()).to_string())));
    assert_eq!(sent, instants.collect::<Vec<_>>());

    let records = table(&out.join("tables/records.parquet"));
    let by_family = |family: &str| records.iter().filter(|row| row["code"].starts_with(family)).cloned().collect::<Vec<_>>();
    same(sheet(&book, "R Order records"), &by_family("R"), "Line", "line");
    same(sheet(&book, "R Order records"), &by_family("R"), "Code", "code");
    assert_eq!(book.iter().any(|(name, _)| name == "T Stamps and clocks"), !by_family("T").is_empty());
    // The first sheet counts the rows of every other.
    let summary = &book[0].1;
    for (name, rows) in &book[1..] {
        let line = summary.iter().find(|row| row[0] == Data::String(name.clone())).unwrap();
        assert_eq!(line[2], Data::Float((rows.len() - 1) as f64), "{name}");
    }
}

/// What a reader sees in place of a class.
fn class_in_words(class: &str) -> &'static str {
    match class {
        "matched" => "matched",
        "missing_receipt" => "no receipt",
        "ambiguous" => "ambiguous",
        "duplicate_order" => "duplicate order",
        "orphan_receipt" => "no order",
        "duplicate_receipt" => "duplicate receipt",
        other => panic!("{other}"),
    }
}

/// Rows of a CSV file for Excel, the head left out: our own hold no line ends within a field.
fn csv_rows(path: &Path) -> usize {
    fs::read_to_string(path).unwrap().lines().count() - 1
}

#[test]
fn a_sheet_that_cannot_hold_every_row_shows_some_of_each_class_and_says_where_the_rest_is() {
    const MOST: usize = 8;
    let work = tempfile::tempdir().unwrap();
    let world = ["simulate", "negative+missing+orphan+duplicate", "--orders", "4000", "--days", "2", "-q", "-o", "."];
    let made = colofair(work.path(), &world);
    assert_eq!(exit_code(&made), 0, "{}", stderr(&made));
    assert_eq!(exit_code(&colofair(work.path(), &["study", "study.toml", "-q", "--exit-zero"])), 0);
    let out = work.path().join("out");
    let rows = table(&out.join("tables/exceptions.parquet"));
    let all = rows.len();
    assert!(all > 2 * MOST);
    assert_eq!(exit_code(&colofair(work.path(), &["report", "out", "--format", "csv", "-q"])), 0);
    assert_eq!(csv_rows(&out.join("csv/exceptions.csv")), all);
    for (lang, name, class, says) in [
        ("zh-TW", "例外委託與收單", "類別", [format!("共 {all} 列，此處列出 {MOST} 列"), "無一遺漏".to_owned()]),
        ("en", "Exceptions", "Class", [format!("{MOST} of {all} rows"), "All of them".to_owned()]),
    ] {
        let few = ["report", "out", "--format", "xlsx", "-o", lang, "--lang", lang, "--workbook-rows", "8", "-q"];
        assert_eq!(exit_code(&colofair(work.path(), &few)), 0);
        let book = sheets(&work.path().join(lang).join("workpapers.xlsx"));
        let shown = sheet(&book, name);
        let note = shown[0][0].to_string();
        for said in says.iter().map(String::as_str).chain(["csv/exceptions.csv", "tables/exceptions.parquet"]) {
            assert!(note.contains(said), "{said}: {note}");
        }
        assert_eq!(shown.len(), MOST + 2, "a note, a head and the rows");
        // Every class has a part of them; of latencies below zero the most negative come first.
        let distinct = |classes: &mut dyn Iterator<Item = String>| classes.collect::<std::collections::BTreeSet<_>>().len();
        let classes = distinct(&mut column(&shown[1..], class).iter().map(ToString::to_string));
        assert_eq!(classes, distinct(&mut rows.iter().map(|row| row["class"].clone())));
        let mut negative: Vec<i64> =
            rows.iter().filter(|row| row["class"] == "matched").map(|row| row["latency"].parse().unwrap()).collect();
        negative.sort_unstable();
        let latency = if lang == "en" { "Latency (ns)" } else { "延遲 (ns)" };
        let figures = column(&shown[1..], latency).into_iter().filter_map(|cell| if let Data::Float(ns) = cell { Some(ns) } else { None });
        let below: Vec<f64> = figures.filter(|ns| *ns < 0.0).collect();
        assert!(!below.is_empty() && below.iter().zip(&negative).all(|(shown, most)| *shown == *most as f64), "{below:?} {negative:?}");
        let line = book[0].1.iter().find(|row| row[0] == Data::String(name.to_owned())).unwrap();
        assert_eq!((&line[2], &line[3]), (&Data::Float(MOST as f64), &Data::String(note)));
    }
    // All fit, nothing to say: as the study wrote it.
    let whole = ["report", "out", "--format", "xlsx", "-o", "whole", "--workbook-rows", "1000000", "-q"];
    assert_eq!(exit_code(&colofair(work.path(), &whole)), 0);
    let same = |folder: &str| sheets(&work.path().join(folder).join("workpapers.xlsx"));
    assert_eq!(sheet(&same("whole"), "例外委託與收單"), sheet(&same("out"), "例外委託與收單"));
}

/// A study whose names attack the documents.
fn hostile() -> (tempfile::TempDir, Vec<String>) {
    let long = "長".repeat(4_000);
    let names = ["=cmd|' /C calc'!A0", "+1+1", "-2+3", "@SUM(A1)", "<script>alert(1)</script>", "\u{202e}gnp.exe", "a|b", "]]>&x;", &long];
    let work = tempfile::tempdir().unwrap();
    let (mut orders, mut receipts) = (String::from("id,account,sent\n"), String::from("id,account,group,at\n"));
    for (at, name) in names.iter().enumerate() {
        let quoted = format!("\"{name}\"");
        receipts += &format!("K{at},{quoted},{quoted},2026-01-05T09:00:0{at}.0001+08:00\n");
        // The first half has no receipt, so that every name is an exception's or a match's.
        let id = if at % 2 == 0 { format!("K{at}") } else { format!("L{at}") };
        orders += &format!("{id},{quoted},2026-01-05T09:00:0{at}.0000+08:00\n");
    }
    fs::write(work.path().join("orders.csv"), orders).unwrap();
    fs::write(work.path().join("receipts.csv"), receipts).unwrap();
    let study = "[study]\ntitle = \"=HYPERLINK(1)<script>|x\"\n[orders]\npaths = [\"orders.csv\"]\n[orders.columns]\nreceipt_id = \"id\"\naccount = \"account\"\nsent_at = \"sent\"\n\
        [receipts]\npaths = [\"receipts.csv\"]\ncolumns = { receipt_id = \"id\", account = \"account\", group = \"group\", received_at = \"at\" }\n";
    fs::write(work.path().join("study.toml"), study).unwrap();
    (work, names.iter().map(|name| (*name).to_owned()).collect())
}

#[test]
fn hostile_names_are_inert_in_workbook_text_csv_and_charts() {
    let (work, names) = hostile();
    let done = colofair(work.path(), &["study", "study.toml", "-q", "--exit-zero"]);
    assert_eq!(exit_code(&done), 0, "{}", stderr(&done));
    assert_eq!(exit_code(&colofair(work.path(), &["report", "out", "--format", "csv", "-q"])), 0);
    let out = work.path().join("out");
    let mut book: Xlsx<_> = open_workbook(out.join("workpapers.xlsx")).unwrap();
    for name in book.sheet_names() {
        assert!(book.worksheet_formula(&name).unwrap().is_empty(), "{name} holds a formula");
    }
    let accounts = column(sheet(&sheets(&out.join("workpapers.xlsx")), "例外委託與收單"), "帳號");
    for name in ["=cmd|' /C calc'!A0", "+1+1", "-2+3", "<U+202E>gnp.exe", "<script>alert(1)</script>"] {
        assert!(accounts.contains(&Data::String(name.into())), "{name}: {accounts:?}");
    }
    assert!(accounts.contains(&Data::String(names[8].clone())), "4,000 characters are kept whole");
    for file in ["csv/exceptions.csv", "csv/groups.csv", "csv/pairs.csv", "csv/findings.csv"] {
        let text = fs::read_to_string(out.join(file)).unwrap();
        assert!(text.starts_with('\u{feff}') && text.ends_with("\r\n"), "{file}");
        for field in text.trim_start_matches('\u{feff}').split(['\n', ',']).map(|field| field.trim_start_matches('"')) {
            let number = field.trim_end().parse::<f64>().is_ok();
            assert!(number || !field.starts_with(['=', '+', '-', '@']), "{file}: {field}");
        }
    }
    for file in [PathBuf::from("report.md"), "charts/ecdf.svg".into(), "charts/waterfall.svg".into(), "report.html".into()] {
        let text = fs::read_to_string(out.join(&file)).unwrap();
        assert!(!text.contains("<script>alert") && !text.contains('\u{202e}'), "{}", file.display());
    }
}

#[test]
fn every_shell_is_completed_and_every_command_has_a_manual_page() {
    let work = tempfile::tempdir().unwrap();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let output = colofair(work.path(), &["completions", shell]);
        assert!(exit_code(&output) == 0 && stdout(&output).contains("recompute"), "{shell}");
    }
    let page = colofair(work.path(), &["man"]);
    assert!(exit_code(&page) == 0 && stdout(&page).contains(".TH colofair 1"), "{}", stdout(&page));
    assert_eq!(exit_code(&colofair(work.path(), &["man", "-o", "pages"])), 0);
    for name in ["colofair.1", "colofair-study.1", "colofair-report.1", "colofair-verify.1", "colofair-compare.1"] {
        assert!(work.path().join("pages").join(name).is_file(), "{name}");
    }
}
