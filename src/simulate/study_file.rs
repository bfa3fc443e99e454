//! The `study.toml` beside the simulated files, ready to run.

use crate::simulate::{Format, Options, World};

/// Minutes from 09:00 to the closing call at 13:25.
const EXCHANGE_SESSION: u32 = 265;

pub(crate) fn text(world: &World, options: &Options, format: Format) -> String {
    let (name, seed, format) = (&world.name, options.seed, format.name());
    let (keys, receipt_kind) =
        if world.faults.chains { (r#""receipt_id", "kind""#, r#", kind = "order_type""#) } else { (r#""receipt_id""#, "") };
    let priority = if world.base.house { "\n[priority]\nhouse_groups = [\"house\"]\n" } else { "" };
    let calendar = if options.session_minutes <= EXCHANGE_SESSION { "twse" } else { "none" };
    format!(
        r#"# Simulated by colofair: world {name}, seed {seed}. The answer is in truth.json and truth.parquet.

[study]
title = "Simulated world {name}, seed {seed}"
timezone = "Asia/Taipei"
language = "zh-TW"
seed = 1

[orders]
paths = ["orders.{format}"]
format = "{format}"
clock = {{ id = "gateway", uncertainty = "0ns" }}
columns = {{ order_id = "order_id", receipt_id = "client_order_id", account = "account", symbol = "symbol", side = "side", quantity = "qty", price = "price", kind = "order_type", channel = "channel", gateway = "gateway", shard = "shard", access_class = "access_class", host = "host", serial = "order_no", algo = "algo", decided_at = "t2", sent_at = "sent_ts", acknowledged_at = "ack_ts" }}

[receipts]
paths = ["receipts.{format}"]
format = "{format}"
clock = {{ id = "gateway", uncertainty = "0ns" }}
columns = {{ receipt_id = "client_order_id", account = "account", group = "client_group", received_at = "received_ts", recorded_at = "written_ts"{receipt_kind} }}

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulate::WorldSettings;

    #[test]
    fn every_study_file_is_toml() {
        for (name, _) in World::known() {
            let world = World::named(name, &WorldSettings::default()).expect("known");
            let text = text(&world, &Options::default(), Format::Parquet);
            let table: toml::Table = text.parse().expect(name);
            assert_eq!(table["calendar"]["preset"].as_str(), Some("twse"));
        }
    }
}
