//! report.md: the verdict and what carries it, short enough for an e-mail or a ticket. Names cannot become markup.

use crate::report::i18n::{self, LABELS, Label, Language, SEED_FINDINGS, SHEETS};
use crate::report::model::{Effect, PairRow, StudyResult};
use crate::report::numbers::{NONE, count, duration, percent, points, shown_name, signed_duration, typeset};
use crate::report::view::rule_words;
use crate::report::view_pairs::ordered;

/// Rows of a list; the rest are counted.
const MAX_ROWS: usize = 60;
/// Columns of a name.
const NAME: usize = 48;
/// Columns of a sentence.
const SENTENCE: usize = 1_200;

/// The text, in one language.
#[must_use]
pub(crate) fn markdown(result: &StudyResult, language: Language) -> String {
    let mut page = Page { text: String::new(), language };
    page.head(result);
    page.scorecard(result);
    page.pairs(result);
    page.groups(result);
    page.findings(result);
    page.notices(result);
    page.text
}

struct Page {
    text: String,
    language: Language,
}

impl Page {
    fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }

    fn heading(&mut self, label: Label) {
        let title = label.pick(self.language);
        self.line(&format!("\n## {title}\n"));
    }

    fn table(&mut self, heads: &[&str], rows: &[Vec<String>], total: usize) {
        self.line(&format!("| {} |", heads.join(" | ")));
        self.line(&format!("|{}", "---|".repeat(heads.len())));
        rows.iter().for_each(|row| self.line(&format!("| {} |", row.join(" | "))));
        let more = total.saturating_sub(rows.len());
        if more > 0 {
            self.line(&format!("\n{} {}", LABELS.capped_rows.pick(self.language), count(more as u64)));
        }
    }

    fn head(&mut self, result: &StudyResult) {
        let language = self.language;
        self.line(&format!("# {}\n", text(&result.study.title, NAME * 2)));
        self.line(&format!("**{}**\n", text(language.pick(&i18n::headline(result)), SENTENCE)));
        let period = result.study.period.as_ref();
        let period = period.map_or_else(|| LABELS.no_period.pick(language).to_owned(), |p| format!("{} – {}", p.first, p.last));
        self.line(&format!(
            "{}: {} · {}: {}",
            LABELS.period.pick(language),
            text(&period, NAME),
            LABELS.timezone.pick(language),
            text(&result.study.timezone, NAME)
        ));
        let tool = format!("{} {}", result.tool.name, result.tool.version);
        self.line(&format!(
            "· {}: {} · {}: `{}`\n",
            LABELS.version.pick(language),
            text(&tool, NAME),
            LABELS.config_hash.pick(language),
            result.study.config_sha256.chars().filter(char::is_ascii_hexdigit).collect::<String>()
        ));
        for alert in &result.alerts {
            self.line(&format!("> {}\n", text(language.pick(alert), SENTENCE)));
        }
        for sentence in i18n::summary(result) {
            self.line(&format!("- {}", text(language.pick(&sentence), SENTENCE)));
        }
    }

    fn scorecard(&mut self, result: &StudyResult) {
        let language = self.language;
        self.heading(LABELS.s_scorecard);
        let row = |row: &crate::report::model::ScoreRow| {
            let title = usize::from(row.number).checked_sub(1).and_then(|place| SEED_FINDINGS.get(place)).copied();
            vec![
                row.number.to_string(),
                title.unwrap_or(LABELS.unknown).pick(language).to_owned(),
                i18n::state(&row.state).pick(language).to_owned(),
                text(language.pick(&row.reason), SENTENCE),
            ]
        };
        let rows: Vec<_> = result.scorecard.iter().map(row).collect();
        let heads = [LABELS.number, LABELS.finding, LABELS.state, LABELS.reason].map(|head| head.pick(language));
        self.table(&heads, &rows, rows.len());
        if let Some(outside) = i18n::outside_the_eight(result) {
            self.line(&format!("\n{}", text(language.pick(&outside), SENTENCE)));
        }
    }

    fn pairs(&mut self, result: &StudyResult) {
        let language = self.language;
        self.heading(LABELS.s_pairs);
        if result.pairs.is_empty() {
            return self.line(LABELS.no_pairs.pick(language));
        }
        let all = ordered(&result.pairs);
        let rows: Vec<_> = all.iter().take(MAX_ROWS).map(|pair| pair_row(pair, language)).collect();
        let heads = [LABELS.pair, LABELS.verdict, LABELS.median_gap, LABELS.tail_excess, LABELS.overtaking, LABELS.n, LABELS.overlap]
            .map(|head| head.pick(language));
        self.table(&heads, &rows, all.len());
        if all.iter().any(|pair| i18n::silenced(pair) != [false; 3]) {
            self.line(&format!("\n† {}", LABELS.does_not_count.pick(language)));
        }
        // Each pair's own reasons: what keeps it from a verdict.
        let told = all.iter().take(MAX_ROWS).filter(|pair| !pair.reasons.is_empty());
        for (at, pair) in told.enumerate() {
            let reasons = pair.reasons.iter().map(|reason| text(language.pick(&reason.words), SENTENCE)).collect::<Vec<_>>();
            let between = if language == Language::ZhTw { "；" } else { "; " };
            let who = format!("{} → {}", text(&pair.favoured, NAME), text(&pair.disadvantaged, NAME));
            self.line(&format!("{}- {who}: {}", if at == 0 { "\n" } else { "" }, reasons.join(between)));
        }
    }

    fn groups(&mut self, result: &StudyResult) {
        let language = self.language;
        self.heading(LABELS.s_groups);
        if result.groups.is_empty() {
            return self.line(LABELS.no_groups.pick(language));
        }
        let row = |group: &crate::report::model::GroupRow| {
            let times = [group.min, group.p50, group.p90, group.p99, group.max].map(|nanos| typeset(&duration(nanos)));
            let clients = if group.clients == 0 { NONE.to_owned() } else { count(group.clients) };
            [vec![text(&group.group, NAME), count(group.n), clients], times.to_vec(), vec![count(group.missing_receipt)]].concat()
        };
        let rows: Vec<_> = result.groups.iter().take(MAX_ROWS).map(row).collect();
        let heads = [LABELS.group, LABELS.n, LABELS.clients, LABELS.min, LABELS.p50, LABELS.p90, LABELS.p99, LABELS.max, LABELS.missing]
            .map(|head| head.pick(language));
        self.table(&heads, &rows, result.groups.len());
    }

    fn findings(&mut self, result: &StudyResult) {
        let language = self.language;
        self.heading(LABELS.s_findings);
        if result.findings.is_empty() {
            return self.line(LABELS.no_findings.pick(language));
        }
        let row = |finding: &crate::report::model::FindingRow| {
            vec![
                text(&finding.code, NAME),
                i18n::verdict(&finding.verdict).pick(language).to_owned(),
                text(language.pick(&rule_words(&finding.rule)), 200),
                count(finding.count),
                typeset(&percent(finding.share)),
                text(language.pick(&finding.summary), SENTENCE),
                text(&finding.evidence.table, NAME),
            ]
        };
        let rows: Vec<_> = result.findings.iter().take(MAX_ROWS).map(row).collect();
        let heads = [LABELS.finding, LABELS.verdict, LABELS.rule, LABELS.count, SHEETS.share, LABELS.detail, LABELS.evidence]
            .map(|head| head.pick(language));
        self.table(&heads, &rows, result.findings.len());
    }

    fn notices(&mut self, result: &StudyResult) {
        if result.notices.is_empty() {
            return;
        }
        self.heading(LABELS.s_notices);
        for notice in &result.notices {
            self.line(&format!("- {}", text(self.language.pick(notice), SENTENCE)));
        }
    }
}

