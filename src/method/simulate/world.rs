//! The worlds: a fair base, planted effects and record faults, each composed in one line of a table.

use crate::record::TimeSpan;
use crate::simulate::{Options, SimulateError, WorldSettings};

/// What is planted, and on what base. Group 0 is `A` (favoured), group 1 is `B` (disadvantaged).
#[derive(Clone, Debug, PartialEq)]
pub struct World {
    /// The name it was asked by.
    pub name: String,
    /// Confounders that are fair: what clients choose or are.
    pub base: Base,
    /// Unfair treatment.
    pub effects: Effects,
    /// Faults of the record, not of the treatment. Only the file face plants them.
    pub faults: Faults,
}

/// Lawful differences.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Base {
    /// A trades mostly at the open.
    pub open_heavy: bool,
    /// A trades slow instruments and complex orders more than the others do.
    pub mix: bool,
    /// Cascades stay in one group, and those of A are larger.
    pub burst: bool,
    /// Shares of B's largest clients; the rest is divided by the Pareto sizes. Empty: all by Pareto.
    pub large_clients: &'static [f64],
    /// Each line has three workers, so that honest overtaking happens.
    pub three_workers: bool,
    /// Standard deviation of the clients' log service factor.
    pub client_spread: f64,
    /// A tenth of the orders is the broker's own (group `house`), without privilege.
    pub house: bool,
    /// A session log stands beside the orders.
    pub sessions: bool,
}

/// Unfair treatment, each part zero or absent in a fair world.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Effects {
    /// Every order of B waits this long after the queue.
    pub delay: TimeSpan,
    /// Share of B's orders held 1 to 5 ms more.
    pub tail_share: f64,
    /// A passes the others in the queue.
    pub priority: bool,
    /// Four fifths of B goes to the last gateway, four fifths of the others elsewhere; the last gateway is slower.
    pub routing: bool,
    /// B's client of this size rank (0 = largest) waits `client_delay`.
    pub delayed_client: Option<usize>,
    /// Delay of that client.
    pub client_delay: TimeSpan,
    /// The broker's own orders pass every client in the queue.
    pub house_first: bool,
    /// Share of the clients' new orders that are held while the house sends an order of its own at their price.
    pub front_run: f64,
    /// The largest client of A is let in first on nearly every morning.
    pub first_connect: bool,
}

/// Faults of the records. Rates are shares of orders.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Faults {
    /// Orders without a receipt.
    pub missing: f64,
    /// Nine tenths of the missing receipts belong to algo orders of channel 2.
    pub missing_algo: bool,
    /// Receipts without an order.
    pub orphan: f64,
    /// Orders, and as many receipts, written twice.
    pub duplicate: f64,
    /// Receipts stamped after the order was sent.
    pub negative: f64,
    /// Receipts whose stamp is the sending time minus 44 us: fabricated.
    pub backfilled: f64,
    /// Receipt stamps cut to this unit; zero leaves them whole.
    pub rounding: TimeSpan,
    /// The receipt clock runs ahead by this.
    pub clock_offset: TimeSpan,
    /// From the middle of the study on the receipt clock runs behind by this.
    pub clock_step: TimeSpan,
    /// The receipt clock loses this many nanoseconds a second, set right every morning.
    pub clock_drift: f64,
    /// Orders before which serial numbers are skipped.
    pub serial_gap: f64,
    /// Amends and cancels repeat the receipt id of the order they change: the link needs the order kind as a second key.
    pub chains: bool,
    /// Share of receipts worked as a parent order in two to five slices.
    pub slices: f64,
}

type Plant = fn(&mut World, &WorldSettings);

