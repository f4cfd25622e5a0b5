//! A browser, a site, and those who would like to be one of them.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::*;
use crate::feed::web::Patience;

const NOW: Timestamp = Timestamp::EPOCH;

fn terms(redirect_uri: &Url, site: &str) -> Terms {
    Terms {
        authorization_endpoint: Url::parse(&format!("{site}/auth?blog=1")).unwrap(),
        token_endpoint: Url::parse(&format!("{site}/token")).unwrap(),
        revocation_endpoint: None,
        client_id: "https://sampan.example/".into(),
        client_secret: None,
        redirect_uri: redirect_uri.clone(),
        scope: "create update".into(),
        issuer: None,
    }
}

fn reach() -> Reach {
    Reach { plain_http: false, patience: Patience::default() }
}

fn begun(loopback: &Loopback) -> Authorization {
    Authorization::begin(terms(loopback.redirect_uri(), "https://site.example"), reach()).unwrap()
}

/// Calls the listener as a browser would and gives the whole answer.
async fn call(to: &Url, host: &str, path: &str) -> String {
    let mut stream = TcpStream::connect(to.authority()).await.unwrap();
    stream.write_all(format!("GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n").as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

/// Brings an answer of the site back, and gives what came of it and what the browser shows.
async fn bring(query: &str, issuer: Option<&str>) -> (Result<Secret, Stopped>, String) {
    bring_from(query, issuer, true).await
}

async fn bring_from(query: &str, issuer: Option<&str>, announced: bool) -> (Result<Secret, Stopped>, String) {
    let loopback = Loopback::open().await.unwrap();
    let mut expected = begun(&loopback);
    expected.terms.issuer = issuer.map(|name| Issuer { name: name.to_owned(), announced });
    let to = loopback.redirect_uri().clone();
    let path = format!("/signed-in?state={}&{query}", expected.state.expose());
    let host = to.authority().to_owned();
    tokio::join!(loopback.wait(&expected), call(&to, &host, &path))
}

#[test]
fn the_page_carries_the_challenge_and_not_the_verifier() {
    let redirect = Url::parse("http://127.0.0.1:7/signed-in").unwrap();
    let authorization = Authorization::begin(terms(&redirect, "https://site.example"), reach()).unwrap();
    let authorization = authorization.with("me", "https://我.example/");
    let said: std::collections::HashMap<_, _> = authorization.url.query_pairs().into_owned().collect();
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(authorization.verifier.expose()));
    assert_eq!(said["code_challenge"], challenge);
    assert_eq!((said["code_challenge_method"].as_str(), said["blog"].as_str()), ("S256", "1"));
    assert_eq!((said["redirect_uri"].as_str(), said["me"].as_str()), (redirect.as_str(), "https://我.example/"));
    assert_eq!(said["state"], authorization.state.expose());
    assert!(!authorization.url.as_str().contains(authorization.verifier.expose()));
    assert!((43..=128).contains(&authorization.verifier.expose().len()), "as RFC 7636 wants it");
    assert!((22..=32).contains(&authorization.state.expose().len()), "128 bits, and no more than some servers keep");
    let other = Authorization::begin(terms(&redirect, "https://site.example"), reach()).unwrap();
    assert_ne!((other.state, other.verifier), (authorization.state, authorization.verifier));
}

#[test]
fn a_site_in_the_clear_gets_no_code() {
    let redirect = Url::parse("http://127.0.0.1:7/signed-in").unwrap();
    let clear =
        |plain_http| Authorization::begin(terms(&redirect, "http://site.example"), Reach { plain_http, ..reach() });
    assert!(matches!(clear(false), Err(FeedError::Denied)));
    assert!(clear(true).is_ok(), "unless the user said so");
}

#[tokio::test]
async fn the_browser_brings_the_code_and_shows_a_page_that_does_nothing() {
    let (code, page) = bring("code=c%2F1", None).await;
    assert_eq!(code, Ok(Secret::new("c/1".into())));
    let page = page.to_lowercase();
    assert!(page.starts_with("http/1.1 200"), "{page}");
    for head in
        ["content-security-policy: default-src 'none'", "referrer-policy: no-referrer", "cache-control: no-store"]
    {
        assert!(page.contains(head), "{head} in {page}");
    }
    assert!(page.contains("可以关闭这个窗口") && page.contains("close this window"));
    assert!(!page.contains("c/1") && !page.contains("c%2f1"), "the page does not repeat the code");
}

#[tokio::test]
async fn a_refusal_is_told_apart_from_a_fault() {
    assert_eq!(bring("error=access_denied", None).await.0, Err(Stopped::Denied));
    assert_eq!(bring("error=server_error", None).await.0, Err(Stopped::Failed));
    assert_eq!(bring("code=", None).await.0, Err(Stopped::Failed));
    assert_eq!(bring("code=a&code=b", None).await.0, Err(Stopped::Failed), "which of them?");
}

#[tokio::test]
async fn a_site_that_names_itself_must_be_the_right_one() {
    let site = Some("https://site.example");
    assert!(bring("code=1&iss=https%3A%2F%2Fsite.example", site).await.0.is_ok());
    assert_eq!(bring("code=1&iss=https%3A%2F%2Fevil.example", site).await.0, Err(Stopped::Failed));
    assert_eq!(bring("code=1", site).await.0, Err(Stopped::Failed), "it announced that it would");
    assert!(bring("code=1&iss=https%3A%2F%2Fsite.example", None).await.0.is_ok());
    assert!(bring("code=1&iss=https%3A%2F%2Fsite.example%2F", site).await.0.is_ok(), "a slash makes no other site");
    assert!(bring_from("code=1", site, false).await.0.is_ok(), "it did not announce it");
    let other = bring_from("code=1&iss=https%3A%2F%2Fevil.example", site, false).await.0;
    assert_eq!(other, Err(Stopped::Failed), "and whoever names itself is believed to be that");
}

#[tokio::test]
async fn an_attacker_neither_slips_in_a_code_nor_ends_the_wait() {
    let loopback = Loopback::open().await.unwrap();
    let expected = begun(&loopback);
    let to = loopback.redirect_uri().clone();
    let (host, state) = (to.authority().to_owned(), expected.state.expose().to_owned());
    let attack = async {
        let silent = TcpStream::connect(to.authority()).await.unwrap();
        for (host, path, status) in [
            (host.as_str(), "/signed-in?state=guess&code=evil".to_owned(), 400),
            (&host, "/signed-in?code=evil".to_owned(), 400),
            (&host, format!("/signed-in?state={state}&state=guess&code=evil"), 400),
            (&host, "/signed-in?state=guess&error=access_denied".to_owned(), 400),
            (&host, format!("/?state={state}&code=evil"), 404),
            (&host, format!("/signed-in/?state={state}&code=evil"), 404),
            ("localhost", format!("/signed-in?state={state}&code=evil"), 404),
            ("evil.example", format!("/signed-in?state={state}&code=evil"), 404),
        ] {
            let answer = call(&to, host, &path).await;
            assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{path}: {answer}");
        }
        call(&to, &host, &format!("/signed-in?state={state}&code=good")).await;
        drop(silent);
    };
    let (code, ()) = tokio::join!(loopback.wait(&expected), attack);
    assert_eq!(code, Ok(Secret::new("good".into())));
    assert!(TcpStream::connect(to.authority()).await.is_err(), "nobody is answered a second time");
}

#[tokio::test(start_paused = true)]
async fn nobody_is_waited_for_longer_than_five_minutes() {
    let loopback = Loopback::open().await.unwrap();
    let expected = begun(&loopback);
    let begun = tokio::time::Instant::now();
    assert_eq!(loopback.wait(&expected).await, Err(Stopped::TimedOut));
    assert_eq!(begun.elapsed().as_secs(), 300);
}

/// A site that takes one request, and answers with `answer`. Gives the request.
async fn site(answer: &'static str) -> (String, tokio::task::JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let served = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let (mut request, mut piece) = (Vec::new(), [0; 4096]);
        while !String::from_utf8_lossy(&request).contains("code_verifier=") {
            let read = stream.read(&mut piece).await.unwrap();
            request.extend_from_slice(&piece[..read]);
        }
        stream.write_all(answer.as_bytes()).await.unwrap();
        String::from_utf8(request).unwrap()
    });
    (address, served)
}

