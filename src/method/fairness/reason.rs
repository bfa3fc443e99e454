//! Why a verdict is what it is: stable codes with one sentence in each language.

use crate::fairness::contrast::Estimate;
use crate::fairness::pair::Metric;
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

pub(super) fn reason(code: &'static str, zh: String, en: String) -> Reason {
    Reason { code, zh, en }
}

pub(super) fn percent(share: f64) -> String {
    format!("{:.2} %", 100.0 * share)
}

/// `all` has the client part in its error, `fixed` is the error without; `p` adjusted, of these clients and of the groups.
pub(crate) fn overtaking_of_clients([ahead, behind]: [&str; 2], all: Estimate, fixed: f64, [p, p_groups]: [f64; 2]) -> Reason {
    let (value, error, fixed, df) = (percent(all.value), percent(all.se), percent(fixed), all.df);
    // Three decimals would print nothing as a probability.
    let [p, p_groups] = [p, p_groups].map(|p| if p < 0.001 { "< 0.001".to_owned() } else { format!("= {p:.3}") });
    reason(
        "overtaking_of_clients",
        format!(
            "{ahead} 這些客戶超越 {behind} 這些客戶較多，差 {value}（客戶固定：標準誤 {fixed}，調整後 p {p}）；計入客戶彼此之差異，標準誤為 {error}（自由度 {df:.1}，調整後 p {p_groups}），客戶過少或程度不一，尚不足以認定整組受到不同對待"
        ),
        format!(
            "these clients of {ahead} pass those of {behind} more than the reverse, by {value} (clients as they are: error {fixed}, adjusted p {p}); with how clients differ the error is {error} (df {df:.1}, adjusted p {p_groups}): too few clients, or too unlike, to say it of the groups"
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

/// `date`: `None` for all days; the second, which part of them, as the functions below say it.
pub(crate) fn part_beyond(date: Option<TradeDate>, (zh, en): (String, String), gap: f64, margin: f64) -> Reason {
    let (gap, margin) = (Latency(gap as i64), Latency(margin as i64));
    let (when_zh, when_en) =
        date.map_or(("全部期間".to_owned(), "over all days".to_owned()), |date| (date.to_string(), format!("on {date}")));
    reason(
        "part_beyond",
        format!("整體在容許差內，但 {when_zh}{zh} 之中位數之差為 {gap}，遠逾容許差 {margin}：部分委託受到不同對待，不能認定公平"),
        format!(
            "all orders together are within the margins, but {when_en}{en} the median gap is {gap}, far beyond the margin of {margin}: part of the orders were treated otherwise, so the pair is not FAIR"
        ),
    )
}

/// `estimates`: by overlap weights and by the orders of `group`.
pub(crate) fn beyond_own_mix(metric: Metric, group: &str, estimates: [f64; 2], margin: f64) -> Reason {
    let ([whole, own, margin], (zh, en)) = (in_both(metric, estimates, margin), measure_name(metric));
    reason(
        "beyond_own_mix",
        format!(
            "{zh}為 {whole}，但依 {group} 自己之委託逐筆計算則為 {own}，逾容許差 {margin}：該組委託多在另一組少有委託之處，判定所用之權重幾乎不計，不能認定公平"
        ),
        format!(
            "{en} is {whole}, but {own} where each order of {group} counts alike, beyond the margin of {margin}: many of its orders lie where the other group sends few, and weigh next to nothing in the figure, so that it cannot be called fair"
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

/// `times`: the gaps from and to, and by how much passed.
pub(crate) fn passing_close_by([ahead, behind]: [&str; 2], shares: [f64; 2], times: [TimeSpan; 3]) -> Reason {
    let ([more, less], [from, to, by]) = (shares.map(percent), times.map(|time| Latency(time.0)));
    reason(
        "passing_close_by",
        format!(
            "收單相距 {from} 至 {to} 者，{ahead} 超越 {behind} 逾 {by} 之比率為 {more}，反向為 {less}：超越之差在容許差內，係因視窗內多數委託相距過遠，故不認定公平"
        ),
        format!(
            "of orders received {from} to {to} apart, {ahead} passed {behind} by more than {by} in {more}, the reverse in {less}: overtaking is within its margin only as most pairs in the window are farther apart, so the pair is not FAIR"
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
pub(super) fn in_both(metric: Metric, estimates: [f64; 2], margin: f64) -> [String; 3] {
    [estimates[0], estimates[1], margin].map(|value| figure(metric, value))
}

fn figure(metric: Metric, value: f64) -> String {
    if metric == Metric::Median { Latency(value as i64).to_string() } else { percent(value) }
}

pub(super) fn measure_name(metric: Metric) -> (&'static str, &'static str) {
    match metric {
        Metric::Median => ("中位數之差", "the median gap"),
        Metric::Tail => ("尾端之差", "the tail excess"),
        Metric::Overtaking => ("超越之差", "the overtaking asymmetry"),
    }
}

/// `estimates`: at equal load and at any; `instead`: with bursts and orders of others in place of the load, where enough orders are alike.
pub(crate) fn beyond_without_load(metric: Metric, estimates: [f64; 2], instead: Option<f64>, margin: f64) -> Reason {
    let ([whole, plain, margin], (zh, en)) = (in_both(metric, estimates, margin), measure_name(metric));
    let (among_zh, among_en) = match instead.map(|instead| figure(metric, instead)) {
        Some(instead) => (
            format!("同一客戶先前遞交筆數相同、他人在途筆數相近者之間為 {instead}"),
            format!("{instead} among orders whose client had handed in as many others just before and that found as many of others waiting"),
        ),
        None => (
            "該等情形相同者過少，無從比較".to_owned(),
            "too few to compare among orders whose client had handed in as many others just before and that found as many of others waiting".to_owned(),
        ),
    };
    reason(
        "beyond_without_load",
        format!(
            "{zh}在負載相同者之間為 {whole}，不論負載則為 {plain}，{among_zh}，逾容許差 {margin}：在途委託本身即為負載，遭扣留者可能因此無從比較，不能認定公平；請查閘道是否對兩組有不同之流量限制或優先順序"
        ),
        format!(
            "{en} is {whole} at equal load, but {plain} at any load and {among_en}, beyond the margin of {margin}: an order that is held is itself a load, and who is held may be left without a counterpart, so that it cannot be called fair; see whether the gateway limits or ranks the groups differently"
        ),
    )
}

pub(crate) fn clients_unknown(group: &str) -> Reason {
    reason(
        "clients_unknown",
        format!("{group} 的委託沒有客戶識別，無法判斷差異是否只來自單一客戶"),
        format!("{group}'s orders name no client: whether the effect hangs on one of them cannot be told"),
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

pub(crate) fn not_settled(detectable: f64, margin: f64, orders: Option<u64>, open: Vec<Metric>) -> Reason {
    let detectable = Latency(detectable.min(9e18) as i64);
    let margin = Latency(margin as i64);
    let (zh, en) = match orders {
        Some(n) => {
            let n = grouped(n);
            (format!("約需 {n} 筆委託才能定論，客戶數亦須等比增加"), format!("about {n} orders, of as many more clients, would settle it"))
        }
        None => ("以目前的差異，增加筆數也無法證明公平".into(), "at the present effect no number of orders would prove it fair".into()),
    };
    let (zh_open, en_open): (Vec<&str>, Vec<&str>) = open.into_iter().map(measure_name).unzip();
    let (open_zh, open_en) = (zh_open.join("、"), en_open.join(", "));
    reason(
        "not_settled",
        format!(
            "既不能認定不公平，也不能證明公平：未能證明在容許差內者為{open_zh}；{zh}（中位數容許差 {margin}，本次可偵測的最小差距為 {detectable}）"
        ),
        format!(
            "neither unfair nor fair could be shown: not shown to be within its margin is {open_en}; {en} (median margin {margin}, smallest gap this study could detect {detectable})"
        ),
    )
}

/// A count with separators between thousands.
fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let places = digits.len();
    digits
        .chars()
        .enumerate()
        .flat_map(|(at, digit)| (at > 0 && (places - at).is_multiple_of(3)).then_some(',').into_iter().chain([digit]))
        .collect()
}

pub(crate) fn gap_changes() -> Reason {
    reason(
        "gap_changes",
        "兩群組間的差距在期間內改變（時點見「隨時間」一節）：沒有一個數字代表整個期間，請就改變前後分別查核".to_owned(),
        "the gap between the two changed during the study (the section over time says when): no one figure stands for all of it; study the parts before and after".to_owned(),
    )
}

pub(crate) fn unknown_orders(n: u64, share: f64, median: i64) -> Reason {
    let (n, share, median) = (grouped(n), percent(share), Latency(median));
    reason(
        "unknown_orders",
        format!("各項比較都在容許差內，但另有 {n} 筆委託（{share}，中位延遲 {median}）不知屬於哪一群組，不能認定公平：請補足客戶檔"),
        format!(
            "every measure is within its margin, but {n} orders more ({share}, median latency {median}) are of no known group, so that it cannot be called fair: complete the clients file"
        ),
    )
}

pub(crate) fn unseen_tail([a, b]: [&str; 2], shares: [f64; 2], margin: f64) -> Reason {
    let [of_a, of_b] = shares.map(percent);
    let points = format!("{:.2}", 100.0 * margin);
    reason(
        "unseen_tail",
        format!(
            "各項比較都在容許差內，但 {a} 有 {of_a}、{b} 有 {of_b} 之委託缺收單或收單各版本所載群組不一、收單缺委託、委託或收單另有不同時間之紀錄，或兩端均有讀不出之列：若其皆屬最慢者，尾端差異可能逾容許差 {points} 個百分點，不能認定公平"
        ),
        format!(
            "every measure is within its margin, but {of_a} of {a}'s orders and {of_b} of {b}'s lack a receipt or have one whose copies disagree, their receipts an order, have a later copy or a receipt with one of another time, or could not be read on either side: were these all among the slowest, the tail could leave its margin of {points} percentage points, so that it cannot be called fair"
        ),
    )
}

/// `smaller`: the smaller group of the pair.
pub(crate) fn slow_unknown_orders(slow: u64, smaller: &str, margin: f64) -> Reason {
    let (slow, points) = (grouped(slow), format!("{:.2}", 100.0 * margin));
    reason(
        "unknown_orders",
        format!(
            "各項比較都在容許差內，但不知屬於哪一群組之委託中有 {slow} 筆屬最慢者：若皆屬 {smaller}，尾端之差即可能逾容許差 {points} 個百分點，不能認定公平：請補足客戶檔"
        ),
        format!(
            "every measure is within its margin, but {slow} of the orders of no known group are among the slowest: were they all of {smaller}, the tail could leave its margin of {points} percentage points, so that it cannot be called fair: complete the clients file"
        ),
    )
}

/// `offset`: how far the clocks may be apart, where that is documented. `wide`: the margin by the medians as they are; `known`: by what is
/// known of them.
pub(crate) fn level_unknown(offset: Option<i64>, wide: f64, known: f64) -> Reason {
    let [wide, known] = [wide, known].map(|margin| Latency(margin as i64));
    let (zh, en) = match offset.map(TimeSpan) {
        None => (
            "study.toml 未載明兩端時鐘（[orders]、[receipts] 之 clock）".to_owned(),
            "study.toml says nothing of the clocks of orders and receipts (clock in [orders] and [receipts])".to_owned(),
        ),
        Some(offset) => (
            format!("兩端時鐘依 study.toml 最多相差 {offset}"),
            format!("by study.toml the clocks of orders and receipts may be {offset} apart"),
        ),
    };
    reason(
        "level_unknown",
        format!(
            "{zh}，中位數之高低因而未定，按其比例放寬之容許差（{wide}）不足以認定公平；以 {known} 為容許差則未能證明公平。若兩端由同一時鐘蓋印，請以相同之 clock id 載明"
        ),
        format!(
            "{en}, so that how high the medians are is not known, and a margin widened by a share of them ({wide}) cannot carry FAIR; within {known} it is not shown. Where one clock stamps both, say so by the same clock id"
        ),
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
