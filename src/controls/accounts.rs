//! Audit finding 3: highest privilege, vendors, approvals, contracts, shared accounts, reviews of unused rights.

use std::collections::{BTreeMap, BTreeSet};

use crate::checks::{Audit, CalendarSpan, Examined, Found, Interval, Outcome, examine, overdue};
use crate::controls::{by, in_period, joined_spans, within};
use crate::evidence_tables::EvidenceRow;
use crate::record::TradeDate;
use crate::rules::Sentence;

/// Half-yearly, in either reading.
pub(crate) const HALF_YEARLY: Interval = Interval { months: 6, span: CalendarSpan::HalfYear };

pub(crate) fn checks(audit: &Audit<'_>) -> Vec<Outcome> {
    vec![
        examine("C301", audit, &["accounts.privilege!", "accounts.holder_kind!"], || disputed(audit, vendor_privilege(audit))),
        examine("C302", audit, &["accounts.privilege!"], || disputed(audit, unapproved(audit))),
        examine("C303", audit, &["accounts.holder_kind!", "accounts.vendor"], || disputed(audit, after_contract(audit))),
        examine("C304", audit, &["accounts.holder_kind!", "accounts.vendor"], || disputed(audit, not_withdrawn(audit))),
        examine("C305", audit, &["accounts.holder"], || shared(audit)),
        examine("C306", audit, &["account_reviews.reviewed_on"], || unused(audit)),
    ]
}

fn living<'a>(audit: &Audit<'a>) -> impl Iterator<Item = &'a EvidenceRow> {
    let period = audit.period;
    audit.tables.rows("accounts").filter(move |row| row.meets("from", "to", period))
}

fn name(row: &EvidenceRow) -> String {
    format!("{}@{}", row.text("account"), row.text("host"))
}

/// What was examined, with the doubt of a holder who is called the broker's here and a vendor in `contracts`.
fn disputed(audit: &Audit<'_>, mut examined: Examined) -> Examined {
    let vendors: BTreeSet<&str> = audit.tables.rows("contracts").map(|row| row.text("vendor")).collect();
    let named = |row: &&EvidenceRow| row.text("holder_kind") != "vendor" && vendors.contains(row.text("holder"));
    if let Some(row) = living(audit).find(named) {
        let (place, holder, kind) = (&row.place, row.text("holder"), row.text("holder_kind"));
        examined.doubts.push(Sentence::new(
            format!("帳號清冊之持有人 {holder} 類別為 {kind}，contracts 則為廠商（{} 第 {} 行），請更正其一", place.file, place.line),
            format!(
                "`accounts` calls the holder {holder} {kind}, `contracts` a vendor ({}, line {}): correct one of the two",
                place.file, place.line
            ),
        ));
    }
    examined
}

fn vendor_privilege(audit: &Audit<'_>) -> Examined {
    let top: Vec<&EvidenceRow> = living(audit).filter(|row| row.text("privilege") == "highest").collect();
    let found = top.iter().filter(|row| row.text("holder_kind") == "vendor").map(|row| {
        let holder = row.text("holder");
        let detail =
            Sentence::new(format!("最高權限由廠商人員 {holder} 持有"), format!("highest privilege, held by the vendor's {holder}"));
        Found::between(within(audit, row), name(row), detail, &[row])
    });
    // Where none is of highest privilege, all were looked at.
    let population = if top.is_empty() { living(audit).count() } else { top.len() };
    Examined { population: population as u64, found: found.collect(), ..Examined::default() }
}

/// Logins within the period, with their local date and the account's rows of that date; those of other dates where none holds then.
fn logins<'a>(audit: &Audit<'a>) -> Vec<(&'a EvidenceRow, TradeDate, Vec<&'a EvidenceRow>)> {
    let mut accounts: BTreeMap<(&str, &str), Vec<&EvidenceRow>> = BTreeMap::new();
    audit.tables.rows("accounts").for_each(|row| accounts.entry((row.text("host"), row.text("account"))).or_default().push(row));
    let dated = audit.tables.rows("logins").filter_map(|row| Some((row, audit.zone.date_of(row.time("at")?))));
    dated
        .filter(|(_, date)| in_period(audit, Some(*date)))
        .map(|(row, date)| {
            let all = accounts.get(&(row.text("host"), row.text("account"))).cloned().unwrap_or_default();
            let then: Vec<&EvidenceRow> = all.iter().copied().filter(|account| account.holds("from", "to", date)).collect();
            (row, date, if then.is_empty() { all } else { then })
        })
        .collect()
}

