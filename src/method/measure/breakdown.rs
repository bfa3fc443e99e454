//! What was left out, counted by what the orders have in common: class x group x channel x algo flag.

use polars::prelude::{Column as Series, DataFrame, PolarsResult};

use crate::reconcile::{Attribution, Links, OrderClass, Records};
use crate::record::Column;

/// Orders of one class that share group, channel and algo flag.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct BreakdownRow {
    /// "missing_receipt", "ambiguous" or "duplicate_order".
    pub class: String,
    /// Group; `(unknown)` where nothing assigns one.
    pub group: String,
    /// Channel as written in the orders; empty where there is none.
    pub channel: String,
    /// Algo flag as written; empty where there is none.
    pub algo: String,
    /// Orders.
    pub n: u64,
}

/// Counts the orders that are not matched, ascending by class, group, channel and algo flag.
#[must_use]
pub fn breakdown(orders: &Records, links: &Links, attribution: &Attribution) -> Vec<BreakdownRow> {
    let left_out: Vec<usize> = (0..orders.len()).filter(|order| links.order_class(*order) != OrderClass::Matched).collect();
    let class = |order: &usize| match links.order_class(*order) {
        OrderClass::Matched => "matched",
        OrderClass::MissingReceipt => "missing_receipt",
        OrderClass::Ambiguous => "ambiguous",
        OrderClass::Duplicate => "duplicate_order",
    };
    let group = |order: &usize| attribution.groups[usize::from(attribution.order_group[*order])].as_str();
    let channel = |order: &usize| orders.name(Column::Channel, *order);
    let algo = |order: &usize| orders.name(Column::Algo, *order);
    let texts = |name: &str, texts: Vec<&str>| Series::new(name.into(), texts);
    let columns = vec![
        texts("class", left_out.iter().map(class).collect()),
        texts("group", left_out.iter().map(group).collect()),
        texts("channel", left_out.iter().map(channel).collect()),
        texts("algo", left_out.iter().map(algo).collect()),
    ];
    let row = |(first, n): (usize, u64)| {
        let order = &left_out[first];
        let [class, group, channel, algo] = [class(order), group(order), channel(order), algo(order)].map(str::to_owned);
        BreakdownRow { class, group, channel, algo, n }
    };
    let counted = count(columns, left_out.len()).expect("four columns of text, of one length");
    let mut rows: Vec<BreakdownRow> = counted.into_iter().map(row).collect();
    rows.sort_unstable();
    rows
}

/// The first row of each combination of the columns' values, and how many rows there are of it. Eager and on this thread: the lazy engine
/// starts an asynchronous runtime for every question.
fn count(columns: Vec<Series>, height: usize) -> PolarsResult<Vec<(usize, u64)>> {
    let frame = DataFrame::new(height, columns.clone())?;
    let groups = frame.group_by_with_series(columns, false, false)?;
    Ok(groups.get_groups().iter().map(|group| (group.first() as usize, group.len() as u64)).collect())
}
