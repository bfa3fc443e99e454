//! The recorder's own time before a message, as an instant.

use crate::ingest::fix::prefix::{Shape, StampZone, Told};
use crate::ingest::{ColumnSource, TimeFault, TimeFormat, TimeParser};
use crate::record::Zone;

/// Reads prefix times of one column.
pub(crate) struct PrefixClock {
    utc: TimeParser,
    local: TimeParser,
    /// The study says which zone, whatever the shape.
    told: bool,
    text: Vec<u8>,
}

/// Why a prefix gives no instant.
pub(crate) enum PrefixFault {
    /// No time stands there.
    Missing,
    /// A time whose zone neither its shape nor the study tells.
    UnknownZone,
    /// Not a time.
    Time(TimeFault),
}

impl PrefixClock {
    /// The clock of a column that comes from `prefix`; naive times are in its zone, or in `study` where the shape says local.
    pub(crate) fn new(from: Option<&ColumnSource>, study: Zone) -> Self {
        let told = match from {
            Some(ColumnSource::Time { zone, .. }) => *zone,
            _ => None,
        };
        let parser = |zone: Zone| TimeParser::new(TimeFormat::Iso, told.unwrap_or(zone));
        Self { utc: parser(Zone::UTC), local: parser(study), told: told.is_some(), text: Vec::new() }
    }

    /// Nanoseconds since the epoch of the time in `prefix`, of which `told` is what it tells.
    pub(crate) fn read(&mut self, prefix: &[u8], told: &Told) -> Result<i64, PrefixFault> {
        let stamp = told.stamp.as_ref().ok_or(PrefixFault::Missing)?;
        let text = &prefix[told.own..][stamp.range.clone()];
        let parser = match stamp.shape.zone() {
            StampZone::Unknown if !self.told => return Err(PrefixFault::UnknownZone),
            StampZone::Local => &mut self.local,
            StampZone::Utc | StampZone::Unknown => &mut self.utc,
        };
        let read = match stamp.shape {
            Shape::Digits => parser.parse_pair(&text[..8], &text[8..]),
            Shape::Underscore => {
                self.text.clear();
                self.text.extend(text.iter().filter(|byte| **byte != b'_'));
                parser.parse(&self.text)
            }
            _ => parser.parse(text),
        };
        read.map_err(PrefixFault::Time)
    }
}
