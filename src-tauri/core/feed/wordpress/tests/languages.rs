//! An item for each language: what was begun is carried on, and what is public is known.

use std::sync::Arc;

use serde_json::json;

use super::desk::{Desk, intent, receipt, theirs};
use super::revision;
use crate::domain::destination::{Choices, LanguageLayout};
use crate::domain::{Lang, Side};
use crate::feed::{Audience, Feed, FeedError, Held, Intent, Lookup};

async fn linked() -> Desk {
    Desk::new(Choices { languages: LanguageLayout::Linked, ..Choices::default() }).await
}

/// A revision in these languages.
fn said(number: u128, audience: Audience, langs: &[&str]) -> Arc<Intent> {
    let mut wanted = (*intent(number, audience)).clone();
    wanted.content.sides.clear();
    for lang in langs {
        let side = Side { title: format!("{lang} {number}"), body: format!("In {lang}, {number}") };
        wanted.content.sides.insert(lang.parse::<Lang>().unwrap(), side);
    }
    Arc::new(wanted)
}

const ALL: [&str; 3] = ["zh-Hans", "en", "ja"];

/// A post in one language, of which one more was made and a third one not.
async fn begun(audience: Audience) -> (Desk, Held) {
    let desk = linked().await;
    let held = desk.feed.create(&said(1, audience, &["zh-Hans"]), &desk.out()).await.unwrap();
    desk.with(|store| store.most = Some(2));
    let busy = desk.feed.update(&receipt(&held), &said(2, audience, &ALL), &desk.out()).await;
    assert!(matches!(busy, Err(FeedError::Busy(None))), "{busy:?}");
    desk.with(|store| store.most = None);
    (desk, held)
}

fn statuses(desk: &Desk) -> Vec<String> {
    desk.with(|store| store.posts.iter().map(|post| post["status"].as_str().unwrap().to_owned()).collect())
}

#[tokio::test]
async fn a_language_that_was_begun_is_not_made_once_more() {
    let (desk, held) = begun(Audience::Published).await;
    let held = desk.feed.update(&receipt(&held), &said(2, Audience::Published, &ALL), &desk.out()).await.unwrap();
    assert_eq!((statuses(&desk), held.revision), (vec!["publish".to_owned(); 3], Some(revision(2))));
    let fetched = desk.feed.fetch(&receipt(&held), &desk.about()).await.unwrap();
    assert_eq!((fetched.sides, fetched.held.unfinished), (said(2, Audience::Draft, &ALL).content.sides.clone(), false));
}

#[tokio::test]
async fn a_language_that_was_begun_and_is_not_wanted_any_more_is_taken_away() {
    let (desk, held) = begun(Audience::Published).await;
    desk.feed.update(&receipt(&held), &said(3, Audience::Published, &["zh-Hans"]), &desk.out()).await.unwrap();
    assert_eq!(statuses(&desk), ["publish", "trash"]);
}

#[tokio::test]
async fn what_was_begun_since_is_taken_away_with_the_rest() {
    let (desk, held) = begun(Audience::Published).await;
    desk.feed.withdraw(&receipt(&held), &desk.about()).await.unwrap();
    assert_eq!(statuses(&desk), ["trash", "trash"]);
}

#[tokio::test]
async fn what_somebody_wrote_into_what_was_begun_is_not_written_over() {
    let (desk, held) = begun(Audience::Published).await;
    desk.with(|store| store.posts[1]["content"] = json!({ "raw": "<p>Theirs</p>" }));
    for call in [
        desk.feed.update(&receipt(&held), &said(2, Audience::Published, &ALL), &desk.out()).await.map(drop),
        desk.feed.withdraw(&receipt(&held), &desk.about()).await,
    ] {
        assert!(matches!(&call, Err(FeedError::ChangedThere(there)) if there.remote_id == "100+101"), "{call:?}");
    }
    assert_eq!(statuses(&desk), ["publish", "publish"]);
}

#[tokio::test]
async fn what_is_public_of_a_post_that_is_not_whole_can_be_taken_back() {
    let desk = linked().await;
    desk.with(|store| store.most = Some(1));
    let wanted = said(1, Audience::Published, &ALL);
    let begun = desk.feed.create(&wanted, &desk.out()).await;
    assert!(matches!(begun, Err(FeedError::Lost)), "the site is asked for it: {begun:?}");
    let Lookup::Found(held) = desk.feed.lookup(&desk.about()).await.unwrap() else { panic!("one is there") };
    assert_eq!((held.unfinished, held.touched), (true, false));
    desk.feed.withdraw(&receipt(&held), &desk.about()).await.unwrap();
    assert_eq!(statuses(&desk), ["trash"]);
}

