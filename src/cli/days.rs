//! `summarize` and `merge`: a study cut by trading day, and its sum.

use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use colofair::fairness::state::{Merged, merge as unite};
use colofair::record::{Diagnostic, Progress, in_chinese};
use colofair::report::i18n::Language;
use colofair::report::output::put_at;
use colofair::report::terminal::{day_summary, days_summary};
use colofair::study;
use colofair::study::days::{self, Summarized};

use crate::cli::arguments::Globals;
use crate::cli::progress::{Bar, Stages};
use crate::cli::studies::{WIDTH, load};
use crate::cli::{exit_code, print, wants_json};

#[derive(Args, Debug)]
pub(crate) struct SummarizeJob {
    /// The study's configuration
    pub(crate) study: PathBuf,
    /// The day's orders, in place of the paths in the configuration; patterns are allowed
    #[arg(long, value_name = "FILE", num_args = 1..)]
    pub(crate) orders: Vec<String>,
    /// The day's receipts, in place of the paths in the configuration
    #[arg(long, value_name = "FILE", num_args = 1..)]
    pub(crate) receipts: Vec<String>,
    /// The file to write
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: PathBuf,
}

#[derive(Args, Debug)]
pub(crate) struct MergeJob {
    /// The configuration the days were summarized under; its paths are not looked at
    pub(crate) study: PathBuf,
    /// What `summarize` or `merge --state` wrote
    #[arg(required = true, value_name = "DAYS")]
    pub(crate) days: Vec<PathBuf>,
    /// Write the verdict here, as JSON
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Write the united days here and judge nothing: they can be merged again
    #[arg(long, value_name = "FILE", conflicts_with = "output")]
    pub(crate) state: Option<PathBuf>,
}

pub(crate) fn summarize(job: &SummarizeJob, globals: &Globals) -> Result<u8, Diagnostic> {
    let json = wants_json(globals)?;
    let mut config = load(&job.study, globals)?;
    for (paths, given) in [(&mut config.orders.paths, &job.orders), (&mut config.receipts.paths, &job.receipts)] {
        if !given.is_empty() {
            *paths = given.iter().map(|path| from_here(path)).collect();
        }
    }
    let inputs = study::open(&config)?;
    let stages = Stages::default();
    let progress = Arc::new(if globals.verbose { stages.watch() } else { Progress::default() });
    let bar = Bar::start(&progress, inputs.bytes(), globals);
    let Summarized { day, orders: read, receipts } = days::summarize(&config, &inputs, &progress)?;
    let bytes = day.to_bytes();
    put_at(&job.output, &bytes)?;
    drop(bar);
    stages.finish();
    let orders = day.orders().len();
    if json {
        let document = serde_json::json!({
            "schema_version": 1, "subject": day.origin().subject, "date": day.date().to_string(), "orders": orders, "bytes": bytes.len(),
            "input": {
                "orders": { "rows": read.read, "rejected": read.rejected },
                "receipts": { "rows": receipts.read, "rejected": receipts.rejected },
            },
        });
        print(&format!("{document:#}\n"));
    } else if !globals.quiet {
        let (date, refused) = (day.date().to_string(), read.rejected + receipts.rejected);
        print(&day_summary(&date, orders as u64, bytes.len(), refused, Language::of(&config.language)));
        print(&format!("{}\n", job.output.display()));
    }
    Ok(0)
}

pub(crate) fn merge(job: &MergeJob, globals: &Globals) -> Result<u8, Diagnostic> {
    let json = wants_json(globals)?;
    let config = load(&job.study, globals)?;
    let parts = job.days.iter().map(read).collect::<Result<Vec<Merged>, Diagnostic>>()?;
    let united = unite(parts).map_err(|error| days::of_state(&error).in_file(&job.study))?;
    if let Some(path) = &job.state {
        put_at(path, &united.to_bytes())?;
        if !globals.quiet && !json {
            print(&format!("{}\n", path.display()));
        }
        return Ok(0);
    }
    let stages = Stages::default();
    let progress = if globals.verbose { stages.watch() } else { Progress::default() };
    let found = days::verdict(&config, &united, &progress)?;
    stages.finish();
    if let Some(path) = &job.output {
        put_at(path, found.json().as_bytes())?;
    }
    if json {
        print(&found.json());
    } else if !globals.quiet {
        let document = job.output.as_ref().map(|path| path.display().to_string());
        print(&days_summary(&found, document.as_deref(), Language::of(&config.language), WIDTH));
    }
    Ok(exit_code(found.exit_code, globals))
}

/// A path of the command line: relative to where the program runs, not to study.toml.
fn from_here(path: &str) -> String {
    std::path::absolute(path).map_or_else(|_| path.to_owned(), |path| path.to_string_lossy().into_owned())
}

fn read(path: &PathBuf) -> Result<Merged, Diagnostic> {
    let bytes = std::fs::read(path).map_err(|error| {
        let problem = (format!("無法讀取：{}", in_chinese(&error)), format!("cannot read: {error}"));
        Diagnostic::new("E0200", problem).in_file(path).help(("請檢查路徑與權限", "check the path and the permissions"))
    })?;
    Merged::from_bytes(&bytes).map_err(|error| days::of_state(&error).in_file(path))
}
