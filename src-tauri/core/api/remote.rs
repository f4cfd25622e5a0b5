//! What crosses the border about feeds on the network: finding them, signing in, what comes back, conflicts, what will be
//! made of a post. Plain data, no behaviour.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::error::ApiError;
use super::types::{DiffPiece, FeedKind, KeepSecret};
pub use crate::domain::merge::Part;
use crate::domain::{AssetId, FeedId, Lang, Manner, PostId, RevisionId, Secret, Timestamp, Wanted};

/// An address to look at.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct DiscoverInput {
    /// As the user typed it: `blog.example`, `https://blog.example/about`, `@me@mastodon.example`.
    pub address: String,
    /// Allow plain `http` to a computer that is not this one.
    #[serde(default)]
    pub plain_http: bool,
}

/// What was found at an address. Several kinds may answer at one; the most capable comes first.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct Discovery {
    /// What it is.
    pub kind: FeedKind,
    /// Its title, or its host.
    pub name: String,
    /// Its address in the form to set it up with.
    pub place: String,
    /// How one signs in.
    pub sign_in: SignInWay,
    /// Where on the site the user makes an application password, if it works so.
    pub password_page: Option<String>,
}

/// How one signs in at a feed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum SignInWay {
    /// Not at all.
    None,
    /// With a name and an application password.
    Password,
    /// In the user's own browser.
    Browser,
}

/// A sign-in in the user's browser: for a new feed, or again for one that is there.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct SignInInput {
    /// What it is.
    pub kind: FeedKind,
    /// Its address, as [`Discovery::place`] says.
    pub place: String,
    /// As the user calls it; empty chooses a name.
    #[serde(default)]
    pub name: String,
    /// The feed to sign in at again; absent sets up a new one.
    #[serde(default)]
    pub feed: Option<FeedId>,
    /// Where the secret shall be kept; absent tries the keychain.
    #[serde(default)]
    pub keep: Option<KeepSecret>,
    /// Allow plain `http` to a computer that is not this one.
    #[serde(default)]
    pub plain_http: bool,
}

/// A sign-in that waits for the user's browser. It ends by itself after five minutes.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct SignInStarted {
    /// Names it.
    pub id: String,
    /// The page to open in the user's browser.
    pub url: String,
}

/// A sign-in with a password or a token at a feed that is set up.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct FeedSignIn {
    /// Which feed.
    pub feed: FeedId,
    /// The name to sign in with, where the feed asks for one.
    #[serde(default)]
    pub user: String,
    /// The password or token.
    pub secret: Secret,
    /// Where it shall be kept; absent tries the keychain.
    #[serde(default)]
    pub keep: Option<KeepSecret>,
}

/// What came back from feeds.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PullReport {
    /// Posts that took over a change made at a feed.
    pub changed: u32,
    /// Posts that were changed on both sides and wait for the user.
    pub conflicts: u32,
    /// Posts that a feed said are gone there.
    pub gone: u32,
    /// Files of changed posts that could not be had; the files of those posts stayed as they were here.
    pub files_missing: u32,
    /// Nothing was taken over, because so much at once is more likely a fault than a wish: feeds by name, for the user to look at.
    pub held_back: Vec<String>,
    /// Feeds that did not answer, by name.
    pub unreachable: Vec<String>,
    /// Feeds that answered that they want to be left alone for a while, by name: what was not read is read later.
    pub busy: Vec<String>,
    /// Feeds that were not asked, since the keychain that our sign-in is in is locked, by name.
    pub locked: Vec<String>,
    /// Feeds that do not know us any more, by name: sign in again.
    pub signed_out: Vec<String>,
    /// Feeds that answered and did not let us read, by name.
    pub denied: Vec<String>,
}

/// A post that was changed here and at a feed, in ways that only the user can bring together.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct ConflictView {
    /// Which post.
    pub post: PostId,
    /// At which feed.
    pub feed: FeedId,
    /// As the user calls the feed.
    pub feed_name: String,
    /// Titles per language, as they are here.
    pub titles: BTreeMap<Lang, String>,
    /// The revision here.
    pub ours: RevisionId,
    /// When it was last changed here.
    pub ours_at: Timestamp,
    /// The revision that came from the feed.
    pub theirs: RevisionId,
    /// When it was last changed there.
    pub theirs_at: Timestamp,
    /// Every part that differs on either side from what both last agreed on.
    pub parts: Vec<ConflictPart>,
}

/// One part of a post in a conflict.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct ConflictPart {
    /// Which part.
    pub part: Part,
    /// The language it is in, for texts.
    pub lang: Option<Lang>,
    /// Whether it was brought together without the user.
    pub merged: bool,
    /// What both sides last agreed on; lists as lines.
    pub base: String,
    /// What it is here.
    pub ours: String,
    /// What it is at the feed.
    pub theirs: String,
    /// What it became, when it was merged: from `base`, piece by piece.
    pub pieces: Vec<DiffPiece>,
    /// From `base` to `ours`, piece by piece.
    pub ours_pieces: Vec<DiffPiece>,
    /// From `base` to `theirs`, piece by piece.
    pub theirs_pieces: Vec<DiffPiece>,
}

/// How the user brings a conflict together.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct ConflictChoice {
    /// Which post.
    pub post: PostId,
    /// At which feed.
    pub feed: FeedId,
    /// The revision here that the user saw; if it is another by now, nothing is done.
    pub ours: RevisionId,
    /// The revision from the feed that the user saw; if it is another by now, nothing is done.
    pub theirs: RevisionId,
    /// What is done.
    pub resolve: Resolve,
}

