//! Records to what the priority measures take: sides, prices, quantities, houses, fills and connections.

use std::borrow::Cow;

use crate::config::StudyConfig;
use crate::ingest::{Rejects, Source};
use crate::measure::{Scope, line_scope};
use crate::order_records::{Action, Channels};
use crate::priority::{Connection, Fill, NO_PRICE, Precision, PriorityOrders, Serial, price_of, quantity_of};
use crate::reconcile::Records;
use crate::record::{Column, Diagnostic, Key, NO_NAME, NO_TIME, Progress, Timestamp, TradeDate};
use crate::study::priority::Case;
use crate::study::{Command, Inputs, RunOptions, read_side};

/// Evidence files beside orders and receipts.
#[derive(Default)]
pub(crate) struct EvidenceRecords {
    /// Session log.
    pub(crate) sessions: Option<Records>,
    /// Executions.
    pub(crate) executions: Option<Records>,
    /// Reports of the exchange.
    pub(crate) reports: Option<Records>,
}

impl EvidenceRecords {
    /// Reads what the study names, and lists the rows that could not be read; a first look reads nothing.
    pub(crate) fn read(inputs: &Inputs, options: &RunOptions, progress: &Progress) -> Result<(Self, Vec<Rejects>), Diagnostic> {
        const SESSIONS: [Column; 4] = [Column::ConnectedAt, Column::Server, Column::Account, Column::Client];
        const EXECUTIONS: [Column; 4] = [Column::OrderId, Column::ExecutedAt, Column::Price, Column::Quantity];
        const REPORTS: [Column; 7] =
            [Column::OrderId, Column::AcknowledgedAt, Column::EventAt, Column::Serial, Column::Outcome, Column::Kind, Column::Quantity];
        let mut rejects = Vec::new();
        let mut read = |source: &Option<Source>, wanted: &[Column]| -> Result<Option<Records>, Diagnostic> {
            let Some(source) = source.as_ref().filter(|_| options.command == Command::Study) else { return Ok(None) };
            let (records, intake) = read_side(source, wanted, |_| true, progress)?;
            rejects.push(intake.rejects);
            Ok(Some(records))
        };
        let also = Self {
            sessions: read(&inputs.sessions, &SESSIONS)?,
            executions: read(&inputs.executions, &EXECUTIONS)?,
            reports: read(&inputs.reports, &REPORTS)?,
        };
        Ok((also, rejects))
    }
}

/// Further columns of the orders that the section needs.
///
/// A time that cannot be read rejects its row in both jobs; a first look needs no other.
pub(crate) fn columns(config: &StudyConfig, options: &RunOptions) -> Vec<Column> {
    const ALL: [Column; 6] = [Column::EventAt, Column::Quantity, Column::Price, Column::Event, Column::Exception, Column::Serial];
    match (&config.priority, options.command) {
        (None, _) => Vec::new(),
        (Some(_), Command::Check) => ALL[..1].to_vec(),
        (Some(_), Command::Study) => ALL.to_vec(),
    }
}

/// Values that say nothing, and are named to the reader.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Unread {
    /// Orders whose side is none of the known words.
    pub(crate) sides: u64,
    /// Orders whose price or quantity is not a number.
    pub(crate) figures: u64,
    /// Executions of no matched order, or that are not a price and a quantity.
    pub(crate) executions: u64,
}

/// The matched orders with what priority needs beside.
pub(crate) fn orders<'a>(case: &Case<'a>) -> Result<(PriorityOrders<'a>, Unread), Diagnostic> {
    let records = case.reconciled.orders;
    let mut unread = Unread::default();
    let side = column(case, records, Column::Side, side_of, 0);
    unread.sides = side.iter().filter(|side| **side == 0).count() as u64;
    let price = column(case, records, Column::Price, |text| figure(text, price_of), NO_PRICE);
    let quantity = column(case, records, Column::Quantity, |text| figure(text, quantity_of), 0);
    let unreadable = |column: &[i64]| column.iter().filter(|value| **value == UNREADABLE).count() as u64;
    unread.figures = unreadable(&price) + unreadable(&quantity);
    let unread_price = if price.contains(&UNREADABLE) { price.iter().map(|price| *price == UNREADABLE).collect() } else { Vec::new() };
    let known = |column: Vec<i64>, absent: i64| column.into_iter().map(|v| if v == UNREADABLE { absent } else { v }).collect();
    let (channel, channels) = channels(case, records);
    let event = column_codes(case, records, Column::Event);
    let event_at = records.times(Column::EventAt).map_or_else(Vec::new, |times| {
        let time = |row: &u32| Some(times[*row as usize]).filter(|time| *time != NO_TIME).unwrap_or(i64::MIN);
        case.rows.iter().map(time).collect()
    });
    let orders = PriorityOrders {
        matched: Cow::Borrowed(case.matched),
        side,
        price: known(price, NO_PRICE),
        unread_price,
        quantity: known(quantity, 0),
        channel,
        channels,
        is_new: new_orders(case),
        is_house: houses(case)?,
        excepted: exceptions(case, records),
        event,
        event_at,
    };
    Ok((orders, unread))
}

