//! Bringing what lies at a feed into the journal: an item becomes a post that is known to be there, so that from then on changes
//! on either side meet. An item that is in the journal already is left alone.

mod known;

use std::collections::BTreeMap;
use std::sync::Arc;

use self::known::Known;
use super::Journal;
use crate::api::error::{ApiError, ApiResult, ErrorCode};
use crate::api::remote::*;
use crate::domain::{
    Content, Delivery, Digest, FeedId, Happened, Manner, Moment, Origin, PostId, Receipt, RevisionId, Timestamp,
    Wanted, limits,
};
use crate::feed::render::one_line;
use crate::feed::{About, Feed, FeedError, Fetched, Slip};
use crate::store::feeds::{self, FeedRow};
use crate::store::{StoreError, Tx, notes, outbox, posts};

/// Graphemes of an item's text that a list shows.
const EXCERPT: usize = 120;

impl Journal {
    /// What lies at a feed, wherever it was written.
    pub async fn remote_list(&self, input: RemoteListInput) -> ApiResult<RemotePage> {
        let (row, feed) = self.reached(input.feed).await?;
        let page = feed.list(input.page.as_deref()).await.map_err(|error| told(&row, &error))?;
        let known = self.adopted(row.id, &feed).await?;
        let post_of = |item: &Fetched| {
            let named = known.named(feed.as_ref(), &item.held.remote_id);
            named.or_else(|| known.saying(&item.sides))
        };
        let items = page.items.into_iter().map(|item| shown(post_of(&item), item)).collect();
        Ok(RemotePage { items, next: page.next })
    }

    /// Brings items that lie at a feed into the journal, with their files. Done twice, it makes no second post. Where the feed
    /// itself lets nothing be fetched, it ends there and says why.
    pub async fn remote_adopt(&self, input: AdoptInput) -> ApiResult<AdoptReport> {
        let (row, feed) = self.reached(input.feed).await?;
        let mut report = AdoptReport::default();
        let mut items = input.items.into_iter();
        while let Some(remote_id) = items.next() {
            let known = self.adopted(row.id, &feed).await?;
            if known.named(feed.as_ref(), &remote_id).is_some() {
                report.known += 1;
                continue;
            }
            match self.adopt(&row, &feed, remote_id.clone()).await? {
                Ok(Some((post, missing))) => {
                    report.posts.push(post);
                    report.files_missing += missing;
                }
                Ok(None) => report.known += 1,
                Err(error) => {
                    tracing::debug!(feed = %row.id, %error, "an item was not brought in");
                    report.failed.push(remote_id);
                    if error.speaks_for_all() {
                        report.failed.extend(items.by_ref());
                        report.error = Some(told(&row, &error));
                    }
                }
            }
        }
        if !report.posts.is_empty() {
            self.posts_changed(report.posts.clone());
            self.outbox_changed(Some(row.id)).await;
        }
        Ok(report)
    }

    async fn reached(&self, id: FeedId) -> ApiResult<(FeedRow, Arc<dyn Feed>)> {
        let row = self.store().read(move |conn| feeds::get(conn, id)).await?;
        let feed = self.adapter(&row).ok_or_else(|| ApiError::about(ErrorCode::FeedUnreachable, row.name.clone()))?;
        Ok((row, feed))
    }

    /// The posts in the journal that are at a feed, or may be.
    async fn adopted(&self, id: FeedId, feed: &Arc<dyn Feed>) -> ApiResult<Known> {
        let feed = Arc::clone(feed);
        Ok(self.store().read(move |conn| Known::read(conn, id, feed.as_ref())).await?)
    }

