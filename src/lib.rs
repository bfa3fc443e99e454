//! Order-timestamp fairness analysis of co-located brokers.

pub mod config;
pub mod fairness;
pub mod ingest;
pub mod measure;
pub mod reconcile;
pub mod record;
pub mod report;
pub mod simulate;
pub mod statistics;
pub mod timestamps;
