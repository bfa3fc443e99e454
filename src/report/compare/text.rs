//! A comparison for the terminal.

use std::fmt::Write;

use crate::report::compare::{Compared, ComparedEffect, ComparedGroup, ComparedPair};
use crate::report::i18n::{self, COMPARE, LABELS, Label, Language};
use crate::report::numbers::{NONE, count, display_width, duration, pad, points, shown_name, signed_duration};

const NAME: usize = 24;
/// Pairs shown; the rest are counted.
const MAX_PAIRS: usize = 40;

/// The text, ending in a line feed.
#[must_use]
pub fn compare_text(found: &Compared, language: Language) -> String {
    let mut text = String::new();
    // Writing to a string cannot fail.
    for (label, side) in [COMPARE.first, COMPARE.second].into_iter().zip(&found.studies) {
        let period =
            side.period.as_ref().map_or_else(|| LABELS.no_period.pick(language).to_owned(), |[first, last]| format!("{first} .. {last}"));
        let verdict = i18n::verdict(&side.verdict).pick(language);
        let _ = writeln!(
            text,
            "{}  {verdict} · {} · {period} · n = {}",
            pad(label.pick(language), 8, false),
            shown_name(&side.title, 60),
            count(side.matched)
        );
    }
    heading(&mut text, COMPARE.cautions, language);
    if found.cautions.is_empty() {
        let _ = writeln!(text, "  {}", COMPARE.no_cautions.pick(language));
    }
    for caution in &found.cautions {
        let _ = writeln!(text, "  ! {}", shown_name(language.pick(&caution.words), 400));
    }
    heading(&mut text, COMPARE.groups, language);
    found.groups.iter().filter(|group| !group.suppressed).for_each(|group| text.push_str(&group_line(group, language)));
    hidden(&mut text, found.groups.iter().filter(|group| group.suppressed).count(), language);
    heading(&mut text, COMPARE.pairs, language);
    let shown: Vec<&ComparedPair> = found.pairs.iter().filter(|pair| !pair.suppressed).collect();
    shown.iter().take(MAX_PAIRS).for_each(|pair| text.push_str(&pair_lines(pair, found.independent, language)));
    if shown.len() > MAX_PAIRS {
        let _ = writeln!(
            text,
            "  {} {} {} compare.json",
            LABELS.more_in.pick(language),
            shown.len() - MAX_PAIRS,
            LABELS.more_tail.pick(language)
        );
    }
    hidden(&mut text, found.pairs.len() - shown.len(), language);
    heading(&mut text, COMPARE.findings, language);
    if found.findings.is_empty() {
        let _ = writeln!(text, "  {}", LABELS.none.pick(language));
    }
    for finding in &found.findings {
        let verdict = |verdict: &Option<String>| verdict.as_deref().map_or(NONE, |verdict| i18n::verdict(verdict).pick(language));
        let [first, second] = [0, 1].map(|side| match finding.ran[side] {
            true => format!("{} ({})", verdict(&finding.verdicts[side]), count(finding.counts[side])),
            false => i18n::state("not_run").pick(language).to_owned(),
        });
        let change = pad(i18n::change(finding.change).pick(language), 8, false);
        let _ = writeln!(text, "  {change} {}  {first} -> {second}", pad(&shown_name(&finding.code, 8), 6, false));
    }
    heading(&mut text, COMPARE.scorecard, language);
    for row in &found.scorecard {
        let [first, second] = row.states.each_ref().map(|state| state.as_deref().map_or(NONE, |state| i18n::state(state).pick(language)));
        let mark = if first == second { ' ' } else { '*' };
        let _ = writeln!(text, "  {mark}{}  {first} -> {second}", row.number);
    }
    text
}

fn heading(text: &mut String, label: Label, language: Language) {
    let _ = writeln!(text, "\n{}", label.pick(language));
}

/// How many are not shown, and why.
fn hidden(text: &mut String, n: usize, language: Language) {
    if n > 0 {
        let _ = writeln!(text, "  {n}: {}", COMPARE.suppressed.pick(language));
    }
}

fn group_line(group: &ComparedGroup, language: Language) -> String {
    let name = shown_name(&group.group, NAME);
    let name = format!("{name}{}", " ".repeat(NAME.saturating_sub(display_width(&name))));
    let [first, second] = group.sides.each_ref().map(|side| {
        let shown = side.as_ref().map(|side| format!("n = {}, p50 {}, p99 {}", count(side.n), duration(side.p50), duration(side.p99)));
        shown.unwrap_or_else(|| COMPARE.absent.pick(language).to_owned())
    });
    format!("  {name}  {first}  ->  {second}\n")
}

fn pair_lines(pair: &ComparedPair, independent: bool, language: Language) -> String {
    let who = format!("{} -> {}", shown_name(&pair.favoured, NAME), shown_name(&pair.disadvantaged, NAME));
    let verdict = |side: usize| verdict_words(pair, side, language);
    let mark = if pair.verdicts[0] == pair.verdicts[1] && pair.client_specific[0] == pair.client_specific[1] { ' ' } else { '*' };
    let mut text = format!(" {mark}{who}: {} -> {}\n", verdict(0), verdict(1));
    for effect in &pair.effects {
        let [name, first, second, difference] = effect_words(effect, independent, language);
        let _ = writeln!(text, "      {name}: {first} -> {second}; {difference}");
    }
    for (which, reasons) in [COMPARE.first, COMPARE.second].into_iter().zip(&pair.undecided) {
        for reason in reasons {
            let _ = writeln!(text, "      - {}: {}", which.pick(language), shown_name(language.pick(&reason.words), 400));
        }
    }
    text
}

/// A pair's verdict in one study.
pub(crate) fn verdict_words(pair: &ComparedPair, side: usize, language: Language) -> String {
    let verdict = pair.verdicts[side].as_deref().map_or(COMPARE.absent, i18n::verdict).pick(language);
    let single = if pair.client_specific[side] { format!(" ({})", i18n::verdict("client_specific").pick(language)) } else { String::new() };
    format!("{verdict}{single}")
}

/// Name, both estimates, and the difference with its interval where that holds.
pub(crate) fn effect_words(effect: &ComparedEffect, independent: bool, language: Language) -> [String; 4] {
    let (label, in_time) = match effect.name {
        "median_gap" => (LABELS.median_gap, true),
        "tail_excess" => (LABELS.tail_excess, false),
        _ => (LABELS.overtaking, false),
    };
    let figure =
        |value: f64| if in_time { signed_duration(value) } else { format!("{} {}", points(value), LABELS.share_points.pick(language)) };
    let estimates = [0, 1].map(|side| {
        let silent = if effect.counts[side] { String::new() } else { format!(" ({})", LABELS.not_counted.pick(language)) };
        effect.estimates[side].map_or_else(
            || LABELS.not_estimated.pick(language).to_owned(),
            |[value, lower, upper]| format!("{} [{}, {}]{silent}", figure(value), figure(lower), figure(upper)),
        )
    });
    let difference = match &effect.difference {
        None => NONE.to_owned(),
        Some(d) if independent => format!("{} [{}, {}]", figure(d.estimate), figure(d.lower), figure(d.upper)),
        Some(d) => format!("{} ({})", figure(d.estimate), COMPARE.not_valid.pick(language)),
    };
    let [first, second] = estimates;
    [label.pick(language).to_owned(), first, second, difference]
}
