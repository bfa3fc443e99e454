//! Serials of one terminal's series: skipped, used twice, or given in another order than that of receipt.
//!
//! A series is the serials of one prefix (or column) on one day, or of one pre-assigned block. Numbers may wrap, any number of times:
//! in the order of sending each stands for the number nearest to the one before, going round.

use foldhash::fast::FixedState;
use hashbrown::HashMap;
use rayon::prelude::*;

use crate::order_records::chains::receipts_of_several;
use crate::order_records::kinds::Action;
use crate::order_records::sequence::displaced;
use crate::order_records::serial_form::{LONGEST_PREFIX, Parsed, SerialForm};
use crate::order_records::{Case, Doubt, FoundRow, Reason, RecordCheck, Side};
use crate::reconcile::{Links, OrderClass, Records};
use crate::record::shift::DAY;
use crate::record::{Column, IdColumn, LocalReader, NO_NAME, Timestamp, TradeDate, Zone};

/// When a series starts anew.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Restart {
    /// Every trading day.
    #[default]
    Daily,
    /// Never: it runs on overnight.
    Never,
}

/// Serials handed to a terminal in advance, both ends included.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SerialBlock {
    /// First.
    pub first: String,
    /// Last.
    pub last: String,
}

/// How serials are kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SerialOptions {
    /// How they are written; `None`: the form that leaves the fewest gaps is taken.
    pub form: Option<SerialForm>,
    /// When a series starts anew.
    pub restart: Restart,
    /// A column that parts series beside the prefix: a terminal, a gateway.
    pub series: Option<Column>,
    /// Blocks handed out in advance; empty: none.
    pub blocks: Vec<SerialBlock>,
}

/// What tells whether two receipts can be told apart in time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReceiptOrder {
    /// Receipts apart by less than this many nanoseconds tie in their stamps.
    pub resolution: i64,
    /// Receipts must be apart by as many more to prove an order, where clocks differ.
    pub clocks: i64,
}

/// A series in figures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SerialSeries {
    /// Its prefix, column value, block and date in words.
    pub name: String,
    /// First and last serial used, in the order of use.
    pub first: String,
    /// See `first`.
    pub last: String,
    /// What is counted of it.
    pub counts: SerialCounts,
    /// Whether the numbers went past their end.
    pub wrapped: bool,
}

/// Counts of a series, or of several together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SerialCounts {
    /// Orders.
    pub orders: u64,
    /// Gaps, and the serials missing in them.
    pub gaps: u64,
    /// See `gaps`.
    pub missing: u64,
    /// Orders whose serial was used before.
    pub repeats: u64,
    /// Orders out of receipt order: by the stamps alone, and beyond what the stamps leave open.
    pub nominal: u64,
    /// See `nominal`.
    pub provable: u64,
    /// Neighbours whose receipts cannot be told apart.
    pub undecidable: u64,
}

impl std::ops::Add for SerialCounts {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            orders: self.orders + other.orders,
            gaps: self.gaps + other.gaps,
            missing: self.missing + other.missing,
            repeats: self.repeats + other.repeats,
            nominal: self.nominal + other.nominal,
            provable: self.provable + other.provable,
            undecidable: self.undecidable + other.undecidable,
        }
    }
}

/// The series, and the rows behind R08 to R10.
#[derive(Clone, Debug)]
pub struct SerialFound {
    /// How the serials were read.
    pub form: Option<SerialForm>,
    /// Every series, ascending by name.
    pub series: Vec<SerialSeries>,
    /// R08, R09, R10.
    pub checks: Vec<RecordCheck>,
}

/// An order's serial: number, row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Entry {
    number: u64,
    row: u32,
}

/// What names a series.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct SeriesKey {
    date: TradeDate,
    /// Code of the column, [`NO_NAME`] where there is none.
    column: u32,
    prefix: u64,
    /// Block number + 1; 0 without blocks.
    block: u32,
}

/// A text within its key: bytes and length.
type ShortText = ([u8; 16], usize);
/// Stands for a serial too long for any form.
const TOO_LONG: ShortText = ([b'-'; 16], 16);
/// Orders the form is recognised by.
const LOOKED_AT: usize = 1 << 16;
/// Share of orders whose serial may be unreadable before the form itself is in doubt.
const MOST_UNREADABLE: f64 = 0.01;

