//! From estimates to verdicts: margins, one-sided tests, Holm, deletion of single clients, two one-sided tests for FAIR.

use crate::fairness::comparable::{Side, Without};
use crate::fairness::contrast::Estimate;
use crate::fairness::deletions::{candidates, key};
use crate::fairness::finer::{Cut, finer_slot};
use crate::fairness::gates::{Gates, LEAST_CLIENTS, gates, name};
use crate::fairness::pair::{Metric, PairMeasures, Study};
use crate::fairness::second_look::{goes_by_cut, mostly_by_burst, not_fair, within_cut};
use crate::fairness::{
    ChangePoint, Effect, Evidence, FairnessOptions, Interval, PairAssessment, Power, Reason, Routing, ShiftPoint, Verdict, cut_reason,
    reason,
};
use crate::statistics::{holm, student_t_quantile, student_t_sf};

/// z of 80 % power.
const POWER_Z: f64 = 0.84;

/// An ordered pair: the unordered one, as it is or mirrored.
#[derive(Clone, Copy)]
pub(crate) struct Ordered<'a> {
    pub(crate) pair: &'a PairMeasures,
    /// The side that plays A.
    pub(crate) favoured: Side,
}

/// Levels that follow from alpha and the number of groups and tests.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Levels {
    pub(crate) alpha: f64,
    /// alpha / (k - 1): each of the two one-sided tests of FAIR.
    pub(crate) fair: f64,
    /// alpha / m: the strictest step of Holm.
    pub(crate) strictest: f64,
    /// alpha / 10, by unordered pair: the exact test of the order of clients. It has no margin, so it is asked for much.
    pub(crate) order: f64,
}

impl<'a> Ordered<'a> {
    pub(crate) fn estimate(self, metric: Metric) -> Option<Estimate> {
        self.pair.estimate(metric).map(|estimate| self.seen(estimate))
    }

    fn seen(self, estimate: Estimate) -> Estimate {
        if self.favoured == Side::A { estimate } else { estimate.mirrored() }
    }

    /// What B - A of the unordered pair is multiplied by.
    pub(crate) fn sign(self) -> f64 {
        if self.favoured == Side::A { 1.0 } else { -1.0 }
    }

    /// Group codes of (favoured, disadvantaged).
    pub(crate) fn groups(self) -> [u16; 2] {
        let [a, b] = self.pair.groups;
        if self.favoured == Side::A { [a, b] } else { [b, a] }
    }

    pub(crate) fn swap<T>(self, values: [T; 2]) -> [T; 2] {
        let [a, b] = values;
        if self.favoured == Side::A { [a, b] } else { [b, a] }
    }

    /// What is material in this direction, given the medians of A and B.
    pub(crate) fn margin(self, study: &Study, metric: Metric, medians: [i64; 2]) -> f64 {
        let margins = &study.options.margins;
        match metric {
            Metric::Median => (margins.median.0 as f64).max(margins.median_share * self.swap(medians)[0] as f64),
            Metric::Tail => margins.tail,
            Metric::Overtaking => margins.overtaking,
        }
    }

    pub(crate) fn own_margin(self, study: &Study, metric: Metric) -> f64 {
        self.margin(study, metric, self.medians())
    }

    fn medians(self) -> [i64; 2] {
        self.pair.like.as_ref().map_or([0, 0], |like| like.medians)
    }

    /// The smaller margin of the two directions, so that (A, B) and (B, A) agree.
    fn smaller_margin(self, study: &Study, metric: Metric) -> f64 {
        let reverse = Self { favoured: if self.favoured == Side::A { Side::B } else { Side::A }, ..self };
        self.own_margin(study, metric).min(reverse.own_margin(study, metric))
    }

