//! The whole journal before sites in memory that do less than others.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use super::histories::input;
use super::{Journal, Options};
use crate::api::remote::{Arrived, ArrivedInput};
use crate::api::types::{DraftInput, FeedHealth, FeedKind, ImportInput, SendInput};
use crate::clock::{Clock, TestClock};
use crate::domain::{Attachment, Content, DeliveryState, FeedId, Lang, Manner, NeedsYou, PostId, Secret, Side, Wanted};
use crate::feed::micropub::tests::site::{Mood, Store};
use crate::feed::web::scripted::{Heard, Reply, Scripted};
use crate::feed::wordpress::tests::site::Store as Blog;
use crate::vault::{Memory, Vaults};

const MINUTE: i64 = 60_000;

/// A journal with a feed at a site, and a post with a topic and a photo that waits to be published there.
struct Desk {
    _dir: tempfile::TempDir,
    journal: Journal,
    clock: Arc<TestClock>,
    server: Scripted,
    feed: FeedId,
    post: PostId,
}

impl Desk {
    async fn before(kind: FeedKind, secret: &str, answer: impl Fn(&Heard) -> Reply + Send + Sync + 'static) -> Self {
        let (dir, server) = (tempfile::tempdir().unwrap(), Scripted::start(answer).await);
        let clock = Arc::new(TestClock::new(1_736_240_000_000));
        let vaults = Vaults {
            keychain: Arc::new(Memory::default()),
            file: Arc::new(Memory::default()),
            session: Arc::new(Memory::default()),
            environment: |_| None,
        };
        let options = Options { clock: clock.clone(), vaults, ..Options::default() };
        let journal = Journal::open(&dir.path().join("journal"), options).await.unwrap();
        let feed = input(kind, server.url.to_string(), Some(Secret::new(secret.to_owned())));
        let feed = journal.feed_add(feed).await.unwrap().id;
        let photo = dir.path().join("boat.png");
        image::RgbImage::new(4, 4).save(&photo).unwrap();
        let paths = vec![photo.display().to_string()];
        let brought = journal.import_files(ImportInput { paths }).await.unwrap().files.remove(0);
        let mut content = Content::empty(clock.moment());
        content.sides.insert(Lang::en(), Side { title: "Tea".into(), body: "One\n\nTwo".into() });
        content.topics = vec!["tea".into()];
        let asset = brought.asset.unwrap().id;
        content.attachments = vec![Attachment { asset, name: brought.name, alt: Default::default() }];
        let draft = DraftInput { post: None, base: None, version: None, content };
        let post = journal.draft_save(draft).await.unwrap().post;
        let (wanted, manner) = (Wanted::Published, Manner::default());
        journal.post_send(SendInput { post, feed, wanted, manner }).await.unwrap();
        Self { _dir: dir, journal, clock, server, feed, post }
    }

    async fn content(&self) -> Content {
        self.journal.post_get(self.post).await.unwrap().content
    }

    /// Sends what waits; answers how the post stands afterwards.
    async fn sync(&self) -> DeliveryState {
        self.journal.sync_now(()).await.unwrap();
        self.journal.post_get(self.post).await.unwrap().deliveries.remove(0).state
    }
}

#[tokio::test]
async fn what_a_site_does_not_tell_stays_when_the_user_found_the_post_there() {
    let site = Store { moods: vec![Mood::LostAfter], terse: true, lists: false, ..Store::default() };
    let site = Mutex::new(site);
    let answer = move |heard: &Heard| match heard.target.path() {
        "/" => Reply::html(200, "<link rel='micropub' href='/m'>"),
        _ => site.lock().unwrap().answer(heard),
    };
    let desk = Desk::before(FeedKind::Micropub, "token-canary", answer).await;
    let written = desk.content().await;
    desk.sync().await;
    desk.clock.advance(46 * MINUTE);
    assert_eq!(desk.sync().await, DeliveryState::NeedsYou { reason: NeedsYou::MaybeThere });
    let arrived = Arrived::Yes { url: desk.server.url.join("/e/1/").unwrap().into() };
    let said = ArrivedInput { post: desk.post, feed: desk.feed, arrived };
    desk.journal.delivery_arrived(said).await.unwrap();
    assert_eq!(desk.sync().await, DeliveryState::Synced);
    assert_eq!(desk.content().await, written, "the title, the topic and the photo");
}

