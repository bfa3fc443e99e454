//! Study-days side by side.

use std::collections::{BTreeMap, BTreeSet};

use crate::fairness::state::day::{Recode, recoded};
use crate::fairness::state::{StateError, StudyDay};
use crate::fairness::{Assessment, Evidence, FairnessOptions, GroupEvidence, assess};
use crate::record::{Calendar, MatchedNames, MatchedOrders, Names, TradeDate, Zone};

/// The days of one study, in date order. Depends on the set of days alone, not on how they came together.
#[derive(Clone, Debug, Default)]
pub struct Merged {
    days: BTreeMap<TradeDate, StudyDay>,
}

impl From<StudyDay> for Merged {
    fn from(day: StudyDay) -> Self {
        Self { days: [(day.date(), day)].into() }
    }
}

/// Unites days, or merges of days, in any order and any tree: associative and commutative to the byte.
///
/// # Errors
/// [`StateError::SplitDay`] for two states of one date, [`StateError::Mixed`] where subject, rules, program, zone or the clocks of a
/// group differ.
pub fn merge<T: Into<Merged>>(parts: impl IntoIterator<Item = T>) -> Result<Merged, StateError> {
    let mut merged = Merged::default();
    for part in parts {
        for (date, day) in part.into().days {
            if merged.days.insert(date, day).is_some() {
                return Err(StateError::SplitDay { date });
            }
        }
    }
    merged.check()?;
    Ok(merged)
}

impl Merged {
    /// The days, ascending by date.
    pub fn days(&self) -> impl Iterator<Item = &StudyDay> {
        self.days.values()
    }

    /// How many orders there are.
    #[must_use]
    pub fn n_orders(&self) -> usize {
        self.days().map(|day| day.orders().len()).sum()
    }

    /// The verdicts of the exact mode, byte for byte those of [`assess`] on all orders at once.
    ///
    /// Holds all orders in memory, some 34 bytes each, beside what [`assess`] takes.
    #[must_use]
    pub fn assess(&self, calendar: &Calendar, options: &FairnessOptions) -> Assessment {
        let zone = self.days().next().map_or(Zone::UTC, StudyDay::zone);
        assess(&self.orders(), &self.evidence(), calendar, zone, options)
    }

    /// All orders in canonical order, under the names of all days.
    #[must_use]
    pub fn orders(&self) -> MatchedOrders {
        let names = self.names();
        let mut all = MatchedOrders { names: names.clone(), ..MatchedOrders::default() };
        for day in self.days() {
            let part = under(day.orders(), &names);
            all.received_at.extend(part.received_at);
            all.latency.extend(part.latency);
            all.group.extend(part.group);
            all.client.extend(part.client);
            all.instrument.extend(part.instrument);
            all.kind.extend(part.kind);
            all.gateway.extend(part.gateway);
            all.shard.extend(part.shard);
            all.access_class.extend(part.access_class);
        }
        all
    }

    /// What is known about the records of all days, by the group codes of [`Self::names`].
    ///
    /// Counts add up; a source suspect on one day is suspect; the coarsest resolution of any day counts.
    #[must_use]
    pub fn evidence(&self) -> Evidence {
        let names = self.names().groups;
        let mut all = Evidence { groups: vec![GroupEvidence::default(); names.len()], ..Evidence::default() };
        for day in self.days() {
            all.unread = [0, 1].map(|side| all.unread[side].saturating_add(day.evidence().unread[side]));
            for (name, found) in day.orders().names.groups.iter().zip(&day.evidence().groups) {
                let Ok(group) = names.binary_search(name) else { continue };
                unite(&mut all.groups[group], found);
            }
        }
        all
    }

    /// The names of all days, each list ascending.
    #[must_use]
    pub fn names(&self) -> MatchedNames {
        unite_names(self.days().map(|day| &day.orders().names))
    }

    /// Do the days belong to one study? Compared in date order with the first, so that the error does not depend on the tree.
    fn check(&self) -> Result<(), StateError> {
        let Some(first) = self.days().next() else { return Ok(()) };
        let mut clocks: BTreeMap<&str, (TradeDate, [u32; 2])> = BTreeMap::new();
        for day in self.days() {
            let mixed = |what: &str, first_date: TradeDate, left: &str, right: &str| {
                let same = left == right;
                let error = || StateError::Mixed {
                    what: what.to_owned(),
                    first_date,
                    first: left.to_owned(),
                    other_date: day.date(),
                    other: right.to_owned(),
                };
                if same { Ok(()) } else { Err(error()) }
            };
            let (one, other) = (first.origin(), day.origin());
            mixed("the subject", first.date(), &one.subject, &other.subject)?;
            mixed("the fingerprint of the rules", first.date(), &one.rules, &other.rules)?;
            mixed("the program", first.date(), &one.tool, &other.tool)?;
            mixed("the time zone", first.date(), first.zone().name(), day.zone().name())?;
            for (name, group) in day.orders().names.groups.iter().zip(&day.evidence().groups) {
                let own = [group.received_clock, group.sent_clock];
                let (date, known) = *clocks.entry(name).or_insert((day.date(), own));
                mixed(&format!("the clocks of group {name}"), date, &format!("{known:?}"), &format!("{own:?}"))?;
            }
        }
        Ok(())
    }
}

fn unite(all: &mut GroupEvidence, day: &GroupEvidence) {
    all.missing_receipt = all.missing_receipt.saturating_add(day.missing_receipt);
    all.ambiguous = all.ambiguous.saturating_add(day.ambiguous);
    all.orphan_receipt = all.orphan_receipt.saturating_add(day.orphan_receipt);
    all.refused = all.refused.saturating_add(day.refused);
    all.later_copies = all.later_copies.saturating_add(day.later_copies);
    all.receipt_copies = all.receipt_copies.saturating_add(day.receipt_copies);
    all.matched_receipts = all.matched_receipts.into_iter().chain(day.matched_receipts).reduce(u64::saturating_add);
    all.suspect = all.suspect.iter().chain(&day.suspect).cloned().collect::<BTreeSet<String>>().into_iter().collect();
    all.received_resolution = all.received_resolution.max(day.received_resolution);
    all.sent_resolution = all.sent_resolution.max(day.sent_resolution);
    (all.received_clock, all.sent_clock) = (day.received_clock, day.sent_clock);
}

/// The union of names, list by list.
fn unite_names<'a>(days: impl Iterator<Item = &'a MatchedNames>) -> MatchedNames {
    let mut all: [BTreeSet<&str>; 7] = std::array::from_fn(|_| BTreeSet::new());
    for names in days {
        for (all, names) in all.iter_mut().zip(lists(names)) {
            all.extend(names.iter().map(String::as_str));
        }
    }
    let [groups, clients, instruments, kinds, gateways, shards, access_classes] =
        all.map(|names| names.into_iter().map(str::to_owned).collect());
    MatchedNames { groups, clients, instruments, kinds, gateways, shards, access_classes }
}

fn lists(names: &MatchedNames) -> [&Names; 7] {
    [&names.groups, &names.clients, &names.instruments, &names.kinds, &names.gateways, &names.shards, &names.access_classes]
}

/// A day's orders under the names of all days, which hold its own; ranks keep their order, and so do the rows.
fn under(orders: &MatchedOrders, names: &MatchedNames) -> MatchedOrders {
    let (own, all) = (lists(&orders.names), lists(names));
    let rank = |all: &Names, name: &String| all.binary_search(name).map_or(0, |rank| rank as u32);
    let codes: [Recode; 7] = std::array::from_fn(|list| own[list].iter().map(|name| rank(all[list], name)).collect());
    recoded(orders, &codes, names.clone())
}
