//! A sign of fabrication and the words for it, in both languages.

/// Codes of the signs, in the order they are reported.
pub mod code {
    /// Share of the most frequent exact latency.
    pub const FREQUENT_LATENCY: &str = "frequent_latency";
    /// Share of consecutive gaps identical in receipt and in sent.
    pub const IDENTICAL_GAPS: &str = "identical_gaps";
    /// Rank correlation of load and latency.
    pub const LOAD_DEPENDENCE: &str = "load_dependence";
    /// Lag-1 autocorrelation of log latency.
    pub const MEMORY: &str = "memory";
    /// Larger of the two above where orders overlapped: no trace of any queue.
    pub const NO_QUEUE: &str = "no_queue";
    /// p99.9 / p50 of latency.
    pub const TAIL_RATIO: &str = "tail_ratio";
    /// Coefficient of variation of latency.
    pub const VARIATION: &str = "variation";
    /// Cramer's V of the last digits.
    pub const LAST_DIGITS: &str = "last_digits";
    /// Effective resolution against a fifth of the margin, nanoseconds.
    pub const COARSE_RESOLUTION: &str = "coarse_resolution";
    /// Effective resolution against that of the finest other group, nanoseconds.
    pub const RESOLUTION_DIFFERS: &str = "resolution_differs";
    /// Share of stamps at a whole second, where they are much finer.
    pub const WHOLE_SECONDS: &str = "whole_seconds";
    /// See [`crate::timestamps::SignLimits::whole_milliseconds`].
    pub const WHOLE_MILLISECONDS: &str = "whole_milliseconds";
    /// Share of negative latencies beyond what truncated sent stamps explain.
    pub const NEGATIVE_SHARE: &str = "negative_share";
}

/// What became of a sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignState {
    /// Looked for and not found.
    Clear,
    /// Found.
    Raised,
    /// Not looked for, and why: never the same as clear.
    NotEvaluated(WhyNot),
}

/// Why a sign was not evaluated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WhyNot {
    /// Fewer orders or stamps than the sign needs.
    TooFew,
    /// The stamps are too coarse for it.
    TooCoarse,
    /// The series does not vary, or its median or mean is not above zero.
    NoVariation,
    /// It is judged against other groups, and none could be evaluated.
    NoPeers,
    /// Orders seldom overlapped, so that a queue need not show.
    NoOverlap,
}

/// One sign on one series.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sign {
    /// One of [`code`].
    pub code: &'static str,
    /// What was measured, in the unit of its code; `None` where it could not be.
    pub value: Option<f64>,
    /// What it is held against, in the same unit.
    pub threshold: f64,
    /// Median of the other groups, where the sign is judged beside them.
    pub peers: Option<f64>,
    /// Outcome.
    pub state: SignState,
}

impl Sign {
    /// Whether it was found.
    #[must_use]
    pub fn raised(&self) -> bool {
        self.state == SignState::Raised
    }

    /// The sentence of a raised sign with its figures: Traditional Chinese, English.
    #[must_use]
    pub fn sentence(&self) -> (String, String) {
        let (zh, en) = sign_words(self.code);
        let filled = |template: &str| {
            let template = template.replace("{value}", &self.figure(self.value)).replace("{threshold}", &self.figure(Some(self.threshold)));
            template.replace("{peers}", &self.figure(self.peers))
        };
        (filled(zh), filled(en))
    }

    /// A figure in the unit of the code.
    fn figure(&self, value: Option<f64>) -> String {
        let Some(value) = value else { return "-".into() };
        match self.code {
            code::FREQUENT_LATENCY | code::IDENTICAL_GAPS | code::WHOLE_SECONDS | code::NEGATIVE_SHARE => {
                format!("{:.2} %", 100.0 * value)
            }
            code::WHOLE_MILLISECONDS => format!("{:.2}", 100.0 * value),
            code::COARSE_RESOLUTION | code::RESOLUTION_DIFFERS => format!("{value:.0} ns"),
            _ => format!("{value:.2}"),
        }
    }
}

