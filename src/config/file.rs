//! The shape of study.toml. Unknown keys are refused: a misspelt setting must not fall back to a default in silence.

use std::collections::BTreeMap;
use std::num::NonZeroU32;

use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::config::evidence::{AccessTableText, ControlsTableText, ControlsValue, PathsValue, RulesTable};
use crate::config::records::RecordsTable;
use crate::fairness::OvertakingScope;
use crate::ingest::{Direction, EncodingChoice, Format, TimeFormat};
use crate::measure::LONGEST_WINDOW;
use crate::priority::LineScope;
use crate::reconcile::AlsoEqual;
use crate::record::{Column, TimeSpan, TradeDate, Zone, parse_span};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct StudyFile {
    #[serde(default)]
    pub(crate) study: StudyTable,
    pub(crate) orders: SideTable,
    pub(crate) receipts: SideTable,
    pub(crate) clients: Option<ClientsTable>,
    #[serde(default)]
    pub(crate) link: LinkTable,
    #[serde(default)]
    pub(crate) fairness: FairnessTable,
    #[serde(default)]
    pub(crate) calendar: CalendarTable,
    pub(crate) priority: Option<PriorityTable>,
    #[serde(default)]
    pub(crate) records: RecordsTable,
    #[serde(default)]
    pub(crate) report: ReportTable,
    pub(crate) rules: Option<RulesTable>,
    pub(crate) access: Option<BTreeMap<AccessTableText, PathsValue>>,
    pub(crate) controls: Option<BTreeMap<ControlsTableText, ControlsValue>>,
}

