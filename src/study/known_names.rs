//! Every account, client and outside party a study has seen: what pseudonyms have to replace within sentences.

use std::collections::BTreeSet;
use std::path::Path;

use crate::config::StudyConfig;
use crate::evidence::PseudonymKey;
use crate::evidence_tables::{EvidenceRow, Tables, is_party_word};
use crate::reconcile::Attribution;
use crate::record::{Column, Diagnostic, Lookalikes, Names};
use crate::report::model::StudyResult;
use crate::report::pseudonyms::{named_in_text, replace_names};
use crate::report::tables::Reconciled;

/// The result as it is written: with pseudonyms in place of names, or with the names of its sentences listed, for who replaces them later.
///
/// # Errors
/// When a table below `folder` cannot be read or written.
pub(crate) fn settled(
    mut result: StudyResult,
    names: BTreeSet<String>,
    shown_cells: Vec<String>,
    key: Option<&PseudonymKey>,
    folder: &Path,
) -> Result<StudyResult, Diagnostic> {
    result.study.shown_cells = shown_cells;
    if let Some(key) = key {
        return replace_names(key, names, &result, folder);
    }
    result.study.named_in_text = named_in_text(names, &mut result, folder)?;
    Ok(result)
}

/// Accounts and clients of orders, receipts and the clients file.
pub(crate) fn of_rows(reconciled: &Reconciled<'_>) -> BTreeSet<String> {
    let Reconciled { orders, receipts, attribution, .. } = *reconciled;
    let Attribution { clients, .. } = attribution;
    let columns = [Column::Account, Column::Client].into_iter().flat_map(|column| [orders.names(column), receipts.names(column)]);
    columns.flatten().flat_map(|column| column.names.iter()).chain(clients).filter(|name| !name.is_empty()).cloned().collect()
}

/// Accounts that study.toml names: one without an order is told of all the same.
pub(crate) fn of_config(config: &StudyConfig) -> BTreeSet<String> {
    let lawful = &config.records.lawful;
    let house = config.priority.iter().flat_map(|priority| &priority.house_accounts);
    house.chain(&lawful.omnibus).chain(&lawful.error).filter(|name| !name.is_empty()).cloned().collect()
}

/// Names that look like others, but for groups, which keep their names: all that is left of accounts where rows are not held.
pub(crate) fn of_alike(alike: &Lookalikes, groups: &Names) -> BTreeSet<String> {
    let pairs = alike.pairs.iter().flat_map(|(one, other)| [one, other]);
    let names = pairs.chain(alike.hidden.iter().map(|(name, ..)| name));
    names.filter(|name| !groups.contains(name)).cloned().collect()
}

/// Texts of refused cells of evidence tables that the reasons of checks quote.
pub(crate) fn shown_cells(tables: &Tables) -> Vec<String> {
    let texts: BTreeSet<&String> = tables.tables.values().flat_map(|table| &table.shown_cells).collect();
    texts.into_iter().cloned().collect()
}

/// Columns of evidence tables that name somebody, each with the column that tells what kind of party it is.
const NAMED: [(&str, &str); 6] =
    [("account", ""), ("client", ""), ("party", ""), ("owner", "owner_kind"), ("user", "user_kind"), ("holder", "holder_kind")];

/// Accounts, clients and other parties of evidence tables. The broker's own people and machines stay: the report is about them.
pub(crate) fn of_evidence(tables: &Tables) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for table in tables.tables.values() {
        for (column, kind) in NAMED.into_iter().filter(|(column, kind)| table.has(column) && (kind.is_empty() || table.has(kind))) {
            let is_outside = |row: &&EvidenceRow| kind.is_empty() || row.text(kind) != "broker";
            let named = table.rows.iter().filter(is_outside).map(|row| row.text(column));
            // "client" in place of a name is a word of our sentences too.
            names.extend(named.filter(|name| !name.is_empty() && !is_party_word(name)).map(str::to_owned));
        }
    }
    names
}
