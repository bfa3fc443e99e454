//! Reasons and doubts of the record checks, in both languages.

use crate::order_records::{Doubt, FoundRow, Item, ProfileBreach, Reason};
use crate::record::{Latency, Names, printable};
use crate::rules::{Sentence, Text};

/// What is wrong with a row, without its figure.
pub(crate) const fn reason(reason: Reason) -> Text {
    let (zh, en) = match reason {
        Reason::Automated => ("演算法或自動化通路所生，無收單紀錄", "made by an algorithm or automated channel, no receipt"),
        Reason::NotAutomated => ("無收單紀錄", "no receipt"),
        Reason::Unmarked => ("無收單紀錄，檔案未載明是否為演算法所生", "no receipt; the files do not say whether an algorithm made it"),
        Reason::NoAccount => ("帳號與姓名均空白", "neither account nor name"),
        Reason::NoTime => ("委託時間空白或無法讀出", "no time that can be read"),
        Reason::SentBeforeReceived => ("送出早於收單", "sent before it was received"),
        Reason::Copy => ("重複紀錄", "a further copy"),
        Reason::CopyElsewhen => ("重複紀錄，而時間不同（採最早者）", "a further copy, with another time (the earliest counts)"),
        Reason::Contradicted => ("收單之複本互相矛盾", "copies of its receipt contradict each other"),
        Reason::NoOutcome => ("未送出且無結果", "not sent, and no outcome on record"),
        Reason::OutOfSequence => ("未依時序", "out of time sequence"),
        Reason::SerialGap => ("其前跳號", "serials skipped before it"),
        Reason::BlockStart => ("區段起始缺號", "the first serials of its block are missing"),
        Reason::OutsideBlocks => ("序號不在配發區段內", "its serial lies outside every block"),
        Reason::UnreadableSerial => ("序號形式不同", "its serial is not of the form of the others"),
        Reason::NoSerial => ("無序號", "no serial"),
        Reason::SerialRepeat => ("序號重複", "its serial was used before"),
        Reason::SerialOutOfReceiptOrder => ("序號未依收單順序", "its serial does not follow the order of receipt"),
        Reason::WrittenLate => ("紀錄寫入過遲", "written late"),
        Reason::WrittenBefore => ("紀錄寫入早於收單", "written before it was received"),
        Reason::ItemsMissing => ("缺應載事項", "items are missing"),
        Reason::OnlyLikeness => ("僅有一筆相似之收單", "one receipt alone is like it"),
        Reason::SeveralAlike => ("數筆相似，不予認定", "several are alike; nothing is chosen"),
        Reason::NoOriginal => ("未指明原委託", "names no original order"),
        Reason::OriginalMissing => ("查無原委託", "its original order is not in the files"),
        Reason::BeforeOriginal => ("早於原委託送出", "sent before its original order"),
        Reason::OriginalDiffers => ("與原委託之帳號、商品或方向不同", "of another account, instrument or side than its original"),
        Reason::AfterCancel => ("原委託已刪單", "its original order was cancelled before"),
        Reason::NoTradingDay => ("於休市日送出", "sent on a day without trading"),
        Reason::OutsideSession => ("於交易時段外送出", "sent outside the session"),
        Reason::Future => ("時戳晚於蒐集日", "stamped after the day of collection"),
        Reason::WrongDate => ("日期相差整日", "off by whole days"),
        Reason::WrongZone => ("時間相差整點", "off by whole hours"),
        Reason::SameLatency => ("延遲與多筆完全相同", "the same latency as many others"),
        Reason::NegativeByClock => ("延遲為負，屬時鐘所致", "latency made negative by a clock"),
        Reason::ClockStep => ("時鐘跳動", "a clock step"),
        Reason::EarliestKept => ("最早之紀錄仍晚於應保存之日", "the earliest record is later than is to be kept"),
    };
    Text { zh, en }
}

