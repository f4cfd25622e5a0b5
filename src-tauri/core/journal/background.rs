//! What goes on while a journal is open in a window: pictures are made, the outbox is carried out, and changes that another
//! program makes are noticed. Everything waits for an event or a due time; an idle journal does nothing.

use std::sync::PoisonError;
use std::time::Duration;

use notify::{RecursiveMode, Watcher};
use tokio::task::AbortHandle;

use super::Journal;
use crate::api::events::Event;
use crate::store::assets;

/// Commits that follow each other this closely are told as one change.
const SETTLE: Duration = Duration::from_millis(150);

impl Journal {
    /// Starts the work behind the window. The terminal program, which ends after its command, does without.
    pub fn start(&self) {
        // One core is left to the window.
        let cores = std::thread::available_parallelism().map_or(2, usize::from);
        let drawing = (1..cores.clamp(2, 4)).map(|_| tokio::spawn(self.clone().draw_pictures()));
        let others = [
            tokio::spawn(self.clone().draw_missing()),
            tokio::spawn(self.clone().carry_out_outbox()),
            tokio::spawn(self.clone().notice_network()),
            tokio::spawn(self.clone().watch()),
        ];
        let handles = drawing.chain(others).map(|task| task.abort_handle());
        self.inner.background.lock().unwrap_or_else(PoisonError::into_inner).extend(handles);
    }

    /// Ends that work. Each task holds the journal, so without this a closed one would go on sending.
    pub(super) fn stop(&self) {
        let tasks = std::mem::take(&mut *self.inner.background.lock().unwrap_or_else(PoisonError::into_inner));
        tasks.iter().for_each(AbortHandle::abort);
    }

    /// Queues the pictures that an import before a crash, or in the terminal, left to be made.
    async fn draw_missing(self) {
        match self.store().read(assets::without_picture).await {
            Ok(missing) => missing.iter().for_each(|asset| self.inner.pictures.want(asset.id)),
            Err(error) => tracing::warn!(%error, "cannot list originals without pictures"),
        }
    }

    /// Tells the window when another program (the terminal one, a second window) has written into the journal.
    async fn watch(self) {
        let (bell, mut rung) = tokio::sync::mpsc::channel(1);
        let ring = move |event: notify::Result<notify::Event>| {
            // Files that are only opened, such as our own locks, are no change.
            if !event.is_ok_and(|event| event.kind.is_access()) {
                // A full channel means that it is rung already.
                _ = bell.try_send(());
            }
        };
        let watcher = notify::recommended_watcher(ring).and_then(|mut watcher| {
            watcher.watch(self.store().dir(), RecursiveMode::NonRecursive)?;
            Ok(watcher)
        });
        let _watcher = match watcher {
            Ok(watcher) => watcher,
            Err(error) => {
                tracing::warn!(%error, "changes by other programs will be seen late");
                return;
            }
        };
        let mut seen = self.store().data_version().await.ok();
        while rung.recv().await.is_some() {
            tokio::time::sleep(SETTLE).await;
            let now = self.store().data_version().await.ok();
            if now != seen {
                seen = now;
                self.tell(Event::PostsChanged { posts: Vec::new() });
                self.outbox_changed(None).await;
                self.inner.outbox_bell.notify_one();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::journal::Options;

    #[tokio::test]
    async fn a_closed_journal_works_no_longer() {
        let dir = tempfile::tempdir().unwrap();
        let journal = Journal::open(dir.path(), Options::default()).await.unwrap();
        journal.start();
        let held = Arc::downgrade(&journal.inner);
        journal.close().await;
        let gone = async {
            while held.strong_count() > 0 {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(20), gone).await.expect("nobody holds the journal any more");
    }
}
