//! What an analyst reads on stdout when a run ends: the verdict first, then whether everything balances, then who and how much.

use std::fmt::Write;

use crate::report::charts::{Step, order_steps, receipt_steps};
use crate::report::days::DaysVerdict;
use crate::report::i18n::{self, LABELS, Label, Language};
use crate::report::model::{Effect, InputSide, PairRow, StudyResult};
use crate::report::numbers::{NONE, count, display_width, duration, pad, percent, points, shown_name, signed_duration};
use crate::report::view_pairs::ordered;

/// Groups and pairs shown; the rest are counted.
const MAX_GROUPS: usize = 12;
const MAX_PAIRS: usize = 6;
/// Columns of a group name.
const NAME: usize = 20;
/// Narrower terminals wrap by themselves.
const NARROWEST: usize = 60;

/// The summary, ending in a line feed. Lines are at most `width` columns, counting East Asian characters as two;
/// `colour` adds ANSI colour to the verdict words, which say the same without it.
#[must_use]
pub fn summary(result: &StudyResult, language: Language, colour: bool, width: usize) -> String {
    let mut page = Page { text: String::new(), language, colour, width: width.max(NARROWEST), document: "result.json".to_owned() };
    page.verdict(result);
    page.waterfall(result);
    page.groups(result);
    page.pairs(&result.pairs);
    page.priority(result);
    page.notices(result);
    page.ending(result);
    page.text
}

/// What `summarize` wrote, in one line.
#[must_use]
pub fn day_summary(date: &str, n_orders: u64, n_bytes: usize, n_rejected: u64, language: Language) -> String {
    format!("{}\n", language.pick(&i18n::summarized_day(date, n_orders, n_bytes, n_rejected)))
}

/// What united days say, as [`summary`] does it; `document` is the file that holds all of it.
#[must_use]
pub fn days_summary(found: &DaysVerdict, document: Option<&str>, language: Language, width: usize) -> String {
    let printed = LABELS.printed_json.pick(language);
    let document = document.unwrap_or(printed).to_owned();
    let mut page = Page { text: String::new(), language, colour: false, width: width.max(NARROWEST), document };
    let title = shown_name(&found.subject, page.width.saturating_sub(30));
    let ends = found.days.first().zip(found.days.last());
    let period = ends.map_or_else(String::new, |(first, last)| format!(" · {} .. {}", first.date, last.date));
    page.line(&format!("{} · {title}{period}", i18n::verdict(&found.verdict).pick(language)));
    page.wrapped("", language.pick(&i18n::united_days(found)));
    page.pairs(&found.pairs);
    page.text
}

struct Page {
    text: String,
    language: Language,
    colour: bool,
    width: usize,
    /// Where everything stands.
    document: String,
}

impl Page {
    /// One line, cut at the width of the terminal.
    fn line(&mut self, line: &str) {
        self.text.push_str(&shown_name(line.trim_end(), self.width));
        self.text.push('\n');
    }

    /// A paragraph wrapped at spaces, or anywhere between East Asian characters; later lines indented.
    fn wrapped(&mut self, first: &str, text: &str) {
        let indent = " ".repeat(display_width(first));
        let mut line = first.to_owned();
        for piece in pieces(&shown_name(text, 600)) {
            if display_width(&line) + display_width(piece.trim_end()) > self.width && display_width(&line) > indent.len() {
                self.line(&line);
                line.clone_from(&indent);
            }
            line.push_str(piece);
        }
        self.line(&line);
    }

    fn verdict(&mut self, result: &StudyResult) {
        let headline = i18n::headline(result);
        let word = i18n::verdict(&result.verdict).pick(self.language);
        let start = self.text.len();
        self.wrapped("", self.language.pick(&headline));
        if self.colour {
            let code = match result.verdict.as_str() {
                "finding" => 31,
                "no_finding" => 32,
                _ => 33,
            };
            let line = self.text.split_off(start);
            let written = writeln!(self.text, "\u{1b}[1;{code}m{}\u{1b}[0m", line.trim_end());
            debug_assert!(written.is_ok());
        }
        let title = shown_name(&result.study.title, self.width.saturating_sub(30));
        let period = result
            .study
            .period
            .as_ref()
            .map_or_else(|| LABELS.no_period.pick(self.language).to_owned(), |p| format!("{} .. {}", p.first, p.last));
        let word = if result.tool.command == "check" { String::new() } else { format!("{word} · ") };
        self.line(&format!("{word}{title} · {period}"));
        let mut confirmed: Vec<&str> =
            result.findings.iter().filter(|finding| finding.verdict == "confirmed").map(|finding| finding.code.as_str()).collect();
        confirmed.dedup();
        if confirmed.len() > 1 {
            self.wrapped("", &format!("{} {}", LABELS.confirmed_codes.pick(self.language), confirmed.join(", ")));
        }
        for alert in &result.alerts {
            self.wrapped("! ", self.language.pick(alert));
        }
    }

