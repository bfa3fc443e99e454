//! The whole flow on one screen: files, links, measures, verdicts, outputs.

mod audit;
mod beside;
mod evidence_run;
mod findings;
mod gate;
mod judged;
mod logs;
mod outputs;
mod priority;
mod records;
mod result;
mod sampling;
mod scorecard;

use std::path::{Path, PathBuf};

pub use evidence_run::{EvidenceCommand, run_evidence};

use crate::config::{SideConfig, StudyConfig};
use crate::fairness::{Assessment, Reference};
use crate::ingest::{self, Intake, Reject, Source, SourceFile};
use crate::measure::breakdown::{BreakdownRow, breakdown};
use crate::measure::latency::{STAGES, Stage, group_latencies, stage_latencies};
use crate::reconcile::{
    AlsoEqual, Attribution, ClientBook, LinkOptions, Linked, LinkedLatencies, ReceiptIndex, Records, RecordsBuilder, RecordsPart, attribute,
};
use crate::record::{Chunk, Column, Diagnostic, NameBooks, Progress, UNKNOWN_GROUP};
use crate::report::model::{self, StudyResult, TableRef};
use crate::report::output::Output;
use crate::report::rejects::rejects_csv;
use crate::report::tables::Reconciled;
use crate::statistics::all_pairs;
use crate::study::audit::EvidenceFiles;
use crate::study::beside::beside;
pub use crate::study::gate::MaxRejects;
use crate::study::judged::{Judged, fairness_of};
use crate::study::outputs::{hash_inputs, write_documents, write_evidence, write_tables};
use crate::study::priority::{EvidenceRecords, PriorityFound, priority};
use crate::study::records::{Before, Given, records, repair};
use crate::study::result::{ResultInputs, assemble};
use crate::study::sampling::sampling_plan;
use crate::timestamps::StampReport;

/// What to do beyond the configuration.
#[derive(Clone, Debug)]
pub struct RunOptions {
    /// The first look, or the whole study.
    pub command: Command,
    /// Hash the inputs; a study always does.
    pub hash: bool,
    /// Write every row to tables/reconciled.parquet.
    pub full_tables: bool,
    /// How much is computed beside the verdict; `check` computes nothing.
    pub depth: Depth,
    /// The most rows of a side that may be rejected; `None` for any number.
    pub max_rejects: Option<MaxRejects>,
    /// The command line without the program's path, for the manifest.
    pub arguments: Vec<String>,
}

impl RunOptions {
    /// True where rows are shown or examined one by one; a first look only counts and measures them.
    fn whole_rows(&self) -> bool {
        self.command == Command::Study || self.full_tables
    }

    /// Which of the columns read are kept: a first look only makes sure that these times can be read.
    fn keeps(&self, column: Column) -> bool {
        self.whole_rows() || !matches!(column, Column::DecidedAt | Column::AcknowledgedAt | Column::RecordedAt | Column::EventAt)
    }
}

/// How much is computed beside the verdict.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Depth {
    /// What costs little: client league, pooled effects, stage blame.
    #[default]
    Standard,
    /// Also random groupings, missing orders, fair-queue replay, and every alternative judged again: some hundred verdicts.
    Full,
}

impl Depth {
    /// Its name on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Standard => "standard",
            Self::Full => "full",
        }
    }
}

/// Which job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command {
    /// Ingest, reconcile, measure; no verdict.
    Check,
    /// Everything, with verdict, report and manifest.
    Study,
}

impl Command {
    /// Its name on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Check => "check",
            Self::Study => "study",
        }
    }
}

/// What is known before the first row is read: for a progress bar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Plan {
    /// Bytes of all input files.
    pub bytes: u64,
}

