//! Words for the values of tables: codes as they stand in Parquet and result.json, as people read them.

use crate::report::i18n::{LABELS, Label, Language, passing_between, severity, verdict};
use crate::report::model::Words;

const fn label(zh: &'static str, en: &'static str) -> Label {
    Label { zh, en }
}

/// The word of a value in a column of a table; `None` where the column holds the broker's own values, or the value is no code.
pub(crate) fn value_word(column: &str, value: &str) -> Option<Label> {
    let column = column.strip_prefix("other_").unwrap_or(column);
    match (column, value) {
        ("class", class) => class_word(class),
        ("kind", "house_ahead") => Some(label("自營先於客戶", "house ahead of a client")),
        ("kind", "client_ahead") => Some(label("客戶先於其他客戶", "client ahead of another")),
        ("kind", "house_ahead_tie") => Some(label("自營先於客戶（收單先後無法分辨）", "house ahead of a client, receipts tie")),
        ("verdict", "confirmed" | "insufficient") => Some(verdict(value)),
        ("severity", "high" | "medium" | "low") => Some(severity(value)),
        ("side", "orders") => Some(LABELS.orders),
        ("side", "receipts") => Some(LABELS.receipts),
        ("side", "reports") => Some(label("回報", "reports")),
        ("earlier" | "later", "(others)") => Some(label("（其他客戶）", "(others)")),
        ("by", by) => Some(passing_between(by)),
        ("scope", scope) => scope_word(scope),
        ("phase", phase) => phase_word(phase),
        ("receipt_order_decides", "yes") => Some(label("是", "yes")),
        ("receipt_order_decides", "medium") => Some(label("部分", "in part")),
        ("receipt_order_decides", "no") => Some(label("否", "no")),
        _ => None,
    }
}

/// The flags of a case, joined by commas.
pub(crate) fn flag_words(flags: &str, language: Language) -> String {
    let word = |flag: &str| match flag {
        "excepted" => label("有例外紀錄", "excepted").pick(language).to_owned(),
        "large" => label("大額委託", "large").pick(language).to_owned(),
        "price_unknown" => label("價格不明", "price unknown").pick(language).to_owned(),
        other => other.to_owned(),
    };
    flags.split(',').map(word).collect::<Vec<_>>().join(if language == Language::En { ", " } else { "、" })
}

/// The class of a row of the reconciliation.
pub(crate) fn class_word(class: &str) -> Option<Label> {
    Some(match class {
        "matched" => LABELS.matched,
        "missing_receipt" => LABELS.no_receipt,
        "ambiguous" => LABELS.ambiguous,
        "duplicate_order" => LABELS.duplicate_order,
        "orphan_receipt" => LABELS.no_order,
        "duplicate_receipt" => LABELS.duplicate_receipt,
        _ => return None,
    })
}

/// Within what orders pass one another.
pub(crate) fn scope_word(scope: &str) -> Option<Label> {
    Some(match scope {
        "instrument" => label("同商品", "same instrument"),
        "instrument_side" => label("同商品同方向", "same instrument and side"),
        "same_price" => label("同商品同方向同價", "same instrument, side and price"),
        "line" => label("同線路", "same line"),
        "all" => label("全部委託", "all orders"),
        _ => return None,
    })
}

fn phase_word(phase: &str) -> Option<Label> {
    Some(match phase {
        "closed" => label("非交易時段", "closed"),
        "whole_day" => label("全日", "whole day"),
        "pre_open" => label("開盤前", "before the open"),
        "continuous" => label("盤中", "continuous"),
        "closing_call" => label("收盤集合競價", "closing call"),
        "after_hours" => label("盤後", "after hours"),
        _ => return None,
    })
}

/// A stage such as "received_at -> sent_at".
pub(crate) fn stage_words(stage: &str) -> Words {
    let end = |name: &str| match name {
        "decided_at" => LABELS.decided,
        "received_at" => LABELS.received,
        "recorded_at" => label("寫入紀錄", "Recorded"),
        "sent_at" => LABELS.sent,
        "acknowledged_at" => LABELS.acknowledged,
        _ => LABELS.unknown,
    };
    let Some((from, to)) = stage.split_once(" -> ") else { return Words { zh: stage.to_owned(), en: stage.to_owned() } };
    let (from, to) = (end(from), end(to));
    Words { zh: format!("{} \u{2192} {}", from.zh, to.zh), en: format!("{} \u{2192} {}", from.en, to.en.to_lowercase()) }
}

/// Where a setting came from.
pub(crate) fn origin_word(origin: &str) -> Label {
    match origin {
        "default" => label("預設", "default"),
        "environment" => label("環境變數", "environment"),
        "flag" => label("命令列", "flag"),
        "computed" => label("計算", "computed"),
        _ => label("study.toml", "study.toml"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_become_words_and_the_brokers_own_values_stay() {
        let zh = |column: &str, value: &str| value_word(column, value).map(|word| word.zh);
        assert_eq!(zh("other_side", "orders"), Some("委託"));
        assert_eq!(zh("verdict", "insufficient"), Some("證據不足"));
        assert_eq!([zh("side", "B"), zh("kind", "limit-rod"), zh("group", "house")], [None; 3]);
        assert_eq!(stage_words("received_at -> sent_at").zh, "收單 \u{2192} 送出");
        assert_eq!(flag_words("excepted,large", Language::ZhTw), "有例外紀錄、大額委託");
    }
}
