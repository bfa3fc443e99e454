//! Readers: the orders of one simulated day in every format, encoding, packing and shape of dates, to canonical columns.
//!
//! `cargo bench --bench readers [-- NAME...] [--orders N] [--rounds N]`. Rows and megabytes a second, of the file as it lies on disk: the
//! median of the rounds, and between its quartiles. A round reads every file once, so that what disturbs the machine disturbs
//! all of them. The day is made by the program's own simulator from a fixed seed. Every column that the study maps is read, on all cores.

#![allow(clippy::print_stdout, reason = "a bench prints its figures")]

mod rounds;

use std::path::Path;

use colofair::config;
use colofair::ingest::{self, Format as Read, Source};
use colofair::record::{Chunk, Column, NameBooks, Progress};
use colofair::simulate::{self, Compress, Dates, Encoding, Format, Options, World, WorldSettings, Writing};

use crate::rounds::{Asked, at, rounds};

/// As in the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    let asked = Asked::of_this_run();
    let (n_orders, n_rounds) = (asked.number("--orders", 200_000), asked.number("--rounds", 11));
    let mut files: Vec<Measured> = Vec::new();
    for (name, writing) in writings().into_iter().filter(|(name, _)| asked.wants(name)) {
        let folder = tempfile::tempdir().expect("a folder for the day");
        let options = Options { orders: n_orders as u64, days: 1, seed: 1, ..Options::default() };
        let world = World::named("fair", &WorldSettings::default()).expect("a known world");
        simulate::write(&world, &options, writing, folder.path(), &mut |_| ()).expect("room for the day");
        let source = orders(folder.path());
        if source.files[0].format == Read::Fix {
            // The exchange's answers take a second pass over the log.
            files.push(Measured { name: "fix, with answers", n_rows: read(&source), source: source.clone(), _folder: None });
            files.push(Measured::of(name, without_answers(&source), folder));
        } else {
            files.push(Measured::of(name, source, folder));
        }
    }
    let jobs: Vec<_> = files.iter().map(|file| move || assert_eq!(read(&file.source), file.n_rows)).collect();
    let found = rounds(n_rounds, &jobs.iter().map(|job| job as &dyn Fn()).collect::<Vec<_>>());
    println!("{:<20} {:>9} {:>8} {:>9} {:>8} {:>17}", "format", "rows", "MB", "Mrows/s", "MB/s", "quartiles, MB/s");
    files.iter().zip(found).for_each(|(file, seconds)| file.print(&seconds));
}

/// A file.
struct Measured {
    name: &'static str,
    source: Source,
    n_rows: u64,
    /// Removed with the last of its readings.
    _folder: Option<tempfile::TempDir>,
}

impl Measured {
    fn of(name: &'static str, source: Source, folder: tempfile::TempDir) -> Self {
        Self { name, n_rows: read(&source), source, _folder: Some(folder) }
    }

    /// `seconds` its readings took, ascending.
    fn print(&self, seconds: &[f64]) {
        let at = |share: f64| at(seconds, share);
        let megabytes = self.source.files.iter().map(|file| file.bytes).sum::<u64>() as f64 / 1e6;
        let (median, slow, fast) = (at(0.5), megabytes / at(0.75), megabytes / at(0.25));
        let (rows, rate) = (self.n_rows as f64 / median / 1e6, megabytes / median);
        println!("{:<20} {:>9} {megabytes:>8.1} {rows:>9.2} {rate:>8.0} {slow:>8.0} {fast:>8.0}", self.name, self.n_rows);
    }
}

fn writings() -> Vec<(&'static str, Writing)> {
    let of = |format: Format| Writing::from(format);
    let csv = of(Format::Csv);
    let chinese = Writing { chinese: true, ..csv };
    vec![
        ("csv", csv),
        ("csv, Chinese", chinese),
        ("csv, cp950", Writing { encoding: Encoding::Cp950, ..chinese }),
        ("csv, utf-16", Writing { encoding: Encoding::Utf16Le, ..csv }),
        ("csv, ROC dates", Writing { dates: Dates::Roc, ..csv }),
        ("csv, ROC, compact", Writing { dates: Dates::RocCompact, ..csv }),
        ("csv, two columns", Writing { dates: Dates::Split, ..csv }),
        ("csv, 12 hours", Writing { dates: Dates::Clock12, ..csv }),
        ("csv, epoch ns", Writing { dates: Dates::EpochNs, ..csv }),
        ("csv, epoch float", Writing { dates: Dates::EpochFloat, ..csv }),
        ("csv, gzip", Writing { compress: Compress::Gzip, ..csv }),
        ("csv, zstd", Writing { compress: Compress::Zstd, ..csv }),
        ("parquet", of(Format::Parquet)),
        ("arrow", of(Format::Arrow)),
        ("jsonl", of(Format::Jsonl)),
        ("fix", of(Format::Fix)),
        ("fixed", of(Format::Fixed)),
        ("fixed, cp950", Writing { encoding: Encoding::Cp950, chinese: true, ..of(Format::Fixed) }),
        ("oms", of(Format::Oms)),
        ("cat", of(Format::Cat)),
        ("cat, json", of(Format::CatJson)),
    ]
}

fn orders(folder: &Path) -> Source {
    let config = config::load(&folder.join("study.toml")).expect("the simulator writes a study that loads");
    let side = &config.orders;
    let files = ingest::discover(config.base(), &side.paths, side.format).expect("its files");
    Source { files, mapping: side.mapping.clone(), zone: config.zone, text: side.text.clone(), options: side.options.clone() }
}

fn without_answers(source: &Source) -> Source {
    let mut mapping = ingest::Mapping::default();
    for (column, from) in source.mapping.iter().filter(|(column, _)| *column != Column::AcknowledgedAt) {
        mapping.insert(column, from.clone());
        if let Some(transform) = source.mapping.transform(column) {
            mapping.set_transform(column, transform.clone());
        }
    }
    Source { mapping, ..source.clone() }
}

/// Reads a source whole; its rows.
fn read(source: &Source) -> u64 {
    let (mut n_rows, count) = (0, |chunk: Chunk<'_>| chunk.n_rows as u64);
    let intake = ingest::read(source, &Column::ALL, &NameBooks::default(), &Progress::default(), count, |_, n| n_rows += n);
    assert_eq!(intake.expect("a sound file").n_rejected(), 0);
    n_rows
}
