//! Sign-in in the user's own browser: OAuth 2 for programs on a computer (RFC 8252) with PKCE (RFC 7636). Makes the page to
//! open, checks the answer that comes back to [`Loopback`], and exchanges its code for a token. Opens no browser, keeps no token.

mod grant;
mod loopback;
#[cfg(test)]
mod tests;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use reqwest::Method;
use reqwest::header::ACCEPT;
use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use url::Url;

use super::answer::{Answer, Risk};
use super::client::{Client, may_talk_to};
use super::credentials::SignIn;
use super::reach::Reach;
use crate::domain::{Secret, Timestamp};
use crate::feed::FeedError;

pub use grant::Grant;
pub use loopback::{Loopback, Stopped};

/// What a site is asked with: what discovery or registration found, and what is wanted there.
#[derive(Debug, Clone)]
pub struct Terms {
    /// The page where the user allows it.
    pub authorization_endpoint: Url,
    /// Where the code becomes a token.
    pub token_endpoint: Url,
    /// Where a token is handed back, where the site has such a place.
    pub revocation_endpoint: Option<Url>,
    /// Who we are there.
    pub client_id: String,
    /// What proves it, where the site gave us something.
    pub client_secret: Option<Secret>,
    /// Where the answer goes: [`Loopback::redirect_uri`].
    pub redirect_uri: Url,
    /// What we want to be allowed, separated by spaces.
    pub scope: String,
    /// Who the answer comes from, where the site said who it is.
    pub issuer: Option<Issuer>,
}

/// Who a site says it is (RFC 9207), so that no other can answer for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issuer {
    /// Its name, an address.
    pub name: String,
    /// Whether it announced that its answers name it. One that did not may still do so, and then has to be right.
    pub announced: bool,
}

/// A sign-in that waits for the user. Good for one code.
#[derive(Debug, Clone)]
pub struct Authorization {
    /// The page to open in the user's browser.
    pub url: Url,
    /// What the answer must repeat, so that nobody can slip in another.
    pub state: Secret,
    /// Proves to the site that the code comes back from who asked for it.
    pub verifier: Secret,
    /// What the site is asked with.
    pub terms: Terms,
    /// What else its page was told, and is told again with the code.
    pub said: Vec<(String, String)>,
    /// How the site may be reached.
    pub reach: Reach,
}

/// What a site gave for a code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// Lets us in.
    pub access: Secret,
    /// Gets the next one, where this one ends.
    pub refresh: Option<Secret>,
    /// When it ends, where the site said so.
    pub expires_at: Option<Timestamp>,
    /// Whose it is, as an address; IndieAuth says so.
    pub me: Option<String>,
    /// What it allows, separated by spaces; absent means all that was asked for.
    pub scope: Option<String>,
}

impl Token {
    /// What is kept of it, with what was needed to get it.
    pub fn granted(self, terms: &Terms, now: Timestamp) -> Grant {
        Grant {
            access: self.access,
            refresh: self.refresh,
            given_at: now,
            expires_at: self.expires_at,
            client_id: terms.client_id.clone(),
            client_secret: terms.client_secret.clone(),
            token_endpoint: terms.token_endpoint.to_string(),
            revocation_endpoint: terms.revocation_endpoint.as_ref().map(Url::to_string),
        }
    }
}

impl Authorization {
    /// Makes a sign-in with a new state and verifier. [`FeedError::Denied`] where the site's pages must not be talked to.
    pub fn begin(terms: Terms, reach: Reach) -> Result<Self, FeedError> {
        let pages = [&terms.authorization_endpoint, &terms.token_endpoint];
        if !pages.iter().all(|page| may_talk_to(page, reach.plain_http)) {
            return Err(FeedError::Denied);
        }
        // Some servers keep no state of more than 32 characters.
        let (state, verifier) = (random::<16>()?, random::<32>()?);
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.expose()));
        let mut url = terms.authorization_endpoint.clone();
        url.query_pairs_mut()
            .append_pair("response_type", "code")
            .append_pair("client_id", &terms.client_id)
            .append_pair("redirect_uri", terms.redirect_uri.as_str())
            .append_pair("scope", &terms.scope)
            .append_pair("state", state.expose())
            .append_pair("code_challenge", &challenge)
            .append_pair("code_challenge_method", "S256");
        Ok(Self { url, state, verifier, terms, said: Vec::new(), reach })
    }

    /// Says one more thing to the site, such as whose it is.
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.url.query_pairs_mut().append_pair(name, value);
        self.said.push((name.to_owned(), value.to_owned()));
        self
    }
}

