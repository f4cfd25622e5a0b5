//! A server that speaks the Mastodon API, with the whole journal in front of it.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use sampan_core::api::remote::DiscoverInput;
use sampan_core::api::types::*;
use sampan_core::clock::{Clock, SystemClock};
use sampan_core::domain::destination::{LanguageLayout, LongText};
use sampan_core::domain::{AssetId, Attachment, Content, DeliveryState, FeedId, Lang, PostId, Secret, Side, Wanted};
use sampan_core::journal::{Journal, Options};
use serde_json::{Value, json};
use url::Url;

use crate::support::jpeg;
use crate::told;

/// The server as somebody sees it who is not the journal.
struct Server {
    url: Url,
    http: reqwest::Client,
}

impl Server {
    fn told() -> Self {
        // Another test may have chosen before.
        rustls::crypto::ring::default_provider().install_default().ok();
        Self { url: told("SAMPAN_MASTODON_URL").parse().unwrap(), http: reqwest::Client::new() }
    }

    async fn ask(&self, path: &str) -> Value {
        let request = self.http.get(self.url.join(path).unwrap()).bearer_auth(told("SAMPAN_MASTODON_TOKEN"));
        serde_json::from_slice(&request.send().await.unwrap().bytes().await.unwrap()).unwrap()
    }

    /// Our statuses that have a word in them, the oldest first.
    async fn statuses(&self, word: &str) -> Vec<Value> {
        let me = self.ask("api/v1/accounts/verify_credentials").await["id"].as_str().unwrap().to_owned();
        let (mut found, mut before) = (Vec::<Value>::new(), String::new());
        loop {
            let page = self.ask(&format!("api/v1/accounts/{me}/statuses?limit=40{before}")).await;
            let Some(last) = page.as_array().unwrap().last() else { break };
            before = format!("&max_id={}", last["id"].as_str().unwrap());
            found.extend(page.as_array().unwrap().iter().cloned());
        }
        found.retain(|status| status["content"].to_string().contains(word));
        found.reverse();
        found
    }

    /// What was written, of a status.
    async fn source(&self, status: &Value) -> String {
        let path = format!("api/v1/statuses/{}/source", status["id"].as_str().unwrap());
        self.ask(&path).await["text"].as_str().unwrap().to_owned()
    }

    /// Somebody edits a status there.
    async fn edit(&self, status: &Value, text: &str) {
        let to = self.url.join(&format!("api/v1/statuses/{}", status["id"].as_str().unwrap())).unwrap();
        let request = self.http.put(to).bearer_auth(told("SAMPAN_MASTODON_TOKEN")).json(&json!({ "status": text }));
        assert!(request.send().await.unwrap().status().is_success());
    }
}

/// A journal and the person who writes in it.
struct Desk {
    journal: Journal,
    folder: tempfile::TempDir,
}

impl Desk {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let options = Options { feed_dir: Some(folder.path().join("feed")), ..Options::default() };
        let journal = Journal::open(&folder.path().join("journal"), options).await.unwrap();
        Self { journal, folder }
    }

    /// The server as a feed, with a status per language.
    async fn feed(&self, place: &Url) -> FeedId {
        let input = FeedInput {
            kind: FeedKind::Mastodon,
            name: "Social".into(),
            place: place.to_string(),
            user: String::new(),
            secret: Some(Secret::new(told("SAMPAN_MASTODON_TOKEN"))),
            keep: Some(KeepSecret::Session),
            plain_http: false,
        };
        let feed = self.journal.feed_add(input).await.unwrap();
        let options = FeedOptions { languages: LanguageLayout::Linked, long_text: LongText::Split, ..feed.options };
        let change = FeedChange { id: feed.id, name: None, enabled: None, place: None, options: Some(options) };
        self.journal.feed_change(change).await.unwrap().id
    }

    /// A post in two languages with four photos; `word` makes it findable.
    async fn write(&self, word: &str) -> PostId {
        let mut paths = Vec::new();
        for seed in 1..=4 {
            let path = self.folder.path().join(format!("{seed}.jpg"));
            std::fs::write(&path, jpeg(seed)).unwrap();
            paths.push(path.display().to_string());
        }
        let report = self.journal.import_files(ImportInput { paths }).await.unwrap();
        let files = report.files.iter().filter_map(|file| Some(file.asset.as_ref()?.id));
        let mut content = Content::empty(SystemClock.moment());
        content.attachments = (1..).zip(files).map(|(number, asset)| attachment(asset, number)).collect();
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
        self.journal.post_send(SendInput { post, feed, wanted, manner: Default::default() }).await.unwrap();
        self.go_on(post, feed).await
    }

    async fn go_on(&self, post: PostId, feed: FeedId) -> DeliveryView {
        self.journal.sync_now(()).await.unwrap();
        let view = self.journal.post_get(post).await.unwrap();
        view.deliveries.into_iter().find(|delivery| delivery.feed == feed).unwrap()
    }
}

