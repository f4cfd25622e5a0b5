//! How feeds on the network are reached: what people type as an address, what is found there, and the adapter of each kind.

use std::sync::Arc;

use url::{Host, Url};

use super::{Journal, setting_up};
use crate::api::error::{ApiError, ApiResult, ErrorCode};
use crate::api::types::FeedKind;
use crate::domain::destination::Choices;
use crate::feed::web::{Credentials, Found, Patience, Site, may_talk_to};
use crate::feed::{Feed, FeedError, mastodon, micropub, wordpress};
use crate::store::feeds::FeedRow;

/// Kinds that can be found at an address, the most capable first.
pub(super) const KINDS: [FeedKind; 3] = [FeedKind::Wordpress, FeedKind::Mastodon, FeedKind::Micropub];

/// Somewhere that a feed may be.
pub(super) struct Address {
    /// Where to look, the likeliest first.
    urls: Vec<Url>,
    /// Whose account is meant, where it is one.
    account: Option<String>,
    /// As the user typed it.
    typed: String,
    plain_http: bool,
    /// The user typed `http` and did not allow it, so that the same is looked for over TLS.
    is_plain: bool,
}

impl Address {
    /// Reads what people type: `blog.example`, `https://blog.example/about`, `@me@social.example`, with full-width signs too.
    pub fn read(typed: &str, plain_http: bool) -> ApiResult<Self> {
        let urls = urls(typed, plain_http);
        if urls.is_empty() {
            return Err(ApiError::about(ErrorCode::NoFeedThere, typed.trim()));
        }
        let is_plain = !urls.iter().any(|url| may_talk_to(url, plain_http));
        let safe = |url: Url| if is_plain { over_tls(url) } else { Some(url) };
        let urls = urls.into_iter().filter_map(safe).filter(|url| may_talk_to(url, plain_http)).collect();
        let account = handle(&half_width(typed)).map(|(account, _)| account.to_owned());
        Ok(Self { urls, account, typed: typed.trim().to_owned(), plain_http, is_plain })
    }

    /// What it means that nothing could be found there.
    pub fn refusal(&self, error: &FeedError) -> ApiError {
        match error {
            FeedError::Unreachable | FeedError::Untrusted if self.is_plain => {
                ApiError::about(ErrorCode::PlainHttp, self.typed())
            }
            error => setting_up::refusal(error, self.typed()),
        }
    }

    /// What the user typed.
    pub fn typed(&self) -> &str {
        &self.typed
    }
}

impl Journal {
    /// Looks for a kind of feed at an address. The first place that has one counts; nothing is found only if every place
    /// answered so. Behind one that did not answer no other is looked at: the site's front page may be another blog.
    pub(super) async fn look_for(&self, kind: FeedKind, address: &Address) -> Result<Option<Found>, FeedError> {
        let mut trouble: Option<(&str, FeedError)> = None;
        for url in &address.urls {
            if trouble.as_ref().is_some_and(|(scheme, _)| *scheme == url.scheme()) {
                continue;
            }
            match discover(kind, url, address, self.inner.options.patience).await {
                Ok(Some(found)) => return Ok(Some(found)),
                Ok(None) => {}
                Err(error) => trouble = Some((url.scheme(), error)),
            }
        }
        trouble.map_or(Ok(None), |(_, error)| Err(error))
    }

    /// A site as its adapter needs it.
    pub(super) fn site(&self, row: &FeedRow, credentials: Arc<dyn Credentials>) -> Option<Site> {
        let choices = Choices {
            languages: row.options.languages,
            long_text: row.options.long_text,
            topics: row.options.topics,
            visibility: row.options.visibility,
        };
        Some(Site {
            place: Url::parse(&row.place).ok()?,
            facts: row.facts.clone(),
            choices,
            credentials,
            plain_http: row.account.plain_http,
            patience: self.inner.options.patience,
            clock: self.inner.options.clock.clone(),
        })
    }
}

async fn discover(kind: FeedKind, at: &Url, address: &Address, patience: Patience) -> Result<Option<Found>, FeedError> {
    let plain_http = address.plain_http;
    match (kind, &address.account) {
        (FeedKind::Wordpress, _) => wordpress::discover(at, plain_http, patience).await,
        (FeedKind::Mastodon, Some(account)) => mastodon::discover_account(account, at, plain_http, patience).await,
        (FeedKind::Mastodon, None) => mastodon::discover(at, plain_http, patience).await,
        (FeedKind::Micropub, _) => micropub::discover(at, plain_http, patience).await,
        (FeedKind::Folder, _) => Ok(None),
    }
}

