//! The journal in other forms: everything it holds, in files that any program can read. Knows no SQL and no network.

pub mod export;
mod folder;
mod page;

pub use export::{ExportReport, Exported, Original, Source, export};

impl crate::journal::Journal {
    /// Writes everything into an empty folder in open formats.
    pub async fn export(&self, _dir: std::path::PathBuf) -> crate::api::error::ApiResult<ExportReport> {
        Err(crate::api::ApiError::new(crate::api::ErrorCode::Internal))
    }

    /// Which of these originals stand in the newest revision of any post, those in the bin too.
    pub async fn assets_in_posts(
        &self,
        _ids: Vec<crate::domain::AssetId>,
    ) -> crate::api::error::ApiResult<std::collections::HashSet<crate::domain::AssetId>> {
        Err(crate::api::ApiError::new(crate::api::ErrorCode::Internal))
    }
}
