//! Against a small server of this kind that keeps what it is sent, and whose weather each test decides.

use std::collections::{BTreeMap, HashMap};
use std::io::Write;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use uuid::Uuid;

use super::*;
use crate::clock::{Clock, TestClock};
use crate::domain::destination::{Choices, LanguageLayout, LongText};
use crate::domain::{
    AssetId, Content, Lang, Manner, Moment, PostId, RevisionId, Secret, Side, Timestamp, Visibility, Wanted,
};
use crate::feed::memory::Paper;
use crate::feed::web::scripted::{Heard, Reply, Scripted};
use crate::feed::web::{Patience, SignIn, Site};
use crate::feed::{MediaError, MediaKind, MediaSource, Notes, OutgoingMedia, Part, Progress};

/// What happens to requests.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Weather {
    /// Heard and answered.
    Fine,
    /// Heard, but the answer is lost.
    LostAfter,
    /// Not heard.
    LostBefore,
    /// Answered by something else.
    Says(u16),
}

/// What the server holds.
#[derive(Default)]
struct State {
    statuses: Vec<Value>,
    sources: HashMap<String, String>,
    scheduled: Vec<Value>,
    media: BTreeMap<String, Value>,
    keys: HashMap<String, String>,
    edits: u64,
    /// Looks until an uploaded file is ready.
    slow: u32,
    /// Requests that begin like this have this weather, so many times.
    weather: Vec<(&'static str, Weather, u32)>,
    forgets_keys: bool,
}

impl State {
    fn id(&self) -> String {
        (1000 + self.statuses.len() + self.scheduled.len() + self.media.len()).to_string()
    }

    fn weather(&mut self, line: &str) -> Weather {
        let found = self.weather.iter_mut().find(|(begins, _, left)| line.starts_with(begins) && *left > 0);
        found.map_or(Weather::Fine, |(_, weather, left)| {
            *left -= 1;
            *weather
        })
    }

    fn post(&mut self, heard: &Heard) -> Reply {
        let key = heard.header("idempotency-key").unwrap().to_owned();
        if let Some(id) = self.keys.get(&key).filter(|_| !self.forgets_keys) {
            return Reply::json(200, self.statuses.iter().find(|status| status["id"] == json!(id)).unwrap());
        }
        let (body, id) = (heard.json(), self.id());
        if let Some(at) = body.get("scheduled_at") {
            let params =
                json!({"text": body["status"], "spoiler_text": body["spoiler_text"], "media_ids": body["media_ids"]});
            let made = json!({"id": id, "scheduled_at": at, "params": params, "media_attachments": self.files(&body)});
            self.scheduled.push(made.clone());
            return Reply::json(200, &made);
        }
        let made = json!({
            "id": id, "created_at": "2026-01-01T00:00:00.000Z", "edited_at": null,
            "url": format!("https://social.example/@me/{id}"), "content": "", "spoiler_text": body["spoiler_text"],
            "visibility": body["visibility"], "language": body["language"], "in_reply_to_id": body.get("in_reply_to_id"),
            "account": {"id": "7"}, "replies_count": 0, "media_attachments": self.files(&body),
        });
        self.sources.insert(id.clone(), body["status"].as_str().unwrap().to_owned());
        self.keys.insert(key, id);
        if let Some(parent) = self.statuses.iter_mut().find(|status| Some(&status["id"]) == body.get("in_reply_to_id"))
        {
            parent["replies_count"] = json!(1);
        }
        self.statuses.push(made.clone());
        Reply::json(200, &made)
    }

    fn files(&self, body: &Value) -> Vec<Value> {
        body["media_ids"].as_array().unwrap().iter().map(|id| self.media[id.as_str().unwrap()].clone()).collect()
    }

