//! Charts as SVG: drawn by plotters, then given a title, a role and a scale. Pure functions of the result model.
//!
//! plotters' SVG back end writes text as `<text>` elements and needs no font for it; lengths of text are unknown here,
//! so that nothing depends on them: labels are anchored at their start, middle or end, and there is no automatic legend.

mod differences;
mod directions;
mod ecdf;
mod forest;
mod heat;
mod ladder;
mod passing;
mod percentile;
mod plane;
mod shift;
pub(crate) mod theme;
mod ticks;
mod timeline;
mod waterfall;

pub use differences::differences;
pub use ecdf::ecdf;
pub use forest::forest;
pub use heat::heat;
pub use ladder::ladder;
pub use passing::passing;
pub use percentile::percentile;
pub(crate) use shift::pairs as shift_pairs;
pub use shift::shift;
pub use timeline::timeline;
pub use waterfall::waterfall;
pub(crate) use waterfall::{Step, order_steps, receipt_steps};

use std::fmt::Write;

use plotters::coord::Shift;
use plotters::drawing::{DrawingArea, DrawingAreaErrorKind, IntoDrawingArea};
use plotters::prelude::SVGBackend;
use plotters::style::text_anchor::{HPos, VPos};

use crate::report::charts::theme::{FAMILY, FONT_STACK, INK, MUTED, SCALE, bold, px, text};
use crate::report::model::MedianSeries;

/// The whole canvas of a chart.
type Canvas<'a> = DrawingArea<SVGBackend<'a>, Shift>;

/// What drawing returns; writing into a string does not fail.
type Drawn = Result<(), DrawingAreaErrorKind<std::io::Error>>;

/// What every chart has.
struct Frame<'a> {
    /// Page pixels.
    width: u32,
    height: u32,
    /// The message.
    title: &'a str,
    /// Unit, n and what was done to the data.
    subtitle: &'a str,
    /// Alternative text.
    alt: &'a str,
    /// `stroke-dasharray` of each line in a series colour, in the order drawn.
    dashes: &'a [String],
}

/// Draws into a frame and finishes the SVG.
fn svg(frame: &Frame<'_>, draw: impl FnOnce(&Canvas<'_>) -> Drawn) -> String {
    let mut raw = String::new();
    {
        let canvas = SVGBackend::with_string(&mut raw, (px(frame.width.into()).unsigned_abs(), px(frame.height.into()).unsigned_abs()))
            .into_drawing_area();
        let drawn = header(&canvas, frame).and_then(|()| draw(&canvas)).and_then(|()| canvas.present());
        drawn.expect("drawing into a string cannot fail, and every coordinate system here has a positive length");
    }
    finish(&raw, frame)
}

fn header(canvas: &Canvas<'_>, frame: &Frame<'_>) -> Drawn {
    canvas.draw_text(frame.title, &bold(18.0, &INK, HPos::Left, VPos::Top), (px(4.0), px(6.0)))?;
    canvas.draw_text(frame.subtitle, &text(12.5, &MUTED, HPos::Left, VPos::Top), (px(4.0), px(33.0)))
}

/// Page size and viewBox, title and role, fonts once on the root, dashes on the series.
fn finish(raw: &str, frame: &Frame<'_>) -> String {
    let Frame { width, height, .. } = frame;
    let (canvas_width, canvas_height) = (f64::from(*width) * SCALE, f64::from(*height) * SCALE);
    let (title, alt, fonts) = (escaped(frame.title), escaped(frame.alt), escaped(FONT_STACK));
    let body = raw.find('>').map_or("", |end| &raw[end + 1..]);
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" aria-label=\"{alt}\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {canvas_width} {canvas_height}\" font-family=\"{fonts}\"><title>{title}</title>"
    );
    let family = format!(" font-family=\"{FAMILY}\"");
    // Axes and ticks are polylines too; those in a series colour are the series.
    let mut dashes = frame.dashes.iter();
    for (place, part) in body.replace(&family, "").split("<polyline ").enumerate() {
        if place > 0 {
            out.push_str("<polyline ");
            if is_series(part)
                && let Some(dash) = dashes.next()
            {
                out.push_str("stroke-linejoin=\"round\" ");
                if !dash.is_empty() {
                    let written = write!(out, "stroke-dasharray=\"{dash}\" ");
                    debug_assert!(written.is_ok());
                }
            }
        }
        out.push_str(part);
    }
    out
}

/// Whether the attributes of a polyline, up to its points, name a series colour.
fn is_series(attributes: &str) -> bool {
    let before_points = attributes.split("points=").next().unwrap_or_default();
    (0..theme::MAX_SERIES).any(|place| before_points.contains(&format!("stroke=\"{}\"", theme::hex(theme::series(place)))))
}

/// The groups with most orders, as many as one chart can tell apart, by name.
fn largest<'a>(groups: impl Iterator<Item = &'a MedianSeries>) -> Vec<&'a MedianSeries> {
    let mut all: Vec<&MedianSeries> = groups.collect();
    all.sort_by_key(|series| (std::cmp::Reverse(series.n.iter().sum::<u64>()), &series.group));
    all.truncate(theme::MAX_SERIES);
    all.sort_by_key(|series| &series.group);
    all
}

/// Text made safe for XML content and attribute values.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// A small frame that says there is nothing to draw, and why.
fn empty(frame: &Frame<'_>) -> String {
    svg(frame, |_| Ok(()))
}
