//! When orders come: a U-shaped day, minutes of varying intensity, and cascades in which one order sets off others.

use crate::simulate::population::Population;
use crate::simulate::random::{Choice, Draws, Purpose};
use crate::simulate::{Options, World};

const MINUTE: i64 = 60_000_000_000;
/// Orders that one order sets off, on average, and the mean time to them.
const BRANCHING: f64 = 0.6;
const BURSTY_BRANCHING: f64 = 0.75;
const CALM_BRANCHING: f64 = 0.4;
/// In the bursty world a follower belongs to the same group with this probability, beyond chance.
const HERDING: f64 = 0.7;
const KERNEL: f64 = 300_000.0;
/// News: the first orders that come together, Pareto of this index cut at the largest, within the same mean time.
const NEWS_TAIL: f64 = 1.8;
const LARGEST_NEWS: u32 = 60;
/// A follower trades the same instrument with this probability.
const SAME_INSTRUMENT: f64 = 0.7;
/// Persistence and standard deviation of a minute's log intensity.
const PERSISTENCE: f64 = 0.9;
const SPREAD: f64 = 0.5;

/// An order about to come.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Arrival {
    /// UTC nanoseconds.
    pub(crate) at: i64,
    pub(crate) group: u16,
    pub(crate) instrument: u32,
}

/// The arrivals of one day, minute after minute.
pub(crate) struct Arrivals<'a> {
    population: &'a Population,
    /// Expected orders of each minute by group, and the minute's choice of the first order's group.
    minutes: Vec<(f64, Choice, Choice)>,
    branching: Vec<f64>,
    /// Probability, beyond chance, that a follower is of the same group.
    herding: f64,
    open_at: i64,
    draws: Draws,
    /// Followers that come after the minutes drawn so far.
    later: Vec<Arrival>,
}

impl<'a> Arrivals<'a> {
    /// The day whose session opens at `open_at` (UTC nanoseconds).
    pub(crate) fn new(world: &World, options: &Options, population: &'a Population, day: u32, open_at: i64) -> Self {
        let bursty = world.base.burst;
        let herding = if bursty { HERDING } else { 0.0 };
        let of_group = |group| {
            if !bursty {
                BRANCHING
            } else if group == 0 {
                BURSTY_BRANCHING
            } else {
                CALM_BRANCHING
            }
        };
        let branching: Vec<f64> = (0..population.groups.len()).map(of_group).collect();
        let minutes = intensities(world, options, population, day, &branching, herding);
        let draws = Draws::new(options.seed, day, Purpose::Arrivals);
        Self { population, minutes, branching, herding, open_at, draws, later: Vec::new() }
    }

    /// Replaces `arrivals` by those of a minute in time order; minutes are asked for in turn.
    pub(crate) fn minute(&mut self, minute: u32, arrivals: &mut Vec<Arrival>) {
        arrivals.clear();
        let start = self.open_at + i64::from(minute) * MINUTE;
        let end = start + MINUTE;
        arrivals.append(&mut self.later);
        let (expected, firsts, followers) = self.minutes[minute as usize].clone();
        for _ in 0..self.draws.poisson(expected) {
            let at = start + (self.draws.uniform() * MINUTE as f64) as i64;
            self.news(at, &firsts, &followers, arrivals);
        }
        arrivals.sort_by_key(|arrival| arrival.at);
        let due = arrivals.partition_point(|arrival| arrival.at < end);
        self.later.extend(arrivals.drain(due..));
    }

