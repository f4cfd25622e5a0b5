//! Finding feeds on the network, and signing in at them.

use super::Journal;
use crate::api::error::{ApiError, ApiResult, ErrorCode};
use crate::api::remote::*;
use crate::api::types::FeedView;
use crate::domain::FeedId;

impl Journal {
    /// See the table in [`crate::api::commands`].
    pub async fn feed_discover(&self, _: DiscoverInput) -> ApiResult<Vec<Discovery>> {
        Err(ApiError::new(ErrorCode::Internal))
    }

    /// See the table in [`crate::api::commands`].
    pub async fn sign_in_begin(&self, _: SignInInput) -> ApiResult<SignInStarted> {
        Err(ApiError::new(ErrorCode::Internal))
    }

    /// See the table in [`crate::api::commands`].
    pub async fn sign_in_finish(&self, _: String) -> ApiResult<FeedView> {
        Err(ApiError::new(ErrorCode::Internal))
    }

    /// See the table in [`crate::api::commands`].
    pub async fn sign_in_cancel(&self, _: String) -> ApiResult<()> {
        Err(ApiError::new(ErrorCode::Internal))
    }

    /// See the table in [`crate::api::commands`].
    pub async fn feed_sign_in(&self, _: FeedSignIn) -> ApiResult<FeedView> {
        Err(ApiError::new(ErrorCode::Internal))
    }

    /// See the table in [`crate::api::commands`].
    pub async fn feed_sign_out(&self, _: FeedId) -> ApiResult<FeedView> {
        Err(ApiError::new(ErrorCode::Internal))
    }
}
