//! Answers that are lost or cut off, and answers to another request: what is there is looked at, and nothing is made twice.

use std::sync::Arc;

use serde_json::json;

use super::desk::{Desk, intent, receipt};
use super::{revision, sheet};
use crate::domain::PostId;
use crate::domain::destination::Choices;
use crate::feed::web::scripted::Reply;
use crate::feed::{Audience, Feed, FeedError, Lookup, OutgoingMedia, memory};

#[tokio::test]
async fn what_was_uploaded_is_known_when_the_program_ends_before_the_rest_is() {
    let mut desk = Desk::new(Choices::default()).await;
    let mut two = (*intent(1, Audience::Draft)).clone();
    two.media.push(OutgoingMedia { asset: memory::asset(2), ..two.media[0].clone() });
    let two = Arc::new(two);
    {
        let (out, first_is_there) = (desk.out(), async {
            while desk.with(|store| store.media.len()) < 2 {
                tokio::task::yield_now().await;
            }
        });
        tokio::select! {
            biased;
            () = first_is_there => {}
            made = desk.feed.create(&two, &out) => panic!("{made:?}"),
        }
    }
    desk.kill();
    // It is named otherwise there than it was sent.
    desk.with(|store| store.media[0]["slug"] = json!("boat"));
    desk.feed.create(&two, &desk.out()).await.unwrap();
    assert_eq!(desk.with(|store| store.media.len()), 2);
}

#[tokio::test]
async fn whatever_answer_is_lost_there_is_one_post_and_one_file() {
    let requests = ["POST tags", "POST media", "POST posts", "POST posts/100"];
    for (lost, killed) in requests.into_iter().flat_map(|lost| [(lost, false), (lost, true)]) {
        let mut desk = Desk::new(Choices::default()).await;
        desk.with(|store| store.hang_up = Some(lost));
        let wanted = intent(1, Audience::Published);
        desk.feed.create(&wanted, &desk.out()).await.unwrap_err();
        if killed {
            desk.kill();
        }
        let held = match desk.feed.lookup(&desk.about()).await.unwrap() {
            Lookup::Absent => desk.feed.create(&wanted, &desk.out()).await.unwrap(),
            Lookup::Found(held) if held.audience == Audience::Published => held,
            Lookup::Found(held) => {
                assert!(!held.touched, "{lost} {killed}");
                desk.feed.update(&receipt(&held), &wanted, &desk.out()).await.unwrap()
            }
            other => panic!("{lost} {killed}: {other:?}"),
        };
        let made = (held.audience, held.revision);
        assert_eq!(made, (Audience::Published, Some(revision(1))), "{lost} {killed}");
        assert_eq!(desk.with(|store| (store.posts.len(), store.media.len())), (1, 1), "{lost} {killed}");
        assert_eq!(desk.with(|store| store.posts[0]["status"].clone()), "publish");
    }
}

#[tokio::test]
async fn what_a_site_did_not_come_to_before_it_died_is_not_taken_for_somebodys_wish() {
    for audience in [Audience::Draft, Audience::Published] {
        let desk = Desk::new(Choices::default()).await;
        let wanted = intent(1, audience);
        desk.with(|store| store.hang_up = Some("POST posts"));
        desk.feed.create(&wanted, &desk.out()).await.unwrap_err();
        // It writes an item before it gives it its topics.
        let die = || desk.with(|store| store.posts[0]["tags"] = json!([]));
        die();
        for dies_again in [true, false] {
            let Lookup::Found(held) = desk.feed.lookup(&desk.about()).await.unwrap() else { panic!("it is there") };
            assert_eq!((held.touched, held.unfinished, held.revision), (false, true, Some(revision(1))));
            desk.with(|store| store.hang_up = dies_again.then_some("POST posts/100"));
            let made = desk.feed.update(&receipt(&held), &wanted, &desk.out()).await;
            assert_eq!(made.is_err(), dies_again);
            if dies_again {
                die();
                desk.with(|store| store.posts[0]["status"] = json!("draft"));
            }
        }
        assert_ne!(desk.with(|store| store.posts[0]["tags"].clone()), json!([]));
        // From then on they are taken off by somebody.
        die();
        let Lookup::Found(held) = desk.feed.lookup(&desk.about()).await.unwrap() else { panic!("it is there") };
        assert!(held.touched && !held.unfinished);
    }
}

#[tokio::test]
async fn the_answer_to_another_request_says_nothing_of_a_post() {
    let desk = Desk::new(Choices::default()).await;
    let held = desk.feed.create(&intent(1, Audience::Published), &desk.out()).await.unwrap();
    let other = desk.with(|store| {
        let mut other = store.posts[0].clone();
        (other["id"], other["slug"]) = (json!(101), json!(sheet::slug(PostId::from_uuid(uuid::Uuid::max()), "all")));
        other
    });
    for status in ["publish", "trash"] {
        let mut other = other.clone();
        other["status"] = json!(status);
        desk.with(|store| store.whim = Some(("GET posts/100", Reply::json(200, &other))));
        let changed = desk.feed.update(&receipt(&held), &intent(2, Audience::Published), &desk.out()).await;
        assert!(matches!(changed, Err(FeedError::Unreachable)), "{status}: {changed:?}");
    }
    let mut desk = Desk::new(Choices::default()).await;
    desk.with(|store| store.hang_up = Some("POST posts"));
    desk.feed.create(&intent(1, Audience::Published), &desk.out()).await.unwrap_err();
    desk.kill();
    desk.with(|store| store.whim = Some(("GET posts", Reply::json(200, &json!([other])))));
    let found = desk.feed.lookup(&desk.about()).await;
    assert!(matches!(found, Err(FeedError::Unreachable)), "{found:?}");
}

#[tokio::test]
async fn a_lost_update_is_known_by_what_is_there_now() {
    for (reached, expected) in [(true, 2), (false, 1)] {
        let desk = Desk::new(Choices::default()).await;
        let held = desk.feed.create(&intent(1, Audience::Draft), &desk.out()).await.unwrap();
        desk.with(|store| match reached {
            true => store.hang_up = Some("POST posts/100"),
            false => store.whim = Some(("POST posts/100", Reply::Nothing)),
        });
        let lost = desk.feed.update(&receipt(&held), &intent(2, Audience::Draft), &desk.out()).await;
        assert!(matches!(lost, Err(FeedError::Lost)));
        let Lookup::Found(found) = desk.feed.lookup(&desk.about()).await.unwrap() else { panic!() };
        assert_eq!((found.revision, found.touched, found.unfinished), (Some(revision(expected)), false, false));
    }
}

#[tokio::test]
async fn a_site_that_is_too_busy_says_for_how_long_also_where_nobody_knows_what_it_did() {
    for at in ["POST tags", "POST media", "POST posts", "POST posts/100"] {
        let desk = Desk::new(Choices::default()).await;
        let busy = Reply::html(503, "<h1>Maintenance</h1>").header("retry-after", "120");
        desk.with(|store| store.whim = Some((at, busy)));
        desk.feed.create(&intent(1, Audience::Published), &desk.out()).await.unwrap_err();
        desk.feed.lookup(&desk.about()).await.unwrap();
        assert_eq!(desk.feed.rest(), Some(120_000), "{at}: whatever it answers who only asks");
        desk.clock.advance(120_000);
        assert_eq!(desk.feed.rest(), None, "{at}");
    }
}
