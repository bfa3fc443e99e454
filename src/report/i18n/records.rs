//! The records, said in sentences.

use crate::report::i18n::words;
use crate::report::model::{ClassRow, FamilyFigures, LikenessFigures, OffsetRow, Records, Repair, ReportRow, SerialTotals, Words};
use crate::report::numbers::{count, duration, isolated, shown_name, signed_duration, typeset};

/// What the section says: automated orders without a receipt first.
pub(crate) fn records(found: &Records) -> Vec<Words> {
    let mut said = vec![automated(found)];
    said.extend(found.serials.as_ref().map(serials));
    said.extend(found.families.as_ref().map(families));
    said.extend(found.likeness.as_ref().into_iter().flat_map(likeness));
    said.extend(found.repair.as_ref().map(repair));
    said.extend((!found.classes.is_empty()).then(|| classes(&found.classes)));
    said.extend(found.reports.as_ref().map(reports));
    said.extend(found.clock_offsets.iter().map(offset));
    said
}

fn classes(found: &[ClassRow]) -> Words {
    let zh: Vec<String> = found.iter().map(|row| format!("{} {} 筆", row.title.zh, count(row.count))).collect();
    let en: Vec<String> = found.iter().map(|row| format!("{} {}", count(row.count), row.title.en)).collect();
    words(
        format!("另計之合法類別（非缺失，逐筆列於 tables/order_classes.parquet）：{}。", zh.join("、")),
        format!("Lawful classes, counted apart and no fault (each row in tables/order_classes.parquet): {}.", en.join("; ")),
    )
}

fn reports(found: &ReportRow) -> Words {
    let [reports, answered, unanswered] = [found.reports, found.answered, found.unanswered].map(count);
    let (zh, en) = if found.copies_known {
        ("", "")
    } else {
        (
            "回報檔無交易所時間及序號，重複與順序無從辨別。",
            " Without the exchange's own time or number a copy or another order of reports cannot be told.",
        )
    };
    words(
        format!("交易所回報 {reports} 筆，涉及委託 {answered} 筆；無回報者 {unanswered} 筆。{zh}"),
        format!("{reports} reports of the exchange answer {answered} orders; {unanswered} orders have none.{en}"),
    )
}

fn offset(found: &OffsetRow) -> Words {
    let groups = found.groups.iter().map(|group| isolated(&shown_name(group, 24))).collect::<Vec<_>>().join(", ");
    let (blocks, time) = (count(found.blocks), |nanos: i64| typeset(&signed_duration(nanos as f64)));
    match (found.at_most, found.middle, found.uncertainty) {
        (Some(most), Some(middle), Some(half)) => {
            let (least, most, middle, half) = (time(found.at_least), time(most), time(middle), typeset(&duration(half)));
            words(
                format!(
                    "{groups} 之收單時鐘較送出時鐘快 {least} 至 {most}（負值為慢；{blocks} 段之中位數，以往返時戳計）；若往返等長則為 {middle}，誤差至多 {half}。"
                ),
                format!(
                    "The receipts clock of {groups} is ahead of the orders clock by {least} to {most} (negative: behind; medians of {blocks} stretches, by question and answer); {middle} if both ways took equally long, wrong by at most {half}."
                ),
            )
        }
        _ => {
            // A bound below zero says nothing of being ahead: it says by how much the clock may be behind.
            let bound = typeset(&duration(found.at_least.saturating_abs()));
            let (zh, en) = if found.at_least > 0 {
                (format!("至少快 {bound}"), format!("ahead of the orders clock by at least {bound}"))
            } else {
                (
                    format!("至多慢 {bound}，未見其快"),
                    format!("behind the orders clock by no more than {bound}, and nothing shows it ahead"),
                )
            };
            words(
                format!("{groups} 之收單時鐘較送出時鐘{zh}（{blocks} 段之中位數，單程延遲僅能定此一界）。"),
                format!("The receipts clock of {groups} is {en} (median of {blocks} stretches; one-way latencies bound one side only)."),
            )
        }
    }
}

fn automated(found: &Records) -> Words {
    let sum = |of: fn(&crate::report::model::RecordCell) -> u64| found.matrix.iter().map(of).sum::<u64>();
    let (orders, automated, missing) = (sum(|cell| cell.orders), sum(|cell| cell.automated), sum(|cell| cell.automated_without_receipt));
    if !found.marks_automated {
        return words(
            "檔案無演算法註記及通路欄，無從分辨演算法所生之委託。",
            "The files have neither an algo flag nor a channel: orders made by an algorithm cannot be told apart.",
        );
    }
    let (orders, automated, missing) = (count(orders), count(automated), count(missing));
    words(
        format!(
            "{orders} 筆委託中，演算法或自動化通路所生者 {automated} 筆，其中 {missing} 筆無收單紀錄，逐筆列於 tables/records.parquet。"
        ),
        format!(
            "{missing} of {automated} orders made by an algorithm have no receipt ({orders} orders in all); each is a row of tables/records.parquet."
        ),
    )
}

