//! Bringing files in, and what came of each.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::assets::AssetView;
use crate::api::error::ApiError;

/// Files to bring into the journal.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct ImportInput {
    /// Absolute paths of files and folders; folders are walked.
    pub paths: Vec<String>,
}

/// A picture from the clipboard.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct PasteInput {
    /// A name for the file.
    pub name: String,
    /// Its bytes in standard base64 (RFC 4648).
    pub base64: String,
}

/// Names a running import, so that its progress can be told apart and it can be cancelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(transparent)]
#[ts(type = "number")]
pub struct ImportId(pub u32);

/// How far an import is; at most ten a second.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct ImportProgress {
    /// Which import.
    pub id: ImportId,
    /// Files finished, whatever came of them.
    pub done: u32,
    /// Files in all.
    pub total: u32,
    /// Bytes read so far.
    #[ts(type = "number")]
    pub bytes: u64,
    /// Bytes in all.
    #[ts(type = "number")]
    pub total_bytes: u64,
    /// Milliseconds since it began.
    #[ts(type = "number")]
    pub elapsed_ms: u64,
}

/// What came of an import.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct ImportReport {
    /// Which import.
    pub id: ImportId,
    /// One for every file, in the order given.
    pub files: Vec<ImportedFile>,
    /// Whether it was cancelled; what is done is kept.
    pub cancelled: bool,
}

/// What came of one file.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct ImportedFile {
    /// The file's own name.
    pub name: String,
    /// Where it was.
    pub path: String,
    /// What came of it.
    pub outcome: ImportOutcome,
    /// Its facts, when it is in the journal.
    pub asset: Option<AssetView>,
    /// Why it is not in the journal.
    pub error: Option<ApiError>,
}

/// What came of one file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ImportOutcome {
    /// It is in the journal now.
    Added,
    /// It was in the journal already.
    Duplicate,
    /// It could not be read; nothing was changed.
    Failed,
    /// The import was cancelled before it.
    Skipped,
}
