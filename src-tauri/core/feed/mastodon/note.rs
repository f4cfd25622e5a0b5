//! What is written down of a post's statuses, each time before the bytes that depend on it leave.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::read::Link;
use super::text::{Joint, Shape};
use crate::domain::{AssetId, Digest, Lang, PostId, RevisionId, Timestamp};
use crate::feed::{FeedError, Notes};

/// What the statuses of a post shall come to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Aim {
    /// The revision that shall be there.
    pub revision: RevisionId,
    /// Statuses in all.
    pub count: usize,
    /// How their texts are taken apart.
    pub shape: Shape,
}

/// One status of a post, by its place in the thread.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// The server's name for it, once it told.
    pub id: Option<String>,
    /// Whether it waits at the server for its time.
    pub scheduled: bool,
    /// Since when it waits there, by the server's clock.
    #[serde(default)]
    pub since: Option<Timestamp>,
    /// What it holds as far as we know: what was sent last and confirmed.
    pub sent: Option<Body>,
    /// What is being sent in place of that.
    pub next: Option<Body>,
    /// The first sending, as long as its answer is not known.
    pub trial: Option<Trial>,
    /// Digest of the status as it was read back after it was sent.
    pub seal: Option<Digest>,
    /// The revision that was written once more, since what was read back was not what was sent.
    #[serde(default)]
    pub again: Option<RevisionId>,
    /// It is being taken away.
    pub leaving: bool,
    /// When the server told its name, as long as no receipt names it: it may be shown a little later than it was told.
    #[serde(default)]
    pub told: Option<Timestamp>,
    /// The same by the server's clock.
    #[serde(default)]
    pub told_there: Option<Timestamp>,
    /// The user was asked whether it is there: sending it anew is the user's word.
    #[serde(default)]
    pub asked: bool,
    /// How often it was begun anew: each time with another key.
    pub round: u32,
}

/// A first sending.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trial {
    /// Its idempotency key.
    pub key: String,
    /// What is sent, the same at every try.
    pub body: Body,
    /// When it was first tried.
    pub first: Timestamp,
    /// The same by the server's clock, as far as that was known then: where it tells no time, it was not before our newest status
    /// there.
    #[serde(default)]
    pub first_there: Option<Timestamp>,
    /// When it was last tried.
    pub last: Timestamp,
    /// The same by the server's clock, as far as that was known then.
    #[serde(default)]
    pub last_there: Option<Timestamp>,
    /// How often it was tried.
    pub tries: u32,
    /// Our newest status at the server before the first try; what was lost is newer.
    pub floor: Option<String>,
}

/// A status as it is sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Body {
    /// The revision it is made from.
    pub revision: RevisionId,
    /// How its text goes on from the one before.
    pub joint: Joint,
    /// Its side's language.
    pub lang: Option<Lang>,
    /// Its text.
    pub text: String,
    /// Shown before the text.
    pub warning: String,
    /// `public`, `unlisted` or `private`.
    pub visibility: String,
    /// Its files: the server's names and what they show.
    pub media: Vec<(String, String)>,
    /// The status it answers.
    pub reply: Option<String>,
    /// When the server makes it public, if not at once.
    pub publish_at: Option<Timestamp>,
}

/// A file that was uploaded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Upload {
    /// The server's name for it.
    pub id: String,
    /// When; the server sweeps what is in no status after a day.
    pub at: Timestamp,
    /// What was said it shows.
    pub alt: String,
}

/// The notes about one post.
pub struct Book {
    notes: Arc<dyn Notes>,
    written: BTreeMap<String, String>,
}

impl Book {
    pub async fn open(notes: &Arc<dyn Notes>) -> Result<Self, FeedError> {
        Ok(Self { notes: Arc::clone(notes), written: notes.all().await? })
    }

    pub fn aim(&self) -> Option<Aim> {
        self.get("aim")
    }

    pub async fn set_aim(&mut self, aim: &Aim) -> Result<(), FeedError> {
        if self.aim().as_ref() == Some(aim) { Ok(()) } else { self.put("aim", Some(aim)).await }
    }

    /// The statuses that were ever begun, by their place.
    pub fn parts(&self) -> Vec<Part> {
        (0..).map_while(|index| self.get(&part_key(index))).collect()
    }

    pub fn part(&self, index: usize) -> Part {
        self.get(&part_key(index)).unwrap_or_default()
    }

    pub async fn set_part(&mut self, index: usize, part: &Part) -> Result<(), FeedError> {
        if self.get(&part_key(index)).as_ref() == Some(part) {
            return Ok(());
        }
        self.put(&part_key(index), Some(part)).await
    }

    pub fn upload(&self, slot: &str) -> Option<Upload> {
        self.get(slot)
    }

