//! What everybody can see of a post, whatever the server says of it.

use super::*;
use crate::feed::web::scripted::Reply;

fn public(number: u128) -> Arc<Intent> {
    edited(number, Audience::Published)
}

/// A server whose other post everybody can read.
async fn with_another_post(be: impl FnOnce(&mut site::Store)) -> Feeds {
    Feeds::at(Choices::default(), |store| {
        let other = serde_json::json!({ "content": [{ "html": "<p>Hello</p>" }], "post-status": ["published"] });
        store.entries.insert("/e/0/".into(), other.as_object().unwrap().clone());
        be(store);
    })
    .await
}

#[tokio::test]
async fn a_draft_that_everybody_can_read_is_taken_away_though_the_server_calls_it_a_draft() {
    for choices in [Choices::default(), linked()] {
        let to = Feeds::at(choices, |store| store.leaks = true).await;
        assert!(matches!(to.create(&draft()).await, Err(FeedError::Refused)));
        assert_eq!(to.site.with(|store| store.entries.len()), 0);
        assert!(!to.feed.limits().drafts, "and the site is sent no other");
    }
}

#[tokio::test]
async fn a_page_to_sign_in_at_is_no_leak() {
    let sign_in = Reply::html(200, "<title>Sign in</title><form><input name=password></form>");
    let to = Feeds::at(Choices::default(), |store| store.else_shown = sign_in).await;
    assert_eq!(to.create(&draft()).await.unwrap().audience, Audience::Draft);
    assert!(matches!(to.lookup().await, Lookup::Found(held) if !held.unfinished));
}

#[tokio::test]
async fn a_draft_is_followed_to_where_everybody_can_read_it() {
    let to = Feeds::at(Choices::default(), |store| store.leads_on = true).await;
    let receipt = to.receipt(to.create(&draft()).await.unwrap());
    to.site.with(|store| store.leaks = true);
    assert!(matches!(to.update(&receipt, &Arc::new(intent(2, Audience::Draft))).await, Err(FeedError::Refused)));
    assert_eq!(to.site.with(|store| store.entries.len()), 0);
}

#[tokio::test]
async fn nobody_but_the_site_is_asked_for_its_pages() {
    let stranger = crate::feed::web::scripted::Scripted::start(|_| Reply::html(200, "今天去划船。")).await;
    let elsewhere = Reply::html(301, "").header("location", stranger.url.as_str());
    let to = Feeds::at(Choices::default(), |store| store.else_shown = elsewhere).await;
    assert_eq!(to.create(&draft()).await.unwrap().audience, Audience::Draft);
    assert!(stranger.heard().is_empty());
}

#[tokio::test]
async fn a_draft_whose_answer_was_lost_is_taken_away_where_everybody_can_read_it() {
    for drafts in [true, false] {
        let to = Feeds::at(Choices::default(), |store| (store.leaks, store.drafts) = (true, drafts)).await;
        to.site.with(|store| store.moods = vec![Mood::LostAfter]);
        assert!(matches!(to.create(&draft()).await, Err(FeedError::Lost)));
        let Lookup::Found(held) = to.lookup().await else { panic!("drafts known: {drafts}") };
        assert!(held.unfinished, "it is not as it shall be");
        assert!(matches!(to.update(&to.receipt(held), &draft()).await, Err(FeedError::Refused)));
        assert_eq!(to.site.with(|store| store.entries.len()), 0, "drafts known: {drafts}");
    }
}

#[tokio::test]
async fn a_post_that_stays_public_as_a_draft_is_told_and_stays() {
    let to = Feeds::new(Choices::default()).await;
    let receipt = to.receipt(to.create(&public(1)).await.unwrap());
    to.site.with(|store| store.leaks = true);
    assert!(matches!(to.update(&receipt, &edited(2, Audience::Draft)).await, Err(FeedError::Lost)));
    assert!(matches!(to.lookup().await, Lookup::NotYet(_)), "a site may be made anew only now and then");
    to.clock.advance(45 * MINUTE);
    let Lookup::Found(held) = to.lookup().await else { panic!() };
    assert_eq!((held.touched, held.audience), (true, Audience::Published));
    assert!(to.feed.limits().drafts, "it knows new ones");
    to.site.with(|store| store.leaks = false);
    assert!(matches!(to.lookup().await, Lookup::Found(held) if !held.touched && held.audience == Audience::Draft));
}

