//! Items that were made elsewhere and taken over: which of our originals lie in them, so that they are not sent again. What is
//! written over the text of such an item stands in [`crate::feed::render::over`].

use std::sync::Arc;

use super::WordPress;
use super::ledger::{Ledger, Uploaded};
use crate::domain::AssetId;
use crate::feed::{About, FeedError, Part, RemoteMedia};

impl WordPress {
    /// Writes down which files of an item need not be sent again.
    pub(super) async fn note_as_theirs(
        &self,
        about: &About,
        files: &[(AssetId, RemoteMedia)],
    ) -> Result<(), FeedError> {
        let mut ledger = Ledger::open(Arc::clone(&about.notes)).await?;
        for (asset, file) in files {
            let uploaded = Uploaded { id: 0, url: file.url.clone(), alt: String::new() };
            ledger.note_uploaded(*asset, &Part::Copy, &uploaded);
        }
        ledger.keep().await
    }
}
