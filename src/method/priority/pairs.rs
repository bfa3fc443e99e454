//! The kernel of every matrix: pairs of orders that stood in one line close together, and what became of their order.
//!
//! A pair is an earlier and a later order of one line, day and phase whose receipts, at the effective resolution, lie no further apart
//! than the window. Where the receipts are told apart it is an *opportunity* of the later order, and it was *passed* when the later
//! order was sent first by more than the sending stamps leave open. A direct walk visits each pair where few orders share a window;
//! where many do, one Fenwick tree per party and gap bin counts them without visiting: O(n log n) either way, and the same figures.

use std::ops::Range;

use crate::measure::{GAP_BINS, Passing};
use crate::priority::Precision;
use crate::record::MatchedOrders;
use crate::statistics::Fenwick;

/// Pairs in the window per order beyond which trees are cheaper than a walk.
const DENSE: usize = 200;
/// No earlier order in the line.
const NOBODY: u32 = u32::MAX;

/// What the kernel runs on.
#[derive(Clone, Copy)]
pub(crate) struct Queue<'a> {
    pub(crate) orders: &'a MatchedOrders,
    /// The line of each order.
    pub(crate) line: &'a [u64],
    pub(crate) precision: Precision,
    /// Longest gap of receipts, nanoseconds.
    pub(crate) window: i64,
    /// Count as if this client's orders did not exist.
    pub(crate) without: Option<u32>,
}

/// Pairs of one (later, earlier) that stamps do not settle.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Doubt {
    /// Pairs that look passed by the stamps as they stand, provable or not.
    pub(crate) nominal: u64,
    /// Pairs whose receipts or sendings cannot be told apart.
    pub(crate) undecidable: u64,
}

/// Counts by (later party, earlier party), and by gap bin where order is provable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PairTable {
    pub(crate) parties: usize,
    /// `[(later * parties + earlier) * GAP_BINS + bin]`
    pub(crate) passing: Vec<Passing>,
    pub(crate) doubt: Vec<Doubt>,
}

/// A client's pairs with everybody else's orders, by gap bin: as the later order, and as the earlier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ClientTally {
    pub(crate) passes: [Passing; GAP_BINS],
    pub(crate) passed: [Passing; GAP_BINS],
}

impl Default for ClientTally {
    fn default() -> Self {
        Self { passes: [Passing::default(); GAP_BINS], passed: [Passing::default(); GAP_BINS] }
    }
}

impl PairTable {
    pub(crate) fn new(parties: usize) -> Self {
        let pairs = parties * parties;
        Self { parties, passing: vec![Passing::default(); pairs * GAP_BINS], doubt: vec![Doubt::default(); pairs] }
    }

    fn pair(&self, later: u16, earlier: u16) -> usize {
        usize::from(later) * self.parties + usize::from(earlier)
    }
}

/// Counts of one stretch: a table for each list of codes, and the clients.
pub(crate) struct Counted {
    pub(crate) tables: Vec<PairTable>,
    /// By client, those that met anybody only, ascending.
    pub(crate) clients: Vec<(u32, ClientTally)>,
}

/// One order as the kernel sees it.
#[derive(Clone, Copy)]
struct Standing {
    /// At the effective resolution.
    received: i64,
    sent: i64,
    raw_received: i64,
    raw_sent: i64,
}