    fn edit(&mut self, id: &str, body: &Value) -> Reply {
        for file in body["media_attributes"].as_array().into_iter().flatten() {
            self.media.get_mut(file["id"].as_str().unwrap()).unwrap()["description"] = file["description"].clone();
        }
        let files = self.files(body);
        self.edits += 1;
        let Some(status) = self.statuses.iter_mut().find(|status| status["id"] == json!(id)) else { return gone() };
        self.sources.insert(id.to_owned(), body["status"].as_str().unwrap().to_owned());
        status["spoiler_text"] = body["spoiler_text"].clone();
        status["media_attachments"] = json!(files);
        status["edited_at"] = json!(format!("2026-01-01T00:00:{:02}.000Z", self.edits));
        Reply::json(200, status)
    }

    fn upload(&mut self, heard: &Heard) -> Reply {
        let text = heard.text();
        let description = text.split("name=\"description\"\r\n\r\n").nth(1).and_then(|rest| rest.split("\r\n").next());
        let id = self.id();
        let url = if self.slow > 0 { json!(null) } else { json!(format!("https://files.example/{id}.jpg")) };
        let made = json!({"id": id, "type": "image", "url": url, "description": description});
        self.media.insert(id, made.clone());
        Reply::json(if self.slow > 0 { 202 } else { 200 }, &made)
    }

    fn look(&mut self, id: &str) -> Reply {
        let Some(file) = self.media.get_mut(id) else { return gone() };
        self.slow = self.slow.saturating_sub(1);
        if self.slow == 0 {
            file["url"] = json!(format!("https://files.example/{id}.jpg"));
        }
        Reply::json(if self.slow == 0 { 200 } else { 206 }, file)
    }

