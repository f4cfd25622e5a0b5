//! Real servers as the contract sees them: where they are, how one signs in, and what lies there, asked past the journal.

use async_trait::async_trait;
use base64::Engine;
use sampan_core::api::types::FeedKind;
use serde_json::Value;

use crate::proxy::Proxy;
use crate::told;

/// A server.
#[async_trait]
pub trait Place: Send + Sync {
    /// As people call it.
    fn name(&self) -> &'static str;
    /// What it is.
    fn kind(&self) -> FeedKind;
    /// Where it is.
    fn server(&self) -> &str;
    /// The name to sign in with.
    fn user(&self) -> &str;
    /// The password or token.
    fn secret(&self) -> &str;
    /// Whether a request that the network doubles can be kept from making a second item.
    fn survives_replay(&self) -> bool;
    /// Every item whose text holds a word, whoever may see it.
    async fn items(&self, proxy: &Proxy, mark: &str) -> Vec<Item>;
}

/// What lies at a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// Where it can be read.
    pub url: String,
    /// Whether everybody can.
    pub public: bool,
    /// What it says.
    pub text: String,
    /// Photos in it.
    pub files: usize,
}

/// WordPress.
pub struct WordPress {
    url: String,
    user: String,
    password: String,
}

impl WordPress {
    pub fn told() -> Self {
        let [url, user, password] =
            ["SAMPAN_WORDPRESS_URL", "SAMPAN_WORDPRESS_USER", "SAMPAN_WORDPRESS_PASSWORD"].map(told);
        Self { url, user, password }
    }

    /// How a request signs in.
    pub fn authorization(&self) -> String {
        let both = format!("{}:{}", self.user, self.password);
        format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(both))
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

    fn server(&self) -> &str {
        &self.url
    }

    fn user(&self) -> &str {
        &self.user
    }

    fn secret(&self) -> &str {
        &self.password
    }

    fn survives_replay(&self) -> bool {
        true
    }

    async fn items(&self, proxy: &Proxy, mark: &str) -> Vec<Item> {
        let path = format!(
            "/wp-json/wp/v2/posts?context=edit&per_page=100&status=publish,future,draft,pending,private&search={mark}"
        );
        let authorization = self.authorization();
        let answer = proxy.ask("GET", &path, &[("Authorization", &authorization)], b"").await.value();
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let item = |post: &Value| Item {
            url: text(&post["link"]),
            public: post["status"] == "publish",
            text: text(&post["content"]["raw"]),
            files: text(&post["content"]["raw"]).matches("<img").count(),
        };
        // The search finds parts of words, and another post's mark may begin alike.
        let posts = answer.as_array().expect("a list of posts").iter().map(item);
        posts.filter(|post| post.text.contains(&format!("{mark}."))).collect()
    }
}

/// A server that speaks the Mastodon API.
pub struct Mastodon {
    url: String,
    token: String,
}

impl Mastodon {
    pub fn told() -> Self {
        let [url, token] = ["SAMPAN_MASTODON_URL", "SAMPAN_MASTODON_TOKEN"].map(told);
        Self { url, token }
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

    fn server(&self) -> &str {
        &self.url
    }

    fn user(&self) -> &str {
        ""
    }

    fn secret(&self) -> &str {
        &self.token
    }

    fn survives_replay(&self) -> bool {
        true
    }

    async fn items(&self, proxy: &Proxy, mark: &str) -> Vec<Item> {
        let authorization = format!("Bearer {}", self.token);
        let signed = [("Authorization", authorization.as_str())];
        let me = proxy.ask("GET", "/api/v1/accounts/verify_credentials", &signed, b"").await.value();
        let path = format!("/api/v1/accounts/{}/statuses?limit=40", me["id"].as_str().unwrap());
        let answer = proxy.ask("GET", &path, &signed, b"").await.value();
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let item = |status: &Value| Item {
            url: text(&status["url"]),
            public: true,
            text: text(&status["content"]),
            files: status["media_attachments"].as_array().map_or(0, Vec::len),
        };
        let statuses = answer.as_array().expect("a list of statuses").iter().map(item);
        statuses.filter(|status| status.text.contains(&format!("{mark}."))).collect()
    }
}

/// A site that speaks Micropub.
pub struct Micropub {
    url: String,
    token: String,
}

impl Micropub {
    pub fn told() -> Self {
        let [url, token] = ["SAMPAN_MICROPUB_URL", "SAMPAN_MICROPUB_TOKEN"].map(told);
        Self { url, token }
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

    fn server(&self) -> &str {
        &self.url
    }

    fn user(&self) -> &str {
        ""
    }

    fn secret(&self) -> &str {
        &self.token
    }

    /// The protocol has no key by which a server could know a request again.
    fn survives_replay(&self) -> bool {
        false
    }

    async fn items(&self, proxy: &Proxy, mark: &str) -> Vec<Item> {
        let authorization = format!("Bearer {}", self.token);
        let signed = [("Authorization", authorization.as_str())];
        let answer = proxy.ask("GET", "/indieweb/micropub/?q=source&limit=1000", &signed, b"").await.value();
        let item = |entry: &Value| {
            let properties = &entry["properties"];
            Item {
                url: properties["url"][0].as_str().or(entry["url"].as_str()).unwrap_or_default().to_owned(),
                public: properties["post-status"][0] != "draft",
                text: properties["content"].to_string(),
                files: properties["photo"].as_array().map_or(0, Vec::len),
            }
        };
        let entries = answer["items"].as_array().expect("a list of entries").iter().map(item);
        entries.filter(|entry| entry.text.contains(&format!("{mark}."))).collect()
    }
}
