//! What crosses the border between the journal and an interface. Plain data, no behaviour.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

pub use super::feeds::*;
use crate::domain::{AssetId, Content, FeedId, Lang, Moment, Origin, Point, PostId, RevisionId, Timestamp};

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
    /// Whether the system tells of what needs the user while they do not look at the window.
    pub notifications: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            locale: None,
            theme: Theme::System,
            languages: vec![Lang::zh_hans(), Lang::en()],
            view: JournalView::Grid,
            reading: Reading::Both,
            notifications: true,
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
