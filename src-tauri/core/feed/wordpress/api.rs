//! The WordPress REST API (<https://developer.wordpress.org/rest-api/reference/>) as far as posts need it: addresses, and what
//! is read. What an answer means stands in [`super::answers`]. Decides nothing.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

use reqwest::{Method, RequestBuilder};
use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use url::Url;

use super::answers::{code, read};
use crate::clock::Clock;
use crate::domain::destination::TopicsAs;
use crate::feed::FeedError;
use crate::feed::render::escaped;
use crate::feed::web::{Answer, Client, Lead, Rest, Risk};

/// Every state a post can be in but the trash.
pub(super) const STANDING: &str = "publish,future,draft,pending,private";

/// Talks to the API of one site.
pub(super) struct Api {
    pub client: Client,
    /// What topics are at this site.
    pub topics: TopicsAs,
    pub clock: Arc<dyn Clock>,
    /// What every answer says of the site's clock.
    pub lead: Lead,
    /// How many items of a list the site gives at once, as far as its refusals told.
    pub at_once: AtomicUsize,
    /// How long the site wants to be left alone.
    pub rest: Rest,
}

/// A post. Only what was asked for with `context=edit` has raw texts.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Post {
    #[serde(deserialize_with = "number")]
    pub id: u64,
    pub status: String,
    #[serde(default, deserialize_with = "or_nothing")]
    pub slug: String,
    #[serde(default, deserialize_with = "or_nothing")]
    pub link: String,
    pub date_gmt: Option<String>,
    pub modified_gmt: Option<String>,
    #[serde(default)]
    pub title: Text,
    #[serde(default)]
    pub content: Text,
    #[serde(default, deserialize_with = "raw_or_nothing")]
    pub excerpt: Option<String>,
    /// The ids of its tags; nothing where the site does not tell them.
    #[serde(default, deserialize_with = "numbers_or_nothing")]
    pub tags: Option<Vec<u64>>,
    /// The ids of its categories, likewise.
    #[serde(default, deserialize_with = "numbers_or_nothing")]
    pub categories: Option<Vec<u64>>,
    #[serde(default, rename = "_embedded")]
    pub embedded: BTreeMap<String, Value>,
    /// What of those did not come along and was asked for.
    #[serde(skip)]
    pub asked_for: Vec<Term>,
}

/// A text as it was written.
#[derive(Debug, Clone, Default, Deserialize)]
pub(super) struct Text {
    pub raw: Option<String>,
}

/// A tag or category.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Term {
    #[serde(deserialize_with = "number")]
    pub id: u64,
    pub name: String,
    #[serde(default)]
    pub slug: String,
    #[serde(default)]
    pub taxonomy: String,
}

impl Term {
    /// One of which only this is known.
    pub fn named(id: u64, name: &str) -> Self {
        Self { id, name: escaped(name), slug: String::new(), taxonomy: String::new() }
    }
}

/// An uploaded file.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Upload {
    #[serde(deserialize_with = "number")]
    pub id: u64,
    pub source_url: String,
    #[serde(default)]
    pub slug: String,
    #[serde(default)]
    pub media_details: Value,
    #[serde(default)]
    pub alt_text: String,
}

impl Upload {
    /// The address of the bytes as they were sent: WordPress shows a smaller copy of large photos.
    pub fn original(&self) -> String {
        let Some(name) = self.media_details.get("original_image").and_then(Value::as_str) else {
            return self.source_url.clone();
        };
        match self.source_url.rsplit_once('/') {
            Some((folder, _)) if !name.contains('/') => format!("{folder}/{name}"),
            _ => self.source_url.clone(),
        }
    }

    /// Whether an address is that of this file or of a smaller copy of it.
    pub fn shows_as(&self, address: &str) -> bool {
        let sizes = self.media_details.get("sizes").and_then(Value::as_object);
        let copies =
            sizes.into_iter().flat_map(|sizes| sizes.values()).filter_map(|size| size.get("source_url")?.as_str());
        copies.chain([self.source_url.as_str()]).any(|known| known == address)
    }

    /// How many bytes WordPress says the file has, where it says so of the bytes that were sent.
    pub fn bytes(&self) -> Option<u64> {
        let is_other = self.media_details.get("original_image").is_some();
        self.media_details.get("filesize").and_then(Value::as_u64).filter(|_| !is_other)
    }
}

impl Api {
    /// The address of a route below `wp/v2`, also where the site has no readable addresses and names routes by `rest_route`.
    pub fn url(&self, route: &str, query: &[(&str, &str)]) -> Url {
        let base = self.client.base();
        let prefix = base.query_pairs().find(|(name, _)| name == "rest_route").map(|(_, value)| value.into_owned());
        let mut url = base.clone();
        url.set_query(None);
        match prefix {
            Some(prefix) => {
                let route = format!("{}/wp/v2/{route}", prefix.trim_end_matches('/'));
                url.query_pairs_mut().append_pair("rest_route", &route);
            }
            None => {
                let path = format!("{}/wp/v2/{route}", base.path().trim_end_matches('/'));
                url.set_path(&path);
            }
        }
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        url
    }

    /// Sends a request.
    pub async fn send(&self, request: RequestBuilder, risk: Risk) -> Result<Answer, FeedError> {
        let answer = self.client.send(request, risk).await?;
        self.lead.note(&answer, self.clock.now());
        self.rest.note(&answer, self.clock.now());
        Ok(answer)
    }

    /// Asks for something.
    pub async fn get<T: DeserializeOwned>(&self, route: &str, query: &[(&str, &str)]) -> Result<T, FeedError> {
        read(&self.answer(route, query).await?)
    }

