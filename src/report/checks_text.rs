//! `access` and `controls` on a terminal.

use std::fmt::Write as _;

use crate::record::printable;
use crate::report::i18n::{Language, SEED_FINDINGS, state, verdict};
use crate::report::model::{AuditResult, CheckRow};

/// Characters of a subject or a reason kept on a line.
const LONGEST: usize = 300;

/// Every check with its answer, what was found first, and what to ask for next.
#[must_use]
pub fn checks_text(result: &AuditResult, language: Language) -> String {
    let english = language == Language::En;
    let mut text = String::new();
    let mut line = |line: String| {
        text.push_str(&line);
        text.push('\n');
    };
    let word = verdict(&result.verdict).pick(language);
    line(format!("{word}  {}  {} - {}", printable(&result.title, LONGEST), result.from, result.to));
    if result.rejected_orders > 0 {
        let n = result.rejected_orders;
        line(match english {
            true => {
                format!("! rows of the orders that could not be read: {n} (rejects.csv); what the checks say of the orders leaves them out")
            }
            false => format!("! 委託檔有 {n} 列無法讀取（見 rejects.csv）；各項查核所稱之委託不含該等列"),
        });
    }
    for score in &result.scorecard {
        let title = SEED_FINDINGS.get(usize::from(score.number) - 1).map_or("", |title| title.pick(language));
        line(format!("\n{} {title}: {}", score.number, state(&score.state).pick(language)));
        for check in result.checks.iter().filter(|check| check.seed == score.number) {
            check_lines(check, language, english, &mut line);
        }
    }
    text
}

fn check_lines(check: &CheckRow, language: Language, english: bool, line: &mut impl FnMut(String)) {
    let reason = printable(language.pick(&check.reason), LONGEST);
    line(format!("  {} [{}] {}: {reason}", check.code, state(&check.state).pick(language), language.pick(&check.title)));
    for sample in &check.samples {
        let mut shown =
            format!("       {} {}..{} {}", printable(&sample.subject, 80), sample.from, sample.to, language.pick(&sample.detail));
        if !sample.places.is_empty() {
            // Writing to a string cannot fail.
            let _ = write!(shown, " ({})", sample.places.join(", "));
        }
        line(printable(&shown, LONGEST));
    }
    let more = check.n_more();
    if more > 0 {
        line(if english { format!("       and {more} more") } else { format!("       其餘 {more} 項") });
    }
    for figure in &check.figures {
        let interval = figure.lower.zip(figure.upper).map(|(lower, upper)| format!(" [{lower:.4}, {upper:.4}]")).unwrap_or_default();
        line(format!("       {} = {:.4}{interval}", language.pick(&figure.name), figure.value));
    }
    if matches!(check.state.as_str(), "finding" | "insufficient") {
        let label = if english { "ask for" } else { "應再索取" };
        line(format!("       {label}: {}", language.pick(&check.ask)));
    }
}
