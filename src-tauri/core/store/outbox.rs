//! Deliveries: what is wanted of each post at each feed, and how that stands. Whoever works on one claims it first, so that a
//! window and a terminal at the same time never send the same thing twice. Never talks to a feed.

use std::collections::HashMap;

use rusqlite::{Connection, Row, ToSql, Transaction, named_params};
use uuid::Uuid;

use super::error::StoreError;
use super::feeds;
use super::values::{Json, Word};
use crate::api::types::FeedKind;
use crate::domain::{
    Delivery, DeliveryState, FeedId, Happened, Manner, NeedsYou, PostId, RevisionId, Timestamp, Wanted,
};

/// Applies what happened to a delivery, and writes it. Nothing else changes one.
pub fn happen(
    tx: &Transaction<'_>,
    now: Timestamp,
    before: Delivery,
    happened: Happened,
) -> Result<Delivery, StoreError> {
    let after = before.after(happened, now);
    put(tx, &after)?;
    Ok(after)
}

/// Writes what the user wants of a post at a feed.
pub fn wish(tx: &Transaction<'_>, now: Timestamp, wish: Wish) -> Result<Delivery, StoreError> {
    let known = get(tx, wish.post, wish.feed)?;
    let before = known.unwrap_or_else(|| Delivery::new(wish.post, wish.feed, wish.target, now));
    happen(tx, now, before, Happened::Wished { wanted: wish.wanted, target: wish.target, manner: wish.manner })
}

/// What the user wants of a post at a feed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wish {
    /// Which post.
    pub post: PostId,
    /// Which feed.
    pub feed: FeedId,
    /// What is wanted there.
    pub wanted: Wanted,
    /// The revision that shall be there.
    pub target: RevisionId,
    /// How it shall be there.
    pub manner: Manner,
}

/// Takes a post back from every feed that holds it or may hold it; where it never left, nothing is wanted any more.
pub fn withdraw_everywhere(tx: &Transaction<'_>, now: Timestamp, post: PostId) -> Result<(), StoreError> {
    let may_be_there =
        |delivery: &Delivery| delivery.is_there() || delivery.is_in_flight() || delivery.unanswered.is_some();
    let meant = |delivery: &Delivery| delivery.wanted != Wanted::Off || may_be_there(delivery);
    for delivery in of_post(tx, post)?.into_iter().filter(meant) {
        let (target, manner) = (delivery.target, delivery.manner.clone());
        happen(tx, now, delivery, Happened::Wished { wanted: Wanted::Withdrawn, target, manner })?;
    }
    Ok(())
}

/// Takes back what [`withdraw_everywhere`] asked for and nobody began to do.
pub fn leave_everywhere(tx: &Transaction<'_>, now: Timestamp, post: PostId) -> Result<(), StoreError> {
    let waits = |delivery: &Delivery| delivery.wanted == Wanted::Withdrawn && delivery.state == DeliveryState::Queued;
    for delivery in of_post(tx, post)?.into_iter().filter(waits) {
        let known = delivery.receipt.clone().filter(|_| delivery.is_there());
        // What was never agreed on and is to be brought together stays, too.
        let is_open = delivery.unanswered == Some(NeedsYou::Conflict);
        let Some(receipt) = known.or_else(|| delivery.there.clone().filter(|_| is_open)) else { continue };
        let manner = receipt.manner.unwrap_or_else(|| delivery.manner.clone());
        happen(tx, now, delivery, Happened::Wished { wanted: receipt.known, target: receipt.revision, manner })?;
    }
    Ok(())
}

/// Lets drafts follow: those whose post was changed after what is to be at the feed, and then rested since `quiet_since`.
/// Returns whether there were any. Published posts wait for the user. A change in the future was made before the clock was set
/// back.
pub fn follow_edits(tx: &Transaction<'_>, now: Timestamp, quiet_since: Timestamp) -> Result<bool, StoreError> {
    let tail = format!("{BEHIND} AND (h.updated_at <= :quiet OR h.updated_at > :now)");
    let rested = select(tx, &tail, named_params! { ":quiet": quiet_since, ":now": now })?;
    let any = !rested.is_empty();
    for delivery in rested {
        let revision = super::posts::seal(tx, delivery.post)?;
        happen(tx, now, delivery, Happened::Edited { revision })?;
    }
    Ok(any)
}

