//! Who connects first: A13.

use std::collections::BTreeMap;

use crate::checks::{Audit, Examined, Figure, Found, Outcome, examine};
use crate::evidence_tables::EvidenceRow;
use crate::priority::rules::FEWEST_DAYS;
use crate::priority::{ConnectProfile, Connection, session_profiles};
use crate::record::{Timestamp, TradeDate, Zone};
use crate::rules::Sentence;

/// First connection of each client on a day.
type Day<'a> = BTreeMap<&'a str, (Timestamp, &'a EvidenceRow)>;

/// Clients whose odds are always shown: the smallest.
const SHOWN: usize = 5;
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
        judged(&days, audit.zone)
    })
}

fn judged(days: &BTreeMap<TradeDate, Day<'_>>, zone: Zone) -> Examined {
    let mut examined = Examined { population: days.len() as u64, ..Examined::default() };
    if (days.len() as u64) < FEWEST_DAYS {
        let n = days.len();
        examined.doubts.push(Sentence::new(
            format!("僅 {n} 日有二家以上連線，至少需 {FEWEST_DAYS} 日"),
            format!("only {n} days with two or more clients; at least {FEWEST_DAYS} are needed"),
        ));
        return examined;
    }
    // A client's first connection of a day stands for all of them: with k clients it is first by chance on one day of k.
    let connection = |(client, (at, _)): (&&str, &(Timestamp, &EvidenceRow))| Connection {
        at: *at,
        server: String::new(),
        client: (*client).to_owned(),
    };
    let connections: Vec<Connection> = days.values().flat_map(|day| day.iter().map(connection)).collect();
    let sessions = session_profiles(&connections, zone);
    let clients = sessions.profiles.len() as f64;
    let corrected = |profile: &ConnectProfile| profile.log10_first.map_or(1.0, |log10| (libm::exp10(log10) * clients).min(1.0));
    let figure = |profile: &ConnectProfile| {
        let ConnectProfile { client, sessions: n, first: k, .. } = profile;
        let name = Sentence::new(
            format!("{client} 最先連線 {k}／{n} 日之校正 p 上界"),
            format!("{client}: first on {k} of {n} days; bound on the corrected p"),
        );
        Figure { name, value: corrected(profile), interval: None }
    };
    // The most striking of them; clients may be thousands.
    examined.figures = sessions.profiles.iter().map(figure).collect();
    examined.figures.sort_by(|one, other| one.value.total_cmp(&other.value));
    examined.figures.truncate(SHOWN);
    examined.found = sessions.first_too_often().filter_map(|profile| found(days, profile, corrected(profile))).collect();
    examined
}

fn found(days: &BTreeMap<TradeDate, Day<'_>>, profile: &ConnectProfile, corrected: f64) -> Option<Found> {
    let client = profile.client.as_str();
    let won: Vec<(TradeDate, &EvidenceRow)> = days
        .iter()
        .filter_map(|(date, day)| {
            let (own, row) = day.get(client)?;
            let alone = day.iter().all(|(other, (at, _))| *other == client || at > own);
            alone.then_some((*date, *row))
        })
        .collect();
    let (n, k) = (profile.sessions, profile.first);
    let detail = Sentence::new(
        format!("{n} 日中最先連線 {k} 日（校正 p 不高於 {corrected:.2e}）"),
        format!("first to connect on {k} of {n} days (corrected p at most {corrected:.2e})"),
    );
    let rows: Vec<&EvidenceRow> = won.iter().map(|(_, row)| *row).collect();
    Some(Found::between((won.first()?.0, won.last()?.0), client, detail, &rows))
}
