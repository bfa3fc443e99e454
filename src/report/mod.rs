//! What is written: the result model, tables, charts, page and terminal summary. No stage knows this module.

pub mod model;
pub mod output;
pub mod rejects;
pub mod tables;
