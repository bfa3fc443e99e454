//! What each chart says: its message, and the same in words for who cannot see it.

use crate::report::i18n::sentences::fastest_and_slowest;
use crate::report::i18n::{Label, name, words};
use crate::report::model::{GroupRow, MedianSeries, OverTime, PairRow, PriorityCell, PriorityLadder, StudyResult, TimeOfDay, Words};
use crate::report::numbers::{count, duration, duration_f64, points, signed_duration, typeset};

const HOUR: i64 = 3_600_000_000_000;

fn set(nanos: i64) -> String {
    typeset(&duration(nanos))
}

/// The message of the ECDF, from the raw medians.
pub(crate) fn ecdf_title(groups: &[GroupRow]) -> Words {
    let counted: Vec<_> = groups.iter().filter(|group| group.n > 0).collect();
    match (counted.as_slice(), fastest_and_slowest(groups)) {
        ([], _) => words("沒有已勾稽的委託", "No order was matched"),
        ([only], _) => {
            let (name, median) = (name(&only.group), typeset(&duration(only.p50)));
            words(format!("{name}：半數委託在 {median} 內送出"), format!("{name}: half of the orders leave within {median}"))
        }
        (all, Some((fast, slow))) if fast.p50 < slow.p50 => {
            let gap = typeset(&duration(slow.p50.saturating_sub(fast.p50)));
            let (a, b) = (name(&fast.group), name(&slow.group));
            let among = if all.len() > 2 {
                words(format!("（{} 組中最慢對最快）", all.len()), format!(" (slowest against fastest of {})", all.len()))
            } else {
                Words::default()
            };
            words(
                format!("{b} 的中位延遲比 {a} 多 {gap}{}", among.zh),
                format!("{b} waits {gap} longer than {a} at the median{}", among.en),
            )
        }
        (all, _) => {
            let median = typeset(&duration(all[0].p50));
            words(format!("各群組中位延遲之讀數相同：{median}"), format!("The medians of all groups read the same: {median}"))
        }
    }
}

/// What the ECDF shows, and of how many.
pub(crate) fn ecdf_subtitle(drawn: usize, groups: &[GroupRow]) -> Words {
    let n = count(groups.iter().map(|group| group.n).sum());
    let total = groups.len();
    let some = if drawn < total {
        words(format!(" · 委託最多的 {drawn} 組（共 {total} 組）"), format!(" · the {drawn} largest of {total} groups"))
    } else {
        Words::default()
    };
    words(
        format!("收單至送出的延遲累積分布 · 全部已勾稽委託 n = {n} · 原始值，未調整負載與時段{}", some.zh),
        format!("Received to sent, cumulative · all matched orders, n = {n} · raw: not adjusted for load or time of day{}", some.en),
    )
}

/// Alternative text of the ECDF: the medians and tails in words.
pub(crate) fn chart_alt_ecdf(groups: &[GroupRow]) -> Words {
    let title = ecdf_title(groups);
    let each = |group: &GroupRow| {
        format!("{} n={} p50={} p99={}", name(&group.group), count(group.n), typeset(&duration(group.p50)), typeset(&duration(group.p99)))
    };
    let list = groups.iter().take(12).map(each).collect::<Vec<_>>().join("; ");
    words(format!("{}。{list}", title.zh), format!("{}. {list}", title.en))
}

/// The message of the percentile plot: the slowest hundredth of the groups with the longest and the shortest.
pub(crate) fn percentile_title(groups: &[GroupRow]) -> Words {
    let enough = || groups.iter().filter(|group| group.n >= 1_000);
    let by_p99 = |a: &&GroupRow, b: &&GroupRow| a.p99.cmp(&b.p99).then_with(|| b.group.cmp(&a.group));
    match (enough().max_by(by_p99), enough().min_by(by_p99)) {
        (Some(slow), Some(fast)) if slow.group != fast.group => words(
            format!(
                "最慢的 1 % 委託：{} 等候 {} 以上，{} 等候 {} 以上",
                name(&slow.group),
                set(slow.p99),
                name(&fast.group),
                set(fast.p99)
            ),
            format!(
                "The slowest 1 % wait {} or more in {}, {} or more in {}",
                set(slow.p99),
                name(&slow.group),
                set(fast.p99),
                name(&fast.group)
            ),
        ),
        (Some(only), _) => words(
            format!("{} 最慢的 1 % 委託等候 {} 以上", name(&only.group), set(only.p99)),
            format!("The slowest 1 % wait {} or more in {}", set(only.p99), name(&only.group)),
        ),
        _ => words("各百分位的延遲", "Latency at each percentile"),
    }
}

