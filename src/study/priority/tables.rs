//! The rows behind the section, each with the file and row of its orders.

use std::collections::BTreeMap;

use crate::measure::ReplayedClient;
use crate::priority::{NO_PRICE, SerialOrder};
use crate::record::{Column, Diagnostic};
use crate::report::model::TableRef;
use crate::report::output::Output;
use crate::report::priority_tables::PriorityTable;
use crate::report::table_names;
use crate::study::priority::inputs::receipt_of;
use crate::study::priority::section::{orders_by_client, phase_name, weight_name};
use crate::study::priority::{Case, Measured};

/// Writes every table; the session table only where there is a log, the cases only where sides are known.
pub(crate) fn write(case: &Case<'_>, measured: &Measured<'_>, output: &Output) -> Result<Vec<TableRef>, Diagnostic> {
    let mut tables = vec![
        (table_names::CLIENT_MATRIX, clients(case, measured)),
        (table_names::MATRIX, matrix(measured)),
        (table_names::OVERTAKES, overtakes(case, measured)),
    ];
    if measured.ahead.is_some() {
        tables.insert(0, (table_names::AHEAD, ahead(case, measured)));
    }
    if let Some(found) = &measured.serials {
        tables.push((table_names::SERIALS, serials(case, found)));
    }
    if measured.sessions.is_some() {
        tables.push((table_names::SESSIONS, sessions(measured)));
    }
    let written = tables.into_iter().map(|(name, table)| {
        let rows = table.write(&output.path(name))?;
        Ok(TableRef { path: name.to_owned(), rows })
    });
    written.collect()
}

fn whole(value: u64) -> Option<i64> {
    i64::try_from(value).ok()
}

fn matrix(measured: &Measured<'_>) -> PriorityTable {
    let matrices = &measured.matrices.matrices;
    let rows: Vec<_> = matrices.iter().flat_map(|matrix| matrix.phases.iter().map(move |cell| (matrix, cell))).collect();
    let rows = || rows.iter();
    PriorityTable::default()
        .text("by", rows().map(|(matrix, _)| matrix.by.name()))
        .text("scope", rows().map(|(matrix, _)| matrix.scope.name()))
        .text("phase", rows().map(|(_, cell)| phase_name(cell.phase)))
        .text("receipt_order_decides", rows().map(|(_, cell)| weight_name(cell.decides)))
        .text("later", rows().map(|(matrix, cell)| matrix.names[usize::from(cell.later)].as_str()))
        .text("earlier", rows().map(|(matrix, cell)| matrix.names[usize::from(cell.earlier)].as_str()))
        .whole("opportunities", rows().map(|(_, cell)| whole(cell.passing.opportunities)))
        .whole("provable", rows().map(|(_, cell)| whole(cell.passing.overtakes)))
        .whole("nominal", rows().map(|(_, cell)| whole(cell.nominal)))
        .whole("undecidable", rows().map(|(_, cell)| whole(cell.undecidable)))
}

/// Orders of the study by matched row, as columns of a table.
struct Orders<'a> {
    case: &'a Case<'a>,
    rows: Vec<u32>,
}

impl Orders<'_> {
    fn order(&self) -> impl Iterator<Item = usize> {
        self.rows.iter().map(|row| self.case.rows[*row as usize] as usize)
    }

    fn add(&self, table: PriorityTable, names: [&'static str; 10]) -> PriorityTable {
        let (reconciled, matched) = (self.case.reconciled, self.case.matched);
        let places: Vec<(u32, u64)> = self.order().map(|order| reconciled.orders.place(order)).collect();
        let receipts: Vec<(u32, u64)> = self.order().map(|order| reconciled.receipts.place(receipt_of(self.case, order as u32))).collect();
        let ids: Vec<String> = self.order().map(|order| reconciled.orders.id(Column::OrderId, order).unwrap_or_default()).collect();
        let [file, row, line, receipt_file, receipt_row, receipt_line, id, client, group, channel] = names;
        let lines: Vec<Option<u64>> = self.order().map(|order| reconciled.orders.line(order)).collect();
        let receipt_lines: Vec<Option<u64>> =
            self.order().map(|order| reconciled.receipts.line(receipt_of(self.case, order as u32))).collect();
        let channels: Vec<&str> = self.order().map(|order| reconciled.orders.name(Column::Channel, order)).collect();
        table
            .text(file, places.iter().map(|place| reconciled.order_files[place.0 as usize].as_str()))
            .whole(row, places.iter().map(|place| whole(place.1)))
            .whole(line, lines.into_iter().map(|line| line.and_then(whole)))
            .text(receipt_file, receipts.iter().map(|place| reconciled.receipt_files[place.0 as usize].as_str()))
            .whole(receipt_row, receipts.iter().map(|place| whole(place.1)))
            .whole(receipt_line, receipt_lines.into_iter().map(|line| line.and_then(whole)))
            .text(id, ids.iter().map(String::as_str))
            .text(client, self.rows.iter().map(|row| matched.names.clients[matched.client[*row as usize] as usize].as_str()))
            .text(group, self.rows.iter().map(|row| matched.names.groups[usize::from(matched.group[*row as usize])].as_str()))
            .text(channel, channels.into_iter())
    }
}

