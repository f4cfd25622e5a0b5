//! The requests that are made, and what refusals mean. Keeps nothing.

use std::sync::Arc;

use jiff::fmt::rfc2822;
use reqwest::Method;
use reqwest::header::HeaderName;
use serde::Serialize;
use serde::de::DeserializeOwned;
use url::Url;

use super::wire::{Account, Media, Scheduled, Sent, Source, Status, instant};
use crate::clock::Clock;
use crate::domain::Timestamp;
use crate::feed::FeedError;
use crate::feed::web::{Answer, Client, Risk};

/// A wait that the server asks for is at most this long; after it, it is asked again.
const LONGEST_WAIT_MILLIS: i64 = 60 * 60 * 1_000;

/// Talks to the server.
pub struct Api {
    pub client: Client,
    pub clock: Arc<dyn Clock>,
}

impl Api {
    pub fn new(client: Client, clock: Arc<dyn Clock>) -> Self {
        Self { client, clock }
    }

    /// An address under the server's origin.
    pub fn url(&self, path: &str) -> Result<Url, FeedError> {
        self.client.base().join(path).map_err(|_| FeedError::Denied)
    }

    /// Asks for something.
    pub async fn get(&self, path: &str, query: &[(&str, &str)]) -> Result<Answer, FeedError> {
        let mut url = self.url(path)?;
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        let request = self.client.request(Method::GET, url).await?;
        self.client.send(request, Risk::Asks).await
    }

    /// Asks for something that must be there.
    pub async fn read<T: DeserializeOwned>(&self, path: &str, query: &[(&str, &str)]) -> Result<T, FeedError> {
        let answer = self.get(path, query).await?;
        if answer.status.is_success() { answer.json() } else { Err(self.refusal(&answer)) }
    }

    /// Asks for something that may be gone.
    pub async fn find<T: DeserializeOwned>(&self, path: &str) -> Result<Option<T>, FeedError> {
        match self.read(path, &[]).await {
            Ok(found) => Ok(Some(found)),
            Err(FeedError::Gone) => Ok(None),
            Err(error) => Err(error),
        }
    }

    pub async fn status(&self, id: &str) -> Result<Option<Status>, FeedError> {
        self.find(&format!("/api/v1/statuses/{id}")).await
    }

    pub async fn scheduled(&self, id: &str) -> Result<Option<Scheduled>, FeedError> {
        self.find(&format!("/api/v1/scheduled_statuses/{id}")).await
    }

    /// The text of a status as it was written, or, where the server does not tell, what its HTML says.
    pub async fn text(&self, status: &Status) -> Result<String, FeedError> {
        let source: Option<Source> = self.find(&format!("/api/v1/statuses/{}/source", status.id)).await?;
        Ok(source.map_or_else(|| super::read::plain(&status.content), |source| source.text))
    }

    pub async fn account(&self) -> Result<Account, FeedError> {
        self.read("/api/v1/accounts/verify_credentials", &[]).await
    }

    pub async fn media(&self, id: &str) -> Result<Answer, FeedError> {
        self.get(&format!("/api/v1/media/{id}"), &[]).await
    }

    /// Sends a new status. `key` names it to the server, so that sending it again makes no second one while the server
    /// remembers.
    pub async fn post(&self, body: &impl Serialize, key: &str) -> Result<Sent, FeedError> {
        let request = self.client.request(Method::POST, self.url("/api/v1/statuses")?).await?;
        let request = request.header(HeaderName::from_static("idempotency-key"), key).json(body);
        let answer = self.client.send(request, Risk::Changes).await?;
        let sent: Sent = if answer.status.is_success() { answer.json()? } else { return Err(self.refusal(&answer)) };
        if sent.id.is_empty() { Err(answer.unclear()) } else { Ok(sent) }
    }

    /// Changes a status.
    pub async fn edit(&self, id: &str, body: &impl Serialize) -> Result<(), FeedError> {
        let request = self.client.request(Method::PUT, self.url(&format!("/api/v1/statuses/{id}"))?).await?;
        let answer = self.client.send(request.json(body), Risk::Changes).await?;
        if answer.status.is_success() { answer.json::<Sent>().map(drop) } else { Err(self.refusal(&answer)) }
    }

    /// Takes a status away; one that is not there is as good as taken away.
    pub async fn delete(&self, path: &str) -> Result<(), FeedError> {
        let request = self.client.request(Method::DELETE, self.url(path)?).await?;
        let answer = self.client.send(request, Risk::Changes).await?;
        match answer.status.as_u16() {
            // Something in between that answers with a page did not take it away.
            200..=299 if answer.is_json() || answer.body.is_empty() => Ok(()),
            200..=299 => Err(answer.unclear()),
            404 | 410 => Ok(()),
            _ => Err(self.refusal(&answer)),
        }
    }

    /// What an answer without success means.
    pub fn refusal(&self, answer: &Answer) -> FeedError {
        match answer.status.as_u16() {
            422 | 400 if says_too_long(&answer.body) => FeedError::TooLong,
            429 => FeedError::Busy(answer.retry_after().or_else(|| self.reset_in(answer))),
            // Only the feed itself can say that something is gone, and it says so in JSON.
            404 | 410 if !answer.is_json() => answer.unclear(),
            _ => answer.error(),
        }
    }

    /// Milliseconds until the server counts anew (<https://docs.joinmastodon.org/api/rate-limits/>), by its own clock where it
    /// tells the time.
    fn reset_in(&self, answer: &Answer) -> Option<i64> {
        let reset = instant(answer.header("x-ratelimit-reset")?)?;
        let now = server_time(answer).unwrap_or_else(|| self.clock.now());
        Some(reset.as_millis().saturating_sub(now.as_millis()).clamp(1_000, LONGEST_WAIT_MILLIS))
    }
}

/// What the server's clock shows.
pub fn server_time(answer: &Answer) -> Option<Timestamp> {
    let date = rfc2822::parse(answer.header("date")?).ok()?;
    Some(Timestamp::from_millis(date.timestamp().as_millisecond()))
}

/// Servers answer a text that is too long as any other refused one; the words are Mastodon's and those of its relatives.
fn says_too_long(body: &[u8]) -> bool {
    let text = String::from_utf8_lossy(body).to_lowercase();
    ["character limit", "too long", "too many characters", "exceeds"].iter().any(|words| text.contains(words))
}

/// A file as an answer tells of it.
pub fn is_ready(media: &Media) -> bool {
    media.url.as_deref().is_some_and(|url| !url.is_empty())
}
