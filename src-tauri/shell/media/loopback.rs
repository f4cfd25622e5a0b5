//! Clips on Linux. WebKitGTK plays no clip from a custom scheme (WebKit bug 146351), so a server on this computer's own
//! address gives them out: a random port, a random path that only the page knows, reading only.

use std::{convert::Infallible, io, net::Ipv4Addr, ops::Range, sync::Arc};

use futures_util::stream;
use http_body_util::{BodyExt, Empty, StreamBody, combinators::UnsyncBoxBody};
use hyper::{
    Method, Request, Response, StatusCode,
    body::{Bytes, Frame, Incoming},
    header,
    service::service_fn,
};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpListener;

use super::{
    address::Address,
    protocol::{self, describe},
    range::{Wanted, wanted},
    source::{Media, Source, is_served, read_exactly},
};

/// How much is read at a time. The next piece is read when the player took the last one.
const PIECE: u64 = 256 * 1024;

type Body = UnsyncBoxBody<Bytes, io::Error>;

/// Binds a free port, serves from then on, and gives the base of all addresses: `http://127.0.0.1:PORT/TOKEN`.
pub async fn serve(source: Arc<dyn Source>, origin: &'static str) -> io::Result<String> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let host = listener.local_addr()?.to_string();
    let token = token()?;
    let base = format!("http://{host}/{token}");
    let door = Arc::new(Door { source, origin, host, token });
    tokio::spawn(async move {
        loop {
            match listener.accept().await {
                Ok((stream, _)) => {
                    tokio::spawn(door.clone().serve(stream));
                }
                // A connection that was gone before it was accepted, or no file handles left: give others a chance.
                Err(error) => {
                    tracing::warn!(kind = ?error.kind(), "a connection could not be accepted");
                    tokio::time::sleep(std::time::Duration::from_millis(50)).await;
                }
            }
        }
    });
    Ok(base)
}

