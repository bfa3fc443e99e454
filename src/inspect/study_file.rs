//! The commented study.toml of a draft.
//!
//! Names and paths come from files, so they are escaped: in strings for TOML, in comments so that none leaves its line.

use std::fmt::Write as _;
use std::path::Path;

use crate::ingest::{ColumnSource, Format, SourceFile, TimeFormat};
use crate::inspect::draft::{Draft, Missing, SideDraft};
use crate::inspect::guess::{Proposal, Side};
use crate::inspect::profile::Profile;
use crate::inspect::words;
use crate::report::i18n::Language;
use crate::report::model::Words;

/// The text of study.toml, to stand in `folder`. Where something needed is missing, a `TODO` stands in its place.
#[must_use]
pub fn study_toml(draft: &Draft, folder: &Path, language: Language) -> String {
    let mut page = Page { text: String::new(), language };
    page.comment(&say(
        "由 colofair init 依檔案內容產生。每項選擇上方註明信心（0 到 1）、依據與次佳選項。以「?」開頭的註解是檔案無法回答的問題，請逐一確認。",
        "Written by colofair init from the files. Above each choice: how sure it is (0 to 1), why, and the runner-up. Comments that start with ? are questions the files cannot answer: please go through them.",
    ));
    page.missing(draft, None);
    draft.questions.iter().for_each(|question| page.question(question));
    page.study(draft);
    for side in [Side::Orders, Side::Receipts, Side::Clients] {
        match draft.side(side) {
            Some(found) => page.side(draft, found, folder),
            None if side != Side::Clients => page.no_side(side),
            None => page.comment(&say(
                "未指定客戶檔：群組取自收單檔，客戶即帳號。",
                "No clients file was named: groups are those of the receipts, and each account is a client.",
            )),
        }
    }
    page.link(draft);
    page.calendar(draft);
    page.fairness();
    page.house();
    page.unused(draft);
    page.text
}

fn say(zh: &str, en: &str) -> Words {
    Words { zh: zh.to_owned(), en: en.to_owned() }
}

struct Page {
    text: String,
    language: Language,
}

impl Page {
    fn line(&mut self, line: &str) {
        // Writing to a string cannot fail.
        let _ = writeln!(self.text, "{line}");
    }

    fn comment(&mut self, words: &Words) {
        let text = self.language.pick(words).to_owned();
        self.line(&format!("# {}", one_line(&text)));
    }

    fn question(&mut self, words: &Words) {
        let text = self.language.pick(words).to_owned();
        self.line(&format!("# ? {}", one_line(&text)));
    }

    fn section(&mut self, name: &str) {
        self.line("");
        self.line(&format!("[{name}]"));
    }

    /// Confidence, then each piece of evidence.
    fn reasons(&mut self, confidence: f64, evidence: &[Words]) {
        let separator = if self.language == Language::ZhTw { "；" } else { "; " };
        let said: Vec<&str> = evidence.iter().map(|words| self.language.pick(words)).collect();
        let said = one_line(&said.join(separator));
        self.line(&format!("# {confidence:.2}  {said}"));
    }

    /// What is missing on a side, or of whole sides.
    fn missing(&mut self, draft: &Draft, side: Option<Side>) {
        let here: Vec<Missing> = draft.missing.iter().filter(|missing| missing.side == side).cloned().collect();
        for missing in here {
            let question = self.language.pick(&missing.question).to_owned();
            self.line(&format!("# TODO {}", one_line(&question)));
            let Some(column) = missing.column else { continue };
            let candidates = if missing.candidates.is_empty() { vec![String::new()] } else { missing.candidates };
            candidates.iter().for_each(|candidate| self.line(&format!("# {} = {}", column.name(), one_line(&quoted(candidate)))));
        }
    }

    fn study(&mut self, draft: &Draft) {
        self.section("study");
        self.line("title = \"\"");
        self.reasons(draft.zone.confidence, &draft.zone.evidence);
        self.line(&format!("timezone = {}", quoted(draft.zone.value.name())));
        self.line(&format!("language = {}", quoted(self.language.tag())));
        self.line("seed = 1");
    }

