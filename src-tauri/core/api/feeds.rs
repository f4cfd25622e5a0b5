//! What crosses the border about feeds, deliveries and the outbox. Plain data, no behaviour. Finding feeds on the network and
//! what comes back from them is in `remote`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::types::AssetView;
pub use crate::domain::destination::{LanguageLayout, Limits, LongText, TopicsAs};
use crate::domain::{
    AssetId, DeliveryState, FeedId, Lang, Manner, PostId, Receipt, Secret, Timestamp, Visibility, Wanted,
};

/// A destination the user set up.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct FeedView {
    /// Which feed.
    pub id: FeedId,
    /// As the user calls it; empty for the ready-made one, which the interface names.
    pub name: String,
    /// What it is.
    pub kind: FeedKind,
    /// Whether it takes posts; the ready-made folder feed begins switched off.
    pub enabled: bool,
    /// Where it is: a folder's path, later an address.
    pub place: String,
    /// Whether it answered last time.
    pub health: FeedHealth,
    /// Deliveries that wait for it.
    pub waiting: u32,
    /// Deliveries to it that need the user.
    pub needs_you: u32,
    /// When it last answered.
    pub seen_at: Option<Timestamp>,
    /// What is put into posts for it.
    pub options: FeedOptions,
    /// Who we are there, as people there see it; empty where that means nothing.
    pub account: String,
    /// Name and version of the program that serves it, where it tells.
    pub server: String,
    /// Where its secret is kept; absent where none is needed.
    pub keep: Option<KeepSecret>,
    /// What it takes.
    pub limits: Limits,
    /// When what was changed there was last read.
    pub pulled_at: Option<Timestamp>,
    /// Posts that were gone there all at once when it was last read; nothing of it is believed before the user says so.
    pub held_back: u32,
}

/// What a feed is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum FeedKind {
    /// A folder with JSON Feed, Atom and pages.
    Folder,
    /// A WordPress site, by its REST API.
    Wordpress,
    /// A site that speaks Micropub.
    Micropub,
    /// A server that speaks the Mastodon API.
    Mastodon,
}

impl FeedKind {
    /// As people type it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Folder => "folder",
            Self::Wordpress => "wordpress",
            Self::Micropub => "micropub",
            Self::Mastodon => "mastodon",
        }
    }
}

/// Choices for what leaves to a feed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields, default)]
pub struct FeedOptions {
    /// Send the name of the place (never the coordinates).
    pub place: bool,
    /// Title of the feed, as its readers see it; empty means the feed's name.
    pub title: String,
    /// The address under which the folder is published, if it is: makes absolute links.
    pub base_url: Option<String>,
    /// The author's name, as readers see it.
    pub author: String,
    /// How a post in two languages becomes items, where the feed leaves the choice.
    pub languages: LanguageLayout,
    /// What happens to a text that is longer than the feed takes.
    pub long_text: LongText,
    /// What topics become at a WordPress site.
    pub topics: TopicsAs,
    /// Who may read published posts, where the feed knows more than draft and public.
    pub visibility: Visibility,
}

/// Where the secret of an account is kept. It is never in the journal.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(tag = "in", rename_all = "snake_case", deny_unknown_fields)]
pub enum KeepSecret {
    /// In the system's keychain.
    Keychain,
    /// In a file that only this user may read, unprotected otherwise: only where the user chose so.
    File,
    /// Nowhere: it is asked for again when the program starts.
    Session,
    /// In an environment variable, read at each start.
    Environment {
        /// Its name.
        name: String,
    },
}

/// Whether a feed answers. Learnt from its answers, never guessed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum FeedHealth {
    /// Not asked yet.
    Unknown,
    /// It answered.
    Reachable,
    /// It cannot be reached: an unplugged disk, a missing network. Normal.
    Unreachable,
    /// It answered, but does not let us in.
    Denied,
    /// It does not know us any more, or the secret is not at hand: sign in again.
    SignedOut,
}

/// A feed to set up.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct FeedInput {
    /// What it is.
    pub kind: FeedKind,
    /// As the user calls it; empty chooses a name.
    pub name: String,
    /// A folder's absolute path, or the address of a site.
    pub place: String,
    /// The name to sign in with, where the feed asks for one.
    #[serde(default)]
    pub user: String,
    /// The password or token to sign in with, where one is at hand.
    #[serde(default)]
    pub secret: Option<Secret>,
    /// Where the secret shall be kept; absent tries the keychain.
    #[serde(default)]
    pub keep: Option<KeepSecret>,
    /// Allow plain `http` to a computer that is not this one.
    #[serde(default)]
    pub plain_http: bool,
}

impl FeedInput {
    /// A folder to set up as a feed.
    pub fn folder(name: String, place: String) -> Self {
        Self { kind: FeedKind::Folder, name, place, user: String::new(), secret: None, keep: None, plain_http: false }
    }
}

/// Changes to a feed; what is absent stays.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct FeedChange {
    /// Which feed.
    pub id: FeedId,
    /// Its new name.
    #[serde(default)]
    pub name: Option<String>,
    /// Whether it takes posts.
    #[serde(default)]
    pub enabled: Option<bool>,
    /// Its new folder.
    #[serde(default)]
    pub place: Option<String>,
    /// Its new options.
    #[serde(default)]
    pub options: Option<FeedOptions>,
}

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
    /// What is wanted.
    pub wanted: Wanted,
    /// How it shall be there.
    pub manner: Manner,
    /// Where it stands.
    #[serde(flatten)]
    #[ts(flatten)]
    pub state: DeliveryState,
    /// What the feed confirmed.
    pub receipt: Option<Receipt>,
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
    /// Files to send and their bytes.
    pub files: u32,
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
    /// Deliveries that wait.
    pub waiting: u32,
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
