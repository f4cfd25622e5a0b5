//! Deliveries: what is wanted of each post at each feed, and how that stands. Whoever works on one claims it first, so that a
//! window and a terminal at the same time never send the same thing twice. Never talks to a feed.

use rusqlite::{Connection, Row, ToSql, Transaction, named_params};

use super::error::StoreError;
use super::values::{Json, Word};
use crate::domain::{Delivery, DeliveryState, FeedId, PostId, Receipt, RevisionId, Timestamp, Wanted};

/// A claim that is not renewed ends after this many milliseconds: its owner was killed or sleeps.
pub const LEASE_MILLIS: i64 = 60_000;

/// Nothing waits longer than this many milliseconds: a longer wait was written by a clock that was wrong.
const WAIT_MILLIS: i64 = 24 * 60 * 60 * 1000;

/// A delivery that its holder alone works on, until the lease ends.
#[derive(Debug, Clone, PartialEq)]
pub struct Claim {
    /// As it was when it was claimed. A `Sending` whose owner was lost comes as `Unknown`.
    pub delivery: Delivery,
    /// Who holds it.
    pub owner: String,
}

/// What came of a step, to be written before the next one begins.
#[derive(Debug, Clone, PartialEq)]
pub struct Progress {
    /// Where the delivery stands now.
    pub state: DeliveryState,
    /// What the feed confirmed; absent keeps the receipt that is there.
    pub receipt: Option<Receipt>,
    /// How often the present step was tried without an answer.
    pub attempts: u32,
    /// Not to be tried before this instant.
    pub next_at: Timestamp,
}

/// Writes what the user wants of a post at a feed; seals the revision that shall be there. What may be on its way already
/// (`Sending`, `Unknown`) stays so until the feed was asked, and the new wish follows.
pub fn wish(tx: &Transaction<'_>, now: Timestamp, wish: &Wish) -> Result<Delivery, StoreError> {
    let before = get(tx, wish.post, wish.feed)?;
    let on_its_way = before.as_ref().map(|delivery| &delivery.state);
    let state = match on_its_way {
        Some(DeliveryState::Sending | DeliveryState::Unknown) => before.as_ref().map(|delivery| delivery.state.clone()),
        _ => None,
    };
    let rest = if wish.wanted == Wanted::Off { DeliveryState::Idle } else { DeliveryState::Queued };
    let delivery = Delivery {
        post: wish.post,
        feed: wish.feed,
        wanted: wish.wanted,
        target: wish.target,
        state: state.unwrap_or(rest),
        receipt: before.and_then(|delivery| delivery.receipt),
        attempts: 0,
        next_at: now,
        updated_at: now,
    };
    put(tx, &delivery)?;
    Ok(delivery)
}

/// What the user wants of a post at a feed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wish {
    /// Which post.
    pub post: PostId,
    /// Which feed.
    pub feed: FeedId,
    /// What is wanted there.
    pub wanted: Wanted,
    /// The revision that shall be there.
    pub target: RevisionId,
}

