//! Sentence templates. Each takes figures of the model and says them in both languages.

use std::collections::BTreeSet;

use crate::record::UNKNOWN_GROUP;
use crate::report::days::DaysVerdict;
use crate::report::i18n::{LABELS, Label, Language, name, words};
use crate::report::model::{Effect, FindingRow, GroupRow, InputSide, PairRow, Reconciliation, StudyResult, Words};
use crate::report::numbers::{count, duration, duration_f64, percent, points, shown_name, signed_duration, typeset};

/// The word of a study or pair verdict.
pub(crate) fn verdict(verdict: &str) -> Label {
    match verdict {
        "finding" => Label { zh: "有發現", en: "FINDING" },
        "no_finding" => Label { zh: "未發現", en: "NO FINDING" },
        "unfair" => Label { zh: "不公平", en: "unfair" },
        "fair" => Label { zh: "公平", en: "fair" },
        "reversed" => Label { zh: "方向相反", en: "reversed" },
        "client_specific" => Label { zh: "個別客戶", en: "single clients" },
        "not_judged" => Label { zh: "未判定", en: "not judged" },
        "clean" => Label { zh: "非可疑", en: "not suspect" },
        "suspect" => Label { zh: "可疑", en: "suspect" },
        "confirmed" => Label { zh: "成立", en: "confirmed" },
        "insufficient" => Label { zh: "證據不足", en: "insufficient evidence" },
        "not_held" => Label { zh: "未達認定標準", en: "the rule does not hold" },
        _ => Label { zh: "無法判定", en: "inconclusive" },
    }
}

/// The word of a scorecard state.
pub(crate) fn state(state: &str) -> Label {
    match state {
        "finding" => Label { zh: "有發現", en: "finding" },
        "none" => Label { zh: "未發現", en: "nothing found" },
        "not_run" => Label { zh: "未執行", en: "not run" },
        _ => Label { zh: "證據不足", en: "insufficient evidence" },
    }
}

/// The group that all others were compared with, where they were not with each other.
fn only_reference(result: &StudyResult) -> Option<String> {
    let groups: BTreeSet<&str> = result.pairs.iter().flat_map(|pair| [pair.favoured.as_str(), pair.disadvantaged.as_str()]).collect();
    let in_all = |group: &&&str| result.pairs.iter().all(|pair| [&pair.favoured, &pair.disadvantaged].contains(&&(**group).to_string()));
    let all = groups.len() * groups.len().saturating_sub(1);
    groups.iter().find(in_all).filter(|_| result.pairs.len() < all).map(|group| shown_name(group, 60))
}

/// The first line: the verdict in words, and what was not run.
pub(crate) fn headline(result: &StudyResult) -> Words {
    let treated_apart = result.pairs.iter().any(|pair| pair.verdict == "unfair" || pair.client_specific);
    let handled = handled_apart(result).next().map(|finding| finding.code.as_str());
    let said = match (result.tool.command.as_str(), result.verdict.as_str()) {
        ("check", _) => words("初步檢視：僅列數字，未作公平性判定", "First look: figures only, no fairness verdict was sought"),
        (_, "finding") if treated_apart => words("有發現：客戶未受到相同對待", "Finding: clients were not treated alike"),
        (_, "finding") if handled == Some("P03") => {
            words("有發現：自營委託先於已收受之客戶委託", "Finding: house orders went ahead of client orders already received")
        }
        (_, "finding") if handled.is_some() => {
            words("有發現：委託未依收單順序處理", "Finding: orders were not handled in the order of receipt")
        }
        (_, "finding") => breach_in(result),
        (_, "no_finding") if let Some(reference) = only_reference(result) => words(
            format!("未發現：各群組與 {reference} 在容許差內受到相同對待；其餘群組彼此未作比較"),
            format!(
                "No finding: each group was treated like {reference}, within the margins; the others were not compared with each other"
            ),
        ),
        (_, "no_finding") => words("未發現：各群組在容許差內受到相同對待", "No finding: the groups were treated alike, within the margins"),
        _ => words(
            "無法判定：現有證據不足以斷定客戶是否受到相同對待",
            "Inconclusive: this evidence does not settle whether clients were treated alike",
        ),
    };
    let in_state = |state: &str| result.scorecard.iter().filter(|row| row.state == state).count();
    let (total, not_run, insufficient) = (result.scorecard.len(), in_state("not_run"), in_state("insufficient"));
    // What was not settled stands in the first line: a reader who stops there has not been told that all is well.
    match (not_run, insufficient) {
        (0, 0) => said,
        (_, 0) => words(
            format!("{}（{total} 項查核發現中 {not_run} 項未執行）", said.zh),
            format!("{} ({not_run} of {total} audit findings not run)", said.en),
        ),
        (0, _) => words(
            format!("{}（{total} 項查核發現中 {insufficient} 項證據不足）", said.zh),
            format!("{} ({insufficient} of {total} audit findings without sufficient evidence)", said.en),
        ),
        _ => words(
            format!("{}（{total} 項查核發現中 {not_run} 項未執行、{insufficient} 項證據不足）", said.zh),
            format!("{} ({not_run} of {total} audit findings not run, {insufficient} without sufficient evidence)", said.en),
        ),
    }
}