/// When the last change was made to a draft that still has to follow to its feeds.
pub fn last_edit_behind(conn: &Connection) -> Result<Option<Timestamp>, StoreError> {
    let sql = format!("SELECT max(h.updated_at) FROM delivery_row AS d JOIN feed AS f ON f.id = d.feed {BEHIND}");
    Ok(conn.prepare_cached(&sql)?.query_row([], |row| row.get(0))?)
}

/// Drafts at a feed whose post has a newer revision than the one that is to be there.
const BEHIND: &str = "JOIN post AS p ON p.id = d.post JOIN revision AS h ON h.id = p.head
                      WHERE d.wanted = 'draft' AND d.target <> p.head AND p.bin = 0 AND f.enabled = 1";

/// Writes a delivery as it is given, new or over an old one; who holds it does not change.
pub fn put(tx: &Transaction<'_>, delivery: &Delivery) -> Result<(), StoreError> {
    let (state, uploading, reason) = columns(&delivery.state);
    tx.prepare_cached(
        "INSERT INTO delivery (post, feed, wanted, target, manner, state, done, total, bytes, total_bytes, reason, receipt, there, sent_as,
           unanswered, asset, reached, recent, attempts, rebuffs, losses, arrived, next_at, updated_at)
         VALUES (:post, :feed, :wanted, :target, :manner, :state, :done, :total, :bytes, :total_bytes, :reason, :receipt,
           :there, :sent_as, :unanswered, :asset, :reached, :recent, :attempts, :rebuffs, :losses, :arrived, :next_at, :updated_at)
         ON CONFLICT (post, feed) DO UPDATE SET wanted = excluded.wanted, target = excluded.target,
           manner = excluded.manner, state = excluded.state, done = excluded.done, total = excluded.total,
           bytes = excluded.bytes, total_bytes = excluded.total_bytes, reason = excluded.reason,
           receipt = excluded.receipt, there = excluded.there, sent_as = excluded.sent_as,
           unanswered = excluded.unanswered, asset = excluded.asset, reached = excluded.reached,
           recent = excluded.recent, attempts = excluded.attempts, rebuffs = excluded.rebuffs,
           losses = excluded.losses, arrived = excluded.arrived,
           next_at = excluded.next_at, updated_at = excluded.updated_at",
    )?
    .execute(named_params! {
        ":post": delivery.post,
        ":feed": delivery.feed,
        ":wanted": Word(delivery.wanted),
        ":target": delivery.target,
        ":manner": Json(&delivery.manner),
        ":state": state,
        ":done": uploading.map(|(done, _, _, _)| done),
        ":total": uploading.map(|(_, total, _, _)| total),
        ":bytes": uploading.map(|(_, _, bytes, _)| bytes),
        ":total_bytes": uploading.map(|(_, _, _, total)| total),
        ":reason": reason,
        ":receipt": delivery.receipt.as_ref().map(Json),
        ":there": delivery.there.as_ref().map(Json),
        ":sent_as": delivery.sent_as.as_ref().map(Json),
        ":unanswered": delivery.unanswered.map(Word),
        ":asset": delivery.asset,
        ":reached": delivery.reached.as_ref().map(Json),
        ":recent": Json(&delivery.recent),
        ":attempts": delivery.attempts,
        ":rebuffs": delivery.rebuffs,
        ":losses": delivery.losses,
        ":arrived": delivery.arrived,
        ":next_at": delivery.next_at,
        ":updated_at": delivery.updated_at,
    })?;
    Ok(())
}

/// One post at one feed.
pub fn get(conn: &Connection, post: PostId, feed: FeedId) -> Result<Option<Delivery>, StoreError> {
    let found =
        select(conn, "WHERE d.post = :post AND d.feed = :feed", named_params! { ":post": post, ":feed": feed })?;
    Ok(found.into_iter().next())
}

/// A post at every feed it was ever meant for, in the order of the feeds.
pub fn of_post(conn: &Connection, post: PostId) -> Result<Vec<Delivery>, StoreError> {
    select(conn, "WHERE d.post = :post ORDER BY f.position, f.id", named_params! { ":post": post })
}

