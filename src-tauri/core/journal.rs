//! The journal's use cases: the one entry for every interface. Owns the store, the media worker, the feeds and the clock.

use crate::api::error::{ApiError, ApiResult, ErrorCode};
use crate::api::types::*;
use crate::domain::{AssetId, FeedId, PostId};

/// An open journal.
pub struct Journal {}

impl Journal {
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
