//! `inspect` as a JSON document and as text for a terminal.

use serde_json::{Map, Value, json};

use crate::inspect::guess::{From, Proposal};
use crate::inspect::look::{FileLook, times};
use crate::inspect::profile::{ColumnProfile, Kind};
use crate::inspect::shapes::untold_times;
use crate::inspect::words;
use crate::record::Diagnostic;
use crate::report::i18n::Language;
use crate::report::model::SCHEMA_VERSION;

/// The document of `inspect --format json`: one entry a file that was read, and what kept the others from it.
#[must_use]
pub fn json(looks: &[FileLook], errors: &[Diagnostic]) -> Value {
    let error = |problem: &Diagnostic| {
        let path = problem.place.as_ref().map(|place| place.path.to_string_lossy().into_owned());
        json!({ "path": path, "code": problem.code, "message": problem.message.en, "message_zh": problem.message.zh })
    };
    json!({
        "schema_version": SCHEMA_VERSION,
        "files": looks.iter().map(file).collect::<Vec<_>>(),
        "errors": errors.iter().map(error).collect::<Vec<_>>(),
    })
}

fn file(look: &FileLook) -> Value {
    let (side, side_confidence) = look.side();
    let survey = &look.profile.survey;
    json!({
        "path": look.file().name,
        "format": look.file().format.name(),
        "encoding": survey.encoding,
        "dialect": survey.dialect,
        "bytes": look.file().bytes,
        "header_language": look.header_language(),
        "rows": look.rows,
        "rejected": look.rejected,
        "notices": look.notices(),
        "side": side.map(|side| json!({ "name": side.name(), "confidence": rounded(side_confidence) })),
        "columns": (0..survey.columns.len()).map(|at| column(look, at)).collect::<Vec<_>>(),
        "proposed": proposed(look),
    })
}

fn rounded(confidence: f64) -> f64 {
    (confidence * 100.0).round() / 100.0
}

fn column(look: &FileLook, at: usize) -> Value {
    let source = &look.profile.survey.columns[at];
    let mut entry = Map::new();
    entry.insert("name".to_owned(), json!(source.name));
    entry.insert("type".to_owned(), json!(source.data_type.as_ref().map_or("text".to_owned(), ToString::to_string)));
    let Some(looked) = &look.profile.columns[at] else {
        entry.insert("kind".to_owned(), json!("not looked into"));
        return Value::Object(entry);
    };
    let (distinct, exact) = looked.distinct.distinct();
    entry.insert("kind".to_owned(), json!(looked.kind().name()));
    entry.insert("filled".to_owned(), json!(looked.filled()));
    entry.insert("distinct".to_owned(), json!({ "count": distinct, "exact": exact }));
    entry.insert("samples".to_owned(), json!(looked.samples));
    if let Some((_, reading)) = times(&look.profile).into_iter().find(|(found, _)| *found == at) {
        entry.insert(
            "time".to_owned(),
            json!({
                "format": reading.format.name(),
                "part": if reading.range.is_some() { "whole" } else { "time_of_day" },
                "read": reading.n_read,
                "tried": reading.n_tried,
                "decimals": reading.decimals,
                "resolution_ns": reading.resolution(),
                "zone": look.zone_hint(at),
            }),
        );
    }
    Value::Object(entry)
}

fn proposed(look: &FileLook) -> Value {
    let name = |at: usize| look.profile.survey.columns[at].name.clone();
    let source = |from: From| match from {
        From::One(at) => json!(name(at)),
        From::DateAndTime(date, time) => json!({ "date": name(date), "time": name(time) }),
    };
    let entry = |proposal: &Proposal| {
        let value = json!({
            "column": source(proposal.chosen.from),
            "format": proposal.chosen.format.name(),
            "confidence": rounded(proposal.chosen.confidence),
            "open": proposal.is_open(),
            "evidence": proposal.chosen.evidence,
            "runner_up": proposal.runner_up.as_ref().map(|next| json!({ "column": source(next.from), "confidence": rounded(next.confidence) })),
        });
        (proposal.column.name().to_owned(), value)
    };
    Value::Object(look.proposals.iter().map(entry).collect())
}

