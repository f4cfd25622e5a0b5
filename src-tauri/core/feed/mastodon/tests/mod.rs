//! Against a small server of this kind whose weather each test decides.

mod behind;
mod coming_back;
mod compatible;
mod losing;
mod meanwhile;
mod scheduling;
mod sending;
pub mod server;
mod spelling;
pub mod ways;
mod written;

use std::io::Write;
use std::sync::{Arc, Mutex, OnceLock};

use serde_json::{Value, json};
use uuid::Uuid;

use self::server::State;
use self::ways::{Ways, Weather};
use super::*;
use crate::clock::{Clock, TestClock};
use crate::domain::destination::{Choices, LanguageLayout, LongText};
use crate::domain::{
    AssetId, Content, Lang, Manner, Moment, PostId, RevisionId, Secret, Side, Timestamp, Visibility, Wanted,
};
use crate::feed::memory::{self, Paper};
use crate::feed::web::scripted::{Heard, Reply, Scripted};
use crate::feed::web::{Patience, SignIn, Site};
use crate::feed::{MediaError, MediaKind, MediaSource, Notes, OutgoingMedia, Part, Progress};

/// 2026-01-01T00:00:00Z: the server's clock and ours.
const NOW: i64 = 1_767_225_600_000;
const MINUTE: i64 = 60_000;
const DAY: i64 = 24 * 60 * MINUTE;

struct World {
    server: Scripted,
    state: Arc<Mutex<State>>,
    clock: Arc<TestClock>,
    choices: Choices,
    version: &'static str,
    notes: Arc<Paper>,
    feed: OnceLock<Mastodon>,
}

/// Bytes of any file, and nobody who wants to know.
struct Files;

impl MediaSource for Files {
    fn copy(&self, _: AssetId, _: &Part, to: &mut dyn Write) -> Result<u64, MediaError> {
        to.write_all(b"pixels")?;
        Ok(6)
    }
}

impl Progress for Files {
    fn uploaded(&self, _: u32, _: u32) {}
}

impl World {
    async fn new(languages: LanguageLayout, long_text: LongText) -> Self {
        let state = Arc::new(Mutex::new(State::default()));
        let clock = Arc::new(TestClock::new(NOW));
        let (shared, time) = (Arc::clone(&state), Arc::clone(&clock));
        let server = Scripted::start(move |heard| {
            let mut state = shared.lock().unwrap();
            state.now = time.now().as_millis() + state.ahead;
            let line = format!("{} {}", heard.method, heard.target.path());
            let reply = match state.weather(&line) {
                Weather::Fine => state.answer(heard),
                Weather::LostBefore => Reply::Nothing,
                Weather::LostAfter => {
                    state.answer(heard);
                    Reply::Nothing
                }
                Weather::Leads(status) => {
                    state.answer(heard);
                    Reply::html(status, "").header("location", "/web/home")
                }
                Weather::Says(503) => Reply::html(503, "busy").header("retry-after", "120"),
                Weather::Says(200) => Reply::html(200, "<title>Welcome to the hotel</title>"),
                Weather::Says(429) => {
                    Reply::json(429, &json!({})).header("x-ratelimit-reset", "2026-01-01T00:02:00.000Z")
                }
                Weather::Says(status) => Reply::json(status, &json!({"error": "Validation failed"})),
            };
            if state.ways.untimed { reply.untimed() } else { reply.at(Timestamp::from_millis(state.now)) }
        })
        .await;
        let choices = Choices { languages, long_text, ..Choices::default() };
        let (version, notes, feed) = ("Mastodon 4.6.0", Arc::default(), OnceLock::new());
        Self { server, state, clock, choices, version, notes, feed }
    }

    /// Made once: reading the system's certificates takes longer than most tests.
    fn feed(&self) -> &Mastodon {
        self.feed.get_or_init(|| {
            let limits = Limits { text: Some(100), alt: Some(50), ..setup::usual_limits() };
            let facts = Facts { server: self.version.into(), limits, ..Facts::default() };
            Mastodon::new(Site {
                place: self.server.url.clone(),
                facts,
                choices: self.choices,
                credentials: Arc::new(SignIn::Bearer(Secret::new("token".into()))),
                plain_http: false,
                patience: Patience { stall: std::time::Duration::from_secs(3), ..Patience::default() },
                clock: Arc::clone(&self.clock) as Arc<dyn Clock>,
            })
            .unwrap()
        })
    }

