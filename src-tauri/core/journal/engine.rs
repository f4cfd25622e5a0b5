//! The engine in `sync`, put to work on this journal: its stored outbox, its posts, its feeds, and when to look again.

use std::collections::BTreeSet;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use futures_util::future::join_all;
use tokio::runtime::Handle;

use super::keeping::Histories;
use super::outgoing::Copies;
use super::stored::Stored;
use super::{Inner, Journal, internal};
use crate::api::error::ApiResult;
use crate::api::remote::PullReport;
use crate::api::types::{Connection, FeedHealth, Outbox as OutboxView};
use crate::domain::{Delivery, DeliveryState, FeedId, NeedsYou, PostId, Timestamp};
use crate::feed::About;
use crate::files::Shared;
use crate::store::feeds::{self, FeedRow};
use crate::store::{Store, StoreError, outbox};
use crate::sync::{Answer, Destination, Engine, NoteBook, Parts, Tour, Watch};

/// Shared by all programs that are sending for this journal, so that one that has it for itself knows that the leases it finds
/// are those of a killed one, and need not run out first.
const LOCK: &str = "outbox.lock";

/// What becomes due within this long is waited for, by who waits.
const SOON: Duration = Duration::from_secs(30);

/// And nobody who waits is kept longer than this.
const LONGEST_WAIT: Duration = Duration::from_secs(2 * 60);

/// What happens to deliveries within so long is told to interfaces as one change.
const TOGETHER: Duration = Duration::from_millis(500);

impl Journal {
    /// Tries everything that waits, now, and reads what was changed at the feeds.
    pub async fn sync_now(&self, _: ()) -> ApiResult<Connection> {
        self.sync_once(None).await?;
        self.connection(()).await
    }

    /// Tries everything that is due until nothing moves any more, then tells what is left.
    pub async fn sync(&self) -> ApiResult<OutboxView> {
        self.sync_once(None).await?;
        self.outbox(()).await
    }

    /// As [`Journal::sync_now`], at all feeds or at one, where the others are left alone. Tells what reading them gave.
    pub async fn sync_once(&self, only: Option<FeedId>) -> ApiResult<PullReport> {
        for feed in self.destinations_of(only).await? {
            self.engine().wake(feed.id).await.map_err(internal)?;
        }
        self.tour_of(Timestamp::from_millis(i64::MAX), only).await?;
        let report = match only {
            Some(feed) => self.pull_only(feed).await?,
            None => self.pull(()).await?,
        };
        self.go_back(only).await?;
        Ok(report)
    }

    /// As [`Journal::sync_once`], and goes on with what becomes due soon at feeds that answer, reading too: until all is done, or
    /// what is left needs the user, a feed that answers, or more time.
    pub async fn sync_through(&self, only: Option<FeedId>) -> ApiResult<PullReport> {
        let mut report = self.sync_once(only).await?;
        let end = tokio::time::Instant::now() + LONGEST_WAIT;
        while let Some(pause) = self.soon(only, &report.busy).await? {
            if tokio::time::Instant::now() + pause > end {
                break;
            }
            tokio::time::sleep(pause).await;
            self.tour_of(self.clock().now(), only).await?;
            if !report.busy.is_empty() {
                self.pull_busy(&mut report).await?;
                self.go_back(only).await?;
            }
        }
        Ok(report)
    }

    /// How long until something is due at a feed that answers, or one of those that are busy may be read, if that is soon.
    async fn soon(&self, only: Option<FeedId>, busy: &[String]) -> ApiResult<Option<Duration>> {
        let rows: Vec<FeedRow> = self.store().read(feeds::list).await?;
        let answers = |row: &&FeedRow| row.health == FeedHealth::Reachable && only.is_none_or(|only| row.id == only);
        let answering: Vec<&FeedRow> = rows.iter().filter(answers).collect();
        let mut feeds = self.destinations().await?;
        feeds.retain(|to| answering.iter().any(|row| row.id == to.id));
        let due = self.engine().next_at(&feeds).await.map_err(internal)?;
        let is_busy = |row: &&&FeedRow| busy.contains(&row.name);
        let read = answering.iter().filter(is_busy).filter_map(|row| self.engine().left_alone_until(row.id));
        Ok(due.into_iter().chain(read).min().map(|at| self.until(at)).filter(|pause| *pause <= SOON))
    }

    /// From now until an instant, and not so short that waiting for it would be work.
    pub(super) fn until(&self, at: Timestamp) -> Duration {
        let millis = at.as_millis().saturating_sub(self.clock().now().as_millis());
        Duration::from_millis(u64::try_from(millis).unwrap_or(0)).max(Duration::from_millis(250))
    }

