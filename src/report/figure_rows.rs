//! Groups, pairs and findings as rows of typed cells: one form for the workbook and for the CSV files.

use crate::record::Timestamp;
use crate::report::i18n::{self, LABELS, Label, Language, SHEETS};
use crate::report::model::{Effect, StudyResult};
use crate::report::table_rows::Cell;
use crate::report::view::rule_words;
use crate::report::view_pairs::ordered;

pub(crate) fn text(text: &str) -> Cell {
    Cell::Text(text.to_owned())
}

pub(crate) fn whole(n: u64) -> Cell {
    i64::try_from(n).map_or_else(|_| Cell::Text(n.to_string()), Cell::Whole)
}

pub(crate) fn micros(nanos: i64) -> Cell {
    Cell::Real(nanos as f64 / 1e3)
}

fn titled(label: Label, language: Language, unit: &str) -> String {
    format!("{}{unit}", label.pick(language))
}

/// Heads of the groups, for sheet and file.
pub(crate) fn group_heads(language: Language) -> Vec<String> {
    let plain = |label: Label| titled(label, language, "");
    let times = [LABELS.min, LABELS.p50, LABELS.mean, LABELS.p90, LABELS.p99, LABELS.p999, LABELS.max];
    let mut heads = vec![plain(LABELS.group), plain(LABELS.n), plain(LABELS.clients)];
    heads.extend(times.map(|label| titled(label, language, " (\u{b5}s)")));
    heads.extend(times.map(|label| titled(label, language, " (ns)")));
    heads.extend([LABELS.missing, LABELS.negative, LABELS.zero, LABELS.orphan].map(plain));
    heads
}

/// Rows of the groups; no number of clients where none is named.
pub(crate) fn group_rows(result: &StudyResult) -> impl Iterator<Item = Vec<Cell>> {
    result.groups.iter().map(|g| {
        let mut row = vec![text(&g.group), whole(g.n), if g.clients == 0 { Cell::Empty } else { whole(g.clients) }];
        row.extend([micros(g.min), micros(g.p50), Cell::Real(g.mean / 1e3), micros(g.p90), micros(g.p99), micros(g.p999), micros(g.max)]);
        row.extend([Cell::Whole(g.min), Cell::Whole(g.p50), Cell::Real(g.mean)]);
        row.extend([g.p90, g.p99, g.p999, g.max].map(Cell::Whole));
        row.extend([g.missing_receipt, g.negative, g.zero, g.orphan_receipt].map(whole));
        row
    })
}

/// Heads of the pairs.
pub(crate) fn pair_heads(language: Language) -> Vec<String> {
    let plain = |label: Label| titled(label, language, "");
    let parts = [SHEETS.estimate, SHEETS.se, SHEETS.df, SHEETS.lower, SHEETS.upper, LABELS.margin, SHEETS.p_unfair, SHEETS.p_fair];
    let effect = |name: Label, unit: &'static str| {
        let has_unit = |place: usize| matches!(place, 0 | 1 | 3 | 4 | 5);
        let head = move |(place, part): (usize, Label)| {
            titled(name, language, " ") + part.pick(language) + if has_unit(place) { unit } else { "" }
        };
        parts.into_iter().enumerate().map(head).chain([titled(name, language, " ") + SHEETS.counts.pick(language)])
    };
    let mut heads: Vec<String> =
        [SHEETS.favoured, SHEETS.disadvantaged, LABELS.verdict, SHEETS.client_specific, SHEETS.clients_named].map(plain).to_vec();
    heads.extend([SHEETS.n_first, SHEETS.n_second, LABELS.overlap, LABELS.blocks].map(plain));
    heads.extend(
        [SHEETS.estimate, SHEETS.lower, SHEETS.upper]
            .map(|part| titled(LABELS.median_gap, language, " ") + part.pick(language) + " (\u{b5}s)"),
    );
    heads.extend(effect(LABELS.median_gap, " (ns)").chain(effect(LABELS.tail_excess, "")).chain(effect(LABELS.overtaking, "")));
    heads.extend([SHEETS.superiority, SHEETS.mw_u, SHEETS.mw_p, SHEETS.ks, SHEETS.ks_p, SHEETS.change_at, SHEETS.reasons].map(plain));
    heads
}

