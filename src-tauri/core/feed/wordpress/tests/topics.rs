//! Topics as they come back: all of them or none, and none that somebody only seems to have taken off.

use std::sync::Arc;

use serde_json::json;

use super::desk::{Desk, intent, receipt};
use super::revision;
use crate::domain::destination::{Choices, TopicsAs};
use crate::feed::memory;
use crate::feed::web::scripted::Reply;
use crate::feed::{Audience, Feed, FeedError, Intent, Lookup, OutgoingMedia};

async fn with_categories() -> Desk {
    Desk::new(Choices { topics: TopicsAs::Categories, ..Choices::default() }).await
}

fn about(topics: &[&str], audience: Audience) -> Arc<Intent> {
    let mut wanted = (*intent(1, audience)).clone();
    wanted.content.topics = topics.iter().map(|topic| (*topic).to_owned()).collect();
    Arc::new(wanted)
}

fn sorted(mut topics: Vec<String>) -> Vec<String> {
    topics.sort();
    topics
}

#[tokio::test]
async fn topics_whose_names_did_not_come_along_are_asked_for() {
    for names in [1, 0] {
        let desk = Desk::new(Choices::default()).await;
        desk.with(|store| store.names = Some(names));
        let wanted = about(&["茶", "船", "湖"], Audience::Published);
        let known = [receipt(&desk.feed.create(&wanted, &desk.out()).await.unwrap())];
        let fetched = desk.feed.fetch(&known[0], &desk.about()).await.unwrap();
        assert_eq!(fetched.topics.as_ref(), Some(&wanted.content.topics), "{names}");
        assert_eq!(desk.feed.list(None).await.unwrap().items[0].topics, fetched.topics);
        desk.with(|store| store.names = None);
        assert!(desk.feed.changes(None, &known).await.unwrap().items.is_empty(), "{names}: nobody changed anything");
    }
}

#[tokio::test]
async fn topics_whose_names_nobody_tells_are_unknown_and_not_gone() {
    let desk = Desk::new(Choices::default()).await;
    let held = desk.feed.create(&about(&["茶", "船"], Audience::Published), &desk.out()).await.unwrap();
    let barred = Reply::json(403, &json!({ "code": "rest_forbidden", "data": { "status": 403 } }));
    let taken_out = Reply::json(404, &json!({ "code": "rest_no_route", "data": { "status": 404 } }));
    for untold in [barred, taken_out] {
        desk.with(|store| (store.names, store.whim) = (Some(1), Some(("GET tags", untold))));
        assert_eq!(desk.feed.fetch(&receipt(&held), &desk.about()).await.unwrap().topics, None);
    }
    desk.with(|store| store.whim = Some(("GET tags", Reply::html(503, "<h1>Busy</h1>"))));
    let later = desk.feed.fetch(&receipt(&held), &desk.about()).await;
    assert!(matches!(later, Err(FeedError::Busy(_))), "another time it may tell: {later:?}");
}

#[tokio::test]
async fn a_topic_may_be_the_category_that_the_site_gives_by_itself() {
    for topics in [&["日记"][..], &["日记", "茶"], &["茶"], &[]] {
        let desk = with_categories().await;
        let first = json!({ "id": 1, "name": "日记", "slug": "diary", "taxonomy": "category" });
        desk.with(|store| (store.terms, store.default_category) = (vec![first], Some(1)));
        desk.with(|store| store.hang_up = Some("POST posts/100"));
        desk.feed.create(&about(topics, Audience::Published), &desk.out()).await.unwrap_err();
        let Lookup::Found(held) = desk.feed.lookup(&desk.about()).await.unwrap() else { panic!("it is there") };
        assert_eq!((held.touched, held.unfinished, held.revision), (false, false, Some(revision(1))), "{topics:?}");
        let known = [receipt(&held)];
        let fetched = desk.feed.fetch(&known[0], &desk.about()).await.unwrap();
        assert_eq!(sorted(fetched.topics.unwrap()), sorted(topics.iter().map(|topic| (*topic).to_owned()).collect()));
        let changes = desk.feed.changes(None, &known).await.unwrap();
        assert!(changes.items.is_empty(), "{topics:?}: {:?}", changes.items);
    }
}

#[tokio::test]
async fn what_else_changes_there_takes_no_topic_off() {
    let desk = with_categories().await;
    let first = json!({ "id": 1, "name": "日记", "slug": "diary", "taxonomy": "category" });
    desk.with(|store| store.terms = vec![first]);
    let held = desk.feed.create(&about(&["日记", "茶", "船"], Audience::Published), &desk.out()).await.unwrap();
    desk.with(|store| store.posts[0]["categories"].as_array_mut().unwrap().truncate(2));
    let mut items = desk.feed.changes(None, &[receipt(&held)]).await.unwrap().items;
    assert_eq!(sorted(items.remove(0).topics.unwrap()), sorted(vec!["日记".into(), "茶".into()]));
}

