//! Latencies of whole hours or days, in words: before anything else, for no figure of such a group can be quoted.

use crate::measure::latency::{GroupedLatencies, Sorted};
use crate::record::shift::hours_off;
use crate::record::{Latency, Names};
use crate::report::model::Words;

/// Of the groups whose median latency is one of whole hours: by how much.
pub(crate) fn shifted(groups: &Names, grouped: &GroupedLatencies) -> Option<Words> {
    let of_group = |(code, sorted): (usize, Sorted<'_>)| Some((groups.get(code)?, hours_off(Latency(sorted.summary()?.p50))?));
    let found: Vec<(&String, i64)> = grouped.groups().enumerate().filter_map(of_group).collect();
    if found.is_empty() {
        return None;
    }
    let listed =
        |unit: &str, joint: &str| found.iter().map(|(name, hours)| format!("{name} {hours:+} {unit}")).collect::<Vec<_>>().join(joint);
    Some(Words {
        zh: format!(
            "延遲中位數恰為整數小時或整日（{}）：收單或委託的時區或日期有誤，請檢查 study.toml 的 timezone 與時間欄格式；更正前任何延遲數字均不可引用",
            listed("小時", "、")
        ),
        en: format!(
            "the median latency is one of whole hours or days ({}): the zone or the date of receipts or orders is wrong; check `timezone` and the formats of times in study.toml; no latency can be quoted before that is mended",
            listed("h", ", ")
        ),
    })
}