/// Name, meaning, and what is planted.
const WORLDS: &[(&str, &str, Plant)] = &[
    ("fair", "one treatment for all", |_, _| {}),
    ("fair-open", "A trades mostly at the open", |w, _| w.base.open_heavy = true),
    ("fair-mix", "A trades slow instruments and complex orders", |w, _| w.base.mix = true),
    ("fair-burst", "A is burstier", |w, _| w.base.burst = true),
    ("fair-whale", "one client is 60 % of B", |w, _| w.base.large_clients = &[0.60]),
    ("fair-workers", "three workers a line: honest overtaking", |w, _| w.base.three_workers = true),
    ("fair-clients", "clients differ for their own reasons", |w, s| w.base.client_spread = s.client_spread),
    ("delay", "every order of B is delayed", |w, s| w.effects.delay = s.delay),
    ("tail", "1 % of B is held 1 to 5 ms", |w, _| w.effects.tail_share = 0.01),
    ("priority", "A has priority in the queue", |w, _| w.effects.priority = true),
    ("routing", "B is routed to a slower gateway", |w, _| w.effects.routing = true),
    ("whale-delay", "only B's largest client (60 %) is delayed 100 us", |w, _| delay_client(w, &[0.60], 0)),
    ("second-client-delay", "only B's second client (30 %) is delayed 100 us", |w, _| delay_client(w, &[0.35, 0.30], 1)),
    ("missing", "1 % of orders have no receipt, most of them algo orders", |w, s| {
        w.faults.missing = rate(s, 0.01);
        w.faults.missing_algo = true;
    }),
    ("orphan", "0.5 % of receipts have no order", |w, s| w.faults.orphan = rate(s, 0.005)),
    ("duplicate", "0.5 % of rows are written twice, on each side", |w, s| w.faults.duplicate = rate(s, 0.005)),
    ("negative", "0.5 % of receipts are stamped after sending", |w, s| w.faults.negative = rate(s, 0.005)),
    ("backfilled", "5 % of receipt stamps are made up from the sending time", |w, s| w.faults.backfilled = rate(s, 0.05)),
    ("rounded", "receipt stamps are cut to milliseconds", |w, _| w.faults.rounding = TimeSpan(1_000_000)),
    ("clock-offset", "the receipt clock runs 250 us ahead", |w, _| w.faults.clock_offset = TimeSpan(250_000)),
    ("clock-step", "the receipt clock falls back by 150 us in mid-study", |w, _| w.faults.clock_step = TimeSpan(150_000)),
    ("clock-drift", "the receipt clock loses 50 ns a second each day", |w, _| w.faults.clock_drift = 50.0),
    ("serial-gap", "serials are skipped before 0.1 % of orders", |w, s| w.faults.serial_gap = rate(s, 0.001)),
    ("chains", "amends and cancels repeat the id of their order", |w, _| w.faults.chains = true),
    ("slices", "5 % of receipts become parents of two to five slices", |w, s| w.faults.slices = rate(s, 0.05)),
    ("house-first", "the broker's own orders pass the clients'", |w, _| {
        w.base.house = true;
        w.effects.house_first = true;
    }),
    ("fair-house", "a tenth of the orders is the broker's own, without privilege", |w, _| w.base.house = true),
    ("front-run", "1 % of the clients' new orders are held while the house trades ahead of them", |w, s| {
        w.base.house = true;
        w.effects.front_run = rate(s, 0.01);
    }),
    ("fair-sessions", "a session log in which all connect in random order", |w, _| w.base.sessions = true),
    ("first-connect", "a session log in which the largest client of A is nearly always first", |w, _| {
        w.base.sessions = true;
        w.effects.first_connect = true;
    }),
];

fn delay_client(world: &mut World, large_clients: &'static [f64], rank: usize) {
    world.base.large_clients = large_clients;
    world.effects.delayed_client = Some(rank);
    world.effects.client_delay = TimeSpan(100_000);
}

fn rate(settings: &WorldSettings, default: f64) -> f64 {
    settings.fault_rate.unwrap_or(default)
}

impl World {
    /// The world of a name; `fair-open+delay` plants both.
    ///
    /// # Errors
    /// [`SimulateError`] for an unknown name, or a rate, spread or delay outside its range.
    pub fn named(name: &str, settings: &WorldSettings) -> Result<Self, SimulateError> {
        let in_range = settings.fault_rate.is_none_or(|rate| (0.0..=0.5).contains(&rate));
        if !in_range {
            return Err(SimulateError::Option { option: "rate", expected: "a share from 0 to 0.5" });
        }
        if !(0.0..=1.0).contains(&settings.client_spread) {
            return Err(SimulateError::Option { option: "client spread", expected: "0 to 1" });
        }
        if !(0..=10_000_000_000).contains(&settings.delay.0) {
            return Err(SimulateError::Option { option: "delay", expected: "0 to 10s" });
        }
        let mut world = Self { name: name.to_owned(), base: Base::default(), effects: Effects::default(), faults: Faults::default() };
        for part in name.split('+') {
            let found = WORLDS.iter().find(|(known, ..)| *known == part);
            let (_, _, plant) = found.ok_or_else(|| unknown(part))?;
            plant(&mut world, settings);
        }
        if settings.imperfections {
            world.faults.add_imperfections();
        }
        Ok(world)
    }

    /// Options that suit this world.
    pub(crate) fn checked_with<'a>(&self, options: &'a Options) -> Result<&'a Options, SimulateError> {
        if self.effects.routing && options.gateways < 2 {
            return Err(SimulateError::Option { option: "gateways", expected: "two or more in the routing world" });
        }
        options.checked()
    }

    /// Every single world: name and meaning.
    pub fn known() -> impl Iterator<Item = (&'static str, &'static str)> {
        WORLDS.iter().map(|(name, meaning, _)| (*name, *meaning))
    }
}

impl Faults {
    fn add_imperfections(&mut self) {
        self.missing = self.missing.max(0.001);
        self.orphan = self.orphan.max(0.002);
        self.duplicate = self.duplicate.max(0.000_5);
        self.negative = self.negative.max(0.000_2);
    }
}

fn unknown(name: &str) -> SimulateError {
    let brokers = crate::simulate::Broker::known().map(|(name, _)| name);
    let known: Vec<&str> = World::known().map(|(name, _)| name).chain(brokers).collect();
    SimulateError::UnknownWorld { name: name.to_owned(), known: known.join(", ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_compose_and_unknown_names_list_the_known() {
        let world = World::named("fair-open+delay", &WorldSettings::default()).expect("both are known");
        assert!(world.base.open_heavy && world.effects.delay == TimeSpan(20_000));
        let error = World::named("fair+unfair", &WorldSettings::default()).expect_err("no such world");
        assert!(error.to_string().contains("\"unfair\"") && error.to_string().contains("second-client-delay"));
        assert!(World::known().all(|(name, _)| World::named(name, &WorldSettings::default()).is_ok()));
    }
}
