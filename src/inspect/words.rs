//! What the evidence says, in both languages. Names of columns are made harmless before they are shown.

use crate::ingest::TimeFormat;
use crate::inspect::guess::Side;
use crate::inspect::names::NameFit;
use crate::inspect::profile::Profile;
use crate::inspect::shapes::IdPair;
use crate::inspect::times::Reading;
use crate::inspect::trial::Trial;
use crate::reconcile::AlsoEqual;
use crate::record::{Column, TimeSpan, printable};
use crate::report::i18n::words;
use crate::report::model::Words;

/// A name or value from a file on one line of harmless text.
pub(crate) fn shown(text: &str) -> String {
    printable(&text.replace(['\n', '\r'], "\u{23ce}"), 60)
}

/// A path on one line of harmless text.
pub(crate) fn shown_path(path: &str) -> String {
    printable(&path.replace(['\n', '\r'], "\u{23ce}"), 1_000)
}

/// A whole number with thousands separated.
pub(crate) fn count(n: u64) -> String {
    let digits = n.to_string();
    let (head, rest) = digits.split_at((digits.len() + 2) % 3 + 1);
    rest.as_bytes().chunks(3).fold(head.to_owned(), |text, group| text + "," + &String::from_utf8_lossy(group))
}

/// A share in percent, never rounded up to 100 %.
pub(crate) fn percent(share: f64) -> String {
    let tenths = (share * 1_000.0).floor() / 10.0;
    if share == 1.0 { "100 %".to_owned() } else { format!("{tenths:.1} %") }
}

pub(crate) fn name(name: &str, fit: NameFit, known: &str, column: Column) -> Option<Words> {
    let (name, column) = (shown(name), column.name());
    match fit {
        NameFit::Known => {
            Some(words(format!("欄名「{name}」是 {column} 的已知名稱"), format!("the header {name} is a known name of {column}")))
        }
        NameFit::Part => Some(words(
            format!("欄名「{name}」含有 {column} 的已知名稱「{known}」"),
            format!("the header {name} holds {known}, a known name of {column}"),
        )),
        NameFit::None => None,
    }
}

pub(crate) fn distinct(distinct: u64, exact: bool, filled: u64) -> Words {
    let (about_zh, about) = if exact { ("", "") } else { ("約 ", "about ") };
    let (distinct, filled) = (count(distinct), count(filled));
    words(format!("{filled} 個值中有 {about_zh}{distinct} 種"), format!("{about}{distinct} different among {filled} values"))
}

pub(crate) fn nothing_in_it() -> Words {
    words("整欄是空的", "every cell is empty")
}

pub(crate) fn dates() -> Words {
    words("值是日期", "its values are dates")
}

pub(crate) fn read_as(reading: &Reading) -> Words {
    let (read, tried, format) = (count(reading.n_read), count(reading.n_tried), reading.format.name());
    let (fine_zh, fine) = fineness(reading);
    words(
        format!("{tried} 個值中有 {read} 個可依 {format} 讀成時間，{fine_zh}"),
        format!("{read} of {tried} values read as {format}, {fine}"),
    )
}

pub(crate) fn read_as_pair(date: &str, of_date: &Reading, of_time: &Reading) -> Words {
    let (date, format) = (shown(date), of_time.format.name());
    let (read, tried) = (count(of_time.n_read.min(of_date.n_read)), count(of_time.n_tried));
    let (fine_zh, fine) = fineness(of_time);
    words(
        format!("與日期欄「{date}」合起來，{tried} 個值中有 {read} 個可依 {format} 讀成時間，{fine_zh}"),
        format!("with the date in {date}, {read} of {tried} values read as {format}, {fine}"),
    )
}

pub(crate) fn date_of_another(date: &str) -> Words {
    let date = shown(date);
    words(
        format!("日期欄「{date}」的名稱不屬於這個時間：請確認兩者同日"),
        format!("the date column {date} is not named after this time: confirm that it is its date"),
    )
}

/// What a form reads into digits that do not show it.
pub(crate) fn taken_for_granted(format: TimeFormat) -> Option<Words> {
    Some(match format {
        TimeFormat::Roc => words("年份視為民國年", "years are taken for the Republic's"),
        TimeFormat::Compact => words("八位數的時刻視為時分秒加百分之一秒", "a time of eight digits is taken for HHMMSS and hundredths"),
        TimeFormat::Excel(_) => words("視為試算表去掉了時刻的前導零", "a spreadsheet is taken to have dropped leading zeros of the time"),
        TimeFormat::Epoch(_) => words("視為自 1970-01-01 起算的數", "taken for a count since 1970-01-01"),
        TimeFormat::Iso | TimeFormat::Pattern(_) => return None,
    })
}

/// Decimals as written, where there are any, and the step that the stamps really take.
pub(crate) fn fineness(reading: &Reading) -> (String, String) {
    let (decimals, step) = (reading.decimals, TimeSpan(reading.resolution()));
    match decimals {
        0 => (format!("最小刻度 {step}"), format!("in steps of {step}")),
        _ => (format!("寫到 {decimals} 位小數，實際以 {step} 為最小刻度"), format!("written with {decimals} decimals, in steps of {step}")),
    }
}

/// A side in Chinese.
pub(crate) fn side_zh(side: Side) -> &'static str {
    match side {
        Side::Orders => "委託",
        Side::Receipts => "收單",
        Side::Clients => "客戶",
    }
}

/// What a needed time is, in Chinese.
pub(crate) fn role_zh(column: Column) -> &'static str {
    if column == Column::SentAt { "送出至交易所的時間" } else { "券商收到委託的時間" }
}