/// Finds the input files, so that a missing one is reported before any work.
///
/// # Errors
/// When a file is missing or not what it should be.
pub fn open(config: &StudyConfig) -> Result<(Inputs, Plan), Diagnostic> {
    let also = config.priority.as_ref();
    let mut inputs = Inputs {
        orders: source(config, &config.orders)?,
        receipts: source(config, &config.receipts)?,
        clients: config.clients.as_ref().map(|side| source(config, side)).transpose()?,
        sessions: also.and_then(|also| also.sessions.as_ref()).map(|side| source(config, side)).transpose()?,
        executions: also.and_then(|also| also.executions.as_ref()).map(|side| source(config, side)).transpose()?,
        repair: config.records.repair.as_ref().map(|side| source(config, side)).transpose()?,
        evidence: EvidenceFiles::default(),
    };
    inputs.evidence = audit::find(config)?;
    let bytes = inputs.files().map(|file| file.bytes).sum();
    Ok((inputs, Plan { bytes }))
}

fn source(config: &StudyConfig, side: &SideConfig) -> Result<Source, Diagnostic> {
    let files = ingest::discover(config.base(), &side.paths, side.format)?;
    Ok(Source { files, mapping: side.mapping.clone(), zone: config.zone, text: side.text.clone(), options: side.options.clone() })
}

/// The files of a study.
#[derive(Debug)]
pub struct Inputs {
    orders: Source,
    receipts: Source,
    clients: Option<Source>,
    sessions: Option<Source>,
    executions: Option<Source>,
    repair: Option<Source>,
    evidence: EvidenceFiles,
}

