//! What the pairs of each client are worth together, once it is known what a pair is worth.
//!
//! Whole numbers throughout, so that no sum depends on the order of its parts. A pair of orders is counted for both its clients.

use rayon::prelude::*;

use crate::measure::Timetable;
use crate::measure::overtaking::line::{Gaps, LineOrders, each_bin, each_earlier, each_overtake, is_sparse, parties_of};
use crate::measure::overtaking::{GAP_BINS, OvertakingRules, PIECE_BY_ORDER, Parties, Passing, Piece, gaps};
use crate::record::{MatchedOrders, Weight};

/// What a pair of orders is worth, in units of the caller's; below 2^32, so that no sum can overflow.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PairValue {
    /// Its weight.
    pub weight: i64,
    /// Its score as an opportunity.
    pub opportunity: i64,
    /// What is added where the later order passed.
    pub overtake: i64,
}

/// The values of pairs of orders of two groups.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PairValues {
    /// The groups.
    pub groups: [u16; 2],
    /// By direction (the first group's order is the later, the second's is) and gap bin.
    pub values: [[PairValue; GAP_BINS]; 2],
}

/// The sums of one client in one block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClientPassing {
    /// The block of the later order.
    pub block: u32,
    /// Which of the two groups: 0 or 1.
    pub side: u8,
    /// Its code.
    pub client: u32,
    /// Sum of weights.
    pub weight: i128,
    /// Sum of scores.
    pub score: i128,
}

/// The sums of every client in every block where receipt order decides priority in full, for each pair of groups in `wanted`: by block,
/// side and client, ascending. Pairs are those of [`super::count_overtaking`], at twice its cost or less.
#[must_use]
pub fn overtaking_by_client(
    orders: &MatchedOrders,
    timetable: &Timetable,
    groups: usize,
    rules: OvertakingRules,
    wanted: &[PairValues],
) -> Vec<Vec<ClientPassing>> {
    let table = ValueTable::of(groups, wanted);
    let parties = Parties::new(groups, &[]);
    let n_blocks = timetable.blocks.len();
    // Runs of pieces, long enough to add up most of what there is of a client, and some for every thread.
    let runs = (4 * rayon::current_num_threads()).div_ceil(n_blocks.max(1));
    let of_block = |at: usize| {
        if timetable.blocks[at].receipt_order_decides != Weight::Yes {
            return Vec::new();
        }
        let pieces = Piece::of_block(orders, timetable, at, rules, PIECE_BY_ORDER);
        let of_run = |pieces: &[Piece]| of_pieces(pieces, orders, rules, &parties, &table);
        pieces.par_chunks(pieces.len().div_ceil(runs).max(1)).map(of_run).reduce(Vec::new, merged)
    };
    let blocks: Vec<Vec<Entry>> = (0..n_blocks).into_par_iter().map(of_block).collect();
    let mut found = vec![Vec::new(); wanted.len()];
    for (block, entries) in blocks.into_iter().enumerate() {
        for ((pair, side, client), [weight, score]) in entries {
            found[pair as usize].push(ClientPassing { block: block as u32, side, client, weight, score });
        }
    }
    found
}

/// Pair, side and client with weight and score.
type Entry = ((u32, u8, u32), [i128; 2]);

/// Entries of two parts, ascending and each once.
fn merged(mut one: Vec<Entry>, other: Vec<Entry>) -> Vec<Entry> {
    if one.is_empty() {
        return other;
    }
    one.extend(other);
    // Stable, because that merges two sorted runs in one step an entry.
    one.sort_by_key(|(key, _)| *key);
    one.dedup_by(|later, kept| {
        let same = later.0 == kept.0;
        if same {
            kept.1 = [0, 1].map(|part| kept.1[part] + later.1[part]);
        }
        same
    });
    one
}

/// Values by ordered pair of groups, later first, and gap bin.
pub(super) struct ValueTable {
    groups: usize,
    values: Vec<PairValue>,
    /// Weight and score of a pair in which the later order did not pass, and in which it did; nothing within a group.
    sums: Vec<[[i64; 2]; 2]>,
    /// By group and other group: number of the wanted pair, and which side the group is.
    pair: Vec<Option<(u32, u8)>>,
    /// No sum over so many pairs can overflow.
    most_pairs: u64,
}

