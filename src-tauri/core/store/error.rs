//! What can go wrong in the store, as facts. Which code an interface sees is decided in `api/error.rs`.

use rusqlite::ErrorCode as Sqlite;

/// Why the store did not do what was asked. Nothing was changed, except where a variant says otherwise.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// The journal's folder is gone (an unplugged disk, a moved folder).
    #[error("the journal's folder is gone")]
    FolderMissing,
    /// The folder or a file in it does not let us read or write.
    #[error("the journal's folder does not let us read or write")]
    FolderDenied,
    /// A file has our name and is no journal.
    #[error("not a journal")]
    NotAJournal,
    /// A newer version of the program made this journal.
    #[error("made by a newer version (schema {found}, known {known})")]
    JournalNewer {
        /// The schema's version in the file.
        found: u32,
        /// The newest version this program knows.
        known: u32,
    },
    /// SQLite or a stored value says that the file is damaged.
    #[error("the file is damaged: {0}")]
    Damaged(String),
    /// Another process holds the file and did not let go in time.
    #[error("another process holds the journal")]
    Busy,
    /// There is no room left on the disk.
    #[error("the disk is full")]
    DiskFull,
    /// The system failed to read or write the journal.
    #[error("reading or writing failed: {0}")]
    Io(String),
    /// There is no such post.
    #[error("no such post")]
    PostNotFound,
    /// There is no such revision of that post.
    #[error("no such revision")]
    RevisionNotFound,
    /// There is no such original.
    #[error("no such original")]
    AssetNotFound,
    /// There is no such feed.
    #[error("no such feed")]
    FeedNotFound,
    /// The file is over the bound; the number is what was read until it was crossed.
    #[error("the file is over {limit} bytes")]
    FileTooLarge {
        /// The most it may have.
        limit: u64,
        /// What was read when it was noticed.
        actual: u64,
    },
    /// The file has no bytes.
    #[error("the file is empty")]
    FileEmpty,
    /// Reading the file to import failed; the journal is well.
    #[error("the file cannot be read: {0}")]
    Source(std::io::ErrorKind),
    /// The caller cancelled.
    #[error("cancelled")]
    Cancelled,
    /// A folder meant for a copy holds another journal, or one that is open.
    #[error("the folder holds another journal or one that is open")]
    Occupied,
    /// The store was closed.
    #[error("the store is closed")]
    Closed,
    /// A mistake of ours.
    #[error("internal: {0}")]
    Internal(String),
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        match &error {
            // The shared memory beside the log is a file, too: where it cannot grow, nothing else can.
            rusqlite::Error::SqliteFailure(cause, _) if cause.extended_code == rusqlite::ffi::SQLITE_IOERR_SHMSIZE => {
                Self::DiskFull
            }
            rusqlite::Error::SqliteFailure(cause, _) => match cause.code {
                Sqlite::DiskFull => Self::DiskFull,
                Sqlite::DatabaseBusy | Sqlite::DatabaseLocked | Sqlite::FileLockingProtocolFailed => Self::Busy,
                Sqlite::ReadOnly if cause.extended_code == rusqlite::ffi::SQLITE_READONLY_DBMOVED => {
                    Self::FolderMissing
                }
                Sqlite::NotADatabase => Self::NotAJournal,
                Sqlite::DatabaseCorrupt => Self::Damaged(error.to_string()),
                Sqlite::ReadOnly | Sqlite::PermissionDenied | Sqlite::AuthorizationForStatementDenied => {
                    Self::FolderDenied
                }
                Sqlite::CannotOpen | Sqlite::SystemIoFailure => Self::Io(error.to_string()),
                _ => Self::Internal(error.to_string()),
            },
            rusqlite::Error::FromSqlConversionFailure(..)
            | rusqlite::Error::InvalidColumnType(..)
            | rusqlite::Error::IntegralValueOutOfRange(..)
            | rusqlite::Error::Utf8Error(..) => Self::Damaged(error.to_string()),
            _ => Self::Internal(error.to_string()),
        }
    }
}

impl From<std::io::Error> for StoreError {
    fn from(error: std::io::Error) -> Self {
        match error.kind() {
            std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory => Self::FolderMissing,
            std::io::ErrorKind::PermissionDenied | std::io::ErrorKind::ReadOnlyFilesystem => Self::FolderDenied,
            std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => Self::DiskFull,
            kind => Self::Io(kind.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_system_refuses_is_told_apart() {
        let sqlite = |code| StoreError::from(rusqlite::Error::SqliteFailure(rusqlite::ffi::Error::new(code), None));
        assert_eq!(sqlite(rusqlite::ffi::SQLITE_FULL), StoreError::DiskFull);
        assert_eq!(sqlite(rusqlite::ffi::SQLITE_IOERR_SHMSIZE), StoreError::DiskFull);
        assert_eq!(sqlite(rusqlite::ffi::SQLITE_BUSY), StoreError::Busy);
        assert_eq!(sqlite(rusqlite::ffi::SQLITE_READONLY), StoreError::FolderDenied);
        assert_eq!(sqlite(rusqlite::ffi::SQLITE_NOTADB), StoreError::NotAJournal);
        assert!(matches!(sqlite(rusqlite::ffi::SQLITE_IOERR), StoreError::Io(_)));
        assert!(matches!(sqlite(rusqlite::ffi::SQLITE_CORRUPT), StoreError::Damaged(_)));
        assert_eq!(StoreError::from(std::io::Error::from(std::io::ErrorKind::StorageFull)), StoreError::DiskFull);
    }
}
