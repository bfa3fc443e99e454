//! The known answer: counts of every class, and the class of every row.

use std::collections::VecDeque;
use std::path::Path;

use serde_json::{Value, json};

use crate::simulate::names::{self, Id};
use crate::simulate::table::{Cells, Table};
use crate::simulate::{Format, Options, SimulateError, World, Writing};

/// What a correct reconciliation of the written files finds. Counts are rows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Truth {
    /// Rows of the orders file.
    pub orders: u64,
    /// Rows of the receipts file.
    pub receipts: u64,
    /// Orders with their receipt, negative and zero latencies included.
    pub matched: u64,
    /// Orders without a receipt.
    pub missing_receipt: u64,
    /// Further copies of an order.
    pub duplicate_order: u64,
    /// Distinct receipts of matched orders.
    pub receipts_matched: u64,
    /// Receipts without an order.
    pub orphan_receipt: u64,
    /// Further copies of a receipt.
    pub duplicate_receipt: u64,
    /// Matched orders stamped as sent before they were received.
    pub negative: u64,
    /// Matched orders stamped as sent at the instant of receipt.
    pub zero: u64,
    /// Receipt stamps made up from the sending time.
    pub backfilled: u64,
    /// Serial numbers left out.
    pub skipped_serials: u64,
}

impl Truth {
    /// The document `truth.json`.
    #[must_use]
    pub fn json(&self, world: &World, options: &Options) -> Value {
        json!({
            "schema_version": 1,
            "world": world.name,
            "seed": options.seed,
            "days": options.days,
            "planted": world.planted(),
            "input": { "orders": { "rows": self.orders }, "receipts": { "rows": self.receipts } },
            "reconciliation": {
                "matched": self.matched,
                "missing_receipt": self.missing_receipt,
                "orphan_receipt": self.orphan_receipt,
                "duplicate_receipt": self.duplicate_receipt,
                "duplicate_order": self.duplicate_order,
                "ambiguous": 0,
                "receipts_matched": self.receipts_matched,
                "receipts_ambiguous": 0,
                "negative": self.negative,
                "zero": self.zero,
            },
            "backfilled": self.backfilled,
            "skipped_serials": self.skipped_serials,
        })
    }
}

impl World {
    /// What is planted, with its size: nanoseconds, shares or flags.
    #[must_use]
    pub fn planted(&self) -> Value {
        let (base, effects, faults) = (&self.base, &self.effects, &self.faults);
        let all = json!({
            "open_heavy": base.open_heavy, "mix": base.mix, "burst": base.burst, "large_clients": base.large_clients,
            "three_workers": base.three_workers, "client_spread": base.client_spread,
            "delay_ns": effects.delay.0, "tail_share": effects.tail_share, "priority": effects.priority, "routing": effects.routing,
            "delayed_client_rank": effects.delayed_client.map(|rank| rank + 1), "client_delay_ns": effects.client_delay.0,
            "house": base.house, "house_first": effects.house_first, "front_run_rate": effects.front_run,
            "sessions": base.sessions, "first_connect": effects.first_connect,
            "missing_rate": faults.missing, "missing_mostly_algo": faults.missing_algo, "orphan_rate": faults.orphan,
            "duplicate_rate": faults.duplicate, "negative_rate": faults.negative, "backfilled_rate": faults.backfilled,
            "rounding_ns": faults.rounding.0, "clock_offset_ns": faults.clock_offset.0, "clock_step_ns": faults.clock_step.0,
            "clock_drift_ns_per_s": faults.clock_drift, "serial_gap_rate": faults.serial_gap, "chains": faults.chains,
            "slice_rate": faults.slices,
        });
        let Value::Object(mut entries) = all else { return all };
        let is_planted = |value: &Value| match value {
            Value::Bool(flag) => *flag,
            Value::Number(number) => number.as_f64() != Some(0.0),
            Value::Array(items) => !items.is_empty(),
            _ => !value.is_null(),
        };
        entries.retain(|_, value| is_planted(value));
        Value::Object(entries)
    }
}

/// An order row that waits for the row of its receipt.
struct Open {
    order_row: u64,
    number: u64,
    receipt: u64,
    receipt_id: u64,
    sent_at: i64,
}

/// Writes `truth.parquet` while the rows of both files are written.
pub(crate) struct TruthTable {
    table: Table,
    order_file: String,
    receipt_file: String,
    counts: Truth,
    open: Vec<Open>,
    /// Row, stamp and use of the receipts numbered from `first_receipt` on.
    receipts: VecDeque<Option<(u64, i64, bool)>>,
    first_receipt: u64,
}

