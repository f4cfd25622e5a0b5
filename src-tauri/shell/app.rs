//! Puts the program together: plugins, commands, the page's address, the journal and the window.

use std::{path::PathBuf, process::ExitCode, sync::Arc};

use sampan_core::journal::Journal;
use tauri::{App, AppHandle, Manager, async_runtime};

use crate::{
    closing::Closing,
    commands, events,
    media::{library::Library, loopback},
    memory, menu,
    options::Options,
    page, platform,
    state::Shell,
    window,
};

/// Runs the program until its window is closed.
pub fn run(options: Options) -> tauri::Result<ExitCode> {
    let context = tauri::generate_context!();
    let (folder, is_default) = folder(options);
    let mut builder = tauri::Builder::default();
    // First, so that a second start ends before it does anything.
    let identifier = &context.config().identifier;
    if let Some(plugin) = platform::single_instance(identifier, &folder, is_default, window::focus) {
        builder = builder.plugin(plugin);
    }
    let app = builder
        .plugin(tauri_plugin_dialog::init())
        .plugin(tauri_plugin_window_state::Builder::default().build())
        .register_asynchronous_uri_scheme_protocol(page::SCHEME, |context, request, responder| {
            page::respond(context.app_handle(), request, responder);
        })
        .invoke_handler(tauri::generate_handler![
            commands::call,
            commands::journal_open,
            commands::menu_show,
            commands::open_clip,
            commands::open_link,
            commands::pick_files,
            commands::pick_folder,
            commands::ready_to_close,
            commands::reveal,
            commands::shell_state,
        ])
        .on_menu_event(|app, event| menu::chosen(app, &event))
        .on_window_event(window::on_event)
        .setup(move |app| Ok(start(app, folder)?))
        .build(context)?;
    let code = app.run_return(|_, _| {});
    Ok(u8::try_from(code).map_or(ExitCode::FAILURE, ExitCode::from))
}

/// The journal to open: the one asked for, the last one, or the default one; and whether it is the default one.
fn folder(options: Options) -> (PathBuf, bool) {
    let default = Journal::default_dir().unwrap_or_else(|| PathBuf::from("Sampan"));
    let folder = options.journal.or_else(memory::recall).unwrap_or_else(|| default.clone());
    let folder = std::path::absolute(&folder).unwrap_or(folder);
    let is_default = folder == default;
    (folder, is_default)
}

/// Opens the journal, then the window on it, so that the page's first question has an answer.
fn start(app: &App, folder: PathBuf) -> tauri::Result<()> {
    let handle = app.handle();
    app.manage(Closing::default());
    let clips = async_runtime::block_on(clips(handle));
    app.manage(Shell::new(folder.clone()).with_clips(clips));
    async_runtime::block_on(async {
        match app.state::<Shell>().open(&folder).await {
            Ok(journal) => events::forward(handle, &journal),
            // The page shows it and what to do.
            Err(error) => tracing::warn!(%error, "the journal could not be opened"),
        }
    });
    window::open(handle)?;
    async_runtime::block_on(events::renew_menu(handle));
    close_when_the_system_asks(handle.clone());
    Ok(())
}

/// Starts the server for clips where the page needs one.
async fn clips(app: &AppHandle) -> Option<String> {
    if !platform::CLIPS_NEED_LOOPBACK {
        return None;
    }
    match loopback::serve(Arc::new(Library::of(app)), platform::PAGE_ORIGIN).await {
        Ok(base) => Some(base),
        Err(error) => {
            tracing::error!(kind = ?error.kind(), "clips cannot be served");
            None
        }
    }
}

/// The end of a session, or Ctrl+C in a terminal, closes the window as a person would.
fn close_when_the_system_asks(app: AppHandle) {
    async_runtime::spawn(async move {
        platform::asked_to_end().await;
        if let Some(window) = app.get_webview_window(window::LABEL) {
            // It may be gone already.
            let _ = window.close();
        }
    });
}
