//! Codes found in the records themselves: is every receipt there, true and in sequence (R), and can the stamps be believed (T)?

use crate::rules::{FindingKind, Standing, Text, Weight};

/// A code of the records; `[title, method, remedy, ask]` in both languages. Audit finding 1 is of receipt times: codes of serials are of none
/// of the eight.
const fn code(
    (code, rule): (&'static str, &'static str),
    weight: Weight,
    standing: Standing,
    zh: [&'static str; 4],
    en: [&'static str; 4],
) -> FindingKind {
    FindingKind {
        code,
        seed: if is_serial(code) { 0 } else { 1 },
        rule,
        weight,
        standing,
        tables: &[],
        cleared_by: &[],
        title: Text { zh: zh[0], en: en[0] },
        method: Text { zh: zh[1], en: en[1] },
        remedy: Text { zh: zh[2], en: en[2] },
        ask: Text { zh: zh[3], en: en[3] },
    }
}

const fn is_serial(code: &str) -> bool {
    matches!(code.as_bytes(), b"R08" | b"R09" | b"R10")
}

/// The codes, ascending.
pub(crate) const KINDS: &[FindingKind] = &[
    code(
        ("R01", "order-record"),
        Weight::Heavy,
        Standing::Breach,
        [
            "無客戶委託時間之委託",
            "每筆送交易所之委託，依識別碼勾稽客戶收單紀錄；查無者逐筆列出。",
            "自客戶端接收時即留存時間與帳號，演算法所生委託亦同。",
            "請提供該等委託之原始收單紀錄、演算法啟動指令及其時間。",
        ],
        [
            "orders without a client receipt time",
            "Every order sent to the exchange is linked to a client receipt by its identifier; those without one are listed row by row.",
            "Keep the time and account of every client order when it arrives, those worked by an algorithm included.",
            "The original receipts of these orders, and the instructions that started the algorithm, with their times.",
        ],
    ),
    code(
        ("R02", "order-record"),
        Weight::Heavy,
        Standing::Breach,
        [
            "委託紀錄缺帳號或時間",
            "收單紀錄之帳號與姓名均空白，或委託時間無法讀出。",
            "接收時即完整記錄委託人與時間。",
            "請提供該等收單之原始訊息。",
        ],
        [
            "receipts without account or time",
            "Receipts whose account and name are both empty, or whose time cannot be read.",
            "Record client and time whole when the order arrives.",
            "The original messages of these receipts.",
        ],
    ),
    code(
        ("R03", "order-record"),
        Weight::Heavy,
        Standing::Breach,
        [
            "送出早於收單",
            "送出時間早於收單時間；計入時戳解析度與兩端時鐘之不確定度後仍然成立者，始為可證明。全部為負者屬時鐘問題（T02），不列入。",
            "查明收單時間是否事後補登。",
            "請提供該等委託之原始收單訊息與系統日誌。",
        ],
        [
            "orders sent before they were received",
            "Sent stamp before receipt stamp. Proven only where resolution and the uncertainty of both clocks do not explain it. Latencies that are all negative are a clock problem (T02) and not listed.",
            "Find out whether receipt times were entered afterwards.",
            "The original receipt messages and system logs of these orders.",
        ],
    ),
    code(
        ("R04", "order-record"),
        Weight::Light,
        Standing::Lead,
        ["重複紀錄", "同一識別碼有數筆；留最早者，其餘逐筆列出並指明所留者。", "查明重複寫入之原因。", "請說明重複紀錄之來源。"],
        [
            "records written twice",
            "Several rows of one identifier; the earliest is kept, the others are listed with the one kept.",
            "Find why rows are written twice.",
            "Where the copies come from.",
        ],
    ),
    code(
        ("R05", "order-record"),
        Weight::Middle,
        Standing::Lead,
        ["收單紀錄互相矛盾", "委託所指收單之複本分屬不同客群，無從認定，不予猜測。", "更正收單紀錄。", "請提供原始收單紀錄。"],
        [
            "receipts that contradict each other",
            "The copies of the receipt an order refers to disagree on the group; nothing is guessed.",
            "Correct the receipts.",
            "The original receipts.",
        ],
    ),
    code(
        ("R06", "order-record"),
        Weight::Light,
        Standing::Lead,
        [
            "收單後未送出且無結果",
            "收單後查無送出之委託，且未記載結果（等候、拒絕、逾期、取消）。",
            "記載每筆收單之結果。",
            "請提供該等收單之處理結果。",
        ],
        [
            "receipts that no order came from",
            "Receipts that no order came from and whose outcome (waited, refused, expired, cancelled) is not on record.",
            "Record what became of every receipt.",
            "What became of these receipts.",
        ],
    ),
    code(
        ("R07", "order-record"),
        Weight::Middle,
        Standing::Breach,
        [
            "委託紀錄未依時序",
            "同一檔案內，最少移去若干列即可使其餘依時間排列，該等列即為未依時序者（最長非遞減子序列）。逾百分之五者視為匯出順序不同，列為疑義。",
            "依接收順序即時記錄。",
            "請提供未經排序之原始紀錄檔。",
        ],
        [
            "receipts out of time sequence",
            "In each file, the fewest rows whose removal leaves the rest in time sequence (longest non-decreasing run). Beyond 5 % of a file it is taken to be exported in another order: a question.",
            "Record in the order of receipt, at once.",
            "The original file, unsorted.",
        ],
    ),
    code(
        ("R08", "channel-sequence"),
        Weight::Middle,
        Standing::Lead,
        [
            "委託序號跳號",
            "各終端機序列內之序號應連續；依送出順序還原繞回，預先配發之區段得設定。缺號處列出前後二筆。",
            "說明每一跳號之去向。",
            "請提供跳號之作廢或拒絕紀錄。",
        ],
        [
            "serials skipped",
            "Serials of a terminal's series run on without a gap; wraps are undone in the order of sending, pre-assigned blocks can be named. Each gap is listed with the orders on both sides.",
            "Account for every skipped serial.",
            "Records of the skipped serials: void or refused.",
        ],
    ),
    code(
        ("R09", "channel-sequence"),
        Weight::Middle,
        Standing::Breach,
        ["委託序號重號", "同一序列內，新單使用先前已用之序號；改單與刪單得沿用原序號。", "序號不得重複。", "請說明重號之原因。"],
        [
            "serials used twice",
            "A new order uses a serial used before in its series; amends and cancels may keep theirs.",
            "Never use a serial twice.",
            "Why the serial was used again.",
        ],
    ),
    code(
        ("R10", "serial-order"),
        Weight::Heavy,
        Standing::Breach,
        [
            "序號未依收單順序",
            "同一序列依序號排列，收單時間應不遞減；最少移去若干筆即合序者列出。相差未逾時戳解析度與時鐘不確定度者，僅為表面，不作認定。",
            "依收單順序編號。",
            "請提供排序與編號之程式邏輯。",
        ],
        [
            "serials out of the order of receipt",
            "In the order of their serials receipts do not go back in time; the fewest orders that break this are listed. Within resolution and clock uncertainty it is nominal and proves nothing.",
            "Number orders as they are received.",
            "The logic that sorts and numbers orders.",
        ],
    ),
    code(
        ("R11", "order-record"),
        Weight::Middle,
        Standing::Breach,
        ["紀錄寫入過遲或早於收單", "寫入時間減收單時間逾設定之容許（預設一分鐘），或為負值。", "即時記錄。", "請提供寫入程序之說明。"],
        [
            "records written late, or before the receipt",
            "Time of writing minus time of receipt beyond what is allowed (a minute by default), or below zero.",
            "Write records at once.",
            "How and when records are written.",
        ],
    ),
    code(
        ("R12", "order-record"),
        Weight::Light,
        Standing::Lead,
        [
            "各客群缺漏比率不同",
            "各客群無收單紀錄之比率相差逾 0.5 個百分點，且逾三個標準誤。",
            "查明缺漏集中之客群。",
            "請提供該客群之收單流程。",
        ],
        [
            "shares of unmatched orders that differ by group",
            "Shares of orders without a receipt differ between groups by more than 0.5 points and three standard errors.",
            "Find why records are missing for that group.",
            "How orders of that group are received.",
        ],
    ),
    code(
        ("R13", "e-order-record"),
        Weight::Middle,
        Standing::Breach,
        [
            "委託紀錄缺其他應載事項",
            "依施行日後之清單逐筆檢查商品、種類、委託方式、經辦、傳送時間與序號，網際網路委託另檢查網路位址。檔案無該欄者為待補，不認定。",
            "補齊應載事項。",
            "請提供缺漏欄位之原始紀錄。",
        ],
        [
            "further items of the order record are missing",
            "By the list in force since its date: instrument, kind, method, handler, transmission time and serial, and of internet orders the address. A column the files do not have is a question, not a finding.",
            "Complete the record.",
            "The original records of the missing items.",
        ],
    ),
    code(
        ("R14", "record-retention"),
        Weight::Middle,
        Standing::Lead,
        ["留存期間不足", "最早之收單紀錄晚於蒐集日回推應保存年數之日。", "依規定年限保存。", "請提供更早期間之紀錄。"],
        [
            "records not kept long enough",
            "The earliest receipt is later than the day of collection less the years of retention.",
            "Keep records for the time required.",
            "Records of the earlier time.",
        ],
    ),
    code(
        ("R15", "order-record"),
        Weight::Middle,
        Standing::Lead,
        ["改單刪單無所本", "改單、刪單應指明原委託，且在其後送出、帳號商品方向一致。", "保存原委託識別碼。", "請提供改單刪單之原委託。"],
        [
            "amends and cancels without their order",
            "An amend or cancel names its order, is sent after it, and is of the same account, instrument and side.",
            "Keep the identifier of the original order.",
            "The orders that these change.",
        ],
    ),
    code(
        ("R16", "order-record"),
        Weight::Light,
        Standing::Lead,
        [
            "可能相符之收單",
            "無收單之委託，以帳號、商品、方向、價格、數量及時間窗尋找相似而未對應之收單；彼此唯一者列出，數筆相似者不予認定，僅給出上下界。",
            "修正識別碼。",
            "請確認該等收單是否即為該等委託。",
        ],
        [
            "receipts that may belong to unmatched orders",
            "For orders without a receipt: unlinked receipts of the same account, instrument, side, price and quantity within a window. The only candidates of each other are named; several alike are never guessed, bounds are given.",
            "Correct the identifiers.",
            "Whether these receipts are those of the orders.",
        ],
    ),
    code(
        ("T01", "order-record"),
        Weight::Heavy,
        Standing::Lead,
        [
            "收單時戳疑似非真",
            "固定延遲、間隔相同、與負載無關、無尾端、尾數集中等跡象；見 docs/methodology.md。重播真實佇列之偽造無從察覺。",
            "保存原始時戳。",
            "請提供收單主機之原始日誌。",
        ],
        [
            "receipt stamps that look made up",
            "Constant latency, identical gaps, no trace of load, no tail, heaped digits: docs/methodology.md. A forger who replays a real queue is not seen.",
            "Keep original stamps.",
            "Original logs of the receiving host.",
        ],
    ),
    code(
        ("T02", "order-record"),
        Weight::Middle,
        Standing::Lead,
        ["時鐘不一致", "全部延遲為負，或整個時鐘域平移：屬時鐘問題，不作公平性認定。", "校正時鐘並留存校時紀錄。", "請提供校時紀錄。"],
        [
            "clocks that disagree",
            "Latencies all negative, or a whole clock domain shifted: a clock problem, never unfairness.",
            "Set the clocks and keep the record of it.",
            "Records of clock synchronisation.",
        ],
    ),
    code(
        ("T03", "order-record"),
        Weight::Light,
        Standing::Lead,
        [
            "時鐘跳動或漂移",
            "以延遲下緣估計；跳動為該時點前後全部區塊之差，扣除排隊所能解釋者後逾其標準誤六倍；漂移為下凸包之斜率。系統變更亦可能使下緣改變。",
            "查明校時或系統異動。",
            "請提供該時點之校時與異動紀錄。",
        ],
        [
            "clock steps and drift",
            "From the lower envelope of latency: a step is a change of all that follows against all that came before, beyond 6 of its standard errors and what the queue explains; drift is the slope of the lower hull. A change of the system may move the envelope as well.",
            "Find the clock setting or system change behind it.",
            "Clock and change records of that time.",
        ],
    ),
    code(
        ("T04", "clock-profile"),
        Weight::Light,
        Standing::Lead,
        [
            "時鐘逾所選標準",
            "以所選標準（RTS 25、CAT 或自訂）檢查記載之不確定度、解析度、位移、跳動與漂移；兩鐘之差以兩倍計。我國未見時鐘容許差之規定。",
            "改善校時。",
            "請提供時鐘規格與校時紀錄。",
        ],
        [
            "clocks beyond the profile chosen",
            "Documented uncertainty, resolution, offset, steps and drift against the profile chosen (RTS 25, CAT or the study's own); a difference of two clocks counts beyond twice the limit. No tolerance of Taiwan's is known.",
            "Improve synchronisation.",
            "Clock specification and synchronisation records.",
        ],
    ),
    code(
        ("T05", "order-record"),
        Weight::Light,
        Standing::Lead,
        ["於非交易時段送出", "送出時間落在休市日或各時段之外。", "查明時戳或行事曆。", "請說明該等委託（如有），並提供市場行事曆。"],
        [
            "orders sent outside the session",
            "Sent on a day without trading or outside every phase of the session.",
            "Check stamps and calendar.",
            "What such orders are, if any, and the market's calendar.",
        ],
    ),
    code(
        ("T06", "order-record"),
        Weight::Heavy,
        Standing::Breach,
        ["未來之時戳", "時戳晚於蒐集紀錄之日。", "更正時戳並查明原因。", "請提供原始紀錄。"],
        [
            "stamps of the future",
            "Stamped on a date after the records were collected.",
            "Correct the stamps and find the cause.",
            "The original records.",
        ],
    ),
    code(
        ("T07", "order-record"),
        Weight::Heavy,
        Standing::Breach,
        [
            "日期或時區錯誤",
            "送出減收單為整日或整點，餘數如一般延遲；為負者自相矛盾，為正者可能係等候。過半數同時偏移者，應先檢查 study.toml 之時區。",
            "更正時戳。",
            "請提供原始紀錄之時區說明。",
        ],
        [
            "a wrong date or zone",
            "Sent minus received is whole days or hours and an ordinary latency. Negative ones contradict themselves, positive ones may have waited. Where most rows are off alike, check the zone of study.toml first.",
            "Correct the stamps.",
            "The zone of the original records.",
        ],
    ),
];
