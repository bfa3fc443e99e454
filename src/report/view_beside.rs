//! What stands beside the verdict, as the page shows it.

use serde::Serialize;

use crate::report::i18n;
use crate::report::model::{AlternativeRow, Beside, ClientRow, ReplayRow, Words};
use crate::report::numbers::{NONE, duration_f64, p_value, percent, signed_duration};
use crate::report::view::{Capped, Figure, Name, capped, figure, safe, time, whole};

/// Clients shown, the strongest pull on the median gap first.
const MAX_CLIENTS: usize = 10;
/// Rows of the other lists.
const MAX_ROWS: usize = 60;
/// Columns of a name in a table.
const NAME: usize = 36;

/// The section, its sentences and tables.
#[derive(Serialize)]
pub(crate) struct BesideView {
    full: bool,
    replayed: bool,
    sentences: Capped<Words>,
    alternatives: Capped<AlternativeView>,
    stages: Capped<StageView>,
    clients: Capped<ClientView>,
}

#[derive(Serialize)]
struct AlternativeView {
    what: Words,
    changed: Capped<Words>,
}

#[derive(Serialize)]
struct StageView {
    favoured: Name,
    disadvantaged: Name,
    /// `None`: the total.
    stage: Option<Words>,
    figures: Vec<Figure>,
}

#[derive(Serialize)]
struct ClientView {
    client: Name,
    group: Name,
    against: Name,
    figures: Vec<Figure>,
}

/// Formats what stands beside the verdict.
pub(crate) fn beside_view(found: &Beside) -> BesideView {
    let mut clients: Vec<&ClientRow> = found.clients.iter().collect();
    clients.sort_by(|left, right| right.pull.abs().total_cmp(&left.pull.abs()));
    let sentences: Vec<Words> = i18n::beside(found);
    BesideView {
        full: found.depth == "full",
        replayed: found.replay.is_some(),
        sentences: capped(&sentences, MAX_ROWS, Words::clone),
        alternatives: capped(&found.sensitivity, MAX_ROWS, alternative),
        stages: capped(&stages(found), MAX_ROWS, StageRow::view),
        clients: capped(&clients, MAX_CLIENTS, |row| client(row, found)),
    }
}

fn alternative(row: &AlternativeRow) -> AlternativeView {
    let changed: Vec<Words> = row.changed.iter().map(i18n::verdict_change).collect();
    AlternativeView { what: safe(&row.what.words), changed: capped(&changed, 6, Words::clone) }
}

/// A stage, or the total, of a pair.
struct StageRow<'a> {
    pair: [&'a str; 2],
    stage: Option<&'a str>,
    difference: i64,
    se: Option<f64>,
}

fn stages(found: &Beside) -> Vec<StageRow<'_>> {
    let mut rows = Vec::new();
    for pair in &found.stages {
        let names = [pair.favoured.as_str(), pair.disadvantaged.as_str()];
        let parts = pair.parts.iter();
        rows.extend(parts.map(|part| StageRow { pair: names, stage: Some(&part.stage), difference: part.difference, se: part.se }));
        rows.push(StageRow { pair: names, stage: None, difference: pair.total, se: None });
    }
    rows
}

impl StageRow<'_> {
    fn view(&self) -> StageView {
        let se = self.se.map_or_else(|| figure(NONE, ""), |se| figure(&duration_f64(se), se));
        StageView {
            favoured: Name::new(self.pair[0], NAME),
            disadvantaged: Name::new(self.pair[1], NAME),
            stage: self.stage.map(|stage| safe(&i18n::stage_words(stage))),
            figures: vec![figure(&signed_duration(self.difference as f64), self.difference), se],
        }
    }
}

fn client(row: &ClientRow, found: &Beside) -> ClientView {
    let replayed = found.replay.iter().flat_map(|table| &table.clients).find(|own| (&own.group, &own.client) == (&row.group, &row.client));
    let lost = |own: &ReplayRow| figure(&signed_duration(own.lost_mean), own.lost_mean);
    let places = |own: &ReplayRow| figure(&format!("{:+}", own.places), own.places);
    let absent = || figure(NONE, "");
    ClientView {
        client: Name::new(&row.client, NAME),
        group: Name::new(&row.group, NAME),
        against: Name::new(&row.against, NAME),
        figures: vec![
            whole(row.n),
            figure(&percent(row.share), row.share),
            time(row.median),
            figure(&percent(row.slower), row.slower),
            figure(&signed_duration(row.pull), row.pull),
            figure(&format!("{} / {}", row.days_alike, row.days), row.days_alike),
            row.p_adjusted.map_or_else(absent, |p| figure(&p_value(p), p)),
            replayed.map_or_else(absent, lost),
            replayed.map_or_else(absent, places),
        ],
    }
}

#[cfg(test)]
mod tests {
    use crate::report::html::html;
    use crate::report::model::{
        AlternativeRow, Beside, ClientRow, MissingnessRow, PlaceboRow, PooledRow, Reason, ReplayRow, ReplayTable, StageBlameRow,
        StagePartRow, VerdictChangeRow, Words,
    };
    use crate::report::sample::sample_result;

