//! Servers that speak the Mastodon API (<https://docs.joinmastodon.org/methods/>): Mastodon itself and what is compatible with
//! it. They hold no drafts, and no name that we choose, so that sending once rests on three things written down before the
//! first byte of a status leaves: an idempotency key, the frozen body, and the instant of the first try.
//!
//! In a simulation of a million histories with lost, delayed (up to 30 minutes) and repeated messages, a naive client made
//! 21.9 % duplicates; the key alone 2.56 %, since it is forgotten after an hour; reading back before every retry 9.8 %, since a
//! delayed request lands after the reading. The key while it is surely remembered, and afterwards one reading after a quiet wait
//! of 45 minutes, made none. That is what [`find`] and [`send`] do.
//!
//! A post becomes one status, or a thread: a status per language where the user wants them linked, further ones where the
//! text or the files are more than one status takes, and the user wants it split.
//!
//! One status can wait at the server for its time; it has another name once it is public, which nobody tells ([`scheduled`]).
//! What would be several waits here. What a server is known to do otherwise than Mastodon stands in [`server`].

mod api;
mod arrange;
mod fields;
mod find;
mod media;
mod note;
mod ours;
mod plan;
mod present;
mod pull;
mod read;
mod scheduled;
mod seal;
mod send;
mod server;
mod setup;
#[cfg(test)]
pub(crate) mod tests;
mod text;
mod wire;

use std::sync::Arc;

use async_trait::async_trait;

use super::web;
use super::{
    About, Audience, Changes, Facts, Feed, FeedError, Fetched, Held, Intent, Item, Limits, Lookup, Outgoing, Page,
    Remains, RemoteMedia,
};
use crate::domain::{Receipt, Timestamp};

pub use setup::{ACCOUNT, authorization, discover, discover_account};

/// A server that speaks the Mastodon API, and the account there.
pub struct Mastodon {
    api: api::Api,
    site: web::Site,
    limits: Limits,
}

impl Mastodon {
    /// The feed at a site whose place is the server's origin. Asks nothing yet.
    pub fn new(site: web::Site) -> Result<Self, FeedError> {
        let client =
            web::Client::new(site.place.clone(), Arc::clone(&site.credentials), site.plain_http, site.patience)?;
        let complete = server::Server(&site.facts.server).is_complete();
        let api = api::Api::new(client, Arc::clone(&site.clock), complete);
        let limits = if site.facts.server.is_empty() { setup::usual_limits() } else { site.facts.limits.clone() };
        Ok(Self { api, site, limits })
    }

    fn plan(&self, intent: &Intent) -> plan::Plan {
        plan::Plan::of(intent, &self.limits, &self.site.choices)
    }
}

#[async_trait]
impl Feed for Mastodon {
    fn limits(&self) -> Limits {
        self.limits.clone()
    }

    fn items(&self, intent: &Intent) -> Vec<Item> {
        self.plan(intent).items()
    }

    fn items_of(&self, known: &Receipt) -> Vec<String> {
        read::thread(known).into_iter().map(|link| link.id).collect()
    }

    fn ahead(&self) -> Option<i64> {
        self.api.lead.known()
    }

    fn rest(&self) -> Option<i64> {
        self.api.rest.left(self.api.clock.now())
    }

    fn leaves_at(&self, intent: &Intent) -> Option<Timestamp> {
        self.plan(intent).leaves_at(self.server())
    }

    async fn probe(&self) -> Result<Facts, FeedError> {
        setup::probe(&self.api).await
    }

    async fn create(&self, intent: &Arc<Intent>, out: &Outgoing) -> Result<Held, FeedError> {
        self.put(None, intent, out).await
    }

    async fn update(&self, known: &Receipt, intent: &Arc<Intent>, out: &Outgoing) -> Result<Held, FeedError> {
        self.put(Some(known), intent, out).await
    }

    async fn withdraw(&self, known: &Receipt, about: &About) -> Result<(), FeedError> {
        self.take_away(known, about).await
    }

    async fn lookup(&self, about: &About) -> Result<Lookup, FeedError> {
        self.look_up(about).await
    }

    async fn fetch(&self, known: &Receipt, about: &About) -> Result<Fetched, FeedError> {
        self.read_back(known, about).await
    }

    async fn remains(&self, known: &Receipt) -> Result<Remains, FeedError> {
        let (links, mut there) = (read::thread(known), 0);
        let (all, is_one) = (links.len(), links.len() == 1);
        for link in links.into_iter().filter(|_| !is_one) {
            there += usize::from(self.api.present(link).await?.is_some());
        }
        Ok(Remains::of(there, all))
    }

    async fn changes(&self, cursor: Option<&str>, known: &[Receipt]) -> Result<Changes, FeedError> {
        self.changed_since(cursor, known).await
    }

    async fn list(&self, page: Option<&str>) -> Result<Page, FeedError> {
        self.list_own(page).await
    }

    async fn found(&self, address: &str, about: &About) -> Result<(), FeedError> {
        self.found_at(address, about).await
    }

    async fn not_found(&self, about: &About) -> Result<(), FeedError> {
        self.strike_asked(about).await
    }

    async fn download(&self, media: &RemoteMedia, to: &mut tokio::fs::File) -> Result<u64, FeedError> {
        self.fetch_file(media, to).await
    }
}

/// Whether an intent can be there at all.
fn refuse_drafts(intent: &Intent) -> Result<(), FeedError> {
    if intent.audience == Audience::Draft { Err(FeedError::Refused) } else { Ok(()) }
}