    /// FAIR is judged by the smaller margin, and its share is taken of what is known of the median: an offset between the clocks of receipts
    /// and orders, common to all groups, cancels in a difference, but it stands in every median and would widen the margin for all.
    pub(crate) fn fair_margin(self, study: &Study, metric: Metric) -> f64 {
        if metric != Metric::Median {
            return self.smaller_margin(study, metric);
        }
        known_median_margin(study.options, self.medians())
    }

    /// Raw one-sided p of H0: effect <= margin + clock uncertainty; 1 where nothing was estimated. Of groups, then of these clients.
    fn p_unfair(self, study: &Study, metric: Metric) -> [f64; 2] {
        let threshold = self.own_margin(study, metric) + uncertainty(study, self.pair, metric);
        let p = |estimate: Option<Estimate>| estimate.map_or(1.0, |estimate| p_above(self.seen(estimate), threshold));
        // The error of a median rests on the density about it. Where clients lie on two humps there is none, and the median jumps from one to
        // the other: that one group's orders tend to be the slower at all is tested beside it, by scores that know no density.
        let tends = if metric == Metric::Median {
            self.pair.like.as_ref().map_or(1.0, |like| p_above(self.seen(like.superiority), 0.0))
        } else {
            0.0
        };
        [p(self.pair.estimate(metric)).max(tends), p(self.pair.clients_fixed(metric))]
    }

    /// Whether all three measures are shown to lie within their margins; the same in both directions.
    fn is_fair(self, study: &Study, levels: Levels) -> bool {
        Metric::ALL.into_iter().all(|metric| self.p_fair(study, metric) < levels.fair)
    }

    /// Whether they do by margins that take the medians for what they are, and not by those of [`Self::fair_margin`].
    fn is_fair_but_for_level(self, study: &Study, levels: Levels) -> bool {
        let within = |metric| self.p_within(study, metric, self.smaller_margin(study, metric)) < levels.fair;
        !self.is_fair(study, levels) && Metric::ALL.into_iter().all(within)
    }

    /// Whether it is FAIR as far as the records and the three measures go.
    pub(crate) fn would_be_fair(self, study: &Study, levels: Levels) -> bool {
        self.is_fair(study, levels) && gates(study, self.pair, self.smaller_margin(study, Metric::Median)).let_fair_through()
    }

    fn p_fair(self, study: &Study, metric: Metric) -> f64 {
        self.p_within(study, metric, self.fair_margin(study, metric))
    }

    pub(crate) fn p_within(self, study: &Study, metric: Metric, margin: f64) -> f64 {
        let threshold = margin - uncertainty(study, self.pair, metric);
        let both = |estimate: Estimate| p_above(estimate.mirrored(), -threshold).max(p_above(estimate, -threshold));
        if threshold > 0.0 { self.estimate(metric).map_or(1.0, both) } else { 1.0 }
    }

    fn effect(self, study: &Study, metric: Metric, levels: Levels, p_unfair_holm: f64) -> Option<Effect> {
        // Without an error (one block, tied stamps) there is no interval: a bare number would look certain.
        let estimate = self.estimate(metric).filter(|estimate| estimate.se > 0.0)?;
        let half = student_t_quantile(levels.fair, estimate.df) * estimate.se;
        // A share of orders ends at all of them.
        let most = if metric == Metric::Median { f64::INFINITY } else { 1.0 };
        Some(Effect {
            estimate: estimate.value,
            se: estimate.se,
            df: estimate.df,
            lower: (estimate.value - half).max(-most),
            upper: (estimate.value + half).min(most),
            margin: self.own_margin(study, metric),
            p_unfair_holm,
            p_fair: self.p_fair(study, metric),
        })
    }
}

/// What is material at these medians in either direction, its share taken of what is known of them: see [`Ordered::fair_margin`].
pub(crate) fn known_median_margin(options: &FairnessOptions, medians: [i64; 2]) -> f64 {
    let known = |median: i64| options.clocks.offset().map_or(0, |offset| median.saturating_sub(offset).max(0));
    let [a, b] = medians.map(known);
    (options.margins.median.0 as f64).max(options.margins.median_share * a.min(b) as f64)
}

