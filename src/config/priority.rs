//! [priority]: the order of handling.

use std::path::Path;

use crate::config::file::PriorityTable;
use crate::config::words::not_mapped;
use crate::config::{Settings, SideConfig, beside, check_time_tables};
use crate::fairness::FairnessOptions;
use crate::priority::{LineScope, PriorityOptions};
use crate::record::{Column, Diagnostic, Latency, TimeSpan};

/// Settings of the priority section.
#[derive(Clone, Debug)]
pub struct PriorityConfig {
    /// The measures.
    pub options: PriorityOptions,
    /// Groups that are the broker's own.
    pub house_groups: Vec<String>,
    /// Accounts or clients that are the broker's own.
    pub house_accounts: Vec<String>,
    /// Order kinds that are new orders; empty: those whose name does not say amend or cancel.
    pub new_kinds: Vec<String>,
    /// Values of the exception column that count; empty: every value.
    pub exceptions: Vec<String>,
    /// Session log.
    pub sessions: Option<SideConfig>,
    /// Executions of the orders.
    pub executions: Option<SideConfig>,
}

/// The settings in force; window, margin and level are those of the verdict.
pub(crate) fn resolve(
    set: &mut Settings,
    path: &Path,
    table: PriorityTable,
    fairness: &FairnessOptions,
) -> Result<PriorityConfig, Diagnostic> {
    let default = PriorityOptions::default();
    let list = |set: &mut Settings, key: &str, given: Option<Vec<String>>| {
        set.show(&format!("priority.{key}"), given, Vec::new(), |names| format!("{names:?}"))
    };
    let scope = set.show("priority.scope", table.scope.map(|scope| scope.0), default.scope, |scope: &LineScope| scope.name().to_owned());
    // What the verdict does not hold to be material is not ahead of anybody.
    let Latency(material) = fairness.margins.median;
    let options = PriorityOptions {
        window: Some(fairness.overtaking_window),
        scope,
        tau: set.take("priority.tau", table.tau.map(|span| span.0), TimeSpan(material)),
        tau_executions: set.take("priority.tau_executions", table.tau_executions.map(|span| span.0), default.tau_executions),
        size_cap: set.show("priority.size_cap", table.size_cap.map(|cap| Some(i64::from(cap))), None, |cap| {
            cap.map_or("none".to_owned(), |cap| cap.to_string())
        }),
        horizon: set.take("priority.horizon", table.horizon.map(|span| span.0), default.horizon),
        margin: fairness.margins.overtaking,
        alpha: fairness.alpha,
    };
    let config = PriorityConfig {
        options,
        house_groups: list(set, "house_groups", table.house_groups),
        house_accounts: list(set, "house_accounts", table.house_accounts),
        new_kinds: list(set, "new_kinds", table.new_kinds),
        exceptions: list(set, "exceptions", table.exceptions),
        sessions: table.sessions.map(|table| beside(set, path, "priority.sessions", table)).transpose()?,
        executions: table.executions.map(|table| beside(set, path, "priority.executions", table)).transpose()?,
    };
    for (name, side, needed) in [
        ("priority.sessions", &config.sessions, &[Column::ConnectedAt, Column::Account][..]),
        ("priority.executions", &config.executions, &[Column::OrderId, Column::ExecutedAt, Column::Price, Column::Quantity]),
    ] {
        check_time_tables(path, name, side.as_ref())?;
        if let Some(column) = side.iter().flat_map(|side| needed.iter().filter(|column| !side.mapping.has(**column))).next() {
            return Err(not_mapped(path, name, *column));
        }
    }
    Ok(config)
}
