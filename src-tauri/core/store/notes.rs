//! What the adapters of feeds write down about single posts, and the journal beside them. Knows no feed: keys and values are their own.

use std::collections::BTreeMap;

use rusqlite::{Connection, Transaction, named_params};

use super::error::StoreError;
use crate::domain::{FeedId, PostId};

/// Everything written down about a post at a feed.
pub fn all(conn: &Connection, post: PostId, feed: FeedId) -> Result<BTreeMap<String, String>, StoreError> {
    let mut statement =
        conn.prepare_cached("SELECT key, value FROM delivery_note WHERE post = :post AND feed = :feed")?;
    let notes =
        statement.query_map(named_params! { ":post": post, ":feed": feed }, |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(notes.collect::<Result<_, _>>()?)
}

/// Writes one down, over the one with the same key if there is one.
pub fn put(tx: &Transaction<'_>, about: (PostId, FeedId), key: &str, value: &str) -> Result<(), StoreError> {
    tx.prepare_cached(
        "INSERT INTO delivery_note (post, feed, key, value) VALUES (:post, :feed, :key, :value)
         ON CONFLICT (post, feed, key) DO UPDATE SET value = excluded.value",
    )?
    .execute(named_params! { ":post": about.0, ":feed": about.1, ":key": key, ":value": value })?;
    Ok(())
}

/// Strikes one out; one that is not there is as good.
pub fn strike(tx: &Transaction<'_>, about: (PostId, FeedId), key: &str) -> Result<(), StoreError> {
    tx.prepare_cached("DELETE FROM delivery_note WHERE post = :post AND feed = :feed AND key = :key")?
        .execute(named_params! { ":post": about.0, ":feed": about.1, ":key": key })?;
    Ok(())
}

/// Gives the notes about a post at a feed to another post.
pub fn move_to(tx: &Transaction<'_>, from: (PostId, FeedId), to: PostId) -> Result<(), StoreError> {
    tx.prepare_cached("UPDATE OR REPLACE delivery_note SET post = :to WHERE post = :post AND feed = :feed")?
        .execute(named_params! { ":post": from.0, ":feed": from.1, ":to": to })?;
    Ok(())
}
