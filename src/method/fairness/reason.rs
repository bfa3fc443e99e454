//! Why a verdict is what it is: stable codes with one sentence in each language.

use crate::fairness::contrast::Estimate;
use crate::fairness::pair::Metric;
use crate::measure::BURST_WINDOWS;
use crate::record::{Latency, TimeSpan, TradeDate};

/// A coded reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    /// Stable code, for example "few_days".
    pub code: &'static str,
    /// The words, Traditional Chinese.
    pub zh: String,
    /// The words, English.
    pub en: String,
}

fn reason(code: &'static str, zh: String, en: String) -> Reason {
    Reason { code, zh, en }
}

fn percent(share: f64) -> String {
    format!("{:.2} %", 100.0 * share)
}

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
    reason(
        "negative_latencies",
        format!("{group} 有 {} 的委託送出時間早於收單時間，超過 0.1 %：時鐘或紀錄有誤", percent(share)),
        format!("{} of {group}'s orders were sent before they were received, more than 0.1 %: clocks or records are wrong", percent(share)),
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

/// `all` has the client part in its error, `fixed` is the error without; `p` adjusted, of these clients and of the groups.
pub(crate) fn overtaking_of_clients([ahead, behind]: [&str; 2], all: Estimate, fixed: f64, [p, p_groups]: [f64; 2]) -> Reason {
    let (value, error, fixed, df) = (percent(all.value), percent(all.se), percent(fixed), all.df);
    reason(
        "overtaking_of_clients",
        format!(
            "{ahead} 這些客戶超越 {behind} 這些客戶較多，差 {value}（客戶固定：標準誤 {fixed}，調整後 p = {p:.3}）；計入客戶彼此之差異，標準誤為 {error}（自由度 {df:.1}，調整後 p = {p_groups:.3}），客戶過少或程度不一，尚不足以認定整組受到不同對待"
        ),
        format!(
            "these clients of {ahead} pass those of {behind} more than the reverse, by {value} (clients as they are: error {fixed}, adjusted p = {p:.3}); with how clients differ the error is {error} (df {df:.1}, adjusted p = {p_groups:.3}): too few clients, or too unlike, to say it of the groups"
        ),
    )
}

pub(crate) fn clients_in_order(p: f64, [ahead, behind]: [&str; 2]) -> Reason {
    reason(
        "clients_in_order",
        format!("{ahead} 各客戶超越之程度不一，但整體居於 {behind} 各客戶之前：客戶隨機分組時如此之機率為 {p:.2e}（等級和之精確檢定）"),
        format!(
            "clients of {ahead} pass by unlike amounts, yet stand ahead of those of {behind}: dealt to the groups at random they would do so with chance {p:.2e} (exact test of their rank sum)"
        ),
    )
}

/// `kind` is empty where all orders of the day are meant.
/// `of`: which part of the day, as the functions below say it.
pub(crate) fn part_beyond(date: TradeDate, (zh, en): (String, String), gap: f64, margin: f64) -> Reason {
    let (gap, margin) = (Latency(gap as i64), Latency(margin as i64));
    reason(
        "part_beyond",
        format!("整體在容許差內，但 {date}{zh} 之中位數之差為 {gap}，遠逾容許差 {margin}：部分委託受到不同對待，不能認定公平"),
        format!(
            "all orders together are within the margins, but on {date}{en} the median gap is {gap}, far beyond the margin of {margin}: part of the orders were treated otherwise, so the pair is not FAIR"
        ),
    )
}

pub(crate) fn orders_of_kind(kind: &str) -> (String, String) {
    match kind {
        "" => ("未載委託種類者".to_owned(), ", orders without a kind,".to_owned()),
        kind => (format!("之 {kind}"), format!(", orders of kind {kind},")),
    }
}

pub(crate) fn orders_for_instrument(instrument: &str) -> (String, String) {
    match instrument {
        "" => ("未載標的者".to_owned(), ", orders without an instrument,".to_owned()),
        instrument => (format!("之 {instrument}"), format!(", orders for {instrument},")),
    }
}

pub(crate) fn orders_of_client(client: &str) -> (String, String) {
    match client {
        "" => ("未載客戶者".to_owned(), ", orders without a client,".to_owned()),
        client => (format!("之客戶 {client}"), format!(", orders of client {client},")),
    }
}

/// `since_midnight`: local time of day, nanoseconds.
pub(crate) fn orders_from(since_midnight: i64, length: TimeSpan) -> (String, String) {
    let [minutes, seconds] = [60, 1].map(|unit| since_midnight.div_euclid(unit * 1_000_000_000));
    let mut at = format!("{:02}:{:02}", minutes.div_euclid(60), minutes.rem_euclid(60));
    if seconds % 60 > 0 {
        at += &format!(":{:02}", seconds % 60);
    }
    (format!(" {at} 起 {length} 內所收委託"), format!(", received within {length} from {at},"))
}

pub(crate) fn later_orders() -> Reason {
    reason(
        "later_orders",
        "同一收單有數筆委託（拆單、改單或重送）；僅計各收單之首筆委託時，並無此一結論：後續委託並非與收單同時到達，不予認定".into(),
        "receipts have several orders (slices, amendments, second sendings), and the first order of each receipt alone does not bear this verdict: later ones did not arrive with the receipt".into(),
    )
}

pub(crate) fn later_orders_unknown() -> Reason {
    reason(
        "later_orders",
        "同一收單有數筆委託（拆單、改單或重送），而交易日摘要不載明何者為首筆，無從檢驗結論是否繫於後續委託：請以 children = \"first\" 產生摘要，或對全部檔案執行 study".into(),
        "receipts have several orders (slices, amendments, second sendings), and summaries of days do not say which is the first: whether the verdict rests on later ones cannot be seen. Summarize with children = \"first\", or run study over all files".into(),
    )
}

pub(crate) fn passing_one_way([ahead, behind]: [&str; 2], [passed, back]: [u64; 2], window: TimeSpan) -> Reason {
    reason(
        "passing_one_way",
        format!(
            "{ahead} 超越 {behind} {passed} 次，反向 {back} 次：超越之差在容許差內，係因 {window} 視窗內多數委託相距過遠、無從超越，故不認定公平"
        ),
        format!(
            "{ahead} passed {behind} {passed} times, the reverse happened {back} times: overtaking is within its margin only as most pairs within {window} are too far apart to pass, so the pair is not FAIR"
        ),
    )
}

pub(crate) fn shift_beyond(q: f64, difference: f64, margin: f64) -> Reason {
    let (difference, margin) = (Latency(difference as i64), Latency(margin as i64));
    let percent = (q * 100.0).round();
    reason(
        "shift_beyond",
        format!(
            "中位數、尾端與超越均在容許差內，但第 {percent} 百分位之差為 {difference}，遠逾容許差 {margin}：部分委託受到不同對待，不能認定公平"
        ),
        format!(
            "median, tail and overtaking are within their margins, but the {percent}th percentiles differ by {difference}, far beyond the margin of {margin}: part of the orders were treated otherwise, so the pair is not FAIR"
        ),
    )
}

/// What a measure comes to in cells as they are and in finer ones, and its margin.
fn in_both(metric: Metric, estimates: [f64; 2], margin: f64) -> [String; 3] {
    let figure = |value: f64| if metric == Metric::Median { Latency(value as i64).to_string() } else { percent(value) };
    [estimates[0], estimates[1], margin].map(figure)
}

fn measure_name(metric: Metric) -> (&'static str, &'static str) {
    match metric {
        Metric::Median => ("中位數之差", "the median gap"),
        Metric::Tail => ("尾端之差", "the tail excess"),
        Metric::Overtaking => ("超越之差", "the overtaking asymmetry"),
    }
}

/// `estimates` and `slots`: as judged, and in finer slots.
pub(crate) fn within_slot(metric: Metric, estimates: [f64; 2], slots: [TimeSpan; 2], margin: f64) -> Reason {
    let ([whole, finer, margin], [slot, part], (zh, en)) = (in_both(metric, estimates, margin), slots, measure_name(metric));
    reason(
        "within_slot",
        format!(
            "{zh}以 {slot} 時段比較為 {whole}，以 {part} 時段比較為 {finer}，對容許差 {margin} 之結論不一：時段內的時刻有影響，既不據以認定不公平，也不認定公平"
        ),
        format!(
            "{en} is {whole} in slots of {slot} and {finer} in slots of {part}, which do not agree about the margin of {margin}: the time of day inside a slot plays a part, so it proves neither UNFAIR nor FAIR"
        ),
    )
}

/// How bursts are counted, in Chinese and in English.
fn burst_windows() -> [String; 2] {
    let [short, middle, long] = BURST_WINDOWS.map(|window| window.0 / 1_000_000);
    [format!("{short}、{middle}、{long} ms"), format!("{short}, {middle} and {long} ms")]
}

/// `estimates`: as judged, and among orders of bursts alike.
pub(crate) fn within_burst(metric: Metric, estimates: [f64; 2], margin: f64) -> Reason {
    let ([whole, finer, margin], (zh, en), windows) = (in_both(metric, estimates, margin), measure_name(metric), burst_windows());
    reason(
        if metric == Metric::Overtaking { "overtaking_within_burst" } else { "within_burst" },
        format!(
            "{zh}為 {whole}，但在同一客戶於前 {} 內遞交相同筆數委託者之間比較則為 {finer}（容許差 {margin}）：客戶連續遞單有影響，每一客戶或連線之流量限制、排隊規則即會如此，既不據以認定不公平，也不認定公平；請查閘道對兩組之限制是否相同",
            windows[0]
        ),
        format!(
            "{en} is {whole}, and {finer} among orders whose client had handed in as many others within {} before (margin {margin}): sending in bursts plays a part, as a limit or a queue for each client or connection makes it, so it proves neither UNFAIR nor FAIR; see whether the gateway's limits are the same for both groups",
            windows[1]
        ),
    )
}

pub(crate) fn mostly_by_burst(metric: Metric, estimates: [f64; 2], margin: f64) -> Reason {
    let ([whole, finer, margin], (zh, en), windows) = (in_both(metric, estimates, margin), measure_name(metric), burst_windows());
    reason(
        "mostly_by_burst",
        format!(
            "{zh}為 {whole}，在同一客戶於前 {} 內遞交相同筆數委託者之間比較僅餘 {finer}（容許差 {margin}）：過半來自客戶連續遞單（流量限制、排隊規則）；請查閘道對兩組之限制是否相同，並注意未載明之多條連線",
            windows[0]
        ),
        format!(
            "{en} is {whole}, of which {finer} is left among orders whose client had handed in as many others within {} before (margin {margin}): more than half comes with sending in bursts (a limit or a queue for each client or connection); see whether the gateway's limits are the same for both groups, and whether clients have connections that the files do not name",
            windows[1]
        ),
    )
}

pub(crate) fn burst_unchecked() -> Reason {
    let [zh, en] = burst_windows();
    reason(
        "burst_unchecked",
        format!("同一客戶於前 {zh} 內遞交筆數相同而可比之委託過少，無從檢驗客戶連續遞單（流量限制、排隊規則）是否有影響"),
        format!(
            "too few orders are comparable among those whose client had handed in as many others within {en} before to see whether sending in bursts (a limit or a queue for each client) plays a part"
        ),
    )
}

pub(crate) fn slot_unchecked(slot: TimeSpan, part: TimeSpan) -> Reason {
    reason(
        "slot_unchecked",
        format!("{part} 時段內可比之委託過少，無從檢驗 {slot} 時段內的時刻是否有影響"),
        format!("too few orders are comparable in slots of {part} to see whether the time of day inside slots of {slot} plays a part"),
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
        format!("{group} 有 {} 的委託查無收單紀錄，超過 1 %", percent(share)),
        format!("{} of {group}'s orders have no receipt, more than 1 %", percent(share)),
    )
}

pub(crate) fn unmatched_receipts(group: &str, share: f64) -> Reason {
    reason(
        "unmatched_receipts",
        format!("{group} 有 {} 的收單紀錄查無送出委託，超過 1 %", percent(share)),
        format!("{} of {group}'s receipts have no order, more than 1 %", percent(share)),
    )
}

pub(crate) fn unmatched_differ(difference: f64) -> Reason {
    reason(
        "unmatched_differ",
        format!("兩組的未勾稽比率相差 {}，超過 0.5 個百分點", percent(difference)),
        format!("the groups' unmatched shares differ by {}, more than 0.5 percentage points", percent(difference)),
    )
}

pub(crate) fn suspect_stamps(group: &str, sources: &[String]) -> Reason {
    let sources = sources.join(", ");
    reason("suspect_stamps", format!("{group} 的時間戳記可疑，來源：{sources}"), format!("{group}'s stamps are suspect; source: {sources}"))
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

pub(crate) fn clients_unknown(group: &str) -> Reason {
    reason(
        "clients_unknown",
        format!("{group} 的委託沒有客戶識別，無法判斷差異是否只來自單一客戶"),
        format!("{group}'s orders name no client: whether the effect hangs on one of them cannot be told"),
    )
}

pub(crate) fn coarse_median(source: &str, resolution: i64, margin: f64) -> Reason {
    let (resolution, settles) = (Latency(resolution), Latency(resolution.saturating_mul(5)));
    let margin = Latency(margin as i64);
    reason(
        "coarse_median",
        format!("{source} 時間戳記的有效解析度為 {resolution}，無法判定 {margin} 的中位數容許差；此解析度只能判定 {settles} 以上的容許差"),
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

pub(crate) fn tied_stamps() -> Reason {
    reason(
        "tied_stamps",
        "延遲數值在中位數附近全部相同，無法估計誤差，中位數比較不採計".into(),
        "latencies around the median are all equal: no error can be estimated, so the median measure does not count".into(),
    )
}

pub(crate) fn client_specific(clients: &[String]) -> Reason {
    let names = clients.join(", ");
    reason(
        "client_specific",
        format!("差異取決於個別客戶：剔除 {names} 後不再超過容許差"),
        format!("the effect hangs on single clients: without {names} it no longer exceeds the margin"),
    )
}

pub(crate) fn client_specific_few(clients: &[String]) -> Reason {
    let names = clients.join(", ");
    reason(
        "client_specific",
        format!("差異顯著，但該組客戶過少，只能就個別客戶認定：{names}"),
        format!("the effect is significant, but the group has so few clients that it can be said of these alone: {names}"),
    )
}

pub(crate) fn not_settled(detectable: f64, margin: f64, orders: Option<u64>) -> Reason {
    let detectable = Latency(detectable.min(9e18) as i64);
    let margin = Latency(margin as i64);
    let (zh, en) = match orders {
        Some(n) => {
            (format!("約需 {n} 筆委託才能定論，客戶數亦須等比增加"), format!("about {n} orders, of as many more clients, would settle it"))
        }
        None => ("以目前的差異，增加筆數也無法證明公平".into(), "at the present effect no number of orders would prove it fair".into()),
    };
    reason(
        "not_settled",
        format!("既不能認定不公平，也不能證明公平：中位數容許差 {margin}，本次可偵測的最小差距為 {detectable}；{zh}"),
        format!("neither unfair nor fair could be shown: median margin {margin}, smallest gap this study could detect {detectable}; {en}"),
    )
}

pub(crate) fn block_doubled(block: TimeSpan) -> Reason {
    reason(
        "block_doubled",
        format!("相鄰時間區塊的誤差相關，區塊長度已加倍為 {}", TimeSpan(2 * block.0)),
        format!("errors of neighbouring blocks are correlated: the block length was doubled to {}", TimeSpan(2 * block.0)),
    )
}

pub(crate) fn opposite_signs(raw: f64, gap: f64) -> Reason {
    let (raw, gap) = (Latency(raw as i64), Latency(gap as i64));
    reason(
        "opposite_signs",
        format!("未經同類比較的原始中位數差為 {raw}，同類比較後為 {gap}，方向相反：原始差異來自委託組成不同，不可引用"),
        format!(
            "the raw medians differ by {raw}, like for like by {gap}: opposite signs; the raw difference comes from what was traded and when"
        ),
    )
}
