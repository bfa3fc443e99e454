//! Both tests of every two of a few groups in one sweep over all values, instead of a merge for each pair.
//!
//! Sums are integers and gaps are largest ones, so neither the cut into pieces nor the number of threads matters.

use rayon::prelude::*;

use crate::statistics::ks_test::LargestGap;
use crate::statistics::rank_test::RankCount;

/// A value and its group.
type Valued<T> = (T, u16);

/// Values of one group between two that are looked at to cut pieces, and how many of those make a piece: it stays in the cache.
const EVERY: usize = 2_048;
const A_PIECE: usize = 16;
/// Values that are swept before it is asked which pairs may have their largest gap among them.
const BLOCK: usize = 256;

/// What the tests of the pair (left, right) are made of, at `right * n_groups + left`, left below right.
pub(crate) fn sweep<T: Copy + Ord + Send + Sync>(groups: &[&[T]]) -> Vec<(RankCount, LargestGap)> {
    sweep_by(groups, EVERY, A_PIECE)
}

fn sweep_by<T: Copy + Ord + Send + Sync>(groups: &[&[T]], every: usize, a_piece: usize) -> Vec<(RankCount, LargestGap)> {
    let bounds = bounds(groups, every, a_piece);
    let sizes: Vec<u64> = groups.iter().map(|group| group.len() as u64).collect();
    let mut start = Sums::of(&sizes);
    // A piece begins and ends with a value: what the gaps are there is known without a sweep, and spares most of it.
    let counts = |from: &Vec<usize>| from.iter().map(|n| *n as u64).collect::<Vec<u64>>();
    bounds.iter().for_each(|from| start.widen(&counts(from)));
    let pieces: Vec<(usize, &Vec<usize>, &Vec<usize>)> =
        (0..).zip(&bounds).zip(&bounds[1..]).map(|((at, from), to)| (at, from, to)).collect();
    let swept = pieces.par_iter().fold(
        || Sweep::new(start.gaps_alone()),
        |mut sweep, (at, from, to)| {
            if at % 2 == 1 {
                sweep.one_value(from, to)
            } else {
                sweep.piece(groups, from, to)
            }
            sweep
        },
    );
    let sums = swept.map(|sweep| sweep.sums).reduce(|| start.gaps_alone(), Sums::join);
    let of_pair = |pair: usize| {
        let (left, right) = (pair % groups.len(), pair / groups.len());
        (
            RankCount::new(sums.twice_u[pair], sums.tie_term[pair]),
            LargestGap::scaled(groups[left].len(), groups[right].len(), sums.gap[pair]),
        )
    };
    (0..sums.gap.len()).map(of_pair).collect()
}

/// How many values of each group lie before each piece, and behind the last. Every other piece, the first not, is all of one value, so that
/// one that has most of the rows is counted and not carried about.
fn bounds<T: Copy + Ord>(groups: &[&[T]], every: usize, a_piece: usize) -> Vec<Vec<usize>> {
    let mut samples: Vec<T> = groups.iter().flat_map(|group| group.iter().step_by(every).skip(1).copied()).collect();
    samples.sort_unstable();
    let mut cuts: Vec<T> = samples.into_iter().step_by(a_piece).collect();
    cuts.dedup();
    let below = |cut: &T| groups.iter().map(|group| group.partition_point(|value| value < cut)).collect();
    let upto = |cut: &T| groups.iter().map(|group| group.partition_point(|value| value <= cut)).collect();
    let first = vec![0; groups.len()];
    let last = groups.iter().map(|group| group.len()).collect();
    std::iter::once(first).chain(cuts.iter().flat_map(|cut| [below(cut), upto(cut)])).chain([last]).collect()
}

/// By pair, as in [`sweep`].
#[derive(Clone)]
struct Sums {
    sizes: Vec<u64>,
    twice_u: Vec<u128>,
    tie_term: Vec<u128>,
    /// Largest `n m |F_left - F_right|`: there are at most 2^32 values in all, so it is below 2^63.
    gap: Vec<u64>,
}

impl Sums {
    fn of(sizes: &[u64]) -> Self {
        let n = sizes.len() * sizes.len();
        Self { sizes: sizes.to_vec(), twice_u: vec![0; n], tie_term: vec![0; n], gap: vec![0; n] }
    }