/// What is done about a conflict. Both versions stay in the history whatever is chosen.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(tag = "how", rename_all = "snake_case", deny_unknown_fields)]
pub enum Resolve {
    /// What merges by itself is merged; of the rest, these parts are taken from the feed and the others from here.
    Choose {
        /// Parts to take from the feed.
        theirs: Vec<PartName>,
    },
    /// Everything as it is here.
    Ours,
    /// Everything as it is at the feed.
    Theirs,
    /// The post stays as it is here and goes to the feed no more; what is at the feed becomes a second post.
    TwoPosts,
}

/// Names a part of a post.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct PartName {
    /// Which part.
    pub part: Part,
    /// The language it is in, for texts.
    #[serde(default)]
    pub lang: Option<Lang>,
}

/// As a person types it: `body.zh-Hans`, `topics`.
impl fmt::Display for PartName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.part.serialize(&mut *f)?;
        self.lang.iter().try_for_each(|lang| write!(f, ".{lang}"))
    }
}

/// What the user says about a post of which the feed could not tell whether it arrived.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct ArrivedInput {
    /// Which post.
    pub post: PostId,
    /// At which feed.
    pub feed: FeedId,
    /// What the user saw there.
    pub arrived: Arrived,
}

/// Whether a post arrived, as the user saw at the feed.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(tag = "answer", rename_all = "snake_case", deny_unknown_fields)]
pub enum Arrived {
    /// It is there, at this address.
    Yes {
        /// Where it can be read.
        url: String,
    },
    /// It is not there: send it again.
    No,
}

/// A page of what lies at a feed.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct RemoteListInput {
    /// Which feed.
    pub feed: FeedId,
    /// The page that the page before named; absent for the first.
    #[serde(default)]
    pub page: Option<String>,
}

/// A page of what lies at a feed, newest first.
#[derive(Debug, Clone, Default, Serialize, Deserialize, TS)]
pub struct RemotePage {
    /// The items.
    pub items: Vec<RemoteItem>,
    /// The next page, if there is one.
    pub next: Option<String>,
}

/// An item that lies at a feed.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct RemoteItem {
    /// The feed's own name for it.
    pub remote_id: String,
    /// Titles per language.
    pub titles: BTreeMap<Lang, String>,
    /// The beginning of its text.
    pub excerpt: String,
    /// Where it can be read.
    pub url: Option<String>,
    /// Whether everybody can read it.
    pub published: bool,
    /// When it was last changed there.
    pub modified: Option<Timestamp>,
    /// Photos, clips and files in it.
    pub files: u32,
    /// The post in the journal that it belongs to, if it does.
    pub post: Option<PostId>,
}

/// Items to bring into the journal.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct AdoptInput {
    /// Which feed.
    pub feed: FeedId,
    /// The feed's names for the items; those that are in the journal already are left as they are.
    pub items: Vec<String>,
}

/// What came of bringing items into the journal.
#[derive(Debug, Clone, Default, Serialize, Deserialize, TS)]
pub struct AdoptReport {
    /// Posts that were made.
    pub posts: Vec<PostId>,
    /// Items that were in the journal already.
    pub known: u32,
    /// Files that could not be fetched; their posts were made without them.
    pub files_missing: u32,
    /// Items that were not brought in, by the feed's names.
    pub failed: Vec<String>,
    /// Why nothing more could be fetched; absent where each item that failed failed by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub error: Option<ApiError>,
}

/// A post and a feed: what would be made of the one for the other.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct PreviewInput {
    /// Which post.
    pub post: PostId,
    /// Which feed.
    pub feed: FeedId,
    /// How it would be there; absent means as is wanted of it already.
    #[serde(default)]
    #[ts(optional)]
    pub manner: Option<Manner>,
    /// As a draft or published; absent means as is wanted of it already, else published.
    #[serde(default)]
    #[ts(optional)]
    pub wanted: Option<Wanted>,
}

/// What would be made of a post: exactly what is sent, unless it goes over what was made there.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct PostPreview {
    /// The items, in the order they are sent.
    pub items: Vec<PreviewItem>,
    /// What keeps it from leaving.
    pub obstacles: Vec<Obstacle>,
    /// It waits here until then and is sent by this program, since the feed cannot keep it for its time.
    pub leaves_at: Option<Timestamp>,
    /// Some of what lies there was made there, and stays: of its text only the words that differ are changed, so that the texts of
    /// the items are what it says then, and not what is sent.
    pub over_theirs: bool,
}

/// One item as it would be sent.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct PreviewItem {
    /// Its language, where the feed keeps one.
    pub lang: Option<Lang>,
    /// Its title, where the feed keeps one.
    pub title: Option<String>,
    /// Its text exactly as it is sent.
    pub text: String,
    /// Whether that text is HTML.
    pub html: bool,
    /// Its length as the feed counts it, where the feed has a bound.
    pub length: Option<u32>,
    /// The files that go with it, in their order.
    pub files: Vec<AssetId>,
    /// What the post calls those of them of which what they show is told in more words than the feed takes.
    pub long_alts: Vec<String>,
}

/// What keeps a post from leaving for a feed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Obstacle {
    /// A text is longer than the feed takes.
    TooLong,
    /// There are more files than the feed takes.
    TooManyFiles,
    /// A file is larger than the feed takes.
    TooLarge,
    /// What a file shows is told in more words than the feed takes.
    AltTooLong,
    /// The feed does not take photos and clips in one item.
    Mixed,
    /// The feed holds no drafts.
    NoDrafts,
    /// A file cannot be cleaned of location and device data.
    CannotStrip,
    /// There is nothing in the post that the feed could show.
    Empty,
}
