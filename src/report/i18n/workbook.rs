//! Words of the workbook, the text report and the CSV files.

use crate::report::i18n::{Label, words};
use crate::report::model::Words;

macro_rules! labels {
    ($($key:ident: $zh:literal, $en:literal;)*) => {
        /// Labels by key.
        pub(crate) struct SheetLabels { $(pub(crate) $key: Label,)* }
        pub(crate) const SHEETS: SheetLabels = SheetLabels { $($key: Label { zh: $zh, en: $en },)* };
    };
}

labels! {
    // Names of sheets: at most 24 characters, so that a number fits behind them.
    summary: "摘要", "Summary";
    findings: "查核發現", "Findings";
    checks: "逐項查核", "Checks";
    reconciliation: "勾稽", "Reconciliation";
    groups: "客戶群組", "Groups";
    pairs: "成對判定", "Pairs";
    stages: "各階段", "Stages";
    stamps: "時戳", "Stamps";
    clocks: "時鐘", "Clocks";
    notices: "須知與限制", "Notices";
    options: "設定", "Options";
    inputs: "輸入檔", "Inputs";
    exceptions: "例外委託與收單", "Exceptions";
    records: "R 委託紀錄", "R Order records";
    stamp_rows: "T 時戳與時鐘", "T Stamps and clocks";
    access: "A 使用資格", "A Access";
    controls: "C 控管", "C Controls";
    cross: "X 交叉比對", "X Cross-evidence";
    overtakes: "P 越過", "P Overtakes";
    ahead: "P 搶先交易", "P Trading ahead";
    serials: "P 序號", "P Serials";
    matrix: "P 越過矩陣", "P Passing matrix";
    clients: "P 客戶", "P Clients";
    sessions: "P 連線", "P Sessions";
    sample: "抽樣計畫", "Sampling plan";
    // Heads.
    sheet: "工作表", "Sheet";
    contents: "內容", "Contents";
    family: "類", "Family";
    title: "名稱", "Title";
    clause: "規範條文", "Rule and clause";
    population: "母體", "Population";
    share: "占比", "Share";
    table: "明細資料表", "Table of rows";
    remedy: "改善方式", "Remedy";
    reply: "受查單位說明", "Reply of the audited unit";
    step: "步驟", "Step";
    side: "別", "Side";
    cause: "原因", "Cause";
    column: "欄位", "Column";
    favoured: "前者", "First";
    disadvantaged: "後者", "Second";
    client_specific: "繫於個別客戶", "Hangs on single clients";
    clients_named: "所繫客戶", "Clients it hangs on";
    estimate: "估計", "estimate";
    se: "標準誤", "standard error";
    df: "自由度", "df";
    lower: "下限", "lower";
    upper: "上限", "upper";
    p_unfair: "p（不公平，Holm）", "p unfair (Holm)";
    p_fair: "p（公平）", "p fair";
    superiority: "較慢之機率", "P(slower)";
    n_first: "前者筆數", "n first";
    n_second: "後者筆數", "n second";
    mw_u: "Mann-Whitney U", "Mann-Whitney U";
    mw_p: "Mann-Whitney p", "Mann-Whitney p";
    ks: "KS 距離", "KS distance";
    ks_p: "KS p", "KS p";
    change_at: "變動起點（UTC）", "Changed at (UTC)";
    reasons: "理由", "Reasons";
    drift: "漂移 (ppm)", "Drift (ppm)";
    steps_of_clock: "跳動", "Steps";
    option: "設定", "Option";
    value: "值", "Value";
    origin: "出處", "From";
    notice: "須知", "Notice";
    file: "檔案", "File";
    encoding: "編碼", "Encoding";
    bytes: "位元組", "Bytes";
    left_out: "未列部分", "Left out";
    // By what order rows were taken where a sheet does not show all.
    rows_in_order: "依資料表順序", "in the order of the table";
    rows_by_code: "各代碼列數均分，依資料表順序", "as many of each code, in the order of the table";
    rows_by_class: "各類別列數均分，負延遲由最負起，其餘依檔案順序", "as many of each class, negative latencies from the most negative, the rest in the order of the files";
    rows_by_jump: "越過之時間由長而短", "the longest time passed first";
    rows_by_harm: "各種類列數均分，損害由大而小，其次提前時間由長而短", "as many of each kind, the largest harm first, then the longest time ahead";
    rows_by_time: "收單時間之差由大而小", "the receipts farthest apart first";
    rows_by_provable: "可證明之越過由多而少", "the most provable passes first";
    rows_by_n: "委託筆數由多而少", "the clients with most orders first";
    rows_by_chance: "第一之機率由小而大", "the least likely to be first by chance first";
    yes: "是", "yes";
    no: "否", "no";
    counts: "採計", "counts";
}

/// Under the headline of the workbook's first sheet.
pub(crate) fn workbook_note() -> Words {
    words(
        "所有數字皆出自 result.json 與 tables/：時間單位於欄名標示，並列原始奈秒值；比率為 1 之分數，以百分比顯示。超出 Excel 精確範圍（2^53）的整數以文字列示。",
        "Every figure is that of result.json and tables/: units stand in the heads, raw nanoseconds beside them; shares are fractions of 1, shown as per cent. Whole numbers beyond what Excel holds exactly (2^53) are text.",
    )
}

/// Above the head of a sheet that does not show every row: shown and total, by what order, and where all of them stand.
pub(crate) fn rows_shown([shown, total]: [&str; 2], order: Label, [csv, table]: [&str; 2]) -> Words {
    words(
        format!(
            "共 {total} 列，此處列出 {shown} 列：{}。全部在 {csv}（以 colofair report 結果資料夾 --format csv 產生）與 {table}，無一遺漏。",
            order.zh
        ),
        format!(
            "{shown} of {total} rows: {}. All of them are in {csv} (written by colofair report DIR --format csv) and in {table}.",
            order.en
        ),
    )
}

/// The last line of a sheet that another one continues.
pub(crate) fn continued_on(sheet: &str) -> Words {
    words(format!("（Excel 工作表列數已滿，續「{sheet}」）"), format!("(Excel holds no more rows in a sheet: continued on \"{sheet}\")"))
}

/// What a cell says behind a text that Excel cannot hold whole.
pub(crate) fn cut_mark(characters: usize) -> Words {
    words(format!("…〔已截短：原文 {characters} 字元〕"), format!("… [cut: {characters} characters]"))
}

/// A table that the workbook does not repeat.
pub(crate) fn not_repeated(table: &str, rows: &str) -> Words {
    words(format!("{table}：{rows} 列，未收入本活頁簿"), format!("{table}: {rows} rows, not repeated in this workbook"))
}

/// The word of a severity.
pub(crate) fn severity(severity: &str) -> Label {
    match severity {
        "high" => Label { zh: "高", en: "high" },
        "medium" => Label { zh: "中", en: "medium" },
        _ => Label { zh: "低", en: "low" },
    }
}
