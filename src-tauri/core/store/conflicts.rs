//! Posts that were changed here and at a feed, until the user brought both together. Both versions are revisions like any other;
//! only which two belong together is kept here.

use rusqlite::{Connection, OptionalExtension, Row, Transaction, named_params};

use super::error::StoreError;
use crate::domain::{FeedId, PostId, RevisionId, Timestamp};

/// A post that was changed on both sides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Conflict {
    /// Which post.
    pub post: PostId,
    /// At which feed.
    pub feed: FeedId,
    /// What both sides last agreed on.
    pub base: RevisionId,
    /// What came from the feed.
    pub theirs: RevisionId,
    /// When it was changed there at the earliest, by our clock.
    pub changed_at: Timestamp,
}

/// Keeps a conflict, over an earlier one of the same post at the same feed. The same one that is read again was not changed again.
pub fn put(tx: &Transaction<'_>, conflict: &Conflict) -> Result<(), StoreError> {
    tx.prepare_cached(
        "INSERT INTO conflict (post, feed, base, theirs, changed_at) VALUES (:post, :feed, :base, :theirs, :changed_at)
         ON CONFLICT (post, feed) DO UPDATE SET base = excluded.base, theirs = excluded.theirs,
           changed_at = iif(theirs = excluded.theirs, min(changed_at, excluded.changed_at), excluded.changed_at)",
    )?
    .execute(named_params! {
        ":post": conflict.post,
        ":feed": conflict.feed,
        ":base": conflict.base,
        ":theirs": conflict.theirs,
        ":changed_at": conflict.changed_at,
    })?;
    Ok(())
}

/// The conflict of a post at a feed, if there is one.
pub fn get(conn: &Connection, post: PostId, feed: FeedId) -> Result<Option<Conflict>, StoreError> {
    let mut statement = conn.prepare_cached(
        "SELECT post, feed, base, theirs, changed_at FROM conflict WHERE post = :post AND feed = :feed",
    )?;
    Ok(statement.query_row(named_params! { ":post": post, ":feed": feed }, read).optional()?)
}

/// The conflicts that wait for the user, in the order in which they arose. One whose delivery went on without it is none.
pub fn list(conn: &Connection) -> Result<Vec<Conflict>, StoreError> {
    let mut statement = conn.prepare_cached(
        "SELECT c.post, c.feed, c.base, c.theirs, c.changed_at FROM conflict AS c
         JOIN delivery AS d ON d.post = c.post AND d.feed = c.feed
         WHERE d.reason = 'conflict' ORDER BY d.updated_at, c.post, c.feed",
    )?;
    let conflicts = statement.query_map([], read)?;
    Ok(conflicts.collect::<Result<_, _>>()?)
}

/// Forgets a conflict; one that is not there is as good.
pub fn remove(tx: &Transaction<'_>, post: PostId, feed: FeedId) -> Result<(), StoreError> {
    tx.prepare_cached("DELETE FROM conflict WHERE post = :post AND feed = :feed")?
        .execute(named_params! { ":post": post, ":feed": feed })?;
    Ok(())
}

fn read(row: &Row<'_>) -> rusqlite::Result<Conflict> {
    let (post, feed, base, theirs) = (row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?);
    Ok(Conflict { post, feed, base, theirs, changed_at: row.get(4)? })
}
