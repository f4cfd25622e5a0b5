//! The engine's surroundings in memory: what is stored, which survives a program's end, weather, and a fuse that ends the
//! program at a chosen step.

mod table;

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use futures_util::future::join_all;
use uuid::Uuid;

use super::*;
use crate::clock::{Clock, TestClock};
use crate::domain::{AssetId, Manner, RevisionId, Wanted};
use crate::feed::memory::{MemoryFeed, Server, Sky, Weather};
use crate::feed::{Feed, MediaError, MediaSource, Part};

pub use self::table::Table;

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
