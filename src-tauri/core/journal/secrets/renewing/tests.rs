//! Tokens that end, against a site that gives each refresh token one use.

use std::sync::Mutex;

use serde_json::json;

use super::*;
use crate::clock::TestClock;
use crate::feed::web::Patience;
use crate::feed::web::scripted::{Heard, Reply, Scripted};
use crate::vault::{Memory, Nowhere};

const HOUR: i64 = 3_600_000;

/// How the site takes the next wish for a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mood {
    Gives,
    /// Gives it, and the answer is lost.
    Lost,
    /// Something in front of it answers, with a page and this status.
    Covered(u16),
    /// Tells in its own words that it gives none, with this status.
    Refuses(u16),
}

/// A site, a vault and the programs that share them.
struct Bench {
    site: Scripted,
    mood: Arc<Mutex<Mood>>,
    vaults: Vaults,
    clock: Arc<TestClock>,
    dir: tempfile::TempDir,
}

impl Bench {
    /// With the grant number 1 in the vault, which ends in an hour.
    async fn new() -> Self {
        let mood = Arc::new(Mutex::new(Mood::Gives));
        let (now, given) = (Arc::clone(&mood), Mutex::new(1));
        let site = Scripted::start(move |heard: &Heard| {
            let mut given = given.lock().unwrap();
            let wanted = format!("grant_type=refresh_token&refresh_token=refresh-{given}&client_id=me");
            match *now.lock().unwrap() {
                Mood::Covered(status) => return Reply::html(status, "<html>back soon</html>"),
                Mood::Refuses(status) => return Reply::json(status, &json!({"error": "invalid_client"})),
                Mood::Gives | Mood::Lost => {}
            }
            if heard.text() != wanted {
                return Reply::json(400, &json!({"error": "invalid_grant"}));
            }
            *given += 1;
            if *now.lock().unwrap() == Mood::Lost {
                return Reply::Nothing;
            }
            let (access, refresh) = (format!("access-{given}"), format!("refresh-{given}"));
            Reply::json(200, &json!({"access_token": access, "refresh_token": refresh, "expires_in": 3600}))
        })
        .await;
        let vaults = Vaults {
            keychain: Arc::new(Memory::default()),
            file: Arc::new(Nowhere),
            session: Arc::new(Nowhere),
            environment: |_| None,
        };
        let clock = Arc::new(TestClock::new(HOUR));
        let bench = Self { site, mood, vaults, clock, dir: tempfile::tempdir().unwrap() };
        let first = Grant {
            access: Secret::new("access-1".into()),
            refresh: Some(Secret::new("refresh-1".into())),
            given_at: bench.clock.now(),
            expires_at: Some(bench.clock.now().plus_millis(HOUR)),
            client_id: "me".into(),
            client_secret: None,
            token_endpoint: bench.site.url.join("token").unwrap().into(),
            revocation_endpoint: None,
        };
        bench.vaults.set(&KeepSecret::Keychain, feed(), &first.write()).await.unwrap();
        bench
    }

    /// One of the programs.
    fn program(&self) -> Renewing {
        Renewing {
            vaults: self.vaults.clone(),
            feed: feed(),
            keep: KeepSecret::Keychain,
            reach: Reach { plain_http: false, patience: Patience::default() },
            clock: self.clock.clone(),
            lock: self.dir.path().join("lock"),
        }
    }

    async fn usable(&self) -> Result<String, FeedError> {
        self.program().usable().await.map(|token| token.expose().to_owned())
    }

    async fn instead_of(&self, refused: &str) -> Result<Option<String>, FeedError> {
        let next = self.program().instead_of(&Secret::new(refused.to_owned())).await?;
        Ok(next.map(|token| token.expose().to_owned()))
    }

    fn asked(&self) -> usize {
        self.site.heard().len()
    }

    fn be(&self, mood: Mood) {
        *self.mood.lock().unwrap() = mood;
    }
}

