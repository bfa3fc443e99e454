//! By how much one small sample lies above another, with an exact interval.

/// Difference in location of two samples.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LocationShift {
    /// Hodges-Lehmann: the median of all differences `b - a`.
    pub estimate: f64,
    /// Lower end of the interval.
    pub lower: f64,
    /// Upper end of the interval.
    pub upper: f64,
}

/// The shift from `a` to `b` with the two-sided interval of level at least `1 - alpha` that the exact Mann-Whitney test inverts to.
///
/// `None` where either sample is empty, or where the samples are too small for any interval of that level (at 5 %: fewer than four
/// in each). Assumes that the samples differ in location only and come from independent runs; source: Hodges and Lehmann, 1963, and
/// Bauer, 1972. It misleads where the machine drifts between the two samples: interleave the runs.
pub fn location_shift(a: &[f64], b: &[f64], alpha: f64) -> Option<LocationShift> {
    let mut differences: Vec<f64> = b.iter().flat_map(|b| a.iter().map(move |a| b - a)).collect();
    differences.sort_unstable_by(f64::total_cmp);
    let outside = most_outside(a.len(), b.len(), alpha)?;
    let n = differences.len();
    let estimate = f64::midpoint(differences[(n - 1) / 2], differences[n / 2]);
    Some(LocationShift { estimate, lower: differences[outside], upper: differences[n - 1 - outside] })
}

/// How many differences may be left out at either end: the largest `k` with `P(U <= k - 1) <= alpha / 2`.
fn most_outside(n: usize, m: usize, alpha: f64) -> Option<usize> {
    let counts = ways(n, m);
    let all: f64 = counts.iter().sum();
    let mut below = 0.0;
    let mut outside = None;
    for (u, count) in counts.iter().enumerate() {
        below += count / all;
        if below > alpha / 2.0 {
            break;
        }
        outside = Some(u);
    }
    outside
}

/// In how many orders of `n` and `m` values the Mann-Whitney count is 0, 1, ... `n m`.
fn ways(n: usize, m: usize) -> Vec<f64> {
    // Orders of (i, j) values end with one of either sample; the last of the second stands above all i of the first.
    let mut row: Vec<Vec<f64>> = vec![vec![1.0]; m + 1];
    for i in 1..=n {
        let mut next: Vec<Vec<f64>> = vec![vec![1.0]];
        for j in 1..=m {
            let mut counts = vec![0.0; i * j + 1];
            row[j].iter().enumerate().for_each(|(u, count)| counts[u] += count);
            next[j - 1].iter().enumerate().for_each(|(u, count)| counts[u + i] += count);
            next.push(counts);
        }
        row = next;
    }
    row.pop().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The count of every order of n and m values, by going through all of them.
    fn counted(n: usize, m: usize) -> Vec<f64> {
        let mut counts = vec![0.0; n * m + 1];
        for order in 0_u32..1 << (n + m) {
            if order.count_ones() as usize == m {
                let above = |at: usize| (0..at).filter(|below| order >> below & 1 == 0).count();
                let u: usize = (0..n + m).filter(|at| order >> at & 1 == 1).map(above).sum();
                counts[u] += 1.0;
            }
        }
        counts
    }

    #[test]
    fn the_null_distribution_is_that_of_all_orders() {
        for (n, m) in [(1, 1), (2, 3), (5, 5), (4, 7)] {
            assert_eq!(ways(n, m), counted(n, m), "{n}, {m}");
        }
    }

    #[test]
    fn five_runs_each_give_the_tabled_interval() {
        // Tables of the Mann-Whitney test at 5 % two-sided: critical value 2 for 5 and 5, 0 for 4 and 4, none for 3 and 3.
        assert_eq!(most_outside(5, 5, 0.05), Some(2));
        assert_eq!(most_outside(4, 4, 0.05), Some(0));
        assert_eq!(most_outside(3, 3, 0.05), None);
        let shift = location_shift(&[1.0, 2.0, 3.0, 4.0, 5.0], &[11.0, 12.0, 13.0, 14.0, 15.0], 0.05);
        assert_eq!(shift, Some(LocationShift { estimate: 10.0, lower: 7.0, upper: 13.0 }));
        assert_eq!(location_shift(&[], &[1.0], 0.05), None);
    }
}
