//! A comparison as an offline page in both languages, with the report's head, style and switch.

use serde::Serialize;

use crate::report::charts;
use crate::report::compare::{Compared, ComparedEffect, ComparedFinding, ComparedGroup, ComparedPair, ComparedScore, Side};
use crate::report::i18n::{self, COMPARE, CompareLabels, LABELS, Label, Labels, Language, SEED_FINDINGS};
use crate::report::model::Words;
use crate::report::numbers::{points, shown_name, signed_duration};
use crate::report::page::rendered;
use crate::report::view::{Badge, Capped, Figure, Name, badge, capped, figure, safe, sentences, state_badge, time, whole};

const NAME: usize = 36;
/// Rows of a table; the rest are counted.
const MAX_ROWS: usize = 200;

/// The page, in `language` with the other one a click away.
#[must_use]
pub fn compare_html(found: &Compared, language: Language) -> String {
    rendered("compare", language.pick(&Words { zh: COMPARE.title.zh.into(), en: COMPARE.title.en.into() }), view(found, language))
}

#[derive(Serialize)]
struct View {
    l: Labels,
    c: CompareLabels,
    lang: &'static str,
    title: Name,
    independent: bool,
    studies: Vec<StudyView>,
    cautions: Capped<Words>,
    differences: Option<Words>,
    pairs: Capped<PairView>,
    hidden_pairs: usize,
    groups: Capped<GroupView>,
    findings: Capped<FindingView>,
    scorecard: Vec<ScoreView>,
}

#[derive(Serialize)]
struct StudyView {
    which: Label,
    title: Name,
    period: Option<[String; 2]>,
    badge: Badge,
    matched: Figure,
    version: String,
    config_sha256: String,
}

#[derive(Serialize)]
struct PairView {
    favoured: Name,
    disadvantaged: Name,
    changed: bool,
    verdicts: Vec<VerdictView>,
    effects: Vec<EffectView>,
    undecided: Vec<UndecidedView>,
}

/// Why a study could not decide.
#[derive(Serialize)]
struct UndecidedView {
    which: Label,
    reasons: Vec<Words>,
}

#[derive(Serialize)]
struct VerdictView {
    badge: Option<Badge>,
    single: Option<Label>,
}

#[derive(Serialize)]
struct EffectView {
    name: Label,
    points: bool,
    sides: Vec<Option<[Figure; 3]>>,
    counts: [bool; 2],
    difference: Option<[Figure; 3]>,
}

#[derive(Serialize)]
struct GroupView {
    name: Name,
    suppressed: bool,
    sides: Vec<Option<[Figure; 3]>>,
}

#[derive(Serialize)]
struct FindingView {
    code: String,
    change: Label,
    changed: bool,
    sides: Vec<FoundView>,
}

#[derive(Serialize)]
struct FoundView {
    badge: Option<Badge>,
    word: Label,
    count: Figure,
}

#[derive(Serialize)]
struct ScoreView {
    number: u8,
    title: Label,
    changed: bool,
    sides: Vec<Option<Badge>>,
}

fn view(found: &Compared, language: Language) -> View {
    let shown: Vec<&ComparedPair> = found.pairs.iter().filter(|pair| !pair.suppressed).collect();
    let in_both = |language| charts::differences(found, language);
    View {
        l: LABELS,
        c: COMPARE,
        lang: language.tag(),
        title: Name::new(language.pick(&Words { zh: COMPARE.title.zh.into(), en: COMPARE.title.en.into() }), 120),
        independent: found.independent,
        studies: [COMPARE.first, COMPARE.second].into_iter().zip(&found.studies).map(study).collect(),
        cautions: capped(&found.cautions, MAX_ROWS, |caution| safe(&caution.words)),
        differences: in_both(Language::ZhTw).zip(in_both(Language::En)).map(|(zh, en)| Words { zh, en }),
        pairs: capped(&shown, MAX_ROWS, |row| pair(row)),
        hidden_pairs: found.pairs.len() - shown.len(),
        groups: capped(&found.groups, MAX_ROWS, group),
        findings: capped(&found.findings, MAX_ROWS, finding),
        scorecard: found.scorecard.iter().map(score).collect(),
    }
}

