//! The result as the page shows it: every figure formatted, every name made safe to look at, every long list cut and counted.
//!
//! The template only places what is here. Escaping is the template engine's, for every value.

use serde::Serialize;

use crate::report::charts::{self, Step, order_steps, receipt_steps};
use crate::report::i18n::{self, Entry, GLOSSARY, LABELS, Label, Language, METHOD, SEED_FINDINGS};
use crate::report::model::{GroupRow, HashedFile, InputFile, InputSide, Reason, StudyResult, Words};
use crate::report::numbers::{NONE, bytes, count, duration, duration_f64, percent, shown_name, signed_duration, typeset};
use crate::report::view_beside::{BesideView, beside_view};
use crate::report::view_checks::{Family, families};
use crate::report::view_pairs::{Pair, Raw, ordered, pair, raw};
use crate::report::view_priority::{PriorityView, priority_view};
use crate::report::view_records::{RecordsView, records_view};
use crate::report::view_when::{ShiftView, WhenView, both as chart, shift_rows, when_view};

/// Pairs shown; the rest are counted and left to result.json.
const MAX_PAIRS: usize = 60;
/// Rows of any other list.
const MAX_ROWS: usize = 200;
/// Columns of a name in a table.
pub(crate) const NAME: usize = 36;
/// Characters of a full name kept for the tooltip.
const TOOLTIP: usize = 300;

/// A name as shown, and the longer one behind it where it was cut.
#[derive(Clone, Serialize)]
pub(crate) struct Name {
    shown: String,
    full: Option<String>,
}

impl Name {
    pub(crate) fn new(name: &str, limit: usize) -> Self {
        let shown = shown_name(name, limit);
        let full = (shown != name).then(|| shown_name(name, TOOLTIP));
        Self { shown, full }
    }
}

/// A figure: the text set on the page, and the number of the model behind it.
#[derive(Clone, Serialize)]
pub(crate) struct Figure {
    text: String,
    raw: String,
}

pub(crate) fn figure(text: &str, raw: impl ToString) -> Figure {
    Figure { text: typeset(text), raw: raw.to_string() }
}

pub(crate) fn whole(n: u64) -> Figure {
    figure(&count(n), n)
}

pub(crate) fn time(nanos: i64) -> Figure {
    figure(&duration(nanos), nanos)
}

/// A state with the class that colours it; shape and word carry it without colour.
#[derive(Serialize)]
pub(crate) struct Badge {
    class: &'static str,
    mark: &'static str,
    word: Label,
}

/// The badge of a verdict or of a scorecard state.
pub(crate) fn badge(state: &str) -> Badge {
    let word = match state {
        "none" | "not_run" => i18n::state(state),
        other => i18n::verdict(other),
    };
    let (class, mark) = match state {
        "finding" | "unfair" | "suspect" | "confirmed" => ("bad", "\u{25a0}"),
        "no_finding" | "fair" | "none" | "clean" => ("good", "\u{25cf}"),
        "not_run" => ("off", "\u{2013}"),
        "reversed" | "not_held" => ("off", "\u{25a1}"),
        _ => ("open", "\u{25d0}"),
    };
    Badge { class, mark, word }
}

/// The badge of a state of the scorecard or of a check.
pub(crate) fn state_badge(state: &str) -> Badge {
    Badge { word: i18n::state(state), ..badge(state) }
}

/// A list cut at a limit.
#[derive(Serialize)]
pub(crate) struct Capped<T> {
    rows: Vec<T>,
    more: usize,
}

impl<T> Capped<T> {
    /// The same, of so many there are in all: the list itself may hold but samples.
    pub(crate) fn out_of(self, all: u64) -> Self {
        Self { more: (all as usize).saturating_sub(self.rows.len()), ..self }
    }

    /// A list that is short already.
    fn whole(rows: Vec<T>) -> Self {
        Self { rows, more: 0 }
    }
}

pub(crate) fn capped<T, U>(all: &[T], limit: usize, row: impl FnMut(&T) -> U) -> Capped<U> {
    Capped { rows: all.iter().take(limit).map(row).collect(), more: all.len().saturating_sub(limit) }
}

