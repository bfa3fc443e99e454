//! From what the stages found to `result.json`: nothing is computed here that a stage could have computed, only named and placed.

use std::collections::BTreeSet;

use crate::checks::Outcome;
use crate::config::StudyConfig;
use crate::evidence::{HashedFile, sha256_of};
use crate::fairness::{Assessment, Effect, PairAssessment, Verdict};
use crate::ingest::{Intake, Source};
use crate::measure::breakdown::BreakdownRow;
use crate::measure::latency::{LatencySummary, Sorted};
use crate::measure::over_time::{MedianSeries, OverTime, TimeOfDay};
use crate::measure::stages::Stage;
use crate::reconcile::Waterfall;
use crate::record::{TradeDate, UNKNOWN_GROUP};
use crate::report::model::{self, StudyResult, Words};
use crate::study::StageFound;
use crate::study::agreement::Agreement;
use crate::study::alike::alike;
use crate::study::audit::{check_rows, finding_rows};
use crate::study::basis::Basis;
use crate::study::findings::{Missing, findings, scorecard, verdict_of};
use crate::study::gate::{alerts, behind_gate, refused};
use crate::study::priority::PriorityFound;
use crate::study::records::{RecordsFound, days_cut_short, days_without_receipts, explanations};
use crate::study::shifted::shifted;
use crate::study::{Command, MaxRejects};
use crate::timestamps::{ClockEstimate, ClockStep, Sign, StampReport, StampVerdict};

/// Everything the stages found.
pub(crate) struct ResultInputs<'a> {
    pub(crate) config: &'a StudyConfig,
    pub(crate) command: Command,
    pub(crate) max_rejects: Option<MaxRejects>,
    /// Orders, receipts.
    pub(crate) sources: (&'a Source, &'a Source),
    pub(crate) intakes: (&'a Intake, &'a Intake),
    pub(crate) hashed: &'a [HashedFile],
    pub(crate) basis: &'a Basis,
    pub(crate) agreement: &'a Agreement,
    /// Each stage's latencies by group, ascending.
    pub(crate) stages: &'a [StageFound],
    pub(crate) breakdown: &'a [BreakdownRow],
    pub(crate) assessment: Option<&'a Assessment>,
    pub(crate) beside: Option<model::Beside>,
    pub(crate) over_time: Option<&'a (OverTime, TimeOfDay)>,
    pub(crate) priority: Option<PriorityFound>,
    pub(crate) records: Option<RecordsFound>,
    pub(crate) stamps: &'a StampReport,
    /// Evidence checks, and the audited period they looked at.
    pub(crate) outcomes: &'a [Outcome],
    pub(crate) period: Option<(TradeDate, TradeDate)>,
    pub(crate) tables: Vec<model::TableRef>,
}

/// The result of a run.
pub(crate) fn assemble(found: &ResultInputs<'_>) -> StudyResult {
    let groups = group_rows(found);
    let pairs = pair_rows(found);
    let dates = trading_dates(found);
    let span = dates.first().copied().zip(dates.last().copied());
    let missing = found.records.as_ref().map_or_else(Missing::default, |records| Missing {
        excused: records.excused,
        explanations: explanations(&records.explained),
        is_open: !records.explained.leaves_some(),
    });
    let mut findings = findings(found.command, &found.basis.waterfall, found.breakdown, &pairs, (span, &missing));
    findings.extend(found.priority.iter().flat_map(|priority| priority.findings.iter().cloned()));
    findings.extend(found.records.iter().flat_map(|records| records.findings.iter().cloned()));
    findings.extend(finding_rows(found.outcomes));
    counted_once(&mut findings);
    findings.sort_by(|left, right| left.code.cmp(&right.code));
    let (mut alerts, closed) = alerts(found.intakes, found.max_rejects);
    alerts.extend(shifted(&found.basis.groups, &found.basis.grouped));
    alerts.extend(alike(&found.basis.alike));
    alerts.extend(found.agreement.alerts.iter().cloned());
    alerts.extend(found.records.iter().flat_map(|records| days_without_receipts(&records.explained)));
    alerts.extend(found.records.iter().flat_map(|records| days_cut_short(&records.explained)));
    let (verdict, exit_code) = behind_gate(verdict_of(found.command, &pairs, &findings), closed);
    let config = found.config;
    StudyResult {
        schema_version: model::SCHEMA_VERSION,
        tool: model::Tool {
            name: "colofair".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            command: found.command.name().to_owned(),
        },
        verdict: verdict.to_owned(),
        exit_code,
        study: model::StudyHeader {
            title: config.title.clone(),
            timezone: config.zone.name().to_owned(),
            language: config.language.clone(),
            period: period(found),
            config_sha256: sha256_of(config.text.as_bytes()),
            pseudonyms: None,
            named_in_text: Vec::new(),
            shown_cells: Vec::new(),
        },
        input: model::Input {
            orders: input_side(found.sources.0, found.intakes.0, found.hashed),
            receipts: input_side(found.sources.1, found.intakes.1, found.hashed),
            others: others(found),
        },
        reconciliation: reconciliation(&found.basis.waterfall, &groups),
        stages: stage_rows(found),
        options: options(found),
        stamps: stamp_rows(found),
        clocks: found.stamps.clocks.iter().map(clock_row).collect(),
        scorecard: scorecard(found.command, &found.basis.waterfall, &pairs, &findings, found.outcomes),
        checks: check_rows(found.outcomes, found.period),
        alerts,
        notices: notices(found, &groups),
        curves: curves(found),
        over_time: found.over_time.map(|(over_time, _)| model::OverTime {
            unit: over_time.unit.name().to_owned(),
            dates: over_time.starts.iter().map(|(date, _)| date.to_string()).collect(),
            starts: over_time.starts.iter().map(|(_, start)| start.0).collect(),
            groups: medians(found, &over_time.series),
        }),
        time_of_day: found.over_time.map(|(_, day)| model::TimeOfDay {
            slot: day.slot.0,
            starts: day.starts.clone(),
            groups: medians(found, &day.series),
        }),
        breakdown: breakdown(found.breakdown),
        tables: found.tables.clone(),
        beside: found.beside.clone(),
        priority: found.priority.as_ref().map(|priority| priority.section.clone()),
        records: found.records.as_ref().map(|records| records.section.clone()),
        groups,
        pairs,
        findings,
    }
}