    fn gaps_alone(&self) -> Self {
        Self { gap: self.gap.clone(), ..Self::of(&self.sizes) }
    }

    fn join(mut self, other: Self) -> Self {
        self.twice_u.iter_mut().zip(other.twice_u).for_each(|(sum, part)| *sum += part);
        self.tie_term.iter_mut().zip(other.tie_term).for_each(|(sum, part)| *sum += part);
        self.gap.iter_mut().zip(other.gap).for_each(|(most, gap)| *most = (*most).max(gap));
        self
    }

    /// (pair, left, right).
    fn pairs(n_groups: usize) -> impl Iterator<Item = (usize, usize, usize)> {
        (0..n_groups).flat_map(move |right| (0..right).map(move |left| (right * n_groups + left, left, right)))
    }

    /// `n m (F_left - F_right)` where so many values of each group have been passed.
    fn signed_gap(&self, passed: &[u64], left: usize, right: usize) -> i64 {
        (passed[left] * self.sizes[right]) as i64 - (passed[right] * self.sizes[left]) as i64
    }

    fn widen(&mut self, passed: &[u64]) {
        for (pair, left, right) in Self::pairs(passed.len()) {
            self.gap[pair] = self.gap[pair].max(self.signed_gap(passed, left, right).unsigned_abs());
        }
    }
}

/// One worker's sums, and its memory from piece to piece.
struct Sweep<T> {
    sums: Sums,
    /// Values of each group below the one that is looked at.
    below: Vec<u64>,
    /// The same at the start of a block.
    before: Vec<u64>,
    /// Single values: how many of each group lay below those of a group, `[of * n_groups + below]`.
    singles: Vec<u64>,
    /// Of each group at one value.
    tied: Vec<u64>,
    merged: Vec<Valued<T>>,
    spare: Vec<Valued<T>>,
}

impl<T: Copy + Ord> Sweep<T> {
    fn new(sums: Sums) -> Self {
        let n_groups = sums.sizes.len();
        let (below, tied, singles) = (vec![0; n_groups], vec![0; n_groups], vec![0; n_groups * n_groups]);
        Self { sums, before: below.clone(), below, singles, tied, merged: Vec::new(), spare: Vec::new() }
    }

    fn piece(&mut self, groups: &[&[T]], from: &[usize], to: &[usize]) {
        self.merge(groups, from, to);
        let merged = std::mem::take(&mut self.merged);
        self.below.iter_mut().zip(from).for_each(|(below, from)| *below = *from as u64);
        let mut at = 0;
        while at < merged.len() {
            let mut end = merged.len().min(at + BLOCK);
            while end < merged.len() && merged[end].0 == merged[end - 1].0 {
                end += 1;
            }
            self.before.copy_from_slice(&self.below);
            self.count(&merged[at..end]);
            self.widen(&merged[at..end]);
            at = end;
        }
        self.merged = merged;
        for (sum, single) in self.sums.twice_u.iter_mut().zip(&mut self.singles) {
            *sum += 2 * u128::from(std::mem::take(single));
        }
    }

    /// A piece of equal values.
    fn one_value(&mut self, from: &[usize], to: &[usize]) {
        self.below.iter_mut().zip(from).for_each(|(below, from)| *below = *from as u64);
        self.tied.iter_mut().zip(from).zip(to).for_each(|((tied, from), to)| *tied = (to - from) as u64);
        self.count_tied();
    }

    /// The values of a piece in order: runs of groups are merged two by two.
    fn merge(&mut self, groups: &[&[T]], from: &[usize], to: &[usize]) {
        self.merged.clear();
        let mut ends = Vec::with_capacity(groups.len());
        for (code, group) in groups.iter().enumerate() {
            self.merged.extend(group[from[code]..to[code]].iter().map(|value| (*value, code as u16)));
            ends.push(self.merged.len());
        }
        while ends.len() > 1 {
            self.spare.clear();
            self.spare.reserve(self.merged.len());
            let mut start = 0;
            let joined = ends.chunks(2).map(|two| {
                let (middle, end) = (two[0], two[two.len() - 1]);
                merge_into(&mut self.spare, &self.merged[start..middle], &self.merged[middle..end]);
                start = end;
                end
            });
            ends = joined.collect();
            std::mem::swap(&mut self.merged, &mut self.spare);
        }
    }