/// Where a breach is that is none of treatment.
fn breach_in(result: &StudyResult) -> Words {
    let confirmed = |families: &[&str]| {
        result.findings.iter().any(|finding| finding.verdict == "confirmed" && families.contains(&finding.family.as_str()))
    };
    let places =
        [(&["R", "T"][..], "紀錄", "the records"), (&["A"], "共置主機之使用", "access lists"), (&["C", "X"], "控管", "the controls")];
    let (zh, en): (Vec<&str>, Vec<&str>) = places.iter().filter(|place| confirmed(place.0)).map(|place| (place.1, place.2)).unzip();
    match en[..] {
        [] => words("有發現：紀錄或控管有缺失", "Finding: the records or controls show a breach"),
        _ => words(format!("有發現：{}有缺失", zh.join("、")), format!("Finding: {} show a breach", en.join(" and "))),
    }
}

/// Confirmed findings on the order of handling, trading ahead of clients first.
fn handled_apart(result: &StudyResult) -> impl Iterator<Item = &FindingRow> {
    let confirmed = |finding: &&FindingRow| finding.family == "P" && finding.verdict == "confirmed";
    let found = move |is_house: bool| result.findings.iter().filter(confirmed).filter(move |finding| (finding.code == "P03") == is_house);
    found(true).chain(found(false))
}

/// Three to six sentences under the headline.
pub(crate) fn summary(result: &StudyResult) -> Vec<Words> {
    let mut said = vec![coverage(result)];
    said.extend(strongest_effect(result));
    said.extend(handled_apart(result).map(|finding| {
        let (code, Words { zh, en }) = (&finding.code, &finding.summary);
        words(format!("處理順序（{code}）：{zh}。"), format!("Order of handling ({code}): {en}."))
    }));
    said.extend(pair_tally(result));
    said.extend(raw_gap(result));
    said.extend(unmatched(&result.reconciliation));
    said.extend(negatives(&result.reconciliation));
    said.truncate(6);
    said
}

fn coverage(result: &StudyResult) -> Words {
    let (r, accepted) = (&result.reconciliation, result.input.orders.accepted);
    if accepted == 0 {
        return words("沒有任何委託可供查核。", "There was no order to examine.");
    }
    let share = typeset(&percent(r.matched as f64 / accepted as f64));
    let groups = result.groups.iter().filter(|group| group.group != UNKNOWN_GROUP).count();
    let (matched, orders) = (count(r.matched), count(accepted));
    let period = result.study.period.as_ref();
    let days = period.map(|p| {
        words(
            format!("，涵蓋 {} 個交易日（{} 至 {}）", count(p.days), p.first, p.last),
            format!(" on {} ({} to {})", plural(p.days, "trading day"), p.first, p.last),
        )
    });
    let days = days.unwrap_or_default();
    words(
        format!("採用的 {orders} 筆委託中，{matched} 筆（{share}）與客戶收單紀錄勾稽相符，分屬 {groups} 個客戶群組{}。", days.zh),
        format!(
            "Of {orders} orders accepted, {matched} ({share}) are matched to a client receipt, in {}{}.",
            plural(groups as u64, "client group"),
            days.en
        ),
    )
}

