//! The market at work: arrivals become orders, orders pass the gateways, one minute at a time.
//!
//! **What a gateway is.** A gateway is a machine with one or more *lines*; a line is one FIFO queue before one worker, and the
//! `shard` column names it. An instrument belongs to one gateway and one line of it, as where symbols are partitioned over sessions;
//! in the routing world the broker picks the gateway by client group. In a fair world no order overtakes another inside a shard;
//! between shards it may.
//!
//! **Size.** A gateway gets one line for every 1,200 orders a minute that it serves on average, up to 62 lines in all, so that queues
//! at ten million orders a day stay alike those at three thousand. Beyond that the lines only become busier.
//! Memory holds one minute of orders, whatever the day.

use crate::record::TradeDate;
use crate::simulate::arrivals::{Arrival, Arrivals};
use crate::simulate::order::{Order, ReceiptFault};
use crate::simulate::population::{AMEND, CANCEL, KIND_FACTORS, LIMIT_ROD, Population};
use crate::simulate::queue::Line;
use crate::simulate::random::{Draws, Purpose};
use crate::simulate::{Options, World};

const MINUTE: i64 = 60_000_000_000;
/// Nine o'clock in Taipei, as nanoseconds after midnight UTC.
const OPEN: i64 = 60 * MINUTE;
const ORDERS_A_LINE: f64 = 1_200.0;
const MOST_LINES: u32 = 62;

/// Median service of a plain order, nanoseconds, and the standard deviation of its log.
const SERVICE: f64 = 35_000.0;
const SERVICE_SPREAD: f64 = 0.35;
/// Persistence and standard deviation of a line's log speed from minute to minute.
const DRIFT_PERSISTENCE: f64 = 0.95;
const DRIFT_SPREAD: f64 = 0.10;
/// Service is slower at the open by this share, fading with this time constant in minutes.
const SLOW_OPEN: f64 = 0.6;
const SLOW_OPEN_FADES: f64 = 15.0;
/// Stalls: share of orders, shortest and longest in nanoseconds, tail index.
const STALL_SHARE: f64 = 0.001;
const SHORTEST_STALL: f64 = 3_000_000.0;
const LONGEST_STALL: f64 = 400_000_000.0;
const STALL_TAIL: f64 = 1.4;
/// Channel codes by tenths of orders; the share of channel 2, whose orders an algorithm makes.
const CHANNELS: [u8; 10] = [1, 2, 2, 2, 2, 3, 3, 3, 4, 6];
const ALGO_SHARE: f64 = 0.4;
/// In the routing world: share of a group on its own side, and the slower gateway's service.
const OWN_SIDE: f64 = 0.8;
const SLOW_GATEWAY: f64 = 1.5;

/// A stretch of finished orders.
pub(crate) struct Slice<'a> {
    /// Counted from 0.
    pub(crate) day: u32,
    /// Orders whose service is done, line by line.
    pub(crate) served: &'a [Order],
    /// No order still to come was sent before this UTC nanosecond, nor was it received before, but for the later slices of a parent.
    pub(crate) settled: i64,
    /// No order still to come stems from a receipt of a lower number.
    pub(crate) unfinished: u64,
}

/// Lines of each gateway.
pub(crate) fn lines_per_gateway(options: &Options) -> u32 {
    let a_minute = options.orders as f64 / f64::from(options.days) / f64::from(options.session_minutes);
    let wanted = libm::ceil(a_minute / f64::from(options.gateways) / ORDERS_A_LINE) as u32;
    wanted.clamp(1, (MOST_LINES / options.gateways).max(1))
}

