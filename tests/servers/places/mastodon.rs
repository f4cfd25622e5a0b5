//! A server that speaks the Mastodon API. A status with what its author answered to it is one item.

use async_trait::async_trait;
use sampan_core::api::types::FeedKind;
use serde_json::{Value, json};

use super::{Door, Item, Place, Planted, text, with_mark};
use crate::http::{Answer, Request};

/// A server that speaks the Mastodon API.
pub struct Mastodon(Door);

impl Mastodon {
    pub fn told() -> Self {
        Self(Door::told("MASTODON", None, "TOKEN"))
    }

    /// Our statuses, the oldest first.
    async fn statuses(&self) -> Vec<Value> {
        let me = self.0.ask("GET", "/api/v1/accounts/verify_credentials", None).await.value();
        let own = format!("/api/v1/accounts/{}/statuses?limit=40", text(&me["id"]));
        let (mut all, mut before) = (Vec::<Value>::new(), String::new());
        loop {
            let page = self.0.ask("GET", &format!("{own}{before}"), None).await.value();
            let Some(last) = page.as_array().expect("a list of statuses").last() else { break };
            before = format!("&max_id={}", text(&last["id"]));
            all.extend(page.as_array().into_iter().flatten().cloned());
        }
        all.reverse();
        all
    }

    async fn source(&self, id: &str) -> String {
        text(&self.0.ask("GET", &format!("/api/v1/statuses/{id}/source"), None).await.value()["text"])
    }
}

#[async_trait]
impl Place for Mastodon {
    fn name(&self) -> &'static str {
        "Mastodon"
    }

    fn kind(&self) -> FeedKind {
        FeedKind::Mastodon
    }

    fn door(&self) -> &Door {
        &self.0
    }

    fn has_drafts(&self) -> bool {
        false
    }

    async fn items(&self, mark: &str) -> Vec<Item> {
        let mut items: Vec<Item> = Vec::new();
        for status in self.statuses().await {
            let answers = status["in_reply_to_id"].as_str();
            let of = |item: &&mut Item| answers.is_some_and(|to| item.id.split(' ').any(|id| id == to));
            let Some(before) = items.iter_mut().find(of) else {
                items.push(item(&status));
                continue;
            };
            let Item { id, text, langs, files, .. } = item(&status);
            before.id = format!("{} {id}", before.id);
            before.text = format!("{}\n{text}", before.text);
            before.files.extend(files);
            before.langs.extend(langs.into_iter().filter(|lang| !before.langs.contains(lang)).collect::<Vec<_>>());
        }
        with_mark(items.into_iter(), mark)
    }

    async fn plant(&self, what: &Planted) {
        let mut media = Vec::new();
        if let Some(photo) = &what.photo {
            media.push(self.0.upload("/api/v2/media", photo).await.value()["id"].clone());
        }
        let status = format!("{}\n\nFound by {}.", what.title(), what.mark);
        let body = json!({ "status": status, "language": "zh", "media_ids": media });
        self.0.change("POST", "/api/v1/statuses", Some(&body)).await;
    }

    async fn edit(&self, item: &Item, from: &str, to: &str) {
        let mut edited = false;
        for id in item.id.split(' ') {
            let source = self.source(id).await;
            if source.contains(from) {
                let body = json!({ "status": source.replace(from, to) });
                self.0.change("PUT", &format!("/api/v1/statuses/{id}"), Some(&body)).await;
                edited = true;
            }
        }
        assert!(edited, "{from} in {}", item.text);
    }

    async fn remove(&self, item: &Item) {
        for id in item.id.split(' ') {
            self.0.change("DELETE", &format!("/api/v1/statuses/{id}"), None).await;
        }
    }

    fn emptied(&self, request: &Request, by_name: bool) -> Option<Answer> {
        let path = request.path.split('?').next()?;
        match path.strip_prefix("/api/v1/statuses") {
            _ if request.method != "GET" => None,
            None => path.ends_with("/statuses").then(|| Answer::json(200, "[]")),
            Some("") => Some(Answer::json(200, "[]")),
            Some(_) => by_name.then(|| Answer::json(404, r#"{"error":"Record not found"}"#)),
        }
    }
}

fn item(status: &Value) -> Item {
    let files = || status["media_attachments"].as_array().into_iter().flatten();
    let shown = files().map(|file| text(&file["description"])).collect::<Vec<_>>().join("\n");
    Item {
        id: text(&status["id"]),
        url: text(&status["url"]),
        public: true,
        text: format!("{}\n{shown}", text(&status["content"])),
        langs: status["language"].as_str().map(str::to_owned).into_iter().collect(),
        files: files().map(|file| text(&file["url"])).collect(),
    }
}
