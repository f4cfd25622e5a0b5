//! Posts that were changed here and at a feed, until the user brought both together. Both versions are revisions like any other;
//! only which two belong together is kept here.

use rusqlite::{Connection, OptionalExtension, Row, Transaction, named_params};

use super::error::StoreError;
use crate::domain::{FeedId, PostId, RevisionId};

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
}

/// Keeps a conflict, over an earlier one of the same post at the same feed.
pub fn put(tx: &Transaction<'_>, conflict: &Conflict) -> Result<(), StoreError> {
    tx.prepare_cached(
        "INSERT INTO conflict (post, feed, base, theirs) VALUES (:post, :feed, :base, :theirs)
         ON CONFLICT (post, feed) DO UPDATE SET base = excluded.base, theirs = excluded.theirs",
    )?
    .execute(named_params! {
        ":post": conflict.post,
        ":feed": conflict.feed,
        ":base": conflict.base,
        ":theirs": conflict.theirs,
    })?;
    Ok(())
}

/// The conflict of a post at a feed, if there is one.
pub fn get(conn: &Connection, post: PostId, feed: FeedId) -> Result<Option<Conflict>, StoreError> {
    let mut statement =
        conn.prepare_cached("SELECT post, feed, base, theirs FROM conflict WHERE post = :post AND feed = :feed")?;
    Ok(statement.query_row(named_params! { ":post": post, ":feed": feed }, read).optional()?)
}

/// The conflicts that wait for the user, in the order in which they arose. One whose delivery went on without it is none.
pub fn list(conn: &Connection) -> Result<Vec<Conflict>, StoreError> {
    let mut statement = conn.prepare_cached(
        "SELECT c.post, c.feed, c.base, c.theirs FROM conflict AS c
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
    Ok(Conflict { post: row.get(0)?, feed: row.get(1)?, base: row.get(2)?, theirs: row.get(3)? })
}
