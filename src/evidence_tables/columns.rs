//! The words that columns of evidence tables take, and how a table is put together.

use crate::evidence_tables::{ColumnSpec, Covers, Kind, Section, TableSpec};
use crate::rules::Text;

/// Whose somebody or something is.
pub(crate) const PARTY: Kind = Kind::Choice(&[
    ("broker", &["staff", "house", "本公司", "證券商", "券商", "員工", "內部", "自營"]),
    ("vendor", &["廠商", "委外", "委外廠商", "供應商"]),
    ("client", &["customer", "客戶", "投資人"]),
    ("third", &["third party", "other", "第三人", "其他"]),
]);
/// Whether a text is one of the words for a kind of party, and so no name of one.
#[must_use]
pub fn is_party_word(text: &str) -> bool {
    let Kind::Choice(words) = PARTY else { return false };
    words.iter().any(|(word, also)| word.eq_ignore_ascii_case(text) || also.iter().any(|other| other.eq_ignore_ascii_case(text)))
}

pub(crate) const PRIVILEGE: Kind = Kind::Choice(&[
    ("highest", &["top", "admin", "administrator", "root", "最高", "最高權限"]),
    ("normal", &["user", "ordinary", "一般", "一般權限"]),
]);
pub(crate) const DECISION: Kind =
    Kind::Choice(&[("approved", &["核准", "同意", "通過"]), ("refused", &["rejected", "拒絕", "駁回", "否准"])]);
pub(crate) const TREATMENT: Kind =
    Kind::Choice(&[("patch", &["修補", "修補程式"]), ("accept", &["接受", "接受風險"]), ("mitigate", &["緩解", "替代措施"])]);

pub(crate) const ASSETS: Kind = Kind::Choice(&[
    ("software", &["軟體"]),
    ("hardware", &["硬體", "設備"]),
    ("site", &["場地", "場所"]),
    ("data", &["資料"]),
    ("all", &["全部"]),
]);
pub(crate) const EVERY: Kind = Kind::Choice(&[("month", &["monthly", "每月"]), ("half_year", &["half-yearly", "half yearly", "每半年"])]);

/// A column that may be empty.
pub(crate) const fn column(name: &'static str, zh: &'static str, kind: Kind) -> ColumnSpec {
    ColumnSpec { name, zh, also: &[], kind, required: false }
}

/// A column without which a row says nothing.
pub(crate) const fn required(name: &'static str, zh: &'static str, kind: Kind) -> ColumnSpec {
    ColumnSpec { name, zh, also: &[], kind, required: true }
}

/// A table of rows that nothing is said of but these.
pub(crate) const fn table(
    name: &'static str,
    section: Section,
    covers: Covers,
    about: Text,
    columns: &'static [ColumnSpec],
    example: &'static [&'static str],
) -> TableSpec {
    TableSpec {
        name,
        section,
        about,
        columns,
        key: &[],
        in_order: &[],
        apart: false,
        belied: &[],
        covers,
        events: false,
        open: false,
        example,
    }
}
