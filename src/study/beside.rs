//! What stands beside the verdict of a study: which parts a depth computes, from which records, and how they are written.

use std::collections::BTreeMap;

use crate::config::StudyConfig;
use crate::fairness::beside::{
    Alternatives, Case, ClientStanding, MissingOrders, Missingness, Pooled, PooledEffect, StageBlame, StageStamps, VerdictChange,
    missingness, placebo, pooled_effects, sensitivity, stage_blame,
};
use crate::measure::{Replay, ReplayedClient, replay};
use crate::reconcile::{OrderClass, ReceiptClass};
use crate::record::{Column, Latency, MatchedOrders, NO_NAME, NO_TIME, Names, Timestamp};
use crate::report::model;
use crate::report::tables::Reconciled;
use crate::study::Depth;
use crate::study::basis::Basis;
use crate::study::judged::{Judged, case_of, first_orders};

/// Random groupings of the placebo.
const GROUPINGS: u64 = 200;
/// At most so many orders are judged in random groupings: a large study draws fewer of them, and says how many.
const MOST_PLACEBO_ORDERS: u64 = 400_000_000;
/// However large the study.
const LEAST_GROUPINGS: u64 = 20;

/// What a depth computes. `rows` are the order rows behind the matched orders.
pub(crate) fn beside(config: &StudyConfig, reconciled: &Reconciled<'_>, basis: &Basis, judged: &mut Judged, depth: Depth) -> model::Beside {
    let clients = std::mem::take(&mut judged.clients).into_iter().map(client_row).collect();
    let Judged { matched, rows, evidence, assessment, .. } = &*judged;
    let case = case_of(config, matched, evidence);
    let standard = model::Beside {
        depth: depth.name().to_owned(),
        clients,
        pooled: pooled_effects(&basis.groups, assessment, pooled(basis)).into_iter().map(pooled_row).collect(),
        stages: stage_blame(case, &stamps(reconciled, rows)).into_iter().map(stage_row).collect(),
        ..model::Beside::default()
    };
    if depth == Depth::Standard {
        return standard;
    }
    let first_children = first_orders(config, reconciled, matched);
    let never_sent = never_sent(reconciled, matched, rows);
    let also = Alternatives { first_children: first_children.as_ref(), never_sent: never_sent.as_ref() };
    model::Beside {
        placebo: Some(placebo_row(case)),
        missingness: missingness(case, &missing_orders(reconciled)).into_iter().map(missingness_row).collect(),
        replay: Some(replay_table(&replay(matched), matched)),
        sensitivity: sensitivity(case, assessment, also)
            .into_iter()
            .map(|alternative| model::AlternativeRow {
                what: alternative.what.into(),
                changed: alternative.changed.into_iter().map(change_row).collect(),
            })
            .collect(),
        ..standard
    }
}

/// Two groups as the first look compares them.
fn pooled(basis: &Basis) -> impl Fn(usize, usize) -> Option<Pooled> {
    let medians: Vec<Option<i64>> = basis.grouped.groups().map(|group| Some(group.summary()?.p50)).collect();
    move |a, b| {
        let pair = basis.comparisons.iter().find(|pair| (pair.left, pair.right) == (a, b))?;
        Some(Pooled { medians: [medians[a]?, medians[b]?], superiority: pair.rank?.superiority })
    }
}

/// Stamps of the matched orders beyond receipt and sending.
fn stamps(reconciled: &Reconciled<'_>, rows: &[u32]) -> StageStamps {
    let column = |column: Column| {
        let times = reconciled.orders.times(column).filter(|times| times.iter().any(|time| *time != NO_TIME));
        let stamp = |time: i64| if time == NO_TIME { StageStamps::ABSENT } else { time };
        times.map_or_else(Vec::new, |times| rows.iter().map(|row| stamp(times[*row as usize])).collect())
    };
    StageStamps { decided_at: column(Column::DecidedAt), acknowledged_at: column(Column::AcknowledgedAt) }
}

fn missing_orders(reconciled: &Reconciled<'_>) -> MissingOrders {
    let sent = reconciled.orders.times(Column::SentAt).unwrap_or(&[]);
    let mut missing = MissingOrders::default();
    for order in (0..sent.len()).filter(|order| reconciled.links.order_class(*order) == OrderClass::MissingReceipt) {
        missing.sent_at.push(Timestamp(sent[order]));
        missing.group.push(reconciled.attribution.order_group[order]);
        missing.client.push(reconciled.attribution.order_client[order]);
    }
    missing
}

