//! What would change the verdict: every alternative judged again, one line each. An alternative never replaces the verdict.

use crate::fairness::beside::{Case, with_never_sent};
use crate::fairness::deletions::{DELETION_SHARE, MOST_DELETIONS};
use crate::fairness::{Assessment, FairnessOptions, PairAssessment, Reason};
use crate::measure::CellKeys;
use crate::record::{Latency, MatchedOrders, TimeSpan, Timestamp};

const MINUTE: i64 = 60_000_000_000;

/// Records that only some alternatives use.
#[derive(Clone, Copy, Debug, Default)]
pub struct Alternatives<'a> {
    /// The first order of each receipt alone, where a receipt has several and the verdict counts them all.
    pub first_children: Option<&'a MatchedOrders>,
    /// Orders received and never sent, with the names of the case; their latencies are not read.
    pub never_sent: Option<&'a MatchedOrders>,
}

/// A verdict that would have been another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerdictChange {
    /// Group A.
    pub favoured: String,
    /// Group B.
    pub disadvantaged: String,
    /// The verdict as given: "unfair", "fair", "inconclusive", "reversed" or "client_specific".
    pub from: &'static str,
    /// The verdict under the alternative; "not_judged" where a group has no order left.
    pub to: &'static str,
    /// Codes of the reasons of the new verdict that the given one does not have.
    pub reasons: Vec<&'static str>,
}

/// One alternative and what it changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alternative {
    /// Stable code and the words.
    pub what: Reason,
    /// Ordered pairs whose verdict changes, ascending; empty where nothing does.
    pub changed: Vec<VerdictChange>,
}

/// Judges every alternative. Cost: one verdict each, some dozen; those that do not apply are left out.
#[must_use]
pub fn sensitivity(case: Case<'_>, given: &Assessment, also: Alternatives<'_>) -> Vec<Alternative> {
    let run = Rerun { case, given };
    let mut all = run.clocks();
    all.extend(run.settings());
    all.extend(run.strata());
    all.extend(run.records(also));
    all.extend(run.clients());
    all
}

struct Rerun<'a> {
    case: Case<'a>,
    given: &'a Assessment,
}

fn words(code: &'static str, zh: impl Into<String>, en: impl Into<String>) -> Reason {
    Reason { code, zh: zh.into(), en: en.into() }
}

