//! Simpson's alarm: where the comparison of all orders and the comparison of comparable orders point in opposite directions.

use crate::fairness::{Assessment, PairAssessment, Reason};
use crate::record::Latency;

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

/// Two groups over all their orders, as a first look compares them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pooled {
    /// Median latencies of the two, nanoseconds.
    pub medians: [i64; 2],
    /// P(an order of the second is slower than one of the first), ties half.
    pub superiority: f64,
}

/// Pooled and stratified effects of every unordered pair that was judged, the group of the smaller code first.
///
/// `pooled` gives the comparison of two groups by their codes, the smaller first: the figures that whoever looks at all orders quotes.
#[must_use]
pub fn pooled_effects(groups: &[String], assessment: &Assessment, pooled: impl Fn(usize, usize) -> Option<Pooled>) -> Vec<PooledEffect> {
    let code = |name: &String| groups.iter().position(|known| known == name);
    let effect = |pair: &PairAssessment| {
        let (a, b) = (code(&pair.favoured)?, code(&pair.disadvantaged)?);
        if a < b { Some(effect(pair, pooled(a, b)?)) } else { None }
    };
    assessment.pairs.iter().filter_map(effect).collect()
}

fn effect(pair: &PairAssessment, pooled: Pooled) -> PooledEffect {
    let pooled_superiority = pooled.superiority;
    let pooled_gap = pooled.medians[1].saturating_sub(pooled.medians[0]);
    let stratified = pair.median_gap;
    let theta = pair.superiority.map(|theta| theta.estimate);
    let alarm = stratified.and_then(|gap| {
        let opposite =
            pooled_gap as f64 * gap.estimate < 0.0 || theta.is_some_and(|theta| (pooled_superiority - 0.5) * (theta - 0.5) < 0.0);
        let matters = (pooled_gap as f64).abs().max(gap.estimate.abs()) > gap.margin;
        (opposite && matters).then(|| alarm(pair, pooled_gap, gap.estimate))
    });
    PooledEffect {
        favoured: pair.favoured.clone(),
        disadvantaged: pair.disadvantaged.clone(),
        pooled_gap,
        pooled_superiority,
        stratified_gap: stratified.map(|gap| gap.estimate),
        stratified_superiority: theta,
        alarm,
    }
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
