//! The relation of one post to one feed: what is wanted, what is known there, the state between, and what can happen to it. By
//! which rules the state changes stands in `rules`. Every change is written down before the bytes that depend on it leave (see
//! `sync/`).

mod late;
mod rules;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{AssetId, Digest, FeedId, PostId, RevisionId, Timestamp};

pub use late::{LATE_MILLIS, Left};

/// What the user wants of a post at a feed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum Wanted {
    /// Nothing: the post does not go there (and what may be there already is left alone).
    Off,
    /// It lies there as a draft.
    Draft,
    /// It is public there.
    Published,
    /// It was there and shall not be any more.
    Withdrawn,
}

impl Wanted {
    /// Whether the post shall be there.
    pub fn sends(self) -> bool {
        matches!(self, Self::Draft | Self::Published)
    }
}

/// One post at one feed.
#[derive(Debug, Clone, PartialEq)]
pub struct Delivery {
    /// Which post.
    pub post: PostId,
    /// Which feed.
    pub feed: FeedId,
    /// What the user wants.
    pub wanted: Wanted,
    /// The revision that shall be there; sealed when it leaves.
    pub target: RevisionId,
    /// How it shall be there.
    pub manner: Manner,
    /// Where it stands.
    pub state: DeliveryState,
    /// What the feed confirmed last.
    pub receipt: Option<Receipt>,
    /// What the feed holds instead, where it said so: the user decides about exactly that. The receipt stays what both sides
    /// last agreed on. Where something is to be sent over it, it was not read yet, and is kept in the history before.
    pub there: Option<Receipt>,
    /// How it was to be there when it last began to leave; absent for what never left.
    pub sent_as: Option<Manner>,
    /// Nobody answered this when nothing was wanted any more: it is asked again before anything else is sent. A conflict stands
    /// open as long as what is there is.
    pub unanswered: Option<NeedsYou>,
    /// The original because of which only the user can go on, where it is one.
    pub asset: Option<AssetId>,
    /// How far its files came before they were interrupted; absent once the feed confirmed the post, and for another version.
    pub reached: Option<Reached>,
    /// What began to leave, and when last, in the order in which it first did: such a request may arrive late, or once more.
    /// The first and the newest few.
    pub recent: Vec<Left>,
    /// How often the present step was tried without an answer.
    pub attempts: u32,
    /// How often the feed turned the present step away although it lets us in. Counts on through a start of the program.
    pub rebuffs: u32,
    /// How often in a row the answer was lost and the feed, when it was asked, held what it had held before. Counts on through a
    /// start of the program and through every waking, so that whoever tries now and then is told in the end.
    pub losses: u32,
    /// How many of the files the feed had when the answer was lost last: one that gets more of them each time gets on.
    pub arrived: u32,
    /// Not to be tried before this instant.
    pub next_at: Timestamp,
    /// When any of this last changed.
    pub updated_at: Timestamp,
}

/// How a post shall be at one feed, beside what it says. What a feed does not know, it leaves out.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(deny_unknown_fields, default)]
pub struct Manner {
    /// Made public by the feed itself at this instant; absent means at once.
    pub publish_at: Option<Timestamp>,
    /// What readers are told before they choose to read on; empty for nothing.
    pub warning: String,
    /// Who may read it; absent means as the feed is set up.
    pub visibility: Option<Visibility>,
}

/// Who may read a published post, in the words of the Mastodon API (<https://docs.joinmastodon.org/entities/Status/#visibility>).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum Visibility {
    /// Everybody, and it is shown in public lists.
    #[default]
    Public,
    /// Everybody, but it is in no public list.
    Unlisted,
    /// Followers.
    Private,
}

