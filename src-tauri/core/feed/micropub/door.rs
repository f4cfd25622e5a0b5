//! The requests of Micropub (<https://www.w3.org/TR/micropub/>) and what their answers mean. Knows no post: it takes and gives
//! properties and addresses. Each endpoint has a client of its own, so that credentials go to these two origins only.

use std::sync::atomic::{AtomicBool, Ordering};

use reqwest::header::ACCEPT;
use reqwest::multipart::{Form, Part as FormPart};
use reqwest::{Method, RequestBuilder};
use serde_json::{Map, Value, json};
use tokio::sync::OnceCell;
use url::Url;

use super::destination::{DESTINATION, OTHERS, destinations, lies_in};
use super::discover::{MICROPUB, discover, same_trust};
use super::refusal::refusal;
use super::source::Source;
use super::told::{Acted, Config, Listed, Made, Seen};
use crate::feed::FeedError;
use crate::feed::web::{Answer, Client, Lead, Rest, Risk, Site};

/// Where files are uploaded, in [`crate::domain::destination::Facts::endpoints`].
pub(super) const MEDIA: &str = "media";
/// Whether the server says anything of itself; there with any value where it does.
pub(super) const CONFIG: &str = "config";
/// Whether the server lists what it holds; there with any value where it does.
pub(super) const LIST: &str = "list";

/// Texts of a form with their names.
pub(super) type Fields = Vec<(String, String)>;

/// The way in to a site.
pub(super) struct Door {
    pub site: Site,
    pub lead: Lead,
    pub rest: Rest,
    micropub: OnceCell<Client>,
    media: OnceCell<Option<Client>>,
    /// The server knows its entries by path, not by whole address.
    by_path: AtomicBool,
}

/// What a script that failed is answered with. Any other of this kind may be said by something before it.
const FAILED: u16 = 500;

impl Door {
    pub fn new(site: Site) -> Self {
        let (micropub, media) = (OnceCell::new(), OnceCell::new());
        Self { site, lead: Lead::default(), rest: Rest::default(), micropub, media, by_path: AtomicBool::new(false) }
    }

    /// The client of the endpoint that posts are made at.
    pub async fn micropub(&self) -> Result<&Client, FeedError> {
        let make = || async {
            let known = self.site.facts.endpoints.get(MICROPUB).and_then(|url| Url::parse(url).ok());
            let endpoint = match known {
                Some(endpoint) => endpoint,
                None => self.look_for_endpoint().await?,
            };
            self.client(endpoint)
        };
        self.micropub.get_or_try_init(make).await
    }

    async fn look_for_endpoint(&self) -> Result<Url, FeedError> {
        let found = discover(&self.site.place, self.site.plain_http, self.site.patience).await?;
        let endpoint = found.and_then(|found| Url::parse(found.endpoints.get(MICROPUB)?).ok());
        endpoint.ok_or(FeedError::Unreachable)
    }

    /// The client of the endpoint that files are uploaded to, if there is one.
    pub async fn media(&self) -> Result<Option<&Client>, FeedError> {
        let make = || async {
            let known = self.site.facts.endpoints.get(MEDIA).cloned();
            let told = match known {
                Some(told) => Some(told),
                None => self.config().await?.media_endpoint,
            };
            match told {
                Some(told) => self.client(self.named(&told).await?).map(Some),
                None => Ok(None),
            }
        };
        Ok(self.media.get_or_try_init(make).await?.as_ref())
    }

    /// An address that the server named and that may get the user's sign-in.
    pub async fn named(&self, address: &str) -> Result<Url, FeedError> {
        let endpoint = self.micropub().await?.base().clone();
        let url = endpoint.join(address).map_err(|_| FeedError::Refused)?;
        if same_trust(&endpoint, &url) { Ok(url) } else { Err(FeedError::Denied) }
    }

    fn client(&self, endpoint: Url) -> Result<Client, FeedError> {
        Client::new(endpoint, self.site.credentials.clone(), self.site.plain_http, self.site.patience)
    }

    /// What the server says of itself; nothing where it does not tell.
    pub async fn config(&self) -> Result<Config, FeedError> {
        let answer = self.query(&[("q", "config")]).await?;
        let is_word = answer.body.trim_ascii().is_empty() || !(answer.is_json() || answer.is_page());
        match (answer.status.as_u16(), answer.json_untold::<Value>()) {
            (204 | 400 | 404 | 405 | 501, _) => Ok(Config::default()),
            (200..=299, Ok(told)) => {
                let media = told.get("media-endpoint").and_then(Value::as_str).map(str::trim);
                let media_endpoint = media.filter(|media| !media.is_empty()).map(str::to_owned);
                let is_told = told.is_object() || told.is_array();
                Ok(Config { is_told, media_endpoint, destinations: destinations(&told) })
            }
            (200..=299, Err(_)) if is_word => Ok(Config::default()),
            (200..=299, Err(unclear)) => Err(unclear),
            _ => Err(refusal(&answer)),
        }
    }

