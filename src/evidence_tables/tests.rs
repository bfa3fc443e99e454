//! What tests of several stages share.

use crate::evidence_tables::{Table, TableSpec, read_table};
use crate::record::Zone;

/// A table of one file of text.
pub(crate) fn read_text_table(spec: &'static TableSpec, text: &str) -> Table {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("table.csv"), text).expect("written");
    let files = crate::ingest::discover_evidence(folder.path(), &["table.csv".to_owned()]).expect("found");
    read_table(spec, &files, Zone::UTC).expect("read")
}
