//! Bringing files into the journal: many at once, with progress; cancelling keeps what is done, and one bad file never
//! stops the rest.

use std::cell::Cell;
use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, Read, Seek};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::{Duration, Instant};

use base64::Engine;
use unicode_normalization::UnicodeNormalization;
use walkdir::{DirEntry, WalkDir};

use super::Journal;
use crate::api::error::{ApiError, ApiResult, ErrorCode};
use crate::api::events::Event;
use crate::api::types::*;
use crate::domain::limits::FILE_BYTES;
use crate::domain::{AssetId, Moment, Point, Timestamp};
use crate::files;
use crate::media::{Facts, Kind, Limits, Problem, Taken, probe};
use crate::store::assets;
use crate::store::media::{Ingested, Pending};

/// Progress is told at most this often.
const PROGRESS_EVERY: Duration = Duration::from_millis(100);

/// Files that may be read before the first of them is known to be durable; half of them are then waited for together, so
/// that their facts take one commit and not one each.
const AHEAD: usize = 16;

/// Bytes that may be read ahead in the same way: a few large files are told about one by one.
const AHEAD_BYTES: u64 = 64_000_000;

/// Stops an import at the next chunk.
#[derive(Debug, Clone, Default)]
pub struct Cancel(Arc<AtomicBool>);

