//! Who sits on the quiet line: A14.
//!
//! A line with few orders of others is a shorter queue. Whose line is quiet may be chance, size or choice; who could choose it is what
//! the broker is asked. Lines are what the orders name: shards, else gateways.

use std::collections::{BTreeMap, BTreeSet};

use crate::checks::{Audit, Examined, Figure, Found, Outcome, SeenAt, SeenOrders, examine};
use crate::priority::rules::{FEWEST_DAYS, FEWEST_ORDERS};
use crate::priority::{LineLoad, line_loads};
use crate::record::TradeDate;
use crate::rules::Sentence;

/// Clients whose figure is always shown: those on the quietest lines.
const SHOWN: usize = 5;

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
    let mut first: BTreeMap<&str, (TradeDate, &SeenAt)> = BTreeMap::new();
    let counts = seen.lines.iter().map(|((account, line, date), at)| {
        let client = client_of.get(account.as_str()).copied().unwrap_or(account);
        let first = first.entry(client).or_insert((*date, at));
        if *date < first.0 {
            *first = (*date, at);
        }
        ((*date, client, line.as_str()), at.n)
    });
    let loads = line_loads(counts);
    let mut ranked: Vec<(&str, &LineLoad<TradeDate>)> =
        loads.iter().filter(|(_, load)| load.is_enough()).map(|(name, load)| (*name, load)).collect();
    ranked.sort_by(|(_, one), (_, other)| one.load.total_cmp(&other.load));
    let mut examined = Examined { population: ranked.len() as u64, ..Examined::default() };
    if ranked.is_empty() {
        examined.doubts.push(Sentence::new(
            format!("無客戶於 {FEWEST_DAYS} 日以上、{FEWEST_ORDERS} 筆以上委託中有線路可比較"),
            format!("no client has {FEWEST_ORDERS} orders on {FEWEST_DAYS} days with lines to compare"),
        ));
    }
    examined.figures = ranked.iter().take(SHOWN).map(|(name, load)| figure(name, load)).collect();
    let steadily = ranked.iter().filter(|(_, load)| load.is_steadily_quiet());
    examined.found = steadily.map(|(name, load)| found(name, load, first.get(name).map(|(_, at)| *at))).collect();
    examined
}

fn figure(name: &str, load: &LineLoad<TradeDate>) -> Figure {
    let LineLoad { n, days, load: value, .. } = *load;
    let name = Sentence::new(
        format!("{name} 所用線路上他人委託，與平均線路之比（{n} 筆、{days} 日）"),
        format!("{name}: others' orders on its lines against the average line ({n} orders, {days} days)"),
    );
    Figure { name, value, interval: None }
}

fn found(name: &str, load: &LineLoad<TradeDate>, first: Option<&SeenAt>) -> Found {
    let LineLoad { days, quiet_days: quiet, load: value, between, .. } = *load;
    let detail = Sentence::new(
        format!("{days} 日中 {quiet} 日使用安靜線路；線路上他人委託為平均線路之 {value:.2} 倍"),
        format!("on a quiet line on {quiet} of {days} days; others' orders there are {value:.2} times those of an average line"),
    );
    let mut found = Found::between(between, name, detail, &[]);
    found.places = first.iter().map(|at| at.first.clone()).collect();
    found
}