#[tokio::test]
async fn a_site_that_wants_to_be_left_alone_when_something_is_sent_is_there_and_is_not_read_at_once() {
    let (site, is_busy) = (Mutex::new(Blog::default()), Arc::new(AtomicBool::new(false)));
    let wants_rest = Arc::clone(&is_busy);
    let answer = move |heard: &Heard| match heard.target.path() {
        _ if wants_rest.load(Ordering::Relaxed) => {
            Reply::json(429, &serde_json::json!({})).header("retry-after", "1800")
        }
        "/wp-json/" => {
            let home = heard.target.join("/").unwrap();
            Reply::json(200, &serde_json::json!({ "home": home.as_str(), "namespaces": ["wp/v2"] }))
        }
        _ => site.lock().unwrap().answer(heard),
    };
    let desk = Desk::before(FeedKind::Wordpress, "me", answer).await;
    is_busy.store(true, Ordering::Relaxed);
    let before = desk.server.lines().len();
    let report = desk.journal.sync_once(None).await.unwrap();
    let lines = desk.server.lines().split_off(before);
    assert_eq!((lines.len(), report.busy.len(), report.unreachable.len()), (1, 1, 0), "{lines:?}");
    assert_eq!(desk.journal.feed_view(desk.feed).await.unwrap().health, FeedHealth::Reachable);
    let state = desk.journal.post_get(desk.post).await.unwrap().deliveries.remove(0).state;
    assert_eq!(state, DeliveryState::Queued, "and what is to leave waits");
}

#[tokio::test]
async fn a_wordpress_without_topics_or_files_is_not_waited_for_in_silence() {
    for without in ["GET tags", "POST media"] {
        let no_route = Reply::json(404, &serde_json::json!({ "code": "rest_no_route", "data": { "status": 404 } }));
        let site = Mutex::new(Blog { whim: Some((without, no_route)), ..Blog::default() });
        let answer = move |heard: &Heard| match heard.target.path() {
            "/wp-json/" => {
                let home = heard.target.join("/").unwrap();
                Reply::json(200, &serde_json::json!({ "home": home.as_str(), "namespaces": ["wp/v2"] }))
            }
            _ => site.lock().unwrap().answer(heard),
        };
        let desk = Desk::before(FeedKind::Wordpress, "me", answer).await;
        let told = DeliveryState::NeedsYou { reason: NeedsYou::Denied };
        let report = desk.journal.sync_once(None).await.unwrap();
        assert!(report.busy.is_empty(), "{without}: what does not take a post can be read");
        assert_ne!(desk.sync().await, told, "{without}: one such answer may be a hiccup");
        for _ in 0..3 {
            desk.clock.advance(60 * MINUTE);
            desk.sync().await;
        }
        assert_eq!(desk.sync().await, told, "{without}");
    }
}

