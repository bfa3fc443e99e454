//! What can be typed.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use clap::{Args, Parser, Subcommand};
use colofair::record::TimeSpan;

use crate::cli::choices::{Colour, Compress, Dates, Depth, Encoding, FailOn, Format, Headers, Lang, Scope, Tables};
use crate::cli::days::{MergeJob, SummarizeJob};
use crate::cli::memory::Bytes;

/// Were co-located clients treated alike? Reconciles orders with client receipts, measures, and gives a verdict that can be cross-examined.
///
/// Exit codes of `study`, `merge`, `access` and `controls`: 0 no finding, 1 finding, 2 usage, configuration, input or output error, 3
/// inconclusive or beyond --max-rejects. `verify`, `calibrate` and `bench --against` end with 1 where what they test does not hold; the
/// other commands with 0, or 2 after an error. A defect of the program itself ends with 2 too, as E0006: please report it.
#[derive(Debug, Parser)]
#[command(name = "colofair", version, max_term_width = 100)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) globals: Globals,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Options of every command.
#[derive(Args, Debug)]
pub(crate) struct Globals {
    /// What stdout carries: text for people, or one JSON document and nothing else; for `simulate` and `report`, what is written
    #[arg(long, global = true, value_enum)]
    pub(crate) format: Option<Format>,
    /// Print no summary
    #[arg(short, long, global = true)]
    pub(crate) quiet: bool,
    /// Say on stderr how long each stage took
    #[arg(short, long, global = true)]
    pub(crate) verbose: bool,
    /// Colour on stdout; NO_COLOR is honoured
    #[arg(long, global = true, value_enum, default_value_t = Colour::Auto)]
    pub(crate) color: Colour,
    /// No progress bar; there is none anyway where stderr is not a terminal
    #[arg(long, global = true)]
    pub(crate) no_progress: bool,
    /// Worker threads, 1 to 512 [default: one a core]. The answer does not depend on it
    #[arg(long, global = true, env = "COLOFAIR_THREADS", value_name = "N", value_parser = threads)]
    pub(crate) threads: Option<NonZeroUsize>,
    /// Most memory to hold, for example 1GiB or 800MB; a run that would hold more ends with E0008. `check` reads the files several times
    /// over where it has to, and aims at half of the machine's memory where nothing is said. The answer does not depend on it
    #[arg(long, global = true, env = "COLOFAIR_MEMORY", value_name = "SIZE", value_parser = Bytes::parse)]
    pub(crate) memory: Option<Bytes>,
    /// Nobody but you may read what is written: files 0600, folders 0700 (Unix)
    #[arg(long, global = true)]
    pub(crate) private: bool,
    /// Language of summary and report [default: the study's]
    #[arg(long, global = true, env = "COLOFAIR_LANG", value_enum, value_name = "LANG")]
    pub(crate) lang: Option<Lang>,
    /// Which verdicts end with an exit code other than 0: findings alone, findings and inconclusive ones, or none
    #[arg(long, global = true, value_enum, default_value_t = FailOn::Inconclusive)]
    pub(crate) fail_on: FailOn,
    /// End with 0 whatever the verdict; errors still end with 2
    #[arg(long, global = true)]
    pub(crate) exit_zero: bool,
}

/// More threads than any machine of one broker has cores: each takes a stack, and thousands never come to work.
const MOST_THREADS: usize = 512;

