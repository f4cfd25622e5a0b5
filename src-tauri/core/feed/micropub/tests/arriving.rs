//! Posts on their way there: what is sent, once, and what a lost answer leads to.

use super::*;
use crate::domain::Digest;
use crate::feed::memory::Told;
use crate::feed::web::scripted::Reply;

#[tokio::test]
async fn a_post_arrives_with_its_languages_files_and_words() {
    let to = Feeds::new(Choices::default()).await;
    let held = to.create(&draft()).await.unwrap();
    assert_eq!((held.audience, held.revision), (Audience::Draft, Some(revision(1))));
    assert_eq!(to.site.property("name")[0], "小船 · A boat");
    assert_eq!(to.site.property("post-status")[0], "draft");
    assert_eq!(to.site.property("category"), serde_json::json!(["划船", "tea"]));
    assert_eq!(to.site.property("mp-slug")[0], "sampan-0123456789ab");
    assert_eq!(to.site.property("published")[0], "2025-01-04T22:13:20+08:00");
    let photos = to.site.property("photo");
    assert_eq!((&photos[0]["alt"], &photos[1]["alt"]), (&Value::from("一条小船"), &Value::from("一碗面")));
    let html = to.site.property("content")[0]["html"].as_str().unwrap().to_owned();
    assert!(html.contains("<section lang=\"zh-Hans\"") && html.contains("<section lang=\"en\""), "{html}");
    assert!(html.contains("A small boat") && !html.contains("<img"), "words in a second language, and no photo twice");
    let back = to.feed.fetch(&to.receipt(held), &to.about()).await.unwrap();
    assert_eq!(back.sides, draft().content.sides);
    assert_eq!(back.topics.unwrap(), ["划船", "tea"]);
    let media = back.media.unwrap();
    assert_eq!(media[0].alt, draft().media[0].alt);
    assert_eq!(media[1].alt, draft().media[1].alt);
    assert_eq!(back.moment, Some(Timestamp::from_millis(START)));
}

#[tokio::test]
async fn bytes_in_all_count_the_files_that_are_still_to_come() {
    let (to, told) = (Feeds::new(Choices::default()).await, Arc::new(Told::default()));
    let mut two = intent(1, Audience::Draft);
    two.media.iter_mut().for_each(|media| media.about_bytes = 64);
    let out = Outgoing { progress: Arc::clone(&told) as Arc<dyn Progress>, ..to.out() };
    to.feed.create(&Arc::new(two), &out).await.unwrap();
    assert_eq!(told.bytes(), [(64, 128), (128, 128)]);
}

#[tokio::test]
async fn a_server_that_takes_no_words_gets_them_in_the_text() {
    let to = Feeds::new(Choices::default()).await;
    to.site.with(|store| store.takes_words = false);
    let held = to.create(&draft()).await.unwrap();
    assert!(to.site.property("photo")[1].is_string());
    assert!(to.site.property("content")[0]["html"].as_str().unwrap().contains("一碗面"));
    let back = to.feed.fetch(&to.receipt(held), &to.about()).await.unwrap();
    assert_eq!(back.media.unwrap()[1].alt, draft().media[1].alt);
    assert_eq!((back.sides, to.site.with(|store| store.made)), (draft().content.sides.clone(), 1));
    assert!(to.feed.items(&draft())[0].text.contains("一碗面"), "and the preview shows it from now on");
}

#[tokio::test]
async fn a_lost_answer_is_found_again_and_nothing_is_made_twice() {
    for keeps_names in [true, false] {
        for mood in [Mood::LostAfter, Mood::Page] {
            let mut to = Feeds::new(Choices::default()).await;
            to.site.with(|store| {
                store.keeps_names = keeps_names;
                store.moods = vec![mood];
            });
            assert!(matches!(to.create(&draft()).await, Err(FeedError::Lost)), "{mood:?}");
            to.start_again(Choices::default()).await;
            let Lookup::Found(held) = to.lookup().await else { panic!("{mood:?}, names kept: {keeps_names}") };
            assert_eq!((held.revision, held.touched, held.unfinished), (Some(revision(1)), false, false));
            assert_eq!(to.site.with(|store| (store.made, store.files)), (1, 2));
        }
    }
}

