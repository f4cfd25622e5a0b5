//! Where the browser brings the answer: a listener on this computer's own address that takes one request. Any program here can
//! call it, and any page can make the browser do so; what counts is the state, and then the verifier that never left.

use std::convert::Infallible;
use std::io;
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode, header};
use hyper_util::rt::{TokioIo, TokioTimer};
use maud::{DOCTYPE, html};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinSet;
use url::Url;

use super::{Authorization, Issuer};
use crate::domain::{Digest, Secret};

/// The one path that is answered.
const PATH: &str = "/signed-in";
/// How long the user has.
const PATIENCE: Duration = Duration::from_secs(5 * 60);
/// How long a visitor may take to say what it wants.
const HEAD: Duration = Duration::from_secs(5);
/// How long the last page may take to arrive.
const FAREWELL: Duration = Duration::from_secs(2);
/// Visitors at once: more than a browser opens, and not so many that they cost anything.
const VISITORS: usize = 32;
/// Nothing may be loaded, run, sent or framed.
const POLICY: &str = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Why there is no code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Stopped {
    /// Nobody came back within five minutes.
    #[error("nobody came back in time")]
    TimedOut,
    /// The user, or the site, did not allow it.
    #[error("it was not allowed")]
    Denied,
    /// The site answered with another error, or as somebody else.
    #[error("the site answered with an error")]
    Failed,
}

/// A listener on 127.0.0.1, on a port that was free.
#[derive(Debug)]
pub struct Loopback {
    listener: TcpListener,
    redirect_uri: Url,
}

impl Loopback {
    /// Binds a free port. Answers nobody before [`Self::wait`].
    pub async fn open() -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = format!("http://{}{PATH}", listener.local_addr()?);
        let redirect_uri = Url::parse(&address).map_err(io::Error::other)?;
        Ok(Self { listener, redirect_uri })
    }

    /// Where the site shall send the browser.
    pub fn redirect_uri(&self) -> &Url {
        &self.redirect_uri
    }

    /// Waits for the browser and answers the code that it brings. Then nobody is answered any more.
    pub async fn wait(self, expected: &Authorization) -> Result<Secret, Stopped> {
        let (bring, mut brought) = oneshot::channel();
        let door = Arc::new(Door::new(&self.redirect_uri, expected, bring));
        let mut visitors = JoinSet::new();
        let receive = async {
            loop {
                tokio::select! {
                    answer = &mut brought => return answer.unwrap_or(Err(Stopped::Failed)),
                    visit = self.listener.accept(), if visitors.len() < VISITORS => match visit {
                        Ok((stream, _)) => _ = visitors.spawn(Arc::clone(&door).serve(stream)),
                        // Gone before it was accepted, or no file handles left: give others a chance.
                        Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
                    },
                    Some(_) = visitors.join_next() => {}
                }
            }
        };
        let answer = tokio::time::timeout(PATIENCE, receive).await.unwrap_or(Err(Stopped::TimedOut));
        drop(self.listener);
        // The browser shall still get its page; nobody has to wait for that.
        tokio::spawn(tokio::time::timeout(FAREWELL, async move { while visitors.join_next().await.is_some() {} }));
        answer
    }
}

/// What a request has to show.
struct Door {
    host: String,
    /// Hashes compare in constant time.
    state: Digest,
    issuer: Option<Issuer>,
    bring: Mutex<Option<oneshot::Sender<Result<Secret, Stopped>>>>,
}

impl Door {
    fn new(redirect_uri: &Url, expected: &Authorization, bring: oneshot::Sender<Result<Secret, Stopped>>) -> Self {
        Self {
            host: redirect_uri.authority().to_owned(),
            state: Digest::of(expected.state.expose().as_bytes()),
            issuer: expected.terms.issuer.clone(),
            bring: Mutex::new(Some(bring)),
        }
    }

