//! Saving a post and reading it back. Lists of posts are in `lists`, what it was before in `history`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::assets::AssetView;
use super::outbox::DeliveryView;
use crate::domain::{AssetId, Content, PostId, RevisionId, Timestamp};

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

/// Which revision of which post to take again.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct RestoreInput {
    /// Which post.
    pub post: PostId,
    /// The revision whose content becomes the newest.
    pub revision: RevisionId,
}
