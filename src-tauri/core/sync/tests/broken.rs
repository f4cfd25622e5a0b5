//! Feeds that can be asked and do not take what is sent: when it is tried again, and when the user is told.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};

use super::*;
use crate::domain::Digest;
use crate::feed::{About, Audience, Facts, Held, Item, Limits, Lookup, Outgoing};

/// What a feed is called for.
#[derive(Clone, Copy)]
enum Call {
    Create,
    Update,
    Withdraw,
    LookUp,
    Fetch,
    Rest,
}

/// A feed that can be asked, and answers by a function; what that calls gone is not found either.
struct Answering<F>(F);

#[async_trait]
impl<F: Fn(Call) -> Result<Held, FeedError> + Send + Sync> Feed for Answering<F> {
    fn limits(&self) -> Limits {
        Limits::default()
    }

    fn items(&self, _: &Intent) -> Vec<Item> {
        Vec::new()
    }

    async fn probe(&self) -> Result<Facts, FeedError> {
        Ok(Facts::default())
    }

    async fn create(&self, _: &Arc<Intent>, _: &Outgoing) -> Result<Held, FeedError> {
        (self.0)(Call::Create)
    }

    async fn update(&self, _: &Receipt, _: &Arc<Intent>, _: &Outgoing) -> Result<Held, FeedError> {
        (self.0)(Call::Update)
    }

    async fn withdraw(&self, _: &Receipt, _: &About) -> Result<(), FeedError> {
        (self.0)(Call::Withdraw).map(drop)
    }

    async fn lookup(&self, _: &About) -> Result<Lookup, FeedError> {
        match (self.0)(Call::LookUp) {
            Err(FeedError::Gone) => Ok(Lookup::Absent),
            found => found.map(Lookup::Found),
        }
    }

    async fn fetch(&self, _: &Receipt, _: &About) -> Result<Fetched, FeedError> {
        match (self.0)(Call::Fetch) {
            Err(FeedError::Untold) => Err(FeedError::Untold),
            _ => Err(FeedError::Unreachable),
        }
    }

    fn rest(&self) -> Option<i64> {
        match (self.0)(Call::Rest) {
            Err(FeedError::Busy(wait)) => wait,
            _ => None,
        }
    }
}

/// Breaks whenever something is sent.
fn broken() -> Vec<Destination> {
    let answers = |call| {
        Err(match call {
            Call::Create => FeedError::Lost,
            Call::Update => FeedError::SignedOut,
            Call::Withdraw | Call::LookUp => FeedError::Gone,
            Call::Fetch | Call::Rest => FeedError::Unreachable,
        })
    };
    vec![Destination { id: feed_id(0), feed: Arc::new(Answering(answers)) }]
}

/// What a feed holds that keeps what shall be public until somebody there has looked at it.
fn kept_back(sent: u32) -> Held {
    Held {
        remote_id: "1".to_owned(),
        url: None,
        audience: Audience::Draft,
        revision: None,
        version: Digest::of(&sent.to_le_bytes()),
        parts: Default::default(),
        touched: false,
        unfinished: false,
    }
}

#[tokio::test]
async fn a_post_that_a_feed_keeps_back_is_sent_once_and_holds_up_no_other() {
    let (world, sent) = (World::new(1, &[1], false), Arc::new(AtomicU32::new(0)));
    let count = Arc::clone(&sent);
    let keeps = move |call| match call {
        Call::Create | Call::Update => Ok(kept_back(count.fetch_add(1, Ordering::Relaxed))),
        _ => Err(FeedError::Gone),
    };
    let feeds = [Destination { id: feed_id(0), feed: Arc::new(Answering(keeps)) }];
    let engine = world.engine();
    world.wish(0, 0, Wanted::Published, 1);
    world.wish(0, 1, Wanted::Draft, 1);
    let tours = fake::sync(&engine, &feeds).await;
    assert_eq!(tours[0].as_ref().unwrap().answer, Answer::Reachable, "the feed lets us in");
    let told = DeliveryState::NeedsYou { reason: NeedsYou::KeptBack };
    assert_eq!(world.delivery(0, 0).state, told);
    assert_eq!(world.delivery(0, 0).receipt.map(|receipt| receipt.known), Some(Wanted::Draft), "it is there");
    assert_eq!(world.delivery(0, 1).state, DeliveryState::Synced);
    for _ in 0..5 {
        world.clock.advance(retry::LONGEST_MILLIS);
        engine.wake(feed_id(0)).await.unwrap();
        fake::sync(&engine, &feeds).await;
    }
    assert_eq!((world.delivery(0, 0).state, sent.load(Ordering::Relaxed)), (told, 2), "one of each");
}

/// Tries until the user is told or so many times were enough.
async fn try_often(world: &World, feeds: &[Destination], most: u32) -> (u32, DeliveryState) {
    let engine = world.engine();
    for tries in 0..most {
        if let state @ DeliveryState::NeedsYou { .. } = world.delivery(0, 0).state {
            return (tries, state);
        }
        fake::sync(&engine, feeds).await;
        world.clock.advance(retry::LONGEST_MILLIS);
    }
    (most, world.delivery(0, 0).state)
}