/// Where a delivery stands. Every state is written before the bytes that depend on it leave.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum DeliveryState {
    /// Nothing is to be done.
    Idle,
    /// To be sent as soon as the feed answers.
    Queued,
    /// Files are going out.
    Uploading {
        /// Files that the feed confirmed.
        done: u32,
        /// Files in all.
        total: u32,
        /// Bytes that left.
        #[ts(type = "number")]
        bytes: u64,
        /// Bytes in all, as far as is known.
        #[ts(type = "number")]
        total_bytes: u64,
    },
    /// The intent is committed and the request may be on its way; a crash here leads to `Unknown`.
    Sending,
    /// The answer was lost: the feed is asked before anything is sent again.
    Unknown,
    /// The feed confirmed what is wanted.
    Synced,
    /// Only the user can go on.
    NeedsYou {
        /// Why.
        reason: NeedsYou,
    },
}

/// Files that a feed has of a post that it does not have yet. They do not go again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct Reached {
    /// Files that the feed confirmed.
    pub done: u32,
    /// Files in all.
    pub total: u32,
}

/// Why only the user can go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum NeedsYou {
    /// The feed refused the content.
    Refused,
    /// A file is too large for the feed.
    TooLarge,
    /// The feed has no room left.
    Full,
    /// The feed does not let us write.
    Denied,
    /// The item was changed at the feed since it was last seen there.
    ChangedThere,
    /// The item is gone from the feed though nobody here removed it.
    GoneThere,
    /// Of the several items that make up the post, some are gone from the feed though nobody here removed them.
    PartGone,
    /// An attachment cannot be cleaned of location and device data, so it does not leave.
    CannotStrip,
    /// An original is missing or damaged in the journal.
    MediaDamaged,
    /// The feed does not know us any more: sign in again.
    SignedOut,
    /// The text is longer than the feed takes, and the feed is set up not to split it.
    TooLong,
    /// What a file shows is told in more words than the feed takes.
    AltTooLong,
    /// An answer was lost and the feed cannot say whether the post is there: the user looks and tells.
    MaybeThere,
    /// It was changed here and at the feed, in ways that only the user can bring together.
    Conflict,
    /// The journal was copied while it waited, and may have been sent from elsewhere since: the user looks and tells.
    Copied,
    /// There are more files than the feed takes in one item, and it is set up not to make several.
    TooManyFiles,
    /// The feed does not take photos and clips in one item, and it is set up not to make several.
    Mixed,
    /// The feed cannot change what it holds; taking it back and sending it again is the user's choice.
    CannotChange,
    /// The feed holds it, and keeps it from the public until somebody there has looked at it.
    KeptBack,
}

impl NeedsYou {
    /// Whether nobody but the user knows whether the post is there.
    pub fn is_whether_it_is_there(self) -> bool {
        matches!(self, Self::MaybeThere | Self::Copied)
    }

    /// Whether the trouble is the feed's: the next post would meet it too, and a feed that is woken may have got over it.
    pub fn concerns_feed(self) -> bool {
        matches!(self, Self::Full | Self::Denied | Self::SignedOut)
    }

    /// Whether something is gone that nobody here removed.
    pub fn is_gone(self) -> bool {
        matches!(self, Self::GoneThere | Self::PartGone)
    }

    /// Whether it is still to be answered after nothing was wanted for a while.
    pub fn stays_open(self) -> bool {
        self.is_whether_it_is_there() || self == Self::Conflict
    }
}

/// What a feed confirmed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct Receipt {
    /// The feed's own name for the item.
    pub remote_id: String,
    /// Where a person can look at it.
    pub url: Option<String>,
    /// What is there: draft, published or withdrawn.
    pub known: Wanted,
    /// The revision the feed holds: the base both sides last agreed on.
    pub revision: RevisionId,
    /// Digest of what the feed holds, in the feed's own form.
    #[ts(type = "string")]
    pub version: Digest,
    /// Digest of each part of it as the feed holds it, by names of the adapter's choice, so that later it is known which
    /// parts were changed there. Empty where the feed cannot be read back.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[ts(skip)]
    pub parts: BTreeMap<String, Digest>,
    /// How it was sent, as far as that is known: absent where it was only read back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(skip)]
    pub manner: Option<Manner>,
    /// Whether only some of the post is there, so that the rest has to be made again. Of what counts as withdrawn: whether some of it
    /// is there nevertheless, and shall be made anew with the rest.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[ts(skip)]
    pub partial: bool,
    /// When the feed confirmed it.
    pub confirmed_at: Timestamp,
}

