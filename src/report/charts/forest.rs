//! Who waits longer, and by how much: the median gap of each pair with its interval, against the margin.

use plotters::chart::ChartBuilder;
use plotters::element::{Circle, PathElement, Polygon, Rectangle};
use plotters::style::text_anchor::{HPos, VPos};

use crate::report::charts::directions::one_way;
use crate::report::charts::theme::{GRID, INK, KEPT, LOSS, MUTED, PAPER, ZONE, bold, fill, line, px, text};
use crate::report::charts::ticks::{Ticks, linear, tick_label};
use crate::report::charts::{Canvas, Drawn, Frame, svg};
use crate::report::i18n::{self, LABELS, Language};
use crate::report::model::{Effect, PairRow, StudyResult};
use crate::report::numbers::{count, isolated, shown_name, signed_duration, typeset};

const WIDTH: u32 = 960;
const TOP: f64 = 66.0;
const ROW: f64 = 34.0;
const LEFT: f64 = 236.0;
const RIGHT: f64 = 178.0;
/// Pairs drawn at most.
const MAX_ROWS: usize = 20;

/// The forest plot; `None` where no effect was estimated.
#[must_use]
pub fn forest(result: &StudyResult, language: Language) -> Option<String> {
    let mut rows = one_way(result);
    let subtitle = i18n::of_all(LABELS.forest_axis, MAX_ROWS, rows.len());
    rows.truncate(MAX_ROWS);
    if rows.is_empty() {
        return None;
    }
    let pairs: Vec<&PairRow> = rows.iter().map(|(pair, _)| *pair).collect();
    let (title, alt) = (i18n::forest_title(&result.pairs), i18n::chart_alt_forest(&pairs, language));
    let height = (TOP + ROW * rows.len() as f64 + 30.0) as u32;
    let frame = Frame { width: WIDTH, height, title: language.pick(&title), subtitle: language.pick(&subtitle), alt: &alt, dashes: &[] };
    Some(svg(&frame, |canvas| draw(canvas, &rows, height, language)))
}

fn draw(canvas: &Canvas<'_>, rows: &[(&PairRow, &Effect)], height: u32, language: Language) -> Drawn {
    let ends =
        |pick: fn(f64, f64) -> f64| rows.iter().flat_map(|(_, e)| [e.lower, e.upper, -e.margin, e.margin, e.estimate]).fold(0.0, pick);
    let axis = linear(ends(f64::min), ends(f64::max));
    let lanes = Ticks { low: 0.0, high: rows.len() as f64, major: vec![], minor: vec![] };
    let mut builder = ChartBuilder::on(canvas);
    builder
        .margin_top(px(TOP))
        .margin_left(px(LEFT))
        .margin_right(px(RIGHT))
        .margin_bottom(px(f64::from(height) - TOP - ROW * rows.len() as f64 - 28.0));
    let mut plot = builder.x_label_area_size(px(28.0)).build_cartesian_2d(axis, lanes)?;
    let mut mesh = plot.configure_mesh();
    mesh.disable_y_mesh().disable_y_axis().bold_line_style(line(GRID, 1.0)).light_line_style(line(GRID, 0.5)).axis_style(line(MUTED, 1.0));
    mesh.set_all_tick_mark_size(px(4.0))
        .x_label_style(text(12.0, &INK, HPos::Center, VPos::Top))
        .x_label_formatter(&|value| tick_label(*value));
    mesh.draw()?;
    let place = |x: f64, row: usize| plot.backend_coord(&(x, rows.len() as f64 - row as f64 - 0.5));
    for (row, (pair, effect)) in rows.iter().enumerate() {
        let ((left, y), (right, _)) = (place(-effect.margin, row), place(effect.margin, row));
        canvas.draw(&Rectangle::new([(left, y - px(ROW / 2.0 - 3.0)), (right, y + px(ROW / 2.0 - 3.0))], fill(ZONE)))?;
        words(canvas, pair, effect, y, language)?;
    }
    let (zero, top) = plot.backend_coord(&(0.0, rows.len() as f64));
    canvas.draw(&PathElement::new(vec![(zero, top), (zero, plot.backend_coord(&(0.0, 0.0)).1)], line(MUTED, 1.0)))?;
    for (row, (pair, effect)) in rows.iter().enumerate() {
        let ends = [effect.lower, effect.upper].map(|x| place(x, row));
        // The mark says what this measure shows: a pair unfair by another one is not drawn as if its median were.
        let shown = if pair.verdict == "unfair" && effect.lower <= effect.margin { "inconclusive" } else { pair.verdict.as_str() };
        let colour = if shown == "unfair" { LOSS } else { KEPT };
        canvas.draw(&Rectangle::new([(ends[0].0, ends[0].1 - px(1.0)), (ends[1].0, ends[1].1 + px(1.0))], fill(colour)))?;
        mark(canvas, place(effect.estimate, row), shown)?;
    }
    Ok(())
}

/// Unfair: a filled diamond. Fair: a filled disc. Anything undecided: a hollow disc.
fn mark(canvas: &Canvas<'_>, (x, y): (i32, i32), verdict: &str) -> Drawn {
    let r = px(6.0);
    match verdict {
        "unfair" => canvas.draw(&Polygon::new(vec![(x, y - r), (x + r, y), (x, y + r), (x - r, y)], fill(LOSS))),
        "fair" => canvas.draw(&Circle::new((x, y), px(5.0), fill(KEPT))),
        _ => {
            canvas.draw(&Circle::new((x, y), px(5.5), fill(KEPT)))?;
            canvas.draw(&Circle::new((x, y), px(3.5), fill(PAPER)))
        }
    }
}

fn words(canvas: &Canvas<'_>, pair: &PairRow, effect: &Effect, y: i32, language: Language) -> Drawn {
    let name = |name: &str| isolated(&shown_name(name, 14));
    let who = format!("{} \u{2192} {}", name(&pair.favoured), name(&pair.disadvantaged));
    canvas.draw_text(&who, &bold(12.5, &INK, HPos::Left, VPos::Center), (px(4.0), y - px(7.0)))?;
    let (verdict, matched) = (i18n::verdict(&pair.verdict).pick(language), LABELS.matched.pick(language));
    let n = format!("{verdict} · {matched} {} / {}", count(pair.n_favoured), count(pair.n_disadvantaged));
    canvas.draw_text(&n, &text(11.0, &MUTED, HPos::Left, VPos::Center), (px(4.0), y + px(8.0)))?;
    let right = px(f64::from(WIDTH) - RIGHT + 22.0);
    let [estimate, lower, upper] = [effect.estimate, effect.lower, effect.upper].map(|v| typeset(&signed_duration(v)));
    canvas.draw_text(&estimate, &bold(12.5, &INK, HPos::Left, VPos::Center), (right, y - px(7.0)))?;
    canvas.draw_text(&format!("[{lower}, {upper}]"), &text(11.0, &MUTED, HPos::Left, VPos::Center), (right, y + px(8.0)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample::{sample_result, with_groups};

    #[test]
    fn mirrored_pairs_are_drawn_once_and_a_study_without_effects_has_no_forest() {
        let chart = forest(&sample_result(), Language::En).expect("the sample has effects");
        assert!(chart.contains("HFT \u{2192} QUANT") && !chart.contains("QUANT \u{2192} HFT"));
        assert!(forest(&with_groups(2, 30), Language::En).is_none());
    }
}
