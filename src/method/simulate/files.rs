//! A world as files: orders, receipts, clients, the study that reads them, and the truth.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use crate::simulate::day::{self, Slice, lines_per_gateway};
use crate::simulate::names::{self, Id};
use crate::simulate::order::{Order, ReceiptFault};
use crate::simulate::population::{KINDS, Population};
use crate::simulate::random::{Draws, Purpose};
use crate::simulate::sessions::session_log;
use crate::simulate::stamps::Stamps;
use crate::simulate::study_file;
use crate::simulate::table::{Cells, Table, write_error};
use crate::simulate::truth::{Truth, TruthTable};
use crate::simulate::{Options, SimulateError, World, Writing};

/// Rows are held back this long (nanoseconds), since a record's stamp may lie before the true time.
const HELD_BACK: i64 = 1_000_000_000;
/// Receipts without an order take their ids from here on.
const FIRST_ORPHAN: u64 = 90_000_000_000;

/// Simulated files replace simulated files, never a user's.
fn refuse_foreign(dir: &Path) -> Result<(), SimulateError> {
    let Ok(mut entries) = std::fs::read_dir(dir) else { return Ok(()) };
    let foreign = entries.next().is_some() && !dir.join("truth.json").is_file();
    if foreign { Err(SimulateError::Foreign { path: dir.to_owned() }) } else { Ok(()) }
}

/// Writes the files of a world to `dir` (created if absent): `orders.*`, `receipts.*`, `clients.csv`, `study.toml`, `truth.json`
/// and `truth.parquet`; in worlds of front-running `truth_ahead.csv`, the pairs of orders planted; in worlds with sessions
/// `sessions.csv` and `truth_sessions.json`.
///
/// Orders stand in the order of sending, receipts in that of their stamps. `progress` is told the order rows written so far.
/// Memory holds about a minute of orders, whatever their number. An earlier world there is replaced.
///
/// # Errors
/// [`SimulateError`] for options outside their range, a folder that holds other files, or a file that cannot be written.
pub fn write(
    world: &World,
    options: &Options,
    writing: impl Into<Writing>,
    dir: &Path,
    progress: &mut dyn FnMut(u64),
) -> Result<Truth, SimulateError> {
    let (options, writing) = (world.checked_with(options)?, &writing.into().checked()?);
    refuse_foreign(dir)?;
    std::fs::create_dir_all(dir).map_err(|error| write_error(dir, &error))?;
    let mut population = Population::new(world, options);
    if writing.chinese {
        population.group_names.iter_mut().for_each(|name| *name = names::chinese_group(name).to_owned());
    }
    let mut recorder = Recorder::new(world, options, &population, writing, dir)?;
    day::run(world, options, &population, |slice| {
        recorder.take(&slice)?;
        progress(recorder.orders.rows());
        Ok::<(), SimulateError>(())
    })?;
    let ahead = recorder.ahead_truth();
    let truth = recorder.finish()?;
    if let Some((name, texts)) = study_file::layouts(writing, &order_columns(world), &receipt_columns(world)) {
        for (stem, text) in ["orders", "receipts"].into_iter().zip(texts) {
            let path = dir.join(format!("{stem}-{name}"));
            std::fs::write(&path, text).map_err(|error| write_error(&path, &error))?;
        }
    }
    let truth_json = format!("{:#}\n", truth.json(world, options));
    for (name, text) in [
        ("clients.csv", clients(&population, options)),
        ("study.toml", study_file::text(world, options, writing)),
        ("truth.json", truth_json),
    ] {
        let path = dir.join(name);
        std::fs::write(&path, text).map_err(|error| write_error(&path, &error))?;
    }
    if world.base.sessions {
        let (log, planted) = session_log(world, options, &population);
        for (name, text) in [("sessions.csv", log), ("truth_sessions.json", format!("{planted:#}\n"))] {
            let path = dir.join(name);
            std::fs::write(&path, text).map_err(|error| write_error(&path, &error))?;
        }
    }
    if world.effects.front_run > 0.0 {
        let path = dir.join("truth_ahead.csv");
        std::fs::write(&path, ahead).map_err(|error| write_error(&path, &error))?;
    }
    Ok(truth)
}

