//! What `init` did, as text and as a JSON document.

use serde_json::{Value, json};

use crate::inspect::draft::{Draft, Missing, SideDraft};
use crate::inspect::guess::Side;
use crate::inspect::words;
use crate::record::{Column, Diagnostic};
use crate::report::i18n::Language;
use crate::report::model::SCHEMA_VERSION;

/// Below this confidence a choice is named in the summary.
const SHAKY: f64 = 0.8;

/// What was found, for a terminal.
#[must_use]
pub fn summary(draft: &Draft, language: Language) -> String {
    let zh = language == Language::ZhTw;
    let mut lines: Vec<String> = draft.sides.iter().map(|side| side_line(draft, side, zh)).collect();
    if let Some(link) = draft.side(Side::Orders).and_then(|side| side.columns.iter().find(|proposal| proposal.column == Column::ReceiptId))
    {
        let evidence: Vec<&str> = link.chosen.evidence.iter().map(|words| language.pick(words)).collect();
        let keys = draft.keys.value.join(" + ");
        lines.push(format!("link: {keys} ({:.2})", draft.keys.confidence));
        lines.extend(evidence.iter().map(|said| format!("  {said}")));
    }
    let (zone, calendar) = (draft.zone.value.name(), draft.calendar.value);
    lines.push(format!("timezone: {zone} ({:.2}); calendar: {calendar} ({:.2})", draft.zone.confidence, draft.calendar.confidence));
    for (side, proposal) in draft.sides.iter().flat_map(|side| side.columns.iter().map(move |proposal| (side, proposal))) {
        if proposal.chosen.confidence < SHAKY && proposal.column != Column::ReceiptId {
            let (label, confidence) = (proposal.chosen.label(&draft.shapes[side.shape]), proposal.chosen.confidence);
            let (side, column) = (side.side.name(), proposal.column.name());
            lines.push(match zh {
                true => format!("請確認 [{side}] {column} = {label}（信心 {confidence:.2}）"),
                false => format!("confirm [{side}] {column} = {label} (confidence {confidence:.2})"),
            });
        }
    }
    for (files, why) in &draft.unused {
        let names: Vec<String> = files.iter().map(|file| words::shown_path(&file.name)).collect();
        let (names, why) = (names.join(", "), language.pick(why));
        lines.push(if zh { format!("未使用：{names}：{why}") } else { format!("not used: {names}: {why}") });
    }
    lines.extend(draft.questions.iter().map(|question| format!("? {}", language.pick(question))));
    lines.iter().map(|line| format!("{line}\n")).collect()
}

fn side_line(draft: &Draft, side: &SideDraft, zh: bool) -> String {
    let files: Vec<String> = side.files.iter().take(4).map(|file| words::shown_path(&file.name)).collect();
    let more = if side.files.len() > 4 { format!(", ... ({})", side.files.len()) } else { String::new() };
    let survey = &draft.shapes[side.shape].survey;
    let (name, files, columns) = (side.side.name(), files.join(", ") + &more, side.columns.len());
    let (format, encoding) = (side.files[0].format.name(), &survey.encoding);
    let read = match (side.rows, zh) {
        (0, _) => String::new(),
        (rows, true) => format!("；{} 列，剔除 {} 列", words::count(rows), words::count(side.rejected)),
        (rows, false) => format!("; {} rows, {} rejected", words::count(rows), words::count(side.rejected)),
    };
    match zh {
        true => format!("{name}：{files}（{format}，{encoding}；採用 {columns} 欄{read}）"),
        false => format!("{name}: {files} ({format}, {encoding}; {columns} columns used{read})"),
    }
}

/// What was found, as one JSON document; `written` is the file that now stands there.
#[must_use]
pub fn summary_json(draft: &Draft, written: Option<&str>) -> Value {
    let side = |side: &SideDraft| {
        let profile = &draft.shapes[side.shape];
        let column = |proposal: &crate::inspect::Proposal| {
            let value = json!({
                "column": proposal.chosen.label(profile),
                "format": proposal.chosen.format.name(),
                "confidence": (proposal.chosen.confidence * 100.0).round() / 100.0,
                "evidence": proposal.chosen.evidence,
                "runner_up": proposal.runner_up.as_ref().map(|next| next.label(profile)),
            });
            (proposal.column.name().to_owned(), value)
        };
        let value = json!({
            "files": side.files.iter().map(|file| &file.name).collect::<Vec<_>>(),
            "rows": side.rows,
            "rejected": side.rejected,
            "columns": side.columns.iter().map(column).collect::<serde_json::Map<_, _>>(),
        });
        (side.side.name().to_owned(), value)
    };
    let missing = |missing: &Missing| {
        json!({
            "side": missing.side.map(Side::name),
            "column": missing.column.map(Column::name),
            "question": missing.question,
            "candidates": missing.candidates,
        })
    };
    json!({
        "schema_version": SCHEMA_VERSION,
        "study": written,
        "sides": draft.sides.iter().map(side).collect::<serde_json::Map<_, _>>(),
        "unused": draft.unused.iter().flat_map(|(files, _)| files.iter().map(|file| &file.name)).collect::<Vec<_>>(),
        "link": { "keys": draft.keys.value, "confidence": (draft.keys.confidence * 100.0).round() / 100.0, "evidence": draft.keys.evidence },
        "timezone": draft.zone.value.name(),
        "calendar": draft.calendar.value,
        "questions": draft.questions,
        "missing": draft.missing.iter().map(missing).collect::<Vec<_>>(),
    })
}

/// What is missing, as the problem that it is.
#[must_use]
pub fn missing_diagnostic(missing: &Missing) -> Diagnostic {
    let (more_zh, more) = ("或以 --partial 先寫出含 TODO 的設定檔", "or let --partial write the file with TODO in its place");
    let help = match missing.column.map(|column| column.name()) {
        Some(column) => {
            (format!("在 study.toml 寫 {column} = \"欄名\"，{more_zh}"), format!("write {column} = \"the column\" in study.toml, {more}"))
        }
        None => (format!("請指定檔案，{more_zh}"), format!("name the files, {more}")),
    };
    let question = &missing.question;
    Diagnostic::new("E0500", (question.zh.as_str(), question.en.as_str())).help(help)
}
