//! Codes found in orders and receipts: records (R) and latency fairness (F).

use crate::rules::{FindingKind, Standing, Text, Weight};

/// The codes, ascending.
pub(crate) const KINDS: &[FindingKind] = &[
    FindingKind {
        code: "R01",
        seed: 1,
        rule: "order-record",
        weight: Weight::Heavy,
        standing: Standing::Breach,
        tables: &[],
        title: Text { zh: "無客戶委託時間之委託", en: "orders without a client receipt time" },
        method: Text {
            zh: "每筆送交易所之委託，依識別碼勾稽客戶收單紀錄；查無者逐筆列出。",
            en: "Every order sent to the exchange is linked to a client receipt by its identifier; those without one are listed row by row.",
        },
        remedy: Text {
            zh: "自客戶端接收時即留存時間與帳號，演算法所生委託亦同。",
            en: "Keep the time and account of every client order when it arrives, those worked by an algorithm included.",
        },
        ask: Text {
            zh: "請提供該等委託之原始收單紀錄、演算法啟動指令及其時間。",
            en: "The original receipts of these orders, and the instructions that started the algorithm, with their times.",
        },
    },
    FindingKind {
        code: "F01",
        seed: 7,
        rule: "fair-use",
        weight: Weight::Heavy,
        standing: Standing::Breach,
        tables: &[],
        title: Text { zh: "群組間處理不公平", en: "groups treated unequally" },
        method: Text {
            zh: "可比較之委託（同時段、商品、種類、負載）之間，中位數差、尾端或超越的差異超過容許差，且經多重檢定校正。",
            en: "Among comparable orders (same slot, instrument, kind, load) the gap of medians, tails or overtaking exceeds the margin after correction for many tests.",
        },
        remedy: Text {
            zh: "查明造成差異之路由、佇列或優先設定並改正。",
            en: "Find the routing, queue or priority setting behind the gap, and correct it.",
        },
        ask: Text {
            zh: "請提供閘道與佇列設定、路由規則及其異動紀錄。",
            en: "Gateway and queue settings, routing rules, and the record of their changes.",
        },
    },
    FindingKind {
        code: "F04",
        seed: 7,
        rule: "fair-use",
        weight: Weight::Heavy,
        standing: Standing::Breach,
        tables: &[],
        title: Text { zh: "差異集中於個別客戶", en: "a difference that hangs on single clients" },
        method: Text {
            zh: "差異去除單一客戶後即消失；客戶逐一刪除後重算。",
            en: "The difference is gone once a single client is left out; each client is deleted in turn.",
        },
        remedy: Text {
            zh: "查明該客戶之連線與設定何以不同。", en: "Find why the connection or settings of that client differ."
        },
        ask: Text { zh: "請提供該客戶之線路、合約與系統設定。", en: "Line, contract and settings of that client." },
    },
];
