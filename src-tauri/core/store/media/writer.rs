//! The one thread that writes `media.db`. Collects what several callers bring into one commit, as long as nobody waits for
//! it or more is at hand, and answers each only after the commit.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, named_params};

use super::super::FileId;
use super::super::connection::MEDIA;
use super::super::error::StoreError;
use super::gate::Gate;
use super::writeback::WriteBack;
use super::{CHUNK_BYTES, Ingested, Rendition};
use crate::domain::AssetId;

/// A commit is made when this many bytes were written since the last one.
const BATCH_BYTES: u64 = 36 * 1024 * 1024;

/// While nobody waits, a commit is put off this long for more to come.
const LINGER: Duration = Duration::from_millis(20);

/// The same while readers are kept out.
const SHORT_LINGER: Duration = Duration::from_millis(2);

/// From this many bytes on, a transaction may fill the file before its commit (the page cache holds 8 MiB), and nobody can
/// read until then.
const SPILL_BYTES: u64 = 6 * 1024 * 1024;

/// Messages on their way; each holds at most 8 MiB, which bounds the memory of an import.
const QUEUE: usize = 4;

/// Buffers kept for the next chunks: fresh ones would cost a page fault for every 4 KiB.
const KEPT_BUFFERS: usize = 128;

/// Writing back is asked for each time this many bytes were written.
const WRITEBACK_BYTES: u64 = 2 * 1024 * 1024;

/// An original has fewer chunks than this.
const CHUNKS_MAX: i64 = 65_536;

/// What the thread is asked to do.
pub(super) enum Message {
    /// The next chunks of a large file.
    Part { import: u64, chunks: Vec<Vec<u8>> },
    /// The last chunks of a file, or all of a small one.
    Finish { import: u64, complete: Complete },
    /// Forget what was written of a file.
    Abort { import: u64 },
    /// Keep pictures of an original.
    Renditions { asset: AssetId, renditions: Vec<Rendition>, answer: SyncSender<Result<(), StoreError>> },
    /// Somebody waits.
    Flush,
}

/// The end of a file.
pub(super) struct Complete {
    pub id: AssetId,
    pub bytes: u64,
    pub chunks: Vec<Vec<u8>>,
    pub answer: SyncSender<Result<Ingested, StoreError>>,
}

/// The thread and the way to it.
#[derive(Debug)]
pub(super) struct Writer {
    queue: Option<SyncSender<Message>>,
    thread: Option<JoinHandle<()>>,
    buffers: Buffers,
}

impl Writer {
    pub fn start(conn: Connection, dir: &Path, gate: Arc<Gate>) -> Result<Self, StoreError> {
        let (queue, messages) = sync_channel(QUEUE);
        let buffers = Buffers::default();
        let path = MEDIA.path(dir);
        let desk = Desk {
            file: FileId::of(&path)?,
            gate,
            partial: HashMap::new(),
            write_back: WriteBack::new(&path),
            buffers: buffers.clone(),
            path,
        };
        let thread = std::thread::Builder::new().name("media-writer".into());
        let thread = thread.spawn(move || serve(conn, desk, &messages))?;
        Ok(Self { queue: Some(queue), thread: Some(thread), buffers })
    }

    pub fn send(&self, message: Message) -> Result<(), StoreError> {
        self.queue.as_ref().ok_or(StoreError::Closed)?.send(message).map_err(|_| StoreError::Closed)
    }

    pub fn put_renditions(&self, asset: AssetId, renditions: Vec<Rendition>) -> Result<(), StoreError> {
        let (answer, waiting) = sync_channel(1);
        self.send(Message::Renditions { asset, renditions, answer })?;
        self.send(Message::Flush)?;
        waiting.recv().map_err(|_| StoreError::Closed)?
    }

    /// An empty buffer with room for a chunk.
    pub fn buffer(&self) -> Vec<u8> {
        self.buffers.take()
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.queue = None;
        if let Some(thread) = self.thread.take() {
            // A panic there was reported there.
            drop(thread.join());
        }
    }
}

