//! What closes a gate, silences a measure or limits a verdict, in words: [`crate::fairness::reason`] says the rest.

use crate::fairness::Reason;
use crate::fairness::reason::{percent, reason};
use crate::record::{Latency, TimeSpan};

pub(crate) fn no_orders(group: &str) -> Reason {
    reason("no_orders", format!("{group} 沒有勾稽相符的委託"), format!("{group} has no matched order"))
}

pub(crate) fn few_blocks(blocks: usize, block: TimeSpan, least: usize) -> Reason {
    reason(
        "few_blocks",
        format!("兩組皆有可比委託的時間區塊只有 {blocks} 個（每塊 {block}），判定至少需要 {least} 個"),
        format!("only {blocks} time blocks of {block} hold comparable orders of both groups; a verdict needs {least}"),
    )
}

pub(crate) fn few_days(days: u64, least: u64) -> Reason {
    reason(
        "few_days",
        format!("可比委託只涵蓋 {days} 個交易日，判定至少需要 {least} 日，建議 5 日以上"),
        format!("comparable orders cover {days} trading day(s); a verdict needs {least}, five or more are advised"),
    )
}

pub(crate) fn few_days_advised(days: u64) -> Reason {
    reason(
        "few_days_advised",
        format!("可比委託只涵蓋 {days} 個交易日，建議 5 日以上（不影響判定）"),
        format!("comparable orders cover {days} trading days; five or more are advised (the verdict stands)"),
    )
}

pub(crate) fn few_orders(group: &str, effective: f64, least: f64) -> Reason {
    reason(
        "few_orders",
        format!("{group} 的有效可比委託只有 {effective:.0} 筆，判定至少需要 {least:.0} 筆"),
        format!("{group} has {effective:.0} effective comparable orders; a verdict needs {least:.0}"),
    )
}

pub(crate) fn few_overtaking_pairs(pairs: [u64; 2], least: u64) -> Reason {
    reason(
        "few_overtaking_pairs",
        format!("可比的先後委託對只有 {} 與 {} 對（兩個方向），超越比較每個方向至少需要 {least} 對", pairs[0], pairs[1]),
        format!(
            "{} and {} like-for-like pairs of orders in the two directions; the overtaking measure needs {least} each way",
            pairs[0], pairs[1]
        ),
    )
}

pub(crate) fn no_overtaking_estimate() -> Reason {
    reason(
        "no_overtaking_estimate",
        "超越差異無法估計：先後委託對集中在同一時間區塊，或兩個方向沒有相同的間隔".into(),
        "the overtaking asymmetry could not be estimated: its pairs stand in one block, or the two directions share no gap".into(),
    )
}

pub(crate) fn no_common_support(overlap: f64) -> Reason {
    reason(
        "no_common_support",
        format!("兩組委託只有 {} 落在雙方皆有委託的可比單元，低於 30 %，無從比較", percent(overlap)),
        format!("only {} of the orders lie in cells that hold both groups, below 30 %: there is no common support", percent(overlap)),
    )
}

pub(crate) fn limited_support(overlap: f64) -> Reason {
    reason(
        "limited_support",
        format!("兩組委託只有 {} 落在雙方皆有委託的可比單元，結論只適用於這些委託", percent(overlap)),
        format!("only {} of the orders lie in cells that hold both groups: the conclusion speaks for those alone", percent(overlap)),
    )
}

pub(crate) fn negative_latencies(group: &str, share: f64) -> Reason {
    let (zh, en) =
        if share > 0.5 { ("，或委託檔與收單檔互換", ", or the files of orders and receipts are swapped") } else { ("", "") };
    reason(
        "negative_latencies",
        format!("{group} 有 {} 的委託送出時間早於收單時間，超過 0.1 %：時鐘或紀錄有誤{zh}", percent(share)),
        format!(
            "{} of {group}'s orders were sent before they were received, more than 0.1 %: clocks or records are wrong{en}",
            percent(share)
        ),
    )
}

