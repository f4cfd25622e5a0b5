//! A site in memory that shows what it holds, where somebody else writes too, on a bad network: requests are lost, come up to
//! half an hour late, or once more. It keeps one item for a post.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard};

use async_trait::async_trait;

use crate::clock::{Clock, TestClock};
use crate::domain::{Digest, Lang, PostId, Receipt, RevisionId, Side, Timestamp};
use crate::feed::{
    About, Audience, Changes, Facts, Feed, FeedError, Fetched, Held, Intent, Item, Limits, Lookup, Notes, Outgoing,
};
use crate::sync::fake::Chance;
use tokio::sync::Notify;

use super::{Place, add_word, is_mark};

/// What was sent arrives within this, or never.
const LATEST: u64 = 30 * 60_000;

/// What the site holds of a post.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    pub sides: BTreeMap<Lang, Side>,
    pub audience: Audience,
    pub modified: Timestamp,
}

impl Entry {
    fn of(intent: &Intent, now: Timestamp) -> Self {
        Self { sides: intent.content.sides.clone(), audience: intent.audience, modified: now }
    }

    fn version(&self) -> Digest {
        Digest::of(format!("{:?} {:?}", self.sides, self.audience).as_bytes())
    }

    fn held(&self, post: PostId, revision: Option<RevisionId>) -> Held {
        let parts = self.sides.iter().flat_map(|(lang, side)| {
            let digest = |text: &str| Digest::of(text.as_bytes());
            [(format!("title.{lang}"), digest(&side.title)), (format!("body.{lang}"), digest(&side.body))]
        });
        Held {
            remote_id: post.to_string(),
            url: None,
            audience: self.audience,
            revision,
            version: self.version(),
            parts: parts.collect(),
            touched: false,
            unfinished: false,
        }
    }

    fn fetched(&self, post: PostId) -> Fetched {
        Fetched {
            held: self.held(post, None),
            sides: self.sides.clone(),
            topics: None,
            media: None,
            moment: None,
            modified: Some(self.modified),
            warning: None,
        }
    }

    /// All its words.
    pub fn words(&self) -> BTreeSet<String> {
        let texts = self.sides.values().flat_map(|side| [side.title.as_str(), side.body.as_str()]);
        texts.flat_map(str::split_whitespace).map(str::to_owned).collect()
    }
}

/// The site's side.
#[derive(Default)]
pub struct Site {
    pub entries: BTreeMap<PostId, Entry>,
    /// Of 16 requests, so many go wrong.
    pub rough: u64,
    /// Words that a request which came late wrote over before anybody read them.
    pub destroyed: BTreeSet<String>,
    /// Requests that came late and changed something.
    pub late: u32,
    under_way: Vec<(Timestamp, PostId, Entry)>,
}

impl Site {
    /// Lets arrive what is due.
    pub fn catch_up(&mut self, now: Timestamp) {
        let (mut due, later): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.under_way).into_iter().partition(|(at, ..)| *at <= now);
        self.under_way = later;
        due.sort_by_key(|(at, ..)| *at);
        for (at, post, entry) in due {
            // Nobody compares any more what was there: that was done when it was sent.
            if let Some(before) = self.entries.get_mut(&post) {
                self.late += u32::from(before.sides != entry.sides);
                self.destroyed.extend(before.words().difference(&entry.words()).cloned());
                *before = Entry { modified: at, ..entry };
            } else {
                self.entries.insert(post, entry);
            }
        }
    }
}

/// The site as its adapter sees it.
#[derive(Clone)]
pub struct Blog {
    pub site: Arc<Mutex<Site>>,
    pub clock: Arc<TestClock>,
    pub chance: Chance,
    /// What it says of itself.
    pub facts: Facts,
}

impl Blog {
    /// The site, after what is due has arrived.
    pub fn now(&self) -> MutexGuard<'_, Site> {
        let mut site = self.site.lock().unwrap();
        site.catch_up(self.clock.now());
        site
    }

    fn read<T>(&self, answer: impl FnOnce(&Site) -> T) -> Result<T, FeedError> {
        let site = self.now();
        if self.chance.below(16) < site.rough { Err(FeedError::Unreachable) } else { Ok(answer(&site)) }
    }

    async fn write(&self, post: PostId, entry: Entry) -> Result<(), FeedError> {
        let mut site = self.now();
        let at = i64::try_from(self.chance.below(LATEST)).unwrap();
        let later = (self.clock.now().plus_millis(at), post, entry.clone());
        let goes_wrong = self.chance.below(16) < site.rough;
        let how = self.chance.below(4);
        if goes_wrong && how == 0 {
            // Not a byte left.
            return Err(FeedError::Unreachable);
        }
        if site.rough > 0 && self.chance.below(6) == 0 {
            site.under_way.push(later.clone());
        }
        match how {
            _ if !goes_wrong => drop(site.entries.insert(post, entry)),
            1 => {}
            2 => drop(site.entries.insert(post, entry)),
            _ => site.under_way.push(later),
        }
        if goes_wrong { Err(FeedError::Lost) } else { Ok(()) }
    }

    /// Writes down what is sent, and sends it.
    async fn send(&self, intent: &Intent, notes: &dyn Notes) -> Result<Held, FeedError> {
        let entry = Entry::of(intent, self.clock.now());
        notes.put("sent", Some(&format!("{} {:?}", intent.revision, entry.version()))).await?;
        self.write(intent.post, entry.clone()).await?;
        Ok(entry.held(intent.post, Some(intent.revision)))
    }
}