fn clients(population: &Population, options: &Options) -> String {
    let mut text = String::from("account,group,client,from,to\n");
    for client in &population.clients {
        for account in client.accounts.clone() {
            let (account, group) = (&population.accounts[account as usize], &population.group_names[usize::from(client.group)]);
            // Writing to a string cannot fail.
            let _ = writeln!(text, "{account},{group},{},{},", client.name, options.first_day);
        }
    }
    text
}

/// A receipt on its way to the file.
struct Receipt {
    order: Order,
    stamp: i64,
    recorded: i64,
    /// The id printed.
    id: u64,
    class: ReceiptClass,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum ReceiptClass {
    Genuine,
    Copy,
    Orphan,
}

/// Turns finished orders into rows of both files, in the order of their stamps, with the planted faults.
struct Recorder<'a> {
    world: &'a World,
    options: &'a Options,
    population: &'a Population,
    orders: Table,
    receipts: Table,
    truth: TruthTable,
    /// Orders not yet written; true for a further copy.
    pending_orders: Vec<(Order, i64, bool)>,
    pending_receipts: Vec<Receipt>,
    stamps: Stamps,
    faults: Draws,
    day: u32,
    next_orphan: u64,
    /// Nanoseconds that written times are cut to.
    unit: i64,
    gateways: Vec<String>,
    hosts: Vec<String>,
    shards: Vec<String>,
    /// Sending of orders that the house was planted ahead of, by number; and of the house's orders, with the number.
    held: BTreeMap<u64, i64>,
    ahead: Vec<(u64, u64, i64)>,
}

impl<'a> Recorder<'a> {
    fn new(
        world: &'a World,
        options: &'a Options,
        population: &'a Population,
        writing: &Writing,
        dir: &Path,
    ) -> Result<Self, SimulateError> {
        let lines = lines_per_gateway(options);
        Ok(Self {
            world,
            options,
            population,
            orders: Table::create(dir, "orders", writing, &order_columns(world))?,
            receipts: Table::create(dir, "receipts", writing, &receipt_columns(world))?,
            truth: TruthTable::create(dir, writing)?,
            pending_orders: Vec::new(),
            pending_receipts: Vec::new(),
            stamps: Stamps::new(world, options, 0),
            faults: copies_stream(options, 0),
            day: 0,
            next_orphan: FIRST_ORPHAN,
            unit: writing.unit(),
            gateways: (0..options.gateways).map(names::gateway).collect(),
            hosts: (0..options.gateways).map(names::host).collect(),
            shards: (0..options.gateways * lines).map(|line| names::shard(line, lines)).collect(),
            held: BTreeMap::new(),
            ahead: Vec::new(),
        })
    }

    fn take(&mut self, slice: &Slice<'_>) -> Result<(), SimulateError> {
        if self.day != slice.day {
            self.day = slice.day;
            self.stamps = Stamps::new(self.world, self.options, slice.day);
            self.faults = copies_stream(self.options, slice.day);
        }
        slice.served.iter().for_each(|order| self.record(order));
        let settled = if slice.settled == i64::MAX { i64::MAX } else { slice.settled - HELD_BACK };
        self.write_orders(settled)?;
        self.write_receipts(settled)?;
        self.truth.settle()?;
        let pending = self.pending_orders.iter().map(|(order, ..)| order.receipt).min();
        self.truth.forget_before(slice.unfinished.min(pending.unwrap_or(u64::MAX)));
        Ok(())
    }

