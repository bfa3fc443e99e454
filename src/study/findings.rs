//! Findings, the eight-finding scorecard and the verdict of the whole study.

use std::collections::BTreeMap;

use crate::checks::Outcome;
use crate::measure::breakdown::BreakdownRow;
use crate::order_records::is_automated;
use crate::reconcile::Waterfall;
use crate::report::model::{EvidenceRef, FindingRow, PairRow, ScoreRow, Words};
use crate::report::table_names;
use crate::rules::kind;
use crate::study::Command;
use crate::study::audit::{Period, cited, of_seed};
use crate::study::scorecard::score;

/// Order without receipt.
const MISSING_RECEIPT: &str = "R01";
/// Leads that leave it open whether the receipts on record are there and true: missing for a reason that is open, sent before received, another order of rows, stamps that look made
/// up, clocks that disagree, wrong dates.
const SHAKEN_BY: [&str; 6] = [MISSING_RECEIPT, "R03", "R07", "T01", "T02", "T07"];
/// A group is worse off, beyond the margin.
const UNFAIR: &str = "F01";
/// An effect that hangs on single clients.
const CLIENT_SPECIFIC: &str = "F04";

/// Confirmed findings, ascending by code; none from `check`, which seeks none. First and last date choose the law.
pub(crate) fn findings(
    command: Command,
    waterfall: &Waterfall,
    breakdown: &[BreakdownRow],
    pairs: &[PairRow],
    (dates, missing): (Option<Period>, &Missing),
) -> Vec<FindingRow> {
    if command == Command::Check {
        return Vec::new();
    }
    let unfair = pairs.iter().filter(|pair| pair.verdict == "unfair").collect();
    let specific = pairs.iter().filter(|pair| pair.client_specific).collect();
    let found = [
        fairness(UNFAIR, unfair, waterfall, dates, "群組間處理不公平（受惠／不利）", "groups treated unequally (favoured / disadvantaged)"),
        fairness(
            CLIENT_SPECIFIC,
            specific,
            waterfall,
            dates,
            "差異集中於個別客戶（受惠／不利）",
            "a difference that hangs on single clients (favoured / disadvantaged)",
        ),
        missing_receipt(waterfall, breakdown, dates, missing),
    ];
    found.into_iter().flatten().collect()
}

/// Clients that a finding names.
const MOST_NAMED: usize = 5;

/// A finding on pairs of groups: its count is the orders of the groups worse off.
fn fairness(code: &str, found: Vec<&PairRow>, waterfall: &Waterfall, dates: Option<Period>, zh: &str, en: &str) -> Option<FindingRow> {
    if found.is_empty() {
        return None;
    }
    let named = found.iter().map(|pair| format!("{} / {}", pair.favoured, pair.disadvantaged)).collect::<Vec<_>>().join(", ");
    let worse_off: BTreeMap<&str, u64> = found.iter().map(|pair| (pair.disadvantaged.as_str(), pair.n_disadvantaged)).collect();
    let count: u64 = worse_off.values().sum();
    // The effect is one of the group: no single order of it is shown to have been treated worse.
    let groups = worse_off.keys().copied().collect::<Vec<_>>().join(", ");
    let mut clients: Vec<&str> = found.iter().flat_map(|pair| &pair.clients_named).map(String::as_str).collect();
    clients.sort_unstable();
    clients.dedup();
    let (these, more) =
        (clients.iter().take(MOST_NAMED).copied().collect::<Vec<_>>().join(", "), if clients.len() > MOST_NAMED { " ..." } else { "" });
    let hangs = match code {
        CLIENT_SPECIFIC => Words { zh: format!("；所繫客戶：{these}{more}"), en: format!("; the clients: {these}{more}") },
        _ => Words::default(),
    };
    let counted = Words {
        zh: format!("（筆數為不利群組 {groups} 之全部配對委託，非逐筆認定；認定者為可比委託之差異，成因應由券商說明）"),
        en: format!(
            " (the count is every matched order of the disadvantaged, {groups}; no single order is judged; found is a difference of comparable orders, and what made it is for the broker to say)"
        ),
    };
    Some(FindingRow {
        code: code.to_owned(),
        family: "F".to_owned(),
        severity: "high".to_owned(),
        verdict: "confirmed".to_owned(),
        rule: cited(code, dates),
        count,
        share: count as f64 / waterfall.matched.max(1) as f64,
        summary: Words { zh: format!("{zh}：{named}{}{}", hangs.zh, counted.zh), en: format!("{en}: {named}{}{}", hangs.en, counted.en) },
        evidence: EvidenceRef { table: "result.json#pairs".to_owned(), rows: found.len() as u64 },
    })
}

