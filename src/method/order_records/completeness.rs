//! What the record of each order holds, by channel and group, and the rows that lack something.
//!
//! The account or name and the receipt time belong to every record; the further items to those of the later lists. An item counts as
//! held where the order or its receipt has it.

use std::collections::BTreeMap;

use rayon::prelude::*;

use crate::order_records::channels::Channels;
use crate::order_records::kinds::{is_automated, is_internet};
use crate::order_records::outcomes::AccountMarks;
use crate::order_records::{Case, Doubt, FoundRow, Reason, RecordCheck, Side};
use crate::reconcile::{OrderClass, ReceiptClass, Records};
use crate::record::{Column, NO_NAME, NO_TIME, NameColumn, TradeDate, UNKNOWN_GROUP};

/// An item of the order record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Item {
    /// Account or name of the client.
    Account,
    /// When the client's order was received.
    ReceivedAt,
    /// Instrument.
    Instrument,
    /// Kind of order: price kind, trade type, validity.
    Kind,
    /// How the order was placed: the channel.
    Method,
    /// Who handled it.
    Handler,
    /// When it was sent to the exchange.
    SentAt,
    /// Its serial.
    Serial,
    /// Internet address, of internet orders.
    Ip,
}

impl Item {
    /// Every item, in the order of the matrix.
    pub const ALL: [Self; 9] =
        [Self::Account, Self::ReceivedAt, Self::Instrument, Self::Kind, Self::Method, Self::Handler, Self::SentAt, Self::Serial, Self::Ip];

    /// Its name in the result.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Account => "account_or_name",
            Self::ReceivedAt => "received_at",
            Self::Instrument => "instrument",
            Self::Kind => "kind",
            Self::Method => "method",
            Self::Handler => "handler",
            Self::SentAt => "sent_at",
            Self::Serial => "serial",
            Self::Ip => "ip",
        }
    }

    /// Whether it belongs to the later list, and not to the two that every record has held from the first.
    #[must_use]
    pub const fn is_of_later_list(self) -> bool {
        !matches!(self, Self::Account | Self::ReceivedAt)
    }

    const fn bit(self) -> i64 {
        1 << self as i64
    }

    /// The items of a set.
    pub fn of_set(set: i64) -> impl Iterator<Item = Self> {
        Self::ALL.into_iter().filter(move |item| set & item.bit() != 0)
    }
}

/// Orders of one channel and group, and how many of their records hold each item.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cell {
    /// Channel as written; empty where there is none.
    pub channel: String,
    /// Group code.
    pub group: u16,
    /// Orders, further copies left out.
    pub orders: u64,
    /// Of them, made by an algorithm or an automated channel.
    pub automated: u64,
    /// Of those, without a receipt.
    pub automated_without_receipt: u64,
    /// Records in which each item of [`Item::ALL`] is due.
    pub due: [u64; 9],
    /// And held.
    pub held: [u64; 9],
}

/// The matrix.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Matrix {
    /// Whether the files have a column for each item of [`Item::ALL`].
    pub in_files: [bool; 9],
    /// Ascending by channel and group.
    pub cells: Vec<Cell>,
    /// Whether anything says of an order if it was automated.
    pub marks_automated: bool,
}

/// The matrix, and the rows behind R01, R02, R04 to R06 and R13.
#[derive(Clone, Debug)]
pub struct Completeness {
    /// By channel and group.
    pub matrix: Matrix,
    /// R01, R02, R04, R05, R06, R13.
    pub checks: Vec<RecordCheck>,
    /// Orders of error accounts without a receipt, which R01 does not name, and of them those made by an algorithm.
    pub excused: (u64, u64),
}

/// First date of the later list of items: 2020-04-20, as days since 1970-01-01.
const LATER_LIST: TradeDate = TradeDate(18_372);
/// An instant from which every zone has reached it, nanoseconds: most orders need no calendar.
const AFTER_LATER_LIST: i64 = (LATER_LIST.0 as i64 + 2) * 86_400_000_000_000;

/// Orders looked at by one worker at a time.
const CHUNK: usize = 1 << 17;

/// What was found of a stretch of orders.
#[derive(Default)]
struct Stretch {
    cells: BTreeMap<(u16, u16), Cell>,
    missing_receipt: Vec<FoundRow>,
    items: Vec<FoundRow>,
    examined_items: u64,
    excused: (u64, u64),
}

impl Stretch {
    fn append(&mut self, next: Self) {
        for (key, part) in next.cells {
            self.cells.entry(key).or_default().add(&part);
        }
        self.missing_receipt.extend(next.missing_receipt);
        self.items.extend(next.items);
        self.examined_items += next.examined_items;
        self.excused = (self.excused.0 + next.excused.0, self.excused.1 + next.excused.1);
    }
}

