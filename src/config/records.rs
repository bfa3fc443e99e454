//! [records]: what the record of the orders is held against, and how serials are kept.

use std::path::Path;

use serde::Deserialize;

use crate::config::file::{ClientsTable, ColumnText, DateText, FallbackText, SpanText};
use crate::config::words::not_mapped;
use crate::config::{Settings, SideConfig, beside, check_time_tables};
use crate::order_records::{Alphabet, ClockProfile, LawfulAccounts, LikenessOptions, Restart, SerialBlock, SerialForm, SerialOptions};
use crate::record::{Column, ColumnKind, Diagnostic, TimeSpan, TradeDate};

/// Settings of the record checks.
#[derive(Clone, Debug)]
pub struct RecordsConfig {
    /// When the files were collected: what is stamped later is of the future.
    pub collected_on: Option<TradeDate>,
    /// Years that records are to be kept.
    pub retention_years: Option<u32>,
    /// How soon a receipt's record is to be written.
    pub written_within: TimeSpan,
    /// How serials are kept.
    pub serials: SerialOptions,
    /// What clocks are held against.
    pub clock_profile: Option<ClockProfile>,
    /// Links by likeness; `None` where they are off.
    pub likeness: Option<LikenessOptions>,
    /// Corrected and late-found receipts.
    pub repair: Option<SideConfig>,
    /// Accounts that are lawful classes of their own, and how soon the exchange's reports are to come.
    pub lawful: LawfulAccounts,
    /// Reports of the exchange.
    pub reports: Option<SideConfig>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RecordsTable {
    pub(crate) collected_on: Option<DateText>,
    pub(crate) retention_years: Option<u32>,
    pub(crate) written_within: Option<SpanText>,
    pub(crate) serials: Option<SerialsTable>,
    pub(crate) clock_profile: Option<ProfileValue>,
    pub(crate) repair: Option<ClientsTable>,
    pub(crate) omnibus_accounts: Option<Vec<String>>,
    pub(crate) error_accounts: Option<Vec<String>>,
    pub(crate) reports_within: Option<SpanText>,
    pub(crate) reports: Option<ClientsTable>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SerialsTable {
    pub(crate) alphabet: Option<AlphabetText>,
    pub(crate) prefix: Option<u32>,
    pub(crate) restart: Option<RestartText>,
    pub(crate) series: Option<ColumnText>,
    pub(crate) blocks: Option<Vec<BlockText>>,
}

#[derive(Clone, Deserialize)]
#[serde(
    untagged,
    expecting = "expected \"rts25-hft\", \"rts25\", \"rts25-voice\" or \"cat\", or { divergence = \"1ms\", granularity = \"1us\" }"
)]
pub(crate) enum ProfileValue {
    Named(String),
    Own(OwnProfile),
}

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct OwnProfile {
    divergence: SpanText,
    granularity: Option<SpanText>,
}

/// A name checked while it is read, so that the message points at its line.
macro_rules! named {
    ($name:ident, $inner:ty, $check:expr) => {
        #[derive(Clone, Deserialize)]
        #[serde(try_from = "String")]
        pub(crate) struct $name($inner);

        impl TryFrom<String> for $name {
            type Error = String;
            fn try_from(text: String) -> Result<Self, String> {
                let check: fn(&str) -> Result<$inner, String> = $check;
                check(&text).map(Self)
            }
        }
    };
}

named!(AlphabetText, Alphabet, |text| Alphabet::ALL
    .into_iter()
    .find(|alphabet| alphabet.name() == text)
    .ok_or_else(|| { format!("alphabet \"{text}\" is not known; write one of {}", Alphabet::ALL.map(Alphabet::name).join(", ")) }));
named!(RestartText, Restart, |text| match text {
    "daily" => Ok(Restart::Daily),
    "never" => Ok(Restart::Never),
    _ => Err(format!("restart \"{text}\" is not known; write \"daily\" or \"never\"")),
});
named!(BlockText, SerialBlock, |text| match text.split_once('-') {
    Some((first, last)) if !first.is_empty() && first.len() == last.len() => {
        Ok(SerialBlock { first: first.to_owned(), last: last.to_owned() })
    }
    _ => Err(format!("\"{text}\" is not a block of serials such as \"A0001-A0999\"")),
});

