//! What changed between two studies: the difference of each pair's median gap with its interval, around zero.

use plotters::element::{Circle, PathElement, Rectangle};
use plotters::style::text_anchor::{HPos, VPos};

use crate::comparison::Difference;
use crate::report::charts::theme::{GRID, INK, KEPT, LOSS, MUTED, bold, fill, line, px, text};
use crate::report::charts::ticks::{linear, tick_label};
use crate::report::charts::{Canvas, Drawn, Frame, svg};
use crate::report::compare::{Compared, ComparedPair};
use crate::report::i18n::{DIFFERENCES_AXIS, Language, differences_title};
use crate::report::numbers::{isolated, shown_name, signed_duration, typeset};

const WIDTH: u32 = 960;
const TOP: f64 = 66.0;
const ROW: f64 = 34.0;
const LEFT: f64 = 236.0;
const RIGHT: f64 = 190.0;
/// Pairs drawn at most.
const MAX_ROWS: usize = 20;

/// Largest change first; of (A, B) and (B, A), which mirror each other, the one first by name.
fn rows(found: &Compared) -> Vec<(&ComparedPair, &Difference)> {
    let gap = |pair: &'_ ComparedPair| pair.effects.iter().position(|effect| effect.name == "median_gap");
    let with_gap = |pair| Some((pair, found_gap(pair, gap(pair)?)?));
    let mut rows: Vec<(&ComparedPair, &Difference)> = found.pairs.iter().filter_map(with_gap).collect();
    let mirrored = |pair: &ComparedPair| {
        pair.disadvantaged < pair.favoured
            && found.pairs.iter().any(|other| other.favoured == pair.disadvantaged && other.disadvantaged == pair.favoured)
    };
    rows.retain(|(pair, _)| !mirrored(pair));
    rows.sort_by(|one, other| other.1.estimate.abs().total_cmp(&one.1.estimate.abs()));
    rows.truncate(MAX_ROWS);
    rows
}

fn found_gap(pair: &ComparedPair, at: usize) -> Option<&Difference> {
    pair.effects.get(at)?.difference.as_ref()
}

/// The chart; `None` where no difference is known.
#[must_use]
pub fn differences(found: &Compared, language: Language) -> Option<String> {
    let rows = rows(found);
    if rows.is_empty() {
        return None;
    }
    let moved = rows.iter().filter(|(_, gap)| gap.lower > 0.0 || gap.upper < 0.0).count();
    let title = differences_title(moved, rows.len(), found.independent);
    let (title, subtitle) = (language.pick(&title), DIFFERENCES_AXIS.pick(language));
    let height = (TOP + ROW * rows.len() as f64 + 34.0) as u32;
    let frame = Frame { width: WIDTH, height, title, subtitle, alt: title, dashes: &[] };
    Some(svg(&frame, |canvas| draw(canvas, &rows, found.independent)))
}

fn draw(canvas: &Canvas<'_>, rows: &[(&ComparedPair, &Difference)], independent: bool) -> Drawn {
    let ends = |pick: fn(f64, f64) -> f64| rows.iter().flat_map(|(_, gap)| [gap.lower, gap.upper]).fold(0.0, pick);
    let axis = linear(ends(f64::min), ends(f64::max));
    let room = f64::from(WIDTH) - LEFT - RIGHT;
    let x = |value: f64| px(LEFT + (value - axis.low) / (axis.high - axis.low) * room);
    let (top, bottom) = (px(TOP), px(TOP + ROW * rows.len() as f64));
    for tick in &axis.major {
        canvas.draw(&PathElement::new(vec![(x(*tick), top), (x(*tick), bottom)], line(GRID, 1.0)))?;
        canvas.draw_text(&tick_label(*tick), &text(12.0, &INK, HPos::Center, VPos::Top), (x(*tick), bottom + px(5.0)))?;
    }
    canvas.draw(&PathElement::new(vec![(x(0.0), top), (x(0.0), bottom)], line(MUTED, 1.5)))?;
    for (row, (pair, gap)) in rows.iter().enumerate() {
        let y = px(TOP + ROW * (row as f64 + 0.5));
        // Up is worse for the second group.
        let colour = if gap.estimate > 0.0 { LOSS } else { KEPT };
        let [estimate, lower, upper] = [gap.estimate, gap.lower, gap.upper].map(|value| typeset(&signed_duration(value)));
        let mut right = estimate;
        if independent {
            canvas.draw(&Rectangle::new([(x(gap.lower), y - px(1.0)), (x(gap.upper), y + px(1.0))], fill(colour)))?;
            right += &format!(" [{lower}, {upper}]");
        }
        canvas.draw(&Circle::new((x(gap.estimate), y), px(5.0), fill(colour)))?;
        let name = |name: &str| isolated(&shown_name(name, 14));
        let who = format!("{} \u{2192} {}", name(&pair.favoured), name(&pair.disadvantaged));
        canvas.draw_text(&who, &bold(12.5, &INK, HPos::Left, VPos::Center), (px(4.0), y))?;
        canvas.draw_text(&right, &text(11.0, &INK, HPos::Left, VPos::Center), (px(f64::from(WIDTH) - RIGHT + 10.0), y))?;
    }
    Ok(())
}
