//! What lies at the page's own address: the files of the interface, and media below `/media`. One origin for both, since WebKit on
//! macOS loads nothing from another of a program's schemes any more (wry, issue 1778), and a script needs no leave to read a picture.

use tauri::{
    AppHandle, UriSchemeResponder,
    http::{Request, Response, StatusCode, header},
    utils::config::HeaderAddition,
};

use crate::media::{library::Library, protocol};

/// The scheme that Tauri opens its window on. A handler of ours comes before Tauri's own, and so has to do its work, too.
pub const SCHEME: &str = "tauri";

/// Answers a request of the page for something at its own address.
pub fn respond(app: &AppHandle, request: Request<Vec<u8>>, responder: UriSchemeResponder) {
    let app = app.clone();
    tauri::async_runtime::spawn(async move {
        responder.respond(match request.uri().path().starts_with(protocol::BASE) {
            true => protocol::answer(&Library::of(&app), &request).await,
            false => file(&app, request.uri().path()),
        });
    });
}

/// A file of the interface, with the policy for pages and the headers of the configuration.
fn file(app: &AppHandle, path: &str) -> Response<Vec<u8>> {
    let mut head = Response::builder().add_configured_headers(app.config().app.security.headers.as_ref());
    let Some(asset) = app.asset_resolver().get_for_scheme(path.to_owned(), false) else {
        return head.status(StatusCode::NOT_FOUND).body(Vec::new()).unwrap_or_default();
    };
    if let Some(policy) = asset.csp_header() {
        head = head.header(header::CONTENT_SECURITY_POLICY, policy);
    }
    // The headers come from the build; should one ever be refused, the page stays empty.
    head.header(header::CONTENT_TYPE, asset.mime_type()).body(asset.bytes).unwrap_or_default()
}