    async fn serve(self: Arc<Self>, stream: TcpStream) {
        let service = service_fn(move |request: Request<Incoming>| {
            let status = self.answer(&request);
            async move { Ok::<_, Infallible>(page(status)) }
        });
        let served = hyper::server::conn::http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEAD)
            .keep_alive(false)
            .max_buf_size(16 << 10)
            .serve_connection(TokioIo::new(stream), service)
            .await;
        if let Err(error) = served {
            tracing::trace!(%error, "a visitor hung up");
        }
    }

    /// The status for a request; the one that was waited for is brought on.
    fn answer(&self, request: &Request<Incoming>) -> StatusCode {
        let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok());
        // Another name for this address is a page elsewhere that had its own name point here.
        if host != Some(self.host.as_str()) || request.uri().path() != PATH {
            return StatusCode::NOT_FOUND;
        }
        if *request.method() != Method::GET {
            return StatusCode::METHOD_NOT_ALLOWED;
        }
        let query = request.uri().query().unwrap_or_default();
        if only(query, "state").is_none_or(|state| Digest::of(state.as_bytes()) != self.state) {
            return StatusCode::BAD_REQUEST;
        }
        let mut bring = self.bring.lock().unwrap_or_else(PoisonError::into_inner);
        match bring.take() {
            // Nobody waits any more: then there is nobody to tell.
            Some(bring) => {
                drop(bring.send(self.read(query)));
                StatusCode::OK
            }
            None => StatusCode::GONE,
        }
    }

    fn read(&self, query: &str) -> Result<Secret, Stopped> {
        if self.issuer.as_ref().is_some_and(|issuer| !is_said_by(issuer, query)) {
            return Err(Stopped::Failed);
        }
        match (only(query, "error").as_deref(), only(query, "code")) {
            (Some("access_denied"), _) => Err(Stopped::Denied),
            (None, Some(code)) if !code.is_empty() => Ok(Secret::new(code)),
            _ => Err(Stopped::Failed),
        }
    }
}

/// Whether an answer comes from who it should. Some sites write their own name with a slash at its end here and without one there.
fn is_said_by(issuer: &Issuer, query: &str) -> bool {
    let mut names = url::form_urlencoded::parse(query.as_bytes()).filter(|(name, _)| name == "iss");
    match (names.next(), names.next()) {
        (Some((_, name)), None) => name.trim_end_matches('/') == issuer.name.trim_end_matches('/'),
        (None, _) => !issuer.announced,
        _ => false,
    }
}

/// The value of a parameter that stands there exactly once.
fn only(query: &str, wanted: &str) -> Option<String> {
    let mut values = url::form_urlencoded::parse(query.as_bytes()).filter(|(name, _)| name == wanted);
    let (_, value) = values.next()?;
    values.next().is_none().then(|| value.into_owned())
}

/// What the person in the browser sees. It speaks both languages, since no interface of ours is there to choose one.
fn page(status: StatusCode) -> Response<Full<Bytes>> {
    let (chinese, english) = match status {
        StatusCode::OK => ("舢板收到了回答，可以关闭这个窗口了。", "Sampan has its answer. You can close this window."),
        _ => ("舢板等的不是这个。", "This is not what Sampan waits for."),
    };
    let page = html! {
        (DOCTYPE)
        html lang="zh-Hans" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width";
                meta name="color-scheme" content="light dark";
                title { "Sampan 舢板" }
            }
            body { p { (chinese) } p lang="en" { (english) } }
        }
    };
    let answer = Response::builder()
        .status(status)
        .header(header::CONTENT_TYPE, "text/html; charset=utf-8")
        .header(header::CONTENT_SECURITY_POLICY, POLICY)
        .header(header::X_CONTENT_TYPE_OPTIONS, "nosniff")
        .header(header::REFERRER_POLICY, "no-referrer")
        .header(header::CACHE_CONTROL, "no-store")
        .body(Full::new(Bytes::from(page.into_string())));
    answer.unwrap_or_default()
}
