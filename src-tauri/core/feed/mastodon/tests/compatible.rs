//! Servers that only are compatible: what they leave out, count otherwise or cannot do.

use super::*;

/// A server whose statuses are read back from their HTML.
async fn untold(version: &'static str) -> World {
    let mut world = linked().await;
    world.version = version;
    world.state().ways = Ways { no_source: true, forget_keys: true, ..Ways::default() };
    world
}

fn worded() -> Intent {
    let text = "和 @mei@tea.example 喝茶，\nhttps://tea.example/a-long-way/to-go  好 & 静。";
    intent(&[(Lang::zh_hans(), "小船", text)], 0)
}

#[tokio::test]
async fn a_status_is_known_again_by_its_html_where_its_text_is_not_told() {
    let world = untold("3.5.3 (compatible; Pixelfed 0.12.3)").await;
    world.weather("POST /api/v1/statuses", Weather::LostAfter, 1);
    assert!(matches!(world.create(&worded()).await, Err(FeedError::Lost)));
    let Lookup::Found(held) = world.look_up().await else { panic!("it would be sent twice") };
    assert!(!held.touched && !held.unfinished);
    let known = receipt(held);
    let quiet = world.feed().changes(None, std::slice::from_ref(&known)).await.unwrap();
    assert_eq!((quiet.items.len(), quiet.gone.len()), (0, 0));
    let known = receipt(world.update(&known, &later(worded(), |content| content.topics.clear())).await.unwrap());
    world.feed().withdraw(&known, &world.about()).await.unwrap();
    assert_eq!(world.texts().len(), 0);
}

#[tokio::test]
async fn a_page_in_place_of_a_text_hides_no_status_from_us() {
    let world = untold("3.5.3 (compatible; Pixelfed 0.12.3)").await;
    world.state().ways.page_for_all = true;
    let known = receipt(world.create(&worded()).await.unwrap());
    let read = world.feed().fetch(&known, &world.about()).await.unwrap();
    assert_eq!(read.held.version, known.version);
}

#[tokio::test]
async fn mastodon_itself_tells_the_text_and_a_page_in_its_place_is_no_answer() {
    let world = linked().await;
    let known = receipt(world.create(&worded()).await.unwrap());
    world.state().ways.no_source = true;
    let read = world.feed().fetch(&known, &world.about()).await;
    assert!(matches!(read, Err(FeedError::Unreachable)), "a hotel's page would pass for an edit");
}

#[tokio::test]
async fn what_cannot_be_changed_there_is_the_users_to_decide() {
    let world = untold("2.7.2 (compatible; Pleroma 2.4.0)").await;
    world.state().ways.no_edit = true;
    let known = receipt(world.create(&worded()).await.unwrap());
    let edited = later(worded(), |content| content.topics.clear());
    assert!(matches!(world.update(&known, &edited).await, Err(FeedError::CannotChange)));
    assert!(world.texts()[0].contains("#奶茶"), "as it was");
    // The user takes it back and sends it again.
    world.feed().withdraw(&known, &world.about()).await.unwrap();
    world.create(&edited).await.unwrap();
    assert_eq!(world.texts().len(), 1);
    assert!(!world.texts()[0].contains("#奶茶"));
}

#[tokio::test]
async fn files_go_where_only_the_first_version_of_uploads_is_known() {
    let mut world = linked().await;
    world.version = "3.5.3 (compatible; Pixelfed 0.12.3)";
    world.state().slow = 1;
    world.state().ways = Ways { old_uploads: true, no_look: true, refuse_keys: true, ..Ways::default() };
    let one = intent(&[(Lang::en(), "", "x")], 1);
    world.weather("POST /api/v1/statuses", Weather::Says(422), 1);
    assert!(matches!(world.create(&one).await, Err(FeedError::Refused)), "and that is final");
    world.create(&one).await.unwrap();
    assert_eq!((world.texts().len(), world.count("POST /api/v1/media")), (1, 2));
}

#[tokio::test]
async fn a_key_that_was_heard_before_is_not_taken_for_a_refusal() {
    let world = untold("3.5.3 (compatible; Pixelfed 0.12.3)").await;
    world.state().ways.refuse_keys = true;
    let one = intent(&[(Lang::en(), "", "x")], 1);
    world.weather("POST /api/v1/statuses", Weather::Says(500), 1);
    assert!(matches!(world.create(&one).await, Err(FeedError::Lost)));
    assert!(matches!(world.look_up().await, Lookup::NotYet(_)));
    world.clock.advance(46 * MINUTE);
    assert_eq!(world.look_up().await, Lookup::Absent);
    world.create(&one).await.unwrap();
    assert_eq!(world.texts().len(), 1);
}