#[tokio::test]
async fn a_text_that_the_server_changes_is_found_by_its_name() {
    let to = Feeds::new(Choices::default()).await;
    to.site.with(|store| store.mangles = true);
    let other = About { post: PostId::from_uuid(Uuid::from_u128(7)), notes: Arc::new(Paper::default()) };
    let mut before = intent(1, Audience::Draft);
    before.post = other.post;
    before.content.moment.at = Timestamp::from_millis(START + 1000);
    to.feed.create(&Arc::new(before), &Outgoing { notes: other.notes, ..to.out() }).await.unwrap();
    to.site.with(|store| store.moods = vec![Mood::LostAfter]);
    assert!(to.create(&draft()).await.is_err());
    let Lookup::Found(held) = to.lookup().await else { panic!() };
    assert_eq!((held.revision, held.touched), (Some(revision(1)), false), "the site writes into everything");
    let receipt = to.receipt(held);
    assert_eq!(to.feed.changes(None, &[receipt]).await.unwrap(), Changes::default(), "it is no change of anybody");
}

#[tokio::test]
async fn what_somebody_wrote_before_the_first_answer_came_is_not_taken_for_ours() {
    for choices in [Choices::default(), linked()] {
        let to = Feeds::new(choices).await;
        to.site.with(|store| store.moods = vec![Mood::LostAfter]);
        assert!(to.create(&draft()).await.is_err());
        to.site.with(|store| {
            let content = &mut store.entries.get_mut("/e/1/").unwrap()["content"][0]["html"];
            *content = Value::from(content.as_str().unwrap().replacen("</p>", " theirs</p>", 1));
        });
        let Lookup::Found(held) = to.lookup().await else { panic!() };
        assert!(held.touched, "{choices:?}");
    }
}

#[tokio::test]
async fn a_file_there_is_known_by_where_it_was_uploaded_to() {
    let to = Feeds::new(Choices::default()).await;
    let held = to.create(&draft()).await.unwrap();
    let fetched = to.feed.fetch(&to.receipt(held), &to.about()).await.unwrap();
    let files: Vec<_> = fetched.media.unwrap().into_iter().map(|file| file.asset).collect();
    assert_eq!(files, draft().media.iter().map(|media| Some(media.asset)).collect::<Vec<_>>());
}

#[tokio::test]
async fn what_is_not_there_may_still_arrive_and_then_the_user_is_asked() {
    for lists in [true, false] {
        let to = Feeds::new(Choices::default()).await;
        to.site.with(|store| {
            store.lists = lists;
            store.moods = vec![Mood::LostBefore];
        });
        assert!(matches!(to.create(&draft()).await, Err(FeedError::Lost)));
        let quiet = Timestamp::from_millis(START + 45 * MINUTE);
        assert_eq!(to.lookup().await, Lookup::NotYet(quiet));
        to.clock.advance(45 * MINUTE);
        assert_eq!(to.lookup().await, Lookup::CannotTell, "never a second time by itself");
        // The user looked, and says that it is not there.
        to.create(&draft()).await.unwrap();
        assert_eq!(to.site.with(|store| (store.made, store.files)), (1, 2));
    }
}

#[tokio::test]
async fn after_our_clock_was_set_back_it_is_waited_for_anew_and_not_until_then() {
    let to = Feeds::new(Choices::default()).await;
    to.site.with(|store| store.moods = vec![Mood::LostBefore]);
    assert!(matches!(to.create(&draft()).await, Err(FeedError::Lost)));
    to.clock.advance(-24 * 60 * MINUTE);
    let quiet = Timestamp::from_millis(START - (24 * 60 - 45) * MINUTE);
    assert_eq!(to.lookup().await, Lookup::NotYet(quiet));
    to.clock.advance(45 * MINUTE);
    assert_eq!(to.lookup().await, Lookup::CannotTell);
}

#[tokio::test]
async fn what_was_named_and_is_not_built_yet_is_not_made_again_however_long_it_takes() {
    let to = Feeds::new(Choices::default()).await;
    to.site.with(|store| store.source = Some(Reply::Nothing));
    assert!(matches!(to.create(&Arc::new(intent(1, Audience::Published))).await, Err(FeedError::Lost)));
    let built = to.site.with(|store| (store.source = None, std::mem::take(&mut store.entries)).1);
    to.clock.advance(60 * MINUTE);
    assert_eq!(to.lookup().await, Lookup::CannotTell);
    to.site.with(|store| store.entries = built);
    assert!(matches!(to.lookup().await, Lookup::Found(held) if !held.touched && !held.unfinished));
    assert_eq!(to.site.with(|store| store.made), 1);
}

