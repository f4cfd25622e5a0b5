//! Originals and their pictures in `media.db`: streamed in with flat memory, named by the BLAKE3 hash of their bytes, stored
//! once, complete only when their last chunk is committed. Knows bytes, not what they show.

mod desk;
mod gate;
mod ingest;
mod reader;
mod rows;
mod writeback;
mod writer;

use std::io::Read;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use rusqlite::{Connection, OptionalExtension, named_params};

use super::connection::MEDIA;
use super::error::StoreError;
use crate::domain::AssetId;
use crate::files::Shared;
use gate::{Gate, Reading};
pub use ingest::{Ingested, Pending};
pub use reader::AssetReader;
use reader::Pool;
use writer::Writer;

/// Originals are cut into chunks of this many bytes. Larger ones make ranges slow to reach, smaller ones writing.
const CHUNK_BYTES: usize = 256 * 1024;

/// Shared by all processes that have the journal open and so may import.
const LOCK: &str = "media.lock";

/// Whether some process, this one included, has the journal in a folder open, as far as can be known.
pub(super) fn is_open(dir: &Path) -> Result<bool, StoreError> {
    Ok(Shared::is_held(&dir.join(LOCK))?)
}

/// The bytes of a journal's originals. Every function blocks; call them from threads that may.
#[derive(Debug, Clone)]
pub struct Media {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    // In this order they are given up: whoever comes next must find the files closed before the lock is free.
    writer: Writer,
    pool: Arc<Pool>,
    imports: AtomicU64,
    _lock: Shared,
}

/// A picture derived from an original.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendition {
    /// Which picture: `grid`, `view` or `poster`.
    pub kind: String,
    /// Internet media type.
    pub mime: String,
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// The encoded picture.
    pub bytes: Vec<u8>,
}

impl Media {
    /// Opens the file in a journal's folder; makes it where there is none. Sweeps what killed imports left behind, unless
    /// another process could still be importing.
    pub(super) fn open(dir: &Path) -> Result<Self, StoreError> {
        let mut conn = MEDIA.open_writer(dir)?;
        let lock = Shared::join(&dir.join(LOCK), || rows::sweep(&mut conn))?;
        let gate = Arc::new(Gate::default());
        let inner = Inner {
            writer: Writer::start(conn, dir, Arc::clone(&gate))?,
            pool: Arc::new(Pool::new(dir, gate)),
            imports: AtomicU64::new(0),
            _lock: lock,
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Brings a file in and returns when it is durable. `progress` is told how many bytes were read so far. Setting `cancel`
    /// ends it at the next chunk with [`StoreError::Cancelled`], and nothing is kept.
    pub fn ingest(
        &self,
        reader: &mut dyn Read,
        cancel: &AtomicBool,
        progress: &dyn Fn(u64),
    ) -> Result<Ingested, StoreError> {
        self.add(reader, cancel, progress)?.wait()
    }

    /// Reads a file in without waiting until it is durable: that is what [`Pending::wait`] is for. Several files in a row
    /// are then committed together, which is what makes many small ones fast.
    pub fn add(
        &self,
        reader: &mut dyn Read,
        cancel: &AtomicBool,
        progress: &dyn Fn(u64),
    ) -> Result<Pending, StoreError> {
        let import = self.inner.imports.fetch_add(1, Ordering::Relaxed);
        ingest::Import::new(self, import).run(reader, cancel, progress)
    }

    /// Opens a complete original for reading. An open reader holds no lock.
    pub fn open_asset(&self, id: AssetId) -> Result<AssetReader, StoreError> {
        AssetReader::open(&self.inner.pool, id)
    }

    /// Whether an original is here and complete.
    pub fn contains(&self, id: AssetId) -> Result<bool, StoreError> {
        match self.open_asset(id) {
            Ok(_) => Ok(true),
            Err(StoreError::AssetNotFound) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Every complete original, by its hash.
    pub fn ids(&self) -> Result<Vec<AssetId>, StoreError> {
        self.inner.pool.with(Reading::Quick, |conn| {
            let mut statement =
                conn.prepare_cached("SELECT hash FROM original WHERE hash IS NOT NULL ORDER BY hash")?;
            let ids = statement.query_map([], |row| row.get(0))?;
            Ok(ids.collect::<Result<_, _>>()?)
        })
    }

    /// Computes the hash of an original again; returns whether it is the one it is named by, and how many bytes were read.
    /// Bytes that cannot be read at all count as wrong.
    pub fn verify(&self, id: AssetId) -> Result<(bool, u64), StoreError> {
        let mut reader = self.open_asset(id)?;
        let mut hasher = blake3::Hasher::new();
        let mut bytes = 0;
        loop {
            match reader.next_chunk() {
                Ok([]) => return Ok((hasher.finalize().as_bytes() == id.0.as_bytes(), bytes)),
                Ok(chunk) => {
                    hasher.update(chunk);
                    bytes += chunk.len() as u64;
                }
                Err(StoreError::Damaged(_)) => return Ok((false, bytes)),
                Err(error) => return Err(error),
            }
        }
    }

    /// Keeps pictures of an original, instead of those of the same kind that are there; durable when this returns.
    pub fn put_renditions(&self, asset: AssetId, renditions: Vec<Rendition>) -> Result<(), StoreError> {
        self.inner.writer.put_renditions(asset, renditions)
    }

    /// A picture of an original, if it was made.
    pub fn get_rendition(&self, asset: AssetId, kind: &str) -> Result<Option<Rendition>, StoreError> {
        self.inner.pool.with(Reading::Quick, |conn| {
            let mut statement = conn.prepare_cached(
                "SELECT kind, mime, width, height, data FROM rendition WHERE hash = :hash AND kind = :kind",
            )?;
            let found = statement.query_row(named_params! { ":hash": asset, ":kind": kind }, |row| {
                Ok(Rendition {
                    kind: row.get(0)?,
                    mime: row.get(1)?,
                    width: row.get(2)?,
                    height: row.get(3)?,
                    bytes: row.get(4)?,
                })
            });
            Ok(found.optional()?)
        })
    }

    /// Runs a closure that may take long on a connection that cannot write; imports wait for its end.
    pub(super) fn read<T>(&self, f: impl FnOnce(&Connection) -> Result<T, StoreError>) -> Result<T, StoreError> {
        self.inner.pool.with(Reading::Long, f)
    }
}

#[cfg(test)]
mod tests;
