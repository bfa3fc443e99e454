//! Order-timestamp fairness analysis of co-located brokers.

pub mod calibrate;
pub mod fairness;
pub mod measure;
pub mod record;
pub mod report;
pub mod simulate;
pub mod statistics;
