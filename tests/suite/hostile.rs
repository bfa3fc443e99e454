//! Files made to do harm: bytes at random into every entry point, names that steer a terminal or pass for others, paths that lead elsewhere,
//! rows and headers without end. The functions that the fuzz targets call are called here with small random inputs.

use std::fs;
use std::path::Path;

use proptest::prelude::*;
use serde_json::Value;

use crate::support::{colofair, exit_code, files, program, repository, result, stderr, stdout};

#[path = "../../fuzz/src/readers.rs"]
mod readers;
#[path = "../../fuzz/src/whole.rs"]
mod whole;

type Entry = (&'static str, fn(&[u8]));

/// Every fuzz target: its name, which is that of its folder of seeds, and what it calls.
const ENTRIES: [Entry; 17] = [
    ("columnar", readers::columnar),
    ("delimited", readers::delimited),
    ("encodings", readers::encodings),
    ("evidence", whole::evidence),
    ("expression", whole::expression),
    ("fix", readers::fix),
    ("fixed", readers::fixed),
    ("json", readers::json),
    ("layout", whole::layout),
    ("lines", readers::lines),
    ("linker", readers::linker),
    ("stored", whole::stored),
    ("study_day", whole::study_day),
    ("study_toml", whole::study_toml),
    ("survey", readers::survey_any),
    ("times", readers::times),
    ("workbook", whole::workbook),
];

/// The seeds of a target and the inputs that once broke it, which stay fixtures.
fn seeds(target: &str) -> Vec<Vec<u8>> {
    let folder = repository("fuzz/seeds").join(target);
    let mut names: Vec<_> =
        fs::read_dir(&folder).unwrap_or_else(|_| panic!("no seeds of {target}")).map(|entry| entry.unwrap().path()).collect();
    names.sort();
    names.iter().map(|path| fs::read(path).unwrap()).collect()
}

#[test]
fn every_fuzz_target_has_seeds_and_keeps_its_promises_on_them() {
    let folders = fs::read_dir(repository("fuzz/seeds")).unwrap().count();
    let targets = fs::read_dir(repository("fuzz/fuzz_targets")).unwrap().count();
    assert_eq!((folders, targets), (ENTRIES.len(), ENTRIES.len()));
    for (target, entry) in ENTRIES {
        let seeds = seeds(target);
        assert!(!seeds.is_empty(), "{target}");
        seeds.iter().for_each(|seed| entry(seed));
    }
}

/// The seed of a study-day is one that this version writes: `UPDATE_GOLDEN=1` writes it again where the schema has a new version.
#[test]
fn the_seed_of_a_study_day_is_one_that_this_version_writes() {
    use colofair::fairness::Evidence;
    use colofair::fairness::state::{Origin, StudyDay, by_day};
    use colofair::simulate::{Options, World, WorldSettings, matched};
    let world = World::named("fair", &WorldSettings::default()).unwrap();
    let orders = matched(&world, &Options { orders: 60, days: 1, seed: 3, ..Options::default() }).unwrap();
    let zone = colofair::record::Zone::named("Asia/Taipei").unwrap();
    let (date, orders) = by_day(&orders, zone).swap_remove(0);
    let evidence = Evidence { groups: vec![Default::default(); orders.names.groups.len()], ..Evidence::default() };
    let origin = Origin { subject: "broker".to_owned(), rules: "rules".to_owned(), tool: "colofair".to_owned() };
    let day = StudyDay::of(origin, date, zone, &orders, &evidence).unwrap().to_bytes();
    let path = repository("fuzz/seeds/study_day/day");
    let seed = [&[0], &day[..]].concat();
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, &seed).unwrap();
    }
    assert!(fs::read(&path).unwrap() == seed);
    assert!(StudyDay::from_bytes(&day).is_ok());
}

/// A seed with bytes changed, taken out, doubled and joined with another seed's.
fn damage(seeds: &[Vec<u8>], changes: &[(usize, usize, u8)]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (at, (kind, place, byte)) in changes.iter().enumerate() {
        if at == 0 || bytes.is_empty() {
            bytes = seeds[place % seeds.len()].clone();
        }
        if bytes.is_empty() {
            continue;
        }
        let place = place % bytes.len();
        match kind % 6 {
            0 => bytes[place] = *byte,
            1 => drop(bytes.remove(place)),
            2 => bytes.insert(place, *byte),
            3 => bytes.truncate(place),
            4 => bytes.extend_from_within(place..(place + usize::from(*byte)).min(bytes.len())),
            _ => {
                let other = &seeds[usize::from(*byte) % seeds.len()];
                let from = place.min(other.len());
                bytes.splice(place.., other[from..].iter().copied());
            }
        }
    }
    bytes
}

proptest! {
    // The same inputs in every run: what fails fails for everybody.
    #![proptest_config(ProptestConfig { cases: 24, rng_seed: proptest::test_runner::RngSeed::Fixed(11), failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn damaged_seeds_break_no_promise(changes in prop::collection::vec((0_usize..6, 0_usize..1 << 16, any::<u8>()), 1..8)) {
        for (target, entry) in ENTRIES {
            entry(&damage(&seeds(target), &changes));
        }
    }

    #[test]
    fn bytes_at_random_break_no_promise(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        ENTRIES.iter().for_each(|(_, entry)| entry(&bytes));
    }
}

