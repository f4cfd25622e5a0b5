//! A post's history: immutable full versions with their parents. Making them is the business of [`super::posts`].

use std::collections::HashMap;

use rusqlite::{Connection, OptionalExtension, Row, Transaction, named_params};

use super::derived;
use super::error::StoreError;
use super::values::{Json, Word};
use crate::api::types::RevisionEntry;
use crate::domain::{Content, Origin, PostId, Revision, RevisionId, revision};

/// A post's revisions, newest first; empty when there is no such post.
pub fn history(conn: &Connection, post: PostId) -> Result<Vec<RevisionEntry>, StoreError> {
    let mut parents: HashMap<RevisionId, Vec<RevisionId>> = HashMap::new();
    let mut statement = conn.prepare_cached(
        "SELECT p.revision, p.parent FROM revision AS r JOIN revision_parent AS p ON p.revision = r.id
         WHERE r.post = :post ORDER BY p.revision, p.position",
    )?;
    let mut rows = statement.query(named_params! { ":post": post })?;
    while let Some(row) = rows.next()? {
        parents.entry(row.get(0)?).or_default().push(row.get(1)?);
    }
    let mut statement = conn.prepare_cached(
        "SELECT id, origin, created_at, updated_at, titles, attachments FROM revision
         WHERE post = :post ORDER BY seq DESC",
    )?;
    let entries = statement.query_map(named_params! { ":post": post }, |row| {
        let id = row.get(0)?;
        Ok(RevisionEntry {
            id,
            parents: parents.remove(&id).unwrap_or_default(),
            origin: row.get::<_, Word<Origin>>(1)?.0,
            created_at: row.get(2)?,
            updated_at: row.get(3)?,
            titles: row.get::<_, Json<_>>(4)?.0,
            attachments: row.get(5)?,
        })
    })?;
    Ok(entries.collect::<Result<_, _>>()?)
}

/// One revision with its content.
pub fn get(conn: &Connection, id: RevisionId) -> Result<Revision, StoreError> {
    let mut statement = conn.prepare_cached(
        "SELECT id, post, origin, created_at, updated_at, sealed, content FROM revision WHERE id = :id",
    )?;
    let revision = statement.query_row(named_params! { ":id": id }, read).optional()?;
    let mut revision = revision.ok_or(StoreError::RevisionNotFound)?;
    revision.parents = parents(conn, id)?;
    Ok(revision)
}

/// Whether one revision of a post was made before another. Their ids do not tell that once the clock was set back.
pub(super) fn is_before(conn: &Connection, earlier: RevisionId, later: RevisionId) -> Result<bool, StoreError> {
    let mut statement = conn.prepare_cached(
        "SELECT a.seq < b.seq FROM revision AS a JOIN revision AS b ON b.id = :later WHERE a.id = :earlier",
    )?;
    let found = statement.query_row(named_params! { ":earlier": earlier, ":later": later }, |row| row.get(0));
    found.optional()?.ok_or(StoreError::RevisionNotFound)
}

/// Whether some revision of a post was written at a feed.
pub fn any_came_from_there(conn: &Connection, post: PostId) -> Result<bool, StoreError> {
    let mut statement = conn
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM revision WHERE post = :post AND origin IN (:pull, :import))")?;
    let origins = named_params! { ":post": post, ":pull": Word(Origin::Pull), ":import": Word(Origin::Import) };
    Ok(statement.query_row(origins, |row| row.get(0))?)
}

/// The revisions that one was made from.
pub fn parents(conn: &Connection, id: RevisionId) -> Result<Vec<RevisionId>, StoreError> {
    let mut statement =
        conn.prepare_cached("SELECT parent FROM revision_parent WHERE revision = :id ORDER BY position")?;
    let parents = statement.query_map(named_params! { ":id": id }, |row| row.get(0))?;
    Ok(parents.collect::<Result<_, _>>()?)
}