/// Everything on the page.
#[derive(Serialize)]
pub(crate) struct View {
    l: crate::report::i18n::Labels,
    lang: &'static str,
    title: Name,
    tool: String,
    config_sha256: String,
    timezone: String,
    period: Option<(String, String, String)>,
    verdict: Badge,
    headline: Words,
    sentences: Vec<Words>,
    scorecard: Vec<Score>,
    outside: Option<Words>,
    findings: Capped<Finding>,
    families: Vec<Family>,
    ecdf: Words,
    percentile: Option<Words>,
    waterfall: Words,
    forest: Option<Words>,
    shift: Option<Words>,
    shifts: Capped<ShiftView>,
    passing: Option<Words>,
    ladder: Option<Words>,
    when: Option<WhenView>,
    method: [Entry; 8],
    margins: Vec<Setting>,
    glossary: [Entry; 12],
    sides: [Side; 2],
    groups: Capped<Group>,
    pairs: Capped<Pair>,
    raw: Capped<Raw>,
    beside: Option<BesideView>,
    priority: Option<PriorityView>,
    records: Option<RecordsView>,
    stages: Capped<Stage>,
    stamps: Capped<Stamp>,
    clocks: Capped<Clock>,
    alerts: Vec<Words>,
    notices: Vec<Words>,
    options: Capped<Setting>,
    tables: Capped<(String, String)>,
    files: Capped<File>,
}

#[derive(Serialize)]
struct Score {
    number: u8,
    title: Label,
    badge: Badge,
    reason: Words,
    codes: String,
    rules: Words,
}

#[derive(Serialize)]
struct Finding {
    code: String,
    badge: Badge,
    severity: Label,
    rule: Words,
    count: Figure,
    share: Figure,
    summary: Words,
    evidence: String,
    rows: Figure,
}

#[derive(Serialize)]
struct Side {
    title: Label,
    steps: Vec<(Label, Figure)>,
    balance: Words,
    balances: bool,
    negative: Figure,
    zero: Figure,
}

#[derive(Serialize)]
struct Group {
    name: Name,
    few: bool,
    figures: Vec<Figure>,
}

#[derive(Serialize)]
struct Stage {
    stage: Words,
    group: Name,
    figures: Vec<Figure>,
}

#[derive(Serialize)]
struct Stamp {
    source: Label,
    group: Name,
    badge: Badge,
    resolution: Figure,
    signs: Vec<Words>,
}

#[derive(Serialize)]
struct Clock {
    source: Label,
    offset: Figure,
    drift: String,
    steps: usize,
}

#[derive(Clone, Serialize)]
struct File {
    path: Name,
    format: String,
    rows: Figure,
    rejected: Figure,
    size: String,
    sha256: Option<String>,
}

/// Formats a result for the page.
pub(crate) fn view(result: &StudyResult) -> View {
    let both = |draw: fn(&StudyResult, Language) -> String| Words { zh: draw(result, Language::ZhTw), en: draw(result, Language::En) };
    let pairs = ordered(&result.pairs);
    let text = |text: &str| shown_name(text, 120);
    let of_sides = result.input.orders.files.iter().chain(&result.input.receipts.files).map(input_file);
    let files: Vec<File> = of_sides.chain(result.input.others.iter().map(other_file)).collect();
    let options = flattened(&result.options);
    View {
        l: LABELS,
        lang: Language::of(&result.study.language).tag(),
        title: Name::new(&result.study.title, 120),
        tool: text(&format!("{} {}", result.tool.name, result.tool.version)),
        config_sha256: text(&result.study.config_sha256),
        timezone: text(&result.study.timezone),
        period: result.study.period.as_ref().map(|p| (p.first.clone(), p.last.clone(), count(p.days))),
        verdict: badge(&result.verdict),
        headline: i18n::headline(result),
        sentences: i18n::summary(result),
        scorecard: result.scorecard.iter().map(|row| score(result, row)).collect(),
        outside: i18n::outside_the_eight(result).map(|said| safe(&said)),
        findings: capped(&result.findings, MAX_ROWS, finding),
        families: families(result),
        ecdf: both(charts::ecdf),
        waterfall: both(charts::waterfall),
        percentile: chart(result, charts::percentile),
        forest: chart(result, charts::forest),
        shift: chart(result, charts::shift),
        shifts: Capped::whole(shift_rows(result)),
        passing: chart(result, charts::passing),
        ladder: chart(result, charts::ladder),
        when: when_view(result),
        method: METHOD,
        margins: options
            .iter()
            .filter(|option| option.key == "fairness.alpha" || option.key.starts_with("fairness.margins"))
            .cloned()
            .collect(),
        glossary: GLOSSARY,
        sides: sides(result),
        groups: capped(&result.groups, MAX_ROWS, group),
        pairs: capped(&pairs, MAX_PAIRS, |row| pair(row, &result.groups)),
        raw: capped(&pairs, MAX_PAIRS, |row| raw(row)),
        beside: result.beside.as_ref().map(beside_view),
        priority: result.priority.as_ref().map(|found| priority_view(found, tells_of_serials(result))),
        records: result.records.as_ref().map(records_view),
        stages: capped(&result.stages, MAX_ROWS, |row| Stage {
            stage: safe(&i18n::stage_words(&row.stage)),
            group: Name::new(&row.group, NAME),
            figures: vec![whole(row.n), time(row.min), time(row.p50), time(row.p99), time(row.max), whole(row.negative)],
        }),
        stamps: capped(&result.stamps, MAX_ROWS, |row| Stamp {
            source: source(&row.source),
            group: Name::new(&row.group, NAME),
            badge: badge(&row.verdict),
            resolution: time(row.resolution),
            signs: sentences(&row.signs),
        }),
        clocks: capped(&result.clocks, MAX_ROWS, |row| Clock {
            source: source(&row.source),
            offset: row.offset.map_or_else(|| figure(NONE, ""), |offset| figure(&signed_duration(offset), offset)),
            // A drift that rounds to nothing has no sign.
            drift: row.drift.map_or_else(|| NONE.into(), |ppm| format!("{:.3} ppm", (ppm * 1e3).round() / 1e3 + 0.0)),
            steps: row.steps.len(),
        }),
        alerts: result.alerts.iter().map(safe).collect(),
        notices: result.notices.iter().map(safe).collect(),
        options: capped(&options, MAX_ROWS, Clone::clone),
        tables: capped(&result.tables, MAX_ROWS, |table| (text(&table.path), count(table.rows))),
        files: capped(&files, MAX_ROWS, Clone::clone),
    }
}

