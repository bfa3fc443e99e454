//! rejects.csv: every row that did not enter the study.

use crate::ingest::Reject;

/// The file's text: header, then one line a reject in file and row order.
#[must_use]
pub fn rejects_csv(rejects: &[Reject]) -> String {
    let mut text = String::from("file,line,byte_offset,column,code,message,raw\n");
    for reject in rejects {
        let offset = reject.byte_offset.map(|byte| byte.to_string()).unwrap_or_default();
        let line = reject.line.to_string();
        let fields = [&*reject.file, &line, &offset, reject.column, reject.code.name(), &reject.message, &reject.raw];
        text.push_str(&fields.map(quoted).join(","));
        text.push('\n');
    }
    text
}

/// RFC 4180; the raw bytes of a row are kept as they were, so a formula in one stays visible and quoted.
pub(crate) fn quoted(field: &str) -> String {
    if field.contains([',', '"', '\n', '\r']) || field.starts_with(['=', '+', '-', '@']) {
        format!("\"{}\"", field.replace('"', "\"\""))
    } else {
        field.to_owned()
    }
}
