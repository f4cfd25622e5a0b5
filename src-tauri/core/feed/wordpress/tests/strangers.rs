//! Sites that somebody else set up: with broken plugins, careful hosts, old tables, and posts that were not written here.

use std::sync::Arc;

use serde_json::json;
use url::Url;

use super::desk::{Desk, intent, receipt, theirs};
use crate::domain::destination::Choices;
use crate::domain::{Lang, Receipt};
use crate::feed::web::Patience;
use crate::feed::web::scripted::{Reply, Scripted};
use crate::feed::wordpress::api::Upload;
use crate::feed::wordpress::discover;
use crate::feed::{Audience, Feed, FeedError, Held, Intent, MediaKind, OutgoingMedia, RemoteMedia, memory};

const WARNING: &str =
    "<br />\n<b>Warning</b>:  Undefined array key \"x\" in <b>/srv/p.php</b> on line <b>7</b><br />\n";
const NOTICE: &str = "\nNotice: Function x was called <strong>incorrectly</strong>. in /srv/f.php on line 4605\n";

#[tokio::test]
async fn what_a_broken_plugin_writes_around_an_answer_is_read_past() {
    for (before, behind) in
        [(WARNING, ""), ("\u{feff}", ""), ("\n\n", ""), (NOTICE, ""), ("", WARNING), (NOTICE, NOTICE)]
    {
        let desk = Desk::new(Choices::default()).await;
        desk.with(|store| store.mutters = (before, behind));
        let held = desk.feed.create(&intent(1, Audience::Published), &desk.out()).await.unwrap();
        assert_eq!(held.audience, Audience::Published, "{before:?} {behind:?}");
        desk.feed.withdraw(&receipt(&held), &desk.about()).await.unwrap();
    }
    let page = format!("<html><script>{WARNING}</script>");
    for no_answer in ["<p>Welcome to the hotel</p>\n[]", page.as_str()] {
        let desk = Desk::new(Choices::default()).await;
        let reply = Reply::html(200, &format!("{no_answer}\n[]"));
        desk.with(|store| store.whim = Some(("GET tags", reply)));
        let made = desk.feed.create(&intent(1, Audience::Draft), &desk.out()).await;
        assert!(matches!(made, Err(FeedError::Unreachable)), "a page is no answer: {made:?}");
    }
}

#[test]
fn an_id_may_have_been_made_a_text() {
    for id in [json!(7), json!("7")] {
        let upload: Upload = serde_json::from_value(json!({ "id": id, "source_url": "/7.jpg" })).unwrap();
        assert_eq!(upload.id, 7);
    }
    assert!(serde_json::from_value::<Upload>(json!({ "id": "seven", "source_url": "" })).is_err());
}

#[tokio::test]
async fn letters_that_old_tables_do_not_hold_are_written_by_their_numbers() {
    let desk = Desk::new(Choices::default()).await;
    desk.with(|store| store.is_old = true);
    let mut wanted = (*intent(1, Audience::Draft)).clone();
    wanted.content.sides.get_mut(&Lang::zh_hans()).unwrap().body = "𠮷野家 🍵".into();
    wanted.content.topics = vec!["🍵 茶".into()];
    let wanted = Arc::new(wanted);
    let held = desk.feed.create(&wanted, &desk.out()).await.unwrap();
    let raw = desk.with(|store| store.posts[0]["content"]["raw"].as_str().unwrap().to_owned());
    assert!(raw.contains("&#x20BB7;野家 &#x1F375;"), "{raw}");
    let fetched = desk.feed.fetch(&receipt(&held), &desk.about()).await.unwrap();
    assert_eq!(fetched.sides, wanted.content.sides);
    assert_eq!(fetched.topics.unwrap(), wanted.content.topics);
}

#[tokio::test]
async fn a_host_that_bars_deleting_is_asked_in_another_way() {
    let desk = Desk::new(Choices::default()).await;
    let held = desk.feed.create(&intent(1, Audience::Draft), &desk.out()).await.unwrap();
    desk.with(|store| store.bars_delete = true);
    desk.feed.withdraw(&receipt(&held), &desk.about()).await.unwrap();
    assert_eq!(desk.with(|store| store.posts[0]["status"].clone()), "trash");
}