/// Every post at one feed, by the posts' ids.
pub fn of_feed(conn: &Connection, feed: FeedId) -> Result<Vec<Delivery>, StoreError> {
    select(conn, "WHERE d.feed = :feed ORDER BY d.post", named_params! { ":feed": feed })
}

/// Everything that still has something to do: the outbox. In the order of the posts, so that none changes its place whenever it is
/// tried.
pub fn pending(conn: &Connection) -> Result<Vec<Delivery>, StoreError> {
    select(conn, "WHERE d.state NOT IN ('idle', 'synced') ORDER BY d.post, f.position, d.feed", &[])
}

/// Stops everything that would leave by itself and that another copy of the journal may have sent. A folder knows each post by
/// its name, whoever wrote it there.
pub fn be_copied(tx: &Transaction<'_>, now: Timestamp) -> Result<(), StoreError> {
    for delivery in pending(tx)? {
        let stopped = delivery.clone().after(Happened::Copied, now);
        if stopped.state != delivery.state && feeds::get(tx, delivery.feed)?.kind != FeedKind::Folder {
            put(tx, &stopped)?;
        }
    }
    Ok(())
}

/// What feeds confirmed since an instant, newest first.
pub fn confirmed_since(conn: &Connection, since: Timestamp) -> Result<Vec<Delivery>, StoreError> {
    let tail = "WHERE d.state = 'synced' AND d.receipt ->> '$.confirmed_at' >= :since
                ORDER BY d.receipt ->> '$.confirmed_at' DESC, d.post, d.feed";
    select(conn, tail, named_params! { ":since": since })
}

/// Deliveries of a feed that wait for the program and that nobody else holds, oldest first; none while one of them waits for
/// the user to sign in, since it speaks for all. A lease
/// further ahead than `longest` was written by a clock that was wrong. Of a long outbox only as much is read as is asked for.
pub fn free(conn: &Connection, feed: FeedId, now: Timestamp, free: Free) -> Result<Vec<Delivery>, StoreError> {
    let sql = format!("{SELECT} {FREE}");
    let mut statement = conn.prepare_cached(&sql)?;
    let longest = now.plus_millis(free.longest_lease_millis);
    let parameters = named_params! { ":feed": feed, ":now": now, ":longest": longest };
    let rows = statement.query_map(parameters, read)?;
    let due = rows.filter(|row| row.as_ref().map_or(true, |delivery| (free.is_due)(delivery, now)));
    Ok(due.take(free.limit).collect::<Result<_, _>>()?)
}

const FREE: &str =
    "WHERE d.feed = :feed AND f.enabled = 1 AND d.state NOT IN ('idle', 'synced') AND d.state <> 'needs_you'
                      AND NOT EXISTS (SELECT 1 FROM delivery AS s WHERE s.feed = :feed AND s.reason = 'signed_out')
                      AND (d.lease_until IS NULL OR d.lease_until <= :now OR d.lease_until > :longest)
                    ORDER BY d.updated_at, d.post";

/// Which deliveries are asked for, and who counts as holding one.
#[derive(Debug, Clone, Copy)]
pub struct Free {
    /// No honest lease is longer.
    pub longest_lease_millis: i64,
    /// At most this many.
    pub limit: usize,
    /// Whether the time of one has come.
    pub is_due: fn(&Delivery, Timestamp) -> bool,
}

/// What waits for a feed, in numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Waiting {
    /// Deliveries that the program goes on with.
    pub waiting: u32,
    /// Deliveries that only the user can go on with.
    pub needs_you: u32,
}

/// What waits, for every feed for which anything does.
pub fn waiting(conn: &Connection) -> Result<HashMap<FeedId, Waiting>, StoreError> {
    let mut statement = conn.prepare_cached(WAITING)?;
    let counts =
        statement.query_map([], |row| Ok((row.get(0)?, Waiting { waiting: row.get(1)?, needs_you: row.get(2)? })))?;
    Ok(counts.collect::<Result<_, _>>()?)
}

const WAITING: &str = "SELECT feed, sum(state <> 'needs_you'), sum(state = 'needs_you') FROM delivery
                       WHERE state NOT IN ('idle', 'synced') GROUP BY feed";