/// A row's sentence with its figure.
pub(crate) fn row_sentence(row: &FoundRow) -> Sentence {
    let text = reason(row.reason);
    let figure = match row.reason {
        Reason::SentBeforeReceived
        | Reason::CopyElsewhen
        | Reason::OutOfSequence
        | Reason::SerialOutOfReceiptOrder
        | Reason::WrittenLate
        | Reason::WrittenBefore
        | Reason::BeforeOriginal
        | Reason::AfterCancel
        | Reason::ClockStep
        | Reason::NegativeByClock
        | Reason::SameLatency => Some((Latency(row.value).to_string(), Latency(row.value).to_string())),
        Reason::SerialGap | Reason::BlockStart => Some((format!("缺 {} 號", row.value), format!("{} missing", row.value))),
        Reason::WrongDate | Reason::Future | Reason::EarliestKept => Some((
            format!("{} 日", row.value),
            if row.value.abs() == 1 { format!("{} day", row.value) } else { format!("{} days", row.value) },
        )),
        Reason::WrongZone => Some((format!("{} 小時", row.value), format!("{} h", row.value))),
        Reason::ItemsMissing => {
            let of = |pick: fn(Text) -> &'static str, mark: &str| {
                Item::of_set(row.value).map(|known| pick(item(known))).collect::<Vec<_>>().join(mark)
            };
            Some((of(|text| text.zh, "、"), of(|text| text.en, ", ")))
        }
        Reason::SeveralAlike => Some((format!("{} 筆", row.value), format!("{} receipts", row.value))),
        _ => None,
    };
    match figure {
        Some((zh, en)) => Sentence::new(format!("{}（{zh}）", text.zh), format!("{} ({en})", text.en)),
        None => text.into(),
    }
}

/// An item of the record.
pub(crate) const fn item(item: Item) -> Text {
    let (zh, en) = match item {
        Item::Account => ("姓名或帳號", "name or account"),
        Item::ReceivedAt => ("委託時間", "receipt time"),
        Item::Instrument => ("證券", "instrument"),
        Item::Kind => ("委託種類", "order kind"),
        Item::Method => ("委託方式", "method"),
        Item::Handler => ("經辦", "handler"),
        Item::SentAt => ("傳送時間", "transmission time"),
        Item::Serial => ("傳送序號", "serial"),
        Item::Ip => ("網路位址", "IP address"),
    };
    Text { zh, en }
}

