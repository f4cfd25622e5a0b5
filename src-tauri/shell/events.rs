//! What happens in the journal, told to the page.

use sampan_core::{api::Event, journal::Journal};
use tauri::{AppHandle, Emitter, Manager};
use tokio::sync::broadcast::error::RecvError;

use crate::{attention::Attention, menu, state::Shell, window, words::Language};

/// Tells the page of this journal's events until the journal is closed.
pub fn forward(app: &AppHandle, journal: &Journal) {
    let mut events = journal.events();
    let app = app.clone();
    let journal = journal.clone();
    tauri::async_runtime::spawn(async move {
        let mut attention = Attention::begin(&app, &journal).await;
        // An open journal ends these events when it is closed; holding it here would keep it open.
        drop(journal);
        loop {
            let event = match events.recv().await {
                Ok(event) => event,
                // Some were missed: any post may have changed.
                Err(RecvError::Lagged(_)) => Event::PostsChanged { posts: Vec::new() },
                Err(RecvError::Closed) => return,
            };
            match &event {
                Event::SettingsChanged => renew_menu(&app).await,
                Event::OutboxChanged { connection, .. } => attention.hear(connection),
                _ => {}
            }
            if let Err(error) = app.emit_to(window::LABEL, "journal", event) {
                tracing::warn!(%error, "an event could not be told to the page");
            }
        }
    });
}

/// Says the menu in the language that the settings say now.
pub async fn renew_menu(app: &AppHandle) {
    let language = language(app).await;
    on_main_thread(app, move |app| menu::renew(app, language));
}

/// Puts the menu up or takes it away.
pub async fn show_menu(app: &AppHandle, visible: bool) {
    let language = language(app).await;
    on_main_thread(app, move |app| if visible { menu::show(app, language) } else { menu::hide(app) });
}

/// Menus belong to the main thread.
fn on_main_thread(app: &AppHandle, work: impl FnOnce(&AppHandle) -> tauri::Result<()> + Send + 'static) {
    let handle = app.clone();
    let sent = app.run_on_main_thread(move || {
        if let Err(error) = work(&handle) {
            tracing::warn!(%error, "the menu could not be changed");
        }
    });
    if let Err(error) = sent {
        tracing::warn!(%error, "the main thread did not take the menu");
    }
}

/// The interface's language.
async fn language(app: &AppHandle) -> Language {
    Language::chosen(&app.state::<Shell>().settings().await)
}