/// The effect of an unfair or client-specific pair that is largest against its margin, whichever metric that counts it is; else nothing.
fn strongest_effect(result: &StudyResult) -> Option<Words> {
    let accused = result.pairs.iter().filter(|pair| pair.verdict == "unfair" || pair.client_specific);
    let effects = accused.flat_map(|pair| {
        let metrics = [(Metric::Median, &pair.median_gap), (Metric::Tail, &pair.tail_excess), (Metric::Overtaking, &pair.overtaking)];
        let counts = std::iter::zip(metrics, silenced(pair)).filter(|(_, silent)| !silent).map(|(metric, _)| metric);
        counts.filter_map(move |(metric, effect)| Some((pair, metric, effect.as_ref()?)))
    });
    let ratio = |effect: &Effect| effect.estimate / effect.margin;
    let (pair, metric, effect) = effects.filter(|(_, _, e)| ratio(e).is_finite()).max_by(|a, b| ratio(a.2).total_cmp(&ratio(b.2)))?;
    let (a, b) = (name(&pair.favoured), name(&pair.disadvantaged));
    let values = [effect.estimate, effect.lower, effect.upper, effect.margin];
    let [estimate, lower, upper, margin] = match metric {
        Metric::Median => values.map(|v| typeset(&duration_f64(v))),
        Metric::Tail | Metric::Overtaking => values.map(|v| typeset(points(v).trim_start_matches('+'))),
    };
    Some(match metric {
        Metric::Median => words(
            format!("在可相比較的委託之間，{b} 的中位延遲比 {a} 多 {estimate}（區間 {lower} 至 {upper}；容許差 {margin}）。"),
            format!(
                "Among comparable orders, {b} waits {estimate} longer than {a} at the median (interval {lower} to {upper}; margin {margin})."
            ),
        ),
        Metric::Tail => words(
            format!(
                "在可相比較的委託之間，{b} 落入最慢 1 % 的比例比 {a} 多 {estimate} 個百分點（區間 {lower} 至 {upper}；容許差 {margin}）。"
            ),
            format!(
                "Among comparable orders, {b} falls among the slowest 1 % more often than {a} by {estimate} percentage points (interval {lower} to {upper}; margin {margin})."
            ),
        ),
        Metric::Overtaking => words(
            format!(
                "在可相比較的委託之間，{a} 後到先送而越過 {b} 的比率，比反方向多 {estimate} 個百分點（區間 {lower} 至 {upper}；容許差 {margin}）。"
            ),
            format!(
                "Among comparable orders, {a} passes {b} more often than the reverse by {estimate} percentage points (interval {lower} to {upper}; margin {margin})."
            ),
        ),
    })
}

/// The three metrics a verdict rests on.
#[derive(Clone, Copy)]
enum Metric {
    Median,
    Tail,
    Overtaking,
}

fn pair_tally(result: &StudyResult) -> Option<Words> {
    if result.pairs.is_empty() || result.tool.command == "check" {
        return None;
    }
    let of = |wanted: &str| result.pairs.iter().filter(|pair| pair.verdict == wanted).count();
    let (unfair, fair, reversed, open) = (of("unfair"), of("fair"), of("reversed"), of("inconclusive"));
    let (total, specific) = (result.pairs.len(), result.pairs.iter().filter(|pair| pair.client_specific).count());
    let single =
        words(format!("；其中 {specific} 組的差異繫於個別客戶"), format!("; in {specific} the difference hangs on single clients"));
    let single = if specific == 0 { Words::default() } else { single };
    Some(words(
        format!("{total} 組有序組合中：不公平 {unfair}、公平 {fair}、方向相反 {reversed}、無法判定 {open}{}。", single.zh),
        format!(
            "Of {} of groups: {unfair} unfair, {fair} fair, {reversed} reversed, {open} inconclusive{}.",
            plural(total as u64, "ordered pair"),
            single.en
        ),
    ))
}

fn raw_gap(result: &StudyResult) -> Option<Words> {
    let (fast, slow) = fastest_and_slowest(&result.groups)?;
    let [low, high] = [fast.p50, slow.p50].map(|v| typeset(&duration(v)));
    let (fast, slow) = (name(&fast.group), name(&slow.group));
    if low == high {
        return Some(words(
            format!("未經調整的中位延遲，各群組之讀數相同：{low}；本身不是判定。"),
            format!("Unadjusted, the medians of all groups read {low}; that is no verdict by itself."),
        ));
    }
    Some(words(
        format!("未經調整的中位延遲，最短為 {fast} 的 {low}，最長為 {slow} 的 {high}；此差距含負載與時段的影響，本身不是判定。"),
        format!(
            "Unadjusted, the median runs from {low} ({fast}) to {high} ({slow}); that includes load and time of day and is no verdict by itself."
        ),
    ))
}

