//! Answers that are lost, and what is done about them.

use super::*;

/// Sends a post whose answer is lost, and answers the name of its status.
async fn lost(world: &World, intent: &Intent) -> String {
    world.weather("POST /api/v1/statuses", Weather::LostAfter, 1);
    assert!(matches!(world.create(intent).await, Err(FeedError::Lost)));
    world.state().statuses[0]["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_lost_answer_is_found_again_by_the_files_or_by_the_text() {
    for photos in [0, 1] {
        let world = linked().await;
        world.weather("POST /api/v1/statuses", Weather::LostAfter, 1);
        assert!(matches!(world.create(&bilingual(photos)).await, Err(FeedError::Lost)));
        let Lookup::Found(held) = world.look_up().await else { panic!("it is there") };
        assert!(held.unfinished && !held.touched, "the second language is missing");
        let held = world.update(&receipt(held), &bilingual(photos)).await.unwrap();
        assert!(!held.unfinished);
        assert_eq!(world.texts().len(), 2);
        assert!(
            matches!(world.look_up().await, Lookup::Found(found) if !found.unfinished && found.version == held.version)
        );
    }
}

#[tokio::test]
async fn a_status_whose_answer_leads_to_another_page_may_be_there() {
    for status in [301, 302, 307, 308] {
        let world = linked().await;
        let short = intent(&[(Lang::en(), "", "Good morning.")], 0);
        world.weather("POST /api/v1/statuses", Weather::Leads(status), 1);
        assert!(matches!(world.create(&short).await, Err(FeedError::Lost)), "{status}");
        assert!(matches!(world.look_up().await, Lookup::Found(_)), "{status}");
    }
}

#[tokio::test]
async fn a_lost_status_is_known_again_by_what_it_said_before_somebody_wrote_in_it() {
    let world = linked().await;
    let short = intent(&[(Lang::en(), "", "Good morning.")], 0);
    let id = lost(&world, &short).await;
    for text in ["Rain all day", "Rain all week"] {
        drop(world.state().edit(&id, &json!({ "status": text, "spoiler_text": "", "media_ids": [] })));
    }
    world.clock.advance(3 * 60 * 60_000);
    let Lookup::Found(held) = world.look_up().await else { panic!("it is there, though it reads otherwise") };
    assert!(held.touched && held.remote_id == id, "{held:?}");
    assert_eq!(world.texts(), ["Rain all week"]);
}

#[tokio::test]
async fn an_older_status_with_the_same_text_is_not_taken_for_the_lost_one() {
    let world = linked().await;
    let short = intent(&[(Lang::en(), "", "Good morning.")], 0);
    let older = Intent { post: PostId::from_uuid(Uuid::from_u128(2)), ..short.clone() };
    let elsewhere = Outgoing { notes: Arc::new(Paper::default()), ..world.out() };
    world.feed().create(&Arc::new(older), &elsewhere).await.unwrap();
    world.weather("POST /api/v1/statuses", Weather::LostBefore, 1);
    assert!(matches!(world.create(&short).await, Err(FeedError::Lost)));
    assert_eq!(world.look_up().await, Lookup::Absent);
    world.create(&short).await.unwrap();
    assert_eq!(world.texts().len(), 2);
}

/// A server that does not tell the time, before a computer whose clock is far ahead.
async fn untimed() -> World {
    let world = linked().await;
    world.state().ways.untimed = true;
    world.set_our_clock(8 * 60 * MINUTE);
    world
}

/// Makes an older status that says the same.
async fn make_older(world: &World, intent: &Intent) {
    let older = Intent { post: PostId::from_uuid(Uuid::from_u128(2)), ..intent.clone() };
    let elsewhere = Outgoing { notes: Arc::new(Paper::default()), ..world.out() };
    world.feed().create(&Arc::new(older), &elsewhere).await.unwrap();
    world.clock.advance(10 * MINUTE);
}

#[tokio::test]
async fn a_lost_status_is_known_again_by_a_clock_that_is_ahead_of_a_server_that_does_not_tell_the_time() {
    let short = intent(&[(Lang::en(), "", "Good morning.")], 0);
    for version in ["Mastodon 4.6.0", "GoToSocial 0.19.1"] {
        for weather in [Weather::LostAfter, Weather::LostBefore] {
            let mut world = untimed().await;
            world.version = version;
            make_older(&world, &short).await;
            world.weather("POST /api/v1/statuses", weather, 1);
            assert!(matches!(world.create(&short).await, Err(FeedError::Lost)));
            world.clock.advance(46 * MINUTE);
            match (world.look_up().await, weather) {
                (Lookup::Found(held), Weather::LostAfter) => assert_eq!(held.remote_id, "1002", "{version}"),
                (Lookup::Absent, Weather::LostBefore) => {}
                (other, _) => panic!("{version} {weather:?}: {other:?}"),
            }
        }
    }
}

#[tokio::test]
async fn what_may_be_the_lost_status_by_nobodys_clock_is_asked_about_and_not_sent_twice() {
    let world = untimed().await;
    let short = intent(&[(Lang::en(), "", "Good morning.")], 0);
    lost(&world, &short).await;
    world.clock.advance(46 * MINUTE);
    assert_eq!(world.look_up().await, Lookup::CannotTell, "there was no status before that a time is known of");
    // With files it is known by these only.
    let world = untimed().await;
    make_older(&world, &short).await;
    world.weather("POST /api/v1/statuses", Weather::LostAfter, 1);
    assert!(matches!(world.create(&intent(&[(Lang::en(), "", "Good morning.")], 1)).await, Err(FeedError::Lost)));
    world.clock.advance(46 * MINUTE);
    assert_eq!(world.look_up().await, Lookup::CannotTell);
}

#[tokio::test]
async fn what_did_not_arrive_is_sent_again_with_the_same_key_and_the_same_body() {
    let world = linked().await;
    world.weather("POST /api/v1/statuses", Weather::LostBefore, 1);
    assert!(matches!(world.create(&bilingual(0)).await, Err(FeedError::Lost)));
    assert_eq!(world.look_up().await, Lookup::Absent);
    // Meanwhile it was edited: what is repeated under the key is the frozen body, and then it is edited there.
    let edited = later(bilingual(0), |content| content.topics.push("boat".into()));
    world.create(&edited).await.unwrap();
    let posts: Vec<Heard> = world
        .server
        .heard()
        .into_iter()
        .filter(|h| h.method == "POST" && h.target.path() == "/api/v1/statuses")
        .collect();
    assert_eq!(posts[0].header("idempotency-key"), posts[1].header("idempotency-key"));
    assert_eq!(posts[0].body, posts[1].body);
    assert_ne!(posts[1].header("idempotency-key"), posts[2].header("idempotency-key"));
    assert_eq!(world.texts(), ["小船\n\n水面很静。\n\n#奶茶 #boat", "Boat\n\nCalm water.\n\n#奶茶 #boat"]);
}

#[tokio::test]
async fn a_server_that_forgets_keys_is_waited_for_and_asked_once_more() {
    let mut world = linked().await;
    world.version = "2.7.2 (compatible; Pleroma 2.5.0)";
    world.state().ways.forget_keys = true;
    world.weather("POST /api/v1/statuses", Weather::LostBefore, 1);
    assert!(matches!(world.create(&bilingual(0)).await, Err(FeedError::Lost)));
    let ask_at = Timestamp::from_millis(NOW + 45 * MINUTE);
    assert_eq!(world.look_up().await, Lookup::NotYet(ask_at));
    assert!(matches!(world.create(&bilingual(0)).await, Err(FeedError::Lost)), "nothing is sent in between");
    assert_eq!(world.count("POST /api/v1/statuses"), 1);
    world.set_our_clock(DAY);
    let ask_at = Timestamp::from_millis(NOW + DAY + 45 * MINUTE);
    assert_eq!(world.look_up().await, Lookup::NotYet(ask_at), "no time has gone by there");
    world.clock.advance(45 * MINUTE);
    assert_eq!(world.look_up().await, Lookup::Absent);
    world.create(&bilingual(0)).await.unwrap();
    assert_eq!(world.texts().len(), 2);
}

#[tokio::test]
async fn a_lost_answer_is_found_again_after_our_clock_was_set() {
    for (photos, set) in [(0, -DAY), (1, -DAY), (0, DAY), (1, DAY)] {
        let world = linked().await;
        world.weather("POST /api/v1/statuses", Weather::LostAfter, 1);
        assert!(matches!(world.create(&bilingual(photos)).await, Err(FeedError::Lost)));
        world.set_our_clock(set);
        assert!(arrives(&world, &bilingual(photos)).await, "{photos} photos, {set}");
        assert_eq!(world.texts().len(), 2, "{photos} photos, {set}: not a third");
    }
}

#[tokio::test]
async fn what_somebody_wrote_in_a_status_whose_answer_was_lost_is_read_before_it_counts_as_ours() {
    let world = linked().await;
    let one = intent(&[(Lang::en(), "Boat", "Calm water.")], 0);
    let id = lost(&world, &one).await;
    world.state().edit(&id, &json!({"status": "Stormy water.", "spoiler_text": "", "media_ids": []}));
    let again = world.create(&one).await;
    assert!(matches!(again, Err(FeedError::Lost)), "the key gives the status that is there: {again:?}");
    let Lookup::Found(held) = world.look_up().await else { panic!("it is there") };
    assert!(held.touched);
    assert_eq!(world.texts(), ["Stormy water."]);
}

#[tokio::test]
async fn an_old_try_is_not_repeated_even_where_keys_are_kept() {
    let world = linked().await;
    world.weather("POST /api/v1/statuses", Weather::LostAfter, 1);
    assert!(matches!(world.create(&bilingual(0)).await, Err(FeedError::Lost)));
    world.clock.advance(26 * MINUTE);
    assert!(matches!(world.create(&bilingual(0)).await, Err(FeedError::Lost)));
    assert_eq!(world.count("POST /api/v1/statuses"), 1);
    assert!(matches!(world.look_up().await, Lookup::Found(held) if held.unfinished));
}

#[tokio::test]
async fn a_try_is_as_old_as_the_server_says_after_our_clock_was_set_back() {
    let world = linked().await;
    world.weather("POST /api/v1/statuses", Weather::LostBefore, 1);
    assert!(matches!(world.create(&bilingual(0)).await, Err(FeedError::Lost)));
    world.weather("POST /api/v1/statuses", Weather::Says(429), 1);
    assert!(matches!(world.create(&bilingual(0)).await, Err(FeedError::Busy(_))), "the same once more, in vain");
    world.clock.advance(2 * 60 * MINUTE);
    world.set_our_clock(-115 * MINUTE);
    assert!(matches!(world.create(&bilingual(0)).await, Err(FeedError::Lost)), "it is looked for first");
    assert_eq!(world.count("POST /api/v1/statuses"), 2);
}

#[tokio::test]
async fn a_server_that_is_too_busy_says_for_how_long_also_where_nobody_knows_what_it_did() {
    let world = linked().await;
    world.weather("POST /api/v1/statuses", Weather::Says(503), 1);
    assert!(matches!(world.create(&bilingual(0)).await, Err(FeedError::Lost)));
    world.look_up().await;
    assert_eq!(world.feed().rest(), Some(120_000), "whatever it answers who only asks");
    world.clock.advance(120_000);
    assert_eq!(world.feed().rest(), None);
}

#[tokio::test]
async fn nothing_is_lost_or_doubled_wherever_an_answer_is_lost() {
    for photos in [0, 1] {
        for weather in [Weather::LostBefore, Weather::LostAfter, Weather::Says(503), Weather::Says(200)] {
            lose_each(weather, photos, false).await;
        }
    }
}

#[tokio::test]
async fn nothing_is_lost_or_doubled_where_the_server_reads_from_a_copy_that_is_behind() {
    for weather in [Weather::LostBefore, Weather::LostAfter, Weather::Says(404)] {
        lose_each(weather, 0, true).await;
    }
}

/// Sends a pair once for each request that is made for it, with that one's weather.
async fn lose_each(weather: Weather, photos: u8, lag: bool) {
    for skipped in 0.. {
        let world = linked().await;
        world.state().ways.lag = lag;
        world.weather("", Weather::Fine, skipped);
        world.weather("", weather, 1);
        assert!(arrives(&world, &bilingual(photos)).await, "after {skipped} requests");
        assert_eq!(
            world.texts(),
            ["小船\n\n水面很静。\n\n#奶茶", "Boat\n\nCalm water.\n\n#奶茶"],
            "{weather:?} after {skipped} requests"
        );
        if world.server.lines().len() <= usize::try_from(skipped).unwrap() {
            break;
        }
    }
}

/// Goes on as the outbox does. What was made is shown a little later.
async fn arrives(world: &World, intent: &Intent) -> bool {
    let mut known: Option<Receipt> = None;
    for _ in 0..12 {
        let answer = match &known {
            Some(known) => world.update(known, intent).await,
            None => world.create(intent).await,
        };
        match answer {
            Ok(_) => return true,
            Err(FeedError::Lost) => match world.feed().lookup(&world.about()).await {
                Ok(Lookup::Found(held)) if held.touched => return false,
                Ok(Lookup::Found(held)) if held.unfinished => known = Some(receipt(held)),
                Ok(Lookup::Found(_)) => return true,
                _ => {}
            },
            Err(_) => {}
        }
        world.state().catch_up();
    }
    false
}

#[tokio::test]
async fn what_is_public_of_a_post_that_is_not_whole_can_be_taken_back() {
    for (at, skipped, status) in
        [("POST /api/v1/statuses", 1, 429), ("POST /api/v1/statuses", 1, 422), ("GET /api/v1/statuses", 0, 503)]
    {
        let world = linked().await;
        world.weather(at, Weather::Fine, skipped);
        world.weather(at, Weather::Says(status), 1);
        let made = world.create(&bilingual(0)).await;
        assert!(matches!(made, Err(FeedError::Lost)), "{at} {status}: {made:?}");
        let Lookup::Found(held) = world.look_up().await else { panic!("{at} {status}") };
        world.feed().withdraw(&receipt(held), &world.about()).await.unwrap();
        assert!(world.texts().is_empty(), "{at} {status}");
    }
}

/// A pair of which the second language arrived, its answer was lost, and the first was deleted there. The first may have
/// been sent before and confirmed.
async fn orphaned(photos: u8, version: &'static str, is_confirmed: bool) -> World {
    let mut world = linked().await;
    world.version = version;
    let known = match is_confirmed {
        true => {
            let chinese = intent(&[(Lang::zh_hans(), "小船", "水面很静。")], photos);
            Some(receipt(world.create(&chinese).await.unwrap()))
        }
        false => {
            world.weather("POST /api/v1/statuses", Weather::Fine, 1);
            None
        }
    };
    world.weather("POST /api/v1/statuses", Weather::LostAfter, 1);
    let both = later(bilingual(photos), |_| {});
    let sent = match &known {
        Some(known) => world.update(known, &both).await,
        None => world.create(&both).await,
    };
    assert!(matches!(sent, Err(FeedError::Lost)), "{sent:?}");
    let parent = world.state().statuses[0]["id"].as_str().unwrap().to_owned();
    world.state().remove_status(&parent);
    // Mastodon remembers a key for an hour.
    world.clock.advance(61 * MINUTE);
    world.state().ways.forget_keys = true;
    world
}

const SERVERS: [&str; 2] = ["Mastodon 4.6.0", "2.7.2 (compatible; Akkoma 3.13.2)"];

#[tokio::test]
async fn a_lost_reply_is_known_again_though_what_it_answered_was_deleted() {
    for (photos, version) in [(0, SERVERS[0]), (1, SERVERS[0]), (0, SERVERS[1])] {
        let world = orphaned(photos, version, true).await;
        let Lookup::Found(held) = world.look_up().await else { panic!("{version}: it would be sent twice") };
        assert!(held.touched, "the other language is gone");
        let known = receipt(held);
        // The user wants all of it to be there.
        world.update(&known, &later(bilingual(photos), |_| {})).await.unwrap();
        assert_eq!(world.texts(), ["Boat\n\nCalm water.\n\n#奶茶", "小船\n\n水面很静。\n\n#奶茶"], "{version}");

        let world = orphaned(photos, version, true).await;
        let Lookup::Found(held) = world.look_up().await else { panic!("it would stay public") };
        let read = world.feed().fetch(&receipt(held.clone()), &world.about()).await.unwrap();
        assert_eq!(read.sides.keys().collect::<Vec<_>>(), [&Lang::en()]);
        assert_eq!(read.held.version, held.version, "nobody changed it there");
        world.feed().withdraw(&receipt(held), &world.about()).await.unwrap();
        assert_eq!(world.texts().len(), 0, "{version}");
    }
}

#[tokio::test]
async fn a_reply_whose_parent_was_deleted_is_sent_once_where_neither_was_confirmed() {
    for photos in [0, 1] {
        let world = orphaned(photos, SERVERS[0], false).await;
        assert_eq!(world.look_up().await, Lookup::CannotTell, "the first was named and is not shown");
        // The user says that it is not there.
        let held = world.create(&later(bilingual(photos), |_| {})).await.unwrap();
        assert_eq!(world.texts(), ["Boat\n\nCalm water.\n\n#奶茶", "小船\n\n水面很静。\n\n#奶茶"]);
        let edited = later(bilingual(photos), |content| content.topics.clear());
        let edited = Intent { revision: RevisionId::from_uuid(Uuid::from_u128(12)), ..edited };
        let known = receipt(world.update(&receipt(held), &edited).await.unwrap());
        assert_eq!(world.texts(), ["Boat\n\nCalm water.", "小船\n\n水面很静。"]);
        world.feed().withdraw(&known, &world.about()).await.unwrap();
        assert_eq!(world.texts().len(), 0);
    }
}

#[tokio::test]
async fn what_says_the_same_and_answers_nothing_is_asked_about_while_what_the_lost_one_answered_is_there() {
    let world = linked().await;
    world.weather("POST /api/v1/statuses", Weather::Fine, 1);
    world.weather("POST /api/v1/statuses", Weather::LostBefore, 1);
    assert!(matches!(world.create(&bilingual(0)).await, Err(FeedError::Lost)));
    let by_hand =
        Intent { post: PostId::from_uuid(Uuid::from_u128(2)), ..intent(&[(Lang::en(), "Boat", "Calm water.")], 0) };
    let elsewhere = Outgoing { notes: Arc::new(Paper::default()), ..world.out() };
    world.feed().create(&Arc::new(by_hand), &elsewhere).await.unwrap();
    world.clock.advance(46 * MINUTE);
    assert_eq!(world.look_up().await, Lookup::CannotTell);
}
