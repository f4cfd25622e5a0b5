//! What crosses the border between the journal and an interface. Plain data, no behaviour.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

pub use crate::domain::destination::{LanguageLayout, Limits, LongText, TopicsAs};
use crate::domain::{
    AssetId, Content, DeliveryState, FeedId, Lang, Manner, Moment, Origin, Point, PostId, Receipt, RevisionId, Secret,
    Timestamp, Visibility, Wanted,
};

/// What the editor holds when it saves.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct DraftInput {
    /// Which post; absent makes a new one.
    pub post: Option<PostId>,
    /// The revision the editor started from or last saved; absent for a new post.
    pub base: Option<RevisionId>,
    /// The `version` the editor last saw of that revision, so that a change made elsewhere meanwhile is noticed.
    pub version: Option<u32>,
    /// What the post shall say.
    pub content: Content,
}

/// Said only after the commit.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct DraftSaved {
    /// Which post.
    pub post: PostId,
    /// The revision that now holds the text.
    pub revision: RevisionId,
    /// Counts the saves of that revision; hand it back with the next save.
    pub version: u32,
    /// When it was committed.
    pub saved_at: Timestamp,
    /// How many revisions the post has.
    pub versions: u32,
    /// The post was changed elsewhere meanwhile: that text is in the history, this one is the newest.
    pub superseded: bool,
}

/// Everything about one post.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct PostView {
    /// Which post.
    pub id: PostId,
    /// Its newest revision.
    pub revision: RevisionId,
    /// Counts the saves of that revision.
    pub version: u32,
    /// What it says.
    pub content: Content,
    /// The facts of every attached original, by its id.
    pub assets: BTreeMap<AssetId, AssetView>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// When it was put into the bin.
    pub deleted_at: Option<Timestamp>,
    /// How many revisions it has.
    pub versions: u32,
    /// Where it goes, one for every feed it was ever meant for.
    pub deliveries: Vec<DeliveryView>,
}

/// The facts of an original.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct AssetView {
    /// Which original.
    pub id: AssetId,
    /// Photo, clip or other file.
    pub kind: AssetKind,
    /// Internet media type, such as `image/jpeg`.
    pub mime: String,
    /// Size in bytes.
    #[ts(type = "number")]
    pub bytes: u64,
    /// Width in pixels as displayed.
    pub width: Option<u32>,
    /// Height in pixels as displayed.
    pub height: Option<u32>,
    /// Length of a clip in milliseconds.
    #[ts(type = "number | null")]
    pub duration_ms: Option<u64>,
    /// Codec of a clip's picture, as its container names it.
    pub codec: Option<String>,
    /// Average colour, 0xRRGGBB, to show before the picture is there.
    pub colour: Option<u32>,
    /// The moment it was taken.
    pub taken: Option<Moment>,
    /// Where it was taken.
    pub point: Option<Point>,
    /// Why there is no picture of it, if there is none.
    pub problem: Option<AssetProblem>,
    /// Whether its small pictures are made.
    pub has_picture: bool,
}

/// What an original is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum AssetKind {
    /// A still picture, or an animated one without sound.
    Photo,
    /// A moving picture.
    Clip,
    /// Anything else: kept and shown as a file.
    File,
}

/// Why no picture could be made of an original. It is kept all the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum AssetProblem {
    /// Its kind is not one we can read.
    Unsupported,
    /// Its end is missing.
    Truncated,
    /// It has more pixels than can be decoded safely.
    TooLarge,
    /// Its content is broken.
    Damaged,
    /// Decoding took too long.
    TimedOut,
    /// This build or computer has no decoder for it.
    NoDecoder,
}

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

/// One line of a post's history, newest first.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct RevisionEntry {
    /// Which revision.
    pub id: RevisionId,
    /// What it was made from.
    pub parents: Vec<RevisionId>,
    /// Why it was made.
    pub origin: Origin,
    /// When its sitting began.
    pub created_at: Timestamp,
    /// When its last change was saved.
    pub updated_at: Timestamp,
    /// Titles per language.
    pub titles: BTreeMap<Lang, String>,
    /// How many attachments it has.
    pub attachments: u32,
}

/// What changed between two revisions.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct RevisionDiff {
    /// The older one.
    pub from: Option<RevisionId>,
    /// The newer one.
    pub to: RevisionId,
    /// The newer one's whole content.
    pub content: Content,
    /// The facts of every original attached in either, by its id.
    pub assets: BTreeMap<AssetId, AssetView>,
    /// Text that changed, per language; a side that did not change is absent.
    pub sides: BTreeMap<Lang, SideDiff>,
    /// Attachments that were added.
    pub added: Vec<AssetId>,
    /// Attachments that were taken away.
    pub removed: Vec<AssetId>,
    /// Other parts that changed.
    pub changed: Vec<ChangedField>,
}

/// Parts of a content besides its text and its set of attachments.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ChangedField {
    /// Order of the attachments or the cover.
    Order,
    /// Alt texts or file names.
    Alt,
    /// Topics.
    Topics,
    /// The moment.
    Moment,
    /// The place.
    Place,
}

/// The difference of one side.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct SideDiff {
    /// The title, piece by piece.
    pub title: Vec<DiffPiece>,
    /// The body, piece by piece.
    pub body: Vec<DiffPiece>,
}

