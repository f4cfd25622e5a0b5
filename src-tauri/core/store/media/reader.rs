//! Reading originals: each chunk in a short transaction, so that an open reader (a paused clip) never holds up a commit.

use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::{Connection, OptionalExtension, named_params};

use super::super::connection::MEDIA;
use super::super::error::StoreError;
use super::gate::{Gate, Reading};
use super::rows::chunk_id;
use crate::domain::AssetId;

/// Connections that are kept for the next reader.
const KEPT: usize = 4;

/// Connections that cannot write, lent for the length of one query.
#[derive(Debug)]
pub(super) struct Pool {
    dir: PathBuf,
    gate: Arc<Gate>,
    idle: Mutex<Vec<Connection>>,
}

impl Pool {
    pub fn new(dir: &Path, gate: Arc<Gate>) -> Self {
        Self { dir: dir.to_owned(), gate, idle: Mutex::new(Vec::new()) }
    }

    /// Runs a closure on a connection, when nobody writes.
    pub fn with<T>(
        &self,
        reading: Reading,
        f: impl FnOnce(&Connection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let conn = idle.map_or_else(|| MEDIA.open_reader(&self.dir), Ok)?;
        let result = self.gate.read(reading, || f(&conn));
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < KEPT {
            idle.push(conn);
        }
        result
    }
}

/// An original, open for reading. Keeps one chunk in memory, so that reading in small pieces is cheap.
#[derive(Debug)]
pub struct AssetReader {
    pool: Arc<Pool>,
    key: i64,
    bytes: u64,
    chunk_bytes: u64,
    position: u64,
    chunk: Vec<u8>,
    loaded: Option<u64>,
}

impl AssetReader {
    pub(super) fn open(pool: &Arc<Pool>, id: AssetId) -> Result<Self, StoreError> {
        pool.with(Reading::Quick, |conn| {
            // SQLite looks for what a process that died left behind before each transaction, and each statement alone is one.
            let conn = &*conn.unchecked_transaction()?;
            let mut statement =
                conn.prepare_cached("SELECT key, bytes, chunk_bytes FROM original WHERE hash = :hash")?;
            let row = statement.query_row(named_params! { ":hash": id }, |row| {
                Ok((row.get(0)?, row.get::<_, i64>(1)?, row.get::<_, i64>(2)?))
            });
            let (key, bytes, chunk_bytes) = row.optional()?.ok_or(StoreError::AssetNotFound)?;
            let (bytes, chunk_bytes) = (bytes.unsigned_abs(), chunk_bytes.unsigned_abs().max(1));
            let mut chunk = Vec::new();
            // A file of one chunk is read in the turn in which it is opened; what is wrong with it is told when it is asked for.
            let is_small = bytes <= chunk_bytes;
            let loaded = (is_small && read_chunk(conn, (key, 0), &mut chunk).is_ok()).then_some(0);
            Ok(Self { pool: Arc::clone(pool), key, bytes, chunk_bytes, position: 0, chunk, loaded })
        })
    }

    /// Size of the original in bytes.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Reads from an offset as much as fits into the buffer; less only at the end. Does not move the position.
    pub fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> Result<usize, StoreError> {
        let mut done = 0;
        while let Some(rest) = buffer.get_mut(done..).filter(|rest| !rest.is_empty()) {
            let part = self.part_at(offset.saturating_add(done as u64))?;
            if part.is_empty() {
                break;
            }
            let count = part.len().min(rest.len());
            if let (Some(to), Some(from)) = (rest.get_mut(..count), part.get(..count)) {
                to.copy_from_slice(from);
            }
            done += count;
        }
        Ok(done)
    }

    /// The chunk at the position, from the position on, moving behind it; empty at the end. Spares a copy.
    pub(super) fn next_chunk(&mut self) -> Result<&[u8], StoreError> {
        let offset = self.position;
        let count = self.part_at(offset)?.len();
        self.position += count as u64;
        self.part_at(offset)
    }

    /// The rest of the chunk that holds an offset; empty at the end.
    fn part_at(&mut self, offset: u64) -> Result<&[u8], StoreError> {
        if offset >= self.bytes {
            return Ok(&[]);
        }
        let number = offset / self.chunk_bytes;
        if self.loaded != Some(number) {
            self.load(number)?;
        }
        let start = usize::try_from(offset % self.chunk_bytes).unwrap_or(usize::MAX);
        let part = self.chunk.get(start..).filter(|part| !part.is_empty());
        part.ok_or_else(|| StoreError::Damaged("a chunk of an original is too short".into()))
    }

    fn load(&mut self, number: u64) -> Result<(), StoreError> {
        self.loaded = None;
        let (key, chunk) = (self.key, &mut self.chunk);
        self.pool.with(Reading::Quick, |conn| read_chunk(conn, (key, number), chunk))?;
        self.loaded = Some(number);
        Ok(())
    }
}

/// Reads a chunk of the original of that key.
fn read_chunk(conn: &Connection, (key, number): (i64, u64), chunk: &mut Vec<u8>) -> Result<(), StoreError> {
    let mut statement = conn.prepare_cached("SELECT data FROM chunk WHERE id = :id")?;
    let mut rows = statement.query(named_params! { ":id": chunk_id(key, number)? })?;
    let row = rows.next()?.ok_or_else(|| StoreError::Damaged("a chunk of an original is missing".into()))?;
    let data = row.get_ref(0)?.as_blob().map_err(rusqlite::Error::from)?;
    chunk.clear();
    chunk.extend_from_slice(data);
    Ok(())
}

impl Read for AssetReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.read_at(self.position, buffer).map_err(io::Error::other)?;
        self.position += count as u64;
        Ok(count)
    }
}

impl Seek for AssetReader {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let position = match to {
            SeekFrom::Start(offset) => Some(offset),
            SeekFrom::End(offset) => self.bytes.checked_add_signed(offset),
            SeekFrom::Current(offset) => self.position.checked_add_signed(offset),
        };
        self.position = position.ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))?;
        Ok(self.position)
    }
}