fn serials(found: &SerialTotals) -> Words {
    let of = found.counts;
    let [orders, series, gaps, missing, repeats] = [of.orders, found.series, of.gaps, of.missing, of.repeats].map(count);
    let [provable, nominal, undecidable] = [of.provable, of.nominal, of.undecidable].map(count);
    words(
        format!(
            "{orders} 筆有序號之委託分屬 {series} 個序列：跳號 {gaps} 處、缺 {missing} 號，重號 {repeats} 筆；未依收單順序者表面 {nominal} 筆，其中可證明 {provable} 筆，另有 {undecidable} 對相鄰收單無法分辨先後。"
        ),
        format!(
            "{orders} orders with a serial in {series} series: {gaps} gaps with {missing} serials missing, {repeats} repeats; {nominal} out of the \
             order of receipt by their stamps, {provable} of them provably, and {undecidable} neighbours whose receipts cannot be told apart."
        ),
    )
}

fn families(found: &FamilyFigures) -> Words {
    let time = |nanos: Option<i64>| nanos.map_or("–".to_owned(), |nanos| typeset(&duration(nanos)));
    let [parents, slices, aggregated] = [found.parents, found.slices, found.aggregated].map(count);
    let (first, each) = (time(found.to_first), time(found.to_each));
    words(
        format!(
            "母單 {parents} 筆，子單 {slices} 筆：收單至第一筆子單之中位數 {first}，至各子單 {each}；跨帳號彙總者 {aggregated} 筆（合法，另計）。"
        ),
        format!(
            "{parents} parents with {slices} slices: median from receipt to the first slice {first}, to each slice {each}; {aggregated} aggregate \
             several accounts (lawful, counted apart)."
        ),
    )
}

fn likeness(found: &LikenessFigures) -> Vec<Words> {
    let window = typeset(&duration(found.window));
    let [missing, linkable, unique, least] = [found.missing, found.linkable, found.unique, found.missing_at_least].map(count);
    let mut said = vec![words(
        format!(
            "以帳號、商品、方向、價格、數量於 {window} 內尋找：無收單之 {missing} 筆中 {linkable} 筆有相似之收單，彼此唯一者 {unique} 筆；無論如何選擇，無收單者介於 {least} 與 {missing} 筆之間。勾稽結果不因此改變。"
        ),
        format!(
            "By account, instrument, side, price and quantity within {window}: {linkable} of {missing} orders without a receipt have one like them, \
             {unique} are each other's only candidate; whatever is chosen, between {least} and {missing} orders stay without a receipt. The \
             reconciliation does not change by it."
        ),
    )];
    said.extend(found.medians.iter().map(|row| {
        let group = isolated(&shown_name(&row.group, 24));
        let [by_id, least, most] = [row.by_id, row.least, row.most].map(|nanos| typeset(&duration(nanos)));
        words(
            format!("{group} 之延遲中位數為 {by_id}；納入任何選擇介於 {least} 與 {most} 之間。"),
            format!("The median latency of {group} is {by_id}; with any choice it lies between {least} and {most}."),
        )
    }));
    said
}

fn repair(found: &Repair) -> Words {
    let changed = found.pairs.iter().filter(|pair| pair.before != pair.after).count() as u64;
    let [rows, rejected, corrected, late, changed] = [found.rows, found.rejected, found.corrected, found.found, changed].map(count);
    let refused = match found.rejected {
        0 => Words::default(),
        _ => words(
            format!("（其中 {rejected} 列無法讀取，列於 rejects.csv）"),
            format!(" ({rejected} of them could not be read: see rejects.csv)"),
        ),
    };
    words(
        format!(
            "補正檔 {rows} 列{}：補得收單 {late} 筆，更正 {corrected} 筆；納入後 {changed} 組判定改變。本報告之判定仍以原紀錄為準。",
            refused.zh
        ),
        format!(
            "Repair file of {rows} rows{}: {late} receipts found and {corrected} corrected; with them {changed} pairs are judged otherwise. The \
             verdicts of this report stand on the records as they were.",
            refused.en
        ),
    )
}
