//! One side of a study: its files, how they are read, and which column is which.

use std::path::Path;

use crate::config::file::{ClientsTable, ColumnValue, CommentText, FormatChoice, SideTable, TimeTable};
use crate::config::{Settings, SideConfig, layout};
use crate::ingest::{ColumnSource, Format, FormatOptions, IdTransform, Mapping, TextOptions, TimeFormat};
use crate::record::{Column, ColumnKind, Diagnostic, Notice};

pub(crate) fn side(set: &mut Settings, path: &Path, name: &str, table: SideTable) -> Result<SideConfig, Diagnostic> {
    let paths = set.show(&format!("{name}.paths"), Some(table.paths.clone()), Vec::new(), |paths| format!("{paths:?}"));
    let FormatChoice { format, layout } = table.format.as_ref().map(|format| format.0.clone()).unwrap_or_default();
    set.show(&format!("{name}.format"), format.map(Some), None, |format| match &layout {
        Some(layout) => format!("fixed:{layout}"),
        None => format.map_or("auto", Format::name).to_owned(),
    });
    let text = text_options(set, name, &table);
    let (options, layout_file) = format_options(set, path, name, &table, layout.as_deref())?;
    let mut mapping = Mapping::default();
    for (column, value) in table.columns {
        if let Some(transform) = transform(path, name, column.0, &value)? {
            mapping.set_transform(column.0, transform);
        }
        set.take(&format!("{name}.columns.{}", column.0.name()), Some(described(&value)), String::new());
        mapping.insert(column.0, column_source(value));
    }
    Ok(SideConfig { paths, format, mapping, text, options, layout_file })
}

fn text_options(set: &mut Settings, name: &str, table: &SideTable) -> TextOptions {
    let default = TextOptions::default();
    let character = |byte: u8| if byte == b'\t' { "\\t".to_owned() } else { char::from(byte).to_string() };
    let optional = |byte: &Option<u8>| byte.map(character).unwrap_or_default();
    let comment = table.comment.as_ref().map(|comment| match comment {
        CommentText::One(prefix) => vec![prefix.0.clone()],
        CommentText::Many(prefixes) => prefixes.iter().map(|prefix| prefix.0.clone()).collect(),
    });
    let key = |key: &str| format!("{name}.{key}");
    TextOptions {
        encoding: set.show(&key("encoding"), table.encoding.as_ref().map(|encoding| encoding.0), default.encoding, |encoding| {
            encoding.name().to_owned()
        }),
        delimiter: set.show(&key("delimiter"), table.delimiter.as_ref().map(|delimiter| Some(delimiter.0)), None, |delimiter| {
            delimiter.map_or("auto".to_owned(), character)
        }),
        quote: set.show(&key("quote"), table.quote.as_ref().map(|quote| quote.0), default.quote, optional),
        escape: set.show(&key("escape"), table.escape.as_ref().map(|escape| Some(escape.0)), None, optional),
        comment: set.show(&key("comment"), comment, Vec::new(), |prefixes| prefixes.join(", ")),
        skip_lines: set.show(&key("skip_lines"), table.skip_lines.map(Some), None, |n| n.map_or("auto".to_owned(), |n| n.to_string())),
    }
}

/// What only some formats need to be told, and the layout file that is named.
fn format_options(
    set: &mut Settings,
    path: &Path,
    name: &str,
    table: &SideTable,
    layout: Option<&str>,
) -> Result<(FormatOptions, Option<(String, String)>), Diagnostic> {
    let direction = table.direction.as_ref().map(|direction| direction.0);
    if let Some(messages) = &table.messages {
        set.take(&format!("{name}.messages"), Some(messages.join(", ")), String::new());
    }
    if let Some(direction) = direction {
        set.take(&format!("{name}.direction"), Some(direction.name().to_owned()), String::new());
    }
    let (layout, layout_file) = layout.map(|layout| layout::load(path, layout)).transpose()?.unzip();
    Ok((FormatOptions { messages: table.messages.clone(), direction, layout }, layout_file.flatten()))
}

