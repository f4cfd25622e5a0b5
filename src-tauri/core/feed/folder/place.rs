//! The place itself: whether it is the right folder, who may write there now, and what its errors mean.

use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::Folder;
use crate::domain::{FeedId, Timestamp};
use crate::feed::FeedError;
use crate::files;

const MARKER: &str = ".sampan-feed.json";
const LOCK: &str = ".sampan-feed.lock";

/// Says whose feed a folder is. An empty mount point of an unplugged disk has none, and so is not mistaken for the feed.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Marker {
    /// Version of the layout; newer ones are not touched.
    sampan_feed: u32,
    /// The feed's id.
    feed: FeedId,
    /// When it was set up.
    pub made: Timestamp,
}

const LAYOUT: u32 = 1;

/// Makes a folder ready to be a feed: the folder and the marker in it. Other files there are left alone. Again for the same
/// feed changes nothing; a folder of another feed is [`FeedError::Foreign`].
pub fn prepare(root: &Path, feed: FeedId, now: Timestamp) -> Result<(), FeedError> {
    match read_marker(root) {
        Ok(marker) => return check_marker(&marker, feed),
        Err(FeedError::Unreachable) => {}
        Err(error) => return Err(error),
    }
    let marker = Marker { sampan_feed: LAYOUT, feed, made: now };
    let write = || {
        files::make_folder(root)?;
        files::write_atomic(&root.join(MARKER), |out| Ok(serde_json::to_writer(out, &marker)?))
    };
    write().map_err(|error| kind_of(&error).unwrap_or(FeedError::Unreachable))
}

fn read_marker(root: &Path) -> Result<Marker, FeedError> {
    let bytes = match fs::read(root.join(MARKER)) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == ErrorKind::PermissionDenied => return Err(FeedError::Denied),
        Err(_) => return Err(FeedError::Unreachable),
    };
    serde_json::from_slice(&bytes).map_err(|_| FeedError::Foreign)
}

fn check_marker(marker: &Marker, feed: FeedId) -> Result<(), FeedError> {
    if marker.sampan_feed == LAYOUT && marker.feed == feed { Ok(()) } else { Err(FeedError::Foreign) }
}

impl Folder {
    /// The marker, if the folder is there and is this feed.
    pub(super) fn marker(&self) -> Result<Marker, FeedError> {
        let marker = read_marker(&self.root)?;
        check_marker(&marker, self.id)?;
        Ok(marker)
    }

    /// Whether the folder is there, is this feed, and takes a file.
    pub(super) fn probe(&self) -> Result<(), FeedError> {
        let _turn = self.turn()?;
        let trial = self.root.join(".sampan-trial");
        let written = files::replace(&trial, |out| out.write_all(b"sampan")).and_then(|()| files::remove(&trial));
        written.map_err(|error| self.classify(&error))
    }

    /// Waits until no other program of ours writes here, and keeps it so until the answer is dropped.
    pub(super) fn turn(&self) -> Result<Turn, FeedError> {
        self.marker()?;
        let open = || File::options().create(true).truncate(false).write(true).open(self.root.join(LOCK));
        let file = open().map_err(|error| self.classify(&error))?;
        match file.lock() {
            Ok(()) => Ok(Turn { _file: file }),
            // Some network disks know no locks: then the journal's own leases have to do.
            Err(error) if error.kind() == ErrorKind::Unsupported => Ok(Turn { _file: file }),
            Err(error) => Err(self.classify(&error)),
        }
    }

    /// What a failure means before the item itself was touched.
    pub(super) fn classify(&self, error: &io::Error) -> FeedError {
        match kind_of(error) {
            Some(known) => known,
            // A disk that is pulled out while it is written to fails in many ways; the marker tells.
            None if self.marker().is_err() => FeedError::Unreachable,
            None => FeedError::Lost,
        }
    }
}

/// The right to write in the folder.
pub(super) struct Turn {
    _file: File,
}

fn kind_of(error: &io::Error) -> Option<FeedError> {
    match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => Some(FeedError::Full),
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => Some(FeedError::Denied),
        ErrorKind::FileTooLarge => Some(FeedError::TooLarge(None)),
        _ => None,
    }
}
