//! Reading a file in: hashing and cutting on the caller's thread while the writer's thread stores what was cut before.

use std::io::Read;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TryRecvError, sync_channel};

use super::super::error::StoreError;
use super::writer::{Complete, Message};
use super::{CHUNK_BYTES, Media};
use crate::domain::limits::FILE_BYTES;
use crate::domain::{AssetId, Digest};

/// A file of up to this many chunks (8 MiB) is read whole before anything is written: if it turns out to be here already,
/// nothing is.
const HELD_CHUNKS: usize = 32;

/// Chunks of larger files are handed over in groups of this many (1 MiB).
const GROUP_CHUNKS: usize = 4;

/// A file that is in the journal now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ingested {
    /// Its name: the hash of its bytes.
    pub id: AssetId,
    /// Its size.
    pub bytes: u64,
    /// It was in the journal before.
    pub duplicate: bool,
}

/// A file that was read and is about to be durable. It becomes so even when nobody waits for it.
#[derive(Debug)]
#[must_use = "only wait() says whether the file is durable"]
pub struct Pending {
    answer: Receiver<Result<Ingested, StoreError>>,
    media: Media,
}

impl Pending {
    /// Waits until the file is durable.
    pub fn wait(self) -> Result<Ingested, StoreError> {
        match self.answer.try_recv() {
            Ok(result) => result,
            Err(TryRecvError::Disconnected) => Err(StoreError::Closed),
            Err(TryRecvError::Empty) => {
                // Somebody waits now: commit rather than collect more.
                self.media.inner.writer.send(Message::Flush)?;
                self.answer.recv().map_err(|_| StoreError::Closed)?
            }
        }
    }
}

/// A file on its way in.
pub(super) struct Import<'a> {
    media: &'a Media,
    number: u64,
    hasher: blake3::Hasher,
    bytes: u64,
    chunks: Vec<Vec<u8>>,
    streaming: bool,
}

impl<'a> Import<'a> {
    pub fn new(media: &'a Media, number: u64) -> Self {
        Self { media, number, hasher: blake3::Hasher::new(), bytes: 0, chunks: Vec::new(), streaming: false }
    }

    pub fn run(
        mut self,
        reader: &mut dyn Read,
        cancel: &AtomicBool,
        progress: &dyn Fn(u64),
    ) -> Result<Pending, StoreError> {
        match self.read(reader, cancel, progress) {
            Ok(()) => self.finish(),
            Err(error) if self.streaming => {
                self.media.inner.writer.send(Message::Abort { import: self.number })?;
                Err(error)
            }
            Err(error) => Err(error),
        }
    }

    fn read(&mut self, reader: &mut dyn Read, cancel: &AtomicBool, progress: &dyn Fn(u64)) -> Result<(), StoreError> {
        loop {
            if cancel.load(Ordering::Relaxed) {
                return Err(StoreError::Cancelled);
            }
            let mut chunk = self.media.inner.writer.buffer();
            (&mut *reader)
                .take(CHUNK_BYTES as u64)
                .read_to_end(&mut chunk)
                .map_err(|error| StoreError::Source(error.kind()))?;
            let ended = chunk.len() < CHUNK_BYTES;
            self.bytes += chunk.len() as u64;
            if self.bytes > FILE_BYTES {
                return Err(StoreError::FileTooLarge { limit: FILE_BYTES, actual: self.bytes });
            }
            self.hasher.update(&chunk);
            progress(self.bytes);
            if !chunk.is_empty() {
                self.hand_over(chunk)?;
            }
            if ended {
                return if self.bytes == 0 { Err(StoreError::FileEmpty) } else { Ok(()) };
            }
        }
    }

    fn hand_over(&mut self, chunk: Vec<u8>) -> Result<(), StoreError> {
        self.chunks.push(chunk);
        self.streaming |= self.chunks.len() > HELD_CHUNKS;
        if self.streaming && self.chunks.len() >= GROUP_CHUNKS {
            let chunks = std::mem::take(&mut self.chunks);
            self.media.inner.writer.send(Message::Part { import: self.number, chunks })?;
        }
        Ok(())
    }

    fn finish(self) -> Result<Pending, StoreError> {
        let id = AssetId(Digest::from_bytes(*self.hasher.finalize().as_bytes()));
        let (answer, waiting): (SyncSender<_>, _) = sync_channel(1);
        let complete = Complete { id, bytes: self.bytes, chunks: self.chunks, answer };
        self.media.inner.writer.send(Message::Finish { import: self.number, complete })?;
        Ok(Pending { answer: waiting, media: self.media.clone() })
    }
}