    /// Puts an order and its receipt, with copies and orphans, among the rows to write.
    fn record(&mut self, order: &Order) {
        if order.front_run {
            self.held.insert(order.number, order.sent_at);
        }
        if order.ahead_of > 0 {
            self.ahead.push((order.ahead_of - 1, order.number, order.sent_at));
        }
        let faults = &self.world.faults;
        let acknowledged = cut(self.stamps.acknowledged(order), self.unit);
        let stamp = cut(self.stamps.received(order), self.unit);
        let order = &Order { decided_at: cut(order.decided_at, self.unit), sent_at: cut(order.sent_at, self.unit), ..*order };
        self.truth.counts().skipped_serials += u64::from(order.skipped_serials);
        self.pending_orders.push((*order, acknowledged, false));
        if self.faults.chance(faults.duplicate) {
            self.pending_orders.push((*order, acknowledged, true));
        }
        let copied = self.faults.chance(faults.duplicate);
        let resent = 1_000_000 + i64::from(self.faults.below(2_000_000));
        let (orphaned, apart) = (self.faults.chance(faults.orphan), i64::from(self.faults.below(1_000_000)));
        if order.slice > 1 {
            return;
        }
        if order.receipt_fault != ReceiptFault::Missing {
            self.truth.counts().backfilled += u64::from(order.receipt_fault == ReceiptFault::MadeUp);
            self.receive(order, stamp, order.receipt_id, ReceiptClass::Genuine);
            if copied {
                self.receive(order, stamp + resent, order.receipt_id, ReceiptClass::Copy);
            }
        }
        if orphaned {
            let id = self.next_orphan;
            self.next_orphan += 1;
            self.receive(order, stamp + apart, id, ReceiptClass::Orphan);
        }
    }

    fn receive(&mut self, order: &Order, stamp: i64, id: u64, class: ReceiptClass) {
        let (recorded, stamp) = (cut(self.stamps.recorded(stamp), self.unit), cut(stamp, self.unit));
        self.pending_receipts.push(Receipt { order: *order, stamp, recorded, id, class });
    }

    fn write_orders(&mut self, settled: i64) -> Result<(), SimulateError> {
        let mut pending = std::mem::take(&mut self.pending_orders);
        pending.sort_by_key(|(order, _, is_copy)| (order.sent_at, order.number, *is_copy));
        let due = pending.partition_point(|(order, ..)| order.sent_at < settled);
        for (order, acknowledged, is_copy) in pending.drain(..due) {
            let row = self.orders.rows();
            self.order_row(&order, acknowledged)?;
            if is_copy {
                self.truth.duplicate_order(row, order.number)?;
            } else if order.receipt_fault == ReceiptFault::Missing {
                self.truth.missing_receipt(row, order.number)?;
            } else {
                self.truth.order(row, order.number, order.receipt, order.receipt_id, order.sent_at);
            }
        }
        self.pending_orders = pending;
        Ok(())
    }

    fn write_receipts(&mut self, settled: i64) -> Result<(), SimulateError> {
        let mut pending = std::mem::take(&mut self.pending_receipts);
        pending.sort_by_key(|receipt| (receipt.stamp, receipt.order.number, receipt.class));
        let due = pending.partition_point(|receipt| receipt.stamp < settled);
        for receipt in pending.drain(..due) {
            let row = self.receipts.rows();
            self.receipt_row(&receipt)?;
            match receipt.class {
                ReceiptClass::Genuine => self.truth.receipt(row, receipt.order.receipt, receipt.stamp),
                ReceiptClass::Copy => self.truth.duplicate_receipt(row, receipt.id)?,
                ReceiptClass::Orphan => self.truth.orphan_receipt(row, receipt.id)?,
            }
        }
        self.pending_receipts = pending;
        Ok(())
    }

