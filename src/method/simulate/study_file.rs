//! The `study.toml` beside the simulated files, ready to run.

use crate::simulate::table::Cells;
use crate::simulate::text::names::{bar_name, cat_name, chinese, date_name, is_time, tag, widths};
use crate::simulate::writing::{Dates, Encoding};
use crate::simulate::{Format, Options, World, Writing};

/// Minutes from 09:00 to the closing call at 13:25.
const EXCHANGE_SESSION: u32 = 265;

/// Canonical columns of the orders and the simulator's names for them.
const ORDERS: [(&str, &str); 18] = [
    ("order_id", "order_id"),
    ("receipt_id", "client_order_id"),
    ("account", "account"),
    ("symbol", "symbol"),
    ("side", "side"),
    ("quantity", "qty"),
    ("price", "price"),
    ("kind", "order_type"),
    ("channel", "channel"),
    ("gateway", "gateway"),
    ("shard", "shard"),
    ("access_class", "access_class"),
    ("host", "host"),
    ("serial", "order_no"),
    ("algo", "algo"),
    ("decided_at", "t2"),
    ("sent_at", "sent_ts"),
    ("acknowledged_at", "ack_ts"),
];
/// As before, of the receipts; `kind` only where the link needs it.
const RECEIPTS: [(&str, &str); 6] = [
    ("receipt_id", "client_order_id"),
    ("account", "account"),
    ("group", "client_group"),
    ("received_at", "received_ts"),
    ("recorded_at", "written_ts"),
    ("kind", "order_type"),
];

/// The session log.
const SESSIONS: &str = r#"
[priority.sessions]
paths = ["sessions.csv"]
columns = { connected_at = "connected_ts", server = "server", account = "account", client = "client" }
"#;