    /// Whether the endpoint answers at this time as it did when it was set up: one that was taken away, or that something stands in
    /// for, knows no entry either.
    pub async fn is_up(&self) -> Result<bool, FeedError> {
        let was_told = [CONFIG, MEDIA].iter().any(|name| self.site.facts.endpoints.contains_key(*name));
        Ok(self.config().await?.is_told || !was_told)
    }

    /// Reads one entry back.
    pub async fn source(&self, url: &str) -> Result<Seen, FeedError> {
        let mut seen = Seen::NotThere;
        for form in self.forms(url).await? {
            let answer = self.query(&self.of_source(&[("url", form.text.as_str())])).await?;
            let told = answer.json_untold::<Value>();
            match (answer.status.as_u16(), told) {
                (200..=299, Ok(told)) => {
                    // Some servers answer every question, and with nothing where they do not know it.
                    let Some(source) = Source::of(told) else {
                        seen = Seen::Cannot;
                        continue;
                    };
                    self.by_path.store(form.by_path, Ordering::Relaxed);
                    return Ok(if source.is_taken_away() { Seen::NotThere } else { Seen::There(source) });
                }
                (200..=299, _) if self.is_no_answer(&answer).await? => seen = Seen::Cannot,
                (200..=299, _) => return Err(answer.unclear()),
                (400 | 404 | 410, _) if answer.is_page() => match self.is_itself().await? {
                    true => seen = Seen::Cannot,
                    false => return Err(answer.unclear()),
                },
                (400 | 404 | 410, _) => match refusal(&answer) {
                    FeedError::SignedOut => return Err(FeedError::SignedOut),
                    FeedError::Denied => seen = Seen::Cannot,
                    _ => {}
                },
                (405 | 501, _) => seen = Seen::Cannot,
                _ => return Err(refusal(&answer)),
            }
        }
        if matches!(seen, Seen::NotThere) && !self.is_up().await? {
            return Err(FeedError::Unreachable);
        }
        Ok(seen)
    }

    /// The same; nothing where the server fails over this one entry, and answers otherwise.
    pub async fn source_if_told(&self, url: &str) -> Result<Option<Seen>, FeedError> {
        match self.source(url).await {
            Err(FeedError::Unreachable) if self.is_up().await? => Ok(None),
            seen => seen.map(Some),
        }
    }

    /// Whether something else than JSON is the endpoint's own way to say that it does not know the question. A page, or a word, is its
    /// own if it answers another question.
    async fn is_no_answer(&self, answer: &Answer) -> Result<bool, FeedError> {
        let is_empty = answer.body.trim_ascii().is_empty();
        Ok(is_empty || (!answer.is_json() && self.is_itself().await?))
    }

    /// Whether it is the endpoint that answers at this time, and not something in between.
    async fn is_itself(&self) -> Result<bool, FeedError> {
        let answer = self.query(&[("q", "config")]).await?;
        Ok(answer.json_untold::<Value>().is_ok_and(|told| told.is_object()))
    }

    /// A page of everything that lies there; nothing where the server does not list.
    pub async fn list(&self, limit: usize, offset: usize, after: Option<&str>) -> Result<Option<Listed>, FeedError> {
        let (limit, offset) = (limit.to_string(), offset.to_string());
        let from = after.map_or(("offset", offset.as_str()), |after| ("after", after));
        let answer = self.query(&self.of_source(&[("limit", limit.as_str()), from])).await?;
        match answer.status.as_u16() {
            // What never listed fails over the question.
            500 if !self.site.facts.endpoints.contains_key(LIST) => Ok(None),
            400 | 403 | 404 | 405 | 501 => match refusal(&answer) {
                FeedError::SignedOut => Err(FeedError::SignedOut),
                _ => Ok(None),
            },
            200..=299 => {
                let mut page = match answer.json_untold::<Value>() {
                    Err(_) if self.is_no_answer(&answer).await? => return Ok(None),
                    page => page?,
                };
                let items = page.get_mut("items").and_then(Value::as_array_mut).map(std::mem::take);
                let after = page.pointer("/paging/after").and_then(Value::as_str).map(str::to_owned);
                let items = items.map(|items| items.into_iter().filter_map(Source::of).collect());
                Ok(items.map(|items| Listed { items, after }))
            }
            _ => Err(refusal(&answer)),
        }
    }

