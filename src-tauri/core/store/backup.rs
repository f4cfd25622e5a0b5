//! Verified copies of the journal's files, taken while it is open.

use std::path::Path;
use std::time::Duration;

use rusqlite::Connection;
use rusqlite::backup::Backup;

use super::connection::{open_copy, private_file, sync_folder};
use super::error::StoreError;

/// Pages copied between two looks at whether somebody else wants to write.
const PAGES: i32 = 4096;

/// Copies a database as it is now to a path: under another name first, verified, durable, then renamed.
pub(super) fn copy(from: &Connection, to: &Path) -> Result<(), StoreError> {
    let temporary = to.with_added_extension("part");
    match std::fs::remove_file(&temporary) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
        _ => {}
    }
    {
        let mut copy = open_copy(&temporary)?;
        Backup::new(from, &mut copy)?.run_to_completion(PAGES, Duration::ZERO, None)?;
        let verdict: String = copy.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
        if verdict != "ok" {
            return Err(StoreError::Damaged(verdict));
        }
    }
    private_file().open(&temporary)?.sync_all()?;
    std::fs::rename(&temporary, to)?;
    to.parent().map_or(Ok(()), sync_folder)
}