/// What keeps a check from an answer.
pub(crate) fn doubt(doubt: &Doubt, groups: &Names) -> Sentence {
    let percent = |share: f64| format!("{:.2} %", 100.0 * share);
    match doubt {
        Doubt::NoColumn(column) => {
            let name = column.name();
            Sentence::new(format!("檔案無 {name} 欄"), format!("the files have no column `{name}`"))
        }
        Doubt::Nothing => Sentence::new("無可查核之列", "nothing to examine"),
        Doubt::NotNamed(key) => Sentence::new(format!("study.toml 未載明 {key}"), format!("study.toml does not name {key}")),
        Doubt::NotInSequence { share, .. } => {
            let share = percent(*share);
            Sentence::new(
                format!("有檔案 {share} 之列未依時序：應係以其他順序匯出，請提供未排序之原檔"),
                format!("{share} of a file is out of time sequence: rather exported in another order; ask for the unsorted file"),
            )
        }
        Doubt::SerialForm => Sentence::new(
            "序號之形式無法辨認；請於 [records] serials 載明",
            "the form of the serials was not recognised; name it in [records] serials",
        ),
        Doubt::RejectedRows(n) => Sentence::new(
            format!("另有 {n} 列委託無法讀取，其序號未計入"),
            format!("{n} rows of orders could not be read, so their serials were not seen"),
        ),
        Doubt::NoReceiptsOn { date, n_dates, orders } => {
            let more = if *n_dates == 1 {
                Default::default()
            } else {
                (format!(" 等 {n_dates} 日"), format!(" and {} more dates", n_dates - 1))
            };
            Sentence::new(
                format!("其中 {orders} 筆送出於 {date}{}，檔案中無該日之任何收單：請先確認收單檔是否齊全", more.0),
                format!(
                    "{orders} of them were sent on {date}{}, of which the files hold no receipt at all: ask first whether the receipts are complete",
                    more.1
                ),
            )
        }
        Doubt::IdsAlike { orders, example: [order, receipt] } => {
            let [order, receipt] = [order, receipt].map(|id| printable(id, 40));
            Sentence::new(
                format!(
                    "其中 {orders} 筆之編號與某筆無委託之收單僅差前置零或大小寫（如委託 {order}、收單 {receipt}）：應屬匯出所致，請更正後重跑"
                ),
                format!(
                    "the ids of {orders} of them differ from a receipt's without an order by leading zeros or case alone (such as {order} and {receipt}): an export does that; correct it and run again"
                ),
            )
        }
        Doubt::RefusedReceipts(n) => Sentence::new(
            format!("收單檔另有 {n} 列無法讀取（rejects.csv），至多為其中 {n} 個編號之收單"),
            format!("{n} rows of receipts could not be read (rejects.csv): they may be the receipts of as many of these ids"),
        ),
        Doubt::RefusedOrders(n) => Sentence::new(
            format!("委託檔另有 {n} 列無法讀取（rejects.csv），至多為其中 {n} 筆收單之委託"),
            format!("{n} rows of orders could not be read (rejects.csv): they may be the orders of as many of these receipts"),
        ),
        Doubt::AllNegative => Sentence::new(
            "延遲幾乎全部為負，屬時鐘問題（T02），不逐筆認定",
            "nearly all latencies are negative: a clock problem (T02), no row is named",
        ),
        Doubt::NegativeRun(n) => Sentence::new(
            format!("其中 {n} 筆位於連續之負延遲之中（至少 5 筆收單）：屬校時，或整段事後補登，不逐筆認定"),
            format!(
                "{n} of them stand in runs of at least 5 receipts whose latencies are all negative: a clock that was set, or a stretch \
                 entered afterwards; none is proven by itself"
            ),
        ),
        Doubt::MostShifted { hours } => Sentence::new(
            format!("過半數相差 {hours} 小時：請先檢查 study.toml 之時區"),
            format!("most are off by {hours} h: check the zone in study.toml first"),
        ),
        Doubt::GroupsDiffer { least, most } => {
            let name = |group: u16| groups.get(usize::from(group)).map_or("", String::as_str);
            let (a, b) = (name(least.0), name(most.0));
            let (low, high) = (percent(least.1), percent(most.1));
            Sentence::new(
                format!("無收單之比率：{a} 為 {low}，{b} 為 {high}"),
                format!("share without a receipt: {low} of {a}, {high} of {b}"),
            )
        }
        Doubt::Suspect { sent, group } => {
            let name = groups.get(usize::from(*group)).map_or("", String::as_str);
            let (zh, en) = if *sent { ("送出", "sent") } else { ("收單", "receipt") };
            Sentence::new(format!("{name} 之{zh}時戳疑似非真"), format!("the {en} stamps of {name} look made up"))
        }
        Doubt::NegativeShare(share) => Sentence::new(
            format!("{} 之延遲為負：屬時鐘問題，不作公平性認定", percent(*share)),
            format!("{} of the latencies are negative: a clock problem, never unfairness", percent(*share)),
        ),
        Doubt::PureShift(shift) => {
            let shift = Latency(*shift);
            Sentence::new(
                format!("整個時鐘域平移 {shift}：屬時鐘問題，不作公平性認定"),
                format!("a whole clock domain is shifted by {shift}: a clock problem, never unfairness"),
            )
        }
        Doubt::ClockAhead(ahead) => {
            let ahead = Latency(*ahead);
            Sentence::new(format!("收單時鐘至少快 {ahead}"), format!("the receipts clock is ahead by at least {ahead}"))
        }
        Doubt::ClocksApart { least, most } => {
            let (least, most) = (Latency(*least), Latency(*most));
            Sentence::new(
                format!("以往返時戳推算，收單時鐘較送出時鐘快 {least} 至 {most}（負值為慢）"),
                format!("by question and answer the receipts clock is ahead of the orders clock by {least} to {most} (negative: behind)"),
            )
        }
        Doubt::Drift(ppm) => Sentence::new(format!("收單時鐘漂移 {ppm:+.4} ppm"), format!("the receipts clock drifts by {ppm:+.4} ppm")),
        Doubt::BeyondProfile(breach) => profile_breach(*breach),
        Doubt::HolidaysUnknown(year) => Sentence::new(
            format!("{year} 年之休市日未載明，僅能辨別週末"),
            format!("holidays of {year} are not named: only weekends are known"),
        ),
        Doubt::ClocksUndocumented => Sentence::new(
            "兩端時鐘及其不確定度未載明，先後無從證明",
            "the clocks of both sides and their uncertainty are not documented: no order of stamps is proven",
        ),
        Doubt::NoKind => Sentence::new(
            "無委託種類，無從分辨新單與改單",
            "without order kinds an amend that keeps its serial cannot be told from a new order",
        ),
        Doubt::NoSession => Sentence::new("行事曆無交易時段", "the calendar has no session"),
    }
}

fn profile_breach(breach: ProfileBreach) -> Sentence {
    let (zh, en) = match breach {
        ProfileBreach::Documented => ("記載之不確定度逾所選標準", "the documented uncertainty is wider than the profile's"),
        ProfileBreach::Coarse => ("時戳解析度粗於所選標準", "stamps are coarser than the profile's"),
        ProfileBreach::Offset => ("兩端時鐘之位移逾標準之兩倍", "the offset between the clocks is beyond twice the profile's"),
        ProfileBreach::Step => ("時鐘跳動逾標準之兩倍", "a clock step is beyond twice the profile's"),
        ProfileBreach::Drift => ("每日漂移逾標準之兩倍", "the drift of a day is beyond twice the profile's"),
    };
    Sentence::new(zh, en)
}