impl Cell {
    fn add(&mut self, part: &Self) {
        self.orders += part.orders;
        self.automated += part.automated;
        self.automated_without_receipt += part.automated_without_receipt;
        self.due.iter_mut().zip(part.due).for_each(|(sum, part)| *sum += part);
        self.held.iter_mut().zip(part.held).for_each(|(sum, part)| *sum += part);
    }
}

/// Looks at every order and receipt once.
#[must_use]
pub fn completeness(case: &Case<'_>) -> Completeness {
    let columns = Columns::of(case);
    let marks_automated = columns.mark_automated();
    let marks = AccountMarks::of_orders(case);
    let starts: Vec<usize> = (0..case.orders.len()).step_by(CHUNK).collect();
    let stretch = |start: &usize| stretch(case, &columns, &marks, *start..case.orders.len().min(start + CHUNK));
    let stretches: Vec<Stretch> = starts.par_iter().map(stretch).collect();
    let mut all = Stretch::default();
    stretches.into_iter().for_each(|stretch| all.append(stretch));
    let Stretch { cells, missing_receipt, items, examined_items, excused } = all;

    let n_orders = cells.values().map(|cell| cell.orders).sum();
    let mut checks = vec![RecordCheck::of("R01", n_orders, missing_receipt), receipts_incomplete(case)];
    checks.extend([copies(case), contradicted(case), without_order(case)]);
    checks.push(further_items(&columns, examined_items, items));
    let named = |((channel, group), cell): ((u16, u16), Cell)| Cell {
        channel: columns.channels.names()[usize::from(channel)].clone(),
        group,
        ..cell
    };
    let cells = cells.into_iter().map(named).collect();
    Completeness { matrix: Matrix { in_files: columns.in_files, cells, marks_automated }, checks, excused }
}

fn stretch(case: &Case<'_>, columns: &Columns<'_>, marks: &AccountMarks<'_>, orders: std::ops::Range<usize>) -> Stretch {
    let marks_automated = columns.mark_automated();
    let sent = case.orders.times(Column::SentAt).unwrap_or(&[]);
    let mut local = case.zone.local_reader();
    let mut found = Stretch::default();
    // An item that no file has is held by no record; which orders it is due of is the same for all but the address.
    let in_files: Vec<Item> = Item::ALL.into_iter().filter(|item| columns.in_files[*item as usize]).collect();
    let n_groups = case.attribution.groups.len();
    let mut cells = vec![Cell::default(); columns.channels.names().len() * n_groups];
    for order in orders {
        let class = case.links.order_class(order);
        if class == OrderClass::Duplicate {
            continue;
        }
        let receipt = case.links.receipt_of(order);
        let channel = columns.channels.code(order, receipt);
        let (is_automated, is_internet) = (columns.is_automated(order, channel), columns.internet[usize::from(channel)]);
        let cell = &mut cells[usize::from(channel) * n_groups + usize::from(case.attribution.order_group[order])];
        cell.orders += 1;
        cell.automated += u64::from(is_automated);
        if class == OrderClass::MissingReceipt && marks.is_error(order) {
            found.excused = (found.excused.0 + 1, found.excused.1 + u64::from(is_automated));
        } else if class == OrderClass::MissingReceipt {
            cell.automated_without_receipt += u64::from(is_automated);
            let reason = match (marks_automated, is_automated) {
                (false, _) => Reason::Unmarked,
                (true, true) => Reason::Automated,
                (true, false) => Reason::NotAutomated,
            };
            found.missing_receipt.push(FoundRow::alone(Side::Orders, order as u32, reason, 0));
        }
        cell.due[Item::Ip as usize] += u64::from(is_internet);
        let mut lacking = 0;
        for item in in_files.iter().copied().filter(|item| *item != Item::Ip || is_internet) {
            let held = columns.holds(case, item, order, receipt);
            cell.held[item as usize] += u64::from(held);
            if !held && item.is_of_later_list() {
                lacking |= item.bit();
            }
        }
        if sent[order] >= AFTER_LATER_LIST || local.read(crate::record::Timestamp(sent[order])).0 >= LATER_LIST {
            found.examined_items += 1;
            if lacking != 0 {
                found.items.push(FoundRow::alone(Side::Orders, order as u32, Reason::ItemsMissing, lacking));
            }
        }
    }
    for (at, mut cell) in cells.into_iter().enumerate().filter(|(_, cell)| cell.orders > 0) {
        Item::ALL.into_iter().filter(|item| *item != Item::Ip).for_each(|item| cell.due[item as usize] = cell.orders);
        found.cells.insert(((at / n_groups) as u16, (at % n_groups) as u16), cell);
    }
    found
}

