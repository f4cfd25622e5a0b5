//! The system's own dialogs for choosing files and folders.

use serde::Deserialize;
use tauri::WebviewWindow;
use tauri_plugin_dialog::{DialogExt, FileDialogBuilder, FilePath};
use tokio::sync::oneshot;

/// What may be chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Photos and clips first; everything can still be chosen.
    Media,
    /// Any file.
    Any,
}

/// Endings that the dialog offers first. What a file really is, its bytes tell later.
const MEDIA: &[&str] =
    &["jpg", "jpeg", "png", "webp", "gif", "avif", "heic", "heif", "hif", "mp4", "m4v", "mov", "webm"];

/// Asks for files; none when the person cancels.
pub async fn files(window: &WebviewWindow, kind: Kind) -> Vec<String> {
    let dialog = dialog(window);
    let dialog = match kind {
        Kind::Media => {
            dialog.add_filter("JPEG, PNG, WebP, GIF, AVIF, HEIC, MP4, MOV, WebM", MEDIA).add_filter("*", &["*"])
        }
        Kind::Any => dialog,
    };
    let (tell, chosen) = oneshot::channel();
    // The receiver is gone only when the window is.
    dialog.pick_files(move |files| drop(tell.send(files)));
    let files = chosen.await.ok().flatten().unwrap_or_default();
    files.into_iter().filter_map(path).collect()
}

/// Asks for a folder.
pub async fn folder(window: &WebviewWindow) -> Option<String> {
    let (tell, chosen) = oneshot::channel();
    dialog(window).pick_folder(move |folder| drop(tell.send(folder)));
    chosen.await.ok().flatten().and_then(path)
}

fn dialog(window: &WebviewWindow) -> FileDialogBuilder<tauri::Wry> {
    window.dialog().file().set_parent(window)
}

/// A path as the page can hold it: Unicode.
fn path(chosen: FilePath) -> Option<String> {
    chosen.into_path().ok()?.to_str().map(str::to_owned)
}
