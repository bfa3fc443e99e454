//! Trading ahead: an order sent, at a price that would have satisfied another client's order, while that one was held.
//!
//! A client's order c is *held* from its receipt until it is sent; from then on the exchange's own priority governs. An order h of
//! somebody else on the same instrument and side went ahead of c where it was received provably after c, sent provably before c by more
//! than tau, and priced so that c's limit would have been satisfied: a buy at or below c's limit, a sell at or above it. Where receipts
//! cannot be told apart the client goes before the house (the rule of ASIC market integrity rules 5.1.4): such a case has its own kind.
//! With executions, h must also have been filled at such a price, and a fill of c at the same or a better price within
//! `tau_executions` heals it up to that size (shape of FINRA rule 5320). Exceptions are flags, never deletions.

use std::collections::BTreeMap;

use rayon::prelude::*;

use crate::measure::Timetable;
use crate::priority::options::deciding_rows;
use crate::priority::{NO_PRICE, Precision, PriorityOptions, PriorityOrders};

/// Pairs looked at per order of a line, and beside them; a line beyond that is left out and counted.
const DEAREST: u64 = 2_000;
const ALWAYS: u64 = 100_000;
/// Exposure is counted within this gap of receipts where no window was set, nanoseconds.
const EXPOSURE: i64 = 2_000_000;

/// Who went ahead of whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CaseKind {
    /// The house ahead of a client.
    House,
    /// One client ahead of another.
    Client,
    /// The house ahead of a client whose order cannot be told to be the earlier.
    HouseTie,
}

impl CaseKind {
    /// Its name in the table.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::House => "house_ahead",
            Self::Client => "client_ahead",
            Self::HouseTie => "house_ahead_tie",
        }
    }
}

/// A fill of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fill {
    /// Row of the order.
    pub row: u32,
    /// Nanoseconds since the epoch.
    pub at: i64,
    /// Ten-thousandths of the currency.
    pub price: i64,
    /// Shares.
    pub quantity: i64,
}

/// One case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AheadCase {
    /// Who went ahead of whom.
    pub kind: CaseKind,
    /// Row of the order that was held.
    pub held: u32,
    /// Row of the order that went ahead: of a client's case, the one sent first.
    pub ahead: u32,
    /// Orders of other clients that went ahead of the one held; 1 for the house, which has one case for each of its orders.
    pub orders_ahead: u64,
    /// Sending of the one held minus sending of the one ahead, nanoseconds.
    pub by: i64,
    /// Shares: the smaller of the two, up to what is still open; 0 where quantities are unknown.
    pub quantity: i64,
    /// Ten-thousandths of the currency: what the held client paid more, or received less; with executions only, where it was filled.
    pub harm: Option<i128>,
    /// The same at most, by the limits of the two orders.
    pub harm_at_most: Option<i128>,
    /// The record names an exception for one of the two orders.
    pub excepted: bool,
    /// The held order is larger than the size cap.
    pub large: bool,
    /// Prices are not known: whether the limit would have been satisfied is open.
    pub price_unknown: bool,
}

/// Everything found, and what the rules need.
#[derive(Clone, Debug, Default)]
pub struct Ahead {
    /// Cases, ascending by (held, ahead).
    pub cases: Vec<AheadCase>,
    /// Cases that only the stamps as they stand suggest: house, client.
    pub nominal: [u64; 2],
    /// House against clients by block: cases without exception, and the mirror.
    pub house_by_block: BTreeMap<u32, (u64, u64)>,
    /// Pairs that could have become a case of the house, and of the mirror.
    pub house_exposure: [u64; 2],
    /// The same by client, against other clients: by (client, block).
    pub client_by_block: BTreeMap<(u32, u32), (u64, u64)>,
    /// By client.
    pub client_exposure: BTreeMap<u32, [u64; 2]>,
    /// Lines (instrument and side on one day) that were left out because they would have been too dear.
    pub lines_left_out: u64,
}