/// The settings in force.
pub(crate) fn resolve(
    set: &mut Settings,
    path: &Path,
    table: RecordsTable,
    fallback: Option<FallbackText>,
) -> Result<RecordsConfig, Diagnostic> {
    let wrong = |problem: (String, String)| Diagnostic::new("E0107", problem).in_file(path);
    let none = |what: &str| what.to_owned();
    let collected_on = set.show("records.collected_on", table.collected_on.map(|date| Some(date.0)), None, |date| {
        date.map_or(none("not named"), |date: TradeDate| date.to_string())
    });
    let retention_years = set.show("records.retention_years", table.retention_years.map(Some), None, |years| {
        years.map_or(none("not named"), |years| years.to_string())
    });
    let minute = TimeSpan(60_000_000_000);
    let written_within = set.take("records.written_within", table.written_within.map(|span| span.0), minute);
    let serials = serials(set, table.serials.unwrap_or_default()).map_err(wrong)?;
    let profile = table.clock_profile.map(|value| match value {
        ProfileValue::Named(name) => ClockProfile::named(&name).ok_or_else(|| {
            let known = ClockProfile::NAMED.map(|(name, ..)| name).join(", ");
            wrong((
                format!("沒有 clock_profile「{name}」；可用的是 {known}，或 {{ divergence = \"1ms\" }}"),
                format!("clock profile \"{name}\" is not known; write one of {known}, or {{ divergence = \"1ms\" }}"),
            ))
        }),
        ProfileValue::Own(OwnProfile { divergence, granularity }) => {
            Ok(ClockProfile { name: none("own"), divergence: divergence.0, granularity: granularity.map(|span| span.0) })
        }
    });
    let clock_profile = set.show("records.clock_profile", profile.transpose()?.map(Some), None, |profile| {
        profile.as_ref().map_or(none("not named"), |profile: &ClockProfile| format!("{} ({})", profile.name, profile.divergence))
    });
    let repair = table.repair.map(|table| beside(set, path, "records.repair", table)).transpose()?;
    check_time_tables(path, "records.repair", repair.as_ref())?;
    if let Some(column) = repair
        .iter()
        .flat_map(|side| [Column::ReceiptId, Column::ReceivedAt].into_iter().filter(|column| !side.mapping.has(*column)))
        .next()
    {
        return Err(not_mapped(path, "records.repair", column));
    }
    let reports = table.reports.map(|table| beside(set, path, "records.reports", table)).transpose()?;
    check_time_tables(path, "records.reports", reports.as_ref())?;
    let of_reports = [Column::OrderId, Column::AcknowledgedAt];
    if let Some(column) = reports.iter().flat_map(|side| of_reports.into_iter().filter(|column| !side.mapping.has(*column))).next() {
        return Err(not_mapped(path, "records.reports", column));
    }
    let mut accounts = |key: &str, given: Option<Vec<String>>| {
        let shown = |accounts: &Vec<String>| if accounts.is_empty() { none("not named") } else { accounts.join(", ") };
        set.show(key, given, Vec::new(), shown)
    };
    let omnibus = accounts("records.omnibus_accounts", table.omnibus_accounts);
    let error = accounts("records.error_accounts", table.error_accounts);
    let reports_within = set.show("records.reports_within", table.reports_within.map(|span| Some(span.0)), None, |span| {
        span.map_or(none("not named"), |span: TimeSpan| span.to_string())
    });
    let lawful = LawfulAccounts { omnibus, error, reports_within };
    let fallback = set.show("link.fallback", fallback.map(|fallback| fallback.0), None, |fallback| {
        fallback.map_or("off".to_owned(), |window: TimeSpan| window.to_string())
    });
    let likeness = fallback.map(|window| LikenessOptions { window });
    Ok(RecordsConfig { collected_on, retention_years, written_within, serials, clock_profile, likeness, repair, lawful, reports })
}

/// What is wrong with the serials.
fn said(zh: &str, en: &str) -> (String, String) {
    (format!("[records.serials]：{zh}"), format!("[records.serials]: {en}"))
}

fn serials(set: &mut Settings, table: SerialsTable) -> Result<SerialOptions, (String, String)> {
    let auto = |_: &()| "recognised".to_owned();
    let form = match (table.alphabet, table.prefix) {
        (None, None) => {
            set.show("records.serials", None, (), auto);
            None
        }
        (Some(AlphabetText(alphabet)), prefix) => Some(SerialForm { alphabet, prefix: prefix.unwrap_or(0) as usize }),
        (None, Some(_)) => return Err(said("有 prefix 者須指明 alphabet", "name the alphabet beside the prefix")),
    };
    if let Some(form) = form {
        set.take("records.serials.alphabet", Some(form.alphabet.name().to_owned()), String::new());
        set.take("records.serials.prefix", Some(form.prefix), 0);
        if form.prefix > 8 {
            let n = form.prefix;
            return Err(said(&format!("prefix 為 {n} 個字元，最多 8 個"), &format!("a prefix of {n} characters; at most 8")));
        }
    }
    let restart = set.show("records.serials.restart", table.restart.map(|restart| restart.0), Restart::Daily, |restart| match restart {
        Restart::Daily => "daily".to_owned(),
        Restart::Never => "never".to_owned(),
    });
    let series = table.series.map(|column| column.0);
    if let Some(column) = series.filter(|column| column.kind() != ColumnKind::Name) {
        let name = column.name();
        return Err(said(
            &format!("`{name}` 不能分辨序列；可用 gateway、host、shard 或 channel"),
            &format!("`{name}` does not name a series; name gateway, host, shard or channel"),
        ));
    }
    if let Some(column) = series {
        set.take("records.serials.series", Some(column.name().to_owned()), String::new());
    }
    let blocks: Vec<SerialBlock> = table.blocks.unwrap_or_default().into_iter().map(|block| block.0).collect();
    if !blocks.is_empty() {
        let Some(form) = form else { return Err(said("有 blocks 者須指明 alphabet", "blocks need the alphabet")) };
        for block in &blocks {
            let (first, last) = (form.parse(block.first.as_bytes()), form.parse(block.last.as_bytes()));
            let sound = matches!((first, last), (Some(first), Some(last)) if first.prefix == last.prefix && first.number <= last.number);
            if !sound {
                let block = format!("{}-{}", block.first, block.last);
                return Err(said(&format!("{block} 不是同一 prefix 之區段"), &format!("{block} is not a block of one prefix")));
            }
        }
        let shown =
            |blocks: &Vec<SerialBlock>| blocks.iter().map(|block| format!("{}-{}", block.first, block.last)).collect::<Vec<_>>().join(", ");
        set.show("records.serials.blocks", Some(blocks.clone()), Vec::new(), shown);
    }
    Ok(SerialOptions { form, restart, series, blocks })
}