fn input_file(file: &InputFile) -> File {
    File {
        path: Name::new(&file.path, 64),
        format: shown_name(&file.format, NAME),
        rows: whole(file.rows),
        rejected: whole(file.rejected),
        size: typeset(&bytes(file.bytes)),
        sha256: file.sha256.as_deref().map(|hash| shown_name(hash, 64)),
    }
}

/// Of clients and evidence the rows are not counted here.
fn other_file(file: &HashedFile) -> File {
    let [format, rows, rejected] = [(); 3].map(|()| figure(NONE, ""));
    File {
        path: Name::new(&file.path, 64),
        format: format.text,
        rows,
        rejected,
        size: typeset(&bytes(file.bytes)),
        sha256: Some(shown_name(&file.sha256, 64)),
    }
}

/// Whether the section of the records names serials out of the order of receipt.
fn tells_of_serials(result: &StudyResult) -> bool {
    let serials = result.records.as_ref().and_then(|records| records.serials.as_ref());
    serials.is_some_and(|serials| serials.counts.provable > 0)
}

pub(crate) fn source(name: &str) -> Label {
    match name {
        "orders" => LABELS.orders,
        "receipts" => LABELS.receipts,
        _ => LABELS.unknown,
    }
}

fn score(result: &StudyResult, row: &crate::report::model::ScoreRow) -> Score {
    let title = usize::from(row.number).checked_sub(1).and_then(|place| SEED_FINDINGS.get(place)).copied();
    Score {
        number: row.number,
        title: title.unwrap_or(LABELS.unknown),
        badge: state_badge(&row.state),
        reason: safe(&row.reason),
        // A reason that comes from checks names their codes itself.
        codes: row.codes.iter().filter(|code| !row.reason.en.contains(code.as_str())).cloned().collect::<Vec<_>>().join(", "),
        rules: clauses(result, &row.codes),
    }
}

/// The clauses behind some codes, each once.
fn clauses(result: &StudyResult, codes: &[String]) -> Words {
    let of_checks = result.checks.iter().filter(|check| codes.contains(&check.code)).flat_map(|check| &check.rules);
    let of_findings = result.findings.iter().filter(|finding| codes.contains(&finding.code)).map(|finding| &finding.rule);
    let mut all: Vec<Words> = of_checks.chain(of_findings).map(rule_words).collect();
    all.sort_by(|one, other| one.en.cmp(&other.en));
    all.dedup_by(|one, other| one.en == other.en);
    let list = |pick: fn(&Words) -> &str, mark: &str| all.iter().map(pick).collect::<Vec<_>>().join(mark);
    Words { zh: list(|rule| &rule.zh, "；"), en: list(|rule| &rule.en, "; ") }
}

