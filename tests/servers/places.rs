//! Real servers, and a folder, as somebody sees them who is not the journal: where they are, how one signs in, what lies there,
//! and how people there change it.

mod folder;
mod mastodon;
mod micropub;
mod wordpress;

use async_trait::async_trait;
use base64::Engine;
use sampan_core::api::types::FeedKind;
use serde_json::Value;

pub use self::folder::Folder;
pub use self::mastodon::Mastodon;
pub use self::micropub::Micropub;
pub use self::wordpress::WordPress;
use crate::http::{self, Answer, Request};
use crate::told;

/// A place that posts go to.
#[async_trait]
pub trait Place: Send + Sync {
    /// As people call it.
    fn name(&self) -> &'static str;
    /// What it is.
    fn kind(&self) -> FeedKind;
    /// The way in.
    fn door(&self) -> &Door;

    /// Where it is.
    fn server(&self) -> &str {
        &self.door().url
    }
    /// The name to sign in with.
    fn user(&self) -> &str {
        &self.door().user
    }
    /// The password or token.
    fn secret(&self) -> &str {
        &self.door().secret
    }

    /// Whether a request that the network doubles can be kept from making a second item.
    fn survives_replay(&self) -> bool {
        true
    }
    /// Whether it holds items that only the user sees.
    fn has_drafts(&self) -> bool {
        true
    }
    /// Whether it says of an item by name that it is gone.
    fn says_gone(&self) -> bool {
        true
    }

    /// Every item whose text holds a word with a full stop behind it, whoever may see it.
    async fn items(&self, mark: &str) -> Vec<Item>;
    /// How many items with that word lie in the trash; nothing where there is none.
    async fn in_trash(&self, _mark: &str) -> Option<usize> {
        None
    }
    /// Somebody writes something there with another program: a title, a text with a word and a full stop, perhaps a photo.
    async fn plant(&self, what: &Planted);
    /// Somebody writes other words there.
    async fn edit(&self, item: &Item, from: &str, to: &str);
    /// Somebody takes an item away there.
    async fn remove(&self, item: &Item);
    /// A file that lies there.
    async fn download(&self, url: &str) -> Vec<u8> {
        self.door().download(url).await
    }

    /// What the place would answer if it had lost everything: in its lists only, or by name, too.
    fn emptied(&self, request: &Request, by_name: bool) -> Option<Answer>;
}

/// What lies at a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// The place's own name for it.
    pub id: String,
    /// Where it can be read.
    pub url: String,
    /// Whether everybody can.
    pub public: bool,
    /// What it says, with what its files are said to show.
    pub text: String,
    /// Languages that parts of it say they are in, each once.
    pub langs: Vec<String>,
    /// The addresses of its files, each once.
    pub files: Vec<String>,
}

/// What is written at a place with another program.
#[derive(Debug, Clone)]
pub struct Planted {
    /// The word that it is found by.
    pub mark: String,
    /// Whether only the user sees it.
    pub draft: bool,
    /// A photo in it.
    pub photo: Option<Vec<u8>>,
}

impl Planted {
    fn title(&self) -> String {
        format!("旧文 {}", self.mark)
    }
}

/// The way in to a place.
pub struct Door {
    url: String,
    user: String,
    secret: String,
}

impl Door {
    /// As `cargo xtask` says: the address, a name if one is asked for, the secret.
    fn told(kind: &str, user: Option<&str>, secret: &str) -> Self {
        let told = |what: &str| told(&format!("SAMPAN_{kind}_{what}"));
        Self { url: told("URL"), user: user.map(told).unwrap_or_default(), secret: told(secret) }
    }

    /// How a request signs in.
    pub fn authorization(&self) -> String {
        if self.user.is_empty() {
            return format!("Bearer {}", self.secret);
        }
        let both = format!("{}:{}", self.user, self.secret);
        format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(both))
    }

    fn host(&self) -> &str {
        self.url.trim_start_matches("http://").trim_end_matches('/')
    }

    /// Asks the server, past everything that lies between it and the journal.
    async fn ask(&self, method: &str, path: &str, body: Option<&Value>) -> Answer {
        let mut request = Request::new(method, path, self.host());
        request.headers.push(("Authorization".to_owned(), self.authorization()));
        if let Some(body) = body {
            request.headers.push(("Content-Type".to_owned(), "application/json".to_owned()));
            request.body = body.to_string().into_bytes();
        }
        http::exchange(self.host(), &request).await.unwrap()
    }

    /// The same, expecting that it does what it is asked.
    async fn change(&self, method: &str, path: &str, body: Option<&Value>) {
        let answer = self.ask(method, path, body).await;
        assert!((200..300).contains(&answer.status), "{method} {path}: {}", String::from_utf8_lossy(&answer.body));
    }

    /// Uploads a photo as browsers do; answers what the server says.
    async fn upload(&self, path: &str, photo: &[u8]) -> Answer {
        let mut request = Request::new("POST", path, self.host());
        request.headers.push(("Authorization".to_owned(), self.authorization()));
        request.headers.push(("Content-Type".to_owned(), "multipart/form-data; boundary=between".to_owned()));
        let head = "--between\r\nContent-Disposition: form-data; name=\"file\"; filename=\"IMG 1.jpg\"\r\nContent-Type: image/jpeg\r\n\r\n";
        request.body = [head.as_bytes(), photo, b"\r\n--between--\r\n"].concat();
        let answer = http::exchange(self.host(), &request).await.unwrap();
        assert!((200..300).contains(&answer.status), "{path}: {}", String::from_utf8_lossy(&answer.body));
        answer
    }

    async fn download(&self, url: &str) -> Vec<u8> {
        let base = url::Url::parse(&self.url).unwrap();
        let url = base.join(url).unwrap();
        let host = format!("{}:{}", url.host_str().unwrap(), url.port_or_known_default().unwrap());
        let answer = http::exchange(&host, &Request::new("GET", url.path(), &host)).await.unwrap();
        assert_eq!(answer.status, 200, "{url}");
        answer.body
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// The values of an attribute in HTML, each once, in their order. Knows the HTML that the journal writes, no other.
fn attributes(html: &str, name: &str) -> Vec<String> {
    let mut values: Vec<String> = Vec::new();
    for piece in html.split(&format!(" {name}=\"")).skip(1) {
        let value = piece.split('"').next().unwrap_or_default().replace("&amp;", "&");
        if !values.contains(&value) {
            values.push(value);
        }
    }
    values
}

/// Only the items that hold the word: a server's search finds parts of words, and another mark may begin alike.
fn with_mark(items: impl Iterator<Item = Item>, mark: &str) -> Vec<Item> {
    items.filter(|item| item.text.contains(&format!("{mark}."))).collect()
}
