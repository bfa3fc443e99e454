//! What is written: the result model, tables, charts, page and terminal summary. No stage knows this module.
//!
//! Everything here is a pure function of [`model::StudyResult`]: no clock, no file, no figure computed a second time.

pub mod charts;
pub mod html;
pub mod i18n;
pub mod model;
mod numbers;
#[cfg(test)]
mod sample;
pub mod terminal;
mod view;