pub(crate) fn days_late(group: &str, share: f64) -> Reason {
    reason(
        "days_late",
        format!(
            "{group} 有 {} 的委託於收單一日以後才送出，超過 0.1 %：編號重複使用而勾稽到舊收單，或為跨日保留之委託，均不可比",
            percent(share)
        ),
        format!(
            "{} of {group}'s orders were sent a day or more after their receipt, more than 0.1 %: ids used again, linked to an old receipt, or orders held over days; neither can be compared",
            percent(share)
        ),
    )
}

pub(crate) fn shifted_clock(shift: i64) -> Reason {
    let shift = Latency(shift);
    reason(
        "shifted_clock",
        format!("兩組收單由不同時鐘蓋時，而延遲整體平移 {shift}：可能是較慢，也可能是時鐘之差（T02），不予認定"),
        format!(
            "the two groups' receipts are stamped by different clocks, and all latencies differ by {shift}: it may be delay, or the clocks' difference (T02); neither is judged"
        ),
    )
}

pub(crate) fn tail_within_clocks(uncertainty: i64) -> Reason {
    let uncertainty = Latency(uncertainty);
    reason(
        "clock_tail",
        format!("兩組時鐘之差可達 {uncertainty}，相對於尾端門檻過大，尾端比較不採計"),
        format!(
            "the clocks of the two groups may differ by {uncertainty}: too much against the tail thresholds, so the tail measure does not count"
        ),
    )
}

pub(crate) fn hours_off(group: &str, share: f64) -> Reason {
    reason(
        "hours_off",
        format!("{group} 有 {} 的委託與其收單恰差整數小時或整日（誤差一秒內），超過 0.1 %：時區或日期有誤", percent(share)),
        format!(
            "{} of {group}'s orders are whole hours or days off their receipts, to within a second, more than 0.1 %: a zone or a date is wrong",
            percent(share)
        ),
    )
}

pub(crate) fn unmatched_orders(group: &str, share: f64) -> Reason {
    reason(
        "unmatched_orders",
        format!("{group} 有 {} 的委託查無收單紀錄，或其收單各版本所載群組不一，超過 1 %", percent(share)),
        format!("{} of {group}'s orders have no receipt or one whose copies disagree, more than 1 %", percent(share)),
    )
}

pub(crate) fn unmatched_receipts(group: &str, share: f64) -> Reason {
    reason(
        "unmatched_receipts",
        format!("{group} 有 {} 的收單紀錄查無送出委託（結果載明拒絕者不計），超過 1 %", percent(share)),
        format!("{} of {group}'s receipts have no order, nor an outcome that says they were refused, more than 1 %", percent(share)),
    )
}

pub(crate) fn unmatched_differ(difference: f64) -> Reason {
    reason(
        "unmatched_differ",
        format!("兩組的未勾稽比率相差 {}，超過 0.5 個百分點", percent(difference)),
        format!("the groups' unmatched shares differ by {}, more than 0.5 percentage points", percent(difference)),
    )
}

pub(crate) fn copies_differ(difference: f64) -> Reason {
    reason(
        "copies_differ",
        format!(
            "兩組之委託或收單另有不同時間之重複紀錄者，其比率相差 {}，超過 0.5 個百分點：以何者為準即可改變判定，請向券商查明何一紀錄為真",
            percent(difference)
        ),
        format!(
            "the groups' shares of orders or receipts with a copy of another time differ by {}, more than 0.5 percentage points: which copy counts may turn the verdict; ask which record is true",
            percent(difference)
        ),
    )
}

pub(crate) fn refusals_differ([a, b]: [&str; 2], shares: [f64; 2]) -> Reason {
    let [of_a, of_b] = shares.map(percent);
    reason(
        "refusals_differ",
        format!("券商拒絕之收單，{a} 為 {of_a}、{b} 為 {of_b}：比較僅及於已送出之委託，拒絕是否公平不在判定之內"),
        format!(
            "of {a}'s receipts {of_a} were refused by the broker, of {b}'s {of_b}: what is compared is orders that were sent, and whether refusals were fair is outside the verdict"
        ),
    )
}

pub(crate) fn suspect_stamps(group: &str, sources: &[String]) -> Reason {
    let (zh, en) = (sources.iter().map(|source| source_zh(source)).collect::<Vec<_>>().join("、"), sources.join(", "));
    reason("suspect_stamps", format!("{group} 的時間戳記可疑，來源：{zh}"), format!("{group}'s stamps are suspect; source: {en}"))
}

