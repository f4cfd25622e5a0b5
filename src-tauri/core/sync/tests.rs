//! What the engine promises, case by case.

use std::sync::atomic::{AtomicU32, Ordering};

use super::fake::{self, Climate, World, feed_id, post_id};
use super::*;
use crate::clock::Clock;
use crate::domain::{DeliveryState, Digest, NeedsYou, Receipt, Wanted};
use crate::feed::{About, Audience, Facts, Feed, FeedError, Fetched, Held, Item, Limits, Lookup, Outgoing};

const FINE: Climate = Climate { down: 0, lost_before: 0, lost_after: 0, full: 0, refused: 0, busy: 0, signed_out: 0 };

async fn sync(world: &World, engine: &Engine) -> Vec<Tour> {
    fake::sync(engine, &world.feeds).await.into_iter().map(Result::unwrap).collect()
}

fn items(world: &World, feed: usize, post: u128) -> usize {
    world.servers[feed].lock().unwrap().items.get(&post_id(post)).map_or(0, Vec::len)
}

#[tokio::test]
async fn a_lost_answer_is_looked_up_before_anything_is_sent_again() {
    let world = World::new(1, &[1], false);
    let engine = world.engine();
    world.wish(0, 0, Wanted::Published, 1);
    world.set_climate(Climate { lost_after: 16, ..FINE });
    sync(&world, &engine).await;
    assert_eq!(world.delivery(0, 0).state, DeliveryState::Unknown);
    world.set_climate(FINE);
    engine.wake(feed_id(0)).await.unwrap();
    sync(&world, &engine).await;
    assert_eq!(world.delivery(0, 0).state, DeliveryState::Synced);
    assert_eq!(items(&world, 0, 0), 1);
}

#[tokio::test]
async fn an_item_that_was_made_elsewhere_is_not_gone_because_nothing_was_noted_of_it() {
    let world = World::new(1, &[1], false);
    let (feed, post) = (feed_id(0), post_id(0));
    for wanted in [Wanted::Published, Wanted::Withdrawn] {
        world.wish(0, 0, Wanted::Published, 1);
        sync(&world, &world.engine()).await;
        world.servers[0].lock().unwrap().theirs.insert(post);
        world.wish(0, 0, wanted, 2);
        // The program ends before the first note.
        world.table.happen(feed, post, Happened::Begun { files: 0 }, world.clock.now());
        sync(&world, &world.engine()).await;
        assert_eq!(world.delivery(0, 0).state, DeliveryState::Synced);
        assert_eq!(items(&world, 0, 0), usize::from(wanted == Wanted::Published), "{wanted:?}");
    }
    assert_eq!(world.servers[0].lock().unwrap().most, 1);
}

#[tokio::test]
async fn one_feed_that_does_not_answer_holds_up_no_other() {
    let world = World::new(1, &[1], false);
    let far = World::new(2, &[1], false);
    far.set_climate(Climate { down: 16, ..FINE });
    let mut feeds = world.feeds.clone();
    feeds.insert(0, Destination { id: feed_id(7), feed: far.feeds[0].feed.clone() });
    let engine = world.engine();
    world.wish(7, 0, Wanted::Published, 1);
    world.wish(0, 0, Wanted::Published, 1);
    let tours = fake::sync(&engine, &feeds).await;
    let answers: Vec<Answer> = tours.into_iter().map(|tour| tour.unwrap().answer).collect();
    assert_eq!(answers, [Answer::Unreachable, Answer::Reachable]);
    assert_eq!(world.delivery(7, 0).state, DeliveryState::Queued, "offline is no error");
    assert_eq!(world.delivery(0, 0).state, DeliveryState::Synced);
}

#[tokio::test]
async fn a_silent_feed_is_left_in_peace_until_its_time_and_asked_at_once_when_the_user_says_so() {
    let world = World::new(1, &[1], false);
    let engine = world.engine();
    for post in 0..50 {
        world.wish(0, post, Wanted::Published, 1);
    }
    world.set_climate(Climate { down: 16, ..FINE });
    sync(&world, &engine).await;
    let tried = world.table.deliveries().iter().filter(|delivery| delivery.attempts > 0).count();
    assert_eq!(tried, 1, "one unanswered call speaks for all");
    world.set_climate(FINE);
    assert_eq!(sync(&world, &engine).await, [Tour::default()], "not before its time");
    let next = engine.next_at(&world.feeds).await.unwrap().unwrap();
    assert!(next > world.clock.now() && next <= world.clock.now().plus_millis(retry::FIRST_MILLIS));
    engine.wake(feed_id(0)).await.unwrap();
    assert_eq!(sync(&world, &engine).await[0].confirmed, 50);
}

