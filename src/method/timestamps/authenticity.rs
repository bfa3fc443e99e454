//! Are the stamps genuine? Signs of fabrication by source and group, and the rule that makes a series SUSPECT.
//!
//! A series is SUSPECT when at least one holds:
//! 1. *copied*: `frequent_latency` or `identical_gaps`;
//! 2. *rounded*: `last_digits`, `resolution_differs`, `whole_seconds` or `whole_milliseconds`;
//! 3. *no queue*: `no_queue`, or `load_dependence` and `memory` both.
//!
//! The other signs are reported and never enough. A narrow distribution is also what fast hardware shows, or a long fixed delay, which is
//! unfairness and not fabrication. Negative latencies are a clock problem first. Coarse stamps are a resolution gate of the verdict.
//! What no rule here can see: a whole file rounded to a power of ten (an honest coarse clock looks the same), and a forger who replays
//! a real queue. What it wrongly accuses: a gateway that serves overlapping orders in parallel, each with an independent latency.

use rayon::prelude::*;

use crate::record::{Latency, MatchedOrders, Timestamp};
use crate::statistics::{QuantileLevel, select_nearest_rank, sort_by_number};
use crate::timestamps::digits::DigitCounts;
use crate::timestamps::options::{SignLimits, StampOptions};
use crate::timestamps::queue_traces::{Trace, load_dependence, memory, memory_of_neighbour, stretch_of, variation};
use crate::timestamps::resolution::{DECADES, effective_resolution};
use crate::timestamps::sign::{Sign, SignState, WhyNot, code};
use crate::timestamps::spikes::{Ranked, Spike, identical_gaps, most_frequent};

/// Name of the receipts in [`StampVerdict::source`].
pub const RECEIPTS: &str = "receipts";
/// Name of the orders in [`StampVerdict::source`].
pub const ORDERS: &str = "orders";

/// Whether one source's stamps of one group look genuine.
#[derive(Clone, Debug, PartialEq)]
pub struct StampVerdict {
    /// [`RECEIPTS`] (`received_at`) or [`ORDERS`] (`sent_at`).
    pub source: &'static str,
    /// Group code.
    pub group: u16,
    /// Orders looked at.
    pub n_orders: usize,
    /// True where the signs show fabrication.
    pub suspect: bool,
    /// Effective resolution, nanoseconds: the largest power of ten up to 1 s, or the minute, that divides at least 99 % of the stamps.
    pub resolution: i64,
    /// Every sign, raised or not.
    pub signs: Vec<Sign>,
}

/// A group's orders in order of receipt.
pub(crate) struct Series {
    pub(crate) received: Vec<i64>,
    pub(crate) latency: Vec<i64>,
    load: Vec<u8>,
    /// Orders that met another on its way through: see [`met_another`].
    n_met: usize,
}

/// What is measured on a group before the groups are held against each other.
struct Measured {
    n_orders: usize,
    received: StampFacts,
    sent: StampFacts,
    enough: bool,
    /// Stamps are fine against the spread of latency, so that a queue can show.
    fine: bool,
    overlap: f64,
    load_dependence: Option<Trace>,
    memory: Option<Trace>,
    frequent: (Spike, Result<bool, WhyNot>),
    gaps: (Spike, Result<bool, WhyNot>),
    tail_ratio: Option<f64>,
    variation: Option<f64>,
    negative_share: f64,
}

/// Resolution and digits of one series of stamps.
struct StampFacts {
    n: usize,
    resolution: i64,
    /// Stamps at a whole second.
    whole_seconds: usize,
    /// Stamps at a whole millisecond, and at the most frequent other place within one.
    of_millisecond: [usize; 2],
    /// Counts of each digit, 1 ns first.
    digits: Vec<DigitCounts>,
}

/// The verdicts, receipts before orders, groups ascending; `load` as in [`crate::timestamps::examine`].
pub(crate) fn verdicts(orders: &MatchedOrders, load: &[u8], options: &StampOptions) -> Vec<StampVerdict> {
    let groups = split_by_group(orders, load);
    let mut measured: Vec<(u16, Measured)> = groups.into_par_iter().map(|(group, series)| (group, measure(&series, options))).collect();
    remember_neighbours(orders, &mut measured, options.limits.memory);
    let receipts = (0..measured.len()).map(|i| receipts_verdict(&measured, i, options));
    let sent = (0..measured.len()).map(|i| orders_verdict(&measured, i, options));
    receipts.chain(sent).collect()
}

