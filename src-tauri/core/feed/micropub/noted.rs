//! What is written down about a post at a site, before the bytes that depend on it leave: what is being sent, where each entry
//! stands, and where uploaded files are.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use url::Url;

use super::entry::Files;
use crate::domain::{AssetId, Digest, Receipt, RevisionId, Timestamp};
use crate::feed::{Audience, FeedError, Held, Notes};

const GOAL: &str = "goal";
const PLAIN: &str = "plain";
const ENTRY: &str = "entry.";
const TRIES: &str = "tries.";
/// There with any value where the entry was made elsewhere.
const THEIRS: &str = "theirs";

/// What was sent last, so that it is known again when the answer is lost.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Goal {
    pub revision: RevisionId,
    pub draft: bool,
    /// The entries that the post becomes, by their names in these notes.
    pub entries: Vec<String>,
    /// Digests of its parts, as they are read back from what is sent.
    pub parts: BTreeMap<String, Digest>,
    /// What was there before, when it was an update.
    pub base: Option<Digest>,
    /// The server does not give entries back.
    #[serde(default)]
    pub blind: bool,
    /// Everybody could read it before, as it was meant. Believed where it was not written down.
    #[serde(default = "yes")]
    pub public: bool,
    /// It was not public before, and nobody has seen yet that everybody can read it.
    #[serde(default)]
    pub opens: bool,
    /// What was sent as its time, where its own was still to come.
    #[serde(default)]
    pub dated: Option<Timestamp>,
    /// Digests of its parts as they were sent when both sides last agreed; none where that is not known.
    #[serde(default)]
    pub agreed: BTreeMap<String, Digest>,
}

fn yes() -> bool {
    true
}

impl Goal {
    pub fn audience(&self) -> Audience {
        if self.draft { Audience::Draft } else { Audience::Published }
    }

    /// Whether what the site holds is what was sent. Some servers keep no moments.
    pub fn is_met_by(&self, held: &Held) -> bool {
        let is_same = |(name, part): (&String, &Digest)| match held.parts.get(name) {
            Some(there) => there == part,
            None => name == "moment",
        };
        let has_no_more = held.parts.keys().all(|name| self.parts.contains_key(name));
        held.audience == self.audience() && has_no_more && self.parts.iter().all(is_same)
    }

    /// Whether a part that was to become another is still there as it was sent before.
    pub fn is_ignored_by(&self, held: &Held) -> bool {
        self.agreed.iter().any(|(name, part)| held.parts.get(name) == Some(part) && self.parts.get(name) != Some(part))
    }
}

/// Whether one says nothing but what the other says, too, whatever became of files, topics and times.
pub(super) fn says_no_more(one: &BTreeMap<String, Digest>, other: &BTreeMap<String, Digest>) -> bool {
    one.iter().filter(|(name, _)| is_text(name)).all(|(name, part)| other.get(name) == Some(part))
}

/// Whether two say the same words, whatever became of files, topics and times.
pub(super) fn says_the_same(one: &BTreeMap<String, Digest>, other: &BTreeMap<String, Digest>) -> bool {
    let words = |parts: &BTreeMap<String, Digest>| -> Vec<(String, Digest)> {
        parts.iter().filter(|(name, _)| is_text(name)).map(|(name, part)| (name.clone(), *part)).collect()
    };
    words(one) == words(other)
}

fn is_text(name: &str) -> bool {
    name.starts_with("title.") || name.starts_with("body.")
}

/// Where one entry of the post stands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Stands {
    /// The name that was asked for.
    pub slug: String,
    /// When it was last tried to make it.
    pub tried: Timestamp,
    /// Its own parts, to know it by where the server keeps no names, and whether somebody else wrote in it.
    pub parts: BTreeMap<String, Digest>,
    /// Its parts before they were sent last; empty for a new one, and for one that is being made in the plain form.
    #[serde(default)]
    pub before: BTreeMap<String, Digest>,
    /// The moment it is about: two entries may say the same, but not of the same moment.
    pub moment: Option<Timestamp>,
    /// Its address, once the server told.
    pub url: Option<String>,
    pub stage: Stage,
    /// The server took it and said that it will be there later.
    #[serde(default)]
    pub promised: bool,
    /// It was made in the plain form that carries files, and shall still get its own.
    #[serde(default)]
    pub rough: bool,
    /// Not all of it may be there: it is being written over where nothing can be read back, and the answer did not come yet, or it
    /// was made though the server said no.
    #[serde(default)]
    pub open: bool,
    /// Photos and clips that were sent, where they can be told apart.
    #[serde(default)]
    pub files: usize,
    /// The form in which the server said no, or failed twice, where nobody can tell what it did before.
    #[serde(default)]
    pub refused: Option<Form>,
    /// The server itself failed over the last try.
    #[serde(default)]
    pub failed: bool,
    /// Where nobody could tell whether it is there.
    #[serde(default)]
    pub question: Question,
    /// Of which revision it was last sent, where that was written down.
    #[serde(default)]
    pub revision: Option<RevisionId>,
}

