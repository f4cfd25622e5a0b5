//! Once, at every kind of server: one post, a bad network, programs that end at any step or run twice, gaps of seconds to a month.
//! How many histories, and which, can be said from outside: `SAMPAN_HISTORIES` (in thousands, for all kinds together) and
//! `SAMPAN_SEED`.

use super::super::fake::{self, Chance, Fuse, Table, feed_id, post_id, revision_id, sync};
use super::super::*;
use super::servers::{Kind, Site};
use crate::clock::{Clock, TestClock};
use crate::domain::{DeliveryState, NeedsYou, Receipt, Wanted};

/// What a number of histories came to.
#[derive(Debug, Default, PartialEq, Eq)]
struct Count {
    histories: u64,
    /// Posts that are public twice, by two requests.
    duplicates: u64,
    /// Posts that are not public in the end, though everything was fine for hours.
    lost: u64,
    /// Posts that were called sent and are not there.
    lies: u64,
    /// Times that the user was asked to look.
    asked: u64,
    /// Drafts that nobody sees were left, and swept.
    swept: u64,
    crashes: u64,
}

fn number(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}

/// So many histories of a kind, out of a hundred for all.
fn histories(kind: Kind, share: u64, naive: bool) -> Count {
    let (thousands, seed) = (number("SAMPAN_HISTORIES", 100), number("SAMPAN_SEED", 0));
    let histories = thousands * share * 10;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let mut count = Count { histories, ..Count::default() };
    runtime.block_on(async {
        for history in 0..histories {
            // Far apart, so that the seeds of two campaigns do not share their histories.
            History::new(seed.wrapping_add(history.wrapping_mul(0x9E37_79B9_97F4_A7C1)), kind, naive)
                .run(&mut count)
                .await;
        }
    });
    println!("{kind:?} from seed {seed}: {count:?}");
    let Count { duplicates, lost, lies, asked, .. } = count;
    println!("| {kind:?}, simulated | {histories} | {duplicates} | {lost} | | {lies} | {asked} |");
    assert!(count.crashes > histories / 10, "{count:?}: the histories must be rough");
    count
}

#[test]
fn wordpress_holds_a_post_once() {
    let count = histories(Kind::WordPress, 35, false);
    assert_eq!((count.duplicates, count.lost, count.lies, count.asked), (0, 0, 0, 0));
    assert!(count.swept > 0, "{count:?}: requests that came late left drafts");
}

#[test]
fn mastodon_holds_a_post_once() {
    let count = histories(Kind::Mastodon, 35, false);
    assert_eq!((count.duplicates, count.lost, count.lies, count.asked), (0, 0, 0, 0));
}

#[test]
fn a_server_that_ignores_keys_holds_a_post_once() {
    let count = histories(Kind::Compatible, 15, false);
    assert_eq!((count.duplicates, count.lost, count.lies, count.asked), (0, 0, 0, 0));
}

#[test]
fn where_nobody_can_know_the_user_is_asked_and_nothing_is_doubled_silently() {
    let count = histories(Kind::Micropub, 15, false);
    assert_eq!((count.duplicates, count.lost, count.lies), (0, 0, 0));
    assert!(count.asked > 0, "{count:?}");
}

#[test]
fn sending_again_whatever_was_not_answered_doubles_posts() {
    let count = histories(Kind::Naive, 1, true);
    assert!(count.duplicates > count.histories / 10, "{count:?}: otherwise the simulation would prove nothing");
}

struct History {
    clock: Arc<TestClock>,
    chance: Chance,
    fuse: Arc<Fuse>,
    table: Arc<Table>,
    site: Site,
    to: Vec<Destination>,
}

impl History {
    fn new(seed: u64, kind: Kind, naive: bool) -> Self {
        let (clock, chance) = (Arc::new(TestClock::new(1_736_240_000_000)), Chance::new(seed));
        let fuse = Arc::new(Fuse::default());
        let table = Arc::new(Table { naive, fuse: Arc::clone(&fuse), ..Table::default() });
        let site = Site::new(kind, &clock, &chance, &fuse);
        let to = vec![Destination { id: feed_id(0), feed: Arc::new(site.clone()) }];
        Self { clock, chance, fuse, table, site, to }
    }

    fn engine(&self) -> Engine {
        fake::engine(&self.table, &self.clock, &self.chance)
    }

    fn delivery(&self) -> Delivery {
        self.table.deliveries().remove(0)
    }