fn further_items(columns: &Columns<'_>, examined: u64, rows: Vec<FoundRow>) -> RecordCheck {
    let absent = Item::ALL.into_iter().filter(|item| item.is_of_later_list() && !columns.in_files[*item as usize]);
    let doubts: Vec<Doubt> = absent.map(|item| Doubt::NoColumn(column_of(item))).collect();
    if examined == 0 {
        return RecordCheck::not_run("R13", Doubt::Nothing);
    }
    RecordCheck { doubts, ..RecordCheck::of("R13", examined, rows) }
}

/// Receipts without account and name (R02).
fn receipts_incomplete(case: &Case<'_>) -> RecordCheck {
    let columns = [case.receipts.names(Column::Account), case.receipts.names(Column::Client)];
    let kept = || (0..case.receipts.len()).filter(|receipt| case.links.receipt_class(*receipt) != ReceiptClass::Duplicate);
    if columns.iter().all(Option::is_none) {
        let examined = kept().count() as u64;
        return RecordCheck::of("R02", examined, Vec::new()).doubting(Doubt::NoColumn(Column::Account));
    }
    let nameless = |receipt: &usize| columns.iter().flatten().all(|column| column.codes.get(*receipt) == NO_NAME);
    let mut check = RecordCheck::of("R02", 0, Vec::new());
    for receipt in kept() {
        check.examined += 1;
        if nameless(&receipt) {
            check.rows.push(FoundRow::alone(Side::Receipts, receipt as u32, Reason::NoAccount, 0));
        }
    }
    check
}

/// Further copies on either side (R04).
fn copies(case: &Case<'_>) -> RecordCheck {
    let of = |side: Side, copies: &[(u32, u32)]| -> Vec<FoundRow> {
        let (records, column) = if side == Side::Orders { (case.orders, Column::SentAt) } else { (case.receipts, Column::ReceivedAt) };
        let times = records.times(column).unwrap_or(&[]);
        let apart = |lost: u32, kept: u32| {
            times.get(lost as usize).zip(times.get(kept as usize)).map_or(0, |(lost, kept)| lost.saturating_sub(*kept))
        };
        let copy = |(lost, kept): &(u32, u32)| {
            let apart = apart(*lost, *kept);
            let reason = if apart == 0 { Reason::Copy } else { Reason::CopyElsewhen };
            FoundRow::alone(side, *lost, reason, apart).beside(side, *kept)
        };
        copies.iter().map(copy).collect()
    };
    let mut rows = of(Side::Orders, &case.links.order_copies);
    rows.extend(of(Side::Receipts, &case.links.receipt_copies));
    RecordCheck::of("R04", (case.orders.len() + case.receipts.len()) as u64, rows)
}

/// Orders whose receipt's copies contradict each other (R05).
fn contradicted(case: &Case<'_>) -> RecordCheck {
    let rows = (0..case.orders.len()).filter(|order| case.links.order_class(*order) == OrderClass::Ambiguous).map(|order| {
        let row = FoundRow::alone(Side::Orders, order as u32, Reason::Contradicted, 0);
        case.links.receipt_of(order).map_or(row, |receipt| row.beside(Side::Receipts, receipt as u32))
    });
    RecordCheck::of("R05", case.orders.len() as u64, rows.collect())
}

/// Receipts that no order came from (R06). With its outcome on record such a receipt is as it should be.
fn without_order(case: &Case<'_>) -> RecordCheck {
    let outcome = case.receipts.names(Column::Outcome);
    let orphans = (0..case.receipts.len()).filter(|receipt| case.links.receipt_class(*receipt) == ReceiptClass::Orphan);
    let row = |receipt: usize| {
        let known = outcome.is_some_and(|column| column.codes.get(receipt) != NO_NAME);
        (!known).then(|| FoundRow::alone(Side::Receipts, receipt as u32, Reason::NoOutcome, 0))
    };
    let check = RecordCheck::of("R06", case.receipts.len() as u64, orphans.filter_map(row).collect());
    let named = check.rows.is_empty() || outcome.is_some();
    if named { check } else { check.doubting(Doubt::NoColumn(Column::Outcome)) }
}

