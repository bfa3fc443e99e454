//! Links by likeness, for orders whose receipt id leads nowhere: account, instrument, side, price and quantity in a window of time.
//!
//! A link is named only where order and receipt are each other's only candidate. Where several are alike nothing is chosen; what could
//! follow from any choice is given as bounds. Nothing here changes the reconciliation.

use foldhash::fast::{FixedState, RandomState};
use hashbrown::HashMap;

use crate::order_records::{Case, Doubt, FoundRow, Reason, RecordCheck, Side};
use crate::reconcile::{OrderClass, ReceiptClass, Records};
use crate::record::{Column, NO_NAME, TimeSpan, without_thousands};
use crate::statistics::{QuantileLevel, select_nearest_rank};

/// What links by likeness need.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LikenessOptions {
    /// An order is sent at most so long after its receipt.
    pub window: TimeSpan,
}

/// An order and a receipt like it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Linked {
    /// Order row.
    pub order: u32,
    /// The nearest receipt in time before it.
    pub receipt: u32,
    /// The next nearest, where there is one.
    pub runner_up: Option<u32>,
    /// Receipts like it in the window, and orders like its nearest receipt.
    pub alike: (u32, u32),
    /// 1 where both are each other's only candidate, else one over the larger number of those alike.
    pub confidence: f64,
}

/// What any choice among the links would leave.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct LikenessBounds {
    /// Orders without a receipt by their ids.
    pub missing: u64,
    /// Of them, with a receipt like them.
    pub linkable: u64,
    /// Only candidates of each other.
    pub unique: u64,
    /// Fewest orders left without a receipt: as many links as can be made at once.
    pub missing_at_least: u64,
}

/// Median latency of a group with the links made: shortest and longest any choice gives, nanoseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MedianBounds {
    /// Group code.
    pub group: u16,
    /// By the ids alone.
    pub by_id: i64,
    /// With every order without a receipt that has one like it at its latest candidate.
    pub least: i64,
    /// With each at its earliest.
    pub most: i64,
}

/// The links, the bounds, and the rows of R16.
#[derive(Clone, Debug)]
pub struct Links {
    /// One for each order that has a receipt like it, ascending by order.
    pub links: Vec<Linked>,
    /// Counts.
    pub bounds: LikenessBounds,
    /// By group, ascending; groups with a link.
    pub medians: Vec<MedianBounds>,
    /// R16.
    pub check: RecordCheck,
}

/// What has to be alike.
const ALIKE: [Column; 5] = [Column::Account, Column::Symbol, Column::Side, Column::Price, Column::Quantity];

/// Numbers of the same value are alike however they are written.
type Likeness = [u32; 5];

/// Links of the orders without receipt to the receipts without order; O(n log n).
#[must_use]
pub fn likeness(case: &Case<'_>, options: Option<LikenessOptions>) -> Links {
    let none = |why: Doubt| Links {
        links: Vec::new(),
        bounds: LikenessBounds::default(),
        medians: Vec::new(),
        check: RecordCheck::not_run("R16", why),
    };
    let Some(options) = options else { return none(Doubt::NotNamed("link.fallback")) };
    for side in [case.orders, case.receipts] {
        if let Some(absent) = ALIKE.into_iter().find(|column| side.names(*column).is_none()) {
            return none(Doubt::NoColumn(absent));
        }
    }
    let codes = Codes::of(case);
    let (sent, received) = (case.orders.times(Column::SentAt).unwrap_or(&[]), case.receipts.times(Column::ReceivedAt).unwrap_or(&[]));
    // Orders and receipts that are alike in all, each by time.
    let mut alike: HashMap<Likeness, (Vec<u32>, Vec<u32>), FixedState> = HashMap::default();
    for receipt in (0..case.receipts.len()).filter(|receipt| case.links.receipt_class(*receipt) == ReceiptClass::Orphan) {
        if let Some(likeness) = codes.of_receipt(case.receipts, receipt) {
            alike.entry(likeness).or_default().1.push(receipt as u32);
        }
    }
    let mut missing = 0;
    for order in (0..case.orders.len()).filter(|order| case.links.order_class(*order) == OrderClass::MissingReceipt) {
        missing += 1;
        if let Some(found) = codes.of_order(case.orders, order).and_then(|likeness| alike.get_mut(&likeness)) {
            found.0.push(order as u32);
        }
    }
    let mut found = Pass { sent, received, window: options.window.0, links: Vec::new(), spans: Vec::new(), n_pairs: 0 };
    alike.into_values().filter(|(orders, _)| !orders.is_empty()).for_each(|(orders, receipts)| found.bucket(orders, receipts));
    let Pass { mut links, mut spans, n_pairs, .. } = found;
    links.sort_by_key(|link| link.order);
    spans.sort_unstable();
    let unique = links.iter().filter(|link| link.alike == (1, 1)).count() as u64;
    let bounds = LikenessBounds { missing, linkable: links.len() as u64, unique, missing_at_least: missing - n_pairs };
    let row = |link: &Linked| {
        let (reason, value) =
            if link.alike == (1, 1) { (Reason::OnlyLikeness, 1) } else { (Reason::SeveralAlike, i64::from(link.alike.0)) };
        FoundRow::alone(Side::Orders, link.order, reason, value).beside(Side::Receipts, link.receipt).only_if(false)
    };
    let check = RecordCheck::of("R16", missing, links.iter().map(row).collect());
    Links { medians: medians(case, &spans), links, bounds, check }
}

/// Order, latency at its latest and at its earliest candidate.
type Span = (u32, i64, i64);

