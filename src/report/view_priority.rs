//! The order of handling, as the page shows it.

use serde::Serialize;

use crate::record::Timestamp;
use crate::report::i18n::{self, LABELS};
use crate::report::model::{Priority, PriorityCell, PriorityExcess, PriorityLadder, PriorityRung, Words};
use crate::report::numbers::{NONE, p_value, points, signed_duration, typeset};
use crate::report::view::{Badge, Capped, Figure, Name, badge, capped, figure, safe, time, whole};

/// Rows of a matrix shown.
const MAX_CELLS: usize = 60;
/// Rows of the other lists.
const MAX_ROWS: usize = 20;
/// Columns of a name in a table.
const NAME: usize = 36;

/// The section, its sentences and tables.
#[derive(Serialize)]
pub(crate) struct PriorityView {
    scope: Words,
    sentences: Vec<Words>,
    not_run: Vec<Words>,
    cells: Capped<CellView>,
    cases: Capped<ExcessView>,
    trading_ahead: Capped<LadderView>,
    ladders: Capped<LadderView>,
    uncertain: [Figure; 2],
}

#[derive(Serialize)]
struct CellView {
    by: i18n::Label,
    later: Name,
    earlier: Name,
    figures: Vec<Figure>,
}

#[derive(Serialize)]
struct ExcessView {
    /// `None` is the house.
    party: Option<Name>,
    badge: Badge,
    figures: Vec<Figure>,
}

#[derive(Serialize)]
struct LadderView {
    line: Name,
    side: Option<i18n::Label>,
    orders: Vec<RungView>,
    figures: Vec<Figure>,
}

#[derive(Serialize)]
struct RungView {
    place: Name,
    client: Name,
    stamps: Vec<String>,
}

/// Formats the section; `told` where the section of the records tells of the serials.
pub(crate) fn priority_view(found: &Priority, told: bool) -> PriorityView {
    let cells: Vec<(&str, &PriorityCell)> = found
        .matrices
        .iter()
        .filter(|matrix| matrix.scope == found.scope && matrix.by != "client")
        .flat_map(|matrix| matrix.cells.iter().map(|cell| (matrix.by.as_str(), cell)))
        .collect();
    let parties = found.ahead.iter().flat_map(|ahead| {
        let house = ahead.house.iter().map(|house| (None, house));
        house.chain(ahead.clients.iter().map(|client| (Some(Name::new(&client.party, NAME)), client)))
    });
    let cases: Vec<(Option<Name>, &PriorityExcess)> = parties.filter(|(_, one)| one.cases > 0).collect();
    PriorityView {
        scope: i18n::scope_word(&found.scope).map_or_else(
            || Words { zh: found.scope.clone(), en: found.scope.clone() },
            |word| Words { zh: word.zh.into(), en: word.en.into() },
        ),
        sentences: i18n::priority(found, told),
        not_run: found.not_run.iter().map(|reason| safe(&reason.words)).collect(),
        cells: capped(&cells, MAX_CELLS, |(by, row)| cell(by, row)),
        cases: capped(&cases, MAX_ROWS, |(party, one)| excess(party.as_ref(), one)),
        trading_ahead: capped(&found.cases, MAX_ROWS, ladder),
        ladders: capped(&found.worst, MAX_ROWS, ladder),
        uncertain: found.undecidable_within.map(time),
    }
}

fn cell(by: &str, row: &PriorityCell) -> CellView {
    let share = |value: Option<f64>| value.map_or_else(|| figure(NONE, ""), |value| figure(&points(value), value));
    CellView {
        by: i18n::passing_between(by),
        later: Name::new(&row.later, NAME),
        earlier: Name::new(&row.earlier, NAME),
        figures: vec![
            whole(row.opportunities),
            whole(row.provable),
            figure(&format!("{:.1}", row.expected), row.expected),
            whole(row.nominal),
            whole(row.undecidable),
            share(row.asymmetry),
            share(row.lower),
            share(row.upper),
        ],
    }
}

fn excess(party: Option<&Name>, row: &PriorityExcess) -> ExcessView {
    let expected = row.expected.map_or_else(|| figure(NONE, ""), |expected| figure(&format!("{expected:.1}"), expected));
    ExcessView {
        party: party.cloned(),
        badge: badge(if row.confirmed { "confirmed" } else { "not_held" }),
        figures: vec![whole(row.cases), whole(row.mirror), expected, row.p.map_or_else(|| figure(NONE, ""), |p| figure(&p_value(p), p))],
    }
}

