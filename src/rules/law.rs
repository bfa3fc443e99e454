//! The rules, as dated data. A clause whose first date is not known stands as in force before any study, and says so by its version.

use crate::rules::{Rule, RuleVersion, Text};

const COLOCATION: &str = "主機共置服務管理辦法 / TWSE co-location rules";

/// The exchange's briefing on the audit of co-location, with the control codes as it quotes them.
const BRIEFING: Text = Text {
    zh: "臺灣證券交易所主機共置專案查核宣導資料所引條文",
    en: "as quoted in the briefing of the Taiwan Stock Exchange on its co-location audit",
};
const COLOCATION_2021: Text = Text {
    zh: "主機共置服務管理辦法，民國110年5月11日修正條文",
    en: "TWSE co-location rules as amended on 2021-05-11",
};
const ASSETS_2025: Text =
    Text { zh: "內部控制制度標準規範 CC-23000，民國114年4月11日", en: "control code CC-23000 as of 2025-04-11" };

/// A clause of which only the briefing's version is known.
const fn briefing(id: &'static str, article: &'static str, version: &'static str, text: Text) -> RuleVersion {
    RuleVersion { id, article, version, from: None, to: None, text, source: BRIEFING }
}

/// A clause whose dates were not read.
const fn undated(id: &'static str, article: &'static str, text: Text, source: Text) -> RuleVersion {
    RuleVersion { id, article, version: "未載日期 / undated", from: None, to: None, text, source }
}

const fn since_2021(article: &'static str, text: Text) -> RuleVersion {
    RuleVersion { id: COLOCATION, article, version: "2021-05-11", from: Some((2021, 5, 11)), to: None, text, source: COLOCATION_2021 }
}

const fn since_2025(text: Text) -> RuleVersion {
    RuleVersion {
        id: "CC-23000",
        article: "資產管理 / assets",
        version: "2025-04-11",
        from: Some((2025, 4, 11)),
        to: None,
        text,
        source: ASSETS_2025,
    }
}

