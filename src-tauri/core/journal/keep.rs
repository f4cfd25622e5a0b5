//! Keeping a journal safe: looking at every byte, backing it up, and taking everything out of it.

use std::collections::HashSet;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::{Journal, internal};
use crate::api::error::{ApiError, ApiResult, ErrorCode};
use crate::api::types::CheckReport;
use crate::domain::{AssetId, PostId};
use crate::store::{backup, check};

/// The files of a journal.
const FILES: [&str; 2] = ["journal.db", "media.db"];

/// A file that was written out: an original, or the copy of one that leaves.
#[derive(Debug, Clone, Serialize)]
pub struct WrittenFile {
    /// Of which original.
    pub asset: AssetId,
    /// The file's name in the folder.
    pub name: String,
    /// Where it lies now.
    pub path: PathBuf,
    /// Its size in bytes.
    pub bytes: u64,
}

/// A backup that was made and looked at again.
#[derive(Debug, Clone, Serialize)]
pub struct BackupReport {
    /// The folder that holds it: a whole journal that can be opened.
    pub dir: PathBuf,
    /// Its size in bytes.
    pub bytes: u64,
}

impl Journal {
    /// Looks at every byte of the journal.
    pub async fn check(&self, _: ()) -> ApiResult<CheckReport> {
        Ok(check::run(self.store()).await?)
    }

    /// Copies the whole journal into a folder while it is in use, and verifies the copy. Another journal there is left alone.
    pub async fn backup(&self, dir: PathBuf) -> ApiResult<BackupReport> {
        let named = |error| ApiError { subject: Some(dir.display().to_string()), ..ApiError::from(error) };
        backup::run(self.store(), &dir).await.map_err(named)?;
        Ok(BackupReport { bytes: bytes_of(&dir), dir })
    }

    /// Writes a post's originals into a folder, byte for byte, under their own names; a name that is taken gets a number.
    pub async fn media_write(&self, post: PostId, dir: PathBuf) -> ApiResult<Vec<WrittenFile>> {
        let content = self.post_get(post).await?.content;
        let mut taken = HashSet::new();
        let mut written = Vec::with_capacity(content.attachments.len());
        for attachment in content.attachments {
            let mut reader = self.original(attachment.asset).await?;
            let name = free_name(&attachment.name, &dir, &mut taken);
            let path = dir.join(&name);
            let bytes = write_out(&path, move |file| io::copy(&mut reader, file)).await?;
            written.push(WrittenFile { asset: attachment.asset, name, path, bytes });
        }
        Ok(written)
    }
}

/// Bytes of both files of the journal in a folder.
pub(super) fn bytes_of(dir: &Path) -> u64 {
    FILES.iter().filter_map(|name| dir.join(name).metadata().ok()).map(|data| data.len()).sum()
}

/// Writes a file that is whole or not there, in a folder that is made when it is missing; answers its bytes.
pub(super) async fn write_out(
    to: &Path,
    write: impl FnOnce(&mut dyn Write) -> io::Result<u64> + Send + 'static,
) -> ApiResult<u64> {
    let (to, folder) = (to.to_owned(), to.parent().unwrap_or(Path::new(".")).to_owned());
    let work = move || {
        let written = std::fs::create_dir_all(&folder).and_then(|()| crate::files::write_atomic(&to, write));
        written.map_err(|error| match error.kind() {
            io::ErrorKind::StorageFull => ApiError::new(ErrorCode::DiskFull),
            io::ErrorKind::PermissionDenied => ApiError::about(ErrorCode::FolderDenied, folder.display().to_string()),
            _ => ApiError::about(ErrorCode::Io, to.display().to_string()),
        })
    };
    tokio::task::spawn_blocking(work).await.map_err(internal)?
}

/// A name that every system can hold and that is not taken yet, neither in this call nor in the folder.
pub(super) fn free_name(name: &str, dir: &Path, taken: &mut HashSet<String>) -> String {
    // 16 bytes are kept for a number.
    let options = sanitise_file_name::Options { reserve_extra: 16, ..sanitise_file_name::Options::DEFAULT };
    let safe = sanitise_file_name::sanitise_with_options(name, &options);
    let (stem, extension) = match safe.rsplit_once('.') {
        Some((stem, extension)) if !stem.is_empty() => (stem.to_owned(), format!(".{extension}")),
        _ => (safe, String::new()),
    };
    let numbered = (1_u32..).map(|number| match number {
        1 => format!("{stem}{extension}"),
        _ => format!("{stem} ({number}){extension}"),
    });
    numbered.into_iter().find(|name| taken.insert(name.to_lowercase()) && !dir.join(name).exists()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_written_name_fits_every_system_and_is_never_used_twice() {
        let (dir, mut taken) = (Path::new("nowhere"), HashSet::new());
        assert_eq!(free_name("照片.jpg", dir, &mut taken), "照片.jpg");
        assert_eq!(free_name("照片.jpg", dir, &mut taken), "照片 (2).jpg");
        assert_eq!(free_name("照片.JPG", dir, &mut taken), "照片 (3).JPG", "some systems do not tell capitals apart");
        let long = free_name(&format!("{}.jpg", "长".repeat(260)), dir, &mut taken);
        assert!(long.len() <= 255 && long.ends_with(".jpg"), "{long}");
        for bad in ["../../etc/passwd", "a/b\\c", "CON", "x\0y", "", "..", "trailing. "] {
            let name = free_name(bad, dir, &mut taken);
            assert!(!name.is_empty() && !name.contains(['/', '\\', '\0']) && name != "..", "{bad:?} became {name:?}");
        }
    }
}
