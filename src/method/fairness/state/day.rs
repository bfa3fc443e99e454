//! One study-day as a value.

use crate::fairness::canonical::in_canonical_order;
use crate::fairness::state::StateError;
use crate::fairness::{Evidence, GroupEvidence};
use crate::record::{MatchedNames, MatchedOrders, Names, Timestamp, TradeDate, Zone};

/// Whose orders a study-day holds and how it was made; equal in all days of a study.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// The subject: one broker. Several brokers are several studies.
    pub subject: String,
    /// Fingerprint of the rules the day was read and linked under, such as the SHA-256 of the configuration.
    pub rules: String,
    /// Program and version that wrote the day.
    pub tool: String,
}

impl Origin {
    /// The origin of a day written by this program.
    #[must_use]
    pub fn new(subject: impl Into<String>, rules: impl Into<String>) -> Self {
        Self { subject: subject.into(), rules: rules.into(), tool: concat!("colofair ", env!("CARGO_PKG_VERSION")).into() }
    }
}

/// All matched orders of one subject on one local trading day, with what is known about the day's records.
///
/// Depends on the day alone: orders stand in canonical order, and only names that occur on the day are listed. Gateways are the
/// exception, all of which are kept: a second gateway makes the routing part a question even on a day that does not use it.
#[derive(Clone, Debug)]
pub struct StudyDay {
    origin: Origin,
    date: TradeDate,
    zone: Zone,
    orders: MatchedOrders,
    /// One entry a group.
    evidence: Evidence,
}

impl StudyDay {
    /// The state of the orders received on `date`, local time of `zone`; `evidence` counts the day's records by group code.
    ///
    /// Orders may stand in any order. Cost O(n) for orders in canonical order, else O(n log n).
    ///
    /// # Errors
    /// [`StateError::OtherDate`] where an order was received on another local date.
    pub fn of(origin: Origin, date: TradeDate, zone: Zone, orders: &MatchedOrders, evidence: &Evidence) -> Result<Self, StateError> {
        if let Some(found) = other_date(&orders.received_at, date, zone) {
            return Err(StateError::OtherDate { date, found });
        }
        let (orders, evidence) = compact(orders, evidence);
        let orders = in_canonical_order(&orders).into_owned();
        Ok(Self { origin, date, zone, orders, evidence })
    }

    /// Whose day it is.
    #[must_use]
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// The local date.
    #[must_use]
    pub fn date(&self) -> TradeDate {
        self.date
    }

    /// The zone of the local date.
    #[must_use]
    pub fn zone(&self) -> Zone {
        self.zone
    }

    /// The orders, in canonical order; codes are those of this day's names.
    #[must_use]
    pub fn orders(&self) -> &MatchedOrders {
        &self.orders
    }

    /// What is known about the day's records, one entry a group.
    #[must_use]
    pub fn evidence(&self) -> &Evidence {
        &self.evidence
    }
}

/// The local date of the first receipt that is not of `date`. Receipts far from it are never added to, whatever their value.
fn other_date(received_at: &[Timestamp], date: TradeDate, zone: Zone) -> Option<TradeDate> {
    const DAY: i128 = 86_400_000_000_000;
    let mut reader = zone.local_reader();
    let near = |at: &Timestamp| (i128::from(at.0) - i128::from(date.0) * DAY).abs() <= 3 * DAY;
    received_at.iter().map(|at| if near(at) { reader.read(*at).0 } else { zone.date_of(*at) }).find(|found| *found != date)
}

/// Splits the orders of a period by local date, dates ascending. Names and codes stay those of the period.
#[must_use]
pub fn by_day(orders: &MatchedOrders, zone: Zone) -> Vec<(TradeDate, MatchedOrders)> {
    let mut reader = zone.local_reader();
    let mut days: std::collections::BTreeMap<TradeDate, MatchedOrders> = std::collections::BTreeMap::new();
    for row in 0..orders.len() {
        let (date, _) = reader.read(orders.received_at[row]);
        let empty = || MatchedOrders { names: orders.names.clone(), ..MatchedOrders::default() };
        let day = days.entry(date).or_insert_with(empty);
        day.received_at.push(orders.received_at[row]);
        day.latency.push(orders.latency[row]);
        day.group.push(orders.group[row]);
        day.client.push(orders.client[row]);
        day.instrument.push(orders.instrument[row]);
        day.kind.push(orders.kind[row]);
        day.gateway.push(orders.gateway[row]);
        day.shard.push(orders.shard[row]);
        day.access_class.push(orders.access_class[row]);
    }
    days.into_iter().collect()
}