    fn heading(&mut self, words: &str) {
        self.text.push('\n');
        let shown = shown_name(words, self.width);
        let bold = if self.colour { format!("\u{1b}[1m{shown}\u{1b}[0m\n") } else { format!("{shown}\n") };
        self.text.push_str(&bold);
    }

    /// Both sides next to each other, and one line each that says whether they add up.
    fn waterfall(&mut self, result: &StudyResult) {
        let language = self.language;
        self.heading(LABELS.s_reconciliation.pick(language));
        let (orders, receipts) = (order_steps(result), receipt_steps(result));
        let mut rows = vec![["".to_owned(), LABELS.orders.pick(language).into(), String::new(), LABELS.receipts.pick(language).into()]];
        rows.extend(orders.iter().zip(&receipts).map(|(order, receipt)| {
            [order.label.pick(language).to_owned(), count(order.n), receipt.label.pick(language).to_owned(), count(receipt.n)]
        }));
        self.table(&rows, &[false, true, false, true]);
        for (label, side, steps) in [(LABELS.orders, &result.input.orders, &orders), (LABELS.receipts, &result.input.receipts, &receipts)] {
            self.balance(label.pick(language), side, steps);
        }
        let r = &result.reconciliation;
        if r.negative + r.zero > 0 {
            self.line(&format!(
                "  {}: {} {}, {} {}",
                LABELS.matched.pick(language),
                LABELS.negative.pick(language),
                count(r.negative),
                LABELS.zero.pick(language),
                count(r.zero)
            ));
        }
    }

    fn balance(&mut self, label: &str, side: &InputSide, steps: &[Step]) {
        let parts: Vec<u64> = steps.iter().skip(1).map(|step| step.n).collect();
        let sentence = i18n::balance(side, &parts);
        self.line(&format!("  {label}: {}", self.language.pick(&sentence)));
    }

    fn groups(&mut self, result: &StudyResult) {
        let language = self.language;
        self.heading(LABELS.s_groups.pick(language));
        if result.groups.is_empty() {
            return self.line(&format!("  {}", LABELS.no_groups.pick(language)));
        }
        let heads = [LABELS.group, LABELS.n, LABELS.clients, LABELS.min, LABELS.p50, LABELS.p90, LABELS.p99, LABELS.max];
        let mut rows = vec![heads.map(|head| head.pick(language).to_owned())];
        rows.extend(result.groups.iter().take(MAX_GROUPS).map(|g| {
            let clients = if g.clients == 0 { NONE.into() } else { count(g.clients) };
            let [min, p50, p90, p99, max] = [g.min, g.p50, g.p90, g.p99, g.max].map(duration);
            [shown_name(&g.group, NAME), count(g.n), clients, min, p50, p90, p99, max]
        }));
        self.table(&rows, &[false, true, true, true, true, true, true, true]);
        self.more(result.groups.len().saturating_sub(MAX_GROUPS));
    }

    fn pairs(&mut self, pairs: &[PairRow]) {
        let language = self.language;
        self.heading(LABELS.s_pairs.pick(language));
        if pairs.is_empty() {
            return self.line(&format!("  {}", LABELS.no_pairs.pick(language)));
        }
        let pairs = ordered(pairs);
        for pair in pairs.iter().take(MAX_PAIRS) {
            self.pair(pair);
        }
        self.more(pairs.len().saturating_sub(MAX_PAIRS));
        self.reasons(&pairs);
    }