/// Serials out of the order of receipt are one fact: where the records name them (R10), the order of handling (P01) does not count them
/// again. R10 lists the fewest orders that break the order, P01 all that stand before one received earlier.
fn counted_once(findings: &mut Vec<model::FindingRow>) {
    let Some(at) = findings.iter().position(|finding| finding.code == "P01") else { return };
    let n = findings[at].count;
    let Some(named) = findings.iter_mut().find(|finding| finding.code == "R10") else { return };
    named.summary.zh.push_str(&format!("；依此有 {n} 筆委託之序號大於較晚收單者（何者受惠見 F03、P02）"));
    named.summary.en.push_str(&format!("; {n} orders so have a higher serial than one received later (who gained: F03, P02)"));
    findings.remove(at);
}

/// The files read beside orders and receipts.
fn others(found: &ResultInputs<'_>) -> Vec<model::HashedFile> {
    let sides = || found.sources.0.files.iter().chain(&found.sources.1.files);
    found.hashed.iter().filter(|hashed| !sides().any(|file| file.name == hashed.path)).cloned().collect()
}

fn input_side(source: &Source, intake: &Intake, hashed: &[HashedFile]) -> model::InputSide {
    let files = source.files.iter().zip(&intake.files).map(|(file, counts)| model::InputFile {
        path: file.name.clone(),
        format: if file.frame.is_some() { "frame" } else { file.format.name() }.to_owned(),
        encoding: counts.text.as_ref().map(|text| text.encoding.name().to_owned()),
        rows: counts.rows,
        rejected: counts.rejected,
        bytes: file.bytes,
        sha256: hashed.iter().find(|hashed| hashed.path == file.name).map(|hashed| hashed.sha256.clone()),
    });
    let (rows, rejected) = (intake.n_rows(), intake.n_rejected());
    let rejects = intake.rejects.causes().map(|(code, column, rows)| model::RejectCount {
        code: code.name().to_owned(),
        column: column.to_owned(),
        rows,
    });
    model::InputSide { rows, accepted: rows - rejected, rejected, rejects: rejects.collect(), files: files.collect() }
}

fn reconciliation(waterfall: &Waterfall, groups: &[model::GroupRow]) -> model::Reconciliation {
    let Waterfall {
        matched,
        missing_receipt,
        ambiguous,
        duplicate_order,
        receipts_matched,
        receipts_ambiguous,
        orphan_receipt,
        duplicate_receipt,
    } = *waterfall;
    let negative = groups.iter().map(|group| group.negative).sum();
    let zero = groups.iter().map(|group| group.zero).sum();
    model::Reconciliation {
        matched,
        missing_receipt,
        orphan_receipt,
        duplicate_receipt,
        duplicate_order,
        ambiguous,
        receipts_matched,
        receipts_ambiguous,
        negative,
        zero,
    }
}