/// The new code of every old one.
pub(crate) type Recode = Vec<u32>;

/// The orders with the names that occur, and one entry of evidence for each group left.
fn compact(orders: &MatchedOrders, evidence: &Evidence) -> (MatchedOrders, Evidence) {
    let narrow = |column: &[u16], names: &Names| occurring(column.iter().map(|code| u32::from(*code)), names, |_| false);
    let known = |group: usize| evidence.groups.get(group).is_some_and(|group| *group != GroupEvidence::default());
    let old = &orders.names;
    let (groups, group_names) = occurring(orders.group.iter().map(|code| u32::from(*code)), &old.groups, known);
    let (clients, client_names) = occurring(orders.client.iter().copied(), &old.clients, |_| false);
    let (instruments, instrument_names) = occurring(orders.instrument.iter().copied(), &old.instruments, |_| false);
    let (kinds, kind_names) = narrow(&orders.kind, &old.kinds);
    let (gateways, gateway_names) = occurring(orders.gateway.iter().map(|code| u32::from(*code)), &old.gateways, |_| true);
    let (shards, shard_names) = narrow(&orders.shard, &old.shards);
    let (access, access_names) = narrow(&orders.access_class, &old.access_classes);

    let mut of_groups = vec![GroupEvidence::default(); group_names.len()];
    for (old, new) in groups.iter().enumerate().filter(|(_, new)| **new != GONE) {
        of_groups[*new as usize] = evidence.of(old as u16);
    }
    let names = MatchedNames {
        groups: group_names,
        clients: client_names,
        instruments: instrument_names,
        kinds: kind_names,
        gateways: gateway_names,
        shards: shard_names,
        access_classes: access_names,
    };
    let codes = [groups, clients, instruments, kinds, gateways, shards, access];
    (recoded(orders, &codes, names), Evidence { groups: of_groups, ..*evidence })
}

/// The code of a name that does not occur.
const GONE: u32 = u32::MAX;

/// The names that occur or are to be kept, ascending, and the new code of every old one. A code without a name has the empty one.
fn occurring(codes: impl Iterator<Item = u32>, names: &Names, keep: impl Fn(usize) -> bool) -> (Recode, Names) {
    let mut seen: Vec<bool> = (0..names.len()).map(keep).collect();
    for code in codes {
        let code = code as usize;
        if code >= seen.len() {
            seen.resize(code + 1, false);
        }
        seen[code] = true;
    }
    let name = |code: usize| names.get(code).map_or("", String::as_str);
    let mut left: Names = (0..seen.len()).filter(|code| seen[*code]).map(|code| name(code).to_owned()).collect();
    left.sort_unstable();
    left.dedup();
    let rank = |code: usize| left.binary_search_by(|known| known.as_str().cmp(name(code))).map_or(GONE, |rank| rank as u32);
    let recode = (0..seen.len()).map(|code| if seen[code] { rank(code) } else { GONE }).collect();
    (recode, left)
}

/// The orders under new codes, in the order of [`MatchedNames`]: groups, clients, instruments, kinds, gateways, shards, access classes.
pub(crate) fn recoded(orders: &MatchedOrders, codes: &[Recode; 7], names: MatchedNames) -> MatchedOrders {
    let wide = |column: &[u32], recode: &Recode| column.iter().map(|code| recode[*code as usize]).collect();
    let narrow = |column: &[u16], recode: &Recode| column.iter().map(|code| recode[usize::from(*code)] as u16).collect();
    MatchedOrders {
        received_at: orders.received_at.clone(),
        latency: orders.latency.clone(),
        group: narrow(&orders.group, &codes[0]),
        client: wide(&orders.client, &codes[1]),
        instrument: wide(&orders.instrument, &codes[2]),
        kind: narrow(&orders.kind, &codes[3]),
        gateway: narrow(&orders.gateway, &codes[4]),
        shard: narrow(&orders.shard, &codes[5]),
        access_class: narrow(&orders.access_class, &codes[6]),
        names,
    }
}