/// A word that is in no other post.
fn word() -> String {
    SystemClock.new_uuid().to_string()
}

fn attachment(asset: AssetId, number: u8) -> Attachment {
    let alt = [(Lang::zh_hans(), format!("面{number}")), (Lang::en(), format!("noodles {number}"))];
    Attachment { asset, name: format!("IMG_{number}.jpg"), alt: alt.into_iter().collect() }
}

fn alts(status: &Value) -> Vec<&str> {
    let files = status["media_attachments"].as_array().unwrap();
    files.iter().map(|file| file["description"].as_str().unwrap_or_default()).collect()
}

#[tokio::test]
async fn a_bilingual_post_with_four_photos_lives_there_as_a_linked_pair() {
    let (server, desk, word) = (Server::told(), Desk::new().await, &word());
    let typed = DiscoverInput { address: server.url.join("@me").unwrap().to_string(), plain_http: false };
    let found = desk.journal.feed_discover(typed).await.unwrap();
    assert_eq!(found.iter().map(|found| found.kind).collect::<Vec<_>>(), [FeedKind::Mastodon]);
    let feed = desk.feed(&server.url).await;
    let post = desk.write(word).await;
    let sent = desk.send(post, feed, Wanted::Published).await;
    assert_eq!(sent.state, DeliveryState::Synced, "{sent:?}");

    let [zh, en] = &server.statuses(word).await[..] else { panic!("a pair") };
    assert_eq!((&zh["language"], &en["language"]), (&json!("zh"), &json!("en")));
    assert_eq!(en["in_reply_to_id"], zh["id"]);
    assert_eq!(alts(zh), ["面1", "面2", "面3", "面4"]);
    assert_eq!(alts(en), ["noodles 1", "noodles 2", "noodles 3", "noodles 4"]);
    assert_eq!(server.source(zh).await, format!("午饭\n\n今天吃面。{word}\n\n#面"));
    assert_eq!(server.source(en).await, format!("Lunch\n\nNoodles & tea. {word}\n\n#面"));
    for (number, file) in (1..).zip(zh["media_attachments"].as_array().unwrap()) {
        let there = server.http.get(file["url"].as_str().unwrap()).send().await.unwrap().bytes().await.unwrap();
        let here = std::fs::read(desk.folder.path().join(format!("{number}.jpg"))).unwrap();
        let pixels = |bytes: &[u8]| image::load_from_memory(bytes).unwrap().to_rgb8();
        assert_eq!(pixels(&there), pixels(&here), "photo {number}");
    }

    desk.edit(post, |content| content.sides.get_mut(&Lang::en()).unwrap().title = "Dinner".into()).await;
    let updated = desk.send(post, feed, Wanted::Published).await;
    assert_eq!(updated.state, DeliveryState::Synced, "{updated:?}");
    let [_, en] = &server.statuses(word).await[..] else { panic!("still a pair") };
    assert_eq!(server.source(en).await, format!("Dinner\n\nNoodles & tea. {word}\n\n#面"));

    let gone = desk.send(post, feed, Wanted::Withdrawn).await;
    assert_eq!((gone.state, server.statuses(word).await.len()), (DeliveryState::Synced, 0));
    let again = desk.send(post, feed, Wanted::Published).await;
    assert_eq!((again.state, server.statuses(word).await.len()), (DeliveryState::Synced, 2));
}

