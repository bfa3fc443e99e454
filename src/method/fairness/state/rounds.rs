//! The whole method in rounds over study-days, one in memory at a time.
//!
//! | round | a day gives | then is fixed |
//! |---|---|---|
//! | 1 | orders by group and client, names, evidence | names, slot, pairs, who may be deleted |
//! | 2 | overlap and weights, overtaking counts, a histogram of every series | bins of quantiles, density windows, tail thresholds |
//! | 3 | values inside those bins | the same, exactly |
//! | 4 | scores by block and client | estimates, errors, p |
//! | 5, 6 | the same without single clients, only where something is significant | |
//! | 7, 8 | medians, tails and overtaking in finer cells, and the worst part of FAIR, only where something would be said | verdicts |
//!
//! Round 3 is there for the tail thresholds in any case, so exact medians cost no pass of their own and are the default at any size.

use crate::fairness::assess::{levels, verdicts};
use crate::fairness::comparable::{Side, in_time_order};
use crate::fairness::contrast::{self, BlockScores, GAPS, LEVELS, Located, SUPERIORITY, TAIL};
use crate::fairness::deletions::{Deletion, Deletions, asked, asymmetry_left};
use crate::fairness::errors::{Blocks, Errors};
use crate::fairness::finer::{Cut, Finer, FinerSums, InFinerCells, SecondLook, second_looks};
use crate::fairness::pair::{LikeForLike, Metric, PairMeasures, PassingByClient, Study, bounding_levels, shift};
use crate::fairness::parts::{Part, Parts};
use crate::fairness::state::histogram::{Histogram, Inside, Wanted, target};
use crate::fairness::state::passes::{
    DaySums, Deleted, FinerRound, Fixed, Gathered, Histograms, ROUTES, SIDES, STRATA, Scores, gather, gather_finer, gather_left,
    merge_gathered, nothing_gathered, scores,
};
use crate::fairness::state::plan::{Plan, Survey};
use crate::fairness::state::{StateError, StudyDay};
use crate::fairness::{Assessment, FairnessOptions, Routing};
use crate::measure::{Cells, ClientPassing, Day, OvertakingCounts, Timetable};
use crate::record::Calendar;
use crate::statistics::{CompensatedSum, ols_cusum};

/// How the medians and the shift function are found in rounds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Medians {
    /// Exactly, by a pass inside the bins that hold them.
    #[default]
    Exact,
    /// In the middle of their histogram bins; half a bin of either group is stated as the error and added to the interval of the
    /// median gap and to its tests.
    HalfBin,
}