/// Writes a delivery as it is given, new or over an old one; who holds it does not change.
pub fn put(tx: &Transaction<'_>, delivery: &Delivery) -> Result<(), StoreError> {
    let (state, [done, total], reason) = columns(&delivery.state);
    tx.prepare_cached(
        "INSERT INTO delivery (post, feed, wanted, target, state, done, total, reason, receipt, attempts, next_at,
           updated_at)
         VALUES (:post, :feed, :wanted, :target, :state, :done, :total, :reason, :receipt, :attempts, :next_at, :updated_at)
         ON CONFLICT (post, feed) DO UPDATE SET wanted = excluded.wanted, target = excluded.target,
           state = excluded.state, done = excluded.done, total = excluded.total, reason = excluded.reason,
           receipt = excluded.receipt, attempts = excluded.attempts, next_at = excluded.next_at,
           updated_at = excluded.updated_at",
    )?
    .execute(named_params! {
        ":post": delivery.post,
        ":feed": delivery.feed,
        ":wanted": Word(delivery.wanted),
        ":target": delivery.target,
        ":state": state,
        ":done": done,
        ":total": total,
        ":reason": reason,
        ":receipt": delivery.receipt.as_ref().map(Json),
        ":attempts": delivery.attempts,
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

/// Everything that still has something to do, oldest first: the outbox.
pub fn pending(conn: &Connection) -> Result<Vec<Delivery>, StoreError> {
    select(conn, "WHERE d.state NOT IN ('idle', 'synced') ORDER BY d.updated_at, d.post, d.feed", &[])
}

/// What feeds confirmed since an instant, newest first.
pub fn confirmed_since(conn: &Connection, since: Timestamp) -> Result<Vec<Delivery>, StoreError> {
    let tail = "WHERE d.state = 'synced' AND d.receipt ->> '$.confirmed_at' >= :since
                ORDER BY d.receipt ->> '$.confirmed_at' DESC, d.post, d.feed";
    select(conn, tail, named_params! { ":since": since })
}

/// What can be worked on now: its time has come, its feed is switched on, and nobody holds it.
pub fn due(conn: &Connection, now: Timestamp) -> Result<Vec<Delivery>, StoreError> {
    let tail = "WHERE d.state NOT IN ('idle', 'synced') AND d.state <> 'needs_you' AND f.enabled = 1
                  AND (d.next_at <= :now OR d.next_at > :now + :wait)
                  AND (d.lease_until IS NULL OR d.lease_until <= :now OR d.lease_until > :now + :lease)
                ORDER BY d.next_at, d.updated_at, d.post, d.feed";
    select(conn, tail, named_params! { ":now": now, ":wait": WAIT_MILLIS, ":lease": LEASE_MILLIS })
}

/// The next instant at which something becomes due, as far as is known now.
pub fn next_at(conn: &Connection) -> Result<Option<Timestamp>, StoreError> {
    let mut statement = conn.prepare_cached(
        "SELECT min(max(d.next_at, coalesce(d.lease_until, d.next_at))) FROM delivery AS d JOIN feed AS f ON f.id = d.feed
         WHERE d.state NOT IN ('idle', 'synced') AND d.state <> 'needs_you' AND f.enabled = 1",
    )?;
    Ok(statement.query_row([], |row| row.get(0))?)
}

/// Takes a due delivery for [`LEASE_MILLIS`]; nothing when somebody else was faster or nothing is to be done any more.
pub fn claim(
    tx: &Transaction<'_>,
    now: Timestamp,
    delivery: (PostId, FeedId),
    owner: &str,
) -> Result<Option<Claim>, StoreError> {
    let taken = tx
        .prepare_cached(
            "UPDATE delivery SET owner = :owner, lease_until = :now + :lease,
               state = CASE state WHEN 'sending' THEN 'unknown' ELSE state END
             WHERE post = :post AND feed = :feed AND state NOT IN ('idle', 'synced') AND state <> 'needs_you'
               AND (lease_until IS NULL OR lease_until <= :now OR lease_until > :now + :lease)",
        )?
        .execute(named_params! {
            ":post": delivery.0,
            ":feed": delivery.1,
            ":owner": owner,
            ":now": now,
            ":lease": LEASE_MILLIS,
        })?;
    if taken == 0 {
        return Ok(None);
    }
    let delivery = get(tx, delivery.0, delivery.1)?;
    Ok(delivery.map(|delivery| Claim { delivery, owner: owner.to_owned() }))
}

/// Prolongs a claim; false when it was lost.
pub fn extend(tx: &Transaction<'_>, now: Timestamp, claim: &Claim) -> Result<bool, StoreError> {
    let kept = tx
        .prepare_cached(
            "UPDATE delivery SET lease_until = :now + :lease WHERE post = :post AND feed = :feed AND owner = :owner",
        )?
        .execute(named_params! {
            ":post": claim.delivery.post,
            ":feed": claim.delivery.feed,
            ":owner": claim.owner,
            ":now": now,
            ":lease": LEASE_MILLIS,
        })?;
    Ok(kept == 1)
}

/// Writes what came of a step and returns the delivery as it is now; nothing when the claim was lost, and then nothing was
/// written. `Uploading` and `Sending` prolong the claim, everything else ends it. When the user meanwhile wants something
/// else, the receipt is kept and the new wish waits for its turn.
pub fn record(
    tx: &Transaction<'_>,
    now: Timestamp,
    claim: &Claim,
    progress: Progress,
) -> Result<Option<Delivery>, StoreError> {
    if !extend(tx, now, claim)? {
        return Ok(None);
    }
    let Some(stored) = get(tx, claim.delivery.post, claim.delivery.feed)? else { return Ok(None) };
    let same_wish = stored.wanted == claim.delivery.wanted && stored.target == claim.delivery.target;
    let goes_on = matches!(progress.state, DeliveryState::Uploading { .. } | DeliveryState::Sending);
    let state = match progress.state {
        // These say what may be at the feed, whatever the user wants by now.
        state @ (DeliveryState::Sending | DeliveryState::Unknown) => state,
        state if same_wish => state,
        _ if stored.wanted == Wanted::Off => DeliveryState::Idle,
        _ => DeliveryState::Queued,
    };
    let delivery = Delivery {
        state,
        receipt: progress.receipt.or(stored.receipt),
        attempts: progress.attempts,
        next_at: if same_wish { progress.next_at } else { now },
        updated_at: now,
        ..stored
    };
    put(tx, &delivery)?;
    if !goes_on {
        release(tx, claim)?;
    }
    Ok(Some(delivery))
}

/// Gives a claim back without any change.
pub fn release(tx: &Transaction<'_>, claim: &Claim) -> Result<(), StoreError> {
    tx.prepare_cached(
        "UPDATE delivery SET owner = NULL, lease_until = NULL WHERE post = :post AND feed = :feed AND owner = :owner",
    )?
    .execute(named_params! {
        ":post": claim.delivery.post,
        ":feed": claim.delivery.feed,
        ":owner": claim.owner,
    })?;
    Ok(())
}

/// Lets everything that waits for a feed be tried at once: "Send now", a disk that was plugged in, the program's start.
pub fn hurry(tx: &Transaction<'_>, now: Timestamp, feed: Option<FeedId>) -> Result<(), StoreError> {
    tx.prepare_cached(
        "UPDATE delivery SET next_at = :now, attempts = 0
         WHERE state NOT IN ('idle', 'synced') AND next_at > :now AND (:feed IS NULL OR feed = :feed)",
    )?
    .execute(named_params! { ":now": now, ":feed": feed })?;
    Ok(())
}

fn select(conn: &Connection, tail: &str, parameters: &[(&str, &dyn ToSql)]) -> Result<Vec<Delivery>, StoreError> {
    let sql = format!(
        "SELECT d.post, d.feed, d.wanted, d.target, d.state_json, d.receipt, d.attempts, d.next_at, d.updated_at
         FROM delivery_row AS d JOIN feed AS f ON f.id = d.feed {tail}"
    );
    let mut statement = conn.prepare_cached(&sql)?;
    let deliveries = statement.query_map(parameters, read)?;
    Ok(deliveries.collect::<Result<_, _>>()?)
}

fn read(row: &Row<'_>) -> rusqlite::Result<Delivery> {
    Ok(Delivery {
        post: row.get("post")?,
        feed: row.get("feed")?,
        wanted: row.get::<_, Word<_>>("wanted")?.0,
        target: row.get("target")?,
        state: row.get::<_, Json<_>>("state_json")?.0,
        receipt: row.get::<_, Option<Json<_>>>("receipt")?.map(|json| json.0),
        attempts: row.get("attempts")?,
        next_at: row.get("next_at")?,
        updated_at: row.get("updated_at")?,
    })
}

type Columns = (&'static str, [Option<u32>; 2], Option<Word<crate::domain::NeedsYou>>);

fn columns(state: &DeliveryState) -> Columns {
    match state {
        DeliveryState::Idle => ("idle", [None, None], None),
        DeliveryState::Queued => ("queued", [None, None], None),
        DeliveryState::Uploading { done, total } => ("uploading", [Some(*done), Some(*total)], None),
        DeliveryState::Sending => ("sending", [None, None], None),
        DeliveryState::Unknown => ("unknown", [None, None], None),
        DeliveryState::Synced => ("synced", [None, None], None),
        DeliveryState::NeedsYou { reason } => ("needs_you", [None, None], Some(Word(*reason))),
    }
}
