//! `simulate`.

use colofair::record::Diagnostic;
use colofair::simulate::{self, Options, SimulateError, World, WorldSettings};

use crate::cli::arguments::{Format, Globals, SimulateJob};
use crate::cli::print;

pub(crate) fn simulate(job: &SimulateJob, globals: &Globals) -> Result<u8, Diagnostic> {
    let format = match globals.format {
        None | Some(Format::Csv) => simulate::Format::Csv,
        Some(Format::Parquet) => simulate::Format::Parquet,
        Some(Format::Arrow) => simulate::Format::Arrow,
        Some(Format::Text | Format::Json) => {
            return Err(
                Diagnostic::new("E0002", "simulate writes csv, parquet or arrow files").help("write --format csv, parquet or arrow")
            );
        }
    };
    let defaults = WorldSettings::default();
    let settings =
        WorldSettings { delay: job.delay.unwrap_or(defaults.delay), fault_rate: job.fault_rate, imperfections: job.faults, ..defaults };
    let world = World::named(&job.world, &settings).map_err(|error| problem(&error))?;
    let options = Options {
        orders: job.orders,
        days: job.days,
        seed: job.seed,
        clients: job.clients,
        groups: job.groups,
        instruments: job.instruments,
        ..Options::default()
    };
    refuse_foreign(job)?;
    let truth = simulate::write(&world, &options, format, &job.output, &mut |_| ()).map_err(|error| problem(&error))?;
    if !globals.quiet {
        let shown = serde_json::to_string_pretty(&truth.json(&world, &options)).expect("a JSON value serializes");
        print(&format!("{shown}\n"));
    }
    Ok(0)
}

/// Simulated files replace simulated files, never a user's.
fn refuse_foreign(job: &SimulateJob) -> Result<(), Diagnostic> {
    let Ok(mut entries) = std::fs::read_dir(&job.output) else { return Ok(()) };
    if entries.next().is_none() || job.output.join("truth.json").is_file() {
        return Ok(());
    }
    let problem = Diagnostic::new("E0401", "the folder holds files that simulate did not write").in_file(&job.output);
    Err(problem.help("name a new folder with -o"))
}

fn problem(error: &SimulateError) -> Diagnostic {
    Diagnostic::new("E0400", error.to_string())
}
