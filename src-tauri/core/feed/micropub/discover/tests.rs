//! What is found at an address, and who is not believed.

use super::*;
use crate::feed::web::scripted::{Heard, Reply, Scripted};

fn patience() -> Patience {
    Patience::default()
}

async fn found(answer: impl Fn(&Heard) -> Reply + Send + Sync + 'static) -> (Option<Found>, Vec<String>) {
    let site = Scripted::start(answer).await;
    let found = discover(&site.url.join("blog").unwrap(), false, patience()).await.unwrap();
    (found, site.lines())
}

#[tokio::test]
async fn a_page_says_where_posts_are_made() {
    let page =
        r#"<link rel="micropub" href="/api/micropub"><link rel="token_endpoint" href="https://t.example/token">"#;
    let (found, lines) = found(|_| Reply::html(200, page)).await;
    let found = found.unwrap();
    assert!(found.endpoints["micropub"].ends_with("/api/micropub"));
    assert_eq!(found.endpoints["token_endpoint"], "https://t.example/token");
    assert_eq!(lines, ["GET /blog", "GET /api/micropub"], "nothing else is asked");
}

#[tokio::test]
async fn an_endpoint_that_is_led_on_to_at_the_same_site_is_kept_where_it_is() {
    let linked = |heard: &Heard, (status, to): (u16, &str)| match heard.target.path() {
        "/blog" => Reply::html(200, r#"<link rel="micropub" href="/micropub?to=1">"#),
        "/micropub" => Reply::html(status, "").header("location", to),
        "/micropub/" => Reply::html(401, "authentication error"),
        "/login" => Reply::html(200, "<title>Sign in</title>"),
        _ => Reply::html(404, "<h1>Not found</h1>"),
    };
    let led = [
        ((301, "/micropub/?to=1&q=config"), "/micropub/?to=1"),
        ((308, "/micropub/?q=config"), "/micropub/"),
        ((302, "/login?next=/micropub"), "/micropub?to=1"),
        ((301, "/gone/?q=config"), "/micropub?to=1"),
        ((301, "http://127.0.0.1:1/micropub/?q=config"), "/micropub?to=1"),
    ];
    for (answer, kept) in led {
        let (found, _) = found(move |heard| linked(heard, answer)).await;
        let endpoint = found.unwrap().endpoints["micropub"].clone();
        assert!(endpoint.ends_with(kept), "{answer:?}: {endpoint}");
    }
}

#[tokio::test]
async fn three_redirects_are_followed_and_not_four() {
    let hop = |heard: &Heard, most: usize| {
        let hops: usize = heard.query("hop").and_then(|hop| hop.parse().ok()).unwrap_or(0);
        match hops < most {
            true => Reply::html(302, "").header("location", format!("/blog?hop={}", hops + 1)),
            false => Reply::html(200, "<link rel=micropub href=/m>"),
        }
    };
    assert!(found(move |heard| hop(heard, 3)).await.0.is_some());
    let site = Scripted::start(move |heard| hop(heard, 4)).await;
    assert!(matches!(discover(&site.url, false, patience()).await, Err(FeedError::Unreachable)));
}

#[tokio::test]
async fn an_endpoint_that_nothing_points_to_is_known_by_what_it_asks_for() {
    let (found, _) = found(|heard| match heard.target.path() {
        "/blog/micropub/" => Reply::html(401, "authentication error").header("www-authenticate", "Bearer"),
        _ => Reply::html(404, "not here"),
    })
    .await;
    assert!(found.unwrap().endpoints["micropub"].ends_with("/blog/micropub/"));
}

#[tokio::test]
async fn a_site_that_does_not_speak_it_is_none() {
    assert_eq!(found(|_| Reply::html(200, "<p>a page</p>")).await.0, None);
    let basic = |_: &Heard| Reply::html(401, "").header("www-authenticate", "Basic realm=x");
    assert_eq!(found(basic).await.0, None);
}

#[test]
fn a_site_names_nothing_that_is_trusted_less_than_itself() {
    let trusts = |site: &str, named: &str| same_trust(&Url::parse(site).unwrap(), &Url::parse(named).unwrap());
    assert!(trusts("https://me.example", "https://other.example/m"));
    assert!(trusts("http://127.0.0.1:1", "http://127.0.0.1:2/m"));
    assert!(!trusts("https://me.example", "http://me.example/m"), "in the clear");
    for inside in ["https://127.0.0.1/m", "https://localhost/m", "https://[::1]/m", "https://0.0.0.0/m"] {
        assert!(!trusts("https://me.example", inside), "{inside}");
    }
    assert!(!trusts("http://me.example", "file:///etc/passwd"));
}
