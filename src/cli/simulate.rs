//! `simulate`.

use colofair::record::Diagnostic;
use colofair::simulate::{self, Broker, Options, World, WorldSettings, Writing};

use crate::cli::arguments::{Globals, SimulateJob};
use crate::cli::choices::{Compress, Dates, Encoding, Format, Headers};
use crate::cli::print;

pub(crate) fn simulate(job: &SimulateJob, globals: &Globals) -> Result<u8, Diagnostic> {
    let format = match globals.format {
        None | Some(Format::Csv) => simulate::Format::Csv,
        Some(Format::Parquet) => simulate::Format::Parquet,
        Some(Format::Arrow) => simulate::Format::Arrow,
        Some(Format::Jsonl) => simulate::Format::Jsonl,
        Some(Format::Fix) => simulate::Format::Fix,
        Some(Format::Fixed) => simulate::Format::Fixed,
        Some(Format::Oms) => simulate::Format::Oms,
        Some(Format::Cat) => simulate::Format::Cat,
        Some(Format::CatJson) => simulate::Format::CatJson,
        Some(_) => {
            let problem = ("simulate 不寫這種格式", "simulate does not write this format");
            return Err(Diagnostic::new("E0002", problem).help((
                "請寫 --format csv、parquet、arrow、jsonl、fix、fixed、oms、cat 或 cat-json",
                "write --format csv, parquet, arrow, jsonl, fix, fixed, oms, cat or cat-json",
            )));
        }
    };
    let writing = writing(job, format);
    let defaults = WorldSettings::default();
    let settings =
        WorldSettings { delay: job.delay.unwrap_or(defaults.delay), fault_rate: job.fault_rate, imperfections: job.faults, ..defaults };
    if let Some(broker) = Broker::named(&job.world) {
        return simulate_broker(&broker, job, writing, globals);
    }
    let world = World::named(&job.world, &settings).map_err(|error| error.told())?;
    let options = options(job);
    let truth = simulate::write(&world, &options, writing, &job.output, &mut |_| ()).map_err(|error| error.told())?;
    if !globals.quiet {
        let shown = serde_json::to_string_pretty(&truth.json(&world, &options)).expect("a JSON value serializes");
        print(&format!("{shown}\n"));
    }
    Ok(0)
}

fn options(job: &SimulateJob) -> Options {
    Options {
        orders: job.orders,
        days: job.days,
        seed: job.seed,
        clients: job.clients,
        groups: job.groups,
        instruments: job.instruments,
        ..Options::default()
    }
}

/// A broker's world has its own plants: the options of other worlds would be ignored.
fn simulate_broker(broker: &Broker, job: &SimulateJob, writing: Writing, globals: &Globals) -> Result<u8, Diagnostic> {
    if job.delay.is_some() || job.fault_rate.is_some() || job.faults {
        return Err(Diagnostic::new(
            "E0400",
            ("券商情境不收 --delay、--fault-rate 或 --faults", "a broker's world takes no --delay, --fault-rate or --faults"),
        )
        .help(("請刪去", "leave them out")));
    }
    let truth = simulate::write_broker(broker, &options(job), writing, &job.output).map_err(|error| error.told())?;
    if !globals.quiet {
        print(&format!("{truth:#}\n"));
    }
    Ok(0)
}

fn writing(job: &SimulateJob, format: simulate::Format) -> Writing {
    Writing {
        format,
        encoding: match job.encoding {
            Encoding::Utf8 => simulate::Encoding::Utf8,
            Encoding::Utf8Bom => simulate::Encoding::Utf8Bom,
            Encoding::Cp950 => simulate::Encoding::Cp950,
            Encoding::Utf16Le => simulate::Encoding::Utf16Le,
            Encoding::Utf16Be => simulate::Encoding::Utf16Be,
        },
        dates: match job.dates {
            Dates::Iso => simulate::Dates::Iso,
            Dates::Roc => simulate::Dates::Roc,
            Dates::RocCompact => simulate::Dates::RocCompact,
            Dates::Compact => simulate::Dates::Compact,
            Dates::Split => simulate::Dates::Split,
            Dates::Clock12 => simulate::Dates::Clock12,
            Dates::EpochNs => simulate::Dates::EpochNs,
            Dates::EpochUs => simulate::Dates::EpochUs,
            Dates::EpochMs => simulate::Dates::EpochMs,
            Dates::EpochFloat => simulate::Dates::EpochFloat,
        },
        compress: match job.compress {
            Compress::None => simulate::Compress::None,
            Compress::Gz => simulate::Compress::Gzip,
            Compress::Zst => simulate::Compress::Zstd,
        },
        chinese: job.headers == Headers::Zh,
        resolution: job.resolution,
    }
}