/// A revision with one parent, an origin and a content, if there is one.
pub(super) fn like(
    conn: &Connection,
    parents: &[RevisionId],
    origin: Origin,
    content: &Content,
) -> Result<Option<RevisionId>, StoreError> {
    let [parent] = parents else { return Ok(None) };
    let mut statement = conn.prepare_cached(
        "SELECT r.id FROM revision_parent AS p JOIN revision AS r ON r.id = p.revision
         WHERE p.parent = :parent AND p.position = 0 AND r.origin = :origin AND r.content = :content
           AND NOT EXISTS (SELECT 1 FROM revision_parent AS o WHERE o.revision = r.id AND o.position > 0)
         ORDER BY r.seq DESC LIMIT 1",
    )?;
    let content = content.canonical();
    let parameters = named_params! { ":parent": parent, ":origin": Word(origin), ":content": text(&content)? };
    Ok(statement.query_row(parameters, |row| row.get(0)).optional()?)
}

/// Writes a new revision behind all others of its post.
pub(super) fn insert(tx: &Transaction<'_>, revision: &Revision) -> Result<(), StoreError> {
    let canonical = revision.content.canonical();
    tx.prepare_cached(
        "INSERT INTO revision (id, post, seq, origin, created_at, updated_at, version, sealed, attachments, titles,
           digest, content)
         VALUES (:id, :post, (SELECT coalesce(max(seq), 0) + 1 FROM revision WHERE post = :post), :origin, :created_at,
           :updated_at, 1, :sealed, :attachments, :titles, :digest, :content)",
    )?
    .execute(named_params! {
        ":id": revision.id,
        ":post": revision.post,
        ":origin": Word(revision.origin),
        ":created_at": revision.created_at,
        ":updated_at": revision.updated_at,
        ":sealed": revision.sealed,
        ":attachments": revision.content.attachments.len() as i64,
        ":titles": Json(derived::titles(&revision.content)),
        ":digest": digest(revision, &canonical),
        ":content": text(&canonical)?,
    })?;
    let mut insert = tx.prepare_cached(
        "INSERT INTO revision_parent (revision, position, parent) VALUES (:revision, :position, :parent)",
    )?;
    for (position, parent) in (0_i64..).zip(&revision.parents) {
        insert.execute(named_params! { ":revision": revision.id, ":position": position, ":parent": parent })?;
    }
    Ok(())
}

/// Writes a later state of the open revision over an earlier one; returns how often it was saved.
pub(super) fn rewrite(tx: &Transaction<'_>, revision: &Revision) -> Result<u32, StoreError> {
    let canonical = revision.content.canonical();
    let version = tx
        .prepare_cached(
            "UPDATE revision SET updated_at = :updated_at, version = version + 1, attachments = :attachments,
               titles = :titles, digest = :digest, content = :content
             WHERE id = :id AND sealed = 0 RETURNING version",
        )?
        .query_row(
            named_params! {
                ":id": revision.id,
                ":updated_at": revision.updated_at,
                ":attachments": revision.content.attachments.len() as i64,
                ":titles": Json(derived::titles(&revision.content)),
                ":digest": digest(revision, &canonical),
                ":content": text(&canonical)?,
            },
            |row| row.get(0),
        )?;
    Ok(version)
}

/// Ends the sitting of a revision: it never changes again.
pub fn seal(tx: &Transaction<'_>, id: RevisionId) -> Result<(), StoreError> {
    tx.prepare_cached("UPDATE revision SET sealed = 1 WHERE id = :id AND sealed = 0")?
        .execute(named_params! { ":id": id })?;
    Ok(())
}

fn read(row: &Row<'_>) -> rusqlite::Result<Revision> {
    Ok(Revision {
        id: row.get(0)?,
        post: row.get(1)?,
        parents: Vec::new(),
        origin: row.get::<_, Word<Origin>>(2)?.0,
        created_at: row.get(3)?,
        updated_at: row.get(4)?,
        sealed: row.get(5)?,
        content: row.get::<_, Json<Content>>(6)?.0,
    })
}

fn digest(revision: &Revision, canonical: &[u8]) -> crate::domain::Digest {
    revision::digest(revision.post, &revision.parents, revision.created_at, canonical)
}

fn text(canonical: &[u8]) -> Result<&str, StoreError> {
    // Canonical bytes are JSON, which is text; an empty answer means that the content could not be written down.
    match std::str::from_utf8(canonical) {
        Ok(text) if !text.is_empty() => Ok(text),
        _ => Err(StoreError::Internal("a content without a canonical form".into())),
    }
}
