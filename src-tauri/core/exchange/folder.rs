//! The folder that an export is written into: refuses one that holds something else, writes, syncs and reads back.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::export::{FORMAT, Manifest, Stop};
use crate::api::error::{ApiError, ApiResult, ErrorCode};
use crate::domain::{AssetId, Digest};
use crate::files;

const MANIFEST: &str = "sampan-export.json";
const FOLDERS: [&str; 2] = ["posts", "media"];
const BUFFER: usize = 128 * 1024;

/// An export in the making.
pub(super) struct ExportFolder {
    dir: PathBuf,
}

impl ExportFolder {
    /// Takes an empty or new folder, or one that holds an earlier export of ours.
    pub(super) fn open(dir: &Path) -> ApiResult<Self> {
        let folder = Self { dir: dir.to_owned() };
        let is_free = match fs::read_dir(dir) {
            Ok(entries) => {
                let mut names = entries.flatten().map(|entry| entry.file_name());
                names.all(|name| files::is_left_by_system(&name)) || folder.is_ours()
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => true,
            Err(error) => return Err(folder.fault(&error)),
        };
        if !is_free {
            return Err(ApiError::about(ErrorCode::FolderNotEmpty, dir.display().to_string()));
        }
        for name in FOLDERS {
            files::make_folder(&dir.join(name)).map_err(|error| folder.fault(&error))?;
        }
        Ok(folder)
    }

    /// Writes the manifest, whole or not at all.
    pub(super) fn manifest(&self, manifest: &Manifest<'_>) -> ApiResult<()> {
        let write = |out: &mut dyn Write| serde_json::to_writer_pretty(out, manifest).map_err(io::Error::from);
        files::write_atomic(&self.dir.join(MANIFEST), write).map_err(|error| self.fault(&error))
    }

    /// Writes a file as it comes. Until the manifest says `complete`, nobody takes it for finished, so it needs no other name
    /// meanwhile; [`ExportFolder::verify`] makes it durable.
    pub(super) fn streamed<T>(
        &self,
        name: &str,
        write: impl FnOnce(&mut dyn Write) -> Result<T, Stop>,
    ) -> ApiResult<T> {
        let written = File::create(self.dir.join(name)).map_err(Stop::Folder).and_then(|file| {
            let mut out = BufWriter::with_capacity(BUFFER, file);
            let answer = write(&mut out)?;
            out.flush()?;
            Ok(answer)
        });
        written.map_err(|stop| match stop {
            Stop::Journal(error) => error,
            Stop::Folder(error) => self.fault(&error),
        })
    }

    /// Writes a value as readable JSON.
    pub(super) fn json(&self, name: &str, value: &impl Serialize) -> ApiResult<()> {
        self.streamed(name, |out| Ok(serde_json::to_writer_pretty(out, value).map_err(io::Error::from)?))
    }

    /// Writes a text.
    pub(super) fn text(&self, name: &str, text: &str) -> ApiResult<()> {
        self.streamed(name, |out| Ok(out.write_all(text.as_bytes())?))
    }

    /// Removes a file that is not to be kept.
    pub(super) fn remove(&self, name: &str) -> ApiResult<()> {
        files::remove(&self.dir.join(name)).map_err(|error| self.fault(&error))
    }

    /// Whether an earlier export left this original here, whole.
    pub(super) fn holds(&self, name: &str, id: AssetId) -> ApiResult<bool> {
        match hash_file(&self.dir.join(name)) {
            Ok(digest) => Ok(digest == id.0),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(self.fault(&error)),
        }
    }

    /// Makes everything durable and reads it back: originals must have their hash, JSON must parse.
    pub(super) fn verify(&self, written: &BTreeSet<String>) -> ApiResult<()> {
        for name in written {
            let path = self.dir.join(name);
            let is_whole = sync(&path).and_then(|()| is_whole(&path, name)).map_err(|error| self.fault(&error))?;
            if !is_whole {
                return Err(ApiError::about(ErrorCode::Io, path.display().to_string()));
            }
        }
        let folders = FOLDERS.iter().map(|name| self.dir.join(name)).chain([self.dir.clone()]);
        folders.into_iter().try_for_each(|path| files::sync_folder(&path)).map_err(|error| self.fault(&error))
    }

    /// Removes what an earlier export wrote and this one did not. Only names of our own form: a file that somebody put there
    /// is left alone.
    pub(super) fn forget_all_but(&self, written: &BTreeSet<String>) -> ApiResult<()> {
        let clean = |folder: &str| -> io::Result<()> {
            for entry in fs::read_dir(self.dir.join(folder))? {
                let name = entry?.file_name();
                let Some(name) = name.to_str() else { continue };
                let relative = format!("{folder}/{name}");
                if is_our_name(name) && !written.contains(&relative) {
                    files::remove(&self.dir.join(relative))?;
                }
            }
            Ok(())
        };
        FOLDERS.into_iter().try_for_each(clean).map_err(|error| self.fault(&error))
    }

    fn is_ours(&self) -> bool {
        let Ok(file) = File::open(self.dir.join(MANIFEST)) else { return false };
        let manifest = serde_json::from_reader::<_, serde_json::Value>(BufReader::new(file.take(1 << 20)));
        manifest.is_ok_and(|value| value.get("format").and_then(|format| format.as_str()) == Some(FORMAT))
    }

    fn fault(&self, error: &io::Error) -> ApiError {
        let subject = self.dir.display().to_string();
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => ApiError::new(ErrorCode::DiskFull),
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
                ApiError::about(ErrorCode::FolderDenied, subject)
            }
            io::ErrorKind::NotADirectory | io::ErrorKind::AlreadyExists => {
                ApiError::about(ErrorCode::FolderNotEmpty, subject)
            }
            io::ErrorKind::NotFound => ApiError::about(ErrorCode::FolderMissing, subject),
            _ => ApiError::about(ErrorCode::Io, subject),
        }
    }
}

