//! Two results to what is compared of them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::comparison::{Estimate, difference};
use crate::record::{Timestamp, Zone};
use crate::report::compare::{
    Compared, ComparedEffect, ComparedFinding, ComparedGroup, ComparedPair, ComparedScore, GroupSide, LEAST_CLIENTS, LEAST_ORDERS, LEVEL,
    Side, caution,
};
use crate::report::i18n;
use crate::report::model::{Effect, GroupRow, PairRow, Reason, SCHEMA_VERSION, StudyResult};
use crate::report::table_names;
use crate::report::table_rows::{Cell, Part, Table};

/// Settings that say how a study is read and written, not what is compared.
const OF_FORM: [&str; 9] =
    ["study.title", "study.language", "study.seed", "orders.", "receipts.", "clients.", "access.", "controls.", "report."];

/// Compares two studies; the folders hold their tables of minutes, from which the trading days are known.
#[must_use]
pub fn compare(results: [&StudyResult; 2], folders: [&Path; 2]) -> Compared {
    let days = [0, 1].map(|side| trading_days(results[side], folders[side]));
    let shared_days: Vec<&String> = days[0].intersection(&days[1]).collect();
    let hashes = |result: &StudyResult| -> BTreeSet<String> {
        let files = result.input.orders.files.iter().chain(&result.input.receipts.files);
        files.filter_map(|file| file.sha256.clone()).collect()
    };
    let n_shared_files = hashes(results[0]).intersection(&hashes(results[1])).count();
    let mut cautions = Vec::new();
    if n_shared_files > 0 {
        cautions.push(caution("shared_files", i18n::shared_files(n_shared_files)));
    }
    if let (Some(first), Some(last)) = (shared_days.first(), shared_days.last()) {
        cautions.push(caution("shared_days", i18n::shared_days(shared_days.len(), first, last)));
    }
    let independent = cautions.is_empty();
    cautions.extend(differences_of_method(results));
    let groups = groups(results);
    if groups.iter().any(|group| group.suppressed) {
        cautions.push(caution("suppressed", i18n::suppressed_note(LEAST_ORDERS, LEAST_CLIENTS)));
    }
    let hidden: BTreeSet<&str> = groups.iter().filter(|group| group.suppressed).map(|group| group.group.as_str()).collect();
    Compared {
        schema_version: SCHEMA_VERSION,
        studies: results.map(side),
        independent,
        cautions,
        level: LEVEL,
        pairs: pairs(results, &hidden),
        groups,
        findings: findings(results),
        scorecard: scorecard(results),
    }
}

fn side(result: &StudyResult) -> Side {
    Side {
        title: result.study.title.clone(),
        period: result.study.period.as_ref().map(|period| [period.first.clone(), period.last.clone()]),
        verdict: result.verdict.clone(),
        matched: result.reconciliation.matched,
        config_sha256: result.study.config_sha256.clone(),
        version: result.tool.version.clone(),
    }
}

/// Local dates with a matched order: from the minutes of the trend, else the two ends of the period.
fn trading_days(result: &StudyResult, folder: &Path) -> BTreeSet<String> {
    let zone = Zone::named(&result.study.timezone).unwrap_or(Zone::UTC);
    let from_trend = || -> Option<BTreeSet<String>> {
        let table = Table::open(folder, table_names::TREND, Part::Columns(&["minute"])).ok()?;
        let minute = table.place("minute")?;
        let mut days = BTreeSet::new();
        for row in table {
            if let Cell::Instant(nanos) = row.ok()?[minute] {
                days.insert(zone.date_of(Timestamp(nanos)).to_string());
            }
        }
        Some(days)
    };
    let ends = || result.study.period.iter().flat_map(|period| [period.first.clone(), period.last.clone()]).collect();
    from_trend().unwrap_or_else(ends)
}

