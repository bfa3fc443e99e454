//! Every account and client a study has seen: what pseudonyms have to replace within sentences.

use std::collections::BTreeSet;

use crate::evidence_tables::Tables;
use crate::reconcile::Attribution;
use crate::record::Column;
use crate::report::tables::Reconciled;

/// Accounts and clients of orders, receipts and the clients file.
pub(crate) fn of_rows(reconciled: &Reconciled<'_>) -> BTreeSet<String> {
    let Reconciled { orders, receipts, attribution, .. } = *reconciled;
    let Attribution { clients, .. } = attribution;
    let columns = [Column::Account, Column::Client].into_iter().flat_map(|column| [orders.names(column), receipts.names(column)]);
    columns.flatten().flat_map(|column| column.names.iter()).chain(clients).filter(|name| !name.is_empty()).cloned().collect()
}

/// Accounts and clients of evidence tables.
pub(crate) fn of_evidence(tables: &Tables) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for table in tables.tables.values() {
        for column in ["account", "client"].into_iter().filter(|column| table.has(column)) {
            names.extend(table.rows.iter().map(|row| row.text(column)).filter(|name| !name.is_empty()).map(str::to_owned));
        }
    }
    names
}
