//! The engine in `sync`, put to work on this journal: its stored outbox, its posts, its feeds, and when to look again.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use async_trait::async_trait;
use futures_util::future::join_all;
use uuid::Uuid;

use super::outgoing::{Copies, Version, Wish, cannot_leave, intent, outgoing};
use super::{Inner, Journal, internal};
use crate::api::error::ApiResult;
use crate::api::types::{Connection, FeedHealth, Outbox as OutboxView};
use crate::domain::{Delivery, DeliveryState, FeedId, Happened, PostId, Timestamp};
use crate::feed::{About, FeedError, Intent, Notes};
use crate::store::feeds::{self, FeedRow};
use crate::store::outbox::{self, Free};
use crate::store::{Store, StoreError, assets, notes, posts, revisions};
use crate::sync::{
    Answer, Claim, Destination, Engine, LEASE_MILLIS, Lease, NotReady, NoteBook, Outbox, OutboxFailed, Parts, Posts,
    Tour, Watch, plan,
};

/// Shared by all programs that are sending for this journal, so that one that has it for itself knows that the leases it finds
/// are those of a killed one, and need not run out first.
const LOCK: &str = "outbox.lock";

/// What becomes due within this long is waited for, by who waits.
const SOON: Duration = Duration::from_secs(30);

/// And nobody who waits is kept longer than this.
const LONGEST_WAIT: Duration = Duration::from_secs(2 * 60);

/// What happens to deliveries within so long is told to interfaces as one change.
const TOGETHER: Duration = Duration::from_millis(100);

impl Journal {
    /// Tries everything that waits, now, and reads what was changed at the feeds.
    pub async fn sync_now(&self, _: ()) -> ApiResult<Connection> {
        for feed in self.destinations().await? {
            self.engine().wake(feed.id).await.map_err(internal)?;
        }
        self.tour(Timestamp::from_millis(i64::MAX)).await?;
        if self.pull(()).await?.changed > 0 {
            // What came together goes back.
            self.tour(Timestamp::from_millis(i64::MAX)).await?;
        }
        self.connection(()).await
    }

    /// Tries everything that is due until nothing moves any more, then tells what is left.
    pub async fn sync(&self) -> ApiResult<OutboxView> {
        self.sync_now(()).await?;
        self.outbox(()).await
    }

    /// As [`Journal::sync`] or [`Journal::sync_feed`], and goes on with what becomes due soon at feeds that answer: until all is
    /// done, or what is left needs the user, a feed that answers, or more time.
    pub async fn sync_through(&self, only: Option<FeedId>) -> ApiResult<OutboxView> {
        let mut outbox = match only {
            Some(feed) => self.sync_feed(feed).await?,
            None => self.sync().await?,
        };
        let end = tokio::time::Instant::now() + LONGEST_WAIT;
        while let Some(pause) = self.soon(only).await? {
            if tokio::time::Instant::now() + pause > end {
                break;
            }
            tokio::time::sleep(pause).await;
            self.tour_of(self.clock().now(), only).await?;
            outbox = self.outbox(()).await?;
        }
        Ok(outbox)
    }

    /// How long until something is due at a feed that answers, if that is soon.
    async fn soon(&self, only: Option<FeedId>) -> ApiResult<Option<Duration>> {
        let rows: Vec<FeedRow> = self.store().read(feeds::list).await?;
        let answers = |row: &FeedRow| row.health == FeedHealth::Reachable && only.is_none_or(|only| row.id == only);
        let answering: Vec<FeedId> = rows.iter().filter(|row| answers(row)).map(|row| row.id).collect();
        let mut feeds = self.destinations().await?;
        feeds.retain(|to| answering.contains(&to.id));
        let due = self.engine().next_at(&feeds).await.map_err(internal)?;
        Ok(due.map(|at| self.until(at)).filter(|pause| *pause <= SOON))
    }

    /// From now until an instant, and not so short that waiting for it would be work.
    pub(super) fn until(&self, at: Timestamp) -> Duration {
        let millis = at.as_millis().saturating_sub(self.clock().now().as_millis());
        Duration::from_millis(u64::try_from(millis).unwrap_or(0)).max(Duration::from_millis(250))
    }

