//! The pairs of groups as the page shows them: verdict, effects, reasons, and the raw comparison.

use serde::Serialize;

use crate::report::i18n;
use crate::report::model::{Effect, GroupRow, PairRow, Words};
use crate::report::numbers::NONE;
use crate::report::numbers::{count, duration_f64, p_value, percent, points, shown_name, signed_duration};
use crate::report::view::{Badge, Figure, NAME, Name, badge, figure, safe, whole};

/// Clients that a pair hangs on, named at most.
const MOST_NAMED: usize = 5;

#[derive(Serialize)]
pub(crate) struct Pair {
    favoured: Name,
    disadvantaged: Name,
    badge: Badge,
    client_specific: Option<String>,
    effects: Vec<Option<EffectView>>,
    n: (Figure, Figure),
    overlap: Option<Figure>,
    blocks: Figure,
    routing: Option<Figure>,
    detectable: Option<Figure>,
    reasons: Vec<PairReason>,
}

#[derive(Serialize)]
struct EffectView {
    estimate: Figure,
    lower: Figure,
    upper: Figure,
    margin: Figure,
    points: bool,
    silent: bool,
}

#[derive(Serialize)]
pub(crate) struct Raw {
    favoured: Name,
    disadvantaged: Name,
    figures: Vec<Figure>,
}

/// What matters first: unfair, client-specific, inconclusive, then the rest; by name inside each.
pub(crate) fn ordered(pairs: &[PairRow]) -> Vec<&PairRow> {
    let rank = |pair: &PairRow| match pair.verdict.as_str() {
        "unfair" => 0,
        _ if pair.client_specific => 1,
        "reversed" => 4,
        "fair" => 3,
        _ => 2,
    };
    let mut ordered: Vec<&PairRow> = pairs.iter().collect();
    ordered.sort_by_key(|pair| (rank(pair), &pair.favoured, &pair.disadvantaged));
    ordered
}

/// A reason, and the code that `colofair explain` knows it by.
#[derive(Serialize)]
struct PairReason {
    #[serde(flatten)]
    words: Words,
    code: Option<String>,
}

pub(crate) fn pair(pair: &PairRow, groups: &[GroupRow]) -> Pair {
    let named: Vec<String> = pair.clients_named.iter().take(MOST_NAMED).map(|client| shown_name(client, NAME)).collect();
    let more = pair.clients_named.len().saturating_sub(MOST_NAMED);
    let [median, tail, overtaking] = i18n::silenced(pair);
    Pair {
        favoured: Name::new(&pair.favoured, NAME),
        disadvantaged: Name::new(&pair.disadvantaged, NAME),
        badge: badge(&pair.verdict),
        client_specific: pair.client_specific.then(|| named.join(", ") + &if more == 0 { String::new() } else { format!(" (+{more})") }),
        effects: vec![
            pair.median_gap.as_ref().map(|effect| effect_view(effect, false, median)),
            pair.tail_excess.as_ref().map(|effect| effect_view(effect, true, tail)),
            pair.overtaking.as_ref().map(|effect| effect_view(effect, true, overtaking)),
        ],
        n: (whole(pair.n_favoured), whole(pair.n_disadvantaged)),
        overlap: pair.overlap.map(|share| figure(&percent(share), share)),
        blocks: whole(pair.blocks),
        routing: pair
            .routing
            .as_ref()
            .filter(|_| !median)
            .map(|routing| figure(&signed_duration(routing.routing_part), routing.routing_part)),
        detectable: pair.power.as_ref().map(|power| figure(&duration_f64(power.minimum_detectable_gap), power.minimum_detectable_gap)),
        reasons: pair
            .reasons
            .iter()
            .map(|reason| PairReason { words: safe(&reason.words), code: Some(reason.code.clone()) })
            .chain(i18n::raw_disagrees(pair, groups).into_iter().map(|words| PairReason { words, code: None }))
            .collect(),
    }
}

fn effect_view(effect: &Effect, in_points: bool, silent: bool) -> EffectView {
    let signed = |value: f64| figure(&if in_points { points(value) } else { signed_duration(value) }, value);
    let margin = if in_points { format!("{:.2}", effect.margin * 100.0) } else { duration_f64(effect.margin) };
    EffectView {
        estimate: signed(effect.estimate),
        lower: signed(effect.lower),
        upper: signed(effect.upper),
        margin: figure(&margin, effect.margin),
        points: in_points,
        silent,
    }
}

pub(crate) fn raw(pair: &PairRow) -> Raw {
    let c = &pair.comparison;
    let p = |p: Option<f64>| p.map_or_else(|| figure(NONE, ""), |p| figure(&p_value(p), p));
    let u = figure(&count(c.mann_whitney_u.max(0.0).round() as u64), c.mann_whitney_u);
    Raw {
        favoured: Name::new(&pair.favoured, NAME),
        disadvantaged: Name::new(&pair.disadvantaged, NAME),
        figures: vec![
            whole(pair.n_favoured),
            whole(pair.n_disadvantaged),
            u,
            p(c.mann_whitney_p),
            figure(&format!("{:.4}", c.ks_statistic), c.ks_statistic),
            p(c.ks_p),
        ],
    }
}