#[tokio::test]
async fn a_category_that_the_site_gives_by_itself_is_nobodys_change() {
    let desk = with_categories().await;
    let term = |id: u64, name: &str| json!({ "id": id, "name": name, "slug": "t", "taxonomy": "category" });
    desk.with(|store| store.terms = vec![term(5, "News"), term(6, "Travel")]);
    desk.with(|store| store.default_category = Some(5));
    desk.with(|store| store.hang_up = Some("POST posts/100"));
    desk.feed.create(&about(&[], Audience::Published), &desk.out()).await.unwrap_err();
    let Lookup::Found(held) = desk.feed.lookup(&desk.about()).await.unwrap() else { panic!("it is there") };
    assert_eq!((held.touched, held.unfinished, held.revision), (false, false, Some(revision(1))));
    // Once that is settled, another one is somebody's wish.
    desk.feed.update(&receipt(&held), &about(&[], Audience::Published), &desk.out()).await.unwrap();
    desk.with(|store| store.posts[0]["categories"] = json!([6]));
    let Lookup::Found(held) = desk.feed.lookup(&desk.about()).await.unwrap() else { panic!("it is there") };
    assert!(held.touched);
}

#[tokio::test]
async fn a_topic_that_was_deleted_there_is_made_anew() {
    for lost in [false, true] {
        let desk = Desk::new(Choices::default()).await;
        let wanted = about(&["茶", "船"], Audience::Draft);
        let held = desk.feed.create(&wanted, &desk.out()).await.unwrap();
        desk.feed.withdraw(&receipt(&held), &desk.about()).await.unwrap();
        desk.with(|store| _ = store.terms.remove(0));
        desk.with(|store| store.whim = lost.then_some(("POST posts/101", Reply::Nothing)));
        let made = desk.feed.create(&wanted, &desk.out()).await;
        desk.with(|store| store.whim = None);
        let held = match made {
            Ok(held) => held,
            Err(_) => {
                let Lookup::Found(held) = desk.feed.lookup(&desk.about()).await.unwrap() else { panic!("it is there") };
                assert_eq!((held.touched, held.unfinished), (false, true), "it lacks a topic, by nobody's wish");
                desk.feed.update(&receipt(&held), &wanted, &desk.out()).await.unwrap()
            }
        };
        let fetched = desk.feed.fetch(&receipt(&held), &desk.about()).await.unwrap();
        assert_eq!(sorted(fetched.topics.unwrap()), sorted(wanted.content.topics.clone()), "{lost}");
        assert_eq!(desk.with(|store| store.posts.len()), 2);
    }
}

#[tokio::test]
async fn a_topic_that_exists_is_found_whatever_php_says_around_that() {
    let there = json!({ "id": 7, "name": "奶茶", "slug": "t", "taxonomy": "post_tag" });
    let told = |id: u64| {
        let refused = json!({ "code": "term_exists", "data": { "status": 400, "term_id": id } });
        Reply::html(400, &format!("\nWarning: Something in /srv/f.php on line 7\n{refused}"))
    };
    for is_behind in [false, true] {
        let desk = Desk::new(Choices::default()).await;
        // The search of the site finds nothing.
        desk.with(|store| {
            (store.finds_nothing, store.is_behind, store.whim) = (true, is_behind, Some(("POST tags", told(0))))
        });
        let refused = desk.feed.create(&intent(1, Audience::Draft), &desk.out()).await;
        assert!(matches!(refused, Err(FeedError::Refused)), "nobody knows which: {refused:?}");
        desk.with(|store| store.whim = Some(("POST tags", told(7))));
        desk.with(|store| store.terms.push(there.clone()));
        desk.feed.create(&intent(1, Audience::Draft), &desk.out()).await.unwrap();
        assert_eq!(desk.with(|store| store.posts[0]["tags"].clone()), json!([7]), "{is_behind}");
    }
}

#[tokio::test]
async fn topics_and_files_are_known_at_a_site_that_gives_few_at_once() {
    for at_once in [None, Some(50), Some(10)] {
        let desk = Desk::new(Choices::default()).await;
        let alike = (0..30).map(|number| format!("奶茶{number}")).chain(["奶茶".to_owned()]);
        let terms = (1000..)
            .zip(alike)
            .map(|(id, name)| json!({ "id": id, "name": name, "slug": "t", "taxonomy": "post_tag" }));
        desk.with(|store| (store.at_once, store.terms) = (at_once, terms.collect()));
        let mut wanted = (*intent(1, Audience::Draft)).clone();
        let photo = wanted.media[0].clone();
        wanted.media.extend((2..15).map(|number| OutgoingMedia { asset: memory::asset(number), ..photo.clone() }));
        let held = desk.feed.create(&Arc::new(wanted.clone()), &desk.out()).await.unwrap();
        assert_eq!(
            desk.with(|store| (store.minted, store.posts[0]["tags"].clone())),
            (0, json!([1030])),
            "{at_once:?}"
        );
        // Somebody takes the last file out of the library.
        desk.with(|store| store.media[13]["id"] = json!(9));
        let asked = desk.server.heard().len();
        wanted.revision = revision(2);
        desk.feed.update(&receipt(&held), &Arc::new(wanted), &desk.out()).await.unwrap();
        assert_eq!(desk.with(|store| store.media.len()), 15, "{at_once:?}: only that one is sent again");
        let heard = desk.server.heard().split_off(asked);
        let library =
            heard.iter().filter(|heard| heard.query("include").is_some() && heard.target.path().ends_with("/media"));
        assert_eq!(library.count(), if at_once == Some(10) { 2 } else { 1 }, "{at_once:?}");
    }
}
