//! The adapter at a site that answers as WordPress does: once, whatever is lost, and nothing of others written over.

mod desk;
mod languages;
mod late;
mod lost;
mod meanwhile;
mod pulling;
pub mod site;
mod strangers;
mod titles;
mod topics;

use std::sync::Arc;

use serde_json::json;
use url::Url;

use self::desk::{Desk, NOW, intent, post, receipt};
use super::sheet::{self, How, Sheet};
use super::{answers, discover};
use crate::domain::destination::Choices;
use crate::domain::{PostId, RevisionId, Timestamp};
use crate::feed::memory::{self, Told};
use crate::feed::web::scripted::{Reply, Scripted};
use crate::feed::web::{Client, Patience, Risk, SignIn};
use crate::feed::{Audience, Feed, FeedError, Held, Lookup, Outgoing, OutgoingMedia, Progress};

fn revision(number: u128) -> RevisionId {
    RevisionId::from_uuid(uuid::Uuid::from_u128(number))
}

#[tokio::test]
async fn a_post_is_a_draft_before_anybody_can_see_it() {
    let desk = Desk::new(Choices::default()).await;
    let held = desk.feed.create(&intent(1, Audience::Published), &desk.out()).await.unwrap();
    assert_eq!(desk.changes(), ["POST tags", "POST media", "POST posts", "POST posts/100"]);
    let heard = desk.server.heard();
    let made = heard.iter().rev().nth(1).unwrap().json();
    assert_eq!((&made["status"], &made["slug"]), (&json!("draft"), &json!(sheet::slug(post(), "all"))));
    assert_eq!(made["title"], "小船 · A &lt;small&gt; boat's");
    let shown = heard.last().unwrap().json();
    assert_eq!((&shown["status"], &shown["slug"]), (&json!("publish"), &json!("a-small-boats")));
    assert_eq!((held.audience, held.revision), (Audience::Published, Some(revision(1))));
    assert!(heard.iter().all(|heard| heard.header("authorization").is_some()));
}

#[tokio::test]
async fn bytes_in_all_count_the_files_that_are_still_to_come() {
    let (desk, told) = (Desk::new(Choices::default()).await, Arc::new(Told::default()));
    let mut two = (*intent(1, Audience::Draft)).clone();
    two.media[0].about_bytes = 9;
    two.media.push(OutgoingMedia { asset: memory::asset(2), ..two.media[0].clone() });
    let out = Outgoing { progress: Arc::clone(&told) as Arc<dyn Progress>, ..desk.out() };
    desk.feed.create(&Arc::new(two), &out).await.unwrap();
    assert_eq!(told.bytes(), [(9, 18), (18, 18)], "so that what is shown never goes back");
}

#[tokio::test]
async fn no_question_is_asked_in_the_same_words_again() {
    let desk = Desk::new(Choices::default()).await;
    let held = desk.feed.create(&intent(1, Audience::Published), &desk.out()).await.unwrap();
    for _ in 0..2 {
        desk.feed.fetch(&receipt(&held), &desk.about()).await.unwrap();
        desk.feed.changes(None, &[receipt(&held)]).await.unwrap();
    }
    let heard = desk.server.heard();
    let asked: Vec<_> = heard.iter().filter(|heard| heard.method == "GET").map(|heard| &heard.target).collect();
    let unlike: std::collections::BTreeSet<_> = asked.iter().collect();
    assert!(asked.len() > 4);
    assert_eq!(unlike.len(), asked.len(), "what a cache kept hides what was changed since");
}

#[tokio::test]
async fn a_site_whose_clock_is_behind_keeps_nothing_back() {
    for lost in [None, Some("POST posts/100")] {
        let desk = Desk::new(Choices::default()).await;
        desk.with(|store| (store.now, store.hang_up) = (Some("2026-01-01T00:00:00".into()), lost));
        let wanted = intent(1, Audience::Published);
        let made = desk.feed.create(&wanted, &desk.out()).await;
        assert_eq!(made.is_ok(), lost.is_none());
        if made.is_err() {
            let Lookup::Found(held) = desk.feed.lookup(&desk.about()).await.unwrap() else { panic!("it is there") };
            assert!(held.unfinished && !held.touched, "nobody can read it yet");
            desk.feed.update(&receipt(&held), &wanted, &desk.out()).await.unwrap();
        }
        assert_eq!(desk.with(|store| store.posts[0]["status"].clone()), "publish");
    }
}

