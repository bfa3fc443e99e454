//! Which direction of a pair of groups a chart draws: the effects of (A, B) and (B, A) mirror each other.

use crate::report::model::{Effect, PairRow, StudyResult};

/// One direction of each pair with a median gap, the widest gap first: the one whose gap is not negative, and the first by name where it is
/// nil. A pair that was judged in one direction alone stands as it is.
pub(crate) fn one_way(result: &StudyResult) -> Vec<(&PairRow, &Effect)> {
    let finite = |effect: &&Effect| [effect.estimate, effect.lower, effect.upper, effect.margin].iter().all(|v| v.is_finite());
    let all: Vec<_> = result.pairs.iter().filter_map(|pair| Some((pair, pair.median_gap.as_ref().filter(finite)?))).collect();
    let mirrored = |a: &PairRow| {
        all.iter().any(|(b, gap)| {
            b.favoured == a.disadvantaged
                && b.disadvantaged == a.favoured
                && (gap.estimate > 0.0 || gap.estimate == 0.0 && b.favoured < a.favoured)
        })
    };
    let mut kept: Vec<(&PairRow, &Effect)> = all.iter().copied().filter(|(pair, gap)| gap.estimate > 0.0 || !mirrored(pair)).collect();
    kept.sort_by(|a, b| {
        b.1.estimate.total_cmp(&a.1.estimate).then_with(|| (&a.0.favoured, &a.0.disadvantaged).cmp(&(&b.0.favoured, &b.0.disadvantaged)))
    });
    kept
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample::with_groups;

    #[test]
    fn each_pair_is_drawn_once_and_one_judged_in_one_direction_alone_whatever_its_sign() {
        let gap = |estimate: f64| {
            Some(Effect {
                estimate,
                se: 1.0,
                df: 9.0,
                lower: estimate - 1.0,
                upper: estimate + 1.0,
                margin: 10.0,
                p_unfair_holm: 1.0,
                p_fair: 1.0,
            })
        };
        let mut result = with_groups(3, 30);
        let estimate = |pair: &PairRow| match (pair.favoured.as_str() < pair.disadvantaged.as_str(), pair.favoured.len()) {
            (true, _) => 5.0,
            (false, _) => -5.0,
        };
        result.pairs.iter_mut().for_each(|pair| pair.median_gap = gap(estimate(pair)));
        assert_eq!(result.pairs.len(), 6);
        let drawn: Vec<f64> = one_way(&result).iter().map(|(_, gap)| gap.estimate).collect();
        assert_eq!(drawn, [5.0, 5.0, 5.0]);
        // A reference group: one direction alone.
        result.pairs.retain(|pair| estimate(pair) < 0.0);
        assert_eq!(one_way(&result).len(), 3);
    }
}
