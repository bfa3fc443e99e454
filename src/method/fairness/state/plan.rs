//! The first round: who traded how much, and what follows from it for all later rounds.

use std::collections::BTreeMap;

use crate::fairness::assess::{between_clocks, overtaking_rules, present, wanted_pairs};
use crate::fairness::finer::{Cut, cells_of_finer_slots};
use crate::fairness::pair::{FalseTimes, GroupTotals};
use crate::fairness::state::merged::under;
use crate::fairness::state::{Merged, StateError, StudyDay, merge};
use crate::fairness::{Evidence, FairnessOptions};
use crate::measure::timetable::{BUSY_DAY, BUSY_SLOT, DEFAULT_SLOT};
use crate::measure::{CellKeys, Cells, OvertakingRules, Timetable, bursts, load_bins};
use crate::record::{Calendar, MatchedOrders, TimeSpan, Zone};

/// Counts of one or more days; whole numbers and names, so any tree of merges gives the same.
#[derive(Clone, Debug, Default)]
pub(crate) struct Survey {
    /// The days without their orders.
    heads: Vec<StudyDay>,
    /// Orders of the largest day.
    largest_day: usize,
    /// Latencies that tell of wrong clocks or zones, by group.
    false_times: BTreeMap<String, FalseTimes>,
    /// Orders by group and client.
    clients: BTreeMap<(String, String), u64>,
}

impl Survey {
    pub(crate) fn of(day: &StudyDay) -> Self {
        let orders = day.orders();
        let mut counts: hashbrown::HashMap<(u16, u32), (u64, FalseTimes), foldhash::fast::FixedState> = hashbrown::HashMap::default();
        let excused: Vec<i64> = (0..orders.names.groups.len()).map(|group| day.evidence().of(group as u16).excused()).collect();
        for row in 0..orders.len() {
            let count = counts.entry((orders.group[row], orders.client[row])).or_default();
            count.0 += 1;
            count.1.add(orders.latency[row], excused[usize::from(orders.group[row])]);
        }
        let mut survey = Self { heads: vec![day.without_orders()], largest_day: orders.len(), ..Self::default() };
        for ((group, client), (n, false_times)) in counts {
            let group = &orders.names.groups[usize::from(group)];
            survey.false_times.entry(group.clone()).or_default().merge(false_times);
            *survey.clients.entry((group.clone(), orders.names.clients[client as usize].clone())).or_insert(0) += n;
        }
        survey
    }

    pub(crate) fn merge(&mut self, other: Self) {
        self.heads.extend(other.heads);
        self.largest_day = self.largest_day.max(other.largest_day);
        other.false_times.into_iter().for_each(|(group, found)| self.false_times.entry(group).or_default().merge(found));
        other.clients.into_iter().for_each(|(client, n)| *self.clients.entry(client).or_insert(0) += n);
    }
}

/// What is the same for all days from the second round on.
#[derive(Clone, Debug)]
pub(crate) struct Plan<'a> {
    /// The names of all days; no rows.
    pub(crate) names: MatchedOrders,
    pub(crate) evidence: Evidence,
    pub(crate) totals: Vec<GroupTotals>,
    /// Known groups with an order.
    pub(crate) present: usize,
    /// Unordered pairs to be judged.
    pub(crate) wanted: Vec<[u16; 2]>,
    pub(crate) rules: OvertakingRules,
    pub(crate) options: &'a FairnessOptions,
    calendar: &'a Calendar,
    pub(crate) zone: Zone,
    slot: TimeSpan,
}

impl<'a> Plan<'a> {
    pub(crate) fn of(survey: Survey, calendar: &'a Calendar, options: &'a FairnessOptions) -> Result<Self, StateError> {
        let heads: Merged = merge(survey.heads)?;
        let names = MatchedOrders { names: heads.names(), ..MatchedOrders::default() };
        let evidence = heads.evidence();
        let rank = |list: &[String], name: &String| list.binary_search(name).unwrap_or_default();
        let mut totals = vec![GroupTotals::default(); names.names.groups.len()];
        for (group, false_times) in &survey.false_times {
            totals[rank(&names.names.groups, group)].false_times = *false_times;
        }
        for ((group, client), orders) in &survey.clients {
            let total = &mut totals[rank(&names.names.groups, group)];
            total.orders += orders;
            total.clients.push((*orders, rank(&names.names.clients, client) as u32));
        }
        totals.iter_mut().for_each(|total| total.clients.sort_unstable_by_key(|(orders, client)| (std::cmp::Reverse(*orders), *client)));
        let present = present(&names, &totals);
        let wanted = wanted_pairs(&names, &present, &options.reference);
        let rules = between_clocks(overtaking_rules(&evidence, options, &present), &evidence, options, &wanted);
        let default_slot = if survey.largest_day > BUSY_DAY { BUSY_SLOT } else { DEFAULT_SLOT };
        let slot = options.slot.unwrap_or(default_slot);
        let zone = heads.days().next().map_or(Zone::UTC, StudyDay::zone);
        Ok(Self { names, evidence, totals, present: present.len(), wanted, rules, options, calendar, zone, slot })
    }

    /// A day laid out in slots and cells, under the names of all days.
    pub(crate) fn lay_out(&self, day: &StudyDay) -> Layout {
        self.with_cells(day, |orders, timetable, load, keys| Cells::of(orders, &timetable.slots, load, keys))
    }

    /// The same in finer cells; the timetable is that of the slots as they are.
    pub(crate) fn lay_out_finer(&self, day: &StudyDay, cut: Cut) -> Layout {
        self.with_cells(day, |orders, timetable, load, keys| match cut {
            Cut::Slot => cells_of_finer_slots(orders, timetable, load, keys, (self.calendar, self.zone)),
            Cut::Burst => Cells::by_burst(orders, &timetable.slots, load, &bursts(orders, &timetable.days), keys),
        })
    }

    fn with_cells(&self, day: &StudyDay, cells: impl Fn(&MatchedOrders, &Timetable, &[u8], CellKeys) -> Cells) -> Layout {
        let orders = under(day.orders(), &self.names.names);
        let timetable = Timetable::of(&orders, self.calendar, self.zone, Some(self.slot), self.options.block);
        let cells = cells(&orders, &timetable, &load_bins(&orders, &timetable.days), CellKeys::default());
        Layout { orders, timetable, cells }
    }

    /// The timetable of no order: slot and block lengths.
    pub(crate) fn empty_timetable(&self) -> Timetable {
        Timetable::of(&self.names, self.calendar, self.zone, Some(self.slot), self.options.block)
    }
}

/// One day, ready to be measured.
pub(crate) struct Layout {
    pub(crate) orders: MatchedOrders,
    pub(crate) timetable: Timetable,
    pub(crate) cells: Cells,
}