/// Stands for a text that is not a figure.
const UNREADABLE: i64 = i64::MIN + 1;

/// An empty text is the absent value of the column, any other that is no figure is unreadable.
fn figure(text: &str, read: fn(&str) -> Option<i64>) -> i64 {
    read(text).unwrap_or(UNREADABLE)
}

/// Words for buying and selling in exchange codes, FIX, English and Chinese.
fn side_of(text: &str) -> u8 {
    match text.trim().to_ascii_lowercase().as_str() {
        "b" | "1" | "buy" | "買" | "買進" => 1,
        "s" | "2" | "sell" | "賣" | "賣出" => 2,
        _ => 0,
    }
}

/// A name column read once a name; empty where it was not given.
fn column<T: Copy>(case: &Case<'_>, records: &Records, column: Column, read: impl Fn(&str) -> T, absent: T) -> Vec<T> {
    let Some(names) = records.names(column) else { return Vec::new() };
    let values: Vec<T> = names.names.iter().map(|name| read(name)).collect();
    let value = |row: &u32| match names.codes.get(*row as usize) {
        NO_NAME => absent,
        code => values[code as usize],
    };
    case.rows.iter().map(value).collect()
}

/// Codes from 1 on; 0 where the cell is empty.
fn column_codes(case: &Case<'_>, records: &Records, column: Column) -> Vec<u32> {
    let Some(names) = records.names(column) else { return Vec::new() };
    case.rows.iter().map(|row| names.codes.get(*row as usize).wrapping_add(1)).collect()
}

/// Serials by matched order; `None` where the study maps no such column.
pub(crate) fn serials(case: &Case<'_>) -> Option<Vec<Option<Serial>>> {
    let records = case.reconciled.orders;
    records.id(Column::Serial, 0)?;
    let line = match line_scope(case.matched) {
        Scope::Shard => &case.matched.shard[..],
        _ => &case.matched.gateway[..],
    };
    let text = |row: u32| records.id(Column::Serial, row as usize).unwrap_or_default().trim().to_owned();
    let form = case.serial_form;
    let mut series: hashbrown::HashMap<(u16, u64), u32, foldhash::fast::FixedState> = hashbrown::HashMap::default();
    let mut read = |(at, row): (usize, &u32)| {
        let parsed = form?.parse(text(*row).as_bytes())?;
        let next = series.len() as u32;
        let series = *series.entry((line.get(at).copied().unwrap_or(0), parsed.prefix)).or_insert(next);
        Some(Serial { series, value: parsed.number })
    };
    Some(case.rows.iter().enumerate().map(&mut read).collect())
}

/// The receipt of a matched order.
pub(crate) fn receipt_of(case: &Case<'_>, order: u32) -> usize {
    case.reconciled.links.matched_receipt(order as usize).expect("only matched orders are measured")
}

/// Channels of the matched orders, and their names by code; nothing where no file has them.
fn channels(case: &Case<'_>, records: &Records) -> (Vec<u16>, Vec<String>) {
    let channels = Channels::of(records, case.reconciled.receipts);
    if !channels.in_files() {
        return (Vec::new(), Vec::new());
    }
    let code = |row: &u32| channels.code(*row as usize, Some(receipt_of(case, *row)));
    (case.rows.iter().map(code).collect(), channels.names().to_vec())
}

/// New orders by the kinds named, else by the name of the kind.
fn new_orders(case: &Case<'_>) -> Vec<bool> {
    let named = &case.config.new_kinds;
    let is_new = |kind: &String| if named.is_empty() { Action::of(kind) == Action::New } else { named.contains(kind) };
    let by_kind: Vec<bool> = case.matched.names.kinds.iter().map(is_new).collect();
    case.matched.kind.iter().map(|kind| by_kind[usize::from(*kind)]).collect()
}