pub(crate) fn few_clients(group: &str, clients: usize, least: usize) -> Reason {
    reason(
        "few_clients",
        format!("{group} 的可比委託只來自 {clients} 位客戶，至少 {least} 位才能對整組下判定"),
        format!("{group}'s comparable orders come from {clients} client(s); a verdict on the group needs {least}"),
    )
}

/// The same gate where nobody knows how many there are.
pub(crate) fn no_client_named(group: &str, least: usize) -> Reason {
    reason(
        "few_clients",
        format!("{group} 的委託未載明任何客戶，至少 {least} 位才能對整組下判定"),
        format!("no client of {group} is named; a verdict on the group needs {least}"),
    )
}

pub(crate) fn dominated_by_client(group: &str, effective: f64) -> Reason {
    reason(
        "dominated_by_client",
        format!("{group} 幾乎由單一客戶構成（有效客戶數 {effective:.2}，需達 1.25），無法對整組下判定"),
        format!("{group} is nearly one client (effective number {effective:.2}, 1.25 needed): no verdict on the group"),
    )
}

/// A side, or both, as Chinese has it.
fn source_zh(source: &str) -> &str {
    match source {
        "receipts" => "收單",
        "orders" => "委託",
        "receipts and orders" => "收單與委託",
        other => other,
    }
}

pub(crate) fn coarse_median(source: &str, resolution: i64, margin: f64) -> Reason {
    let (resolution, settles) = (Latency(resolution), Latency(resolution.saturating_mul(5)));
    let margin = Latency(margin as i64);
    reason(
        "coarse_median",
        format!(
            "{}時間戳記的有效解析度為 {resolution}，無法判定 {margin} 的中位數容許差；此解析度只能判定 {settles} 以上的容許差",
            source_zh(source)
        ),
        format!(
            "the stamps of {source} resolve {resolution}: too coarse for a median margin of {margin}; they could settle a margin of {settles}"
        ),
    )
}

pub(crate) fn coarse_tail(resolution: i64) -> Reason {
    reason(
        "coarse_tail",
        format!("時間戳記的有效解析度為 {}，相對於尾端門檻過粗，尾端比較不採計", Latency(resolution)),
        format!("stamps resolve {}: too coarse against the tail thresholds, so the tail measure does not count", Latency(resolution)),
    )
}

pub(crate) fn part_compared(name: &str, share: f64) -> Reason {
    reason(
        "part_compared",
        format!("{name} 之委託僅 {} 有對照可比；其餘委託（如另一群組未交易之商品）不在判定之內，可能較快或較慢", percent(share)),
        format!(
            "only {} of {name}'s orders have a counterpart; the others, such as of instruments the other group does not trade, are outside the verdict and may be faster or slower",
            percent(share)
        ),
    )
}

pub(crate) fn coarse_overtaking(resolution: i64) -> Reason {
    let resolution = Latency(resolution);
    reason(
        "coarse_overtaking",
        format!("時間戳記的有效解析度為 {resolution}，不細於等候本身：收單相距不及一刻度之委託不分先後，其間之超越不在超越比較之內"),
        format!(
            "stamps resolve {resolution}, no finer than the wait itself: orders received within one step of each other have no order, and what passed what among them is not in the overtaking measure"
        ),
    )
}

pub(crate) fn tied_stamps(resolution: i64) -> Reason {
    let resolution = Latency(resolution);
    reason(
        "tied_stamps",
        format!("中位數附近之延遲都落在同一刻度（{resolution}）上，無法估計誤差，中位數比較不採計；請取得刻度更細之時間戳記"),
        format!(
            "latencies around the median all read the same, in steps of {resolution}: no error can be estimated, so the median measure does not count; finer stamps would settle it"
        ),
    )
}

pub(crate) fn block_doubled(block: TimeSpan) -> Reason {
    reason(
        "block_doubled",
        format!("相鄰時間區塊的誤差相關，區塊長度已加倍為 {}", TimeSpan(2 * block.0)),
        format!("errors of neighbouring blocks are correlated: the block length was doubled to {}", TimeSpan(2 * block.0)),
    )
}
