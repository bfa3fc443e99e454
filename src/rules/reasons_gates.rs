//! What closes a verdict and what silences a measure, explained.

use crate::rules::reasons::{Effect, ReasonKind, of};

/// Gates of the verdict and of the order of handling, then silent measures.
pub(crate) const REASONS: &[ReasonKind] = &[
    of(
        "no_orders",
        Effect::Closes,
        ["一組沒有任何勾稽相符的委託，無從比較。", "A group has no order that found its receipt: there is nothing to compare."],
        [
            "核對群組名稱、期間與勾稽鍵；以 colofair inspect 看兩檔之識別碼是否同一寫法。",
            "Check the names of groups, the period and the link key; colofair inspect shows whether both files write ids alike.",
        ],
    ),
    of(
        "no_common_support",
        Effect::Closes,
        [
            "同一時段、種類、商品與負載下兩組皆有委託者不到 30 %，差異可能全來自委託不同。",
            "Fewer than 30 % of the orders have a counterpart in the same slot, kind, instrument and load: any difference may come from different orders.",
        ],
        ["延長期間，或就兩組皆有委託之商品與時段查核。", "Study a longer period, or the instruments and hours that both groups trade."],
    ),
    of(
        "few_blocks",
        Effect::Closes,
        [
            "區塊是誤差之單位；不足 20 個，標準誤本身即不可信。",
            "Blocks are what errors are taken over; from fewer than 20 the standard error itself cannot be trusted.",
        ],
        ["加入更多交易日。", "Add trading days."],
    ),
    of(
        "few_days",
        Effect::Closes,
        [
            "只有一日的可比委託，當日的偶發狀況即可左右結論。",
            "Comparable orders lie on one day, and whatever happened that day would be the verdict.",
        ],
        ["加入更多交易日，建議 5 日以上。", "Add trading days, five or more."],
    ),
    of(
        "few_orders",
        Effect::Closes,
        [
            "加權後的有效筆數不足 200，中位數與尾端都估不準。",
            "Fewer than 200 effective orders after weighting: neither median nor tail can be estimated.",
        ],
        ["延長期間，或合併性質相同的群組。", "Study a longer period, or join groups of the same nature."],
    ),
    of(
        "few_clients",
        Effect::Closes,
        [
            "不足 3 位客戶，群組與個別客戶之差別無法分辨；就個別客戶之認定仍可成立。",
            "With fewer than three clients a group cannot be told from its clients; what is said of single clients stands.",
        ],
        ["補足客戶欄位，或就個別客戶查核。", "Name the clients in the files, or study the clients one by one."],
    ),
    of(
        "dominated_by_client",
        Effect::Closes,
        [
            "該組幾乎等於一位客戶，對整組的認定其實是對該客戶的認定。",
            "The group is nearly one client: a verdict on the group would be a verdict on that client.",
        ],
        ["就該客戶與其餘客戶分別查核。", "Study that client and the others apart."],
    ),
    of(
        "hours_off",
        Effect::Closes,
        ["延遲恰為整數小時或整日，是時區或日期有誤，不是延遲。", "Latencies of whole hours or days are a wrong zone or date and no delay."],
        ["於 study.toml 載明各檔之時區與日期欄位後重跑。", "State the zone and the date column of each file in study.toml and run again."],
    ),
    of(
        "days_late",
        Effect::Closes,
        [
            "隔日以後才送出的委託，多為編號重複使用而勾稽到舊收單。",
            "Orders sent a day or more after their receipt are mostly ids used again and linked to an old receipt.",
        ],
        [
            "確認識別碼是否每日重起，並以 colofair inspect 查兩檔之日期欄位；跨日保留之委託請分開查核。",
            "See whether ids start anew each day, and with colofair inspect which columns hold the dates; study orders held over days apart.",
        ],
    ),
    of(
        "shifted_clock",
        Effect::Closes,
        [
            "兩組收單由不同時鐘蓋時，而延遲整體平移，正是時鐘之差的樣子。",
            "Receipts of the two groups are stamped by different clocks, and a shift of all latencies by one amount is what a difference of clocks looks like.",
        ],
        [
            "請券商提出兩時鐘之校時紀錄，或改用同一時鐘之紀錄。",
            "Ask for the synchronization logs of both clocks, or for stamps of one clock.",
        ],
    ),
    of(
        "negative_latencies",
        Effect::Closes,
        [
            "委託早於其收單送出，時鐘、紀錄或欄位必有一誤。",
            "Orders that leave before they are received mean that clocks, records or columns are wrong.",
        ],
        [
            "查兩檔之時鐘與欄位對應；確認兩檔未互換。",
            "Look at the clocks and the columns of both files; see that the files are not swapped.",
        ],
    ),
    of(
        "unmatched_orders",
        Effect::Closes,
        ["缺收單的委託若正是受到優待或刁難者，比較即失真。", "Orders without a receipt may be the very ones that were favoured or held."],
        ["請券商補足收單紀錄；R01 列出各筆。", "Ask for the missing receipts; R01 lists the orders."],
    ),
    of(
        "unmatched_receipts",
        Effect::Closes,
        ["收單而無委託者，可能是久候而未送出的委託。", "A receipt without an order may be one that waited and was never sent."],
        [
            "請券商說明各筆去向；R02 列出各筆，遭拒絕者請於收單檔載明 outcome。",
            "Ask what became of each; R02 lists them. Where they were refused, name it in the outcome column.",
        ],
    ),
    of(
        "unmatched_differ",
        Effect::Closes,
        ["兩組未勾稽比率不同，缺漏本身即與群組有關。", "The groups' unmatched shares differ: what is missing depends on the group."],
        ["查明缺漏原因後重跑。", "Find out why rows are missing in one group and run again."],
    ),
    of(
        "copies_differ",
        Effect::Closes,
        [
            "一組另有不同時間的重複紀錄較多，以何者為準即可改變結論。",
            "One group has more records with a copy of another time, and which copy counts may turn the verdict.",
        ],
        ["請券商指明何一紀錄為真，並說明重複之原因。", "Ask which record is the true one, and why there are two."],
    ),
    of(
        "suspect_stamps",
        Effect::Closes,
        [
            "時間戳記有事後製作、取整或精度不一之跡象，以其計算之延遲不足以據為判定。",
            "The stamps show signs of having been made, rounded or cut; latencies computed from them carry no verdict.",
        ],
        ["見 T 類發現；請券商提出原始擷取紀錄。", "See the findings of family T; ask for the capture the stamps came from."],
    ),
    of(
        "clock_unnamed",
        Effect::Closes,
        [
            "收單時鐘未載明，而差距正如時鐘偏移所致；委託先後不予認定。",
            "No clock of the receipts is named, and the gap is just what an offset would make: the order of orders is not judged.",
        ],
        ["於 [receipts] 以 clock 載明時鐘。", "Name the clock in [receipts]."],
    ),
    of(
        "rule_not_met",
        Effect::Closes,
        [
            "未達事前訂定之插隊標準（至少 10 筆、為反向推估之兩倍以上、p 值低於門檻），只列數字。",
            "The pre-stated rule for a queue-jumping case does not hold (10 cases, twice what the mirror gives, p below its limit): figures only.",
        ],
        ["無；若有疑慮，延長期間後再查。", "Nothing; if in doubt, study a longer period."],
    ),
    of(
        "not_run",
        Effect::Closes,
        ["check 只列數字，未尋求判定。", "check gives figures and seeks no verdict."],
        ["執行 colofair study。", "Run colofair study."],
    ),
    of(
        "coarse_median",
        Effect::Silences,
        [
            "時間解析度粗於中位數容許差的五分之一，不足以分辨。",
            "Stamps are coarser than a fifth of the median margin and cannot tell the difference.",
        ],
        [
            "請券商提出較細之時間紀錄；句中載明現有紀錄足以認定之容許差。",
            "Ask for finer stamps; the sentence names the margin that these could settle.",
        ],
    ),
    of(
        "tied_stamps",
        Effect::Silences,
        [
            "中位數附近的延遲讀數全同，其誤差無從估計。",
            "Latencies at the median all read the same, so the error of the median cannot be estimated.",
        ],
        ["請券商提出較細之時間紀錄。", "Ask for finer stamps."],
    ),
    of(
        "coarse_tail",
        Effect::Silences,
        [
            "尾端門檻與時間解析度相近，誰在尾端由取位決定。",
            "The tail thresholds are near the resolution: rounding decides who is in the tail.",
        ],
        ["請券商提出較細之時間紀錄。", "Ask for finer stamps."],
    ),
    of(
        "clock_tail",
        Effect::Silences,
        [
            "兩組時鐘可能之差與尾端門檻相近，誰在尾端由時鐘決定。",
            "What the groups' clocks may differ by is near the tail thresholds: the clocks decide who is in the tail.",
        ],
        ["請券商提出校時紀錄以縮小時鐘之不確定度。", "Ask for synchronization logs that narrow the uncertainty."],
    ),
    of(
        "few_overtaking_pairs",
        Effect::Silences,
        ["可比的先後委託對不足 500 對，超越比率估不準。", "Fewer than 500 like-for-like pairs: rates of overtaking cannot be estimated."],
        ["延長期間；若客戶數少，可放寬 [fairness] 之視窗。", "Study a longer period, or widen the window in [fairness]."],
    ),
    of(
        "no_overtaking_estimate",
        Effect::Silences,
        [
            "先後委託對集中於同一區塊，或兩方向無相同間隔，無從比較。",
            "Pairs stand in one block or share no gap, so that the two directions cannot be compared.",
        ],
        ["延長期間。", "Study a longer period."],
    ),
];
