//! A site that behaves as WordPress was seen to: enough of it for the adapter, with whims on request.

use std::collections::BTreeMap;
use std::io::Write;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use crate::clock::{Clock, TestClock};
use crate::domain::destination::{Choices, Facts};
use crate::domain::{
    AssetId, Attachment, Content, Digest, Lang, Manner, Moment, PostId, Receipt, RevisionId, Secret, Side, Timestamp,
};
use crate::feed::web::scripted::{Heard, Reply, Scripted};
use crate::feed::web::{Patience, SignIn, Site};
use crate::feed::{
    About, Audience, Held, Intent, MediaError, MediaKind, MediaSource, Notes, Outgoing, OutgoingMedia, Part, Progress,
    Slip, WordPress,
};

pub const NOW: i64 = 1_795_000_000_000;

/// What lies at the site.
#[derive(Default)]
pub struct Store {
    pub posts: Vec<Value>,
    pub media: Vec<Value>,
    pub terms: Vec<Value>,
    /// Does what is asked and hangs up, once, at a request of that beginning.
    pub hang_up: Option<&'static str>,
    /// Answers requests of that beginning so, instead of doing anything.
    pub whim: Option<(&'static str, Reply)>,
    /// Forms are cut as by a host with a low bound.
    pub cuts_forms: bool,
    /// The site's clock: what is dated later than this is kept back.
    pub now: Option<String>,
    /// Its tables hold no letters of four bytes.
    pub is_old: bool,
    /// The host lets nothing but GET and POST through.
    pub bars_delete: bool,
    /// What is answered to who asks who they are, and for anything that they may change.
    pub me: Option<(Reply, Reply)>,
    /// PHP writes this before every answer.
    pub mutters: &'static str,
    /// What was written down here when the last request arrived that changes something.
    pub noted: BTreeMap<String, String>,
}

impl Store {
    /// Hears a request and does what it asks for.
    pub fn answer(&mut self, heard: &Heard) -> Reply {
        let is_delete = heard.method == "DELETE";
        if is_delete && self.bars_delete {
            return Reply::html(405, "<h1>Method Not Allowed</h1>");
        }
        let is_delete = is_delete || heard.header("x-http-method-override") == Some("DELETE");
        let method = if is_delete { "TRASH" } else { &heard.method };
        let line = format!("{method} {}", heard.target.path().trim_start_matches("/wp-json/wp/v2/"));
        if let Some((_, reply)) = self.whim.as_ref().filter(|(start, _)| line.starts_with(start)) {
            return reply.clone();
        }
        if self.is_old && heard.json().to_string().chars().any(|letter| u32::from(letter) > 0xffff) {
            return Reply::json(500, &json!({ "code": "db_insert_error", "data": null }));
        }
        let reply = self.serve(&line, heard);
        let reply = self.muttered(reply);
        if self.hang_up.is_some_and(|start| line.starts_with(start)) {
            self.hang_up = None;
            return Reply::Nothing;
        }
        reply
    }

    fn muttered(&self, reply: Reply) -> Reply {
        match reply {
            Reply::With(status, _, body) if !self.mutters.is_empty() => {
                Reply::html(status, &format!("{}{}", self.mutters, String::from_utf8(body).unwrap()))
            }
            reply => reply,
        }
    }

    fn serve(&mut self, line: &str, heard: &Heard) -> Reply {
        if let Some((me, posts)) = &self.me {
            match line {
                "GET users/me" => return me.clone(),
                "GET posts" => return posts.clone(),
                _ => {}
            }
        }
        match line.split('/').collect::<Vec<_>>().as_slice() {
            ["POST posts"] => Reply::json(201, &self.make(&heard.json())),
            ["GET posts"] => Reply::json(200, &Value::Array(self.list(heard))),
            ["GET posts", id] => self.with(id, |post| post.clone()),
            ["POST posts", id] => {
                let (fields, now) = (heard.json(), self.now.clone());
                self.with(id, |post| {
                    merge(post, &fields);
                    post["modified_gmt"] = json!(now.as_deref().unwrap_or("2026-11-20T00:00:00"));
                    if post["status"] == "publish" && now.is_some_and(|now| post["date_gmt"].as_str() > Some(&now)) {
                        post["status"] = json!("future");
                    }
                    post.clone()
                })
            }
            ["TRASH posts", id] => self.with(id, |post| {
                post["status"] = json!("trash");
                post.clone()
            }),
            ["GET tags"] => Reply::json(200, &Value::Array(self.terms.clone())),
            ["POST tags"] => {
                let id = self.terms.len() + 2;
                let name = heard.json()["name"].clone();
                self.terms.push(json!({ "id": id, "name": name, "slug": "t", "taxonomy": "post_tag" }));
                Reply::json(201, &self.terms[id - 2])
            }
            ["GET media"] => {
                let (slugs, ids) =
                    (heard.query("slug").unwrap_or_default(), heard.query("include").unwrap_or_default());
                let found = self.media.iter().filter(|file| {
                    slugs.split(',').any(|slug| file["slug"] == slug) || ids.split(',').any(|id| is_named(file, id))
                });
                Reply::json(200, &Value::Array(found.cloned().collect()))
            }
            ["GET media", id] => match self.media.iter().find(|file| is_named(file, id)) {
                Some(file) => Reply::json(200, file),
                None => Reply::json(404, &json!({ "code": "rest_post_invalid_id", "data": { "status": 404 } })),
            },
            ["POST media"] => self.upload(heard),
            ["POST media", _] => Reply::json(200, &self.media[0]),
            _ => Reply::json(404, &json!({ "code": "rest_no_route" })),
        }
    }