/// One-sided p of H0: effect <= threshold; 1 where the error could not be estimated.
fn p_above(estimate: Estimate, threshold: f64) -> f64 {
    if estimate.se > 0.0 && estimate.se.is_finite() { student_t_sf((estimate.value - threshold) / estimate.se, estimate.df) } else { 1.0 }
}

/// Documented uncertainty between the groups' clocks, nanoseconds; it enters the median alone.
///
/// Where receipt and sending are stamped by one clock, its offset cancels in every latency.
pub(crate) fn clock_uncertainty(evidence: &Evidence, options: &FairnessOptions, groups: [u16; 2]) -> i64 {
    let [a, b] = groups.map(|group| evidence.of(group).received_clock);
    let receipts = if options.clocks.one_clock || a == b { 0 } else { options.clocks.receipts.0.saturating_mul(2) };
    receipts.saturating_add(sent_uncertainty(evidence, options, groups))
}

/// The part of it that lies between their sending clocks: what two sendings no further apart say of their order is nothing.
pub(crate) fn sent_uncertainty(evidence: &Evidence, options: &FairnessOptions, groups: [u16; 2]) -> i64 {
    let [a, b] = groups.map(|group| evidence.of(group).sent_clock);
    if options.clocks.one_clock || a == b { 0 } else { options.clocks.orders.0.saturating_mul(2) }
}

/// How far the estimate may be off for reasons other than chance: clocks.
pub(crate) fn uncertainty(study: &Study, pair: &PairMeasures, metric: Metric) -> f64 {
    if metric == Metric::Median { clock_uncertainty(study.evidence, study.options, pair.groups) as f64 } else { 0.0 }
}

/// Holm-adjusted p of one ordered pair, by measure.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Adjusted {
    /// Of the groups: printed, and what UNFAIR rests on.
    pub(crate) groups: [f64; 3],
    /// Of these clients, whatever others of their groups would do: what a single client is named by.
    pub(crate) clients_fixed: [f64; 3],
}

/// All ordered pairs of `measures`, both directions of each, with their p adjusted over all tests.
pub(crate) fn ordered_and_adjusted<'a>(study: &Study, measures: &'a [PairMeasures]) -> (Vec<Ordered<'a>>, Vec<Adjusted>) {
    let ordered: Vec<Ordered> = measures.iter().flat_map(|pair| Side::BOTH.map(|favoured| Ordered { pair, favoured })).collect();
    let raw: Vec<[f64; 2]> = ordered.iter().flat_map(|pair| Metric::ALL.map(|metric| pair.p_unfair(study, metric))).collect();
    let [groups, clients_fixed] = [0, 1].map(|of| holm(&raw.iter().map(|both| both[of]).collect::<Vec<_>>()));
    let three = |p: &[f64]| [p[0], p[1], p[2]];
    let adjusted = std::iter::zip(groups.chunks_exact(3), clients_fixed.chunks_exact(3))
        .map(|(groups, fixed)| Adjusted { groups: three(groups), clients_fixed: three(fixed) })
        .collect();
    (ordered, adjusted)
}

/// A verdict before the reverse direction is known.
pub(crate) struct Judged {
    pub(crate) verdict: Verdict,
    client_specific: bool,
    clients_named: Vec<String>,
    reasons: Vec<Reason>,
}

impl Judged {
    /// The gap changed during the study: more orders would not settle what is not one thing.
    pub(crate) fn gap_changes(&mut self) {
        if self.verdict != Verdict::Fair {
            self.reasons.retain(|reason| reason.code != "not_settled");
            self.reasons.push(reason::gap_changes());
        }
    }

    /// The other direction is unfair: there is nothing left to settle in this one.
    pub(crate) fn reverse(&mut self) {
        self.verdict = Verdict::Reversed;
        self.reasons.retain(|reason| reason.code != "not_settled");
    }
}

