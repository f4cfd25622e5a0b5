//! Bringing what lies at a feed into the journal.

use super::Journal;
use crate::api::error::{ApiError, ApiResult, ErrorCode};
use crate::api::remote::*;

impl Journal {
    /// See the table in [`crate::api::commands`].
    pub async fn remote_list(&self, _: RemoteListInput) -> ApiResult<RemotePage> {
        Err(ApiError::new(ErrorCode::Internal))
    }

    /// See the table in [`crate::api::commands`].
    pub async fn remote_adopt(&self, _: AdoptInput) -> ApiResult<AdoptReport> {
        Err(ApiError::new(ErrorCode::Internal))
    }
}