impl ValueTable {
    pub(super) fn of(groups: usize, wanted: &[PairValues]) -> Self {
        let mut values = vec![PairValue::default(); groups * groups * GAP_BINS];
        let mut pair = vec![None; groups * groups];
        for (number, PairValues { groups: [a, b], values: of_pair }) in wanted.iter().enumerate() {
            for (side, own, other) in [(0_usize, *a, *b), (1, *b, *a)] {
                let at = usize::from(own) * groups + usize::from(other);
                pair[at] = Some((number as u32, side as u8));
                values[at * GAP_BINS..][..GAP_BINS].copy_from_slice(&of_pair[side]);
            }
        }
        let both = |value: &PairValue| [0, 1].map(|passed| [value.weight, value.opportunity + passed * value.overtake]);
        let sums: Vec<[[i64; 2]; 2]> = values.iter().map(both).collect();
        let largest = sums.iter().flatten().flatten().map(|value| value.unsigned_abs()).max();
        Self { groups, sums, values, pair, most_pairs: i64::MAX as u64 / largest.unwrap_or(0).max(1) }
    }

    fn of_pair(&self, later: u16, earlier: u16) -> &[PairValue] {
        &self.values[self.at(later, earlier)..][..GAP_BINS]
    }

    fn sums(&self, later: u16, earlier: u16, bin: usize, passed: bool) -> [i64; 2] {
        self.sums[self.at(later, earlier) + bin][usize::from(passed)]
    }

    fn at(&self, later: u16, earlier: u16) -> usize {
        (usize::from(later) * self.groups + usize::from(earlier)) * GAP_BINS
    }
}

/// What pieces are worth to their clients, ascending.
fn of_pieces(pieces: &[Piece], orders: &MatchedOrders, rules: OvertakingRules, parties: &Parties, table: &ValueTable) -> Vec<Entry> {
    let mut entries = Vec::new();
    let mut clients = ClientSums::new(table.groups);
    for piece in pieces {
        if clients.sums.len() > MOST_SUMS || clients.pairs.saturating_add(piece.most_pairs()) > table.most_pairs {
            entries = merged(entries, std::mem::replace(&mut clients, ClientSums::new(table.groups)).entries(table));
        }
        clients.add(piece, orders, rules, parties, table);
    }
    merged(entries, clients.entries(table))
}

/// Sums held before they are put aside, 16 MiB of them.
const MOST_SUMS: usize = 1 << 20;

/// Weight and score of the clients met so far.
struct ClientSums {
    groups: usize,
    numbers: hashbrown::HashMap<(u16, u32), u32, foldhash::fast::FixedState>,
    clients: Vec<(u16, u32)>,
    /// By client's number and other group.
    sums: Vec<[i64; 2]>,
    /// At most so many pairs are in them.
    pairs: u64,
    /// Buffer.
    of_line: Vec<[i64; 2]>,
}

impl ClientSums {
    fn new(groups: usize) -> Self {
        Self { groups, numbers: hashbrown::HashMap::default(), clients: Vec::new(), sums: Vec::new(), pairs: 0, of_line: Vec::new() }
    }

    fn number(&mut self, client: (u16, u32)) -> u32 {
        *self.numbers.entry(client).or_insert_with(|| {
            self.clients.push(client);
            self.clients.len() as u32 - 1
        })
    }

    fn add(&mut self, piece: &Piece, orders: &MatchedOrders, rules: OvertakingRules, parties: &Parties, table: &ValueTable) {
        let client_of_row: Vec<u32> =
            (piece.first..piece.counted.end).map(|row| self.number((orders.group[row], orders.client[row]))).collect();
        self.sums.resize(self.clients.len() * self.groups, [0; 2]);
        self.pairs = self.pairs.saturating_add(piece.most_pairs());
        let gaps = gaps(rules);
        piece.lines(orders, rules, parties, &[]).each(|line, rows| {
            let parties = parties_of(line.party);
            if parties.len() < 2 {
                return;
            }
            add_line(line, &parties, gaps, table, &mut self.of_line);
            for (row, own) in rows.iter().zip(self.of_line.chunks_exact(parties.len())) {
                let client = &mut self.sums[client_of_row[*row as usize] as usize * self.groups..][..self.groups];
                for (party, part) in parties.iter().zip(own) {
                    add(&mut client[usize::from(*party)], *part);
                }
            }
        });
    }

