//! What the answer of a site means where its protocol does not say more. Asks nothing.

use jiff::fmt::rfc2822;
use reqwest::StatusCode;
use reqwest::header::{AGE, CONTENT_TYPE, DATE, HeaderMap, HeaderValue, LOCATION, RETRY_AFTER};
use serde::de::DeserializeOwned;

use crate::domain::Timestamp;
use crate::feed::FeedError;

/// A site that wants to be left alone is asked again after this many seconds at the latest: an hour.
const LONGEST_WAIT_SECONDS: i64 = 60 * 60;
/// The same in milliseconds.
pub const LONGEST_WAIT_MILLIS: i64 = LONGEST_WAIT_SECONDS * 1_000;

/// What a request may do at the site: decides what a lost answer means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Risk {
    /// It only asks; without an answer nothing happened.
    Asks,
    /// It changes something; without an answer nobody knows.
    Changes,
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
    pub(super) risk: Risk,
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

    /// The same where servers are known to forget to say that it is JSON. A page is never taken for it.
    pub fn json_untold<T: DeserializeOwned>(&self) -> Result<T, FeedError> {
        if !self.status.is_success() {
            return Err(self.error());
        }
        serde_json::from_slice(&self.body).map_err(|_| self.unclear())
    }

    /// Whether the answer says that it is JSON.
    pub fn is_json(&self) -> bool {
        let kind = self.kind();
        kind == "application/json" || kind.ends_with("+json")
    }

    /// Whether it is a page for people, where an answer for programs is due. Some servers call a bare word a page.
    pub fn is_page(&self) -> bool {
        matches!(self.kind().as_str(), "text/html" | "application/xhtml+xml")
            && self.body.trim_ascii().starts_with(b"<")
    }

    fn kind(&self) -> String {
        let kind = self.headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
    }

    /// A header as text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(as_text)
    }

    /// Where the answer points to.
    pub fn location(&self) -> Option<&str> {
        self.headers.get(LOCATION).and_then(as_text)
    }

    /// What the site's clock shows, if it tells. An answer that a cache kept says for how long
    /// (<https://httpwg.org/specs/rfc9111.html#field.age>).
    pub fn date(&self) -> Option<Timestamp> {
        let kept: u32 = self.header(AGE.as_str()).and_then(|seconds| seconds.trim().parse().ok()).unwrap_or(0);
        Some(instant(self.header(DATE.as_str())?)?.plus_millis(i64::from(kept) * 1_000))
    }

    /// What an answer without success means where the protocol does not say more.
    pub fn error(&self) -> FeedError {
        match self.status.as_u16() {
            // Not followed: credentials go nowhere else. By HTTP only 303 says that something was done, but scripts that
            // forget the status answer what they did by any of them.
            300..=399 => self.unclear(),
            413 => FeedError::TooLarge(None),
            429 => FeedError::Busy(self.retry_after()),
            // A page is not the feed's own answer but covers it, and the feed may have done it before.
            400..=499 if self.risk == Risk::Changes && self.is_page() => FeedError::Lost,
            // So is that of a filter on the way, or of one that looks first whether a person asks.
            403 | 406 | 407 | 451 if self.is_page() => FeedError::Unreachable,
            401 => FeedError::SignedOut,
            402 | 507 => FeedError::Full,
            403 => FeedError::Denied,
            404 | 410 => FeedError::Gone,
            // Of the moment, not of the content: too slow, in the way of another, wrongly connected, locked, too early.
            408 | 409 | 421 | 423 | 425 => self.unclear(),
            503 if self.risk == Risk::Asks => FeedError::Busy(self.retry_after()),
            status if status < 500 => FeedError::Refused,
            _ => self.unclear(),
        }
    }

    /// How many milliseconds the site wants to be left alone, between a second and an hour (RFC 9110 section 10.2.3). A date is
    /// read by the site's own clock.
    pub fn retry_after(&self) -> Option<i64> {
        let text = self.headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
        let is_number = !text.is_empty() && text.trim_start_matches('-').bytes().all(|digit| digit.is_ascii_digit());
        let seconds = match text.parse::<i64>() {
            Ok(seconds) => seconds,
            Err(_) if is_number => LONGEST_WAIT_SECONDS,
            Err(_) => (instant(text)?.as_millis().saturating_sub(self.date()?.as_millis())) / 1000,
        };
        Some(seconds.clamp(1, LONGEST_WAIT_SECONDS) * 1000)
    }

    /// What an answer means that does not come from the feed, or says nothing.
    pub fn unclear(&self) -> FeedError {
        if self.risk == Risk::Asks { FeedError::Unreachable } else { FeedError::Lost }
    }
}

/// A header as text. Some servers write addresses in it as people read them.
pub(super) fn as_text(value: &HeaderValue) -> Option<&str> {
    std::str::from_utf8(value.as_bytes()).ok()
}

