//! Readers: the orders of one simulated day in every format, encoding, packing and shape of dates, to canonical columns.
//!
//! `cargo bench --bench readers [-- NAME]`. Rows a second and bytes a second, of the file as it lies on disk. The day is made by the
//! program's own simulator from a fixed seed. Every column that the study maps is read, on all cores.

use std::path::Path;
use std::time::Duration;

use colofair::config;
use colofair::ingest::{self, Source};
use colofair::record::{Chunk, Column, NameBooks, Progress};
use colofair::simulate::{self, Compress, Dates, Encoding, Format, Options, World, WorldSettings, Writing};
use criterion::{Criterion, Throughput};

/// Orders of the day; packed and slow formats are read some ten times as often as a user would.
const ORDERS: u64 = 200_000;

fn main() {
    let mut criterion = Criterion::default().sample_size(10).warm_up_time(Duration::from_millis(500)).configure_from_args();
    for (name, writing) in writings() {
        bench(&mut criterion, name, writing);
    }
    criterion.final_summary();
}

fn writings() -> Vec<(&'static str, Writing)> {
    let of = |format: Format| Writing::from(format);
    let csv = of(Format::Csv);
    vec![
        ("csv", csv),
        ("csv-cp950", Writing { encoding: Encoding::Cp950, chinese: true, ..csv }),
        ("csv-utf8-chinese", Writing { chinese: true, ..csv }),
        ("csv-utf16", Writing { encoding: Encoding::Utf16Le, ..csv }),
        ("csv-roc-dates", Writing { dates: Dates::Roc, ..csv }),
        ("csv-clock12", Writing { dates: Dates::Clock12, ..csv }),
        ("csv-epoch-float", Writing { dates: Dates::EpochFloat, ..csv }),
        ("csv-gzip", Writing { compress: Compress::Gzip, ..csv }),
        ("csv-zstd", Writing { compress: Compress::Zstd, ..csv }),
        ("parquet", of(Format::Parquet)),
        ("arrow", of(Format::Arrow)),
        ("jsonl", of(Format::Jsonl)),
        ("fix", of(Format::Fix)),
        ("fixed", of(Format::Fixed)),
        ("fixed-cp950", Writing { encoding: Encoding::Cp950, chinese: true, ..of(Format::Fixed) }),
        ("oms", of(Format::Oms)),
        ("cat", of(Format::Cat)),
        ("cat-json", of(Format::CatJson)),
    ]
}

fn bench(criterion: &mut Criterion, name: &str, writing: Writing) {
    let folder = tempfile::tempdir().expect("a folder for the day");
    let options = Options { orders: ORDERS, days: 1, seed: 1, ..Options::default() };
    let world = World::named("fair", &WorldSettings::default()).expect("a known world");
    simulate::write(&world, &options, writing, folder.path(), &mut |_| ()).expect("room for the day");
    let source = orders(folder.path());
    run(criterion, name, &source);
    if writing.format == Format::Fix {
        // Answers of the exchange take a second pass over the log.
        run(criterion, "fix-without-answers", &without_answers(&source));
    }
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

fn run(criterion: &mut Criterion, name: &str, source: &Source) {
    let read = || {
        let count = |chunk: Chunk<'_>| chunk.n_rows;
        let mut n_rows = 0;
        let intake = ingest::read(source, &Column::ALL, &NameBooks::default(), &Progress::default(), count, |_, n| n_rows += n);
        assert_eq!(intake.expect("a sound file").n_rejected(), 0);
        n_rows as u64
    };
    let bytes = source.files.iter().map(|file| file.bytes).sum();
    let mut group = criterion.benchmark_group("read");
    group.throughput(Throughput::ElementsAndBytes { elements: read(), bytes });
    group.bench_function(name, |bencher| bencher.iter(read));
    group.finish();
}
