//! What is wanted of a post at a feed, what happens to it before it leaves, and what the outbox says.

use super::Journal;
use crate::api::error::{ApiError, ApiResult, ErrorCode};
use crate::api::events::Event;
use crate::api::types::*;
use crate::domain::{Content, FeedId, PostId};
use crate::store::{assets, feeds, outbox, posts, views};

impl Journal {
    /// Says what is wanted of a post at a feed, and sends when it can.
    pub async fn post_send(&self, input: SendInput) -> ApiResult<DeliveryView> {
        let feed = self.store().read(move |conn| feeds::get(conn, input.feed)).await?;
        let sends = input.wanted.sends();
        if sends && !feed.enabled {
            return Err(ApiError::about(ErrorCode::FeedOff, feed.name));
        }
        let (now, manner) = (self.clock().now(), input.manner.clone());
        let wish = self.store().write(move |tx| {
            if sends && posts::get(tx, input.post)?.deleted_at.is_some() {
                return Ok(None);
            }
            let target = posts::seal(tx, input.post)?;
            let wish = outbox::Wish { post: input.post, feed: input.feed, wanted: input.wanted, target, manner };
            let delivery = outbox::wish(tx, now, wish)?;
            Ok(Some(views::delivery(tx, delivery)?))
        });
        let view = wish.await?.ok_or_else(|| ApiError::about(ErrorCode::PostNotFound, input.post.to_string()))?;
        self.posts_changed(vec![input.post]);
        self.outbox_changed(Some(input.feed)).await;
        self.inner.outbox_bell.notify_one();
        Ok(view)
    }

    /// What happens to a post before it leaves.
    pub async fn preflight(&self, id: PostId) -> ApiResult<Preflight> {
        let read = self.store().read(move |conn| {
            let content = posts::get(conn, id)?.content;
            let attached: Vec<_> = content.attachments.iter().map(|attachment| attachment.asset).collect();
            Ok((assets::get_many(conn, attached)?, content))
        });
        let (assets, content) = read.await?;
        let facts = || content.attachments.iter().filter_map(|attachment| assets.get(&attachment.asset));
        let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        Ok(Preflight {
            location_removed: count(facts().filter(|asset| asset.point.is_some()).count()),
            attachments: count(content.attachments.len()),
            alt_complete: count(content.attachments.iter().filter(|one| has_every_alt(&content, one)).count()),
            clips: count(facts().filter(|asset| asset.kind == AssetKind::Clip).count()),
            blocked: content
                .attachments
                .iter()
                .filter(|attachment| assets.get(&attachment.asset).is_none_or(super::outgoing::cannot_leave))
                .map(|attachment| BlockedFile { asset: attachment.asset, name: attachment.name.clone() })
                .collect(),
        })
    }

    /// What waits and what was sent.
    pub async fn outbox(&self, _: ()) -> ApiResult<Outbox> {
        let now = self.clock().now();
        Ok(self.store().read(move |conn| views::outbox(conn, now)).await?)
    }

    /// The connection, in one word and numbers.
    pub async fn connection(&self, _: ()) -> ApiResult<Connection> {
        let feeds = self.feed_list(()).await?;
        let on = || feeds.iter().filter(|feed| feed.enabled);
        let silent = |feed: &&FeedView| {
            use FeedHealth::*;
            matches!(feed.health, Unreachable | Denied | SignedOut | Locked)
        };
        let waits_in_vain = on().any(|feed| feed.waiting > 0 && silent(&feed));
        let waiting = on().map(|feed| feed.waiting).sum();
        let paused = feeds.iter().filter(|feed| !feed.enabled).map(|feed| feed.waiting).sum();
        let needs_you = feeds.iter().map(|feed| feed.needs_you).sum();
        let state = match () {
            () if needs_you > 0 => ConnectionState::NeedsYou,
            () if waits_in_vain => ConnectionState::Offline,
            () if waiting > 0 && self.is_sending() => ConnectionState::Sending,
            () if waiting > 0 => ConnectionState::Waiting,
            () if paused > 0 => ConnectionState::Paused,
            () if on().next().is_none() => ConnectionState::NoFeed,
            () => ConnectionState::AllSent,
        };
        let unreachable = on().filter(silent).map(|feed| feed.name.clone()).collect();
        Ok(Connection { state, waiting, paused, needs_you, unreachable })
    }

    /// Tells that deliveries changed, with the connection as it is now.
    pub(super) async fn outbox_changed(&self, feed: Option<FeedId>) {
        match self.connection(()).await {
            Ok(connection) => self.tell(Event::OutboxChanged { feed, connection }),
            Err(error) => tracing::warn!(code = ?error.code, "the connection cannot be told"),
        }
    }
}

