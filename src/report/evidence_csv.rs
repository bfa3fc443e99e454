//! tables/findings_*.csv: every row of evidence behind the findings of access, controls and cross-evidence.

use crate::report::model::{RuleRef, Words};
use crate::report::table_rows::inert;

/// A line of the table.
#[derive(Clone, Debug)]
pub struct EvidenceLine {
    /// Finding code.
    pub code: String,
    /// "confirmed" or "insufficient".
    pub verdict: &'static str,
    /// "high", "medium" or "low".
    pub severity: &'static str,
    /// The rule in force.
    pub rule: RuleRef,
    /// Number of the thing found within code, rule version and verdict, from 1; lines of one thing share it.
    pub item: u64,
    /// Who or what.
    pub subject: String,
    /// First date concerned.
    pub from: String,
    /// Last date concerned.
    pub to: String,
    /// File and line; `None` where it is the absence of a row that counts.
    pub place: Option<(String, u64)>,
    /// What is wrong.
    pub detail: Words,
}

/// The file's text: header, then the lines in the order given.
#[must_use]
pub fn evidence_csv(lines: &[EvidenceLine]) -> String {
    let mut text = String::from("code,verdict,severity,rule,article,version,item,subject,from,to,file,line,detail_zh,detail_en\n");
    for line in lines {
        let (file, number) = line.place.as_ref().map_or((String::new(), String::new()), |(file, line)| (file.clone(), line.to_string()));
        let item = line.item.to_string();
        let RuleRef { id, article, version } = &line.rule;
        let fields = [
            &*line.code,
            line.verdict,
            line.severity,
            id,
            article,
            version,
            &item,
            &line.subject,
            &line.from,
            &line.to,
            &file,
            &number,
            &line.detail.zh,
            &line.detail.en,
        ];
        text.push_str(&fields.map(inert).join(","));
        text.push('\n');
    }
    text
}
