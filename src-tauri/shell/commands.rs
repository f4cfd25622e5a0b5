//! The commands of the page. Everything about posts goes through `call` to the core's own table; what is left needs the
//! system: dialogs, links, folders, the window. Each has its permission in `capabilities/main.json`.

use std::path::{Path, PathBuf};

use sampan_core::{
    api::{self, ApiError, ErrorCode},
    domain::AssetId,
};
use serde_json::Value;
use tauri::{AppHandle, Emitter, State, WebviewWindow, command};

use crate::{
    closing::Closing,
    dialogs, events, links, memory,
    state::{Shell, ShellState},
    window,
};

type Answer<T> = Result<T, ApiError>;

/// Runs a command of the core with its argument.
#[command]
pub async fn call(shell: State<'_, Shell>, name: String, args: Value) -> Answer<Value> {
    api::dispatch(&shell.journal()?, &name, args).await
}

/// What the page has to know about where it runs.
#[command]
pub fn shell_state(shell: State<'_, Shell>) -> ShellState {
    shell.view()
}

/// Opens another journal, and remembers it for the next start.
#[command]
pub async fn journal_open(app: AppHandle, shell: State<'_, Shell>, folder: PathBuf) -> Answer<ShellState> {
    let journal = shell.open(&folder).await?;
    events::forward(&app, &journal);
    memory::remember(&folder);
    let state = shell.view();
    app.emit_to(window::LABEL, "shell_changed", state.clone()).map_err(internal)?;
    Ok(state)
}

/// Lets a person choose files; none when they cancel.
#[command]
pub async fn pick_files(window: WebviewWindow, kind: dialogs::Kind) -> Vec<String> {
    dialogs::files(&window, kind).await
}

/// Lets a person choose a folder.
#[command]
pub async fn pick_folder(window: WebviewWindow) -> Option<String> {
    dialogs::folder(&window).await
}

/// Opens a link in the person's browser or mail program.
#[command]
pub fn open_link(url: String) -> Answer<()> {
    links::open_link(&url)
}

/// Shows the journal's folder, or a folder that a feed writes to.
#[command]
pub async fn reveal(shell: State<'_, Shell>, path: PathBuf) -> Answer<()> {
    links::reveal(&shell, &path).await
}

/// Opens an original in the system's own player, for a kind that the page cannot play.
#[command]
pub async fn open_clip(shell: State<'_, Shell>, asset: AssetId) -> Answer<()> {
    links::open_clip(&shell.journal()?, asset).await
}

/// Everything is saved: the window may close.
#[command]
pub fn ready_to_close(closing: State<'_, Closing>) {
    closing.page_is_ready();
}

/// Shows or hides the menu bar of the window, where it is not the screen's.
#[command]
pub async fn menu_show(app: AppHandle, visible: bool) {
    events::show_menu(&app, visible).await;
}

/// A failure of the window system. Its words go to the log, never to a person.
pub fn internal(error: impl std::fmt::Display) -> ApiError {
    tracing::error!(%error, "internal");
    ApiError::new(ErrorCode::Internal)
}

/// An argument that does not have its form.
pub fn bad_input(field: &str) -> ApiError {
    ApiError::about(ErrorCode::BadInput, field)
}

/// A folder or file that is not there.
pub fn missing(path: &Path) -> ApiError {
    ApiError::about(ErrorCode::FileMissing, path.display().to_string())
}
