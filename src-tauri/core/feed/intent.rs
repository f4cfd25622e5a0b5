//! What is handed to a feed: a post as it shall be there, and the files that go with it.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::Notes;
use crate::domain::{AssetId, Content, Lang, Manner, PostId, Receipt, RevisionId, Timestamp, Wanted};

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
    /// About so many bytes, known before the copy is made: those of the original.
    pub about_bytes: u64,
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
    /// What was there before it was taken back, or before the user knew that it is gone and wanted it to be made anew.
    pub gone: Option<Receipt>,
}
