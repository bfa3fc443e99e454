//! Codes of family X: one evidence held against another.

use crate::rules::{FindingKind, Standing, Text, Weight};

/// The codes, ascending.
pub(crate) const KINDS: &[FindingKind] = &[
    FindingKind {
        code: "X01",
        seed: 8,
        rule: "third-party-use",
        weight: Weight::Heavy,
        standing: Standing::Breach,
        tables: &["inventory"],
        cleared_by: &["inventory"],
        title: Text { zh: "委託來自清冊以外之主機", en: "orders sent from a host not in the inventory" },
        method: Text {
            zh: "委託之主機名稱，逐日比對設備清冊。", en: "The host of each order against the inventory of that day."
        },
        remedy: Text { zh: "查明主機所有人與位置。", en: "Find the owner and place of the host." },
        ask: Text { zh: "請提供該主機之購置與進駐紀錄。", en: "Purchase and move-in records of the host." },
    },
    FindingKind {
        code: "X02",
        seed: 3,
        rule: "vendor-rights",
        weight: Weight::Middle,
        standing: Standing::Lead,
        tables: &["accounts", "logins"],
        cleared_by: &[],
        title: Text { zh: "廠商於變化點前後在交易時段登入", en: "vendor login in trading hours around a change-point" },
        method: Text {
            zh: "延遲變化點或收單時鐘跳動之當日及前五日內，廠商帳號於交易時段之登入。",
            en: "Logins of vendor accounts in trading hours on the day of a latency change-point or a step of the receipts clock, or the five days before.",
        },
        remedy: Text { zh: "說明登入作業內容。", en: "Explain what was done." },
        ask: Text { zh: "請提供該次作業紀錄與指令。", en: "The work order and the commands." },
    },
    FindingKind {
        code: "X03",
        seed: 7,
        rule: "change-control",
        weight: Weight::Middle,
        standing: Standing::Lead,
        tables: &["changes"],
        cleared_by: &[],
        title: Text { zh: "變化點當日有系統異動", en: "a configuration change on the day of a change-point" },
        method: Text {
            zh: "異動日與延遲變化點或收單時鐘跳動同日。",
            en: "A change on the local date of a latency change-point or a step of the receipts clock.",
        },
        remedy: Text { zh: "說明異動與差異之關聯。", en: "Explain how the change relates to the gap." },
        ask: Text { zh: "請提供異動內容與前後設定。", en: "The change, with settings before and after." },
    },
    FindingKind {
        code: "X04",
        seed: 7,
        rule: "fair-use",
        weight: Weight::Heavy,
        standing: Standing::Breach,
        tables: &["users"],
        cleared_by: &[],
        title: Text { zh: "暫停使用期間仍有委託", en: "orders while access was suspended" },
        method: Text {
            zh: "委託帳號與日期落在暫停期間；暫停至遲隨其名單列之迄日終止。",
            en: "Account and date of orders inside a suspension, which ends with its row of the user list at the latest.",
        },
        remedy: Text { zh: "查明何以未停止。", en: "Find why it was not stopped." },
        ask: Text { zh: "請提供停用執行紀錄。", en: "The record of the suspension." },
    },
    FindingKind {
        code: "X05",
        seed: 7,
        rule: "fair-use",
        weight: Weight::Middle,
        standing: Standing::Lead,
        tables: &["users"],
        cleared_by: &[],
        title: Text { zh: "使用名單異動與變化點同時", en: "the user list changed with a latency change-point" },
        method: Text {
            zh: "列名、除名或暫停日在延遲變化點或收單時鐘跳動前後一日內。",
            en: "A listing, delisting or suspension within one day of a latency change-point or a step of the receipts clock.",
        },
        remedy: Text { zh: "說明兩者之關聯。", en: "Explain how they relate." },
        ask: Text { zh: "請提供該次開通或停用之設定紀錄。", en: "The settings made for that listing." },
    },
];