/// What was measured or judged otherwise.
fn differences_of_method([one, other]: [&StudyResult; 2]) -> Vec<Reason> {
    let mut found = Vec::new();
    if one.study.timezone != other.study.timezone {
        found.push(caution("timezone", i18n::other_zone(&one.study.timezone, &other.study.timezone)));
    }
    if one.tool.version != other.tool.version {
        found.push(caution("version", i18n::other_version(&one.tool.version, &other.tool.version)));
    }
    if one.study.pseudonyms != other.study.pseudonyms {
        found.push(caution("pseudonyms", i18n::other_key()));
    }
    let of = |result: &StudyResult| -> BTreeMap<String, String> {
        // What the program computed for itself is no setting.
        let set = |option: &serde_json::Value| option.get("origin").and_then(serde_json::Value::as_str) != Some("computed");
        let all = result.options.as_object().into_iter().flatten().filter(|(_, option)| set(option));
        let shown = |value: &serde_json::Value| {
            value.get("value").map_or_else(String::new, |value| value.as_str().map_or_else(|| value.to_string(), str::to_owned))
        };
        let told = |name: &str| {
            OF_FORM.iter().any(|form| name == *form || form.ends_with('.') && name.starts_with(form) && !name.contains(".clock"))
        };
        all.filter(|(name, _)| !told(name) && *name != "study.timezone").map(|(name, value)| (name.clone(), shown(value))).collect()
    };
    let (one, other) = (of(one), of(other));
    let names: BTreeSet<&String> = one.keys().chain(other.keys()).collect();
    let sections = |of: &BTreeMap<String, String>| -> BTreeSet<String> { of.keys().map(|name| section(name).to_owned()).collect() };
    let (of_one, of_other) = (sections(&one), sections(&other));
    for (section, in_first) in
        of_one.difference(&of_other).map(|section| (section, true)).chain(of_other.difference(&of_one).map(|section| (section, false)))
    {
        found.push(caution("option", i18n::section_of_one(section, in_first)));
    }
    for name in names.into_iter().filter(|name| of_one.contains(section(name)) && of_other.contains(section(name))) {
        let (was, is) = (one.get(name).map_or("", String::as_str), other.get(name).map_or("", String::as_str));
        if was != is {
            let code = if name.starts_with("fairness.margins") { "margins" } else { "option" };
            found.push(caution(code, i18n::other_option(name, was, is)));
        }
    }
    // Margins first: they decide what a verdict means.
    found.sort_by_key(|reason| reason.code != "margins");
    found
}

/// The table of study.toml that a setting stands in.
fn section(name: &str) -> &str {
    name.split_once('.').map_or(name, |(section, _)| section)
}

fn is_small(group: &GroupRow) -> bool {
    group.n < LEAST_ORDERS || (group.clients > 0 && group.clients < LEAST_CLIENTS)
}

fn groups(results: [&StudyResult; 2]) -> Vec<ComparedGroup> {
    let of = |result: &StudyResult, name: &str| result.groups.iter().find(|group| group.group == name).cloned();
    let names: BTreeSet<&String> = results.iter().flat_map(|result| result.groups.iter().map(|group| &group.group)).collect();
    let group = |name: &String| {
        let sides = results.map(|result| of(result, name));
        let suppressed = sides.iter().flatten().any(is_small);
        let shown = |group: Option<GroupRow>| {
            let group = group.filter(|_| !suppressed)?;
            Some(GroupSide { n: group.n, clients: group.clients, p50: group.p50, p99: group.p99 })
        };
        ComparedGroup { group: name.clone(), suppressed, sides: sides.map(shown) }
    };
    names.into_iter().map(group).collect()
}

fn pairs(results: [&StudyResult; 2], hidden: &BTreeSet<&str>) -> Vec<ComparedPair> {
    let key = |pair: &PairRow| (pair.favoured.clone(), pair.disadvantaged.clone());
    let names: BTreeSet<(String, String)> = results.iter().flat_map(|result| result.pairs.iter().map(key)).collect();
    let pair = |(favoured, disadvantaged): (String, String)| {
        let suppressed = hidden.contains(favoured.as_str()) || hidden.contains(disadvantaged.as_str());
        let found = results.map(|result| {
            result.pairs.iter().find(|pair| pair.favoured == favoured && pair.disadvantaged == disadvantaged).filter(|_| !suppressed)
        });
        let silent = found.map(|pair| pair.map_or([false; 3], i18n::silenced));
        ComparedPair {
            suppressed,
            verdicts: found.map(|pair| pair.map(|pair| pair.verdict.clone())),
            client_specific: found.map(|pair| pair.is_some_and(|pair| pair.client_specific)),
            undecided: found.map(|pair| {
                let inconclusive = pair.filter(|pair| pair.verdict == "inconclusive");
                inconclusive.map_or_else(Vec::new, |pair| pair.reasons.clone())
            }),
            effects: vec![
                effect("median_gap", found.map(|pair| pair?.median_gap.as_ref()), silent.map(|silent| silent[0])),
                effect("tail_excess", found.map(|pair| pair?.tail_excess.as_ref()), silent.map(|silent| silent[1])),
                effect("overtaking", found.map(|pair| pair?.overtaking.as_ref()), silent.map(|silent| silent[2])),
            ],
            favoured,
            disadvantaged,
        }
    };
    names.into_iter().map(pair).collect()
}

