//! Servers that cannot be asked for what they hold, and changes that they do not make.

use super::*;
use crate::feed::web::scripted::Reply;

fn nothing() -> Reply {
    Reply::With(200, vec![("content-type", "application/json".into())], Vec::new())
}

#[tokio::test]
async fn a_server_without_a_list_takes_posts_whatever_it_says_to_the_question() {
    let lists = [
        nothing(),
        Reply::With(204, Vec::new(), Vec::new()),
        Reply::html(200, "200 ok"),
        Reply::html(500, "<h1>Server Error (500)</h1>"),
        Reply::json(403, &serde_json::json!({ "error": "forbidden" })),
        Reply::json(200, &serde_json::json!("ok")),
    ];
    for list in lists {
        let told = format!("{list:?}");
        let to = Feeds::at(Choices::default(), |store| store.list = Some(list)).await;
        let receipt = to.receipt(to.create(&draft()).await.unwrap());
        let changes = to.feed.changes(None, std::slice::from_ref(&receipt)).await;
        assert_eq!(changes.unwrap(), Changes::default(), "{told}");
    }
    let to = Feeds::new(Choices::default()).await;
    to.site.with(|store| store.list = Some(Reply::html(401, "authentication error")));
    assert!(matches!(to.feed.probe().await, Err(FeedError::SignedOut)), "that says that we are not known");
}

#[tokio::test]
async fn a_server_that_answers_a_question_with_nothing_is_believed() {
    for source in [nothing(), Reply::With(204, Vec::new(), Vec::new()), Reply::html(200, "200 ok")] {
        let told = format!("{source:?}");
        let to = Feeds::at(Choices::default(), |store| {
            (store.source, store.list) = (Some(source.clone()), Some(source));
        })
        .await;
        let receipt = to.receipt(to.create(&draft()).await.unwrap());
        to.update(&receipt, &edited(2, Audience::Draft)).await.unwrap();
        assert!(to.site.property("content").to_string().contains("rowing again"), "{told}");
    }
}

#[tokio::test]
async fn a_cut_answer_is_asked_for_again_and_not_believed() {
    let to = Feeds::new(Choices::default()).await;
    let receipt = to.receipt(to.create(&draft()).await.unwrap());
    let cut = Reply::With(200, vec![("content-type", "application/json".into())], b"{\"type\":".to_vec());
    to.site.with(|store| store.source = Some(cut));
    assert!(matches!(to.update(&receipt, &edited(2, Audience::Draft)).await, Err(FeedError::Untold)));
}

#[tokio::test]
async fn what_can_never_be_asked_ends_with_the_user() {
    for list in [Reply::html(500, "oops"), Reply::json(404, &serde_json::json!({ "error": "not_found" }))] {
        let told = format!("{list:?}");
        let to = Feeds::at(Choices::default(), |store| store.list = Some(list)).await;
        to.site.with(|store| store.moods = vec![Mood::LostBefore]);
        assert!(matches!(to.create(&draft()).await, Err(FeedError::Lost)));
        assert!(matches!(to.lookup().await, Lookup::NotYet(_)), "{told}");
        to.clock.advance(45 * MINUTE);
        assert_eq!(to.lookup().await, Lookup::CannotTell, "{told}");
    }
}

#[tokio::test]
async fn a_question_that_always_fails_ends_with_the_user_and_a_server_that_is_down_is_asked_again() {
    let to = Feeds::new(Choices::default()).await;
    let receipt = to.receipt(to.create(&draft()).await.unwrap());
    to.site.with(|store| store.moods = vec![Mood::LostBefore]);
    assert!(matches!(to.update(&receipt, &edited(2, Audience::Draft)).await, Err(FeedError::Lost)));
    to.site.with(|store| store.source = Some(Reply::html(500, "oops")));
    assert!(matches!(to.lookup().await, Lookup::NotYet(_)), "other posts go on meanwhile");
    to.clock.advance(45 * MINUTE);
    assert_eq!(to.lookup().await, Lookup::CannotTell);
    to.site.with(|store| store.config = Some(Reply::html(500, "oops")));
    assert!(matches!(to.feed.lookup(&to.about()).await, Err(FeedError::Unreachable)));
}

