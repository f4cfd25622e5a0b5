//! Early write-back: asks the system to begin writing what was appended to `media.db`, so that the sync at the commit finds
//! most of it on the disk already. Without it an import runs at 0.7 of the speed of plain files, with it at theirs (Linux).
//! Durability does not depend on it.

#[cfg(target_os = "linux")]
pub(super) use linux::WriteBack;
#[cfg(not(target_os = "linux"))]
pub(super) use other::WriteBack;

#[cfg(target_os = "linux")]
mod linux {
    use std::collections::HashMap;
    use std::fs::File;
    use std::num::NonZeroU64;
    use std::path::{Path, PathBuf};
    use std::sync::{Mutex, PoisonError};

    use rustix::fs::{Advice, fadvise};

    /// One handle per file for the whole process, closed when the last connection to it is gone: closing any handle of a
    /// file gives up all of this process's POSIX locks on it, and with them those of SQLite.
    static HANDLES: Mutex<Option<HashMap<PathBuf, (File, usize)>>> = Mutex::new(None);

    /// A share in the handle of a file. Must outlive the connections of whoever holds it.
    #[derive(Debug)]
    pub(in super::super) struct WriteBack {
        path: PathBuf,
        begun: u64,
    }

    impl WriteBack {
        pub fn new(path: &Path) -> Self {
            let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
            let mut handles = HANDLES.lock().unwrap_or_else(PoisonError::into_inner);
            let handles = handles.get_or_insert_with(HashMap::new);
            let mut begun = 0;
            if let Some((file, shares)) = handles.get_mut(&path) {
                *shares += 1;
                begun = length(file);
            } else if let Ok(file) = File::open(&path) {
                begun = length(&file);
                handles.insert(path.clone(), (file, 1));
            }
            Self { path, begun }
        }

        /// Begins writing what was appended since the last call.
        pub fn begin(&mut self) {
            let handles = HANDLES.lock().unwrap_or_else(PoisonError::into_inner);
            let Some((file, _)) = handles.as_ref().and_then(|handles| handles.get(&self.path)) else { return };
            let end = length(file);
            if let Some(appended) = end.checked_sub(self.begun).and_then(NonZeroU64::new) {
                // "Not needed" starts the writing of dirty pages and drops clean ones; these are all dirty, so they stay.
                if fadvise(file, self.begun, Some(appended), Advice::DontNeed).is_ok() {
                    self.begun = end;
                }
            }
        }
    }

    impl Drop for WriteBack {
        fn drop(&mut self) {
            let mut handles = HANDLES.lock().unwrap_or_else(PoisonError::into_inner);
            let Some(handles) = handles.as_mut() else { return };
            let last = handles.get_mut(&self.path).is_some_and(|(_, shares)| {
                *shares -= 1;
                *shares == 0
            });
            if last {
                handles.remove(&self.path);
            }
        }
    }

    fn length(file: &File) -> u64 {
        file.metadata().map_or(0, |facts| facts.len())
    }
}

#[cfg(not(target_os = "linux"))]
mod other {
    use std::path::Path;

    /// Nothing to do here: these systems have no such request that safe Rust can make.
    #[derive(Debug)]
    pub(in super::super) struct WriteBack;

    impl WriteBack {
        pub fn new(_path: &Path) -> Self {
            Self
        }

        pub fn begin(&mut self) {}
    }
}
