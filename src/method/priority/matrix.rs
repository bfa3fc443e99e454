//! Overtaking matrices: who passed whom, out of how many chances, against what no preference would give.
//!
//! *Expected under no preference*: of the pairs of A and B in one gap bin the same share is passed whichever of the two came later, so
//! `E_AB = sum_g P_AB,g (O_AB,g + O_BA,g) / (P_AB,g + P_BA,g)`. The asymmetry is that of the verdict (`docs/methodology.md`): the
//! difference of the two rates over gap bins, with a delete-one-block error, from phases in which receipt order decides.

use std::collections::BTreeMap;
use std::ops::Range;

use rayon::prelude::*;

use crate::fairness::sequence::{ByGap, jackknife};
use crate::measure::{GAP_BINS, Passing, Timetable};
use crate::priority::options::phases;
use crate::priority::pairs::{ClientTally, Counted, Doubt, PairTable, Queue};
use crate::priority::{LineScope, Precision, PriorityOptions, PriorityOrders};
use crate::record::{Calendar, PhaseKind, Weight, Zone};
use crate::statistics::student_t_quantile;

/// Clients that have a row of their own in the client matrix; the others are one.
pub const TOP_CLIENTS: usize = 12;
/// Two-sided level of the intervals.
const INTERVAL: f64 = 0.05;

/// Whose passing is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Party {
    /// Client group.
    Group,
    /// Channel of the order.
    Channel,
    /// The clients with most orders, and all others together.
    Client,
}

impl Party {
    /// Its name in tables and in result.json.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Group => "group",
            Self::Channel => "channel",
            Self::Client => "client",
        }
    }
}

/// One matrix.
#[derive(Clone, Debug)]
pub struct Matrix {
    /// Rows and columns are these.
    pub by: Party,
    /// Within what.
    pub scope: LineScope,
    /// Their names, by code.
    pub names: Vec<String>,
    /// Ordered pairs with at least one pair of orders, by (later, earlier).
    pub cells: Vec<MatrixCell>,
    /// The same by phase, phases in which receipt order does not decide included.
    pub phases: Vec<PhaseCell>,
}

/// `later` against `earlier`, in phases in which receipt order decides.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MatrixCell {
    /// Code of the party whose order came later.
    pub later: u16,
    /// Code of the party whose order came earlier.
    pub earlier: u16,
    /// Pairs of orders and pairs passed, both provable.
    pub passing: Passing,
    /// Pairs that look passed by the stamps as they stand.
    pub nominal: u64,
    /// Pairs of the two parties, whichever came later, that stamps cannot order; the same in both directions.
    pub undecidable: u64,
    /// Provable passings that no preference would give.
    pub expected: f64,
    /// How much more often `later` passes `earlier` than it is passed; `None` where there is too little.
    pub asymmetry: Option<AsymmetryInterval>,
    /// Blocks and days that hold a pair of the two.
    pub support: [u64; 2],
}

/// The asymmetry, a share, with a two-sided 95 % interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AsymmetryInterval {
    /// Rate of passing minus rate of being passed.
    pub estimate: f64,
    /// Standard error, by deleting one block at a time.
    pub se: f64,
    /// Degrees of freedom.
    pub df: f64,
    /// Lower end.
    pub lower: f64,
    /// Upper end.
    pub upper: f64,
}

/// One phase of a matrix cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PhaseCell {
    /// The phase.
    pub phase: PhaseKind,
    /// Whether receipt order decides in it.
    pub decides: Weight,
    /// Code of the party whose order came later.
    pub later: u16,
    /// Code of the party whose order came earlier.
    pub earlier: u16,
    /// Provable.
    pub passing: Passing,
    /// By the stamps as they stand.
    pub nominal: u64,
    /// Not to be ordered, as counted with `later` behind `earlier` in the canonical order.
    pub undecidable: u64,
}

/// A client against everybody else, in phases in which receipt order decides; provable pairs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ClientPassing {
    /// Client code.
    pub client: u32,
    /// Its orders that came later.
    pub passes: Passing,
    /// Its orders that came earlier.
    pub passed: Passing,
    /// How often it would pass under no preference.
    pub expected: f64,
}

/// Every matrix, and every client.
#[derive(Clone, Debug)]
pub struct Matrices {
    /// Group matrices in every scope; channel and client matrices in the chosen one.
    pub matrices: Vec<Matrix>,
    /// Clients that met another's order, ascending by code, in the chosen scope.
    pub clients: Vec<ClientPassing>,
}

