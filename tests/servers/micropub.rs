//! Micropub and IndieAuth, real: django-indieweb with a site around it.

mod between;
mod blog;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use sampan_core::api::remote::{DiscoverInput, SignInInput};
use sampan_core::api::types::*;
use sampan_core::clock::{Clock, TestClock};
use sampan_core::domain::{
    Attachment, Content, DeliveryState, FeedId, Lang, Moment, NeedsYou, PostId, Secret, Side, Timestamp, Wanted,
};
use sampan_core::journal::{Journal, Options};
use serde_json::Value;
use url::Url;
use uuid::Uuid;

use self::between::Between;
use self::blog::Blog;
use crate::told;

const START: i64 = 1_736_240_400_000;

/// Tells the time of the test, but makes names that no other test makes: all write to the same site.
#[derive(Debug)]
struct OwnNames(TestClock);

impl Clock for OwnNames {
    fn now(&self) -> Timestamp {
        self.0.now()
    }

    fn zone(&self) -> String {
        self.0.zone()
    }

    fn new_uuid(&self) -> Uuid {
        Uuid::now_v7()
    }
}

/// A journal and the person who writes in it.
struct Desk {
    journal: Journal,
    clock: Arc<OwnNames>,
    folder: tempfile::TempDir,
}

impl Desk {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(OwnNames(TestClock::new(START)));
        let options =
            Options { clock: clock.clone(), feed_dir: Some(folder.path().join("feed")), ..Options::default() };
        let journal = Journal::open(&folder.path().join("journal"), options).await.unwrap();
        Self { journal, clock, folder }
    }

    async fn with_token(&self, place: &str) -> FeedId {
        let input = FeedInput {
            kind: FeedKind::Micropub,
            name: "Blog".into(),
            place: place.to_owned(),
            user: String::new(),
            secret: Some(Secret::new(told("SAMPAN_MICROPUB_TOKEN"))),
            keep: Some(KeepSecret::Session),
            plain_http: false,
        };
        self.journal.feed_add(input).await.unwrap().id
    }

    fn browser(&self, place: &Url) -> SignInInput {
        SignInInput {
            kind: FeedKind::Micropub,
            place: place.to_string(),
            name: String::new(),
            feed: None,
            keep: Some(KeepSecret::Session),
            plain_http: false,
        }
    }

    fn photo(&self, seed: u8) -> PathBuf {
        let path = self.folder.path().join(format!("{seed}.jpg"));
        std::fs::File::create(&path).unwrap().write_all(&crate::support::jpeg(seed)).unwrap();
        path
    }

    /// A post in two languages with two photos; `word` makes it findable.
    async fn write(&self, word: &str) -> PostId {
        let paths = vec![self.photo(1), self.photo(2)].iter().map(|path| path.display().to_string()).collect();
        let report = self.journal.import_files(ImportInput { paths }).await.unwrap();
        let alt = [("一碗面", "A bowl of noodles"), ("一杯茶", "")];
        let files = report.files.iter().filter_map(|file| Some(file.asset.as_ref()?.id));
        let mut content = Content::empty(Moment { at: self.clock.now(), zone: "Asia/Shanghai".into() });
        content.attachments = files.zip(alt).map(|(asset, alt)| attachment(asset, alt)).collect();
        content.sides.insert(Lang::zh_hans(), Side { title: "午饭".into(), body: format!("今天吃面。{word}") });
        content.sides.insert(Lang::en(), Side { title: "Lunch".into(), body: format!("Noodles & tea. {word}") });
        content.topics = vec!["面".into()];
        let input = DraftInput { post: None, base: None, version: None, content };
        self.journal.draft_save(input).await.unwrap().post
    }

    async fn edit(&self, post: PostId, change: impl FnOnce(&mut Content)) {
        let view = self.journal.post_get(post).await.unwrap();
        let mut content = view.content;
        change(&mut content);
        let input = DraftInput { post: Some(post), base: Some(view.revision), version: Some(view.version), content };
        self.journal.draft_save(input).await.unwrap();
        self.journal.draft_seal(post).await.unwrap();
    }

    /// Says what is wanted, sends, and answers where it stands.
    async fn send(&self, post: PostId, feed: FeedId, wanted: Wanted) -> DeliveryView {
        let manner = Default::default();
        self.journal.post_send(SendInput { post, feed, wanted, manner }).await.unwrap();
        self.go_on(post, feed).await
    }

    async fn go_on(&self, post: PostId, feed: FeedId) -> DeliveryView {
        self.journal.sync_now(()).await.unwrap();
        let view = self.journal.post_get(post).await.unwrap();
        view.deliveries.into_iter().find(|delivery| delivery.feed == feed).unwrap()
    }
}

