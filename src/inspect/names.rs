//! What columns are called out there: one table of names, used for guessing and printed in `docs/formats.md`.

use crate::ingest::Format;
use crate::record::Column;

/// Which part of a time a name means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The whole of it, or anything that is no time.
    Whole,
    /// The date.
    Date,
    /// The time of day, or the whole of it.
    TimeOfDay,
}

/// Where a name comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Traditional Chinese, as brokers in Taiwan write it.
    Chinese,
    /// English, and the usual abbreviations.
    English,
    /// The name of a FIX field.
    Fix,
    /// The Consolidated Audit Trail of the United States.
    Cat,
}

impl Origin {
    /// Its name in the documentation.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Chinese => "zh-TW",
            Self::English => "en",
            Self::Fix => "FIX",
            Self::Cat => "CAT",
        }
    }
}

/// A name that a column goes by.
#[derive(Clone, Copy, Debug)]
pub struct Synonym {
    /// What it is.
    pub column: Column,
    /// Which part of it.
    pub part: Part,
    /// Where the names come from.
    pub origin: Origin,
    /// The names, the best known first. Compared without regard to case, blanks and punctuation.
    pub names: &'static [&'static str],
}

/// How well a name fits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum NameFit {
    /// Not at all.
    None,
    /// A known name stands in it.
    Part,
    /// It is a known name.
    Known,
}

const fn whole(column: Column, origin: Origin, names: &'static [&'static str]) -> Synonym {
    Synonym { column, part: Part::Whole, origin, names }
}

const fn date(column: Column, origin: Origin, names: &'static [&'static str]) -> Synonym {
    Synonym { column, part: Part::Date, origin, names }
}

const fn time(column: Column, origin: Origin, names: &'static [&'static str]) -> Synonym {
    Synonym { column, part: Part::TimeOfDay, origin, names }
}

use Origin::{Cat, Chinese, English, Fix};

