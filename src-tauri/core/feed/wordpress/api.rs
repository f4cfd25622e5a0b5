//! The WordPress REST API (<https://developer.wordpress.org/rest-api/reference/>) as far as posts need it: addresses, what is
//! read, and what a refusal means. Decides nothing.

use std::collections::BTreeMap;

use reqwest::{Method, RequestBuilder};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use url::Url;

use crate::feed::FeedError;
use crate::feed::web::{Answer, Client, Risk};

/// Every state a post can be in but the trash.
pub(super) const STANDING: &str = "publish,future,draft,pending,private";

/// Talks to the API of one site.
#[derive(Clone)]
pub(super) struct Api {
    pub client: Client,
}

/// A post. Only what was asked for with `context=edit` has raw texts.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Post {
    pub id: u64,
    pub status: String,
    #[serde(default)]
    pub slug: String,
    #[serde(default)]
    pub link: String,
    pub date_gmt: Option<String>,
    pub modified_gmt: Option<String>,
    #[serde(default)]
    pub title: Text,
    #[serde(default)]
    pub content: Text,
    #[serde(default, rename = "_embedded")]
    pub embedded: BTreeMap<String, Value>,
}

/// A text as it was written.
#[derive(Debug, Clone, Default, Deserialize)]
pub(super) struct Text {
    pub raw: Option<String>,
}

/// A tag or category.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Term {
    pub id: u64,
    pub name: String,
    #[serde(default)]
    pub slug: String,
    #[serde(default)]
    pub taxonomy: String,
}

/// An uploaded file.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Upload {
    pub id: u64,
    pub source_url: String,
    #[serde(default)]
    pub slug: String,
    #[serde(default)]
    pub media_details: Value,
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

    /// How many bytes WordPress says the file has, where it says so of the bytes that were sent.
    pub fn bytes(&self) -> Option<u64> {
        let is_other = self.media_details.get("original_image").is_some();
        self.media_details.get("filesize").and_then(Value::as_u64).filter(|_| !is_other)
    }
}

/// Why something was refused.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Told {
    code: String,
    data: Value,
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

    /// Asks for something.
    pub async fn get<T: DeserializeOwned>(&self, route: &str, query: &[(&str, &str)]) -> Result<T, FeedError> {
        read(&self.answer(route, query).await?)
    }

    /// Asks for something and hands out the whole answer.
    pub async fn answer(&self, route: &str, query: &[(&str, &str)]) -> Result<Answer, FeedError> {
        let request = self.client.request(Method::GET, self.url(route, query)).await?;
        self.client.send(request, Risk::Asks).await
    }

    /// Makes or changes something.
    pub async fn post<T: DeserializeOwned>(&self, route: &str, body: &Value) -> Result<T, FeedError> {
        // The names of topics come along, so that what was made need not be asked for again.
        let request = self.client.request(Method::POST, self.url(route, &[("_embed", "wp:term")])).await?;
        read(&self.client.send(request.json(body), Risk::Changes).await?)
    }

    /// The site's own title.
    pub async fn title(&self) -> Result<String, FeedError> {
        #[derive(Deserialize)]
        struct Root {
            #[serde(default)]
            name: String,
        }
        let request = self.client.request(Method::GET, self.client.base().clone()).await?;
        let root: Root = read(&self.client.send(request, Risk::Asks).await?)?;
        Ok(crate::feed::render::read_line(&root.name))
    }

    /// A request to upload with.
    pub async fn upload(&self) -> Result<RequestBuilder, FeedError> {
        self.client.request(Method::POST, self.url("media", &[])).await
    }

    /// Puts a post into the trash, or away for good where the site has no trash.
    pub async fn trash(&self, id: u64) -> Result<(), FeedError> {
        for query in [&[][..], &[("force", "true")]] {
            let request = self.client.request(Method::DELETE, self.url(&format!("posts/{id}"), query)).await?;
            let answer = self.client.send(request, Risk::Changes).await?;
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

    /// A post as its author sees it; nothing where the site says that there is none, or that it lies in the trash.
    pub async fn find(&self, id: u64) -> Result<Option<Post>, FeedError> {
        let query = [("context", "edit"), ("_embed", "wp:term")];
        match self.get::<Post>(&format!("posts/{id}"), &query).await {
            Ok(post) if post.status == "trash" => Ok(None),
            Ok(post) => Ok(Some(post)),
            Err(FeedError::Gone) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// The content of an answer, or what its refusal means.
pub(super) fn read<T: DeserializeOwned>(answer: &Answer) -> Result<T, FeedError> {
    if answer.status.is_success() { answer.json() } else { Err(refusal(answer)) }
}

/// The name WordPress gives to a refusal; empty where it gives none.
pub(super) fn code(answer: &Answer) -> String {
    told(answer).code
}

fn told(answer: &Answer) -> Told {
    if answer.status.is_success() || !answer.is_json() {
        return Told::default();
    }
    serde_json::from_slice(&answer.body).unwrap_or_default()
}

/// What a refusal means. Its name counts for more than its number, which is 500 for some things that will never work; a number
/// without a name may be that of something in between.
pub(super) fn refusal(answer: &Answer) -> FeedError {
    let Told { code, data } = told(answer);
    let about_status = data.pointer("/params/status").is_some();
    match (answer.status.as_u16(), code.as_str()) {
        (_, "rest_post_invalid_id" | "rest_already_trashed") => FeedError::Gone,
        (_, "incorrect_password" | "invalid_username" | "invalid_email" | "rest_not_logged_in") => FeedError::SignedOut,
        (_, "application_passwords_disabled" | "application_passwords_disabled_for_user") => FeedError::SignedOut,
        // Who is not signed in may not ask for drafts, which reads as a wrong question.
        (400, "rest_invalid_param") if about_status => FeedError::SignedOut,
        (_, "rest_upload_file_too_big") => FeedError::TooLarge,
        (_, "rest_upload_limited_space" | "rest_upload_user_quota_exceeded") => FeedError::Full,
        (500, code) if code.starts_with("rest_upload_") => FeedError::Refused,
        // Not an item that is gone, but a site without this API.
        (404 | 410, _) => FeedError::Unreachable,
        _ => answer.error(),
    }
}
