//! Feeds: one adapter per protocol behind one trait. A feed is handed everything it sends and everything it must remember; it
//! knows neither the journal's storage nor how originals are cleaned, reads no clock and keeps no queue.

pub mod folder;
pub mod mastodon;
#[cfg(test)]
pub mod memory;
pub mod micropub;
pub mod render;
mod slip;
pub mod web;
pub mod wordpress;

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::sync::Arc;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use crate::domain::{AssetId, Content, Digest, Lang, Manner, PostId, Receipt, RevisionId, Side, Timestamp, Wanted};

pub use crate::domain::destination::{Facts, Limits};
pub use folder::FolderFeed;
pub use slip::Slip;
pub use wordpress::WordPress;

/// A destination that posts are sent to.
///
/// An answer of `Ok` means that the feed durably holds what it says. Any other answer than [`FeedError::Lost`] means that
/// the feed holds what it held before, or that a later call for the same post carries on with what was begun.
#[async_trait]
pub trait Feed: Send + Sync {
    /// What the feed can take, as far as is known without asking it.
    fn limits(&self) -> Limits;

    /// How many posts may be sent before [`Feed::settle`]; 1 where every answer counts by itself.
    fn batch(&self) -> usize {
        1
    }

    /// Whether the feed would take a post now, and what it says of itself. Sends nothing of any post.
    async fn probe(&self) -> Result<Facts, FeedError>;

    /// Makes the item of a post that the feed is not known to hold.
    async fn create(&self, intent: &Arc<Intent>, out: &Outgoing) -> Result<Held, FeedError>;

    /// Changes the item to what is intended, if it is still what the receipt says.
    async fn update(&self, known: &Receipt, intent: &Arc<Intent>, out: &Outgoing) -> Result<Held, FeedError>;

    /// Takes the item away, if it is still what the receipt says. One that is not there is as good as taken away.
    async fn withdraw(&self, known: &Receipt, about: &About) -> Result<(), FeedError>;

    /// Asks what the feed holds of a post whose last answer was lost; changes nothing.
    async fn lookup(&self, about: &About) -> Result<Lookup, FeedError>;

    /// Reads back what the feed holds of a post.
    async fn fetch(&self, known: &Receipt, about: &About) -> Result<Fetched, FeedError>;

    /// The items that are made of a post, exactly as they are sent: what a preview shows, and what `create` and `update` send.
    fn items(&self, intent: &Intent) -> Vec<Item>;

    /// When a post is sent that shall be public at a time of its own and that the feed cannot keep until then. Before that,
    /// sending it is answered with [`FeedError::NotYet`].
    fn leaves_at(&self, _intent: &Intent) -> Option<Timestamp> {
        None
    }

    /// What was changed at the feed since an earlier call answered with that cursor; the first call has none and tells how
    /// things stand. `known` is everything the feed confirmed and still holds. Feeds that cannot be read back tell nothing.
    async fn changes(&self, _cursor: Option<&str>, _known: &[Receipt]) -> Result<Changes, FeedError> {
        Ok(Changes::default())
    }

    /// A page of everything that lies at the feed, newest first, wherever it was written; the first page has no name.
    async fn list(&self, _page: Option<&str>) -> Result<Page, FeedError> {
        Ok(Page::default())
    }

    /// Writes a file that lies at the feed into a local one, and answers its bytes.
    async fn download(&self, _media: &RemoteMedia, _to: &mut tokio::fs::File) -> Result<u64, FeedError> {
        Err(FeedError::Gone)
    }

    /// What the feed's own answers taught since it was set up; nothing where that is nothing new. Kept with what it said of itself.
    fn learnt(&self) -> Option<Facts> {
        None
    }

    /// Learns that the item of a post was made elsewhere, and of which originals the files in it are copies. Called once, when it
    /// is taken over.
    async fn adopted(&self, _about: &About, _files: &[(AssetId, RemoteMedia)]) -> Result<(), FeedError> {
        Ok(())
    }

    /// Finishes what several calls share, such as a list of all items. What they answered counts only after this.
    async fn settle(&self) -> Result<(), FeedError> {
        Ok(())
    }
}

/// Which post a call is about, and what was written down of it before.
#[derive(Clone)]
pub struct About {
    /// Which post.
    pub post: PostId,
    /// What the adapter wrote down of it.
    pub notes: Arc<dyn Notes>,
}

/// What an adapter writes down about one post at its feed, by keys of its choice: ids of uploaded files, the idempotency key,
/// when something was first sent. Kept with the delivery, through crashes, until the feed is removed.
#[async_trait]
pub trait Notes: Send + Sync {
    /// Everything written down.
    async fn all(&self) -> Result<BTreeMap<String, String>, FeedError>;

    /// Writes one down, or strikes it out; answers after the commit.
    async fn put(&self, key: &str, value: Option<&str>) -> Result<(), FeedError>;
}

