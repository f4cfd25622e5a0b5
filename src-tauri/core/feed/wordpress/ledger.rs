//! What is written down of a post at a WordPress site: the ids of its items, what was sent last, its uploaded files. Each is
//! committed before the request that depends on it.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::domain::{AssetId, Digest, RevisionId};
use crate::feed::{FeedError, Notes, Part};

/// The notes about one post.
pub(super) struct Ledger {
    notes: Arc<dyn Notes>,
    all: BTreeMap<String, String>,
}

/// What was sent of an item.
#[derive(Debug, Clone, Serialize, Deserialize, PartialEq)]
pub(super) struct Sent {
    /// From which revision.
    pub revision: String,
    /// How it is seen once it is there.
    pub version: Digest,
    /// How it is seen before it is shown, while it is being made: a draft first.
    pub drafted: Option<Digest>,
    /// The date that goes with it.
    pub date: Option<String>,
    /// What was there before: revision and version.
    pub before: Option<(String, Digest)>,
}

/// An uploaded file.
#[derive(Debug, Clone, Serialize, Deserialize, PartialEq)]
pub(super) struct Uploaded {
    /// Its id in the library; 0 for a file of which only the address is known.
    pub id: u64,
    /// The address of its bytes.
    pub url: String,
    /// What it was said to show.
    #[serde(default)]
    pub alt: String,
}

/// A file that was about to be uploaded: it may be there.
const BEGUN: &str = "begun";

impl Ledger {
    /// Reads what is written down.
    pub async fn open(notes: Arc<dyn Notes>) -> Result<Self, FeedError> {
        let all = notes.all().await?;
        Ok(Self { notes, all })
    }

    /// The items whose ids are known, by their keys.
    pub fn posts(&self) -> Vec<(String, u64)> {
        let posts = self.all.iter().filter_map(|(name, id)| Some((name.strip_prefix("post.")?, id.parse().ok()?)));
        posts.map(|(key, id)| (key.to_owned(), id)).collect()
    }

    /// Writes down the id of an item, or that there is none any more.
    pub async fn set_post(&mut self, key: &str, id: Option<u64>) -> Result<(), FeedError> {
        self.put(format!("post.{key}"), id.map(|id| id.to_string())).await
    }

    /// What was sent of an item last; whatever became of it.
    pub fn sent(&self, key: &str) -> Option<Sent> {
        serde_json::from_str(self.all.get(&format!("sent.{key}"))?).ok()
    }

    /// The keys of all items of which something was sent.
    pub fn begun(&self) -> Vec<String> {
        self.all.keys().filter_map(|name| name.strip_prefix("sent.")).map(str::to_owned).collect()
    }

    /// Writes down what is about to be sent.
    pub async fn set_sent(&mut self, key: &str, sent: Option<&Sent>) -> Result<(), FeedError> {
        // Strings and digests can always be written.
        let sent = sent.map(|sent| serde_json::to_string(sent).unwrap_or_default());
        self.put(format!("sent.{key}"), sent).await
    }

    /// The uploaded copy of a part of an asset.
    pub fn uploaded(&self, asset: AssetId, part: &Part) -> Option<Uploaded> {
        serde_json::from_str(self.all.get(&media_key(asset, part))?).ok()
    }

    /// Whether an upload was begun and nobody knows what came of it.
    pub fn in_doubt(&self, asset: AssetId, part: &Part) -> bool {
        self.all.get(&media_key(asset, part)).is_some_and(|note| note == BEGUN)
    }

    /// Writes down that an upload begins.
    pub async fn begin_upload(&mut self, asset: AssetId, part: &Part) -> Result<(), FeedError> {
        self.put(media_key(asset, part), Some(BEGUN.to_owned())).await
    }

    /// Writes down what an upload gave.
    pub async fn set_uploaded(&mut self, asset: AssetId, part: &Part, uploaded: &Uploaded) -> Result<(), FeedError> {
        let note = serde_json::to_string(uploaded).unwrap_or_default();
        self.put(media_key(asset, part), Some(note)).await
    }

    /// Forgets the items, not the files.
    pub async fn forget_posts(&mut self) -> Result<(), FeedError> {
        for (key, _) in self.posts() {
            self.set_post(&key, None).await?;
        }
        for key in self.begun() {
            self.set_sent(&key, None).await?;
        }
        Ok(())
    }

    async fn put(&mut self, key: String, value: Option<String>) -> Result<(), FeedError> {
        if self.all.get(&key) == value.as_ref() {
            return Ok(());
        }
        self.notes.put(&key, value.as_deref()).await?;
        match value {
            Some(value) => self.all.insert(key, value),
            None => self.all.remove(&key),
        };
        Ok(())
    }
}

impl Sent {
    /// The revision that a version was made from, if it is one of ours.
    pub fn revision_of(&self, version: Digest) -> Option<RevisionId> {
        if version == self.version || Some(version) == self.drafted {
            return self.revision.parse().ok();
        }
        let (revision, _) = self.before.as_ref().filter(|(_, before)| *before == version)?;
        revision.parse().ok()
    }
}

fn media_key(asset: AssetId, part: &Part) -> String {
    match part {
        Part::Copy => format!("media.{asset}"),
        Part::Poster => format!("media.{asset}.poster"),
        Part::Subtitles(lang) => format!("media.{asset}.{lang}"),
    }
}