/// Reads a number of threads.
fn threads(text: &str) -> Result<NonZeroUsize, String> {
    let number = text.trim().parse::<NonZeroUsize>().ok().filter(|number| number.get() <= MOST_THREADS);
    number.ok_or_else(|| format!("\"{text}\" is no number of threads from 1 to {MOST_THREADS}"))
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Look at orders, receipts and clients files and write a commented study.toml that reads them
    Init(InitJob),
    /// Show what files hold: encoding, columns, times and their resolution, proposed mapping; 2 where one cannot be read
    Inspect(InspectJob),
    /// A first look: read, reconcile, balance, per-group figures, trend; no verdict. Ends with 0, or 3 beyond --max-rejects
    Check(CheckJob),
    /// The main job: everything, with verdict, report, tables and manifest
    Study(StudyJob),
    /// One trading day as a file of some 10 bytes an order, wherever its files are; `merge` judges any number of them
    Summarize(SummarizeJob),
    /// Judge days that `summarize` wrote, in any order and any tree: the pairs of one `study` over all their files
    Merge(MergeJob),
    /// Two studies side by side: before and after a change, or one broker and another
    Compare(CompareJob),
    /// Check every input, configuration and output of a study against its manifest, or repeat the study; 1 where anything differs
    Verify(VerifyJob),
    /// Write the documents of a study again from its result, without the raw data: in the other language, as PDF, as CSV for Excel
    Report(ReportJob),
    /// The evidence of access alone: who may use co-location by the broker's own rule, and who does
    Access(EvidenceJob),
    /// The evidence of controls alone: firewall, accounts, passwords, audit logs, scans, equipment; or templates of its tables
    Controls(ControlsJob),
    /// What a finding code, a rule, a method or the reason of a verdict means: dated rule, method, remedy, what to ask for next
    Explain(ExplainJob),
    /// Run the sample study that ships with the program; it plants a delay of 60 us and should find it
    Demo(DemoJob),
    /// Write order and receipt files of any size with planted unfairness or record faults, and the truth about them
    Simulate(SimulateJob),
    /// Judge simulated worlds whose truth is known, and print how often the verdict was which
    Calibrate(CalibrateJob),
    /// Time the program on your own files, and tell whether it became slower than an earlier time
    Bench(BenchJob),
    /// Print what completes commands and options in a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Print the manual page, or write one for each command
    Man {
        /// Folder for a page of each command
        #[arg(short, long, value_name = "DIR")]
        output: Option<PathBuf>,
    },
    /// Look at the configuration
    #[command(subcommand)]
    Config(ConfigJob),
}

impl Command {
    /// The study it is about, where it is about one.
    pub(crate) fn study(&self) -> Option<&Path> {
        match self {
            Self::Check(job) => Some(&job.study),
            Self::Study(job) => Some(&job.study),
            Self::Summarize(job) => Some(&job.study),
            Self::Merge(job) => Some(&job.study),
            Self::Access(job) => Some(&job.study),
            Self::Controls(job) => job.study.as_deref(),
            Self::Bench(job) => Some(&job.study),
            Self::Verify(job) => job.study.as_deref(),
            Self::Config(ConfigJob::Show { study }) => Some(study),
            _ => None,
        }
    }
}

#[derive(Args, Debug)]
pub(crate) struct InitJob {
    /// Orders, receipts and, where there is one, the clients file, in any order; several files a side and patterns are allowed
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<String>,
    /// The file to write
    #[arg(short, long, value_name = "FILE", default_value = "study.toml")]
    pub(crate) output: PathBuf,
    /// Replace the file if it is there
    #[arg(long)]
    pub(crate) force: bool,
    /// Where something needed was not found, write the file all the same, with TODO where it is missing; the exit code stays 2
    #[arg(long)]
    pub(crate) partial: bool,
}

#[derive(Args, Debug)]
pub(crate) struct InspectJob {
    /// Files; patterns are allowed
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<String>,
}

#[derive(Args, Debug)]
pub(crate) struct CheckJob {
    /// The study's configuration
    pub(crate) study: PathBuf,
    /// Output folder; an earlier result of colofair there is replaced
    #[arg(short, long, value_name = "DIR", default_value = "out")]
    pub(crate) output: PathBuf,
    /// Hash the input files
    #[arg(long)]
    pub(crate) hash: bool,
    /// The most rows of either side that may be rejected, as a number or a share such as `0.5%`; beyond it the run ends with 3
    #[arg(long, value_name = "N|SHARE%", value_parser = colofair::study::MaxRejects::parse)]
    pub(crate) max_rejects: Option<colofair::study::MaxRejects>,
    /// `full` writes every reconciled row to tables/reconciled.parquet
    #[arg(long, value_enum, default_value_t = Tables::Needed)]
    pub(crate) tables: Tables,
}

