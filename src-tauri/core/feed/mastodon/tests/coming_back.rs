//! What is read back, listed and found.

use super::*;

#[tokio::test]
async fn what_is_read_back_is_what_was_sent() {
    for languages in [LanguageLayout::Linked, LanguageLayout::Together] {
        let world = World::new(languages, LongText::Split).await;
        let long =
            intent(&[(Lang::en(), "Boat", &"Calm water all day. ".repeat(12)), (Lang::zh_hans(), "", "水。")], 2);
        let known = receipt(world.create(&long).await.unwrap());
        assert!(world.texts().len() > 2, "{:?}", world.texts());
        let fetched = world.feed().fetch(&known, &world.about()).await.unwrap();
        assert_eq!(fetched.held.version, known.version);
        assert_eq!(fetched.held.parts, known.parts);
        let mut expected = long.content.sides.clone();
        expected.values_mut().for_each(|side| side.body = side.body.trim().to_owned());
        assert_eq!(fetched.sides, expected);
        assert_eq!(fetched.topics, Some(vec!["奶茶".to_owned()]));
        let media = fetched.media.unwrap();
        assert_eq!(media.iter().map(|file| file.asset).collect::<Vec<_>>(), [Some(asset(1)), Some(asset(2))]);
        assert_eq!(media[0].alt, photo(1).alt);
        let quiet = world.feed().changes(None, std::slice::from_ref(&known)).await.unwrap();
        assert_eq!((quiet.items.len(), quiet.gone.len()), (0, 0));
    }
}

#[tokio::test]
async fn what_was_changed_there_is_noticed_and_not_written_over() {
    let world = linked().await;
    let known = receipt(world.create(&bilingual(1)).await.unwrap());
    let id = world.state().statuses[1]["id"].as_str().unwrap().to_owned();
    let files: Vec<Value> = vec![world.state().statuses[1]["media_attachments"][0]["id"].clone()];
    world
        .state()
        .edit(&id, &json!({"status": "Boat\n\nStormy water.\n\n#奶茶", "spoiler_text": "", "media_ids": files}));
    let changes = world.feed().changes(None, std::slice::from_ref(&known)).await.unwrap();
    let [there] = changes.items.as_slice() else { panic!("one change") };
    assert_eq!(there.sides[&Lang::en()].body, "Stormy water.");
    assert_eq!(there.sides[&Lang::zh_hans()].title, "小船");
    let changed: Vec<&String> =
        there.held.parts.iter().filter(|(name, d)| known.parts.get(*name) != Some(d)).map(|(n, _)| n).collect();
    assert_eq!(changed, ["body.en"]);
    assert_eq!(there.media.as_ref().unwrap()[0].asset, Some(asset(1)), "even without notes");
    let edited = later(bilingual(1), |content| content.topics.clear());
    let Err(FeedError::ChangedThere(held)) = world.update(&known, &edited).await else { panic!("written over") };
    assert_eq!(held.version, there.held.version);
    assert!(matches!(world.feed().withdraw(&known, &world.about()).await, Err(FeedError::ChangedThere(_))));
    world.update(&receipt(*held), &edited).await.unwrap();
    assert_eq!(world.texts(), ["小船\n\n水面很静。", "Boat\n\nCalm water."], "the user said so");
}

#[tokio::test]
async fn the_answer_to_another_request_says_nothing_of_a_status() {
    let world = linked().await;
    let known = receipt(world.create(&bilingual(0)).await.unwrap());
    let other = (json!({"id": "77", "content": "Stormy water."}), "Stormy water.".to_owned());
    let id = world.state().statuses[1]["id"].as_str().unwrap().to_owned();
    world.state().stale.insert(id, other);
    let changed = world.update(&known, &later(bilingual(0), |_| ())).await;
    assert!(matches!(changed, Err(FeedError::Unreachable)), "{changed:?}");
}

