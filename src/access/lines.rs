//! Who sits on the quiet line: A14.
//!
//! A line with few orders of others is a shorter queue. Whose line is quiet may be chance, size or choice; who could choose it is what
//! the broker is asked. Lines are what the orders name: shards, else gateways.

use std::collections::{BTreeMap, BTreeSet};

use crate::checks::{Audit, Examined, Figure, Found, Outcome, SeenAt, SeenOrders, examine};
use crate::record::TradeDate;
use crate::rules::Sentence;

/// Fewer days with a choice of lines say nothing.
const FEWEST_DAYS: usize = 10;
/// Nor do fewer orders.
const FEWEST_ORDERS: u64 = 100;
/// Quiet: so much of the others' orders on an average line, or less...
const QUIET: f64 = 0.5;
/// ...on so many of its days.
const STEADY: f64 = 0.9;
/// Clients whose figure is always shown: those on the quietest lines.
const SHOWN: usize = 5;

/// A client's days: others' orders on its lines against the average line, weighted by its orders.
#[derive(Default)]
struct Client<'a> {
    n: u64,
    load: f64,
    quiet_days: usize,
    days: Vec<TradeDate>,
    first: Option<&'a SeenAt>,
}

pub(crate) fn quiet_lines(audit: &Audit<'_>) -> Outcome {
    let seen = match audit.seen {
        None => return Outcome::not_run("A14", Sentence::new("本命令未讀取委託檔", "the orders were not read by this command")),
        Some(seen) if !seen.has.0 => {
            return Outcome::not_run("A14", Sentence::new("委託檔無帳號欄位", "the orders have no account column"));
        }
        Some(seen) => seen,
    };
    let lines: BTreeSet<&str> = seen.lines.keys().map(|(_, line, _)| line.as_str()).collect();
    match lines.len() {
        0 => Outcome::not_run("A14", Sentence::new("委託檔無線路欄位（shard 或 gateway）", "the orders name no line (shard or gateway)")),
        1 => Outcome::nothing_to_judge("A14", Sentence::new("只有一條線路", "there is a single line")),
        _ => examine("A14", audit, &[], || judged(audit, seen)),
    }
}

fn judged(audit: &Audit<'_>, seen: &SeenOrders) -> Examined {
    let client_of: BTreeMap<&str, &str> = audit.tables.rows("users").map(|row| (row.text("account"), row.text("client"))).collect();
    let mut days: BTreeMap<TradeDate, BTreeMap<(&str, &str), (u64, &SeenAt)>> = BTreeMap::new();
    for ((account, line, date), at) in &seen.lines {
        let client = client_of.get(account.as_str()).copied().unwrap_or(account);
        days.entry(*date).or_default().entry((client, line)).or_insert((0, at)).0 += at.n;
    }
    let mut clients: BTreeMap<&str, Client<'_>> = BTreeMap::new();
    for (date, counts) in &days {
        add_day(*date, counts, &mut clients);
    }
    let enough = |(_, client): &(&&str, &Client<'_>)| client.days.len() >= FEWEST_DAYS && client.n >= FEWEST_ORDERS;
    let mut ranked: Vec<(&str, &Client<'_>)> = clients.iter().filter(enough).map(|(name, client)| (*name, client)).collect();
    ranked.sort_by(|(_, one), (_, other)| ratio(one).total_cmp(&ratio(other)));
    let mut examined = Examined { population: ranked.len() as u64, ..Examined::default() };
    if ranked.is_empty() {
        examined.doubts.push(Sentence::new(
            format!("無客戶於 {FEWEST_DAYS} 日以上、{FEWEST_ORDERS} 筆以上委託中有線路可比較"),
            format!("no client has {FEWEST_ORDERS} orders on {FEWEST_DAYS} days with lines to compare"),
        ));
    }
    examined.figures = ranked.iter().take(SHOWN).map(|(name, client)| figure(name, client)).collect();
    examined.found = ranked.iter().filter_map(|(name, client)| found(name, client)).collect();
    examined
}

/// Others' orders on a client's lines of one day, against the day's average line.
fn add_day<'a>(date: TradeDate, counts: &BTreeMap<(&'a str, &str), (u64, &'a SeenAt)>, clients: &mut BTreeMap<&'a str, Client<'a>>) {
    let mut of_line: BTreeMap<&str, u64> = BTreeMap::new();
    let mut of_client: BTreeMap<&str, u64> = BTreeMap::new();
    for ((client, line), (n, _)) in counts {
        *of_line.entry(line).or_default() += n;
        *of_client.entry(client).or_default() += n;
    }
    let all: u64 = of_line.values().sum();
    // One line, or one client, leaves nothing to compare.
    if of_line.len() < 2 || of_client.len() < 2 {
        return;
    }
    let mut of_day: BTreeMap<&str, (f64, &SeenAt)> = BTreeMap::new();
    for ((client, line), (n, at)) in counts {
        let average = (all - of_client[client]) as f64 / of_line.len() as f64;
        let others = (of_line[line] - n) as f64;
        of_day.entry(client).or_insert((0.0, at)).0 += *n as f64 * others / average;
    }
    for (client, (load, at)) in of_day {
        let (n, sum) = (of_client[client], clients.entry(client).or_default());
        sum.n += n;
        sum.load += load;
        sum.quiet_days += usize::from(load <= QUIET * n as f64);
        sum.days.push(date);
        sum.first.get_or_insert(at);
    }
}

fn ratio(client: &Client<'_>) -> f64 {
    client.load / client.n as f64
}

fn figure(name: &str, client: &Client<'_>) -> Figure {
    let (n, days) = (client.n, client.days.len());
    let name = Sentence::new(
        format!("{name} 所用線路上他人委託，與平均線路之比（{n} 筆、{days} 日）"),
        format!("{name}: others' orders on its lines against the average line ({n} orders, {days} days)"),
    );
    Figure { name, value: ratio(client), interval: None }
}

fn found(name: &str, client: &Client<'_>) -> Option<Found> {
    let (quiet, days, value) = (client.quiet_days, client.days.len(), ratio(client));
    if value > QUIET || (quiet as f64) < STEADY * days as f64 {
        return None;
    }
    let detail = Sentence::new(
        format!("{days} 日中 {quiet} 日使用安靜線路；線路上他人委託為平均線路之 {value:.2} 倍"),
        format!("on a quiet line on {quiet} of {days} days; others' orders there are {value:.2} times those of an average line"),
    );
    let mut found = Found::between((*client.days.first()?, *client.days.last()?), name, detail, &[]);
    found.places = client.first.iter().map(|at| at.first.clone()).collect();
    Some(found)
}
