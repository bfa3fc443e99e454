//! What stands beside the verdict, said in sentences.

use crate::report::i18n::{name, verdict, words};
use crate::report::model::{Beside, MissingnessRow, PlaceboRow, ReplayRow, VerdictChangeRow, Words};
use crate::report::numbers::{count, duration, percent, points, shown_name, signed_duration, typeset};

/// Alarms first, then what random groupings, missing orders and a fair queue say.
pub(crate) fn beside(found: &Beside) -> Vec<Words> {
    let alarms = found.pooled.iter().filter_map(|pair| pair.alarm.as_ref()).map(|alarm| shown(&alarm.words));
    let missing = found.missingness.iter().filter(|pair| pair.missing != [0, 0]).map(missingness);
    let replayed = found.replay.iter().flat_map(|table| &table.groups).map(replay);
    alarms.chain(found.placebo.iter().map(placebo)).chain(missing).chain(replayed).collect()
}

/// A sentence of the method, which quotes names as the files have them.
fn shown(sentence: &Words) -> Words {
    words(shown_name(&sentence.zh, 1_200), shown_name(&sentence.en, 1_200))
}

fn placebo(found: &PlaceboRow) -> Words {
    let share = typeset(&percent(found.accused_share));
    let (groupings, accused) = (count(found.groupings.into()), count(found.accused.into()));
    words(
        format!(
            "安慰劑檢驗：將客戶隨機分組 {groupings} 次，其中 {accused} 次會被判為不公平（{share}）。若各客戶確實受到不同處理，隨機分組之間也會有差異，此比例隨之升高。"
        ),
        format!(
            "Placebo: of {groupings} groupings drawn at random by client, {accused} would have been accused ({share}). \
             Where clients are in fact treated differently, random groups differ too, and this share rises."
        ),
    )
}

fn missingness(pair: &MissingnessRow) -> Words {
    let (a, b) = (name(&pair.favoured), name(&pair.disadvantaged));
    let [share_a, share_b] = pair.shares.map(|share| typeset(&percent(share)));
    let difference = typeset(&points(pair.difference));
    let interval = pair.lower.zip(pair.upper).map(|(lower, upper)| format!(" [{}, {}]", typeset(&points(lower)), typeset(&points(upper))));
    let interval = interval.unwrap_or_default();
    let bounds = pair.gap_bounds.map(|bounds| bounds.map(|bound| typeset(&duration(bound))));
    let (zh, en) = bounds.map_or_else(Default::default, |[least, most]| {
        (
            format!("無論缺漏者延遲為何，中位數差（{b} 減 {a}）介於 {least} 與 {most}。"),
            format!(" Whatever their latencies were, the median gap ({b} minus {a}) lies between {least} and {most}."),
        )
    });
    words(
        format!("查無收單紀錄者：{a} {share_a}，{b} {share_b}，相差 {difference} 百分點{interval}。{zh}"),
        format!("Orders without a receipt: {a} {share_a}, {b} {share_b}, a difference of {difference} pp{interval}.{en}"),
    )
}

fn replay(group: &ReplayRow) -> Words {
    let (group_name, lost) = (name(&group.group), typeset(&signed_duration(group.lost_mean)));
    let places = typeset(&format!("{:+.3}", group.places as f64 / group.n.max(1) as f64));
    let one = one_order(group);
    words(
        format!("若先到先服務：{group_name} 目前每筆平均損失 {lost}、{places} 個順位（負值為獲益）。{}", one.zh),
        format!(
            "Against a first-come-first-served queue {group_name} loses {lost} and {places} places an order (negative: gains).{}",
            one.en
        ),
    )
}

/// Said of a mean that one order makes.
pub(crate) fn one_order(row: &ReplayRow) -> Words {
    let Some(largest) = row.one_order() else { return Words::default() };
    let largest = typeset(&signed_duration(largest as f64));
    words(
        format!("平均值大半出自一筆委託（{largest}）：請先查該筆時戳，平均值不足為憑。"),
        format!(" More than half of it is one order's ({largest}): look at its stamps first, the mean says little."),
    )
}

/// One changed verdict.
pub(crate) fn verdict_change(change: &VerdictChangeRow) -> Words {
    let (a, b) = (name(&change.favoured), name(&change.disadvantaged));
    let (from, to) = (verdict(&change.from), verdict(&change.to));
    let reasons = if change.reasons.is_empty() { String::new() } else { format!(" ({})", change.reasons.join(", ")) };
    words(
        format!("{a} \u{2192} {b}：{} \u{2192} {}{reasons}", from.zh, to.zh),
        format!("{a} \u{2192} {b}: {} \u{2192} {}{reasons}", from.en, to.en),
    )
}
