//! The record of the orders: from rows and links to the section of the result, its table and its findings.

mod judge;
mod lawful;
mod offsets;
mod repair;
mod section;
mod stamps;
mod table;
mod words;

use crate::config::StudyConfig;
use crate::fairness::Assessment;
use crate::ingest::{Reject, RejectCode, Rejects};
use crate::order_records::{
    Case, Completeness, Explained, Families, GroupClocks, LikenessLinks, Matrix, Outcomes, ReceiptOrder, ReceiptSequence, RecordCheck,
    SentPrecision, SerialForm, SerialFound, chains, completeness, contradictions, explain, late_records, likeness, outcomes,
    outside_session, receipts_in_sequence, retained, serials, too_late, unmatched_by_group,
};
use crate::reconcile::Records;
use crate::record::{Column, Diagnostic};
use crate::report::model::{self, FindingRow, TableRef};
use crate::report::output::Output;
use crate::report::tables::Reconciled;
use crate::study::{Command, RunOptions};
use crate::timestamps::{RECEIPTS, StampReport};

use crate::study::records::offsets::Offsets;

pub(crate) use repair::{Before, repair};

/// What the section is made from.
#[derive(Clone, Copy)]
pub(crate) struct Given<'a> {
    pub(crate) study: &'a StudyConfig,
    pub(crate) reconciled: &'a Reconciled<'a>,
    pub(crate) stamps: &'a StampReport,
    pub(crate) assessment: Option<&'a Assessment>,
    /// How serials are read.
    pub(crate) serial_form: Option<SerialForm>,
    /// Reports of the exchange.
    pub(crate) reports: Option<Reports<'a>>,
    /// Rows that could not be read: of the orders, of the receipts.
    pub(crate) rejects: (&'a Rejects, &'a Rejects),
}

/// Reports of the exchange and the names of their files.
#[derive(Clone, Copy)]
pub(crate) struct Reports<'a> {
    pub(crate) records: &'a Records,
    pub(crate) files: &'a [String],
}

/// The section, its findings and its tables.
pub(crate) struct RecordsFound {
    /// Orders of error accounts without a receipt, which R01 does not name, and of them those made by an algorithm.
    pub(crate) excused: (u64, u64),
    /// What may explain the other orders without a receipt.
    pub(crate) explained: Explained,
    pub(crate) section: model::Records,
    pub(crate) findings: Vec<FindingRow>,
    pub(crate) tables: Vec<TableRef>,
}

/// Everything that was looked at.
pub(crate) struct Examined<'a> {
    pub(crate) matrix: Matrix,
    pub(crate) serials: SerialFound,
    pub(crate) families: Families,
    pub(crate) likeness: LikenessLinks,
    pub(crate) outcomes: Outcomes,
    /// See [`RecordsFound::excused`].
    pub(crate) excused: (u64, u64),
    /// See [`RecordsFound::explained`].
    pub(crate) explained: Explained,
    pub(crate) offsets: Vec<Offsets>,
    /// Every check, ascending by code.
    pub(crate) checks: Vec<RecordCheck>,
    /// Receipt rows whose time is not there, or cannot be read: how many, and those at hand.
    pub(crate) n_timeless: u64,
    /// Of them, those that hold nothing: one that cannot be read may be the fault of how the file was described.
    pub(crate) n_blank: u64,
    /// See `n_timeless`; every one is in rejects.csv.
    pub(crate) timeless: Vec<&'a Reject>,
}

/// Further columns of the orders that the section needs; a first look needs none.
pub(crate) fn order_columns(config: &StudyConfig, options: &RunOptions) -> Vec<Column> {
    const ALWAYS: [Column; 6] = [Column::Serial, Column::Handler, Column::Ip, Column::OriginalId, Column::ParentId, Column::Outcome];
    further(config, options, &ALWAYS)
}

/// As [`order_columns`], of the receipts.
pub(crate) fn receipt_columns(config: &StudyConfig, options: &RunOptions) -> Vec<Column> {
    const ALWAYS: [Column; 5] = [Column::Client, Column::Handler, Column::Ip, Column::Serial, Column::Outcome];
    further(config, options, &ALWAYS)
}

fn further(config: &StudyConfig, options: &RunOptions, always: &[Column]) -> Vec<Column> {
    const FOR_LIKENESS: [Column; 2] = [Column::Quantity, Column::Price];
    let wanted = options.command == Command::Study;
    let likeness = config.records.likeness.iter().flat_map(|_| FOR_LIKENESS);
    always.iter().copied().chain(likeness).filter(|_| wanted).collect()
}