/// Groups without a memory of their own are held against the order sent just before, of whatever group: the stronger of the two counts.
fn remember_neighbours(orders: &MatchedOrders, measured: &mut [(u16, Measured)], threshold: f64) {
    let fades = |own: &Measured| own.memory.is_some_and(|memory| memory.value < threshold);
    if !measured.iter().any(|(_, own)| fades(own)) {
        return;
    }
    let neighbours = memory_of_neighbour(orders);
    for (group, own) in measured.iter_mut().filter(|(_, own)| fades(own)) {
        let beside = neighbours.get(usize::from(*group)).copied().flatten();
        own.memory = own.memory.into_iter().chain(beside).max_by(|a, b| a.value.total_cmp(&b.value));
    }
}

/// Orders of each group that has any, in row order.
fn split_by_group(orders: &MatchedOrders, load: &[u8]) -> Vec<(u16, Series)> {
    let mut counts = vec![0_usize; orders.group.iter().max().map_or(0, |last| usize::from(*last) + 1)];
    orders.group.iter().for_each(|group| counts[usize::from(*group)] += 1);
    let present = (0..counts.len()).filter(|group| counts[*group] > 0);
    let met = met_another(orders);
    let gather = |group: usize| {
        let n = counts[group];
        let mut series = Series { received: Vec::with_capacity(n), latency: Vec::with_capacity(n), load: Vec::with_capacity(n), n_met: 0 };
        for row in (0..orders.len()).filter(|row| usize::from(orders.group[*row]) == group) {
            series.received.push(orders.received_at[row].0);
            series.latency.push(orders.latency[row].0);
            series.load.push(load.get(row).copied().unwrap_or(0));
            series.n_met += usize::from(met[row]);
        }
        (group as u16, series)
    };
    present.collect::<Vec<_>>().into_par_iter().map(gather).collect()
}

/// Whether each order was received while another, of whatever group, was on its way through.
///
/// An order on its way for much longer than is usual is held, not served: one that waits for its trigger for hours meets everybody and
/// queues with nobody. Each counts for [`HELD`] median latencies at most.
fn met_another(orders: &MatchedOrders) -> Vec<bool> {
    let mut sample: Vec<i64> = orders.latency.iter().step_by((orders.len() / SAMPLE).max(1)).map(|latency| latency.0.max(1)).collect();
    let most = select_nearest_rank(&mut sample, QuantileLevel::P50).unwrap_or(1).saturating_mul(HELD);
    let mut busy_until = i64::MIN;
    let met = |(at, latency): (&Timestamp, &Latency)| {
        let met = at.0 < busy_until;
        busy_until = busy_until.max(at.0.saturating_add(latency.0.min(most)));
        met
    };
    orders.received_at.iter().zip(&orders.latency).map(met).collect()
}

/// Latencies the median is taken of, about, and median latencies beyond which an order is held and not served.
const SAMPLE: usize = 1 << 16;
const HELD: i64 = 100;

fn measure(series: &Series, options: &StampOptions) -> Measured {
    let limits = &options.limits;
    let n = series.received.len();
    let sent: Vec<i64> = series.received.iter().zip(&series.latency).map(|(at, latency)| at.saturating_add(*latency)).collect();
    let material = material_decade(options);
    let (received, sent) = rayon::join(|| StampFacts::of(&series.received, material), || StampFacts::of(&sent, material));
    let sorted = ranked(series);
    let at = |level: QuantileLevel| level.nearest_rank_index(n).map_or(0, |i| sorted[i].latency);
    let (median, tail) = (at(QuantileLevel::P50), at(QuantileLevel::P999));
    let spread = at(QuantileLevel::per_mille(750)).saturating_sub(at(QuantileLevel::per_mille(250)));
    let enough = n >= limits.least_orders;
    let fine = spread / 10 >= received.resolution.max(sent.resolution);
    // Latencies lie on the lattice of the finer stamp.
    let lattice = Lattice { tick: received.resolution.min(sent.resolution), median, spread };
    let frequent = most_frequent(&sorted, lattice.tick);
    let gaps = identical_gaps(&series.received, &series.latency, lattice.tick);
    // Cut sent stamps are early, rounded receipts late.
    let excused = sent.resolution.saturating_add(received.resolution / 2);
    let negative = sorted.partition_point(|order| order.latency < 0 && order.latency <= -excused);
    let queue = enough && fine;
    Measured {
        n_orders: n,
        enough,
        fine,
        overlap: series.n_met as f64 / n.max(1) as f64,
        load_dependence: if queue { load_dependence(&sorted) } else { None },
        memory: if queue { memory(&series.received, &series.latency) } else { None },
        frequent: (frequent, lattice.frequent(&frequent, limits)),
        gaps: (gaps, lattice.stands_out(&gaps, limits.identical_gaps, limits)),
        tail_ratio: (enough && median > 0).then(|| tail as f64 / median as f64),
        variation: if enough { variation(&sorted) } else { None },
        negative_share: negative as f64 / n.max(1) as f64,
        received,
        sent,
    }
}

