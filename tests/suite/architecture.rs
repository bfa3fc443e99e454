//! Holds `src` to the layer order that `docs/architecture.md` draws, and to the rules of the house that a machine can check.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::support::repository;

/// Every module of the library, lowest first, with the modules it may use.
const LAYERS: &[(&str, &[&str])] = &[
    ("record", &[]),
    ("statistics", &["record"]),
    ("evidence", &["record"]),
    // Dated texts: what every check and every document cites.
    ("rules", &["record"]),
    ("simulate", &["record"]),
    ("ingest", &["record"]),
    // Evidence files: small tables, read by the readers of times that orders are read by.
    ("evidence_tables", &["record", "rules", "ingest"]),
    // The frame of a check: state, doubt, the law of the date.
    ("checks", &["record", "rules", "evidence_tables"]),
    ("controls", &["record", "rules", "evidence_tables", "checks"]),
    ("cross_evidence", &["record", "rules", "evidence_tables", "checks"]),
    ("reconcile", &["record"]),
    ("measure", &["record", "reconcile", "statistics"]),
    ("timestamps", &["record", "reconcile", "measure", "statistics"]),
    ("fairness", &["record", "measure", "statistics", "timestamps"]),
    // The record of the orders itself: plain findings, no words.
    ("order_records", &["record", "reconcile", "statistics"]),
    ("benchmark", &["statistics"]),
    // The difference of two studies' estimates.
    ("comparison", &["statistics"]),
    // Its intervals are those of the verdict's overtaking asymmetry.
    ("priority", &["record", "measure", "statistics", "timestamps", "fairness"]),
    // Who connects first and who sits on the quiet line are told by the rules of priority.
    ("access", &["record", "statistics", "rules", "evidence_tables", "checks", "priority"]),
    ("calibrate", &["record", "statistics", "simulate", "measure", "timestamps", "fairness"]),
    (
        "config",
        &["record", "rules", "ingest", "evidence_tables", "access", "reconcile", "measure", "order_records", "fairness", "priority"],
    ),
    ("report", &["record", "evidence", "comparison", "ingest", "reconcile", "measure"]),
    ("inspect", &["record", "ingest", "reconcile", "report"]),
    (
        "study",
        &[
            "record",
            "statistics",
            "evidence",
            "rules",
            "ingest",
            "evidence_tables",
            "checks",
            "access",
            "controls",
            "cross_evidence",
            "reconcile",
            "measure",
            "timestamps",
            "order_records",
            "fairness",
            "priority",
            "config",
            "report",
        ],
    ),
];

/// The crates below the library, each a folder of `src`.
const CRATES: &[&str] = &["orders", "method"];

/// Modules of the binary, which see the library by its public face.
const BINARY: &[&str] = &["main", "cli"];

/// Where an outside crate may appear: path prefixes below `src`.
const HOMES: &[(&str, &[&str])] = &[
    ("calamine", &["evidence_tables/workbook.rs"]),
    ("chrono", &["record", "simulate/text"]),
    ("chrono_tz", &["record"]),
    ("clap", &["cli"]),
    ("clap_complete", &["cli"]),
    ("clap_mangen", &["cli/shell.rs"]),
    ("csv_core", &["ingest/csv"]),
    ("flate2", &["ingest/text", "simulate/text"]),
    ("glob", &["ingest/paths.rs"]),
    ("indicatif", &["cli/progress.rs"]),
    ("memchr", &["ingest"]),
    ("mimalloc", &["cli/allocator.rs"]),
    ("minijinja", &["report"]),
    ("parquet", &["ingest", "report/pseudonyms.rs", "report/table_rows.rs", "report/tables.rs", "simulate/table.rs"]),
    ("plotters", &["report/charts"]),
    ("polars", &["measure/breakdown.rs"]),
    ("regex", &["ingest/transform.rs"]),
    ("rand_chacha", &["simulate", "fairness/beside/placebo.rs"]),
    ("rust_xlsxwriter", &["evidence_tables/template.rs", "report/workbook"]),
    ("rustix", &["cli/fault.rs", "cli/mod.rs", "report/output.rs"]),
    ("serde", &["benchmark.rs", "comparison.rs", "config", "evidence", "fairness/state", "report", "study"]),
    ("serde_json", &["cli", "evidence", "fairness/state", "ingest/json/keys.rs", "inspect", "report", "simulate", "study"]),
    ("sha2", &["evidence", "fairness/state", "record/key.rs"]),
    (
        "tempfile",
        &["cli/bench.rs", "cli/browser.rs", "cli/verify.rs", "ingest", "report/output.rs", "report/rerender.rs", "report/staging.rs"],
    ),
    ("toml", &["config"]),
    ("wide", &["ingest/block.rs"]),
    ("zip", &["evidence_tables/inflated.rs"]),
    ("zstd", &["ingest/text", "simulate/text"]),
];

