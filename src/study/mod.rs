//! The whole flow on one screen: files, links, measures, verdicts, outputs.

mod agreement;
mod alike;
mod audit;
mod basis;
mod beside;
pub mod days;
mod evidence_run;
mod findings;
mod first_look;
mod gate;
mod inputs;
mod judged;
mod known_names;
mod logs;
mod options;
mod outputs;
mod priority;
mod records;
mod refusals;
mod result;
mod sampling;
mod scorecard;
mod shifted;
mod unmet;
mod wording;

use std::collections::BTreeSet;
use std::path::Path;

pub use evidence_run::{EvidenceCommand, run_evidence};

use crate::checks::Outcome;
use crate::config::StudyConfig;
use crate::evidence_tables::Tables;
use crate::fairness::Assessment;
use crate::ingest::{self, Intake, Rejects, Source};
use crate::measure::breakdown::{BreakdownRow, breakdown};
use crate::measure::latency::{LatencySummary, Sorted};
use crate::measure::over_time::{OverTime, TimeOfDay, over_time, time_of_day};
use crate::measure::stages::{STAGES, Stage, stage_latencies};
use crate::order_records::{SerialForm, serial_form_of};
use crate::reconcile::{
    AlsoEqual, Attribution, ClientBook, LinkOptions, Linked, Links, ReceiptIndex, Records, RecordsBuilder, RecordsPart, attribute,
};
use crate::record::{Chunk, Column, Diagnostic, NameBooks, Progress, TradeDate};
use crate::report::model::{self, StudyResult, TableRef};
use crate::report::output::Output;
use crate::report::rejects::write_rejects;
use crate::report::table_names;
use crate::report::tables::Reconciled;
use crate::study::agreement::{Agreement, agreement};
use crate::study::basis::Basis;
use crate::study::beside::beside;
use crate::study::first_look::{Job, first_look};
pub use crate::study::gate::MaxRejects;
pub use crate::study::inputs::{Frames, Inputs, open, open_frames};
use crate::study::judged::{Judged, fairness_of};
pub use crate::study::options::{Command, Depth, RunOptions};
use crate::study::outputs::{hashing, write_documents, write_evidence, write_row_tables, write_trend_table};
use crate::study::priority::{EvidenceRecords, PriorityFound, priority};
use crate::study::records::{Before, Given, RecordsFound, Reports, records, repair};
use crate::study::refusals::{place_of, refuse_empty, refuse_too_many_groups, refuse_too_many_kinds, refuse_unknown_reference};
use crate::study::result::{ResultInputs, assemble};
use crate::study::sampling::sampling_plan;
use crate::study::unmet::{clocks_unnamed, same_files, unmet};
use crate::timestamps::StampReport;

/// Runs a study and puts its outputs at `out`.
///
/// # Errors
/// When an input cannot be read or is not what it should be, or an output cannot be written; `out` is then as it was before.
pub fn run(
    config: &StudyConfig,
    inputs: &Inputs,
    options: &RunOptions,
    out: &Path,
    progress: &Progress,
) -> Result<StudyResult, Diagnostic> {
    let output = Output::create(out)?;
    let work = || look(config, inputs, options, &output, progress);
    let ((receipts, found), hashed) = hashing(inputs, options.hash, work)?;
    let Found { basis, order_intake, examined, outcomes, period, tables, mut names, shown_cells, mut agreement, .. } = found;
    agreement.alerts.extend(same_files(&hashed));
    names.append(&mut known_names::of_config(config));
    names.append(&mut known_names::of_alike(&basis.alike, &basis.groups));
    inputs.refuse_changed()?;

    progress.stage("report");
    let result = assemble(&ResultInputs {
        config,
        command: options.command,
        max_rejects: options.max_rejects,
        sources: (&inputs.orders, &inputs.receipts),
        intakes: (&order_intake, &receipts.intake),
        hashed: &hashed,
        basis: &basis,
        agreement: &agreement,
        stages: &examined.stages,
        breakdown: &examined.breakdown,
        assessment: examined.assessment.as_ref(),
        beside: examined.beside,
        over_time: examined.over_time.as_ref(),
        priority: examined.priority,
        records: examined.records,
        stamps: &examined.stamps,
        outcomes: &outcomes,
        period,
        tables,
    });
    let result = known_names::settled(result, names, shown_cells, options.pseudonyms.as_deref(), output.folder())?;
    write_documents(&output, config, &result, &hashed, options)?;
    output.commit()?;
    Ok(result)
}

