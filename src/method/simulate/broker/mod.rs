//! A broker with evidence files: a simulated market, the tables of its access and controls, and what is planted in them.
//!
//! Every planted row is named in `truth.json` under `evidence`: code, subject, file and line; file and line are null where the rows are
//! orders. A gap is named by the rows on both sides of it. Nothing here knows how evidence is judged.

mod access;
mod controls;
mod sheet;

use std::path::Path;

use serde_json::{Value, json};

use crate::record::{TimeSpan, TradeDate};
use crate::simulate::broker::sheet::Sheet;
use crate::simulate::population::Population;
use crate::simulate::table::write_error;
use crate::simulate::{Options, SimulateError, World, WorldSettings, Writing, write};

/// What a broker's world has planted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Plants {
    /// Orders of algorithms without a receipt (finding 1).
    pub no_receipts: bool,
    /// Links, logs, backups, reviews and remote connections (finding 2).
    pub firewall: bool,
    /// Vendors, approvals, contracts, shared accounts (finding 3).
    pub privilege: bool,
    /// Only a vendor's account of highest privilege (finding 3, as in the precedent).
    pub vendor_privilege: bool,
    /// Old passwords, default account, weak policy (finding 4).
    pub passwords: bool,
    /// Passwords that nobody ever changed (finding 4, as in the precedent).
    pub unchanged_passwords: bool,
    /// Fields, days and reviews of audit logs (finding 5).
    pub audit_log: bool,
    /// Scans, vulnerabilities, changes (finding 6).
    pub scans: bool,
    /// Access, and a delay of one group (finding 7).
    pub unfair: bool,
    /// Few of the qualified are served (finding 7, as in the precedent).
    pub few_served: bool,
    /// Equipment of clients, records of assets, an unknown host (finding 8).
    pub assets: bool,
    /// Only client software on the host (finding 8, as in the precedent).
    pub client_software: bool,
}

/// Name, meaning, what is planted.
const BROKERS: [(&str, &str, Plants); 4] = [
    ("broker-clean", "a broker whose evidence shows nothing", NOTHING),
    (
        "broker-findings",
        "each of the eight audit findings planted",
        Plants {
            no_receipts: true,
            firewall: true,
            privilege: true,
            passwords: true,
            audit_log: true,
            scans: true,
            unfair: true,
            assets: true,
            ..NOTHING
        },
    ),
    ("broker-few-served", "seventeen clients qualify, two related ones are served", Plants { few_served: true, ..NOTHING }),
    (
        "broker-vendor-linked",
        "a vendor's users: client software on the host, no receipts, passwords never changed",
        Plants { no_receipts: true, vendor_privilege: true, unchanged_passwords: true, client_software: true, ..NOTHING },
    ),
];

const NOTHING: Plants = Plants {
    no_receipts: false,
    firewall: false,
    privilege: false,
    vendor_privilege: false,
    passwords: false,
    unchanged_passwords: false,
    audit_log: false,
    scans: false,
    unfair: false,
    few_served: false,
    assets: false,
    client_software: false,
};

/// A broker's world.
#[derive(Clone, Debug)]
pub struct Broker {
    /// Its name.
    pub name: &'static str,
    /// What is planted.
    pub plants: Plants,
}

impl Broker {
    /// Names and meanings of every broker.
    pub fn known() -> impl Iterator<Item = (&'static str, &'static str)> {
        BROKERS.iter().map(|(name, meaning, _)| (*name, *meaning))
    }

    /// The broker of a name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        BROKERS.iter().find(|(known, ..)| *known == name).map(|(name, _, plants)| Self { name, plants: *plants })
    }

    /// The market behind it.
    ///
    /// # Errors
    /// As [`World::named`].
    pub fn world(&self) -> Result<World, SimulateError> {
        let name = match (self.plants.no_receipts, self.plants.unfair) {
            (true, true) => "missing+delay",
            (true, false) => "missing",
            (false, true) => "delay",
            (false, false) => "fair",
        };
        // Few enough missing receipts to leave the latency verdict open to judgement.
        World::named(name, &WorldSettings { delay: TimeSpan(100_000), fault_rate: Some(0.003), ..WorldSettings::default() })
    }
}

/// What the sheets are made from.
pub(crate) struct Cast<'a> {
    plants: Plants,
    population: &'a Population,
    hosts: Vec<String>,
    /// First and last date of the audited period: from the first of January of the year before the orders.
    period: (TradeDate, TradeDate),
    trading_days: Vec<TradeDate>,
}

impl Cast<'_> {
    /// The date `days` after the start of the period.
    fn day(&self, days: i32) -> TradeDate {
        TradeDate(self.period.0.0 + days)
    }

    fn end(&self) -> TradeDate {
        self.period.1
    }
}

/// Writes a broker's world: the files of [`write()`], `evidence/*.csv`, a `study.toml` that names them, and the planted rows in
/// `truth.json`, which is also returned.
///
/// # Errors
/// As [`write()`].
pub fn write_broker(broker: &Broker, options: &Options, writing: impl Into<Writing>, dir: &Path) -> Result<Value, SimulateError> {
    let world = broker.world()?;
    let truth = write(&world, options, writing, dir, &mut |_| ())?;
    let population = Population::new(&world, options);
    let trading_days = options.trading_days();
    let last = trading_days.last().copied().unwrap_or(options.first_day);
    let year = options.first_day.ymd().0 - 1;
    let from = TradeDate::from_ymd(year, 1, 1).unwrap_or(options.first_day);
    let hosts = (0..options.gateways).map(crate::simulate::names::host).collect();
    let cast = Cast { plants: broker.plants, population: &population, hosts, period: (from, last), trading_days };
    let (access, controls) = (access::sheets(&cast), controls::sheets(&cast));

    let folder = dir.join("evidence");
    std::fs::create_dir_all(&folder).map_err(|error| write_error(&folder, &error))?;
    for sheet in access.iter().chain(&controls) {
        let path = folder.join(format!("{}.csv", sheet.name));
        std::fs::write(&path, sheet.text()).map_err(|error| write_error(&path, &error))?;
    }
    let study = dir.join("study.toml");
    let text = std::fs::read_to_string(&study).map_err(|error| write_error(&study, &error))? + &sections(&cast, &access, &controls);
    std::fs::write(&study, text).map_err(|error| write_error(&study, &error))?;
    let mut document = truth.json(&world, options);
    document["world"] = json!(broker.name);
    document["evidence"] = access.iter().chain(&controls).flat_map(Sheet::truth).collect();
    let path = dir.join("truth.json");
    std::fs::write(&path, format!("{document:#}\n")).map_err(|error| write_error(&path, &error))?;
    Ok(document)
}

/// The sections of study.toml that name the evidence.
fn sections(cast: &Cast<'_>, access: &[Sheet], controls: &[Sheet]) -> String {
    let list = |sheets: &[Sheet]| sheets.iter().map(|sheet| format!("{0} = \"evidence/{0}.csv\"\n", sheet.name)).collect::<String>();
    let (from, to) = cast.period;
    format!(
        "\n[rules]\nsource = \"simulated rules of use\"\nfrom = \"{from}\"\nto = \"{to}\"\neligibility = {{ all = [\"avg_daily_value >= \
         1000000\"] }}\ndecision_days = 30\n\n[access]\n{}\n[controls]\n{}",
        list(access),
        list(controls)
    )
}