    fn make(&mut self, fields: &Value) -> Value {
        let id = self.posts.len() + 100;
        let mut post = json!({ "id": id, "status": "draft", "link": format!("http://127.0.0.1/?p={id}"), "tags": [] });
        merge(&mut post, fields);
        post["modified_gmt"] = post["date_gmt"].clone();
        self.posts.push(post.clone());
        self.shown(&post)
    }

    fn shown(&self, post: &Value) -> Value {
        let mut post = post.clone();
        let ids = post["tags"].as_array().cloned().unwrap_or_default();
        let terms: Vec<&Value> = self.terms.iter().filter(|term| ids.contains(&term["id"])).collect();
        post["_embedded"] = json!({ "wp:term": [[], terms] });
        post
    }

    fn with(&mut self, id: &str, change: impl FnOnce(&mut Value) -> Value) -> Reply {
        let id: u64 = id.parse().unwrap_or_default();
        let Some(at) = self.posts.iter().position(|post| post["id"] == id) else {
            return Reply::json(404, &json!({ "code": "rest_post_invalid_id", "data": { "status": 404 } }));
        };
        let post = change(&mut self.posts[at]);
        Reply::json(200, &self.shown(&post))
    }

    fn list(&self, heard: &Heard) -> Vec<Value> {
        let among = |name: &str, field: &str, post: &Value| {
            let wanted = heard.query(name);
            let value = post[field].as_str().map_or_else(|| post[field].to_string(), str::to_owned);
            wanted.is_none_or(|wanted| wanted.split(',').any(|one| one == value))
        };
        let after = heard.query("modified_after").unwrap_or_default();
        let is_newer = |post: &Value| post["modified_gmt"].as_str().is_some_and(|at| format!("{at}Z") > after);
        let fits = |post: &&Value| {
            among("status", "status", post)
                && among("slug", "slug", post)
                && among("include", "id", post)
                && is_newer(post)
        };
        self.posts.iter().filter(fits).map(|post| self.shown(post)).collect()
    }

    fn upload(&mut self, heard: &Heard) -> Reply {
        let is_form = heard.header("content-type").is_some_and(|kind| kind.starts_with("multipart/"));
        if is_form && self.cuts_forms {
            return Reply::json(400, &json!({ "code": "rest_upload_no_content_disposition" }));
        }
        let text = heard.text();
        let told = heard.header("content-disposition").unwrap_or(&text).to_owned();
        let name = told.split("filename=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap_or_default();
        let slug = name.split('.').next().unwrap_or_default();
        let id = self.media.len() + 500;
        let url = format!("http://127.0.0.1/up/{name}");
        let alt = text.split("name=\"alt_text\"").nth(1).and_then(|rest| rest.split("\r\n").nth(2)).unwrap_or_default();
        self.media.push(json!({ "id": id, "source_url": url, "slug": slug, "media_details": {}, "alt_text": alt }));
        Reply::json(201, &self.media[id - 500])
    }
}

/// Whether the site calls something by this number.
fn is_named(one: &Value, id: &str) -> bool {
    id.parse::<u64>().is_ok_and(|id| one["id"] == id)
}

fn merge(post: &mut Value, fields: &Value) {
    for (name, value) in fields.as_object().unwrap() {
        let is_text = matches!(name.as_str(), "title" | "content" | "excerpt");
        post[name] = if is_text { json!({ "raw": value }) } else { value.clone() };
    }
}

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
        Outgoing { media: Arc::new(Files), progress: Arc::new(Nobody), notes: Arc::clone(&self.pad) as Arc<dyn Notes> }
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
    let media = OutgoingMedia {
        asset,
        kind: MediaKind::Photo,
        mime: "image/jpeg".into(),
        extension: "jpg".into(),
        about_bytes: 1,
        width: None,
        height: None,
        duration_ms: None,
        alt,
        name: "boat.jpg".into(),
        poster: false,
        subtitles: vec![],
    };
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
