//! Seeded random draws by inverse transforms over `libm`: the same numbers on every platform.
//!
//! Every distribution takes a fixed count of draws from the stream, so that a change of one effect does not shift the others.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// What a stream of random numbers is for. Apart, so that a planted effect leaves the arrivals of its fair base as they were.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    Intensity,
    Weather,
    Arrivals,
    Attributes,
    Service,
    Effects,
    Stamps,
    Faults,
    Copies,
    FrontRunning,
    Sessions,
}

/// One stream of random numbers.
#[derive(Clone, Debug)]
pub(crate) struct Draws {
    source: ChaCha8Rng,
}

impl Draws {
    /// The stream of a purpose on a day (counted from 0).
    pub(crate) fn new(seed: u64, day: u32, purpose: Purpose) -> Self {
        let mut source = ChaCha8Rng::seed_from_u64(seed);
        source.set_stream((u64::from(day) << 8) | purpose as u64);
        Self { source }
    }

    /// Uniform on the open interval (0, 1), 53 bits.
    pub(crate) fn uniform(&mut self) -> f64 {
        ((self.source.next_u64() >> 11) as f64 + 0.5) / (1u64 << 53) as f64
    }

    /// True with probability `share`.
    pub(crate) fn chance(&mut self, share: f64) -> bool {
        self.uniform() < share
    }

    /// A whole number in `0..n`.
    pub(crate) fn below(&mut self, n: u32) -> u32 {
        (((self.source.next_u64() >> 32) * u64::from(n)) >> 32) as u32
    }

    /// Exponential with the given mean.
    pub(crate) fn exponential(&mut self, mean: f64) -> f64 {
        -mean * libm::log(self.uniform())
    }

    /// Pareto: `scale` at least, tail index `shape`.
    pub(crate) fn pareto(&mut self, scale: f64, shape: f64) -> f64 {
        scale * libm::exp(-libm::log(self.uniform()) / shape)
    }

    /// Standard normal.
    pub(crate) fn normal(&mut self) -> f64 {
        normal_quantile(self.uniform())
    }

    /// Poisson. Inversion by search up to a mean of 60, above it the rounded normal approximation (fit for loads, not for tests).
    pub(crate) fn poisson(&mut self, mean: f64) -> u32 {
        let u = self.uniform();
        if mean > 60.0 {
            return libm::round(mean + mean.sqrt() * normal_quantile(u)).max(0.0) as u32;
        }
        let (mut n, mut term) = (0, libm::exp(-mean));
        let mut sum = term;
        while u > sum && n < 1_000 {
            n += 1;
            term *= mean / f64::from(n);
            sum += term;
        }
        n
    }
}

/// A choice among weighted items, by cumulative weight.
#[derive(Clone, Debug)]
pub(crate) struct Choice {
    /// Ends at 1.
    cumulative: Vec<f64>,
}

impl Choice {
    /// Weights are non-negative with a positive sum.
    pub(crate) fn new(weights: &[f64]) -> Self {
        let total: f64 = weights.iter().sum();
        let mut sum = 0.0;
        let cumulative = weights.iter().map(|weight| {
            sum += weight / total;
            sum
        });
        Self { cumulative: cumulative.collect() }
    }

    /// The index drawn.
    pub(crate) fn draw(&self, draws: &mut Draws) -> usize {
        let u = draws.uniform();
        self.cumulative.partition_point(|end| *end < u).min(self.cumulative.len() - 1)
    }
}

/// Quantile of the standard normal: P. J. Acklam's rational approximation, relative error below 1.2e-9.
fn normal_quantile(p: f64) -> f64 {
    const A: [f64; 6] =
        [-39.69683028665376, 220.9460984245205, -275.9285104469687, 138.357751867269, -30.66479806614716, 2.506628277459239];
    const B: [f64; 6] = [-54.47609879822406, 161.5858368580409, -155.6989798598866, 66.80131188771972, -13.28068155288572, 1.0];
    const C: [f64; 6] =
        [-0.007784894002430293, -0.3223964580411365, -2.400758277161838, -2.549732539343734, 4.374664141464968, 2.938163982698783];
    const D: [f64; 5] = [0.007784695709041462, 0.3224671290700398, 2.445134137142996, 3.754408661907416, 1.0];
    let polynomial = |terms: &[f64], x: f64| terms.iter().fold(0.0, |sum, term| sum * x + term);
    if !(0.02425..=0.97575).contains(&p) {
        let (tail, sign) = if p < 0.5 { (p, 1.0) } else { (1.0 - p, -1.0) };
        let q = (-2.0 * libm::log(tail)).sqrt();
        return sign * polynomial(&C, q) / polynomial(&D, q);
    }
    let q = p - 0.5;
    q * polynomial(&A, q * q) / polynomial(&B, q * q)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn normal_quantiles_match_the_tables() {
        // scipy.stats.norm.ppf
        for (p, z) in [(0.5, 0.0), (0.975, 1.959963984540054), (0.001, -3.090232306167813), (0.999_999, 4.753424308822899)] {
            assert!((normal_quantile(p) - z).abs() < 1e-8, "{p}");
        }
    }

    #[test]
    fn means_are_near_their_parameters() {
        let mut draws = Draws::new(7, 0, Purpose::Arrivals);
        let n = 40_000;
        let mut mean = |draw: &mut dyn FnMut(&mut Draws) -> f64| (0..n).map(|_| draw(&mut draws)).sum::<f64>() / f64::from(n);
        assert!((mean(&mut |draws| draws.exponential(3.0)) - 3.0).abs() < 0.06);
        assert!((mean(&mut |draws| f64::from(draws.poisson(0.6))) - 0.6).abs() < 0.02);
        assert!((mean(&mut |draws| f64::from(draws.poisson(400.0))) - 400.0).abs() < 0.5);
        assert!((mean(&mut |draws| draws.pareto(1.0, 3.0)) - 1.5).abs() < 0.05);
        let choice = Choice::new(&[1.0, 0.0, 3.0]);
        assert!((mean(&mut |draws| choice.draw(draws) as f64) - 1.5).abs() < 0.05);
    }
}
