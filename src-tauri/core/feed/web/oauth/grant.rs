//! What a sign-in in the browser gave, as it lies in a vault: the token, what gets the next one (RFC 6749 section 6), and what
//! hands both back (RFC 7009). Asks the site for either, and keeps nothing itself.

use serde::{Deserialize, Serialize};
use url::Url;

use super::{Token, ask};
use crate::domain::{Secret, Timestamp};
use crate::feed::FeedError;
use crate::feed::web::Reach;

/// The form below, so that a later one is told apart.
const FORM: u8 = 1;
/// A token is renewed so long before it ends, or a tenth of its life before where that is less: one minute.
const MARGIN_MILLIS: i64 = 60_000;

/// A token with what belongs to it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Grant {
    /// Lets us in.
    pub access: Secret,
    /// Gets the next one, once; absent where the site gave none, or took it back.
    pub refresh: Option<Secret>,
    /// When it was given.
    pub given_at: Timestamp,
    /// When it ends, where the site said so.
    pub expires_at: Option<Timestamp>,
    /// Who we are there.
    pub client_id: String,
    /// What proves it, where the site gave us something.
    pub client_secret: Option<Secret>,
    /// Where the next one is asked for.
    pub token_endpoint: String,
    /// Where it is handed back, where the site said so.
    pub revocation_endpoint: Option<String>,
}

/// A grant as it is written into a vault, and nowhere else: a [`Secret`] itself is never written.
#[derive(Serialize)]
struct Written<'a> {
    sampan: u8,
    grant: Exposed<'a>,
}

#[derive(Serialize)]
struct Exposed<'a> {
    access: &'a str,
    refresh: Option<&'a str>,
    given_at: Timestamp,
    expires_at: Option<Timestamp>,
    client_id: &'a str,
    client_secret: Option<&'a str>,
    token_endpoint: &'a str,
    revocation_endpoint: Option<&'a str>,
}

#[derive(Deserialize)]
struct Read {
    sampan: u8,
    grant: Grant,
}

impl Grant {
    /// Reads one from a vault; nothing for a plain token or password.
    pub fn read(secret: &Secret) -> Option<Self> {
        serde_json::from_str::<Read>(secret.expose()).ok().filter(|read| read.sampan == FORM).map(|read| read.grant)
    }

    /// The form in which it is put into a vault.
    pub fn write(&self) -> Secret {
        let expose = |secret: &'_ Option<Secret>| secret.as_ref().map(|secret| secret.expose().to_owned());
        let (refresh, client_secret) = (expose(&self.refresh), expose(&self.client_secret));
        let grant = Exposed {
            access: self.access.expose(),
            refresh: refresh.as_deref(),
            given_at: self.given_at,
            expires_at: self.expires_at,
            client_id: &self.client_id,
            client_secret: client_secret.as_deref(),
            token_endpoint: &self.token_endpoint,
            revocation_endpoint: self.revocation_endpoint.as_deref(),
        };
        // Strings and numbers can always be written.
        Secret::new(serde_json::to_string(&Written { sampan: FORM, grant }).unwrap_or_default())
    }

    /// Whether the token has ended or is about to, and can be renewed.
    pub fn wants_renewal(&self, now: Timestamp) -> bool {
        let Some(end) = self.expires_at.filter(|_| self.refresh.is_some()) else { return false };
        let life = end.as_millis().saturating_sub(self.given_at.as_millis());
        now >= end.plus_millis(-MARGIN_MILLIS.min(life / 10))
    }

    /// Whether the site said that the token has ended by then.
    pub fn has_ended(&self, now: Timestamp) -> bool {
        self.expires_at.is_some_and(|end| now >= end)
    }

