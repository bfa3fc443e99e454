//! Separated text to records with the line each starts on (RFC 4180, blank lines skipped).

/// A record and the line it starts on, from 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SplitRecord {
    pub(crate) line: u64,
    pub(crate) fields: Vec<String>,
    /// The record as it stood.
    pub(crate) raw: String,
    /// Whether a quotation mark in it is never closed: it holds the rest of the file.
    pub(crate) is_open: bool,
}

/// Every record of `text`, the header first, one at a time. The separator is the one of comma, tab, semicolon and bar that the first line
/// holds most.
pub(crate) fn split(text: &str) -> impl Iterator<Item = SplitRecord> + '_ {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let first = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let n_of = |mark: &char| first.matches(*mark).count();
    let separator = [',', '\t', ';', '|'].into_iter().rev().max_by_key(n_of).unwrap_or(',');
    let (mut line, mut rest) = (1, text);
    let next = move || {
        (!rest.is_empty()).then(|| {
            let (fields, length, is_open) = record(rest, separator);
            let (own, after) = rest.split_at(length);
            let (raw, at) = (own.trim_end_matches(['\n', '\r']), line);
            (line, rest) = (line + own.matches('\n').count() as u64, after);
            SplitRecord { line: at, fields, raw: raw.to_owned(), is_open }
        })
    };
    std::iter::from_fn(next).filter(|record| !record.raw.trim().is_empty())
}

/// The fields of the first record, its length with the line end, and whether it ends within quotation marks.
fn record(text: &str, separator: char) -> (Vec<String>, usize, bool) {
    let (mut fields, mut field, mut quoted) = (Vec::new(), String::new(), false);
    let mut characters = text.char_indices().peekable();
    while let Some((at, character)) = characters.next() {
        match character {
            '"' if quoted => {
                if characters.next_if(|(_, next)| *next == '"').is_some() {
                    field.push('"');
                } else {
                    quoted = false;
                }
            }
            '"' if field.is_empty() => quoted = true,
            '\n' if !quoted => {
                finish(&mut fields, &mut field);
                return (fields, at + 1, false);
            }
            other if other == separator && !quoted => finish(&mut fields, &mut field),
            other => field.push(other),
        }
    }
    finish(&mut fields, &mut field);
    (fields, text.len(), quoted)
}

fn finish(fields: &mut Vec<String>, field: &mut String) {
    fields.push(std::mem::take(field).trim().to_owned());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_counted_through_quotes_blank_lines_and_both_line_ends() {
        let records: Vec<SplitRecord> = split("\u{feff}a,b\r\n\r\n1,\"x\ny, \"\"z\"\"\"\r\n2,\n3;,4").collect();
        let seen: Vec<(u64, Vec<&str>)> =
            records.iter().map(|record| (record.line, record.fields.iter().map(String::as_str).collect())).collect();
        assert_eq!(seen, [(1, vec!["a", "b"]), (3, vec!["1", "x\ny, \"z\""]), (5, vec!["2", ""]), (6, vec!["3;", "4"])]);
    }

    #[test]
    fn the_separator_is_the_one_of_the_header() {
        assert_eq!(split("a\tb\n1,5\t2").nth(1).map(|record| record.fields), Some(vec!["1,5".to_owned(), "2".to_owned()]));
        assert_eq!(split("a\n1").nth(1).map(|record| record.fields), Some(vec!["1".to_owned()]));
        assert!(split("\n \n").next().is_none());
        assert_eq!(split("a,b\n1,\"x\n2,y\n").map(|record| record.is_open).collect::<Vec<_>>(), [false, true]);
    }
}
