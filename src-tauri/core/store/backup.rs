//! Verified copies of the journal's files, taken while it is open.

use std::path::Path;
use std::time::Duration;

use rusqlite::Connection;
use rusqlite::backup::Backup;

use super::connection::{self, JOURNAL, Kind, MEDIA, open_copy};
use super::error::StoreError;
use super::{Store, media, settings};
use crate::files;

/// Pages copied between two looks at whether somebody else wants to write.
const PAGES: i32 = 4096;

/// How long to wait for somebody who is writing.
const PAUSE: Duration = Duration::from_millis(5);

/// What a copy is called until it is complete.
const PART: &str = "part";

/// Writes a complete journal into a folder, which is made where it is missing. An older copy of the same journal there is
/// replaced when the new one is complete; another journal, or one that is open, is left alone.
pub async fn run(store: &Store, to: &Path) -> Result<(), StoreError> {
    connection::create_folder(to)?;
    let id = store.read(settings::journal_id).await?;
    refuse_occupied(to, &id)?;
    let (target, media) = (to.to_owned(), store.media().clone());
    // The text first: whatever it shows is in the media file by then, because that one is written first.
    store
        .read(move |conn| {
            write(conn, &JOURNAL.path(&target), |copy| {
                // Wherever it is opened, it is a copy; also where the original lay.
                let tx = copy.transaction()?;
                settings::moved_to(&tx, "")?;
                Ok(tx.commit()?)
            })?;
            media.read(|conn| write(conn, &MEDIA.path(&target), |_| Ok(())))?;
            // Put in place in the opposite order: a new text beside old media would miss pictures.
            put_in_place(&target, &MEDIA)?;
            put_in_place(&target, &JOURNAL)
        })
        .await
}

/// Copies a database as it is now to a path: under another name first, verified, durable, then renamed.
pub(super) fn copy(from: &Connection, dir: &Path, name: &str) -> Result<(), StoreError> {
    let to = dir.join(name);
    write(from, &to, |_| Ok(()))?;
    std::fs::rename(to.with_added_extension(PART), to)?;
    Ok(files::sync_folder(dir)?)
}

/// The first half of a copy: everything but the name. `change` may change it before it is verified.
fn write(
    from: &Connection,
    to: &Path,
    change: impl FnOnce(&mut Connection) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let temporary = to.with_added_extension(PART);
    remove(&temporary)?;
    {
        let mut copy = open_copy(&temporary)?;
        Backup::new(from, &mut copy)?.run_to_completion(PAGES, PAUSE, None)?;
        change(&mut copy)?;
        let verdict: String = copy.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
        if verdict != "ok" {
            return Err(StoreError::Damaged(verdict));
        }
    }
    Ok(files::private().open(&temporary)?.sync_all()?)
}

fn put_in_place(dir: &Path, kind: &Kind) -> Result<(), StoreError> {
    let to = kind.path(dir);
    // The log of an older copy would be played back into the new one.
    for log in ["-wal", "-shm", "-journal"] {
        remove(&dir.join(format!("{}{log}", kind.file)))?;
    }
    std::fs::rename(to.with_added_extension(PART), to)?;
    Ok(files::sync_folder(dir)?)
}

fn refuse_occupied(dir: &Path, id: &str) -> Result<(), StoreError> {
    if !JOURNAL.path(dir).exists() {
        return Ok(());
    }
    if media::is_open(dir)? {
        return Err(StoreError::Occupied);
    }
    let there = JOURNAL.open_reader(dir).and_then(|conn| settings::journal_id(&conn));
    if there.is_ok_and(|there| there == id) { Ok(()) } else { Err(StoreError::Occupied) }
}

fn remove(path: &Path) -> Result<(), StoreError> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
        _ => Ok(()),
    }
}
