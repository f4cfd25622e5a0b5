//! What statuses are made of a post, and how they are changed.

use super::*;
use crate::feed::memory::Told;

#[tokio::test]
async fn a_bilingual_post_becomes_a_linked_pair_with_languages_and_alt_texts() {
    let world = linked().await;
    let held = world.create(&bilingual(4)).await.unwrap();
    assert_eq!(world.texts(), ["小船\n\n水面很静。\n\n#奶茶", "Boat\n\nCalm water.\n\n#奶茶"]);
    let state = world.state();
    let [zh, en] = state.statuses.as_slice() else { panic!("two statuses") };
    assert_eq!((&zh["language"], &en["language"]), (&json!("zh"), &json!("en")));
    assert_eq!((&en["in_reply_to_id"], &zh["in_reply_to_id"]), (&zh["id"], &json!(null)));
    let alts = |status: &Value| -> Vec<Value> {
        status["media_attachments"].as_array().unwrap().iter().map(|file| file["description"].clone()).collect()
    };
    assert_eq!(alts(zh), ["茶1", "茶2", "茶3", "茶4"]);
    assert_eq!(alts(en), ["tea 1", "tea 2", "tea 3", "tea 4"]);
    assert_eq!(held.remote_id, zh["id"].as_str().unwrap());
    assert_eq!(held.url.as_deref(), zh["url"].as_str());
}

#[tokio::test]
async fn the_preview_is_what_is_sent() {
    let world = World::new(LanguageLayout::Linked, LongText::Split).await;
    let long = intent(&[(Lang::en(), "Boat", &"Calm water all day. ".repeat(12)), (Lang::zh_hans(), "", "水。")], 6);
    let items = world.feed().items(&long);
    world.create(&long).await.unwrap();
    assert_eq!(items.iter().map(|item| item.text.clone()).collect::<Vec<_>>(), world.texts());
    let files: Vec<usize> =
        world.state().statuses.iter().map(|s| s["media_attachments"].as_array().unwrap().len()).collect();
    assert_eq!(items.iter().map(|item| item.files.len()).collect::<Vec<_>>(), files);
    assert!(items.iter().all(|item| item.length.unwrap() <= 100));
}

#[tokio::test]
async fn what_is_too_long_is_refused_or_split_and_never_cut() {
    let world = linked().await;
    let long = intent(&[(Lang::en(), "", &"word ".repeat(30))], 0);
    assert!(matches!(world.create(&long).await, Err(FeedError::TooLong)));
    assert_eq!(world.feed().items(&long)[0].length, Some(149 + 5), "the preview shows all of it");
    assert_eq!(world.count("POST /api/v1/statuses"), 0);
    let draft = Intent { audience: Audience::Draft, ..bilingual(0) };
    assert!(matches!(world.create(&draft).await, Err(FeedError::Refused)), "there are no drafts here");
    let unseen = later(bilingual(0), |content| content.sides.clear());
    let unseen = later(unseen, |content| content.topics.clear());
    assert!(matches!(world.create(&unseen).await, Err(FeedError::Refused)), "nothing to show");
}

#[tokio::test]
async fn an_edit_goes_to_the_same_statuses_and_keeps_their_files() {
    let world = linked().await;
    let known = receipt(world.create(&bilingual(2)).await.unwrap());
    let edited = later(bilingual(2), |content| content.sides.get_mut(&Lang::en()).unwrap().body = "Wind.".into());
    let edited = Intent {
        media: vec![OutgoingMedia { alt: [(Lang::en(), "new".into())].into(), ..photo(1) }, photo(2)],
        ..edited
    };
    let held = world.update(&known, &edited).await.unwrap();
    assert_eq!((held.remote_id.as_str(), held.revision), (known.remote_id.as_str(), Some(edited.revision)));
    assert_eq!(world.texts(), ["小船\n\n水面很静。\n\n#奶茶", "Boat\n\nWind.\n\n#奶茶"]);
    assert_eq!(world.count("POST /api/v2/media"), 4, "no file was sent again");
    assert_eq!(world.state().statuses[1]["media_attachments"][0]["description"], "new");
    let changed: Vec<&String> =
        held.parts.iter().filter(|(name, d)| known.parts.get(*name) != Some(d)).map(|(n, _)| n).collect();
    assert_eq!(changed, ["body.en", "media"]);
}

