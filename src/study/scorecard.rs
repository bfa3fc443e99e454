//! One of the eight audit findings out of everything that was asked about it.

use crate::checks::{Outcome, State};
use crate::report::model::{ScoreRow, Words};
use crate::study::audit::evidence_wanted;

/// The state of audit finding `number`: what the orders say of it, where they say anything, and the evidence checks.
///
/// One breach is a finding. Where nothing was found, one doubt, or one part that was not examined, keeps the rest from passing.
pub(crate) fn score(number: u8, orders: Option<ScoreRow>, outcomes: &[&Outcome]) -> ScoreRow {
    let ran = outcomes.iter().any(|outcome| outcome.state != State::NotRun);
    let Some(orders) = orders else {
        if !ran {
            let reason = if outcomes.is_empty() { evidence_wanted(number) } else { reasons(outcomes, State::NotRun) };
            return ScoreRow { number, state: "not_run".to_owned(), reason, codes: Vec::new() };
        }
        return combined(number, None, outcomes);
    };
    if number == 1 && outcomes.is_empty() {
        return orders;
    }
    combined(number, Some(orders), outcomes)
}

fn combined(number: u8, orders: Option<ScoreRow>, outcomes: &[&Outcome]) -> ScoreRow {
    let state_of = |state: &str| orders.as_ref().is_some_and(|row| row.state == state);
    let any = |state: State| outcomes.iter().any(|outcome| outcome.state == state);
    let open: Vec<&Outcome> = outcomes.iter().copied().filter(|outcome| outcome.state == State::NotRun && outcome.leaves_open).collect();
    // Fair use is access as well as latency: the orders alone do not settle it.
    let unexamined = number == 7 && outcomes.iter().all(|outcome| outcome.kind.family() != "A");
    let state = if state_of("finding") || any(State::Finding) {
        State::Finding
    } else if state_of("insufficient") || any(State::Insufficient) || !open.is_empty() || unexamined {
        State::Insufficient
    } else {
        State::None
    };
    let mut parts: Vec<Words> =
        orders.iter().filter(|row| row.state == state.name() || state == State::Insufficient).map(|row| row.reason.clone()).collect();
    match state {
        State::Finding => parts.extend(said(outcomes, State::Finding)),
        State::Insufficient => {
            parts.extend(said(outcomes, State::Insufficient));
            parts.extend(said(&open, State::NotRun));
            if unexamined {
                let zh = "使用資格與名單未查核（study.toml 無 [access]）".to_owned();
                parts.push(Words { zh, en: "who may use co-location was not examined (no [access] in study.toml)".to_owned() });
            }
        }
        State::None | State::NotRun => {
            let (n, checks) = (
                outcomes.iter().map(|outcome| outcome.population).sum::<u64>(),
                outcomes.iter().filter(|outcome| outcome.state == State::None).count(),
            );
            if checks > 0 {
                let zh = format!("{checks} 項檢查，{n} 筆證據，未發現");
                parts.push(Words { zh, en: format!("{checks} checks on {n} pieces of evidence found nothing") });
            }
        }
    }
    let mut codes: Vec<String> = orders.map(|row| row.codes).unwrap_or_default();
    let wanted = |outcome: &&&Outcome| outcome.state == state && matches!(state, State::Finding | State::Insufficient);
    codes.extend(outcomes.iter().filter(wanted).map(|outcome| outcome.kind.code.to_owned()));
    codes.sort_unstable();
    codes.dedup();
    ScoreRow { number, state: state.name().to_owned(), reason: joined(&parts), codes }
}

/// The reasons of outcomes in a state, each with its code.
fn said(outcomes: &[&Outcome], state: State) -> Vec<Words> {
    let of = outcomes.iter().filter(|outcome| outcome.state == state);
    of.map(|outcome| {
        let (code, reason) = (outcome.kind.code, &outcome.reason);
        Words { zh: format!("{code} {}", reason.zh), en: format!("{code} {}", reason.en) }
    })
    .collect()
}

/// Reasons that several checks share stand once.
fn reasons(outcomes: &[&Outcome], state: State) -> Words {
    let mut all: Vec<Words> = Vec::new();
    for outcome in outcomes.iter().filter(|outcome| outcome.state == state) {
        let words = Words::from(&outcome.reason);
        if !all.contains(&words) {
            all.push(words);
        }
    }
    joined(&all)
}

fn joined(parts: &[Words]) -> Words {
    let all = |pick: fn(&Words) -> &str, mark: &str| parts.iter().map(pick).collect::<Vec<_>>().join(mark);
    Words { zh: all(|words| &words.zh, "；"), en: all(|words| &words.en, "; ") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::{Sentence, kind};

    fn outcome(code: &'static str, state: State) -> Outcome {
        Outcome { kind: kind(code).expect("a code"), state, ..Outcome::not_run(code, Sentence::new("因", "why")) }
    }

    fn state(number: u8, orders: Option<&str>, outcomes: &[Outcome]) -> String {
        let orders = orders.map(|state| ScoreRow { number, state: state.to_owned(), reason: Words::default(), codes: Vec::new() });
        score(number, orders, &outcomes.iter().collect::<Vec<_>>()).state
    }

    #[test]
    fn one_breach_is_a_finding_and_one_open_part_keeps_the_rest_from_passing() {
        use State::{Finding, Insufficient, None as Nothing, NotRun};
        let of = |states: &[State]| {
            state(4, None, &states.iter().zip(["C401", "C402", "C403"]).map(|(state, code)| outcome(code, *state)).collect::<Vec<_>>())
        };
        assert_eq!(of(&[Nothing, Nothing, Nothing]), "none");
        assert_eq!(of(&[Nothing, Insufficient, Nothing]), "insufficient");
        assert_eq!(of(&[Nothing, NotRun, Nothing]), "insufficient");
        assert_eq!(of(&[Insufficient, Finding, NotRun]), "finding");
        assert_eq!(of(&[NotRun, NotRun, NotRun]), "not_run");
        assert_eq!(of(&[]), "not_run");
    }

    #[test]
    fn latency_alone_does_not_clear_fair_use_and_an_absent_lead_does_not_bar_it() {
        assert_eq!(state(7, Some("none"), &[]), "insufficient");
        assert_eq!(state(7, Some("none"), &[outcome("A02", State::None), outcome("A13", State::NotRun)]), "none");
        assert_eq!(state(7, Some("none"), &[outcome("A02", State::None), outcome("A01", State::NotRun)]), "insufficient");
        assert_eq!(state(7, Some("insufficient"), &[outcome("A02", State::None)]), "insufficient");
        assert_eq!(state(7, Some("finding"), &[outcome("A02", State::None)]), "finding");
        assert_eq!(state(1, Some("none"), &[]), "none");
    }
}