/// The id of a chunk: the originals' keys in the high bits keep each one's chunks together.
pub(super) fn chunk_id(key: i64, number: u64) -> Result<i64, StoreError> {
    let number = i64::try_from(number).ok().filter(|number| *number < CHUNKS_MAX);
    let id = number.and_then(|number| key.checked_mul(CHUNKS_MAX)?.checked_add(number));
    id.ok_or_else(|| StoreError::Internal("a chunk's number is out of range".into()))
}

/// Removes what imports that never ended left behind.
pub(super) fn sweep(conn: &mut Connection) -> Result<(), StoreError> {
    let keys: Vec<i64> = {
        let mut statement = conn.prepare("SELECT key FROM original WHERE hash IS NULL")?;
        let keys = statement.query_map([], |row| row.get(0))?;
        keys.collect::<Result<_, _>>()?
    };
    for key in keys {
        let tx = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
        remove(&tx, key)?;
        tx.commit()?;
    }
    Ok(())
}

/// What the thread knows between two commits.
struct Desk {
    path: PathBuf,
    file: FileId,
    gate: Arc<Gate>,
    partial: HashMap<u64, Partial>,
    write_back: WriteBack,
    buffers: Buffers,
}

/// A large file of which something was written.
#[derive(Default)]
struct Partial {
    key: Option<i64>,
    /// Whether that key is in the file for good; one that was rolled back may be somebody else's by now.
    committed: bool,
    chunks: u64,
    failed: Option<StoreError>,
}

/// What one commit answers for.
#[derive(Default)]
struct Batch {
    bytes: u64,
    since_write_back: u64,
    hurry: bool,
    writing: bool,
    imports: Vec<u64>,
    promises: Vec<Promise>,
}

enum Promise {
    Ingest(SyncSender<Result<Ingested, StoreError>>, Result<Ingested, StoreError>),
    Renditions(SyncSender<Result<(), StoreError>>, Result<(), StoreError>),
}

fn serve(mut conn: Connection, mut desk: Desk, messages: &Receiver<Message>) {
    while let Ok(first) = messages.recv() {
        if matches!(first, Message::Flush) {
            continue;
        }
        let mut batch = Batch::default();
        let result = desk.fill(&mut conn, first, messages, &mut batch);
        if batch.writing {
            desk.gate.end_writing();
        }
        desk.settle(batch, result);
    }
    // The file is closed before the write-back handle that the desk holds.
    drop(conn);
}

impl Desk {
    /// Applies messages until there is reason to commit, and commits.
    fn fill(
        &mut self,
        conn: &mut Connection,
        first: Message,
        messages: &Receiver<Message>,
        batch: &mut Batch,
    ) -> Result<(), StoreError> {
        let mut work = batch.accept(first);
        let tx = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
        loop {
            self.apply(&tx, work, batch)?;
            if batch.since_write_back >= WRITEBACK_BYTES {
                batch.since_write_back = 0;
                self.write_back.begin();
            }
            match self.next(batch, messages) {
                Some(message) => work = batch.accept(message),
                None => break,
            }
        }
        if FileId::of(&self.path)? != self.file {
            return Err(StoreError::FolderMissing);
        }
        self.begin_writing(batch);
        Ok(tx.commit()?)
    }

    /// The next message for this commit, if there is to be one.
    fn next(&self, batch: &Batch, messages: &Receiver<Message>) -> Option<Message> {
        match batch {
            batch if batch.bytes >= BATCH_BYTES => None,
            batch if batch.writing && self.gate.is_wanted() => None,
            batch if batch.hurry => messages.try_recv().ok(),
            batch if batch.writing => messages.recv_timeout(SHORT_LINGER).ok(),
            _ => messages.recv_timeout(LINGER).ok(),
        }
    }

    /// Keeps readers out until the commit.
    fn begin_writing(&self, batch: &mut Batch) {
        if !batch.writing {
            self.gate.begin_writing();
            batch.writing = true;
        }
    }

    /// Counts bytes that are about to be written.
    fn count(&self, batch: &mut Batch, bytes: u64) {
        batch.bytes += bytes;
        batch.since_write_back += bytes;
        if batch.bytes >= SPILL_BYTES {
            self.begin_writing(batch);
        }
    }

