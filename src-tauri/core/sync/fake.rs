//! The engine's surroundings in memory: an outbox that survives a program's end, posts that are always ready, weather, and a
//! fuse that ends the program at a chosen step.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use futures_util::future::join_all;
use uuid::Uuid;

use super::plan::is_due;
use super::*;
use crate::clock::{Clock, TestClock};
use crate::domain::{AssetId, Content, DeliveryState, Manner, Moment, NeedsYou, RevisionId, Wanted};
use crate::feed::memory::{MemoryFeed, Server, Sky, Weather};
use crate::feed::{Audience, Feed, FeedError, Fetched, MediaError, MediaSource, Notes, Part};

/// A generator of numbers (SplitMix64): small, and the same everywhere for the same seed.
#[derive(Clone)]
pub struct Chance(Arc<Mutex<u64>>);

impl Chance {
    pub fn new(seed: u64) -> Self {
        Self(Arc::new(Mutex::new(seed)))
    }

    /// Begins anew, for everybody who shares it.
    pub fn begin(&self, seed: u64) {
        *self.0.lock().unwrap() = seed;
    }

    pub fn next(&self) -> u64 {
        let mut state = self.0.lock().unwrap();
        *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (*state ^ (*state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    pub fn below(&self, bound: u64) -> u64 {
        self.next() % bound
    }
}

/// Ends the program: after so many steps nothing goes on any more.
#[derive(Default)]
pub struct Fuse {
    left: Mutex<Option<u64>>,
    pub blown: tokio::sync::Notify,
}

impl Fuse {
    pub fn set(&self, steps: Option<u64>) {
        *self.left.lock().unwrap() = steps;
    }

    pub async fn step(&self) {
        let over = {
            let mut left = self.left.lock().unwrap();
            let over = *left == Some(0);
            *left = left.map(|left| left.saturating_sub(1));
            over
        };
        if over {
            self.blown.notify_one();
            std::future::pending::<()>().await;
        }
        // Where two programs run at once, either may go on here.
        tokio::task::yield_now().await;
    }
}

/// How the weather is: out of 16 calls, so many are of a kind, the rest is fine.
#[derive(Clone, Copy, Default)]
pub struct Climate {
    pub down: u64,
    pub lost_before: u64,
    pub lost_after: u64,
    pub full: u64,
    pub refused: u64,
    pub busy: u64,
    pub signed_out: u64,
}

/// The sky over all feeds.
#[derive(Clone)]
pub struct Clouds {
    pub climate: Arc<Mutex<Climate>>,
    pub chance: Chance,
    pub fuse: Arc<Fuse>,
}

#[async_trait]
impl Sky for Clouds {
    async fn weather(&self) -> Weather {
        self.fuse.step().await;
        let climate = *self.climate.lock().unwrap();
        let mut drawn = self.chance.below(16);
        for (share, weather) in [
            (climate.down, Weather::Down),
            (climate.lost_before, Weather::LostBefore),
            (climate.lost_after, Weather::LostAfter),
            (climate.full, Weather::Full),
            (climate.refused, Weather::Refused),
            (climate.busy, Weather::Busy),
            (climate.signed_out, Weather::SignedOut),
        ] {
            if drawn < share {
                return weather;
            }
            drawn -= share;
        }
        Weather::Fine
    }

    async fn heard(&self) {
        self.fuse.step().await;
    }
}

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

/// No files.
struct NoMedia;

impl MediaSource for NoMedia {
    fn copy(&self, _asset: AssetId, _part: &Part, _to: &mut dyn std::io::Write) -> Result<u64, MediaError> {
        Err(MediaError::Damaged)
    }
}

/// A computer with some feeds.
pub struct World {
    pub clock: Arc<TestClock>,
    pub table: Arc<Table>,
    pub clouds: Clouds,
    pub servers: Vec<Arc<Mutex<Server>>>,
    pub feeds: Vec<Destination>,
}

impl World {
    pub fn new(seed: u64, batches: &[usize], naive: bool) -> Self {
        let fuse = Arc::new(Fuse::default());
        let clouds = Clouds { climate: Arc::default(), chance: Chance::new(seed), fuse: Arc::clone(&fuse) };
        let servers: Vec<Arc<Mutex<Server>>> = batches.iter().map(|_| Arc::default()).collect();
        let feeds = (0..).zip(batches).zip(&servers).map(|((number, batch), server)| {
            let feed = MemoryFeed { server: Arc::clone(server), sky: clouds.clone(), batch: *batch };
            Destination { id: feed_id(number), feed: Arc::new(feed) as Arc<dyn Feed> }
        });
        let feeds = feeds.collect();
        let table = Arc::new(Table { naive, fuse, rows: Mutex::default(), ..Table::default() });
        Self { clock: Arc::new(TestClock::new(1_736_240_000_000)), table, clouds, servers, feeds }
    }

    /// Another computer with the same feeds and a journal of its own.
    pub fn beside(&self) -> Self {
        let Self { clock, table, clouds, servers, feeds } = self;
        let own = Table { naive: table.naive, fuse: Arc::clone(&table.fuse), ..Table::default() };
        let (clock, clouds) = (Arc::clone(clock), clouds.clone());
        Self { clock, table: Arc::new(own), clouds, servers: servers.clone(), feeds: feeds.clone() }
    }

    /// A program that was just started.
    pub fn engine(&self) -> Engine {
        engine(&self.table, &self.clock, &self.clouds.chance)
    }

    pub fn set_climate(&self, climate: Climate) {
        *self.clouds.climate.lock().unwrap() = climate;
    }

    pub fn wish(&self, feed: u128, post: u128, wanted: Wanted, revision: u128) {
        let happened = Happened::Wished { wanted, target: revision_id(revision), manner: Manner::default() };
        self.table.happen(feed_id(feed), post_id(post), happened, self.clock.now());
    }

    pub fn delivery(&self, feed: u128, post: u128) -> Delivery {
        self.table.rows.lock().unwrap()[&(feed_id(feed), post_id(post))].0.clone()
    }
}

/// A program that was just started over what is stored.
pub fn engine(table: &Arc<Table>, clock: &Arc<TestClock>, chance: &Chance) -> Engine {
    let chance = chance.clone();
    Engine::new(Parts {
        outbox: Arc::clone(table) as Arc<dyn Outbox>,
        media: Arc::new(NoMedia),
        keeper: Arc::clone(table) as Arc<dyn Keeper>,
        notes: Arc::clone(table) as Arc<dyn NoteBook>,
        clock: Arc::clone(clock) as Arc<dyn Clock>,
        chance: Box::new(move || chance.next()),
        watch: Arc::new(()),
    })
}

/// Goes to all feeds at once, as the journal does.
pub async fn sync(engine: &Engine, feeds: &[Destination]) -> Vec<Result<Tour, OutboxFailed>> {
    join_all(feeds.iter().map(|to| engine.tour(to))).await
}

pub fn feed_id(number: u128) -> FeedId {
    FeedId::from_uuid(Uuid::from_u128(number + 1))
}

pub fn post_id(number: u128) -> PostId {
    PostId::from_uuid(Uuid::from_u128(number + 1))
}

pub fn revision_id(number: u128) -> RevisionId {
    RevisionId::from_uuid(Uuid::from_u128(number + 1))
}