/// A post as it shall be at the feed.
#[derive(Debug, Clone, PartialEq)]
pub struct Intent {
    /// Which post: the idempotency token too, since every feed keeps one item for a post.
    pub post: PostId,
    /// The sealed revision that leaves.
    pub revision: RevisionId,
    /// When that revision was last changed.
    pub modified: Timestamp,
    /// Whether it shall be public.
    pub audience: Audience,
    /// What it says. The coordinates in it never leave.
    pub content: Content,
    /// The files to send, in the order of the post.
    pub media: Vec<OutgoingMedia>,
    /// Whether the place's name is sent.
    pub with_place: bool,
    /// How it shall be there.
    pub manner: Manner,
}

/// Who sees an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Audience {
    /// Only the user.
    Draft,
    /// Everybody.
    Published,
}

impl From<Audience> for Wanted {
    fn from(audience: Audience) -> Self {
        match audience {
            Audience::Draft => Self::Draft,
            Audience::Published => Self::Published,
        }
    }
}

/// A file as it leaves: the facts of the cleaned copy, not of the original.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutgoingMedia {
    /// Whose copy.
    pub asset: AssetId,
    /// How it is shown.
    pub kind: MediaKind,
    /// Internet media type of the copy.
    pub mime: String,
    /// The usual ending of such files, without a dot.
    pub extension: String,
    /// Width in pixels as displayed.
    pub width: Option<u32>,
    /// Height in pixels as displayed.
    pub height: Option<u32>,
    /// Length of a clip in milliseconds.
    pub duration_ms: Option<u64>,
    /// What it shows, per language.
    pub alt: BTreeMap<Lang, String>,
    /// The file's name in the post; shown for files that are neither photo nor clip.
    pub name: String,
    /// Whether there is a JPEG to show before a clip plays.
    pub poster: bool,
    /// Languages of a clip's subtitles.
    pub subtitles: Vec<Lang>,
}

/// How a file is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MediaKind {
    /// As a picture.
    Photo,
    /// As a film.
    Clip,
    /// As a link.
    File,
}

/// A part of an asset that can leave.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Part {
    /// The cleaned copy of the original.
    Copy,
    /// A clip's poster as JPEG.
    Poster,
    /// A clip's subtitles in a language as WebVTT.
    Subtitles(Lang),
}

/// Where the bytes of outgoing files come from. Nothing it gives carries a location, a serial number or an owner.
pub trait MediaSource: Send + Sync {
    /// Writes a part of an asset and answers its size in bytes. Called outside the async threads; memory stays flat.
    fn copy(&self, asset: AssetId, part: &Part, to: &mut dyn Write) -> Result<u64, MediaError>;
}

/// Why a file cannot leave.
#[derive(Debug, thiserror::Error)]
pub enum MediaError {
    /// Its location and device data cannot be taken out.
    #[error("the file cannot be cleaned")]
    CannotStrip,
    /// The original is missing or damaged.
    #[error("the original is missing or damaged")]
    Damaged,
    /// The place it is written to failed.
    #[error(transparent)]
    Write(#[from] io::Error),
}

/// Told how far a post's files are.
pub trait Progress: Send + Sync {
    /// The feed has `done` of `total` files.
    fn uploaded(&self, done: u32, total: u32);

    /// So many bytes of the files left, of so many in all as far as is known.
    fn sent(&self, _bytes: u64, _total: u64) {}
}

/// What goes with an intent: where its bytes come from and who is told how far they are.
#[derive(Clone)]
pub struct Outgoing {
    /// Where the bytes come from.
    pub media: Arc<dyn MediaSource>,
    /// Who is told.
    pub progress: Arc<dyn Progress>,
    /// What was written down of the post.
    pub notes: Arc<dyn Notes>,
}

/// One item as it is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// Its language, where the feed keeps one.
    pub lang: Option<Lang>,
    /// Its title, where the feed keeps one.
    pub title: Option<String>,
    /// Its text. Where files stand in HTML, their addresses are the asset's id until they are uploaded.
    pub text: String,
    /// Whether the text is HTML.
    pub html: bool,
    /// Its length as the feed counts it, where the feed has a bound.
    pub length: Option<u32>,
    /// The files that go with it, in their order.
    pub files: Vec<AssetId>,
}

/// What a feed says it holds of a post.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// The feed's own name for the item.
    pub remote_id: String,
    /// Where a person can look at it.
    pub url: Option<String>,
    /// Who sees it.
    pub audience: Audience,
    /// The revision it was made from, where the feed keeps that.
    pub revision: Option<RevisionId>,
    /// Digest of what the feed holds, in the feed's own form.
    pub version: Digest,
    /// Digest of each part of it; see [`Receipt::parts`].
    pub parts: BTreeMap<String, Digest>,
    /// Whether somebody else changed it since it was written from here.
    pub touched: bool,
    /// Whether an earlier call was interrupted and has to be made again.
    pub unfinished: bool,
}