/// Three kilobytes that ask for two gigabytes are refused before anything is put aside for them; rows without a value are no rows.
#[test]
fn an_arrow_file_that_claims_what_it_does_not_hold_is_a_damaged_file() {
    use arrow::array::{ArrayRef, NullArray, RecordBatch, StringArray};
    use arrow::ipc::CompressionType;
    use arrow::ipc::writer::{FileWriter, IpcWriteOptions};
    use std::sync::Arc;
    let folder = tempfile::tempdir().unwrap();
    study_of(folder.path(), &["a", "b"]);
    fs::write(folder.path().join("claims.arrow"), fs::read(repository("fuzz/seeds/columnar/rows-of-nothing")).unwrap()).unwrap();
    let nothing: ArrayRef = Arc::new(NullArray::new(500));
    let full: ArrayRef = Arc::new(StringArray::from(vec!["x"; 500]));
    let columns = [("id", &nothing), ("account", &nothing), ("group", &nothing), ("at", &nothing), ("else", &full)];
    let batch = RecordBatch::try_from_iter(columns.map(|(name, column)| (name, column.clone()))).unwrap();
    let mut writer = FileWriter::try_new(fs::File::create(folder.path().join("nothing.arrow")).unwrap(), &batch.schema()).unwrap();
    writer.write(&batch).unwrap();
    writer.finish().unwrap();
    let columns = ["id", "account", "group", "at"].map(|name| (name, full.clone()));
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    for (name, codec) in [("lz4", CompressionType::LZ4_FRAME), ("zstd", CompressionType::ZSTD)] {
        let options = IpcWriteOptions::default().try_with_compression(Some(codec)).unwrap();
        let mut writer = FileWriter::try_new_with_options(Vec::new(), &batch.schema(), options).unwrap();
        writer.write(&batch).unwrap();
        writer.finish().unwrap();
        let mut bytes = writer.into_inner().unwrap();
        fs::write(folder.path().join(format!("{name}_whole.arrow")), &bytes).unwrap();
        // 500 texts of one byte, in front of them their length unpacked.
        let length = 500_u64.to_le_bytes();
        let at = bytes.windows(8).rposition(|window| window == length).expect("a compressed buffer");
        bytes[at..at + 8].copy_from_slice(&(1_u64 << 40).to_le_bytes());
        fs::write(folder.path().join(format!("{name}.arrow")), &bytes).unwrap();
    }
    let own = "receipt_id = \"id\"\naccount = \"account\"\ngroup = \"group\"\nreceived_at = \"at\"";
    for (file, columns, said) in [
        (
            "claims",
            "receipt_id = \"client_order_id\"\ngroup = \"client_group\"\nreceived_at = \"received_ts\"",
            "its footer claims more bytes",
        ),
        ("nothing", own, "are all of Arrow's type null"),
        ("lz4", own, "claim more than its bytes can hold"),
        ("zstd", own, "claim more than its bytes can hold"),
        // Packed the same, and true: read row by row, and no row has a time.
        ("lz4_whole", own, ""),
        ("zstd_whole", own, ""),
    ] {
        let text = format!(
            "[study]\ntimezone = \"Asia/Taipei\"\n[orders]\npaths = [\"o.csv\"]\n[orders.columns]\nreceipt_id = \"id\"\naccount = \"account\"\nsent_at = \"at\"\n\
             [receipts]\npaths = [\"{file}.arrow\"]\nformat = \"arrow\"\n[receipts.columns]\n{columns}\n"
        );
        fs::write(folder.path().join("study.toml"), text).unwrap();
        let output = colofair(folder.path(), &["check", "study.toml", "--lang", "en"]);
        let told = stderr(&output);
        let refused = told.contains("E0209") && told.contains(said);
        assert_eq!((exit_code(&output), refused), (2, !said.is_empty()), "{file}: {told}");
    }
}

/// A study of two groups, the accounts as given, one order and receipt of each.
fn study_of(folder: &Path, accounts: &[&str]) {
    let quoted = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
    let rows = |side: &str| {
        let row = |(at, account): (usize, &&str)| {
            let (group, second) = (if at % 2 == 0 { "A" } else { "B" }, at % 60);
            let micro = if side == "o" { 50 + at } else { 0 };
            format!("K{at},{},{group},2026-01-05T09:00:{second:02}.{micro:06}\n", quoted(account))
        };
        accounts.iter().enumerate().map(row).collect::<String>()
    };
    for side in ["o", "r"] {
        fs::write(folder.join(format!("{side}.csv")), format!("id,account,group,at\n{}", rows(side))).unwrap();
    }
    let text = "[study]\nlanguage = \"en\"\n[orders]\npaths = [\"o.csv\"]\ncolumns = { receipt_id = \"id\", account = \"account\", sent_at = \"at\" }\n\
                [receipts]\npaths = [\"r.csv\"]\ncolumns = { receipt_id = \"id\", account = \"account\", group = \"group\", received_at = \"at\" }\n";
    fs::write(folder.join("study.toml"), text).unwrap();
}

/// Neither the escape character nor anything else that a terminal obeys, but line ends.
#[track_caller]
fn assert_inert(text: &str) {
    let steers = |character: &char| character.is_control() && *character != '\n' || colofair::record::is_unseen(*character);
    assert!(!text.chars().any(|character| steers(&character)), "{text:?}");
}

const HOSTILE: [&str; 7] = [
    "\u{1b}[2J\u{1b}[1;31mowned",
    "\u{9b}31m",
    "\u{202e}321\u{202c}",
    "a\u{8}\u{8}b",
    "\u{1b}]0;title\u{7}",
    "x\u{200b}y",
    "<script>alert(1)</script>=cmd|' /C calc'!A0",
];

