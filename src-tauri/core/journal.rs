//! The journal's use cases: the one entry for every interface. Owns the store, the media worker, the feeds and the clock.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Serialize;
use tokio::sync::broadcast;

use crate::api::error::{ApiError, ApiResult, ErrorCode};
use crate::api::events::Event;
use crate::api::types::*;
use crate::clock::{Clock, SystemClock};
use crate::domain::{AssetId, FeedId, PostId};

/// What a journal needs from outside.
#[derive(Debug, Clone)]
pub struct Options {
    /// Tells the time and makes names.
    pub clock: Arc<dyn Clock>,
    /// Where the ready-made folder feed goes; absent means `Sampan` in the user's documents.
    pub feed_dir: Option<PathBuf>,
}

impl Default for Options {
    fn default() -> Self {
        Self { clock: Arc::new(SystemClock), feed_dir: None }
    }
}

/// Which picture of an original.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Variant {
    /// For a card in the journal.
    Grid,
    /// For reading.
    View,
    /// The original, byte for byte.
    Original,
}

impl Variant {
    /// As it stands in an address.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Grid => "grid",
            Self::View => "view",
            Self::Original => "original",
        }
    }

    /// Reads the name in an address.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Grid, Self::View, Self::Original].into_iter().find(|variant| variant.as_str() == text)
    }
}

/// Bytes of an original or of a picture of it, read in pieces.
pub struct MediaReader {}

impl MediaReader {
    /// Internet media type.
    pub fn mime(&self) -> &str {
        ""
    }

    /// Length in bytes.
    pub fn len(&self) -> u64 {
        0
    }

    /// Whether there is nothing to read.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Reads some bytes at an offset; 0 at the end. Blocks while it reads from the disk.
    pub fn read_at(&self, _offset: u64, _buffer: &mut [u8]) -> std::io::Result<usize> {
        Ok(0)
    }
}

/// An original that was written out.
#[derive(Debug, Clone, Serialize)]
pub struct WrittenFile {
    /// Which original.
    pub asset: AssetId,
    /// The file's name in the folder.
    pub name: String,
    /// Where it lies now.
    pub path: PathBuf,
    /// Its size in bytes.
    pub bytes: u64,
}

/// A backup that was made and looked at again.
#[derive(Debug, Clone, Serialize)]
pub struct BackupReport {
    /// The folder that holds it: a whole journal that can be opened.
    pub dir: PathBuf,
    /// Its size in bytes.
    pub bytes: u64,
}

/// An open journal. Clones share it.
#[derive(Clone)]
pub struct Journal {}

impl Journal {
    /// Opens the journal in a folder and makes it when the folder is missing or empty.
    pub async fn open(_dir: &Path, _options: Options) -> ApiResult<Self> {
        Err(ApiError::new(ErrorCode::Internal))
    }

    /// Where a journal lies unless the user says otherwise: the system's folder for a program's data.
    pub fn default_dir() -> Option<PathBuf> {
        directories::ProjectDirs::from("", "", "Sampan").map(|dirs| dirs.data_dir().join("journal"))
    }

    /// What happens in the journal from now on, by whomever.
    pub fn events(&self) -> broadcast::Receiver<Event> {
        broadcast::channel(1).1
    }

    /// Starts the work behind the window: pictures, outbox, noticing other programs. The terminal program does without.
    pub fn start(&self) {}

    /// Closes the journal: what was answered is already on the disk; this only tidies the files.
    pub async fn close(self) {}

    /// Opens an original or a picture of it. A picture that is not there yet is made first; where none can be made this is
    /// [`ErrorCode::AssetNotFound`].
    pub async fn media_reader(&self, _id: AssetId, _variant: Variant) -> ApiResult<MediaReader> {
        Err(ApiError::new(ErrorCode::Internal))
    }

    /// The post that a full id or the beginning of one names.
    pub async fn post_resolve(&self, _text: String) -> ApiResult<PostId> {
        Err(ApiError::new(ErrorCode::Internal))
    }