/// What is known of orders without a receipt.
#[derive(Debug, Default)]
pub(crate) struct Missing {
    /// Orders of the error accounts that study.toml names, and of them those made by an algorithm: no client gave them.
    pub(crate) excused: (u64, u64),
    /// What may explain others, in words.
    pub(crate) explanations: Vec<Words>,
    /// It may explain all of them.
    pub(crate) is_open: bool,
}

/// Orders sent to the exchange without a retained client receipt: seed finding 1.
fn missing_receipt(waterfall: &Waterfall, breakdown: &[BreakdownRow], dates: Option<Period>, missing: &Missing) -> Option<FindingRow> {
    let excused = missing.excused;
    let count = waterfall.missing_receipt.saturating_sub(excused.0);
    if count == 0 {
        return None;
    }
    let share = count as f64 / (waterfall.matched + waterfall.missing_receipt + waterfall.ambiguous) as f64;
    let without = || breakdown.iter().filter(|row| row.class == "missing_receipt");
    let n_algo = without().filter(|row| is_automated(&row.algo, &row.channel)).map(|row| row.n).sum::<u64>().saturating_sub(excused.1);
    let algo_known = without().any(|row| !row.algo.is_empty() || !row.channel.is_empty());
    let (algo_zh, algo_en) = match (algo_known, n_algo) {
        (false, _) => ("；資料未載明是否為演算法產生".to_owned(), "; the files do not say which were made by an algorithm".to_owned()),
        (true, n) => {
            (format!("，其中 {n} 筆由演算法或自動化通路產生"), format!(", {n} of them made by an algorithm or an automated channel"))
        }
    };
    let (excused_zh, excused_en) = match excused.0 {
        0 => (String::new(), String::new()),
        n => (
            format!("；另有 {n} 筆屬所載錯帳專戶，另計"),
            format!("; {n} more are of the error accounts named in study.toml and counted apart"),
        ),
    };
    let said =
        |pick: fn(&Words) -> &str, mark: &str| missing.explanations.iter().map(|one| format!("{mark}{}", pick(one))).collect::<String>();
    let (why_zh, why_en) = (said(|words| &words.zh, "；"), said(|words| &words.en, "; "));
    let (zh, en) = if missing.is_open {
        (
            "筆委託在所給檔案中查無收單紀錄，尚不能認定為未留存",
            "orders have no receipt in these files, which does not prove that none was kept",
        )
    } else {
        ("筆委託已送交易所，但查無客戶委託時間（收單紀錄）", "orders were sent to the exchange without a client receipt time on record")
    };
    let severity = if n_algo > 0 || share > 0.01 {
        "high"
    } else if share > 0.001 {
        "medium"
    } else {
        "low"
    };
    Some(FindingRow {
        code: MISSING_RECEIPT.to_owned(),
        family: "R".to_owned(),
        severity: severity.to_owned(),
        verdict: if missing.is_open { "insufficient" } else { "confirmed" }.to_owned(),
        rule: cited(MISSING_RECEIPT, dates),
        count,
        share,
        summary: Words {
            zh: format!("{count} {zh}{algo_zh}{excused_zh}{why_zh}"),
            en: format!("{count} {en}{algo_en}{excused_en}{why_en}"),
        },
        evidence: EvidenceRef { table: table_names::RECORDS.to_owned(), rows: count },
    })
}

