//! The destinations that the user set up. Knows where they are, not how to reach them.

use rusqlite::{Connection, OptionalExtension, Row, Transaction, named_params};
use serde::{Deserialize, Serialize};

use super::error::StoreError;
use super::values::{Json, Word};
use crate::api::types::{FeedHealth, FeedKind, FeedOptions, KeepSecret};
use crate::domain::destination::Facts;
use crate::domain::{FeedId, Timestamp};

/// A feed as it is stored.
#[derive(Debug, Clone, PartialEq)]
pub struct FeedRow {
    /// Which feed.
    pub id: FeedId,
    /// What it is.
    pub kind: FeedKind,
    /// As the user calls it; empty for the ready-made one, which the interface names.
    pub name: String,
    /// Where it is; empty until the user chose.
    pub place: String,
    /// Whether it takes posts.
    pub enabled: bool,
    /// Choices for what leaves.
    pub options: FeedOptions,
    /// Whether it answered last time.
    pub health: FeedHealth,
    /// When it last answered.
    pub seen_at: Option<Timestamp>,
    /// Who we are there and where the secret is; never the secret.
    pub account: Account,
    /// What it said of itself.
    pub facts: Facts,
    /// How far what was changed there has been read.
    pub cursor: Option<String>,
    /// When that was last read.
    pub pulled_at: Option<Timestamp>,
    /// Posts that were gone there all at once when it was last read, which is not believed before the user says so.
    pub held_back: u32,
    /// Its place in the list, from 0.
    pub position: u32,
}

/// Who we are at a feed, and where the secret that proves it is kept. Never the secret.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Account {
    /// The name to sign in with, where the feed asks for one.
    pub user: String,
    /// Where the secret is; absent where none is needed.
    pub keep: Option<KeepSecret>,
    /// Plain `http` to a computer that is not this one was allowed by the user.
    pub plain_http: bool,
}

/// All feeds in their order.
pub fn list(conn: &Connection) -> Result<Vec<FeedRow>, StoreError> {
    let mut statement = conn.prepare_cached(
        "SELECT id, kind, name, place, enabled, options, health, seen_at, account, facts, cursor, pulled_at,
           held_back, position
         FROM feed ORDER BY position, id",
    )?;
    let feeds = statement.query_map([], read)?;
    Ok(feeds.collect::<Result<_, _>>()?)
}

/// One feed.
pub fn get(conn: &Connection, id: FeedId) -> Result<FeedRow, StoreError> {
    let mut statement = conn.prepare_cached(
        "SELECT id, kind, name, place, enabled, options, health, seen_at, account, facts, cursor, pulled_at,
           held_back, position
         FROM feed WHERE id = :id",
    )?;
    statement.query_row(named_params! { ":id": id }, read).optional()?.ok_or(StoreError::FeedNotFound)
}

/// Adds a feed behind all others; its `position` is chosen here.
pub fn add(tx: &Transaction<'_>, feed: &FeedRow) -> Result<(), StoreError> {
    tx.prepare_cached(
        "INSERT INTO feed (id, kind, name, place, enabled, options, health, seen_at, account, facts, position)
         VALUES (:id, :kind, :name, :place, :enabled, :options, :health, :seen_at, :account, :facts,
           (SELECT coalesce(max(position) + 1, 0) FROM feed))",
    )?
    .execute(named_params! {
        ":id": feed.id,
        ":kind": Word(feed.kind),
        ":name": feed.name,
        ":place": feed.place,
        ":enabled": feed.enabled,
        ":options": Json(&feed.options),
        ":health": Word(feed.health),
        ":seen_at": feed.seen_at,
        ":account": Json(&feed.account),
        ":facts": Json(&feed.facts),
    })?;
    Ok(())
}

/// Writes what the feed said of itself, and who we are there.
pub fn set_facts(tx: &Transaction<'_>, id: FeedId, facts: &Facts, account: &Account) -> Result<(), StoreError> {
    tx.prepare_cached("UPDATE feed SET facts = :facts, account = :account WHERE id = :id")?
        .execute(named_params! { ":id": id, ":facts": Json(facts), ":account": Json(account) })?;
    Ok(())
}

/// Writes how far what was changed at the feed has been read. Nothing is held back any more.
pub fn set_cursor(tx: &Transaction<'_>, id: FeedId, cursor: Option<&str>, now: Timestamp) -> Result<(), StoreError> {
    tx.prepare_cached("UPDATE feed SET cursor = :cursor, pulled_at = :now, held_back = 0 WHERE id = :id")?
        .execute(named_params! { ":id": id, ":cursor": cursor, ":now": now })?;
    Ok(())
}

/// Writes that so many posts are gone at the feed at once that nothing was taken over.
pub fn hold_back(tx: &Transaction<'_>, id: FeedId, lost: u32) -> Result<(), StoreError> {
    tx.prepare_cached("UPDATE feed SET held_back = :lost WHERE id = :id")?
        .execute(named_params! { ":id": id, ":lost": lost })?;
    Ok(())
}

/// Writes the choices of the user: name, place, whether it takes posts, options.
pub fn change(tx: &Transaction<'_>, feed: &FeedRow) -> Result<(), StoreError> {
    let changed = tx
        .prepare_cached(
            "UPDATE feed SET name = :name, place = :place, enabled = :enabled, options = :options WHERE id = :id",
        )?
        .execute(named_params! {
            ":id": feed.id,
            ":name": feed.name,
            ":place": feed.place,
            ":enabled": feed.enabled,
            ":options": Json(&feed.options),
        })?;
    if changed == 1 { Ok(()) } else { Err(StoreError::FeedNotFound) }
}

/// Writes what the feed's last answer, or the lack of one, says about it. Returns whether its health changed.
pub fn set_health(
    tx: &Transaction<'_>,
    id: FeedId,
    health: FeedHealth,
    seen_at: Option<Timestamp>,
) -> Result<bool, StoreError> {
    let before = get(tx, id)?.health;
    tx.prepare_cached("UPDATE feed SET health = :health, seen_at = coalesce(:seen_at, seen_at) WHERE id = :id")?
        .execute(named_params! { ":id": id, ":health": Word(health), ":seen_at": seen_at })?;
    Ok(before != health)
}

/// Forgets a feed and what was delivered to it; what lies there is left alone.
pub fn remove(tx: &Transaction<'_>, id: FeedId) -> Result<(), StoreError> {
    // One by one rather than by the foreign key, so that each post learns that it goes there no more.
    tx.prepare_cached("DELETE FROM delivery WHERE feed = :id")?.execute(named_params! { ":id": id })?;
    let removed = tx.prepare_cached("DELETE FROM feed WHERE id = :id")?.execute(named_params! { ":id": id })?;
    if removed == 1 { Ok(()) } else { Err(StoreError::FeedNotFound) }
}

fn read(row: &Row<'_>) -> rusqlite::Result<FeedRow> {
    Ok(FeedRow {
        id: row.get("id")?,
        kind: row.get::<_, Word<_>>("kind")?.0,
        name: row.get("name")?,
        place: row.get("place")?,
        enabled: row.get("enabled")?,
        options: row.get::<_, Json<_>>("options")?.0,
        health: row.get::<_, Word<_>>("health")?.0,
        seen_at: row.get("seen_at")?,
        account: row.get::<_, Json<_>>("account")?.0,
        facts: row.get::<_, Json<_>>("facts")?.0,
        cursor: row.get("cursor")?,
        pulled_at: row.get("pulled_at")?,
        held_back: row.get("held_back")?,
        position: row.get("position")?,
    })
}
