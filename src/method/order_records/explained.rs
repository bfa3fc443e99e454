//! What may explain that an order has no receipt, other than that none was kept: a day whose receipts are not in the files, ids written in two
//! ways, receipts that could not be read. Such orders are asked about; they accuse nobody.

use hashbrown::{HashMap, HashSet};

use crate::order_records::{Case, Doubt, RecordCheck};
use crate::reconcile::ReceiptClass;
use crate::record::{Column, Timestamp, TradeDate};

/// What may explain orders without a receipt.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Explained {
    /// Local dates of which the files hold no receipt at all, with the orders of R01 sent on them; ascending.
    pub dates: Vec<(TradeDate, u64)>,
    /// Orders whose receipt id is that of a receipt without an order, but for leading zeros or case.
    pub alike: u64,
    /// The ids of the first of them, of the order and of the receipt.
    pub example: Option<[String; 2]>,
    /// Rows of the receipts that could not be read.
    pub refused: u64,
    /// Where the receipts of a date begin or end before its orders do: it takes no proof away, since who keeps receipts of a part of the day
    /// keeps too few. Ascending.
    pub ends: Vec<PartOfDay>,
    /// Different receipt ids among the orders that neither of the first two explains.
    pub others: u64,
}

/// Orders of R01 sent where the files hold no receipt of their date before them, or none after.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PartOfDay {
    /// Local date.
    pub date: TradeDate,
    /// Local time of day of the date's last receipt, else of its first; nanoseconds.
    pub since_midnight: i64,
    /// True for orders sent more than a minute after the last receipt, false for those sent before the first.
    pub after: bool,
    /// How many.
    pub orders: u64,
}

/// Orders beyond the receipts of their date from which it is said.
const MANY_BEYOND: u64 = 20;
/// How long after the last receipt an order of it may well be sent, nanoseconds.
const MINUTE: i64 = 60_000_000_000;

impl Explained {
    /// Whether an order is left that nothing of this explains: a row that could not be read is the receipt of one id at most.
    #[must_use]
    pub const fn leaves_some(&self) -> bool {
        self.others > self.refused
    }

    /// The same as doubts.
    #[must_use]
    pub fn doubts(&self) -> Vec<Doubt> {
        let (n_dates, orders) = (self.dates.len(), self.dates.iter().map(|(_, n)| n).sum());
        let dates = self.dates.first().map(|(date, _)| Doubt::NoReceiptsOn { date: *date, n_dates, orders });
        let alike = self.example.clone().map(|example| Doubt::IdsAlike { orders: self.alike, example });
        let refused = (self.refused > 0 && self.others > 0).then_some(Doubt::RefusedReceipts(self.refused));
        dates.into_iter().chain(alike).chain(refused).collect()
    }
}

/// Says of the rows of R01 which of them something else may explain, and takes their proof away; `refused` rows of receipts could not be read.
///
/// O(n) in the receipts; ids are looked at of what is without a partner alone.
pub fn explain(case: &Case<'_>, check: &mut RecordCheck, refused: u64) -> Explained {
    let mut found = Explained { refused, ..Explained::default() };
    if check.rows.is_empty() {
        return found;
    }
    let with_receipts = spans_of_receipts(case);
    let mut beyond: HashMap<(TradeDate, bool), u64> = HashMap::new();
    let orphans = orphans(case);
    let sent = case.orders.times(Column::SentAt).unwrap_or(&[]);
    let mut local = case.zone.local_reader();
    let (mut by_date, mut others): (HashMap<TradeDate, u64>, HashSet<String>) = Default::default();
    for row in &mut check.rows {
        let order = row.row as usize;
        let (date, since_midnight) = local.read(Timestamp(sent[order]));
        let span = with_receipts.get(&date);
        let id = case.orders.id(Column::ReceiptId, order).unwrap_or_default();
        // A receipt of the same id that is another's by the further keys is no question of writing.
        if let Some(own) = orphans.get(&plain(&id)).filter(|own| **own != id) {
            found.alike += 1;
            row.confirmed = false;
            let ids = [id, own.clone()];
            found.example = Some(found.example.take().map_or_else(|| ids.clone(), |first| first.min(ids.clone())));
            continue;
        }
        let Some([first, last]) = span else {
            *by_date.entry(date).or_default() += 1;
            row.confirmed = false;
            continue;
        };
        if since_midnight < *first || since_midnight - last > MINUTE {
            *beyond.entry((date, since_midnight > *last)).or_default() += 1;
        }
        if id.is_empty() || others.insert(id) {
            // Without an id no receipt could be told to be this order's.
            found.others += 1;
        }
    }
    let many = beyond.into_iter().filter(|(_, orders)| *orders >= MANY_BEYOND);
    found.ends = many
        .map(|((date, after), orders)| PartOfDay { date, since_midnight: with_receipts[&date][usize::from(after)], after, orders })
        .collect();
    found.ends.sort_unstable();
    found.dates = by_date.into_iter().collect();
    found.dates.sort_unstable();
    if !found.leaves_some() {
        check.rows.iter_mut().for_each(|row| row.confirmed = false);
    }
    check.doubts.extend(found.doubts());
    found
}

/// Local times of day of the first and the last receipt of each date, nanoseconds.
fn spans_of_receipts(case: &Case<'_>) -> HashMap<TradeDate, [i64; 2]> {
    let mut local = case.zone.local_reader();
    let times = case.receipts.times(Column::ReceivedAt).unwrap_or(&[]);
    let mut spans: HashMap<TradeDate, [i64; 2]> = HashMap::new();
    let mut add = |date: TradeDate, [from, to]: [i64; 2]| {
        let [first, last] = spans.entry(date).or_insert([from, to]);
        (*first, *last) = (from.min(*first), to.max(*last));
    };
    // A file goes on in the same day mostly.
    let mut current: Option<(TradeDate, [i64; 2])> = None;
    for time in times {
        let (date, at) = local.read(Timestamp(*time));
        match &mut current {
            Some((same, [first, last])) if *same == date => (*first, *last) = (at.min(*first), at.max(*last)),
            _ => current.replace((date, [at, at])).into_iter().for_each(|(date, span)| add(date, span)),
        }
    }
    current.into_iter().for_each(|(date, span)| add(date, span));
    spans
}

/// Ids of receipts without an order by their plain form, the least of each.
fn orphans(case: &Case<'_>) -> HashMap<String, String> {
    let mut orphans: HashMap<String, String> = HashMap::new();
    for receipt in (0..case.receipts.len()).filter(|receipt| case.links.receipt_class(*receipt) == ReceiptClass::Orphan) {
        let id = case.receipts.id(Column::ReceiptId, receipt).unwrap_or_default();
        if !id.is_empty() {
            let least = orphans.entry(plain(&id)).or_insert_with(|| id.clone());
            *least = std::mem::take(least).min(id);
        }
    }
    orphans
}

/// An id as two programs may write it differently: without leading zeros, in one case.
fn plain(id: &str) -> String {
    id.trim_start_matches('0').to_lowercase()
}
