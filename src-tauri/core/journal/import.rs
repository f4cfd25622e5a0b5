//! Bringing files into the journal: many at once, with progress; cancelling keeps what is done, and one bad file never
//! stops the rest.

mod arriving;
mod run;
mod walk;

use std::fs::File;
use std::io::{self, Seek};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use base64::Engine;

use super::Journal;
use crate::api::error::{ApiError, ApiResult, ErrorCode};
use crate::api::events::Event;
use crate::api::types::{AssetView, ImportId, ImportInput, ImportProgress, ImportReport, ImportedFile, PasteInput};
use crate::domain::AssetId;
use crate::store::assets;
use arriving::{Arriving, unreadable};
use run::{Import, imported};
use walk::file_name;

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
