//! Taking everything out of the journal: what [`crate::exchange`] reads, one thing at a time. Writes no file itself.

use std::collections::HashSet;
use std::io::Write;
use std::path::PathBuf;

use tokio::runtime::Handle;

use super::{Journal, internal};
use crate::api::error::{ApiError, ApiResult, ErrorCode};
use crate::api::types::{FeedView, PostFilter};
use crate::domain::{AssetId, PostId, Revision, RevisionId};
use crate::exchange::{ExportReport, Exported, Original, Source, export};
use crate::store::{StoreError, assets, index, outbox, posts, revisions};

impl Journal {
    /// Writes everything into an empty or new folder, or over an earlier export, in open formats; reads it back.
    pub async fn export(&self, dir: PathBuf) -> ApiResult<ExportReport> {
        let now = self.clock().now();
        let shelf = Shelf { journal: self.clone(), runtime: Handle::current() };
        tokio::task::spawn_blocking(move || export(&shelf, &dir, now)).await.map_err(internal)?
    }

    /// Which of these originals stand in the newest revision of any post, those in the bin too.
    pub async fn assets_in_posts(&self, ids: Vec<AssetId>) -> ApiResult<HashSet<AssetId>> {
        let read = self.store().read(move |conn| {
            let mut used = HashSet::new();
            for id in ids {
                if !assets::posts_with(conn, id)?.is_empty() {
                    used.insert(id);
                }
            }
            Ok(used)
        });
        Ok(read.await?)
    }
}

/// The journal as an export reads it, from a thread that may block.
struct Shelf {
    journal: Journal,
    runtime: Handle,
}

impl Shelf {
    fn wait<T>(&self, answer: impl Future<Output = Result<T, StoreError>>) -> ApiResult<T> {
        Ok(self.runtime.block_on(answer)?)
    }
}

impl Source for Shelf {
    fn posts(&self) -> ApiResult<Vec<PostId>> {
        let ids = |deleted| {
            let filter = PostFilter { deleted, ..PostFilter::default() };
            self.wait(self.journal.store().read(move |conn| index::index(conn, &filter)))
        };
        let (posts, bin) = (ids(false)?, ids(true)?);
        Ok(posts.into_iter().chain(bin).map(|entry| entry.id).collect())
    }

    fn post(&self, id: PostId) -> ApiResult<Exported> {
        self.wait(self.journal.store().read(move |conn| {
            let post = posts::get(conn, id)?;
            let history = revisions::history(conn, id)?;
            Ok(Exported {
                id,
                created_at: post.created_at,
                deleted_at: post.deleted_at,
                revisions: history.into_iter().rev().map(|entry| entry.id).collect(),
                deliveries: outbox::of_post(conn, id)?,
            })
        }))
    }

    fn revision(&self, id: RevisionId) -> ApiResult<Revision> {
        self.wait(self.journal.store().read(move |conn| revisions::get(conn, id)))
    }

    fn originals(&self) -> ApiResult<Vec<Original>> {
        let all = self.wait(self.journal.store().read(assets::all))?;
        Ok(all.into_iter().map(|asset| Original { id: asset.id, mime: asset.mime, bytes: asset.bytes }).collect())
    }

    fn copy(&self, id: AssetId, to: &mut dyn Write) -> ApiResult<()> {
        let mut original = self.journal.store().media().open_asset(id)?;
        std::io::copy(&mut original, to).map_err(|_| ApiError::about(ErrorCode::JournalDamaged, id.to_string()))?;
        Ok(())
    }

    fn feeds(&self) -> ApiResult<Vec<FeedView>> {
        self.runtime.block_on(self.journal.feed_list(()))
    }
}
