//! What is said about a text file once it was read.

use std::collections::BTreeMap;

use crate::ingest::Notice;
use crate::ingest::text::detect::Detected;
use crate::ingest::text::encoding::Encoding;
use crate::ingest::text::stream::Packing;

/// How a text file was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextReport {
    /// Its encoding.
    pub encoding: Encoding,
    /// How it was packed.
    pub packing: Packing,
    /// User-defined characters (造字) of CP950, as private use characters, with how often each occurs.
    pub user_defined: BTreeMap<char, u64>,
    /// What the user should know.
    pub notices: Vec<Notice>,
}

impl TextReport {
    /// Of a file named `name` that was read as `detected` says.
    pub(crate) fn new(name: &str, packing: Packing, detected: Detected, user_defined: BTreeMap<char, u64>) -> Self {
        let mut report = Self { encoding: detected.encoding, packing, user_defined, notices: Vec::new() };
        if !detected.sure {
            let ((zh, en), encoding) = (detected.why.words(), detected.encoding.name());
            report.notices.push(Notice {
                zh: format!("{name} 以 {encoding} 讀取，但不能確定（{zh}）；請在設定檔以 encoding 指明"),
                en: format!("{name} was read as {encoding}, which is not certain ({en}); say which with `encoding` in study.toml"),
            });
        }
        report.notices.extend(user_defined_notice(name, &report.user_defined));
        report
    }
}

fn user_defined_notice(name: &str, found: &BTreeMap<char, u64>) -> Option<Notice> {
    let total: u64 = found.values().sum();
    let shown: Vec<String> = found.iter().take(8).map(|(one, n)| format!("U+{:04X} x{n}", *one as u32)).collect();
    let more = if found.len() > 8 { ", ..." } else { "" };
    let shown = format!("{}{more}", shown.join(", "));
    (total > 0).then(|| Notice {
        zh: format!("{name} 有 {total} 個造字（{} 種：{shown}），照 Windows 的對應讀為私用區字元；字形須向資料來源查明", found.len()),
        en: format!(
            "{name} holds {total} user-defined characters ({} different: {shown}), read as the private use characters Windows gives them; ask the source what they look like",
            found.len()
        ),
    })
}
