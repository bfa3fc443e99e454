//! What is said of a study file that is wrong.

use std::path::Path;

use crate::config::small::{Unread, read_text};
use crate::record::{Column, Diagnostic, Place};

/// Where to look a key up.
const WHERE_KEYS_ARE: (&str, &str) =
    ("每個鍵與可用的值見 docs/formats.md 的 study.toml 一節", "docs/formats.md lists every key and its values, under study.toml");

/// What to write instead of a backslash between double quotes, which is most often one of a Windows path.
const ESCAPES: (&str, &str) = (
    "雙引號內之反斜線另有意義：Windows 路徑請改用 / 分隔，或以單引號括住",
    "a backslash between double quotes has a meaning of its own: write Windows paths with /, or between single quotes",
);

/// The language of a study whose file may be wrong elsewhere: for saying so. `None` where it names none that is known.
#[must_use]
pub fn language_of(path: &Path) -> Option<&'static str> {
    let text = read_text(path).ok()?;
    let value = text.lines().find_map(|line| line.trim_start().strip_prefix("language")?.trim_start().strip_prefix('='))?;
    ["zh-TW", "en"].into_iter().find(|tag| value.trim_start().starts_with(&format!("\"{tag}\"")))
}

/// Why a study file cannot be read at all.
pub(crate) fn cannot_read_study(path: &Path, unread: &Unread) -> Diagnostic {
    if matches!(unread, Unread::Failed(error) if error.kind() == std::io::ErrorKind::InvalidData) {
        let problem = ("設定檔不是 UTF-8 文字", "the study is no text in UTF-8");
        let help = ("請以 UTF-8 另存新檔（記事本：存檔時選編碼 UTF-8）", "save it as UTF-8 (Notepad: encoding UTF-8 when saving)");
        return Diagnostic::new("E0100", problem).in_file(path).help(help);
    }
    let said = unread.said();
    let problem = (format!("無法讀取設定檔：{}", said.zh), format!("cannot read the study: {}", said.en));
    Diagnostic::new("E0100", problem).in_file(path).help((
        "請指明 study.toml；`colofair demo` 會寫出一份可供修改的範例",
        "name a study.toml; `colofair demo` writes one to start from",
    ))
}

/// A TOML error as a diagnostic with its line.
pub(crate) fn toml_diagnostic(path: &Path, text: &str, error: &toml::de::Error) -> Diagnostic {
    let message = error.message().trim().replace('\n', "; ");
    let help = if message.starts_with("missing escaped value") { ESCAPES } else { WHERE_KEYS_ARE };
    let problem = Diagnostic::new("E0101", (in_chinese(&message), message)).help(help);
    let Some(span) = error.span() else { return problem.in_file(path) };
    let before = &text[..span.start.min(text.len())];
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    let line = before.matches('\n').count() as u64 + 1;
    let column = text[line_start..span.start.min(text.len())].chars().count() as u64 + 1;
    let shown = text[line_start..].lines().next().unwrap_or_default();
    problem.at(Place { path: path.to_path_buf(), line, column, byte: None }).excerpt(shown)
}

/// That a section lacks a column it cannot do without.
pub(crate) fn not_mapped(path: &Path, section: &str, column: Column) -> Diagnostic {
    let column = column.name();
    let problem = (format!("[{section}] columns 必須指明 `{column}`"), format!("[{section}] columns must name `{column}`"));
    Diagnostic::new("E0103", problem).in_file(path).help((
        format!("請在 [{section}] columns 加上 {column} = \"檔案裡的欄名\""),
        format!("add {column} = \"your column's name\" to [{section}] columns"),
    ))
}

/// How a message starts, what stands between its two parts, and the same in Chinese.
const SHAPES: [(&str, &str, &str, &str); 17] = [
    ("unknown field ", ", expected ", "不認得的鍵 ", "；可用的是 "),
    ("unknown variant ", ", expected ", "不認得的值 ", "；可用的是 "),
    ("invalid type: ", ", expected ", "型別不對：寫的是 ", "，應為 "),
    ("invalid value: ", ", expected ", "值不對：寫的是 ", "，應為 "),
    ("missing field ", "", "缺少鍵 ", ""),
    ("duplicate key", "", "鍵重複了", ""),
    ("", " is not known; write ", "", " 不是已知的值；請寫 "),
    ("", " is not one this version reads; write ", "", " 此版本不讀取；請寫 "),
    ("", " is not read; write ", "", " 不能讀取；請寫 "),
    ("", " is not a column colofair knows; it knows ", "", " 不是 colofair 認得的欄位；可用的是 "),
    ("", " is not a time span; write for example ", "", " 不是時間長度；請寫例如 "),
    ("unknown time zone ", "; write an IANA name such as ", "不認得的時區 ", "；請寫 IANA 名稱，例如 "),
    ("", " is not a date and the local time it closes at, such as ", "", " 不是日期與當地收盤時刻，例如 "),
    ("", " is not a date such as ", "", " 不是日期，例如 "),
    ("", " is not a share between 0 and ", "", " 不是比例，須介於 0 與 "),
    ("", " is not between 0 and ", "", " 須介於 0 與 "),
    ("", " is not a block of serials such as ", "", " 不是序號區段，例如 "),
];

