//! SQLite: the only place with SQL. A journal is a folder with `journal.db` (posts, history, outbox, search) and
//! `media.db` (originals and their pictures). One thread writes, a few read; nobody holds a lock while waiting for
//! something else. Never decodes media, never talks to a feed.

pub mod arrivals;
pub mod assets;
pub mod backup;
pub mod check;
pub mod conflicts;
mod connection;
mod derived;
pub mod error;
pub mod feeds;
pub mod index;
pub mod media;
mod migrate;
pub mod notes;
pub mod outbox;
pub mod parted;
pub mod posts;
pub mod revisions;
pub mod search;
pub mod settings;
mod values;
pub mod views;
mod worker;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::{Connection, Transaction, TransactionBehavior};

use crate::files;
use connection::JOURNAL;
pub use error::StoreError;
pub use media::Media;
use worker::Worker;

/// A transaction of the one writer, for those that let several functions of the store work in one.
pub type Tx<'a> = Transaction<'a>;

/// What a reading closure is handed, and what a transaction is, too.
pub type Reader = Connection;

/// Threads that read. Two: one slow search does not hold up the cards on the screen.
const READERS: usize = 2;

/// An open journal's files. Cheap to clone; the files are closed when the last clone is gone.
#[derive(Debug, Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    dir: PathBuf,
    file: FileId,
    // The readers are closed first, so that the writer is the last connection and SQLite can tidy up its log.
    readers: Worker,
    writer: Worker,
    /// How the writer's connection commits at present.
    durable: Arc<Mutex<Durable>>,
    media: Media,
}

