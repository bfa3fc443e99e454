//! Which client and group an account belongs to, and since when.

use std::collections::BTreeMap;

use crate::reconcile::Records;
use crate::record::{Column, Diagnostic, NameColumn, Names, TradeDate};

/// The clients file: for each account, dated entries that do not overlap.
#[derive(Clone, Debug, Default)]
pub struct ClientBook {
    entries: BTreeMap<String, Vec<Entry>>,
}

/// One row of the clients file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The group, where the file gives one.
    pub group: Option<String>,
    /// The client, where the file gives one.
    pub client: Option<String>,
    from: TradeDate,
    to: TradeDate,
}

impl ClientBook {
    /// The book of a clients file's rows.
    ///
    /// # Errors
    /// When a date cannot be read, or an account has two entries on one date (the message names the account and both rows).
    pub fn of(records: &Records) -> Result<Self, Diagnostic> {
        let text = |column: Column, row: usize| Some(records.name(column, row)).filter(|text| !text.is_empty()).map(str::to_owned);
        let date = |column: Column, row: usize, open: TradeDate| match text(column, row) {
            None => Ok(open),
            Some(written) => TradeDate::parse(&written).ok_or_else(|| {
                let (row, column) = (records.place(row).1 + 1, column.name());
                let problem = (
                    format!("客戶檔第 {row} 列資料：`{column}` 不是日期：\"{written}\""),
                    format!("clients file, data row {row}: `{column}` is not a date: \"{written}\""),
                );
                Diagnostic::new("E0211", problem)
                    .help(("日期請寫成 2026-01-05；沒有期限就留空", "write dates as 2026-01-05; leave the cell empty for an open end"))
            }),
        };
        let mut book = Self::default();
        for row in 0..records.len() {
            let at_row = |zh: &str, en: &str| {
                let row = records.place(row).1 + 1;
                (format!("客戶檔第 {row} 列資料：{zh}"), format!("clients file, data row {row}: {en}"))
            };
            let (from, to) = (date(Column::From, row, TradeDate(i32::MIN))?, date(Column::To, row, TradeDate(i32::MAX))?);
            let entry = Entry { group: text(Column::Group, row), client: text(Column::Client, row), from, to };
            let Some(account) = text(Column::Account, row) else {
                // Spreadsheets end in rows of empty cells; a row that says something must say of whom.
                if entry == (Entry { group: None, client: None, from: TradeDate(i32::MIN), to: TradeDate(i32::MAX) }) {
                    continue;
                }
                return Err(Diagnostic::new("E0218", at_row("沒有帳號", "no account"))
                    .help(("請填帳號，或刪去該列", "name the account, or delete the row")));
            };
            if from > to {
                let problem = at_row(
                    &format!("帳號 {account} 的迄日（{to}）早於起日（{from}）"),
                    &format!("the entry of account {account} ends ({to}) before it starts ({from})"),
                );
                let help = ("`from` 是生效的第一天，`to` 是最後一天", "`from` is the first date it holds, `to` the last");
                return Err(Diagnostic::new("E0219", problem).help(help));
            }
            let earlier = book.entries.entry(account.clone()).or_default();
            if earlier.contains(&entry) {
                continue;
            }
            if let Some(clash) = earlier.iter().find(|other| other.from <= to && from <= other.to) {
                let date = if clash.from > from { clash.from } else { from };
                let when = (date.0 != i32::MIN).then(|| date.to_string());
                let (zh, en) = (when.as_deref().unwrap_or("最早的日期"), when.as_deref().unwrap_or("the earliest dates"));
                let problem = at_row(&format!("帳號 {account} 在 {zh} 有兩筆資料"), &format!("account {account} has two entries on {en}"));
                return Err(Diagnostic::new("E0212", problem)
                    .help(("請讓前一筆的 `to` 早於後一筆的 `from`", "end the earlier entry (`to`) before the later one starts (`from`)")));
            }
            earlier.push(entry);
        }
        Ok(book)
    }

    /// True when there is no clients file.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Accounts whose entries do not hold on every date.
    pub fn dated(&self) -> impl Iterator<Item = &str> {
        let open = |entry: &Entry| (entry.from, entry.to) == (TradeDate(i32::MIN), TradeDate(i32::MAX));
        self.entries.iter().filter(move |(_, entries)| !entries.iter().all(open)).map(|(account, _)| account.as_str())
    }

    /// Whether an entry of an account holds on a date.
    #[must_use]
    pub fn holds(&self, account: &str, date: TradeDate) -> bool {
        self.entries.get(account).is_some_and(|entries| entries.iter().any(|entry| (entry.from..=entry.to).contains(&date)))
    }

    /// Every account, ascending.
    pub fn accounts(&self) -> impl Iterator<Item = &str> {
        self.entries.keys().map(String::as_str)
    }

    /// Every entry.
    pub fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.entries.values().flatten()
    }

    /// For every name of an account column, its entries, by the codes of `groups` and `clients`; of names that those have not, none.
    pub(crate) fn by_code(&self, accounts: Option<&NameColumn>, groups: &Names, clients: &Names) -> Vec<Vec<CodedEntry>> {
        let code = |names: &Names, name: &Option<String>| names.binary_search(name.as_ref()?).ok();
        let coded = |entry: &Entry| CodedEntry {
            group: code(groups, &entry.group).map(|code| code as u16),
            client: code(clients, &entry.client).map(|code| code as u32),
            from: entry.from,
            to: entry.to,
        };
        let names: &[String] = accounts.map_or(&[], |accounts| &accounts.names);
        names.iter().map(|name| self.entries.get(name).map_or(Vec::new(), |entries| entries.iter().map(coded).collect())).collect()
    }
}

/// A row of the clients file by codes: an order is looked up without comparing a name.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CodedEntry {
    pub(crate) group: Option<u16>,
    pub(crate) client: Option<u32>,
    from: TradeDate,
    to: TradeDate,
}

/// The entry that holds on `date()`, which is asked for only where it matters.
pub(crate) fn entry_on(entries: &[CodedEntry], date: impl FnOnce() -> TradeDate) -> Option<CodedEntry> {
    match entries {
        [] => None,
        [only] if (only.from, only.to) == (TradeDate(i32::MIN), TradeDate(i32::MAX)) => Some(*only),
        several => {
            let date = date();
            several.iter().find(|entry| (entry.from..=entry.to).contains(&date)).copied()
        }
    }
}

/// The one client that entries of an account name, on whatever dates.
pub(crate) fn only_client(entries: &[CodedEntry]) -> Option<u32> {
    let mut named = entries.iter().filter_map(|entry| entry.client);
    let first = named.next()?;
    named.all(|client| client == first).then_some(first)
}

/// Distinct names in ascending order, and the rank of any of them.
pub(crate) fn ranked<'a>(names: impl Iterator<Item = &'a str>) -> Names {
    let mut all: Names = names.map(str::to_owned).collect();
    all.sort_unstable();
    all.dedup();
    all
}

/// The rank of a name that is in `names`.
pub(crate) fn rank(names: &Names, name: &str) -> u32 {
    names.binary_search_by(|found| found.as_str().cmp(name)).map_or(0, |rank| rank as u32)
}
