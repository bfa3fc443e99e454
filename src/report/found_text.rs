//! What a study found under one code, as text: the finding, the check behind it and its first rows by file and line, or the pairs that give
//! the code as a reason.

use std::fmt::Write as _;

use crate::report::i18n::{LABELS, Language, state};
use crate::report::model::{CheckRow, StudyResult};
use crate::report::numbers::{count, shown_name};

/// What `result` says of `code`; empty where it says nothing.
#[must_use]
pub fn found_text(result: &StudyResult, code: &str, language: Language) -> String {
    let mut text = String::new();
    let is_code = |known: &str| known.eq_ignore_ascii_case(code);
    // Writing to a string cannot fail.
    for finding in result.findings.iter().filter(|finding| is_code(&finding.code)) {
        let (summary, table) = (shown_name(language.pick(&finding.summary), 1_200), shown_name(&finding.evidence.table, 200));
        let _ = writeln!(text, "\n{summary}\n  {}: {table} ({})", LABELS.evidence.pick(language), count(finding.evidence.rows));
    }
    for pair in &result.pairs {
        for reason in pair.reasons.iter().filter(|reason| is_code(&reason.code)) {
            let [ahead, behind] = [&pair.favoured, &pair.disadvantaged].map(|group| shown_name(group, 60));
            let _ = writeln!(text, "\n{ahead} -> {behind}: {}", shown_name(language.pick(&reason.words), 1_200));
        }
    }
    let checks = result.records.iter().flat_map(|records| &records.checks).chain(&result.checks);
    for check in checks.filter(|check| is_code(&check.code)) {
        text.push_str(&check_text(check, language));
    }
    text
}

fn check_text(check: &CheckRow, language: Language) -> String {
    let reason = shown_name(language.pick(&check.reason), 1_200);
    let mut text = format!("\n{}: {reason}\n", state(&check.state).pick(language));
    for sample in &check.samples {
        let (places, subject) = (shown_name(&sample.places.join(", "), 300), shown_name(&sample.subject, 60));
        let _ = writeln!(text, "  {places}  {subject}  {}", shown_name(language.pick(&sample.detail), 300));
    }
    let more = check.n_more();
    if more > 0 {
        let _ = writeln!(text, "  + {}", count(more));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::model::{Reason, Words};
    use crate::report::sample::sample_result;

    #[test]
    fn a_reason_is_told_by_the_pairs_that_give_it() {
        let mut result = sample_result();
        let words = Words { zh: "只有一日".into(), en: "one day".into() };
        result.pairs[0].reasons = vec![Reason { code: "few_days".into(), words }];
        let pair = &result.pairs[0];
        let said = format!("\n{} -> {}: one day\n", pair.favoured, pair.disadvantaged);
        assert_eq!(found_text(&result, "FEW_DAYS", Language::En), said);
    }

    #[test]
    fn a_code_the_study_does_not_name_has_no_text() {
        let result = sample_result();
        assert_eq!(found_text(&result, "C999", Language::En), "");
        let code = result.findings.first().expect("the sample has findings").code.to_lowercase();
        assert!(found_text(&result, &code, Language::En).contains("tables/"));
    }
}
