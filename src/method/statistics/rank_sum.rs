//! Exact randomization test of a rank sum: of all ways to deal the values out, how many give the left side as much?

use crate::statistics::normal_sf;

/// Values beyond which the distribution is taken for normal; below it is counted.
const MOST_COUNTED: usize = 60;

/// One-sided p: the chance that the ranks of as many values, drawn at random from all of them, sum to as much as those of `left` do.
///
/// Ties have mid-ranks, which the count respects. Beyond 60 values in all the normal approximation with tie correction and continuity.
/// 1 where a side is empty. It knows of no weights: a value known badly counts as much as one known well.
#[must_use]
pub fn rank_sum_p(left: &[f64], right: &[f64]) -> f64 {
    let n = left.len() + right.len();
    if left.is_empty() || right.is_empty() {
        return 1.0;
    }
    let mut all: Vec<(f64, bool)> = left.iter().map(|value| (*value, true)).chain(right.iter().map(|value| (*value, false))).collect();
    all.sort_by(|one, other| one.0.total_cmp(&other.0));
    let (mut ranks, mut observed, mut before, mut ties) = (Vec::with_capacity(n), 0, 0, 0.0);
    for same in all.chunk_by(|one, other| one.0 == other.0) {
        // Twice the mid-rank: a whole number.
        let rank = 2 * before + same.len() + 1;
        observed += rank * same.iter().filter(|(_, is_left)| *is_left).count();
        ranks.extend(std::iter::repeat_n(rank, same.len()));
        before += same.len();
        let t = same.len() as f64;
        ties += t * t * t - t;
    }
    if n > MOST_COUNTED {
        return normal_p(observed as f64, [left.len() as f64, right.len() as f64], ties);
    }
    // By number drawn and sum of ranks: the share of all draws; shares, since counts leave the exact range of a float.
    let most: usize = ranks.iter().sum();
    let mut ways = vec![vec![0.0_f64; most + 1]; left.len() + 1];
    ways[0][0] = 1.0;
    for (seen, rank) in ranks.iter().enumerate() {
        for drawn in (1..=left.len().min(seen + 1)).rev() {
            let (fewer, more) = ways.split_at_mut(drawn);
            for (sum, ways) in fewer[drawn - 1][..=most - rank].iter().enumerate() {
                more[0][sum + rank] += ways;
            }
        }
    }
    let ways = &ways[left.len()];
    ways[observed..].iter().sum::<f64>() / ways.iter().sum::<f64>()
}

fn normal_p(observed: f64, [left, right]: [f64; 2], ties: f64) -> f64 {
    let n = left + right;
    let mean = left * (n + 1.0);
    let variance = left * right / 3.0 * (n + 1.0 - ties / (n * (n - 1.0)));
    if variance > 0.0 { normal_sf((observed - 1.0 - mean) / variance.sqrt()) } else { 1.0 }
}

#[cfg(test)]
mod tests {
    use super::rank_sum_p;

    /// All ways to deal the values out, one by one.
    fn by_hand(left: &[f64], right: &[f64]) -> f64 {
        let all: Vec<f64> = [left, right].concat();
        let rank = |value: f64| {
            all.iter().filter(|other| **other < value).count() as f64
                + (all.iter().filter(|other| **other == value).count() as f64 + 1.0) / 2.0
        };
        let ranks: Vec<f64> = all.iter().map(|value| rank(*value)).collect();
        let observed: f64 = ranks[..left.len()].iter().sum();
        let deals = (0_u32..1 << all.len()).filter(|deal| deal.count_ones() as usize == left.len());
        let sums: Vec<f64> = deals.map(|deal| (0..all.len()).filter(|at| deal >> at & 1 == 1).map(|at| ranks[at]).sum()).collect();
        sums.iter().filter(|sum| **sum >= observed).count() as f64 / sums.len() as f64
    }

    #[test]
    fn the_count_is_that_of_all_deals() {
        let values = [3.0, 1.0, 4.0, 1.5, 5.0, 9.0, 2.0, 6.0, 5.0, 3.0, 5.0, 8.0];
        for cut in 1..values.len() {
            let (left, right) = values.split_at(cut);
            let (found, expected) = (rank_sum_p(left, right), by_hand(left, right));
            assert!((found - expected).abs() < 1e-12, "{cut}: {found}, {expected}");
        }
        assert_eq!(rank_sum_p(&[7.0, 8.0, 9.0], &[1.0, 2.0, 3.0]), 1.0 / 20.0);
        assert_eq!(rank_sum_p(&[], &[1.0]), 1.0);
        assert_eq!(rank_sum_p(&[1.0; 40], &[1.0; 40]), 1.0);
    }

    /// `scipy.stats.mannwhitneyu(left, right, alternative="greater", method="asymptotic").pvalue`, scipy 1.17.1.
    #[test]
    fn beyond_sixty_values_it_is_scipys_approximation() {
        let left: Vec<f64> = (0..40).map(|i| f64::from(i * 7 % 41 / 2) + 1.0).collect();
        let right: Vec<f64> = (0..45).map(|i| f64::from(i * 11 % 37 / 2)).collect();
        assert!((rank_sum_p(&left, &right) / SCIPY - 1.0).abs() < 1e-10, "{}", rank_sum_p(&left, &right));
    }
    const SCIPY: f64 = 0.060_394_907_596_167_81;
}