impl Queue<'_> {
    fn standing(&self, row: usize) -> Standing {
        let (raw_received, raw_sent) = (self.orders.received_at[row].0, self.orders.sent_at(row).0);
        Standing { received: self.precision.received(raw_received), sent: self.precision.sent(raw_sent), raw_received, raw_sent }
    }

    /// The first of `rows`, all before `start`, that is still within the window of the order at `start`.
    pub(crate) fn before(&self, rows: Range<usize>) -> usize {
        let Some(start) = self.orders.received_at.get(rows.end) else { return rows.end };
        let reach = self.precision.received(start.0).saturating_sub(self.window);
        rows.start + self.orders.received_at[rows].partition_point(|at| at.0 < reach)
    }

    fn rows(&self, first: usize, end: usize) -> impl Iterator<Item = usize> {
        let (client, without) = (&self.orders.client, self.without);
        (first..end).filter(move |row| without != Some(client[*row]))
    }

    /// Counts the pairs whose later order is in `counted`; orders from `first` on can be the earlier one.
    ///
    /// `parties`: codes of each order and how many codes there are. `with_clients` also counts every client against all others.
    pub(crate) fn count(&self, first: usize, counted: Range<usize>, parties: &[(&[u16], usize)], with_clients: bool) -> Counted {
        self.by_walking(first, counted.clone(), parties, with_clients)
            .unwrap_or_else(|| self.by_trees(first, counted, parties, with_clients))
    }

    /// In order of receipt, each order walks back through the earlier ones of its line until the window ends; `None` where that is dear.
    pub(crate) fn by_walking(
        &self,
        first: usize,
        counted: Range<usize>,
        parties: &[(&[u16], usize)],
        with_clients: bool,
    ) -> Option<Counted> {
        let mut tables: Vec<PairTable> = parties.iter().map(|(_, n)| PairTable::new(*n)).collect();
        let mut clients: hashbrown::HashMap<u32, ClientTally, foldhash::fast::FixedState> = hashbrown::HashMap::default();
        let mut latest: hashbrown::HashMap<u64, u32, foldhash::fast::FixedState> = hashbrown::HashMap::default();
        let mut previous = vec![NOBODY; counted.end - first];
        let mut budget = DENSE * (counted.end - first);
        for row in self.rows(first, counted.end) {
            let at = (row - first) as u32;
            let mut walk = latest.insert(self.line[row], at).unwrap_or(NOBODY);
            previous[at as usize] = walk;
            if row < counted.start {
                continue;
            }
            let later = self.standing(row);
            while walk != NOBODY {
                let other = first + walk as usize;
                let earlier = self.standing(other);
                if later.received.saturating_sub(earlier.received) > self.window {
                    break;
                }
                let met = Met::of(&earlier, &later, &self.precision);
                for ((codes, _), table) in parties.iter().zip(&mut tables).filter(|((codes, _), _)| codes[row] != codes[other]) {
                    table.add(codes[row], codes[other], &met);
                }
                let (ours, theirs) = (self.orders.client[row], self.orders.client[other]);
                if let (true, Some((bin, passing))) = (with_clients && ours != theirs, met.opportunity) {
                    clients.entry(ours).or_default().passes[bin] += passing;
                    clients.entry(theirs).or_default().passed[bin] += passing;
                }
                budget = budget.checked_sub(1)?;
                walk = previous[walk as usize];
            }
        }
        let mut clients: Vec<_> = clients.into_iter().collect();
        clients.sort_unstable_by_key(|(client, _)| *client);
        Some(Counted { tables, clients })
    }

    /// The same without visiting pairs.
    pub(crate) fn by_trees(&self, first: usize, counted: Range<usize>, parties: &[(&[u16], usize)], with_clients: bool) -> Counted {
        let mut rows: Vec<(u64, usize)> = self.rows(first, counted.end).map(|row| (self.line[row], row)).collect();
        rows.sort_unstable();
        let mut tables: Vec<PairTable> = parties.iter().map(|(_, n)| PairTable::new(*n)).collect();
        for line in rows.chunk_by(|left, right| left.0 == right.0) {
            for ((codes, _), table) in parties.iter().zip(&mut tables) {
                let item = |row: usize| Item::forward(self.standing(row), codes[row], counted.contains(&row));
                self.table_by_trees(&line.iter().map(|(_, row)| item(*row)).collect::<Vec<_>>(), table);
            }
        }
        let clients = if with_clients { self.clients_by_trees(&rows, &counted) } else { Vec::new() };
        Counted { tables, clients }
    }

    fn table_by_trees(&self, line: &[Item], table: &mut PairTable) {
        for (bin, low, high) in bins(&self.precision, self.window) {
            sweep(line, &self.precision, (low, high), |later, earlier, counts| {
                let pair = table.pair(later.who, earlier);
                let opportunities = counts.standing;
                table.passing[pair * GAP_BINS + bin] += Passing { opportunities, overtakes: counts.passed };
                table.doubt[pair].undecidable += opportunities - counts.passed - counts.kept;
            });
        }
        let unordered = self.precision.received_gap.max(0).min(self.window);
        let resting = |later: &Item, earlier: u16, counts: Counts| {
            let pair = table.pair(later.who, earlier);
            table.doubt[pair].undecidable += counts.standing;
        };
        sweep(line, &self.precision, (UNORDERED, unordered), resting);
        let nominal = |later: &Item, earlier: u16, counts: Counts| {
            let pair = table.pair(later.who, earlier);
            table.doubt[pair].nominal += counts.passed;
        };
        sweep_raw(line, self.window, nominal);
    }

    /// Every client against all: pairs of the whole line, less those among its own orders.
    fn clients_by_trees(&self, rows: &[(u64, usize)], counted: &Range<usize>) -> Vec<(u32, ClientTally)> {
        let mut tallies: hashbrown::HashMap<u32, ClientTally, foldhash::fast::FixedState> = hashbrown::HashMap::default();
        let mut by_client: Vec<(u64, u32, usize)> = rows.iter().map(|(line, row)| (*line, self.orders.client[*row], *row)).collect();
        let mut pass = |line: &[usize], sign: fn(&mut Passing, Counts)| {
            let forward: Vec<Item> = line.iter().map(|row| Item::forward(self.standing(*row), 0, counted.contains(row))).collect();
            let back: Vec<Item> = line.iter().rev().map(|row| Item::reversed(self.standing(*row), counted.contains(row))).collect();
            for (items, is_back) in [(&forward, false), (&back, true)] {
                for (bin, low, high) in bins(&self.precision, self.window) {
                    sweep_all(items, &self.precision, (low, high), |at, counts| {
                        let row = if is_back { line[line.len() - 1 - at] } else { line[at] };
                        let tally = tallies.entry(self.orders.client[row]).or_default();
                        let side = if is_back { &mut tally.passed } else { &mut tally.passes };
                        sign(&mut side[bin], counts);
                    });
                }
            }
        };
        let add = |sum: &mut Passing, counts: Counts| *sum += Passing { opportunities: counts.standing, overtakes: counts.passed };
        let take = |sum: &mut Passing, counts: Counts| {
            sum.opportunities -= counts.standing;
            sum.overtakes -= counts.passed;
        };
        for line in rows.chunk_by(|left, right| left.0 == right.0) {
            pass(&line.iter().map(|(_, row)| *row).collect::<Vec<_>>(), add);
        }
        by_client.sort_unstable();
        for own in by_client.chunk_by(|left, right| (left.0, left.1) == (right.0, right.1)) {
            pass(&own.iter().map(|(_, _, row)| *row).collect::<Vec<_>>(), take);
        }
        let met = |tally: &ClientTally| tally.passes.iter().chain(&tally.passed).any(|passing| passing.opportunities > 0);
        let mut clients: Vec<_> = tallies.into_iter().filter(|(_, tally)| met(tally)).collect();
        clients.sort_unstable_by_key(|(client, _)| *client);
        clients
    }
}

