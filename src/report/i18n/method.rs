//! The method in plain words, for a reader who is not a statistician, and what the words of the report mean.
//!
//! Nothing here depends on a result: figures stand in the sections, formulas in `docs/methodology.md`.

use crate::report::i18n::Label;

/// A heading and a paragraph.
pub(crate) type Entry = (Label, Label);

const fn entry(zh: [&'static str; 2], en: [&'static str; 2]) -> Entry {
    (Label { zh: zh[0], en: en[0] }, Label { zh: zh[1], en: en[1] })
}

/// How the verdict comes about, step by step.
pub(crate) const METHOD: [Entry; 8] = [
    entry(
        ["要回答的問題", "每筆委託自券商收到至送往交易所歷時多久？其他條件相同時，某一群客戶是否等得較久、較常被後到者越過？"],
        [
            "The question",
            "How long did each order wait between the broker's receipt and its sending to the exchange? Other things being equal, did one group of clients wait longer, or was it passed more often by orders that came later?",
        ],
    ),
    entry(
        ["勾稽", "每筆委託以識別碼對到一筆收單紀錄。對不到、重複、歸屬不明者逐筆列出並計數，兩邊加總必須等於讀入列數；不以猜測補足。"],
        [
            "Reconciliation",
            "Each order is joined by its identifier to one receipt. Orders without one, copies and ambiguous ones are listed and counted, and both sides must add up to the rows read. Nothing is guessed.",
        ],
    ),
    entry(
        [
            "同類相比",
            "忙碌的時刻人人都慢。故只比較同一商品、同一委託種類、同一時段、收單當下負載相近的委託；只有一群客戶的情形不予比較，其占比列為「可比較比例」。",
        ],
        [
            "Like with like",
            "In a busy moment everybody waits. Only orders of the same instrument, kind, time slot and a similar load at receipt are compared. Where one group stands alone there is no comparison; the share that could be compared is printed.",
        ],
    ),
    entry(
        [
            "三個量",
            "中位數差：後者減前者之中位延遲。尾端超額：同種類、同負載之委託中最慢的百分之一，在兩群之占比差。超越差：後到卻先送出之比率，兩個方向相減。三者各有事前訂定之容許差，小於容許差者視為無關緊要。",
        ],
        [
            "Three measures",
            "Median gap: median latency, second group minus first. Tail excess: how much more often an order is among the slowest hundredth of its kind at equal load. Overtaking: how much more often a later order left first, one direction minus the other. Each has a margin stated beforehand; less than that is immaterial.",
        ],
    ),
    entry(
        [
            "誤差",
            "同一時段、同一客戶的委託彼此相似，筆數再多也不等於同樣多的獨立證據。故誤差以時段與客戶為單位計算，而非逐筆；區間因此較寬，也較誠實。",
        ],
        [
            "Error",
            "Orders of one half hour and of one client resemble each other: a million of them are not a million independent facts. Errors are therefore counted by time block and by client, not by order. Intervals are wider for it, and honest.",
        ],
    ),
    entry(
        [
            "判定",
            "不公平：至少一個量在計入誤差與全部比較次數後仍超過容許差，且移除任一客戶後依然成立。公平：三個量之區間全部落在容許差內；「看不出差異」不算公平。個別客戶：差異繫於少數具名客戶。其餘為無法判定，並列明原因及所需資料。",
        ],
        [
            "Verdicts",
            "Unfair: at least one measure exceeds its margin after errors and the number of comparisons are allowed for, and does so without any single client. Fair: the intervals of all three lie within their margins; not seeing a difference is not enough. Single clients: the difference hangs on a few, who are named. Otherwise inconclusive, with the reason and what would be needed.",
        ],
    ),
    entry(
        [
            "再看一次",
            "認定不公平前，凡逾容許差之量均改以更細之條件再比一次：更短的時段、同樣連續遞單者、他人在途筆數更接近者、同一商品或分區排隊情形相近者、距前一筆同樣久者、閘道與商品閒置同樣久者、前方各種類委託筆數相同者、同一秒內收到者。對任何人都相同的排隊與流量限制，在此即不再逾容許差，故不據以認定；認定公平前亦反向檢視：遭扣留之委託不因其本身即為負載而無從比較；每日、每時段、每一種類、商品與客戶，以及各組自己之委託逐筆計算時，亦須在容許差內。",
        ],
        [
            "Second looks",
            "Before anybody is accused, each measure beyond its margin is taken again among orders more alike: in shorter slots, sent in like bursts, with as many of others waiting, in a like queue of their instrument or shard, after as long a pause, after as long a quiet of gateway and instrument, behind the same kinds of orders, in the same second. What queues and limits do to anybody no longer exceeds the margin there, and accuses nobody. Before FAIR the question is turned round: an order that is held is itself a load, and must not drop out of the comparison for it; and each day, half hour, kind, instrument and client, and each group by its own orders one by one, has to be within the margins too.",
        ],
    ),
    entry(
        [
            "先決條件",
            "時戳過粗、兩組時鐘似有偏差、有偽造跡象、客戶或交易日太少、兩群不可比、紀錄缺漏過多時，不作公平或不公平之判定；缺漏之紀錄或群組不明之委託足以改變結論時，不作公平之判定。檢查項目與門檻見各對之說明及設定；說明後之代碼可用 colofair explain 查詢。",
        ],
        [
            "Gates",
            "Where stamps are too coarse, the clocks of the groups seem to be off, signs of fabrication present, clients or days too few, groups not comparable, or too many records missing, neither fair nor unfair is said; where missing records or orders of no known group could turn the result, fair is not said. Each pair states the gates that closed; colofair explain tells of the code behind each reason.",
        ],
    ),
];