#[tokio::test]
async fn what_somebody_wrote_there_is_not_written_over_even_after_a_lost_answer() {
    let desk = Desk::new(Choices::default()).await;
    let held = desk.feed.create(&intent(1, Audience::Draft), &desk.out()).await.unwrap();
    desk.with(|store| store.posts[0]["content"] = json!({ "raw": "<p>Theirs</p>" }));
    let Lookup::Found(found) = desk.feed.lookup(&desk.about()).await.unwrap() else { panic!() };
    assert!(found.touched);
    for call in [
        desk.feed.update(&receipt(&held), &intent(2, Audience::Draft), &desk.out()).await.map(drop),
        desk.feed.create(&intent(2, Audience::Draft), &desk.out()).await.map(drop),
        desk.feed.withdraw(&receipt(&held), &desk.about()).await,
    ] {
        assert!(matches!(call, Err(FeedError::ChangedThere(_))), "{call:?}");
    }
    assert_eq!(desk.with(|store| store.posts[0]["status"].clone()), "draft");
}

#[tokio::test]
async fn what_somebody_took_back_there_is_not_shown_again() {
    let desk = Desk::new(Choices::default()).await;
    let held = desk.feed.create(&intent(1, Audience::Published), &desk.out()).await.unwrap();
    desk.with(|store| store.posts[0]["status"] = json!("draft"));
    let refused = desk.feed.update(&receipt(&held), &intent(2, Audience::Published), &desk.out()).await;
    assert!(matches!(refused, Err(FeedError::ChangedThere(there)) if there.audience == Audience::Draft));
}

#[tokio::test]
async fn a_draft_that_arrived_twice_is_swept_when_it_has_lain_a_while_and_nobody_touched_it() {
    let desk = Desk::new(Choices::default()).await;
    let held = desk.feed.create(&intent(1, Audience::Published), &desk.out()).await.unwrap();
    let known = [receipt(&held)];
    let slug = sheet::slug(post(), "all");
    let stranger = sheet::slug(PostId::from_uuid(uuid::Uuid::from_u128(8)), "all");
    desk.with(|store| {
        for (slug, modified) in [
            (format!("{slug}-2"), "2026-01-02T03:04:05"),
            (slug, "2026-02-02T03:04:05"),
            (stranger, "2026-01-02T03:04:05"),
        ] {
            let mut draft = store.posts[0].clone();
            draft["id"] = json!(store.posts.len() + 100);
            (draft["slug"], draft["status"]) = (json!(slug), json!("draft"));
            (draft["date_gmt"], draft["modified_gmt"]) = (json!("2026-01-02T03:04:05"), json!(modified));
            store.posts.push(draft);
        }
    });
    let first = desk.feed.changes(None, &known).await.unwrap();
    let statuses = || desk.with(|store| store.posts.iter().map(|post| post["status"].clone()).collect::<Vec<_>>());
    assert_eq!(statuses(), ["publish", "draft", "draft", "draft"], "it may be just being made");
    // The wait begins anew, once, where our clock is set back meanwhile.
    desk.clock.advance(-24 * 60 * 60 * 1000);
    let second = desk.feed.changes(first.cursor.as_deref(), &known).await.unwrap();
    desk.clock.advance(6 * 60 * 1000);
    desk.feed.changes(second.cursor.as_deref(), &known).await.unwrap();
    assert_eq!(statuses(), ["publish", "trash", "draft", "draft"], "one was edited, one is of another journal");
}