/// What the grammar finds wrong, and the same in Chinese; what it expected instead stands behind a comma.
const GRAMMAR: [(&str, &str); 17] = [
    ("unclosed array", "陣列沒有結尾"),
    ("unclosed inline table", "行內表沒有結尾"),
    ("unclosed table", "節名沒有結尾"),
    ("invalid basic string", "字串寫法不對"),
    ("invalid literal string", "字串寫法不對"),
    ("string values must be quoted", "字串須加引號"),
    ("key with no value", "鍵沒有值"),
    ("missing value", "缺少值"),
    ("missing value for key", "鍵沒有值"),
    ("missing comma between array elements", "陣列元素之間缺逗號"),
    ("missing comma between key-value pairs", "鍵值之間缺逗號"),
    ("missing assignment between key-value pairs", "鍵與值之間缺等號"),
    ("extra comma in inline table", "行內表多了逗號"),
    ("extra assignment between key-value pairs", "多了等號"),
    ("unexpected key or value", "此處不應有鍵或值"),
    ("invalid unquoted key", "鍵含有不可用之字元"),
    ("missing escaped value", "反斜線之後的字元不可用"),
];

/// What stands for a value of a type in a message, and the same in Chinese.
const TYPES: [(&str, &str); 8] = [
    ("a string", "字串"),
    ("string ", "字串 "),
    ("integer ", "整數 "),
    ("floating point ", "小數 "),
    ("boolean ", "真偽值 "),
    ("a boolean", "真偽值（true 或 false）"),
    ("a sequence", "陣列"),
    ("map", "表，或未加引號之日期"),
];

/// The message in Chinese where it has one of the usual shapes; else as it is, behind what it is about.
fn in_chinese(message: &str) -> String {
    let (found, expected) = message.split_once(", expected ").unwrap_or((message, ""));
    if let Some((_, zh)) = GRAMMAR.iter().find(|(en, _)| *en == found) {
        return if expected.is_empty() { (*zh).to_owned() } else { format!("{zh}，應有 {}", expected.replace(" or ", " 或 ")) };
    }
    for (start, middle, zh_start, zh_middle) in SHAPES {
        let Some(rest) = message.strip_prefix(start) else { continue };
        match rest.split_once(middle) {
            _ if middle.is_empty() => return format!("{zh_start}{rest}"),
            Some((first, second)) => {
                let types = |part: &str| match start {
                    "invalid type: " => TYPES.iter().fold(part.to_owned(), |part, (en, zh)| match part.strip_prefix(en) {
                        Some(rest) => format!("{zh}{rest}"),
                        None => part,
                    }),
                    _ => part.to_owned(),
                };
                let (first, second) = (types(first), types(second).replace("one of ", "").replace(" or ", " 或 "));
                return format!("{zh_start}{first}{zh_middle}{second}");
            }
            None => (),
        }
    }
    format!("這一行讀不懂：{message}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_messages_are_said_in_chinese_and_others_are_not_lost() {
        for (message, expected) in [
            ("unknown field `pths`, expected one of `paths`, `format`", "不認得的鍵 `pths`；可用的是 `paths`, `format`"),
            ("invalid type: integer `3`, expected a string", "型別不對：寫的是 整數 `3`，應為 字串"),
            ("unclosed array, expected `]`", "陣列沒有結尾，應有 `]`"),
            ("invalid type: map, expected a string", "型別不對：寫的是 表，或未加引號之日期，應為 字串"),
            ("\"acount\" is not a column colofair knows; it knows account", "\"acount\" 不是 colofair 認得的欄位；可用的是 account"),
            ("alpha = 5 is not between 0 and 0.5", "alpha = 5 須介於 0 與 0.5"),
            ("invalid type: string \"a string\", expected a boolean", "型別不對：寫的是 字串 \"a string\"，應為 真偽值（true 或 false）"),
            ("missing field `orders`", "缺少鍵 `orders`"),
            ("language \"fr\" is not known; write \"zh-TW\" or \"en\"", "language \"fr\" 不是已知的值；請寫 \"zh-TW\" 或 \"en\""),
            ("format \"xls\" is not one this version reads; write \"csv\"", "format \"xls\" 此版本不讀取；請寫 \"csv\""),
            ("expected `=`", "這一行讀不懂：expected `=`"),
        ] {
            assert_eq!(in_chinese(message), expected);
        }
    }
}