/// A stretch that is counted apart: a block, or without a window a whole phase.
struct Stretch {
    first: usize,
    rows: Range<usize>,
    day: u32,
    phase: PhaseKind,
    decides: Weight,
}

/// Counts every matrix. O(n log n) a scope, stretches in parallel.
#[must_use]
pub fn passing_matrices(
    orders: &PriorityOrders<'_>,
    timetable: &Timetable,
    (calendar, zone): (&Calendar, Zone),
    precision: Precision,
    options: &PriorityOptions,
) -> Matrices {
    let (top, top_names) = top_clients(orders);
    let n_groups = orders.matched.names.groups.len();
    let mut all = Matrices { matrices: Vec::new(), clients: Vec::new() };
    for scope in LineScope::ALL.into_iter().filter(|scope| orders.has(*scope)) {
        let chosen = scope == options.scope;
        let mut parties: Vec<(Party, &[u16], Vec<String>)> = Vec::new();
        parties.push((Party::Group, &orders.matched.group, orders.matched.names.groups.clone()));
        debug_assert!(orders.matched.group.iter().all(|group| usize::from(*group) < n_groups));
        if chosen && orders.channel.iter().any(|channel| *channel != orders.channel[0]) {
            parties.push((Party::Channel, &orders.channel, orders.channels.clone()));
        }
        if chosen && top_names.len() > 1 {
            parties.push((Party::Client, &top, top_names.clone()));
        }
        let line = orders.lines(scope);
        let window = options.window.map_or(i64::MAX, |window| window.0);
        let queue = Queue { orders: &orders.matched, line: &line, precision, window, without: None };
        let stretches = stretches(&queue, timetable, (calendar, zone), options.window.is_some());
        let (counted, clients) = count(&queue, &stretches, &parties, chosen);
        for (at, (by, _, names)) in parties.into_iter().enumerate() {
            let tables: Vec<&Sparse> = counted.iter().map(|stretch| &stretch[at]).collect();
            all.matrices.push(matrix(by, scope, names, &tables, &stretches));
        }
        if chosen {
            all.clients = clients;
        }
    }
    all
}

/// The channel matrix of the chosen scope as if one client's orders did not exist.
#[must_use]
pub fn channels_without(
    orders: &PriorityOrders<'_>,
    timetable: &Timetable,
    (calendar, zone): (&Calendar, Zone),
    precision: Precision,
    options: &PriorityOptions,
    client: u32,
) -> Matrix {
    let line = orders.lines(options.scope);
    let window = options.window.map_or(i64::MAX, |window| window.0);
    let queue = Queue { orders: &orders.matched, line: &line, precision, window, without: Some(client) };
    let stretches = stretches(&queue, timetable, (calendar, zone), options.window.is_some());
    let parties = [(Party::Channel, orders.channel.as_slice(), orders.channels.clone())];
    let (counted, _) = count(&queue, &stretches, &parties, false);
    let tables: Vec<&Sparse> = counted.iter().map(|stretch| &stretch[0]).collect();
    matrix(Party::Channel, options.scope, orders.channels.clone(), &tables, &stretches)
}

/// Codes of the clients with most orders, by order count and then by name; code [`TOP_CLIENTS`] is everybody else.
fn top_clients(orders: &PriorityOrders<'_>) -> (Vec<u16>, Vec<String>) {
    let names = &orders.matched.names.clients;
    let mut counts = vec![0_u64; names.len()];
    orders.matched.client.iter().for_each(|client| counts[*client as usize] += 1);
    let mut ranked: Vec<usize> = (0..names.len()).filter(|client| counts[*client] > 0).collect();
    ranked.sort_by_key(|client| (std::cmp::Reverse(counts[*client]), *client));
    let others = ranked.len() > TOP_CLIENTS;
    ranked.truncate(TOP_CLIENTS);
    let mut code_of = vec![ranked.len() as u16; names.len()];
    ranked.iter().enumerate().for_each(|(code, client)| code_of[*client] = code as u16);
    let mut shown: Vec<String> = ranked.iter().map(|client| names[*client].clone()).collect();
    if others {
        shown.push("(others)".to_owned());
    }
    (orders.matched.client.iter().map(|client| code_of[*client as usize]).collect(), shown)
}

