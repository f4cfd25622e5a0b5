//! Titles stand twice in an item of two languages: in its title, and as the headings of its sections. Who changes one at the site
//! leaves the other as it was.

use std::sync::Arc;

use serde_json::json;

use super::desk::{Desk, intent, receipt};
use crate::domain::destination::Choices;
use crate::domain::{Lang, Receipt};
use crate::feed::web::scripted::Reply;
use crate::feed::{Audience, Feed, FeedError, Fetched, Intent, Lookup};

/// A post with these titles, in a revision.
fn titled(revision: u128, zh: &str, en: &str) -> Arc<Intent> {
    let mut wanted = (*intent(revision, Audience::Published)).clone();
    for (lang, title) in [(Lang::zh_hans(), zh), (Lang::en(), en)] {
        wanted.content.sides.get_mut(&lang).unwrap().title = title.into();
    }
    Arc::new(wanted)
}

async fn published(zh: &str, en: &str) -> (Desk, Receipt) {
    let desk = Desk::new(Choices::default()).await;
    let held = desk.feed.create(&titled(1, zh, en), &desk.out()).await.unwrap();
    (desk, receipt(&held))
}

async fn fetched(desk: &Desk, known: &Receipt) -> Fetched {
    desk.feed.fetch(known, &desk.about()).await.unwrap()
}

/// Somebody there gives the item another title.
fn entitle(desk: &Desk, title: &str) {
    desk.with(|store| store.posts[0]["title"] = json!({ "raw": title }));
}

/// Somebody there writes something else into its text.
fn write(desk: &Desk, from: &str, to: &str) {
    desk.with(|store| {
        let raw = store.posts[0]["content"]["raw"].as_str().unwrap().replace(from, to);
        store.posts[0]["content"]["raw"] = json!(raw);
    });
}

fn titles(fetched: &Fetched) -> Vec<&str> {
    fetched.sides.values().map(|side| side.title.as_str()).collect()
}

#[tokio::test]
async fn a_title_that_was_changed_there_and_taken_over_stays_and_keeps_nothing_from_leaving() {
    let (desk, known) = published("小船", "Boat").await;
    entitle(&desk, "大船 · Big boat");
    write(&desk, "By the lake", "By the sea");
    let changed = fetched(&desk, &known).await;
    assert_eq!(titles(&changed), ["Big boat", "大船"]);
    let known = receipt(&changed.held);
    let again = fetched(&desk, &known).await;
    assert_eq!((titles(&again), again.held.version), (titles(&changed), known.version), "nothing was changed since");
    assert_eq!(again.held.parts, known.parts);
    assert!(desk.feed.changes(None, std::slice::from_ref(&known)).await.unwrap().items.is_empty());
    write(&desk, "By the sea", "By the bay");
    let more = fetched(&desk, &known).await;
    assert_eq!(titles(&more), ["Big boat", "大船"], "another word changes no title");
    let known = receipt(&more.held);
    let held = desk.feed.update(&known, &titled(2, "大船", "Big boat"), &desk.out()).await.unwrap();
    assert_eq!(titles(&fetched(&desk, &receipt(&held)).await), ["Big boat", "大船"]);
    let raw = desk.with(|store| store.posts[0]["content"]["raw"].as_str().unwrap().to_owned());
    assert!(raw.contains(">大船</h2>"), "{raw}");
}

#[tokio::test]
async fn a_heading_that_was_changed_there_stays_beside_the_title_that_was_not() {
    let (desk, known) = published("小船", "Boat").await;
    write(&desk, ">小船</h2>", ">木筏</h2>");
    let changed = fetched(&desk, &known).await;
    assert_eq!(titles(&changed), ["Boat", "木筏"]);
    let known = receipt(&changed.held);
    let again = fetched(&desk, &known).await;
    assert_eq!((titles(&again), again.held.version), (titles(&changed), known.version));
    entitle(&desk, "大船 · Boat");
    assert_eq!(titles(&fetched(&desk, &known).await), ["Boat", "大船"], "the title is the later word");
}

#[tokio::test]
async fn white_space_in_titles_is_nobodys_change() {
    for zh in ["第一章　小船", "第一章  小船"] {
        let (desk, known) = published(zh, "One  boat").await;
        let read = fetched(&desk, &known).await;
        assert_eq!((read.held.version, read.held.parts), (known.version, known.parts.clone()), "{zh:?}");
        desk.feed.update(&known, &titled(2, zh, "One  boat"), &desk.out()).await.unwrap();
    }
}

#[tokio::test]
async fn a_receipt_that_remembers_titles_alone_still_knows_what_was_changed() {
    let (desk, known) = published("小船", "Boat").await;
    let is_old = |name: &String| {
        ["title", "body", "media", "topics", "moment", "post"].contains(&name.split('.').next().unwrap())
    };
    let parts = known.parts.clone().into_iter().filter(|(name, _)| is_old(name)).collect();
    let known = Receipt { parts, ..known };
    assert_eq!(fetched(&desk, &known).await.held.version, known.version);
    entitle(&desk, "大船 · Boat");
    assert_eq!(titles(&fetched(&desk, &known).await), ["Boat", "大船"]);
    entitle(&desk, "小船 · Boat");
    write(&desk, ">小船</h2>", ">木筏</h2>");
    assert_eq!(titles(&fetched(&desk, &known).await), ["Boat", "木筏"]);
}

#[tokio::test]
async fn a_heading_that_was_taken_over_is_known_again_where_a_change_never_arrived() {
    let (desk, known) = published("小船", "Boat").await;
    write(&desk, ">小船</h2>", ">木筏</h2>");
    let known = receipt(&fetched(&desk, &known).await.held);
    desk.with(|store| store.whim = Some(("POST posts/100", Reply::Nothing)));
    let lost = desk.feed.update(&known, &titled(2, "木筏", "Boat"), &desk.out()).await;
    assert!(matches!(lost, Err(FeedError::Lost)), "{lost:?}");
    desk.with(|store| store.whim = None);
    let Lookup::Found(found) = desk.feed.lookup(&desk.about()).await.unwrap() else { panic!("it is there") };
    assert_eq!((found.touched, found.revision, found.version), (false, Some(known.revision), known.version));
    assert_eq!(found.parts, known.parts);
    entitle(&desk, "大船 · Boat");
    let Lookup::Found(found) = desk.feed.lookup(&desk.about()).await.unwrap() else { panic!("it is there") };
    assert!(found.touched, "that was somebody");
}

#[tokio::test]
async fn a_title_that_was_changed_behind_a_lost_answer_is_seen() {
    let (desk, known) = published("小船", "Boat").await;
    desk.with(|store| store.hang_up = Some("POST posts/100"));
    desk.feed.update(&known, &titled(2, "木筏", "Boat"), &desk.out()).await.unwrap_err();
    entitle(&desk, "大船 · Boat");
    let Lookup::Found(found) = desk.feed.lookup(&desk.about()).await.unwrap() else { panic!("it is there") };
    assert!(found.touched);
    assert_eq!(titles(&fetched(&desk, &receipt(&found)).await), ["Boat", "大船"]);
}