/// Orders ascending by latency, the only sort of a group but for the order of sending.
fn ranked(series: &Series) -> Vec<Ranked> {
    let stamps = |i: usize| (series.received[i], series.latency[i]);
    let n = series.latency.len();
    let order = |i: usize| Ranked {
        latency: series.latency[i],
        load: series.load[i],
        stretch: stretch_of(i, n) as u8,
        first: i == 0 || stamps(i) != stamps(i - 1),
    };
    let mut sorted: Vec<Ranked> = (0..series.latency.len()).map(order).collect();
    sort_by_number(&mut sorted, |order| order.latency);
    sorted
}

/// How fine the latencies' own lattice is against their size and spread.
struct Lattice {
    tick: i64,
    median: i64,
    spread: i64,
}

impl Lattice {
    /// Whether a spike stands out from its neighbours; not evaluated where the median latency is under 20 ticks.
    ///
    /// Where latencies spread over few ticks (fast hardware), neighbours honestly differ and ten times as many are asked for.
    fn stands_out(&self, spike: &Spike, share: f64, limits: &SignLimits) -> Result<bool, WhyNot> {
        if spike.n < limits.least_orders as u64 {
            return Err(WhyNot::TooFew);
        }
        if self.median.unsigned_abs() < 20 * self.tick.unsigned_abs() {
            return Err(WhyNot::TooCoarse);
        }
        let ratio = if self.spread >= 20 * self.tick { 2 } else { 10 };
        Ok(spike.stands_out(share, ratio))
    }

    /// The same for the most frequent latency. However coarse the stamps, honest ones do not all show one latency other than zero.
    fn frequent(&self, spike: &Spike, limits: &SignLimits) -> Result<bool, WhyNot> {
        let enough = spike.n >= limits.least_orders as u64;
        if enough && spike.value != 0 && spike.share() >= 0.99 {
            return Ok(true);
        }
        self.stands_out(spike, limits.frequent_share, limits)
    }
}

impl StampFacts {
    /// Digits are counted up to the first material one, or to that of the stamps' own resolution where it is coarser.
    fn of(stamps: &[i64], material: usize) -> Self {
        let resolution = effective_resolution(stamps);
        let digits = (0..=material.max(decade_of(resolution))).into_par_iter().map(|decade| DigitCounts::of(stamps, decade)).collect();
        let whole = |unit: i64| stamps.iter().filter(|stamp| *stamp % unit == 0).count();
        let of_millisecond = if resolution > FINE { [0; 2] } else { at_places_of_a_millisecond(stamps) };
        Self { n: stamps.len(), resolution, whole_seconds: whole(SECOND), of_millisecond, digits }
    }
}

/// The first digit whose ten places exceed a fifth of the margin.
fn material_decade(options: &StampOptions) -> usize {
    let exceeds = |decade: &i64| decade.saturating_mul(10) > options.margin.0 / 5;
    DECADES.iter().position(exceeds).unwrap_or(DECADES.len() - 1)
}

/// Which power of ten a resolution is; of the minute that of the second.
fn decade_of(resolution: i64) -> usize {
    DECADES.iter().rposition(|decade| *decade <= resolution).unwrap_or(0)
}