/// Judges one ordered pair.
///
/// A group is accused only by what also exceeds the differences among clients of one group; a single client is named by what is known of
/// these clients.
pub(crate) fn judge(study: &Study, ordered: Ordered, levels: Levels, adjusted: Adjusted) -> Judged {
    let gates = gates(study, ordered.pair, ordered.smaller_margin(study, Metric::Median));
    let all_open = gates.let_fair_through();
    let Gates { closed, silent, notes } = gates;
    let speaks = |metric: Metric| silent[metric as usize].is_none();
    let significant = |metric: Metric, holm: [f64; 3]| speaks(metric) && holm[metric as usize] < levels.alpha;
    let of_clients = Metric::ALL.into_iter().filter(|metric| significant(*metric, adjusted.clients_fixed));
    let (of_clients, within_cells): (Vec<_>, Vec<_>) = of_clients.partition(|metric| goes_by_cut(study, ordered, *metric).is_none());
    let (stands, hangs): (Vec<_>, Vec<_>) = of_clients
        .into_iter()
        .map(|metric| (metric, failing_deletions(study, ordered, metric)))
        .filter(|(metric, hangs_on)| significant(*metric, adjusted.groups) || hangs_on.len() <= MOST_NAMED)
        .partition(|(_, hangs_on)| hangs_on.is_empty());
    let in_order = ordered.swap(ordered.pair.overtaking.ahead)[0] < levels.order;
    let accuses = |metric: Metric| significant(metric, adjusted.groups) || metric == Metric::Overtaking && in_order;
    let mut judged = Judged { verdict: Verdict::Inconclusive, client_specific: false, clients_named: Vec::new(), reasons: Vec::new() };

    if stands.iter().any(|(metric, _)| accuses(*metric)) && closed.is_empty() {
        judged.verdict = Verdict::Unfair;
        let is_unchecked = |cut: &Cut| {
            let accusing = stands.iter().map(|(metric, _)| *metric).filter(|metric| accuses(*metric) && cut.bears_on(*metric));
            accusing.into_iter().any(|metric| study.finer.of(ordered.pair.groups, metric, *cut).is_none())
        };
        let accusing = stands.iter().map(|(metric, _)| *metric).filter(|metric| accuses(*metric));
        judged.reasons.extend(accusing.filter_map(|metric| mostly_by_burst(study, ordered, metric)));
        judged.reasons.extend(Cut::ALL.into_iter().filter(is_unchecked).map(|cut| match cut {
            Cut::Slot => cut_reason::slot_unchecked(study.timetable.slot, finer_slot(study.timetable.slot)),
            Cut::Burst => cut_reason::burst_unchecked(),
            Cut::Load => cut_reason::load_unchecked(),
            Cut::Line => cut_reason::line_unchecked(),
            Cut::Pause => cut_reason::pause_unchecked(),
            Cut::Quiet => cut_reason::quiet_unchecked(),
            Cut::Work => cut_reason::work_unchecked(),
            Cut::Second => cut_reason::second_unchecked(),
        }));
        if !stands.iter().any(|(metric, _)| significant(*metric, adjusted.groups)) {
            judged.reasons.push(reason::clients_in_order(ordered.swap(ordered.pair.overtaking.ahead)[0], group_names(study, ordered)));
        }
    } else if !stands.is_empty() && !closed.is_empty() {
        name_few_clients(study, ordered, &mut judged);
    } else if !stands.is_empty() || !hangs.is_empty() {
        name_clients(study, ordered, hangs.into_iter().flat_map(|(_, hangs_on)| hangs_on).collect(), &mut judged);
        if speaks(Metric::Overtaking) && !accuses(Metric::Overtaking) && !within_cells.contains(&Metric::Overtaking) {
            judged.reasons.extend(overtaking_of_clients(study, ordered, levels, adjusted));
        }
    } else if significant(Metric::Overtaking, adjusted.clients_fixed) && !within_cells.contains(&Metric::Overtaking) {
        judged.reasons.extend(overtaking_of_clients(study, ordered, levels, adjusted));
    } else if all_open && ordered.is_fair(study, levels) {
        let not_fair = not_fair(study, ordered, levels);
        judged.verdict = if not_fair.is_none() { Verdict::Fair } else { Verdict::Inconclusive };
        judged.reasons.extend(not_fair);
    } else if all_open && ordered.is_fair_but_for_level(study, levels) {
        let [wide, known] = [ordered.smaller_margin(study, Metric::Median), ordered.fair_margin(study, Metric::Median)];
        judged.reasons.push(reason::level_unknown(study.options.clocks.offset(), wide, known));
    } else if all_open
        && within_cells.is_empty()
        && let Some(power) = power(study, ordered, levels)
    {
        let margin = ordered.own_margin(study, Metric::Median);
        let open = Metric::ALL.into_iter().filter(|metric| ordered.p_fair(study, *metric) >= levels.fair).collect();
        judged.reasons.push(reason::not_settled(power.minimum_detectable_gap, margin, power.orders_needed, open));
    }
    // Said beside an accusation by another measure too: the figure alone would seem to carry it.
    judged
        .reasons
        .extend(within_cells.iter().filter_map(|metric| within_cut(study, ordered, *metric, goes_by_cut(study, ordered, *metric)?)));
    judged.reasons.extend(closed.into_iter().chain(silent.into_iter().flatten()).chain(notes).chain(simpson(study, ordered)));
    judged
}

