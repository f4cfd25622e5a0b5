//! One import: reads files ahead and makes them durable together, and tells how far it is.

use std::cell::Cell;
use std::collections::VecDeque;
use std::fs::File;
use std::path::Path;
use std::time::{Duration, Instant};

use super::arriving::{Arriving, unreadable};
use super::walk::{Candidate, candidates, file_name};
use super::{Cancel, Journal};
use crate::api::error::{ApiError, ApiResult, ErrorCode};
use crate::api::types::{AssetView, ImportId, ImportOutcome, ImportProgress, ImportReport, ImportedFile};
use crate::domain::limits::FILE_BYTES;

/// Progress is told at most this often.
const PROGRESS_EVERY: Duration = Duration::from_millis(100);

/// Files that may be read before the first of them is known to be durable; half of them are then waited for together, so
/// that their facts take one commit and not one each.
const AHEAD: usize = 16;

/// Bytes that may be read ahead in the same way: a few large files are told about one by one.
const AHEAD_BYTES: u64 = 64_000_000;

pub(super) struct Import {
    journal: Journal,
    id: ImportId,
    cancel: Cancel,
    progress: Box<dyn Fn(ImportProgress) + Send + Sync>,
    began: Instant,
}

impl Import {
    pub(super) fn new(
        journal: Journal,
        id: ImportId,
        cancel: Cancel,
        progress: Box<dyn Fn(ImportProgress) + Send + Sync>,
    ) -> Self {
        Self { journal, id, cancel, progress, began: Instant::now() }
    }

    pub(super) fn run(&self, paths: &[String]) -> ImportReport {
        let own = self.journal.store().dir().canonicalize().ok();
        let candidates: Vec<Candidate> =
            paths.iter().flat_map(|path| candidates(Path::new(path), own.as_deref())).collect();
        let meter = Meter::new(self, &candidates);
        let mut files = Vec::with_capacity(candidates.len());
        let mut arriving = VecDeque::new();
        for candidate in candidates {
            arriving.push_back(self.read(candidate, &meter));
            let bytes: u64 = arriving.iter().map(|file| file.size).sum();
            if arriving.len() >= AHEAD || bytes >= AHEAD_BYTES {
                let half = arriving.len().div_ceil(2);
                files.extend(self.keep(arriving.drain(..half), &meter));
            }
        }
        files.extend(self.keep(arriving.drain(..), &meter));
        ImportReport { id: self.id, files, cancelled: self.cancel.is_set() }
    }

    fn read(&self, candidate: Candidate, meter: &Meter) -> Coming {
        let (name, path) = (file_name(&candidate.path), candidate.path.display().to_string());
        if self.cancel.is_set() {
            return Coming { name, path, size: 0, read: Err(ApiError::new(ErrorCode::Cancelled)) };
        }
        let size = candidate.size.as_ref().copied().unwrap_or(0);
        let read = candidate.size.and_then(|size| {
            check_size(size, &name)?;
            let mut file = File::open(&candidate.path).map_err(|error| unreadable(&error, &name))?;
            let arriving = Arriving::read(&self.journal, &mut file, &self.cancel.0, &|bytes| meter.reading(bytes));
            arriving.map_err(|error| name_it(error, &name))
        });
        meter.read(size);
        Coming { name, path, size, read }
    }

    fn keep(&self, coming: impl Iterator<Item = Coming>, meter: &Meter) -> Vec<ImportedFile> {
        let (names, read): (Vec<_>, Vec<_>) = coming.map(|file| ((file.name, file.path), file.read)).unzip();
        let kept = Arriving::keep(&self.journal, read).into_iter().zip(names);
        let files = kept.map(|(kept, (name, path))| {
            meter.kept();
            let kept = kept.map_err(|error| name_it(error, &name));
            imported(name, path, kept)
        });
        files.collect()
    }
}

/// A file between its reading and its keeping.
struct Coming {
    name: String,
    path: String,
    /// In bytes.
    size: u64,
    read: ApiResult<Arriving>,
}

/// Tells how far an import is.
struct Meter<'a> {
    import: &'a Import,
    total: u32,
    total_bytes: u64,
    done: Cell<u32>,
    bytes: Cell<u64>,
    told: Cell<Option<Instant>>,
}

impl<'a> Meter<'a> {
    fn new(import: &'a Import, candidates: &[Candidate]) -> Self {
        let total = u32::try_from(candidates.len()).unwrap_or(u32::MAX);
        let total_bytes = candidates.iter().filter_map(|candidate| candidate.size.as_ref().ok()).sum();
        Self { import, total, total_bytes, done: Cell::new(0), bytes: Cell::new(0), told: Cell::new(None) }
    }

    /// Some bytes of the file at hand were read.
    fn reading(&self, bytes: u64) {
        if self.told.get().is_none_or(|told| told.elapsed() >= PROGRESS_EVERY) {
            self.tell(self.bytes.get().saturating_add(bytes));
        }
    }

    /// The file at hand was read to its end, or cannot be.
    fn read(&self, size: u64) {
        self.bytes.set(self.bytes.get().saturating_add(size));
        self.reading(0);
    }

    /// A file is in the journal, or will not be.
    fn kept(&self) {
        self.done.set(self.done.get() + 1);
        if self.done.get() == self.total {
            self.tell(self.bytes.get());
        } else {
            self.reading(0);
        }
    }

    fn tell(&self, bytes: u64) {
        self.told.set(Some(Instant::now()));
        let elapsed_ms = u64::try_from(self.import.began.elapsed().as_millis()).unwrap_or(u64::MAX);
        let (id, done, total, total_bytes) = (self.import.id, self.done.get(), self.total, self.total_bytes);
        (self.import.progress)(ImportProgress { id, done, total, bytes, total_bytes, elapsed_ms });
    }
}

pub(super) fn imported(name: String, path: String, kept: ApiResult<(AssetView, bool)>) -> ImportedFile {
    match kept {
        Ok((asset, is_duplicate)) => {
            let outcome = if is_duplicate { ImportOutcome::Duplicate } else { ImportOutcome::Added };
            ImportedFile { name, path, outcome, asset: Some(asset), error: None }
        }
        Err(error) if error.code == ErrorCode::Cancelled => {
            ImportedFile { name, path, outcome: ImportOutcome::Skipped, asset: None, error: None }
        }
        Err(error) => ImportedFile { name, path, outcome: ImportOutcome::Failed, asset: None, error: Some(error) },
    }
}

fn check_size(size: u64, name: &str) -> ApiResult<()> {
    match size {
        0 => Err(ApiError::about(ErrorCode::FileEmpty, name)),
        _ if size > FILE_BYTES => Err(ApiError {
            limit: Some(FILE_BYTES),
            actual: Some(size),
            ..ApiError::about(ErrorCode::FileTooLarge, name)
        }),
        _ => Ok(()),
    }
}

fn name_it(error: ApiError, name: &str) -> ApiError {
    let is_about_the_file =
        matches!(error.code, ErrorCode::FileEmpty | ErrorCode::FileMissing | ErrorCode::FileDenied | ErrorCode::Io);
    if is_about_the_file { ApiError { subject: Some(name.to_owned()), ..error } } else { error }
}