/// A piece of text with what happened to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct DiffPiece {
    /// What happened.
    pub kind: DiffKind,
    /// The text.
    pub text: String,
}

/// What happened to a piece of text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum DiffKind {
    /// In both.
    Same,
    /// Only in the newer one.
    Added,
    /// Only in the older one.
    Removed,
}

/// Two revisions of a post to compare.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct DiffInput {
    /// The older one; absent means the newer one's first parent.
    pub from: Option<RevisionId>,
    /// The newer one.
    pub to: RevisionId,
}

/// Which revision of which post to take again.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct RestoreInput {
    /// Which post.
    pub post: PostId,
    /// The revision whose content becomes the newest.
    pub revision: RevisionId,
}

/// Files to bring into the journal.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct ImportInput {
    /// Absolute paths of files and folders; folders are walked.
    pub paths: Vec<String>,
}

/// A picture from the clipboard.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct PasteInput {
    /// A name for the file.
    pub name: String,
    /// Its bytes in standard base64 (RFC 4648).
    pub base64: String,
}

/// Names a running import, so that its progress can be told apart and it can be cancelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(transparent)]
#[ts(type = "number")]
pub struct ImportId(pub u32);

/// How far an import is; at most ten a second.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct ImportProgress {
    /// Which import.
    pub id: ImportId,
    /// Files finished, whatever came of them.
    pub done: u32,
    /// Files in all.
    pub total: u32,
    /// Bytes read so far.
    #[ts(type = "number")]
    pub bytes: u64,
    /// Bytes in all.
    #[ts(type = "number")]
    pub total_bytes: u64,
    /// Milliseconds since it began.
    #[ts(type = "number")]
    pub elapsed_ms: u64,
}

/// What came of an import.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct ImportReport {
    /// Which import.
    pub id: ImportId,
    /// One for every file, in the order given.
    pub files: Vec<ImportedFile>,
    /// Whether it was cancelled; what is done is kept.
    pub cancelled: bool,
}

/// What came of one file.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct ImportedFile {
    /// The file's own name.
    pub name: String,
    /// Where it was.
    pub path: String,
    /// What came of it.
    pub outcome: ImportOutcome,
    /// Its facts, when it is in the journal.
    pub asset: Option<AssetView>,
    /// Why it is not in the journal.
    pub error: Option<super::ApiError>,
}

/// What came of one file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ImportOutcome {
    /// It is in the journal now.
    Added,
    /// It was in the journal already.
    Duplicate,
    /// It could not be read; nothing was changed.
    Failed,
    /// The import was cancelled before it.
    Skipped,
}

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

/// What a person chose for themselves. Kept in the journal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Language of the interface; absent follows the system.
    pub locale: Option<Lang>,
    /// Light, dark, or as the system.
    pub theme: Theme,
    /// Languages a new post begins with, in their order from left to right.
    pub languages: Vec<Lang>,
    /// How the journal is shown.
    pub view: JournalView,
    /// Which languages the journal shows.
    pub reading: Reading,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            locale: None,
            theme: Theme::System,
            languages: vec![Lang::zh_hans(), Lang::en()],
            view: JournalView::Grid,
            reading: Reading::Both,
        }
    }
}

/// Colours of the window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Theme {
    /// As the system says.
    System,
    /// Paper.
    Light,
    /// Ink.
    Dark,
}

/// How the journal is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum JournalView {
    /// Masonry of cards.
    Grid,
    /// Lines.
    List,
}

/// Which languages the journal shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Reading {
    /// Chinese only.
    Zh,
    /// Both.
    Both,
    /// English only.
    En,
}

/// What this journal is and where.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct JournalState {
    /// The folder.
    pub dir: String,
    /// Bytes of both files.
    #[ts(type = "number")]
    pub bytes: u64,
    /// Whether the folder looks like one that a cloud program copies (which can damage a database in use).
    pub cloud_synced: Option<String>,
    /// Version of this program.
    pub version: String,
}

/// What `check` found.
#[derive(Debug, Clone, Default, Serialize, Deserialize, TS)]
pub struct CheckReport {
    /// Whether everything is as it was written.
    pub clean: bool,
    /// Posts looked at.
    pub posts: u32,
    /// Revisions whose digest was computed again.
    pub revisions: u32,
    /// Originals whose hash was computed again.
    pub assets: u32,
    /// Bytes of originals read.
    #[ts(type = "number")]
    pub bytes: u64,
    /// Everything at fault.
    pub faults: Vec<Fault>,
}

/// One thing at fault.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct Fault {
    /// What is wrong.
    pub kind: FaultKind,
    /// Its id, or SQLite's own words for a fault of the file itself.
    pub item: String,
    /// The post it belongs to, when it belongs to one.
    pub post: Option<PostId>,
}

/// What can be wrong in a journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum FaultKind {
    /// SQLite's own integrity check failed.
    Database,
    /// A row refers to one that is not there.
    ForeignKey,
    /// A revision does not have the digest it was written with.
    Revision,
    /// An original does not have the hash it is named by.
    Media,
    /// An original that a post shows is not there.
    MediaMissing,
    /// The search index does not hold what the post says.
    Search,
}