#[tokio::test]
async fn a_busy_feed_is_left_alone_as_long_as_it_asked() {
    let world = World::new(1, &[1], false);
    let engine = world.engine();
    for post in 0..5 {
        world.wish(0, post, Wanted::Published, 1);
    }
    world.set_climate(Climate { busy: 16, ..FINE });
    assert_eq!(sync(&world, &engine).await[0].answer, Answer::Busy(Some(600_000)));
    world.set_climate(FINE);
    world.clock.advance(599_000);
    assert_eq!(sync(&world, &engine).await, [Tour::default()], "the other posts are not tried either");
    assert_eq!(engine.next_at(&world.feeds).await.unwrap(), Some(world.clock.now().plus_millis(1_000)));
    world.clock.advance(1_000);
    assert_eq!(sync(&world, &engine).await[0].confirmed, 5);
}

#[tokio::test]
async fn signed_out_one_post_says_so_and_the_others_wait_for_the_sign_in() {
    let world = World::new(1, &[1], false);
    let engine = world.engine();
    for post in 0..5 {
        world.wish(0, post, Wanted::Published, 1);
    }
    world.set_climate(Climate { signed_out: 16, ..FINE });
    let stuck = DeliveryState::NeedsYou { reason: NeedsYou::SignedOut };
    for _ in 0..3 {
        sync(&world, &engine).await;
        world.clock.advance(retry::LONGEST_MILLIS);
        let states: Vec<_> = world.table.deliveries().into_iter().map(|delivery| delivery.state).collect();
        assert_eq!(states.iter().filter(|state| **state == stuck).count(), 1, "{states:?}");
    }
    world.set_climate(FINE);
    engine.wake(feed_id(0)).await.unwrap();
    assert_eq!(sync(&world, &engine).await[0].confirmed, 5);
}

#[tokio::test]
async fn one_post_that_is_refused_does_not_hold_up_the_next() {
    let world = World::new(5, &[1], false);
    let engine = world.engine();
    for post in 0..40 {
        world.wish(0, post, Wanted::Published, 1);
    }
    world.set_climate(Climate { refused: 8, ..FINE });
    let tour = sync(&world, &engine).await[0];
    assert_eq!(tour.confirmed + tour.needs_you, 40);
    assert!(tour.confirmed > 5 && tour.needs_you > 5, "{tour:?}");
}

#[tokio::test]
async fn a_full_feed_stops_at_the_first_post_and_goes_on_when_there_is_room() {
    let world = World::new(1, &[1], false);
    let engine = world.engine();
    for post in 0..5 {
        world.wish(0, post, Wanted::Published, 1);
    }
    world.set_climate(Climate { full: 16, ..FINE });
    sync(&world, &engine).await;
    let stuck = DeliveryState::NeedsYou { reason: NeedsYou::Full };
    let states = |state: &DeliveryState| world.table.deliveries().iter().filter(|one| one.state == *state).count();
    assert_eq!((states(&stuck), states(&DeliveryState::Queued)), (1, 4));
    world.set_climate(FINE);
    engine.wake(feed_id(0)).await.unwrap();
    sync(&world, &engine).await;
    assert_eq!(states(&DeliveryState::Synced), 5);
}

#[tokio::test]
async fn a_thousand_posts_are_settled_a_few_times_and_not_a_thousand() {
    let world = World::new(1, &[64], false);
    for post in 0..1000 {
        world.wish(0, post, Wanted::Published, 1);
    }
    let tour = sync(&world, &world.engine()).await[0];
    assert_eq!(tour.confirmed, 1000);
    assert_eq!(world.servers[0].lock().unwrap().settled, 16, "1000 / 64, rounded up");
}