/// How the serials of the orders are read: as the study says, else by the form that leaves the fewest gaps among the first of them; `None`
/// where there are none, or no form is recognised.
#[must_use]
pub fn serial_form_of(orders: &Records, links: &Links, zone: Zone, options: &SerialOptions) -> Option<SerialForm> {
    let ids = orders.ids(Column::Serial)?;
    options.form.or_else(|| {
        let (date_of, mut local) = (dates(orders, options.restart), zone.local_reader());
        let looked = (0..orders.len()).filter(|order| is_numbered(ids, links, *order)).take(LOOKED_AT);
        let looked: Vec<(u32, ShortText)> =
            looked.map(|order| (date_of(&mut local, order).0 as u32, ids.keys[order].whole_bytes().unwrap_or(TOO_LONG))).collect();
        SerialForm::recognised(&looked.iter().map(|(date, (bytes, length))| (*date, &bytes[..*length])).collect::<Vec<_>>())
    })
}

/// Whether an order has a serial and is no copy of another.
fn is_numbered(ids: &IdColumn, links: &Links, order: usize) -> bool {
    links.order_class(order) != OrderClass::Duplicate && !ids.keys[order].is_absent()
}

/// The local date whose series an order is of.
fn dates(orders: &Records, restart: Restart) -> impl Fn(&mut LocalReader, usize) -> TradeDate {
    let sent = orders.times(Column::SentAt).unwrap_or(&[]);
    move |local, order| match restart {
        Restart::Daily => local.read(Timestamp(sent[order])).0,
        Restart::Never => TradeDate(0),
    }
}

/// Every series of the orders, read by `form`, see [`serial_form_of`]. `wrong` marks receipts whose stamp is known to be wrong.
#[must_use]
pub fn serials(case: &Case<'_>, read: (&SerialOptions, Option<SerialForm>), precision: ReceiptOrder, wrong: &[bool]) -> SerialFound {
    let (options, form) = read;
    const CODES: [&str; 3] = ["R08", "R09", "R10"];
    let none = |why: Doubt| SerialFound {
        form: None,
        series: Vec::new(),
        checks: CODES.map(|code| RecordCheck::not_run(code, why.clone())).to_vec(),
    };
    let Some(ids) = case.orders.ids(Column::Serial) else { return none(Doubt::NoColumn(Column::Serial)) };
    let date_of = dates(case.orders, options.restart);
    let Some(form) = form else {
        let examined = (0..case.orders.len()).filter(|order| is_numbered(ids, case.links, *order)).count() as u64;
        let doubt = if examined == 0 { Doubt::Nothing } else { Doubt::SerialForm };
        return none(doubt);
    };
    let read = Read::of(case, options, form, &date_of);
    let (starts_open, several) = (options.blocks.is_empty(), receipts_of_several(case));
    let one = |code: usize| {
        let (gaps, repeats, displaced) = (Vec::new(), Vec::new(), Vec::new());
        let mut found = Found { case, form, precision, wrong, several: &several, read: &read, gaps, repeats, displaced };
        let series = found.series(code, starts_open, options);
        (series, [found.gaps, found.repeats, found.displaced])
    };
    let (series, rows): (Vec<SerialSeries>, Vec<[Vec<FoundRow>; 3]>) = (0..read.entries.len()).into_par_iter().map(one).unzip();
    let examined = read.entries.iter().map(|entries| entries.len() as u64).sum();
    let [mut gaps, mut repeats, mut displaced] = [Vec::new(), Vec::new(), Vec::new()];
    for [of_gaps, of_repeats, of_displaced] in rows {
        gaps.extend(of_gaps);
        repeats.extend(of_repeats);
        displaced.extend(of_displaced);
    }
    gaps.extend(read.outside.iter().copied());
    let mut gaps = RecordCheck::of("R08", examined, gaps);
    if read.unreadable.len() as f64 > MOST_UNREADABLE * examined as f64 {
        gaps.doubts.push(Doubt::SerialForm);
    }
    gaps.rows.extend(read.unreadable.iter().copied());
    gaps.rows.extend(without_serial(case, ids));
    let mut repeats = RecordCheck::of("R09", examined, repeats);
    if case.orders.names(Column::Kind).is_none() && !repeats.rows.is_empty() {
        repeats.doubts.push(Doubt::NoKind);
    }
    let out_of_order = RecordCheck::of("R10", examined, displaced);
    SerialFound { form: Some(form), series: sorted(series), checks: vec![gaps, repeats, out_of_order] }
}