#[tokio::test]
async fn what_was_made_private_or_put_off_there_stays_so() {
    for status in ["private", "future"] {
        let desk = Desk::new(Choices::default()).await;
        let held = theirs(&desk, &json!({ "status": status }));
        let taken = desk.feed.fetch(&receipt(&held), &desk.about()).await.unwrap();
        let mut wanted = (*intent(1, Audience::Published)).clone();
        wanted.content.sides = taken.sides;
        wanted.content.sides.values_mut().for_each(|side| side.body.push_str("\n\nThree"));
        wanted.media.clear();
        let held = desk.feed.update(&receipt(&taken.held), &Arc::new(wanted), &desk.out()).await.unwrap();
        let post = desk.with(|store| store.posts[0].clone());
        assert_eq!((&post["status"], &post["date_gmt"]), (&json!(status), &json!("2030-01-02T03:04:05")));
        let raw = post["content"]["raw"].as_str().unwrap();
        assert!(raw.starts_with("<p>One <b>two</b></p>\n\n[map]") && raw.contains("Three"), "{raw}");
        assert_eq!((&post["excerpt"], &post["slug"]), (&json!("Mine"), &json!("theirs")));
        assert_eq!(held.audience, Audience::Published);
    }
}

#[tokio::test]
async fn a_file_elsewhere_is_fetched_as_nobody_and_only_where_it_may_lie() {
    let other = Scripted::start(|heard| match heard.target.path() {
        "/moved.jpg" => Reply::With(302, vec![("location", "/a.jpg".into())], vec![]),
        "/away.jpg" => Reply::With(302, vec![("location", "http://blog.example/a.jpg".into())], vec![]),
        "/page.jpg" => Reply::html(200, "Sign in first"),
        "/a.jpg" => Reply::With(200, vec![("content-type", "image/jpeg".into())], b"a picture".to_vec()),
        // What another host says of itself is not said of the feed.
        "/locked.jpg" => Reply::With(401, vec![], vec![]),
        "/busy.jpg" => Reply::With(503, vec![], vec![]),
        "/silent.jpg" => Reply::Nothing,
        _ => Reply::html(404, ""),
    })
    .await;
    let desk = Desk::new(Choices::default()).await;
    let had = ["a.jpg", "moved.jpg"];
    for name in had.into_iter().chain(["away.jpg", "page.jpg", "none.jpg", "locked.jpg", "busy.jpg", "silent.jpg"]) {
        let expected = had.contains(&name);
        let url = other.url.join(name).unwrap().to_string();
        let media =
            RemoteMedia { url, asset: None, kind: MediaKind::Photo, alt: Default::default(), name: name.into() };
        let mut to = tokio::fs::File::from_std(tempfile::tempfile().unwrap());
        let came = desk.feed.download(&media, &mut to).await;
        assert_eq!(came.is_ok(), expected, "{name}: {came:?}");
        assert!(expected || matches!(came, Err(FeedError::Gone)), "{name}: {came:?}");
    }
    assert!(other.heard().iter().all(|heard| heard.header("authorization").is_none()));
}

#[tokio::test]
async fn a_site_is_found_by_what_people_copy_and_a_closed_door_is_said_to_be_one() {
    let server = Scripted::start(|heard| {
        let home = heard.target.join("/blog").unwrap();
        let root = json!({ "name": "Blog", "home": home.as_str(), "namespaces": ["wp/v2"] });
        match heard.target.path() {
            "/blog/index.php/wp-json/" => Reply::json(200, &root),
            "/blog/about/" => Reply::html(200, "<link href='/blog/wp-includes/a.css'>"),
            "/shut/" => Reply::html(200, "<link href='/shut/wp-content/themes/a.css'>"),
            "/barred/wp-json/" => {
                Reply::json(403, &json!({ "code": "closed", "message": "", "data": { "status": 403 } }))
            }
            path if path.starts_with("/shut/") => Reply::html(403, "Forbidden"),
            _ => Reply::html(404, "Nothing"),
        }
    })
    .await;
    let look = async |path: &str| discover(&server.url.join(path).unwrap(), false, Patience::default()).await;
    for copied in
        ["blog/wp-login.php?redirect_to=x", "blog/wp-admin/", "blog/", "blog/about/", "blog/index.php/2026/tea"]
    {
        let found = look(copied).await.unwrap();
        assert_eq!(
            found.map(|found| found.place),
            Some(Url::parse(server.url.join("blog/").unwrap().as_str()).unwrap()),
            "{copied}"
        );
    }
    assert!(look("barred/").await.unwrap().is_some(), "it tells nobody anything, but it is one");
    assert!(matches!(look("shut/").await, Err(FeedError::Denied)));
    assert_eq!(look("other/").await.unwrap(), None);
}

