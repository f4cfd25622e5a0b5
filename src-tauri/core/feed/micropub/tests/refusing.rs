//! Servers that say no, or something else than what was asked for: what they did before, and what nobody may make of it.

use super::*;
use crate::feed::web::scripted::Reply;

fn bare(status: u16, text: &str) -> Reply {
    Reply::With(status, vec![("content-type", "text/plain".into())], text.as_bytes().to_vec())
}

#[tokio::test]
async fn a_post_that_was_made_before_the_server_said_no_is_made_once() {
    for takes_files in [true, false] {
        let be = |store: &mut site::Store| (store.stumbles, store.takes_files) = (true, takes_files);
        let to = Feeds::at(Choices::default(), be).await;
        assert!(matches!(to.create(&draft()).await, Err(FeedError::Lost)), "alone: {takes_files}");
        assert_eq!(to.site.with(|store| store.made), 1);
        let Lookup::Found(held) = to.lookup().await else { panic!("alone: {takes_files}") };
        assert!(held.unfinished, "its files are missing");
        if takes_files {
            to.update(&to.receipt(held), &draft()).await.unwrap();
            assert_eq!(to.site.property("photo").as_array().unwrap().len(), 2);
        }
        assert_eq!(to.site.with(|store| store.made), 1, "alone: {takes_files}");
    }
}

#[tokio::test]
async fn where_nobody_can_look_the_user_is_asked_and_the_next_try_takes_the_next_form() {
    for (reads, list) in [(false, None), (true, Some(Reply::html(500, "oops")))] {
        let be = |store: &mut site::Store| (store.reads, store.list, store.takes_words) = (reads, list, false);
        let to = Feeds::at(Choices::default(), be).await;
        assert!(matches!(to.create(&draft()).await, Err(FeedError::Lost)));
        to.clock.advance(45 * MINUTE);
        assert_eq!(to.lookup().await, Lookup::CannotTell);
        to.create(&draft()).await.unwrap();
        assert!(to.site.property("photo")[1].is_string(), "the user looked, and says that it is not there");
        assert!(to.feed.learnt().unwrap().endpoints.contains_key("plain"), "no post is asked about for that again");
    }
}

#[tokio::test]
async fn a_post_without_files_takes_the_next_form_wherever_it_is_refused() {
    let to = Feeds::at(Choices::default(), |store| (store.reads, store.takes_json) = (false, false)).await;
    let mut words = intent(1, Audience::Draft);
    words.media.clear();
    to.create(&Arc::new(words)).await.unwrap();
    assert_eq!(to.site.with(|store| store.made), 1);
}

#[tokio::test]
async fn an_endpoint_that_is_not_there_any_more_says_nothing_of_a_post() {
    let to = Feeds::new(Choices::default()).await;
    let receipt = to.receipt(to.create(&draft()).await.unwrap());
    let no_route = Reply::json(404, &serde_json::json!({ "code": "rest_no_route", "data": { "status": 404 } }));
    for off in [no_route, bare(404, "404: NOT_FOUND")] {
        to.site.with(|store| {
            (store.config, store.source, store.list) = (Some(off.clone()), Some(off.clone()), Some(off.clone()));
        });
        let changes = to.feed.changes(None, std::slice::from_ref(&receipt)).await;
        assert!(matches!(changes, Err(FeedError::Unreachable)), "{changes:?}");
        let read = to.feed.fetch(&receipt, &to.about()).await;
        assert!(matches!(read, Err(FeedError::Unreachable)), "{read:?}");
        let updated = to.update(&receipt, &edited(2, Audience::Draft)).await;
        assert!(matches!(updated, Err(FeedError::Unreachable)), "{updated:?}");
    }
    let to = Feeds::new(Choices::default()).await;
    to.site.with(|store| store.moods = vec![Mood::Says(404)]);
    assert!(matches!(to.create(&draft()).await, Err(FeedError::Unreachable)), "nor of one that is new");
}

#[tokio::test]
async fn what_can_be_read_is_not_made_again_because_a_change_of_it_is_answered_by_gone() {
    let to = Feeds::new(Choices::default()).await;
    to.site.with(|store| store.moods = vec![Mood::LostAfter, Mood::Says(404), Mood::Says(404)]);
    assert!(to.create(&draft()).await.is_err());
    assert!(matches!(to.create(&draft()).await, Err(FeedError::Lost)));
    to.create(&draft()).await.unwrap();
    assert_eq!(to.site.with(|store| store.made), 1);
}