/// Reads, finds, and writes every table.
fn look(
    config: &StudyConfig,
    inputs: &Inputs,
    options: &RunOptions,
    output: &Output,
    progress: &Progress,
) -> Result<(Receipts, Found), Diagnostic> {
    let mut evidence = audit::read(config, &inputs.evidence)?;
    progress.stage("read receipts");
    let (mut receipts, also_rejects, mut found) = if options.whole_rows() {
        let receipts = Receipts::read(config, inputs, options, progress)?;
        let (also, also_rejects) = EvidenceRecords::read(inputs, options, progress)?;
        let found = whole(config, inputs, options, &receipts, (&evidence, &also, output), progress)?;
        (receipts, also_rejects, found)
    } else {
        let (_, also_rejects) = EvidenceRecords::read(inputs, options, progress)?;
        let (receipts, basis, order_intake) = first_look(Job { config, inputs, options, progress })?;
        (receipts, also_rejects, Found::new(basis, order_intake, Vec::new()))
    };
    progress.stage("write");
    found.tables.push(write_trend_table(output, &found.basis)?);
    found.tables.extend(found.examined.priority.iter().flat_map(|priority| priority.tables.iter().cloned()));
    found.tables.extend(write_evidence(output, &found.outcomes)?);
    found.tables.extend(found.sample.take());
    let mut also_rejects: Vec<Rejects> = also_rejects.into_iter().chain(found.repair_rejects.take()).collect();
    let Receipts { intake, client_intake, .. } = &mut receipts;
    let sides = [&mut found.order_intake.rejects, &mut intake.rejects, &mut client_intake.rejects];
    write_rejects(output, sides.into_iter().chain(&mut also_rejects).chain(audit::rejects(&mut evidence)))?;
    Ok((receipts, found))
}

/// The receipts and whose they are.
pub(crate) struct Receipts {
    records: Records,
    intake: Intake,
    /// Groups by receipt.
    of: Attribution,
    book: ClientBook,
    client_intake: Intake,
}

impl Receipts {
    fn read(config: &StudyConfig, inputs: &Inputs, options: &RunOptions, progress: &Progress) -> Result<Self, Diagnostic> {
        let wanted = receipt_columns(config, options);
        let (records, intake) = read_side(&inputs.receipts, &wanted, |column| options.keeps(column), progress)?;
        refuse_empty(&inputs.receipts, &intake, "receipts")?;
        let (book, client_intake) = read_clients(inputs.clients.as_ref(), progress)?;
        let of = Attribution::of_receipts(&records, &book, config.zone);
        refuse_too_many_groups(&of)?;
        refuse_unknown_reference(config, &of)?;
        Ok(Self { records, intake, of, book, client_intake })
    }

    pub(crate) fn told(&self) -> ReceiptsTold<'_> {
        (&self.records, &self.of, &self.book)
    }
}

/// What a job found before it is put into words.
struct Found {
    basis: Basis,
    order_intake: Intake,
    examined: Examined,
    outcomes: Vec<Outcome>,
    period: Option<(TradeDate, TradeDate)>,
    /// Those of rows, and the plan of the sample.
    tables: Vec<TableRef>,
    sample: Option<TableRef>,
    /// Whether orders and their receipts say the same.
    agreement: Agreement,
    /// Rows of a repair file that could not be read.
    repair_rejects: Option<Rejects>,
    /// Names that pseudonyms replace.
    names: BTreeSet<String>,
    /// Texts of refused cells of the evidence, which pseudonyms leave out.
    shown_cells: Vec<String>,
}