fn pair_row(pair: &PairRow, language: Language) -> Vec<String> {
    let effect = |effect: &Option<Effect>, figure: &dyn Fn(f64) -> String| {
        effect.as_ref().map_or_else(
            || LABELS.not_estimated.pick(language).to_owned(),
            |e| {
                let [estimate, lower, upper, margin] = [e.estimate, e.lower, e.upper, e.margin].map(|value| typeset(&figure(value)));
                format!("{estimate} \\[{lower}, {upper}\\], {} {}", LABELS.margin.pick(language), margin.trim_start_matches('+'))
            },
        )
    };
    let in_points = |share: f64| format!("{} {}", points(share), LABELS.share_points.pick(language));
    let [median, tail, overtaking] = i18n::silenced(pair).map(|silent| if silent { " †" } else { "" });
    let verdict = i18n::verdict(&pair.verdict).pick(language);
    let hangs = if pair.client_specific { format!(" ({})", i18n::verdict("client_specific").pick(language)) } else { String::new() };
    vec![
        format!("{} → {}", text(&pair.favoured, NAME), text(&pair.disadvantaged, NAME)),
        format!("{verdict}{hangs}"),
        effect(&pair.median_gap, &signed_duration) + median,
        effect(&pair.tail_excess, &in_points) + tail,
        effect(&pair.overtaking, &in_points) + overtaking,
        format!("{} / {}", count(pair.n_favoured), count(pair.n_disadvantaged)),
        pair.overlap.map_or_else(|| NONE.to_owned(), |share| typeset(&percent(share))),
    ]
}