/// Looks at the records, and writes the table of the rows found.
pub(crate) fn records(given: Given<'_>, output: &Output) -> Result<RecordsFound, Diagnostic> {
    let examined = examine(given);
    let judged = judge::judge(given, &examined);
    let mut tables = table::write(given, &examined, output)?;
    tables.extend(lawful::write(given, &examined, output)?);
    tables.extend(offsets::write(given, &examined.offsets, output)?);
    Ok(RecordsFound {
        excused: examined.excused,
        explained: examined.explained.clone(),
        section: section::section(given, &examined, &judged),
        findings: judge::findings(given, &examined, &judged),
        tables,
    })
}

fn case_of<'a>(given: Given<'a>) -> Case<'a> {
    let Reconciled { orders, receipts, links, attribution, .. } = *given.reconciled;
    let reports = given.reports.map(|reports| reports.records);
    let lawful = &given.study.records.lawful;
    Case { orders, receipts, links, reports, lawful, attribution, calendar: &given.study.calendar, zone: given.study.zone }
}

/// Runs every check.
pub(crate) fn examine(given: Given<'_>) -> Examined<'_> {
    let (case, config) = (&case_of(given), &given.study.records);
    let clock_problem = stamps::groups_with_clock_problem(given);
    let precision = precision(given);
    let domains = stamps::clock_of_groups(given);
    // Two receipts: what their clocks may be off, or the step of their stamps.
    let (uncertainty, several) = (given.study.fairness.clocks.receipts.0, several_clocks(given));
    let apart = if several { uncertainty.saturating_mul(2) } else { uncertainty };
    // Of clocks that nobody documented nothing proves which receipt came first.
    let in_sequence = ReceiptSequence { precision: apart.max(precision.1.resolution - 1), proven: !several || uncertainty > 0 };
    // What rests on which receipts have a wrong stamp, beside what does not.
    let ((serials, in_time), (complete, ((chained, families), (outcomes, likeness)))) = rayon::join(
        || {
            let found = contradictions(case, precision.0, GroupClocks { problem: &clock_problem, domain: &domains });
            let serials = serials(case, (&config.serials, given.serial_form), precision.1, &found.wrong);
            let further = [receipts_in_sequence(case, &found.wrong, in_sequence), late_records(case, config.written_within, &found.wrong)];
            (serials, found.checks.into_iter().chain(further).collect::<Vec<_>>())
        },
        || {
            let of_chains = || rayon::join(|| chains(case), || (outcomes(case), likeness(case, config.likeness)));
            rayon::join(|| completeness(case), of_chains)
        },
    );
    let Completeness { matrix, mut checks, excused } = complete;
    let missing = checks.iter_mut().find(|check| check.code == "R01");
    let explained = missing.map_or_else(Explained::default, |check| explain(case, check, given.rejects.1.len()));
    let refused_orders = given.rejects.0.len();
    if let Some(check) = checks.iter_mut().find(|check| check.code == "R06" && !check.rows.is_empty() && refused_orders > 0) {
        check.doubts.push(crate::order_records::Doubt::RefusedOrders(refused_orders));
    }
    checks.extend(in_time);
    checks.extend(serials.checks.iter().cloned());
    checks.extend([
        likeness.check.clone(),
        chained,
        unmatched_by_group(case),
        outside_session(case),
        too_late(case, config.collected_on),
        retained(case, config.collected_on, config.retention_years),
    ]);
    let offsets = offsets::offsets(given, (precision.1.resolution, precision.0.resolution));
    checks.extend(stamps::checks(given, &offsets));
    checks.sort_by_key(|check| check.code);
    let is_timeless = |code: RejectCode, column: &str| {
        column == Column::ReceivedAt.name() && matches!(code, RejectCode::MissingTime | RejectCode::BadTime)
    };
    let n_timeless = given.rejects.1.causes().filter(|(code, column, _)| is_timeless(*code, column)).map(|(.., n)| n).sum();
    let blank = |code: RejectCode, column: &str| is_timeless(code, column) && is_blank(code);
    let n_blank = given.rejects.1.causes().filter(|(code, column, _)| blank(*code, column)).map(|(.., n)| n).sum();
    let timeless = given.rejects.1.first_ones().iter().filter(|reject| is_timeless(reject.code, reject.column)).collect();
    let rejected = given.rejects.0.len();
    if let Some(gaps) = checks.iter_mut().find(|check| check.code == "R08").filter(|check| !check.rows.is_empty() && rejected > 0) {
        gaps.doubts.push(crate::order_records::Doubt::RejectedRows(rejected));
    }
    Examined { matrix, serials, families, likeness, outcomes, excused, explained, offsets, checks, n_timeless, n_blank, timeless }
}

/// What may explain orders without a receipt, in words.
pub(crate) fn explanations(explained: &Explained) -> Vec<model::Words> {
    let said = |doubt| words::doubt(&doubt, &Vec::new());
    explained.doubts().into_iter().map(said).map(model::Words::from).collect()
}

/// That whole days of receipts are not in the files, in words: before anything else, for their orders seem to lack a record.
pub(crate) fn days_without_receipts(explained: &Explained) -> Option<model::Words> {
    let (first, orders) = (explained.dates.first()?.0, explained.dates.iter().map(|(_, n)| n).sum::<u64>());
    let more = explained.dates.len() - 1;
    let (zh, en) = if more == 0 { Default::default() } else { (format!(" 等 {} 日", more + 1), format!(" and {more} more dates")) };
    Some(model::Words {
        zh: format!("檔案中無 {first}{zh} 之任何收單，而該等日有委託 {orders} 筆：請先確認收單檔是否齊全"),
        en: format!(
            "the files hold no receipt at all of {first}{en}, on which {orders} orders were sent: ask first whether the receipts are complete"
        ),
    })
}

/// That the receipts of a date begin after its orders or end before them, in words: each of the first three such dates.
pub(crate) fn days_cut_short(explained: &Explained) -> Vec<model::Words> {
    let said = explained.ends.iter().take(MOST_ENDS).map(|part| {
        let (date, orders) = (part.date, part.orders);
        let [hours, minutes, seconds] = [(3_600, 24), (60, 60), (1, 60)].map(|(unit, of)| part.since_midnight / 1_000_000_000 / unit % of);
        let at = format!("{hours:02}:{minutes:02}:{seconds:02}");
        match part.after {
            true => model::Words {
                zh: format!("{date} 之收單止於 {at}，逾一分鐘後仍送出查無收單之委託 {orders} 筆：請先確認收單檔是否齊全"),
                en: format!(
                    "the receipts of {date} end at {at}, and {orders} orders without one were sent more than a minute later: ask first whether the receipts are complete"
                ),
            },
            false => model::Words {
                zh: format!("{date} 之收單始於 {at}，此前已送出查無收單之委託 {orders} 筆：請先確認收單檔是否齊全"),
                en: format!(
                    "the receipts of {date} begin at {at}, before which {orders} orders without one were sent: ask first whether the receipts are complete"
                ),
            },
        }
    });
    let more = explained.ends.len().saturating_sub(MOST_ENDS);
    let rest = (more > 0).then(|| model::Words {
        zh: format!("另有 {more} 處之收單同樣較委託晚始或早止"),
        en: format!("in {more} more places receipts begin after the orders of a date or end before them"),
    });
    said.chain(rest).collect()
}

/// Dates with receipts of a part of the day that are named.
const MOST_ENDS: usize = 3;

/// True where a row was refused because its time is not there at all.
fn is_blank(code: RejectCode) -> bool {
    code == RejectCode::MissingTime
}

/// Whether the receipts of different groups are stamped by different clocks.
fn several_clocks(given: Given<'_>) -> bool {
    let numbers = given.study.clocks_by_group.numbers(&given.reconciled.attribution.groups);
    numbers.windows(2).any(|two| two[0].0 != two[1].0)
}

/// Resolution and clocks: of sent stamps against receipts, and of receipts among each other.
fn precision(given: Given<'_>) -> (SentPrecision, ReceiptOrder) {
    let resolution = |receipts: bool| {
        let of_side = given.stamps.stamps.iter().filter(|stamp| (stamp.source == RECEIPTS) == receipts && stamp.n_orders > 0);
        of_side.map(|stamp| stamp.resolution).max().unwrap_or(1).max(1)
    };
    let clocks = given.study.fairness.clocks;
    let several = several_clocks(given);
    let apart = if several { clocks.receipts.0.saturating_mul(2) } else { 0 };
    let sent = resolution(false).saturating_add(resolution(true) / 2);
    (SentPrecision { resolution: sent, clocks: clocks.offset() }, ReceiptOrder { resolution: resolution(true), clocks: apart })
}