struct Pass<'a> {
    sent: &'a [i64],
    received: &'a [i64],
    window: i64,
    links: Vec<Linked>,
    spans: Vec<Span>,
    n_pairs: u64,
}

impl Pass<'_> {
    /// Orders and receipts that are alike: candidates lie within the window before the order.
    fn bucket(&mut self, mut orders: Vec<u32>, mut receipts: Vec<u32>) {
        let (sent, received, window) = (self.sent, self.received, self.window);
        orders.sort_unstable_by_key(|order| (sent[*order as usize], *order));
        receipts.sort_unstable_by_key(|receipt| (received[*receipt as usize], *receipt));
        let in_window = |order: u32| {
            let at = sent[order as usize];
            let from = receipts.partition_point(|receipt| received[*receipt as usize] < at.saturating_sub(window));
            from..receipts.partition_point(|receipt| received[*receipt as usize] <= at).max(from)
        };
        let claimants = |receipt: u32| {
            let at = received[receipt as usize];
            let from = orders.partition_point(|order| sent[*order as usize] < at);
            orders.partition_point(|order| sent[*order as usize] <= at.saturating_add(window)) - from
        };
        // Windows are of one length, so the earliest free receipt of each order in turn leaves the most links.
        let mut free = 0;
        for order in &orders {
            let range = in_window(*order);
            if range.is_empty() {
                continue;
            }
            let first = free.max(range.start);
            if first < range.end {
                free = first + 1;
                self.n_pairs += 1;
            }
            let nearest = receipts[range.end - 1];
            let alike = (range.len() as u32, claimants(nearest) as u32);
            self.links.push(Linked {
                order: *order,
                receipt: nearest,
                runner_up: (range.len() > 1).then(|| receipts[range.end - 2]),
                alike,
                confidence: 1.0 / f64::from(alike.0.max(alike.1)),
            });
            let latency = |receipt: u32| sent[*order as usize].saturating_sub(received[receipt as usize]);
            self.spans.push((*order, latency(nearest), latency(receipts[range.start])));
        }
    }
}

/// Medians of the groups with a link, by nearest rank.
fn medians(case: &Case<'_>, spans: &[Span]) -> Vec<MedianBounds> {
    let group_of = |order: u32| case.attribution.order_group[order as usize];
    let mut groups: Vec<u16> = spans.iter().map(|span| group_of(span.0)).collect();
    groups.sort_unstable();
    groups.dedup();
    let (sent, received) = (case.orders.times(Column::SentAt).unwrap_or(&[]), case.receipts.times(Column::ReceivedAt).unwrap_or(&[]));
    let of_group = |group: u16| {
        let matched = (0..case.orders.len()).filter(|order| case.attribution.order_group[*order] == group);
        let by_id: Vec<i64> =
            matched.filter_map(|order| Some(sent[order].saturating_sub(received[case.links.matched_receipt(order)?]))).collect();
        let with = |pick: fn(&Span) -> i64| {
            let linked = spans.iter().filter(|span| group_of(span.0) == group).map(pick);
            select_nearest_rank(&mut by_id.iter().copied().chain(linked).collect::<Vec<i64>>(), QuantileLevel::P50)
        };
        let (least, most) = (with(|span| span.1)?, with(|span| span.2)?);
        Some(MedianBounds { group, by_id: select_nearest_rank(&mut by_id.clone(), QuantileLevel::P50)?, least, most })
    };
    groups.into_iter().filter_map(of_group).collect()
}

/// Codes of both sides in one numbering.
struct Codes {
    ours: [Vec<u32>; 5],
    theirs: [Vec<u32>; 5],
}

impl Codes {
    fn of(case: &Case<'_>) -> Self {
        let numbered = ALIKE.map(|column| {
            let text = |name: &str| match column {
                Column::Price | Column::Quantity => plain_number(name),
                _ => name.to_owned(),
            };
            let mut numbers: HashMap<String, u32, RandomState> = HashMap::default();
            let mut of = |records: &Records| -> Vec<u32> {
                let names = records.names(column).map_or(&[][..], |column| &column.names[..]);
                let code = |name: &String| {
                    let next = numbers.len() as u32;
                    *numbers.entry(text(name)).or_insert(next)
                };
                names.iter().map(code).collect()
            };
            (of(case.orders), of(case.receipts))
        });
        let [a, b, c, d, e] = numbered;
        Self { ours: [a.0, b.0, c.0, d.0, e.0], theirs: [a.1, b.1, c.1, d.1, e.1] }
    }

    fn of_order(&self, orders: &Records, order: usize) -> Option<Likeness> {
        likeness_of(orders, order, &self.ours)
    }

    fn of_receipt(&self, receipts: &Records, receipt: usize) -> Option<Likeness> {
        likeness_of(receipts, receipt, &self.theirs)
    }
}

/// `None` where one of them is empty: an absent value is like no other.
fn likeness_of(records: &Records, row: usize, numbers: &[Vec<u32>; 5]) -> Option<Likeness> {
    let mut likeness = [0; 5];
    for (at, column) in ALIKE.into_iter().enumerate() {
        let code = records.names(column)?.codes.get(row);
        if code == NO_NAME {
            return None;
        }
        likeness[at] = numbers[at][code as usize];
    }
    Some(likeness)
}

/// A decimal number without what does not change its value: "010.50" is "10.5".
fn plain_number(text: &str) -> String {
    let Some(text) = without_thousands(text) else { return text.to_owned() };
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let (whole, fraction) = (whole.trim_start_matches('0'), fraction.trim_end_matches('0'));
    if fraction.is_empty() { whole.to_owned() } else { format!("{whole}.{fraction}") }
}
