//! What is written: the result model, tables, charts, page and terminal summary. No stage knows this module.

pub mod model;