#[tokio::test]
async fn a_feed_that_never_answers_what_is_sent_is_not_tried_for_ever_without_a_word() {
    let world = World::new(1, &[1], false);
    let feeds = broken();
    world.wish(0, 0, Wanted::Published, 1);
    let (tries, state) = try_often(&world, &feeds, 50).await;
    let told = DeliveryState::NeedsYou { reason: NeedsYou::Refused };
    assert_eq!(state, told, "each time it holds nothing, so that nobody has to look there");
    assert!(tries > 10, "a server that is mended within half an hour asks nobody for anything: {tries}");
}

#[tokio::test]
async fn a_feed_that_wants_to_be_left_alone_is_sent_nothing_before_its_time_though_nobody_knows_what_it_did() {
    let (world, heard) = (World::new(1, &[1], false), Arc::new(Mutex::new(Vec::new())));
    let (clock, begun, hears) = (Arc::clone(&world.clock), world.clock.now(), Arc::clone(&heard));
    let answers = move |call| {
        let left = 120_000 - clock.now().as_millis() + begun.as_millis();
        match call {
            Call::Rest => return Err(FeedError::Busy(Some(left).filter(|left| *left > 0))),
            Call::Create => hears.lock().unwrap().push("create"),
            _ => hears.lock().unwrap().push("look up"),
        }
        match call {
            Call::Create if left > 0 => Err(FeedError::Lost),
            Call::Create => Ok(Held { audience: Audience::Published, ..kept_back(0) }),
            _ => Err(FeedError::Gone),
        }
    };
    let feeds = [Destination { id: feed_id(0), feed: Arc::new(Answering(answers)) }];
    let engine = world.engine();
    for post in 0..2 {
        world.wish(0, post, Wanted::Published, 1);
    }
    let tours = fake::sync(&engine, &feeds).await;
    assert_eq!(tours[0].as_ref().unwrap().answer, Answer::Busy(Some(120_000)));
    assert_eq!(world.delivery(0, 0).state, DeliveryState::Unknown);
    assert_eq!(engine.next_at(&feeds).await.unwrap(), Some(begun.plus_millis(120_000)));
    world.clock.advance(119_999);
    fake::sync(&engine, &feeds).await;
    assert_eq!(*heard.lock().unwrap(), ["create"], "the other post is not sent either");
    world.clock.advance(1);
    fake::sync(&engine, &feeds).await;
    assert_eq!(*heard.lock().unwrap(), ["create", "look up", "create", "create"], "nor is anything before a look");
    assert!((0..2).all(|post| world.delivery(0, post).state == DeliveryState::Synced));
}

#[tokio::test]
async fn who_is_known_after_all_is_not_told_to_sign_in_at_the_first_refusal() {
    let world = World::new(1, &[1], false);
    world.wish(0, 0, Wanted::Published, 1);
    sync(&world, &world.engine()).await;
    world.wish(0, 0, Wanted::Published, 2);
    let feeds = broken();
    let (tries, state) = try_often(&world, &feeds, 50).await;
    assert_eq!(state, DeliveryState::NeedsYou { reason: NeedsYou::SignedOut });
    assert!((2..8).contains(&tries), "but one that insists is believed: {tries}");
}

#[tokio::test]
async fn a_feed_that_insists_is_believed_although_the_program_is_started_for_every_try() {
    let world = World::new(1, &[1], false);
    world.wish(0, 0, Wanted::Published, 1);
    sync(&world, &world.engine()).await;
    world.wish(0, 0, Wanted::Published, 2);
    let feeds = broken();
    for _ in 0..4 {
        assert_eq!(world.delivery(0, 0).state, DeliveryState::Queued);
        let engine = world.engine();
        engine.wake(feed_id(0)).await.unwrap();
        fake::sync(&engine, &feeds).await;
    }
    assert_eq!(world.delivery(0, 0).state, DeliveryState::NeedsYou { reason: NeedsYou::SignedOut });
}

#[tokio::test]
async fn what_is_called_gone_and_never_read_is_told_where_the_feed_can_be_asked() {
    let world = World::new(1, &[1], false);
    world.wish(0, 0, Wanted::Published, 1);
    sync(&world, &world.engine()).await;
    world.wish(0, 0, Wanted::Published, 2);
    let gone = [Destination { id: feed_id(0), feed: Arc::new(Answering(|_| Err(FeedError::Gone))) }];
    let (tries, state) = try_often(&world, &gone, 50).await;
    assert_eq!(state, DeliveryState::NeedsYou { reason: NeedsYou::GoneThere });
    assert!((2..8).contains(&tries), "not at the first word, and not never: {tries}");
}

