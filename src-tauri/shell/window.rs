//! The one window: its size, what its page may do, and files dragged onto it.

use serde::Serialize;
use tauri::{
    AppHandle, DragDropEvent, Emitter, Manager, PhysicalPosition, Url, WebviewUrl, WebviewWindowBuilder, Window,
    WindowEvent, utils::config::BackgroundThrottlingPolicy, webview::NewWindowResponse, window::Color,
};

use crate::{closing::Closing, platform};

/// The window's name towards Tauri; the capability file names it too.
pub const LABEL: &str = "main";

/// Paper, shown until the page has drawn itself.
const PAPER: Color = Color(0xfa, 0xf8, 0xf4, 0xff);

/// Opens the window.
pub fn open(app: &AppHandle) -> tauri::Result<()> {
    WebviewWindowBuilder::new(app, LABEL, WebviewUrl::default())
        .title("Sampan")
        .inner_size(1280.0, 832.0)
        .min_inner_size(720.0, 520.0)
        .background_color(PAPER)
        .background_throttling(BackgroundThrottlingPolicy::Suspend)
        .devtools(cfg!(debug_assertions))
        .on_navigation(is_own_page)
        .on_new_window(|_, _| NewWindowResponse::Deny)
        .on_download(|_, _| false)
        .build()?;
    Ok(())
}

/// Brings the window to the front, as a second start of the program asks for.
pub fn focus(app: &AppHandle) {
    let Some(window) = app.get_webview_window(LABEL) else {
        return;
    };
    let focused = window.unminimize().and_then(|()| window.show()).and_then(|()| window.set_focus());
    if let Err(error) = focused {
        tracing::warn!(%error, "the window could not be brought to the front");
    }
}

/// What happens to the window.
pub fn on_event(window: &Window, event: &WindowEvent) {
    match event {
        WindowEvent::CloseRequested { api, .. } if !window.state::<Closing>().may_close(window) => {
            api.prevent_close();
        }
        WindowEvent::DragDrop(event) => tell_of_files(window, event),
        _ => {}
    }
}

/// The page stays ours: no link leads it elsewhere, where it would still hold our commands.
fn is_own_page(url: &Url) -> bool {
    let origin = format!("{}://{}", url.scheme(), url.host_str().unwrap_or_default());
    origin == platform::PAGE_ORIGIN && url.port().is_none()
}

/// Files over the window, in the page's own pixels.
#[derive(Clone, Serialize)]
struct Files<'a> {
    kind: &'static str,
    paths: Vec<&'a str>,
    x: f64,
    y: f64,
}

fn tell_of_files(window: &Window, event: &DragDropEvent) {
    let nowhere = PhysicalPosition::default();
    let (kind, paths, position) = match event {
        DragDropEvent::Enter { paths, position } => ("enter", paths.as_slice(), position),
        DragDropEvent::Over { position } => ("over", Default::default(), position),
        DragDropEvent::Drop { paths, position } => ("drop", paths.as_slice(), position),
        DragDropEvent::Leave => ("leave", Default::default(), &nowhere),
        // Tauri may learn more kinds.
        _ => return,
    };
    let position = position.to_logical::<f64>(window.scale_factor().unwrap_or(1.0));
    let files = Files {
        kind,
        // A name that is not Unicode cannot cross to the page; the file dialog has the same bound.
        paths: paths.iter().filter_map(|path| path.to_str()).collect(),
        x: position.x,
        y: position.y,
    };
    if let Err(error) = window.emit_to(LABEL, "files", files) {
        tracing::warn!(%error, "dragged files could not be told to the page");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_never_leaves_its_own_address() {
        assert!(is_own_page(&format!("{}/index.html", platform::PAGE_ORIGIN).parse().unwrap()));
        for url in [
            "https://example.org/",
            "file:///etc/passwd",
            "http://127.0.0.1:4000/",
            "tauri://elsewhere/",
            "data:text/html,x",
            "about:blank",
        ] {
            assert!(!is_own_page(&url.parse().unwrap()), "{url}");
        }
    }
}
