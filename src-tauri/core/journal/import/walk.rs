//! Which files a path names, and what each is called.

use std::path::{Path, PathBuf};

use unicode_normalization::UnicodeNormalization;
use walkdir::{DirEntry, WalkDir};

use super::arriving::unreadable;
use crate::api::error::{ApiError, ErrorCode};
use crate::files;

pub(super) struct Candidate {
    pub path: PathBuf,
    /// Size in bytes, or why it cannot be read.
    pub size: Result<u64, ApiError>,
}

/// A path's files: itself, or everything in a folder in the order of their names; hidden files are left out.
pub(super) fn candidates(path: &Path, own: Option<&Path>) -> Vec<Candidate> {
    match path.metadata() {
        _ if path.parent().is_some_and(|folder| is_own(folder, own)) => {
            vec![Candidate {
                path: path.to_owned(),
                size: Err(ApiError::about(ErrorCode::FileDenied, file_name(path))),
            }]
        }
        Ok(data) if data.is_dir() => folder(path, own),
        Ok(data) => vec![Candidate { path: path.to_owned(), size: Ok(data.len()) }],
        Err(error) => vec![Candidate { path: path.to_owned(), size: Err(unreadable(&error, &file_name(path))) }],
    }
}

/// Whether a folder is the journal's own. Its files would be swallowed by themselves.
fn is_own(folder: &Path, own: Option<&Path>) -> bool {
    own.is_some() && folder.canonicalize().ok().as_deref() == own
}

fn folder(path: &Path, own: Option<&Path>) -> Vec<Candidate> {
    let mut found = Vec::new();
    let walk = WalkDir::new(path).sort_by_file_name().into_iter();
    let is_shown = |entry: &DirEntry| !(is_hidden(entry) || entry.file_type().is_dir() && is_own(entry.path(), own));
    for entry in walk.filter_entry(is_shown) {
        match entry {
            Ok(entry) if entry.file_type().is_file() => {
                let size = entry.metadata().map(|data| data.len());
                let size = size.map_err(|_| ApiError::about(ErrorCode::FileDenied, file_name(entry.path())));
                found.push(Candidate { path: entry.into_path(), size });
            }
            Ok(_) => {}
            Err(error) => {
                let at = error.path().unwrap_or(path).to_owned();
                let size = Err(ApiError::about(ErrorCode::FileDenied, file_name(&at)));
                found.push(Candidate { path: at, size });
            }
        }
    }
    found
}

/// Whether a file manager would not show what lies in the folder: by its name, or on Windows by its attribute.
fn is_hidden(entry: &DirEntry) -> bool {
    let name = entry.file_name();
    let is_named_so = name.as_encoded_bytes().starts_with(b".") || files::is_left_by_system(name);
    entry.depth() > 0 && (is_named_so || is_marked_hidden(entry))
}

#[cfg(windows)]
fn is_marked_hidden(entry: &DirEntry) -> bool {
    use std::os::windows::fs::MetadataExt;
    const FILE_ATTRIBUTE_HIDDEN: u32 = 2;
    entry.metadata().is_ok_and(|data| data.file_attributes() & FILE_ATTRIBUTE_HIDDEN != 0)
}

#[cfg(not(windows))]
const fn is_marked_hidden(_: &DirEntry) -> bool {
    false
}

/// A file's own name, never a path, at most as long as an attachment's name may be. macOS may hand over `é` as two characters,
/// which other systems draw badly and no search finds; all our text has it as one.
pub(super) fn file_name(path: &Path) -> String {
    let name: String = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().nfc().collect();
    let mut end = name.len().min(crate::domain::limits::LINE_BYTES);
    while !name.is_char_boundary(end) {
        end -= 1;
    }
    name.get(..end).unwrap_or_default().to_owned()
}
