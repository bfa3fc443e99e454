//! A comparison as one small offline page, in the style of the report.

use std::fmt::Write;

use crate::report::charts;
use crate::report::charts::theme::FONT_STACK;
use crate::report::compare::text::{effect_words, verdict_words};
use crate::report::compare::{Compared, ComparedPair};
use crate::report::i18n::{self, COMPARE, LABELS, Label, Language, SEED_FINDINGS, SHEETS};
use crate::report::numbers::{NONE, count, duration, isolated, shown_name, typeset};

const NAME: usize = 48;
/// Rows of a table; the rest are counted.
const MAX_ROWS: usize = 200;

/// Paper first: black on white, printed on A4; dark where the screen is.
const STYLE: &str = ":root{--ink:#1f2937;--muted:#5b6472;--rule:#d9dde3;--soft:#f5f6f8;--paper:#fff;color-scheme:light}\
@media screen and (prefers-color-scheme:dark){:root{--ink:#e6e9ee;--muted:#a3adba;--rule:#343d48;--soft:#1c232b;--paper:#14191f;color-scheme:dark}svg{background:#fff}}\
*{box-sizing:border-box}body{margin:0 auto;max-width:66rem;padding:1.5rem;background:var(--paper);color:var(--ink);line-height:1.6;font-variant-numeric:tabular-nums}\
h1{font-size:1.6rem;border-bottom:2px solid;padding-bottom:.5rem}h2{font-size:1.15rem;margin:2.2rem 0 .6rem;border-top:1px solid var(--rule);padding-top:.8rem}\
table{border-collapse:collapse;width:100%;font-size:.88rem}th,td{text-align:left;vertical-align:top;padding:.3rem .6rem;border-bottom:1px solid var(--rule)}\
th{color:var(--muted);font-weight:600}.changed{font-weight:700}.caution{background:var(--soft);border-left:5px solid #d55e00;padding:.4rem 1rem;margin:.3rem 0}\
svg{max-width:100%;height:auto}.scroll{overflow-x:auto}thead{display:table-header-group}tr{break-inside:avoid}@page{size:A4 landscape;margin:15mm}";

/// The page, in one language.
#[must_use]
pub fn compare_html(found: &Compared, language: Language) -> String {
    let title = COMPARE.title.pick(language);
    let mut page = format!(
        "<!doctype html>\n<html lang=\"{}\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\
         <title>{title}</title><style>{STYLE}body{{font-family:{FONT_STACK}}}</style></head><body>\n<h1>{title}</h1>\n",
        language.tag()
    );
    studies(&mut page, found, language);
    cautions(&mut page, found, language);
    pairs(&mut page, found, language);
    groups(&mut page, found, language);
    findings(&mut page, found, language);
    page.push_str("</body></html>\n");
    page
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('\'', "&#39;")
}

fn name(text: &str) -> String {
    escaped(&isolated(&shown_name(text, NAME)))
}

fn table(page: &mut String, heads: &[&str], rows: &[Vec<String>]) {
    let heads: String = heads.iter().map(|head| format!("<th scope=\"col\">{}</th>", escaped(head))).collect();
    // Writing to a string cannot fail.
    let _ = write!(page, "<div class=\"scroll\"><table><thead><tr>{heads}</tr></thead><tbody>");
    for row in rows.iter().take(MAX_ROWS) {
        let cells: String = row.iter().map(|cell| format!("<td>{cell}</td>")).collect();
        let _ = writeln!(page, "<tr>{cells}</tr>");
    }
    page.push_str("</tbody></table></div>\n");
    if rows.len() > MAX_ROWS {
        let _ = writeln!(page, "<p>+ {} (compare.json)</p>", rows.len() - MAX_ROWS);
    }
}

fn heading(page: &mut String, label: Label, language: Language) {
    let _ = writeln!(page, "<h2>{}</h2>", label.pick(language));
}

fn studies(page: &mut String, found: &Compared, language: Language) {
    let row = |(label, side): (Label, &crate::report::compare::Side)| {
        let period =
            side.period.as_ref().map_or_else(|| LABELS.no_period.pick(language).to_owned(), |[first, last]| format!("{first} – {last}"));
        vec![
            label.pick(language).to_owned(),
            name(&side.title),
            escaped(&period),
            i18n::verdict(&side.verdict).pick(language).to_owned(),
            count(side.matched),
            escaped(&shown_name(&side.version, 20)),
            format!("<code>{}</code>", escaped(&shown_name(&side.config_sha256, 16))),
        ]
    };
    let rows: Vec<Vec<String>> = [COMPARE.first, COMPARE.second].into_iter().zip(&found.studies).map(row).collect();
    let heads = [LABELS.unknown, SHEETS.title, LABELS.period, LABELS.verdict, COMPARE.matched, LABELS.version, LABELS.config_hash];
    let mut heads = heads.map(|label| label.pick(language));
    heads[0] = "";
    table(page, &heads, &rows);
}