    /// Makes an entry.
    pub async fn create(&self, properties: &Map<String, Value>) -> Result<Made, FeedError> {
        let body = json!({ "type": ["h-entry"], "properties": properties });
        self.made(&self.post(&body).await?).await
    }

    /// Makes an entry from a form, which can carry files.
    pub async fn create_from(&self, fields: Fields, files: Vec<(String, FormPart)>) -> Result<Made, FeedError> {
        let client = self.micropub().await?;
        let request = client.request(Method::POST, client.base().clone()).await?.header(ACCEPT, "application/json");
        let request = if files.is_empty() {
            request.form(&fields)
        } else {
            let form = fields.into_iter().fold(Form::new(), |form, (name, value)| form.text(name, value));
            request.multipart(files.into_iter().fold(form, |form, (name, file)| form.part(name, file)))
        };
        self.made(&self.send(client, request, Risk::Changes).await?).await
    }

    async fn made(&self, answer: &Answer) -> Result<Made, FeedError> {
        let made = |promised: bool| async move {
            // One that went to another blog is not the one that was meant.
            let url = self.location(answer).await.filter(|url| !self.is_elsewhere(url)).ok_or(FeedError::Lost)?;
            Ok(Made::At { url, promised })
        };
        match answer.status.as_u16() {
            201 => made(false).await,
            202 => made(true).await,
            // Neither what a server says that made one nor what one says that did not.
            200..=299 => Err(FeedError::Lost),
            // What a script says that made one and names its address, without saying so; and also what one says that wants
            // somebody to sign in first.
            302 | 303 if self.is_here(answer).await => Err(FeedError::Lost),
            // A site that moved, and a network that wants a sign-in first, send every request elsewhere. One that sends only this
            // one elsewhere may have done it before.
            300..=399 => match self.is_itself().await {
                Ok(false) => Err(FeedError::Unreachable),
                Ok(true) | Err(_) => Err(FeedError::Lost),
            },
            FAILED => Ok(Made::Failed),
            // There is no endpoint any more, which says nothing about the post.
            404 | 410 if !answer.is_page() => Err(FeedError::Unreachable),
            status => match refusal(answer) {
                FeedError::Refused if [405, 411, 414, 415, 501].contains(&status) => Ok(Made::Not),
                FeedError::Refused => Ok(Made::Doubtful),
                error => Err(error),
            },
        }
    }

    /// Whether an answer leads to another page of the same site.
    async fn is_here(&self, answer: &Answer) -> bool {
        let (next, endpoint) = (self.location(answer).await, self.micropub().await);
        let own = |url: &Url| endpoint.is_ok_and(|client| client.base().host() == url.host());
        next.is_some_and(|url| own(&url) || self.site.place.host() == url.host())
    }

    /// Does something to an entry: `update`, `delete` or `undelete`. Answers its address where that is another now.
    pub async fn act(&self, url: &str, body: &Value) -> Result<Option<Url>, FeedError> {
        match self.try_to(url, body).await? {
            Acted::Done(moved) => Ok(moved),
            Acted::Failed => Err(FeedError::Lost),
        }
    }

    /// The same where it matters that the server failed over it.
    pub async fn try_to(&self, url: &str, body: &Value) -> Result<Acted, FeedError> {
        let mut error = FeedError::Gone;
        let changes = body["action"] == "update";
        for form in self.forms(url).await? {
            let mut body = body.clone();
            if let Some(fields) = body.as_object_mut() {
                fields.insert("url".to_owned(), form.text.into());
            }
            let answer = self.post(&body).await?;
            match answer.status.as_u16() {
                200..=299 if answer.location().is_none() && answer.is_page() => return Err(answer.unclear()),
                200..=299 => {
                    let now = self.location(&answer).await.filter(|now| now.as_str() != url);
                    return Ok(Acted::Done(now));
                }
                FAILED => return Ok(Acted::Failed),
                // It does not know how to change anything, whatever is in it.
                405 | 501 if changes => return Err(FeedError::CannotChange),
                400 | 404 if !answer.is_page() => error = refusal(&answer),
                _ => return Err(refusal(&answer)),
            }
        }
        Err(error)
    }