/// Every known name. The names of `study.toml` itself are known as well.
pub const SYNONYMS: &[Synonym] = &[
    whole(Column::OrderId, Chinese, &["委託書號", "委託書編號", "委託編號", "委託序號", "網路單號"]),
    whole(Column::OrderId, English, &["order id", "ordid", "order number", "order ref", "exchange order id"]),
    whole(Column::OrderId, English, &["ord no"]),
    whole(Column::OrderId, Fix, &["OrderID", "37"]),
    whole(Column::OrderId, Cat, &["routedOrderID"]),
    whole(
        Column::ReceiptId,
        Chinese,
        &["客戶單號", "客戶委託編號", "客戶委託單號", "收單編號", "收單序號", "接單編號", "接單序號", "來源單號"],
    ),
    whole(
        Column::ReceiptId,
        English,
        &["client order id", "receipt id", "receipt no", "client ref", "request id", "req id", "ReqSNO", "client order no", "cl ord id"],
    ),
    whole(Column::ReceiptId, Fix, &["ClOrdID", "SecondaryClOrdID", "11", "526"]),
    whole(Column::Account, Chinese, &["帳號", "戶號", "投資人帳號", "客戶帳號", "委託人帳號", "委託人", "證券帳號"]),
    whole(Column::Account, English, &["account", "account no", "account id", "acct", "acct no", "ivacno", "investor account"]),
    whole(Column::Account, Fix, &["Account", "1"]),
    whole(Column::Account, Cat, &["firmDesignatedID"]),
    whole(Column::Group, Chinese, &["客群", "客戶群組", "群組", "客戶類別", "客戶分級", "組別"]),
    whole(Column::Group, English, &["group", "grp", "client group", "customer group", "client class", "client tier", "segment"]),
    whole(Column::Client, Chinese, &["客戶", "客戶代號", "客戶編號", "客戶名稱", "戶名"]),
    whole(Column::Client, English, &["client", "client id", "customer", "customer id", "client name"]),
    whole(Column::Symbol, Chinese, &["股票代號", "證券代號", "商品代號", "股票代碼", "證券代碼", "商品"]),
    whole(Column::Symbol, English, &["symbol", "stock", "stock no", "stock code", "instrument", "ticker", "security id", "sym"]),
    whole(Column::Symbol, Fix, &["Symbol", "55"]),
    whole(Column::Side, Chinese, &["買賣別", "買賣", "買賣方向"]),
    whole(Column::Side, English, &["side", "buy sell", "bs", "bs flag"]),
    whole(Column::Side, Fix, &["Side", "54"]),
    whole(Column::Quantity, Chinese, &["數量", "股數", "張數", "委託數量", "委託股數", "委託張數"]),
    whole(Column::Quantity, English, &["quantity", "qty", "order qty", "shares", "lots", "volume"]),
    whole(Column::Quantity, Fix, &["OrderQty", "38"]),
    whole(Column::Price, Chinese, &["價格", "委託價格", "委託價", "單價"]),
    whole(Column::Price, Fix, &["Price", "44"]),
    whole(Column::Price, English, &["price", "limit price", "px"]),
    whole(Column::Kind, Chinese, &["委託種類", "委託別", "委託類別", "交易種類"]),
    whole(Column::Kind, English, &["kind", "order type", "order kind", "type", "ord type", "message type", "action type"]),
    whole(Column::Kind, Fix, &["OrdType", "40"]),
    whole(Column::Channel, Chinese, &["通路", "下單通路", "下單別", "下單方式", "委託方式", "來源別"]),
    whole(Column::Channel, Fix, &["10000"]),
    whole(Column::Channel, English, &["channel", "order channel", "ivacno flag", "entry method"]),
    whole(Column::Gateway, Chinese, &["閘道", "主機代號"]),
    whole(Column::Gateway, English, &["gateway", "gw", "session", "session id", "gateway id"]),
    whole(Column::Shard, Chinese, &["線路", "線路別", "連線代號", "端末代號"]),
    whole(Column::Shard, English, &["shard", "line", "line id", "socket", "terminal", "terminal id", "queue"]),
    whole(Column::AccessClass, Chinese, &["接入類別", "接取類別", "連線類別"]),
    whole(Column::AccessClass, English, &["access class", "access type", "access"]),
    whole(Column::Host, Chinese, &["主機", "主機名稱", "伺服器"]),
    whole(Column::Host, English, &["host", "hostname", "server", "machine"]),
    whole(Column::Serial, Chinese, &["櫃號", "委託書號", "流水號", "委託流水號", "單號"]),
    whole(Column::Serial, English, &["serial", "serial no", "order no", "seq", "seq no", "sequence", "ticket no"]),
    whole(Column::Serial, Fix, &["MsgSeqNum", "34"]),
    whole(Column::Algo, Chinese, &["演算法", "程式單", "策略單", "演算法單"]),
    whole(Column::Algo, English, &["algo", "is algo", "algo flag", "algorithm"]),
    time(Column::ReceivedAt, Chinese, &["收單時間", "接單時間", "接收時間", "委託時間", "收單時戳", "收件時間"]),
    date(Column::ReceivedAt, Chinese, &["收單日期", "接單日期", "接收日期", "委託日期", "收件日期"]),
    time(
        Column::ReceivedAt,
        English,
        &["received at", "received ts", "received", "received time", "receive time", "receipt time", "receipt ts", "recv ts"],
    ),
    date(Column::ReceivedAt, English, &["received date", "receipt date", "recv date"]),
    whole(Column::ReceivedAt, Fix, &["prefix"]),
    whole(Column::ReceivedAt, Cat, &["eventTimestamp"]),
    time(Column::RecordedAt, Chinese, &["寫檔時間", "紀錄時間", "登錄時間", "落檔時間"]),
    date(Column::RecordedAt, Chinese, &["寫檔日期", "紀錄日期", "登錄日期"]),
    time(Column::RecordedAt, English, &["recorded at", "recorded ts", "written ts", "written at", "log time", "insert time"]),
    time(Column::DecidedAt, Chinese, &["決策時間", "拆單時間", "演算時間"]),
    time(Column::DecidedAt, English, &["decided at", "decision time", "decided ts", "t2"]),
    time(Column::SentAt, Chinese, &["送單時間", "傳送時間", "送出時間", "傳單時間", "送單時戳"]),
    date(Column::SentAt, Chinese, &["送單日期", "傳送日期", "送出日期"]),
    time(
        Column::SentAt,
        English,
        &["sent at", "sent ts", "sent", "sent time", "send time", "sending time", "order ts", "order time", "transmit time"],
    ),
    date(Column::SentAt, English, &["sent date", "send date", "sending date", "order date"]),
    whole(Column::SentAt, Fix, &["prefix", "SendingTime"]),
    whole(Column::SentAt, Cat, &["eventTimestamp"]),
    time(Column::AcknowledgedAt, Chinese, &["回報時間", "確認時間"]),
    date(Column::AcknowledgedAt, Chinese, &["回報日期", "確認日期"]),
    time(Column::AcknowledgedAt, English, &["acknowledged at", "ack ts", "ack time", "ack"]),
    whole(Column::From, Chinese, &["起日", "生效日", "起始日期", "開始日期", "生效日期"]),
    whole(Column::From, English, &["from", "valid from", "start", "start date", "effective from"]),
    whole(Column::To, Chinese, &["迄日", "終止日", "結束日期", "失效日期", "終止日期"]),
    whole(Column::To, English, &["to", "valid to", "end", "end date", "effective to"]),
];

/// Date columns that go with any time of day.
pub const ANY_DATE: &[&str] = &["日期", "交易日期", "交易日", "成交日期", "date", "trade date", "trading day", "day", "tdate"];