/// Logins of accounts that the account list does not know: nobody can say whose they are.
fn unknown_accounts(logins: &[(&EvidenceRow, TradeDate, Vec<&EvidenceRow>)]) -> Vec<Sentence> {
    let strangers: Vec<&EvidenceRow> = logins.iter().filter(|(_, _, rows)| rows.is_empty()).map(|(row, ..)| *row).collect();
    let doubt = strangers.first().map(|first| {
        let (n, place) = (strangers.len(), &first.place);
        Sentence::new(
            format!("{n} 筆登入之帳號不在帳號清冊（如 {} 第 {} 行）", place.file, place.line),
            format!("{n} logins of accounts that `accounts` does not list (such as {}, line {})", place.file, place.line),
        )
    });
    doubt.into_iter().collect()
}

fn unapproved(audit: &Audit<'_>) -> Examined {
    let logins = logins(audit);
    let top = |rows: &[&EvidenceRow]| rows.iter().any(|row| row.text("privilege") == "highest");
    let of_top: Vec<_> = logins.iter().filter(|(_, _, rows)| top(rows)).collect();
    let approved = |row: &EvidenceRow, date: TradeDate| {
        let same = |approval: &EvidenceRow| {
            approval.text("host").eq_ignore_ascii_case(row.text("host"))
                && approval.text("account").eq_ignore_ascii_case(row.text("account"))
        };
        audit.tables.rows("approvals").any(|approval| same(approval) && approval.holds("from", "to", date))
    };
    let found = of_top.iter().filter(|(row, date, _)| !approved(row, *date)).map(|(row, date, accounts)| {
        // An account that had ended, or had not begun: which rights it had that day is not said.
        let then = accounts.iter().any(|account| account.holds("from", "to", *date));
        let detail = match then {
            true => Sentence::new("最高權限登入，當日無核准", "a login of highest privilege without approval that day"),
            false => Sentence::new(
                "登入日不在帳號清冊所載期間，該帳號他時為最高權限，當日無核准",
                "a login outside the account's listed time, of highest privilege at another time, without approval that day",
            ),
        };
        Found::on(*date, name(row), detail, &[row]).only_if(then)
    });
    let mut examined =
        Examined { population: of_top.len() as u64, found: found.collect(), doubts: unknown_accounts(&logins), ..Examined::default() };
    let strangers = examined.doubts.len();
    examined.doubts.extend(approved_strangers(audit));
    if examined.doubts.len() > strangers {
        // An approval of an account that nobody lists may be of this one under another name.
        examined.found.iter_mut().for_each(|found| found.confirmed = false);
    }
    if of_top.is_empty() && !logins.is_empty() {
        // Logins were examined; none was of highest privilege.
        examined.population = logins.len() as u64;
    }
    examined
}

/// Approvals of accounts that the account list does not know.
fn approved_strangers(audit: &Audit<'_>) -> Option<Sentence> {
    let same = |one: &EvidenceRow, other: &EvidenceRow| {
        ["host", "account"].iter().all(|column| one.text(column).eq_ignore_ascii_case(other.text(column)))
    };
    let row = audit.tables.rows("approvals").find(|approval| !audit.tables.rows("accounts").any(|account| same(approval, account)))?;
    let (place, account, host) = (&row.place, row.text("account"), row.text("host"));
    Some(Sentence::new(
        format!("核准之帳號 {account}@{host} 不在帳號清冊（{} 第 {} 行）：名稱是否一致？", place.file, place.line),
        format!(
            "an approval is of an account that `accounts` does not list, {account}@{host} ({}, line {}): is it another name?",
            place.file, place.line
        ),
    ))
}

