//! What is written: the result model, tables, charts, page and terminal summary. No stage knows this module.
//!
//! Charts, page and terminal are pure functions of [`model::StudyResult`]: no clock, no file, no figure computed a second time.

pub mod beside;
pub mod charts;
pub mod checks;
pub mod checks_text;
pub mod compare;
pub mod days;
pub mod documents;
pub mod evidence_csv;
mod excel_csv;
mod excel_rejects;
mod figure_rows;
pub mod found_text;
mod header;
pub mod html;
pub mod i18n;
mod markdown;
pub mod model;
mod numbers;
mod ours;
pub mod output;
pub mod over_time;
mod page;
pub mod priority;
pub(crate) mod priority_tables;
pub mod pseudonyms;
pub mod records;
pub mod rejects;
pub mod rerender;
pub mod row_tables;
mod row_view;
#[cfg(test)]
mod sample;
mod staging;
pub mod stored;
pub(crate) mod table_names;
pub(crate) mod table_rows;
pub mod tables;
pub mod terminal;
pub mod verify_text;
mod view;
mod view_beside;
mod view_checks;
mod view_pairs;
mod view_priority;
mod view_records;
mod view_when;
mod workbook;