    /// The feed that an id, a name in any capitalisation or a kind names; feeds that are switched on come first.
    pub async fn feed_resolve(&self, _text: String) -> ApiResult<FeedId> {
        Err(ApiError::new(ErrorCode::Internal))
    }

    /// The newest posts that contain every word of a text, at most `limit`.
    pub async fn search(&self, _text: String, _limit: u32) -> ApiResult<Vec<Card>> {
        Err(ApiError::new(ErrorCode::Internal))
    }

    /// Brings files into the journal with the progress handed to the caller, at most ten times a second and at the end.
    pub async fn import_with(
        &self,
        _input: ImportInput,
        _progress: impl Fn(ImportProgress) + Send + Sync + 'static,
    ) -> ApiResult<ImportReport> {
        Err(ApiError::new(ErrorCode::Internal))
    }

    /// Writes a post's originals into a folder, byte for byte, under their own names; a name that is taken gets a number.
    pub async fn media_write(&self, _post: PostId, _dir: PathBuf) -> ApiResult<Vec<WrittenFile>> {
        Err(ApiError::new(ErrorCode::Internal))
    }

    /// Copies the whole journal into an empty or new folder while it is in use, and verifies the copy.
    pub async fn backup(&self, _dir: PathBuf) -> ApiResult<BackupReport> {
        Err(ApiError::new(ErrorCode::Internal))
    }

    /// Tries everything that is due until nothing moves any more, then tells what is left.
    pub async fn sync(&self) -> ApiResult<Outbox> {
        Err(ApiError::new(ErrorCode::Internal))
    }

    /// See the table in [`crate::api::commands`].
    pub async fn journal_state(&self, _input: ()) -> ApiResult<JournalState> {
        Err(ApiError::new(ErrorCode::Internal))
    }

    /// See the table in [`crate::api::commands`].
    pub async fn counts(&self, _input: ()) -> ApiResult<Counts> {
        Err(ApiError::new(ErrorCode::Internal))
    }

    /// See the table in [`crate::api::commands`].
    pub async fn post_index(&self, _input: PostFilter) -> ApiResult<Vec<IndexEntry>> {
        Err(ApiError::new(ErrorCode::Internal))
    }

    /// See the table in [`crate::api::commands`].
    pub async fn post_cards(&self, _input: Vec<PostId>) -> ApiResult<Vec<Card>> {
        Err(ApiError::new(ErrorCode::Internal))
    }

    /// See the table in [`crate::api::commands`].
    pub async fn post_get(&self, _input: PostId) -> ApiResult<PostView> {
        Err(ApiError::new(ErrorCode::Internal))
    }

    /// See the table in [`crate::api::commands`].
    pub async fn draft_save(&self, _input: DraftInput) -> ApiResult<DraftSaved> {
        Err(ApiError::new(ErrorCode::Internal))
    }

    /// See the table in [`crate::api::commands`].
    pub async fn draft_seal(&self, _input: PostId) -> ApiResult<()> {
        Err(ApiError::new(ErrorCode::Internal))
    }

    /// See the table in [`crate::api::commands`].
    pub async fn post_delete(&self, _input: PostId) -> ApiResult<()> {
        Err(ApiError::new(ErrorCode::Internal))
    }

    /// See the table in [`crate::api::commands`].
    pub async fn post_undelete(&self, _input: PostId) -> ApiResult<()> {
        Err(ApiError::new(ErrorCode::Internal))
    }

    /// See the table in [`crate::api::commands`].
    pub async fn history(&self, _input: PostId) -> ApiResult<Vec<RevisionEntry>> {
        Err(ApiError::new(ErrorCode::Internal))
    }

    /// See the table in [`crate::api::commands`].
    pub async fn revision_diff(&self, _input: DiffInput) -> ApiResult<RevisionDiff> {
        Err(ApiError::new(ErrorCode::Internal))
    }

