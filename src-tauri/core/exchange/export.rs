//! The complete export: every revision of every post as JSON, every original byte for byte, the feeds without secrets, and
//! pages for people. Memory stays flat: one revision and one piece of an original at a time. Importing is not done here.
//!
//! ```text
//! sampan-export.json        format, version, counts; `complete` turns true as the very last thing
//! README.md  index.md       for people
//! posts/<id>.json           one post: every revision with its parents, origin, times and digest; deleted posts, too
//! posts/<id>.md             its newest revision, for people
//! media.json                every original: file, media type, size, BLAKE3
//! media/<blake3>.<ext>      originals, byte for byte
//! feeds.json                destinations without secrets
//! ```

use std::collections::{BTreeSet, HashMap};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::folder::{ExportFolder, Hashing};
use super::page;
use crate::api::error::{ApiError, ApiResult, ErrorCode};
use crate::api::types::FeedView;
use crate::domain::{AssetId, Delivery, Digest, PostId, Revision, RevisionId, Timestamp};

/// What everything is read from, one thing at a time.
pub trait Source {
    /// Every post, those in the bin too, newest moment first.
    fn posts(&self) -> ApiResult<Vec<PostId>>;
    /// A post without its revisions.
    fn post(&self, id: PostId) -> ApiResult<Exported>;
    /// One revision.
    fn revision(&self, id: RevisionId) -> ApiResult<Revision>;
    /// Every original. Asked for after the posts, so that nothing a post shows is missing.
    fn originals(&self) -> ApiResult<Vec<Original>>;
    /// Writes an original out.
    fn copy(&self, id: AssetId, to: &mut dyn Write) -> ApiResult<()>;
    /// The feeds.
    fn feeds(&self) -> ApiResult<Vec<FeedView>>;
}

/// A post without its revisions.
#[derive(Debug, Clone)]
pub struct Exported {
    /// Which post.
    pub id: PostId,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was put into the bin.
    pub deleted_at: Option<Timestamp>,
    /// Its revisions, oldest first; the last one is the newest.
    pub revisions: Vec<RevisionId>,
    /// Where it goes and what the feeds confirmed.
    pub deliveries: Vec<Delivery>,
}

/// An original.
#[derive(Debug, Clone)]
pub struct Original {
    /// Which one.
    pub id: AssetId,
    /// Internet media type.
    pub mime: String,
    /// Size in bytes.
    pub bytes: u64,
}

/// What was written.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct ExportReport {
    /// The folder.
    pub dir: PathBuf,
    /// Posts, those in the bin too.
    pub posts: u32,
    /// Their revisions.
    pub revisions: u32,
    /// Originals.
    pub originals: u32,
    /// Bytes of originals.
    pub bytes: u64,
    /// Originals that are missing or damaged in the journal: everything else was written.
    pub damaged: Vec<AssetId>,
}

/// Writes everything into an empty or new folder, or over an earlier export of ours, and reads it back.
pub fn export(source: &impl Source, dir: &Path, now: Timestamp) -> ApiResult<ExportReport> {
    let folder = ExportFolder::open(dir)?;
    folder.manifest(&Manifest::new(now, false, &ExportReport::default()))?;
    let mut report = ExportReport { dir: dir.to_owned(), ..ExportReport::default() };
    let mut written = BTreeSet::new();
    posts(source, &folder, &mut report, &mut written)?;
    originals(source, &folder, &mut report, &mut written)?;
    let feeds: Vec<FeedLine> = source.feeds()?.into_iter().map(FeedLine::from).collect();
    folder.json("feeds.json", &feeds)?;
    folder.text("README.md", page::README)?;
    written.extend(["feeds.json", "README.md", "index.md", "media.json"].map(str::to_owned));
    folder.verify(&written)?;
    folder.forget_all_but(&written)?;
    folder.manifest(&Manifest::new(now, true, &report))?;
    Ok(report)
}

fn posts(
    source: &impl Source,
    folder: &ExportFolder,
    report: &mut ExportReport,
    written: &mut BTreeSet<String>,
) -> ApiResult<()> {
    // For links alone: an original that comes while this runs is written all the same.
    let files: HashMap<AssetId, (String, bool)> = source.originals()?.into_iter().map(link).collect();
    folder.streamed("index.md", |index| {
        index.write_all(page::INDEX_HEAD.as_bytes())?;
        for id in source.posts()? {
            let post = source.post(id)?;
            let newest = folder.streamed(&format!("posts/{id}.json"), |out| write_post(source, &post, out))?;
            report.posts += 1;
            report.revisions += u32::try_from(post.revisions.len()).unwrap_or(u32::MAX);
            written.insert(format!("posts/{id}.json"));
            if let Some(newest) = newest {
                let page = page::post(&newest, post.deleted_at.is_some(), |asset| files.get(&asset).cloned());
                folder.text(&format!("posts/{id}.md"), &page)?;
                written.insert(format!("posts/{id}.md"));
                index.write_all(page::index_line(&newest, post.deleted_at.is_some()).as_bytes())?;
            }
        }
        Ok(())
    })
}

fn link(original: Original) -> (AssetId, (String, bool)) {
    (original.id, (page::media_file(original.id, &original.mime), original.mime.starts_with("image/")))
}

