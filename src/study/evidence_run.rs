//! `access` and `controls`: the evidence checks alone.

use std::collections::BTreeSet;
use std::path::Path;

use crate::checks::{Outcome, SeenOrders, State};
use crate::config::StudyConfig;
use crate::ingest::{Intake, Source};
use crate::record::{Column, Diagnostic, Progress, TradeDate};
use crate::report::evidence_csv::evidence_csv;
use crate::report::model::{AuditResult, SCHEMA_VERSION, ScoreRow, Tool, Words};
use crate::report::output::Output;
use crate::report::rejects::write_rejects;
use crate::study::audit::{self, Families, Period};
use crate::study::inputs::{WrittenLast, source};
use crate::study::outputs::json;
use crate::study::refusals::refuse_empty;
use crate::study::scorecard::score;
use crate::study::{names, read_side};

/// Which evidence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EvidenceCommand {
    /// Family A.
    Access,
    /// Family C.
    Controls,
}

impl EvidenceCommand {
    /// Its name on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Access => "access",
            Self::Controls => "controls",
        }
    }
}

/// Runs the evidence checks of one family; what was found goes to `out` where a folder is named.
///
/// `access` reads the orders for the accounts in them; `controls` only where `[rules]` does not give the audited period.
///
/// # Errors
/// When a file cannot be read or written, or nothing says which period is audited.
pub fn run_evidence(config: &StudyConfig, command: EvidenceCommand, out: Option<&Path>) -> Result<AuditResult, Diagnostic> {
    let files = audit::find(config)?;
    let mut written = WrittenLast::default();
    written.note(files.files());
    let output = out.map(Output::create).transpose()?;
    let mut tables = audit::read(config, &files)?;
    let period_given = config.evidence.from.is_some() && config.evidence.to.is_some();
    let wants_orders = command == EvidenceCommand::Access || !period_given;
    let source = wants_orders.then(|| source(config, &config.orders)).transpose()?;
    written.note(source.iter().flat_map(|source| &source.files));
    let (seen, mut intake) = source.as_ref().map(|source| orders_seen(config, source)).transpose()?.unzip();
    let days: BTreeSet<TradeDate> = seen.iter().flat_map(|seen| seen.days.iter().copied()).collect();
    written.refuse_changed(files.files().chain(source.iter().flat_map(|source| &source.files)))?;
    let Some(period) = audit::period(config, &days)? else {
        let problem = ("沒有寫明查核期間", "nothing says which period is audited");
        return Err(Diagnostic::new("E0114", problem).in_file(&config.path).help((
            "請寫：[rules] from = \"2026-01-05\", to = \"2026-03-31\"",
            "name it: [rules] from = \"2026-01-05\", to = \"2026-03-31\"",
        )));
    };
    let seen = seen.map(|seen| seen.within(period));
    let families =
        Families { access: command == EvidenceCommand::Access, controls: command == EvidenceCommand::Controls, cross: seen.is_some() };
    let mut outcomes = audit::outcomes(config, &tables, seen.as_ref(), period, families);
    // Of the cross-checks, what the one evidence can say with the orders alone.
    let own = if families.access { "X04" } else { "X01" };
    outcomes.retain(|outcome| outcome.kind.family() != "X" || outcome.kind.code == own);
    let rejected_orders = intake.as_ref().map_or(0, Intake::n_rejected);
    let result = assemble(config, command, (&outcomes, rejected_orders), period);
    if let Some(output) = output {
        for family in ["A", "C", "X"] {
            let lines = audit::evidence_lines(&outcomes, family);
            if !lines.is_empty() {
                output.write(audit::table_name(family), evidence_csv(&lines).as_bytes())?;
            }
        }
        let of_orders = intake.as_mut().map(|intake| &mut intake.rejects);
        write_rejects(&output, of_orders.into_iter().chain(audit::rejects(&mut tables)))?;
        output.write("checks.json", &json(&result))?;
        output.commit()?;
    }
    Ok(result)
}

fn orders_seen(config: &StudyConfig, source: &Source) -> Result<(SeenOrders, Intake), Diagnostic> {
    let wanted = [Column::SentAt, Column::Account, Column::Host, Column::Shard, Column::Gateway];
    let (orders, intake) = read_side(source, &wanted, |_| true, &Progress::default())?;
    refuse_empty(source, &intake, "orders")?;
    Ok((audit::seen_orders(config, &orders, &names(source)), intake))
}

fn assemble(
    config: &StudyConfig,
    command: EvidenceCommand,
    (outcomes, rejected_orders): (&[Outcome], u64),
    (from, to): Period,
) -> AuditResult {
    let (verdict, exit_code) = if outcomes.iter().any(|outcome| outcome.state == State::Finding) {
        ("finding", 1)
    } else if outcomes.iter().any(|outcome| outcome.state == State::Insufficient || outcome.leaves_open) {
        ("inconclusive", 3)
    } else {
        ("no_finding", 0)
    };
    let latency = ScoreRow {
        number: 7,
        state: "insufficient".to_owned(),
        reason: Words {
            zh: "延遲與順位由 colofair study 判定".to_owned(),
            en: "latency and priority are judged by colofair study".to_owned(),
        },
        codes: Vec::new(),
    };
    let numbers: BTreeSet<u8> = outcomes.iter().map(|outcome| outcome.kind.seed).filter(|number| *number > 0).collect();
    let scorecard = numbers.into_iter().map(|number| {
        let orders = (number == 7).then(|| latency.clone());
        score(number, orders, &audit::of_seed(outcomes, number))
    });
    AuditResult {
        schema_version: SCHEMA_VERSION,
        tool: Tool { name: "colofair".to_owned(), version: env!("CARGO_PKG_VERSION").to_owned(), command: command.name().to_owned() },
        verdict: verdict.to_owned(),
        exit_code,
        title: config.title.clone(),
        language: config.language.clone(),
        rules_source: config.evidence.source.clone(),
        from: from.to_string(),
        to: to.to_string(),
        rejected_orders,
        scorecard: scorecard.collect(),
        findings: audit::finding_rows(outcomes),
        checks: audit::check_rows(outcomes, Some((from, to))),
    }
}