/// Every order that provably passed another client's: the order, and the first received of those it passed.
fn overtakes(case: &Case<'_>, measured: &Measured<'_>) -> PriorityTable {
    let jumps = &measured.jumps.jumps;
    let ours = Orders { case, rows: jumps.iter().map(|jump| jump.row).collect() };
    let over = Orders { case, rows: jumps.iter().map(|jump| jump.over).collect() };
    let table = ours.add(
        PriorityTable::default(),
        ["order_file", "order_row", "order_line", "receipt_file", "receipt_row", "receipt_line", "order_id", "client", "group", "channel"],
    );
    let table = over.add(
        table,
        [
            "over_order_file",
            "over_order_row",
            "over_order_line",
            "over_receipt_file",
            "over_receipt_row",
            "over_receipt_line",
            "over_order_id",
            "over_client",
            "over_group",
            "over_channel",
        ],
    );
    table
        .whole("places", jumps.iter().map(|jump| whole(jump.places)))
        .whole("shares", jumps.iter().map(|jump| Some(jump.shares)))
        .whole("time", jumps.iter().map(|jump| Some(jump.time)))
}

/// Every order whose serial is higher than that of one received later; and the latest of those.
fn serials(case: &Case<'_>, found: &SerialOrder) -> PriorityTable {
    let over = Orders { case, rows: found.out.iter().map(|one| one.over).collect() };
    let later = Orders { case, rows: found.out.iter().map(|one| one.row).collect() };
    let serial = |orders: &Orders<'_>| -> Vec<String> {
        orders.order().map(|order| case.reconciled.orders.id(Column::Serial, order).unwrap_or_default()).collect()
    };
    let table = over.add(
        PriorityTable::default(),
        ["order_file", "order_row", "order_line", "receipt_file", "receipt_row", "receipt_line", "order_id", "client", "group", "channel"],
    );
    let table = later.add(
        table,
        [
            "later_order_file",
            "later_order_row",
            "later_order_line",
            "later_receipt_file",
            "later_receipt_row",
            "later_receipt_line",
            "later_order_id",
            "later_client",
            "later_group",
            "later_channel",
        ],
    );
    table
        .text("serial", serial(&over).iter().map(String::as_str))
        .text("later_serial", serial(&later).iter().map(String::as_str))
        .whole("time", found.out.iter().map(|one| Some(one.time)))
}

fn ahead(case: &Case<'_>, measured: &Measured<'_>) -> PriorityTable {
    let cases = || measured.ahead.iter().flat_map(|ahead| &ahead.cases);
    let held = Orders { case, rows: cases().map(|one| one.held).collect() };
    let first = Orders { case, rows: cases().map(|one| one.ahead).collect() };
    let money = |value: Option<i128>| value.map(|value| value as f64 / 10_000.0);
    let price =
        |row: u32| Some(measured.orders.price(row as usize)).filter(|price| *price != NO_PRICE).map(|price| price as f64 / 10_000.0);
    let flags: Vec<String> = cases()
        .map(|one| {
            let named = [(one.excepted, "excepted"), (one.large, "large"), (one.price_unknown, "price_unknown")];
            named.iter().filter(|(flag, _)| *flag).map(|(_, name)| *name).collect::<Vec<_>>().join(",")
        })
        .collect();
    let symbol = |one: &crate::priority::AheadCase| {
        let names = &case.matched.names.instruments;
        names[case.matched.instrument[one.held as usize] as usize].as_str()
    };
    let table = PriorityTable::default().text("kind", cases().map(|one| one.kind.name()));
    let table = held.add(
        table,
        [
            "held_order_file",
            "held_order_row",
            "held_order_line",
            "held_receipt_file",
            "held_receipt_row",
            "held_receipt_line",
            "held_order_id",
            "held_client",
            "held_group",
            "held_channel",
        ],
    );
    let table = first.add(
        table,
        [
            "ahead_order_file",
            "ahead_order_row",
            "ahead_order_line",
            "ahead_receipt_file",
            "ahead_receipt_row",
            "ahead_receipt_line",
            "ahead_order_id",
            "ahead_client",
            "ahead_group",
            "ahead_channel",
        ],
    );
    table
        .text("symbol", cases().map(symbol))
        .text("side", cases().map(|one| if measured.orders.side(one.held as usize) == 1 { "B" } else { "S" }))
        .real("held_limit", cases().map(|one| price(one.held)))
        .real("ahead_price", cases().map(|one| price(one.ahead)))
        .whole("orders_ahead", cases().map(|one| whole(one.orders_ahead)))
        .whole("ahead_by", cases().map(|one| Some(one.by)))
        .whole("shares", cases().map(|one| Some(one.quantity)))
        .real("harm", cases().map(|one| money(one.harm)))
        .real("harm_at_most", cases().map(|one| money(one.harm_at_most)))
        .text("flags", flags.iter().map(String::as_str))
}

