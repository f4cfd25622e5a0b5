//! What the engine promises, case by case.

mod broken;
mod called_back;

use super::fake::{self, Climate, World, feed_id, post_id};
use super::*;
use crate::clock::Clock;
use crate::domain::{DeliveryState, NeedsYou, Wanted};

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
async fn what_somebody_changed_there_is_kept_before_the_users_word_writes_over_it_or_takes_it_away() {
    for wanted in [Wanted::Published, Wanted::Draft, Wanted::Withdrawn] {
        let world = World::new(1, &[1], false);
        let engine = world.engine();
        world.wish(0, 0, Wanted::Published, 1);
        sync(&world, &engine).await;
        let change = |version, revision| {
            let mut server = world.servers[0].lock().unwrap();
            let item = &mut server.items.get_mut(&post_id(0)).unwrap()[0];
            (item.version, item.revision) = (version, fake::revision_id(revision));
        };
        change(1_000, 50);
        world.wish(0, 0, wanted, 2);
        sync(&world, &engine).await;
        let changed = DeliveryState::NeedsYou { reason: NeedsYou::ChangedThere };
        assert_eq!(world.delivery(0, 0).state, changed);
        world.wish(0, 0, wanted, 2);
        world.set_climate(Climate { down: 16, ..FINE });
        sync(&world, &engine).await;
        assert_eq!(world.delivery(0, 0).state, DeliveryState::Queued, "what cannot be read is not written over");
        world.set_climate(FINE);
        change(1_001, 51);
        engine.wake(feed_id(0)).await.unwrap();
        sync(&world, &engine).await;
        assert_eq!(*world.table.kept.lock().unwrap(), [fake::revision_id(51)], "what is there by now");
        assert_eq!(world.delivery(0, 0).state, DeliveryState::Synced);
        assert_eq!(items(&world, 0, 0), usize::from(wanted != Wanted::Withdrawn), "{wanted:?}");
    }
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
