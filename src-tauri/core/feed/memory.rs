//! A scripted feed for tests: a server in memory that makes a new item for every create it hears, as most servers do, and
//! whose weather decides what is heard and which answers come back.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;

use super::{
    About, Audience, Facts, Feed, FeedError, Fetched, Held, Intent, Limits, Lookup, MediaKind, Outgoing, OutgoingMedia,
    Progress,
};
use crate::domain::{AssetId, Digest, PostId, Receipt, RevisionId, Wanted};

/// Notes on paper, for tests that need no journal.
pub use super::Slip as Paper;

/// What happens to one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weather {
    /// Heard and answered.
    Fine,
    /// Nothing can be heard, and the caller knows.
    Down,
    /// Not heard, and the caller cannot know.
    LostBefore,
    /// Heard, but the answer is lost.
    LostAfter,
    /// Heard and refused for lack of room.
    Full,
    /// Heard and refused for its content.
    Refused,
    /// Heard, and to be left alone for ten minutes.
    Busy,
    /// Heard, and nobody we know.
    SignedOut,
}

/// One item on the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// The server's name for it.
    pub remote_id: String,
    /// Who sees it.
    pub audience: Audience,
    /// The revision that was sent.
    pub revision: RevisionId,
    /// Counts its changes.
    pub version: u64,
}

/// What the server holds, and what happened to it.
#[derive(Debug, Default)]
pub struct Server {
    /// Items per post. More than one is a duplicate.
    pub items: BTreeMap<PostId, Vec<Item>>,
    /// The most items that a post ever had at once.
    pub most: usize,
    /// How often the server was asked to settle.
    pub settled: u32,
    /// Posts whose item was made elsewhere: until it is written from here, nothing says whose it is.
    pub theirs: BTreeSet<PostId>,
    count: u64,
}

/// Decides the weather of the next call, and is called before and after it: where a test may end the program.
#[async_trait]
pub trait Sky: Send + Sync {
    /// The weather of the next call.
    async fn weather(&self) -> Weather;
    /// The call was heard; its answer is on its way.
    async fn heard(&self);
}

/// A connection to the server.
pub struct MemoryFeed<S> {
    /// The server; it goes on when the program is ended.
    pub server: Arc<Mutex<Server>>,
    /// The weather.
    pub sky: S,
    /// How many posts may be sent before a settle.
    pub batch: usize,
}

impl<S: Sky> MemoryFeed<S> {
    async fn call<T>(&self, work: impl FnOnce(&mut Server) -> T + Send) -> Result<T, FeedError>
    where
        T: Send,
    {
        let weather = self.sky.weather().await;
        match weather {
            Weather::Down => return Err(FeedError::Unreachable),
            Weather::LostBefore => return Err(FeedError::Lost),
            Weather::Full => return Err(FeedError::Full),
            Weather::Refused => return Err(FeedError::Refused),
            Weather::Busy => return Err(FeedError::Busy(Some(600_000))),
            Weather::SignedOut => return Err(FeedError::SignedOut),
            Weather::Fine | Weather::LostAfter => {}
        }
        let answer = work(&mut self.server.lock().unwrap());
        self.sky.heard().await;
        if weather == Weather::LostAfter { Err(FeedError::Lost) } else { Ok(answer) }
    }
}

impl Server {
    fn create(&mut self, intent: &Intent) -> Held {
        self.count += 1;
        let remote_id = self.count.to_string();
        let item = Item { remote_id, audience: intent.audience, revision: intent.revision, version: self.count };
        let held = item.held();
        let items = self.items.entry(intent.post).or_default();
        items.push(item);
        self.most = self.most.max(items.len());
        held
    }

    fn known(&mut self, post: PostId, known: &Receipt) -> Result<&mut Item, FeedError> {
        let items = self.items.entry(post).or_default();
        let item = items.iter_mut().find(|item| item.remote_id == known.remote_id).ok_or(FeedError::Gone)?;
        if item.held().version == known.version {
            Ok(item)
        } else {
            Err(FeedError::ChangedThere(Box::new(item.held())))
        }
    }

    fn update(&mut self, known: &Receipt, intent: &Intent) -> Result<Held, FeedError> {
        self.count += 1;
        let version = self.count;
        let item = self.known(intent.post, known)?;
        *item = Item { audience: intent.audience, revision: intent.revision, version, ..item.clone() };
        let held = item.held();
        self.theirs.remove(&intent.post);
        Ok(held)
    }

