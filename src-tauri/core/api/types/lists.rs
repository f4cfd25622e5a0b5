//! Finding posts, and as much of each as a list shows.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::assets::AssetView;
use super::outbox::DeliveryView;
use crate::domain::{FeedId, Lang, Moment, PostId, Timestamp};

/// Which posts to list.
#[derive(Debug, Clone, Default, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields, default)]
pub struct PostFilter {
    /// Contains every one of these words as a substring, in any language; empty means all.
    pub text: String,
    /// Only posts that were never sent anywhere.
    pub drafts: bool,
    /// Only posts with a photo.
    pub photos: bool,
    /// Only posts with a clip.
    pub clips: bool,
    /// Only posts without a side in this language (`zh` stands for every Chinese).
    pub needs: Option<Lang>,
    /// Only posts with this topic.
    pub topic: Option<String>,
    /// Only posts that go to this feed.
    pub feed: Option<FeedId>,
    /// The bin instead of the journal.
    pub deleted: bool,
}

/// The shape of one card, enough to place it without reading the post. Newest moment first.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct IndexEntry {
    /// Which post.
    pub id: PostId,
    /// The cover's height divided by its width, in thousandths; 0 without a picture.
    pub aspect: u32,
    /// Whether there is a Chinese title, another title, in this order; a missing title costs no line.
    pub titles: [bool; 2],
    /// Width of the excerpt in columns (a Chinese character is 2, a Latin letter 1), at most 255.
    pub excerpt: u8,
    /// The moment the post is about.
    pub at: Timestamp,
}

/// What a card in the journal shows.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct Card {
    /// Which post.
    pub id: PostId,
    /// Titles per language, only those that are not empty.
    pub titles: BTreeMap<Lang, String>,
    /// The beginning of each side's body, on one line.
    pub excerpts: BTreeMap<Lang, String>,
    /// The picture that stands for the post.
    pub cover: Option<AssetView>,
    /// How many attachments there are.
    pub attachments: u32,
    /// The moment the post is about.
    pub moment: Moment,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// When it was put into the bin.
    pub deleted_at: Option<Timestamp>,
    /// Topics.
    pub topics: Vec<String>,
    /// Where it goes and how that stands.
    pub deliveries: Vec<DeliveryView>,
}

/// The numbers beside the sections, and what the filter chips offer.
#[derive(Debug, Clone, Default, Serialize, Deserialize, TS)]
pub struct Counts {
    /// Posts that are not in the bin.
    pub posts: u32,
    /// Posts that were never sent anywhere.
    pub drafts: u32,
    /// Posts in the bin.
    pub bin: u32,
    /// Deliveries that wait.
    pub waiting: u32,
    /// Deliveries that need the user.
    pub needs_you: u32,
    /// The most used topics with their number of posts, most used first, at most 20.
    pub topics: Vec<TopicCount>,
}

/// A topic and how many posts have it.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct TopicCount {
    /// Without `#`.
    pub topic: String,
    /// Posts.
    pub posts: u32,
}