    fn side(&mut self, draft: &Draft, side: &SideDraft, folder: &Path) {
        self.section(side.side.name());
        let profile = &draft.shapes[side.shape];
        let (files, bytes, columns) =
            (side.files.len(), side.files.iter().map(|file| file.bytes).sum::<u64>(), profile.survey.columns.len());
        let (rows, bytes) = (words::count(profile.intake.n_rows()), words::count(bytes));
        self.reasons(
            if side.side == Side::Clients { 0.9 } else { draft.sides_confidence },
            &[say(
                &format!("這一側是{}：{files} 個檔案，{rows} 列，{columns} 欄，{bytes} 位元組", words::side_zh(side.side)),
                &format!("this side is {}: files: {files}, rows: {rows}, columns: {columns}, bytes: {bytes}", side.side.name()),
            )],
        );
        let paths: Vec<String> = side.files.iter().map(|file| quoted(&relative(file, folder))).collect();
        match &paths[..] {
            [one] => self.line(&format!("paths = [{one}]")),
            several => {
                self.line("paths = [");
                several.iter().for_each(|path| self.line(&format!("  {path},")));
                self.line("]");
            }
        }
        let format = side.files[0].format.name();
        let layout = profile.survey.options.layout.as_ref().map(|layout| format!("{format}:{}", layout.name));
        self.line(&format!("format = {}", quoted(layout.as_deref().unwrap_or(format))));
        let (encoding, dialect) = (one_line(&profile.survey.encoding), one_line(&profile.survey.dialect));
        if !dialect.is_empty() {
            self.comment(&say(
                &format!("偵測到的編碼與格式：{encoding}，{dialect}"),
                &format!("encoding and dialect as detected: {encoding}, {dialect}"),
            ));
        }
        self.options(side, profile);
        if side.side != Side::Clients {
            self.comment(&say(
                "? 這一側由哪一個時鐘記錄？最大誤差多少？兩側同一時鐘請用同一 id",
                "? which clock stamps this side, and how far off can it be? Where one clock stamps both sides, give both the same id",
            ));
            self.line("# clock = { id = \"gateway\", uncertainty = \"1us\" }");
        }
        self.columns(draft, side);
    }

    /// Which records of a log are the rows.
    fn options(&mut self, side: &SideDraft, profile: &Profile) {
        let options = &profile.survey.options;
        if let Some(direction) = options.direction {
            self.comment(&say("紀錄檔中方向如下者", "the messages of the log that went this way"));
            self.line(&format!("direction = {}", quoted(direction.name())));
        }
        if let Some(kinds) = &options.messages {
            let kinds: Vec<String> = kinds.iter().map(|kind| quoted(kind)).collect();
            self.line(&format!("messages = [{}]", kinds.join(", ")));
        }
        if matches!(side.files[0].format, Format::Fix) {
            self.comment(&say(
                "? 紀錄檔有多個時鐘：prefix（記錄程式）、52（送出方）、60。要以哪一個為準？",
                "? a log has several clocks: prefix (the recorder's), 52 (the sender's), 60. Which one counts?",
            ));
        }
    }

    fn columns(&mut self, draft: &Draft, side: &SideDraft) {
        let profile = &draft.shapes[side.shape];
        self.line("");
        self.line(&format!("[{}.columns]", side.side.name()));
        self.missing(draft, Some(side.side));
        for proposal in &side.columns {
            self.reasons(proposal.chosen.confidence, &proposal.chosen.evidence);
            if let Some(next) = &proposal.runner_up {
                let (label, confidence) = (next.label(profile), next.confidence);
                self.comment(&say(
                    &format!("      次佳：{label}（{confidence:.2}）"),
                    &format!("      runner-up: {label} ({confidence:.2})"),
                ));
            }
            self.line(&format!("{} = {}", proposal.column.name(), source(proposal, draft, side)));
        }
        let used: Vec<usize> = side.columns.iter().flat_map(|proposal| proposal.chosen.from.positions()).collect();
        let rest: Vec<String> = (0..profile.survey.columns.len())
            .filter(|at| !used.contains(at))
            .take(40)
            .map(|at| words::shown(&profile.survey.columns[at].name))
            .collect();
        if !rest.is_empty() {
            let rest = rest.join(", ");
            self.comment(&say(&format!("未使用的欄位：{rest}"), &format!("columns not used: {rest}")));
        }
    }

    fn no_side(&mut self, side: Side) {
        self.section(side.name());
        self.line("paths = [\"TODO\"]");
        self.line(&format!("[{}.columns]", side.name()));
    }

    fn link(&mut self, draft: &Draft) {
        self.section("link");
        if !draft.keys.evidence.is_empty() {
            self.reasons(draft.keys.confidence, &draft.keys.evidence);
        }
        let keys: Vec<String> = draft.keys.value.iter().map(|key| quoted(key)).collect();
        self.line(&format!("keys = [{}]", keys.join(", ")));
        self.comment(&say(
            "? 一筆收單拆成多筆委託時，是每一筆都計（each），還是只計第一筆（first）？",
            "? where one receipt becomes several orders, does each count, or only the first?",
        ));
        self.line("# children = \"each\"");
    }