#[tokio::test]
async fn a_draft_that_is_called_published_and_nobody_can_read_is_not_told_as_published() {
    let to = with_another_post(|store| store.hidden = vec!["/e/1/"]).await;
    let receipt = to.receipt(to.create(&draft()).await.unwrap());
    assert!(matches!(to.update(&receipt, &public(2)).await, Err(FeedError::Lost)));
    assert!(matches!(to.lookup().await, Lookup::NotYet(_)));
    to.clock.advance(45 * MINUTE);
    assert_eq!(to.lookup().await, Lookup::CannotTell, "the user is asked");
    to.site.with(|store| store.hidden.clear());
    assert!(matches!(to.lookup().await, Lookup::Found(held) if held.revision == Some(revision(2))));
    assert_eq!(to.update(&receipt, &public(2)).await.unwrap().audience, Audience::Published);
}

#[tokio::test]
async fn a_new_post_that_nobody_can_read_is_not_told_as_published_and_one_that_is_built_later_needs_no_answer() {
    for is_built in [true, false] {
        let to = with_another_post(|store| store.hidden = vec!["/e/1/", "/e/2/"]).await;
        assert!(matches!(to.create(&public(1)).await, Err(FeedError::Lost)));
        to.clock.advance(44 * MINUTE);
        assert!(matches!(to.lookup().await, Lookup::NotYet(_)), "it may be built only now and then");
        if is_built {
            to.site.with(|store| store.hidden.clear());
        }
        to.clock.advance(MINUTE);
        match to.lookup().await {
            Lookup::Found(held) => assert!(is_built && !held.touched && !held.unfinished),
            other => assert!(!is_built && other == Lookup::CannotTell, "{other:?}"),
        }
    }
}

#[tokio::test]
async fn at_a_site_that_shows_others_the_next_post_that_nobody_can_read_is_asked_about_again() {
    let to = with_another_post(|store| store.hidden = vec!["/e/1/", "/e/2/"]).await;
    for path in ["e/1/", "e/2/"] {
        let out = Outgoing { notes: Arc::new(Paper::default()), ..to.out() };
        let about = About { post: post_id(), notes: out.notes.clone() };
        assert!(matches!(to.feed.create(&public(1), &out).await, Err(FeedError::Lost)), "{path}");
        to.clock.advance(45 * MINUTE);
        assert_eq!(to.feed.lookup(&about).await.unwrap(), Lookup::CannotTell, "{path}");
        to.feed.found(to.site.url(path).as_str(), &about).await.unwrap();
        assert!(matches!(to.feed.lookup(&about).await.unwrap(), Lookup::Found(_)), "{path}: but not about the same");
    }
}

#[tokio::test]
async fn a_post_that_was_taken_back_is_looked_at_again_when_it_is_published_again() {
    let to = with_another_post(|_| {}).await;
    let receipt = to.receipt(to.create(&public(1)).await.unwrap());
    to.feed.withdraw(&receipt, &to.about()).await.unwrap();
    to.site.with(|store| store.hidden = vec!["/e/1/"]);
    assert!(matches!(to.create(&public(2)).await, Err(FeedError::Lost)));
}

/// A post about a time in an hour.
fn ahead(number: u128) -> Arc<Intent> {
    let mut intent = intent(number, Audience::Published);
    intent.content.moment.at = Timestamp::from_millis(START + 60 * MINUTE);
    Arc::new(intent)
}

/// How many minutes after the beginning the one entry is said to be from.
fn dated(to: &Feeds) -> i64 {
    let told = to.site.property("published");
    (Moment::parse(told[0].as_str().unwrap()).unwrap().at.as_millis() - START) / MINUTE
}