fn stretches(queue: &Queue<'_>, timetable: &Timetable, (calendar, zone): (&Calendar, Zone), by_block: bool) -> Vec<Stretch> {
    let mut reader = zone.local_reader();
    let mut found = Vec::new();
    for (day, first, end) in phases(timetable) {
        let blocks = &timetable.blocks[first..end];
        let start = blocks[0].rows.start;
        let (date, time) = reader.read(queue.orders.received_at[start]);
        let (phase, decides) = (calendar.phase_at(date, time).kind, blocks[0].receipt_order_decides);
        if by_block {
            let stretch = |rows: &Range<usize>| Stretch { first: queue.before(start..rows.start), rows: rows.clone(), day, phase, decides };
            found.extend(blocks.iter().map(|block| stretch(&block.rows)));
        } else {
            found.push(Stretch { first: start, rows: start..blocks[blocks.len() - 1].rows.end, day, phase, decides });
        }
    }
    found
}

/// The cells of a table that are not zero.
struct Sparse {
    parties: usize,
    passing: Vec<(u32, Passing)>,
    doubt: Vec<(u32, Doubt)>,
}

impl Sparse {
    fn of(table: PairTable) -> Self {
        fn kept<T: Default + PartialEq>(cells: Vec<T>) -> Vec<(u32, T)> {
            (0..).zip(cells).filter(|(_, cell)| *cell != T::default()).collect()
        }
        Self { parties: table.parties, passing: kept(table.passing), doubt: kept(table.doubt) }
    }

    /// Passing of one ordered pair by gap bin.
    fn by_gap(&self, pair: usize) -> [Passing; GAP_BINS] {
        let mut gaps = [Passing::default(); GAP_BINS];
        let start = (pair * GAP_BINS) as u32;
        let from = self.passing.partition_point(|(at, _)| *at < start);
        for (at, passing) in self.passing[from..].iter().take_while(|(at, _)| *at < start + GAP_BINS as u32) {
            gaps[(*at - start) as usize] = *passing;
        }
        gaps
    }

    fn doubt(&self, pair: usize) -> Doubt {
        self.doubt.binary_search_by_key(&(pair as u32), |(at, _)| *at).map_or(Doubt::default(), |at| self.doubt[at].1)
    }
}

/// By client.
type Tallies = Vec<(u32, ClientTally)>;
type Parties<'a> = [(Party, &'a [u16], Vec<String>)];

/// Tables by stretch and party, and the clients.
fn count(queue: &Queue<'_>, stretches: &[Stretch], parties: &Parties<'_>, with_clients: bool) -> (Vec<Vec<Sparse>>, Vec<ClientPassing>) {
    let lists: Vec<(&[u16], usize)> = parties.iter().map(|(_, codes, names)| (*codes, names.len())).collect();
    let one = |stretch: &Stretch| {
        let clients = with_clients && stretch.decides == Weight::Yes;
        let Counted { tables, clients } = queue.count(stretch.first, stretch.rows.clone(), &lists, clients);
        (tables.into_iter().map(Sparse::of).collect::<Vec<_>>(), clients)
    };
    let (tables, clients): (Vec<Vec<Sparse>>, Vec<Tallies>) = stretches.par_iter().map(one).unzip();
    let mut tallies: BTreeMap<u32, ClientTally> = BTreeMap::new();
    for (client, tally) in clients.into_iter().flatten() {
        let sum = tallies.entry(client).or_default();
        for bin in 0..GAP_BINS {
            sum.passes[bin] += tally.passes[bin];
            sum.passed[bin] += tally.passed[bin];
        }
    }
    (tables, tallies.iter().map(|(client, tally)| client_passing(*client, tally)).collect())
}

fn client_passing(client: u32, tally: &ClientTally) -> ClientPassing {
    let expected = expected(&tally.passes, &tally.passed);
    ClientPassing { client, passes: total(&tally.passes), passed: total(&tally.passed), expected }
}

fn total(gaps: &[Passing]) -> Passing {
    let mut sum = Passing::default();
    gaps.iter().for_each(|gap| sum += *gap);
    sum
}

/// Passings of the one direction where in each gap bin both directions pass at one rate.
fn expected(one: &[Passing], other: &[Passing]) -> f64 {
    let bin = |(one, other): (&Passing, &Passing)| {
        let (pairs, passed) = (one.opportunities + other.opportunities, one.overtakes + other.overtakes);
        if pairs == 0 { 0.0 } else { one.opportunities as f64 * passed as f64 / pairs as f64 }
    };
    one.iter().zip(other).map(bin).sum()
}