/// A date as headers write it (RFC 9110 section 5.6.7).
fn instant(text: &str) -> Option<Timestamp> {
    Some(Timestamp::from_millis(rfc2822::parse(text).ok()?.timestamp().as_millisecond()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use reqwest::header::HeaderName;

    fn answer(status: u16, kind: &'static str, body: &str, risk: Risk) -> Answer {
        let headers = HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static(kind))]);
        Answer { status: StatusCode::from_u16(status).unwrap(), headers, body: body.into(), risk }
    }

    fn with(mut answer: Answer, name: HeaderName, value: &'static str) -> Answer {
        answer.headers.insert(name, HeaderValue::from_static(value));
        answer
    }

    #[test]
    fn what_a_cache_kept_is_as_old_as_it_says() {
        let fresh = with(answer(200, "text/html", "", Risk::Asks), DATE, "Fri, 20 Nov 2026 10:00:00 GMT");
        let told = fresh.date().unwrap();
        assert_eq!(with(fresh, AGE, "2400").date(), Some(told.plus_millis(40 * 60 * 1_000)));
    }

    #[test]
    fn a_page_where_json_is_due_is_not_the_feed() {
        let page = |risk| answer(200, "text/html; charset=utf-8", "<title>Welcome</title>", risk).json::<u8>();
        assert!(matches!(page(Risk::Asks), Err(FeedError::Unreachable)));
        assert!(matches!(page(Risk::Changes), Err(FeedError::Lost)), "it may have come after the feed did it");
        let cut = answer(200, "application/json", "{\"id\": 1", Risk::Asks).json::<serde_json::Value>();
        assert!(matches!(cut, Err(FeedError::Unreachable)));
        assert_eq!(answer(201, "application/ld+json", "7", Risk::Changes).json::<u8>().unwrap(), 7);
        assert_eq!(answer(200, "text/html", " 7\n", Risk::Asks).json_untold::<u8>().unwrap(), 7, "but for a word");
        let page = answer(200, "text/html", "<p>7", Risk::Asks).json_untold::<u8>();
        assert!(matches!(page, Err(FeedError::Unreachable)));
    }

    #[test]
    fn a_fault_of_the_server_leaves_open_whether_it_was_done() {
        assert!(matches!(answer(500, "text/html", "", Risk::Changes).error(), FeedError::Lost));
        assert!(matches!(answer(500, "text/html", "", Risk::Asks).error(), FeedError::Unreachable));
        assert!(matches!(answer(401, "application/json", "", Risk::Changes).error(), FeedError::SignedOut));
        for led in [301, 302, 303, 307, 308] {
            assert!(matches!(answer(led, "text/html", "", Risk::Changes).error(), FeedError::Lost), "{led}");
            assert!(matches!(answer(led, "text/html", "", Risk::Asks).error(), FeedError::Unreachable), "{led}");
        }
    }

    #[test]
    fn a_page_with_a_refusal_may_cover_what_was_done() {
        for status in [400, 401, 403, 404, 451] {
            let covered = answer(status, "text/html", "<h1>Blocked</h1>", Risk::Changes);
            assert!(matches!(covered.error(), FeedError::Lost), "{status}");
            let told = answer(status, "application/json", "{}", Risk::Changes);
            assert!(!matches!(told.error(), FeedError::Lost), "{status}: the feed itself says so");
            let word = answer(status, "text/html", "invalid_request", Risk::Changes);
            assert!(!matches!(word.error(), FeedError::Lost), "{status}: so it does here");
        }
    }

    #[test]
    fn a_filter_on_the_way_that_wants_nobody_asking_is_not_the_feed() {
        for status in [403, 406, 407, 451] {
            assert!(matches!(
                answer(status, "text/html", "<h1>Blocked</h1>", Risk::Asks).error(),
                FeedError::Unreachable
            ));
            assert!(!matches!(answer(status, "application/json", "{}", Risk::Asks).error(), FeedError::Unreachable));
        }
        assert!(matches!(answer(401, "text/html", "<h1>Who?</h1>", Risk::Asks).error(), FeedError::SignedOut));
    }

    #[test]
    fn what_is_of_the_moment_is_no_refusal() {
        for status in [408, 409, 421, 423, 425, 500, 502, 504, 511, 520, 526] {
            assert!(matches!(answer(status, "application/json", "{}", Risk::Asks).error(), FeedError::Unreachable));
            assert!(matches!(answer(status, "application/json", "{}", Risk::Changes).error(), FeedError::Lost));
        }
    }

    #[test]
    fn a_site_is_left_alone_as_long_as_it_says_within_reason() {
        let busy = || answer(429, "application/json", "{}", Risk::Changes);
        let wait = |text| with(busy(), RETRY_AFTER, text).retry_after();
        assert_eq!(wait("120"), Some(120_000));
        for (text, seconds) in [("-5", 1), ("0", 1), ("31536000", 3600), ("99999999999999999999", 3600)] {
            assert_eq!(wait(text), Some(seconds * 1000), "{text}");
        }
        assert_eq!((wait(""), wait("soon"), busy().retry_after()), (None, None, None));
        let date = |date| with(with(busy(), DATE, "Sun, 22 Nov 2026 10:00:00 GMT"), RETRY_AFTER, date).retry_after();
        assert_eq!(date("Sun, 22 Nov 2026 10:10:00 GMT"), Some(600_000), "by its own clock");
        assert_eq!(date("Fri, 31 Dec 1999 23:59:59 GMT"), Some(1_000));
    }
}
