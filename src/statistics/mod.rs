//! Pure statistical kernels: slices in, small named structs out. No I/O, no randomness, no failure.
//!
//! Latencies come in as sorted integer nanoseconds; a statistic that has no answer for its input returns `None`.
//! Transcendental functions come from the `libm` crate, so that the same input gives the same bits on every platform.

mod cusum;
mod fenwick;
mod incomplete_beta;
mod kolmogorov;
mod multiplicity;
mod normal;
mod student_t;
mod sum;
mod tails;

pub use cusum::{Cusum, ols_cusum};
pub use fenwick::{Fenwick, inversions};
pub use kolmogorov::kolmogorov_sf;
pub use multiplicity::{benjamini_hochberg, holm};
pub use normal::{normal_quantile, normal_sf};
pub use student_t::{student_t_quantile, student_t_sf};
pub use sum::CompensatedSum;