/// Where the raw quantiles of a pair's groups stand the other way round than the effect judged, beyond its error: what a reader of the table
/// of groups would take for a contradiction.
pub(crate) fn raw_disagrees(pair: &PairRow, groups: &[GroupRow]) -> Vec<Words> {
    let group = |name: &str| groups.iter().find(|group| group.group == name);
    let Some((first, second)) = group(&pair.favoured).zip(group(&pair.disadvantaged)) else { return Vec::new() };
    let of_median = ["中位數", "median", "同時段、同負載相比，較慢者", "like for like the slower one"];
    let of_tail = [
        "p99",
        "p99",
        "尾端超額問的是同種類、同負載之最慢 1 % 中何者占比較高，",
        "the tail excess asks who is more often among the slowest 1 % of one kind and load, which",
    ];
    let measures = [(&pair.median_gap, [first.p50, second.p50], of_median), (&pair.tail_excess, [first.p99, second.p99], of_tail)];
    let contrary = |(effect, raw, [zh, en, asked_zh, asked_en]): (&Option<Effect>, [i64; 2], [&str; 4])| {
        let effect = effect.as_ref().filter(|effect| effect.lower > 0.0 && raw[0] > raw[1] || effect.upper < 0.0 && raw[0] < raw[1])?;
        let [a, b] = raw.map(|nanos| typeset(&duration(nanos)));
        let (first, second) = (name(&pair.favoured), name(&pair.disadvantaged));
        let slower = if effect.estimate > 0.0 { &second } else { &first };
        Some(words(
            format!(
                "未經調整之 {zh}，{first} 為 {a}、{second} 為 {b}，看似相反：原始值混有各群組送單之時段與負載；{asked_zh}為 {slower}，判定以此為準"
            ),
            format!(
                "the raw {en} seems to say the opposite ({first} {a}, {second} {b}): it mixes in when and under what load each group sends; \
                 {asked_en} is {slower}, and that is judged"
            ),
        ))
    };
    measures.into_iter().filter_map(contrary).collect()
}

/// Confirmed findings that stand under none of the eight audit findings.
pub(crate) fn outside_the_eight(result: &StudyResult) -> Option<Words> {
    let counted = |code: &String| result.scorecard.iter().any(|row| row.codes.contains(code));
    let outside = || result.findings.iter().filter(|finding| finding.verdict == "confirmed" && !counted(&finding.code));
    let list = |pick: fn(&Words) -> &str, mark: &str| {
        outside().map(|finding| format!("{} {}", finding.code, pick(&finding.summary))).collect::<Vec<_>>().join(mark)
    };
    outside().next()?;
    Some(words(
        format!("八項以外之成立發現：{}", list(|words| &words.zh, "；")),
        format!("Confirmed, and under none of the eight: {}", list(|words| &words.en, "; ")),
    ))
}

fn unmatched(r: &Reconciliation) -> Option<Words> {
    if r.missing_receipt == 0 && r.orphan_receipt == 0 {
        return None;
    }
    let (missing, orphan) = (count(r.missing_receipt), count(r.orphan_receipt));
    Some(words(
        format!("{missing} 筆委託查無收單紀錄，{orphan} 筆收單紀錄查無委託；逐筆列於例外明細表。"),
        format!("{missing} orders have no receipt and {orphan} receipts have no order; each is listed in the table of exceptions."),
    ))
}

fn negatives(r: &Reconciliation) -> Option<Words> {
    let share = typeset(&percent(r.negative as f64 / r.matched.max(1) as f64));
    let n = count(r.negative);
    (r.negative > 0).then(|| {
        words(
            format!("{n} 筆（{share}）的送出時間早於收單時間，屬時戳或時鐘的問題；均予保留並計數。"),
            format!("{n} orders ({share}) were sent before they were received, which is a question of stamps or clocks; they are kept and counted."),
        )
    })
}

fn plural(n: u64, noun: &str) -> String {
    if n == 1 { format!("1 {noun}") } else { format!("{} {noun}s", count(n)) }
}