/// The message of the shift functions: where in the distribution the widest pair's gap lies.
pub(crate) fn shift_title(pair: &PairRow) -> Words {
    let at = |q: f64| pair.shift.iter().find(|point| (point.q - q).abs() < 1e-9).map(|point| typeset(&signed_duration(point.difference)));
    let (a, b) = (name(&pair.favoured), name(&pair.disadvantaged));
    match (at(0.1), at(0.5), at(0.9)) {
        (Some(low), Some(mid), Some(high)) => words(
            format!("{b} 減 {a}：第 10 百分位 {low}，中位數 {mid}，第 90 百分位 {high}"),
            format!("{b} minus {a}: {low} at the 10th percentile, {mid} at the median, {high} at the 90th"),
        ),
        _ => words(format!("{b} 減 {a}：各百分位之差"), format!("{b} minus {a} at each percentile")),
    }
}

/// Alternative text of the shift functions.
pub(crate) fn chart_alt_shift(pairs: &[&PairRow]) -> String {
    let one = |pair: &&PairRow| {
        let list: Vec<String> =
            pair.shift.iter().map(|point| format!("{} %: {}", point.q * 100.0, typeset(&signed_duration(point.difference)))).collect();
        format!("{} → {}: {}", name(&pair.favoured), name(&pair.disadvantaged), list.join(", "))
    };
    pairs.iter().map(one).collect::<Vec<_>>().join("; ")
}

/// The message of the timeline: a change that is claimed, or that none is.
pub(crate) fn timeline_title(result: &StudyResult) -> Words {
    let changed = result.pairs.iter().find(|pair| pair.change_point.is_some() && pair.favoured < pair.disadvantaged);
    match (changed, result.pairs.iter().any(|pair| pair.median_gap.is_some())) {
        (Some(pair), _) => {
            let (a, b) = (name(&pair.favoured), name(&pair.disadvantaged));
            words(format!("{a} 與 {b} 之間的差距在期間內改變"), format!("The gap between {a} and {b} changed during the study"))
        }
        (None, true) => words("各組合之差距在期間內未見改變", "No pair's gap is seen to change during the study"),
        (None, false) => words("各群組中位延遲之走勢", "Each group's median latency over time"),
    }
}

/// What a point of the timeline is.
pub(crate) fn timeline_subtitle(unit: &str) -> Words {
    let (zh, en) = match unit {
        "block" => ("每點為一個時段", "one point a block of the day"),
        "day" => ("每點為一個交易日", "one point a trading day"),
        _ => ("每點為一週", "one point a week"),
    };
    words(
        format!("{zh}之中位延遲・原始值，未調整負載與組成・空心為不足 10 筆・垂直線為方法認定之變化點"),
        format!(
            "{en}: median latency, raw, not adjusted for load or mix; hollow: fewer than 10 orders; vertical line: a change the method claims"
        ),
    )
}

/// Beside the line of a change.
pub(crate) fn change_label(pair: &PairRow) -> Words {
    let (a, b) = (name(&pair.favoured), name(&pair.disadvantaged));
    words(format!("{a} → {b} 改變"), format!("{a} → {b} changes"))
}

/// Alternative text of the timeline: the first and the last median of each group.
pub(crate) fn chart_alt_timeline(found: &OverTime) -> Words {
    let (first, last) = (found.dates.first().map_or("", String::as_str), found.dates.last().map_or("", String::as_str));
    let ends = |series: &MedianSeries| {
        let mut medians = series.p50.iter().flatten();
        let first = medians.next().map_or_else(String::new, |nanos| set(*nanos));
        let last = medians.last().map_or_else(|| first.clone(), |nanos| set(*nanos));
        format!("{} {first} … {last}", name(&series.group))
    };
    let list = found.groups.iter().take(12).map(ends).collect::<Vec<_>>().join("; ");
    words(format!("{first} 至 {last}，首末中位數：{list}"), format!("{first} to {last}, first and last median: {list}"))
}

/// The slowest column that rests on enough orders: group, start, median.
fn slowest(found: &TimeOfDay, least: u64) -> Option<(&str, i64, i64)> {
    let of = |series: &'_ MedianSeries| {
        let firm = series.p50.iter().enumerate().filter(|(at, _)| series.n[*at] >= least);
        firm.filter_map(|(at, nanos)| Some(((*nanos)?, at))).max_by_key(|(nanos, at)| (*nanos, std::cmp::Reverse(*at)))
    };
    let all = found.groups.iter().filter_map(|series| Some((of(series)?, series.group.as_str())));
    let ((nanos, at), group) = all.max_by_key(|((nanos, at), group)| (*nanos, std::cmp::Reverse(*at), std::cmp::Reverse(*group)))?;
    Some((group, found.starts[at], nanos))
}

/// Hours and minutes of a time since midnight.
pub(crate) fn clock(nanos: i64) -> String {
    format!("{:02}:{:02}", nanos / HOUR, nanos % HOUR * 60 / HOUR)
}

/// The message of the heat map.
pub(crate) fn heat_title(found: &TimeOfDay, least: u64) -> Words {
    match slowest(found, least) {
        Some((group, start, nanos)) => words(
            format!("最慢的一格：{} 起，中位數 {}（{}，原始值）", clock(start), set(nanos), name(group)),
            format!("The slowest cell: from {}, median {} ({}, raw)", clock(start), set(nanos), name(group)),
        ),
        None => words("一日之內的延遲", "Latency through the day"),
    }
}