/// Whether an attachment says what it shows in every language of the post.
fn has_every_alt(content: &Content, attachment: &crate::domain::Attachment) -> bool {
    content.sides.keys().all(|lang| attachment.alt.contains_key(lang))
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;
    use crate::api::remote::PreviewInput;
    use crate::clock::{Clock, TestClock};
    use crate::domain::{DeliveryState, Lang, Manner, Secret, Side, Timestamp, Wanted};
    use crate::feed::micropub::tests::site::Store as Site;
    use crate::feed::web::scripted::{Reply, Scripted};
    use crate::journal::Options;
    use crate::journal::histories::{input, vaults};

    const HOUR: i64 = 60 * 60_000;

    #[tokio::test]
    async fn what_waits_for_a_feed_that_is_switched_off_is_not_said_to_go_out() {
        let dir = tempfile::tempdir().unwrap();
        let journal = Journal::open(&dir.path().join("journal"), Options::default()).await.unwrap();
        let place = dir.path().join("feed").display().to_string();
        let feed = journal.feed_add(FeedInput::folder("out".into(), place)).await.unwrap().id;
        let mut content = Content::empty(journal.clock().moment());
        content.topics = vec!["茶".into()];
        let saved = journal.draft_save(DraftInput { post: None, base: None, version: None, content }).await.unwrap();
        let wish = SendInput { post: saved.post, feed, wanted: Wanted::Published, manner: Manner::default() };
        journal.post_send(wish).await.unwrap();
        for (enabled, state, waiting) in [
            (true, ConnectionState::Waiting, 1),
            (false, ConnectionState::Paused, 0),
            (true, ConnectionState::Waiting, 1),
        ] {
            let mut told = journal.events();
            let change = FeedChange { id: feed, name: None, enabled: Some(enabled), place: None, options: None };
            journal.feed_change(change).await.unwrap();
            let connection = journal.connection(()).await.unwrap();
            assert_eq!((connection.state, connection.waiting, connection.paused), (state, waiting, 1 - waiting));
            assert_eq!(journal.outbox(()).await.unwrap().pending[0].delivery.paused, !enabled);
            let told =
                std::iter::from_fn(|| told.try_recv().ok()).any(|event| matches!(event, Event::OutboxChanged { .. }));
            assert!(told, "who shows the outbox learns of it");
        }
    }

    /// Whether anything in a folder, at any depth, has these words in it.
    fn says(dir: &std::path::Path, words: &str) -> bool {
        let files = walkdir::WalkDir::new(dir).into_iter().filter_map(Result::ok);
        files.filter_map(|file| std::fs::read_to_string(file.path()).ok()).any(|text| text.contains(words))
    }

    #[tokio::test]
    async fn what_a_feed_cannot_keep_for_its_time_waits_here() {
        let (dir, clock) = (tempfile::tempdir().unwrap(), Arc::new(TestClock::new(1_767_323_045_000)));
        let options = Options { clock: clock.clone(), vaults: vaults(), ..Options::default() };
        let journal = Journal::open(&dir.path().join("journal"), options).await.unwrap();
        let folder = dir.path().join("feed");
        let site = Arc::new(Mutex::new(Site::default()));
        let behind = Arc::clone(&site);
        let server = Scripted::start(move |heard| match heard.target.path() {
            "/" => Reply::html(200, "<link rel='micropub' href='/m'>"),
            _ => behind.lock().unwrap().answer(heard),
        })
        .await;
        let secret = Some(Secret::new("token-canary".to_owned()));
        for (kind, place, secret) in [
            (FeedKind::Folder, folder.display().to_string(), None),
            (FeedKind::Micropub, server.url.to_string(), secret),
        ] {
            let feed = journal.feed_add(input(kind, place, secret)).await.unwrap().id;
            let is_there = || match kind {
                FeedKind::Folder => says(&folder, "green tea"),
                _ => !site.lock().unwrap().entries.is_empty(),
            };
            let mut content = Content::empty(journal.clock().moment());
            content.sides.insert(Lang::en(), Side { title: "Tea".into(), body: "A cup of green tea".into() });
            let saved =
                journal.draft_save(DraftInput { post: None, base: None, version: None, content }).await.unwrap();
            let wish = async |publish_at: Timestamp| {
                let manner = Manner { publish_at: Some(publish_at), ..Manner::default() };
                let (post, wanted) = (saved.post, Wanted::Published);
                journal.post_send(SendInput { post, feed, wanted, manner: manner.clone() }).await.unwrap();
                let preview = PreviewInput { post, feed, manner: Some(manner), wanted: None };
                let leaves_at = journal.post_preview(preview).await.unwrap().leaves_at;
                assert_eq!(leaves_at, Some(publish_at), "{kind:?}");
                journal.sync_now(()).await.unwrap();
                let waiting = journal.outbox(()).await.unwrap().pending.remove(0).delivery;
                assert_eq!((&waiting.state, waiting.manner.publish_at), (&DeliveryState::Queued, Some(publish_at)));
            };
            wish(clock.now().plus_millis(HOUR)).await;
            wish(clock.now().plus_millis(HOUR / 2)).await;
            clock.advance(HOUR / 2 - 1);
            journal.sync_now(()).await.unwrap();
            assert!(!is_there(), "{kind:?}: nobody is to see it yet");
            clock.advance(1);
            journal.sync_now(()).await.unwrap();
            assert!(is_there(), "{kind:?}: it is time");
            assert_eq!(journal.outbox(()).await.unwrap().pending.len(), 0);
        }
    }
}
