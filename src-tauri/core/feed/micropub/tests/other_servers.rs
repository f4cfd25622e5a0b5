//! Servers that do less than others, or do it in their own way.

use super::*;
use crate::feed::web::scripted::Reply;

/// The paths of the entries, with their titles.
fn there(to: &Feeds) -> Vec<(String, String)> {
    let title = |entry: &serde_json::Map<String, Value>| entry["name"][0].as_str().unwrap_or_default().to_owned();
    to.site.with(|store| store.entries.iter().map(|(path, entry)| (path.clone(), title(entry))).collect())
}

#[tokio::test]
async fn where_files_cannot_go_by_themselves_they_go_along_with_the_entry() {
    let to = Feeds::at(Choices::default(), |store| store.takes_files = false).await;
    let held = to.create(&draft()).await.unwrap();
    let forms = to.site.with(|store| (store.made, store.files, store.forms.clone()));
    let names = ["h", "content", "category[]", "category[]", "mp-slug", "name", "post-status", "published"];
    let files = ["mp-photo-alt[]", "mp-photo-alt[]", "photo[]", "photo[]"];
    assert_eq!(forms, (1, 2, vec![[&names[..], &files[..]].concat().iter().map(|name| name.to_string()).collect()]));
    let photos = to.site.property("photo");
    assert!(photos[0]["value"].as_str().unwrap().ends_with("/f/1.jpg"), "{photos}");
    assert_eq!((&photos[0]["alt"], &photos[1]["alt"]), (&Value::from("一条小船"), &Value::from("一碗面")));
    let html = to.site.property("content")[0]["html"].as_str().unwrap().to_owned();
    assert!(html.contains("lang=\"en\"") && html.contains("A small boat"), "then it gets its own form: {html}");
    assert_eq!((held.audience, held.unfinished), (Audience::Draft, false));
    let receipt = to.receipt(held);
    assert_eq!(to.feed.changes(None, std::slice::from_ref(&receipt)).await.unwrap(), Changes::default());
    assert_eq!(to.feed.fetch(&receipt, &to.about()).await.unwrap().sides, draft().content.sides);
    to.update(&receipt, &edited(2, Audience::Published)).await.unwrap();
    assert_eq!(to.site.with(|store| (store.made, store.files)), (1, 2), "no file goes twice");
    assert_eq!(to.site.property("photo").as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn a_lost_answer_to_an_entry_with_files_doubles_neither() {
    for mood in [Mood::LostAfter, Mood::Page] {
        let mut to =
            Feeds::at(Choices::default(), |store| (store.takes_files, store.moods) = (false, vec![mood])).await;
        assert!(matches!(to.create(&draft()).await, Err(FeedError::Lost)));
        to.start_again(Choices::default()).await;
        let Lookup::Found(held) = to.lookup().await else { panic!("{mood:?}") };
        assert!(held.unfinished, "it has its files, and still the plain text");
        let held = to.update(&to.receipt(held), &draft()).await.unwrap();
        assert_eq!(to.feed.fetch(&to.receipt(held), &to.about()).await.unwrap().sides, draft().content.sides);
        assert_eq!(to.site.with(|store| (store.made, store.files)), (1, 2));
        assert!(matches!(to.lookup().await, Lookup::Found(held) if !held.unfinished && !held.touched));
    }
}

#[tokio::test]
async fn an_entry_that_takes_no_changes_stays_as_it_came_with_its_files() {
    let to = Feeds::at(Choices::default(), |store| (store.takes_files, store.updates) = (false, false)).await;
    assert!(to.feed.items(&draft())[0].html);
    to.create(&draft()).await.unwrap();
    let text = to.site.property("content")[0].as_str().unwrap().to_owned();
    assert!(text.contains("We went rowing.") && text.contains("今天去划船。"), "{text}");
    let item = to.feed.items(&draft()).remove(0);
    assert_eq!((item.html, item.text), (false, text), "and the preview shows it from now on");
    assert!(to.feed.learnt().is_some(), "in every program");
}

#[tokio::test]
async fn a_file_is_never_left_out_silently() {
    let to = Feeds::at(Choices::default(), |store| store.takes_files = false).await;
    let held = to.create(&draft()).await.unwrap();
    let mut more = intent(2, Audience::Draft);
    more.media.push(photo(3, &[]));
    let refused = to.update(&to.receipt(held), &Arc::new(more)).await;
    assert!(matches!(refused, Err(FeedError::Refused)), "{refused:?}");
    let mut file = intent(1, Audience::Draft);
    file.media[0].kind = MediaKind::File;
    let refused = to.feed.create(&Arc::new(file), &Outgoing { notes: Arc::new(Paper::default()), ..to.out() }).await;
    assert!(matches!(refused, Err(FeedError::Refused)), "{refused:?}");
}

#[tokio::test]
async fn a_draft_that_a_server_makes_public_is_taken_away_and_no_other_is_sent() {
    for reads in [true, false] {
        let to = Feeds::at(Choices::default(), |store| (store.drafts, store.reads) = (false, reads)).await;
        assert!(to.feed.limits().drafts);
        assert!(matches!(to.create(&draft()).await, Err(FeedError::Refused)));
        assert_eq!(there(&to), []);
        assert!(!to.feed.limits().drafts && !to.feed.learnt().unwrap().limits.drafts);
        let requests = to.site.server.heard().len();
        assert!(matches!(to.create(&draft()).await, Err(FeedError::Refused)));
        assert_eq!(to.site.server.heard().len(), requests, "nothing leaves a second time");
        to.create(&Arc::new(intent(2, Audience::Published))).await.unwrap();
        assert_eq!(there(&to).len(), 1);
    }
}

#[tokio::test]
async fn what_everybody_could_read_before_is_not_taken_away_for_a_draft() {
    let to = Feeds::at(Choices::default(), |store| store.drafts = false).await;
    let receipt = to.receipt(to.create(&Arc::new(intent(1, Audience::Published))).await.unwrap());
    assert!(matches!(to.update(&receipt, &edited(2, Audience::Draft)).await, Err(FeedError::Refused)));
    assert_eq!(there(&to).len(), 1);
}

#[tokio::test]
async fn a_server_that_lets_us_write_drafts_only_is_not_said_to_have_published() {
    let to = Feeds::new(Choices::default()).await;
    let published = Arc::new(intent(1, Audience::Published));
    let makes_a_draft = |to: &Feeds| {
        to.site.with(|store| {
            store
                .entries
                .values_mut()
                .for_each(|entry| drop(entry.insert("post-status".into(), serde_json::json!(["draft"]))));
        });
    };
    to.site.with(|store| store.moods = vec![Mood::LostAfter]);
    assert!(to.create(&published).await.is_err());
    makes_a_draft(&to);
    to.site.with(|store| store.updates = false);
    assert!(matches!(to.create(&published).await, Err(FeedError::Lost)), "what is there has to be known first");
    let Lookup::Found(held) = to.lookup().await else { panic!("it is there") };
    assert_eq!(held.audience, Audience::Draft);
    assert!(matches!(to.update(&to.receipt(held), &published).await, Err(FeedError::CannotChange)));
    assert_eq!(there(&to).len(), 1);
}

#[tokio::test]
async fn what_is_promised_is_looked_for_until_it_is_there() {
    let to = Feeds::at(Choices::default(), |store| store.promises = true).await;
    assert!(matches!(to.create(&draft()).await, Err(FeedError::Lost)));
    assert_eq!(to.lookup().await, Lookup::NotYet(Timestamp::from_millis(START + MINUTE)));
    to.clock.advance(5 * MINUTE);
    to.site.with(|store| store.entries.append(&mut store.deleted));
    let Lookup::Found(held) = to.lookup().await else { panic!() };
    assert_eq!((held.revision, held.unfinished, held.touched), (Some(revision(1)), false, false));

    let late = Feeds::at(Choices::default(), |store| store.promises = true).await;
    assert!(late.create(&draft()).await.is_err());
    late.clock.advance(46 * MINUTE);
    assert_eq!(late.lookup().await, Lookup::CannotTell, "it may come on any other day");
}

#[tokio::test]
async fn a_language_keeps_its_address_whatever_languages_join_it() {
    let to = Feeds::new(linked()).await;
    let mut one = intent(1, Audience::Published);
    one.content.sides.remove(&Lang::zh_hans());
    let receipt = to.receipt(to.create(&Arc::new(one)).await.unwrap());
    assert_eq!(there(&to), [("/e/1/".to_owned(), "A boat".to_owned())]);
    let held = to.update(&receipt, &Arc::new(intent(2, Audience::Published))).await.unwrap();
    let titles = [("/e/1/", "A boat"), ("/e/2/", "小船")].map(|(path, title)| (path.to_owned(), title.to_owned()));
    assert_eq!(there(&to), titles, "Chinese comes first, and English stays where it was");
    let back = to.receipt(held);
    assert_eq!(to.feed.fetch(&back, &to.about()).await.unwrap().sides, draft().content.sides);
    let mut one = intent(3, Audience::Published);
    one.content.sides.remove(&Lang::zh_hans());
    to.update(&back, &Arc::new(one)).await.unwrap();
    assert_eq!(there(&to), [("/e/1/".to_owned(), "A boat".to_owned())]);
}

#[tokio::test]
async fn entries_that_were_made_elsewhere_are_known_by_their_language() {
    let mut to = Feeds::new(linked()).await;
    let receipt = to.receipt(to.create(&Arc::new(intent(1, Audience::Published))).await.unwrap());
    let swapped = receipt.remote_id.split(' ').rev().collect::<Vec<_>>().join(" ");
    to.paper = Arc::new(Paper::default());
    let taken_over = to.feed.fetch(&Receipt { remote_id: swapped, ..receipt }, &to.about()).await.unwrap();
    let known = to.receipt(taken_over.held);
    to.update(&known, &edited(2, Audience::Published)).await.unwrap();
    let titles = [("/e/1/", "小船"), ("/e/2/", "A boat")].map(|(path, title)| (path.to_owned(), title.to_owned()));
    assert_eq!(there(&to), titles);
}

#[tokio::test]
async fn an_entry_that_moves_when_it_is_changed_is_followed() {
    let to = Feeds::at(Choices::default(), |store| store.moves = true).await;
    let receipt = to.receipt(to.create(&draft()).await.unwrap());
    let held = to.update(&receipt, &edited(2, Audience::Draft)).await.unwrap();
    assert_eq!(held.remote_id, to.site.url("e/1/moved/").as_str(), "also where it is told by its path alone");
    let receipt = to.receipt(held);
    to.update(&receipt, &edited(3, Audience::Draft)).await.unwrap();
    assert_eq!(to.site.with(|store| (store.entries.len(), store.made)), (1, 1));
}

#[tokio::test]
async fn a_server_that_takes_no_changes_says_so_and_nothing_is_in_doubt() {
    let to = Feeds::at(Choices::default(), |store| store.updates = false).await;
    let receipt = to.receipt(to.create(&draft()).await.unwrap());
    for mood in [Mood::Fine, Mood::Says(405), Mood::Says(501)] {
        to.site.with(|store| store.moods = vec![mood]);
        let refused = to.update(&receipt, &edited(2, Audience::Draft)).await;
        assert!(matches!(refused, Err(FeedError::CannotChange)), "it is not over this post: {mood:?}: {refused:?}");
    }
    to.site.with(|store| store.moods = vec![Mood::Says(400); 4]);
    let refused = to.update(&receipt, &edited(2, Audience::Draft)).await;
    assert!(matches!(refused, Err(FeedError::Refused)), "which may be over this post: {refused:?}");
}

#[tokio::test]
async fn whatever_a_server_says_of_itself_is_enough() {
    let bare =
        |kind: &str, text: &str| Reply::With(200, vec![("content-type", kind.to_owned())], text.as_bytes().to_vec());
    let all = [
        bare("application/json", "{}"),
        bare("application/json", "[]"),
        bare("application/json", "null"),
        bare("application/json", r#"{"media-endpoint": null}"#),
        bare("application/json", r#"{"media-endpoint": ""}"#),
        bare("application/json", r#"{"media-endpoint": false, "q": "config"}"#),
        bare("text/html; charset=UTF-8", ""),
        bare("application/json", ""),
        bare("text/plain", "200 ok"),
        Reply::With(204, Vec::new(), Vec::new()),
        Reply::html(404, "<h1>Not found</h1>"),
        Reply::html(400, "invalid_request"),
    ];
    for config in all {
        let told = format!("{config:?}");
        let to = Feeds::at(Choices::default(), |store| store.config = Some(config)).await;
        to.create(&draft()).await.unwrap();
        assert_eq!(to.site.with(|store| store.forms.len()), 1, "no media endpoint: {told}");
    }
    let forgetful = bare("text/html; charset=UTF-8", r#"{"media-endpoint": "media"}"#);
    let to = Feeds::at(Choices::default(), |store| store.config = Some(forgetful)).await;
    to.create(&draft()).await.unwrap();
    assert_eq!(to.site.with(|store| (store.forms.len(), store.files)), (0, 2), "relative, and not called JSON");
}

#[tokio::test]
async fn a_redirect_after_a_post_leaves_open_what_was_done() {
    let to = Feeds::new(Choices::default()).await;
    to.site.with(|store| store.moods = vec![Mood::Redirect("/e/1/"), Mood::Portal]);
    assert!(matches!(to.create(&draft()).await, Err(FeedError::Lost)), "as scripts do that forget the status");
    let Lookup::Found(held) = to.lookup().await else { panic!() };
    assert_eq!((held.remote_id, to.site.with(|store| store.made)), (to.site.url("e/1/").to_string(), 1));
}

#[tokio::test]
async fn where_only_a_post_is_sent_elsewhere_it_may_be_done_and_where_everything_is_nothing_is() {
    let to = Feeds::at(Choices::default(), |store| store.lists = false).await;
    to.site.with(|store| store.moods = vec![Mood::Redirect(site::PORTAL)]);
    assert!(matches!(to.create(&draft()).await, Err(FeedError::Lost)));
    to.clock.advance(46 * MINUTE);
    assert_eq!(to.lookup().await, Lookup::CannotTell, "never made again in silence");

    let to = Feeds::new(Choices::default()).await;
    let config = Reply::html(302, "").header("location", site::PORTAL);
    to.site.with(|store| (store.moods, store.config) = (vec![Mood::Portal], Some(config)));
    assert!(matches!(to.create(&draft()).await, Err(FeedError::Unreachable)), "a network that wants a sign-in first");
}

#[tokio::test]
async fn what_was_never_read_back_is_not_gone_because_it_cannot_be_read() {
    for unread in [400, 404, 501] {
        let to = Feeds::at(Choices::default(), |store| (store.reads, store.unread) = (false, unread)).await;
        let receipt = to.receipt(to.create(&draft()).await.unwrap());
        let changes = to.feed.changes(None, std::slice::from_ref(&receipt)).await.unwrap();
        assert_eq!(changes, Changes::default(), "{unread}");
        to.feed.withdraw(&receipt, &to.about()).await.unwrap();
        assert_eq!(to.site.with(|store| store.entries.len()), 0, "{unread}: taken away, and not only said to be");
    }
}

#[tokio::test]
async fn a_server_that_cannot_be_read_and_takes_nothing_away_is_not_believed_to_have_done_it() {
    let unreadable = |store: &mut site::Store| (store.reads, store.unread) = (false, 400);
    let to = Feeds::at(Choices::default(), unreadable).await;
    let receipt = to.receipt(to.create(&draft()).await.unwrap());
    to.site.with(|store| store.deletes = false);
    for _ in 0..2 {
        let refused = to.feed.withdraw(&receipt, &to.about()).await;
        assert!(matches!(refused, Err(FeedError::Refused)), "{refused:?}");
    }
    to.site.with(|store| (store.deletes, store.moods) = (true, vec![Mood::LostAfter]));
    assert!(matches!(to.feed.withdraw(&receipt, &to.about()).await, Err(FeedError::Lost)));
    assert!(matches!(to.lookup().await, Lookup::Found(held) if !held.touched), "nobody knows, so it is tried again");
    to.feed.withdraw(&receipt, &to.about()).await.expect("a no to the second try: the first one did it");
}

#[tokio::test]
async fn a_server_that_takes_forms_only_gets_the_words_and_the_files_in_one() {
    let to = Feeds::at(Choices::default(), |store| store.takes_json = false).await;
    let receipt = to.receipt(to.create(&draft()).await.unwrap());
    assert_eq!(to.site.with(|store| (store.made, store.files, store.forms.len())), (1, 2, 0), "no file goes twice");
    assert_eq!(to.site.property("photo").as_array().unwrap().len(), 2);
    assert_eq!(to.site.property("post-status"), serde_json::json!(["draft"]));
    let text = to.site.property("content")[0].as_str().unwrap().to_owned();
    assert!(text.contains("We went rowing.") && !text.contains('<'), "{text}");
    assert_eq!(to.feed.changes(None, std::slice::from_ref(&receipt)).await.unwrap(), Changes::default());
    assert!(matches!(to.lookup().await, Lookup::Found(held) if !held.unfinished && !held.touched));
    assert!(!to.feed.items(&draft())[0].html, "from then on the preview shows it so");
    assert!(matches!(to.update(&receipt, &edited(2, Audience::Draft)).await, Err(FeedError::Refused)));
    assert_eq!(to.site.with(|store| store.made), 1);
    to.feed.withdraw(&receipt, &to.about()).await.unwrap();
    assert_eq!(to.site.with(|store| store.entries.len()), 0, "which a form can say as well");
}

#[tokio::test]
async fn what_came_by_a_form_is_not_taken_for_what_was_written_since() {
    let to = Feeds::at(Choices::default(), |store| store.takes_json = false).await;
    to.site.with(|store| store.moods = vec![Mood::Says(415), Mood::Says(415), Mood::LostAfter]);
    assert!(matches!(to.create(&draft()).await, Err(FeedError::Lost)));
    let Lookup::Found(held) = to.lookup().await else { panic!("it was made") };
    assert!(held.unfinished);
    let receipt = to.receipt(held);
    for _ in 0..2 {
        let refused = to.update(&receipt, &edited(2, Audience::Draft)).await;
        assert!(matches!(refused, Err(FeedError::Refused)), "{refused:?}");
    }
}

#[tokio::test]
async fn a_page_in_place_of_an_entry_is_the_endpoints_own_if_it_answers_another_question() {
    for unread in [200, 404] {
        let pages = |store: &mut site::Store| (store.unread, store.unread_page) = (unread, true);
        let to = Feeds::at(Choices::default(), pages).await;
        let receipt = to.receipt(to.create(&draft()).await.unwrap());
        assert_eq!(
            to.feed.changes(None, std::slice::from_ref(&receipt)).await.unwrap(),
            Changes::default(),
            "{unread}"
        );
        to.site.with(|store| store.config = Some(Reply::html(404, "<h1>Not here</h1>")));
        let read = to.feed.fetch(&receipt, &to.about()).await;
        assert!(matches!(read, Err(FeedError::Unreachable)), "{unread}: nobody knows who answers: {read:?}");
    }
}

#[tokio::test]
async fn what_was_made_by_a_form_for_its_files_can_be_taken_away_by_a_form() {
    let to = Feeds::at(Choices::default(), |store| (store.takes_files, store.takes_json) = (false, false)).await;
    let receipt = to.receipt(to.create(&draft()).await.unwrap());
    to.feed.withdraw(&receipt, &to.about()).await.unwrap();
    assert_eq!(to.site.with(|store| store.entries.len()), 0);
}