/// The verdicts of [`crate::fairness::assess`] with only one study-day in memory at a time: `days` is read once a round, four to eight
/// times in all, in any order.
///
/// Tail excess, superiority and overtaking are those of the exact mode; so is the median gap with [`Medians::Exact`]. The bytes do not
/// depend on the order of the days.
///
/// # Errors
/// What reading a day gives, or [`crate::fairness::state::merge`].
pub fn assess_in_rounds<I>(
    days: impl Fn() -> I,
    calendar: &Calendar,
    options: &FairnessOptions,
    medians: Medians,
) -> Result<Assessment, StateError>
where
    I: Iterator<Item = Result<StudyDay, StateError>>,
{
    let mut survey = Survey::default();
    days().try_for_each(|day| day.map(|day| survey.merge(Survey::of(&day))))?;
    let plan = Plan::of(survey, calendar, options)?;

    let mut histograms = Histograms::default();
    days().try_for_each(|day| day.map(|day| histograms.merge(Histograms::of(&plan, &day))))?;
    let facts: Vec<PairFacts> = (0..plan.wanted.len()).map(|pair| PairFacts::of(&plan, &histograms, pair)).collect();
    let of_groups = medians_of(histograms.series.last().map_or(&[][..], Vec::as_slice));

    let wanted: Vec<_> = facts.iter().map(|pair| pair.wanted.clone()).chain([of_groups.clone()]).collect();
    let nothing = nothing_gathered(&wanted);
    let mut gathered = nothing.clone();
    days().try_for_each(|day| day.map(|day| merge_gathered(&mut gathered, gather(&plan, &day, &nothing))))?;
    let fixed: Vec<Fixed> = facts.iter().zip(&gathered).map(|(facts, inside)| facts.fix(inside, medians)).collect();

    let mut study = study(&plan, &histograms);
    let values = study.pair_values(&plan.wanted);
    let mut by_day = Scores::new();
    days().try_for_each(|day| day.map(|day| by_day.extend(scores(&plan, &day, &fixed, &values))))?;

    for ((total, wanted), inside) in study.totals.iter_mut().zip(&of_groups).zip(gathered.last().into_iter().flatten()) {
        total.median = wanted[0].map_or(0, |wanted| inside.quantile(wanted));
    }
    let (scores, passing) = scores_in_time_order(&histograms, by_day, [plan.wanted.len(), values.len()]);
    study.passing = values.iter().map(|pair| pair.groups).zip(passing).collect();
    let measures: Vec<PairMeasures> = (0..plan.wanted.len())
        .map(|pair| facts[pair].measure(&study, plan.wanted[pair], &fixed[pair], &scores[pair], &gathered[pair], medians))
        .collect();
    let tests = 3 * 2 * plan.wanted.len();
    let levels = levels(options, plan.present, tests);
    study.deletions = without_clients(&plan, &study, &fixed, &asked(&study, &measures, levels), &days)?;
    (study.finer, study.parts) = in_finer_cells(&plan, &study, (&measures, &fixed), &second_looks(&study, &measures, levels), days)?;
    let pairs = verdicts(&study, &measures, levels);
    Ok(Assessment { pairs, slot: study.timetable.slot, block: study.timetable.block, groups: plan.present as u64, tests: tests as u64 })
}

/// The study without its orders: names, totals, the timetable and the overtaking counts of all days.
fn study<'a>(plan: &'a Plan, histograms: &Histograms) -> Study<'a> {
    let mut timetable: Timetable = plan.empty_timetable();
    for (date, facts) in &histograms.days {
        let day = timetable.days.len() as u32;
        timetable.days.push(Day { date: *date, rows: 0..0 });
        timetable.blocks.extend(facts.blocks.iter().map(|block| crate::measure::Block { day, ..block.clone() }));
    }
    let overtaking = OvertakingCounts::concat(plan.totals.len(), histograms.days.values().map(|facts| facts.overtaking.clone()));
    Study {
        orders: &plan.names,
        evidence: &plan.evidence,
        options: plan.options,
        timetable,
        cells: Cells::default(),
        overtaking,
        passing: PassingByClient::new(),
        rules: plan.rules,
        totals: plan.totals.clone(),
        deletions: Deletions::new(),
        finer: InFinerCells::default(),
        parts: Parts::new(),
    }
}

/// The place of the nearest-rank median of each series.
fn medians_of(series: &[Histogram]) -> Vec<Vec<Option<Wanted>>> {
    series.iter().map(|series| vec![series.locate(series.total().div_ceil(2))]).collect()
}

/// The scores of each pair with blocks numbered through all days: those of cells, and those of overtaking.
fn scores_in_time_order(
    histograms: &Histograms,
    mut by_day: Scores,
    [n_pairs, n_passing]: [usize; 2],
) -> (Vec<Vec<BlockScores>>, Vec<Vec<ClientPassing>>) {
    let (mut cells, mut passing) = (vec![Vec::new(); n_pairs], vec![Vec::new(); n_passing]);
    let mut first = 0;
    for (date, facts) in &histograms.days {
        let day = by_day.remove(date).unwrap_or_default();
        for (all, pair) in cells.iter_mut().zip(day.cells) {
            all.extend(pair.into_iter().map(|scores| BlockScores { block: scores.block + first, ..scores }));
        }
        for (all, pair) in passing.iter_mut().zip(day.passing) {
            all.extend(pair.into_iter().map(|client| ClientPassing { block: client.block + first, ..client }));
        }
        first += facts.blocks.len() as u32;
    }
    (cells, passing)
}