#[tokio::test]
async fn what_the_user_keeps_goes_there_again_also_when_it_is_what_was_sent_last() {
    let world = linked().await;
    let known = receipt(world.create(&bilingual(0)).await.unwrap());
    let id = world.state().statuses[1]["id"].as_str().unwrap().to_owned();
    world.state().edit(&id, &json!({"status": "Boat\n\nStormy water.", "spoiler_text": "", "media_ids": []}));
    let ours = later(bilingual(0), |_| ());
    let Err(FeedError::ChangedThere(held)) = world.update(&known, &ours).await else { panic!("written over") };
    world.update(&receipt(*held), &ours).await.unwrap();
    assert_eq!(world.texts(), ["小船\n\n水面很静。\n\n#奶茶", "Boat\n\nCalm water.\n\n#奶茶"]);
}

#[tokio::test]
async fn what_is_withdrawn_goes_last_first_and_what_is_gone_there_is_said_to_be() {
    let world = linked().await;
    let known = receipt(world.create(&bilingual(0)).await.unwrap());
    world.weather("DELETE", Weather::LostAfter, 1);
    assert!(matches!(world.feed().withdraw(&known, &world.about()).await, Err(FeedError::Lost)));
    assert_eq!(world.texts(), ["小船\n\n水面很静。\n\n#奶茶"]);
    let Lookup::Found(held) = world.look_up().await else { panic!("one is left") };
    world.feed().withdraw(&receipt(held), &world.about()).await.unwrap();
    assert_eq!((world.texts().len(), world.look_up().await), (0, Lookup::Absent));

    let known = receipt(world.create(&bilingual(0)).await.unwrap());
    world.state().statuses.clear();
    let changes = world.feed().changes(None, std::slice::from_ref(&known)).await.unwrap();
    assert_eq!(changes.gone, std::slice::from_ref(&known.remote_id));
    assert!(matches!(world.update(&known, &later(bilingual(0), |_| {})).await, Err(FeedError::Gone)));
    world.feed().withdraw(&known, &world.about()).await.unwrap();
    world.create(&bilingual(0)).await.unwrap();
    assert_eq!(world.texts().len(), 2, "sent again, though the key of before names what is gone");
}

#[tokio::test]
async fn what_is_left_of_a_pair_and_was_changed_there_is_read_before_it_is_taken_back() {
    let world = linked().await;
    let known = receipt(world.create(&bilingual(1)).await.unwrap());
    let (chinese, english) = (known.remote_id.clone(), world.state().statuses[1].clone());
    let id = english["id"].as_str().unwrap();
    world.state().remove_status(&chinese);
    let quiet = world.feed().fetch(&known, &world.about()).await;
    assert!(matches!(quiet, Err(FeedError::Gone)), "what both sides agreed on is not there: {quiet:?}");
    let files = [&english["media_attachments"][0]["id"]];
    world.state().edit(id, &json!({"status": "Boat\n\nWind.\n\n#奶茶", "spoiler_text": "", "media_ids": files}));
    let taken = world.feed().withdraw(&known, &world.about()).await;
    let Err(FeedError::ChangedThere(held)) = taken else { panic!("nobody has read it: {taken:?}") };
    assert_eq!(held.remote_id, id);
    let read = world.feed().fetch(&receipt(*held), &world.about()).await.unwrap();
    assert_eq!(read.sides, [(Lang::en(), Side { title: "Boat".into(), body: "Wind.".into() })].into());
    assert_eq!(read.media.unwrap()[0].alt, [(Lang::en(), "tea 1".into())].into());
    world.feed().withdraw(&receipt(read.held), &world.about()).await.unwrap();
    assert_eq!((world.texts().len(), world.look_up().await), (0, Lookup::Absent));
}