#[derive(Args, Debug)]
pub(crate) struct StudyJob {
    /// The study's configuration
    pub(crate) study: PathBuf,
    /// Output folder; an earlier result of colofair there is replaced
    #[arg(short, long, value_name = "DIR", default_value = "out")]
    pub(crate) output: PathBuf,
    /// The most rows of either side that may be rejected, as a number or a share such as `0.5%`; beyond it the run ends with 3
    #[arg(long, value_name = "N|SHARE%", value_parser = colofair::study::MaxRejects::parse)]
    pub(crate) max_rejects: Option<colofair::study::MaxRejects>,
    /// `full` writes every reconciled row to tables/reconciled.parquet, beside the exceptions
    #[arg(long, value_enum, default_value_t = Tables::Needed)]
    pub(crate) tables: Tables,
    /// `full` also says what would change the verdict: random groupings, missing orders, a fair queue, every alternative judged again;
    /// it takes some hundred times as long as the verdict alone
    #[arg(long, value_enum, default_value_t = Depth::Standard)]
    pub(crate) depth: Depth,
    /// Write pseudonyms in place of clients and accounts, made with the secret key in this file (at least 16 random bytes)
    #[arg(long, value_name = "KEYFILE")]
    pub(crate) pseudonyms: Option<PathBuf>,
}

#[derive(Args, Debug)]
pub(crate) struct ReportJob {
    /// Output folder of a study
    #[arg(value_name = "OUT")]
    pub(crate) folder: PathBuf,
    /// Folder for the documents [default: beside the study, whose manifest then says so]
    #[arg(short, long, value_name = "DIR")]
    pub(crate) output: Option<PathBuf>,
    /// Write pseudonyms in place of clients and accounts, made with the secret key in this file; needs -o
    #[arg(long, value_name = "KEYFILE", requires = "output")]
    pub(crate) pseudonyms: Option<PathBuf>,
    /// The most rows of a sheet of the workbook; every row stands in the CSV files [default: as the study was set]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) workbook_rows: Option<u64>,
    /// The Chromium, Chrome or Edge that prints the PDF and draws the PNG files [default: the first found on PATH]
    #[arg(long, env = "COLOFAIR_BROWSER", value_name = "PATH")]
    pub(crate) browser: Option<PathBuf>,
}

#[derive(Args, Debug)]
pub(crate) struct CompareJob {
    /// Output folder of the first study
    #[arg(value_name = "A")]
    pub(crate) first: PathBuf,
    /// Output folder of the second; differences are second minus first
    #[arg(value_name = "B")]
    pub(crate) second: PathBuf,
    /// Folder for compare.html and compare.json
    #[arg(short, long, value_name = "DIR")]
    pub(crate) output: Option<PathBuf>,
}

#[derive(Args, Debug)]
pub(crate) struct VerifyJob {
    /// Output folder of a study
    #[arg(value_name = "OUT")]
    pub(crate) folder: PathBuf,
    /// The study's configuration, beside which the inputs stand [default: where it stood from OUT, else the file of its name beside OUT, else here]
    #[arg(long, value_name = "FILE")]
    pub(crate) study: Option<PathBuf>,
    /// Check the outputs alone: the inputs are somewhere else
    #[arg(long, conflicts_with_all = ["study", "recompute"])]
    pub(crate) outputs_only: bool,
    /// Run the study again with the command of the manifest, into a folder that is removed, and compare result.json byte by byte
    #[arg(long)]
    pub(crate) recompute: bool,
    /// The key that the study's pseudonyms were made with, for --recompute
    #[arg(long, value_name = "KEYFILE", requires = "recompute")]
    pub(crate) pseudonyms: Option<PathBuf>,
}

#[derive(Args, Debug)]
pub(crate) struct EvidenceJob {
    /// The study's configuration
    pub(crate) study: PathBuf,
    /// Folder for checks.json and the rows behind the findings
    #[arg(short, long, value_name = "DIR")]
    pub(crate) output: Option<PathBuf>,
}

#[derive(Args, Debug)]
pub(crate) struct ControlsJob {
    /// The study's configuration
    #[arg(required_unless_present = "template")]
    pub(crate) study: Option<PathBuf>,
    /// Folder for checks.json and the rows behind the findings
    #[arg(short, long, value_name = "DIR")]
    pub(crate) output: Option<PathBuf>,
    /// Write a template of each evidence table here, as CSV and as one workbook
    #[arg(long, value_name = "DIR")]
    pub(crate) template: Option<PathBuf>,
}

#[derive(Args, Debug)]
pub(crate) struct ExplainJob {
    /// A finding code such as A01, a rule such as CC-18000, a method such as fisher, or a reason such as within_pause (a wrong name lists them)
    pub(crate) name: String,
    /// Output folder of a study: what it found under the code, with the first rows by file and line
    #[arg(long = "in", value_name = "DIR")]
    pub(crate) study: Option<PathBuf>,
}