impl Receipt {
    /// The part that is the warning of an item, where the feed shows one before it ([`Manner::warning`]).
    pub const WARNING: &str = "warning";
}

/// What happened to a delivery. Nothing else changes one.
#[derive(Debug, Clone, PartialEq)]
pub enum Happened {
    /// The user said what is wanted. After [`NeedsYou`] this means: go on, overwrite or send again.
    Wished {
        /// What is wanted now.
        wanted: Wanted,
        /// The revision that shall be there.
        target: RevisionId,
        /// How it shall be there.
        manner: Manner,
    },
    /// The post was edited and then left alone for a while ([`DEBOUNCE_MILLIS`]). Drafts follow by themselves, published posts
    /// wait for the user.
    Edited {
        /// The newest revision.
        revision: RevisionId,
    },
    /// Bytes are about to leave.
    Begun {
        /// Files that go with the post.
        files: u32,
    },
    /// The feed has some of the files.
    Uploaded {
        /// Files it has.
        done: u32,
        /// Files in all.
        total: u32,
        /// Bytes that left.
        bytes: u64,
        /// Bytes in all, as far as is known.
        total_bytes: u64,
    },
    /// The feed said what it holds now.
    Confirmed(Receipt),
    /// The feed holds something that an interrupted attempt left half done: it has to be made again.
    Unfinished(Receipt),
    /// What somebody changed at the feed is in the post's history now: it may be written over.
    Kept(Receipt),
    /// The feed proved that it holds nothing of this post.
    Absent,
    /// The feed took the item away because we asked it to.
    TakenBack {
        /// Whether a request that arrives late brings it back.
        may_return: bool,
    },
    /// The user, a network change or a start of the program says: do not wait any longer.
    Woken,
    /// The answer was lost, or the program ended, after bytes may have left.
    Lost {
        /// When to ask the feed.
        ask_at: Timestamp,
        /// Files that the feed had by then.
        files: u32,
        /// So many milliseconds the feed's clock was ahead of ours, where it had told.
        ahead: Option<i64>,
    },
    /// The feed holds nothing of what was sent, and what was sent may still arrive.
    NotYet {
        /// When to ask the feed again; nothing is sent before.
        ask_at: Timestamp,
    },
    /// The journal lies somewhere else than it did: it is a copy, and another one may have sent what waits.
    Copied,
    /// It waits here for its time, since the feed cannot keep it until then.
    PutOff {
        /// When to try.
        until: Timestamp,
    },
    /// The feed could not be asked or reached, and certainly nothing was changed there.
    Unreachable {
        /// When to try again.
        retry_at: Timestamp,
    },
    /// The feed turned it away, and says when it is asked that it lets us in. Certainly nothing was changed there.
    Rebuffed {
        /// When to try again.
        retry_at: Timestamp,
    },
    /// What was changed at the feed is in the journal now.
    TakenOver {
        /// What the feed holds; its revision is in the journal.
        there: Receipt,
        /// The revision that shall be there: that one, or one that was made from it.
        target: RevisionId,
        /// The earlier revision that a request of ours brought back, where one arrived late. What is wanted goes there once more; if
        /// the same comes up again, somebody there wants it so.
        late: Option<RevisionId>,
        /// When it was changed there at the earliest, by our clock.
        changed_at: Timestamp,
    },
    /// Only the user can go on.
    Stuck {
        /// Why.
        reason: NeedsYou,
        /// What the feed holds instead, where it said so: the user decides about exactly that.
        there: Option<Receipt>,
        /// The original because of which, where it is one.
        asset: Option<AssetId>,
    },
}

/// Edits of a draft follow to its feeds after a pause of this long, not after every key: ten seconds.
pub const DEBOUNCE_MILLIS: i64 = 10_000;
