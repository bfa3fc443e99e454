//! Audit finding 2: the firewall on the exchange-facing link, its logs, backups and reviews, and remote connections.

use std::collections::BTreeSet;

use crate::checks::{Audit, CalendarSpan, Examined, Found, Interval, Outcome, examine, missing_days, overdue};
use crate::controls::{by, dated, retained};
use crate::evidence_tables::EvidenceRow;
use crate::record::TradeDate;
use crate::rules::Sentence;

pub(crate) fn checks(audit: &Audit<'_>) -> Vec<Outcome> {
    vec![
        examine("C201", audit, &["links.exchange_facing!", "links.firewall"], || {
            links(
                audit,
                "exchange_facing",
                |row| row.is_absent("firewall"),
                "連接交易所而無防火牆",
                "faces the exchange, no firewall named",
            )
        }),
        examine("C202", audit, &["links.firewall"], || log_days(audit)),
        examine("C203", audit, &["firewall_logs.bytes!"], || {
            log_files(audit, |row| (row.number("bytes") == Some(0.0)).then(|| Sentence::new("紀錄檔大小為零", "a log file of zero bytes")))
        }),
        examine("C204", audit, &["firewall_logs.backup"], || log_files(audit, backup)),
        examine("C205", audit, &["links.firewall"], || reviews(audit)),
        examine("C206", audit, &["links.important!", "links.separated"], || {
            links(audit, "important", |row| row.flag("separated") == Some(false), "重要系統未隔離", "important, not separated")
        }),
        examine("C207", audit, &["remote_access.reviewer"], || remote(audit)),
    ]
}

/// Links of which `flag` is yes, and which of them are wrong.
fn links(audit: &Audit<'_>, flag: &str, wrong: impl Fn(&EvidenceRow) -> bool, zh: &str, en: &str) -> Examined {
    let rows: Vec<&EvidenceRow> = audit.tables.rows("links").filter(|row| row.flag(flag) == Some(true)).collect();
    let found =
        rows.iter().filter(|row| wrong(row)).map(|row| Found::between(audit.period, row.text("link"), Sentence::new(zh, en), &[row]));
    Examined { population: rows.len() as u64, found: found.collect(), ..Examined::default() }
}

/// Firewalls of exchange-facing links, and since when each stands.
fn firewalls<'a>(audit: &Audit<'a>) -> Vec<(&'a str, Vec<&'a EvidenceRow>, Option<TradeDate>)> {
    let facing = audit.tables.rows("links").filter(|row| row.flag("exchange_facing") != Some(false) && !row.is_absent("firewall"));
    let since = |rows: &[&EvidenceRow]| rows.iter().map(|row| row.date("firewall_since")).min().flatten();
    by(facing, "firewall")
        .into_iter()
        .map(|(firewall, rows)| {
            let first = since(&rows);
            (firewall, rows, first)
        })
        .collect()
}

fn log_days(audit: &Audit<'_>) -> Examined {
    let logs = by(audit.tables.rows("firewall_logs"), "firewall");
    let mut examined = Examined::default();
    let known = firewalls(audit);
    for (firewall, rows, since) in &known {
        let files = logs.get(firewall).map_or(&[][..], Vec::as_slice);
        let covered: BTreeSet<TradeDate> = files.iter().filter_map(|row| row.date("date")).collect();
        let (n_days, mut found) = missing_days(firewall, &covered, retained(audit, *since), audit);
        let of_later = !files.is_empty() && covered.first().is_some_and(|date| *date > audit.period.1);
        for run in &mut found {
            run.confirmed &= !of_later;
            // The log files on either side, or the link where there is none.
            let beside = |row: &&&EvidenceRow| {
                row.date("date").is_some_and(|date| date == last_before(&covered, run.from) || date == first_after(&covered, run.to))
            };
            run.places =
                files.iter().filter(beside).chain(rows.first().filter(|_| files.is_empty())).map(|row| row.place.clone()).collect();
        }
        examined.population += n_days;
        examined.found.extend(found);
    }
    if let Some(stranger) = logs.keys().find(|name| known.iter().all(|(firewall, ..)| firewall != *name)) {
        examined.doubts.push(Sentence::new(
            format!("紀錄檔之防火牆 {stranger} 不在線路清冊"),
            format!("the logs name a firewall that no link has: {stranger}"),
        ));
    }
    examined
}

fn last_before(covered: &BTreeSet<TradeDate>, date: TradeDate) -> TradeDate {
    covered.range(..date).next_back().copied().unwrap_or(date)
}

fn first_after(covered: &BTreeSet<TradeDate>, date: TradeDate) -> TradeDate {
    covered.range(TradeDate(date.0 + 1)..).next().copied().unwrap_or(date)
}

/// Log files that retention covers, and what is wrong with each.
fn log_files(audit: &Audit<'_>, wrong: impl Fn(&EvidenceRow) -> Option<Sentence>) -> Examined {
    let (from, to) = retained(audit, None);
    let rows: Vec<&EvidenceRow> =
        audit.tables.rows("firewall_logs").filter(|row| row.date("date").is_some_and(|date| from <= date && date <= to)).collect();
    let found = rows.iter().filter_map(|row| {
        let (date, detail) = (row.date("date")?, wrong(row)?);
        Some(Found::on(date, format!("{} {date}", row.text("firewall")), detail, &[row]))
    });
    Examined { population: rows.len() as u64, found: found.collect(), ..Examined::default() }
}

fn backup(row: &EvidenceRow) -> Option<Sentence> {
    let (own, copy) = (row.text("sha256"), row.text("backup_sha256"));
    if row.is_absent("backup") {
        return Some(Sentence::new("無備份", "no backup"));
    }
    let differs = !own.is_empty() && !copy.is_empty() && !own.eq_ignore_ascii_case(copy);
    differs.then(|| Sentence::new("備份雜湊與原檔不符", "the backup's hash differs from the file's"))
}

fn reviews(audit: &Audit<'_>) -> Examined {
    let reviewed = by(audit.tables.rows("firewall_reviews"), "firewall");
    let known = firewalls(audit);
    let found = known.iter().flat_map(|(firewall, rows, since)| {
        let from = since.map_or(audit.period.0, |since| since.max(audit.period.0));
        let reviews = reviewed.get(firewall).map_or(&[][..], Vec::as_slice);
        let mut found =
            overdue(firewall, reviews, "reviewed_on", (from, audit.period.1), Interval { months: 12, span: CalendarSpan::Year });
        found
            .iter_mut()
            .filter(|gap| gap.places.is_empty())
            .for_each(|gap| gap.places = rows.iter().map(|row| row.place.clone()).collect());
        found
    });
    Examined { population: known.len() as u64, found: found.collect(), ..Examined::default() }
}

fn remote(audit: &Audit<'_>) -> Examined {
    let date = |row: &EvidenceRow| row.time("started_at").map(|at| audit.zone.date_of(at));
    let (population, found) =
        dated(audit, "remote_access", date, "user", |row| row.is_absent("reviewer").then(|| Sentence::new("無覆核人", "no reviewer")));
    Examined { population, found, ..Examined::default() }
}
