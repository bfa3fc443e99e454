//! How simulated tables are written: format, encoding, times, headers, packing.

use crate::record::TimeSpan;
use crate::simulate::{Format, SimulateError};

/// How simulated files are written; `clients.csv` is always CSV in UTF-8.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Writing {
    /// Format of orders and receipts.
    pub format: Format,
    /// Their characters; only CSV, fixed width and broker text have a choice.
    pub encoding: Encoding,
    /// How times are written in CSV.
    pub dates: Dates,
    /// How the files are packed; only text is.
    pub compress: Compress,
    /// Chinese column names in CSV, and Chinese group names.
    pub chinese: bool,
    /// Times are cut to this; a format that holds less cuts them further.
    pub resolution: TimeSpan,
}

impl From<Format> for Writing {
    fn from(format: Format) -> Self {
        Self { format, encoding: Encoding::Utf8, dates: Dates::Iso, compress: Compress::None, chinese: false, resolution: TimeSpan(1) }
    }
}

/// Characters of a text file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// UTF-8.
    Utf8,
    /// UTF-8 behind a byte order mark.
    Utf8Bom,
    /// The Big5 of Traditional Chinese Windows.
    Cp950,
    /// UTF-16, low byte first, behind a byte order mark.
    Utf16Le,
    /// UTF-16, high byte first, behind a byte order mark.
    Utf16Be,
}

/// How times are written in CSV.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dates {
    /// `2026-01-05T09:00:00.123456789+08:00`
    Iso,
    /// Date `115/01/05` and local time `09:00:00.123456789` in two columns.
    Roc,
    /// Date `1150105` and local time `090000123456` in two columns.
    RocCompact,
    /// Date `20260105` and local time `090000123456` in two columns.
    Compact,
    /// Date `2026-01-05` and local time `09:00:00.123456789` in two columns.
    Split,
    /// Date `2026/01/05` and local time `上午 09:00:00.123` in two columns.
    Clock12,
    /// Whole nanoseconds since 1970.
    EpochNs,
    /// Whole microseconds since 1970.
    EpochUs,
    /// Whole milliseconds since 1970.
    EpochMs,
    /// Seconds since 1970 with six decimals.
    EpochFloat,
}

/// How a file is packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compress {
    /// As it is.
    None,
    /// gzip.
    Gzip,
    /// zstd.
    Zstd,
}

impl Compress {
    /// What the file's name ends with.
    pub(crate) const fn ending(self) -> &'static str {
        match self {
            Self::None => "",
            Self::Gzip => ".gz",
            Self::Zstd => ".zst",
        }
    }
}

impl Dates {
    /// True where date and time of day stand in two columns.
    pub(crate) const fn in_two(self) -> bool {
        matches!(self, Self::Roc | Self::RocCompact | Self::Compact | Self::Split | Self::Clock12)
    }

    /// The finest time that can be written, nanoseconds.
    const fn resolution(self) -> i64 {
        match self {
            Self::Iso | Self::Roc | Self::Split | Self::EpochNs => 1,
            Self::RocCompact | Self::Compact | Self::EpochUs | Self::EpochFloat => 1_000,
            Self::Clock12 | Self::EpochMs => 1_000_000,
        }
    }
}

impl Writing {
    /// Nanoseconds that times are cut to.
    pub(crate) fn unit(&self) -> i64 {
        let own = if self.format == Format::Oms { 1_000 } else { self.dates.resolution() };
        self.resolution.0.max(own)
    }

    /// Name of a file.
    pub(crate) fn file(&self, stem: &str) -> String {
        format!("{stem}.{}{}", self.format.name(), self.compress.ending())
    }

    /// # Errors
    /// [`SimulateError::Option`] for a choice that the format does not have.
    pub fn checked(&self) -> Result<Self, SimulateError> {
        let wrong = |option: &'static str, expected: &'static str| Err(SimulateError::Option { option, expected });
        let columnar = matches!(self.format, Format::Parquet | Format::Arrow);
        let encoded = match self.format {
            Format::Csv => true,
            Format::Fixed | Format::Oms => matches!(self.encoding, Encoding::Utf8 | Encoding::Cp950),
            _ => self.encoding == Encoding::Utf8,
        };
        let mut units = std::iter::successors(Some(1_i64), |unit| unit.checked_mul(10));
        match self {
            _ if !encoded => wrong("encoding", "utf-8; of other formats than csv only fixed and oms may also be cp950"),
            _ if self.dates != Dates::Iso && self.format != Format::Csv => wrong("dates", "iso; only csv has a choice"),
            _ if self.compress != Compress::None && columnar => wrong("compress", "left out: parquet and arrow files are packed inside"),
            _ if self.resolution.0 > 1_000_000_000 || !units.any(|unit| unit == self.resolution.0) => {
                wrong("resolution", "1ns, 10ns, ..., 1s")
            }
            _ => Ok(*self),
        }
    }
}