/// Every client with an order, ascending by name.
fn clients(case: &Case<'_>, measured: &Measured<'_>) -> PriorityTable {
    let counts = orders_by_client(case);
    let present: Vec<u32> = (0..counts.len() as u32).filter(|client| counts[*client as usize] > 0).collect();
    let passing: BTreeMap<u32, _> = measured.matrices.clients.iter().map(|one| (one.client, one)).collect();
    let racing: BTreeMap<u32, _> = measured.races.clients.iter().map(|one| (one.client, one)).collect();
    let loads = &measured.loads;
    let mut replayed: BTreeMap<u32, ReplayedClient> = BTreeMap::new();
    for one in &measured.replay.clients {
        replayed.entry(one.client).and_modify(|sum| *sum = sum.with(one)).or_insert(*one);
    }
    let rows = || present.iter();
    PriorityTable::default()
        .text("client", rows().map(|client| case.matched.names.clients[*client as usize].as_str()))
        .whole("n", rows().map(|client| whole(counts[*client as usize])))
        .whole("opportunities", rows().map(|client| passing.get(client).and_then(|one| whole(one.passes.opportunities))))
        .whole("passes", rows().map(|client| passing.get(client).and_then(|one| whole(one.passes.overtakes))))
        .real("passes_expected", rows().map(|client| passing.get(client).map(|one| one.expected)))
        .whole("exposures", rows().map(|client| passing.get(client).and_then(|one| whole(one.passed.opportunities))))
        .whole("passed", rows().map(|client| passing.get(client).and_then(|one| whole(one.passed.overtakes))))
        .real("replay_lost_mean", rows().map(|client| replayed.get(client).map(|sum| sum.lost as f64 / sum.n as f64)))
        .whole("replay_places", rows().map(|client| replayed.get(client).map(|sum| sum.places)))
        .whole("races", rows().map(|client| racing.get(client).and_then(|one| whole(one.races))))
        .real("races_won", rows().map(|client| racing.get(client).map(|one| one.won)))
        .real("races_won_by_receipt", rows().map(|client| racing.get(client).map(|one| one.won_by_receipt)))
        .real("races_expected", rows().map(|client| racing.get(client).map(|one| one.expected)))
        .real("line_load", rows().map(|client| loads.get(client).map(|one| one.load)))
        .real("quiet_line_share", rows().map(|client| loads.get(client).map(|one| one.quiet_share())))
}

fn sessions(measured: &Measured<'_>) -> PriorityTable {
    let rows = || measured.sessions.iter().flat_map(|found| &found.profiles);
    PriorityTable::default()
        .text("client", rows().map(|one| one.client.as_str()))
        .whole("sessions", rows().map(|one| whole(one.sessions)))
        .whole("first", rows().map(|one| whole(one.first)))
        .whole("tied_first", rows().map(|one| whole(one.tied_first)))
        .whole("none_of_first_three", rows().map(|one| whole(one.of_first_three[0])))
        .whole("one_of_first_three", rows().map(|one| whole(one.of_first_three[1])))
        .whole("two_of_first_three", rows().map(|one| whole(one.of_first_three[2])))
        .whole("three_of_first_three", rows().map(|one| whole(one.of_first_three[3])))
        .real("expected_first", rows().map(|one| Some(one.expected_first)))
        .real("log10_first", rows().map(|one| one.log10_first))
        .real("log10_two_of_three", rows().map(|one| one.log10_two_of_three))
}