async fn redeemed(answer: &'static str) -> (Result<Token, FeedError>, String, Authorization) {
    let (address, served) = site(answer).await;
    let redirect = Url::parse("http://127.0.0.1:7/signed-in").unwrap();
    let authorization = Authorization::begin(terms(&redirect, &address), reach()).unwrap();
    let token = redeem(&authorization, &Secret::new("c/1".into()), NOW).await;
    (token, served.await.unwrap(), authorization)
}

#[tokio::test]
async fn a_code_becomes_a_token_in_either_form() {
    let json = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n\
        {\"access_token\":\"t\",\"token_type\":\"Bearer\",\"expires_in\":60,\"refresh_token\":\"r\",\"me\":\"https://a.example/\"}";
    let (token, asked, authorization) = redeemed(json).await;
    let token = token.unwrap();
    assert_eq!((token.access.expose(), token.refresh.unwrap().expose()), ("t", "r"));
    assert_eq!((token.expires_at, token.me.as_deref()), (Some(NOW.plus_millis(60_000)), Some("https://a.example/")));
    assert!(asked.contains("grant_type=authorization_code&code=c%2F1&"), "{asked}");
    assert!(asked.contains(&format!("code_verifier={}", authorization.verifier.expose())));

    let form = "HTTP/1.1 201 Created\r\nContent-Type: application/x-www-form-urlencoded\r\nConnection: close\r\n\r\n\
        access_token=t%2B&me=https%3A%2F%2Fa.example%2F&scope=create+update&expires_in=86399";
    let token = redeemed(form).await.0.unwrap();
    assert_eq!((token.access.expose(), token.scope.as_deref()), ("t+", Some("create update")));
}

#[tokio::test]
async fn what_the_page_was_told_is_told_again_with_the_code() {
    let json = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n{\"access_token\":\"t\"}";
    let (address, served) = site(json).await;
    let redirect = Url::parse("http://127.0.0.1:7/signed-in").unwrap();
    let begun = Authorization::begin(terms(&redirect, &address), reach()).unwrap().with("me", "https://a.example/");
    redeem(&begun, &Secret::new("c".into()), NOW).await.unwrap();
    let (asked, state) = (served.await.unwrap(), begun.state.expose());
    assert!(
        asked.ends_with(&format!("&state={state}&me=https%3A%2F%2Fa.example%2F")),
        "older servers need it: {asked}"
    );
    assert!(!redeemed(json).await.1.contains("state="), "and others are told nothing that they did not ask for");
}

#[tokio::test]
async fn a_token_is_taken_from_json_that_is_not_called_so() {
    for kind in ["text/html; charset=UTF-8", "text/plain", "application/x-www-form-urlencoded"] {
        let json = "{\"access_token\":\"t\",\"expires_in\":60.0,\"scope\":null}";
        let answer = format!("HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nConnection: close\r\n\r\n{json}");
        let token = redeemed(answer.leak()).await.0.unwrap();
        assert_eq!((token.access.expose(), token.expires_at), ("t", Some(NOW.plus_millis(60_000))), "{kind}");
    }
}

#[tokio::test]
async fn a_code_that_is_not_taken_gives_no_token() {
    let refused = "HTTP/1.1 400 Bad Request\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n\
        {\"error\":\"invalid_grant\"}";
    assert!(matches!(redeemed(refused).await.0, Err(FeedError::Denied)));
    for told in ["{\"error\":\"invalid_grant\"}", "error=invalid_grant&error_description=It+was+used"] {
        let answer = format!("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\n{told}");
        let token = redeemed(answer.leak()).await.0;
        assert!(matches!(token, Err(FeedError::Denied)), "whatever the status says: {told}");
    }
    let page = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\n\r\n<p>Welcome</p>";
    assert!(matches!(redeemed(page).await.0, Err(FeedError::Unreachable)), "a network that wants a sign-in first");
    let other = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n\
        {\"access_token\":\"t\",\"token_type\":\"mac\"}";
    assert!(matches!(redeemed(other).await.0, Err(FeedError::Refused)), "a token we cannot carry");
}
