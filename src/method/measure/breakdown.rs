//! What was left out, counted by what the orders have in common: class x group x channel x algo flag.

use polars::prelude::{Column as Series, DataFrame, IntoLazy, PolarsResult, SortMultipleOptions, col, len};

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
    let texts = |name: &str, text: &dyn Fn(&usize) -> String| Series::new(name.into(), left_out.iter().map(text).collect::<Vec<String>>());
    let columns = vec![
        texts("class", &|order| class(order).to_owned()),
        texts("group", &|order| group(order).to_owned()),
        texts("channel", &|order| orders.name(Column::Channel, *order).to_owned()),
        texts("algo", &|order| orders.name(Column::Algo, *order).to_owned()),
    ];
    // Four columns of one length and no expression that can fail on text.
    DataFrame::new(left_out.len(), columns).and_then(count).unwrap_or_default()
}

fn count(frame: DataFrame) -> PolarsResult<Vec<BreakdownRow>> {
    const KEYS: [&str; 4] = ["class", "group", "channel", "algo"];
    let keys = KEYS.map(col);
    let counted =
        frame.lazy().group_by(keys.clone()).agg([len().alias("n")]).sort_by_exprs(keys, SortMultipleOptions::default()).collect()?;
    let text =
        |name: &str, row: usize| -> PolarsResult<String> { Ok(counted.column(name)?.str()?.get(row).unwrap_or_default().to_owned()) };
    let row = |row: usize| {
        let n = counted.column("n")?.u32()?.get(row).unwrap_or_default();
        Ok(BreakdownRow {
            class: text("class", row)?,
            group: text("group", row)?,
            channel: text("channel", row)?,
            algo: text("algo", row)?,
            n: u64::from(n),
        })
    };
    (0..counted.height()).map(row).collect()
}