    /// A feed that knows us gets what waits for that: a keychain that was unlocked and a token that was renewed are enough.
    pub(super) async fn wake_signed_in(&self, row: &FeedRow) -> ApiResult<()> {
        let id = row.id;
        let at_feed = self.store().read(move |conn| outbox::of_feed(conn, id)).await?;
        let signed_out = DeliveryState::NeedsYou { reason: NeedsYou::SignedOut };
        if row.health == FeedHealth::Locked || at_feed.iter().any(|delivery| delivery.state == signed_out) {
            self.engine().wake(id).await.map_err(internal)?;
            self.outbox_changed(Some(id)).await;
            self.inner.outbox_bell.notify_one();
        }
        Ok(())
    }

    /// Sends what came together, or what has to be sent once more, after the feeds were read.
    async fn go_back(&self, only: Option<FeedId>) -> ApiResult<()> {
        let feeds = self.destinations_of(only).await?;
        let due = self.engine().next_at(&feeds).await.map_err(internal)?;
        if due.is_some_and(|at| at <= self.clock().now()) {
            self.tour_of(Timestamp::from_millis(i64::MAX), only).await?;
        }
        Ok(())
    }

    /// A post at a feed, with what was written down of it.
    pub(super) fn about(&self, post: PostId, feed: FeedId) -> About {
        About { post, notes: Stored::new(self.store().clone()).of(post, feed) }
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
        let feeds = self.destinations_of(only).await?;
        let lock = self.lock_outbox().await?;
        self.inner.tours.fetch_add(1, Ordering::Relaxed);
        // What a feed answers counts at once, not when the slowest of them is done.
        let came_together = join_all(feeds.iter().map(|to| self.tour_at(to))).await;
        self.inner.tours.fetch_sub(1, Ordering::Relaxed);
        drop(lock);
        came_together.into_iter().try_fold(false, |any, one| Ok(any | one?))
    }

    /// Joins those who send. Nobody else is at work when a lease is taken from somebody. Where the file system knows no locks,
    /// nobody is ever known to be killed, which is the safe side.
    async fn lock_outbox(&self) -> ApiResult<Shared> {
        let (path, store, runtime) = (self.store().dir().join(LOCK), self.store().clone(), Handle::current());
        let give_back = move || runtime.block_on(give_back_leases(&store));
        Ok(tokio::task::spawn_blocking(move || Shared::join(&path, give_back)).await.map_err(internal)??)
    }

    async fn tour_at(&self, to: &Destination) -> ApiResult<bool> {
        let tour = self.engine().tour(to).await.map_err(internal)?;
        self.learn(to.id, tour).await?;
        if tour.needs_you == 0 {
            return Ok(false);
        }
        let feed = to.id;
        let row = self.store().read(move |conn| feeds::get(conn, feed)).await?;
        self.meet_changed(&row, &mut 0).await
    }

    async fn learn(&self, feed: FeedId, tour: Tour) -> ApiResult<()> {
        let health = match tour.answer {
            Answer::NotAsked => return Ok(()),
            Answer::Reachable | Answer::Busy(_) => FeedHealth::Reachable,
            Answer::Unreachable => FeedHealth::Unreachable,
            Answer::Denied => FeedHealth::Denied,
            Answer::SignedOut => FeedHealth::SignedOut,
            Answer::Locked => FeedHealth::Locked,
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

    async fn destinations_of(&self, only: Option<FeedId>) -> ApiResult<Vec<Destination>> {
        let mut feeds = self.destinations().await?;
        feeds.retain(|to| only.is_none_or(|only| to.id == only));
        Ok(feeds)
    }

    pub(super) async fn destinations(&self) -> ApiResult<Vec<Destination>> {
        let rows: Vec<FeedRow> = self.store().read(feeds::list).await?;
        let on = rows.into_iter().filter(|row| row.enabled);
        Ok(on.filter_map(|row| Some(Destination { id: row.id, feed: self.adapter(&row)? })).collect())
    }

    pub(super) fn engine(&self) -> &Engine {
        self.inner.engine.get_or_init(|| {
            let stored = Arc::new(Stored::new(self.store().clone()));
            Engine::new(Parts {
                outbox: Arc::clone(&stored) as _,
                media: Arc::new(Copies(self.store().clone())),
                keeper: Arc::new(Histories(Arc::downgrade(&self.inner))),
                notes: stored,
                clock: self.inner.options.clock.clone(),
                chance: Box::new(|| getrandom::u64().unwrap_or_default()),
                watch: Arc::new(Teller { journal: Arc::downgrade(&self.inner), untold: Arc::default() }),
            })
        })
    }
}

/// Frees what killed programs held. An idle program does this at every waking, so where they held nothing, nothing is written.
async fn give_back_leases(store: &Store) -> Result<(), StoreError> {
    if store.read(outbox::is_any_held).await? { store.jot(outbox::release_all).await } else { Ok(()) }
}

/// Tells interfaces what the engine does. What happens to a post that is sent follows quickly, so it is told together.
struct Teller {
    journal: Weak<Inner>,
    untold: Arc<Mutex<BTreeSet<PostId>>>,
}

impl Watch for Teller {
    fn changed(&self, delivery: &Delivery) {
        let Ok(runtime) = Handle::try_current() else { return };
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