#[tokio::test]
async fn a_post_deleted_here_is_withdrawn_there_and_one_that_never_left_is_not_sent() {
    let world = World::new(1, &[1], false);
    let engine = world.engine();
    world.wish(0, 0, Wanted::Published, 1);
    sync(&world, &engine).await;
    world.wish(0, 1, Wanted::Published, 1);
    for post in [0, 1] {
        world.wish(0, post, Wanted::Withdrawn, 1);
    }
    assert!(world.delivery(0, 0).is_pending(), "a tombstone until the feed confirmed");
    sync(&world, &engine).await;
    assert_eq!((items(&world, 0, 0), items(&world, 0, 1)), (0, 0));
    assert_eq!(world.servers[0].lock().unwrap().most, 1);
    assert!(!world.delivery(0, 0).is_pending() && !world.delivery(0, 1).is_pending());
}

#[tokio::test(start_paused = true)]
async fn a_long_step_keeps_its_lease() {
    let world = World::new(1, &[1], false);
    let engine = world.engine();
    world.wish(0, 0, Wanted::Published, 1);
    // The program hangs in the feed for ten minutes: only time passes.
    world.clouds.fuse.set(Some(4));
    let hangs = fake::sync(&engine, &world.feeds);
    let passes = async {
        for _ in 0..60 {
            tokio::time::sleep(std::time::Duration::from_secs(10)).await;
            world.clock.advance(10_000);
        }
        let rows = world.table.rows.lock().unwrap();
        rows.values().next().unwrap().1.unwrap().1
    };
    tokio::select! {
        _ = hangs => panic!("it hangs"),
        until = passes => assert!(until > world.clock.now(), "nobody else may take it over"),
    }
}

/// What a feed is called for.
#[derive(Clone, Copy)]
enum Call {
    Create,
    Update,
    Withdraw,
    LookUp,
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
        Err(FeedError::Unreachable)
    }
}

/// Breaks whenever something is sent.
fn broken() -> Vec<Destination> {
    let answers = |call| {
        Err(match call {
            Call::Create => FeedError::Lost,
            Call::Update => FeedError::SignedOut,
            Call::Withdraw | Call::LookUp => FeedError::Gone,
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
async fn a_feed_that_keeps_a_post_back_is_sent_it_a_few_times_and_then_the_user_is_told() {
    let (world, sent) = (World::new(1, &[1], false), Arc::new(AtomicU32::new(0)));
    let count = Arc::clone(&sent);
    let keeps = move |_| Ok(kept_back(count.fetch_add(1, Ordering::Relaxed)));
    let feeds = [Destination { id: feed_id(0), feed: Arc::new(Answering(keeps)) }];
    world.wish(0, 0, Wanted::Published, 1);
    let (_, state) = try_often(&world, &feeds, 20).await;
    assert_eq!(state, DeliveryState::NeedsYou { reason: NeedsYou::Denied });
    assert!(sent.load(Ordering::Relaxed) < 8, "and not without an end");
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
    assert_eq!(
        state,
        DeliveryState::NeedsYou { reason: NeedsYou::MaybeThere },
        "safe: nothing is sent before the user looked"
    );
    assert!(tries > 10, "a server that is mended within half an hour asks nobody for anything: {tries}");
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
async fn what_a_feed_does_not_take_away_is_asked_for_ever_less_often_and_then_the_user_is_told() {
    let world = World::new(1, &[1], false);
    world.wish(0, 0, Wanted::Published, 1);
    sync(&world, &world.engine()).await;
    world.wish(0, 0, Wanted::Withdrawn, 1);
    let asked = Arc::new(AtomicU32::new(0));
    let count = Arc::clone(&asked);
    let keeps = move |call| match call {
        Call::Withdraw => {
            count.fetch_add(1, Ordering::Relaxed);
            Err(FeedError::Lost)
        }
        _ => Ok(Held { audience: Audience::Published, ..kept_back(0) }),
    };
    let feeds = [Destination { id: feed_id(0), feed: Arc::new(Answering(keeps)) }];
    let (tries, state) = try_often(&world, &feeds, 50).await;
    assert_eq!(state, DeliveryState::NeedsYou { reason: NeedsYou::MaybeThere }, "{tries}");
    assert!((10..20).contains(&asked.load(Ordering::Relaxed)), "{asked:?}");
}