impl Inputs {
    fn files(&self) -> impl Iterator<Item = &SourceFile> {
        let others = [&self.clients, &self.sessions, &self.executions, &self.repair].into_iter().flatten().flat_map(|source| &source.files);
        let evidence = self.evidence.tables.iter().flat_map(|(_, files)| files);
        self.orders.files.iter().chain(&self.receipts.files).chain(others).chain(evidence)
    }
}

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
    let evidence = audit::read(config, &inputs.evidence)?;
    progress.stage("read receipts");
    let (mut receipts, receipt_intake) =
        read_side(&inputs.receipts, &receipt_columns(config, options), |column| options.keeps(column), progress)?;
    refuse_empty(&inputs.receipts, &receipt_intake, "receipts")?;
    let (book, client_intake) = read_clients(inputs.clients.as_ref(), progress)?;
    let (also, also_rejects) = EvidenceRecords::read(inputs, options, progress)?;
    let receipts_attributed = Attribution::of_receipts(&receipts, &book, config.zone);
    refuse_too_many_groups(&receipts_attributed)?;
    refuse_unknown_reference(config, &receipts_attributed)?;

    progress.stage("index receipts");
    let link_options = LinkOptions { also: config.also_equal.clone(), zone: config.zone };
    let index = ReceiptIndex::of(&receipts, &receipts_attributed.receipt_group, &link_options);
    progress.stage("read orders");
    let ((mut orders, linked), order_intake) =
        read_orders(&inputs.orders, &order_columns(config, options), |column| options.keeps(column), &index, progress)?;
    refuse_empty(&inputs.orders, &order_intake, "orders")?;

    progress.stage("link");
    let links = index.finish(&mut orders, linked);
    let attribution = attribute(receipts_attributed, &orders, &receipts, &links, &book, config.zone);

    progress.stage("measure");
    if !options.whole_rows() {
        // What a first look needs no more makes room for what it measures.
        [Column::OrderId, Column::ReceiptId, Column::Account].into_iter().for_each(|column| orders.forget(column));
        receipts.forget(Column::ReceiptId);
    }
    let nameless = attribution.clients.binary_search(&String::new()).map_or(u32::MAX, |code| code as u32);
    let latencies = LinkedLatencies::of(&orders, &receipts, &links, &attribution);
    let grouped = group_latencies(&latencies, attribution.groups.len(), attribution.clients.len(), nameless);
    progress.stage("compare");
    let comparisons = all_pairs(&grouped.groups().collect::<Vec<_>>());
    let reconciled = Reconciled {
        orders: &orders,
        receipts: &receipts,
        links: &links,
        attribution: &attribution,
        order_files: &names(&inputs.orders),
        receipt_files: &names(&inputs.receipts),
    };
    let examined = match options.command {
        Command::Check => Examined::default(),
        Command::Study => examine(config, &reconciled, (&also, &output), options.depth, progress)?,
    };
    progress.stage("records");
    let records = match options.command {
        Command::Check => None,
        Command::Study => {
            let (stamps, assessment) = (&examined.stamps, examined.assessment.as_ref());
            let rejects = (&order_intake.rejects[..], &receipt_intake.rejects[..]);
            let given = Given { study: config, reconciled: &reconciled, stamps, assessment, rejects };
            let mut found = records(given, &output)?;
            if let Some(source) = &inputs.repair {
                found.section.repair = Some(repair(&Before { given, book: &book }, (inputs, source), options, progress)?);
            }
            Some(found)
        }
    };
    progress.stage("audit");
    let (outcomes, period) = match options.command {
        Command::Check => (Vec::new(), None),
        Command::Study => audit::study_outcomes(config, &evidence, &reconciled, examined.assessment.as_ref()),
    };
    progress.stage("write");
    let mut tables = write_tables(&output, &reconciled, &grouped, options)?;
    tables.extend(records.iter().flat_map(|found| found.tables.iter().cloned()));
    tables.extend(examined.priority.iter().flat_map(|found| found.tables.iter().cloned()));
    tables.extend(write_evidence(&output, &outcomes)?);
    if options.command == Command::Study {
        let (plan, n_rows) = sampling_plan(&reconciled, config.fairness.seed);
        output.write("tables/sample.csv", plan.as_bytes())?;
        tables.push(TableRef { path: "tables/sample.csv".to_owned(), rows: n_rows });
    }
    let sides = [order_intake.rejects.clone(), receipt_intake.rejects.clone(), client_intake.rejects, also_rejects];
    let rejects: Vec<Reject> = sides.into_iter().chain([audit::rejects(&evidence)]).flatten().collect();
    output.write("rejects.csv", rejects_csv(&rejects).as_bytes())?;
    progress.stage("hash");
    let hashed = if options.hash { hash_inputs(inputs)? } else { Vec::new() };

    progress.stage("report");
    let result = assemble(&ResultInputs {
        config,
        command: options.command,
        max_rejects: options.max_rejects,
        sources: (&inputs.orders, &inputs.receipts),
        intakes: (&order_intake, &receipt_intake),
        hashed: &hashed,
        reconciled: &reconciled,
        grouped: &grouped,
        waterfall: links.waterfall(),
        comparisons: &comparisons,
        stages: &examined.stages,
        breakdown: &examined.breakdown,
        assessment: examined.assessment.as_ref(),
        beside: examined.beside,
        priority: examined.priority,
        records,
        stamps: &examined.stamps,
        outcomes: &outcomes,
        period,
        tables,
    });
    write_documents(&output, config, &result, &hashed, options)?;
    output.commit()?;
    Ok(result)
}

/// What a study finds beyond a first look.
#[derive(Default)]
struct Examined {
    stages: Vec<(Stage, Vec<Vec<i64>>)>,
    breakdown: Vec<BreakdownRow>,
    stamps: StampReport,
    assessment: Option<Assessment>,
    beside: Option<model::Beside>,
    priority: Option<PriorityFound>,
}

fn examine(
    config: &StudyConfig,
    reconciled: &Reconciled<'_>,
    (also, output): (&EvidenceRecords, &Output),
    depth: Depth,
    progress: &Progress,
) -> Result<Examined, Diagnostic> {
    let Reconciled { orders, receipts, links, attribution, .. } = *reconciled;
    refuse_too_many_kinds(orders)?;
    progress.stage("stages");
    let measured = |stage: &Stage| Some((*stage, stage_latencies(*stage, orders, receipts, links, attribution)?));
    let stages = STAGES.iter().filter_map(measured).collect();
    let breakdown = breakdown(orders, links, attribution);
    let Judged { matched, rows, stamps, evidence, assessment } = fairness_of(config, reconciled, progress);
    progress.stage("look beside");
    let beside = beside(config, reconciled, (&matched, &rows), (&evidence, &assessment), depth);
    progress.stage("order of handling");
    let priority = priority(config, reconciled, (&matched, &rows), (&evidence, &assessment), (also, output))?;
    Ok(Examined { stages, breakdown, stamps, assessment: Some(assessment), beside: Some(beside), priority })
}