    fn entries(self, table: &ValueTable) -> Vec<Entry> {
        let mut entries = Vec::new();
        for ((group, client), sums) in self.clients.iter().zip(self.sums.chunks_exact(self.groups.max(1))) {
            for (other, sums) in sums.iter().enumerate().filter(|(_, sums)| **sums != [0, 0]) {
                let pair = table.pair[usize::from(*group) * self.groups + other];
                entries.extend(pair.map(|(pair, side)| ((pair, side, *client), sums.map(i128::from))));
            }
        }
        entries.sort_unstable_by_key(|(key, _)| *key);
        entries
    }
}

/// Weight and score of every order of a line, by its number and the other party's number in `parties`.
fn add_line(line: LineOrders, parties: &[u16], gaps: Gaps, table: &ValueTable, own: &mut Vec<[i64; 2]>) {
    own.clear();
    own.resize(line.party.len() * parties.len(), [0; 2]);
    let mut sums = OrderSums::of(line, parties, own);
    if is_sparse(line, parties.len(), gaps) {
        walk(line, gaps, table, &mut sums);
    } else if sweep(line, gaps, table, &mut sums).is_none() {
        sums.own.fill([0; 2]);
        trees(line, gaps, table, &mut sums);
    }
}

/// Weight and score by order and other party.
pub(super) struct OrderSums<'a> {
    parties: &'a [u16],
    /// By order, the number of its party.
    numbers: Vec<usize>,
    own: &'a mut [[i64; 2]],
}

impl<'a> OrderSums<'a> {
    pub(super) fn of(line: LineOrders, parties: &'a [u16], own: &'a mut [[i64; 2]]) -> Self {
        let numbers = line.party.iter().map(|party| parties.partition_point(|known| known < party)).collect();
        Self { parties, numbers, own }
    }

    fn add(&mut self, at: usize, other: usize, value: [i64; 2]) {
        add(&mut self.own[at * self.parties.len() + other], value);
    }

    /// Adds a pair to both its orders.
    fn add_pair(&mut self, one: usize, other: usize, value: [i64; 2]) {
        self.add(one, self.numbers[other], value);
        self.add(other, self.numbers[one], value);
    }
}

fn add(sum: &mut [i64; 2], value: [i64; 2]) {
    *sum = [sum[0] + value[0], sum[1] + value[1]];
}

pub(super) fn walk(line: LineOrders, gaps: Gaps, table: &ValueTable, sums: &mut OrderSums) {
    for at in line.first_counted..line.party.len() {
        each_earlier(line, gaps, at, |earlier, bin, overtakes| {
            sums.add_pair(at, earlier, table.sums(line.party[at], line.party[earlier], bin, overtakes));
        });
    }
}

/// `None` where there is too much disorder; the sums are worth nothing then.
pub(super) fn sweep(line: LineOrders, gaps: Gaps, table: &ValueTable, sums: &mut OrderSums) -> Option<()> {
    each_overtake(line, gaps, |at, earlier, bin| {
        let value = table.of_pair(line.party[at], line.party[earlier])[bin];
        sums.add_pair(at, earlier, [0, value.overtake]);
    })?;
    opportunities(line, gaps, table, sums);
    Some(())
}