/// Exchanges the code for a token. [`FeedError::Denied`] when the site does not take it: it was used before, is too old or was
/// made for another.
pub async fn redeem(authorization: &Authorization, code: &Secret, now: Timestamp) -> Result<Token, FeedError> {
    let terms = &authorization.terms;
    let mut form = vec![
        ("grant_type", "authorization_code"),
        ("code", code.expose()),
        ("client_id", &terms.client_id),
        ("redirect_uri", terms.redirect_uri.as_str()),
        ("code_verifier", authorization.verifier.expose()),
    ];
    if let Some(secret) = &terms.client_secret {
        form.push(("client_secret", secret.expose()));
    }
    // Older IndieAuth servers ask the page for the code, and need what it was told for that.
    if !authorization.said.is_empty() {
        form.push(("state", authorization.state.expose()));
    }
    form.extend(authorization.said.iter().map(|(name, value)| (name.as_str(), value.as_str())));
    ask(&terms.token_endpoint, &form, authorization.reach, now).await
}

async fn ask(endpoint: &Url, form: &[(&str, &str)], reach: Reach, now: Timestamp) -> Result<Token, FeedError> {
    let answer = post(endpoint, form, reach).await?;
    let (status, is_refusal) = (answer.status.as_u16(), is_refusal(&answer));
    match status {
        200..=299 if !is_refusal => token(&answer, now),
        200..=499 if is_refusal || (matches!(status, 400 | 401) && !answer.is_page()) => {
            tracing::info!(status, "the site did not take what was to become a token");
            Err(FeedError::Denied)
        }
        429 => Err(answer.error()),
        // Something in between, or a site that is being moved: a refresh token is not thrown away for that.
        _ => Err(answer.unclear()),
    }
}

async fn post(endpoint: &Url, form: &[(&str, &str)], reach: Reach) -> Result<Answer, FeedError> {
    let client = Client::new(endpoint.clone(), anonymous(), reach.plain_http, reach.patience)?;
    let request = client.anonymous(Method::POST, endpoint.clone()).header(ACCEPT, "application/json").form(form);
    client.send(request, Risk::Asks).await
}

fn anonymous() -> std::sync::Arc<SignIn> {
    std::sync::Arc::new(SignIn::Anonymous)
}

/// The fields of RFC 6749 section 5.1, and `me` of IndieAuth.
#[derive(Deserialize)]
struct Granted {
    access_token: Secret,
    token_type: Option<String>,
    refresh_token: Option<Secret>,
    expires_in: Option<Number>,
    me: Option<String>,
    scope: Option<String>,
}

/// A number, also where it stands as text, as it does in a form.
#[derive(Deserialize)]
#[serde(untagged)]
enum Number {
    Number(serde_json::Number),
    Text(String),
}

/// Whether an answer says what is wrong (RFC 6749 section 5.2), as older servers do with a status that says that nothing is.
fn is_refusal(answer: &Answer) -> bool {
    let told = serde_json::from_slice::<serde_json::Value>(&answer.body).ok();
    let has = |name: &str| match &told {
        Some(told) => told.get(name).is_some_and(|value| !value.is_null()),
        None => url::form_urlencoded::parse(&answer.body).any(|(known, _)| known == name),
    };
    !answer.is_page() && has("error") && !has("access_token")
}

/// Reads JSON, whatever the answer calls it, and the forms that older IndieAuth servers answer with.
fn token(answer: &Answer, now: Timestamp) -> Result<Token, FeedError> {
    let granted = answer.json_untold().or_else(|unclear| from_form(&answer.body).ok_or(unclear));
    let granted: Granted = granted?;
    let is_bearer = granted.token_type.is_none_or(|kind| kind.eq_ignore_ascii_case("bearer"));
    if granted.access_token.expose().is_empty() || !is_bearer {
        return Err(FeedError::Refused);
    }
    let seconds = granted.expires_in.and_then(|number| match number {
        Number::Number(number) => number.as_i64().or_else(|| number.to_string().split('.').next()?.parse().ok()),
        Number::Text(text) => text.trim().parse().ok(),
    });
    Ok(Token {
        access: granted.access_token,
        refresh: granted.refresh_token.filter(|token| !token.expose().is_empty()),
        expires_at: seconds.filter(|seconds| *seconds > 0).map(|left| now.plus_millis(left.saturating_mul(1000))),
        me: granted.me,
        scope: granted.scope,
    })
}

fn from_form(body: &[u8]) -> Option<Granted> {
    let field = |wanted: &str| {
        url::form_urlencoded::parse(body).find(|(name, _)| name == wanted).map(|(_, value)| value.into_owned())
    };
    Some(Granted {
        access_token: Secret::new(field("access_token")?),
        token_type: field("token_type"),
        refresh_token: field("refresh_token").map(Secret::new),
        expires_in: field("expires_in").map(Number::Text),
        me: field("me"),
        scope: field("scope"),
    })
}

/// Random bytes as text that needs no escaping anywhere (RFC 7636 section 4.1): 128 bits are enough for what nobody shall
/// guess, 256 make a verifier.
fn random<const BYTES: usize>() -> Result<Secret, FeedError> {
    let mut bytes = [0_u8; BYTES];
    getrandom::fill(&mut bytes).map_err(|error| {
        tracing::error!(%error, "no randomness");
        FeedError::Unreachable
    })?;
    Ok(Secret::new(URL_SAFE_NO_PAD.encode(bytes)))
}