impl Store {
    /// Opens the journal in a folder; makes both where they are missing. Blocks for a few milliseconds.
    pub fn open(dir: &Path) -> Result<Self, StoreError> {
        connection::create_folder(dir)?;
        let writer = JOURNAL.open_writer(dir)?;
        let readers = (0..READERS).map(|_| JOURNAL.open_reader(dir)).collect::<Result<Vec<_>, _>>()?;
        let media = Media::open(dir)?;
        files::sync_folder(dir)?;
        let inner = Inner {
            dir: dir.to_owned(),
            file: FileId::of(&JOURNAL.path(dir))?,
            readers: Worker::start("store-reader", readers)?,
            writer: Worker::start("store-writer", vec![writer])?,
            durable: Arc::new(Mutex::new(Durable::Now)),
            media,
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// The journal's folder.
    pub fn dir(&self) -> &Path {
        &self.inner.dir
    }

    /// Where the journal lies, as the file system numbers it: a copy lies somewhere else, whatever its path. Not where the disk is,
    /// which gets another number with every start on some systems. Nothing where the file system numbers no files.
    pub fn place(&self) -> Option<String> {
        Some(match file_id::get_file_id(JOURNAL.path(self.dir())).ok()? {
            file_id::FileId::Inode { inode_number, .. } => inode_number.to_string(),
            file_id::FileId::LowRes { file_index, .. } => file_index.to_string(),
            file_id::FileId::HighRes { file_id, .. } => file_id.to_string(),
        })
    }

    /// Runs a closure in a transaction of the one writer and answers after its commit is on the disk. An error or a panic in
    /// it rolls everything back. It runs to its end even when the returned future is dropped.
    pub async fn write<T: Send + 'static>(
        &self,
        f: impl FnOnce(&Transaction<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.commit(Durable::Now, f).await
    }

    /// As [`Store::write`], but the commit is on the disk only with the next [`Store::write`]. A power cut before that undoes it,
    /// with what was jotted down after it; the end of the program does not. For what means nothing after a power cut.
    pub async fn jot<T: Send + 'static>(
        &self,
        f: impl FnOnce(&Transaction<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.commit(Durable::WithTheNext, f).await
    }

    /// As [`Store::jot`], without waiting for it: whatever is written after it finds it there.
    pub fn leave(&self, f: impl FnOnce(&Transaction<'_>) -> Result<(), StoreError> + Send + 'static) {
        let heard = |result: Result<(), StoreError>| {
            if let Err(error) = result {
                tracing::warn!(%error, "what was left to be written was not");
            }
        };
        self.inner.writer.enqueue(self.transaction(Durable::WithTheNext, f), heard);
    }

    async fn commit<T: Send + 'static>(
        &self,
        durable: Durable,
        f: impl FnOnce(&Transaction<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.inner.writer.run(self.transaction(durable, f)).await.map_err(|error| self.explain(error))
    }

    fn transaction<T, F: FnOnce(&Transaction<'_>) -> Result<T, StoreError>>(
        &self,
        durable: Durable,
        f: F,
    ) -> impl FnOnce(&mut Connection) -> Result<T, StoreError> + use<T, F> {
        let (path, file) = (JOURNAL.path(self.dir()), self.inner.file);
        let present = Arc::clone(&self.inner.durable);
        move |conn| {
            let mut present = present.lock().unwrap_or_else(PoisonError::into_inner);
            if *present != durable {
                conn.pragma_update(None, "synchronous", durable.as_str())?;
                *present = durable;
            }
            drop(present);
            let tx = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let value = f(&tx)?;
            // On Unix a deleted file can still be written to: what went there would be gone when we close it.
            if FileId::of(&path)? != file {
                return Err(StoreError::FolderMissing);
            }
            tx.commit()?;
            Ok(value)
        }
    }

    /// Runs a closure on a connection that cannot write, within one snapshot of the journal.
    pub async fn read<T: Send + 'static>(
        &self,
        f: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let result = self.inner.readers.run(move |conn| {
            let tx = conn.transaction()?;
            f(&tx)
        });
        result.await.map_err(|error| self.explain(error))
    }

    /// A number that changes whenever another process (or another [`Store`]) commits.
    pub async fn data_version(&self) -> Result<i64, StoreError> {
        // Asked of the writer, whose own commits do not count.
        self.inner.writer.run(|conn| Ok(conn.pragma_query_value(None, "data_version", |row| row.get(0))?)).await
    }

    /// The originals and their pictures.
    pub fn media(&self) -> &Media {
        &self.inner.media
    }

    /// Bytes that the journal takes on the disk.
    pub fn bytes(&self) -> u64 {
        let files = ["journal.db", "journal.db-wal", "media.db", "media.db-journal"];
        let size = |file| std::fs::metadata(self.dir().join(file)).map_or(0, |facts| facts.len());
        files.into_iter().map(size).sum()
    }

    /// Moves the log into the file and closes both files, once every clone is gone.
    pub async fn close(self) {
        let checkpoint = self.inner.writer.run(|conn| {
            conn.execute_batch("PRAGMA optimize; PRAGMA wal_checkpoint(TRUNCATE);")?;
            Ok(())
        });
        // Everything committed is durable already; a log that stays is taken in at the next start.
        if let Err(error) = checkpoint.await {
            tracing::warn!(%error, "the log was not moved into the journal at closing");
        }
    }

    /// A file that cannot be read because its folder is gone is a missing folder, whatever SQLite calls it.
    fn explain(&self, error: StoreError) -> StoreError {
        match error {
            StoreError::Io(_) | StoreError::FolderDenied | StoreError::Damaged(_)
                if !JOURNAL.path(self.dir()).exists() =>
            {
                StoreError::FolderMissing
            }
            other => other,
        }
    }
}

/// When a commit is on the disk. The log of SQLite is written in order, so one that is there has all before it there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Durable {
    Now,
    WithTheNext,
}

impl Durable {
    /// What SQLite calls it (<https://www.sqlite.org/pragma.html#pragma_synchronous>).
    fn as_str(self) -> &'static str {
        match self {
            Self::Now => "FULL",
            Self::WithTheNext => "NORMAL",
        }
    }
}

/// Which file a path leads to, where the system has such a notion.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct FileId(Option<(u64, u64)>);

impl FileId {
    #[cfg(unix)]
    fn of(path: &Path) -> Result<Self, StoreError> {
        use std::os::unix::fs::MetadataExt;
        let facts = std::fs::metadata(path)?;
        Ok(Self(Some((facts.dev(), facts.ino()))))
    }

    // Windows does not let anybody delete a file that is open.
    #[cfg(not(unix))]
    fn of(_path: &Path) -> Result<Self, StoreError> {
        Ok(Self(None))
    }
}

#[cfg(test)]
mod tests;