/// Rows of the pairs, what matters first.
pub(crate) fn pair_rows(result: &StudyResult, language: Language) -> impl Iterator<Item = Vec<Cell>> {
    ordered(&result.pairs).into_iter().map(move |pair| {
        let yes_or_no = |yes: bool| text(if yes { SHEETS.yes } else { SHEETS.no }.pick(language));
        let effect = |(effect, silent): (&Option<Effect>, bool)| match effect {
            None => vec![Cell::Empty; 9],
            Some(e) => {
                let figures = [e.estimate, e.se, e.df, e.lower, e.upper, e.margin, e.p_unfair_holm, e.p_fair].map(Cell::Real);
                figures.into_iter().chain([yes_or_no(!silent)]).collect()
            }
        };
        let real = |value: Option<f64>| value.map_or(Cell::Empty, Cell::Real);
        let mut row = vec![text(&pair.favoured), text(&pair.disadvantaged), text(i18n::verdict(&pair.verdict).pick(language))];
        row.extend([yes_or_no(pair.client_specific), text(&pair.clients_named.join(", "))]);
        row.extend([whole(pair.n_favoured), whole(pair.n_disadvantaged), real(pair.overlap), whole(pair.blocks)]);
        let gap = pair.median_gap.as_ref();
        row.extend([gap.map(|e| e.estimate), gap.map(|e| e.lower), gap.map(|e| e.upper)].map(|nanos| real(nanos.map(|nanos| nanos / 1e3))));
        row.extend([&pair.median_gap, &pair.tail_excess, &pair.overtaking].into_iter().zip(i18n::silenced(pair)).flat_map(effect));
        let raw = &pair.comparison;
        row.extend([real(pair.superiority.as_ref().map(|theta| theta.estimate)), Cell::Real(raw.mann_whitney_u), real(raw.mann_whitney_p)]);
        row.extend([Cell::Real(raw.ks_statistic), real(raw.ks_p)]);
        let changed = pair.change_point.as_ref().map(|change| Timestamp(change.at).to_string());
        row.push(changed.map_or(Cell::Empty, Cell::Text));
        let reasons: Vec<&str> = pair.reasons.iter().map(|reason| language.pick(&reason.words)).collect();
        row.push(text(&reasons.join(if language == Language::En { "; " } else { "；" })));
        row
    })
}

/// Heads of the findings.
pub(crate) fn finding_heads(language: Language) -> Vec<String> {
    let heads = [LABELS.finding, SHEETS.family, LABELS.verdict, LABELS.severity, SHEETS.clause, LABELS.count, SHEETS.share];
    let more = [LABELS.detail, SHEETS.table, LABELS.rows, SHEETS.reply];
    heads.into_iter().chain(more).map(|label| label.pick(language).to_owned()).collect()
}

/// Rows of the findings; the last cell is the audited unit's to fill.
pub(crate) fn finding_rows(result: &StudyResult, language: Language) -> impl Iterator<Item = Vec<Cell>> {
    result.findings.iter().map(move |finding| {
        let severity = i18n::severity(&finding.severity).pick(language);
        let verdict = i18n::verdict(&finding.verdict).pick(language);
        let rule = rule_words(&finding.rule);
        let mut row: Vec<Cell> = [&finding.code, &finding.family, verdict, severity, language.pick(&rule)].map(text).to_vec();
        row.extend([whole(finding.count), Cell::Real(finding.share), text(language.pick(&finding.summary))]);
        row.extend([text(&finding.evidence.table), whole(finding.evidence.rows), Cell::Empty]);
        row
    })
}