#[tokio::test]
async fn what_is_left_of_what_was_taken_over_is_not_made_twice() {
    let world = linked().await;
    world.create(&bilingual(0)).await.unwrap();
    let item = world.feed().list(None).await.unwrap().items.remove(0);
    let gone = Receipt { known: Wanted::Withdrawn, partial: true, ..receipt(item.held) };
    let first = gone.remote_id.clone();
    world.state().remove_status(&first);
    let out = Outgoing { notes: Arc::new(Paper::default()), gone: Some(gone), ..world.out() };
    let again = Arc::new(later(bilingual(0), |_| {}));
    let made = world.feed().create(&again, &out).await;
    assert!(matches!(made, Err(FeedError::ChangedThere(_))), "nobody here wrote what is left: {made:?}");
    assert_eq!(world.texts(), ["Boat\n\nCalm water.\n\n#奶茶"]);
}

#[tokio::test]
async fn what_was_begun_since_is_read_where_it_is_there_and_not_missed_where_it_is_not() {
    let world = linked().await;
    world.weather("POST /api/v1/statuses", Weather::Fine, 1);
    world.weather("POST /api/v1/statuses", Weather::Says(503), 1);
    assert!(matches!(world.create(&bilingual(0)).await, Err(FeedError::Lost)));
    let Lookup::Found(held) = world.look_up().await else { panic!("one is there") };
    let known = receipt(held);
    world.update(&known, &bilingual(0)).await.unwrap();
    let both = world.feed().fetch(&known, &world.about()).await.unwrap();
    assert_eq!(both.sides.len(), 2);
    world.state().remove_status("1002");
    let one = world.feed().fetch(&known, &world.about()).await.unwrap();
    assert_eq!(one.sides.keys().collect::<Vec<_>>(), [&Lang::zh_hans()]);
    let all = world.feed().fetch(&receipt(both.held), &world.about()).await;
    assert!(matches!(all, Err(FeedError::Gone)), "{all:?}");
}

#[tokio::test]
async fn everything_that_lies_there_is_listed_and_can_be_kept_up_from_then_on() {
    let world = linked().await;
    world.create(&bilingual(1)).await.unwrap();
    let page = world.feed().list(None).await.unwrap();
    let [item] = page.items.as_slice() else { panic!("a pair is one item") };
    assert_eq!(item.sides[&Lang::en()].body, "Boat\n\nCalm water.");
    assert_eq!((item.topics.clone(), item.sides.len()), (Some(vec!["奶茶".to_owned()]), 2));
    let known = receipt(item.held.clone());
    let nothing = Outgoing { notes: Arc::new(Paper::default()), ..world.out() };
    assert_eq!(world.feed().changes(None, std::slice::from_ref(&known)).await.unwrap(), Changes::default());
    world.feed().update(&known, &Arc::new(later(bilingual(1), |_| {})), &nothing).await.unwrap();
    assert_eq!(world.texts(), ["小船\n\n水面很静。\n\n#奶茶", "Boat\n\nCalm water.\n\n#奶茶"]);
    assert_eq!(Wanted::Published, known.known);
}

/// What a receipt says where nothing but the name of an item is known.
fn named(item: &Held) -> Receipt {
    let name = Held { parts: Default::default(), version: crate::domain::Digest::of(b""), ..item.clone() };
    receipt(name)
}

#[tokio::test]
async fn what_is_taken_over_is_the_whole_pair_and_each_of_it_is_kept_up() {
    let world = linked().await;
    world.create(&bilingual(1)).await.unwrap();
    let page = world.feed().list(None).await.unwrap();
    let out = Outgoing { notes: Arc::new(Paper::default()), ..world.out() };
    let about = About { post: post(), notes: Arc::clone(&out.notes) };
    let taken = world.feed().fetch(&named(&page.items[0].held), &about).await.unwrap();
    assert_eq!(taken, page.items[0], "what was shown is what comes");
    assert_eq!((taken.sides.len(), taken.media.as_ref().map(Vec::len)), (2, Some(2)));
    let known = receipt(taken.held);
    let english = world.state().statuses[1]["id"].as_str().unwrap().to_owned();
    world.state().edit(&english, &json!({"status": "Boat\n\nWind.", "spoiler_text": "", "media_ids": []}));
    let changes = world.feed().changes(None, std::slice::from_ref(&known)).await.unwrap();
    let [there] = changes.items.as_slice() else { panic!("the second language was changed there: {changes:?}") };
    assert_eq!(there.sides[&Lang::en()].body, "Boat\n\nWind.");
    let edited = later(bilingual(0), |content| content.topics.clear());
    let held = world.feed().update(&receipt(there.held.clone()), &Arc::new(edited), &out).await.unwrap();
    assert_eq!(world.texts(), ["小船\n\n水面很静。", "Boat\n\nCalm water."], "and both are changed from here");
    world.feed().withdraw(&receipt(held), &about).await.unwrap();
    assert_eq!(world.texts().len(), 0);
}

