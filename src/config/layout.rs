//! The layout of fixed-width records: one of the exchange's, or a file beside study.toml.
//!
//! ```toml
//! length = 40                         # bytes of a record without its line end; left out: to the end of the last field
//! fields = [
//!   { name = "id", start = 1, len = 12 },
//!   { name = "time", start = 13, len = 12, type = "time" },      # text | number | signed | time
//! ]
//! ```

use std::path::Path;
use std::sync::Arc;

use serde::Deserialize;

use crate::config::small::read_text;
use crate::config::words::toml_diagnostic;
use crate::ingest::{FieldKind, FixedField, FixedLayout};
use crate::record::Diagnostic;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LayoutFile {
    length: Option<usize>,
    fields: Vec<FieldTable>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FieldTable {
    name: String,
    start: usize,
    len: usize,
    #[serde(rename = "type", default)]
    kind: KindText,
}

#[derive(Deserialize)]
#[serde(try_from = "String")]
struct KindText(FieldKind);

impl Default for KindText {
    fn default() -> Self {
        Self(FieldKind::Text)
    }
}

impl TryFrom<String> for KindText {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        let unknown = || format!("type \"{text}\" is not known; write \"text\", \"number\", \"signed\" or \"time\"");
        FieldKind::named(&text).map(Self).ok_or_else(unknown)
    }
}

/// A layout, and the path and text of its file where it is one.
type Loaded = (Arc<FixedLayout>, Option<(String, String)>);

/// The layout that `study`, the path of study.toml, calls `name`.
///
/// # Errors
/// When a layout file cannot be read, or is no layout.
pub(crate) fn load(study: &Path, name: &str) -> Result<Loaded, Diagnostic> {
    if let Some(layout) = FixedLayout::built_in(name) {
        return Ok((Arc::new(layout), None));
    }
    let path = study.parent().unwrap_or(Path::new("")).join(name);
    let text = read_text(&path).map_err(|unread| {
        let said = unread.said();
        let problem = (format!("無法讀取版面：{}", said.zh), format!("cannot read the layout: {}", said.en));
        Diagnostic::new("E0106", problem).in_file(&path).help((
            "版面是 \"twse-59\"、\"twse-63\"，或 study.toml 旁的檔案，內容為 fields = [{ name, start, len, type }]",
            "a layout is \"twse-59\", \"twse-63\", or a file beside study.toml with fields = [{ name, start, len, type }]",
        ))
    })?;
    let file: LayoutFile = toml::from_str(&text).map_err(|error| toml_diagnostic(&path, &text, &error))?;
    let field = |FieldTable { name, start, len, kind }| FixedField { name, start, len, kind: kind.0 };
    let layout = FixedLayout::new(name, file.length, file.fields.into_iter().map(field).collect());
    let layout =
        layout.map_err(|problem| Diagnostic::new("E0106", problem).in_file(&path).help(("位元組從 1 起算", "bytes are counted from 1")))?;
    Ok((Arc::new(layout), Some((name.to_owned(), text))))
}
