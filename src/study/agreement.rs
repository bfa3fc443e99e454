//! Whether an order and its receipt say the same of whose it is and what it is on: the link goes by the id alone.

use rayon::prelude::*;

use crate::record::{Column, NO_NAME, NameColumn, printable};
use crate::report::model::Words;
use crate::report::tables::Reconciled;

/// What is compared, where both sides have it.
const COMPARED: [Column; 3] = [Column::Account, Column::Symbol, Column::Side];
/// A share from which on the two columns are taken to be written in two ways.
const WRITTEN_OTHERWISE: f64 = 0.5;
/// A share from which on the reader is told before anything else.
const MANY: f64 = 0.001;

/// Matched orders whose receipt says otherwise.
struct Disagreement {
    column: Column,
    n: u64,
    of: u64,
    /// That of the least receipt id: the id, and what order and receipt say.
    first: [String; 3],
}

/// What is said of the links: before everything else where it is much, and among the notices.
#[derive(Debug, Default)]
pub(crate) struct Agreement {
    pub(crate) alerts: Vec<Words>,
    pub(crate) notices: Vec<Words>,
}

/// Holds every matched order against its receipt. O(n) for each column that both sides have.
pub(crate) fn agreement(reconciled: &Reconciled<'_>) -> Agreement {
    let mut said = Agreement::default();
    for found in COMPARED.into_iter().filter_map(|column| disagreement(reconciled, column)) {
        let share = found.n as f64 / found.of as f64;
        let words = words(&found, share);
        if share > MANY && share < WRITTEN_OTHERWISE { said.alerts.push(words) } else { said.notices.push(words) }
    }
    said
}

fn disagreement(reconciled: &Reconciled<'_>, column: Column) -> Option<Disagreement> {
    let (ours, theirs) = (reconciled.orders.names(column)?, reconciled.receipts.names(column)?);
    // Codes of one side in those of the other: names ascend on both.
    let known = |name: &String| theirs.names.binary_search(name).map_or(NO_NAME, |code| code as u32);
    let their_code: Vec<u32> = ours.names.iter().map(known).collect();
    let code = |column: &NameColumn, row: usize| Some(column.codes.get(row)).filter(|code| *code != NO_NAME);
    let compared = |order: usize| {
        let receipt = reconciled.links.matched_receipt(order)?;
        let (own, other) = (code(ours, order)?, code(theirs, receipt)?);
        Some((their_code[own as usize] == other, (order, receipt)))
    };
    // The same one whatever the order of rows.
    let said = |(order, receipt): (usize, usize)| {
        let id = reconciled.receipts.id(Column::ReceiptId, receipt).unwrap_or_default();
        [id, reconciled.orders.name(column, order).to_owned(), reconciled.receipts.name(column, receipt).to_owned()]
    };
    type Sum = (u64, u64, Option<[String; 3]>);
    let add = |(n, of, first): Sum, (agrees, place): (bool, (usize, usize))| {
        if agrees { (n, of + 1, first) } else { (n + 1, of + 1, first.into_iter().chain([said(place)]).min()) }
    };
    let join = |(n, of, first): Sum, (n_next, of_next, next): Sum| (n + n_next, of + of_next, first.into_iter().chain(next).min());
    let rows = (0..reconciled.orders.len()).into_par_iter().filter_map(compared);
    let (n, of, first) = rows.fold(|| (0, 0, None), add).reduce(|| (0, 0, None), join);
    Some(Disagreement { column, n, of, first: first? })
}

fn words(found: &Disagreement, share: f64) -> Words {
    let (zh, en) = match found.column {
        Column::Account => ("帳號", "account"),
        Column::Symbol => ("證券", "instrument"),
        _ => ("買賣別", "side"),
    };
    let [id, own, other] = found.first.each_ref().map(|text| printable(text, 40));
    let (n, of) = (found.n, found.of);
    if share >= WRITTEN_OTHERWISE {
        return Words {
            zh: format!(
                "{of} 筆配對委託中 {n} 筆之{zh}與其收單不同：兩檔應是寫法不同，未據以核對（如收單 {id}：委託為 {own}，收單為 {other}）"
            ),
            en: format!(
                "the {en} of {n} of {of} matched orders is not that of their receipt: the files rather write it in two ways, and nothing was held against it (such as receipt {id}: {own} in the order, {other} in the receipt)"
            ),
        };
    }
    Words {
        zh: format!(
            "{of} 筆配對委託中 {n} 筆之{zh}與其收單不同（如收單 {id}：委託為 {own}，收單為 {other}）：編號可能重複使用，或收單記於他人；編號逐日重編時請於 [link] keys 加 \"trade_date\""
        ),
        en: format!(
            "{n} of {of} matched orders name another {en} than their receipt (such as receipt {id}: {own} in the order, {other} in the receipt): ids may have been used again, or the receipt is on somebody else; where ids begin anew each day add \"trade_date\" to [link] keys"
        ),
    }
}