#[tokio::test]
async fn a_server_is_discovered_probed_and_signed_in_at() {
    let world = linked().await;
    let address = world.server.url.join("@me/1").unwrap();
    let found = discover(&address, false, Patience::default()).await.unwrap().unwrap();
    assert_eq!((found.place.as_str(), found.title.as_str()), (world.server.url.as_str(), "Social"));
    let facts = world.feed().probe().await.unwrap();
    assert_eq!((facts.account.as_str(), facts.server.as_str()), ("@me@social.example", "Mastodon 4.6.0"));
    assert!(!facts.limits.drafts);
    let redirect = "http://127.0.0.1:9/".parse().unwrap();
    let sign_in = authorization(&world.server.url, &redirect, Patience::default(), false).await.unwrap();
    assert_eq!((sign_in.url.path(), sign_in.terms.token_endpoint.path()), ("/oauth/authorize", "/oauth/token"));
    assert!(!format!("{sign_in:?}").contains("canary"));
}

#[tokio::test]
async fn a_status_that_is_still_there_was_not_taken_away_whoever_says_so() {
    let world = linked().await;
    let known = receipt(world.create(&intent(&[(Lang::en(), "Boat", "Calm water.")], 0)).await.unwrap());
    for says in [200, 202, 404] {
        world.weather("DELETE /api/v1/statuses", Weather::Says(says), 1);
        let taken = world.feed().withdraw(&known, &world.about()).await;
        assert!(matches!(taken, Err(FeedError::Lost)), "{says}: {taken:?}");
        assert!(matches!(world.look_up().await, Lookup::Found(held) if !held.touched), "{says}");
    }
    world.feed().withdraw(&known, &world.about()).await.unwrap();
    assert_eq!(world.texts().len(), 0);
}

#[tokio::test]
async fn a_warning_changed_there_is_told_and_is_no_change_of_the_words() {
    let world = linked().await;
    let known = receipt(world.create(&bilingual(0)).await.unwrap());
    let id = world.state().statuses[1]["id"].as_str().unwrap().to_owned();
    let text = world.texts()[1].clone();
    world.state().edit(&id, &json!({"status": text, "spoiler_text": " 剧透 ", "media_ids": []}));
    let changes = world.feed().changes(None, std::slice::from_ref(&known)).await.unwrap();
    let [there] = changes.items.as_slice() else { panic!("one change") };
    assert_eq!(there.warning.as_deref(), Some("剧透"), "of the status that was changed last");
    let changed: Vec<&String> =
        there.held.parts.iter().filter(|(name, d)| known.parts.get(*name) != Some(d)).map(|(n, _)| n).collect();
    assert_eq!(changed, [Receipt::WARNING]);
}

#[tokio::test]
async fn a_server_that_moved_is_found_where_it_is_now_and_nowhere_in_the_clear() {
    let world = linked().await;
    for (path, to, found) in [
        ("/api/v2/instance", world.server.url.join("/api/v2/instance").unwrap().to_string(), true),
        ("/api/v2/instance", world.server.url.join("/auth/sign_in").unwrap().to_string(), false),
        ("/api/v2/instance", "ftp://127.0.0.1/api/v2/instance".to_owned(), false),
    ] {
        let moved = Scripted::start(move |heard| match heard.target.path() == path {
            true => Reply::html(301, "").header("location", to.clone()),
            false => Reply::html(404, "not here"),
        })
        .await;
        let place = discover(&moved.url, false, Patience::default()).await.ok().flatten().map(|found| found.place);
        assert_eq!(place, found.then(|| world.server.url.clone()));
    }
}

