//! Feeds: one adapter per protocol behind one trait. A feed is handed everything it sends; it knows neither the journal's
//! storage nor how originals are cleaned, reads no clock and keeps no queue.

pub mod folder;
#[cfg(test)]
pub mod memory;
pub mod render;

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::sync::Arc;

use async_trait::async_trait;

use crate::domain::{AssetId, Content, Digest, Lang, PostId, Receipt, RevisionId, Side, Timestamp, Wanted};

pub use folder::FolderFeed;

/// A destination that posts are sent to.
///
/// An answer of `Ok` means that the feed durably holds what it says. Any other answer than [`FeedError::Lost`] means that
/// the feed holds what it held before, or that a later call for the same post carries on with what was begun.
#[async_trait]
pub trait Feed: Send + Sync {
    /// What the feed can take.
    fn limits(&self) -> Limits;

    /// Whether the feed would take a post now. Sends nothing of any post.
    async fn probe(&self) -> Result<(), FeedError>;

    /// Makes the item of a post that the feed is not known to hold.
    async fn create(&self, intent: &Arc<Intent>, out: &Outgoing) -> Result<Held, FeedError>;

    /// Changes the item to what is intended, if it is still what the receipt says.
    async fn update(&self, known: &Receipt, intent: &Arc<Intent>, out: &Outgoing) -> Result<Held, FeedError>;

    /// Takes the item away, if it is still what the receipt says. One that is not there is as good as taken away.
    async fn withdraw(&self, known: &Receipt, post: PostId) -> Result<(), FeedError>;

    /// Asks what the feed holds of a post; changes nothing.
    async fn lookup(&self, post: PostId) -> Result<Lookup, FeedError>;

    /// Reads back what the feed holds of a post.
    async fn fetch(&self, post: PostId) -> Result<Fetched, FeedError>;

    /// Finishes what several calls share, such as a list of all items. What they answered counts only after this.
    async fn settle(&self) -> Result<(), FeedError> {
        Ok(())
    }
}

/// What a feed can take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Graphemes of a title; absent means any number.
    pub title: Option<u32>,
    /// Graphemes of the text; absent means any number.
    pub text: Option<u32>,
    /// Attachments of a post; absent means any number.
    pub attachments: Option<u32>,
    /// Bytes of one file; absent means any number.
    pub file_bytes: Option<u64>,
    /// How many posts may be sent before [`Feed::settle`]; 1 where every answer counts by itself.
    pub batch: usize,
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
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
}

/// What goes with an intent: where its bytes come from and who is told how far they are.
#[derive(Clone)]
pub struct Outgoing {
    /// Where the bytes come from.
    pub media: Arc<dyn MediaSource>,
    /// Who is told.
    pub progress: Arc<dyn Progress>,
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
            confirmed_at: now,
        }
    }
}

/// What asking for a post gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lookup {
    /// It is there.
    Found(Held),
    /// It is certainly not there.
    Absent,
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
    /// Topics.
    pub topics: Vec<String>,
}

/// Why a feed did not do it.
#[derive(Debug, thiserror::Error)]
pub enum FeedError {
    /// It does not answer: an unplugged disk, a missing network. Normal. Nothing was changed there.
    #[error("the feed cannot be reached")]
    Unreachable,
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
}