#[tokio::test]
async fn a_draft_in_a_language_that_is_being_made_is_not_swept() {
    let (desk, held) = begun(Audience::Draft).await;
    let known = [receipt(&held)];
    let cursor = desk.feed.changes(None, &known).await.unwrap().cursor;
    desk.clock.advance(6 * 60 * 1000);
    desk.feed.changes(cursor.as_deref(), &known).await.unwrap();
    assert_eq!(statuses(&desk), ["draft", "draft"]);
}

#[tokio::test]
async fn an_item_that_changes_its_language_is_one_item() {
    let desk = linked().await;
    let held = desk.feed.create(&said(1, Audience::Draft, &["zh-Hans", "en"]), &desk.out()).await.unwrap();
    desk.with(|store| store.hang_up = Some("POST posts/101"));
    let wanted = said(2, Audience::Draft, &["zh-Hans", "ja"]);
    desk.feed.update(&receipt(&held), &wanted, &desk.out()).await.unwrap_err();
    let Lookup::Found(found) = desk.feed.lookup(&desk.about()).await.unwrap() else { panic!("it is there") };
    assert_eq!((found.remote_id.as_str(), found.touched, found.revision), ("101+100", false, Some(revision(2))));
    let held = desk.feed.update(&receipt(&found), &wanted, &desk.out()).await.unwrap();
    assert_eq!((held.remote_id.as_str(), statuses(&desk).len()), ("100+101", 2));
}

#[tokio::test]
async fn an_item_made_there_stays_in_its_language_when_another_one_is_added() {
    let desk = linked().await;
    let held = theirs(&desk, &json!({ "content": { "raw": "<h2>One</h2><p>In <b>English</b></p>" } }));
    let taken = desk.feed.fetch(&receipt(&held), &desk.about()).await.unwrap();
    let mut wanted = (*said(1, Audience::Published, &["zh-Hans"])).clone();
    wanted.content.sides.extend(taken.sides);
    wanted.media.clear();
    desk.feed.update(&receipt(&taken.held), &Arc::new(wanted), &desk.out()).await.unwrap();
    let raw = |at: usize| desk.with(|store| store.posts[at]["content"]["raw"].as_str().unwrap().to_owned());
    assert!(raw(0).starts_with("<h2>One</h2><p>In <b>English</b></p>"), "{}", raw(0));
    assert!(raw(1).contains("In zh-Hans, 1") && !raw(1).contains("English"), "{}", raw(1));
}

#[tokio::test]
async fn one_of_two_linked_posts_that_is_missing_is_made_and_the_other_left() {
    let desk = Desk::new(Choices { languages: LanguageLayout::Linked, ..Choices::default() }).await;
    let wanted = intent(1, Audience::Draft);
    desk.feed.create(&wanted, &desk.out()).await.unwrap();
    // As if the request for the second of the two had never arrived.
    desk.pad.set("post.en", None);
    desk.with(|store| store.posts.truncate(1));
    let Lookup::Found(held) = desk.feed.lookup(&desk.about()).await.unwrap() else { panic!() };
    assert!(held.unfinished);
    let held = desk.feed.update(&receipt(&held), &wanted, &desk.out()).await.unwrap();
    assert_eq!((held.remote_id.as_str(), desk.with(|store| store.posts.len())), ("100+101", 2));
}

#[tokio::test]
async fn what_is_left_of_two_linked_posts_is_not_taken_for_the_whole() {
    let desk = Desk::new(Choices { languages: LanguageLayout::Linked, ..Choices::default() }).await;
    desk.feed.create(&intent(1, Audience::Published), &desk.out()).await.unwrap();
    desk.with(|store| {
        store.posts[0]["status"] = json!("trash");
        let raw = store.posts[1]["content"]["raw"].as_str().unwrap().replace("By the lake", "By their lake");
        store.posts[1]["content"]["raw"] = json!(raw);
    });
    // The user says to send it again.
    let changed = desk.feed.create(&intent(2, Audience::Published), &desk.out()).await;
    let Err(FeedError::ChangedThere(there)) = changed else { panic!("{changed:?}") };
    let fetched = desk.feed.fetch(&receipt(&there), &desk.about()).await.unwrap();
    assert_eq!((fetched.held.remote_id.as_str(), fetched.held.unfinished), ("101", true));
    let both = desk.feed.update(&receipt(&fetched.held), &intent(2, Audience::Published), &desk.out()).await.unwrap();
    let fetched = desk.feed.fetch(&receipt(&both), &desk.about()).await.unwrap();
    assert_eq!((both.remote_id.as_str(), fetched.held.unfinished), ("102+101", false));
}