#[tokio::test]
async fn only_what_the_site_says_is_gone_is_gone() {
    let desk = Desk::new(Choices::default()).await;
    let held = desk.feed.create(&intent(1, Audience::Draft), &desk.out()).await.unwrap();
    let known = [receipt(&held)];
    let cursor = desk.feed.changes(None, &known).await.unwrap().cursor;
    for strange in [
        Reply::html(200, "<title>Sign in to this network</title>"),
        Reply::html(404, "Not found"),
        Reply::json(404, &json!({ "code": "rest_no_route" })),
        Reply::json(200, &json!({})),
    ] {
        desk.with(|store| store.whim = Some(("GET posts/", strange.clone())));
        assert!(matches!(desk.feed.fetch(&known[0], &desk.about()).await, Err(FeedError::Unreachable)), "{strange:?}");
    }
    // Missing from the list, and yet there.
    desk.with(|store| store.whim = Some(("GET posts", Reply::json(200, &json!([])))));
    assert!(desk.feed.changes(cursor.as_deref(), &known).await.is_err(), "an answer for one post must be one");
    desk.with(|store| store.whim = None);
    desk.with(|store| store.posts[0]["status"] = json!("trash"));
    assert_eq!(desk.feed.changes(cursor.as_deref(), &known).await.unwrap().gone, ["100"]);
    desk.feed.withdraw(&known[0], &desk.about()).await.unwrap();
}

#[tokio::test]
async fn a_form_that_the_host_cuts_is_sent_as_a_bare_body() {
    let desk = Desk::new(Choices::default()).await;
    desk.with(|store| store.cuts_forms = true);
    desk.feed.create(&intent(1, Audience::Draft), &desk.out()).await.unwrap();
    assert_eq!(desk.changes()[1..4], ["POST media", "POST media", "POST media/500"], "the alt text by itself");
    let heard = desk.server.heard();
    let bare = heard.iter().find(|heard| heard.header("content-disposition").is_some()).unwrap();
    assert_eq!((bare.body.as_slice(), bare.header("content-type")), (&b"a picture"[..], Some("image/jpeg")));
}

#[tokio::test]
async fn a_refusal_means_what_its_name_says() {
    let server = Scripted::start(|heard| {
        let status = heard.query("status").unwrap().parse().unwrap();
        let code = heard.query("code").unwrap();
        match code.as_str() {
            "" => Reply::html(status, "<h1>Error</h1>"),
            "status" => {
                Reply::json(status, &json!({ "code": "rest_invalid_param", "data": { "params": { "status": "" } } }))
            }
            code => Reply::json(status, &json!({ "code": code })),
        }
    })
    .await;
    let known = Arc::new(SignIn::Anonymous);
    let client = Client::new(server.url.clone(), known, false, Patience::default()).unwrap();
    for (status, code, expected) in [
        ("401", "rest_cannot_create", "signed out"),
        ("401", "incorrect_password", "signed out"),
        ("400", "status", "signed out"),
        ("403", "rest_cannot_create", "the feed does not let us write"),
        ("404", "rest_post_invalid_id", "the item is gone"),
        ("410", "rest_already_trashed", "the item is gone"),
        ("404", "", "the feed cannot be reached"),
        ("404", "rest_no_route", "the feed cannot be reached"),
        ("413", "", "a file is too large for the feed"),
        ("400", "rest_upload_file_too_big", "a file is too large for the feed"),
        ("500", "rest_upload_sideload_error", "the feed refused the content"),
        ("400", "rest_invalid_param", "the feed refused the content"),
        ("500", "", "the answer was lost"),
        ("500", "db_error", "the answer was lost"),
        ("302", "", "the answer was lost"),
    ] {
        let mut url = server.url.clone();
        url.query_pairs_mut().append_pair("status", status).append_pair("code", code);
        let answer = client.send(client.anonymous(reqwest::Method::POST, url), Risk::Changes).await.unwrap();
        assert_eq!(answers::refusal(&answer).to_string(), expected, "{status} {code}");
    }
}

