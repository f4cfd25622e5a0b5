//! Brings a file's schema up to date, and refuses what is not ours or newer than we are. Migrations are append-only.

use std::path::Path;

use rusqlite::{Connection, TransactionBehavior};

use super::backup;
use super::connection::Kind;
use super::error::StoreError;

/// One step of a schema: the SQL that leads from the version before it.
pub(super) type Migration = &'static str;

/// The schema of `journal.db`. A released step is never changed; a new one is added at the end.
pub(super) const JOURNAL: &[Migration] = &[include_str!("migrations/journal_001.sql")];

/// The schema of `media.db`. A released step is never changed; a new one is added at the end.
pub(super) const MEDIA: &[Migration] = &[include_str!("migrations/media_001.sql")];

/// Looks at a file before anything is written to it: not a database, somebody else's, or newer than this program.
pub(super) fn refuse_foreign(conn: &Connection, kind: &Kind) -> Result<(), StoreError> {
    let found = version(conn)?;
    let application: i32 = conn.pragma_query_value(None, "application_id", |row| row.get(0))?;
    let known = u32::try_from(kind.migrations.len()).unwrap_or(u32::MAX);
    match application {
        id if id == kind.application_id && found > known => Err(StoreError::JournalNewer { found, known }),
        id if id == kind.application_id => Ok(()),
        // A file just made, or left empty by a first start that was killed.
        0 if found == 0 && is_empty(conn)? => Ok(()),
        _ => Err(StoreError::NotAJournal),
    }
}

/// Applies the missing steps in one transaction, after a verified copy of what is there.
pub(super) fn run(conn: &mut Connection, kind: &Kind, dir: &Path) -> Result<(), StoreError> {
    let before = version(conn)?;
    if before as usize == kind.migrations.len() {
        return Ok(());
    }
    if before > 0 && kind.copied_before_upgrade {
        backup::copy(conn, dir, &format!("{}.before-upgrade-from-{before}", kind.file))?;
    }
    let tx = conn.transaction_with_behavior(TransactionBehavior::Exclusive)?;
    // Another process may have done all this while we waited for the lock.
    refuse_foreign(&tx, kind)?;
    for (step, sql) in (1_u32..).zip(kind.migrations).skip(version(&tx)? as usize) {
        tx.execute_batch(sql)?;
        tx.pragma_update(None, "user_version", step)?;
    }
    tx.pragma_update(None, "application_id", kind.application_id)?;
    Ok(tx.commit()?)
}

fn version(conn: &Connection) -> Result<u32, StoreError> {
    Ok(conn.pragma_query_value(None, "user_version", |row| row.get(0))?)
}

fn is_empty(conn: &Connection) -> Result<bool, StoreError> {
    Ok(conn.query_row("SELECT count(*) = 0 FROM sqlite_schema", [], |row| row.get(0))?)
}
