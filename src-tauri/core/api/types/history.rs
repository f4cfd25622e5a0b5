//! A post's revisions and what lies between two of them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::assets::AssetView;
use crate::domain::{AssetId, Content, Lang, Origin, RevisionId, Timestamp};

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
