//! How the user is known to a site, and where that comes from.

use async_trait::async_trait;
use reqwest::Request;
use reqwest::header::{AUTHORIZATION, HeaderValue};

use crate::domain::Secret;
use crate::feed::FeedError;

/// How the user is known to a site.
#[derive(Debug, Clone)]
pub enum SignIn {
    /// Not at all.
    Anonymous,
    /// By name and application password (RFC 7617).
    Basic {
        /// The name.
        user: String,
        /// The password.
        password: Secret,
    },
    /// By token (RFC 6750).
    Bearer(Secret),
}

/// Where the sign-in of a feed comes from. Asked for every request, so that a keychain that is unlocked later is enough.
#[async_trait]
pub trait Credentials: Send + Sync {
    /// The sign-in; [`FeedError::SignedOut`] when it is not at hand.
    async fn sign_in(&self) -> Result<SignIn, FeedError>;

    /// Told that the site did not take a token: another to try once, where one can be had.
    async fn instead_of(&self, _refused: &Secret) -> Result<Option<Secret>, FeedError> {
        Ok(None)
    }
}

#[async_trait]
impl Credentials for SignIn {
    async fn sign_in(&self) -> Result<SignIn, FeedError> {
        Ok(self.clone())
    }
}

const BEARER: &str = "Bearer ";

/// The header that carries a token.
pub(super) fn bearing(token: &Secret) -> Result<HeaderValue, FeedError> {
    let value = HeaderValue::from_str(&format!("{BEARER}{}", token.expose()));
    let mut value = value.map_err(|_| FeedError::SignedOut)?;
    value.set_sensitive(true);
    Ok(value)
}

/// The token that a request carries.
pub(super) fn token_of(request: &Request) -> Option<Secret> {
    let token = request.headers().get(AUTHORIZATION)?.to_str().ok()?.strip_prefix(BEARER)?;
    Some(Secret::new(token.to_owned()))
}