    /// See the table in [`crate::api::commands`].
    pub async fn revision_restore(&self, _input: RestoreInput) -> ApiResult<DraftSaved> {
        Err(ApiError::new(ErrorCode::Internal))
    }

    /// See the table in [`crate::api::commands`].
    pub async fn import_files(&self, _input: ImportInput) -> ApiResult<ImportReport> {
        Err(ApiError::new(ErrorCode::Internal))
    }

    /// See the table in [`crate::api::commands`].
    pub async fn import_paste(&self, _input: PasteInput) -> ApiResult<ImportedFile> {
        Err(ApiError::new(ErrorCode::Internal))
    }

    /// See the table in [`crate::api::commands`].
    pub async fn import_cancel(&self, _input: ()) -> ApiResult<()> {
        Err(ApiError::new(ErrorCode::Internal))
    }

    /// See the table in [`crate::api::commands`].
    pub async fn asset_get(&self, _input: AssetId) -> ApiResult<AssetView> {
        Err(ApiError::new(ErrorCode::Internal))
    }

    /// See the table in [`crate::api::commands`].
    pub async fn asset_poster(&self, _input: PasteInput) -> ApiResult<AssetView> {
        Err(ApiError::new(ErrorCode::Internal))
    }

    /// See the table in [`crate::api::commands`].
    pub async fn feed_list(&self, _input: ()) -> ApiResult<Vec<FeedView>> {
        Err(ApiError::new(ErrorCode::Internal))
    }

    /// See the table in [`crate::api::commands`].
    pub async fn feed_add(&self, _input: FeedInput) -> ApiResult<FeedView> {
        Err(ApiError::new(ErrorCode::Internal))
    }

    /// See the table in [`crate::api::commands`].
    pub async fn feed_change(&self, _input: FeedChange) -> ApiResult<FeedView> {
        Err(ApiError::new(ErrorCode::Internal))
    }

    /// See the table in [`crate::api::commands`].
    pub async fn feed_remove(&self, _input: FeedId) -> ApiResult<()> {
        Err(ApiError::new(ErrorCode::Internal))
    }

    /// See the table in [`crate::api::commands`].
    pub async fn feed_test(&self, _input: FeedId) -> ApiResult<FeedView> {
        Err(ApiError::new(ErrorCode::Internal))
    }

    /// See the table in [`crate::api::commands`].
    pub async fn post_send(&self, _input: SendInput) -> ApiResult<DeliveryView> {
        Err(ApiError::new(ErrorCode::Internal))
    }

    /// See the table in [`crate::api::commands`].
    pub async fn preflight(&self, _input: PostId) -> ApiResult<Preflight> {
        Err(ApiError::new(ErrorCode::Internal))
    }

    /// See the table in [`crate::api::commands`].
    pub async fn outbox(&self, _input: ()) -> ApiResult<Outbox> {
        Err(ApiError::new(ErrorCode::Internal))
    }

    /// See the table in [`crate::api::commands`].
    pub async fn sync_now(&self, _input: ()) -> ApiResult<Connection> {
        Err(ApiError::new(ErrorCode::Internal))
    }

    /// See the table in [`crate::api::commands`].
    pub async fn connection(&self, _input: ()) -> ApiResult<Connection> {
        Err(ApiError::new(ErrorCode::Internal))
    }

    /// See the table in [`crate::api::commands`].
    pub async fn settings_get(&self, _input: ()) -> ApiResult<Settings> {
        Err(ApiError::new(ErrorCode::Internal))
    }

    /// See the table in [`crate::api::commands`].
    pub async fn settings_set(&self, _input: Settings) -> ApiResult<Settings> {
        Err(ApiError::new(ErrorCode::Internal))
    }

    /// See the table in [`crate::api::commands`].
    pub async fn check(&self, _input: ()) -> ApiResult<CheckReport> {
        Err(ApiError::new(ErrorCode::Internal))
    }
}
