//! Posts: saving, sealing, the bin. A save never loses a word: it goes into the open revision of the sitting, or else into a
//! new one; what somebody else wrote meanwhile stays in the history.

use rusqlite::{Connection, OptionalExtension, Transaction, named_params};

use super::derived;
use super::error::StoreError;
use super::revisions;
use crate::api::types::DraftSaved;
use crate::clock::Clock;
use crate::domain::merge::{Meeting, meet};
use crate::domain::{Content, Origin, PostId, Revision, RevisionId, Timestamp};

/// What is to be saved.
#[derive(Debug, Clone)]
pub struct Save {
    /// Which post; absent makes a new one.
    pub post: Option<PostId>,
    /// The revision it was written on; absent on an existing post means: on whatever is the newest.
    pub base: Option<RevisionId>,
    /// How often that revision was saved when the writer last saw it; absent means that any will do.
    pub version: Option<u32>,
    /// What the post shall say, normalised and within its limits.
    pub content: Content,
    /// Why.
    pub origin: Origin,
}

/// A post with its newest content.
#[derive(Debug, Clone, PartialEq)]
pub struct PostRow {
    /// Which post.
    pub id: PostId,
    /// Its newest revision.
    pub revision: RevisionId,
    /// Counts the saves of that revision.
    pub version: u32,
    /// What it says.
    pub content: Content,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// When it was put into the bin.
    pub deleted_at: Option<Timestamp>,
    /// How many revisions it has.
    pub versions: u32,
}

/// Saves. A post in the bin takes text too and stays there. The same content again is no change and makes no revision.
pub fn save(tx: &Transaction<'_>, clock: &dyn Clock, save: Save) -> Result<DraftSaved, StoreError> {
    let Some(post) = save.post else { return create(tx, clock, save.content, save.origin) };
    let head = head(tx, post)?;
    if head.revision.content == save.content {
        return Ok(head.saved(false));
    }
    let elsewhere = save.base.is_some_and(|base| base != head.revision.id)
        || (save.base.is_some() && save.version.is_some_and(|version| version != head.version));
    let coalesces = !elsewhere
        && save.base.is_some()
        && save.origin == Origin::Edit
        && head.revision.origin == Origin::Edit
        && head.revision.is_open_at(clock.now());
    if coalesces {
        return rewrite(tx, clock, head, save.content);
    }
    if let Some(base) = save.base.filter(|base| *base != head.revision.id)
        && matches!(head.revision.origin, Origin::Pull | Origin::Merge)
        && let Some(saved) = join(tx, clock, &head, (base, &save.content))?
    {
        return Ok(saved);
    }
    let mut parents = vec![head.revision.id];
    if let Some(base) = save.base.filter(|base| *base != head.revision.id) {
        belongs(tx, base, post)?;
        parents.push(base);
    }
    append(tx, clock, head, Step { parents, content: save.content, origin: save.origin, superseded: elsewhere })
}

/// Makes a new revision with the content of an old one; its parents are the newest one and the old one.
pub fn restore(
    tx: &Transaction<'_>,
    clock: &dyn Clock,
    post: PostId,
    revision: RevisionId,
) -> Result<DraftSaved, StoreError> {
    belongs(tx, revision, post)?;
    let head = head(tx, post)?;
    let old = revisions::get(tx, revision)?;
    if old.content == head.revision.content {
        return Ok(head.saved(false));
    }
    let parents = vec![head.revision.id, old.id];
    append(tx, clock, head, Step { parents, content: old.content, origin: Origin::Restore, superseded: false })
}

/// A version that nobody typed here: it came from a feed, or was brought together from two others.
#[derive(Debug, Clone)]
pub struct Arrival {
    /// Which post.
    pub post: PostId,
    /// The revisions it was made from.
    pub parents: Vec<RevisionId>,
    /// What it says, normalised and within its limits.
    pub content: Content,
    /// Why.
    pub origin: Origin,
    /// Whether it is the newest from now on, or only kept in the history.
    pub newest: bool,
}

/// Keeps a version that nobody typed here. The same version of the same parents is kept once, unless it becomes the newest.
pub fn arrive(tx: &Transaction<'_>, clock: &dyn Clock, arrival: Arrival) -> Result<RevisionId, StoreError> {
    let Arrival { post, parents, content, origin, newest } = arrival;
    let mut head = head(tx, post)?;
    if newest {
        return Ok(append(tx, clock, head, Step { parents, content, origin, superseded: false })?.revision);
    }
    if let Some(known) = revisions::like(tx, &parents, origin, &content)? {
        return Ok(known);
    }
    let revision = new_revision(clock, post, parents, origin, content);
    revisions::insert(tx, &revision)?;
    head.versions += 1;
    tx.prepare_cached("UPDATE post SET versions = :versions WHERE id = :id")?
        .execute(named_params! { ":versions": head.versions, ":id": post })?;
    Ok(revision.id)
}