/// Writes one post and gives its newest revision. Revisions are written one after the other: together they may be large.
fn write_post(source: &impl Source, post: &Exported, out: &mut dyn Write) -> Result<Option<Revision>, Stop> {
    let head = PostHead {
        format: "sampan-post",
        version: VERSION,
        id: post.id,
        created_at: post.created_at.to_rfc3339(),
        deleted_at: post.deleted_at.map(Timestamp::to_rfc3339),
        deliveries: post.deliveries.iter().map(DeliveryLine::from).collect(),
    };
    let head = serde_json::to_string(&head).map_err(io::Error::from)?;
    let open = head.strip_suffix('}').unwrap_or(&head);
    write!(out, "{open},\"revisions\":[")?;
    let mut newest = None;
    for (position, id) in post.revisions.iter().enumerate() {
        let revision = source.revision(*id)?;
        out.write_all(if position == 0 { b"\n" } else { b",\n" })?;
        serde_json::to_writer(&mut *out, &RevisionLine::from(&revision)).map_err(io::Error::from)?;
        newest = Some(revision);
    }
    out.write_all(b"\n]}\n")?;
    Ok(newest)
}

fn originals(
    source: &impl Source,
    folder: &ExportFolder,
    report: &mut ExportReport,
    written: &mut BTreeSet<String>,
) -> ApiResult<()> {
    let mut lines = Vec::new();
    for original in source.originals()? {
        let file = page::media_file(original.id, &original.mime);
        if !folder.holds(&file, original.id)? && !copy(source, folder, &file, original.id)? {
            report.damaged.push(original.id);
            continue;
        }
        report.originals += 1;
        report.bytes += original.bytes;
        written.insert(file.clone());
        lines.push(OriginalLine { id: original.id, file, mime: original.mime, bytes: original.bytes });
    }
    folder.json("media.json", &lines)
}

/// Writes an original and says whether its bytes are the ones it is named by; one that is damaged is not kept.
fn copy(source: &impl Source, folder: &ExportFolder, file: &str, id: AssetId) -> ApiResult<bool> {
    let copied = folder.streamed(file, |out| {
        let mut hashing = Hashing::new(out);
        source.copy(id, &mut hashing).map_err(|error| hashing.blame(error))?;
        Ok(hashing.digest())
    });
    let is_whole = match copied {
        Ok(digest) => digest == id.0,
        Err(error) if matches!(error.code, ErrorCode::AssetNotFound | ErrorCode::JournalDamaged) => false,
        Err(error) => return Err(error),
    };
    if !is_whole {
        folder.remove(file)?;
    }
    Ok(is_whole)
}

/// Why writing a file stopped: the journal or the folder.
pub(super) enum Stop {
    Journal(ApiError),
    Folder(io::Error),
}

impl From<ApiError> for Stop {
    fn from(error: ApiError) -> Self {
        Self::Journal(error)
    }
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        Self::Folder(error)
    }
}

const VERSION: u32 = 1;

/// What makes a folder an export of ours.
pub(super) const FORMAT: &str = "sampan-export";

#[derive(Serialize)]
pub(super) struct Manifest<'a> {
    format: &'static str,
    version: u32,
    program: &'static str,
    exported_at: String,
    complete: bool,
    posts: u32,
    revisions: u32,
    originals: u32,
    bytes: u64,
    damaged: &'a [AssetId],
}

impl<'a> Manifest<'a> {
    fn new(now: Timestamp, complete: bool, report: &'a ExportReport) -> Self {
        Self {
            format: FORMAT,
            version: VERSION,
            program: concat!("sampan ", env!("CARGO_PKG_VERSION")),
            exported_at: now.to_rfc3339(),
            complete,
            posts: report.posts,
            revisions: report.revisions,
            originals: report.originals,
            bytes: report.bytes,
            damaged: &report.damaged,
        }
    }
}

#[derive(Serialize)]
struct PostHead<'a> {
    format: &'static str,
    version: u32,
    id: PostId,
    created_at: String,
    deleted_at: Option<String>,
    deliveries: Vec<DeliveryLine<'a>>,
}

#[derive(Serialize)]
struct DeliveryLine<'a> {
    feed: crate::domain::FeedId,
    wanted: crate::domain::Wanted,
    target: RevisionId,
    #[serde(flatten)]
    state: &'a crate::domain::DeliveryState,
    receipt: Option<&'a crate::domain::Receipt>,
}

impl<'a> From<&'a Delivery> for DeliveryLine<'a> {
    fn from(delivery: &'a Delivery) -> Self {
        Self {
            feed: delivery.feed,
            wanted: delivery.wanted,
            target: delivery.target,
            state: &delivery.state,
            receipt: delivery.receipt.as_ref(),
        }
    }
}

#[derive(Serialize)]
struct RevisionLine<'a> {
    id: RevisionId,
    parents: &'a [RevisionId],
    origin: crate::domain::Origin,
    created_at: String,
    updated_at: String,
    sealed: bool,
    digest: Digest,
    content: &'a crate::domain::Content,
}

impl<'a> From<&'a Revision> for RevisionLine<'a> {
    fn from(revision: &'a Revision) -> Self {
        Self {
            id: revision.id,
            parents: &revision.parents,
            origin: revision.origin,
            created_at: revision.created_at.to_rfc3339(),
            updated_at: revision.updated_at.to_rfc3339(),
            sealed: revision.sealed,
            digest: revision.digest(),
            content: &revision.content,
        }
    }
}

#[derive(Serialize)]
struct OriginalLine {
    id: AssetId,
    file: String,
    mime: String,
    bytes: u64,
}

/// A feed as far as it may leave: never a secret (they are not in the journal either).
#[derive(Serialize)]
struct FeedLine {
    id: crate::domain::FeedId,
    name: String,
    kind: crate::api::types::FeedKind,
    enabled: bool,
    place: String,
    options: crate::api::types::FeedOptions,
}

impl From<FeedView> for FeedLine {
    fn from(feed: FeedView) -> Self {
        let FeedView { id, name, kind, enabled, place, options, .. } = feed;
        Self { id, name, kind, enabled, place, options }
    }
}

#[cfg(test)]
mod tests;