#[test]
fn nothing_in_a_name_steers_the_terminal() {
    let folder = tempfile::tempdir().unwrap();
    study_of(folder.path(), &HOSTILE);
    for arguments in [
        &["check", "study.toml", "--color", "always"][..],
        &["study", "study.toml", "-v"],
        &["inspect", "o.csv", "r.csv"],
        &["init", "o.csv", "r.csv", "-o", "new.toml"],
        &["compare", "out", "out"],
        &["verify", "out"],
        &["explain", HOSTILE[0]],
        &["study", HOSTILE[0]],
        &["report", HOSTILE[4]],
    ] {
        for lang in ["zh-TW", "en"] {
            let output = program(folder.path(), arguments).args(["--lang", lang]).output().unwrap();
            let plain = stdout(&output).replace("\u{1b}[1m", "").replace("\u{1b}[0m", "");
            let plain = ["31", "32", "33"].iter().fold(plain, |text, code| text.replace(&format!("\u{1b}[1;{code}m"), ""));
            assert_inert(&plain);
            assert_inert(&stderr(&output));
        }
    }
    // A row that cannot be read is shown in an error, and a header too.
    fs::write(folder.path().join("o.csv"), "id,\u{1b}[31mx\u{202e},at\n").unwrap();
    let output = colofair(folder.path(), &["check", "study.toml"]);
    assert_eq!(exit_code(&output), 2);
    assert_inert(&stderr(&output));
}

#[test]
fn accounts_that_look_alike_are_told_apart_and_named_before_anything_else() {
    let folder = tempfile::tempdir().unwrap();
    // Latin A and Cyrillic А, a full-width digit, a zero width space, a mark that turns the direction of text.
    study_of(folder.path(), &["A1", "\u{410}1", "A\u{ff11}", "A\u{200b}1", "\u{202e}1A", "B7", "B8"]);
    for command in ["check", "study"] {
        let output = program(folder.path(), &[command, "study.toml", "--exit-zero"]).output().unwrap();
        assert_eq!(exit_code(&output), 0, "{}", stderr(&output));
        let found = result(&folder.path().join("out"));
        let alerts: Vec<&str> = found["alerts"].as_array().unwrap().iter().map(|alert| alert["en"].as_str().unwrap()).collect();
        assert!(alerts[0].starts_with("3 of the accounts, clients or groups look like another one"), "{alerts:?}");
        assert!(alerts[0].contains("character 1 is U+0041 and U+0410"), "{alerts:?}");
        assert!(alerts[1].starts_with("2 of the accounts, clients or groups hold characters that nobody sees"), "{alerts:?}");
        assert!(stdout(&output).contains("look like another one"), "{}", stdout(&output));
        // Each is a client of its own.
        let clients: u64 = found["groups"].as_array().unwrap().iter().map(|group| group["clients"].as_u64().unwrap()).sum();
        assert_eq!((clients, found["reconciliation"]["matched"].as_u64()), (7, Some(7)));
    }
    study_of(folder.path(), &["0012345", "12345", "A1", "a1", "王小明"]);
    assert_eq!(exit_code(&colofair(folder.path(), &["study", "study.toml", "-q", "--exit-zero"])), 0);
    assert_eq!(result(&folder.path().join("out"))["alerts"], Value::Array(Vec::new()));
}

#[test]
fn accounts_are_never_in_what_a_run_says_of_itself() {
    let folder = tempfile::tempdir().unwrap();
    let accounts = ["ACCOUNT-7391", "ACCOUNT-7392", "ACCOUNT-7393", "ACCOUNT-7394"];
    study_of(folder.path(), &accounts);
    for arguments in [&["check", "study.toml", "-v"][..], &["study", "study.toml", "-v"], &["study", "study.toml", "-q"]] {
        let output = colofair(folder.path(), arguments);
        assert!(!stderr(&output).contains("ACCOUNT-"), "{}", stderr(&output));
        assert!(!stdout(&output).contains("ACCOUNT-"), "{}", stdout(&output));
    }
}

#[cfg(unix)]
#[test]
fn a_private_result_is_its_owners_alone_and_an_ordinary_one_is_as_open_as_any_file() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    study_of(folder.path(), &["A1", "B1", "A2", "B2"]);
    let modes = |out: &Path| {
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        let mut open = vec![out.to_path_buf()];
        let (mut of_folders, mut of_files) = (vec![], vec![]);
        while let Some(place) = open.pop() {
            of_folders.push(mode(&place));
            for entry in fs::read_dir(&place).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() { open.push(path) } else { of_files.push(mode(&path)) }
            }
        }
        (of_folders, of_files)
    };
    for (umask, private, of_folder, of_file) in
        [("022", "", 0o755, 0o644), ("022", "--private", 0o700, 0o600), ("027", "", 0o750, 0o640), ("002", "--private", 0o700, 0o600)]
    {
        let program = env!("CARGO_BIN_EXE_colofair");
        let script = format!(
            "umask {umask}; '{program}' study study.toml -q --exit-zero {private} && '{program}' report out --format md --lang zh-TW -q {private}"
        );
        let output = std::process::Command::new("sh").args(["-c", &script]).current_dir(folder.path()).output().unwrap();
        assert_eq!(exit_code(&output), 0, "{}", stderr(&output));
        let (folders, files) = modes(&folder.path().join("out"));
        assert!(folders.iter().all(|mode| *mode == of_folder), "{umask} {private}: {folders:?}");
        assert!(files.len() > 5 && files.iter().all(|mode| *mode == of_file), "{umask} {private}: {files:?}");
    }
}

