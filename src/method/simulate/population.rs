//! Who trades what: groups, clients, accounts, instruments and order kinds of a simulated market.

use crate::simulate::random::{Choice, Draws, Purpose};
use crate::simulate::{Options, World};

/// Order kinds, ascending by name; a code is an index.
pub(crate) const KINDS: [&str; 4] = ["amend", "cancel", "limit-ioc", "limit-rod"];
/// Codes into [`KINDS`].
pub(crate) const AMEND: u8 = 0;
pub(crate) const CANCEL: u8 = 1;
pub(crate) const LIMIT_ROD: u8 = 3;
/// Service time of a kind relative to a plain new order.
pub(crate) const KIND_FACTORS: [f64; 4] = [1.05, 0.85, 1.30, 1.0];
const KIND_SHARES: [f64; 4] = [0.05, 0.13, 0.12, 0.70];
/// Kinds of group A in the mix world: three times the complex orders.
const COMPLEX_KIND_SHARES: [f64; 4] = [0.05, 0.13, 0.36, 0.46];

/// Share of orders that are the broker's own in the house world.
const HOUSE_SHARE: f64 = 0.10;

/// A client and how the broker treats it.
#[derive(Clone, Debug)]
pub(crate) struct Client {
    pub(crate) name: String,
    pub(crate) group: u16,
    /// Multiplies the service time of its orders, for the client's own reasons.
    pub(crate) factor: f64,
    /// Planted wait after the queue, nanoseconds.
    pub(crate) delay: i64,
    /// Codes of its accounts.
    pub(crate) accounts: std::ops::Range<u32>,
}

/// An instrument.
#[derive(Clone, Debug)]
pub(crate) struct Instrument {
    pub(crate) name: String,
    /// Multiplies the service time.
    pub(crate) factor: f64,
    /// Price in hundredths, and its tick.
    pub(crate) price: u32,
    pub(crate) tick: u32,
}

/// Habits of one group.
#[derive(Clone, Debug)]
pub(crate) struct Habits {
    /// Clients of the group, by size, and how they share its orders.
    pub(crate) members: Vec<u32>,
    pub(crate) client: Choice,
    pub(crate) instrument: Choice,
    pub(crate) kind: Choice,
    /// Share of all orders.
    pub(crate) share: f64,
}

/// The whole market; the same for every day of a study.
#[derive(Clone, Debug)]
pub(crate) struct Population {
    pub(crate) group_names: Vec<String>,
    pub(crate) groups: Vec<Habits>,
    pub(crate) clients: Vec<Client>,
    pub(crate) accounts: Vec<String>,
    pub(crate) instruments: Vec<Instrument>,
}

impl Population {
    /// Names ascend with their codes. Clients are dealt to the groups in turn; sizes are the quantiles of a Pareto law of index 1.5,
    /// so that a world differs between seeds by its orders and not by its cast.
    pub(crate) fn new(world: &World, options: &Options) -> Self {
        let mut draws = Draws::new(options.seed, u32::MAX, Purpose::Attributes);
        let mut group_names: Vec<String> = ["A", "B", "C", "D", "E", "F"][..options.groups as usize].iter().map(|&g| g.into()).collect();
        let house = world.base.house;
        let mut clients: Vec<Client> = (0..options.clients).map(|code| client(code, options.groups, world, &mut draws)).collect();
        if house {
            group_names.push("house".into());
            let group = options.groups as u16;
            clients.push(Client { name: "HOUSE".into(), group, factor: 1.0, delay: 0, accounts: 0..0 });
        }
        let accounts = open_accounts(&mut clients);
        let instruments: Vec<Instrument> = (0..options.instruments).map(instrument).collect();
        let share = (if house { 1.0 - HOUSE_SHARE } else { 1.0 }) / f64::from(options.groups);
        let mut groups: Vec<Habits> =
            (0..group_names.len() as u16).map(|group| habits(group, share, world, &clients, &instruments)).collect();
        if house {
            groups[options.groups as usize].share = HOUSE_SHARE;
        }
        Self { group_names, groups, clients, accounts, instruments }
    }
}

