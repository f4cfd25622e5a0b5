//! The relation of one post to one feed: what is wanted, what is known there, and the state between.

use serde::{Deserialize, Serialize};

use super::{Digest, FeedId, PostId, RevisionId, Timestamp};

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

/// One post at one feed.
#[derive(Debug, Clone, PartialEq)]
pub struct Delivery {
    /// Which post.
    pub post: PostId,
    /// Which feed.
    pub feed: FeedId,
    /// What the user wants.
    pub wanted: Wanted,
    /// The sealed revision that shall be there.
    pub target: RevisionId,
    /// Where it stands.
    pub state: DeliveryState,
    /// What the feed confirmed last.
    pub receipt: Option<Receipt>,
    /// How often the present step was tried without an answer.
    pub attempts: u32,
    /// Not to be tried before this instant.
    pub next_at: Timestamp,
    /// When any of this last changed.
    pub updated_at: Timestamp,
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
    /// An attachment cannot be cleaned of location and device data, so it does not leave.
    CannotStrip,
    /// An original is missing or damaged in the journal.
    MediaDamaged,
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
    /// When the feed confirmed it.
    pub confirmed_at: Timestamp,
}

impl Delivery {
    /// Whether something is still to be done: such deliveries make up the outbox.
    pub fn is_pending(&self) -> bool {
        !matches!(self.state, DeliveryState::Idle | DeliveryState::Synced)
    }
}