/// The measures that differ, where any of them is said of the groups or bears on which clients are named: they are held against finer cells.
pub(crate) fn spoken_of(study: &Study, ordered: Ordered, levels: Levels, adjusted: Adjusted) -> Vec<Metric> {
    let Gates { closed, silent, .. } = gates(study, ordered.pair, ordered.smaller_margin(study, Metric::Median));
    let is_significant = |metric: Metric, holm: [f64; 3]| holm[metric as usize] < levels.alpha;
    let differs = |metric: &Metric| {
        let either = is_significant(*metric, adjusted.groups) || is_significant(*metric, adjusted.clients_fixed);
        silent[*metric as usize].is_none() && either
    };
    let differ: Vec<Metric> = Metric::ALL.into_iter().filter(differs).collect();
    let names = |metric: &Metric| {
        let hangs_on = failing_deletions(study, ordered, *metric).len();
        hangs_on > 0 && (hangs_on <= MOST_NAMED || is_significant(*metric, adjusted.groups))
    };
    let few_clients = || Side::BOTH.into_iter().any(|side| has_few_clients(ordered.pair, side));
    let speaks = closed.is_empty() || few_clients() || differ.iter().any(names);
    if speaks { differ } else { Vec::new() }
}

/// More clients than this, each of whom alone makes the difference, say that it stands at the margin, and not that it hangs on them.
const MOST_NAMED: usize = 2;

pub(crate) fn group_names<'a>(study: &'a Study, ordered: Ordered) -> [&'a str; 2] {
    ordered.groups().map(|group| name(study, group))
}

/// Said where these clients overtake one another beyond the margin, and clients of one group may differ as much.
fn overtaking_of_clients(study: &Study, ordered: Ordered, levels: Levels, adjusted: Adjusted) -> Option<Reason> {
    let [p, p_groups] = [adjusted.clients_fixed, adjusted.groups].map(|holm| holm[Metric::Overtaking as usize]);
    let (all, fixed) = (ordered.estimate(Metric::Overtaking)?, ordered.pair.overtaking.clients_fixed?);
    (p < levels.alpha).then(|| reason::overtaking_of_clients(group_names(study, ordered), all, fixed.se, [p, p_groups]))
}

