//! A file on its way: the cleaned copy is made whole first, so that its size and hash are known before the first byte leaves.
//! A small one stays in memory, any other goes into a temporary file, so that memory stays flat however large it is.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::sync::Arc;

use bytes::Bytes;
use futures_util::stream;
use reqwest::Body;
use tempfile::{SpooledData, SpooledTempFile};

use crate::domain::{AssetId, Digest};
use crate::feed::{FeedError, MediaError, MediaSource, Part};

/// Bytes that leave at once.
const CHUNK: usize = 64 << 10;

/// A copy of more bytes goes into a temporary file: 1 MiB.
const SMALL: usize = 1 << 20;

/// A cleaned copy, ready to leave. Its file, if it needs one, has no name and is gone when this is.
pub struct Staged {
    copy: Copied,
    /// Its size in bytes.
    pub bytes: u64,
    /// BLAKE3 of its bytes.
    pub digest: Digest,
}

enum Copied {
    Small(Bytes),
    Large(File),
}

/// Makes the cleaned copy of a part of an asset. Does its work off the async threads.
pub async fn stage(media: Arc<dyn MediaSource>, asset: AssetId, part: Part) -> Result<Staged, FeedError> {
    let copied = tokio::task::spawn_blocking(move || copied(media.as_ref(), asset, &part)).await;
    copied.map_err(|_| FeedError::MediaDamaged(asset))?
}

/// The same for files that leave one after the other: the first, and in the same turn those that follow it as long as all of them
/// together are small by the sizes in bytes that they are thought to have. One of those that cannot be copied ends it; that is told
/// when it is the first.
pub async fn stage_some(
    media: Arc<dyn MediaSource>,
    files: Vec<(AssetId, Part, u64)>,
) -> Result<VecDeque<Staged>, FeedError> {
    let work = move || {
        let (mut some, mut bytes) = (VecDeque::new(), 0_u64);
        for (asset, part, about) in files {
            bytes = bytes.saturating_add(about);
            let is_first = some.is_empty();
            if !is_first && bytes > SMALL as u64 {
                break;
            }
            match copied(media.as_ref(), asset, &part) {
                Ok(staged) => some.push_back(staged),
                Err(error) if is_first => return Err(error),
                Err(_) => break,
            }
        }
        Ok(some)
    };
    tokio::task::spawn_blocking(work).await.map_err(|_| FeedError::Journal)?
}

fn copied(media: &dyn MediaSource, asset: AssetId, part: &Part) -> Result<Staged, FeedError> {
    let mut to = Hashed { file: SpooledTempFile::new(SMALL), hasher: blake3::Hasher::new() };
    let bytes = media.copy(asset, part, &mut to).map_err(|error| match error {
        MediaError::CannotStrip => FeedError::CannotStrip(asset),
        MediaError::Damaged => FeedError::MediaDamaged(asset),
        // No room or no right to write a temporary file here: nothing left.
        MediaError::Write(_) => FeedError::Journal,
    })?;
    let digest = Digest::from_bytes(*to.hasher.finalize().as_bytes());
    let copy = match to.file.into_inner() {
        SpooledData::InMemory(copy) => Copied::Small(copy.into_inner().into()),
        SpooledData::OnDisk(file) => Copied::Large(file),
    };
    Ok(Staged { copy, bytes, digest })
}

impl Staged {
    /// The file as the body of a request; `left` is told the bytes of every piece that leaves. Can be called again for
    /// another try.
    pub fn body(&self, left: impl Fn(u64) + Send + Sync + 'static) -> Result<Body, FeedError> {
        let mut file = match &self.copy {
            Copied::Small(copy) => return Ok(small(copy.clone(), left)),
            Copied::Large(file) => file.try_clone().map_err(|_| FeedError::Journal)?,
        };
        file.seek(SeekFrom::Start(0)).map_err(|_| FeedError::Journal)?;
        let left = Arc::new(left);
        let pieces = stream::try_unfold(file, move |mut file| {
            let left = Arc::clone(&left);
            async move {
                let (piece, file) = tokio::task::spawn_blocking(move || read(&mut file).map(|piece| (piece, file)))
                    .await
                    .map_err(io::Error::other)??;
                if piece.is_empty() {
                    return Ok::<_, io::Error>(None);
                }
                left(piece.len() as u64);
                Ok(Some((piece, file)))
            }
        });
        Ok(Body::wrap_stream(pieces))
    }
}

fn small(mut copy: Bytes, left: impl Fn(u64) + Send + Sync + 'static) -> Body {
    let pieces = std::iter::from_fn(move || {
        let piece = copy.split_to(copy.len().min(CHUNK));
        if piece.is_empty() {
            return None;
        }
        left(piece.len() as u64);
        Some(Ok::<_, io::Error>(piece))
    });
    Body::wrap_stream(stream::iter(pieces))
}

fn read(file: &mut File) -> io::Result<Vec<u8>> {
    let mut piece = Vec::with_capacity(CHUNK);
    file.take(CHUNK as u64).read_to_end(&mut piece)?;
    Ok(piece)
}

struct Hashed {
    file: SpooledTempFile,
    hasher: blake3::Hasher,
}

impl Write for Hashed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.hasher.update(bytes.get(..written).unwrap_or(bytes));
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::feed::memory::asset;

    /// Of these, the third is damaged.
    struct Files;

    impl MediaSource for Files {
        fn copy(&self, about: AssetId, _part: &Part, to: &mut dyn Write) -> Result<u64, MediaError> {
            if about == asset(3) {
                return Err(MediaError::Damaged);
            }
            to.write_all(b"a picture")?;
            Ok(9)
        }
    }

    #[tokio::test]
    async fn small_files_that_leave_one_after_the_other_are_made_ready_together() {
        let some = async |files: &[(u128, u64)]| {
            let files = files.iter().map(|(number, about)| (asset(*number), Part::Copy, *about)).collect();
            stage_some(Arc::new(Files), files).await.map(|staged| staged.len())
        };
        let half = SMALL as u64 / 2;
        assert_eq!(some(&[(1, half), (2, half), (1, 1)]).await.unwrap(), 2);
        assert_eq!(some(&[(1, u64::MAX), (2, 1)]).await.unwrap(), 1, "the first, however large");
        assert_eq!(some(&[(1, 9), (3, 9), (2, 9)]).await.unwrap(), 1, "what is wrong with the next is its own matter");
        let damaged = some(&[(3, 9), (1, 9)]).await.unwrap_err();
        assert!(matches!(damaged, FeedError::MediaDamaged(about) if about == asset(3)));
    }
}