/// Every rule, by key.
pub(crate) const RULES: &[Rule] = &[
    Rule {
        key: "order-record",
        versions: &[briefing(
            "CA-11210",
            "(22)",
            "2018",
            Text {
                zh: "電子式委託得免製作委託書，但應依時序列印委託紀錄；紀錄應含委託人姓名或帳號與委託時間。",
                en: "Electronic orders need no order form, but a record in time sequence that holds the client's name or account and the order time.",
            },
        )],
    },
    Rule {
        key: "e-order-record",
        versions: &[RuleVersion {
            id: "CA-11210",
            article: "電子式委託紀錄 / e-order record",
            version: "2020-04-20",
            from: Some((2020, 4, 20)),
            to: None,
            text: Text {
                zh: "電子式委託紀錄應含姓名及帳號、時間、證券、價格種類、交易別、有效期別、委託方式及經辦；網際網路委託另含網路位址與電子簽章；送交易所者含傳送時間與序號。",
                en: "Records of electronic orders hold name and account, time, security, price kind, trade type, validity, method and handler; of internet orders the IP address and e-signature; of orders sent to the exchange the transmission time and serial.",
            },
            source: Text {
                zh: "臺灣證券交易所電子式委託紀錄應載事項，民國109年4月20日",
                en: "TWSE list of items of electronic order records as of 2020-04-20",
            },
        }],
    },
    Rule {
        key: "serial-order",
        versions: &[undated(
            "營業細則 / TWSE Operating Rules",
            "58",
            Text { zh: "委託書編號依接受順序為之。", en: "Serials of order tickets follow the order of receipt." },
            Text { zh: "臺灣證券交易所營業細則", en: "TWSE Operating Rules" },
        )],
    },
    Rule {
        key: "record-retention",
        versions: &[undated(
            "TPEx 委託紀錄保存 / TPEx retention of order records",
            "保存年限 / years kept",
            Text {
                zh: "委託紀錄至少保存五年（櫃買中心）。", en: "Order records are kept for at least five years (TPEx)."
            },
            Text { zh: "證券櫃檯買賣中心規定", en: "rules of the Taipei Exchange" },
        )],
    },
    Rule {
        key: "clock-profile",
        versions: &[undated(
            "RTS 25",
            "(EU) 2017/574",
            Text {
                zh: "時鐘與 UTC 之偏差：高頻 100 微秒、解析度 1 微秒；一般 1 毫秒；語音 1 秒（他國規則，僅供參考）。",
                en: "Divergence of clocks from UTC: 100 us with 1 us granularity for high frequency, 1 ms in general, 1 s for voice (another jurisdiction's, for orientation).",
            },
            Text { zh: "歐盟授權規則 2017/574", en: "Commission Delegated Regulation (EU) 2017/574" },
        )],
    },
    Rule {
        key: "fair-use",
        versions: &[
            RuleVersion {
                to: Some((2021, 5, 10)),
                ..briefing(
                    COLOCATION,
                    "11(2)",
                    "2019",
                    Text {
                        zh: "經紀業務使用主機共置前，應自訂使用規則並納入內控內稽，且依使用規則公平對待投資人。",
                        en: "Before brokerage uses co-location, the broker makes rules of use, puts them under internal control, and treats investors fairly by them.",
                    },
                )
            },
            since_2021(
                "18",
                Text {
                    zh: "使用規則應公平對待投資人，不得專為特定人之利益而訂。",
                    en: "The rules of use treat investors fairly and must not be for the exclusive benefit of specific persons.",
                },
            ),
        ],
    },
    Rule {
        key: "order-of-handling",
        versions: &[undated(
            "營業細則 / TWSE Operating Rules",
            "80",
            Text { zh: "委託依接受順序處理。", en: "Orders are processed in the order received." },
            Text { zh: "臺灣證券交易所營業細則", en: "TWSE Operating Rules" },
        )],
    },
    Rule {
        key: "channel-sequence",
        versions: &[undated(
            "DMA 作業規範 / DMA Directions",
            "2.3",
            Text {
                zh: "序號不得跳號、漏號或重號；DMA 與其他通路公平排序。",
                en: "No serial is skipped, omitted or repeated; DMA and other channels are sequenced fairly.",
            },
            Text { zh: "證券商辦理直接市場進入作業規範", en: "TWSE Directions on direct market access" },
        )],
    },
    Rule {
        key: "client-first-in-ties",
        versions: &[undated(
            "ASIC 市場規則 / ASIC market integrity rules",
            "5.1.4",
            Text {
                zh: "無法分辨先後時，客戶先於自營。", en: "Where order cannot be told, the client goes before the house."
            },
            Text {
                zh: "澳洲證券投資委員會市場廉正規則（他國規則，僅供參考）",
                en: "ASIC market integrity rules (another country's, for orientation)",
            },
        )],
    },
    Rule {
        key: "qualification",
        versions: &[since_2021(
            "19",
            Text {
                zh: "依規模、架構、貢獻度等訂定資格；符合資格之投資人應予通知並留存紀錄；名單每年至少檢討二次。",
                en: "Qualification by scale, structure and contribution; qualified investors are notified and the record kept; the list is reviewed at least twice a year.",
            },
        )],
    },
    Rule {
        key: "third-party-use",
        versions: &[briefing(
            COLOCATION,
            "14(7), 15",
            "2019",
            Text {
                zh: "除依規定共同使用同一機櫃者外，不得將機櫃空間分租、轉租、出借或以任何方式提供第三人使用。",
                en: "Cabinet space is not sublet, lent or in any way given to third parties, but for cabinets shared by permission.",
            },
        )],
    },
    Rule {
        key: "firewall",
        versions: &[briefing(
            "CC-17010",
            "(2)",
            "2018",
            Text {
                zh: "應建立防火牆；連接交易所之設備（含主機共置網路）均應裝置。",
                en: "A firewall stands on every link to the exchange, the co-location network included.",
            },
        )],
    },
    Rule {
        key: "firewall-log",
        versions: &[briefing(
            "CC-17010",
            "(2)",
            "2018",
            Text {
                zh: "防火牆進出紀錄及其備份應至少保存三年。", en: "Firewall logs and their backups are kept for at least three years."
            },
        )],
    },
    Rule {
        key: "separation",
        versions: &[briefing(
            "CC-17010",
            "(2)",
            "2018",
            Text {
                zh: "重要網站及伺服器系統應以防火牆與外部網際網路隔離。",
                en: "Important sites and servers are separated from the internet by a firewall.",
            },
        )],
    },
    Rule {
        key: "firewall-review",
        versions: &[briefing(
            "CC-17010",
            "(2)",
            "2018",
            Text {
                zh: "每年定期檢視並維護防火牆存取控管設定，並留存檢視紀錄。",
                en: "Firewall rules are reviewed every year, and the review is on record.",
            },
        )],
    },
    Rule {
        key: "remote-access",
        versions: &[briefing(
            "CC-17010",
            "(1)",
            "2018",
            Text {
                zh: "以外部網路遠端連線應予控管，留存維護紀錄並由權責主管定期覆核。",
                en: "Remote connections from outside are controlled, recorded, and reviewed by the responsible manager.",
            },
        )],
    },
    Rule {
        key: "privilege-use",
        versions: &[briefing(
            "CC-17020",
            "最高權限 / privileged accounts",
            "2018",
            Text {
                zh: "使用系統最高權限帳號須取得權責主管同意，並留存紀錄。",
                en: "Each use of a highest-privilege account needs the responsible manager's consent, on record.",
            },
        )],
    },
    Rule {
        key: "vendor-rights",
        versions: &[briefing(
            "CC-18000",
            "(2)",
            "2018",
            Text {
                zh: "不得授予委外人員過高之使用權利；委外期間結束後立即收回。",
                en: "Outside staff get no excessive rights, and rights are withdrawn at once when the contract ends.",
            },
        )],
    },
    Rule {
        key: "unique-account",
        versions: &[briefing(
            "CC-18000",
            "(2)",
            "2018",
            Text {
                zh: "每一使用者限用唯一代碼；久未使用之權限至少每半年審查一次（客戶除外）。",
                en: "Each user has a code of his own; unused rights are reviewed at least every six months (clients excepted).",
            },
        )],
    },
    Rule {
        key: "passwords",
        versions: &[briefing(
            "CC-18000",
            "(3)",
            "2018",
            Text {
                zh: "密碼長度六個字元以上且具文數字或符號；除客戶外至少每三個月變更一次；避免預設（administrator、root、sa）或簡易帳號密碼。",
                en: "Passwords have at least six characters with digits or symbols and are changed at least every three months (clients excepted); no default or simple accounts such as administrator, root, sa.",
            },
        )],
    },
    Rule {
        key: "audit-log",
        versions: &[briefing(
            "CC-18000",
            "(4)",
            "2018",
            Text {
                zh: "重要系統稽核日誌應含使用者識別碼、登入日期時間、電腦識別資料或網址；專人定期檢視；至少留存三年。",
                en: "Audit logs of important systems hold user id, login date and time, and machine identity or address; a named person reviews them; kept for at least three years.",
            },
        )],
    },
    Rule {
        key: "vulnerability-scan",
        versions: &[briefing(
            "CC-19000",
            "(14)",
            "2018",
            Text {
                zh: "各資訊系統至少每半年弱點掃描一次；評估風險、安裝修補程式並留存紀錄。",
                en: "Systems are scanned for vulnerabilities at least every six months; risks are assessed, patches installed, and records kept.",
            },
        )],
    },
    Rule {
        key: "change-control",
        versions: &[briefing(
            "CC-19000",
            "系統維護、異動 / maintenance, changes",
            "2018",
            Text {
                zh: "程式或作業變更應有書面申請、權責主管核定與測試。",
                en: "Changes of programs or operation are requested in writing, approved and tested.",
            },
        )],
    },
    Rule {
        key: "asset-records",
        versions: &[since_2025(Text {
            zh: "資產攜入攜出應留紀錄；軟硬體、場地與資料至少每半年盤點一次；防護措施每月或每半年檢查。",
            en: "Assets going in and out are recorded; software, hardware, site and data are inventoried at least every six months; protections are checked monthly or half-yearly.",
        })],
    },
];
