//! Files that are either whole and durable or not there: write beside, sync, rename, sync the folder. Not the journal's
//! own storage (that is SQLite, in `store/`); this is for folders that other programs read. And the lock by which a program
//! knows that what it finds was left behind by one that was killed.

use std::ffi::OsStr;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

const BEGINNING: &str = ".sampan-";
const ENDING: &str = ".tmp";

/// The longest of the pauses between two tries to give a file its name; together they are twice as long.
const LONGEST_PAUSE: Duration = Duration::from_millis(512);

/// What file managers leave in folders by themselves, in small letters.
const LEFT_BY_SYSTEMS: &[&str] = &[".ds_store", "desktop.ini", "icon\r", "thumbs.db", ".directory"];

/// Writes a file so that at every instant, a crash or a power cut included, `path` holds either what it held before or
/// all of the new bytes. When this returns they are on the disk.
pub fn write_atomic<T>(path: &Path, write: impl FnOnce(&mut dyn Write) -> io::Result<T>) -> io::Result<T> {
    let answer = replace(path, write)?;
    sync_folder(path.parent().unwrap_or(Path::new(".")))?;
    Ok(answer)
}

/// As [`write_atomic`], but the new name itself may still be lost in a power cut until [`sync_folder`] is called: for
/// several files of one folder that count only together.
pub fn replace<T>(path: &Path, write: impl FnOnce(&mut dyn Write) -> io::Result<T>) -> io::Result<T> {
    fault::point()?;
    let folder = path.parent().unwrap_or(Path::new("."));
    let temporary = folder.join(temporary_name());
    let file = OpenOptions::new().write(true).create_new(true).open(&temporary)?;
    let written = fill(file, write).and_then(|answer| {
        fault::point()?;
        rename(&temporary, path)?;
        Ok(answer)
    });
    if written.is_err() && fault::point().is_ok() {
        // The first error is the one to tell; a temporary file that stays is swept before the next write.
        fs::remove_file(&temporary).ok();
    }
    written
}

/// On Windows a scanner or an indexer may hold a file for a moment after it was written, and then it cannot be replaced.
fn rename(from: &Path, to: &Path) -> io::Result<()> {
    let mut pause = Duration::from_millis(1);
    loop {
        match fs::rename(from, to) {
            Err(error) if cfg!(windows) && is_held(&error) && pause <= LONGEST_PAUSE => std::thread::sleep(pause),
            done => return done,
        }
        pause *= 2;
    }
}

fn is_held(error: &io::Error) -> bool {
    /// `ERROR_SHARING_VIOLATION`, for which the standard library has no kind.
    const SHARED: i32 = 32;
    error.kind() == io::ErrorKind::PermissionDenied || error.raw_os_error() == Some(SHARED)
}

fn fill<T>(file: File, write: impl FnOnce(&mut dyn Write) -> io::Result<T>) -> io::Result<T> {
    let mut buffer = BufWriter::with_capacity(128 * 1024, file);
    let answer = write(&mut buffer)?;
    let file = buffer.into_inner().map_err(io::IntoInnerError::into_error)?;
    fault::point()?;
    file.sync_all()?;
    Ok(answer)
}

/// Makes the names in a folder durable. Systems that cannot sync a folder (Windows) do it with the rename.
pub fn sync_folder(folder: &Path) -> io::Result<()> {
    fault::point()?;
    #[cfg(unix)]
    File::open(folder)?.sync_all()?;
    #[cfg(not(unix))]
    fs::metadata(folder)?;
    Ok(())
}

/// Makes a folder and those above it, durably. One that exists is left alone.
pub fn make_folder(folder: &Path) -> io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    let parent = folder.parent().filter(|parent| !parent.as_os_str().is_empty());
    if let Some(parent) = parent {
        make_folder(parent)?;
    }
    fault::point()?;
    match fs::create_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && folder.is_dir() => Ok(()),
        Err(error) => Err(error),
        Ok(()) => parent.map_or(Ok(()), sync_folder),
    }
}

/// Removes a file durably; one that is not there is as good as removed.
pub fn remove(path: &Path) -> io::Result<()> {
    fault::point()?;
    match fs::remove_file(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
        Ok(()) => sync_folder(path.parent().unwrap_or(Path::new("."))),
    }
}

/// Removes a folder and everything in it; one that is not there is as good as removed.
pub fn remove_folder(path: &Path) -> io::Result<()> {
    fault::point()?;
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        answer => answer,
    }
}

