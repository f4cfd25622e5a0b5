//! Where one signs in at a site, and who may answer for it.

use super::*;
use crate::domain::Secret;
use crate::feed::web::scripted::{Heard, Reply, Scripted};

#[tokio::test]
async fn a_sign_in_follows_the_metadata_and_says_whose_site_it_is() {
    let site = Scripted::start(|heard| match heard.target.path() {
        "/meta" => Reply::json(
            200,
            &serde_json::json!({
                "issuer": heard.target.join("/").unwrap().to_string(),
                "authorization_endpoint": heard.target.join("/auth").unwrap().to_string(),
                "token_endpoint": heard.target.join("/token").unwrap().to_string(),
                "revocation_endpoint": "/revoke",
                "authorization_response_iss_parameter_supported": true,
            }),
        ),
        _ => Reply::html(200, "<link rel=micropub href=/m><link rel=indieauth-metadata href=/meta>"),
    })
    .await;
    let redirect = Url::parse("http://127.0.0.1:7/signed-in").unwrap();
    let authorization = authorization(&site.url, &redirect, Patience::default(), false).await.unwrap();
    let said: std::collections::HashMap<_, _> = authorization.url.query_pairs().into_owned().collect();
    assert_eq!((said["me"].as_str(), said["client_id"].as_str()), (site.url.as_str(), "http://127.0.0.1:7/"));
    assert_eq!(said["scope"], "create update delete undelete media");
    assert_eq!(authorization.terms.token_endpoint, site.url.join("/token").unwrap());
    let issuer = Issuer { name: site.url.to_string(), announced: true };
    assert_eq!(authorization.terms.issuer, Some(issuer));
    assert_eq!(authorization.terms.revocation_endpoint, site.url.join("/revoke").ok());
}

#[tokio::test]
async fn a_site_without_a_sign_in_page_is_told_apart() {
    let site = Scripted::start(|_| Reply::html(200, "<link rel=micropub href=/m>")).await;
    let redirect = Url::parse("http://127.0.0.1:7/signed-in").unwrap();
    assert!(matches!(authorization(&site.url, &redirect, Patience::default(), false).await, Err(FeedError::Refused)));
}

#[tokio::test]
async fn a_page_about_the_sign_in_that_is_broken_leaves_the_older_way() {
    let old = "<link rel=indieauth-metadata href=/meta>\
        <link rel='authorization_endpoint me' href=/auth><link rel=token_endpoint href=token>";
    let site = Scripted::start(move |heard| match heard.target.path() {
        "/meta" => Reply::html(404, "not here"),
        _ => Reply::html(200, old),
    })
    .await;
    let redirect = Url::parse("http://127.0.0.1:7/signed-in").unwrap();
    let begun = authorization(&site.url, &redirect, Patience::default(), false).await.unwrap();
    assert_eq!(begun.terms.token_endpoint, site.url.join("/token").unwrap());
    assert_eq!((begun.terms.issuer, begun.terms.revocation_endpoint), (None, None));
}

/// What becomes of a token that a server gave for `me`, a path of the site.
async fn owned(me: &str, scope: Option<&str>) -> Result<Option<String>, FeedError> {
    let site = Scripted::start(|heard: &Heard| match heard.target.path() {
        "/" | "/authors/li" => {
            Reply::html(200, "<link rel=authorization_endpoint href=/auth><link rel=token_endpoint href=/t>")
        }
        "/other" => Reply::html(200, "<link rel=authorization_endpoint href=https://other.example/auth>"),
        "/old" => Reply::With(301, vec![("location", "/authors/li".into())], Vec::new()),
        _ => Reply::html(200, "a page"),
    })
    .await;
    let redirect = Url::parse("http://127.0.0.1:7/signed-in").unwrap();
    let begun = authorization(&site.url, &redirect, Patience::default(), false).await.unwrap();
    let me = match me {
        "" => None,
        path if path.starts_with('/') => Some(site.url.join(path).unwrap().to_string()),
        elsewhere => Some(elsewhere.to_owned()),
    };
    let access = Secret::new("t".into());
    let token = Token { access, refresh: None, expires_at: None, me, scope: scope.map(str::to_owned) };
    let owner = owner(&begun, &site.url, &token).await?;
    Ok(owner.map(|me| me.path().to_owned()))
}

#[tokio::test]
async fn a_server_speaks_for_the_sites_that_point_to_it_and_for_no_other() {
    assert_eq!(owned("/", None).await.unwrap().as_deref(), Some("/"));
    assert_eq!(owned("/authors/li", None).await.unwrap().as_deref(), Some("/authors/li"));
    assert_eq!(owned("/old", None).await.unwrap().as_deref(), Some("/old"));
    assert_eq!(owned("", None).await.unwrap(), None, "older servers do not say");
    for not_its_own in ["/other", "/nowhere", "file:///etc/passwd", "::"] {
        assert!(matches!(owned(not_its_own, None).await, Err(FeedError::SignedOut)), "{not_its_own}");
    }
}

#[tokio::test]
async fn a_token_that_may_not_write_is_none() {
    assert!(matches!(owned("/", Some("profile email")).await, Err(FeedError::Denied)));
    for enough in ["", "create update", "draft", "post"] {
        assert!(owned("/", Some(enough)).await.is_ok(), "{enough}");
    }
}
