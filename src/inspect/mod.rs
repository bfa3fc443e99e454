//! What is in these files? Encodings, columns, times, which file is which, and a study.toml that reads them.
//!
//! Nothing is decided in silence: every choice carries a confidence between 0 and 1, the evidence in words, and the runner-up. What is
//! proposed is what a study reads, since every value is read by the readers of [`crate::ingest`].

mod document;
mod draft;
mod guess;
mod look;
mod names;
mod prefixed;
mod profile;
mod settle;
mod shapes;
mod sketch;
mod study_file;
mod summary;
mod times;
mod trial;
mod words;
mod zones;

pub use document::{json, text};
pub use draft::{Choice, Draft, Missing, SideDraft, draft};
pub use guess::{CLOSE, Candidate, ENOUGH, From, Proposal, Side, candidates, proposals};
pub use look::{FileLook, look, look_at, sides};
pub use names::{ANY_DATE, NameFit, Origin, Part, SYNONYMS, Synonym};
pub use profile::{ColumnProfile, Kind, Profile, profile};
pub use sketch::{Overlap, Sketch};
pub use study_file::study_toml;
pub use summary::{missing_diagnostic, summary, summary_json};
pub use times::{Reading, Readings};
