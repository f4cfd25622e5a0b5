//! Servers that write anew what they are sent, and how a status is known again there.

use super::*;

/// Another post of ours.
async fn send_another(world: &World, body: &str) {
    let elsewhere = Outgoing { notes: Arc::new(Paper::default()), ..world.out() };
    let other = Intent { post: PostId::from_uuid(Uuid::from_u128(2)), ..intent(&[(Lang::en(), "", body)], 0) };
    world.feed().create(&Arc::new(other), &elsewhere).await.unwrap();
}

async fn friendica(rewrites: fn(&str) -> String) -> World {
    let mut world = linked().await;
    world.version = "2.8.0 (compatible; Friendica 2024.12)";
    let ways = Ways { rewrites: Some(rewrites), rename_files: true, keep_alts: true, ..Ways::default() };
    world.state().ways = Ways { forget_keys: true, ..ways };
    world
}

fn worded(photos: u8) -> Intent {
    let manner = Manner { warning: "a < b & c".into(), ..Manner::default() };
    Intent { manner, ..intent(&[(Lang::en(), "Boat", "Calm *water*, a < b.")], photos) }
}

#[tokio::test]
async fn a_lost_status_is_known_again_though_its_words_were_written_anew() {
    let escaped = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;");
    // What is shown tells, where what is said to have been written does not; a warning is shown only.
    let marked = |text: &str| text.replace('*', "[b]").replace("a < b & c", "a &lt; b &amp; c");
    for rewrites in [escaped, marked as fn(&str) -> String] {
        for photos in [0, 2] {
            let world = friendica(rewrites).await;
            world.weather("POST /api/v1/statuses", Weather::LostAfter, 1);
            assert!(matches!(world.create(&worded(photos)).await, Err(FeedError::Lost)));
            let Lookup::Found(held) = world.look_up().await else { panic!("it would be sent twice") };
            assert!(!held.touched && !held.unfinished);
            world.weather("PUT /api/v1/statuses", Weather::LostAfter, 1);
            let edited = later(worded(photos), |content| content.topics.clear());
            assert!(matches!(world.update(&receipt(held), &edited).await, Err(FeedError::Lost)));
            assert!(matches!(world.look_up().await, Lookup::Found(held) if !held.touched), "nobody changed it there");
            assert_eq!(world.texts().len(), 1);
        }
    }
}

/// A status whose answer was lost and that reads otherwise now.
async fn unlike() -> World {
    let mut world = linked().await;
    world.version = "4.0.0 (not true; really snac/2.52)";
    world.state().ways.forget_keys = true;
    world.state().ways.no_history = true;
    world.weather("POST /api/v1/statuses", Weather::LostAfter, 1);
    assert!(matches!(world.create(&worded(0)).await, Err(FeedError::Lost)));
    let text = "Boat - Calm <i>water</i>, a < b.";
    world.state().edit("1001", &json!({"status": text, "spoiler_text": "", "media_ids": []}));
    world.clock.advance(46 * MINUTE);
    for _ in 0..2 {
        assert_eq!(world.look_up().await, Lookup::CannotTell, "nobody guesses");
    }
    world
}

#[tokio::test]
async fn the_user_tells_that_a_status_that_reads_otherwise_is_another() {
    let world = unlike().await;
    world.create(&worded(0)).await.unwrap();
    assert_eq!(world.texts().len(), 2);
    assert!(matches!(world.look_up().await, Lookup::Found(held) if held.remote_id == "1002" && !held.touched));
}

#[tokio::test]
async fn the_user_tells_that_a_status_that_reads_otherwise_is_it() {
    let world = unlike().await;
    let there = world.feed().list(None).await.unwrap().items.remove(0);
    world.update(&receipt(there.held), &worded(0)).await.unwrap();
    assert_eq!(world.texts(), ["Boat\n\nCalm *water*, a < b.\n\n#奶茶"]);
}

#[tokio::test]
async fn another_post_that_was_sent_meanwhile_troubles_nobody() {
    let world = friendica(str::to_owned).await;
    world.weather("POST /api/v1/statuses", Weather::LostBefore, 1);
    assert!(matches!(world.create(&worded(0)).await, Err(FeedError::Lost)));
    send_another(&world, "Something else, in other words.").await;
    world.clock.advance(46 * MINUTE);
    assert_eq!(world.look_up().await, Lookup::Absent);
}

#[tokio::test]
async fn a_lost_reply_is_found_where_no_replies_are_listed() {
    let mut world = linked().await;
    world.version = "3.5.3 (compatible; Pixelfed 0.12.3)";
    let ways = Ways { hide_replies: true, no_source: true, ..Ways::default() };
    world.state().ways = Ways { refuse_keys: true, ..ways };
    world.weather("POST /api/v1/statuses", Weather::Fine, 1);
    world.weather("POST /api/v1/statuses", Weather::LostAfter, 1);
    assert!(matches!(world.create(&bilingual(0)).await, Err(FeedError::Lost)));
    let Lookup::Found(held) = world.look_up().await else { panic!("it would be sent twice") };
    assert!(!held.touched && !held.unfinished);
    assert_eq!(world.texts().len(), 2);
}

#[tokio::test]
async fn of_a_pair_the_user_finds_the_status_that_was_lost() {
    let mut world = linked().await;
    world.version = "4.0.0 (not true; really snac/2.52)";
    world.state().ways.forget_keys = true;
    world.state().ways.no_history = true;
    world.weather("POST /api/v1/statuses", Weather::Fine, 1);
    world.weather("POST /api/v1/statuses", Weather::LostAfter, 1);
    assert!(matches!(world.create(&bilingual(0)).await, Err(FeedError::Lost)));
    let text = format!("{} <i>indeed</i>", world.texts()[1]);
    world.state().edit("1002", &json!({ "status": text, "spoiler_text": "", "media_ids": [] }));
    world.clock.advance(46 * MINUTE);
    assert_eq!(world.look_up().await, Lookup::CannotTell);
    for wrong in ["https://social.example/@me/1001", "https://social.example/@me/9"] {
        assert!(matches!(world.feed().found(wrong, &world.about()).await, Err(FeedError::Refused)), "{wrong}");
    }
    world.feed().found("https://social.example/@me/1002/", &world.about()).await.unwrap();
    let Lookup::Found(held) = world.look_up().await else { panic!("both are known") };
    assert!(held.touched, "{held:?}");
    let before = world.texts();
    world.update(&receipt(held), &bilingual(0)).await.unwrap();
    assert_eq!((world.texts().len(), &world.texts()[0]), (2, &before[0]));
    assert_ne!(world.texts()[1], before[1]);
}
