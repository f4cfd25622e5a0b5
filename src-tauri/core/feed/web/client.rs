//! Requests to one site, and what their answers mean. Credentials go to the site's own origin and nowhere else, redirects are
//! not followed with them, plain `http` only where it is allowed, every answer is bounded in size and time.

use std::pin::pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use async_trait::async_trait;
use http_body_util::BodyExt;
use hyper::body::Bytes;
use reqwest::header::{AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, HeaderMap, HeaderValue, LOCATION};
use reqwest::{Body, Method, Request, RequestBuilder, Response, StatusCode, redirect};
use tokio::fs::File;
use tokio::io::AsyncWriteExt;
use tokio::time::timeout;
use url::{Host, Url};

use super::answer::{Answer, Risk};
use crate::domain::Secret;
use crate::feed::FeedError;

/// An answer may hold this many bytes: a page of posts, each of up to a megabyte, and not a disk full.
const LONGEST_ANSWER: usize = 32 << 20;
/// A whole answer may take so many times as long as the time between two signs of life: a quarter of an hour as a rule.
const LONGEST_READ: u32 = 30;
/// While a file leaves and is worked on, signs of life may be so many times further apart.
const UPLOAD: u32 = 4;
/// Redirects that are followed where no credentials go along.
const HOPS: usize = 3;
/// The byte order mark of UTF-8.
const MARK: &[u8] = b"\xef\xbb\xbf";

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
        let http = reqwest::Client::builder()
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

    /// Writes what a request is answered with into a file, however large it is up to `most` bytes, and answers its size.
    pub async fn download(&self, request: RequestBuilder, to: &mut File, most: u64) -> Result<u64, FeedError> {
        let response = self.beginning(request).await?;
        self.write_down(response, to, most).await
    }

    /// The same for a file at any address, asked for as nobody, and followed where it was moved to while `may_follow` says so.
    /// A page is no file.
    pub async fn download_from(
        &self,
        mut url: Url,
        may_follow: &(dyn Fn(&Url) -> bool + Sync),
        to: &mut File,
        most: u64,
    ) -> Result<u64, FeedError> {
        for _ in 0..=HOPS {
            let response = self.beginning(self.anonymous(Method::GET, url.clone())).await?;
            let told = |name| response.headers().get(name).and_then(|value: &HeaderValue| value.to_str().ok());
            if response.status().is_redirection() {
                let next = told(LOCATION).and_then(|next| url.join(next).ok()).filter(may_follow);
                url = next.ok_or(FeedError::Gone)?;
                continue;
            }
            if told(CONTENT_TYPE).is_some_and(|kind| kind.starts_with("text/html")) {
                return Err(FeedError::Gone);
            }
            return self.write_down(response, to, most).await;
        }
        Err(FeedError::Gone)
    }

    async fn beginning(&self, request: RequestBuilder) -> Result<Response, FeedError> {
        let request = request.build().map_err(|_| FeedError::Unreachable)?;
        self.head(request).await.map_err(|_| FeedError::Unreachable)
    }

    async fn write_down(&self, mut response: Response, to: &mut File, most: u64) -> Result<u64, FeedError> {
        if !response.status().is_success() {
            let (status, headers) = (response.status(), response.headers().clone());
            return Err(Answer { status, headers, body: Vec::new(), risk: Risk::Asks }.error());
        }
        let mut bytes = 0_u64;
        while let Some(chunk) = self.chunk(&mut response).await.map_err(|_| FeedError::Unreachable)? {
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
        // A page only covers the site's own answer.
        let refused = answer.status == StatusCode::UNAUTHORIZED && !answer.is_page();
        let Some(token) = token.filter(|_| refused) else { return Ok(answer) };
        let Some(next) = self.credentials.instead_of(&token).await? else { return Ok(answer) };
        let mut again = again.ok_or(FeedError::Busy(Some(1)))?;
        again.headers_mut().insert(AUTHORIZATION, bearing(&next)?);
        self.exchange(again, risk).await
    }

    async fn exchange(&self, request: Request, risk: Risk) -> Result<Answer, FeedError> {
        let silent = |silence| match (silence, risk) {
            (Silence::BeforeItLeft, _) | (_, Risk::Asks) => FeedError::Unreachable,
            (Silence::Afterwards, Risk::Changes) => FeedError::Lost,
        };
        let mut response = self.head(request).await.map_err(silent)?;
        let (status, headers) = (response.status(), response.headers().clone());
        let body = timeout(self.patience.stall * LONGEST_READ, self.body(&mut response)).await;
        let body = body.unwrap_or(Err(Silence::Afterwards)).map_err(silent)?;
        Ok(Answer { status, headers, body, risk })
    }

    /// Sends a request, and answers when the head of its answer is there. While a body leaves, every piece of it is a sign of
    /// life; after that the site may take a while with it, as one that makes small copies of a large photo does.
    async fn head(&self, mut request: Request) -> Result<Response, Silence> {
        let (pulse, mut patience) = (Arc::new(AtomicU64::new(0)), self.patience.stall);
        if let Some(body) = request.body_mut().take_if(|body| body.as_bytes().is_none()) {
            let beat = Arc::clone(&pulse);
            let counted = body.map_frame(move |frame| {
                beat.fetch_add(1, Ordering::Relaxed);
                frame
            });
            *request.body_mut() = Some(Body::wrap(counted));
            patience *= UPLOAD;
        }
        let mut answer = pin!(self.http.execute(request));
        let mut beats = 0;
        loop {
            match timeout(patience, &mut answer).await {
                Ok(response) => return response.map_err(|error| Silence::of(&error)),
                Err(_) if pulse.load(Ordering::Relaxed) == beats => return Err(Silence::Afterwards),
                Err(_) => beats = pulse.load(Ordering::Relaxed),
            }
        }
    }

    async fn body(&self, response: &mut Response) -> Result<Vec<u8>, Silence> {
        let mut body = Vec::new();
        while let Some(chunk) = self.chunk(response).await? {
            if body.len() + chunk.len() > LONGEST_ANSWER {
                return Err(Silence::Afterwards);
            }
            body.extend_from_slice(&chunk);
        }
        // Some programs write a byte order mark in front of whatever they send.
        if body.starts_with(MARK) {
            body.drain(..MARK.len());
        }
        Ok(body)
    }

    async fn chunk(&self, response: &mut Response) -> Result<Option<Bytes>, Silence> {
        match timeout(self.patience.stall, response.chunk()).await {
            Ok(chunk) => chunk.map_err(|error| Silence::of(&error)),
            Err(_) => Err(Silence::Afterwards),
        }
    }
}