    async fn run(&self, count: &mut Count) {
        let target = revision_id(1);
        let wished = Happened::Wished { wanted: Wanted::Published, target, manner: Default::default() };
        self.table.happen(feed_id(0), post_id(0), wished, self.clock.now());
        let mut engine = self.engine();
        for _ in 0..2 + self.chance.below(8) {
            *self.site.rough.lock().unwrap() = [0, 4, 10, 15][usize::try_from(self.chance.below(4)).unwrap()];
            if self.tour(&engine).await {
                count.crashes += 1;
                engine = self.engine();
            }
            count.asked += self.look();
            self.sweep(count);
            self.wait();
            if self.chance.below(3) == 0 {
                // The user says: send now.
                engine.wake(feed_id(0)).await.unwrap();
            }
        }
        self.end_well(count).await;
    }

    /// One tour, or two programs at once; answers whether the program was ended on the way.
    async fn tour(&self, engine: &Engine) -> bool {
        if self.chance.below(6) == 0 {
            let other = self.engine();
            tokio::join!(sync(engine, &self.to), sync(&other, &self.to));
            return false;
        }
        self.fuse.set((self.chance.below(3) == 0).then(|| self.chance.below(16)));
        if self.chance.below(2) == 0 {
            self.table.release_all();
        }
        let crashed = tokio::select! {
            biased;
            () = self.fuse.blown.notified() => true,
            _ = sync(engine, &self.to) => false,
        };
        self.fuse.set(None);
        crashed
    }

    /// Seconds, minutes, hours, a month.
    fn wait(&self) {
        let (second, minute) = (1_000, 60_000);
        let most = [10 * second, 3 * minute, 20 * minute, 70 * minute, 24 * 60 * minute, 30 * 24 * 60 * minute];
        let most = most[usize::try_from(self.chance.below(6)).unwrap()];
        self.clock.advance(i64::try_from(self.chance.below(most)).unwrap());
    }

    /// A user who is asked looks, and tells what is to be seen. Answers how often.
    fn look(&self) -> u64 {
        let delivery = self.delivery();
        if delivery.state != (DeliveryState::NeedsYou { reason: NeedsYou::MaybeThere }) {
            return 0;
        }
        let now = self.clock.now();
        let mut server = self.site.server.lock().unwrap();
        server.catch_up(now);
        let happened = match server.things.first() {
            Some(thing) => Happened::Confirmed(Receipt {
                remote_id: thing.id.to_string(),
                url: None,
                known: Wanted::Published,
                revision: delivery.target,
                version: crate::domain::Digest::of(b""),
                parts: Default::default(),
                manner: None,
                partial: false,
                confirmed_at: now,
            }),
            None => Happened::Absent,
        };
        self.table.happen(delivery.feed, delivery.post, happened, now);
        1
    }

    /// What is asked for changes sweeps drafts that came late.
    fn sweep(&self, count: &mut Count) {
        let Some(known) = self.delivery().receipt.and_then(|receipt| receipt.remote_id.parse().ok()) else { return };
        let mut server = self.site.server.lock().unwrap();
        server.catch_up(self.clock.now());
        let before = server.things.len();
        server.sweep(known);
        count.swept += (before - server.things.len()) as u64;
    }

    /// A fine network and some hours: then the post must be there, once.
    async fn end_well(&self, count: &mut Count) {
        *self.site.rough.lock().unwrap() = 0;
        let engine = self.engine();
        for _ in 0..8 {
            self.clock.advance(50 * 60_000);
            count.asked += self.look();
            engine.wake(feed_id(0)).await.unwrap();
            for tour in sync(&engine, &self.to).await {
                tour.unwrap();
            }
            if !self.delivery().is_pending() {
                break;
            }
        }
        self.clock.advance(60 * 60_000);
        self.sweep(count);
        let mut server = self.site.server.lock().unwrap();
        server.catch_up(self.clock.now());
        let mut made_by: Vec<u64> = server.things.iter().filter(|thing| thing.public).map(|thing| thing.by).collect();
        made_by.sort_unstable();
        made_by.dedup();
        count.duplicates += u64::from(made_by.len() > 1);
        count.lost += u64::from(made_by.is_empty());
        let delivery = self.delivery();
        let known = delivery.receipt.as_ref().map(|receipt| receipt.remote_id.clone());
        let is_there = server.things.iter().any(|thing| thing.public && Some(thing.id.to_string()) == known);
        count.lies += u64::from(delivery.state == DeliveryState::Synced && !is_there);
        count.lost += u64::from(delivery.is_pending());
    }
}