#[tokio::test]
async fn what_an_editor_keeps_back_is_there_and_is_settled_once_it_is_public() {
    let site = Arc::new(Mutex::new(Blog { keeps_back: true, ..Blog::default() }));
    let behind = Arc::clone(&site);
    let answer = move |heard: &Heard| match heard.target.path() {
        "/wp-json/" => {
            let home = heard.target.join("/").unwrap();
            Reply::json(200, &serde_json::json!({ "home": home.as_str(), "namespaces": ["wp/v2"] }))
        }
        _ => behind.lock().unwrap().answer(heard),
    };
    let desk = Desk::before(FeedKind::Wordpress, "me", answer).await;
    let told = DeliveryState::NeedsYou { reason: NeedsYou::KeptBack };
    assert_eq!(desk.sync().await, told);
    let feeds = desk.journal.feed_list(()).await.unwrap();
    let health = feeds.iter().find(|feed| feed.id == desk.feed).map(|feed| feed.health);
    assert_eq!(health, Some(FeedHealth::Reachable), "it lets us in");
    let sent = || desk.server.lines().into_iter().filter(|line| line.starts_with("POST")).count();
    let before = sent();
    for _ in 0..3 {
        desk.clock.advance(60 * MINUTE);
        assert_eq!(desk.sync().await, told);
    }
    assert_eq!(sent(), before, "nothing is sent again");
    {
        let mut site = site.lock().unwrap();
        let post = &mut site.posts[0];
        (post["status"], post["modified_gmt"]) = ("publish".into(), "2026-11-20T01:00:00".into());
    }
    desk.journal.pull(()).await.unwrap();
    assert_eq!((desk.sync().await, sent()), (DeliveryState::Synced, before));
}

/// What a site that behaves as WordPress answers, which is changed under the hands of the test.
fn blog(site: &Arc<Mutex<Blog>>) -> impl Fn(&Heard) -> Reply + Send + Sync + use<> {
    let behind = Arc::clone(site);
    move |heard| match heard.target.path() {
        "/wp-json/" => {
            let home = heard.target.join("/").unwrap();
            Reply::json(200, &serde_json::json!({ "home": home.as_str(), "namespaces": ["wp/v2"] }))
        }
        _ => behind.lock().unwrap().answer(heard),
    }
}

#[tokio::test]
async fn what_a_site_did_not_show_at_its_time_leaves_with_the_outbox_and_ends_with_the_user_where_it_is_refused() {
    for refuses in [false, true] {
        let site = Arc::new(Mutex::new(Blog::default()));
        let desk = Desk::before(FeedKind::Wordpress, "me", blog(&site)).await;
        let turn = |minutes: i64| {
            desk.clock.advance(minutes * MINUTE);
            let shown = desk.clock.now().to_rfc3339();
            site.lock().unwrap().now = Some(shown.split(['.', 'Z']).next().unwrap().to_owned());
        };
        turn(0);
        let manner = Manner { publish_at: Some(desk.clock.now().plus_millis(60 * MINUTE)), ..Manner::default() };
        let (post, feed, wanted) = (desk.post, desk.feed, Wanted::Published);
        desk.journal.post_send(SendInput { post, feed, wanted, manner }).await.unwrap();
        assert_eq!(desk.sync().await, DeliveryState::Synced);
        turn(75);
        let sent =
            || desk.server.lines().into_iter().filter(|line| line.starts_with("POST /wp-json/wp/v2/posts/")).count();
        let before = sent();
        desk.journal.pull(()).await.unwrap();
        let state = || async { desk.journal.post_get(post).await.unwrap().deliveries.remove(0).state };
        assert_eq!((state().await, sent()), (DeliveryState::Queued, before), "it waits for its turn");
        if refuses {
            let no = Reply::json(400, &serde_json::json!({ "code": "rest_invalid_param", "data": { "status": 400 } }));
            site.lock().unwrap().whim = Some(("POST posts/100", no));
        }
        let ended = match refuses {
            true => DeliveryState::NeedsYou { reason: NeedsYou::Refused },
            false => DeliveryState::Synced,
        };
        assert_eq!((desk.sync().await, sent()), (ended.clone(), before + 1));
        let status = site.lock().unwrap().posts[0]["status"].clone();
        assert_eq!(status, if refuses { "future" } else { "publish" });
        for _ in 0..3 {
            turn(75);
            desk.journal.pull(()).await.unwrap();
            assert_eq!((desk.sync().await, sent()), (ended.clone(), before + 1), "nothing is sent again");
        }
    }
}