/// No answer came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Silence {
    /// Not a byte of the request left.
    BeforeItLeft,
    /// Something left.
    Afterwards,
}

impl Silence {
    fn of(error: &reqwest::Error) -> Self {
        // The address is left out: it may name a post.
        let (connect, timeout) = (error.is_connect(), error.is_timeout());
        tracing::debug!(connect, timeout, "no answer");
        if connect { Self::BeforeItLeft } else { Self::Afterwards }
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
    use tokio::io::AsyncReadExt;

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

    /// A client that waits for a tenth of a second, and one request to a server that takes its body and answers by itself.
    async fn upload(body: Body, answer: &'static [u8]) -> Result<Answer, FeedError> {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = url(&format!("http://{}/", listener.local_addr().unwrap()));
        let serving = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut heard = Vec::new();
            let ended = |heard: &Vec<u8>| heard.windows(4).any(|four| four == b"\nend");
            while !ended(&heard) && stream.read_buf(&mut heard).await.unwrap() > 0 {}
            stream.write_all(answer).await.unwrap();
            // Open until the client hangs up.
            while stream.read_buf(&mut heard).await.unwrap() > 0 {}
        });
        let patience = Patience { connect: Duration::from_secs(5), stall: Duration::from_millis(100) };
        let client = Client::new(url.clone(), Arc::new(SignIn::Anonymous), false, patience).unwrap();
        let request = client.request(Method::POST, url).await.unwrap().body(body);
        let answer = client.send(request, Risk::Changes).await;
        drop(client);
        serving.await.unwrap();
        answer
    }

    /// A body that leaves in so many pieces, with a pause before each.
    fn slowly(pieces: usize) -> Body {
        let piece = move |at: usize| async move {
            tokio::time::sleep(Duration::from_millis(100)).await;
            let piece = if at + 1 == pieces { "end" } else { "photo" };
            Some((Ok::<_, std::io::Error>(piece), at + 1)).filter(|_| at < pieces)
        };
        Body::wrap_stream(futures_util::stream::unfold(0, piece))
    }

    const FINE: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 4\r\n\r\n\xef\xbb\xbf7";

    #[tokio::test]
    async fn a_file_may_take_as_long_as_it_moves() {
        let answer = upload(slowly(12), FINE).await.unwrap();
        assert_eq!(answer.json::<u8>().unwrap(), 7, "and a byte order mark says nothing");
    }

    #[tokio::test]
    async fn a_site_that_says_nothing_is_given_up() {
        for answer in [&b""[..], b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nha"] {
            assert!(matches!(upload(Body::from("end"), answer).await, Err(FeedError::Lost)));
        }
        assert!(matches!(upload(slowly(2), b"").await, Err(FeedError::Lost)));
    }
}
