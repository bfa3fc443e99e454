//! Codes of family A: who may use co-location, and who does.

use crate::rules::{FindingKind, Standing, Text, Weight};

/// The codes, ascending.
pub(crate) const KINDS: &[FindingKind] = &[
    FindingKind {
        code: "A01",
        seed: 7,
        rule: "qualification",
        weight: Weight::Heavy,
        standing: Standing::Breach,
        tables: &["clients", "users"],
        cleared_by: &["clients"],
        title: Text { zh: "符合資格而未通知", en: "qualified but not notified" },
        method: Text {
            zh: "依使用規則之條件逐一重算每位客戶之資格；符合而無通知日期或通知紀錄者列出。資格日適用當時之規定。",
            en: "The broker's own conditions are applied to every client; those who meet them without a date and record of notice are listed. The law of the date of qualification applies.",
        },
        remedy: Text { zh: "補行通知並留存紀錄。", en: "Notify them and keep the record." },
        ask: Text {
            zh: "請提供通知函、寄送紀錄及受通知名單。",
            en: "Letters of notice, proof of sending, and the list of those notified.",
        },
    },
    FindingKind {
        code: "A02",
        seed: 7,
        rule: "fair-use",
        weight: Weight::Heavy,
        standing: Standing::Breach,
        tables: &["clients", "users"],
        cleared_by: &["clients"],
        title: Text { zh: "使用者不符合自訂資格", en: "a user who does not meet the broker's own rule" },
        method: Text {
            zh: "使用名單中之客戶，以其最近一次評定資料重算資格；不符合者列出。首次評定晚於使用首日（或期初）逾十四日者，此前之使用列疑義。",
            en: "Each client on the user list is held against the conditions with his latest figures; those who fail are listed. Use of more than 14 days (from its first day, or that of the period) before the first figures is a doubt.",
        },
        remedy: Text { zh: "終止其使用，或依規定修訂規則並公告。", en: "End the use, or amend the rules for everybody." },
        ask: Text {
            zh: "請提供核准該使用者之簽呈與評分資料。", en: "The approval of this user and the figures behind it."
        },
    },
    FindingKind {
        code: "A03",
        seed: 7,
        rule: "fair-use",
        weight: Weight::Heavy,
        standing: Standing::Breach,
        tables: &["clients", "users"],
        cleared_by: &["clients", "users"],
        title: Text { zh: "符合資格而未能使用，且無紀錄可稽", en: "qualified, not served, and no record says why" },
        method: Text {
            zh: "符合資格但不在使用名單，且無婉拒日、無書面拒絕者列出；並列出入選率及其精確信賴區間。",
            en: "Clients who qualify but are not users, with neither a refusal of their own nor a written one of the broker; the selection rate is given with its exact interval.",
        },
        remedy: Text { zh: "說明理由並開放申請。", en: "Give the reason, and open the application." },
        ask: Text { zh: "請提供符合資格客戶之處理紀錄。", en: "How each qualified client was dealt with." },
    },
    FindingKind {
        code: "A04",
        seed: 7,
        rule: "fair-use",
        weight: Weight::Middle,
        standing: Standing::Lead,
        tables: &["clients", "users"],
        cleared_by: &[],
        title: Text { zh: "關係人入選率偏高", en: "related parties are served more often" },
        method: Text {
            zh: "符合資格者中，關係人與非關係人之入選情形，以 Fisher 單尾精確檢定。",
            en: "Among the qualified, service of related against unrelated parties by Fisher's exact one-sided test.",
        },
        remedy: Text { zh: "說明關係人獲選之理由。", en: "Explain why related parties were chosen." },
        ask: Text {
            zh: "請提供關係人名單及其申請、核准文件。", en: "The list of related parties with their applications and approvals."
        },
    },
    FindingKind {
        code: "A05",
        seed: 7,
        rule: "qualification",
        weight: Weight::Light,
        standing: Standing::Breach,
        tables: &["applications"],
        cleared_by: &[],
        title: Text { zh: "申請逾期未決", en: "application decided late, or not at all" },
        method: Text {
            zh: "申請日（早於規定生效者自生效日）至決定日之日數，與使用規則所訂期限比較；查核期間之申請，及期限於期間內屆滿之較早申請，自期限屆滿日起計為逾期。",
            en: "Days from application (or from the first day of the rule) to decision against the term of the rules of use: applications of the period, and earlier ones whose term ends in it. Each is late from the day its term ends.",
        },
        remedy: Text { zh: "依期限決定並紀錄。", en: "Decide within the term, and record it." },
        ask: Text { zh: "請提供申請案件登記簿。", en: "The register of applications." },
    },
    FindingKind {
        code: "A06",
        seed: 7,
        rule: "qualification",
        weight: Weight::Middle,
        standing: Standing::Breach,
        tables: &["applications"],
        cleared_by: &[],
        title: Text { zh: "拒絕而無書面紀錄", en: "refused without a written record" },
        method: Text { zh: "決定為拒絕而無通知文件者列出。", en: "Refusals without a document of notice are listed." },
        remedy: Text { zh: "補發書面理由。", en: "Give the reason in writing." },
        ask: Text { zh: "請提供拒絕函。", en: "The letters of refusal." },
    },
    FindingKind {
        code: "A07",
        seed: 7,
        rule: "qualification",
        weight: Weight::Middle,
        standing: Standing::Breach,
        tables: &["reviews"],
        cleared_by: &["reviews"],
        title: Text { zh: "名單未每年檢討二次", en: "the list was not reviewed twice a year" },
        method: Text {
            zh: "期間內每一完整年度（無完整年度者，取末日前十二個月）檢討次數少於二次者列出；規定生效前之期間不計。自訂期限（review_months）另計，並於結論分別載明。",
            en: "Full years of the period (else the twelve months before its end) with fewer than two reviews; time before the rule is not counted. The broker's own term (review_months) is held beside it, and the answer says which was missed.",
        },
        remedy: Text { zh: "定期檢討並簽核。", en: "Review on time and sign." },
        ask: Text { zh: "請提供歷次名單檢討紀錄。", en: "The records of all reviews of the list." },
    },
    FindingKind {
        code: "A08",
        seed: 7,
        rule: "fair-use",
        weight: Weight::Heavy,
        standing: Standing::Breach,
        tables: &["users"],
        cleared_by: &["users"],
        title: Text { zh: "未列名而使用主機共置", en: "account seen on co-location orders but not listed" },
        method: Text {
            zh: "主機共置委託之帳號與日期，逐日比對使用名單；當日未列名者列出。",
            en: "Account and date of each co-location order against the user list of that day.",
        },
        remedy: Text {
            zh: "查明何以可使用，並更正名單或停止其使用。",
            en: "Find how the account got in; correct the list or stop the use.",
        },
        ask: Text { zh: "請提供該帳號之開通紀錄。", en: "The record that opened the line to this account." },
    },
    FindingKind {
        code: "A09",
        seed: 7,
        rule: "fair-use",
        weight: Weight::Light,
        standing: Standing::Lead,
        tables: &["users"],
        cleared_by: &["users"],
        title: Text { zh: "列名而從未使用", en: "listed but never seen" },
        method: Text {
            zh: "使用名單中整個期間皆無委託之帳號。", en: "Listed accounts without a single order in the period."
        },
        remedy: Text { zh: "確認名單是否虛列。", en: "Check whether the listing is real." },
        ask: Text { zh: "請提供該等客戶之線路與費用紀錄。", en: "Line and fee records of these clients." },
    },
    FindingKind {
        code: "A10",
        seed: 7,
        rule: "fair-use",
        weight: Weight::Heavy,
        standing: Standing::Lead,
        tables: &["clients", "users"],
        cleared_by: &[],
        title: Text { zh: "入選者極少，近於專屬利益", en: "few of the qualified are served: near exclusive benefit" },
        method: Text {
            zh: "入選率之 95 % Clopper-Pearson 區間上限低於二分之一；並列前幾大占比與 HHI。",
            en: "The upper end of the exact 95 % interval of the selection rate is below one half; top shares and HHI are shown beside it.",
        },
        remedy: Text {
            zh: "檢討使用規則是否專為特定人而訂。", en: "Examine whether the rules of use serve specific persons."
        },
        ask: Text { zh: "請提供使用規則訂定時之評估文件。", en: "The papers behind the making of the rules of use." },
    },
    FindingKind {
        code: "A11",
        seed: 7,
        rule: "fair-use",
        weight: Weight::Middle,
        standing: Standing::Lead,
        tables: &["clients", "users"],
        cleared_by: &[],
        title: Text { zh: "門檻恰在使用者之下", en: "the threshold sits just under a user" },
        method: Text {
            zh: "掃描每一數值門檻：最低之使用者在門檻上 5 % 以內，且其下 20 % 內另有被排除之客戶。",
            en: "Each numeric threshold is scanned: the lowest user lies within 5 % above it, and at least one excluded client within 20 % below.",
        },
        remedy: Text { zh: "說明門檻之由來。", en: "Say where the threshold comes from." },
        ask: Text {
            zh: "請提供門檻訂定之簽呈與當時各客戶數值。",
            en: "The paper that set the threshold, with all clients' figures of the day.",
        },
    },
    FindingKind {
        code: "A12",
        seed: 7,
        rule: "fair-use",
        weight: Weight::Middle,
        standing: Standing::Lead,
        tables: &["users"],
        cleared_by: &["users"],
        title: Text { zh: "自營先於經紀使用", en: "dealing used the service before brokerage clients" },
        method: Text {
            zh: "自營部門列名日早於任一客戶 30 日以上。", en: "The house was listed at least 30 days before any client."
        },
        remedy: Text { zh: "說明先後之理由。", en: "Explain the order." },
        ask: Text { zh: "請提供自營與經紀之申請文件。", en: "Applications of dealing and brokerage." },
    },
    FindingKind {
        code: "A13",
        seed: 7,
        rule: "fair-use",
        weight: Weight::Middle,
        standing: Standing::Lead,
        tables: &["connections"],
        cleared_by: &[],
        title: Text { zh: "最先連線者過於固定", en: "one client is first to connect too often" },
        method: Text {
            zh: "各日最先連線者之次數，與隨機所得者比較：機率為該客戶占當日（[priority.sessions] 則為當場）連線之比，連線紀錄以每家每日第一次連線計，至少 10 日。須過半最先（同時者不計），且次數之 Hoeffding 上界低於 0.001（依家數校正）者列為疑義。",
            en: "Days on which a client connects first, against chance: its share of the day's connections, of which every client has one, its first (of the session's connections for the log of [priority.sessions]). Ten days of the table are needed. One that is first, alone, on half of them or more, with Hoeffding's bound on the chance of so many below 0.001 over the clients, is asked about.",
        },
        remedy: Text { zh: "確認登入順序是否開放一致。", en: "Check that the login opens to all alike." },
        ask: Text { zh: "請提供登入系統之開放時間與設定。", en: "Opening times and settings of the login system." },
    },
    FindingKind {
        code: "A14",
        seed: 7,
        rule: "fair-use",
        weight: Weight::Middle,
        standing: Standing::Lead,
        tables: &[],
        cleared_by: &[],
        title: Text { zh: "固定使用安靜線路", en: "one client steadily on a quiet line" },
        method: Text {
            zh: "各客戶所用線路（shard，否則 gateway）上他人之委託，與當日平均線路之比，以其委託筆數加權；至少 10 日、100 筆，其比不逾二分之一且九成之日如此者列為疑義。線路安靜可能出於偶然、規模或選擇，誰得選擇才是問題。",
            en: "Others' orders on the lines (shards, else gateways) a client's orders take, against the average line of the day, weighted by its orders. At least 10 days and 100 orders; a ratio of one half or less, on nine days of ten, is asked about. A quiet line may be chance, size or choice; who could choose is the question.",
        },
        remedy: Text {
            zh: "說明線路分配方式，並開放一致之選擇。", en: "Say how lines are assigned, and give all the same choice."
        },
        ask: Text {
            zh: "請提供線路分配規則、申請與異動紀錄。", en: "The rule by which lines are assigned, with requests and changes."
        },
    },
];