/// The groups with the smallest and the largest median; nothing below two groups.
pub(crate) fn fastest_and_slowest(groups: &[GroupRow]) -> Option<(&GroupRow, &GroupRow)> {
    let counted = || groups.iter().filter(|group| group.n > 0);
    let fast = counted().min_by_key(|group| group.p50)?;
    let slow = counted().max_by_key(|group| group.p50)?;
    (fast.group != slow.group).then_some((fast, slow))
}

/// The message of the waterfall.
pub(crate) fn waterfall_title(result: &StudyResult) -> Words {
    let (read, matched) = (result.input.orders.rows, result.reconciliation.matched);
    if read == 0 {
        return words("沒有讀到任何委託", "No order was read");
    }
    let (share, n, rows) = (typeset(&percent(matched as f64 / read as f64)), count(matched), count(read));
    words(
        format!("讀入的 {rows} 筆委託中，{n} 筆（{share}）勾稽相符"),
        format!("{n} of {rows} orders read ({share}) are matched to a receipt"),
    )
}

/// Alternative text of the waterfall.
pub(crate) fn chart_alt_waterfall(language: Language, steps: &[(Label, u64)]) -> String {
    steps.iter().map(|(label, n)| format!("{} {}", label.pick(language), count(*n))).collect::<Vec<_>>().join(", ")
}

/// Whether one side of the reconciliation adds up, with the sum written out.
pub(crate) fn balance(side: &InputSide, parts: &[u64]) -> Words {
    let sum: u64 = parts.iter().sum();
    let written = parts.iter().map(|n| count(*n)).collect::<Vec<_>>().join(" + ");
    let (rows, off) = (count(side.rows), count(side.rows.abs_diff(sum)));
    if side.rows == sum {
        words(format!("{written} = {rows}，{}", LABELS.balances.zh), format!("{written} = {rows}, {}", LABELS.balances.en))
    } else {
        words(format!("{written} ≠ {rows}，{} {off}", LABELS.off_by.zh), format!("{written} ≠ {rows}, {} {off}", LABELS.off_by.en))
    }
}

/// A day as `summarize` wrote it.
pub(crate) fn summarized_day(date: &str, n_orders: u64, n_bytes: usize, n_rejected: u64) -> Words {
    let each = n_bytes as f64 / n_orders.max(1) as f64;
    let [orders, bytes, rejected] = [n_orders, n_bytes as u64, n_rejected].map(count);
    words(
        format!("{date}：{orders} 筆有收單紀錄之委託，{bytes} 位元組（每筆 {each:.1}）；無法讀取 {rejected} 列"),
        format!("{date}: {orders} matched orders, {bytes} bytes ({each:.1} an order); {rejected} rows could not be read"),
    )
}

/// What a verdict on united days rests on.
pub(crate) fn united_days(found: &DaysVerdict) -> Words {
    let (n_days, [n_orders, missing, orphan]) = (found.days.len(), [found.orders, found.missing_receipt, found.orphan_receipt].map(count));
    let unmatched = if found.missing_receipt + found.orphan_receipt == 0 {
        Words::default()
    } else {
        words(
            format!("；另有 {missing} 筆委託查無收單、{orphan} 筆收單查無委託，此處不予認定"),
            format!("; {missing} orders without a receipt and {orphan} receipts without an order are not judged here"),
        )
    };
    words(
        format!(
            "{n_days} 個交易日、{n_orders} 筆有收單紀錄之委託合併判斷；僅判斷各組之處理，紀錄、資格與控制請見 colofair study{}",
            unmatched.zh
        ),
        format!(
            "{n_days} trading days, {n_orders} matched orders, judged as one; the pairs alone: records, access and controls are `colofair study`'s{}",
            unmatched.en
        ),
    )
}

/// Which of median, tail and overtaking of a pair do not count, by its reasons.
pub(crate) fn silenced(pair: &PairRow) -> [bool; 3] {
    let has = |codes: &[&str]| pair.reasons.iter().any(|reason| codes.contains(&reason.code.as_str()));
    [has(&["coarse_median", "tied_stamps"]), has(&["coarse_tail", "clock_tail"]), has(&["few_overtaking_pairs", "no_overtaking_estimate"])]
}