impl Found {
    fn new(basis: Basis, order_intake: Intake, tables: Vec<TableRef>) -> Self {
        Self {
            basis,
            order_intake,
            examined: Examined::default(),
            outcomes: Vec::new(),
            period: None,
            tables,
            sample: None,
            agreement: Agreement::default(),
            repair_rejects: None,
            names: BTreeSet::new(),
            shown_cells: Vec::new(),
        }
    }
}

/// What a study takes for each order beyond its row and its link.
const STUDY_BYTES: u64 = 110;

/// The job with every row held: a study, or the table of all rows.
fn whole(
    config: &StudyConfig,
    inputs: &Inputs,
    options: &RunOptions,
    receipts: &Receipts,
    (evidence, also, output): (&Tables, &EvidenceRecords, &Output),
    progress: &Progress,
) -> Result<Found, Diagnostic> {
    let LinkedRows { orders, links, attribution, intake: order_intake } = linked_rows(config, inputs, options, receipts.told(), progress)?;
    if options.command == Command::Study {
        progress.expect_memory(STUDY_BYTES * orders.len() as u64)?;
    }
    let reconciled = Reconciled {
        orders: &orders,
        receipts: &receipts.records,
        links: &links,
        attribution: &attribution,
        order_files: &names(&inputs.orders),
        receipt_files: &names(&inputs.receipts),
        unread: [&order_intake, &receipts.intake].map(Intake::n_rejected),
    };
    // Writing rows takes one thread, measuring what others there are.
    let (tables, basis) = rayon::join(|| write_row_tables(output, &reconciled, options), || Basis::of_rows(&reconciled, progress));
    let mut found = Found::new(basis, order_intake, tables?);
    found.agreement = agreement(&reconciled);
    found.agreement.alerts.extend(unmet(config, &reconciled, &receipts.book));
    found.names = known_names::of_rows(&reconciled).into_iter().chain(known_names::of_evidence(evidence)).collect();
    found.shown_cells = known_names::shown_cells(evidence);
    if options.command == Command::Study {
        let serial_form = serial_form_of(&orders, &links, config.zone, &config.records.serials);
        found.examined = examine(config, &reconciled, &found.basis, (also, serial_form, output), options.depth, progress)?;
        found.agreement.alerts.extend(clocks_unnamed(config, &reconciled, found.examined.assessment.as_ref()));
        progress.stage("records");
        let rejects = (&found.order_intake.rejects, &receipts.intake.rejects);
        let (stamps, assessment) = (&found.examined.stamps, found.examined.assessment.as_ref());
        let files = inputs.reports.as_ref().map_or(Vec::new(), names);
        let reports = also.reports.as_ref().map(|records| Reports { records, files: &files });
        let given = Given { study: config, reconciled: &reconciled, stamps, assessment, serial_form, reports, rejects };
        let mut seen = records(given, output)?;
        if let Some(source) = &inputs.repair {
            let (repair, refused) = repair(&Before { given, book: &receipts.book }, (inputs, source), options, progress)?;
            (seen.section.repair, found.repair_rejects) = (Some(repair), Some(refused));
        }
        found.tables.append(&mut seen.tables);
        found.examined.records = Some(seen);
        progress.stage("audit");
        (found.outcomes, found.period) =
            audit::study_outcomes(config, evidence, &reconciled, (found.examined.assessment.as_ref(), &found.examined.stamps))?;
        progress.stage("write");
        let (plan, n_rows) = sampling_plan(&reconciled, config.fairness.seed);
        output.write(table_names::SAMPLE, plan.as_bytes())?;
        found.sample = Some(TableRef { path: table_names::SAMPLE.to_owned(), rows: n_rows });
    }
    Ok(found)
}

/// Orders, each with its receipt and its group.
pub(crate) struct LinkedRows {
    pub(crate) orders: Records,
    pub(crate) links: Links,
    pub(crate) attribution: Attribution,
    pub(crate) intake: Intake,
}