fn study((which, side): (Label, &Side)) -> StudyView {
    StudyView {
        which,
        title: Name::new(&side.title, 60),
        period: side.period.clone(),
        badge: badge(&side.verdict),
        matched: whole(side.matched),
        version: shown_name(&side.version, 20),
        config_sha256: shown_name(&side.config_sha256, 16),
    }
}

fn pair(pair: &ComparedPair) -> PairView {
    let verdict = |side: usize| VerdictView {
        badge: pair.verdicts[side].as_deref().map(badge),
        single: pair.client_specific[side].then(|| i18n::verdict("client_specific")),
    };
    let changed = pair.verdicts[0] != pair.verdicts[1] || pair.client_specific[0] != pair.client_specific[1];
    PairView {
        favoured: Name::new(&pair.favoured, NAME),
        disadvantaged: Name::new(&pair.disadvantaged, NAME),
        changed,
        verdicts: if changed { vec![verdict(0), verdict(1)] } else { vec![verdict(0)] },
        effects: pair.effects.iter().map(effect).collect(),
        undecided: [COMPARE.first, COMPARE.second]
            .into_iter()
            .zip(&pair.undecided)
            .filter(|(_, reasons)| !reasons.is_empty())
            .map(|(which, reasons)| UndecidedView { which, reasons: sentences(reasons) })
            .collect(),
    }
}

fn effect(effect: &ComparedEffect) -> EffectView {
    let (name, points_not_time) = match effect.name {
        "median_gap" => (LABELS.median_gap, false),
        "tail_excess" => (LABELS.tail_excess, true),
        _ => (LABELS.overtaking, true),
    };
    let shown = |value: f64| figure(&if points_not_time { points(value) } else { signed_duration(value) }, value);
    EffectView {
        name,
        points: points_not_time,
        sides: effect.estimates.iter().map(|side| side.map(|values| values.map(shown))).collect(),
        counts: effect.counts,
        difference: effect.difference.map(|found| [found.estimate, found.lower, found.upper].map(shown)),
    }
}

fn group(group: &ComparedGroup) -> GroupView {
    let side = |side: &crate::report::compare::GroupSide| [whole(side.n), time(side.p50), time(side.p99)];
    let sides = group.sides.iter().map(|shown| shown.as_ref().map(side)).collect();
    GroupView { name: Name::new(&group.group, NAME), suppressed: group.suppressed, sides }
}

fn finding(finding: &ComparedFinding) -> FindingView {
    let open = matches!(finding.change, "undecided" | "undecided_before");
    let side = |side: usize| {
        let (badge, ran) = (finding.verdicts[side].as_deref().map(badge), finding.ran[side]);
        // No figure of a check that did not run, or that could not decide.
        let counted = badge.is_some() || ran && !open;
        FoundView {
            word: match (ran, open) {
                (false, _) => i18n::state("not_run"),
                (true, true) => COMPARE.not_decided,
                (true, false) => i18n::state("none"),
            },
            count: if counted { whole(finding.counts[side]) } else { figure("\u{2013}", "") },
            badge,
        }
    };
    FindingView {
        code: shown_name(&finding.code, 12),
        change: i18n::change(finding.change),
        changed: finding.change != "stayed",
        sides: vec![side(0), side(1)],
    }
}

fn score(row: &ComparedScore) -> ScoreView {
    let title = usize::from(row.number).checked_sub(1).and_then(|place| SEED_FINDINGS.get(place)).copied();
    ScoreView {
        number: row.number,
        title: title.unwrap_or(LABELS.unknown),
        changed: row.states[0] != row.states[1],
        sides: row.states.iter().map(|state| state.as_deref().map(state_badge)).collect(),
    }
}
