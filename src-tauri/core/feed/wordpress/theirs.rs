//! Files that somebody put into an item there and that were brought into the journal, with the whole item or with a change of it:
//! which of our originals they are, so that they are not sent again, and go when they are taken out of the post. What is written over
//! the text of such an item stands in [`crate::feed::render::over`].

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
            // One that was sent from here stays known by where it lies in the library, whatever smaller copy of it is shown.
            let is_sent = |known: &Uploaded| known.url == file.url || file.asset.is_some();
            if ledger.uploaded(*asset, &Part::Copy).as_ref().is_some_and(is_sent) {
                continue;
            }
            let uploaded = Uploaded { id: 0, url: file.url.clone(), alt: String::new() };
            ledger.note_uploaded(*asset, &Part::Copy, &uploaded);
        }
        ledger.keep().await
    }
}