fn link_options(config: &StudyConfig) -> LinkOptions {
    LinkOptions { also: config.also_equal.clone(), zone: config.zone }
}

/// Receipts, their groups, and what the clients file says.
pub(crate) type ReceiptsTold<'a> = (&'a Records, &'a Attribution, &'a ClientBook);

/// Reads the orders, links and attributes them.
pub(crate) fn linked_rows(
    config: &StudyConfig,
    inputs: &Inputs,
    options: &RunOptions,
    (receipts, receipts_of, book): ReceiptsTold<'_>,
    progress: &Progress,
) -> Result<LinkedRows, Diagnostic> {
    progress.stage("index receipts");
    let link_options = link_options(config);
    let index = ReceiptIndex::of(receipts, &receipts_of.receipt_group, &link_options);
    progress.stage("read orders");
    let ((mut orders, linked), intake) =
        read_orders(&inputs.orders, &order_columns(config, options), |column| options.keeps(column), &index, progress)?;
    refuse_empty(&inputs.orders, &intake, "orders")?;
    progress.stage("link");
    let links = index.finish(&mut orders, linked);
    let attribution = attribute(receipts_of.clone(), &orders, receipts, &links, book, config.zone);
    Ok(LinkedRows { orders, links, attribution, intake })
}

/// A stage of an order's way, and what it took by group.
pub(crate) type StageFound = (Stage, Vec<Option<LatencySummary>>);

/// What a study finds beyond a first look.
#[derive(Default)]
struct Examined {
    stages: Vec<StageFound>,
    breakdown: Vec<BreakdownRow>,
    stamps: StampReport,
    assessment: Option<Assessment>,
    beside: Option<model::Beside>,
    over_time: Option<(OverTime, TimeOfDay)>,
    priority: Option<PriorityFound>,
    records: Option<RecordsFound>,
}

fn examine(
    config: &StudyConfig,
    reconciled: &Reconciled<'_>,
    basis: &Basis,
    (also, serial_form, output): (&EvidenceRecords, Option<SerialForm>, &Output),
    depth: Depth,
    progress: &Progress,
) -> Result<Examined, Diagnostic> {
    let Reconciled { orders, receipts, links, attribution, .. } = *reconciled;
    refuse_too_many_kinds(orders)?;
    progress.stage("stages");
    let measured = |stage: &Stage| match stage {
        // The whole way is what every job has measured already.
        Stage { from: Column::ReceivedAt, to: Column::SentAt } => Some((*stage, basis.grouped.groups().map(Sorted::summary).collect())),
        _ => Some((*stage, stage_latencies(*stage, orders, receipts, links, attribution)?)),
    };
    let stages = STAGES.iter().filter_map(measured).collect();
    let breakdown = breakdown(orders, links, attribution);
    let mut judged = fairness_of(config, reconciled, (&basis.missing, &basis.orphan), progress);
    progress.stage("look beside");
    let beside = beside(config, reconciled, basis, &mut judged, depth);
    let Judged { matched, rows, stamps, evidence, assessment, timetable, .. } = judged;
    progress.stage("over time");
    let over_time = Some((over_time(&matched, &timetable), time_of_day(&matched, &timetable, config.zone)));
    progress.stage("order of handling");
    let priority = priority(config, reconciled, (&matched, &rows), (&evidence, &assessment), (also, serial_form, output))?;
    Ok(Examined { stages, breakdown, stamps, assessment: Some(assessment), beside: Some(beside), over_time, priority, records: None })
}

fn read_side(
    source: &Source,
    wanted: &[Column],
    keep: impl Fn(Column) -> bool + Sync,
    progress: &Progress,
) -> Result<(Records, Intake), Diagnostic> {
    let (books, mut records) = (NameBooks::default(), RecordsBuilder::default());
    let transform = |chunk: Chunk<'_>| RecordsPart::of(chunk, &keep);
    let intake = ingest::read(source, wanted, &books, progress, transform, |place, part| records.append(place, part))?;
    Ok((records.finish(books), intake))
}

