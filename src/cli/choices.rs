//! The words an option can be given.

use clap::ValueEnum;
use colofair::report::i18n::Language;

/// A format: of stdout, of simulated files, or of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    Text,
    Json,
    Csv,
    Parquet,
    Arrow,
    Jsonl,
    Fix,
    Fixed,
    Oms,
    Cat,
    CatJson,
    Html,
    Pdf,
    Xlsx,
    Md,
    Svg,
    Png,
}

/// Characters of simulated text files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Encoding {
    #[value(name = "utf-8")]
    Utf8,
    #[value(name = "utf-8-bom")]
    Utf8Bom,
    Cp950,
    #[value(name = "utf-16le")]
    Utf16Le,
    #[value(name = "utf-16be")]
    Utf16Be,
}

/// How times are written in simulated CSV files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Dates {
    /// 2026-01-05T09:00:00.123456789+08:00
    Iso,
    /// 115/01/05 and 09:00:00.123456789 in two columns
    Roc,
    /// 1150105 and 090000123456 in two columns
    RocCompact,
    /// 20260105 and 090000123456 in two columns
    Compact,
    /// 2026-01-05 and 09:00:00.123456789 in two columns
    Split,
    /// 2026/01/05 and 上午 09:00:00.123 in two columns
    Clock12,
    /// Nanoseconds since 1970
    EpochNs,
    /// Microseconds since 1970
    EpochUs,
    /// Milliseconds since 1970
    EpochMs,
    /// Seconds since 1970 with six decimals
    EpochFloat,
}

/// How simulated text files are packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Compress {
    None,
    Gz,
    Zst,
}

/// Language of column and group names in simulated files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Headers {
    En,
    Zh,
}

/// When stdout is coloured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Colour {
    Auto,
    Always,
    Never,
}

/// A language.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Lang {
    #[value(name = "zh-TW")]
    ZhTw,
    En,
}

impl Lang {
    pub(crate) fn tag(self) -> &'static str {
        match self {
            Self::ZhTw => "zh-TW",
            Self::En => "en",
        }
    }

    pub(crate) fn language(self) -> Language {
        Language::of(self.tag())
    }
}

/// Which verdicts end with another code than 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum FailOn {
    Finding,
    Inconclusive,
    Never,
}

/// How much a study computes beside its verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Depth {
    Standard,
    Full,
}

/// Which rows go into the tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Tables {
    Needed,
    Full,
}

/// Within what a calibrated study counts overtaking.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Scope {
    Shard,
    Instrument,
}
