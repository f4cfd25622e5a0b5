//! Requests to one site, and what their answers mean. Credentials go to the site's own origin and nowhere else, redirects are
//! not followed with them, plain `http` only where it is allowed, every answer is bounded in size and time.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use async_trait::async_trait;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue, LOCATION, RETRY_AFTER};
use reqwest::{Method, Request, RequestBuilder, StatusCode, redirect};
use serde::de::DeserializeOwned;
use tokio::fs::File;
use tokio::io::AsyncWriteExt;
use url::{Host, Url};

use crate::domain::Secret;
use crate::feed::FeedError;

/// An answer may hold this many bytes: a page of posts, each of up to a megabyte, and not a disk full.
const LONGEST_ANSWER: usize = 32 << 20;

/// How the user is known to a site.
#[derive(Debug, Clone)]
pub enum SignIn {
    /// Not at all.
    Anonymous,
    /// By name and application password (RFC 7617).
    Basic {
        /// The name.
        user: String,
        /// The password.
        password: Secret,
    },
    /// By token (RFC 6750).
    Bearer(Secret),
}

/// Where the sign-in of a feed comes from. Asked for every request, so that a keychain that is unlocked later is enough.
#[async_trait]
pub trait Credentials: Send + Sync {
    /// The sign-in; [`FeedError::SignedOut`] when it is not at hand.
    async fn sign_in(&self) -> Result<SignIn, FeedError>;

    /// Told that the site did not take a token: another to try once, where one can be had.
    async fn instead_of(&self, _refused: &Secret) -> Result<Option<Secret>, FeedError> {
        Ok(None)
    }
}

#[async_trait]
impl Credentials for SignIn {
    async fn sign_in(&self) -> Result<SignIn, FeedError> {
        Ok(self.clone())
    }
}

/// How long a site may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// Until a connection is there.
    pub connect: Duration,
    /// Between two signs of life.
    pub stall: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self { connect: Duration::from_secs(10), stall: Duration::from_secs(30) }
    }
}

/// What a request may do at the site: decides what a lost answer means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Risk {
    /// It only asks; without an answer nothing happened.
    Asks,
    /// It changes something; without an answer nobody knows.
    Changes,
}

/// Talks to one site.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    base: Url,
    patience: Patience,
    credentials: Arc<dyn Credentials>,
}

/// A complete answer.
#[derive(Debug)]
pub struct Answer {
    /// Its status.
    pub status: StatusCode,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body.
    pub body: Vec<u8>,
    risk: Risk,
}

impl Client {
    /// A client for the site at `base`. [`FeedError::Denied`] for an address that must not be talked to: plain `http` to another
    /// computer, unless `plain_http` says that the user allowed it.
    pub fn new(
        base: Url,
        credentials: Arc<dyn Credentials>,
        plain_http: bool,
        patience: Patience,
    ) -> Result<Self, FeedError> {
        if !may_talk_to(&base, plain_http) {
            return Err(FeedError::Denied);
        }
        provide_cryptography();
        let http = reqwest::Client::builder()
            .user_agent(concat!("Sampan/", env!("CARGO_PKG_VERSION")))
            .redirect(redirect::Policy::none())
            .connect_timeout(patience.connect)
            .read_timeout(patience.stall)
            .tls_version_min(reqwest::tls::Version::TLS_1_2)
            .build();
        let http = http.map_err(|error| {
            tracing::warn!(%error, "no network client");
            FeedError::Unreachable
        })?;
        Ok(Self { http, base, patience, credentials })
    }

    /// The site's address.
    pub fn base(&self) -> &Url {
        &self.base
    }

    /// How long the site may take.
    pub fn patience(&self) -> Patience {
        self.patience
    }

    /// A request with the user's sign-in. [`FeedError::Denied`] for an address of another origin, which gets no credentials.
    pub async fn request(&self, method: Method, url: Url) -> Result<RequestBuilder, FeedError> {
        if url.origin() != self.base.origin() {
            return Err(FeedError::Denied);
        }
        let request = self.http.request(method, url);
        Ok(match self.credentials.sign_in().await? {
            SignIn::Anonymous => request,
            SignIn::Basic { user, password } => request.basic_auth(user, Some(password.expose())),
            SignIn::Bearer(token) => request.header(AUTHORIZATION, bearing(&token)?),
        })
    }

    /// A request without any sign-in, to any address that may be talked to.
    pub fn anonymous(&self, method: Method, url: Url) -> RequestBuilder {
        self.http.request(method, url)
    }

