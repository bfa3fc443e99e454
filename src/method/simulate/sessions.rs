//! A session log: who connects to which gateway when, each trading day, and the answer.
//!
//! Every account connects once to every gateway each morning, in random order. Planted, the largest client of `A` has three connections
//! and most often the first places. Nothing here knows how a log is judged.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::record::TradeDate;
use crate::simulate::names;
use crate::simulate::population::Population;
use crate::simulate::random::{Draws, Purpose};
use crate::simulate::{Options, World};

/// The client that is planted to be first, by code.
const FAVOURED: usize = 0;
/// Connections of the favoured client to a gateway.
const CONNECTIONS: usize = 3;
/// Share of sessions in which it is let in before all others, and in which its second and third connection follow at once.
const FIRST: f64 = 0.97;
const SECOND: f64 = 0.86;
const THIRD: f64 = 0.10;

/// The log, and what was planted in it as it came out: sessions, firsts, and sessions with none to three of the first three.
pub(crate) fn session_log(world: &World, options: &Options, population: &Population) -> (String, Value) {
    let mut text = String::from("connected_ts,server,account,client\n");
    let (mut sessions, mut first, mut of_three) = (0_u64, 0_u64, [0_u64; 4]);
    for (day, date) in (0..).zip(options.trading_days()) {
        let mut draws = Draws::new(options.seed, day, Purpose::Sessions);
        for gateway in 0..options.gateways {
            let order = arrivals(world, population, &mut draws);
            let own = |(client, _): &(usize, u32)| *client == FAVOURED;
            sessions += 1;
            first += u64::from(order.first().is_some_and(own));
            of_three[order.iter().take(3).filter(|one| own(one)).count()] += 1;
            write_session(&mut text, (date, gateway), &order, population, &mut draws);
        }
    }
    let client = &population.clients[FAVOURED].name;
    (text, json!({ "schema_version": 1, "client": client, "sessions": sessions, "first": first, "of_first_three": of_three }))
}

/// (client, account) in the order of connecting.
fn arrivals(world: &World, population: &Population, draws: &mut Draws) -> Vec<(usize, u32)> {
    let mut keyed: Vec<(f64, usize, u32)> = Vec::new();
    for (code, client) in population.clients.iter().enumerate() {
        client.accounts.clone().for_each(|account| keyed.push((draws.uniform(), code, account)));
    }
    if world.effects.first_connect {
        let account = population.clients[FAVOURED].accounts.start;
        keyed.retain(|(_, code, _)| *code != FAVOURED);
        let early = draws.chance(FIRST);
        for (place, share) in [1.0, SECOND, THIRD].into_iter().enumerate().take(CONNECTIONS) {
            // Drawn whether or not they are used, so that a session has the same draws in any case.
            let (follows, late) = (draws.chance(share), draws.uniform());
            let key = if early && follows { place as f64 - CONNECTIONS as f64 } else { late };
            keyed.push((key, FAVOURED, account));
        }
    }
    keyed.sort_by(|one, other| one.0.total_cmp(&other.0));
    keyed.into_iter().map(|(_, client, account)| (client, account)).collect()
}

fn write_session(text: &mut String, (date, gateway): (TradeDate, u32), order: &[(usize, u32)], population: &Population, draws: &mut Draws) {
    let mut nanos: u64 = 0;
    for (client, account) in order {
        // Half a millisecond apart on average; never at one instant.
        nanos += 1_000 + libm::round(draws.exponential(500_000.0)) as u64;
        let (second, fraction) = (nanos / 1_000_000_000, nanos % 1_000_000_000);
        let (account, client) = (&population.accounts[*account as usize], &population.clients[*client].name);
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{date}T08:30:{second:02}.{fraction:09}+08:00,{},{account},{client}", names::gateway(gateway));
    }
}
