//! Rows as CSV with a choice of dates and headers, JSON lines, fixed width, broker text and CAT records.

use std::fmt::Write as _;

use crate::simulate::text::encode::cp950;
use crate::simulate::text::names::{bar_name, cat_name, chinese, date_name, is_time, widths};
use crate::simulate::text::stamp::{dated, local, utc};
use crate::simulate::text::{Row, Shape, Value};
use crate::simulate::writing::Dates;

/// Writes a value that is no time.
fn plain(value: &Value, text: &mut String) {
    // Writing to a string cannot fail.
    let _ = match value {
        Value::Text(value) => write!(text, "{value}"),
        Value::Integer(value) => write!(text, "{value}"),
        Value::Price(hundredths) => write!(text, "{}.{:02}", hundredths / 100, hundredths % 100),
        Value::Time(_) | Value::Absent => Ok(()),
    };
}

/// Values divided by `between`; times written by `stamp`.
fn joined(row: &Row<'_>, between: char, mut stamp: impl FnMut(i64, &mut String), text: &mut String) {
    for (at, value) in row.values.iter().enumerate() {
        if at > 0 {
            text.push(between);
        }
        match value {
            Value::Time(nanos) => stamp(*nanos, text),
            other => plain(other, text),
        }
    }
    text.push('\n');
}

/// CSV.
pub(crate) struct Separated {
    pub(crate) dates: Dates,
    pub(crate) chinese: bool,
}

impl Shape for Separated {
    fn head(&mut self, names: &[String], text: &mut String) {
        for (at, name) in names.iter().enumerate() {
            let shown = if self.chinese { chinese(name) } else { name };
            let between = if at > 0 { "," } else { "" };
            let date = if is_time(name) && self.dates.in_two() { date_name(shown) + "," } else { String::new() };
            let _ = write!(text, "{between}{date}{shown}");
        }
        text.push('\n');
    }

    fn row(&mut self, row: &Row<'_>, text: &mut String) {
        let dates = self.dates;
        joined(row, ',', |nanos, text| dated(nanos, dates, ',', text), text);
    }
}

/// JSON lines: times in an object of their own.
pub(crate) struct JsonLines;

impl Shape for JsonLines {
    fn row(&mut self, row: &Row<'_>, text: &mut String) {
        let (mut between, mut times) = ('{', String::new());
        for (name, value) in row.names.iter().zip(row.values) {
            match value {
                Value::Time(nanos) => {
                    let _ = write!(times, "{}\"{name}\":{nanos}", if times.is_empty() { '{' } else { ',' });
                    continue;
                }
                Value::Absent => {
                    let _ = write!(text, "{between}\"{name}\":null");
                }
                Value::Text(value) => {
                    let _ = write!(text, "{between}\"{name}\":\"{value}\"");
                }
                number => {
                    let _ = write!(text, "{between}\"{name}\":");
                    plain(number, text);
                }
            }
            between = ',';
        }
        let _ = writeln!(text, ",\"times\":{times}}}}}");
    }
}

/// Fixed width: texts to the left, quantities with a punched sign, times as date and `HHMMSS` with nine more digits.
pub(crate) struct FixedWidth {
    big5: bool,
}

impl FixedWidth {
    pub(crate) fn new(big5: bool) -> Self {
        Self { big5 }
    }
}

impl Shape for FixedWidth {
    fn row(&mut self, row: &Row<'_>, text: &mut String) {
        for (name, len, kind) in widths(row.names) {
            let value = row.get(name.strip_suffix("_date").unwrap_or(&name));
            let mut field = String::new();
            match value {
                Value::Time(nanos) if kind == "time" => local(*nanos, "%H%M%S%9f", &mut field),
                Value::Time(nanos) => local(*nanos, "%Y%m%d", &mut field),
                Value::Integer(value) if kind == "signed" => {
                    let punched = char::from(b"{ABCDEFGHI"[(value % 10) as usize]);
                    let _ = write!(field, "{:0width$}{punched}", value / 10, width = len - 1);
                }
                other => plain(other, &mut field),
            }
            let n_bytes = if self.big5 { cp950(&field).len() } else { field.len() };
            text.push_str(&field);
            text.extend(std::iter::repeat_n(' ', len.saturating_sub(n_bytes)));
        }
        text.push('\n');
    }
}

/// Broker text: `ReqSNO|T0|T1|T2`, UTC, microseconds, with header and footer.
pub(crate) struct Bars;

impl Shape for Bars {
    fn head(&mut self, names: &[String], text: &mut String) {
        let names: Vec<&str> = names.iter().map(|name| bar_name(name)).collect();
        let _ = writeln!(text, "OMS latency log\n{}", names.join("|"));
    }

    fn row(&mut self, row: &Row<'_>, text: &mut String) {
        joined(row, '|', |nanos, text| utc(nanos, "%Y%m%d%H%M%S%.6f", text), text);
    }

    fn foot(&mut self, text: &mut String) {
        text.push_str("End of log\n");
    }
}

/// CAT records: `MENO` for receipts, `MEOR` for orders.
pub(crate) struct Cat {
    pub(crate) receipts: bool,
    pub(crate) json: bool,
}

/// Fields of every record that stand in no column of the table.
const OPENING: [&str; 6] = ["actionType", "errorROEID", "firmROEID", "type", "CATReporterIMID", "orderKeyDate"];

impl Shape for Cat {
    fn head(&mut self, names: &[String], text: &mut String) {
        if !self.json {
            let names: Vec<&str> = names.iter().map(|name| cat_name(name)).collect();
            let _ = writeln!(text, "{},{}", OPENING.join(","), names.join(","));
        }
    }

    fn row(&mut self, row: &Row<'_>, text: &mut String) {
        let kind = if self.receipts { "MENO" } else { "MEOR" };
        let Value::Time(at) = row.get(if self.receipts { "received_ts" } else { "sent_ts" }) else { return };
        let mut day = String::new();
        local(*at, "%Y%m%dT000000", &mut day);
        if !self.json {
            let _ = write!(text, "NEW,,{}_{},{kind},SIMU,{day},", &day[..8], row.number);
            return joined(row, ',', |nanos, text| local(nanos, "%Y%m%dT%H%M%S%.9f", text), text);
        }
        let number = row.number;
        let _ = write!(
            text,
            "{{\"actionType\":\"NEW\",\"firmROEID\":\"{}_{number}\",\"type\":\"{kind}\",\"CATReporterIMID\":\"SIMU\",\"orderKeyDate\":\"{day}\"",
            &day[..8]
        );
        for (name, value) in row.names.iter().zip(row.values).filter(|(_, value)| **value != Value::Absent) {
            let quote = if matches!(value, Value::Integer(_) | Value::Price(_)) { "" } else { "\"" };
            let _ = write!(text, ",\"{}\":{quote}", cat_name(name));
            match value {
                Value::Time(nanos) => local(*nanos, "%Y%m%dT%H%M%S%.9f", text),
                other => plain(other, text),
            }
            text.push_str(quote);
        }
        text.push_str("}\n");
    }
}