#[tokio::test]
async fn a_time_that_is_still_to_come_keeps_no_post_back_and_a_retry_says_the_same_time() {
    let to = Feeds::new(Choices::default()).await;
    to.site.with(|store| store.moods = vec![Mood::LostBefore]);
    assert!(matches!(to.create(&ahead(1)).await, Err(FeedError::Lost)));
    to.clock.advance(46 * MINUTE);
    assert_eq!(to.lookup().await, Lookup::CannotTell);
    let receipt = to.receipt(to.create(&ahead(1)).await.unwrap());
    assert_eq!(dated(&to), 0, "what it said the first time");
    let receipt = to.receipt(to.update(&receipt, &ahead(2)).await.unwrap());
    assert_eq!(dated(&to), 0, "it is public since then");
    to.clock.advance(46 * MINUTE);
    to.update(&receipt, &ahead(3)).await.unwrap();
    assert_eq!(dated(&to), 60, "its own time has come");
    let mut draft = intent(1, Audience::Draft);
    draft.content.moment.at = Timestamp::from_millis(START + 600 * MINUTE);
    let out = Outgoing { notes: Arc::new(Paper::default()), ..to.out() };
    to.site.with(|store| store.entries.clear());
    to.feed.create(&Arc::new(draft), &out).await.unwrap();
    assert_eq!(dated(&to), 600, "a draft is kept back as it is");
}

#[tokio::test]
async fn what_is_still_to_come_is_told_by_the_clock_of_the_site() {
    let to = Feeds::new(Choices::default()).await;
    let behind = Timestamp::from_millis(START - 10 * MINUTE);
    to.site.with(|store| store.list = Some(Reply::json(200, &serde_json::json!({ "items": [] })).at(behind)));
    to.feed.probe().await.unwrap();
    to.create(&public(1)).await.unwrap();
    assert_eq!(dated(&to), -10);
}

#[tokio::test]
async fn a_site_that_shows_its_posts_to_nobody_or_elsewhere_is_believed() {
    let to = with_another_post(|store| store.hidden = vec!["/e/0/", "/e/1/"]).await;
    let receipt = to.receipt(to.create(&draft()).await.unwrap());
    assert!(to.update(&receipt, &public(2)).await.is_ok());
    let to = with_another_post(|_| {}).await;
    let receipt = to.receipt(to.create(&draft()).await.unwrap());
    to.site.with(|store| (store.hidden, store.else_shown) = (Vec::new(), Reply::html(403, "members only")));
    assert!(to.update(&receipt, &public(2)).await.is_ok());
}

#[tokio::test]
async fn what_waits_there_for_its_time_or_for_somebody_is_not_public() {
    let read = |status: &str| {
        let properties = serde_json::json!({ "content": ["Fog."], "post-status": [status] });
        source::Source::of(serde_json::json!({ "properties": properties })).unwrap().audience()
    };
    for kept_back in ["draft", "pending", "private", "future", "unpublished", "scheduled"] {
        assert_eq!(read(kept_back), Audience::Draft, "{kept_back}");
    }
    assert_eq!((read("published"), read("")), (Audience::Published, Audience::Published));
}

#[tokio::test]
async fn what_was_promised_and_everybody_can_read_has_come_though_the_server_does_not_give_it_back() {
    let cannot = |store: &mut site::Store| (store.reads, store.unread, store.promises) = (false, 400, true);
    let to = Feeds::at(Choices::default(), cannot).await;
    assert!(matches!(to.create(&public(1)).await, Err(FeedError::Lost)));
    assert!(matches!(to.lookup().await, Lookup::NotYet(_)));
    to.site.with(|store| store.entries.append(&mut store.deleted));
    let Lookup::Found(held) = to.lookup().await else { panic!() };
    assert_eq!((held.revision, held.unfinished), (Some(revision(1)), false));
    assert!(to.update(&to.receipt(held), &public(2)).await.is_ok());
    let out = Outgoing { notes: Arc::new(Paper::default()), ..to.out() };
    assert!(matches!(to.feed.create(&draft(), &out).await, Err(FeedError::Lost)));
    let lookup = to.feed.lookup(&About { post: post_id(), notes: out.notes }).await.unwrap();
    assert!(matches!(lookup, Lookup::Found(_)), "its next promises are believed: {lookup:?}");
}

#[tokio::test]
async fn a_site_that_shows_the_same_page_everywhere_keeps_no_promise_by_it() {
    let to = Feeds::at(Choices::default(), |store| {
        (store.reads, store.unread, store.promises) = (false, 400, true);
        store.else_shown = Reply::html(200, "<title>My site</title>");
    })
    .await;
    assert!(matches!(to.create(&public(1)).await, Err(FeedError::Lost)));
    to.clock.advance(45 * MINUTE);
    assert_eq!(to.lookup().await, Lookup::CannotTell);
}
