//! Servers that read from a copy of what they hold, which may be behind.

use super::*;

async fn behind() -> World {
    let world = linked().await;
    world.state().ways.lag = true;
    world
}

fn one() -> Intent {
    intent(&[(Lang::en(), "Boat", "Calm water.")], 0)
}

#[tokio::test]
async fn what_the_server_named_and_does_not_show_yet_is_not_sent_again() {
    let world = behind().await;
    assert!(matches!(world.create(&one()).await, Err(FeedError::Lost)));
    let soon = Timestamp::from_millis(NOW + MINUTE);
    assert_eq!(world.look_up().await, Lookup::NotYet(soon), "it was taken");
    assert!(matches!(world.create(&one()).await, Err(FeedError::Lost)));
    world.clock.advance(46 * MINUTE);
    for _ in 0..2 {
        assert_eq!(world.look_up().await, Lookup::CannotTell);
    }
    world.state().catch_up();
    let Lookup::Found(held) = world.look_up().await else { panic!("it is there") };
    assert!(!held.touched && !held.unfinished);
    world.update(&receipt(held), &one()).await.unwrap();
    assert_eq!((world.texts().len(), world.count("POST /api/v1/statuses")), (1, 1));
}

#[tokio::test]
async fn a_name_that_is_not_shown_yet_is_not_given_up_because_our_clock_was_set_forward() {
    let world = behind().await;
    assert!(matches!(world.create(&one()).await, Err(FeedError::Lost)));
    world.set_our_clock(60 * MINUTE);
    assert!(matches!(world.look_up().await, Lookup::NotYet(_)), "no time has gone by there");
    world.clock.advance(46 * MINUTE);
    assert_eq!(world.look_up().await, Lookup::CannotTell);
}

#[tokio::test]
async fn what_is_never_shown_is_made_anew_when_the_user_says_so() {
    let world = behind().await;
    assert!(matches!(world.create(&one()).await, Err(FeedError::Lost)));
    world.clock.advance(46 * MINUTE);
    assert_eq!(world.look_up().await, Lookup::CannotTell);
    world.state().statuses.clear();
    world.state().ways.lag = false;
    let known = receipt(world.create(&one()).await.unwrap());
    assert_eq!(world.texts().len(), 1);
    // From then on it was there, so that it can be gone.
    world.state().statuses.clear();
    assert!(matches!(world.update(&known, &later(one(), |_| {})).await, Err(FeedError::Gone)));
}

#[tokio::test]
async fn a_thread_whose_first_status_is_not_seen_yet_goes_on_a_little_later() {
    let world = behind().await;
    let first = world.create(&bilingual(1)).await;
    assert!(matches!(first, Err(FeedError::Lost)), "nothing is gone: {first:?}");
    assert!(matches!(world.look_up().await, Lookup::NotYet(_)));
    world.state().catch_up();
    let Lookup::Found(held) = world.look_up().await else { panic!("one is there") };
    assert!(held.unfinished && !held.touched);
    let known = receipt(held);
    assert!(matches!(world.update(&known, &bilingual(1)).await, Err(FeedError::Lost)));
    assert!(matches!(world.look_up().await, Lookup::NotYet(_)), "nobody changed it there");
    assert!(matches!(world.update(&known, &bilingual(1)).await, Err(FeedError::Lost)));
    world.state().catch_up();
    assert!(matches!(world.look_up().await, Lookup::Found(held) if !held.unfinished && !held.touched));
    assert_eq!(world.texts(), ["小船\n\n水面很静。\n\n#奶茶", "Boat\n\nCalm water.\n\n#奶茶"]);
}

#[tokio::test]
async fn a_lost_status_that_is_listed_and_not_shown_is_not_sent_again() {
    let world = linked().await;
    world.weather("POST /api/v1/statuses", Weather::LostAfter, 1);
    assert!(matches!(world.create(&one()).await, Err(FeedError::Lost)));
    world.weather("GET /api/v1/statuses/1001", Weather::Fine, 1);
    world.weather("GET /api/v1/statuses/1001", Weather::Says(404), 1);
    assert!(matches!(world.look_up().await, Lookup::NotYet(_)), "another copy answered");
    assert!(matches!(world.look_up().await, Lookup::Found(held) if !held.touched));
}

#[tokio::test]
async fn an_edit_that_is_not_shown_yet_is_ours_and_not_undone() {
    let world = linked().await;
    let known = receipt(world.create(&one()).await.unwrap());
    world.state().ways.lag = true;
    let edited = later(one(), |content| content.topics.clear());
    assert!(matches!(world.update(&known, &edited).await, Err(FeedError::Lost)));
    assert!(matches!(world.look_up().await, Lookup::Found(held) if held.unfinished && !held.touched));
    world.state().catch_up();
    let Lookup::Found(held) = world.look_up().await else { panic!("it is there") };
    assert!(!held.unfinished && !held.touched);
    assert_eq!(world.texts(), ["Boat\n\nCalm water."]);
    world.update(&receipt(held), &later(one(), |_| {})).await.unwrap_err();
    assert!(matches!(world.look_up().await, Lookup::Found(held) if !held.touched));
}
