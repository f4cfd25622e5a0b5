//! Deliveries as an interface shows them: with the feed's name and whether the post changed since.

use std::collections::HashMap;

use rusqlite::{Connection, OptionalExtension, named_params};

use super::derived::CardText;
use super::error::StoreError;
use super::feeds::FeedRow;
use super::values::{Json, Word};
use super::{assets, feeds, outbox, revisions};
use crate::api::types::{DeliveryView, Outbox, OutboxEntry};
use crate::domain::{AssetId, Delivery, FeedId, Origin, PostId, RevisionId, Timestamp};

/// What was confirmed stays in the outbox for this many milliseconds: a day.
const SENT_MILLIS: i64 = 24 * 60 * 60 * 1000;

/// Where a post goes and how that stands, in the order of the feeds.
pub fn deliveries(conn: &Connection, post: PostId) -> Result<Vec<DeliveryView>, StoreError> {
    let feeds = feeds_by_id(conn)?;
    outbox::of_post(conn, post)?.into_iter().map(|delivery| view(conn, delivery, &feeds)).collect()
}

/// One delivery as an interface shows it.
pub fn delivery(conn: &Connection, delivery: Delivery) -> Result<DeliveryView, StoreError> {
    view(conn, delivery, &feeds_by_id(conn)?)
}

/// The outbox: what waits, and what was confirmed in the last 24 hours.
pub fn outbox(conn: &Connection, now: Timestamp) -> Result<Outbox, StoreError> {
    let feeds = feeds_by_id(conn)?;
    let entries = |deliveries: Vec<Delivery>| -> Result<Vec<OutboxEntry>, StoreError> {
        deliveries.into_iter().map(|delivery| entry(conn, delivery, &feeds)).collect()
    };
    Ok(Outbox {
        pending: entries(outbox::pending(conn)?)?,
        sent: entries(outbox::confirmed_since(conn, now.plus_millis(-SENT_MILLIS))?)?,
    })
}

type Feeds = HashMap<FeedId, FeedRow>;

fn feeds_by_id(conn: &Connection) -> Result<Feeds, StoreError> {
    Ok(feeds::list(conn)?.into_iter().map(|feed| (feed.id, feed)).collect())
}

fn view(conn: &Connection, delivery: Delivery, feeds: &Feeds) -> Result<DeliveryView, StoreError> {
    let feed = feeds.get(&delivery.feed);
    // What was taken down cannot be out of date.
    let base = delivery.receipt.as_ref().filter(|_| delivery.is_there()).map(|receipt| receipt.revision);
    Ok(DeliveryView {
        id: format!("{}.{}", delivery.post, delivery.feed),
        feed_name: feed.map(|feed| feed.name.clone()).unwrap_or_default(),
        paused: feed.is_some_and(|feed| !feed.enabled),
        file: delivery.asset.map_or(Ok(None), |asset| file_name(conn, delivery.target, asset))?,
        from_there: base.map_or(Ok(false), |base| came_from_there(conn, base))?,
        changed_since: base.map_or(Ok(false), |base| changed_since(conn, delivery.post, base))?,
        next_at: (delivery.is_pending() && delivery.attempts > 0).then_some(delivery.next_at),
        post: delivery.post,
        feed: delivery.feed,
        wanted: delivery.wanted,
        manner: delivery.manner,
        state: delivery.state,
        reached: delivery.reached,
        receipt: delivery.receipt,
        updated_at: delivery.updated_at,
    })
}

/// What a post calls one of its files.
fn file_name(conn: &Connection, revision: RevisionId, asset: AssetId) -> Result<Option<String>, StoreError> {
    let content = revisions::get(conn, revision)?.content;
    Ok(content.attachments.into_iter().find(|attachment| attachment.asset == asset).map(|attachment| attachment.name))
}

fn entry(conn: &Connection, delivery: Delivery, feeds: &Feeds) -> Result<OutboxEntry, StoreError> {
    let row: Option<(Json<CardText>, Option<AssetId>, u32, i64)> = conn
        .prepare_cached(
            "SELECT p.card, p.cover, p.attachments, (
               SELECT coalesce(sum(a.bytes), 0) FROM attachment AS t JOIN asset AS a ON a.id = t.asset WHERE t.post = p.key)
             FROM post AS p WHERE p.id = :post",
        )?
        .query_row(named_params! { ":post": delivery.post }, |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
        })
        .optional()?;
    let (Json(card), cover, files, size) = row.ok_or(StoreError::PostNotFound)?;
    let cover = cover.map(|asset| assets::get(conn, asset)).transpose()?;
    Ok(OutboxEntry {
        delivery: view(conn, delivery, feeds)?,
        titles: card.titles,
        cover,
        files,
        size: size.unsigned_abs(),
    })
}

/// Whether a revision was written at a feed.
fn came_from_there(conn: &Connection, revision: RevisionId) -> Result<bool, StoreError> {
    let mut statement = conn.prepare_cached("SELECT origin = :pull FROM revision WHERE id = :id")?;
    Ok(statement.query_row(named_params! { ":pull": Word(Origin::Pull), ":id": revision }, |row| row.get(0))?)
}

/// Whether the newest revision says something else than a revision; a text that was changed back is no change.
fn changed_since(conn: &Connection, post: PostId, base: RevisionId) -> Result<bool, StoreError> {
    let mut statement = conn.prepare_cached(
        "SELECT p.head <> :base AND h.content IS NOT (SELECT b.content FROM revision AS b WHERE b.id = :base)
         FROM post AS p JOIN revision AS h ON h.id = p.head WHERE p.id = :post",
    )?;
    Ok(statement.query_row(named_params! { ":post": post, ":base": base }, |row| row.get(0))?)
}