/// What became of one pair.
struct Met {
    /// Gap bin and whether it was passed, where the receipts are told apart.
    opportunity: Option<(usize, Passing)>,
    nominal: bool,
    undecidable: bool,
}

impl Met {
    fn of(earlier: &Standing, later: &Standing, precision: &Precision) -> Self {
        let gap = later.received - earlier.received;
        let nominal = later.raw_received > earlier.raw_received && later.raw_sent < earlier.raw_sent;
        if gap <= precision.received_gap.max(0) {
            return Self { opportunity: None, nominal, undecidable: true };
        }
        let passed = earlier.sent.saturating_sub(later.sent) > precision.sent_gap;
        let kept = later.sent.saturating_sub(earlier.sent) > precision.sent_gap;
        let passing = Passing { opportunities: 1, overtakes: u64::from(passed) };
        Self { opportunity: Some((gap_bin(gap), passing)), nominal, undecidable: !passed && !kept }
    }
}

impl PairTable {
    fn add(&mut self, later: u16, earlier: u16, met: &Met) {
        let pair = self.pair(later, earlier);
        if let Some((bin, passing)) = met.opportunity {
            self.passing[pair * GAP_BINS + bin] += passing;
        }
        self.doubt[pair].nominal += u64::from(met.nominal);
        self.doubt[pair].undecidable += u64::from(met.undecidable);
    }
}