/// The adapter of a kind of feed; nothing for an address that it cannot talk to.
pub(super) fn adapter(kind: FeedKind, site: Site) -> Option<Arc<dyn Feed>> {
    Some(match kind {
        FeedKind::Wordpress => Arc::new(wordpress::WordPress::new(site).ok()?),
        FeedKind::Mastodon => Arc::new(mastodon::Mastodon::new(site).ok()?),
        FeedKind::Micropub => Arc::new(micropub::Micropub::new(site)),
        FeedKind::Folder => return None,
    })
}

/// The addresses that something typed may mean.
fn urls(typed: &str, plain_http: bool) -> Vec<Url> {
    let text = half_width(typed.trim());
    let has_scheme = ["https://", "http://"]
        .iter()
        .any(|scheme| text.get(..scheme.len()).is_some_and(|beginning| beginning.eq_ignore_ascii_case(scheme)));
    if has_scheme {
        return with_parents(Url::parse(&text).ok());
    }
    if text.contains("://") {
        return Vec::new();
    }
    let place = handle(&text).map_or(text.trim_start_matches('@'), |(_, host)| host);
    let read =
        |scheme: &str| Url::parse(&format!("{scheme}://{place}")).ok().filter(|url| !place.is_empty() && is_host(url));
    let schemes: &[&str] = match read("http") {
        Some(url) if may_talk_to(&url, false) => &["http", "https"],
        _ if plain_http => &["https", "http"],
        _ => &["https"],
    };
    schemes.iter().flat_map(|scheme| with_parents(read(scheme))).collect()
}

/// The account and the host that `@me@social.example` and `me@social.example` name; `social.example/@me` is a page there.
fn handle(text: &str) -> Option<(&str, &str)> {
    text.trim_start_matches('@').rsplit_once('@').filter(|(account, _)| !account.contains('/'))
}

/// An address without what does not belong into one, and the site's front page behind it.
fn with_parents(url: Option<Url>) -> Vec<Url> {
    let Some(mut url) = url.filter(is_host) else { return Vec::new() };
    // A password in an address would be shown with it.
    if url.set_username("").and(url.set_password(None)).is_err() {
        return Vec::new();
    }
    url.set_fragment(None);
    let mut front = url.clone();
    front.set_path("/");
    front.set_query(None);
    if front == url { vec![url] } else { vec![url, front] }
}

/// The same place over TLS.
fn over_tls(mut url: Url) -> Option<Url> {
    url.set_scheme("https").ok().map(|()| url)
}

fn is_host(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => !name.is_empty(),
        Some(Host::Ipv4(_) | Host::Ipv6(_)) => true,
        None => false,
    }
}