#[tokio::test]
async fn one_entry_that_a_site_fails_over_is_an_error_of_its_own_and_hides_no_other() {
    for lists in [true, false] {
        let to = Feeds::at(Choices::default(), |store| store.lists = lists).await;
        let first = to.receipt(to.create(&Arc::new(intent(1, Audience::Published))).await.unwrap());
        let other = Outgoing { notes: Arc::new(Paper::default()), ..to.out() };
        let second = to.receipt(to.feed.create(&edited(1, Audience::Published), &other).await.unwrap());
        to.site.with(|store| {
            store.fails = Some("/e/1/");
            // Where it lists, the entry that it fails over is not among what it lists.
            store.deleted.extend(store.entries.remove_entry("/e/1/"));
            store.entries.get_mut("/e/2/").unwrap().insert("name".into(), serde_json::json!(["Theirs"]));
        });
        let changes = to.feed.changes(None, &[first.clone(), second.clone()]).await.unwrap();
        let changed: Vec<&str> = changes.items.iter().map(|item| item.held.remote_id.as_str()).collect();
        assert_eq!((changed, changes.gone.len()), (vec![second.remote_id.as_str()], 0), "lists: {lists}");
        let sent = to.update(&first, &edited(2, Audience::Published)).await;
        assert!(matches!(sent, Err(FeedError::Untold)), "{sent:?}");
        let withdrawn = to.feed.withdraw(&first, &to.about()).await;
        assert!(matches!(withdrawn, Err(FeedError::Untold)), "{withdrawn:?}");
        let fetched = to.feed.fetch(&first, &to.about()).await;
        assert!(matches!(fetched, Err(FeedError::Untold)), "{fetched:?}");
        to.site.with(|store| store.config = Some(Reply::html(500, "oops")));
        let down = to.feed.changes(None, std::slice::from_ref(&first)).await;
        assert!(matches!(down, Err(FeedError::Unreachable)), "a site that is down proves nothing: {down:?}");
        let sent = to.update(&first, &edited(2, Audience::Published)).await;
        assert!(matches!(sent, Err(FeedError::Unreachable)), "{sent:?}");
    }
}

#[tokio::test]
async fn one_entry_that_is_listed_anew_and_fails_hides_no_other() {
    let to = Feeds::new(Choices::default()).await;
    let first = to.receipt(to.create(&Arc::new(intent(1, Audience::Published))).await.unwrap());
    to.site.with(|store| {
        store.fails = Some("/e/1/");
        store.entries.get_mut("/e/1/").unwrap().insert("name".into(), serde_json::json!(["Theirs"]));
    });
    assert_eq!(to.feed.changes(None, std::slice::from_ref(&first)).await.unwrap(), Changes::default());
}

#[tokio::test]
async fn what_is_gone_where_nothing_is_given_back_is_made_anew_when_the_user_says_so() {
    let to = Feeds::at(Choices::default(), |store| store.reads = false).await;
    let receipt = to.receipt(to.create(&Arc::new(intent(1, Audience::Published))).await.unwrap());
    to.site.with(|store| (store.entries.clear(), store.moods.push(Mood::Says(410))).0);
    let gone = to.update(&receipt, &edited(2, Audience::Published)).await;
    assert!(matches!(gone, Err(FeedError::Gone)), "{gone:?}");
    to.site.with(|store| store.moods.push(Mood::Says(410)));
    to.create(&edited(2, Audience::Published)).await.unwrap();
    assert_eq!(to.site.with(|store| (store.entries.len(), store.made)), (1, 2));
}

#[tokio::test]
async fn what_is_called_gone_by_mistake_where_nothing_is_given_back_is_not_made_twice() {
    let to = Feeds::at(Choices::default(), |store| store.reads = false).await;
    let receipt = to.receipt(to.create(&Arc::new(intent(1, Audience::Published))).await.unwrap());
    to.site.with(|store| store.moods.push(Mood::Says(410)));
    assert!(matches!(to.update(&receipt, &edited(2, Audience::Published)).await, Err(FeedError::Gone)));
    to.create(&edited(2, Audience::Published)).await.unwrap();
    assert!(to.site.property("content").to_string().contains("rowing again"), "one entry, as it shall be");
}

/// A published post, sent again with a change that the server does not make.
async fn ignored(change: impl FnOnce(&mut Intent)) -> Result<Held, FeedError> {
    let to = Feeds::new(Choices::default()).await;
    let receipt = to.receipt(to.create(&Arc::new(intent(1, Audience::Published))).await.unwrap());
    let mut next = intent(2, Audience::Published);
    change(&mut next);
    let next = Arc::new(next);
    to.site.with(|store| store.moods = vec![Mood::Says(204); 2]);
    let first = to.update(&receipt, &next).await;
    assert!(matches!(first, Err(FeedError::Lost)), "{first:?}");
    let Lookup::Found(held) = to.lookup().await else { panic!() };
    assert!(held.unfinished && !held.touched, "it is sent once more");
    // What both sides agreed on is still the first revision.
    let known = Receipt { revision: revision(1), ..to.receipt(held) };
    let again = to.update(&known, &next).await;
    assert!(matches!(again, Err(FeedError::Lost)), "and is not believed then either: {again:?}");
    to.update(&known, &next).await
}

