//! What each evidence table holds: names, columns, keys, a sample row.

use crate::evidence_tables::Section::{Access, Controls};
use crate::evidence_tables::columns::{ASSETS, DECISION, EVERY, PARTY, PRIVILEGE, TREATMENT, column, required, table};
use crate::evidence_tables::{Covers, TableSpec};
use crate::rules::Text;

/// Name of the table that a folder of raw logs can stand for.
pub const FIREWALL_LOGS: &str = "firewall_logs";

/// The table of a name.
#[must_use]
pub fn spec(name: &str) -> Option<&'static TableSpec> {
    SPECS.iter().find(|spec| spec.name == name)
}

use crate::evidence_tables::Kind::{Date, Flag, Number, Text as Words, Time};

/// Every table: access first, then controls in the order of the findings.
pub static SPECS: &[TableSpec] = &[
    TableSpec {
        key: &["client", "as_of"],
        open: true,
        ..table(
            "clients",
            Access,
            Covers::Since("as_of", 12),
            Text {
                zh: "所有可能符合資格之客戶與評定數值；資格條件所用欄位自由增列。來源：客戶主檔、資格評定表。",
                en: "Every client who could qualify, with the figures of the rule in columns of your own. From the client master file and the qualification sheets.",
            },
            &[
                required("client", "客戶", Words),
                column("as_of", "評定日", Date),
                column("related_party", "關係人", Flag),
                column("notified_on", "通知日", Date),
                column("notice", "通知紀錄", Words),
                column("declined_on", "婉拒日", Date),
                column("refused_on", "拒絕日", Date),
                column("refusal", "拒絕文件", Words),
            ],
            &["C001", "2026-01-02", "no", "2026-01-05", "N-2026-001", "", "", ""],
        )
    },
    TableSpec {
        key: &["client", "account", "from"],
        apart: true,
        in_order: &[("from", "to"), ("suspended_from", "suspended_to")],
        ..table(
            "users",
            Access,
            Covers::Register("from", "to"),
            Text {
                zh: "主機共置使用名單，含起訖與暫停期間。來源：使用名單、開通紀錄。",
                en: "The list of co-location users with first and last day and suspensions. From the user list and line records.",
            },
            &[
                required("client", "客戶", Words),
                required("account", "帳號", Words),
                column("kind", "類別", PARTY),
                required("from", "起日", Date),
                column("to", "迄日", Date),
                column("suspended_from", "暫停起日", Date),
                column("suspended_to", "暫停迄日", Date),
            ],
            &["C001", "1234567", "client", "2026-01-05", "", "", ""],
        )
    },
    TableSpec {
        events: true,
        in_order: &[("applied_on", "decided_on")],
        ..table(
            "applications",
            Access,
            Covers::Days(&["applied_on", "decided_on"]),
            Text {
                zh: "使用申請與決定。來源：申請案件登記簿。", en: "Applications and decisions. From the register of applications."
            },
            &[
                required("client", "客戶", Words),
                required("applied_on", "申請日", Date),
                column("decision", "決定", DECISION),
                column("decided_on", "決定日", Date),
                column("notice", "通知文件", Words),
            ],
            &["C002", "2026-01-06", "refused", "2026-01-12", "L-2026-004"],
        )
    },
    table(
        "reviews",
        Access,
        Covers::Since("reviewed_on", 0),
        Text { zh: "使用名單之檢討。來源：檢討會議紀錄。", en: "Reviews of the user list. From minutes and sign-offs." },
        &[required("reviewed_on", "檢討日", Date), column("reviewer", "檢討人", Words)],
        &["2026-01-15", "compliance officer"],
    ),
    table(
        "connections",
        Access,
        Covers::Days(&["connected_at"]),
        Text {
            zh: "每日連線（登入）時間。來源：閘道登入紀錄。", en: "Times of connection (login) by day. From gateway logs."
        },
        &[required("client", "客戶", Words), required("connected_at", "連線時間", Time), column("line", "線路", Words)],
        &["C001", "2026-01-05 08:30:00.000123", "L1"],
    ),
    TableSpec {
        key: &["link"],
        ..table(
            "links",
            Controls,
            Covers::Any,
            Text { zh: "線路清冊。來源：網路架構圖、設備清冊。", en: "Network links. From the network plan." },
            &[
                required("link", "線路", Words),
                column("exchange_facing", "連接交易所", Flag),
                column("firewall", "防火牆", Words),
                column("firewall_since", "防火牆啟用日", Date),
                column("link_since", "線路啟用日", Date),
                column("important", "重要系統", Flag),
                column("separated", "與網際網路隔離", Flag),
            ],
            &["LINK-1", "yes", "FW-1", "2020-01-01", "2020-01-01", "yes", "yes"],
        )
    },
    TableSpec {
        key: &["firewall", "date", "file"],
        ..table(
            FIREWALL_LOGS,
            Controls,
            Covers::Days(&["date"]),
            Text {
                zh: "防火牆紀錄檔索引，每日一列；亦可改以資料夾提供原始紀錄。來源：紀錄伺服器。",
                en: "Index of firewall log files, a row a day; a folder of raw logs can stand for it. From the log server.",
            },
            &[
                required("firewall", "防火牆", Words),
                required("date", "日期", Date),
                column("file", "檔名", Words),
                column("bytes", "大小", Number),
                column("sha256", "雜湊", Words),
                column("backup", "備份", Words),
                column("backup_sha256", "備份雜湊", Words),
            ],
            &["FW-1", "2026-01-05", "fw1-20260105.log", "1048576", "", "tape 12", ""],
        )
    },
    table(
        "firewall_reviews",
        Controls,
        Covers::Since("reviewed_on", 0),
        Text { zh: "防火牆規則檢視。來源：檢視紀錄。", en: "Reviews of firewall rules. From the review records." },
        &[required("firewall", "防火牆", Words), required("reviewed_on", "檢視日", Date), column("reviewer", "檢視人", Words)],
        &["FW-1", "2026-01-10", "network manager"],
    ),
    TableSpec {
        events: true,
        ..table(
            "remote_access",
            Controls,
            Covers::Days(&["started_at"]),
            Text {
                zh: "遠端連線紀錄。來源：VPN 紀錄、維護紀錄。", en: "Remote connections. From VPN and maintenance records."
            },
            &[
                required("user", "使用者", Words),
                required("started_at", "開始時間", Time),
                column("purpose", "目的", Words),
                column("reviewer", "覆核人", Words),
            ],
            &["ops1", "2026-01-06 20:00:00", "upgrade", "IT manager"],
        )
    },
    TableSpec {
        key: &["host", "account", "holder", "from"],
        apart: true,
        belied: &[("holder_kind", &["broker", "client"], "vendor")],
        in_order: &[("from", "to")],
        ..table(
            "accounts",
            Controls,
            Covers::Register("from", "to"),
            Text {
                zh: "系統帳號清冊，每持有人一列。來源：帳號清單、授權表。",
                en: "System accounts, one row a holder. From account lists and grants.",
            },
            &[
                required("host", "主機", Words),
                required("account", "帳號", Words),
                column("privilege", "權限", PRIVILEGE),
                required("holder", "持有人", Words),
                column("holder_kind", "持有人類別", PARTY),
                column("vendor", "廠商", Words),
                column("from", "起日", Date),
                column("to", "迄日", Date),
            ],
            &["GW1", "ops1", "highest", "operator 1", "broker", "", "2024-01-02", ""],
        )
    },
    TableSpec {
        key: &["vendor", "from"],
        in_order: &[("from", "to")],
        ..table(
            "contracts",
            Controls,
            Covers::Grants("from", "to"),
            Text { zh: "委外合約。來源：合約清冊。", en: "Contracts with vendors. From the register of contracts." },
            &[required("vendor", "廠商", Words), required("from", "起日", Date), required("to", "迄日", Date)],
            &["Vendor A", "2025-01-01", "2026-12-31"],
        )
    },
    TableSpec {
        in_order: &[("from", "to")],
        ..table(
            "approvals",
            Controls,
            Covers::Grants("from", "to"),
            Text {
                zh: "最高權限使用核准。來源：核准單。", en: "Approvals to use highest privilege. From the approval forms."
            },
            &[
                required("host", "主機", Words),
                required("account", "帳號", Words),
                required("from", "起日", Date),
                required("to", "迄日", Date),
                required("approver", "核准人", Words),
            ],
            &["GW1", "ops1", "2026-01-06", "2026-01-06", "IT manager"],
        )
    },
    table(
        "logins",
        Controls,
        Covers::Days(&["at"]),
        Text {
            zh: "系統登入紀錄。來源：作業系統或應用系統日誌。", en: "Logins. From logs of operating system or application."
        },
        &[
            required("host", "主機", Words),
            required("account", "帳號", Words),
            required("at", "時間", Time),
            column("address", "來源位址", Words),
        ],
        &["GW1", "ops1", "2026-01-06 20:01:00", "10.0.0.5"],
    ),
    table(
        "passwords",
        Controls,
        Covers::Since("changed_on", 3),
        Text {
            zh: "密碼變更紀錄，每次一列。來源：目錄服務、主機密碼紀錄。",
            en: "Password changes, a row each. From the directory or the hosts.",
        },
        &[required("host", "主機", Words), required("account", "帳號", Words), required("changed_on", "變更日", Date)],
        &["GW1", "ops1", "2025-12-20"],
    ),
    TableSpec {
        key: &["host"],
        ..table(
            "password_policies",
            Controls,
            Covers::Any,
            Text { zh: "各主機之密碼政策。來源：設定畫面。", en: "Password policy by host. From the settings." },
            &[
                required("host", "主機", Words),
                column("min_length", "最短長度", Number),
                column("digits_or_symbols", "須含數字或符號", Flag),
                column("max_age_days", "有效日數", Number),
            ],
            &["GW1", "8", "yes", "90"],
        )
    },
    table(
        "account_reviews",
        Controls,
        Covers::Since("reviewed_on", 0),
        Text { zh: "久未使用權限之審查。來源：權限審查表。", en: "Reviews of unused rights. From the review sheets." },
        &[required("reviewed_on", "審查日", Date), column("reviewer", "審查人", Words)],
        &["2026-01-20", "IT manager"],
    ),
    table(
        "audit_log",
        Controls,
        Covers::Days(&["at"]),
        Text {
            zh: "稽核日誌樣本，原樣匯出。來源：重要系統日誌。",
            en: "A sample of audit log entries as exported. From the logs of important systems.",
        },
        &[
            required("system", "系統", Words),
            column("user", "使用者識別碼", Words),
            column("at", "登入時間", Time),
            column("machine", "電腦識別", Words),
        ],
        &["order gateway", "ops1", "2026-01-06 20:01:00", "10.0.0.5"],
    ),
    TableSpec {
        key: &["system", "date", "file"],
        ..table(
            "audit_log_files",
            Controls,
            Covers::Days(&["date"]),
            Text {
                zh: "稽核日誌檔索引，每日一列。來源：紀錄伺服器。", en: "Index of audit log files, a row a day. From the log server."
            },
            &[
                required("system", "系統", Words),
                required("date", "日期", Date),
                column("file", "檔名", Words),
                column("bytes", "大小", Number),
                column("system_since", "系統啟用日", Date),
            ],
            &["order gateway", "2026-01-05", "audit-20260105.log", "20480", "2020-01-01"],
        )
    },
    table(
        "audit_log_reviews",
        Controls,
        Covers::Since("reviewed_on", 0),
        Text { zh: "稽核日誌檢視。來源：檢視簽核。", en: "Reviews of audit logs. From the sign-offs." },
        &[column("system", "系統", Words), required("reviewed_on", "檢視日", Date), column("reviewer", "檢視人", Words)],
        &["order gateway", "2026-01-31", "security officer"],
    ),
    table(
        "scans",
        Controls,
        Covers::Since("scanned_on", 0),
        Text { zh: "弱點掃描。來源：掃描報告。", en: "Vulnerability scans. From the scan reports." },
        &[required("system", "系統", Words), required("scanned_on", "掃描日", Date), column("record", "報告", Words)],
        &["order gateway", "2026-01-12", "SCAN-2026-01"],
    ),
    TableSpec {
        events: true,
        key: &["id"],
        in_order: &[("found_on", "assessed_on"), ("found_on", "patched_on")],
        ..table(
            "vulnerabilities",
            Controls,
            Covers::Days(&["found_on", "assessed_on", "patched_on"]),
            Text {
                zh: "弱點與處理。來源：掃描報告、風險評估、修補紀錄。",
                en: "Vulnerabilities and what was done. From scan reports, assessments, patch records.",
            },
            &[
                required("id", "編號", Words),
                column("system", "系統", Words),
                required("found_on", "發現日", Date),
                column("assessed_on", "評估日", Date),
                column("decision", "決定", TREATMENT),
                column("patched_on", "修補日", Date),
            ],
            &["V-1", "order gateway", "2026-01-12", "2026-01-15", "patch", "2026-01-20"],
        )
    },
    TableSpec {
        events: true,
        key: &["id"],
        ..table(
            "changes",
            Controls,
            Covers::Days(&["changed_on"]),
            Text { zh: "系統異動。來源：異動申請單。", en: "Changes of systems. From change requests." },
            &[
                required("id", "編號", Words),
                column("system", "系統", Words),
                required("changed_on", "上線日", Date),
                column("tested_on", "測試日", Date),
                column("approver", "核准人", Words),
            ],
            &["CH-1", "order gateway", "2026-01-20", "2026-01-18", "IT manager"],
        )
    },
    TableSpec {
        key: &["asset", "from"],
        in_order: &[("from", "to")],
        ..table(
            "inventory",
            Controls,
            Covers::Register("from", "to"),
            Text {
                zh: "機房設備與程式清冊：所有人、使用人、程式作者、機櫃。來源：現場盤點。",
                en: "Hardware and programs in the co-location room: owner, user, author, cabinet. From a count on site.",
            },
            &[
                required("asset", "資產", Words),
                column("host", "主機", Words),
                column("cabinet", "機櫃", Words),
                column("owner", "所有人", Words),
                column("owner_kind", "所有人類別", PARTY),
                column("user", "使用人", Words),
                column("user_kind", "使用人類別", PARTY),
                column("author_kind", "程式作者類別", PARTY),
                column("from", "起日", Date),
                column("to", "迄日", Date),
            ],
            &["SRV-1", "GW1", "R-01", "broker", "broker", "broker", "broker", "", "2024-01-02", ""],
        )
    },
    TableSpec {
        in_order: &[("from", "to")],
        ..table(
            "cabinet_permissions",
            Controls,
            Covers::Grants("from", "to"),
            Text {
                zh: "共用機櫃許可。來源：交易所核准函。", en: "Permissions to share a cabinet. From the exchange's letters."
            },
            &[
                required("cabinet", "機櫃", Words),
                column("party", "共用人", Words),
                required("from", "起日", Date),
                column("to", "迄日", Date),
            ],
            &["R-02", "Client A", "2025-01-01", ""],
        )
    },
    table(
        "asset_counts",
        Controls,
        Covers::Since("counted_on", 0),
        Text { zh: "資產盤點。來源：盤點表。", en: "Counts of assets. From the inventory sheets." },
        &[required("counted_on", "盤點日", Date), column("kind", "盤點類別", ASSETS), column("counter", "盤點人", Words)],
        &["2026-01-08", "hardware", "facility officer"],
    ),
    table(
        "protection_checks",
        Controls,
        Covers::Since("checked_on", 0),
        Text {
            zh: "防護措施檢查，每次一列。來源：檢查紀錄。", en: "Checks of protections, a row each. From the records of the checks."
        },
        &[
            required("protection", "防護措施", Words),
            column("every", "週期", EVERY),
            required("checked_on", "檢查日", Date),
            column("checker", "檢查人", Words),
        ],
        &["malware patterns", "month", "2026-01-05", "security officer"],
    ),
    TableSpec {
        events: true,
        ..table(
            "asset_movements",
            Controls,
            Covers::Days(&["moved_on"]),
            Text { zh: "資產攜出入。來源：登記簿。", en: "Movements of assets in and out. From the register." },
            &[
                required("asset", "資產", Words),
                required("moved_on", "日期", Date),
                column("direction", "攜出入", Words),
                column("approver", "核准人", Words),
            ],
            &["SRV-1", "2024-01-02", "in", "IT manager"],
        )
    },
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::kinds;

    #[test]
    fn every_table_that_a_code_reads_exists_and_every_table_is_read_by_a_code() {
        for kind in kinds() {
            for name in kind.tables {
                assert!(spec(name).is_some(), "{} reads {name}", kind.code);
            }
        }
        for spec in SPECS {
            assert!(kinds().any(|kind| kind.tables.contains(&spec.name)), "{}", spec.name);
            assert_eq!(spec.example.len(), spec.columns.len(), "{}", spec.name);
            let named = spec.key.iter().chain(spec.in_order.iter().flat_map(|(first, last)| [first, last]));
            named.for_each(|name| assert!(spec.column(name).is_some(), "{}: {name}", spec.name));
        }
    }
}