/// Words of the report.
pub(crate) const GLOSSARY: [Entry; 12] = [
    entry(
        ["收單時間", "券商系統收到客戶委託之時戳（received_at）。"],
        ["Receipt time", "When the broker's system received the client's order (received_at)."],
    ),
    entry(["送出時間", "委託送往交易所之時戳（sent_at）。"], ["Sending time", "When the order was sent to the exchange (sent_at)."]),
    entry(
        ["延遲", "送出時間減收單時間，整數奈秒；負值保留並單獨計數。"],
        ["Latency", "Sending time minus receipt time, whole nanoseconds; negative values are kept and counted."],
    ),
    entry(
        ["容許差", "小於此值之差異視為無關緊要；來源列於設定。"],
        ["Margin", "A smaller difference is held immaterial; its source stands among the options."],
    ),
    entry(
        ["區間", "估計值的不確定範圍；判定公平所用者之信賴水準隨群組數而定。"],
        ["Interval", "How uncertain an estimate is; the level of those FAIR is judged by depends on the number of groups."],
    ),
    entry(
        ["p 值", "若真實差異未超過容許差，仍會得到如此結果之機率；經 Holm 法按比較次數調整。"],
        [
            "p",
            "The chance of such a result if the true difference did not exceed the margin; adjusted for the number of comparisons (Holm).",
        ],
    ),
    entry(
        ["百分位", "最近序位法：第 ⌈p·n⌉ 小的值。p99 為最慢的 1 % 之起點。"],
        ["Percentile", "Nearest rank: the ⌈p·n⌉-th smallest value. p99 is where the slowest 1 % begin."],
    ),
    entry(
        ["時段（區塊）", "計算誤差之單位，預設半小時，不跨交易階段與交易日。"],
        ["Block", "The unit of error, half an hour by default, never across a trading phase or day."],
    ),
    entry(
        ["可比較比例", "落在兩群皆有委託之比較格內之委託占比。"],
        ["Comparable", "Share of the pair's orders in cells that hold both groups."],
    ),
    entry(
        ["選擇閘道所致", "差異中因券商把委託分到不同閘道而生之部分；不自判定扣除。"],
        [
            "Choice of gateway",
            "The part of a gap that comes from the broker sending orders to different gateways; never taken off the verdict.",
        ],
    ),
    entry(
        ["可證明／表面／無法分辨", "先後超出時戳解析度與時鐘誤差者為可證明；僅依時戳字面者為表面；之內者無法分辨。"],
        ["Provable, nominal, undecidable", "Beyond resolution and clock error; as the stamps stand; within them."],
    ),
    entry(
        ["變化點", "差距自某時起改變，且依多重比較調整後仍成立者。"],
        ["Change-point", "From when a gap changed, where that stands after adjustment for the number of comparisons."],
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_entry_is_said_in_both_languages() {
        let chinese = |text: &str| text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
        for (head, text) in METHOD.iter().chain(&GLOSSARY) {
            assert!(chinese(text.zh) && !chinese(text.en) && !chinese(head.en), "{}", head.en);
            assert!(text.zh.ends_with('。') && text.en.ends_with(['.', '?']) || text.zh.ends_with('？'), "{}", head.en);
        }
    }
}
