//! What the engine in `sync` keeps: the outbox, what adapters write down, and the posts that leave, in the store.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use uuid::Uuid;

use super::outgoing::{Version, Wish, cannot_leave, intent, outgoing};
use crate::domain::{Delivery, FeedId, Happened, PostId, Timestamp};
use crate::feed::{FeedError, Intent, Note, Notes};
use crate::store::outbox::{self, Free};
use crate::store::{Store, StoreError, Tx, assets, feeds, notes, posts, revisions};
use crate::sync::{Begun, Claim, LEASE_MILLIS, Lease, Leaving, NotReady, NoteBook, Outbox, OutboxFailed, plan};

/// The outbox and the posts as the engine knows them, in the store.
///
/// Who holds what, what begins to leave, how far an upload is, and what was confirmed while more follows, is only jotted down: after
/// a power cut whoever held a lease is gone, what was on its way is in doubt however far it was, and nothing leaves before its
/// adapter wrote that down, which brings all before it onto the disk. All else is on the disk when it is answered.
#[derive(Clone)]
pub(super) struct Stored {
    store: Store,
    last: Arc<Mutex<Last>>,
}

/// What adapters noted of the last answers, to be written with what came of the deliveries.
type Last = HashMap<(Uuid, PostId), Vec<Note>>;

/// Such notes about several posts.
type Noted = Vec<(PostId, Vec<Note>)>;

impl Stored {
    pub fn new(store: Store) -> Self {
        Self { store, last: Arc::default() }
    }

    /// What is to be written of deliveries before what happened to them is.
    fn take_last(&self, lease: Lease, happened: &[(PostId, Happened)]) -> Noted {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        happened.iter().filter_map(|(post, _)| Some((*post, last.remove(&(lease.id, *post))?))).collect()
    }
}

fn failed(error: StoreError) -> OutboxFailed {
    OutboxFailed(Box::new(error))
}

#[async_trait]
impl Outbox for Stored {
    async fn claim(&self, claim: Claim) -> Result<Vec<Delivery>, OutboxFailed> {
        self.store.jot(move |tx| take(tx, claim)).await.map_err(failed)
    }

    async fn goes_on(&self, lease: Lease, post: PostId) -> Result<bool, OutboxFailed> {
        let goes_on = self.store.read(move |conn| {
            let held = outbox::held(conn, (post, lease.feed), lease.id)?;
            Ok(held.is_some_and(|held| held.sends()) && feeds::get(conn, lease.feed)?.enabled)
        });
        goes_on.await.map_err(failed)
    }

    async fn renew(&self, lease: Uuid, until: Timestamp) -> Result<(), OutboxFailed> {
        self.store.jot(move |tx| outbox::renew(tx, lease, until)).await.map_err(failed)
    }

    async fn record(
        &self,
        lease: Lease,
        happened: Vec<(PostId, Happened)>,
        now: Timestamp,
    ) -> Result<Vec<Option<Delivery>>, OutboxFailed> {
        // Before anything leaves, its adapter writes that down.
        let leads_nowhere =
            |happened: &Happened| matches!(happened, Happened::Begun { .. } | Happened::Uploaded { .. });
        let is_jotted = happened.iter().all(|(_, happened)| leads_nowhere(happened));
        let last = self.take_last(lease, &happened);
        let record = move |tx: &Tx<'_>| record(tx, lease, last, happened, now);
        let recorded = if is_jotted { self.store.jot(record).await } else { self.store.write(record).await };
        recorded.map_err(failed)
    }

    async fn record_and_claim(
        &self,
        happened: Vec<(PostId, Happened)>,
        next: Claim,
    ) -> Result<(Vec<Option<Delivery>>, Vec<Delivery>), OutboxFailed> {
        let last = self.take_last(next.lease, &happened);
        let both = move |tx: &Tx<'_>| Ok((record(tx, next.lease, last, happened, next.now)?, take(tx, next)?));
        // The next one's adapter brings this onto the disk before it changes anything at the feed; where there is no next one, the
        // release that follows does.
        self.store.jot(both).await.map_err(failed)
    }

    async fn begin(&self, lease: Lease, delivery: &Delivery, now: Timestamp) -> Result<Begun, NotReady> {
        let (wish, book) = (delivery.clone(), self.clone());
        let begun = self.store.jot(move |tx| {
            let about = (wish.post, wish.feed);
            let held = match outbox::held(tx, about, lease.id)? {
                Some(held) if held.is_wanted_as(&wish) => held,
                Some(held) => return Ok(Ok(Begun::Changed(Box::new(held)))),
                None => return Ok(Ok(Begun::NotHeld)),
            };
            let intent = match leaving(tx, &held)? {
                Ok(intent) => intent,
                Err(why) => return Ok(Err(why)),
            };
            let files = u32::try_from(intent.media.len()).unwrap_or(u32::MAX);
            let delivery = outbox::happen(tx, now, held, Happened::Begun { files })?;
            let at_hand = Mutex::new(Some(notes::all(tx, about.0, about.1)?));
            let notes = Arc::new(Pad { book, about, lease: Some(lease.id), at_hand });
            Ok(Ok(Begun::Leaves(Box::new(Leaving { delivery, intent, notes }))))
        });
        begun.await.map_err(|error| match error {
            StoreError::PostNotFound | StoreError::RevisionNotFound => NotReady::Gone,
            error => NotReady::Failed(failed(error)),
        })?
    }

