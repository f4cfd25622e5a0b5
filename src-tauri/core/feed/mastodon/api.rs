//! The requests that are made, and what refusals mean. Keeps nothing but how far the server's clock is ahead of ours.

use std::sync::Arc;

use reqwest::header::{ACCEPT, HeaderName};
use reqwest::{Method, RequestBuilder};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use url::Url;

use super::text::Words;
use super::wire::{Account, Media, Scheduled, Sent, Source, Status, instant};
use crate::clock::Clock;
use crate::domain::Timestamp;
use crate::feed::FeedError;
use crate::feed::web::{Answer, Client, LONGEST_WAIT_MILLIS, Lead, Rest, Risk};

/// What is asked for.
pub const JSON: &str = "application/json";

/// Talks to the server.
pub struct Api {
    pub client: Client,
    pub clock: Arc<dyn Clock>,
    /// The server offers everything that is asked for here, so that a page that says otherwise is not its own.
    complete: bool,
    pub lead: Lead,
    pub rest: Rest,
}

impl Api {
    pub fn new(client: Client, clock: Arc<dyn Clock>, complete: bool) -> Self {
        Self { client, clock, complete, lead: Lead::default(), rest: Rest::default() }
    }

    /// Whether the server certainly offers everything that is asked for here, and keeps words as they were written.
    pub fn is_complete(&self) -> bool {
        self.complete
    }

    /// An address under the server's origin.
    pub fn url(&self, path: &str) -> Result<Url, FeedError> {
        self.client.base().join(path).map_err(|_| FeedError::Denied)
    }

    /// Milliseconds that the server's clock is ahead of ours, as it last said.
    pub fn ahead(&self) -> i64 {
        self.lead.millis()
    }

    /// What the server's clock shows, as far as is known.
    pub fn server_now(&self) -> Timestamp {
        self.clock.now().plus_millis(self.ahead())
    }

    /// What the server's clock shows when ours shows that, where it has told.
    pub fn there(&self, here: Timestamp) -> Option<Timestamp> {
        self.lead.there(here)
    }

    /// The later of two times that were noted of one instant, by our clock and by the server's.
    pub fn later(&self, here: Timestamp, there: Option<Timestamp>) -> Timestamp {
        self.lead.later(here, there, self.clock.now())
    }

    async fn request(&self, method: Method, path: &str) -> Result<RequestBuilder, FeedError> {
        Ok(wants_json(self.client.request(method, self.url(path)?).await?))
    }

    async fn send(&self, request: RequestBuilder, risk: Risk) -> Result<Answer, FeedError> {
        let answer = self.client.send(request, risk).await?;
        self.lead.note(&answer, self.clock.now());
        self.rest.note(&answer, self.clock.now());
        Ok(answer)
    }