/// One file as text.
#[must_use]
pub fn text(look: &FileLook, language: Language) -> String {
    let zh = language == Language::ZhTw;
    let (survey, file) = (&look.profile.survey, look.file());
    let mut lines = vec![words::shown_path(&file.name)];
    let dialect = if survey.dialect.is_empty() { String::new() } else { format!(", {}", survey.dialect) };
    let (format, encoding, rows, rejected) = (file.format.name(), &survey.encoding, words::count(look.rows), words::count(look.rejected));
    let columns = survey.columns.len();
    lines.push(match zh {
        true => format!(
            "  {format}，{encoding}{dialect}；{rows} 列，{columns} 欄，欄名語言 {}；依下列對應會剔除 {rejected} 列",
            look.header_language()
        ),
        false => format!(
            "  {format}, {encoding}{dialect}; {rows} rows, {columns} columns, header {}; {rejected} rows would be rejected",
            look.header_language()
        ),
    });
    lines.extend(look.rejects.iter().map(|reject| {
        let (line, message) = (reject.line, words::shown(reject.message.pick(zh)));
        if zh { format!("    第 {line} 行：{message}") } else { format!("    line {line}: {message}") }
    }));
    lines.extend(look.notices().iter().map(|notice| format!("  ! {}", language.pick(notice))));
    lines.push(String::new());
    lines.extend((0..columns).flat_map(|at| column_text(look, at, language)));
    lines.push(String::new());
    lines.extend(proposals_text(look, language));
    lines.join("\n") + "\n"
}

fn column_text(look: &FileLook, at: usize, language: Language) -> Vec<String> {
    let name = words::shown(&look.profile.survey.columns[at].name);
    let Some(looked) = &look.profile.columns[at] else { return Vec::new() };
    let zh = language == Language::ZhTw;
    let samples: Vec<String> = looked.samples.iter().map(|sample| words::shown(sample)).collect();
    let (filled, samples) = (words::percent(looked.filled()), samples.join(" | "));
    let mut lines = vec![match zh {
        true => format!("  {name}：{}，{filled} 有值，{}；{samples}", kind_zh(looked.kind()), distinct(looked, zh)),
        false => format!("  {name}: {}, {filled} filled, {}; {samples}", looked.kind().name(), distinct(looked, zh)),
    }];
    if let Some((_, reading)) = times(&look.profile).into_iter().find(|(found, _)| *found == at) {
        let zone = look.zone_hint(at).unwrap_or_default();
        lines.push(format!("    {}; {}", language.pick(&words::read_as(reading)), language.pick(&zone)));
    }
    lines
}

fn kind_zh(kind: Kind) -> &'static str {
    match kind {
        Kind::Empty => "空白",
        Kind::Time => "時間",
        Kind::Number => "數字",
        Kind::Id => "識別碼",
        Kind::Name => "名稱",
    }
}

fn distinct(looked: &ColumnProfile, zh: bool) -> String {
    let (distinct, exact) = looked.distinct.distinct();
    let count = words::count(distinct);
    match (zh, exact) {
        (true, true) => format!("{count} 種"),
        (true, false) => format!("約 {count} 種"),
        (false, true) => format!("{count} different"),
        (false, false) => format!("about {count} different"),
    }
}

fn proposals_text(look: &FileLook, language: Language) -> Vec<String> {
    let zh = language == Language::ZhTw;
    let (side, sure) = look.side();
    let mut lines = vec![match (side, zh) {
        (Some(side), true) => format!("  看來是 {}（信心 {sure:.2}）；建議對應：", side.name()),
        (Some(side), false) => format!("  this looks like {} (confidence {sure:.2}); proposed columns:", side.name()),
        (None, true) => "  看不出是委託、收單或客戶檔；沒有可靠的欄位對應".to_owned(),
        (None, false) => "  this looks like neither orders, receipts nor clients; no column is proposed with confidence".to_owned(),
    }];
    lines.extend(untold_times(&look.profile).map(|words| format!("  ! {}", language.pick(&words))));
    if side.is_none() {
        return lines;
    }
    for proposal in &look.proposals {
        let evidence: Vec<&str> = proposal.chosen.evidence.iter().map(|words| language.pick(words)).collect();
        let (column, label, confidence) = (proposal.column.name(), proposal.chosen.label(&look.profile), proposal.chosen.confidence);
        lines.push(format!("    {column} = {label}  {confidence:.2}  {}", evidence.join("; ")));
        if let Some(next) = &proposal.runner_up {
            let (label, confidence) = (next.label(&look.profile), next.confidence);
            lines.push(match zh {
                true => format!("      次佳：{label}  {confidence:.2}"),
                false => format!("      runner-up: {label}  {confidence:.2}"),
            });
        }
    }
    lines
}
