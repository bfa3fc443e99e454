//! How many rejected rows a run may have, and what is said first where there are many.

use std::fmt;

use crate::ingest::{Intake, RejectCode};
use crate::report::model::Words;

/// The most rows of a side that may be rejected before the run counts as inconclusive.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum MaxRejects {
    /// So many rows.
    Rows(u64),
    /// Such a share of the side's rows, 0 to 1.
    Share(f64),
}

impl MaxRejects {
    /// Reads `100` or `0.5%`.
    ///
    /// # Errors
    /// A sentence that says what was expected.
    pub fn parse(text: &str) -> Result<Self, String> {
        let wrong = || format!("\"{text}\" is neither a number of rows nor a share; write for example \"100\" or \"0.5%\"");
        match text.strip_suffix('%') {
            None => text.parse().map(Self::Rows).map_err(|_| wrong()),
            Some(percent) => {
                let percent: f64 = percent.trim_end().parse().map_err(|_| wrong())?;
                if (0.0..=100.0).contains(&percent) { Ok(Self::Share(percent / 100.0)) } else { Err(wrong()) }
            }
        }
    }

    /// Whether so many rejected rows are too many.
    #[must_use]
    pub fn is_exceeded(self, rejected: u64, rows: u64) -> bool {
        match self {
            Self::Rows(most) => rejected > most,
            Self::Share(most) => rejected as f64 > most * rows as f64,
        }
    }
}

impl fmt::Display for MaxRejects {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rows(most) => write!(f, "{most}"),
            Self::Share(most) => write!(f, "{}%", most * 100.0),
        }
    }
}

/// Beyond this share of rejected rows the reader is told before anything else.
const MANY: MaxRejects = MaxRejects::Share(0.01);

/// What stands before everything else, and whether the gate is closed. `sides` are orders and receipts.
pub(crate) fn alerts(sides: (&Intake, &Intake), most: Option<MaxRejects>) -> (Vec<Words>, bool) {
    let (mut alerts, mut closed) = (Vec::new(), false);
    for (zh, en, intake) in [("委託", "orders", sides.0), ("收單紀錄", "receipts", sides.1)] {
        let (rejected, rows) = (intake.n_rejected(), intake.n_rows());
        let percent = 100.0 * rejected as f64 / rows.max(1) as f64;
        if let Some(most) = most.filter(|most| most.is_exceeded(rejected, rows)) {
            closed = true;
            alerts.push(Words {
                zh: format!("{zh} {rows} 列中有 {rejected} 列（{percent:.2}%）被拒，超過 --max-rejects {most}：不足以下「公平」的結論"),
                en: format!(
                    "{rejected} of {rows} rows of {en} ({percent:.2}%) were rejected, more than --max-rejects {most}: no conclusion of fairness can rest on the rest"
                ),
            });
        } else if MANY.is_exceeded(rejected, rows) {
            alerts.push(Words {
                zh: format!("{zh} {rows} 列中有 {rejected} 列（{percent:.2}%）被拒；請先看 rejects.csv 的原因，再引用任何數字"),
                en: format!(
                    "{rejected} of {rows} rows of {en} ({percent:.2}%) were rejected; read why in rejects.csv before quoting a figure"
                ),
            });
        }
    }
    (alerts, closed)
}

/// Of each side with refused rows: how many, and why.
pub(crate) fn refused(sides: (&Intake, &Intake)) -> Vec<Words> {
    let side = |(zh, en, intake): (&str, &str, &Intake)| {
        let n = intake.n_rejected();
        if n == 0 {
            return None;
        }
        let cause = |(code, column, rows): (RejectCode, &str, u64)| {
            let (zh, en) = code.words();
            let at = if column.is_empty() { String::new() } else { format!(" `{column}`") };
            (format!("{zh}{at} {rows} 列"), format!("{en}{at} {rows}"))
        };
        let (causes_zh, causes_en): (Vec<String>, Vec<String>) = intake.rejects.causes().map(cause).unzip();
        Some(Words {
            zh: format!("{zh}有 {n} 列無法讀取，未納入研究，逐列列於 rejects.csv：{}", causes_zh.join("、")),
            en: format!("{n} rows of {en} could not be read and are not in the study; rejects.csv lists each: {}", causes_en.join(", ")),
        })
    };
    [("委託檔", "orders", sides.0), ("收單檔", "receipts", sides.1)].into_iter().filter_map(side).collect()
}

/// A closed gate leaves a finding, but no run without one.
pub(crate) fn behind_gate((verdict, exit_code): (&'static str, u8), closed: bool) -> (&'static str, u8) {
    if closed && verdict != "finding" { ("inconclusive", 3) } else { (verdict, exit_code) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::FileIntake;

    fn intake(rows: u64, rejected: u64) -> Intake {
        Intake { files: vec![FileIntake { rows, rejected, ..FileIntake::default() }], ..Intake::default() }
    }

    #[test]
    fn a_limit_is_rows_or_a_share_and_is_itself_allowed() {
        assert_eq!(MaxRejects::parse("100"), Ok(MaxRejects::Rows(100)));
        assert_eq!(MaxRejects::parse("0.5%").map(|most| most.to_string()), Ok("0.5%".to_owned()));
        for wrong in ["", "-1", "0.5", "101%", "-1%", "x%", "NaN%", "%"] {
            assert!(MaxRejects::parse(wrong).is_err(), "{wrong}");
        }
        let share = MaxRejects::Share(0.01);
        assert!(!share.is_exceeded(10, 1_000) && share.is_exceeded(11, 1_000) && !share.is_exceeded(0, 0));
        assert!(!MaxRejects::Rows(3).is_exceeded(3, 3) && MaxRejects::Rows(3).is_exceeded(4, 1_000_000));
    }

    #[test]
    fn a_closed_gate_takes_away_fairness_and_no_finding() {
        let (few, many) = (intake(1_000, 1), intake(1_000, 40));
        assert_eq!(alerts((&few, &few), None), (Vec::new(), false));
        assert_eq!((alerts((&few, &many), None).0.len(), alerts((&few, &many), None).1), (1, false));
        assert!(alerts((&few, &many), Some(MaxRejects::Rows(39))).1);
        assert_eq!(behind_gate(("no_finding", 0), true), ("inconclusive", 3));
        assert_eq!(behind_gate(("finding", 1), true), ("finding", 1));
        assert_eq!(behind_gate(("no_finding", 0), false), ("no_finding", 0));
    }
}
