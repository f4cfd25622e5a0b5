//! What comes back from feeds: changes made there, conflicts, and posts of which nobody knows whether they arrived.

use super::Journal;
use crate::api::error::{ApiError, ApiResult, ErrorCode};
use crate::api::remote::*;
use crate::api::types::{DeliveryView, PostView};

impl Journal {
    /// See the table in [`crate::api::commands`].
    pub async fn pull(&self, _: ()) -> ApiResult<PullReport> {
        Err(ApiError::new(ErrorCode::Internal))
    }

    /// See the table in [`crate::api::commands`].
    pub async fn conflicts(&self, _: ()) -> ApiResult<Vec<ConflictView>> {
        Err(ApiError::new(ErrorCode::Internal))
    }

    /// See the table in [`crate::api::commands`].
    pub async fn conflict_resolve(&self, _: ConflictChoice) -> ApiResult<PostView> {
        Err(ApiError::new(ErrorCode::Internal))
    }

    /// See the table in [`crate::api::commands`].
    pub async fn delivery_arrived(&self, _: ArrivedInput) -> ApiResult<DeliveryView> {
        Err(ApiError::new(ErrorCode::Internal))
    }
}