#[tokio::test]
async fn who_may_read_a_status_cannot_be_changed_afterwards_and_is_not_said_to_be() {
    let world = linked().await;
    let asks = |visibility| Intent { manner: Manner { visibility, ..Manner::default() }, ..bilingual(0) };
    let known = receipt(world.create(&asks(None)).await.unwrap());
    let private = world.update(&known, &asks(Some(Visibility::Private))).await;
    assert!(matches!(private, Err(FeedError::CannotChange)), "{private:?}");
    assert_eq!(world.count("PUT /api/v1/statuses/1001"), 0);
    world.update(&known, &asks(Some(Visibility::Public))).await.unwrap();
    assert_eq!(world.state().statuses[0]["visibility"], "public");
}

#[tokio::test]
async fn what_more_people_see_than_it_was_sent_for_is_not_said_to_be_sent() {
    for (sent, shows, feigns) in [
        (Visibility::Private, "public", false),
        (Visibility::Private, "unlisted", false),
        (Visibility::Unlisted, "public", false),
        (Visibility::Private, "public", true),
    ] {
        let mut world = linked().await;
        world.choices.visibility = sent;
        (world.state().ways.shows, world.state().ways.feigns) = (Some(shows), feigns);
        let made = world.create(&bilingual(0)).await;
        assert!(matches!(made, Err(FeedError::Lost)), "{sent:?} {shows}: {made:?}");
        let there = if feigns { 2 } else { 1 };
        assert_eq!(world.texts().len(), there, "{sent:?} {shows}: the other language is not shown as well");
        let Lookup::Found(held) = world.look_up().await else { panic!("it is there") };
        assert!(held.unfinished && !held.touched, "{sent:?} {shows}");
        let known = receipt(held);
        for _ in 0..2 {
            let again = world.update(&known, &bilingual(0)).await;
            assert!(matches!(again, Err(FeedError::CannotChange)), "{sent:?} {shows}: {again:?}");
        }
        let read = world.feed().fetch(&known, &world.about()).await.unwrap();
        assert!(read.held.unfinished, "{sent:?} {shows}: nor when somebody changes it there");
        assert_eq!(world.texts().len(), there);
        world.feed().withdraw(&known, &world.about()).await.unwrap();
        assert_eq!(world.texts().len(), 0);
    }
}

#[tokio::test]
async fn what_fewer_people_see_than_it_was_sent_for_is_sent() {
    for shows in ["unlisted", "private", "direct", "mutuals_only", ""] {
        let world = linked().await;
        world.state().ways.shows = Some(shows);
        let known = receipt(world.create(&bilingual(0)).await.unwrap());
        let edited = later(bilingual(0), |content| content.topics.clear());
        assert!(!world.update(&known, &edited).await.unwrap().unfinished, "{shows}");
    }
}

#[tokio::test]
async fn a_warning_that_stands_in_place_of_a_text_is_no_words_of_the_post() {
    let clip = OutgoingMedia { kind: MediaKind::Clip, extension: "mp4".into(), mime: "video/mp4".into(), ..photo(9) };
    let manner = Manner { warning: "food".into(), ..Manner::default() };
    let mixed = intent(&[(Lang::en(), "Boat", "Calm water.")], 1);
    let mixed = Intent { media: vec![photo(1), clip], manner, ..mixed };
    let world = World::new(LanguageLayout::Linked, LongText::Split).await;
    world.weather("POST /api/v1/statuses", Weather::Fine, 1);
    world.weather("POST /api/v1/statuses", Weather::LostAfter, 1);
    assert!(matches!(world.create(&mixed).await, Err(FeedError::Lost)));
    let Lookup::Found(held) = world.look_up().await else { panic!("it is there") };
    assert!(!held.touched && !held.unfinished, "nobody changed it there");
    assert_eq!(world.texts(), ["Boat\n\nCalm water.\n\n#奶茶", "food"]);
    let known = receipt(held);
    world.state().edit("1003", &json!({"status": "Boat\n\nWind.", "spoiler_text": "food", "media_ids": []}));
    let changes = world.feed().changes(None, std::slice::from_ref(&known)).await.unwrap();
    let read = world.feed().fetch(&known, &world.about()).await.unwrap();
    for there in [&changes.items[0], &read] {
        assert_eq!((there.sides[&Lang::en()].body.as_str(), there.warning.as_deref()), ("Wind.", Some("food")));
    }
}