    /// As [`Journal::sync`], for one feed; the others are left alone.
    pub async fn sync_feed(&self, feed: FeedId) -> ApiResult<OutboxView> {
        self.engine().wake(feed).await.map_err(internal)?;
        self.tour_of(Timestamp::from_millis(i64::MAX), Some(feed)).await?;
        if self.pull_only(feed).await?.changed > 0 {
            self.tour_of(Timestamp::from_millis(i64::MAX), Some(feed)).await?;
        }
        self.outbox(()).await
    }

    /// A post at a feed, with what was written down of it.
    pub(super) fn about(&self, post: PostId, feed: FeedId) -> About {
        About { post, notes: Stored(self.store().clone()).of(post, feed) }
    }

    /// Whether bytes are going out right now.
    pub(super) fn is_sending(&self) -> bool {
        self.inner.tours.load(Ordering::Relaxed) > 0
    }

    /// Goes to every feed with what is due there. Drafts that were changed and then rested since an instant follow first. What a
    /// feed says was changed there meets what is here, and goes out again if both came together.
    pub(super) async fn tour(&self, rested: Timestamp) -> ApiResult<()> {
        self.tour_of(rested, None).await
    }

    async fn tour_of(&self, rested: Timestamp, only: Option<FeedId>) -> ApiResult<()> {
        if self.tour_once(rested, only).await? {
            self.tour_once(rested, only).await?;
        }
        Ok(())
    }

    /// Answers whether something came together that can go out now.
    async fn tour_once(&self, rested: Timestamp, only: Option<FeedId>) -> ApiResult<bool> {
        let now = self.clock().now();
        self.store().write(move |tx| outbox::follow_edits(tx, now, rested)).await?;
        let mut feeds = self.destinations().await?;
        feeds.retain(|to| only.is_none_or(|only| to.id == only));
        let lock = self.lock_outbox().await?;
        self.inner.tours.fetch_add(1, Ordering::Relaxed);
        // What a feed answers counts at once, not when the slowest of them is done.
        let came_together = join_all(feeds.iter().map(|to| self.tour_at(to))).await;
        self.inner.tours.fetch_sub(1, Ordering::Relaxed);
        drop(lock);
        came_together.into_iter().try_fold(false, |any, one| Ok(any | one?))
    }

    /// Joins those who send. Nobody else is at work when a lease is taken from somebody. Where the file system knows no locks,
    /// nobody is ever known to be killed, which is the safe side. The lock is gone with the program that holds it, however it ends.
    async fn lock_outbox(&self) -> ApiResult<Option<File>> {
        let path = self.store().dir().join(LOCK);
        let Ok(file) = File::options().create(true).truncate(false).write(true).open(path) else { return Ok(None) };
        if file.try_lock().is_ok() {
            let released = self.store().write(outbox::release_all).await;
            file.unlock().map_err(internal)?;
            released?;
        }
        // Waits no longer than somebody else does the same.
        let shared = tokio::task::spawn_blocking(move || file.lock_shared().is_ok().then_some(file)).await;
        Ok(shared.unwrap_or_default())
    }

    async fn tour_at(&self, to: &Destination) -> ApiResult<bool> {
        let tour = self.engine().tour(to).await.map_err(internal)?;
        self.learn(to.id, tour).await?;
        if tour.needs_you == 0 {
            return Ok(false);
        }
        let feed = to.id;
        let row = self.store().read(move |conn| feeds::get(conn, feed)).await?;
        self.meet_changed(&row).await
    }

    async fn learn(&self, feed: FeedId, tour: Tour) -> ApiResult<()> {
        let health = match tour.answer {
            Answer::NotAsked => return Ok(()),
            Answer::Reachable | Answer::Busy(_) => FeedHealth::Reachable,
            Answer::Unreachable => FeedHealth::Unreachable,
            Answer::Denied => FeedHealth::Denied,
            Answer::SignedOut => FeedHealth::SignedOut,
        };
        self.note_health(feed, health).await?;
        self.keep_learnt(feed).await?;
        self.outbox_changed(Some(feed)).await;
        Ok(())
    }