#[tokio::test]
async fn a_token_that_ended_is_no_post_that_is_gone() {
    let to = Feeds::new(Choices::default()).await;
    let receipt = to.receipt(to.create(&draft()).await.unwrap());
    for status in [400, 403] {
        let ended = Reply::json(status, &serde_json::json!({ "error": "unauthorized" }));
        to.site.with(|store| (store.source, store.list) = (Some(ended.clone()), Some(ended)));
        let changes = to.feed.changes(None, std::slice::from_ref(&receipt)).await;
        assert!(matches!(changes, Err(FeedError::SignedOut)), "{status}: {changes:?}");
        let read = to.feed.fetch(&receipt, &to.about()).await;
        assert!(matches!(read, Err(FeedError::SignedOut)), "{status}: {read:?}");
    }
}

#[tokio::test]
async fn a_file_is_where_any_answer_says_that_it_is() {
    let json = serde_json::json!({ "url": "/f/9.jpg" });
    let said = [
        Reply::html(200, "").header("location", "/f/9.jpg"),
        Reply::html(204, "").header("location", "f/9.jpg"),
        Reply::json(201, &json),
        Reply::json(200, &json),
        Reply::html(200, &json.to_string()),
    ];
    for media in said {
        let told = format!("{media:?}");
        let to = Feeds::at(Choices::default(), |store| store.media = Some(media)).await;
        to.create(&draft()).await.unwrap();
        assert_eq!(to.site.property("photo")[0]["value"], to.site.url("f/9.jpg").as_str(), "{told}");
    }
}

#[tokio::test]
async fn a_file_that_never_gets_an_address_is_named_and_holds_up_no_other_post() {
    for media in [bare(404, "not here"), bare(500, "oops"), bare(503, ""), bare(200, "ok"), bare(201, "")] {
        let told = format!("{media:?}");
        let to = Feeds::at(Choices::default(), |store| store.media = Some(media)).await;
        for _ in 1..10 {
            let lost = to.create(&draft()).await;
            assert!(matches!(lost, Err(FeedError::Lost)), "{told}: {lost:?}");
            assert_eq!(to.lookup().await, Lookup::Absent, "{told}: of the post itself nothing left");
        }
        let refused = to.create(&draft()).await;
        assert!(matches!(refused, Err(FeedError::FileRefused(asset)) if asset == draft().media[0].asset), "{told}");
        to.site.with(|store| store.media = None);
        assert!(to.create(&draft()).await.is_ok(), "{told}: when the user says so it is tried again");
    }
    let to = Feeds::at(Choices::default(), |store| store.media = Some(bare(415, "no"))).await;
    assert!(matches!(to.create(&draft()).await, Err(FeedError::FileRefused(_))), "what is refused is told at once");
}

#[tokio::test]
async fn an_address_is_read_as_people_write_it() {
    let to = Feeds::new(Choices::default()).await;
    let location = || Reply::html(201, "").header("location", "/f/小船.jpg");
    to.site.with(|store| store.media = Some(location()));
    to.create(&draft()).await.unwrap();
    assert_eq!(to.site.property("photo")[0]["value"], to.site.url("f/%E5%B0%8F%E8%88%B9.jpg").as_str());
}

#[tokio::test]
async fn who_may_not_bring_back_makes_a_new_one() {
    let to = Feeds::new(Choices::default()).await;
    let receipt = to.receipt(to.create(&edited(1, Audience::Published)).await.unwrap());
    to.feed.withdraw(&receipt, &to.about()).await.unwrap();
    to.site.with(|store| store.moods = vec![Mood::Forbidden]);
    to.create(&edited(2, Audience::Published)).await.unwrap();
    assert_eq!(to.site.with(|store| (store.entries.len(), store.made)), (1, 2));
}

#[tokio::test]
async fn what_a_server_fails_to_bring_back_is_made_anew_when_it_cannot_come_any_more() {
    let to = Feeds::new(Choices::default()).await;
    let receipt = to.receipt(to.create(&edited(1, Audience::Published)).await.unwrap());
    to.feed.withdraw(&receipt, &to.about()).await.unwrap();
    to.site.with(|store| store.moods = vec![Mood::Broken]);
    assert!(matches!(to.create(&edited(2, Audience::Published)).await, Err(FeedError::Lost)));
    assert!(matches!(to.lookup().await, Lookup::NotYet(_)), "it may still come back");
    to.clock.advance(45 * MINUTE);
    assert_eq!(to.lookup().await, Lookup::Absent);
    to.create(&edited(2, Audience::Published)).await.unwrap();
    assert_eq!(to.site.with(|store| (store.entries.len(), store.made)), (1, 2));
}

