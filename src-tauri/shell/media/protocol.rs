//! Media at the page's own address: pictures everywhere, clips where the WebView plays them from there (not on Linux).

use std::{ops::Range, sync::Arc};

use tauri::http::{Method, Request, Response, StatusCode, Uri, header, response::Builder};

use super::{
    address::Address,
    range::{Wanted, wanted},
    source::{Media, Source, is_served, read_exactly},
};

/// The base of all addresses here, as the page names them.
pub const BASE: &str = "/media";

/// One answer carries at most this much of a clip; the player asks again. WebView2 holds an answer in memory as a whole.
const PART: u64 = 1024 * 1024;

/// Without a range an answer carries the whole file, which is meant for pictures; a larger one has to be asked for in parts.
const WHOLE: u64 = 64 * 1024 * 1024;

/// Answers one request of the page.
pub async fn answer(source: &dyn Source, request: &Request<Vec<u8>>) -> Response<Vec<u8>> {
    let head = head();
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return empty(head, StatusCode::METHOD_NOT_ALLOWED);
    }
    let Some(media) = find(source, request.uri()).await else {
        return empty(head, StatusCode::NOT_FOUND);
    };
    let length = media.length();
    let asked = request.headers().get(header::RANGE).and_then(|range| range.to_str().ok());
    let (status, range) = match wanted(asked, length) {
        Wanted::Nothing => return unsatisfiable(head, length),
        Wanted::Whole if length > WHOLE && *request.method() == Method::GET => {
            return empty(head, StatusCode::PAYLOAD_TOO_LARGE);
        }
        Wanted::Whole => (StatusCode::OK, 0..length),
        Wanted::Part(range) => (StatusCode::PARTIAL_CONTENT, range.start..range.end.min(range.start + PART)),
    };
    let head = describe(head.status(status), media.as_ref(), &range, status);
    if *request.method() == Method::HEAD {
        return finish(head, Vec::new());
    }
    match read_exactly(media, range).await {
        Ok(bytes) => finish(head, bytes),
        Err(error) => {
            tracing::warn!(kind = ?error.kind(), "media could not be read");
            empty(self::head(), StatusCode::INTERNAL_SERVER_ERROR)
        }
    }
}

async fn find(source: &dyn Source, uri: &Uri) -> Option<Arc<dyn Media>> {
    let address = Address::parse(uri.path().strip_prefix(BASE)?).filter(|_| uri.query().is_none())?;
    source.open(address).await.filter(|media| is_served(media.mime()))
}

/// What every answer begins with.
pub(super) fn head() -> Builder {
    Response::builder().header(header::X_CONTENT_TYPE_OPTIONS, "nosniff")
}

/// The headers that describe `range` of `media`. Content never changes under its hash, so it may be kept for ever.
pub(super) fn describe(builder: Builder, media: &dyn Media, range: &Range<u64>, status: StatusCode) -> Builder {
    let builder = builder
        .header(header::CONTENT_TYPE, media.mime())
        .header(header::ACCEPT_RANGES, "bytes")
        .header(header::CONTENT_LENGTH, range.end.saturating_sub(range.start))
        .header(header::CACHE_CONTROL, "private, max-age=31536000, immutable");
    if status != StatusCode::PARTIAL_CONTENT {
        return builder;
    }
    let last = range.end.saturating_sub(1);
    builder.header(header::CONTENT_RANGE, format!("bytes {}-{last}/{}", range.start, media.length()))
}

fn unsatisfiable(builder: Builder, length: u64) -> Response<Vec<u8>> {
    empty(builder.header(header::CONTENT_RANGE, format!("bytes */{length}")), StatusCode::RANGE_NOT_SATISFIABLE)
}

fn empty(builder: Builder, status: StatusCode) -> Response<Vec<u8>> {
    finish(builder.status(status), Vec::new())
}

fn finish(builder: Builder, body: Vec<u8>) -> Response<Vec<u8>> {
    // The headers are our own constants and numbers; should one ever be refused, the page sees an empty answer.
    builder.body(body).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{
        super::source::fake::{counting, path},
        *,
    };

    fn uri() -> String {
        format!("tauri://localhost{BASE}{}", path())
    }

    async fn ask(source: &dyn Source, range: Option<&str>) -> Response<Vec<u8>> {
        let mut request = Request::builder().uri(uri());
        if let Some(range) = range {
            request = request.header("Range", range);
        }
        answer(source, &request.body(Vec::new()).unwrap()).await
    }

    #[tokio::test]
    async fn a_picture_comes_whole() {
        let response = ask(counting("image/jpeg", 5000).as_ref(), None).await;
        assert_eq!(response.status(), 200);
        assert_eq!(response.body().len(), 5000);
        assert_eq!(response.headers()["x-content-type-options"], "nosniff");
    }

    #[tokio::test]
    async fn a_clip_comes_in_parts_of_at_most_a_mebibyte() {
        let source = counting("video/mp4", 3 * 1024 * 1024);
        let response = ask(source.as_ref(), Some("bytes=1000-")).await;
        assert_eq!(response.status(), 206);
        assert_eq!(response.body().len(), 1024 * 1024);
        assert_eq!(response.headers()["content-range"], "bytes 1000-1049575/3145728");
        assert_eq!(response.body()[0], (1000 % 251) as u8);
    }

    #[tokio::test]
    async fn a_range_past_the_end_is_416_with_the_length() {
        let response = ask(counting("video/mp4", 100).as_ref(), Some("bytes=100-")).await;
        assert_eq!(response.status(), 416);
        assert_eq!(response.headers()["content-range"], "bytes */100");
    }

    #[tokio::test]
    async fn what_could_run_is_not_served() {
        for mime in ["image/svg+xml", "text/html", "application/octet-stream"] {
            assert_eq!(ask(counting(mime, 10).as_ref(), None).await.status(), 404, "{mime}");
        }
    }

    #[tokio::test]
    async fn only_get_and_head_are_answered() {
        let source = counting("image/png", 10);
        let request = |method: &str| Request::builder().method(method).uri(uri()).body(Vec::new()).unwrap();
        assert_eq!(answer(source.as_ref(), &request("POST")).await.status(), 405);
        let head = answer(source.as_ref(), &request("HEAD")).await;
        assert_eq!((head.status().as_u16(), head.body().len()), (200, 0));
        assert_eq!(head.headers()["content-length"], "10");
    }

    #[tokio::test]
    async fn a_query_or_a_strange_path_is_not_found() {
        let source = counting("image/png", 10);
        for uri in
            [format!("{}?x=1", uri()), format!("tauri://localhost{}", path()), "tauri://localhost/media/x".into()]
        {
            let request = Request::builder().uri(uri).body(Vec::new()).unwrap();
            assert_eq!(answer(source.as_ref(), &request).await.status(), 404);
        }
    }
}
