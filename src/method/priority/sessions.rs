//! Who connects first.
//!
//! A *session* is one server on one day. Being first is no breach by itself: the broker in the NSE co-location case connected first on
//! 357 of 364 sessions, and the allegation was later held unproven. So rank, odds and their assumptions are given together.
//!
//! *Odds*: were the order of connecting random, a connection of client k would be first with probability `c_k / m`, its share of the
//! session's connections. The chance of being first on at least so many of n sessions is bounded by the binomial tail with the mean of
//! these probabilities (Hoeffding 1956), for counts above the mean. "At least two of the first three" likewise, by the hypergeometric law.

use std::collections::BTreeMap;

use crate::priority::rules::{CASE_LEVEL, FIRST_SHARE};
use crate::record::{Timestamp, TradeDate, Zone};

/// One connection in a session log.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Connection {
    /// When it was made.
    pub at: Timestamp,
    /// To which server or session; may be empty.
    pub server: String,
    /// Whose it is.
    pub client: String,
}

/// A client's place in the order of connecting.
#[derive(Clone, Debug, PartialEq)]
pub struct ConnectProfile {
    /// The client.
    pub client: String,
    /// Sessions in which it connected.
    pub sessions: u64,
    /// Sessions in which its connection was the first, alone at that instant.
    pub first: u64,
    /// Sessions in which it shared the first instant: not to be decided.
    pub tied_first: u64,
    /// Sessions in which none, one, two and three of the first three connections were its own.
    pub of_first_three: [u64; 4],
    /// Sessions in which it would be first by chance.
    pub expected_first: f64,
    /// Log10 of a bound on the chance of being first at least so often; `None` at or below the mean.
    pub log10_first: Option<f64>,
    /// The same for at least two of the first three.
    pub log10_two_of_three: Option<f64>,
}

/// What session logs show.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sessions {
    /// Sessions in the log.
    pub sessions: u64,
    /// Connections.
    pub connections: u64,
    /// Clients, the most often first before the others.
    pub profiles: Vec<ConnectProfile>,
}

impl Sessions {
    /// The clients that are first too often by the pre-stated rule: on at least half of their sessions, and beyond chance among all
    /// clients of the log.
    pub fn first_too_often(&self) -> impl Iterator<Item = &ConnectProfile> {
        let level = libm::log10(CASE_LEVEL / self.profiles.len().max(1) as f64);
        self.profiles.iter().filter(move |profile| {
            profile.first as f64 >= FIRST_SHARE * profile.sessions as f64 && profile.log10_first.is_some_and(|log10| log10 < level)
        })
    }
}

/// Ranks the connections of every session. O(n log n).
#[must_use]
pub fn session_profiles(connections: &[Connection], zone: Zone) -> Sessions {
    let mut reader = zone.local_reader();
    let mut by_session: BTreeMap<(TradeDate, &str), Vec<(Timestamp, &str)>> = BTreeMap::new();
    for connection in connections {
        let day = reader.read(connection.at).0;
        by_session.entry((day, &connection.server)).or_default().push((connection.at, &connection.client));
    }
    let mut tallies: BTreeMap<&str, Tally> = BTreeMap::new();
    for session in by_session.values_mut() {
        session.sort_unstable();
        tally(session, &mut tallies);
    }
    let mut profiles: Vec<ConnectProfile> = tallies.into_iter().map(|(client, tally)| tally.profile(client)).collect();
    profiles.sort_by(|left, right| right.first.cmp(&left.first).then_with(|| left.client.cmp(&right.client)));
    Sessions { sessions: by_session.len() as u64, connections: connections.len() as u64, profiles }
}

#[derive(Default)]
struct Tally {
    sessions: u64,
    first: u64,
    tied_first: u64,
    of_first_three: [u64; 4],
    chance_first: f64,
    chance_two: f64,
}

/// One session, in order of connecting.
fn tally<'a>(session: &[(Timestamp, &'a str)], tallies: &mut BTreeMap<&'a str, Tally>) {
    let mut own: BTreeMap<&str, u64> = BTreeMap::new();
    session.iter().for_each(|(_, client)| *own.entry(client).or_default() += 1);
    let at_once = session.iter().take_while(|(at, _)| *at == session[0].0).map(|(_, client)| *client);
    let firsts: std::collections::BTreeSet<&str> = at_once.collect();
    for (client, connections) in own {
        let tally = tallies.entry(client).or_default();
        let in_three = session.iter().take(3).filter(|(_, other)| *other == client).count();
        tally.sessions += 1;
        tally.first += u64::from(firsts.len() == 1 && firsts.contains(client));
        tally.tied_first += u64::from(firsts.len() > 1 && firsts.contains(client));
        tally.of_first_three[in_three] += 1;
        tally.chance_first += connections as f64 / session.len() as f64;
        tally.chance_two += two_of_three(connections, session.len() as u64);
    }
}

/// Chance that at least two of three connections drawn from `all` are among `own`; with fewer than three, of those there are.
fn two_of_three(own: u64, all: u64) -> f64 {
    let [own, all] = [own as f64, all as f64];
    let rest = all - own;
    match () {
        () if all < 2.0 || own < 2.0 => 0.0,
        () if all < 3.0 => 1.0,
        () => (own * (own - 1.0) * (3.0 * rest + own - 2.0)) / (all * (all - 1.0) * (all - 2.0)),
    }
}

