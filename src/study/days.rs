//! A study cut by trading day: each day summarized wherever its files are, the days united, one verdict.
//!
//! For months of data and for clusters: see [`crate::fairness::state`] for what a day holds and why any order and any tree of unions
//! gives the same bytes. The verdict is that of one run over all files.

use crate::config::StudyConfig;
use crate::evidence::sha256_of;
use crate::fairness::state::{Merged, Origin, StateError, StudyDay, by_day};
use crate::fairness::{Evidence, GroupEvidence};
use crate::ingest::Intake;
use crate::reconcile::Waterfall;
use crate::record::{Diagnostic, MatchedOrders, Progress};
use crate::report::days::{DAYS_VERSION, DayRow, DaysVerdict};
use crate::report::model::{Comparison, PairRow, Tool};
use crate::report::tables::Reconciled;
use crate::study::basis::counts_without_partner;
use crate::study::findings::{Missing, findings, verdict_of};
use crate::study::inputs::Inputs;
use crate::study::judged::{Arranged, arrange, judge};
use crate::study::result::assessed_pair;
use crate::study::{Command, Depth, LinkedRows, Receipts, RunOptions, linked_rows};

/// A summarized day, and how many of its rows it rests on.
#[derive(Clone, Debug)]
pub struct Summarized {
    /// The day.
    pub day: StudyDay,
    /// Rows of the orders.
    pub orders: RowCounts,
    /// Rows of the receipts.
    pub receipts: RowCounts,
}

/// Rows of one side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RowCounts {
    /// Read.
    pub read: u64,
    /// Rejected of them.
    pub rejected: u64,
}

impl RowCounts {
    fn of(intake: &Intake) -> Self {
        Self { read: intake.n_rows(), rejected: intake.n_rejected() }
    }
}

/// One trading day of a study as a value: reads its files or frames, links them, keeps what the verdict needs.
///
/// The subject is the study's title. Rules are every setting that bears on pairs of groups but paths, title and language: days of one study
/// may lie anywhere.
///
/// # Errors
/// As [`crate::study::run`]; also where nothing matched, or where receipts fall on more than one local date.
pub fn summarize(config: &StudyConfig, inputs: &Inputs, progress: &Progress) -> Result<Summarized, Diagnostic> {
    let options = RunOptions {
        command: Command::Study,
        hash: false,
        full_tables: false,
        depth: Depth::Standard,
        max_rejects: None,
        pseudonyms: None,
    };
    let receipts = Receipts::read(config, inputs, &options, progress)?;
    let LinkedRows { orders, links, attribution, intake } = linked_rows(config, inputs, &options, receipts.told(), progress)?;
    let reconciled = Reconciled {
        orders: &orders,
        receipts: &receipts.records,
        links: &links,
        attribution: &attribution,
        order_files: &[],
        receipt_files: &[],
        unread: [&intake, &receipts.intake].map(Intake::n_rejected),
    };
    let (missing, orphan) = counts_without_partner(&reconciled);
    let Arranged { matched, evidence, .. } = arrange(config, &reconciled, (&missing, &orphan));
    let days = by_day(&matched, config.zone);
    let [(date, _)] = days.as_slice() else {
        let problem = match (days.first(), days.last()) {
            (Some((first, _)), Some((last, _))) => (
                format!("收單時間分屬 {} 個交易日（{first} 至 {last}）", days.len()),
                format!("the receipts fall on {} trading days ({first} to {last})", days.len()),
            ),
            _ => ("沒有任何委託對應到收單紀錄".to_owned(), "no order was matched to a receipt".to_owned()),
        };
        let help = ("請一次給一個交易日的檔案或資料表", "give the files or frames of one trading day at a time");
        return Err(Diagnostic::new("E0250", problem).in_file(&config.path).help(help));
    };
    let origin = Origin::new(config.title.clone(), rules(config));
    let day = StudyDay::of(origin, *date, config.zone, &matched, &evidence).map_err(|error| of_state(&error).in_file(&config.path))?;
    Ok(Summarized { day, orders: RowCounts::of(&intake), receipts: RowCounts::of(&receipts.intake) })
}