/// The most production lines a file may hold.
const MAX_LINES: usize = 500;

#[test]
fn a_layer_uses_only_the_layers_below_it() {
    let mut violations = Vec::new();
    for (path, text) in sources() {
        let layer = layer_of(&path);
        if layer == "lib" || BINARY.contains(&layer) {
            continue;
        }
        let allowed = LAYERS.iter().find(|(name, _)| *name == layer).map_or(&[][..], |(_, allowed)| allowed);
        for used in crate_paths(&text).into_iter().filter(|used| used != layer && !allowed.contains(&used.as_str())) {
            violations.push(format!("{}: {layer} may not use {used}", path.display()));
        }
    }
    assert!(violations.is_empty(), "{}", violations.join("\n"));
}

#[test]
fn the_binary_sees_the_library_by_its_public_face_only() {
    for (path, text) in sources().into_iter().filter(|(path, _)| BINARY.contains(&layer_of(path))) {
        let inside: Vec<String> = crate_paths(&text).into_iter().filter(|used| !BINARY.contains(&used.as_str())).collect();
        assert!(inside.is_empty(), "{}: {inside:?}", path.display());
    }
    for (path, text) in sources().into_iter().filter(|(path, _)| !BINARY.contains(&layer_of(path))) {
        assert!(
            layer_of(&path) == "lib" || !["colofair::", "colofair_"].iter().any(|name| text.contains(name)),
            "{}: write crate::",
            path.display()
        );
    }
}

#[test]
fn the_layer_table_is_ordered_and_complete() {
    for (at, (layer, allowed)) in LAYERS.iter().enumerate() {
        let below: Vec<&str> = LAYERS[..at].iter().map(|(name, _)| *name).collect();
        let upward = allowed.iter().find(|name| !below.contains(name));
        assert_eq!(upward, None, "{layer} reaches up");
    }
    let module = |line: &str| Some(line.trim_start_matches("pub ").strip_prefix("mod ")?.strip_suffix(';')?.to_owned());
    let crates = ["src/lib.rs", "src/orders/lib.rs", "src/method/lib.rs"].map(|lib| fs::read_to_string(repository(lib)).unwrap());
    let declared: BTreeSet<String> = crates.iter().flat_map(|lib| lib.lines().filter_map(module)).collect();
    let known: BTreeSet<String> = LAYERS.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert!(declared.is_subset(&known), "not in the table: {:?}", declared.difference(&known));
    assert!(known.is_subset(&declared), "gone from src: {:?}", known.difference(&declared));
}

/// The table of docs/architecture.md, by which a reader learns the layers, is the one they are held to.
#[test]
fn the_documents_layers_are_these() {
    let document = fs::read_to_string(repository("docs/architecture.md")).unwrap();
    let names = |text: &str| text.split(", ").map(str::to_owned).collect::<BTreeSet<String>>();
    let mut told = 0;
    for row in document.lines().filter(|line| line.starts_with("| `src/")) {
        let cells: Vec<&str> = row.trim_matches('|').split(" | ").map(str::trim).collect();
        let folders = cells[0].split(", ").map(|folder| folder.trim_matches('`').trim_end_matches(".rs"));
        for layer in folders.map(|folder| folder.rsplit('/').next().unwrap()) {
            let Some((_, allowed)) = LAYERS.iter().find(|(name, _)| *name == layer) else {
                assert!(BINARY.contains(&layer), "{layer} is no layer");
                continue;
            };
            let expected: BTreeSet<String> = allowed.iter().map(|name| (*name).to_owned()).collect();
            let sees = if cells[2] == "nothing" { BTreeSet::new() } else { names(cells[2]) };
            assert_eq!(sees, expected, "{layer}");
            told += 1;
        }
    }
    assert_eq!(told, LAYERS.len());
}