    /// One item. Nothing when somebody else brought it in meanwhile; the inner error is the feed's.
    async fn adopt(
        &self,
        row: &FeedRow,
        feed: &Arc<dyn Feed>,
        remote_id: String,
    ) -> ApiResult<Result<Option<(PostId, u32)>, FeedError>> {
        // No delivery is about it yet.
        let slip = Arc::new(Slip::default());
        let about = About { post: PostId::from_uuid(self.clock().new_uuid()), notes: slip.clone() };
        let fetched = match feed.fetch(&named(remote_id, self.clock().now()), &about).await {
            Ok(fetched) => fetched,
            Err(error) => return Ok(Err(error)),
        };
        let media = fetched.media.as_deref().unwrap_or_default();
        let gathered = match self.gather(feed.as_ref(), None, media).await {
            // It can be asked for again, while a post that was made without the file never gets it.
            Ok(gathered) if gathered.is_cut_short => return Ok(Err(FeedError::Untold)),
            Ok(gathered) => gathered,
            Err(error) => return Ok(Err(error)),
        };
        if let Err(error) = feed.adopted(&about, &gathered.files).await {
            return Ok(Err(error));
        }
        let at = fetched.moment.or(fetched.modified).unwrap_or_else(|| self.clock().now());
        let content = Content {
            sides: fetched.sides,
            attachments: gathered.attachments,
            topics: fetched.topics.unwrap_or_default(),
            ..Content::empty(Moment { at, zone: self.clock().zone() })
        };
        let content = content.normalised();
        if limits::check(&content).is_err() {
            return Ok(Err(FeedError::TooLong));
        }
        let (clock, id, feed) = (self.inner.options.clock.clone(), row.id, Arc::clone(feed));
        let (held, noted, warning) = (fetched.held, slip.taken(), fetched.warning.unwrap_or_default());
        let made = self.store().write(move |tx| {
            let known = Known::read(tx, id, feed.as_ref())?;
            if known.named(feed.as_ref(), &held.remote_id).is_some() || known.saying(&content.sides).is_some() {
                return Ok(None);
            }
            let save = posts::Save { post: None, base: None, version: None, content, origin: Origin::Import };
            let saved = posts::save(tx, clock.as_ref(), save)?;
            // What the feed thinks it was made from is no revision of this post.
            let receipt = Receipt { revision: saved.revision, ..held.receipt(saved.revision, clock.now()) };
            link(tx, (saved.post, id), receipt, warning)?;
            noted.iter().try_for_each(|(key, value)| notes::put(tx, (saved.post, id), key, value))?;
            Ok(Some(saved.post))
        });
        Ok(Ok(made.await?.map(|post| (post, gathered.missing))))
    }
}

/// Writes that a post is at a feed as a receipt says, behind the warning that stands there.
fn link(tx: &Tx<'_>, about: (PostId, FeedId), receipt: Receipt, warning: String) -> Result<(), StoreError> {
    let (now, target) = (receipt.confirmed_at, receipt.revision);
    let manner = Manner { warning, ..Manner::default() };
    let wished = Happened::Wished { wanted: receipt.known, target, manner };
    let delivery = Delivery::new(about.0, about.1, target, now).after(wished, now);
    outbox::put(tx, &delivery.after(Happened::Confirmed(receipt), now))
}

/// A receipt that says no more than the feed's name for an item: enough to read it back.
fn named(remote_id: String, now: Timestamp) -> Receipt {
    Receipt {
        url: Some(remote_id.clone()).filter(|name| name.starts_with("http")),
        remote_id,
        known: Wanted::Published,
        revision: RevisionId::from_uuid(uuid::Uuid::nil()),
        version: Digest::of(b""),
        parts: BTreeMap::new(),
        manner: None,
        partial: false,
        confirmed_at: now,
    }
}

fn shown(post: Option<PostId>, item: Fetched) -> RemoteItem {
    let titles = item.sides.iter().map(|(lang, side)| (lang.clone(), side.title.clone()));
    let body = item.sides.values().map(|side| side.body.as_str()).find(|body| !body.trim().is_empty());
    RemoteItem {
        post,
        titles: titles.filter(|(_, title)| !title.is_empty()).collect(),
        excerpt: excerpt(body.unwrap_or_default()),
        url: item.held.url,
        published: Wanted::from(item.held.audience) == Wanted::Published,
        modified: item.modified,
        files: u32::try_from(item.media.map_or(0, |media| media.len())).unwrap_or(u32::MAX),
        remote_id: item.held.remote_id,
    }
}

/// The beginning of a text on one line.
fn excerpt(text: &str) -> String {
    use unicode_segmentation::UnicodeSegmentation;
    one_line(text).graphemes(true).take(EXCERPT).collect()
}

fn told(row: &FeedRow, error: &FeedError) -> ApiError {
    let code = match error {
        FeedError::SignedOut => ErrorCode::SignInNeeded,
        FeedError::Locked => ErrorCode::KeychainLocked,
        FeedError::Denied | FeedError::Foreign => ErrorCode::FeedDenied,
        _ => ErrorCode::FeedUnreachable,
    };
    ApiError::about(code, row.name.clone())
}

#[cfg(test)]
mod tests;
