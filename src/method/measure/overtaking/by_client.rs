//! What the pairs of each client are worth together, once it is known what a pair is worth.
//!
//! Whole numbers throughout, so that no sum depends on the order of its parts. A pair of orders is counted for both its clients.

use rayon::prelude::*;

use crate::measure::Timetable;
use crate::measure::overtaking::line::{Gaps, LineOrders, each_bin, each_overtake, each_pair, is_sparse, parties_of};
use crate::measure::overtaking::{GAP_BINS, OvertakingRules, Parties, Passing, Piece, gaps};
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
    let of_block = |at: usize| {
        if timetable.blocks[at].receipt_order_decides != Weight::Yes {
            return Vec::new();
        }
        let pieces = Piece::of_block(orders, timetable, at, rules);
        pieces.into_par_iter().map(|piece| of_piece(&piece, orders, rules, &parties, &table)).reduce(Vec::new, merged)
    };
    let blocks: Vec<Vec<Entry>> = (0..timetable.blocks.len()).into_par_iter().map(of_block).collect();
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
    one.sort_unstable_by_key(|(key, _)| *key);
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
    /// By group and other group: number of the wanted pair, and which side the group is.
    pair: Vec<Option<(u32, u8)>>,
}

impl ValueTable {
    pub(super) fn of(groups: usize, wanted: &[PairValues]) -> Self {
        let mut table = Self { groups, values: vec![PairValue::default(); groups * groups * GAP_BINS], pair: vec![None; groups * groups] };
        for (number, PairValues { groups: [a, b], values }) in wanted.iter().enumerate() {
            for (side, own, other) in [(0_usize, *a, *b), (1, *b, *a)] {
                let at = usize::from(own) * groups + usize::from(other);
                table.pair[at] = Some((number as u32, side as u8));
                table.values[at * GAP_BINS..][..GAP_BINS].copy_from_slice(&values[side]);
            }
        }
        table
    }

    fn of_pair(&self, later: u16, earlier: u16) -> &[PairValue] {
        &self.values[(usize::from(later) * self.groups + usize::from(earlier)) * GAP_BINS..][..GAP_BINS]
    }
}

fn of_piece(piece: &Piece, orders: &MatchedOrders, rules: OvertakingRules, parties: &Parties, table: &ValueTable) -> Vec<Entry> {
    let mut numbers: hashbrown::HashMap<(u16, u32), u32, foldhash::fast::FixedState> = hashbrown::HashMap::default();
    let mut clients: Vec<(u16, u32)> = Vec::new();
    let mut number = |row: usize| {
        let client = (orders.group[row], orders.client[row]);
        *numbers.entry(client).or_insert_with(|| {
            clients.push(client);
            clients.len() as u32 - 1
        })
    };
    let client_of_row: Vec<u32> = (piece.first..piece.counted.end).map(&mut number).collect();
    let mut sums = vec![[0_i128; 2]; clients.len() * table.groups];
    let mut own = Vec::new();
    let gaps = gaps(rules);
    piece.lines(orders, rules, parties).each(|line, rows| {
        let parties = parties_of(line.party);
        if parties.len() < 2 {
            return;
        }
        add_line(line, &parties, gaps, table, &mut own);
        for (row, own) in rows.iter().zip(own.chunks_exact(parties.len())) {
            let client = &mut sums[client_of_row[*row as usize] as usize * table.groups..][..table.groups];
            for (party, part) in parties.iter().zip(own) {
                let sum = &mut client[usize::from(*party)];
                *sum = [0, 1].map(|at| sum[at] + i128::from(part[at]));
            }
        }
    });
    let mut entries = Vec::new();
    for ((group, client), sums) in clients.iter().zip(sums.chunks_exact(table.groups)) {
        for (other, sums) in sums.iter().enumerate().filter(|(_, sums)| **sums != [0, 0]) {
            let pair = table.pair[usize::from(*group) * table.groups + other];
            entries.extend(pair.map(|(pair, side)| ((pair, side, *client), *sums)));
        }
    }
    entries.sort_unstable_by_key(|(key, _)| *key);
    entries
}

