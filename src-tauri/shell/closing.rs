//! Closing loses nothing: the page is asked to save what it holds, and has a few seconds to say that it did.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use tauri::{Emitter, Manager, Window};
use tokio::{sync::Notify, time::timeout};

use crate::{state::Shell, window};

/// How long the page may take. A page that hangs must not keep the window open for ever; what it had told us is safe.
const PATIENCE: Duration = Duration::from_secs(3);

/// Where closing stands.
#[derive(Clone, Default)]
pub struct Closing(Arc<Progress>);

#[derive(Default)]
struct Progress {
    is_asked: AtomicBool,
    is_done: AtomicBool,
    page_is_ready: Notify,
}

impl Closing {
    /// Whether the window may close now. If not, the page is asked, and the window closes by itself soon.
    pub fn may_close(&self, window: &Window) -> bool {
        if self.0.is_done.load(Ordering::SeqCst) {
            return true;
        }
        // A second click while the page saves changes nothing.
        if !self.0.is_asked.swap(true, Ordering::SeqCst) {
            let (closing, window) = (self.clone(), window.clone());
            tauri::async_runtime::spawn(async move { closing.close(window).await });
        }
        false
    }

    /// The page has saved everything.
    pub fn page_is_ready(&self) {
        self.0.page_is_ready.notify_one();
    }

    async fn close(&self, window: Window) {
        if let Err(error) = window.emit_to(window::LABEL, "close_requested", ()) {
            tracing::warn!(%error, "the page could not be asked to save");
        }
        if timeout(PATIENCE, self.0.page_is_ready.notified()).await.is_err() {
            tracing::warn!("the page did not answer in time before closing");
        }
        window.state::<Shell>().close().await;
        self.0.is_done.store(true, Ordering::SeqCst);
        if let Err(error) = window.destroy() {
            tracing::error!(%error, "the window could not be closed");
            window.app_handle().exit(1);
        }
    }
}