/// Ends the sitting: the next change begins a new revision. Returns the sealed revision.
pub fn seal(tx: &Transaction<'_>, post: PostId) -> Result<RevisionId, StoreError> {
    let head: Option<RevisionId> = tx
        .prepare_cached("SELECT head FROM post WHERE id = :post")?
        .query_row(named_params! { ":post": post }, |row| row.get(0))
        .optional()?;
    let head = head.ok_or(StoreError::PostNotFound)?;
    revisions::seal(tx, head)?;
    Ok(head)
}

/// Everything about one post but its feeds; posts in the bin too.
pub fn get(conn: &Connection, post: PostId) -> Result<PostRow, StoreError> {
    let head = head(conn, post)?;
    Ok(PostRow {
        id: post,
        revision: head.revision.id,
        version: head.version,
        content: head.revision.content,
        created_at: head.created_at,
        updated_at: head.revision.updated_at,
        deleted_at: head.deleted_at,
        versions: head.versions,
    })
}

/// Puts a post into the bin; one that is there already keeps its time.
pub fn delete(tx: &Transaction<'_>, now: Timestamp, post: PostId) -> Result<(), StoreError> {
    move_to(tx, post, Some(now))
}

/// Takes a post out of the bin.
pub fn undelete(tx: &Transaction<'_>, post: PostId) -> Result<(), StoreError> {
    move_to(tx, post, None)
}

/// Posts whose id begins with some hexadecimal digits (dashes do not count), oldest first, at most ten. For people who type.
pub fn with_prefix(conn: &Connection, prefix: &str) -> Result<Vec<PostId>, StoreError> {
    let digits: String = prefix.chars().filter(|c| *c != '-').collect();
    let full = |fill: char| format!("{digits}{}", String::from(fill).repeat(32_usize.saturating_sub(digits.len())));
    let (Ok(low), Ok(high)) = (full('0').parse::<PostId>(), full('f').parse::<PostId>()) else {
        return Ok(Vec::new());
    };
    let mut statement =
        conn.prepare_cached("SELECT id FROM post WHERE id BETWEEN :low AND :high ORDER BY id LIMIT 10")?;
    let posts = statement.query_map(named_params! { ":low": low, ":high": high }, |row| row.get(0))?;
    Ok(posts.collect::<Result<_, _>>()?)
}

/// A post's newest revision and what is kept beside it.
struct Head {
    revision: Revision,
    version: u32,
    versions: u32,
    created_at: Timestamp,
    deleted_at: Option<Timestamp>,
}

impl Head {
    fn saved(&self, superseded: bool) -> DraftSaved {
        DraftSaved {
            post: self.revision.post,
            revision: self.revision.id,
            version: self.version,
            saved_at: self.revision.updated_at,
            versions: self.versions,
            superseded,
        }
    }
}

/// A revision to be put behind the newest one.
struct Step {
    parents: Vec<RevisionId>,
    content: Content,
    origin: Origin,
    superseded: bool,
}

fn create(tx: &Transaction<'_>, clock: &dyn Clock, content: Content, origin: Origin) -> Result<DraftSaved, StoreError> {
    let post = PostId::from_uuid(clock.new_uuid());
    let revision = new_revision(clock, post, Vec::new(), origin, content);
    tx.prepare_cached(
        "INSERT INTO post (id, head, versions, created_at, updated_at, at, zone, zh_title, other_title, excerpt,
           attachments, card)
         VALUES (:id, :head, 1, :now, :now, 0, '', 0, 0, 0, 0, '{}')",
    )?
    .execute(named_params! { ":id": post, ":head": revision.id, ":now": revision.created_at })?;
    revisions::insert(tx, &revision)?;
    derived::draw(tx, post, &revision.content)?;
    Ok(Head { created_at: revision.created_at, revision, version: 1, versions: 1, deleted_at: None }.saved(false))
}

