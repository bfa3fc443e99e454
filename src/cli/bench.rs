//! `bench`: the program on the user's own files, several times, against an earlier time.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use colofair::benchmark::{BENCHMARK_VERSION, Benchmark, Change, ChangeVerdict, Run, median};
use colofair::record::Diagnostic;
use colofair::report::output::put_at;

use crate::cli::arguments::{BenchJob, Globals};
use crate::cli::{print, say, wants_json};

/// A figure became worse.
const WORSE: u8 = 1;

pub(crate) fn bench(job: &BenchJob, globals: &Globals) -> Result<u8, Diagnostic> {
    let json = wants_json(globals)?;
    let baseline = job.against.as_deref().map(load).transpose()?;
    let folder = tempfile::tempdir().map_err(|error| cannot("make a folder for the results", &error))?;
    let out = folder.path().join("out");
    let mut runs = Vec::new();
    for number in 1..=u32::from(job.runs) {
        runs.push(run_once(job, globals, &out)?);
        if !globals.quiet {
            say(&format!("run {number} of {}: {:.3} s", job.runs, runs[runs.len() - 1].wall));
        }
    }
    let benchmark = described(job, globals, &out, runs)?;
    let changes = baseline.as_ref().map(|baseline| compare(&benchmark, baseline)).transpose()?;
    if let Some(path) = &job.save {
        let text = serde_json::to_string_pretty(&benchmark).map_err(|error| cannot("write the baseline", &error))?;
        put_at(path, (text + "\n").as_bytes())?;
    }
    if json {
        print(&as_json(&benchmark, changes.as_deref()));
    } else {
        print(&as_text(&benchmark, changes.as_deref()));
    }
    let worse = changes.iter().flatten().any(|change| change.verdict == ChangeVerdict::Worse);
    Ok(if worse && !globals.exit_zero { WORSE } else { 0 })
}

/// One whole process: its own memory, its own start.
fn run_once(job: &BenchJob, globals: &Globals, out: &Path) -> Result<Run, Diagnostic> {
    let program = std::env::current_exe().map_err(|error| cannot("find the program", &error))?;
    let mut command = Command::new(program);
    command.arg(if job.whole { "study" } else { "check" }).arg(&job.study).arg("-o").arg(out);
    command.args(["--quiet", "--verbose", "--no-progress", "--exit-zero"]).stdin(Stdio::null()).stdout(Stdio::null());
    if let Some(lang) = globals.lang {
        command.args(["--lang", lang.tag()]);
    }
    if let Some(memory) = globals.memory {
        command.args(["--memory", &memory.to_string()]);
    }
    if let Some(threads) = globals.threads {
        command.args(["--threads", &threads.to_string()]);
    }
    let since = Instant::now();
    let done = command.output().map_err(|error| cannot("start the program", &error))?;
    let wall = since.elapsed().as_secs_f64();
    let said = String::from_utf8_lossy(&done.stderr);
    if !done.status.success() {
        say(said.trim_end());
        return Err(Diagnostic::new("E0004", ("要計時的執行失敗了", "the run that was to be timed failed"))
            .help(("其訊息見上", "its message stands above")));
    }
    let mut run = Run { wall, peak: None, stages: BTreeMap::new() };
    for line in said.lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words.as_slice() {
            ["peak", "memory", bytes, "bytes"] => run.peak = bytes.parse().ok(),
            [name @ .., seconds, "s"] => {
                if let Ok(seconds) = seconds.parse() {
                    run.stages.insert(name.join(" "), seconds);
                }
            }
            _ => (),
        }
    }
    Ok(run)
}