/// The last bin holds all longer gaps.
fn gap_bin(gap: i64) -> usize {
    (gap.ilog2() as usize).min(GAP_BINS - 1)
}

/// The gap bins that count, with their ends: more than the receipts leave open, at most the window.
fn bins(precision: &Precision, window: i64) -> impl Iterator<Item = (usize, i64, i64)> {
    let shortest = precision.received_gap.max(0) + 1;
    let ends = move |bin: usize| {
        let high = if bin + 1 == GAP_BINS { i64::MAX } else { (2_i64 << bin) - 1 };
        (bin, (1_i64 << bin).max(shortest), high.min(window))
    };
    (0..GAP_BINS).map(ends).filter(|(_, low, high)| low <= high)
}

/// An order in a sweep, which may stand to be passed, ask whom it passed, or both.
#[derive(Clone, Copy)]
struct Item {
    at: Standing,
    who: u16,
    stands: bool,
    asks: bool,
}

impl Item {
    fn forward(at: Standing, who: u16, counted: bool) -> Self {
        Self { at, who, stands: true, asks: counted }
    }

    /// Time runs backwards: the later order stands, and the earlier asks by whom it was passed.
    fn reversed(at: Standing, counted: bool) -> Self {
        let Standing { received, sent, raw_received, raw_sent } = at;
        let at = Standing { received: -received, sent: -sent, raw_received: -raw_received, raw_sent: -raw_sent };
        Self { at, who: 0, stands: counted, asks: true }
    }
}

/// Of the orders that stand: how many there are, how many were passed, how many kept their place.
#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    standing: u64,
    passed: u64,
    kept: u64,
}

/// A low end that lets every earlier order of the line stand at once.
const UNORDERED: i64 = i64::MIN;

/// Each asking order against those that stand at a gap of `low..=high`, of every other party: `emit(order, party, counts)`.
fn sweep(line: &[Item], precision: &Precision, (low, high): (i64, i64), mut emit: impl FnMut(&Item, u16, Counts)) {
    let mut who: Vec<u16> = line.iter().map(|item| item.who).collect();
    who.sort_unstable();
    who.dedup();
    let mut trees = Trees::new(line.iter().map(|item| item.at.sent).collect(), who.len());
    let place = |item: &Item| who.partition_point(|known| *known < item.who);
    let (mut enter, mut leave) = (0, 0);
    for (at, item) in line.iter().enumerate() {
        while enter < at && (low == UNORDERED || item.at.received.saturating_sub(line[enter].at.received) >= low) {
            trees.put(place(&line[enter]), &line[enter], 1);
            enter += 1;
        }
        while leave < enter && item.at.received.saturating_sub(line[leave].at.received) > high {
            trees.put(place(&line[leave]), &line[leave], -1);
            leave += 1;
        }
        for (party, code) in who.iter().enumerate().filter(|(_, code)| item.asks && **code != item.who) {
            let counts = trees.ask(party, item.at.sent, precision.sent_gap.max(0));
            if counts.standing > 0 {
                emit(item, *code, counts);
            }
        }
    }
}

