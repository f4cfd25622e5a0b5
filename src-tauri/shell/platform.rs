//! What differs between Windows, macOS and Linux, behind one seam. The rest of the shell asks no `cfg`.

use std::path::{Path, PathBuf};

use notify_rust::{Notification, NotificationResponse};
use tauri::{AppHandle, Runtime};

/// The system's name as the page knows it.
pub const NAME: &str = if cfg!(windows) {
    "windows"
} else if cfg!(target_os = "macos") {
    "macos"
} else {
    "linux"
};

/// Where the page comes from: WebView2 has no custom schemes and maps them to a host of `http`.
pub const PAGE_ORIGIN: &str = if cfg!(windows) { "http://tauri.localhost" } else { "tauri://localhost" };

/// Whether clips need the loopback server: WebKitGTK plays none from a scheme.
/// macOS must not use it, since its transport security blocks plain http in a finished program.
pub const CLIPS_NEED_LOOPBACK: bool = cfg!(target_os = "linux");

/// Whether the menu belongs to the screen and is always there. Elsewhere it is shown when asked for.
pub const MENU_IS_GLOBAL: bool = cfg!(target_os = "macos");

/// The folder for logs that each system expects.
pub fn log_folder() -> Option<PathBuf> {
    let folders = directories::ProjectDirs::from("org", "", "Sampan")?;
    let folder = folders.state_dir().unwrap_or_else(|| folders.data_local_dir());
    Some(folder.join("logs"))
}

/// The folder for what can be made again. The person's own, unlike the system's temporary folder.
pub fn cache_folder() -> Option<PathBuf> {
    Some(directories::ProjectDirs::from("org", "", "Sampan")?.cache_dir().to_owned())
}

/// The language of the system as a BCP 47 tag.
pub fn locale() -> String {
    sys_locale::get_locale().unwrap_or_else(|| "en".to_owned())
}

/// Without a graphics card WebKitGTK's usual way draws every frame through an emulated one, about five times slower than
/// its plain way. The variable that chooses has to stand before the program begins, so the program begins again with it.
#[cfg(target_os = "linux")]
pub fn draw_plainly_without_a_graphics_card() {
    use std::os::unix::process::CommandExt;
    const PLAINLY: &str = "WEBKIT_DISABLE_DMABUF_RENDERER";
    let is_card = |node: &std::fs::DirEntry| node.file_name().as_encoded_bytes().starts_with(b"renderD");
    let has_card = Path::new("/dev/dri").read_dir().is_ok_and(|nodes| nodes.flatten().any(|node| is_card(&node)));
    if has_card || std::env::var_os(PLAINLY).is_some() {
        return;
    }
    if let Ok(program) = std::env::current_exe() {
        // It comes back only when it could not be done; then the slow way has to do.
        let error = std::process::Command::new(program).args(std::env::args_os().skip(1)).env(PLAINLY, "1").exec();
        tracing::warn!(kind = ?error.kind(), "the program could not begin again");
    }
}

/// The other systems' WebViews know by themselves how to draw.
#[cfg(not(target_os = "linux"))]
pub const fn draw_plainly_without_a_graphics_card() {}

/// Shows a notification of the system, and waits until it is gone; `clicked` runs when the person clicked on it. Belongs on a
/// thread of its own, which is never the main one.
pub fn notify(
    identifier: &str,
    title: &str,
    text: &str,
    clicked: impl FnOnce(),
) -> Result<(), notify_rust::error::Error> {
    let mut notification = Notification::new();
    notification.appname("Sampan").summary(title).body(text);
    present(&mut notification, identifier);
    notification.show()?.wait_for_response(|response: &NotificationResponse| {
        if response.is_default_action() {
            clicked();
        }
    })
}

/// Only what has an action can be clicked on here; elsewhere that would be a button more.
#[cfg(target_os = "linux")]
fn present(notification: &mut Notification, _identifier: &str) {
    notification.action("default", "Sampan").icon("sampan").hint(notify_rust::Hint::DesktopEntry("Sampan".to_owned()));
}

/// An unfinished build is known to no system, so it speaks under a name that is.
#[cfg(target_os = "macos")]
fn present(_notification: &mut Notification, identifier: &str) {
    let name = if cfg!(debug_assertions) { "com.apple.Terminal" } else { identifier };
    if notify_rust::set_application(name).is_err() {
        tracing::debug!("the name for notifications stands already");
    }
}

/// Without the name that the installer made known, Windows says that PowerShell speaks.
#[cfg(windows)]
fn present(notification: &mut Notification, identifier: &str) {
    if !cfg!(debug_assertions) {
        notification.app_id(identifier);
    }
}

/// Waits until the system or a terminal asks the program to end.
pub async fn asked_to_end() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = tokio::signal::ctrl_c() => {}
            }
            return;
        }
    }
    // Where signals cannot be heard there is nothing to wait for; a failure ends the wait like a request would, so wait on.
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}

/// The plugin that hands a second start to the running window of the same journal.
///
/// On Linux each journal has its own name on the session bus. The other systems know one name per program, so there
/// only the default journal is guarded; two windows on another journal are safe all the same, as a window and a
/// terminal are.
pub fn single_instance<R: Runtime>(
    identifier: &str,
    journal: &Path,
    is_default: bool,
    on_second_start: fn(&AppHandle<R>),
) -> Option<tauri::plugin::TauriPlugin<R>> {
    let builder =
        tauri_plugin_single_instance::Builder::new().callback(move |app, _arguments, _folder| on_second_start(app));
    if cfg!(target_os = "linux") {
        let digest = blake3::hash(journal.as_os_str().as_encoded_bytes()).to_hex();
        let short: String = digest.chars().take(16).collect();
        return Some(builder.dbus_id(format!("{identifier}.j{short}")).build());
    }
    is_default.then(|| builder.build())
}
