//! What goes wrong about a run and not in its files: no space, no permission, files that change, a killed process, a defect, no memory.
//!
//! Each ends with words in the language asked for and with 2, and leaves the earlier result as it was. `.ci/full faults` kills more often.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use crate::support::{colofair, exit_code, files, program, stderr, stdout};

/// A sample study that ran once, and its result.
struct Ran {
    folder: tempfile::TempDir,
    before: BTreeMap<String, Vec<u8>>,
}

impl Ran {
    fn once() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let world = ["simulate", "fair", "--orders", "1500", "--days", "2", "--seed", "5", "-o", "s", "-q"];
        assert_eq!(exit_code(&colofair(folder.path(), &world)), 0);
        let ran = Self { folder, before: BTreeMap::new() };
        let output = colofair(&ran.study(), &STUDY);
        assert!([0, 1, 3].contains(&exit_code(&output)), "{}", stderr(&output));
        let before = files(&ran.study().join("out"));
        assert!(before.len() > 5, "{:?}", before.keys());
        Self { before, ..ran }
    }

    fn study(&self) -> PathBuf {
        self.folder.path().join("s")
    }

    /// The earlier result is byte for byte the same, and nothing of the run stands beside it.
    #[track_caller]
    fn assert_as_before(&self, what: &str) {
        assert!(files(&self.study().join("out")) == self.before, "{what}: the earlier result changed");
        let left: Vec<String> = entries(&self.study()).into_iter().filter(|name| name.starts_with(".colofair")).collect();
        assert!(left.is_empty(), "{what}: {left:?}");
    }

    /// It ended with 2 and this code, in both languages, and the earlier result is as it was.
    #[track_caller]
    fn assert_refused(&self, what: &str, run: impl Fn(&str) -> Output, code: &str, words: (&str, &str)) {
        for (lang, said) in [("zh-TW", words.0), ("en", words.1)] {
            let output = run(lang);
            let text = stderr(&output);
            assert_eq!(output.status.code(), Some(2), "{what}: {:?} {text}", output.status);
            assert!(text.contains(&format!("error[{code}]")) && text.contains(said), "{what}: {text}");
            self.assert_as_before(what);
        }
    }
}

const STUDY: [&str; 4] = ["study", "study.toml", "-q", "--exit-zero"];

fn entries(folder: &Path) -> Vec<String> {
    fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect()
}

/// The program under a shell that sets a limit first: `ulimit`, and a signal that it brings is left out, as on a full disk.
fn limited(folder: &Path, limit: &str, lang: &str) -> Output {
    let program = env!("CARGO_BIN_EXE_colofair");
    let script = format!("{limit}; exec timeout 300 '{program}' study study.toml -q --exit-zero --lang {lang}");
    Command::new("sh").args(["-c", &script]).current_dir(folder).env("TMPDIR", folder).output().unwrap()
}

#[cfg(unix)]
#[test]
fn a_disk_that_takes_no_more_leaves_the_earlier_result() {
    let ran = Ran::once();
    let largest = ran.before.values().map(Vec::len).max().unwrap() as u64;
    // In units of 512 bytes: nothing at all, a few of the tables, all but the last of the largest file.
    for blocks in [0, 8, largest / 512 - 1] {
        ran.assert_refused(
            &format!("{blocks} blocks"),
            |lang| limited(&ran.study(), &format!("trap '' XFSZ; ulimit -f {blocks}"), lang),
            "E0300",
            ("無法寫出", "cannot write"),
        );
    }
}