#[tokio::test]
async fn a_language_that_comes_or_goes_makes_or_takes_away_its_status() {
    let world = linked().await;
    let one = intent(&[(Lang::zh_hans(), "小船", "水面很静。")], 1);
    let known = receipt(world.create(&one).await.unwrap());
    let known = receipt(world.update(&known, &later(bilingual(1), |_| {})).await.unwrap());
    assert_eq!(world.texts().len(), 2);
    let one = Intent { revision: RevisionId::from_uuid(Uuid::from_u128(12)), ..one };
    let held = world.update(&known, &one).await.unwrap();
    assert_eq!(world.texts(), ["小船\n\n水面很静。\n\n#奶茶"]);
    assert!(matches!(world.look_up().await, Lookup::Found(found) if found == held));
}

#[tokio::test]
async fn files_are_waited_for_and_not_sent_twice() {
    let world = linked().await;
    world.state().slow = 1;
    world.weather("POST /api/v1/statuses", Weather::Says(429), 1);
    let one = intent(&[(Lang::en(), "", "x")], 1);
    assert!(matches!(world.create(&one).await, Err(FeedError::Busy(Some(120_000)))));
    world.create(&one).await.unwrap();
    assert_eq!(world.count("POST /api/v2/media"), 1);
    world.weather("POST /api/v1/statuses", Weather::Says(422), 1);
    world.feed().withdraw(&receipt(world.create(&one).await.unwrap()), &world.about()).await.unwrap();
    assert!(matches!(world.create(&one).await, Err(FeedError::Refused)));
    world.clock.advance(21 * 60 * MINUTE);
    world.create(&one).await.unwrap();
    assert_eq!(world.count("POST /api/v2/media"), 3, "the server swept the one before");
}

#[tokio::test]
async fn a_language_that_goes_or_comes_first_leaves_the_other_where_it_is() {
    let world = linked().await;
    let known = receipt(world.create(&bilingual(1)).await.unwrap());
    let id = |at: usize| world.state().statuses[at]["id"].as_str().unwrap().to_owned();
    let english = id(1);
    let only =
        Intent { revision: RevisionId::from_uuid(Uuid::from_u128(11)), ..intent(&[(Lang::en(), "Boat", "Wind.")], 1) };
    let held = world.update(&known, &only).await.unwrap();
    assert_eq!((world.texts(), id(0)), (vec!["Boat\n\nWind.\n\n#奶茶".to_owned()], english.clone()));
    assert_eq!(held.remote_id, english);
    let again = Intent { revision: RevisionId::from_uuid(Uuid::from_u128(12)), ..bilingual(1) };
    let held = world.update(&receipt(held), &again).await.unwrap();
    assert_eq!((world.texts().len(), id(0)), (2, english));
    let read = world.feed().fetch(&receipt(held), &world.about()).await.unwrap();
    let sides: Vec<(&str, &str)> = read.sides.values().map(|side| (side.title.as_str(), side.body.as_str())).collect();
    assert_eq!(sides, [("Boat", "Calm water."), ("小船", "水面很静。")]);
}

#[tokio::test]
async fn a_text_that_grows_goes_on_in_its_own_language() {
    let world = World::new(LanguageLayout::Linked, LongText::Split).await;
    let known = receipt(world.create(&bilingual(0)).await.unwrap());
    let grown = later(bilingual(0), |content| {
        content.sides.get_mut(&Lang::zh_hans()).unwrap().body = "水面很静，没有风。".repeat(12);
    });
    let held = world.update(&known, &grown).await.unwrap();
    assert_eq!(world.texts().len(), 4);
    assert_eq!(world.texts()[1], "Boat\n\nCalm water.\n\n#奶茶", "the English status stays the English one");
    let read = world.feed().fetch(&receipt(held), &world.about()).await.unwrap();
    assert_eq!(read.sides[&Lang::zh_hans()].body, grown.content.sides[&Lang::zh_hans()].body);
    assert_eq!(read.sides[&Lang::en()].body, "Calm water.");
}