/// The homes that the table of dependencies in docs/architecture.md names are where each crate is used, module by module.
#[test]
fn the_documents_dependencies_are_used_where_it_says() {
    let document = fs::read_to_string(repository("docs/architecture.md")).unwrap();
    let (_, table) = document.split_once("\n## Dependencies").unwrap();
    let mut wrong = Vec::new();
    for row in table.split("\n## ").next().unwrap().lines().filter(|line| line.starts_with("| ") && !line.starts_with("| crate")) {
        let cells: Vec<&str> = row.trim_matches('|').split(" | ").map(str::trim).collect();
        let crates: Vec<String> = cells[0].split(", ").map(|name| name.replace('-', "_")).collect();
        let told: BTreeSet<&str> = cells[1].split(", ").map(|home| home.split('/').next().unwrap()).collect();
        if ["tests", "python"].iter().any(|outside| told.contains(outside)) {
            continue;
        }
        let used = |path: &Path, text: &str| crates.iter().any(|krate| uses(text, krate)).then(|| layer_of(path).to_owned());
        let found: BTreeSet<String> = sources().iter().filter_map(|(path, text)| used(path, text)).collect();
        if found.iter().map(String::as_str).collect::<BTreeSet<_>>() != told {
            wrong.push(format!("{}: {}", cells[0], found.into_iter().collect::<Vec<_>>().join(", ")));
        }
    }
    assert!(wrong.is_empty(), "used in\n{}", wrong.join("\n"));
}

#[test]
fn outside_crates_stay_in_their_homes() {
    for (path, text) in sources() {
        for (krate, homes) in HOMES {
            let at_home = homes.iter().any(|home| path.starts_with(home)) || homes.contains(&format!("{}.rs", layer_of(&path)).as_str());
            assert!(!uses(&text, krate) || at_home, "{}: {krate} belongs in {homes:?}", path.display());
        }
    }
}

#[test]
fn paths_are_spelled_from_the_crate_root() {
    for (path, text) in sources() {
        assert!(!text.contains("super::"), "{}: write crate:: paths", path.display());
    }
}

#[test]
fn nothing_is_unwrapped_and_the_library_prints_nothing() {
    for (path, text) in sources() {
        assert!(!text.contains(".unwrap()"), "{}: say in an expect why it cannot happen", path.display());
        let prints = ["println!", "eprintln!", "print!(", "dbg!("].into_iter().find(|print| text.contains(print));
        assert_eq!(prints, None, "{}: only cli prints", path.display());
    }
}

#[test]
fn only_the_binary_reads_the_clock_and_the_environment() {
    for (path, text) in sources().into_iter().filter(|(path, _)| !BINARY.contains(&layer_of(path))) {
        for read in ["SystemTime::now", "Instant::now", "Utc::now", "Local::now", "std::env", "env::var"] {
            assert!(!text.contains(read), "{}: {read}", path.display());
        }
    }
}

#[test]
fn every_file_opens_with_what_it_is_for_and_stays_small() {
    for (path, whole) in texts() {
        assert!(whole.starts_with("//! "), "{}: no //! head", path.display());
        let lines = production_text(&whole).lines().count();
        assert!(lines <= MAX_LINES, "{}: {lines} lines, at most {MAX_LINES}", path.display());
    }
}

