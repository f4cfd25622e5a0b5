//! What is opened outside the window: web and mail links, our own folders, an original in the system's player.
//! Nothing else: a path or a scheme that the page makes up is refused.

use std::{
    io::{self, Write},
    path::Path,
};

use sampan_core::{
    api::ApiError,
    domain::AssetId,
    journal::{Journal, MediaReader, Variant},
};
use tauri::Url;
use tokio::task::spawn_blocking;

use crate::{
    commands::{bad_input, internal, missing},
    platform,
    state::Shell,
};

/// Opens a web or mail address.
pub fn open_link(url: &str) -> Result<(), ApiError> {
    let url = allowed(url).ok_or_else(|| bad_input("url"))?;
    open::that_detached(url.as_str()).map_err(internal)
}

/// The address, if it is one that a browser or a mail program opens.
fn allowed(url: &str) -> Option<Url> {
    let url = Url::parse(url).ok()?;
    let is_web = matches!(url.scheme(), "https" | "http") && url.has_host();
    (is_web || url.scheme() == "mailto").then_some(url)
}

/// Shows a folder in the system's file manager: the journal's, or one inside a feed's place. For a file, its folder.
pub async fn reveal(shell: &Shell, path: &Path) -> Result<(), ApiError> {
    let path = path.canonicalize().map_err(|_| missing(path))?;
    let mut ours = vec![shell.folder()];
    if let Ok(journal) = shell.journal() {
        ours.extend(journal.feed_list(()).await?.into_iter().map(|feed| feed.place.into()));
    }
    // A place that is not there now cannot contain the path.
    let is_ours = ours.iter().filter_map(|place| place.canonicalize().ok()).any(|place| path.starts_with(place));
    if !is_ours {
        return Err(bad_input("path"));
    }
    let folder = if path.is_dir() { path.as_path() } else { path.parent().unwrap_or(&path) };
    open::that_detached(folder).map_err(internal)
}

/// Writes an original into the person's own cache folder and opens it in the system's player.
pub async fn open_clip(journal: &Journal, asset: AssetId) -> Result<(), ApiError> {
    let reader = journal.media_reader(asset, Variant::Original).await?;
    let Some((_, ending)) = PLAYABLE.iter().find(|(mime, _)| *mime == reader.mime()) else {
        return Err(bad_input("asset"));
    };
    // The name is the hash of the content: written once, it can be opened again.
    let folder = platform::cache_folder().ok_or_else(|| internal("no cache folder"))?.join("clips");
    let file = folder.join(format!("{asset}.{ending}"));
    let written = file.clone();
    spawn_blocking(move || write(&reader, &folder, &written)).await.map_err(internal)?.map_err(internal)?;
    open::that_detached(file).map_err(internal)
}

/// The kinds that are handed to a player, and the ending by which the system knows them.
const PLAYABLE: &[(&str, &str)] = &[("video/mp4", "mp4"), ("video/quicktime", "mov"), ("video/webm", "webm")];

fn write(reader: &MediaReader, folder: &Path, file: &Path) -> io::Result<()> {
    if file.metadata().is_ok_and(|data| data.len() == reader.len()) {
        return Ok(());
    }
    std::fs::create_dir_all(folder)?;
    let mut copy = std::fs::File::create(file)?;
    let mut piece = vec![0; 256 * 1024];
    let mut offset = 0;
    loop {
        let count = reader.read_at(offset, &mut piece)?;
        let Some(bytes) = piece.get(..count).filter(|bytes| !bytes.is_empty()) else {
            return Ok(());
        };
        copy.write_all(bytes)?;
        offset += bytes.len() as u64;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_web_and_mail_addresses_are_opened() {
        for url in ["https://example.org/a?b#c", "http://例子.测试/", "mailto:li@example.org"] {
            assert!(allowed(url).is_some(), "{url}");
        }
        for url in [
            "file:///etc/passwd",
            "smb://server/share",
            "javascript:alert(1)",
            "tauri://localhost/",
            "/usr/bin/xeyes",
            "C:\\Windows\\System32\\calc.exe",
            "ms-settings:privacy",
            "data:text/html,x",
            "",
        ] {
            assert!(allowed(url).is_none(), "{url}");
        }
    }
}
