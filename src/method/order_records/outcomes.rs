//! What became of orders and receipts, and accounts that are lawful classes of their own: named and counted apart, never a fault.
//!
//! What the exchange did to an order is no act of the broker or the client: a quantity it cut is no amend, a reject no missing order. Its
//! reports come late, twice and out of order by themselves. An order of the error account has no client behind it.

use crate::order_records::by_id::OrdersById;
use crate::order_records::sequence::displaced;
use crate::order_records::{Case, Side};
use crate::reconcile::{Links, OrderClass, ReceiptClass, Records};
use crate::record::{Column, NO_NAME, NO_TIME, NameColumn, TimeSpan, Timestamp};

/// A lawful class.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Lawful {
    /// An order of an account that study.toml names as an omnibus account: clients stand behind it together.
    OmnibusAccount,
    /// An order of an error account, without a receipt: no client gave it.
    ErrorAccount,
    /// A receipt not sent: it waits.
    Waited,
    /// A receipt not sent: the broker refused it.
    Refused,
    /// A receipt not sent: it lapsed.
    Expired,
    /// A receipt not sent: the client took it back.
    Withdrawn,
    /// A receipt not sent, with an outcome in other words.
    OtherOutcome,
    /// An order the exchange did not take.
    ExchangeRejected,
    /// An order whose quantity the exchange cut.
    ExchangeCut,
    /// A report of the exchange that came again.
    ReportTwice,
    /// A report that came behind a later one of the same order.
    ReportOutOfOrder,
    /// A report that came later after its making than `reports_within`.
    ReportLate,
    /// A report of an order that is not in the files: of the error account, or an allocation.
    ReportWithoutOrder,
}

impl Lawful {
    /// Every class.
    pub const ALL: [Self; 13] = [
        Self::OmnibusAccount,
        Self::ErrorAccount,
        Self::Waited,
        Self::Refused,
        Self::Expired,
        Self::Withdrawn,
        Self::OtherOutcome,
        Self::ExchangeRejected,
        Self::ExchangeCut,
        Self::ReportTwice,
        Self::ReportOutOfOrder,
        Self::ReportLate,
        Self::ReportWithoutOrder,
    ];

    /// Its name in the result and the tables.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::OmnibusAccount => "omnibus_account",
            Self::ErrorAccount => "error_account",
            Self::Waited => "waited",
            Self::Refused => "refused",
            Self::Expired => "expired",
            Self::Withdrawn => "withdrawn",
            Self::OtherOutcome => "other_outcome",
            Self::ExchangeRejected => "exchange_rejected",
            Self::ExchangeCut => "exchange_cut",
            Self::ReportTwice => "report_twice",
            Self::ReportOutOfOrder => "report_out_of_order",
            Self::ReportLate => "report_late",
            Self::ReportWithoutOrder => "report_without_order",
        }
    }

    /// What an outcome says of a receipt that no order came from.
    #[must_use]
    pub fn of_receipt(outcome: &str) -> Self {
        const WORDS: [(Lawful, &[&str]); 4] = [
            (Lawful::Expired, &["expire", "lapse", "time out", "timeout", "逾時", "逾期", "失效"]),
            (Lawful::Refused, &["refus", "reject", "denied", "deny", "拒", "退", "不足", "失敗"]),
            (Lawful::Withdrawn, &["cancel", "withdraw", "取消", "刪", "撤"]),
            (Lawful::Waited, &["wait", "pending", "queue", "held", "hold", "等", "暫存", "預約"]),
        ];
        let lower = outcome.to_lowercase();
        let says = |words: &&[&str]| words.iter().any(|word| lower.contains(word));
        WORDS.iter().find(|(_, words)| says(words)).map_or(Self::OtherOutcome, |(class, _)| *class)
    }

    /// What an outcome or a report says the exchange did to an order; 31 and 51 are its codes of a quantity cut, 97 and 8 (FIX) of a reject.
    #[must_use]
    pub fn of_order(outcome: &str) -> Option<Self> {
        let lower = outcome.trim().to_lowercase();
        let says = |words: &[&str]| words.iter().any(|word| lower.contains(word));
        match lower.as_str() {
            "31" | "51" => Some(Self::ExchangeCut),
            "97" | "8" => Some(Self::ExchangeRejected),
            _ if says(&["cut", "curtail", "刪減", "減量"]) => Some(Self::ExchangeCut),
            _ if says(&["reject", "refus", "拒", "退單", "失敗"]) => Some(Self::ExchangeRejected),
            _ => None,
        }
    }
}

/// Accounts that study.toml names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LawfulAccounts {
    /// Several clients stand behind each.
    pub omnibus: Vec<String>,
    /// The broker's own, to put errors right.
    pub error: Vec<String>,
    /// Reports of the exchange reach the broker within this; `None`: which came late is not asked.
    pub reports_within: Option<TimeSpan>,
}