    /// A feed that takes bytes is there: nobody is told that it does not answer until the whole tour is over.
    async fn is_back(&self, feed: FeedId) -> ApiResult<()> {
        let known = self.store().read(move |conn| feeds::get(conn, feed)).await?.health;
        if known == FeedHealth::Reachable { Ok(()) } else { self.note_health(feed, FeedHealth::Reachable).await }
    }

    pub(super) async fn destinations(&self) -> ApiResult<Vec<Destination>> {
        let rows: Vec<FeedRow> = self.store().read(feeds::list).await?;
        let on = rows.into_iter().filter(|row| row.enabled);
        Ok(on.filter_map(|row| Some(Destination { id: row.id, feed: self.adapter(&row)? })).collect())
    }

    pub(super) fn engine(&self) -> &Engine {
        self.inner.engine.get_or_init(|| {
            Engine::new(Parts {
                outbox: Arc::new(Stored(self.store().clone())),
                posts: Arc::new(Stored(self.store().clone())),
                media: Arc::new(Copies(self.store().clone())),
                notes: Arc::new(Stored(self.store().clone())),
                clock: self.inner.options.clock.clone(),
                chance: Box::new(|| getrandom::u64().unwrap_or_default()),
                watch: Arc::new(Teller { journal: Arc::downgrade(&self.inner), untold: Arc::default() }),
            })
        })
    }
}

/// Tells interfaces what the engine does. What happens to a post that is sent follows quickly, so it is told together.
struct Teller {
    journal: Weak<Inner>,
    untold: Arc<Mutex<BTreeSet<PostId>>>,
}

impl Watch for Teller {
    fn changed(&self, delivery: &Delivery) {
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        if matches!(delivery.state, DeliveryState::Uploading { bytes: 1.., .. }) {
            runtime.spawn(tell_back(self.journal.clone(), delivery.feed));
        }
        let mut untold = self.untold.lock().unwrap_or_else(PoisonError::into_inner);
        if untold.is_empty() {
            runtime.spawn(tell_later(self.journal.clone(), Arc::clone(&self.untold)));
        }
        untold.insert(delivery.post);
    }
}

async fn tell_back(journal: Weak<Inner>, feed: FeedId) {
    let Some(inner) = journal.upgrade() else { return };
    if let Err(error) = (Journal { inner }).is_back(feed).await {
        tracing::warn!(code = ?error.code, "that a feed is back cannot be noted");
    }
}

async fn tell_later(journal: Weak<Inner>, untold: Arc<Mutex<BTreeSet<PostId>>>) {
    tokio::time::sleep(TOGETHER).await;
    let posts = std::mem::take(&mut *untold.lock().unwrap_or_else(PoisonError::into_inner));
    let Some(inner) = journal.upgrade() else { return };
    let journal = Journal { inner };
    journal.posts_changed(posts.into_iter().collect());
    journal.outbox_changed(None).await;
}

/// The outbox and the posts as the engine knows them, in the store.
struct Stored(Store);

fn failed(error: StoreError) -> OutboxFailed {
    OutboxFailed(Box::new(error))
}

#[async_trait]
impl Outbox for Stored {
    async fn claim(&self, claim: Claim) -> Result<Vec<Delivery>, OutboxFailed> {
        let Claim { lease, now, until, limit } = claim;
        let take = self.0.write(move |tx| {
            let free = Free { longest_lease_millis: LEASE_MILLIS, limit, is_due: plan::is_due };
            let due = outbox::free(tx, lease.feed, now, free)?;
            for delivery in &due {
                outbox::hold(tx, (delivery.post, delivery.feed), lease.id, until)?;
            }
            Ok(due)
        });
        take.await.map_err(failed)
    }

    async fn renew(&self, lease: Uuid, until: Timestamp) -> Result<(), OutboxFailed> {
        self.0.write(move |tx| outbox::renew(tx, lease, until)).await.map_err(failed)
    }