#[cfg(unix)]
#[test]
fn a_pipe_or_a_device_is_no_input_and_the_way_for_pipes_is_named() {
    use crate::messages::assert_said;
    let folder = tempfile::tempdir().unwrap();
    study_of(folder.path(), &["A1", "B1"]);
    let text = fs::read_to_string(folder.path().join("study.toml")).unwrap().replace("language = \"en\"", "");
    let made = std::process::Command::new("mkfifo").arg(folder.path().join("fifo.csv")).status().unwrap();
    assert!(made.success());
    let evidence =
        "[rules]\nsource = \"r\"\nfrom = \"2026-01-05\"\nto = \"2026-01-05\"\n[controls]\nfirewall_log_folders = { \"FW\" = \"logs\" }\n";
    for (paths, place) in [("fifo.csv", "fifo.csv"), ("f*.csv", "fifo.csv"), ("/dev/zero", "/dev/zero"), ("/dev/stdin", "/dev/stdin")] {
        fs::write(folder.path().join("study.toml"), text.replacen("o.csv", paths, 1)).unwrap();
        for lang in ["zh-TW", "en"] {
            let mut child = program(folder.path(), &["check", "study.toml", "-q", "--lang", lang]);
            child.stdin(std::process::Stdio::piped()).stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
            let output = child.spawn().unwrap().wait_with_output().unwrap();
            let told = stderr(&output);
            assert_eq!(exit_code(&output), 2, "{paths}: {told}");
            assert!(told.contains("error[E0224]") && told.contains(place) && told.contains("\"-\""), "{paths}: {told}");
        }
    }
    // A link to a file is one.
    std::os::unix::fs::symlink("o.csv", folder.path().join("link.csv")).unwrap();
    fs::write(folder.path().join("study.toml"), text.replacen("o.csv", "link.csv", 1)).unwrap();
    assert_eq!(exit_code(&colofair(folder.path(), &["check", "study.toml", "-q"])), 0);
    assert_said("a pipe to inspect", folder.path(), &["inspect", "fifo.csv"], "E0224", "fifo.csv");
    assert_said("a pipe for a study", folder.path(), &["check", "fifo.csv"], "E0100", "fifo.csv");
    assert_said("a device for a study", folder.path(), &["study", "/dev/zero"], "E0100", "/dev/zero");
    fs::write(folder.path().join("study.toml"), &text).unwrap();
    for key in ["fifo.csv", "/dev/zero"] {
        assert_said("no key", folder.path(), &["study", "study.toml", "--pseudonyms", key], "E0412", key);
    }
    for layout in ["fifo.csv", "/dev/zero"] {
        let fixed = text.replacen("paths", &format!("format = \"fixed:{layout}\"\npaths"), 1);
        fs::write(folder.path().join("study.toml"), fixed).unwrap();
        assert_said("no layout", folder.path(), &["check", "study.toml"], "E0106", layout);
    }
    fs::create_dir(folder.path().join("logs")).unwrap();
    std::os::unix::fs::symlink("../fifo.csv", folder.path().join("logs/fw.log")).unwrap();
    fs::write(folder.path().join("study.toml"), text + evidence).unwrap();
    assert_said("a pipe among logs", folder.path(), &["controls", "study.toml"], "E0224", "fw.log");
}

#[test]
fn a_study_or_a_layout_that_is_no_small_file_is_refused_before_it_is_read() {
    use crate::messages::assert_said;
    let folder = tempfile::tempdir().unwrap();
    study_of(folder.path(), &["A1", "B1"]);
    // A hole of the file system: it takes no space, and read whole it would.
    fs::File::create(folder.path().join("big.toml")).unwrap().set_len(1 << 40).unwrap();
    assert_said("a study", folder.path(), &["check", "big.toml"], "E0100", "big.toml");
    let text = fs::read_to_string(folder.path().join("study.toml")).unwrap().replace("language = \"en\"", "");
    fs::write(folder.path().join("study.toml"), text.replacen("paths", "format = \"fixed:big.toml\"\npaths", 1)).unwrap();
    assert_said("a layout", folder.path(), &["check", "study.toml"], "E0106", "big.toml");
    fs::write(folder.path().join("study.toml"), text).unwrap();
    assert_said("a key", folder.path(), &["study", "study.toml", "--pseudonyms", "big.toml"], "E0412", "big.toml");
}

#[test]
fn standard_input_is_given_once() {
    let folder = tempfile::tempdir().unwrap();
    study_of(folder.path(), &["A1", "B1"]);
    let text = fs::read_to_string(folder.path().join("study.toml")).unwrap();
    fs::write(folder.path().join("study.toml"), text.replace("o.csv", "-").replace("r.csv", "-")).unwrap();
    for lang in ["zh-TW", "en"] {
        let mut child = program(folder.path(), &["check", "study.toml", "-q", "--lang", lang]);
        child.stdin(fs::File::open(folder.path().join("o.csv")).unwrap());
        let output = child.output().unwrap();
        assert!(exit_code(&output) == 2 && stderr(&output).contains("error[E0203]"), "{}", stderr(&output));
        assert!(stderr(&output).contains(if lang == "en" { "given once" } else { "只能給一次" }), "{}", stderr(&output));
    }
    let mut child = program(folder.path(), &["inspect", "-", "-", "--lang", "en"]);
    child.stdin(fs::File::open(folder.path().join("o.csv")).unwrap());
    let output = child.output().unwrap();
    assert!(exit_code(&output) == 2 && stderr(&output).contains("given once"), "{}", stderr(&output));
}

