//! What is written down of a post at a WordPress site: the ids of its items, what was sent last, its uploaded files. What a
//! request is about to do is on the disk before it leaves, and together with that what the requests before it were answered:
//! between two requests the disk is waited for once at most.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::seen::{Away, mark, marks};
use crate::domain::{AssetId, Digest, PostId, RevisionId, Timestamp};
use crate::feed::{FeedError, Note, Notes, Part, RemoteMedia};

/// The notes about one post.
pub(super) struct Ledger {
    notes: Arc<dyn Notes>,
    all: BTreeMap<String, String>,
    /// What is noted and not on the disk yet.
    fresh: Vec<Note>,
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
    /// How it is seen without topics while it is being made: the site writes an item before it gives it its topics, and may die
    /// in between.
    #[serde(default)]
    pub bare: Option<Digest>,
    /// The date that goes with it.
    pub date: Option<String>,
    /// The date that went with it before.
    #[serde(default)]
    pub date_before: Option<String>,
    /// The topics that go with it, as the site writes them.
    #[serde(default)]
    pub topics: Option<Vec<String>>,
    /// What was there before: revision and version.
    pub before: Option<(String, Digest)>,
    /// The titles of what was there before, and what they were read from; see [`super::seen::Seen::titles`].
    #[serde(default)]
    pub titles: BTreeMap<String, Digest>,
    /// The excerpts of ours that may be there: the one that goes with it and the one before. Nothing where somebody there wrote
    /// another one, which stays.
    #[serde(default)]
    pub excerpts: Vec<String>,
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

/// Begins the names of the notes about items in the trash, before their ids.
const AWAY: &str = "away.";
/// A file that was about to be uploaded: it may be there.
const BEGUN: &str = "begun";

impl Ledger {
    /// Reads what is written down.
    pub async fn open(notes: Arc<dyn Notes>) -> Result<Self, FeedError> {
        let all = notes.all().await?;
        Ok(Self { notes, all, fresh: Vec::new() })
    }

    /// The items whose ids are known, by their keys.
    pub fn posts(&self) -> Vec<(String, u64)> {
        let posts = self.all.iter().filter_map(|(name, id)| Some((name.strip_prefix("post.")?, id.parse().ok()?)));
        posts.map(|(key, id)| (key.to_owned(), id)).collect()
    }

    /// Notes the id of an item, or that there is none any more. One in whose stead it was made lies in the trash.
    pub fn note_post(&mut self, key: &str, id: Option<u64>) {
        let name = format!("post.{key}");
        let before = self.all.get(&name).and_then(|before| before.parse().ok()).filter(|before| Some(*before) != id);
        self.note(name, id.map(|id| id.to_string()));
        if let Some(id) = id {
            if let Some(before) = before {
                self.note_away(before);
            }
            self.note(format!("{AWAY}{id}"), None);
        }
    }

    /// Notes that an item lies in the trash and belongs to the post no more. It stays in mind: what arrives late takes it out
    /// of there.
    pub fn note_away(&mut self, id: u64) {
        for (key, _) in self.posts().into_iter().filter(|(_, known)| *known == id) {
            self.note_post(&key, None);
        }
        self.note(format!("{AWAY}{id}"), Some(String::new()));
    }

    /// Nothing that was sent before an item was put there arrives after `until`, by the site's clock: whoever takes it out of there
    /// later wants that. What was put there so long before `now` has been looked for and is forgotten.
    pub fn date_away(&mut self, now: Timestamp, until: Timestamp) {
        for Away { id, until: noted } in
            self.away().into_iter().filter(|away| away.until.is_none_or(|noted| noted < now))
        {
            self.note(format!("{AWAY}{id}"), noted.is_none().then(|| until.as_millis().to_string()));
        }
    }

    /// Those items.
    pub fn away(&self) -> Vec<Away> {
        let away = |(name, until): (&String, &String)| {
            let until = until.parse().ok().map(Timestamp::from_millis);
            Some(Away { id: name.strip_prefix(AWAY)?.parse().ok()?, until })
        };
        self.all.iter().filter_map(away).collect()
    }

