//! What all feeds on the network share: how a request is made and what its answer means, and how a file is staged for sending.
//! Knows no protocol of any one kind of feed.

mod answer;
mod client;
mod credentials;
mod lead;
pub mod links;
mod near;
pub mod oauth;
mod reach;
mod rest;
#[cfg(test)]
pub mod scripted;
mod staged;
mod turns;

use std::collections::BTreeMap;
use std::sync::Arc;

use url::Url;

use crate::clock::Clock;
use crate::domain::destination::{Choices, Facts};

pub use answer::{Answer, LONGEST_WAIT_MILLIS, Risk};
pub use client::{Client, Patience, is_this_computer, may_talk_to};
pub use credentials::{Credentials, SignIn};
pub use lead::{Lead, SLACK_MILLIS};
pub use near::may_lead_to;
pub use reach::Reach;
pub use rest::Rest;
pub use staged::{Staged, stage, stage_some};
pub use turns::{QUESTIONS, Turns};

/// A site that posts go to, and everything an adapter needs to reach it.
#[derive(Clone)]
pub struct Site {
    /// Its address, in the form that discovery found.
    pub place: Url,
    /// What it said of itself when it was last probed.
    pub facts: Facts,
    /// What the user chose for it.
    pub choices: Choices,
    /// How the user is known there.
    pub credentials: Arc<dyn Credentials>,
    /// Plain `http` to a computer that is not this one was allowed by the user.
    pub plain_http: bool,
    /// How long it may take.
    pub patience: Patience,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
}

/// What discovery found at an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The address to set the feed up with.
    pub place: Url,
    /// Its title, or its host.
    pub title: String,
    /// Where the user makes an application password, if one signs in with one; otherwise one signs in in the browser.
    pub password_page: Option<Url>,
    /// Addresses that were found, as in [`Facts::endpoints`].
    pub endpoints: BTreeMap<String, String>,
}