/// What the second round found of one pair.
struct PairFacts {
    inside: [u64; 2],
    weight: f64,
    /// Effective orders by side.
    effective: [f64; 2],
    by_stratum: Vec<f64>,
    /// By series; a side wants three places for each of [`LEVELS`], then the two that bound its median where receipts are missing.
    wanted: Vec<Vec<Option<Wanted>>>,
}

impl PairFacts {
    fn of(plan: &Plan, histograms: &Histograms, pair: usize) -> Self {
        let days: Vec<&DaySums> = histograms.days.values().map(|facts| &facts.sums[pair]).collect();
        let weight = in_time_order(days.iter().flat_map(|day| &day.weight));
        let effective = [0, 1].map(|side| {
            let squares = in_time_order(days.iter().flat_map(|day| &day.squares[side]));
            if squares > 0.0 { weight * weight / squares } else { 0.0 }
        });
        let strata = days.first().map_or(0, |day| day.by_stratum.len());
        let series = &histograms.series[pair];
        let places = |(at, series): (usize, &Histogram)| {
            let total = series.total();
            match at {
                SIDES..ROUTES => {
                    let group = plan.wanted[pair][at];
                    let bounds = bounding_levels(plan.evidence.of(group).missing_receipt, plan.totals[usize::from(group)].orders);
                    let levels = contrast::wanted_levels(effective[at]).into_iter().chain(bounds.into_iter().flatten());
                    levels.map(|level| series.locate(target(level, total))).collect()
                }
                ROUTES..STRATA => vec![series.locate(target(0.5, total))],
                _ => vec![series.locate((99 * total).div_ceil(100))],
            }
        };
        Self {
            inside: [0, 1].map(|side| days.iter().map(|day| day.inside[side]).sum()),
            weight,
            effective,
            by_stratum: (0..strata).map(|stratum| in_time_order(days.iter().map(|day| &day.by_stratum[stratum]))).collect(),
            wanted: series.iter().enumerate().map(places).collect(),
        }
    }

    /// Quantiles, densities and thresholds, exact; the quantiles themselves in the middle of their bins where asked for.
    fn fix(&self, gathered: &[Inside], medians: Medians) -> Fixed {
        let mut located = LEVELS.map(|q| Located { q, at: [0; 2], inverse_density: [0.0; 2] });
        for side in Side::BOTH {
            let series = SIDES + side as usize;
            let exact = |wanted: &Option<Wanted>| wanted.map_or(0, |wanted| gathered[series].quantile(wanted));
            let found: Vec<i64> = self.wanted[series].iter().map(exact).collect();
            contrast::put(&mut located, side, self.effective[side as usize], &found);
            if medians == Medians::HalfBin {
                for (place, three) in located.iter_mut().zip(self.wanted[series].chunks_exact(3)) {
                    place.at[side as usize] = three[0].map_or(0, Wanted::middle);
                }
            }
        }
        let threshold = |series: usize| self.wanted[series][0].map_or(i64::MAX, |wanted| gathered[series].quantile(wanted));
        Fixed { located, tail: (STRATA..self.wanted.len()).map(threshold).collect() }
    }

