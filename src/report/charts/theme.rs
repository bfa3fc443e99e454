//! Colours, dashes, type sizes and the 4x canvas shared by every chart.
//!
//! A chart is drawn in its light colours and stands alone as a file; on a dark page [`dark_css`] restyles the same attributes.
//! Colours of series are Okabe and Ito's, and every series has a dash pattern as well, so that no reading needs colour.

use std::fmt::Write;

use plotters::prelude::{Color, RGBColor, ShapeStyle};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{FontStyle, IntoFont, TextStyle};

/// plotters has whole-pixel coordinates, so charts are drawn this many times too large and scaled down by the viewBox.
pub(crate) const SCALE: f64 = 4.0;

/// plotters-svg divides a font size by this before it writes it.
const FONT_SIZE_FACTOR: f64 = 1.24;

/// A family name plotters writes on every text, removed again by `finish`: the family is set once, on the root.
pub(crate) const FAMILY: &str = "x";

/// The fonts of page and charts; whatever of them the reader has.
pub(crate) const FONT_STACK: &str = "\"Microsoft JhengHei\", \"PingFang TC\", \"Noto Sans TC\", \"Noto Sans CJK TC\", sans-serif";

pub(crate) const INK: RGBColor = RGBColor(0x1f, 0x29, 0x37);
pub(crate) const MUTED: RGBColor = RGBColor(0x5b, 0x64, 0x72);
pub(crate) const GRID: RGBColor = RGBColor(0xe5, 0xe7, 0xeb);
pub(crate) const ZONE: RGBColor = RGBColor(0xf1, 0xf3, 0xf5);
pub(crate) const PAPER: RGBColor = RGBColor(0xff, 0xff, 0xff);
pub(crate) const LOSS: RGBColor = RGBColor(0xd5, 0x5e, 0x01);
pub(crate) const KEPT: RGBColor = RGBColor(0x00, 0x72, 0xb1);

const SERIES: [RGBColor; 6] = [
    RGBColor(0x00, 0x72, 0xb2),
    RGBColor(0xd5, 0x5e, 0x00),
    RGBColor(0x00, 0x9e, 0x73),
    RGBColor(0xcc, 0x79, 0xa7),
    RGBColor(0xe6, 0x9f, 0x00),
    RGBColor(0x56, 0xb4, 0xe9),
];

/// Fast to slow, light to dark on paper; a dark page turns them round.
pub(crate) const HEAT: [RGBColor; 7] = [
    RGBColor(0xe3, 0xee, 0xf6),
    RGBColor(0xc2, 0xdb, 0xec),
    RGBColor(0x97, 0xc2, 0xde),
    RGBColor(0x66, 0xa3, 0xcd),
    RGBColor(0x3b, 0x82, 0xb8),
    RGBColor(0x1d, 0x5f, 0x9a),
    RGBColor(0x0b, 0x3c, 0x70),
];

/// Dash patterns in page pixels; with six colours, four patterns give twelve different series.
const DASHES: [&[f64]; 4] = [&[], &[9.0, 3.0], &[2.5, 2.5], &[11.0, 3.0, 2.5, 3.0]];

/// Most series one chart can tell apart.
pub(crate) const MAX_SERIES: usize = 12;

/// Light colour and the one that replaces it on a dark page.
const DARK: [(RGBColor, &str); 18] = [
    (INK, "#e6e9ee"),
    (MUTED, "#a3adba"),
    (GRID, "#2c3540"),
    (ZONE, "#20272f"),
    (PAPER, "#14191f"),
    (LOSS, "#f08a3c"),
    (KEPT, "#4aa3dc"),
    (SERIES[0], "#4aa3dc"),
    (SERIES[1], "#f08a3c"),
    (SERIES[2], "#2fc298"),
    (SERIES[3], "#dd93bb"),
    (HEAT[0], "#16324a"),
    (HEAT[1], "#1c4668"),
    (HEAT[2], "#255d88"),
    (HEAT[3], "#3779a8"),
    (HEAT[4], "#5b9bc8"),
    (HEAT[5], "#93c3e2"),
    (HEAT[6], "#d7ecf9"),
];

/// The colour of the `place`-th series.
pub(crate) fn series(place: usize) -> RGBColor {
    SERIES[place % SERIES.len()]
}

/// A colour as plotters writes it.
pub(crate) fn hex(RGBColor(r, g, b): RGBColor) -> String {
    format!("#{r:02X}{g:02X}{b:02X}")
}

/// `stroke-dasharray` of the `place`-th series in canvas units; empty for a solid line.
pub(crate) fn dash(place: usize) -> String {
    DASHES[place % DASHES.len()].iter().map(|length| (length * SCALE).to_string()).collect::<Vec<_>>().join(" ")
}

/// Page pixels to canvas pixels.
pub(crate) fn px(length: f64) -> i32 {
    (length * SCALE).round() as i32
}

/// A line of `width` page pixels.
pub(crate) fn line(colour: RGBColor, width: f64) -> ShapeStyle {
    ShapeStyle::from(&colour).stroke_width(px(width).unsigned_abs())
}

/// A filled area.
pub(crate) fn fill(colour: RGBColor) -> ShapeStyle {
    colour.filled()
}

/// Text of `size` page pixels, anchored as asked.
pub(crate) fn text(size: f64, colour: &RGBColor, horizontal: HPos, vertical: VPos) -> TextStyle<'_> {
    styled(size, FontStyle::Normal, colour, horizontal, vertical)
}

/// The same in bold.
pub(crate) fn bold(size: f64, colour: &RGBColor, horizontal: HPos, vertical: VPos) -> TextStyle<'_> {
    styled(size, FontStyle::Bold, colour, horizontal, vertical)
}

fn styled(size: f64, style: FontStyle, colour: &RGBColor, horizontal: HPos, vertical: VPos) -> TextStyle<'_> {
    TextStyle::from((FAMILY, size * SCALE * FONT_SIZE_FACTOR, style).into_font()).color(colour).pos(Pos::new(horizontal, vertical))
}

/// Rules that recolour every chart of a page, each line prefixed with `scope`.
pub(crate) fn dark_css(scope: &str) -> String {
    let mut css = String::new();
    for (light, dark) in DARK {
        let light = hex(light);
        let written = writeln!(css, "{scope} svg [fill=\"{light}\"]{{fill:{dark}}}{scope} svg [stroke=\"{light}\"]{{stroke:{dark}}}");
        debug_assert!(written.is_ok());
    }
    css
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn twelve_series_differ_in_colour_or_dash() {
        let mut seen: Vec<_> = (0..MAX_SERIES).map(|place| (series(place), dash(place))).collect();
        seen.sort_by_key(|(colour, dash)| (colour.0, colour.1, colour.2, dash.clone()));
        seen.dedup();
        assert_eq!(seen.len(), MAX_SERIES);
    }
}