#[test]
fn a_number_of_threads_has_a_bound() {
    let folder = tempfile::tempdir().unwrap();
    study_of(folder.path(), &["A1", "B1"]);
    for (threads, code) in [("0", 2), ("513", 2), ("100000", 2), ("-1", 2), ("many", 2), ("3", 0)] {
        let output = colofair(folder.path(), &["check", "study.toml", "-q", &format!("--threads={threads}")]);
        assert_eq!(exit_code(&output), code, "{threads}: {}", stderr(&output));
        assert!(code == 0 || stderr(&output).contains("from 1 to 512"), "{threads}: {}", stderr(&output));
        let by_environment = program(folder.path(), &["check", "study.toml", "-q"]).env("COLOFAIR_THREADS", threads).output().unwrap();
        assert_eq!(exit_code(&by_environment), code, "{threads}");
    }
}

#[test]
fn a_packed_file_damaged_at_its_end_says_how_much_came_before() {
    use std::io::Write;
    let folder = tempfile::tempdir().unwrap();
    study_of(folder.path(), &["A1", "B1"]);
    let rows = fs::read(folder.path().join("o.csv")).unwrap();
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(&rows).unwrap();
    let mut packed = packed.finish().unwrap();
    let at = packed.len() - 6;
    packed[at] ^= 1;
    fs::write(folder.path().join("o.csv"), &packed).unwrap();
    let output = colofair(folder.path(), &["check", "study.toml", "-q"]);
    assert!(exit_code(&output) == 2 && stderr(&output).contains("error[E0220]"), "{}", stderr(&output));
    assert!(stderr(&output).contains(&format!("about {} bytes came before", rows.len())), "{}", stderr(&output));
    fs::write(folder.path().join("o.csv"), &packed[..10]).unwrap();
    let output = colofair(folder.path(), &["check", "study.toml", "-q"]);
    assert!(stderr(&output).contains("no byte could be unpacked"), "{}", stderr(&output));
}

#[test]
fn no_setting_that_is_shown_steers_the_terminal() {
    let folder = tempfile::tempdir().unwrap();
    study_of(folder.path(), &["A1", "B1"]);
    let bad = "q\\u001b[31m\\u202e\\u009b31m\\u0007\\nz";
    let text = fs::read_to_string(folder.path().join("study.toml")).unwrap();
    let text = text.replace("[study]", &format!("[study]\ntitle = \"{bad}\"")).replace(
        "[orders]",
        &format!("[orders]\nclock = {{ id = \"{bad}\", uncertainty = \"1us\", by_group = {{ \"{bad}\" = \"{bad}\" }} }}"),
    ) + &format!("[fairness]\nreference = \"{bad}\"\nmargins = {{ median = \"10us\", source = \"{bad}\" }}\n")
        + &format!("[rules]\nsource = \"{bad}\"\neligibility = \"`{bad}` >= 1\"\n[records]\nomnibus_accounts = [\"{bad}\"]\n")
        + &format!("[priority]\nhouse_groups = [\"{bad}\"]\nhouse_accounts = [\"{bad}\"]\nexceptions = [\"{bad}\"]\n");
    fs::write(folder.path().join("study.toml"), text).unwrap();
    let output = colofair(folder.path(), &["config", "show", "study.toml"]);
    assert_eq!(exit_code(&output), 0, "{}", stderr(&output));
    assert_inert(&stdout(&output));
    // Each setting is one line, and no value is left out.
    assert!(stdout(&output).lines().all(|line| line.contains("  # ")) && stdout(&output).contains("q\\u{1b}[31m"), "{}", stdout(&output));
}

/// A FIX message with its length and checksum, but for a length told otherwise.
fn fix_message(at: u32, length: Option<&str>, more: &str) -> String {
    let body = format!("35=D|49=A|56=B|34={at}|52=20260105-01:00:09.{at:06}|11=K{at}|1=A{}|55=2330|{more}", at % 2).replace('|', "\u{1}");
    let told = length.map_or_else(|| body.len().to_string(), str::to_owned);
    let whole = format!("8=FIX.4.4\u{1}9={told}\u{1}{body}");
    let sum = whole.bytes().fold(0_u8, u8::wrapping_add);
    format!("{whole}10={sum:03}\u{1}\n")
}

/// The rows of a log of FIX messages as orders: read, refused.
fn fix_rows(folder: &Path, log: &str) -> (u64, u64) {
    study_of(folder, &["A0", "A1"]);
    fs::write(folder.join("o.csv"), log).unwrap();
    let text = fs::read_to_string(folder.join("study.toml")).unwrap();
    let columns = "columns = { receipt_id = \"id\", account = \"account\", sent_at = \"at\" }";
    let tags = "format = \"fix\"\ncolumns = { receipt_id = \"11\", account = \"1\", sent_at = \"52\" }";
    fs::write(folder.join("study.toml"), text.replacen(columns, tags, 1)).unwrap();
    let output = colofair(folder, &["check", "study.toml", "-q"]);
    assert_eq!(exit_code(&output), 0, "{}", stderr(&output));
    let found = result(&folder.join("out"));
    let count = |key: &str| found["input"]["orders"][key].as_u64().unwrap();
    (count("accepted"), count("rejected"))
}

#[test]
fn a_fix_message_of_any_told_length_is_read_or_refused_and_never_gone() {
    let folder = tempfile::tempdir().unwrap();
    for length in ["0", "1", "9999", "999999999", "9999999999", "18446744073709551616", "1000000000000000000000000", &"9".repeat(300)] {
        let log: String = (0..30).map(|at| fix_message(at, (at == 10).then_some(length), "")).collect();
        assert_eq!(fix_rows(folder.path(), &log), (30, 0), "{length}");
    }
}