/// How SQLite would run the questions that are asked for every post that is sent: one line per table or index.
#[cfg(test)]
pub(super) fn plans(conn: &Connection) -> Result<Vec<String>, StoreError> {
    let free = named_params! { ":feed": 0, ":now": 0, ":longest": 0 };
    let mut plans = Vec::new();
    for (sql, parameters) in [(format!("{SELECT} {FREE}"), free), (WAITING.to_owned(), &[][..])] {
        let mut statement = conn.prepare(&format!("EXPLAIN QUERY PLAN {sql}"))?;
        let lines = statement.query_map(parameters, |row| row.get::<_, String>("detail"))?;
        plans.push(lines.collect::<Result<Vec<_>, _>>()?.join("\n"));
    }
    Ok(plans)
}

/// Puts a delivery under a lease until an instant.
pub fn hold(tx: &Transaction<'_>, delivery: (PostId, FeedId), lease: Uuid, until: Timestamp) -> Result<(), StoreError> {
    tx.prepare_cached("UPDATE delivery SET owner = :owner, lease_until = :until WHERE post = :post AND feed = :feed")?
        .execute(
            named_params! { ":owner": lease.to_string(), ":until": until, ":post": delivery.0, ":feed": delivery.1 },
        )?;
    Ok(())
}

/// A delivery, if it is still under this lease.
pub fn held(conn: &Connection, delivery: (PostId, FeedId), lease: Uuid) -> Result<Option<Delivery>, StoreError> {
    let tail = "WHERE d.post = :post AND d.feed = :feed AND d.owner = :owner";
    let owner = lease.to_string();
    let parameters = named_params! { ":post": delivery.0, ":feed": delivery.1, ":owner": owner };
    Ok(select(conn, tail, parameters)?.into_iter().next())
}

/// Whether a delivery is still under this lease.
pub fn is_held_by(conn: &Connection, delivery: (PostId, FeedId), lease: Uuid) -> Result<bool, StoreError> {
    let mut statement = conn.prepare_cached(
        "SELECT EXISTS (SELECT 1 FROM delivery WHERE post = :post AND feed = :feed AND owner = :owner)",
    )?;
    let parameters = named_params! { ":post": delivery.0, ":feed": delivery.1, ":owner": lease.to_string() };
    Ok(statement.query_row(parameters, |row| row.get(0))?)
}

/// Whether somebody works on a delivery right now.
pub fn is_held(conn: &Connection, delivery: (PostId, FeedId), now: Timestamp) -> Result<bool, StoreError> {
    let mut statement = conn
        .prepare_cached("SELECT coalesce(lease_until > :now, 0) FROM delivery WHERE post = :post AND feed = :feed")?;
    let parameters = named_params! { ":post": delivery.0, ":feed": delivery.1, ":now": now };
    Ok(statement.query_row(parameters, |row| row.get(0))?)
}

/// Prolongs everything under a lease.
pub fn renew(tx: &Transaction<'_>, lease: Uuid, until: Timestamp) -> Result<(), StoreError> {
    tx.prepare_cached("UPDATE delivery SET lease_until = :until WHERE owner = :owner")?
        .execute(named_params! { ":owner": lease.to_string(), ":until": until })?;
    Ok(())
}

/// Gives back everything under a lease.
pub fn release(tx: &Transaction<'_>, lease: Uuid) -> Result<(), StoreError> {
    tx.prepare_cached("UPDATE delivery SET owner = NULL, lease_until = NULL WHERE owner = :owner")?
        .execute(named_params! { ":owner": lease.to_string() })?;
    Ok(())
}

/// Whether anything is under a lease, also under one that has run out.
pub fn is_any_held(conn: &Connection) -> Result<bool, StoreError> {
    let mut statement = conn.prepare_cached("SELECT EXISTS (SELECT 1 FROM delivery WHERE owner IS NOT NULL)")?;
    Ok(statement.query_row([], |row| row.get(0))?)
}

/// Gives back everything under any lease: whoever held one was killed.
pub fn release_all(tx: &Transaction<'_>) -> Result<(), StoreError> {
    tx.prepare_cached("UPDATE delivery SET owner = NULL, lease_until = NULL WHERE owner IS NOT NULL")?.execute([])?;
    Ok(())
}