impl TruthTable {
    pub(crate) fn create(dir: &Path, writing: &Writing) -> Result<Self, SimulateError> {
        use Cells::{Integer, Text};
        let columns = [
            ("order_file", Text),
            ("order_row", Integer),
            ("receipt_file", Text),
            ("receipt_row", Integer),
            ("class", Text),
            ("order_id", Text),
            ("receipt_id", Text),
        ];
        Ok(Self {
            table: Table::create(dir, "truth", &Format::Parquet.into(), &columns)?,
            order_file: writing.file("orders"),
            receipt_file: writing.file("receipts"),
            counts: Truth::default(),
            open: Vec::new(),
            receipts: VecDeque::new(),
            first_receipt: 0,
        })
    }

    pub(crate) fn counts(&mut self) -> &mut Truth {
        &mut self.counts
    }

    /// An order row whose receipt is in the other file.
    pub(crate) fn order(&mut self, order_row: u64, number: u64, receipt: u64, receipt_id: u64, sent_at: i64) {
        self.open.push(Open { order_row, number, receipt, receipt_id, sent_at });
    }

    /// An order row without a receipt.
    pub(crate) fn missing_receipt(&mut self, order_row: u64, number: u64) -> Result<(), SimulateError> {
        self.counts.missing_receipt += 1;
        self.row(Some((order_row, number)), None, "missing_receipt")
    }

    /// A further copy of an order.
    pub(crate) fn duplicate_order(&mut self, order_row: u64, number: u64) -> Result<(), SimulateError> {
        self.counts.duplicate_order += 1;
        self.row(Some((order_row, number)), None, "duplicate_order")
    }

    /// The receipt row of one or more orders.
    pub(crate) fn receipt(&mut self, receipt_row: u64, receipt: u64, stamp: i64) {
        let index = (receipt - self.first_receipt) as usize;
        if self.receipts.len() <= index {
            self.receipts.resize(index + 1, None);
        }
        self.receipts[index] = Some((receipt_row, stamp, false));
    }

    /// A receipt without an order.
    pub(crate) fn orphan_receipt(&mut self, receipt_row: u64, receipt_id: u64) -> Result<(), SimulateError> {
        self.counts.orphan_receipt += 1;
        self.row(None, Some((receipt_row, receipt_id)), "orphan_receipt")
    }

    /// A further copy of a receipt.
    pub(crate) fn duplicate_receipt(&mut self, receipt_row: u64, receipt_id: u64) -> Result<(), SimulateError> {
        self.counts.duplicate_receipt += 1;
        self.row(None, Some((receipt_row, receipt_id)), "duplicate_receipt")
    }

    /// Writes the pairs whose rows are both known.
    pub(crate) fn settle(&mut self) -> Result<(), SimulateError> {
        let open = std::mem::take(&mut self.open);
        for order in open {
            let index = (order.receipt - self.first_receipt) as usize;
            let Some(Some((receipt_row, stamp, used))) = self.receipts.get_mut(index) else {
                self.open.push(order);
                continue;
            };
            let (row, latency) = (*receipt_row, order.sent_at - *stamp);
            self.counts.receipts_matched += u64::from(!*used);
            *used = true;
            self.counts.matched += 1;
            self.counts.negative += u64::from(latency < 0);
            self.counts.zero += u64::from(latency == 0);
            self.row(Some((order.order_row, order.number)), Some((row, order.receipt_id)), "matched")?;
        }
        Ok(())
    }

    /// Forgets the receipts before a number; no order still to come, nor one of `open`, may need them.
    pub(crate) fn forget_before(&mut self, number: u64) {
        let needed = self.open.iter().map(|order| order.receipt).min().unwrap_or(number).min(number);
        let forgotten = needed.saturating_sub(self.first_receipt).min(self.receipts.len() as u64);
        self.receipts.drain(..forgotten as usize);
        self.first_receipt = self.first_receipt.max(needed);
    }

    fn row(&mut self, order: Option<(u64, u64)>, receipt: Option<(u64, u64)>, class: &str) -> Result<(), SimulateError> {
        let table = &mut self.table;
        place(table, &self.order_file, order);
        place(table, &self.receipt_file, receipt);
        table.text(class);
        for (prefix, given) in [(names::ORDER, order), (names::RECEIPT, receipt)] {
            match given {
                Some((_, number)) => table.text(Id::new(prefix, number).as_str()),
                None => table.absent(),
            }
        }
        table.end_row()
    }

    /// Closes the table; the counts are complete.
    pub(crate) fn finish(self) -> Result<Truth, SimulateError> {
        debug_assert!(self.open.is_empty(), "every order that has a receipt met it");
        self.table.finish()?;
        Ok(self.counts)
    }
}

fn place(table: &mut Table, file: &str, row: Option<(u64, u64)>) {
    match row {
        Some((row, _)) => {
            table.text(file);
            table.integer(row);
        }
        None => {
            table.absent();
            table.absent();
        }
    }
}