    /// Answers everybody, now that the commit was made or was not.
    fn settle(&mut self, batch: Batch, result: Result<(), StoreError>) {
        for import in batch.imports {
            let Some(partial) = self.partial.get_mut(&import) else { continue };
            match &result {
                Ok(()) => partial.committed = true,
                Err(error) => {
                    partial.key = partial.key.filter(|_| partial.committed);
                    partial.failed.get_or_insert_with(|| error.clone());
                }
            }
        }
        for promise in batch.promises {
            // Whoever asked may have gone away; what was committed stays.
            match promise {
                Promise::Ingest(answer, value) => drop(answer.send(result.clone().and(value))),
                Promise::Renditions(answer, value) => drop(answer.send(result.clone().and(value))),
            }
        }
    }

    fn apply(&mut self, tx: &Transaction<'_>, work: Work, batch: &mut Batch) -> Result<(), StoreError> {
        match work {
            Work::Nothing => Ok(()),
            Work::Part { import, chunks } => self.store(tx, import, chunks, batch),
            Work::Finish { import, id, bytes, chunks } => {
                let outcome = self.finish(tx, import, (id, bytes), chunks, batch)?;
                if let Some(Promise::Ingest(_, value)) = batch.promises.last_mut() {
                    *value = outcome;
                }
                Ok(())
            }
            Work::Abort { import } => {
                let partial = self.partial.remove(&import).unwrap_or_default();
                self.discard(tx, partial.key, batch)
            }
            Work::Renditions { asset, renditions } => {
                let known = key_of(tx, asset)?.is_some();
                if let Some(Promise::Renditions(_, value)) = batch.promises.last_mut().filter(|_| !known) {
                    *value = Err(StoreError::AssetNotFound);
                    return Ok(());
                }
                self.count(batch, renditions.iter().map(|rendition| rendition.bytes.len() as u64).sum());
                renditions.iter().try_for_each(|rendition| put_rendition(tx, asset, rendition))
            }
        }
    }

    fn store(
        &mut self,
        tx: &Transaction<'_>,
        import: u64,
        chunks: Vec<Vec<u8>>,
        batch: &mut Batch,
    ) -> Result<(), StoreError> {
        let partial = self.partial.entry(import).or_default();
        if partial.failed.is_some() {
            return Ok(());
        }
        let key = match partial.key {
            Some(key) => key,
            None => *partial.key.insert(insert_original(tx)?),
        };
        let mut insert = tx.prepare_cached("INSERT INTO chunk (id, data) VALUES (:id, :data)")?;
        let first = partial.chunks;
        partial.chunks += chunks.len() as u64;
        for (number, chunk) in (first..).zip(chunks) {
            self.count(batch, chunk.len() as u64);
            insert.execute(named_params! { ":id": chunk_id(key, number)?, ":data": chunk })?;
            self.buffers.give_back(chunk);
        }
        Ok(())
    }

    fn finish(
        &mut self,
        tx: &Transaction<'_>,
        import: u64,
        (id, bytes): (AssetId, u64),
        chunks: Vec<Vec<u8>>,
        batch: &mut Batch,
    ) -> Result<Result<Ingested, StoreError>, StoreError> {
        let known = key_of(tx, id)?.is_some();
        if !known {
            self.store(tx, import, chunks, batch)?;
        }
        let partial = self.partial.remove(&import).unwrap_or_default();
        match (partial.failed, partial.key) {
            (None, Some(key)) if !known => complete(tx, key, id, bytes)?,
            (failed, key) => {
                // An earlier copy is kept, and a file of which a part was lost is not.
                self.discard(tx, key, batch)?;
                if let Some(error) = failed {
                    return Ok(Err(error));
                }
            }
        }
        Ok(Ok(Ingested { id, bytes, duplicate: known }))
    }
}

impl Desk {
    /// Removes what was written of a file; that may touch as many pages as it has.
    fn discard(&self, tx: &Transaction<'_>, key: Option<i64>, batch: &mut Batch) -> Result<(), StoreError> {
        let Some(key) = key else { return Ok(()) };
        self.begin_writing(batch);
        remove(tx, key)
    }
}

