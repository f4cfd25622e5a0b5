//! What is there after it was written: only what is as it was sent is said to be.

use super::*;

fn told(number: u8, english: &str, chinese: &str) -> OutgoingMedia {
    let alt = [(Lang::en(), english.to_owned()), (Lang::zh_hans(), chinese.to_owned())].into();
    OutgoingMedia { alt, ..photo(number) }
}

fn shown(world: &World, at: usize, file: usize) -> Value {
    world.state().statuses[at]["media_attachments"][file]["description"].clone()
}

#[tokio::test]
async fn a_changed_alt_text_arrives_where_files_have_other_names_in_a_status() {
    let mut world = linked().await;
    world.version = "2.8.0 (compatible; Friendica 2024.12)";
    world.state().ways = Ways { keep_alts: true, rename_files: true, forget_keys: true, ..Ways::default() };
    let known = receipt(world.create(&bilingual(2)).await.unwrap());
    let edited = Intent { media: vec![photo(1), told(2, "new", "新")], ..later(bilingual(2), |_| {}) };
    world.update(&known, &edited).await.unwrap();
    assert_eq!((shown(&world, 0, 0), shown(&world, 0, 1)), (json!("茶1"), json!("新")));
    assert_eq!((shown(&world, 1, 0), shown(&world, 1, 1)), (json!("tea 1"), json!("new")));
    assert_eq!(world.count("POST /api/v1/media") + world.count("POST /api/v2/media"), 4, "no file was sent again");
}

#[tokio::test]
async fn an_alt_text_that_does_not_arrive_is_the_users_to_know() {
    let mut world = linked().await;
    world.version = "4.2.1 (compatible; Iceshrimp 2023.12)";
    world.state().ways = Ways { keep_alts: true, no_describing: true, ..Ways::default() };
    let known = receipt(world.create(&bilingual(1)).await.unwrap());
    let edited = Intent { media: vec![told(1, "new", "新")], ..later(bilingual(1), |_| {}) };
    assert!(matches!(world.update(&known, &edited).await, Err(FeedError::Lost)));
    let Lookup::Found(held) = world.look_up().await else { panic!("it is there") };
    assert!(held.unfinished && !held.touched, "it is written once more");
    let known = receipt(held);
    for _ in 0..2 {
        assert!(matches!(world.update(&known, &edited).await, Err(FeedError::CannotChange)));
    }
    let back = Intent { revision: RevisionId::from_uuid(Uuid::from_u128(12)), ..bilingual(1) };
    world.update(&known, &back).await.unwrap();
}

#[tokio::test]
async fn a_file_that_the_server_dropped_is_sent_again() {
    let mut world = linked().await;
    world.version = "2.7.2 (compatible; Pleroma 2.5.0)";
    world.state().ways = Ways { drop_files: 1, forget_keys: true, ..Ways::default() };
    let one = intent(&[(Lang::en(), "", "x")], 2);
    assert!(matches!(world.create(&one).await, Err(FeedError::Lost)), "not all of it is there");
    let Lookup::Found(held) = world.look_up().await else { panic!("it is there") };
    assert!(held.unfinished && !held.touched);
    world.update(&receipt(held), &one).await.unwrap();
    assert_eq!((shown(&world, 0, 0), shown(&world, 0, 1)), (json!("tea 1"), json!("tea 2")));
    assert_eq!(world.texts().len(), 1);
}

#[tokio::test]
async fn words_that_somebody_wrote_right_after_ours_are_not_taken_for_ours() {
    let world = linked().await;
    world.state().ways.rewrites = Some(|text| text.replace("Calm", "Stormy"));
    let first = world.create(&intent(&[(Lang::en(), "", "Calm water.")], 0)).await;
    assert!(matches!(first, Err(FeedError::Lost)), "{first:?}");
    assert!(matches!(world.look_up().await, Lookup::Found(held) if held.touched));
}

#[tokio::test]
async fn a_language_is_told_in_two_letters_where_no_other_is_known() {
    for (lang, told) in [("zh-Hant", json!("zh")), ("en-GB", json!("en")), ("yue", json!(null))] {
        let mut world = linked().await;
        world.version = "2.7.2 (compatible; Akkoma 3.13.2)";
        world.state().ways.two_letters = true;
        let lang: Lang = lang.parse().unwrap();
        let known = receipt(world.create(&intent(&[(lang.clone(), "", "x")], 0)).await.unwrap());
        assert_eq!(world.state().statuses[0]["language"], told);
        let read = world.feed().fetch(&known, &world.about()).await.unwrap();
        assert_eq!(read.sides[&lang].body, "x");
    }
}
