//! A small log on this computer: ids, durations and kinds of errors, never a word of a post or the name of a file.
//! It turns over by size, so that it can never fill a disk.

use std::{
    fs::{File, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
    sync::Mutex,
};

use tracing_subscriber::EnvFilter;

/// A file is turned over at this size.
const LARGEST: u64 = 1024 * 1024;

/// How many old files are kept beside the current one.
const KEPT: u32 = 2;

/// Begins to log into `folder`. A log that cannot be written is no reason not to open the journal.
pub fn start(folder: &Path) {
    let filter =
        EnvFilter::try_from_env("SAMPAN_LOG").unwrap_or_else(|_| EnvFilter::new("warn,sampan=info,sampan_core=info"));
    let Ok(file) = Turning::open(folder.join("sampan.log"), LARGEST) else {
        return;
    };
    // A second start in one process keeps the first log.
    let _ = tracing_subscriber::fmt().with_env_filter(filter).with_ansi(false).with_writer(Mutex::new(file)).try_init();
}

/// A file that becomes `name.1`, `name.2` when it is full.
struct Turning {
    path: PathBuf,
    file: File,
    written: u64,
    largest: u64,
}

impl Turning {
    fn open(path: PathBuf, largest: u64) -> io::Result<Self> {
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        let file = OpenOptions::new().create(true).append(true).open(&path)?;
        let written = file.metadata()?.len();
        Ok(Self { path, file, written, largest })
    }

    fn turn(&mut self) -> io::Result<()> {
        let numbered = |number: u32| PathBuf::from(format!("{}.{number}", self.path.display()));
        for number in (1..KEPT).rev() {
            // A file that is not there yet cannot be moved, and need not be.
            let _ = std::fs::rename(numbered(number), numbered(number + 1));
        }
        std::fs::rename(&self.path, numbered(1))?;
        self.file = OpenOptions::new().create(true).append(true).open(&self.path)?;
        self.written = 0;
        Ok(())
    }
}

impl Write for Turning {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.written >= self.largest {
            self.turn()?;
        }
        let count = self.file.write(bytes)?;
        self.written += count as u64;
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_never_grows_beyond_its_bound() {
        let folder = tempfile::tempdir().unwrap();
        let mut log = Turning::open(folder.path().join("a.log"), 100).unwrap();
        for _ in 0..200 {
            log.write_all(&[b'x'; 10]).unwrap();
        }
        let files: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(Result::unwrap).collect();
        assert_eq!(files.len() as u32, KEPT + 1);
        for file in files {
            assert!(file.metadata().unwrap().len() <= 110, "{file:?}");
        }
    }
}