/// Finds every case in phases in which receipt order decides, at least in part. Executions, where there are any, ascending.
#[must_use]
pub fn trading_ahead(
    orders: &PriorityOrders<'_>,
    timetable: &Timetable,
    precision: Precision,
    options: &PriorityOptions,
    fills: Option<&[Fill]>,
) -> Ahead {
    let search = Search { orders, timetable, precision, options, fills };
    let of_phase = |rows: std::ops::Range<usize>| {
        // An order stamped as sent before it was received proves nothing of what was held.
        let takes_part = |row: &usize| orders.is_new(*row) && orders.side(*row) > 0 && orders.matched.latency[*row].0 >= 0;
        let line = |row: usize| (orders.matched.instrument[row], orders.side(row), row);
        let mut sorted: Vec<(u32, u8, usize)> = rows.filter(takes_part).map(line).collect();
        sorted.sort_unstable();
        let lines: Vec<Vec<usize>> =
            sorted.chunk_by(|l, r| (l.0, l.1) == (r.0, r.1)).map(|line| line.iter().map(|(_, _, row)| *row).collect()).collect();
        lines.par_iter().map(|rows| search.line(rows)).collect::<Vec<Ahead>>()
    };
    let mut all = Ahead::default();
    for part in deciding_rows(timetable).into_iter().flat_map(of_phase) {
        all.add(part);
    }
    all.cases.sort_unstable_by_key(|case| (case.held, case.ahead));
    all
}

impl Ahead {
    fn add(&mut self, part: Self) {
        let join = |sum: &mut (u64, u64), (ahead, behind): (u64, u64)| *sum = (sum.0 + ahead, sum.1 + behind);
        self.cases.extend(part.cases);
        self.lines_left_out += part.lines_left_out;
        for at in 0..2 {
            self.nominal[at] += part.nominal[at];
            self.house_exposure[at] += part.house_exposure[at];
        }
        part.house_by_block.into_iter().for_each(|(block, counts)| join(self.house_by_block.entry(block).or_default(), counts));
        part.client_by_block.into_iter().for_each(|(key, counts)| join(self.client_by_block.entry(key).or_default(), counts));
        for (client, exposure) in part.client_exposure {
            let sum = self.client_exposure.entry(client).or_default();
            *sum = [sum[0] + exposure[0], sum[1] + exposure[1]];
        }
    }
}

struct Search<'a> {
    orders: &'a PriorityOrders<'a>,
    timetable: &'a Timetable,
    precision: Precision,
    options: &'a PriorityOptions,
    fills: Option<&'a [Fill]>,
}

/// What two orders of a line are to each other; `held` may not be the client's.
struct Between {
    tie: bool,
    passed: bool,
    nominal: bool,
}