/// The message of the forest plot: the widest gap of an unfair pair that exceeds its margin, else the widest gap there is.
pub(crate) fn forest_title(pairs: &[PairRow]) -> Words {
    let gaps = || pairs.iter().filter(|pair| !silenced(pair)[0]).filter_map(|pair| Some((pair, pair.median_gap.as_ref()?)));
    let widest = |a: &(&PairRow, &Effect), b: &(&PairRow, &Effect)| a.1.estimate.total_cmp(&b.1.estimate);
    if let Some((pair, gap)) = gaps().filter(|(pair, gap)| pair.verdict == "unfair" && gap.estimate > gap.margin).max_by(widest) {
        let (gap, a, b) = (typeset(&duration_f64(gap.estimate)), name(&pair.favoured), name(&pair.disadvantaged));
        return words(format!("可相比較的委託中，{b} 比 {a} 多等 {gap}"), format!("Like for like, {b} waits {gap} longer than {a}"));
    }
    if let Some((pair, _)) = gaps().find(|(pair, gap)| pair.verdict == "unfair" && gap.estimate <= gap.margin) {
        let (a, b) = (name(&pair.favoured), name(&pair.disadvantaged));
        return words(
            format!("{a} → {b} 判為不公平，所據並非中位數差（在容許差內），見成對判定"),
            format!("{a} → {b} is unfair by another measure; its median gap is within the margin"),
        );
    }
    let judged = pairs.iter().any(|pair| pair.verdict != "inconclusive");
    match gaps().max_by(widest) {
        Some((_, gap)) if !judged => {
            let gap = typeset(&signed_duration(gap.estimate));
            words(
                format!("無一組合可據以判定；可相比較的委託中，最大的中位數差為 {gap}"),
                format!("No pair could be judged; like for like, the largest median gap is {gap}"),
            )
        }
        Some((_, gap)) => {
            let gap = typeset(&signed_duration(gap.estimate));
            words(format!("可相比較的委託中，最大的中位數差為 {gap}"), format!("Like for like, the largest median gap is {gap}"))
        }
        None => words("尚無可畫的效果估計", "No effect was estimated"),
    }
}

/// Alternative text of the forest plot.
pub(crate) fn chart_alt_forest(rows: &[&PairRow], language: Language) -> String {
    let line = |pair: &&PairRow| {
        let gap = pair.median_gap.as_ref()?;
        let [estimate, lower, upper, margin] = [gap.estimate, gap.lower, gap.upper, gap.margin].map(|v| typeset(&duration_f64(v)));
        Some(format!(
            "{} → {}: {estimate} [{lower}, {upper}], {} {margin}, {}",
            name(&pair.favoured),
            name(&pair.disadvantaged),
            LABELS.margin.pick(language),
            verdict(&pair.verdict).pick(language)
        ))
    };
    rows.iter().filter_map(line).collect::<Vec<_>>().join("; ")
}