impl Stands {
    /// Its parts as they came: one in the plain form stays so until it was written over.
    pub fn there(self) -> BTreeMap<String, Digest> {
        if self.rough && !self.before.is_empty() { self.before } else { self.parts }
    }
}

/// How a new entry is said to the server, the best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Form {
    /// JSON that says what photos show.
    Words,
    /// JSON with nothing but addresses as photos.
    Plain,
    /// A form, which carries files.
    Fields,
}

/// What the user is asked about an entry of which nobody can tell whether it is there.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Question {
    #[default]
    None,
    /// Whether it is there.
    Open,
    /// The user said that it is not.
    Denied,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Stage {
    /// It is being made, or is there.
    There,
    /// It is being taken away.
    Leaving,
    /// It was taken away, and is being brought back.
    Returning,
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

    /// Everybody can read it, or somebody says that it is to be read.
    pub async fn set_open(&mut self) -> Result<(), FeedError> {
        match self.goal().filter(|goal| goal.opens) {
            Some(goal) => self.set_goal(&Goal { opens: false, ..goal }).await,
            None => Ok(()),
        }
    }

    /// Whether every entry has an address, and all that is open is whether everybody can read it there.
    pub fn is_to_be_seen(&self) -> bool {
        let has_url = |name: &String| self.entry(name).is_some_and(|stands| stands.url.is_some());
        self.goal().is_some_and(|goal| goal.opens && goal.entries.iter().all(has_url))
    }

    /// Where the entry of a name stands: that of a language, or [`super::entry::WHOLE`].
    pub fn entry(&self, name: &str) -> Option<Stands> {
        self.get(&entry_key(name))
    }

    /// The name of the entry at an address.
    pub fn name_at(&self, url: &str) -> Option<String> {
        self.names()
            .find(|name| self.entry(name).is_some_and(|stands| stands.url.as_deref() == Some(url)))
            .map(str::to_owned)
    }

    /// What the user was asked about is not there.
    pub async fn deny_asked(&mut self) -> Result<(), FeedError> {
        self.begin_anew(None).await
    }

    /// What the user was asked about is not there, and what a receipt spoke of that is `gone` is not there if it cannot be seen any more.
    pub async fn begin_anew(&mut self, gone: Option<&Receipt>) -> Result<(), FeedError> {
        // Nothing of it was tried since.
        let is_gone = |stands: &Stands| {
            let was_there = stands.stage == Stage::There && stands.url.is_some() && !stands.promised;
            was_there && gone.is_some_and(|gone| stands.tried <= gone.confirmed_at)
        };
        let all: Vec<_> = self.names().filter_map(|name| Some((self.entry(name)?, name.to_owned()))).collect();
        for (stands, name) in all.into_iter().filter(|(stands, _)| stands.question == Question::Open || is_gone(stands))
        {
            self.set_entry(&name, &Stands { question: Question::Denied, ..stands }).await?;
        }
        Ok(())
    }

    /// Writes down where the entry is whose answer was lost. [`FeedError::Refused`] where another one is there.
    pub async fn set_found(&mut self, url: &str) -> Result<(), FeedError> {
        let entries = self.goal().map(|goal| goal.entries).unwrap_or_default();
        let all: Vec<_> = entries.into_iter().filter_map(|name| Some((self.entry(&name)?, name))).collect();
        let is_one_lost = all.iter().any(|(stands, _)| stands.url.is_none());
        // As people copy it: with another scheme, or with or without a stroke at the end.
        let bare = |url: &str| {
            let url = Url::parse(url).ok()?;
            let (path, query) = (url.path().trim_end_matches('/').to_owned(), url.query().map(str::to_owned));
            Some((url.authority().to_owned(), path, query))
        };
        let is_known = self.names().filter_map(|name| self.entry(name)?.url).any(|known| bare(&known) == bare(url));
        if is_one_lost && is_known {
            return Err(FeedError::Refused);
        }
        let mut found = Some(url.to_owned());
        for (stands, name) in all {
            let url = stands.url.clone().or_else(|| found.take());
            self.set_entry(&name, &Stands { url, question: Question::None, ..stands }).await?;
        }
        Ok(())
    }

    /// Whether an entry that was taken away may be back, and nobody knows yet how it is.
    pub fn is_any_returning(&self) -> bool {
        let mut all = self.names().filter_map(|name| self.entry(name));
        all.any(|stands| stands.stage == Stage::Returning)
    }

    /// Whether any entry is at an address that the server told.
    pub fn is_any_there(&self) -> bool {
        let mut all = self.names().filter_map(|name| self.entry(name));
        all.any(|stands| stands.stage == Stage::There && stands.url.is_some())
    }

    /// When anything was last sent.
    pub fn last_tried(&self) -> Option<Timestamp> {
        self.names().filter_map(|name| self.entry(name)).map(|stands| stands.tried).max()
    }

    /// A try in the future was noted before the clock was set back: waiting for it begins anew, once.
    pub async fn bring_before(&mut self, now: Timestamp) -> Result<(), FeedError> {
        let names: Vec<String> = self.names().map(str::to_owned).collect();
        for name in names {
            if let Some(stands) = self.entry(&name).filter(|stands| stands.tried > now) {
                self.set_entry(&name, &Stands { tried: now, ..stands }).await?;
            }
        }
        Ok(())
    }

    pub async fn set_entry(&mut self, name: &str, stands: &Stands) -> Result<(), FeedError> {
        self.set(&entry_key(name), stands).await
    }

    /// Writes down that an entry is being taken away, also one that was made elsewhere.
    pub async fn leaving(&mut self, name: &str, url: &str, now: Timestamp) -> Result<Stands, FeedError> {
        let unknown = || Stands {
            slug: String::new(),
            tried: now,
            parts: BTreeMap::new(),
            before: BTreeMap::new(),
            moment: None,
            url: None,
            stage: Stage::Leaving,
            promised: false,
            rough: false,
            open: false,
            files: 0,
            refused: None,
            failed: false,
            question: Question::None,
            revision: None,
        };
        let stands = self.entry(name).unwrap_or_else(unknown);
        let stands = Stands { url: Some(url.to_owned()), stage: Stage::Leaving, ..stands };
        self.set_entry(name, &stands).await?;
        Ok(stands)
    }

    /// Writes down that it is not being taken away any more.
    pub async fn stays(&mut self, name: &str, stands: Stands) -> Result<(), FeedError> {
        self.set_entry(name, &Stands { stage: Stage::There, ..stands }).await
    }

    /// Writes down that it was taken away.
    pub async fn gone(&mut self, name: &str, stands: Stands) -> Result<(), FeedError> {
        self.set_entry(name, &Stands { stage: Stage::Gone, ..stands }).await
    }

    /// Forgets an entry that was never made.
    pub async fn strike_entry(&mut self, name: &str) -> Result<(), FeedError> {
        self.strike(&entry_key(name)).await
    }

    /// Addresses of the files that are there; empty for one whose address the server does not tell.
    pub fn files(&self) -> Files {
        let file = |(key, url): (&String, &String)| {
            let asset: AssetId = key.strip_prefix("file.")?.parse().ok()?;
            Some((asset, url.clone()))
        };
        self.all.iter().filter_map(file).collect()
    }

    pub async fn set_file(&mut self, asset: AssetId, url: &str) -> Result<(), FeedError> {
        self.strike(&format!("{TRIES}{asset}")).await?;
        self.put(&format!("file.{asset}"), url.to_owned()).await
    }

    /// Counts that a file was sent in vain. Answers whether it may be sent again by itself; if not, counting begins anew.
    pub async fn try_file(&mut self, asset: AssetId, most: u32) -> Result<bool, FeedError> {
        let key = format!("{TRIES}{asset}");
        let tries = self.get::<u32>(&key).unwrap_or(0) + 1;
        if tries >= most {
            self.strike(&key).await?;
            return Ok(false);
        }
        self.set(&key, &tries).await?;
        Ok(true)
    }

    /// The server takes nothing but addresses as photos.
    pub fn is_plain(&self) -> bool {
        self.all.contains_key(PLAIN)
    }

    pub async fn set_plain(&mut self) -> Result<(), FeedError> {
        self.put(PLAIN, "1".to_owned()).await
    }

    /// Whether the entry was made elsewhere.
    pub fn is_theirs(&self) -> bool {
        self.all.contains_key(THEIRS)
    }

    pub async fn set_theirs(&mut self) -> Result<(), FeedError> {
        self.put(THEIRS, "1".to_owned()).await
    }

    fn names(&self) -> impl Iterator<Item = &str> {
        self.all.keys().filter_map(|key| key.strip_prefix(ENTRY))
    }

    fn get<T: for<'de> Deserialize<'de>>(&self, key: &str) -> Option<T> {
        serde_json::from_str(self.all.get(key)?).ok()
    }

    async fn set(&mut self, key: &str, value: &impl Serialize) -> Result<(), FeedError> {
        let text = serde_json::to_string(value).map_err(|_| FeedError::Journal)?;
        self.put(key, text).await
    }

    async fn strike(&mut self, key: &str) -> Result<(), FeedError> {
        if self.all.remove(key).is_some() {
            self.notes.put(key, None).await?;
        }
        Ok(())
    }

    async fn put(&mut self, key: &str, value: String) -> Result<(), FeedError> {
        self.notes.put(key, Some(&value)).await?;
        self.all.insert(key.to_owned(), value);
        Ok(())
    }
}

fn entry_key(name: &str) -> String {
    format!("{ENTRY}{name}")
}