/// Whether the share of orders without a receipt differs between groups (R12): by more than 0.5 points and three standard errors.
#[must_use]
pub fn unmatched_by_group(case: &Case<'_>) -> RecordCheck {
    const LEAST_DIFFERENCE: f64 = 0.005;
    const STANDARD_ERRORS: f64 = 3.0;
    let mut counts = vec![(0_u64, 0_u64); case.attribution.groups.len()];
    for order in 0..case.orders.len() {
        let class = case.links.order_class(order);
        if class != OrderClass::Duplicate {
            let count = &mut counts[usize::from(case.attribution.order_group[order])];
            *count = (count.0 + u64::from(class == OrderClass::MissingReceipt), count.1 + 1);
        }
    }
    let mut known: Vec<(u16, u64, u64)> = (0..)
        .zip(counts)
        .filter(|(group, (_, all))| *all > 0 && case.attribution.groups[usize::from(*group)] != UNKNOWN_GROUP)
        .map(|(group, (missing, all))| (group, missing, all))
        .collect();
    let share = |one: &(u16, u64, u64)| one.1 as f64 / one.2 as f64;
    known.sort_by(|a, b| share(a).total_cmp(&share(b)).then(a.0.cmp(&b.0)));
    let examined = known.iter().map(|one| one.2).sum();
    let check = RecordCheck::of("R12", examined, Vec::new());
    let (Some(least), Some(most)) = (known.first(), known.last()) else { return RecordCheck::not_run("R12", Doubt::Nothing) };
    let pooled = (least.1 + most.1) as f64 / (least.2 + most.2) as f64;
    let error = libm::sqrt(pooled * (1.0 - pooled) * (1.0 / least.2 as f64 + 1.0 / most.2 as f64));
    let difference = share(most) - share(least);
    if difference > LEAST_DIFFERENCE && difference > STANDARD_ERRORS * error {
        return check.doubting(Doubt::GroupsDiffer { least: (least.0, share(least)), most: (most.0, share(most)) });
    }
    check
}

fn column_of(item: Item) -> Column {
    match item {
        Item::Account => Column::Account,
        Item::ReceivedAt => Column::ReceivedAt,
        Item::Instrument => Column::Symbol,
        Item::Kind => Column::Kind,
        Item::Method => Column::Channel,
        Item::Handler => Column::Handler,
        Item::SentAt => Column::SentAt,
        Item::Serial => Column::Serial,
        Item::Ip => Column::Ip,
    }
}

/// The columns that hold the items, on either side.
struct Columns<'a> {
    in_files: [bool; 9],
    /// Name columns of the orders and of the receipts, by item.
    names: [[Option<&'a NameColumn>; 2]; 9],
    client: Option<&'a NameColumn>,
    channels: Channels<'a>,
    /// By channel code: whether its orders are made by an algorithm, and whether it is of the internet.
    automated: Vec<bool>,
    internet: Vec<bool>,
    /// Which codes of the algo column mean an algorithm.
    algo: Option<(&'a NameColumn, Vec<bool>)>,
}

impl<'a> Columns<'a> {
    fn of(case: &Case<'a>) -> Self {
        let sides = [case.orders, case.receipts];
        let names = Item::ALL.map(|item| sides.map(|side| side.names(column_of(item))));
        let client = case.receipts.names(Column::Client);
        let in_files = Item::ALL.map(|item| match item {
            Item::ReceivedAt | Item::SentAt => true,
            Item::Serial => sides.iter().any(|side| side.ids(Column::Serial).is_some()),
            Item::Account => client.is_some() || names[item as usize].iter().any(Option::is_some),
            _ => names[item as usize].iter().any(Option::is_some),
        });
        let algo = case.orders.names(Column::Algo);
        let algo = algo.map(|column| (column, column.names.iter().map(|flag| is_automated(flag, "")).collect()));
        let channels = Channels::of(case.orders, case.receipts);
        let automated = channels.names().iter().map(|name| is_automated("", name)).collect();
        let internet = channels.names().iter().map(|name| is_internet(name)).collect();
        Self { in_files, names, client, channels, automated, internet, algo }
    }

    /// Whether anything says of an order if it was automated.
    fn mark_automated(&self) -> bool {
        self.algo.is_some() || self.channels.in_files()
    }

    fn is_automated(&self, order: usize, channel: u16) -> bool {
        let flagged = self.algo.as_ref().is_some_and(|(column, automated)| match column.codes.get(order) {
            NO_NAME => false,
            code => automated[code as usize],
        });
        flagged || self.automated[usize::from(channel)]
    }

    fn holds(&self, case: &Case<'_>, item: Item, order: usize, receipt: Option<usize>) -> bool {
        let filled = |column: Option<&NameColumn>, row: Option<usize>| match (column, row) {
            (Some(column), Some(row)) => column.codes.get(row) != NO_NAME,
            _ => false,
        };
        let serial = |records: &Records, row: Option<usize>| match (records.ids(Column::Serial), row) {
            (Some(ids), Some(row)) => !ids.keys[row].is_absent(),
            _ => false,
        };
        match item {
            Item::ReceivedAt => receipt.is_some(),
            Item::SentAt => case.orders.times(Column::SentAt).is_some_and(|times| times[order] != NO_TIME),
            Item::Serial => serial(case.orders, Some(order)) || serial(case.receipts, receipt),
            _ => {
                let [ours, theirs] = self.names[item as usize];
                filled(ours, Some(order)) || filled(theirs, receipt) || item == Item::Account && filled(self.client, receipt)
            }
        }
    }
}