#[tokio::test]
async fn a_changed_alt_text_arrives_where_an_edit_leaves_files_alone() {
    let mut world = linked().await;
    world.version = "2.7.2 (compatible; Akkoma 3.13.2)";
    world.state().ways.keep_alts = true;
    let known = receipt(world.create(&bilingual(1)).await.unwrap());
    let alt = [(Lang::en(), "new".into()), (Lang::zh_hans(), "新".into())].into();
    let edited = Intent { media: vec![OutgoingMedia { alt, ..photo(1) }], ..later(bilingual(1), |_| {}) };
    world.update(&known, &edited).await.unwrap();
    let shown = |at: usize| world.state().statuses[at]["media_attachments"][0]["description"].clone();
    assert_eq!((shown(0), shown(1)), (json!("新"), json!("new")));
}

#[tokio::test]
async fn refusals_mean_what_each_server_means_by_them() {
    type Meaning = fn(&FeedError) -> bool;
    let cases: [(u16, &str, Meaning); 9] = [
        (422, "Validation failed: Text character limit of 500 exceeded", |e| matches!(e, FeedError::TooLong)),
        (400, "status too long, 600 characters provided but limit is 500", |e| matches!(e, FeedError::TooLong)),
        (422, "The status field must not be greater than 500 characters.", |e| matches!(e, FeedError::TooLong)),
        (403, "Invalid credentials.", |e| matches!(e, FeedError::SignedOut)),
        (403, "Empty statuses are not allowed", |e| matches!(e, FeedError::Refused)),
        (403, "Your login is currently disabled", |e| matches!(e, FeedError::Denied)),
        (401, "The access token was revoked", |e| matches!(e, FeedError::SignedOut)),
        (501, "This API method has not been implemented", |e| matches!(e, FeedError::Refused)),
        (422, "Validation failed", |e| matches!(e, FeedError::Refused)),
    ];
    for (status, words, means) in cases {
        let world = linked().await;
        world.state().refusal = Some((status, words));
        let error = world.create(&intent(&[(Lang::en(), "", "x")], 0)).await.unwrap_err();
        assert!(means(&error), "{status} {words}: {error:?}");
        world.state().refusal = None;
        world.create(&intent(&[(Lang::en(), "", "x")], 0)).await.unwrap();
        assert_eq!(world.texts().len(), 1);
    }
}

#[tokio::test]
async fn files_that_the_server_swept_are_sent_again() {
    let world = linked().await;
    let one = intent(&[(Lang::en(), "", "x")], 1);
    world.state().refusal = Some((422, "Media not found"));
    world.state().sweeps = true;
    assert!(matches!(world.create(&one).await, Err(FeedError::Unreachable)));
    world.state().refusal = None;
    world.create(&one).await.unwrap();
    assert_eq!((world.texts().len(), world.count("POST /api/v2/media")), (1, 2));
}

#[tokio::test]
async fn a_server_that_knows_only_the_first_version_is_found_and_asked_for_what_it_understands() {
    let world = linked().await;
    world.state().ways.old_instance = true;
    let found = discover(&world.server.url, false, Patience::default()).await.unwrap().unwrap();
    assert_eq!(found.title, "Pictures");
    let facts = world.feed().probe().await.unwrap();
    assert_eq!(facts.server, "3.5.3 (compatible; Pixelfed 0.12.3)");
    assert_eq!(facts.limits.link, None);
    let redirect = "http://127.0.0.1:9/".parse().unwrap();
    authorization(&world.server.url, &redirect, Patience::default(), false).await.unwrap();
    let asked = world.server.heard().into_iter().find(|heard| heard.target.path() == "/api/v1/apps").unwrap();
    assert_eq!(asked.json()["scopes"], "read write");
    assert_eq!(asked.header("accept"), Some("application/json"));
}

#[tokio::test]
async fn a_lost_status_is_known_by_its_text_where_files_are_renamed_in_it() {
    let mut world = linked().await;
    world.version = "4.0.0 (not true; really snac/2.52)";
    world.state().ways = Ways { forget_keys: true, rename_files: true, no_look: true, ..Ways::default() };
    let one = intent(&[(Lang::en(), "Boat", "Calm water.")], 2);
    let older = Intent { post: PostId::from_uuid(Uuid::from_u128(2)), ..one.clone() };
    let elsewhere = Outgoing { notes: Arc::new(Paper::default()), ..world.out() };
    let first = world.feed().create(&Arc::new(older), &elsewhere).await.unwrap();
    world.weather("POST /api/v1/statuses", Weather::LostAfter, 1);
    assert!(matches!(world.create(&one).await, Err(FeedError::Lost)));
    let Lookup::Found(held) = world.look_up().await else { panic!("it would be sent twice") };
    assert_ne!(held.remote_id, first.remote_id, "and an older one that says the same is another");
    assert_eq!(world.texts().len(), 2);
}