#[tokio::test]
async fn a_change_of_anything_that_the_server_does_not_make_is_not_believed() {
    ignored(|post| post.content.topics = vec!["tea".into()]).await.unwrap();
    ignored(|post| drop(post.media.pop())).await.unwrap();
    ignored(|post| post.media[1] = photo(2, &[("zh-Hans", "一碗汤面")])).await.unwrap();
    ignored(|post| post.content.moment.at = Timestamp::from_millis(START - 60_000)).await.unwrap();
}

#[tokio::test]
async fn what_changes_nothing_is_believed_and_so_is_a_server_that_keeps_no_topics() {
    let to = Feeds::new(Choices::default()).await;
    let receipt = to.receipt(to.create(&Arc::new(intent(1, Audience::Published))).await.unwrap());
    assert!(to.update(&receipt, &Arc::new(intent(2, Audience::Published))).await.is_ok());
    to.site.with(|store| store.entries.values_mut().for_each(|entry| drop(entry.remove("category"))));
    let fetched = to.feed.fetch(&receipt, &to.about()).await.unwrap();
    let mut topics = intent(3, Audience::Published);
    topics.content.topics = vec!["tea".into()];
    to.site.with(|store| store.moods = vec![Mood::Says(204)]);
    assert!(to.update(&to.receipt(fetched.held), &Arc::new(topics)).await.is_ok());
}

#[tokio::test]
async fn fewer_files_than_were_sent_are_waited_for_and_then_told() {
    let to = Feeds::at(Choices::default(), |store| store.drops = true).await;
    assert!(matches!(to.create(&draft()).await, Err(FeedError::Lost)));
    assert!(matches!(to.lookup().await, Lookup::NotYet(_)), "it may still be working on them");
    to.clock.advance(45 * MINUTE);
    let Lookup::Found(held) = to.lookup().await else { panic!() };
    assert!(held.touched, "what is there is shown to the user");
    let fetched = to.feed.fetch(&to.receipt(held), &to.about()).await.unwrap();
    assert_eq!(fetched.media.unwrap().len(), 1);
}

#[tokio::test]
async fn of_several_blogs_the_one_is_written_to_that_the_user_named() {
    let server = crate::feed::web::scripted::Scripted::start(|heard| {
        let (own, other) = (heard.target.join("/").unwrap(), "https://other.example/");
        let listed = |uid: &str| serde_json::json!({ "uid": uid, "name": "a blog" });
        match (heard.method.as_str(), heard.query("q").as_deref()) {
            ("GET", Some("config")) => {
                Reply::json(200, &serde_json::json!({ "destination": [listed(other), listed(own.as_str())] }))
            }
            ("GET", _) => Reply::json(200, &serde_json::json!({ "items": [] })),
            _ => Reply::html(201, "").header("location", format!("{other}2025/boat.html")),
        }
    })
    .await;
    let at = |facts: Facts| {
        let clock = Arc::new(TestClock::new(START));
        let credentials = Arc::new(SignIn::Bearer(Secret::new("token-canary".into())));
        let (patience, choices) = (Patience::default(), Choices::default());
        let place = server.url.clone();
        Micropub::new(web_site::Site { place, facts, choices, credentials, plain_http: false, patience, clock })
    };
    let endpoints = BTreeMap::from([("micropub".to_owned(), server.url.join("m").unwrap().to_string())]);
    let facts = at(Facts { endpoints, ..Facts::default() }).probe().await.unwrap();
    assert_eq!((facts.endpoints["destination"].as_str(), facts.account.as_str()), (server.url.as_str(), "a blog"));
    let mut words = intent(1, Audience::Published);
    words.media.clear();
    let notes = Arc::new(Paper::default());
    let out = Outgoing { media: Arc::new(Bytes), progress: Arc::new(Bytes), notes: notes.clone(), gone: None };
    let feed = at(facts);
    let lost = feed.create(&Arc::new(words), &out).await;
    assert!(
        matches!(lost, Err(FeedError::Lost)),
        "an address in the other blog is not the one that was meant: {lost:?}"
    );
    drop(feed.lookup(&About { post: post_id(), notes }).await.unwrap());
    let heard = server.heard();
    let made = heard.iter().find(|heard| heard.method == "POST").unwrap().json();
    assert_eq!(made["properties"]["mp-destination"][0], server.url.as_str());
    assert_eq!(heard.last().unwrap().query("mp-destination").as_deref(), Some(server.url.as_str()));
}