fn feed() -> FeedId {
    FeedId::from_uuid(uuid::Uuid::from_u128(7))
}

#[tokio::test]
async fn a_token_that_is_about_to_end_is_renewed_before_it_is_used() {
    let bench = Bench::new().await;
    assert_eq!((bench.usable().await.unwrap(), bench.asked()), ("access-1".to_owned(), 0));
    bench.clock.advance(HOUR - 30_000);
    assert_eq!(bench.usable().await.unwrap(), "access-2");
    assert_eq!((bench.usable().await.unwrap(), bench.asked()), ("access-2".to_owned(), 1), "and kept");
    bench.clock.advance(5 * HOUR);
    assert_eq!(bench.usable().await.unwrap(), "access-3", "with the refresh token that came along");
}

#[tokio::test]
async fn programs_that_want_the_next_token_at_once_get_the_same_one() {
    let bench = Bench::new().await;
    bench.clock.advance(2 * HOUR);
    let programs: Vec<Renewing> = (0..6).map(|_| bench.program()).collect();
    let tokens = futures_util::future::join_all(programs.iter().map(Renewing::usable)).await;
    assert!(tokens.iter().all(|token| token.as_ref().unwrap().expose() == "access-2"), "{tokens:?}");
    assert_eq!(bench.asked(), 1, "a refresh token is used once");
}

#[tokio::test]
async fn a_refused_token_is_renewed_once_and_a_new_one_is_not_doubted() {
    let bench = Bench::new().await;
    assert_eq!(bench.instead_of("access-1").await.unwrap(), None, "it was given just now");
    bench.clock.advance(10 * 60_000);
    assert_eq!(bench.instead_of("access-1").await.unwrap().as_deref(), Some("access-2"));
    assert_eq!(
        bench.instead_of("access-1").await.unwrap().as_deref(),
        Some("access-2"),
        "another program was told later"
    );
    assert_eq!(bench.instead_of("access-2").await.unwrap(), None, "no loop with a site that refuses everything");
    assert_eq!(bench.asked(), 1);
}

#[tokio::test]
async fn a_lost_answer_ends_in_signing_in_again_and_not_in_a_loop() {
    let bench = Bench::new().await;
    bench.clock.advance(2 * HOUR);
    bench.be(Mood::Lost);
    assert!(matches!(bench.usable().await, Err(FeedError::Unreachable)), "tried again later, as everything");
    bench.be(Mood::Gives);
    assert_eq!(bench.usable().await.unwrap(), "access-1", "the site has the last word about it");
    assert_eq!(bench.instead_of("access-1").await.unwrap(), None, "which means: sign in again");
    assert_eq!(bench.usable().await.unwrap(), "access-1");
    assert_eq!(bench.asked(), 2, "nobody asks for a token any more");
}

#[tokio::test]
async fn a_site_that_is_down_costs_nobody_the_sign_in() {
    let bench = Bench::new().await;
    bench.be(Mood::Covered(503));
    bench.clock.advance(HOUR - 30_000);
    assert_eq!(bench.usable().await.unwrap(), "access-1", "it has not ended yet");
    bench.clock.advance(HOUR);
    for status in [503, 500, 400, 401, 403, 404, 405, 406, 410] {
        bench.be(Mood::Covered(status));
        assert!(matches!(bench.usable().await, Err(FeedError::Unreachable)), "{status}");
    }
    bench.be(Mood::Gives);
    assert_eq!(bench.usable().await.unwrap(), "access-2");
}

#[tokio::test]
async fn a_site_that_says_itself_that_it_gives_no_more_is_believed() {
    for status in [200, 400, 401, 403] {
        let bench = Bench::new().await;
        bench.clock.advance(2 * HOUR);
        bench.be(Mood::Refuses(status));
        assert_eq!(bench.usable().await.unwrap(), "access-1", "{status}");
        bench.be(Mood::Gives);
        assert_eq!((bench.usable().await.unwrap(), bench.asked()), ("access-1".to_owned(), 1), "{status}");
    }
}
