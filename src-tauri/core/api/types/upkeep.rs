//! The journal as files: where it is and whether it is whole.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::domain::PostId;

/// What this journal is and where.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct JournalState {
    /// The folder.
    pub dir: String,
    /// Bytes of both files.
    #[ts(type = "number")]
    pub bytes: u64,
    /// Whether the folder looks like one that a cloud program copies (which can damage a database in use).
    pub cloud_synced: Option<String>,
    /// Version of this program.
    pub version: String,
}

/// What `check` found.
#[derive(Debug, Clone, Default, Serialize, Deserialize, TS)]
pub struct CheckReport {
    /// Whether everything is as it was written.
    pub clean: bool,
    /// Posts looked at.
    pub posts: u32,
    /// Revisions whose digest was computed again.
    pub revisions: u32,
    /// Originals whose hash was computed again.
    pub assets: u32,
    /// Bytes of originals read.
    #[ts(type = "number")]
    pub bytes: u64,
    /// Everything at fault.
    pub faults: Vec<Fault>,
}

/// One thing at fault.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct Fault {
    /// What is wrong.
    pub kind: FaultKind,
    /// Its id, or SQLite's own words for a fault of the file itself.
    pub item: String,
    /// The post it belongs to, when it belongs to one.
    pub post: Option<PostId>,
}

/// What can be wrong in a journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum FaultKind {
    /// SQLite's own integrity check failed.
    Database,
    /// A row refers to one that is not there.
    ForeignKey,
    /// A revision does not have the digest it was written with.
    Revision,
    /// An original does not have the hash it is named by.
    Media,
    /// An original that a post shows is not there.
    MediaMissing,
    /// The search index does not hold what the post says.
    Search,
}
