//! What `--json` prints about conflicts and about what lies at feeds.

use std::collections::BTreeMap;

use sampan_core::api::remote::{self, ConflictPart, ConflictView, Part, PartName};
use sampan_core::domain::{FeedId, Lang, PostId, RevisionId, Timestamp};
use serde::Serialize;

/// A post that was changed both here and at a feed.
#[derive(Debug, Serialize)]
pub struct Conflict {
    id: String,
    post: PostId,
    feed: FeedId,
    feed_name: String,
    titles: BTreeMap<Lang, String>,
    ours: Version,
    theirs: Version,
    parts: Vec<Differing>,
}

/// One of two versions.
#[derive(Debug, Serialize)]
pub struct Version {
    revision: RevisionId,
    updated_at: String,
}

/// A part that differs.
#[derive(Debug, Serialize)]
pub struct Differing {
    /// As `resolve --take` wants it.
    name: String,
    part: Part,
    lang: Option<Lang>,
    merged: bool,
    base: String,
    ours: String,
    theirs: String,
}

/// A page of what lies at a feed.
#[derive(Debug, Serialize)]
pub struct RemotePage {
    items: Vec<RemoteItem>,
    next: Option<String>,
}

/// An item that lies at a feed.
#[derive(Debug, Serialize)]
pub struct RemoteItem {
    id: String,
    titles: BTreeMap<Lang, String>,
    excerpt: String,
    url: Option<String>,
    published: bool,
    modified: Option<String>,
    files: u32,
    post: Option<PostId>,
}

/// A part as it is typed: `body.zh-Hans`, `topics`.
pub fn part_name(part: &ConflictPart) -> PartName {
    PartName { part: part.part, lang: part.lang.clone() }
}

impl From<ConflictView> for Conflict {
    fn from(view: ConflictView) -> Self {
        let version = |revision, at: Timestamp| Version { revision, updated_at: at.to_rfc3339() };
        Self {
            id: format!("{}.{}", view.post, view.feed),
            post: view.post,
            feed: view.feed,
            feed_name: view.feed_name,
            titles: view.titles,
            ours: version(view.ours, view.ours_at),
            theirs: version(view.theirs, view.theirs_at),
            parts: view.parts.into_iter().map(Differing::from).collect(),
        }
    }
}

impl From<ConflictPart> for Differing {
    fn from(part: ConflictPart) -> Self {
        Self {
            name: part_name(&part).to_string(),
            part: part.part,
            lang: part.lang,
            merged: part.merged,
            base: part.base,
            ours: part.ours,
            theirs: part.theirs,
        }
    }
}

impl From<remote::RemotePage> for RemotePage {
    fn from(page: remote::RemotePage) -> Self {
        Self { items: page.items.into_iter().map(RemoteItem::from).collect(), next: page.next }
    }
}

impl From<remote::RemoteItem> for RemoteItem {
    fn from(item: remote::RemoteItem) -> Self {
        Self {
            id: item.remote_id,
            titles: item.titles,
            excerpt: item.excerpt,
            url: item.url,
            published: item.published,
            modified: item.modified.map(Timestamp::to_rfc3339),
            files: item.files,
            post: item.post,
        }
    }
}