#[derive(Args, Debug)]
pub(crate) struct DemoJob {
    /// Folder for the sample files and the result
    #[arg(default_value = "colofair-demo")]
    pub(crate) folder: PathBuf,
}

#[derive(Args, Debug)]
pub(crate) struct SimulateJob {
    /// The world: fair, delay, priority, routing, whale-delay, missing, ... (a wrong name lists them)
    pub(crate) world: String,
    /// Output folder: a new one, an empty one, or that of an earlier simulation, whose files are replaced
    #[arg(short, long, value_name = "DIR")]
    pub(crate) output: PathBuf,
    /// Orders, about
    #[arg(long, default_value_t = 100_000)]
    pub(crate) orders: u64,
    /// Trading days
    #[arg(long, default_value_t = 10)]
    pub(crate) days: u32,
    /// Seed: the same seed gives the same bytes
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
    /// Delay of the disadvantaged group in world `delay` [default: 20us]
    #[arg(long, value_name = "SPAN", value_parser = colofair::record::parse_span)]
    pub(crate) delay: Option<TimeSpan>,
    /// Share of orders with each planted record fault [default: the fault's own]
    #[arg(long, value_name = "SHARE")]
    pub(crate) fault_rate: Option<f64>,
    /// Add the small imperfections of an honest record to any world
    #[arg(long)]
    pub(crate) faults: bool,
    /// Clients in all
    #[arg(long, default_value_t = 40)]
    pub(crate) clients: u32,
    /// Client groups, 2 to 6
    #[arg(long, default_value_t = 2)]
    pub(crate) groups: u32,
    /// Instruments
    #[arg(long, default_value_t = 40)]
    pub(crate) instruments: u32,
    /// Characters: any for csv; utf-8 or cp950 for fixed and oms
    #[arg(long, value_enum, default_value_t = Encoding::Utf8)]
    pub(crate) encoding: Encoding,
    /// How csv writes times
    #[arg(long, value_enum, default_value_t = Dates::Iso)]
    pub(crate) dates: Dates,
    /// Pack text files
    #[arg(long, value_enum, default_value_t = Compress::None)]
    pub(crate) compress: Compress,
    /// Language of csv column names and of group names
    #[arg(long, value_enum, default_value_t = Headers::En)]
    pub(crate) headers: Headers,
    /// Cut times to this: 1ns, 10ns, ..., 1s
    #[arg(long, value_name = "SPAN", value_parser = colofair::record::parse_span, default_value = "1ns")]
    pub(crate) resolution: TimeSpan,
}

#[derive(Args, Debug)]
pub(crate) struct CalibrateJob {
    /// Replicates of each world
    #[arg(long, default_value_t = 200)]
    pub(crate) replicates: u32,
    /// Orders of a replicate, about
    #[arg(long, default_value_t = 32_000)]
    pub(crate) orders: u64,
    /// Client groups, 2 to 6
    #[arg(long, default_value_t = 2)]
    pub(crate) groups: u32,
    /// Seed of the first replicate; the others follow
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
    /// Within what overtaking is counted
    #[arg(long, value_enum, default_value_t = Scope::Shard)]
    pub(crate) scope: Scope,
    /// Only these worlds (repeat the option)
    #[arg(long = "world", value_name = "WORLD")]
    pub(crate) worlds: Vec<String>,
}

#[derive(Args, Debug)]
pub(crate) struct BenchJob {
    /// The study's configuration; its result goes to a folder that is removed again
    pub(crate) study: PathBuf,
    /// Runs; four or more on both sides make a verdict
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) runs: u16,
    /// Time `study` instead of `check`
    #[arg(long = "study")]
    pub(crate) whole: bool,
    /// Keep the runs as a baseline
    #[arg(long, value_name = "FILE")]
    pub(crate) save: Option<PathBuf>,
    /// Compare with a baseline; the exit code is 1 where a figure became worse
    #[arg(long, value_name = "FILE")]
    pub(crate) against: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ConfigJob {
    /// Print every setting with its value and where it came from
    Show {
        /// The study's configuration
        study: PathBuf,
    },
}