/// Groups with at least one matched order.
fn group_rows(found: &ResultInputs<'_>) -> Vec<model::GroupRow> {
    let Basis { missing, orphan, .. } = found.basis;
    let row = |(code, sorted): (usize, Sorted<'_>)| {
        let summary = sorted.summary()?;
        Some(model::GroupRow {
            group: found.basis.groups[code].clone(),
            n: summary.n,
            clients: found.basis.grouped.clients[code],
            min: summary.min,
            mean: summary.mean,
            p50: summary.p50,
            p90: summary.p90,
            p99: summary.p99,
            p999: summary.p999,
            max: summary.max,
            missing_receipt: missing[code],
            negative: summary.negative,
            zero: summary.zero,
            orphan_receipt: orphan[code],
        })
    };
    found.basis.grouped.groups().enumerate().filter_map(row).collect()
}

fn stage_rows(found: &ResultInputs<'_>) -> Vec<model::StageRow> {
    let row = |stage: &Stage, code: usize, summary: &LatencySummary| model::StageRow {
        stage: format!("{} -> {}", stage.from.name(), stage.to.name()),
        group: found.basis.groups[code].clone(),
        n: summary.n,
        min: summary.min,
        p50: summary.p50,
        p99: summary.p99,
        max: summary.max,
        negative: summary.negative,
    };
    let rows = found
        .stages
        .iter()
        .flat_map(|(stage, groups)| groups.iter().enumerate().filter_map(move |(code, summary)| Some(row(stage, code, summary.as_ref()?))));
    rows.collect()
}

fn curves(found: &ResultInputs<'_>) -> Vec<model::Curve> {
    let groups = found.basis.grouped.groups().enumerate().filter(|(_, sorted)| !sorted.is_empty());
    groups.map(|(code, sorted)| model::Curve { group: found.basis.groups[code].clone(), points: sorted.curve() }).collect()
}

fn medians(found: &ResultInputs<'_>, series: &[MedianSeries]) -> Vec<model::MedianSeries> {
    let of_group = |series: &MedianSeries| model::MedianSeries {
        group: found.basis.groups[usize::from(series.group)].clone(),
        n: series.n.clone(),
        p50: series.p50.clone(),
    };
    series.iter().map(of_group).collect()
}

/// One row a source and group; the signs that were raised.
fn stamp_rows(found: &ResultInputs<'_>) -> Vec<model::StampRow> {
    let row = |stamp: &StampVerdict| model::StampRow {
        source: stamp.source.to_owned(),
        group: found.basis.groups[usize::from(stamp.group)].clone(),
        verdict: if stamp.suspect { "suspect" } else { "clean" }.to_owned(),
        resolution: stamp.resolution,
        signs: stamp.signs.iter().filter(|sign| sign.raised()).map(sign_reason).collect(),
    };
    found.stamps.stamps.iter().filter(|stamp| stamp.n_orders > 0).map(row).collect()
}

fn sign_reason(sign: &Sign) -> model::Reason {
    let (zh, en) = sign.sentence();
    model::Reason { code: sign.code.to_owned(), words: Words { zh, en } }
}

fn clock_row(clock: &ClockEstimate) -> model::ClockRow {
    model::ClockRow {
        source: clock.source.to_owned(),
        offset: clock.offset_at_least.map(|nanos| nanos as f64),
        drift: clock.drift,
        steps: clock.steps.iter().map(clock_step).collect(),
    }
}

fn clock_step(step: &ClockStep) -> model::ClockStep {
    model::ClockStep { at: step.at.0, size: step.size, standard_error: Some(step.standard_error) }
}

fn breakdown(rows: &[BreakdownRow]) -> Vec<model::BreakdownCount> {
    let count = |row: &BreakdownRow| {
        let BreakdownRow { class, group, channel, algo, n } = row.clone();
        model::BreakdownCount { class, group, channel, algo, n }
    };
    rows.iter().map(count).collect()
}

/// Local dates on which a matched order was received.
fn trading_dates(found: &ResultInputs<'_>) -> BTreeSet<TradeDate> {
    let mut local = found.config.zone.local_reader();
    found.basis.grouped.trend.iter().map(|point| local.read(point.minute).0).collect()
}

fn period(found: &ResultInputs<'_>) -> Option<model::Period> {
    let dates = trading_dates(found);
    Some(model::Period { first: dates.first()?.to_string(), last: dates.last()?.to_string(), days: dates.len() as u64 })
}