    fn out(&self) -> Outgoing {
        Outgoing { media: Arc::new(Files), progress: Arc::new(Files), notes: self.notes(), gone: None }
    }

    fn notes(&self) -> Arc<dyn Notes> {
        Arc::clone(&self.notes) as Arc<dyn Notes>
    }

    fn about(&self) -> About {
        About { post: post(), notes: self.notes() }
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    /// Our clock is set, and nobody else's.
    fn set_our_clock(&self, millis: i64) {
        self.clock.advance(millis);
        self.state().ahead -= millis;
    }

    /// It is the time of everything that waits there.
    fn publish(&self) {
        let mut state = self.state();
        state.now = self.clock.now().as_millis() + state.ahead;
        state.publish();
    }

    fn weather(&self, begins: &'static str, weather: Weather, times: u32) {
        self.state().weather.push((begins, weather, times));
    }

    async fn create(&self, intent: &Intent) -> Result<Held, FeedError> {
        self.feed().create(&Arc::new(intent.clone()), &self.out()).await
    }

    async fn update(&self, known: &Receipt, intent: &Intent) -> Result<Held, FeedError> {
        self.feed().update(known, &Arc::new(intent.clone()), &self.out()).await
    }

    async fn look_up(&self) -> Lookup {
        self.feed().lookup(&self.about()).await.unwrap()
    }

    fn texts(&self) -> Vec<String> {
        let state = self.state();
        state.statuses.iter().map(|status| state.sources[status["id"].as_str().unwrap()].clone()).collect()
    }

    /// How often something was asked for.
    fn count(&self, line: &str) -> usize {
        self.server.lines().iter().filter(|heard| *heard == line).count()
    }
}

fn post() -> PostId {
    PostId::from_uuid(Uuid::from_u128(1))
}

fn asset(number: u8) -> AssetId {
    AssetId(crate::domain::Digest::from_bytes([number; 32]))
}

fn photo(number: u8) -> OutgoingMedia {
    let alt = [(Lang::zh_hans(), format!("茶{number}")), (Lang::en(), format!("tea {number}"))];
    let (asset, alt, name) = (asset(number), alt.into_iter().collect(), "IMG.jpg".into());
    OutgoingMedia { asset, width: None, height: None, alt, name, ..memory::photo(1, &[]) }
}

fn intent(sides: &[(Lang, &str, &str)], photos: u8) -> Intent {
    let moment = Moment { at: Timestamp::from_millis(NOW), zone: "UTC".into() };
    let side = |(lang, title, body): &(Lang, &str, &str)| {
        (lang.clone(), Side { title: (*title).into(), body: (*body).into() })
    };
    let content =
        Content { sides: sides.iter().map(side).collect(), topics: vec!["奶茶".into()], ..Content::empty(moment) };
    Intent {
        post: post(),
        revision: RevisionId::from_uuid(Uuid::from_u128(10)),
        modified: Timestamp::from_millis(NOW),
        audience: Audience::Published,
        content,
        media: (1..=photos).map(photo).collect(),
        with_place: false,
        manner: Manner::default(),
    }
}

fn bilingual(photos: u8) -> Intent {
    intent(&[(Lang::en(), "Boat", "Calm water."), (Lang::zh_hans(), "小船", "水面很静。")], photos)
}

fn later(mut intent: Intent, change: impl FnOnce(&mut Content)) -> Intent {
    intent.revision = RevisionId::from_uuid(Uuid::from_u128(11));
    change(&mut intent.content);
    intent
}

fn receipt(held: Held) -> Receipt {
    held.receipt(RevisionId::from_uuid(Uuid::from_u128(10)), Timestamp::from_millis(NOW))
}

fn linked() -> impl Future<Output = World> {
    World::new(LanguageLayout::Linked, LongText::Refuse)
}