/// So many statuses at a server that has to be asked for each of them.
async fn one_by_one(count: u128) -> (World, Vec<Receipt>) {
    let mut world = linked().await;
    world.version = "2.7.2 (compatible; Pleroma 2.5.0)";
    world.state().ways.no_index = true;
    let mut known = Vec::new();
    for number in 0..count {
        let (post, body) = (PostId::from_uuid(Uuid::from_u128(100 + number)), format!("Calm water {number}."));
        let intent = Intent { post, ..intent(&[(Lang::en(), "Boat", body.as_str())], 0) };
        let out = Outgoing { notes: Arc::new(Paper::default()), ..world.out() };
        known.push(receipt(world.feed().create(&Arc::new(intent), &out).await.unwrap()));
    }
    (world, known)
}

fn edit(world: &World, known: &Receipt) {
    let body = json!({"status": "Stormy water.", "spoiler_text": "", "media_ids": []});
    world.state().edit(&known.remote_id, &body);
}

fn told(changes: &Changes) -> Vec<&str> {
    changes.items.iter().map(|item| item.held.remote_id.as_str()).collect()
}

#[tokio::test]
async fn what_was_told_before_a_server_wanted_to_be_left_alone_counts_and_the_next_look_goes_on_there() {
    let (world, known) = one_by_one(25).await;
    for changed in [10, 19] {
        edit(&world, &known[changed]);
    }
    // Eleven statuses, and the text of the last of them.
    world.weather("GET /api/v1/statuses/", Weather::Fine, 12);
    world.weather("GET /api/v1/statuses/", Weather::Says(429), 1);
    let first = world.feed().changes(None, &known).await.unwrap();
    assert_eq!(told(&first), [known[10].remote_id.as_str()]);
    assert_eq!((&first.ended, first.looked_at), (&Some(FeedError::Busy(Some(2 * MINUTE))), Some(11)));
    let second = world.feed().changes(first.cursor.as_deref(), &known).await.unwrap();
    assert_eq!(told(&second)[0], known[19].remote_id, "those behind come first");
    assert_eq!((second.ended, second.looked_at), (None, None));
    world.weather("GET /api/v1/statuses/", Weather::Says(429), 1);
    let none = world.feed().changes(None, &known).await;
    assert!(matches!(none, Err(FeedError::Busy(Some(_)))), "nothing was told: {none:?}");
}

#[tokio::test]
async fn a_server_that_has_to_be_asked_for_each_status_is_not_asked_for_all_of_them_in_one_look() {
    let (world, known) = one_by_one(50).await;
    edit(&world, &known[49]);
    let questions = || world.server.lines().iter().filter(|line| line.starts_with("GET /api/v1/statuses/")).count();
    let before = questions();
    let first = world.feed().changes(None, &known).await.unwrap();
    assert_eq!((first.items.len(), first.looked_at, first.more), (0, Some(questions() - before), false));
    assert!((30..=40).contains(&(questions() - before)), "{}", questions() - before);
    let second = world.feed().changes(first.cursor.as_deref(), &known).await.unwrap();
    assert_eq!(told(&second), [known[49].remote_id.as_str()], "the others have their turn");
}