    /// The estimates of the pair: [`Study::measure`] on what the rounds gathered.
    fn measure(
        &self,
        study: &Study,
        groups: [u16; 2],
        fixed: &Fixed,
        scores: &[BlockScores],
        gathered: &[Inside],
        medians: Medians,
    ) -> PairMeasures {
        let orders: u64 = groups.iter().map(|group| study.totals[usize::from(*group)].orders).sum();
        let overlap = (orders > 0).then(|| (self.inside[0] + self.inside[1]) as f64 / orders as f64);
        let doubled = study.timetable.doubled();
        let single = |block: u32| block;
        let twice = |block: u32| doubled[block as usize];
        if scores.is_empty() {
            let overtaking = study.asymmetry(groups, single);
            return PairMeasures { groups, like: None, overtaking, overlap, block_doubled: false };
        }
        let by_single = Blocks::of(scores, single);
        let block_doubled = by_single.hang_together();
        let number = |block: u32| if block_doubled { twice(block) } else { block };
        let errors = Errors::of(Blocks::of(scores, number));
        let median = fixed.located[0];
        let gap = (median.at[1] - median.at[0]) as f64;
        let change = ols_cusum(&by_single.influence(GAPS));
        let mut days: Vec<u32> = scores.iter().map(|block| study.timetable.blocks[block.block as usize].day).collect();
        days.dedup();
        let like = LikeForLike {
            blocks: errors.blocks(),
            days: days.len() as u64,
            effective: self.effective,
            spread: Side::BOTH.map(|side| errors.spread(side)),
            medians: median.at,
            median_gap: errors.estimate(GAPS, gap),
            median_error: self.median_error(medians),
            tied: median.inverse_density.contains(&0.0),
            tail_excess: errors.estimate(TAIL, errors.mean(TAIL)),
            coarse_tail_share: self.coarse_tail_share(study.resolution(groups), &fixed.tail),
            tail: fixed.tail.clone(),
            superiority: errors.estimate(SUPERIORITY, errors.mean(SUPERIORITY)),
            shift: shift(&errors, &fixed.located),
            routing: self.routing(study, gathered, gap, medians),
            missing_bounds: self.missing_bounds(study, groups, gathered, gap),
            change,
            change_at: scores.get(change.at + 1).map(|block| study.timetable.blocks[block.block as usize].start),
        };
        let overtaking = study.asymmetry(groups, number);
        PairMeasures { groups, like: Some(like), overtaking, overlap, block_doubled }
    }

    fn missing_bounds(&self, study: &Study, groups: [u16; 2], gathered: &[Inside], gap: f64) -> Option<(f64, f64)> {
        if groups.iter().all(|group| study.evidence.of(*group).missing_receipt == 0) {
            return Some((gap, gap));
        }
        let bound = |side: usize, end: usize| {
            let wanted = (*self.wanted[SIDES + side].get(3 * LEVELS.len() + end)?)?;
            Some(gathered[SIDES + side].quantile(wanted))
        };
        Some(((bound(1, 0)? - bound(0, 1)?) as f64, (bound(1, 1)? - bound(0, 0)?) as f64))
    }

    fn median_error(&self, medians: Medians) -> i64 {
        let error = |side: usize| self.wanted[SIDES + side][0].map_or(0, Wanted::error);
        if medians == Medians::Exact { 0 } else { error(0) + error(1) }
    }

    fn coarse_tail_share(&self, resolution: i64, tail: &[i64]) -> f64 {
        let coarse = self.by_stratum.iter().zip(tail).filter(|(_, tail)| **tail < resolution.saturating_mul(5));
        coarse.map(|(weight, _)| weight).sum::<f64>() / self.weight
    }

    fn routing(&self, study: &Study, gathered: &[Inside], total: f64, medians: Medians) -> Option<Routing> {
        if !study.has_routes() {
            return None;
        }
        let [a, b] = [ROUTES, ROUTES + 1].map(|series| {
            let wanted = self.wanted[series][0]?;
            Some(if medians == Medians::Exact { gathered[series].quantile(wanted) } else { wanted.middle() })
        });
        let within_route = (b? - a?) as f64;
        Some(Routing { total, within_route, routing_part: total - within_route })
    }
}