fn receipts_verdict(all: &[(u16, Measured)], at: usize, options: &StampOptions) -> StampVerdict {
    let (group, own) = (all[at].0, &all[at].1);
    let limits = &options.limits;
    let peers = |value: fn(&Measured) -> Option<f64>| median_of(others(all, at).filter_map(value));
    let load = (own.load_dependence, peers(|m| m.load_dependence.map(|trace| trace.value)));
    let memory = (own.memory, peers(|m| m.memory.map(|trace| trace.value)));
    let (differs, coarse) = resolution_signs(all, at, options, |m| &m.received);
    let negative = SignState::of(own.negative_share > limits.negative_share);
    let signs = vec![
        spike_sign(code::FREQUENT_LATENCY, &own.frequent, limits.frequent_share, peers(|m| Some(m.frequent.0.share()))),
        spike_sign(code::IDENTICAL_GAPS, &own.gaps, limits.identical_gaps, peers(|m| Some(m.gaps.0.share()))),
        below_peers(own, code::LOAD_DEPENDENCE, load, limits.load_dependence, limits.load_dependence_peers),
        below_peers(own, code::MEMORY, memory, limits.memory, limits.memory_peers),
        no_queue_sign(own, limits),
        narrow_sign(own, code::TAIL_RATIO, own.tail_ratio, limits.tail_ratio),
        narrow_sign(own, code::VARIATION, own.variation, limits.variation),
        digits_sign(all, at, options, |m| &m.received),
        differs,
        coarse,
        whole_seconds_sign(&own.received, limits),
        whole_milliseconds_sign(&own.received, limits),
        Sign {
            code: code::NEGATIVE_SHARE,
            value: Some(own.negative_share),
            threshold: limits.negative_share,
            peers: peers(|m| Some(m.negative_share)),
            state: if own.enough { negative } else { SignState::NotEvaluated(WhyNot::TooFew) },
        },
    ];
    let (n_orders, resolution) = (own.n_orders, own.received.resolution);
    StampVerdict { source: RECEIPTS, group, n_orders, suspect: is_suspect(&signs), resolution, signs }
}

/// Latency says nothing of which stamp is false; the table of signs holds it against the receipts. Orders have resolution and digits.
fn orders_verdict(all: &[(u16, Measured)], at: usize, options: &StampOptions) -> StampVerdict {
    let (group, own) = (all[at].0, &all[at].1);
    let (differs, coarse) = resolution_signs(all, at, options, |m| &m.sent);
    let limits = &options.limits;
    let whole = [whole_seconds_sign(&own.sent, limits), whole_milliseconds_sign(&own.sent, limits)];
    let signs = [digits_sign(all, at, options, |m| &m.sent), differs, coarse].into_iter().chain(whole).collect::<Vec<_>>();
    let (n_orders, resolution) = (own.n_orders, own.sent.resolution);
    StampVerdict { source: ORDERS, group, n_orders, suspect: is_suspect(&signs), resolution, signs }
}

fn is_suspect(signs: &[Sign]) -> bool {
    let raised = |code: &str| signs.iter().any(|sign| sign.code == code && sign.raised());
    let copied = raised(code::FREQUENT_LATENCY) || raised(code::IDENTICAL_GAPS);
    let rounded = [code::LAST_DIGITS, code::RESOLUTION_DIFFERS, code::WHOLE_SECONDS, code::WHOLE_MILLISECONDS].into_iter().any(raised);
    let no_queue = raised(code::NO_QUEUE) || raised(code::LOAD_DEPENDENCE) && raised(code::MEMORY);
    copied || rounded || no_queue
}

fn others(all: &[(u16, Measured)], at: usize) -> impl Iterator<Item = &Measured> {
    all.iter().enumerate().filter(move |(i, _)| *i != at).map(|(_, (_, measured))| measured)
}

/// Median, the mean of the middle two where there are two.
fn median_of(values: impl Iterator<Item = f64>) -> Option<f64> {
    let mut values: Vec<f64> = values.collect();
    values.sort_unstable_by(f64::total_cmp);
    let upper = *values.get(values.len() / 2)?;
    Some((values[(values.len() - 1) / 2] + upper) / 2.0)
}

impl SignState {
    fn of(raised: bool) -> Self {
        if raised { Self::Raised } else { Self::Clear }
    }
}