/// What an analyst would do next, most urgent first.
pub(crate) fn next_steps(result: &StudyResult) -> Vec<Words> {
    let mut steps = Vec::new();
    let rejected = result.input.orders.rejected + result.input.receipts.rejected;
    if rejected > 0 {
        steps.push(words("看 rejects.csv：每一列為何無法讀入", "read rejects.csv: why each of the rejected rows was refused"));
    }
    if result.reconciliation.missing_receipt > 0 && result.tool.command != "check" {
        steps.push(words(
            "請受查單位說明查無收單紀錄的委託（workpapers.xlsx 之例外工作表；全部在 tables/exceptions.parquet）",
            "ask for an explanation of the orders without receipt (the exceptions sheet of workpapers.xlsx; all of them in tables/exceptions.parquet)",
        ));
    }
    if result.tool.command == "check" {
        steps.push(words(
            "數字無誤後執行 colofair study，取得判定與報告",
            "when the figures look right, run colofair study for a verdict and a report",
        ));
    } else {
        steps.push(words("開啟 report.html；列印即為 A4 工作底稿", "open report.html; printed, it is an A4 working paper"));
    }
    steps
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample::{sample_result, with_groups};

    /// Groups that were each compared with one alone were not compared with each other, and nobody may read it so.
    #[test]
    fn no_finding_against_a_reference_names_it() {
        let mut result = sample_result();
        result.verdict = "no_finding".into();
        let pairs = |names: &[(&str, &str)]| {
            let of = |(a, b): &(&str, &str)| PairRow {
                favoured: (*a).into(),
                disadvantaged: (*b).into(),
                verdict: "fair".into(),
                ..sample_result().pairs[0].clone()
            };
            names.iter().map(of).collect::<Vec<_>>()
        };
        result.pairs = pairs(&[("A", "B"), ("B", "A"), ("B", "C"), ("C", "B")]);
        assert!(headline(&result).en.starts_with("No finding: each group was treated like B, within the margins; the others"));
        result.pairs = pairs(&[("A", "B"), ("B", "A"), ("B", "C"), ("C", "B"), ("A", "C"), ("C", "A")]);
        assert!(headline(&result).en.starts_with("No finding: the groups were treated alike"));
        result.pairs = pairs(&[("A", "B"), ("B", "A")]);
        assert!(headline(&result).en.starts_with("No finding: the groups were treated alike"));
    }

    #[test]
    fn an_unfair_tail_is_not_reported_as_a_median_gap() {
        let mut result = sample_result();
        let pair = &mut result.pairs[0];
        let effect = |estimate: f64, margin: f64| Effect {
            estimate,
            se: 0.0,
            df: 1.0,
            lower: estimate,
            upper: estimate,
            margin,
            p_unfair_holm: 0.0,
            p_fair: 1.0,
        };
        (pair.median_gap, pair.tail_excess, pair.overtaking) = (Some(effect(-50.0, 10_000.0)), Some(effect(0.021, 0.005)), None);
        let said = summary(&result);
        assert!(
            said.iter().any(|words| words.en.contains("falls among the slowest 1 % more often than HFT by 2.10 percentage points")),
            "{said:?}"
        );
        assert_eq!(forest_title(&result.pairs).en, "HFT → QUANT is unfair by another measure; its median gap is within the margin");
    }

    #[test]
    fn a_summary_has_at_most_six_sentences_and_an_undecided_one_accuses_nobody() {
        assert!(summary(&sample_result()).len() <= 6);
        let said = summary(&with_groups(3, 30));
        assert!(
            said.iter().any(|words| words.en == "Of 6 ordered pairs of groups: 0 unfair, 0 fair, 0 reversed, 6 inconclusive."),
            "{said:?}"
        );
        assert!(!said.iter().any(|words| words.en.contains("Among comparable orders")));
    }

    #[test]
    fn a_raw_quantile_that_points_the_other_way_is_explained_at_its_pair_and_no_other() {
        let mut result = sample_result();
        let (first, second) = (result.pairs[0].favoured.clone(), result.pairs[0].disadvantaged.clone());
        let p99 = |result: &mut StudyResult, group: &str, nanos| {
            result.groups.iter_mut().find(|row| row.group == group).expect("a group").p99 = nanos;
        };
        let effect = |estimate: f64| Effect {
            estimate,
            se: 0.001,
            df: 9.0,
            lower: estimate - 0.004,
            upper: estimate + 0.004,
            margin: 0.005,
            p_unfair_holm: 0.0,
            p_fair: 1.0,
        };
        result.pairs[0].tail_excess = Some(effect(0.013));
        let said = |result: &StudyResult| raw_disagrees(&result.pairs[0], &result.groups);
        p99(&mut result, &first, 2_190_000);
        p99(&mut result, &second, 2_940_000);
        assert!(said(&result).is_empty());
        p99(&mut result, &first, 2_940_000);
        p99(&mut result, &second, 2_190_000);
        let [words] = &said(&result)[..] else { panic!("{:?}", said(&result)) };
        assert!(words.en.contains("the raw p99 seems to say the opposite (HFT 2.94\u{a0}ms, QUANT 2.19\u{a0}ms)"), "{}", words.en);
        assert!(words.en.ends_with("which is QUANT, and that is judged") && words.zh.contains("為 QUANT，判定以此為準"), "{words:?}");
        // Within its error the effect has no direction to contradict.
        result.pairs[0].tail_excess = Some(effect(0.003));
        assert!(said(&result).is_empty());
    }

    #[test]
    fn a_first_look_claims_no_verdict() {
        let mut result = with_groups(2, 30);
        result.tool.command = "check".into();
        result.scorecard.clear();
        assert_eq!(headline(&result).en, "First look: figures only, no fairness verdict was sought");
    }
}
