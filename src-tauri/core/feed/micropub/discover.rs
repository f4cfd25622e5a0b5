//! Finding out whether a site speaks Micropub (<https://www.w3.org/TR/micropub/#endpoint-discovery>) and where one signs in
//! (<https://indieauth.spec.indieweb.org/#discovery-by-clients>). Nothing of the user goes along.

use std::collections::BTreeMap;
use std::sync::Arc;

use reqwest::Method;
use reqwest::header::{ACCEPT, WWW_AUTHENTICATE};
use serde::Deserialize;
use url::{Host, Url};

use crate::feed::FeedError;
use crate::feed::web::links::Links;
use crate::feed::web::oauth::{Authorization, Reach, Terms};
use crate::feed::web::{Answer, Client, Found, Patience, Risk, SignIn};

/// Where posts are made, in [`Found::endpoints`].
pub(super) const MICROPUB: &str = "micropub";
const METADATA: &str = "indieauth-metadata";
const AUTHORIZATION: &str = "authorization_endpoint";
const TOKEN: &str = "token_endpoint";

/// Redirects that are followed.
const HOPS: usize = 3;

/// What we want to be allowed; `draft` is understood by some servers and ignored by others.
const SCOPE: &str = "create update delete undelete media draft";

/// Looks for Micropub at an address; nothing where the site does not speak it.
pub async fn discover(address: &Url, plain_http: bool, patience: Patience) -> Result<Option<Found>, FeedError> {
    let reach = Reach { plain_http, patience };
    let (place, answer) = follow(address, reach).await?;
    let links = Links::of(&answer.headers, &answer.body, &place);
    let mut endpoints = BTreeMap::new();
    for rel in [MICROPUB, METADATA, AUTHORIZATION, TOKEN] {
        if let Some(url) = links.get(rel).filter(|url| same_trust(&place, url)) {
            endpoints.insert(rel.to_owned(), url.to_string());
        }
    }
    if !endpoints.contains_key(MICROPUB) {
        // An address that says nothing of itself may be the endpoint, or have it beneath.
        let Some(endpoint) = endpoint_itself(&place, reach).await? else { return Ok(None) };
        endpoints.insert(MICROPUB.to_owned(), endpoint.to_string());
    }
    let title = place.host_str().unwrap_or_default().to_owned();
    Ok(Some(Found { place, title, password_page: None, endpoints }))
}

/// Makes the sign-in at a site. [`FeedError::Refused`] when it has none in the browser.
pub async fn authorization(
    place: &Url,
    redirect_uri: &Url,
    patience: Patience,
    plain_http: bool,
) -> Result<Authorization, FeedError> {
    let reach = Reach { plain_http, patience };
    let found = discover(place, plain_http, patience).await?.ok_or(FeedError::Refused)?;
    let at = |rel: &str| found.endpoints.get(rel).and_then(|url| Url::parse(url).ok());
    let told = match at(METADATA) {
        Some(page) => metadata(&page, reach).await?,
        None => Metadata::default(),
    };
    let either = |told: Option<String>, rel: &str| told.and_then(|url| Url::parse(&url).ok()).or_else(|| at(rel));
    let authorization = either(told.authorization_endpoint, AUTHORIZATION).ok_or(FeedError::Refused)?;
    let token = either(told.token_endpoint, TOKEN).ok_or(FeedError::Refused)?;
    if ![&authorization, &token].into_iter().all(|url| same_trust(&found.place, url)) {
        return Err(FeedError::Denied);
    }
    // A program without a page of its own on the web is named by where the answer goes, which every server can check.
    let client_id = redirect_uri.join("/").map_err(|_| FeedError::Refused)?;
    let terms = Terms {
        authorization_endpoint: authorization,
        token_endpoint: token,
        client_id: client_id.into(),
        client_secret: None,
        redirect_uri: redirect_uri.clone(),
        scope: SCOPE.to_owned(),
        issuer: told.issuer.filter(|_| told.authorization_response_iss_parameter_supported),
    };
    Ok(Authorization::begin(terms, reach)?.with("me", found.place.as_str()))
}

/// The server's account of itself (RFC 8414).
#[derive(Default, Deserialize)]
#[serde(default)]
struct Metadata {
    issuer: Option<String>,
    authorization_endpoint: Option<String>,
    token_endpoint: Option<String>,
    authorization_response_iss_parameter_supported: bool,
}

async fn metadata(page: &Url, reach: Reach) -> Result<Metadata, FeedError> {
    let (_, answer) = follow(page, reach).await?;
    answer.json()
}

/// Asks for a page as nobody, and follows where it leads: never from TLS into the clear.
async fn follow(address: &Url, reach: Reach) -> Result<(Url, Answer), FeedError> {
    let mut at = address.clone();
    for _ in 0..=HOPS {
        let answer = ask(&at, reach).await?;
        if !answer.status.is_redirection() {
            return Ok((at, answer));
        }
        let next = answer.location().and_then(|next| at.join(next).ok()).ok_or(FeedError::Unreachable)?;
        if at.scheme() == "https" && next.scheme() != "https" {
            return Err(FeedError::Denied);
        }
        at = next;
    }
    Err(FeedError::Unreachable)
}

async fn ask(at: &Url, reach: Reach) -> Result<Answer, FeedError> {
    let client = Client::new(at.clone(), Arc::new(SignIn::Anonymous), reach.plain_http, reach.patience)?;
    let request =
        client.anonymous(Method::GET, at.clone()).header(ACCEPT, "text/html, application/json;q=0.9, */*;q=0.1");
    client.send(request, Risk::Asks).await
}

/// Whether the address, or `micropub` beneath it, is an endpoint: it asks for a token, as an endpoint must.
async fn endpoint_itself(place: &Url, reach: Reach) -> Result<Option<Url>, FeedError> {
    let mut folder = place.clone();
    if !folder.path().ends_with('/') {
        folder.set_path(&format!("{}/", place.path()));
    }
    let beneath = ["micropub", "micropub/"].into_iter().filter_map(|path| folder.join(path).ok());
    for candidate in std::iter::once(place.clone()).chain(beneath) {
        let mut question = candidate.clone();
        question.query_pairs_mut().append_pair("q", "config");
        let answer = ask(&question, reach).await?;
        let wants = answer.headers.get(WWW_AUTHENTICATE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        if answer.status.as_u16() == 401 && wants.trim_start().to_ascii_lowercase().starts_with("bearer") {
            return Ok(Some(candidate));
        }
    }
    Ok(None)
}

/// Whether a site may name an address: never one in the clear by one over TLS, never this computer by another one.
pub(super) fn same_trust(site: &Url, named: &Url) -> bool {
    let is_as_safe = match named.scheme() {
        "https" => true,
        "http" => site.scheme() == "http",
        _ => false,
    };
    is_as_safe && (is_this_computer(site) || !is_this_computer(named))
}

fn is_this_computer(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback() || address.is_unspecified(),
        Some(Host::Ipv6(address)) => address.is_loopback() || address.is_unspecified(),
        None => false,
    }
}

#[cfg(test)]
mod tests;