impl Place for Blog {
    fn set_ahead(&self, _: i64) {}

    fn set_our_clock(&self, _: i64) {}

    fn set_rough(&self, of_sixteen: u64) {
        self.now().rough = of_sixteen;
    }

    fn end_after(&self, _: Option<u64>) -> Arc<Notify> {
        Arc::default()
    }

    fn add(&self, post: PostId, word: &str) -> bool {
        let (mut site, now) = (self.now(), self.clock.now());
        let Some(entry) = site.entries.get_mut(&post) else { return false };
        let lang = if self.chance.below(2) == 0 { Lang::zh_hans() } else { Lang::en() };
        let side = entry.sides.get_mut(&lang).unwrap();
        side.body = add_word(&side.body, word, &self.chance);
        entry.modified = now;
        true
    }

    fn items(&self, post: PostId) -> Vec<BTreeSet<String>> {
        let marks = |entry: &Entry| entry.words().into_iter().filter(|word| is_mark(word)).collect();
        self.now().entries.get(&post).map(marks).into_iter().collect()
    }

    fn addresses(&self) -> Vec<String> {
        Vec::new()
    }

    fn destroyed(&self) -> BTreeSet<String> {
        self.now().destroyed.clone()
    }

    fn late(&self) -> u32 {
        self.now().late
    }

    fn clear(&self) {
        *self.site.lock().unwrap() = Site::default();
    }
}

#[async_trait]
impl Feed for Blog {
    fn limits(&self) -> Limits {
        self.facts.limits.clone()
    }

    fn items(&self, _: &Intent) -> Vec<Item> {
        Vec::new()
    }

    async fn probe(&self) -> Result<Facts, FeedError> {
        Ok(self.facts.clone())
    }

    async fn create(&self, intent: &Arc<Intent>, out: &Outgoing) -> Result<Held, FeedError> {
        self.send(intent, out.notes.as_ref()).await
    }

    async fn update(&self, known: &Receipt, intent: &Arc<Intent>, out: &Outgoing) -> Result<Held, FeedError> {
        let entry = self.read(|site| site.entries.get(&intent.post).cloned())?.ok_or(FeedError::Gone)?;
        if entry.version() != known.version {
            return Err(FeedError::ChangedThere(Box::new(entry.held(intent.post, None))));
        }
        let before = format!("{} {:?}", known.revision, known.version);
        out.notes.put("before", Some(&before)).await?;
        self.send(intent, out.notes.as_ref()).await
    }

    async fn withdraw(&self, _: &Receipt, _: &About) -> Result<(), FeedError> {
        Err(FeedError::Refused)
    }

    async fn lookup(&self, about: &About) -> Result<Lookup, FeedError> {
        let notes = about.notes.all().await?;
        let Some(entry) = self.read(|site| site.entries.get(&about.post).cloned())? else { return Ok(Lookup::Absent) };
        let is_this = |note: &&String| note.ends_with(&format!(" {:?}", entry.version()));
        let known = ["sent", "before"].iter().find_map(|key| notes.get(*key).filter(is_this));
        let revision = known.and_then(|note| note.split(' ').next()?.parse().ok());
        let held = entry.held(about.post, revision);
        Ok(Lookup::Found(Held { touched: known.is_none(), ..held }))
    }

    async fn fetch(&self, _: &Receipt, about: &About) -> Result<Fetched, FeedError> {
        self.read(|site| site.entries.get(&about.post).map(|entry| entry.fetched(about.post)))?.ok_or(FeedError::Gone)
    }

    async fn changes(&self, _: Option<&str>, known: &[Receipt]) -> Result<Changes, FeedError> {
        let changed = |site: &Site| {
            let posts = known.iter().filter_map(|receipt| {
                let post: PostId = receipt.remote_id.parse().ok()?;
                let entry = site.entries.get(&post).filter(|entry| entry.version() != receipt.version)?;
                Some(entry.fetched(post))
            });
            posts.collect()
        };
        Ok(Changes { items: self.read(changed)?, ..Changes::default() })
    }
}