#[cfg(target_os = "linux")]
#[test]
fn standard_output_on_a_full_disk_is_an_error_and_a_closed_pipe_is_none() {
    let folder = tempfile::tempdir().unwrap();
    for (lang, said) in [("zh-TW", "無法寫出標準輸出：磁碟空間不足"), ("en", "cannot write to standard output")] {
        let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        let output = program(folder.path(), &["explain", "A01", "--lang", lang]).stdout(full).output().unwrap();
        assert_eq!(exit_code(&output), 2);
        assert!(stderr(&output).contains("error[E0305]") && stderr(&output).contains(said), "{}", stderr(&output));
    }
    let mut child = program(folder.path(), &["explain", "A01"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!((exit_code(&output), stderr(&output).as_str()), (0, ""));
}

#[cfg(unix)]
#[test]
fn an_output_that_cannot_be_put_there_is_said_before_any_work() {
    use std::os::unix::fs::PermissionsExt;
    let ran = Ran::once();
    fs::write(ran.study().join("file"), "").unwrap();
    let refused = |out: &str, code: &str| {
        let output = colofair(&ran.study(), &["study", "study.toml", "-q", "-o", out, "--lang", "en"]);
        assert_eq!(exit_code(&output), 2, "{out}");
        assert!(stderr(&output).contains(&format!("error[{code}]")), "{out}: {}", stderr(&output));
        ran.assert_as_before(out);
    };
    refused("file", "E0301");
    refused("file/below", "E0300");
    fs::create_dir(ran.study().join("closed")).unwrap();
    fs::set_permissions(ran.study().join("closed"), fs::Permissions::from_mode(0o500)).unwrap();
    // The superuser may write anywhere.
    if fs::write(ran.study().join("closed/probe"), "").is_err() {
        refused("closed/out", "E0300");
    }
}

/// What is done to a file, by name: its path, and what it held.
#[cfg(unix)]
type Change = (&'static str, fn(&Path, &[u8]));

#[cfg(unix)]
#[test]
fn orders_that_change_while_they_are_read_end_the_run() {
    let ran = Ran::once();
    let orders = ran.study().join("orders.csv");
    let whole = fs::read(&orders).unwrap();
    let changes: [Change; 3] = [
        ("appended", |path, whole| fs::write(path, [whole, b"\n"].concat()).unwrap()),
        ("truncated", |path, whole| fs::write(path, &whole[..whole.len() / 2]).unwrap()),
        // As many bytes as before: a size alone would not tell.
        ("rewritten", |path, whole| fs::write(path, whole.to_ascii_lowercase()).unwrap()),
    ];
    for (command, job) in [("study", &STUDY[..]), ("check", &["check", "study.toml", "-q"][..])] {
        for (what, change) in changes {
            for (lang, said) in [("zh-TW", "檔案在讀取時"), ("en", "while it was read")] {
                // The receipts come first, through a pipe that this test holds: while it does, the orders are found and not yet read.
                fs::write(&orders, &whole).unwrap();
                let text = fs::read_to_string(ran.study().join("study.toml")).unwrap();
                fs::write(ran.study().join("piped.toml"), text.replace("\"receipts.csv\"", "\"-\"")).unwrap();
                let mut arguments = job.to_vec();
                arguments[1] = "piped.toml";
                let mut child = program(&ran.study(), &arguments);
                child.args(["--lang", lang]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
                let mut child = child.spawn().unwrap();
                let mut pipe = child.stdin.take().unwrap();
                std::io::Write::write_all(&mut pipe, &fs::read(ran.study().join("receipts.csv")).unwrap()).unwrap();
                // It waits for the end of the pipe, and has opened the orders before: they are found first.
                wait_for_reading(child.id());
                change(&orders, &whole);
                drop(pipe);
                let output = child.wait_with_output().unwrap();
                let text = stderr(&output);
                assert_eq!(exit_code(&output), 2, "{command}, {what}: {text}");
                assert!(text.contains("error[E0208]") && text.contains(said), "{command}, {what}: {text}");
                ran.assert_as_before(what);
            }
        }
    }
}

/// Waits until a process sleeps in the reading of its standard input, or a minute has gone.
#[cfg(unix)]
fn wait_for_reading(process: u32) {
    let since = Instant::now();
    // `syscall` shows the number of the call it waits in: 0 is `read` on x86-64, 63 on 64-bit ARM; the first argument is the descriptor.
    let reads = |text: &str| ["0 0x0 ", "63 0x0 "].iter().any(|call| text.starts_with(call));
    while since.elapsed() < Duration::from_secs(60) {
        match fs::read_to_string(format!("/proc/{process}/syscall")) {
            Ok(text) if reads(&text) => return,
            Ok(_) => std::thread::yield_now(),
            // Elsewhere nothing tells; a copy of standard input is then finished before the orders are opened, and the test says less.
            Err(_) => return,
        }
    }
    panic!("the program did not come to its standard input");
}

#[test]
fn a_panic_on_any_thread_is_an_error_like_another() {
    let ran = Ran::once();
    for stage in ["read receipts", "link", "measure", "audit", "write", "report"] {
        let run = |lang: &str| {
            let mut study = program(&ran.study(), &STUDY);
            study.args(["--lang", lang]).env("COLOFAIR_PANIC_AT", stage).env_remove("RUST_BACKTRACE").output().unwrap()
        };
        ran.assert_refused(stage, run, "E0006", ("colofair 本身的錯誤", "a defect of colofair itself"));
    }
}

#[cfg(target_os = "linux")]
#[test]
fn memory_that_runs_out_is_an_error_like_another() {
    let ran = Ran::once();
    let least = least_address_space();
    // From what the system needs to load the program to what the study needs, and beyond: where it is enough the study is done.
    let mut said = Vec::new();
    for more in [2, 4, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 512] {
        for (lang, words) in [("zh-TW", "記憶體"), ("en", "memory")] {
            let output = limited(&ran.study(), &format!("export COLOFAIR_THREADS=2; ulimit -v {}", (least + more) * 1_024), lang);
            let text = stderr(&output);
            match output.status.code() {
                Some(0) => (),
                Some(2) => {
                    assert!(text.contains("error[E0007]") && text.contains(words), "{least} + {more} MiB: {text}");
                    said.push(more);
                }
                // The C library's own end, where it has no memory for a new thread: nothing of the program's is asked.
                code => assert!(text.contains("Fatal glibc error"), "{least} + {more} MiB: {code:?} {:?} {text}", output.status),
            }
        }
    }
    assert!(said.len() >= 4, "only {said:?} were too little");
    // What the allocator ended leaves its folder and the earlier result, and the next run removes the folder.
    assert_eq!(exit_code(&colofair(&ran.study(), &STUDY)), 0);
    ran.assert_as_before("after ones without memory");
    let ran = Ran::once();
    let output = limited(&ran.study(), &format!("export COLOFAIR_THREADS=2; ulimit -v {}", (least + said[0]) * 1_024), "en");
    assert_ne!(output.status.code(), Some(0));
    assert!(files(&ran.study().join("out")) == ran.before);
}

/// The mebibytes of address space with which the program can say its version.
#[cfg(target_os = "linux")]
fn least_address_space() -> u64 {
    let starts = |mebibytes: &u64| {
        let script = format!("ulimit -v {}; exec '{}' --version", mebibytes * 1_024, env!("CARGO_BIN_EXE_colofair"));
        Command::new("sh").args(["-c", &script]).output().unwrap().status.success()
    };
    (16..4_096).step_by(2).find(starts).expect("the program starts with 4 GiB of addresses")
}

#[cfg(target_os = "linux")]
#[test]
fn memory_beyond_the_budget_is_an_error_like_another() {
    let ran = Ran::once();
    for command in [&STUDY[..], &["check", "study.toml", "-o", "out"]] {
        for (lang, words) in [("zh-TW", "--memory 1MiB 不足"), ("en", "--memory 1MiB is not enough")] {
            let output = colofair(&ran.study(), &[command, &["--memory", "1MiB", "--lang", lang]].concat());
            let text = stderr(&output);
            assert_eq!(exit_code(&output), 2, "{text}");
            assert!(text.contains("error[E0008]") && text.contains(words), "{text}");
            assert!(files(&ran.study().join("out")) == ran.before);
        }
    }
    // What a study will need is known when its rows are linked: nobody waits for the end of a run that cannot end well.
    let config = colofair::config::load(&ran.study().join("study.toml")).unwrap();
    let inputs = colofair::study::open(&config).unwrap();
    let options = colofair::study::RunOptions {
        command: colofair::study::Command::Study,
        hash: true,
        full_tables: false,
        depth: colofair::study::Depth::Standard,
        max_rejects: None,
        pseudonyms: None,
    };
    let progress = colofair::record::Progress::default().within(4 << 10, || 0);
    let problem = colofair::study::run(&config, &inputs, &options, &ran.study().join("out"), &progress).unwrap_err();
    assert_eq!(problem.code, "E0008");
    assert!(problem.shown(false).contains("are needed"), "{}", problem.shown(false));
    ran.assert_as_before("after one without memory");
}

/// A system clock that jumps by ten years at every reading, there and back; a C compiler is needed to build the program anyway.
#[cfg(target_os = "linux")]
const JUMPING_CLOCK: &str = r#"
#define _GNU_SOURCE
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
int clock_gettime(clockid_t clock, struct timespec *at) {
    static int reading;
    int done = (int)syscall(SYS_clock_gettime, clock, at);
    if (clock == CLOCK_REALTIME) at->tv_sec += (reading++ % 2 ? 1 : -1) * 315360000L;
    return done;
}
"#;

#[cfg(target_os = "linux")]
#[test]
fn neither_a_clock_that_jumps_nor_the_environment_reaches_a_result() {
    let ran = Ran::once();
    let (source, library) = (ran.folder.path().join("clock.c"), ran.folder.path().join("clock.so"));
    fs::write(&source, JUMPING_CLOCK).unwrap();
    let built = Command::new("cc").args(["-shared", "-fPIC", "-o"]).args([&library, &source]).output().unwrap();
    assert!(built.status.success(), "{}", stderr(&built));
    // The shim works: a program that asks for the date is told another year.
    let year = |preload: Option<&Path>| {
        let mut date = Command::new("date");
        if let Some(library) = preload {
            date.env("LD_PRELOAD", library);
        }
        stdout(&date.args(["-u", "+%Y"]).output().unwrap()).trim().parse::<i32>().unwrap()
    };
    assert!((year(Some(&library)) - year(None)).abs() >= 9);
    for verbose in [&STUDY[..], &["study", "study.toml", "-v", "--exit-zero"]] {
        let mut study = program(&ran.study(), verbose);
        study.env("LD_PRELOAD", &library).env("TZ", "America/New_York").env("LANG", "tr_TR.UTF-8").env("LC_ALL", "tr_TR.UTF-8");
        let output = study.output().unwrap();
        assert_eq!(exit_code(&output), 0, "{}", stderr(&output));
        ran.assert_as_before("under a clock that jumps");
    }
}

/// How often a study is killed; `COLOFAIR_KILLS` for more.
fn kills() -> u32 {
    std::env::var("COLOFAIR_KILLS").ok().and_then(|text| text.parse().ok()).unwrap_or(6)
}

/// Puts an earlier result back.
#[cfg(unix)]
fn restore(out: &Path, result: &BTreeMap<String, Vec<u8>>) {
    fs::remove_dir_all(out).unwrap();
    for (name, bytes) in result {
        let path = out.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
}

#[cfg(unix)]
#[test]
fn a_study_killed_at_any_moment_leaves_the_old_result_or_the_new_one() {
    let ran = Ran::once();
    let old = ran.before.clone();
    // The new result has other bytes in every file that names its title.
    let text = fs::read_to_string(ran.study().join("study.toml")).unwrap();
    fs::write(ran.study().join("new.toml"), text.replace("Simulated world fair", "The same, told anew")).unwrap();
    let study = |name: &'static str| program(&ran.study(), &["study", name, "-q", "--exit-zero"]);
    let since = Instant::now();
    assert_eq!(exit_code(&study("new.toml").output().unwrap()), 0);
    let whole = since.elapsed();
    let new = files(&ran.study().join("out"));
    assert!(old != new);
    // Multiples of an irrational share of the time it takes, so that no two are alike; some after the end.
    let (mut olds, mut news, mut abandoned) = (0, 0, 0);
    restore(&ran.study().join("out"), &old);
    for kill in 1..=kills() {
        let mut child = study("new.toml").stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let at = whole.mul_f64((f64::from(kill) * 0.618_033_988_749_895).fract() * 1.1);
        std::thread::park_timeout(at);
        child.kill().unwrap();
        child.wait().unwrap();
        let left = files(&ran.study().join("out"));
        assert!(left == old || left == new, "kill {kill} after {at:?}: neither the old nor the new result");
        // What a killed run leaves beside it is removed by the next one, which may be killed while it does.
        abandoned = abandoned.max(entries(&ran.study()).iter().filter(|name| name.starts_with(".colofair-")).count());
        if left == old {
            olds += 1;
        } else {
            news += 1;
            restore(&ran.study().join("out"), &old);
        }
    }
    assert!(abandoned <= 2, "{abandoned} folders were left beside the result");
    assert_eq!(exit_code(&study("study.toml").output().unwrap()), 0);
    ran.assert_as_before("after the last kill");
    assert_eq!(olds + news, kills());
    if let Some(path) = std::env::var_os("COLOFAIR_KILL_TABLE") {
        fs::write(path, format!("{} kills within {whole:?}: {olds} left the old result, {news} the new one\n", kills())).unwrap();
    }
}