    fn withdraw(&mut self, known: &Receipt, post: PostId) -> Result<(), FeedError> {
        self.known(post, known)?;
        self.items.entry(post).or_default().retain(|item| item.remote_id != known.remote_id);
        Ok(())
    }

    /// What a receipt is compared with.
    pub fn holds(&self, post: PostId, receipt: &Receipt) -> bool {
        self.items.get(&post).into_iter().flatten().any(|item| {
            item.remote_id == receipt.remote_id
                && item.revision == receipt.revision
                && Wanted::from(item.audience) == receipt.known
        })
    }
}

impl Item {
    fn held(&self) -> Held {
        Held {
            remote_id: self.remote_id.clone(),
            url: None,
            audience: self.audience,
            revision: Some(self.revision),
            version: Digest::of(&self.version.to_le_bytes()),
            parts: BTreeMap::new(),
            touched: false,
            unfinished: false,
        }
    }
}

#[async_trait]
impl<S: Sky> Feed for MemoryFeed<S> {
    fn limits(&self) -> Limits {
        Limits::default()
    }

    fn batch(&self) -> usize {
        self.batch
    }

    fn items(&self, _intent: &Intent) -> Vec<super::Item> {
        Vec::new()
    }

    async fn probe(&self) -> Result<Facts, FeedError> {
        self.call(|_| Facts::default()).await
    }

    async fn create(&self, intent: &Arc<Intent>, _out: &Outgoing) -> Result<Held, FeedError> {
        self.call(|server| server.create(intent)).await
    }

    async fn update(&self, known: &Receipt, intent: &Arc<Intent>, _out: &Outgoing) -> Result<Held, FeedError> {
        self.call(|server| server.update(known, intent)).await?
    }

    async fn withdraw(&self, known: &Receipt, about: &About) -> Result<(), FeedError> {
        self.call(|server| server.withdraw(known, about.post)).await?
    }

    async fn lookup(&self, about: &About) -> Result<Lookup, FeedError> {
        self.call(|server| match server.items.get(&about.post).and_then(|items| items.first()) {
            Some(item) if !server.theirs.contains(&about.post) => Lookup::Found(item.held()),
            _ => Lookup::Absent,
        })
        .await
    }

    async fn fetch(&self, known: &Receipt, about: &About) -> Result<Fetched, FeedError> {
        let find = |server: &mut Server| {
            let item = server.items.get(&about.post)?.iter().find(|item| item.remote_id == known.remote_id)?;
            let (sides, topics, media, moment, modified) = (BTreeMap::new(), None, None, None, None);
            Some(Fetched { held: item.held(), sides, topics, media, moment, modified, warning: None })
        };
        self.call(find).await?.ok_or(FeedError::Gone)
    }

    async fn settle(&self) -> Result<(), FeedError> {
        if self.batch == 1 {
            return Ok(());
        }
        self.call(|server| server.settled += 1).await
    }
}

/// Writes down what it is told of bytes: those that left, and those in all.
#[derive(Default)]
pub struct Told(Mutex<Vec<(u64, u64)>>);

impl Told {
    /// All of it, in order.
    pub fn bytes(&self) -> Vec<(u64, u64)> {
        self.0.lock().unwrap().clone()
    }
}

impl Progress for Told {
    fn uploaded(&self, _: u32, _: u32) {}

    fn sent(&self, bytes: u64, total: u64) {
        self.0.lock().unwrap().push((bytes, total));
    }
}

/// A file to send, one for every number.
pub fn asset(number: u128) -> AssetId {
    AssetId(Digest::of(&number.to_le_bytes()))
}

/// A photo to send, with what it shows.
pub fn photo(number: u128, alt: &[(&str, &str)]) -> OutgoingMedia {
    OutgoingMedia {
        asset: asset(number),
        kind: MediaKind::Photo,
        mime: "image/jpeg".into(),
        extension: "jpg".into(),
        about_bytes: 1,
        width: Some(1200),
        height: Some(900),
        duration_ms: None,
        alt: alt.iter().map(|(lang, text)| (lang.parse().unwrap(), (*text).to_owned())).collect(),
        name: "IMG_1.JPG".into(),
        poster: false,
        subtitles: Vec::new(),
    }
}