/// A name as it is compared: lower case, letters and digits only.
#[must_use]
pub(crate) fn plain(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// The times of broker text, whose names mean something else than elsewhere.
const BROKER_TIMES: [(&str, Column); 4] =
    [("T0", Column::ReceivedAt), ("T1", Column::DecidedAt), ("T2", Column::SentAt), ("T3", Column::AcknowledgedAt)];

/// The time of the exchange's order file: when it took the order in.
const EXCHANGE_TIME: (&str, Column) = ("time", Column::SentAt);

/// Fields that say which CAT record this is and whether it was corrected, not what the order is.
const CAT_RECORD: [&str; 2] = ["actionType", "type"];

/// As [`fit`], in a file of `format`.
pub(crate) fn fit_in(format: Format, name: &str, column: Column) -> (NameFit, Part, &'static str) {
    if format == Format::Cat && CAT_RECORD.contains(&name.rsplit('.').next().unwrap_or(name)) {
        return (NameFit::None, Part::Whole, "");
    }
    let own: &[(&str, Column)] = match format {
        Format::Oms => &BROKER_TIMES,
        Format::Fixed => &[EXCHANGE_TIME],
        _ => &[],
    };
    // In a log a tag is a name, however short.
    let tag = SYNONYMS.iter().find(|synonym| format == Format::Fix && synonym.origin == Fix && synonym.column == column);
    if let Some((part, known)) = tag.and_then(|tag| Some((tag.part, tag.names.iter().find(|known| **known == name)?))) {
        return (NameFit::Known, part, known);
    }
    match own.iter().find(|(known, _)| *known == name) {
        Some((known, means)) if *means == column => (NameFit::Known, Part::TimeOfDay, known),
        Some(_) => (NameFit::None, Part::Whole, ""),
        None => fit(name, column),
    }
}

/// How well `name` fits `column`, which part of it the name means, and the known name it was found by.
#[must_use]
pub(crate) fn fit(name: &str, column: Column) -> (NameFit, Part, &'static str) {
    // Of a path within an object, the last key is the name.
    let name = plain(name.rsplit('.').next().unwrap_or(name));
    if name == plain(column.name()) {
        return (NameFit::Known, if is_time(column) { Part::TimeOfDay } else { Part::Whole }, column.name());
    }
    let mut best = (NameFit::None, Part::Whole, "");
    for synonym in SYNONYMS.iter().filter(|synonym| synonym.column == column) {
        for known in synonym.names {
            let plain = plain(known);
            let found = if name == plain {
                // `t2`, `to`, `11`: too short to be sure of.
                if plain.len() > 2 { NameFit::Known } else { NameFit::Part }
            } else if telling(&plain) && name.contains(&plain) {
                NameFit::Part
            } else {
                continue;
            };
            if (found, known.len()) > (best.0, best.2.len()) {
                best = (found, synonym.part, known);
            }
        }
    }
    best
}

/// True for a name of a date that goes with any time of day.
#[must_use]
pub(crate) fn is_any_date(name: &str) -> bool {
    let name = plain(name);
    ANY_DATE.iter().any(|known| plain(known) == name)
}

/// Long enough to say something where it stands inside a longer name.
fn telling(plain: &str) -> bool {
    if plain.is_ascii() { plain.len() >= 5 } else { plain.chars().count() >= 3 }
}

fn is_time(column: Column) -> bool {
    column.kind() == crate::record::ColumnKind::Time
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_is_listed_twice_for_a_column_and_few_mean_two() {
        let known =
            |synonym: &'static Synonym| synonym.names.iter().map(|name| (plain(name), synonym.column, synonym.origin, synonym.part));
        let all: Vec<(String, Column, Origin, Part)> = SYNONYMS.iter().flat_map(known).collect();
        let mut two = std::collections::BTreeSet::new();
        for (at, listed) in all.iter().enumerate() {
            let (name, column, ..) = listed;
            assert!(!all[at + 1..].contains(listed), "{name} twice");
            if all.iter().any(|(found, of, ..)| found == name && of != column) {
                two.insert(name.as_str());
            }
        }
        // What the file holds tells them apart: its direction, its types, or how often a value repeats.
        assert_eq!(two.into_iter().collect::<Vec<_>>(), ["eventtimestamp", "prefix", "委託書號"]);
    }

    #[test]
    fn names_are_known_whatever_their_case_and_punctuation() {
        for (name, column) in [
            ("Client_Order_ID", Column::ReceiptId),
            ("收單時間", Column::ReceivedAt),
            (" SENT-TS ", Column::SentAt),
            ("sent_at", Column::SentAt),
            ("grp", Column::Group),
        ] {
            assert_eq!(fit(name, column).0, NameFit::Known, "{name}");
        }
        assert_eq!(fit("收單日期", Column::ReceivedAt), (NameFit::Known, Part::Date, "收單日期"));
        assert_eq!(fit("客戶收單時間(TW)", Column::ReceivedAt).0, NameFit::Part);
        assert_eq!(fit("note", Column::ReceivedAt).0, NameFit::None);
    }
}
