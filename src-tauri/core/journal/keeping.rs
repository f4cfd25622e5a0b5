//! What a feed holds of a post, as the journal would say it; and keeping that before the user's own words go over it.

use std::sync::Weak;

use async_trait::async_trait;

use super::{Inner, Journal};
use crate::api::error::ApiResult;
use crate::api::types::LanguageLayout;
use crate::domain::{Delivery, Lang, Receipt};
use crate::feed::{Feed, FeedError, Fetched, RemoteMedia};
use crate::store::arrivals::{self, Arrival};
use crate::store::{feeds, revisions};
use crate::sync::Keeper;
use crate::sync::coming_back::{changed_parts, media_there, texts_there, without_gone};

impl Journal {
    /// What a post says at a feed, its files brought into the journal. The inner error is the feed's: it is worth while to ask
    /// again, for [`FeedError::Untold`] just about this post. Nothing where nobody knows what it was made from.
    pub(super) async fn as_it_is_there(
        &self,
        feed: &dyn Feed,
        seen: &Delivery,
        fetched: Fetched,
    ) -> ApiResult<Result<Option<Arrival>, FeedError>> {
        let Some(agreed) = seen.receipt.as_ref().or(seen.there.as_ref()) else { return Ok(Ok(None)) };
        let base = agreed.revision;
        let at = seen.feed;
        let read = self.store().read(move |conn| Ok((revisions::get(conn, base)?, feeds::get(conn, at)?)));
        let (revision, row) = read.await?;
        let (base_content, apart) = (revision.content, row.options.languages == LanguageLayout::Linked);
        let mut there = fetched.held.clone().receipt(base, self.clock().now());
        let (items_before, items) = (feed.items_of(agreed), feed.items_of(&there));
        let lacks_any = items_before.iter().any(|item| !items.contains(item));
        let changed = changed_parts(seen.receipt.as_ref(), &fetched.held);
        let changed = if apart && lacks_any { changed.map(|changed| without_gone(changed, &fetched)) } else { changed };
        let mut theirs = texts_there(&base_content, changed.as_ref(), &fetched);
        let mut missing = 0;
        if let Some(media) = media_there(changed.as_ref(), &fetched) {
            let known = match self.known_files(feed, seen, agreed, media).await {
                Ok(known) => known,
                Err(error) => return Ok(Err(error)),
            };
            let version = fetched.held.version;
            match self.gather(feed, Some(&base_content), &known).await {
                Ok(gathered) if gathered.is_cut_short && !self.has_waited_for_files(seen, version).await? => {
                    return Ok(Err(FeedError::Untold));
                }
                // Where a file cannot be had, nobody can say what the list should be.
                Ok(gathered) if gathered.missing > 0 => missing = gathered.missing,
                Ok(gathered) => {
                    if let Err(error) = feed.brought_in(&self.about(seen.post, seen.feed), &gathered.files).await {
                        return Ok(Err(error));
                    }
                    theirs.attachments = gathered.attachments;
                }
                Err(error) => return Ok(Err(error)),
            }
        }
        let theirs = theirs.normalised();
        // A language that nobody took away and that is not there has not arrived yet.
        let may_miss = changed.is_none() || apart;
        let is_missing = |lang: &Lang| may_miss && !fetched.sides.contains_key(lang);
        // One that is somewhere else now lacks no language. Whoever sends all of it again knows of it.
        let lacks_items = lacks_any
            && seen.is_there()
            && (items.len() < items_before.len() || theirs.sides.keys().any(|lang| !fetched.sides.contains_key(lang)));
        let unfinished = fetched.held.unfinished || theirs.sides.keys().any(is_missing);
        if missing > 0 {
            there.parts.retain(|name, _| !name.starts_with("media"));
            there.parts.extend(agreed.parts.clone().into_iter().filter(|(name, _)| name.starts_with("media")));
        }
        // Their clock may be wrong, or ours. Where they do not tell, it may have been right after we last saw it otherwise.
        let last_seen = row.pulled_at.map_or(agreed.confirmed_at, |at| at.max(agreed.confirmed_at));
        let last_seen = last_seen.min(self.clock().now());
        let ahead = feed.ahead();
        let changed_at = fetched.modified.map_or(last_seen, |at| at.plus_millis(-ahead.unwrap_or(0)));
        let (seen, warning) = (seen.clone(), fetched.warning);
        Ok(Ok(Some(Arrival {
            seen,
            base,
            base_content,
            theirs,
            there,
            apart,
            unfinished,
            lacks_items,
            warning,
            changed_at,
            ahead,
            missing,
        })))
    }

    /// The files of an item that was changed there. Which original one is a copy of may be known only where the item is asked for by
    /// itself, with what was written down of it.
    async fn known_files(
        &self,
        feed: &dyn Feed,
        seen: &Delivery,
        known: &Receipt,
        media: &[RemoteMedia],
    ) -> Result<Vec<RemoteMedia>, FeedError> {
        if media.iter().all(|file| file.asset.is_some()) {
            return Ok(media.to_vec());
        }
        let fetched = feed.fetch(known, &self.about(seen.post, seen.feed)).await?;
        Ok(fetched.media.unwrap_or_default())
    }
}

/// Keeps what was changed at feeds in the histories of this journal's posts.
pub(super) struct Histories(pub Weak<Inner>);

#[async_trait]
impl Keeper for Histories {
    async fn keep(&self, feed: &dyn Feed, seen: &Delivery, fetched: Fetched) -> Result<Receipt, FeedError> {
        let journal = Journal { inner: self.0.upgrade().ok_or(FeedError::Journal)? };
        let unkept = |error| {
            tracing::warn!(post = %seen.post, %error, "what was changed there is not kept");
            FeedError::Journal
        };
        let there = journal.as_it_is_there(feed, seen, fetched).await.map_err(|error| {
            tracing::warn!(post = %seen.post, code = ?error.code, "what was changed there is not read");
            FeedError::Journal
        })??;
        let there = there.ok_or(FeedError::Gone)?;
        let clock = journal.inner.options.clock.clone();
        let kept = journal.store().write(move |tx| arrivals::keep(tx, clock.as_ref(), there)).await.map_err(unkept)?;
        journal.posts_changed(vec![seen.post]);
        Ok(kept)
    }
}