fn effect(name: &'static str, effects: [Option<&Effect>; 2], silent: [bool; 2]) -> ComparedEffect {
    let estimate = |effect: &Effect| Estimate { value: effect.estimate, se: effect.se, df: effect.df };
    let [first, second] = effects;
    ComparedEffect {
        name,
        estimates: effects.map(|effect| effect.map(|effect| [effect.estimate, effect.lower, effect.upper])),
        counts: [0, 1].map(|side| effects[side].is_some() && !silent[side]),
        difference: first
            .zip(second)
            .filter(|_| silent == [false; 2])
            .and_then(|(first, second)| difference(estimate(first), estimate(second), LEVEL)),
    }
}

fn findings(results: [&StudyResult; 2]) -> Vec<ComparedFinding> {
    let mut codes: BTreeMap<&String, [Option<(bool, u64)>; 2]> = BTreeMap::new();
    for (side, result) in results.iter().enumerate() {
        for finding in &result.findings {
            let seen = &mut codes.entry(&finding.code).or_default()[side];
            let (confirmed, count) = seen.unwrap_or((false, 0));
            *seen = Some((confirmed || finding.verdict == "confirmed", count + finding.count));
        }
    }
    let row = |(code, sides): (&String, [Option<(bool, u64)>; 2])| ComparedFinding {
        code: code.clone(),
        change: match sides {
            [Some(_), None] if !ran(results[1], code) => "not_run",
            [None, Some(_)] if !ran(results[0], code) => "not_run",
            [Some(_), None] if !cleared(results, code) => "undecided",
            [None, Some(_)] if !cleared([results[1], results[0]], code) => "undecided_before",
            [Some(_), None] => "gone",
            [None, Some(_)] => "new",
            _ => "stayed",
        },
        verdicts: sides.map(|side| side.map(|(confirmed, _)| if confirmed { "confirmed" } else { "insufficient" }.to_owned())),
        counts: sides.map(|side| side.map_or(0, |(_, count)| count)),
        ran: results.map(|result| ran(result, code)),
    };
    codes.into_iter().map(row).collect()
}

/// Whether one study says FAIR, or the reverse, of every pair that another accuses under `code`; true of checks that are not of pairs.
/// One that could not tell, for want of days or of clean stamps, has cleared nobody.
fn cleared([accusing, other]: [&StudyResult; 2], code: &str) -> bool {
    let accused = |pair: &&PairRow| match code {
        "F01" => pair.verdict == "unfair",
        "F04" => pair.client_specific,
        _ => false,
    };
    let decided = |pair: &PairRow| {
        let again = other.pairs.iter().find(|other| (&other.favoured, &other.disadvantaged) == (&pair.favoured, &pair.disadvantaged));
        again.is_some_and(|again| again.verdict != "inconclusive")
    };
    accusing.pairs.iter().filter(accused).all(decided)
}

/// Whether a study ran the check behind a code: its own row says, else the part of the result that the check looks at.
fn ran(result: &StudyResult, code: &str) -> bool {
    if result.findings.iter().any(|finding| finding.code == code) {
        return true;
    }
    let records = result.records.iter().flat_map(|records| &records.checks);
    if let Some(check) = records.chain(&result.checks).find(|check| check.code == code) {
        return check.state != "not_run";
    }
    let priority = result.priority.as_ref();
    let ahead = priority.and_then(|found| found.ahead.as_ref());
    match code {
        "F01" | "F04" => !result.pairs.is_empty(),
        "F03" => priority.is_some(),
        "P01" => priority.is_some_and(|found| found.serials.is_some()),
        "P02" => priority.is_some_and(|found| found.matrices.iter().any(|matrix| matrix.by == "channel")),
        "P03" | "P05" => ahead.is_some_and(|ahead| ahead.house.is_some()),
        "P04" => ahead.is_some(),
        "A13" => priority.is_some_and(|found| found.sessions.is_some()),
        _ => false,
    }
}

fn scorecard(results: [&StudyResult; 2]) -> Vec<ComparedScore> {
    let state = |result: &StudyResult, number: u8| result.scorecard.iter().find(|row| row.number == number).map(|row| row.state.clone());
    (1..=8).map(|number| ComparedScore { number, states: results.map(|result| state(result, number)) }).collect()
}