/// The runs with what they read, from the last one's result.
fn described(job: &BenchJob, globals: &Globals, out: &Path, runs: Vec<Run>) -> Result<Benchmark, Diagnostic> {
    let path = out.join("result.json");
    let unreadable = |error: &dyn std::fmt::Display| cannot("read the result back", error).in_file(&path);
    let text = std::fs::read_to_string(&path).map_err(|error| unreadable(&error))?;
    let result: serde_json::Value = serde_json::from_str(&text).map_err(|error| unreadable(&error))?;
    let rows = |side: &str| result["input"][side]["rows"].as_u64().unwrap_or(0);
    let bytes = |side: &str| {
        let files = result["input"][side]["files"].as_array();
        files.into_iter().flatten().filter_map(|file| file["bytes"].as_u64()).sum::<u64>()
    };
    Ok(Benchmark {
        benchmark_version: BENCHMARK_VERSION,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        command: if job.whole { "study" } else { "check" }.to_owned(),
        threads: globals.threads.map_or(0, |threads| threads.get() as u64),
        orders: rows("orders"),
        receipts: rows("receipts"),
        bytes: bytes("orders") + bytes("receipts"),
        runs,
    })
}

fn load(path: &Path) -> Result<Benchmark, Diagnostic> {
    let unreadable = |error: &dyn std::fmt::Display| cannot("read the baseline", error).in_file(path);
    let text = std::fs::read_to_string(path).map_err(|error| unreadable(&error))?;
    serde_json::from_str(&text).map_err(|error| {
        unreadable(&error).help(("請給 `colofair bench --save` 所寫的檔案", "give a file that `colofair bench --save` wrote"))
    })
}

fn compare(now: &Benchmark, then: &Benchmark) -> Result<Vec<Change>, Diagnostic> {
    match now.differs_in(then) {
        Some(what) => {
            let problem = (format!("無法與基準比較：{what} 不同"), format!("the baseline cannot be compared: it has another {what}"));
            Err(Diagnostic::new("E0005", problem)
                .help(("請以同樣的檔案、命令與執行緒數另存基準", "save a new baseline from the same files, command and threads")))
        }
        None => Ok(now.against(then)),
    }
}

fn cannot(what: &str, error: &dyn std::fmt::Display) -> Diagnostic {
    Diagnostic::new("E0003", (format!("無法執行（{what}）：{error}"), format!("cannot {what}: {error}")))
}

/// Seconds; what took less has no rate worth telling.
const LEAST_TIME: f64 = 0.001;

fn as_text(benchmark: &Benchmark, changes: Option<&[Change]>) -> String {
    let Benchmark { command, orders, receipts, bytes, runs, .. } = benchmark;
    let head = format!(
        "{command}: {orders} orders, {receipts} receipts, {:.1} MB, {} runs, medians\n\n{:<16}{:>12}{:>16}{:>12}\n",
        *bytes as f64 / 1e6,
        runs.len(),
        "",
        "",
        "orders/s",
        "MB/s"
    );
    let row = |(name, values): &(String, Vec<f64>)| {
        let middle = median(values);
        if name == "peak" {
            return format!("{name:<16}{:>12}\n", format!("{:.1} MB", middle / 1e6));
        }
        let time = format!("{middle:.3} s");
        if middle < LEAST_TIME {
            return format!("{name:<16}{time:>12}\n");
        }
        format!("{name:<16}{time:>12}{:>16.0}{:>12.1}\n", *orders as f64 / middle, *bytes as f64 / 1e6 / middle)
    };
    let table: String = benchmark.figures().iter().map(row).collect();
    let against = changes.map_or_else(String::new, |changes| {
        let row = |change: &Change| {
            let interval = change.interval.map_or_else(|| "four runs needed".to_owned(), |(a, b)| format!("{a:.3} to {b:.3}"));
            format!("{:<16}{:>12.3}{interval:>20}  {}\n", change.what, change.ratio, change.verdict.name())
        };
        let head = format!("\n{:<16}{:>12}{:>20}\n", "against", "ratio", "95 % interval");
        head + &changes.iter().map(row).collect::<String>()
    });
    head + &table + &against
}

fn as_json(benchmark: &Benchmark, changes: Option<&[Change]>) -> String {
    let change = |change: &Change| serde_json::json!({ "what": change.what, "ratio": change.ratio, "interval": change.interval, "verdict": change.verdict.name() });
    let changes = changes.map(|changes| changes.iter().map(change).collect::<Vec<_>>());
    format!("{:#}\n", serde_json::json!({ "benchmark": benchmark, "against": changes }))
}