    /// What a receipt about a post says besides what is seen of it.
    pub fn marks(&self, post: PostId) -> BTreeMap<String, Digest> {
        marks(mark(post), self.away())
    }

    /// What was sent of an item last; whatever became of it.
    pub fn sent(&self, key: &str) -> Option<Sent> {
        serde_json::from_str(self.all.get(&format!("sent.{key}"))?).ok()
    }

    /// The keys of all items of which something was sent.
    pub fn begun(&self) -> Vec<String> {
        self.all.keys().filter_map(|name| name.strip_prefix("sent.")).map(str::to_owned).collect()
    }

    /// Notes what is about to be sent, or was.
    pub fn note_sent(&mut self, key: &str, sent: Option<&Sent>) {
        // Strings and digests can always be written.
        let sent = sent.map(|sent| serde_json::to_string(sent).unwrap_or_default());
        self.note(format!("sent.{key}"), sent);
    }

    /// The uploaded copy of a part of an asset.
    pub fn uploaded(&self, asset: AssetId, part: &Part) -> Option<Uploaded> {
        serde_json::from_str(self.all.get(&media_key(asset, part))?).ok()
    }

    /// Whether a file in an item was sent there from here, or brought from there: by what it is, or by where it lies.
    pub fn has_file(&self, file: &RemoteMedia) -> bool {
        let lies_there = |note: &String| serde_json::from_str(note).is_ok_and(|known: Uploaded| known.url == file.url);
        let is_media = |name: &String| name.starts_with("media.");
        file.asset.is_some_and(|asset| self.uploaded(asset, &Part::Copy).is_some())
            || self.all.iter().any(|(name, note)| is_media(name) && lies_there(note))
    }

    /// Whether an upload was begun and nobody knows what came of it.
    pub fn in_doubt(&self, asset: AssetId, part: &Part) -> bool {
        self.all.get(&media_key(asset, part)).is_some_and(|note| note == BEGUN)
    }

    /// Notes that an upload begins.
    pub fn note_begun(&mut self, asset: AssetId, part: &Part) {
        self.note(media_key(asset, part), Some(BEGUN.to_owned()));
    }

    /// Notes what an upload gave.
    pub fn note_uploaded(&mut self, asset: AssetId, part: &Part, uploaded: &Uploaded) {
        let note = serde_json::to_string(uploaded).unwrap_or_default();
        self.note(media_key(asset, part), Some(note));
    }

    /// Forgets an uploaded copy: it is not there any more.
    pub fn forget_uploaded(&mut self, asset: AssetId, part: &Part) {
        self.note(media_key(asset, part), None);
    }

    /// Sees to it that everything noted is on the disk. To be called before every request that changes something.
    pub async fn keep(&mut self) -> Result<(), FeedError> {
        if self.fresh.is_empty() {
            return Ok(());
        }
        self.notes.put_all(self.fresh.clone()).await?;
        self.fresh.clear();
        Ok(())
    }

    /// The same for what was answered, where nothing depends on it that leaves: it outlasts the program, and is on the disk with the
    /// next [`Ledger::keep`] or the engine's own word.
    pub async fn jot(&mut self) -> Result<(), FeedError> {
        if self.fresh.is_empty() {
            return Ok(());
        }
        self.notes.jot_all(std::mem::take(&mut self.fresh)).await
    }

    /// The same for the last answer, after which the engine has the word.
    pub async fn close(self) -> Result<(), FeedError> {
        if self.fresh.is_empty() { Ok(()) } else { self.notes.jot_last(self.fresh).await }
    }

    fn note(&mut self, key: String, value: Option<String>) {
        if self.all.get(&key) == value.as_ref() {
            return;
        }
        match &value {
            Some(value) => self.all.insert(key.clone(), value.clone()),
            None => self.all.remove(&key),
        };
        self.fresh.push((key, value));
    }
}

impl Sent {
    /// The revision that a version was made from, if it is one of ours and whole.
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