    fn order_row(&mut self, order: &Order, acknowledged: i64) -> Result<(), SimulateError> {
        let (table, population) = (&mut self.orders, self.population);
        table.text(Id::new(names::ORDER, order.number).as_str());
        table.text(Id::new(names::RECEIPT, order.receipt_id).as_str());
        table.text(&population.accounts[order.account as usize]);
        table.text(&population.instruments[order.instrument as usize].name);
        table.text(if order.buys { "B" } else { "S" });
        table.integer(1_000 * u64::from(order.lots));
        table.price(order.price);
        table.text(KINDS[usize::from(order.kind)]);
        table.text(names::channel(order.channel));
        table.text(&self.gateways[usize::from(order.gateway)]);
        table.text(&self.shards[usize::from(order.line)]);
        table.text(names::ACCESS_CLASS);
        table.text(&self.hosts[usize::from(order.gateway)]);
        table.text(names::serial(order.line, order.serial).as_str());
        table.text(if order.is_algo() { "Y" } else { "N" });
        table.time(order.decided_at);
        table.time(order.sent_at);
        table.time(acknowledged);
        if self.world.faults.slices > 0.0 {
            match order.slice {
                0 => table.absent(),
                _ => table.text(Id::new(names::PARENT, order.receipt).as_str()),
            }
        }
        if self.world.faults.chains {
            match order.receipt_id == order.receipt {
                true => table.absent(),
                false => table.text(Id::new(names::ORDER, order.receipt_id).as_str()),
            }
        }
        table.end_row()
    }

    fn receipt_row(&mut self, receipt: &Receipt) -> Result<(), SimulateError> {
        let (table, order) = (&mut self.receipts, &receipt.order);
        table.text(Id::new(names::RECEIPT, receipt.id).as_str());
        table.text(&self.population.accounts[order.account as usize]);
        table.text(&self.population.group_names[usize::from(order.group)]);
        table.time(receipt.stamp);
        table.time(receipt.recorded);
        table.text(names::channel(order.channel));
        if self.world.faults.chains {
            table.text(KINDS[usize::from(order.kind)]);
        }
        table.end_row()
    }

    /// The orders of the house that in fact went ahead of the one they were planted for, with by how much.
    fn ahead_truth(&self) -> String {
        let mut text = String::from("held_order_id,house_order_id,ahead_by_ns\n");
        for (held, house, sent) in &self.ahead {
            let Some(by) = self.held.get(held).map(|held| held - sent).filter(|by| *by > 0) else { continue };
            let id = |number: u64| Id::new(names::ORDER, number).as_str().to_owned();
            // Writing to a string cannot fail.
            let _ = writeln!(text, "{},{},{by}", id(*held), id(*house));
        }
        text
    }

    fn finish(mut self) -> Result<Truth, SimulateError> {
        let (orders, receipts) = (self.orders.rows(), self.receipts.rows());
        *self.truth.counts() = Truth { orders, receipts, ..self.truth.counts().clone() };
        self.orders.finish()?;
        self.receipts.finish()?;
        self.truth.finish()
    }
}

/// The time as it is written: whole multiples of `unit`.
fn cut(nanos: i64, unit: i64) -> i64 {
    nanos - nanos.rem_euclid(unit)
}

/// Copies and orphans are drawn apart from the faults that are planted while orders are made.
fn copies_stream(options: &Options, day: u32) -> Draws {
    Draws::new(options.seed, day, Purpose::Copies)
}

fn order_columns(world: &World) -> Vec<(&'static str, Cells)> {
    use Cells::{Integer, Price, Text, Time};
    let mut columns = vec![
        ("order_id", Text),
        ("client_order_id", Text),
        ("account", Text),
        ("symbol", Text),
        ("side", Text),
        ("qty", Integer),
        ("price", Price),
        ("order_type", Text),
        ("channel", Text),
        ("gateway", Text),
        ("shard", Text),
        ("access_class", Text),
        ("host", Text),
        ("order_no", Text),
        ("algo", Text),
        ("t2", Time),
        ("sent_ts", Time),
        ("ack_ts", Time),
    ];
    if world.faults.slices > 0.0 {
        columns.push(("parent_id", Text));
    }
    if world.faults.chains {
        columns.push(("orig_order_id", Text));
    }
    columns
}

fn receipt_columns(world: &World) -> Vec<(&'static str, Cells)> {
    use Cells::{Text, Time};
    let mut columns = vec![
        ("client_order_id", Text),
        ("account", Text),
        ("client_group", Text),
        ("received_ts", Time),
        ("written_ts", Time),
        ("channel", Text),
    ];
    if world.faults.chains {
        columns.push(("order_type", Text));
    }
    columns
}