#[tokio::test]
async fn who_may_write_is_found_out_even_where_nobody_is_told_who_they_are() {
    for (me, posts, expected) in [
        (Reply::json(200, &json!({ "name": "Ada", "capabilities": { "edit_posts": 1 } })), Reply::Nothing, Ok("Ada")),
        (Reply::json(200, &json!({ "name": "Ada", "capabilities": [] })), Reply::json(200, &json!([])), Ok("Ada")),
        (Reply::json(404, &json!({ "code": "rest_no_route" })), Reply::json(200, &json!([])), Ok("")),
        (
            Reply::json(200, &json!({ "name": "Reader", "capabilities": {} })),
            Reply::json(403, &json!({ "code": "rest_forbidden_context" })),
            Err("the feed does not let us write"),
        ),
        (
            Reply::json(401, &json!({ "code": "rest_not_logged_in" })),
            Reply::json(401, &json!({ "code": "rest_forbidden_context" })),
            Err("signed out"),
        ),
    ] {
        let desk = Desk::new(Choices::default()).await;
        desk.with(|store| store.me = Some((me.clone(), posts.clone())));
        let told = desk.feed.probe().await.map(|facts| facts.account).map_err(|error| error.to_string());
        assert_eq!(told, expected.map(String::from).map_err(String::from), "{me:?}");
    }
}

#[tokio::test]
async fn an_excerpt_that_somebody_wrote_there_stays() {
    let desk = Desk::new(Choices::default()).await;
    let held = desk.feed.create(&intent(1, Audience::Published), &desk.out()).await.unwrap();
    let held = desk.feed.update(&receipt(&held), &intent(2, Audience::Published), &desk.out()).await.unwrap();
    let excerpt = || desk.with(|store| store.posts[0]["excerpt"]["raw"].as_str().unwrap().to_owned());
    assert!(excerpt().contains("湖边 2"), "ours follows: {}", excerpt());
    // One whose answer is lost before anything was done leaves the earlier one of ours there, which still follows.
    desk.with(|store| store.whim = Some(("POST posts/100", Reply::Nothing)));
    desk.feed.update(&receipt(&held), &intent(3, Audience::Published), &desk.out()).await.unwrap_err();
    desk.with(|store| store.whim = None);
    let held = desk.feed.update(&receipt(&held), &intent(4, Audience::Published), &desk.out()).await.unwrap();
    assert!(excerpt().contains("湖边 4"), "{}", excerpt());
    desk.with(|store| store.posts[0]["excerpt"] = json!({ "raw": "Theirs" }));
    let held = desk.feed.update(&receipt(&held), &intent(5, Audience::Published), &desk.out()).await.unwrap();
    desk.feed.update(&receipt(&held), &intent(6, Audience::Published), &desk.out()).await.unwrap();
    assert_eq!(excerpt(), "Theirs");
}

#[tokio::test]
async fn a_file_that_was_taken_out_of_the_library_is_sent_anew_with_the_next_change() {
    let desk = Desk::new(Choices::default()).await;
    let held = desk.feed.create(&intent(1, Audience::Published), &desk.out()).await.unwrap();
    let held = desk.feed.update(&receipt(&held), &intent(2, Audience::Published), &desk.out()).await.unwrap();
    assert_eq!(desk.with(|store| store.media.len()), 1, "it lies there");
    desk.with(|store| store.media.clear());
    desk.with(|store| store.whim = Some(("GET media/500", Reply::html(503, "<h1>Busy</h1>"))));
    let unsure = desk.feed.update(&receipt(&held), &intent(3, Audience::Published), &desk.out()).await;
    assert!(unsure.is_err() && desk.with(|store| store.media.is_empty()), "nobody said that it is gone");
    desk.with(|store| store.whim = None);
    desk.feed.update(&receipt(&held), &intent(3, Audience::Published), &desk.out()).await.unwrap();
    assert_eq!(desk.with(|store| store.media.len()), 1);
}