fn attachment(asset: sampan_core::domain::AssetId, (zh, en): (&str, &str)) -> Attachment {
    let alt = [(Lang::zh_hans(), zh), (Lang::en(), en)].into_iter().filter(|(_, text)| !text.is_empty());
    Attachment { asset, name: "IMG_1.jpg".into(), alt: alt.map(|(lang, text)| (lang, text.to_owned())).collect() }
}

#[tokio::test]
async fn one_signs_in_in_the_browser_and_writes() {
    let (blog, desk) = (Blog::told(), Desk::new().await);
    let typed = blog.url.to_string();
    let found = desk.journal.feed_discover(DiscoverInput { address: typed, plain_http: false }).await.unwrap();
    assert_eq!(found.iter().map(|found| found.kind).collect::<Vec<_>>(), [FeedKind::Micropub]);

    let refused = desk.journal.sign_in_begin(desk.browser(&blog.url)).await.unwrap();
    let (answer, ()) = tokio::join!(desk.journal.sign_in_finish(refused.id), blog.consent(&refused.url, "deny"));
    assert_eq!(answer.unwrap_err().code, sampan_core::api::ErrorCode::SignInDenied);

    let started = desk.journal.sign_in_begin(desk.browser(&blog.url)).await.unwrap();
    let (feed, ()) = tokio::join!(desk.journal.sign_in_finish(started.id), blog.consent(&started.url, "approve"));
    let feed = feed.unwrap();
    assert_eq!((feed.health, feed.keep), (FeedHealth::Reachable, Some(KeepSecret::Session)));
    assert_eq!(feed.account, blog.url.authority(), "whose site it is, as its server says");

    let post = desk.write("canary-signed").await;
    let sent = desk.send(post, feed.id, Wanted::Draft).await;
    assert_eq!(sent.state, DeliveryState::Synced, "{sent:?}");
    assert_eq!(blog.entries("canary-signed").await.len(), 1);
    assert_eq!(desk.journal.feed_sign_out(feed.id).await.unwrap().keep, None);
}

#[tokio::test]
async fn a_sign_in_that_is_given_up_ends() {
    let (blog, desk) = (Blog::told(), Desk::new().await);
    let started = desk.journal.sign_in_begin(desk.browser(&blog.url)).await.unwrap();
    let id = started.id.clone();
    let (answer, cancelled) =
        tokio::join!(desk.journal.sign_in_finish(started.id), async { desk.journal.sign_in_cancel(id).await });
    assert!(cancelled.is_ok());
    assert_eq!(answer.unwrap_err().code, sampan_core::api::ErrorCode::Cancelled);
}

#[tokio::test]
async fn a_post_lives_there_from_draft_to_deletion() {
    let (blog, desk) = (Blog::told(), Desk::new().await);
    let feed = desk.with_token(blog.url.as_str()).await;
    let post = desk.write("canary-life").await;
    let sent = desk.send(post, feed, Wanted::Draft).await;
    assert_eq!(sent.state, DeliveryState::Synced, "{sent:?}");
    let [entry] = &blog.entries("canary-life").await[..] else { panic!() };
    assert_eq!(entry["post-status"][0], "draft");
    assert_eq!((&entry["name"][0], &entry["category"][0]), (&"午饭 · Lunch".into(), &"面".into()));
    let html = entry["content"][0]["html"].as_str().unwrap();
    for text in ["lang=\"zh-Hans\"", "lang=\"en\"", "Noodles &amp; tea.", "一碗面", "A bowl of noodles", "一杯茶"]
    {
        assert!(html.contains(text), "{text} in {html}");
    }
    assert_same_photos(&blog, entry, desk.folder.path()).await;

    let published = desk.send(post, feed, Wanted::Published).await;
    assert_eq!(published.state, DeliveryState::Synced, "{published:?}");
    desk.edit(post, |content| content.topics = vec!["茶".into()]).await;
    let updated = desk.send(post, feed, Wanted::Published).await;
    assert_eq!(updated.state, DeliveryState::Synced, "{updated:?}");
    let [entry] = &blog.entries("canary-life").await[..] else { panic!() };
    assert_eq!((&entry["post-status"][0], &entry["category"]), (&"published".into(), &serde_json::json!(["茶"])));

    let gone = desk.send(post, feed, Wanted::Withdrawn).await;
    assert_eq!((gone.state, blog.entries("canary-life").await.len()), (DeliveryState::Synced, 0));
    let again = desk.send(post, feed, Wanted::Published).await;
    assert_eq!(again.state, DeliveryState::Synced, "{again:?}");
    let [entry] = &blog.entries("canary-life").await[..] else { panic!("brought back, once") };
    assert_eq!(again.receipt.unwrap().remote_id, published.receipt.unwrap().remote_id);
    assert_eq!(entry["category"][0], "茶");
}