    /// Writes what a request is answered with into a file, however large it is up to `most` bytes, and answers its size.
    pub async fn download(&self, request: RequestBuilder, to: &mut File, most: u64) -> Result<u64, FeedError> {
        let silent = |error: reqwest::Error| {
            tracing::debug!(connect = error.is_connect(), timeout = error.is_timeout(), "no file");
            FeedError::Unreachable
        };
        let mut response = request.send().await.map_err(silent)?;
        if !response.status().is_success() {
            let (status, headers) = (response.status(), response.headers().clone());
            return Err(Answer { status, headers, body: Vec::new(), risk: Risk::Asks }.error());
        }
        let mut bytes = 0_u64;
        while let Some(chunk) = response.chunk().await.map_err(silent)? {
            bytes += chunk.len() as u64;
            if bytes > most {
                return Err(FeedError::TooLarge);
            }
            to.write_all(&chunk).await.map_err(|_| FeedError::Journal)?;
        }
        to.flush().await.map_err(|_| FeedError::Journal)?;
        Ok(bytes)
    }

    /// Sends a request and reads its whole answer, whatever its status. A token that is not taken is renewed where it can be, and
    /// the request made once more; one whose body is gone by then is left to be tried again as a whole.
    ///
    /// [`FeedError::Unreachable`] when nothing was changed there for certain, [`FeedError::Lost`] when nobody knows.
    pub async fn send(&self, request: RequestBuilder, risk: Risk) -> Result<Answer, FeedError> {
        let request = request.build().map_err(|_| FeedError::Unreachable)?;
        let (token, again) = (token_of(&request), request.try_clone());
        let answer = self.exchange(request, risk).await?;
        let Some(token) = token.filter(|_| answer.status == StatusCode::UNAUTHORIZED) else { return Ok(answer) };
        let Some(next) = self.credentials.instead_of(&token).await? else { return Ok(answer) };
        let mut again = again.ok_or(FeedError::Busy(Some(1)))?;
        again.headers_mut().insert(AUTHORIZATION, bearing(&next)?);
        self.exchange(again, risk).await
    }

    async fn exchange(&self, request: Request, risk: Risk) -> Result<Answer, FeedError> {
        let lost = |error: reqwest::Error| {
            // The address is left out: it may name a post.
            let (connect, timeout) = (error.is_connect(), error.is_timeout());
            tracing::debug!(connect, timeout, ?risk, "no answer");
            if connect || risk == Risk::Asks { FeedError::Unreachable } else { FeedError::Lost }
        };
        let mut response = self.http.execute(request).await.map_err(lost)?;
        let (status, headers) = (response.status(), response.headers().clone());
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(lost)? {
            if body.len() + chunk.len() > LONGEST_ANSWER {
                return Err(if risk == Risk::Asks { FeedError::Unreachable } else { FeedError::Lost });
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Answer { status, headers, body, risk })
    }
}

impl Answer {
    /// The JSON of a successful answer; otherwise what [`Answer::error`] says. Something else than JSON is no answer of this
    /// feed but that of something in between, such as a network that wants a sign-in first.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, FeedError> {
        if !self.status.is_success() {
            return Err(self.error());
        }
        if !self.is_json() {
            return Err(self.unclear());
        }
        serde_json::from_slice(&self.body).map_err(|_| self.unclear())
    }

    /// Whether the answer says that it is JSON.
    pub fn is_json(&self) -> bool {
        let kind = self.headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        let kind = kind.split(';').next().unwrap_or_default().trim();
        kind.eq_ignore_ascii_case("application/json") || kind.to_ascii_lowercase().ends_with("+json")
    }

    /// A header as text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// Where the answer points to.
    pub fn location(&self) -> Option<&str> {
        self.headers.get(LOCATION)?.to_str().ok()
    }

    /// What an answer without success means where the protocol does not say more.
    pub fn error(&self) -> FeedError {
        match self.status.as_u16() {
            // Not followed: the request was not carried out here, and credentials go nowhere else.
            300..=399 => FeedError::Unreachable,
            401 => FeedError::SignedOut,
            402 | 507 => FeedError::Full,
            403 => FeedError::Denied,
            404 | 410 => FeedError::Gone,
            413 => FeedError::TooLarge,
            429 => FeedError::Busy(self.retry_after()),
            503 if self.risk == Risk::Asks => FeedError::Busy(self.retry_after()),
            status if status < 500 => FeedError::Refused,
            _ => self.unclear(),
        }
    }

