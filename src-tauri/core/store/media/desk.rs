//! What the writing thread does: collects what several callers bring into one commit, as long as nobody waits for it or more
//! is at hand, and answers each only after the commit.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender};
use std::time::Duration;

use rusqlite::{Connection, Transaction, TransactionBehavior, named_params};

use super::super::FileId;
use super::super::connection::MEDIA;
use super::super::error::StoreError;
use super::gate::Gate;
use super::rows::{chunk_id, complete, insert_original, key_of, put_rendition, remove};
use super::writeback::WriteBack;
use super::writer::{Buffers, Complete, Message};
use super::{Ingested, Rendition};
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

/// Writing back is asked for each time this many bytes were written.
const WRITEBACK_BYTES: u64 = 2 * 1024 * 1024;

/// What the thread knows between two commits.
pub(super) struct Desk {
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

pub(super) fn serve(mut conn: Connection, mut desk: Desk, messages: &Receiver<Message>) {
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
    pub fn new(dir: &Path, gate: Arc<Gate>, buffers: Buffers) -> Result<Self, StoreError> {
        let path = MEDIA.path(dir);
        let (file, write_back) = (FileId::of(&path)?, WriteBack::new(&path));
        Ok(Self { path, file, gate, partial: HashMap::new(), write_back, buffers })
    }

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