    fn calendar(&mut self, draft: &Draft) {
        self.section("calendar");
        self.reasons(draft.calendar.confidence, &draft.calendar.evidence);
        self.line(&format!("preset = {}", quoted(draft.calendar.value)));
        if draft.calendar.value == "twse" {
            self.comment(&say("? 期間內有哪些休市日？", "? which dates of the period are holidays?"));
            self.line("# holidays = [\"2026-01-01\"]");
        }
    }

    fn fairness(&mut self) {
        self.section("fairness");
        self.comment(&say(
            "? 多大的差異才算重大，由誰訂的？未填時採下列預設值",
            "? what counts as material, and who says so? Without an answer these defaults hold",
        ));
        self.line("# margins = { median = \"10us\", median_share = 0.10, tail = 0.005, overtaking = 0.02, source = \"\" }");
    }

    /// Whose orders are the broker's own is a fact about the broker, not about the files.
    fn house(&mut self) {
        self.line("");
        self.comment(&say(
            "? 哪些群組是證券商自己的委託（自營）？未填時不檢查自營是否先於客戶",
            "? which groups hold the broker's own orders? Without an answer nothing is said of the house going ahead of clients",
        ));
        self.line("# [priority]");
        self.line("# house_groups = [\"...\"]");
    }

    fn unused(&mut self, draft: &Draft) {
        for (files, why) in &draft.unused {
            let names: Vec<String> = files.iter().map(|file| words::shown_path(&file.name)).collect();
            let (names, why) = (names.join(", "), self.language.pick(why).to_owned());
            self.line("");
            self.question(&say(&format!("未使用的檔案：{names}：{why}"), &format!("files not used: {names}: {why}")));
        }
    }
}

/// The right-hand side of a column's line.
fn source(proposal: &Proposal, draft: &Draft, side: &SideDraft) -> String {
    let zone = side.zones.iter().find(|(column, _)| *column == proposal.column).map(|(_, zone)| *zone);
    match proposal.chosen.source(&draft.shapes[side.shape], zone) {
        ColumnSource::Named(name) => match &proposal.chosen.strip_prefix {
            None => quoted(&name),
            Some(prefix) => format!("{{ column = {}, strip_prefix = {} }}", quoted(&name), quoted(prefix)),
        },
        ColumnSource::Time { column, time, format, zone } => {
            let mut parts = match time {
                None => vec![format!("column = {}", quoted(&column))],
                Some(time) => vec![format!("date = {}", quoted(&column)), format!("time = {}", quoted(&time))],
            };
            if format != TimeFormat::Iso {
                parts.push(format!("format = {}", quoted(format.name())));
            }
            parts.extend(zone.map(|zone| format!("zone = {}", quoted(zone.name()))));
            format!("{{ {} }}", parts.join(", "))
        }
    }
}

/// A file's path as seen from `folder`, with slashes.
fn relative(file: &SourceFile, folder: &Path) -> String {
    let given = file.path.to_string_lossy().replace('\\', "/");
    if folder.as_os_str().is_empty() || file.path.is_absolute() {
        return given;
    }
    let (Ok(from), Ok(to)) = (folder.canonicalize(), file.path.canonicalize()) else { return given };
    let common = from.components().zip(to.components()).take_while(|(a, b)| a == b).count();
    let up = std::iter::repeat_n("..".to_owned(), from.components().count() - common);
    let down = to.components().skip(common).map(|part| part.as_os_str().to_string_lossy().into_owned());
    up.chain(down).collect::<Vec<_>>().join("/")
}

/// Text for a comment: one line, nothing that steers a terminal.
fn one_line(text: &str) -> String {
    crate::record::printable(&text.replace(['\n', '\r'], "\u{23ce}"), 2_000)
}

/// A TOML basic string.
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for character in text.chars() {
        match character {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            // Control characters are not allowed, and what turns the direction of text would show another name than is read.
            c if c.is_control() || matches!(c, '\u{200e}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}') => {
                let _ = write!(quoted, "\\U{:08X}", c as u32);
            }
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn any_text_comes_back_from_toml(text in any::<String>()) {
            let table: toml::Table = format!("key = {}", quoted(&text)).parse().expect("a table");
            prop_assert_eq!(table["key"].as_str(), Some(text.as_str()));
        }

        #[test]
        fn no_text_leaves_its_comment(text in any::<String>()) {
            let table: toml::Table = format!("# {}\nkey = 1\n", one_line(&text)).parse().expect("a table");
            prop_assert_eq!(table.len(), 1);
        }
    }
}
