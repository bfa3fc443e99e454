//! The order of handling: from the records of a study to the section of its result, its tables and its findings.

mod evidence;
mod findings;
mod inputs;
mod ladders;
mod section;
mod tables;

use std::collections::BTreeMap;

use crate::config::{PriorityConfig, StudyConfig};
use crate::fairness::{Assessment, Evidence};
use crate::measure::{Replay, Timetable, replay};
use crate::order_records::SerialForm;
use crate::priority::{
    Ahead, Jumps, LineLoad, Matrices, Precision, PriorityOrders, Races, SerialOrder, Sessions, jumps, line_loads, orders_by_line,
    passing_matrices, races, serial_order, session_profiles, trading_ahead,
};
use crate::reconcile::Records;
use crate::record::{Diagnostic, MatchedOrders, Weight};
use crate::report::model::{self, FindingRow, TableRef};
use crate::report::output::Output;
use crate::report::tables::Reconciled;
use crate::study::priority::inputs::Unread;

pub(crate) use inputs::{EvidenceRecords, columns};

/// What the section is made from.
pub(crate) struct Case<'a> {
    pub(crate) study: &'a StudyConfig,
    pub(crate) config: &'a PriorityConfig,
    pub(crate) reconciled: &'a Reconciled<'a>,
    pub(crate) matched: &'a MatchedOrders,
    /// The order row behind each matched order.
    pub(crate) rows: &'a [u32],
    pub(crate) evidence: &'a Evidence,
    pub(crate) assessment: &'a Assessment,
    pub(crate) also: &'a EvidenceRecords,
    /// How serials are read.
    pub(crate) serial_form: Option<SerialForm>,
}

/// The section, its findings and its tables.
#[derive(Default)]
pub(crate) struct PriorityFound {
    pub(crate) section: model::Priority,
    pub(crate) findings: Vec<FindingRow>,
    pub(crate) tables: Vec<TableRef>,
}

/// Everything that was measured.
struct Measured<'a> {
    orders: PriorityOrders<'a>,
    precision: Precision,
    timetable: Timetable,
    matrices: Matrices,
    jumps: Jumps,
    replay: Replay,
    ahead: Option<Ahead>,
    races: Races,
    /// By client code.
    loads: BTreeMap<u32, LineLoad<u32>>,
    sessions: Option<Sessions>,
    serials: Option<SerialOrder>,
    unread: Unread,
}

impl Measured<'_> {
    /// Blocks and days in which receipt order decides.
    fn support(&self) -> [u64; 2] {
        let deciding = || self.timetable.blocks.iter().filter(|block| block.receipt_order_decides != Weight::No);
        let mut days: Vec<u32> = deciding().map(|block| block.day).collect();
        days.dedup();
        [deciding().count() as u64, days.len() as u64]
    }
}

/// Measures, judges by the pre-stated rules, and writes the tables; nothing where the study has no \[priority\].
pub(crate) fn priority(
    study: &StudyConfig,
    reconciled: &Reconciled<'_>,
    (matched, rows): (&MatchedOrders, &[u32]),
    (evidence, assessment): (&Evidence, &Assessment),
    (also, serial_form, output): (&EvidenceRecords, Option<SerialForm>, &Output),
) -> Result<Option<PriorityFound>, Diagnostic> {
    let Some(config) = &study.priority else { return Ok(None) };
    let case = &Case { study, config, reconciled, matched, rows, evidence, assessment, also, serial_form };
    let measured = measure(case)?;
    let judged = evidence::judge(case, &measured);
    let tables = tables::write(case, &measured, output)?;
    let findings = findings::findings(case, &measured, &judged);
    Ok(Some(PriorityFound { section: section::section(case, &measured, &judged), findings, tables }))
}

fn measure<'a>(case: &Case<'a>) -> Result<Measured<'a>, Diagnostic> {
    let options = &case.config.options;
    let (orders, mut unread) = inputs::orders(case)?;
    let precision = inputs::precision(case);
    let study = case.study;
    let timetable = Timetable::of(case.matched, &study.calendar, study.zone, study.fairness.slot, study.fairness.block);
    let fills = case.also.executions.as_ref().map(|executions| inputs::fills(case, executions, &mut unread));
    let matrices = passing_matrices(&orders, &timetable, (&study.calendar, study.zone), precision, options);
    let sided = !orders.side.is_empty();
    Ok(Measured {
        jumps: jumps(&orders, &timetable, precision, options.scope),
        replay: replay(case.matched),
        ahead: sided.then(|| trading_ahead(&orders, &timetable, precision, options, fills.as_deref())),
        races: races(&orders, &timetable, precision, options),
        loads: line_loads(orders_by_line(&orders, &timetable)),
        sessions: case.also.sessions.as_ref().map(|log: &Records| session_profiles(&inputs::connections(log), study.zone)),
        serials: inputs::serials(case).map(|serials| serial_order(&orders, &serials, &timetable, precision)),
        orders,
        precision,
        timetable,
        matrices,
        unread,
    })
}
