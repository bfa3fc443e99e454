//! Instants as text.

use std::fmt::Write as _;

use chrono::{DateTime, Datelike, Timelike, Utc};

use crate::simulate::writing::Dates;

/// Taipei has been at +08:00 since 1979.
const TAIPEI: i64 = 8 * 3_600 * 1_000_000_000;

/// Writes `nanos` in local time with chrono's `pattern`.
pub(crate) fn local(nanos: i64, pattern: &str, text: &mut String) {
    utc(nanos + TAIPEI, pattern, text);
}

/// Writes `nanos` in UTC with chrono's `pattern`.
pub(crate) fn utc(nanos: i64, pattern: &str, text: &mut String) {
    // Writing to a string cannot fail.
    let _ = write!(text, "{}", DateTime::<Utc>::from_timestamp_nanos(nanos).format(pattern));
}

/// Writes `nanos` as `dates` says, `between` standing between date and time of day where these are two columns.
pub(crate) fn dated(nanos: i64, dates: Dates, between: char, text: &mut String) {
    let time = DateTime::<Utc>::from_timestamp_nanos(nanos + TAIPEI);
    let roc = time.year() - 1_911;
    match dates {
        Dates::Iso => local(nanos, "%Y-%m-%dT%H:%M:%S%.9f+08:00", text),
        Dates::Roc => {
            let _ = write!(text, "{roc}/{:02}/{:02}{between}", time.month(), time.day());
            local(nanos, "%H:%M:%S%.9f", text);
        }
        Dates::RocCompact => {
            let _ = write!(text, "{roc}{:02}{:02}{between}", time.month(), time.day());
            local(nanos, "%H%M%S%6f", text);
        }
        Dates::Compact => {
            local(nanos, "%Y%m%d", text);
            text.push(between);
            local(nanos, "%H%M%S%6f", text);
        }
        Dates::Split => {
            local(nanos, "%Y-%m-%d", text);
            text.push(between);
            local(nanos, "%H:%M:%S%.9f", text);
        }
        Dates::Clock12 => {
            local(nanos, "%Y/%m/%d", text);
            text.push(between);
            text.push_str(if time.hour() < 12 { "上午 " } else { "下午 " });
            local(nanos, "%I:%M:%S%.3f", text);
        }
        Dates::EpochNs => {
            let _ = write!(text, "{nanos}");
        }
        Dates::EpochUs => {
            let _ = write!(text, "{}", nanos.div_euclid(1_000));
        }
        Dates::EpochMs => {
            let _ = write!(text, "{}", nanos.div_euclid(1_000_000));
        }
        Dates::EpochFloat => {
            let micros = nanos.div_euclid(1_000);
            let _ = write!(text, "{}.{:06}", micros.div_euclid(1_000_000), micros.rem_euclid(1_000_000));
        }
    }
}
