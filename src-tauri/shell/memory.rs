//! Which journal was open last, for the next start: one small file outside any journal. Losing it loses nothing.

use std::{
    fs::File,
    io::{self, Write},
    path::{Path, PathBuf},
};

/// Remembers this journal. A failure is logged and has no other effect: the next start opens the default journal.
pub fn remember(journal: &Path) {
    let Some(file) = file() else { return };
    if let Err(error) = write(&file, journal) {
        tracing::warn!(kind = ?error.kind(), "the journal's place could not be remembered");
    }
}

/// The journal that was open last, if its folder is still there.
pub fn recall() -> Option<PathBuf> {
    read(&file()?)
}

fn file() -> Option<PathBuf> {
    let folders = directories::ProjectDirs::from("", "", "Sampan")?;
    Some(folders.config_dir().join("last-journal"))
}

fn read(file: &Path) -> Option<PathBuf> {
    let folder = PathBuf::from(std::fs::read_to_string(file).ok()?);
    folder.is_absolute().then_some(folder).filter(|folder| folder.is_dir())
}

fn write(file: &Path, journal: &Path) -> io::Result<()> {
    let text = journal.to_str().ok_or(io::ErrorKind::InvalidInput)?;
    if let Some(folder) = file.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let fresh = file.with_extension("new");
    let mut writing = File::create(&fresh)?;
    writing.write_all(text.as_bytes())?;
    writing.sync_all()?;
    std::fs::rename(fresh, file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_journal_is_remembered_as_long_as_its_folder_is_there() {
        let folder = tempfile::tempdir().unwrap();
        let (file, journal) = (folder.path().join("config/last"), folder.path().join("日记"));
        std::fs::create_dir(&journal).unwrap();
        assert_eq!(read(&file), None, "nothing was remembered yet");
        write(&file, &journal).unwrap();
        assert_eq!(read(&file), Some(journal.clone()));
        std::fs::remove_dir(&journal).unwrap();
        assert_eq!(read(&file), None, "a folder that is gone is not opened, and not made again");
    }
}
