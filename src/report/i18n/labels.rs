//! Short labels. One table makes both a struct for Rust (a missing label does not compile) and a value for the page template.

use serde::Serialize;

use crate::report::i18n::Language;

/// A label in both languages.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Label {
    #[serde(rename = "zh-TW")]
    pub(crate) zh: &'static str,
    pub(crate) en: &'static str,
}

impl Label {
    pub(crate) fn pick(self, language: Language) -> &'static str {
        match language {
            Language::ZhTw => self.zh,
            Language::En => self.en,
        }
    }
}

macro_rules! labels {
    ($($key:ident: $zh:literal, $en:literal;)*) => {
        /// Every label, by key.
        #[derive(Serialize)]
        pub(crate) struct Labels { $(pub(crate) $key: Label,)* }
        pub(crate) const LABELS: Labels = Labels { $($key: Label { zh: $zh, en: $en },)* };
    };
}

labels! {
    // Page furniture.
    report: "委託時戳公平性查核報告", "Order-timestamp fairness report";
    period: "期間", "Period";
    trading_days: "個交易日", "trading days";
    timezone: "時區", "Time zone";
    version: "程式版本", "Program";
    config_hash: "設定檔 SHA-256", "Configuration SHA-256";
    confirmed_codes: "已確認之發現（以 colofair explain 代碼 查閱）：", "Confirmed findings (colofair explain CODE):";
    no_period: "無已勾稽委託", "nothing matched";
    // Sections.
    s_scorecard: "八項查核發現", "The eight audit findings";
    s_findings: "查核發現", "Findings";
    s_access: "使用資格與名單", "Access: who may use co-location, and who does";
    s_controls: "控管證據", "Controls";
    s_cross: "交叉比對", "One evidence against another";
    examined: "查核數", "Examined";
    found: "發現數", "Found";
    ask: "應再索取", "Ask for next";
    colon: "：", ": ";
    s_found: "逐項明細", "What was found";
    s_figures: "數據", "Figures";
    subject: "對象", "Subject";
    dates: "日期", "Dates";
    detail: "內容", "What is wrong";
    place: "證據位置", "File and line";
    doubt: "待釐清", "to be cleared";
    interval95: "95 % 區間", "95 % interval";
    more_in_records: "其餘見 tables/records.parquet：", "More, in tables/records.parquet:";
    more_in_tables: "其餘見 tables/findings_*.csv：", "More, in tables/findings_*.csv:";
    s_reconciliation: "勾稽", "Reconciliation";
    s_inputs: "輸入檔與剔除列", "Inputs and rejected rows";
    s_groups: "各客戶群組的延遲", "Latency by client group";
    s_pairs: "成對判定", "Verdict by pair of groups";
    s_comparison: "原始比較（不作為判定依據）", "Raw comparison (never deciding)";
    s_beside: "什麼會改變判定", "What would change the verdict";
    s_priority: "處理順序", "Order of handling";
    s_records: "委託紀錄", "Order records";
    s_record_checks: "委託紀錄之檢查", "Checks of the records";
    s_stamp_checks: "時戳與時鐘之檢查", "Checks of stamps and clocks";
    s_serials: "序號序列", "Series of serials";
    s_likeness: "可能相符之收單", "Receipts that may belong";
    s_repair: "補正之影響", "What the repair changes";
    s_ladders: "最遠的越過（每筆被越過的委託列其一）", "The farthest jumps, one for each order that was passed";
    sent_earlier: "先送", "sent earlier by";
    s_cases: "搶先交易之個案（每筆被擱置的委託列其一；損害大者先，其次先送甚久者）", "Cases of trading ahead, one for each order held; the largest harm first, then the longest ahead";
    s_ahead: "搶先交易：與反向情形相較", "Trading ahead, against the mirror";
    s_clients: "客戶排行（探索性，不作為判定依據）", "Clients (exploratory, never deciding)";
    s_blame: "差異來自哪個階段", "Which stage the difference comes from";
    s_method: "查核範圍與方法", "Scope and method in plain words";
    s_when: "隨時間的變化", "Over time";
    s_glossary: "名詞", "Words";
    s_margins: "容許差與顯著水準", "Margins and level";
    contents: "目錄", "Contents";
    chart_data: "圖中數據", "The figures in the chart";
    when_meaning: "原始中位延遲（括號內為筆數），未調整負載與組成；用於看出何時改變，不作為判定。", "Raw median latency (orders in brackets), not adjusted for load or mix: it shows when something changed and decides nothing.";
    point_in_time: "時間", "Time";
    level: "百分位", "Percentile";
    see_also: "公式、假設與計算方式見 docs/methodology.md；各查核代碼見 `colofair explain 代碼`。", "Formulas, assumptions and computation: docs/methodology.md; each code: `colofair explain CODE`.";
    s_stages: "各階段的延遲", "Latency by stage";
    s_stamps: "時戳與時鐘", "Time stamps and clocks";
    s_notices: "引用前須知與限制", "Read before quoting; limits";
    s_options: "計算時所用的設定", "Options every figure was computed with";
    s_tables: "明細資料表", "Tables of rows";
    // Explanations.
    latency_meaning: "延遲＝送出至交易所的時間減去券商收單的時間。分位數採最近序位法（第 ⌈p·n⌉ 小的值）；負值保留，不予截除。",
        "Latency = time sent to the exchange minus time received by the broker. Quantiles are nearest rank (the ⌈p·n⌉-th smallest value); negative values are kept, never clipped.";
    pairs_meaning: "效果值為「後者減前者」，正值表示後者較不利，且只比較同時段、同商品、同委託種類、同負載的委託。未達顯著不等於公平：證據不足時判為無法判定並說明原因。",
        "An effect is \"second minus first\": a positive one means the second group is worse off. Only orders of the same time slot, instrument, kind and load are compared. Not significant is not fair: where the evidence does not suffice, the verdict says so, and why.";
    comparison_meaning: "全部已勾稽委託、未分層之檢定，供慣用者參考。延遲具群聚性且受負載與時段影響，公平的系統在此也常呈現極小的 p 值。",
        "Tests on all matched orders, unstratified, for readers who expect them. Latencies are clustered and depend on load and time of day: a fair system often shows a tiny p-value here.";
    beside_meaning: "每一列是一種替代作法，以同一方法重新判定；列出判定因而改變的群組組合。替代作法不取代判定。",
        "Each line is an alternative, judged again by the same method, with the pairs whose verdict it changes. An alternative never replaces the verdict.";
    priority_meaning: "「可證明」指收單與送出時間皆能分辨先後；「表面」指僅時戳如此顯示；「無法分辨」為時戳解析度與時鐘誤差之內者。「無偏好時」為兩者越過彼此之比率相同時應有之數。差異以百分點計，附 95 % 區間；僅計收單順序決定優先權之時段。所有數字只有在符合事前訂定之標準時才成為查核發現。",
        "Provable: receipts and sendings can both be told apart; nominal: only the stamps as they stand say so; undecidable: within resolution and clock error. Without preference: what there would be if both passed each other at one rate. The asymmetry is in percentage points with a 95 % interval, from phases in which receipt order decides. A figure becomes a finding only where a rule stated beforehand holds.";
    records_meaning: "各欄為該項目有記載之比率；「–」為檔案無該欄，並非缺失。",
        "Each column is the share of records that hold the item; – where the files have no such column, which is no finding.";
    ladder_meaning: "先列被越過者，次列越過者；收單時戳為 UTC，其餘自該筆收單起算，無法分辨之範圍（收單、送出）：", "First the order passed, then the one that passed it; receipts are UTC, the other times count from the order's own receipt, and cannot be told apart within (receipt, sending):";
    beside_standard: "本次未重新判定替代作法；請執行 colofair study --depth full。", "No alternative was judged again; run colofair study --depth full.";
    clients_meaning: "「較慢」為該客戶委託慢於對方群組可比委託的機率（50 % 為無差異）；「拉力」為該客戶對中位數差的影響，正值表示使其群組顯得較慢。p 值經 Benjamini-Hochberg 調整。與先到先服務相比之損失，負值為獲益。",
        "\"Slower\" is the chance that an order of the client is slower than a comparable order of the other group (50 % is no difference); \"pull\" is what the client adds to the median gap, positive where it makes its group look slower. p after Benjamini-Hochberg. Losses are against a first-come-first-served queue; negative is a gain.";
    replay_meaning: "先到先服務係以各線路自身的離開時刻推算每筆處理時間後重排；佇列以外加上的延遲會算入處理時間，故此處只反映排隊順序。",
        "The fair queue takes each order's service time from its line's own departures and serves them again in order of receipt. A delay added outside the queue counts as service: only the order of handling shows here.";
    blame_meaning: "各階段為可比委託平均數之差，加總恰為全程；平均數之差不等於中位數差。",
        "Differences of means among comparable orders: they add up to the whole exactly, which medians would not.";
    stages_meaning: "凡兩端時戳俱存的階段均列出。", "Every stage whose two stamps exist.";
    p999_few: "不足 10,000 筆：尾端觀測值少於 10 筆，僅供參考", "fewer than 10,000 orders: fewer than ten lie beyond it";
    not_hashed: "未計算（以 --hash 或 study 指令計算）", "not computed (use --hash, or the study command)";
    no_pairs: "沒有可判定的群組組合：至少需要兩個有已勾稽委託的群組。", "No pair to judge: at least two groups with matched orders are needed.";
    no_groups: "沒有已勾稽的委託，故無延遲可列。", "No order was matched, so there is no latency to show.";
    no_findings: "本次執行未產生查核發現。", "This run raised no finding.";
    capped_pairs: "其餘組合見 result.json：", "further pairs are in result.json:";
    capped_rows: "其餘列見 result.json：", "further rows are in result.json:";
    reply: "受查單位說明", "Reply of the audited unit";
    // Waterfall.
    waterfall_subtitle: "由讀入列到勾稽列，每一步剔除的列數（絕對數；寬度依各側讀入列數）", "From rows read to rows matched: what each step took out (absolute numbers; widths relative to the rows read)";
    orders: "委託", "Orders";
    receipts: "收單紀錄", "Receipts";
    rows_read: "讀入", "read";
    rejected: "無法讀入", "rejected";
    duplicates: "重複", "duplicates";
    no_receipt: "查無收單紀錄", "no receipt";
    no_order: "查無委託", "no order";
    ambiguous: "歸屬不明", "ambiguous";
    matched: "已勾稽", "matched";
    duplicate_order: "重複委託", "duplicate order";
    duplicate_receipt: "重複收單", "duplicate receipt";
    negative: "負值", "negative";
    zero: "零值", "zero";
    // Table heads.
    channel: "通路", "Channel";
    automated: "演算法", "Automated";
    automated_missing: "其中無收單", "Without receipt";
    series: "序列", "Series";
    serial_span: "起訖", "From, to";
    gaps: "跳號", "Gaps";
    serials_missing: "缺號", "Missing";
    repeats: "重號", "Repeats";
    order_place: "委託", "Order";
    receipt_place: "收單", "Receipt";
    runner_up: "次佳", "Runner-up";
    receipts_alike: "相似收單", "Receipts alike";
    orders_alike: "相似委託", "Orders alike";
    confidence: "信心", "Confidence";
    before: "補正前", "Before";
    after: "補正後", "After";
    between: "比較", "Between";
    later: "後到者", "Later";
    earlier: "先到者", "Earlier";
    chances: "機會", "Chances";
    provable: "可證明", "Provable";
    no_preference: "無偏好時", "Without preference";
    nominal: "表面", "Nominal";
    undecidable: "無法分辨", "Undecidable";
    asymmetry: "差異", "Asymmetry";
    lower: "下限", "Lower";
    upper: "上限", "Upper";
    printed_json: "--format json 之輸出", "the output of --format json";
    other_input: "其他", "Other";
    does_not_count: "不採計於判定，理由見各對", "does not count for the verdict: the pair's reasons say why";
    not_counted: "不採計", "does not count";
    party: "對象", "Party";
    house: "自營", "The house";
    cases: "件數", "Cases";
    mirror: "反向", "The other way";
    rule_state: "認定", "Rule";
    p_plain: "p", "p";
    jumped: "越過時間", "Time jumped";
    places_jumped: "越過順位", "Places jumped";
    shares_ahead: "被越過股數", "Shares passed";
    received: "收單", "Received";
    decided: "決定", "Decided";
    sent: "送出", "Sent";
    acknowledged: "回報", "Acknowledged";
    record: "紀錄", "Record";
    line_of: "商品・方向", "Instrument, side";
    buy: "買", "buy";
    sell: "賣", "sell";
    alternative: "替代作法", "Alternative";
    changes: "改變的判定", "Verdicts that change";
    no_change: "不變", "none";
    client: "客戶", "Client";
    against: "相對於", "Against";
    share: "占比", "Share";
    slower: "較慢", "Slower";
    pull: "拉力", "Pull";
    days_alike: "同向日數", "Days alike";
    p_adjusted: "調整後 p", "Adjusted p";
    lost: "每筆損失", "Lost an order";
    places: "順位損失", "Places lost";
    difference: "差異", "Difference";
    error: "標準誤", "Standard error";
    whole_way: "全程", "whole way";
    group: "群組", "Group";
    clients: "客戶數", "Clients";
    min: "最小", "Min";
    mean: "平均", "Mean";
    p50: "中位數", "p50";
    p90: "p90", "p90";
    p99: "p99", "p99";
    p999: "p99.9", "p99.9";
    max: "最大", "Max";
    missing: "查無收單", "No receipt";
    orphan: "查無委託", "No order";
    stage: "階段", "Stage";
    pair: "群組組合（前者 → 後者）", "Pair (first → second)";
    verdict: "判定", "Verdict";
    median_gap: "中位數差", "Median gap";
    tail_excess: "尾端超額", "Tail excess";
    overtaking: "超越差", "Overtaking";
    margin: "容許差", "margin";
    n: "筆數", "n";
    overlap: "可比較比例", "Comparable";
    blocks: "時段數", "Blocks";
    routing: "其中選擇閘道所致", "of which choice of gateway";
    settles: "判為不公平所需之最小差（檢定力 80 %）", "smallest gap found unfair with 80 % power";
    not_estimated: "未估計", "not estimated";
    share_points: "百分點", "pp";
    u: "Mann-Whitney U", "Mann-Whitney U";
    p: "p 值", "p";
    ks: "KS 距離", "KS distance";
    number: "項", "No.";
    finding: "查核發現", "Finding";
    state: "結果", "Result";
    reason: "理由", "Reason";
    rule: "規範", "Rule";
    severity: "嚴重性", "Severity";
    count: "筆數", "Count";
    evidence: "佐證", "Evidence";
    file: "檔案", "File";
    format: "格式", "Format";
    rows: "列數", "Rows";
    size: "大小", "Size";
    source: "來源", "Source";
    resolution: "解析度", "Resolution";
    signs: "跡象", "Signs";
    offset: "偏移", "Offset";
    drift: "漂移", "Drift";
    steps: "跳動", "Steps";
    option: "設定", "Option";
    value: "值", "Value";
    none: "無", "none";
    unknown: "不明", "unknown";
    // Charts.
    axis_latency: "延遲（對數刻度）", "latency (log scale)";
    axis_share: "累積占比", "share of orders at or below";
    at_or_below_zero: "≤ 0", "≤ 0";
    forest_axis: "後者減前者的中位數差（灰帶為容許差）", "median gap, second minus first (grey: within the margin)";
    percentile_subtitle: "收單至送出的延遲・原始值，未調整負載與時段・曲線止於尚餘 10 筆之處", "received to sent; raw, not adjusted for load or time of day; a curve ends where ten orders are left beyond it";
    axis_percentile: "百分位", "percentile";
    axis_median: "中位延遲（對數刻度）", "median latency (log scale)";
    shift_subtitle: "可相比較之委託在各百分位之差・色帶為逐點 95 % 區間・灰帶為容許差（帶內線性，帶外對數）", "difference at each percentile among comparable orders; band: pointwise 95 % interval; grey: within the margin (linear inside, logarithmic beyond)";
    shift_axis: "後者減前者", "second minus first";
    few_orders: "不足 10 筆", "fewer than 10 orders";
    passing_subtitle: "可證之越過／機會；下行為兩者越過彼此之比率相同時應有之數・▲ 區間高於零，▽ 低於零", "provable passings / chances; below, what there would be if both passed each other at one rate; ▲ interval above zero, ▽ below";
    passed_by_row: "後到而先送出者", "left first, came later";
    passed_column: "先到而被越過者", "came first, was passed";
    ladder_subtitle: "同商品・自兩筆中較早的收單起算・陰影為時戳無法分辨之範圍・名稱下為委託所在之檔案與行號（#：自零起算之列序）・被越過不當然違規，認定見上文", "time since the earlier receipt of the two; shade: what the stamps cannot tell apart; below each name the order's file and line (# counts rows from zero); being passed breaks no rule by itself";
    // Terminal.
    files: "輸出資料夾內", "In the output folder";
    next: "接下來", "Next";
    more_in: "其餘", "... and";
    more_tail: "項見", "more in";
    balances: "平衡", "balances";
    off_by: "不平衡，相差", "does NOT balance, off by";
}

/// The eight findings of the exchange's audit briefing, in its order.
pub(crate) const SEED_FINDINGS: [Label; 8] = [
    Label {
        zh: "交易指令由軟體自行運算產生並送出，未留存接收客戶委託時間",
        en: "Algorithm-generated orders sent without a retained client receipt time",
    },
    Label {
        zh: "連接證交所之設備未裝置防火牆，或其進出紀錄及備份未完整保存",
        en: "No firewall on the exchange-facing link, or its logs and backups incomplete",
    },
    Label { zh: "最高權限帳號提供廠商使用", en: "Highest-privilege accounts given to vendors" },
    Label { zh: "系統使用密碼未依規定時間變更", en: "Passwords not changed in time" },
    Label { zh: "系統稽核日誌紀錄內容未依規完整保存", en: "Audit log incomplete" },
    Label {
        zh: "未依規定時間辦理弱點掃描，未評估風險、修補並留存紀錄", en: "Vulnerability scans late, or no assessment or patch record"
    },
    Label { zh: "未公平對待投資人", en: "Investors not treated fairly" },
    Label {
        zh: "主機共置機櫃存放客戶軟、硬體或提供第三人使用", en: "Client hardware or software in the rack, or third-party use"
    },
];