fn options(found: &ResultInputs<'_>) -> serde_json::Value {
    let option = |value: &str, origin: &str| serde_json::json!({ "value": value, "origin": origin });
    let settings = found.config.settings.iter().map(|setting| (setting.key.clone(), option(&setting.value, setting.origin.name())));
    let mut all: serde_json::Map<String, serde_json::Value> = settings.collect();
    if let Some(assessment) = found.assessment {
        all.insert("fairness.slot.used".to_owned(), option(&assessment.slot.to_string(), "computed"));
        all.insert("fairness.tests".to_owned(), option(&assessment.tests.to_string(), "computed"));
    }
    serde_json::Value::Object(all)
}

/// Every wanted ordered pair: the method's where it ran, else the groups as they are with the reason.
fn pair_rows(found: &ResultInputs<'_>) -> Vec<model::PairRow> {
    if let Some(assessment) = found.assessment {
        let code = |name: &String| found.basis.groups.binary_search(name).unwrap_or_default();
        let raw = |pair: &PairAssessment| comparison(found, code(&pair.favoured), code(&pair.disadvantaged));
        return assessment.pairs.iter().map(|pair| assessed_pair(pair, raw(pair))).collect();
    }
    let present: Vec<usize> = (0..found.basis.grouped.n_groups()).filter(|code| !found.basis.grouped.group(*code).is_empty()).collect();
    // Who belongs to no group is compared with nobody, as in the verdict.
    let present: Vec<usize> = present.into_iter().filter(|code| found.basis.groups[*code] != UNKNOWN_GROUP).collect();
    let ordered = present.iter().flat_map(|a| present.iter().map(move |b| (*a, *b))).filter(|(a, b)| a != b);
    ordered.map(|(a, b)| raw_pair(found, a, b)).collect()
}

fn raw_pair(found: &ResultInputs<'_>, a: usize, b: usize) -> model::PairRow {
    let groups = &found.basis.groups;
    let words = Words {
        zh: "check 只列出數字，不下公平與否的結論；請執行 colofair study".to_owned(),
        en: "check gives figures and no verdict; run colofair study".to_owned(),
    };
    model::PairRow {
        favoured: groups[a].clone(),
        disadvantaged: groups[b].clone(),
        verdict: Verdict::Inconclusive.name().to_owned(),
        client_specific: false,
        clients_named: Vec::new(),
        reasons: vec![model::Reason { code: "not_run".to_owned(), words }],
        overlap: None,
        n_favoured: found.basis.grouped.group(a).len() as u64,
        n_disadvantaged: found.basis.grouped.group(b).len() as u64,
        blocks: 0,
        median_gap: None,
        tail_excess: None,
        overtaking: None,
        superiority: None,
        routing: None,
        shift: Vec::new(),
        power: None,
        change_point: None,
        comparison: comparison(found, a, b),
    }
}

/// A judged pair with its raw comparison.
pub(crate) fn assessed_pair(pair: &PairAssessment, comparison: model::Comparison) -> model::PairRow {
    let reasons = pair.reasons.iter().cloned().map(model::Reason::from);
    model::PairRow {
        favoured: pair.favoured.clone(),
        disadvantaged: pair.disadvantaged.clone(),
        verdict: pair.verdict.name().to_owned(),
        client_specific: pair.client_specific,
        clients_named: pair.clients_named.clone(),
        reasons: reasons.collect(),
        overlap: pair.overlap,
        n_favoured: pair.n_favoured,
        n_disadvantaged: pair.n_disadvantaged,
        blocks: pair.blocks,
        median_gap: pair.median_gap.map(effect),
        tail_excess: pair.tail_excess.map(effect),
        overtaking: pair.overtaking.map(effect),
        superiority: pair.superiority.map(|theta| model::Interval {
            estimate: theta.estimate,
            se: theta.se,
            lower: theta.lower,
            upper: theta.upper,
        }),
        routing: pair.routing.map(|part| model::Routing {
            total: part.total,
            within_route: part.within_route,
            routing_part: part.routing_part,
        }),
        shift: pair
            .shift
            .iter()
            .map(|point| model::ShiftPoint {
                q: point.q,
                difference: point.difference,
                lower: point.interval.map(|interval| interval.0),
                upper: point.interval.map(|interval| interval.1),
            })
            .collect(),
        power: pair
            .power
            .map(|power| model::Power { minimum_detectable_gap: power.minimum_detectable_gap, orders_needed: power.orders_needed }),
        change_point: pair.change_point.map(|change| model::ChangePoint { at: change.at.0, statistic: change.statistic }),
        comparison,
    }
}

