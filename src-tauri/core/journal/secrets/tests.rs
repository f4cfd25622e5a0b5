//! Secrets of feeds through the journal's own commands, against a small site on this computer.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::json;

use super::*;
use crate::api::remote::FeedSignIn;
use crate::api::types::{DraftInput, FeedHealth, FeedInput, FeedView, SendInput};
use crate::clock::TestClock;
use crate::domain::{Content, DeliveryState, Lang, Manner, NeedsYou, PostId, Side, Wanted};
use crate::feed::web::scripted::{Heard, Reply, Scripted};
use crate::journal::Options;
use crate::vault::{Files, Memory, Nowhere, Vault};

const TOKEN: &str = "token-canary-7";
/// What gets the next one.
const REFRESH: &str = "refresh-canary-8";

/// A keychain that says of everything that it is not there while it is locked, as GNOME's does.
#[derive(Debug, Default)]
struct Lockable {
    inside: Memory,
    locked: AtomicBool,
}

#[async_trait]
impl Vault for Lockable {
    async fn get(&self, feed: FeedId) -> Kept {
        if self.locked.load(Ordering::SeqCst) { Kept::Locked } else { self.inside.get(feed).await }
    }

    async fn set(&self, feed: FeedId, secret: &Secret) -> Result<(), NotKept> {
        self.probe().await?;
        self.inside.set(feed, secret).await
    }

    async fn remove(&self, feed: FeedId) -> Result<(), NotKept> {
        self.probe().await?;
        self.inside.remove(feed).await
    }

    async fn probe(&self) -> Result<(), NotKept> {
        if self.locked.load(Ordering::SeqCst) { Err(NotKept::Locked) } else { Ok(()) }
    }
}

/// A site that takes every post of whoever has the token.
async fn site() -> Scripted {
    let entry = std::sync::Mutex::new(serde_json::Value::Null);
    Scripted::start(move |heard: &Heard| match (heard.method.as_str(), heard.target.path()) {
        ("POST", "/token") if heard.text().contains(REFRESH) => {
            Reply::json(200, &json!({"access_token": TOKEN, "token_type": "Bearer"}))
        }
        ("POST", "/revoke") => Reply::json(200, &json!({})),
        ("GET", "/") => Reply::html(200, "<title>Notes</title><link rel=micropub href=/micropub>"),
        (_, "/micropub") if heard.header("authorization") != Some(&format!("Bearer {TOKEN}")) => {
            Reply::json(401, &json!({"error": "unauthorized"}))
        }
        ("GET", "/micropub") if heard.query("q").as_deref() == Some("config") => Reply::json(200, &json!({"q": []})),
        ("POST", "/micropub") => {
            *entry.lock().unwrap() = heard.json();
            Reply::html(201, "").header("location", "/entries/1")
        }
        ("GET", "/micropub") if heard.query("url").is_some() => Reply::json(200, &entry.lock().unwrap()),
        _ => Reply::html(404, ""),
    })
    .await
}

async fn journal(dir: &Path, keychain: Arc<dyn Vault>) -> Journal {
    // Vaults of the test's own.
    let vaults = Vaults {
        keychain,
        file: Arc::new(Files::new(dir.join("secrets"))),
        session: Arc::new(Memory::default()),
        environment: |name| (name == "NOTES").then(|| TOKEN.to_owned()),
    };
    let clock = Arc::new(TestClock::new(1_795_000_000_000));
    Journal::open(&dir.join("journal"), Options { clock, vaults, ..Options::default() }).await.unwrap()
}

fn input(site: &Scripted, secret: &str, keep: Option<KeepSecret>) -> FeedInput {
    FeedInput {
        kind: FeedKind::Micropub,
        name: "Notes".into(),
        place: site.url.to_string(),
        user: String::new(),
        secret: Some(Secret::new(secret.to_owned())),
        keep,
        plain_http: false,
    }
}

async fn send(journal: &Journal, feed: &FeedView) -> (PostId, DeliveryState) {
    let mut content = Content::empty(journal.clock().moment());
    content.sides.insert(Lang::en(), Side { title: String::new(), body: "Clouds".into() });
    let saved = journal.draft_save(DraftInput { post: None, base: None, version: None, content }).await.unwrap();
    let wish = SendInput { post: saved.post, feed: feed.id, wanted: Wanted::Published, manner: Manner::default() };
    journal.post_send(wish).await.unwrap();
    (saved.post, sync(journal, saved.post).await)
}

async fn sync(journal: &Journal, post: PostId) -> DeliveryState {
    journal.sync().await.unwrap();
    journal.post_get(post).await.unwrap().deliveries.remove(0).state
}

const SIGNED_OUT: DeliveryState = DeliveryState::NeedsYou { reason: NeedsYou::SignedOut };

