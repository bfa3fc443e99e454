//! Family X: orders, latency change-points and evidence files held against each other.

use std::collections::{BTreeMap, BTreeSet};

use crate::checks::{Audit, Examined, Found, Outcome, SeenAt, SeenOrders, examine, lost_zeros, no_orders};
use crate::evidence_tables::EvidenceRow;
use crate::record::{PhaseKind, TradeDate};
use crate::rules::Sentence;

/// Days before a change-point in which a vendor's login is asked about.
const DAYS_BEFORE: i32 = 5;

/// Local date of a change in latencies or clocks, and what changed.
type ChangePoint = (TradeDate, Sentence);
/// How many entries of the evidence were held against the changes, and those near one.
type Looked = (usize, Vec<Found>);

/// Every check of the family, ascending by code.
#[must_use]
pub fn cross_checks(audit: &Audit<'_>) -> Vec<Outcome> {
    vec![
        with_orders(audit, "X01", |seen| seen.has.1, unknown_hosts),
        with_change_points(audit, "X02", &["accounts.holder_kind!"], vendor_logins),
        with_change_points(audit, "X03", &["changes.changed_on"], changes),
        with_orders(audit, "X04", |seen| seen.has.0, suspended),
        with_change_points(audit, "X05", &["users.from"], list_changes),
    ]
}

