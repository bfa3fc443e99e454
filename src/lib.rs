//! Order-timestamp fairness analysis of co-located brokers.

pub mod calibrate;
pub mod config;
pub mod evidence;
pub mod fairness;
pub mod ingest;
pub mod measure;
pub mod reconcile;
pub mod record;
pub mod report;
pub mod simulate;
pub mod statistics;
pub mod study;
pub mod timestamps;
