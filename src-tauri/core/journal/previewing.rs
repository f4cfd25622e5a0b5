//! What would be made of a post for a feed.

use super::Journal;
use crate::api::error::{ApiError, ApiResult, ErrorCode};
use crate::api::remote::*;

impl Journal {
    /// See the table in [`crate::api::commands`].
    pub async fn post_preview(&self, _: PreviewInput) -> ApiResult<PostPreview> {
        Err(ApiError::new(ErrorCode::Internal))
    }
}
