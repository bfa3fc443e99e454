//! `calibrate`: how often the method accuses, clears and abstains in worlds whose truth is known.

use colofair::calibrate::{CalibrationOptions, CalibrationRow, calibrate as run, standard_worlds};
use colofair::fairness::OvertakingScope;
use colofair::record::Diagnostic;

use crate::cli::arguments::{CalibrateJob, Globals};
use crate::cli::choices::Scope;
use crate::cli::{exit_code, print, wants_json};

/// Fewer replicates tell nothing of a rate of one in a hundred.
const TELLING: u32 = 100;

/// A requirement of the table is not met.
const MISSED: u8 = 1;

pub(crate) fn calibrate(job: &CalibrateJob, globals: &Globals) -> Result<u8, Diagnostic> {
    let json = wants_json(globals)?;
    let mut worlds = standard_worlds();
    if !job.worlds.is_empty() {
        worlds.retain(|world| job.worlds.iter().any(|wanted| *wanted == world.label || *wanted == world.world));
    }
    let is_known = |wanted: &&String| standard_worlds().iter().any(|world| **wanted == world.label || **wanted == world.world);
    if !job.worlds.iter().all(|wanted| is_known(&wanted)) {
        let known: Vec<String> = standard_worlds().into_iter().map(|world| world.label).collect();
        let known = known.join(", ");
        return Err(Diagnostic::new("E0402", ("校準沒有這個名稱的情境", "no world of the calibration has such a name"))
            .help((format!("情境有：{known}"), format!("the worlds are: {known}"))));
    }
    let options = CalibrationOptions {
        worlds,
        replicates: job.replicates,
        orders: job.orders,
        groups: job.groups,
        first_seed: job.seed,
        scope: match job.scope {
            Scope::Shard => OvertakingScope::Shard,
            Scope::Instrument => OvertakingScope::Instrument,
        },
    };
    let rows = run(&options).map_err(|error| Diagnostic::new("E0400", error.to_string()))?;
    print(&if json { document(&options, &rows) } else { table(&options, &rows) });
    Ok(exit_code(if rows.iter().all(|row| row.passed) { 0 } else { MISSED }, globals))
}

fn table(options: &CalibrationOptions, rows: &[CalibrationRow]) -> String {
    let width = rows.iter().map(|row| row.label.chars().count()).max().unwrap_or(0).max(5);
    let mut text = format!(
        "Replicates {}, about {} orders each, {} groups, first seed {}, overtaking within {:?}\n\n| {:width$} | UNFAIR | CLIENT_SPECIFIC | FAIR | INCONCLUSIVE | required |\n|-{}-|--:|--:|--:|--:|:--|\n",
        options.replicates,
        options.orders,
        options.groups,
        options.first_seed,
        options.scope,
        "world",
        "-".repeat(width)
    );
    for row in rows {
        let met = if row.passed { "met" } else { "MISSED" };
        text.push_str(&format!(
            "| {:width$} | {:6} | {:15} | {:4} | {:12} | {met} |\n",
            row.label, row.unfair, row.client_specific, row.fair, row.inconclusive
        ));
    }
    if options.replicates < TELLING {
        text.push_str(&format!(
            "\n{} replicates are too few to tell a rate: \"met\" says only that nothing was seen against it. The default is 200.\n",
            options.replicates
        ));
    }
    text
}

fn document(options: &CalibrationOptions, rows: &[CalibrationRow]) -> String {
    let rows: Vec<_> = rows
        .iter()
        .map(|row| {
            serde_json::json!({
                "world": row.label, "unfair": row.unfair, "client_specific": row.client_specific, "fair": row.fair,
                "inconclusive": row.inconclusive, "meets_requirement": row.passed,
            })
        })
        .collect();
    let whole = serde_json::json!({
        "schema_version": 1, "replicates": options.replicates, "orders": options.orders, "groups": options.groups,
        "first_seed": options.first_seed, "rows": rows,
    });
    format!("{whole:#}\n")
}
