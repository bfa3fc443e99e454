//! Who connects first: A13.

use std::collections::{BTreeMap, BTreeSet};

use crate::checks::{Audit, Examined, Figure, Found, Outcome, examine};
use crate::evidence_tables::EvidenceRow;
use crate::record::{Timestamp, TradeDate};
use crate::rules::Sentence;
use crate::statistics::poisson_binomial_tail;

/// First connection of each client on a day.
type Day<'a> = BTreeMap<&'a str, (Timestamp, &'a EvidenceRow)>;

/// Level after correction for the number of clients.
const ALPHA: f64 = 0.01;
/// Clients whose odds are always shown: the smallest.
const SHOWN: usize = 5;
/// Fewer days with a choice say nothing.
const FEWEST_DAYS: usize = 10;

pub(crate) fn first_connect(audit: &Audit<'_>) -> Outcome {
    examine("A13", audit, &[], || {
        let mut days: BTreeMap<TradeDate, Day<'_>> = BTreeMap::new();
        let mut local = audit.zone.local_reader();
        for row in audit.tables.rows("connections") {
            let Some(at) = row.time("connected_at") else { continue };
            let date = local.read(at).0;
            if !(audit.period.0..=audit.period.1).contains(&date) {
                continue;
            }
            let first = days.entry(date).or_default().entry(row.text("client")).or_insert((at, row));
            if at < first.0 {
                *first = (at, row);
            }
        }
        // With one client alone nobody is first before anybody.
        days.retain(|_, clients| clients.len() > 1);
        judged(&days)
    })
}

fn judged(days: &BTreeMap<TradeDate, Day<'_>>) -> Examined {
    let clients: BTreeSet<&str> = days.values().flat_map(|day| day.keys().copied()).collect();
    let mut examined = Examined { population: days.len() as u64, ..Examined::default() };
    if days.len() < FEWEST_DAYS {
        let n = days.len();
        examined.doubts.push(Sentence::new(
            format!("僅 {n} 日有二家以上連線，至少需 {FEWEST_DAYS} 日"),
            format!("only {n} days with two or more clients; at least {FEWEST_DAYS} are needed"),
        ));
        return examined;
    }
    let mut figures = Vec::with_capacity(clients.len());
    for client in clients.iter().copied() {
        let with: Vec<(&TradeDate, &Day<'_>)> = days.iter().filter(|(_, day)| day.contains_key(client)).collect();
        let (mut won, mut chances, mut top3) = (Vec::new(), Vec::new(), 0);
        for (date, day) in with {
            let (own, row) = day[client];
            let ahead = day.values().filter(|(at, _)| *at < own).count();
            // Clients first at the same instant share the chance.
            let level = day.values().filter(|(at, _)| *at == own).count();
            chances.push(level as f64 / day.len() as f64);
            top3 += usize::from(ahead < 3);
            if ahead == 0 {
                won.push((*date, row));
            }
        }
        let (n, k) = (chances.len(), won.len());
        let odds = (poisson_binomial_tail(&chances, k) * clients.len() as f64).min(1.0);
        let name = Sentence::new(
            format!("{client} 最先連線 {k}／{n} 日，前三 {top3} 日之校正 p"),
            format!("{client}: first on {k} of {n} days, among the first three on {top3}; corrected p"),
        );
        figures.push(Figure { name, value: odds, interval: None });
        if odds < ALPHA && k > 0 {
            let detail = Sentence::new(
                format!("{n} 日中最先連線 {k} 日（校正 p = {odds:.2e}）"),
                format!("first to connect on {k} of {n} days (corrected p = {odds:.2e})"),
            );
            let rows: Vec<&EvidenceRow> = won.iter().map(|(_, row)| *row).collect();
            examined.found.push(Found::between((won[0].0, won[k - 1].0), client, detail, &rows));
        }
    }
    // The most striking of them; clients may be thousands.
    figures.sort_by(|one, other| one.value.total_cmp(&other.value));
    figures.truncate(SHOWN);
    examined.figures = figures;
    examined
}
