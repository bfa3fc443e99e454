//! What benches share: their options, and rounds in which whatever disturbs the machine disturbs all of them.

use std::time::Instant;

/// The options of a bench, and the names asked for.
pub(crate) struct Asked(Vec<String>);

impl Asked {
    pub(crate) fn of_this_run() -> Self {
        Self(std::env::args().skip(1).filter(|argument| argument != "--bench").collect())
    }

    /// The number behind `--NAME`.
    pub(crate) fn number(&self, name: &str, default: usize) -> usize {
        let at = self.0.iter().position(|argument| argument == name);
        at.map_or(default, |at| self.0.get(at + 1).and_then(|text| text.parse().ok()).expect("a number behind the option"))
    }

    /// True where nothing is named, or a part of `name` is.
    pub(crate) fn wants(&self, name: &str) -> bool {
        let mut names = self.0.iter().filter(|text| !text.starts_with("--") && text.parse::<u64>().is_err()).peekable();
        names.peek().is_none() || names.any(|part| name.contains(part.as_str()))
    }
}

/// Does every job once a round; the seconds of each, ascending.
pub(crate) fn rounds(n_rounds: usize, jobs: &[&dyn Fn()]) -> Vec<Vec<f64>> {
    let mut seconds = vec![Vec::with_capacity(n_rounds); jobs.len()];
    for _ in 0..n_rounds {
        for (job, seconds) in jobs.iter().zip(&mut seconds) {
            let since = Instant::now();
            job();
            seconds.push(since.elapsed().as_secs_f64());
        }
    }
    seconds.iter_mut().for_each(|seconds| seconds.sort_by(f64::total_cmp));
    seconds
}

/// A quantile of ascending seconds.
pub(crate) fn at(seconds: &[f64], share: f64) -> f64 {
    seconds[((seconds.len() - 1) as f64 * share).round() as usize]
}