/// The same with all parties as one: `emit(place in the line, counts)`.
fn sweep_all(line: &[Item], precision: &Precision, (low, high): (i64, i64), mut emit: impl FnMut(usize, Counts)) {
    let mut trees = Trees::new(line.iter().map(|item| item.at.sent).collect(), 1);
    let (mut enter, mut leave) = (0, 0);
    for (at, item) in line.iter().enumerate() {
        while enter < at && item.at.received.saturating_sub(line[enter].at.received) >= low {
            trees.put(0, &line[enter], 1);
            enter += 1;
        }
        while leave < enter && item.at.received.saturating_sub(line[leave].at.received) > high {
            trees.put(0, &line[leave], -1);
            leave += 1;
        }
        let counts = trees.ask(0, item.at.sent, precision.sent_gap.max(0));
        if item.asks && counts.standing > 0 {
            emit(at, counts);
        }
    }
}

/// Pairs of `rows`, which are in order of receipt, that both stamps order provably, and those of them sent in the order of receipt.
pub(crate) fn ordered_pairs(orders: &MatchedOrders, precision: &Precision, rows: &[usize]) -> (u64, u64) {
    let none: [u64; 0] = [];
    let queue = Queue { orders, line: &none, precision: *precision, window: i64::MAX, without: None };
    let line: Vec<Item> = rows.iter().map(|row| Item::forward(queue.standing(*row), 0, true)).collect();
    let (mut pairs, mut kept) = (0, 0);
    sweep_all(&line, precision, (precision.received_gap.max(0) + 1, i64::MAX), |_, counts| {
        pairs += counts.passed + counts.kept;
        kept += counts.kept;
    });
    (pairs, kept)
}

/// By the stamps as they stand: strictly earlier receipts within the window, strictly later sendings.
fn sweep_raw(line: &[Item], window: i64, mut emit: impl FnMut(&Item, u16, Counts)) {
    let raw = |item: &Item| Item { at: Standing { sent: item.at.raw_sent, ..item.at }, ..*item };
    let items: Vec<Item> = line.iter().map(raw).collect();
    let mut who: Vec<u16> = items.iter().map(|item| item.who).collect();
    who.sort_unstable();
    who.dedup();
    let mut trees = Trees::new(items.iter().map(|item| item.at.sent).collect(), who.len());
    let place = |item: &Item| who.partition_point(|known| *known < item.who);
    let (mut enter, mut leave) = (0, 0);
    for (at, item) in items.iter().enumerate() {
        while enter < at && items[enter].at.raw_received < item.at.raw_received {
            trees.put(place(&items[enter]), &items[enter], 1);
            enter += 1;
        }
        while leave < enter && item.at.received.saturating_sub(items[leave].at.received) > window {
            trees.put(place(&items[leave]), &items[leave], -1);
            leave += 1;
        }
        for (party, code) in who.iter().enumerate().filter(|(_, code)| item.asks && **code != item.who) {
            let counts = trees.ask(party, item.at.sent, 0);
            if counts.passed > 0 {
                emit(item, *code, counts);
            }
        }
    }
}

/// One tree per party over the ranks of the sending times.
struct Trees {
    ranks: Vec<i64>,
    trees: Vec<(u64, Fenwick)>,
}

impl Trees {
    fn new(mut sent: Vec<i64>, parties: usize) -> Self {
        sent.sort_unstable();
        sent.dedup();
        let trees = (0..parties).map(|_| (0, Fenwick::new(sent.len()))).collect();
        Self { ranks: sent, trees }
    }

    fn put(&mut self, party: usize, item: &Item, sign: i8) {
        if !item.stands {
            return;
        }
        let rank = self.ranks.partition_point(|sent| *sent < item.at.sent);
        let (standing, tree) = &mut self.trees[party];
        if sign > 0 {
            *standing += 1;
            tree.add(rank, 1);
        } else {
            *standing -= 1;
            tree.remove(rank, 1);
        }
    }

    fn ask(&self, party: usize, sent: i64, open: i64) -> Counts {
        let (standing, tree) = &self.trees[party];
        if *standing == 0 {
            return Counts::default();
        }
        let (above, below) = (sent.saturating_add(open), sent.saturating_sub(open));
        let passed = standing - tree.prefix(self.ranks.partition_point(|at| *at <= above));
        let kept = tree.prefix(self.ranks.partition_point(|at| *at < below));
        Counts { standing: *standing, passed, kept }
    }
}