/// Brings together what was typed on an older version with what came from a feed meanwhile, if that can be done without the
/// user. What was typed is answered as saved, and is not the newest: the writer's next change is brought in the same way.
fn join(
    tx: &Transaction<'_>,
    clock: &dyn Clock,
    head: &Head,
    (base, typed): (RevisionId, &Content),
) -> Result<Option<DraftSaved>, StoreError> {
    let post = head.revision.post;
    belongs(tx, base, post)?;
    let known = revisions::get(tx, base)?.content;
    if *typed == known {
        return Ok(Some(DraftSaved { revision: base, version: 1, ..head.saved(true) }));
    }
    let Meeting::Together(content) = meet(&known, &head.revision.content, typed) else { return Ok(None) };
    let kept = Arrival { post, parents: vec![base], content: typed.clone(), origin: Origin::Edit, newest: false };
    let kept = arrive(tx, clock, kept)?;
    revisions::seal(tx, kept)?;
    let parents = vec![head.revision.id, kept];
    arrive(tx, clock, Arrival { post, parents, content, origin: Origin::Merge, newest: true })?;
    let now = self::head(tx, post)?;
    Ok(Some(DraftSaved { revision: kept, version: 1, ..now.saved(true) }))
}

fn rewrite(
    tx: &Transaction<'_>,
    clock: &dyn Clock,
    mut head: Head,
    content: Content,
) -> Result<DraftSaved, StoreError> {
    head.revision.content = content;
    head.revision.updated_at = clock.now();
    head.version = revisions::rewrite(tx, &head.revision)?;
    point_to(tx, &head)?;
    Ok(head.saved(false))
}

fn append(tx: &Transaction<'_>, clock: &dyn Clock, mut head: Head, step: Step) -> Result<DraftSaved, StoreError> {
    revisions::seal(tx, head.revision.id)?;
    head.revision = new_revision(clock, head.revision.post, step.parents, step.origin, step.content);
    head.version = 1;
    head.versions += 1;
    revisions::insert(tx, &head.revision)?;
    point_to(tx, &head)?;
    Ok(head.saved(step.superseded))
}

fn new_revision(
    clock: &dyn Clock,
    post: PostId,
    parents: Vec<RevisionId>,
    origin: Origin,
    content: Content,
) -> Revision {
    let now = clock.now();
    Revision {
        id: RevisionId::from_uuid(clock.new_uuid()),
        post,
        parents,
        origin,
        created_at: now,
        updated_at: now,
        // Only writing goes on in the same revision; what was restored, merged, pulled or imported stays as it came.
        sealed: origin != Origin::Edit,
        content,
    }
}

fn point_to(tx: &Transaction<'_>, head: &Head) -> Result<(), StoreError> {
    tx.prepare_cached("UPDATE post SET head = :head, versions = :versions, updated_at = :updated_at WHERE id = :id")?
        .execute(named_params! {
        ":id": head.revision.post,
        ":head": head.revision.id,
        ":versions": head.versions,
        ":updated_at": head.revision.updated_at,
    })?;
    derived::draw(tx, head.revision.post, &head.revision.content)
}

fn head(conn: &Connection, post: PostId) -> Result<Head, StoreError> {
    let mut statement = conn.prepare_cached(
        "SELECT p.head, r.version, p.versions, p.created_at, p.deleted_at
         FROM post AS p JOIN revision AS r ON r.id = p.head WHERE p.id = :post",
    )?;
    let found = statement
        .query_row(named_params! { ":post": post }, |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?))
        })
        .optional()?;
    let (id, version, versions, created_at, deleted_at) = found.ok_or(StoreError::PostNotFound)?;
    Ok(Head { revision: revisions::get(conn, id)?, version, versions, created_at, deleted_at })
}

fn belongs(conn: &Connection, revision: RevisionId, post: PostId) -> Result<(), StoreError> {
    let found: bool = conn
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM revision WHERE id = :revision AND post = :post)")?
        .query_row(named_params! { ":revision": revision, ":post": post }, |row| row.get(0))?;
    if found { Ok(()) } else { Err(StoreError::RevisionNotFound) }
}

fn move_to(tx: &Transaction<'_>, post: PostId, deleted_at: Option<Timestamp>) -> Result<(), StoreError> {
    let changed = tx
        .prepare_cached(
            "UPDATE post SET bin = :bin,
               deleted_at = CASE WHEN :bin THEN coalesce(deleted_at, :deleted_at) ELSE NULL END
             WHERE id = :post",
        )?
        .execute(named_params! { ":post": post, ":bin": deleted_at.is_some(), ":deleted_at": deleted_at })?;
    if changed == 1 { Ok(()) } else { Err(StoreError::PostNotFound) }
}
