//! Audit finding 2: the firewall on the exchange-facing link, its logs, backups and reviews, and remote connections.

use std::collections::BTreeSet;

use crate::checks::{Audit, CalendarSpan, Examined, Found, Interval, KeptLogs, Outcome, examine, overdue};
use crate::controls::{by, dated, retained};
use crate::evidence_tables::EvidenceRow;
use crate::record::TradeDate;
use crate::rules::Sentence;

pub(crate) fn checks(audit: &Audit<'_>) -> Vec<Outcome> {
    vec![
        examine("C201", audit, &["links.exchange_facing!", "links.firewall"], || unguarded(audit)),
        examine("C202", audit, &["links.firewall"], || log_days(audit)),
        examine("C203", audit, &["firewall_logs.bytes!"], || {
            log_files(audit, |row| (row.number("bytes") == Some(0.0)).then(|| Sentence::new("紀錄檔大小為零", "a log file of zero bytes")))
        }),
        examine("C204", audit, &["firewall_logs.backup"], || log_files(audit, backup)),
        examine("C205", audit, &["links.firewall"], || reviews(audit)),
        examine("C206", audit, &["links.important!", "links.separated"], || {
            let bare = |row: &EvidenceRow| row.flag("separated") == Some(false);
            links(audit, "important", |row| {
                bare(row).then(|| {
                    Found::between(audit.period, row.text("link"), Sentence::new("重要系統未隔離", "important, not separated"), &[row])
                })
            })
        }),
        examine("C207", audit, &["remote_access.reviewer"], || remote(audit)),
    ]
}

/// Links of which `flag` is yes, and what is wrong with them.
fn links<'a>(audit: &Audit<'a>, flag: &str, wrong: impl Fn(&'a EvidenceRow) -> Option<Found>) -> Examined {
    let rows: Vec<&EvidenceRow> = audit.tables.rows("links").filter(|row| row.flag(flag) == Some(true)).collect();
    let found = rows.iter().filter_map(|row| wrong(row)).collect();
    Examined { population: rows.len() as u64, found, ..Examined::default() }
}

/// Links that face the exchange without a firewall, throughout or before one was put in.
fn unguarded(audit: &Audit<'_>) -> Examined {
    links(audit, "exchange_facing", |row| {
        // A link that was opened in the period owes no firewall before.
        let opened = row.date("link_since").filter(|opened| *opened <= audit.period.1);
        if row.date("link_since").is_some() && opened.is_none() {
            return None;
        }
        let from = opened.map_or(audit.period.0, |opened| opened.max(audit.period.0));
        if row.is_absent("firewall") {
            let detail = Sentence::new("連接交易所而無防火牆", "faces the exchange, no firewall named");
            return Some(Found::between((from, audit.period.1), row.text("link"), detail, &[row]));
        }
        let since = row.date("firewall_since").filter(|since| *since > from)?;
        let last = TradeDate(since.0 - 1).min(audit.period.1);
        let detail = match opened {
            Some(opened) => Sentence::new(
                format!("線路 {opened} 啟用，防火牆 {since} 始啟用"),
                format!("the link was opened on {opened}, its firewall only on {since}"),
            ),
            None => Sentence::new(
                format!("防火牆 {since} 始啟用，此前有無防火牆、線路何時啟用均未載明（請填 link_since 線路啟用日）"),
                format!(
                    "the firewall stands since {since}; what stood there before, and since when the link exists, is not said (fill in `link_since`)"
                ),
            ),
        };
        Some(Found::between((from, last), row.text("link"), detail, &[row]).only_if(opened.is_some()))
    })
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
    let stranger = logs.keys().find(|name| known.iter().all(|(firewall, ..)| firewall != *name));
    for (firewall, rows, since) in &known {
        let files = logs.get(firewall).map_or(&[][..], Vec::as_slice);
        let covered: BTreeSet<TradeDate> = files.iter().filter_map(|row| row.date("date")).collect();
        let span = retained(audit, *since);
        let (since_known, named_in) = (since.is_some(), rows.first().copied());
        let kept = KeptLogs { rule: "firewall-log", subject: firewall, files, covered, span, since_known, named_in };
        let (n_days, mut found) = kept.missing_days(audit);
        // Logs of a firewall that no link names may be of this one under another name.
        let renamed = files.is_empty() && stranger.is_some();
        found.iter_mut().for_each(|run| run.confirmed &= !renamed);
        examined.population += n_days;
        examined.found.extend(found);
    }
    if let Some(stranger) = stranger {
        examined.doubts.push(Sentence::new(
            format!("紀錄檔之防火牆 {stranger} 不在線路清冊"),
            format!("the logs name a firewall that no link has: {stranger}"),
        ));
    }
    examined
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
    let stranger = reviewed.keys().find(|name| known.iter().all(|(firewall, ..)| firewall != *name));
    let found = known.iter().flat_map(|(firewall, rows, since)| {
        let from = since.map_or(audit.period.0, |since| since.max(audit.period.0));
        let reviews = reviewed.get(firewall).map_or(&[][..], Vec::as_slice);
        let mut found =
            overdue(firewall, reviews, "reviewed_on", (from, audit.period.1), Interval { months: 12, span: CalendarSpan::Year });
        found
            .iter_mut()
            .filter(|gap| gap.places.is_empty())
            .for_each(|gap| gap.places = rows.iter().map(|row| row.place.clone()).collect());
        // Reviews of a firewall that no link names may be of this one under another name.
        found.iter_mut().for_each(|gap| gap.confirmed &= !(reviews.is_empty() && stranger.is_some()));
        found
    });
    let found = found.collect();
    let doubt = stranger.map(|stranger| {
        Sentence::new(
            format!("檢視紀錄之防火牆 {stranger} 不在線路清冊"),
            format!("the reviews name a firewall that no link has: {stranger}"),
        )
    });
    Examined { population: known.len() as u64, found, doubts: doubt.into_iter().collect(), by_subject: true, ..Examined::default() }
}

fn remote(audit: &Audit<'_>) -> Examined {
    let date = |row: &EvidenceRow| row.time("started_at").map(|at| audit.zone.date_of(at));
    let (population, found) =
        dated(audit, "remote_access", date, "user", |row| row.is_absent("reviewer").then(|| Sentence::new("無覆核人", "no reviewer")));
    Examined { population, found, ..Examined::default() }
}
