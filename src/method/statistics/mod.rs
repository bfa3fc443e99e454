//! Pure statistical kernels: slices in, small named structs out. No I/O, no randomness, no failure.
//!
//! Latencies come in as sorted integer nanoseconds; a statistic that has no answer for its input returns `None`.
//! Transcendental functions come from the `libm` crate, so that the same input gives the same bits on every platform.

mod all_pairs;
mod cusum;
mod exact;
mod fenwick;
mod incomplete_beta;
mod kolmogorov;
mod ks_test;
mod location_shift;
mod merge;
mod multiplicity;
mod normal;
mod quantile;
mod radix;
mod rank_sum;
mod rank_test;
mod student_t;
mod sum;
mod sweep;
mod tails;

#[cfg(test)]
mod reference;

pub(crate) use radix::{sort_by_number, sort_numbers};

pub use all_pairs::{PairComparison, all_pairs};
pub use cusum::{Cusum, ols_cusum};
pub use exact::{ExactShare, clopper_pearson, fisher_exact_greater};
pub use fenwick::Fenwick;
pub use kolmogorov::kolmogorov_sf;
pub use ks_test::{KsTest, ks_test};
pub use location_shift::{LocationShift, location_shift};
pub use multiplicity::{benjamini_hochberg, holm};
pub use normal::{normal_quantile, normal_sf};
pub use quantile::{QuantileLevel, nearest_rank, select_nearest_rank};
pub use rank_sum::rank_sum_p;
pub use rank_test::{RankTest, rank_test};
pub use student_t::{student_t_quantile, student_t_sf};
pub use sum::CompensatedSum;
