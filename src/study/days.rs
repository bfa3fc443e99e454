//! A study cut by trading day: each day summarized wherever its files are, the days united, one verdict.
//!
//! For months of data and for clusters: see [`crate::fairness::state`] for what a day holds and why any order and any tree of unions
//! gives the same bytes. The verdict is that of one run over all files.

use crate::config::StudyConfig;
use crate::evidence::sha256_of;
use crate::fairness::state::{Merged, Origin, StateError, StudyDay, by_day};
use crate::record::{Diagnostic, Progress};
use crate::report::model::{Comparison, PairRow};
use crate::report::tables::Reconciled;
use crate::study::basis::counts_without_partner;
use crate::study::inputs::Inputs;
use crate::study::judged::{Arranged, arrange, judge};
use crate::study::result::assessed_pair;
use crate::study::{Command, Depth, LinkedRows, Receipts, RunOptions, linked_rows};

/// One trading day of a study as a value: reads its files or frames, links them, keeps what the verdict needs.
///
/// The subject is the study's title. Rules are every setting but paths, title and language: days of one study may lie anywhere.
///
/// # Errors
/// As [`crate::study::run`]; also where nothing matched, or where receipts fall on more than one local date.
pub fn summarize(config: &StudyConfig, inputs: &Inputs, progress: &Progress) -> Result<StudyDay, Diagnostic> {
    let options = RunOptions {
        command: Command::Study,
        hash: false,
        full_tables: false,
        depth: Depth::Standard,
        max_rejects: None,
        pseudonyms: None,
        arguments: Vec::new(),
    };
    let receipts = Receipts::read(config, inputs, &options, progress)?;
    let LinkedRows { orders, links, attribution, .. } = linked_rows(config, inputs, &options, &receipts, progress)?;
    let reconciled = Reconciled {
        orders: &orders,
        receipts: &receipts.records,
        links: &links,
        attribution: &attribution,
        order_files: &[],
        receipt_files: &[],
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
    StudyDay::of(origin, *date, config.zone, &matched, &evidence).map_err(|error| of_state(config, &error))
}

/// The verdict on united days: the ordered pairs of one run over all their files, byte for byte, but for the raw comparison, which
/// reads every latency again and is left empty here.
#[must_use]
pub fn verdict(config: &StudyConfig, days: &Merged, progress: &Progress) -> Vec<PairRow> {
    let arranged = Arranged { matched: days.orders(), rows: Vec::new(), evidence: days.evidence() };
    let none = || Comparison { mann_whitney_u: 0.0, mann_whitney_p: None, ks_statistic: 0.0, ks_p: None };
    judge(config, arranged, progress).assessment.pairs.iter().map(|pair| assessed_pair(pair, none())).collect()
}

/// A day or a union that cannot be: as the user is told.
#[must_use]
pub fn of_state(config: &StudyConfig, error: &StateError) -> Diagnostic {
    let problem = (format!("交易日無法合併：{error}"), format!("the days cannot be united: {error}"));
    Diagnostic::new("E0251", problem).in_file(&config.path).help((
        "同一研究的各日須以相同設定、相同版本、每日一次產生",
        "the days of one study are made under the same settings and version, each once",
    ))
}

/// The fingerprint of what a day was read and judged under.
fn rules(config: &StudyConfig) -> String {
    let told = |key: &str| !key.ends_with(".paths") && !matches!(key, "study.title" | "study.language" | "report.workbook_rows");
    let settings = config.settings.iter().filter(|setting| told(&setting.key));
    let text: Vec<String> = settings.map(|setting| format!("{}={}", setting.key, setting.value)).collect();
    sha256_of(text.join("\n").as_bytes())
}