    fn answer(&mut self, heard: &Heard) -> Reply {
        let path: Vec<&str> = heard.target.path().trim_matches('/').split('/').collect();
        let found = |state: &Self, id: &str| state.statuses.iter().find(|status| status["id"] == json!(id)).cloned();
        match (heard.method.as_str(), path.as_slice()) {
            ("GET", ["api", "v1", "accounts", "verify_credentials"]) => {
                Reply::json(200, &json!({"id": "7", "username": "me", "acct": "me"}))
            }
            ("GET", ["api", "v2", "instance"]) => {
                Reply::json(200, &json!({"title": "Social", "version": "4.6.0", "domain": "social.example"}))
            }
            ("GET", ["api", "v1", "accounts", "7", "statuses"]) => {
                let newer = |status: &Value| {
                    heard.query("since_id").is_none_or(|floor| status["id"].as_str().unwrap() > floor.as_str())
                };
                let older = |status: &Value| {
                    heard.query("max_id").is_none_or(|top| status["id"].as_str().unwrap() < top.as_str())
                };
                let page: Vec<&Value> = self.statuses.iter().rev().filter(|s| newer(s) && older(s)).collect();
                Reply::json(200, &json!(page))
            }
            ("GET", ["api", "v1", "statuses"]) => {
                let ids: Vec<String> = heard.target.query_pairs().map(|(_, id)| id.into_owned()).collect();
                let page: Vec<Value> = ids.iter().filter_map(|id| found(self, id)).collect();
                Reply::json(200, &json!(page))
            }
            ("POST", ["api", "v1", "statuses"]) => self.post(heard),
            ("PUT", ["api", "v1", "statuses", id]) => self.edit(id, &heard.json()),
            ("GET", ["api", "v1", "statuses", id, "source"]) => match self.sources.get(*id) {
                Some(text) => Reply::json(200, &json!({"id": id, "text": text})),
                None => gone(),
            },
            ("GET", ["api", "v1", "statuses", _, "context"]) => {
                Reply::json(200, &json!({"ancestors": [], "descendants": self.statuses}))
            }
            ("GET", ["api", "v1", "statuses", id]) => {
                found(self, id).map_or_else(gone, |status| Reply::json(200, &status))
            }
            ("DELETE", ["api", "v1", "statuses", id]) => {
                let before = self.statuses.len();
                self.statuses.retain(|status| status["id"] != json!(id));
                self.sources.remove(*id);
                if self.statuses.len() < before { Reply::json(200, &json!({})) } else { gone() }
            }
            ("GET", ["api", "v1", "scheduled_statuses"]) => Reply::json(200, &json!(self.scheduled)),
            ("GET", ["api", "v1", "scheduled_statuses", id]) => {
                let found = self.scheduled.iter().find(|status| status["id"] == json!(id));
                found.map_or_else(gone, |status| Reply::json(200, status))
            }
            ("DELETE", ["api", "v1", "scheduled_statuses", id]) => {
                self.scheduled.retain(|status| status["id"] != json!(id));
                Reply::json(200, &json!({}))
            }
            ("POST", ["api", "v2", "media"]) => self.upload(heard),
            ("GET", ["api", "v1", "media", id]) => self.look(id),
            ("POST", ["api", "v1", "apps"]) => Reply::json(200, &json!({"client_id": "us", "client_secret": "canary"})),
            _ => gone(),
        }
    }
}

fn gone() -> Reply {
    Reply::json(404, &json!({"error": "Record not found"}))
}

/// 2026-01-01T00:00:00Z: the server's clock and ours.
const NOW: i64 = 1_767_225_600_000;
const MINUTE: i64 = 60_000;

struct World {
    server: Scripted,
    state: Arc<Mutex<State>>,
    clock: Arc<TestClock>,
    choices: Choices,
    version: &'static str,
    notes: Arc<Paper>,
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
        let shared = Arc::clone(&state);
        let server = Scripted::start(move |heard| {
            let mut state = shared.lock().unwrap();
            let line = format!("{} {}", heard.method, heard.target.path());
            let reply = match state.weather(&line) {
                Weather::Fine => state.answer(heard),
                Weather::LostBefore => Reply::Nothing,
                Weather::LostAfter => {
                    state.answer(heard);
                    Reply::Nothing
                }
                Weather::Says(503) => Reply::html(503, "busy"),
                Weather::Says(200) => Reply::html(200, "<title>Welcome to the hotel</title>"),
                Weather::Says(429) => {
                    Reply::json(429, &json!({})).header("x-ratelimit-reset", "2026-01-01T00:02:00.000Z")
                }
                Weather::Says(status) => Reply::json(status, &json!({"error": "Validation failed"})),
            };
            reply.header("date", "Thu, 01 Jan 2026 00:00:00 GMT")
        })
        .await;
        let choices = Choices { languages, long_text, ..Choices::default() };
        let clock = Arc::new(TestClock::new(NOW));
        Self { server, state, clock, choices, version: "Mastodon 4.6.0", notes: Arc::default() }
    }

    fn feed(&self) -> Mastodon {
        let limits = Limits { text: Some(100), alt: Some(50), ..setup::usual_limits() };
        let facts = Facts { server: self.version.into(), limits, ..Facts::default() };
        let credentials = Arc::new(SignIn::Bearer(Secret::new("token".into())));
        Mastodon::new(Site {
            place: self.server.url.clone(),
            facts,
            choices: self.choices,
            credentials,
            plain_http: false,
            patience: Patience::default(),
            clock: Arc::clone(&self.clock) as Arc<dyn Clock>,
        })
        .unwrap()
    }