#[tokio::test]
async fn what_is_changed_there_comes_back() {
    let (server, desk, word) = (Server::told(), Desk::new().await, &word());
    let feed = desk.feed(&server.url).await;
    let post = desk.write(word).await;
    desk.send(post, feed, Wanted::Published).await;
    let [_, en] = &server.statuses(word).await[..] else { panic!("a pair") };
    server.edit(en, &format!("Lunch\n\nRice & tea. {word}\n\n#面")).await;
    let report = desk.journal.pull(()).await.unwrap();
    assert_eq!((report.changed, report.conflicts, report.gone), (1, 0, 0), "{report:?}");
    let content = desk.journal.post_get(post).await.unwrap().content;
    assert_eq!(content.sides[&Lang::en()].body, format!("Rice & tea. {word}"));
    assert_eq!(content.sides[&Lang::zh_hans()].body, format!("今天吃面。{word}"));
    assert_eq!(content.attachments.len(), 4, "the photos are the same ones");
    let quiet = desk.journal.pull(()).await.unwrap();
    assert_eq!((quiet.changed, quiet.conflicts), (0, 0), "{quiet:?}");
}

#[tokio::test]
async fn a_lost_answer_makes_no_second_pair() {
    let (server, desk, word) = (Server::told(), Desk::new().await, &word());
    let between = Between::start(&server.url);
    let feed = desk.feed(&between.url).await;
    let post = desk.write(word).await;
    between.swallows.store(true, Ordering::SeqCst);
    desk.send(post, feed, Wanted::Published).await;
    assert!(!between.swallows.load(Ordering::SeqCst), "an answer was lost");
    // What waits is woken each time: sending now does not wait for the next try by itself.
    let mut at_last = desk.go_on(post, feed).await;
    for _ in 0..10 {
        if at_last.state == DeliveryState::Synced {
            break;
        }
        at_last = desk.go_on(post, feed).await;
    }
    assert_eq!(at_last.state, DeliveryState::Synced, "{at_last:?}");
    assert_eq!(server.statuses(word).await.len(), 2);
}

/// Stands between the journal and the server, and swallows the answer to a new status when it is told to.
struct Between {
    url: Url,
    swallows: Arc<AtomicBool>,
}

impl Between {
    fn start(server: &Url) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap()).parse().unwrap();
        let swallows = Arc::new(AtomicBool::new(false));
        let (to, flag) = (format!("127.0.0.1:{}", server.port().unwrap()), Arc::clone(&swallows));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (to, flag) = (to.clone(), Arc::clone(&flag));
                std::thread::spawn(move || pass(stream, &to, &flag));
            }
        });
        Self { url, swallows }
    }
}

/// One request and its answer; both ends close behind it.
fn pass(mut client: TcpStream, to: &str, swallows: &AtomicBool) {
    let Some(request) = whole(&mut client) else { return };
    let mut server = TcpStream::connect(to).unwrap();
    server.write_all(&request).unwrap();
    let mut answer = Vec::new();
    server.read_to_end(&mut answer).unwrap();
    let posts = request.starts_with(b"POST /api/v1/statuses ");
    if !(posts && swallows.swap(false, Ordering::SeqCst)) {
        client.write_all(&answer).ok();
    }
}

/// A request with its body, asking for a connection that closes.
fn whole(client: &mut TcpStream) -> Option<Vec<u8>> {
    let mut heard = Vec::new();
    let mut piece = [0; 16 << 10];
    loop {
        let read = client.read(&mut piece).ok().filter(|read| *read > 0)?;
        heard.extend_from_slice(&piece[..read]);
        let Some(end) = heard.windows(4).position(|four| four == b"\r\n\r\n") else { continue };
        let head = String::from_utf8_lossy(&heard[..end]).to_lowercase();
        let length = head.lines().find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok());
        if heard.len() >= end + 4 + length.unwrap_or(0) {
            let body = heard.split_off(end + 2);
            heard.extend_from_slice(b"connection: close\r\n");
            heard.extend_from_slice(&body);
            return Some(heard);
        }
    }
}
