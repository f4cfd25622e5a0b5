//! Finding out whether a site speaks Micropub (<https://www.w3.org/TR/micropub/#endpoint-discovery>), and what else it points to.
//! Nothing of the user goes along.

use std::collections::BTreeMap;

use reqwest::header::WWW_AUTHENTICATE;
use url::Url;

use crate::feed::FeedError;
use crate::feed::web::links::Links;
use crate::feed::web::{Found, Patience, Reach, may_lead_to};

/// Where posts are made, in [`Found::endpoints`].
pub const MICROPUB: &str = "micropub";
/// Where the page is that says how one signs in.
pub(super) const METADATA: &str = "indieauth-metadata";
/// Where one signs in, at sites without such a page.
pub(super) const AUTHORIZATION: &str = "authorization_endpoint";
/// Where a code becomes a token, at sites without such a page.
pub(super) const TOKEN: &str = "token_endpoint";

/// A page, or else what only programs read.
pub(super) const PAGE: &str = "text/html, application/json;q=0.9, */*;q=0.1";

/// Looks for Micropub at an address; nothing where the site does not speak it.
pub async fn discover(address: &Url, plain_http: bool, patience: Patience) -> Result<Option<Found>, FeedError> {
    let reach = Reach { plain_http, patience };
    let (place, mut endpoints) = pointed_to(address, reach).await?;
    let endpoint = match endpoints.get(MICROPUB).and_then(|named| Url::parse(named).ok()) {
        Some(named) => led_on(named, reach).await,
        // An address that says nothing of itself may be the endpoint, or have it beneath.
        None => match endpoint_itself(&place, reach).await? {
            Some(endpoint) => endpoint,
            None => return Ok(None),
        },
    };
    endpoints.insert(MICROPUB.to_owned(), endpoint.to_string());
    let title = place.host_str().unwrap_or_default().to_owned();
    Ok(Some(Found { place, title, password_page: None, endpoints }))
}

/// Where an address leads, and what the page there points to, by name.
pub(super) async fn pointed_to(address: &Url, reach: Reach) -> Result<(Url, BTreeMap<String, String>), FeedError> {
    let (place, answer) = reach.follow(address, PAGE).await?;
    if answer.status.is_server_error() {
        return Err(answer.error());
    }
    let links = Links::of(&answer.headers, &answer.body, &place);
    let named = [MICROPUB, METADATA, AUTHORIZATION, TOKEN].into_iter().filter_map(|rel| {
        let url = links.get(rel).filter(|url| same_trust(&place, url))?;
        Some((rel.to_owned(), url.to_string()))
    });
    let endpoints = named.collect();
    Ok((place, endpoints))
}

/// Where an endpoint is that its own server leads on from the address that is named, as from `/micropub` to `/micropub/`: what is sent
/// later with a sign-in is led nowhere. It stays as it is named where it leads to another origin, or to a page for people.
async fn led_on(named: Url, reach: Reach) -> Url {
    let mut question = named.clone();
    question.query_pairs_mut().append_pair("q", "config");
    let is_own = |at: &Url| at.origin() == named.origin();
    let Ok((at, answer)) = reach.follow_within(&question, PAGE, is_own).await else { return named };
    let is_endpoint = match answer.status.as_u16() {
        200..=299 => !answer.is_page(),
        // Who asks is nobody, and some say so in their own words.
        status => matches!(status, 400 | 401 | 403),
    };
    if at != question && is_endpoint { without_question(at) } else { named }
}

/// An address without the question that was asked there.
fn without_question(mut at: Url) -> Url {
    let others: Vec<&str> = at.query().unwrap_or_default().split('&').filter(|pair| *pair != "q=config").collect();
    let others = others.join("&");
    at.set_query(Some(others.as_str()).filter(|others| !others.is_empty()));
    at
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
        let answer = reach.ask(&question, PAGE).await?;
        let wants = answer.headers.get(WWW_AUTHENTICATE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        if answer.status.as_u16() == 401 && wants.trim_start().to_ascii_lowercase().starts_with("bearer") {
            return Ok(Some(candidate));
        }
    }
    Ok(None)
}

/// Whether a site may name an address: never one in the clear by one over TLS, never one that is nearer to the user.
pub(super) fn same_trust(site: &Url, named: &Url) -> bool {
    let is_as_safe = match named.scheme() {
        "https" => true,
        "http" => site.scheme() == "http",
        _ => false,
    };
    is_as_safe && may_lead_to(site, named)
}

#[cfg(test)]
mod tests;