/// Weight and score of every order of a line, by its number and the other party's number in `parties`.
fn add_line(line: LineOrders, parties: &[u16], gaps: Gaps, table: &ValueTable, own: &mut Vec<[i64; 2]>) {
    own.clear();
    own.resize(line.party.len() * parties.len(), [0; 2]);
    let mut sums = OrderSums::of(line, parties, own);
    if is_sparse(line, gaps) {
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
        let sum = &mut self.own[at * self.parties.len() + other];
        *sum = [sum[0] + value[0], sum[1] + value[1]];
    }

    /// Adds a pair to both its orders.
    fn add_pair(&mut self, one: usize, other: usize, value: [i64; 2]) {
        self.add(one, self.numbers[other], value);
        self.add(other, self.numbers[one], value);
    }
}

pub(super) fn walk(line: LineOrders, gaps: Gaps, table: &ValueTable, sums: &mut OrderSums) {
    each_pair(line, gaps, |at, earlier, bin, overtakes| {
        let value = table.of_pair(line.party[at], line.party[earlier])[bin];
        sums.add_pair(at, earlier, [value.weight, value.opportunity + i64::from(overtakes) * value.overtake]);
    });
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

/// The orders a bin or more away are all those before (or behind) a pointer: each order adds, bin by bin, how many there are times how
/// much the value changes from the bin below.
fn opportunities(line: LineOrders, gaps: Gaps, table: &ValueTable, sums: &mut OrderSums) {
    let (n, rows) = (sums.parties.len(), line.party.len());
    let steps = Steps::of(sums.parties, gaps, table);
    // By row and party: how many orders of the party stand before the row, and how many of those are counted.
    let [mut before, mut counted] = [0, 1].map(|_| vec![0_i64; (rows + 1) * n]);
    for row in 0..rows {
        before.copy_within(row * n..(row + 1) * n, (row + 1) * n);
        counted.copy_within(row * n..(row + 1) * n, (row + 1) * n);
        before[(row + 1) * n + sums.numbers[row]] += 1;
        counted[(row + 1) * n + sums.numbers[row]] += i64::from(row >= line.first_counted);
    }
    let mut reached = vec![0_usize; steps.least.len()];
    for at in line.first_counted..rows {
        for (reached, least) in reached.iter_mut().zip(&steps.least) {
            while line.received[at] - line.received[*reached] >= *least {
                *reached += 1;
            }
        }
        let own = sums.numbers[at];
        for other in (0..n).filter(|other| *other != own) {
            let value = steps.sum(own, other, reached.iter().map(|reached| before[reached * n + other]));
            sums.add(at, other, value);
        }
    }
    reached.fill(0);
    for at in 0..rows {
        for (reached, least) in reached.iter_mut().zip(&steps.least) {
            while *reached < rows && line.received[*reached] - line.received[at] < *least {
                *reached += 1;
            }
        }
        let own = sums.numbers[at];
        for other in (0..n).filter(|other| *other != own) {
            // Those from a pointer on are all less those before it; all changes together are nothing, so "all" drops out.
            let value = steps.sum(other, own, reached.iter().map(|reached| -counted[reached * n + other]));
            sums.add(at, other, value);
        }
    }
}

/// Where the value of an opportunity changes with the gap, and by how much.
struct Steps {
    parties: usize,
    /// Least gap of each bin that counts, and the one beyond the window.
    least: Vec<i64>,
    /// By later party, earlier party and entry of `least`: weight and score from there on less those below.
    change: Vec<[i64; 2]>,
}

impl Steps {
    fn of(parties: &[u16], gaps: Gaps, table: &ValueTable) -> Self {
        let bins: Vec<(usize, i64)> = (0..GAP_BINS).filter_map(|bin| Some((bin, gaps.of_bin(bin)?.shortest))).collect();
        let mut change = Vec::new();
        for (later, earlier) in parties.iter().flat_map(|later| parties.iter().map(move |earlier| (*later, *earlier))) {
            let values = table.of_pair(later, earlier);
            let values = bins.iter().map(|(bin, _)| [values[*bin].weight, values[*bin].opportunity]).chain([[0, 0]]);
            let mut below = [0, 0];
            change.extend(values.map(|value| {
                let step = [value[0] - below[0], value[1] - below[1]];
                below = value;
                step
            }));
        }
        let least = bins.iter().map(|(_, least)| *least).chain([gaps.longest.saturating_add(1)]).collect();
        Self { parties: parties.len(), least, change }
    }

    fn sum(&self, later: usize, earlier: usize, counts: impl Iterator<Item = i64>) -> [i64; 2] {
        let change = &self.change[(later * self.parties + earlier) * self.least.len()..][..self.least.len()];
        change.iter().zip(counts).fold([0, 0], |sum, (change, n)| [sum[0] + change[0] * n, sum[1] + change[1] * n])
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
