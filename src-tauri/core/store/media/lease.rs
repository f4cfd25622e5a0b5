//! A shared lock that every process with this journal open holds, so that one that finds itself alone may sweep up what
//! killed imports left behind. The system gives it up when a process dies.

use std::fs::File;
use std::path::Path;

use super::super::connection::private_file;
use super::super::error::StoreError;

/// Whether some process, this one included, has the journal in a folder open, as far as can be known.
pub(in super::super) fn is_open(dir: &Path) -> Result<bool, StoreError> {
    Ok(open(dir)?.try_lock().is_err())
}

/// Held as long as this process may import.
#[derive(Debug)]
pub(super) struct Lease {
    _file: Option<File>,
}

impl Lease {
    /// Takes the lease; runs `sweep` first when nobody else holds one.
    pub fn take(dir: &Path, sweep: impl FnOnce() -> Result<(), StoreError>) -> Result<Self, StoreError> {
        let file = open(dir)?;
        if file.try_lock().is_ok() {
            let swept = sweep();
            file.unlock()?;
            swept?;
        }
        // Where the file system knows no locks, nobody is ever alone and nothing is swept, which is the safe side.
        let held = file.lock_shared().is_ok();
        Ok(Self { _file: held.then_some(file) })
    }
}

fn open(dir: &Path) -> Result<File, StoreError> {
    Ok(private_file().create(true).truncate(false).open(dir.join("media.lock"))?)
}