/// A rule as it is cited. An instrument, clause or version that is named in both languages is split at its mark.
pub(crate) fn rule_words(rule: &crate::report::model::RuleRef) -> Words {
    let side = |english: bool| {
        let pick = |text: &str| {
            let parts = |part: &str| {
                let (zh, en) = part.split_once(" / ").unwrap_or((part, part));
                if english { en.to_owned() } else { zh.to_owned() }
            };
            text.split("; ").map(parts).collect::<Vec<_>>().join(if english { "; " } else { "、" })
        };
        let (id, article, version) = (pick(&rule.id), pick(&rule.article), pick(&rule.version));
        if english { format!("{id} {article} ({version})") } else { format!("{id} {article}（{version}）") }
    };
    Words { zh: side(false), en: side(true) }
}

fn finding(row: &crate::report::model::FindingRow) -> Finding {
    let severity = match row.severity.as_str() {
        "high" => Label { zh: "高", en: "high" },
        "medium" => Label { zh: "中", en: "medium" },
        _ => Label { zh: "低", en: "low" },
    };
    Finding {
        code: row.code.clone(),
        badge: badge(&row.verdict),
        severity,
        rule: rule_words(&row.rule),
        count: whole(row.count),
        share: figure(&percent(row.share), row.share),
        summary: safe(&row.summary),
        evidence: row.evidence.table.clone(),
        rows: whole(row.evidence.rows),
    }
}

fn sides(result: &StudyResult) -> [Side; 2] {
    let r = &result.reconciliation;
    let side = |title, input: &InputSide, steps: Vec<Step>| {
        let parts: Vec<u64> = steps.iter().skip(1).map(|step| step.n).collect();
        Side {
            title,
            balance: i18n::balance(input, &parts),
            balances: input.rows == parts.iter().sum::<u64>(),
            steps: steps.iter().map(|step| (step.label, whole(step.n))).collect(),
            negative: whole(r.negative),
            zero: whole(r.zero),
        }
    };
    [side(LABELS.orders, &result.input.orders, order_steps(result)), side(LABELS.receipts, &result.input.receipts, receipt_steps(result))]
}

fn group(row: &GroupRow) -> Group {
    let mean = figure(&duration_f64(row.mean), row.mean);
    let [min, p50, p90, p99, p999, max] = [row.min, row.p50, row.p90, row.p99, row.p999, row.max].map(time);
    let clients = if row.clients == 0 { figure(NONE, 0) } else { whole(row.clients) };
    let counts = [whole(row.negative), whole(row.missing_receipt), whole(row.orphan_receipt)];
    let mut figures = vec![whole(row.n), clients, min, p50, mean, p90, p99, p999, max];
    figures.extend(counts);
    Group { name: Name::new(&row.group, NAME), few: row.n < 10_000, figures }
}

pub(crate) fn sentences(reasons: &[Reason]) -> Vec<Words> {
    reasons.iter().map(|reason| safe(&reason.words)).collect()
}

/// A sentence of the model, which may quote a name from a file: hidden characters spelled out, cut at a page's worth.
pub(crate) fn safe(words: &Words) -> Words {
    Words { zh: shown_name(&words.zh, 1_200), en: shown_name(&words.en, 1_200) }
}

/// A setting: dotted key, value, and where that came from, where the result says.
#[derive(Clone, Serialize)]
pub(crate) struct Setting {
    pub(crate) key: String,
    pub(crate) value: String,
    pub(crate) origin: Option<Label>,
}

/// A JSON value as settings, in its own order.
pub(crate) fn flattened(value: &serde_json::Value) -> Vec<Setting> {
    let mut rows = Vec::new();
    flatten("", value, &mut rows);
    rows
}

fn flatten(name: &str, value: &serde_json::Value, rows: &mut Vec<Setting>) {
    let mut push = |value: &str, origin| rows.push(Setting { key: shown_name(name, 80), value: shown_name(value, 400), origin });
    match value {
        serde_json::Value::Object(fields) if fields.contains_key("value") && fields.contains_key("origin") => {
            let [value, origin] = ["value", "origin"].map(|key| fields[key].as_str().unwrap_or_default());
            push(value, Some(i18n::origin_word(origin)));
        }
        serde_json::Value::Object(fields) => {
            for (key, value) in fields {
                let key = if name.is_empty() { key.clone() } else { format!("{name}.{key}") };
                flatten(&key, value, rows);
            }
        }
        serde_json::Value::String(text) => push(text, None),
        other => push(&other.to_string(), None),
    }
}