    async fn release(&self, lease: Uuid) -> Result<(), OutboxFailed> {
        self.store.write(move |tx| outbox::release(tx, lease)).await.map_err(failed)
    }

    async fn wake(&self, feed: FeedId, now: Timestamp) -> Result<(), OutboxFailed> {
        let wake = self.store.write(move |tx| {
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
        self.store.read(move |conn| outbox::next_at(conn, feed)).await.map_err(failed)
    }
}

fn take(tx: &Tx<'_>, Claim { lease, now, until, limit }: Claim) -> Result<Vec<Delivery>, StoreError> {
    // Somebody else may have taken a lease since `now`, while this waited for its turn: only one that no waiting explains was
    // written before the clock was set back.
    let longest_lease_millis = LEASE_MILLIS + plan::HORIZON_MILLIS;
    let free = Free { longest_lease_millis, limit, is_due: plan::is_due };
    let due = outbox::free(tx, lease.feed, now, free)?;
    for delivery in &due {
        outbox::hold(tx, (delivery.post, delivery.feed), lease.id, until)?;
    }
    Ok(due)
}

fn record(
    tx: &Tx<'_>,
    lease: Lease,
    last: Noted,
    happened: Vec<(PostId, Happened)>,
    now: Timestamp,
) -> Result<Vec<Option<Delivery>>, StoreError> {
    for (post, notes) in last {
        put(tx, (post, lease.feed), Some(lease.id), &notes)?;
    }
    let each = happened.into_iter().map(|(post, happened)| match outbox::held(tx, (post, lease.feed), lease.id)? {
        Some(before) => outbox::happen(tx, now, before, happened).map(Some),
        None => Ok(None),
    });
    each.collect()
}

impl NoteBook for Stored {
    fn of(&self, post: PostId, feed: FeedId) -> Arc<dyn Notes> {
        Arc::new(Pad { book: self.clone(), about: (post, feed), lease: None, at_hand: Mutex::default() })
    }
}

/// The notes about one post at one feed.
struct Pad {
    book: Stored,
    about: (PostId, FeedId),
    /// The lease under which the post leaves: without it, nothing is written, and nothing that depends on it leaves.
    lease: Option<Uuid>,
    /// All of them, where they were read before anybody asked; nothing was written since.
    at_hand: Mutex<Option<BTreeMap<String, String>>>,
}

impl Pad {
    fn take_at_hand(&self) -> Option<BTreeMap<String, String>> {
        self.at_hand.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

#[async_trait]
impl Notes for Pad {
    async fn all(&self) -> Result<BTreeMap<String, String>, FeedError> {
        if let Some(notes) = self.take_at_hand() {
            return Ok(notes);
        }
        let (post, feed) = self.about;
        self.book.store.read(move |conn| notes::all(conn, post, feed)).await.map_err(unwritten)
    }

    async fn put(&self, key: &str, value: Option<&str>) -> Result<(), FeedError> {
        self.put_all(vec![(key.to_owned(), value.map(str::to_owned))]).await
    }

    async fn put_all(&self, notes: Vec<Note>) -> Result<(), FeedError> {
        self.take_at_hand();
        let (about, lease) = (self.about, self.lease);
        match self.book.store.write(move |tx| put(tx, about, lease, &notes)).await.map_err(unwritten)? {
            true => Ok(()),
            false => Err(FeedError::Journal),
        }
    }

    async fn jot_all(&self, notes: Vec<Note>) -> Result<(), FeedError> {
        self.take_at_hand();
        let (about, lease) = (self.about, self.lease);
        // Nothing that leaves waits for it, and whoever reads it has written since.
        self.book.store.leave(move |tx| put(tx, about, lease, &notes).map(drop));
        Ok(())
    }

    async fn jot_last(&self, notes: Vec<Note>) -> Result<(), FeedError> {
        let Some(lease) = self.lease else { return self.jot_all(notes).await };
        self.take_at_hand();
        let mut last = self.book.last.lock().unwrap_or_else(PoisonError::into_inner);
        last.entry((lease, self.about.0)).or_default().extend(notes);
        Ok(())
    }
}

/// Writes notes, unless the lease that they belong to is somebody else's by now. Answers whether they were.
fn put(tx: &Tx<'_>, about: (PostId, FeedId), lease: Option<Uuid>, notes: &[Note]) -> Result<bool, StoreError> {
    if let Some(lease) = lease
        && !outbox::is_held_by(tx, about, lease)?
    {
        tracing::warn!(post = %about.0, feed = %about.1, "somebody else sends this by now");
        return Ok(false);
    }
    for (key, value) in notes {
        match value {
            Some(value) => notes::put(tx, about, key, value)?,
            None => notes::strike(tx, about, key)?,
        }
    }
    Ok(true)
}

fn unwritten(error: StoreError) -> FeedError {
    tracing::warn!(%error, "notes not written");
    FeedError::Journal
}

/// What a delivery wants to be at its feed, as it leaves.
fn leaving(tx: &Tx<'_>, delivery: &Delivery) -> Result<Result<Intent, NotReady>, StoreError> {
    let revision = revisions::get(tx, delivery.target)?;
    if posts::get(tx, revision.post)?.deleted_at.is_some() {
        return Ok(Err(NotReady::Gone));
    }
    let attached = revision.content.attachments.iter().map(|attachment| attachment.asset);
    let known = assets::get_many(tx, attached)?;
    let mut media = Vec::with_capacity(known.len());
    for attachment in &revision.content.attachments {
        match known.get(&attachment.asset) {
            None => return Ok(Err(NotReady::MediaDamaged(attachment.asset))),
            Some(asset) if cannot_leave(asset) => return Ok(Err(NotReady::CannotStrip(attachment.asset))),
            Some(asset) => media.push(outgoing(attachment, asset)),
        }
    }
    let version = Version {
        post: revision.post,
        revision: revision.id,
        modified: revision.updated_at,
        content: revision.content,
    };
    let wish = Wish { wanted: delivery.wanted, manner: delivery.manner.clone() };
    Ok(Ok(intent(version, media, &feeds::get(tx, delivery.feed)?.options, wish)))
}

#[cfg(test)]
mod tests {
    use super::super::histories::input;
    use super::super::{Journal, Options};
    use super::*;
    use crate::api::types::{DraftInput, FeedKind, SendInput};
    use crate::clock::{Clock, TestClock};
    use crate::domain::{Content, Manner, Wanted};

    #[tokio::test]
    async fn a_lease_is_for_one_who_came_first_and_not_for_one_who_slept_over_it() {
        let (dir, clock) = (tempfile::tempdir().unwrap(), Arc::new(TestClock::new(1_736_240_000_000)));
        let options = Options { clock: clock.clone(), ..Options::default() };
        let journal = Journal::open(&dir.path().join("journal"), options).await.unwrap();
        let place = dir.path().join("feed").display().to_string();
        let feed = journal.feed_add(input(FeedKind::Folder, place, None)).await.unwrap().id;
        let content = Content::empty(clock.moment());
        let saved = journal.draft_save(DraftInput { post: None, base: None, version: None, content }).await.unwrap();
        let (post, wanted, manner) = (saved.post, Wanted::Draft, Manner::default());
        journal.post_send(SendInput { post, feed, wanted, manner }).await.unwrap();
        let stored = Stored::new(journal.store().clone());
        let taken = async |waited: i64| {
            let now = clock.now().plus_millis(-waited);
            let lease = Lease { id: clock.new_uuid(), feed };
            let claim = Claim { lease, now, until: now.plus_millis(LEASE_MILLIS), limit: 9 };
            stored.claim(claim).await.unwrap().len()
        };
        assert_eq!(taken(0).await, 1);
        assert_eq!(taken(4_000).await, 0);

        clock.advance(LEASE_MILLIS + 1);
        let lease = |id| Lease { id, feed };
        let claim = async |id| {
            let now = clock.now();
            let claim = Claim { lease: lease(id), now, until: now.plus_millis(LEASE_MILLIS), limit: 9 };
            stored.claim(claim).await.unwrap()
        };
        let (first, second) = (clock.new_uuid(), clock.new_uuid());
        let claimed = claim(first).await.remove(0);
        let Ok(Begun::Leaves(leaving)) = stored.begin(lease(first), &claimed, clock.now()).await else { panic!() };
        leaving.notes.put("a", Some("1")).await.unwrap();
        leaving.notes.jot_last(vec![("b".to_owned(), Some("1".to_owned()))]).await.unwrap();
        let uploaded = Happened::Uploaded { done: 1, total: 1, bytes: 1, total_bytes: 1 };
        stored.record(lease(first), vec![(post, uploaded)], clock.now()).await.unwrap();
        assert_eq!(stored.of(post, feed).all().await.unwrap()["b"], "1", "written with what came of it");
        clock.advance(LEASE_MILLIS + 1);
        assert_eq!(claim(second).await.len(), 1, "it counts as killed");
        assert!(leaving.notes.put("a", Some("2")).await.is_err(), "so that nothing more leaves");
        assert_eq!(stored.of(post, feed).all().await.unwrap()["a"], "1");
        assert!(!stored.goes_on(lease(first), post).await.unwrap());
        assert!(stored.goes_on(lease(second), post).await.unwrap());
    }
}
