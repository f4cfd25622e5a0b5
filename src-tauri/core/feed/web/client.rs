//! Requests to one site, and what their answers mean. Credentials go to the site's own origin and nowhere else, redirects are
//! not followed with them, plain `http` only where it is allowed, every answer is bounded in size and time.

mod download;
#[cfg(test)]
mod tests;
mod wire;

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use reqwest::header::{AUTHORIZATION, CACHE_CONTROL, HeaderMap, HeaderValue};
use reqwest::{Method, Request, RequestBuilder, StatusCode, redirect};
use tokio::time::timeout;
use url::{Host, Url};

use super::answer::{Answer, Risk};
use super::credentials::{Credentials, SignIn, bearing, token_of};
use crate::feed::FeedError;
use wire::Silence;

/// A whole answer may take so many times as long as the time between two signs of life: five minutes as a rule.
const LONGEST_READ: u32 = 10;

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

/// Talks to one site.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    base: Url,
    patience: Patience,
    credentials: Arc<dyn Credentials>,
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
        let builder = reqwest::Client::builder();
        // What goes to this computer itself goes past no proxy, as in browsers.
        let builder = if is_this_computer(&base) { builder.no_proxy() } else { builder };
        let http = builder
            .user_agent(concat!("Sampan/", env!("CARGO_PKG_VERSION")))
            .redirect(redirect::Policy::none())
            // What a cache on the way kept is not what the site holds.
            .default_headers(HeaderMap::from_iter([(CACHE_CONTROL, HeaderValue::from_static("no-cache"))]))
            .connect_timeout(patience.connect)
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

    /// Sends a request and reads its whole answer, whatever its status. A token that is not taken is renewed where it can be, and
    /// the request made once more; one whose body is gone by then is left to be tried again as a whole.
    ///
    /// [`FeedError::Unreachable`] when nothing was changed there for certain, [`FeedError::Lost`] when nobody knows.
    pub async fn send(&self, request: RequestBuilder, risk: Risk) -> Result<Answer, FeedError> {
        let request = request.build().map_err(|_| FeedError::Unreachable)?;
        let (token, again) = (token_of(&request), request.try_clone());
        let answer = self.exchange(request, risk).await.map_err(|silence| silence.meaning(risk))?;
        // A page only covers the site's own answer.
        let refused = answer.status == StatusCode::UNAUTHORIZED && !answer.is_page();
        let Some(token) = token.filter(|_| refused) else { return Ok(answer) };
        let Some(next) = self.credentials.instead_of(&token).await? else { return Ok(answer) };
        let mut again = again.ok_or(FeedError::Busy(Some(1)))?;
        again.headers_mut().insert(AUTHORIZATION, bearing(&next)?);
        self.exchange(again, risk).await.map_err(|silence| silence.meaning(risk))
    }

    /// Asks as nobody, before anything is known of what is there, and tells a certificate that is not valid from a site that does
    /// not answer: [`FeedError::Untrusted`].
    pub async fn look(&self, request: RequestBuilder) -> Result<Answer, FeedError> {
        let request = request.build().map_err(|_| FeedError::Unreachable)?;
        self.exchange(request, Risk::Asks).await.map_err(|silence| match silence {
            Silence::Untrusted => FeedError::Untrusted,
            silence => silence.meaning(Risk::Asks),
        })
    }

    async fn exchange(&self, request: Request, risk: Risk) -> Result<Answer, Silence> {
        let mut response = self.head(request).await?;
        let (status, headers) = (response.status(), response.headers().clone());
        let body = timeout(self.patience.stall * LONGEST_READ, self.body(&mut response)).await;
        let body = body.unwrap_or(Err(Silence::Afterwards))?;
        Ok(Answer { status, headers, body, risk })
    }
}

/// Whether requests may go to an address: over TLS anywhere, in the clear only to this computer, unless the user said more.
pub fn may_talk_to(url: &Url, plain_http: bool) -> bool {
    match url.scheme() {
        "https" => url.has_host(),
        "http" => url.has_host() && (is_this_computer(url) || plain_http),
        _ => false,
    }
}

/// Whether an address is of this computer itself, so that requests to it go past no proxy.
pub fn is_this_computer(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

fn provide_cryptography() {
    static ONCE: OnceLock<()> = OnceLock::new();
    ONCE.get_or_init(|| {
        // Somebody else in this program may have chosen already: as good.
        _ = rustls::crypto::ring::default_provider().install_default();
    });
}