    async fn record(
        &self,
        lease: Lease,
        happened: Vec<(PostId, Happened)>,
        now: Timestamp,
    ) -> Result<Vec<Option<Delivery>>, OutboxFailed> {
        let record = self.0.write(move |tx| {
            happened
                .into_iter()
                .map(|(post, happened)| match outbox::held(tx, (post, lease.feed), lease.id)? {
                    Some(before) => outbox::happen(tx, now, before, happened).map(Some),
                    None => Ok(None),
                })
                .collect()
        });
        record.await.map_err(failed)
    }

    async fn release(&self, lease: Uuid) -> Result<(), OutboxFailed> {
        self.0.write(move |tx| outbox::release(tx, lease)).await.map_err(failed)
    }

    async fn wake(&self, feed: FeedId, now: Timestamp) -> Result<(), OutboxFailed> {
        let wake = self.0.write(move |tx| {
            let waits_no_more = |delivery: &Delivery| delivery.attempts == 0 && plan::is_due(delivery, now);
            let mut asleep = outbox::pending(tx)?;
            asleep.retain(|delivery| delivery.feed == feed && !waits_no_more(delivery));
            for delivery in asleep {
                outbox::happen(tx, now, delivery, Happened::Woken)?;
            }
            Ok(())
        });
        wake.await.map_err(failed)
    }

    async fn next_at(&self, feed: FeedId) -> Result<Option<Timestamp>, OutboxFailed> {
        self.0.read(move |conn| outbox::next_at(conn, feed)).await.map_err(failed)
    }
}

impl NoteBook for Stored {
    fn of(&self, post: PostId, feed: FeedId) -> Arc<dyn Notes> {
        Arc::new(Pad { store: self.0.clone(), about: (post, feed) })
    }
}

/// The notes about one post at one feed.
struct Pad {
    store: Store,
    about: (PostId, FeedId),
}

#[async_trait]
impl Notes for Pad {
    async fn all(&self) -> Result<BTreeMap<String, String>, FeedError> {
        let (post, feed) = self.about;
        self.store.read(move |conn| notes::all(conn, post, feed)).await.map_err(unwritten)
    }

    async fn put(&self, key: &str, value: Option<&str>) -> Result<(), FeedError> {
        let (about, key, value) = (self.about, key.to_owned(), value.map(str::to_owned));
        let put = self.store.write(move |tx| match value {
            Some(value) => notes::put(tx, about, &key, &value),
            None => notes::strike(tx, about, &key),
        });
        put.await.map_err(unwritten)
    }
}

fn unwritten(error: StoreError) -> FeedError {
    tracing::warn!(%error, "notes not written");
    FeedError::Journal
}

#[async_trait]
impl Posts for Stored {
    async fn intent(&self, delivery: &Delivery) -> Result<Intent, NotReady> {
        let (target, feed, wanted) = (delivery.target, delivery.feed, delivery.wanted);
        let manner = delivery.manner.clone();
        let read = self.0.write(move |tx| {
            let revision = revisions::get(tx, target)?;
            revisions::seal(tx, target)?;
            let post = posts::get(tx, revision.post)?;
            let attached = revision.content.attachments.iter().map(|attachment| attachment.asset);
            Ok((assets::get_many(tx, attached)?, feeds::get(tx, feed)?, post.deleted_at, revision))
        });
        let (known, feed, deleted_at, revision) = read.await.map_err(|error| match error {
            StoreError::PostNotFound | StoreError::RevisionNotFound => NotReady::Gone,
            error => NotReady::Failed(failed(error)),
        })?;
        if deleted_at.is_some() {
            return Err(NotReady::Gone);
        }
        let mut media = Vec::with_capacity(revision.content.attachments.len());
        for attachment in &revision.content.attachments {
            let asset = known.get(&attachment.asset).ok_or(NotReady::MediaDamaged)?;
            if cannot_leave(asset) {
                return Err(NotReady::CannotStrip);
            }
            media.push(outgoing(attachment, asset));
        }
        let version = Version {
            post: revision.post,
            revision: revision.id,
            modified: revision.updated_at,
            content: revision.content,
        };
        Ok(intent(version, media, &feed.options, Wish { wanted, manner }))
    }
}