    /// Who, the verdict and n on one line; then each effect that was estimated, with its interval and margin.
    fn pair(&mut self, pair: &PairRow) {
        let language = self.language;
        // A first look seeks no verdict, which is not the same as finding none.
        let judged = !pair.reasons.iter().any(|reason| reason.code == "not_run");
        let word = i18n::verdict(if judged { &pair.verdict } else { "not_judged" });
        let verdict = pad(word.pick(language), 12, false);
        let who = format!("{} -> {}", shown_name(&pair.favoured, NAME), shown_name(&pair.disadvantaged, NAME));
        let comparable =
            pair.overlap.map_or_else(String::new, |share| format!(", {} {}", LABELS.overlap.pick(language).to_lowercase(), percent(share)));
        self.line(&format!("  {verdict}  {who}   n = {} / {}{comparable}", count(pair.n_favoured), count(pair.n_disadvantaged)));
        let label = |label: Label| label.pick(language);
        let effect = |name: Label, e: &Effect, figure: &dyn Fn(f64) -> String| {
            let [estimate, lower, upper] = [e.estimate, e.lower, e.upper].map(figure);
            let margin = figure(e.margin);
            format!("{} {estimate} [{lower}, {upper}], {} {}", label(name), label(LABELS.margin), margin.trim_start_matches('+'))
        };
        let in_points = |share: f64| format!("{} {}", points(share), label(LABELS.share_points));
        let effects =
            [(LABELS.median_gap, &pair.median_gap), (LABELS.tail_excess, &pair.tail_excess), (LABELS.overtaking, &pair.overtaking)];
        for (place, ((name, e), silent)) in effects.into_iter().zip(i18n::silenced(pair)).enumerate() {
            if let Some(e) = e {
                let written = if place == 0 { effect(name, e, &signed_duration) } else { effect(name, e, &in_points) };
                let mark = if silent { format!(" ({})", LABELS.not_counted.pick(language)) } else { String::new() };
                self.line(&format!("                {written}{mark}"));
            }
        }
    }

    /// Each distinct reason once, with how many pairs it holds for.
    fn reasons(&mut self, pairs: &[&PairRow]) {
        let mut said: Vec<(&str, &str, usize)> = Vec::new();
        for reason in pairs.iter().flat_map(|pair| &pair.reasons) {
            let sentence = self.language.pick(&reason.words);
            match said.iter_mut().find(|known| known.0 == reason.code && known.1 == sentence) {
                Some(known) => known.2 += 1,
                None => said.push((&reason.code, sentence, 1)),
            }
        }
        let (total, more) = (pairs.len(), said.len().saturating_sub(4));
        for (code, sentence, n) in said.into_iter().take(4) {
            self.wrapped("  - ", &format!("{sentence} ({n}/{total}) [{code}]"));
        }
        self.more(more);
    }

    /// The order of handling in a few lines.
    fn priority(&mut self, result: &StudyResult) {
        let Some(found) = &result.priority else { return };
        self.heading(LABELS.s_priority.pick(self.language));
        let short = i18n::priority_short(found);
        self.line(&format!("  {}", self.language.pick(&short)));
        for sentence in i18n::priority(found, true).iter().take(usize::from(found.ahead.is_some()) * 3) {
            self.wrapped("  - ", self.language.pick(sentence));
        }
    }

    fn notices(&mut self, result: &StudyResult) {
        if result.notices.is_empty() {
            return;
        }
        self.heading(LABELS.s_notices.pick(self.language));
        for notice in result.notices.iter().take(3) {
            self.wrapped("  - ", self.language.pick(notice));
        }
        self.more(result.notices.len().saturating_sub(3));
    }

    fn ending(&mut self, result: &StudyResult) {
        let mut files = vec!["result.json".to_owned()];
        if result.tool.command != "check" {
            files.splice(0..0, ["report.html", "workpapers.xlsx", "report.md", "charts/*.svg"].map(str::to_owned));
            files.push("manifest.json".into());
        }
        files.push("rejects.csv".into());
        files.extend(result.tables.iter().map(|table| table.path.clone()));
        self.text.push('\n');
        self.wrapped(&format!("{}: ", LABELS.files.pick(self.language)), &files.join(", "));
        let steps: Vec<String> = i18n::next_steps(result).iter().map(|step| self.language.pick(step).to_owned()).collect();
        self.wrapped(&format!("{}: ", LABELS.next.pick(self.language)), &steps.join("; "));
    }