impl Search<'_> {
    fn received(&self, row: usize) -> i64 {
        self.precision.received(self.orders.matched.received_at[row].0)
    }

    fn sent(&self, row: usize) -> i64 {
        self.precision.sent(self.orders.matched.sent_at(row).0)
    }

    fn line(&self, rows: &[usize]) -> Ahead {
        let mut found = Ahead::default();
        let window = self.options.window.map_or(EXPOSURE, |window| window.0);
        let mut budget = ALWAYS + DEAREST * rows.len() as u64;
        // House orders that went ahead of each order held, and how.
        let mut of_house: BTreeMap<usize, Vec<(CaseKind, usize)>> = BTreeMap::new();
        for (at, held) in rows.iter().enumerate() {
            let received = self.received(*held);
            let hold_ends = self.sent(*held).saturating_add(self.precision.sent_resolution);
            let end = hold_ends.max(received.saturating_add(window));
            // Of other clients' orders that went ahead, the one sent first.
            let mut of_clients: Option<(i64, usize, u64)> = None;
            for other in rows[at + 1..].iter().take_while(|other| self.received(**other) <= end) {
                let Some(left) = budget.checked_sub(1) else { return Ahead { lines_left_out: 1, ..Ahead::default() } };
                budget = left;
                if self.orders.matched.client[*held] == self.orders.matched.client[*other] {
                    continue;
                }
                let between = self.between(*held, *other);
                if between.tie {
                    if let Some((held, house)) = self.tie(*held, *other) {
                        of_house.entry(held).or_default().push((CaseKind::HouseTie, house));
                    }
                    continue;
                }
                if !self.satisfies(*held, self.orders.price(*other)) {
                    continue;
                }
                if self.received(*other) - received <= window {
                    self.expose(*held, *other, &mut found);
                }
                if !between.passed {
                    let of = match (self.orders.is_house(*held), self.orders.is_house(*other)) {
                        (false, true) => Some(0),
                        (false, false) => Some(1),
                        _ => None,
                    };
                    of.filter(|_| between.nominal).into_iter().for_each(|of| found.nominal[of] += 1);
                    continue;
                }
                match (self.orders.is_house(*held), self.orders.is_house(*other)) {
                    (false, true) => of_house.entry(*held).or_default().push((CaseKind::House, *other)),
                    (false, false) => {
                        let sent = self.sent(*other);
                        let (first, row, n) = of_clients.unwrap_or((sent, *other, 0));
                        of_clients = Some(if sent < first { (sent, *other, n + 1) } else { (first, row, n + 1) });
                        self.count_clients(*held, *other, &mut found);
                    }
                    (true, false) if !self.orders.is_excepted(*held) && !self.orders.is_excepted(*other) => {
                        self.house_block(*other, &mut found).1 += 1;
                    }
                    _ => (),
                }
            }
            if let Some((_, row, n)) = of_clients {
                found.cases.extend(self.case(CaseKind::Client, *held, row, n, self.open(*held), &mut []));
            }
        }
        of_house.into_iter().for_each(|(held, houses)| self.house_cases(held, houses, &mut found));
        found
    }

    fn between(&self, held: usize, other: usize) -> Between {
        let tau = self.options.tau.0;
        let by = self.sent(held).saturating_sub(self.sent(other));
        let raw_by = self.orders.matched.sent_at(held).0.saturating_sub(self.orders.matched.sent_at(other).0);
        Between {
            tie: self.received(other) - self.received(held) <= self.precision.received_gap.max(0),
            passed: by > self.precision.sent_gap.max(0) && by > tau,
            nominal: raw_by > tau,
        }
    }

    /// Receipts that cannot be told apart: the client before the house, whichever stands first. The order held and the one ahead of it.
    fn tie(&self, one: usize, other: usize) -> Option<(usize, usize)> {
        let (held, house) = match (self.orders.is_house(one), self.orders.is_house(other)) {
            (false, true) => (one, other),
            (true, false) => (other, one),
            _ => return None,
        };
        (self.satisfies(held, self.orders.price(house)) && self.between(held, house).passed).then_some((held, house))
    }

    /// Whether a deal at `price` would have satisfied the limit of the order held. A market order is satisfied by any price.
    fn satisfies(&self, held: usize, price: i64) -> bool {
        let limit = self.orders.price(held);
        match (limit, price) {
            (NO_PRICE, _) => true,
            (_, NO_PRICE) => false,
            _ if self.orders.side(held) == 1 => price <= limit,
            _ => price >= limit,
        }
    }

    fn block(&self, row: usize) -> u32 {
        self.timetable.blocks.partition_point(|block| block.rows.end <= row) as u32
    }

    fn house_block<'f>(&self, row: usize, found: &'f mut Ahead) -> &'f mut (u64, u64) {
        found.house_by_block.entry(self.block(row)).or_default()
    }

    fn expose(&self, held: usize, other: usize, found: &mut Ahead) {
        let clients = &self.orders.matched.client;
        match (self.orders.is_house(held), self.orders.is_house(other)) {
            (false, true) => found.house_exposure[0] += 1,
            (true, false) => found.house_exposure[1] += 1,
            (false, false) => {
                found.client_exposure.entry(clients[other]).or_default()[0] += 1;
                found.client_exposure.entry(clients[held]).or_default()[1] += 1;
            }
            (true, true) => (),
        }
    }

    fn count_clients(&self, held: usize, other: usize, found: &mut Ahead) {
        if self.orders.is_excepted(held) || self.orders.is_excepted(other) {
            return;
        }
        let (block, clients) = (self.block(other), &self.orders.matched.client);
        found.client_by_block.entry((clients[other], block)).or_default().0 += 1;
        found.client_by_block.entry((clients[held], block)).or_default().1 += 1;
    }

    /// Shares of an order; without limit where they are unknown.
    fn open(&self, row: usize) -> i64 {
        Some(self.orders.quantity(row)).filter(|quantity| *quantity > 0).unwrap_or(i64::MAX)
    }

    /// One case for each house order, first sent first, as long as shares of the order held are open; ties take what the others leave.
    fn house_cases(&self, held: usize, mut houses: Vec<(CaseKind, usize)>, found: &mut Ahead) {
        houses.sort_by_key(|(kind, row)| (*kind, self.sent(*row), *row));
        let mut open = self.open(held);
        // A fill heals so many shares once, whoever was ahead.
        let mut unspent: Vec<i64> = self.fills.map_or(Vec::new(), |fills| fills_of(fills, held).map(|fill| fill.quantity).collect());
        for (kind, house) in houses {
            let Some(case) = self.case(kind, held, house, 1, open, &mut unspent) else { continue };
            open -= case.quantity;
            if kind == CaseKind::House && !case.excepted {
                self.house_block(house, found).0 += 1;
            }
            found.cases.push(case);
        }
    }

    /// `None` where executions show that nobody traded ahead, or that it was healed in time.
    fn case(&self, kind: CaseKind, held: usize, ahead: usize, orders_ahead: u64, open: i64, unspent: &mut [i64]) -> Option<AheadCase> {
        let (limit, price) = (self.orders.price(held), self.orders.price(ahead));
        let mut quantity = self.orders.quantity(ahead).min(open).max(0);
        let mut harm = None;
        if let (Some(fills), true) = (self.fills, kind != CaseKind::Client) {
            (quantity, harm) = self.dealt(fills, held, ahead, open, unspent)?;
        }
        let sign = if self.orders.side(held) == 1 { 1 } else { -1 };
        let priced = limit != NO_PRICE && price != NO_PRICE;
        Some(AheadCase {
            kind,
            held: held as u32,
            ahead: ahead as u32,
            orders_ahead,
            by: self.sent(held).saturating_sub(self.sent(ahead)),
            quantity,
            harm,
            harm_at_most: priced.then(|| sign * i128::from(quantity) * i128::from(limit - price)),
            excepted: self.orders.is_excepted(held) || self.orders.is_excepted(ahead),
            large: self.options.size_cap.is_some_and(|cap| self.orders.quantity(held) > cap),
            price_unknown: !priced && self.fills.is_none(),
        })
    }

    /// Shares dealt ahead and not healed in time, and the harm; `None` where there are none. What heals is taken from `unspent`, the shares
    /// left of each fill of the order held.
    fn dealt(&self, fills: &[Fill], held: usize, ahead: usize, open: i64, unspent: &mut [i64]) -> Option<(i64, Option<i128>)> {
        let of = |row: usize| fills_of(fills, row);
        let better = |fill: &Fill, than: i64| if self.orders.side(held) == 1 { fill.price <= than } else { fill.price >= than };
        let first = of(ahead).filter(|fill| self.satisfies(held, fill.price)).min_by_key(|fill| fill.at)?;
        let dealt: i64 = of(ahead).filter(|fill| self.satisfies(held, fill.price)).map(|fill| fill.quantity).sum();
        let in_time = |fill: &&Fill| fill.at <= first.at.saturating_add(self.options.tau_executions.0) && better(fill, first.price);
        let mut quantity = dealt.min(open);
        for (_, left) in of(held).zip(unspent).filter(|(fill, _)| in_time(fill)) {
            let healed = (*left).clamp(0, quantity.max(0));
            (*left, quantity) = (*left - healed, quantity - healed);
        }
        if quantity <= 0 {
            return None;
        }
        let worse = of(held).filter(|fill| !in_time(fill));
        let (shares, paid) = worse.fold((0_i128, 0_i128), |(shares, paid), fill| {
            (shares + i128::from(fill.quantity), paid + i128::from(fill.quantity) * i128::from(fill.price))
        });
        let sign = if self.orders.side(held) == 1 { 1 } else { -1 };
        let harmed = i128::from(quantity).min(shares);
        let harm = (shares > 0).then(|| (sign * (paid * harmed / shares - harmed * i128::from(first.price))).max(0));
        Some((quantity, harm))
    }
}
/// The fills of an order; `fills` ascend by row.
fn fills_of(fills: &[Fill], row: usize) -> impl Iterator<Item = &Fill> {
    let first = fills.partition_point(|fill| (fill.row as usize) < row);
    fills[first..].iter().take_while(move |fill| fill.row as usize == row)
}