impl Tally {
    fn profile(self, client: &str) -> ConnectProfile {
        let twice = self.of_first_three[2] + self.of_first_three[3];
        ConnectProfile {
            client: client.to_owned(),
            sessions: self.sessions,
            first: self.first,
            tied_first: self.tied_first,
            of_first_three: self.of_first_three,
            expected_first: self.chance_first,
            log10_first: log10_binomial_tail(self.first, self.sessions, self.chance_first / self.sessions as f64),
            log10_two_of_three: log10_binomial_tail(twice, self.sessions, self.chance_two / self.sessions as f64),
        }
    }
}

/// Log10 of `P(X >= hits)` for `X ~ Bin(n, p)`; `None` unless `hits >= n p + 1`, where it bounds the tail of unequal chances too.
#[must_use]
pub fn log10_binomial_tail(hits: u64, n: u64, p: f64) -> Option<f64> {
    if (hits as f64) < n as f64 * p + 1.0 || hits > n || p >= 1.0 || p <= 0.0 {
        return None;
    }
    let log_term = |k: u64| {
        let (k, n) = (k as f64, n as f64);
        libm::lgamma(n + 1.0) - libm::lgamma(k + 1.0) - libm::lgamma(n - k + 1.0) + k * libm::log(p) + (n - k) * libm::log1p(-p)
    };
    // Above the mean the first term is the largest.
    let largest = log_term(hits);
    let sum: f64 = (hits..=n).map(|k| libm::exp(log_term(k) - largest)).sum();
    Some((largest + libm::log(sum)) / std::f64::consts::LN_10)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::disallowed_methods)] // The arithmetic of a test reaches no verdict.

    use super::*;
    use proptest::prelude::*;

    /// A connection each for `others` clients, and of OPG at the places given; one session a day.
    fn day(day: i64, own_places: &[usize], n: usize) -> Vec<Connection> {
        let at = |place: usize| Timestamp(1_767_574_800_000_000_000 + day * 86_400_000_000_000 + place as i64 * 1_000_000);
        let client = |place: usize| if own_places.contains(&place) { "OPG".to_owned() } else { format!("C{place}") };
        (0..n).map(|place| Connection { at: at(place), server: "S1".into(), client: client(place) }).collect()
    }

    /// The counts read out in the orders of the NSE co-location case: first on 357 of 364 sessions; three, two and one of the first
    /// three connections on 34, 314 and 15 of them.
    #[test]
    fn the_nse_case_comes_out_of_a_log_with_its_counts() {
        let mut log = Vec::new();
        for number in 0..364_i64 {
            // 34 days with three of the first three, 314 with two, 15 with one, one with none; first on all but seven days.
            let places: &[usize] = match number {
                0..34 => &[0, 1, 2],
                34..342 => &[0, 2, 9],
                342..348 => &[1, 2, 9],
                348..363 => &[0, 8, 9],
                _ => &[7, 8, 9],
            };
            log.extend(day(number, places, 30));
        }
        let zone = Zone::named("Asia/Taipei").expect("known");
        let found = session_profiles(&log, zone);
        let opg = &found.profiles[0];
        assert_eq!((opg.client.as_str(), opg.sessions, opg.first, opg.tied_first), ("OPG", 364, 357, 0));
        assert_eq!(opg.of_first_three, [1, 15, 314, 34]);
        assert!((opg.expected_first - 36.4).abs() < 1e-9);
        // ln C(364, 357) + 357 ln .1 + 7 ln .9, and a little more for the further terms.
        let log10 = opg.log10_first.expect("above the mean");
        assert!((-343.6..-343.0).contains(&log10), "{log10}");
        assert!(opg.log10_two_of_three.expect("above the mean") < -400.0);
        assert_eq!((found.sessions, found.connections), (364, 364 * 30));
    }

    #[test]
    fn a_shared_first_instant_is_nobodys() {
        let at = Timestamp(1_767_574_800_000_000_000);
        let of = |client: &str, after: i64| Connection { at: Timestamp(at.0 + after), server: String::new(), client: client.into() };
        let found = session_profiles(&[of("A", 0), of("B", 0), of("C", 5)], Zone::UTC);
        let row = |client: &str| found.profiles.iter().find(|row| row.client == client).expect("connected").clone();
        assert_eq!((row("A").first, row("A").tied_first, row("C").tied_first), (0, 1, 0));
    }

    proptest! {
        #[test]
        fn the_binomial_tail_equals_the_plain_sum(n in 1_u64..40, hits in 0_u64..40, p in 0.01_f64..0.99) {
            let choose = |k: u64| (0..k).map(|i| (n - i) as f64 / (k - i) as f64).product::<f64>();
            let plain: f64 = (hits..=n).map(|k| choose(k) * p.powi(k as i32) * (1.0 - p).powi((n - k) as i32)).sum();
            if let Some(log10) = log10_binomial_tail(hits, n, p) {
                prop_assert!((log10 - plain.log10()).abs() < 1e-9, "{} {}", log10, plain.log10());
            } else {
                prop_assert!((hits as f64) < n as f64 * p + 1.0 || hits > n);
            }
        }

        #[test]
        fn two_of_three_equals_the_count_of_all_draws(own in 0_u64..6, rest in 0_u64..6) {
            let all = own + rest;
            prop_assume!(all >= 3);
            let (mut hits, mut draws) = (0, 0);
            for a in 0..all { for b in a + 1..all { for c in b + 1..all {
                draws += 1;
                hits += u64::from([a, b, c].iter().filter(|drawn| **drawn < own).count() >= 2);
            } } }
            prop_assert!((two_of_three(own, all) - hits as f64 / draws as f64).abs() < 1e-12);
        }
    }
}