impl Held {
    /// The receipt for it. `otherwise` is the revision to name when the feed does not know it.
    pub fn receipt(self, otherwise: RevisionId, now: Timestamp) -> Receipt {
        Receipt {
            remote_id: self.remote_id,
            url: self.url,
            known: self.audience.into(),
            revision: self.revision.unwrap_or(otherwise),
            version: self.version,
            parts: self.parts,
            confirmed_at: now,
        }
    }
}

/// What asking for a post gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lookup {
    /// It is there.
    Found(Held),
    /// It is not there, and sending it again cannot make a second one.
    Absent,
    /// It is not there, but what was sent may still arrive: ask again at that instant, and send nothing before.
    NotYet(Timestamp),
    /// The feed cannot say: nobody guesses, the user is asked.
    CannotTell,
}

/// What was read back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetched {
    /// What the feed holds.
    pub held: Held,
    /// Title and body per language.
    pub sides: BTreeMap<Lang, Side>,
    /// Topics; absent where the feed has none.
    pub topics: Option<Vec<String>>,
    /// The files in it, in their order; absent where the feed does not tell them apart.
    pub media: Option<Vec<RemoteMedia>>,
    /// The moment it is about.
    pub moment: Option<Timestamp>,
    /// When it was last changed there.
    pub modified: Option<Timestamp>,
}

/// A file in an item at a feed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RemoteMedia {
    /// Where it can be fetched.
    pub url: String,
    /// The original it is a copy of, where it was sent from here.
    pub asset: Option<AssetId>,
    /// How it is shown.
    pub kind: MediaKind,
    /// What it shows, per language.
    pub alt: BTreeMap<Lang, String>,
    /// A name for the file.
    pub name: String,
}

/// What was changed at a feed.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Changes {
    /// Items that are new or changed there.
    pub items: Vec<Fetched>,
    /// Remote ids of items that the feed said are gone. An item that is merely absent from a list is not named.
    pub gone: Vec<String>,
    /// Remote ids of items that are not to be found under that name any more, and that [`Feed::fetch`] can follow by what was
    /// written down of them.
    pub moved: Vec<String>,
    /// Hand it back next time.
    pub cursor: Option<String>,
    /// There is more: call again with the cursor.
    pub more: bool,
}

/// A page of what lies at a feed.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Page {
    /// The items.
    pub items: Vec<Fetched>,
    /// The name of the next page, if there is one.
    pub next: Option<String>,
}

/// Why a feed did not do it.
#[derive(Debug, thiserror::Error)]
pub enum FeedError {
    /// It does not answer: an unplugged disk, a missing network. Normal. Nothing was changed there.
    #[error("the feed cannot be reached")]
    Unreachable,
    /// It answered that it wants to be left alone for so many milliseconds. Nothing was changed there.
    #[error("the feed is busy")]
    Busy(Option<i64>),
    /// It does not know us, or not any more.
    #[error("signed out")]
    SignedOut,
    /// It does not let us in, or does not let us write.
    #[error("the feed does not let us write")]
    Denied,
    /// It has no room left.
    #[error("the feed has no room left")]
    Full,
    /// It does not want this content.
    #[error("the feed refused the content")]
    Refused,
    /// A file is larger than it takes.
    #[error("a file is too large for the feed")]
    TooLarge,
    /// The text is longer than it takes.
    #[error("the text is too long for the feed")]
    TooLong,
    /// There are more files than it takes in one item.
    #[error("there are too many files for the feed")]
    TooManyFiles,
    /// It does not take photos and clips in one item.
    #[error("the feed does not take photos and clips together")]
    Mixed,
    /// It cannot change what lies there.
    #[error("the feed cannot change what it holds")]
    CannotChange,
    /// It cannot keep the item until its time, so that it is to be sent at that instant. Nothing of it is public there.
    #[error("the post is sent later")]
    NotYet(Timestamp),
    /// The item is not there any more.
    #[error("the item is gone")]
    Gone,
    /// The item is not what we last saw there.
    #[error("the item was changed there")]
    ChangedThere(Box<Held>),
    /// A file cannot be cleaned of location and device data.
    #[error("a file cannot be cleaned")]
    CannotStrip(AssetId),
    /// An original is missing or damaged.
    #[error("an original is missing or damaged")]
    MediaDamaged(AssetId),
    /// The place is the feed of somebody else, or of another journal.
    #[error("the place belongs to another feed")]
    Foreign,
    /// It is not known whether it was done.
    #[error("the answer was lost")]
    Lost,
    /// The journal could not be written, so nothing more was sent.
    #[error("the journal cannot be written")]
    Journal,
}
