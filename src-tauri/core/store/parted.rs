//! What lies at feeds that were removed: whoever adds the same account at the same place again goes on where they parted, and
//! nothing goes there twice.

use std::collections::BTreeMap;

use rusqlite::{Transaction, named_params};
use serde::{Deserialize, Serialize};

use super::error::StoreError;
use super::feeds::FeedRow;
use super::values::{Json, Word};
use super::{notes, outbox};
use crate::domain::delivery::Left;
use crate::domain::{Delivery, Happened, Manner, NeedsYou, PostId, Receipt, Timestamp, Wanted};

/// What is kept of a delivery.
#[derive(Debug, Serialize, Deserialize)]
struct Kept {
    wanted: Wanted,
    manner: Manner,
    receipt: Option<Receipt>,
    recent: Vec<Left>,
    /// What its adapter wrote down.
    notes: BTreeMap<String, String>,
}

/// Keeps what lies at a feed that is about to be removed, or may lie there.
pub fn keep(tx: &Transaction<'_>, row: &FeedRow) -> Result<(), StoreError> {
    for delivery in outbox::of_feed(tx, row.id)? {
        if !delivery.lies_there() && !delivery.may_be_there() {
            continue;
        }
        let notes = notes::all(tx, delivery.post, row.id)?;
        // What was under way or waited is not wanted any more.
        let wanted = if delivery.is_satisfied() { delivery.wanted } else { Wanted::Off };
        let Delivery { post, manner, receipt, recent, .. } = delivery;
        tx.prepare_cached(
            "INSERT INTO parted (kind, place, user, account, post, kept)
             VALUES (:kind, :place, :user, :account, :post, :kept)",
        )?
        .execute(named_params! {
            ":kind": Word(row.kind),
            ":place": row.place,
            ":user": row.account.user,
            ":account": row.facts.account,
            ":post": post,
            ":kept": Json(&Kept { wanted, manner, receipt, recent, notes }),
        })?;
    }
    Ok(())
}

/// Takes up again what lay at a feed when it was removed, if that was the same account at the same place. Nothing is sent by that,
/// and whether there is what may have been under way is asked before it is sent again.
pub fn resume(tx: &Transaction<'_>, row: &FeedRow, now: Timestamp) -> Result<(), StoreError> {
    let mut statement = tx.prepare_cached(
        "DELETE FROM parted WHERE kind = :kind AND place = :place
           AND (account = :account OR (user <> '' AND user = :user COLLATE NOCASE))
         RETURNING post, kept",
    )?;
    let parted = statement.query_map(
        named_params! {
            ":kind": Word(row.kind),
            ":place": row.place,
            ":user": row.account.user,
            ":account": row.facts.account,
        },
        |row| Ok((row.get(0)?, row.get::<_, Json<Kept>>(1)?.0)),
    )?;
    for (post, kept) in parted.collect::<Result<Vec<(PostId, Kept)>, _>>()? {
        let last = kept.recent.iter().max_by_key(|left| left.at).map(|left| left.revision);
        let Some(target) = kept.receipt.as_ref().map(|receipt| receipt.revision).or(last) else { continue };
        for (key, value) in &kept.notes {
            notes::put(tx, (post, row.id), key, value)?;
        }
        let mut delivery = Delivery::new(post, row.id, target, now);
        (delivery.receipt, delivery.recent) = (kept.receipt, kept.recent);
        if !delivery.is_there() {
            delivery.unanswered = Some(NeedsYou::MaybeThere);
        }
        let wished = Happened::Wished { wanted: kept.wanted, target, manner: kept.manner };
        outbox::put(tx, &delivery.after(wished, now))?;
    }
    Ok(())
}