    /// The orders that one piece of news brings, and all that follow from them: Poisson followers of each, after exponential times.
    fn news(&mut self, at: i64, firsts: &Choice, followers: &Choice, arrivals: &mut Vec<Arrival>) {
        let mut next = arrivals.len();
        let group = firsts.draw(&mut self.draws);
        let instrument = self.population.groups[group].instrument.draw(&mut self.draws) as u32;
        arrivals.push(Arrival { at, group: group as u16, instrument });
        for _ in 1..(self.draws.pareto(1.0, NEWS_TAIL) as u32).min(LARGEST_NEWS) {
            let at = at + self.draws.exponential(KERNEL) as i64;
            let group = self.follower_group(group, firsts);
            let other = self.population.groups[group].instrument.draw(&mut self.draws) as u32;
            let instrument = if self.draws.chance(SAME_INSTRUMENT) { instrument } else { other };
            arrivals.push(Arrival { at, group: group as u16, instrument });
        }
        while let Some(&parent) = arrivals.get(next) {
            next += 1;
            for _ in 0..self.draws.poisson(self.branching[usize::from(parent.group)]) {
                let at = parent.at + self.draws.exponential(KERNEL) as i64;
                let group = self.follower_group(usize::from(parent.group), followers);
                let other = self.population.groups[group].instrument.draw(&mut self.draws) as u32;
                let instrument = if self.draws.chance(SAME_INSTRUMENT) { parent.instrument } else { other };
                arrivals.push(Arrival { at, group: group as u16, instrument });
            }
        }
    }

    fn follower_group(&mut self, leader: usize, by_chance: &Choice) -> usize {
        let drawn = by_chance.draw(&mut self.draws);
        if self.draws.chance(self.herding) { leader } else { drawn }
    }
}

/// Expected pieces of news of each minute, and the choices of group for first orders and for followers.
///
/// Scaled so that the day's expected orders, cascades counted in, are the same every day.
fn intensities(
    world: &World,
    options: &Options,
    population: &Population,
    day: u32,
    branching: &[f64],
    herding: f64,
) -> Vec<(f64, Choice, Choice)> {
    let mut draws = Draws::new(options.seed, day, Purpose::Intensity);
    let minutes = options.session_minutes;
    let shapes: Vec<Vec<f64>> = (0..branching.len()).map(|group| day_shape(world.base.open_heavy && group == 0, minutes)).collect();
    let mut level = SPREAD * draws.normal();
    let mut orders: Vec<Vec<f64>> = Vec::with_capacity(minutes as usize);
    for minute in 0..minutes as usize {
        let weather = libm::exp(level);
        level = PERSISTENCE * level + SPREAD * (1.0 - PERSISTENCE * PERSISTENCE).sqrt() * draws.normal();
        orders.push(shapes.iter().zip(&population.groups).map(|(shape, habits)| shape[minute] * habits.share * weather).collect());
    }
    let drawn: f64 = orders.iter().flatten().sum();
    let news_size: f64 = (1..=LARGEST_NEWS).map(|size| libm::pow(f64::from(size), -NEWS_TAIL)).sum();
    let scale = options.orders as f64 / f64::from(options.days) / drawn / news_size;
    let per_minute = orders.iter().map(|orders| {
        let firsts = first_orders(orders, branching, herding);
        (scale * firsts.iter().sum::<f64>(), Choice::new(&firsts), Choice::new(orders))
    });
    per_minute.collect()
}

/// First orders by group that lead to these orders by group: what comes, less the followers of all groups that are of this one.
fn first_orders(orders: &[f64], branching: &[f64], herding: f64) -> Vec<f64> {
    let total: f64 = orders.iter().sum();
    let followers: f64 = orders.iter().zip(branching).map(|(orders, branching)| orders * branching).sum();
    let firsts = orders.iter().zip(branching).map(|(own, branching)| {
        let (by_herding, by_chance) = (herding * own * branching, (1.0 - herding) * followers * own / total);
        (own - by_herding - by_chance).max(0.0)
    });
    firsts.collect()
}

/// Share of a day's orders by minute: many at the open, fewer at noon, more towards the close; or mostly at the open.
fn day_shape(open_heavy: bool, minutes: u32) -> Vec<f64> {
    let (open, decay) = if open_heavy { (9.0, 35.0) } else { (2.5, 20.0) };
    let shape = (0..minutes).map(|minute| {
        let (from_open, to_close) = (f64::from(minute), f64::from(minutes - minute));
        1.0 + open * libm::exp(-from_open / decay) + 1.2 * libm::exp(-to_close / 25.0)
    });
    let shape: Vec<f64> = shape.collect();
    let total: f64 = shape.iter().sum();
    shape.iter().map(|minute| minute / total).collect()
}