    /// Asks for something.
    pub async fn get(&self, path: &str, query: &[(&str, &str)]) -> Result<Answer, FeedError> {
        let mut url = self.url(path)?;
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        let request = self.client.request(Method::GET, url).await?;
        self.send(wants_json(request), Risk::Asks).await
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

    /// Asks for something that only Mastodon itself is known to offer: absent where the server does not, which some say by a
    /// page or by leading elsewhere. That is the server's own word if it answers another question.
    pub async fn offered<T: DeserializeOwned>(
        &self,
        path: &str,
        query: &[(&str, &str)],
    ) -> Result<Option<T>, FeedError> {
        let answer = self.get(path, query).await?;
        let (is_json, status) = (answer.is_json(), answer.status);
        if status.is_success() && (is_json || self.complete) {
            return answer.json().map(Some);
        }
        let is_of_the_moment = status.is_server_error() && status.as_u16() != 501;
        match if status.is_success() { answer.unclear() } else { self.refusal(&answer) } {
            FeedError::Gone | FeedError::Refused | FeedError::Denied if is_json => Ok(None),
            FeedError::Gone | FeedError::Refused | FeedError::Denied | FeedError::Unreachable
                if !self.complete && !is_of_the_moment =>
            {
                self.account().await.map(|_| None)
            }
            error => Err(error),
        }
    }

    pub async fn status(&self, id: &str) -> Result<Option<Status>, FeedError> {
        let answer = self.get(&format!("/api/v1/statuses/{id}"), &[]).await?;
        let found: Option<Status> = match answer.status.as_u16() {
            200..=299 => Some(answer.json()?),
            404 | 410 if answer.is_json() => None,
            // Some that are only compatible say it by a page (snac): it is theirs if they answer another question.
            404 | 410 if !self.complete => self.account().await.map(|_| None)?,
            _ => return Err(self.refusal(&answer)),
        };
        // Almost nothing is demanded of an answer, but the name: one of another status answers another request.
        if found.as_ref().is_some_and(|status| status.id != id) {
            return Err(FeedError::Unreachable);
        }
        Ok(found)
    }

    /// A status as it was made, where somebody has edited it since and the server tells
    /// (<https://docs.joinmastodon.org/methods/statuses/#history>).
    pub async fn as_made(&self, status: &Status) -> Result<Option<Status>, FeedError> {
        if status.edited_at.is_none() {
            return Ok(None);
        }
        let path = format!("/api/v1/statuses/{}/history", status.id);
        let told: Option<Value> = self.offered(&path, &[]).await?;
        let versions: Vec<Status> = told.and_then(|told| serde_json::from_value(told).ok()).unwrap_or_default();
        let first = versions.into_iter().min_by_key(|version| instant(&version.created_at));
        Ok(first.map(|first| Status {
            content: first.content,
            spoiler_text: first.spoiler_text,
            media_attachments: first.media_attachments,
            ..status.clone()
        }))
    }

    pub async fn scheduled(&self, id: &str) -> Result<Option<Scheduled>, FeedError> {
        self.find(&format!("/api/v1/scheduled_statuses/{id}")).await
    }

    /// The text of a status as it was written, or, where the server does not tell, what its HTML says.
    pub async fn text(&self, status: &Status) -> Result<Words, FeedError> {
        let answer = self.get(&format!("/api/v1/statuses/{}/source", status.id), &[]).await?;
        let is_gone = matches!(answer.status.as_u16(), 404 | 410) && answer.is_json();
        // Some that do not offer it lead elsewhere, or have a page for whatever is asked.
        let is_elsewhere = answer.status.is_redirection() || (answer.status.is_success() && !answer.is_json());
        if is_gone || ((is_not_offered(&answer) || is_elsewhere) && !self.complete) {
            return Ok(Words::shown(super::read::plain(&status.content)));
        }
        let source: Source =
            if answer.status.is_success() { answer.json()? } else { return Err(self.refusal(&answer)) };
        let shown = super::read::plain(&status.content);
        Ok(match source.text {
            Some(text) if self.complete => Words::written(text),
            Some(text) => Words::rewritten(text, shown),
            None => Words::shown(shown),
        })
    }

    pub async fn account(&self) -> Result<Account, FeedError> {
        self.read("/api/v1/accounts/verify_credentials", &[]).await
    }

    pub async fn media(&self, id: &str) -> Result<Answer, FeedError> {
        self.get(&format!("/api/v1/media/{id}"), &[]).await
    }

    /// Sends a file.
    pub async fn upload(&self, path: &str, form: reqwest::multipart::Form) -> Result<Answer, FeedError> {
        let request = self.request(Method::POST, path).await?;
        self.send(request.multipart(form), Risk::Asks).await
    }

    /// Sends a new status. `key` names it to the server, so that sending it again makes no second one while the server
    /// remembers.
    pub async fn post(&self, body: &impl Serialize, key: &str) -> Result<Sent, FeedError> {
        let request = self.request(Method::POST, "/api/v1/statuses").await?;
        let request = request.header(HeaderName::from_static("idempotency-key"), key).json(body);
        let answer = self.send(request, Risk::Changes).await?;
        let sent: Sent = if answer.status.is_success() { answer.json()? } else { return Err(self.refusal(&answer)) };
        if sent.id.is_empty() { Err(answer.unclear()) } else { Ok(sent) }
    }

    /// Changes a status. [`FeedError::Gone`] also where the server cannot do that at all.
    pub async fn edit(&self, id: &str, body: &impl Serialize) -> Result<(), FeedError> {
        self.change(&format!("/api/v1/statuses/{id}"), body).await
    }

    /// Changes when a status is made public. [`FeedError::Gone`] also where the server cannot do that at all.
    pub async fn reschedule(&self, id: &str, at: Timestamp) -> Result<(), FeedError> {
        self.change(&format!("/api/v1/scheduled_statuses/{id}"), &json!({"scheduled_at": at.to_rfc3339()})).await
    }

    /// Says what a file shows.
    pub async fn describe(&self, id: &str, alt: &str) -> Result<(), FeedError> {
        self.change(&format!("/api/v1/media/{id}"), &json!({"description": alt})).await
    }

    async fn change(&self, path: &str, body: &impl Serialize) -> Result<(), FeedError> {
        let request = self.request(Method::PUT, path).await?;
        let answer = self.send(request.json(body), Risk::Changes).await?;
        match answer.status.as_u16() {
            200..=299 => answer.json::<Sent>().map(drop),
            405 | 501 => Err(FeedError::Gone),
            404 if !self.complete => Err(FeedError::Gone),
            _ => Err(self.refusal(&answer)),
        }
    }

    /// Takes a status away. Answers whether it was there.
    pub async fn delete(&self, path: &str) -> Result<bool, FeedError> {
        let request = self.request(Method::DELETE, path).await?;
        let answer = self.send(request, Risk::Changes).await?;
        match answer.status.as_u16() {
            // Something in between that answers with a page did not take it away.
            200..=299 if answer.is_json() || answer.body.is_empty() => Ok(true),
            200..=299 => Err(answer.unclear()),
            404 | 410 => Ok(false),
            _ => Err(self.refusal(&answer)),
        }
    }

    /// What an answer without success means.
    pub fn refusal(&self, answer: &Answer) -> FeedError {
        let says = |words: &[&str]| says(&answer.body, words);
        match answer.status.as_u16() {
            400 | 422 if says(&TOO_LARGE) => FeedError::TooLarge(None),
            400 | 422 if says(&TOO_LONG) => FeedError::TooLong,
            // Pixelfed: an earlier request with the same key reached it, whatever came of that.
            400 if says(&["duplicate idempotency"]) => FeedError::Lost,
            // Pleroma does not know the token any more.
            403 if says(&["invalid credentials", "invalid token"]) => FeedError::SignedOut,
            // Pixelfed takes nothing without a photo.
            403 if says(&["empty status"]) => FeedError::Refused,
            // It cannot do that, and says so (GoToSocial, Iceshrimp).
            501 => FeedError::Refused,
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
        let now = answer.date().unwrap_or_else(|| self.clock.now());
        Some(reset.as_millis().saturating_sub(now.as_millis()).clamp(1_000, LONGEST_WAIT_MILLIS))
    }
}

/// A request that is to be answered with JSON: some servers answer with a page or a redirect otherwise (Pixelfed).
pub fn wants_json(request: RequestBuilder) -> RequestBuilder {
    request.header(ACCEPT, JSON)
}

/// Whether a server says that it does not offer what it was asked for.
pub fn is_not_offered(answer: &Answer) -> bool {
    matches!(answer.status.as_u16(), 403..=405 | 410 | 501)
}

/// Servers answer a text that is too long as any other refused one; the words are Mastodon's and those of its relatives.
const TOO_LONG: [&str; 5] =
    ["character limit", "too long", "too many characters", "exceeds", "must not be greater than"];
/// And so for a file.
const TOO_LARGE: [&str; 5] = ["size must be", "too large", "file size", "larger than", "kilobytes"];

fn says(body: &[u8], words: &[&str]) -> bool {
    let text = String::from_utf8_lossy(body).to_lowercase();
    words.iter().any(|words| text.contains(words))
}

/// A file as an answer tells of it.
pub fn is_ready(media: &Media) -> bool {
    media.url.as_deref().is_some_and(|url| !url.is_empty())
}