#[tokio::test]
async fn a_locked_keychain_makes_posts_wait_and_forgets_nothing() {
    let (dir, site, keychain) = (tempfile::tempdir().unwrap(), site().await, Arc::new(Lockable::default()));
    let journal = journal(dir.path(), keychain.clone()).await;
    let feed = journal.feed_add(input(&site, TOKEN, None)).await.unwrap();
    assert_eq!(feed.keep, Some(KeepSecret::Keychain));
    keychain.locked.store(true, Ordering::SeqCst);
    let (post, state) = send(&journal, &feed).await;
    assert_eq!(state, DeliveryState::Queued, "nobody is signed out, and nobody has to do anything there");
    assert_eq!(journal.feed_view(feed.id).await.unwrap().health, FeedHealth::Locked);
    assert_eq!(journal.feed_test(feed.id).await.unwrap().health, FeedHealth::Locked);
    let put_off = journal.post_get(post).await.unwrap().deliveries.remove(0).next_at.unwrap();
    assert!(put_off >= journal.clock().now().plus_millis(60_000), "it may ask for a password each time: {put_off:?}");
    let again = FeedSignIn { feed: feed.id, user: String::new(), secret: Secret::new(TOKEN.into()), keep: None };
    assert_eq!(journal.feed_sign_in(again).await.unwrap_err().code, ErrorCode::KeychainLocked);
    let listed = journal.feed_list(()).await.unwrap();
    let kept = listed.iter().find(|one| one.id == feed.id).and_then(|one| one.keep.clone());
    assert_eq!(kept, Some(KeepSecret::Keychain), "the row still says where it is");
    keychain.locked.store(false, Ordering::SeqCst);
    assert_eq!(sync(&journal, post).await, DeliveryState::Synced, "unlocking is enough");
}

#[tokio::test]
async fn a_feed_that_knows_us_again_gets_what_waited_for_that() {
    let (dir, site, keychain) = (tempfile::tempdir().unwrap(), site().await, Arc::new(Lockable::default()));
    let journal = journal(dir.path(), keychain.clone()).await;
    let feed = journal.feed_add(input(&site, TOKEN, None)).await.unwrap();
    assert_eq!(send(&journal, &feed).await.1, DeliveryState::Synced);
    let tour = async || {
        journal.tour(crate::domain::Timestamp::EPOCH).await.unwrap();
        let pending = journal.outbox(()).await.unwrap().pending;
        pending.into_iter().map(|entry| entry.delivery.state).collect::<Vec<_>>()
    };
    let know = async |by_pull: bool| match by_pull {
        true => assert_eq!(journal.pull(()).await.unwrap().unreachable, [""; 0]),
        false => assert_eq!(journal.feed_test(feed.id).await.unwrap().health, FeedHealth::Reachable),
    };
    for by_pull in [false, true] {
        keychain.locked.store(true, Ordering::SeqCst);
        assert_eq!(send(&journal, &feed).await.1, DeliveryState::Queued);
        let report = journal.pull(()).await.unwrap();
        assert_eq!((report.locked, report.unreachable), (vec!["Notes".to_owned()], Vec::new()), "it was not asked");
        keychain.locked.store(false, Ordering::SeqCst);
        assert_eq!(tour().await, [DeliveryState::Queued], "it is not its time yet");
        know(by_pull).await;
        assert_eq!(tour().await, []);
        keychain.inside.set(feed.id, &Secret::new("revoked".into())).await.unwrap();
        assert_eq!(send(&journal, &feed).await.1, SIGNED_OUT);
        keychain.inside.set(feed.id, &Secret::new(TOKEN.into())).await.unwrap();
        assert_eq!(tour().await, [SIGNED_OUT]);
        keychain.inside.set(feed.id, &Secret::new("revoked".into())).await.unwrap();
        let report = journal.pull(()).await.unwrap();
        assert_eq!((report.signed_out, report.unreachable), (vec!["Notes".to_owned()], Vec::new()));
        keychain.inside.set(feed.id, &Secret::new(TOKEN.into())).await.unwrap();
        know(by_pull).await;
        assert_eq!(tour().await, []);
    }
}

#[tokio::test]
async fn without_a_keychain_nothing_else_is_chosen_silently() {
    let (dir, site) = (tempfile::tempdir().unwrap(), site().await);
    let journal = journal(dir.path(), Arc::new(Nowhere)).await;
    let refused = journal.feed_add(input(&site, TOKEN, None)).await.unwrap_err();
    assert_eq!(refused.code, ErrorCode::NoKeychain);
    assert_eq!(site.heard(), [], "and it is said before the secret leaves");
    let feed = journal.feed_add(input(&site, TOKEN, Some(KeepSecret::File))).await.unwrap();
    assert_eq!(send(&journal, &feed).await.1, DeliveryState::Synced);
    assert_eq!(std::fs::read_dir(dir.path().join("secrets")).unwrap().count(), 1);
    journal.feed_remove(feed.id).await.unwrap();
    assert_eq!(std::fs::read_dir(dir.path().join("secrets")).unwrap().count(), 0, "it goes with the feed");
}

