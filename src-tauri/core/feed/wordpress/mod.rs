//! A WordPress site, through its REST API with an application password. How a post is there exactly once: it is always made
//! as a draft with a slug that only we give, its id is written down, and all else is done by id, which can be repeated. A
//! request that arrives late makes a draft that nobody sees, and is swept away when changes are asked for.

mod answers;
mod api;
mod back;
mod discover;
mod fetch;
mod leaving;
mod ledger;
mod lists;
mod media;
mod round;
mod seen;
mod send;
mod sheet;
mod sweep;
mod terms;
#[cfg(test)]
pub(crate) mod tests;
mod theirs;
mod there;
mod topics;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

use async_trait::async_trait;
use serde::Deserialize;
use serde_json::Value;
use url::Url;

use self::api::Api;
use self::sheet::Sheet;
use self::topics::Topics;
use super::web::{Client, Lead, Rest, Site};
use super::{
    About, Changes, Facts, Feed, FeedError, Fetched, Held, Intent, Item, Limits, Lookup, Outgoing, Page, Part, Remains,
    RemoteMedia,
};
use crate::domain::destination::Choices;
use crate::domain::{AssetId, Receipt};

pub use discover::discover;
pub use leaving::sign_out;

/// A WordPress site.
pub struct WordPress {
    api: Api,
    choices: Choices,
    topics: Topics,
}

/// Who we are there.
#[derive(Deserialize)]
struct Me {
    #[serde(default)]
    name: String,
    /// Rights by name. What kind of value says yes differs with who gave them.
    #[serde(default)]
    capabilities: Value,
}

impl Me {
    fn may_write(&self) -> bool {
        match self.capabilities.get("edit_posts") {
            Some(Value::Bool(yes)) => *yes,
            Some(Value::Number(number)) => number.as_i64() == Some(1),
            Some(Value::String(text)) => text == "1",
            _ => false,
        }
    }
}

impl WordPress {
    /// The site that discovery found. [`FeedError::Denied`] for an address that must not be talked to.
    pub fn new(site: Site) -> Result<Self, FeedError> {
        let told = site.facts.endpoints.get(discover::API).and_then(|root| Url::parse(root).ok());
        let guess = || discover::guesses(&site.place).into_iter().next();
        let root = told.filter(|root| root.host_str() == site.place.host_str()).or_else(guess);
        let client = Client::new(root.ok_or(FeedError::Denied)?, site.credentials, site.plain_http, site.patience)?;
        let (topics, at_once) = (site.choices.topics, AtomicUsize::new(lists::MOST));
        let (lead, rest) = (Lead::default(), Rest::default());
        let api = Api { client, topics, clock: site.clock, lead, rest, at_once };
        Ok(Self { api, choices: site.choices, topics: Topics::default() })
    }

    /// Our name there, if we may write. Where the site tells nobody who they are, or has other ways of giving rights, what is
    /// let through counts.
    async fn account(&self) -> Result<String, FeedError> {
        let query = [("context", "edit"), ("_fields", "name,capabilities")];
        let me: Result<Me, FeedError> = answers::read(&self.api.answer("users/me", &query).await?);
        if me.as_ref().is_ok_and(Me::may_write) {
            return me.map(|me| me.name);
        }
        let drafts: Result<Vec<Value>, FeedError> =
            self.api.get("posts", &[("context", "edit"), ("per_page", "1"), ("_fields", "id")]).await;
        match drafts {
            Ok(_) => Ok(me.map(|me| me.name).unwrap_or_default()),
            Err(FeedError::SignedOut | FeedError::Refused) if me.is_ok() => Err(FeedError::Denied),
            Err(error) => Err(error),
        }
    }
}

#[async_trait]
impl Feed for WordPress {
    fn names<'a>(&self, remote_id: &'a str) -> Vec<&'a str> {
        seen::names(remote_id)
    }

    fn ahead(&self) -> Option<i64> {
        self.api.lead.known()
    }

    fn rest(&self) -> Option<i64> {
        self.api.rest.left(self.api.clock.now())
    }

    fn limits(&self) -> Limits {
        // The host bounds the size of files and does not tell.
        Limits { scheduled: true, ..Limits::default() }
    }

    fn keeps_theirs(&self) -> bool {
        true
    }

    fn items(&self, intent: &Intent) -> Vec<Item> {
        let sheets = Sheet::all(intent, &self.choices);
        let first =
            sheets.first().and_then(|first| Some(sheet::First { url: first.slug.clone(), lang: first.lang.clone()? }));
        let item = |(number, sheet): (usize, &Sheet)| Item {
            lang: sheet.lang.clone(),
            title: Some(sheet.title.clone()).filter(|title| !title.is_empty()),
            text: sheet.html(first.as_ref().filter(|_| number > 0), &|asset, part| match part {
                Part::Poster => format!("poster-{asset}"),
                _ => asset.to_string(),
            }),
            html: true,
            length: None,
            files: sheet.files(),
            long_alts: Vec::new(),
        };
        sheets.iter().enumerate().map(item).collect()
    }

    async fn probe(&self) -> Result<Facts, FeedError> {
        self.topics.forget();
        let account = self.account().await?;
        let title = self.api.title().await?;
        let root = self.api.client.base().to_string();
        Ok(Facts {
            title,
            account,
            server: "WordPress".to_owned(),
            limits: self.limits(),
            endpoints: BTreeMap::from([(discover::API.to_owned(), root)]),
        })
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

    fn brings_back(&self) -> bool {
        // It takes any other status for the wish to have a post out of the trash.
        true
    }

    async fn lookup(&self, about: &About) -> Result<Lookup, FeedError> {
        self.look_up(about).await
    }

    async fn fetch(&self, known: &Receipt, about: &About) -> Result<Fetched, FeedError> {
        self.read_back(known, about).await
    }

    async fn remains(&self, known: &Receipt) -> Result<Remains, FeedError> {
        let (ids, mut there) = (seen::ids(&known.remote_id), 0);
        for id in ids.iter().filter(|_| ids.len() > 1) {
            there += usize::from(match self.api.find(*id).await {
                // What the user may not edit any more is not gone.
                Err(FeedError::Denied | FeedError::Refused) => true,
                found => found?.is_some(),
            });
        }
        Ok(Remains::of(there, ids.len()))
    }

    async fn changes(&self, cursor: Option<&str>, known: &[Receipt]) -> Result<Changes, FeedError> {
        self.changed(cursor, known).await
    }

    async fn list(&self, page: Option<&str>) -> Result<Page, FeedError> {
        self.page(page).await
    }

    async fn adopted(&self, about: &About, files: &[(AssetId, RemoteMedia)]) -> Result<(), FeedError> {
        self.note_as_theirs(about, files).await
    }

    async fn brought_in(&self, about: &About, files: &[(AssetId, RemoteMedia)]) -> Result<(), FeedError> {
        self.note_as_theirs(about, files).await
    }

    async fn download(&self, media: &RemoteMedia, to: &mut tokio::fs::File) -> Result<u64, FeedError> {
        self.fetch_file(media, to).await
    }
}