fn ladder(row: &PriorityLadder) -> LadderView {
    LadderView {
        line: Name::new(&row.symbol, 16),
        side: match row.side.as_str() {
            "B" => Some(LABELS.buy),
            "S" => Some(LABELS.sell),
            _ => None,
        },
        orders: row.orders.iter().map(rung).collect(),
        figures: vec![time(row.time), whole(row.places), whole(row.shares.max(0) as u64)],
    }
}

fn rung(row: &PriorityRung) -> RungView {
    // The receipt in full; what follows counts from it, so that a reader need not subtract.
    let after = |nanos: Option<i64>| {
        nanos.map_or_else(|| NONE.to_owned(), |nanos| typeset(&signed_duration(nanos.saturating_sub(row.received) as f64)))
    };
    RungView {
        place: Name::new(&format!("{}{}", row.file, row.at()), 48),
        client: Name::new(&row.client, NAME),
        stamps: vec![Timestamp(row.received).to_string(), after(row.decided), after(Some(row.sent)), after(row.acknowledged)],
    }
}

#[cfg(test)]
mod tests {
    use crate::report::html::html;
    use crate::report::i18n::Language;
    use crate::report::model::{
        Priority, PriorityAhead, PriorityCell, PriorityExcess, PriorityLadder, PriorityMatrix, PriorityRung, PrioritySequence, Reason,
        Words,
    };
    use crate::report::sample::sample_result;
    use crate::report::terminal::summary;

    fn section(name: &str) -> Priority {
        let cell = |later: &str, earlier: &str, asymmetry| PriorityCell {
            later: later.into(),
            earlier: earlier.into(),
            opportunities: 9_653,
            provable: 420,
            nominal: 433,
            undecidable: 17,
            expected: 211.4,
            asymmetry: Some(asymmetry),
            lower: Some(asymmetry - 0.01),
            upper: Some(asymmetry + 0.01),
            blocks: 52,
        };
        let rung = |row| PriorityRung {
            file: "orders.csv".into(),
            row,
            client: name.into(),
            received: 1_767_574_800_000_000_000,
            ..Default::default()
        };
        let gate = Reason { code: "few_blocks".into(), words: Words { zh: "僅 9 個時段".into(), en: "9 blocks".into() } };
        let house = PriorityExcess {
            party: name.into(),
            cases: 42,
            mirror: 3,
            expected: Some(2.9),
            p: Some(0.000_01),
            confirmed: false,
            gates: vec![gate],
        };
        Priority {
            scope: "instrument".into(),
            matrices: vec![PriorityMatrix {
                by: "group".into(),
                scope: "instrument".into(),
                cells: vec![cell("HFT", name, 0.043), cell(name, "HFT", -0.043)],
                phases: vec![],
            }],
            sequence: PrioritySequence { orders: 100_000, out_of_sequence: 1_250, ratio: 0.0125 },
            worst: vec![PriorityLadder {
                orders: [rung(4), rung(9)],
                places: 3,
                shares: 7_000,
                time: 400_000_000,
                symbol: name.into(),
                side: "B".into(),
            }],
            ahead: Some(PriorityAhead {
                level: "orders".into(),
                rule: Words { zh: "規定（P03）：客戶優先。".into(), en: "Rule (P03): clients first.".into() },
                house_orders: 900,
                house_orders_ahead: 38,
                house: Some(house),
                clients: vec![],
                clients_tested: 40,
                client_rows: 0,
                ties: 0,
                nominal: [1, 0],
                excepted: 0,
                shares: 12_000,
                harm: None,
                harm_at_most: Some(1_500.0),
                lines_left_out: 0,
            }),
            ..Priority::default()
        }
    }

    #[test]
    fn the_page_shows_cases_against_chance_and_says_what_is_not_proven() {
        let mut result = sample_result();
        assert!(!html(&result).contains("id=\"priority\""));
        result.priority = Some(section("QUANT"));
        let page = html(&result);
        for words in [
            "id=\"priority\"",
            "House ahead of clients: 42 pairs of orders, 3 the other way (about 2.9 expected from those)",
            "Not confirmed (9 blocks)",
            "未成立（",
            "Nominal only: 1 of the house",
            "orders.csv#9",
            "data-value=\"0.043\"",
            "1.25",
        ] {
            assert!(page.contains(words), "{words}");
        }
        let text = summary(&result, Language::En, false, 100);
        assert!(text.contains("1,250 orders out of sequence"), "{text}");
    }

    #[test]
    fn hostile_names_are_inert() {
        let mut result = sample_result();
        result.priority = Some(section("<script>alert(1)</script>\u{202e}"));
        let page = html(&result);
        assert!(!page.contains("<script>alert") && !page.contains('\u{202e}'));
    }
}