    /// How many milliseconds the site wants to be left alone, at most an hour; only the form in seconds is read (RFC 9110
    /// section 10.2.3).
    pub fn retry_after(&self) -> Option<i64> {
        let seconds: i64 = self.headers.get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
        Some(seconds.clamp(1, 3600) * 1000)
    }

    /// What an answer means that does not come from the feed, or says nothing.
    pub fn unclear(&self) -> FeedError {
        if self.risk == Risk::Asks { FeedError::Unreachable } else { FeedError::Lost }
    }
}

const BEARER: &str = "Bearer ";

fn bearing(token: &Secret) -> Result<HeaderValue, FeedError> {
    let value = HeaderValue::from_str(&format!("{BEARER}{}", token.expose()));
    let mut value = value.map_err(|_| FeedError::SignedOut)?;
    value.set_sensitive(true);
    Ok(value)
}

/// The token that a request carries.
fn token_of(request: &Request) -> Option<Secret> {
    let token = request.headers().get(AUTHORIZATION)?.to_str().ok()?.strip_prefix(BEARER)?;
    Some(Secret::new(token.to_owned()))
}

/// Whether requests may go to an address: over TLS anywhere, in the clear only to this computer, unless the user said more.
pub fn may_talk_to(url: &Url, plain_http: bool) -> bool {
    let is_this_computer = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => return false,
    };
    match url.scheme() {
        "https" => true,
        "http" => is_this_computer || plain_http,
        _ => false,
    }
}

fn provide_cryptography() {
    static ONCE: OnceLock<()> = OnceLock::new();
    ONCE.get_or_init(|| {
        // Somebody else in this program may have chosen already: as good.
        _ = rustls::crypto::ring::default_provider().install_default();
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    #[test]
    fn in_the_clear_only_to_this_computer_unless_the_user_said_more() {
        for (address, plain, allowed) in [
            ("https://blog.example", false, true),
            ("http://blog.example", false, false),
            ("http://blog.example", true, true),
            ("http://127.0.0.1:8080", false, true),
            ("http://[::1]", false, true),
            ("http://localhost", false, true),
            ("http://localhost.example", false, false),
            ("http://127.0.0.1.example", false, false),
            ("file:///etc/passwd", true, false),
        ] {
            assert_eq!(may_talk_to(&url(address), plain), allowed, "{address}");
        }
    }

    #[tokio::test]
    async fn credentials_go_to_their_own_origin_only() {
        let known = Arc::new(SignIn::Bearer(Secret::new("canary".into())));
        let client = Client::new(url("https://blog.example/wp-json/"), known, false, Patience::default()).unwrap();
        for elsewhere in ["https://blog.example:8443/", "http://blog.example/", "https://evil.example/"] {
            assert!(matches!(client.request(Method::GET, url(elsewhere)).await, Err(FeedError::Denied)), "{elsewhere}");
        }
        let request = client.request(Method::GET, url("https://blog.example/x")).await.unwrap().build().unwrap();
        assert!(!format!("{request:?}").contains("canary"), "nor does a log show them");
    }

    fn answer(status: u16, kind: &'static str, body: &str, risk: Risk) -> Answer {
        let headers = HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static(kind))]);
        Answer { status: StatusCode::from_u16(status).unwrap(), headers, body: body.into(), risk }
    }

    #[test]
    fn a_page_where_json_is_due_is_not_the_feed() {
        let page = |risk| answer(200, "text/html; charset=utf-8", "<title>Welcome</title>", risk).json::<u8>();
        assert!(matches!(page(Risk::Asks), Err(FeedError::Unreachable)));
        assert!(matches!(page(Risk::Changes), Err(FeedError::Lost)), "it may have come after the feed did it");
        let cut = answer(200, "application/json", "{\"id\": 1", Risk::Asks).json::<serde_json::Value>();
        assert!(matches!(cut, Err(FeedError::Unreachable)));
        assert_eq!(answer(201, "application/ld+json", "7", Risk::Changes).json::<u8>().unwrap(), 7);
    }

    #[test]
    fn a_fault_of_the_server_leaves_open_whether_it_was_done() {
        assert!(matches!(answer(500, "text/html", "", Risk::Changes).error(), FeedError::Lost));
        assert!(matches!(answer(500, "text/html", "", Risk::Asks).error(), FeedError::Unreachable));
        assert!(matches!(answer(401, "application/json", "", Risk::Changes).error(), FeedError::SignedOut));
        assert!(matches!(answer(302, "text/html", "", Risk::Changes).error(), FeedError::Unreachable));
    }
}
