//! Looking at an address as nobody, before anything is known of what is there. Nothing of the user goes along.

use std::sync::Arc;

use reqwest::Method;
use reqwest::header::ACCEPT;
use url::Url;

use super::{Answer, Client, Patience, SignIn, may_lead_to};
use crate::feed::FeedError;

/// Redirects that are followed.
const HOPS: usize = 3;

/// How a site may be reached.
#[derive(Debug, Clone, Copy)]
pub struct Reach {
    /// Plain `http` to a computer that is not this one was allowed by the user.
    pub plain_http: bool,
    /// How long it may take.
    pub patience: Patience,
}

impl Reach {
    /// Asks for what is at an address, in one of the forms that are `wanted`.
    pub async fn ask(self, at: &Url, wanted: &'static str) -> Result<Answer, FeedError> {
        let client = Client::new(at.clone(), Arc::new(SignIn::Anonymous), self.plain_http, self.patience)?;
        client.look(client.anonymous(Method::GET, at.clone()).header(ACCEPT, wanted)).await
    }

    /// The same, and follows where it leads: never nearer to the user, and from TLS into the clear only where the user allowed
    /// that ([`FeedError::InTheClear`]).
    pub async fn follow(self, address: &Url, wanted: &'static str) -> Result<(Url, Answer), FeedError> {
        self.follow_within(address, wanted, |_| true).await
    }

    /// The same, and to no address that does not belong to those that are meant: [`FeedError::Denied`].
    pub async fn follow_within(
        self,
        address: &Url,
        wanted: &'static str,
        is_meant: impl Fn(&Url) -> bool + Send,
    ) -> Result<(Url, Answer), FeedError> {
        let mut at = address.clone();
        for _ in 0..=HOPS {
            if !is_meant(&at) {
                return Err(FeedError::Denied);
            }
            let answer = self.ask(&at, wanted).await?;
            if !answer.status.is_redirection() {
                return Ok((at, answer));
            }
            let next = answer.location().and_then(|next| at.join(next).ok()).ok_or(FeedError::Unreachable)?;
            self.may_go(&at, &next)?;
            at = next;
        }
        Err(FeedError::Unreachable)
    }

    /// Whether what lies at one address may lead to another; else why not.
    pub fn may_go(self, from: &Url, to: &Url) -> Result<(), FeedError> {
        match to.scheme() {
            _ if !may_lead_to(from, to) => Err(FeedError::Denied),
            "http" if from.scheme() == "https" && !self.plain_http => Err(FeedError::InTheClear),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tls_leads_into_the_clear_only_where_the_user_allowed_that() {
        let go = |from: &str, to: &str, plain_http: bool| {
            let reach = Reach { plain_http, patience: Patience::default() };
            let went = reach.may_go(&Url::parse(from).unwrap(), &Url::parse(to).unwrap());
            went.err().map(|error| error.to_string())
        };
        let (safe, clear) = ("https://blog.example/", "http://blog.example/");
        assert_eq!(go(safe, clear, false), Some(FeedError::InTheClear.to_string()));
        for (from, to, plain_http) in [(safe, clear, true), (clear, safe, false), (safe, safe, false)] {
            assert_eq!(go(from, to, plain_http), None, "{from} {to}");
        }
        assert_eq!(go(safe, "http://192.168.0.1/", true), Some(FeedError::Denied.to_string()), "nearer to the user");
    }
}