fn spike_sign(code: &'static str, (spike, outcome): &(Spike, Result<bool, WhyNot>), threshold: f64, peers: Option<f64>) -> Sign {
    let state = outcome.map_or_else(SignState::NotEvaluated, SignState::of);
    Sign { code, value: Some(spike.share()), threshold, peers, state }
}

/// Why a trace of a queue has no value.
fn why_no_trace(own: &Measured) -> WhyNot {
    match own {
        Measured { enough: false, .. } => WhyNot::TooFew,
        Measured { fine: false, .. } => WhyNot::TooCoarse,
        _ => WhyNot::NoVariation,
    }
}

/// A trace that is smaller than `threshold` beyond its error is missing; one that only looks so on few orders is not known.
fn missing(trace: Trace, threshold: f64) -> SignState {
    match (trace.at_most() < threshold, trace.value < threshold) {
        (true, _) => SignState::Raised,
        (_, true) => SignState::NotEvaluated(WhyNot::TooFew),
        _ => SignState::Clear,
    }
}

fn below_peers(own: &Measured, code: &'static str, found: (Option<Trace>, Option<f64>), threshold: f64, peers_above: f64) -> Sign {
    let (trace, peers) = found;
    let state = match (trace, peers) {
        (None, _) => SignState::NotEvaluated(why_no_trace(own)),
        (_, None) => SignState::NotEvaluated(WhyNot::NoPeers),
        (Some(trace), Some(peers)) if peers > peers_above => missing(trace, threshold),
        _ => SignState::Clear,
    };
    Sign { code, value: trace.map(|trace| trace.value), threshold, peers, state }
}

/// A group by itself: orders were in flight together, and neither load nor the order before leaves a trace.
fn no_queue_sign(own: &Measured, limits: &SignLimits) -> Sign {
    let traces = own.load_dependence.zip(own.memory);
    let state = match traces {
        Some(_) if own.overlap < limits.overlap => SignState::NotEvaluated(WhyNot::NoOverlap),
        Some((load, memory)) => match (missing(load, limits.no_queue), missing(memory, limits.memory)) {
            (SignState::Clear, _) | (_, SignState::Clear) => SignState::Clear,
            (SignState::Raised, SignState::Raised) => SignState::Raised,
            _ => SignState::NotEvaluated(WhyNot::TooFew),
        },
        None => SignState::NotEvaluated(why_no_trace(own)),
    };
    let value = traces.map(|(load, memory)| load.value.max(memory.value));
    Sign { code: code::NO_QUEUE, value, threshold: limits.no_queue, peers: None, state }
}

fn narrow_sign(own: &Measured, code: &'static str, value: Option<f64>, threshold: f64) -> Sign {
    let why = if own.enough { WhyNot::NoVariation } else { WhyNot::TooFew };
    let state = value.map_or(SignState::NotEvaluated(why), |value| SignState::of(value < threshold));
    Sign { code, value, threshold, peers: None, state }
}

type Facts = fn(&Measured) -> &StampFacts;

fn resolution_signs(all: &[(u16, Measured)], at: usize, options: &StampOptions, facts: Facts) -> (Sign, Sign) {
    let enough = |measured: &Measured| facts(measured).n >= options.limits.least_stamps;
    let own = facts(&all[at].1).resolution;
    let finest = others(all, at).filter(|m| enough(m)).map(|m| facts(m).resolution).min();
    let limit = options.margin.0 / 5;
    let judged = |raised: bool| if enough(&all[at].1) { SignState::of(raised) } else { SignState::NotEvaluated(WhyNot::TooFew) };
    let differs = finest.map_or(SignState::NotEvaluated(WhyNot::NoPeers), |finest| judged(own > finest));
    let value = Some(own as f64);
    let threshold = finest.unwrap_or(own) as f64;
    (
        Sign { code: code::RESOLUTION_DIFFERS, value, threshold, peers: finest.map(|finest| finest as f64), state: differs },
        Sign { code: code::COARSE_RESOLUTION, value, threshold: limit as f64, peers: None, state: judged(own > limit) },
    )
}

const SECOND: i64 = 1_000_000_000;
const MILLISECOND: i64 = 1_000_000;
/// Coarser stamps stand at whole seconds often enough by themselves, and timers that fire there are not told from cut ones.
const FINE: i64 = 10_000;
/// Fewer are no habit of whoever wrote the file.
const LEAST_WHOLE: usize = 5;
/// Fewer whole milliseconds are no host's habit.
const LEAST_WHOLE_MILLISECONDS: usize = 20;