fn sorted(mut series: Vec<SerialSeries>) -> Vec<SerialSeries> {
    series.sort_by(|a, b| a.name.cmp(&b.name));
    series
}

/// Orders without a serial, where others have one; copies left out.
fn without_serial<'a>(case: &'a Case<'_>, ids: &'a crate::record::IdColumn) -> impl Iterator<Item = FoundRow> + 'a {
    let lacks = |order: &usize| case.links.order_class(*order) != OrderClass::Duplicate && ids.keys[*order].is_absent();
    (0..case.orders.len()).filter(lacks).map(|order| FoundRow::alone(Side::Orders, order as u32, Reason::NoSerial, 0).only_if(false))
}

/// Every serial that can be read.
struct Read {
    /// By series, each in the order of its rows.
    entries: Vec<Vec<Entry>>,
    keys: Vec<SeriesKey>,
    /// Digits of each series, where all its serials have as many.
    n_digits: Vec<Option<u8>>,
    unreadable: Vec<FoundRow>,
    outside: Vec<FoundRow>,
    /// First and last number of each block.
    blocks: Vec<(u64, Parsed, Parsed)>,
    /// Whether any order has the number zero.
    uses_zero: bool,
    /// Which kinds are new orders.
    is_new: Vec<bool>,
}

impl Read {
    fn of(
        case: &Case<'_>,
        options: &SerialOptions,
        form: SerialForm,
        date_of: &impl Fn(&mut crate::record::LocalReader, usize) -> TradeDate,
    ) -> Self {
        let mut read = Self {
            entries: Vec::new(),
            keys: Vec::new(),
            n_digits: Vec::new(),
            unreadable: Vec::new(),
            outside: Vec::new(),
            uses_zero: false,
            is_new: case
                .orders
                .names(Column::Kind)
                .map_or(Vec::new(), |kinds| Action::of_names(kinds).into_iter().map(|action| action == Action::New).collect()),
            blocks: options
                .blocks
                .iter()
                .filter_map(|block| {
                    let (first, last) = (form.parse(block.first.as_bytes())?, form.parse(block.last.as_bytes())?);
                    Some((first.prefix, first, last))
                })
                .collect(),
        };
        let Some(ids) = case.orders.ids(Column::Serial) else { return read };
        let column = options.series.and_then(|column| case.orders.names(column));
        let mut codes: HashMap<SeriesKey, u32, FixedState> = HashMap::default();
        let mut local = case.zone.local_reader();
        let mut last: Option<(SeriesKey, u32)> = None;
        for order in 0..case.orders.len() {
            if case.links.order_class(order) == OrderClass::Duplicate || ids.keys[order].is_absent() {
                continue;
            }
            let parsed = match ids.keys[order].whole_bytes() {
                Some((bytes, length)) if form.prefix <= LONGEST_PREFIX => form.parse(&bytes[..length]),
                _ => None,
            };
            let Some(parsed) = parsed else {
                read.unreadable.push(FoundRow::alone(Side::Orders, order as u32, Reason::UnreadableSerial, 0).only_if(false));
                continue;
            };
            let within = |(prefix, first, last): &(u64, Parsed, Parsed)| {
                *prefix == parsed.prefix && (first.number..=last.number).contains(&parsed.number)
            };
            let block = if read.blocks.is_empty() { Some(0) } else { read.blocks.iter().position(within).map(|at| at as u32 + 1) };
            let Some(block) = block else {
                read.outside.push(FoundRow::alone(Side::Orders, order as u32, Reason::OutsideBlocks, 0));
                continue;
            };
            let column = column.map_or(NO_NAME, |column| column.codes.get(order));
            let key = SeriesKey { date: date_of(&mut local, order), column, prefix: parsed.prefix, block };
            let known = last.filter(|(last, _)| *last == key).map(|(_, code)| code);
            let code = known.unwrap_or_else(|| {
                *codes.entry(key).or_insert_with(|| {
                    read.keys.push(key);
                    read.n_digits.push(Some(parsed.n_digits));
                    read.entries.push(Vec::new());
                    read.keys.len() as u32 - 1
                })
            });
            last = Some((key, code));
            let digits = &mut read.n_digits[code as usize];
            *digits = digits.filter(|known| *known == parsed.n_digits);
            read.uses_zero |= parsed.number == 0;
            read.entries[code as usize].push(Entry { number: parsed.number, row: order as u32 });
        }
        read
    }
}