    /// Asks for something and hands out the whole answer. What a cache on the way kept would show a post as it was, and hide what
    /// somebody has written in it since: no question is asked in the same words again.
    pub async fn answer(&self, route: &str, query: &[(&str, &str)]) -> Result<Answer, FeedError> {
        let mut url = self.url(route, query);
        url.query_pairs_mut().append_pair("_", &self.clock.new_uuid().simple().to_string());
        let request = self.client.request(Method::GET, url).await?;
        self.send(request, Risk::Asks).await
    }

    /// Makes or changes something.
    pub async fn post<T: DeserializeOwned>(&self, route: &str, body: &Value) -> Result<T, FeedError> {
        read(&self.change(route, body).await?).map_err(|error| match error {
            // No file goes this way.
            FeedError::TooLarge(_) => FeedError::TooLong,
            error => error,
        })
    }

    /// The same with the whole answer.
    pub async fn change(&self, route: &str, body: &Value) -> Result<Answer, FeedError> {
        // The names of topics come along, so that what was made need not be asked for again.
        let url = self.url(route, &[("_embed", "wp:term")]);
        let send = async |body: &Value| {
            let request = self.client.request(Method::POST, url.clone()).await?;
            self.send(request.json(body), Risk::Changes).await
        };
        let answer = send(body).await?;
        // The tables of old sites hold no letters of four bytes; nothing was written then.
        let cannot_hold = matches!(code(&answer).as_str(), "db_insert_error" | "db_update_error");
        match cannot_hold.then(|| numbered(body)).flatten() {
            Some(plainer) => send(&plainer).await,
            None => Ok(answer),
        }
    }

    /// The site's own title; empty where the site keeps it to itself.
    pub async fn title(&self) -> Result<String, FeedError> {
        #[derive(Deserialize)]
        struct Root {
            #[serde(default)]
            name: String,
        }
        let mut root = self.client.base().clone();
        root.query_pairs_mut().append_pair("_fields", "name");
        let request = self.client.request(Method::GET, root).await?;
        let root = read::<Root>(&self.send(request, Risk::Asks).await?);
        Ok(root.map(|root| crate::feed::render::read_line(&root.name)).unwrap_or_default())
    }

    /// A request to upload with.
    pub async fn upload(&self) -> Result<RequestBuilder, FeedError> {
        self.client.request(Method::POST, self.url("media", &[])).await
    }

    /// Puts a post into the trash, or away for good where the site has no trash.
    pub async fn trash(&self, id: u64) -> Result<(), FeedError> {
        for query in [&[][..], &[("force", "true")]] {
            let answer = self.delete(&format!("posts/{id}"), query).await?;
            if code(&answer) == "rest_trash_not_supported" {
                continue;
            }
            return match read::<Value>(&answer) {
                Ok(_) | Err(FeedError::Gone) => Ok(()),
                Err(error) => Err(error),
            };
        }
        Err(FeedError::Refused)
    }

    async fn delete(&self, route: &str, query: &[(&str, &str)]) -> Result<Answer, FeedError> {
        let url = self.url(route, query);
        let request = self.client.request(Method::DELETE, url.clone()).await?;
        let answer = self.send(request, Risk::Changes).await?;
        // Some hosts let nothing but GET and POST through to WordPress, which knows this header for it.
        if !matches!(answer.status.as_u16(), 403 | 405 | 501) || !code(&answer).is_empty() {
            return Ok(answer);
        }
        let request = self.client.request(Method::POST, url).await?;
        self.send(request.header("X-HTTP-Method-Override", "DELETE"), Risk::Changes).await
    }

    /// A post as its author sees it; nothing where the site says that there is none, or that it lies in the trash.
    pub async fn find(&self, id: u64) -> Result<Option<Post>, FeedError> {
        let query = [("context", "edit"), ("_embed", "wp:term")];
        match self.get::<Post>(&format!("posts/{id}"), &query).await {
            // The answer to another request says nothing of this post.
            Ok(post) if post.id != id => Err(FeedError::Unreachable),
            Ok(post) if post.status == "trash" => Ok(None),
            Ok(post) => self.named(post).await.map(Some),
            Err(FeedError::Gone) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// What plugins put where a text is due counts as none.
fn or_nothing<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    Ok(Value::deserialize(from)?.as_str().unwrap_or_default().to_owned())
}

/// A text as it was written, where the site tells it.
fn raw_or_nothing<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    Ok(Value::deserialize(from)?.get("raw").and_then(Value::as_str).map(str::to_owned))
}

/// A number, also where a plugin made a text of it.
pub(super) fn number<'de, D: Deserializer<'de>>(from: D) -> Result<u64, D::Error> {
    as_number(&Value::deserialize(from)?).ok_or_else(|| D::Error::custom("not a number"))
}

/// Numbers, where all of them are some.
fn numbers_or_nothing<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Vec<u64>>, D::Error> {
    let value = Value::deserialize(from)?;
    Ok(value.as_array().and_then(|all| all.iter().map(as_number).collect()))
}

fn as_number(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_str()?.parse().ok())
}

/// Texts of HTML with every letter beyond the first 65,536 as its number; nothing where there is none.
pub(super) fn numbered(body: &Value) -> Option<Value> {
    let write = |text: &str| -> String {
        text.chars().fold(String::with_capacity(text.len()), |mut written, letter| {
            match u32::from(letter) {
                number @ 0x1_0000.. => written.push_str(&format!("&#x{number:X};")),
                _ => written.push(letter),
            }
            written
        })
    };
    let mut plainer = body.clone();
    for value in plainer.as_object_mut()?.values_mut() {
        if let Value::String(text) = value {
            *text = write(text);
        }
    }
    (plainer != *body).then_some(plainer)
}
