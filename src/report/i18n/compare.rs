//! Words of `compare`.

use serde::Serialize;

use crate::report::i18n::{Label, words};
use crate::report::model::Words;
use crate::report::numbers::shown_name;

macro_rules! labels {
    ($($key:ident: $zh:literal, $en:literal;)*) => {
        /// Labels by key.
        #[derive(Serialize)]
        pub(crate) struct CompareLabels { $(pub(crate) $key: Label,)* }
        pub(crate) const COMPARE: CompareLabels = CompareLabels { $($key: Label { zh: $zh, en: $en },)* };
    };
}

labels! {
    title: "兩項研究之比較", "Two studies compared";
    kind: "委託時戳公平性查核・比較", "Order-timestamp fairness, compared";
    studies: "兩項研究", "The two studies";
    study: "研究", "Study";
    name: "名稱", "Title";
    more_in_json: "其餘見 compare.json：", "the rest are in compare.json:";
    first: "第一項", "First";
    second: "第二項", "Second";
    difference: "差異（第二項減第一項）", "Difference (second minus first)";
    cautions: "比較前須知", "Before comparing";
    no_cautions: "設定、容許差、時區與版本皆相同，且無共同交易日或檔案。", "Options, margins, zone and version are the same, and no day or file is shared.";
    groups: "客戶群組", "Groups";
    pairs: "成對判定與效果", "Verdicts and effects by pair";
    findings: "查核發現", "Findings";
    scorecard: "八項查核發現", "The eight audit findings";
    matched: "已勾稽委託", "Matched orders";
    suppressed: "筆數或客戶過少，不列示", "too few orders or clients, not shown";
    absent: "無此群組", "not in the study";
    not_valid: "區間不成立（兩者非獨立）", "interval does not hold (not independent)";
    gone: "消失", "gone";
    new: "新增", "new";
    stayed: "仍在", "stayed";
    not_decided: "無從判定", "could not decide";
    undecided: "第二項無從判定，並非消失", "the second study could not decide: not gone";
    undecided_before: "第一項無從判定，未必為新", "the first study could not decide: not known to be new";
    not_run: "僅一項執行此查核，無從比較", "checked in one study only, not compared";
    change: "變化", "Change";
    effect: "效果", "Effect";
}

/// The word of a finding's change.
pub(crate) fn change(change: &str) -> Label {
    match change {
        "gone" => COMPARE.gone,
        "undecided" => COMPARE.undecided,
        "undecided_before" => COMPARE.undecided_before,
        "new" => COMPARE.new,
        "not_run" => COMPARE.not_run,
        _ => COMPARE.stayed,
    }
}

/// The same files in both.
pub(crate) fn shared_files(n: usize) -> Words {
    words(
        format!("兩項研究有 {n} 個相同的輸入檔（SHA-256 相同）：並非獨立，差異的區間不成立。"),
        format!("the two share {n} input file(s) by SHA-256: they are not independent, and the intervals of differences do not hold"),
    )
}

/// The same days in both.
pub(crate) fn shared_days(n: usize, first: &str, last: &str) -> Words {
    words(
        format!("兩項研究有 {n} 個共同交易日（{first} 至 {last}）：同日的市況相同，並非獨立，差異的區間不成立。"),
        format!(
            "the two share {n} trading day(s) ({first} to {last}): what happened on them is in both, and the intervals of differences do not hold"
        ),
    )
}

/// Another zone.
pub(crate) fn other_zone(one: &str, other: &str) -> Words {
    let (one, other) = (shown_name(one, 40), shown_name(other, 40));
    words(
        format!("時區不同：{one} 與 {other}，交易日與時段的切分因而不同。"),
        format!("other time zones, {one} and {other}: trading days and slots are cut otherwise"),
    )
}

/// Another program.
pub(crate) fn other_version(one: &str, other: &str) -> Words {
    let (one, other) = (shown_name(one, 40), shown_name(other, 40));
    words(format!("程式版本不同：{one} 與 {other}。"), format!("other versions of the program: {one} and {other}"))
}

/// Other pseudonyms.
pub(crate) fn other_key() -> Words {
    words("兩者的代號不是同一把金鑰所產生，客戶無法對應。", "their pseudonyms were not made with one key: clients cannot be matched")
}

/// Another option.
pub(crate) fn other_option(name: &str, one: &str, other: &str) -> Words {
    let name = shown_name(name, 60);
    // A section that one study does not have leaves nothing to quote.
    let or = |value: &str, none: &str| if value.is_empty() { none.to_owned() } else { shown_name(value, 60) };
    words(
        format!("設定 {name} 不同：{} 與 {}。", or(one, "（未設定）"), or(other, "（未設定）")),
        format!("{name} differs: {} and {}", or(one, "(not set)"), or(other, "(not set)")),
    )
}

/// A whole table of study.toml that one study has alone.
pub(crate) fn section_of_one(section: &str, in_first: bool) -> Words {
    let section = shown_name(section, 40);
    let (zh, en) = if in_first { (COMPARE.first.zh, "first") } else { (COMPARE.second.zh, "second") };
    words(format!("僅{zh}設定了 [{section}]。"), format!("only the {en} study sets [{section}]"))
}

/// Small cells are not shown.
pub(crate) fn suppressed_note(orders: u64, clients: u64) -> Words {
    words(
        format!("委託少於 {orders} 筆或客戶少於 {clients} 位的群組不列示，含該群組的組合亦同。"),
        format!("groups of fewer than {orders} orders or {clients} clients are not shown, nor are their pairs"),
    )
}

/// The message of the chart.
pub(crate) fn differences_title(moved: usize, of: usize, independent: bool) -> Words {
    if !independent {
        return words(
            "中位數差的變化；兩項研究並非獨立，不列區間",
            "Change of the median gap; the studies are not independent, so there is no interval",
        );
    }
    words(
        format!("{of} 個組合中有 {moved} 個的中位數差有可辨的變化"),
        format!("The median gap of {moved} of {of} pairs changed discernibly"),
    )
}

/// Under the chart's title.
pub(crate) const DIFFERENCES_AXIS: Label = Label {
    zh: "第二項減第一項；有區間者為 95 %；負值表示後者較不利的程度減少",
    en: "second minus first; intervals, where there are any, 95 %; below zero the second group is less worse off than before",
};
