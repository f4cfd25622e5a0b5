//! The feeds that the user set up. Finding them on the network and what comes back from them is in [`remote`](crate::api::remote).

use serde::{Deserialize, Serialize};
use ts_rs::TS;

pub use crate::domain::destination::{LanguageLayout, Limits, LongText, TopicsAs};
use crate::domain::{FeedId, Secret, Timestamp, Visibility};

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
    /// The keychain that our sign-in is in cannot be read now: unlock it, or sign in again.
    Locked,
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

/// What parting with a feed leaves there, and what it leaves undone. In posts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Parting {
    /// They are there, as far as the feed confirmed, and stay there.
    pub there: u32,
    /// Those of them that were deleted or taken back here, which the feed does not know yet.
    pub leaving: u32,
    /// They wait to be sent or changed there.
    pub waiting: u32,
}