    fn out(&self) -> Outgoing {
        Outgoing { media: Arc::new(Files), progress: Arc::new(Files), notes: self.notes() }
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
    OutgoingMedia {
        asset: asset(number),
        kind: MediaKind::Photo,
        mime: "image/jpeg".into(),
        extension: "jpg".into(),
        width: None,
        height: None,
        duration_ms: None,
        alt: alt.into_iter().collect(),
        name: "IMG.jpg".into(),
        poster: false,
        subtitles: Vec::new(),
    }
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

#[tokio::test]
async fn a_bilingual_post_becomes_a_linked_pair_with_languages_and_alt_texts() {
    let world = linked().await;
    let held = world.create(&bilingual(4)).await.unwrap();
    assert_eq!(world.texts(), ["小船\n\n水面很静。\n\n#奶茶", "Boat\n\nCalm water.\n\n#奶茶"]);
    let state = world.state();
    let [zh, en] = state.statuses.as_slice() else { panic!("two statuses") };
    assert_eq!((&zh["language"], &en["language"]), (&json!("zh"), &json!("en")));
    assert_eq!((&en["in_reply_to_id"], &zh["in_reply_to_id"]), (&zh["id"], &json!(null)));
    let alts = |status: &Value| -> Vec<Value> {
        status["media_attachments"].as_array().unwrap().iter().map(|file| file["description"].clone()).collect()
    };
    assert_eq!(alts(zh), ["茶1", "茶2", "茶3", "茶4"]);
    assert_eq!(alts(en), ["tea 1", "tea 2", "tea 3", "tea 4"]);
    assert_eq!(held.remote_id, zh["id"].as_str().unwrap());
    assert_eq!(held.url.as_deref(), zh["url"].as_str());
}

#[tokio::test]
async fn what_is_read_back_is_what_was_sent() {
    for languages in [LanguageLayout::Linked, LanguageLayout::Together] {
        let world = World::new(languages, LongText::Split).await;
        let long =
            intent(&[(Lang::en(), "Boat", &"Calm water all day. ".repeat(12)), (Lang::zh_hans(), "", "水。")], 2);
        let known = receipt(world.create(&long).await.unwrap());
        assert!(world.texts().len() > 2, "{:?}", world.texts());
        let fetched = world.feed().fetch(&known, &world.about()).await.unwrap();
        assert_eq!(fetched.held.version, known.version);
        assert_eq!(fetched.held.parts, known.parts);
        let mut expected = long.content.sides.clone();
        expected.values_mut().for_each(|side| side.body = side.body.trim().to_owned());
        assert_eq!(fetched.sides, expected);
        assert_eq!(fetched.topics, Some(vec!["奶茶".to_owned()]));
        let media = fetched.media.unwrap();
        assert_eq!(media.iter().map(|file| file.asset).collect::<Vec<_>>(), [Some(asset(1)), Some(asset(2))]);
        assert_eq!(media[0].alt, photo(1).alt);
        let quiet = world.feed().changes(None, std::slice::from_ref(&known)).await.unwrap();
        assert_eq!((quiet.items.len(), quiet.gone.len()), (0, 0));
    }
}

#[tokio::test]
async fn the_preview_is_what_is_sent() {
    let world = World::new(LanguageLayout::Linked, LongText::Split).await;
    let long = intent(&[(Lang::en(), "Boat", &"Calm water all day. ".repeat(12)), (Lang::zh_hans(), "", "水。")], 6);
    let items = world.feed().items(&long);
    world.create(&long).await.unwrap();
    assert_eq!(items.iter().map(|item| item.text.clone()).collect::<Vec<_>>(), world.texts());
    let files: Vec<usize> =
        world.state().statuses.iter().map(|s| s["media_attachments"].as_array().unwrap().len()).collect();
    assert_eq!(items.iter().map(|item| item.files.len()).collect::<Vec<_>>(), files);
    assert!(items.iter().all(|item| item.length.unwrap() <= 100));
}

#[tokio::test]
async fn what_is_too_long_is_refused_or_split_and_never_cut() {
    let world = linked().await;
    let long = intent(&[(Lang::en(), "", &"word ".repeat(30))], 0);
    assert!(matches!(world.create(&long).await, Err(FeedError::TooLong)));
    assert_eq!(world.feed().items(&long)[0].length, Some(149 + 5), "the preview shows all of it");
    assert_eq!(world.count("POST /api/v1/statuses"), 0);
    let draft = Intent { audience: Audience::Draft, ..bilingual(0) };
    assert!(matches!(world.create(&draft).await, Err(FeedError::Refused)), "there are no drafts here");
    let unseen = later(bilingual(0), |content| content.sides.clear());
    let unseen = later(unseen, |content| content.topics.clear());
    assert!(matches!(world.create(&unseen).await, Err(FeedError::Refused)), "nothing to show");
}

#[tokio::test]
async fn a_lost_answer_is_found_again_by_the_files_or_by_the_text() {
    for photos in [0, 1] {
        let world = linked().await;
        world.weather("POST /api/v1/statuses", Weather::LostAfter, 1);
        assert!(matches!(world.create(&bilingual(photos)).await, Err(FeedError::Lost)));
        let Lookup::Found(held) = world.look_up().await else { panic!("it is there") };
        assert!(held.unfinished && !held.touched, "the second language is missing");
        let held = world.update(&receipt(held), &bilingual(photos)).await.unwrap();
        assert!(!held.unfinished);
        assert_eq!(world.texts().len(), 2);
        assert!(
            matches!(world.look_up().await, Lookup::Found(found) if !found.unfinished && found.version == held.version)
        );
    }
}

#[tokio::test]
async fn an_older_status_with_the_same_text_is_not_taken_for_the_lost_one() {
    let world = linked().await;
    let short = intent(&[(Lang::en(), "", "Good morning.")], 0);
    let older = Intent { post: PostId::from_uuid(Uuid::from_u128(2)), ..short.clone() };
    let elsewhere = Outgoing { notes: Arc::new(Paper::default()), ..world.out() };
    world.feed().create(&Arc::new(older), &elsewhere).await.unwrap();
    world.weather("POST /api/v1/statuses", Weather::LostBefore, 1);
    assert!(matches!(world.create(&short).await, Err(FeedError::Lost)));
    assert_eq!(world.look_up().await, Lookup::Absent);
    world.create(&short).await.unwrap();
    assert_eq!(world.texts().len(), 2);
}

#[tokio::test]
async fn what_did_not_arrive_is_sent_again_with_the_same_key_and_the_same_body() {
    let world = linked().await;
    world.weather("POST /api/v1/statuses", Weather::LostBefore, 1);
    assert!(matches!(world.create(&bilingual(0)).await, Err(FeedError::Lost)));
    assert_eq!(world.look_up().await, Lookup::Absent);
    // Meanwhile it was edited: what is repeated under the key is the frozen body, and then it is edited there.
    let edited = later(bilingual(0), |content| content.topics.push("boat".into()));
    world.create(&edited).await.unwrap();
    let posts: Vec<Heard> = world
        .server
        .heard()
        .into_iter()
        .filter(|h| h.method == "POST" && h.target.path() == "/api/v1/statuses")
        .collect();
    assert_eq!(posts[0].header("idempotency-key"), posts[1].header("idempotency-key"));
    assert_eq!(posts[0].body, posts[1].body);
    assert_ne!(posts[1].header("idempotency-key"), posts[2].header("idempotency-key"));
    assert_eq!(world.texts(), ["小船\n\n水面很静。\n\n#奶茶 #boat", "Boat\n\nCalm water.\n\n#奶茶 #boat"]);
}

#[tokio::test]
async fn a_server_that_forgets_keys_is_waited_for_and_asked_once_more() {
    let mut world = linked().await;
    world.version = "2.7.2 (compatible; Pleroma 2.5.0)";
    world.state().forgets_keys = true;
    world.weather("POST /api/v1/statuses", Weather::LostBefore, 1);
    assert!(matches!(world.create(&bilingual(0)).await, Err(FeedError::Lost)));
    let ask_at = Timestamp::from_millis(NOW + 45 * MINUTE);
    assert_eq!(world.look_up().await, Lookup::NotYet(ask_at));
    assert!(matches!(world.create(&bilingual(0)).await, Err(FeedError::Lost)), "nothing is sent in between");
    assert_eq!(world.count("POST /api/v1/statuses"), 1);
    world.clock.advance(45 * MINUTE);
    assert_eq!(world.look_up().await, Lookup::Absent);
    world.create(&bilingual(0)).await.unwrap();
    assert_eq!(world.texts().len(), 2);
}

#[tokio::test]
async fn an_old_try_is_not_repeated_even_where_keys_are_kept() {
    let world = linked().await;
    world.weather("POST /api/v1/statuses", Weather::LostAfter, 1);
    assert!(matches!(world.create(&bilingual(0)).await, Err(FeedError::Lost)));
    world.clock.advance(26 * MINUTE);
    assert!(matches!(world.create(&bilingual(0)).await, Err(FeedError::Lost)));
    assert_eq!(world.count("POST /api/v1/statuses"), 1);
    assert!(matches!(world.look_up().await, Lookup::Found(held) if held.unfinished));
}

#[tokio::test]
async fn nothing_is_lost_or_doubled_wherever_an_answer_is_lost() {
    for photos in [0, 1] {
        for weather in [Weather::LostBefore, Weather::LostAfter, Weather::Says(503), Weather::Says(200)] {
            for skipped in 0.. {
                let world = linked().await;
                let intent = bilingual(photos);
                world.weather("", Weather::Fine, skipped);
                world.weather("", weather, 1);
                let mut known: Option<Receipt> = None;
                let mut done = false;
                for _ in 0..12 {
                    let answer = match &known {
                        Some(known) => world.update(known, &intent).await,
                        None => world.create(&intent).await,
                    };
                    match answer {
                        Ok(_) => {
                            done = true;
                            break;
                        }
                        Err(FeedError::Lost) => match world.feed().lookup(&world.about()).await {
                            Ok(Lookup::Found(held)) if held.unfinished => known = Some(receipt(held)),
                            Ok(Lookup::Found(_)) => {
                                done = true;
                                break;
                            }
                            _ => {}
                        },
                        Err(_) => {}
                    }
                }
                assert!(done, "after {skipped} requests");
                assert_eq!(
                    world.texts(),
                    ["小船\n\n水面很静。\n\n#奶茶", "Boat\n\nCalm water.\n\n#奶茶"],
                    "after {skipped}"
                );
                if world.server.lines().len() <= usize::try_from(skipped).unwrap() {
                    break;
                }
            }
        }
    }
}

#[tokio::test]
async fn an_edit_goes_to_the_same_statuses_and_keeps_their_files() {
    let world = linked().await;
    let known = receipt(world.create(&bilingual(2)).await.unwrap());
    let edited = later(bilingual(2), |content| content.sides.get_mut(&Lang::en()).unwrap().body = "Wind.".into());
    let edited = Intent {
        media: vec![OutgoingMedia { alt: [(Lang::en(), "new".into())].into(), ..photo(1) }, photo(2)],
        ..edited
    };
    let held = world.update(&known, &edited).await.unwrap();
    assert_eq!((held.remote_id.as_str(), held.revision), (known.remote_id.as_str(), Some(edited.revision)));
    assert_eq!(world.texts(), ["小船\n\n水面很静。\n\n#奶茶", "Boat\n\nWind.\n\n#奶茶"]);
    assert_eq!(world.count("POST /api/v2/media"), 4, "no file was sent again");
    assert_eq!(world.state().statuses[1]["media_attachments"][0]["description"], "new");
    let changed: Vec<&String> =
        held.parts.iter().filter(|(name, d)| known.parts.get(*name) != Some(d)).map(|(n, _)| n).collect();
    assert_eq!(changed, ["body.en", "media"]);
}

#[tokio::test]
async fn a_language_that_comes_or_goes_makes_or_takes_away_its_status() {
    let world = linked().await;
    let one = intent(&[(Lang::zh_hans(), "小船", "水面很静。")], 1);
    let known = receipt(world.create(&one).await.unwrap());
    let known = receipt(world.update(&known, &later(bilingual(1), |_| {})).await.unwrap());
    assert_eq!(world.texts().len(), 2);
    let one = Intent { revision: RevisionId::from_uuid(Uuid::from_u128(12)), ..one };
    let held = world.update(&known, &one).await.unwrap();
    assert_eq!(world.texts(), ["小船\n\n水面很静。\n\n#奶茶"]);
    assert!(matches!(world.look_up().await, Lookup::Found(found) if found == held));
}

#[tokio::test]
async fn what_was_changed_there_is_noticed_and_not_written_over() {
    let world = linked().await;
    let known = receipt(world.create(&bilingual(1)).await.unwrap());
    let id = world.state().statuses[1]["id"].as_str().unwrap().to_owned();
    let files: Vec<Value> = vec![world.state().statuses[1]["media_attachments"][0]["id"].clone()];
    world
        .state()
        .edit(&id, &json!({"status": "Boat\n\nStormy water.\n\n#奶茶", "spoiler_text": "", "media_ids": files}));
    let changes = world.feed().changes(None, std::slice::from_ref(&known)).await.unwrap();
    let [there] = changes.items.as_slice() else { panic!("one change") };
    assert_eq!(there.sides[&Lang::en()].body, "Stormy water.");
    assert_eq!(there.sides[&Lang::zh_hans()].title, "小船");
    let changed: Vec<&String> =
        there.held.parts.iter().filter(|(name, d)| known.parts.get(*name) != Some(d)).map(|(n, _)| n).collect();
    assert_eq!(changed, ["body.en"]);
    assert_eq!(there.media.as_ref().unwrap()[0].asset, Some(asset(1)), "even without notes");
    let edited = later(bilingual(1), |content| content.topics.clear());
    let Err(FeedError::ChangedThere(held)) = world.update(&known, &edited).await else { panic!("written over") };
    assert_eq!(held.version, there.held.version);
    assert!(matches!(world.feed().withdraw(&known, &world.about()).await, Err(FeedError::ChangedThere(_))));
    world.update(&receipt(*held), &edited).await.unwrap();
    assert_eq!(world.texts(), ["小船\n\n水面很静。", "Boat\n\nCalm water."], "the user said so");
}

#[tokio::test]
async fn what_is_withdrawn_goes_last_first_and_what_is_gone_there_is_said_to_be() {
    let world = linked().await;
    let known = receipt(world.create(&bilingual(0)).await.unwrap());
    world.weather("DELETE", Weather::LostAfter, 1);
    assert!(matches!(world.feed().withdraw(&known, &world.about()).await, Err(FeedError::Lost)));
    assert_eq!(world.texts(), ["小船\n\n水面很静。\n\n#奶茶"]);
    let Lookup::Found(held) = world.look_up().await else { panic!("one is left") };
    world.feed().withdraw(&receipt(held), &world.about()).await.unwrap();
    assert_eq!((world.texts().len(), world.look_up().await), (0, Lookup::Absent));

    let known = receipt(world.create(&bilingual(0)).await.unwrap());
    world.state().statuses.clear();
    let changes = world.feed().changes(None, std::slice::from_ref(&known)).await.unwrap();
    assert_eq!(changes.gone, std::slice::from_ref(&known.remote_id));
    assert!(matches!(world.update(&known, &later(bilingual(0), |_| {})).await, Err(FeedError::Gone)));
    world.feed().withdraw(&known, &world.about()).await.unwrap();
    world.create(&bilingual(0)).await.unwrap();
    assert_eq!(world.texts().len(), 2, "sent again, though the key of before names what is gone");
}

#[tokio::test]
async fn files_are_waited_for_and_not_sent_twice() {
    let world = linked().await;
    world.state().slow = 1;
    world.weather("POST /api/v1/statuses", Weather::Says(429), 1);
    let one = intent(&[(Lang::en(), "", "x")], 1);
    assert!(matches!(world.create(&one).await, Err(FeedError::Busy(Some(120_000)))));
    world.create(&one).await.unwrap();
    assert_eq!(world.count("POST /api/v2/media"), 1);
    world.weather("POST /api/v1/statuses", Weather::Says(422), 1);
    world.feed().withdraw(&receipt(world.create(&one).await.unwrap()), &world.about()).await.unwrap();
    assert!(matches!(world.create(&one).await, Err(FeedError::Refused)));
    world.clock.advance(21 * 60 * MINUTE);
    world.create(&one).await.unwrap();
    assert_eq!(world.count("POST /api/v2/media"), 3, "the server swept the one before");
}

#[tokio::test]
async fn a_warning_a_visibility_and_a_time_are_sent() {
    let world = linked().await;
    let publish_at = Some(Timestamp::from_millis(NOW + 60 * MINUTE));
    let manner = Manner { publish_at, warning: "food".into(), visibility: Some(Visibility::Unlisted) };
    let one = Intent { manner, ..intent(&[(Lang::en(), "", "x")], 1) };
    world.weather("POST /api/v1/statuses", Weather::LostAfter, 1);
    assert!(matches!(world.create(&one).await, Err(FeedError::Lost)));
    let Lookup::Found(held) = world.look_up().await else { panic!("it is scheduled") };
    let sent = world.server.heard().into_iter().find(|heard| heard.target.path() == "/api/v1/statuses").unwrap().json();
    assert_eq!(
        (&sent["spoiler_text"], &sent["sensitive"], &sent["visibility"]),
        (&json!("food"), &json!(true), &json!("unlisted"))
    );
    assert_eq!(sent["scheduled_at"], "2026-01-01T01:00:00Z");
    let known = receipt(held);
    world.update(&known, &one).await.unwrap();
    assert_eq!(world.texts().len(), 0);
    assert_eq!(world.state().scheduled.len(), 1);
    world.feed().withdraw(&known, &world.about()).await.unwrap();
    assert_eq!(world.state().scheduled.len(), 0);
}

#[tokio::test]
async fn everything_that_lies_there_is_listed_and_can_be_kept_up_from_then_on() {
    let world = linked().await;
    world.create(&bilingual(1)).await.unwrap();
    let page = world.feed().list(None).await.unwrap();
    let [item] = page.items.as_slice() else { panic!("a pair is one item") };
    assert_eq!(item.sides[&Lang::en()].body, "Boat\n\nCalm water.");
    assert_eq!((item.topics.clone(), item.sides.len()), (Some(vec!["奶茶".to_owned()]), 2));
    let known = receipt(item.held.clone());
    let nothing = Outgoing { notes: Arc::new(Paper::default()), ..world.out() };
    assert_eq!(
        world.feed().changes(None, std::slice::from_ref(&known)).await.unwrap(),
        Changes { cursor: Some("all".into()), ..Changes::default() }
    );
    world.feed().update(&known, &Arc::new(later(bilingual(1), |_| {})), &nothing).await.unwrap();
    assert_eq!(world.texts(), ["小船\n\n水面很静。\n\n#奶茶", "Boat\n\nCalm water.\n\n#奶茶"]);
    assert_eq!(Wanted::Published, known.known);
}

#[tokio::test]
async fn a_server_is_discovered_probed_and_signed_in_at() {
    let world = linked().await;
    let address = world.server.url.join("@me/1").unwrap();
    let found = discover(&address, false, Patience::default()).await.unwrap().unwrap();
    assert_eq!((found.place.as_str(), found.title.as_str()), (world.server.url.as_str(), "Social"));
    let facts = world.feed().probe().await.unwrap();
    assert_eq!((facts.account.as_str(), facts.server.as_str()), ("@me@social.example", "Mastodon 4.6.0"));
    assert!(!facts.limits.drafts);
    let redirect = "http://127.0.0.1:9/".parse().unwrap();
    let sign_in = authorization(&world.server.url, &redirect, Patience::default(), false).await.unwrap();
    assert_eq!((sign_in.url.path(), sign_in.terms.token_endpoint.path()), ("/oauth/authorize", "/oauth/token"));
    assert!(!format!("{sign_in:?}").contains("canary"));
}