    fn count(&mut self, block: &[Valued<T>]) {
        let n_groups = self.below.len();
        let mut at = 0;
        while let Some((value, group)) = block.get(at) {
            let group = usize::from(*group);
            if block.get(at + 1).is_none_or(|next| next.0 != *value) {
                let row = &mut self.singles[group * n_groups..(group + 1) * n_groups];
                row.iter_mut().zip(&self.below).for_each(|(sum, below)| *sum += below);
                self.below[group] += 1;
                at += 1;
                continue;
            }
            self.tied.fill(0);
            while let Some((_, group)) = block.get(at).filter(|next| next.0 == *value) {
                self.tied[usize::from(*group)] += 1;
                at += 1;
            }
            self.count_tied();
        }
    }

    fn count_tied(&mut self) {
        for (pair, left, right) in Sums::pairs(self.below.len()) {
            let (of_left, of_right) = (self.tied[left], self.tied[right]);
            self.sums.twice_u[pair] += u128::from(of_right) * u128::from(2 * self.below[left] + of_left);
            let run = u128::from(of_left + of_right);
            if run > 1 {
                self.sums.tie_term[pair] += run * (run * run - 1);
            }
        }
        self.below.iter_mut().zip(&self.tied).for_each(|(below, tied)| *below += tied);
    }

    /// Looks for the largest gap of those pairs that can have it in the block.
    fn widen(&mut self, block: &[Valued<T>]) {
        for (pair, left, right) in Sums::pairs(self.below.len()) {
            let sizes = [self.sums.sizes[left], self.sums.sizes[right]];
            let (up, down) = ((self.below[left] - self.before[left]) * sizes[1], (self.below[right] - self.before[right]) * sizes[0]);
            let mut gap = self.sums.signed_gap(&self.before, left, right);
            if gap.unsigned_abs() + up.max(down) <= self.sums.gap[pair] {
                continue;
            }
            for (at, (value, group)) in block.iter().enumerate() {
                if usize::from(*group) == left {
                    gap += sizes[1] as i64;
                } else if usize::from(*group) == right {
                    gap -= sizes[0] as i64;
                }
                if block.get(at + 1).is_none_or(|next| next.0 != *value) {
                    self.sums.gap[pair] = self.sums.gap[pair].max(gap.unsigned_abs());
                }
            }
        }
    }
}

/// Appends two ascending runs as one.
fn merge_into<T: Copy + Ord>(out: &mut Vec<Valued<T>>, left: &[Valued<T>], right: &[Valued<T>]) {
    let (mut i, mut j) = (0, 0);
    // Which of two comes first is chance: no branch that would have to be guessed hangs on it.
    while i < left.len() && j < right.len() {
        let second = right[j].0 < left[i].0;
        out.push(if second { right[j] } else { left[i] });
        i += usize::from(!second);
        j += usize::from(second);
    }
    out.extend_from_slice(&left[i..]);
    out.extend_from_slice(&right[j..]);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::statistics::{ks_test, rank_test};

    proptest! {
        #[test]
        fn a_sweep_gives_what_a_merge_of_every_pair_gives(
            groups in prop::collection::vec(prop::collection::vec(prop_oneof![-8_i64..8, -5_000_i64..5_000], 0..700), 1..6),
            every in 1_usize..300, a_piece in 1_usize..4,
        ) {
            let mut groups = groups;
            groups.iter_mut().for_each(|group| group.sort_unstable());
            let slices: Vec<&[i64]> = groups.iter().map(Vec::as_slice).collect();
            let found = sweep_by(&slices, every, a_piece);
            for (pair, left, right) in Sums::pairs(slices.len()) {
                let (count, gap) = found[pair];
                prop_assert_eq!(count.test(slices[left].len(), slices[right].len()), rank_test(slices[left], slices[right]));
                prop_assert_eq!(gap.test(), ks_test(slices[left], slices[right]));
            }
        }
    }
}
