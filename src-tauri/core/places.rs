//! What a folder's path tells: whether a cloud program copies it, which can damage a database in use.

use std::path::Path;

/// Folder names that cloud programs choose, lower case, with the program's name.
const CLOUD_FOLDERS: &[(&str, &str)] = &[
    ("dropbox", "Dropbox"),
    ("onedrive", "OneDrive"),
    ("google drive", "Google Drive"),
    ("googledrive", "Google Drive"),
    ("my drive", "Google Drive"),
    ("icloud drive", "iCloud Drive"),
    ("iclouddrive", "iCloud Drive"),
    ("com~apple~clouddocs", "iCloud Drive"),
    ("mobile documents", "iCloud Drive"),
    ("nextcloud", "Nextcloud"),
    ("owncloud", "ownCloud"),
    ("seafile", "Seafile"),
    ("syncthing", "Syncthing"),
    ("坚果云", "坚果云"),
    ("我的坚果云", "坚果云"),
    ("nutstore", "坚果云"),
    ("nutstore files", "坚果云"),
    ("baidunetdisk", "百度网盘"),
    ("百度网盘", "百度网盘"),
    ("阿里云盘", "阿里云盘"),
    ("pcloud drive", "pCloud"),
    ("megasync", "MEGA"),
    ("mega", "MEGA"),
];

/// The cloud program that probably copies this folder, by its name or a marker file in it or above it.
pub fn cloud_program(dir: &Path) -> Option<&'static str> {
    let by_name = dir.ancestors().find_map(|folder| {
        let name = folder.file_name()?.to_string_lossy().to_lowercase();
        // OneDrive adds the organisation: "OneDrive - Contoso"; macOS keeps all of them in one folder, with the account:
        // "CloudStorage/GoogleDrive-li@example.org".
        let is_of_macos = folder.parent().and_then(Path::file_name).is_some_and(|above| above == "CloudStorage");
        let base = name.split(if is_of_macos { "-" } else { " - " }).next().unwrap_or_default().trim();
        CLOUD_FOLDERS.iter().find(|(folder, _)| *folder == base).map(|(_, program)| *program)
    });
    by_name.or_else(|| {
        dir.ancestors().find_map(|folder| {
            [(".dropbox", "Dropbox"), (".stfolder", "Syncthing"), (".owncloudsync.log", "ownCloud")]
                .into_iter()
                .find(|(marker, _)| folder.join(marker).exists())
                .map(|(_, program)| program)
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_that_a_cloud_program_copies_is_recognised() {
        for (path, program) in [
            ("/home/li/Dropbox/journal", Some("Dropbox")),
            ("/home/li/OneDrive - Contoso/a/b", Some("OneDrive")),
            ("/home/li/坚果云/日记", Some("坚果云")),
            ("/Users/li/Library/CloudStorage/OneDrive-Personal/journal", Some("OneDrive")),
            ("/Users/li/Library/Mobile Documents/com~apple~CloudDocs/journal", Some("iCloud Drive")),
            ("/home/li/Documents/dropbox-notes", None),
            ("/home/li/.local/share/sampan/journal", None),
        ] {
            assert_eq!(cloud_program(Path::new(path)), program, "{path}");
        }
    }
}