/// Simulates every day and hands over the finished orders, minute by minute.
pub(crate) fn run<E>(
    world: &World,
    options: &Options,
    population: &Population,
    mut take: impl FnMut(Slice<'_>) -> Result<(), E>,
) -> Result<(), E> {
    let mut number = 0;
    for (day, date) in options.trading_days().into_iter().enumerate() {
        number = Day::new(world, options, population, day as u32, date, number).run(&mut take)?;
    }
    Ok(())
}

struct Day<'a> {
    world: &'a World,
    options: &'a Options,
    population: &'a Population,
    day: u32,
    open_at: i64,
    lines: Vec<Line>,
    /// Log speed of each line.
    drifts: Vec<f64>,
    /// Slices not yet born.
    later: Vec<Order>,
    /// Last open order of each account, and whether it was amended (chains only).
    open_orders: Vec<Option<(Order, bool)>>,
    next_number: u64,
    attributes: Draws,
    service: Draws,
    effects: Draws,
    faults: Draws,
    front_running: Draws,
    weather: Draws,
}

impl<'a> Day<'a> {
    fn new(world: &'a World, options: &'a Options, population: &'a Population, day: u32, date: TradeDate, next_number: u64) -> Self {
        let draws = |purpose| Draws::new(options.seed, day, purpose);
        let lines = (options.gateways * lines_per_gateway(options)) as usize;
        let mut weather = draws(Purpose::Weather);
        Self {
            world,
            options,
            population,
            day,
            open_at: i64::from(date.0) * 1_440 * MINUTE + OPEN,
            lines: vec![Line::new(if world.base.three_workers { 3 } else { 1 }); lines],
            drifts: (0..lines).map(|_| DRIFT_SPREAD * weather.normal()).collect(),
            later: Vec::new(),
            open_orders: vec![None; population.accounts.len()],
            next_number,
            attributes: draws(Purpose::Attributes),
            service: draws(Purpose::Service),
            effects: draws(Purpose::Effects),
            faults: draws(Purpose::Faults),
            front_running: draws(Purpose::FrontRunning),
            weather,
        }
    }

