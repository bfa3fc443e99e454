//! How the rows of a table are shown to people: an instant in UTC and in the study's zone, a duration in microseconds beside its nanoseconds.

use crate::record::{Timestamp, Zone};
use crate::report::i18n::{Language, column_title, flag_words, value_word};
use crate::report::table_rows::{Cell, Holds};

/// Columns in nanoseconds.
const DURATIONS: [&str; 3] = ["latency", "time", "ahead_by"];

/// One shown column.
#[derive(Clone, Copy)]
enum Show {
    AsItIs(usize),
    /// A code is shown as its word.
    Word(usize),
    /// Codes joined by commas.
    Flags(usize),
    Utc(usize),
    Local(usize),
    Micros(usize),
}

/// The shown columns of a table.
pub(crate) struct RowView {
    zone: Zone,
    language: Language,
    names: Vec<String>,
    shown: Vec<(String, Show)>,
}

impl RowView {
    /// For a table of these columns; instants are shown in `zone` too.
    pub(crate) fn of(columns: &[(String, Holds)], zone: Zone, language: Language) -> Self {
        let mut shown = Vec::with_capacity(columns.len() + 4);
        for (at, (name, holds)) in columns.iter().enumerate() {
            if is_of_other_language(name, columns, language) {
                continue;
            }
            let title = column_title(name, language);
            match holds {
                Holds::Instants => {
                    shown.push((format!("{title} (UTC)"), Show::Utc(at)));
                    shown.push((format!("{title} ({})", zone.name()), Show::Local(at)));
                }
                Holds::Values if DURATIONS.contains(&name.as_str()) => {
                    shown.push((format!("{title} (\u{b5}s)"), Show::Micros(at)));
                    shown.push((format!("{title} (ns)"), Show::AsItIs(at)));
                }
                Holds::Values if name == "flags" => shown.push((title, Show::Flags(at))),
                Holds::Values => shown.push((title, Show::Word(at))),
            }
        }
        let names = columns.iter().map(|(name, _)| name.clone()).collect();
        Self { zone, language, names, shown }
    }

    /// Heads of the shown columns.
    pub(crate) fn titles(&self) -> impl Iterator<Item = &str> {
        self.shown.iter().map(|(title, _)| title.as_str())
    }

    /// The shown cells of a row; none of them is an instant any more.
    pub(crate) fn row(&self, row: &[Cell]) -> Vec<Cell> {
        let shown = |show: Show| match show {
            Show::AsItIs(at) => row[at].clone(),
            Show::Word(at) => match &row[at] {
                Cell::Text(value) => match value_word(&self.names[at], value) {
                    Some(word) => Cell::Text(word.pick(self.language).to_owned()),
                    None => row[at].clone(),
                },
                other => other.clone(),
            },
            Show::Flags(at) => match &row[at] {
                Cell::Text(flags) => Cell::Text(flag_words(flags, self.language)),
                other => other.clone(),
            },
            Show::Utc(at) => instant(&row[at], Zone::UTC),
            Show::Local(at) => instant(&row[at], self.zone),
            Show::Micros(at) => match row[at] {
                Cell::Whole(nanos) => Cell::Real(nanos as f64 / 1e3),
                _ => Cell::Empty,
            },
        };
        self.shown.iter().map(|(_, show)| shown(*show)).collect()
    }
}

/// Whether a column says in another language, or in a code, what another column says in this one.
fn is_of_other_language(name: &str, columns: &[(String, Holds)], language: Language) -> bool {
    let (own, other) = if language == Language::En { ("_en", "_zh") } else { ("_zh", "_en") };
    let has = |name: &str| columns.iter().any(|(known, _)| known == name);
    name.ends_with(other) || has(&format!("{name}{own}"))
}

fn instant(cell: &Cell, zone: Zone) -> Cell {
    match cell {
        Cell::Instant(nanos) => Cell::Text(local_text(*nanos, zone)),
        _ => Cell::Empty,
    }
}

/// ISO 8601 with nine decimals and the offset of the zone: text in any program, and one instant.
pub(crate) fn local_text(nanos: i64, zone: Zone) -> String {
    let offset = zone.offset_at(Timestamp(nanos));
    let utc = Timestamp(nanos.saturating_add(offset)).to_string();
    if zone == Zone::UTC {
        return utc;
    }
    let (sign, minutes) = (if offset < 0 { '-' } else { '+' }, offset.unsigned_abs() / 60_000_000_000);
    format!("{}{sign}{:02}:{:02}", utc.trim_end_matches('Z'), minutes / 60, minutes % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_is_shown_in_utc_and_with_the_offset_of_the_zone() {
        let zone = |name: &str| Zone::named(name).expect("a zone");
        let instant = 1_767_574_800_123_456_789;
        assert_eq!(local_text(instant, Zone::UTC), "2026-01-05T01:00:00.123456789Z");
        assert_eq!(local_text(instant, zone("Asia/Taipei")), "2026-01-05T09:00:00.123456789+08:00");
        assert_eq!(local_text(instant, zone("America/St_Johns")), "2026-01-04T21:30:00.123456789-03:30");
    }

    #[test]
    fn codes_are_shown_as_words_and_a_text_in_one_language_alone() {
        let columns = ["side", "reason", "reason_zh", "reason_en", "note", "note_zh"].map(|name| (name.to_owned(), Holds::Values));
        let row = ["orders", "serial_gap", "其前跳號", "serials skipped before it", "it is earlier", "其時間較早"];
        let row = row.map(|text| Cell::Text(text.to_owned()));
        for (language, heads, shown) in [
            (Language::ZhTw, ["別", "理由", "說明"], ["委託", "其前跳號", "其時間較早"]),
            (Language::En, ["Side", "Reason", "Note"], ["Orders", "serials skipped before it", "it is earlier"]),
        ] {
            let view = RowView::of(&columns, Zone::UTC, language);
            assert_eq!(view.titles().collect::<Vec<_>>(), heads);
            assert_eq!(view.row(&row), shown.map(|text| Cell::Text(text.to_owned())));
        }
    }

    #[test]
    fn durations_stand_in_both_units_and_absent_values_stay_absent() {
        let columns = [("latency".to_owned(), Holds::Values), ("sent_at".to_owned(), Holds::Instants)];
        let view = RowView::of(&columns, Zone::UTC, Language::En);
        assert_eq!(view.titles().count(), 4);
        assert_eq!(view.row(&[Cell::Whole(-1_500), Cell::Empty]), [Cell::Real(-1.5), Cell::Whole(-1_500), Cell::Empty, Cell::Empty]);
    }
}
