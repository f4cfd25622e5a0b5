//! What leaves for the feeds, and how that stands.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::assets::AssetView;
use crate::domain::{AssetId, DeliveryState, FeedId, Lang, Manner, PostId, Reached, Receipt, Timestamp, Wanted};

/// A post and a feed, and what is wanted of the one at the other.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct SendInput {
    /// Which post.
    pub post: PostId,
    /// Which feed.
    pub feed: FeedId,
    /// What is wanted there.
    pub wanted: Wanted,
    /// How it shall be there.
    #[serde(default)]
    pub manner: Manner,
}

/// One post at one feed.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct DeliveryView {
    /// Stable name, made of post and feed.
    pub id: String,
    /// Which post.
    pub post: PostId,
    /// Which feed.
    pub feed: FeedId,
    /// As the user calls the feed.
    pub feed_name: String,
    /// The feed is switched off: nothing goes there before the user goes on with it.
    pub paused: bool,
    /// What is wanted.
    pub wanted: Wanted,
    /// How it shall be there.
    pub manner: Manner,
    /// Where it stands.
    #[serde(flatten)]
    #[ts(flatten)]
    pub state: DeliveryState,
    /// What the post calls the file because of which only the user can go on, where it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub file: Option<String>,
    /// How far its files came before they were interrupted.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub reached: Option<Reached>,
    /// What the feed confirmed.
    pub receipt: Option<Receipt>,
    /// What the feed holds was written there and came into the journal.
    pub from_there: bool,
    /// The post was changed after what the feed holds.
    pub changed_since: bool,
    /// Not tried again before this.
    pub next_at: Option<Timestamp>,
    /// When any of this last changed.
    pub updated_at: Timestamp,
}

/// A line of the outbox: a delivery with what is needed to show it.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct OutboxEntry {
    /// The delivery.
    #[serde(flatten)]
    #[ts(flatten)]
    pub delivery: DeliveryView,
    /// Titles per language.
    pub titles: BTreeMap<Lang, String>,
    /// The picture that stands for the post.
    pub cover: Option<AssetView>,
    /// Files of the post.
    pub files: u32,
    /// Bytes of their originals. Beside the bytes of an upload, which the delivery tells.
    #[ts(type = "number")]
    pub size: u64,
}

/// The outbox: what waits, and what was confirmed in the last 24 hours.
#[derive(Debug, Clone, Default, Serialize, Deserialize, TS)]
pub struct Outbox {
    /// Still to be done, oldest first.
    pub pending: Vec<OutboxEntry>,
    /// Confirmed in the last 24 hours, newest first.
    pub sent: Vec<OutboxEntry>,
}

/// What the feeds' answers say about the connection.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct Connection {
    /// In one word.
    pub state: ConnectionState,
    /// Deliveries that go out by themselves.
    pub waiting: u32,
    /// Deliveries that wait for a feed that is switched off.
    pub paused: u32,
    /// Deliveries that need the user.
    pub needs_you: u32,
    /// Names of the feeds that do not answer.
    pub unreachable: Vec<String>,
}

/// The connection in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ConnectionState {
    /// No feed is switched on.
    NoFeed,
    /// All that waits is for feeds that are switched off.
    Paused,
    /// Everything wanted is confirmed.
    AllSent,
    /// Something is going out right now.
    Sending,
    /// Something waits for its turn.
    Waiting,
    /// A feed that something waits for does not answer.
    Offline,
    /// Something needs the user.
    NeedsYou,
}

/// What happens to a post before it leaves for one feed; nothing is sent by looking.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct Preflight {
    /// Files that carry a location, which will be taken out.
    pub location_removed: u32,
    /// Attachments in all.
    pub attachments: u32,
    /// Attachments with alt text in every language of the post.
    pub alt_complete: u32,
    /// Clips in the post.
    pub clips: u32,
    /// Attachments that cannot leave, with the reason.
    pub blocked: Vec<BlockedFile>,
}

/// An attachment that cannot leave.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct BlockedFile {
    /// Which original.
    pub asset: AssetId,
    /// Its name in the post.
    pub name: String,
}
