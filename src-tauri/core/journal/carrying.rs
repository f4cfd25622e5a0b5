//! When the outbox is carried out while a journal is open in a window. How, is `engine`'s.

use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::Instant;

use super::{Journal, internal};
use crate::api::error::ApiResult;
use crate::domain::delivery::DEBOUNCE_MILLIS;
use crate::store::outbox;

/// Nothing is looked at less often than this while something waits.
const LONGEST_PAUSE: Duration = Duration::from_secs(15 * 60);

/// What was changed at the feeds is read this often without being asked.
const PULL_EVERY: Duration = Duration::from_secs(15 * 60);

impl Journal {
    /// Carries out the outbox for as long as the journal lives: when something is wanted, when its time has come.
    pub(super) async fn carry_out_outbox(self) {
        // Each tour is a task of its own: while one uploads a long clip to a slow feed, what is wanted of the others leaves.
        // A feed that a tour is at is passed by the others.
        let mut tours = JoinSet::new();
        tours.spawn(self.clone().begin());
        let mut next_pull = Instant::now() + PULL_EVERY;
        loop {
            let pause = self.pause().await.unwrap_or(LONGEST_PAUSE);
            tokio::select! {
                () = self.inner.outbox_bell.notified() => {}
                () = tokio::time::sleep(pause) => {}
                () = tokio::time::sleep_until(next_pull) => {
                    next_pull = Instant::now() + PULL_EVERY;
                    tours.spawn(self.clone().read_feeds());
                    continue;
                }
                // A feed is free again: what waited for it may be due.
                Some(_) = tours.join_next() => continue,
            }
            tours.spawn(self.clone().send_what_is_due());
        }
    }

    /// What a crash or a long sleep left behind is not made to wait for its old time.
    async fn begin(self) {
        if let Err(error) = self.sync_now(()).await {
            tracing::warn!(code = ?error.code, "the outbox cannot be carried out");
        }
    }

    async fn send_what_is_due(self) {
        let rested = self.clock().now().plus_millis(-DEBOUNCE_MILLIS);
        if let Err(error) = self.tour(rested).await {
            tracing::warn!(code = ?error.code, "the outbox cannot be carried out");
        }
    }

    async fn read_feeds(self) {
        if let Err(error) = self.pull_by_itself().await {
            tracing::warn!(code = ?error.code, "the feeds cannot be read");
        }
    }

    /// How long nothing is to be done.
    async fn pause(&self) -> ApiResult<Duration> {
        let feeds = self.destinations().await?;
        let due = self.engine().next_at(&feeds).await.map_err(internal)?;
        let edited = self.store().read(outbox::last_edit_behind).await?;
        let follows = edited.map(|at| at.plus_millis(DEBOUNCE_MILLIS));
        let next = due.into_iter().chain(follows).min();
        Ok(next.map_or(LONGEST_PAUSE, |at| self.until(at).min(LONGEST_PAUSE)))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use async_trait::async_trait;
    use tokio::sync::Notify;

    use super::*;
    use crate::api::types::{DraftInput, FeedInput, FeedKind, FeedView, SendInput};
    use crate::domain::{Content, DeliveryState, Manner, PostId, Wanted};
    use crate::feed::memory::{MemoryFeed, Sky, Weather};
    use crate::journal::Options;
    use crate::store::feeds;

    /// The weather of a feed to which the first byte takes for ever.
    #[derive(Clone, Default)]
    struct Slow(Arc<Notify>);

    #[async_trait]
    impl Sky for Slow {
        async fn weather(&self) -> Weather {
            self.0.notify_one();
            std::future::pending().await
        }

        async fn heard(&self) {}
    }

    async fn folder(journal: &Journal, name: &str) -> FeedView {
        let place = journal.store().dir().join(name).to_string_lossy().into_owned();
        let (user, name) = (String::new(), name.to_owned());
        let input =
            FeedInput { kind: FeedKind::Folder, name, place, user, secret: None, keep: None, plain_http: false };
        journal.feed_add(input).await.unwrap()
    }

    async fn send(journal: &Journal, feed: &FeedView) -> PostId {
        let mut content = Content::empty(journal.clock().moment());
        content.topics.push("夜".into());
        let saved = journal.draft_save(DraftInput { post: None, base: None, version: None, content }).await.unwrap();
        let wish = SendInput { post: saved.post, feed: feed.id, wanted: Wanted::Published, manner: Manner::default() };
        journal.post_send(wish).await.unwrap();
        saved.post
    }

    #[tokio::test]
    async fn what_is_wanted_of_a_feed_leaves_while_another_takes_its_time() {
        let dir = tempfile::tempdir().unwrap();
        let journal = Journal::open(dir.path(), Options::default()).await.unwrap();
        let (far, near) = (folder(&journal, "far").await, folder(&journal, "near").await);
        let slow = Slow::default();
        let row = journal.store().read(move |conn| feeds::get(conn, far.id)).await.unwrap();
        journal.put_adapter(row, Arc::new(MemoryFeed { server: Default::default(), sky: slow.clone(), batch: 1 }));
        let mut events = journal.events();
        journal.start();
        let waits = send(&journal, &far).await;
        let leaves = async {
            slow.0.notified().await;
            let post = send(&journal, &near).await;
            while journal.post_get(post).await.unwrap().deliveries.remove(0).state != DeliveryState::Synced {
                _ = events.recv().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(60), leaves).await.expect("it leaves meanwhile");
        let state = journal.post_get(waits).await.unwrap().deliveries.remove(0).state;
        assert!(!matches!(state, DeliveryState::Synced), "{state:?}");
    }
}