#[tokio::test]
async fn a_request_that_arrives_late_is_found_when_the_user_says_send() {
    let to = Feeds::new(Choices::default()).await;
    to.site.with(|store| store.moods = vec![Mood::LostAfter]);
    assert!(to.create(&draft()).await.is_err());
    let held = to.create(&draft()).await.unwrap();
    assert_eq!((held.revision, to.site.with(|store| store.made)), (Some(revision(1)), 1));
}

#[tokio::test]
async fn the_same_words_of_another_moment_are_another_post() {
    let to = Feeds::new(Choices::default()).await;
    to.create(&draft()).await.unwrap();
    let mut other = intent(1, Audience::Draft);
    other.post = PostId::from_uuid(Uuid::from_u128(7));
    other.content.moment.at = Timestamp::from_millis(START + 1000);
    let paper = Arc::new(Paper::default());
    to.site.with(|store| store.moods = vec![Mood::LostBefore]);
    let out = Outgoing { notes: paper.clone(), ..to.out() };
    assert!(to.feed.create(&Arc::new(other.clone()), &out).await.is_err());
    let lookup = to.feed.lookup(&About { post: other.post, notes: paper }).await.unwrap();
    assert!(matches!(lookup, Lookup::NotYet(_)), "{lookup:?}");
}

#[tokio::test]
async fn a_refusal_leaves_nothing_in_doubt() {
    for (mood, expected) in [(Mood::SignedOut, "signed out"), (Mood::Forbidden, "does not let us write")] {
        let to = Feeds::new(Choices::default()).await;
        to.site.with(|store| store.moods = vec![mood]);
        let error = to.create(&draft()).await.unwrap_err();
        assert!(error.to_string().contains(expected), "{error}");
        assert_eq!(to.lookup().await, Lookup::Absent);
    }
    let to = Feeds::new(Choices::default()).await;
    to.site.with(|store| store.moods = vec![Mood::Broken]);
    assert!(matches!(to.create(&draft()).await, Err(FeedError::Lost)), "nobody knows what a broken server did");
}

#[tokio::test]
async fn a_site_that_is_too_busy_says_for_how_long_also_where_nobody_knows_what_it_did() {
    let to = Feeds::new(Choices::default()).await;
    to.site.with(|store| store.moods = vec![Mood::Says(503)]);
    assert!(matches!(to.create(&draft()).await, Err(FeedError::Lost)));
    to.lookup().await;
    assert_eq!(to.feed.rest(), Some(120_000), "whatever it answers who only asks");
    to.clock.advance(120_000);
    assert_eq!(to.feed.rest(), None);
}

#[tokio::test]
async fn two_languages_become_two_entries_that_know_each_other() {
    let to = Feeds::new(linked()).await;
    let held = to.create(&draft()).await.unwrap();
    let (first, second) = to.site.with(|store| (store.entries["/e/1/"].clone(), store.entries["/e/2/"].clone()));
    assert_eq!((&first["name"][0], &second["name"][0]), (&Value::from("小船"), &Value::from("A boat")));
    assert_eq!(second["photo"][0]["alt"], "A small boat");
    assert!(second["content"][0]["html"].as_str().unwrap().contains("/e/1/\" hreflang=\"zh-Hans\""));
    let receipt = to.receipt(held);
    let back = to.feed.fetch(&receipt, &to.about()).await.unwrap();
    assert_eq!(back.sides, draft().content.sides);
    assert_eq!((back.held.version, &back.held.parts), (receipt.version, &receipt.parts));
}

#[tokio::test]
async fn a_pair_of_which_one_is_missing_is_finished_and_not_begun_again() {
    let to = Feeds::new(linked()).await;
    to.site.with(|store| store.moods = vec![Mood::LostAfter]);
    assert!(to.create(&draft()).await.is_err());
    let Lookup::Found(held) = to.lookup().await else { panic!() };
    assert!(held.unfinished);
    let held = to.update(&to.receipt(held), &draft()).await.unwrap();
    assert_eq!((held.remote_id.split(' ').count(), to.site.with(|store| store.made)), (2, 2));
}