/// The vendor of an account row, and its contracts.
fn contracts_of<'a>(contracts: &BTreeMap<&'a str, Vec<&'a EvidenceRow>>, row: &EvidenceRow) -> Vec<&'a EvidenceRow> {
    contracts.get(row.text("vendor")).cloned().unwrap_or_default()
}

/// The contract that ended last before a date.
fn ended_before<'a>(contracts: &[&'a EvidenceRow], date: TradeDate) -> Option<&'a EvidenceRow> {
    let ended = contracts.iter().copied().filter(|contract| contract.date("to").is_some_and(|to| to < date));
    ended.max_by_key(|contract| contract.date("to"))
}

/// The stretches of a span that no other covers.
fn uncovered((from, to): (TradeDate, TradeDate), others: Vec<(TradeDate, TradeDate)>) -> Vec<(TradeDate, TradeDate)> {
    let (mut stretches, mut next) = (Vec::new(), from);
    for (first, last) in joined_spans(others) {
        if next < first && next <= to {
            stretches.push((next, TradeDate(first.0 - 1).min(to)));
        }
        next = next.max(TradeDate(last.0 + 1));
    }
    stretches.extend((next <= to).then_some((next, to)));
    stretches
}

fn after_contract(audit: &Audit<'_>) -> Examined {
    let contracts = by(audit.tables.rows("contracts"), "vendor");
    let logins = logins(audit);
    let (mut population, mut found, mut uncontracted) = (0, Vec::new(), BTreeSet::new());
    for (row, date, accounts) in &logins {
        let vendors: Vec<&&EvidenceRow> = accounts.iter().filter(|account| account.text("holder_kind") == "vendor").collect();
        // Several holders: only where none of them is of the broker is the login a vendor's for sure.
        if vendors.is_empty() || vendors.len() < accounts.len() {
            continue;
        }
        population += 1;
        let agreed: Vec<&EvidenceRow> = vendors.iter().flat_map(|account| contracts_of(&contracts, account)).collect();
        if agreed.is_empty() {
            uncontracted.insert(vendors[0].text("vendor"));
        } else if !agreed.iter().any(|contract| contract.holds("from", "to", *date)) {
            let contract = ended_before(&agreed, *date).or_else(|| agreed.iter().copied().min_by_key(|contract| contract.date("from")));
            let rows: Vec<&EvidenceRow> = std::iter::once(*row).chain(contract).collect();
            found.push(Found::on(*date, name(row), Sentence::new("登入日不在合約期間", "a login on a day that no contract covers"), &rows));
        }
    }
    let mut doubts = unknown_accounts(&logins);
    doubts.extend(without_contract(&uncontracted));
    Examined { population: if population == 0 { logins.len() as u64 } else { population }, found, doubts, ..Examined::default() }
}

fn without_contract(vendors: &BTreeSet<&str>) -> Option<Sentence> {
    let names = vendors.iter().copied().map(|vendor| if vendor.is_empty() { "?" } else { vendor }).collect::<Vec<_>>().join(", ");
    (!vendors.is_empty())
        .then(|| Sentence::new(format!("廠商不在合約表：{names}"), format!("vendors without a contract on record: {names}")))
}

fn not_withdrawn(audit: &Audit<'_>) -> Examined {
    let contracts = by(audit.tables.rows("contracts"), "vendor");
    let vendors: Vec<&EvidenceRow> = living(audit).filter(|row| row.text("holder_kind") == "vendor").collect();
    // An account of several holders is one account.
    let n_vendors = vendors.iter().map(|row| name(row)).collect::<BTreeSet<_>>().len();
    let (mut found, mut uncontracted, mut early) = (Vec::new(), BTreeSet::new(), Vec::new());
    for row in &vendors {
        let agreed = contracts_of(&contracts, row);
        if agreed.is_empty() {
            uncontracted.insert(row.text("vendor"));
            continue;
        }
        let terms = agreed.iter().filter_map(|contract| contract.date("from").zip(contract.date("to"))).collect();
        for (first, last) in uncovered(within(audit, row), terms) {
            let Some((contract, ended)) = ended_before(&agreed, first).and_then(|contract| Some((contract, contract.date("to")?))) else {
                early.push(*row);
                continue;
            };
            let detail = if last == audit.period.1 {
                Sentence::new(
                    format!("合約於 {ended} 終止，帳號仍有效"),
                    format!("the contract ended on {ended}, the account is still enabled"),
                )
            } else {
                Sentence::new(
                    format!("合約於 {ended} 終止，帳號至 {last} 無合約而仍有效"),
                    format!("the contract ended on {ended}, the account stayed enabled without one until {last}"),
                )
            };
            found.push(Found::between((first, last), name(row), detail, &[row, contract]));
        }
    }
    let n_accounts = living(audit).count();
    Examined {
        population: if vendors.is_empty() { n_accounts } else { n_vendors } as u64,
        found,
        by_subject: true,
        doubts: without_contract(&uncontracted).into_iter().chain(before_contract(&early)).collect(),
        ..Examined::default()
    }
}