    /// Runs the day; returns the next order number.
    fn run<E>(mut self, take: &mut impl FnMut(Slice<'_>) -> Result<(), E>) -> Result<u64, E> {
        let mut arrivals = Arrivals::new(self.world, self.options, self.population, self.day, self.open_at);
        let (mut coming, mut orders, mut served) = (Vec::new(), Vec::new(), Vec::new());
        for minute in 0..self.options.session_minutes {
            arrivals.minute(minute, &mut coming);
            let end = self.open_at + i64::from(minute + 1) * MINUTE;
            self.write_orders(minute, &coming, end, &mut orders);
            for order in &orders {
                self.lines[usize::from(order.line)].arrive(*order, &mut served);
            }
            self.lines.iter_mut().for_each(|line| line.serve_until(end, &mut served));
            let settled = self.lines.iter().filter_map(Line::oldest).min().unwrap_or(end).min(end);
            take(Slice { day: self.day, served: &served, settled, unfinished: self.unfinished() })?;
            served.clear();
            self.drift();
        }
        self.later.sort_by_key(|order| (order.queued_at, order.number));
        for order in std::mem::take(&mut self.later) {
            self.lines[usize::from(order.line)].arrive(order, &mut served);
        }
        self.lines.iter_mut().for_each(|line| line.serve_until(i64::MAX, &mut served));
        take(Slice { day: self.day, served: &served, settled: i64::MAX, unfinished: self.next_number })?;
        Ok(self.next_number)
    }

    fn unfinished(&self) -> u64 {
        let born = self.lines.iter().flat_map(Line::queued);
        born.chain(&self.later).map(|order| order.receipt).min().unwrap_or(self.next_number)
    }

    fn drift(&mut self) {
        let innovation = DRIFT_SPREAD * (1.0 - DRIFT_PERSISTENCE * DRIFT_PERSISTENCE).sqrt();
        for drift in &mut self.drifts {
            *drift = DRIFT_PERSISTENCE * *drift + innovation * self.weather.normal();
        }
    }

    /// Turns the arrivals of a minute into orders, with the slices born in it, in the order they enter the queues.
    fn write_orders(&mut self, minute: u32, coming: &[Arrival], end: i64, orders: &mut Vec<Order>) {
        orders.clear();
        let slow_open = 1.0 + SLOW_OPEN * libm::exp(-f64::from(minute) / SLOW_OPEN_FADES);
        for arrival in coming {
            let order = self.order(arrival, slow_open);
            orders.push(order);
            self.slice(orders, slow_open);
            self.front_run(orders);
        }
        if self.world.effects.front_run > 0.0 {
            orders.sort_by_key(|order| (order.queued_at, order.number));
        }
        if self.world.faults.slices > 0.0 {
            orders.append(&mut self.later);
            orders.sort_by_key(|order| (order.queued_at, order.number));
            let due = orders.partition_point(|order| order.queued_at < end);
            self.later.extend(orders.drain(due..));
        }
    }

    fn order(&mut self, arrival: &Arrival, slow_open: f64) -> Order {
        let habits = &self.population.groups[usize::from(arrival.group)];
        let draws = &mut self.attributes;
        let client = habits.members[habits.client.draw(draws)];
        let accounts = self.population.clients[client as usize].accounts.clone();
        let instrument = &self.population.instruments[arrival.instrument as usize];
        let number = self.next_number;
        self.next_number += 1;
        let mut order = Order {
            number,
            receipt: number,
            receipt_id: number,
            received_at: arrival.at,
            queued_at: arrival.at,
            group: arrival.group,
            client,
            account: accounts.start + draws.below(accounts.end - accounts.start),
            instrument: arrival.instrument,
            kind: habits.kind.draw(draws) as u8,
            buys: draws.chance(0.5),
            lots: 1 + draws.below(20) as u16,
            price: instrument.price + instrument.tick * draws.below(41),
            channel: CHANNELS[draws.below(10) as usize],
            ..Order::default()
        };
        if self.world.faults.chains {
            self.chain(&mut order);
        }
        order.receipt_fault = self.receipt_fault(&order);
        self.route(&mut order);
        self.treat(&mut order, slow_open);
        order
    }

    /// An amend or cancel takes over the account's open order and its receipt id; without one it becomes a new order.
    fn chain(&mut self, order: &mut Order) {
        let open = &mut self.open_orders[order.account as usize];
        if !matches!(order.kind, AMEND | CANCEL) {
            *open = Some((*order, false));
            return;
        }
        match open {
            Some((first, amended)) if order.kind == CANCEL || !*amended => {
                let Order { receipt_id, instrument, buys, lots, price, channel, .. } = *first;
                *order = Order { receipt_id, instrument, buys, lots, price, channel, ..*order };
                if order.kind == CANCEL { *open = None } else { *amended = true }
            }
            _ => {
                order.kind = LIMIT_ROD;
                *open = Some((*order, false));
            }
        }
    }

    /// Gateway and line: by instrument, or in the routing world the gateway by group.
    fn route(&mut self, order: &mut Order) {
        let (gateways, lines) = (self.options.gateways, lines_per_gateway(self.options));
        let mut gateway = order.instrument % gateways;
        if self.world.effects.routing {
            let slow = gateways - 1;
            let on_own_side = self.effects.chance(OWN_SIDE);
            let other = self.effects.below(slow.max(1));
            gateway = if (order.group == 1) == on_own_side { slow } else { other };
        }
        order.gateway = gateway as u16;
        order.line = (gateway * lines + order.instrument / gateways % lines) as u16;
    }

    /// Service time, and what is planted on the order.
    fn treat(&mut self, order: &mut Order, slow_open: f64) {
        let effects = &self.world.effects;
        let client = &self.population.clients[order.client as usize];
        let mut factor = slow_open * client.factor;
        factor *= self.population.instruments[order.instrument as usize].factor * KIND_FACTORS[usize::from(order.kind)];
        if effects.routing && u32::from(order.gateway) == self.options.gateways - 1 {
            factor *= SLOW_GATEWAY;
        }
        let noise = libm::exp(SERVICE_SPREAD * self.service.normal() + self.drifts[usize::from(order.line)]);
        let stalls = self.service.chance(STALL_SHARE);
        let stall = self.service.pareto(SHORTEST_STALL, STALL_TAIL).min(LONGEST_STALL);
        order.service = (SERVICE * factor * noise + if stalls { stall } else { 0.0 }) as i64;
        let held = self.effects.chance(effects.tail_share);
        let hold = 1_000_000 + (self.effects.uniform() * 4e6) as i64;
        let in_b = order.group == 1;
        order.delay = client.delay + if in_b { effects.delay.0 + if held { hold } else { 0 } } else { 0 };
        order.urgent = effects.priority && order.group == 0 || effects.house_first && u32::from(order.group) == self.options.groups;
        let skipped = 1 + self.faults.below(3) as u8;
        order.skipped_serials = if self.faults.chance(self.world.faults.serial_gap) { skipped } else { 0 };
    }

    /// Holds the last order, where it is drawn, and puts an order of the house at its price behind it, which goes first.
    ///
    /// The hold begins when the held order would have been sent, so that the house's order, which passes the queue, is out before.
    fn front_run(&mut self, orders: &mut Vec<Order>) {
        let share = self.world.effects.front_run;
        if share == 0.0 {
            return;
        }
        let drawn = self.front_running.chance(share);
        let (after, hold) = (5_000 + i64::from(self.front_running.below(45_000)), 500_000 + i64::from(self.front_running.below(2_000_000)));
        let (lots, service) = (1 + self.front_running.below(20) as u16, 20_000 + i64::from(self.front_running.below(30_000)));
        let house = self.options.groups as u16;
        let Some(held) = orders.last_mut().filter(|order| drawn && order.group != house && order.kind > CANCEL && order.slice == 0) else {
            return;
        };
        held.delay += hold;
        held.front_run = true;
        let held = *held;
        let client = self.population.clients.len() as u32 - 1;
        let at = held.received_at + after;
        let number = self.next_number;
        self.next_number += 1;
        orders.push(Order {
            number,
            receipt: number,
            receipt_id: number,
            received_at: at,
            queued_at: at,
            group: house,
            client,
            account: self.population.clients[client as usize].accounts.start,
            kind: LIMIT_ROD,
            lots,
            service,
            delay: 0,
            urgent: true,
            front_run: false,
            ahead_of: held.number + 1,
            receipt_fault: ReceiptFault::None,
            ..held
        });
    }

    /// What is wrong with the order's receipt. Missing ones fall on algo orders nine times in ten where the world says so.
    fn receipt_fault(&mut self, order: &Order) -> ReceiptFault {
        let faults = &self.world.faults;
        let on_algo = if order.is_algo() { 0.9 / ALGO_SHARE } else { 0.1 / (1.0 - ALGO_SHARE) };
        let missing = if faults.missing_algo { on_algo * faults.missing } else { faults.missing };
        let u = self.faults.uniform();
        match () {
            () if u < missing => ReceiptFault::Missing,
            () if u < missing + faults.negative => ReceiptFault::Late,
            () if u < missing + faults.negative + faults.backfilled => ReceiptFault::MadeUp,
            () => ReceiptFault::None,
        }
    }

    /// Makes the last order a parent: its slices are born a quarter of a second apart, each on the parent's line.
    fn slice(&mut self, orders: &mut [Order], slow_open: f64) {
        let Some(first) = orders.last_mut() else { return };
        if self.world.faults.slices == 0.0 || !self.faults.chance(self.world.faults.slices) {
            return;
        }
        first.slice = 1;
        let parent = *first;
        for slice in 2..=2 + self.faults.below(4) as u8 {
            let wait = i64::from(slice - 1) * 250_000_000 + i64::from(self.faults.below(5_000_000));
            let (number, queued_at) = (self.next_number, parent.queued_at + wait);
            self.next_number += 1;
            let mut order = Order { number, slice, queued_at, ..parent };
            self.treat(&mut order, slow_open);
            self.later.push(order);
        }
    }
}
