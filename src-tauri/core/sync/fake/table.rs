//! What is stored, in memory: the outbox, what adapters wrote down, and posts that are always ready.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use uuid::Uuid;

use super::Fuse;
use crate::domain::{
    Content, Delivery, DeliveryState, FeedId, Happened, Moment, NeedsYou, PostId, Receipt, RevisionId, Timestamp,
    Wanted,
};
use crate::feed::{Audience, Feed, FeedError, Fetched, Intent, Notes};
use crate::sync::plan::is_due;
use crate::sync::{Begun, Claim, Keeper, Lease, Leaving, NotReady, NoteBook, Outbox, OutboxFailed};

type Held = (Delivery, Option<(Uuid, Timestamp)>);

/// The stored deliveries.
#[derive(Default)]
pub struct Table {
    pub rows: Mutex<BTreeMap<(FeedId, PostId), Held>>,
    /// A program that takes a lost answer for a failure: the negative control.
    pub naive: bool,
    pub fuse: Arc<Fuse>,
    /// What adapters wrote down; survives like the rest.
    pub written: Written,
    /// The versions of others that were kept.
    pub kept: Mutex<Vec<RevisionId>>,
}

impl Table {
    pub fn happen(&self, feed: FeedId, post: PostId, happened: Happened, now: Timestamp) {
        let mut rows = self.rows.lock().unwrap();
        let target = RevisionId::from_uuid(Uuid::nil());
        let row = rows.entry((feed, post)).or_insert_with(|| (Delivery::new(post, feed, target, now), None));
        row.0 = row.0.clone().after(happened, now);
    }

    pub fn deliveries(&self) -> Vec<Delivery> {
        self.rows.lock().unwrap().values().map(|row| row.0.clone()).collect()
    }

    /// What a program does that knows itself alone: whoever held a lease was killed.
    pub fn release_all(&self) {
        self.rows.lock().unwrap().values_mut().for_each(|row| row.1 = None);
    }

    fn apply(&self, lease: Lease, happened: Vec<(PostId, Happened)>, now: Timestamp) -> Vec<Option<Delivery>> {
        let mut rows = self.rows.lock().unwrap();
        let applied = happened.into_iter().map(|(post, happened)| {
            let row = rows.get_mut(&(lease.feed, post)).filter(|row| row.1.is_some_and(|held| held.0 == lease.id))?;
            row.0 = row.0.clone().after(self.tolerate(happened), now);
            Some(row.0.clone())
        });
        applied.collect()
    }

    fn tolerate(&self, happened: Happened) -> Happened {
        match happened {
            Happened::Lost { ask_at, .. } if self.naive => Happened::Unreachable { retry_at: ask_at },
            other => other,
        }
    }
}

#[async_trait]
impl Outbox for Table {
    async fn claim(&self, claim: Claim) -> Result<Vec<Delivery>, OutboxFailed> {
        self.fuse.step().await;
        let mut rows = self.rows.lock().unwrap();
        let signed_out = DeliveryState::NeedsYou { reason: NeedsYou::SignedOut };
        if rows.iter().any(|(key, row)| key.0 == claim.lease.feed && row.0.state == signed_out) {
            return Ok(Vec::new());
        }
        let free = |lease: &Option<(Uuid, Timestamp)>| {
            // A lease that ends further ahead than any lease was given by a clock that has been put back since.
            let runs = |until: Timestamp| claim.now < until && until <= claim.until;
            lease.is_none_or(|(id, until)| id == claim.lease.id || !runs(until))
        };
        let due = rows
            .iter_mut()
            .filter(|(key, (delivery, lease))| key.0 == claim.lease.feed && is_due(delivery, claim.now) && free(lease));
        let taken = due.take(claim.limit).map(|(_, row)| {
            row.1 = Some((claim.lease.id, claim.until));
            row.0.clone()
        });
        Ok(taken.collect())
    }

    async fn goes_on(&self, lease: Lease, post: PostId) -> Result<bool, OutboxFailed> {
        let rows = self.rows.lock().unwrap();
        let is_held = |row: &&Held| row.1.is_some_and(|held| held.0 == lease.id);
        Ok(rows.get(&(lease.feed, post)).filter(is_held).is_some_and(|row| row.0.sends()))
    }

    async fn renew(&self, lease: Uuid, until: Timestamp) -> Result<(), OutboxFailed> {
        for (_, held) in self.rows.lock().unwrap().values_mut() {
            if let Some(held) = held.as_mut().filter(|held| held.0 == lease) {
                held.1 = until;
            }
        }
        Ok(())
    }