fn client(code: u32, groups: u32, world: &World, draws: &mut Draws) -> Client {
    let (group, rank) = ((code % groups) as u16, (code / groups) as usize);
    let effects = &world.effects;
    let delayed = group == 1 && effects.delayed_client == Some(rank);
    let factor = libm::exp(world.base.client_spread * draws.normal());
    Client { name: format!("C{:05}", code + 1), group, factor, delay: if delayed { effects.client_delay.0 } else { 0 }, accounts: 0..0 }
}

/// Every third client has a second account. An account is six digits and a check digit.
fn open_accounts(clients: &mut [Client]) -> Vec<String> {
    let mut accounts = Vec::new();
    for (code, client) in clients.iter_mut().enumerate() {
        let first = accounts.len() as u32;
        for _ in 0..1 + usize::from(code % 3 == 2) {
            let number = 100_003 + 4 * accounts.len();
            let digits = number.to_string().bytes().map(|digit| usize::from(digit - b'0')).sum::<usize>();
            accounts.push(format!("{number}{}", digits % 10));
        }
        client.accounts = first..accounts.len() as u32;
    }
    accounts
}

/// Half of the instruments, on every gateway alike, are half as slow again: complex products.
fn instrument(code: u32) -> Instrument {
    let factor = if is_slow(code) { 1.25 } else { 0.9 };
    let tick = if code.is_multiple_of(5) { 50 } else { 5 };
    let price = (2_000 + code % 90 * 350) / tick * tick;
    Instrument { name: format!("S{:05}", code + 1), factor, price, tick }
}

fn is_slow(code: u32) -> bool {
    code / 2 % 2 == 1
}

fn habits(group: u16, share: f64, world: &World, clients: &[Client], instruments: &[Instrument]) -> Habits {
    let members: Vec<u32> = (0..clients.len() as u32).filter(|code| clients[*code as usize].group == group).collect();
    let large = if group == 1 { world.base.large_clients } else { &[] };
    let prefers_slow = world.base.mix && group == 0;
    let popularity = (0..instruments.len() as u32).map(|code| {
        let tilt = if prefers_slow && is_slow(code) { 3.0 } else { 1.0 };
        tilt * libm::pow(f64::from(code + 1), -0.8)
    });
    Habits {
        client: Choice::new(&client_sizes(members.len(), large)),
        members,
        instrument: Choice::new(&popularity.collect::<Vec<f64>>()),
        kind: Choice::new(if prefers_slow { &COMPLEX_KIND_SHARES } else { &KIND_SHARES }),
        share,
    }
}

/// The given shares for the largest clients, the rest by Pareto quantiles of index 1.5.
fn client_sizes(n: usize, large: &[f64]) -> Vec<f64> {
    let large = &large[..large.len().min(n)];
    let rest = n - large.len();
    let pareto: Vec<f64> = (0..rest).map(|rank| libm::pow((rank as f64 + 0.5) / rest as f64, -1.0 / 1.5)).collect();
    let left = 1.0 - large.iter().sum::<f64>();
    let total: f64 = pareto.iter().sum();
    large.iter().copied().chain(pareto.iter().map(|size| left * size / total)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulate::WorldSettings;

    #[test]
    fn names_ascend_with_their_codes_and_large_clients_have_their_share() {
        let world = World::named("second-client-delay+house-first", &WorldSettings::default()).expect("known");
        let population = Population::new(&world, &Options::default());
        let ascending = |names: Vec<&String>| names.windows(2).all(|pair| pair[0] < pair[1]);
        assert!(ascending(population.group_names.iter().collect()) && ascending(population.accounts.iter().collect()));
        assert!(ascending(population.clients.iter().map(|client| &client.name).collect()));
        assert!(ascending(population.instruments.iter().map(|instrument| &instrument.name).collect()));
        let sizes = client_sizes(20, &[0.35, 0.30]);
        assert!(sizes[0] == 0.35 && sizes[1] == 0.30 && (sizes.iter().sum::<f64>() - 1.0).abs() < 1e-12);
        let delayed: Vec<&str> = population.clients.iter().filter(|c| c.delay > 0).map(|c| c.name.as_str()).collect();
        assert_eq!(delayed, ["C00004"]);
    }
}
