//! Simpson's alarm: where the comparison of all orders and the comparison of comparable orders point in opposite directions.

use rayon::prelude::*;

use crate::fairness::beside::{Case, name_of};
use crate::fairness::{Assessment, PairAssessment, Reason};
use crate::record::Latency;
use crate::statistics::rank_test;

/// All orders against comparable orders, for the pair (A, B). Positive: B is worse off.
#[derive(Clone, Debug, PartialEq)]
pub struct PooledEffect {
    /// Group A.
    pub favoured: String,
    /// Group B.
    pub disadvantaged: String,
    /// Median of B minus median of A over all their orders, nanoseconds.
    pub pooled_gap: i64,
    /// P(an order of B is slower than one of A) over all their orders, ties half.
    pub pooled_superiority: f64,
    /// D50, nanoseconds: comparable orders only.
    pub stratified_gap: Option<f64>,
    /// theta: comparable orders only.
    pub stratified_superiority: Option<f64>,
    /// Set where the medians or the superiorities are of opposite sign and one of the two gaps exceeds the margin: in words.
    pub alarm: Option<Reason>,
}

/// Pooled and stratified effects of every wanted unordered pair. Cost O(n log n).
#[must_use]
pub fn pooled_effects(case: Case<'_>, assessment: &Assessment) -> Vec<PooledEffect> {
    let groups = case.orders.names.groups.len();
    let mut by_group: Vec<Vec<i64>> = vec![Vec::new(); groups];
    for (group, latency) in case.orders.group.iter().zip(&case.orders.latency) {
        if let Some(latencies) = by_group.get_mut(usize::from(*group)) {
            latencies.push(latency.0);
        }
    }
    by_group.par_iter_mut().for_each(|latencies| latencies.par_sort_unstable());
    let place = |name: &String| (0..groups).find(|code| name_of(&case.orders.names.groups, *code as u32) == *name);
    let effect = |pair: &PairAssessment| {
        let (a, b) = (place(&pair.favoured)?, place(&pair.disadvantaged)?);
        if a < b { pooled(pair, &by_group[a], &by_group[b]) } else { None }
    };
    assessment.pairs.iter().filter_map(effect).collect()
}

fn pooled(pair: &PairAssessment, a: &[i64], b: &[i64]) -> Option<PooledEffect> {
    let pooled_superiority = rank_test(a, b)?.superiority;
    let median = |sorted: &[i64]| sorted[sorted.len().div_ceil(2) - 1];
    let pooled_gap = median(b).saturating_sub(median(a));
    let stratified = pair.median_gap;
    let theta = pair.superiority.map(|theta| theta.estimate);
    let alarm = stratified.and_then(|gap| {
        let opposite =
            pooled_gap as f64 * gap.estimate < 0.0 || theta.is_some_and(|theta| (pooled_superiority - 0.5) * (theta - 0.5) < 0.0);
        let matters = (pooled_gap as f64).abs().max(gap.estimate.abs()) > gap.margin;
        (opposite && matters).then(|| alarm(pair, pooled_gap, gap.estimate))
    });
    Some(PooledEffect {
        favoured: pair.favoured.clone(),
        disadvantaged: pair.disadvantaged.clone(),
        pooled_gap,
        pooled_superiority,
        stratified_gap: stratified.map(|gap| gap.estimate),
        stratified_superiority: theta,
        alarm,
    })
}

fn alarm(pair: &PairAssessment, pooled: i64, stratified: f64) -> Reason {
    let (a, b) = (&pair.favoured, &pair.disadvantaged);
    let (pooled, stratified) = (Latency(pooled), Latency(stratified as i64));
    Reason {
        code: "simpson",
        zh: format!(
            "辛普森悖論：全部委託合併比較時，{b} 減 {a} 的中位數差為 {pooled}；只比較可比委託時為 {stratified}，方向可能相反。\
             兩組的時段、商品或委託種類不同，合併的數字不可引用"
        ),
        en: format!(
            "Simpson's paradox: over all orders the median of {b} minus that of {a} is {pooled}, among comparable orders {stratified}; \
             the two comparisons point in opposite directions. The groups trade at different times, instruments or kinds: do not quote the pooled figure"
        ),
    }
}
