//! Codes found in the measured orders: latency fairness (F) and priority (P).

use crate::rules::{FindingKind, Standing, Text, Weight};

/// The codes, ascending.
pub(crate) const KINDS: &[FindingKind] = &[
    FindingKind {
        code: "F01",
        seed: 7,
        rule: "fair-use",
        weight: Weight::Heavy,
        standing: Standing::Breach,
        tables: &[],
        cleared_by: &[],
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
        code: "F03",
        seed: 7,
        rule: "order-of-handling",
        weight: Weight::Heavy,
        standing: Standing::Breach,
        tables: &[],
        cleared_by: &[],
        title: Text { zh: "超越不對稱", en: "overtaking in one direction" },
        method: Text {
            zh: "判定為不公平之群組對，其超越不對稱本身即超過容許差，或其客戶依組別分居前後。僅知這些客戶之間有超越、尚不足以認定群組者，列為待釐清。",
            en: "In a pair judged unfair, the asymmetry of overtaking alone exceeds its margin, or its clients stand ahead by group. Where these clients overtake one another and the groups cannot be accused, it is a question.",
        },
        remedy: Text { zh: "依收單順序處理。", en: "Handle orders in the order received." },
        ask: Text { zh: "請提供佇列與優先順序設定。", en: "Queue and priority settings." },
    },
    FindingKind {
        code: "F04",
        seed: 7,
        rule: "fair-use",
        weight: Weight::Heavy,
        standing: Standing::Breach,
        tables: &[],
        cleared_by: &[],
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
    FindingKind {
        code: "P01",
        seed: 7,
        rule: "serial-order",
        weight: Weight::Middle,
        standing: Standing::Lead,
        tables: &[],
        cleared_by: &[],
        title: Text { zh: "序號未依收單順序", en: "serials do not follow the order of receipt" },
        method: Text {
            zh: "同一線路、終端、日期之序號，逐筆比對收單時間：有較小序號之委託確較晚收單者列出。多工線路之序號本會交錯，故為待釐清；何者受惠由 F03、P02 判定。同一事實已由 R10 逐筆列出者，併入 R10，不重複計列。",
            en: "Within the serials of one line, terminal and day, every order of which a lower number was received provably later is listed. Lines with several workers number out of order anyway, so this is a question; who gained by it is for F03 and P02 to say. Where R10 names the serials the fact is counted there, once.",
        },
        remedy: Text { zh: "依收單順序編號。", en: "Number orders as they are received." },
        ask: Text {
            zh: "請提供序號產生之時點與程式設計。", en: "Where in the path serials are given, and the design of it."
        },
    },
    FindingKind {
        code: "P02",
        seed: 7,
        rule: "channel-sequence",
        weight: Weight::Heavy,
        standing: Standing::Breach,
        tables: &[],
        cleared_by: &[],
        title: Text { zh: "通路間處理順序不公平", en: "channels not sequenced fairly" },
        method: Text {
            zh: "某通路之委託一再越過另一通路先收受之委託，超出無偏好時之預期。",
            en: "Orders of one channel pass those of another received earlier, beyond what no preference would give.",
        },
        remedy: Text { zh: "各通路依收單順序排序。", en: "Sequence all channels by receipt." },
        ask: Text { zh: "請提供各通路之排序設計與設定。", en: "How the channels are merged, with settings." },
    },
    FindingKind {
        code: "P03",
        seed: 7,
        rule: "order-of-handling",
        weight: Weight::Heavy,
        standing: Standing::Breach,
        tables: &[],
        cleared_by: &[],
        title: Text { zh: "自營先於客戶", en: "the house ahead of clients" },
        method: Text {
            zh: "自營委託於客戶委託收受後、送出前，以可滿足客戶之價格同向送出，次數超出無偏好時之預期。",
            en: "House orders sent after a client order was received and before it was sent, same side, at a price that would have satisfied it, beyond chance.",
        },
        remedy: Text { zh: "客戶優先。", en: "Put clients first." },
        ask: Text {
            zh: "請提供自營與經紀之系統隔離與委託紀錄。", en: "Separation of dealing and brokerage, and the orders of both."
        },
    },
    FindingKind {
        code: "P04",
        seed: 7,
        rule: "order-of-handling",
        weight: Weight::Heavy,
        standing: Standing::Breach,
        tables: &[],
        cleared_by: &[],
        title: Text { zh: "某客戶先於其他客戶", en: "one client ahead of others" },
        method: Text {
            zh: "某客戶之委託一再先於他人已收受之委託送出，超出無偏好時之預期。",
            en: "Orders of one client are sent again and again ahead of orders of others already received, beyond chance.",
        },
        remedy: Text { zh: "依收單順序處理。", en: "Handle orders in the order received." },
        ask: Text { zh: "請提供該客戶之線路與優先設定。", en: "Line and priority settings of that client." },
    },
    FindingKind {
        code: "P05",
        seed: 7,
        rule: "client-first-in-ties",
        weight: Weight::Middle,
        standing: Standing::Lead,
        tables: &[],
        cleared_by: &[],
        title: Text { zh: "無法分辨先後而自營先行", en: "the house ahead where receipts cannot be told apart" },
        method: Text {
            zh: "收單時間無法分辨先後，自營先送出；同時戳不足以證明順序。",
            en: "Receipts cannot be told apart and the house order is sent first; a tie in stamps proves no order.",
        },
        remedy: Text { zh: "無法分辨時以客戶為先。", en: "Let the client go first in a tie." },
        ask: Text { zh: "請提供較細之收單時間。", en: "Receipt times of a finer clock." },
    },
];
