//! A plotting plane drawn by hand on the canvas: two axes with chosen ticks, page pixels in, canvas pixels out.
//!
//! For charts whose labels, gaps and bands plotters' own mesh cannot place.

use plotters::coord::ranged1d::Ranged;
use plotters::element::PathElement;
use plotters::style::text_anchor::{HPos, VPos};

use crate::report::charts::theme::{GRID, INK, MUTED, line, px, text};
use crate::report::charts::ticks::Ticks;
use crate::report::charts::{Canvas, Drawn};

/// Edges in page pixels, and what the axes run over.
pub(crate) struct Plane {
    pub(crate) left: f64,
    pub(crate) right: f64,
    pub(crate) top: f64,
    pub(crate) bottom: f64,
    pub(crate) x: Ticks,
    pub(crate) y: Ticks,
}

impl Plane {
    /// Where a value stands on the canvas.
    pub(crate) fn at(&self, x: f64, y: f64) -> (i32, i32) {
        (self.x.map(&x, (px(self.left), px(self.right))), self.y.map(&y, (px(self.bottom), px(self.top))))
    }

    /// Grid lines at the major ticks, an axis below, labels left and below.
    pub(crate) fn grid(&self, canvas: &Canvas<'_>, x_label: impl Fn(f64) -> String, y_label: impl Fn(f64) -> String) -> Drawn {
        for value in &self.y.major {
            let (_, y) = self.at(self.x.low, *value);
            canvas.draw(&PathElement::new(vec![(px(self.left), y), (px(self.right), y)], line(GRID, 1.0)))?;
            canvas.draw_text(&y_label(*value), &text(12.0, &INK, HPos::Right, VPos::Center), (px(self.left - 6.0), y))?;
        }
        for value in &self.x.major {
            let (x, _) = self.at(*value, self.y.low);
            canvas.draw(&PathElement::new(vec![(x, px(self.top)), (x, px(self.bottom))], line(GRID, 1.0)))?;
            canvas.draw_text(&x_label(*value), &text(12.0, &INK, HPos::Center, VPos::Top), (x, px(self.bottom + 6.0)))?;
        }
        canvas.draw(&PathElement::new(vec![(px(self.left), px(self.bottom)), (px(self.right), px(self.bottom))], line(MUTED, 1.0)))
    }
}