/// The sections alone: a misspelt one is told before what it then seems to lack.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(dead_code)] // Only their names are looked at.
pub(crate) struct SectionNames {
    study: Option<IgnoredAny>,
    orders: Option<IgnoredAny>,
    receipts: Option<IgnoredAny>,
    clients: Option<IgnoredAny>,
    link: Option<IgnoredAny>,
    fairness: Option<IgnoredAny>,
    calendar: Option<IgnoredAny>,
    priority: Option<IgnoredAny>,
    records: Option<IgnoredAny>,
    report: Option<IgnoredAny>,
    rules: Option<IgnoredAny>,
    access: Option<IgnoredAny>,
    controls: Option<IgnoredAny>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct StudyTable {
    pub(crate) title: Option<String>,
    pub(crate) timezone: Option<ZoneText>,
    pub(crate) language: Option<LanguageText>,
    pub(crate) seed: Option<u64>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReportTable {
    pub(crate) workbook_rows: Option<NonZeroU32>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SideTable {
    pub(crate) paths: Vec<String>,
    pub(crate) format: Option<FormatText>,
    pub(crate) encoding: Option<EncodingText>,
    pub(crate) delimiter: Option<DelimiterText>,
    pub(crate) quote: Option<QuoteText>,
    pub(crate) escape: Option<EscapeText>,
    pub(crate) comment: Option<CommentText>,
    pub(crate) skip_lines: Option<u64>,
    pub(crate) clock: Option<ClockTable>,
    pub(crate) messages: Option<Vec<String>>,
    pub(crate) direction: Option<DirectionText>,
    pub(crate) columns: BTreeMap<ColumnText, ColumnValue>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ClientsTable {
    pub(crate) paths: Vec<String>,
    pub(crate) format: Option<FormatText>,
    pub(crate) encoding: Option<EncodingText>,
    pub(crate) delimiter: Option<DelimiterText>,
    pub(crate) quote: Option<QuoteText>,
    pub(crate) escape: Option<EscapeText>,
    pub(crate) comment: Option<CommentText>,
    pub(crate) skip_lines: Option<u64>,
    pub(crate) columns: BTreeMap<ColumnText, ColumnValue>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ClockTable {
    pub(crate) id: String,
    pub(crate) uncertainty: Option<WidthText>,
    #[serde(default)]
    pub(crate) by_group: BTreeMap<String, String>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LinkTable {
    pub(crate) keys: Option<Vec<LinkKeyText>>,
    pub(crate) fallback: Option<FallbackText>,
    pub(crate) children: Option<ChildrenText>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FairnessTable {
    pub(crate) alpha: Option<OpenShare>,
    pub(crate) slot: Option<SpanText>,
    pub(crate) block: Option<SpanText>,
    pub(crate) margins: Option<MarginsTable>,
    pub(crate) overtaking: Option<OvertakingTable>,
    pub(crate) reference: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct MarginsTable {
    pub(crate) median: Option<SpanText>,
    pub(crate) median_share: Option<Share>,
    pub(crate) tail: Option<Share>,
    pub(crate) overtaking: Option<Share>,
    pub(crate) source: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct OvertakingTable {
    pub(crate) window: Option<WindowText>,
    pub(crate) scope: Option<ScopeText>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PriorityTable {
    pub(crate) scope: Option<LineScopeText>,
    pub(crate) tau: Option<WidthText>,
    pub(crate) tau_executions: Option<WidthText>,
    pub(crate) size_cap: Option<u32>,
    pub(crate) horizon: Option<SpanText>,
    pub(crate) house_groups: Option<Vec<String>>,
    pub(crate) house_accounts: Option<Vec<String>>,
    pub(crate) new_kinds: Option<Vec<String>>,
    pub(crate) exceptions: Option<Vec<String>>,
    pub(crate) sessions: Option<ClientsTable>,
    pub(crate) executions: Option<ClientsTable>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CalendarTable {
    pub(crate) preset: Option<PresetText>,
    pub(crate) holidays: Option<Vec<DateText>>,
    pub(crate) early_closes: Option<Vec<EarlyCloseText>>,
}

#[derive(Deserialize)]
#[serde(
    untagged,
    expecting = "expected a column name, or a time such as { date = \"...\", time = \"...\" } or { column = \"...\", format = \"epoch_ns\" }"
)]
pub(crate) enum ColumnValue {
    Named(String),
    Time(TimeTable),
}

/// One column, or a date column and a time column; or an identifier within a column's text.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TimeTable {
    #[serde(alias = "date", alias = "tag")]
    pub(crate) column: String,
    pub(crate) strip_prefix: Option<String>,
    pub(crate) pattern: Option<String>,
    pub(crate) time: Option<String>,
    pub(crate) format: Option<TimeFormatText>,
    pub(crate) zone: Option<ZoneText>,
}

/// A newtype whose text is checked while it is read, so that the message points at its line.
macro_rules! checked_text {
    ($name:ident, $inner:ty, $raw:ty, $literal:literal, $check:expr) => {
        #[derive(Clone, Deserialize)]
        #[serde(try_from = $literal)]
        pub(crate) struct $name(pub(crate) $inner);

        impl TryFrom<$raw> for $name {
            type Error = String;
            fn try_from(raw: $raw) -> Result<Self, String> {
                let check: fn($raw) -> Result<$inner, String> = $check;
                check(raw).map(Self)
            }
        }
    };
}

checked_text!(ZoneText, Zone, String, "String", |text| Zone::named(&text));
checked_text!(SpanText, TimeSpan, String, "String", |text| parse_span(&text).and_then(positive));
checked_text!(WidthText, TimeSpan, String, "String", |text| parse_span(&text));
checked_text!(WindowText, TimeSpan, String, "String", |text| parse_span(&text).and_then(positive).and_then(window));
checked_text!(FormatText, FormatChoice, String, "String", |text| {
    let plain = |format: Option<Format>| Ok(FormatChoice { format, layout: None });
    match (text.as_str(), text.strip_prefix("fixed:"), Format::named(&text)) {
        ("auto", ..) => plain(None),
        (_, Some(layout), _) if !layout.is_empty() => Ok(FormatChoice { format: Some(Format::Fixed), layout: Some(layout.to_owned()) }),
        (_, None, Some(format)) if format != Format::Fixed => plain(Some(format)),
        _ => Err(format!(
            "format \"{text}\" is not one this version reads; write \"auto\", \"csv\", \"parquet\", \"arrow\", \"jsonl\", \"fix\", \"oms\", \
             \"cat\", \"fixed:twse-63\" or \"fixed:your-layout.toml\""
        )),
    }
});
checked_text!(DirectionText, Direction, String, "String", |text| Direction::named(&text)
    .ok_or_else(|| format!("direction \"{text}\" is not known; write \"in\" or \"out\"")));
checked_text!(EncodingText, EncodingChoice, String, "String", |text| EncodingChoice::named(&text).ok_or_else(|| format!(
    "encoding \"{text}\" is not known; write \"auto\", \"utf-8\", \"cp950\" (Big5), \"utf-16\", \"utf-16le\" or \"utf-16be\""
)));
checked_text!(DelimiterText, u8, String, "String", |text| match text.as_bytes() {
    [one @ (b',' | b';' | b'\t' | b'|')] => Ok(*one),
    _ => Err(format!("delimiter \"{text}\" is not read; write \",\", \";\", \"|\" or \"\\t\"")),
});
checked_text!(QuoteText, Option<u8>, String, "String", |text| match text.as_bytes() {
    [] => Ok(None),
    [one @ (b'"' | b'\'')] => Ok(Some(*one)),
    _ => Err(format!("quote \"{text}\" is not read; write \"\\\"\", \"'\", or \"\" for none")),
});
checked_text!(EscapeText, u8, String, "String", |text| match text.as_bytes() {
    [b'\\'] => Ok(b'\\'),
    _ => Err(format!("escape \"{text}\" is not read; write \"\\\\\", or leave it out: a doubled quote is always read")),
});
checked_text!(CommentPrefix, String, String, "String", |text| if text.is_empty() {
    Err("an empty text, with which every line starts".to_owned())
} else {
    Ok(text)
});
checked_text!(LanguageText, String, String, "String", |text| match text.as_str() {
    "zh-TW" | "en" => Ok(text),
    _ => Err(format!("language \"{text}\" is not known; write \"zh-TW\" or \"en\"")),
});
checked_text!(PresetText, String, String, "String", |text| match text.as_str() {
    "twse" | "none" => Ok(text),
    _ => Err(format!("calendar preset \"{text}\" is not known; write \"twse\" or \"none\"")),
});
checked_text!(FallbackText, Option<TimeSpan>, String, "String", |text| match text.as_str() {
    "off" => Ok(None),
    _ => parse_span(&text).and_then(positive).map(Some).map_err(|problem| format!("{problem}; or \"off\"")),
});
checked_text!(ScopeText, OvertakingScope, String, "String", |text| match text.as_str() {
    "instrument" => Ok(OvertakingScope::Instrument),
    "class" => Ok(OvertakingScope::Class),
    "shard" => Ok(OvertakingScope::Shard),
    "all" => Ok(OvertakingScope::All),
    _ => Err(format!("overtaking scope \"{text}\" is not known; write \"instrument\", \"class\", \"shard\" or \"all\"")),
});
checked_text!(LineScopeText, LineScope, String, "String", |text| LineScope::ALL
    .into_iter()
    .find(|scope| scope.name() == text)
    .ok_or_else(|| format!("scope \"{text}\" is not known; write one of {}", LineScope::ALL.map(LineScope::name).join(", "))));
checked_text!(TimeFormatText, (TimeFormat, String), String, "String", |text| TimeFormat::parse(&text).map(|format| (format, text)));
checked_text!(DateText, TradeDate, String, "String", |text| TradeDate::parse(&text)
    .ok_or_else(|| format!("\"{text}\" is not a date such as \"2026-02-16\"")));
checked_text!(EarlyCloseText, (TradeDate, i64), String, "String", |text| text
    .split_once(' ')
    .and_then(|(date, time)| Some((TradeDate::parse(date)?, minutes_of(time)? * 60_000_000_000)))
    .ok_or_else(|| format!("\"{text}\" is not a date and the local time it closes at, such as \"2026-02-13 12:00\"")));

/// Minutes after midnight of `HH:MM`.
fn minutes_of(text: &str) -> Option<i64> {
    let (hours, minutes) = text.split_once(':')?;
    let digits = |text: &str| text.parse::<i64>().ok().filter(|_| text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit()));
    let (hours, minutes) = (digits(hours)?, digits(minutes)?);
    (hours < 24 && minutes < 60).then_some(hours * 60 + minutes)
}

checked_text!(Share, f64, f64, "f64", |share| if (0.0..=1.0).contains(&share) {
    Ok(share)
} else {
    Err(format!("{share} is not a share between 0 and 1"))
});
checked_text!(OpenShare, f64, f64, "f64", |share| if share > 0.0 && share < 0.5 {
    Ok(share)
} else {
    Err(format!("alpha = {share} is not between 0 and 0.5"))
});

/// The format that study.toml names, and the layout of fixed-width records.
#[derive(Clone, Debug, Default)]
pub(crate) struct FormatChoice {
    pub(crate) format: Option<Format>,
    pub(crate) layout: Option<String>,
}

fn positive(span: TimeSpan) -> Result<TimeSpan, String> {
    if span.0 > 0 { Ok(span) } else { Err("a time span must be longer than nothing".to_owned()) }
}

fn window(span: TimeSpan) -> Result<TimeSpan, String> {
    if span <= LONGEST_WINDOW {
        Ok(span)
    } else {
        Err(format!("an overtaking window of {span} is longer than the {LONGEST_WINDOW} the method allows"))
    }
}

/// What a line that is not a row starts with: one text or several.
#[derive(Deserialize)]
#[serde(untagged, expecting = "expected a text that such lines start with, or a list of them, none of them empty")]
pub(crate) enum CommentText {
    One(CommentPrefix),
    Many(Vec<CommentPrefix>),
}

/// A canonical column's name.
#[derive(Deserialize, PartialEq, Eq, PartialOrd, Ord)]
#[serde(try_from = "String")]
pub(crate) struct ColumnText(pub(crate) Column);

impl TryFrom<String> for ColumnText {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        let known = || Column::ALL.map(Column::name).join(", ");
        Column::named(&text).map(Self).ok_or_else(|| format!("\"{text}\" is not a column colofair knows; it knows {}", known()))
    }
}

/// A part of the link key.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub(crate) enum LinkKeyText {
    ReceiptId,
    TradeDate,
    Account,
    Kind,
    Symbol,
    Side,
    Channel,
}

impl LinkKeyText {
    pub(crate) fn also_equal(&self) -> Option<AlsoEqual> {
        match self {
            Self::ReceiptId => None,
            Self::TradeDate => Some(AlsoEqual::TradeDate),
            Self::Account => Some(AlsoEqual::Name(Column::Account)),
            Self::Kind => Some(AlsoEqual::Name(Column::Kind)),
            Self::Symbol => Some(AlsoEqual::Name(Column::Symbol)),
            Self::Side => Some(AlsoEqual::Name(Column::Side)),
            Self::Channel => Some(AlsoEqual::Name(Column::Channel)),
        }
    }

    pub(crate) fn name(&self) -> &'static str {
        match self.also_equal() {
            None => "receipt_id",
            Some(AlsoEqual::TradeDate) => "trade_date",
            Some(AlsoEqual::Name(column)) => column.name(),
        }
    }
}

/// Which of a receipt's orders are measured.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ChildrenText {
    Each,
    First,
}

impl ChildrenText {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Each => "each",
            Self::First => "first",
        }
    }
}