#[tokio::test]
async fn a_page_that_says_that_there_is_no_such_status_is_the_servers_own_if_it_answers_otherwise() {
    let world = untold("4.0.0 (not true; really snac/2.52)").await;
    world.state().ways.page_for_none = true;
    let known = receipt(world.create(&worded()).await.unwrap());
    world.weather("GET /api/v1/accounts/verify_credentials", Weather::Says(200), 1);
    assert!(matches!(world.feed().withdraw(&known, &world.about()).await, Err(FeedError::Unreachable)), "a hotel");
    world.feed().withdraw(&known, &world.about()).await.unwrap();
    assert_eq!((world.texts().len(), world.look_up().await), (0, Lookup::Absent));
}

#[tokio::test]
async fn a_file_that_one_may_not_look_at_goes_with_its_status() {
    let mut world = linked().await;
    world.version = "2.7.2 (compatible; Pleroma 2.5.0)";
    world.state().slow = 1;
    world.state().ways.no_look_scope = true;
    world.create(&intent(&[(Lang::en(), "", "x")], 1)).await.unwrap();
    assert_eq!((world.texts().len(), world.count("POST /api/v2/media")), (1, 1));
}

#[tokio::test]
async fn a_server_that_cannot_be_asked_for_several_statuses_is_read_one_by_one() {
    let mut world = linked().await;
    world.version = "4.0.0 (not true; really snac/2.52)";
    world.state().ways.no_index = true;
    let known = [receipt(world.create(&worded()).await.unwrap())];
    let quiet = world.feed().changes(None, &known).await.unwrap();
    assert_eq!((quiet.items.len(), quiet.gone.len()), (0, 0));
    world.weather("GET /api/v1/accounts/verify_credentials", Weather::Says(200), 1);
    assert!(matches!(world.feed().changes(None, &known).await, Err(FeedError::Unreachable)), "a hotel");
}

#[tokio::test]
async fn an_edit_is_noticed_where_the_server_does_not_tell_that_there_was_one() {
    let world = untold("4.0.0 (not true; really snac/2.52)").await;
    world.state().ways.untold_edits = true;
    let known = receipt(world.create(&worded()).await.unwrap());
    world.state().edit("1001", &json!({"status": "Something else.", "spoiler_text": "", "media_ids": []}));
    let changes = world.feed().changes(None, std::slice::from_ref(&known)).await.unwrap();
    assert_eq!(changes.items.len(), 1);
    assert!(matches!(world.update(&known, &later(worded(), |_| {})).await, Err(FeedError::ChangedThere(_))));
}

#[tokio::test]
async fn what_a_server_does_not_list_is_asked_about_and_not_sent_twice() {
    let only = intent(&[(Lang::en(), "", "Good morning.")], 0);
    for visibility in [Visibility::Unlisted, Visibility::Private] {
        let mut world = untold("4.0.0 (not true; really snac/2.52)").await;
        world.choices.visibility = visibility;
        world.state().ways.list_public = true;
        world.weather("POST /api/v1/statuses", Weather::LostAfter, 1);
        assert!(matches!(world.create(&only).await, Err(FeedError::Lost)));
        assert!(matches!(world.look_up().await, Lookup::NotYet(_)));
        world.clock.advance(46 * MINUTE);
        for _ in 0..2 {
            assert_eq!(world.look_up().await, Lookup::CannotTell, "{visibility:?}: it would be there twice");
        }
        // The user says that it is not there.
        world.state().statuses.clear();
        world.create(&only).await.unwrap();
        assert_eq!(world.texts(), ["Good morning.\n\n#奶茶"]);
    }
}

#[tokio::test]
async fn what_a_server_lists_of_its_kind_and_does_not_list_itself_is_not_there() {
    for visibility in [Visibility::Public, Visibility::Unlisted, Visibility::Private] {
        let mut world = untold("2.7.2 (compatible; Akkoma 3.13.2)").await;
        world.choices.visibility = visibility;
        let older = Intent { post: PostId::from_uuid(Uuid::from_u128(2)), ..worded() };
        let elsewhere = Outgoing { notes: Arc::new(Paper::default()), ..world.out() };
        world.feed().create(&Arc::new(older), &elsewhere).await.unwrap();
        world.weather("POST /api/v1/statuses", Weather::LostBefore, 1);
        assert!(matches!(world.create(&worded()).await, Err(FeedError::Lost)));
        world.clock.advance(46 * MINUTE);
        assert_eq!(world.look_up().await, Lookup::Absent, "{visibility:?}");
    }
}
