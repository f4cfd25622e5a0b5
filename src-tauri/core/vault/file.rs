//! Secrets in files that only this user may read, unprotected otherwise: for computers without a keychain, and only where the
//! user chose so. They lie in this computer's own folder for Sampan, never in a journal, which may be copied or synchronised.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use async_trait::async_trait;

use super::{Kept, NotKept, Vault};
use crate::domain::{FeedId, Secret};
use crate::files;

/// Longer ones are none of ours: tokens have a few hundred bytes.
const LONGEST: u64 = 64 << 10;

/// Keeps each secret in a file of its own.
#[derive(Debug)]
pub struct Files {
    dir: PathBuf,
}

impl Files {
    /// Keeps secrets in a folder, which is made with the first one.
    pub fn new(dir: PathBuf) -> Self {
        Self { dir }
    }

    /// Where secrets are kept on this computer.
    pub fn default_dir() -> Option<PathBuf> {
        directories::ProjectDirs::from("", "", "Sampan").map(|dirs| dirs.data_local_dir().join("secrets"))
    }

    fn path(&self, feed: FeedId) -> PathBuf {
        self.dir.join(feed.to_string())
    }
}

#[async_trait]
impl Vault for Files {
    async fn get(&self, feed: FeedId) -> Kept {
        let path = self.path(feed);
        let read = tokio::task::spawn_blocking(move || read(&path)).await;
        match read {
            Ok(Ok(secret)) => Kept::Available(secret),
            Ok(Err(error)) if error.kind() == io::ErrorKind::NotFound => Kept::Absent,
            // A disk that does not answer and a file that may not be read have not lost the secret.
            _ => Kept::Locked,
        }
    }

    async fn set(&self, feed: FeedId, secret: &Secret) -> Result<(), NotKept> {
        let (dir, path, secret) = (self.dir.clone(), self.path(feed), secret.clone());
        settled(tokio::task::spawn_blocking(move || write(&dir, &path, &secret)).await)
    }

    async fn remove(&self, feed: FeedId) -> Result<(), NotKept> {
        let path = self.path(feed);
        let exists = move || if path.exists() { files::remove(&path) } else { Ok(()) };
        settled(tokio::task::spawn_blocking(exists).await)
    }
}

fn settled(done: Result<io::Result<()>, tokio::task::JoinError>) -> Result<(), NotKept> {
    done.map_err(|_| NotKept::Failed)?.map_err(|error| {
        tracing::warn!(kind = ?error.kind(), "a secret was not written");
        NotKept::Failed
    })
}

fn read(path: &Path) -> io::Result<Secret> {
    if fs::metadata(path)?.len() > LONGEST {
        return Err(io::ErrorKind::InvalidData.into());
    }
    Ok(Secret::new(fs::read_to_string(path)?))
}

/// Whole or not at all, and at no instant readable by anybody else.
fn write(dir: &Path, path: &Path, secret: &Secret) -> io::Result<()> {
    files::make_folder(dir)?;
    close(dir)?;
    // Made for this user alone (0600), whatever the user's mask is.
    let mut file = tempfile::Builder::new().prefix(".sampan-").suffix(".tmp").tempfile_in(dir)?;
    file.write_all(secret.expose().as_bytes())?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    files::sync_folder(dir)
}

#[cfg(unix)]
fn close(dir: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(dir, fs::Permissions::from_mode(0o700))
}

/// On Windows the user's own folder for programs is closed to other users already.
#[cfg(not(unix))]
fn close(_dir: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn feed() -> FeedId {
        FeedId::from_uuid(uuid::Uuid::from_u128(7))
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn nobody_else_may_read_it() {
        use std::os::unix::fs::PermissionsExt;
        let home = tempfile::tempdir().unwrap();
        let vault = Files::new(home.path().join("deep/secrets"));
        vault.set(feed(), &Secret::new("old".into())).await.unwrap();
        vault.set(feed(), &Secret::new("密码 new".into())).await.unwrap();
        assert_eq!(vault.get(feed()).await, Kept::Available(Secret::new("密码 new".into())));
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&vault.dir), mode(&vault.path(feed()))), (0o700, 0o600));
        assert_eq!(fs::read_dir(&vault.dir).unwrap().count(), 1, "nothing but the secret lies there");
    }

    #[tokio::test]
    async fn a_file_that_cannot_be_read_is_not_a_secret_that_is_gone() {
        let home = tempfile::tempdir().unwrap();
        let vault = Files::new(home.path().join("secrets"));
        assert_eq!(vault.get(feed()).await, Kept::Absent);
        fs::create_dir_all(vault.path(feed())).unwrap();
        assert_eq!(vault.get(feed()).await, Kept::Locked, "a folder stands there");
        assert_eq!(vault.set(feed(), &Secret::new("x".into())).await, Err(NotKept::Failed));
    }
}