impl Rerun<'_> {
    /// One group's receipt stamps moved by once and twice the largest median margin, both ways. Of two groups, moving one is enough.
    fn clocks(&self) -> Vec<Alternative> {
        let margins = self.given.pairs.iter().filter_map(|pair| pair.median_gap).map(|gap| gap.margin as i64);
        let margin = margins.max().unwrap_or(self.case.options.margins.median.0);
        let names = &self.case.orders.names.groups;
        let skipped = usize::from(self.given.groups == 2);
        let mut all = Vec::new();
        for group in self.judged_groups().into_iter().skip(skipped) {
            for offset in [-2, -1, 1, 2].map(|times| times * margin) {
                let (name, by) = (names.get(usize::from(group)).map_or("", String::as_str), Latency(offset));
                let sign = if offset > 0 { "+" } else { "" };
                let what = words(
                    "clock_offset",
                    format!("{name} 的收單時戳移動 {sign}{by}"),
                    format!("receipt stamps of {name} moved by {sign}{by}"),
                );
                all.push(self.with_orders(what, &moved(self.case.orders, group, offset)));
            }
        }
        all
    }

    /// Slot and block lengths.
    fn settings(&self) -> Vec<Alternative> {
        let slots = [5, 15, 30].into_iter().filter(|minutes| self.given.slot.0 != minutes * MINUTE);
        let slot = |minutes: i64| {
            let options = FairnessOptions { slot: Some(TimeSpan(minutes * MINUTE)), ..self.case.options.clone() };
            self.with_options(words("slot", format!("時段長度 {minutes} 分鐘"), format!("time slots of {minutes} minutes")), &options)
        };
        let mut all: Vec<Alternative> = slots.map(slot).collect();
        let days = FairnessOptions { slot: Some(self.given.slot), block: TimeSpan(1_440 * MINUTE), ..self.case.options.clone() };
        let what = words(
            "day_blocks",
            "誤差以交易日為區塊（不足 20 日時必為無法判定）",
            "errors by whole days (inconclusive by rule with fewer than 20)",
        );
        all.push(self.with_options(what, &days));
        all
    }

    /// What makes orders comparable.
    fn strata(&self) -> Vec<Alternative> {
        let keys = CellKeys::default();
        let run = |what, keys| self.compare(what, &self.case.judged(keys));
        let mut all = vec![
            run(words("no_load", "不以負載分層", "without load strata"), CellKeys { load: false, ..keys }),
            run(words("all_instruments", "不以商品分層", "all instruments together"), CellKeys { instrument: false, ..keys }),
        ];
        if self.case.orders.access_class.windows(2).any(|pair| pair[0] != pair[1]) {
            let what = words("by_access_class", "只比較相同存取等級", "within the same access class only");
            all.push(run(what, CellKeys { access_class: true, ..keys }));
        }
        all
    }

    /// Other choices of which records count.
    fn records(&self, also: Alternatives<'_>) -> Vec<Alternative> {
        let orders = self.case.orders;
        let mut all = Vec::new();
        let negative = orders.latency.iter().filter(|latency| latency.0 < 0).count();
        if negative > 0 {
            let what = words("no_negative", format!("剔除 {negative} 筆負延遲"), format!("negative latencies dropped: {negative}"));
            all.push(self.with_orders(what, &kept(orders, |row| orders.latency[row].0 >= 0)));
        }
        if let Some(first) = also.first_children {
            let what = words("first_child", "每筆收單只計最早送出的委託", "only the first order of each receipt");
            all.push(self.with_orders(what, first));
        }
        if let Some(never) = also.never_sent.filter(|never| !never.is_empty()) {
            let n = never.len();
            let what = words(
                "never_sent",
                format!("{n} 筆收單而未送出者視為延遲無限大"),
                format!("{n} orders received and never sent counted as infinitely late"),
            );
            all.push(self.with_orders(what, &with_never_sent(orders, never)));
        }
        all
    }

    /// Each large client left out in turn.
    fn clients(&self) -> Vec<Alternative> {
        let orders = self.case.orders;
        let mut all = Vec::new();
        for (group, client) in large_clients(orders, &self.judged_groups()) {
            let name = |names: &[String], code: usize| names.get(code).cloned().unwrap_or_default();
            let (group_name, client_name) = (name(&orders.names.groups, group.into()), name(&orders.names.clients, client as usize));
            let what =
                words("drop_client", format!("剔除 {group_name} 的 {client_name}"), format!("without {client_name} of {group_name}"));
            all.push(self.with_orders(what, &kept(orders, |row| (orders.group[row], orders.client[row]) != (group, client))));
        }
        all
    }

    /// Codes of the groups that some pair holds, ascending.
    fn judged_groups(&self) -> Vec<u16> {
        let names = &self.case.orders.names.groups;
        let judged = |name: &String| self.given.pairs.iter().any(|pair| [&pair.favoured, &pair.disadvantaged].contains(&name));
        names.iter().enumerate().filter(|(_, name)| judged(name)).map(|(code, _)| code as u16).collect()
    }

    fn with_orders(&self, what: Reason, orders: &MatchedOrders) -> Alternative {
        // The slot stays the one that was used: its default depends on the number of orders.
        let options = FairnessOptions { slot: Some(self.given.slot), ..self.case.options.clone() };
        self.compare(what, &Case { orders, options: &options, ..self.case }.judged(CellKeys::default()))
    }

    fn with_options(&self, what: Reason, options: &FairnessOptions) -> Alternative {
        self.compare(what, &Case { options, ..self.case }.judged(CellKeys::default()))
    }

    fn compare(&self, what: Reason, other: &Assessment) -> Alternative {
        let change = |pair: &PairAssessment| {
            let same =
                |candidate: &&PairAssessment| (&candidate.favoured, &candidate.disadvantaged) == (&pair.favoured, &pair.disadvantaged);
            let found = other.pairs.iter().find(same);
            let (from, to) = (verdict_word(pair), found.map_or("not_judged", verdict_word));
            let known: Vec<&str> = pair.reasons.iter().map(|reason| reason.code).collect();
            let new = found.into_iter().flat_map(|found| &found.reasons).map(|reason| reason.code).filter(|code| !known.contains(code));
            (from != to).then(|| VerdictChange {
                favoured: pair.favoured.clone(),
                disadvantaged: pair.disadvantaged.clone(),
                from,
                to,
                reasons: new.collect(),
            })
        };
        Alternative { what, changed: self.given.pairs.iter().filter_map(change).collect() }
    }
}

fn verdict_word(pair: &PairAssessment) -> &'static str {
    if pair.client_specific { "client_specific" } else { pair.verdict.name() }
}

/// Receipts of one group stamped `offset` nanoseconds later; the sending stamps stay. The verdict restores the canonical order.
fn moved(orders: &MatchedOrders, group: u16, offset: i64) -> MatchedOrders {
    let mut orders = orders.clone();
    for row in (0..orders.len()).filter(|row| orders.group[*row] == group).collect::<Vec<_>>() {
        orders.received_at[row] = Timestamp(orders.received_at[row].0.saturating_add(offset));
        orders.latency[row] = Latency(orders.latency[row].0.saturating_sub(offset));
    }
    orders
}

fn kept(orders: &MatchedOrders, keep: impl Fn(usize) -> bool) -> MatchedOrders {
    let rows: Vec<usize> = (0..orders.len()).filter(|row| keep(*row)).collect();
    orders.taken(&rows)
}

/// (group, client) of the clients that hold at least 5 % of their group's orders, at most five a group, the largest first.
fn large_clients(orders: &MatchedOrders, groups: &[u16]) -> Vec<(u16, u32)> {
    let mut counts = std::collections::BTreeMap::<u16, std::collections::BTreeMap<u32, u64>>::new();
    for (group, client) in orders.group.iter().zip(&orders.client) {
        *counts.entry(*group).or_default().entry(*client).or_default() += 1;
    }
    let mut large = Vec::new();
    for (group, clients) in counts.into_iter().filter(|(group, _)| groups.contains(group)) {
        let total: u64 = clients.values().sum();
        let mut clients: Vec<(u64, u32)> = clients.into_iter().map(|(client, n)| (n, client)).collect();
        clients.sort_by_key(|(n, client)| (std::cmp::Reverse(*n), *client));
        let of_group = clients.into_iter().take(MOST_DELETIONS).filter(|(n, _)| *n as f64 >= DELETION_SHARE * total as f64);
        large.extend(of_group.map(|(_, client)| (group, client)));
    }
    large
}