/// The photos that lie there are the ones of the post, but for what may not leave.
async fn assert_same_photos(blog: &Blog, entry: &Value, folder: &Path) {
    let photos = entry["photo"].as_array().unwrap();
    assert_eq!(photos.len(), 2);
    for (number, photo) in (1..).zip(photos) {
        let there = blog.http.get(photo.as_str().unwrap()).send().await.unwrap().bytes().await.unwrap();
        let here = std::fs::read(folder.join(format!("{number}.jpg"))).unwrap();
        let pixels = |bytes: &[u8]| image::load_from_memory(bytes).unwrap().to_rgb8();
        assert_eq!(pixels(&there), pixels(&here), "photo {number}");
    }
}

#[tokio::test]
async fn what_is_changed_there_is_not_written_over() {
    let (blog, desk) = (Blog::told(), Desk::new().await);
    let feed = desk.with_token(blog.url.as_str()).await;
    let post = desk.write("canary-there").await;
    let sent = desk.send(post, feed, Wanted::Published).await;
    let there = Url::parse(&sent.receipt.unwrap().remote_id).unwrap();
    let replace = serde_json::json!({ "name": ["早饭 · Breakfast"] });
    blog.change(serde_json::json!({ "action": "update", "url": there.path(), "replace": replace })).await;
    desk.edit(post, |content| content.sides.get_mut(&Lang::en()).unwrap().title = "Dinner".into()).await;
    let stuck = desk.send(post, feed, Wanted::Published).await;
    let DeliveryState::NeedsYou { reason } = stuck.state else {
        panic!("{:?}\n{stuck:?}", blog.entries("canary-there").await)
    };
    assert!([NeedsYou::ChangedThere, NeedsYou::Conflict].contains(&reason), "{reason:?}");
    assert_eq!(blog.entries("canary-there").await[0]["name"][0], "早饭 · Breakfast");
}

#[tokio::test]
async fn a_lost_answer_makes_one_entry() {
    let (blog, desk) = (Blog::told(), Desk::new().await);
    let between = Between::start(&blog.url);
    let feed = desk.with_token(between.url.as_str()).await;
    let post = desk.write("canary-lost").await;
    between.swallow_answer.store(true, Ordering::SeqCst);
    let unknown = desk.send(post, feed, Wanted::Published).await;
    assert_ne!(unknown.state, DeliveryState::Synced, "{unknown:?}");
    desk.clock.0.advance(60_000);
    let found = desk.go_on(post, feed).await;
    assert_eq!(found.state, DeliveryState::Synced, "{found:?}");
    assert_eq!(blog.entries("canary-lost").await.len(), 1);
}

#[tokio::test]
async fn a_lost_request_is_asked_about_after_a_quiet_wait() {
    let (blog, desk) = (Blog::told(), Desk::new().await);
    let between = Between::start(&blog.url);
    let feed = desk.with_token(between.url.as_str()).await;
    let post = desk.write("canary-never").await;
    between.swallow_request.store(true, Ordering::SeqCst);
    desk.send(post, feed, Wanted::Published).await;
    for _ in 0..3 {
        desk.clock.0.advance(60_000);
        let waits = desk.go_on(post, feed).await;
        assert_eq!(waits.state, DeliveryState::Unknown, "{waits:?}");
    }
    desk.clock.0.advance(46 * 60_000);
    let asks = desk.go_on(post, feed).await;
    assert_eq!(asks.state, DeliveryState::NeedsYou { reason: NeedsYou::MaybeThere }, "{asks:?}");
    assert!(blog.entries("canary-never").await.is_empty(), "nothing was sent again by itself");
}