    /// Takes an entry away at a server that takes forms only.
    pub async fn delete_by_form(&self, url: &str) -> Result<(), FeedError> {
        let client = self.micropub().await?;
        let request =
            client.request(Method::POST, client.base().clone()).await?.form(&[("action", "delete"), ("url", url)]);
        let answer = self.send(client, request.header(ACCEPT, "application/json"), Risk::Changes).await?;
        if answer.status.is_success() && !answer.is_page() { Ok(()) } else { Err(refusal(&answer)) }
    }

    /// Uploads a file and answers its address. A file that was uploaded twice is seen by nobody, so an answer without its address only
    /// means that it has to be sent again: [`FeedError::Lost`].
    pub async fn upload(&self, file: FormPart) -> Result<Url, FeedError> {
        let client = self.media().await?.ok_or(FeedError::Refused)?;
        let request = client.request(Method::POST, client.base().clone()).await?;
        let sent = self.send(client, request.multipart(Form::new().part("file", file)), Risk::Asks).await?;
        if !sent.status.is_success() {
            return Err(match refusal(&sent) {
                // Of a place for files this says nothing about the post.
                FeedError::Gone | FeedError::Unreachable => FeedError::Lost,
                FeedError::Busy(None) if sent.status.is_server_error() => FeedError::Lost,
                error => error,
            });
        }
        // Some servers write it into the body only.
        let told = sent.json_untold::<Value>().ok();
        let told = told.as_ref().and_then(|told| told.get("url")?.as_str());
        let url = sent.location().or(told).and_then(|url| client.base().join(url.trim()).ok());
        url.filter(is_on_the_web).ok_or(FeedError::Lost)
    }

    async fn location(&self, answer: &Answer) -> Option<Url> {
        let url = self.micropub().await.ok()?.base().join(answer.location()?).ok()?;
        Some(url).filter(is_on_the_web)
    }

    /// The blog that is written to, where there are several.
    pub fn destination(&self) -> Option<&str> {
        self.site.facts.endpoints.get(DESTINATION).map(String::as_str)
    }

    /// Whether an address is of another blog than the one that was written to.
    fn is_elsewhere(&self, url: &Url) -> bool {
        let others = self.site.facts.endpoints.get(OTHERS).map(String::as_str).unwrap_or_default();
        let is_ours = self.destination().is_some_and(|uid| lies_in(url, uid));
        !is_ours && others.split(' ').any(|uid| !uid.is_empty() && lies_in(url, uid))
    }

    /// A question for what is there.
    fn of_source<'a>(&'a self, what: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
        let destination = self.destination().map(|uid| ("mp-destination", uid));
        [("q", "source")].into_iter().chain(what.iter().copied()).chain(destination).collect()
    }

    async fn query(&self, query: &[(&str, &str)]) -> Result<Answer, FeedError> {
        let client = self.micropub().await?;
        let request = client.request(Method::GET, client.base().clone()).await?.query(query);
        let answer = self.send(client, request.header(ACCEPT, "application/json"), Risk::Asks).await?;
        self.lead.note(&answer, self.site.clock.now());
        Ok(answer)
    }

    async fn post(&self, body: &Value) -> Result<Answer, FeedError> {
        let client = self.micropub().await?;
        let request: RequestBuilder = client.request(Method::POST, client.base().clone()).await?;
        self.send(client, request.header(ACCEPT, "application/json").json(body), Risk::Changes).await
    }

    async fn send(&self, client: &Client, request: RequestBuilder, risk: Risk) -> Result<Answer, FeedError> {
        let answer = client.send(request, risk).await?;
        self.rest.note(&answer, self.site.clock.now());
        Ok(answer)
    }

    /// The forms in which the server may know an entry, the one that it knew the last one by first.
    async fn forms(&self, url: &str) -> Result<Vec<Named>, FeedError> {
        let whole = Named { text: url.to_owned(), by_path: false };
        let Ok(parsed) = Url::parse(url) else { return Ok(vec![whole]) };
        let own = [self.micropub().await?.base().origin(), self.site.place.origin()];
        if !own.contains(&parsed.origin()) {
            return Ok(vec![whole]);
        }
        let path = match parsed.query() {
            Some(query) => format!("{}?{query}", parsed.path()),
            None => parsed.path().to_owned(),
        };
        let path = Named { text: path, by_path: true };
        Ok(if self.by_path.load(Ordering::Relaxed) { vec![path, whole] } else { vec![whole, path] })
    }
}

fn is_on_the_web(url: &Url) -> bool {
    matches!(url.scheme(), "http" | "https")
}

/// An entry's address as it is said to the server.
struct Named {
    text: String,
    by_path: bool,
}
