//! What a study cannot go on with, once its files are read.

use std::path::PathBuf;

use crate::config::StudyConfig;
use crate::fairness::Reference;
use crate::ingest::{Intake, Reject, Source, TimeFault};
use crate::reconcile::{Attribution, Records};
use crate::record::{Column, Diagnostic, Place, UNKNOWN_GROUP};

/// Every ordered pair of groups is judged: beyond this many something other than a group was mapped.
const MOST_GROUPS: usize = 100;

/// Refuses a side without a usable row; `side` is `orders` or `receipts`.
pub(crate) fn refuse_empty(source: &Source, intake: &Intake, side: &str) -> Result<(), Diagnostic> {
    if intake.n_rows() > intake.n_rejected() {
        return Ok(());
    }
    let (zh, n) = (if side == "orders" { "委託檔" } else { "收單紀錄" }, intake.n_rows());
    let problem = match (intake.rejects.first_ones().first(), source.files.first()) {
        (Some(first), _) => {
            let why = &first.message;
            let problem = (
                format!("{zh}的 {n} 列全部被拒；第一列：{}", why.zh),
                format!("every one of the {n} rows of {side} was refused; the first: {}", why.en),
            );
            let general = ("請檢查 study.toml 的欄位與時間格式", "check the columns and time formats in study.toml");
            let help = TimeFault::of_message(&why.en).and_then(TimeFault::remedy).unwrap_or(general);
            Diagnostic::new("E0214", problem).at(place_of(source, first)).excerpt(&first.raw).help(help)
        }
        (None, Some(file)) => {
            let help = (
                "標題列之下沒有任何一列：請重新匯出，或以 `paths` 指明另一檔案",
                "nothing stands below the header: export it again, or name another file in `paths`",
            );
            Diagnostic::new("E0214", (format!("{zh}沒有資料列"), format!("no rows in {side}"))).in_file(&file.path).help(help)
        }
        (None, None) => {
            let problem = (format!("{zh}沒有檔案"), format!("no files in {side}"));
            Diagnostic::new("E0214", problem).help(("請以 `paths` 指明", "name them in `paths`"))
        }
    };
    Err(problem)
}

/// Where a refused row stands.
pub(crate) fn place_of(source: &Source, reject: &Reject) -> Place {
    let file = source.files.iter().find(|file| file.name == reject.file);
    let path = file.map_or_else(|| PathBuf::from(&reject.file), |file| file.path.clone());
    Place { path, line: reject.line, column: 0, byte: reject.byte_offset }
}

/// Refuses more groups than can be compared.
pub(crate) fn refuse_too_many_groups(attribution: &Attribution) -> Result<(), Diagnostic> {
    let n_groups = attribution.groups.len();
    if n_groups <= MOST_GROUPS {
        return Ok(());
    }
    let some: Vec<&str> = attribution.groups.iter().take(5).map(String::as_str).collect();
    let some = some.join(", ");
    let problem = (
        format!("客戶群組多達 {n_groups} 個，例如 {some}；最多比較 {MOST_GROUPS} 個"),
        format!("{n_groups} client groups, such as {some}; at most {MOST_GROUPS} can be compared"),
    );
    let help = ("請把 `group` 對應到客戶類別，而不是帳號或識別碼", "map `group` to a class of clients, not to accounts or ids");
    Err(Diagnostic::new("E0215", problem).help(help))
}

/// A misspelt reference would leave no pair to judge, which must not pass for too little evidence.
pub(crate) fn refuse_unknown_reference(config: &StudyConfig, attribution: &Attribution) -> Result<(), Diagnostic> {
    match &config.fairness.reference {
        Reference::Group(name) if name == UNKNOWN_GROUP || attribution.groups.binary_search(name).is_err() => {
            let problem = (
                format!("沒有客戶屬於群組 \"{name}\"，study.toml 以它為 `reference`"),
                format!("no client is in group \"{name}\", which study.toml names as `reference`"),
            );
            let groups = attribution.groups.join(", ");
            let help = (format!("群組有：{groups}"), format!("the groups are: {groups}"));
            Err(Diagnostic::new("E0217", problem).in_file(&config.path).help(help))
        }
        _ => Ok(()),
    }
}

/// These columns are held as 16-bit codes.
pub(crate) fn refuse_too_many_kinds(orders: &Records) -> Result<(), Diagnostic> {
    for column in [Column::Kind, Column::Gateway, Column::Shard, Column::AccessClass] {
        let n_names = orders.names(column).map_or(0, |names| names.names.len());
        if n_names >= usize::from(u16::MAX) {
            let name = column.name();
            let problem = (
                format!("`{name}` 有 {n_names} 種不同的值，最多處理 65,534 種"),
                format!("{n_names} different values of `{name}`; at most 65,534 are handled"),
            );
            let help = ("請對應到委託的類別，而不是識別碼", "map the column to a class of orders, not to an id");
            return Err(Diagnostic::new("E0216", problem).help(help));
        }
    }
    Ok(())
}
