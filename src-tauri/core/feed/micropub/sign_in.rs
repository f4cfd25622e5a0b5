//! Signing in at a site with IndieAuth (<https://indieauth.spec.indieweb.org/>): where it is done, and whether whoever answers may
//! answer for that site. Opens no browser and keeps nothing.

use std::collections::BTreeMap;

use serde::Deserialize;
use url::Url;

use super::discover::{AUTHORIZATION, METADATA, PAGE, TOKEN, pointed_to, same_trust};
use crate::feed::FeedError;
use crate::feed::web::oauth::{Authorization, Issuer, Terms, Token};
use crate::feed::web::{Patience, Reach};

/// What we want to be allowed. Never `draft`: it forbids more than it allows, and Indiekit makes every post a draft with it
/// (<https://github.com/indieweb/micropub-extensions/issues/24>).
const SCOPE: &str = "create update delete undelete media";
/// Any of these lets us write; `post` is the word of older servers.
const WRITES: [&str; 3] = ["create", "draft", "post"];

/// Makes the sign-in at a site. [`FeedError::Refused`] when it has none in the browser.
pub async fn authorization(
    place: &Url,
    redirect_uri: &Url,
    patience: Patience,
    plain_http: bool,
) -> Result<Authorization, FeedError> {
    let reach = Reach { plain_http, patience };
    let (place, endpoints) = pointed_to(place, reach).await?;
    let pages = Pages::of(&place, &endpoints, reach).await?;
    // A program without a page of its own on the web is named by where the answer goes, which every server can check without
    // asking for it: a server must not fetch a name on the user's own computer.
    let client_id = redirect_uri.join("/").map_err(|_| FeedError::Refused)?;
    let terms = Terms {
        authorization_endpoint: pages.authorization,
        token_endpoint: pages.token.ok_or(FeedError::Refused)?,
        revocation_endpoint: pages.revocation,
        client_id: client_id.into(),
        client_secret: None,
        redirect_uri: redirect_uri.clone(),
        scope: SCOPE.to_owned(),
        issuer: pages.issuer,
    };
    Ok(Authorization::begin(terms, reach)?.with("me", place.as_str()))
}

/// Whose site the token is for, where the server says so. It may name another address than the one where the sign-in began; then
/// that one has to point to the same sign-in page, or the server speaks for a site that is not its own:
/// [`FeedError::SignedOut`]. [`FeedError::Denied`] for a token that lets us write nothing.
pub async fn owner(authorization: &Authorization, place: &Url, token: &Token) -> Result<Option<Url>, FeedError> {
    let scope = token.scope.as_deref().unwrap_or_default();
    if !scope.trim().is_empty() && !scope.split_whitespace().any(|word| WRITES.contains(&word)) {
        return Err(FeedError::Denied);
    }
    let Some(me) = token.me.as_deref().map(str::trim).filter(|me| !me.is_empty()) else { return Ok(None) };
    // Some servers leave the scheme out.
    let me = Url::parse(me).or_else(|_| Url::parse(&format!("https://{me}"))).map_err(|_| FeedError::SignedOut)?;
    if me == *place {
        return Ok(Some(me));
    }
    if !same_trust(place, &me) {
        return Err(FeedError::SignedOut);
    }
    let (at, endpoints) = pointed_to(&me, authorization.reach).await?;
    let pages = Pages::of(&at, &endpoints, authorization.reach).await;
    match pages {
        Ok(pages) if pages.authorization == authorization.terms.authorization_endpoint => Ok(Some(me)),
        Ok(_) | Err(FeedError::Refused | FeedError::Denied) => Err(FeedError::SignedOut),
        Err(error) => Err(error),
    }
}

/// Where a site lets one sign in.
struct Pages {
    authorization: Url,
    token: Option<Url>,
    revocation: Option<Url>,
    issuer: Option<Issuer>,
}

/// The server's account of itself (RFC 8414).
#[derive(Default, Deserialize)]
#[serde(default)]
struct Metadata {
    issuer: Option<String>,
    authorization_endpoint: Option<String>,
    token_endpoint: Option<String>,
    revocation_endpoint: Option<String>,
    authorization_response_iss_parameter_supported: bool,
}

impl Pages {
    /// From the page that says so, and else from what the site itself points to.
    async fn of(place: &Url, endpoints: &BTreeMap<String, String>, reach: Reach) -> Result<Self, FeedError> {
        let pointed = |rel: &str| endpoints.get(rel).and_then(|url| Url::parse(url).ok());
        let page = pointed(METADATA);
        let told = match &page {
            Some(page) => match metadata(page, reach).await {
                // The page may be broken while the older way still leads there.
                Err(_) if pointed(AUTHORIZATION).is_some() => Metadata::default(),
                told => told?,
            },
            None => Metadata::default(),
        };
        let base = page.as_ref().unwrap_or(place);
        let at = |told: Option<String>| told.and_then(|url| base.join(url.trim()).ok());
        let authorization = at(told.authorization_endpoint).or_else(|| pointed(AUTHORIZATION));
        let pages = Self {
            authorization: authorization.ok_or(FeedError::Refused)?,
            token: at(told.token_endpoint).or_else(|| pointed(TOKEN)),
            revocation: at(told.revocation_endpoint).filter(|url| same_trust(place, url)),
            issuer: told
                .issuer
                .filter(|name| !name.trim().is_empty())
                .map(|name| Issuer { name, announced: told.authorization_response_iss_parameter_supported }),
        };
        let is_trusted = std::iter::once(&pages.authorization).chain(&pages.token).all(|url| same_trust(place, url));
        if is_trusted { Ok(pages) } else { Err(FeedError::Denied) }
    }
}

async fn metadata(page: &Url, reach: Reach) -> Result<Metadata, FeedError> {
    let (_, answer) = reach.follow(page, PAGE).await?;
    answer.json_untold()
}

#[cfg(test)]
mod tests;