#[tokio::test]
async fn a_server_that_gives_nothing_back_is_believed() {
    let to = Feeds::new(Choices::default()).await;
    to.site.with(|store| store.reads = false);
    let held = to.create(&draft()).await.unwrap();
    let receipt = to.receipt(held);
    assert!(matches!(to.lookup().await, Lookup::Found(_)));
    to.update(&receipt, &edited(2, Audience::Published)).await.unwrap();
    assert_eq!((to.site.property("post-status")[0].clone(), to.site.with(|s| s.made)), ("published".into(), 1));
    assert_eq!(to.feed.changes(None, &[receipt]).await.unwrap(), Changes::default());
}

#[tokio::test]
async fn nobody_else_learns_the_token() {
    let to = Feeds::new(Choices::default()).await;
    to.site.with(|store| store.lists = true);
    let elsewhere = crate::feed::web::scripted::Scripted::start(|_| Reply::Nothing).await;
    let media = |url: String| RemoteMedia {
        url,
        asset: None,
        kind: MediaKind::Photo,
        alt: BTreeMap::new(),
        name: String::new(),
    };
    let file = tempfile::tempfile().unwrap();
    let answer = to.feed.download(&media(elsewhere.url.to_string()), &mut file.into()).await;
    assert!(matches!(answer, Err(FeedError::Denied)), "{answer:?}");
    assert!(elsewhere.heard().is_empty());
}

#[tokio::test]
async fn what_the_server_took_is_not_made_again_because_it_gives_nothing_back() {
    for audience in [Audience::Draft, Audience::Published] {
        let to = Feeds::new(Choices::default()).await;
        to.site.with(|store| (store.reads, store.unread, store.source) = (false, 400, Some(Reply::Nothing)));
        let wanted = Arc::new(intent(1, audience));
        assert!(matches!(to.create(&wanted).await, Err(FeedError::Lost)), "nobody could be asked");
        to.site.with(|store| store.source = None);
        to.clock.advance(50 * MINUTE);
        match (audience, to.lookup().await) {
            (Audience::Draft, Lookup::CannotTell) => {}
            (Audience::Published, Lookup::Found(held)) => assert!(!held.touched && !held.unfinished),
            (_, other) => panic!("{audience:?}: {other:?}"),
        }
        assert_eq!(to.site.with(|store| store.made), 1);
    }
}

#[tokio::test]
async fn what_somebody_wrote_before_it_could_first_be_read_is_not_written_over() {
    for is_pulled in [false, true] {
        let to = Feeds::new(Choices::default()).await;
        to.site.with(|store| (store.reads, store.unread) = (false, 400));
        let mut receipt = to.receipt(to.create(&Arc::new(intent(1, Audience::Published))).await.unwrap());
        to.site.with(|store| store.reads = true);
        if is_pulled {
            let read = to.feed.changes(None, std::slice::from_ref(&receipt)).await.unwrap().items.remove(0);
            receipt = to.receipt(read.held);
        }
        to.site.with(|store| {
            let content = &mut store.entries.get_mut("/e/1/").unwrap()["content"][0]["html"];
            *content = Value::from(content.as_str().unwrap().replacen("</p>", " theirs</p>", 1));
        });
        let sent = to.update(&receipt, &edited(2, Audience::Published)).await;
        assert!(matches!(sent, Err(FeedError::ChangedThere(_))), "{is_pulled}: {sent:?}");
    }
}

#[tokio::test]
async fn what_the_user_says_is_there_is_changed_there_where_nothing_can_be_read() {
    for unread in [400, 501] {
        let to = Feeds::new(Choices::default()).await;
        to.site.with(|store| {
            (store.reads, store.unread) = (false, unread);
            store.moods = vec![Mood::LostAfter];
        });
        let wanted = Arc::new(intent(1, Audience::Published));
        assert!(matches!(to.create(&wanted).await, Err(FeedError::Lost)));
        to.clock.advance(50 * MINUTE);
        assert_eq!(to.lookup().await, Lookup::CannotTell);
        let told = Receipt {
            remote_id: to.site.url("e/1/").to_string(),
            url: None,
            known: Wanted::Published,
            revision: revision(1),
            version: Digest::of(b""),
            parts: BTreeMap::new(),
            manner: None,
            partial: false,
            confirmed_at: to.clock_now(),
        };
        assert_eq!(to.feed.changes(None, std::slice::from_ref(&told)).await.unwrap(), Changes::default(), "{unread}");
        to.update(&told, &edited(2, Audience::Published)).await.unwrap();
        assert_eq!(to.site.with(|store| store.made), 1, "{unread}");
        assert!(to.site.property("content").to_string().contains("rowing again"), "{unread}");
    }
}