fn with_orders(
    audit: &Audit<'_>,
    code: &'static str,
    has: fn(&SeenOrders) -> bool,
    check: fn(&Audit<'_>, &SeenOrders) -> Examined,
) -> Outcome {
    match audit.seen {
        Some(seen) if has(seen) => examine(code, audit, &[], || match no_orders(seen) {
            Some(doubt) => Examined { doubts: vec![doubt], ..Examined::default() },
            None => check(audit, seen),
        }),
        Some(_) => Outcome::not_run(code, Sentence::new("委託檔無此項查核所需欄位", "the orders lack the column this check needs")),
        None => Outcome::not_run(code, Sentence::new("本命令未讀取委託檔", "the orders were not read by this command")),
    }
}

fn with_change_points(
    audit: &Audit<'_>,
    code: &'static str,
    needs: &[&'static str],
    check: fn(&Audit<'_>, &[ChangePoint]) -> Looked,
) -> Outcome {
    let Some(points) = audit.seen.and_then(|seen| seen.change_points.as_ref()) else {
        let (zh, en) = ("延遲變化點僅由 colofair study 判定", "latency change-points are found by colofair study alone");
        return Outcome::not_run(code, Sentence::new(zh, en));
    };
    examine(code, audit, needs, || {
        let (n_looked, found) = check(audit, points);
        // Where the evidence has nothing, the changes are what was looked at.
        let population = if n_looked == 0 { points.len().max(1) } else { n_looked } as u64;
        Examined { population, found, ..Examined::default() }
    })
}

fn unknown_hosts(audit: &Audit<'_>, seen: &SeenOrders) -> Examined {
    let mut known: BTreeMap<String, Vec<&EvidenceRow>> = BTreeMap::new();
    for row in audit.tables.rows("inventory") {
        // Names of hosts have no case.
        for name in [row.text("host"), row.text("asset")] {
            known.entry(name.to_ascii_lowercase()).or_default().push(row);
        }
    }
    let mut days: BTreeMap<&str, Vec<(TradeDate, &SeenAt)>> = BTreeMap::new();
    for ((host, date), at) in &seen.hosts {
        if !known.get(&host.to_ascii_lowercase()).is_some_and(|rows| rows.iter().any(|row| row.holds("from", "to", *date))) {
            days.entry(host).or_default().push((*date, at));
        }
    }
    let hosts: BTreeSet<&str> = seen.hosts.keys().map(|(host, _)| host.as_str()).collect();
    let found =
        days.into_iter().map(|(host, days)| on_days(host, &days, "清冊以外之主機", "orders from a host that is not in the inventory"));
    let doubts = (seen.nameless.1 > 0).then(|| {
        let n = seen.nameless.1;
        Sentence::new(format!("{n} 筆委託無主機名稱"), format!("{n} orders name no host"))
    });
    let mut examined =
        Examined { population: hosts.len() as u64, found: found.collect(), doubts: doubts.into_iter().collect(), ..Examined::default() };
    if let Some(first) = hosts.first().filter(|_| !hosts.iter().any(|host| known.contains_key(&host.to_ascii_lowercase()))) {
        // Not one of them: the two name hosts in different ways.
        examined.found.iter_mut().for_each(|found| found.confirmed = false);
        examined.doubts.push(Sentence::new(
            format!("委託之主機無一在清冊（如 {first}）：主機寫法是否一致？"),
            format!("no host of the orders is in the inventory (such as {first}): are they written alike?"),
        ));
    }
    examined
}

/// Orders of one account or host on some days, as one found thing.
fn on_days(subject: &str, days: &[(TradeDate, &SeenAt)], zh: &str, en: &str) -> Found {
    let (n, n_days): (u64, usize) = (days.iter().map(|(_, at)| at.n).sum(), days.len());
    let detail = Sentence::new(format!("{zh}，委託 {n} 筆（{n_days} 日）"), format!("{en}: {n} orders on {n_days} days"));
    let mut found = Found::between((days[0].0, days[n_days - 1].0), subject, detail, &[]);
    found.places = vec![days[0].1.first.clone()];
    found
}

fn suspended(audit: &Audit<'_>, seen: &SeenOrders) -> Examined {
    let entries: Vec<&EvidenceRow> = audit.tables.rows("users").filter(|row| row.date("suspended_from").is_some()).collect();
    let found = entries.iter().filter_map(|row| {
        let account = row.text("account").to_owned();
        let of_account = seen.accounts.range((account.clone(), TradeDate(i32::MIN))..=(account.clone(), TradeDate(i32::MAX)));
        // A suspension ends with its row: what follows is a listing of its own, or none.
        let suspended =
            |date: TradeDate| row.holds("suspended_from", "suspended_to", date) && row.date("to").is_none_or(|last| date <= last);
        let days: Vec<(TradeDate, &SeenAt)> = of_account.map(|((_, date), at)| (*date, at)).filter(|(date, _)| suspended(*date)).collect();
        (!days.is_empty()).then(|| {
            let mut found = on_days(&account, &days, "暫停期間仍有委託", "orders while suspended");
            found.places.push(row.place.clone());
            found
        })
    });
    let population = audit.tables.rows("users").count() as u64;
    let is_half = |row: &&EvidenceRow| row.date("suspended_from").is_none() && row.date("suspended_to").is_some();
    let half: Vec<&EvidenceRow> = audit.tables.rows("users").filter(is_half).collect();
    let no_start = half.first().map(|first| {
        let (n, place) = (half.len(), &first.place);
        Sentence::new(
            format!("{n} 列僅載暫停迄日而無起日（如 {} 第 {} 行）", place.file, place.line),
            format!("{n} rows tell the end of a suspension and not its start (such as {}, line {})", place.file, place.line),
        )
    });
    let doubts = lost_zeros(audit, seen).into_iter().chain(no_start).collect();
    Examined { population, found: found.collect(), doubts, ..Examined::default() }
}

fn vendor_logins(audit: &Audit<'_>, points: &[ChangePoint]) -> Looked {
    let holders = |login: &EvidenceRow| {
        let same = |row: &&EvidenceRow| ["host", "account"].iter().all(|column| row.text(column).eq_ignore_ascii_case(login.text(column)));
        audit.tables.rows("accounts").filter(same).any(|row| row.text("holder_kind") == "vendor")
    };
    let mut local = audit.zone.local_reader();
    let mut found = Vec::new();
    for row in audit.tables.rows("logins").filter(|row| holders(row)) {
        let Some((date, time_of_day)) = row.time("at").map(|at| local.read(at)) else { continue };
        if audit.calendar.phase_at(date, time_of_day).kind == PhaseKind::Closed {
            continue;
        }
        let near = |point: TradeDate| (0..=DAYS_BEFORE).contains(&(point.0 - date.0));
        if let Some(what) = changed(points, near) {
            let (zh, en) = (format!("廠商於交易時段登入；{}", what.zh), format!("a vendor's login in trading hours; {}", what.en));
            found.push(Found::on(date, format!("{}@{}", row.text("account"), row.text("host")), Sentence { zh, en }, &[row]));
        }
    }
    (audit.tables.rows("logins").count(), found)
}

fn changes(audit: &Audit<'_>, points: &[ChangePoint]) -> Looked {
    let mut found = Vec::new();
    for row in audit.tables.rows("changes") {
        let Some(date) = row.date("changed_on") else { continue };
        if let Some(what) = changed(points, |point| point == date) {
            found.push(Found::on(date, row.text("id"), what, &[row]));
        }
    }
    (audit.tables.rows("changes").count(), found)
}

fn list_changes(audit: &Audit<'_>, points: &[ChangePoint]) -> Looked {
    let (mut found, mut n) = (Vec::new(), 0);
    for row in audit.tables.rows("users") {
        for column in ["from", "to", "suspended_from", "suspended_to"] {
            let Some(date) = row.date(column) else { continue };
            n += 1;
            if let Some(Sentence { zh, en }) = changed(points, |point| (point.0 - date.0).abs() <= 1) {
                let detail = Sentence::new(format!("{column} = {date}；{zh}"), format!("{column} = {date}; {en}"));
                found.push(Found::on(date, row.text("account"), detail, &[row]));
            }
        }
    }
    (n, found)
}

/// What changed on the dates that are `near`; `None` where nothing did.
fn changed(points: &[ChangePoint], near: impl Fn(TradeDate) -> bool) -> Option<Sentence> {
    let of: Vec<&ChangePoint> = points.iter().filter(|(point, _)| near(*point)).collect();
    let said =
        |words: &dyn Fn(&ChangePoint) -> String, between: &str| of.iter().map(|point| words(point)).collect::<Vec<_>>().join(between);
    let (zh, en) = (said(&|(on, what)| format!("{on} {}", what.zh), "、"), said(&|(on, what)| format!("on {on} {}", what.en), ", "));
    (!of.is_empty()).then(|| Sentence::new(zh, en))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::State;
    use crate::evidence_tables::tests::read_text_table;
    use crate::evidence_tables::{Tables, spec};
    use crate::record::{Calendar, Zone};

    fn day(text: &str) -> TradeDate {
        TradeDate::parse(text).expect("a date")
    }

    /// The checks of these tables beside changes on these dates, by code.
    fn checked(tables: &[(&'static str, &str)], points: &[&str]) -> BTreeMap<&'static str, Outcome> {
        let mut all = Tables::default();
        for (name, text) in tables {
            all.tables.insert(name, read_text_table(spec(name).expect("a table"), text));
        }
        let point = |text: &&str| (day(text), Sentence::new(format!("變化 {text}"), format!("change {text}")));
        let seen = SeenOrders { change_points: Some(points.iter().map(point).collect()), ..SeenOrders::default() };
        let calendar = Calendar::none();
        let period = (day("2026-01-01"), day("2026-01-31"));
        let audit = Audit { tables: &all, period, calendar: &calendar, zone: Zone::UTC, seen: Some(&seen) };
        cross_checks(&audit).into_iter().map(|outcome| (outcome.kind.code, outcome)).collect()
    }

    const ACCOUNTS: &str = "host,account,privilege,holder,holder_kind,vendor,from,to\nGW1,ops1,highest,A,vendor,V,2024-01-02,\nGW1,ops2,highest,B,broker,,2024-01-02,\n";

    #[test]
    fn a_vendor_s_login_is_one_lead_however_many_changes_follow_it_and_however_its_host_is_written() {
        let logins =
            "host,account,at,address\ngw1,OPS1,2026-01-06 02:00:00,1\nGW1,ops1,2026-01-20 02:00:00,1\nGW1,ops2,2026-01-06 02:00:00,1\n";
        let found = checked(&[("accounts", ACCOUNTS), ("logins", logins)], &["2026-01-05", "2026-01-06", "2026-01-11", "2026-01-12"]);
        let outcome = &found["X02"];
        assert_eq!((outcome.state, outcome.population, outcome.n_found), (State::Insufficient, 3, 1), "{}", outcome.reason.en);
        let (lead, _) = &outcome.found[0];
        assert_eq!(lead.subject, "OPS1@gw1");
        assert_eq!(lead.detail.en, "a vendor's login in trading hours; on 2026-01-06 change 2026-01-06, on 2026-01-11 change 2026-01-11");
        assert!(!lead.confirmed && lead.detail.zh.contains("2026-01-06 變化 2026-01-06、2026-01-11 變化"));
    }

    #[test]
    fn changes_and_listings_near_a_change_point_are_leads_and_others_are_not() {
        let changes = "id,system,changed_on,tested_on,approver\nCH-1,gw,2026-01-06,2026-01-05,M\nCH-2,gw,2026-01-07,2026-01-05,M\n";
        let users = "client,account,kind,from,to,suspended_from,suspended_to\nC1,1,client,2026-01-07,,,\nC2,2,client,2025-01-01,2026-01-05,,\nC3,3,client,2026-01-08,,,\n";
        let found = checked(&[("changes", changes), ("users", users)], &["2026-01-06"]);
        let subjects = |code: &str| found[code].found.iter().map(|(found, _)| found.subject.as_str()).collect::<Vec<_>>();
        assert_eq!((subjects("X03"), found["X03"].population), (vec!["CH-1"], 2));
        // Four dates of listing.
        assert_eq!((subjects("X05"), found["X05"].population), (vec!["1", "2"], 4));
        assert!(found.values().all(|outcome| outcome.state != State::Finding));
        let none = checked(&[("changes", changes)], &[]);
        assert_eq!((none["X03"].state, none["X02"].state), (State::None, State::NotRun));
    }
}
