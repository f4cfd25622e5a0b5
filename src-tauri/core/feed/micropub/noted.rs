//! What is written down about a post at a site, before the bytes that depend on it leave: what is being sent, where each entry
//! stands, and where uploaded files are.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::entry::Files;
use crate::domain::{AssetId, Digest, RevisionId, Timestamp};
use crate::feed::{Audience, FeedError, Notes};

const GOAL: &str = "goal";
const PLAIN: &str = "plain";

/// What was sent last, so that it is known again when the answer is lost.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Goal {
    pub revision: RevisionId,
    pub draft: bool,
    /// Entries that the post becomes.
    pub entries: usize,
    /// Digests of its parts, as they are read back from what is sent.
    pub parts: BTreeMap<String, Digest>,
    /// What was there before, when it was an update.
    pub base: Option<Digest>,
    /// The server does not give entries back.
    #[serde(default)]
    pub blind: bool,
}

impl Goal {
    pub fn audience(&self) -> Audience {
        if self.draft { Audience::Draft } else { Audience::Published }
    }
}

/// Where one entry of the post stands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Stands {
    /// The name that was asked for.
    pub slug: String,
    /// When it was last tried to make it.
    pub tried: Timestamp,
    /// Its own parts, to know it by where the server keeps no names.
    pub parts: BTreeMap<String, Digest>,
    /// The moment it is about: two entries may say the same, but not of the same moment.
    pub moment: Option<Timestamp>,
    /// Its address, once the server told.
    pub url: Option<String>,
    pub stage: Stage,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Stage {
    /// It is being made, or is there.
    There,
    /// It is being taken away.
    Leaving,
    /// It was taken away.
    Gone,
}

/// Everything written down about one post.
pub(super) struct Noted {
    notes: Arc<dyn Notes>,
    all: BTreeMap<String, String>,
}

impl Noted {
    pub async fn read(notes: &Arc<dyn Notes>) -> Result<Self, FeedError> {
        Ok(Self { all: notes.all().await?, notes: Arc::clone(notes) })
    }

    pub fn goal(&self) -> Option<Goal> {
        self.get(GOAL)
    }

    pub async fn set_goal(&mut self, goal: &Goal) -> Result<(), FeedError> {
        self.set(GOAL, goal).await
    }

    pub fn entry(&self, number: usize) -> Option<Stands> {
        self.get(&entry_key(number))
    }

    pub async fn set_entry(&mut self, number: usize, stands: &Stands) -> Result<(), FeedError> {
        self.set(&entry_key(number), stands).await
    }

    /// Forgets an entry that was never made.
    pub async fn strike_entry(&mut self, number: usize) -> Result<(), FeedError> {
        self.all.remove(&entry_key(number));
        self.notes.put(&entry_key(number), None).await
    }

    /// Addresses of the files that were uploaded.
    pub fn files(&self) -> Files {
        let file = |(key, url): (&String, &String)| {
            let asset: AssetId = key.strip_prefix("file.")?.parse().ok()?;
            Some((asset, url.clone()))
        };
        self.all.iter().filter_map(file).collect()
    }

    pub async fn set_file(&mut self, asset: AssetId, url: &str) -> Result<(), FeedError> {
        self.put(&format!("file.{asset}"), url.to_owned()).await
    }

    /// The server takes nothing but addresses as photos.
    pub fn is_plain(&self) -> bool {
        self.all.contains_key(PLAIN)
    }

    pub async fn set_plain(&mut self) -> Result<(), FeedError> {
        self.put(PLAIN, "1".to_owned()).await
    }

    fn get<T: for<'de> Deserialize<'de>>(&self, key: &str) -> Option<T> {
        serde_json::from_str(self.all.get(key)?).ok()
    }

    async fn set(&mut self, key: &str, value: &impl Serialize) -> Result<(), FeedError> {
        let text = serde_json::to_string(value).map_err(|_| FeedError::Journal)?;
        self.put(key, text).await
    }

    async fn put(&mut self, key: &str, value: String) -> Result<(), FeedError> {
        self.notes.put(key, Some(&value)).await?;
        self.all.insert(key.to_owned(), value);
        Ok(())
    }
}

fn entry_key(number: usize) -> String {
    format!("entry.{number}")
}