/// Which orders are of which accounts.
#[derive(Clone, Debug, Default)]
pub(crate) struct AccountMarks<'a> {
    omnibus: Marks<'a>,
    error: Marks<'a>,
}

/// By account code, whether it is marked; `None` where no account is.
type Marks<'a> = Option<(&'a NameColumn, Vec<bool>)>;

impl<'a> AccountMarks<'a> {
    pub(crate) fn of_orders(case: &Case<'a>) -> Self {
        let Some(accounts) = case.orders.names(Column::Account) else { return Self::default() };
        let marked = |named: &[String]| {
            let marks: Vec<bool> = accounts.names.iter().map(|name| named.contains(name)).collect();
            marks.contains(&true).then_some((accounts, marks))
        };
        Self { omnibus: marked(&case.lawful.omnibus), error: marked(&case.lawful.error) }
    }

    fn is(marks: &Marks<'_>, order: usize) -> bool {
        marks.as_ref().is_some_and(|(accounts, marks)| match accounts.codes.get(order) {
            NO_NAME => false,
            code => marks[code as usize],
        })
    }

    pub(crate) fn is_omnibus(&self, order: usize) -> bool {
        Self::is(&self.omnibus, order)
    }

    pub(crate) fn is_error(&self, order: usize) -> bool {
        Self::is(&self.error, order)
    }
}

/// A row of a lawful class.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ClassedRow {
    /// The class.
    pub class: Lawful,
    /// Its side.
    pub side: Side,
    /// Its row.
    pub row: u32,
    /// The row to lay beside it.
    pub other: Option<(Side, u32)>,
}

/// Reports of the exchange in figures.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReportFigures {
    /// Reports.
    pub reports: u64,
    /// Orders with one.
    pub answered: u64,
    /// Orders without any.
    pub unanswered: u64,
    /// Whether a report can be told from its copy: the files have the exchange's own time or number.
    pub copies_known: bool,
}

/// Every row of a lawful class.
#[derive(Clone, Debug, Default)]
pub struct Outcomes {
    /// Ascending by class, side and row.
    pub rows: Vec<ClassedRow>,
    /// Of the reports; `None` without a file of them.
    pub reports: Option<ReportFigures>,
}

/// Looks at every order, receipt and report once; O(n log n) in the reports.
#[must_use]
pub fn outcomes(case: &Case<'_>) -> Outcomes {
    let mut rows = Vec::new();
    let row = |class, side, row: usize| ClassedRow { class, side, row: row as u32, other: None };
    let marks = AccountMarks::of_orders(case);
    let told = outcome_classes(case.orders);
    let kept = |order: &usize| case.links.order_class(*order) != OrderClass::Duplicate;
    for order in (0..case.orders.len()).filter(kept) {
        if marks.is_omnibus(order) {
            rows.push(row(Lawful::OmnibusAccount, Side::Orders, order));
        }
        if marks.is_error(order) && case.links.order_class(order) == OrderClass::MissingReceipt {
            rows.push(row(Lawful::ErrorAccount, Side::Orders, order));
        }
        rows.extend(class_of(told.as_ref(), order).map(|class| row(class, Side::Orders, order)));
    }
    rows.extend(never_sent(case.receipts, case.links).into_iter().map(|(receipt, class)| row(class, Side::Receipts, receipt)));
    let reports = case.reports.map(|reports| of_reports(case, reports, &mut rows));
    rows.sort_unstable();
    // The orders' own outcome and a report may say the same.
    rows.dedup_by_key(|row| (row.class, row.side, row.row));
    Outcomes { rows, reports }
}

/// Receipts that no order came from and whose outcome is on record, ascending, each with its class.
#[must_use]
pub fn never_sent(receipts: &Records, links: &Links) -> Vec<(usize, Lawful)> {
    let Some(column) = receipts.names(Column::Outcome) else { return Vec::new() };
    let classes: Vec<Lawful> = column.names.iter().map(|name| Lawful::of_receipt(name)).collect();
    let orphans = (0..receipts.len()).filter(|receipt| links.receipt_class(*receipt) == ReceiptClass::Orphan);
    let class_of = |receipt: usize| Some(column.codes.get(receipt)).filter(|code| *code != NO_NAME).map(|code| classes[code as usize]);
    orphans.filter_map(|receipt| Some((receipt, class_of(receipt)?))).collect()
}

/// What the exchange did, by the orders' outcome column.
type OutcomeClasses<'a> = (&'a NameColumn, Vec<Option<Lawful>>);

pub(crate) fn outcome_classes(records: &Records) -> Option<OutcomeClasses<'_>> {
    let column = records.names(Column::Outcome)?;
    Some((column, column.names.iter().map(|name| Lawful::of_order(name)).collect()))
}

pub(crate) fn class_of(told: Option<&OutcomeClasses<'_>>, row: usize) -> Option<Lawful> {
    let (column, classes) = told?;
    match column.codes.get(row) {
        NO_NAME => None,
        code => classes[code as usize],
    }
}

