//! What only some formats need to be told.

use std::sync::Arc;

use crate::ingest::{Direction, FixedLayout};

/// How to read formats that hold more than rows.
#[derive(Clone, Debug, Default)]
pub struct FormatOptions {
    /// Kinds of records that are rows: FIX MsgType (`D`), CAT type (`MEOR`); `None` for the format's own default.
    pub messages: Option<Vec<String>>,
    /// Only messages that went this way are rows.
    pub direction: Option<Direction>,
    /// Where the fields of a fixed-width record are.
    pub layout: Option<Arc<FixedLayout>>,
}