type LinkedOrders = (Records, Linked);

/// Reads the orders and links each chunk while it is still in the cache.
fn read_orders(
    source: &Source,
    wanted: &[Column],
    keep: impl Fn(Column) -> bool + Sync,
    index: &ReceiptIndex<'_>,
    progress: &Progress,
) -> Result<(LinkedOrders, Intake), Diagnostic> {
    let (books, mut records, mut linked) = (NameBooks::default(), RecordsBuilder::default(), Linked::default());
    let transform = |chunk: Chunk<'_>| (index.link(&chunk), RecordsPart::of(chunk, &keep));
    let intake = ingest::read(source, wanted, &books, progress, transform, |place, (links, part)| {
        linked.append(&links, place.rows_expected);
        records.append(place, part);
    })?;
    Ok(((records.finish(books), linked), intake))
}

fn read_clients(source: Option<&Source>, progress: &Progress) -> Result<(ClientBook, Intake), Diagnostic> {
    let Some(source) = source else { return Ok((ClientBook::default(), Intake::default())) };
    let wanted = [Column::Account, Column::Group, Column::Client, Column::From, Column::To];
    let (records, intake) = read_side(source, &wanted, |_| true, progress)?;
    if let Some(reject) = intake.rejects.first_ones().first() {
        // A client silently left out would change groups: unlike an order row, this is not something to go on without.
        let why = &reject.message;
        let problem = (format!("客戶檔有一列無法讀取：{}", why.zh), format!("a row of the clients file cannot be read: {}", why.en));
        let problem = Diagnostic::new("E0213", problem).at(place_of(source, reject)).excerpt(&reject.raw);
        return Err(problem.help(("請更正該列", "correct the row")));
    }
    Ok((ClientBook::of(&records)?, intake))
}

/// Every mapped time is read in both jobs, so that they accept the same rows.
fn order_columns(config: &StudyConfig, options: &RunOptions) -> Vec<Column> {
    const FIRST_LOOK: [Column; 6] =
        [Column::SentAt, Column::DecidedAt, Column::AcknowledgedAt, Column::OrderId, Column::ReceiptId, Column::Account];
    const FURTHER: [Column; 9] = [
        Column::Kind,
        Column::Channel,
        Column::Algo,
        Column::Symbol,
        Column::Side,
        Column::Gateway,
        Column::Shard,
        Column::AccessClass,
        Column::Host,
    ];
    let whole = options.whole_rows();
    let linked = |column: &Column| config.also_equal.contains(&AlsoEqual::Name(*column));
    let further = FURTHER.into_iter().filter(|column| whole || linked(column));
    let of_sections = priority::columns(config, options).into_iter().chain(records::order_columns(config, options));
    each_once(FIRST_LOOK.into_iter().chain(further).chain(of_sections))
}

fn receipt_columns(config: &StudyConfig, options: &RunOptions) -> Vec<Column> {
    const FIRST_LOOK: [Column; 6] =
        [Column::ReceivedAt, Column::RecordedAt, Column::AcknowledgedAt, Column::ReceiptId, Column::Account, Column::Group];
    const FURTHER: [Column; 4] = [Column::Kind, Column::Symbol, Column::Side, Column::Channel];
    let whole = options.whole_rows();
    let linked = |column: &Column| config.also_equal.contains(&AlsoEqual::Name(*column));
    let further = FURTHER.into_iter().filter(|column| whole || linked(column));
    each_once(FIRST_LOOK.into_iter().chain(further).chain(records::receipt_columns(config, options)))
}

fn each_once(columns: impl Iterator<Item = Column>) -> Vec<Column> {
    let mut wanted: Vec<Column> = Vec::new();
    columns.for_each(|column| {
        if !wanted.contains(&column) {
            wanted.push(column);
        }
    });
    wanted
}

fn names(source: &Source) -> Vec<String> {
    source.files.iter().map(|file| file.name.clone()).collect()
}
