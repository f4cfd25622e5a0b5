//! A small server of this kind that keeps what it is sent, with the ways of its relatives.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde_json::{Value, json};

use super::ways::{Ways, Weather};
use crate::feed::web::scripted::{Heard, Reply};

/// What the server holds.
#[derive(Default)]
pub struct State {
    /// Its clock, and how far that is ahead of ours.
    pub now: i64,
    pub ahead: i64,
    pub ways: Ways,
    pub statuses: Vec<Value>,
    pub sources: HashMap<String, String>,
    pub scheduled: Vec<Value>,
    pub media: BTreeMap<String, Value>,
    keys: HashMap<String, String>,
    heard_keys: HashSet<String>,
    unseen: HashSet<String>,
    /// What is shown in place of statuses, with their sources.
    pub stale: HashMap<String, (Value, String)>,
    made: u32,
    edits: i64,
    /// What statuses were before each edit.
    history: HashMap<String, Vec<Value>>,
    /// Looks until an uploaded file is ready.
    pub slow: u32,
    /// New statuses are refused with this.
    pub refusal: Option<(u16, &'static str)>,
    /// Files that are in no status are swept when one is refused.
    pub sweeps: bool,
    /// What somebody makes of a status while the next file is on its way.
    pub meanwhile: Option<(String, Value)>,
    /// Requests that begin like this have this weather, so many times.
    pub weather: Vec<(&'static str, Weather, u32)>,
}

impl State {
    fn id(&mut self) -> String {
        self.made += 1;
        (1000 + self.made).to_string()
    }

    /// Makes everything public that waits for its time, under other names.
    pub fn publish(&mut self) {
        for waits in std::mem::take(&mut self.scheduled) {
            let (id, params) = (self.id(), &waits["params"]);
            let text = params["text"].as_str().unwrap();
            let mut made = self.status(&id, text, params);
            made["media_attachments"] = waits["media_attachments"].clone();
            self.sources.insert(id, text.to_owned());
            self.statuses.push(made);
        }
    }

    /// Takes a status away; what answered it answers nothing from then on. Answers whether it was there.
    pub fn remove_status(&mut self, id: &str) -> bool {
        let before = self.statuses.len();
        self.statuses.retain(|status| status["id"] != json!(id));
        self.sources.remove(id);
        for reply in self.statuses.iter_mut().filter(|status| status["in_reply_to_id"] == json!(id)) {
            reply["in_reply_to_id"] = Value::Null;
        }
        self.statuses.len() < before
    }

    /// Shows everything that was made.
    pub fn catch_up(&mut self) {
        self.unseen.clear();
        self.stale.clear();
    }

    fn is_seen(&self, status: &Value) -> bool {
        !self.unseen.contains(status["id"].as_str().unwrap())
    }

    fn found(&self, id: &str) -> Option<&Value> {
        let status = self.statuses.iter().find(|status| status["id"] == json!(id));
        self.stale.get(id).map(|(status, _)| status).or(status).filter(|status| self.is_seen(status))
    }

    fn source(&self, id: &str) -> Option<&String> {
        self.stale.get(id).map(|(_, source)| source).or_else(|| self.sources.get(id))
    }

    /// A text as it is kept.
    fn kept(&self, text: &Value) -> String {
        let text = text.as_str().unwrap_or_default();
        self.ways.rewrites.map_or_else(|| text.to_owned(), |rewrites| rewrites(text))
    }

    fn status(&self, id: &str, text: &str, body: &Value) -> Value {
        let visibility = self.ways.shows.map_or_else(|| body["visibility"].clone(), Value::from);
        json!({
            "id": id, "created_at": self.time(), "edited_at": null, "url": format!("https://social.example/@me/{id}"),
            "content": shown(text), "spoiler_text": self.kept(&body["spoiler_text"]), "visibility": visibility,
            "language": body["language"], "in_reply_to_id": body.get("in_reply_to_id"), "account": {"id": "7"},
            "replies_count": 0, "media_attachments": [],
        })
    }

    fn time(&self) -> String {
        jiff::Timestamp::from_millisecond(self.now).unwrap().to_string()
    }

    pub fn weather(&mut self, line: &str) -> Weather {
        let found = self.weather.iter_mut().find(|(begins, _, left)| line.starts_with(begins) && *left > 0);
        found.map_or(Weather::Fine, |(_, weather, left)| {
            *left -= 1;
            *weather
        })
    }

    fn post(&mut self, heard: &Heard) -> Reply {
        if let Some((status, words)) = self.refusal {
            if std::mem::take(&mut self.sweeps) {
                self.media.clear();
            }
            return Reply::json(status, &json!({"error": words}));
        }
        let key = heard.header("idempotency-key").unwrap().to_owned();
        if self.ways.refuse_keys && !self.heard_keys.insert(key.clone()) {
            return Reply::json(400, &json!({"error": "Duplicate idempotency key."}));
        }
        if let Some(id) = self.keys.get(&key).filter(|_| !self.ways.forget_keys) {
            // As `Status.find` does of one that was deleted.
            let known = self.statuses.iter().find(|status| status["id"] == json!(id));
            return known.map_or_else(gone, |status| Reply::json(200, status));
        }
        let body = heard.json();
        let body = with_a_text(body);
        let above = body["in_reply_to_id"].as_str();
        if above.is_some_and(|above| self.found(above).is_none()) {
            return gone();
        }
        if self.ways.two_letters && body["language"].as_str().is_some_and(|code| code.len() != 2) {
            return Reply::json(400, &json!({"error": "Invalid language"}));
        }
        let id = self.id();
        let soon = jiff::Timestamp::from_millisecond(self.now + 300_000).unwrap();
        // What is due too soon is posted at once, as Mastodon does.
        let at = body["scheduled_at"].as_str().filter(|at| at.parse::<jiff::Timestamp>().unwrap() > soon);
        if let Some(at) = at {
            let params = json!({"text": body["status"], "spoiler_text": body["spoiler_text"], "media_ids": body["media_ids"],
                    "language": body["language"], "visibility": body["visibility"]});
            let made = json!({"id": id, "scheduled_at": at, "params": params, "media_attachments": self.files(&body)});
            self.scheduled.push(made.clone());
            return Reply::json(200, &made);
        }
        let text = body["status"].as_str().unwrap();
        let mut made = self.status(&id, text, &body);
        made["media_attachments"] = json!(self.attached(&id, &body));
        self.sources.insert(id.clone(), self.kept(&body["status"]));
        if self.ways.lag {
            self.unseen.insert(id.clone());
        }
        self.keys.insert(key, id);
        if let Some(parent) = self.statuses.iter_mut().find(|status| Some(&status["id"]) == body.get("in_reply_to_id"))
        {
            parent["replies_count"] = json!(1);
        }
        self.statuses.push(made.clone());
        if self.ways.feigns {
            made["visibility"] = body["visibility"].clone();
        }
        Reply::json(200, &made)
    }

    fn files(&self, body: &Value) -> Vec<Value> {
        body["media_ids"].as_array().unwrap().iter().map(|id| self.media[id.as_str().unwrap()].clone()).collect()
    }

    /// The files of a status, as they are in it.
    fn attached(&mut self, id: &str, body: &Value) -> Vec<Value> {
        let mut files = self.files(body);
        if self.ways.drop_files > 0 {
            self.ways.drop_files -= 1;
            files.pop();
        }
        for file in files.iter_mut().filter(|_| self.ways.rename_files) {
            let name = file["id"].as_str().unwrap().to_owned();
            if !name.starts_with("in-") {
                let renamed = format!("in-{id}-{name}");
                file["id"] = json!(renamed);
                self.media.insert(renamed, file.clone());
            }
        }
        files
    }

    pub fn edit(&mut self, id: &str, body: &Value) -> Reply {
        if self.ways.no_edit {
            return missing();
        }
        let body = &with_a_text(body.clone());
        for file in body["media_attributes"].as_array().filter(|_| !self.ways.keep_alts).into_iter().flatten() {
            self.describe(file["id"].as_str().unwrap(), &file["description"]);
        }
        let files = self.attached(id, body);
        self.edits += 1;
        if let Some(before) = self.found(id).cloned().filter(|_| self.ways.lag) {
            let source = self.sources[id].clone();
            self.stale.entry(id.to_owned()).or_insert((before, source));
        }
        let (text, warning) = (self.kept(&body["status"]), self.kept(&body["spoiler_text"]));
        let Some(status) = self.statuses.iter_mut().find(|status| status["id"] == json!(id)) else { return gone() };
        self.history.entry(id.to_owned()).or_default().push(status.clone());
        self.sources.insert(id.to_owned(), text);
        status["spoiler_text"] = json!(warning);
        status["content"] = json!(shown(body["status"].as_str().unwrap()));
        status["media_attachments"] = json!(files);
        // A poll that an edit does not name is taken out, with its votes.
        status["poll"] = body["poll"].clone();
        // No two edits are of one time.
        let at = jiff::Timestamp::from_millisecond(self.now + self.edits).unwrap();
        status["edited_at"] = json!((!self.ways.untold_edits).then(|| at.to_string()));
        Reply::json(200, status)
    }

    /// A status holds a copy that is made when it is changed, as at Pleroma.
    fn describe(&mut self, id: &str, alt: &Value) {
        self.media.get_mut(id).unwrap()["description"] = alt.clone();
    }

    fn upload(&mut self, heard: &Heard) -> Reply {
        if let Some((id, body)) = self.meanwhile.take() {
            self.edit(&id, &body);
        }
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

    pub fn answer(&mut self, heard: &Heard) -> Reply {
        let path: Vec<&str> = heard.target.path().trim_matches('/').split('/').collect();
        let found = |state: &Self, id: &str| state.found(id).cloned();
        match (heard.method.as_str(), path.as_slice()) {
            ("GET", ["api", "v1", "accounts", "verify_credentials"]) => {
                Reply::json(200, &json!({"id": "7", "username": "me", "acct": "me"}))
            }
            ("GET", ["api", "v2", "instance"]) if !self.ways.old_instance => {
                Reply::json(200, &json!({"title": "Social", "version": "4.6.0", "domain": "social.example"}))
            }
            ("GET", ["api", "v1", "instance"]) => {
                let version = "3.5.3 (compatible; Pixelfed 0.12.3)";
                Reply::json(200, &json!({"title": "Pictures", "version": version, "uri": "social.example"}))
            }
            ("GET", ["api", "v1", "accounts", "7", "statuses"]) => {
                let newer = |status: &Value| {
                    heard.query("since_id").is_none_or(|floor| status["id"].as_str().unwrap() > floor.as_str())
                };
                let older = |status: &Value| {
                    heard.query("max_id").is_none_or(|top| status["id"].as_str().unwrap() < top.as_str())
                };
                let is_listed = |status: &Value| {
                    self.is_seen(status)
                        && !(self.ways.hide_replies && status["in_reply_to_id"].is_string())
                        && !(self.ways.list_public && status["visibility"] != "public")
                };
                let shown = |status: &&Value| newer(status) && older(status) && is_listed(status);
                let page: Vec<&Value> = self.statuses.iter().rev().filter(shown).collect();
                Reply::json(200, &json!(page))
            }
            ("GET", ["api", "v1", "statuses"]) if self.ways.no_index => missing(),
            ("GET", ["api", "v1", "statuses"]) => {
                let ids: Vec<String> = heard.target.query_pairs().map(|(_, id)| id.into_owned()).collect();
                let page: Vec<Value> = ids.iter().filter_map(|id| found(self, id)).collect();
                Reply::json(200, &json!(page))
            }
            ("POST", ["api", "v1", "statuses"]) => self.post(heard),
            ("PUT", ["api", "v1", "statuses", id]) => self.edit(id, &heard.json()),
            ("GET", ["api", "v1", "statuses", _, "source"]) if self.ways.page_for_all => {
                Reply::html(200, "<h1>Home</h1>")
            }
            ("GET", ["api", "v1", "statuses", _, "source"]) if self.ways.no_source => missing(),
            ("GET", ["api", "v1", "statuses", id, "source"]) => match self.source(id) {
                Some(text) => Reply::json(200, &json!({"id": id, "text": text})),
                None => gone(),
            },
            ("GET", ["api", "v1", "statuses", _, "history"]) if self.ways.no_history => missing(),
            ("GET", ["api", "v1", "statuses", id, "history"]) => {
                let versions = self.history.get(*id).into_iter().flatten().chain(self.found(id));
                let told = |version: &Value| {
                    let at = version["edited_at"].as_str().map_or(&version["created_at"], |_| &version["edited_at"]);
                    let (content, warning, files) =
                        (&version["content"], &version["spoiler_text"], &version["media_attachments"]);
                    json!({"content": content, "spoiler_text": warning, "media_attachments": files, "created_at": at})
                };
                Reply::json(200, &json!(versions.map(told).collect::<Vec<_>>()))
            }
            ("GET", ["api", "v1", "statuses", _, "context"]) => {
                let below: Vec<&Value> = self.statuses.iter().filter(|status| self.is_seen(status)).collect();
                Reply::json(200, &json!({"ancestors": [], "descendants": below}))
            }
            ("GET", ["api", "v1", "statuses", id]) => {
                let none = || if self.ways.page_for_none { missing() } else { gone() };
                found(self, id).map_or_else(none, |status| Reply::json(200, &status))
            }
            ("DELETE", ["api", "v1", "statuses", id]) => {
                if self.remove_status(id) {
                    Reply::json(200, &json!({}))
                } else {
                    gone()
                }
            }
            ("GET", ["api", "v1", "scheduled_statuses"]) => Reply::json(200, &json!(self.scheduled)),
            ("GET", ["api", "v1", "scheduled_statuses", id]) => {
                let found = self.scheduled.iter().find(|status| status["id"] == json!(id));
                found.map_or_else(gone, |status| Reply::json(200, status))
            }
            ("PUT", ["api", "v1", "scheduled_statuses", _]) if self.ways.no_moving => missing(),
            ("PUT", ["api", "v1", "scheduled_statuses", id]) => {
                let found = self.scheduled.iter_mut().find(|status| status["id"] == json!(id));
                found.map_or_else(gone, |status| {
                    status["scheduled_at"] = heard.json()["scheduled_at"].clone();
                    Reply::json(200, status)
                })
            }
            ("DELETE", ["api", "v1", "scheduled_statuses", id]) => {
                let before = self.scheduled.len();
                self.scheduled.retain(|status| status["id"] != json!(id));
                if self.scheduled.len() < before { Reply::json(200, &json!({})) } else { gone() }
            }
            ("POST", ["api", "v2", "media"]) if self.ways.old_uploads => missing(),
            ("POST", ["api", "v1" | "v2", "media"]) => self.upload(heard),
            ("GET", ["api", "v1", "media", _]) if self.ways.no_look => missing(),
            ("GET", ["api", "v1", "media", _]) if self.ways.no_look_scope => {
                Reply::json(403, &json!({"error": "Insufficient permissions: read:media."}))
            }
            ("GET", ["api", "v1", "media", id]) => self.look(id),
            ("PUT", ["api", "v1", "media", _]) if self.ways.no_describing => missing(),
            ("PUT", ["api", "v1", "media", id]) => {
                self.describe(id, &heard.json()["description"]);
                Reply::json(200, &self.media[*id])
            }
            ("POST", ["api", "v1", "apps"]) => Reply::json(200, &json!({"client_id": "us", "client_secret": "canary"})),
            _ => gone(),
        }
    }
}

fn gone() -> Reply {
    Reply::json(404, &json!({"error": "Record not found"}))
}

/// Mastodon takes the warning for the text where there is none.
fn with_a_text(mut body: Value) -> Value {
    if body["status"] == "" && body["spoiler_text"].is_string() {
        body["status"] = body["spoiler_text"].take();
        body["spoiler_text"] = json!("");
    }
    body
}

/// A page of the web framework below, for what the server does not offer.
fn missing() -> Reply {
    Reply::html(404, "<h1>Not Found</h1>")
}

/// A text as HTML in the way of Mastodon and its relatives: mentions lose their host, addresses are shortened for the eye.
fn shown(text: &str) -> String {
    let word = |word: &str| match (word.strip_prefix("https://"), word.strip_prefix('@'), word.strip_prefix('#')) {
        (Some(rest), ..) => {
            let (seen, rest) = rest.split_at(rest.len().min(12));
            format!(
                r#"<a href="https://{seen}{rest}" rel="nofollow"><span class="invisible">https://</span><span class="ellipsis">{seen}</span><span class="invisible">{rest}</span></a>"#
            )
        }
        (_, Some(name), _) => {
            let name = name.split('@').next().unwrap();
            format!(
                r#"<span class="h-card"><a href="https://x.example/@{name}" class="u-url mention">@<span>{name}</span></a></span>"#
            )
        }
        (.., Some(tag)) => {
            format!(r#"<a href="https://x.example/tags/{tag}" class="mention hashtag">#<span>{tag}</span></a>"#)
        }
        _ => word.replace('&', "&amp;").replace('<', "&lt;"),
    };
    let line = |line: &str| line.split(' ').map(word).collect::<Vec<_>>().join(" ");
    let lines = |block: &str| block.lines().map(line).collect::<Vec<_>>().join("<br>");
    text.split("\n\n").map(|block| format!("<p>{}</p>", lines(block))).collect()
}
