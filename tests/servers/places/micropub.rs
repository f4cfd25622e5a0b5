//! A site that speaks Micropub.

use async_trait::async_trait;
use sampan_core::api::types::FeedKind;
use serde_json::{Value, json};

use super::{Door, Item, Place, Planted, attributes, text, with_mark};
use crate::http::{Answer, Request};

const ENDPOINT: &str = "/indieweb/micropub/";

/// A site that speaks Micropub.
pub struct Micropub(Door);

impl Micropub {
    pub fn told() -> Self {
        Self(Door::told("MICROPUB", None, "TOKEN"))
    }
}

#[async_trait]
impl Place for Micropub {
    fn name(&self) -> &'static str {
        "Micropub"
    }

    fn kind(&self) -> FeedKind {
        FeedKind::Micropub
    }

    fn door(&self) -> &Door {
        &self.0
    }

    /// The protocol has no key by which a server could know a request again.
    fn survives_replay(&self) -> bool {
        false
    }

    async fn items(&self, mark: &str) -> Vec<Item> {
        let answer = self.0.ask("GET", &format!("{ENDPOINT}?q=source&limit=1000"), None).await.value();
        let item = |entry: &Value| {
            let properties = &entry["properties"];
            // As the feed was sent it last: with its marks, or without.
            let content = &properties["content"][0];
            let html = text(if content.is_string() { content } else { &content["html"] });
            let files = ["photo", "video"].iter().flat_map(|kind| properties[kind].as_array().into_iter().flatten());
            let url = properties["url"][0].as_str().or(entry["url"].as_str()).unwrap_or_default().to_owned();
            Item {
                id: url.clone(),
                url,
                public: properties["post-status"][0] != "draft",
                langs: attributes(&html, "lang"),
                files: files.filter_map(|file| file.as_str().or(file["value"].as_str())).map(str::to_owned).collect(),
                text: html,
            }
        };
        with_mark(answer["items"].as_array().expect("a list of entries").iter().map(item), mark)
    }

    async fn plant(&self, what: &Planted) {
        let mut properties = json!({
            "name": [what.title()],
            "content": [{ "html": format!("<p>With <a href=\"https://example.org/\">a link</a>.</p><p>Found by {}.</p>", what.mark) }],
            "post-status": [if what.draft { "draft" } else { "published" }],
        });
        if let Some(photo) = &what.photo {
            let config = self.0.ask("GET", &format!("{ENDPOINT}?q=config"), None).await.value();
            let media = url::Url::parse(config["media-endpoint"].as_str().unwrap()).unwrap();
            let uploaded = self.0.upload(media.path(), photo).await;
            let place = uploaded.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("location"));
            properties["photo"] = json!([place.expect("where it lies").1]);
        }
        let body = json!({ "type": ["h-entry"], "properties": properties });
        self.0.change("POST", ENDPOINT, Some(&body)).await;
    }

    async fn edit(&self, item: &Item, from: &str, to: &str) {
        assert!(item.text.contains(from), "{from} in {}", item.text);
        let content = json!([{ "html": item.text.replace(from, to) }]);
        let body = json!({ "action": "update", "url": item.id, "replace": { "content": content } });
        self.0.change("POST", ENDPOINT, Some(&body)).await;
    }

    async fn remove(&self, item: &Item) {
        self.0.change("POST", ENDPOINT, Some(&json!({ "action": "delete", "url": item.id }))).await;
    }

    fn emptied(&self, request: &Request, by_name: bool) -> Option<Answer> {
        let (path, query) = request.path.split_once('?')?;
        let named = query.contains("url=");
        match () {
            () if request.method != "GET" || path != ENDPOINT || !query.contains("q=source") => None,
            () if named => by_name.then(|| Answer::json(404, r#"{"error":"invalid_request"}"#)),
            () => Some(Answer::json(200, r#"{"items":[]}"#)),
        }
    }
}
