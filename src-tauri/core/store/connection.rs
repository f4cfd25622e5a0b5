//! Opens and configures connections: the only place that calls `Connection::open`. Knows the two kinds of file, no tables.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use super::error::StoreError;
use super::migrate::{self, Migration};
use crate::files;

/// One of the two files of a journal.
#[derive(Debug)]
pub(super) struct Kind {
    /// Its name in the journal's folder.
    pub file: &'static str,
    /// Tells it from every other SQLite file (`PRAGMA application_id`).
    pub application_id: i32,
    /// Size of a page; chosen when the file is made.
    pub page_size: u32,
    /// `PRAGMA journal_mode`.
    pub journal_mode: &'static str,
    /// Page cache of a connection in KiB.
    pub cache_kib: u32,
    /// Its schema, step by step.
    pub migrations: &'static [Migration],
    /// Whether the file is small enough to be copied before its schema is changed.
    pub copied_before_upgrade: bool,
}

/// Text, history, outbox and search. WAL, so that readers never wait for the writer.
pub(super) const JOURNAL: Kind = Kind {
    file: "journal.db",
    application_id: 0x5350_6a6e, // "SPjn"
    page_size: 8192,
    journal_mode: "wal",
    cache_kib: 8 * 1024,
    migrations: migrate::JOURNAL,
    copied_before_upgrade: true,
};

/// Originals and their pictures. A rollback journal, because WAL would write every photo twice, and a persistent one,
/// because making and deleting it costs two more syncs of the folder per commit. Its originals are checked by their hashes,
/// so it is not copied before an upgrade, which may only add to it.
pub(super) const MEDIA: Kind = Kind {
    file: "media.db",
    application_id: 0x5350_6d64, // "SPmd"
    page_size: 32768,
    journal_mode: "persist",
    cache_kib: 8 * 1024,
    migrations: migrate::MEDIA,
    copied_before_upgrade: false,
};

/// How long a connection waits for another process.
pub(super) const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// Between two tries to open a file that another process is just making.
const BUSY_PAUSE: Duration = Duration::from_millis(10);

impl Kind {
    /// Where this file of a journal lies.
    pub fn path(&self, dir: &Path) -> PathBuf {
        dir.join(self.file)
    }

    /// Opens the file for writing; makes it where there is none, and brings its schema up to date.
    pub fn open_writer(&self, dir: &Path) -> Result<Connection, StoreError> {
        let began = Instant::now();
        loop {
            match self.try_open_writer(dir) {
                // SQLite does not wait by itself while somebody else changes the journal mode of a new file.
                Err(StoreError::Busy) if began.elapsed() < BUSY_TIMEOUT => std::thread::sleep(BUSY_PAUSE),
                opened => return opened,
            }
        }
    }

    fn try_open_writer(&self, dir: &Path) -> Result<Connection, StoreError> {
        let path = self.path(dir);
        create_private(&path)?;
        let mut conn = open(&path, OpenFlags::SQLITE_OPEN_READ_WRITE).map_err(|error| explain(error, dir))?;
        // In one snapshot: between two looks another process may make the file what it shall be.
        migrate::refuse_foreign(&*conn.unchecked_transaction()?, self)?;
        conn.pragma_update(None, "page_size", self.page_size)?;
        self.set_journal_mode(&conn)?;
        // FULL: only then a power cut keeps every acknowledged commit (WAL's usual NORMAL loses the last ones).
        conn.pragma_update(None, "synchronous", "FULL")?;
        conn.pragma_update(None, "secure_delete", "FAST")?;
        self.configure(&conn)?;
        migrate::run(&mut conn, self, dir)?;
        Ok(conn)
    }

    /// Opens the file, which [`Kind::open_writer`] has prepared, for reading. Not `SQLITE_OPEN_READONLY`: such a connection
    /// could not roll back what a killed process left behind.
    pub fn open_reader(&self, dir: &Path) -> Result<Connection, StoreError> {
        let conn = open(&self.path(dir), OpenFlags::SQLITE_OPEN_READ_WRITE).map_err(|error| explain(error, dir))?;
        self.configure(&conn)?;
        conn.pragma_update(None, "query_only", true)?;
        Ok(conn)
    }

    fn configure(&self, conn: &Connection) -> Result<(), StoreError> {
        conn.pragma_update(None, "cache_size", -i64::from(self.cache_kib))?;
        conn.pragma_update(None, "foreign_keys", true)?;
        conn.pragma_update(None, "trusted_schema", false)?;
        conn.pragma_update(None, "cell_size_check", true)?;
        // Mapped pages count as memory of this process, and a file that shrinks under a mapping kills it.
        conn.pragma_update(None, "mmap_size", 0)?;
        conn.pragma_update(None, "temp_store", "MEMORY")?;
        // Without these two, macOS answers a sync before the disk has the bytes; they mean nothing elsewhere.
        conn.pragma_update(None, "fullfsync", true)?;
        conn.pragma_update(None, "checkpoint_fullfsync", true)?;
        // Otherwise a statement that could use a partial index is compiled anew whenever other values are bound to it.
        conn.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
        conn.set_prepared_statement_cache_capacity(64);
        Ok(())
    }

    fn set_journal_mode(&self, conn: &Connection) -> Result<(), StoreError> {
        let mode: String = conn.pragma_query_value(None, "journal_mode", |row| row.get(0))?;
        if mode == self.journal_mode {
            return Ok(());
        }
        let mode: String = conn.pragma_update_and_check(None, "journal_mode", self.journal_mode, |row| row.get(0))?;
        if mode == self.journal_mode { Ok(()) } else { Err(StoreError::Io(format!("journal mode stays {mode}"))) }
    }
}

/// Opens a file that a copy of a database is written to.
pub(super) fn open_copy(path: &Path) -> Result<Connection, StoreError> {
    create_private(path)?;
    Ok(open(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?)
}

/// Makes the folder where it is missing, readable by its owner alone.
pub(super) fn create_folder(dir: &Path) -> Result<(), StoreError> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    match builder.create(dir) {
        Err(_) if dir.exists() && !dir.is_dir() => Err(StoreError::NotAJournal),
        made => Ok(made?),
    }
}

// An existing file is never opened here: closing any handle of a file gives up this process's POSIX locks on it, and with
// them those of SQLite.
fn create_private(path: &Path) -> Result<(), StoreError> {
    match files::private().create_new(true).open(path) {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists && !path.exists() => Err(error.into()),
        _ if path.is_dir() => Err(StoreError::NotAJournal),
        _ => Ok(()),
    }
}

#[expect(clippy::disallowed_methods, reason = "this is the one place that opens connections")]
fn open(path: &Path, flags: OpenFlags) -> Result<Connection, rusqlite::Error> {
    // Every connection belongs to one thread, so SQLite's own mutexes are not needed; a path is a path, not a URI.
    let conn = Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    conn.busy_timeout(BUSY_TIMEOUT)?;
    Ok(conn)
}

/// SQLite says "unable to open" both for a folder that is gone and for one that it may not read.
fn explain(error: rusqlite::Error, dir: &Path) -> StoreError {
    match StoreError::from(error) {
        StoreError::Io(_) if !dir.exists() => StoreError::FolderMissing,
        StoreError::Io(_) => StoreError::FolderDenied,
        other => other,
    }
}