#[tokio::test]
async fn where_a_server_fails_twice_over_a_form_the_next_try_takes_the_next_form() {
    for lists in [true, false] {
        let to = Feeds::at(Choices::default(), |store| (store.chokes, store.lists) = (true, lists)).await;
        for _ in 0..2 {
            assert!(matches!(to.create(&draft()).await, Err(FeedError::Lost)), "it may have been made");
            assert!(matches!(to.lookup().await, Lookup::NotYet(_)));
            to.clock.advance(45 * MINUTE);
            assert_eq!(to.lookup().await, Lookup::CannotTell);
        }
        to.create(&draft()).await.expect("the user looked, and says that it is not there");
        assert_eq!(to.site.with(|store| store.made), 1);
        let out = Outgoing { notes: Arc::new(Paper::default()), ..to.out() };
        to.feed.create(&draft(), &out).await.expect("nobody is asked about that again");
    }
}

#[tokio::test]
async fn what_a_server_failed_over_once_is_sent_in_its_own_form_again() {
    let to = Feeds::at(Choices::default(), |store| store.lists = false).await;
    to.site.with(|store| store.moods = vec![Mood::Broken]);
    assert!(matches!(to.create(&draft()).await, Err(FeedError::Lost)));
    to.clock.advance(45 * MINUTE);
    assert_eq!(to.lookup().await, Lookup::CannotTell);
    let receipt = to.receipt(to.create(&draft()).await.unwrap());
    assert!(to.site.property("photo")[0].is_object(), "once may be of the moment");
    for revision in [2, 3] {
        to.site.with(|store| store.moods = vec![Mood::Broken]);
        let edited = edited(revision, Audience::Draft);
        assert!(matches!(to.update(&receipt, &edited).await, Err(FeedError::Lost)));
        to.update(&receipt, &edited).await.unwrap();
        assert!(to.site.property("photo")[0].is_object(), "also of another moment");
    }
}

#[tokio::test]
async fn a_form_that_does_not_arrive_is_taken_again_and_not_the_one_that_failed_before() {
    let to = Feeds::at(Choices::default(), |store| (store.chokes, store.lists) = (true, false)).await;
    for _ in 0..2 {
        assert!(matches!(to.create(&draft()).await, Err(FeedError::Lost)));
        to.clock.advance(45 * MINUTE);
        assert_eq!(to.lookup().await, Lookup::CannotTell);
    }
    for moods in [vec![Mood::SignedOut, Mood::LostBefore], vec![Mood::Fine]] {
        to.site.with(|store| store.moods.clone_from(&moods));
        for mood in moods {
            assert_eq!(to.create(&draft()).await.is_ok(), mood == Mood::Fine);
        }
        to.clock.advance(45 * MINUTE);
        assert_eq!(to.lookup().await == Lookup::CannotTell, to.site.with(|store| store.made) == 0);
    }
    assert_eq!(to.site.with(|store| store.made), 1);
}

#[tokio::test]
async fn where_a_server_fails_twice_over_a_change_it_takes_the_next_form() {
    let to = Feeds::new(Choices::default()).await;
    let receipt = to.receipt(to.create(&draft()).await.unwrap());
    to.site.with(|store| store.chokes = true);
    assert!(matches!(to.update(&receipt, &edited(2, Audience::Draft)).await, Err(FeedError::Lost)));
    let receipt = to.receipt(to.update(&receipt, &edited(2, Audience::Draft)).await.unwrap());
    assert!(to.site.property("photo")[1].is_string());
    assert!(to.site.property("content").to_string().contains("rowing again"));
    to.update(&receipt, &edited(3, Audience::Draft)).await.unwrap();
    assert_eq!(to.site.with(|store| store.made), 1);
}

#[tokio::test]
async fn what_a_server_failed_over_may_be_done_though_it_says_no_to_the_next_form() {
    let to = Feeds::new(Choices::default()).await;
    let receipt = to.receipt(to.create(&draft()).await.unwrap());
    to.site.with(|store| store.moods = vec![Mood::Broken, Mood::Broken, Mood::Says(400), Mood::Says(400)]);
    for _ in 0..2 {
        let lost = to.update(&receipt, &edited(2, Audience::Draft)).await;
        assert!(matches!(lost, Err(FeedError::Lost)), "{lost:?}");
    }
    assert!(to.site.with(|store| store.moods.is_empty()));
}