#[tokio::test]
async fn an_item_that_a_feed_never_tells_of_holds_up_no_other_and_is_told_in_the_end() {
    for wanted in [Wanted::Published, Wanted::Withdrawn] {
        let (world, sent) = (World::new(1, &[1], false), Arc::new(AtomicU32::new(0)));
        world.wish(0, 0, Wanted::Published, 1);
        sync(&world, &world.engine()).await;
        world.wish(0, 0, wanted, 2);
        world.wish(0, 1, Wanted::Published, 1);
        let count = Arc::clone(&sent);
        let answers = move |call| match call {
            Call::Create => {
                count.fetch_add(1, Ordering::Relaxed);
                Ok(Held { audience: Audience::Published, ..kept_back(0) })
            }
            _ => Err(FeedError::Untold),
        };
        let feeds = [Destination { id: feed_id(0), feed: Arc::new(Answering(answers)) }];
        fake::sync(&world.engine(), &feeds).await;
        assert_eq!(world.delivery(0, 1).state, DeliveryState::Synced, "{wanted:?}");
        let (tries, state) = try_often(&world, &feeds, 50).await;
        assert_eq!(state, DeliveryState::NeedsYou { reason: NeedsYou::CannotChange }, "{wanted:?}");
        assert!((10..20).contains(&tries), "a site that is mended within half an hour asks nobody: {tries}");
        assert_eq!(sent.load(Ordering::Relaxed), 1, "nothing was made twice");
    }
}

/// A feed at which nothing changes any more, where every answer to what is sent is lost.
fn deaf(there: Option<Held>) -> Vec<Destination> {
    let answers = move |call| match call {
        Call::LookUp => there.clone().ok_or(FeedError::Gone),
        Call::Create | Call::Update | Call::Withdraw => Err(FeedError::Lost),
        Call::Fetch | Call::Rest => Err(FeedError::Unreachable),
    };
    vec![Destination { id: feed_id(0), feed: Arc::new(Answering(answers)) }]
}

#[tokio::test]
async fn what_is_always_lost_is_told_although_the_program_is_started_and_woken_for_every_try() {
    for (first, wanted) in [(None, Wanted::Draft), (Some(()), Wanted::Published), (Some(()), Wanted::Withdrawn)] {
        let world = World::new(1, &[1], false);
        if first.is_some() {
            world.wish(0, 0, Wanted::Published, 1);
            sync(&world, &world.engine()).await;
        }
        let agreed = world.table.deliveries().first().and_then(|delivery| delivery.receipt.clone());
        let there = agreed.map(|agreed| Held {
            remote_id: agreed.remote_id,
            audience: Audience::Published,
            revision: Some(agreed.revision),
            version: agreed.version,
            ..kept_back(0)
        });
        let feeds = deaf(there);
        world.wish(0, 0, wanted, 2);
        let mut tries = 0;
        while world.delivery(0, 0).is_pending() && tries < 50 {
            if matches!(world.delivery(0, 0).state, DeliveryState::NeedsYou { .. }) {
                break;
            }
            // As from cron.
            let engine = world.engine();
            engine.wake(feed_id(0)).await.unwrap();
            fake::sync(&engine, &feeds).await;
            tries += 1;
        }
        let reason = if first.is_none() { NeedsYou::Refused } else { NeedsYou::MaybeThere };
        assert_eq!(world.delivery(0, 0).state, DeliveryState::NeedsYou { reason }, "{wanted:?}");
        assert!((10..20).contains(&tries), "{wanted:?}: {tries}");
    }
}

#[tokio::test]
async fn a_change_that_is_always_lost_is_tried_again_after_longer_and_longer_waits() {
    let world = World::new(1, &[1], false);
    world.wish(0, 0, Wanted::Published, 1);
    sync(&world, &world.engine()).await;
    let agreed = world.delivery(0, 0).receipt.unwrap();
    let revision = Some(agreed.revision);
    let there = Held {
        remote_id: agreed.remote_id,
        audience: Audience::Published,
        revision,
        version: agreed.version,
        ..kept_back(0)
    };
    let (feeds, engine) = (deaf(Some(there)), world.engine());
    world.wish(0, 0, Wanted::Published, 2);
    let mut tours = 0;
    for _ in 0..10 * 60 {
        let begun = world.delivery(0, 0).attempts;
        fake::sync(&engine, &feeds).await;
        tours += u32::from(world.delivery(0, 0).attempts != begun);
        world.clock.advance(1_000);
    }
    assert!((3..40).contains(&tours), "in ten minutes: {tours}");
}

#[tokio::test]
async fn what_was_changed_there_and_cannot_be_read_is_told_again_and_not_tried_for_ever_in_silence() {
    let world = World::new(1, &[1], false);
    world.wish(0, 0, Wanted::Published, 1);
    sync(&world, &world.engine()).await;
    let there = Some(kept_back(1).receipt(fake::revision_id(1), world.clock.now()));
    let stuck = Happened::Stuck { reason: NeedsYou::ChangedThere, there, asset: None };
    world.table.happen(feed_id(0), post_id(0), stuck, world.clock.now());
    world.wish(0, 0, Wanted::Published, 2);
    let feeds = [Destination { id: feed_id(0), feed: Arc::new(Answering(|_| Err(FeedError::Untold))) }];
    let (tries, state) = try_often(&world, &feeds, 50).await;
    assert_eq!(state, DeliveryState::NeedsYou { reason: NeedsYou::ChangedThere });
    assert!(tries > 10, "a hiccup asks nobody for anything: {tries}");
}