    fn client(name: &str, pull: f64) -> ClientRow {
        ClientRow {
            group: "QUANT".into(),
            against: "HFT".into(),
            client: name.into(),
            n: 1_200,
            share: 0.12,
            median: 52_000,
            slower: 0.71,
            part: 0.03,
            pull,
            days: 10,
            days_alike: 9,
            p_value: Some(0.001),
            p_adjusted: Some(0.004),
        }
    }

    fn full() -> Beside {
        let change = VerdictChangeRow {
            favoured: "HFT".into(),
            disadvantaged: "QUANT".into(),
            from: "unfair".into(),
            to: "client_specific".into(),
            reasons: vec!["client_specific".into()],
        };
        let what =
            |code: &str| Reason { code: code.into(), words: Words { zh: "不以負載分層".into(), en: "without load strata".into() } };
        let part = |stage: &str, difference| StagePartRow { stage: stage.into(), difference, se: Some(300.0) };
        let replayed = |client: &str| ReplayRow {
            group: "QUANT".into(),
            client: client.into(),
            n: 1_200,
            lost_mean: 4_500.0,
            places: 31,
            largest: 9_000,
        };
        Beside {
            depth: "full".into(),
            clients: (0..30).map(|i| client(&format!("C{i:02}"), f64::from(i) * 100.0)).collect(),
            pooled: vec![],
            stages: vec![StageBlameRow {
                favoured: "HFT".into(),
                disadvantaged: "QUANT".into(),
                parts: vec![part("received_at -> decided_at", 11_000), part("decided_at -> sent_at", 1_640)],
                total: 12_640,
                n: 99_000,
            }],
            placebo: Some(PlaceboRow { groupings: 200, accused: 3, client_specific: 0, fair: 150, accused_share: 0.015, seed: 1 }),
            missingness: vec![MissingnessRow {
                favoured: "HFT".into(),
                disadvantaged: "QUANT".into(),
                missing: [10, 94],
                shares: [0.0001, 0.0011],
                difference: 0.001,
                se: Some(0.0002),
                lower: Some(0.0006),
                upper: Some(0.0014),
                p_value: Some(0.01),
                gap_bounds: Some([12_500, 12_800]),
            }],
            replay: Some(ReplayTable { scope: "shard".into(), lines: 2, groups: vec![replayed("")], clients: vec![replayed("C29")] }),
            sensitivity: vec![
                AlternativeRow { what: what("no_load"), changed: vec![change] },
                AlternativeRow { what: what("slot"), changed: vec![] },
            ],
        }
    }

    #[test]
    fn the_page_says_what_would_change_the_verdict_and_shows_the_ten_clients_that_pull_most() {
        let mut result = sample_result();
        assert!(!html(&result).contains("id=\"beside\""));
        result.beside = Some(full());
        let page = html(&result);
        for words in [
            "What would change the verdict",
            "什麼會改變判定",
            "of 200 groupings drawn at random by client, 3 would have been accused (1.50\u{a0}%)",
            "unfair \u{2192} single clients (client_specific)",
            "不公平 \u{2192} 個別客戶 (client_specific)",
            "+11.0\u{a0}\u{b5}s",
            "data-value=\"12640\"",
            ">C29<",
            ">C20<",
            "+31",
            "QUANT loses +4.50\u{a0}\u{b5}s and +0.026 places an order",
        ] {
            assert!(page.contains(words), "{words}");
        }
        assert!(!page.contains(">C19<"));
        result.beside = Some(Beside { depth: "standard".into(), ..Beside::default() });
        assert!(html(&result).contains("--depth full"));
    }

    #[test]
    fn hostile_client_names_are_inert() {
        let mut result = sample_result();
        let mut beside = full();
        for row in &mut beside.clients {
            row.client = "<script>alert(1)</script>\u{202e}".into();
        }
        beside.sensitivity[0].what.words.en = "without <img src=x> of A".into();
        beside.sensitivity[0].changed[0].favoured = "</style><b>".into();
        let hostile = "\u{202e}<img src=x>".to_owned();
        beside.pooled = vec![PooledRow {
            favoured: hostile.clone(),
            disadvantaged: hostile.clone(),
            pooled_gap: -1,
            pooled_superiority: 0.4,
            stratified_gap: Some(1.0),
            stratified_superiority: Some(0.6),
            alarm: Some(Reason { code: "simpson".into(), words: Words { zh: hostile.clone(), en: hostile } }),
        }];
        result.beside = Some(beside);
        let page = html(&result);
        for raw in ["<script>alert", "<img", "</style><b", "\u{202e}"] {
            assert!(!page.contains(raw), "{raw}");
        }
    }

    #[test]
    fn a_result_without_the_section_is_still_read() {
        let mut value = serde_json::to_value(sample_result()).expect("a plain result");
        value.as_object_mut().expect("an object").remove("beside");
        let read: crate::report::model::StudyResult = serde_json::from_value(value).expect("an older result");
        assert!(read.beside.is_none());
        let mut result = sample_result();
        result.beside = Some(full());
        let text = serde_json::to_string(&result).expect("a plain result");
        let again: crate::report::model::StudyResult = serde_json::from_str(&text).expect("what was written");
        assert_eq!(serde_json::to_value(again.beside).expect("plain"), serde_json::to_value(full()).expect("plain"));
    }
}