    fn more(&mut self, n: usize) {
        if n > 0 {
            let file = self.document.clone();
            self.line(&format!("  {} {n} {} {file}", LABELS.more_in.pick(self.language), LABELS.more_tail.pick(self.language)));
        }
    }

    /// Columns as wide as their widest cell, two spaces apart; `right` aligns figures.
    fn table<const N: usize>(&mut self, rows: &[[String; N]], right: &[bool; N]) {
        let mut widths = [0; N];
        for row in rows {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = (*width).max(display_width(cell));
            }
        }
        for row in rows {
            let cells = row.iter().zip(widths).zip(right).map(|((cell, width), right)| pad(cell, width, *right));
            self.line(&format!("  {}", cells.collect::<Vec<_>>().join("  ")));
        }
    }
}

/// Pieces a line may be broken between: words with their space, and single wide characters.
fn pieces(text: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut start = 0;
    for (place, character) in text.char_indices() {
        let end = place + character.len_utf8();
        let next_is_mark = text[end..].starts_with(['。', '，', '；', '、', '：', '）', '」', ' ']);
        let wide = display_width(&text[place..end]) == 2 && character != '（' && character != '「';
        if (character == ' ' || wide) && !next_is_mark {
            pieces.push(&text[start..end]);
            start = end;
        }
    }
    pieces.push(&text[start..]);
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::model::{Reason, Words};
    use crate::report::sample::{sample_result, with_groups};

    #[test]
    fn the_verdict_comes_first_and_a_two_group_study_fits_forty_lines() {
        for language in [Language::ZhTw, Language::En] {
            let text = summary(&sample_result(), language, false, 100);
            assert!(text.lines().count() <= 40, "{text}");
            assert!(text.lines().all(|line| display_width(line) <= 100), "{text}");
        }
        let text = summary(&sample_result(), Language::En, false, 100);
        assert!(text.starts_with("Finding: clients were not treated alike (6 of 8 audit findings not run)"), "{text}");
        assert!(text.contains("12 + 5 + 104 + 2 + 999,889 = 1,000,012, balances"), "{text}");
    }

    #[test]
    fn columns_line_up_with_chinese_names_and_long_lists_are_counted() {
        let text = summary(&with_groups(14, 30), Language::ZhTw, false, 100);
        assert!(text.contains("其餘 2 項見 result.json") && text.contains("其餘 176 項見 result.json"), "{text}");
        let rows: Vec<&str> = text.lines().filter(|line| line.ends_with(" s") || line.ends_with(" ms")).collect();
        assert!(rows.len() >= 12 && rows.iter().all(|row| display_width(row) == display_width(rows[0])), "{text}");
    }

    #[test]
    fn colour_adds_nothing_but_colour_and_names_cannot_add_their_own() {
        let mut result = sample_result();
        result.groups[0].group = "\u{1b}[31mred\u{7}".into();
        let (plain, coloured) = (summary(&result, Language::En, false, 100), summary(&result, Language::En, true, 100));
        assert!(!plain.contains('\u{1b}') && plain.contains("<U+001B>[31mred"));
        let stripped = ["\u{1b}[1;31m", "\u{1b}[1m", "\u{1b}[0m"].iter().fold(coloured, |text, code| text.replace(code, ""));
        assert_eq!(stripped, plain);
    }

    #[test]
    fn a_first_look_judges_no_pair_and_a_study_says_how_much_was_comparable() {
        let mut result = sample_result();
        assert!(summary(&result, Language::En, false, 100).contains("comparable 87.1 %"), "{}", summary(&result, Language::En, false, 100));
        let words = Words { zh: "check 不判定".into(), en: "check gives no verdict".into() };
        for pair in &mut result.pairs {
            (pair.verdict, pair.overlap) = ("inconclusive".into(), None);
            pair.reasons = vec![Reason { code: "not_run".into(), words: words.clone() }];
        }
        let text = summary(&result, Language::En, false, 100);
        assert!(text.contains("not judged") && !text.contains("inconclusive") && !text.contains("comparable"), "{text}");
    }

    #[test]
    fn nothing_matched_still_reads() {
        for width in [0, 60, 200] {
            let text = summary(&with_groups(0, 0), Language::En, true, width);
            assert!(text.contains("No order was matched") && text.contains("No pair to judge"), "{text}");
        }
    }
}