/// The raw difference of medians of A and B.
fn raw_median_gap(study: &Study, ordered: Ordered) -> Option<f64> {
    let [a, b] = ordered.groups().map(|group| &study.totals[usize::from(group)]);
    (a.orders > 0 && b.orders > 0).then(|| (b.median - a.median) as f64)
}

/// Said where raw and like-for-like medians differ in sign and one of them is material: whoever quotes the raw one is misled.
fn simpson(study: &Study, ordered: Ordered) -> Option<Reason> {
    let (raw, gap) = (raw_median_gap(study, ordered)?, ordered.estimate(Metric::Median)?.value);
    let material = raw.abs().max(gap.abs()) > ordered.smaller_margin(study, Metric::Median);
    (raw * gap < 0.0 && material).then(|| reason::opposite_signs(raw, gap))
}

/// The clients without any one of whom the effect no longer exceeds its margin.
fn failing_deletions(study: &Study, ordered: Ordered, metric: Metric) -> Vec<Without> {
    let uncertainty = uncertainty(study, ordered.pair, metric);
    let survives = |gone: &Without| {
        study.deletions.get(&key(ordered.pair.groups, metric, *gone)).copied().is_some_and(|(value, medians)| {
            let value = if ordered.favoured == Side::A { value } else { 0.0 - value };
            value > ordered.margin(study, metric, medians) + uncertainty
        })
    };
    Side::BOTH
        .into_iter()
        .flat_map(|side| candidates(study, ordered.pair.groups[side as usize], side))
        .filter(|gone| !survives(gone))
        .collect()
}

fn name_clients(study: &Study, ordered: Ordered, gone: Vec<Without>, judged: &mut Judged) {
    let client_name = |client: u32| study.orders.names.clients.get(client as usize).map_or("", String::as_str);
    // Where both groups are one and the same client there is nobody that it was treated unlike.
    let only = |group: u16| match &study.totals[usize::from(group)].clients[..] {
        [(_, client)] => Some(*client),
        _ => None,
    };
    let [a, b] = ordered.pair.groups.map(only);
    let alone = a.filter(|client| a == b && !client_name(*client).is_empty());
    for gone in gone.iter().filter(|gone| alone != Some(gone.client)) {
        match client_name(gone.client) {
            "" => judged.reasons.push(reason::clients_unknown(name(study, ordered.pair.groups[gone.side as usize]))),
            known => judged.clients_named.push(known.to_owned()),
        }
    }
    judged.clients_named.sort_unstable();
    judged.clients_named.dedup();
    judged.reasons.dedup();
    judged.client_specific = !judged.clients_named.is_empty();
    if judged.client_specific {
        judged.reasons.insert(0, reason::client_specific(&judged.clients_named));
    }
}

/// False where nothing is comparable.
fn has_few_clients(pair: &PairMeasures, side: Side) -> bool {
    pair.like.as_ref().is_some_and(|like| like.spread[side as usize].clients < LEAST_CLIENTS)
}

/// A clear effect on a group of fewer than three clients is said of those clients, never of the group.
fn name_few_clients(study: &Study, ordered: Ordered, judged: &mut Judged) {
    let few = Side::BOTH.into_iter().filter(|side| has_few_clients(ordered.pair, *side));
    let gone = few.flat_map(|side| candidates(study, ordered.pair.groups[side as usize], side)).collect();
    name_clients(study, ordered, gone, judged);
    if judged.client_specific {
        judged.reasons[0] = reason::client_specific_few(&judged.clients_named);
    }
}