#[tokio::test]
async fn one_language_is_not_made_again_because_the_other_failed_where_nothing_is_given_back() {
    let blind = |store: &mut site::Store| (store.reads, store.unread, store.lists) = (false, 404, false);
    let to = Feeds::at(linked(), blind).await;
    to.site.with(|store| store.moods = vec![Mood::Fine, Mood::Says(404)]);
    assert!(matches!(to.create(&draft()).await, Err(FeedError::Lost)), "one is there, and somebody may want it back");
    assert_eq!(to.site.with(|store| store.made), 1);
    for _ in 0..2 {
        assert!(matches!(to.create(&draft()).await, Err(FeedError::Lost)));
        assert!(matches!(to.lookup().await, Lookup::NotYet(_)));
    }
    to.clock.advance(46 * MINUTE);
    assert_eq!(to.lookup().await, Lookup::CannotTell);
    assert_eq!(to.site.with(|store| store.made), 1);
    to.create(&draft()).await.expect("the user said that it is not there");
    assert_eq!(to.site.with(|store| store.made), 3);
}

#[tokio::test]
async fn of_a_pair_the_user_finds_the_one_that_was_lost() {
    for reads in [false, true] {
        let to = Feeds::at(linked(), |store| (store.reads, store.lists) = (reads, false)).await;
        to.site.with(|store| store.moods = vec![Mood::Fine, Mood::LostAfter]);
        assert!(matches!(to.create(&draft()).await, Err(FeedError::Lost)));
        to.clock.advance(46 * MINUTE);
        assert_eq!(to.lookup().await, Lookup::CannotTell);
        let (first, second) = (to.site.url("e/1/"), to.site.url("e/2/"));
        let known = to.feed.found(first.as_str().trim_end_matches('/'), &to.about()).await;
        assert!(matches!(known, Err(FeedError::Refused)), "that is the other language: {known:?}");
        to.feed.found(second.as_str(), &to.about()).await.unwrap();
        let Lookup::Found(held) = to.lookup().await else { panic!("both are known") };
        assert_eq!(held.remote_id, format!("{first} {second}"));
        to.update(&to.receipt(held), &draft()).await.unwrap();
        let titles = |at: &str| to.site.with(|store| store.entries[at]["name"][0].clone());
        assert_eq!((titles("/e/1/"), titles("/e/2/")), (Value::from("小船"), Value::from("A boat")));
        assert_eq!(to.site.with(|store| store.made), 2);
    }
}

#[tokio::test]
async fn what_somebody_wrote_in_one_language_is_not_written_over_because_the_other_failed() {
    let to = Feeds::new(linked()).await;
    to.site.with(|store| store.moods = vec![Mood::Fine, Mood::Says(404)]);
    assert!(matches!(to.create(&draft()).await, Err(FeedError::Lost)), "one is there, and somebody may want it back");
    let theirs = serde_json::json!([{ "html": "<p>They wrote this.</p>" }]);
    to.site.with(|store| store.entries.get_mut("/e/1/").unwrap().insert("content".into(), theirs.clone()));
    assert!(matches!(to.create(&draft()).await, Err(FeedError::Lost)));
    assert!(matches!(to.lookup().await, Lookup::Found(held) if held.touched));
    assert_eq!(to.site.with(|store| (store.made, store.entries["/e/1/"]["content"].clone())), (1, theirs));
}

#[tokio::test]
async fn who_said_that_one_language_is_missing_is_not_asked_again_because_somebody_wrote_in_the_other() {
    let to = Feeds::new(linked()).await;
    to.site.with(|store| store.moods = vec![Mood::Fine, Mood::LostBefore]);
    assert!(matches!(to.create(&draft()).await, Err(FeedError::Lost)));
    let theirs = serde_json::json!([{ "html": "<p>They wrote this.</p>" }]);
    to.site.with(|store| store.entries.get_mut("/e/1/").unwrap().insert("content".into(), theirs));
    to.clock.advance(46 * MINUTE);
    assert_eq!(to.lookup().await, Lookup::CannotTell);
    assert!(matches!(to.create(&draft()).await, Err(FeedError::Lost)), "the user says no");
    assert!(matches!(to.lookup().await, Lookup::Found(held) if held.touched));
    assert_eq!(to.site.with(|store| store.made), 1);
}
