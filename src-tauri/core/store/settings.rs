//! Small values by name, kept as JSON: the user's settings and what the journal remembers of itself.

use rusqlite::{Connection, OptionalExtension, Transaction, named_params};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::error::StoreError;

/// A value by its name. One that does not have the form asked for counts as absent, so that a setting of another version
/// never keeps the journal shut.
pub fn get<T: DeserializeOwned>(conn: &Connection, key: &str) -> Result<Option<T>, StoreError> {
    let text: Option<String> = conn
        .prepare_cached("SELECT value FROM setting WHERE key = :key")?
        .query_row(named_params! { ":key": key }, |row| row.get(0))
        .optional()?;
    Ok(text.and_then(|text| serde_json::from_str(&text).ok()))
}

/// Writes a value under its name.
pub fn set<T: Serialize>(tx: &Transaction<'_>, key: &str, value: &T) -> Result<(), StoreError> {
    let value = serde_json::to_string(value).map_err(|error| StoreError::Internal(error.to_string()))?;
    tx.prepare_cached("INSERT OR REPLACE INTO setting (key, value) VALUES (:key, :value)")?
        .execute(named_params! { ":key": key, ":value": value })?;
    Ok(())
}

/// Whether the journal was copied to the place where it lies now: it remembers another one, as a backup does. Remembers this one.
/// The first place of all is no copy.
pub fn moved_to(tx: &Transaction<'_>, place: &str) -> Result<bool, StoreError> {
    let known: Option<String> = get(tx, PLACE)?;
    if known.as_deref() == Some(place) {
        return Ok(false);
    }
    set(tx, PLACE, &place)?;
    Ok(known.is_some())
}

/// The place that the journal remembers.
pub fn place(conn: &Connection) -> Result<Option<String>, StoreError> {
    get(conn, PLACE)
}

const PLACE: &str = "place";

/// 32 hexadecimal digits that tell this journal from every other; drawn when it was made.
pub fn journal_id(conn: &Connection) -> Result<String, StoreError> {
    get(conn, "journal_id")?.ok_or_else(|| StoreError::Damaged("a journal without its id".into()))
}