/// What was found so far.
struct Found<'a> {
    case: &'a Case<'a>,
    form: SerialForm,
    precision: ReceiptOrder,
    wrong: &'a [bool],
    /// Receipts that several orders came from.
    several: &'a [bool],
    read: &'a Read,
    gaps: Vec<FoundRow>,
    repeats: Vec<FoundRow>,
    displaced: Vec<FoundRow>,
}

impl Found<'_> {
    /// One series, whose entries stand in the order of their rows.
    fn series(&mut self, code: usize, starts_open: bool, options: &SerialOptions) -> SerialSeries {
        let entries = &self.read.entries[code];
        let (key, n_digits) = (self.read.keys[code], self.read.n_digits[code]);
        let modulus = n_digits.filter(|_| starts_open).and_then(|digits| self.form.alphabet.base().checked_pow(u32::from(digits)));
        let unwrapped = self.unwrapped(entries, modulus);
        // Every number once, with the order that used it first.
        let mut used: Vec<Entry> = Vec::with_capacity(unwrapped.len());
        let repeats_before = self.repeats.len();
        for same in unwrapped.chunk_by(|a, b| a.number == b.number) {
            used.push(self.first_use(same));
        }
        let (gaps_before, displaced_before) = (self.gaps.len(), self.displaced.len());
        let mut missing = 0;
        if !starts_open && options.restart == Restart::Daily {
            let first = self.read.blocks[key.block as usize - 1].1.number;
            missing += self.gap(None, used[0], used[0].number - first, Reason::BlockStart);
        }
        for pair in used.windows(2) {
            let (before, after) = (pair[0].number, pair[1].number);
            // Where no series uses zero, a wrap passes it over.
            let zeros = modulus.filter(|_| !self.read.uses_zero).map_or(0, |modulus| (after - 1) / modulus - before / modulus);
            missing += self.gap(Some(pair[0]), pair[1], after - before - 1 - zeros, Reason::SerialGap);
        }
        let wrapped = modulus.is_some_and(|modulus| used[0].number / modulus != used[used.len() - 1].number / modulus);
        let (provable, undecidable) = self.receipt_order(&used);
        let text = |entry: Entry| {
            let number = modulus.map_or(entry.number, |modulus| entry.number % modulus);
            let digits = n_digits.map_or(1, usize::from).max(n_written(number, self.form));
            format!("{}{}", SerialForm::prefix_text(key.prefix), self.form.alphabet.written(number, digits))
        };
        SerialSeries {
            name: self.name(key, options),
            first: text(used[0]),
            last: text(used[used.len() - 1]),
            counts: SerialCounts {
                orders: entries.len() as u64,
                gaps: (self.gaps.len() - gaps_before) as u64,
                missing,
                repeats: (self.repeats.len() - repeats_before) as u64,
                nominal: (self.displaced.len() - displaced_before) as u64,
                provable,
                undecidable,
            },
            wrapped,
        }
    }

    fn name(&self, key: SeriesKey, options: &SerialOptions) -> String {
        let column = options.series.and_then(|column| self.case.orders.names(column)).map_or("", |names| names.name(key.column));
        let date = if options.restart == Restart::Daily { key.date.to_string() } else { String::new() };
        let block = key.block.checked_sub(1).map(|at| &options.blocks[at as usize]);
        let block = block.map_or(String::new(), |block| format!("{}-{}", block.first, block.last));
        let prefix = SerialForm::prefix_text(key.prefix);
        [date.as_str(), column, if block.is_empty() { &prefix } else { &block }]
            .into_iter()
            .filter(|part| !part.is_empty())
            .collect::<Vec<_>>()
            .join(" ")
    }

    /// The entries with numbers that do not wrap, ascending.
    fn unwrapped(&self, entries: &[Entry], modulus: Option<u64>) -> Vec<Entry> {
        // Stable sorts: they run through what is nearly in order, as rows are by sending and serials by rows.
        let mut unwrapped = entries.to_vec();
        let Some(modulus) = modulus else {
            unwrapped.sort_by_key(|entry| (entry.number, entry.row));
            return unwrapped;
        };
        let sent = self.case.orders.times(Column::SentAt).unwrap_or(&[]);
        unwrapped.sort_by_key(|entry| (sent[entry.row as usize], entry.row));
        let mut reference = modulus + unwrapped[0].number;
        for entry in &mut unwrapped {
            // The number nearest to the reference, of those that read so.
            let ahead = (entry.number + modulus - reference % modulus) % modulus;
            let position =
                if ahead <= modulus / 2 || reference + ahead < modulus { reference + ahead } else { reference + ahead - modulus };
            entry.number = position;
            if self.is_new(entry.row) {
                reference = position;
            }
        }
        unwrapped.sort_by_key(|entry| (entry.number, entry.row));
        unwrapped
    }

    fn is_new(&self, order: u32) -> bool {
        let kinds = self.case.orders.names(Column::Kind);
        kinds.is_none_or(|kinds| match kinds.codes.get(order as usize) {
            NO_NAME => true,
            code => self.read.is_new[code as usize],
        })
    }

    /// The first order of a serial, of whatever kind; later new orders repeat it, amends and cancels may keep it.
    fn first_use(&mut self, same: &[Entry]) -> Entry {
        if same.len() == 1 {
            return same[0];
        }
        let sent = self.case.orders.times(Column::SentAt).unwrap_or(&[]);
        let mut by_time = same.to_vec();
        by_time.sort_unstable_by_key(|entry| (sent[entry.row as usize], entry.row));
        let first = by_time[0];
        let new = by_time[1..].iter().filter(|entry| self.is_new(entry.row));
        let rows = new.map(|entry| {
            let row = FoundRow::alone(Side::Orders, entry.row, Reason::SerialRepeat, 0).beside(Side::Orders, first.row);
            row.only_if(self.case.orders.names(Column::Kind).is_some())
        });
        let rows: Vec<FoundRow> = rows.collect();
        self.repeats.extend(rows);
        first
    }

    fn gap(&mut self, before: Option<Entry>, after: Entry, missing: u64, reason: Reason) -> u64 {
        if missing > 0 {
            let row = FoundRow::alone(Side::Orders, after.row, reason, missing as i64);
            self.gaps.push(before.map_or(row, |before| row.beside(Side::Orders, before.row)));
        }
        missing
    }

    /// Whether receipts follow the serials: the first order of each receipt counts. How many are provably out, and how many neighbours
    /// cannot be told apart.
    fn receipt_order(&mut self, used: &[Entry]) -> (u64, u64) {
        let case = self.case;
        let received = case.receipts.times(Column::ReceivedAt).unwrap_or(&[]);
        let sent = case.orders.times(Column::SentAt).unwrap_or(&[]);
        let mut seen: hashbrown::HashSet<u32, FixedState> = hashbrown::HashSet::default();
        let mut rows: Vec<(u32, i64)> = Vec::with_capacity(used.len());
        for entry in used {
            let Some(receipt) = case.links.matched_receipt(entry.row as usize) else { continue };
            let took = sent[entry.row as usize].saturating_sub(received[receipt]);
            // Sent before it was received, or days later: an id used again is linked to an old receipt, which may have a first order of its own.
            let known_wrong = self.wrong.get(receipt).copied().unwrap_or(false) || !(0..DAY).contains(&took);
            if !known_wrong && (!self.several[receipt] || seen.insert(receipt as u32)) {
                rows.push((entry.row, received[receipt]));
            }
        }
        let times: Vec<i64> = rows.iter().map(|row| row.1).collect();
        let ReceiptOrder { resolution, clocks } = self.precision;
        let found = displaced(&times);
        let provable = |by: i64| by >= resolution + clocks;
        let named = found.iter().map(|one| {
            let row = FoundRow::alone(Side::Orders, rows[one.at].0, Reason::SerialOutOfReceiptOrder, one.by);
            row.beside(Side::Orders, rows[one.against].0).only_if(provable(one.by))
        });
        self.displaced.extend(named);
        let ties = times.windows(2).filter(|pair| pair[1].abs_diff(pair[0]) < (resolution + clocks).unsigned_abs()).count();
        (found.iter().filter(|one| provable(one.by)).count() as u64, ties as u64)
    }
}

fn n_written(mut number: u64, form: SerialForm) -> usize {
    let mut digits = 1;
    while number >= form.alphabet.base() {
        number /= form.alphabet.base();
        digits += 1;
    }
    digits
}