/// Orders of the groups and accounts named as the broker's own.
fn houses(case: &Case<'_>) -> Result<Vec<bool>, Diagnostic> {
    let (names, config) = (&case.matched.names, case.config);
    if let Some(wrong) = config.house_groups.iter().find(|group| names.groups.binary_search(group).is_err()) {
        let problem = (
            format!("沒有客戶屬於群組 \"{wrong}\"，[priority] house_groups 以它為自營"),
            format!("no client is in group \"{wrong}\", which [priority] house_groups names"),
        );
        let groups = names.groups.join(", ");
        let help = (format!("群組有：{groups}"), format!("the groups are: {groups}"));
        return Err(Diagnostic::new("E0222", problem).in_file(&case.study.path).help(help));
    }
    let groups: Vec<bool> = names.groups.iter().map(|group| config.house_groups.contains(group)).collect();
    let clients: Vec<bool> = names.clients.iter().map(|client| config.house_accounts.contains(client)).collect();
    let orders = case.reconciled.orders;
    let accounts = orders.names(Column::Account).or_else(|| case.reconciled.receipts.names(Column::Account));
    let of_orders = orders.names(Column::Account).is_some();
    let own: Vec<bool> = accounts.iter().flat_map(|accounts| &accounts.names).map(|name| config.house_accounts.contains(name)).collect();
    let of_account = |order: u32| {
        let row = if of_orders { order as usize } else { receipt_of(case, order) };
        let code = accounts.map_or(NO_NAME, |accounts| accounts.codes.get(row));
        code != NO_NAME && own[code as usize]
    };
    let is_house = |(at, order): (usize, &u32)| {
        groups[usize::from(case.matched.group[at])] || clients[case.matched.client[at] as usize] || of_account(*order)
    };
    Ok(case.rows.iter().enumerate().map(is_house).collect())
}

fn exceptions(case: &Case<'_>, records: &Records) -> Vec<bool> {
    let wanted = &case.config.exceptions;
    let counts = |text: &str| wanted.is_empty() || wanted.iter().any(|known| known == text);
    column(case, records, Column::Exception, counts, false)
}

/// Resolution and clocks, the coarsest of the groups that have orders; clocks cancel where all groups share them.
pub(crate) fn precision(case: &Case<'_>) -> Precision {
    let mut present = vec![false; case.matched.names.groups.len()];
    case.matched.group.iter().for_each(|group| present[usize::from(*group)] = true);
    let groups: Vec<_> = (0..present.len()).filter(|group| present[*group]).map(|group| case.evidence.of(group as u16)).collect();
    let clocks = case.study.fairness.clocks;
    let differ = |of: fn(&crate::fairness::GroupEvidence) -> u32| groups.windows(2).any(|pair| of(&pair[0]) != of(&pair[1]));
    Precision {
        received_resolution: groups.iter().map(|group| group.received_resolution).max().unwrap_or(1).max(1),
        sent_resolution: groups.iter().map(|group| group.sent_resolution).max().unwrap_or(1).max(1),
        received_gap: if differ(|group| group.received_clock) { clocks.receipts.0.saturating_mul(2) } else { 0 },
        sent_gap: if differ(|group| group.sent_clock) { clocks.orders.0.saturating_mul(2) } else { 0 },
    }
}

/// Fills of the matched orders, ascending. An order id is the order's of the same local date.
pub(crate) fn fills(case: &Case<'_>, executions: &Records, unread: &mut Unread) -> Vec<Fill> {
    let orders = case.reconciled.orders;
    let ids = orders.ids(Column::OrderId);
    let key_of = |order: usize| match ids {
        Some(ids) => ids.keys[order],
        None => orders.id(Column::OrderId, order).map_or(Key::ABSENT, |id| Key::of(id.as_bytes())),
    };
    let mut reader = case.study.zone.local_reader();
    let mut by_order: hashbrown::HashMap<(Key, TradeDate), Vec<usize>, foldhash::fast::FixedState> = hashbrown::HashMap::default();
    let (theirs, at) = (executions.ids(Column::OrderId), executions.times(Column::ExecutedAt).unwrap_or(&[]));
    for execution in (0..executions.len()).filter(|row| at[*row] != NO_TIME) {
        let key = theirs.map_or(Key::ABSENT, |ids| ids.keys[execution]);
        by_order.entry((key, reader.read(Timestamp(at[execution])).0)).or_default().push(execution);
    }
    let mut found = Vec::new();
    for (row, order) in (0_u32..).zip(case.rows) {
        let key = key_of(*order as usize);
        let date = reader.read(case.matched.sent_at(row as usize)).0;
        for execution in by_order.get(&(key, date)).into_iter().flatten().filter(|_| !key.is_absent()) {
            let price = price_of(executions.name(Column::Price, *execution));
            let quantity = quantity_of(executions.name(Column::Quantity, *execution));
            if let (Some(price), Some(quantity)) = (price, quantity) {
                found.push(Fill { row, at: at[*execution], price, quantity });
            }
        }
    }
    found.sort_unstable();
    unread.executions = (executions.len() as u64).saturating_sub(found.len() as u64);
    found
}

/// The connections of a session log.
pub(crate) fn connections(log: &Records) -> Vec<Connection> {
    let at = log.times(Column::ConnectedAt).unwrap_or(&[]);
    let client = |row: usize| Some(log.name(Column::Client, row)).filter(|name| !name.is_empty()).unwrap_or(log.name(Column::Account, row));
    let connection = |row: usize| Connection {
        at: Timestamp(at[row]),
        server: log.name(Column::Server, row).to_owned(),
        client: client(row).to_owned(),
    };
    (0..log.len()).filter(|row| at[*row] != NO_TIME).map(connection).collect()
}