fn matrix(by: Party, scope: LineScope, names: Vec<String>, tables: &[&Sparse], stretches: &[Stretch]) -> Matrix {
    let parties = names.len();
    let mut pairs: Vec<usize> = tables.iter().flat_map(|table| table.passing.iter().map(|(at, _)| *at as usize / GAP_BINS)).collect();
    pairs.extend(tables.iter().flat_map(|table| table.doubt.iter().map(|(at, _)| *at as usize)));
    let mirrored: Vec<usize> = pairs.iter().map(|pair| pair % parties * parties + pair / parties).collect();
    pairs.extend(mirrored);
    pairs.sort_unstable();
    pairs.dedup();
    debug_assert!(tables.iter().all(|table| table.parties == parties));
    let deciding: Vec<(&Sparse, &Stretch)> =
        tables.iter().copied().zip(stretches).filter(|(_, stretch)| stretch.decides == Weight::Yes).collect();
    let cells = pairs.par_iter().map(|pair| cell(*pair, parties, &deciding)).collect();
    let phases = pairs.iter().flat_map(|pair| phase_cells(*pair, parties, tables, stretches)).collect();
    Matrix { by, scope, names, cells, phases }
}

fn cell(pair: usize, parties: usize, deciding: &[(&Sparse, &Stretch)]) -> MatrixCell {
    let (later, earlier) = (pair / parties, pair % parties);
    let mirror = earlier * parties + later;
    let mut blocks: Vec<(u32, ByGap)> = Vec::new();
    let mut sum: ByGap = [[Passing::default(); GAP_BINS]; 2];
    let (mut nominal, mut undecidable, mut days) = (0, 0, Vec::new());
    for (number, (table, stretch)) in (0..).zip(deciding) {
        let (ours, theirs) = (table.doubt(pair), table.doubt(mirror));
        nominal += ours.nominal;
        undecidable += ours.undecidable + theirs.undecidable;
        let gaps = [table.by_gap(pair), table.by_gap(mirror)];
        if gaps.iter().flatten().any(|gap| gap.opportunities > 0) {
            for (sum, part) in sum.iter_mut().flatten().zip(gaps.iter().flatten()) {
                *sum += *part;
            }
            blocks.push((number, gaps));
            days.push(stretch.day);
        }
    }
    days.dedup();
    MatrixCell {
        later: later as u16,
        earlier: earlier as u16,
        passing: total(&sum[0]),
        nominal,
        undecidable,
        expected: expected(&sum[0], &sum[1]),
        asymmetry: interval(&blocks, &sum),
        support: [blocks.len() as u64, days.len() as u64],
    }
}

fn interval(blocks: &[(u32, ByGap)], sum: &ByGap) -> Option<AsymmetryInterval> {
    let found = jackknife(blocks, sum)?;
    let half = student_t_quantile(INTERVAL / 2.0, found.df) * found.se;
    let (lower, upper) = (found.value - half, found.value + half);
    Some(AsymmetryInterval { estimate: found.value, se: found.se, df: found.df, lower, upper })
}

fn phase_cells(pair: usize, parties: usize, tables: &[&Sparse], stretches: &[Stretch]) -> Vec<PhaseCell> {
    let mut by_phase: BTreeMap<(PhaseKind, Weight), (Passing, Doubt)> = BTreeMap::new();
    for (table, stretch) in tables.iter().zip(stretches) {
        let (passing, doubt) = (total(&table.by_gap(pair)), table.doubt(pair));
        if passing == Passing::default() && doubt == Doubt::default() {
            continue;
        }
        let sum = by_phase.entry((stretch.phase, stretch.decides)).or_default();
        sum.0 += passing;
        sum.1.nominal += doubt.nominal;
        sum.1.undecidable += doubt.undecidable;
    }
    let (later, earlier) = ((pair / parties) as u16, (pair % parties) as u16);
    let row = |((phase, decides), (passing, doubt)): ((PhaseKind, Weight), (Passing, Doubt))| {
        let Doubt { nominal, undecidable } = doubt;
        PhaseCell { phase, decides, later, earlier, passing, nominal, undecidable }
    };
    by_phase.into_iter().map(row).collect()
}
