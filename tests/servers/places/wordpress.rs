//! WordPress, by its REST API.

use async_trait::async_trait;
use sampan_core::api::types::FeedKind;
use serde_json::{Value, json};

use super::{Door, Item, Place, Planted, attributes, text, with_mark};
use crate::http::{Answer, Request};

const STANDING: &str = "publish,future,draft,pending,private";

/// WordPress.
pub struct WordPress(Door);

impl WordPress {
    pub fn told() -> Self {
        Self(Door::told("WORDPRESS", Some("USER"), "PASSWORD"))
    }

    /// The one that dies, and nobody else uses.
    pub fn mortal() -> Self {
        Self(Door::told("MORTAL", Some("USER"), "PASSWORD"))
    }

    async fn found(&self, mark: &str, status: &str) -> Vec<Item> {
        let path = format!("/wp-json/wp/v2/posts?context=edit&per_page=100&status={status}&search={mark}");
        let answer = self.0.ask("GET", &path, None).await.value();
        let item = |post: &Value| {
            let html = text(&post["content"]["raw"]);
            Item {
                id: post["id"].to_string(),
                url: text(&post["link"]),
                public: post["status"] == "publish",
                langs: attributes(&html, "lang"),
                files: attributes(&html, "src"),
                text: html,
            }
        };
        with_mark(answer.as_array().expect("a list of posts").iter().map(item), mark)
    }
}

#[async_trait]
impl Place for WordPress {
    fn name(&self) -> &'static str {
        "WordPress"
    }

    fn kind(&self) -> FeedKind {
        FeedKind::Wordpress
    }

    fn door(&self) -> &Door {
        &self.0
    }

    async fn items(&self, mark: &str) -> Vec<Item> {
        self.found(mark, STANDING).await
    }

    async fn in_trash(&self, mark: &str) -> Option<usize> {
        Some(self.found(mark, "trash").await.len())
    }

    async fn plant(&self, what: &Planted) {
        let mut html = format!(
            "<!-- wp:heading -->\n<h2>Old <em>words</em></h2>\n<!-- /wp:heading -->\n<!-- wp:paragraph -->\n\
             <p>With <a href=\"https://example.org/\">a link</a> in them.</p>\n<!-- /wp:paragraph -->\n\
             <!-- wp:paragraph -->\n<p>Found by {}.</p>\n<!-- /wp:paragraph -->",
            what.mark
        );
        if let Some(photo) = &what.photo {
            let uploaded = self.0.upload("/wp-json/wp/v2/media", photo).await.value();
            html.push_str(&format!(
                "\n<figure><img src=\"{}\" alt=\"旧照片\"/></figure>",
                text(&uploaded["source_url"])
            ));
        }
        let status = if what.draft { "draft" } else { "publish" };
        let body = json!({ "title": what.title(), "content": html, "status": status, "excerpt": "Their excerpt" });
        self.0.change("POST", "/wp-json/wp/v2/posts", Some(&body)).await;
    }

    async fn edit(&self, item: &Item, from: &str, to: &str) {
        assert!(item.text.contains(from), "{from} in {}", item.text);
        let body = json!({ "content": item.text.replace(from, to) });
        self.0.change("POST", &format!("/wp-json/wp/v2/posts/{}", item.id), Some(&body)).await;
    }

    async fn remove(&self, item: &Item) {
        self.0.change("DELETE", &format!("/wp-json/wp/v2/posts/{}", item.id), None).await;
    }

    fn emptied(&self, request: &Request, by_name: bool) -> Option<Answer> {
        let path = request.path.split('?').next()?.strip_prefix("/wp-json/wp/v2/posts")?;
        match path {
            _ if request.method != "GET" => None,
            "" => Some(Answer::json(200, "[]").with("X-WP-Total", "0").with("X-WP-TotalPages", "0")),
            _ if by_name => Some(Answer::json(404, r#"{"code":"rest_post_invalid_id","data":{"status":404}}"#)),
            _ => None,
        }
    }
}