/// The verdict on united days: the ordered pairs of one run over all their files, byte for byte, but for the raw comparison, which
/// reads every latency again and is left out.
///
/// Holds all orders at once, some 34 bytes each, beside what the method takes.
///
/// # Errors
/// Where no day is given, or the days were made under other settings than `config`'s.
pub fn verdict(config: &StudyConfig, days: &Merged, progress: &Progress) -> Result<DaysVerdict, Diagnostic> {
    let Some(first) = days.days().next() else {
        return Err(Diagnostic::new("E0250", ("沒有給任何交易日", "no day is given"))
            .in_file(&config.path)
            .help(("請給 colofair summarize 產生的檔案", "give what `colofair summarize` wrote")));
    };
    let origin = first.origin().clone();
    if origin.rules != rules(config) {
        let problem = ("交易日摘要產生時的設定與此設定檔不同", "the days were made under other settings than these");
        return Err(Diagnostic::new("E0251", problem).in_file(&config.path).help(SAME));
    }
    let rows = days.days().map(|day| DayRow { date: day.date().to_string(), orders: day.orders().len() as u64 }).collect();
    let evidence = days.evidence();
    let sum = |of: fn(&GroupEvidence) -> u64| evidence.groups.iter().map(of).sum();
    let (missing_receipt, orphan_receipt) = (sum(|group| group.missing_receipt), sum(|group| group.orphan_receipt));
    let arranged = Arranged { matched: days.orders(), rows: Vec::new(), evidence };
    let none = || Comparison { mann_whitney_u: 0.0, mann_whitney_p: None, ks_statistic: 0.0, ks_p: None };
    let mut judged = judge(config, arranged, progress);
    let later = with_later_orders(&judged.matched, &judged.evidence);
    judged.assessment.leave_later_orders_open(&later);
    let assessment = judged.assessment;
    let pairs: Vec<PairRow> = assessment.pairs.iter().map(|pair| assessed_pair(pair, none())).collect();
    let found = findings(Command::Study, &Waterfall::default(), &[], &pairs, (None, &Missing::default()));
    let (verdict, exit_code) = verdict_of(Command::Study, &pairs, &found);
    Ok(DaysVerdict {
        schema_version: DAYS_VERSION,
        tool: Tool { name: "colofair".to_owned(), version: env!("CARGO_PKG_VERSION").to_owned(), command: "merge".to_owned() },
        verdict: verdict.to_owned(),
        exit_code,
        subject: origin.subject,
        timezone: config.zone.name().to_owned(),
        rules: origin.rules,
        days: rows,
        orders: days.n_orders() as u64,
        missing_receipt,
        orphan_receipt,
        pairs,
    })
}

/// Largest share of orders that are not the first of their receipt, which a verdict may rest on unseen.
const MOST_LATER: f64 = 0.001;

/// Groups of which more orders than that are later ones: an order more than there are receipts.
fn with_later_orders<'a>(matched: &'a MatchedOrders, evidence: &Evidence) -> Vec<&'a str> {
    let mut orders = vec![0_u64; matched.names.groups.len()];
    matched.group.iter().for_each(|group| orders[usize::from(*group)] += 1);
    let receipts = |group: usize| evidence.groups.get(group).and_then(|group| group.matched_receipts);
    let many =
        |group: &usize| receipts(*group).is_some_and(|n| orders[*group].saturating_sub(n) as f64 > MOST_LATER * orders[*group] as f64);
    (0..orders.len()).filter(many).map(|group| matched.names.groups[group].as_str()).collect()
}

/// What days of one study share.
const SAME: (&str, &str) =
    ("同一研究的各日須以相同設定、相同版本、每日一次產生", "the days of one study are made under the same settings and version, each once");

/// Bytes that are no day, or days that cannot be united: as the user is told.
#[must_use]
pub fn of_state(error: &StateError) -> Diagnostic {
    let told = (error.in_chinese(), error.to_string());
    match error {
        StateError::Damaged { .. } | StateError::SchemaVersion { .. } => Diagnostic::new("E0252", told)
            .help(("請給 colofair summarize 或 merge --state 產生的檔案", "give what `colofair summarize` or `merge --state` wrote")),
        _ => Diagnostic::new("E0251", told).help(SAME),
    }
}

/// Sections that say nothing of how pairs of groups are judged.
const BESIDE: [&str; 6] = ["access.", "controls.", "priority.", "records.", "report.", "rules."];

/// The fingerprint of what a day was read and judged under; a layout of fixed-width records by its text, wherever it lies.
fn rules(config: &StudyConfig) -> String {
    let layouts: Vec<(String, &str)> =
        [("orders", Some(&config.orders)), ("receipts", Some(&config.receipts)), ("clients", config.clients.as_ref())]
            .into_iter()
            .filter_map(|(name, side)| Some((format!("{name}.format"), side?.layout_file.as_ref()?.1.as_str())))
            .collect();
    let told = |key: &str| {
        !key.ends_with(".paths")
            && !matches!(key, "study.title" | "study.language")
            && !BESIDE.iter().any(|section| key.starts_with(section))
            && layouts.iter().all(|(layout, _)| layout != key)
    };
    let settings = config.settings.iter().filter(|setting| told(&setting.key)).map(|setting| format!("{}={}", setting.key, setting.value));
    let text: Vec<String> = settings.chain(layouts.iter().map(|(key, text)| format!("{key}={text}"))).collect();
    sha256_of(text.join("\n").as_bytes())
}