#[tokio::test]
async fn a_secret_that_the_feed_does_not_take_is_not_kept() {
    let (dir, site) = (tempfile::tempdir().unwrap(), site().await);
    let journal = journal(dir.path(), Arc::new(Nowhere)).await;
    let wrong = journal.feed_add(input(&site, "wrong", Some(KeepSecret::File))).await.unwrap_err();
    assert_eq!(wrong.code, ErrorCode::SignInRefused);
    assert!(!dir.path().join("secrets").exists());
    let feed = journal.feed_add(input(&site, TOKEN, Some(KeepSecret::File))).await.unwrap();
    let twice = journal.feed_add(input(&site, TOKEN, Some(KeepSecret::Session))).await.unwrap_err();
    assert_eq!(twice.code, ErrorCode::FeedExists);
    let wrong = FeedSignIn { feed: feed.id, user: String::new(), secret: Secret::new("wrong".into()), keep: None };
    assert_eq!(journal.feed_sign_in(wrong).await.unwrap_err().code, ErrorCode::SignInRefused);
    assert_eq!(send(&journal, &feed).await.1, DeliveryState::Synced, "the right one is still there");
}

#[tokio::test]
async fn a_feed_that_is_signed_out_waits_until_it_is_signed_in() {
    let (dir, site) = (tempfile::tempdir().unwrap(), site().await);
    let journal = journal(dir.path(), Arc::new(Nowhere)).await;
    let named = KeepSecret::Environment { name: "NOTES".into() };
    let feed = journal.feed_add(input(&site, TOKEN, Some(named.clone()))).await.unwrap();
    assert_eq!(journal.feed_sign_out(feed.id).await.unwrap().keep, None);
    let (post, state) = send(&journal, &feed).await;
    assert_eq!(state, SIGNED_OUT);
    let again = FeedSignIn { feed: feed.id, user: String::new(), secret: Secret::new(TOKEN.into()), keep: Some(named) };
    journal.feed_sign_in(again).await.unwrap();
    assert_eq!(sync(&journal, post).await, DeliveryState::Synced);
    let written = walkdir::WalkDir::new(dir.path()).into_iter().filter_map(Result::ok);
    for file in written.filter(|entry| entry.file_type().is_file()) {
        let bytes = std::fs::read(file.path()).unwrap();
        assert!(!bytes.windows(TOKEN.len()).any(|piece| piece == TOKEN.as_bytes()), "{}", file.path().display());
    }
}

/// What a browser brought, with a token that the site takes no more.
fn ended(site: &Scripted) -> Secret {
    let grant = Grant {
        access: Secret::new("ended".into()),
        refresh: Some(Secret::new(REFRESH.into())),
        given_at: crate::domain::Timestamp::EPOCH,
        expires_at: None,
        client_id: "http://127.0.0.1:7/".into(),
        client_secret: None,
        token_endpoint: site.url.join("token").unwrap().into(),
        revocation_endpoint: Some(site.url.join("revoke").unwrap().into()),
    };
    grant.write()
}

#[tokio::test]
async fn a_token_that_the_site_refuses_is_renewed_on_the_way_and_handed_back_in_the_end() {
    let (dir, site) = (tempfile::tempdir().unwrap(), site().await);
    let journal = journal(dir.path(), Arc::new(Nowhere)).await;
    let feed = journal.feed_add(input(&site, TOKEN, Some(KeepSecret::File))).await.unwrap();
    let kept = journal.keep_secret(feed.id, Some(KeepSecret::File), &ended(&site)).await;
    assert_eq!(kept.unwrap(), KeepSecret::File);
    assert_eq!(send(&journal, &feed).await.1, DeliveryState::Synced, "nobody had to do anything");
    let renewals = site.lines().iter().filter(|line| *line == "POST /token").count();
    assert_eq!(renewals, 1);
    journal.feed_sign_out(feed.id).await.unwrap();
    let handed_back: Vec<String> =
        site.heard().iter().filter(|heard| heard.target.path() == "/revoke").map(Heard::text).collect();
    assert_eq!(handed_back.len(), 2, "{handed_back:?}");
    assert!(handed_back[0].contains(REFRESH) && handed_back[1].contains(TOKEN));
    assert_eq!(std::fs::read_dir(dir.path().join("secrets")).unwrap().count(), 0);
}

#[tokio::test]
async fn a_site_that_cannot_be_told_keeps_nobody_signed_in() {
    let (dir, site) = (tempfile::tempdir().unwrap(), site().await);
    let journal = journal(dir.path(), Arc::new(Nowhere)).await;
    let feed = journal.feed_add(input(&site, TOKEN, Some(KeepSecret::File))).await.unwrap();
    journal.keep_secret(feed.id, Some(KeepSecret::File), &ended(&site)).await.unwrap();
    drop(site);
    assert_eq!(journal.feed_sign_out(feed.id).await.unwrap().keep, None);
    assert_eq!(std::fs::read_dir(dir.path().join("secrets")).unwrap().count(), 0);
}