/// A page that an opposing expert reads names the file that holds each part: it has to be there.
#[test]
fn every_path_of_this_repository_that_a_page_names_is_there() {
    let mut pages: Vec<PathBuf> = fs::read_dir(repository("docs")).unwrap().map(|entry| entry.unwrap().path()).collect();
    pages.extend(["README.md", "README.zh-TW.md", "CONTRIBUTING.md", "benches/README.md"].map(repository));
    let (mut seen, mut gone) = (0, Vec::new());
    for page in pages.iter().filter(|page| page.extension().is_some_and(|extension| extension == "md")) {
        let text = fs::read_to_string(page).unwrap();
        for path in text.split('`').skip(1).step_by(2).filter(|path| path.starts_with("src/") || path.starts_with("tests/")) {
            if path.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/_.-".contains(&byte)) {
                seen += 1;
                gone.extend((!repository(path).exists()).then(|| format!("{}: {path}", page.display())));
            }
        }
    }
    assert!(gone.is_empty() && seen > 30, "{seen} seen, gone: {gone:#?}");
}

/// Every file below `src`: its path there and its production text.
fn sources() -> Vec<(PathBuf, String)> {
    texts().into_iter().map(|(path, text)| (path, production_text(&text))).collect()
}

/// Every file below `src` but test modules in files of their own.
fn texts() -> Vec<(PathBuf, String)> {
    let src = repository("src");
    let (mut found, mut folders) = (Vec::new(), vec![src.clone()]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "rs") && !is_test_module(&path) {
                found.push((in_its_crate(path.strip_prefix(&src).unwrap()), fs::read_to_string(&path).unwrap()));
            }
        }
    }
    assert!(found.len() > 50, "src was not found");
    found
}

/// The path within its crate: the lower two have a folder of their own.
fn in_its_crate(path: &Path) -> PathBuf {
    CRATES.iter().find_map(|name| path.strip_prefix(name).ok()).unwrap_or(path).to_path_buf()
}

/// A file that its parent declares under `#[cfg(test)]`.
fn is_test_module(path: &Path) -> bool {
    if path.components().any(|part| part.as_os_str() == "tests") {
        return true;
    }
    let name = path.file_stem().unwrap().to_string_lossy().into_owned();
    let parent = fs::read_to_string(path.with_file_name("mod.rs")).unwrap_or_default();
    ["mod", "pub mod", "pub(crate) mod"].iter().any(|declared| parent.contains(&format!("#[cfg(test)]\n{declared} {name};")))
}

fn layer_of(path: &Path) -> &str {
    let first = path.iter().next().unwrap().to_str().unwrap();
    first.strip_suffix(".rs").unwrap_or(first)
}

/// The text above the test module, comments blanked.
fn production_text(text: &str) -> String {
    let above_tests = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    let code: Vec<&str> = above_tests.lines().map(|line| line.split("//").next().unwrap_or_default()).collect();
    code.join("\n")
}

/// Whether `krate::` stands in the text as a whole name.
fn uses(text: &str, krate: &str) -> bool {
    let name = format!("{krate}::");
    let whole = |at: usize| !text[..at].ends_with(|before: char| before.is_alphanumeric() || before == '_' || before == ':');
    text.match_indices(&name).any(|(at, _)| whole(at))
}

/// The first name after every `crate::`, members of a `{…}` group included.
fn crate_paths(text: &str) -> BTreeSet<String> {
    let whole = |at: usize| !text[..at].ends_with(|before: char| before.is_alphanumeric() || before == '_');
    let tails = text.match_indices("crate::").filter(|(at, _)| whole(*at)).map(|(at, found)| &text[at + found.len()..]);
    tails.flat_map(|tail| tail.strip_prefix('{').map_or(vec![first_name(tail)], group)).collect()
}

/// The leading name of each member of `a, b::{c, d}, e}`.
fn group(text: &str) -> Vec<String> {
    let (mut depth, mut names, mut member) = (0, Vec::new(), String::new());
    for character in text.chars() {
        match character {
            '}' if depth == 0 => break,
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => names.push(first_name(&std::mem::take(&mut member))),
            _ if depth == 0 => member.push(character),
            _ => (),
        }
    }
    names.push(first_name(&member));
    names
}

fn first_name(text: &str) -> String {
    text.trim_start().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
}