#[test]
fn what_is_no_fix_tag_is_not_proposed_and_the_log_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let more = |at: u32| if at == 5 { "0=foo|100000=x|+7=y|4294967295=z|" } else { "" };
    let log: String = (0..30).map(|at| fix_message(at, None, more(at))).collect();
    assert_eq!(fix_rows(folder.path(), &log), (30, 0));
    let output = colofair(folder.path(), &["inspect", "o.csv", "--format", "json"]);
    assert_eq!(exit_code(&output), 0, "{}", stderr(&output));
    let found: Value = serde_json::from_str(&stdout(&output)).unwrap();
    let columns = found["files"][0]["columns"].as_array().unwrap();
    let names: Vec<&str> = columns.iter().map(|column| column["name"].as_str().unwrap()).collect();
    assert!(names.contains(&"11") && !["0", "7", "100000", "4294967295"].iter().any(|none| names.contains(none)), "{names:?}");
}

/// The matches of a pattern leave out such a name; the rows in it would be missing, and the other side's be accused of it.
#[cfg(target_os = "linux")]
#[test]
fn a_name_that_is_no_utf_8_and_fits_a_pattern_is_an_error_and_no_file_left_out() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    let folder = tempfile::tempdir().unwrap();
    study_of(folder.path(), &["A1", "B1"]);
    let text = fs::read_to_string(folder.path().join("study.toml")).unwrap();
    // 委託 in CP950.
    let cp950 = |name: &str| [b"o\xa9e\xb0\x55", name.as_bytes()].concat();
    let at = |below: &[u8]| folder.path().join(OsStr::from_bytes(below));
    let check = |pattern: &str| {
        fs::write(folder.path().join("study.toml"), text.replace("\"o.csv\"", &format!("\"{pattern}\""))).unwrap();
        colofair(folder.path(), &["check", "study.toml", "-q", "--lang", "en"])
    };
    fs::write(at(&cp950("2.csv")), "id,account,group,at\n").unwrap();
    for pattern in ["o*.csv", "*", "o??2.csv", "./o*.csv", "**/o*.csv"] {
        let output = check(pattern);
        assert_eq!(exit_code(&output), 2, "{pattern}");
        assert!(stderr(&output).contains("error[E0223]") && stderr(&output).contains("2.csv"), "{pattern}: {}", stderr(&output));
    }
    // A pattern that leaves it out reads what it names.
    for pattern in ["o.cs*", "[o].csv", "o.csv"] {
        assert_eq!(exit_code(&check(pattern)), 0, "{pattern}");
    }
    fs::remove_file(at(&cp950("2.csv"))).unwrap();
    fs::create_dir_all(at(b"days/o1")).unwrap();
    fs::rename(folder.path().join("o.csv"), folder.path().join("days/o1/o.csv")).unwrap();
    fs::create_dir_all(at(&[b"days/", &cp950("")[..]].concat())).unwrap();
    // A folder of such a name in which nothing fits takes nothing away.
    assert_eq!(exit_code(&check("days/o*/o.csv")), 0);
    fs::copy(folder.path().join("days/o1/o.csv"), at(&[b"days/", &cp950("/o.csv")[..]].concat())).unwrap();
    for pattern in ["days/o*/o.csv", "days/*/*.csv", "**/o.csv"] {
        let output = check(pattern);
        assert!(exit_code(&output) == 2 && stderr(&output).contains("error[E0223]"), "{pattern}: {}", stderr(&output));
    }
}

/// What stands outside a study's folders is never written, replaced or followed.
#[cfg(unix)]
#[test]
fn a_link_in_the_place_of_an_output_is_never_followed() {
    use std::os::unix::fs::symlink;
    let folder = tempfile::tempdir().unwrap();
    study_of(folder.path(), &["A1", "B1"]);
    let outside = folder.path().join("outside");
    fs::create_dir(&outside).unwrap();
    fs::write(outside.join("result.json"), "of somebody else").unwrap();
    fs::write(folder.path().join("precious"), "of somebody else").unwrap();
    let study = || colofair(folder.path(), &["study", "study.toml", "-q", "--exit-zero", "--lang", "en"]);
    // A file of ours that is a link: a table's is replaced by the new one, a document's refused; what it led to is as it was.
    assert_eq!(exit_code(&study()), 0);
    let table = folder.path().join("out/tables/trend.parquet");
    fs::remove_file(&table).unwrap();
    symlink(folder.path().join("precious"), &table).unwrap();
    assert_eq!(exit_code(&study()), 0);
    assert!(fs::symlink_metadata(&table).unwrap().is_file());
    fs::remove_file(folder.path().join("out/report.html")).unwrap();
    symlink(folder.path().join("precious"), folder.path().join("out/report.html")).unwrap();
    let refused = study();
    assert!(exit_code(&refused) == 2 && stderr(&refused).contains("error[E0306]"), "{}", stderr(&refused));
    fs::remove_file(folder.path().join("out/report.html")).unwrap();
    symlink(folder.path().join("precious"), folder.path().join("out/report.html")).unwrap();
    let again = colofair(folder.path(), &["report", "out", "--format", "html", "-q"]);
    assert_eq!(exit_code(&again), 0, "{}", stderr(&again));
    assert_eq!(fs::read_to_string(folder.path().join("precious")).unwrap(), "of somebody else");
    // The folder itself as a link to one that holds files of ours by name alone: refused.
    fs::remove_dir_all(folder.path().join("out")).unwrap();
    symlink(&outside, folder.path().join("out")).unwrap();
    let output = study();
    assert!(exit_code(&output) == 2 && stderr(&output).contains("error[E0302]"), "{}", stderr(&output));
    assert_eq!(fs::read_to_string(outside.join("result.json")).unwrap(), "of somebody else");
}