fn effect(effect: Effect) -> model::Effect {
    let Effect { estimate, se, df, lower, upper, margin, p_unfair_holm, p_fair } = effect;
    model::Effect { estimate, se, df, lower, upper, margin, p_unfair_holm, p_fair }
}

/// The raw tests of B against A; the other direction is the mirror of the one computed.
fn comparison(found: &ResultInputs<'_>, a: usize, b: usize) -> model::Comparison {
    let computed = found.basis.comparisons.iter().find(|pair| (pair.left, pair.right) == (a.min(b), a.max(b)));
    let (rank, ks) = (computed.and_then(|pair| pair.rank), computed.and_then(|pair| pair.ks));
    let n_pairs = found.basis.grouped.group(a).len() as f64 * found.basis.grouped.group(b).len() as f64;
    let u = rank.map_or(0.0, |rank| if a < b { rank.u } else { n_pairs - rank.u });
    model::Comparison {
        mann_whitney_u: u,
        mann_whitney_p: rank.map(|rank| rank.p_value),
        ks_statistic: ks.map_or(0.0, |ks| ks.statistic),
        ks_p: ks.map(|ks| ks.p_value),
    }
}

/// What a reader must know before quoting a figure.
fn notices(found: &ResultInputs<'_>, groups: &[model::GroupRow]) -> Vec<Words> {
    let mut notices = Vec::new();
    let mut say = |zh: String, en: String| notices.push(Words { zh, en });
    refused(found.intakes).into_iter().for_each(|Words { zh, en }| say(zh, en));
    found.agreement.notices.iter().for_each(|Words { zh, en }| say(zh.clone(), en.clone()));
    for notice in [found.intakes.0, found.intakes.1].into_iter().flat_map(|intake| &intake.files).flat_map(|file| &file.notices) {
        say(notice.zh.clone(), notice.en.clone());
    }
    if found.basis.waterfall.matched == 0 {
        say(
            "沒有任何委託對應到收單紀錄；請檢查兩邊的識別碼欄位".to_owned(),
            "no order was matched to a receipt; check the id columns of both sides".to_owned(),
        );
    }
    let n_negative: u64 = groups.iter().map(|group| group.negative).sum();
    if n_negative > 0 {
        say(
            format!("{n_negative} 筆委託的傳送時間早於收單時間；保留並單獨計數，時鐘或紀錄有誤的可能須先排除"),
            format!(
                "{n_negative} orders were stamped as sent before they were received; they are kept and counted: rule out a clock or record fault first"
            ),
        );
    }
    for (zh, en, intake) in [("委託檔", "orders", found.intakes.0), ("收單檔", "receipts", found.intakes.1)] {
        crate::study::logs::tell(zh, en, &intake.tally, &mut say);
    }
    let unknown = found.basis.waterfall.missing_receipt - groups.iter().map(|group| group.missing_receipt).sum::<u64>();
    if unknown > 0 {
        say(
            format!("{unknown} 筆沒有收單紀錄的委託不屬於任何已知群組"),
            format!("{unknown} orders without a receipt belong to no group that has matched orders"),
        );
    }
    if found.assessment.is_some() {
        standing_limits(&mut say);
    }
    let nameless = found.basis.groups.iter().position(|name| name == UNKNOWN_GROUP);
    if nameless.is_some_and(|code| !found.basis.grouped.group(code).is_empty()) {
        say(
            format!("無法歸入群組之委託列於 {UNKNOWN_GROUP}，不與任何群組比較"),
            format!("orders that no group can be told for stand under {UNKNOWN_GROUP} and are compared with nobody"),
        );
    }
    notices
}

/// What no figure can change.
fn standing_limits(say: &mut impl FnMut(String, String)) {
    say(
        "「公平」是指可比較的委託在所列容許差內相等；只有一個群組的比較格不在判定之內，其占比列於各對。".to_owned(),
        "FAIR means equal within the printed margins for comparable orders; cells with orders of one group only are outside the verdict, and \
         their share is shown with each pair."
            .to_owned(),
    );
    say(
        "客戶之間未被記錄、但合法的差異會呈現為不公平；只有容許差、客戶層級誤差與刪除單一客戶的檢查可以防範。".to_owned(),
        "Lawful differences between clients that no record shows look like unfairness; only margins, client-level errors and the deletion of \
         single clients protect against that."
            .to_owned(),
    );
    say(
        "若收單時間是以真實佇列的時間重新播放而偽造，任何統計檢查都無法察覺。".to_owned(),
        "Receipt times forged by replaying a real queue's times would pass every statistical check.".to_owned(),
    );
}