fn cautions(page: &mut String, found: &Compared, language: Language) {
    heading(page, COMPARE.cautions, language);
    if found.cautions.is_empty() {
        let _ = writeln!(page, "<p>{}</p>", COMPARE.no_cautions.pick(language));
    }
    for caution in found.cautions.iter().take(MAX_ROWS) {
        let _ = writeln!(page, "<p class=\"caution\">{}</p>", escaped(&shown_name(language.pick(&caution.words), 600)));
    }
}

fn pairs(page: &mut String, found: &Compared, language: Language) {
    heading(page, COMPARE.pairs, language);
    if let Some(chart) = charts::differences(found, language) {
        let _ = writeln!(page, "<figure>{chart}</figure>");
    }
    let mut rows = Vec::new();
    for pair in found.pairs.iter().filter(|pair| !pair.suppressed) {
        rows.extend(pair_rows(pair, found.independent, language));
    }
    let n_hidden = found.pairs.iter().filter(|pair| pair.suppressed).count();
    if n_hidden > 0 {
        rows.insert(
            0,
            vec![
                format!("{n_hidden} \u{d7}"),
                COMPARE.suppressed.pick(language).to_owned(),
                String::new(),
                String::new(),
                String::new(),
                String::new(),
            ],
        );
    }
    let heads =
        [LABELS.pair, LABELS.verdict, COMPARE.effect, COMPARE.first, COMPARE.second, COMPARE.difference].map(|label| label.pick(language));
    table(page, &heads, &rows);
}

fn pair_rows(pair: &ComparedPair, independent: bool, language: Language) -> Vec<Vec<String>> {
    let who = format!("{} → {}", name(&pair.favoured), name(&pair.disadvantaged));
    let (was, is) = (verdict_words(pair, 0, language), verdict_words(pair, 1, language));
    let verdict = if was == is { was } else { format!("<span class=\"changed\">{was} → {is}</span>") };
    let row = |(at, effect): (usize, &crate::report::compare::ComparedEffect)| {
        let [label, first, second, difference] = effect_words(effect, independent, language).map(|text| set_figures(&text));
        let lead = if at == 0 { [who.clone(), verdict.clone()] } else { [String::new(), String::new()] };
        [lead.to_vec(), vec![label, first, second, difference]].concat()
    };
    pair.effects.iter().enumerate().map(row).collect()
}

/// Figures as set on a page: micro sign and true minus. The words between them hold neither.
fn set_figures(text: &str) -> String {
    text.replace(" us", "\u{a0}\u{b5}s").replace('-', "\u{2212}")
}

fn groups(page: &mut String, found: &Compared, language: Language) {
    heading(page, COMPARE.groups, language);
    let row = |group: &crate::report::compare::ComparedGroup| {
        let mut row = vec![name(&group.group)];
        for side in &group.sides {
            let why = if group.suppressed { COMPARE.suppressed } else { COMPARE.absent };
            row.push(side.as_ref().map_or_else(
                || why.pick(language).to_owned(),
                |side| format!("n = {}, p50 {}, p99 {}", count(side.n), typeset(&duration(side.p50)), typeset(&duration(side.p99))),
            ));
        }
        row
    };
    let rows: Vec<Vec<String>> = found.groups.iter().map(row).collect();
    table(page, &[LABELS.group, COMPARE.first, COMPARE.second].map(|label| label.pick(language)), &rows);
}

fn findings(page: &mut String, found: &Compared, language: Language) {
    heading(page, COMPARE.findings, language);
    let verdict = |verdict: &Option<String>| verdict.as_deref().map_or(NONE, |verdict| i18n::verdict(verdict).pick(language));
    let row = |finding: &crate::report::compare::ComparedFinding| {
        let side = |side: usize| format!("{} ({})", verdict(&finding.verdicts[side]), count(finding.counts[side]));
        let class = if finding.change == "stayed" { "" } else { " class=\"changed\"" };
        let change = format!("<span{class}>{}</span>", i18n::change(finding.change).pick(language));
        vec![escaped(&shown_name(&finding.code, 12)), change, side(0), side(1)]
    };
    let rows: Vec<Vec<String>> = found.findings.iter().map(row).collect();
    table(page, &[LABELS.finding, COMPARE.change, COMPARE.first, COMPARE.second].map(|label| label.pick(language)), &rows);
    heading(page, COMPARE.scorecard, language);
    let score = |row: &crate::report::compare::ComparedScore| {
        let title = usize::from(row.number).checked_sub(1).and_then(|place| SEED_FINDINGS.get(place)).copied().unwrap_or(LABELS.unknown);
        let [first, second] = row.states.each_ref().map(|state| state.as_deref().map_or(NONE, |state| i18n::state(state).pick(language)));
        let second = if first == second { second.to_owned() } else { format!("<span class=\"changed\">{second}</span>") };
        vec![row.number.to_string(), title.pick(language).to_owned(), first.to_owned(), second]
    };
    let rows: Vec<Vec<String>> = found.scorecard.iter().map(score).collect();
    table(page, &[LABELS.number, LABELS.finding, COMPARE.first, COMPARE.second].map(|label| label.pick(language)), &rows);
}