/// The signs of an address as a Chinese keyboard writes them.
fn half_width(text: &str) -> String {
    let signs = text.chars().filter(|c| !c.is_whitespace()).map(|c| match c {
        '：' => ':',
        '／' => '/',
        '＠' => '@',
        '．' | '。' => '.',
        other => other,
    });
    signs.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::remote::DiscoverInput;
    use crate::feed::web::scripted::{Heard, Reply, Scripted};
    use serde_json::json;

    fn read(typed: &str, plain_http: bool) -> Vec<String> {
        urls(typed, plain_http).into_iter().map(|url| url.to_string()).collect()
    }

    #[test]
    fn an_address_is_read_as_people_type_it() {
        assert_eq!(read(" blog.example ", false), ["https://blog.example/"]);
        assert_eq!(
            read("HTTPS://Blog.Example/关于?x=1#top", false),
            ["https://blog.example/%E5%85%B3%E4%BA%8E?x=1", "https://blog.example/"]
        );
        assert_eq!(read("@me@social.example", false), ["https://social.example/"]);
        assert_eq!(read("me＠social。example", false), ["https://social.example/"]);
        for page in ["social.example/@li", "social.example/@li@blog.example"] {
            let expected = [&format!("https://{page}"), "https://social.example/"];
            assert_eq!(read(page, false), expected, "somebody's page at a host");
        }
        assert_eq!(read("https：／／博客.example", false), ["https://xn--9krq6q.example/"]);
        assert_eq!(read("127.0.0.1:8080/wp", false)[..2], ["http://127.0.0.1:8080/wp", "http://127.0.0.1:8080/"]);
        assert_eq!(read("localhost:8080", false)[0], "http://localhost:8080/");
        assert_eq!(read("[::1]:8080", false)[0], "http://[::1]:8080/");
        assert_eq!(read("HTTPS://[::1]:8443//", false), ["https://[::1]:8443//", "https://[::1]:8443/"]);
        assert_eq!(read("nas.example", true), ["https://nas.example/", "http://nas.example/"]);
        assert_eq!(
            read("https://li:secret@blog.example/", false),
            ["https://blog.example/"],
            "no password in an address"
        );
        for nothing in ["", "  ", "@", "https://", "a b\u{0}c d", "file:///etc/passwd", "mailto:me"] {
            assert_eq!(read(nothing, true), [""; 0], "{nothing}");
        }
    }

    #[test]
    fn plain_http_to_another_computer_needs_the_users_word() {
        let address = Address::read("http://blog.example:80/a", false).unwrap();
        let urls: Vec<&str> = address.urls.iter().map(Url::as_str).collect();
        assert_eq!(urls, ["https://blog.example/a", "https://blog.example/"], "most are there over TLS too");
        assert_eq!(address.refusal(&FeedError::Unreachable).code, ErrorCode::PlainHttp);
        let secure = Address::read("blog.example", false).unwrap();
        assert_eq!(secure.refusal(&FeedError::InTheClear).code, ErrorCode::PlainHttp, "as it is offered then, too");
        assert_eq!(secure.refusal(&FeedError::Untrusted).code, ErrorCode::BadCertificate);
        assert!(Address::read("http://blog.example", true).is_ok());
        assert!(Address::read("http://127.0.0.1:1", false).is_ok());
        assert_eq!(Address::read(" ", false).err().map(|error| error.code), Some(ErrorCode::NoFeedThere));
    }

    #[tokio::test]
    async fn a_handle_leads_to_the_server_of_its_account_at_whichever_host_that_is() {
        let social = Scripted::start(|heard: &Heard| match heard.target.path() {
            "/api/v2/instance" => Reply::json(200, &json!({"title": "Social", "version": "4.6.0"})),
            "/.well-known/webfinger" if heard.query("resource").is_some_and(|about| about.starts_with("acct:me@")) => {
                let actor = format!("http://{}/users/me", heard.header("host").unwrap());
                let links = json!([{"rel": "self", "type": "application/activity+json", "href": actor}]);
                Reply::json(200, &json!({"subject": "acct:me@127.0.0.1", "links": links}))
            }
            _ => Reply::json(404, &json!({"error": "Not Found"})),
        })
        .await;
        let finger = social.url.join("/.well-known/webfinger").unwrap();
        let apex = Scripted::start(move |heard: &Heard| match heard.target.path() {
            "/.well-known/webfinger" => {
                let there = format!("{finger}?{}", heard.target.query().unwrap());
                Reply::html(301, "").header("location", there)
            }
            "/" => Reply::html(200, "<p>a page</p>"),
            _ => Reply::html(404, "not here"),
        })
        .await;
        let dir = tempfile::tempdir().unwrap();
        let journal = Journal::open(&dir.path().join("journal"), Default::default()).await.unwrap();
        let found = async |account: &str, host: &Url| {
            let address = format!("{account}@{}", host.authority());
            let found = journal.feed_discover(DiscoverInput { address, plain_http: false }).await.unwrap();
            found.into_iter().map(|found| (found.kind, found.place)).collect::<Vec<_>>()
        };
        let there = vec![(FeedKind::Mastodon, social.url.to_string())];
        assert_eq!(found("@me", &apex.url).await, there);
        let asked = apex.heard().into_iter().find(|heard| heard.target.path() == "/.well-known/webfinger").unwrap();
        assert_eq!(asked.query("resource"), Some(format!("acct:me@{}", apex.url.authority())));
        assert_eq!(found("me", &social.url).await, there, "the host itself");
        assert_eq!(found("@nobody", &social.url).await, there, "where no such account is told of, as ever");
        let address = format!("@nobody@{}", apex.url.authority());
        assert!(journal.feed_discover(DiscoverInput { address, plain_http: false }).await.is_err(), "here neither");
    }

    #[tokio::test]
    async fn where_the_address_itself_does_not_answer_no_other_blog_of_the_site_is_offered() {
        let site = Scripted::start(|heard: &Heard| match heard.target.path() {
            "/" => Reply::html(200, "<link rel=micropub href=/micropub>"),
            path if path.starts_with("/down/") => Reply::Nothing,
            path if path.starts_with("/closed/") => Reply::html(503, "back soon"),
            _ => Reply::html(404, ""),
        })
        .await;
        let dir = tempfile::tempdir().unwrap();
        let journal = Journal::open(&dir.path().join("journal"), Default::default()).await.unwrap();
        let discover = async |path: &str| {
            let address = site.url.join(path).unwrap().into();
            journal.feed_discover(DiscoverInput { address, plain_http: false }).await
        };
        assert_eq!(discover("about/").await.unwrap()[0].place, site.url.as_str(), "a page of the blog");
        for silent in ["down/", "closed/"] {
            assert_eq!(discover(silent).await.unwrap_err().code, ErrorCode::FeedUnreachable, "{silent}");
        }
    }
}