#[tokio::test]
async fn a_topic_that_the_tables_do_not_hold_is_about_this_post_and_not_about_the_site() {
    let desk = Desk::new(Choices::default()).await;
    let full = Reply::json(500, &json!({ "code": "db_insert_error", "data": "too long" }));
    desk.with(|store| store.whim = Some(("POST tags", full)));
    let refused = desk.feed.create(&intent(1, Audience::Draft), &desk.out()).await;
    assert!(matches!(refused, Err(FeedError::Refused)), "{refused:?}");
}

#[tokio::test]
async fn a_file_that_was_refused_does_not_leave_again_before_the_site_takes_it() {
    let desk = Desk::new(Choices::default()).await;
    desk.with(|store| store.bars_uploads = true);
    for _ in 0..2 {
        let refused = desk.feed.create(&intent(1, Audience::Draft), &desk.out()).await;
        assert!(matches!(refused, Err(FeedError::Denied)), "{refused:?}");
    }
    let sent = || desk.changes().iter().filter(|line| *line == "POST media").count();
    assert_eq!(sent(), 1);
    desk.with(|store| store.bars_uploads = false);
    desk.feed.create(&intent(1, Audience::Draft), &desk.out()).await.unwrap();
    assert_eq!(sent(), 2);
}

#[tokio::test]
async fn what_the_user_found_there_is_not_given_up_for_what_was_begun_here() {
    let desk = Desk::new(Choices::default()).await;
    desk.feed.create(&intent(1, Audience::Published), &desk.out()).await.unwrap();
    let found = theirs(&desk, &json!({ "id": 900 }));
    let found = Held { remote_id: "900".into(), ..found };
    let taken = desk.feed.fetch(&receipt(&found), &desk.about()).await.unwrap();
    let mut wanted = (*intent(2, Audience::Published)).clone();
    wanted.content.sides = taken.sides;
    wanted.content.sides.values_mut().for_each(|side| side.body.push_str("\n\nThree"));
    wanted.media.clear();
    let held = desk.feed.update(&receipt(&taken.held), &Arc::new(wanted), &desk.out()).await.unwrap();
    let statuses: Vec<_> = desk.with(|store| store.posts.iter().map(|post| post["status"].clone()).collect());
    assert_eq!((held.remote_id.as_str(), statuses), ("900", vec![json!("trash"), json!("publish")]));
}

#[tokio::test]
async fn words_that_are_too_much_for_a_host_are_told_from_a_file() {
    let desk = Desk::new(Choices::default()).await;
    desk.with(|store| store.whim = Some(("POST posts", Reply::html(413, "<h1>Request Entity Too Large</h1>"))));
    let refused = desk.feed.create(&intent(1, Audience::Draft), &desk.out()).await;
    assert!(matches!(refused, Err(FeedError::TooLong)), "{refused:?}");
}

/// A post of ours into which somebody there put something behind its English words.
async fn with_more(more: &str) -> (Desk, Receipt) {
    let desk = Desk::new(Choices::default()).await;
    let held = desk.feed.create(&intent(1, Audience::Published), &desk.out()).await.unwrap();
    desk.with(|store| {
        let raw = store.posts[0]["content"]["raw"].as_str().unwrap();
        store.posts[0]["content"]["raw"] = json!(raw.replace("By the lake 1</p>", &format!("By the lake 1</p>{more}")));
    });
    let known = receipt(&desk.feed.fetch(&receipt(&held), &desk.about()).await.unwrap().held);
    (desk, known)
}

fn raw(desk: &Desk) -> String {
    desk.with(|store| store.posts[0]["content"]["raw"].as_str().unwrap().to_owned())
}

/// A revision without its photo.
fn bare(revision: u128) -> Arc<Intent> {
    let mut wanted = (*intent(revision, Audience::Published)).clone();
    wanted.media.clear();
    Arc::new(wanted)
}