/// A message without its answer, which the batch keeps.
enum Work {
    Part { import: u64, chunks: Vec<Vec<u8>> },
    Finish { import: u64, id: AssetId, bytes: u64, chunks: Vec<Vec<u8>> },
    Abort { import: u64 },
    Renditions { asset: AssetId, renditions: Vec<Rendition> },
    Nothing,
}

impl Batch {
    /// Takes a message in, so that its answer is not forgotten whatever happens next.
    fn accept(&mut self, message: Message) -> Work {
        match message {
            Message::Part { import, chunks } => {
                self.imports.push(import);
                Work::Part { import, chunks }
            }
            Message::Finish { import, complete: Complete { id, bytes, chunks, answer } } => {
                let unsettled = Err(StoreError::Internal("an import without an end".into()));
                self.promises.push(Promise::Ingest(answer, unsettled));
                Work::Finish { import, id, bytes, chunks }
            }
            Message::Abort { import } => Work::Abort { import },
            Message::Renditions { asset, renditions, answer } => {
                self.promises.push(Promise::Renditions(answer, Ok(())));
                Work::Renditions { asset, renditions }
            }
            Message::Flush => {
                self.hurry = true;
                Work::Nothing
            }
        }
    }
}

/// Buffers that go round between those who read files and the thread that stores them.
#[derive(Debug, Clone, Default)]
struct Buffers(Arc<Mutex<Vec<Vec<u8>>>>);

impl Buffers {
    fn take(&self) -> Vec<u8> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner).pop();
        kept.unwrap_or_else(|| Vec::with_capacity(CHUNK_BYTES))
    }

    fn give_back(&self, mut buffer: Vec<u8>) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() < KEPT_BUFFERS {
            buffer.clear();
            kept.push(buffer);
        }
    }
}

fn key_of(tx: &Transaction<'_>, id: AssetId) -> Result<Option<i64>, StoreError> {
    let mut statement = tx.prepare_cached("SELECT key FROM original WHERE hash = :hash")?;
    Ok(statement.query_row(named_params! { ":hash": id }, |row| row.get(0)).optional()?)
}

fn insert_original(tx: &Transaction<'_>) -> Result<i64, StoreError> {
    let mut insert =
        tx.prepare_cached("INSERT INTO original (hash, bytes, chunk_bytes) VALUES (NULL, 0, :chunk_bytes)")?;
    Ok(insert.insert(named_params! { ":chunk_bytes": CHUNK_BYTES as i64 })?)
}

fn complete(tx: &Transaction<'_>, key: i64, id: AssetId, bytes: u64) -> Result<(), StoreError> {
    tx.prepare_cached("UPDATE original SET hash = :hash, bytes = :bytes WHERE key = :key")?.execute(named_params! {
        ":hash": id,
        ":bytes": i64::try_from(bytes).unwrap_or(i64::MAX),
        ":key": key,
    })?;
    Ok(())
}

fn remove(tx: &Transaction<'_>, key: i64) -> Result<(), StoreError> {
    let (first, last) = (chunk_id(key, 0)?, chunk_id(key, CHUNKS_MAX.unsigned_abs() - 1)?);
    tx.prepare_cached("DELETE FROM chunk WHERE id BETWEEN :first AND :last")?
        .execute(named_params! { ":first": first, ":last": last })?;
    tx.prepare_cached("DELETE FROM original WHERE key = :key")?.execute(named_params! { ":key": key })?;
    Ok(())
}

fn put_rendition(tx: &Transaction<'_>, asset: AssetId, rendition: &Rendition) -> Result<(), StoreError> {
    tx.prepare_cached(
        "INSERT OR REPLACE INTO rendition (hash, kind, mime, width, height, data)
         VALUES (:hash, :kind, :mime, :width, :height, :data)",
    )?
    .execute(named_params! {
        ":hash": asset,
        ":kind": rendition.kind,
        ":mime": rendition.mime,
        ":width": rendition.width,
        ":height": rendition.height,
        ":data": rendition.bytes,
    })?;
    Ok(())
}
