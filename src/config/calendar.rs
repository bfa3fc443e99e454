//! [calendar]: which dates are traded, and how long.

use std::collections::BTreeSet;

use crate::config::{Settings, file};
use crate::record::{Calendar, TradeDate, Zone};

/// The calendar in force.
pub(crate) fn calendar(set: &mut Settings, table: file::CalendarTable, zone: Zone) -> Calendar {
    // Exchange phases are local times of Taipei; in another zone they would be silently wrong.
    let default = if zone.name() == "Asia/Taipei" { "twse" } else { "none" };
    let preset = set.take("calendar.preset", table.preset.map(|preset| preset.0), default.to_owned());
    let holidays = set.show("calendar.holidays", table.holidays, Vec::new(), |dates| {
        dates.iter().map(|date| date.0.to_string()).collect::<Vec<_>>().join(", ")
    });
    let holidays: BTreeSet<TradeDate> = holidays.into_iter().map(|date| date.0).collect();
    let early = set.show("calendar.early_closes", table.early_closes, Vec::new(), |closes| {
        let shown = |(date, at): &(TradeDate, i64)| format!("{date} {:02}:{:02}", at / 3_600_000_000_000, at / 60_000_000_000 % 60);
        closes.iter().map(|close| shown(&close.0)).collect::<Vec<_>>().join(", ")
    });
    let early = early.into_iter().map(|close| close.0).collect();
    if preset == "none" { Calendar::none() } else { Calendar::twse(holidays).closing_early(early) }
}
