//! Looking at an address as nobody, before anything is known of what is there. Nothing of the user goes along.

use std::sync::Arc;

use reqwest::Method;
use reqwest::header::ACCEPT;
use url::Url;

use super::{Answer, Client, Patience, Risk, SignIn, may_lead_to};
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
        client.send(client.anonymous(Method::GET, at.clone()).header(ACCEPT, wanted), Risk::Asks).await
    }

    /// The same, and follows where it leads: never from TLS into the clear, and never nearer to the user.
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
            if (at.scheme() == "https" && next.scheme() != "https") || !may_lead_to(&at, &next) {
                return Err(FeedError::Denied);
            }
            at = next;
        }
        Err(FeedError::Unreachable)
    }
}
