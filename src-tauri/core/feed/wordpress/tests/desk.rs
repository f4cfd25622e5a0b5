//! A site, the adapter for it, and a post in two languages.

use std::collections::BTreeMap;
use std::io::Write;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use super::site::Store;
use crate::clock::{Clock, TestClock};
use crate::domain::destination::{Choices, Facts};
use crate::domain::{
    AssetId, Attachment, Content, Digest, Lang, Manner, Moment, PostId, Receipt, RevisionId, Secret, Side, Timestamp,
};
use crate::feed::memory;
use crate::feed::web::scripted::Scripted;
use crate::feed::web::{Patience, SignIn, Site};
use crate::feed::{
    About, Audience, Held, Intent, MediaError, MediaSource, Notes, Outgoing, OutgoingMedia, Part, Progress, Slip,
    WordPress,
};

pub const NOW: i64 = 1_795_000_000_000;

/// A site, the adapter for it, and a post.
pub struct Desk {
    pub store: Arc<Mutex<Store>>,
    pub server: Scripted,
    pub feed: WordPress,
    pub clock: Arc<TestClock>,
    pub pad: Arc<Slip>,
}

struct Files;

impl MediaSource for Files {
    fn copy(&self, _asset: AssetId, _part: &Part, to: &mut dyn Write) -> Result<u64, MediaError> {
        to.write_all(b"a picture")?;
        Ok(9)
    }
}

struct Nobody;

impl Progress for Nobody {
    fn uploaded(&self, _done: u32, _total: u32) {}
}

impl Desk {
    pub async fn new(choices: Choices) -> Self {
        let store = Arc::new(Mutex::new(Store::default()));
        let (behind, pad) = (Arc::clone(&store), Arc::new(Slip::default()));
        let notes = Arc::clone(&pad);
        let server = Scripted::start(move |heard| {
            let mut store = behind.lock().unwrap();
            if heard.method != "GET" {
                store.noted = notes.taken();
            }
            store.answer(heard)
        })
        .await;
        let clock = Arc::new(TestClock::new(NOW));
        let known = SignIn::Basic { user: "me".into(), password: Secret::new("canary".into()) };
        let site = Site {
            place: server.url.clone(),
            facts: Facts::default(),
            choices,
            credentials: Arc::new(known),
            plain_http: false,
            patience: Patience::default(),
            clock: Arc::clone(&clock) as Arc<dyn Clock>,
        };
        Self { store, feed: WordPress::new(site).unwrap(), server, clock, pad }
    }

    pub fn out(&self) -> Outgoing {
        Outgoing {
            media: Arc::new(Files),
            progress: Arc::new(Nobody),
            notes: Arc::clone(&self.pad) as Arc<dyn Notes>,
            gone: None,
        }
    }

    pub fn about(&self) -> About {
        About { post: post(), notes: Arc::clone(&self.pad) as Arc<dyn Notes> }
    }

    /// Ends the program where its last request left: all that is known then is what was written down before.
    pub fn kill(&mut self) {
        self.pad = Arc::default();
        self.with(|store| store.noted.iter().for_each(|(key, value)| self.pad.set(key, Some(value))));
    }

    pub fn with<T>(&self, work: impl FnOnce(&mut Store) -> T) -> T {
        work(&mut self.store.lock().unwrap())
    }

    /// What was asked for beyond reading, in a word each.
    pub fn changes(&self) -> Vec<String> {
        let lines = self.server.lines().into_iter().filter(|line| !line.starts_with("GET"));
        lines.map(|line| line.replace("/wp-json/wp/v2/", "")).collect()
    }
}

pub fn post() -> PostId {
    PostId::from_uuid(uuid::Uuid::from_u128(7))
}

pub fn receipt(held: &Held) -> Receipt {
    held.clone().receipt(RevisionId::from_uuid(uuid::Uuid::from_u128(1)), Timestamp::from_millis(NOW))
}

/// A post that was written at the site.
pub fn theirs(desk: &Desk, fields: &Value) -> Held {
    let mut post = json!({ "id": 100, "status": "publish", "slug": "theirs", "link": "http://127.0.0.1/theirs", "tags": [],
        "date_gmt": "2030-01-02T03:04:05", "modified_gmt": "2026-01-02T03:04:05", "title": { "raw": "Theirs" },
        "content": { "raw": "<p>One <b>two</b></p>\n\n[map]" }, "excerpt": "Mine" });
    for (name, value) in fields.as_object().unwrap() {
        post[name] = value.clone();
    }
    desk.with(|store| store.posts.push(post));
    Held {
        remote_id: "100".into(),
        url: None,
        audience: Audience::Published,
        revision: None,
        version: Digest::of(b""),
        parts: Default::default(),
        touched: false,
        unfinished: false,
    }
}

/// A revision of a bilingual post with a photo.
pub fn intent(revision: u128, audience: Audience) -> Arc<Intent> {
    let mut content = Content::empty(Moment { at: Timestamp::from_millis(1_767_323_045_678), zone: "UTC".into() });
    for (lang, title, body) in [(Lang::zh_hans(), "小船", "湖边"), (Lang::en(), "A <small> boat's", "By the lake")]
    {
        let body = format!("{body} {revision}");
        content.sides.insert(lang, Side { title: title.into(), body });
    }
    let asset = AssetId(Digest::of(b"photo"));
    let alt = BTreeMap::from([(Lang::en(), "A boat".to_owned())]);
    content.attachments.push(Attachment { asset, name: "boat.jpg".into(), alt: alt.clone() });
    content.topics = vec!["奶茶".into()];
    let (width, height, name) = (None, None, "boat.jpg".into());
    let media = OutgoingMedia { asset, width, height, alt, name, ..memory::photo(1, &[]) };
    Arc::new(Intent {
        post: post(),
        revision: RevisionId::from_uuid(uuid::Uuid::from_u128(revision)),
        modified: Timestamp::from_millis(NOW),
        audience,
        content,
        media: vec![media],
        with_place: false,
        manner: Manner::default(),
    })
}