    pub async fn set_upload(&mut self, slot: &str, upload: Option<&Upload>) -> Result<(), FeedError> {
        self.put(slot, upload).await
    }

    /// Whether a copy of another original has this name.
    pub fn is_of_another(&self, id: &str, asset: AssetId) -> bool {
        self.assets().get(id).is_some_and(|known| *known != asset)
    }

    /// Forgets uploads that went with a status that is gone.
    pub async fn forget_uploads(&mut self, ids: &[String]) -> Result<(), FeedError> {
        let gone = |key: &&String| self.get::<Upload>(key).is_some_and(|upload| ids.contains(&upload.id));
        let keys: Vec<String> =
            self.written.keys().filter(|key| key.starts_with("media.")).filter(gone).cloned().collect();
        for key in keys {
            self.put::<Upload>(&key, None).await?;
        }
        Ok(())
    }

    /// The originals that uploaded files are copies of, by the server's names for these.
    pub fn assets(&self) -> BTreeMap<String, AssetId> {
        let keys = self.written.keys().filter(|key| key.starts_with("media."));
        let pairs = keys.filter_map(|key| Some((self.get::<Upload>(key)?.id, key.rsplit('.').next()?.parse().ok()?)));
        pairs.collect()
    }

    fn get<T: DeserializeOwned>(&self, key: &str) -> Option<T> {
        serde_json::from_str(self.written.get(key)?).ok()
    }

    async fn put<T: Serialize>(&mut self, key: &str, value: Option<&T>) -> Result<(), FeedError> {
        let Some(value) = value else {
            self.notes.put(key, None).await?;
            self.written.remove(key);
            return Ok(());
        };
        let text = serde_json::to_string(value).map_err(|_| FeedError::Journal)?;
        self.notes.put(key, Some(&text)).await?;
        self.written.insert(key.to_owned(), text);
        Ok(())
    }
}

impl Part {
    /// The same place, with nothing in it.
    pub fn emptied(&self) -> Self {
        Self { round: self.round.saturating_add(1), ..Self::default() }
    }

    /// Its first sending, where nobody knows yet what came of it.
    pub fn open_trial(&self) -> Option<&Trial> {
        self.trial.as_ref().filter(|_| self.id.is_none())
    }

    /// Whether the server named it and may show it only later: what is not to be seen proves nothing.
    pub fn is_awaited(&self) -> bool {
        self.told.is_some() && !self.asked && !self.leaving
    }

    /// What it was sent with last, whether that is confirmed or not.
    pub fn latest(&self) -> Option<&Body> {
        self.next.as_ref().or(self.sent.as_ref())
    }

    /// What it holds or is about to hold.
    pub fn held(&self) -> Option<&Body> {
        self.trial.as_ref().map(|trial| &trial.body).or(self.latest())
    }

    /// The names under which its files were sent, if it is certain that just these are in it.
    pub fn in_place(&self) -> Option<Vec<String>> {
        let sent = self.sent.as_ref()?.media_ids();
        self.next.as_ref().is_none_or(|next| next.media_ids() == sent).then_some(sent)
    }

    /// Its place in the thread, if the server told a name for it.
    pub fn link(&self) -> Option<Link> {
        let id = self.id.clone()?;
        let latest = self.latest();
        let joint = latest.map_or(Joint::Start, |body| body.joint);
        Some(Link { joint, lang: latest.and_then(|body| body.lang.clone()), id, scheduled: self.scheduled })
    }
}

impl Body {
    /// What is known of a status that was not sent from here: nothing it says.
    pub fn unknown(revision: RevisionId, joint: Joint, lang: Option<Lang>) -> Self {
        let (text, warning, visibility) = (String::new(), String::new(), String::new());
        let (media, reply, publish_at) = (Vec::new(), None, None);
        Self { revision, joint, lang, text, warning, visibility, media, reply, publish_at }
    }

    /// Whether it is to be public at a time that a server tells, which may leave out parts of a second.
    pub fn is_due_at(&self, due: Timestamp) -> bool {
        self.publish_at.is_some_and(|at| (at.as_millis() - due.as_millis()).abs() < 1_000)
    }

    /// The server's names for its files.
    pub fn media_ids(&self) -> Vec<String> {
        self.media.iter().map(|(id, _)| id.clone()).collect()
    }
}

/// Where an upload is written down.
pub fn slot(lang: Option<&Lang>, asset: AssetId) -> String {
    format!("media.{}.{asset}", lang.map(Lang::as_str).unwrap_or_default())
}

/// The idempotency key of a status: the same for the same revision of a post in the same place, and for no other.
pub fn key(post: PostId, revision: RevisionId, index: usize, round: u32) -> String {
    Digest::of(format!("status {post} {revision} {index} {round}").as_bytes()).to_string()
}

fn part_key(index: usize) -> String {
    format!("status.{index:03}")
}
