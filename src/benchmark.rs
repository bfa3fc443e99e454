//! How fast a job ran on somebody's own files, and whether it became slower than it was.
//!
//! A single run says little on a busy machine: a benchmark is several runs, and two benchmarks are compared by the interval of their
//! ratio, stage by stage.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::statistics::location_shift;

/// Version of the baseline file; raised when a field changes its meaning.
pub const BENCHMARK_VERSION: u32 = 1;
/// Level of the intervals is one minus this.
const ALPHA: f64 = 0.05;
/// A ratio is called a change only beyond this: smaller ones are true and do not matter.
const MARGIN: f64 = 1.05;

/// Several runs of one job on the same files.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Benchmark {
    /// [`BENCHMARK_VERSION`].
    pub benchmark_version: u32,
    /// Version of the program.
    pub version: String,
    /// `check` or `study`.
    pub command: String,
    /// Worker threads asked for; 0 means one a core.
    pub threads: u64,
    /// Orders read.
    pub orders: u64,
    /// Receipts read.
    pub receipts: u64,
    /// Bytes of all input files.
    pub bytes: u64,
    /// Whole processes, one after the other.
    pub runs: Vec<Run>,
}

/// One run.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Run {
    /// Wall time of the whole process, seconds.
    pub wall: f64,
    /// Most memory held at a time, bytes; absent where the system does not tell.
    pub peak: Option<u64>,
    /// Wall time of each stage, seconds.
    pub stages: BTreeMap<String, f64>,
}

/// What became of one figure.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// `wall`, `peak`, or a stage's name.
    pub what: String,
    /// Now over then.
    pub ratio: f64,
    /// Its interval, level 95 %; `None` with fewer than four runs on either side.
    pub interval: Option<(f64, f64)>,
    /// What the interval says.
    pub verdict: ChangeVerdict,
}

/// What an interval says about a figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChangeVerdict {
    /// The whole interval is more than 5 % above the baseline.
    Worse,
    /// The whole interval is more than 5 % below the baseline.
    Better,
    /// Within 5 %, as far as the interval goes.
    Same,
    /// The interval allows both.
    Unclear,
}

impl ChangeVerdict {
    /// In the terminal and in JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Worse => "worse",
            Self::Better => "better",
            Self::Same => "same",
            Self::Unclear => "unclear",
        }
    }
}

impl Benchmark {
    /// Every figure that all runs have, with its value in each run: wall and peak first, then the stages by name.
    #[must_use]
    pub fn figures(&self) -> Vec<(String, Vec<f64>)> {
        let every = |value: &dyn Fn(&Run) -> Option<f64>| self.runs.iter().map(value).collect::<Option<Vec<f64>>>();
        let peak = |run: &Run| run.peak.map(|bytes| bytes as f64);
        let mut figures = vec![("wall".to_owned(), every(&|run| Some(run.wall))), ("peak".to_owned(), every(&peak))];
        let stages = self.runs.first().into_iter().flat_map(|run| run.stages.keys());
        figures.extend(stages.map(|stage| (stage.clone(), every(&|run| run.stages.get(stage).copied()))));
        figures.into_iter().filter_map(|(name, values)| Some((name, values?))).collect()
    }

    /// Why two benchmarks must not be compared; `None` where they may.
    #[must_use]
    pub fn differs_in(&self, other: &Self) -> Option<&'static str> {
        let parts = [
            (self.benchmark_version != other.benchmark_version, "version of the baseline file"),
            (self.command != other.command, "command"),
            (self.threads != other.threads, "number of threads"),
            ((self.orders, self.receipts, self.bytes) != (other.orders, other.receipts, other.bytes), "input files"),
        ];
        parts.into_iter().find(|(differs, _)| *differs).map(|(_, what)| what)
    }

    /// Every figure against the same one of `baseline`. Ratios are compared on the scale of logarithms.
    #[must_use]
    pub fn against(&self, baseline: &Self) -> Vec<Change> {
        let then: BTreeMap<String, Vec<f64>> = baseline.figures().into_iter().collect();
        self.figures().into_iter().filter_map(|(what, now)| Some(change(&what, &now, then.get(&what)?))).collect()
    }
}

/// The middle one of some values, or the mean of the two in the middle; 0 of nothing.
#[must_use]
pub fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    match sorted.len() {
        0 => 0.0,
        n => f64::midpoint(sorted[(n - 1) / 2], sorted[n / 2]),
    }
}

fn change(what: &str, now: &[f64], then: &[f64]) -> Change {
    // A stage of no time at all has no ratio worth showing.
    let log = |values: &[f64]| values.iter().map(|value| libm::log(value.max(1e-6))).collect::<Vec<f64>>();
    let shift = location_shift(&log(then), &log(now), ALPHA);
    let interval = shift.map(|shift| (libm::exp(shift.lower), libm::exp(shift.upper)));
    let verdict = match interval {
        Some((lower, _)) if lower > MARGIN => ChangeVerdict::Worse,
        Some((_, upper)) if upper < 1.0 / MARGIN => ChangeVerdict::Better,
        Some((lower, upper)) if lower > 1.0 / MARGIN && upper < MARGIN => ChangeVerdict::Same,
        _ => ChangeVerdict::Unclear,
    };
    let ratio = shift.map_or_else(|| median(now) / median(then), |shift| libm::exp(shift.estimate));
    Change { what: what.to_owned(), ratio, interval, verdict }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn benchmark(walls: &[f64]) -> Benchmark {
        let run = |wall: &f64| Run { wall: *wall, peak: Some(1 << 20), stages: BTreeMap::from([("link".to_owned(), wall / 4.0)]) };
        Benchmark {
            benchmark_version: BENCHMARK_VERSION,
            version: "0.1.0".to_owned(),
            command: "check".to_owned(),
            threads: 0,
            orders: 10,
            receipts: 8,
            bytes: 1_000,
            runs: walls.iter().map(run).collect(),
        }
    }

    #[test]
    fn a_change_is_named_only_where_the_whole_interval_says_so() {
        let baseline = benchmark(&[1.00, 1.01, 0.99, 1.02, 0.98]);
        for (walls, verdict) in [
            ([1.30, 1.31, 1.29, 1.32, 1.28], ChangeVerdict::Worse),
            ([0.70, 0.71, 0.69, 0.72, 0.68], ChangeVerdict::Better),
            ([1.00, 1.01, 0.99, 1.02, 0.99], ChangeVerdict::Same),
            ([0.80, 1.40, 0.90, 1.30, 1.05], ChangeVerdict::Unclear),
        ] {
            let changes = benchmark(&walls).against(&baseline);
            let found: Vec<(&str, ChangeVerdict)> = changes.iter().map(|change| (change.what.as_str(), change.verdict)).collect();
            assert_eq!(found, [("wall", verdict), ("peak", ChangeVerdict::Same), ("link", verdict)], "{walls:?}");
        }
    }

    #[test]
    fn few_runs_give_a_ratio_and_no_verdict() {
        let changes = benchmark(&[2.0, 2.0]).against(&benchmark(&[1.0, 1.0]));
        assert_eq!((changes[0].ratio, changes[0].interval, changes[0].verdict), (2.0, None, ChangeVerdict::Unclear));
    }

    #[test]
    fn other_files_are_not_compared() {
        let other = Benchmark { orders: 11, ..benchmark(&[1.0]) };
        assert_eq!(benchmark(&[1.0]).differs_in(&other), Some("input files"));
        assert_eq!(benchmark(&[1.0]).differs_in(&benchmark(&[3.0])), None);
    }
}