/// Paths in a manifest or result that somebody hands over do not lead out of its folder.
#[test]
fn a_result_of_somebody_elses_names_no_file_outside_its_folder() {
    let folder = tempfile::tempdir().unwrap();
    study_of(folder.path(), &["A1", "B1"]);
    assert_eq!(exit_code(&colofair(folder.path(), &["study", "study.toml", "-q", "--exit-zero"])), 0);
    fs::write(folder.path().join("precious"), "of somebody else").unwrap();
    let before = files(folder.path());
    for name in ["../precious", "/etc/hostname", "tables/../../precious", "tables/..\\..\\precious", "C:precious"] {
        let mut manifest: Value = serde_json::from_slice(&before["out/manifest.json"]).unwrap();
        manifest["outputs"][0]["path"] = name.into();
        fs::write(folder.path().join("out/manifest.json"), manifest.to_string()).unwrap();
        let output = colofair(folder.path(), &["verify", "out", "--format", "json"]);
        assert_eq!(exit_code(&output), 1, "{name}: {}", stderr(&output));
        let document: Value = serde_json::from_str(&stdout(&output)).unwrap();
        let listed = document["files"].as_array().unwrap().iter().find(|file| file["path"] == name).unwrap();
        assert_eq!(listed["standing"], "missing", "{name}: nothing outside is hashed");
        fs::write(folder.path().join("out/manifest.json"), &before["out/manifest.json"]).unwrap();
        let mut found: Value = serde_json::from_slice(&before["out/result.json"]).unwrap();
        found["tables"][0]["path"] = name.into();
        fs::write(folder.path().join("out/result.json"), found.to_string()).unwrap();
        let output = colofair(folder.path(), &["report", "out", "--format", "html"]);
        assert_eq!(exit_code(&output), 2, "{name}");
        fs::write(folder.path().join("out/result.json"), &before["out/result.json"]).unwrap();
    }
    assert!(files(folder.path()) == before);
}

/// The peak memory of a run in bytes, which it says itself; with its exit code and what else it said.
#[cfg(target_os = "linux")]
fn peak(folder: &Path, arguments: &[&str]) -> (u64, i32, String) {
    let output = program(folder, arguments).args(["-v", "--lang", "en", "--threads", "2"]).output().unwrap();
    let said = stderr(&output);
    let peak = said.lines().find_map(|line| line.strip_prefix("peak memory")?.trim().strip_suffix(" bytes")?.parse().ok());
    (peak.unwrap_or(0), exit_code(&output), said)
}

/// Writes `n` times `piece` into a file, without holding it.
fn write_repeated(path: &Path, head: &str, piece: &[u8], n: usize) {
    use std::io::Write;
    let mut file = std::io::BufWriter::new(fs::File::create(path).unwrap());
    file.write_all(head.as_bytes()).unwrap();
    (0..n).for_each(|_| file.write_all(piece).unwrap());
    file.flush().unwrap();
}

/// A line of a gibibyte and a header of a billion columns are refused before they are held: under a limit of 512 MiB of address space for
/// data, which the whole of either would exceed.
#[cfg(target_os = "linux")]
#[test]
fn a_line_or_a_header_without_end_is_refused_in_little_memory() {
    let folder = tempfile::tempdir().unwrap();
    study_of(folder.path(), &["A1", "B1"]);
    let path = folder.path().join("o.csv");
    let program = env!("CARGO_BIN_EXE_colofair");
    for (what, head, n_commas, code) in [
        // Holes of the file system: a gibibyte that takes no space.
        ("a line", "id,account,group,at\nK1,", 0, "E0207"),
        ("a quoted field", "id,account,group,at\nK1,\"", 0, "E0207"),
        ("a header", "", 40 << 20, "E0205"),
    ] {
        write_repeated(&path, head, b",", n_commas);
        let file = fs::OpenOptions::new().write(true).open(&path).unwrap();
        file.set_len(1 << 30).unwrap();
        drop(file);
        let script = format!("ulimit -d {}; exec '{program}' check study.toml --threads 2 --lang en", 512 * 1024);
        let output = std::process::Command::new("sh").args(["-c", &script]).current_dir(folder.path()).output().unwrap();
        let said = stderr(&output);
        assert!(exit_code(&output) == 2 && said.contains(&format!("error[{code}]")), "{what}: {said}");
    }
}

/// Two hundred thousand refused rows of evidence are all listed, and held in no more memory than two thousand.
#[cfg(target_os = "linux")]
#[test]
fn refused_rows_of_evidence_are_listed_and_not_held() {
    let folder = tempfile::tempdir().unwrap();
    study_of(folder.path(), &["A1", "B1"]);
    let text = fs::read_to_string(folder.path().join("study.toml")).unwrap();
    fs::write(
        folder.path().join("study.toml"),
        text + "[rules]\nfrom = \"2026-01-05\"\nto = \"2026-01-05\"\n[controls]\nscans = \"e.csv\"\n",
    )
    .unwrap();
    let header = colofair::evidence_tables::csv_template(colofair::evidence_tables::spec("scans").unwrap(), true);
    let header = format!("{}\n", header.lines().next().unwrap());
    let mut peaks = Vec::new();
    for rows in [2_000, 200_000] {
        write_repeated(&folder.path().join("e.csv"), &header, b"x\n", rows);
        let (peak, code, said) = peak(folder.path(), &["study", "study.toml", "-q", "--exit-zero"]);
        assert_eq!(code, 0, "{said}");
        let listed = fs::read_to_string(folder.path().join("out/rejects.csv")).unwrap().lines().count() - 1;
        assert_eq!(listed, rows);
        let found = result(&folder.path().join("out"));
        let reasons: Vec<&str> = found["checks"].as_array().unwrap().iter().map(|check| check["reason"]["en"].as_str().unwrap()).collect();
        assert!(reasons.iter().any(|reason| reason.contains(&format!("{rows} rows of `scans` could not be read"))), "{reasons:?}");
        peaks.push(peak);
    }
    // Held as they were, they took some 600 bytes each.
    assert!(peaks[0] > 0 && peaks[1] < peaks[0] + 198_000 * 150, "{peaks:?}");
}