/// What a column of the heat map is.
pub(crate) fn heat_subtitle(slot: i64, least: u64) -> Words {
    let minutes = slot / (HOUR / 60);
    words(
        format!("每格為 {minutes} 分鐘內的中位延遲，各交易日合併・原始值・灰色為不足 {least} 筆"),
        format!("median latency of each {minutes} minutes, all days together; raw; grey: fewer than {least} orders"),
    )
}

/// Alternative text of the heat map.
pub(crate) fn chart_alt_heat(found: &TimeOfDay, least: u64) -> Words {
    let title = heat_title(found, least);
    let range = |series: &MedianSeries| {
        let firm = || series.p50.iter().enumerate().filter(|(at, _)| series.n[*at] >= least).filter_map(|(_, nanos)| *nanos);
        let (low, high) = (firm().min()?, firm().max()?);
        Some(format!("{} {} – {}", name(&series.group), set(low), set(high)))
    };
    let list = found.groups.iter().take(12).filter_map(range).collect::<Vec<_>>().join("; ");
    words(format!("{}。{list}", title.zh), format!("{}. {list}", title.en))
}

/// Chances to pass below which nothing is said of their absence.
const FEW_OPPORTUNITIES: u64 = 100;

/// The message of the passing matrix: the largest asymmetry whose interval excludes zero, or that there is none.
pub(crate) fn passing_title(cells: &[PriorityCell]) -> Words {
    let sure = cells.iter().filter(|cell| cell.lower.is_some_and(|lower| lower > 0.0));
    let largest = sure.max_by(|a, b| a.asymmetry.unwrap_or(0.0).total_cmp(&b.asymmetry.unwrap_or(0.0)));
    match largest {
        Some(cell) => {
            let (a, b, by) = (name(&cell.later), name(&cell.earlier), points(cell.asymmetry.unwrap_or(0.0)));
            words(
                format!("{a} 越過 {b} 之比率高於 {b} 越過 {a}（{by} 百分點）"),
                format!("{a} passes {b} more often than {b} passes {a} ({by} pp)"),
            )
        }
        None if cells.iter().all(|cell| cell.opportunities < FEW_OPPORTUNITIES) => {
            words("可越過之機會過少，無從比較", "Too few chances to pass for a comparison")
        }
        None => words("沒有群組越過他人之比率明顯高於被越過之比率", "No group is seen to pass another more often than it is passed"),
    }
}

/// Alternative text of the passing matrix.
pub(crate) fn chart_alt_passing(cells: &[PriorityCell]) -> Words {
    let one = |cell: &PriorityCell, expected: &str| {
        let (passed, chances) = (count(cell.provable), count(cell.opportunities));
        format!("{} → {}: {passed} / {chances}, {expected} {:.1}", name(&cell.later), name(&cell.earlier), cell.expected)
    };
    let list = |expected: &str| cells.iter().take(56).map(|cell| one(cell, expected)).collect::<Vec<_>>().join("; ");
    words(list("無偏好時"), list("without preference"))
}

/// A subtitle, and how many are drawn where that is not all.
pub(crate) fn of_all(subtitle: Label, most: usize, all: usize) -> Words {
    let (zh, en) = if all > most {
        (format!("・差距最大的 {most} 組（共 {all} 組）"), format!("; the {most} widest of {all} pairs"))
    } else {
        Default::default()
    };
    words(format!("{}{zh}", subtitle.zh), format!("{}{en}", subtitle.en))
}

/// The message of the ladders: the first case in a sentence; `counted` where a rule counts it.
pub(crate) fn ladder_title(case: &PriorityLadder, counted: bool) -> Words {
    let [passed, passer] = &case.orders;
    let later = set(passer.received.saturating_sub(passed.received));
    let (a, b) = (name(&passer.group), name(&passed.group));
    if counted {
        let ahead = set(case.ahead());
        return words(
            format!("個案：{a} 群的委託比 {b} 群晚 {later} 收到，卻早 {ahead} 送出"),
            format!("A case: an order of group {a} came {later} after one of group {b} and was sent {ahead} before it"),
        );
    }
    words(
        format!("最遠的一次：{a} 群的委託晚 {later} 收到，先於 {b} 群的委託送出"),
        format!("The farthest: an order of group {a} came {later} after one of group {b} and left first"),
    )
}

/// Alternative text of the ladders.
pub(crate) fn chart_alt_ladder(cases: &[PriorityLadder], counted: bool) -> Words {
    let list = |pick: fn(&Words) -> &str| {
        let one = |case: &PriorityLadder| {
            let [passed, passer] = &case.orders;
            let waited = [passed, passer].map(|order| duration_f64(order.sent.saturating_sub(order.received) as f64));
            format!("{}: {} / {}", pick(&ladder_title(case, counted)), typeset(&waited[0]), typeset(&waited[1]))
        };
        cases.iter().map(one).collect::<Vec<_>>().join("; ")
    };
    words(list(|words| &words.zh), list(|words| &words.en))
}