impl Cancel {
    /// Stops it.
    pub fn cancel(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    fn is_set(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// The imports that are going on, so that they can be cancelled.
#[derive(Default)]
pub(super) struct Running(Mutex<Vec<Weak<AtomicBool>>>);

impl Running {
    fn begin(&self) -> Cancel {
        let cancel = Cancel::default();
        let mut running = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        running.retain(|flag| flag.strong_count() > 0);
        running.push(Arc::downgrade(&cancel.0));
        cancel
    }

    fn cancel_all(&self) {
        let running = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        running.iter().filter_map(Weak::upgrade).for_each(|flag| flag.store(true, Ordering::Relaxed));
    }
}

impl Journal {
    /// Brings files into the journal; progress comes as events, the answer when all is done.
    pub async fn import_files(&self, input: ImportInput) -> ApiResult<ImportReport> {
        let journal = self.clone();
        self.import_with(input, move |progress| journal.tell(Event::Import { progress })).await
    }

    /// The same with the progress handed to the caller, at most ten times a second and once at the end.
    pub async fn import_with(
        &self,
        input: ImportInput,
        progress: impl Fn(ImportProgress) + Send + Sync + 'static,
    ) -> ApiResult<ImportReport> {
        let id = ImportId(self.inner.imports.fetch_add(1, Ordering::Relaxed));
        let cancel = self.inner.running.begin();
        let journal = self.clone();
        let work = move || Import::new(journal, id, cancel, Box::new(progress)).run(&input.paths);
        let report = tokio::task::spawn_blocking(work).await.map_err(super::internal)?;
        for file in &report.files {
            if let Some(asset) = file.asset.as_ref().filter(|asset| !asset.has_picture && asset.problem.is_none()) {
                self.inner.pictures.want(asset.id);
            }
        }
        Ok(report)
    }

    /// Keeps a file that was fetched from somewhere. The same bytes again are the same original.
    pub(super) async fn keep_file(&self, mut file: File) -> ApiResult<AssetView> {
        let journal = self.clone();
        let kept = tokio::task::spawn_blocking(move || {
            file.rewind().map_err(|error| unreadable(&error, ""))?;
            let read = Arriving::read(&journal, &mut file, &AtomicBool::new(false), &|_| ());
            Arriving::keep(&journal, vec![read]).pop().unwrap_or_else(|| Err(ApiError::new(ErrorCode::Internal)))
        });
        let (asset, _) = kept.await.map_err(super::internal)??;
        if !asset.has_picture && asset.problem.is_none() {
            self.inner.pictures.want(asset.id);
        }
        Ok(asset)
    }

    /// Stops running imports; what is done is kept.
    pub async fn import_cancel(&self, _: ()) -> ApiResult<()> {
        self.inner.running.cancel_all();
        Ok(())
    }

    /// Brings a picture from the clipboard into the journal.
    pub async fn import_paste(&self, input: PasteInput) -> ApiResult<ImportedFile> {
        let bytes = decode_base64(&input.base64)?;
        let journal = self.clone();
        let file = tokio::task::spawn_blocking(move || {
            let name = file_name(Path::new(&input.name));
            let read = Arriving::read(&journal, &mut io::Cursor::new(bytes), &AtomicBool::new(false), &|_| ());
            let kept = Arriving::keep(&journal, vec![read]).pop();
            imported(name, String::new(), kept.unwrap_or_else(|| Err(ApiError::new(ErrorCode::Internal))))
        });
        let file = file.await.map_err(super::internal)?;
        if let Some(asset) = &file.asset {
            self.inner.pictures.want(asset.id);
        }
        Ok(file)
    }

    /// The facts of an original.
    pub async fn asset_get(&self, id: AssetId) -> ApiResult<AssetView> {
        Ok(self.store().read(move |conn| assets::get(conn, id)).await?)
    }
}

pub(super) fn decode_base64(text: &str) -> ApiResult<Vec<u8>> {
    base64::engine::general_purpose::STANDARD.decode(text).map_err(|_| ApiError::about(ErrorCode::BadInput, "base64"))
}

struct Import {
    journal: Journal,
    id: ImportId,
    cancel: Cancel,
    progress: Box<dyn Fn(ImportProgress) + Send + Sync>,
    began: Instant,
}

struct Candidate {
    path: PathBuf,
    /// Size in bytes, or why it cannot be read.
    size: Result<u64, ApiError>,
}

impl Import {
    fn new(
        journal: Journal,
        id: ImportId,
        cancel: Cancel,
        progress: Box<dyn Fn(ImportProgress) + Send + Sync>,
    ) -> Self {
        Self { journal, id, cancel, progress, began: Instant::now() }
    }

    fn run(&self, paths: &[String]) -> ImportReport {
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

fn imported(name: String, path: String, kept: ApiResult<(AssetView, bool)>) -> ImportedFile {
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

/// A file that was read and looked at, and is about to be durable. Several of them are committed together.
struct Arriving {
    facts: Facts,
    original: Pending,
}

impl Arriving {
    fn read(
        journal: &Journal,
        source: &mut (impl Read + Seek),
        cancel: &AtomicBool,
        progress: &dyn Fn(u64),
    ) -> ApiResult<Self> {
        let facts = probe(source);
        source.rewind().map_err(|error| unreadable(&error, ""))?;
        Ok(Self { facts, original: journal.store().media().add(source, cancel, progress)? })
    }

    /// Waits for the bytes, and only then writes the rows that say that we have them: one commit for all.
    fn keep(journal: &Journal, read: Vec<ApiResult<Self>>) -> Vec<ApiResult<(AssetView, bool)>> {
        let durable = read.into_iter().map(|arriving| {
            let arriving = arriving?;
            let original = arriving.original.wait()?;
            Ok((asset_view(&original, &arriving.facts, &journal.clock().zone()), original.duplicate))
        });
        let durable: Vec<ApiResult<(AssetView, bool)>> = durable.collect();
        let facts: Vec<AssetView> = durable.iter().flatten().map(|(facts, _)| facts.clone()).collect();
        if facts.is_empty() {
            return durable;
        }
        match tokio::runtime::Handle::current().block_on(journal.store().write(|tx| assets::learn(tx, facts))) {
            Ok((views, posts)) => {
                if !posts.is_empty() {
                    journal.posts_changed(posts);
                }
                let mut views = views.into_iter();
                let mut known = |(facts, duplicate)| (views.next().unwrap_or(facts), duplicate);
                durable.into_iter().map(|kept| kept.map(&mut known)).collect()
            }
            Err(error) => {
                let error = ApiError::from(error);
                durable.into_iter().map(|kept| kept.and(Err(error.clone()))).collect()
            }
        }
    }
}

/// The facts of a file as the journal keeps them. A time without an offset is taken to be in the zone the user is in.
fn asset_view(original: &Ingested, facts: &Facts, zone: &str) -> AssetView {
    AssetView {
        id: original.id,
        kind: super::pictures::kind(facts.kind),
        mime: facts.format.mime().to_owned(),
        bytes: original.bytes,
        width: facts.width,
        height: facts.height,
        duration_ms: facts.duration_ms,
        codec: facts.codec.clone(),
        colour: None,
        taken: facts.taken.and_then(|taken| moment(taken, zone)),
        point: facts.point.map(|(lat, lon)| Point { lat, lon }),
        problem: facts.problem.or_else(|| too_large(facts)).and_then(super::pictures::problem),
        has_picture: false,
    }
}

/// A photo that says of itself that it has too many pixels need not be decoded to know it.
fn too_large(facts: &Facts) -> Option<Problem> {
    let (width, height) = facts.width.zip(facts.height).filter(|_| facts.kind == Kind::Photo)?;
    Limits::default().check(width, height).err()
}

fn moment(taken: Taken, zone: &str) -> Option<Moment> {
    let zone = match taken.offset {
        Some(minutes) => {
            let sign = if minutes < 0 { '-' } else { '+' };
            format!("{sign}{:02}:{:02}", minutes.unsigned_abs() / 60, minutes.unsigned_abs() % 60)
        }
        None => zone.to_owned(),
    };
    let clock = Moment { at: Timestamp::from_millis(0), zone: zone.clone() };
    let at = taken.local.to_zoned(clock.to_zoned().time_zone().clone()).ok()?.timestamp();
    Some(Moment { at: Timestamp::from_millis(at.as_millisecond()), zone })
}

/// A path's files: itself, or everything in a folder in the order of their names; hidden files are left out.
fn candidates(path: &Path, own: Option<&Path>) -> Vec<Candidate> {
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

/// A file's own name, never a path, at most as long as an attachment's name may be. macOS may hand over `é` as two characters,
/// which other systems draw badly and no search finds; all our text has it as one.
fn file_name(path: &Path) -> String {
    let name: String = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().nfc().collect();
    let mut end = name.len().min(crate::domain::limits::LINE_BYTES);
    while !name.is_char_boundary(end) {
        end -= 1;
    }
    name.get(..end).unwrap_or_default().to_owned()
}

fn unreadable(error: &io::Error, name: &str) -> ApiError {
    let code = match error.kind() {
        // A name that the file system cannot hold is a name of no file.
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory | io::ErrorKind::InvalidFilename => {
            ErrorCode::FileMissing
        }
        io::ErrorKind::PermissionDenied => ErrorCode::FileDenied,
        _ => ErrorCode::Io,
    };
    ApiError::about(code, name)
}

fn name_it(error: ApiError, name: &str) -> ApiError {
    let is_about_the_file =
        matches!(error.code, ErrorCode::FileEmpty | ErrorCode::FileMissing | ErrorCode::FileDenied | ErrorCode::Io);
    if is_about_the_file { ApiError { subject: Some(name.to_owned()), ..error } } else { error }
}