pub(crate) fn text(world: &World, options: &Options, writing: &Writing) -> String {
    let (name, seed) = (&world.name, options.seed);
    let keys = if world.faults.chains { r#""receipt_id", "kind""# } else { r#""receipt_id""# };
    let house = if world.base.house { "house_groups = [\"house\"]\n" } else { "" };
    let sessions = if world.base.sessions { SESSIONS } else { "" };
    let priority = if world.base.house || world.base.sessions { format!("\n[priority]\n{house}{sessions}") } else { String::new() };
    let calendar = if options.session_minutes <= EXCHANGE_SESSION { "twse" } else { "none" };
    let n_receipt_columns = if world.faults.chains { RECEIPTS.len() } else { RECEIPTS.len() - 1 };
    let (orders, receipts) = (side("orders", writing, &ORDERS), side("receipts", writing, &RECEIPTS[..n_receipt_columns]));
    format!(
        r#"# Simulated by colofair: world {name}, seed {seed}. The answer is in truth.json and truth.parquet.

[study]
title = "Simulated world {name}, seed {seed}"
timezone = "Asia/Taipei"
language = "zh-TW"
seed = 1

{orders}
{receipts}
[clients]
paths = ["clients.csv"]
columns = {{ account = "account", group = "group", client = "client", from = "from", to = "to" }}

[link]
keys = [{keys}]
fallback = "off"
children = "each"

[fairness]
alpha = 0.05
slot = "30m"
block = "30m"
margins = {{ median = "10us", median_share = 0.10, tail = 0.005, overtaking = 0.02, source = "colofair default" }}
overtaking = {{ window = "2ms", scope = "instrument" }}
reference = "all-pairs"

[calendar]
preset = "{calendar}"
{priority}"#
    )
}

/// The table of one side.
fn side(stem: &str, writing: &Writing, columns: &[(&str, &str)]) -> String {
    let format = match writing.format {
        Format::Fixed => format!("fixed:{stem}-{LAYOUT}"),
        Format::CatJson => "cat".to_owned(),
        other => other.name().to_owned(),
    };
    let encoding = match writing.encoding {
        Encoding::Cp950 => "encoding = \"cp950\"\n",
        _ => "",
    };
    let direction = match (writing.format, stem) {
        (Format::Fix, "orders") => "direction = \"out\"\n",
        (Format::Fix, _) => "direction = \"in\"\n",
        _ => "",
    };
    let columns: Vec<String> =
        columns.iter().map(|(column, name)| format!("{column} = {}", source(stem == "orders", name, writing))).collect();
    format!(
        "[{stem}]\npaths = [\"{}\"]\nformat = \"{format}\"\n{encoding}{direction}clock = {{ id = \"gateway\", uncertainty = \"0ns\" }}\ncolumns = {{ {} }}\n",
        writing.file(stem),
        columns.join(", ")
    )
}

/// Where a column is found in this way of writing.
fn source(is_order: bool, name: &str, writing: &Writing) -> String {
    match writing.format {
        Format::Csv => {
            let shown = if writing.chinese { chinese(name) } else { name };
            if is_time(name) { csv_time(shown, writing.dates) } else { quoted(shown) }
        }
        Format::Parquet | Format::Arrow => quoted(name),
        Format::Jsonl if is_time(name) => format!("{{ column = \"times.{name}\", format = \"epoch_ns\" }}"),
        Format::Jsonl => quoted(name),
        Format::Fixed if is_time(name) => format!("{{ date = \"{}\", time = \"{name}\" }}", date_name(name)),
        Format::Fixed => quoted(name),
        Format::Oms => quoted(bar_name(name)),
        Format::Cat | Format::CatJson => quoted(cat_name(name)),
        Format::Fix => match name {
            "order_id" => "{ tag = \"11\", strip_prefix = \"B6_\" }".to_owned(),
            "client_order_id" => quoted(if is_order { "526" } else { "11" }),
            "sent_ts" | "received_ts" | "ack_ts" => quoted("prefix"),
            _ => quoted(tag(name)),
        },
    }
}

fn csv_time(name: &str, dates: Dates) -> String {
    let format = |format: &str| format!("{{ column = \"{name}\", format = \"{format}\" }}");
    match dates {
        Dates::Iso => quoted(name),
        Dates::EpochNs => format("epoch_ns"),
        Dates::EpochUs => format("epoch_us"),
        Dates::EpochMs => format("epoch_ms"),
        Dates::EpochFloat => format("epoch_s"),
        _ => format!("{{ date = \"{}\", time = \"{name}\" }}", date_name(name)),
    }
}

fn quoted(name: &str) -> String {
    format!("\"{name}\"")
}

/// What the layout files are called, behind the table's name.
const LAYOUT: &str = "layout.toml";

/// Name and texts (orders, receipts) of the layout files of fixed-width records.
pub(crate) fn layouts(
    writing: &Writing,
    orders: &[(&'static str, Cells)],
    receipts: &[(&'static str, Cells)],
) -> Option<(&'static str, [String; 2])> {
    (writing.format == Format::Fixed).then(|| (LAYOUT, [layout(orders), layout(receipts)]))
}

fn layout(columns: &[(&'static str, Cells)]) -> String {
    let names: Vec<String> = columns.iter().map(|(name, _)| (*name).to_owned()).collect();
    let (mut start, mut text) = (1, String::from("# Bytes are counted from 1, the line end is not among them.\nfields = [\n"));
    for (name, len, kind) in widths(&names) {
        text.push_str(&format!("  {{ name = \"{name}\", start = {start}, len = {len}, type = \"{kind}\" }},\n"));
        start += len;
    }
    text + "]\n"
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulate::WorldSettings;

    #[test]
    fn every_study_file_is_toml() {
        let formats = [
            Format::Csv,
            Format::Parquet,
            Format::Arrow,
            Format::Jsonl,
            Format::Fix,
            Format::Fixed,
            Format::Oms,
            Format::Cat,
            Format::CatJson,
        ];
        for (name, _) in World::known() {
            let world = World::named(name, &WorldSettings::default()).expect("known");
            for format in formats {
                let text = text(&world, &Options::default(), &format.into());
                let table: toml::Table = text.parse().expect(name);
                assert_eq!(table["calendar"]["preset"].as_str(), Some("twse"));
            }
        }
    }
}