#[tokio::test]
async fn a_site_is_found_however_it_says_where_it_is() {
    let root = |home: &Url| json!({ "name": "R&amp;D 日记", "home": home.as_str(), "namespaces": ["wp/v2"] });
    let server = Scripted::start(move |heard| {
        let home = heard.target.join("/").unwrap();
        let blog = home.join("blog").unwrap();
        match (heard.target.path(), heard.query("rest_route")) {
            ("/linked", _) => Reply::html(200, "<link rel='https://api.w.org/' href='/blog/wp-json/'>"),
            ("/header", _) => Reply::html(200, "").header("link", "</blog/wp-json/>; rel=\"https://api.w.org/\""),
            ("/elsewhere", _) => {
                Reply::html(200, "<link rel='https://api.w.org/' href='https://evil.example/wp-json/'>")
            }
            ("/moved", _) => Reply::html(301, "").header("location", "/linked"),
            ("/blog/wp-json/", _) => Reply::json(200, &root(&blog)),
            ("/plain/", Some(_)) => Reply::json(200, &root(&home.join("plain").unwrap())),
            ("/closed/wp-json/", _) => Reply::json(401, &json!({ "code": "rest_not_logged_in" })),
            ("/other/wp-json/", _) => Reply::json(200, &json!({ "namespaces": ["x/v1"] })),
            _ => Reply::html(200, "<p>A page</p>"),
        }
    })
    .await;
    for (path, place) in [
        ("linked", Some("blog/")),
        ("header", Some("blog/")),
        ("moved", Some("blog/")),
        ("blog", Some("blog/")),
        ("plain", Some("plain/")),
        ("closed", Some("closed/")),
        ("other", None),
        ("elsewhere", None),
    ] {
        let at = server.url.join(path).unwrap();
        let found = discover(&at, false, Patience::default()).await.unwrap();
        let expected = place.map(|place| server.url.join(place).unwrap());
        assert_eq!(found.as_ref().map(|found| found.place.clone()), expected, "{path}");
        if path == "plain" {
            let found = found.unwrap();
            assert_eq!(found.title, "R&D 日记");
            assert_eq!(found.endpoints["api"], server.url.join("plain/?rest_route=/").unwrap().as_str());
        }
    }
}

#[test]
fn a_readable_address_is_made_of_english_words() {
    let slug = |title: &str| {
        let mut wanted = (*intent(1, Audience::Published)).clone();
        for side in wanted.content.sides.values_mut() {
            side.title = title.into();
        }
        Sheet::all(&wanted, &Choices::default()).remove(0).readable_slug()
    };
    assert_eq!(slug("Tea, & a Boat’s <b>2</b>").as_deref(), Some("tea-a-boat-s-b-2-b"));
    assert_eq!(slug("小船"), None);
    assert_eq!(slug("2026"), None, "a number alone is taken for a page");
    assert!(slug(&"word ".repeat(50)).unwrap().len() <= 60);
}

#[test]
fn a_post_about_the_future_is_public_now_and_one_for_later_is_not() {
    let now = Timestamp::from_millis(NOW);
    let mut wanted = (*intent(1, Audience::Published)).clone();
    wanted.content.moment.at = now.plus_millis(1000 * 86_400);
    let how = How::of(&wanted, &Choices::default(), now);
    assert_eq!((how.status.as_str(), how.date), ("publish", sheet::date(now)));
    wanted.manner.publish_at = Some(now.plus_millis(60_000));
    assert_eq!(How::of(&wanted, &Choices::default(), now).status, "future");
    wanted.manner.visibility = Some(crate::domain::Visibility::Private);
    assert_eq!(How::of(&wanted, &Choices::default(), now).status, "private", "before all else");
    assert_eq!(sheet::instant(&sheet::date(now)), Some(now));
}

#[test]
fn a_slug_of_ours_names_its_post() {
    for key in ["all", "zh-Hans"] {
        assert_eq!(sheet::post_of(&format!("{}-2", sheet::slug(post(), key))), Some(post()));
    }
    assert_eq!(sheet::post_of("sampan-a-boat"), None);
    assert_eq!(sheet::post_of("a-small-boat"), None);
}

#[tokio::test]
async fn what_is_read_back_has_the_version_that_was_confirmed() {
    let desk = Desk::new(Choices::default()).await;
    let held: Held = desk.feed.create(&intent(1, Audience::Draft), &desk.out()).await.unwrap();
    let fetched = desk.feed.fetch(&receipt(&held), &desk.about()).await.unwrap();
    assert_eq!((fetched.held.version, &fetched.held.parts), (held.version, &held.parts));
    assert_eq!(fetched.sides, intent(1, Audience::Draft).content.sides);
    assert!(desk.feed.changes(None, &[receipt(&held)]).await.unwrap().items.is_empty());
}