    /// Asks for the next token. [`FeedError::Denied`] when the site does not give one any more: only a new sign-in helps then.
    /// Any other error leaves open whether the site counts the refresh token as used; asking again tells.
    pub async fn renew(&self, reach: Reach, now: Timestamp) -> Result<Self, FeedError> {
        let refresh = self.refresh.as_ref().ok_or(FeedError::Denied)?;
        let mut form =
            vec![("grant_type", "refresh_token"), ("refresh_token", refresh.expose()), ("client_id", &self.client_id)];
        if let Some(secret) = &self.client_secret {
            form.push(("client_secret", secret.expose()));
        }
        let Token { access, refresh, expires_at, .. } =
            ask(&endpoint(&self.token_endpoint)?, &form, reach, now).await?;
        // A site that gives no other refresh token goes on with the one it gave.
        let refresh = refresh.or_else(|| self.refresh.clone());
        Ok(Self { access, refresh, expires_at, given_at: now, ..self.clone() })
    }

    /// Hands back everything that the site gave. An answer that it does not know such a thing is as good.
    pub async fn hand_back(&self, reach: Reach) -> Result<(), FeedError> {
        let tokens = [("refresh_token", self.refresh.as_ref()), ("access_token", Some(&self.access))];
        for (hint, token) in tokens.into_iter().filter_map(|(hint, token)| Some((hint, token?))) {
            let mut form = vec![("token", token.expose()), ("client_id", &self.client_id)];
            if let Some(secret) = &self.client_secret {
                form.push(("client_secret", secret.expose()));
            }
            // Before it had an endpoint of its own, IndieAuth took tokens back at the one that gives them.
            let at = match &self.revocation_endpoint {
                Some(at) => {
                    form.push(("token_type_hint", hint));
                    at
                }
                None => {
                    form.push(("action", "revoke"));
                    &self.token_endpoint
                }
            };
            super::post(&endpoint(at)?, &form, reach).await?;
        }
        Ok(())
    }
}

fn endpoint(address: &str) -> Result<Url, FeedError> {
    Url::parse(address).map_err(|_| FeedError::Denied)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grant(life: Option<i64>) -> Grant {
        Grant {
            access: Secret::new("access-1".into()),
            refresh: Some(Secret::new("refresh-1".into())),
            given_at: Timestamp::EPOCH,
            expires_at: life.map(|life| Timestamp::EPOCH.plus_millis(life)),
            client_id: "http://127.0.0.1:7/".into(),
            client_secret: None,
            token_endpoint: "https://site.example/token".into(),
            revocation_endpoint: None,
        }
    }

    #[test]
    fn a_grant_comes_out_of_a_vault_as_it_went_in_and_a_plain_token_is_none() {
        let kept = grant(Some(3_600_000));
        assert_eq!(Grant::read(&kept.write()), Some(kept.clone()));
        let bare = Grant { refresh: None, client_secret: Some(Secret::new("秘密".into())), ..grant(None) };
        assert_eq!(Grant::read(&bare.write()), Some(bare));
        for plain in
            ["abcd efgh ijkl", "", "{}", "{\"access\":\"x\"}", "{\"sampan\":9,\"grant\":{}}", "eyJhbGciOi.e30.x"]
        {
            assert_eq!(Grant::read(&Secret::new(plain.into())), None, "{plain}");
        }
        assert!(!format!("{kept:?}").contains("access-1"), "a log does not show it");
    }

    #[test]
    fn a_token_is_renewed_shortly_before_it_ends_however_short_its_life() {
        let at = |millis: i64| Timestamp::EPOCH.plus_millis(millis);
        let hour = grant(Some(3_600_000));
        assert!(!hour.wants_renewal(at(3_539_999)) && hour.wants_renewal(at(3_540_000)));
        let short = grant(Some(30_000));
        assert!(!short.wants_renewal(at(0)) && !short.wants_renewal(at(26_999)) && short.wants_renewal(at(27_000)));
        assert!(!grant(None).wants_renewal(at(i64::MAX)), "nobody said that it ends");
        assert!(!Grant { refresh: None, ..hour }.wants_renewal(at(3_600_000)), "with what?");
    }
}
