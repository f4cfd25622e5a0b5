//! What the shell holds while it runs: the journal that is open, or why none is, and where the page finds media.

use std::{
    path::{Path, PathBuf},
    sync::{PoisonError, RwLock},
};

use sampan_core::{
    api::{ApiError, ErrorCode, types::Settings},
    journal::{Journal, Options},
};
use serde::Serialize;

use crate::{media::protocol, platform};

/// The shell's state, shared by all commands.
pub struct Shell {
    opened: RwLock<Opened>,
    /// Base of the addresses of clips.
    clips: String,
}

/// A folder and what came of opening the journal in it.
#[derive(Clone)]
struct Opened {
    folder: PathBuf,
    outcome: Result<Journal, ApiError>,
}

/// The error with the folder it is about, where it names nothing closer.
fn about(folder: &Path, error: ApiError) -> ApiError {
    let subject = error.subject.or_else(|| Some(folder.display().to_string()));
    ApiError { subject, ..error }
}

/// What the page learns about the shell.
#[derive(Clone, Debug, Serialize)]
pub struct ShellState {
    /// `windows`, `macos` or `linux`.
    pub platform: &'static str,
    /// The language of the system as a BCP 47 tag.
    pub locale: String,
    /// The folder of the open journal.
    pub journal: Option<String>,
    /// The folder that was meant, open or not.
    pub folder: String,
    /// Why no journal is open.
    pub error: Option<ApiError>,
    /// Base of the addresses of pictures: `BASE/HASH/VARIANT`.
    pub media: &'static str,
    /// Base of the addresses of clips, of the same form.
    pub clips: String,
}

impl Shell {
    /// Before anything was opened.
    pub fn new(folder: PathBuf) -> Self {
        let outcome = Err(ApiError::new(ErrorCode::NoJournal));
        Self { opened: RwLock::new(Opened { folder, outcome }), clips: protocol::BASE.to_owned() }
    }

    /// With clips at another base than pictures.
    pub fn with_clips(self, clips: Option<String>) -> Self {
        Self { clips: clips.unwrap_or(self.clips), ..self }
    }

    /// The open journal, or the reason why there is none.
    pub fn journal(&self) -> Result<Journal, ApiError> {
        self.opened().outcome
    }

    /// The folder that was meant.
    pub fn folder(&self) -> PathBuf {
        self.opened().folder
    }

    /// Opens the journal in `folder`, closing the one before. If that fails while another is open, the other stays.
    pub async fn open(&self, folder: &Path) -> Result<Journal, ApiError> {
        let outcome = Journal::open(folder, Options::default()).await.map_err(|error| about(folder, error));
        let before = self.journal();
        if let (Ok(_), Err(error)) = (&before, &outcome) {
            return Err(error.clone());
        }
        if let Ok(journal) = &outcome {
            journal.start();
        }
        self.set(Opened { folder: folder.to_owned(), outcome: outcome.clone() });
        if let Ok(before) = before {
            before.close().await;
        }
        outcome
    }

    /// Closes the journal at the end.
    pub async fn close(&self) {
        let journal = self.journal();
        self.set(Opened { folder: self.folder(), outcome: Err(ApiError::new(ErrorCode::NoJournal)) });
        if let Ok(journal) = journal {
            journal.close().await;
        }
    }

    /// What the person chose; without a journal, as everything begins.
    pub async fn settings(&self) -> Settings {
        let settings = match self.journal() {
            Ok(journal) => journal.settings_get(()).await,
            Err(error) => Err(error),
        };
        settings.unwrap_or_default()
    }

    /// What the page learns.
    pub fn view(&self) -> ShellState {
        let Opened { folder, outcome } = self.opened();
        let folder = folder.display().to_string();
        ShellState {
            platform: platform::NAME,
            locale: platform::locale(),
            journal: outcome.is_ok().then(|| folder.clone()),
            folder,
            error: outcome.err(),
            media: protocol::BASE,
            clips: self.clips.clone(),
        }
    }

    fn opened(&self) -> Opened {
        // What is inside is replaced as a whole, so that a panic elsewhere cannot have left it half done.
        self.opened.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set(&self, opened: Opened) {
        *self.opened.write().unwrap_or_else(PoisonError::into_inner) = opened;
    }
}
