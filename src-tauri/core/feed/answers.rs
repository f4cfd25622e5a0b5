//! What a feed answers: what it would send, what it holds, and why it did not do something.

use std::collections::BTreeMap;

use super::{Audience, MediaKind};
use crate::domain::{AssetId, Digest, Lang, Receipt, RevisionId, Side, Timestamp};

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
    /// Those of them of which what they show is told in more words than the feed takes.
    pub long_alts: Vec<AssetId>,
}

/// What is there of several items.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Remains {
    /// None of them.
    Nothing,
    /// Some of them.
    Some,
    /// All of them.
    Everything,
}

impl Remains {
    /// What it means that so many are there.
    pub fn of(there: usize, all: usize) -> Self {
        match there {
            0 => Self::Nothing,
            there if there < all => Self::Some,
            _ => Self::Everything,
        }
    }
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
            manner: None,
            partial: self.unfinished,
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
    /// When it was last changed there, by the feed's clock.
    pub modified: Option<Timestamp>,
    /// What readers are told there before they choose to read on; absent where the feed has no such thing. Its digest is the
    /// part [`Receipt::WARNING`].
    pub warning: Option<String>,
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
    /// Remote ids of items that are gone as far as lists tell, like those that were asked for by name: they are asked for in their
    /// turn.
    pub unseen: Vec<String>,
    /// Remote ids of items that are not to be found under that name any more, and that [`Feed::fetch`] can follow by what was
    /// written down of them.
    pub moved: Vec<String>,
    /// Hand it back next time.
    pub cursor: Option<String>,
    /// There is more: call again with the cursor.
    pub more: bool,
    /// So many of the known items were looked at, where the others have their turn another time.
    pub looked_at: Option<usize>,
    /// Why no more is told now. What is told counts, and the cursor stands behind that.
    pub ended: Option<FeedError>,
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
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum FeedError {
    /// It does not answer: an unplugged disk, a missing network. Normal. Nothing was changed there.
    #[error("the feed cannot be reached")]
    Unreachable,
    /// Its certificate is not valid, so that nobody knows who answers. Nothing was said to it.
    #[error("the certificate is not valid")]
    Untrusted,
    /// It leads from TLS into the clear, which the user did not allow. Nothing was asked there.
    #[error("the feed is reached in the clear only")]
    InTheClear,
    /// It answered that it wants to be left alone for so many milliseconds. Nothing was changed there.
    #[error("the feed is busy")]
    Busy(Option<i64>),
    /// It does not know us, or not any more.
    #[error("signed out")]
    SignedOut,
    /// The keychain that the sign-in is in cannot be read now, which is not being signed out. Nothing was asked or changed there.
    #[error("the keychain is locked")]
    Locked,
    /// It does not let us in, or does not let us write.
    #[error("the feed does not let us write")]
    Denied,
    /// It has no room left.
    #[error("the feed has no room left")]
    Full,
    /// It does not want this content.
    #[error("the feed refused the content")]
    Refused,
    /// It does not want this file.
    #[error("the feed refused a file")]
    FileRefused(AssetId),
    /// A file is larger than it takes; which one, where that is known.
    #[error("a file is too large for the feed")]
    TooLarge(Option<AssetId>),
    /// The text is longer than it takes.
    #[error("the text is too long for the feed")]
    TooLong,
    /// What a file shows is told in more words than it takes.
    #[error("an alt text is too long for the feed")]
    AltTooLong(AssetId),
    /// There are more files than it takes in one item.
    #[error("there are too many files for the feed")]
    TooManyFiles,
    /// It does not take photos and clips in one item.
    #[error("the feed does not take photos and clips together")]
    Mixed,
    /// It cannot change what lies there.
    #[error("the feed cannot change what it holds")]
    CannotChange,
    /// It cannot keep the item until its time, or is not done with its files, so that it is to be sent at that instant. Nothing of
    /// what is to be sent is public there.
    #[error("the post is sent later")]
    NotYet(Timestamp),
    /// It answers, and fails to tell what it holds of the item, so that nothing of it was changed there.
    #[error("the feed does not tell of the item")]
    Untold,
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

impl FeedError {
    /// Whether an answer to a question about one item is about the whole feed.
    pub fn speaks_for_all(&self) -> bool {
        matches!(
            self,
            Self::Unreachable
                | Self::Untrusted
                | Self::InTheClear
                | Self::Foreign
                | Self::Denied
                | Self::SignedOut
                | Self::Locked
                | Self::Busy(_)
                | Self::Journal
        )
    }

    /// The same, said of the file that was on its way.
    pub fn about(self, asset: AssetId) -> Self {
        match self {
            Self::TooLarge(None) => Self::TooLarge(Some(asset)),
            // Nothing else is said with a file.
            Self::TooLong => Self::AltTooLong(asset),
            Self::Refused => Self::FileRefused(asset),
            error => error,
        }
    }
}