/// The orders of a gap bin are a range of rows behind an order, and another ahead of it, between one pointer a bin and the next.
fn opportunities(line: LineOrders, gaps: Gaps, table: &ValueTable, sums: &mut OrderSums) {
    let (n, rows) = (sums.parties.len(), line.party.len());
    let (bins, least) = (gaps.bins(), gaps.steps());
    // By later party, bin and earlier party, and by earlier party, bin and later party.
    let worth = |later: usize, earlier: usize, bin: usize| table.sums(sums.parties[later], sums.parties[earlier], bin, false);
    let values = |of: &dyn Fn(usize, usize, usize) -> [i64; 2]| -> Vec<[i64; 2]> {
        (0..n).flat_map(|own| bins.iter().flat_map(move |(bin, _)| (0..n).map(move |other| of(own, other, *bin)))).collect()
    };
    let (as_later, as_earlier) = (values(&worth), values(&|own, other, bin| worth(other, own, bin)));
    // By row and party: how many orders of the party stand before the row, and how many of those are counted.
    let [mut before, mut counted] = [0, 1].map(|_| vec![0_u32; (rows + 1) * n]);
    for row in 0..rows {
        before.copy_within(row * n..(row + 1) * n, (row + 1) * n);
        counted.copy_within(row * n..(row + 1) * n, (row + 1) * n);
        before[(row + 1) * n + sums.numbers[row]] += 1;
        counted[(row + 1) * n + sums.numbers[row]] += u32::from(row >= line.first_counted);
    }
    let mut add_bin = |at: usize, values: &[[i64; 2]], bin: usize, first: &[u32], end: &[u32]| {
        let values = &values[(sums.numbers[at] * bins.len() + bin) * n..][..n];
        let own = &mut sums.own[at * n..][..n];
        for (((own, value), first), end) in own.iter_mut().zip(values).zip(first).zip(end) {
            let inside = i64::from(end - first);
            add(own, [value[0] * inside, value[1] * inside]);
        }
    };
    let mut reached = vec![0_usize; least.len()];
    for at in line.first_counted..rows {
        for (reached, least) in reached.iter_mut().zip(&least) {
            while line.received[at] - line.received[*reached] >= *least {
                *reached += 1;
            }
        }
        for (bin, ends) in reached.windows(2).enumerate().filter(|(_, ends)| ends[0] > ends[1]) {
            add_bin(at, &as_later, bin, &before[ends[1] * n..][..n], &before[ends[0] * n..][..n]);
        }
    }
    reached.fill(0);
    for at in 0..rows {
        for (reached, least) in reached.iter_mut().zip(&least) {
            while *reached < rows && line.received[*reached] - line.received[at] < *least {
                *reached += 1;
            }
        }
        for (bin, ends) in reached.windows(2).enumerate().filter(|(_, ends)| ends[0] < ends[1]) {
            add_bin(at, &as_earlier, bin, &counted[ends[0] * n..][..n], &counted[ends[1] * n..][..n]);
        }
    }
}

/// What each order adds as the later one, then, the line turned about, as the earlier one: who is passed by whom does not change when
/// both clocks run backwards.
pub(super) fn trees(line: LineOrders, gaps: Gaps, table: &ValueTable, sums: &mut OrderSums) {
    let rows = line.party.len();
    let number = |parties: &[u16], party: u16| parties.partition_point(|known| *known < party);
    let value = |value: PairValue, passing: Passing| {
        let [opportunities, overtakes] = [passing.opportunities, passing.overtakes].map(|n| n as i64);
        [opportunities * value.weight, opportunities * value.opportunity + overtakes * value.overtake]
    };
    each_bin(line, rows, gaps, |at, earlier, bin, passing| {
        sums.add(at, number(sums.parties, earlier), value(table.of_pair(line.party[at], earlier)[bin], passing));
    });
    let turned = |stamps: &[i64]| stamps.iter().rev().map(|stamp| stamp.saturating_neg()).collect::<Vec<i64>>();
    let (received, sent) = (turned(line.received), turned(line.sent));
    let party: Vec<u16> = line.party.iter().rev().copied().collect();
    let about = LineOrders { received: &received, sent: &sent, party: &party, first_counted: 0 };
    each_bin(about, rows - line.first_counted, gaps, |at, later, bin, passing| {
        sums.add(rows - 1 - at, number(sums.parties, later), value(table.of_pair(later, party[at])[bin], passing));
    });
}