#[tokio::test]
async fn a_picture_of_theirs_that_nobody_here_ever_had_stays() {
    for picture in [
        "<figure class=\"wp-block-image\"><img src=\"http://hot.example/a.jpg\" alt=\"\"/></figure>",
        "<img src=\"http://hot.example/a.jpg\">",
        "<img src=\"data:image/gif;base64,R0lGODlhAQABAAAAACw=\">",
        "<div><figure><img src=\"/private/a.jpg\"></figure></div>",
    ] {
        let (desk, known) = with_more(picture).await;
        let held = desk.feed.update(&known, &intent(2, Audience::Published), &desk.out()).await.unwrap();
        let (now, shown) = (raw(&desk), |raw: &str| raw.matches("<img").count());
        assert!(now.contains(picture) && now.contains("By the lake 2") && now.contains("湖边 2"), "{now}");
        assert_eq!(shown(&now), 2, "{now}");
        desk.feed.update(&receipt(&held), &bare(3), &desk.out()).await.unwrap();
        let now = raw(&desk);
        assert!(now.contains(picture) && now.contains("By the lake 3"), "{now}");
        assert_eq!(shown(&now), 1, "the one that was removed here goes: {now}");
    }
}

#[tokio::test]
async fn what_cannot_be_said_without_taking_their_picture_away_is_not_sent() {
    let (desk, known) = with_more("<p>Look <img src=\"http://hot.example/a.jpg\"> here</p>").await;
    let before = raw(&desk);
    let refused = desk.feed.update(&known, &intent(2, Audience::Published), &desk.out()).await;
    assert!(matches!(refused, Err(FeedError::Refused)), "{refused:?}");
    assert_eq!(raw(&desk), before);
}

#[tokio::test]
async fn a_picture_of_theirs_that_was_brought_in_and_removed_here_goes() {
    let (desk, known) = with_more("<img src=\"/a.jpg\">").await;
    let fetched = desk.feed.fetch(&known, &desk.about()).await.unwrap();
    let file = fetched.media.unwrap().pop().unwrap();
    desk.feed.brought_in(&desk.about(), &[(memory::asset(3), file)]).await.unwrap();
    let mut both = (*intent(2, Audience::Published)).clone();
    both.media.push(OutgoingMedia { asset: memory::asset(3), ..both.media[0].clone() });
    let held = desk.feed.update(&known, &Arc::new(both), &desk.out()).await.unwrap();
    assert_eq!((raw(&desk).matches("<img").count(), desk.with(|store| store.media.len())), (2, 1), "it lies there");
    desk.feed.update(&receipt(&held), &intent(3, Audience::Published), &desk.out()).await.unwrap();
    assert!(!raw(&desk).contains("/a.jpg") && raw(&desk).matches("<img").count() == 1, "{}", raw(&desk));
}

#[tokio::test]
async fn a_picture_that_could_not_be_had_when_a_post_was_taken_over_stays() {
    let desk = Desk::new(Choices::default()).await;
    let content = "<p>One <b>two</b></p><p><img src=\"http://hot.example/a.jpg\"></p><p><img src=\"/b.jpg\"></p>";
    let held = theirs(&desk, &json!({ "content": { "raw": content } }));
    let taken = desk.feed.fetch(&receipt(&held), &desk.about()).await.unwrap();
    let had = taken.media.unwrap().pop().unwrap();
    desk.feed.adopted(&desk.about(), &[(memory::asset(3), had)]).await.unwrap();
    let mut wanted = (*bare(1)).clone();
    wanted.content.sides = taken.sides;
    wanted.content.sides.values_mut().for_each(|side| side.body.push_str(" three"));
    wanted.media.push(OutgoingMedia { asset: memory::asset(3), alt: Default::default(), ..memory::photo(3, &[]) });
    let held = desk.feed.update(&receipt(&taken.held), &Arc::new(wanted.clone()), &desk.out()).await.unwrap();
    assert_eq!(raw(&desk), content.replace("two", "two three"));
    wanted.media.clear();
    desk.feed.update(&receipt(&held), &Arc::new(wanted), &desk.out()).await.unwrap();
    assert!(raw(&desk).contains("hot.example") && !raw(&desk).contains("/b.jpg"), "{}", raw(&desk));
}

#[tokio::test]
async fn where_topics_or_files_were_taken_out_of_the_api_nothing_is_waited_for() {
    for part in ["GET tags", "POST media"] {
        let desk = Desk::new(Choices::default()).await;
        let no_route = Reply::json(404, &json!({ "code": "rest_no_route", "data": { "status": 404 } }));
        desk.with(|store| store.whim = Some((part, no_route)));
        let made = desk.feed.create(&intent(1, Audience::Draft), &desk.out()).await;
        assert!(matches!(made, Err(FeedError::Denied)), "{part}: {made:?}");
    }
}