/// A file beside the orders and receipts: read the same way, without a clock of its own.
pub(crate) fn beside(set: &mut Settings, path: &Path, name: &str, table: ClientsTable) -> Result<SideConfig, Diagnostic> {
    let ClientsTable { paths, format, encoding, delimiter, quote, escape, comment, skip_lines, columns } = table;
    let (clock, messages, direction) = (None, None, None);
    let side_table =
        SideTable { paths, format, encoding, delimiter, quote, escape, comment, skip_lines, clock, messages, direction, columns };
    side(set, path, name, side_table)
}

/// How an identifier is found within its column's text.
fn transform(path: &Path, name: &str, column: Column, value: &ColumnValue) -> Result<Option<IdTransform>, Diagnostic> {
    let ColumnValue::Time(table) = value else { return Ok(None) };
    let wrong = |problem: Notice| {
        let (Notice { zh, en }, column) = (problem, column.name());
        let problem = (format!("[{name}] columns：`{column}`：{zh}"), format!("[{name}] columns: `{column}`: {en}"));
        Diagnostic::new("E0105", problem).in_file(path)
    };
    match (&table.strip_prefix, &table.pattern) {
        (None, None) => return Ok(None),
        _ if column.kind() == ColumnKind::Time => {
            let problem = ("strip_prefix 與 pattern 用於識別碼，不用於時間", "strip_prefix and pattern are for identifiers, not for times");
            return Err(wrong(problem.into()));
        }
        _ if table.time.is_some() => {
            let problem = ("strip_prefix 與 pattern 只用於單一欄位", "strip_prefix and pattern are for one column");
            return Err(wrong(problem.into()));
        }
        _ => (),
    }
    IdTransform::new(table.strip_prefix.as_deref(), table.pattern.as_deref()).map(Some).map_err(|problem| wrong(problem.into()))
}

/// A source column with everything that says how it is read.
fn described(value: &ColumnValue) -> String {
    let table = match value {
        ColumnValue::Named(name) => return name.clone(),
        ColumnValue::Time(table) => table,
    };
    let names = std::iter::once(table.column.as_str()).chain(table.time.as_deref()).collect::<Vec<_>>().join(" + ");
    let settings = [
        ("format", table.format.as_ref().map(|format| format.0.1.as_str())),
        ("zone", table.zone.as_ref().map(|zone| zone.0.name())),
        ("strip_prefix", table.strip_prefix.as_deref()),
        ("pattern", table.pattern.as_deref()),
    ];
    let given: Vec<String> = settings.iter().filter_map(|(key, value)| Some(format!("{key} = {:?}", (*value)?))).collect();
    if given.is_empty() { names } else { format!("{names} ({})", given.join(", ")) }
}

fn column_source(value: ColumnValue) -> ColumnSource {
    match value {
        ColumnValue::Time(TimeTable { column, time: None, format: None, zone: None, .. }) => ColumnSource::Named(column),
        ColumnValue::Named(name) => ColumnSource::Named(name),
        ColumnValue::Time(time) => ColumnSource::Time {
            column: time.column,
            time: time.time,
            format: time.format.map_or(TimeFormat::Iso, |format| format.0.0),
            zone: time.zone.map(|zone| zone.0),
        },
    }
}

/// Only a time is written in two columns, in a format or in a zone: on anything else it would be ignored.
pub(crate) fn check_time_tables(path: &Path, name: &str, side: Option<&SideConfig>) -> Result<(), Diagnostic> {
    for (column, source) in side.iter().flat_map(|side| side.mapping.iter()) {
        let ColumnSource::Time { time, format, zone, .. } = source else { continue };
        let problem = match (column.kind(), time, format) {
            (ColumnKind::Time, Some(_), TimeFormat::Epoch(_)) => {
                ("自 1970 年起算的數字在一個欄位裡，不是兩個", "a count since the epoch stands in one column, not in two")
            }
            (ColumnKind::Time, ..) => continue,
            _ if time.is_some() || zone.is_some() || *format != TimeFormat::Iso => {
                ("這不是時間：請只指明一個欄位", "it is not a time: name one column")
            }
            _ => continue,
        };
        let ((zh, en), column) = (problem, column.name());
        let problem = (format!("[{name}] columns：`{column}`：{zh}"), format!("[{name}] columns: `{column}`: {en}"));
        return Err(Diagnostic::new("E0104", problem).in_file(path));
    }
    Ok(())
}
