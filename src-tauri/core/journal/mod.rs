//! The journal's use cases: the one entry for every interface. Owns the store, the clock, the feeds and the work that goes
//! on behind an interface's back. Knows no SQL, no protocol and no window.

mod arrived;
mod background;
mod bringing_together;
mod browser_sign_in;
mod carrying;
mod coming_back;
mod engine;
mod exporting;
mod feeds;
mod fetching;
#[cfg(test)]
mod histories;
mod import;
mod keep;
mod keeping;
mod moves;
mod network;
mod outgoing;
mod pictures;
mod posts;
mod previewing;
mod reaching;
mod secrets;
mod sending;
mod setting_up;
mod signing_in;
mod stored;
mod taking_over;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicU32;
use std::sync::{Arc, Mutex, OnceLock};

use tokio::sync::{Notify, broadcast};

use crate::api::error::ApiResult;
use crate::api::events::Event;
use crate::api::types::JournalState;
use crate::clock::{Clock, SystemClock};
use crate::domain::Timestamp;
use crate::feed::web::Patience;
use crate::store::{Store, StoreError, Tx, outbox, settings};
use crate::sync::Engine;
use crate::vault::Vaults;

pub use import::Cancel;
pub use keep::{BackupReport, WrittenFile};
pub use pictures::{MediaReader, Variant};

/// What a journal needs from outside.
#[derive(Debug, Clone)]
pub struct Options {
    /// Tells the time and makes names.
    pub clock: Arc<dyn Clock>,
    /// Where the ready-made folder feed goes; absent means `Sampan` in the user's documents.
    pub feed_dir: Option<PathBuf>,
    /// Where the secrets of feeds are kept.
    pub vaults: Vaults,
    /// How long feeds on the network may take.
    pub patience: Patience,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            clock: Arc::new(SystemClock),
            feed_dir: None,
            vaults: Vaults::of_this_computer(),
            patience: Patience::default(),
        }
    }
}

/// An open journal. Clones share it.
#[derive(Clone)]
pub struct Journal {
    inner: Arc<Inner>,
}

struct Inner {
    store: Store,
    options: Options,
    events: broadcast::Sender<Event>,
    imports: AtomicU32,
    running: import::Running,
    pictures: pictures::Queue,
    adapters: feeds::Adapters,
    sign_ins: browser_sign_in::SignIns,
    engine: OnceLock<Engine>,
    /// The work behind a window, as long as it goes on.
    background: Mutex<Vec<tokio::task::AbortHandle>>,
    /// Tours through the feeds that are going on.
    tours: AtomicU32,
    /// Rung when something may be sent.
    outbox_bell: Notify,
}

impl Journal {
    /// Opens the journal in a folder and makes it when the folder is missing or empty.
    pub async fn open(dir: &Path, options: Options) -> ApiResult<Self> {
        let dir = dir.to_owned();
        let store = tokio::task::spawn_blocking(move || Store::open(&dir)).await.map_err(internal)??;
        settle(&store, options.clock.now()).await?;
        let (events, _) = broadcast::channel(1024);
        Ok(Self {
            inner: Arc::new(Inner {
                store,
                options,
                events,
                imports: AtomicU32::new(1),
                running: import::Running::default(),
                pictures: pictures::Queue::default(),
                adapters: feeds::Adapters::default(),
                sign_ins: browser_sign_in::SignIns::default(),
                engine: OnceLock::new(),
                background: Mutex::default(),
                tours: AtomicU32::new(0),
                outbox_bell: Notify::new(),
            }),
        })
    }

    /// Where a journal lies unless the user says otherwise: the system's folder for a program's data.
    pub fn default_dir() -> Option<PathBuf> {
        directories::ProjectDirs::from("", "", "Sampan").map(|dirs| dirs.data_dir().join("journal"))
    }

    /// What happens in the journal from now on, by whomever.
    pub fn events(&self) -> broadcast::Receiver<Event> {
        self.inner.events.subscribe()
    }

    /// Closes the journal: ends the work behind the window and tidies the files; what was answered is on the disk already, and
    /// what was on its way to a feed is found in doubt at the next start.
    pub async fn close(self) {
        self.stop();
        self.inner.store.clone().close().await;
    }

    /// See the table in [`crate::api::commands`].
    pub async fn journal_state(&self, _: ()) -> ApiResult<JournalState> {
        let dir = self.inner.store.dir().to_owned();
        Ok(JournalState {
            cloud_synced: crate::places::cloud_program(&dir).map(str::to_owned),
            bytes: keep::bytes_of(&dir),
            dir: dir.display().to_string(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
        })
    }

    fn store(&self) -> &Store {
        &self.inner.store
    }

    fn clock(&self) -> &dyn Clock {
        self.inner.options.clock.as_ref()
    }

    fn tell(&self, event: Event) {
        // Nobody listening is no fault: the terminal program never does.
        drop(self.inner.events.send(event));
    }
}

/// A journal that was copied sends nothing by itself that its original may have sent.
async fn settle(store: &Store, now: Timestamp) -> Result<(), StoreError> {
    let Some(here) = store.place() else { return Ok(()) };
    if store.read(settings::place).await?.as_ref() == Some(&here) {
        return Ok(());
    }
    let settle = move |tx: &Tx<'_>| {
        if settings::moved_to(tx, &here)? { outbox::be_copied(tx, now) } else { Ok(()) }
    };
    // Where nothing can be written down, nothing is sent either; and what is there can still be read.
    if let Err(error) = store.write(settle).await {
        tracing::warn!(%error, "where the journal lies is not remembered");
    }
    Ok(())
}

/// A mistake of ours, such as a task that was stopped. Its words go to the log, never to the user.
fn internal(error: impl std::fmt::Display) -> crate::api::ApiError {
    tracing::error!(%error, "internal");
    crate::api::ApiError::new(crate::api::ErrorCode::Internal)
}