/// Removes what interrupted writes left in a folder. To be called only while nobody else writes there.
pub fn sweep(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if is_temporary(&entry.file_name()) {
            fault::point()?;
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

/// Whether a name is one of ours for a file that is not finished.
pub fn is_temporary(name: &OsStr) -> bool {
    name.to_str().is_some_and(|name| name.starts_with(BEGINNING) && name.ends_with(ENDING))
}

/// Whether a file manager puts such a file into every folder it shows: nobody's content, and no reason to call a folder full.
pub fn is_left_by_system(name: &OsStr) -> bool {
    name.to_str().is_some_and(|name| LEFT_BY_SYSTEMS.contains(&name.to_ascii_lowercase().as_str()))
}

/// Options that make a file which only its owner can read.
pub fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// A lock on a file that everybody shares who is at the same work. The system gives it up when a process ends, however it does.
#[derive(Debug)]
pub struct Shared {
    _file: Option<File>,
}

impl Shared {
    /// Joins those at work. Whoever has the lock for itself first clears up what killed ones left behind, and nobody joins
    /// meanwhile. Waits no longer than somebody else clears up.
    pub fn join<E: From<io::Error>>(path: &Path, clear_up: impl FnOnce() -> Result<(), E>) -> Result<Self, E> {
        let file = lock_file(path)?;
        if file.try_lock().is_ok() {
            let cleared = clear_up();
            file.unlock()?;
            cleared?;
        }
        // Where the file system knows no locks, nobody is ever alone and nothing is cleared up, which is the safe side.
        let held = file.lock_shared().is_ok();
        Ok(Self { _file: held.then_some(file) })
    }

    /// Whether anybody is at work, this process included, as far as can be known.
    pub fn is_held(path: &Path) -> io::Result<bool> {
        Ok(lock_file(path)?.try_lock().is_err())
    }
}

fn lock_file(path: &Path) -> io::Result<File> {
    private().create(true).truncate(false).open(path)
}

fn temporary_name() -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    format!("{BEGINNING}{}-{}{ENDING}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed))
}

/// Pulls the plug in tests: from a chosen step on, everything this thread does to files fails, as if the program had been
/// killed there. Elsewhere it is nothing.
pub mod fault {
    use std::io;

    #[cfg(test)]
    thread_local! {
        static LEFT: std::cell::Cell<Option<u32>> = const { std::cell::Cell::new(None) };
    }

    /// A step that may be the one at which the plug is pulled.
    #[cfg(test)]
    pub fn point() -> io::Result<()> {
        LEFT.with(|left| match left.get() {
            Some(0) => Err(io::Error::other("killed here by the test")),
            Some(count) => {
                left.set(Some(count - 1));
                Ok(())
            }
            None => Ok(()),
        })
    }

    /// A step that may be the one at which the plug is pulled.
    #[cfg(not(test))]
    #[inline]
    pub fn point() -> io::Result<()> {
        Ok(())
    }

    /// Allows this thread so many steps; `None` plugs it in again.
    #[cfg(test)]
    pub fn after(steps: Option<u32>) {
        LEFT.with(|left| left.set(steps));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_the_old_one_or_the_new_one_wherever_the_plug_is_pulled() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("feed.json");
        write_atomic(&path, |out| out.write_all(b"old")).unwrap();
        let mut finished = false;
        for steps in 0..20 {
            fault::after(Some(steps));
            finished = write_atomic(&path, |out| out.write_all(b"new")).is_ok();
            fault::after(None);
            let content = fs::read(&path).unwrap();
            assert!(content == b"old" || content == b"new", "after {steps} steps it holds {content:?}");
            if finished {
                assert_eq!(content, b"new", "what was reported as written is there");
                break;
            }
        }
        assert!(finished, "twenty steps are enough for one file");
        sweep(folder.path()).unwrap();
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing but the file stays");
    }

    #[test]
    fn a_write_that_fails_leaves_nothing_behind() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("photo.jpg");
        let failed = write_atomic(&path, |out| {
            out.write_all(b"half")?;
            Err::<(), _>(io::Error::other("the original is damaged"))
        });
        assert!(failed.is_err());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn only_who_is_alone_clears_up() {
        let folder = tempfile::tempdir().unwrap();
        let lock = folder.path().join("work.lock");
        let join = || {
            let mut cleared = false;
            let shared = Shared::join(&lock, || {
                cleared = true;
                Ok::<_, io::Error>(())
            });
            (shared.unwrap(), cleared)
        };
        let (first, cleared) = join();
        assert!(cleared, "nobody else is at work");
        let (second, cleared) = join();
        assert!(!cleared, "what lies about may be the first one's");
        drop(first);
        assert!(Shared::is_held(&lock).unwrap());
        drop(second);
        assert!(!Shared::is_held(&lock).unwrap());
        assert!(join().1);
    }

    #[test]
    fn who_cannot_clear_up_does_not_join() {
        let folder = tempfile::tempdir().unwrap();
        let lock = folder.path().join("work.lock");
        assert!(Shared::join(&lock, || Err(io::Error::other("no room left"))).is_err());
        assert!(!Shared::is_held(&lock).unwrap());
    }
}