/// Receipts without an order, as orders; `None` where the receipts do not say what makes orders comparable. `rows`: the order row behind each
/// matched order.
///
/// Whose a receipt is, its account's other receipts tell: the clients file may give an account to a client of another name.
fn never_sent(reconciled: &Reconciled<'_>, matched: &MatchedOrders, rows: &[u32]) -> Option<MatchedOrders> {
    let Reconciled { orders, receipts, links, attribution, .. } = *reconciled;
    if [Column::Symbol, Column::Kind].iter().any(|column| orders.names(*column).is_some() && receipts.names(*column).is_none()) {
        return None;
    }
    let received = receipts.times(Column::ReceivedAt)?;
    let named = |column: Column, row: usize| {
        receipts.names(column).filter(|names| names.codes.get(row) != NO_NAME).map_or("", |names| names.text(row))
    };
    // Symbols and kinds that no matched order has stand in no cell with one.
    let codes = |names: &Names| names.iter().zip(0..).map(|(name, code)| (name.clone(), code)).collect::<BTreeMap<String, u32>>();
    let (instruments, kinds) = (codes(&matched.names.instruments), codes(&matched.names.kinds));
    let own_names = attribution.clients.iter().zip(0..).map(|(name, code)| (name.as_str(), code));
    let mut clients: BTreeMap<&str, u32> = own_names.collect();
    for (client, row) in matched.client.iter().zip(rows) {
        if let Some(receipt) = links.matched_receipt(*row as usize) {
            clients.insert(named(Column::Account, receipt), *client);
        }
    }
    let mut never = MatchedOrders { names: matched.names.clone(), ..MatchedOrders::default() };
    for row in (0..receipts.len()).filter(|row| links.receipt_class(*row) == ReceiptClass::Orphan) {
        let (instrument, kind) = (instruments.get(named(Column::Symbol, row)), kinds.get(named(Column::Kind, row)));
        let (Some(instrument), Some(kind)) = (instrument, kind) else { continue };
        let account = named(Column::Account, row);
        // An account of no matched order is a client of its own.
        let client = *clients.entry(account).or_insert_with(|| {
            never.names.clients.push(account.to_owned());
            never.names.clients.len() as u32 - 1
        });
        never.received_at.push(Timestamp(received[row]));
        never.latency.push(Latency(0));
        never.group.push(attribution.receipt_group[row]);
        never.client.push(client);
        never.instrument.push(*instrument);
        never.kind.push(*kind as u16);
        never.gateway.push(0);
        never.shard.push(0);
        never.access_class.push(0);
    }
    Some(never)
}

fn placebo_row(case: Case<'_>) -> model::PlaceboRow {
    let affordable = MOST_PLACEBO_ORDERS / (case.orders.len() as u64).max(1);
    let found = placebo(case, affordable.clamp(LEAST_GROUPINGS, GROUPINGS) as u32);
    model::PlaceboRow {
        groupings: found.groupings,
        accused: found.accused,
        client_specific: found.client_specific,
        fair: found.fair,
        accused_share: found.accused_share(),
        seed: case.options.seed,
    }
}

fn replay_table(found: &Replay, orders: &MatchedOrders) -> model::ReplayTable {
    let of_client = |client: &ReplayedClient| replay_row(*client, orders, orders.names.clients[client.client as usize].clone());
    model::ReplayTable {
        scope: found.scope.name().to_owned(),
        lines: found.lines,
        groups: replayed_groups(found, orders),
        clients: found.clients.iter().map(of_client).collect(),
    }
}

/// The groups of a replay, ascending.
pub(crate) fn replayed_groups(found: &Replay, orders: &MatchedOrders) -> Vec<model::ReplayRow> {
    let groups = found.clients.chunk_by(|left, right| left.group == right.group);
    let of_group = |clients: &[ReplayedClient]| clients[1..].iter().fold(clients[0], ReplayedClient::with);
    groups.map(|clients| replay_row(of_group(clients), orders, String::new())).collect()
}

fn replay_row(found: ReplayedClient, orders: &MatchedOrders, client: String) -> model::ReplayRow {
    let ReplayedClient { group, n, lost, places, largest, .. } = found;
    let group = orders.names.groups[usize::from(group)].clone();
    model::ReplayRow { group, client, n, lost_mean: lost as f64 / n as f64, places, largest }
}

fn client_row(found: ClientStanding) -> model::ClientRow {
    let ClientStanding { group, against, client, n, share, median, slower, part, pull, days, days_alike, p_value, p_adjusted } = found;
    model::ClientRow { group, against, client, n, share, median, slower, part, pull, days, days_alike, p_value, p_adjusted }
}

fn pooled_row(found: PooledEffect) -> model::PooledRow {
    let PooledEffect { favoured, disadvantaged, pooled_gap, pooled_superiority, stratified_gap, stratified_superiority, alarm } = found;
    let alarm = alarm.map(model::Reason::from);
    model::PooledRow { favoured, disadvantaged, pooled_gap, pooled_superiority, stratified_gap, stratified_superiority, alarm }
}

fn stage_row(found: StageBlame) -> model::StageBlameRow {
    let part = |part: crate::fairness::beside::StagePart| model::StagePartRow {
        stage: format!("{} -> {}", part.from, part.to),
        difference: part.difference,
        se: part.se,
    };
    let StageBlame { favoured, disadvantaged, parts, total, n } = found;
    model::StageBlameRow { favoured, disadvantaged, parts: parts.into_iter().map(part).collect(), total, n }
}

fn missingness_row(found: Missingness) -> model::MissingnessRow {
    let Missingness { favoured, disadvantaged, difference, se, interval, p_value, gap_bounds } = found;
    model::MissingnessRow {
        missing: [favoured.missing, disadvantaged.missing],
        shares: [favoured.share, disadvantaged.share],
        favoured: favoured.group,
        disadvantaged: disadvantaged.group,
        difference,
        se,
        lower: interval.map(|interval| interval.0),
        upper: interval.map(|interval| interval.1),
        p_value,
        gap_bounds: gap_bounds.map(|(least, most)| [least, most]),
    }
}

fn change_row(found: VerdictChange) -> model::VerdictChangeRow {
    model::VerdictChangeRow {
        favoured: found.favoured,
        disadvantaged: found.disadvantaged,
        from: found.from.to_owned(),
        to: found.to.to_owned(),
        reasons: found.reasons.into_iter().map(str::to_owned).collect(),
    }
}
