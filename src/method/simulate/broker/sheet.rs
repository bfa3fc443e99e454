//! One evidence file on its way to disk, and what is planted in it.

use serde_json::{Value, json};

use crate::record::TradeDate;

/// A CSV file with its planted rows.
pub(crate) struct Sheet {
    pub(crate) name: &'static str,
    header: &'static str,
    rows: Vec<String>,
    /// Code, subject, line; line 0 where the rows are orders.
    planted: Vec<(&'static str, String, usize)>,
}

impl Sheet {
    pub(crate) fn new(name: &'static str, header: &'static str) -> Self {
        Self { name, header, rows: Vec::new(), planted: Vec::new() }
    }

    /// Appends a row.
    pub(crate) fn row(&mut self, row: impl Into<String>) {
        self.rows.push(row.into());
    }

    /// Appends a row that shows `codes` of `subject`.
    pub(crate) fn planted(&mut self, row: impl Into<String>, codes: &[&'static str], subject: &str) {
        self.row(row);
        codes.iter().for_each(|code| self.mark(code, subject, self.rows.len() - 1));
    }

    /// Names a row that stands already as showing `code`.
    pub(crate) fn mark(&mut self, code: &'static str, subject: &str, row: usize) {
        self.planted.push((code, subject.to_owned(), row + 2));
    }

    /// Names something that only the orders show.
    pub(crate) fn shown_by_orders(&mut self, code: &'static str, subject: &str) {
        self.planted.push((code, subject.to_owned(), 0));
    }

    /// How many rows stand.
    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }

    /// Appends a row for every date of `dates`, but for those of `gap`, whose neighbours then show `code`.
    pub(crate) fn dated(
        &mut self,
        dates: &[TradeDate],
        gap: Option<(TradeDate, TradeDate)>,
        code: &'static str,
        subject: &str,
        row: impl Fn(TradeDate) -> String,
    ) {
        let skipped = |date: TradeDate| gap.is_some_and(|(from, to)| (from..=to).contains(&date));
        let first = self.len();
        let kept: Vec<TradeDate> = dates.iter().copied().filter(|date| !skipped(*date)).collect();
        kept.iter().for_each(|date| self.row(row(*date)));
        let Some((from, to)) = gap else { return };
        let before = kept.iter().rposition(|date| *date < from);
        let after = kept.iter().position(|date| *date > to);
        [before, after].into_iter().flatten().for_each(|at| self.mark(code, subject, first + at));
    }

    pub(crate) fn text(&self) -> String {
        std::iter::once(self.header).chain(self.rows.iter().map(String::as_str)).map(|line| format!("{line}\n")).collect()
    }

    /// The planted rows for truth.json.
    pub(crate) fn truth(&self) -> Vec<Value> {
        let row = |(code, subject, line): &(&'static str, String, usize)| {
            let (file, line) =
                if *line == 0 { (Value::Null, Value::Null) } else { (json!(format!("evidence/{}.csv", self.name)), json!(line)) };
            json!({ "code": code, "subject": subject, "file": file, "line": line })
        };
        self.planted.iter().map(row).collect()
    }
}

/// Every `step` days from `first` to `last`.
pub(crate) fn every(step: i32, first: TradeDate, last: TradeDate) -> Vec<TradeDate> {
    (first.0..=last.0).step_by(step as usize).map(TradeDate).collect()
}

/// Weekdays from `first` to `last`.
pub(crate) fn weekdays(first: TradeDate, last: TradeDate) -> Vec<TradeDate> {
    (first.0..=last.0).map(TradeDate).filter(|date| !date.is_weekend()).collect()
}