/// Reports by order, in the order they came.
fn of_reports(case: &Case<'_>, reports: &Records, rows: &mut Vec<ClassedRow>) -> ReportFigures {
    let came = reports.times(Column::AcknowledgedAt).unwrap_or(&[]);
    let made = reports.times(Column::EventAt);
    let numbers = reports.ids(Column::Serial);
    let told = outcome_classes(reports);
    let mut figures =
        ReportFigures { reports: reports.len() as u64, copies_known: made.is_some() || numbers.is_some(), ..Default::default() };
    let Some(of_order) = reports.ids(Column::OrderId) else { return figures };
    let orders = OrdersById::of(case);
    let mut sorted: Vec<u32> = (0..reports.len() as u32).collect();
    sorted.sort_unstable_by_key(|row| (of_order.keys[*row as usize], came[*row as usize], *row));
    let made_at = |row: u32| made.map(|made| made[row as usize]).filter(|at| *at != NO_TIME);
    let code = |column: Column, row: u32| reports.names(column).map_or(NO_NAME, |names| names.codes.get(row as usize));
    let number = |row: u32| numbers.map(|ids| ids.keys[row as usize]).filter(|key| !key.is_absent());
    let content = |row: u32| (number(row), made_at(row), code(Column::Outcome, row), code(Column::Kind, row), code(Column::Quantity, row));
    let order_of = |row: u32| orders.find(of_order.keys[row as usize], Timestamp(came[row as usize]));
    for family in sorted.chunk_by(|a, b| of_order.keys[*a as usize] == of_order.keys[*b as usize] && order_of(*a) == order_of(*b)) {
        let order = order_of(family[0]);
        let report = |class, row: u32| ClassedRow { class, side: Side::Reports, row, other: order.map(|order| (Side::Orders, order)) };
        figures.answered += u64::from(order.is_some());
        let mut first: Vec<u32> = Vec::with_capacity(family.len());
        for row in family {
            let known = number(*row).is_some() || made_at(*row).is_some();
            let same = first.iter().find(|earlier| known && content(**earlier) == content(*row));
            match same {
                Some(earlier) => {
                    rows.push(ClassedRow { other: Some((Side::Reports, *earlier)), ..report(Lawful::ReportTwice, *row) });
                }
                None => first.push(*row),
            }
        }
        let dated: Vec<(u32, i64)> = first.iter().filter_map(|row| Some((*row, made_at(*row)?))).collect();
        let times: Vec<i64> = dated.iter().map(|(_, at)| *at).collect();
        for one in displaced(&times) {
            let beside = Some((Side::Reports, dated[one.against].0));
            rows.push(ClassedRow { other: beside, ..report(Lawful::ReportOutOfOrder, dated[one.at].0) });
        }
        if let Some(within) = case.lawful.reports_within {
            let late = |(row, at): &&(u32, i64)| came[*row as usize].saturating_sub(*at) > within.0;
            rows.extend(dated.iter().filter(late).map(|(row, _)| report(Lawful::ReportLate, *row)));
        }
        let Some(order) = order else {
            rows.extend(first.iter().map(|row| report(Lawful::ReportWithoutOrder, *row)));
            continue;
        };
        for row in &first {
            let by_exchange = class_of(told.as_ref(), *row as usize);
            rows.extend(by_exchange.map(|class| ClassedRow { class, side: Side::Orders, row: order, other: Some((Side::Reports, *row)) }));
        }
    }
    let kept = (0..case.orders.len()).filter(|order| case.links.order_class(*order) != OrderClass::Duplicate).count() as u64;
    figures.unanswered = kept.saturating_sub(figures.answered);
    figures
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outcomes_are_read_in_both_languages_and_unknown_words_are_not_guessed() {
        let of_receipt = [
            ("waiting for limit", Lawful::Waited),
            ("風控退單", Lawful::Refused),
            ("餘額不足", Lawful::Refused),
            ("Rejected by risk", Lawful::Refused),
            ("expired at close", Lawful::Expired),
            ("逾時失效", Lawful::Expired),
            ("客戶取消", Lawful::Withdrawn),
            ("X7", Lawful::OtherOutcome),
        ];
        for (outcome, class) in of_receipt {
            assert_eq!(Lawful::of_receipt(outcome), class, "{outcome}");
        }
        for (outcome, class) in [
            ("31", Some(Lawful::ExchangeCut)),
            ("51", Some(Lawful::ExchangeCut)),
            ("交易所刪減", Some(Lawful::ExchangeCut)),
            ("rejected", Some(Lawful::ExchangeRejected)),
            ("97", Some(Lawful::ExchangeRejected)),
            ("filled", None),
            ("310", None),
        ] {
            assert_eq!(Lawful::of_order(outcome), class, "{outcome}");
        }
    }
}