/// 256 random bits in hexadecimal digits.
fn token() -> io::Result<String> {
    let mut random = [0_u8; 32];
    getrandom::fill(&mut random).map_err(|error| io::Error::other(error.to_string()))?;
    Ok(random.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// What a request has to show, and what lies behind.
struct Door {
    source: Arc<dyn Source>,
    origin: &'static str,
    host: String,
    token: String,
}

impl Door {
    async fn serve(self: Arc<Self>, stream: tokio::net::TcpStream) {
        let service = service_fn(move |request| {
            let door = self.clone();
            async move { Ok::<_, Infallible>(door.answer(request).await) }
        });
        // A player that hangs up in the middle is normal: it seeks by asking again.
        let served = hyper::server::conn::http1::Builder::new()
            .timer(TokioTimer::new())
            .serve_connection(TokioIo::new(stream), service)
            .await;
        if let Err(error) = served {
            tracing::trace!(%error, "a player hung up");
        }
    }

    async fn answer(&self, request: Request<Incoming>) -> Response<Body> {
        let head = self.head(&request);
        if !matches!(*request.method(), Method::GET | Method::HEAD) {
            return empty(head.status(StatusCode::METHOD_NOT_ALLOWED));
        }
        let Some(media) = self.find(&request).await else {
            return empty(head.status(StatusCode::NOT_FOUND));
        };
        let length = media.length();
        let asked = request.headers().get(header::RANGE).and_then(|range| range.to_str().ok());
        let (status, range) = match wanted(asked, length) {
            Wanted::Whole => (StatusCode::OK, 0..length),
            Wanted::Part(range) => (StatusCode::PARTIAL_CONTENT, range),
            Wanted::Nothing => {
                let head = head.header(header::CONTENT_RANGE, format!("bytes */{length}"));
                return empty(head.status(StatusCode::RANGE_NOT_SATISFIABLE));
            }
        };
        let head = describe(head.status(status), media.as_ref(), &range, status);
        if *request.method() == Method::HEAD {
            return empty(head);
        }
        head.body(pieces(media, range)).unwrap_or_default()
    }

    /// What every answer begins with. Only our own page may read it from a script.
    fn head(&self, request: &Request<Incoming>) -> hyper::http::response::Builder {
        let builder = protocol::head().header(header::VARY, "Origin");
        let is_ours = request.headers().get(header::ORIGIN).is_some_and(|asking| asking == self.origin);
        if !is_ours {
            return builder;
        }
        builder
            .header(header::ACCESS_CONTROL_ALLOW_ORIGIN, self.origin)
            .header(header::ACCESS_CONTROL_EXPOSE_HEADERS, "Content-Range, Accept-Ranges")
    }

    /// The medium, if the request comes to this very address (no other name for it: a rebound DNS name fails here),
    /// knows the token and names something that may be served.
    async fn find(&self, request: &Request<Incoming>) -> Option<Arc<dyn Media>> {
        let host = request.headers().get(header::HOST)?.to_str().ok()?;
        let (token, _) = request.uri().path().strip_prefix('/')?.split_once('/')?;
        // Hashes compare in constant time.
        let is_known = blake3::hash(token.as_bytes()) == blake3::hash(self.token.as_bytes());
        if host != self.host || !is_known || request.uri().query().is_some() {
            return None;
        }
        let address = Address::parse(request.uri().path().strip_prefix('/')?.strip_prefix(token)?)?;
        self.source.open(address).await.filter(|media| is_served(media.mime()))
    }
}

/// The bytes of `range`, each piece read only when it is wanted.
fn pieces(media: Arc<dyn Media>, range: Range<u64>) -> Body {
    let pieces = stream::unfold(Some(range), move |rest| {
        let media = media.clone();
        async move {
            let rest = rest.filter(|rest| rest.start < rest.end)?;
            let piece = rest.start..rest.end.min(rest.start + PIECE);
            let next = piece.end..rest.end;
            // After a failure there is nothing more: the connection breaks and the player says so.
            match read_exactly(media, piece).await {
                Ok(bytes) => Some((Ok(Frame::data(Bytes::from(bytes))), Some(next))),
                Err(error) => Some((Err(error), None)),
            }
        }
    });
    StreamBody::new(pieces).boxed_unsync()
}

fn empty(head: hyper::http::response::Builder) -> Response<Body> {
    let nothing = Empty::new().map_err(|never| match never {});
    head.body(nothing.boxed_unsync()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::{
        super::source::fake::{counting, path},
        *,
    };

    const PAGE: &str = "tauri://localhost";

    /// Sends one request as a player would and gives its head and body.
    async fn ask(base: &str, host: Option<&str>, path: &str, range: &str) -> (String, Vec<u8>) {
        let address = base.strip_prefix("http://").unwrap();
        let (server, token) = address.split_once('/').unwrap();
        let host = host.unwrap_or(server);
        let path = path.replace("TOKEN", token);
        let mut stream = tokio::net::TcpStream::connect(server).await.unwrap();
        let request =
            format!("GET {path} HTTP/1.1\r\nHost: {host}\r\n{range}Connection: close\r\nOrigin: {PAGE}\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.unwrap();
        let end = answer.windows(4).position(|window| window == b"\r\n\r\n").unwrap();
        (String::from_utf8_lossy(&answer[..end]).to_lowercase(), answer[end + 4..].to_vec())
    }

    #[tokio::test]
    async fn an_open_range_is_streamed_to_its_end() {
        let length = 3 * 1024 * 1024 + 17;
        let base = serve(counting("video/mp4", length), PAGE).await.unwrap();
        let (head, body) = ask(&base, None, &format!("/TOKEN{}", path()), "Range: bytes=5-\r\n").await;
        assert!(head.starts_with("http/1.1 206"), "{head}");
        assert!(head.contains(&format!("content-range: bytes 5-{}/{length}", length - 1)), "{head}");
        assert!(head.contains("access-control-allow-origin: tauri://localhost"), "{head}");
        assert_eq!(body.len(), length - 5);
        assert!(body.iter().enumerate().all(|(at, byte)| *byte == ((at + 5) % 251) as u8));
    }

    #[tokio::test]
    async fn a_stranger_finds_nothing() {
        let base = serve(counting("video/mp4", 100), PAGE).await.unwrap();
        let wrong_token = format!("/{}{}", "a".repeat(64), path());
        for (host, path) in [
            (None, wrong_token.as_str()),
            (None, "/TOKEN/../etc/passwd"),
            (None, "/"),
            (Some("localhost"), &format!("/TOKEN{}", path())),
            (Some("evil.example"), &format!("/TOKEN{}", path())),
        ] {
            let (head, body) = ask(&base, host, path, "").await;
            assert!(head.starts_with("http/1.1 404"), "{path}: {head}");
            assert!(body.is_empty());
        }
    }

    #[tokio::test]
    async fn a_range_past_the_end_is_416() {
        let base = serve(counting("video/webm", 100), PAGE).await.unwrap();
        let (head, _) = ask(&base, None, &format!("/TOKEN{}", path()), "Range: bytes=200-\r\n").await;
        assert!(head.starts_with("http/1.1 416"), "{head}");
        assert!(head.contains("content-range: bytes */100"), "{head}");
    }

    #[tokio::test]
    async fn every_server_has_its_own_secret() {
        let [one, other] = [counting("video/mp4", 1), counting("video/mp4", 1)];
        let (one, other) = (serve(one, PAGE).await.unwrap(), serve(other, PAGE).await.unwrap());
        let token = |base: &str| base.rsplit('/').next().unwrap().to_owned();
        assert_eq!(token(&one).len(), 64);
        assert_ne!(token(&one), token(&other));
    }
}