    async fn record(
        &self,
        lease: Lease,
        happened: Vec<(PostId, Happened)>,
        now: Timestamp,
    ) -> Result<Vec<Option<Delivery>>, OutboxFailed> {
        self.fuse.step().await;
        let recorded = self.apply(lease, happened, now);
        // The commit is done; the program may still end before it hears of it.
        self.fuse.step().await;
        Ok(recorded)
    }

    async fn begin(&self, lease: Lease, delivery: &Delivery, now: Timestamp) -> Result<Begun, NotReady> {
        let (post, feed) = (delivery.post, delivery.feed);
        let fresh = self.rows.lock().unwrap()[&(feed, post)].0.clone();
        if !fresh.is_wanted_as(delivery) {
            return Ok(Begun::Changed(Box::new(fresh)));
        }
        let begun = vec![(post, Happened::Begun { files: 0 })];
        let begun = self.record(lease, begun, now).await?.into_iter().next().flatten();
        let leaving =
            |begun: Delivery| Leaving { delivery: begun, intent: ready(delivery), notes: self.of(post, feed) };
        Ok(begun.map_or(Begun::NotHeld, |begun| Begun::Leaves(Box::new(leaving(begun)))))
    }

    async fn release(&self, lease: Uuid) -> Result<(), OutboxFailed> {
        for (_, held) in self.rows.lock().unwrap().values_mut() {
            *held = held.filter(|held| held.0 != lease);
        }
        Ok(())
    }

    async fn wake(&self, feed: FeedId, now: Timestamp) -> Result<(), OutboxFailed> {
        for (key, row) in self.rows.lock().unwrap().iter_mut() {
            if key.0 == feed && row.0.is_pending() {
                row.0 = row.0.clone().after(Happened::Woken, now);
            }
        }
        Ok(())
    }

    async fn next_at(&self, feed: FeedId) -> Result<Option<Timestamp>, OutboxFailed> {
        let waiting = self.deliveries().into_iter().filter(|delivery| {
            delivery.feed == feed && delivery.is_pending() && !matches!(delivery.state, DeliveryState::NeedsYou { .. })
        });
        Ok(waiting.map(|delivery| delivery.next_at).min())
    }
}

/// What adapters wrote down, about every post at every feed.
type Written = Arc<Mutex<BTreeMap<(FeedId, PostId), BTreeMap<String, String>>>>;

/// The notes about one post at one feed; a program may end before and after each is written.
struct Pad {
    written: Written,
    about: (FeedId, PostId),
    fuse: Arc<Fuse>,
}

#[async_trait]
impl Notes for Pad {
    async fn all(&self) -> Result<BTreeMap<String, String>, FeedError> {
        Ok(self.written.lock().unwrap().get(&self.about).cloned().unwrap_or_default())
    }

    async fn put(&self, key: &str, value: Option<&str>) -> Result<(), FeedError> {
        self.fuse.step().await;
        {
            let mut written = self.written.lock().unwrap();
            let page = written.entry(self.about).or_default();
            match value {
                Some(value) => page.insert(key.to_owned(), value.to_owned()),
                None => page.remove(key),
            };
        }
        self.fuse.step().await;
        Ok(())
    }
}

impl NoteBook for Table {
    fn of(&self, post: PostId, feed: FeedId) -> Arc<dyn Notes> {
        let (written, fuse) = (Arc::clone(&self.written), Arc::clone(&self.fuse));
        Arc::new(Pad { written, about: (feed, post), fuse })
    }
}

/// A post whose target is always ready.
fn ready(delivery: &Delivery) -> Intent {
    let audience = if delivery.wanted == Wanted::Published { Audience::Published } else { Audience::Draft };
    let moment = Moment { at: Timestamp::EPOCH, zone: "UTC".into() };
    Intent {
        post: delivery.post,
        revision: delivery.target,
        modified: Timestamp::EPOCH,
        audience,
        content: Content::empty(moment),
        media: Vec::new(),
        with_place: false,
        manner: delivery.manner.clone(),
    }
}

#[async_trait]
impl Keeper for Table {
    async fn keep(&self, _feed: &dyn Feed, seen: &Delivery, fetched: Fetched) -> Result<Receipt, FeedError> {
        let receipt = fetched.held.receipt(seen.target, Timestamp::EPOCH);
        self.kept.lock().unwrap().push(receipt.revision);
        Ok(receipt)
    }
}
