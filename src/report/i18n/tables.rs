//! Heads of the columns of tables, sheets and CSV files.

use crate::report::i18n::{Label, Language};

const fn label(zh: &'static str, en: &'static str) -> Label {
    Label { zh, en }
}

/// Columns of the tables by their names there.
const COLUMNS: [(&str, Label); 69] = [
    ("account", label("帳號", "Account")),
    ("agrees", label("是否相符", "Agrees")),
    ("ahead_by", label("提前時間", "Ahead by")),
    ("article", label("條次", "Clause")),
    ("by", label("分組依據", "By")),
    ("channel", label("通路", "Channel")),
    ("checked_by", label("查核人", "Checked by")),
    ("checked_on", label("查核日", "Checked on")),
    ("class", label("類別", "Class")),
    ("client", label("客戶", "Client")),
    ("code", label("代碼", "Code")),
    ("detail_en", label("內容", "What is wrong")),
    ("detail_zh", label("內容", "What is wrong")),
    ("earlier", label("先到者", "Earlier")),
    ("expected_first", label("無偏好時之第一次數", "First, without preference")),
    ("exposures", label("被越過機會", "Exposures")),
    ("file", label("檔案", "File")),
    ("first", label("第一之次數", "Times first")),
    ("flags", label("註記", "Flags")),
    ("from", label("起日", "From")),
    ("gateway", label("閘道", "Gateway")),
    ("group", label("群組", "Group")),
    ("harm", label("損害（元）", "Harm (currency)")),
    ("harm_at_most", label("損害上限（元）", "Harm at most (currency)")),
    ("id", label("編號", "Id")),
    ("item", label("項次", "Item")),
    ("items", label("缺漏項目", "Items missing")),
    ("kind", label("種類", "Kind")),
    ("latency", label("延遲", "Latency")),
    ("later", label("後到者", "Later")),
    ("limit", label("限價", "Limit")),
    ("line", label("行號", "Line")),
    ("line_load", label("線路負載", "Load of the line")),
    ("log10_first", label("第一之機率（log10）", "Chance of first (log10)")),
    ("log10_two_of_three", label("前三占二之機率（log10）", "Chance of two of three (log10)")),
    ("n", label("筆數", "n")),
    ("nominal", label("表面", "Nominal")),
    ("none_of_first_three", label("前三無一", "None of the first three")),
    ("note", label("說明", "Note")),
    ("one_of_first_three", label("前三占一", "One of the first three")),
    ("opportunities", label("機會", "Chances")),
    ("order_file", label("委託檔案", "Order file")),
    ("order_id", label("委託編號", "Order id")),
    ("order_row", label("委託列（自 0 起）", "Order row (from 0)")),
    ("orders_ahead", label("提前筆數", "Orders ahead")),
    ("passed", label("被越過", "Was passed")),
    ("passes", label("越過", "Passes")),
    ("passes_expected", label("無偏好時之越過", "Passes without preference")),
    ("phase", label("階段", "Phase")),
    ("places", label("順位", "Places")),
    ("price", label("價格", "Price")),
    ("provable", label("可證明", "Provable")),
    ("quiet_line_share", label("清閒線路占比", "Share on quiet lines")),
    ("races", label("競速次數", "Races")),
    ("reason", label("理由", "Reason")),
    ("receipt_file", label("收單檔案", "Receipt file")),
    ("receipt_id", label("收單編號", "Receipt id")),
    ("receipt_order_decides", label("收單順序是否決定", "Receipt order decides")),
    ("receipt_row", label("收單列（自 0 起）", "Receipt row (from 0)")),
    ("received_at", label("收單時間", "Received")),
    ("remark", label("備註", "Remark")),
    ("rule", label("規範", "Rule")),
    ("scope", label("範圍", "Scope")),
    ("sent_at", label("送出時間", "Sent")),
    ("serial", label("序號", "Serial")),
    ("severity", label("嚴重性", "Severity")),
    ("shares", label("股數", "Shares")),
    ("subject", label("對象", "Subject")),
    ("verdict", label("判定", "Verdict")),
];

/// A second list, so that no line above is moved when tables gain columns.
const MORE: [(&str, Label); 31] = [
    ("items_en", label("缺漏項目", "Items missing")),
    ("items_zh", label("缺漏項目", "Items missing")),
    ("note_en", label("說明", "Note")),
    ("note_zh", label("說明", "Note")),
    ("reason_en", label("理由", "Reason")),
    ("reason_zh", label("理由", "Reason")),
    ("order_line", label("委託行號", "Order line")),
    ("receipt_line", label("收單行號", "Receipt line")),
    ("races_expected", label("應勝次數", "Races to win, expected")),
    ("races_won", label("勝出", "Races won")),
    ("races_won_by_receipt", label("先收單之競速", "Races first received")),
    ("replay_lost_mean", label("相較先到先服務之損失（ns）", "Lost against a fair queue (ns)")),
    ("replay_places", label("相較先到先服務之順位", "Places against a fair queue")),
    ("row", label("資料列（自 0 起）", "Data row (from 0)")),
    ("sessions", label("連線次數", "Sessions")),
    ("side", label("別", "Side")),
    ("stamp", label("時戳", "Stamp")),
    ("stratum_orders", label("層內委託數", "Orders of the stratum")),
    ("stratum_sample", label("層內抽樣數", "Drawn of the stratum")),
    ("symbol", label("商品", "Symbol")),
    ("three_of_first_three", label("前三全占", "All of the first three")),
    ("tied_first", label("並列第一", "Tied first")),
    ("time", label("時間", "Time")),
    ("to", label("迄日", "To")),
    ("two_of_first_three", label("前三占二", "Two of the first three")),
    ("undecidable", label("無法分辨", "Undecidable")),
    ("value", label("值（依理由）", "Value (by the reason)")),
    ("version", label("版本", "Version")),
    ("quantity", label("數量", "Quantity")),
    ("host", label("主機", "Host")),
    ("minute", label("分鐘", "Minute")),
];

/// Which of two rows a column is about.
const PREFIXES: [(&str, Label); 5] = [
    ("over_", label("被越過：", "Passed: ")),
    ("later_", label("後者：", "Later: ")),
    ("held_", label("被擱置：", "Held: ")),
    ("ahead_", label("先送：", "Ahead: ")),
    ("other_", label("另一列：", "Other row: ")),
];

/// The head of a column of a table; a name that is not known stays as it is.
pub(crate) fn column_title(name: &str, language: Language) -> String {
    let known = |name: &str| COLUMNS.iter().chain(&MORE).find(|(known, _)| *known == name).map(|(_, label)| label.pick(language));
    if let Some(title) = known(name) {
        return title.to_owned();
    }
    let split = PREFIXES.iter().find_map(|(prefix, label)| Some((label.pick(language), known(name.strip_prefix(prefix)?)?)));
    split.map_or_else(|| name.to_owned(), |(prefix, title)| format!("{prefix}{title}"))
}