/// The measures without single clients; no pass over the days where nothing is asked.
fn without_clients<I>(
    plan: &Plan,
    study: &Study,
    fixed: &[Fixed],
    asked: &[Deletion],
    days: impl Fn() -> I,
) -> Result<Deletions, StateError>
where
    I: Iterator<Item = Result<StudyDay, StateError>>,
{
    if asked.is_empty() {
        return Ok(Deletions::new());
    }
    let mut deleted = Deleted::default();
    days().try_for_each(|day| day.map(|day| deleted.merge(Deleted::of(plan, &day, fixed, asked))))?;
    let wanted: Vec<Vec<Vec<Option<Wanted>>>> = deleted.sides.iter().map(places_of_medians).collect();
    let nothing: Gathered = nothing_gathered(&wanted);
    let mut gathered = nothing.clone();
    if asked.iter().any(|deletion| deletion.metric == Metric::Median) {
        days().try_for_each(|day| day.map(|day| merge_gathered(&mut gathered, gather_left(plan, &day, asked, &nothing))))?;
    }
    let answer = |(at, deletion): (usize, &Deletion)| {
        let value = match deletion.metric {
            Metric::Median => {
                let of_side = |side: usize| Some(gathered[at][side].quantile(wanted[at][side][0]?));
                let (a, b) = (of_side(0)?, of_side(1)?);
                ((b - a) as f64, [a, b])
            }
            Metric::Tail => (tail_excess(&deleted, at)?, [0, 0]),
            Metric::Overtaking => {
                let by_day = deleted.days.values().map(|day| day[at].overtaking.clone());
                let counts = OvertakingCounts::concat(2, by_day);
                (asymmetry_left(&counts, &study.timetable)?, [0, 0])
            }
        };
        Some((deletion.key(), value))
    };
    Ok(asked.iter().enumerate().filter_map(answer).collect())
}

/// Pairs in finer cells, and the worst parts of those that would be FAIR; no pass over the days where there are none.
fn in_finer_cells<I>(
    plan: &Plan,
    study: &Study,
    (measures, fixed): (&[PairMeasures], &[Fixed]),
    looks: &[SecondLook],
    days: impl Fn() -> I,
) -> Result<(InFinerCells, Parts), StateError>
where
    I: Iterator<Item = Result<StudyDay, StateError>>,
{
    if looks.is_empty() {
        return Ok((InFinerCells::default(), Parts::new()));
    }
    let mut round = FinerRound::default();
    days().try_for_each(|day| day.map(|day| round.merge(FinerRound::of(plan, &day, fixed, looks))))?;
    let wanted: Vec<Vec<Vec<Option<Wanted>>>> = round.sides.iter().map(places_of_medians).collect();
    let nothing: Gathered = nothing_gathered(&wanted);
    let mut gathered = nothing.clone();
    days().try_for_each(|day| day.map(|day| merge_gathered(&mut gathered, gather_finer(plan, &day, looks, &nothing))))?;
    let worst = |(at, look): (usize, &SecondLook)| {
        let of_days = round.parts.values().map(|parts| parts[at]);
        Some((plan.wanted[look.pair], of_days.fold(None, Part::worse)?))
    };
    let parts: Parts = looks.iter().enumerate().filter_map(worst).collect();
    let mut sums = vec![FinerSums::default(); round.sides.len()];
    for day in round.days.into_values() {
        sums.iter_mut().zip(day).for_each(|(sums, day)| sums.append(day));
    }
    let asked = Cut::ALL.into_iter().flat_map(|cut| looks.iter().map(move |look| (plan.wanted[look.pair], cut)));
    let answer = |(at, (groups, cut)): (usize, ([u16; 2], Cut))| {
        let tail = sums[at].tail_excess(study, groups, cut)?;
        let median = |side: usize| Some(gathered[at][side].quantile(wanted[at][side][0]?));
        Some(((groups, cut), Finer { medians: [median(0)?, median(1)?], tail }))
    };
    let mut finer = InFinerCells { latencies: asked.enumerate().filter_map(answer).collect(), ..InFinerCells::default() };
    let counts = OvertakingCounts::concat(plan.totals.len(), round.overtaking.into_values());
    finer.add_overtaking(study, measures, looks, &counts);
    Ok((finer, parts))
}

/// Where the medians of both sides lie.
fn places_of_medians(sides: &[Histogram; 2]) -> Vec<Vec<Option<Wanted>>> {
    sides.iter().map(|side| vec![side.locate(target(0.5, side.total()))]).collect()
}

fn tail_excess(deleted: &Deleted, at: usize) -> Option<f64> {
    let (mut weight, mut tail) = (CompensatedSum::new(), CompensatedSum::new());
    for day in deleted.days.values() {
        weight.merge(day[at].weight);
        tail.merge(day[at].tail);
    }
    (weight.value() > 0.0).then(|| tail.value() / weight.value())
}
