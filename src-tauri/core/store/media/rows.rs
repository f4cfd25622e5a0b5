//! The SQL of `media.db`: rows of originals, chunks and pictures. Callers bring the transaction.

use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, named_params};

use super::super::error::StoreError;
use super::{CHUNK_BYTES, Rendition};
use crate::domain::AssetId;

/// An original has fewer chunks than this.
const CHUNKS_MAX: i64 = 65_536;

/// The id of a chunk: the originals' keys in the high bits keep each one's chunks together.
pub(super) fn chunk_id(key: i64, number: u64) -> Result<i64, StoreError> {
    let number = i64::try_from(number).ok().filter(|number| *number < CHUNKS_MAX);
    let id = number.and_then(|number| key.checked_mul(CHUNKS_MAX)?.checked_add(number));
    id.ok_or_else(|| StoreError::Internal("a chunk's number is out of range".into()))
}

/// Removes what imports that never ended left behind.
pub(super) fn sweep(conn: &mut Connection) -> Result<(), StoreError> {
    let keys: Vec<i64> = {
        let mut statement = conn.prepare("SELECT key FROM original WHERE hash IS NULL")?;
        let keys = statement.query_map([], |row| row.get(0))?;
        keys.collect::<Result<_, _>>()?
    };
    for key in keys {
        let tx = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
        remove(&tx, key)?;
        tx.commit()?;
    }
    Ok(())
}

pub(super) fn key_of(tx: &Transaction<'_>, id: AssetId) -> Result<Option<i64>, StoreError> {
    let mut statement = tx.prepare_cached("SELECT key FROM original WHERE hash = :hash")?;
    Ok(statement.query_row(named_params! { ":hash": id }, |row| row.get(0)).optional()?)
}

pub(super) fn insert_original(tx: &Transaction<'_>) -> Result<i64, StoreError> {
    let mut insert =
        tx.prepare_cached("INSERT INTO original (hash, bytes, chunk_bytes) VALUES (NULL, 0, :chunk_bytes)")?;
    Ok(insert.insert(named_params! { ":chunk_bytes": CHUNK_BYTES as i64 })?)
}

pub(super) fn complete(tx: &Transaction<'_>, key: i64, id: AssetId, bytes: u64) -> Result<(), StoreError> {
    tx.prepare_cached("UPDATE original SET hash = :hash, bytes = :bytes WHERE key = :key")?.execute(named_params! {
        ":hash": id,
        ":bytes": i64::try_from(bytes).unwrap_or(i64::MAX),
        ":key": key,
    })?;
    Ok(())
}

pub(super) fn remove(tx: &Transaction<'_>, key: i64) -> Result<(), StoreError> {
    let (first, last) = (chunk_id(key, 0)?, chunk_id(key, CHUNKS_MAX.unsigned_abs() - 1)?);
    tx.prepare_cached("DELETE FROM chunk WHERE id BETWEEN :first AND :last")?
        .execute(named_params! { ":first": first, ":last": last })?;
    tx.prepare_cached("DELETE FROM original WHERE key = :key")?.execute(named_params! { ":key": key })?;
    Ok(())
}

pub(super) fn put_rendition(tx: &Transaction<'_>, asset: AssetId, rendition: &Rendition) -> Result<(), StoreError> {
    tx.prepare_cached(
        "INSERT OR REPLACE INTO rendition (hash, kind, mime, width, height, data)
         VALUES (:hash, :kind, :mime, :width, :height, :data)",
    )?
    .execute(named_params! {
        ":hash": asset,
        ":kind": rendition.kind,
        ":mime": rendition.mime,
        ":width": rendition.width,
        ":height": rendition.height,
        ":data": rendition.bytes,
    })?;
    Ok(())
}