/// A text that is neither markup nor a link nor more than one line.
fn text(text: &str, limit: usize) -> String {
    let mut safe = String::new();
    for character in shown_name(text, limit).chars() {
        match character {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '#' | '|' | '~' | '!' | '@' | '^' | '$' => {
                safe.push('\\');
                safe.push(character);
            }
            other => safe.push(other),
        }
    }
    // Addresses become links by themselves in some readers.
    safe.replace("://", ":\\//").replace("www.", "www\\.")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample::{sample_result, with_groups};

    #[test]
    fn the_text_starts_with_the_verdict_in_each_language() {
        let result = sample_result();
        for (language, said) in
            [(Language::ZhTw, "**有發現：客戶未受到相同對待"), (Language::En, "**Finding: clients were not treated alike")]
        {
            let text = markdown(&result, language);
            assert!(text.lines().nth(2).is_some_and(|line| line.starts_with(said)), "{text}");
        }
    }

    #[test]
    fn names_are_no_markup_and_break_no_row() {
        let heads = |text: &str| {
            text.lines().filter(|line| line.starts_with('|')).map(|line| line.replace("\\|", "").matches('|').count()).collect::<Vec<_>>()
        };
        let sound = heads(&markdown(&sample_result(), Language::En));
        for name in ["a|b", "<script>alert(1)</script>", "x\n# y", "[a](http://b)", "`c`", "\u{202e}gnp", "www.b.tw", "=cmd|' /C calc'!A0"]
        {
            let mut result = sample_result();
            result.study.title = name.to_owned();
            result.groups[0].group = name.to_owned();
            result.pairs[0].favoured = name.to_owned();
            result.findings[0].summary.en = name.to_owned();
            let text = markdown(&result, Language::En);
            for raw in ["<script", "\n# y", "](http://", "\u{202e}", " `c`", "://", "www.b"] {
                assert!(!text.contains(raw), "{name}: {raw}");
            }
            assert_eq!(heads(&text), sound, "{name}");
        }
    }

    #[test]
    fn forty_groups_are_counted_and_an_empty_study_reads() {
        assert!(markdown(&with_groups(40, 30), Language::En).contains("further rows are in result.json: 1,500"));
        assert!(markdown(&with_groups(0, 0), Language::ZhTw).contains("沒有已勾稽的委託"));
    }
}