/// The eight seed findings: what this run can say of each, over every family.
pub(crate) fn scorecard(
    command: Command,
    waterfall: &Waterfall,
    pairs: &[PairRow],
    findings: &[FindingRow],
    outcomes: &[Outcome],
) -> Vec<ScoreRow> {
    if command == Command::Check {
        let (zh, en) = ("check 不評定查核缺失；請執行 colofair study", "check judges no finding; run colofair study");
        let not_run = |number: u8| ScoreRow {
            number,
            state: "not_run".to_owned(),
            reason: Words { zh: zh.to_owned(), en: en.to_owned() },
            codes: Vec::new(),
        };
        return (1..=8).map(not_run).collect();
    }
    let of_orders = |number: u8| match number {
        1 => Some(records_score(waterfall, findings)),
        7 => Some(fairness_score(pairs, findings)),
        _ => None,
    };
    (1..=8).map(|number| score(number, of_orders(number), &of_seed(outcomes, number))).collect()
}

fn records_score(waterfall: &Waterfall, findings: &[FindingRow]) -> ScoreRow {
    // Serials are asked of a broker beside its receipt times: they stand under none of the eight.
    let of_records = |finding: &&FindingRow| {
        let of_first = kind(&finding.code).is_some_and(|kind| kind.seed == 1);
        matches!(finding.family.as_str(), "R" | "T") && of_first && finding.verdict == "confirmed"
    };
    let codes: Vec<String> = findings.iter().filter(of_records).map(|finding| finding.code.clone()).collect();
    let found = findings.iter().find(of_records);
    let doubted = findings.iter().find(|finding| SHAKEN_BY.contains(&finding.code.as_str()));
    let (state, reason) = match found {
        Some(finding) => ("finding", finding.summary.clone()),
        None if waterfall.ambiguous > 0 => {
            let n = waterfall.ambiguous;
            let zh = format!("{n} 筆委託的收單紀錄有互相矛盾的複本，無法認定");
            ("insufficient", Words { zh, en: format!("{n} orders have a receipt whose copies contradict each other") })
        }
        None if doubted.is_some() => ("insufficient", doubted.map(|finding| finding.summary.clone()).unwrap_or_default()),
        None if waterfall.missing_receipt > 0 => {
            let n = waterfall.missing_receipt;
            let zh = format!("除所載錯帳專戶之 {n} 筆外，每筆委託都有收單時間");
            ("none", Words { zh, en: format!("every order has a receipt time, except {n} of the error accounts named in study.toml") })
        }
        None => ("none", Words { zh: "每筆委託都有收單時間".to_owned(), en: "every order has a receipt time".to_owned() }),
    };
    ScoreRow { number: 1, state: state.to_owned(), reason, codes }
}

fn fairness_score(pairs: &[PairRow], findings: &[FindingRow]) -> ScoreRow {
    // Latency and order of handling; a finding that is not confirmed does not settle the question.
    let confirmed = |finding: &&FindingRow| matches!(finding.family.as_str(), "F" | "P") && finding.verdict == "confirmed";
    let codes: Vec<String> = findings.iter().filter(confirmed).map(|finding| finding.code.clone()).collect();
    let words = |zh: &str, en: &str| Words { zh: zh.to_owned(), en: en.to_owned() };
    let (state, reason) = if !codes.is_empty() {
        ("finding", words("見公平性缺失", "see the fairness findings"))
    } else if pairs.is_empty() {
        ("insufficient", words("少於兩個群組有可比較的委託", "fewer than two groups have orders to compare"))
    } else if pairs.iter().all(|pair| pair.verdict == "fair") {
        ("none", words("各群組在容許差內相等", "the groups are equal within the margins"))
    } else {
        ("insufficient", words("至少一對群組無法下結論，理由見各對", "at least one pair is inconclusive; the reasons stand with the pair"))
    };
    ScoreRow { number: 7, state: state.to_owned(), reason, codes }
}

/// The study's verdict and exit code. A first look claims nothing, and ends with 0 once it could read and balance the files.
pub(crate) fn verdict_of(command: Command, pairs: &[PairRow], findings: &[FindingRow]) -> (&'static str, u8) {
    let all_settled = !pairs.is_empty() && pairs.iter().all(|pair| pair.verdict == "fair");
    match command {
        Command::Check => ("inconclusive", 0),
        Command::Study if findings.iter().any(|finding| finding.verdict == "confirmed") => ("finding", 1),
        Command::Study if all_settled => ("no_finding", 0),
        Command::Study => ("inconclusive", 3),
    }
}