/// Hashes what passes through, and remembers when it was the folder that failed.
pub(super) struct Hashing<'a> {
    out: &'a mut dyn Write,
    hasher: blake3::Hasher,
    failed: Option<io::Error>,
}

impl<'a> Hashing<'a> {
    pub(super) fn new(out: &'a mut dyn Write) -> Self {
        Self { out, hasher: blake3::Hasher::new(), failed: None }
    }

    pub(super) fn digest(&self) -> Digest {
        Digest::from_bytes(*self.hasher.finalize().as_bytes())
    }

    /// Whose fault an error is: the folder's if writing failed, else the journal's.
    pub(super) fn blame(&mut self, error: ApiError) -> Stop {
        self.failed.take().map_or(Stop::Journal(error), Stop::Folder)
    }
}

impl Write for Hashing<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self.out.write_all(bytes) {
            Ok(()) => {
                self.hasher.update(bytes);
                Ok(bytes.len())
            }
            Err(error) => {
                self.failed = Some(io::Error::from(error.kind()));
                Err(error)
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

fn sync(path: &Path) -> io::Result<()> {
    // Windows syncs only what is open for writing.
    fs::OpenOptions::new().read(true).write(true).open(path)?.sync_all()
}

fn is_whole(path: &Path, name: &str) -> io::Result<bool> {
    if let Some(hash) = name.strip_prefix("media/").and_then(|name| name.split('.').next()) {
        return Ok(hash_file(path)?.to_string() == hash);
    }
    if name.ends_with(".json") {
        let file = BufReader::with_capacity(BUFFER, File::open(path)?);
        return Ok(serde_json::from_reader::<_, serde::de::IgnoredAny>(file).is_ok());
    }
    Ok(true)
}

fn hash_file(path: &Path) -> io::Result<Digest> {
    let mut hasher = blake3::Hasher::new();
    hasher.update_reader(File::open(path)?)?;
    Ok(Digest::from_bytes(*hasher.finalize().as_bytes()))
}

/// `<uuid>.json`, `<uuid>.md` or `<blake3>.<ext>`.
fn is_our_name(name: &str) -> bool {
    let Some((stem, _)) = name.split_once('.') else { return false };
    stem.parse::<crate::domain::PostId>().is_ok() || stem.parse::<Digest>().is_ok()
}