/// The seeds of which the reader of workbooks panics, takes all memory, or lets a cell pass for another.
#[test]
fn a_workbook_that_contradicts_itself_is_a_damaged_file() {
    use colofair::evidence_tables::{SPECS, read_table};
    let folder = tempfile::tempdir().unwrap();
    let read = |workbook: &[u8]| {
        fs::write(folder.path().join("e.xlsx"), workbook).unwrap();
        let files = colofair::ingest::discover_evidence(folder.path(), &["e.xlsx".to_owned()]).unwrap();
        read_table(&SPECS[0], &files, colofair::record::Zone::UTC).unwrap()
    };
    let words = |part: usize, seed: &str| {
        let bytes = fs::read(repository("fuzz/seeds/workbook").join(seed)).unwrap();
        assert_eq!(usize::from(bytes[0]) % 4, part, "{seed}");
        let table = read(&whole::workbook_with(part, &bytes[1..]));
        assert!(table.rows.is_empty());
        table.doubts[0].en.clone()
    };
    // The workbook that they damage is one that reads, or nothing below would say what it seems to.
    let sound = read(&whole::workbook_with(9, b""));
    assert!(sound.doubts.iter().all(|doubt| !doubt.en.contains("E0242")), "{:?}", sound.doubts);
    for (part, seed, why) in [
        (1, "sheet-backwards", "contradict"),
        (1, "sheet-merged-backwards", "contradict"),
        (1, "sheet-row-of-33-bits", "contradict"),
        (1, "sheet-column-of-33-bits", "contradict"),
        (1, "sheet-row-too-far", "beyond the last"),
        (1, "sheet-column-too-far", "beyond the last"),
        (1, "sheet-cell-twice", "two cells in one place"),
        (1, "sheet-comment-in-a-value", "differently: 460"),
        (1, "sheet-text-of-no-number", "differently: one"),
        (2, "styles-long", "255 characters"),
        (3, "texts-2-to-the-63", "declares 9223372036854775808 texts"),
        (3, "texts-of-a-terabyte", "declares 50000000000 texts"),
    ] {
        let said = words(part, seed);
        assert!(said.contains("E0242") && said.contains(why), "{seed}: {said}");
    }
    // In a release too the arithmetic of that reader is checked, or a reference of 33 bits would name another cell there.
    let manifest: toml::Value = toml::from_str(&fs::read_to_string(repository("Cargo.toml")).unwrap()).unwrap();
    assert_eq!(manifest["profile"]["release"]["package"]["calamine"]["overflow-checks"].as_bool(), Some(true));
}

/// A file that is no such table stops the checks that rest on it, with the reason, and no others.
#[test]
fn evidence_that_cannot_be_decoded_stops_its_own_checks_alone() {
    let folder = tempfile::tempdir().unwrap();
    study_of(folder.path(), &["A1", "B1"]);
    let base = fs::read_to_string(folder.path().join("study.toml")).unwrap();
    let rules = "[rules]\nfrom = \"2026-01-05\"\nto = \"2026-01-05\"\n[controls]\n";
    let sound = "vendor,from,to\nV,2025-01-01,2027-12-31\n";
    fs::write(folder.path().join("contracts.csv"), sound).unwrap();
    let checks = |scans: &str, bytes: &[u8]| -> Vec<Value> {
        fs::write(folder.path().join("scans"), bytes).unwrap();
        fs::write(folder.path().join("study.toml"), format!("{base}{rules}contracts = \"contracts.csv\"\n{scans}")).unwrap();
        let output = colofair(folder.path(), &["controls", "study.toml", "--format", "json", "--exit-zero"]);
        assert_eq!(exit_code(&output), 0, "{}", stderr(&output));
        let document: Value = serde_json::from_str(&stdout(&output)).unwrap();
        document["checks"].as_array().unwrap().clone()
    };
    let without = checks("", b"");
    for (code, bytes) in [
        ("E0205", &b"\xb6\xff,a\n1,2\n"[..]),
        ("E0241", b"nothing,of,it\n1,2,3\n"),
        ("E0242", b"PK\x03\x04 and no more"),
        ("E0204", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
        ("E0220", b"\x1f\x8b\x08\x00garbage"),
    ] {
        let with = checks("scans = \"scans\"\n", bytes);
        assert_eq!(with.len(), without.len());
        let mut stopped = 0;
        for (with, without) in with.iter().zip(&without) {
            if with == without {
                continue;
            }
            stopped += 1;
            let reason = with["reason"]["en"].as_str().unwrap();
            assert!(
                with["state"] == "insufficient" && reason.contains("scans of `scans` cannot be read") && reason.contains(code),
                "{with:#}"
            );
        }
        assert!(stopped > 0, "{code}");
    }
}