/// What a needed time is.
pub(crate) fn role(column: Column) -> &'static str {
    if column == Column::SentAt { "when the order was sent to the exchange" } else { "when the broker received the order" }
}

/// A further key by its name in study.toml.
pub(crate) fn key(part: AlsoEqual) -> &'static str {
    match part {
        AlsoEqual::TradeDate => "trade_date",
        AlsoEqual::Name(column) => column.name(),
    }
}

/// Two columns that link.
pub(crate) fn pair(orders: &Profile, receipts: &Profile, ours: usize, theirs: usize) -> String {
    format!("orders.{} = receipts.{}", shown(&orders.survey.columns[ours].name), shown(&receipts.survey.columns[theirs].name))
}

/// How well the sides link, by the trial.
pub(crate) fn link(trial: &Trial, pair: &IdPair) -> Vec<Words> {
    let (matched, orders, share) = (count(trial.waterfall.matched), count(trial.n_orders), percent(trial.matched_share()));
    let (joined, receipts) = (count(trial.waterfall.receipts_matched), count(trial.n_receipts));
    let mut said = vec![words(
        format!("實際勾稽：{orders} 筆委託中有 {matched} 筆找到收單（{share}），{receipts} 筆收單中用到 {joined} 筆"),
        format!("linked for a trial: {matched} of {orders} orders have a receipt ({share}), {joined} of {receipts} receipts have an order"),
    )];
    if let Some(prefix) = pair.strip.as_deref().map(shown) {
        said.push(words(format!("委託側的值去掉開頭的「{prefix}」"), format!("the orders' values without the {prefix} before them")));
    }
    if let Some([low, median, high]) = trial.latency {
        said.push(words(
            format!("送出減收單：第 1 百分位 {low}，中位數 {median}，第 99 百分位 {high}"),
            format!("sent minus received: 1st percentile {low}, median {median}, 99th {high}"),
        ));
    }
    for (column, both, agree) in trial.agreement.iter().filter(|(_, both, _)| *both > 0) {
        let (name, agreed) = (column.name(), percent(*agree as f64 / *both as f64));
        said.push(words(format!("勾稽後 {name} 相同者 {agreed}"), format!("{name} agrees in {agreed} of the links")));
    }
    let (found, back) = (percent(pair.found.share()), percent(pair.back.share()));
    said.push(words(
        format!("值的重疊：委託側 {found}，收單側 {back}"),
        format!("values in common: {found} of the orders', {back} of the receipts'"),
    ));
    said
}

/// Why these keys, and what the others would give. The first trial is the chosen one.
pub(crate) fn keys(trials: &[Trial]) -> Vec<Words> {
    let named = |trial: &Trial| {
        let names: Vec<&str> = std::iter::once("receipt_id").chain(trial.also.iter().map(|part| key(*part))).collect();
        names.join(" + ")
    };
    let said = |trial: &Trial| {
        let (keys, matched, contested) = (named(trial), count(trial.waterfall.matched), count(trial.contested()));
        words(
            format!("{keys}：勾稽 {matched} 筆，重複或有爭議 {contested} 列"),
            format!("{keys}: {matched} matched, {contested} rows copies or in doubt"),
        )
    };
    let next = trials.get(1).map(|trial| {
        let Words { zh, en } = said(trial);
        words(format!("次佳 {zh}"), format!("runner-up {en}"))
    });
    std::iter::once(said(&trials[0])).chain(next).collect()
}

/// What in the trial asks for a question.
pub(crate) fn doubts(trial: &Trial, counts: [(u64, u64); 2]) -> Vec<Words> {
    let mut doubts = Vec::new();
    for (side, (rows, rejected)) in ["orders", "receipts"].into_iter().zip(counts).filter(|(_, (_, rejected))| *rejected > 0) {
        let (rows, rejected) = (count(rows), count(rejected));
        doubts.push(words(
            format!("[{side}] {rows} 列中有 {rejected} 列會被剔除：執行 check 後請看 rejects.csv"),
            format!("[{side}] {rejected} of {rows} rows would be rejected: run check, then see rejects.csv"),
        ));
    }
    if trial.matched_share() < 0.9 {
        let share = percent(trial.matched_share());
        doubts.push(words(
            format!("只有 {share} 的委託找得到收單：檔案是否齊全、期間是否一致？"),
            format!("only {share} of the orders have a receipt: are the files complete, and of one period?"),
        ));
    }
    let hours = |nanos: i64| (nanos as f64 / 1_800e9).round() / 2.0;
    if let Some([_, median, _]) = trial.latency
        && median.0.unsigned_abs() > 1_700_000_000_000
    {
        let off = hours(median.0);
        doubts.push(words(
            format!("送出減收單的中位數約 {off} 小時：兩側的時區或日期可能不同"),
            format!("the median of sent minus received is about {off} h: the zones or dates of the two sides may differ"),
        ));
    }
    for column in trial.zeros_lost.iter().map(|column| column.name()) {
        doubts.push(words(
            format!("{column} 去掉開頭的零才相符：試算表去掉了一側的零；以它對照客戶檔之前請先補回"),
            format!("{column} agrees only without leading zeros: a spreadsheet dropped those of one side; restore them before it is looked up in a clients file"),
        ));
    }
    if trial.latency.is_some_and(|[low, ..]| low.0 < 0) {
        doubts.push(words(
            "部分委託的送出時間早於收單時間：兩側是否由不同時鐘記錄？",
            "some orders were sent before they were received: do two clocks stamp the two sides?",
        ));
    }
    doubts
}