/// Accounts enabled before any contract on record: an earlier contract may not have been named.
fn before_contract(early: &[&EvidenceRow]) -> Option<Sentence> {
    let (n, place) = (early.len(), &early.first()?.place);
    Some(Sentence::new(
        format!("{n} 個廠商帳號於其廠商首份在案合約之前已有效（如 {} 第 {} 行），請提供先前之合約", place.file, place.line),
        format!(
            "{n} vendor accounts were enabled before the first contract on record of their vendor (such as {}, line {}): name the earlier contracts",
            place.file, place.line
        ),
    ))
}

fn shared(audit: &Audit<'_>) -> Examined {
    let mut holders: BTreeMap<(&str, &str), Vec<&EvidenceRow>> = BTreeMap::new();
    living(audit).for_each(|row| holders.entry((row.text("host"), row.text("account"))).or_default().push(row));
    let found = holders.values().flat_map(|rows| shared_stretches(audit, rows)).collect();
    Examined { population: holders.len() as u64, found, by_subject: true, ..Examined::default() }
}

/// Two holders of one account, and the days on which both had it.
type Pair<'a> = ((TradeDate, TradeDate), [&'a EvidenceRow; 2]);

/// Each stretch of days on which an account had several holders, with those who had it then.
fn shared_stretches(audit: &Audit<'_>, rows: &[&EvidenceRow]) -> Vec<Found> {
    let overlap = |one: &EvidenceRow, other: &EvidenceRow| {
        let (first, second) = (within(audit, one), within(audit, other));
        let days = (first.0.max(second.0), first.1.min(second.1));
        (days.0 <= days.1 && one.text("holder") != other.text("holder")).then_some(days)
    };
    let pairs = rows.iter().enumerate().flat_map(|(at, one)| rows[at + 1..].iter().map(move |other| (*one, *other)));
    let pairs: Vec<Pair<'_>> = pairs.filter_map(|(one, other)| Some((overlap(one, other)?, [one, other]))).collect();
    let stretch = |(from, to): (TradeDate, TradeDate)| {
        let inside: Vec<&Pair<'_>> = pairs.iter().filter(|(days, _)| from <= days.0 && days.1 <= to).collect();
        let of_these = |row: &&EvidenceRow| inside.iter().any(|(_, two)| two.iter().any(|one| one.place == row.place));
        let sharing: Vec<&EvidenceRow> = rows.iter().copied().filter(of_these).collect();
        // Handed over on one day, it may have been one after the other.
        let for_long = inside.iter().any(|(days, _)| days.0 < days.1);
        let names: BTreeSet<&str> = sharing.iter().map(|row| row.text("holder")).collect();
        let list = names.into_iter().collect::<Vec<_>>().join(", ");
        let detail = Sentence::new(format!("多人共用：{list}"), format!("shared by {list}"));
        Found::between((from, to), name(rows[0]), detail, &sharing).only_if(for_long)
    };
    joined_spans(pairs.iter().map(|(days, _)| *days).collect()).into_iter().map(stretch).collect()
}

fn unused(audit: &Audit<'_>) -> Examined {
    let reviews: Vec<&EvidenceRow> = audit.tables.rows("account_reviews").collect();
    let found = overdue("unused rights", &reviews, "reviewed_on", audit.period, HALF_YEARLY);
    Examined { population: 1, found, by_subject: true, ..Examined::default() }
}
