//! Order-timestamp fairness analysis of co-located brokers.

pub mod fairness;
pub mod record;
pub mod report;
pub mod simulate;