/// These columns are held as 16-bit codes.
fn refuse_too_many_kinds(orders: &Records) -> Result<(), Diagnostic> {
    for column in [Column::Kind, Column::Gateway, Column::Shard, Column::AccessClass] {
        let n_names = orders.names(column).map_or(0, |names| names.names.len());
        if n_names >= usize::from(u16::MAX) {
            let problem = format!("{n_names} different values of `{}`; at most 65,534 are handled", column.name());
            return Err(Diagnostic::new("E0216", problem).help("map the column to a class of orders, not to an id"));
        }
    }
    Ok(())
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
    if let Some(reject) = intake.rejects.first() {
        // A client silently left out would change groups: unlike an order row, this is not something to go on without.
        let problem = format!("{}, line {}: a row of the clients file cannot be read: {}", reject.file, reject.line, reject.message);
        return Err(Diagnostic::new("E0213", problem).excerpt(&reject.raw).help("correct the row"));
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
    const FIRST_LOOK: [Column; 5] = [Column::ReceivedAt, Column::RecordedAt, Column::ReceiptId, Column::Account, Column::Group];
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

fn refuse_empty(source: &Source, intake: &Intake, side: &str) -> Result<(), Diagnostic> {
    if intake.n_rows() > intake.n_rejected() {
        return Ok(());
    }
    let problem = match (intake.rejects.first(), source.files.first()) {
        (Some(first), _) => {
            let problem = format!("every one of the {} rows of {side} was refused; the first: {}", intake.n_rows(), first.message);
            let path =
                source.files.iter().find(|file| file.name == first.file).map_or(PathBuf::from(&first.file), |file| file.path.clone());
            let place = crate::record::Place { path, line: first.line, column: 0, byte: first.byte_offset };
            Diagnostic::new("E0214", problem).at(place).excerpt(&first.raw).help("check the columns and time formats in study.toml")
        }
        (None, Some(file)) => Diagnostic::new("E0214", format!("no rows in {side}")).in_file(&file.path),
        (None, None) => Diagnostic::new("E0214", format!("no files in {side}")).help("name them in `paths`"),
    };
    Err(problem)
}

/// Every ordered pair of groups is judged: beyond this many something other than a group was mapped.
const MOST_GROUPS: usize = 100;

fn refuse_too_many_groups(attribution: &Attribution) -> Result<(), Diagnostic> {
    let n_groups = attribution.groups.len();
    if n_groups <= MOST_GROUPS {
        return Ok(());
    }
    let some: Vec<&str> = attribution.groups.iter().take(5).map(String::as_str).collect();
    let problem = format!("{n_groups} client groups, such as {}; at most {MOST_GROUPS} can be compared", some.join(", "));
    Err(Diagnostic::new("E0215", problem).help("map `group` to a class of clients, not to accounts or ids"))
}

/// A misspelt reference would leave no pair to judge, which must not pass for too little evidence.
fn refuse_unknown_reference(config: &StudyConfig, attribution: &Attribution) -> Result<(), Diagnostic> {
    match &config.fairness.reference {
        Reference::Group(name) if name == UNKNOWN_GROUP || attribution.groups.binary_search(name).is_err() => {
            let problem = Diagnostic::new("E0217", format!("no client is in group \"{name}\", which study.toml names as `reference`"));
            Err(problem.in_file(&config.path).help(format!("the groups are: {}", attribution.groups.join(", "))))
        }
        _ => Ok(()),
    }
}

fn names(source: &Source) -> Vec<String> {
    source.files.iter().map(|file| file.name.clone()).collect()
}
