//! Build script: declares the window's commands to Tauri, so that the page can call these and no others.
//! Without the `desktop` feature there is nothing to do.

#[cfg(feature = "desktop")]
fn main() {
    /// Every command of the shell; each needs its `allow-...` in capabilities/main.json as well.
    const COMMANDS: &[&str] = &[
        "call",
        "journal_open",
        "menu_show",
        "open_clip",
        "open_link",
        "pick_files",
        "pick_folder",
        "ready_to_close",
        "reveal",
        "shell_state",
    ];
    let attributes = tauri_build::Attributes::new()
        .capabilities_path_pattern("./src-tauri/capabilities/**/*")
        .app_manifest(tauri_build::AppManifest::new().commands(COMMANDS));
    if let Err(error) = tauri_build::try_build(attributes) {
        // A build script reports by failing.
        panic!("{error:#}");
    }
}

#[cfg(not(feature = "desktop"))]
fn main() {}