/// A part of the stamps that lost what is below the second, among others that have it.
fn whole_seconds_sign(own: &StampFacts, limits: &SignLimits) -> Sign {
    let share = own.whole_seconds as f64 / own.n.max(1) as f64;
    let state = match own {
        StampFacts { n, .. } if *n < limits.least_stamps => SignState::NotEvaluated(WhyNot::TooFew),
        StampFacts { resolution, .. } if *resolution > FINE => SignState::NotEvaluated(WhyNot::TooCoarse),
        _ => SignState::of(share > limits.whole_seconds && own.whole_seconds >= LEAST_WHOLE),
    };
    Sign { code: code::WHOLE_SECONDS, value: Some(share), threshold: limits.whole_seconds, peers: None, state }
}

/// How many stamps stand at a whole millisecond, and how many at the most frequent other place within one.
fn at_places_of_a_millisecond(stamps: &[i64]) -> [usize; 2] {
    let mut places = vec![0_u32; MILLISECOND as usize];
    stamps.iter().for_each(|stamp| places[stamp.rem_euclid(MILLISECOND) as usize] += 1);
    let other = places[1..].iter().max().copied().unwrap_or(0);
    [places[0] as usize, other as usize]
}

/// A part of the stamps that some host wrote in whole milliseconds, among finer ones: the share beyond that of the most frequent other place
/// within a millisecond, which is what the tick of a clock puts there, whatever its length.
fn whole_milliseconds_sign(own: &StampFacts, limits: &SignLimits) -> Sign {
    let n = own.n.max(1) as f64;
    let [whole, other] = own.of_millisecond.map(|place| place as f64 / n);
    let share = whole - other;
    let clear = 5.0 * (other / n).sqrt();
    let state = match own {
        StampFacts { n, .. } if *n < limits.least_stamps => SignState::NotEvaluated(WhyNot::TooFew),
        StampFacts { resolution, .. } if *resolution > FINE => SignState::NotEvaluated(WhyNot::TooCoarse),
        _ => SignState::of(share > limits.whole_milliseconds + clear && own.of_millisecond[0] >= LEAST_WHOLE_MILLISECONDS),
    };
    Sign { code: code::WHOLE_MILLISECONDS, value: Some(share.max(0.0)), threshold: limits.whole_milliseconds, peers: None, state }
}

/// Digits from the true resolution of the source (its finest group's) up to the first material one.
///
/// That one is judged by itself: coarser rounding of a part of the stamps shows there too. Finer ones are judged against the peers,
/// because the tick of a hardware clock (8 ns, 100 ns) makes uneven digits in every group and harms no verdict.
fn digits_sign(all: &[(u16, Measured)], at: usize, options: &StampOptions, facts: Facts) -> Sign {
    let limits = &options.limits;
    let own = facts(&all[at].1);
    let enough = all.iter().map(|(_, m)| facts(m)).filter(|facts| facts.n >= limits.least_stamps);
    let true_resolution = enough.map(|facts| facts.resolution).min().unwrap_or(own.resolution);
    let (first, material) = (decade_of(true_resolution), material_decade(options));
    let counted =
        |facts: &'_ StampFacts, decade: usize| facts.digits.get(decade).copied().filter(|digits| digits.n() >= limits.least_digits);
    let judged = (first..=material.max(first)).filter_map(|decade| {
        let uneven = |measured: &Measured| counted(facts(measured), decade)?.cramers_v();
        let peers = median_of(others(all, at).filter_map(uneven));
        let by_itself = decade >= material;
        let beside_peers = peers.is_some_and(|peers| peers <= limits.last_digits);
        counted(own, decade)?.heaping().filter(|_| by_itself || beside_peers).map(|value| (value, peers))
    });
    let worst = judged.max_by(|a, b| a.0.total_cmp(&b.0));
    let state = worst.map_or(SignState::NotEvaluated(WhyNot::TooFew), |(value, _)| SignState::of(value > limits.last_digits));
    Sign {
        code: code::LAST_DIGITS,
        value: worst.map(|(value, _)| value),
        threshold: limits.last_digits,
        peers: worst.and_then(|(_, peers)| peers),
        state,
    }
}
