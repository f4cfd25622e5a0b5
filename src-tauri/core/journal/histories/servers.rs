//! The servers that the adapters' own tests are held against, as histories see them.

use serde_json::{Value, json};

use super::network::Server;
use super::{Chance, add_word};
use crate::api::types::FeedKind;
use crate::domain::Timestamp;
use crate::feed::mastodon::tests::server::State;
use crate::feed::micropub::tests::site::Store as Entries;
use crate::feed::web::scripted::{Heard, Reply};
use crate::feed::wordpress::tests::site::Store as Blog;

impl Server for Blog {
    const KIND: FeedKind = FeedKind::Wordpress;
    const BEARS_REPETITION: bool = true;
    const HIDES: bool = true;

    fn hear(&mut self, heard: &Heard, now: Timestamp) -> Reply {
        if heard.target.path() == "/wp-json/" {
            let home = heard.target.join("/").unwrap();
            return Reply::json(200, &json!({ "name": "日记", "home": home.as_str(), "namespaces": ["wp/v2"] }));
        }
        self.now = Some(stamp(now).trim_end_matches('Z').to_owned());
        self.answer(heard)
    }

    fn texts(&self) -> Vec<String> {
        let raw = |post: &Value, field: &str| post[field]["raw"].as_str().unwrap_or_default().to_owned();
        let there = self.posts.iter().filter(|post| post["status"] != "trash");
        there.map(|post| format!("{}<br>{}", raw(post, "title"), raw(post, "content"))).collect()
    }

    fn shown(&self) -> usize {
        self.posts.iter().filter(|post| post["status"] != "trash" && post["status"] != "draft").count()
    }

    fn addresses(&self) -> Vec<String> {
        let there = self.posts.iter().filter(|post| post["status"] != "trash");
        there.map(|post| post["link"].as_str().unwrap().to_owned()).collect()
    }

    fn add(&mut self, item: usize, word: &str, chance: &Chance, now: Timestamp) {
        // The newest of two of a kind is one that a late request left, which nobody should write into.
        let first = |post: &Value| post["title"]["raw"].as_str().unwrap().chars().next();
        let all = self.posts.clone();
        let is_known = |at: usize, post: &Value| {
            post["status"] != "trash"
                && !all.iter().take(at).any(|other| other["status"] != "trash" && first(other) == first(post))
        };
        let count = all.iter().enumerate().filter(|(at, post)| is_known(*at, post)).count();
        let mut known = self.posts.iter_mut().enumerate().filter(|(at, post)| is_known(*at, post));
        let (_, post) = known.nth(item % count).unwrap();
        let html = add_to_html(post["content"]["raw"].as_str().unwrap(), word, chance);
        post["content"] = json!({ "raw": html });
        post["modified_gmt"] = json!(stamp(now).trim_end_matches('Z'));
    }

    fn remove(&mut self, item: usize) {
        let mut there = self.posts.iter_mut().filter(|post| post["status"] != "trash");
        there.nth(item).unwrap()["status"] = json!("trash");
    }

    fn clear(&mut self) {
        self.posts.clear();
        self.media.clear();
    }
}

impl Server for State {
    const KIND: FeedKind = FeedKind::Mastodon;
    const BEARS_REPETITION: bool = true;

    fn hear(&mut self, heard: &Heard, now: Timestamp) -> Reply {
        self.now = now.as_millis();
        self.answer(heard)
    }

    fn texts(&self) -> Vec<String> {
        self.statuses.iter().map(|status| self.sources[status["id"].as_str().unwrap()].clone()).collect()
    }

    fn addresses(&self) -> Vec<String> {
        self.statuses.iter().map(|status| status["url"].as_str().unwrap().to_owned()).collect()
    }

    fn add(&mut self, item: usize, word: &str, chance: &Chance, now: Timestamp) {
        self.now = now.as_millis();
        let status = self.statuses[item].clone();
        let id = status["id"].as_str().unwrap();
        let files: Vec<&Value> =
            status["media_attachments"].as_array().unwrap().iter().map(|file| &file["id"]).collect();
        let text = add_word(&self.sources[id], word, chance);
        drop(self.edit(id, &json!({ "status": text, "spoiler_text": status["spoiler_text"], "media_ids": files })));
    }

    fn remove(&mut self, item: usize) {
        let id = self.statuses[item]["id"].as_str().unwrap().to_owned();
        self.remove_status(&id);
    }

    fn clear(&mut self) {
        *self = Self::default();
    }
}

impl Server for Entries {
    const KIND: FeedKind = FeedKind::Micropub;
    const BEARS_REPETITION: bool = false;

    fn hear(&mut self, heard: &Heard, _: Timestamp) -> Reply {
        if heard.target.path() == "/" {
            return Reply::html(200, "<link rel='micropub' href='/m'>");
        }
        if heard.target.path().starts_with("/f/") {
            return Reply::With(200, vec![("content-type", "image/jpeg".into())], b"a smaller copy".to_vec());
        }
        self.answer(heard)
    }

    fn texts(&self) -> Vec<String> {
        let text = |entry: &serde_json::Map<String, Value>| {
            let name = entry.get("name").map_or("", |name| name[0].as_str().unwrap());
            format!("{name}<br>{}", entry["content"][0]["html"].as_str().unwrap())
        };
        self.entries.values().map(text).collect()
    }

    fn addresses(&self) -> Vec<String> {
        self.entries.keys().cloned().collect()
    }

    fn add(&mut self, item: usize, word: &str, chance: &Chance, _: Timestamp) {
        let entry = self.entries.values_mut().nth(item).unwrap();
        let html = add_to_html(entry["content"][0]["html"].as_str().unwrap(), word, chance);
        entry.insert("content".into(), json!([{ "html": html }]));
    }

    fn remove(&mut self, item: usize) {
        let address = self.entries.keys().nth(item).cloned().unwrap();
        self.entries.remove(&address);
    }

    fn clear(&mut self) {
        self.entries.clear();
        self.deleted.clear();
    }
}

fn stamp(now: Timestamp) -> String {
    jiff::Timestamp::from_second(now.as_millis().div_euclid(1000)).unwrap().to_string()
}

/// A word at the end of some paragraph of a language, or a paragraph of its own.
fn add_to_html(html: &str, word: &str, chance: &Chance) -> String {
    let last = html.rfind("</section>").unwrap_or(html.len());
    let ends: Vec<usize> = html.match_indices("</p>").map(|(at, _)| at).filter(|at| *at < last).collect();
    let at = ends[usize::try_from(chance.below(ends.len() as u64)).unwrap()];
    let (before, after) = html.split_at(at);
    match chance.below(3) {
        0 => format!("{before}</p><p>{word}{after}"),
        _ => format!("{before} {word}{after}"),
    }
}
