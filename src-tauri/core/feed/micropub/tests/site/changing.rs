//! What the server does with a request that changes something, in whichever form it comes.

use serde_json::{Map, Value, json};

use super::{Mood, PORTAL, Store};
use crate::feed::web::scripted::{Heard, Reply};

impl Store {
    /// Takes such a request as its mood is.
    pub(super) fn change(&mut self, heard: &Heard) -> Reply {
        let mood = if self.moods.is_empty() { None } else { Some(self.moods.remove(0)) };
        match mood {
            Some(Mood::LostBefore) => return Reply::Nothing,
            Some(Mood::Broken) => return Reply::html(500, "<h1>Server Error (500)</h1>"),
            Some(Mood::Says(503)) => return Reply::html(503, "").header("retry-after", "120"),
            Some(Mood::Says(status)) => return Reply::With(status, Vec::new(), Vec::new()),
            Some(Mood::SignedOut) => return Reply::html(401, "authentication error"),
            Some(Mood::Portal) => return Reply::html(302, "").header("location", PORTAL),
            Some(Mood::Forbidden) => return Reply::json(403, &json!({ "error": "insufficient_scope" })),
            _ => {}
        }
        let done = self.carry_out(heard);
        match mood {
            Some(Mood::LostAfter) => Reply::Nothing,
            Some(Mood::Redirect(to)) => Reply::html(302, "").header("location", to),
            Some(Mood::Page) => Reply::html(200, "<title>Welcome to this network</title>"),
            _ => done,
        }
    }

    /// What a form says, in JSON: every text as a list, and an address for every file.
    fn form(&mut self, heard: &Heard) -> Value {
        let kind = heard.header("content-type").unwrap_or_default();
        let boundary = kind.split("boundary=").nth(1).unwrap();
        let (mut properties, mut names) = (Map::new(), Vec::new());
        for part in heard.text().split(&format!("--{boundary}")).filter(|part| part.contains("name=\"")) {
            let (head, text) = part.split_once("\r\n\r\n").unwrap();
            let name = head.split("name=\"").nth(1).unwrap().split('"').next().unwrap();
            names.push(name.to_owned());
            let text = text.strip_suffix("\r\n").unwrap_or(text);
            let value = if head.contains("filename=") {
                self.files += 1;
                json!(format!("/f/{}.jpg", self.files))
            } else {
                json!(text)
            };
            let list = properties.entry(name.trim_end_matches("[]")).or_insert_with(|| json!([]));
            list.as_array_mut().unwrap().push(value);
        }
        self.forms.push(names);
        json!({ "properties": properties })
    }

    fn carry_out(&mut self, heard: &Heard) -> Reply {
        let refused = Reply::html(400, "invalid_request");
        let body = match heard.header("content-type").unwrap_or_default() {
            kind if kind.starts_with("multipart/") => self.form(heard),
            "application/x-www-form-urlencoded" => plain_form(&heard.text()),
            _ if !self.takes_json => return refused,
            _ => heard.json(),
        };
        let has_words = |fields: &Value| {
            let photos = fields.get("photo").and_then(Value::as_array);
            photos.is_some_and(|photos| photos.iter().any(Value::is_object))
        };
        if self.chokes && [&body["properties"], &body["replace"]].into_iter().any(has_words) {
            return Reply::html(500, "<h1>Server Error (500)</h1>");
        }
        let Some(action) = body.get("action").and_then(Value::as_str) else {
            let Some(Value::Object(mut properties)) = body.get("properties").cloned() else { return refused };
            if has_words(&body["properties"]) && !self.takes_words {
                return refused;
            }
            if !self.keeps_names {
                properties.remove("mp-slug");
            }
            if self.mangles {
                let html = properties["content"][0]["html"].as_str().unwrap_or_default();
                let html = html.replace("</section>", "<p>Sent from my site</p></section>");
                properties.insert("content".into(), json!([{ "html": html }]));
            }
            if !self.drafts {
                properties.remove("post-status");
            }
            let photos = properties.get("photo").and_then(Value::as_array).map_or(0, Vec::len);
            if photos > 1 && self.drops {
                properties["photo"].as_array_mut().unwrap().truncate(1);
            }
            let stumbles = photos > 0 && self.stumbles;
            if stumbles {
                properties.remove("photo");
            }
            self.made += 1;
            let path = format!("/e/{}/", self.made);
            let there = if self.promises { &mut self.deleted } else { &mut self.entries };
            there.insert(path.clone(), properties);
            if stumbles {
                return Reply::json(400, &json!({ "error": "invalid_request" }));
            }
            let status = if self.promises { 202 } else { 201 };
            return Reply::html(status, "").header("location", path);
        };
        let Some(key) = body["url"].as_str().and_then(|url| self.key(heard, url)) else { return refused };
        if action == "update" && !self.updates {
            return Reply::html(501, "<h1>Not implemented</h1>");
        }
        let done = match action {
            "update" if has_words(&body["replace"]) && !self.takes_words => false,
            "update" => self.update(&key, &body),
            "delete" if self.deletes => {
                self.entries.remove(&key).map(|entry| self.deleted.insert(key.clone(), entry)).is_some()
            }
            "undelete" if self.undeletes => {
                self.deleted.remove(&key).map(|entry| self.entries.insert(key.clone(), entry)).is_some()
            }
            _ => false,
        };
        let is_renamed = self.renames && body["replace"]["name"].is_array() && body["replace"]["mp-slug"].is_null();
        match done {
            true if action == "update" && (self.moves || self.slips || is_renamed) => {
                let path = format!("{}moved/", key);
                let entry = self.entries.remove(&key).unwrap();
                self.entries.insert(path.clone(), entry);
                let moved = Reply::html(if self.moves { 201 } else { 200 }, "");
                if self.moves { moved.header("location", path) } else { moved }
            }
            true => Reply::With(204, Vec::new(), Vec::new()),
            false => refused,
        }
    }

    fn update(&mut self, key: &str, body: &Value) -> bool {
        let Some(entry) = self.entries.get_mut(key) else { return false };
        for (name, values) in body["replace"].as_object().into_iter().flatten() {
            if self.drafts || name != "post-status" {
                entry.insert(name.clone(), values.clone());
            }
        }
        for name in body["delete"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            entry.remove(name);
        }
        true
    }
}

/// What a form without files says, in JSON.
fn plain_form(text: &str) -> Value {
    let mut properties = Map::new();
    for (name, value) in url::form_urlencoded::parse(text.as_bytes()) {
        let list = properties.entry(name.trim_end_matches("[]")).or_insert_with(|| json!([]));
        list.as_array_mut().unwrap().push(json!(value));
    }
    match (properties.get("action"), properties.get("url")) {
        (Some(action), Some(url)) => json!({ "action": action[0], "url": url[0] }),
        _ => json!({ "properties": properties }),
    }
}