#[tokio::test]
async fn a_file_whose_alt_text_is_too_long_is_named_before_anything_leaves() {
    let told = |letters: usize| OutgoingMedia { alt: [(Lang::en(), "茶".repeat(letters))].into(), ..photo(2) };
    for long_text in [LongText::Refuse, LongText::Split] {
        let world = World::new(LanguageLayout::Linked, long_text).await;
        let post = |letters| Intent { media: vec![photo(1), told(letters)], ..bilingual(0) };
        let long = world.create(&post(51)).await;
        assert!(matches!(long, Err(FeedError::AltTooLong(asset)) if asset == photo(2).asset), "{long:?}");
        assert_eq!(world.server.lines().len(), 0);
        assert_eq!(world.feed().items(&post(51))[0].long_alts, [photo(2).asset]);
        assert_eq!(world.feed().items(&post(50))[0].long_alts, []);
        world.create(&post(50)).await.unwrap();
    }
}

#[tokio::test]
async fn files_that_one_status_does_not_take_are_refused_or_follow_in_replies() {
    let clip = OutgoingMedia { kind: MediaKind::Clip, extension: "mp4".into(), mime: "video/mp4".into(), ..photo(9) };
    let mixed = Intent { media: vec![photo(1), clip], ..bilingual(0) };
    let refuses = linked().await;
    assert!(matches!(refuses.create(&bilingual(5)).await, Err(FeedError::TooManyFiles)));
    assert!(matches!(refuses.create(&mixed).await, Err(FeedError::Mixed)));
    assert_eq!(refuses.server.lines().len(), 0);
    assert_eq!(refuses.feed().items(&mixed)[0].files.len(), 2, "the preview shows why");
    let splits = World::new(LanguageLayout::Linked, LongText::Split).await;
    splits.create(&mixed).await.unwrap();
    let files: Vec<usize> =
        splits.state().statuses.iter().map(|s| s["media_attachments"].as_array().unwrap().len()).collect();
    assert_eq!((files, splits.feed().items(&mixed).len()), (vec![1, 1, 1, 1], 4));
    let replies: Vec<bool> = splits.state().statuses.iter().map(|s| s["in_reply_to_id"].is_string()).collect();
    assert_eq!(replies, [false, true, true, true]);
}

#[tokio::test]
async fn all_bytes_are_known_before_the_first_one_leaves() {
    let (world, told) = (linked().await, Arc::new(Told::default()));
    let out = Outgoing { progress: Arc::clone(&told) as Arc<dyn Progress>, ..world.out() };
    world.feed().create(&Arc::new(bilingual(2)), &out).await.unwrap();
    assert_eq!(told.bytes(), [(6, 24), (12, 24), (18, 24), (24, 24)], "two photos in two statuses");
}

#[tokio::test]
async fn a_file_that_the_server_is_long_not_done_with_holds_up_no_other_post_and_not_for_ever() {
    let world = linked().await;
    let one = intent(&[(Lang::en(), "", "x")], 1);
    world.state().slow = 1_000;
    world.weather("GET /api/v1/media", Weather::Says(503), 1);
    assert!(matches!(world.create(&one).await, Err(FeedError::Busy(_))));
    world.clock.advance(6 * MINUTE);
    let again = world.create(&one).await;
    assert!(matches!(again, Err(FeedError::NotYet(at)) if at == Timestamp::from_millis(NOW + 7 * MINUTE)), "{again:?}");
    world.clock.advance(2 * 60 * MINUTE);
    assert!(matches!(world.create(&one).await, Err(FeedError::FileRefused(_))), "the user is told");
    world.state().slow = 0;
    world.create(&one).await.unwrap();
    assert_eq!((world.texts().len(), world.count("POST /api/v2/media")), (1, 2));
}
