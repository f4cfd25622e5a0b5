//! The open journal as a source of media.

use std::{io, sync::Arc};

use async_trait::async_trait;
use sampan_core::journal::MediaReader;
use tauri::{AppHandle, Manager};

use super::{
    address::Address,
    source::{Media, Source},
};
use crate::state::Shell;

/// Looks media up in whichever journal is open.
pub struct Library {
    app: AppHandle,
}

impl Library {
    /// The media of this program's open journal.
    pub fn of(app: &AppHandle) -> Self {
        Self { app: app.clone() }
    }
}

#[async_trait]
impl Source for Library {
    async fn open(&self, address: Address) -> Option<Arc<dyn Media>> {
        let journal = self.app.try_state::<Shell>()?.journal().ok()?;
        match journal.media_reader(address.asset, address.variant).await {
            Ok(reader) => Some(Arc::new(reader)),
            Err(error) => {
                tracing::debug!(%error, asset = %address.asset, "no such media");
                None
            }
        }
    }
}

impl Media for MediaReader {
    fn mime(&self) -> &str {
        self.mime()
    }

    fn length(&self) -> u64 {
        self.len()
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        self.read_at(offset, buffer)
    }
}