/// When the next delivery of a feed becomes due by itself, a lease of somebody else counted in.
pub fn next_at(conn: &Connection, feed: FeedId) -> Result<Option<Timestamp>, StoreError> {
    let mut statement = conn.prepare_cached(
        "SELECT min(max(next_at, coalesce(lease_until, next_at))) FROM delivery
         WHERE feed = :feed AND state NOT IN ('idle', 'synced') AND state <> 'needs_you'
           AND NOT EXISTS (SELECT 1 FROM delivery AS s WHERE s.feed = :feed AND s.reason = 'signed_out')",
    )?;
    Ok(statement.query_row(named_params! { ":feed": feed }, |row| row.get(0))?)
}

/// Why deliveries of a feed need the user, each reason once.
pub fn reasons(conn: &Connection, feed: FeedId) -> Result<Vec<NeedsYou>, StoreError> {
    let mut statement = conn.prepare_cached(
        "SELECT DISTINCT reason FROM delivery
         WHERE feed = :feed AND state NOT IN ('idle', 'synced') AND state = 'needs_you'",
    )?;
    let reasons = statement.query_map(named_params! { ":feed": feed }, |row| Ok(row.get::<_, Word<_>>(0)?.0))?;
    Ok(reasons.collect::<Result<_, _>>()?)
}

const SELECT: &str =
    "SELECT d.post, d.feed, d.wanted, d.target, d.manner, d.state_json, d.receipt, d.there, d.sent_as, d.unanswered, d.asset, d.reached, d.recent,
                        d.attempts, d.rebuffs, d.losses, d.arrived, d.next_at, d.updated_at
                      FROM delivery_row AS d JOIN feed AS f ON f.id = d.feed";

fn select(conn: &Connection, tail: &str, parameters: &[(&str, &dyn ToSql)]) -> Result<Vec<Delivery>, StoreError> {
    let mut statement = conn.prepare_cached(&format!("{SELECT} {tail}"))?;
    let deliveries = statement.query_map(parameters, read)?;
    Ok(deliveries.collect::<Result<_, _>>()?)
}

fn read(row: &Row<'_>) -> rusqlite::Result<Delivery> {
    Ok(Delivery {
        post: row.get("post")?,
        feed: row.get("feed")?,
        wanted: row.get::<_, Word<_>>("wanted")?.0,
        target: row.get("target")?,
        manner: row.get::<_, Json<_>>("manner")?.0,
        state: row.get::<_, Json<_>>("state_json")?.0,
        receipt: row.get::<_, Option<Json<_>>>("receipt")?.map(|json| json.0),
        there: row.get::<_, Option<Json<_>>>("there")?.map(|json| json.0),
        sent_as: row.get::<_, Option<Json<_>>>("sent_as")?.map(|json| json.0),
        unanswered: row.get::<_, Option<Word<_>>>("unanswered")?.map(|word| word.0),
        asset: row.get("asset")?,
        reached: row.get::<_, Option<Json<_>>>("reached")?.map(|json| json.0),
        recent: row.get::<_, Json<_>>("recent")?.0,
        attempts: row.get("attempts")?,
        rebuffs: row.get("rebuffs")?,
        losses: row.get("losses")?,
        arrived: row.get("arrived")?,
        next_at: row.get("next_at")?,
        updated_at: row.get("updated_at")?,
    })
}

type Columns = (&'static str, Option<(u32, u32, i64, i64)>, Option<Word<NeedsYou>>);

fn columns(state: &DeliveryState) -> Columns {
    match state {
        DeliveryState::Idle => ("idle", None, None),
        DeliveryState::Queued => ("queued", None, None),
        DeliveryState::Uploading { done, total, bytes, total_bytes } => {
            let whole = |bytes: u64| i64::try_from(bytes).unwrap_or(i64::MAX);
            ("uploading", Some((*done, *total, whole(*bytes), whole(*total_bytes))), None)
        }
        DeliveryState::Sending => ("sending", None, None),
        DeliveryState::Unknown => ("unknown", None, None),
        DeliveryState::Synced => ("synced", None, None),
        DeliveryState::NeedsYou { reason } => ("needs_you", None, Some(Word(*reason))),
    }
}