/// The smallest median gap found with 80 % probability, and the orders that would settle FAIR at the present effects.
fn power(study: &Study, ordered: Ordered, levels: Levels) -> Option<Power> {
    let gap = ordered.estimate(Metric::Median).filter(|gap| gap.se > 0.0)?;
    let threshold = ordered.own_margin(study, Metric::Median) + uncertainty(study, ordered.pair, Metric::Median);
    let minimum_detectable_gap = threshold + (student_t_quantile(levels.strictest, gap.df) + POWER_Z) * gap.se;
    let orders = study.totals[usize::from(ordered.pair.groups[0])].orders + study.totals[usize::from(ordered.pair.groups[1])].orders;
    // The error falls with the square root of the orders: the worst of the three measures decides.
    let growth = Metric::ALL.into_iter().map(|metric| {
        let estimate = ordered.estimate(metric)?;
        let room = ordered.fair_margin(study, metric) - uncertainty(study, ordered.pair, metric) - estimate.value.abs();
        let ratio = student_t_quantile(levels.fair, estimate.df) * estimate.se / room;
        (room > 0.0).then_some(ratio * ratio)
    });
    let worst = growth.collect::<Option<Vec<f64>>>().map(|each| each.into_iter().fold(0.0, f64::max));
    let orders_needed = worst.map(|growth| libm::ceil(orders as f64 * growth)).filter(|orders| *orders < 1e15).map(|orders| orders as u64);
    Some(Power { minimum_detectable_gap, orders_needed })
}

/// Puts the words and figures of one ordered pair together.
pub(crate) fn assemble(
    study: &Study,
    ordered: Ordered,
    levels: Levels,
    holm: [f64; 3],
    judged: Judged,
    change: Option<ChangePoint>,
) -> PairAssessment {
    let pair = ordered.pair;
    let [favoured, disadvantaged] = ordered.groups();
    let sign = ordered.sign();
    let flip = |value: f64| if sign > 0.0 { value } else { 0.0 - value };
    let orders = |group: u16| study.totals[usize::from(group)].orders;
    let like = pair.like.as_ref();
    let superiority = like.map(|like| {
        let half = student_t_quantile(levels.fair, like.superiority.df) * like.superiority.se;
        let estimate = 0.5 + flip(like.superiority.value);
        Interval { estimate, se: like.superiority.se, lower: estimate - half, upper: estimate + half }
    });
    let shift = |point: &ShiftPoint| {
        let interval = point.interval.map(|(lower, upper)| if sign > 0.0 { (lower, upper) } else { (0.0 - upper, 0.0 - lower) });
        ShiftPoint { q: point.q, difference: flip(point.difference), interval }
    };
    let routing = like.and_then(|like| like.routing).map(|part| Routing {
        total: flip(part.total),
        within_route: flip(part.within_route),
        routing_part: flip(part.routing_part),
    });
    PairAssessment {
        favoured: name(study, favoured).to_owned(),
        disadvantaged: name(study, disadvantaged).to_owned(),
        verdict: judged.verdict,
        client_specific: judged.client_specific,
        clients_named: judged.clients_named,
        reasons: judged.reasons,
        overlap: pair.overlap,
        n_favoured: orders(favoured),
        n_disadvantaged: orders(disadvantaged),
        blocks: like.map_or(0, |like| like.blocks as u64),
        block_doubled: pair.block_doubled,
        days: like.map_or(0, |like| like.days),
        median_gap: ordered.effect(study, Metric::Median, levels, holm[0]),
        tail_excess: ordered.effect(study, Metric::Tail, levels, holm[1]),
        overtaking: ordered.effect(study, Metric::Overtaking, levels, holm[2]),
        superiority,
        routing,
        shift: like.map_or_else(Vec::new, |like| like.shift.iter().map(shift).collect()),
        power: power(study, ordered, levels),
        change_point: change,
        raw_median_gap: raw_median_gap(study, ordered),
        missing_bounds: like
            .and_then(|like| like.missing_bounds)
            .map(|(low, high)| if sign > 0.0 { (low, high) } else { (0.0 - high, 0.0 - low) }),
        clock_uncertainty: clock_uncertainty(study.evidence, study.options, pair.groups),
    }
}