/// Sentence templates of a raised sign, (Traditional Chinese, English), with `{value}`, `{threshold}` and `{peers}`; empty for an
/// unknown code.
#[must_use]
pub fn sign_words(code: &str) -> (&'static str, &'static str) {
    match code {
        code::FREQUENT_LATENCY => (
            "{value} 的委託延遲完全相同（上限 {threshold}）：收單時間疑似由送單時間加減固定值產生。",
            "{value} of the orders have exactly the same latency (limit {threshold}): receipt times look computed from sending times.",
        ),
        code::IDENTICAL_GAPS => (
            "{value} 的相鄰收單間隔與送單間隔完全相同（上限 {threshold}）：收單時間疑似複製自送單時間。",
            "{value} of consecutive receipt gaps equal the sending gaps to the last digit (limit {threshold}): receipt \
             times look copied from sending times.",
        ),
        code::LOAD_DEPENDENCE => (
            "延遲與負載的等級相關僅 {value}（下限 {threshold}），其他群組為 {peers}：延遲不隨負載變化。",
            "Rank correlation of latency with load is only {value} (at least {threshold} expected; other groups {peers}): \
             latency does not follow load.",
        ),
        code::MEMORY => (
            "相鄰委託延遲的自相關僅 {value}（下限 {threshold}），其他群組為 {peers}：延遲不像出自真實佇列。",
            "Autocorrelation of successive latencies is only {value} (at least {threshold} expected; other groups \
             {peers}): not what a real queue leaves.",
        ),
        code::NO_QUEUE => (
            "委託處理時間重疊，延遲卻無任何佇列痕跡（{value}，下限 {threshold}）：收單時間疑似人為產生；若系統並行處理、委託彼此無須等候，亦會如此：請以原始紀錄查明。",
            "Orders overlapped, yet latency shows no trace of a queue ({value}, at least {threshold} expected): receipt \
             times look generated, unless the system serves orders side by side and none waits for another: the original logs tell.",
        ),
        code::TAIL_RATIO => (
            "延遲 p99.9 僅為中位數的 {value} 倍（下限 {threshold} 倍）：缺少真實系統應有的尾部。",
            "The p99.9 of latency is only {value} times its median (at least {threshold} expected): the tail of a real system is missing.",
        ),
        code::VARIATION => (
            "延遲變異係數僅 {value}（下限 {threshold}）：延遲幾乎不變。",
            "The coefficient of variation of latency is only {value} (at least {threshold} expected): latency hardly varies.",
        ),
        code::LAST_DIGITS => (
            "時間戳記末位數字分布不均（Cramer's V {value}，上限 {threshold}）：疑似四捨五入或集中於 0、5。",
            "Last digits of the stamps are uneven (Cramer's V {value}, limit {threshold}): rounding, or heaping on 0 and 5.",
        ),
        code::COARSE_RESOLUTION => (
            "實際解析度為 {value}，粗於中位數最小容許差（fairness.margins.median）的五分之一（{threshold}）：無法判定如此小的差距；各組對所用容許差可能較寬，見該組對之理由。",
            "The effective resolution is {value}, coarser than {threshold}, a fifth of the least median margin \
             (fairness.margins.median): a gap so small cannot be settled. The margin of a pair may be wider; its reasons name it.",
        ),
        code::RESOLUTION_DIFFERS => (
            "實際解析度為 {value}，其他群組為 {threshold}：同一來源的時間戳記精度不一。",
            "The effective resolution is {value} where another group has {threshold}: one source, two resolutions.",
        ),
        code::WHOLE_SECONDS => (
            "{value} 的時間戳記恰為整秒（上限 {threshold}），其餘則遠為精細：這些時間疑似被截去秒以下（例如經試算表另存），延遲因而失真。",
            "{value} of the stamps stand at a whole second (limit {threshold}) where the others are much finer: they look cut, as by a \
             spreadsheet that saved them, and their latencies are not real.",
        ),
        code::WHOLE_MILLISECONDS => (
            "時間戳記恰為整毫秒之比率，較毫秒內任一其他位置高出 {value} 個百分點（上限 {threshold}），其餘則精細得多：應有部分主機或紀錄僅記至毫秒，其延遲之誤差可達一毫秒。",
            "The share of stamps at a whole millisecond exceeds that at any other place within one by {value} percentage points (limit \
             {threshold}), where the others are much finer: some host or record writes milliseconds, and those latencies may be off by one.",
        ),
        code::NEGATIVE_SHARE => (
            "{value} 的委託延遲為負（上限 {threshold}）：送單早於收單，時鐘或紀錄有誤。",
            "{value} of the latencies are negative (limit {threshold}): sent before received, so a clock or a record is wrong.",
        ),
        _ => ("", ""),
    }
}
