//! Kernels: what a study computes from matched orders, stage by stage, and the reconciliation before it.
//!
//! `cargo bench --bench kernels [-- NAME...] [--orders N] [--days N] [--rounds N]`. Millions of orders a second: the median of the rounds,
//! and between its quartiles. The orders are made by the program's own simulator from a fixed seed: two groups, bursts, three workers.

#![allow(clippy::print_stdout, reason = "a bench prints its figures")]

mod rounds;

use std::hint::black_box;

use colofair::config;
use colofair::fairness::{Evidence, FairnessOptions, assess};
use colofair::measure::{CellKeys, Cells, Line, OvertakingRules, Timetable, count_overtaking, load_bins};
use colofair::reconcile::{Attribution, ClientBook, LinkOptions, ReceiptIndex, Records, RecordsBuilder, RecordsPart};
use colofair::record::{Calendar, Chunk, Column, NameBooks, Progress, TimeSpan, Zone};
use colofair::simulate::{self, Format, Options, World, WorldSettings, Writing, matched};
use colofair::statistics::all_pairs;
use colofair::timestamps::{self, StampOptions};
use colofair::{ingest, ingest::Source};

use crate::rounds::{Asked, at, rounds};

/// As in the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// A kernel with its input.
type Kernel<'a> = Box<dyn Fn() + 'a>;

fn main() {
    let asked = Asked::of_this_run();
    let (n_orders, n_days, n_rounds) = (asked.number("--orders", 400_000), asked.number("--days", 2), asked.number("--rounds", 11));
    let world = World::named("fair-workers", &WorldSettings::default()).expect("a known world");
    let options = Options { orders: n_orders as u64, days: n_days as u32, seed: 1, ..Options::default() };
    let orders = matched(&world, &options).expect("a world of that size");
    let (calendar, fairness) = (Calendar::none(), FairnessOptions::default());
    let timetable = Timetable::of(&orders, &calendar, Zone::UTC, fairness.slot, fairness.block);
    let n_groups = orders.names.groups.len();
    let load = load_bins(&orders, &timetable.days);
    let rules = OvertakingRules {
        window: TimeSpan(i64::MAX),
        line: Line::All,
        received_resolution: 1,
        sent_resolution: 1,
        unordered_gap: 0,
        sent_gap: 0,
    };
    let mut latencies: Vec<Vec<i64>> = vec![Vec::new(); n_groups];
    orders.group.iter().zip(&orders.latency).for_each(|(group, latency)| latencies[usize::from(*group)].push(latency.0));
    latencies.iter_mut().for_each(|latencies| latencies.sort_unstable());
    let sorted: Vec<&[i64]> = latencies.iter().map(Vec::as_slice).collect();

    let folder = tempfile::tempdir().expect("a folder for the days");
    simulate::write(&world, &options, Writing::from(Format::Csv), folder.path(), &mut |_| ()).expect("room for the days");
    let study = config::load(&folder.path().join("study.toml")).expect("the simulator writes a study that loads");
    let side = |side: &config::SideConfig| {
        let files = ingest::discover(study.base(), &side.paths, side.format).expect("its files");
        let source =
            Source { files, mapping: side.mapping.clone(), zone: study.zone, text: side.text.clone(), options: side.options.clone() };
        records(&source)
    };
    let (sent, received) = (side(&study.orders), side(&study.receipts));
    let book = ClientBook::default();
    let link_options = LinkOptions { also: study.also_equal.clone(), zone: study.zone };
    let of = Attribution::of_receipts(&received, &book, study.zone);

    let jobs: Vec<(&str, Kernel)> = vec![
        ("index of receipts", Box::new(|| drop(black_box(ReceiptIndex::of(&received, &of.receipt_group, &link_options))))),
        (
            "index and link",
            Box::new(|| {
                let index = ReceiptIndex::of(&received, &of.receipt_group, &link_options);
                let (mut orders, linked) = (sent.clone(), index.link(&sent));
                drop(black_box(index.finish(&mut orders, linked)));
            }),
        ),
        ("load", Box::new(|| drop(black_box(load_bins(&orders, &timetable.days))))),
        ("cells", Box::new(|| drop(black_box(Cells::of(&orders, &timetable.slots, &load, CellKeys::default()))))),
        ("overtaking", Box::new(|| drop(black_box(count_overtaking(&orders, &timetable, n_groups, rules, &[]))))),
        ("all pairs", Box::new(|| drop(black_box(all_pairs(&sorted))))),
        ("stamps", Box::new(|| drop(black_box(timestamps::examine(&orders, &load, &StampOptions::default()))))),
        ("method", Box::new(|| drop(black_box(assess(&orders, &Evidence::default(), &calendar, Zone::UTC, &fairness))))),
    ];
    let jobs: Vec<_> = jobs.into_iter().filter(|(name, _)| asked.wants(name)).collect();
    let found = rounds(n_rounds, &jobs.iter().map(|(_, job)| job.as_ref()).collect::<Vec<_>>());
    println!("{} orders, {n_days} days, {n_groups} groups", orders.len());
    println!("{:<18} {:>9} {:>17}", "kernel", "M/s", "quartiles");
    for ((name, _), seconds) in jobs.iter().zip(found) {
        let rate = |share: f64| orders.len() as f64 / at(&seconds, share) / 1e6;
        println!("{name:<18} {:>9.2} {:>8.2} {:>8.2}", rate(0.5), rate(0.75), rate(0.25));
    }
}

/// Every row of a source.
fn records(source: &Source) -> Records {
    let (books, mut records) = (NameBooks::default(), RecordsBuilder::default());
    let transform = |chunk: Chunk<'_>| RecordsPart::of(chunk, |_| true);
    let take = |place, part| records.append(place, part);
    ingest::read(source, &Column::ALL, &books, &Progress::default(), transform, take).expect("a sound file");
    records.finish(books)
}
