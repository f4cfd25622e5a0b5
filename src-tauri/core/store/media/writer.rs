//! The one thread that writes `media.db`, and the way to it.

use std::path::Path;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use rusqlite::Connection;

use super::super::error::StoreError;
use super::desk::{Desk, serve};
use super::gate::Gate;
use super::{CHUNK_BYTES, Ingested, Rendition};
use crate::domain::AssetId;

/// Messages on their way; each holds at most 8 MiB, which bounds the memory of an import.
const QUEUE: usize = 4;

/// Buffers kept for the next chunks: fresh ones would cost a page fault for every 4 KiB.
const KEPT_BUFFERS: usize = 128;

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
        let desk = Desk::new(dir, gate, buffers.clone())?;
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

/// Buffers that go round between those who read files and the thread that stores them.
#[derive(Debug, Clone, Default)]
pub(super) struct Buffers(Arc<Mutex<Vec<Vec<u8>>>>);

impl Buffers {
    pub fn take(&self) -> Vec<u8> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner).pop();
        kept.unwrap_or_else(|| Vec::with_capacity(CHUNK_BYTES))
    }

    pub fn give_back(&self, mut buffer: Vec<u8>) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() < KEPT_BUFFERS {
            buffer.clear();
            kept.push(buffer);
        }
    }
}
